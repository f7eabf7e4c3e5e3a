#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""scst-isnsd with open-isns' server, and open-iscsi that asks it."""
import contextlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading

import iscsi_lib
import lib
from iscsi_lib import (DRIVER, INITIATOR, IQN, Target, iscsiadm, main, portal,
                       serve, sessions, write)
from lib import SCRATCH, Skip, case, check, equal, nullio, read, run, wait_for

SERVER = '127.0.0.1'
ALICE, BOB, CAROL = IQN + 'alice', IQN + 'bob', IQN + 'carol'
ENTITY = 'scst-test'
NOT_FOUND = 0x0203
# Nothing of what follows may depend on it.
SELDOM = '3600'
# Seconds that a test waits. The daemon waits longer from try to try while the
# server is away.
PATIENCE = 90
FOLDER = SCRATCH + '/isns'

CONFIG = '''\
SourceName = %sisns-server
Database = %s/db
PIDFile = %s/pid
ControlSocket = %s/control
ServerAddress = %s
Security = 0
SLPRegister = 0
DefaultDiscoveryDomain = 0
RegistrationPeriod = 10m
ESIMinInterval = 1s
SCNTimeout = 2s
''' % (IQN, FOLDER, FOLDER, FOLDER, SERVER)


def program(name):
    path = ':'.join((os.environ.get('SCST_TOOLS', ''), os.environ['PATH']))
    found = shutil.which(name, path=path)
    if not found:
        raise Skip('no ' + name)
    return found


class Process:
    """A daemon that ends with the case."""

    running = []

    def __init__(self, *command):
        self.log = '%s/%s.log' % (FOLDER, os.path.basename(command[0]))
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.running.append(self)

    def check(self):
        check(self.process.poll() is None, self.log + ':\n' + read(self.log))

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.running.remove(self)
        return self.process.wait(60 * lib.SLOW)


def stop_all():
    for process in list(Process.running):
        process.stop(signal.SIGKILL)
    shutil.rmtree(FOLDER, ignore_errors=True)


def until(function, wanted, what):
    """Waits until it gives what is wanted."""
    seen = [None]

    def there():
        seen[:] = [function()]
        return seen[0] == wanted

    try:
        wait_for(there, what, PATIENCE)
    except AssertionError:
        logs = [read(process.log) for process in Process.running]
        equal(seen[0], wanted, '\n'.join(logs + [what]))


def answers(port):
    try:
        socket.create_connection((SERVER, port)).close()
        return True
    except ConnectionRefusedError:
        return False


class Server(Process):
    """isnsd, and a control node that may see and change everything"""

    def __init__(self):
        program('isnsadm')
        os.makedirs(FOLDER + '/db', exist_ok=True)
        self.config = FOLDER + '/isnsd.conf'
        write(self.config, CONFIG)
        super().__init__(program('isnsd'), '-f', '-c', self.config)
        wait_for(lambda: self.check() or answers(3205), 'isnsd')
        self.admin('--register', 'control')

    def admin(self, *words, status=0):
        return run('isnsadm', '-c', self.config, '--local', *words,
                   status=status)

    def list(self, kind):
        """[{attribute: value}] of all objects of a kind"""
        objects = []
        for line in self.admin('--list', kind).splitlines():
            found = re.match(r'  [0-9a-f]{4}  \S+ *: (.+) = (.*)$', line)
            if line.startswith('Object '):
                objects.append({})
            elif found:
                objects[-1][found[1]] = found[2].strip('"')
        return objects

    def targets(self):
        return {o['iSCSI name']: o for o in self.list('nodes')
                if o.get('iSCSI node type') == 'Target'}

    def portals(self):
        found = []
        for this in self.list('portals'):
            address = this['Portal IP address']
            found.append('%s:%s' % (
                '[%s]' % address if ':' in address else address,
                this['Portal TCP/UDP port'].split('/')[0]))
        return sorted(found)

    def initiator(self, name):
        """One that is registered, in an entity of its own"""
        host = 'host-%d' % len(self.list('entities'))
        self.admin('--register', 'entity=' + host, 'initiator=' + name)

    def domain(self, *members):
        """A new discovery domain's number"""
        out = self.admin('--dd-register', 'dd-name=' + '+'.join(members),
                         *('member-name=' + name for name in members))
        return re.search(r'DD ID = (\d+)', out)[1]

    def leave(self, domain, name):
        self.admin('--dd-deregister', domain, 'member-name=' + name)

    def join(self, domain, name):
        self.admin('--dd-register', 'dd-id=' + domain, 'member-name=' + name)

    def wait_targets(self, *wanted):
        until(lambda: sorted(self.targets()), sorted(t.name for t in wanted),
              'targets')

    def wait_portals(self, *wanted):
        until(self.portals, sorted(wanted), 'portals')


