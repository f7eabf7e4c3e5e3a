#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Anchored blocks: no data, but room that the file system keeps for them."""
import contextlib
import errno
import itertools
import os

from lib import (SCRATCH, Device, blockio, case, check, dismantle,
                 equal, file_of, loop_device, main, nullio, run,
                 unmount)
from sgio import IN, OUT, command, good, refused, sg_of
from store_lib import BLOCK, cdb16, read16, sync16, write16

MIB = 1 << 20
MAPPED, DEALLOCATED, ANCHORED = range(3)
INVALID_FIELD, OUT_OF_RANGE = (5, 0x24, 0), (5, 0x21, 0)
NO_ROOM = (7, 0x27, 7)
# By REPORT TYPE (SBC-4 5.6.1)
REPORTS = ((MAPPED, DEALLOCATED, ANCHORED), (DEALLOCATED, ANCHORED), (MAPPED,),
           (DEALLOCATED,), (ANCHORED,))
# 4 MiB; blocks of the tests are multiples of what file systems have
SIZE, LAST = 4 * MIB, 4 * MIB // BLOCK
UNMAP, ANCHOR, NDOB = 8, 0x10, 1


@contextlib.contextmanager
def file_system(block=4096, mib=24):
    """ext4, all of which may be used; its users go before it does."""
    image = file_of(mib * MIB, 'image')
    where = os.path.join(SCRATCH, 'mnt')
    os.makedirs(where, exist_ok=True)
    run('mkfs.ext4', '-q', '-F', '-m', '0', '-b', str(block), image)
    # Not mount -o loop, which has the device open for writing meanwhile
    store = run('losetup', '-f', '--show', image).strip()
    try:
        run('mount', store, where)
        try:
            yield where
        finally:
            dismantle()
            unmount(where)
    finally:
        run('losetup', '-d', store)


def disk(where, size=SIZE, thin_provisioned=1, name='a0', **attrs):
    path = os.path.join(where, name)
    with open(path, 'wb') as f:
        f.truncate(size)
    return sg_of(Device('vdisk_fileio', name, filename=path,
                        thin_provisioned=thin_provisioned, **attrs))


def taken(where, name='a0'):
    return os.stat(os.path.join(where, name)).st_blocks * 512


def unmap(sg, lba, count, anchor=0):
    data = (b'\0\x16\0\x10' + bytes(4) + lba.to_bytes(8, 'big') +
            count.to_bytes(4, 'big') + bytes(4))
    return command(sg, bytes([0x42, anchor]) + bytes(6) + b'\x18\0', OUT, data)


def same10(sg, flags, lba, count, data=bytes(BLOCK)):
    return command(sg, bytes([0x41, flags]) + lba.to_bytes(4, 'big') + b'\0' +
                   count.to_bytes(2, 'big') + b'\0', OUT, data)


def same16(sg, flags, lba, count, data=bytes(BLOCK)):
    cdb = cdb16(0x93, lba, count, flags)
    return command(sg, cdb) if flags & NDOB else command(sg, cdb, OUT, data)


def same32(sg, flags, lba, count, data=bytes(BLOCK)):
    cdb = (b'\x7f' + bytes(6) + b'\x18\0\x0d' + bytes([flags, 0]) +
           lba.to_bytes(8, 'big') + b'\xff' * 8 + count.to_bytes(4, 'big'))
    return command(sg, cdb) if flags & NDOB else command(sg, cdb, OUT, data)


def descriptors(sg, lba=0, kind=0):
    """As they come, but for one that is cut short: [(LBA, blocks,
    PROVISIONING STATUS)]"""
    cdb = bytearray(cdb16(0x9e, lba, 4096, 0x12))
    cdb[14] = kind
    data = good(command(sg, bytes(cdb), IN, length=4096)).data
    return [(int.from_bytes(data[i:i + 8], 'big'),
             int.from_bytes(data[i + 8:i + 12], 'big'), data[i + 12])
            for i in range(8, len(data) - 15, 16)]


def status(sg, lba=0, kind=0):
    """The same; neighbours with the same status are one."""
    found = []
    for at, blocks, what in descriptors(sg, lba, kind):
        if found and found[-1][2] == what and sum(found[-1][:2]) == at:
            at, more, _ = found.pop()
            blocks += more
        found.append((at, blocks, what))
    return found


def announced(sg):
    page = good(command(sg, '1201b2004000', IN, length=64)).data
    return bool(page[5] & 2)


