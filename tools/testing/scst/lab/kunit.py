# SPDX-License-Identifier: GPL-2.0
"""The unit tests, by the kernel's own kunit.py."""

import json

import kernel
import paths
from paths import LAB, LabError
from steps import locked, run, step
from tally import Skip

SUITES = "drivers/target/scst"
LIMIT = 1200
STATES = {"PASS": "pass", "SKIP": "skip"}


def _walk(group, path=()):
    """(name, state) of each case below a group of kunit.py's JSON."""
    here = path + (() if group["name"] == "KUnit Test Group" else (group["name"],))
    for case in group.get("test_cases", ()):
        yield ".".join(here + (case["name"],)), STATES.get(case["status"], "fail")
    for sub in group.get("sub_groups", ()):
        yield from _walk(sub, here)


def _run(source):
    out = paths.build_dir() / "kunit"
    out.mkdir(exist_ok=True)
    report = out / "report.json"
    report.unlink(missing_ok=True)
    options = kernel.make_argv(source, "um", out)
    argv = ["nice", "/usr/bin/python3", "tools/testing/kunit/kunit.py", "run", "--arch=um",
            f"--build_dir={out}", f"--kunitconfig={SUITES}",
            f"--kunitconfig={LAB}/config/kunit.config", f"--jobs={kernel.jobs()}",
            f"--json={report}", "--timeout=120"]
    argv += [f"--make_options={o}" for o in options if o.startswith(("CC=", "HOSTCC="))]
    try:
        run(argv, log=out / "kunit.log", limit=LIMIT, cwd=source,
            env=kernel.make_env())
    except LabError:
        # a failed test is in the report; a failed build leaves none
        if not report.exists():
            raise
    return list(_walk(json.loads(report.read_text())))


def run_all(tally, source):
    """Each case is a check."""
    if not (source / SUITES / ".kunitconfig").is_file():
        tally.add("skip", "kunit", "no suites")
        return
    results = []

    def suites():
        with locked(paths.build_dir() / "kunit.lock"), step("KUnit"):
            results.extend(_run(source))
        return "" if results else "no test was run"

    tally.check("kunit: builds and runs", suites)
    for name, state in results:
        tally.add(state, f"kunit: {name}")
