#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
"""iSCSI over networks that lose, delay and break.

The target's portal is in a network namespace of its own. open-iscsi stays
where it is, since the kernel's part of it is in the first namespace only.
"""
import contextlib
import ctypes
import itertools
import os
import socket
import struct
import subprocess
import threading

import iscsi_lib
import iscsi_raw
from iscsi_lib import (DRIVER, INITIATOR, LIBC, Target, attribute, main, serve,
                       sessions, write)
from iscsi_raw import (DATA_IN, DATA_OUT, FINAL, NO_TAG, R2T, Closed,
                       Connection, Pdu, Session)
from lib import (SLOW, Load, Stall, blockio, case, check, dismantle, equal,
                 fileio, fio_verify, nullio, run, wait_for)

CLONE_NEWNET = 0x40000000
USER, SECRET = 'joe', 'joes-secret-0001'
READY = '000000000000'
READ_1M, WRITE_1M = '28000000000000080000', '2a000000000000080000'
MEG = 1 << 20
# As short as an administrator may set them
IMPATIENT = {'NopInInterval': 1, 'NopInTimeout': 2, 'RspTimeout': 2}
# For connections that must not end before the case wants them to: longer than
# the whole machine may stand still
STEADY = {'NopInInterval': 1, 'NopInTimeout': 10, 'RspTimeout': 10}
UNASKED = {**STEADY, 'NopInInterval': 0}
# Names of iscsiadm: the initiator notices soon, and never gives up
PATIENT = {'node.session.timeo.replacement_timeout': 600,
           'node.conn[0].timeo.noop_out_interval': 1,
           'node.conn[0].timeo.noop_out_timeout': 2,
           'node.conn[0].timeo.login_timeout': 3}
LOSSY = 'delay 2ms 1ms loss 1% duplicate 1% reorder 5% corrupt 0.5%'.split()
LONG_WAIT = 120         # seconds: TCP and iscsid have waits of their own


class Namespace:
    """A network namespace; it is there as long as something uses it."""

    def __init__(self):
        with open('/proc/thread-self/ns/net', 'rb') as home:
            self.call('unshare', CLONE_NEWNET)
            try:
                self.fd = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
            finally:
                self.call('setns', home.fileno(), 0)
        with self:
            run('ip', 'link', 'set', 'lo', 'up')

    @staticmethod
    def call(name, *args):
        if getattr(LIBC, name)(*args):
            raise OSError(ctypes.get_errno(), name)

    def __enter__(self):
        """This thread, and what it starts, is inside. Not twice."""
        self.home = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
        self.call('setns', self.fd, 0)
        return self

    def __exit__(self, *_):
        try:
            self.call('setns', self.home, 0)
        finally:
            os.close(self.home)

    def forget(self):
        if self.fd is not None:
            os.close(self.fd)
        self.fd = None


class Cable:
    """From a namespace, or from here, to another namespace."""

    def __init__(self, far, near=None, number=0):
        self.near = near or contextlib.nullcontext()
        self.far = far
        self.names = 'near%d' % number, 'far%d' % number
        self.ips = '198.18.%d.1' % number, '198.18.%d.2' % number
        with self.near:
            run('ip', 'link', 'add', self.names[0], 'type', 'veth',
                'peer', self.names[1])
            run('ip', 'link', 'set', self.names[1], 'netns',
                '/proc/self/fd/%d' % far.fd, pass_fds=(far.fd,))
        for end, name, ip in zip((self.near, far), self.names, self.ips):
            with end:
                run('ip', 'address', 'add', ip + '/24', 'dev', name)
                run('ip', 'link', 'set', name, 'up')

    @property
    def ip(self):
        return self.ips[1]

    def address(self):
        return self.ip + ':3260'

    def netem(self, *what):
        """Both directions alike; without arguments as if there were none."""
        for end, name in zip((self.near, self.far), self.names):
            with end:
                if what:
                    run('tc', 'qdisc', 'replace', 'dev', name, 'root',
                        'netem', *what)
                else:
                    run('tc', 'qdisc', 'del', 'dev', name, 'root',
                        status=None)

    def cut(self):
        with self.far:
            run('ip', 'link', 'set', self.names[1], 'down')

    def repair(self):
        with self.far:
            run('ip', 'link', 'set', self.names[1], 'up')

    def remove(self):
        with self.near:
            run('ip', 'link', 'del', self.names[0], status=None)

    def there(self):
        return os.path.exists('/sys/class/net/' + self.names[0])


