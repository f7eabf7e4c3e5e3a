#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Task sets (SAM-5 5.9 and 8) over iSCSI, whose initiators can ask for what
Linux's do not: NACA, the ACA attribute and CLEAR ACA."""
import threading

from copy_lib import SIZE, cscd, lid1, naa, segment
from iscsi_lib import Target, early_write, main, serve, sessions, waits
from iscsi_raw import (ACA, CLEAR_ACA, HEAD_OF_QUEUE, LU_RESET,
                       ORDERED, SIMPLE)
from lib import SLOW, Trace, case, check, equal, fileio, nullio, wait_for

GOOD, CHECK_CONDITION, BUSY, ACA_ACTIVE = 0x00, 0x02, 0x08, 0x30
UNIT_READY, UNIT_READY_NACA = '000000000000', '000000000004'
READ = '28000000000000000100'
WRITE = '2a000000000000000800'
# Behind the end of the medium
BAD, BAD_NACA = '2800fffffff000000100', '2800fffffff000000104'
OUT_OF_RANGE = (5, 0x21, 0x00)
INVALID_MESSAGE = (5, 0x49, 0x00)
ROUNDS = max(5, int(40 / SLOW))


def served(device=None):
    target = Target()
    target.add(0, device or nullio())
    serve()
    return target


def ready(target, isid, **more):
    session = target.raw(isid=isid, **more)
    session.command(UNIT_READY)
    equal(session.command(UNIT_READY).status, GOOD, 'status')
    return session


def status(session, cdb=UNIT_READY, attr=SIMPLE, **more):
    return session.command(cdb, attr=attr, **more).status


def fault(session):
    """Establishes an ACA condition."""
    task = session.command(BAD_NACA, read=512)
    equal((task.status, task.sense_code()), (CHECK_CONDITION, OUT_OF_RANGE),
          'READ behind the end')


@case('what is announced: NORMACA, CLEAR ACA, NACA in CDBs')
def announced():
    session = ready(served(), 1)
    data = session.command('120000004a00', read=74).data
    check(data[3] & 0x20, 'NORMACA: %s' % data.hex())
    data = session.command('a30d0000000000000004' + '0000', read=4).data
    check(data[0] & 0x20, 'CACAS: %s' % data.hex())
    data = session.command('a30c01280000000000200000', read=32).data
    equal(data[4 + 9], 0x04, 'CDB usage data of the CONTROL byte')
    equal(status(session, UNIT_READY_NACA), GOOD, 'NACA')
    equal(status(session, '000000000001'), CHECK_CONDITION, 'LINK')
    task = session.command(UNIT_READY, attr=ACA)
    equal((task.status, task.sense_code()), (CHECK_CONDITION, INVALID_MESSAGE),
          'ACA attribute without a condition')
    equal(session.tmf(CLEAR_ACA), 0, 'CLEAR ACA without a condition')
    equal(session.tmf(CLEAR_ACA, lun=77), 2, 'no such LUN')
    equal(session.logout(), 0, 'logout')


@case('a condition is established, met and cleared')
def condition():
    target = served()
    session, other = ready(target, 1), ready(target, 2)
    fault(session)
    for attr in (SIMPLE, ORDERED, HEAD_OF_QUEUE):
        equal(status(session, attr=attr), ACA_ACTIVE, 'attribute %d' % attr)
    equal(status(session, '120000002400', read=36), ACA_ACTIVE, 'INQUIRY')
    equal(status(session, attr=ACA), GOOD, 'ACA command')
    equal(status(session, READ, attr=ACA, read=512), GOOD, 'ACA command')
    # TST 001b: it is nothing to the other one, who cannot clear it either.
    equal(status(other, READ, read=512), GOOD, 'another nexus')
    equal(other.tmf(CLEAR_ACA), 0, 'CLEAR ACA of another')
    equal(status(session), ACA_ACTIVE, 'still')
    equal(session.tmf(CLEAR_ACA), 0, 'CLEAR ACA')
    equal(status(session), GOOD, 'cleared')
    # An ACA command that fails: a new condition, or none any more
    fault(session)
    equal(status(session, BAD_NACA, attr=ACA, read=512), CHECK_CONDITION,
          'ACA command, NACA')
    equal(status(session), ACA_ACTIVE, 'a new one')
    equal(status(session, BAD, attr=ACA, read=512), CHECK_CONDITION,
          'ACA command')
    equal(status(session), GOOD, 'none')
    session.close()
    other.close()


