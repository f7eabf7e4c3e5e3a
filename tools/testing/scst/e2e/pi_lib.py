# SPDX-License-Identifier: GPL-2.0
"""What the tests of protection information share."""
import contextlib
import glob
import os

import sgio
from lib import (Target, dismantle, equal, file_of, fileio, read, run, wait_for,
                 write)
from sgio import CHECK_CONDITION, IN, OUT, command, good

SIZE = 4 << 20
READ, WRITE, WRITE_VERIFY, VERIFY, SAME = 0x88, 0x8a, 0x8e, 0x8f, 0x93
COMPARE, OR = 0x89, 0x8b
LONG = {READ: 9, VERIFY: 10, WRITE: 11, WRITE_VERIFY: 12, SAME: 13}
GUARD, APP, REF = (11, 0x10, 1), (11, 0x10, 2), (11, 0x10, 3)
INVALID_OPCODE, INVALID_FIELD = (5, 0x20, 0), (5, 0x24, 0)
MISCOMPARE = (14, 0x1d, 0)
ESCAPE = b'\xff' * 8


def table():
    crcs = []
    for byte in range(256):
        crc = byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8bb7 if crc & 0x8000 else crc << 1) & 0xffff
        crcs.append(crc)
    return crcs


CRCS = table()


def crc16(data):
    crc = 0
    for byte in data:
        crc = (crc << 8 & 0xffff) ^ CRCS[crc >> 8 ^ byte]
    return crc


def tuple_of(block, app, ref):
    return (crc16(block).to_bytes(2, 'big') + app.to_bytes(2, 'big') +
            (ref & 0xffffffff).to_bytes(4, 'big'))


def cdb16(op, lba, count, protect=0, flags=0):
    return (bytes([op, protect << 5 | flags]) + lba.to_bytes(8, 'big') +
            count.to_bytes(4, 'big') + bytes(2))


def cdb32(op, lba, count, protect=0, flags=0, ref=None, app=0, mask=0):
    ref = lba if ref is None else ref
    return (bytes([0x7f]) + bytes(6) + b'\x18' + LONG[op].to_bytes(2, 'big') +
            bytes([protect << 5 | flags, 0]) + lba.to_bytes(8, 'big') +
            ref.to_bytes(4, 'big') + app.to_bytes(2, 'big') +
            mask.to_bytes(2, 'big') + count.to_bytes(4, 'big'))


