#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""Backing stores that fail, are full, slow or gone: what initiators hear."""
import concurrent.futures
import contextlib
import os

import pi_lib
import sgio
from lib import (SCRATCH, Device, Skip, Target, Trace, case, check, dismantle,
                 equal, fails, file_of, fio_verify, main, read, run, set_active,
                 unmount, wait_for, write)
from store_lib import (BLOCK, FLUSH_ERROR, NOT_READY, READ_ERROR, WRITE_ERROR,
                       Mapped, NullBlk, cdb16, delayed, expect_store_errors,
                       flaky_part, hole, linear, mounted, no_writes, read16,
                       sync16, verify16, write16, write_verify16)

SYNC = '35000000000000000000'
# Eight sectors in the middle of a transfer, a page of the page cache
BAD, BAD_COUNT = 1000, 8
SPACE_ALLOCATION_FAILED = (sgio.DATA_PROTECT, 0x27, 0x07)
WRITE_PROTECTED = (sgio.DATA_PROTECT, 0x27, 0x00)


def disk_on(device):
    target = Target()
    target.add(0, device)
    node = target.login().sg()
    sgio.settle(node)
    return node


def on_device(handler, path, **attrs):
    return disk_on(Device(handler, 'd0', filename=path, **attrs))


def is_error(result, triple, information):
    equal(result.status, sgio.CHECK_CONDITION, 'status of %r' % result)
    equal(result.triple, triple, 'sense of %r' % result)
    equal(result.information, information, 'INFORMATION of %r' % result)


def is_good(result):
    equal(result.status, sgio.GOOD, 'status of %r' % result)


def reads_name_the_block(node):
    for lba, blocks in ((BAD - 104, 1024), (BAD - 1, 2), (BAD, 1),
                        (BAD, 8), (0, 16384)):
        is_error(read16(node, lba, blocks), READ_ERROR, max(lba, BAD))
        is_error(verify16(node, lba, blocks), READ_ERROR, max(lba, BAD))
    is_good(read16(node, BAD - 104, 104))
    is_good(read16(node, BAD + BAD_COUNT, 1024))


def updates_name_the_block(node):
    two = bytes(2 * BLOCK)
    compare = bytes([0x89, 0]) + (BAD - 1).to_bytes(8, 'big') + bytes(3) + \
        bytes([2, 0, 0])
    for cdb, data in (compare, two * 2), (cdb16(0x8b, BAD - 1, 2), two):
        is_error(sgio.command(node, cdb, sgio.OUT, data), READ_ERROR, BAD)


def writes_name_the_block(node):
    data = os.urandom(1024 * BLOCK)
    for fua in (False, True):
        is_error(write16(node, BAD - 104, data, fua), WRITE_ERROR, BAD)
    # sd takes all before it as written.
    got = read16(node, BAD - 104, 104)
    is_good(got)
    equal(got.data, data[:104 * BLOCK], 'what was written before it')
    is_error(write16(node, BAD, data[:BLOCK]), WRITE_ERROR, BAD)
    is_good(write16(node, BAD + BAD_COUNT, data))


def with_bad_block(handler, writes, **attrs):
    expect_store_errors()
    with NullBlk() as store:
        with Mapped(hole(store.node(), BAD, BAD_COUNT)) as bad:
            node = on_device(handler, bad.path, **attrs)
            is_good(write16(node, BAD - 1, bytes(BLOCK)))
            reads_name_the_block(node)
            updates_name_the_block(node)
            if writes:
                writes_name_the_block(node)
            # Somebody has repaired it.
            bad.replace(linear(store.node()))
            is_good(read16(node, BAD - 104, 1024))
            is_good(write16(node, BAD - 104, bytes(1024 * BLOCK), True))


@case('vdisk_blockio names the first bad block')
def bad_block():
    with_bad_block('vdisk_blockio', True)


@case('vdisk_fileio names the first bad block, o_direct')
def bad_direct():
    with_bad_block('vdisk_fileio', True, o_direct=1)


@case('vdisk_fileio names the first block that cannot be read')
def bad_cached():
    with_bad_block('vdisk_fileio', False)


