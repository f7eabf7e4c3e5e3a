#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Sessions: many, twice the same, ended by one side or the other."""
import contextlib
import os
import select
import threading

import iscsi_lib
import iscsi_raw
from iscsi_lib import (DRIVER, INITIATOR, Target, attribute, discover,
                       initiator_sessions, main, portal, refused, serve,
                       sessions, write)
from iscsi_raw import (FINAL, FULL, IMMEDIATE, LU_RESET, NO_TAG, OPERATIONAL,
                       REJECT, RESPONSE, TMF, Closed, Pdu, Refused, Session,
                       lun_of)
from lib import (LONG, Load, Stall, blockio, case, check, equal, fileio,
                 nullio, wait_for)

UNIT_READY, RESERVE = '000000000000', '160000000000'
CONFLICT = 0x18
NO_SESSION = 0x020a
CLEANUP_FAILED = 3              # RFC 7143 11.15.1
PROTOCOL_ERROR = 4              # RFC 7143 11.17.1
MOST_TMFS = 32
MANY = 64
ROUNDS = 100 if LONG else 10
# Seconds until open-iscsi fails the commands of a session that is not back, and
# that a test waits for its return: iscsid has waits of its own.
NEVER, PATIENCE = 600, 60


def one_disk(**params):
    target = Target(**params)
    target.add(0, nullio())
    serve()
    return target


def ready(session, lun=0):
    """A command ends well, once the unit attention is out of the way."""
    session.command(UNIT_READY, lun=lun)
    equal(session.command(UNIT_READY, lun=lun).status, 0, 'status')


def left(number):
    wait_for(lambda: len(sessions()) == number, '%d sessions' % number)


@case('64 sessions')
def many():
    target = one_disk()
    there = [target.raw(isid=i) for i in range(MANY)]
    equal(len({s.tsih for s in there}), MANY, 'different TSIHs')
    check(0 not in {s.tsih for s in there}, 'a TSIH of 0')
    equal(len(sessions(target=target)), MANY, 'sessions in sysfs')
    for session in there:
        ready(session)
    for session in there:
        session.close()
    left(0)


@case('what an initiator holds is free when its logout is answered')
def released():
    with Stall() as store:
        target = one_disk()
        target.add(1, blockio(store.path))
        other, holder = target.raw(isid=2), target.raw()
        ready(other)
        for lun in (0, 1):
            ready(holder, lun)
        equal(holder.command(RESERVE).status, 0, 'RESERVE')
        store.suspend()
        holder.submit('2a000000000000000100', lun=1, out=bytes(512))
        itt = holder.ask_logout()
        for _ in range(10):
            equal(other.command(RESERVE).status, CONFLICT, 'another one')
        check(not select.select([holder.sock], [], [], 0)[0],
              'it has been answered while it writes')
        store.resume()
        equal(holder.logged_out(itt), 0, 'response to the logout')
        equal(other.command(RESERVE).status, 0, 'RESERVE after it')
        holder.close()
        other.close()


@case('a logout is answered, whatever a store does; nothing goes behind it')
def stuck_logout():
    with Stall() as store:
        target = one_disk()
        target.add(1, blockio(store.path))
        session = target.raw()
        for lun in (0, 1):
            ready(session, lun)
        store.suspend()
        session.submit('2a000000000000000100', lun=1, out=bytes(512))
        # as many functions as may wait
        for _ in range(MOST_TMFS):
            session.send(session.number(Pdu(
                TMF | IMMEDIATE, flags=FINAL | LU_RESET, lun=lun_of(1),
                itt=session.tag(), ref_tag=NO_TAG)))
        itt = session.ask_logout()
        late = (session.submit('000000000000').itt, session.ask_logout())
        for tag in late:
            pdu = session.answer_to(tag, RESPONSE)
            equal((pdu.opcode, pdu['reason'], pdu.data[16:20]),
                  (REJECT, PROTOCOL_ERROR, tag.to_bytes(4, 'big')),
                  'answer to what comes behind a logout')
        equal(session.logged_out(itt), CLEANUP_FAILED, 'response')
        check(session.closed(), 'the connection stays')
        session.close()
        store.resume()
        left(0)