@contextlib.contextmanager
def network(*portals):
    """A cable to a namespace that serves at its end, or at these addresses."""
    iscsi_lib.expect_errors()
    for module in ('veth', 'sch_netem'):
        subprocess.run(['modprobe', '-q', module], check=False)
    far = Namespace()
    cable = None
    try:
        cable = Cable(far)
        with far:
            serve(*(portals or [cable.address()]))
        yield cable
    finally:
        if cable and far.fd is not None:
            cable.netem()
            cable.repair()
        dismantle()
        if cable:
            cable.remove()
        far.forget()


def one_disk(device=None, **params):
    target = Target(**params)
    target.add(0, device or fileio())
    return target


def login(target, cable, **records):
    """open-iscsi, with records by iscsiadm's names."""
    this = iscsi_lib.Login(target.name, cable.address())
    this.make(records)
    return this


def raw(target, cable, **more):
    return target.raw(host=cable.ip, **more)


def connections():
    return os.listdir('/sys/class/scst_conn')


def nothing_left():
    wait_for(lambda: not sessions() and not connections(),
             'the end of all sessions', LONG_WAIT)


def unused(device, target):
    """No command is left: nothing holds the device."""
    target.delete(0, device)
    device.disable()


def state(session):
    return attribute(session.sysfs()[0], 'state')


def lost(session):
    """The initiator has given up its connection, but not its session."""
    return state(session) in ('FAILED', 'FREE')


def logged_in(session):
    wait_for(lambda: state(session) == 'LOGGED_IN', 'the initiator to return',
             LONG_WAIT)


