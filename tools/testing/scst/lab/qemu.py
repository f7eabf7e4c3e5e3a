# SPDX-License-Identifier: GPL-2.0
"""The command line of an x86 guest, and whether KVM is any use here."""

import functools
import os
import subprocess
from pathlib import Path

import paths
from paths import LAB
from steps import say

QEMU = "qemu-system-x86_64"
PROBE_SECONDS = 5
ACCEL = {
    "kvm": ["-accel", "kvm", "-cpu", "host"],
    "tcg": ["-accel", "tcg,thread=multi", "-cpu", "max"],
}


def _base(accel, kernel):
    return [QEMU, "-nodefaults", "-no-user-config", "-machine", "q35",
            *ACCEL[accel], "-display", "none", "-no-reboot",
            "-serial", "stdio", "-kernel", str(kernel)]


def _kvm_runs(kernel):
    """/dev/kvm may open and make a machine, and still run no guest: only one
    that gets as far as looking for its root file system is proof."""
    argv = _base("kvm", kernel) + ["-m", "512M", "-smp", "1", "-append",
                                   "console=ttyS0 panic=-1 root=/dev/none"]
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=PROBE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return b"Unable to mount root" in done.stdout


@functools.cache
def machine(kernel):
    """kvm or tcg: probed once a boot of this machine."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    cache = paths.build_dir() / ".kvm-probe"
    known = cache.read_text().split() if cache.exists() else []
    if known[:1] == [boot_id]:
        return known[1]
    found = "kvm" if _kvm_runs(kernel) else "tcg"
    say(f"x86 guests run under {found.upper()} here")
    cache.write_text(f"{boot_id} {found}\n")
    return found


def _share(name, path, options):
    return ["-fsdev", f"local,id={name},path={path},security_model=none{options}",
            "-device", f"virtio-9p-pci,fsdev={name},mount_tag={name}"]


def argv(flavour, folder, writable, memory):
    """At least two CPUs; the host's / read-only and the writable folders as
    9p shares of their own."""
    kernel = folder / "kernel"
    shares = _share("root", "/", ",readonly=on,multidevs=remap")
    for number, path in enumerate(writable):
        shares += _share(f"rw{number}", path, "")
    append = " ".join((
        "console=ttyS0 root=root rootfstype=9p ro loglevel=8 printk.devkmsg=on",
        "rootflags=trans=virtio,version=9p2000.L,msize=262144,cache=loose",
        f"init={LAB}/init.sh SCST_RUN_DIR={folder} panic=-1 nokaslr"))
    cpus = max(2, int(paths.env("CPUS", "2")))
    return (_base(machine(kernel), kernel) +
            ["-m", memory, "-smp", str(cpus), "-device", "virtio-rng-pci",
             *shares, "-append", append])
