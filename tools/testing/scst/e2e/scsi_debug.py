# SPDX-License-Identifier: GPL-2.0
"""A backing store that is a SCSI disk of its own: the module scsi_debug."""
import contextlib
import glob
import os

from lib import dismantle, read, run, wait_for

SIZE_MB = 16


@contextlib.contextmanager
def scsi_debug(**params):
    """The node of a disk in memory, gone with the module at the end"""
    run('modprobe', 'scsi_debug', 'dev_size_mb=%d' % SIZE_MB, 'delay=0',
        *('%s=%s' % param for param in params.items()))

    def node():
        for vendor in glob.glob('/sys/class/block/sd*/device/vendor'):
            if read(vendor).strip() == 'Linux' and \
                    read(vendor[:-6] + 'model').strip() == 'scsi_debug':
                return '/dev/' + vendor.split('/')[4]
        return None

    store = wait_for(node, 'the disk of scsi_debug')
    wait_for(lambda: os.path.exists(store), store)
    try:
        yield store
    finally:
        dismantle()
        wait_for(lambda: not run('modprobe', '-r', 'scsi_debug', status=None),
                 'the end of scsi_debug')


def atomic_disk(**attrs):
    return scsi_debug(atomic_wr=1, **attrs)
