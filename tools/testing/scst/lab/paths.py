# SPDX-License-Identifier: GPL-2.0
"""Where things are, and what the caller asked for (the environment)."""

import hashlib
import os
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parent
TESTS = LAB.parent
REPO = TESTS.parents[2]
# the series applied to a kernel tree: there is nothing to lay any more
IN_TREE = (REPO / "Kbuild").is_file()
sys.path.insert(0, str(TESTS))     # klog.py is shared with the test runner

FLAVOURS = ("uml", "uml-debug", "x86", "x86-debug")


class LabError(Exception):
    """Something that the user has to know; shown without a traceback."""


def env(name, default=""):
    """A variable given to make or in the environment; empty means not given."""
    return os.environ.get(name) or default


def flag(name):
    """True for FAST=1 and the like."""
    return env(name) not in ("", "0", "no")


def flavour():
    """The flavour asked for, checked."""
    name = env("FLAVOUR", "uml")
    if name not in FLAVOURS:
        raise LabError(f"no flavour {name!r}; there are: {' '.join(FLAVOURS)}")
    return name


def kdir():
    """The kernel tree asked for with KDIR=, the one that the lab lies in, or
    None for Debian's."""
    name = env("KDIR", str(REPO) if IN_TREE else "")
    if not name:
        return None
    path = Path(name).resolve()
    if not (path / "Kbuild").is_file() or not (path / "MAINTAINERS").is_file():
        raise LabError(f"KDIR={name} is not a kernel tree")
    return path


def build_dir():
    """Everything made lies below: one folder for Debian's tree, one a KDIR."""
    default = Path.home() / ".cache/scst-lab" if IN_TREE else REPO / "build"
    top = Path(env("BUILD", str(default))).resolve()
    tree = kdir()
    if tree:
        digest = hashlib.sha256(str(tree).encode()).hexdigest()[:6]
        top = top / f"kdir-{tree.name}-{digest}"
    top.mkdir(parents=True, exist_ok=True)
    return top
