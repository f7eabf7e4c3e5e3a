# SPDX-License-Identifier: GPL-2.0
"""What the tests of the iSCSI fabric share: targets, portals, accounts, and
open-iscsi as the initiator.

iscsid and iscsiadm run in a mount namespace of their own, where what they
write (/etc/iscsi, /var/lib/iscsi, /run) is a tmpfs: the machine's own
configuration is neither read nor changed.
"""
import atexit
import contextlib
import ctypes
import glob
import os
import re
import signal
import subprocess

import iscsi_raw
import lib
from lib import (ROOT, SLOW, check, equal, probed, read, run, wait_for, write)

DRIVER = ROOT + '/targets/iscsi'
IQN = 'iqn.2026-11.org.example:'
INITIATOR = 'iqn.2026-11.org.example:open-iscsi'
PORTAL = '127.0.0.1:3260'
SESSIONS = '/sys/class/scst_session'

PR_SET_PDEATHSIG = 1
CLONE_NEWNS = 0x20000
MS_REC, MS_PRIVATE = 1 << 14, 1 << 18

# iscsid takes what is not here from its own defaults. A target that was taken
# away must not hold a disk's commands for two minutes; but one that is slow, or
# stands still for a while as the whole machine does, has not been taken away.
CONFIG = '''\
node.startup = manual
node.session.timeo.replacement_timeout = 5
node.conn[0].timeo.login_timeout = 30
node.conn[0].timeo.logout_timeout = 30
node.conn[0].timeo.noop_out_interval = 5
node.conn[0].timeo.noop_out_timeout = 30
node.session.initial_login_retry_max = 1
node.session.scan = auto
'''


def main():
    run('modprobe', 'scst_iscsi')
    lib.cleanups.append(_cleanup)
    atexit.register(_unload)
    lib.main()


def _unload():
    """Other tests unload the core, which this module would hold."""
    if os.path.exists('/sys/module/scst_iscsi/initstate'):
        wait_for(lambda: subprocess.run(
            ['rmmod', 'scst_iscsi'], check=False,
            stderr=subprocess.DEVNULL).returncode == 0, 'rmmod scst_iscsi')


def _cleanup():
    """Ends whatever a case has left behind."""
    logout_all()
    if not os.path.isdir(DRIVER):
        return
    write(DRIVER + '/enabled', 0)
    for portal in glob.glob(DRIVER + '/portals/*'):
        os.rmdir(portal)
    for account in glob.glob(DRIVER + '/auth/*/*'):
        os.rmdir(account)
    for target in glob.glob(DRIVER + '/*/luns'):
        write(os.path.dirname(target) + '/enabled', 0)
    wait_for(lambda: not any((attribute(s, 'target') or '').startswith('iscsi/')
                             for s in sessions()), 'the end of all sessions')


def expect_errors():
    """A disk that goes away while it is used, an initiator that complains."""
    write('/dev/kmsg', 'scst-test: expect .*(I/O error|sd |sd[a-z]|JBD2|'
                       'EXT4-fs|connection[0-9]+:0|iscsi: |session recovery).*')


def sessions(initiator=None, target=None):
    """Those that the target knows of."""
    return [s for s in glob.glob(SESSIONS + '/*')
            if (initiator is None or
                attribute(s, 'initiator_name') == initiator) and
            (target is None or
             attribute(s, 'target') == 'iscsi/' + target.name)]


def attribute(where, name):
    """Of something that may go at any time."""
    try:
        return read('%s/%s' % (where, name))
    except OSError:
        return None


def portal(address=PORTAL):
    os.mkdir('%s/portals/%s' % (DRIVER, address))
    return address


def serve(*addresses):
    """Portals, and the driver enabled: from now on initiators can come."""
    for address in addresses or (PORTAL,):
        portal(address)
    write(DRIVER + '/enabled', 1)


def account(where, direction, name, secret):
    """where: a target's path, or DRIVER for discovery."""
    path = '%s/auth/%s/%s' % (where, direction, name)
    os.mkdir(path)
    write(path + '/password', secret)
    return path


class Target(lib.Target):
    """targets/iscsi/<iqn>/"""

    def __init__(self, name='t0', enable=True, **params):
        self.name = IQN + name
        self.path = '%s/%s' % (DRIVER, self.name)
        os.mkdir(self.path)
        for key, value in params.items():
            self.param(key, value)
        if enable:
            self.enable()

    def enable(self, on=1):
        self.set('enabled', on)

    def set(self, name, value):
        write('%s/%s' % (self.path, name), value)

    def param(self, key, value):
        self.set('params/' + key, value)

    def incoming(self, name, secret):
        return account(self.path, 'incoming', name, secret)

    def outgoing(self, name, secret):
        return account(self.path, 'outgoing', name, secret)

    def allow_portal(self, pattern):
        os.mkdir('%s/allowed_portals/%s' % (self.path, pattern))

    def login(self, address=PORTAL, **settings):
        return login(self.name, address, **settings)

    def raw(self, host='127.0.0.1', port=3260, isid=1, timeout=60, **more):
        """A session of iscsi_raw, logged in. ISIDs of the "random" kind."""
        session = iscsi_raw.Session((host, port), timeout * SLOW,
                                    isid=isid_of(isid))
        try:
            return session.login(self.name, **more)
        except BaseException:
            session.close()
            raise

    def refused(self, **more):
        """The status of a login that must not succeed, and its keys."""
        try:
            self.raw(**more).close()
        except iscsi_raw.Refused as refusal:
            return refusal.status, refusal.keys
        raise AssertionError('the login was not refused')


