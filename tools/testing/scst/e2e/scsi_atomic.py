#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""WRITE ATOMIC, on the one store that says what it can: scsi_debug."""
import glob
import mmap
import os

import sgio
from lib import (Target, blockio, case, check, dismantle, equal, fails, fileio,
                 main, nullio, read, set_active, write)
from scsi_debug import SIZE_MB, atomic_disk, scsi_debug
from sgio import GOOD, IN, OUT, command, sg_of

BLOCK = 512
INVALID_FIELD = (5, 0x24, 0)
INVALID_OPCODE = (5, 0x20, 0)
NOT_READY = (2, 4, 0)
INCOMPLETE = (11, 0x0c, 0x10)
RWF_ATOMIC = 0x40


def stores(function):
    """The case on a block device, and on one that is opened as a file."""
    def on_block():
        with atomic_disk() as store:
            function(sg_of(blockio(store)), store)

    def on_file():
        with atomic_disk() as store:
            device = fileio('a0', o_direct=1, enable=False)
            device.set('filename', store)
            device.set('enabled', 1)
            function(sg_of(device), store)

    case('%s: vdisk_blockio' % function.__doc__)(on_block)
    case('%s: vdisk_fileio' % function.__doc__)(on_file)


def limits(sg):
    """MAXIMUM LENGTH, ALIGNMENT, GRANULARITY, the two with boundary"""
    page = command(sg, '1201b0004000', IN, length=64).data
    return [int.from_bytes(page[i:i + 4], 'big') for i in range(44, 64, 4)]


def atomic(sg, lba, data, boundary=0, flags=0, blocks=None):
    blocks = len(data) // BLOCK if blocks is None else blocks
    return command(sg, bytes([0x9c, flags]) + lba.to_bytes(8, 'big') +
                   boundary.to_bytes(2, 'big') + blocks.to_bytes(2, 'big') +
                   bytes(2), OUT if data else sgio.NONE, data)


