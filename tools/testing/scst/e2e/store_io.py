#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""How commands reach the store: what is read ahead, what is synced, who waits."""
import contextlib
import os

import iscsi_lib
import lib
import sgio
from lib import (Device, Stall, Target, case, check, equal, read, run, wait_for,
                 waiting_in, write)
from store_lib import BLOCK, NullBlk, mounted, read16, sync16, write16

PAGE = 4096
MIB = 1 << 20
# Commands that are in the store at once
INSIDE = 12
# More than the workers that a CPU may have for one disk
STUCK = 300
# As many as a session may have inside, nearly
EACH = 30


class Counters:
    """What the store has done, since this was made"""

    def __init__(self, node):
        self.path = '/sys/class/block/%s/stat' % os.path.basename(node)
        self.before = self._fields()

    def _fields(self):
        return [int(field) for field in read(self.path).split()]

    def _since(self, field):
        return self._fields()[field] - self.before[field]

    def reads(self):
        return self._since(0)

    def written(self):
        return self._since(6) * 512

    def flushes(self):
        return self._since(15)


@contextlib.contextmanager
def no_writeback():
    """Nothing is written unless somebody asks for it."""
    path = '/proc/sys/vm/dirty_writeback_centisecs'
    before = read(path)
    write(path, 0)
    try:
        yield
    finally:
        write(path, before)


def drop_caches():
    run('sync')
    write('/proc/sys/vm/drop_caches', 3)


@contextlib.contextmanager
def disk_in_file(handler='vdisk_fileio', size=16 * MIB, **attrs):
    """(sg, node of the store): a file whose blocks are all there, on ext4, which
    reads hardly anything ahead and writes nothing by itself."""
    with NullBlk(size_mb=64, cache_size=64) as null, \
            mounted(null.node(), options='noinit_itable') as where:
        with open(where + '/disk', 'wb') as file:
            file.write(os.urandom(size))
            os.fsync(file.fileno())
        drop_caches()
        write('/sys/class/block/%s/queue/read_ahead_kb' %
              os.path.basename(null.node()), 4)
        target = Target()
        target.add(0, Device(handler, 'd0', filename=where + '/disk', **attrs))
        sg = target.login().sg()
        sgio.settle(sg)
        yield sg, null.node()


@case('a file: what is read in order is read ahead')
def sequential():
    with disk_in_file() as (sg, node):
        counters, blocks = Counters(node), PAGE // BLOCK
        first = 4 * MIB // BLOCK        # nobody looks for partitions there
        for i in range(256):
            sgio.good(read16(sg, first + i * blocks, blocks))
        done = counters.reads()
        check(0 < done <= 256 // 8, '256 reads in order are %d' % done)


@case('a file: FUA is for what it writes, and for nothing else')
def fua():
    with no_writeback(), disk_in_file() as (sg, node):
        for i in range(8):
            sgio.good(write16(sg, i * MIB // BLOCK, os.urandom(64 << 10)))
        counters = Counters(node)
        sgio.good(write16(sg, 12 * MIB // BLOCK, os.urandom(PAGE), fua=True))
        check(counters.flushes() > 0, 'FUA does not flush')
        # and what the file system has to say of it
        check(PAGE <= counters.written() < 256 << 10,
              'FUA writes %d bytes' % counters.written())
        sgio.good(sync16(sg))
        check(counters.written() >= 512 << 10, 'SYNCHRONIZE CACHE writes %d' %
              counters.written())


@case('a file with write_through: each write is flushed, with nothing else')
def write_through():
    with no_writeback(), disk_in_file(write_through=1) as (sg, node):
        for i in range(1, 9):
            counters = Counters(node)
            sgio.good(write16(sg, i * MIB // BLOCK, os.urandom(PAGE)))
            check(counters.flushes() > 0, 'write %d is not flushed' % i)
            check(PAGE <= counters.written() < 256 << 10,
                  'write %d writes %d bytes' % (i, counters.written()))


def inside():
    """Commands of all sessions"""
    return sum(int(read(where + '/active_commands'))
               for where in iscsi_lib.sessions())


def begin_reads(session, count, first=8 * MIB // BLOCK):
    """As many that nobody has read"""
    return [session.submit(
        bytes([0x28, 0]) + (first + i * 64).to_bytes(4, 'big') +
        bytes([0, 0, PAGE // BLOCK, 0]), read=PAGE) for i in range(count)]


@contextlib.contextmanager
def stalled(handler, size=32 * MIB, sessions=1, **attrs):
    """Sessions of raw initiators, and the store of their disk, which has stopped"""
    with Stall(size) as store, contextlib.ExitStack() as stack:
        target = iscsi_lib.Target()
        target.add(0, Device(handler, 'd0', filename=store.path, **attrs))
        iscsi_lib.serve()
        raw = [stack.enter_context(target.raw(isid=i + 1))
               for i in range(sessions)]
        for session in raw:
            session.command('000000000000')     # power on
            equal(session.command('000000000000').status, 0, 'ready')
        drop_caches()
        store.suspend()
        try:
            yield store, raw
        finally:
            store.resume(status=None)


def waiting(function, number):
    """Whoever is just looked at may be about to end, or to wait."""
    return all(waiting_in(function) == number for _ in range(10))


def waits(number, handler, function, **attrs):
    """As many threads wait inside of the handler while there are INSIDE reads"""
    with stalled(handler, **attrs) as (store, (session,)):
        tasks = begin_reads(session, INSIDE)
        wait_for(lambda: inside() == INSIDE, 'the commands')
        wait_for(lambda: waiting(function, number),
                 '%d threads in %s' % (number, function))
        equal(inside(), INSIDE, 'commands')
        store.resume()
        for task in tasks:
            equal(session.wait(task).status, 0, 'status')


@case('a file read by o_direct, and a block device: nobody waits')
def asynchronous():
    waits(0, 'vdisk_fileio', 'vdisk_file', o_direct=1)
    waits(0, 'vdisk_blockio', 'vdisk_block')
    # This is how it looks when somebody does.
    waits(INSIDE, 'vdisk_fileio', 'vdisk_file')


@case('what is in the page cache waits for nobody who has to read')
def cached_first():
    count = STUCK * os.cpu_count()
    number = -(-count // EACH)
    with stalled('vdisk_fileio', 16 * MIB + count * 64 * BLOCK,
                 number + 1) as (store, (other, *raw)):
        store.resume()
        want = begin_reads(other, 1, 0)[0]
        equal(other.wait(want).status, 0, 'status')
        store.suspend()
        tasks = [(session, task) for i, session in enumerate(raw) for task in
                 begin_reads(session, EACH, 8 * MIB // BLOCK + i * EACH * 64)]
        wait_for(lambda: inside() == len(tasks), 'reads')
        again = begin_reads(other, 1, 0)[0]
        equal(other.wait(again).data, want.data, 'data')
        equal(inside(), len(tasks), 'reads that have not ended')
        store.resume()
        for session, task in tasks:
            equal(session.wait(task).status, 0, 'status')


if __name__ == '__main__':
    iscsi_lib.main()