def early_write(session, attr=iscsi_raw.SIMPLE):
    """WRITE(10) of eight blocks that has its place, and waits for its data: the
    task and its R2T. The session has InitialR2T=Yes and no immediate data."""
    task = session.submit('2a000000000000000800', out=bytes(4096),
                          immediate=False, attr=attr)
    while True:
        pdu = session.take()
        if pdu.opcode == iscsi_raw.R2T:
            return task, pdu
        session.dispatch(pdu)


def waits(session, task):
    """Nothing is heard of it."""
    equal(session.nop(b'there'), b'there', 'answer to a ping')
    equal(task.status, None, 'status')


def isid_of(number):
    return b'\x80' + number.to_bytes(5, 'big')


def discover(host='127.0.0.1', port=3260, initiator=iscsi_raw.INITIATOR,
             what='All', **more):
    """{target: [addresses]} of a raw discovery session."""
    with iscsi_raw.Session((host, port)) as session:
        session.login(initiator=initiator, **more)
        found, name = {}, None
        for key, value in session.text({'SendTargets': what}):
            if key == 'TargetName':
                name = value
                found[name] = []
            else:
                found[name].append(value)
        equal(session.logout(), 0, 'response to the logout')
        return found


# open-iscsi

LIBC = ctypes.CDLL(None, use_errno=True)


class _Daemon:
    """iscsid, from the first use to the end of the script. It sends signals to
    its process group, hence one of its own; if the script is killed it has to
    go as well."""

    process = None

    def start(self):
        if self.process:
            return
        _private_mounts()
        os.makedirs('/run/lock/iscsi', exist_ok=True)
        with open('/etc/iscsi/iscsid.conf', 'w', encoding='utf-8') as file:
            file.write(CONFIG)
        with open('/etc/iscsi/initiatorname.iscsi', 'w',
                  encoding='utf-8') as file:
            file.write('InitiatorName=%s\n' % INITIATOR)
        with open('/run/iscsid.log', 'wb') as log:
            self.process = subprocess.Popen(
                ['iscsid', '-f'], stdout=log, stderr=log,
                start_new_session=True, preexec_fn=lambda: LIBC.prctl(
                    PR_SET_PDEATHSIG, signal.SIGKILL))
        atexit.register(self.stop)
        wait_for(self.answers, 'iscsid')

    def answers(self):
        check(self.process.poll() is None, 'iscsid has ended:\n' +
              read('/run/iscsid.log'))
        # The flag: it listens. It has a name a bit earlier.
        return re.search(r' 00010000 .*@ISCSIADM_ABSTRACT_NAMESPACE',
                         read('/proc/net/unix'))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10 * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


_daemon = _Daemon()


def _private_mounts():
    """A mount namespace whose /etc/iscsi, /var/lib/iscsi and /run are ours."""
    if LIBC.unshare(CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), 'unshare')
    if LIBC.mount(None, b'/', None, MS_REC | MS_PRIVATE, None):
        raise OSError(ctypes.get_errno(), 'mount --make-rprivate /')
    for where in ('/etc/iscsi', '/var/lib/iscsi', '/run'):
        if os.path.isdir(where):
            run('mount', '-t', 'tmpfs', 'none', where)


def iscsiadm(*options, **more):
    _daemon.start()
    return run('iscsiadm', *options, **more)


