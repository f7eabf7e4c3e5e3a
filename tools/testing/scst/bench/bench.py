#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Measures scst_local against LIO's loopback, and both against the limits; and
SCST's iSCSI target against LIO's. Rivals take turns, in an order that rotates,
until the ratios are stable."""

import argparse
import json
import os
import statistics
import subprocess
import sys
from typing import NamedTuple

import iscsi
import report
import rivals

HOSTCPU = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab/hostcpu.sh")
BATCH = ("--iodepth=32", "--iodepth_batch_submit=16",
         "--iodepth_batch_complete_min=16", "--iodepth_batch_complete_max=32")
FIELDS = {"local": rivals.FIELD, "iscsi": iscsi.FIELD,
          "iscsi defaults": iscsi.DEFAULTS_FIELD}


class Point(NamedTuple):
    """What is measured: who takes part, fio's options, on how many disks"""
    field: str
    options: tuple
    disks: int = 1


def _points():
    """{name: Point}"""
    points = {}
    jobs = (("QD1", ("--iodepth=1",)), ("QD32", ("--iodepth=32",)), ("batched", BATCH))
    for job, options in jobs:
        for kind in ("randread", "randwrite"):
            points[f"4k {kind} {job}"] = Point(
                "local", (f"--rw={kind}", "--bs=4k", *options))
    for kind in ("read", "write"):
        points[f"1M {kind} QD4"] = Point(
            "local", (f"--rw={kind}", "--bs=1M", "--iodepth=4"))

    for number in (1, iscsi.SESSIONS):
        for job, options in (jobs[0], jobs[2]):
            for kind in ("randread", "randwrite"):
                points[f"iscsi 4k {kind} {job} x{number}"] = Point(
                    "iscsi", (f"--rw={kind}", "--bs=4k", *options), number)
    for field in ("iscsi", "iscsi defaults"):
        for size in ("256k", "1M"):
            for kind in ("read", "write"):
                points[f"{field} {size} {kind} QD4"] = Point(
                    field, (f"--rw={kind}", f"--bs={size}", "--iodepth=4"))
    return points


POINTS = _points()
MIN_ROUNDS = 5
# the middle half of a point's ratios lies within this share of their median
STABLE = 0.08


def host_cpu():
    """Nanoseconds of CPU that the guest's kernel has used; None elsewhere."""
    if "SCST_RUN_DIR" not in os.environ:
        return None
    done = subprocess.run([HOSTCPU], stdout=subprocess.PIPE, check=True, text=True)
    return int(done.stdout.split()[0])


def fio(disks, options):
    """Number of I/Os and I/Os a second, of a job a disk"""
    argv = ["fio", f"--size={rivals.SIZE_MB}M", "--direct=1", "--ioengine=io_uring",
            "--norandommap", "--randrepeat=0", "--output-format=json", *options]
    for disk in disks:
        argv += [f"--name={disk}", f"--filename={disk}"]
    done = subprocess.run(argv, stdout=subprocess.PIPE, check=True, text=True)
    jobs = json.loads(done.stdout)["jobs"]
    for job in jobs:
        if job["error"]:
            raise RuntimeError(f"{job['jobname']}: fio reports error {job['error']}")
    return [sum(job[kind][what] for job in jobs for kind in ("read", "write"))
            for what in ("total_ios", "iops")]


def cpu_of(disks, options):
    """(CPU time, I/Os, IOPS) of one fio"""
    before = host_cpu()
    ios, iops = fio(disks, options)
    after = host_cpu()
    return (after - before if before is not None else None), ios, iops


def measure(disks, options, seconds):
    """IOPS, and nanoseconds of kernel CPU an I/O: without what it costs to start
    and end fio, which a run of one I/O shows."""
    base, few, _ = cpu_of(disks, (*options, "--number_ios=1"))
    cpu, ios, iops = cpu_of(disks, (*options, "--time_based",
                                    f"--runtime={int(seconds * 1000)}ms"))
    return {"iops": iops, "cpu": (cpu - base) / (ios - few) if cpu is not None else None}


def cost(sample):
    """What is compared: CPU where it is known, time elsewhere; less is better."""
    return sample["cpu"] if sample["cpu"] is not None else 1e9 / sample["iops"]


def ratios(results, ours, theirs):
    """Theirs to ours, round by round: above 1, ours costs less."""
    return [cost(t) / cost(o) for t, o in zip(results[theirs], results[ours])]


def is_stable(results, pairs):
    for ours, theirs in pairs:
        values = ratios(results, ours, theirs)
        if len(values) < MIN_ROUNDS:
            return False
        low, middle, high = statistics.quantiles(values, n=4)
        if high - low > STABLE * middle:
            return False
    return True


def play_point(point, disks, results, number, seconds):
    """One round: each rival of the point once"""
    names = list(results)
    turn = number % len(names)
    for name in names[turn:] + names[:turn]:
        results[name].append(measure(disks[point.field][name][:point.disks],
                                     point.options, seconds))


def play(disks, points, args):
    """After each round {point: {rival: [sample a round]}}"""
    results = {name: {rival: [] for rival in disks[point.field]}
               for name, point in points.items()}
    for number in range(args.rounds):
        open_points = [name for name, point in points.items()
                       if not is_stable(results[name], FIELDS[point.field].pairs)]
        if not open_points:
            break
        print(f"round {number + 1}: {len(open_points)} of {len(points)} points",
              flush=True)
        for name in open_points:
            play_point(points[name], disks, results[name], number, args.seconds)
        yield results


def tell(disks, points, results):
    """The tables as text; also to SCST_RESULTS, if there is that"""
    tables = [report.table({name: results[name] for name, point in points.items()
                            if point.field == field}, FIELDS[field].pairs, ratios)
              for field in disks]
    text = "\n\n".join(tables)
    out = os.environ.get("SCST_RESULTS")
    if out:
        report.save(out, results, text, cost)
    return text


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="at most so many")
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement")
    parser.add_argument("--points", default="", help="only those with this in their name")
    return parser.parse_args()


def main():
    args = arguments()
    points = {name: point for name, point in POINTS.items() if args.points in name}
    rivals.quiet()
    # local disks are known by their INQUIRY data: they come first
    disks = {name: rivals.make(field) for name, field in FIELDS.items()
             if any(point.field == name for point in points.values())}
    text = ""
    # each time: what has been measured is there, however it ends
    for results in play(disks, points, args):
        text = tell(disks, points, results)
    print(text)
    if "SCST_RESULTS" in os.environ:
        print("written: bench.json bench.txt bench.svg in "
              + os.environ["SCST_RESULTS"])


if __name__ == "__main__":
    sys.exit(main())