def start(*options, interval=SELDOM, server=SERVER):
    os.makedirs(FOLDER, exist_ok=True)
    return Process(program('scst-isnsd'), '--entity', ENTITY, '--interval',
                   interval, *options, server)


def follow(*options, **more):
    return start('--access-control', *options, **more)


def group_of(target, name='isns'):
    return '%s/ini_groups/%s' % (target.path, name)


def wait_initiators(target, *wanted, group='isns'):
    where = group_of(target, group) + '/initiators'

    def there():
        try:
            return sorted(os.listdir(where))
        except FileNotFoundError:
            return None

    until(there, sorted(wanted), 'initiators')


def one_disk(name='t0', **more):
    """Its LUN is the group's, so nobody sees it who is not in there."""
    target = Target(name, **more)
    target.group('isns').add(0, nullio('n-' + name))
    return target


@case('targets come and go')
def targets():
    server = Server()
    first = Target('t0', enable=False)
    first.set('alias', 'a first one')
    first.enable()
    second, third = Target('t1'), Target('t2', enable=False)
    serve()
    daemon = start()
    server.wait_targets(first, second)
    equal(server.targets()[first.name].get('iSCSI alias'), 'a first one',
          'alias')
    check(ENTITY in [o['Entity identifier'] for o in server.list('entities')],
          'the entity')
    third.enable()
    server.wait_targets(first, second, third)
    # The one that has spoken for all of them so far
    first.enable(0)
    server.wait_targets(second, third)
    first.set('alias', 'another')
    first.enable()
    server.wait_targets(first, second, third)
    equal(server.targets()[first.name].get('iSCSI alias'), 'another', 'alias')
    third.enable(0)
    os.rmdir(third.path)
    server.wait_targets(first, second)
    write(DRIVER + '/enabled', 0)
    server.wait_targets()
    server.wait_portals()
    write(DRIVER + '/enabled', 1)
    server.wait_targets(first, second)
    daemon.check()


@case('portals come and go')
def portals():
    server, target = Server(), Target()
    serve()
    start()
    server.wait_portals('127.0.0.1:3260')
    server.wait_targets(target)
    portal('[::1]:3261')
    server.wait_portals('127.0.0.1:3260', '[::1]:3261')
    os.rmdir(DRIVER + '/portals/127.0.0.1:3260')
    server.wait_portals('[::1]:3261')
    for group in server.list('portal-groups'):
        if group['Portal group name'] == target.name:
            equal(group['Portal group tag'], '1', 'tag')


@case('a portal on all addresses')
def wildcard():
    run('ip', 'address', 'add', '192.0.2.7/32', 'dev', 'lo')
    run('ip', 'address', 'add', '2001:db8::7/128', 'dev', 'lo')
    try:
        server, _ = Server(), Target()
        serve('0.0.0.0', '192.0.2.7:3261')
        start()
        server.wait_portals('192.0.2.7:3260', '192.0.2.7:3261')
        os.rmdir(DRIVER + '/portals/0.0.0.0')
        portal('[::]')
        server.wait_portals('192.0.2.7:3261', '[2001:db8::7]:3260')
    finally:
        run('ip', 'address', 'del', '2001:db8::7/128', 'dev', 'lo')
        run('ip', 'address', 'del', '192.0.2.7/32', 'dev', 'lo')


