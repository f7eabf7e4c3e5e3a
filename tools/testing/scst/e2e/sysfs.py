#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""/sys/class/scst_session/: who is there, and what they did.

Most targets have no LUN, hence no sd that would complain of a disk that leaves
while it looks at it; the others wait for sd."""
import contextlib
import errno
import glob
import os
import socket
import subprocess
import threading
import time

import sgio
from lib import (LONG, Stall, Target, blockio, case, check, equal, fails, main,
                 nullio, read, run, wait_for, write)

CLASS = '/sys/class/scst_session'
NETLINK_KOBJECT_UEVENT = 15
SO_RCVBUFFORCE = 33
COUNTERS = ('commands', 'read_commands', 'write_commands', 'read_bytes',
            'write_bytes', 'commands_ns', 'read_commands_ns',
            'write_commands_ns')
LUN_ATTRIBUTES = {'device', 'read_only', 'active_commands',
                  'unit_attentions'}.union(COUNTERS)
ROUNDS = 200 if LONG else 20


def entries():
    return glob.glob(CLASS + '/*')


def entry(initiator, target='t0'):
    """The one session of an initiator at a target; an older one of the same
    name may still be ending."""
    def is_it(where):
        with contextlib.suppress(OSError):
            return (read(where + '/initiator_name') == initiator and
                    read(where + '/target') == 'scst_local/' + target)

    def found():
        return [where for where in entries() if is_it(where)]

    wait_for(lambda: len(found()) == 1, 'one session of ' + initiator)
    return found()[0]


def number(where, attr):
    return int(read('%s/%s' % (where, attr)))


def luns(where):
    """What is at each LUN; one that goes is not there."""
    found = {}
    for path in glob.glob(where + '/lun*'):
        with contextlib.suppress(OSError):
            found[int(os.path.basename(path)[3:])] = read(path + '/device')
    return found


def attributes(where):
    """Those of SCST, not of every device."""
    return {name for name in os.listdir(where)
            if name != 'uevent' and os.path.isfile(os.path.join(where, name))}


@case('sessions appear and go')
def lives():
    # Those of the tests before may still be ending.
    wait_for(lambda: not entries(), 'the end of sessions before')
    target = Target()
    first, second = target.login('s0'), target.login('s1')
    equal(len(entries()), 2, 'number of sessions')
    one, two = entry('s0'), entry('s1')
    check(number(one, 'sid') < number(two, 'sid'), 'numbers do not grow')
    equal(os.path.basename(one), 'session%d' % number(one, 'sid'), 'name')
    first.logout()
    wait_for(lambda: entries() == [two], 'the end of ' + one)
    third = target.login('s0')
    check(entry('s0') != one, 'a number is used again')
    third.logout()
    second.logout()
    wait_for(lambda: not entries(), 'the end of all sessions')


@case('a session that fails leaves nothing')
def failed():
    target = Target(enable=False)
    with fails('ESHUTDOWN'):
        target.login()
    equal(entries(), [], 'sessions')


@case('the group is that of now')
def groups():
    target = Target()
    target.login('ini')
    where = entry('ini')
    equal(read(where + '/group'), '', 'default group')
    group = target.group('g0', 'in?')
    equal(read(where + '/group'), 'g0', 'group')
    os.rmdir(group.path + '/initiators/in?')
    equal(read(where + '/group'), '', 'group that it went back to')


@case('commands and bytes are counted')
def counters():
    target = Target()
    target.add(0, nullio())
    disk = target.login().disk()
    where = entry('s0')
    names = ('read_bytes', 'write_bytes', 'read_commands', 'write_commands')
    before = {name: number(where, name) for name in names}
    run('dd', 'if=' + disk, 'of=/dev/null', 'bs=64k', 'count=3',
        'iflag=direct')
    run('dd', 'if=/dev/zero', 'of=' + disk, 'bs=8k', 'count=5', 'oflag=direct')
    wait_for(lambda: number(where, 'active_commands') == 0, 'idleness')
    after = {name: number(where, name) - before[name] for name in names}
    check(after['read_bytes'] >= 3 << 16, 'bytes read: %r' % after)
    check(after['read_commands'] >= 3, 'reads: %r' % after)
    equal(after['write_bytes'], 5 << 13, 'bytes written')
    equal(after['write_commands'], 5, 'writes')
    check(number(where, 'commands') >= number(where, 'read_commands') +
          number(where, 'write_commands'), 'fewer commands than reads, writes')


@case('LUNs are below their session: which disk, and what was done there')
def lun_counters():
    target = Target()
    target.add(0, nullio('idle'))
    target.add(300, nullio('busy'))
    session = target.login()
    session.disk(0)
    disk = session.disk(300)
    where = entry('s0')
    equal(luns(where), {0: 'idle', 300: 'busy'}, 'LUNs')
    idle, busy = where + '/lun0', where + '/lun300'
    equal(attributes(idle), LUN_ATTRIBUTES, 'attributes')
    wait_for(lambda: number(where, 'active_commands') == 0, 'idleness')
    before = {at: {name: number(at, name) for name in COUNTERS}
              for at in (where, idle, busy)}
    run('dd', 'if=/dev/zero', 'of=' + disk, 'bs=8k', 'count=5', 'oflag=direct')
    wait_for(lambda: number(where, 'active_commands') == 0, 'idleness')
    after = {at: {name: number(at, name) - before[at][name]
                  for name in COUNTERS} for at in before}
    equal(after[busy]['write_bytes'], 5 << 13, 'bytes written')
    equal(after[busy]['write_commands'], 5, 'writes')
    equal(after[idle], dict.fromkeys(COUNTERS, 0), 'the idle one')
    equal(after[where], after[busy], 'the session')
    check(number(busy, 'commands') >= number(busy, 'read_commands') + 5,
          'fewer commands than reads and writes')


@contextlib.contextmanager
def stuck_write(stall, disk):
    """A write that a store holds until the `with` ends, however it ends: who
    waits for the writer first would wait for ever."""
    stall.suspend()
    with subprocess.Popen(['dd', 'if=/dev/zero', 'of=' + disk, 'bs=4k',
                           'count=1', 'oflag=direct'],
                          stderr=subprocess.DEVNULL) as writer:
        try:
            yield writer
        finally:
            stall.resume()


@case('how long commands take, and how many there are, while a store is stuck')
def latency():
    with Stall() as stall:
        target = Target()
        target.add(0, blockio(stall.path))
        target.add(1, nullio())
        session = target.login()
        session.disk(1)
        disk = session.disk(0)
        where = entry('s0')
        wait_for(lambda: number(where, 'active_commands') == 0, 'idleness')
        before = number(where + '/lun0', 'write_commands_ns')
        with stuck_write(stall, disk) as writer:
            wait_for(lambda: number(where + '/lun0', 'active_commands') == 1,
                     'the write')
            equal(number(where, 'active_commands'), 1, 'of the session')
            equal(number(where + '/lun1', 'active_commands'), 0, 'of LUN 1')
            time.sleep(0.5)
        equal(writer.returncode, 0, 'dd')
        wait_for(lambda: number(where, 'active_commands') == 0, 'idleness')
        took = number(where + '/lun0', 'write_commands_ns') - before
        check(took >= 450000000, 'the write took %d ns' % took)
        check(number(where, 'write_commands_ns') >= took, 'of the session')
        check(number(where, 'commands_ns') >= took, 'of all commands')


@case('unit attentions that wait, read_only')
def lun_state():
    target = Target()
    target.add(0, nullio('n0'))
    session = target.login()
    sg = session.sg()
    sgio.settle(sg)
    where = entry('s0')
    equal(number(where, 'unit_attentions'), 0, 'at first')
    equal(number(where + '/lun0', 'read_only'), 0, 'read_only')
    write(target.path + '/luns/0/read_only', 1)
    equal(number(where + '/lun0', 'read_only'), 1, 'read_only')
    equal(number(where + '/lun0', 'unit_attentions'), 1, 'MODE CHANGED')
    target.add(5, nullio('n5'))
    equal(number(where + '/lun0', 'unit_attentions'), 2, 'and LUNS CHANGED')
    wait_for(lambda: luns(where) == {0: 'n0', 5: 'n5'}, 'LUN 5')
    equal(number(where, 'unit_attentions'), 2 +
          number(where + '/lun5', 'unit_attentions'), 'of the session')
    sgio.settle(sg)
    equal(number(where + '/lun0', 'unit_attentions'), 0, 'when told')


@case('LUNs appear and go with those of the group, and with the group')
def lun_lives():
    target, same = Target(), nullio('same')
    target.add(1, same)
    target.login('ini').disk(1)
    where = entry('ini')
    equal(luns(where), {1: 'same'}, 'at first')
    other, third = nullio('other'), nullio('third')

    def become(want):
        wait_for(lambda: luns(where) == want, 'LUNs %r' % want)

    target.add(2, other)
    become({1: 'same', 2: 'other'})
    target.add(2, third)
    become({1: 'same', 2: 'third'})
    os.unlink(target.path + '/luns/2/third')
    become({1: 'same', 2: 'other'})
    target.delete(2, other)
    become({1: 'same'})
    group = target.group('g')
    group.add(1, same)
    group.add(16383, third)
    kept = os.stat(where + '/lun1').st_ino
    os.mkdir(group.path + '/initiators/ini')
    become({1: 'same', 16383: 'third'})
    equal(os.stat(where + '/lun1').st_ino, kept, 'the nexus that stays')
    os.rmdir(group.path + '/initiators/ini')
    become({1: 'same'})


@case('a LUN whose commands are stuck makes room for the next one')
def lun_stuck():
    with Stall() as stall:
        target, stuck = Target(), blockio(stall.path)
        target.add(0, stuck)
        disk = target.login().disk()
        where = entry('s0')
        with stuck_write(stall, disk):
            wait_for(lambda: number(where, 'active_commands') == 1,
                     'the write')
            target.add(0, nullio('next'))
            wait_for(lambda: luns(where) == {0: 'next'}, 'the next one')
            equal(number(where + '/lun0', 'active_commands'), 0, 'of it')
            equal(number(where, 'active_commands'), 1, 'of the session')


@case('nothing can be written; a fabric that cannot close does not offer it')
def modes():
    target = Target()
    target.add(0, nullio())
    target.login().disk()
    where = entry('s0')
    check(not os.path.exists(where + '/close'), 'close is there')
    for at in (where, where + '/lun0'):
        for name in attributes(at):
            equal(os.stat(os.path.join(at, name)).st_mode & 0o777, 0o444, name)


@case('an open attribute of a session that has ended')
def outlived():
    session = Target().login()
    where = entry('s0')
    files = [os.open(os.path.join(where, name), os.O_RDONLY)
             for name in sorted(attributes(where))]
    session.logout()
    wait_for(lambda: not entries(), 'the end of ' + where)
    for fd in files:
        with fails('ENODEV'):
            os.read(fd, 100)
        os.close(fd)


def read_all(stop, wrong):
    """Whatever there is, until told to stop. Sessions may end meanwhile."""
    while not stop.is_set():
        for path in glob.glob(CLASS + '/*/*') + glob.glob(CLASS + '/*/lun*/*'):
            try:
                if os.path.isfile(path):
                    read(path)
            except OSError as error:
                if error.errno not in (errno.ENOENT, errno.ENODEV):
                    wrong.append('%s: %s' % (path, error))


@case('sessions come and go while everything is read')
def storm():
    target, stop, wrong = Target(), threading.Event(), []
    readers = [threading.Thread(target=read_all, args=(stop, wrong))
               for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for i in range(ROUNDS):
            session = target.login('s%d' % i)
            group = target.group('g%d' % i, 's*')
            session.logout()
            os.rmdir(group.path + '/initiators/s*')
            os.rmdir(group.path)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    equal(wrong, [], 'errors')
    wait_for(lambda: not entries(), 'the end of all sessions')


@case('LUNs and groups change while everything is read')
def lun_storm():
    target, stop, wrong = Target(), threading.Event(), []
    devices = [nullio('n%d' % i) for i in range(3)]
    group = target.group('g')
    target.add(5, devices[0])
    group.add(5, devices[1])
    group.add(6, devices[2])
    target.login('s0').disk(5)
    where = entry('s0')
    readers = [threading.Thread(target=read_all, args=(stop, wrong))
               for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(ROUNDS):
            os.mkdir(group.path + '/initiators/s?')
            group.add(7, devices[0])
            group.add(6, devices[0])
            os.unlink(group.path + '/luns/6/n0')
            group.delete(7, devices[0])
            os.rmdir(group.path + '/initiators/s?')
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    equal(wrong, [], 'errors')
    wait_for(lambda: luns(where) == {5: 'n0'}, 'the LUN of the beginning')


class Uevents:
    """What the kernel tells udev about sessions."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_KOBJECT_UEVENT)
        # Who is late is to lose nothing: disks have many events.
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.sock.bind((0, 1))
        self.sock.setblocking(False)
        self.last, self.passed = None, []

    def seen(self, action, where):
        """Has it come? What else has come before is thrown away."""
        want = '%s@/devices/virtual/scst_session/%s' % (
            action, os.path.basename(where))
        while True:
            try:
                text = self.sock.recv(8192).decode(errors='replace')
            except BlockingIOError:
                return False
            if text.split('\0')[0] == want:
                self.last = dict(line.split('=', 1) for line in
                                 text.split('\0')[1:] if line)
                return True
            self.passed.append(text.split('\0')[0])


