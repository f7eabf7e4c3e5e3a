#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""Changes of disks in use: size, read_only, caches, identity, the store."""
from concurrent.futures import ThreadPoolExecutor
import glob
import os

import sgio
from lib import (Device, Load, Stall, Target, Trace, blockio, case, check,
                 equal, fails, file_of, fileio, main, nullio, read, set_active,
                 wait_for)
from store_lib import (BLOCK, NOT_READY, Mapped, NullBlk, expect_store_errors,
                       linear, read16, sectors, sync16, write16)

MEDIUM_CHANGED = (sgio.UNIT_ATTENTION, 0x28, 0x00)
MODE_CHANGED = (sgio.UNIT_ATTENTION, 0x2a, 0x01)
CAPACITY_CHANGED = (sgio.UNIT_ATTENTION, 0x2a, 0x09)
INQUIRY_CHANGED = (sgio.UNIT_ATTENTION, 0x3f, 0x03)
WRITE_PROTECTED = (sgio.DATA_PROTECT, 0x27, 0x00)
TEST_UNIT_READY = bytes(6)
# READ CAPACITY(10) and (16), GET LBA STATUS
ASKS_FOR_BLOCKS = ('25' + '00' * 9, '9e10' + '00' * 11 + '200000',
                   '9e12' + '00' * 11 + '200000')


def disk_on(device, lun=0):
    target = Target()
    target.add(lun, device)
    node = target.login().sg(lun)
    sgio.settle(node)
    return node


def hears(node, triple):
    """The next command reports it, and none after that does."""
    equal(sgio.command(node, TEST_UNIT_READY).triple, triple, 'sense')
    equal(sgio.command(node, TEST_UNIT_READY).status, sgio.GOOD, 'status')


def change(device, attr, value, node, triple):
    device.set(attr, value)
    wait_for(lambda: device.get(attr) == str(value), attr)
    # What follows from it comes before the next command is let in.
    hears(node, triple)


def caching(node):
    """WCE, and whether it may be changed"""
    return [sgio.command(node, '1a08%02x001c00' % (pc << 6 | 8), sgio.IN,
                         length=28).data[6] & 4 for pc in (0, 1)]


def write_protected(node):
    return sgio.command(node, '1a083f000400', sgio.IN,
                        length=4).data[2] & 0x80


def last_lba(node):
    return int.from_bytes(sgio.command(
        node, '9e10' + '00' * 11 + '200000', sgio.IN,
        length=32).data[:8], 'big')


@case('read_only, as the store allows it')
def read_only():
    device = fileio()
    node = disk_on(device)
    change(device, 'read_only', 1, node, MODE_CHANGED)
    check(write_protected(node), 'WP is 0')
    equal(write16(node, 0, bytes(BLOCK)).triple, WRITE_PROTECTED, 'sense')
    change(device, 'read_only', 0, node, MODE_CHANGED)
    check(not write_protected(node), 'WP is 1')
    equal(write16(node, 0, bytes(BLOCK)).status, sgio.GOOD, 'status')


@case('what was opened for reading cannot be written')
def opened_read_only():
    device = fileio(read_only=1)
    node = disk_on(device)
    with fails('EROFS'):
        device.set('read_only', 0)
    equal(device.get('read_only'), '1', 'read_only')
    equal(write16(node, 0, bytes(BLOCK)).triple, WRITE_PROTECTED, 'sense')


@case('what is changed before the store is opened again')
def read_only_closed():
    device = fileio(read_only=1)
    node = disk_on(device)
    set_active(device, 0)
    device.set('read_only', 0)
    set_active(device, 1)
    sgio.settle(node)
    check(not write_protected(node), 'WP is 1')
    equal(write16(node, 0, bytes(BLOCK), True).status, sgio.GOOD, 'status')


@case('an attribute that gets the value that it has is no news')
def no_news():
    device = fileio()
    node = disk_on(device)
    for attr in ('read_only', 'write_through', 'nv_cache', 'prod_id'):
        device.set(attr, device.get(attr))
    equal(sgio.command(node, TEST_UNIT_READY).status, sgio.GOOD, 'status')


