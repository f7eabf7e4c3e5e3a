#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Who a disk says it is, as sg3_utils and udev read it, and what two
initiators are told when something changes."""
import os
import re

import sgio
from lib import (Device, Target, Trace, blockio, case, check, equal, fails,
                 fileio, loop_device, main, nullio, read, run, wait_for, write)
from sgio import GOOD, IN, OUT, command, sg_of

NAA6 = '0x60011223344556677889900112233445'
EUI12 = '0x001122334455667788990011'
NAME = 'iqn.2026-11.org.example:disk'


def tur(sg):
    return command(sg, '000000000000').triple


def two(device):
    """The target, and two initiators that have seen the disk. sd has ended its
    probe, and takes no condition."""
    target = Target()
    target.add(0, device)
    sgs = []
    for name in ('s1', 's2'):
        session = target.login(name)
        session.disk()
        sgs.append(session.sg())
    for sg in sgs:
        sgio.settle(sg)
    return target, sgs


@case('sg_vpd decodes every page that is announced')
def pages():
    sg = sg_of(fileio(naa_id=NAA6, eui64_id=EUI12, scsi_device_name=NAME,
                      vend_specific_id='shelf 7', t10_dev_id='the-id',
                      usn='serial-1'))
    data = command(sg, '12010000ff00', IN, length=255).data
    equal(data[4:].hex(), '0080838687888fb0b1b2', 'pages')
    for page in data[4:]:
        out = run('sg_vpd', '-p', '%#x' % page, sg)
        check('Only hex output' not in out, out)
    run('sg_vpd', '-a', sg)
    ids = run('sg_vpd', '-p', '0x83', sg)
    for text in (NAA6, EUI12, NAME, 'shelf 7', 'the-id',
                 'Relative target port'):
        check(text in ids, '%s is not in\n%s' % (text, ids))
    extended = run('sg_vpd', '-p', '0x86', '-l', sg)
    for text in ('SIMPSUP=1', 'ORDSUP=1', 'HEADSUP=1', 'V_SUP=1', 'LUICLR=1',
                 'NV_SUP=0', 'GRD_CHK=0', 'UASK_SUP=0'):
        check(text in extended, '%s is not in\n%s' % (text, extended))
    check(re.search('sense data length.*96', extended, re.I), extended)
    check('hared' in run('sg_vpd', '-p', '0x87', sg), 'mode page policy')


@case('what INQUIRY refuses')
def refused():
    sg = sg_of(nullio())
    for cdb, field in (('1200800060', (2, 7)), ('1201810060', (2, 7)),
                       ('1201ff0060', (2, 7))):
        got = command(sg, cdb + '00', IN, length=96)
        equal((got.triple, got.field), ((5, 0x24, 0), field), cdb)


@case('version descriptors: architecture, transport, SPC, SBC, in this order')
def versions():
    target = Target()
    target.add(0, nullio())
    write(target.path + '/phys_transport_version', '0x0c60')
    sg = target.login().sg()
    out = run('sg_inq', '-d', sg)
    names = re.findall(r'^ +(\S+) \(no version claimed\)', out, re.M)
    equal(names, ['SAM-5', 'SAS-3', 'SAS', 'SPC-4', 'SBC-3'], 'descriptors')
    for value, sense in (('0x0c60', (None, None, None)), (0, (6, 0x3f, 3))):
        write(target.path + '/phys_transport_version', value)
        equal(tur(sg), sense, 'sense')
    names = re.findall(r'^ +(\S+) \(no version', run('sg_inq', '-d', sg), re.M)
    equal(names, ['SAM-5', 'SAS', 'SPC-4', 'SBC-3'], 'descriptors')


@case('designators that are none, and how they are read back')
def attributes():
    device = Device('vdisk_nullio', 'd0', enable=False)
    for attr, good, bad in (
            ('naa_id', ('0x3000000000000042', NAA6), ('1', '0x1000000000000042',
             NAA6[:-1], '0x3000000000000042 ', 'x', '0x300000000000004g')),
            ('eui64_id', ('0x0011223344556677', EUI12, NAA6),
             ('0x01', EUI12 + '0', 'x')),
            ('scsi_device_name', (NAME, 'naa.3000000000000042',
             'eui.0011223344556677'), ('disk', 'iqn.', 'iqn.UPPER', 'naa.1'))):
        path = '%s/%s' % (device.path, attr)
        for text in good:
            write(path, text + '\n')
            equal(read(path), text, attr)
        for text in bad:
            with fails('EINVAL'):
                write(path, text)
            equal(read(path), good[-1], attr)
        write(path, '\n')
        equal(read(path), '', attr)
    # A zero of any length is none: many disks would share it.
    for attr in ('naa_id', 'eui64_id'):
        path = '%s/%s' % (device.path, attr)
        for zeros in (1, 16, 32):
            write(path, '0x3000000000000042')
            write(path, '0x' + '0' * zeros)
            equal(read(path), '', attr)
    with fails('ENAMETOOLONG'):
        write(device.path + '/scsi_device_name', 'iqn.' + 'x' * 220)


@case('udev and multipath: the same identity from each session and each port')
def by_id():
    disk = nullio(naa_id=NAA6, usn='serial-1')
    seen = set()
    for name in ('t0', 't1'):
        target = Target(name)
        target.add(0, disk)
        session = target.login()
        node = session.disk()
        out = ''.join(run('sg_inq', '--export', '--page=' + page, node)
                      for page in ('sn', 'di'))
        found = dict(line.split('=', 1) for line in out.splitlines())
        seen.add(found.get('SCSI_IDENT_LUN_NAA_REGEXT'))
        equal(found['SCSI_IDENT_SERIAL'], 'serial-1', 'serial number')
        check('SCSI_IDENT_PORT_RELATIVE' in found, out)
        equal(read(session.sysfs(0) + '/wwid'), 'naa.' + NAA6[2:], 'wwid')
        if os.path.exists('/lib/udev/scsi_id'):
            got = run('/lib/udev/scsi_id', '-g', '-d', node).strip()
            equal(got, '3' + NAA6[2:], 'scsi_id')
    equal(seen, {NAA6[2:]}, 'NAA')


@case('a block device and a file grow and shrink: CAPACITY DATA HAS CHANGED')
def resize():
    with loop_device() as store:
        disk = blockio(store)
        _, sgs = two(disk)
        backing = read('/sys/block/%s/loop/backing_file' % store[5:])
        for size in (48 << 20, 16 << 20):
            os.truncate(backing, size)
            run('losetup', '-c', store)
            write(disk.path + '/resync_size', 1)
            for sg in sgs:
                # Linux may have taken it with a command of its own.
                check(tur(sg) in ((6, 0x2a, 9), (None, None, None)), 'sense')
                got = command(sg, '25' + '00' * 9, IN, length=8).data
                equal(int.from_bytes(got[:4], 'big'), size // 512 - 1, 'LBA')


@case('a medium that another initiator has changed; a LUN that is read only')
def changes():
    target, (one, other) = two(fileio(removable=1))
    # As long as sd looks at partitions it holds the medium.
    wait_for(lambda: command(one, '1b0000000200').status == GOOD, 'ejection')
    equal(command(one, '1b0000000300').status, GOOD, 'load')
    equal(tur(other), (6, 0x28, 0), 'the other one')
    equal(tur(one), (None, None, None), 'who has done it')
    for value in (1, 0):
        write(target.path + '/luns/0/read_only', value)
        for sg in (one, other):
            equal(tur(sg), (6, 0x2a, 1), 'sense')
            mode = command(sg, '1a083f00ff00', IN, length=255).data
            equal(bool(mode[2] & 0x80), bool(value), 'WP')


@case('a reset takes the place of what it says itself; the rest stays')
def merged():
    disk = fileio(size=16 << 20)
    _, (one, other) = two(disk)
    caching = bytes.fromhex('00' * 4 + '0812' + '00' * 18)
    with Trace('scst/scst_ua_set') as trace:
        equal(command(one, '151000001800', OUT, caching).status, GOOD)
        os.truncate(disk.get('filename'), 17 << 20)
        write(disk.path + '/resync_size', 1)
        run('sg_reset', '-d', '-N', one)
        text = '\n'.join(trace.lines())
    equal(re.findall(r'scst_ua_set: initiator=s2 .* ua=(\S+)', text),
          ['2a/01', '2a/09', '29/03'], 'traced')
    equal(tur(other), (6, 0x29, 3), 'first')
    equal(tur(other), (6, 0x2a, 9), 'second')
    equal(tur(other), (None, None, None), 'then')


if __name__ == '__main__':
    main()
