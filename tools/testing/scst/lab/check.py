# SPDX-License-Identifier: GPL-2.0
"""make check: the order makes use of two cores. Kernels are built one at a
time with all of them (at lower priority than guests); while guests, which
have one CPU each, run their tests, the next kernel is built."""

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
LONG = {"SCST_TEST_LONG": "1"}
# FULL=1: what takes long is done at the speed of this machine, in one guest;
# with several CPUs under TCG only what races with itself
LASTING = ("caw", "iscsi_suite", "store_crash")
RACES = ("groups", "iscsi_session", "iscsi_takeover", "removal", "storms",
         "sysfs", "tmf")
# What is about large numbers, or each step of many, has all of them on uml, and
# fewer elsewhere.
LARGE = ("config_change", "config_large", "scale")
LONG_LIMIT = 2 * 3600


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


def _fast(tally, source):
    """What takes long is left out: two minutes, with kernels built before."""
    if _build(tally, "uml"):
        guests = e2e.start(tally, "uml", [e2e.DATA], e2e.WAITING + e2e.LARGE)
        kunit.run_all(tally, source)
        for guest in guests:
            guest.join()


def _after(threads, function, *args):
    for thread in threads:
        thread.join()
    function(*args)


def _normal(tally, source):
    guests = []
    # no more at once: on two cores the tests of each would be short of time
    parts = (e2e.WAITING,)
    if _build(tally, "uml"):
        guests += e2e.start(tally, "uml", parts, LARGE)
        large = e2e.asked_for(LARGE)
        if large:
            guests.append(_beside(_after, list(guests), e2e.run, tally, "uml",
                                  large, LONG, LONG_LIMIT))
        guests.append(_beside(crash.check, tally))
    kunit.run_all(tally, source)
    if _build(tally, "uml-debug"):
        later = e2e.second_half()
        if later:
            guests.append(_beside(_after, list(guests), e2e.run, tally,
                                  "uml-debug", later))
        guests += e2e.start(tally, "uml-debug", parts, later)
    statics.run_all(tally, source)
    fuzz.run_all(tally, source)
    for guest in guests:
        guest.join()
    serve.check(tally)


def _fuzz_long(tally):
    e2e.run(tally, "uml-debug", ["iscsi_fuzz"],
            {"SCST_FUZZ_CASES": str(FUZZ_CASES), **LONG}, FUZZ_LIMIT)


def _x86(tally, flavour, races=()):
    """Everything, the races for long, in a guest of their own. Without them
    another guest has half of the tests, each of which keeps little more than
    one CPU busy."""
    apart, how = (races, (LONG, LONG_LIMIT)) if races else (e2e.second_half(), ())
    if _build(tally, flavour):
        guests = e2e.start(tally, flavour, (e2e.WAITING,), apart)
        if apart:
            guests.append(_beside(e2e.run, tally, flavour, apart, *how))
        for guest in guests:
            guest.join()


def _full(tally, source):
    _normal(tally, source)
    beside = [_beside(_fuzz_long, tally),
              _beside(e2e.run, tally, "uml", LASTING, LONG, LONG_LIMIT)]
    _x86(tally, "x86", RACES)
    # a tenth of that speed: its long race is the storm, with more CPUs
    _x86(tally, "x86-debug")
    os.environ["CPUS"] = "4"
    e2e.run(tally, "x86-debug", ["turmoil"], LONG)
    series.check(tally)
    for thread in beside:
        thread.join()


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
