#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What has changed is told to initiators that do not ask (RFC 7143 11.9), and
what serves a session."""
import glob
import os

from iscsi_lib import IQN, Target, main, serve, sessions
from iscsi_raw import ASYNC, NO_TAG, lun_of
from lib import case, equal, fileio, nullio, read, wait_for, write

UNIT_READY = '000000000000'
SCSI_EVENT = 0
MODE_CHANGED = (6, 0x2a, 0x01)
INQUIRY_CHANGED = (6, 0x3f, 0x03)
LUNS_CHANGED = (6, 0x3f, 0x0e)
MANY = 300


def one_disk():
    target = Target()
    target.add(0, nullio())
    serve()
    return target


def first_of(target, **more):
    session = target.raw(**more)
    session.command(UNIT_READY)
    equal(session.command(UNIT_READY).status, 0, 'status')
    return session


def sense_of(pdu):
    length = int.from_bytes(pdu.data[:2], 'big')
    equal(len(pdu.data), 2 + length, 'bytes of the data segment')
    sense = pdu.data[2:]
    equal(sense[0] & 0x7f, 0x70, 'response code')
    return sense[2] & 15, sense[12], sense[13]


def told(session, code, lun=0):
    pdu = session.take()
    equal((pdu.opcode, pdu['itt'], pdu['event']), (ASYNC, NO_TAG, SCSI_EVENT),
          repr(pdu))
    equal(pdu['lun'], lun_of(lun), 'LUN')
    equal(sense_of(pdu), code, 'sense data')


def attention(session, code, lun=0):
    equal(session.command(UNIT_READY, lun=lun).sense_code(), code, 'sense data')
    equal(session.command(UNIT_READY, lun=lun).status, 0, 'status')


@case('a LUN comes and goes: told, and still a unit attention')
def luns():
    target = one_disk()
    session = first_of(target)
    other = nullio('n1')
    target.add(1, other)
    told(session, LUNS_CHANGED)
    attention(session, LUNS_CHANGED)
    target.delete(1, other)
    told(session, LUNS_CHANGED)
    attention(session, LUNS_CHANGED)
    session.close()


@case('the last LUN goes')
def last_lun():
    target = Target()
    device = nullio()
    target.add(0, device)
    serve()
    session = first_of(target)
    target.delete(0, device)
    told(session, LUNS_CHANGED)
    session.close()


@case('what one LUN is about carries its number')
def of_a_lun():
    target = one_disk()
    target.add(300, nullio('n1'))
    session = first_of(target)
    session.command(UNIT_READY, lun=300)
    write(target.path + '/luns/300/read_only', 1)
    told(session, MODE_CHANGED, 300)
    attention(session, MODE_CHANGED, 300)
    target.add(300, nullio('n2'))
    told(session, INQUIRY_CHANGED, 300)
    session.close()


@case('who changes mode parameters is not told, the others are')
def not_the_cause():
    target = one_disk()
    cause, other = first_of(target, isid=1), first_of(target, isid=2)
    # The control mode page behind a header, with another D_SENSE
    page = cause.command('1a080a00ff00', read=255).data
    page[:4] = bytes(4)
    page[4] &= 0x3f
    page[6] ^= 0x04
    task = cause.command('15100000%02x00' % len(page), out=page)
    equal((task.status, task.sense_code()), (0, None), 'MODE SELECT')
    told(other, MODE_CHANGED)
    equal(cause.command(UNIT_READY).status, 0, 'status')
    equal(list(cause.others), [], 'what the cause is told')
    cause.close()
    other.close()


@case('many LUNs, and an initiator that does not listen')
def many():
    target = one_disk()
    device = nullio('n1')
    for lun in range(1, MANY):
        target.add(lun, device, 'n')
    # Nobody asks for a sign of life meanwhile.
    target.param('NopInInterval', 0)
    session = first_of(target)
    for lun in range(1, MANY):
        write('%s/luns/%d/read_only' % (target.path, lun), 1)
    seen = set()
    while len(seen) < MANY - 1:
        pdu = session.take()
        equal((pdu.opcode, sense_of(pdu)), (ASYNC, MODE_CHANGED), repr(pdu))
        seen.add(pdu['lun'])
    equal(seen, {lun_of(lun) for lun in range(1, MANY)}, 'LUNs')
    session.close()


@case('aen_disabled: the unit attention alone')
def disabled():
    target = one_disk()
    equal(read(target.path + '/aen_disabled'), '0', 'aen_disabled')
    target.set('aen_disabled', 1)
    session = first_of(target)
    target.add(1, nullio('n1'))
    attention(session, LUNS_CHANGED)
    equal(list(session.others), [], 'what it is told')
    target.set('aen_disabled', 0)
    target.add(2, nullio('n2'))
    told(session, LUNS_CHANGED)
    session.close()


@case('open-iscsi finds a new LUN by itself')
def open_iscsi():
    target = one_disk()
    login = target.login()
    login.disk(0)
    target.add(1, fileio())
    login.disk(1)
    login.logout()


def own_threads():
    names = []
    for path in glob.glob('/proc/[0-9]*/comm'):
        try:
            with open(path, encoding='utf-8') as file:
                names.append(file.read().strip())
        except (FileNotFoundError, ProcessLookupError):
            pass
    return [n for n in names if n.startswith('scst_iscsi/')]


@case('threads of its own, for a target or a group')
def threads():
    target = one_disk()
    group = '%s/ini_groups/g' % target.path
    os.mkdir(group)
    os.mkdir('%s/initiators/%sown' % (group, IQN))
    os.mkdir(group + '/luns/0')
    os.symlink(nullio('n1').path, group + '/luns/0/n1')
    write(group + '/per_sess_dedicated_tgt_threads', 1)
    equal(read(target.path + '/per_sess_dedicated_tgt_threads'), '0', 'default')
    shared, own = first_of(target), first_of(target, initiator=IQN + 'own')
    for session in (shared, own) * 20:
        task = session.command('2a000000000000008000', out=bytes(65536))
        equal(task.status, 0, 'status')
    equal(len(own_threads()), 1, 'threads of their own')
    target.set('per_sess_dedicated_tgt_threads', 1)
    later = first_of(target, isid=3)
    equal(len(own_threads()), 2, 'threads of their own')
    for session in (shared, own, later):
        session.close()
    wait_for(lambda: not sessions(), 'the end of the sessions')
    wait_for(lambda: not own_threads(), 'the end of their threads')


if __name__ == '__main__':
    main()
