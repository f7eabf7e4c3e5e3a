#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What `make run` does inside the booted kernel: a disk in a file, served over
# iSCSI to the host. Ends when the lab says so.
#
# usage: serve.sh FOLDER ADDRESS/BITS      FOLDER is shared with the lab

set -u
shared=$1
scst=/sys/kernel/config/scst
iqn=iqn.2026-11.org.kernel.scst:demo

fail() {
	echo "FAILED: $*"
	exit 1
}

# do_ COMMAND: shows it, then runs it
do_() {
	printf '$ %s\n' "$*"
	eval "$*" || fail "$*"
}

ip addr add "$2" dev vec0 && ip link set vec0 up || fail "no network"

printf '\n# In %s, which has just booted: a disk in a file\n' "$(uname -r)"
do_ "modprobe scst_vdisk && modprobe scst_iscsi"
do_ "cd $scst"
do_ "truncate -s 256M /var/lib/scst/disk1.img"
do_ "mkdir handlers/vdisk_fileio/disk1"
do_ "echo /var/lib/scst/disk1.img >handlers/vdisk_fileio/disk1/filename"
do_ "echo 1 >handlers/vdisk_fileio/disk1/enabled"

printf '\n# An iSCSI target with it, for everyone who can reach this machine\n'
t=targets/iscsi/$iqn
do_ "mkdir -p $t/luns/0"
do_ "ln -s $scst/handlers/vdisk_fileio/disk1 $t/luns/0/"
do_ "echo 1 >$t/enabled"
do_ "mkdir targets/iscsi/portals/0.0.0.0:3260"
do_ "echo 1 >targets/iscsi/enabled"

echo "$iqn" >"$shared/ready.new" && mv "$shared/ready.new" "$shared/ready"
while [ ! -e "$shared/stop" ]; do
	sleep 0.2
done

printf '\n# And away with all of it, under whoever is still logged in\n'
do_ "rmdir targets/iscsi/portals/0.0.0.0:3260"
do_ "rm $t/luns/0/disk1"
do_ "rmdir $t/luns/0 $t"
do_ "rmdir handlers/vdisk_fileio/disk1"
do_ "cd / && modprobe -r scst_iscsi scst_vdisk"
