# SPDX-License-Identifier: GPL-2.0
"""The command line of a User Mode Linux guest."""

from paths import LAB


def argv(_flavour, folder, _writable, memory):
    """The guest's kernel as a process, the host's / as its root."""
    return [
        str(folder / "kernel"), f"mem={memory}", f"uml_dir={folder}",
        "umid=guest", "root=/dev/root", "rootfstype=hostfs", "hostfs=/", "ro",
        f"init={LAB}/init.sh", f"SCST_RUN_DIR={folder}", "con=null",
        "con0=fd:0,fd:1", "loglevel=8", "printk.devkmsg=on", "panic=-1",
    ]