@case('open-iscsi finds what its discovery domain has')
def discovery():
    server = Server()
    target, other = Target('t0'), Target('t1')
    target.add(0, nullio())
    serve()
    start()
    server.wait_targets(target, other)
    server.initiator(INITIATOR)
    server.domain(INITIATOR, target.name)
    out = iscsiadm('-m', 'discovery', '-t', 'isns', '-p', SERVER + ':3205')
    equal(out.split(), ['127.0.0.1:3260,1', target.name], 'discovered')
    session = iscsi_lib.Login(target.name, iscsi_lib.PORTAL)
    iscsiadm('-m', 'node', '--login')
    session.disk()
    session.logout()


@case('access control: in the domain, out of it')
def access():
    server, target = Server(), one_disk()
    serve()
    daemon = follow()
    server.wait_targets(target)
    wait_initiators(target)
    server.initiator(INITIATOR)
    server.initiator(BOB)
    domain = server.domain(target.name, INITIATOR)
    wait_initiators(target, INITIATOR)
    session = target.login()
    session.disk()
    equal(target.refused(initiator=BOB)[0], NOT_FOUND, 'status')
    equal(iscsi_lib.discover(initiator=BOB), {}, "bob's targets")
    # The server tells; nobody waits for the next look.
    server.join(domain, BOB)
    wait_initiators(target, INITIATOR, BOB)
    target.raw(initiator=BOB).close()
    session.logout()
    # open-isns often forgets to tell of one that leaves.
    daemon.stop()
    follow(interval='1')
    server.leave(domain, INITIATOR)
    wait_initiators(target, BOB)
    equal(target.refused(initiator=INITIATOR)[0], NOT_FOUND, 'status')
    server.leave(domain, target.name)
    wait_initiators(target)
    equal(target.refused(initiator=BOB)[0], NOT_FOUND, 'status')


@case('access control: without notifications the clock does')
def polled():
    server, target = Server(), one_disk()
    # The server tells from where it can reach this portal, ::1, which is not
    # the address that it is known by.
    serve('[::1]:3260')
    server.initiator(ALICE)
    server.initiator(BOB)
    domain = server.domain(ALICE, target.name)
    follow(interval='1')
    wait_initiators(target, ALICE)
    server.leave(domain, ALICE)
    server.join(domain, BOB)
    wait_initiators(target, BOB)


@case('access control: each target has its own, in the group asked for')
def several():
    server = Server()
    first, second = Target('t0'), Target('t1')
    serve()
    for name in (ALICE, BOB, CAROL):
        server.initiator(name)
    # open-isns lets a node be in one domain.
    server.domain(ALICE, first.name)
    server.domain(BOB, CAROL, second.name)
    # What is there by mistake goes; what is another group's stays.
    first.group('who', IQN + 'ghost', 'iqn.*')
    first.group('mine', BOB)
    follow('--group', 'who')
    wait_initiators(first, ALICE, group='who')
    wait_initiators(second, BOB, CAROL, group='who')
    equal(os.listdir(group_of(first, 'mine') + '/initiators'), [BOB], 'mine')
    equal(sorted(os.listdir(first.path + '/ini_groups')), ['mine', 'who'],
          'groups')


@case('access control: names that are none make no directories')
def illegal():
    server, target = Server(), one_disk()
    serve()
    names = ('iqn.*', '*', '!x', '../../x', 'iqn.2026-11.org.example:a/b',
             'iqn.2026-11.org.example:?', 'iqn.2026-11.org.example:a#::1',
             'iqn.' + 'x' * 230, 'iqn.a b', 'iqn.\033[2J', '.', '..')
    for name in names + (ALICE,):
        server.initiator(name)
    server.domain(target.name, ALICE, *names)
    daemon = follow()
    wait_initiators(target, ALICE)
    daemon.check()
    log = read(daemon.log)
    check('not a name' in log and '\033' not in log, log)


