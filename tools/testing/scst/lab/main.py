# SPDX-License-Identifier: GPL-2.0
"""The lab's commands; one function each."""

import shlex
import signal
import sys

import check as checks
import guest
import kernel
import paths
import series as serial
import serve
import tools
import tree
from paths import TESTS, LabError
from steps import say


def boot():
    """make boot RUN=script"""
    script = paths.env("RUN")
    if not script:
        raise LabError("make boot wants RUN=path/to/script")
    name = paths.flavour()
    splats_ok = paths.env("SPLATS") == "ok"
    limit = int(paths.env("TIMEOUT", "300"))
    args = shlex.split(paths.env("ARGS"))
    result = guest.boot(name, script, args, limit, splats_ok,
                        extra=tools.environment(name, [script, *args]))
    guest.report(name, result, splats_ok)
    return result.status


def shell():
    """make shell"""
    return guest.shell(paths.flavour())


def run():
    """make run: a disk over iSCSI for this machine"""
    return serve.serve()


def bench():
    """make bench: results in build/bench, which the guest may write to"""
    name = paths.flavour()
    scripts = sorted((TESTS / "bench").glob("bench.*"))
    if not scripts:
        raise LabError("there is no tools/testing/scst/bench/bench.*")
    results = paths.build_dir() / "bench"
    results.mkdir(exist_ok=True)
    result = guest.boot(name, scripts[0], shlex.split(paths.env("ARGS")),
                        int(paths.env("TIMEOUT", "3600")), writable=[results],
                        extra={"SCST_RESULTS": str(results)})
    guest.report(name, result, False)
    return result.status


def build():
    """make build"""
    kernel.build(paths.flavour())
    return 0


def check():
    """make check [FAST=1 | FULL=1]"""
    return checks.check()


def series():
    """make series"""
    serial.write()
    return 0


def apply():
    """make apply KDIR="""
    tree.apply()
    return 0


COMMANDS = {f.__name__: f for f in (boot, shell, run, bench, build, check, series, apply)}


def _terminate(_signum, _frame):
    raise SystemExit(143)       # unwinds, so that a guest is ended


def main(argv):
    """Runs one command; what the user must know comes without a traceback."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return COMMANDS[argv[1]]() or 0
    except LabError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except BrokenPipeError:     # `| head`; nothing more can be printed
        sys.stdout = None
        return 141


if __name__ == "__main__":
    sys.exit(main(sys.argv))