@case('write_through and nv_cache')
def caches():
    with NullBlk(cache_size=8) as store:
        device = blockio(store.node())
        node = disk_on(device)
        equal(caching(node), [4, 4], 'WCE')
        for attr in ('write_through', 'nv_cache'):
            change(device, attr, 1, node, MODE_CHANGED)
            equal(caching(node), [0, 0], 'WCE')
            change(device, attr, 0, node, MODE_CHANGED)
            equal(caching(node), [4, 4], 'WCE')


@case('what the cache held is on the medium when it is turned off')
def cache_is_written():
    with NullBlk(cache_size=16) as store:
        device = blockio(store.node())
        node = disk_on(device)
        data = os.urandom(64 * BLOCK)
        equal(write16(node, 0, data).status, sgio.GOOD, 'status')
        change(device, 'write_through', 1, node, MODE_CHANGED)
        set_active(device, 0)
        store.off()
        store.on()
        set_active(device, 1)
        hears(node, MEDIUM_CHANGED)
        equal(read16(node, 0, 64).data, data, 'data')


@case('a store without a cache: WCE is 0 and stays so')
def no_cache():
    with NullBlk() as store:
        node = disk_on(blockio(store.node()))
        equal(caching(node), [0, 0], 'WCE')


@case('identity strings')
def identity():
    device = fileio()
    node = disk_on(device)
    for attr, value in (('t10_vend_id', 'ACME'), ('prod_id', 'Anvil'),
                        ('prod_rev_lvl', '7'), ('usn', '4711'),
                        ('t10_dev_id', 'anvil'), ('vend_specific_id', 'x'),
                        ('scsi_device_name', 'iqn.2026-11.example:a'),
                        ('naa_id', '0x3000000000000001'),
                        ('eui64_id', '0x0123456789abcdef')):
        with Trace('scst/scst_ua_set') as trace:
            device.set(attr, value)
            wait_for(lambda: device.get(attr) == value, attr)
            # This, or one of those by which Linux looks again, takes it.
            got = sgio.command(node, TEST_UNIT_READY).triple
            check(got in (INQUIRY_CHANGED, (None, None, None)), got)
            check(any('ua=3f/03' in line for line in trace.lines()),
                  'no unit attention for ' + attr)
    data = sgio.command(node, '120000002400', sgio.IN, length=36).data
    equal(data[8:36], b'ACME    Anvil           7   ', 'INQUIRY data')
    with fails('ENAMETOOLONG'):
        device.set('prod_id', 'x' * 17)
    with fails('EINVAL'):
        device.set('naa_id', '0x12')
    equal(sgio.command(node, TEST_UNIT_READY).status, sgio.GOOD, 'status')


@case('what is written is read back while it waits for a command')
def read_back():
    with Stall() as stall:
        device = blockio(stall.path)
        node = disk_on(device)
        stall.suspend()
        with ThreadPoolExecutor() as pool:
            stuck = pool.submit(read16, node, 0, 1)
            try:
                wait_for(lambda: [read(name) for name in glob.glob(
                    '/sys/class/scst_session/*/active_commands')] == ['1'],
                    'the command')
                for attr, value in (('usn', 'one'), ('usn', 'two'),
                                    ('nv_cache', '1'),
                                    ('naa_id', '0x3000000000000001')):
                    device.set(attr, value)
                    equal(device.get(attr), value, attr)
            finally:
                stall.resume()
            equal(stuck.result().status, sgio.GOOD, 'status')
        serial = sgio.command(node, '120180002400', sgio.IN, length=36).data
        equal(serial[4:4 + serial[3]], b'two', 'serial number')


