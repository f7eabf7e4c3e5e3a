#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Debian packages, in sets. Installs what is missing when root, otherwise
# prints the exact line to run and stops.
#
# usage: packages.sh SET...                    install
#        packages.sh --sets COMMAND FLAVOUR FULL   which sets a command needs

build="linux-source-6.12 build-essential flex bison bc libelf-dev libssl-dev
cpio kmod xz-utils patch rsync ccache python3"
guest="busybox-static ddpt iproute2 util-linux e2fsprogs fio sg3-utils lsscsi procps
open-iscsi libiscsi-bin sdparm"
tools="libisns-dev open-isns-server open-isns-utils genisoimage
qemu-system-x86 qemu-block-extra"
run="socat"
qemu="qemu-system-x86"
check="sparse clang libclang-rt-dev python3-sphinx python3-sphinx-rtd-theme
graphviz"

sets_of() {
	case $1 in
	run) echo build guest run ;;
	bench | shell) echo build guest ;;
	boot) echo build guest tools ;;
	check) echo build guest run tools check ;;
	*) echo build ;;
	esac
	case $2$3 in
	x86*) echo qemu ;;
	*[!a-z0-9-]* | *1) [ -n "$3" ] && echo qemu ;;
	esac
}

list_of() {
	case $1 in
	build) echo $build ;;
	guest) echo $guest ;;
	run) echo $run ;;
	tools) echo $tools ;;
	qemu) echo $qemu ;;
	check) echo $check ;;
	*) echo "packages.sh: no set '$1'" >&2 ;;
	esac
}

missing_of() {
	for p in "$@"; do
		state=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)
		[ "$state" = installed ] || echo "$p"
	done
}

if [ "$1" = --sets ]; then
	shift
	sets_of "$@"
	exit
fi

wanted=
for set in "$@"; do
	wanted="$wanted $(list_of "$set")"
done
if ! command -v dpkg-query >/dev/null; then
	echo "lab: not a Debian machine; these packages' programs are needed:" $wanted >&2
	exit 0
fi
missing=$(missing_of $wanted)
[ -n "$missing" ] || exit 0

line="apt-get install -y --no-install-recommends $(echo $missing)"
if [ "$(id -u)" -ne 0 ]; then
	echo "lab: packages are missing; run as root:" >&2
	echo "    $line" >&2
	exit 1
fi
echo "lab: $line" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
if ! { apt-get update && $line; } </dev/null >"$log" 2>&1; then
	tail -n 30 "$log" >&2
	echo "lab: installing packages failed" >&2
	exit 1
fi