@case('udev hears of sessions')
def uevents():
    events, target = Uevents(), Target()
    session = target.login()
    where = entry('s0')

    def told(action, group):
        wait_for(lambda: events.seen(action, where), 'event ' + action)
        equal([events.last['SCST_' + name]
               for name in ('INITIATOR', 'TARGET', 'GROUP')],
              ['s0', 'scst_local/t0', group], action)

    told('add', '')
    group = target.group('g', 's0')
    told('change', 'g')
    os.rmdir(group.path + '/initiators/s0')
    told('change', '')
    os.mkdir(group.path + '/initiators/s?')
    told('change', 'g')
    check('SCST_GROUP=g' in read(where + '/uevent').split('\n'), 'uevent')
    # From one group to another: one event, and none of a group in between
    groups = {'g': group, 'h': target.group('h')}
    for old, new in ('gh', 'hg'):
        os.mkdir(groups[new].path + '/initiators/s?')
        os.rmdir(groups[old].path + '/initiators/s?')
        told('change', new)
    events.passed.clear()
    session.logout()
    told('remove', 'g')
    equal([event for event in events.passed if event.startswith('change')], [],
          'events that tell nothing')


@case('udev hears of a session when its LUNs are there')
def uevent_luns():
    events, target = Uevents(), Target()
    for lun in range(1, 30):
        target.add(lun, nullio('n%d' % lun))
    session = target.login()
    where = CLASS + '/'

    def heard():
        for name in os.listdir(where):
            if events.seen('add', where + name):
                return where + name
        return None

    found = wait_for(heard, 'the event')
    equal(sorted(luns(found)), list(range(1, 30)), 'LUNs')
    for lun in range(1, 30):
        session.disk(lun)


if __name__ == '__main__':
    main()