class Login:
    """Sessions of open-iscsi with one target at one portal."""

    def __init__(self, name, address):
        self.name = name
        self.address = address
        self.node = ('-m', 'node', '-T', name, '-p', address)

    def make(self, settings):
        iscsiadm(*self.node, '-o', 'new')
        for key, value in settings.items():
            iscsiadm(*self.node, '-o', 'update', '-n', key, '-v', str(value))
        iscsiadm(*self.node, '--login')

    def sysfs(self):
        """/sys/class/iscsi_session/ entries of this target."""
        found = [s for s in sorted(glob.glob('/sys/class/iscsi_session/*'))
                 if attribute(s, 'targetname') == self.name]
        check(found, 'no session with ' + self.name)
        return found

    def session_value(self, name):
        return read('%s/%s' % (self.sysfs()[0], name))

    def connection_value(self, name):
        found = glob.glob(self.sysfs()[0] + '/device/connection*/'
                          'iscsi_connection/*/' + name)
        equal(len(found), 1, 'number of connections')
        return read(found[0])

    def _node(self, lun, kind):
        # Linux counts the bits of the flat space address method in.
        number = lun if lun < 256 else 0x4000 + lun
        pattern = '%s/device/target*/*:0:0:%d/%s/*' % (
            self.sysfs()[0], number, kind)

        def node():
            names = glob.glob(pattern)
            path = names and '/dev/' + os.path.basename(names[0])
            return path if path and os.path.exists(path) else None

        return wait_for(node, '%s of LUN %d' % (kind, lun))

    def disk(self, lun=0):
        """The block device, when sd has looked at it."""
        node = self._node(lun, 'block')
        wait_for(lambda: probed(node), node)
        return node

    def sg(self, lun=0):
        return self._node(lun, 'scsi_generic')

    def rescan(self):
        iscsiadm(*self.node, '--rescan')

    def logout(self):
        iscsiadm(*self.node, '--logout')
        iscsiadm(*self.node, '-o', 'delete')
        wait_for(lambda: self.name not in initiator_sessions(),
                 'the end of the session with ' + self.name)


def initiator_sessions():
    """Names of the targets that open-iscsi is logged in to."""
    names = [attribute(s, 'targetname')
             for s in glob.glob('/sys/class/iscsi_session/*')]
    return [name for name in names if name]


# What has been set explicitly, by the names of iscsiadm
NODE_SETTINGS = {
    'InitialR2T': 'node.session.iscsi.InitialR2T',
    'ImmediateData': 'node.session.iscsi.ImmediateData',
    'FirstBurstLength': 'node.session.iscsi.FirstBurstLength',
    'MaxBurstLength': 'node.session.iscsi.MaxBurstLength',
    'MaxOutstandingR2T': 'node.session.iscsi.MaxOutstandingR2T',
    'MaxRecvDataSegmentLength': 'node.conn[0].iscsi.MaxRecvDataSegmentLength',
    'HeaderDigest': 'node.conn[0].iscsi.HeaderDigest',
    'DataDigest': 'node.conn[0].iscsi.DataDigest',
    'nr_sessions': 'node.session.nr_sessions',
    'queue_depth': 'node.session.queue_depth',
    'replacement_timeout': 'node.session.timeo.replacement_timeout',
    'auth': 'node.session.auth.authmethod',
    'algorithms': 'node.session.auth.chap_algs',
    'username': 'node.session.auth.username',
    'password': 'node.session.auth.password',
    'username_in': 'node.session.auth.username_in',
    'password_in': 'node.session.auth.password_in',
}


def login(name, address=PORTAL, **settings):
    """open-iscsi logs in. Settings by their keys in NODE_SETTINGS."""
    this = Login(name, address)
    this.make({NODE_SETTINGS[key]: value for key, value in settings.items()})
    return this


def login_fails(name, address=PORTAL, **settings):
    """What iscsiadm says of a login that must fail."""
    try:
        login(name, address, **settings)
    except AssertionError as error:
        found = re.search(r'status (\d+)', str(error))
        check(found and '--login' in str(error), str(error))
        return str(error)
    raise AssertionError('the login did not fail')


def logout_all():
    """Whatever open-iscsi has: sessions and records."""
    if not _daemon.process:
        return
    iscsiadm('-m', 'node', '-u', status=None)
    iscsiadm('-m', 'node', '-o', 'delete', status=None)
    iscsiadm('-m', 'discoverydb', '-o', 'delete', status=None)
    wait_for(lambda: not initiator_sessions(), 'the end of open-iscsi')


def iscsiadm_discover(address=PORTAL, status=0, **settings):
    """Output of a discovery; settings as discovery.sendtargets.* names."""
    record = ('-m', 'discoverydb', '-t', 'sendtargets', '-p', address)
    iscsiadm(*record, '-o', 'new')
    for key, value in settings.items():
        iscsiadm(*record, '-o', 'update', '-v', value,
                 '-n', 'discovery.sendtargets.auth.' + key)
    return iscsiadm(*record, '--discover', status=status)


def url(target, lun=0, address=PORTAL, user=''):
    """As libiscsi's tools have it; user: "name%secret"."""
    return 'iscsi://%s%s/%s/%d' % (user and user + '@', address, target.name,
                                   lun)


@contextlib.contextmanager
def refused(status):
    """A raw login inside must be refused with this status, class and detail."""
    try:
        yield
    except iscsi_raw.Refused as refusal:
        check(refusal.status == status, 'refused with %#06x, not %#06x' %
              (refusal.status, status))
    else:
        raise AssertionError('not refused; %#06x was expected' % status)
