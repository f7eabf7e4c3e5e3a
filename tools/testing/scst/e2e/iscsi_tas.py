#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""TAS over iSCSI: TASK ABORTED comes when the data that was asked for is over
(RFC 7143 11.4.2), and whoever aborts does not wait for that."""
import struct

import iscsi_raw
from iscsi_lib import Target, main, serve
from lib import Stall, blockio, case, check, equal, nullio

UNIT_READY = '000000000000'
READ, WRITE_64K = '28000000000000000100', '2a000000000000008000'
K64 = bytes(65536)
TASK_ABORTED = 0x40
RESET = (6, 0x29, 3)


def nexuses(device, number=2, **more):
    """Raw sessions without unit attentions; the first one is the aborter's."""
    target = Target()
    target.add(0, device)
    serve()
    found = [target.raw(isid=i + 1, **more) for i in range(number)]
    for session in found:
        session.command(UNIT_READY)
    return found


def hold_data(session):
    """R2Ts are noted, not answered."""
    asked = []
    session._send_asked = lambda task, pdu: asked.append((task, pdu))
    return asked


def until(session, condition):
    """What comes is taken, until it is there."""
    while not condition():
        session.dispatch(session.take())


def send(session, task, pdu, parts):
    """The sequence that an R2T has asked for, in pieces: (from, to, last)."""
    start, ttt = pdu['offset'], pdu['ttt']
    for number, (begin, end, last) in enumerate(parts):
        session.send(session.number(iscsi_raw.Pdu(
            iscsi_raw.DATA_OUT, task.out[start + begin:start + end],
            flags=iscsi_raw.FINAL if last else 0, lun=task.lun, itt=task.itt,
            ttt=ttt, data_sn=number, offset=start + begin)))


def quiet(session, task):
    """No answer yet."""
    equal(session.nop(b'there'), b'there', 'answer to a ping')
    equal(task.status, None, 'status')


def alive(session):
    task = session.command(UNIT_READY)
    if task.status:
        equal(task.sense_code(), RESET, 'sense')
    equal(session.command(WRITE_64K, out=K64).status, 0, 'WRITE')


@case('TAS 1: while R2Ts are outstanding')
def asked():
    ini, victim = nexuses(nullio(tas=1), InitialR2T='Yes', ImmediateData='No',
                          MaxOutstandingR2T=2, MaxBurstLength=16384)
    r2ts = hold_data(victim)
    task = victim.submit(WRITE_64K, out=K64)
    until(victim, lambda: r2ts)
    quiet(victim, task)
    number = len(r2ts)
    equal(ini.tmf(iscsi_raw.LU_RESET), 0, 'LOGICAL UNIT RESET')
    for task, pdu in r2ts[:-1]:
        send(victim, task, pdu, ((0, 8192, False), (8192, 16384, True)))
        quiet(victim, task)
    task, pdu = r2ts[-1]
    send(victim, task, pdu, ((0, 8192, False),))
    quiet(victim, task)
    send(victim, task, pdu, ((8192, 16384, True),))
    victim.wait(task)
    equal((task.response, task.status, task.sense), (0, TASK_ABORTED, b''),
          'end')
    equal(len(r2ts), number, 'R2Ts')
    del victim._send_asked
    alive(victim)
    alive(ini)
    ini.close()
    victim.close()


@case('TAS 1: while unsolicited data is to come')
def unasked():
    ini, victim = nexuses(nullio(tas=1), InitialR2T='No', ImmediateData='Yes',
                          FirstBurstLength=16384)
    send_data, victim.send_data = victim.send_data, lambda *_: None
    task = victim.submit(WRITE_64K, out=K64, immediate=False)
    victim.send_data = send_data
    quiet(victim, task)
    equal(ini.tmf(iscsi_raw.LU_RESET), 0, 'LOGICAL UNIT RESET')
    quiet(victim, task)
    victim.send_data(task, iscsi_raw.NO_TAG, 0, 16384)
    victim.wait(task)
    equal((task.response, task.status), (0, TASK_ABORTED), 'end')
    alive(victim)
    ini.close()
    victim.close()


