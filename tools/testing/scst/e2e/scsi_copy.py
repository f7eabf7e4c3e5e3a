#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""EXTENDED COPY and RECEIVE COPY RESULTS: what is copied, for whom, and how a
copy ends."""
import concurrent.futures
import contextlib
import errno
import os

import sgio
from copy_lib import (BLOCK, BLOCKS, INVALID_FIELD, INVALID_PARAM, SIZE, cscd,
                      get, lid1, luns, naa, pair, put, segment)
from lib import (Stall, Target, Trace, blockio, case, check, dismantle, equal,
                 file_of, fileio, loop_device, main, read, run, wait_for, write)
from sgio import CHECK_CONDITION, GOOD, IN, OUT, command, good, refused

RESERVATION_CONFLICT = 0x18

LIST_LENGTH = (5, 0x1a, 0)
COPY_FAILED = (10, 0x0d, 1)
UNREACHABLE = (10, 0x0d, 2)
WRONG_TYPE = (10, 0x0d, 3)
INEXACT = (10, 0x26, 0x0a)


def designator(sg):
    return naa(command(sg, '120183040000', IN, length=1024).data)


def lid4(cscds, segments, list_id=1):
    targets, segs = b''.join(cscds), b''.join(segments)
    return (bytes([1, 0, 0, 0x20]) + bytes(12) + b'\xff' + bytes(3) +
            list_id.to_bytes(4, 'big') + bytes(18) +
            len(targets).to_bytes(2, 'big') + len(segs).to_bytes(2, 'big') +
            bytes(2) + targets + segs)


def xcopy(sg, data, action=0):
    cdb = bytes([0x83, action]) + bytes(8) + len(data).to_bytes(4, 'big')
    return command(sg, cdb + bytes(2), OUT if data else sgio.NONE, data)


def receive(sg, action, list_id=1, length=512):
    where = list_id.to_bytes(4, 'big') if action > 4 else \
        bytes([list_id, 0, 0, 0])
    return command(sg, bytes([0x84, action]) + where + bytes(4) +
                   length.to_bytes(4, 'big') + bytes(2), IN, length=length)


def aborted(result, triple, number, source=None, target=None):
    """COPY ABORTED: which segment, and what source or destination said."""
    refused(result, triple)
    sense = result.sense
    equal(int.from_bytes(sense[10:12], 'big'), number, 'segment')
    for at, want in ((8, source), (9, target)):
        if want is None:
            equal(sense[at], 0, 'where the status is')
            continue
        inner = sense[sense[at]:]
        equal(inner[0], want[0], 'status')
        if len(want) > 1:
            equal((inner[3] & 15, inner[13], inner[14]), want[1:], 'sense')


@case('a copy between two disks, in several segments')
def two_disks():
    a, b = pair()
    data = os.urandom(6000 * BLOCK)
    put(a, 100, data)
    ends = [cscd(designator(a)), cscd(designator(b))]
    good(xcopy(a, lid1(ends, [segment(0, 1, 100, 7, 5000),
                              segment(0, 1, 5100, 9000, 1000),
                              segment(0, 1, 0, 0, 0),
                              segment(1, 0, 7, 20000, 1, 2),
                              segment(1, 0, 0, 0, 0)])))
    equal(get(b, 7, 5000) == data[:5000 * BLOCK], True, 'first segment')
    equal(get(b, 9000, 1000) == data[5000 * BLOCK:], True, 'second segment')
    equal(get(a, 20000, 1) == data[:BLOCK], True, 'last segment')
    equal(get(b, 0, 7), bytes(7 * BLOCK), 'what is before')
    equal(get(b, 5007, 1), bytes(BLOCK), 'what is behind')
    status = good(receive(a, 0)).data
    equal(status[:5], b'\0\0\0\x08\1', 'copy status')
    equal(int.from_bytes(status[5:7], 'big'), 5, 'segments')
    equal(int.from_bytes(status[8:12], 'big'), 6001 * BLOCK, 'bytes')
    equal(good(receive(a, 4)).data, bytes(4), 'failed segment details')
    equal(good(receive(a, 1)).data, bytes(4), 'held data')
    refused(receive(a, 0, 2), INVALID_FIELD, (2, 7))
    # The copy was that of the other logical unit.
    refused(receive(b, 0), INVALID_FIELD, (2, 7))


@case('files on one file system are copied by it, others piece by piece')
def offload():
    def commands(a, b):
        ends = [cscd(designator(a)), cscd(designator(b))]
        data = os.urandom(5000 * BLOCK)
        put(a, 0, data)
        with Trace('scst/scst_cmd_start') as trace:
            good(xcopy(a, lid1(ends, [segment(0, 1, 0, 3, 5000)])))
            lines = [line for line in trace.lines() if ' cdb=8' in line]
        equal(get(b, 3, 5000) == data, True, 'the copy')
        return [line.split('cdb=')[1][:2] for line in lines
                if '00 00 13 88' in line], len(lines)

    equal(commands(*pair()), (['88', '8a'], 3), 'commands')
    dismantle()
    equal(commands(*pair(o_direct=1)), (['88', '8a'], 9), 'commands')


@case('within a disk: overlapping ranges, both ways; FFFFh is the disk itself')
def within():
    a, _ = pair()
    count = 9000
    for src, dst in ((1000, 1003), (1003, 1000), (0, count), (5, 5)):
        data = os.urandom(count * BLOCK)
        put(a, src, data)
        good(xcopy(a, lid1([], [segment(0xffff, 0xffff, src, dst, count)])))
        equal(get(a, dst, count) == data, True, 'copy from %d to %d' %
              (src, dst))


@case('blocks of 512 and of 4096 bytes')
def sizes():
    _, _, (a, b) = luns(fileio('f0', size=SIZE),
                        fileio('f1', size=SIZE, blocksize=4096))
    data = os.urandom(64 * BLOCK)
    put(a, 8, data)
    ends = [cscd(designator(a)), cscd(designator(b), 4096)]
    good(xcopy(a, lid1(ends, [segment(0, 1, 8, 5, 64)])))
    equal(get(b, 5, 8, 4096) == data, True, 'the copy')
    # DC: blocks of the destination
    good(xcopy(a, lid1(ends, [segment(0, 1, 8, 100, 8, 2)])))
    equal(get(b, 100, 8, 4096) == data, True, 'the copy')
    good(xcopy(b, lid1(ends, [segment(1, 0, 5, 1000, 8)])))
    equal(get(a, 1000, 64) == data, True, 'the copy back')
    aborted(xcopy(a, lid1(ends, [segment(0, 1, 0, 0, 8),
                                 segment(0, 1, 0, 0, 7)])), INEXACT, 1)
    aborted(xcopy(a, lid1([cscd(designator(a), 4096)],
                          [segment(0, 0, 0, 9, 8)])), WRONG_TYPE, 0)
    aborted(xcopy(a, lid1([cscd(designator(a), kind=1)],
                          [segment(0, 0, 0, 9, 8)])), WRONG_TYPE, 0)


@case('a block device as source, as destination; LID4')
def block_device():
    with loop_device(SIZE) as store:
        _, _, (a, b) = luns(fileio('f0', size=SIZE), blockio(store))
        data = os.urandom(5000 * BLOCK)
        put(a, 0, data)
        ends = [cscd(designator(a)), cscd(designator(b))]
        good(xcopy(a, lid4(ends, [segment(0, 1, 0, 11, 5000)], 0x12345678), 1))
        equal(get(b, 11, 5000) == data, True, 'the copy')
        good(xcopy(b, lid4(ends, [segment(1, 0, 11, 30000, 5000)]), 1))
        equal(get(a, 30000, 5000) == data, True, 'the copy back')
        status = good(receive(a, 5, 0x12345678)).data
        equal(status[4:6], b'\1\1', 'service action and status')
        equal(int.from_bytes(status[16:24], 'big'), 5000 * BLOCK, 'bytes')
        refused(receive(a, 5, 0x12345679), INVALID_FIELD)


@case('whom the session does not see, it neither reads nor writes')
def hidden():
    target = Target()
    a, b, c = (fileio('f%d' % i, size=SIZE) for i in range(3))
    target.add(0, a)
    target.add(1, b)
    group = target.group('others', 'ini')
    group.add(0, a)
    group.add(1, c)
    mine = target.login()
    other = target.login('ini')
    sg = [mine.sg(0), mine.sg(1), other.sg(0), other.sg(1)]
    for node in sg:
        sgio.settle(node)
    secret = os.urandom(BLOCK)
    put(sg[3], 0, secret)
    ends = [cscd(designator(sg[0])), cscd(designator(sg[3]))]
    aborted(xcopy(sg[0], lid1(ends, [segment(1, 0, 0, 0, 1)])), UNREACHABLE, 0)
    aborted(xcopy(sg[0], lid1(ends, [segment(0, 1, 0, 0, 1)])), UNREACHABLE, 0)
    equal(get(sg[3], 0, 1) == secret, True, 'the secret')
    equal(get(sg[0], 0, 1), bytes(BLOCK), 'what could be read')
    # Who sees both may.
    good(xcopy(sg[2], lid1(ends, [segment(1, 0, 0, 0, 1)])))
    equal(get(sg[0], 0, 1) == secret, True, 'the copy')


@case('what does not fit: nothing is copied')
def refusals():
    a, b = pair()
    put(a, 0, os.urandom(8 * BLOCK))
    ends = [cscd(designator(a)), cscd(designator(b))]
    fine = segment(0, 1, 0, 0, 8)
    for wrong in (segment(0, 1, BLOCKS - 7, 0, 8),
                  segment(0, 1, 0, BLOCKS - 7, 8),
                  segment(0, 1, 2 ** 64 - 1, 0, 8), segment(0, 2, 0, 0, 8),
                  segment(0xfffe, 1, 0, 0, 8)):
        aborted(xcopy(a, lid1(ends, [fine, wrong])), UNREACHABLE, 1)
    refused(xcopy(a, lid1(ends, [fine], usage=1)), INVALID_PARAM, (1, 4))
    refused(xcopy(a, lid1(ends, [fine], usage=3)), INVALID_PARAM, (0, 7))
    refused(xcopy(a, lid1(ends, [fine])[:-1]), LIST_LENGTH)
    refused(xcopy(a, lid1(ends, [fine]) + bytes(4096)), LIST_LENGTH)
    refused(command(a, '830000000000000000007fffffff0000', OUT, bytes(4096)),
            LIST_LENGTH)
    good(xcopy(a, b''))
    equal(get(b, 0, 8), bytes(8 * BLOCK), 'the destination')
    # LU ID TYPE and NUL are ignored.
    ends[1] = cscd(designator(b), flags=0xe0)
    good(xcopy(a, lid1(ends, [fine], 0, 3)))
    refused(receive(a, 0, 0), INVALID_FIELD)
    equal(get(b, 0, 8) == get(a, 0, 8), True, 'the copy')


@case('limits: as many copies, segments and logical units as announced')
def limits():
    a, b = pair()
    params = good(receive(a, 3, 0)).data
    equal(len(params), 46, 'length of the operating parameters')
    cscds, segs = (int.from_bytes(params[i:i + 2], 'big') for i in (8, 10))
    ends = [cscd(designator(a))] * (cscds - 1) + [cscd(designator(b))]
    fine = segment(0, cscds - 1, 0, 0, 1)
    good(xcopy(a, lid1(ends, [fine] * segs)))
    refused(xcopy(a, lid1(ends[:1], [fine] * (segs + 1))), (5, 0x26, 8))
    refused(xcopy(a, lid1(ends + ends[:1], [fine])), (5, 0x26, 6))
    refused(xcopy(a, lid1(ends + ends[:1], [fine] * segs)), LIST_LENGTH)
    inquiry = command(a, '12000000ff00', IN, length=255).data
    equal(inquiry[5] & 8, 8, '3PC')
    run('sg_vpd', '-p', 'tpc', a)
    run('sg_copy_results', '-p', a)


@case('reservations of others: COPY ABORTED, with the segment')
def reserved():
    target, session, (a, b) = luns(fileio('f0', size=SIZE),
                                   fileio('f1', size=SIZE))
    other = target.login('s1')
    put(a, 0, b'x' * BLOCK * 8)
    ends = [cscd(designator(a)), cscd(designator(b))]
    both = lid1(ends, [segment(0, 0, 0, 100, 8), segment(0, 1, 0, 0, 8)])
    holder = other.sg(1)
    sgio.settle(holder)
    good(command(holder, '160000000000'))
    aborted(xcopy(a, both), UNREACHABLE, 1, target=(RESERVATION_CONFLICT,))
    equal(get(a, 100, 8), b'x' * BLOCK * 8, 'the segment before')
    status = good(receive(a, 0)).data
    equal((status[4], int.from_bytes(status[5:7], 'big')), (2, 1), 'status')
    details = good(receive(a, 4)).data
    equal(details[56], CHECK_CONDITION, 'status of the command')
    equal(details[62] & 15, 10, 'its sense key')
    good(command(holder, '170000000000'))
    good(xcopy(a, both))
    equal(get(b, 0, 8), b'x' * BLOCK * 8, 'the copy')


@case('write protection: of the LUN, of the disk')
def read_only():
    target, session, (a, b) = luns(fileio('f0', size=SIZE),
                                   fileio('f1', size=SIZE))
    put(b, 0, b'y' * BLOCK)
    ends = [cscd(designator(a)), cscd(designator(b))]
    write(target.path + '/luns/1/read_only', 1)
    sgio.settle(b)
    aborted(xcopy(b, lid1(ends, [segment(0, 1, 0, 9, 1)])), COPY_FAILED, 0,
            target=(CHECK_CONDITION, 7, 0x27, 0))
    good(xcopy(b, lid1(ends, [segment(1, 0, 0, 9, 1)])))
    equal(get(a, 9, 1), b'y' * BLOCK, 'the copy')


@case('unit attentions stay those of the initiator')
def attentions():
    target, session, (a, b) = luns(fileio('f0', size=SIZE),
                                   fileio('f1', size=SIZE))
    ends = [cscd(designator(a)), cscd(designator(b))]
    run('sg_reset', '-d', '-N', b)
    good(xcopy(a, lid1(ends, [segment(0, 1, 0, 0, 8)])))
    refused(command(b, '000000000000'), (6, 0x29, 3))


def stalled(function):
    """The case with a copy that waits for a block device as destination."""
    def body():
        with Stall(SIZE) as stall, \
                concurrent.futures.ThreadPoolExecutor(2) as pool:
            target, session, (a, b) = luns(fileio('f0', size=SIZE),
                                           blockio(stall.path))
            put(a, 0, b'z' * BLOCK * 64)
            ends = [cscd(designator(a)), cscd(designator(b))]
            data = lid1(ends, [segment(0, 1, 0, i * 64, 64)
                               for i in range(64)])
            stall.suspend()
            copy = pool.submit(xcopy, a, data)
            wait_for(lambda: receive(a, 0).status == GOOD, 'the copy')
            function(stall, target, session, a, b, copy, pool)
    case(function.__doc__)(body)


@stalled
def in_progress(stall, target, session, a, b, copy, pool):
    """a copy that runs: its status, its identifier; others go on"""
    status = good(receive(a, 0)).data
    equal(status[4:7], bytes(3), 'in progress, no segment')
    refused(xcopy(a, lid1([], [segment(0xffff, 0xffff, 0, 9, 1)])),
            (5, 0, 0x16))
    good(xcopy(a, lid1([], [segment(0xffff, 0xffff, 0, 900, 1)], 2)))
    # What must run alone does, although there is a copy.
    good(command(a, '160000000000'))
    good(command(a, '170000000000'))
    stall.resume()
    good(copy.result())
    equal(good(receive(a, 0)).data[4], 1, 'status')
    equal(get(b, 0, 4096) == b'z' * BLOCK * 4096, True, 'the copy')


@stalled
def reset_source(stall, target, session, a, b, copy, pool):
    """LOGICAL UNIT RESET of the one that has the command"""
    with Trace('scst/scst_tm_start') as trace:
        reset = pool.submit(run, 'sg_reset', '-d', '-N', a)
        wait_for(lambda: any('fn=' in line for line in trace.lines()),
                 'the function')
    stall.resume()
    reset.result()
    check(copy.result().status != GOOD or copy.result().host_status,
          'the copy ends as if nothing had been')
    sgio.settle(a)
    sgio.settle(b)
    good(xcopy(a, lid1([], [segment(0xffff, 0xffff, 0, 900, 1)])))


@stalled
def lun_goes(stall, target, session, a, b, copy, pool):
    """the destination's LUN goes"""
    device = [d for d in os.listdir(target.path + '/luns/1')
              if os.path.islink(os.path.join(target.path, 'luns/1', d))]
    os.unlink('%s/luns/1/%s' % (target.path, device[0]))
    stall.resume()
    refused(copy.result(), UNREACHABLE)