def fill(sg, lba, count, data=None):
    for at in range(lba, lba + count, 1024):
        good(write16(sg, at, data or os.urandom(1024 * BLOCK)))
    good(sync16(sg))


@case('UNMAP: ANCHOR keeps the room, and makes it; without ANCHOR it goes')
def anchor():
    with file_system() as where:
        sg = disk(where)
        check(announced(sg), 'ANC_SUP')
        check('Anchor' in run('sg_vpd', '-p', 'lbpv', sg), 'sg_vpd')
        equal(status(sg), [(0, LAST, DEALLOCATED)], 'a new disk')
        fill(sg, 0, 4096)
        full = taken(where)
        good(unmap(sg, 1024, 1024, anchor=1))
        check(taken(where) >= full, 'room was given back')
        want = [(0, 1024, MAPPED), (1024, 1024, ANCHORED),
                (2048, 2048, MAPPED), (4096, LAST - 4096, DEALLOCATED)]
        equal(status(sg), want, 'LBA status')
        # Room for blocks that had none, beside those and apart
        good(unmap(sg, 4096, 512, anchor=1))
        good(unmap(sg, 5120, 1024, anchor=1))
        check(taken(where) >= full + 1536 * BLOCK, 'no room was made')
        want[3:] = [(4096, 512, ANCHORED), (4608, 512, DEALLOCATED),
                    (5120, 1024, ANCHORED), (6144, LAST - 6144, DEALLOCATED)]
        equal(status(sg), want, 'LBA status')
        equal(status(sg, 1032)[0], (1032, 1016, ANCHORED), 'LBA status')
        run('sg_get_lba_status', '--lba=1024', sg)
        # REPORT TYPE
        for kind in range(5):
            equal(status(sg, kind=kind),
                  [d for d in want if d[2] in REPORTS[kind]],
                  'REPORT TYPE %d' % kind)
        before = taken(where)
        good(unmap(sg, 1024, 512))
        check(taken(where) <= before - 512 * BLOCK, 'nothing was given back')
        want[1:2] = [(1024, 512, DEALLOCATED), (1536, 512, ANCHORED)]
        equal(status(sg), want, 'LBA status')
        check(not any(read16(sg, 1024, 1024).data), 'the medium')
        check(any(read16(sg, 2048, 1).data), 'what was not to be anchored')


@case('WRITE SAME: UNMAP and ANCHOR, with zeros, no data, and other data')
def write_same():
    with file_system() as where:
        sg = disk(where)
        fill(sg, 0, 1024)
        for i, (same, flags) in enumerate((
                (same10, 0), (same16, 0), (same16, NDOB), (same32, 0),
                (same32, NDOB))):
            for lba in (i * 128, 2048 + i * 128):
                good(same(sg, UNMAP | ANCHOR | flags, lba, 128))
        want = [(0, 640, ANCHORED), (640, 384, MAPPED),
                (1024, 1024, DEALLOCATED), (2048, 640, ANCHORED),
                (2688, LAST - 2688, DEALLOCATED)]
        equal(status(sg), want, 'LBA status')
        # It is not what blocks without data read as: it is written.
        block = os.urandom(BLOCK)
        good(same16(sg, UNMAP | ANCHOR, 640, 128, block))
        good(same16(sg, UNMAP | ANCHOR, 1024, 128, block))
        equal(read16(sg, 640, 128).data == block * 128, True, 'the medium')
        equal(read16(sg, 1024, 128).data == block * 128, True, 'the medium')
        equal(status(sg)[1:3], [(640, 512, MAPPED), (1152, 896, DEALLOCATED)],
              'LBA status')
        # Without ANCHOR it goes.
        good(same16(sg, UNMAP | NDOB, 2048, 640))
        equal(status(sg, 2048), [(2048, LAST - 2048, DEALLOCATED)],
              'LBA status')
        check(not any(read16(sg, 0, 640).data), 'the medium')


def no_room(where):
    """Others take all that there is."""
    with open(os.path.join(where, 'others'), 'ab') as f:
        for size in (MIB, 65536, 4096):
            try:
                while True:
                    os.write(f.fileno(), bytes(size))
            except OSError as error:
                equal(error.errno, errno.ENOSPC, 'errno')
        os.fsync(f.fileno())