@case('a block that cannot be read, behind one with a wrong guard')
def bad_protected():
    expect_store_errors()
    with NullBlk() as store, \
            Mapped(hole(store.node(), BAD, BAD_COUNT)) as bad:
        disk = pi_lib.Disk(Device('vdisk_blockio', 'd0', filename=bad.path,
                                  dif_type=1,
                                  dif_filename=file_of(1 << 20, 'pi')))
        wire = pi_lib.spoil(disk.pattern(BAD - 8, 8), disk, 3, 0)
        disk.write(BAD - 8, 8, wire, 3)
        for protect, triple, lba in ((3, READ_ERROR, BAD),
                                     (1, READ_ERROR, BAD)):
            is_error(disk.get(pi_lib.cdb16(pi_lib.READ, BAD - 8, 16, protect),
                              16, protect), triple, lba)
        is_error(disk.get(pi_lib.cdb16(pi_lib.READ, BAD - 8, 8, 1), 8, 1),
                 pi_lib.GUARD, BAD - 5)


def lower(path, lba, count):
    """What a device has, below all caches"""
    copy = os.path.join(SCRATCH, 'copy')
    run('dd', 'if=' + path, 'of=' + copy, 'iflag=direct', 'bs=%d' % BLOCK,
        'skip=%d' % lba, 'count=%d' % count, 'status=none')
    with open(copy, 'rb') as f:
        return f.read()


@case('VERIFY, and READ with FUA, are of the medium, not of a cache')
def past_the_cache():
    with NullBlk() as store, Mapped(linear(store.node())) as mapped:
        node = on_device('vdisk_fileio', mapped.path)
        for look in (lambda: verify16(node, 800, 8),
                     lambda: read16(node, 800, 8, True)):
            data = os.urandom(8 * BLOCK)
            is_good(write16(node, 800, data))
            is_good(look())
            equal(lower(store.node(), 800, 8) == data, True, 'the medium')
        mapped.replace(no_writes(store.node()))
        expect_store_errors()
        is_good(write16(node, 800, data))
        equal(verify16(node, 800, 8).status, sgio.CHECK_CONDITION, 'VERIFY')
        is_good(write16(node, 800, data))
        equal(read16(node, 800, 8, True).status, sgio.CHECK_CONDITION, 'READ')


def written_and_verified(handler, **attrs):
    expect_store_errors()
    with NullBlk() as store, Mapped(linear(store.node())) as mapped:
        node = on_device(handler, mapped.path, **attrs)
        for bytchk in 0, 1:
            data = os.urandom(24 * BLOCK)
            is_good(write_verify16(node, BAD - 8, data, bytchk))
            # Written, and not to be read: WRITE cannot know.
            mapped.replace(flaky_part(store.node(), BAD, 8, 'error_reads'))
            data = bytes(byte ^ 0xff for byte in data)
            is_good(write16(node, BAD - 8, data, True))
            is_error(write_verify16(node, BAD - 8, data, bytchk), READ_ERROR,
                     BAD)
            equal(lower(store.node(), BAD - 8, 24) == data, True, 'the medium')
            # Taken, and thrown away
            mapped.replace(flaky_part(store.node(), BAD, 8, 'drop_writes'))
            data = bytes(byte ^ 0xff for byte in data)
            result = write_verify16(node, BAD - 8, data, bytchk)
            if 'dif_type' in attrs:
                is_error(result, pi_lib.GUARD, BAD)
            elif bytchk:
                is_error(result, pi_lib.MISCOMPARE, 8 * BLOCK)
            else:
                is_good(result)
            mapped.replace(linear(store.node()))


@case('WRITE AND VERIFY reads what it has written, past all caches')
def write_and_verify():
    for handler, attrs in (('vdisk_blockio', {}), ('vdisk_fileio', {}),
                           ('vdisk_fileio', {'o_direct': 1})):
        written_and_verified(handler, **attrs)


@case('... and does so with protection information')
def write_and_verify_protected():
    side = file_of(1 << 20, 'pi')
    for handler in 'vdisk_blockio', 'vdisk_fileio':
        written_and_verified(handler, dif_type=1, dif_filename=side)


