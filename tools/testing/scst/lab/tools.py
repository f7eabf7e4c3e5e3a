# SPDX-License-Identifier: GPL-2.0
"""The user space programs of tools/scst, built for the guests: they run on the
host's files, so what the host builds is what they find."""

import re
import shutil
from pathlib import Path

import kernel
import paths
from paths import REPO
from steps import locked, output, run
from tally import Skip

PROGRAMS = ("isns",)
# The tests that install the Debian package: it takes a while to build.
INSTALLS = ("tools_boot", "tools_systemd")


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


def package(flavour):
    """Debian's scst-tools; the path of the package."""
    out = paths.build_dir() / flavour / "package"
    source = out / "scst-tools"
    out.mkdir(parents=True, exist_ok=True)
    with locked(paths.build_dir() / flavour / "package.lock"):
        shutil.rmtree(out)
        shutil.copytree(REPO / "tools/scst", source, ignore=shutil.ignore_patterns(
            "__pycache__", "*.o", "scst-isnsd"))
        run(["dpkg-buildpackage", "--build=binary", "--unsigned-changes"],
            cwd=source, log=out / "build.log", env=kernel.make_env())
    return next(out.glob("scst-tools_*.deb"))


def lintian():
    """What Debian's own check objects to. The package is not for the archive,
    where somebody would have asked for it."""
    if not shutil.which("lintian"):
        raise Skip("no lintian")
    done = output(["lintian", "--suppress-tags", "initial-upload-closes-no-bugs",
                   package("static")])
    # nor of what it says to root
    return "\n".join(re.findall(r"^[A-Z]: .*", done.stdout, re.M))


def environment(flavour, tests):
    """What tells these tests, or scripts, where they are."""
    out = build(flavour)
    found = {"SCST_TOOLS": ":".join(str(out / name) for name in PROGRAMS)}
    if any(Path(test).stem in INSTALLS for test in tests):
        found["SCST_PACKAGE"] = str(package(flavour))
    return found


def warnings():
    """Not one warning, with either compiler."""
    build("static", "-B")
    build("static", "-B", "CC=clang")
    return ""
