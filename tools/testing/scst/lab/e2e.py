# SPDX-License-Identifier: GPL-2.0
"""The end-to-end tests in one boot of a flavour, read from what the test
runner prints inside."""

import io
import os
import re
import threading
from pathlib import Path

import guest
import paths
import tap
import tools
from paths import TESTS
from steps import say

# a whole boot, in seconds: what all tests together may take, each of which has
# a limit of its own. Measured on two cores: uml-debug 779, beside three x86
# guests more than 1,500; x86-debug under TCG, beside other builds, 9,227
LIMITS = {"uml": 3000, "uml-debug": 3000, "x86": 7200, "x86-debug": 14400}
# what runs in a guest of its own, beside the others': a guest of UML has one
# CPU, and the first of these mostly wait for the timeouts of TCP
WAITING = ("iscsi_net", "iscsi_isns")
LARGE = ("iscsi_suite",)
DATA = ("iscsi_basic", "iscsi_session")
SUBTEST = "    "


class Reader(io.RawIOBase):
    """Takes the runner's output as it comes, and adds each case to a tally
    under the name of its test."""

    def __init__(self, tally, flavour):
        super().__init__()
        self.tally = tally
        self.flavour = flavour
        self.rest = b""
        self.test = None
        self.notes = []
        self.done = False
        self.count = 0

    def write(self, data):
        """New output."""
        *lines, self.rest = (self.rest + bytes(data)).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace"))
        return len(data)

    def _line(self, line):
        if not line.startswith(SUBTEST):
            self.done = self.done or line.startswith("# Totals:")
            return
        text = line[len(SUBTEST):]
        found = re.match(r"# Subtest: (\S+)", text)
        if found:
            self.test, self.notes = found[1], []
            return
        case = tap.parse_case(text)
        if case:
            self.count += 1
            detail = case.why if case.state == "skip" else "\n".join(self.notes)
            self.tally.add(case.state, f"{self.flavour}: {self.test}: {case.name}",
                           detail)
            self.notes = []
        elif text.startswith("#"):
            self.notes = self.notes[-60:] + [text]


def _names():
    """Every test there is, or TESTS."""
    every = sorted(p.stem for p in (TESTS / "e2e").glob("*")
                   if p.suffix in (".sh", ".py") and os.access(p, os.X_OK))
    return paths.env("TESTS").split() or every


def _ending(result, reader):
    """What is wrong with the boot as a whole; what a case was blamed for is
    not said twice."""
    wrong = []
    if result.problem:
        lines = result.console.read_text(errors="replace").splitlines()
        wrong += [f"{result.problem} during {reader.test}; the console's last lines:",
                  *lines[-100:]]
    elif not reader.done:
        wrong.append(f"the runner ended with {result.status} during {reader.test}")
    elif result.status == guest.SPLATTED:
        wrong += ["in the kernel log, outside of any test:"]
        wrong += [line for splat in result.splats for line in splat]
        wrong += result.leaks.splitlines()
    return "\n".join(wrong)


def run(tally, flavour, tests=(), environment=None, limit=None):
    """Boots the flavour and runs the tests in it, every one (or TESTS) unless
    they are named."""
    tests = tests or _names()
    reader = Reader(tally, flavour)
    boots = []

    def whole():
        # the runner scans for leaks itself, test by test
        boots.append(guest.boot(
            flavour, TESTS / "runner.py", list(tests),
            int(limit or paths.env("TIMEOUT") or LIMITS[flavour]), sink=reader,
            extra={"SCST_LEAKS": "no", **tools.environment(flavour, tests),
                   **(environment or {})}))
        return _ending(boots[0], reader)

    what = " ".join(tests) if len(tests) < 4 else f"{len(tests)} tests"
    tally.check(f"{flavour}: boots, runs {what}, ends", whole)
    if boots:
        say(f"{flavour}: kernel log {os.path.relpath(boots[0].console)}")


def asked_for(tests):
    """Those of them that are not left out by TESTS."""
    stems = {Path(name).stem for name in _names()}
    return [test for test in tests if test in stems]


def second_half():
    """What comes behind the tests of iSCSI, which take as long as all that."""
    stems = [Path(name).stem for name in _names()]
    return [stem for stem in stems if stem > "iscsi_~"]


def start(tally, flavour, parts, leave_out=(), environment=None):
    """Begins the tests, each part of them in a guest of its own and what is in
    none in another; the threads to join."""
    names = [n for n in _names() if Path(n).stem not in leave_out]
    chosen = [[n for n in names if Path(n).stem in part] for part in parts]
    chosen.append([n for n in names if not any(n in part for part in chosen)])
    threads = [threading.Thread(target=run, args=(tally, flavour, part, environment),
                                daemon=True)
               for part in chosen if part]
    for thread in threads:
        thread.start()
    return threads
