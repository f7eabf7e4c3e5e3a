# SPDX-License-Identifier: GPL-2.0
"""The unit tests, by the kernel's own kunit.py."""

import json
import subprocess

import kernel
import paths
from paths import LAB, LabError
from steps import locked, output, run, say, step
from tally import Skip

SUITES = "drivers/target/scst"
BUILD_LIMIT = 1200
BOOT_LIMIT = 120
PARSE_LIMIT = 120
PARSER_MEMORY = 2 << 30
KUNIT = ("nice", "/usr/bin/python3", "tools/testing/kunit/kunit.py")
STATES = {"PASS": "pass", "SKIP": "skip"}


def _walk(group, path=()):
    """(name, state) of each case below a group of kunit.py's JSON."""
    here = path + (() if group["name"] == "KUnit Test Group" else (group["name"],))
    for case in group.get("test_cases", ()):
        yield ".".join(here + (case["name"],)), STATES.get(case["status"], "fail")
    for sub in group.get("sub_groups", ()):
        yield from _walk(sub, here)


def _build(source, out):
    options = kernel.make_argv(source, "um", out)
    argv = [*KUNIT, "build", "--arch=um", f"--build_dir={out}",
            f"--kunitconfig={SUITES}", f"--kunitconfig={LAB}/config/kunit.config",
            f"--jobs={kernel.jobs()}"]
    argv += [f"--make_options={o}" for o in options if o.startswith(("CC=", "HOSTCC="))]
    run(argv, log=out / "kunit.log", limit=BUILD_LIMIT, cwd=source,
        env=kernel.make_env())


def _boot(out):
    """To a file: what a full pipe does not take the console of UML drops, and
    kunit.py reads its own pipe no faster than it parses."""
    console = out / "test.log"
    argv = ["nice", out / "linux", "mem=1G", "console=tty", "kunit_shutdown=halt",
            "kunit.enable=1", f"uml_dir={out}"]
    with console.open("wb") as log:
        try:
            subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=log, check=False,
                           stderr=subprocess.STDOUT, timeout=BOOT_LIMIT)
        except subprocess.TimeoutExpired:
            say(f"KUnit: the kernel was stopped after {BOOT_LIMIT} s")
    return console


def _parse(source, out, console):
    """The cases, and what is wrong besides them: what the parser calls errors,
    output that is not as announced, is in its closing line alone. It loops over
    a line that it does not expect, and would take all memory."""
    report = out / "report.json"
    report.unlink(missing_ok=True)
    done = output(["prlimit", f"--as={PARSER_MEMORY}", *KUNIT, "parse",
                   f"--json={report}", console], limit=PARSE_LIMIT, cwd=source)
    (out / "parse.log").write_text(done.stdout)
    tail = "\n".join(done.stdout.splitlines()[-30:])
    if not report.exists():
        return [], tail
    cases = list(_walk(json.loads(report.read_text())))
    failed = any(state == "fail" for _, state in cases)
    broken = "errors: " in tail or (done.returncode and not failed) or not cases
    return cases, tail if broken else ""


def _run(source):
    out = paths.build_dir() / "kunit"
    out.mkdir(exist_ok=True)
    _build(source, out)
    return _parse(source, out, _boot(out))


def run_all(tally, source):
    """Each case is a check."""
    if not (source / SUITES / ".kunitconfig").is_file():
        tally.add("skip", "kunit", "no suites")
        return
    results = []

    def suites():
        with locked(paths.build_dir() / "kunit.lock"), step("KUnit"):
            cases, wrong = _run(source)
        results.extend(cases)
        return wrong

    tally.check("kunit: builds and runs", suites)
    for name, state in results:
        tally.add(state, f"kunit: {name}")