@case('the place of a session is free when its logout is answered')
def place():
    target = one_disk()
    target.set('MaxSessions', 1)
    session = target.raw(isid=0)
    for number in range(1, 4 * ROUNDS):
        following = Session(isid=iscsi_lib.isid_of(number))
        following.login_step(OPERATIONAL, FULL, {
            'InitiatorName': INITIATOR, 'TargetName': target.name,
            'SessionType': 'Normal'}, False)
        equal(session.logged_out(session.ask_logout()), 0, 'response')
        following.login_step(OPERATIONAL, FULL, {})
        session.close()
        session = following
    session.close()


@case('64 sessions of open-iscsi and a load on one of them')
def many_disks():
    target = one_disk()
    first = target.login(nr_sessions=4)
    equal(len(first.sysfs()), 4, 'sessions')
    load = Load(first.disk())
    there = [target.raw(isid=i) for i in range(MANY - 4)]
    equal(len(sessions()), MANY, 'sessions in sysfs')
    for session in there:
        ready(session)
        session.close()
    load.stop()
    first.logout()
    left(0)


@case('a second login with the same ISID takes the place of the first')
def reinstatement():
    target = one_disk()
    first = target.raw()
    ready(first)
    for _ in range(ROUNDS):
        second = target.raw()
        check(first.closed(), 'the older connection stays')
        first.close()
        ready(second)
        left(1)
        first = second
    first.close()


@case('another name or another target is another session')
def other_nexus():
    target, other = one_disk(), Target('t1')
    other.add(0, nullio('n1'))
    there = [target.raw(), target.raw(initiator=INITIATOR + '2'), other.raw()]
    for session in there:
        ready(session)
        session.close()


@case('reinstatement under load')
def reinstatement_load():
    target = one_disk()
    sessions_of_all = []
    for _ in range(ROUNDS):
        session = target.raw()
        for _ in range(20):
            session.submit('28000000000000008000', read=65536)
        sessions_of_all.append(session)
    ready(sessions_of_all[-1])
    left(1)
    for session in sessions_of_all:
        session.close()
    left(0)


@case('many logins with the same ISID at the same time')
def reinstatement_race():
    target, wrong = one_disk(), []

    def body():
        for _ in range(ROUNDS):
            try:
                target.raw().close()
            except (Closed, ConnectionResetError, Refused):
                pass        # another one was newer
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=body) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(wrong, [], 'errors')
    last = target.raw()
    ready(last)
    last.close()
    left(0)


@case('a TSIH: another connection for a session that has one')
def second_connection():
    target = one_disk()
    first = target.raw()
    second = Session(isid=first.isid, tsih=first.tsih, cid=2)
    with second, contextlib.suppress(Closed):
        try:
            second.login(target.name)
        except Refused as refusal:
            check(refusal.status >> 8 == 2, str(refusal))
        else:
            raise AssertionError('MaxConnections is 1')
    ready(first)
    with Session(isid=iscsi_lib.isid_of(9), tsih=first.tsih) as third, \
            refused(NO_SESSION):
        third.login(target.name)
    first.close()


def goes_on(load, before):
    wait_for(lambda: load.commands() > before + 100, 'the load to go on',
             PATIENCE)


@case('open-iscsi comes back after its connection was cut')
def recovery():
    iscsi_lib.expect_errors()
    target = one_disk()
    session = target.login(replacement_timeout=NEVER)
    load = Load(session.disk())
    for _ in range(3):
        before = load.commands()
        wait_for(lambda: sessions(INITIATOR), 'a session')
        where = sessions(INITIATOR)[0]
        write(where + '/close', 1)
        wait_for(lambda: not os.path.exists(where), 'the end of ' + where)
        goes_on(load, before)
    load.stop()
    session.logout()