@case('a block that has gone bad behind the cache')
def bad_behind_the_cache():
    expect_store_errors()
    side = file_of(1 << 20, 'pi')
    for attrs in {}, {'dif_type': 1, 'dif_filename': side}, \
            {'write_through': 1}, {'nv_cache': 1}:
        with NullBlk() as store, Mapped(linear(store.node())) as mapped:
            node = on_device('vdisk_fileio', mapped.path, **attrs)
            is_good(write16(node, BAD, bytes(8 * BLOCK), True))
            is_good(sync16(node))
            os.sync()
            mapped.replace(hole(store.node(), BAD, BAD_COUNT))
            is_good(read16(node, BAD, 8))
            is_error(verify16(node, BAD, 8), READ_ERROR, BAD)
            is_good(read16(node, 0, 8, True))
            is_error(read16(node, BAD, 8, True), READ_ERROR, BAD)


@case('what was not written is not verified, however often it is asked')
def not_written():
    expect_store_errors()
    with NullBlk() as store, Mapped(linear(store.node())) as mapped:
        node = on_device('vdisk_fileio', mapped.path)
        old, new = bytes(8 * BLOCK), os.urandom(8 * BLOCK)
        is_good(write16(node, 800, old, True))
        mapped.replace(no_writes(store.node()))
        is_good(write16(node, 800, new))
        is_error(sync16(node), FLUSH_ERROR, None)
        mapped.replace(linear(store.node()))
        verify = cdb16(0x8f, 800, 8, 2)
        for _ in range(2):
            equal(sgio.command(node, verify, sgio.OUT, new).key,
                  sgio.MISCOMPARE, 'VERIFY')
        is_good(sgio.command(node, verify, sgio.OUT, old))


@contextlib.contextmanager
def reset_turns_wce_off():
    """A store, and the node of a disk on it that has written to LBA 800, with
    the data."""
    with NullBlk() as store, Mapped(linear(store.node())) as mapped:
        node = on_device('vdisk_fileio', mapped.path,
                         mode_pages_file=os.path.join(SCRATCH, 'pages'))
        data = os.urandom(8 * BLOCK)
        for save, wce in ((1, 0), (0, 1)):
            run('sdparm', *(['--save'] if save else []),
                '--set=WCE=%d' % wce, node)
        is_good(write16(node, 800, data))
        run('sg_reset', '--device', node)
        sgio.settle(node)
        check('WCE           0' in run('sdparm', '--get=WCE', node), 'WCE')
        yield store, node, data


@case('WCE that a reset turns off says nothing of what is cached')
def reset_with_data():
    with reset_turns_wce_off() as (store, node, data):
        is_good(verify16(node, 800, 8))
        equal(lower(store.node(), 800, 8) == data, True, 'the medium')


@case('a reset that turns WCE off: what was written gets to the medium')
def reset_flushes():
    others = '/proc/sys/vm/dirty_writeback_centisecs'
    before = read(others)
    write(others, 360000)
    try:
        with reset_turns_wce_off() as (store, _, data):
            wait_for(lambda: lower(store.node(), 800, 8) == data, 'the flush')
    finally:
        write(others, before)


@case('each initiator hears once that a device could not be flushed')
def bad_flush():
    expect_store_errors()
    with NullBlk(cache_size=8) as store, \
            Mapped(linear(store.node())) as mapped:
        target = Target()
        target.add(0, Device('vdisk_blockio', 'd0', filename=mapped.path))
        nodes = [target.login(name).sg() for name in ('s0', 's1')]
        for node in nodes:
            sgio.settle(node)
        is_good(write16(nodes[1], BAD, os.urandom(8 * BLOCK)))
        mapped.replace(no_writes(store.node()))
        is_error(sync16(nodes[0]), FLUSH_ERROR, None)
        mapped.replace(linear(store.node()))
        is_good(sync16(nodes[0]))
        is_error(sync16(nodes[1]), FLUSH_ERROR, None)
        is_good(sync16(nodes[1]))


@case("Linux's fsync fails if what was written is lost, and does not ask again")
def fsync_of_linux():
    expect_store_errors()
    write('/dev/kmsg', 'scst-test: expect sd .*')
    with NullBlk(cache_size=8) as store, \
            Mapped(linear(store.node())) as mapped:
        target = Target()
        target.add(0, Device('vdisk_blockio', 'd0', filename=mapped.path))
        sessions = [target.login(name) for name in ('s0', 's1')]
        nodes = [session.sg() for session in sessions]
        for node in nodes:
            sgio.settle(node)
        is_good(write16(nodes[1], BAD, os.urandom(8 * BLOCK)))
        mapped.replace(no_writes(store.node()))
        is_error(sync16(nodes[0]), FLUSH_ERROR, None)
        mapped.replace(linear(store.node()))
        with open(sessions[1].disk(), 'r+b', buffering=0) as disk:
            with fails('EREMOTEIO'):
                os.fsync(disk)
            os.fsync(disk)


