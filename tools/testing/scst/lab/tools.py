# SPDX-License-Identifier: GPL-2.0
"""The user space programs of tools/scst, built for the guests: they run on the
host's files, so what the host builds is what they find."""

import kernel
import paths
from paths import REPO
from steps import locked, run

PROGRAMS = ("isns",)


def build(flavour, *options):
    """The folder of the programs."""
    out = paths.build_dir() / flavour / "programs"
    out.mkdir(parents=True, exist_ok=True)
    with locked(out / ".lock"):
        for name in PROGRAMS:
            run(["make", "-C", REPO / "tools/scst" / name, f"O={out / name}",
                 "WERROR=1", *options],
                log=out / f"{name}.log", env=kernel.make_env())
    return out


def environment(flavour):
    """What tells the tests where they are."""
    out = build(flavour)
    return {"SCST_TOOLS": ":".join(str(out / name) for name in PROGRAMS)}


def warnings():
    """Not one warning, with either compiler."""
    build("static", "-B")
    build("static", "-B", "CC=clang")
    return ""
