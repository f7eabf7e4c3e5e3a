#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""File systems and verified data on every kind of virtual disk."""
import hashlib
import mmap
import os

import sgio
from lib import (SCRATCH, Device, Target, Trace, blockio, case, check, dismantle,
                 equal, fileio, fio, fio_verify, loop_device, main, nullio,
                 read, run, write)


def disk_on(device):
    target = Target()
    target.add(0, device)
    return target.login().disk()


def file_system(disk):
    where = os.path.join(SCRATCH, 'mnt')
    os.makedirs(where, exist_ok=True)
    run('mkfs.ext4', '-q', disk)
    run('mount', disk, where)
    try:
        run('cp', '-r', '/usr/share/perl5', where)
    finally:
        run('umount', where)
    run('fsck.ext4', '-f', '-n', disk)
    run('mount', '-o', 'ro', disk, where)
    try:
        run('diff', '-r', '/usr/share/perl5', where + '/perl5')
    finally:
        run('umount', where)


@case('ext4 on vdisk_fileio')
def ext4_file():
    file_system(disk_on(fileio(size=64 << 20)))


@case('ext4 on vdisk_blockio')
def ext4_block():
    with loop_device(64 << 20) as store:
        file_system(disk_on(blockio(store)))


@case('ext4 on vdisk_fileio with 4096-byte blocks, o_direct')
def ext4_direct():
    file_system(disk_on(fileio(size=64 << 20, blocksize=4096, o_direct=1)))


def verified(**attrs):
    device = fileio(**attrs)
    fio_verify(disk_on(device))


@case('fio verifies vdisk_fileio')
def verify_file():
    verified()


@case('fio verifies vdisk_fileio with o_direct')
def verify_direct():
    verified(o_direct=1)


@case('fio verifies vdisk_fileio with write_through')
def verify_write_through():
    verified(write_through=1)


@case('fio verifies vdisk_fileio with nv_cache')
def verify_nv_cache():
    verified(nv_cache=1)


@case('fio verifies block sizes 512 to 4096, transfers up to 1 MiB')
def verify_sizes():
    target = Target()
    for i, size in enumerate((512, 1024, 2048, 4096)):
        target.add(i, fileio('f%d' % i, blocksize=size))
    session = target.login()
    for i, size in enumerate((512, 1024, 2048, 4096)):
        disk = session.disk(i)
        equal(read('/sys/class/block/%s/queue/logical_block_size' %
                   os.path.basename(disk)), str(size))
        fio_verify(disk, '--bsrange=%d-1M' % size, '--bs_unaligned=0')


@case('fio verifies vdisk_blockio')
def verify_block():
    with loop_device() as store:
        fio_verify(disk_on(blockio(store)))


@case('the plug of who submits is not used for the requests of the store')
def plugs():
    with loop_device() as store:
        disk = disk_on(blockio(store))
        with Trace('block/block_unplug') as trace:
            fio(disk, '--rw=randread', '--bs=4k', '--ioengine=io_uring',
                '--iodepth=32', '--iodepth_batch_submit=16',
                '--iodepth_batch_complete_min=16', size='1M')
            held = sum(int(line.split()[-1]) for line in trace.lines()
                       if ' block_unplug: [fio]' in line)
    check(held, 'nothing was plugged')
    check(held <= 256, '%d requests were plugged, of 256 commands' % held)


@case('what an initiator wrote is in the file, and the other way round')
def through():
    device = fileio()
    disk = disk_on(device)
    data = os.urandom(1 << 20)
    with open(disk, 'r+b', buffering=0) as f:
        f.seek(3 << 20)
        f.write(data)
        os.fsync(f.fileno())
    with open(device.get('filename'), 'rb') as f:
        f.seek(3 << 20)
        equal(hashlib.sha1(f.read(1 << 20)).digest(),
              hashlib.sha1(data).digest(), 'digest of the file')
    # Straight into the file; READ(16) goes past the initiator's page cache.
    with open(device.get('filename'), 'r+b') as f:
        f.seek(5 << 20)
        f.write(data[:4096])
    got = sgio.command(disk, bytes.fromhex('8800') +
                       (5 << 11).to_bytes(8, 'big') + bytes([0, 0, 0, 8, 0, 0]),
                       sgio.IN, length=4096)
    equal(got.data, data[:4096], 'data read')


