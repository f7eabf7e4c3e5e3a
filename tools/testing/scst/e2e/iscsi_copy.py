#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""Third-party copies that are aborted while their destination does not go on:
by ABORT TASK, which SG_IO has not, and by resets of either logical unit."""
import contextlib

import iscsi_lib
import iscsi_raw
from copy_lib import (BLOCK, INFORMATION_LEN, SIZE, cdb16, cscd,
                      information_cdb, lid1, naa, populate_list, segment,
                      token_information, use_list)
from iscsi_raw import ABORT_TASK, LU_RESET
from lib import Stall, Trace, blockio, case, check, equal, fileio, wait_for

SOURCE, DESTINATION = 0, 1      # LUNs
PIECE, PIECES = 64, 64          # blocks, and segments of so many
COUNT = PIECE * PIECES
IN_PROGRESS, DONE, FAILED = 0x00, 0x01, 0x02
TOKEN_IN_PROGRESS = 0x11
ABORTED_UNREACHABLE = (10, 0x0d, 2)
DATA = b'z' * BLOCK * COUNT


def good(task):
    equal((task.response, task.status), (0, 0), 'end, %s' % task.sense.hex())
    return bytes(task.data)


def write(session, lun, data):
    step = PIECE * BLOCK
    for at in range(0, len(data), step):
        good(session.command(cdb16(0x8a, at // BLOCK, PIECE), lun=lun,
                             out=data[at:at + step]))


def read(session, lun, count=COUNT):
    return good(session.command(cdb16(0x88, 0, count), lun=lun,
                                read=count * BLOCK))


def copy_out(session, action, lun, list_id, data):
    return session.submit(bytes([0x83, action]) + bytes(4) +
                          list_id.to_bytes(4, 'big') +
                          len(data).to_bytes(4, 'big') + bytes(2), lun=lun,
                          out=data)


class ExtendedCopy:
    """From SOURCE, which has the command, to DESTINATION"""
    lun = SOURCE
    running = IN_PROGRESS

    def __init__(self, session):
        self.session = session
        names = [naa(good(session.command('120183040000', lun=lun, read=1024)))
                 for lun in (SOURCE, DESTINATION)]
        self.data = lid1([cscd(name) for name in names],
                         [segment(0, 1, i * PIECE, i * PIECE, PIECE)
                          for i in range(PIECES)])

    def submit(self):
        return copy_out(self.session, 0, self.lun, 0, self.data)

    def state(self):
        """Or None, before there is one"""
        task = self.session.command('84000100000000000000000002000000',
                                    lun=self.lun, read=512)
        return task.data[4] if not task.status else None


class WriteUsingToken:
    """Likewise; DESTINATION has the command."""
    lun = DESTINATION
    running = TOKEN_IN_PROGRESS

    def __init__(self, session):
        self.session = session
        good(session.wait(copy_out(session, 0x10, SOURCE, 7,
                                   populate_list((0, COUNT)))))
        self.data = use_list(self.information(SOURCE, 7)[2], (0, COUNT))

    def information(self, lun, list_id):
        task = self.session.command(information_cdb(list_id), lun=lun,
                                    read=INFORMATION_LEN)
        return None if task.status else token_information(bytes(task.data))

    def submit(self):
        return copy_out(self.session, 0x11, self.lun, 8, self.data)

    def state(self):
        found = self.information(self.lun, 8)
        return found and found[0]


@contextlib.contextmanager
def copying(kind):
    """A copy that waits for its destination: the store that it waits for, its
    session, the copy and its task, and a session to do other things by"""
    with Stall(SIZE) as stall:
        target = iscsi_lib.Target()
        target.add(SOURCE, fileio('f0', size=SIZE))
        target.add(DESTINATION, blockio(stall.path))
        iscsi_lib.serve()
        with target.raw(isid=1) as session, target.raw(isid=2) as other:
            for lun in SOURCE, DESTINATION:
                for one in session, other:
                    one.command('000000000000', lun=lun)
            write(session, SOURCE, DATA)
            copy = kind(session)
            stall.suspend()
            try:
                task = copy.submit()
                wait_for(lambda: copy.state() == copy.running, 'the copy')
                yield stall, session, copy, task, other
            finally:
                stall.resume(status=None)


def ask(session, function, lun, ref_tag=iscsi_raw.NO_TAG):
    """A function that has begun, and cannot end; its tag"""
    itt = session.tag()
    with Trace('scst/scst_tm_start') as trace:
        session.send(session.number(iscsi_raw.Pdu(
            iscsi_raw.TMF | iscsi_raw.IMMEDIATE,
            flags=iscsi_raw.FINAL | function, lun=iscsi_raw.lun_of(lun),
            itt=itt, ref_tag=ref_tag)))
        wait_for(lambda: session.nop(b'there') and any(
            'scst_tm_start' in line for line in trace.lines()), 'the function')
    check(not session.others, 'what is written is not waited for')
    return itt


def complete(session, itt):
    answer = session.answer_to(itt, iscsi_raw.TMF_RESPONSE)
    equal(answer['response'], 0, 'response')


def stopped(session, copy):
    """What was on its way may have come, and no more ever comes."""
    for lun in SOURCE, DESTINATION:
        session.command('000000000000', lun=lun)
    equal(copy.state(), FAILED, 'status of the copy')
    equal(read(session, DESTINATION)[-PIECE * BLOCK:], bytes(PIECE * BLOCK),
          'the end of the destination')
    others = b'n' * len(DATA)
    write(session, DESTINATION, others)
    equal(read(session, DESTINATION) == others, True, 'what came later')
    good(session.wait(copy.submit()))
    equal(copy.state(), DONE, 'status of the next copy')
    equal(read(session, DESTINATION) == DATA, True, 'the next copy')


def by_its_nexus(kind, function):
    with copying(kind) as (stall, session, copy, task, _):
        itt = ask(session, function, copy.lun,
                  task.itt if function == ABORT_TASK else iscsi_raw.NO_TAG)
        stall.resume()
        complete(session, itt)
        equal((session.nop(b'there'), task.status), (b'there', None),
              'an answer to what was aborted')
        session.tasks.pop(task.itt)
        stopped(session, copy)


@case('ABORT TASK of an EXTENDED COPY')
def abort_copy():
    by_its_nexus(ExtendedCopy, ABORT_TASK)


@case('ABORT TASK of WRITE USING TOKEN')
def abort_token():
    by_its_nexus(WriteUsingToken, ABORT_TASK)


@case('LOGICAL UNIT RESET of the one that has WRITE USING TOKEN')
def reset_token():
    by_its_nexus(WriteUsingToken, LU_RESET)


@case("LOGICAL UNIT RESET of an EXTENDED COPY's destination, by another")
def reset_destination():
    with copying(ExtendedCopy) as (stall, session, copy, task, other):
        itt = ask(other, LU_RESET, DESTINATION)
        stall.resume()
        complete(other, itt)
        equal((session.wait(task).status, task.sense_code()),
              (2, ABORTED_UNREACHABLE), 'end of the copy')
        stopped(session, copy)


if __name__ == '__main__':
    iscsi_lib.main()