@case('the server goes and comes back')
def restart():
    server, target = Server(), one_disk()
    serve()
    server.initiator(ALICE)
    domain = server.domain(target.name, ALICE)
    daemon = follow()
    wait_initiators(target, ALICE)
    server.stop()
    second = Target('t1')
    wait_for(lambda: 'refused' in read(daemon.log), 'an attempt')
    equal(os.listdir(group_of(target) + '/initiators'), [ALICE], 'initiators')
    # With its memory
    server = Server()
    server.wait_targets(target, second)
    server.initiator(BOB)
    server.join(domain, BOB)
    wait_initiators(target, ALICE, BOB)
    # Without
    server.stop(signal.SIGKILL)
    shutil.rmtree(FOLDER + '/db')
    server = Server()
    server.wait_targets(target, second)
    server.wait_portals('127.0.0.1:3260')
    daemon.check()


@case('a server that comes later than the daemon')
def late():
    target = Target()
    serve()
    daemon = start()
    wait_for(lambda: 'refused' in read(daemon.log), 'an attempt')
    server = Server()
    server.wait_targets(target)


@case('a server that forgets is told again')
def forgotten():
    server = Server()
    targets_there = [Target('t%d' % i) for i in range(3)]
    serve()
    start(interval='1')
    server.wait_targets(*targets_there)
    server.admin('--deregister', 'iscsi-name=' + targets_there[1].name)
    server.wait_targets(*targets_there)
    server.admin('--deregister', 'eid=' + ENTITY)
    server.wait_targets(*targets_there)
    server.wait_portals('127.0.0.1:3260')


@case('the end of the daemon is the end of the registration')
def end():
    server, target = Server(), one_disk()
    serve()
    server.initiator(ALICE)
    server.domain(ALICE, target.name)
    for how in (signal.SIGTERM, signal.SIGINT):
        daemon = follow()
        server.wait_targets(target)
        wait_initiators(target, ALICE)
        equal(daemon.stop(how), 0, 'exit status')
        equal(server.targets(), {}, 'targets')
        equal(server.portals(), [], 'portals')
    equal(os.listdir(group_of(target) + '/initiators'), [ALICE], 'initiators')
    # One that was killed left its entity behind: the next one replaces it.
    daemon = start()
    server.wait_targets(target)
    daemon.stop(signal.SIGKILL)
    os.rmdir(DRIVER + '/portals/127.0.0.1:3260')
    portal('127.0.0.1:3261')
    start()
    server.wait_portals('127.0.0.1:3261')


def stamp(server):
    return [o.get('Timestamp') for o in server.list('entities')
            if o['Entity identifier'] == ENTITY]


@case('inquiries are answered')
def inquiries():
    server, target = Server(), Target()
    serve()
    start('--esi', '1')
    server.wait_targets(target)
    server.wait_portals('127.0.0.1:3260')
    # The daemon says nothing by itself now; each answer is a new time stamp.
    for _ in range(2):
        before = stamp(server)
        until(lambda: stamp(server) != before, True, 'an answer')
    server.wait_portals('127.0.0.1:3260')


def message(function, xid, data, flags=0x4c00, version=1):
    return struct.pack('>6H', version, function, len(data), flags, xid, 0) + \
        data


