#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""LOG SENSE and LOG SELECT: pages, parameters, counters (SPC-5 7.3); soft
thresholds of thin disks (SBC-4 4.7.3.7)."""
import contextlib
import os

import sgio
from lib import (SCRATCH, Target, case, check, dismantle, equal, fileio, main,
                 nullio, run, set_active, unmount, wait_for)
from sgio import GOOD, IN, OUT, command, good, nodes_of, refused, sg_of

INVALID_FIELD = (5, 0x24, 0)
INVALID_PARAM = (5, 0x26, 0)
LIST_LENGTH = (5, 0x1a, 0)
LOG_CHANGED = (6, 0x2a, 2)
CUMULATIVE, DEFAULT_CUMULATIVE = 1, 3
MIB = 1 << 20


def sense(sg, code, subpage=0, pc=CUMULATIVE, pointer=0, flags=0, length=256):
    cdb = (bytes([0x4d, flags, pc << 6 | code, subpage, 0]) +
           pointer.to_bytes(2, 'big') + length.to_bytes(2, 'big') + bytes(1))
    return command(sg, cdb, IN, length=length)


def select(sg, flags, code=0, subpage=0, pc=CUMULATIVE, data=b''):
    cdb = (bytes([0x4c, flags, pc << 6 | code, subpage, 0, 0, 0]) +
           len(data).to_bytes(2, 'big') + bytes(1))
    return command(sg, cdb, OUT if data else sgio.NONE, data)


def page(sg, code, subpage=0, **more):
    """What follows the header of a page, which must be right."""
    data = good(sense(sg, code, subpage, **more)).data
    equal(data[0] & 0x3f, code, 'page code')
    equal(data[0] & 0x40, 0x40 if subpage else 0, 'SPF')
    equal(data[1], subpage, 'subpage code')
    equal(int.from_bytes(data[2:4], 'big'), len(data) - 4, 'page length')
    return data[4:]


def parameters(sg, code, **more):
    data, found = page(sg, code, **more), {}
    while data:
        size = 4 + data[3]
        found[int.from_bytes(data[:2], 'big')] = data[4:size]
        data = data[size:]
    return found


def statistics(sg, **more):
    """[reads, writes, blocks received, blocks transmitted]"""
    value = parameters(sg, 0x19, **more)[1]
    return [int.from_bytes(value[i:i + 8], 'big') for i in range(0, 32, 8)]


@case('the pages that there are; all others are refused')
def supported():
    for thin in (0, 1):
        sg = sg_of(fileio('f%d' % thin, thin_provisioned=thin))
        codes = [0, 0x0c, 0x19, 0x2f] if thin else [0, 0x19, 0x2f]
        equal(list(page(sg, 0)), codes, 'supported pages')
        pairs = page(sg, 0, 0xff)
        equal(sorted(zip(pairs[::2], pairs[1::2])),
              sorted([(0, 0xff)] + [(code, 0) for code in codes]), 'subpages')
        for code in range(0x40):
            if code not in codes:
                refused(sense(sg, code), INVALID_FIELD, (2, 5))
            refused(sense(sg, code, 1), INVALID_FIELD)
        run('sg_logs', '-a', sg)
        run('sg_logs', '-A', sg)
        dismantle()


@case('CDB fields: SP, PC, PARAMETER POINTER, allocation length')
def fields():
    sg = sg_of(fileio(thin_provisioned=1))
    refused(sense(sg, 0x19, flags=1), INVALID_FIELD, (1, 0))
    refused(sense(sg, 0x19, flags=2), INVALID_FIELD, (1, 1))
    refused(sense(sg, 0x19, pc=0), INVALID_FIELD, (2, 7))
    refused(sense(sg, 0x19, pointer=2), INVALID_FIELD, (5, 7))
    refused(sense(sg, 0, pointer=1), INVALID_FIELD, (5, 7))
    equal(sorted(parameters(sg, 0x0c)), [1, 2], 'parameters')
    equal(sorted(parameters(sg, 0x0c, pointer=2)), [2], 'from the second')
    refused(sense(sg, 0x0c, pointer=3), INVALID_FIELD, (5, 7))
    whole = good(sense(sg, 0x2f)).data
    equal(whole, bytes.fromhex('af000008000023040000ff00'), 'exceptions')
    for length in (0, 1, 4, 11, 12):
        equal(good(sense(sg, 0x2f, length=length)).data, whole[:length],
              'first %d bytes' % length)


@case('General Statistics counts what was read and written')
def counters():
    sg, other = nodes_of(nullio(), 2)
    good(select(sg, 2))
    refused(command(other, '000000000000'), LOG_CHANGED)
    good(command(sg, '000000000000'))
    equal(statistics(sg), [0, 0, 0, 0], 'after the reset')
    for node in (sg, other):
        good(command(node, '28000000000000000800', IN, length=8 * 512))
        good(command(node, '2a000000000000000300', OUT, bytes(3 * 512)))
    good(command(sg, '88' + '00' * 11 + '01000000', IN, length=512 * 256))
    good(command(sg, '93010000000000000000' + '00000010' + '0000'))
    equal(statistics(sg), [3, 3, 6, 16 + 256], 'counted')
    # One that fails moves nothing.
    refused(command(sg, '2800ffffffff00000100', IN, length=512),
            (5, 0x21, 0))
    equal(statistics(sg), [4, 3, 6, 16 + 256], 'counted')
    equal(statistics(sg, pc=DEFAULT_CUMULATIVE), [0] * 4, 'default values')
    # A reset of the logical unit is one of its log parameters.
    run('sg_reset', '-d', sg)
    sgio.settle(sg)
    equal(statistics(sg), [0, 0, 0, 0], 'after LOGICAL UNIT RESET')


@case('LOG SELECT: what begins anew, and what is refused')
def log_select():
    sg, other = nodes_of(nullio(), 2)

    def count():
        good(command(sg, '28000000000000000100', IN, length=512))
        check(statistics(sg)[0] > 0, 'nothing is counted')

    for arguments in ((2, 0), (2, 0x19), (0, 0, 0, DEFAULT_CUMULATIVE),
                      (2, 0x19, 0xff)):
        count()
        good(select(sg, *arguments))
        equal(statistics(sg)[0], 0, 'reads after %r' % (arguments,))
        sgio.settle(other)
    for arguments in ((2, 0x2f), (0, 0), (0, 0x19, 0, 2)):
        count()
        good(select(sg, *arguments))
        check(statistics(sg)[0], 'reads after %r' % (arguments,))
        good(command(other, '000000000000'))
    refused(select(sg, 1), INVALID_FIELD, (1, 0))
    refused(select(sg, 2, 0x0d), INVALID_FIELD, (2, 5))
    refused(select(sg, 2, 0x19, 1), INVALID_FIELD, (3, 7))
    refused(select(sg, 2, data=bytes(4)), INVALID_FIELD, (1, 1))
    refused(select(sg, 0, 0x19, data=bytes(4)), INVALID_FIELD, (2, 5))
    refused(select(sg, 0, data=bytes(3)), LIST_LENGTH)
    refused(select(sg, 0, data=good(sense(sg, 0x19)).data), INVALID_PARAM)
    check(statistics(sg)[0], 'what is refused changes nothing')


def resources(sg):
    """(threshold sets available, used)"""
    found = parameters(sg, 0x0c)
    equal((found[1][4], found[2][4]), (2, 1), 'scopes')
    return tuple(int.from_bytes(found[i][:4], 'big') for i in (1, 2))


def write(sg, mib, data=os.urandom(MIB)):
    lba = (mib * MIB >> 9).to_bytes(4, 'big')
    good(command(sg, b'\x2a\0' + lba + b'\0\x08\0\0', OUT, data))


@case('Logical Block Provisioning: what a file takes, and what is left')
def provisioning():
    sg = sg_of(fileio(thin_provisioned=1))
    left, used = resources(sg)
    equal(used, 0, 'used by an empty disk')
    stat = os.statvfs(SCRATCH)
    check(abs(left - stat.f_bavail * stat.f_frsize // MIB) <= 64 or
          left == 2 ** 32 - 1, '%d sets are left' % left)
    for i in range(4):
        write(sg, i)
    good(command(sg, '35' + '00' * 9))
    equal(resources(sg)[1], 4, 'used by 4 MiB')
    run('sg_unmap', '--force', '--lba=0', '--num=4096', sg)
    good(command(sg, '35' + '00' * 9))
    equal(resources(sg)[1], 2, 'used after UNMAP of half of it')


@contextlib.contextmanager
def small_file_system(mib):
    where = os.path.join(SCRATCH, 'small')
    os.makedirs(where, exist_ok=True)
    run('mount', '-t', 'tmpfs', '-o', 'size=%dm' % mib, 'none', where)
    try:
        yield where + '/disk'
    finally:
        dismantle()
        unmount(where)


def mode_page(sg, code, subpage=0):
    cdb = bytes([0x5a, 8, code, subpage, 0, 0, 0, 0, 255, 0])
    return bytearray(good(command(sg, cdb, IN, length=255)).data[8:])


def mode_select(sg, flags, *pages):
    data = bytes(8) + b''.join(pages)
    cdb = bytes([0x55, 0x10 | flags] + [0] * 6 + [len(data), 0])
    return command(sg, cdb, OUT, data)


def set_thresholds(sg, available=None, used=None, report=True, flags=0):
    recovery, page = mode_page(sg, 1), mode_page(sg, 0x1c, 2)
    recovery[7] = 0x80 if report else 0
    for at, value in ((16, available), (24, used)):
        page[at] = page[at] & 0x7f | (0 if value is None else 0x80)
        page[at + 4:at + 8] = (value or 0).to_bytes(4, 'big')
    good(mode_select(sg, flags, recovery, page))


def ready(sg):
    return command(sg, '000000000000')


def not_ready(sg):
    """Why, or None."""
    got = ready(sg)
    return None if got.status == GOOD else got.triple


THRESHOLD = (6, 0x38, 7)
MODE_CHANGED = (6, 0x2a, 1)


def reached(*nodes):
    """Each of them hears of it, once, when the store has been asked."""
    for node in nodes:
        got = wait_for(lambda n=node: not_ready(n), 'the threshold')
        equal(got, THRESHOLD, 'sense')
    for node in nodes:
        equal(ready(node).status, GOOD, 'status')


def quiet(sg, *nodes):
    """Who asks what is left looks at the thresholds, too."""
    good(command(sg, '4d004c00000000010000', IN, length=256))
    for node in nodes:
        equal(ready(node).status, GOOD, 'status')


def thin_file(path):
    with open(path, 'wb') as file:
        file.truncate(32 * MIB)
    device = fileio('thin', enable=False, thin_provisioned=1)
    device.set('filename', path)
    device.set('enabled', 1)
    return device


@case('a file system without a limit never has little left')
def no_limit():
    with small_file_system(0) as path:
        sg = sg_of(thin_file(path))
        equal(resources(sg), (2 ** 32 - 1, 0), 'resources')
        set_thresholds(sg, available=8)
        quiet(sg, sg)


@case('a soft threshold of what is left: all nexuses hear of it, once')
def available():
    with small_file_system(16) as path:
        sg, other = nodes_of(thin_file(path), 2)
        exponent = command(sg, '1201b2004000', IN, length=64).data[4]
        equal(512 << exponent, MIB, 'threshold set')
        equal(resources(sg), (16, 0), 'resources')
        set_thresholds(sg, available=8)
        equal(ready(other).triple, MODE_CHANGED, 'sense')
        for i in range(7):
            write(sg, i)
        quiet(sg, sg, other)
        equal(resources(sg), (9, 7), 'resources')
        write(sg, 7)
        reached(sg, other)
        write(sg, 8)
        quiet(sg, sg, other)
        # After somebody has seen more room it can be reached again.
        run('sg_unmap', '--force', '--lba=0', '--num=16384', sg)
        equal(resources(sg), (15, 1), 'resources')
        quiet(sg, sg, other)
        for i in range(7):
            write(sg, i)
        reached(sg, other)


@case('a soft threshold of what is used; not reported without LBPERE')
def used():
    sg, other = nodes_of(fileio(thin_provisioned=1), 2)
    for i in range(4):
        write(sg, i)
    set_thresholds(sg, used=4, report=False)
    sgio.settle(other)
    quiet(sg, sg, other)
    # It is reached already.
    set_thresholds(sg, used=4)
    equal(ready(other).triple, MODE_CHANGED, 'sense')
    reached(sg, other)
    set_thresholds(sg, used=6)
    equal(ready(other).triple, MODE_CHANGED, 'sense')
    for i in range(4, 6):
        quiet(sg, sg, other)
        write(sg, i)
    reached(sg, other)


@case('what is reached at power on is reported to those who come then')
def power_on():
    device = fileio(thin_provisioned=1,
                    mode_pages_file=os.path.join(SCRATCH, 'modes'))
    target = Target()
    target.add(0, device)
    session = target.login()
    sg = session.sg()
    sgio.settle(sg)
    write(sg, 0)
    set_thresholds(sg, used=1, flags=1)
    reached(sg)
    session.logout()
    target.delete(0, device)
    device.disable()
    device.set('enabled', 1)
    target.add(0, device)
    sg = target.login().sg()
    sgio.settle(sg)
    write(sg, 0)
    reached(sg)


@case('thresholds are saved, and there are none for other disks')
def saved():
    path = os.path.join(SCRATCH, 'saved')
    device = fileio(thin_provisioned=1, mode_pages_file=path)
    sg = sg_of(device)
    set_thresholds(sg, available=3, used=5, flags=1)
    want = mode_page(sg, 0x1c, 2)
    set_thresholds(sg, report=False)
    run('sg_reset', '-d', sg)
    sgio.settle(sg)
    equal(mode_page(sg, 0x1c, 2), want, 'after LOGICAL UNIT RESET')
    equal(mode_page(sg, 1)[7], 0x80, 'LBPERE')
    dismantle()
    sg = sg_of(nullio(thin_provisioned=1))
    cdb = bytes([0x5a, 8, 0x1c, 2, 0, 0, 0, 0, 255, 0])
    refused(command(sg, cdb, IN, length=255), INVALID_FIELD, (3, 7))
    equal(command(sg, '1201b2004000', IN, length=64).data[4], 0, 'exponent')


@case('SANITIZE takes room, too')
def sanitize():
    sg = sg_of(fileio('s0', size=8 * MIB, thin_provisioned=1))
    set_thresholds(sg, used=4)
    quiet(sg, sg)
    # OVERWRITE, once, with a pattern of one byte
    good(command(sg, '48010000000000000500', OUT, b'\1\0\0\1\x55'))
    reached(sg)


@case('thresholds are there while the store is not')
def closed():
    device = fileio(thin_provisioned=1)
    sg = sg_of(device)
    set_thresholds(sg, used=4)
    want = mode_page(sg, 0x1c, 2)
    set_active(device, 0)
    equal(mode_page(sg, 0x1c, 2), want, 'mode page')
    equal(command(sg, '1201b2004000', IN, length=64).data[4], 11, 'exponent')
    equal(list(page(sg, 0)), [0, 0x0c, 0x19, 0x2f], 'supported pages')
    equal(sense(sg, 0x0c).triple, (2, 4, 0), 'sense')
    set_active(device, 1)
    sgio.settle(sg)
    equal(resources(sg)[1], 0, 'used')


main()
