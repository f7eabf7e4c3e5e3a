#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
"""Power cuts below every handler: what was acknowledged as stable is there.

The store is null_blk with a write cache, which is lost with its power. The cut
is device-mapper's: between two requests all writes begin to fail, so that
nothing that comes later is acknowledged, and nothing of it reaches the medium.
"""
import os
import random
import struct
import threading
import time

import sgio
from lib import LONG, Device, Target, case, check, dismantle, equal, main, note
from store_lib import (BLOCK, Mapped, NullBlk, expect_store_errors, linear,
                       mounted, no_writes, read16, sync16, write16)

CUTS = 20 if LONG else 2
WRITERS = 2
CHUNK = 8                       # blocks that are written together at least
CHUNKS = 128                    # of them for each writer
MAX_CHUNKS = 16                 # in one command
SIZE = 8 << 20


class Writer(threading.Thread):
    """Overwrites its part of a disk, and knows what must have survived."""

    def __init__(self, number, node, seed, all_stable):
        super().__init__()
        self.node = node
        self.base = number * CHUNKS
        self.random = random.Random(seed)
        self.all_stable = all_stable
        self.version = 0
        self.cached = {}        # chunk: version, acknowledged
        self.stable = {}        # the same, and stable
        self.issued = {}        # the newest that may be there
        self.stables = 0
        self.wrong = None

    def data(self, first, count):
        return b''.join(struct.pack('<QQ', self.version, chunk) * (BLOCK // 16)
                        for chunk in range(first, first + count)
                        for _ in range(CHUNK))

    def write(self, fua):
        count = self.random.randint(1, MAX_CHUNKS)
        first = self.base + self.random.randrange(CHUNKS - count)
        chunks = range(first, first + count)
        self.version += 1
        self.issued.update(dict.fromkeys(chunks, self.version))
        got = write16(self.node, first * CHUNK, self.data(first, count), fua)
        if got.status != sgio.GOOD:
            return got
        self.cached.update(dict.fromkeys(chunks, self.version))
        if fua or self.all_stable:
            self.stable.update(dict.fromkeys(chunks, self.version))
            self.stables += 1
        return got

    def step(self):
        what = self.random.randrange(8)
        if what:
            return self.write(what < 3)
        got = sync16(self.node)
        if got.status == sgio.GOOD:
            self.stable.update(self.cached)
            self.stables += 1
        return got

    def run(self):
        try:
            while self.step().status == sgio.GOOD:
                pass
        except Exception as error:
            self.wrong = error

    def verify(self, node):
        """Return how many chunks are older than they may be."""
        lost = 0
        for chunk in sorted(self.issued):
            data = read16(node, chunk * CHUNK, CHUNK).data
            equal(len(data), CHUNK * BLOCK, 'bytes of a chunk')
            for at in range(0, len(data), BLOCK):
                version, number = struct.unpack_from('<QQ', data, at)
                equal(data[at:at + BLOCK], data[at:at + 16] * (BLOCK // 16),
                      'one block')
                check(not version or number == chunk, 'block of another chunk')
                check(version <= self.issued[chunk], 'block of the future')
                if version < self.stable.get(chunk, 0):
                    lost += 1
        return lost


def export(handler, path, **attrs):
    target = Target()
    target.add(0, Device(handler, 'd0', filename=path, **attrs))
    node = target.login().sg()
    sgio.settle(node)
    return node


def write_until_cut(mapped, store, node, rng, all_stable):
    writers = [Writer(i, node, rng.random(), all_stable)
               for i in range(WRITERS)]
    for writer in writers:
        writer.start()
    # Not before something is to be kept; after that, anywhere
    while not all(w.stables > 2 or not w.is_alive() for w in writers):
        time.sleep(0.001)
    time.sleep(rng.random() * 0.2)
    mapped.replace(no_writes(store))
    for writer in writers:
        writer.join()
        check(not writer.wrong, writer.wrong)
        check(writer.stables > 2, 'nothing was stable')
    return writers


def one_cut(null, rng, on_file, handler, all_stable=False, **attrs):
    """Return the writers, and what they verify on."""
    with Mapped(linear(null.node())) as mapped:
        if not on_file:
            node = export(handler, mapped.path, **attrs)
            return write_until_cut(mapped, null.node(), node, rng, all_stable)
        with mounted(mapped.path) as where:
            path = where + '/disk'
            with open(path, 'wb') as f:
                f.truncate(SIZE)
                os.fsync(f.fileno())
            node = export(handler, path, **attrs)
            return write_until_cut(mapped, null.node(), node, rng, all_stable)


def lost_after(null, writers, on_file, handler, **attrs):
    with Mapped(linear(null.node())) as mapped:
        if not on_file:
            node = export(handler, mapped.path, **attrs)
            return sum(w.verify(node) for w in writers)
        with mounted(mapped.path, mkfs=False) as where:
            node = export(handler, where + '/disk', **attrs)
            return sum(w.verify(node) for w in writers)


def cut_and_look(seed, on_file, handler, all_stable=False, **attrs):
    with NullBlk(cache_size=16) as null:
        writers = one_cut(null, random.Random(seed), on_file, handler,
                          all_stable, **attrs)
        dismantle()
        null.off()
        null.on()
        return lost_after(null, writers, on_file, handler, **attrs)


def survives(on_file, handler, **attrs):
    expect_store_errors()
    for _ in range(CUTS):
        seed = random.randrange(1 << 32)
        lost = cut_and_look(seed, on_file, handler, **attrs)
        dismantle()
        check(not lost, '%d stable blocks are lost, seed %d' % (lost, seed))


@case('cuts below vdisk_blockio')
def block():
    survives(False, 'vdisk_blockio')


@case('cuts below vdisk_blockio with write_through')
def block_through():
    survives(False, 'vdisk_blockio', all_stable=True, write_through=1)


@case('cuts below vdisk_fileio on a device')
def device():
    survives(False, 'vdisk_fileio')


@case('cuts below vdisk_fileio on a sparse file')
def sparse():
    survives(True, 'vdisk_fileio')


@case('cuts below vdisk_fileio on a sparse file, o_direct')
def direct():
    survives(True, 'vdisk_fileio', o_direct=1)


@case('what says nv_cache and has none loses data: the cuts are real')
def liar():
    expect_store_errors()
    note('with this much lost: %d' %
         check_lost(cut_and_look(1, False, 'vdisk_blockio', nv_cache=1)))


def check_lost(lost):
    check(lost, 'nothing was lost')
    return lost


if __name__ == '__main__':
    main()