@case('a target is disabled and enabled under load')
def disable_load():
    iscsi_lib.expect_errors()
    target = one_disk()
    session = target.login(replacement_timeout=NEVER)
    load = Load(session.disk())
    for _ in range(3):
        target.enable(0)
        left(0)
        before = load.commands()
        target.enable(1)
        goes_on(load, before)
    load.stop()
    session.logout()


@case('a target is taken away under load')
def remove_load():
    iscsi_lib.expect_errors()
    target = one_disk()
    session = target.login()
    load = Load(session.disk())
    os.unlink(target.path + '/luns/0/n0')
    os.rmdir(target.path + '/luns/0')
    os.rmdir(target.path)
    left(0)
    load.stop_failing()
    iscsi_lib.logout_all()
    equal(initiator_sessions(), [], 'sessions')


@case('sessions end while commands are on their way')
def cut_off():
    target = Target()
    target.add(0, fileio())
    serve()
    for i in range(ROUNDS):
        session = target.raw(isid=i, InitialR2T='Yes', ImmediateData='No')
        for _ in range(16):
            session.submit('2a000000000000004000', out=bytes(32768))
            session.submit('28000000000000004000', read=32768)
        session.close()
    left(0)


@case('logout ends the session when its commands have ended')
def logout():
    target = one_disk()
    session = target.raw()
    tasks = [session.submit('28000000000000000800', read=4096)
             for _ in range(8)]
    for task in tasks:
        session.wait(task)
    equal(session.logout(), 0, 'response')
    left(0)
    session = target.raw()
    itt = session.tag()
    session.send(session.number(Pdu(iscsi_raw.LOGOUT | iscsi_raw.IMMEDIATE,
                                    flags=0x81, itt=itt, cid=99)))
    pdu = session.answer_to(itt, iscsi_raw.LOGOUT_RESPONSE)
    equal(pdu['response'], 1, 'response to another CID')
    session.close()


def asynchronous(session, event, first, third):
    pdu = session.take()
    equal((pdu.opcode, pdu['itt'], pdu['event']),
          (iscsi_raw.ASYNC, NO_TAG, event), repr(pdu))
    equal((pdu['parameter1'], pdu['parameter2'], pdu['parameter3']),
          (first, 0, third), 'parameters')


@case('close in sysfs asks for a logout; who does not is dropped')
def close():
    target = one_disk()
    for polite in (True, False):
        session = target.raw()
        write(sessions()[0] + '/close', 1)
        asynchronous(session, 1, 0, 5)
        session.command(UNIT_READY)
        if polite:
            session.logout()
        else:
            asynchronous(session, 2, session.cid, 0)
            check(session.closed(), 'the connection stays')
        left(0)


@case('a target that is disabled says so')
def dropped():
    target = one_disk()
    session = target.raw()
    target.set('enabled', 0)
    asynchronous(session, 2, session.cid, 0)
    check(session.closed(), 'the connection stays')
    left(0)


@case('pings, of both sides')
def pings():
    # What is not answered here in time is the last one only.
    target = one_disk(NopInInterval=1, NopInTimeout=10)
    session = target.raw()
    for data in (b'', b'x', b'four', bytes(range(256)) * 16):
        equal(session.nop(data), data, 'what came back')
    pdu = session.take()
    equal(pdu.opcode, iscsi_raw.NOP_IN, 'opcode')
    check(pdu['ttt'] != NO_TAG and pdu['itt'] == NO_TAG, repr(pdu))
    session.dispatch(pdu)
    pdu = session.take()
    equal(pdu.opcode, iscsi_raw.NOP_IN, 'opcode')
    # This one is not answered.
    check(session.closed(), 'the connection stays')
    left(0)


