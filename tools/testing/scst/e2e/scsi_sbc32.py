#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Block commands of 32 bytes do what the shorter ones do, and REPORT SUPPORTED
OPERATION CODES has them."""
import os

from lib import (blockio, case, check, dismantle, equal, fileio,
                 loop_device, main, nullio, run, write as write_file)
from sgio import IN, OUT, command, good, refused, sg_of

SIZE = 8 << 20
BLOCK = 512
READ, VERIFY, WRITE, WRITE_VERIFY, WRITE_SAME = 9, 10, 11, 12, 13
LBA_STATUS = 0x12
INVALID_FIELD, OUT_OF_RANGE = (5, 0x24, 0), (5, 0x21, 0)
MISCOMPARE, WRITE_PROTECTED = (14, 0x1d, 0), (7, 0x27, 0)


def cdb32(action, lba, count, flags=0, tags=b'\xff' * 8):
    """Tags that mean nothing, as sg_write_x sends them"""
    return (bytes([0x7f]) + bytes(6) + b'\x18' + action.to_bytes(2, 'big') +
            bytes([flags, 0]) + lba.to_bytes(8, 'big') + tags +
            count.to_bytes(4, 'big'))


def cdb16(opcode, flags, lba, count):
    return (bytes([opcode, flags]) + lba.to_bytes(8, 'big') +
            count.to_bytes(4, 'big') + bytes(2))


def read16(sg, lba, count):
    return good(command(sg, cdb16(0x88, 0, lba, count), IN,
                        length=count * BLOCK)).data


def pattern(blocks):
    return os.urandom(blocks * BLOCK)


def stores(function):
    def on_file():
        function(sg_of(fileio(size=SIZE, thin_provisioned=1)))

    def on_block():
        write_file('/dev/kmsg', 'scst-test: expect operation not supported '
                   'error, dev loop')
        with loop_device(SIZE) as store:
            function(sg_of(blockio(store, thin_provisioned=1)))

    case('%s: vdisk_fileio' % function.__doc__)(on_file)
    case('%s: vdisk_blockio' % function.__doc__)(on_block)


@stores
def read_write(sg):
    """READ(32) and WRITE(32)"""
    data = pattern(100)
    # DPO and FUA
    for flags in (0, 0x18):
        good(command(sg, cdb32(WRITE, 7, 100, flags), OUT, data))
        equal(read16(sg, 7, 100) == data, True, 'the medium')
        got = good(command(sg, cdb32(READ, 7, 100, flags), IN,
                           length=100 * BLOCK)).data
        equal(got == data, True, 'what is read')
        data = pattern(100)
    last = SIZE // BLOCK
    good(command(sg, cdb32(READ, last, 0)))
    refused(command(sg, cdb32(READ, last - 1, 2), IN, length=1024),
            OUT_OF_RANGE)
    refused(command(sg, cdb32(WRITE, 2 ** 64 - 1, 2), OUT, bytes(1024)),
            OUT_OF_RANGE)
    # RDPROTECT without protection information (SBC-4 5.15)
    refused(command(sg, cdb32(READ, 0, 1, 0x20), IN, length=512),
            INVALID_FIELD, (10, 5))


VERIFIES = (
    ('VERIFY(10)', lambda lba, n, bytchk: bytes([0x2f, bytchk << 1]) +
     lba.to_bytes(4, 'big') + bytes(1) + n.to_bytes(2, 'big') + bytes(1)),
    ('VERIFY(12)', lambda lba, n, bytchk: bytes([0xaf, bytchk << 1]) +
     lba.to_bytes(4, 'big') + n.to_bytes(4, 'big') + bytes(2)),
    ('VERIFY(16)', lambda lba, n, bytchk: cdb16(0x8f, bytchk << 1, lba, n)),
    ('VERIFY(32)', lambda lba, n, bytchk: cdb32(VERIFY, lba, n, bytchk << 1)))


@stores
def verify(sg):
    """VERIFY 10 to 32 compares as BYTCHK says"""
    data, block = pattern(150), pattern(1)
    good(command(sg, cdb16(0x8a, 0, 5, 150), OUT, data))
    good(command(sg, cdb16(0x93, 0, 200, 150), OUT, block))
    for name, cdb in VERIFIES:
        good(command(sg, cdb(5, 150, 0)))
        good(command(sg, cdb(5, 150, 1), OUT, data))
        good(command(sg, cdb(200, 150, 3), OUT, block))
        for offset in (0, 70000, 150 * BLOCK - 1):
            wrong = bytearray(data)
            wrong[offset] ^= 1
            result = command(sg, cdb(5, 150, 1), OUT, wrong)
            refused(result, MISCOMPARE)
            equal(result.information, offset, '%s: INFORMATION' % name)
        result = command(sg, cdb(199, 150, 3), OUT, block)
        refused(result, MISCOMPARE)
        refused(command(sg, cdb(5, 150, 2), OUT, data), INVALID_FIELD)


@stores
def write_verify(sg):
    """WRITE AND VERIFY(32) writes"""
    for bytchk in (0, 1):
        data = pattern(130)
        good(command(sg, cdb32(WRITE_VERIFY, 3, 130, bytchk << 1), OUT, data))
        equal(read16(sg, 3, 130) == data, True, 'the medium')
    refused(command(sg, cdb32(WRITE_VERIFY, 3, 1, 4), OUT, bytes(BLOCK)),
            INVALID_FIELD, (10, 2))


@stores
def write_same(sg):
    """WRITE SAME(32): a block, none (NDOB), UNMAP"""
    before, block = pattern(64), pattern(1)
    good(command(sg, cdb16(0x8a, 0, 0, 64), OUT, before))
    good(command(sg, cdb32(WRITE_SAME, 8, 8), OUT, block))
    good(command(sg, cdb32(WRITE_SAME, 24, 8, 1)))
    good(command(sg, cdb32(WRITE_SAME, 40, 8, 8), OUT, bytes(BLOCK)))
    want = (before[:8 * BLOCK] + block * 8 + before[16 * BLOCK:24 * BLOCK] +
            bytes(8 * BLOCK) + before[32 * BLOCK:40 * BLOCK] +
            bytes(8 * BLOCK) + before[48 * BLOCK:])
    equal(read16(sg, 0, 64) == want, True, 'the medium')
    # No blocks (WSNZ), two blocks of data, ANCHOR without UNMAP
    refused(command(sg, cdb32(WRITE_SAME, 0, 0), OUT, block), INVALID_FIELD,
            (28, 7))
    refused(command(sg, cdb32(WRITE_SAME, 0, 8), OUT, block * 2),
            INVALID_FIELD, (28, 7))
    refused(command(sg, cdb32(WRITE_SAME, 0, 8, 0x10), OUT, block),
            INVALID_FIELD, (10, 4))


@case('32 bytes: what a disk that is not thin, or read-only, refuses')
def refusals():
    sg = sg_of(nullio())
    refused(command(sg, cdb32(WRITE_SAME, 0, 8, 8), OUT, bytes(BLOCK)),
            INVALID_FIELD, (10, 3))
    dismantle()
    sg = sg_of(nullio(read_only=1))
    refused(command(sg, cdb32(WRITE, 0, 1), OUT, bytes(BLOCK)),
            WRITE_PROTECTED)
    # As the operation code has other service actions, it is not that
    refused(command(sg, cdb32(0x0e, 0, 1), OUT, bytes(BLOCK)),
            INVALID_FIELD, (8, 7))


def lba_status(sg, cdb, length):
    """([(LBA, blocks, PROVISIONING STATUS)], COMPLETION CONDITION)"""
    data = good(command(sg, cdb, IN, length=length)).data
    equal(int.from_bytes(data[:4], 'big') + 4, len(data), 'length')
    equal(data[7] & 1, 1, 'RTP')
    return [(int.from_bytes(data[i:i + 8], 'big'),
             int.from_bytes(data[i + 8:i + 12], 'big'), data[i + 12] & 15)
            for i in range(8, len(data), 16)], data[7] >> 1


def status16(sg, lba, report, length=4096):
    cdb = bytearray(cdb16(0x9e, 0x12, lba, length))
    cdb[14] = report
    return lba_status(sg, bytes(cdb), length)


def status32(sg, lba, report, scan=0, length=4096):
    return lba_status(sg, cdb32(LBA_STATUS, lba, length, report,
                                scan.to_bytes(4, 'big') + bytes(4)), length)


@case('GET LBA STATUS: REPORT TYPE and scan length')
def get_lba_status():
    sg = sg_of(fileio(size=SIZE, thin_provisioned=1))
    last = SIZE // BLOCK
    for lba in (1024, 4096):
        good(command(sg, cdb16(0x8a, 0, lba, 1024), OUT, pattern(1024)))
    mapped = [(1024, 1024, 0), (4096, 1024, 0)]
    free = [(0, 1024, 1), (2048, 2048, 1), (5120, last - 5120, 1)]
    every = sorted(mapped + free)
    for ask in (status16, status32):
        for report, want in ((0, every), (1, free), (2, mapped), (3, free),
                             (4, []), (0x10, [])):
            equal(ask(sg, 0, report), (want, 3), 'REPORT TYPE %#x' % report)
        equal(ask(sg, 0, 2, length=24), (mapped[:1], 1), 'one descriptor')
    equal(status32(sg, 1030, 0, 100), ([(1030, 100, 0)], 2), 'a short scan')
    equal(status32(sg, 1030, 3, 100), ([], 2), 'a short scan')
    equal(status32(sg, last - 1, 0, 100), ([(last - 1, 1, 1)], 3), 'the end')
    refused(command(sg, cdb32(LBA_STATUS, 0, 24, 5, bytes(8)), IN, length=24),
            INVALID_FIELD, (10, 7))
    # ELEMENT IDENTIFIER
    refused(command(sg, cdb32(LBA_STATUS, 0, 24, 0, bytes(7) + b'\1'), IN,
                    length=24), INVALID_FIELD, (24, 7))
    refused(command(sg, cdb32(LBA_STATUS, last, 24, 0, bytes(8)), IN,
                    length=24), OUT_OF_RANGE)


@case('REPORT SUPPORTED OPERATION CODES: one of each, as all of them say')
def opcodes():
    """What libiscsi's ReportSupportedOpcodes.OneCommand looks at, without its
    room for 16 bytes of usage data"""
    sg = sg_of(nullio(thin_provisioned=1))
    every = good(command(sg, 'a30c00000000000020000000', IN, length=8192)).data
    equal(int.from_bytes(every[:4], 'big') + 4, len(every), 'length')
    found = set()
    for i in range(4, len(every), 8):
        desc = every[i:i + 8]
        has_sa, size = desc[5] & 1, int.from_bytes(desc[6:8], 'big')
        cdb = (bytes([0xa3, 0x0c, 2 if has_sa else 1, desc[0]]) + desc[2:4] +
               (64).to_bytes(4, 'big') + bytes(2))
        one = good(command(sg, cdb, IN, length=64)).data
        equal(one[1] & 7, 3, 'SUPPORT')
        equal(int.from_bytes(one[2:4], 'big'), size, 'CDB SIZE')
        equal(len(one), 4 + size, 'bytes')
        equal(one[4], desc[0], 'CDB USAGE DATA, byte 0')
        if desc[0] == 0x7f:
            equal((size, one[11], one[12:14]), (32, 0x18, desc[2:4]), 'usage')
            found.add(desc[3])
    check(found >= {READ, VERIFY, WRITE, WRITE_VERIFY, WRITE_SAME, LBA_STATUS},
          'of 32 bytes: %r' % found)
    run('sg_opcodes', sg)


if __name__ == '__main__':
    main()
