#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Reservations over iSCSI: an initiator that does not take its answers."""
import struct

from iscsi_lib import Target, main, serve
from lib import case, equal, nullio

UNIT_READY = '000000000000'
READ, READ_1M = '28000000000000000100', '28000000000000080000'
REGISTER, RESERVE, PREEMPT_AND_ABORT = 0, 1, 5
WRITE_EXCLUSIVE_REGISTRANTS = 5
MEG = 1 << 20


def pr_out(session, action, key=0, new=0, kind=0):
    """PERSISTENT RESERVE OUT, sent"""
    return session.submit('5f%02x%02x0000000000%02x00' % (action, kind, 24),
                          out=struct.pack('>QQ8x', key, new))


def registered(target, isid, key):
    session = target.raw(isid=isid)
    session.command(UNIT_READY)
    task = session.wait(pr_out(session, REGISTER, new=key))
    equal((task.status, task.sense_code()), (0, None), 'REGISTER')
    return session


@case('PREEMPT AND ABORT of an initiator that is stuck holds up nobody else')
def stuck_victim():
    target = Target()
    target.add(0, nullio())
    serve()
    victim, fence, other = (registered(target, i, i) for i in (1, 2, 3))
    task = victim.wait(pr_out(victim, RESERVE, 1,
                              kind=WRITE_EXCLUSIVE_REGISTRANTS))
    equal(task.status, 0, 'RESERVE')
    for _ in range(30):
        victim.submit(READ_1M, read=MEG)
    task = pr_out(fence, PREEMPT_AND_ABORT, 2, 1, WRITE_EXCLUSIVE_REGISTRANTS)
    equal(fence.nop(b'there'), b'there', 'answer to a ping')
    for _ in range(10):
        equal(other.command(READ, read=512).status, 0, 'READ of another')
    equal(fence.wait(task).status, 0, 'PREEMPT AND ABORT')
    # It is still there, and still takes nothing.
    equal(fence.command(READ, read=512).status, 0, 'READ')
    for session in victim, fence, other:
        session.close()


if __name__ == '__main__':
    main()
