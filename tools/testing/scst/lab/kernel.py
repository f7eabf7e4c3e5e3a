# SPDX-License-Identifier: GPL-2.0
"""Configuring and building a flavour."""

import os
import re
import shutil
import subprocess

import paths
import tree
from paths import LAB, LabError
from steps import locked, run, step

FRAGMENTS = {
    "uml": ("common", "uml"),
    "uml-debug": ("common", "uml", "debug"),
    "x86": ("common", "x86"),
    "x86-debug": ("common", "x86", "debug", "x86-debug"),
}
BUILD_LIMIT = 1800              # seconds
TARGETS = {"um": ["linux", "modules"], "x86_64": ["vmlinux", "modules"]}


def arch_of(flavour):
    """The kernel's name for the flavour's machine."""
    return "um" if flavour.startswith("uml") else "x86_64"


def jobs():
    """How many compilers at a time."""
    return int(paths.env("JOBS") or os.cpu_count() or 1)


def make_argv(source, flavour_arch, out):
    """The beginning of each call of the kernel's make."""
    compiler = "ccache gcc" if shutil.which("ccache") else "gcc"
    return ["nice", "make", "-C", str(source), f"ARCH={flavour_arch}", f"O={out}",
            f"CC={compiler}", f"HOSTCC={compiler}", f"-j{jobs()}"]


def make_env():
    """The lab's own make variables must not reach the kernel's make."""
    kept = {k: v for k, v in os.environ.items()
            if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES",
                         "KDIR", "RUN", "ARGS", "FLAVOUR", "BUILD")}
    kept["CCACHE_BASEDIR"] = str(paths.build_dir())
    kept["CCACHE_NOHASHDIR"] = "1"
    kept.update(LC_ALL="C", PYTHONDONTWRITEBYTECODE="1",
                PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    kept.setdefault("CCACHE_DIR", os.path.expanduser("~/.cache/ccache"))
    return kept


def wanted_config(flavour):
    """{symbol: line} of the flavour's fragments."""
    text = "".join((LAB / "config" / f"{name}.config").read_text()
                   for name in FRAGMENTS[flavour])
    # conf takes the first of two settings without a word: keep the last
    last = {}
    for line in text.splitlines():
        found = re.match(r"(?:# )?(CONFIG_\w+)(?:=| is not set)", line)
        if found:
            last[found[1]] = line
    return last


def _check_config(source, lines, out):
    """Every line asked for must have come through Kconfig as it was meant."""
    have = set((out / ".config").read_text().splitlines())
    hooked = "scst" in (source / "drivers/target/Kconfig").read_text()
    lost = [line for line in lines
            if line not in have and not line.startswith("#")
            and (hooked or not line.startswith("CONFIG_SCST"))]
    if lost:
        raise LabError(f"Kconfig did not take: {' '.join(lost)}")


def configure(source, arch, out, lines):
    """Writes .config: allnoconfig but for these lines. Nothing is done while
    the lines and the Kconfig files that the overlay brings are those that it
    was made from; in a KDIR any other may have changed, too."""
    out.mkdir(parents=True, exist_ok=True)
    fragment = out / "lab.config"
    files = [source / "drivers/target/Kconfig", source / "drivers/target/scst/Kconfig"]
    content = b"".join(f.read_bytes() for f in files if f.is_file())
    changed = tree.put(fragment, ("\n".join(lines) + "\n").encode())
    changed |= tree.put(out / "lab.kconfig", content)
    if changed or paths.kdir() or not (out / ".config").exists():
        env = make_env()
        env["KCONFIG_ALLCONFIG"] = str(fragment)
        run(make_argv(source, arch, out) + ["allnoconfig"], env=env)
    _check_config(source, lines, out)


def complaints(log):
    """What a build's log says against our files, each line once."""
    wanted = re.compile(r"(include|drivers)/\S*scst\S*:.*(warning|error)")
    lines = [l for l in log.read_text().splitlines() if wanted.search(l)]
    return "\n".join(dict.fromkeys(lines))


def compile_kernel(this, argv, log):
    """Runs the kernel's make, with a live count of what it has made."""
    made = 0
    tail = []
    argv = ["timeout", "--foreground", str(BUILD_LIMIT), *argv]
    with open(log, "w", encoding="utf-8") as out, subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", env=make_env(), stdin=subprocess.DEVNULL) as proc:
        for line in proc.stdout:
            out.write(line)
            tail = tail[-60:] + [line]
            if re.match(r"\s+(CC|LD|AR|AS)\b", line):
                made += 1
                this.progress(f"{made} objects, {line.split()[-1]}")
    this.note = f"{made} objects"
    if proc.returncode:
        errors = [l for l in tail if "error" in l.lower() or "***" in l] or tail
        raise LabError(f"the build failed, see {log}:\n{''.join(errors[-30:])}")


def _install_modules(source, flavour, out):
    """out/mod is replaced only when a module changed."""
    order = out / "modules.order"
    built = [out / n.replace(".o", ".ko") for n in order.read_text().split()]
    stamp = "\n".join(f"{p} {p.stat().st_mtime_ns}" for p in built)
    mark = out / "mod.stamp"
    if mark.exists() and mark.read_text() == stamp:
        return
    shutil.rmtree(out / "mod", ignore_errors=True)
    (out / "mod/lib/modules").mkdir(parents=True)
    run(make_argv(source, arch_of(flavour), out) +
        ["modules_install", f"INSTALL_MOD_PATH={out}/mod", "INSTALL_MOD_STRIP=1"],
        env=make_env())
    mark.write_text(stamp)


def build(flavour):
    """Brings the flavour's kernel and modules up to date; the folder."""
    source = tree.prepare()
    out = paths.build_dir() / flavour
    with locked(out / ".lock"), step(f"building {flavour}", quiet_below=8) as this:
        arch = arch_of(flavour)
        configure(source, arch, out, wanted_config(flavour).values())
        compile_kernel(this, make_argv(source, arch, out) + TARGETS[arch],
                       out / "build.log")
        _install_modules(source, flavour, out)
    return out


def image(flavour):
    """The file to boot, in the flavour's folder."""
    return "linux" if arch_of(flavour) == "um" else "vmlinux"
