#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
"""Everything at once: aborts, resets, preemption, MODE SELECT, LUNs and
sessions that come and go, under I/O whose data is verified.

SCST_FUZZ_SEED repeats the choices, not the order in which they meet."""
import collections
import contextlib
import os
import random
import struct
import threading
import time

import iscsi_lib
import iscsi_raw as raw
import lib
from lib import (LONG, SLOW, Load, case, check, equal, fileio, fio_verify,
                 note, nullio, read, run, wait_for, write)

SECONDS = 300 if LONG and os.cpu_count() > 2 else 20
SEED = int(os.environ.get('SCST_FUZZ_SEED') or
           int.from_bytes(os.urandom(4), 'big'))
# SAM-5 table 34: GOOD, CHECK CONDITION, BUSY, RESERVATION CONFLICT, TASK SET
# FULL, ACA ACTIVE, TASK ABORTED
STATUSES = {0x00, 0x02, 0x08, 0x18, 0x28, 0x30, 0x40}
DATA, RESERVED, MODE, FLEETING = 0, 1, 2, 5     # LUNs
MEG = 1 << 20
SCRATCH_LBA = (24 * MEG) >> 9                   # of DATA, beyond what is verified


# PERSISTENT RESERVE OUT by its service actions
ACTIONS = ('REGISTER', 'RESERVE', 'RELEASE', 'CLEAR', 'PREEMPT',
           'PREEMPT AND ABORT', 'REGISTER AND IGNORE', 'REGISTER AND MOVE')
RESETS = ('LOGICAL UNIT RESET', 'TARGET WARM RESET', 'I_T NEXUS RESET')
# What has to succeed now and then, however much is refused or aborted
NEEDED = {*ACTIONS, *RESETS, 'MODE SELECT %d' % DATA, 'MODE SELECT %d' % MODE,
          'MODE SELECT %d' % RESERVED, 'ABORT TASK'}


class Turmoil:
    """Actors, each a thread that acts until the time is over and all that is
    needed was done; what one of them cannot explain ends all."""

    done = collections.Counter()    # what succeeded

    def __init__(self):
        self.over = threading.Event()
        self.errors = []
        self.threads = []
        self.counts = {}

    def add(self, name, act):
        choose = random.Random('%d %s' % (SEED, name))

        def loop():
            try:
                while not self.over.is_set():
                    act(choose)
                    self.counts[name] = self.counts.get(name, 0) + 1
            except Exception as error:
                self.errors.append((name, repr(error)))
                self.over.set()

        self.threads.append(threading.Thread(target=loop, name=name))

    def run(self):
        for thread in self.threads:
            thread.start()
        self.over.wait(SECONDS)
        try:
            wait_for(lambda: self.over.is_set() or NEEDED <= set(self.done),
                     'what is needed', 240)
        finally:
            self.over.set()
            for thread in self.threads:
                thread.join()
            for counts in self.counts, self.done:
                note(', '.join('%s %d' % pair for pair in
                               sorted(counts.items())))
            note('not done: %s' % sorted(NEEDED - set(self.done)))
        equal(self.errors, [], 'errors')
        idle = {t.name for t in self.threads} - set(self.counts)
        equal(idle, set(), 'actors that did nothing')


class Initiator:
    """A raw iSCSI session that anybody may abort: a command without an answer
    is over when QUERY TASK does not know it any more (RFC 7144 4.1)."""

    def __init__(self, target, isid):
        self.session = target.raw(isid=isid, timeout=60,
                                  iSCSIProtocolLevel='2')

    def tmf(self, what, function, lun, **more):
        if self.session.tmf(function, lun, **more) == 0:
            Turmoil.done[what] += 1

    def gone(self, task, lun):
        response = self.session.tmf(raw.QUERY_TASK, lun, ref_tag=task.itt)
        if task.status is None and response == 0:
            self.session.tasks.pop(task.itt)
            return True
        return task.status is not None

    def finish(self, tasks, lun):
        for task in tasks:
            while not self.gone(task, lun):
                time.sleep(0.002)
            check(task.status is None or task.status in STATUSES,
                  'status %r' % task.status)
        self.session.others.clear()

    def command(self, cdb, lun, **more):
        task = self.session.submit(cdb, lun, **more)
        self.finish([task], lun)
        return task

    def some_io(self, choose, lun, number, first):
        def one():
            blocks = choose.choice((1, 8, 64, 256))
            where = first + choose.randrange(8192)
            attr = choose.choice((raw.SIMPLE, raw.SIMPLE, raw.ORDERED,
                                  raw.HEAD_OF_QUEUE))
            if choose.random() < 0.5:
                return self.session.submit(
                    struct.pack('>BxIxHx', 0x28, where, blocks), lun,
                    read=blocks << 9, attr=attr)
            return self.session.submit(
                struct.pack('>BxIxHx', 0x2a, where, blocks), lun,
                out=bytes(blocks << 9), attr=attr)

        return [one() for _ in range(number)]


