# SPDX-License-Identifier: GPL-2.0
"""What in a kernel log is a fault: used by the test runner inside a kernel
(on /dev/kmsg records, which have levels) and by the lab outside (on console
lines)."""

import os
import re
from collections import namedtuple

# A "Call Trace:" alone is no fault: sysrq and fault injection print it too. Nor
# is what kmemleak suspects: whoever lets it scan reads what comes of it.
SPLAT = re.compile("|".join((
    r"^WARNING: ", r"\bBUG: ", r"kernel BUG at ", r"^Oops\b", r"\bOops: ",
    r"^BUG\b", r"\bKASAN: ", r"\bKCSAN: ", r"\bUBSAN: ", r"\bODEBUG: ",
    r"general protection fault", r"Kernel panic", r"^INFO: task .* blocked for",
    r"^INFO: rcu\w* .*stall", r"rcu: INFO: .* stall", r"^INFO: trying to register",
    r"DEBUG_LOCKS_WARN_ON", r"inconsistent lock state",
    r"possible (recursive|circular) locking", r"scheduling while atomic",
    r"soft lockup", r"hard LOCKUP", r"workqueue lockup", r"refcount_t: ",
    r"list_(add|del) corruption", r"percpu ref .* <= 0",
    r"^unreferenced object 0x",
    r"stack-protector", r"slab .* (corrupt|overwritten)", r"Bad page state",
    r"Unable to handle kernel", r"Segfault with no mm", r"Kernel mode fault",
)))

MARK = "scst-test: "
_PREFIX = re.compile(r"^(<\d+>)?(\[ *\d+\.\d+\]( *\[ *[TC]\d+\])? ?)+")

Record = namedtuple("Record", "level facility text")


def plain(line):
    """A console line without its time stamp."""
    return _PREFIX.sub("", line.rstrip("\r\n"))


def is_splat(text):
    """True for the first line of a report that no test may cause."""
    return bool(SPLAT.search(text))


def splats(lines, context=30):
    """The reports in a console log, each a list of lines, adjoining ones
    merged."""
    found = []
    end = -1
    for number, line in enumerate(lines):
        if not is_splat(plain(line)):
            continue
        start = max(number, end)
        stop = min(number + context, len(lines))
        if start < stop and end >= number:
            found[-1] += lines[start:stop]
        else:
            found.append(lines[number:stop])
        end = max(end, stop)
    return found


class Watch:
    """Reads /dev/kmsg from now on."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)

    def read(self):
        """The records that came since the last call."""
        records = []
        while True:
            try:
                raw = os.read(self.fd, 8192)
            except BlockingIOError:
                return records
            except BrokenPipeError:     # overwritten before we read it
                records.append(Record(4, 1, MARK + "kernel log overrun"))
                continue
            head, _, body = raw.decode(errors="replace").partition(";")
            prio = int(head.split(",")[0])
            text = body.split("\n")[0]
            records.append(Record(prio & 7, prio >> 3, text))

    def close(self):
        """Ends watching."""
        os.close(self.fd)


def say(text):
    """A marker line in the kernel log."""
    with open("/dev/kmsg", "w", encoding="utf-8") as kmsg:
        kmsg.write(f"<6>{MARK}{text}\n")


class Judge:
    """Tells which records fail a test: splats always, error lines of the
    kernel unless a `scst-test: expect <regex>` line came before them."""

    def __init__(self):
        self.expected = []

    def bad(self, records):
        """The texts of the records that fail the test."""
        return [r.text for r in records if self._is_bad(r)]

    def _is_bad(self, record):
        if record.text.startswith(MARK + "expect "):
            self.expected.append(re.compile(record.text[len(MARK) + 7:]))
            return False
        if record.text.startswith(MARK + "expect-nothing"):
            self.expected = []
            return False
        if is_splat(record.text):
            return True
        return (record.level <= 3 and record.facility == 0
                and not any(e.search(record.text) for e in self.expected))