@case('a full file system: there is room for anchored blocks, and no other')
def full():
    with file_system() as where:
        sg = disk(where)
        good(unmap(sg, 0, 2048, anchor=1))
        no_room(where)
        data = os.urandom(2048 * BLOCK)
        for lba in range(0, 2048, 512):
            good(write16(sg, lba, data[lba * BLOCK:(lba + 512) * BLOCK],
                         fua=True))
        refused(write16(sg, 4096, bytes(512 * BLOCK), fua=True), NO_ROOM)
        equal(read16(sg, 0, 2048).data == data, True, 'the medium')
        equal(status(sg)[0], (0, 2048, MAPPED), 'LBA status')
        # What has room can be anchored, what has none cannot.
        good(unmap(sg, 0, 1024, anchor=1))
        refused(unmap(sg, 4096, 2048, anchor=1), NO_ROOM)
        refused(same16(sg, UNMAP | ANCHOR | NDOB, 4096, 2048), NO_ROOM)
        equal(status(sg)[0], (0, 1024, ANCHORED), 'LBA status')
        # It is there when somebody has given some back.
        good(unmap(sg, 1024, 1024))
        good(unmap(sg, 6144, 512, anchor=1))
        equal(status(sg, 6144)[0], (6144, 512, ANCHORED), 'LBA status')
        equal(read16(sg, 0, 2048).data == bytes(2048 * BLOCK), True,
              'the medium')


@case('blocks smaller than those of the file system, past the page cache')
def small_blocks():
    with file_system() as where:
        sg = disk(where, o_direct=1)
        ranges = [(80, 640), (4000, 80), (LAST - 8, 8)]
        for lba, count in ranges:
            good(unmap(sg, lba, count, anchor=1))
        equal(status(sg, kind=4), [(*r, ANCHORED) for r in ranges],
              'LBA status')
        # Nothing was kept of what was read: it changes nothing.
        check(not any(read16(sg, 0, 1024).data), 'the medium')
        equal(status(sg, kind=4), [(*r, ANCHORED) for r in ranges],
              'LBA status')


@case('blocks larger than those of the file system: anchored as a whole')
def large_blocks():
    with file_system(1024) as where:
        sg = disk(where, blocksize=4096)
        ranges = [(8, 64), (900, 16), (1016, 8)]
        for lba, count in ranges:
            good(unmap(sg, lba, count, anchor=1))
        equal(status(sg, kind=4), [(*r, ANCHORED) for r in ranges],
              'LBA status')
        # Two blocks, but only one in a whole block of the disk
        run('fallocate', '-n', '-o', str(300 * 4096 + 1024), '-l', '8192',
            where + '/a0')
        equal(status(sg, 200), [
            (200, 101, DEALLOCATED), (301, 1, ANCHORED),
            (302, 598, DEALLOCATED), (900, 16, ANCHORED),
            (916, 100, DEALLOCATED), (1016, 8, ANCHORED)], 'LBA status')


@case('what was written is mapped at once, and not when it gets to the medium')
def written():
    with file_system() as where:
        sg = disk(where)
        good(unmap(sg, 1024, 1024, anchor=1))
        for lba in (512, 1280):
            good(write16(sg, lba, os.urandom(256 * BLOCK)))
        want = [(0, 512, DEALLOCATED), (512, 256, MAPPED),
                (768, 256, DEALLOCATED), (1024, 256, ANCHORED),
                (1280, 256, MAPPED), (1536, 512, ANCHORED),
                (2048, LAST - 2048, DEALLOCATED)]
        equal(status(sg), want, 'LBA status')
        good(sync16(sg))
        equal(status(sg), want, 'LBA status')
        good(write16(sg, 1280, os.urandom(256 * BLOCK)))
        good(unmap(sg, 1280, 256, anchor=1))
        equal(status(sg, 768)[1], (1024, 1024, ANCHORED), 'LBA status')
        check(not any(read16(sg, 1280, 256).data), 'the medium')


@case('many small extents: each answer goes on where the last one ended')
def pieces():
    with file_system() as where:
        sg = disk(where)
        for lba in range(0, LAST, 64):
            good(unmap(sg, lba, 32, anchor=1))
        want = list(itertools.chain.from_iterable(
            ((lba, 32, ANCHORED), (lba + 32, 32, DEALLOCATED))
            for lba in range(0, LAST, 64)))
        found, lba = [], 0
        while lba < LAST:
            found += descriptors(sg, lba)
            lba = sum(found[-1][:2])
        equal(found, want, 'LBA status')
        equal(len(descriptors(sg, kind=4)), len(want) // 2,
              'anchored extents')