@case('RFC 7144: the functions, with iSCSIProtocolLevel 2 only')
def protocol_level():
    target = one_disk()
    functions = (iscsi_raw.QUERY_TASK, iscsi_raw.QUERY_TASK_SET,
                 iscsi_raw.NEXUS_RESET, iscsi_raw.QUERY_ASYNC_EVENT)
    for offer, level in (({}, None), ({'iSCSIProtocolLevel': '1'}, '1'),
                         ({'iSCSIProtocolLevel': '0'}, '0')):
        session = target.raw(**offer)
        equal(session.answers.get('iSCSIProtocolLevel'), level, 'level')
        for function in functions:
            equal(session.tmf(function), 255, 'function %d' % function)
        session.logout()
    session = target.raw(iSCSIProtocolLevel='2')
    equal(session.answers['iSCSIProtocolLevel'], '2', 'level')
    ready(session)
    event = iscsi_raw.QUERY_ASYNC_EVENT
    equal(session.tmf(iscsi_raw.QUERY_TASK_SET), 0, 'no task')
    equal(session.tmf(iscsi_raw.QUERY_TASK_SET, lun=77), 2, 'no such LUN')
    equal(session.tmf(event, lun=77), 2, 'no such LUN')
    equal(session.tmf(iscsi_raw.QUERY_TASK, ref_tag=0x1234567,
                      ref_cmd_sn=session.cmd_sn), 0, 'no such task')
    pdu = session.tmf_pdu(event)
    equal((pdu['response'], pdu['info']), (0, 0), 'no event')

    # A write whose data does not come
    itt = session.tag()
    session.send(session.number(Pdu(
        iscsi_raw.COMMAND, itt=itt, edtl=4096, lun=iscsi_raw.lun_of(0),
        flags=iscsi_raw.FINAL | iscsi_raw.WRITE | iscsi_raw.SIMPLE,
        cdb=bytes.fromhex('2a000000000000000800'))))
    equal(session.take().opcode, iscsi_raw.R2T, 'opcode')
    equal(session.tmf(iscsi_raw.QUERY_TASK, ref_tag=itt), 7, 'a task')
    equal(session.tmf(iscsi_raw.QUERY_TASK, ref_tag=itt, lun=1), 0,
          'the task, at another LUN')
    equal(session.tmf(iscsi_raw.QUERY_TASK_SET), 7, 'tasks')

    equal(session.tmf(iscsi_raw.NEXUS_RESET), 0, 'I_T NEXUS RESET')
    equal(session.tmf(iscsi_raw.QUERY_TASK, ref_tag=itt), 0, 'no task')
    equal(session.tmf(iscsi_raw.QUERY_TASK_SET), 0, 'no tasks')
    pdu = session.tmf_pdu(event)
    equal((pdu['response'], pdu['info']), (7, 0x162907), 'nexus loss')
    task = session.command(UNIT_READY)
    equal(task.status, 2, 'status')
    equal(task.sense_code(), (6, 0x29, 7), 'I_T NEXUS LOSS OCCURRED')
    equal(session.tmf(event), 0, 'no event')
    equal(session.command(UNIT_READY).status, 0, 'status')


@case('the REPORT LUNS well known logical unit')
def well_known():
    target = one_disk()
    session = target.raw()

    def command(cdb, **more):
        itt = session.tag()
        session.send(session.number(Pdu(
            iscsi_raw.COMMAND, itt=itt, edtl=more.get('length', 0),
            lun=bytes.fromhex('c101000000000000'),
            flags=iscsi_raw.FINAL | iscsi_raw.SIMPLE |
            (iscsi_raw.READ if more else 0), cdb=bytes.fromhex(cdb))))
        return session.take()

    equal(command(UNIT_READY)['status'], 0, 'TEST UNIT READY')
    equal(command('120000006000', length=96).data[:1].hex(), '1e', 'INQUIRY')
    # The target port's designators, relative first; its names are iSCSI's.
    page = command('120183006000', length=96).data
    equal((page[:2] + page[4:6]).hex(), '1e830114', 'VPD 83h')
    equal(int.from_bytes(page[2:4], 'big'), len(page) - 4, 'its length')
    equal(command('030000001200', length=18).data[2] & 15, 0, 'REQUEST SENSE')
    luns = command('a00002000000000001000000', length=256).data
    equal(luns.hex(), '0000001000000000' + '0' * 16 + 'c101' + '0' * 12,
          'REPORT LUNS')
    equal(command('28000000000000000100', length=512)['status'], 2, 'READ')