def atomic32(sg, lba, data, boundary=0):
    return command(sg, bytes([0x7f, 0, 0, 0]) + boundary.to_bytes(2, 'big') +
                   bytes([0, 0x18, 0, 0x0f, 0, 0]) + lba.to_bytes(8, 'big') +
                   bytes(8) + (len(data) // BLOCK).to_bytes(4, 'big'), OUT,
                   data)


def contents(sg, lba, blocks):
    got = command(sg, bytes([0x88, 0]) + lba.to_bytes(8, 'big') +
                  blocks.to_bytes(4, 'big') + bytes(2), IN,
                  length=blocks * BLOCK)
    equal(got.status, GOOD, 'status')
    return got.data


def refused(result, field):
    equal(result.triple, INVALID_FIELD, 'sense')
    equal(result.field, field, 'field pointer')


def supported(sg, opcode='9c', service_action='0000'):
    data = command(sg, 'a30c03%s%s0000004000' % (opcode, service_action) +
                   '00', IN, length=64).data
    return data[1] & 7 == 3


@stores
def what_it_says(sg, store):
    """the Block Limits VPD page has what the store guarantees"""
    queue = '/sys/class/block/%s/queue/' % os.path.basename(store)
    most = int(read(queue + 'atomic_write_unit_max_bytes')) // BLOCK
    unit = int(read(queue + 'atomic_write_unit_min_bytes')) // BLOCK
    check(most >= 256 and unit == 2, (most, unit))
    equal(limits(sg), [most, unit, unit, 16384, most], 'limits')
    check(supported(sg), 'WRITE ATOMIC(16) is not supported')
    check(supported(sg, '7f', '000f'), 'WRITE ATOMIC(32) is not supported')


@stores
def writes(sg, _store):
    """what was written is there, and nothing beside"""
    before = os.urandom(2100 * BLOCK)
    want = bytearray(before)
    for lba in range(0, 2100, 700):
        data = before[lba * BLOCK:(lba + 700) * BLOCK]
        equal(atomic(sg, lba, data).status, GOOD, 'status')
    for lba, blocks, flags in ((0, 2, 0), (6, 10, 8), (300, 256, 0x10),
                               (1000, 1024, 0x18)):
        data = os.urandom(blocks * BLOCK)
        equal(atomic(sg, lba, data, flags=flags).status, GOOD, 'status')
        want[lba * BLOCK:(lba + blocks) * BLOCK] = data
    data = os.urandom(8 * BLOCK)
    equal(atomic32(sg, 64, data).status, GOOD, 'status')
    want[64 * BLOCK:72 * BLOCK] = data
    equal(atomic(sg, 4, b'').status, GOOD, 'status')
    for lba in range(0, 2100, 700):
        check(contents(sg, lba, 700) == want[lba * BLOCK:(lba + 700) * BLOCK],
              'other data at %d' % lba)


@stores
def in_pieces(sg, _store):
    """with an atomic boundary, more than can be written as a whole"""
    most = limits(sg)[0]
    data = os.urandom((3 * most + 100) * BLOCK)
    for boundary in (2, 24, most):
        data = data[BLOCK * 2:] + data[:BLOCK * 2]
        equal(atomic(sg, 2, data, boundary).status, GOOD, 'status')
        for at in range(0, 3 * most, most):
            check(contents(sg, 2 + at, most) ==
                  data[at * BLOCK:(at + most) * BLOCK], 'other data')
    equal(atomic32(sg, 0, data, 2).status, GOOD, 'status')


@stores
def refusals(sg, _store):
    """what cannot be written as a whole is refused, and not written"""
    most = limits(sg)[0]
    before = contents(sg, 0, 64)
    data = os.urandom(64 * BLOCK)
    refused(atomic(sg, 1, data), (2, 7))
    refused(atomic(sg, 0, data[:BLOCK * 3]), (12, 7))
    refused(atomic(sg, 0, bytes((most + 2) * BLOCK)), (12, 7))
    refused(atomic(sg, 0, data, boundary=3), (10, 7))
    refused(atomic(sg, 0, data, boundary=most + 2), (10, 7))
    refused(atomic(sg, 0, data, flags=0x20), (1, 5))
    refused(atomic32(sg, 0, data, 3), (4, 7))
    # Less comes than is to be written
    refused(atomic(sg, 0, data[:BLOCK * 32], blocks=64), (12, 7))
    equal(atomic(sg, SIZE_MB << 11, b'').status, GOOD, 'status')
    equal(atomic(sg, (SIZE_MB << 11) - 2, data).triple, (5, 0x21, 0), 'sense')
    check(contents(sg, 0, 64) == before, 'something was written')


@case('a store with blocks of 4096 bytes in 512: units')
def units():
    with atomic_disk(physblk_exp=3, atomic_wr_gran=8, atomic_wr_align=8,
                     atomic_wr_max_length=128) as store:
        sg = sg_of(blockio(store))
        equal(limits(sg), [128, 8, 8, 16384, 128], 'limits')
        refused(atomic(sg, 0, bytes(BLOCK * 4)), (12, 7))
        data = os.urandom(BLOCK * 128)
        equal(atomic(sg, 8, data).status, GOOD, 'status')
        check(contents(sg, 8, 128) == data, 'other data')


@case('a store whose physical blocks are larger than its units')
def physical():
    with atomic_disk(physblk_exp=3, atomic_wr_gran=1, atomic_wr_align=1,
                     atomic_wr_max_length=128) as store:
        sg = sg_of(blockio(store))
        equal(limits(sg)[:3], [128, 8, 8], 'limits')
        data = os.urandom(BLOCK * 128)
        refused(atomic(sg, 1, data), (2, 7))
        equal(atomic(sg, 8, data).status, GOOD, 'status')
        check(contents(sg, 8, 128) == data, 'other data')


def not_there(sg):
    equal(limits(sg), [0] * 5, 'limits')
    equal(atomic(sg, 0, bytes(BLOCK)).triple, INVALID_OPCODE, 'sense')
    check(not supported(sg), 'WRITE ATOMIC(16) is supported')


@case('a store that guarantees nothing: there is no such command')
def no_guarantee():
    not_there(sg_of(fileio()))
    dismantle()
    with scsi_debug() as store:
        not_there(sg_of(blockio(store)))


@case('a disk through the page cache guarantees nothing')
def cached():
    with atomic_disk() as store:
        device = fileio('a0', enable=False)
        device.set('filename', store)
        device.set('enabled', 1)
        not_there(sg_of(device))


@case('a store that is not there: not ready, whatever it could do')
def closed():
    with atomic_disk() as store:
        device = blockio(store)
        sg = sg_of(device)
        set_active(device, 0)
        equal(atomic(sg, 0, bytes(BLOCK * 16)).triple, NOT_READY, 'closed')
        device.set('filename', '/dev/scst-none')
        with fails('ENOENT'):
            set_active(device, 1)
        equal(atomic(sg, 0, bytes(BLOCK * 16)).triple, NOT_READY, 'not found')
        device.set('filename', store)
        set_active(device, 1)
        sgio.settle(sg)
        equal(atomic(sg, 0, bytes(BLOCK * 16)).status, GOOD, 'status')


@case('vdisk_nullio: all that a command can say')
def null():
    sg = sg_of(nullio())
    equal(limits(sg), [16384, 1, 1, 16384, 16384], 'limits')
    equal(atomic(sg, 5, bytes(BLOCK * 3)).status, GOOD, 'status')


@case('what Linux makes of it: pwritev2() with RWF_ATOMIC')
def from_linux():
    with atomic_disk() as store:
        target = Target()
        target.add(0, blockio(store))
        disk = target.login().disk()
        queue = '/sys/class/block/%s/queue/' % os.path.basename(disk)
        check(int(read(queue + 'atomic_write_unit_max_bytes')) >= 16384,
              'sd does not see it')
        data = mmap.mmap(-1, 16384)
        data[:] = os.urandom(16384)
        fd = os.open(disk, os.O_RDWR | os.O_DIRECT)
        try:
            equal(os.pwritev(fd, [data], 65536, RWF_ATOMIC), 16384, 'bytes')
        finally:
            os.close(fd)
        with open(store, 'rb') as below:
            below.seek(65536)
            check(below.read(16384) == data[:], 'other data')


def inject(line):
    where, = glob.glob('/sys/kernel/debug/scsi_debug/*/error')
    write(where, line)


@case('a store that fails: nothing is tried in smaller pieces')
def failing():
    write('/dev/kmsg', 'scst-test: expect .*(critical|I/O error).*')
    with atomic_disk() as store:
        sg = sg_of(blockio(store))
        most = limits(sg)[0]
        before = contents(sg, 0, 2 * most)
        # All WRITE ATOMIC(16): CHECK CONDITION, MEDIUM ERROR, WRITE ERROR
        inject('2 -1000 0x9c 0 0 2 3 0xc 0')
        equal(atomic(sg, 0, os.urandom(BLOCK * 16)).triple[0], 3, 'sense key')
        equal(atomic(sg, 0, os.urandom(BLOCK * 2 * most), 2).triple,
              INCOMPLETE, 'sense')
        inject('- 2 0x9c')
        check(contents(sg, 0, 2 * most) == before, 'something was written')
        equal(atomic(sg, 0, bytes(BLOCK * 16)).status, GOOD, 'status')


if __name__ == '__main__':
    main()