@case('vdisk_nullio reads zeros, whatever was in the buffer')
def zeros():
    disk = os.open(disk_on(nullio()), os.O_RDONLY | os.O_DIRECT)
    try:
        # Straight into these pages: neither the mid-layer nor the core copies.
        with mmap.mmap(-1, 1 << 20) as buffer:
            for length in (4096, 1 << 20):
                buffer[:] = b'\xff' * len(buffer)
                equal(os.preadv(disk, [memoryview(buffer)[:length]], 0),
                      length, 'length')
                equal(buffer[:length].count(0), length, 'zeros')
    finally:
        os.close(disk)


@case('sizes from one block to 16 EiB')
def sizes():
    target = Target()
    small = fileio('small', size=512)
    large = nullio('large', size_mb=(1 << 44) - 1)
    target.add(0, small)
    target.add(1, large)
    equal(large.get('size'), str((1 << 64) - (1 << 20)), 'size')
    session = target.login()
    sg = session.sg(0)
    sgio.settle(sg)
    got = sgio.command(sg, '25000000000000000000', sgio.IN, length=8)
    equal(got.data, bytes.fromhex('0000000000000200'), 'READ CAPACITY(10)')
    sg = session.sg(1)
    sgio.settle(sg)
    got = sgio.command(sg, '9e10' + '00' * 11 + '200000', sgio.IN, length=32)
    equal(int.from_bytes(got.data[:8], 'big'),
          ((1 << 64) - (1 << 20)) // 512 - 1, 'last LBA')


def rw16(op, lba, count):
    return (bytes([op, 0]) + lba.to_bytes(8, 'big') +
            count.to_bytes(4, 'big') + bytes(2))


@case('a disk of 16 EiB: its last block, and what is behind')
def largest():
    device = nullio('large', size_mb=(1 << 44) - 1)
    sg = sgio.sg_of(device)
    end = ((1 << 64) - (1 << 20)) // 512
    for op in 0x88, 0x8a, 0x8e, 0x8f:  # READ, WRITE, WRITE AND VERIFY, VERIFY
        def send(lba, count, op=op):
            if op == 0x8f:
                return sgio.command(sg, rw16(op, lba, count))
            if op == 0x88:
                return sgio.command(sg, rw16(op, lba, count), sgio.IN,
                                    length=count * 512)
            return sgio.command(sg, rw16(op, lba, count),
                                sgio.OUT if count else sgio.NONE,
                                bytes(count * 512))

        for lba, count in (end - 1, 1), (end - 8, 8), (end, 0):
            result = sgio.good(send(lba, count))
            if op == 0x88:
                equal(result.data, bytes(count * 512), 'what is read')
        # Bytes, of which there are less than 2^64, begin again at 2^55 blocks.
        for lba, count in ((end - 1, 2), (end - 7, 8), (end, 1),
                           (end + 2048, 1), (1 << 55, 1), ((1 << 64) - 1, 1)):
            sgio.refused(send(lba, count), (5, 0x21, 0))


@case('SYNCHRONIZE CACHE and FUA reach the medium')
def flushes():
    # null_blk with a write cache counts the flushes it gets.
    run('modprobe', 'null_blk', 'nr_devices=0', status=None)
    where = '/sys/kernel/config/nullb/scst0'
    os.mkdir(where)
    try:
        for attr, value in (('memory_backed', 1), ('size', 32),
                            ('cache_size', 8), ('power', 1)):
            write('%s/%s' % (where, attr), value)
        # Named after the directory, or numbered, as the kernel is newer or not
        store = '/dev/scst0'
        if not os.path.exists(store):
            store = '/dev/nullb' + read(where + '/index')
        stat = '/sys/class/block/%s/stat' % os.path.basename(store)
        for handler in ('vdisk_blockio', 'vdisk_fileio'):
            disk = disk_on(Device(handler, 'd0', filename=store))
            before = int(read(stat).split()[15])
            with open(disk, 'r+b', buffering=0) as f:
                f.write(b'x' * 4096)
                os.fsync(f.fileno())
            check(int(read(stat).split()[15]) > before, 'no flush came')
            dismantle()
    finally:
        os.rmdir(where)


if __name__ == '__main__':
    main()
