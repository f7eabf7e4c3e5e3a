#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""iSCSI as open-iscsi and libiscsi's tools use it: discovery, login, disks."""
import os
import re

import iscsi_lib
import iscsi_raw
from iscsi_lib import (PORTAL, Target, discover, initiator_sessions,
                       iscsiadm_discover, main, serve, sessions, url)
from lib import (SCRATCH, case, check, equal, fileio, fio_verify, nullio, run,
                 wait_for)

# What the target is set to and the initiator asks for; what both see then.
# A digest is the target's choice among what the initiator lists; the other
# values follow RFC 7143 13: AND, OR, or the smaller one.
NEGOTIATIONS = (
    ('immediate data, no R2T first',
     {'InitialR2T': 'No', 'ImmediateData': 'Yes'},
     {'InitialR2T': 'No', 'ImmediateData': 'Yes'},
     {'initial_r2t': '0', 'immediate_data': '1'}),
    ('no immediate data, no R2T first',
     {'InitialR2T': 'No', 'ImmediateData': 'No'},
     {'InitialR2T': 'No', 'ImmediateData': 'Yes'},
     {'initial_r2t': '0', 'immediate_data': '0'}),
    ('immediate data, R2T first',
     {'InitialR2T': 'No', 'ImmediateData': 'Yes'},
     {'InitialR2T': 'Yes', 'ImmediateData': 'Yes'},
     {'initial_r2t': '1', 'immediate_data': '1'}),
    ('no immediate data, R2T first',
     {'InitialR2T': 'Yes', 'ImmediateData': 'Yes'},
     {'InitialR2T': 'No', 'ImmediateData': 'No'},
     {'initial_r2t': '1', 'immediate_data': '0'}),
    ('header digest',
     {'HeaderDigest': 'CRC32C,None'}, {'HeaderDigest': 'CRC32C'},
     {'header_digest': '1', 'data_digest': '0'}),
    ('data digest',
     {'DataDigest': 'CRC32C,None'}, {'DataDigest': 'CRC32C'},
     {'header_digest': '0', 'data_digest': '1'}),
    ('both digests, without R2T first, odd sizes',
     {'HeaderDigest': 'CRC32C', 'DataDigest': 'CRC32C', 'InitialR2T': 'No',
      'MaxRecvDataSegmentLength': 5000},
     {'HeaderDigest': 'CRC32C', 'DataDigest': 'CRC32C', 'InitialR2T': 'No',
      'MaxRecvDataSegmentLength': 4100},
     {'header_digest': '1', 'data_digest': '1'}),
    ('smallest sizes',
     {'MaxRecvDataSegmentLength': 512, 'MaxBurstLength': 512,
      'FirstBurstLength': 512},
     {'MaxRecvDataSegmentLength': 512},
     {'max_xmit_dlength': '512', 'max_recv_dlength': '512',
      'max_burst_len': '512', 'first_burst_len': '512'}),
    ('bursts that are no multiple of PDUs',
     {'MaxRecvDataSegmentLength': 8192, 'MaxBurstLength': 28672,
      'FirstBurstLength': 12288},
     {'MaxRecvDataSegmentLength': 16384},
     {'max_xmit_dlength': '8192', 'max_recv_dlength': '16384',
      'max_burst_len': '28672', 'first_burst_len': '12288'}),
    ('the initiator wants less',
     {'MaxBurstLength': 1048576, 'FirstBurstLength': 65536},
     {'MaxBurstLength': 65536, 'FirstBurstLength': 4096},
     {'max_burst_len': '65536', 'first_burst_len': '4096'}),
    ('largest sizes',
     {'MaxRecvDataSegmentLength': 1048576, 'MaxBurstLength': 1048576,
      'FirstBurstLength': 1048576},
     {'MaxRecvDataSegmentLength': 1048576, 'MaxBurstLength': 16776192,
      'FirstBurstLength': 1048576},
     {'max_xmit_dlength': '1048576', 'max_burst_len': '1048576',
      'first_burst_len': '1048576'}),
    ('several R2Ts at a time',
     {'InitialR2T': 'Yes', 'MaxOutstandingR2T': 8, 'MaxBurstLength': 4096,
      'FirstBurstLength': 4096},
     {'MaxOutstandingR2T': 4, 'ImmediateData': 'No'},
     {'initial_r2t': '1', 'immediate_data': '0', 'max_burst_len': '4096'}),
)
CONNECTION_VALUES = ('header_digest', 'data_digest', 'max_recv_dlength',
                     'max_xmit_dlength')


def one_disk(**params):
    target = Target(**params)
    target.add(0, fileio())
    serve()
    return target


@case('iscsiadm discovers')
def discovery():
    target = one_disk()
    out = iscsiadm_discover()
    equal(out.strip(), '%s,1 %s' % (PORTAL, target.name), 'what was found')


