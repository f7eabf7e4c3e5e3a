#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
"""Power cuts below every handler: what was acknowledged as stable is there.

The store is null_blk with a write cache, which is lost with its power. The cut
is device-mapper's: between two requests all writes begin to fail, so that
nothing that comes later is acknowledged, and nothing of it reaches the medium.
"""
import contextlib
import os
import random
import struct
import threading
import time

import sgio
from lib import LONG, Device, Target, case, check, dismantle, equal, main, note
from store_lib import (BLOCK, Mapped, NullBlk, expect_store_errors, linear,
                       mounted, no_writes, read16, sync16, write16)

CUTS = 10 if LONG else 1        # of each kind
WRITERS = 2
CHUNK = 8                       # blocks that are written together, mostly
CHUNKS = 128                    # of them for each writer
MAX_CHUNKS = 16                 # in one command
SIZE = 8 << 20


class Writer(threading.Thread):
    """Overwrites its part of a disk, and knows what must have survived."""

    def __init__(self, number, node, seed, all_stable, chunk):
        super().__init__()
        self.node = node
        self.base = number * CHUNKS
        self.chunk = chunk
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
                        for _ in range(self.chunk))

    def write(self, fua):
        count = self.random.randint(1, MAX_CHUNKS)
        first = self.base + self.random.randrange(CHUNKS - count)
        chunks = range(first, first + count)
        self.version += 1
        self.issued.update(dict.fromkeys(chunks, self.version))
        got = write16(self.node, first * self.chunk, self.data(first, count),
                      fua)
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
            data = read16(node, chunk * self.chunk, self.chunk).data
            equal(len(data), self.chunk * BLOCK, 'bytes of a chunk')
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


class Kind:
    """What is cut: a device of the handler on a store or on a file there"""

    def __init__(self, handler, on_file=False, all_stable=False, chunk=CHUNK,
                 sectors=512, **attrs):
        self.handler = handler
        self.on_file = on_file
        self.all_stable = all_stable
        self.chunk = chunk
        self.sectors = sectors
        self.attrs = attrs

    @contextlib.contextmanager
    def disk(self, null, mkfs):
        """What it is to fail with, and the sg node"""
        with contextlib.ExitStack() as stack:
            mapped = stack.enter_context(Mapped(linear(null.node())))
            path = mapped.path
            if self.on_file:
                path = stack.enter_context(mounted(path, mkfs=mkfs)) + '/disk'
            if mkfs and self.on_file:
                with open(path, 'wb') as f:
                    f.truncate(SIZE)
                    os.fsync(f.fileno())
            yield mapped, export(self.handler, path, **self.attrs)


def write_until_cut(mapped, store, node, rng, kind):
    writers = [Writer(i, node, rng.random(), kind.all_stable, kind.chunk)
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


def cut_and_look(seed, kind):
    with NullBlk(cache_size=16, blocksize=kind.sectors) as null:
        with kind.disk(null, True) as (mapped, node):
            writers = write_until_cut(mapped, null.node(), node,
                                      random.Random(seed), kind)
        dismantle()
        null.off()
        null.on()
        with kind.disk(null, False) as (_, node):
            return sum(w.verify(node) for w in writers)


def survives(*arguments, **attrs):
    expect_store_errors()
    kind = Kind(*arguments, **attrs)
    for _ in range(CUTS):
        seed = random.randrange(1 << 32)
        lost = cut_and_look(seed, kind)
        dismantle()
        check(not lost, '%d stable blocks are lost, seed %d' % (lost, seed))


@case('cuts below vdisk_blockio')
def block():
    survives('vdisk_blockio')


@case('cuts below vdisk_blockio with write_through')
def block_through():
    survives('vdisk_blockio', all_stable=True, write_through=1)


@case('cuts below vdisk_fileio on a device')
def device():
    survives('vdisk_fileio')


@case('cuts below vdisk_fileio on a device, o_direct')
def device_direct():
    survives('vdisk_fileio', o_direct=1)


@case('cuts below vdisk_fileio on a device, write_through')
def device_through():
    survives('vdisk_fileio', all_stable=True, write_through=1)


@case('cuts below vdisk_fileio on a sparse file')
def sparse():
    survives('vdisk_fileio', True)


@case('cuts below vdisk_fileio on a sparse file, o_direct')
def direct():
    survives('vdisk_fileio', True, o_direct=1)


@case('cuts below vdisk_fileio on a sparse file, write_through')
def sparse_through():
    survives('vdisk_fileio', True, all_stable=True, write_through=1)


def below_small_blocks(**attrs):
    """Each block has a version of its own: what is stable stays, whatever
    becomes of a later write beside it in its sector."""
    survives('vdisk_fileio', chunk=1, sectors=4096, blocksize=BLOCK, **attrs)


@case('cuts below 512-byte blocks on 4096-byte sectors')
def small():
    below_small_blocks()


@case('cuts below 512-byte blocks on 4096-byte sectors, o_direct')
def small_direct():
    below_small_blocks(o_direct=1)


@case('what says nv_cache and has none loses data: the cuts are real')
def liar():
    expect_store_errors()
    note('with this much lost: %d' %
         check_lost(cut_and_look(1, Kind('vdisk_blockio', nv_cache=1))))


def check_lost(lost):
    check(lost, 'nothing was lost')
    return lost


if __name__ == '__main__':
    main()
