# SPDX-License-Identifier: GPL-2.0
"""The import rule of the design: fabric -> include/scst/fabric.h -> core <-
include/scst/handler.h <- handler. Each part sees its own door only."""

import re

CORE = "drivers/target/scst/"
FABRICS = ("drivers/target/scst/local/", "drivers/target/scst/iscsi/",
           "drivers/infiniband/ulp/scst_srpt/", "drivers/scsi/qla2xxx/tgt/")
HANDLERS = ("drivers/target/scst/handlers/",)
TESTS = re.compile(r"(^|/)tests/|_kunit\.c$")

_INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)

CORE_PRIVATE = re.compile(r"(^|/)scst_priv\.h$")
FABRIC_PRIVATE = re.compile(r"(^|/)(local|iscsi|scst_srpt)/")
HANDLER_PRIVATE = re.compile(r"(^|/)handlers/")

# part -> the headers that it must not include, and why
FORBIDDEN = {
    "fabric": ((re.compile(r"^scst/handler\.h$"), "a fabric does not see handlers"),
               (CORE_PRIVATE, "a fabric does not see the core's inside"),
               (HANDLER_PRIVATE, "a fabric does not see handlers")),
    "handler": ((re.compile(r"^scst/fabric\.h$"), "a handler does not see fabrics"),
                (CORE_PRIVATE, "a handler does not see the core's inside"),
                (FABRIC_PRIVATE, "a handler does not see fabrics")),
    "core": ((FABRIC_PRIVATE, "the core does not see a fabric"),
             (HANDLER_PRIVATE, "the core does not see a handler")),
}


def part_of(name):
    """fabric, handler or core; None for what the rule leaves alone."""
    if TESTS.search(name):
        return None
    if name.startswith(FABRICS):
        return "fabric"
    if name.startswith(HANDLERS):
        return "handler"
    if name.startswith(CORE):
        return "core"
    return None


def _doors(name, included):
    """fabric.h and handler.h themselves do not include each other."""
    if name == "include/scst/fabric.h" and included == "scst/handler.h":
        return "fabrics would see handler.h"
    if name == "include/scst/handler.h" and included == "scst/fabric.h":
        return "handlers would see fabric.h"
    return None


def reasons(name, text):
    """(included header, why not) for each forbidden include in a file."""
    for included in _INCLUDE.findall(text):
        why = _doors(name, included)
        for pattern, reason in FORBIDDEN.get(part_of(name), ()):
            if pattern.search(included):
                why = reason
        if why:
            yield included, why


def violations(repo):
    """A line for each forbidden include."""
    found = []
    for top in ("include", "drivers"):
        for path in sorted((repo / top).rglob("*.[ch]")):
            name = path.relative_to(repo).as_posix()
            for included, why in reasons(name, path.read_text(errors="replace")):
                found.append(f"{name} includes {included}: {why}")
    return found