@case('discovery: many targets, and each by its name')
def many_targets():
    device, names = nullio(), []
    for i in range(100):
        target = Target('target%d' % i)
        target.add(0, device)
        names.append(target.name)
    serve()
    found = discover()
    equal(sorted(found), sorted(names), 'targets')
    equal(set(map(tuple, found.values())), {(PORTAL + ',1',)}, 'addresses')
    equal(discover(what=names[17]), {names[17]: [PORTAL + ',1']}, 'by name')
    equal(discover(what=names[0] + '.nobody'), {}, 'by a name of nobody')
    equal(len(iscsiadm_discover().splitlines()), 100, 'by iscsiadm')
    # A short segment makes the target split its answer.
    equal(discover(MaxRecvDataSegmentLength='512'), found, 'in pieces')


@case('iscsi-ls shows targets and LUNs')
def libiscsi_ls():
    target = one_disk()
    target.add(7, nullio())
    out = run('iscsi-ls', '-s', 'iscsi://' + PORTAL)
    check('Target:%s Portal:%s,1' % (target.name, PORTAL) in out, out)
    equal(re.findall(r'^Lun:(\d+) +Type:(\w+)', out, re.M),
          [('0', 'DIRECT_ACCESS'), ('7', 'DIRECT_ACCESS')], 'LUNs')


@case('INQUIRY, by libiscsi and by sg')
def inquiry():
    target = one_disk()
    out = run('iscsi-inq', url(target))
    check(re.search(r'^Product:f0\s', out, re.M), out)
    session = target.login()
    session.disk()
    out = run('sg_inq', '-d', session.sg())
    check(re.search(r'Product identification: f0\s', out), out)
    check('iSCSI' in out, 'no iSCSI among the version descriptors:\n' + out)
    out = run('sg_vpd', '-p', '0x83', session.sg())
    for name in (target.name, target.name + ',t,0x0001'):
        check(name + '\n' in out, '%s is not in\n%s' % (name, out))
    equal(len(sessions(iscsi_lib.INITIATOR, target)), 1, 'sessions in sysfs')
    session.logout()


@case('digests that the administrator does not do without')
def digests():
    target = one_disk(HeaderDigest='CRC32C', DataDigest='CRC32C,None')
    for offer in {}, {'HeaderDigest': 'None'}, {'DataDigest': 'CRC32C'}:
        with iscsi_raw.Session() as session:
            try:
                session.login(target.name, offer=offer)
            except iscsi_raw.Refused as refused:
                equal(refused.status, 0x0200, 'status of %r' % offer)
                continue
        raise AssertionError('%r was let in' % offer)
    with iscsi_raw.Session() as session:
        session.login(target.name, offer={'HeaderDigest': 'None,CRC32C'})
        equal(session.nop(b'there'), b'there', 'answer to a ping')


@case('logout leaves nothing behind')
def logout():
    target = one_disk()
    session = target.login()
    session.disk()
    session.logout()
    equal(initiator_sessions(), [], 'sessions of the initiator')
    wait_for(lambda: not sessions(), 'the end of the session')
    os.unlink(target.path + '/luns/0/f0')


@case('a file system lives on it')
def file_system():
    target = Target()
    target.add(0, fileio(size=64 << 20))
    serve()
    session = target.login()
    disk = session.disk()
    where = os.path.join(SCRATCH, 'mnt')
    os.makedirs(where, exist_ok=True)
    content = os.urandom(5 << 20)
    run('mkfs.ext4', '-q', disk)
    run('mount', disk, where)
    try:
        with open(where + '/file', 'wb') as file:
            file.write(content)
    finally:
        run('umount', where)
    run('fsck.ext4', '-fn', disk)
    session.logout()
    session = target.login()
    disk = session.disk()
    run('mount', disk, where)
    try:
        with open(where + '/file', 'rb') as file:
            check(file.read() == content, 'the file has changed')
    finally:
        run('umount', where)
    session.logout()


@case('several LUNs at a time')
def luns():
    target = Target()
    numbers = (0, 3, 255, 300)
    for lun in numbers:
        target.add(lun, fileio('f%d' % lun, size=8 << 20))
    serve()
    session = target.login()
    for lun in numbers:
        fio_verify(session.disk(lun), '--bs=16k', size='2M')
    session.logout()


@case('a LUN that comes later')
def rescan():
    target = one_disk()
    session = target.login()
    session.disk()
    target.add(1, fileio('f1', size=8 << 20))
    session.rescan()
    fio_verify(session.disk(1), '--bs=4k', size='2M')
    session.logout()


def negotiated(session, name):
    if name in CONNECTION_VALUES:
        return session.connection_value(name)
    return session.session_value(name)


def negotiation(description, params, settings, expected):
    """A case of its own for each row."""
    @case('data is right: ' + description)
    def body():
        target = one_disk(**params)
        session = target.login(**settings)
        got = {name: negotiated(session, name) for name in expected}
        equal(got, expected, 'what was negotiated')
        disk = session.disk()
        for size in ('4k', '64k', '1m'):
            fio_verify(disk, '--bs=' + size, '--end_fsync=1', size='4M')
        session.logout()
    return body


for row in NEGOTIATIONS:
    negotiation(*row)


if __name__ == '__main__':
    main()
