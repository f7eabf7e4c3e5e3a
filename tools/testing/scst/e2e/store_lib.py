# SPDX-License-Identifier: GPL-2.0
"""Backing stores that fail: device-mapper targets, null_blk, file systems."""
import contextlib
import os

import sgio
from lib import SCRATCH, dismantle, read, run, unmount, wait_for, write

BLOCK = 512
MEDIUM_ERROR, HARDWARE_ERROR = 3, 4
READ_ERROR = (MEDIUM_ERROR, 0x11, 0x00)
WRITE_ERROR = (MEDIUM_ERROR, 0x0c, 0x00)
FLUSH_ERROR = (HARDWARE_ERROR, 0x0c, 0x00)
NOT_READY = (sgio.NOT_READY, 0x04, 0x00)


def expect_store_errors():
    write('/dev/kmsg', 'scst-test: expect '
          '.*(I/O error|EXT4-fs|JBD2|Aborting journal|critical|'
          'lost (sync|async) page write|detected capacity change).*')


class NullBlk:
    """A block device in memory; its cache is lost with its power."""

    top = '/sys/kernel/config/nullb/'

    def __init__(self, name='scst0', size_mb=32, **attrs):
        self.path = self.top + name
        self.name = name
        self.attrs = dict(memory_backed=1, size=size_mb, **attrs)

    def set(self, attr, value):
        write('%s/%s' % (self.path, attr), value)

    def node(self):
        # Named after the directory, or numbered, as the kernel is newer or not
        own = '/dev/' + self.name
        return own if os.path.exists(own) else \
            '/dev/nullb' + read(self.path + '/index')

    def on(self):
        self.set('power', 1)
        return wait_for(lambda: os.path.exists(self.node()) and self.node(),
                        'the node of ' + self.name)

    def off(self):
        self.set('power', 0)

    def __enter__(self):
        run('modprobe', 'null_blk', 'nr_devices=0', status=None)
        os.mkdir(self.path)
        for attr, value in self.attrs.items():
            self.set(attr, value)
        self.on()
        return self

    def __exit__(self, *_):
        dismantle()
        os.rmdir(self.path)


class Mapped:
    """A device-mapper device whose table can be replaced under its users."""

    def __init__(self, table, name='scst-map'):
        self.name = name
        self.path = '/dev/mapper/' + name
        self.table = table

    def replace(self, table):
        """Between two requests: nothing is flushed, what is on its way ends
        as it was meant to."""
        run('dmsetup', 'load', self.name, '--table', table)
        self.suspend()
        self.resume()

    def suspend(self):
        run('dmsetup', 'suspend', '--noudevsync', '--noflush', '--nolockfs',
            self.name)

    def resume(self):
        run('dmsetup', 'resume', '--noudevsync', self.name)

    def __enter__(self):
        run('dmsetup', 'create', '--noudevsync', self.name, '--table',
            self.table)
        run('dmsetup', 'mknodes')
        return self

    def __exit__(self, *_):
        dismantle()
        run('dmsetup', 'remove', '--noudevsync', '--retry', self.name)


def sectors(node):
    return int(read('/sys/class/block/%s/size' % os.path.basename(node)))


def linear(node):
    return '0 %d linear %s 0' % (sectors(node), node)


def hole(node, first, count):
    """All of the device, but for sectors that cannot be read or written"""
    end = first + count
    return '\n'.join((
        '0 %d linear %s 0' % (first, node),
        '%d %d error' % (first, count),
        '%d %d linear %s %d' % (end, sectors(node) - end, node, end)))


def flaky_part(node, first, count, feature):
    """All of the device, but for sectors that dm-flakey treats like this"""
    return hole(node, first, count).replace(
        '%d %d error' % (first, count), '%d %d flakey %s %d 0 1 1 %s' %
        (first, count, node, first, feature))


def no_writes(node):
    """All writes fail, reads don't."""
    return '0 %d flakey %s 0 0 1 1 error_writes' % (sectors(node), node)


def delayed(node, milliseconds):
    return '0 %d delay %s 0 %d' % (sectors(node), node, milliseconds)


@contextlib.contextmanager
def mounted(node, where='mnt', options='', mkfs=True):
    """A file system; its users are dismantled when the `with` ends."""
    where = os.path.join(SCRATCH, where)
    os.makedirs(where, exist_ok=True)
    if mkfs:
        run('mkfs.ext4', '-q', '-F', node)
    run('mount', *(['-o', options] if options else []), node, where)
    try:
        yield where
    finally:
        dismantle()
        unmount(where)


def cdb16(op, lba, blocks, byte1=0):
    return bytes([op, byte1]) + lba.to_bytes(8, 'big') + \
        blocks.to_bytes(4, 'big') + bytes(2)


def read16(node, lba, blocks, fua=False):
    return sgio.command(node, cdb16(0x88, lba, blocks, 8 if fua else 0),
                        sgio.IN, length=blocks * BLOCK)


def write16(node, lba, data, fua=False):
    return sgio.command(node, cdb16(0x8a, lba, len(data) // BLOCK,
                                    8 if fua else 0), sgio.OUT, data)


def write_verify16(node, lba, data, bytchk=0):
    return sgio.command(node, cdb16(0x8e, lba, len(data) // BLOCK,
                                    bytchk << 1), sgio.OUT, data)


def verify16(node, lba, blocks):
    return sgio.command(node, cdb16(0x8f, lba, blocks))


def sync16(node):
    return sgio.command(node, cdb16(0x91, 0, 0))