def has_become(path, value):
    """EBUSY until the change before it has ended in all respects."""
    try:
        write(path, value)
    except OSError as error:
        equal(error.errno, errno.EBUSY, 'errno')
    return read(path) == value


@stalled
def exchanged(stall, target, session, a, b, copy, pool):
    """the source gets another medium"""
    source = '/sys/kernel/config/scst/handlers/vdisk_fileio/f0/'
    for attr, value in (('active', '0'),
                        ('filename', file_of(SIZE, 'other')), ('active', '1')):
        wait_for(lambda a=attr, v=value: has_become(source + a, v), attr)
    stall.resume()
    refused(copy.result(), COPY_FAILED)
    check(b'z' * BLOCK * 128 not in get(b, 0, 4096), 'the copy went on')


def copy_until_it_fails(sg, data):
    with contextlib.suppress(OSError):
        while xcopy(sg, data).status == GOOD:
            pass


@case('the session, and all devices, go while copies run')
def session_goes():
    target, session, (a, b) = luns(fileio('f0', size=SIZE),
                                   fileio('f1', size=SIZE))
    ends = [cscd(designator(a)), cscd(designator(b))]
    data = [lid1(ends, [segment(0, 1, 0, 0, 65535)] * 64, i) for i in range(4)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        copies = [pool.submit(copy_until_it_fails, a, d) for d in data]
        wait_for(lambda: receive(a, 0, 0).status == GOOD, 'a copy')
        for lun in (1, 0):
            for name in ('f0', 'f1'):
                link = '%s/luns/%d/%s' % (target.path, lun, name)
                if os.path.islink(link):
                    os.unlink(link)
        dismantle()
        for copy in copies:
            copy.result()


@case('copies against writes: each block is of one or of the other')
def against_writes():
    a, b = pair()
    count = 2048
    put(a, 0, b'a' * BLOCK * count)
    ends = [cscd(designator(a)), cscd(designator(b))]

    def copies():
        for _ in range(20):
            good(xcopy(a, lid1(ends, [segment(0, 1, 0, 0, count)])))

    def writes(byte):
        for i in range(60):
            put(b, i * 29 % (count - 64), byte * BLOCK * 64)

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for job in [pool.submit(copies), pool.submit(writes, b'b'),
                    pool.submit(writes, b'c')]:
            job.result()
    got = get(b, 0, count)
    for i in range(count):
        block = got[i * BLOCK:(i + 1) * BLOCK]
        check(block in (b'a' * BLOCK, b'b' * BLOCK, b'c' * BLOCK),
              'block %d is of neither' % i)
    equal(get(a, 0, count) == b'a' * BLOCK * count, True, 'the source')
    good(xcopy(a, lid1(ends, [segment(0, 1, 0, 0, count)])))
    equal(get(b, 0, count) == b'a' * BLOCK * count, True, 'the copy')


@case('sg_xcopy copies a disk')
def with_sg_xcopy():
    a, b = pair()
    data = os.urandom(4 << 20)
    for i in range(0, len(data), 1 << 20):
        put(a, i // BLOCK, data[i:i + (1 << 20)])
    run('sg_xcopy', 'if=' + a, 'of=' + b, 'bs=512', 'count=8192', 'bpt=1000',
        'seek=1')
    equal(b''.join(get(b, 1 + i, 2048) for i in range(0, 8192, 2048)) == data,
          True, 'the copy')


@case('ddpt copies a disk')
def with_ddpt():
    a, b = pair()
    data = os.urandom(1 << 20)
    put(a, 0, data)
    run('ddpt', 'if=' + a, 'of=' + b, 'bs=512', 'count=2048', 'iflag=xcopy',
        'seek=9000')
    equal(get(b, 9000, 2048) == data, True, 'the copy')


if __name__ == '__main__':
    main()
