# SPDX-License-Identifier: GPL-2.0
"""The disks that are compared: each made, found, and set alike. Here are those
of this machine: the two targets' loopbacks, and the limits."""

import glob
import mmap
import os
import subprocess
import time
from typing import NamedTuple

CONFIG = "/sys/kernel/config"
SIZE_MB = 512
QUEUE_DEPTH = 64
# what 256k and 1M need to reach the target in one command
MAX_TRANSFER_KB = 1024
STORE = "/tmp/scst-bench"


class Field(NamedTuple):
    """Who takes part: {name: function that makes its disks}; and each of ours
    with whom it has to beat."""
    rivals: dict
    pairs: tuple


def write(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def run(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def wait_for(condition):
    for _ in range(1000):
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise RuntimeError("a disk did not come")


def scsi_disk(model):
    """The disk whose INQUIRY data has this product identification."""
    def look():
        for path in glob.glob("/sys/class/block/sd*/device/model"):
            if read(path) == model and int(read(path[:-len("device/model")] + "size")):
                return "/dev/" + path.split("/")[4]
        return None

    return wait_for(look)


def file_store():
    """A file with all its blocks, on ext4 in memory: the file system that most
    targets have, without a device that would hide the target. All rivals serve
    the very same file: where its pages lie makes more of a difference than who
    serves it."""
    path = f"{STORE}/store.img"
    if os.path.exists(path):
        return path
    run("modprobe", "null_blk", "nr_devices=0")
    base = f"{CONFIG}/nullb/store"
    os.mkdir(base)
    for attr, value in (("memory_backed", 1), ("size", 2 * SIZE_MB), ("power", 1)):
        write(f"{base}/{attr}", value)
    os.makedirs(STORE, exist_ok=True)
    run("mkfs.ext4", "-q", "-E", "nodiscard", "/dev/store")
    run("mount", "/dev/store", STORE)
    run("dd", "if=/dev/zero", f"of={path}", "bs=1M", f"count={SIZE_MB}", "status=none")
    return path


def null_blk():
    """The block layer with nothing below: what no SCSI disk can beat."""
    run("modprobe", "null_blk", "nr_devices=0")
    base = f"{CONFIG}/nullb/limit"
    os.mkdir(base)
    for attr, value in (("irqmode", 0), ("queue_mode", 2), ("size", 1024 * SIZE_MB),
                        ("hw_queue_depth", QUEUE_DEPTH), ("power", 1)):
        write(f"{base}/{attr}", value)
    return ["/dev/limit"]


def scsi_debug():
    """The SCSI mid-layer with nothing below."""
    run("modprobe", "scsi_debug", "fake_rw=1", "delay=0", f"virtual_gb={SIZE_MB}",
        "max_queue=128")
    return [scsi_disk("scsi_debug")]


def _lio_device(number, plugin, name, control, **attrs):
    device = f"{CONFIG}/target/core/{plugin}_{number}/{name}"
    os.makedirs(device)
    write(f"{device}/control", control)
    write(f"{device}/enable", 1)
    for attr, value in attrs.items():
        write(f"{device}/attrib/{attr}", value)
    return device


def lio_null_device(number):
    pages = SIZE_MB * 256
    return _lio_device(number, "rd_mcp", "null", f"rd_pages={pages},rd_nullio=1")


def lio_file_device(number):
    return _lio_device(number, "fileio", "file",
                       f"fd_dev_name={file_store()},"
                       f"fd_dev_size={SIZE_MB << 20},fd_buffered_io=1",
                       emulate_write_cache=1)


def _loopback(number, device, model):
    tpg = f"{CONFIG}/target/loopback/naa.500140500000000{number}/tpgt_1"
    os.makedirs(tpg)
    write(f"{tpg}/nexus", f"naa.500140510000000{number}")
    os.mkdir(f"{tpg}/lun/lun_0")
    os.symlink(device, f"{tpg}/lun/lun_0/link")
    return [scsi_disk(model)]


def lio_null():
    return _loopback(1, lio_null_device(1), "RAMDISK-MCP")


def lio_file():
    return _loopback(2, lio_file_device(2), "FILEIO")


def _scst_device(handler, name, **attrs):
    run("modprobe", "scst_vdisk")
    device = f"{CONFIG}/scst/handlers/{handler}/{name}"
    os.mkdir(device)
    for attr, value in attrs.items():
        write(f"{device}/{attr}", value)
    write(f"{device}/enabled", 1)
    return device


def scst_null_device(name):
    return _scst_device("vdisk_nullio", name, size_mb=1024 * SIZE_MB)


def scst_file_device(name):
    return _scst_device("vdisk_fileio", name, filename=file_store())


def scst_target(target, device):
    """A target's LUN 0; the target goes to work."""
    os.mkdir(f"{target}/luns/0")
    os.symlink(device, f"{target}/luns/0/disk")
    write(f"{target}/enabled", 1)


def _scst_local(device):
    run("modprobe", "scst_local")
    name = os.path.basename(device)
    target = f"{CONFIG}/scst/targets/scst_local/{name}"
    os.mkdir(target)
    scst_target(target, device)
    os.mkdir(f"{target}/sessions/bench")
    return [scsi_disk(name)]


def scst_null():
    return _scst_local(scst_null_device("scst-null"))


def scst_file():
    return _scst_local(scst_file_device("scst-file"))


FIELD = Field({
    "null_blk": null_blk,
    "scsi_debug": scsi_debug,
    "LIO null": lio_null,
    "SCST null": scst_null,
    "LIO file": lio_file,
    "SCST file": scst_file,
}, (("SCST null", "LIO null"), ("SCST file", "LIO file")))


def set_alike(disk):
    """Same scheduler, same depth, same largest transfer, no entropy."""
    base = "/sys/class/block/" + os.path.basename(disk)
    write(f"{base}/queue/scheduler", "none")
    write(f"{base}/queue/add_random", 0)
    most = int(read(f"{base}/queue/max_hw_sectors_kb"))
    write(f"{base}/queue/max_sectors_kb", min(MAX_TRANSFER_KB, most))
    if os.path.exists(f"{base}/device/queue_depth"):
        write(f"{base}/device/queue_depth", QUEUE_DEPTH)


def quiet():
    """No writeback beside what is measured; and no page of the guest's memory
    whose first touch the host still has to serve."""
    for attr, value in (("dirty_writeback_centisecs", 0), ("dirty_ratio", 95),
                        ("dirty_background_ratio", 90)):
        write(f"/proc/sys/vm/{attr}", value)
    with open("/proc/meminfo", encoding="ascii") as file:
        available = next(int(line.split()[1]) for line in file
                         if line.startswith("MemAvailable:"))
    with mmap.mmap(-1, available * 1024 * 9 // 10) as memory:
        for offset in range(0, len(memory), mmap.PAGESIZE):
            memory[offset] = 1


def make(field):
    """{name: its disks}"""
    made = {}
    for name, function in field.rivals.items():
        made[name] = function()
        for disk in made[name]:
            set_alike(disk)
    return made
