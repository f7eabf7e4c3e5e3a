#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""Who sees which logical unit, and what it is told when that changes."""
import glob
import os
import struct

import sgio
from lib import (Target, case, check, equal, fails, fileio, main, nullio, probed,
                 read, run, wait_for, write)
from sgio import GOOD, IN, OUT, command

POWER_ON = (6, 0x29, 0)
LUNS_CHANGED = (6, 0x3f, 0x0e)
INQUIRY_CHANGED = (6, 0x3f, 0x03)
MODE_CHANGED = (6, 0x2a, 0x01)
CAPACITY_CHANGED = (6, 0x2a, 0x09)


def tur(sg):
    return command(sg, '000000000000')


def raw_luns(sg, select=0):
    got = command(sg, 'a000%02x000000000200000000' % select, IN,
                  length=0x20000)
    equal(got.status, GOOD, 'REPORT LUNS')
    length = struct.unpack('>I', got.data[:4])[0]
    equal(len(got.data), 8 + length, 'LUN LIST LENGTH')
    return [got.data[i:i + 8] for i in range(8, 8 + length, 8)]


def report_luns(sg):
    return [((a[0] & 0x3f) << 8) + a[1] for a in raw_luns(sg)]


def product(sg):
    return command(sg, '120000002400', IN, length=36).data[16:32].strip()


@case('256 LUNs, REPORT LUNS in all address methods')
def many():
    target = Target()
    for lun in range(255):
        target.add(lun, nullio('n%d' % lun))
    target.add(16383, nullio('last'))
    session = target.login()
    for lun in list(range(255)) + [16383]:
        session.disk(lun)
    sg = session.sg(0)
    equal(report_luns(sg), list(range(255)) + [16383], 'LUNs')
    equal(product(session.sg(16383)), b'last', 'product')
    equal(product(session.sg(200)), b'n200', 'product')


WELL_KNOWN = bytes.fromhex('c101000000000000')


@case('REPORT LUNS: SELECT REPORT')
def select_report():
    target = Target()
    target.add(0, nullio('n0'))
    target.add(300, nullio('n300'))
    sg = target.login().sg()
    sgio.settle(sg)
    luns = [bytes(8), bytes.fromhex('412c000000000000')]
    for select, want in ((0x00, luns), (0x01, [WELL_KNOWN]),
                         (0x02, luns + [WELL_KNOWN]), (0x10, []),
                         (0x11, luns), (0x12, [])):
        equal(raw_luns(sg, select), want, 'SELECT REPORT %#x' % select)
        got = run('sg_luns', '--select=%d' % select, sg)
        check('Lun list length = %d' % (8 * len(want)) in got, got)
    for cdb in ('a00003000000000200000000', 'a000ff000000000200000000',
                'a000000000000000000f0000', 'a00000000000000000000000'):
        equal(command(sg, cdb, IN, length=512).triple, (5, 0x24, 0), cdb)


@case('addr_method: the forms of LUNs')
def addr_method():
    for method, want in (('peripheral', ('0000', '0028', '412c')),
                         ('flat', ('4000', '4028', '412c')),
                         ('lun', ('8000', '4028', '412c'))):
        target = Target(method, enable=False)
        equal(read(target.path + '/addr_method'), 'peripheral', 'at first')
        for lun in (0, 40, 300):
            target.add(lun, nullio('%s%d' % (method, lun)))
        write(target.path + '/addr_method', method)
        equal(read(target.path + '/addr_method'), method, 'addr_method')
        write(target.path + '/enabled', 1)
        session = target.login()
        # Where Linux has them; sd complains of disks that go while it looks.
        for lun in {0} | {int(a, 16) for a in want if int(a, 16) < 0x8000}:
            where = '/sys/bus/scsi/devices/%d:0:0:%d/block/*' % (session.host,
                                                                 lun)
            wait_for(lambda: glob.glob(where), 'disk')
            node = '/dev/' + os.path.basename(glob.glob(where)[0])
            wait_for(lambda: probed(node), node)
        sg = session.sg()
        equal([a.hex() for a in raw_luns(sg)],
              [a + '0' * 12 for a in want], 'LUNs')
        for bad, error in (('flat', 'EBUSY'), ('nonsense', 'EINVAL')):
            with fails(error):
                write(target.path + '/addr_method', bad)