@case('who has aborted SYNCHRONIZE CACHE still is to hear that it has failed')
def aborted_flush():
    expect_store_errors()
    write('/dev/kmsg', 'scst-test: expect sd .*')
    with NullBlk(cache_size=8) as store, \
            Mapped(linear(store.node())) as mapped:
        node = on_device('vdisk_blockio', mapped.path)
        is_good(write16(node, BAD, os.urandom(8 * BLOCK)))
        run('dmsetup', 'load', mapped.name, '--table', no_writes(store.node()))
        mapped.suspend()
        with Trace('scst/scst_tm_start') as trace, \
                concurrent.futures.ThreadPoolExecutor() as pool:
            sync = pool.submit(sgio.command, node, SYNC, timeout=1000)
            try:
                wait_for(lambda: any('scst_tm_start' in line
                                     for line in trace.lines()), 'ABORT TASK')
            finally:
                mapped.resume()
            equal(sync.result().status, sgio.GOOD, 'status: nothing came')
        mapped.replace(linear(store.node()))
        is_error(sync16(node), FLUSH_ERROR, None)
        is_good(sync16(node))


def bad_flush_of_fua(handler, fua=0, **attrs):
    expect_store_errors()
    with NullBlk(cache_size=8, fua=fua) as store, \
            Mapped(linear(store.node())) as mapped:
        target = Target()
        target.add(0, Device(handler, 'd0', filename=mapped.path, **attrs))
        nodes = [target.login(name).sg() for name in ('s0', 's1')]
        for node in nodes:
            sgio.settle(node)
        is_good(write16(nodes[1], BAD, os.urandom(8 * BLOCK)))
        os.sync()
        mapped.replace(no_writes(store.node()))
        equal(write16(nodes[0], 0, bytes(BLOCK), True).triple, WRITE_ERROR,
              'WRITE')
        mapped.replace(linear(store.node()))
        is_error(sync16(nodes[1]), FLUSH_ERROR, None)
        is_good(sync16(nodes[1]))


@case('... be it the flush after a WRITE with FUA')
def bad_flush_fua():
    bad_flush_of_fua('vdisk_blockio')
    # device-mapper knows FUA then; what is below may not
    bad_flush_of_fua('vdisk_blockio', 1)
    bad_flush_of_fua('vdisk_fileio')
    bad_flush_of_fua('vdisk_fileio', o_direct=1)


@case('what comes while the store is closed is refused, and no news later')
def closed():
    with NullBlk(cache_size=8) as store:
        device = Device('vdisk_blockio', 'd0', filename=store.node())
        node = disk_on(device)
        is_good(write16(node, BAD, os.urandom(8 * BLOCK)))
        set_active(device, 0)
        for cdb in ('35020000000000000000', '35000000000000000000',
                    '040000000000'):
            is_error(sgio.command(node, cdb), NOT_READY, None)
        is_error(verify16(node, 0, 1), NOT_READY, None)
        set_active(device, 1)
        sgio.settle(node)
        is_good(sync16(node))
        is_good(read16(node, BAD, 8))


@case('VERIFY of a file on a file system that is only read')
def read_only_file():
    if not os.path.exists('/usr/bin/genisoimage'):
        raise Skip('no genisoimage')
    tree = os.path.join(SCRATCH, 'tree')
    os.makedirs(tree)
    file_of(1 << 20, 'tree/disk')
    image = os.path.join(SCRATCH, 'iso')
    run('genisoimage', '-quiet', '-o', image, tree)
    with mounted(image, options='loop,ro', mkfs=False) as where:
        name = os.listdir(where)[0]
        node = on_device('vdisk_fileio', os.path.join(where, name),
                         read_only=1)
        is_good(verify16(node, 0, 8))
        is_good(read16(node, 0, 8, True))
        is_good(sync16(node))