@case('task management')
def task_management():
    target = one_disk()
    session = target.raw()
    ready(session)
    equal(session.tmf(iscsi_raw.ABORT_TASK_SET), 0, 'ABORT TASK SET')
    equal(session.tmf(iscsi_raw.LU_RESET), 0, 'LOGICAL UNIT RESET')
    session.command(UNIT_READY)
    equal(session.tmf(iscsi_raw.LU_RESET, lun=77), 2, 'no such LUN')
    equal(session.tmf(iscsi_raw.ABORT_TASK, ref_tag=0x1234567,
                      ref_cmd_sn=session.cmd_sn), 1, 'no such task')
    session.command('2a000000000000000800', out=bytes(4096))
    equal(session.tmf(iscsi_raw.CLEAR_TASK_SET), 0, 'CLEAR TASK SET')
    # Writes on their way are either done or aborted, but never answered after
    # the answer to the reset (RFC 7143 11.6.2).
    for _ in range(ROUNDS):
        session.command(UNIT_READY)
        for _ in range(8):
            session.submit('2a000000000000000800', out=bytes(4096))
        equal(session.tmf(iscsi_raw.LU_RESET), 0, 'LOGICAL UNIT RESET')
        aborted, session.tasks = session.tasks, {}
        equal(session.nop(b'after'), b'after', 'answer to a ping')
        late = [pdu for pdu in session.others if pdu['itt'] in aborted]
        check(not late, 'answers to aborted commands: %r' % late)
    session.close()


@case('data: digests, and the least that may be negotiated')
def digests():
    target = Target(HeaderDigest='CRC32C', DataDigest='CRC32C')
    target.add(0, fileio())
    serve()
    pattern = bytes(range(256)) * 64
    session = target.raw(HeaderDigest='CRC32C', DataDigest='CRC32C',
                         MaxRecvDataSegmentLength='512', InitialR2T='Yes',
                         FirstBurstLength='512', MaxBurstLength='1024')
    check(session.header_digest and session.data_digest, 'no digests')
    session.command(UNIT_READY)
    task = session.command('2a000000000000002000', out=pattern)
    equal((task.status, task.response), (0, 0), 'WRITE')
    check(task.r2ts >= 15, '%d R2Ts' % task.r2ts)
    task = session.command('28000000000000002000', read=len(pattern))
    check(bytes(task.data) == pattern, 'the data has changed')
    # A header digest that is wrong ends the connection.
    pdu = session.number(Pdu(iscsi_raw.NOP_OUT | iscsi_raw.IMMEDIATE,
                             flags=0x80, itt=session.tag(), ttt=NO_TAG))
    data = bytearray(session.encode(pdu))
    data[-1] ^= 1
    session.send_bytes(data)
    check(session.closed(), 'the connection stays')
    left(0)


@case('IPv6')
def ipv6():
    target = Target()
    target.add(0, fileio())
    serve('[::1]:3260')
    equal(list(discover(host='::1').values()), [['[::1]:3260,1']],
          'addresses')
    target.raw(host='::1').close()
    session = target.login('[::1]:3260')
    iscsi_lib.run('dd', 'if=' + session.disk(), 'of=/dev/null', 'bs=1M',
                  'iflag=direct')
    session.logout()


@case('all addresses: discovery names the one that was used')
def wildcards():
    target = one_disk()
    os.rmdir(DRIVER + '/portals/' + iscsi_lib.PORTAL)
    portal('0.0.0.0:3260')
    portal('[::]:3260')
    check('127.0.0.1:3260,1' in discover()[target.name], 'IPv4')
    check('[::1]:3260,1' in discover(host='::1')[target.name], 'IPv6')


@case('what sysfs says of a session')
def sysfs():
    target = one_disk()
    session = target.raw()
    where = sessions(iscsi_raw.INITIATOR, target)[0]
    equal(attribute(where, 'isid'), '0x' + session.isid.hex(), 'isid')
    equal(int(attribute(where, 'tsih'), 0), session.tsih, 'tsih')
    session.close()


if __name__ == '__main__':
    main()
