#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Measures scst_local against LIO's loopback, and both against the limits:
rivals take turns, in an order that rotates, until the ratios are stable."""

import argparse
import json
import os
import statistics
import subprocess
import sys

import report
import rivals

HOSTCPU = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab/hostcpu.sh")
BATCH = ("--iodepth=32", "--iodepth_batch_submit=16",
         "--iodepth_batch_complete_min=16", "--iodepth_batch_complete_max=32")
POINTS = {
    "4k randread QD1": ("--rw=randread", "--bs=4k", "--iodepth=1"),
    "4k randwrite QD1": ("--rw=randwrite", "--bs=4k", "--iodepth=1"),
    "4k randread QD32": ("--rw=randread", "--bs=4k", "--iodepth=32"),
    "4k randwrite QD32": ("--rw=randwrite", "--bs=4k", "--iodepth=32"),
    "4k randread batched": ("--rw=randread", "--bs=4k", *BATCH),
    "4k randwrite batched": ("--rw=randwrite", "--bs=4k", *BATCH),
    "1M read QD4": ("--rw=read", "--bs=1M", "--iodepth=4"),
    "1M write QD4": ("--rw=write", "--bs=1M", "--iodepth=4"),
}
MIN_ROUNDS = 5
# the middle half of a point's ratios lies within this share of their median
STABLE = 0.08


def host_cpu():
    """Nanoseconds of CPU that the guest's kernel has used; None elsewhere."""
    if "SCST_RUN_DIR" not in os.environ:
        return None
    done = subprocess.run([HOSTCPU], stdout=subprocess.PIPE, check=True, text=True)
    return int(done.stdout.split()[0])


def fio(disk, options):
    """Number of I/Os and I/Os a second"""
    argv = ["fio", "--name=x", f"--filename={disk}", f"--size={rivals.SIZE_MB}M",
            "--direct=1", "--ioengine=io_uring", "--norandommap", "--randrepeat=0",
            "--output-format=json", *options]
    done = subprocess.run(argv, stdout=subprocess.PIPE, check=True, text=True)
    job = json.loads(done.stdout)["jobs"][0]
    if job["error"]:
        raise RuntimeError(f"{disk}: fio reports error {job['error']}")
    return (job["read"]["total_ios"] + job["write"]["total_ios"],
            job["read"]["iops"] + job["write"]["iops"])


def cpu_of(disk, options):
    """(CPU time, I/Os, IOPS) of one fio"""
    before = host_cpu()
    ios, iops = fio(disk, options)
    after = host_cpu()
    return (after - before if before is not None else None), ios, iops


def measure(disk, options, seconds):
    """IOPS, and nanoseconds of kernel CPU an I/O: without what it costs to start
    and end fio, which a run of one I/O shows."""
    base, few, _ = cpu_of(disk, (*options, "--number_ios=1"))
    cpu, ios, iops = cpu_of(disk, (*options, "--time_based", f"--runtime={int(seconds * 1000)}ms"))
    return {"iops": iops, "cpu": (cpu - base) / (ios - few) if cpu is not None else None}


def cost(sample):
    """What is compared: CPU where it is known, time elsewhere; less is better."""
    return sample["cpu"] if sample["cpu"] is not None else 1e9 / sample["iops"]


def ratios(results, ours, theirs):
    """Theirs to ours, round by round: above 1, ours costs less."""
    return [cost(t) / cost(o) for t, o in zip(results[theirs], results[ours])]


def is_stable(results):
    for ours, theirs in rivals.PAIRS:
        values = ratios(results, ours, theirs)
        if len(values) < MIN_ROUNDS:
            return False
        low, middle, high = statistics.quantiles(values, n=4)
        if high - low > STABLE * middle:
            return False
    return True


def play(disks, points, args):
    """{point: {rival: [sample a round]}}"""
    results = {point: {name: [] for name in disks} for point in points}
    for number in range(args.rounds):
        open_points = [p for p in points if not is_stable(results[p])]
        if not open_points:
            break
        print(f"round {number + 1}: {len(open_points)} of {len(points)} points",
              flush=True)
        names = list(disks)
        names = names[number % len(names):] + names[:number % len(names)]
        for point in open_points:
            for name in names:
                results[point][name].append(
                    measure(disks[name], POINTS[point], args.seconds))
    return results


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="at most so many")
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement")
    parser.add_argument("--points", default="", help="only those with this in their name")
    return parser.parse_args()


def main():
    args = arguments()
    points = [p for p in POINTS if args.points in p]
    disks = rivals.make(rivals.RIVALS)
    results = play(disks, points, args)
    table = report.table(results, rivals.PAIRS, ratios)
    print(table)
    out = os.environ.get("SCST_RESULTS")
    if out:
        report.save(out, results, table, cost)
        print(f"written: {out}/bench.json bench.txt bench.svg")


if __name__ == "__main__":
    sys.exit(main())
