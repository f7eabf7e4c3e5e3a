#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""vdisk_blockio asks its store for completions: poll_us.

The store is null_blk, whose polled queue never completes by itself: what is sent
there ends because somebody asks. What is not ends in a timer's interrupt, which
the trace tells from a task.
"""
import contextlib
import os
import re

import sgio
from lib import (Load, Target, Trace, blockio, case, check, disable_idle, equal,
                 fails, fileio, fio, fio_verify, main, read, run, set_active,
                 wait_for)
from store_lib import (BLOCK, READ_ERROR, WRITE_ERROR, Mapped, NullBlk,
                       expect_store_errors, linear, read16, sync16, write16)

FOREVER = 1000000       # the longest there is: nothing is given up
BAD, BAD_COUNT = 1000, 8
ROUNDS = 2
TIMER = 2


@contextlib.contextmanager
def polled_store(**attrs):
    with NullBlk(size_mb=8, queue_mode=2, poll_queues=1, irqmode=TIMER,
                 **attrs) as store:
        if read(queue(store, 'io_poll')) == '0':
            raise AssertionError('null_blk does not poll')
        # It allocates memory when it is written first, behind its cache, too,
        # and sleeps for it, which who polls may not.
        run('dd', 'if=/dev/zero', 'of=' + store.node(), 'bs=64k', 'count=128',
            'oflag=direct', 'conv=fsync', 'status=none')
        yield store


def name_of(store):
    return os.path.basename(store.node())


def queue(store, attr):
    return '/sys/class/block/%s/queue/%s' % (name_of(store), attr)


def exported(path, poll_us=FOREVER, **attrs):
    target = Target()
    device = blockio(path, poll_us=poll_us, **attrs)
    target.add(0, device)
    return target, device, target.login()


class Ends(Trace):
    """Where the READs and WRITEs of a device end while a `with` lasts."""

    def __init__(self, node):
        super().__init__('block/block_rq_complete')
        self.number = read('/sys/class/block/%s/dev' %
                           os.path.basename(node)).replace(':', ',')

    def count(self):
        """(by somebody who asked, by interrupts)"""
        asked = interrupts = 0
        for line in self.lines():
            found = re.search(r'\] (\S{4,5}) +[\d.]+: block_rq_complete: '
                              r'%s F?[RW]' % self.number, line)
            if found and re.search('[hHsZz]', found[1][2]):
                interrupts += 1
            elif found:
                asked += 1
        return asked, interrupts


def all_asked(ends):
    asked, interrupts = ends.count()
    check(asked and not interrupts,
          '%d were asked for, %d interrupted' % (asked, interrupts))


def none_asked(ends):
    asked, interrupts = ends.count()
    check(interrupts and not asked,
          '%d were asked for, %d interrupted' % (asked, interrupts))


@case('values of poll_us, and who has it')
def values():
    check(not os.path.exists(fileio().path + '/poll_us'), 'fileio polls')
    with polled_store() as store:
        device = blockio(store.node())
        equal(device.get('poll_us'), '0', 'poll_us')
        for value in (1, FOREVER, 0):
            device.set('poll_us', value)
            equal(device.get('poll_us'), str(value), 'poll_us')
        for value, name in ((FOREVER + 1, 'ERANGE'), (1 << 32, 'ERANGE'),
                            (-1, 'EINVAL'), ('x', 'EINVAL')):
            with fails(name):
                device.set('poll_us', value)
        equal(device.get('poll_us'), '0', 'poll_us')


@case('every READ and WRITE is asked for, and its data is right')
def verified():
    with polled_store() as store:
        disk = exported(store.node())[2].disk()
        with Ends(store.node()) as ends:
            fio_verify(disk, size='2M')
        all_asked(ends)


@case('nothing is, unless poll_us says so')
def not_asked():
    with polled_store() as store:
        disk = exported(store.node(), 0)[2].disk()
        with Ends(store.node()) as ends:
            fio_verify(disk, size='2M')
        none_asked(ends)


@case('nor is what the block layer splits')
def split():
    with polled_store(max_sectors=16) as store:
        disk = exported(store.node())[2].disk()
        with Ends(store.node()) as ends:
            fio_verify(disk, '--bs=64k', size='2M')
        none_asked(ends)


@case('nor is a device-mapper device, which would ask for several')
def mapped():
    with polled_store() as store, Mapped(linear(store.node())) as above:
        disk = exported(above.path)[2].disk()
        with Ends(store.node()) as ends:
            fio_verify(disk, size='2M')
        none_asked(ends)


@case('transfers of all sizes, file after file')
def sizes():
    with polled_store() as store:
        disk = exported(store.node())[2].disk()
        fio_verify(disk, '--bsrange=512-1M', '--bs_unaligned=0', size='4M')
        fio(disk, '--rw=read', '--bs=4M')


@case('a store that is slower than poll_us')
def slow():
    with polled_store() as store:
        disk = exported(store.node(), 1)[2].disk()
        fio_verify(disk, size='1M')
    with polled_store(mbps=16) as store:
        disk = exported(store.node(), 100)[2].disk()
        fio_verify(disk, size='1M')


@case('FUA and SYNCHRONIZE CACHE')
def flushes():
    for fua in (0, 1):
        with polled_store(cache_size=8, fua=fua) as store:
            equal(read(queue(store, 'write_cache')), 'write back')
            sg = exported(store.node())[2].sg()
            sgio.settle(sg)
            with Ends(store.node()) as ends:
                equal(write16(sg, 8, bytes(range(256)) * 16, True).status,
                      sgio.GOOD, 'WRITE with FUA')
            (all_asked if fua else none_asked)(ends)
            equal(sync16(sg).status, sgio.GOOD, 'SYNCHRONIZE CACHE')
            equal(read16(sg, 8, 8).data, bytes(range(256)) * 16, 'data')


@case('the first bad block is named')
def bad_block():
    expect_store_errors()
    with polled_store() as store:
        sg = exported(store.node())[2].sg()
        sgio.settle(sg)
        store.set('badblocks', '+%d-%d' % (BAD, BAD + BAD_COUNT - 1))
        for result, triple in (
                (read16(sg, BAD - 100, 1024), READ_ERROR),
                (write16(sg, BAD - 100, bytes(1024 * BLOCK)), WRITE_ERROR)):
            equal(result.triple, triple, 'sense')
            equal(result.information, BAD, 'INFORMATION')
        store.set('badblocks', '-%d-%d' % (BAD, BAD + BAD_COUNT - 1))
        equal(read16(sg, BAD - 100, 1024).status, sgio.GOOD, 'status')


def go_on(load, count=100):
    before = load.commands()
    wait_for(lambda: load.commands() > before + count, 'more commands')


@case('poll_us changes under load')
def changes():
    with polled_store() as store:
        _, device, session = exported(store.node())
        disk = session.disk()
        load = Load(disk)
        for _ in range(ROUNDS):
            for value in (0, 1, 50, FOREVER):
                device.set('poll_us', value)
                go_on(load)
        load.stop()
        with Ends(store.node()) as ends:
            fio_verify(disk, size='1M')
        all_asked(ends)


@case('LOGICAL UNIT RESET under load')
def reset():
    with polled_store() as store:
        session = exported(store.node())[2]
        load = Load(session.disk())
        for _ in range(ROUNDS):
            run('sg_reset', '-d', session.sg())
            go_on(load)
        load.stop()
        fio_verify(session.disk(), size='1M')


@case('two disks and two sessions at once')
def several():
    with polled_store() as one, polled_store(name='scst1') as other:
        session = exported(one.node())[2]
        target = Target('t1')
        target.add(0, blockio(other.node(), 'b1', poll_us=50))
        loads = [Load(session.disk()), Load(target.login('s1').disk())]
        for load in loads:
            go_on(load)
        for load in loads:
            load.stop()


@case('the store loses its polled queues, and gets them back')
def resized():
    with polled_store() as store:
        _, device, session = exported(store.node())
        disk = session.disk()
        load = Load(disk)
        store.set('poll_queues', 0)
        go_on(load)
        load.stop()
        with Ends(store.node()) as ends:
            fio_verify(disk, size='1M')
        none_asked(ends)
        # Still not asked for: it is when the store is opened that this shows.
        store.set('poll_queues', 1)
        set_active(device, 0)
        set_active(device, 1)
        sgio.settle(session.sg())
        with Ends(store.node()) as ends:
            fio_verify(disk, size='1M')
        all_asked(ends)


@case('the disk is closed and opened, and goes, under load')
def closed():
    expect_store_errors()
    with polled_store() as store:
        target, device, session = exported(store.node())
        for _ in range(ROUNDS):
            load = Load(session.disk())
            set_active(device, 0)
            set_active(device, 1)
            load.stop_failing()
            sgio.settle(session.sg())
        load = Load(session.disk())
        target.delete(0, device)
        disable_idle(device.path)
        load.stop_failing()


@case('the store goes under load')
def unplugged():
    expect_store_errors()
    with polled_store() as store:
        _, device, session = exported(store.node())
        load = Load(session.disk())
        store.off()
        load.stop_failing()
        equal(read16(session.sg(), 0, 8).status, sgio.CHECK_CONDITION, 'status')
        device.set('active', 0)


if __name__ == '__main__':
    main()