@case('VPD page 88h: every port that shows the device')
def ports():
    disk, other = nullio('disk'), nullio('other')
    targets = [Target('p%d' % i) for i in range(3)]
    ids = [int(read(target.path + '/rel_tgt_id')) for target in targets]
    targets[0].add(0, disk)
    targets[1].add(0, other)
    targets[2].add(0, other)
    hidden = targets[2].group('hidden', 'nobody')
    hidden.add(9, disk)
    hidden.add(10, disk)
    sg = targets[0].login().sg()
    sgio.settle(sg)
    data = command(sg, '12018800ff00', IN, length=255).data
    want = b''.join(struct.pack('>HHHHHHIHH', 0, port, 0, 0, 0, 8, 0x01140004,
                                0, port) for port in (ids[0], ids[2]))
    equal(data.hex(), (struct.pack('>BBH', 0, 0x88, 40) + want).hex(), 'page')
    run('sg_vpd', '-p', '0x88', sg)
    hidden.delete(9, disk)
    hidden.delete(10, disk)
    equal(command(sg, '12018800ff00', IN, length=255).data[4:].hex(),
          want[:20].hex(), 'one port')


@case('LUN 0 answers, mapped or not')
def lun_zero():
    target = Target()
    target.add(5, nullio())
    session = target.login()
    sg = session.sg(5)
    sgio.settle(sg)
    equal(report_luns(sg), [0, 5], 'LUNs')


@case('a LUN that went: LOGICAL UNIT NOT SUPPORTED, but INQUIRY is answered')
def lun_gone():
    target, gone = Target(), nullio('gone')
    target.add(0, nullio())
    target.add(1, gone)
    session = target.login()
    sg = session.sg(1)
    sgio.settle(sg)
    target.delete(1, gone)
    equal(tur(sg).triple, (5, 0x25, 0), 'TEST UNIT READY')
    equal(command(sg, '120000002400', IN, length=36).data[0], 0x7f, 'INQUIRY')
    sense = command(sg, '030000001200', IN, length=18)
    equal((sense.status, sense.data[2] & 15, sense.data[12]),
          (GOOD, 5, 0x25), 'REQUEST SENSE')
    equal(report_luns(sg), [0], 'LUNs')


@case('REQUEST SENSE when nothing is pending: NO SENSE')
def no_sense():
    target = Target()
    target.add(0, nullio())
    sg = target.login().sg()
    sgio.settle(sg)
    for desc, length in ((0, 18), (1, 8)):
        sense = command(sg, '03%02x00001200' % desc, IN, length=18)
        equal((sense.status, len(sense.data)), (GOOD, length), 'answer')
        equal(sense.data[1 if desc else 2] & 15, 0, 'sense key')


@case('LUNs come and go under a session: REPORTED LUNS DATA HAS CHANGED')
def changed():
    target, extra = Target(), nullio('extra')
    target.add(0, nullio())
    session = target.login()
    sg = session.sg(0)
    sgio.settle(sg)
    target.add(7, extra)
    equal(tur(sg).triple, LUNS_CHANGED, 'sense')
    equal(tur(sg).status, GOOD, 'status')
    equal(report_luns(sg), [0, 7], 'LUNs')
    target.delete(7, extra)
    # REPORT LUNS tells, so that the condition is gone.
    equal(report_luns(sg), [0], 'LUNs')
    equal(tur(sg).status, GOOD, 'status')


@case('a second link in a LUN takes over: INQUIRY DATA HAS CHANGED')
def replace():
    target = Target()
    old, new = nullio('old'), nullio('new')
    target.add(0, old)
    session = target.login()
    sg = session.sg(0)
    sgio.settle(sg)
    equal(product(sg), b'old', 'product')
    target.add(0, new)
    equal(product(sg), b'new', 'product')
    seen = set()
    for _ in range(5):
        seen.add(tur(sg).triple)
    check(INQUIRY_CHANGED in seen or POWER_ON in seen, 'sense %r' % seen)
    check(INQUIRY_CHANGED in seen, 'sense %r' % seen)
    # The older link goes without effect, and its device is free.
    os.unlink(target.path + '/luns/0/old')
    equal(tur(sg).status, GOOD, 'status')
    equal(product(sg), b'new', 'product')
    old.disable()