@case('each initiator hears once that a cache was not written on closing')
def bad_close():
    write('/dev/kmsg', 'scst-test: expect scst: d0: the cache was not written')
    with NullBlk(cache_size=8) as store, \
            Mapped(linear(store.node())) as mapped:
        target = Target()
        device = Device('vdisk_blockio', 'd0', filename=mapped.path)
        target.add(0, device)
        nodes = [target.login(name).sg() for name in ('s0', 's1')]
        for node in nodes:
            sgio.settle(node)
        is_good(write16(nodes[0], BAD, os.urandom(8 * BLOCK)))
        mapped.replace(no_writes(store.node()))
        expect_store_errors()
        set_active(device, 0)
        mapped.replace(linear(store.node()))
        set_active(device, 1)
        for node in nodes:
            sgio.settle(node)
            is_error(sync16(node), FLUSH_ERROR, None)
            is_good(sync16(node))


@case('what the page cache could not write is an error of FUA and of '
      'SYNCHRONIZE CACHE')
def bad_sync():
    expect_store_errors()
    with NullBlk() as store:
        with Mapped(no_writes(store.node())) as bad:
            node = on_device('vdisk_fileio', bad.path)
            data = os.urandom(8 * BLOCK)
            is_error(write16(node, BAD, data, True), WRITE_ERROR, None)
            is_good(write16(node, BAD, data))
            is_error(sync16(node), FLUSH_ERROR, None)
            bad.replace(linear(store.node()))
            is_good(write16(node, BAD, data))
            is_good(sync16(node))


@case('each initiator hears once that the page cache could not be written')
def bad_sync_two():
    expect_store_errors()
    with NullBlk() as store:
        with Mapped(no_writes(store.node())) as bad:
            target = Target()
            target.add(0, Device('vdisk_fileio', 'd0', filename=bad.path))
            writer, other = [target.login(name).sg() for name in ('s0', 's1')]
            for node in (writer, other):
                sgio.settle(node)
            is_good(write16(writer, BAD, os.urandom(8 * BLOCK)))
            is_error(sync16(other), FLUSH_ERROR, None)
            bad.replace(linear(store.node()))
            is_good(sync16(other))
            is_error(sync16(writer), FLUSH_ERROR, None)
            is_good(sync16(writer))
            # So does one that comes later: it may have been here before.
            late = target.login('s2').sg()
            sgio.settle(late)
            is_error(sync16(late), FLUSH_ERROR, None)
            is_good(sync16(late))