def aborter(target, isid):
    """ABORT TASK and its relatives, between commands of its own."""
    initiator = Initiator(target, isid)
    sets = (raw.ABORT_TASK_SET, raw.CLEAR_TASK_SET, raw.QUERY_TASK_SET,
            raw.QUERY_ASYNC_EVENT, raw.CLEAR_ACA)

    def act(choose):
        tasks = initiator.some_io(choose, DATA, choose.randrange(1, 12),
                                  SCRATCH_LBA)
        for task in choose.sample(tasks, choose.randrange(len(tasks))):
            initiator.tmf('ABORT TASK', raw.ABORT_TASK, DATA,
                          ref_tag=task.itt)
        if choose.random() < 0.1:
            initiator.session.tmf(choose.choice(sets), DATA)
        initiator.finish(tasks, DATA)

    return act


def reset(sg, option):
    """Linux may be at it itself, if it had to wait for a command twice."""
    try:
        run('sg_reset', option, sg)
    except AssertionError as error:
        check('may be resetting now' in str(error), str(error))


def resetter(target, isid, sg):
    """Resets of every level, from Linux and over iSCSI."""
    initiator = Initiator(target, isid)
    functions = tuple(zip(RESETS, (raw.LU_RESET, raw.TARGET_WARM_RESET,
                                   raw.NEXUS_RESET)))

    def act(choose):
        if choose.random() < 0.5:
            reset(sg, choose.choice(('-d', '-t', '-H')))
        else:
            initiator.tmf(*choose.choice(functions),
                          choose.choice((DATA, RESERVED, MODE)))
        # Somebody has to get something done in between.
        time.sleep(choose.random() * 0.2 * SLOW)

    return act


def moved_to(target, isid):
    """The end of REGISTER AND MOVE: a TransportID of iSCSI, format 01b"""
    name = b'%s,i,0x80%010x\0' % (raw.INITIATOR.encode(), isid)
    name += bytes(-len(name) % 4)
    port = int(read(target.path + '/rel_tgt_id'))
    return struct.pack('>xBHIBxH', 0, port, len(name) + 4, 0x45,
                       len(name)) + name


def reserver(target, isid):
    """PERSISTENT RESERVE OUT with every service action, and I/O. Most of the
    time with the key that it has, unless somebody has taken that away."""
    initiator = Initiator(target, isid)
    keys = (0, 1, 2, 3)
    own = [0, 1]        # the key, the type that was reserved last or 0
    others = [i for i in (4, 5, 6) if i != isid]

    def act(choose):
        # More of what seldom succeeds
        action = choose.choice((0, 1, 1, 1, 2, 3, 4, 4, 5, 5, 5, 6, 6, 6, 7))
        if own[1] and choose.random() < 0.3:
            action = 7
        kind = choose.choice((1, 3, 5, 6, 7, 8))
        if ACTIONS[action] == 'RELEASE' and choose.random() < 0.8:
            kind = own[1] or kind
        key = own[0] if choose.random() < 0.8 else choose.choice(keys)
        new = choose.choice(keys[action in (4, 5, 6, 7):])
        end = (moved_to(target, choose.choice(others)) if action == 7 else
               bytes(8))
        data = struct.pack('>QQ', key, new) + end
        tasks = initiator.some_io(choose, RESERVED, 4, 0)
        task = initiator.session.submit(
            '5f%02x%02x0000%08x00' % (action, kind, len(data)), RESERVED,
            out=data)
        tasks += [task] + initiator.some_io(choose, RESERVED, 4, 0)
        initiator.finish(tasks, RESERVED)
        if task.status == 0:
            Turmoil.done[ACTIONS[action]] += 1
            if ACTIONS[action].startswith('REGISTER') and action != 7:
                own[0] = new
            elif ACTIONS[action] == 'RESERVE':
                own[1] = kind
            elif ACTIONS[action] == 'CLEAR':
                own[:] = 0, 0
            elif ACTIONS[action] in ('RELEASE', 'REGISTER AND MOVE'):
                own[1] = 0
        time.sleep(choose.random() * 0.02 * SLOW)

    return act


def control_page(choose, lun):
    """A Control page that is legal: TST, TMF_ONLY, DPICZ, D_SENSE; QAM, QERR;
    UA_INTLCK_CTRL, SWP; TAS. Where Linux has to get its data written SWP and
    UA_INTLCK_CTRL stay, and errors of one do not abort others."""
    anything = lun == MODE
    return bytes((
        0x0a, 10, choose.choice((0, 0x20)) | choose.choice((0, 0x10)) |
        choose.choice((0, 8)) | choose.choice((0, 4)),
        choose.choice((0, 0x10)) |
        (choose.choice((0, 2, 6)) if lun != DATA else 0),
        choose.choice((0, 8, 0x20, 0x30)) if anything else 0,
        choose.choice((0, 0x40)), 0, 0, 0xff, 0xff, 0, 0))