@case('anchored blocks count as used')
def resources():
    with file_system() as where:
        sg = disk(where)

        def used():
            page = good(command(sg, '4d004c00000000010000', IN,
                                length=256)).data
            # 0002h: used resources (SBC-4 6.4.5)
            at = 4
            while page[at:at + 2] != b'\0\2':
                at += 4 + page[at + 3]
            return int.from_bytes(page[at + 4:at + 8], 'big')

        equal(used(), 0, 'used')
        good(unmap(sg, 0, 4096, anchor=1))
        equal(used(), 2, 'used, MiB')
        good(unmap(sg, 0, 4096))
        equal(used(), 0, 'used')


@case('SANITIZE, BLOCK ERASE leaves nothing of what was anchored')
def sanitize():
    mark = os.urandom(16)
    with file_system() as where:
        sg = disk(where)
        fill(sg, 1024, 1024, mark * (1024 * BLOCK // 16))
        good(unmap(sg, 1024, 1024, anchor=1))
        good(command(sg, '48020000000000000000'))
        equal(status(sg), [(0, LAST, DEALLOCATED)], 'LBA status')
        dismantle()
        run('sync', '-f', where)
    with open(os.path.join(SCRATCH, 'image'), 'rb') as f:
        check(mark not in f.read(), 'it is there still')


@case('a file of ext3 in ext4: it has no unwritten extents')
def indirect():
    with file_system() as where:
        path = os.path.join(where, 'a0')
        with open(path, 'wb') as f:
            f.truncate(SIZE)
        run('chattr', '-e', path)
        sg = sg_of(Device('vdisk_fileio', 'a0', filename=path,
                          thin_provisioned=1))
        fill(sg, 0, 1024)
        not_here(sg)


def not_here(sg):
    """ANC_SUP is zero: no ANCHOR"""
    check(not announced(sg), 'ANC_SUP')
    refused(unmap(sg, 0, 8, anchor=1), INVALID_FIELD, (1, 0))
    refused(command(sg, '42010000000000000000'), INVALID_FIELD, (1, 0))
    for same, byte in ((same10, 1), (same16, 1), (same32, 10)):
        refused(same(sg, UNMAP | ANCHOR, 0, 8), INVALID_FIELD, (byte, 4))
    good(unmap(sg, 0, 8))
    dismantle()


@case('what cannot anchor says so: tmpfs, vdisk_nullio, vdisk_blockio')
def refusals():
    where = os.path.join(SCRATCH, 'tmpfs')
    os.makedirs(where, exist_ok=True)
    run('mount', '-t', 'tmpfs', '-o', 'size=8m', 'none', where)
    try:
        not_here(disk(where))
    finally:
        dismantle()
        unmount(where)
    not_here(sg_of(nullio(thin_provisioned=1)))
    with loop_device(SIZE) as store:
        not_here(sg_of(blockio(store, thin_provisioned=1)))
        not_here(sg_of(Device('vdisk_fileio', 'd0', filename=store,
                              thin_provisioned=1)))


@case('what a disk that can anchor refuses; one that is not thin cannot')
def wrong():
    with file_system() as where:
        sg = disk(where)
        fill(sg, 0, 1024)
        before = read16(sg, 0, 1024).data
        for same, byte in ((same10, 1), (same16, 1), (same32, 10)):
            refused(same(sg, ANCHOR, 0, 8), INVALID_FIELD, (byte, 4))
        refused(unmap(sg, LAST - 8, 9, anchor=1), OUT_OF_RANGE)
        refused(same16(sg, UNMAP | ANCHOR | NDOB, LAST - 8, 9), OUT_OF_RANGE)
        good(command(sg, '42010000000000000000'))
        good(unmap(sg, 8, 0, anchor=1))
        equal(read16(sg, 0, 1024).data == before, True, 'the medium')
        dismantle()
        equal(sorted(os.listdir(where)), ['a0', 'lost+found'], 'files')
        # Room for what is written would be needed in the other file, too.
        open(os.path.join(where, 'dif'), 'w').close()
        # The other types have no WRITE SAME (32).
        not_here(disk(where, dif_type=2,
                      dif_filename=os.path.join(where, 'dif')))
        sg = disk(where, thin_provisioned=0)
        check(not announced(sg), 'ANC_SUP')
        refused(same16(sg, UNMAP | ANCHOR, 0, 8), INVALID_FIELD, (1, 4))
        equal(status(sg), [(0, LAST, MAPPED)], 'LBA status')


main()
