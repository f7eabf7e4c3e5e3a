# SPDX-License-Identifier: GPL-2.0
"""What the end-to-end tests share: TAP, SCST's configfs tree, disks."""
import contextlib
import errno
import glob
import os
import signal
import subprocess
import sys
import time
import traceback

ROOT = '/sys/kernel/config/scst'
SLOW = int(os.environ.get('SCST_TEST_SLOW', '1'))
LONG = os.environ.get('SCST_TEST_LONG') == '1'
SCRATCH = '/tmp/scst-test.%d' % os.getpid()

_cases = []
# Called after each case, before all that is configured is removed
cleanups = []


class Skip(Exception):
    """This kernel cannot do it."""


def case(description):
    """Decorator: a function is a test case."""
    def register(function):
        _cases.append((description, function))
        return function
    return register


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def equal(got, want, what='value'):
    check(got == want, '%s is %r, not %r' % (what, got, want))


def note(text):
    for line in str(text).splitlines():
        print('#', line)


def _run_case(number, description, function):
    verdict = 'ok'
    try:
        function()
    except Skip as why:
        description += ' # SKIP %s' % why
    except Exception:  # a failed check, or whatever else went wrong
        verdict = 'not ok'
        note(traceback.format_exc())
    try:
        dismantle()
    except Exception:
        verdict = 'not ok'
        note(traceback.format_exc())
    print(verdict, number, '-', description, flush=True)
    return verdict == 'ok'


def main():
    print('TAP version 13')
    print('1..%d' % len(_cases), flush=True)
    load_modules()
    os.makedirs(SCRATCH, exist_ok=True)
    good = [_run_case(i, *c) for i, c in enumerate(_cases, 1)]
    subprocess.run(['rm', '-rf', SCRATCH], check=False)
    sys.exit(0 if all(good) else 1)


def load_modules():
    for module in ('scst_vdisk', 'scst_local'):
        subprocess.run(['modprobe', module], check=False)


def run(*command, status=0, seconds=50, **more):
    """Run a program, check its exit status, give back what it printed."""
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True,
                          timeout=seconds * SLOW, check=False, **more)
    if status is not None and done.returncode != status:
        raise AssertionError('%s: status %d\n%s' %
                             (' '.join(command), done.returncode, done.stdout))
    return done.stdout


def wait_for(condition, what, seconds=60):
    """Poll until condition() gives something true, and give that back."""
    deadline = time.monotonic() + seconds * SLOW
    while True:
        result = condition()
        if result:
            return result
        check(time.monotonic() < deadline, 'waited in vain for ' + what)
        time.sleep(0.01)


