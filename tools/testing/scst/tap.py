# SPDX-License-Identifier: GPL-2.0
"""Reading and adding up TAP, as the end-to-end tests write it."""

import re

_RESULT = re.compile(r"^(not )?ok\b(?:\s+\d+)?\s*(?:-\s*)?(.*?)\s*(?:#\s*(SKIP|TODO|XFAIL)\b\s*(.*))?$",
                     re.IGNORECASE)
_PLAN = re.compile(r"^1\.\.(\d+)\s*(?:#\s*SKIP\b\s*(.*))?$", re.IGNORECASE)


class Case:
    """One result line."""

    def __init__(self, name, state, why=""):
        self.name = name
        self.state = state          # "pass", "fail" or "skip"
        self.why = why

    def line(self, number):
        """As TAP."""
        mark = "not ok" if self.state == "fail" else "ok"
        skip = f" # SKIP {self.why}".rstrip() if self.state == "skip" else ""
        return f"{mark} {number} {self.name}{skip}"


def parse_case(line):
    """The Case that a line is, or None."""
    found = _RESULT.match(line)
    if not found:
        return None
    name = found[2] or "unnamed"
    if (found[3] or "").upper() in ("SKIP", "XFAIL"):
        return Case(name, "skip", found[4])
    return Case(name, "fail" if found[1] else "pass")


def parse_plan(line):
    """(how many, why skipped) of a plan line, or None."""
    found = _PLAN.match(line)
    return (int(found[1]), found[2]) if found else None


def totals(cases):
    """pass, fail and skip counts."""
    states = [c.state for c in cases]
    return tuple(states.count(s) for s in ("pass", "fail", "skip"))


def totals_line(cases):
    """The closing comment that kselftest writes."""
    passed, failed, skipped = totals(cases)
    return (f"# Totals: pass:{passed} fail:{failed} xfail:0 xpass:0 "
            f"skip:{skipped} error:0")