@case('TAS 1: while the store is stuck')
def stuck():
    with Stall() as store:
        ini, victim, other = nexuses(blockio(store.path, tas=1), 3)
        store.suspend()
        own = ini.submit(READ, read=512)
        late = victim.submit(READ, read=512)
        write = other.submit('2a000000080000000100', out=bytes(512))
        for session in (ini, victim, other):
            equal(session.nop(b'there'), b'there', 'answer to a ping')
        itt = ini.tag()
        ini.send(ini.number(iscsi_raw.Pdu(
            iscsi_raw.TMF | iscsi_raw.IMMEDIATE,
            flags=iscsi_raw.FINAL | iscsi_raw.LU_RESET,
            lun=iscsi_raw.lun_of(0), itt=itt, ref_tag=iscsi_raw.NO_TAG)))
        for session in (ini, victim, other):
            equal(session.nop(b'there'), b'there', 'answer to a ping')
        check(not ini.others, 'the reset has not waited')
        store.resume()
        equal(ini.answer_to(itt, iscsi_raw.TMF_RESPONSE)['response'], 0,
              'LOGICAL UNIT RESET')
        equal(victim.wait(late).status, TASK_ABORTED, 'READ')
        equal(late.data, b'', 'data of the READ')
        equal(other.wait(write).status, TASK_ABORTED, 'WRITE')
        equal(ini.nop(b'there'), b'there', 'answer to a ping')
        equal(own.status, None, 'the own command is not answered')
        for session in (ini, victim, other):
            alive(session)
            session.close()


@case('TAS 1: an initiator that sends nothing any more holds up nobody')
def silent():
    ini, victim = nexuses(nullio(tas=1), InitialR2T='Yes', ImmediateData='No')
    r2ts = hold_data(victim)
    victim.submit(WRITE_64K, out=K64)
    until(victim, lambda: r2ts)
    equal(ini.tmf(iscsi_raw.LU_RESET), 0, 'LOGICAL UNIT RESET')
    alive(ini)
    victim.close()
    alive(ini)
    ini.close()


@case('TAS 1: an initiator that then aborts it itself need not send its data')
def gives_up():
    ini, victim = nexuses(nullio(tas=1), InitialR2T='Yes', ImmediateData='No')
    for function in (iscsi_raw.ABORT_TASK, iscsi_raw.ABORT_TASK_SET,
                     iscsi_raw.LU_RESET, iscsi_raw.TARGET_WARM_RESET):
        r2ts = hold_data(victim)
        task = victim.submit(WRITE_64K, out=K64)
        until(victim, lambda: r2ts)
        equal(ini.tmf(iscsi_raw.LU_RESET), 0, 'LOGICAL UNIT RESET')
        quiet(victim, task)
        by_tag = function == iscsi_raw.ABORT_TASK
        equal(victim.tmf(function, ref_tag=task.itt if by_tag else
                         iscsi_raw.NO_TAG), by_tag, 'function %d' % function)
        equal(victim.wait(task).status, TASK_ABORTED, 'WRITE')
        del victim._send_asked
        alive(victim)
        alive(ini)
    ini.close()
    victim.close()


def pr_out(session, action, key=0, new=0, kind=0):
    """PERSISTENT RESERVE OUT"""
    task = session.command('5f%02x%02x0000000000%02x00' % (action, kind, 24),
                           out=struct.pack('>QQ8x', key, new))
    equal((task.status, task.sense_code()), (0, None), 'PR OUT %d' % action)


@case('TAS 1: PREEMPT AND ABORT does not wait for its victim')
def preempt():
    fence, victim = nexuses(nullio(tas=1), InitialR2T='Yes',
                            ImmediateData='No')
    pr_out(victim, 0, new=2)
    pr_out(victim, 1, 2, kind=5)
    pr_out(fence, 0, new=1)
    r2ts = hold_data(victim)
    task = victim.submit(WRITE_64K, out=K64)
    until(victim, lambda: r2ts)
    pr_out(fence, 5, 1, 2, 5)
    quiet(victim, task)
    task, pdu = r2ts[0]
    send(victim, task, pdu, ((0, 65536, True),))
    equal(victim.wait(task).status, TASK_ABORTED, 'WRITE')
    equal(victim.command(UNIT_READY).sense_code(), (6, 0x2a, 5), 'sense')
    equal(victim.command(UNIT_READY).status, 0, 'status')
    fence.close()
    victim.close()


@case('TAS 0: no answer, and the tag is free')
def off():
    ini, victim = nexuses(nullio(), InitialR2T='Yes', ImmediateData='No')
    r2ts = hold_data(victim)
    task = victim.submit(WRITE_64K, out=K64)
    until(victim, lambda: r2ts)
    equal(ini.tmf(iscsi_raw.LU_RESET), 0, 'LOGICAL UNIT RESET')
    quiet(victim, task)
    del victim._send_asked
    alive(victim)
    ini.close()
    victim.close()


if __name__ == '__main__':
    main()
