#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Block commands beyond reading and writing: what they do to the medium."""
import concurrent.futures
import os

import sgio
from lib import (Target, blockio, case, check, dismantle, equal, fileio,
                 loop_device, main, nullio, run, write as write_file)
from sgio import GOOD, IN, NONE, OUT, command, good, refused, sg_of

OUT_OF_RANGE = (5, 0x21, 0)
INVALID_FIELD = (5, 0x24, 0)
INVALID_OPCODE = (5, 0x20, 0)
INVALID_PARAM = (5, 0x26, 0)
LIST_LENGTH = (5, 0x1a, 0)

SIZE = 8 << 20
BLOCK = 512


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
    """WRITE SAME at the end"""
    last = SIZE // BLOCK
    write(sg, last - 10, pattern(10))
    block = pattern(1)
    good(command(sg, cdb16(0x93, 0, last - 7, 7), OUT, block))
    equal(read(sg, last - 7, 7) == block * 7, True, 'the medium')
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
    # No number of blocks, as WSNZ says
    equal(limits[4], 1, 'WSNZ')
    refused(command(sg, cdb16(0x93, 0, 0, 0), OUT, block), INVALID_FIELD,
            (10, 7))
    # Less than the one block, or more
    for data in (b'', bytes(100), bytes(2 * BLOCK)):
        refused(command(sg, cdb16(0x93, 0, 0, 8), OUT if data else sgio.NONE,
                        data), INVALID_FIELD, (10, 7))
    refused(command(sg, cdb16(0x93, 1, 0, 8), OUT, block), INVALID_FIELD)


def unmap_list(*ranges):
    data = b''.join(lba.to_bytes(8, 'big') + count.to_bytes(4, 'big') + bytes(4)
                    for lba, count in ranges)
    return ((len(data) + 6).to_bytes(2, 'big') + len(data).to_bytes(2, 'big') +
            bytes(4) + data)


def unmap(sg, data):
    cdb = bytes([0x42]) + bytes(6) + len(data).to_bytes(2, 'big') + bytes(1)
    return command(sg, cdb, OUT, data)


@stores
def unmap_ranges(sg):
    """UNMAP: what was given back reads as zeros, and nothing else does"""
    data = bytearray(pattern(256))
    write(sg, 0, data)
    ranges = ((8, 64), (100, 1), (255, 1), (128, 0), (60, 20))
    good(unmap(sg, unmap_list(*ranges)))
    for lba, count in ranges:
        data[lba * BLOCK:(lba + count) * BLOCK] = bytes(count * BLOCK)
    equal(read(sg, 0, 256) == data, True, 'the medium')


