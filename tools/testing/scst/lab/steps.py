# SPDX-License-Identifier: GPL-2.0
"""Saying what is being done and how long it took; running programs."""

import contextlib
import fcntl
import os
import subprocess
import sys
import time

from paths import LabError

TTY = sys.stderr.isatty()


def say(text):
    """A line for the user; standard output belongs to the scripts."""
    print(f"lab: {text}", file=sys.stderr, flush=True)


def clear_live():
    """Takes the live line away, before another line is printed."""
    _live("")


def _live(text):
    if TTY:
        width = os.get_terminal_size(sys.stderr.fileno()).columns - 1
        sys.stderr.write("\r\033[K" + text[:width])
        sys.stderr.flush()


class Step:
    """One step: named when it begins, timed when it ends."""

    def __init__(self, name):
        self.name = name
        self.start = time.monotonic()
        self.note = ""

    def seconds(self):
        """Seconds since it began."""
        return time.monotonic() - self.start

    def progress(self, text):
        """On a terminal, the live line."""
        _live(f"lab: {self.name}: {text} ({self.seconds():.0f} s)")


@contextlib.contextmanager
def step(name, quiet_below=0.0):
    """Frames a step; one that takes less than quiet_below says nothing."""
    this = Step(name)
    if not quiet_below and not TTY:
        say(f"{name} ...")
    this.progress("...")
    try:
        yield this
    except BaseException:
        _live("")
        say(f"{name}: failed after {this.seconds():.1f} s")
        raise
    _live("")
    if this.seconds() >= quiet_below:
        note = f" ({this.note})" if this.note else ""
        say(f"{name}: {this.seconds():.1f} s{note}")


def output(argv, limit=600, **kwargs):
    """Runs a program; how it ended and what it printed."""
    argv = [str(a) for a in argv]
    try:
        return subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=limit, check=False,
            errors="replace", **kwargs)
    except subprocess.TimeoutExpired:
        raise LabError(f"{' '.join(argv[:6])} ... took over {limit} s") from None


def run(argv, log=None, **kwargs):
    """Runs a program that has to succeed; its output, which also goes to the
    log file. The end of it is shown when it fails."""
    done = output(argv, **kwargs)
    if log:
        log.write_text(done.stdout)
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-30:])
        raise LabError(f"{' '.join(map(str, argv[:6]))} ... failed "
                       f"({done.returncode}):\n{tail}")
    return done.stdout


@contextlib.contextmanager
def locked(path):
    """One lab at a time in a folder; others wait and say so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another lab that holds {path}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
