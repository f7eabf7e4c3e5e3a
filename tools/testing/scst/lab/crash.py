#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Kills the kernel while persistent reservations change, and looks after the
next boot whether what was acknowledged is there. A check of its own, or alone,
with two arguments: how many times, and a seed.

The reservations' file is on a disk of the guest (ubd: a file of the host), so
that whatever has not been synced dies with the guest's page cache. Each boot
both looks at what the one before it has left, and goes on with changes.
crash_guest.py is what runs inside, and writes a journal on the host.
"""

import json
import os
import random
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import guest
import paths
from paths import LAB
from steps import run, say

ROUNDS, LONG_ROUNDS = 20, 200
IMAGE_SIZE = 24 << 20
LIMIT = 300                     # seconds that a boot may take, beside others
# A kill comes after so many acknowledged changes, and a moment: about as long as
# a change takes.
MOST_CHANGES, MOMENT = 25, 0.003


def _lines(journal):
    """What the guest has said; the kill may have cut off the last line."""
    for line in journal.read_text(encoding="ascii").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


class _Killer(threading.Thread):
    """Ends a guest, which is a process group of its own: after some
    acknowledged changes, a moment after the next one has begun."""

    def __init__(self, journal, changes, moment):
        super().__init__(daemon=True)
        self.journal = journal
        self.changes = changes
        self.moment = moment
        self.proc = None
        self.begin = 0
        self.killed = False

    def __call__(self, proc):
        self.proc = proc
        self.start()

    def _enough(self):
        with open(self.journal, "rb") as journal:
            journal.seek(self.begin)
            text = journal.read()
        acked = text.count(b'"acked"')
        return acked >= self.changes and text.count(b'"begin"') > acked

    def run(self):
        self.begin = self.journal.stat().st_size
        while not self._enough():
            if self.proc.poll() is not None:
                return
            time.sleep(0.0005)
        time.sleep(self.moment)
        if self.proc.poll() is None:
            self.killed = True
            os.killpg(self.proc.pid, signal.SIGKILL)


class _Crash:
    """An image, a journal, and how the kernel is to die."""

    def __init__(self, where, rounds, seed):
        self.rounds = rounds
        self.seed = seed
        self.random = random.Random(seed)
        self.journal = where / "journal"
        self.journal.touch()
        self.console = None
        self.image = where / "image"
        with open(self.image, "wb") as image:
            image.truncate(IMAGE_SIZE)
        run(["mke2fs", "-q", "-F", "-t", "ext4", self.image])

    def boot(self, folder, number):
        """One boot, which all but the last are killed in; what is wrong."""
        last = number == self.rounds
        killer = None if last else _Killer(
            self.journal, self.random.randrange(MOST_CHANGES),
            self.random.random() * MOMENT)
        result = guest.boot_in(
            folder, "uml", LAB / "crash_guest.py",
            [str(self.journal), str(self.seed + number),
             "look" if last else "change"],
            LIMIT, machine=[f"ubd0={self.image}"], started=killer)
        self.console = result.console
        if result.splats:
            return "\n".join(result.splats[0])
        if last and result.status:
            return f"the last boot: {result.status} {result.problem}"
        if not last and not killer.killed:
            return f"boot {number} ended by itself: {result.status}"
        return ""

    def found(self):
        """What the guests have found after each boot"""
        return [line for line in _lines(self.journal) if "found" in line]

    def lost(self):
        """What is wrong with it"""
        for number, line in enumerate(self.found()):
            if line["found"] not in line["allowed"]:
                return (f"boot {number}: {line['found']} is there, and not "
                        f"one of {line['allowed']}")
        return ""

    def summary(self):
        """For the user"""
        lines = list(_lines(self.journal))
        acked = sum("acked" in line for line in lines)
        begun = sum("begin" in line for line in lines)
        new = sum(line["new"] for line in self.found())
        return (f"seed {self.seed}: {self.rounds} kills, {acked} changes "
                f"acknowledged, {begun - acked} in flight, {new} of them kept")


def _shm():
    """Where the image is: a disk that syncs would only make it slow."""
    room = os.statvfs("/dev/shm")
    return "/dev/shm" if room.f_bavail * room.f_frsize > 1 << 30 else None


def crash(rounds, seed):
    """What is wrong, or ""."""
    where = Path(tempfile.mkdtemp(prefix="scst-crash-", dir=_shm()))
    try:
        with guest.prepared("uml") as folder:
            this = _Crash(where, rounds, seed)
            wrong = ""
            for number in range(rounds + 1):
                wrong = this.boot(folder, number)
                wrong = this.lost() or wrong
                if wrong:
                    break
            if not wrong and len(this.found()) != rounds + 1:
                wrong = "not every boot has found a state"
            say(f"crash: {this.summary()}; the last kernel log is "
                f"{os.path.relpath(this.console)}")
            return f"seed {seed}: {wrong}" if wrong else ""
    finally:
        shutil.rmtree(where, ignore_errors=True)


def check(tally):
    """A line of make check"""
    rounds = LONG_ROUNDS if paths.flag("FULL") else ROUNDS
    tally.check(f"uml: killed {rounds} times, reservations survive", crash,
                rounds, secrets.randbelow(1 << 32))


if __name__ == "__main__":
    ARGS = [int(a) for a in sys.argv[1:]]
    WRONG = crash(ARGS[0] if ARGS else ROUNDS,
                  ARGS[1] if len(ARGS) > 1 else secrets.randbelow(1 << 32))
    print(WRONG or "ok")
    sys.exit(1 if WRONG else 0)
