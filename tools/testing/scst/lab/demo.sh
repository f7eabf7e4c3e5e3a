#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What `make run` shows, inside the booted kernel: two disks configured
# through configfs, and Linux's own sd reading and writing them.

set -u
scst=/sys/kernel/config/scst

fail() {
	echo "FAILED: $*"
	exit 1
}

say() {
	printf '\n# %s\n' "$*"
}

# do_ COMMAND: shows it, then runs it
do_() {
	printf '$ %s\n' "$*"
	eval "$*" || fail "$*"
}

# disk_of SESSION LUN: the sd device that Linux made of it
disk_of() {
	host=$(cat "$1/host") || return 1
	for _ in $(seq 100); do
		for path in /sys/class/scsi_device/"${host#host}":0:0:"$2"/device/block/sd*; do
			[ -e "$path" ] && echo "/dev/${path##*/}" && return
		done
		sleep 0.05
	done
	return 1
}

say "The kernel"
do_ "uname -sr"
do_ "zcat /proc/config.gz | grep '^CONFIG_SCST'"
do_ "modprobe scst_vdisk"
do_ "modprobe scst_local"

say "A disk in a file, and one with nothing behind it"
do_ "cd $scst"
do_ "truncate -s 64M /var/lib/scst/disk1.img"
do_ "mkdir handlers/vdisk_fileio/disk1"
do_ "echo /var/lib/scst/disk1.img >handlers/vdisk_fileio/disk1/filename"
do_ "echo 1 >handlers/vdisk_fileio/disk1/enabled"
do_ "mkdir handlers/vdisk_nullio/null1"
do_ "echo 1024 >handlers/vdisk_nullio/null1/size_mb"
do_ "echo 1 >handlers/vdisk_nullio/null1/enabled"

say "A target with both, and an initiator that logs in to it: this kernel"
t=targets/scst_local/demo
do_ "mkdir -p $t $t/luns/0 $t/luns/1"
do_ "ln -s $scst/handlers/vdisk_fileio/disk1 $t/luns/0/"
do_ "ln -s $scst/handlers/vdisk_nullio/null1 $t/luns/1/"
do_ "echo 1 >$t/enabled"
do_ "mkdir $t/sessions/here"
file=$(disk_of "$t/sessions/here" 0) || fail "no disk came for LUN 0"
null=$(disk_of "$t/sessions/here" 1) || fail "no disk came for LUN 1"

say "What Linux sees"
do_ "lsscsi -s"
do_ "sg_inq $file | head -n 12"

say "A file system on it"
do_ "mkfs.ext4 -q $file"
do_ "mkdir /tmp/mnt"
do_ "mount $file /tmp/mnt"
do_ "cp -r /usr/include/linux /tmp/mnt/"
do_ "umount /tmp/mnt"
do_ "mount $file /tmp/mnt"
do_ "diff -r /usr/include/linux /tmp/mnt/linux"
do_ "umount /tmp/mnt"
do_ "e2fsck -fn $file 2>&1 | tail -n 1"

say "How fast"
fio_line() {
	fio --name=x --filename="$1" --rw="$2" --bs="$3" --direct=1 --time_based \
		--runtime=2 --ioengine=io_uring --iodepth=32 --output-format=terse |
		awk -F';' -v f="$1 $2 $3" '{printf "%-26s %8d IOPS %6d MiB/s\n", f,
			$8 + $49, ($7 + $48) / 1024}'
}
speed=$(fio_line "$file" randread 4k && fio_line "$null" randread 4k &&
	fio_line "$null" read 1m) || fail fio
echo "$speed"

say "Taking it all down again"
do_ "rmdir $t/sessions/here"
do_ "rm $t/luns/0/disk1 $t/luns/1/null1"
do_ "rmdir $t/luns/0 $t/luns/1"
do_ "rmdir $t"
do_ "rmdir handlers/vdisk_fileio/disk1 handlers/vdisk_nullio/null1"
do_ "modprobe -r scst_local scst_vdisk"

cat <<END

== SCST in $(uname -r) ==
  configured with mkdir, echo and ln -s below $scst
  served a file as $file and nothing as $null to Linux's own sd
  ext4 made, filled, unmounted, mounted again, compared and checked: fine
$(echo "$speed" | sed 's/^/  /')
  everything removed again without a trace

  next: make shell (try it by hand), make check (prove it), README.md
END
