# SPDX-License-Identifier: GPL-2.0
"""The disks that are compared: each made, found, and set alike."""

import glob
import mmap
import os
import subprocess
import time

CONFIG = "/sys/kernel/config"
SIZE_MB = 512
QUEUE_DEPTH = 64
STORE = "/tmp/scst-bench"


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
    return "/dev/limit"


def scsi_debug():
    """The SCSI mid-layer with nothing below."""
    run("modprobe", "scsi_debug", "fake_rw=1", "delay=0", f"virtual_gb={SIZE_MB}",
        "max_queue=128")
    return scsi_disk("scsi_debug")


def _lio(number, plugin, name, model, control, **attrs):
    core = f"{CONFIG}/target/core/{plugin}_{number}/{name}"
    os.makedirs(core)
    write(f"{core}/control", control)
    write(f"{core}/enable", 1)
    for attr, value in attrs.items():
        write(f"{core}/attrib/{attr}", value)
    tpg = f"{CONFIG}/target/loopback/naa.500140500000000{number}/tpgt_1"
    os.makedirs(tpg)
    write(f"{tpg}/nexus", f"naa.500140510000000{number}")
    os.mkdir(f"{tpg}/lun/lun_0")
    os.symlink(core, f"{tpg}/lun/lun_0/link")
    return scsi_disk(model)


def lio_null():
    os.makedirs("/var/target/pr", exist_ok=True)
    pages = SIZE_MB * 256
    return _lio(1, "rd_mcp", "null", "RAMDISK-MCP",
                f"rd_pages={pages},rd_nullio=1")


def lio_file():
    path = file_store()
    return _lio(2, "fileio", "file", "FILEIO", f"fd_dev_name={path},"
                f"fd_dev_size={SIZE_MB << 20},fd_buffered_io=1", emulate_write_cache=1)


def _scst(handler, name, **attrs):
    run("modprobe", "scst_vdisk")
    run("modprobe", "scst_local")
    device = f"{CONFIG}/scst/handlers/{handler}/{name}"
    os.mkdir(device)
    for attr, value in attrs.items():
        write(f"{device}/{attr}", value)
    write(f"{device}/enabled", 1)
    target = f"{CONFIG}/scst/targets/scst_local/{name}"
    os.mkdir(target)
    os.mkdir(f"{target}/luns/0")
    os.symlink(device, f"{target}/luns/0/{name}")
    write(f"{target}/enabled", 1)
    os.mkdir(f"{target}/sessions/bench")
    return scsi_disk(name)


def scst_null():
    return _scst("vdisk_nullio", "scst-null", size_mb=1024 * SIZE_MB)


def scst_file():
    return _scst("vdisk_fileio", "scst-file", filename=file_store())


RIVALS = {
    "null_blk": null_blk,
    "scsi_debug": scsi_debug,
    "LIO null": lio_null,
    "SCST null": scst_null,
    "LIO file": lio_file,
    "SCST file": scst_file,
}
# each of ours, and whom it has to beat
PAIRS = (("SCST null", "LIO null"), ("SCST file", "LIO file"))


def set_alike(disk):
    """Same scheduler, same depth, no read-ahead, no entropy."""
    base = "/sys/class/block/" + os.path.basename(disk)
    write(f"{base}/queue/scheduler", "none")
    write(f"{base}/queue/add_random", 0)
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


def make(names):
    """{name: device node}"""
    quiet()
    disks = {}
    for name in names:
        disks[name] = RIVALS[name]()
        set_alike(disks[name])
    return disks
