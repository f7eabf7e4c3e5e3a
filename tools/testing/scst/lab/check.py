# SPDX-License-Identifier: GPL-2.0
"""make check: the order makes use of two cores. Kernels are built one at a
time with all of them (at lower priority than guests); while one guest, which
has one CPU, runs its tests, the next kernel is built."""

import os
import threading

import crash
import e2e
import fuzz
import kernel
import kunit
import paths
import series
import serve
import statics
import tree
from tally import Tally

# FULL=1: cases of the fuzzer of the network, and seconds that they may take
FUZZ_CASES, FUZZ_LIMIT = 100000, 4 * 3600


def _beside(function, *args):
    thread = threading.Thread(target=function, args=args, daemon=True)
    thread.start()
    return thread


def _build(tally, flavour):
    """Its own check, so that a broken build is told once; True if it worked."""
    def build():
        kernel.build(flavour)
        return ""

    return tally.check(f"{flavour}: builds", build)


def _uml(tally):
    """What guests of the first flavour do, one after the other"""
    e2e.run(tally, "uml")
    crash.check(tally)


def _fast(tally, source):
    if _build(tally, "uml"):
        guest = _beside(e2e.run, tally, "uml")
        kunit.run_all(tally, source)
        guest.join()


def _normal(tally, source):
    guests = []
    if _build(tally, "uml"):
        guests.append(_beside(_uml, tally))
    kunit.run_all(tally, source)
    if _build(tally, "uml-debug"):
        guests.append(_beside(e2e.run, tally, "uml-debug"))
    statics.run_all(tally, source)
    fuzz.run_all(tally, source)
    for guest in guests:
        guest.join()
    serve.check(tally)


def _fuzz_long(tally):
    e2e.run(tally, "uml-debug", ["iscsi_fuzz"],
            {"SCST_FUZZ_CASES": str(FUZZ_CASES)}, FUZZ_LIMIT)


def _full(tally, source):
    _normal(tally, source)
    os.environ["SCST_TEST_LONG"] = "1"
    fuzzer = _beside(_fuzz_long, tally)
    for flavour in ("x86", "x86-debug"):
        if _build(tally, flavour):
            e2e.run(tally, flavour)
    series.check(tally)
    fuzzer.join()


def check():
    """The whole, or less with FAST=1, or more with FULL=1."""
    tally = Tally()
    source = tree.prepare()
    if paths.flag("FAST"):
        _fast(tally, source)
    elif paths.flag("FULL"):
        _full(tally, source)
    else:
        _normal(tally, source)
    return tally.close()