@case('commands that were there are blocked until it is cleared')
def blocked():
    session = ready(served(), 1, InitialR2T='Yes', ImmediateData='No')
    task, r2t = early_write(session)
    fault(session)
    session.dispatch(r2t)
    waits(session, task)
    equal(status(session, attr=ACA), GOOD, 'ACA command')
    waits(session, task)
    equal(session.tmf(CLEAR_ACA), 0, 'CLEAR ACA')
    equal(session.wait(task).status, GOOD, 'blocked WRITE')
    session.close()


@case('what else clears it: resets, and the end of the session')
def cleared():
    target = served()
    session = ready(target, 1, InitialR2T='Yes', ImmediateData='No')
    other = ready(target, 2)
    for clear in (lambda: other.tmf(LU_RESET), lambda: session.tmf(LU_RESET)):
        task, r2t = early_write(session)
        fault(session)
        session.dispatch(r2t)
        waits(session, task)
        equal(clear(), 0, 'reset')
        del session.tasks[task.itt]
        equal(status(session), CHECK_CONDITION, 'unit attention')
        equal(status(session), GOOD, 'cleared')
    task, r2t = early_write(session)
    fault(session)
    session.dispatch(r2t)
    waits(session, task)
    session.close()
    wait_for(lambda: len(sessions()) == 1, 'the end of the session')
    session = ready(target, 1)
    equal(status(session), GOOD, 'a new nexus')
    session.close()
    other.close()


def storm(session, number, ends):
    """Writes around one that fails, again and again."""
    try:
        for i in range(ROUNDS):
            tasks = [session.submit(WRITE, out=bytes(4096),
                                    attr=ORDERED if j % 3 == 2 else SIMPLE)
                     for j in range(4)]
            tasks.append(session.submit(BAD_NACA, read=512))
            tasks += [session.submit(WRITE, out=bytes(4096), attr=attr)
                      for attr in (SIMPLE, ACA, HEAD_OF_QUEUE, ACA)]
            if i % 4 == number:
                equal(session.tmf(LU_RESET), 0, 'LOGICAL UNIT RESET')
                session.tasks.clear()
                continue
            equal(session.tmf(CLEAR_ACA), 0, 'CLEAR ACA')
            # What the function, or another one's reset, has aborted is not
            # answered; a ping comes after all that is.
            session.nop()
            session.tasks.clear()
            for task in tasks:
                check(task.status in (None, GOOD, CHECK_CONDITION, ACA_ACTIVE),
                      'status %r' % task.status)
        ends.append(number)
    finally:
        session.tasks.clear()


def calm(session):
    equal(session.tmf(CLEAR_ACA), 0, 'CLEAR ACA')
    return status(session) == GOOD


@case('conditions come and go under load')
def races():
    target = served(fileio())
    all_of_them = [ready(target, i) for i in range(1, 4)]
    ends = []
    threads = [threading.Thread(target=storm, args=(s, i, ends))
               for i, s in enumerate(all_of_them)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(sorted(ends), [0, 1, 2], 'threads that have come to their end')
    for session in all_of_them:
        # What waits behind an ORDERED command may yet establish a condition.
        wait_for(lambda: calm(session), 'the end of conditions')
        equal(session.logout(), 0, 'logout')


@case('a copy that a condition blocks at one end does not hold the other one')
def blocked_copy():
    target = Target()
    for lun in (0, 1):
        target.add(lun, fileio('f%d' % lun, size=SIZE))
    serve()
    session = ready(target, 1)
    session.command(UNIT_READY, lun=1)
    ends = [cscd(naa(session.command('120183040000', lun=lun, read=1024).data))
            for lun in (0, 1)]
    data = lid1(ends, [segment(0, 1, 0, 0, 4000)])
    equal(session.command(BAD_NACA, lun=1, read=512).status, CHECK_CONDITION,
          'READ behind the end')
    with Trace('scst/scst_cmd_start') as trace:
        copy = session.submit('83' + '00' * 9 + '%08x0000' % len(data),
                              out=data)
        wait_for(lambda: any(' cdb=8a' in line for line in trace.lines()),
                 'what is sent to the destination')
    # These run alone.
    equal(status(session, '160000000000'), GOOD, 'RESERVE')
    equal(status(session, '170000000000'), GOOD, 'RELEASE')
    equal(copy.status, None, 'status of the copy')
    equal(session.tmf(CLEAR_ACA, lun=1), 0, 'CLEAR ACA')
    equal(session.wait(copy).status, GOOD, 'the copy')
    equal(session.logout(), 0, 'logout')


if __name__ == '__main__':
    main()
