#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""COMPARE AND WRITE and ORWRITE as what clusters use them for: locks and
counters on a shared disk. Nobody loses an update, and who works elsewhere on
the disk does not wait for them.

The record is a few blocks long and the same in all of them, so that a reader
who saw half of an update would tell. It has one count for each initiator: after
an abort, or when the LUN was away, each finds out whether it had counted.

The store is a block device, for which a command waits between its read and its
write: what is in the page cache is compared and written at one go on one CPU,
whether anybody is kept out or not.
"""
import fcntl
import struct
import subprocess

import sgio
from iscsi_lib import Target as IscsiTarget
from iscsi_lib import main, serve
from lib import (LONG, Load, Stall, Target, blockio, case, check, dismantle,
                 ended, equal, fileio, in_process, loop_device, read, run,
                 wait_for, write as write_file)
from sgio import CHECK_CONDITION, GOOD, IN, MISCOMPARE, OUT

SIZE = 32 << 20
BLOCK = 512
BLOCKS = 3                      # of the record
WHERE = 2047                    # it lies across the end of a region of 1 MiB
LOCAL, ISCSI = 6, 2             # initiators of each kind
TOTAL = 1000000 if LONG else 2400
SG_SCSI_RESET, SG_SCSI_RESET_DEVICE = 0x2284, 1


def cdb16(opcode, lba, count):
    return struct.pack('>BBQIBB', opcode, 0, lba, count, 0, 0)


def record(counts):
    """What is on the medium."""
    return struct.pack('>%dQ' % len(counts), *counts).ljust(BLOCK,
                                                            b'\0') * BLOCKS


class SgPath:
    """A way to the disk: an sg node."""

    def __init__(self, node):
        self.node = node

    def command(self, cdb, out=b'', read=0):
        """Status, sense key and data."""
        done = sgio.command(self.node, cdb, OUT if out else IN, out, read)
        return done.status, done.key, done.data

    def close(self):
        pass


class IscsiPath:
    """A way to the disk: a session of our own initiator."""

    def __init__(self, target, number):
        self.session = target.raw(isid=number)

    def command(self, cdb, out=b'', read=0):
        task = self.session.command(cdb, out=out, read=read)
        sense = task.sense_code() if task.status == CHECK_CONDITION else None
        return task.status, sense and sense[0], bytes(task.data)

    def close(self):
        self.session.close()


class Initiator:
    """One that counts. Nobody else changes its count: what it has been told is
    there stays there."""

    def __init__(self, path, number, count):
        self.path = path
        self.number = number
        self.count = count
        self.mine = set()       # what its count may be; nothing known at first

    def read(self):
        """The counts, or None if there is no answer just now."""
        status, _, data = self.path.command(cdb16(0x88, WHERE, BLOCKS),
                                            read=BLOCKS * BLOCK)
        if status != GOOD:
            return None
        check(data == data[:BLOCK] * BLOCKS, 'a reader sees half of an update')
        counts = list(struct.unpack_from('>%dQ' % self.count, data))
        mine = counts[self.number]
        check(not self.mine or mine in self.mine,
              'count %d of initiator %d, which has left it at %r' %
              (mine, self.number, self.mine))
        self.mine = {mine}
        return counts

    def add(self, old, new):
        """COMPARE AND WRITE: True, False, or None for who knows."""
        status, key, _ = self.path.command(
            cdb16(0x89, WHERE, BLOCKS), out=record(old) + record(new))
        if status == GOOD:
            self.mine = {new[self.number]}
            return True
        if key == MISCOMPARE:
            return False
        self.mine.add(new[self.number])
        return None

    def run(self, target):
        """Until its count is target."""
        counts = None
        while True:
            counts = counts or self.read()
            if not counts:
                continue
            if counts[self.number] == target:
                return
            new = list(counts)
            new[self.number] += 1
            counts = new if self.add(counts, new) else None


class Cluster:
    """A disk and those who count on it."""

    def __init__(self, device, local=LOCAL, iscsi=0):
        self.device = device
        self.target = Target()
        self.target.add(0, self.device)
        self.sessions = [self.target.login('s%d' % i) for i in range(local)]
        self.nodes = [s.sg() for s in self.sessions]
        for node in self.nodes:
            sgio.settle(node)
        self.iscsi = None
        if iscsi:
            self.iscsi = IscsiTarget('caw')
            self.iscsi.add(0, self.device)
            serve()
        self.count = local + iscsi
        self.put([0] * self.count)

    def first(self):
        return Initiator(SgPath(self.nodes[0]), 0, self.count)

    def put(self, counts):
        status = SgPath(self.nodes[0]).command(
            cdb16(0x8a, WHERE, BLOCKS), out=record(counts))[0]
        equal(status, GOOD, 'status of a write')

    def path(self, number):
        if number < len(self.nodes):
            return SgPath(self.nodes[number])
        path = IscsiPath(self.iscsi, number)
        wait_for(lambda: path.command(bytes(6))[0] == GOOD, 'TEST UNIT READY')
        return path

    def count_up(self, number, target):
        path = self.path(number)
        Initiator(path, number, self.count).run(target)
        path.close()

    def start(self, target):
        return [in_process(self.count_up, i, target)
                for i in range(self.count)]

    def finish(self, children, target):
        ended(children)
        counts = wait_for(self.first().read, 'an answer')
        equal(counts, [target] * self.count, 'counts')


def reader(disk, *options):
    """Load that must not change what others count on."""
    return Load(disk, '--readonly', '--rw=randread', *options)


@case('eight initiators count, with load beside them and readers on the record')
def counters():
    with loop_device(SIZE) as store:
        cluster = Cluster(blockio(store), iscsi=ISCSI)
        disk = cluster.sessions[0].disk()
        loads = [reader(disk, '--offset=0', '--size=2M', '--iodepth=2'),
                 Load(cluster.sessions[1].disk(), '--offset=8M',
                      '--iodepth=2')]
        each = TOTAL // cluster.count
        cluster.finish(cluster.start(each), each)
        for load in loads:
            load.stop()


@case('they count while another one resets the logical unit')
def resets():
    with loop_device(SIZE) as store:
        cluster = Cluster(blockio(store, tas=1), 4)
        each = 4000 if LONG else 100
        other = cluster.target.login('resets').sg()
        sgio.settle(other)
        children = cluster.start(each)
        with open(other, 'rb+', buffering=0) as node:
            for _ in range(1000 if LONG else 50):
                fcntl.ioctl(node, SG_SCSI_RESET,
                            struct.pack('i', SG_SCSI_RESET_DEVICE))
        cluster.finish(children, each)


@case('they count while the LUN goes and comes back')
def removal():
    with loop_device(SIZE) as store:
        write_file('/dev/kmsg', 'scst-test: expect .*(I/O error|sd[a-z]).*')
        cluster = Cluster(blockio(store), 4)
        each = 2000 if LONG else 100
        children = cluster.start(each)
        for _ in range(200 if LONG else 20):
            cluster.target.delete(0, cluster.device)
            cluster.target.add(0, cluster.device)
        cluster.finish(children, each)


@case('ORWRITE by several initiators: no bit is lost')
def orwrite():
    with loop_device(SIZE) as store:
        cluster = Cluster(blockio(store), 4)
        rounds = 64
        cluster.put([0] * cluster.count)

        def set_bits(number):
            path = cluster.path(number)
            for bit in range(rounds):
                data = bytearray(BLOCKS * BLOCK)
                at = number * rounds + bit
                for block in range(BLOCKS):
                    data[block * BLOCK + at // 8] = 1 << at % 8
                status = path.command(cdb16(0x8b, WHERE, BLOCKS), out=data)[0]
                equal(status, GOOD, 'status')

        ended([in_process(set_bits, i) for i in range(cluster.count)])
        want = (b'\xff' * (cluster.count * rounds // 8)).ljust(BLOCK, b'\0')
        data = SgPath(cluster.nodes[0]).command(
            cdb16(0x88, WHERE, BLOCKS), read=BLOCKS * BLOCK)[2]
        equal(data == want * BLOCKS, True, 'all bits are set')


@case('copies within the disk do not wait for who waits for them')
def copies():
    # An update must come between a copy's two parts to be in its way: not on
    # one CPU.
    cluster = Cluster(fileio(size=SIZE), 3)
    middle, count = 20000, 1000
    segment = struct.pack('>BBHHHHHQQ', 2, 0, 24, 0xffff, 0xffff, 0, count,
                          middle - count, middle)
    data = struct.pack('>BBHIII', 1, 0, 0, 0, len(segment), 0) + segment
    xcopy = struct.pack('>BB8xI2x', 0x83, 0, len(data))
    zeros = bytes(2 * 2 * BLOCK)

    def update(number):
        """Both of the copy's ranges, the end of the one and the other's
        beginning, so that what is there stays as it is."""
        path = cluster.path(number)
        for _ in range(300):
            status = path.command(cdb16(0x89, middle - 1, 2), out=zeros)[0]
            equal(status, GOOD, 'status of COMPARE AND WRITE')

    children = [in_process(update, i) for i in (1, 2)]
    for _ in range(60):
        status = SgPath(cluster.nodes[0]).command(xcopy, out=data)[0]
        equal(status, GOOD, 'status of EXTENDED COPY')
    ended(children)


class HalfStall(Stall):
    """A block device whose second half can be made to hold its I/O."""

    half = 'scst-half'

    def __enter__(self):
        super().__enter__()
        middle = self.size >> 10
        run('dmsetup', 'create', '--noudevsync', self.half,
            input='0 %d linear %s 0\n%d %d linear %s %d\n' %
            (middle, self.loop, middle, middle, self.path, middle))
        run('dmsetup', 'mknodes')
        self.name_of_half = run('dmsetup', 'info', '-c', '--noheadings', '-o',
                                'blkdevname', self.half).strip()
        return self

    def held(self):
        """Requests that have come and not gone."""
        return sum(map(int, read('/sys/class/block/%s/inflight' %
                                 self.name_of_half).split()))

    def __exit__(self, *why):
        self.resume(status=None)
        dismantle()
        run('dmsetup', 'remove', '--noudevsync', '--retry', self.half)
        super().__exit__(*why)


@case('what hangs elsewhere on the disk holds up no COMPARE AND WRITE')
def elsewhere():
    with HalfStall(SIZE) as stall:
        cluster = Cluster(blockio('/dev/mapper/' + stall.half), 2)
        # The first one waits for all others; it is over when this returns.
        first = cluster.first()
        first.run(1)
        stall.suspend()
        lba = SIZE * 3 // 4 // BLOCK
        child = subprocess.Popen(
            ['dd', 'of=' + cluster.sessions[1].disk(), 'if=/dev/zero',
             'oflag=direct', 'bs=4k', 'count=1', 'seek=%d' % (lba // 8)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(stall.held, 'a command that hangs')
        first.run(20)
        second = Initiator(cluster.path(1), 1, cluster.count)
        second.run(5)
        check(child.poll() is None, 'dd has ended')
        stall.resume()
        equal(child.wait(), 0, 'status of dd')
        equal(first.read(), [20, 5], 'counts')


if __name__ == '__main__':
    main()
