#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Connection reinstatement (RFC 7143 6.3.4): the session outlives its
connection, whose commands end first."""
import threading

import iscsi_lib
import iscsi_raw
from iscsi_lib import (PORTAL, Target, attribute, main, serve, sessions,
                       write)
from iscsi_raw import Closed, Refused, Session
from lib import (LONG, SLOW, Stall, Trace, blockio, case, check, equal, fileio,
                 nullio, read, wait_for)

UNIT_READY = '000000000000'
RESERVE, RELEASE = '160000000000', '170000000000'
READ_64K = '28000000000000008000'
READ_1M = '28000000000000080000'
INQUIRY_CHANGED = (6, 0x3f, 0x03)
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


@case('a condition that the older connection did not tell is told by the newer')
def told_again():
    device = fileio(size=32 << 20)
    target = one_disk(device)
    session = first_of(target)
    # More than all buffers of the way take: what is behind cannot go out. What
    # is before is not to hear of the change.
    with Trace('scst/scst_cmd_start') as trace:
        for _ in range(16):
            session.submit(READ_1M, read=1 << 20)
        wait_for(lambda: sum('scst_cmd_start:' in line
                             for line in trace.lines()) >= 16, 'the READs')
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
