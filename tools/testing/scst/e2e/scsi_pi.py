#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Protection information: what comes is checked, what was sent comes back, and
sd uses it from memory to medium."""
import mmap
import os

from lib import (SCRATCH, Device, Skip, blockio, case, dismantle, equal, fails,
                 file_of, fileio, fio_verify, loop_device, main, nullio, read,
                 run, write)
from pi_lib import (APP, COMPARE, ESCAPE, GUARD, INVALID_FIELD,
                    INVALID_OPCODE, MISCOMPARE, OR, READ, REF, SAME, SIZE,
                    VERIFY, WRITE, WRITE_VERIFY, Disk, cdb16, cdb32, control,
                    debug_disk, expect, file_disk, good, refused, round_trip,
                    side_file, spoil, tuple_of)
from sgio import CHECK_CONDITION, IN, OUT, command


@case('vdisk_fileio, type 1: what was sent comes back, blocks of 512 to 4096')
def file_round_trip():
    for block in (512, 4096):
        disk = file_disk(block=block)
        round_trip(disk)
        # A part of the data is enough for who wants no more.
        wire = disk.read(9, 4)
        short = command(disk.node, cdb16(READ, 9, 4, 1), IN,
                        length=2 * disk.size + 3)
        equal(short.data == wire[:2 * disk.size + 3], True, 'a part')
        dismantle()


@case('vdisk_blockio with a side file, and with o_direct')
def block_round_trip():
    with loop_device(SIZE) as store:
        round_trip(Disk(blockio(store, dif_type=1,
                                dif_filename=side_file())))
    round_trip(file_disk(o_direct=1))


@case('vdisk_blockio hands it to a device that keeps it')
def integrity_round_trip():
    expect('GUARD check failed on sector 41')
    with debug_disk(1) as store:
        disk = Disk(blockio(store, dif_type=1))
        round_trip(disk)
        wire = disk.pattern(40, 2)
        disk.write(40, 2, wire)
        # The device itself has what we say.
        bad = spoil(wire, disk, 1, 3)
        refused(disk.send(cdb16(WRITE, 40, 2, 1), bad), GUARD, 41)
        equal(disk.read(40, 2) == wire, True, 'the medium')
        disk.write(40, 2, bad, 3)
        equal(disk.read(40, 2, 3) == bad, True, 'what is not checked')
        refused(disk.get(cdb16(READ, 40, 2, 1), 2, 1), GUARD, 41)
        dismantle()
        with fails('ENOTSUP'):
            blockio(store, dif_type=3)


@case('... of type 3, which keeps all eight bytes as they come')
def integrity_type_3():
    expect('GUARD check failed on sector 41')
    with debug_disk(3) as store:
        disk = Disk(blockio(store, dif_type=3))
        # Reference tags that are nobody's address
        wire = disk.pattern(5, 300, 0x5678, 0x99)
        disk.write(5, 300, wire)
        equal(disk.read(5, 300) == wire, True, 'what is read')
        equal(disk.read(5, 300, 0) == disk.data(wire), True, 'the data')
        wire = wire[35 * 520:37 * 520]
        bad = spoil(wire, disk, 1, 3)
        refused(disk.send(cdb16(WRITE, 40, 2, 1), bad), GUARD, 41)
        equal(disk.read(40, 2) == wire, True, 'the medium')
        disk.write(40, 2, bad, 3)
        equal(disk.read(40, 2, 3) == bad, True, 'what is not checked')
        refused(disk.get(cdb16(READ, 40, 2, 1), 2, 1), GUARD, 41)
        disk.write(40, 2, disk.data(wire), 0)
        made = disk.read(40, 2)
        equal(disk.data(made) == disk.data(wire), True, 'the data')
        equal([tag[:4] for tag in disk.tags(made)],
              [tag[:4] for tag in disk.made(40, wire)], 'what was made')
        dismantle()
        with fails('ENOTSUP'):
            blockio(store, dif_type=1)


@case('type 2 is not for a device that keeps it, of whatever type')
def integrity_type_2():
    for kept in 1, 2, 3:
        with debug_disk(kept) as store:
            disk = Disk(blockio(store, dif_type=3 if kept == 3 else 1))
            wire = disk.pattern(8, 4)
            disk.write(8, 4, wire)
            dismantle()
            device = blockio(store, enable=False, dif_type=2)
            for _ in range(2):
                with fails('ENOTSUP'):
                    device.set('enabled', 1)
                equal((device.get('enabled'), device.get('dif_type')),
                      ('0', '2'), 'enabled, and the type')
            device.set('dif_type', 3 if kept == 3 else 1)
            device.set('enabled', 1)
            disk = Disk(device)
            equal(disk.read(8, 4) == wire, True, 'the medium')
            dismantle()


CHECKS = (  # what is wrong, and what says so by WRPROTECT or RDPROTECT
    (0, GUARD, (1, 4, 5)), (512, GUARD, (1, 4, 5)), (519, REF, (1, 2, 5)))


@case('WRPROTECT: what is checked; what is wrong, and on, is not written')
def write_checks():
    disk = file_disk()
    before = disk.pattern(20, 140)
    for offset, triple, values in CHECKS:
        for protect in range(1, 6):
            disk.write(20, 140, before)
            bad = spoil(disk.pattern(20, 140), disk, 133, offset)
            result = disk.send(cdb16(WRITE, 20, 140, protect), bad)
            if protect in values:
                refused(result, triple, 153)
                equal(disk.read(20, 140) == bad[:133 * 520] +
                      before[133 * 520:], True, 'the medium')
            else:
                good(result)
                equal(disk.read(20, 140, 3) == bad, True, 'the medium')
    refused(disk.send(cdb16(WRITE, 20, 1, 6), disk.pattern(20, 1)),
            INVALID_FIELD, field=(1, 7))


@case('RDPROTECT and VRPROTECT: what is checked of the medium; DPICZ')
def read_checks():
    disk = file_disk()
    wire = disk.pattern(20, 140)
    for offset, triple, values in CHECKS:
        bad = spoil(wire, disk, 133, offset)
        disk.write(20, 140, bad, 3)
        for protect in range(6):
            for result in (disk.get(cdb16(READ, 20, 140, protect), 140,
                                    protect),
                           disk.send(cdb16(VERIFY, 20, 140, protect))):
                if not protect or protect in values:
                    refused(result, triple, 153)
                else:
                    good(result)
        good(disk.get(cdb16(READ, 20, 133, 1), 133, 1))
    control(disk, 2, 0x08)
    good(disk.get(cdb16(READ, 20, 140, 0), 140, 0))
    refused(disk.get(cdb16(READ, 20, 140, 1), 140, 1), REF, 153)


@case('VERIFY and WRITE AND VERIFY compare what comes')
def compares():
    disk = file_disk()
    wire = disk.pattern(3, 130)
    good(disk.send(cdb16(WRITE_VERIFY, 3, 130, 1, 2), wire))
    good(disk.send(cdb16(VERIFY, 3, 130, 1, 2), wire))
    good(disk.send(cdb16(VERIFY, 3, 130, 0, 2), disk.data(wire)))
    refused(disk.send(cdb16(VERIFY, 3, 130, 1, 2), spoil(wire, disk, 129, 9)),
            GUARD, 132)
    result = disk.send(cdb16(VERIFY, 3, 130, 3, 2), spoil(wire, disk, 129, 9))
    refused(result, MISCOMPARE, 129 * 512 + 9)
    refused(disk.send(cdb16(VERIFY, 3, 130, 3, 2),
                      spoil(wire, disk, 129, 519)), (14, 0x10, 3), 132)
    # ATO is zero: application tags are not compared (SBC-4 table 132).
    good(disk.send(cdb16(VERIFY, 3, 130, 1, 2), spoil(wire, disk, 129, 515)))
    refused(disk.send(cdb16(WRITE_VERIFY, 3, 130, 1), spoil(wire, disk, 0, 0)),
            GUARD, 3)


@case('WRITE SAME, UNMAP, FORMAT UNIT, SANITIZE: what becomes of it')
def others():
    disk = file_disk(thin_provisioned=1)
    block = disk.pattern(10, 1)
    good(disk.send(cdb16(SAME, 10, 200, 1), block))
    wire = disk.read(10, 200)
    equal(disk.data(wire) == disk.data(block) * 200, True, 'the data')
    equal([int.from_bytes(t[4:], 'big') for t in disk.tags(wire)],
          list(range(10, 210)), 'reference tags')
    refused(disk.send(cdb16(SAME, 11, 1, 1), block), REF, 11)
    good(disk.send(cdb16(SAME, 10, 20, 0), bytes(512)))
    equal(disk.tags(disk.read(10, 20)),
          [tuple_of(bytes(512), 0, 10 + i) for i in range(20)], 'zeros')
    good(disk.send(cdb16(SAME, 10, 8, 0, 8), bytes(512)))
    equal(disk.tags(disk.read(10, 8)), [ESCAPE] * 8, 'WRITE SAME, UNMAP')
    unmap = bytes.fromhex('001600100000000000000000000000200000000800000000')
    good(command(disk.node, bytes.fromhex('42000000000000001800'), OUT, unmap))
    equal(disk.tags(disk.read(32, 8)), [ESCAPE] * 8, 'UNMAP')
    equal(disk.data(disk.read(32, 8)) == bytes(8 * 512), True, 'UNMAP')
    # COMPARE AND WRITE makes it if it comes without.
    good(command(disk.node, bytes([0x89, 0]) + (32).to_bytes(8, 'big') +
                 bytes([0, 0, 0, 1, 0, 0]), OUT, bytes(512) + b'x' * 512))
    equal(disk.tags(disk.read(32, 1)), [tuple_of(b'x' * 512, 0, 32)], 'CAW')
    # FORMAT UNIT has to say what there is.
    refused(command(disk.node, '040000000000'), INVALID_FIELD, field=(1, 7))
    good(command(disk.node, '048000000000'))
    equal(disk.tags(disk.read(0, 100)), [ESCAPE] * 100, 'FORMAT UNIT')
    overwrite = bytes.fromhex('0100000177')
    good(command(disk.node, bytes.fromhex('48010000000000000500'), OUT,
                 overwrite))
    wire = disk.read(0, 100)
    equal(disk.tags(wire), [ESCAPE] * 100, 'SANITIZE')
    equal(disk.data(wire) == b'\x77' * 51200, True, 'SANITIZE')


@case('READ CAPACITY(16), INQUIRY, REPORT SUPPORTED OPERATION CODES')
def says():
    for type_, protect, usage, usage32 in ((0, 0x00, 0x1c, 0x1c),
                                           (1, 0x01, 0xfc, None),
                                           (2, 0x03, 0x1c, 0xfc),
                                           (3, 0x05, 0xfc, None)):
        disk = file_disk(type_)
        data = good(command(disk.node, '9e10' + '00' * 11 + '200000', IN,
                            length=32)).data
        equal(data[12], protect, 'P_TYPE and PROT_EN')
        data = good(command(disk.node, '120000006000', IN, length=96)).data
        equal(data[5] & 1, int(type_ > 0), 'PROTECT')
        data = good(command(disk.node, '120186006000', IN, length=96)).data
        equal(data[4], (0, 0x07, 0x17, 0x27)[type_], 'SPT and checks')
        for op in READ, COMPARE, OR:
            data = good(command(disk.node, 'a30c01%02x' % op + '00' * 5 +
                                '800000', IN, length=128)).data
            equal(data[5], usage & (0xff if op == READ else 0xf8),
                  'usage of %02xh' % op)
        data = good(command(disk.node, 'a30c027f0009' + '000000800000', IN,
                            length=128)).data
        equal(data[1] & 7, 1 if usage32 is None else 3, 'READ(32)')
        if usage32:
            equal(data[14], usage32, 'READ(32)')
        if not type_:
            refused(disk.send(cdb16(WRITE, 0, 1, 1), bytes(520)),
                    INVALID_FIELD, field=(1, 5))
        dismantle()


@case('type 2: CDBs of 32 bytes with the tags that are expected')
def type_2():
    disk = file_disk(2)
    control(disk, 5, 0x80)  # ATO
    wire = disk.pattern(7, 140, 0xabcd, 0x1000)
    good(disk.send(cdb32(WRITE, 7, 140, 1, 0, 0x1000, 0xabcd, 0xffff), wire))
    for cdb in (cdb32(READ, 7, 140, 1, 0, 0x1000, 0xabcd, 0xffff),
                cdb32(READ, 7, 140, 1, 0, 0x1000, 0xab00, 0xff00)):
        equal(good(disk.get(cdb, 140, 1)).data == wire, True, 'what is read')
    refused(disk.get(cdb32(READ, 7, 140, 1, 0, 0x1001), 140, 1), REF, 7)
    refused(disk.get(cdb32(READ, 7, 140, 1, 0, 0x1000, 0xabcc, 1), 140, 1),
            APP, 7)
    good(disk.get(cdb32(READ, 7, 140, 4, 0, 1, 1, 1), 140, 1))
    good(disk.send(cdb32(VERIFY, 7, 140, 1, 0, 0x1000)))
    refused(disk.send(cdb32(VERIFY, 7, 140, 0, 0, 0x1002)), REF, 7)
    refused(disk.send(cdb32(WRITE, 7, 140, 1, 0, 0x1000),
                      spoil(wire, disk, 139, 512)), GUARD, 146)
    good(disk.send(cdb32(SAME, 7, 140, 1, 0, 5), disk.pattern(7, 1, 0, 5)))
    good(disk.get(cdb32(READ, 7, 140, 1, 0, 5), 140, 1))
    # The others come without, and whoever asks then finds nothing to check.
    refused(disk.get(cdb16(READ, 7, 1, 1), 1, 1), INVALID_OPCODE)
    disk.write(7, 1, bytes(512), 0)
    good(disk.get(cdb32(READ, 7, 1, 1, 0, 99), 1, 1))


@case('type 3: no reference tag; 32 bytes are refused')
def type_3():
    disk = file_disk(3)
    wire = disk.pattern(7, 140, 0x5678, 0x99)
    disk.write(7, 140, wire)
    equal(disk.read(7, 140) == wire, True, 'what is read')
    refused(disk.send(cdb16(WRITE, 7, 140, 1), spoil(wire, disk, 2, 0)),
            GUARD, 9)
    equal(disk.get(cdb32(READ, 7, 1), 1, 0).status, CHECK_CONDITION, 'status')


@case('an application tag that is always the same')
def static_tag():
    disk = file_disk(dif_static_app_tag='0x4711')
    disk.write(0, 1, bytes(512), 0)
    equal(disk.tags(disk.read(0, 1)), [tuple_of(bytes(512), 0x4711, 0)],
          'what was made')
    refused(disk.send(cdb16(WRITE, 0, 1, 1), disk.pattern(0, 1, 0x4710)), APP,
            0)
    disk.write(0, 1, disk.pattern(0, 1, 0x4711))


@case('kept nowhere: dif_mode scst, and vdisk_nullio')
def made():
    disk = Disk(fileio(size=SIZE, dif_type=1, dif_mode='scst'))
    wire = disk.pattern(5, 3, 0)
    disk.write(5, 3, wire)
    equal(disk.read(5, 3) == wire, True, 'what is read')
    refused(disk.send(cdb16(WRITE, 5, 3, 1), spoil(wire, disk, 2, 0)), GUARD,
            7)
    dismantle()
    disk = Disk(nullio(size_mb=4, dif_type=1))
    disk.write(5, 3, wire)
    equal(disk.tags(disk.read(5, 1)), [tuple_of(bytes(512), 0, 5)], 'zeros')
    # WRITE ATOMIC, which the store could do
    refused(command(disk.node, bytes([0x9c]) + bytes(12) + bytes([1, 0, 0]),
                    OUT, bytes(512)), INVALID_OPCODE)


@case('the side file outlives the disk; data that changes behind is found')
def at_rest():
    disk = file_disk()
    wire = disk.pattern(0, 16)
    disk.write(0, 16, wire)
    name = disk.device.get('filename')
    good(command(disk.node, '91' + '00' * 15))
    dismantle()
    with open(name, 'r+b') as f:
        f.seek(3 * 512 + 100)
        f.write(b'rot')
    # Whoever looks for partitions finds it first.
    expect('protection error, dev sd', 'Buffer I/O error on dev sd')
    again = Disk(Device('vdisk_fileio', 'f0', filename=name, dif_type=1,
                        dif_filename=os.path.join(SCRATCH, 'pi')))
    equal(again.read(0, 3) == wire[:3 * 520], True, 'what is read')
    refused(again.get(cdb16(READ, 0, 16, 0), 16, 0), GUARD, 3)
    # ... by whoever reads it
    result = command(again.node, bytes([0x89, 0]) + bytes(7) +
                     bytes([3, 0, 0, 0, 1, 0, 0]), OUT, bytes(1024))
    refused(result, GUARD, 3)


@case('what an administrator cannot have')
def wrong():
    file_of(SIZE, 'data')
    device = Device('vdisk_fileio', 'f0', enable=False, dif_type=1,
                    filename=os.path.join(SCRATCH, 'data'))
    for attr, value in (('dif_type', 4), ('dif_type', 'x'),
                        ('dif_mode', 'tgt'), ('dif_static_app_tag', '0xffff'),
                        ('dif_filename', 'pi')):
        with fails('EINVAL'):
            device.set(attr, value)
    for name, error in (('', 'EINVAL'), ('/tmp/there-is-none', 'ENOENT'),
                        (SCRATCH, 'EISDIR'), ('/dev/null', 'EINVAL'),
                        (os.path.join(SCRATCH, 'data'), 'EINVAL')):
        device.set('dif_filename', name)
        with fails(error):
            device.set('enabled', 1)
    device.set('dif_filename', side_file())
    device.set('enabled', 1)
    for attr in 'dif_type', 'dif_mode', 'dif_static_app_tag', 'dif_filename':
        with fails('EBUSY'):
            device.set(attr, device.get(attr))
    with loop_device(SIZE) as store:
        with fails('ENOTSUP'):
            blockio(store, dif_type=1)


def integrity(disk, name):
    return read('/sys/class/block/%s/integrity/%s' %
                (os.path.basename(disk), name))


@case('sd has it from memory to medium: types 1, 2 and 3')
def linux():
    for type_, format_ in ((1, 'T10-DIF-TYPE1-CRC'), (2, 'T10-DIF-TYPE1-CRC'),
                           (3, 'T10-DIF-TYPE3-CRC')):
        disk = file_disk(type_)
        node = disk.session.disk()
        if not os.path.isdir('/sys/class/block/%s/integrity' %
                             os.path.basename(node)):
            raise Skip('a kernel without BLK_DEV_INTEGRITY')
        equal(integrity(node, 'format'), format_, 'format')
        equal(integrity(node, 'device_is_integrity_capable'), '1', 'device')
        fio_verify(node, '--bsrange=512-64k', '--bs_unaligned=0', size='1M')
        # Somebody must have sent some: none was made, with type 1.
        if type_ == 1:
            wire = disk.read(0, 8)
            for lba, tag in enumerate(disk.tags(wire)):
                equal(tag, tuple_of(wire[lba * 520:lba * 520 + 512], 0, lba))
        # What it writes without, we make, and what we find wrong it hears.
        write('/sys/class/block/%s/integrity/write_generate' %
              os.path.basename(node), 0)
        write('/sys/class/block/%s/integrity/read_verify' %
              os.path.basename(node), 0)
        fio_verify(node, '--bs=4k', size='1M')
        dismantle()


@case('sd hears of what is wrong on the medium')
def linux_error():
    disk = file_disk()
    node = disk.session.disk()
    wire = disk.pattern(64, 8)
    disk.write(64, 8, spoil(wire, disk, 5, 0), 3)
    expect('protection error, dev sd', 'Buffer I/O error on dev sd')
    fd = os.open(node, os.O_RDONLY)
    try:
        with fails('EIO'):
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.pread(fd, 4096, 64 * 512)
    finally:
        os.close(fd)


def lines_of(log):
    while True:
        try:
            yield os.read(log, 8192).decode(errors='replace')
        except BlockingIOError:
            return


@case('sd takes nothing as read that was not')
def linux_residual():
    """It subtracts the residual, here that of 64 blocks of 520 bytes, from the
    data; if that were more than all, it would go by INFORMATION alone."""
    disk = file_disk()
    node = disk.session.disk()
    wire = disk.pattern(128, 64)
    disk.write(128, 64, spoil(wire, disk, 40, 0), 3)
    expect('protection error, dev sd')
    log = os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK)
    fd = os.open(node, os.O_RDONLY | os.O_DIRECT)
    try:
        os.lseek(log, 0, os.SEEK_END)
        with fails('EILSEQ'), mmap.mmap(-1, 64 * 512) as memory:
            os.preadv(fd, [memory], 128 * 512)
        equal(any('protection error' in line and 'sector 128 ' in line
                  for line in lines_of(log)), True, 'the first that failed')
    finally:
        os.close(fd)
        os.close(log)


@case('ext4 on a disk with protection information')
def ext4():
    disk = Disk(fileio(size=32 << 20, dif_type=1, dif_filename=side_file()))
    node = disk.session.disk()
    where = os.path.join(SCRATCH, 'mnt')
    os.makedirs(where, exist_ok=True)
    run('mkfs.ext4', '-q', node)
    run('mount', node, where)
    try:
        run('cp', '-r', '/usr/share/perl5/Debian', where, status=None)
        run('dd', 'if=/dev/urandom', 'of=' + where + '/x', 'bs=64k',
            'count=100')
    finally:
        run('umount', where)
    run('fsck.ext4', '-f', '-n', node)


if __name__ == '__main__':
    main()
