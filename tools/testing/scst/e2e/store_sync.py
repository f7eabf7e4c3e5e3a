#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""SYNCHRONIZE CACHE of a range: the power fails right behind it, and what was
in the range is there. store_crash.py cuts anywhere, but syncs all."""
import contextlib
import os

import sgio
from lib import Device, Target, case, check, dismantle, equal, main
from store_lib import (BLOCK, Mapped, NullBlk, expect_store_errors, linear,
                       mounted, no_writes, read16, write16)

SIZE = 8 << 20
BLOCKS = SIZE // BLOCK
FIRST, COUNT = 4003, 266        # neither end is that of a page
LATER = 12000


def sync10(first, count):
    return (bytes([0x35, 0]) + first.to_bytes(4, 'big') + bytes(1) +
            count.to_bytes(2, 'big') + bytes(1))


def sync16(first, count):
    return (bytes([0x91, 0]) + first.to_bytes(8, 'big') +
            count.to_bytes(4, 'big') + bytes(2))


@contextlib.contextmanager
def disk_on(store, on_file, handler, mkfs=False, **attrs):
    """A disk on the store or in a file there"""
    with contextlib.ExitStack() as stack:
        path = store
        if on_file:
            path = stack.enter_context(mounted(store, mkfs=mkfs)) + '/disk'
        if mkfs and on_file:
            with open(path, 'wb') as f:
                f.truncate(SIZE)
                os.fsync(f.fileno())
        target = Target()
        target.add(0, Device(handler, 'd0', filename=path, **attrs))
        node = target.login().sg()
        sgio.settle(node)
        yield node


def written(node, lba, data):
    """In one command for each 64 KiB, as it may come"""
    for at in range(0, len(data), 128 * BLOCK):
        sgio.good(write16(node, lba + at // BLOCK, data[at:at + 128 * BLOCK]))


def cut_behind(cdb, on_file, handler, **attrs):
    """What is left of what was written before and after the cut's sync"""
    before, after = (os.urandom(COUNT * BLOCK) for _ in range(2))
    with NullBlk(cache_size=24) as null:
        with Mapped(linear(null.node())) as mapped:
            with disk_on(mapped.path, on_file, handler, True,
                         **attrs) as node:
                written(node, FIRST, before)
                if cdb:
                    sgio.good(sgio.command(node, cdb))
                written(node, LATER, after)
                mapped.replace(no_writes(null.node()))
        null.off()
        null.on()
        with disk_on(null.node(), on_file, handler, **attrs) as node:
            left = [sgio.good(read16(node, lba, COUNT)).data == data
                    for lba, data in ((FIRST, before), (LATER, after))]
        dismantle()
        return left


def ranges(on_file, handler, **attrs):
    expect_store_errors()
    for cdb in (sync10(FIRST, COUNT), sync16(FIRST, COUNT),
                sync10(FIRST - 3, COUNT + 5), sync16(FIRST, 0)):
        kept, later = cut_behind(cdb, on_file, handler, **attrs)
        check(kept, 'lost behind ' + cdb.hex())
        check(not later, 'the power was not cut')
    equal(cut_behind(None, on_file, handler, **attrs), [False, False],
          'what survives without')


@case('vdisk_blockio')
def block():
    ranges(False, 'vdisk_blockio')


@case('vdisk_fileio on a device')
def device():
    ranges(False, 'vdisk_fileio')


@case('vdisk_fileio on a sparse file')
def sparse():
    ranges(True, 'vdisk_fileio')


@case('vdisk_fileio on a sparse file, o_direct')
def direct():
    ranges(True, 'vdisk_fileio', o_direct=1)


if __name__ == '__main__':
    main()