@case('a size that changes is noticed')
def size():
    path = file_of(8 << 20)
    device = Device('vdisk_fileio', 'd0', filename=path)
    node = disk_on(device)
    equal(last_lba(node), (8 << 11) - 1, 'last LBA')
    os.truncate(path, 16 << 20)
    equal(sgio.command(node, TEST_UNIT_READY).status, sgio.GOOD, 'status')
    hears(node, CAPACITY_CHANGED)
    os.truncate(path, 4 << 20)
    equal(last_lba(node), (4 << 11) - 1, 'last LBA')
    hears(node, CAPACITY_CHANGED)
    os.truncate(path, 8 << 20)
    device.set('resync_size', 1)
    hears(node, CAPACITY_CHANGED)
    equal(last_lba(node), (8 << 11) - 1, 'last LBA')


@case('a device that grows is noticed')
def size_of_device():
    with NullBlk() as store:
        half = '0 %d linear %s 0' % (sectors(store.node()) // 2, store.node())
        with Mapped(half) as mapped:
            node = disk_on(blockio(mapped.path))
            before = last_lba(node)
            mapped.replace(linear(store.node()))
            equal(last_lba(node), before * 2 + 1, 'last LBA')
            hears(node, CAPACITY_CHANGED)


def lost_and_back(handler, **attrs):
    expect_store_errors()
    with NullBlk() as store:
        device = Device(handler, 'd0', filename=store.node(), **attrs)
        node = disk_on(device)
        store.off()
        equal(read16(node, 0, 8).triple, NOT_READY, 'sense')
        for cdb in ASKS_FOR_BLOCKS:
            equal(sgio.command(node, cdb, sgio.IN, length=32).triple,
                  NOT_READY, cdb)
        with fails('EBUSY'):
            device.set('filename', '/dev/other')
        set_active(device, 0)
        for got in (read16(node, 0, 8), write16(node, 0, bytes(BLOCK)),
                    sync16(node), sgio.command(node, TEST_UNIT_READY),
                    *(sgio.command(node, cdb, sgio.IN, length=32)
                      for cdb in ASKS_FOR_BLOCKS)):
            equal(got.triple, NOT_READY, 'sense')
        with fails('ENOENT'):
            device.set('active', 1)
        equal(device.get('active'), '0', 'active')
        # Another one, of another size, with another name
        with NullBlk('scst1', size_mb=16) as other:
            device.set('filename', other.node())
            set_active(device, 1)
            got = {sgio.command(node, TEST_UNIT_READY).triple
                   for _ in range(2)}
            equal(got, {MEDIUM_CHANGED, CAPACITY_CHANGED}, 'news')
            equal(sgio.command(node, TEST_UNIT_READY).status, sgio.GOOD,
                  'status')
            equal(last_lba(node), (16 << 11) - 1, 'last LBA')
            equal(write16(node, 0, bytes(8 * BLOCK), True).status, sgio.GOOD,
                  'status')
            equal(read16(node, 0, 8).data, bytes(8 * BLOCK), 'data')


@case('vdisk_blockio: a store that is lost, and another one')
def lost_block():
    lost_and_back('vdisk_blockio')


@case('vdisk_fileio: a store that is lost, and another one')
def lost_file():
    lost_and_back('vdisk_fileio')


@case('changes below a load')
def below_load():
    device = fileio()
    target = Target()
    target.add(0, device)
    session = target.login()
    load = Load(session.disk())
    for _ in range(5):
        for attr in ('write_through', 'nv_cache'):
            for value in (1, 0):
                device.set(attr, value)
        device.set('prod_id', 'another')
        set_active(device, 1)
    load.stop()


@case('a disk that goes while a change waits')
def removed():
    device = nullio()
    device.set('read_only', 1)
    device.set('prod_id', 'new')
    device.disable()
    device.remove()


@case('a dummy: no logical unit is connected')
def dummy():
    target = Target()
    device = nullio('d', dummy=1)
    target.add(0, device)
    target.add(1, nullio('n'))
    session = target.login()
    node = session.sg(1)
    sgio.settle(node)
    # Linux sees that there is nothing at LUN 0.
    check(not os.path.exists(session.sysfs(0)), 'LUN 0 is there')
    with fails('EBUSY'):
        device.set('dummy', 0)


if __name__ == '__main__':
    main()
