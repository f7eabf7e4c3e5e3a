#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""Data in both directions, CDBs of more than 16 bytes, and what the transport
expects of commands that nobody knows."""
import os
import struct

from iscsi_lib import Target, main, serve, write
from iscsi_raw import BIDI_OVERFLOW, BIDI_UNDERFLOW, UNDERFLOW
from lib import (blockio, case, check, dismantle, equal, fails, fileio,
                 loop_device, read)

BLOCK = 512
GOOD, CHECK_CONDITION = 0, 2
INVALID_OPCODE, INVALID_FIELD, BAD_IU = (
    (5, 0x20, 0), (5, 0x24, 0), (5, 0x0e, 3))
OUT_OF_RANGE = (5, 0x21, 0)
DISABLE_WRITE = 4


def one_disk(device=None, **params):
    """A target, and a session whose unit attention is out of the way."""
    target = Target(**params)
    device = device or fileio()
    target.add(0, device)
    serve()
    session = target.raw()
    session.command('000000000000')
    return device, session


def xd(lba, blocks, flags=0):
    return struct.pack('>BBIBHB', 0x53, flags, lba, 0, blocks, 0)


def long_cdb(action, lba, blocks, flags=0):
    return struct.pack('>BB4xBBHBBQ8xI', 0x7f, 0, 0, 24, action, flags, 0,
                       lba, blocks)


def get(session, lba, blocks):
    cdb = struct.pack('>BBIBHB', 0x28, 0, lba, 0, blocks, 0)
    task = session.command(cdb, read=blocks * BLOCK)
    equal(task.status, GOOD, 'status of a read')
    return bytes(task.data)


def put(session, lba, data):
    cdb = struct.pack('>BBIBHB', 0x2a, 0, lba, 0, len(data) // BLOCK, 0)
    equal(session.command(cdb, out=data).status, GOOD, 'status of a write')


def xor(one, other):
    return bytes(a ^ b for a, b in zip(one, other))


def exchange(session, cdb, old, new, lba=8):
    """The answer is the difference; the new data is there, or the old."""
    put(session, lba, old)
    task = session.command(cdb, read=len(new), out=new)
    equal(task.status, GOOD, 'status')
    equal(task.flags & ~0x80, 0, 'flags')
    equal((task.residual, task.bidi_residual), (0, 0), 'residuals')
    equal(bytes(task.data), xor(old, new), 'difference')
    return task


def random_pair(blocks):
    return os.urandom(blocks * BLOCK), os.urandom(blocks * BLOCK)


def lengths(session):
    for blocks in (1, 2, 64, 1000, 4096):
        old, new = random_pair(blocks)
        exchange(session, xd(8, blocks), old, new)
        equal(get(session, 8, blocks), new, '%d blocks' % blocks)
    session.close()


@case('XDWRITEREAD(10): vdisk_fileio')
def xd_fileio():
    lengths(one_disk()[1])


@case('XDWRITEREAD(10): vdisk_blockio')
def xd_blockio():
    with loop_device() as store:
        lengths(one_disk(blockio(store))[1])
        dismantle()


@case('XDWRITEREAD(10) with R2Ts and many Data-Ins')
def xd_many_pdus():
    _, session = one_disk(InitialR2T='Yes', ImmediateData='No',
                          MaxRecvDataSegmentLength=4096,
                          MaxBurstLength=16384, FirstBurstLength=4096)
    old, new = random_pair(256)
    task = exchange(session, xd(8, 256), old, new)
    check(task.r2ts == 8 and task.data_ins >= 8,
          '%d R2Ts, %d Data-Ins' % (task.r2ts, task.data_ins))
    session.close()


@case('XDWRITEREAD(10) that does not write')
def xd_read_only():
    _, session = one_disk()
    old, new = random_pair(16)
    exchange(session, xd(8, 16, DISABLE_WRITE), old, new)
    equal(get(session, 8, 16), old, 'data')
    session.close()


@case('residuals in both directions')
def residuals():
    _, session = one_disk()
    old, new = random_pair(2)
    for length, flag in ((100, BIDI_OVERFLOW), (4096, BIDI_UNDERFLOW)):
        put(session, 8, old)
        task = session.command(xd(8, 2), read=length, out=new)
        equal(task.status, GOOD, 'status')
        equal(bytes(task.data), xor(old, new)[:length], 'data')
        equal(task.flags & 0x1e, flag, 'flags')
        equal(task.bidi_residual, abs(length - 1024), 'residual')
        equal(get(session, 8, 2), new, 'data')
    # A command that has one direction only
    task = session.command('2a000000000800000200', read=777, out=new)
    equal((task.status, task.flags & 0x1e, task.bidi_residual),
          (GOOD, BIDI_UNDERFLOW, 777), 'write')
    session.close()


def refused(task, sense):
    equal((task.status, task.sense_code()), (CHECK_CONDITION, sense), 'answer')
    equal(bytes(task.data), b'', 'data')


@case('what is refused')
def refusals():
    _, session = one_disk()
    old, new = random_pair(2)
    put(session, 8, old)
    # One direction only; and lengths that are not those of the CDB
    refused(session.command(xd(8, 2), out=new), BAD_IU)
    refused(session.command(xd(8, 2), read=1024), BAD_IU)
    refused(session.command(xd(8, 3), read=1024, out=new), INVALID_FIELD)
    refused(session.command(xd(8, 1), read=1024, out=new), INVALID_FIELD)
    # A part of a long CDB, one that says that it is another, none of ours
    cdb = long_cdb(7, 8, 2)
    for wrong in (cdb[:20], cdb[:7] + b'\x10' + cdb[8:],
                  long_cdb(0x7777, 8, 2)):
        refused(session.command(wrong, read=1024, out=new), INVALID_FIELD)
    equal(get(session, 8, 2), old, 'data')
    # Beyond the end
    task = session.command(xd(1 << 30, 2), read=1024, out=new)
    refused(task, OUT_OF_RANGE)
    check(task.flags & BIDI_UNDERFLOW and task.bidi_residual == 1024,
          'residual')
    # Nothing to do
    task = session.command(xd(8, 0))
    equal((task.status, task.flags & UNDERFLOW), (GOOD, 0), 'nothing')
    session.close()


@case('XDWRITEREAD(32), also with more behind it than it says')
def long_cdbs():
    _, session = one_disk()
    old, new = random_pair(3)
    cdb = long_cdb(7, 8, 3)
    for this in (cdb, cdb + bytes(200)):
        exchange(session, this, old, new)
        equal(get(session, 8, 3), new, 'data')
    exchange(session, long_cdb(7, 8, 3, DISABLE_WRITE), old, new)
    equal(get(session, 8, 3), old, 'data that is not to be written')
    session.close()


@case('expected_values')
def expected_values():
    device, session = one_disk()
    path = device.path + '/expected_values'
    equal(read(path), 'verify', 'at first')
    for value in ('trust', 'verify'):
        write(path, value)
        equal(read(path), value, 'value')
        # vdisk executes nothing that it does not know.
        refused(session.command('c1' + '00' * 9, read=100), INVALID_OPCODE)
        refused(session.command('c1' + '00' * 9, out=bytes(100)),
                INVALID_OPCODE)
    for value in ('Trust', '1', 'trusted'):
        with fails('EINVAL'):
            write(path, value)
    session.close()


if __name__ == '__main__':
    main()