def in_process(function, *arguments):
    """A child, which says what went wrong by its exit status and on stderr."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        function(*arguments)
        status = 0
    except BaseException as error:  # the parent's cases are not ours
        print('# child:', repr(error), file=sys.stderr, flush=True)
    finally:
        os._exit(status)
    return None


def ended(children):
    """All of them, well."""
    states = [os.waitpid(child, 0)[1] for child in children]
    check(not any(states), 'children have failed: %r' % states)


def write(path, value):
    with open(path, 'w') as f:
        f.write(str(value))


def read(path):
    with open(path) as f:
        return f.read().rstrip('\n')


@contextlib.contextmanager
def fails(name):
    """What happens inside must fail with this errno."""
    try:
        yield
    except OSError as error:
        equal(errno.errorcode.get(error.errno), name, 'errno')
    else:
        raise AssertionError('no error where %s was expected' % name)


def tree():
    """All directories, links and files there are, to compare."""
    return sorted(os.path.join(d, n) for d, ds, fs in os.walk(ROOT)
                  for n in ds + fs)


def file_of(size, name='file'):
    path = os.path.join(SCRATCH, name)
    with open(path, 'wb') as f:
        f.truncate(size)
    return path


@contextlib.contextmanager
def loop_device(size=32 << 20):
    """A block device, gone when nothing uses it any more."""
    # The file system below may not know how to zero a range; then the block
    # layer writes zeros.
    write('/dev/kmsg',
          'scst-test: expect operation not supported error, dev loop')
    store = run('losetup', '-f', '--show', file_of(size, 'loop')).strip()
    try:
        yield store
    finally:
        dismantle()
        run('losetup', '-d', store)


class Stall:
    """A block device that can be made to hold all I/O, by device-mapper. Its
    users are dismantled when the `with` ends."""

    name = 'scst-stall'
    path = '/dev/mapper/' + name

    def __init__(self, size=32 << 20):
        self.size = size

    def __enter__(self):
        self.loop = run('losetup', '-f', '--show',
                        file_of(self.size, 'stall')).strip()
        run('dmsetup', 'create', '--noudevsync', self.name, '--table',
            '0 %d linear %s 0' % (self.size >> 9, self.loop))
        run('dmsetup', 'mknodes')
        return self

    def suspend(self):
        run('dmsetup', 'suspend', '--noudevsync', '--noflush', '--nolockfs',
            self.name)

    def resume(self, status=0):
        run('dmsetup', 'resume', '--noudevsync', self.name, status=status)

    def __exit__(self, *_):
        self.resume(status=None)
        dismantle()
        run('dmsetup', 'remove', '--noudevsync', '--retry', self.name)
        run('losetup', '-d', self.loop)


class Trace:
    """Trace events while a `with` lasts."""
    where = '/sys/kernel/tracing/'

    def __init__(self, event):
        self.event = '%sevents/%s/enable' % (self.where, event)

    def __enter__(self):
        if not os.path.exists(self.event):
            run('mount', '-t', 'tracefs', 'none', self.where)
        write(self.where + 'trace', '')
        write(self.event, '1')
        return self

    def __exit__(self, *_):
        write(self.event, '0')

    def lines(self):
        return read(self.where + 'trace').splitlines()


def disable_idle(path):
    """What was removed may still be ending: EBUSY until it has."""
    def done():
        try:
            write(path + '/enabled', 0)
            return True
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            return False

    wait_for(done, 'the end of what was inside ' + path)


def probed(node):
    """Has sd looked at its disk, partitions and all, for the last time?"""
    block = '/sys/class/block/' + os.path.basename(node)
    try:
        # Waits for the look at the partitions.
        with open(node, 'rb', buffering=0):
            if not int(read(block + '/size')):
                return False
        scsi_id = os.path.basename(os.path.realpath(block + '/device'))
    except OSError:
        return False
    try:
        # Who opens it early makes sd look once more: its probe has the lock
        # of the device, for which this waits, to be told that it is bound.
        write('/sys/bus/scsi/drivers/sd/bind', scsi_id)
    except OSError as error:
        return error.errno == errno.EBUSY
    return False


class Device:
    """handlers/<handler>/<name>/"""

    def __init__(self, handler, name, enable=True, **attrs):
        self.name = name
        self.path = '%s/handlers/%s/%s' % (ROOT, handler, name)
        os.mkdir(self.path)
        for attr, value in attrs.items():
            self.set(attr, value)
        if enable:
            self.set('enabled', 1)

    def set(self, attr, value):
        write(os.path.join(self.path, attr), value)

    def get(self, attr):
        return read(os.path.join(self.path, attr))

    def remove(self):
        os.rmdir(self.path)

    def disable(self):
        """Commands of a LUN that is gone may still be ending."""
        disable_idle(self.path)


def set_active(device, active):
    """And wait for it: EBUSY until the change has ended in all respects."""
    def done():
        before = device.get('active')
        try:
            device.set('active', active)
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            return False
        return before == str(active)

    wait_for(done, 'active %d' % active)


def fileio(name='f0', size=32 << 20, **attrs):
    return Device('vdisk_fileio', name, filename=file_of(size, name), **attrs)


def nullio(name='n0', **attrs):
    return Device('vdisk_nullio', name, **attrs)


def blockio(store, name='b0', **attrs):
    return Device('vdisk_blockio', name, filename=store, **attrs)


class Group:
    """Something with luns/: a target or an initiator group."""

    path = None

    def add(self, lun, device, link=None):
        where = '%s/luns/%d' % (self.path, lun)
        if not os.path.isdir(where):
            os.mkdir(where)
        os.symlink(device.path, os.path.join(where, link or device.name))

    def delete(self, lun, device):
        where = '%s/luns/%d' % (self.path, lun)
        os.unlink(os.path.join(where, device.name))
        os.rmdir(where)


class Target(Group):
    """targets/scst_local/<name>/"""

    def __init__(self, name='t0', enable=True):
        self.name = name
        self.path = '%s/targets/scst_local/%s' % (ROOT, name)
        os.mkdir(self.path)
        if enable:
            write(self.path + '/enabled', 1)

    def group(self, name, *patterns):
        group = Group()
        group.path = '%s/ini_groups/%s' % (self.path, name)
        os.mkdir(group.path)
        for pattern in patterns:
            os.mkdir('%s/initiators/%s' % (group.path, pattern))
        return group

    def login(self, name='s0'):
        return Session(self, name)


class Session:
    """targets/scst_local/<target>/sessions/<name>/: a SCSI host"""

    def __init__(self, target, name):
        self.path = '%s/sessions/%s' % (target.path, name)
        os.mkdir(self.path)
        self.find_host()

    @classmethod
    def made(cls, path):
        """One that is there already"""
        session = cls.__new__(cls)
        session.path = path
        session.find_host()
        return session

    def find_host(self):
        """It is another one when somebody else has made the session again."""
        self.host = int(read(self.path + '/host')[len('host'):])

    def scsi_id(self, lun):
        # Linux counts the bits of the flat space address method in.
        return '%d:0:0:%d' % (self.host, lun if lun < 256 else 0x4000 + lun)

    def sysfs(self, lun):
        return '/sys/bus/scsi/devices/' + self.scsi_id(lun)

    def rescan(self):
        write('/sys/class/scsi_host/host%d/scan' % self.host, '- - -')

    def node(self, lun, kind):
        path = '%s/%s/*' % (self.sysfs(lun), kind)

        def node():
            names = glob.glob(path)
            return names and '/dev/' + os.path.basename(names[0])

        return wait_for(lambda: node() if node() and os.path.exists(node())
                        else None, '%s of %s' % (kind, self.scsi_id(lun)))

    def disk(self, lun=0):
        """The block device. sd then has sent what it sends in its probe."""
        node = self.node(lun, 'block')
        wait_for(lambda: probed(node), node)
        self.scanned(lun)
        return node

    def scanned(self, lun):
        """Whoever found the disk asks for more, while sd already looks at it.
        What is there is not asked again, but waits for who is scanning."""
        number = self.scsi_id(lun).split(':')[-1]
        write('/sys/class/scsi_host/host%d/scan' % self.host, '0 0 ' + number)

    def sg(self, lun=0):
        self.disk(lun)
        return self.node(lun, 'scsi_generic')

    def gone(self):
        return not os.path.exists('/sys/class/scsi_host/host%d' % self.host)

    def logout(self):
        os.rmdir(self.path)
        wait_for(self.gone, 'the end of host%d' % self.host)


def _is_ours(host):
    try:
        return read(host + '/proc_name') == 'scst_local'
    except OSError:  # it went meanwhile
        return False


def hosts():
    return [h for h in glob.glob('/sys/class/scsi_host/host*') if _is_ours(h)]


def _dismantle_luns(path):
    for lun in glob.glob(path + '/luns/*'):
        for entry in os.listdir(lun):
            if os.path.islink(os.path.join(lun, entry)):
                os.unlink(os.path.join(lun, entry))
        os.rmdir(lun)


def _dismantle_target(path):
    # sessions of scst_local; the rest is iSCSI's
    for kind in ('sessions/*', 'allowed_portals/*', 'auth/*/*'):
        for entry in glob.glob('%s/%s' % (path, kind)):
            os.rmdir(entry)
    for group in glob.glob(path + '/ini_groups/*'):
        for account in glob.glob(group + '/auth/*/*'):
            os.rmdir(account)
        for initiator in os.listdir(group + '/initiators'):
            os.rmdir(os.path.join(group, 'initiators', initiator))
        _dismantle_luns(group)
        os.rmdir(group)
    _dismantle_luns(path)
    os.rmdir(path)


def _dismantle_device_group(path):
    for entry in (glob.glob(path + '/devices/*') +
                  glob.glob(path + '/target_groups/*/targets/*')):
        (os.unlink if os.path.islink(entry) else os.rmdir)(entry)
    for group in glob.glob(path + '/target_groups/*'):
        os.rmdir(group)
    os.rmdir(path)


def _disabled(enabled):
    try:
        write(enabled, 0)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        return False
    return True


def dismantle():
    """Remove all that is configured; nothing may stay behind."""
    for cleanup in cleanups:
        cleanup()
    for group in glob.glob(ROOT + '/device_groups/*'):
        _dismantle_device_group(group)
    for target in glob.glob(ROOT + '/targets/*/*/luns'):
        _dismantle_target(os.path.dirname(target))
    for enabled in glob.glob(ROOT + '/handlers/*/*/enabled'):
        device = os.path.dirname(enabled)
        # One that is removed in use closes its file in its own time.
        wait_for(lambda: _disabled(enabled), 'the end of commands of ' + device)
        os.rmdir(device)
    wait_for(lambda: not hosts(), 'the end of all hosts')


@contextlib.contextmanager
def own_images():
    """/var/lib/scst is empty, and what is made there goes with it: what the
    guides do is not done to the machine's own."""
    os.makedirs('/var/lib/scst', exist_ok=True)
    run('mount', '-t', 'tmpfs', 'none', '/var/lib/scst')
    try:
        yield
    finally:
        # Devices that the case has made are still there.
        run('umount', '-l', '/var/lib/scst')


