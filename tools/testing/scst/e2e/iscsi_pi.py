#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""Protection information over iSCSI: it comes behind each block."""
import contextlib
import fcntl
import os

import iscsi_lib
import iscsi_raw
from lib import (SCRATCH, Device, Trace, case, check, dismantle, equal, fileio,
                 loop_device, run, unmount, wait_for, waiting_in)
from pi_lib import (COMPARE, GUARD, MISCOMPARE, OR, REF, SIZE, WRITE, Disk,
                    cdb16, refused, round_trip, side_file, spoil, update_trip)


def served():
    """A protected disk, over iSCSI"""
    iscsi_lib.expect_errors()
    device = fileio(size=SIZE, dif_type=1, dif_filename=side_file())
    target = iscsi_lib.Target()
    iscsi_lib.serve()
    return Disk(device, target=target)


@case('iSCSI: what was sent comes back, and what is wrong is found')
def inline():
    disk = served()
    round_trip(disk)
    wire = disk.pattern(70, 1000)
    refused(disk.send(cdb16(WRITE, 70, 1000, 1), spoil(wire, disk, 999, 1)),
            GUARD, 1069)


@case('iSCSI: COMPARE AND WRITE and ORWRITE')
def updates():
    disk = served()
    update_trip(disk, 70, 255)
    old, new = disk.pattern(70, 255), disk.pattern(70, 255)
    disk.write(70, 255, old)
    refused(disk.send(cdb16(COMPARE, 70, 255, 1),
                      old + spoil(new, disk, 254, 519)), REF, 324)
    refused(disk.send(cdb16(COMPARE, 70, 255, 1),
                      spoil(old, disk, 254, 3) + new), MISCOMPARE,
            254 * 520 + 3)
    refused(disk.send(cdb16(OR, 70, 255, 1), spoil(new, disk, 254, 512)),
            GUARD, 324)
    equal(disk.read(70, 255) == old, True, 'the medium')


FREEZE, THAW = 0xc0045877, 0xc0045878


@contextlib.contextmanager
def file_system():
    where = os.path.join(SCRATCH, 'mnt')
    os.makedirs(where, exist_ok=True)
    with loop_device() as store:
        run('mkfs.ext4', '-q', store)
        run('mount', store, where)
        try:
            yield where
        finally:
            dismantle()
            unmount(where)


@contextlib.contextmanager
def frozen(where):
    """What writes to the file system waits; what reads does not."""
    fd = os.open(where, os.O_RDONLY)
    fcntl.ioctl(fd, FREEZE, 0)
    try:
        yield
    finally:
        fcntl.ioctl(fd, THAW, 0)
        os.close(fd)


def writer_waits():
    return waiting_in('vdisk_', 'percpu_rwsem_wait')


@case('a COMPARE AND WRITE that is aborted between two writes does them all')
def aborted():
    iscsi_lib.expect_errors()
    with file_system() as where:
        name = os.path.join(where, 'data')
        with open(name, 'wb') as f:
            f.truncate(SIZE)
        target = iscsi_lib.Target()
        iscsi_lib.serve()
        disk = Disk(Device('vdisk_fileio', 'f0', filename=name, dif_type=1,
                           dif_filename=side_file()), target=target)
        one, other = target.raw(isid=1), target.raw(isid=2)
        for session in one, other:
            session.command('000000000000')
        old, new = disk.pattern(70, 255), disk.pattern(70, 255)
        disk.write(70, 255, old)
        with Trace('scst/scst_tm_start') as trace:
            with frozen(where):
                task = one.submit(cdb16(COMPARE, 70, 255, 1), out=old + new)
                wait_for(lambda: one.nop(b'there') and writer_waits(),
                         'the first write')
                other.send(other.number(iscsi_raw.Pdu(
                    iscsi_raw.TMF | iscsi_raw.IMMEDIATE,
                    flags=iscsi_raw.FINAL | iscsi_raw.LU_RESET,
                    lun=iscsi_raw.lun_of(0), itt=other.tag(),
                    ref_tag=iscsi_raw.NO_TAG)))
                wait_for(lambda: other.nop(b'there') and
                         any('scst_tm_start' in line
                             for line in trace.lines()), 'the reset')
                check(writer_waits() and not other.others,
                      'the reset waits for the write')
            wait_for(lambda: other.nop(b'there') and other.others,
                     'the end of the reset')
        equal(task.status, None, 'what was aborted is not answered')
        session = target.raw(isid=3)
        session.command('000000000000')
        result = session.command(cdb16(0x88, 70, 255, 1), read=255 * 520)
        equal(bytes(result.data) == new, True, 'all of it is written')
        for session in one, other, session:
            session.close()


if __name__ == '__main__':
    iscsi_lib.main()
