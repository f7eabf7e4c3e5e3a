#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""Stores that fail under load, and come back: nobody hangs or logs in again."""
import contextlib
import os
import random
import threading

import sgio
from lib import (Device, Skip, Target, case, check, dismantle, equal, fails,
                 main, run, set_active, unmount, wait_for, write)
from store_lib import (BLOCK, FLUSH_ERROR, NOT_READY, READ_ERROR, WRITE_ERROR,
                       Mapped, NullBlk, expect_store_errors, linear, mounted,
                       no_writes, read16, sync16, write16)

WRITE_PROTECTED = (sgio.DATA_PROTECT, 0x27, 0x00)
FAULTS = '/sys/kernel/debug/fail_make_request/'
READ, WRITE, SYNC = 'READ', 'WRITE', 'SYNCHRONIZE CACHE'
SLOT = 64                       # blocks of which a Worker writes a part
SLOTS = 16                      # of each Worker
WORKERS = 4


def sessions(device, number):
    """sg nodes of so many initiators"""
    target = Target()
    target.add(0, device)
    nodes = [target.login('s%d' % i).sg() for i in range(number)]
    for node in nodes:
        sgio.settle(node)
    return nodes


class Worker(threading.Thread):
    """Reads, writes and syncs its part of a disk until told to end. What READ
    says is good must be what it has written last, and no sense data others
    than those allowed."""

    def __init__(self, number, node, allowed):
        super().__init__()
        self.node = node
        self.base = number * SLOT * SLOTS
        self.random = random.Random(number)
        self.allowed = allowed
        self.written = {}       # slot: the data that must be there
        self.good = dict.fromkeys((READ, WRITE, SYNC), 0)
        self.bad = dict.fromkeys((READ, WRITE, SYNC), 0)
        self.told_to_end = False
        self.wrong = None

    def lba(self, slot):
        return self.base + slot * SLOT

    def write(self, slot):
        data = os.urandom(self.random.randint(1, SLOT // 8) * 8 * BLOCK)
        # Whatever comes of it, what was there is no longer certain.
        self.written.pop(slot, None)
        got = write16(self.node, self.lba(slot), data, True)
        if got.status == sgio.GOOD:
            self.written[slot] = data
        return got

    def read(self, slot):
        data = self.written.get(slot)
        got = read16(self.node, self.lba(slot),
                     len(data) // BLOCK if data else SLOT)
        if got.status == sgio.GOOD and data:
            check(got.data == data, 'other data in slot %d' % slot)
        return got

    def step(self):
        what = self.random.choice((READ, READ, WRITE, WRITE, SYNC))
        slot = self.random.randrange(SLOTS)
        got = {READ: self.read, WRITE: self.write,
               SYNC: lambda _: sync16(self.node)}[what](slot)
        if got.status == sgio.GOOD:
            self.good[what] += 1
            return
        self.bad[what] += 1
        check(got.triple in self.allowed[what], '%s: %r' % (what, got))
        if what == READ and got.information is not None:
            first = self.lba(slot)
            check(first <= got.information < first + SLOT, got)

    def run(self):
        try:
            while not self.told_to_end:
                self.step()
        except Exception as error:
            self.wrong = error

    def finds_all(self):
        """On a store that is good again"""
        for slot, data in self.written.items():
            got = read16(self.node, self.lba(slot), len(data) // BLOCK)
            check(sgio.good(got).data == data, 'slot %d is lost' % slot)


@contextlib.contextmanager
def work(nodes, allowed):
    """Workers on these nodes; none has seen what it should not."""
    workers = [Worker(i, nodes[i % len(nodes)], allowed)
               for i in range(WORKERS)]
    for worker in workers:
        worker.start()
    try:
        yield workers
    finally:
        for worker in workers:
            worker.told_to_end = True
        for worker in workers:
            worker.join()
    for worker in workers:
        if worker.wrong:
            raise worker.wrong


def all_have(workers, counts):
    """Has each command ended like this, of each of them?"""
    return any(w.wrong for w in workers) or \
        all(all(getattr(w, counts).values()) for w in workers)


def works_again(node):
    """What was lost meanwhile may be told once, or not at all."""
    if sync16(node).status != sgio.GOOD:
        sgio.good(sync16(node))
    data = os.urandom(SLOT * BLOCK)
    sgio.good(write16(node, 0, data, True))
    check(sgio.good(read16(node, 0, SLOT)).data == data, 'other data')
    sgio.good(sync16(node))


def removed_under_load(handler, **attrs):
    expect_store_errors()
    gone = dict.fromkeys((READ, WRITE, SYNC), (NOT_READY,))
    with NullBlk(cache_size=8) as store:
        device = Device(handler, 'd0', filename=store.node(), **attrs)
        nodes = sessions(device, 2)
        with work(nodes, gone) as workers:
            wait_for(lambda: all_have(workers, 'good'), 'the load')
            check(not any(any(w.bad.values()) for w in workers), 'errors')
            store.off()
            wait_for(lambda: all_have(workers, 'bad'), 'all to hear of it')
        # Nothing is taken from a cache of what has gone.
        for node in nodes:
            equal(read16(node, 0, 8).triple, NOT_READY, 'sense')
        set_active(device, 0)
        store.on()
        set_active(device, 1)
        for node in nodes:
            sgio.settle(node)
            works_again(node)
    dismantle()


@case('a store that is removed under load, and comes back')
def removed():
    removed_under_load('vdisk_fileio')
    removed_under_load('vdisk_fileio', o_direct=1)
    removed_under_load('vdisk_blockio')


@contextlib.contextmanager
def faults(node, probability):
    """So many of a hundred requests to the device fail, no others."""
    if not os.path.isdir(FAULTS):
        raise Skip('no fail_make_request')
    marked = '/sys/class/block/%s/make-it-fail' % os.path.basename(node)
    for attr, value in (('task-filter', 'N'), ('verbose', 0), ('times', -1),
                        ('interval', 1), ('probability', probability)):
        write(FAULTS + attr, value)
    write(marked, 1)
    try:
        yield
    finally:
        write(marked, 0)
        write(FAULTS + 'probability', 0)


def injected(handler, **attrs):
    expect_store_errors()
    cached = handler == 'vdisk_fileio' and not attrs
    allowed = {READ: (READ_ERROR,), WRITE: (WRITE_ERROR,),
               SYNC: (FLUSH_ERROR,)}
    with NullBlk(cache_size=8) as store:
        nodes = sessions(Device(handler, 'd0', filename=store.node(), **attrs),
                         2)
        with work(nodes, allowed) as workers:
            wait_for(lambda: all_have(workers, 'good'), 'the load')
            check(not any(any(w.bad.values()) for w in workers), 'errors')
            for worker in workers:
                # What is in the page cache is read without a request.
                if cached:
                    worker.bad[READ] = 1
                worker.good = dict.fromkeys(worker.good, 0)
            with faults(store.node(), 20):
                wait_for(lambda: all_have(workers, 'bad') and
                         all_have(workers, 'good'),
                         'each command to fail, and to succeed')
        for node in nodes:
            works_again(node)
        for worker in workers:
            # Another has written there.
            if not worker.base:
                worker.written.pop(0, None)
            worker.finds_all()
    dismantle()


@case('requests that fail below vdisk_blockio')
def injected_block():
    injected('vdisk_blockio')


@case('requests that fail below vdisk_fileio')
def injected_file():
    injected('vdisk_fileio')


@case('requests that fail below vdisk_fileio, o_direct')
def injected_direct():
    injected('vdisk_fileio', o_direct=1)


def read_only_file_system(**attrs):
    """Its journal could not be written, hence it takes nothing any more."""
    expect_store_errors()
    with NullBlk() as store, Mapped(linear(store.node())) as mapped:
        with mounted(mapped.path, options='errors=remount-ro') as where:
            path = where + '/disk'
            with open(path, 'wb') as f:
                f.write(bytes(8 << 20))
                os.fsync(f.fileno())
            device = Device('vdisk_fileio', 'd0', filename=path, **attrs)
            nodes = sessions(device, 2)
            data = os.urandom(SLOT * BLOCK)
            sgio.good(write16(nodes[0], 0, data, True))
            mapped.replace(no_writes(store.node()))
            with open(where + '/other', 'wb') as f, fails('EIO'):
                os.fsync(f.fileno())
            for node in nodes * 2:
                for fua in False, True:
                    got = write16(node, 0, data, fua)
                    check(got.triple in (WRITE_ERROR, WRITE_PROTECTED), got)
                sgio.good(sgio.command(node, bytes(6)))
            set_active(device, 0)
            mapped.replace(linear(store.node()))
            unmount(where)
            run('mount', mapped.path, where)
            set_active(device, 1)
            for node in nodes:
                sgio.settle(node)
            check(sgio.good(read16(nodes[1], 0, SLOT)).data == data,
                  'other data')
            for node in nodes:
                works_again(node)


@case('a file system that has become read-only, and is mounted again')
def read_only():
    read_only_file_system()
    dismantle()
    read_only_file_system(o_direct=1)


if __name__ == '__main__':
    main()
