#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""COMPARE AND WRITE and ORWRITE with protection information: both instances of
a block come with theirs, what is wrong changes nothing, and the guard of what
was made of two blocks is that of neither."""
import struct

from lib import (LONG, Target, blockio, case, check, dismantle, ended, equal,
                 fileio, in_process, loop_device, main, nullio)
from pi_lib import (APP, COMPARE, ESCAPE, GUARD, INVALID_FIELD, INVALID_OPCODE,
                    MISCOMPARE, OR, READ, REF, SIZE, Disk, cdb16, control,
                    debug_disk, either, file_disk, good, refused, side_file,
                    spoil, tuple_of, update_trip)
from sgio import GOOD, IN, OUT, command, settle

LBA, COUNT = 20, 140        # more than is moved at a time
WRONG = 133                 # a block of what is moved last
# What is wrong, and what says so by WRPROTECT, ORPROTECT, RDPROTECT
CHECKS = ((0, GUARD, (1, 4, 5)), (512, GUARD, (1, 4, 5)), (519, REF, (1, 2, 5)))


@case('vdisk_fileio: blocks of 512 to 4096, and with o_direct')
def files():
    for attrs in {'block': 512}, {'block': 4096}, {'o_direct': 1}:
        update_trip(file_disk(**attrs))
        dismantle()


@case('vdisk_blockio with a side file')
def side():
    with loop_device(SIZE) as store:
        update_trip(Disk(blockio(store, dif_type=1, dif_filename=side_file())))


@case('vdisk_blockio on a device that keeps it')
def integrity():
    with debug_disk(1) as store:
        disk = Disk(blockio(store, dif_type=1))
        update_trip(disk)
        old, new = disk.pattern(LBA, COUNT), disk.pattern(LBA, COUNT)
        disk.write(LBA, COUNT, old)
        refused(disk.send(cdb16(COMPARE, LBA, COUNT, 1),
                          old + spoil(new, disk, WRONG, 512)), GUARD,
                LBA + WRONG)
        equal(disk.read(LBA, COUNT) == old, True, 'the medium')


@case('... of type 3: the reference tags are as they come')
def integrity_type_3():
    with debug_disk(3) as store:
        disk = Disk(blockio(store, dif_type=3))
        old, new = (disk.pattern(LBA, COUNT, app, ref)
                    for app, ref in ((0x1234, 5), (0x4321, 0xfffffff0)))
        disk.write(LBA, COUNT, old)
        good(disk.send(cdb16(COMPARE, LBA, COUNT, 1), old + new))
        equal(disk.read(LBA, COUNT) == new, True, 'what was compared')
        refused(disk.send(cdb16(COMPARE, LBA, COUNT, 1),
                          new + spoil(old, disk, WRONG, 512)), GUARD,
                LBA + WRONG)
        good(disk.send(cdb16(OR, LBA, COUNT, 1), old))
        wire = disk.read(LBA, COUNT)
        equal(disk.data(wire) == either(disk.data(new), disk.data(old)), True,
              'the data')
        equal([tag[2:] for tag in disk.tags(wire)] ==
              [tag[2:] for tag in disk.tags(old)], True, 'tags as they came')


@case('kept nowhere: dif_mode scst, and vdisk_nullio')
def made():
    disk = Disk(fileio(size=SIZE, dif_type=1, dif_mode='scst'))
    old, new = disk.pattern(LBA, COUNT, 0), disk.pattern(LBA, COUNT, 7)
    disk.write(LBA, COUNT, old)
    good(disk.send(cdb16(COMPARE, LBA, COUNT, 1), old + new))
    refused(disk.send(cdb16(OR, LBA, COUNT, 1), spoil(old, disk, WRONG, 0)),
            GUARD, LBA + WRONG)
    wire = disk.read(LBA, COUNT)
    equal(disk.data(wire) == disk.data(new), True, 'the data')
    equal(disk.tags(wire) == disk.made(LBA, wire), True, 'what was made')
    dismantle()
    disk = Disk(nullio(size_mb=4, dif_type=1))
    zeros, new = disk.read(LBA, COUNT), disk.pattern(LBA, COUNT)
    good(disk.send(cdb16(COMPARE, LBA, COUNT, 1), zeros + new))
    refused(disk.send(cdb16(COMPARE, LBA, COUNT, 1),
                      zeros + spoil(new, disk, WRONG, 512)), GUARD, LBA + WRONG)
    refused(disk.send(cdb16(COMPARE, LBA, COUNT, 1),
                      spoil(zeros, disk, WRONG, 9) + new), MISCOMPARE,
            WRONG * 520 + 9)
    good(disk.send(cdb16(OR, LBA, COUNT, 1), new))
    refused(disk.send(cdb16(OR, LBA, COUNT, 1), spoil(new, disk, WRONG, 519)),
            REF, LBA + WRONG)


@case('what comes is checked as the field says; if it is wrong nothing changes')
def sent():
    disk = file_disk()
    old, new = disk.pattern(LBA, COUNT), disk.pattern(LBA, COUNT)
    for op, before, after in ((COMPARE, old, disk.data(new)),
                              (OR, b'', either(disk.data(old),
                                               disk.data(new)))):
        for offset, triple, values in CHECKS:
            bad = spoil(new, disk, WRONG, offset)
            for protect in range(1, 6):
                disk.write(LBA, COUNT, old)
                result = disk.send(cdb16(op, LBA, COUNT, protect),
                                   before + bad)
                wire = disk.read(LBA, COUNT, 3)
                if protect in values:
                    refused(result, triple, LBA + WRONG)
                    equal(wire == old, True, 'the medium')
                    continue
                good(result)
                if offset:
                    equal(disk.data(wire) == after, True, 'the data')
                if op == COMPARE:
                    equal(wire == bad, True, 'as it came')
                else:
                    equal([t[:2] for t in disk.tags(wire)] ==
                          [t[:2] for t in disk.made(LBA, wire)], True,
                          'guards of the result')
                    equal([t[2:] for t in disk.tags(wire)] ==
                          [t[2:] for t in disk.tags(bad)], True,
                          'tags as they came')
        refused(disk.send(cdb16(op, LBA, 1, 6), (before or old)[:520] +
                          new[:520]), INVALID_FIELD, field=(1, 7))


@case('what is compared: the data, without what comes with it')
def compared():
    disk = file_disk()
    old, new = disk.pattern(LBA, COUNT), disk.pattern(LBA, COUNT)
    disk.write(LBA, COUNT, old)
    # One before the other: what is to be written is not looked at.
    wrong = spoil(new, disk, 0, 512)
    for offset in 0, 9, 511:
        for protect, size in ((1, 520), (3, 520), (0, 512)):
            data = spoil(old, disk, WRONG, offset) + wrong
            result = disk.send(cdb16(COMPARE, LBA, COUNT, protect),
                               data if protect else disk.data(data))
            refused(result, MISCOMPARE, WRONG * size + offset)
    equal(disk.read(LBA, COUNT) == old, True, 'the medium')
    for offset in 512, 515, 519:
        good(disk.send(cdb16(COMPARE, LBA, COUNT, 1),
                       spoil(old, disk, WRONG, offset) + new))
        equal(disk.read(LBA, COUNT) == new, True, 'the medium')
        old, new = new, old


@case('as many bytes as the field says: no fewer and no more')
def lengths():
    disk = file_disk()
    old, new = disk.pattern(LBA, 2), disk.pattern(LBA, 2)
    disk.write(LBA, 2, old)
    for protect, data in ((1, disk.data(old + new)), (0, old + new),
                          (1, old), (1, old + new + old)):
        refused(disk.send(cdb16(COMPARE, LBA, 2, protect), data),
                INVALID_FIELD, field=(13, 7))
    equal(disk.read(LBA, 2) == old, True, 'the medium')
    good(disk.send(cdb16(COMPARE, LBA, 0, 1)))
    good(disk.send(cdb16(OR, LBA, 0, 1)))
    # Whole blocks at the beginning of a longer ORWRITE can be written.
    good(disk.send(cdb16(OR, LBA, 2, 1), new[:520]))
    equal(disk.data(disk.read(LBA, 2)) ==
          either(disk.data(old)[:512], disk.data(new)[:512]) +
          disk.data(old)[512:], True, 'the first of two blocks')


@case('the medium: checked for COMPARE AND WRITE whatever WRPROTECT; DPICZ')
def medium():
    disk = file_disk()
    old, new = disk.pattern(LBA, COUNT), disk.pattern(LBA, COUNT)
    for offset, triple, values in CHECKS:
        bad = spoil(old, disk, WRONG, offset)
        for protect in range(6):
            disk.write(LBA, COUNT, bad, 3)
            data = bad + new
            result = disk.send(cdb16(COMPARE, LBA, COUNT, protect),
                               data if protect else disk.data(data))
            refused(result, triple, LBA + WRONG)
            equal(disk.read(LBA, COUNT, 3) == bad, True, 'the medium')
            result = disk.send(cdb16(OR, LBA, COUNT, protect),
                               new if protect else disk.data(new))
            if not protect or protect in values:
                refused(result, triple, LBA + WRONG)
                equal(disk.read(LBA, COUNT, 3) == bad, True, 'the medium')
            else:
                good(result)
                disk.read(LBA, COUNT)
    control(disk, 2, 0x08)
    disk.write(LBA, COUNT, bad, 3)
    good(disk.send(cdb16(COMPARE, LBA, COUNT, 1), bad + new))
    equal(disk.read(LBA, COUNT) == new, True, 'the medium')


@case('types 2 and 3')
def types():
    disk = file_disk(2)
    two = disk.pattern(LBA, 2)
    refused(disk.send(cdb16(COMPARE, LBA, 1, 1), two), INVALID_OPCODE)
    refused(disk.send(cdb16(OR, LBA, 2, 1), two), INVALID_OPCODE)
    good(disk.send(cdb16(COMPARE, LBA, 1), bytes(512) + b'x' * 512))
    good(disk.send(cdb16(OR, LBA, 1), b'\x81' * 512))
    equal(disk.read(LBA, 1, 0), b'\xf9' * 512, 'the data')
    dismantle()
    disk = file_disk(3)
    old, new = disk.pattern(LBA, 4, 5, 99), disk.pattern(LBA, 4, 6, 7)
    disk.write(LBA, 4, old)
    good(disk.send(cdb16(COMPARE, LBA, 4, 1), old + new))
    equal(disk.read(LBA, 4) == new, True, 'the medium')
    refused(disk.send(cdb16(COMPARE, LBA, 4, 1), new + spoil(old, disk, 3, 0)),
            GUARD, LBA + 3)
    refused(disk.send(cdb16(OR, LBA, 4, 1), spoil(old, disk, 2, 513)), GUARD,
            LBA + 2)
    good(disk.send(cdb16(OR, LBA, 4, 1), old))
    equal([t[2:] for t in disk.tags(disk.read(LBA, 4))],
          [t[2:] for t in disk.tags(old)], 'tags as they came')


@case('application tags: those that all blocks have, and the initiator\'s (ATO)')
def application():
    disk = file_disk(dif_static_app_tag='0x4711')
    disk.write(LBA, 2, bytes(1024), 0)
    zeros = disk.read(LBA, 2)
    right, wrong = disk.pattern(LBA, 2, 0x4711), disk.pattern(LBA, 2, 0x4710)
    refused(disk.send(cdb16(COMPARE, LBA, 2, 1), zeros + wrong), APP, LBA)
    refused(disk.send(cdb16(OR, LBA, 2, 2), wrong), APP, LBA)
    equal(disk.read(LBA, 2) == zeros, True, 'the medium')
    good(disk.send(cdb16(COMPARE, LBA, 2, 1), zeros + right))
    good(disk.send(cdb16(OR, LBA, 2, 1), right))
    equal(disk.read(LBA, 2) == right, True, 'the medium')
    dismantle()
    disk = file_disk()
    control(disk, 5, 0x80)
    old, new = disk.pattern(LBA, 2, 1), disk.pattern(LBA, 2, 0xabcd)
    disk.write(LBA, 2, old)
    good(disk.send(cdb16(COMPARE, LBA, 2, 1), old + new))
    equal(disk.read(LBA, 2) == new, True, 'the medium')
    good(disk.send(cdb16(OR, LBA, 2), disk.data(new)))
    equal([t[2:4] for t in disk.tags(disk.read(LBA, 2))], [ESCAPE[:2]] * 2,
          'nothing to check')


class Counter:
    """One that counts on blocks which are all the same, so that a reader who
    saw half of an update would tell."""

    def __init__(self, node, number, count):
        self.node, self.number, self.count = node, number, count

    def wire(self, counts):
        block = struct.pack('>%dQ' % self.count, *counts).ljust(512, b'\0')
        tags = tuple_of(block, 0, 0)[:4]
        return b''.join(block + tags + (LBA + i).to_bytes(4, 'big')
                        for i in range(COUNT))

    def read(self):
        wire = good(command(self.node, cdb16(READ, LBA, COUNT, 1), IN,
                            length=COUNT * 520)).data
        counts = struct.unpack_from('>%dQ' % self.count, wire)
        check(wire == self.wire(counts), 'a reader sees half of an update')
        return list(counts)

    def run(self, rounds):
        counts = self.read()
        while counts[self.number] < rounds:
            new = list(counts)
            new[self.number] += 1
            result = command(self.node, cdb16(COMPARE, LBA, COUNT, 1), OUT,
                             self.wire(counts) + self.wire(new))
            if result.status != GOOD:
                equal(result.triple, MISCOMPARE, 'sense')
                new = self.read()
            counts = new


@case('initiators count: nobody sees half of an update, and none is lost')
def counters():
    count, rounds = 4, 2000 if LONG else 60
    with loop_device(SIZE) as store:
        target = Target()
        disk = Disk(blockio(store, dif_type=1, dif_filename=side_file()),
                    target=target)
        nodes = [disk.node] + [target.login('s%d' % i).sg()
                               for i in range(1, count)]
        for node in nodes:
            settle(node)
        all_ = [Counter(node, i, count) for i, node in enumerate(nodes)]
        disk.write(LBA, COUNT, all_[0].wire([0] * count))
        ended([in_process(one.run, rounds) for one in all_])
        equal(all_[0].read(), [rounds] * count, 'counts')


if __name__ == '__main__':
    main()