@case('UNMAP frees what the file took, and GET LBA STATUS tells of it')
def unmap_frees():
    sg = sg_of(fileio(size=SIZE, thin_provisioned=1))
    write(sg, 0, pattern(4096))
    full = allocated()
    good(unmap(sg, unmap_list((1024, 1024), (2048, 1024))))
    check(allocated() <= full - 2048 * BLOCK, 'nothing was freed')
    want = [(0, 1024, 0), (1024, 2048, 1), (3072, 1024, 0),
            (4096, SIZE // BLOCK - 4096, 1)]
    equal(lba_status(sg, 0, 4096), want, 'LBA status')
    # The descriptor that comes first begins where it was asked for.
    equal(lba_status(sg, 1030, 24), [(1030, 2042, 1)], 'LBA status')
    equal(lba_status(sg, 100, 40), [(100, 924, 0), (1024, 2048, 1)],
          'LBA status')


def lba_status(sg, lba, length):
    """[(LBA, blocks, PROVISIONING STATUS)]"""
    data = good(command(sg, cdb16(0x9e, 0x12, lba, length), IN,
                        length=length)).data
    equal(int.from_bytes(data[:4], 'big') + 4, len(data), 'length')
    return [(int.from_bytes(data[i:i + 8], 'big'),
             int.from_bytes(data[i + 8:i + 12], 'big'), data[i + 12] & 15)
            for i in range(8, len(data), 16)]


@case('GET LBA STATUS: a disk that is not thin, the end, short answers')
def lba_status_rest():
    last = SIZE // BLOCK
    sg = sg_of(fileio(size=SIZE))
    equal(lba_status(sg, 5, 4096), [(5, last - 5, 0)], 'LBA status')
    equal(lba_status(sg, last - 1, 24), [(last - 1, 1, 0)], 'LBA status')
    for lba in (last, last + 1, 2 ** 64 - 1):
        refused(command(sg, cdb16(0x9e, 0x12, lba, 24), IN, length=24),
                OUT_OF_RANGE)
    for length in (0, 3, 8, 23):
        data = good(command(sg, cdb16(0x9e, 0x12, 0, length), IN,
                            length=length)).data
        # COMPLETION CONDITION: the capacity; RTP
        equal(data[:8], bytes.fromhex('0000001400000007')[:length], 'answer')
        equal(len(data), length, 'bytes')


@case('UNMAP: what is wrong frees nothing')
def unmap_bad():
    sg = sg_of(fileio(size=SIZE, thin_provisioned=1))
    data = pattern(64)
    write(sg, 0, data)
    last = SIZE // BLOCK
    fine = (0, 8)
    most = [(i, 1) for i in range(257)]
    header = unmap_list(fine)
    for wrong, triple in (
            (unmap_list(fine, (last, 1)), OUT_OF_RANGE),
            (unmap_list(fine, (last + 1, 0)), OUT_OF_RANGE),
            (unmap_list(fine, (2 ** 64 - 1, 2)), OUT_OF_RANGE),
            (unmap_list(fine, (0, 2 ** 32 - 1)), OUT_OF_RANGE),
            (unmap_list(*most), INVALID_PARAM),
            (header[:7], LIST_LENGTH),
            (header[:23], LIST_LENGTH),
            # more than there is; less than its own descriptors
            (b'\0\x17' + header[2:], LIST_LENGTH),
            (header[:2] + b'\0\x11' + header[4:], LIST_LENGTH),
            (b'\0\x15' + header[2:], INVALID_PARAM)):
        refused(unmap(sg, wrong), triple)
    refused(command(sg, '42020000000000001800', OUT, header), INVALID_FIELD,
            (1, 1))
    equal(read(sg, 0, 64) == data, True, 'the medium')
    # Half a descriptor is none.
    good(unmap(sg, b'\0\x0e\0\x08' + bytes(4) + header[8:16]))
    good(unmap(sg, b'\0\x06' + bytes(6)))
    equal(read(sg, 0, 64) == data, True, 'the medium')


@case('UNMAP: more blocks than announced')
def unmap_most():
    sg = sg_of(nullio(thin_provisioned=1))
    limits = command(sg, '1201b0004000', IN, length=64).data
    most = int.from_bytes(limits[20:24], 'big')
    good(unmap(sg, unmap_list((0, most - 1), (0, 1))))
    refused(unmap(sg, unmap_list((0, most), (0, 1))), INVALID_PARAM,
            (8 + 16 + 8, 7))


@case('Linux discards the whole of a thin disk')
def discard():
    target = Target()
    target.add(0, fileio(size=SIZE, thin_provisioned=1))
    disk = target.login().disk()
    with open(disk, 'wb') as out:
        out.write(os.urandom(SIZE))
        os.fsync(out.fileno())
    equal(allocated() >= SIZE, True, 'written')
    run('blkdiscard', disk)
    equal(allocated(), 0, 'bytes that the file takes')


CONDITION_MET = 4


@case('PRE-FETCH: CONDITION MET where there is a cache that has room')
def pre_fetch():
    sg = sg_of(fileio(size=32 << 20))
    last = (32 << 20) // BLOCK
    limits = command(sg, '1201b0004000', IN, length=64).data
    most = int.from_bytes(limits[16:20], 'big')
    for immed in (0, 2):
        for cdb, status in ((cdb10(0x34, immed, 0, 1), CONDITION_MET),
                            (cdb16(0x90, immed, 0, most), CONDITION_MET),
                            (cdb16(0x90, immed, last - 9, 0), CONDITION_MET),
                            (cdb16(0x90, immed, 0, 0), GOOD),
                            (cdb16(0x90, immed, last, 0), GOOD)):
            equal(command(sg, cdb).status, status, 'status of ' + cdb.hex())
    refused(command(sg, cdb16(0x90, 0, 0, most + 1)), INVALID_FIELD, (10, 7))
    refused(command(sg, cdb10(0x34, 0, last - 1, 2)), OUT_OF_RANGE)
    refused(command(sg, cdb16(0x90, 0, last + 1, 0)), OUT_OF_RANGE)


@case('PRE-FETCH: GOOD where nothing keeps what was read')
def pre_fetch_none():
    sg = sg_of(nullio())
    equal(command(sg, cdb10(0x34, 0, 0, 1)).status, GOOD, 'status')
    dismantle()
    sg = sg_of(fileio(size=SIZE, o_direct=1))
    equal(command(sg, cdb10(0x34, 0, 0, 1)).status, GOOD, 'status')


@case('READ DEFECT DATA: none')
def defects():
    sg = sg_of(nullio())
    data = good(command(sg, '37001d00000000001000', IN, length=16)).data
    equal(data, bytes.fromhex('001d0000'), 'READ DEFECT DATA(10)')
    data = good(command(sg, 'b71d00000000000000100000', IN, length=16)).data
    equal(data, bytes.fromhex('001d000000000000'), 'READ DEFECT DATA(12)')


@case('what is out of range: INFORMATION has the first block that there is not')
def out_of_range():
    sg = sg_of(fileio(size=SIZE, thin_provisioned=1))
    end = SIZE // BLOCK
    for lba, first in (end - 1, end), (end, end), (end + 5, end + 5):
        for result in (
                command(sg, bytes([0x88, 0]) + lba.to_bytes(8, 'big') +
                        bytes([0, 0, 0, 2, 0, 0]), IN, length=2 * BLOCK),
                command(sg, '42000000000000001800', OUT,
                        bytes([0, 22, 0, 16, 0, 0, 0, 0]) +
                        lba.to_bytes(8, 'big') + bytes([0, 0, 0, 2]) +
                        bytes(4))):
            refused(result, (5, 0x21, 0))
            equal(result.information, first, 'INFORMATION')


def compare_and_write(sg, lba, old, new, flags=0):
    cdb = (bytes([0x89, flags]) + lba.to_bytes(8, 'big') + bytes(3) +
           bytes([len(old) // BLOCK]) + bytes(2))
    return command(sg, cdb, OUT, old + new)


@stores
def caw(sg):
    """COMPARE AND WRITE writes what was expected to be there"""
    data, new = pattern(300), pattern(255)
    write(sg, 0, data)
    good(compare_and_write(sg, 1, data[BLOCK:256 * BLOCK], new))
    equal(read(sg, 0, 300) == data[:BLOCK] + new + data[256 * BLOCK:], True,
          'the medium')
    good(compare_and_write(sg, 1, new[:BLOCK], data[:BLOCK], 0x18))
    equal(read(sg, 1, 1) == data[:BLOCK], True, 'the medium')
    good(compare_and_write(sg, 1, b'', b''))


@stores
def caw_miscompare(sg):
    """COMPARE AND WRITE: MISCOMPARE says where and changes nothing"""
    data = pattern(255)
    write(sg, 0, data)
    for offset in (0, 511, 70000, len(data) - 1):
        wrong = bytearray(data)
        wrong[offset] ^= 1
        result = compare_and_write(sg, 0, wrong, bytes(len(data)))
        refused(result, (14, 0x1d, 0))
        equal(result.information, offset, 'INFORMATION')
    equal(read(sg, 0, 255) == data, True, 'the medium')


@case('COMPARE AND WRITE: what is refused')
def caw_bad():
    sg = sg_of(fileio(size=SIZE))
    last = SIZE // BLOCK
    limits = command(sg, '1201b0004000', IN, length=64).data
    equal(limits[5], 255, 'MAXIMUM COMPARE AND WRITE LENGTH')
    refused(compare_and_write(sg, last - 1, bytes(1024), bytes(1024)),
            OUT_OF_RANGE)
    refused(compare_and_write(sg, 2 ** 64 - 1, bytes(1024), bytes(1024)),
            OUT_OF_RANGE)
    # The transport has half of it, or something for nothing.
    for count, data in ((2, bytes(1024)), (1, bytes(4096)), (0, bytes(1024))):
        refused(command(sg, cdb16(0x89, 0, 0, count), OUT, data),
                INVALID_FIELD, (13, 7))


@stores
def orwrite(sg):
    """ORWRITE sets bits"""
    data, bits = pattern(300), pattern(300)
    write(sg, 3, data)
    good(command(sg, cdb16(0x8b, 0, 3, 300), OUT, bits))
    want = bytes(a | b for a, b in zip(data, bits))
    equal(read(sg, 3, 300) == want, True, 'the medium')
    good(command(sg, cdb16(0x8b, 8, 3, 1), OUT, b'\xff' * BLOCK))
    equal(read(sg, 3, 2) == b'\xff' * BLOCK + want[BLOCK:2 * BLOCK], True,
          'the medium')
    good(command(sg, cdb16(0x8b, 0, 3, 0)))


@case('COMPARE AND WRITE is atomic: who counts with it loses nothing')
def caw_counts():
    target = Target()
    target.add(0, fileio(size=SIZE))
    nodes = [target.login('s%d' % i).sg() for i in range(3)]
    for node in nodes:
        sgio.settle(node)
    each = 40

    def count(node):
        done = 0
        while done < each:
            old = read(node, 0, 1)
            new = (int.from_bytes(old[:8], 'big') + 1).to_bytes(8, 'big')
            result = compare_and_write(node, 0, old, new + old[8:])
            if result.status == GOOD:
                done += 1
            else:
                equal(result.key, sgio.MISCOMPARE, 'sense key')

    with concurrent.futures.ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(count, nodes))
    equal(int.from_bytes(read(nodes[0], 0, 1)[:8], 'big'), each * len(nodes),
          'count')


@case('read_only: no WRITE SAME')
def read_only():
    sg = sg_of(nullio(read_only=1))
    # without a block, with one, and without the one that is due
    for flags, out in ((1, b''), (0, bytes(BLOCK)), (8, bytes(BLOCK)),
                       (0, b''), (8, b'')):
        refused(command(sg, cdb16(0x93, flags, 0, 8), OUT if out else NONE, out),
                (7, 0x27, 0))


@case('what is announced of provisioning follows thin_provisioned')
def announced():
    for thin in (0, 1):
        sg = sg_of(nullio('n%d' % thin, thin_provisioned=thin))
        capacity = command(sg, cdb16(0x9e, 0x10, 0, 32), IN, length=32).data
        equal(capacity[14], 0xc0 if thin else 0, 'LBPME, LBPRZ')
        page = command(sg, '1201b2004000', IN, length=64).data
        equal(page[6] & 7, 2 if thin else 0, 'PROVISIONING TYPE')
        equal(page[5], 0xe4 if thin else 0, 'LBPU, LBPWS, LBPRZ')
        limits = command(sg, '1201b0004000', IN, length=64).data
        check(any(limits[20:28]) == bool(thin), 'limits of UNMAP')
        # Of UNMAP: is it there?
        code = command(sg, 'a30c01420000000000100000', IN, length=16).data
        equal(code[1] & 7, 3 if thin else 1, 'SUPPORT')
        result = command(sg, '42000000000000000000')
        equal(result.triple, (None,) * 3 if thin else INVALID_OPCODE, 'UNMAP')
        run('sg_vpd', '-p', '0xb2', sg)
        dismantle()


if __name__ == '__main__':
    main()