def unmount(where):
    """Devices that were removed in use close their files in their own time."""
    wait_for(lambda: subprocess.run(
        ['umount', where], stderr=subprocess.DEVNULL, check=False
    ).returncode == 0, 'umount ' + where)


def fio(disk, *options, size='8M'):
    return run('fio', '--name=test', '--filename=' + disk, '--size=' + size,
               '--direct=1', '--minimal', '--output=/dev/null', *options)


def fio_verify(disk, *options, size='8M'):
    return fio(disk, '--rw=randwrite', '--ioengine=io_uring', '--iodepth=16',
               '--verify=crc32c', '--verify_fatal=1', *options, size=size)


def stacks(name):
    """Where the threads of all programs of this name wait in the kernel."""
    found = []
    for comm in glob.glob('/proc/[0-9]*/task/*/comm'):
        with contextlib.suppress(OSError):
            task = os.path.dirname(comm)
            if read(comm) == name:
                found.append(task + '\n' + read(task + '/stack'))
    return '\n'.join(found)


def waiting_in(*functions):
    """Threads that are in all these functions of the kernel just now"""
    found = 0
    for stack in glob.glob('/proc/[0-9]*/task/*/stack'):
        with contextlib.suppress(OSError):
            text = read(stack)
            found += all(function in text for function in functions)
    return found


