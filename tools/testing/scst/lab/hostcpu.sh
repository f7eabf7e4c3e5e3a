#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Inside a guest: how much CPU time the guest's process has used on the host so
# far, as "total user system" in nanoseconds (total is exact, the others are
# counted in ticks). For UML that is the time of the guest's kernel alone.
# Answers within some 20 ms; ask before and after what is measured.

answer=$SCST_RUN_DIR/cpu.answer
rm -f "$answer"
: >"$SCST_RUN_DIR/cpu.ask"
n=0
while [ ! -e "$answer" ]; do
	n=$((n + 1))
	[ $n -lt 500 ] || exit 1
	sleep 0.01
done
cat "$answer"
