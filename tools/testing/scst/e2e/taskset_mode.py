#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Task sets as the Control mode page wants them (SPC-5 7.5.10): TST, QERR, QAM,
TMF_ONLY."""
import struct

from iscsi_lib import Target, early_write, main, serve, waits
from iscsi_raw import (ACA, CLEAR_ACA, CLEAR_TASK_SET, HEAD_OF_QUEUE, LU_RESET,
                       ORDERED)
from lib import case, check, equal, nullio, wait_for

GOOD, CHECK_CONDITION, BUSY, ACA_ACTIVE = 0x00, 0x02, 0x08, 0x30
UNIT_READY, UNIT_READY_NACA = '000000000000', '000000000004'
READ, WRITE = '28000000000000000100', '2a000000000000000800'
# Behind the end of the medium
BAD, BAD_NACA = '2800fffffff000000100', '2800fffffff000000104'
OUT_OF_RANGE, CLEARED = (5, 0x21, 0x00), (6, 0x2f, 0x00)
REGISTER, PREEMPT_AND_ABORT = 0, 5
PLAIN = {'InitialR2T': 'Yes', 'ImmediateData': 'No'}


def control(session, **fields):
    """MODE SELECT (6) of what is there, but for these. It waits for nobody."""
    page = bytearray(session.command('1a080a00ff00', read=255,
                                     attr=HEAD_OF_QUEUE).data[4:])
    equal((page[0] & 0x3f, page[1]), (0x0a, 10), 'Control mode page')
    page[0] &= 0x3f
    for name, value in fields.items():
        byte, shift, bits = {'tst': (2, 5, 3), 'tmf_only': (2, 4, 1),
                             'qam': (3, 4, 4), 'qerr': (3, 1, 2),
                             'tas': (5, 6, 1)}[name]
        page[byte] &= ~(((1 << bits) - 1) << shift)
        page[byte] |= value << shift
    data = bytes(4) + bytes(page)
    task = session.command('15100000%02x00' % len(data), out=data,
                           attr=HEAD_OF_QUEUE)
    equal((task.status, task.sense_code()), (GOOD, None), 'MODE SELECT')


def ready(session):
    """Takes unit attentions."""
    for _ in range(10):
        if session.command(UNIT_READY).status == GOOD:
            return session
    raise AssertionError('TEST UNIT READY is never good')


def two(**fields):
    """Two sessions, after MODE SELECT."""
    target = Target()
    target.add(0, nullio())
    serve()
    session, other = (ready(target.raw(isid=i, **PLAIN)) for i in (1, 2))
    control(session, **fields)
    return ready(session), ready(other)


def fails(session, cdb=BAD):
    task = session.command(cdb, read=512)
    equal((task.status, task.sense_code()), (CHECK_CONDITION, OUT_OF_RANGE),
          'READ behind the end')


def lost(session, task):
    """It was aborted, and is never answered."""
    waits(session, task)
    del session.tasks[task.itt]


def code(session):
    return session.command(UNIT_READY).sense_code()


@case('TST 000b: ORDERED waits for other nexuses')
def shared_order():
    session, other = two(tst=0)
    first, r2t = early_write(session)
    ordered = other.submit(READ, read=512, attr=ORDERED)
    waits(other, ordered)
    behind = session.submit(READ, read=512)
    waits(session, behind)
    session.dispatch(r2t)
    for task, owner in ((first, session), (ordered, other), (behind, session)):
        equal(owner.wait(task).status, GOOD, 'status')


@case('TST changes while commands wait')
def changes():
    session, other = two(tst=0)
    for tst in (1, 0, 1, 0):
        first, r2t = early_write(session)
        ordered = other.submit(READ, read=512, attr=ORDERED)
        control(session, tst=tst)
        more = session.submit(READ, read=512, attr=ORDERED)
        session.dispatch(r2t)
        for task, owner in ((first, session), (more, session),
                            (ordered, other)):
            owner.wait(task)
            check(task.status == GOOD or task.sense_code()[0] == 6,
                  'status %r' % task.status)
        ready(session)
        ready(other)


@case('CLEAR TASK SET of all nexuses')
def clear_task_set():
    session, other = two(tst=0)
    task, _ = early_write(other)
    equal(session.tmf(CLEAR_TASK_SET), 0, 'CLEAR TASK SET')
    lost(other, task)
    equal(code(other), CLEARED, 'unit attention')
    equal(code(other), None, 'unit attention')
    equal(code(session), None, 'unit attention')


@case('QERR: whose commands are aborted, by TST')
def qerr():
    session, other = two(tst=1)
    for tst, value, own, others in ((1, 0, False, False), (0, 0, False, False),
                                    (1, 1, True, False), (0, 1, True, True),
                                    (1, 3, True, False), (0, 3, True, False)):
        control(session, tst=tst, qerr=0)
        control(session, tst=tst, qerr=value)
        ready(session)
        ready(other)
        mine, mine_r2t = early_write(session)
        theirs, theirs_r2t = early_write(other)
        fails(session)
        for owner, task, r2t, aborted in (
                (session, mine, mine_r2t, own),
                (other, theirs, theirs_r2t, others)):
            if aborted:
                lost(owner, task)
            else:
                owner.dispatch(r2t)
                equal(owner.wait(task).status, GOOD, 'status')
        equal(code(other), CLEARED if others else None, 'unit attention')
        # That CHECK CONDITION counts, too: the other one has nothing there.
        equal(code(session), None, 'unit attention')


@case('ACA with TST 000b: BUSY or ACA ACTIVE for others, all are blocked')
def shared_aca():
    session, other = two(tst=0)
    theirs, r2t = early_write(other)
    fails(session, BAD_NACA)
    equal(other.command(UNIT_READY).status, BUSY, 'NACA 0')
    equal(other.command(UNIT_READY_NACA).status, ACA_ACTIVE, 'NACA 1')
    equal(other.command(UNIT_READY, attr=ACA).status, ACA_ACTIVE, 'ACA')
    other.dispatch(r2t)
    waits(other, theirs)
    equal(other.tmf(CLEAR_ACA), 0, 'CLEAR ACA of another')
    waits(other, theirs)
    equal(session.command(UNIT_READY, attr=ACA).status, GOOD, 'ACA command')
    equal(session.tmf(CLEAR_ACA), 0, 'CLEAR ACA')
    equal(other.wait(theirs).status, GOOD, 'blocked WRITE')
    # The session itself goes.
    theirs, r2t = early_write(other)
    fails(session, BAD_NACA)
    other.dispatch(r2t)
    waits(other, theirs)
    session.close()
    equal(other.wait(theirs).status, GOOD, 'blocked WRITE')
    equal(code(other), None, 'afterwards')


@case('PREEMPT AND ABORT gets rid of a faulted nexus')
def preempt():
    session, other = two(tst=0)
    for key, owner in ((1, session), (2, other)):
        task = owner.command('5f%02x0000000000001800' % REGISTER,
                             out=struct.pack('>QQ8x', 0, key))
        equal(task.status, GOOD, 'REGISTER')
    theirs, r2t = early_write(other)
    fails(session, BAD_NACA)
    other.dispatch(r2t)
    waits(other, theirs)
    task = other.command('5f%02x0000000000001800' % PREEMPT_AND_ABORT,
                         out=struct.pack('>QQ8x', 2, 1))
    equal((task.status, task.sense_code()), (GOOD, None), 'PREEMPT AND ABORT')
    equal(other.wait(theirs).status, GOOD, 'blocked WRITE')
    ready(session)


@case('TMF_ONLY: no ACA commands')
def tmf_only():
    session, _ = two(tmf_only=1)
    fails(session, BAD_NACA)
    equal(session.command(UNIT_READY, attr=ACA).status, ACA_ACTIVE, 'ACA')
    equal(session.tmf(CLEAR_ACA), 0, 'CLEAR ACA')
    equal(code(session), None, 'afterwards')


@case('QAM 0h: writes keep their order')
def restricted():
    session, _ = two(qam=0)
    first, r2t = early_write(session)
    second = session.submit(WRITE, out=bytes(4096), immediate=False)
    read = session.submit(READ, read=512)
    waits(session, read)
    session.dispatch(r2t)
    for task in (first, second, read):
        equal(session.wait(task).status, GOOD, 'status')


@case('faults of two nexuses, and resets, all at once')
def storm():
    session, other = two(tst=0, qerr=1)
    for i in range(20):
        for owner in (session, other):
            for j in range(6):
                owner.submit(WRITE if j % 2 else BAD_NACA if i % 2 else BAD,
                             **{'out': bytes(4096)} if j % 2 else
                             {'read': 512})
        for owner in (session, other):
            if i % 5 == 4:
                equal(owner.tmf(LU_RESET), 0, 'LOGICAL UNIT RESET')
            equal(owner.tmf(CLEAR_TASK_SET), 0, 'CLEAR TASK SET')
            equal(owner.tmf(CLEAR_ACA), 0, 'CLEAR ACA')
            owner.tasks.clear()
    control_back(session, other)


def control_back(session, other):
    for owner in (session, other):
        equal(owner.tmf(LU_RESET), 0, 'LOGICAL UNIT RESET')
    wait_for(lambda: session.command(UNIT_READY).status == GOOD and
             other.command(UNIT_READY).status == GOOD, 'both are ready')
    control(session, tst=1, qerr=0)


if __name__ == '__main__':
    main()
