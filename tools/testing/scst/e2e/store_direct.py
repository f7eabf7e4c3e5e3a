#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""vdisk_fileio past the page cache, and blocks smaller than the store's."""
import concurrent.futures
import contextlib
import mmap
import os
import struct

import sgio
from lib import (Device, Load, Stall, Target, case, check, dismantle, equal,
                 fails, file_of, fio_verify, main, read, run, wait_for,
                 waiting_in)
from store_lib import (BLOCK, READ_ERROR, NullBlk, cdb16, read16, sync16,
                       write16)

DEPTH = 64
SECTOR_WRITES = 200             # of each block of a sector


def session_on(device):
    target = Target()
    target.add(0, device)
    return target.login()


@case('o_direct: no thread waits for the store')
def no_thread():
    with Stall() as stall:
        disk = session_on(Device('vdisk_fileio', 'd0', filename=stall.path,
                                 o_direct=1)).disk()
        load = Load(disk, '--iodepth=%d' % DEPTH)
        inflight = '/sys/class/block/%s/inflight' % os.path.basename(disk)
        stall.suspend()
        wait_for(lambda: sum(map(int, read(inflight).split())) >= DEPTH // 2,
                 'commands that wait for the store')
        wait_for(lambda: not waiting_in('vdisk_file'), 'threads to leave')
        check(sum(map(int, read(inflight).split())) >= DEPTH // 2,
              'the commands have ended')
        stall.resume()
        load.stop()


@case('o_direct: memory that does not begin with a page')
def unaligned():
    with NullBlk() as store:
        disk = session_on(Device('vdisk_fileio', 'd0', filename=store.node(),
                                 o_direct=1)).disk()
        data = os.urandom(64 << 10)
        fd = os.open(disk, os.O_RDWR | os.O_DIRECT)
        try:
            with mmap.mmap(-1, 1 << 20) as memory:
                for offset in (512, 1536, 4096 + 512):
                    view = memoryview(memory)[offset:offset + len(data)]
                    view[:] = data
                    equal(os.pwritev(fd, [view], 8192), len(data), 'written')
                    view[:] = bytes(len(data))
                    equal(os.preadv(fd, [view], 8192), len(data), 'read')
                    check(view == data, 'other data at %d' % offset)
                    view.release()
        finally:
            os.close(fd)


def short_file(**attrs):
    path = file_of(8 << 20)
    device = Device('vdisk_fileio', 'd0', filename=path, **attrs)
    node = session_on(device).sg()
    sgio.settle(node)
    os.truncate(path, 4 << 20)
    end = 4 << 11
    got = read16(node, end - 64, 128)
    equal(got.triple, READ_ERROR, 'sense of %r' % got)
    equal(got.information, end, 'INFORMATION')
    equal(read16(node, end - 64, 64).status, sgio.GOOD, 'status')
    data = os.urandom(64 * BLOCK)
    equal(write16(node, end, data, True).status, sgio.GOOD, 'status')
    equal(read16(node, end, 64).data, data, 'data')


@case('a file that is shorter than its disk')
def shorter():
    short_file()


@case('a file that is shorter than its disk, o_direct')
def shorter_direct():
    short_file(o_direct=1)


@contextlib.contextmanager
def large_sectors():
    """A block device that can give its sectors of 4 KiB back"""
    store = run('losetup', '-b', '4096', '-f', '--show',
                file_of(32 << 20, 'loop')).strip()
    try:
        yield store
    finally:
        dismantle()
        run('losetup', '-d', store)


def small_blocks(**attrs):
    with large_sectors() as store:
        session = session_on(Device('vdisk_fileio', 'd0', filename=store,
                                    blocksize=512, thin_provisioned=1,
                                    **attrs))
        node, disk = session.sg(), session.disk()
        sgio.settle(node)
        got = sgio.command(node, '9e10' + '00' * 11 + '200000', sgio.IN,
                           length=32)
        equal(got.data[13] & 15, 3, 'log2 of blocks in a physical block')
        fio_verify(disk, '--bsrange=512-16k', '--bs_unaligned=0', size='2M')
        data = os.urandom(24 * BLOCK)
        equal(write16(node, 4, data, True).status, sgio.GOOD, 'status')
        # WRITE SAME(16) of a zero block over two, and UNMAP over eleven
        equal(sgio.command(node, cdb16(0x93, 5, 2), sgio.OUT,
                           bytes(BLOCK)).status, sgio.GOOD, 'WRITE SAME')
        unmap = bytes.fromhex('0016001000000000') + \
            (14).to_bytes(8, 'big') + (11).to_bytes(4, 'big') + bytes(4)
        equal(sgio.command(node, '42000000000000001800', sgio.OUT,
                           unmap).status, sgio.GOOD, 'UNMAP')
        got = read16(node, 4, 24).data
        want = bytearray(data)
        want[BLOCK:3 * BLOCK] = bytes(2 * BLOCK)
        # Only 16 to 23 are one of the store's.
        want[12 * BLOCK:20 * BLOCK] = bytes(8 * BLOCK)
        equal(got, bytes(want), 'data')


@case('512-byte blocks on 4096-byte sectors')
def small():
    small_blocks()


@case('512-byte blocks on 4096-byte sectors, o_direct')
def small_direct():
    small_blocks(o_direct=1)


def one_sector(node, seed, block):
    """Write one block of it again and again; None, or what was wrong."""
    for version in range(SECTOR_WRITES):
        data = struct.pack('<QQ', seed, version) * (BLOCK // 16)
        sgio.good(write16(node, block, data))
        got = sgio.good(read16(node, block, 1)).data
        if got != data:
            return 'block %d, version %d: %r' % (block, version, got[:16])
    return None


def one_sector_shared(**attrs):
    """Each block of a sector is another thread's, of either initiator."""
    with large_sectors() as store:
        nodes = sgio.nodes_of(Device('vdisk_fileio', 'd0', filename=store,
                                     blocksize=512, **attrs), 2)
        sgio.good(write16(nodes[0], 0, bytes(24 * BLOCK), True))
        blocks = range(8, 16)
        with concurrent.futures.ThreadPoolExecutor(len(blocks)) as pool:
            threads = [pool.submit(one_sector, nodes[block % 2], block, block)
                       for block in blocks]
            for thread in threads:
                equal(thread.result(), None, 'what was lost')
        # All of the last versions, on the medium as well as in caches
        sgio.good(sync16(nodes[0]))
        want = bytes(8 * BLOCK) + b''.join(
            struct.pack('<QQ', block, SECTOR_WRITES - 1) * (BLOCK // 16)
            for block in blocks) + bytes(8 * BLOCK)
        for node in nodes:
            check(read16(node, 0, 24).data == want, 'other data at last')
        with open(store, 'rb') as medium:
            check(medium.read(len(want)) == want, 'other data on the medium')


@case('512-byte blocks of one sector, written at once by two initiators')
def shared():
    one_sector_shared()


@case('... and with o_direct')
def shared_direct():
    one_sector_shared(o_direct=1)


@case('vdisk_blockio takes no blocks smaller than the sectors of its device')
def small_block():
    with NullBlk(blocksize=4096) as store:
        with fails('EINVAL'):
            Device('vdisk_blockio', 'd0', filename=store.node(), blocksize=512)


if __name__ == '__main__':
    main()