class Disk:
    """A disk with protection information, through sg"""

    def __init__(self, device, block=512, target=None):
        target = target or Target()
        target.add(0, device)
        self.session = target.login()
        self.device = device
        self.node = self.session.sg()
        self.block = block
        self.size = block + 8
        sgio.settle(self.node)

    def pattern(self, lba, count, app=0x1234, ref=None):
        """Blocks with what belongs to them, as they go over the wire"""
        ref = lba if ref is None else ref
        out = b''
        for i in range(count):
            block = os.urandom(self.block)
            out += block + tuple_of(block, app, ref + i)
        return out

    def data(self, wire):
        return b''.join(wire[i:i + self.block]
                        for i in range(0, len(wire), self.size))

    def tags(self, wire):
        return [wire[i + self.block:i + self.size]
                for i in range(0, len(wire), self.size)]

    def made(self, lba, wire, app=0):
        """What belongs to the data of wire"""
        data = self.data(wire)
        return [tuple_of(data[i:i + self.block], app, lba + i // self.block)
                for i in range(0, len(data), self.block)]

    def send(self, cdb, data=b''):
        return command(self.node, cdb, OUT if data else sgio.NONE, data)

    def get(self, cdb, count, protect):
        return command(self.node, cdb, IN, length=count *
                       (self.size if protect else self.block))

    def write(self, lba, count, wire, protect=1):
        good(self.send(cdb16(WRITE, lba, count, protect), wire))

    def read(self, lba, count, protect=1):
        return good(self.get(cdb16(READ, lba, count, protect), count,
                             protect)).data


def refused(result, triple, lba=None, field=None):
    equal(result.status, CHECK_CONDITION, 'status')
    equal(result.triple, triple, 'sense')
    if lba is not None:
        equal(result.information, lba, 'INFORMATION')
    if field is not None:
        equal(result.field, field, 'field pointer')


def spoil(wire, disk, block, offset):
    """Turn a bit over: offset 0 the data, 512 the guard, and so on."""
    wire = bytearray(wire)
    wire[block * disk.size + offset] ^= 1
    return bytes(wire)


def side_file(name='pi'):
    return file_of(0, name)


def file_disk(type_=1, block=512, **attrs):
    return Disk(fileio(size=SIZE, blocksize=block, dif_type=type_,
                       dif_filename=side_file(), **attrs), block)


@contextlib.contextmanager
def debug_disk(dif):
    """scsi_debug with protection information of its own"""
    run('modprobe', 'scsi_debug', 'dif=%d' % dif, 'dix=1', 'dev_size_mb=8',
        'guard=0')
    try:
        where = '/sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/' \
                '*:*/block/*'
        node = '/dev/' + os.path.basename(
            wait_for(lambda: glob.glob(where), 'scsi_debug')[0])
        wait_for(lambda: os.path.exists(node), node)
        yield node
    finally:
        dismantle()
        wait_for(lambda: 'scsi_debug' not in read('/proc/modules') or
                 not run('modprobe', '-r', 'scsi_debug', status=None),
                 'the end of scsi_debug')


def round_trip(disk):
    """What is written comes back, and without it where nobody asks"""
    for lba, count in ((0, 1), (5, 300), (127, 3)):
        wire = disk.pattern(lba, count)
        disk.write(lba, count, wire)
        equal(disk.read(lba, count) == wire, True, 'what is read')
        equal(disk.read(lba, count, 0) == disk.data(wire), True, 'the data')
    # What comes without gets some.
    data = os.urandom(4 * disk.block)
    disk.write(9, 4, data, 0)
    wire = disk.read(9, 4)
    equal(disk.data(wire) == data, True, 'the data')
    for i, tag in enumerate(disk.tags(wire)):
        equal(tag, tuple_of(data[i * disk.block:(i + 1) * disk.block], 0,
                            9 + i), 'what was made')


def either(a, b):
    """What ORWRITE makes of two"""
    return (int.from_bytes(a, 'big') |
            int.from_bytes(b, 'big')).to_bytes(len(a), 'big')


def update_trip(disk, lba=20, count=140):
    """COMPARE AND WRITE and ORWRITE, with protection information and without"""
    old, new = disk.pattern(lba, count), disk.pattern(lba, count)
    disk.write(lba, count, old)
    good(disk.send(cdb16(COMPARE, lba, count, 1), old + new))
    equal(disk.read(lba, count) == new, True, 'what was compared')
    good(disk.send(cdb16(COMPARE, lba, count), disk.data(new + old)))
    wire = disk.read(lba, count)
    equal(disk.data(wire) == disk.data(old), True, 'the data')
    equal(disk.tags(wire) == disk.made(lba, wire), True, 'what was made')
    bits = disk.pattern(lba, count, 0x2345)
    good(disk.send(cdb16(OR, lba, count, 1), bits))
    wire = disk.read(lba, count)
    equal(disk.data(wire) == either(disk.data(old), disk.data(bits)), True,
          'the data')
    equal(disk.tags(wire) == disk.made(lba, wire, 0x2345), True,
          'guards of the result')
    good(disk.send(cdb16(OR, lba, count), disk.data(new)))
    wire = disk.read(lba, count)
    equal(disk.tags(wire) == disk.made(lba, wire), True, 'what was made')


def expect(*texts):
    """The kernel may say so."""
    for text in texts:
        write('/dev/kmsg', 'scst-test: expect ' + text)


def control(disk, byte, bit):
    """Set a bit of the Control mode page."""
    data = bytearray(good(command(disk.node, '1a080a001000', IN,
                                  length=16)).data)
    data[0] = 0
    data[2] = 0
    data[4] &= 0x3f
    data[4 + byte] |= bit
    good(command(disk.node, '151000001000', OUT, bytes(data)))
