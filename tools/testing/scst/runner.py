#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Runs the end-to-end tests on this very kernel and prints KTAP.

usage: runner.py [TEST...]      all of e2e/ without names

Each test is a program that prints TAP. Around it the kernel log is watched:
a splat, or an error line that the test did not announce, fails the case
during which it came. A kernel with kmemleak is scanned after each test.
What is announced and how: lab/README.rst.
"""

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import klog
import tap

HERE = Path(__file__).resolve().parent
LEAKS = Path("/sys/kernel/debug/kmemleak")
LIMIT = 120                     # seconds, unless the test says another
LONG = 10                       # times that, with SCST_TEST_LONG
LEAK_AGE = 5.5                  # kmemleak ignores younger objects


def slow():
    """How many times longer than usual things take in this kernel."""
    return float(os.environ.get("SCST_TEST_SLOW") or 1)


def find(names):
    """The test programs, by name or all."""
    folder = Path(os.environ.get("SCST_TEST_DIR") or HERE / "e2e")
    every = sorted(p for p in folder.glob("*")
                   if p.suffix in (".sh", ".py") and os.access(p, os.X_OK)
                   and p.is_file())
    if not names:
        return every
    chosen = [p for p in every if p.name in names or p.stem in names]
    unknown = set(names) - {p.name for p in chosen} - {p.stem for p in chosen}
    if unknown:
        sys.exit(f"runner.py: no test {' '.join(sorted(unknown))}")
    return chosen


def limit_of(path):
    """The time limit: `# timeout: 120` in the test's first lines, times what
    the kernel is slower and the test does more."""
    times = slow() * (LONG if os.environ.get("SCST_TEST_LONG") == "1" else 1)
    head = path.read_text(errors="replace").splitlines()[:30]
    for line in head:
        found = re.match(r"#\s*timeout:\s*(\d+)", line)
        if found:
            return int(found[1]) * times
    return LIMIT * times


class Run:
    """One test program being run."""

    def __init__(self, path, watch):
        self.path = path
        self.watch = watch
        self.judge = klog.Judge()
        self.cases = []
        self.plan = None
        self.stuck = False

    def show(self, text):
        """A line of the subtest."""
        print(f"    {text}", flush=True)

    def add(self, case):
        """Counts a case; what the kernel log got meanwhile is its fault."""
        bad = self.judge.bad(self.watch.read())
        if bad:
            case.state = "fail"
        self.cases.append(case)
        for text in bad:
            self.show(f"# kernel log: {text}")
        self.show(case.line(len(self.cases)))

    def line(self, text):
        """One line that the test printed."""
        plan = tap.parse_plan(text)
        case = tap.parse_case(text)
        if plan:
            self.plan = plan
        elif case:
            self.add(case)
        elif text.startswith("#") or not text.strip():
            self.show(text)
        elif not re.match(r"K?TAP version", text):
            self.show(f"# {text}")

    def fail(self, name):
        """A case of the runner's own."""
        self.add(tap.Case(name, "fail"))

    def go(self):
        """Runs it to its end or its time limit."""
        klog.say(f"begin {self.path.name}")
        self.watch.read()
        proc = subprocess.Popen(
            [str(self.path)], cwd=self.path.parent, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        limit = limit_of(self.path)
        if self._read(proc, limit):
            self._finished(proc.wait())
        else:
            self._hung(proc, limit)
        proc.stdout.close()
        klog.say(f"end {self.path.name}")

    def _read(self, proc, limit):
        """Takes lines until the test has ended; False when time is over."""
        end = time.monotonic() + limit
        rest = b""
        while time.monotonic() < end:
            # Before the look: who has ended writes nothing after it.
            ended = proc.poll() is not None
            ready, _, _ = select.select([proc.stdout], [], [], 0.2)
            data = os.read(proc.stdout.fileno(), 65536) if ready else None
            if data:
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self.line(line.decode(errors="replace"))
            elif data == b"" or ended:
                if rest:
                    self.line(rest.decode(errors="replace"))
                return self._ended(proc, end)
        return False

    @staticmethod
    def _ended(proc, end):
        """True once the process is gone (it may have closed its output)."""
        try:
            proc.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _finished(self, status):
        """The test has ended by itself: did it do what it planned?"""
        planned, why = self.plan or (None, None)
        if planned == 0 or (status == 4 and not self.cases):
            self.add(tap.Case(self.path.stem, "skip", why or ""))
            return
        failed = any(c.state == "fail" for c in self.cases)
        if not self.cases:
            self.fail(f"no result, exit status {status}")
        elif planned is None:
            self.fail("no plan")
        elif planned != len(self.cases):
            self.fail(f"planned {planned} cases, ran {len(self.cases)}")
        elif status and not failed:
            self.fail(f"exit status {status}")
        self._late()

    def _late(self):
        """What the kernel logged after the last case."""
        bad = self.judge.bad(self.watch.read())
        if bad:
            for text in bad:
                self.show(f"# kernel log: {text}")
            self.fail("the kernel log after the last case")

    def _hung(self, proc, limit):
        """Shows where it hangs, then ends it and what it started."""
        klog.say(f"{self.path.name} hangs")
        for key in ("t", "w"):
            Path("/proc/sysrq-trigger").write_text(key)
        with contextlib.suppress(ProcessLookupError):   # just ended
            os.killpg(proc.pid, signal.SIGKILL)
        try:
            proc.wait(10 * slow())
        except subprocess.TimeoutExpired:
            self.stuck = True
        self.watch.read()
        how = ", and cannot be killed" if self.stuck else ""
        self.fail(f"ended within {limit:.0f} s{how}")

    @staticmethod
    def _unreferenced():
        """What kmemleak finds twice in succession."""
        time.sleep(LEAK_AGE)
        LEAKS.write_text("scan")
        LEAKS.write_text("scan")
        return LEAKS.read_text()

    def leaks(self):
        """A case of its own, where there is kmemleak."""
        if self.stuck or not os.access(LEAKS, os.W_OK):
            return
        report = self._unreferenced()
        if report:
            # What was on its way, and nowhere to be seen, has arrived by now:
            # only what is lost stays in the report.
            for line in report.splitlines():
                self.show(f"# at first: {line}")
            report = self._unreferenced()
        for line in report.splitlines():
            self.show(f"# {line}")
        LEAKS.write_text("clear")
        self.watch.read()
        self.add(tap.Case("no memory is leaked", "fail" if report else "pass"))


def main(argv):
    """Runs the tests one after the other; exit status 1 if a case failed."""
    tests = find(argv[1:])
    if os.geteuid():
        sys.exit("runner.py: only root can configure a target")
    print(f"KTAP version 1\n1..{len(tests)}", flush=True)
    watch = klog.Watch()
    cases = []
    stuck = False
    for number, path in enumerate(tests, 1):
        print(f"    KTAP version 1\n    # Subtest: {path.name}", flush=True)
        run = Run(path, watch)
        if stuck:
            run.fail("not run: an earlier test cannot be killed")
        else:
            start = time.monotonic()
            run.go()
            run.leaks()
            run.show(f"# {path.name}: {time.monotonic() - start:.1f} s")
        stuck = stuck or run.stuck
        run.show(f"1..{len(run.cases)}")
        cases += run.cases
        worst = "fail" if tap.totals(run.cases)[1] else "pass"
        print(tap.Case(path.name, worst).line(number), flush=True)
    print(tap.totals_line(cases))
    return 1 if tap.totals(cases)[1] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
