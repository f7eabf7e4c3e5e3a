# SPDX-License-Identifier: GPL-2.0
"""The fabric's own source in user space, under libFuzzer: see ../fuzz.

How much is done is a number of runs from a fixed seed, not a time: the result
does not depend on the machine.
"""

import ast
import shutil

import kernel
import paths
import statics
from paths import TESTS
from steps import output, run

HERE = TESTS / "fuzz"
# target: runs, longest input. Together a minute, ten times that with FULL=1.
TARGETS = {"keys": (4000000, 512), "chap": (4000000, 2200),
           "task": (800000, 600), "cdb": (1000000, 40),
           "copy": (400000, 1700)}


def _build(source):
    """The targets; the folder where they are."""
    out = paths.build_dir() / "fuzz"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    run(["make", "-C", HERE, f"KSRC={source}",
         f"KOUT={statics.static_out(source)}", f"BUILD={out}"],
        log=out / "build.log", env=kernel.make_env())
    return out


def _seeds(name, folder):
    """The inputs that the target begins with, one file each."""
    folder.mkdir()
    text = (HERE / "seeds" / f"{name}.txt").read_text(encoding="ascii")
    for number, line in enumerate(text.splitlines()):
        if not line.startswith("#"):
            seed = ast.literal_eval(f'b"{line}"')
            (folder / f"seed-{number}").write_bytes(seed)


def _run(out, name):
    """"" or what is wrong, with the input as hex."""
    runs, longest = TARGETS[name]
    corpus = out / f"{name}.corpus"
    _seeds(name, corpus)
    argv = [out / name, "-seed=1", f"-max_len={longest}", "-timeout=20",
            f"-runs={runs * (10 if paths.flag('FULL') else 1)}",
            f"-artifact_prefix={out}/{name}-", corpus]
    words = HERE / "seeds" / f"{name}.dict"
    if words.exists():
        argv.insert(1, f"-dict={words}")
    done = output(["nice", *argv], limit=3600)
    (out / f"{name}.log").write_text(done.stdout)
    if not done.returncode:
        return ""
    lines = [line for line in done.stdout.splitlines()
             if not line.startswith(("#", "\tNEW_FUNC"))]
    inputs = [f"input: {path.read_bytes().hex()}"
              for path in sorted(out.glob(f"{name}-*"))]
    return "\n".join(inputs + lines[-60:])


def run_all(tally, source):
    """Each target is a check."""
    folder = []

    def build():
        folder.append(_build(source))
        return ""

    if not tally.check("fuzz: builds", build):
        return
    for name in TARGETS:
        tally.check(f"fuzz: {name}", _run, folder[0], name)
