#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""/sys/class/scst_session/: who is there, and what they did.

Most targets have no LUN, hence no sd that would complain of a disk that leaves
while it looks at it."""
import contextlib
import errno
import glob
import os
import socket
import threading

from lib import (LONG, Target, case, check, equal, fails, main, nullio, read,
                 run, wait_for)

CLASS = '/sys/class/scst_session'
NETLINK_KOBJECT_UEVENT = 15
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


def attributes(where):
    """Those of SCST, not of every device."""
    return {name for name in os.listdir(where)
            if name != 'uevent' and os.path.isfile(os.path.join(where, name))}


@case('sessions appear and go')
def lives():
    equal(entries(), [], 'sessions before')
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


@case('nothing can be written; a fabric that cannot close does not offer it')
def modes():
    Target().login()
    where = entry('s0')
    check(not os.path.exists(where + '/close'), 'close is there')
    for name in attributes(where):
        equal(os.stat(os.path.join(where, name)).st_mode & 0o777, 0o444, name)


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
        for path in glob.glob(CLASS + '/*/*'):
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


class Uevents:
    """What the kernel tells udev about sessions."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_KOBJECT_UEVENT)
        self.sock.bind((0, 1))
        self.sock.setblocking(False)

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
                return True


@case('udev hears of sessions')
def uevents():
    events = Uevents()
    session = Target().login()
    where = entry('s0')
    wait_for(lambda: events.seen('add', where), 'the event of the beginning')
    session.logout()
    wait_for(lambda: events.seen('remove', where), 'the event of the end')


if __name__ == '__main__':
    main()