@case('datagrams of anybody')
def datagrams():
    server, target = Server(), one_disk()
    serve()
    server.initiator(ALICE)
    domain = server.domain(target.name, ALICE)
    daemon = follow('--esi', '60')
    wait_initiators(target, ALICE)
    port = int(next(o for o in server.list('portals'))['SCN port']
               .split('/')[0])
    name = struct.pack('>2I', 32, 8) + b'iqn.xxx\0'
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((SERVER, port))
        for data in (b'', b'x', b'\0' * 12, b'\xff' * 9000,
                     message(8, 1, name, version=2), message(8, 1, name)[:-1],
                     message(8, 1, name) + b'more', message(0x8008, 1, name),
                     message(1, 1, name)):
            sock.send(data)
        # An answer to these: the name, nothing, the whole.
        for data, answer in ((name + name, name),
                             (b'\0\0\0\x20\xff\xff\xff\xfc', b'')):
            sock.send(message(8, 7, data))
            equal(sock.recv(9000), message(0x8008, 7, bytes(4) + answer,
                                           0x8c00), 'answer')
        sock.send(message(13, 8, name + name))
        equal(sock.recv(9000), message(0x800d, 8, bytes(4) + name + name,
                                       0x8c00), 'answer')
    server.initiator(BOB)
    server.join(domain, BOB)
    wait_initiators(target, ALICE, BOB)
    daemon.check()


# What a server may answer that is no answer: made of the request's header
LIES = (
    lambda function, xid: b'',
    lambda function, xid: b'HTTP/1.0 400 Bad Request\r\n\r\n',
    lambda function, xid: message(function, xid, b''),
    lambda function, xid: message(function | 0x8000, xid, b''),
    lambda function, xid: message(function | 0x8000, xid, b'\0\0\0'),
    lambda function, xid: message(function | 0x8000, xid + 1, bytes(4)),
    lambda function, xid: message(function | 0x8000, xid, bytes(4), 0x6c00),
    # attributes longer than the message, with a length that is no multiple
    # of four, of the wrong type, without an end
    lambda function, xid: message(function | 0x8000, xid, bytes(4) +
                                  struct.pack('>2I', 32, 64) + b'iqn.'),
    lambda function, xid: message(function | 0x8000, xid, bytes(4) +
                                  struct.pack('>2I', 32, 0xfffffffc)),
    lambda function, xid: message(function | 0x8000, xid, bytes(4) +
                                  struct.pack('>2I', 32, 3) + b'iqn'),
    lambda function, xid: message(function | 0x8000, xid, bytes(4) +
                                  struct.pack('>2I', 33, 8) + bytes(8)),
    lambda function, xid: message(function | 0x8000, xid, bytes(4) +
                                  bytes(60000), 0x4000) * 3,
    lambda function, xid: message(function | 0x8000, xid, b'\xff' * 4),
)


class Liar(threading.Thread):
    """A server with one lie a connection"""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.create_server((SERVER, 3206))
        self.told = 0

    def run(self):
        for lie in LIES:
            conn, _ = self.sock.accept()
            with conn, contextlib.suppress(OSError):
                _, function, length, _, xid, _ = struct.unpack(
                    '>6H', conn.recv(12, socket.MSG_WAITALL))
                conn.recv(length, socket.MSG_WAITALL)
                conn.sendall(lie(function, xid))
                conn.shutdown(socket.SHUT_WR)
                while conn.recv(65536):
                    pass
            self.told += 1


@case('a server that lies')
def liar():
    target = one_disk()
    serve()
    os.mkdir(group_of(target) + '/initiators/' + ALICE)
    bad = Liar()
    bad.start()
    for number in range(len(LIES)):
        daemon = follow(server=SERVER + ':3206')
        wait_for(lambda: daemon.check() or bad.told > number, 'a connection')
        daemon.check()
        daemon.stop()
    equal(os.listdir(group_of(target) + '/initiators'), [ALICE], 'initiators')
    bad.sock.close()
    equal(sessions(), [], 'sessions')


@case('what the command line may not have')
def options():
    for words in ((), ('a', 'b'), ('',), ('[::1',), (':3205',), ('a:',),
                  ('--interval', '0', 'a'), ('--interval', '1x', 'a'),
                  ('--esi', '-1', 'a'), ('--group', 'a/b', 'a'),
                  ('--group', '..', 'a'), ('--entity', 'x' * 256, 'a'),
                  ('--what', 'a')):
        run(program('scst-isnsd'), *words, status=1)
    check('usage' in run(program('scst-isnsd'), '--help'), 'usage')


if __name__ == '__main__':
    lib.cleanups.append(stop_all)
    main()
