#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Block commands beyond reading and writing: what they do to the medium."""
import os

import sgio
from lib import (Target, blockio, case, check, dismantle, equal, fileio,
                 loop_device, main, nullio, run, write as write_file)
from sgio import CHECK_CONDITION, GOOD, IN, OUT, command

OUT_OF_RANGE = (5, 0x21, 0)
INVALID_FIELD = (5, 0x24, 0)

SIZE = 8 << 20
BLOCK = 512


def sg_of(device):
    target = Target()
    target.add(0, device)
    sg = target.login().sg()
    sgio.settle(sg)
    return sg


def refused(result, triple, field=None):
    equal(result.status, CHECK_CONDITION, 'status')
    equal(result.triple, triple, 'sense')
    if field is not None:
        equal(result.field, field, 'field pointer')


def good(result):
    check(result.status == GOOD, 'a command is refused: %r' % result)
    return result


def stores(function):
    """The case for a thin disk in a file, and for one on a block device."""
    def on_file():
        function(sg_of(fileio(size=SIZE, thin_provisioned=1)))

    def on_block():
        # What the file system below the loop device does not know, it
        # complains of; the block layer then writes zeros.
        write_file('/dev/kmsg', 'scst-test: expect operation not supported '
                   'error, dev loop')
        with loop_device(SIZE) as store:
            function(sg_of(blockio(store, thin_provisioned=1)))

    case('%s: vdisk_fileio' % function.__doc__)(on_file)
    case('%s: vdisk_blockio' % function.__doc__)(on_block)


def cdb16(opcode, flags, lba, count):
    return (bytes([opcode, flags]) + lba.to_bytes(8, 'big') +
            count.to_bytes(4, 'big') + bytes(2))


def cdb10(opcode, flags, lba, count):
    return (bytes([opcode, flags]) + lba.to_bytes(4, 'big') + bytes(1) +
            count.to_bytes(2, 'big') + bytes(1))


def write(sg, lba, data):
    good(command(sg, cdb16(0x8a, 0, lba, len(data) // BLOCK), OUT, data))


def read(sg, lba, count):
    return good(command(sg, cdb16(0x88, 0, lba, count), IN,
                        length=count * BLOCK)).data


def pattern(blocks):
    return os.urandom(blocks * BLOCK)


def allocated(path='f0'):
    """Bytes that the file of a disk takes."""
    return os.stat('/tmp/scst-test.%d/%s' % (os.getpid(), path)).st_blocks * 512


@stores
def write_same(sg):
    """WRITE SAME writes one block many times, and nothing beside"""
    before = pattern(300)
    write(sg, 0, before)
    block = pattern(1)
    good(command(sg, cdb10(0x41, 0, 10, 200), OUT, block))
    want = before[:10 * BLOCK] + block * 200 + before[210 * BLOCK:]
    equal(read(sg, 0, 300) == want, True, 'the medium')
    good(command(sg, cdb16(0x93, 0, 1, 2), OUT, bytes(BLOCK)))
    # NDOB: no data, hence zeros
    good(command(sg, cdb16(0x93, 1, 20, 5)))
    want = (want[:BLOCK] + bytes(2 * BLOCK) + want[3 * BLOCK:20 * BLOCK] +
            bytes(5 * BLOCK) + want[25 * BLOCK:])
    equal(read(sg, 0, 300) == want, True, 'the medium')


@stores
def write_same_end(sg):
    """WRITE SAME of zero blocks goes to the end"""
    last = SIZE // BLOCK
    write(sg, last - 10, pattern(10))
    block = pattern(1)
    good(command(sg, cdb16(0x93, 0, last - 7, 0), OUT, block))
    equal(read(sg, last - 7, 7) == block * 7, True, 'the medium')
    good(command(sg, cdb10(0x41, 0, last, 0), OUT, block))
    refused(command(sg, cdb10(0x41, 0, last + 1, 0), OUT, block),
            OUT_OF_RANGE)
    refused(command(sg, cdb16(0x93, 0, last - 1, 2), OUT, block),
            OUT_OF_RANGE)


@stores
def write_same_unmap(sg):
    """WRITE SAME with UNMAP leaves what it was to write"""
    data = pattern(64)
    for block in (bytes(BLOCK), pattern(1)):
        write(sg, 0, data)
        good(command(sg, cdb16(0x93, 8, 8, 32), OUT, block))
        equal(read(sg, 0, 64) == data[:8 * BLOCK] + block * 32 +
              data[40 * BLOCK:], True, 'the medium')


@case('WRITE SAME with UNMAP frees what the file took')
def write_same_frees():
    sg = sg_of(fileio(size=SIZE, thin_provisioned=1))
    write(sg, 0, pattern(4096))
    full = allocated()
    good(command(sg, cdb16(0x93, 9, 0, 4096)))
    check(allocated() <= full - 4096 * BLOCK, 'nothing was freed')
    equal(read(sg, 0, 4096) == bytes(4096 * BLOCK), True, 'the medium')


@case('WRITE SAME: what is refused')
def write_same_bad():
    sg = sg_of(nullio())
    block = bytes(BLOCK)
    refused(command(sg, cdb10(0x41, 8, 0, 1), OUT, block), INVALID_FIELD,
            (1, 3))
    for flags, bit in ((0x10, 4), (0x18, 4), (2, 1), (4, 2), (0x20, 5)):
        refused(command(sg, cdb10(0x41, flags, 0, 1), OUT, block),
                INVALID_FIELD, (1, bit))
    limits = command(sg, '1201b0004000', IN, length=64).data
    most = int.from_bytes(limits[36:44], 'big')
    good(command(sg, cdb16(0x93, 0, 0, most), OUT, block))
    refused(command(sg, cdb16(0x93, 0, 0, most + 1), OUT, block),
            INVALID_FIELD, (10, 7))
    # To the end of a disk that is larger
    refused(command(sg, cdb16(0x93, 0, 0, 0), OUT, block), INVALID_FIELD)
    # Less than the one block
    short = command(sg, cdb16(0x93, 0, 0, 8), OUT, bytes(100))
    equal((short.status, short.key), (CHECK_CONDITION, 5), 'short')
    none = command(sg, cdb16(0x93, 0, 0, 8))
    equal((none.status, none.key), (CHECK_CONDITION, 5), 'no data')


@case('read_only: no WRITE SAME')
def read_only():
    sg = sg_of(nullio(read_only=1))
    refused(command(sg, cdb16(0x93, 1, 0, 8)), (7, 0x27, 0))


@case('what is announced of provisioning follows thin_provisioned')
def announced():
    for thin in (0, 1):
        sg = sg_of(nullio('n%d' % thin, thin_provisioned=thin))
        capacity = command(sg, cdb16(0x9e, 0x10, 0, 32), IN, length=32).data
        equal(capacity[14], 0xc0 if thin else 0, 'LBPME, LBPRZ')
        page = command(sg, '1201b2004000', IN, length=64).data
        equal(page[6] & 7, 2 if thin else 0, 'PROVISIONING TYPE')
        check(bool(page[5] & 0x60) == bool(thin), 'LBPWS')
        run('sg_vpd', '-p', '0xb2', sg)
        dismantle()


if __name__ == '__main__':
    main()
