#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The guest's first process, for every flavour. The host's files are the root,
# read-only; what a script may write to is fresh: /tmp /run /var, and the
# directories that the lab names in SCST_RW. Everything the lab tells the
# guest is in $SCST_RUN_DIR/env, everything the guest tells the lab is
# written to files there: output, status, kmemleak.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/tmp LANG=C.UTF-8 TERM="${TERM:-linux}"

mount -t proc none /proc
mount -t sysfs none /sys
mountpoint -q /dev || mount -t devtmpfs none /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts none /dev/pts
mount -t tmpfs none /dev/shm
for pair in fd:/proc/self/fd stdin:/proc/self/fd/0 stdout:/proc/self/fd/1 \
	stderr:/proc/self/fd/2; do
	[ -e "/dev/${pair%%:*}" ] || ln -s "${pair#*:}" "/dev/${pair%%:*}"
done

# shellcheck source=/dev/null # written by the lab
. "$SCST_RUN_DIR/env"

# fresh DIR MODE: an empty tmpfs on DIR. Kept paths below it (the repository
# may well lie in /tmp) are carried over.
fresh() {
	n=0
	for path in $SCST_KEEP; do
		n=$((n + 1))
		case $path/ in
		"$1"/*)
			mkdir -p "/dev/shm/keep/$n"
			mount --bind "$path" "/dev/shm/keep/$n"
			;;
		esac
	done
	mount -t tmpfs -o "mode=$2" none "$1"
	n=0
	for path in $SCST_KEEP; do
		n=$((n + 1))
		[ -d "/dev/shm/keep/$n" ] || continue
		mkdir -p "$path"
		mount --move "/dev/shm/keep/$n" "$path"
		rmdir "/dev/shm/keep/$n"
	done
}

# writable TAG PATH: the host's PATH, this time with write access
writable() {
	case $SCST_FLAVOUR in
	uml*) mount -t hostfs -o "$2" none "$2" ;;
	*) mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 "$1" "$2" ;;
	esac
}

fresh /tmp 1777
fresh /run 755
fresh /var 755
mkdir -p /var/lib/scst /var/log /var/tmp /var/spool /var/cache \
	/var/target/pr /run/lock
chmod 1777 /var/tmp
ln -s /run /var/run
ln -s /run/lock /var/lock

n=0
for path in $SCST_RW; do
	writable "rw$n" "$path"
	n=$((n + 1))
done

mount -t configfs none /sys/kernel/config
mount -t debugfs none /sys/kernel/debug
[ ! -d /sys/kernel/tracing ] || mount -t tracefs none /sys/kernel/tracing
[ ! -d /lib/modules ] || mount --bind "$SCST_RUN_DIR/lib/modules" /lib/modules
ip link set lo up
hostname "scst-$SCST_FLAVOUR"
ulimit -c 0
cd "$SCST_CWD" || cd /

if [ "$SCST_SHELL" = 1 ]; then
	stty -F "$SCST_TTY" rows "$LINES" cols "$COLUMNS"
	setsid --ctty --wait bash -i <"$SCST_TTY" >"$SCST_TTY" 2>&1
	exec busybox poweroff -f
fi

# what hangs is easier to understand with its stack in the log
(
	sleep $((SCST_TIMEOUT > 20 ? SCST_TIMEOUT - 10 : SCST_TIMEOUT / 2))
	echo "scst-lab: near the time limit; all tasks, then the blocked:" >/dev/kmsg
	echo t >/proc/sysrq-trigger
	echo w >/proc/sysrq-trigger
) &
watchdog=$!

# The output goes through a pipe, so that a script can reopen /dev/stdout or
# truncate it; whoever still holds the pipe when the script has ended is not
# waited for.
mkfifo /run/scst-lab-output
cat /run/scst-lab-output >"$SCST_RUN_DIR/output" &
drain=$!
setsid --wait "$SCST_RUN_DIR/job" </dev/null >/run/scst-lab-output 2>&1
status=$?
kill $watchdog 2>/dev/null
n=0
while [ $n -lt 20 ] && kill -0 $drain 2>/dev/null; do
	sleep 0.1
	n=$((n + 1))
done

# kmemleak reports what two scans find unreferenced, unchanged and older than
# five seconds
leaks=/sys/kernel/debug/kmemleak
if [ "$SCST_LEAKS" != no ] && [ -w $leaks ]; then
	sleep 5
	echo scan >$leaks
	echo scan >$leaks
	cat $leaks >"$SCST_RUN_DIR/kmemleak"
fi

echo "$status" >"$SCST_RUN_DIR/status"
sync
exec busybox poweroff -f