@case('two sessions on one disk: data, MODE PARAMETERS and CAPACITY CHANGED')
def two():
    target, disk = Target(), fileio(size=16 << 20)
    target.add(0, disk)
    one, other = target.login('s1').sg(), target.login('s2').sg()
    sgio.settle(one)
    sgio.settle(other)
    data = os.urandom(512)
    equal(command(one, '2a000000000500000100', OUT, data).status, GOOD)
    equal(command(other, '28000000000500000100', IN, length=512).data, data)

    caching = bytes.fromhex('00' * 4 + '0812' + '00' * 18)
    equal(command(one, '151000001800', OUT, caching).status, GOOD)
    equal(tur(other).triple, MODE_CHANGED, 'sense of the other')
    equal(tur(one).status, GOOD, 'status of the one who did it')

    os.truncate(disk.get('filename'), 24 << 20)
    write(disk.path + '/resync_size', 1)
    equal(disk.get('size'), str(24 << 20), 'size')
    for sg in (one, other):
        equal(tur(sg).triple, CAPACITY_CHANGED, 'sense')
        got = command(sg, '25000000000000000000', IN, length=8)
        equal(got.data[:4], struct.pack('>I', (24 << 11) - 1), 'last LBA')
    write(disk.path + '/resync_size', 1)
    equal(tur(one).status, GOOD, 'status when nothing has changed')


@case('unit attentions: REQUEST SENSE takes the most urgent one')
def request_sense():
    target, disk = Target(), fileio(size=16 << 20)
    target.add(0, disk)
    session = target.login()
    sg = session.sg()
    sgio.settle(sg)
    os.truncate(disk.get('filename'), 17 << 20)
    write(disk.path + '/resync_size', 1)
    target.add(1, nullio())
    sense = command(sg, '030000001200', IN, length=18).data
    equal((sense[2] & 15, sense[12], sense[13]), CAPACITY_CHANGED, 'first')
    # INQUIRY neither reports nor clears.
    equal(command(sg, '120000002400', IN, length=36).status, GOOD)
    equal(tur(sg).triple, LUNS_CHANGED, 'second')
    equal(tur(sg).status, GOOD, 'status')


@case('initiator groups: exact names, patterns, the others')
def groups():
    target = Target()
    for name in ('default', 'exact', 'star', 'query'):
        nullio(name)

    class Named:
        def __init__(self, name):
            self.name = name
            self.path = '/sys/kernel/config/scst/handlers/vdisk_nullio/' + name

    target.add(0, Named('default'))
    target.group('gs', 'web*').add(0, Named('star'))
    target.group('gq', 'db?').add(0, Named('query'))
    target.group('ge', 'web1').add(0, Named('exact'))
    for initiator, device in (('web1', b'exact'), ('web2', b'star'),
                              ('db7', b'query'), ('db77', b'default'),
                              ('mail', b'default')):
        equal(product(target.login(initiator).sg()), device, initiator)


@case('initiator groups: a leading ! means all others')
def inverted():
    target, mine, theirs = Target(), nullio('mine'), nullio('theirs')
    target.add(0, mine)
    target.group('g', '!me').add(0, theirs)
    equal(product(target.login('me').sg()), b'mine', 'me')
    equal(product(target.login('you').sg()), b'theirs', 'you')


@case('a group takes a session over, and gives it back')
def reassign():
    target, same = Target(), nullio('same')
    target.add(0, nullio('before'))
    target.add(1, same)
    session = target.login('host')
    sg, other = session.sg(0), session.sg(1)
    sgio.settle(sg)
    sgio.settle(other)
    group = target.group('g')
    group.add(0, nullio('after'))
    group.add(1, same)
    equal(product(sg), b'before', 'product')
    os.mkdir(group.path + '/initiators/host')
    equal(product(sg), b'after', 'product')
    # The LUN that stays the same is the same nexus, and hears of the change.
    equal(tur(other).triple, LUNS_CHANGED, 'sense')
    # Linux itself asks the new disk what it is, and takes what is pending.
    equal(tur(sg).triple, POWER_ON, 'sense')
    os.rmdir(group.path + '/initiators/host')
    equal(product(sg), b'before', 'product')


@case('many sessions on one disk, each a host of its own')
def sessions():
    target = Target()
    target.add(0, nullio())
    logins = [target.login('s%d' % i) for i in range(20)]
    equal(len({s.host for s in logins}), 20, 'hosts')
    for session in logins:
        run('sg_turs', '-n', '3', session.sg(), status=None)
    stats = open(logins[0].path + '/stats').read().split()
    check(int(stats[1]) > 0, 'no command was counted')


if __name__ == '__main__':
    main()