def moder(target, isid):
    """MODE SELECT of the Control page, what is legal and what is not."""
    initiator = Initiator(target, isid)

    def act(choose):
        lun = choose.choice((MODE, MODE, DATA, RESERVED))
        page = control_page(choose, lun)
        if choose.random() < 0.3:
            lun = MODE
            page = page[:2] + bytes(choose.randrange(256) for _ in range(3)) + \
                page[5:]
        task = initiator.command('151000001000', lun, out=bytes(4) + page)
        if task.status == 0:
            Turmoil.done['MODE SELECT %d' % lun] += 1
        initiator.command('1a000a00ff00', lun, read=255)
        initiator.command('030000006000', lun, read=96)
        if choose.random() < 0.2:
            initiator.session.tmf(raw.CLEAR_ACA, lun)

    return act


def user(target, isid, lun):
    """I/O on a logical unit whose rules change."""
    initiator = Initiator(target, isid)

    def act(choose):
        initiator.finish(initiator.some_io(choose, lun, 8, 0), lun)
        initiator.command('030000006000', lun, read=96)

    return act


def mapper(targets, device):
    """A LUN that comes and goes everywhere."""
    def act(choose):
        target = choose.choice(targets)
        target.add(FLEETING, device)
        time.sleep(choose.random() * 0.05)
        target.delete(FLEETING, device)

    return act


def visitor(target):
    """Sessions that end with commands under way, by logout and without."""
    def act(choose):
        with contextlib.suppress(raw.Refused, raw.Closed):
            initiator = Initiator(target, 0x100 + choose.randrange(4))
            with initiator.session as session:
                initiator.some_io(choose, choose.choice((DATA, FLEETING)), 6,
                                  SCRATCH_LBA)
                if choose.random() < 0.3:
                    session.logout()

    return act


def verifier(disk, offset):
    """Writes, and reads what it has written."""
    def act(_):
        fio_verify(disk, '--offset=%d' % offset, size='4M')

    return act


def patient(session, lun):
    """A disk whose commands are repeated however often they are aborted."""
    disk = session.disk(lun)
    where = session.sysfs(lun)
    write(where + '/timeout', 4 * SLOW)
    write('%s/scsi_disk/%s/max_retries' % (where, session.scsi_id(lun)), -1)
    return disk


def all_idle():
    """No session has a command any more."""
    return all(iscsi_lib.attribute(s, 'active_commands') in ('0', None)
               for s in iscsi_lib.sessions())


@case('everything at once, for %d seconds' % SECONDS)
def turmoil():
    note('SCST_FUZZ_SEED=%d' % SEED)
    write('/dev/kmsg', 'scst-test: expect .*(I/O error|sd |sd[a-z]|'
                       'reservation conflict|connection[0-9]+:0).*')
    local, target = lib.Target(), iscsi_lib.Target()
    devices = [fileio('data'), fileio('reserved'), nullio('mode')]
    for lun, device in enumerate(devices):
        target.add(lun, device)
        if lun != MODE:
            local.add(lun, device)
    iscsi_lib.serve()
    one, two = local.login('one'), local.login('two')
    disks = [patient(one, DATA), patient(two, DATA)]
    load = Load(one.disk(RESERVED), '--continue_on_error=all')

    everything = Turmoil()
    everything.add('verify one', verifier(disks[0], 0))
    everything.add('verify two', verifier(disks[1], 8 * MEG))
    everything.add('aborts', aborter(target, 1))
    everything.add('more aborts', aborter(target, 2))
    everything.add('resets', resetter(target, 3, two.sg(DATA)))
    for isid in 4, 5, 6:
        everything.add('reservations %d' % isid, reserver(target, isid))
    everything.add('modes', moder(target, 7))
    everything.add('mode user', user(target, 8, MODE))
    everything.add('LUNs', mapper((local, target), nullio('fleeting')))
    everything.add('visitors', visitor(target))
    everything.run()
    load.stop_failing()
    wait_for(all_idle, 'the end of all commands')

    last = Initiator(target, 9)
    for action in 6, 3:                 # REGISTER AND IGNORE, CLEAR
        for _ in range(8):              # unit attentions
            if last.command('5f%02x0000000000001800' % action, RESERVED,
                            out=struct.pack('>QQ8x', 9 * (action == 3), 9)
                            ).status == 0:
                break
    for disk in disks[0], one.disk(RESERVED):
        fio_verify(disk)


if __name__ == '__main__':
    iscsi_lib.main()
