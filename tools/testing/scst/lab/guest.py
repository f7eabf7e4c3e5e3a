# SPDX-License-Identifier: GPL-2.0
"""One boot of one flavour: its run folder, its process, its verdict."""

import contextlib
import ctypes
import fcntl
import os
import resource
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import kernel
import klog
import paths
import qemu
import uml
from paths import LAB, LabError
from steps import locked, say

TIMED_OUT = 124
DIED = 125
SPLATTED = 126
KEEP_LOGS = 20


class Result:
    """What came of a boot."""

    def __init__(self):
        self.status = DIED
        self.seconds = 0.0
        self.console = None
        self.problem = ""
        self.splats = []
        self.leaks = ""


def _job(script, args):
    """The command inside: an executable itself, otherwise by its ending."""
    script = Path(script).resolve()
    if not script.is_file():
        raise LabError(f"no script {script}")
    if os.access(script, os.X_OK):
        argv = [str(script)]
    elif script.suffix == ".py":
        argv = ["/usr/bin/python3", str(script)]
    else:
        argv = ["/bin/bash", str(script)]
    return f"#!/bin/sh\nexec {shlex.join(argv + args)}\n"


def _env_file(flavour, folder, limit, writable, extra):
    cwd = os.getcwd()
    keep = sorted({str(paths.REPO), str(folder.parents[1]), cwd})
    values = {
        "SCST_FLAVOUR": flavour, "SCST_TIMEOUT": str(limit), "SCST_CWD": cwd,
        "SCST_REPO": str(paths.REPO), "SCST_KEEP": " ".join(keep),
        "SCST_RW": " ".join([str(folder), *map(str, writable)]),
        "SCST_TEST_SLOW": _slow_factor(flavour, folder / "kernel"),
        **extra,
    }
    for name in ("SCST_TEST_LONG", "SCST_LEAKS", "TERM", "SCST_FUZZ_SEED",
                 "SCST_FUZZ_FIRST", "SCST_FUZZ_CASES"):
        if name in os.environ:
            values.setdefault(name, os.environ[name])
    return "".join(f"export {k}={shlex.quote(v)}\n" for k, v in values.items())


def _slow_factor(flavour, image):
    """How many times longer than on `uml` a test may take."""
    machine = qemu.machine(image) if flavour.startswith("x86") else "uml"
    base = {"uml": 1, "kvm": 1, "tcg": 10}[machine]
    return str(base * (4 if flavour.endswith("-debug") else 1))


