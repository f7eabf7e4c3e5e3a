#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Connection reinstatement (RFC 7143 6.3.4): the session outlives its
connection, whose commands end first."""
import threading

import iscsi_lib
import iscsi_raw
from alua_lib import DeviceGroup, is_active, is_closing
from iscsi_lib import (PORTAL, Target, attribute, main, serve, sessions,
                       write)
from iscsi_raw import Closed, Refused, Session
from lib import (LONG, SLOW, Stall, Trace, blockio, case, check, equal, fileio,
                 nullio, read, wait_for)
from store_lib import (FLUSH_ERROR, Mapped, NullBlk, expect_store_errors,
                       linear, no_writes)

UNIT_READY = '000000000000'
RESERVE, RELEASE = '160000000000', '170000000000'
READ_64K = '28000000000000008000'
READ_1M = '28000000000000080000'
READ_ONE = '28000000000000000100'
WRITE_ONE = '2a000000000000000100'
SYNC = '35000000000000000000'
REQUEST_SENSE = '030000001200'
FORMAT = '040000000000'
FORMAT_IMMED = ('041000000000', b'\0\x02\0\0')
UNIT_ATTENTION = 6
INQUIRY_CHANGED = (6, 0x3f, 0x03)
FORMATTING, FORMAT_FAILED = (2, 4, 4), (3, 0x31, 1)
TRANSITION, STANDBY = (2, 4, 0x0a), (2, 4, 0x0b)
INITIATOR_ERROR, NO_SESSION = 0x0200, 0x020a
ROUNDS = 100 if LONG else 10


def one_disk(device=None):
    target = Target()
    target.add(0, device or nullio())
    serve()
    return target


def first_of(target, **more):
    """A session without unit attentions."""
    session = target.raw(**more)
    session.command(UNIT_READY)
    equal(session.command(UNIT_READY).status, 0, 'status')
    return session


def again(target, old, cmd_sn=None, cid=None, timeout=20):
    """Another connection for the session."""
    session = Session(timeout=timeout * SLOW, isid=old.isid, tsih=old.tsih,
                      cid=old.cid if cid is None else cid)
    session.cmd_sn = old.cmd_sn if cmd_sn is None else cmd_sn
    try:
        return session.login(target.name)
    except BaseException:
        session.close()
        raise


def refused(target, old, status, **more):
    try:
        again(target, old, **more).close()
    except Refused as refusal:
        equal(refusal.status, status, 'login status')
    else:
        raise AssertionError('the login was not refused')


def left(number):
    wait_for(lambda: len(sessions()) == number, '%d sessions' % number)


def reinstating():
    return [s for s in sessions() if attribute(s, 'reinstating') == '1']


@case('the session goes on: no nexus loss, the same TSIH, CmdSN')
def goes_on():
    target = one_disk()
    session = first_of(target)
    nexus = sessions()
    for _ in range(ROUNDS):
        other = again(target, session)
        equal(other.tsih, session.tsih, 'TSIH')
        check(session.closed(), 'the older connection stays')
        session.close()
        equal(other.command(UNIT_READY).status, 0, 'status')
        equal(sessions(), nexus, 'sessions')
        session = other
    session.logout()
    left(0)


@case('parameters of the session stay, those of the connection are new')
def parameters():
    target = one_disk()
    session = target.raw(MaxBurstLength='16384', HeaderDigest='CRC32C')
    other = again(target, session)
    where = sessions()[0]
    equal(attribute(where, 'MaxBurstLength'), '16384', 'of the session')
    equal(attribute(where, 'HeaderDigest'), 'None', 'of the connection')
    other.command(UNIT_READY)
    equal(other.command(READ_64K, read=65536).status, 0, 'status')
    session.close()
    other.close()
    left(0)


@case('commands of the older connection end first')
def commands_first():
    with Stall() as store:
        target = one_disk(blockio(store.path))
        session = first_of(target)
        nexus = sessions()
        store.suspend()
        for _ in range(5):
            session.submit(READ_64K, read=65536)
        equal(session.nop(b'there'), b'there', 'answer to a ping')
        result = []
        thread = threading.Thread(
            target=lambda: result.append(again(target, session)))
        thread.start()
        wait_for(reinstating, 'the login to wait')
        check(session.closed(), 'the older connection stays')
        equal(result, [], 'logins')
        store.resume()
        thread.join()
        equal(result[0].command(UNIT_READY).status, 0, 'status')
        equal(sessions(), nexus, 'sessions')
        result[0].logout()
        session.close()
        left(0)


def stuck_login(target, session):
    """A login that waits; the socket that it came by."""
    other = Session(timeout=20 * SLOW, isid=session.isid, tsih=session.tsih)
    other.cmd_sn = session.cmd_sn
    names = {'InitiatorName': iscsi_raw.INITIATOR, 'TargetName': target.name,
             'SessionType': 'Normal'}
    other.send(other.login_request(iscsi_raw.OPERATIONAL, iscsi_raw.FULL,
                                   {**names, **iscsi_raw.OFFER}))
    wait_for(reinstating, 'the login to wait')
    return other


def stuck_session(target, store):
    session = first_of(target)
    store.suspend()
    session.submit(READ_64K, read=65536)
    equal(session.nop(b'there'), b'there', 'answer to a ping')
    return session


@case('who waits goes away: the session ends')
def waiter_gone():
    with Stall() as store:
        target = one_disk(blockio(store.path))
        session = stuck_session(target, store)
        stuck_login(target, session).close()
        wait_for(lambda: not reinstating(), 'the end of the login')
        store.resume()
        left(0)
        refused(target, session, NO_SESSION)
        session.close()


@case('another one comes while one waits')
def second_waiter():
    with Stall() as store:
        target = one_disk(blockio(store.path))
        session = stuck_session(target, store)
        nexus = sessions()
        older = stuck_login(target, session)
        newer = stuck_login(target, session)
        check(older.closed(), 'the older login still waits')
        store.resume()
        pdu = newer.take()
        equal((pdu.opcode, pdu['login_status']),
              (iscsi_raw.LOGIN_RESPONSE, 0), repr(pdu))
        equal(sessions(), nexus, 'sessions')
        for each in (session, older, newer):
            each.close()
        left(0)


@case('the target is disabled while one waits')
def disabled():
    with Stall() as store:
        target = one_disk(blockio(store.path))
        session = stuck_session(target, store)
        waiting = stuck_login(target, session)
        target.enable(0)
        target.enable(1)
        store.resume()
        pdu = waiting.take()
        equal((pdu.opcode, pdu['login_status']),
              (iscsi_raw.LOGIN_RESPONSE, NO_SESSION), repr(pdu))
        left(0)
        waiting.close()
        session.close()
        first_of(target).close()
        left(0)


@case('a new session instead of a new connection while one waits')
def new_session():
    with Stall() as store:
        target = one_disk(blockio(store.path))
        session = stuck_session(target, store)
        waiting = stuck_login(target, session)
        result = []
        thread = threading.Thread(target=lambda: result.append(target.raw()))
        thread.start()
        check(waiting.closed(), 'the older login still waits')
        store.resume()
        thread.join()
        check(result[0].tsih != session.tsih, 'the TSIH is the old one')
        left(1)
        for each in (session, waiting, result[0]):
            each.close()
        left(0)


@case('CmdSN is in the window, or the session ends')
def window():
    target = one_disk()
    session = first_of(target)
    other = again(target, session, cmd_sn=session.cmd_sn + 5)
    session.close()
    equal(other.command(UNIT_READY).status, 0, 'status')
    refused(target, other, INITIATOR_ERROR, cmd_sn=other.cmd_sn - 1)
    other.close()
    left(0)
    session = first_of(target)
    refused(target, session, INITIATOR_ERROR, cmd_sn=session.cmd_sn + 0x10000)
    session.close()
    left(0)


@case('under load, again and again')
def load():
    target = one_disk(fileio())
    session = first_of(target)
    nexus = sessions()
    for number in range(ROUNDS):
        for _ in range(20):
            session.submit(READ_64K, read=65536)
        session.submit('2a000000000000008000', out=bytes([number]) * 65536)
        other = again(target, session)
        session.close()
        session = other
    equal(session.command(UNIT_READY).status, 0, 'status')
    equal(sessions(), nexus, 'sessions')
    session.close()
    left(0)


@case('many at the same time')
def race():
    target = one_disk()
    session, wrong = first_of(target), []

    def body():
        for _ in range(ROUNDS):
            try:
                again(target, session).close()
            except (Closed, ConnectionResetError, Refused):
                pass        # another one was newer, or nobody came in time
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=body) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(wrong, [], 'errors')
    session.close()
    left(0)
    first_of(target).close()
    left(0)


@case('closed in sysfs while another connection takes over')
def closed_in_sysfs():
    with Stall() as store:
        target = one_disk(blockio(store.path))
        session = stuck_session(target, store)
        waiting = stuck_login(target, session)
        check(session.closed(), 'the older connection stays')
        write(sessions()[0] + '/close', 1)
        store.resume()
        pdu = waiting.take()
        equal((pdu.opcode, pdu['login_status']),
              (iscsi_raw.LOGIN_RESPONSE, NO_SESSION), repr(pdu))
        left(0)
        for each in (session, waiting):
            each.close()


@case('disabled and enabled before another connection comes')
def doomed():
    with Stall() as store:
        target = one_disk(blockio(store.path))
        session = stuck_session(target, store)
        older = stuck_login(target, session)
        check(session.closed(), 'the older connection stays')
        target.enable(0)
        target.enable(1)
        newer = stuck_login(target, session)
        store.resume()
        pdu = newer.take()
        equal((pdu.opcode, pdu['login_status']),
              (iscsi_raw.LOGIN_RESPONSE, NO_SESSION), repr(pdu))
        left(0)
        for each in (session, older, newer):
            each.close()


@case('what was to be told meanwhile comes behind the login')
def told_behind():
    with Stall() as store:
        target = one_disk(blockio(store.path))
        session = stuck_session(target, store)
        waiting = stuck_login(target, session)
        check(session.closed(), 'the older connection stays')
        target.add(1, nullio('n1'))
        store.resume()
        pdu = waiting.take()
        equal((pdu.opcode, pdu['login_status']),
              (iscsi_raw.LOGIN_RESPONSE, 0), repr(pdu))
        pdu = waiting.take()
        equal((pdu.opcode, pdu['event']), (iscsi_raw.ASYNC, 0), repr(pdu))
        for each in (session, waiting):
            each.close()
        left(0)


def stuff(session, lun=0):
    """More than all buffers of the way take: what is behind cannot go out. What
    is before is not to hear of what comes."""
    with Trace('scst/scst_cmd_start') as trace:
        for _ in range(16):
            session.submit(READ_1M, lun=lun, read=1 << 20)
        has_started(trace, 16)


def has_started(trace, number):
    wait_for(lambda: sum('scst_cmd_start:' in line
                         for line in trace.lines()) >= number, 'commands')


@case('a condition that the older connection did not tell is told by the newer')
def told_again():
    device = fileio(size=32 << 20)
    target = one_disk(device)
    session = first_of(target)
    stuff(session)
    device.set('usn', 'another')
    session.submit(UNIT_READY)
    where = sessions()[0] + '/lun0/unit_attentions'
    wait_for(lambda: read(where) == '0', 'the response')
    newer = again(target, session)
    task = newer.command(UNIT_READY)
    equal(task.sense_code(), INQUIRY_CHANGED, 'sense')
    equal(newer.command(UNIT_READY).status, 0, 'status')
    newer.logout()
    session.close()
    left(0)


def two_disks(device):
    """The device, and one to stuff the way with"""
    target = one_disk(device)
    target.add(1, fileio(size=32 << 20))
    session = target.raw()
    quiet(session, 0)
    quiet(session, 1)
    return target, session


def quiet(session, lun):
    """No unit attention is left."""
    wait_for(lambda: session.command(UNIT_READY, lun=lun).status == 0,
             'the end of unit attentions')


def replaced(target, session, *commands):
    """By another connection, behind commands whose answers cannot go out"""
    stuff(session, 1)
    with Trace('scst/scst_cmd_start') as trace:
        for cdb, length in commands:
            session.submit(cdb, read=length)
        has_started(trace, len(commands))
    return again(target, session)


def end(*connections):
    for each in connections:
        each.close()
    left(0)


@case('what was lost is told again if it was not, and only then')
def lost_told():
    expect_store_errors()
    with NullBlk(cache_size=8) as store, \
            Mapped(linear(store.node())) as mapped:
        device = blockio(mapped.path)
        target, session = two_disks(device)

        def lose(connection):
            equal(connection.command(WRITE_ONE, out=bytes(512)).status, 0,
                  'WRITE')
            mapped.replace(no_writes(store.node()))

        lose(session)
        equal(session.command(SYNC).sense_code(), FLUSH_ERROR, 'SYNC')
        mapped.replace(linear(store.node()))
        equal(session.command(SYNC).status, 0, 'SYNC')
        # A unit attention in its place
        device.set('usn', 'another')
        newer = replaced(target, session, (SYNC, 0))
        equal(newer.command(SYNC).sense_code(), INQUIRY_CHANGED, 'SYNC')
        equal(newer.command(SYNC).status, 0, 'SYNC')
        lose(newer)
        newest = replaced(target, newer, (SYNC, 0))
        mapped.replace(linear(store.node()))
        equal(newest.command(SYNC).sense_code(), FLUSH_ERROR, 'SYNC')
        equal(newest.command(SYNC).status, 0, 'SYNC')
        end(session, newer, newest)


def follower(path):
    """A disk on a store that is closed while no port may use it"""
    write('/dev/kmsg', 'scst-test: expect operation not supported error, '
          'dev loop')
    return blockio(path, bind_alua_state=1)


def begin_format(session):
    """The one that is cut short; others hear that it goes on."""
    task = session.submit(FORMAT)
    wait_for(lambda: session.command(UNIT_READY).sense_code() == FORMATTING,
             'the beginning')
    return task


def standby(session):
    """After the unit attention"""
    wait_for(lambda: session.command(UNIT_READY).sense_code() == STANDBY,
             'standby')


def first_read(session):
    """What the first READ hears when the store is back."""
    def done():
        task = session.command(READ_ONE, read=512)
        sense = task.sense_code()
        return None if sense and (sense[0] == UNIT_ATTENTION or
                                  sense == TRANSITION) else task

    return wait_for(done, 'the store')


def back(device, ports):
    ports.state('active')
    is_active(device, 1)


@case('a failed format is forgotten, whatever else was not told')
def format_told():
    with Stall(64 << 20) as store:
        device = follower(store.path)
        target, session = two_disks(device)
        ports = DeviceGroup('dg', device).ports('p0', target)
        quiet(session, 0)
        store.suspend()
        try:
            task = begin_format(session)
            ports.state('standby')
            is_closing(device)
        finally:
            store.resume()
        equal(session.wait(task).sense_code(), FORMAT_FAILED, 'FORMAT UNIT')
        is_active(device, 0)
        standby(session)
        # One that says that it is standby, and one that tells it once more
        newer = replaced(target, session, (UNIT_READY, 0),
                         (REQUEST_SENSE, 18))
        back(device, ports)
        equal(first_read(newer).status, 0, 'READ')
        end(session, newer)


@case('... but not if nobody has heard of it')
def format_untold():
    with Stall(64 << 20) as store:
        device = follower(store.path)
        target, session = two_disks(device)
        ports = DeviceGroup('dg', device).ports('p0', target)
        quiet(session, 0)
        cdb, out = FORMAT_IMMED
        store.suspend()
        try:
            equal(session.command(cdb, out=out).status, 0, 'FORMAT UNIT')
            ports.state('standby')
            is_closing(device)
        finally:
            store.resume()
        is_active(device, 0)
        standby(session)
        newer = replaced(target, session, (REQUEST_SENSE, 18))
        back(device, ports)
        equal(first_read(newer).sense_code(), FORMAT_FAILED, 'READ')
        # That has told it.
        ports.state('standby')
        is_active(device, 0)
        back(device, ports)
        equal(first_read(newer).status, 0, 'READ')
        end(session, newer)


@case('by another portal, when the portal is part of the name')
def other_portal():
    target = Target(enable=False)
    target.set('per_portal_acl', 1)
    target.enable()
    target.add(0, nullio())
    serve(PORTAL, '[::1]:3260')
    session = first_of(target)
    other = Session(('::1', 3260), 20 * SLOW, isid=session.isid,
                    tsih=session.tsih)
    other.cmd_sn = session.cmd_sn
    with other, iscsi_lib.refused(NO_SESSION):
        other.login(target.name)
    equal(session.command(UNIT_READY).status, 0, 'status')
    session.close()
    left(0)


if __name__ == '__main__':
    main()