@case('... nor that of the file with the protection information')
def bad_sync_side():
    expect_store_errors()
    data = file_of(8 << 20, 'data')
    with NullBlk() as store:
        # No journal, whose end would be the end of the file system.
        run('mkfs.ext4', '-q', '-F', '-O', '^has_journal', store.node())
        with Mapped(linear(store.node())) as bad, \
                mounted(bad.path, mkfs=False) as where:
            side = os.path.join(where, 'pi')
            with open(side, 'wb') as f:
                f.write(bytes((8 << 20) // BLOCK * 8))
            os.sync()
            target = Target()
            target.add(0, Device('vdisk_fileio', 'd0', filename=data,
                                 dif_type=1, dif_filename=side))
            writer, other = [target.login(name).sg() for name in ('s0', 's1')]
            for node in (writer, other):
                sgio.settle(node)
            bad.replace(no_writes(store.node()))
            is_good(write16(writer, BAD, os.urandom(8 * BLOCK)))
            is_error(sync16(other), FLUSH_ERROR, None)
            bad.replace(linear(store.node()))
            is_good(sync16(other))
            is_error(sync16(writer), FLUSH_ERROR, None)
            is_good(sync16(writer))


@case('a write that fails does not hide that an earlier one was lost')
def lost_before():
    expect_store_errors()
    with NullBlk() as store:
        with Mapped(no_writes(store.node())) as bad:
            node = on_device('vdisk_fileio', bad.path)
            data = os.urandom(8 * BLOCK)
            is_good(write16(node, BAD, data))
            os.sync()
            is_error(write16(node, 0, data, True), WRITE_ERROR, None)
            bad.replace(linear(store.node()))
            is_good(write16(node, 0, data, True))
            is_error(sync16(node), FLUSH_ERROR, None)
            is_good(sync16(node))


def flaky(handler, **attrs):
    expect_store_errors()
    cached = handler == 'vdisk_fileio' and not attrs
    with NullBlk() as store:
        with Mapped(linear(store.node())) as mapped:
            node = on_device(handler, mapped.path, **attrs)
            for _ in range(3):
                mapped.replace(no_writes(store.node()))
                got = write16(node, 0, bytes(64 * BLOCK), True)
                equal(got.triple, WRITE_ERROR, 'sense of %r' % got)
                is_good(read16(node, 0, 64))
                mapped.replace(linear(store.node()))
                is_good(write16(node, 0, bytes(64 * BLOCK), True))
                if cached:
                    is_error(sync16(node), FLUSH_ERROR, None)
                is_good(sync16(node))


@case('a store that fails now and then')
def flakes():
    flaky('vdisk_blockio')
    flaky('vdisk_fileio')
    flaky('vdisk_fileio', o_direct=1)


@case('a store that is slow')
def slow():
    with NullBlk() as store:
        with Mapped(delayed(store.node(), 5)) as mapped:
            for handler, attrs in (('vdisk_blockio', {}),
                                   ('vdisk_fileio', {}),
                                   ('vdisk_fileio', {'o_direct': 1})):
                target = Target()
                device = Device(handler, 'd0', filename=mapped.path, **attrs)
                target.add(0, device)
                session = target.login()
                fio_verify(session.disk(), '--bs=16k', size='1M')
                session.logout()
                target.delete(0, device)
                device.disable()
                device.remove()
                os.rmdir(target.path)


@case('a full file system, and one with room again')
def full():
    where = os.path.join(SCRATCH, 'full')
    os.makedirs(where)
    run('mount', '-t', 'tmpfs', '-o', 'size=2m', 'none', where)
    try:
        fill(where)
    finally:
        unmount(where)


def fill(where):
    with open(where + '/other', 'wb') as f:
        f.write(bytes(1 << 20))
    with open(where + '/disk', 'wb') as f:
        f.truncate(8 << 20)
    device = Device('vdisk_fileio', 'd0', filename=where + '/disk',
                    thin_provisioned=1)
    target = Target()
    target.add(0, device)
    session = target.login()
    node = session.sg()
    sgio.settle(node)
    data = os.urandom(2 << 20)
    equal(write16(node, 0, data).triple, SPACE_ALLOCATION_FAILED, 'sense')
    os.unlink(where + '/other')
    is_good(write16(node, 0, data[:1 << 20]))
    equal(read16(node, 0, 2048).data, data[:1 << 20], 'data')
    session.logout()
    target.delete(0, device)
    device.disable()
    device.remove()


@case('a store that has become read-only')
def read_only():
    with NullBlk() as store:
        node = on_device('vdisk_fileio', store.node())
        is_good(write16(node, 0, bytes(BLOCK), True))
        run('blockdev', '--setro', store.node())
        equal(write16(node, 0, bytes(BLOCK)).triple, WRITE_PROTECTED, 'sense')
        is_good(read16(node, 0, 8))
        run('blockdev', '--setrw', store.node())
        is_good(write16(node, 0, bytes(BLOCK), True))


@case('a file system that has given up')
def aborted():
    expect_store_errors()
    with NullBlk() as store, mounted(store.node()) as where:
        with open(where + '/disk', 'wb') as f:
            f.write(bytes(8 << 20))
            os.fsync(f.fileno())
        node = on_device('vdisk_fileio', where + '/disk')
        is_good(write16(node, 0, bytes(BLOCK)))
        is_good(sync16(node))
        run('mount', '-o', 'remount,abort', where, status=None)
        is_error(write16(node, 0, bytes(BLOCK)), WRITE_ERROR, None)
        is_error(read16(node, 8, 8), READ_ERROR, 8)


def loses(handler, **attrs):
    with NullBlk() as store:
        node = on_device(handler, store.node(), **attrs)
        is_good(write16(node, 0, bytes(BLOCK)))
        store.off()
        is_error(read16(node, 2048, 8), NOT_READY, None)
        is_error(write16(node, 0, bytes(BLOCK), True), NOT_READY, None)
        is_error(sync16(node), NOT_READY, None)
        is_error(sgio.command(node, bytes(6)), NOT_READY, None)
        is_good(sgio.command(node, '120000002400', sgio.IN, length=36))


@case('a store that has gone')
def gone():
    expect_store_errors()
    loses('vdisk_blockio')
    dismantle()
    loses('vdisk_fileio')
    dismantle()
    loses('vdisk_fileio', o_direct=1)


if __name__ == '__main__':
    main()
