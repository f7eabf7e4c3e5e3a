# SPDX-License-Identifier: GPL-2.0
"""A second machine in this kernel: this one's files with an overlay above them,
which dpkg installs into, and systemd as process 1 of a PID namespace.

The kernel is not booted again: what one life of the machine leaves in configfs
the next one finds, and so do the tests."""
import contextlib
import glob
import os
import shutil
import socket
import subprocess

from lib import Skip, check, note, run, wait_for, write

VENDOR = '/lib/systemd/system'
# Of what a Debian system starts, what matters here; all the rest is masked.
KEPT = {'sys-kernel-config.mount', 'systemd-journald.service',
        'systemd-tmpfiles-setup.service', 'systemd-udevd.service',
        'systemd-journald-dev-log.socket', 'systemd-journald.socket',
        'systemd-udevd-control.socket', 'systemd-udevd-kernel.socket'}
SYSTEMD = '/lib/systemd/systemd'
# Longer than anything takes on a machine that has much else to do. What hangs is
# ended by the time limit of the test.
PATIENCE = 240
# What systemd gives up by itself, it gives up never.
LIMITS = 'Default%sSec=infinity\n'


def package():
    """The path of the Debian package"""
    path = os.environ.get('SCST_PACKAGE')
    if not path:
        raise Skip('SCST_PACKAGE does not name the package')
    return path


def _wanted():
    return {os.path.basename(path) for path in
            glob.glob(VENDOR + '/*.wants/*')}


