# SPDX-License-Identifier: GPL-2.0
"""The lines of `make check` and their sum."""

import threading
import time

from paths import LabError
from steps import clear_live


class Tally:
    """One line a check, from several threads."""

    def __init__(self):
        self.counts = {"pass": 0, "fail": 0, "skip": 0}
        self.failures = []
        self.lock = threading.Lock()

    def add(self, state, name, detail=""):
        """Prints the line of a check; the detail below it when it failed."""
        with self.lock:
            self.counts[state] += 1
            clear_live()
            mark = "not ok" if state == "fail" else "ok"
            skip = f" # SKIP {detail}" if state == "skip" else ""
            print(f"{mark} {name}{skip}", flush=True)
            if state == "fail":
                lines = [f"    {text}" for text in detail.rstrip().splitlines()[:150]]
                print("".join(f"{text}\n" for text in lines), end="", flush=True)
                # whoever sees the end of a log only wants to know what failed
                self.failures += [f"{mark} {name}", *lines[-12:]]

    def check(self, name, function, *args):
        """Runs a check: it returns "" when all is well, otherwise
        what is wrong; LabError means the same. True unless it failed."""
        start = time.monotonic()
        try:
            wrong = function(*args)
        except Skip as skip:
            self.add("skip", name, str(skip))
            return True
        except LabError as error:
            wrong = str(error)
        took = f"{name} ({time.monotonic() - start:.0f} s)"
        self.add("fail" if wrong else "pass", took, wrong or "")
        return not wrong

    def close(self):
        """What has failed, once more, and the closing line; the exit status."""
        c = self.counts
        if self.failures:
            print("\nwhat has failed:", *self.failures, sep="\n")
        print(f"{c['pass']} passed, {c['fail']} failed, {c['skip']} skipped",
              flush=True)
        return 1 if c["fail"] or not c["pass"] else 0


class Skip(Exception):
    """A check that has nothing to look at yet."""
