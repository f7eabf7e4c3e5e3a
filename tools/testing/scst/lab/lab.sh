#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The lab's front door: sees to the packages that a command needs, then hands
# over to Python. POSIX sh, because a fresh machine has nothing else.
#
# usage: lab.sh COMMAND      (what `make COMMAND` calls; `lab.sh help` lists them)

here=$(cd "$(dirname "$0")" && pwd -P) || exit 1
command=${1:-help}

if [ "$command" = help ]; then
	cat <<'END'
SCST for the kernel tree. What `make` can do here:

  make run                    build a kernel with SCST, boot it, serve a disk over iSCSI
                              at 127.0.0.1:3260 of this machine, until Ctrl-C
       PORT=n ARGS=once         another port; only prove it, then end
  make check                  everything that must hold: static checks, KUnit, end to end
       FAST=1                   KUnit and most of end to end on uml: the developer's loop
       FULL=1                   also the x86 flavours, long races, every patch alone
  make boot RUN=script        run a script as root in the booted kernel
       ARGS='a b' TIMEOUT=300 SPLATS=ok
  make shell                  a prompt in the booted kernel
  make build                  only build the kernel
  make bench                  measure against LIO and the limits
  make series                 write the patches that `git am` takes
  make apply KDIR=tree        lay SCST on a kernel tree of yours
  make install-tools          scstcli and its companions, for this machine
  make clean                  remove build/, where everything made lies

  FLAVOUR=uml | uml-debug | x86 | x86-debug    which kernel (default uml)
  KDIR=tree                   build from this tree (copied, never changed) instead of
                              Debian's linux-source-6.12
  MEM=2G CPUS=2 JOBS=n TESTS='name...'        a guest's memory and CPUs, compilers, tests

More: tools/testing/scst/lab/README.rst
END
	exit
fi

# shellcheck disable=SC2046 # packages are words
"$here/packages.sh" $("$here/packages.sh" --sets "$command" "${FLAVOUR:-uml}" "${FULL:-}") || exit

exec /usr/bin/python3 -B "$here/main.py" "$@"