class Machine:
    """with Machine() as machine: machine.boot(); machine.run(...)"""

    def __init__(self):
        # Not where lib removes all that is there: devices are mounted below.
        self.path = '/run/scst-machine.%d' % os.getpid()
        self.root = os.path.join(self.path, 'root')
        self.init = None

    def _mount(self, kind, where, *options):
        where = os.path.join(self.root, where)
        os.makedirs(where, exist_ok=True)
        run('mount', '-t', kind, *options, 'none', where)

    def _bind(self, source, where):
        where = os.path.join(self.root, where)
        if not os.path.exists(where):
            write(where, '')
        run('mount', '--bind', source, where)
        # What is mounted below it is not to be seen at the source.
        run('mount', '--make-private', where)

    def __enter__(self):
        os.makedirs(self.path)
        run('mount', '-t', 'tmpfs', 'none', self.path)
        for name in ('upper', 'work', 'root', 'store'):
            os.mkdir(os.path.join(self.path, name))
        try:
            self._mount('overlay', '', '-o',
                        'lowerdir=/,upperdir={0}/upper,workdir={0}/work'.format(
                            self.path))
        except AssertionError as error:
            self._unmount()
            raise Skip('no overlayfs over the root: %s' % error) from None
        with contextlib.ExitStack() as undo:
            undo.callback(self._unmount)
            self._furnish()
            undo.pop_all()
        return self

    def _furnish(self):
        """As if it had just been installed, with nothing but Debian's base."""
        self._mount('proc', 'proc')
        self._mount('sysfs', 'sys')
        self._mount('configfs', 'sys/kernel/config')
        self._bind('/dev', 'dev')
        self._bind(os.path.join(self.path, 'store'), 'srv')
        # Nothing is to go to the log of the kernel, which is watched.
        for node in ('console', 'kmsg'):
            self._bind('/dev/null', 'dev/' + node)
        if os.path.ismount('/lib/modules'):
            self._bind('/lib/modules', 'usr/lib/modules')
        self._mount('tmpfs', 'tmp')
        for name in ('etc/systemd/system', 'etc/scst', 'var/lib/scst',
                     'etc/fstab', 'etc/udev/rules.d'):
            path = os.path.join(self.root, name)
            with contextlib.suppress(FileNotFoundError):
                (shutil.rmtree if os.path.isdir(path) else os.unlink)(path)
        os.makedirs(os.path.join(self.root, 'etc/systemd/system'))
        self.write('/etc/systemd/system.conf.d/patience.conf',
                   '[Manager]\n' + ''.join(LIMITS % name for name in (
                       'TimeoutStart', 'DeviceTimeout')))
        for name in ('journald', 'udevd'):
            self.write('/etc/systemd/system/systemd-%s.service.d/patience.conf'
                       % name, '[Service]\nWatchdogSec=0\n')
        # The name of this kernel is to stay.
        self.write('/etc/hostname', socket.gethostname() + '\n')
        for unit in _wanted() - KEPT:
            self.link(unit, '/dev/null')
        # as Debian's base has it
        self.link('multi-user.target.wants/remote-fs.target',
                  VENDOR + '/remote-fs.target')

    def link(self, name, to):
        """Below /etc/systemd/system"""
        path = self.file('etc/systemd/system/' + name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(to, path)

    def file(self, name):
        return os.path.join(self.root, name.lstrip('/'))

    def write(self, name, text, mode=0o644):
        path = self.file(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write(path, text)
        os.chmod(path, mode)

    def chroot(self, *command, **more):
        """Before it is booted"""
        return run('chroot', self.root, *command, seconds=PATIENCE, **more)

    def boot(self):
        """Until systemd has done what it was to do."""
        self.power_on()
        self.wait()

    def wait(self):
        """Asked again and again: whoever waits for a signal may miss it."""
        try:
            wait_for(self._is_up, 'the end of booting', PATIENCE)
        except AssertionError:
            note(self.run('systemctl', 'list-jobs', '--plain', status=None))
            raise

    def _is_up(self):
        return self.run('systemctl', 'is-system-running', status=None
                        ).strip() in ('running', 'degraded')

    def power_on(self):
        """Until systemd answers."""
        self._mount('tmpfs', 'run')
        shell = ('mount -t proc none "$0/proc" && '
                 'exec chroot "$0" %s --log-target=journal --show-status=0 '
                 '--unit=multi-user.target' % SYSTEMD)
        self.init = subprocess.Popen(
            ['unshare', '--pid', '--fork', '--mount', '--cgroup',
             '--kill-child', 'sh', '-c', shell, self.root],
            env={'PATH': os.environ['PATH'], 'container': 'scst-test'},
            stdin=subprocess.DEVNULL)
        self.pid = wait_for(lambda: subprocess.run(
            ['ps', '--ppid', str(self.init.pid), '-o', 'pid='], text=True,
            stdout=subprocess.PIPE, check=False).stdout.strip(), 'process 1',
            PATIENCE)
        wait_for(lambda: os.path.exists(self.file('run/systemd/private')) or
                 self.init.poll() is not None, 'systemd', PATIENCE)

    def _inside(self, command):
        return ('nsenter', '--target', self.pid, '--mount', '--pid', '--cgroup',
                '--root', '--wd', *command)

    def run(self, *command, **more):
        return run(*self._inside(command), seconds=PATIENCE, **more)

    def start(self, *command, **more):
        """A process that goes on"""
        return subprocess.Popen(self._inside(command), **more)

    def property(self, unit, name):
        return self.run('systemctl', 'show', '--value', '-p', name,
                        unit).strip()

    def power_off(self):
        if not self.init:
            return
        try:
            self.run('systemctl', '--no-block', 'poweroff')
            wait_for(lambda: self.init.poll() is not None, 'power off', PATIENCE)
        finally:
            self._unplug()

    def _unplug(self):
        """Ends all that runs in it, if there is anything left."""
        self.init.kill()
        self.init.wait()
        self.init = None
        run('umount', '--lazy', self.file('run'))

    def _unmount(self):
        wait_for(lambda: subprocess.run(
            ['umount', '--recursive', self.path], check=False,
            stderr=subprocess.DEVNULL).returncode == 0, 'umount', PATIENCE)
        os.rmdir(self.path)

    def __exit__(self, *_):
        if self.init:
            self._unplug()
        self._unmount()


def boots_here():
    """Neither on a machine that systemd runs, nor where it is not there."""
    if os.path.exists('/run/systemd/system'):
        raise Skip('systemd runs this machine')
    if not os.path.exists(SYSTEMD):
        raise Skip('no systemd')
    check(os.geteuid() == 0, 'not root')