def _is_held(folder):
    """By a lab that lives; process ids would lie across namespaces."""
    try:
        with open(folder / "lock", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False


@contextlib.contextmanager
def _run_folder(out):
    """A fresh folder below out/run; those whose lab is gone are removed."""
    runs = out / "run"
    with locked(out / "run.lock"):
        runs.mkdir(parents=True, exist_ok=True)
        for old in runs.iterdir():
            if not _is_held(old):
                shutil.rmtree(old, ignore_errors=True)
        folder = runs / f"{os.getpid()}-{secrets.token_hex(3)}"
        folder.mkdir()
        lock = open(folder / "lock", "w", encoding="ascii")
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def _snapshot(flavour, folder):
    """Builds, and gives the run its own kernel and modules, so that a later
    build does not change them below it."""
    out = kernel.build(flavour)
    with locked(out / ".lock"):
        os.link(out / kernel.image(flavour), folder / "kernel")
        shutil.copytree(out / "mod/lib/modules", folder / "lib/modules",
                        symlinks=True)
    return out


def _child_setup():
    """In the guest's process before exec: no core files, dies with the lab."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)      # PR_SET_PDEATHSIG


def _host_ready():
    """The guest's root is the host's, read-only: mount points must be there."""
    try:
        os.makedirs("/lib/modules", exist_ok=True)
    except PermissionError:
        raise LabError("as root, once: mkdir /lib/modules") from None


class _Tail:
    """Copies what is appended to a file to standard output."""

    def __init__(self, path, sink):
        self.path = path
        self.sink = sink
        self.file = None

    def copy(self):
        """Copies what is new."""
        if self.file is None and self.path.exists():
            self.file = open(self.path, "rb")
        data = self.file.read() if self.file else b""
        if data:
            self.sink.write(data)
            self.sink.flush()


def _answer_cpu(pid, folder):
    """Host CPU time for hostcpu.sh in the guest. For UML that is what the guest
    kernel has used, since processes in it are host processes of their own."""
    ask = folder / "cpu.ask"
    if not ask.exists():
        return
    ask.unlink()
    total = Path(f"/proc/{pid}/schedstat").read_text().split()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    tick = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    fresh = folder / "cpu.new"
    fresh.write_text(f"{total} {int(fields[11]) * tick} {int(fields[12]) * tick}\n")
    fresh.rename(folder / "cpu.answer")


def _wait(proc, tail, folder, limit):
    """Until the guest ends; False when its time is over."""
    end = time.monotonic() + limit
    while proc.poll() is None:
        tail.copy()
        _answer_cpu(proc.pid, folder)
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    tail.copy()
    return True


def _kill(proc):
    """Ends the guest and what it started: they are a process group of their
    own, made by us."""
    if proc.poll() is None:
        os.killpg(proc.pid, signal.SIGKILL)
        proc.wait()


def _verdict(result, folder, splats_ok):
    status = folder / "status"
    if status.exists() and not result.problem:
        result.status = int(status.read_text())
    elif not result.problem:
        result.problem = "the guest died"
    leaks = folder / "kmemleak"
    result.leaks = leaks.read_text(errors="replace") if leaks.exists() else ""
    lines = result.console.read_text(errors="replace").splitlines()
    result.splats = klog.splats(lines)
    if (result.splats or result.leaks) and not splats_ok and result.status == 0:
        result.status = SPLATTED


def _argv(flavour, folder, writable):
    machine = uml if flavour.startswith("uml") else qemu
    return machine.argv(flavour, folder, [folder, *writable],
                        paths.env("MEM", "2G"))


def _old_logs(out):
    with locked(out / "run.lock"):      # other boots do so, too
        logs = sorted(out.glob("console-*.log"), key=lambda p: p.stat().st_mtime)
        for log in logs[:-KEEP_LOGS]:
            log.unlink(missing_ok=True)


@contextlib.contextmanager
def prepared(flavour):
    """A folder in which the flavour's kernel can be booted, more than once."""
    _host_ready()
    with _run_folder(paths.build_dir() / flavour) as folder:
        _snapshot(flavour, folder)
        yield folder


def boot_in(folder, flavour, script, args=(), limit=300, splats_ok=False,
            writable=(), extra=None, sink=None, machine=(), started=None):
    """boot() in a folder that is prepared. @started(process) is called when
    the guest's process is there."""
    job = folder / "job"
    job.write_text(_job(script, list(args)))
    job.chmod(0o755)
    (folder / "env").write_text(
        _env_file(flavour, folder, limit, writable, extra or {}))
    for left in ("status", "output", "kmemleak"):
        (folder / left).unlink(missing_ok=True)
    out = folder.parents[1]
    result = Result()
    result.console = out / f"console-{folder.name}.log"
    _old_logs(out)
    start = time.monotonic()
    _run_guest(result, _argv(flavour, folder, writable) + list(machine),
               folder, limit, sink, started)
    result.seconds = time.monotonic() - start
    _verdict(result, folder, splats_ok)
    return result


def boot(flavour, script, *args, **more):
    """Boots the flavour and runs the script in it; a Result. @machine is
    appended to the guest's command line."""
    with prepared(flavour) as folder:
        return boot_in(folder, flavour, script, *args, **more)


def _run_guest(result, argv, folder, limit, sink, started):
    with open(result.console, "wb") as console:
        proc = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=console,
            stderr=subprocess.STDOUT, preexec_fn=_child_setup,
            start_new_session=True, env=_guest_env(folder))
        try:
            if started:
                started(proc)
            tail = _Tail(folder / "output", sink or sys.stdout.buffer)
            if not _wait(proc, tail, folder, limit):
                result.status = TIMED_OUT
                result.problem = f"killed after its {limit} s"
        finally:
            _kill(proc)


def _guest_env(folder):
    """UML keeps the guest's memory in /dev/shm: small in some containers."""
    env = dict(os.environ, TMPDIR="/dev/shm")
    room = os.statvfs("/dev/shm")
    if room.f_bavail * room.f_frsize < 4 << 30:
        env["TMPDIR"] = str(folder)
    return env


def report(flavour, result, splats_ok):
    """Tells the user what is wrong, if anything is."""
    if result.problem:
        lines = result.console.read_text(errors="replace").splitlines()
        say(f"{flavour}: {result.problem}; the console's last lines:")
        print("\n".join(lines[-100:]), file=sys.stderr)
    for splat in result.splats if not splats_ok else ():
        say(f"{flavour}: in the kernel log:")
        print("\n".join(splat), file=sys.stderr)
    if result.leaks and not splats_ok:
        say(f"{flavour}: kmemleak:\n{result.leaks}")
    say(f"{flavour}: exit status {result.status}, {result.seconds:.1f} s, "
        f"kernel log {os.path.relpath(result.console)}")


def shell(flavour):
    """An interactive prompt in the booted kernel."""
    _host_ready()
    with _run_folder(paths.build_dir() / flavour) as folder:
        return _shell_in(flavour, folder)


def _shell_in(flavour, folder):
    _snapshot(flavour, folder)
    tty = "/dev/tty0" if flavour.startswith("uml") else "/dev/ttyS0"
    size = shutil.get_terminal_size()
    (folder / "env").write_text(_env_file(flavour, folder, 0, (), {
        "SCST_SHELL": "1", "SCST_TTY": tty, "COLUMNS": str(size.columns),
        "LINES": str(size.lines)}))
    say(f"{flavour}: exit ends the kernel; the host's files are read-only, "
        "/tmp /run /var are fresh")
    argv = _argv(flavour, folder, ()) + (["quiet"] if tty == "/dev/tty0" else [])
    try:
        return subprocess.call(argv, env=_guest_env(folder))
    finally:
        subprocess.call(["stty", "sane"])