class Verify:
    """fio that writes, reads and compares, while something else happens."""

    def __init__(self, disk, *options, size='16M'):
        self.stat = '/sys/class/block/%s/stat' % os.path.basename(disk)
        self.fio = subprocess.Popen(
            ['fio', '--name=verify', '--filename=' + disk, '--size=' + size,
             '--direct=1', '--ioengine=io_uring', '--iodepth=16',
             '--rw=randwrite', '--verify=crc32c', '--verify_fatal=1',
             '--minimal', '--output=/dev/null', *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def fields(self):
        return [int(f) for f in iscsi_lib.read(self.stat).split()]

    def in_flight(self):
        self.running()
        return self.fields()[8]

    def sectors(self):
        fields = self.fields()
        return fields[2] + fields[6]

    def running(self):
        equal(self.fio.poll(), None, 'fio, which should still run')

    def goes_on(self, sectors=2048):
        goal = self.sectors() + sectors
        wait_for(lambda: self.running() or self.sectors() >= goal,
                 'progress of fio', LONG_WAIT)

    def end(self):
        out = self.fio.communicate(timeout=2 * LONG_WAIT * SLOW)[0]
        equal(self.fio.returncode, 0, 'status of fio: ' + out)


# Bad links


@case('a link that loses, delays, doubles, reorders and corrupts')
def lossy():
    with network() as cable:
        target = one_disk()
        session = target.login(cable.address())
        disk = session.disk()
        cable.netem(*LOSSY)
        for size in ('4k', '256k'):
            fio_verify(disk, '--bs=' + size, size='4M')
        cable.netem()
        session.logout()
        nothing_left()


@case('CHAP and digests over such a link: pages stay until they have arrived')
def lossy_digests():
    with network() as cable:
        target = one_disk(HeaderDigest='CRC32C', DataDigest='CRC32C')
        target.incoming(USER, SECRET)
        cable.netem(*LOSSY)
        session = target.login(cable.address(), HeaderDigest='CRC32C',
                               DataDigest='CRC32C', auth='CHAP',
                               username=USER, password=SECRET)
        equal(session.connection_value('data_digest'), '1', 'data digest')
        first = attribute(sessions()[0], 'tsih')
        for size in ('4k', '128k'):
            fio_verify(session.disk(), '--bs=' + size, size='4M')
        # A digest that is wrong would have ended the session.
        equal([attribute(s, 'tsih') for s in sessions()], [first], 'TSIH')
        cable.netem()
        session.logout()


@case('a slow link is not a dead one')
def slow():
    with network() as cable:
        target = one_disk(**STEADY)
        session = raw(target, cable, timeout=LONG_WAIT)
        session.command(READY)
        # The last answer leaves long after NopInInterval and NopInTimeout.
        cable.netem('rate', '4mbit')
        tasks = [session.submit(READ_1M, read=MEG) for _ in range(8)]
        for task in tasks:
            equal(session.wait(task).status, 0, 'status')
        equal(len(sessions()), 1, 'sessions')
        session.close()
        nothing_left()


# Cables that are cut


def cut_and_repaired(*options, **params):
    """A load goes on after a time without a network that was longer than all
    timeouts, and has lost nothing."""
    with network() as cable:
        target = one_disk(**IMPATIENT, **params)
        session = login(target, cable, **PATIENT)
        disk = session.disk()
        # Before the load begins, which would soon be over otherwise
        cable.netem('delay', '20ms')
        load = Verify(disk, *options)
        for _ in range(3):
            wait_for(load.in_flight, 'commands', LONG_WAIT)
            cable.cut()
            nothing_left()
            wait_for(lambda: lost(session), 'the initiator to notice',
                     LONG_WAIT)
            load.running()
            cable.repair()
            logged_in(session)
            load.goes_on()
        cable.netem()
        load.end()
        session.logout()
        nothing_left()


@case('the cable is cut while there are small commands')
def cut_small():
    cut_and_repaired('--bs=4k', '--size=8M')


@case('the cable is cut while there is R2T, Data-Out and Data-In')
def cut_large():
    cut_and_repaired('--bs=1m', '--size=32M', '--loops=4', InitialR2T='Yes',
                     ImmediateData='No', MaxBurstLength=65536,
                     FirstBurstLength=65536)


def gives_up_after(session, seconds):
    logged_in(session)
    write(session.sysfs()[0] + '/recovery_tmo', seconds)


@case('the initiator gives up, and is back when the cable is')
def given_up():
    with network() as cable:
        target = one_disk(**IMPATIENT)
        session = login(target, cable, **PATIENT)
        disk = session.disk()
        load = Load(disk, '--ioengine=psync')
        # Only now: before, and after, there may be reasons to log in anew.
        gives_up_after(session, 1)
        cable.cut()
        nothing_left()
        load.fio.wait(LONG_WAIT * SLOW)
        load.fio.stdout.close()
        cable.repair()
        gives_up_after(session, 600)
        device = '/sys/class/block/%s/device/state' % os.path.basename(disk)
        wait_for(lambda: attribute('', device) == 'running', disk, LONG_WAIT)
        fio_verify(disk, '--bs=64k')
        session.logout()
        nothing_left()


@case('cut between R2T and the rest of its data')
def cut_data_out():
    with network() as cable:
        device = fileio()
        target = one_disk(device, InitialR2T='Yes', ImmediateData='No',
                          **UNASKED)
        session = raw(target, cable, InitialR2T='Yes', ImmediateData='No')
        session.command(READY)
        task = iscsi_raw.Task(session.tag(), bytes(8), b'')
        session.send(session.number(Pdu(
            iscsi_raw.COMMAND, flags=FINAL | iscsi_raw.WRITE, edtl=MEG,
            itt=task.itt, cdb=bytes.fromhex(WRITE_1M))))
        ask = session.take()
        equal(ask.opcode, R2T, 'opcode')
        session.send(session.number(Pdu(
            DATA_OUT, bytes(4096), itt=task.itt, ttt=ask['ttt'])))
        equal(session.nop(b'there'), b'there', 'answer to a ping')
        cable.cut()
        # RspTimeout alone finds it.
        nothing_left()
        unused(device, target)
        session.close()


def send_until_closed(session, data):
    """A bit from time to time: the connection looks alive."""
    def closed():
        try:
            session.send_bytes(data())
        except Closed:
            return True
        return False

    wait_for(closed, 'RspTimeout', LONG_WAIT)
    session.close()


@case('immediate data that trickles in, and Data-Out without any data')
def no_data_out():
    with network() as cable:
        target = one_disk(fileio(), InitialR2T='No', **UNASKED)
        session = raw(target, cable)
        session.command(READY)
        session.send_bytes(session.encode(session.number(Pdu(
            iscsi_raw.COMMAND, bytes(8192), flags=FINAL | iscsi_raw.WRITE,
            edtl=MEG, itt=session.tag(),
            cdb=bytes.fromhex(WRITE_1M))))[:1000])
        send_until_closed(session, lambda: b'\0')
        session = raw(target, cable, InitialR2T='No')
        session.command(READY)
        tag, numbers = session.tag(), itertools.count()
        session.send(session.number(Pdu(
            iscsi_raw.COMMAND, flags=iscsi_raw.WRITE, edtl=MEG, itt=tag,
            cdb=bytes.fromhex(WRITE_1M))))
        send_until_closed(session, lambda: session.encode(session.number(Pdu(
            DATA_OUT, itt=tag, ttt=NO_TAG, data_sn=next(numbers)))))
        nothing_left()


@case('cut while Data-In is sent')
def cut_data_in():
    with network() as cable:
        device = fileio()
        target = one_disk(device, **UNASKED)
        session = raw(target, cable)
        session.command(READY)
        for _ in range(16):
            session.submit(READ_1M, read=MEG)
        equal(session.take().opcode, DATA_IN, 'opcode')
        cable.cut()
        nothing_left()
        unused(device, target)
        session.close()


@case('an initiator that sends commands and never takes an answer')
def deaf():
    with network() as cable:
        device = fileio()
        target = one_disk(device, **UNASKED)
        session = raw(target, cable)
        session.command(READY)
        for _ in range(16):
            session.submit(READ_1M, read=MEG)
        nothing_left()
        unused(device, target)
        session.close()


@case('pings whose answers nobody takes do not fill the memory')
def flood():
    with network() as cable:
        target = one_disk(nullio(), **UNASKED)
        session = raw(target, cable, MaxRecvDataSegmentLength='1048576')
        ping = Pdu(iscsi_raw.NOP_OUT | iscsi_raw.IMMEDIATE, bytes(MEG),
                   flags=FINAL, itt=session.tag(), ttt=NO_TAG)
        data = session.encode(session.number(ping))
        taken = 0
        # RspTimeout ends it.
        with contextlib.suppress(Closed):
            while True:
                session.send_bytes(data)
                taken += 1
        check(taken < 32, '%d MiB were taken' % taken)
        session.close()
        nothing_left()


@case('a ping that is longer than any page')
def longest():
    with network() as cable:
        target = one_disk(nullio(), MaxRecvDataSegmentLength=MEG * 16 - 1,
                          MaxXmitDataSegmentLength=MEG * 16 - 1)
        session = raw(target, cable, MaxRecvDataSegmentLength='16777215')
        with contextlib.suppress(Closed):
            equal(len(session.nop(bytes(8 * MEG))), 8 * MEG, 'bytes back')
        session.close()
        nothing_left()


def pieces(session):
    """PDUs that can be cut: name, bytes, and how many of them are sent."""
    write_pdu = Pdu(iscsi_raw.COMMAND, bytes(8192), edtl=8192,
                    flags=FINAL | iscsi_raw.WRITE, itt=session.tag(),
                    cdb=bytes.fromhex('2a000000000000001000'))
    ping = Pdu(iscsi_raw.NOP_OUT | iscsi_raw.IMMEDIATE, bytes(4096),
               flags=FINAL, itt=session.tag(), ttt=NO_TAG)
    for pdu, length in ((write_pdu, 20), (write_pdu, 48 + 5000), (ping, 1000)):
        yield session.encode(session.number(pdu))[:length]


@case('peers that vanish within a PDU leave nothing behind')
def vanish():
    with network() as cable:
        device = fileio()
        target = one_disk(device, **{**IMPATIENT, 'NopInInterval': 5})
        client = Namespace()
        other = Cable(cable.far, client, 1)
        with cable.far:
            iscsi_lib.portal(other.address())
        there = []
        for i in range(3):
            with client:
                session = raw(target, other, isid=i)
            session.command(READY)
            session.send_bytes(list(pieces(session))[i])
            there.append(session)
        with client:
            there.append(Connection((other.ip, 3260)))
        there[-1].send_bytes(bytes(30))
        # No FIN and no RST comes through.
        other.remove()
        for session in there:
            session.close()
        client.forget()
        nothing_left()
        unused(device, target)
        os.rmdir('%s/portals/%s' % (DRIVER, other.address()))


def close_one():
    """A session that has been asked to go; none if it goes by itself."""
    for where in sessions(INITIATOR):
        with contextlib.suppress(OSError):
            write(where + '/close', 1)
            return where
    return None


@case('close in sysfs under load, over a bad link')
def closed():
    with network() as cable:
        target = one_disk()
        session = login(target, cable, **PATIENT)
        disk = session.disk()
        cable.netem(*LOSSY)
        load = Verify(disk, '--bs=16k')
        for _ in range(3):
            load.goes_on(256)
            where = wait_for(close_one, 'a session', LONG_WAIT)
            wait_for(lambda: not os.path.exists(where), 'the end of ' + where,
                     LONG_WAIT)
            wait_for(lambda: sessions(INITIATOR), 'the next one', LONG_WAIT)
        cable.netem()
        load.end()
        session.logout()
        nothing_left()


# Namespaces and addresses


@case('a namespace goes when its last session has gone')
def namespace():
    with network() as cable:
        target = one_disk()
        session = target.login(cable.address())
        disk = session.disk()
        where = '%s/portals/%s' % (DRIVER, cable.address())
        # Nothing but the portal and its connections uses the namespace now.
        cable.far.forget()
        fio_verify(disk, '--bs=64k', size='4M')
        os.rmdir(where)
        fio_verify(disk, '--bs=64k', size='4M')
        check(cable.there(), 'the namespace has gone too early')
        session.logout()
        nothing_left()
        wait_for(lambda: not cable.there(), 'the end of the namespace',
                 LONG_WAIT)


@case('link-local addresses, which need an interface')
def link_local():
    with network() as cable:
        for end, name, ip in zip((cable.near, cable.far), cable.names,
                                 ('fe80::77', 'fe80::78')):
            with end:
                run('ip', 'address', 'add', ip + '/64', 'dev', name, 'nodad')
        with cable.far:
            iscsi_lib.portal('[fe80::78%far0]:3260')
        target = one_disk()
        session = target.raw(host='fe80::78%near0')
        session.command(READY)
        equal(session.command(READY).status, 0, 'status')
        equal(session.logout(), 0, 'response to the logout')
        session = target.login('[fe80::78%near0]:3260')
        fio_verify(session.disk(), '--bs=64k', size='4M')
        session.logout()
        nothing_left()


# Those who are silent, and those who are many


@case('whoever does not answer a ping, or does not end its login, must go')
def silent():
    with network() as cable:
        target = one_disk(nullio(), **IMPATIENT)
        with Connection((cable.ip, 3260)) as mute, \
                Connection((cable.ip, 3260)) as stammering, \
                Session((cable.ip, 3260)) as halfway:
            stammering.send_bytes(bytes(iscsi_raw.LOGIN) + bytes(20))
            halfway.login_step(
                iscsi_raw.SECURITY, iscsi_raw.OPERATIONAL,
                {'InitiatorName': iscsi_raw.INITIATOR, 'AuthMethod': 'None',
                 'TargetName': target.name, 'SessionType': 'Normal'}, False)
            session = raw(target, cable)
            session.command(READY)
            check(session.closed(), 'the session stays')
            nothing_left()
            for waiting in (mute, stammering, halfway):
                check(waiting.closed(), 'the login stays')
        session.close()


@case('connections that are reset at once, and amid their commands')
def reset_at_once():
    with network() as cable:
        device = fileio()
        target = one_disk(device)
        for i in range(100):
            with socket.create_connection((cable.ip, 3260), 20 * SLOW) as sock:
                reset_on_close(sock)
            if i % 5:
                continue
            session = raw(target, cable, isid=i)
            reset_on_close(session.sock)
            for _ in range(16):
                session.submit('28000000000000000800', read=4096)
            session.close()
        nothing_left()
        unused(device, target)


def reset_on_close(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack('ii', 1, 0))


class Patient(threading.Thread):
    """A login that may have to wait long."""

    def __init__(self, target, cable):
        super().__init__()
        self.target, self.cable = target, cable
        self.result = None

    def run(self):
        try:
            self.result = raw(self.target, self.cable, timeout=LONG_WAIT)
        except (Closed, OSError) as error:
            self.result = error


def reinstating():
    return [s for s in sessions() if attribute(s, 'reinstating') == '1']


@case('a login waits for its stuck session; a storm of others stops nobody')
def storm():
    with network() as cable, Stall() as store:
        target = one_disk(blockio(store.path))
        target.add(1, nullio())
        others = Target('t1')
        others.add(0, fileio())
        stuck = raw(target, cable)
        stuck.command(READY)
        store.suspend()
        stuck.submit(READ_1M, read=MEG)
        equal(stuck.nop(b'there'), b'there', 'answer to a ping')
        waiting = Patient(target, cable)
        waiting.start()
        wait_for(reinstating, 'the login to wait')
        check(stuck.closed(), 'the older connection stays')
        with contextlib.ExitStack() as sockets:
            for _ in range(300):
                sockets.enter_context(socket.create_connection(
                    (cable.ip, 3260), 20 * SLOW))
            # The oldest logins have to go, and this one is the oldest; but so
            # do those that take too long, which others take the places of.
            for _ in range(600):
                waiting.join(0.02)
                if not waiting.is_alive():
                    break
                sockets.enter_context(socket.create_connection(
                    (cable.ip, 3260), 20 * SLOW))
            waiting.join(LONG_WAIT * SLOW)
            check(isinstance(waiting.result, Closed), repr(waiting.result))
            other = raw(target, cable, isid=2)
            other.command(READY, lun=1)
            equal(other.command(READY, lun=1).status, 0, 'status')
            session = others.login(cable.address())
            session.disk()
        again = Patient(target, cable)
        again.start()
        wait_for(reinstating, 'the login to wait')
        equal(again.result, None, 'the login that waits')
        store.resume()
        again.join(LONG_WAIT * SLOW)
        check(isinstance(again.result, Session), repr(again.result))
        again.result.command(READY)
        equal(again.result.command(READY).status, 0, 'status')
        again.result.close()
        other.close()
        stuck.close()
        session.logout()
        nothing_left()


if __name__ == '__main__':
    main()