class Load:
    """fio that runs until stop(), and must not see an error."""

    def __init__(self, disk, *options):
        self.stat = '/sys/class/block/%s/stat' % os.path.basename(disk)
        before = self.commands()
        self.fio = subprocess.Popen(
            ['fio', '--name=load', '--filename=' + disk, '--size=8M',
             '--direct=1', '--rw=randrw', '--bs=4k', '--ioengine=io_uring',
             '--iodepth=16', '--time_based', '--runtime=600',
             '--minimal', *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        wait_for(lambda: self.commands() > before + 100, 'load on ' + disk)

    def commands(self):
        fields = read(self.stat).split()
        return int(fields[0]) + int(fields[4])

    def _jobs(self):
        """Processes of it that still run."""
        for path in glob.glob('/proc/[0-9]*/stat'):
            with contextlib.suppress(OSError):
                state, parent = read(path).rpartition(')')[2].split()[:2]
                if int(parent) == self.fio.pid and state != 'Z':
                    return True
        return False

    def stop_failing(self):
        """Whether or not it has seen errors. fio hangs if the signal comes
        while it prints why it ends; so it need not come to that."""
        self.fio.send_signal(signal.SIGINT)
        wait_for(lambda: not self._jobs(), 'the end of fio', 50)
        self.fio.kill()
        self.fio.communicate()

    def stop(self):
        self.fio.send_signal(signal.SIGINT)
        try:
            out = self.fio.communicate(timeout=50 * SLOW)[0]
        except subprocess.TimeoutExpired:
            raise AssertionError('fio does not end:\n' +
                                 stacks('fio')) from None
        # In fio's terse output the fifth field is the error.
        lines = [l.split(';') for l in out.splitlines() if l.startswith('3;')]
        check(lines, 'fio: status %d\n%s' % (self.fio.returncode, out))
        check(lines[-1][4] == '0', 'fio:\n' + out)
