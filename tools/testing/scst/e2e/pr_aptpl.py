#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Reservations that survive a loss of power (APTPL), and their hand-over."""
import contextlib
import glob
import os
import threading

import sgio
from iscsi_raw import crc32c
from lib import (SCRATCH, SLOW, Device, Target, Trace, case, check, cleanups,
                 equal, fails, main, nullio, read, run, unmount, wait_for,
                 waiting_in, write)
from pr_lib import (PR_CLEAR, PR_PREEMPT, PR_PREEMPT_ABORT, PR_REGISTER,
                    PR_REGISTER_IGNORE, PR_RELEASE, PR_REPLACE, PR_RESERVE,
                    READ, RELEASE_10, RESERVE, TUR, WRITE, Nexus)

GOOD = (None, None, None)
HW_ERROR, NO_ROOM = (4, 0x44, 0), (5, 0x55, 4)
LOST = (4, 0x44, 1)
SLOT = 512 << 10
# What sd says of a disk that another one has reserved, or nobody knows who
SD_ERRORS = ('reservation conflict error|critical target error, dev sd|'
             'Buffer I/O error on dev sd|Asking for cache data failed')


def state_file(name='state'):
    return os.path.join(SCRATCH, name)


def no_files():
    """Each case begins without any."""
    run('rm', '-rf', SCRATCH, status=None)
    os.makedirs(SCRATCH, exist_ok=True)


def device_with(path, name='n0', enable=True, handler='vdisk_nullio'):
    return Device(handler, name, enable, **{'pr/aptpl_file': path})


class Site:
    """A device with some sessions, and what becomes of it."""

    def __init__(self, device, sessions=2):
        self.device = device
        self.sessions = sessions
        self.target = Target('t' + device.name)
        self.connect()

    def connect(self):
        write('/dev/kmsg', 'scst-test: expect ' + SD_ERRORS)
        self.target.add(0, self.device)
        self.nexuses = [Nexus(self.target, 's%d' % i)
                        for i in range(self.sessions)]

    def disconnect(self):
        for nexus in self.nexuses:
            nexus.session.logout()
        self.target.delete(0, self.device)
        self.device.disable()

    def again(self):
        """As after a loss of power: nothing is remembered but the file."""
        self.disconnect()
        self.device.set('enabled', 1)
        self.connect()
        return self.nexuses

    def reserve(self, aptpl=True, kind=1):
        """The first one holds it, the second one is registered."""
        for nexus, key in zip(self.nexuses, (0xa, 0xb)):
            self.good(nexus.raw_out(PR_REGISTER, new=key, aptpl=aptpl))
        self.good(self.nexuses[0].raw_out(PR_RESERVE, 0xa, kind=kind))

    @staticmethod
    def good(result):
        equal((result.status, result.triple), (0, GOOD), 'end')

    def state(self):
        return [self.device.get('pr/' + a)
                for a in ('type', 'holder', 'registrants')]


def site(path=None, sessions=2):
    return Site(device_with(path or state_file()), sessions)


@contextlib.contextmanager
def small_fs(options='size=4m'):
    """A file system of its own"""
    where = state_file('fs')
    os.makedirs(where, exist_ok=True)
    run('mount', '-t', 'tmpfs', '-o', options, 'none', where)
    try:
        yield where
    finally:
        run('umount', where)


@case('state survives disabling, with three sessions')
def survive():
    place = site(sessions=3)
    place.reserve(kind=5)
    able = place.nexuses[2].asks('--report-capabilities')
    check('(PTPL_C): 1' in able and '(PTPL_A): 1' in able, able)
    before = place.state()
    equal(place.device.get('pr/generation'), '2', 'generation')
    holder, registrant, other = place.again()
    equal(place.state(), before, 'state')
    # SPC-5 6.16.2
    equal(place.device.get('pr/generation'), '0', 'generation')
    holder.may(True, True)
    registrant.may(True, True)
    other.may(True, False)
    # and goes on
    place.good(registrant.raw_out(PR_PREEMPT, 0xb, 0xa, kind=3))
    holder, registrant, other = place.again()
    holder.may(False, False)
    registrant.may(True, True)
    able = other.asks('--report-capabilities')
    check('(PTPL_A): 1' in able, able)


@case('state is there before its initiators, and for a device made again')
def made_again():
    os.makedirs('/var/lib/scst/pr', exist_ok=True)
    default = '/var/lib/scst/pr/n0'
    place = Site(nullio())
    equal(place.device.get('pr/aptpl_file'), default, 'aptpl_file')
    place.reserve()
    before = place.state()
    place.disconnect()
    place.device.remove()
    check(os.path.exists(default), 'no file')
    equal(os.stat(default).st_mode & 0o777, 0o600, 'mode')
    check(not os.path.exists(default + '.scst-new~'), 'a file is left over')
    place.device = nullio()
    equal(place.state(), before, 'state')
    place.connect()
    place.nexuses[0].may(True, True)
    place.nexuses[1].may(True, False)
    os.unlink(default)


@case('without APTPL all is forgotten; the last APTPL counts')
def not_active():
    place = site()
    place.reserve(aptpl=False)
    place.again()
    equal(place.state(), ['0', '', ''], 'state')
    check(not os.path.exists(state_file()), 'a file')
    place.reserve()
    place.good(place.nexuses[1].raw_out(PR_REGISTER, 0xb, 0xbb))
    able = place.nexuses[1].asks('--report-capabilities')
    check('(PTPL_A): 0' in able, able)
    place.again()
    equal(place.state(), ['0', '', ''], 'state')


@case('each change is kept: 40 of them')
def changes():
    place = site(sessions=3)
    key = [0, 0, 0]
    for number in range(40):
        i = number % 3
        nexus = place.nexuses[i]
        place.good(nexus.raw_out(PR_REGISTER, key[i], number + 1, aptpl=True))
        key[i] = number + 1
        if number % 20 == 6:
            before = place.state()
            place.again()
            equal(place.state(), before, 'state after %d' % number)
    place.good(place.nexuses[0].raw_out(PR_CLEAR, key[0]))
    place.again()
    equal(place.state(), ['0', '', ''], 'state')


@case('three change it at once, while a fourth one reads')
def at_once():
    place = site(sessions=4)
    done, failures = threading.Event(), []

    def change(nexus, first):
        key = 0
        for new in range(first, first + 15):
            result = nexus.raw_out(PR_REGISTER, key, new, aptpl=True)
            if result.status:
                failures.append(result)
            key = new

    def look(nexus):
        while not done.is_set():
            nexus.may(True, True)

    threads = [threading.Thread(target=change, args=(nexus, 100 * i + 1))
               for i, nexus in enumerate(place.nexuses[:3])]
    reader = threading.Thread(target=look, args=(place.nexuses[3],))
    for thread in threads + [reader]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    equal(failures, [], 'failures')
    before = place.state()
    for key in 0x0f, 0x73, 0xd7:
        check(' 0x%016x ' % key in before[2], before[2])
    place.again()
    equal(place.state(), before, 'state')


def all_fail(place, sense, key=0xb):
    """Every service action that would change something; nothing is lost for
    REPLACE LOST RESERVATION."""
    before = place.state(), place.device.get('pr/generation')
    holder, registrant, other = place.nexuses
    for nexus, arguments in (
            (other, dict(action=PR_REGISTER, new=0xc, aptpl=True)),
            (other, dict(action=PR_REGISTER, new=0xc)),
            (holder, dict(action=PR_REGISTER, key=0xa)),
            (holder, dict(action=PR_RELEASE, key=0xa, kind=1)),
            (holder, dict(action=PR_CLEAR, key=0xa)),
            (other, dict(action=PR_REGISTER_IGNORE, new=0xc)),
            (registrant, dict(action=PR_REGISTER_IGNORE, new=0xd, aptpl=True)),
            (registrant, dict(action=PR_PREEMPT, key=key, new=0xa, kind=3)),
            (registrant, dict(action=PR_PREEMPT_ABORT, key=key, new=0xa,
                              kind=3))):
        equal(nexus.raw_out(**arguments).triple, sense, str(arguments))
    name = bytes.fromhex(read(other.session.path + '/transport_id'))
    port = int(read(os.path.dirname(os.path.dirname(other.session.path)) +
                    '/rel_tgt_id'))
    for unreg in False, True:
        equal(holder.raw_move(0xa, 0xc, port, name, unreg).triple, sense,
              'REGISTER AND MOVE')
    equal((place.state(), place.device.get('pr/generation')), before, 'state')
    # No unit attention of something that did not happen
    holder.may(True, True)
    registrant.may(True, False)


@case('no directory, or one that nothing can be written to')
def unwritable():
    with small_fs() as where:
        place = site(where + '/sub/n0', 3)
        end = place.nexuses[0].raw_out(PR_REGISTER, new=0xa, aptpl=True)
        equal(end.triple, HW_ERROR, 'sense')
        equal(place.state(), ['0', '', ''], 'state')
        # What need not be kept is no matter of the file.
        place.reserve(aptpl=False)
        place.good(place.nexuses[0].raw_out(PR_CLEAR, 0xa))
        os.mkdir(where + '/sub')
        for nexus in place.nexuses:
            nexus.command('000000000000')
        place.reserve()
        run('mount', '-o', 'remount,ro', where)
        all_fail(place, HW_ERROR)
        run('mount', '-o', 'remount,rw', where)
        before = place.state()
        place.again()
        equal(place.state(), before, 'state')
        place.disconnect()


@case('a full disk')
def full():
    with small_fs('size=256k') as where:
        place = site(where + '/n0', 3)
        run('dd', 'if=/dev/zero', 'of=%s/fill' % where, 'bs=4k', status=1)
        end = place.nexuses[0].raw_out(PR_REGISTER, new=0xa, aptpl=True)
        equal(end.triple, NO_ROOM, 'sense')
        equal(place.state(), ['0', '', ''], 'state')
        os.unlink(where + '/fill')
        place.reserve()
        run('dd', 'if=/dev/zero', 'of=%s/fill' % where, 'bs=4k', status=1)
        before = place.state()
        # More than a page of them
        ids = [bytes((6, 0, 0, 0, 0x50, 0, 0, 0, 0, 0, 1, i)) + bytes(12)
               for i in range(200)]
        for _ in range(3):
            end = place.nexuses[2].raw_out(PR_REGISTER, new=0xc, aptpl=True,
                                           ids=ids)
            equal(end.triple, NO_ROOM, 'sense')
            equal(place.state(), before, 'state')
        place.again()
        equal(place.state(), before, 'state')
        os.unlink(where + '/fill')
        place.good(place.nexuses[2].raw_out(PR_REGISTER, new=0xc, aptpl=True,
                                            ids=ids))
        before = place.state()
        other = place.again()[2]
        equal(place.state(), before, 'state')
        keys = other.asks('--read-keys')
        check('203 registered' in keys, keys)
        place.disconnect()


class FailingDisk:
    """A file system whose disk can be made to refuse writes"""
    name = 'scst-failing'
    size = 16 << 20

    def __enter__(self):
        self.store = state_file('failing')
        with open(self.store, 'wb') as f:
            f.truncate(self.size)
        run('mke2fs', '-q', '-F', '-t', 'ext4', '-O', '^has_journal',
            self.store)
        self.loop = run('losetup', '-f', '--show', self.store).strip()
        run('dmsetup', 'create', '--noudevsync', self.name, '--table',
            self.table())
        run('dmsetup', 'mknodes')
        self.path = state_file('fs')
        os.makedirs(self.path)
        self.mount()
        return self

    def table(self, failing=False):
        kind = 'flakey %s 0 0 3600 1 error_writes' if failing else 'linear %s 0'
        return '0 %d %s' % (self.size >> 9, kind % self.loop)

    def fail(self, failing):
        run('dmsetup', 'suspend', '--noudevsync', '--nolockfs', self.name)
        run('dmsetup', 'load', self.name, '--table', self.table(failing))
        run('dmsetup', 'resume', '--noudevsync', self.name)

    @contextlib.contextmanager
    def silent(self):
        """It answers nothing at all."""
        run('dmsetup', 'suspend', '--noudevsync', '--nolockfs', self.name)
        try:
            yield
        finally:
            run('dmsetup', 'resume', '--noudevsync', self.name)

    def mount(self):
        run('mount', '/dev/mapper/' + self.name, self.path)

    def __exit__(self, *_):
        unmount(self.path)
        run('dmsetup', 'remove', '--noudevsync', '--retry', self.name)
        run('losetup', '-d', self.loop)


@case('a disk that refuses writes: what was not acknowledged does not come')
def io_error():
    write('/dev/kmsg', 'scst-test: expect .*(I/O error|EXT4-fs|dm-|flakey).*')
    with FailingDisk() as disk:
        place = site(disk.path + '/n0', 3)
        place.reserve()
        before = place.state()
        disk.fail(True)
        all_fail(place, HW_ERROR)
        disk.fail(False)
        # By the cache of the file system,
        place.again()
        equal(place.state(), before, 'state')
        place.good(place.nexuses[1].raw_out(PR_REGISTER, 0xb, 0xbb,
                                            aptpl=True))
        before = place.state()
        disk.fail(True)
        all_fail(place, HW_ERROR, 0xbb)
        place.disconnect()
        # and by the medium
        run('umount', disk.path, status=None)
        disk.fail(False)
        disk.mount()
        place.device.set('enabled', 1)
        equal(place.state(), before, 'state')


@case('a file that was there before: its name is synced with the first change')
def name_synced():
    with FailingDisk() as disk:
        place = site(disk.path + '/n0')
        place.reserve()
        holder, registrant = place.again()
        # The file itself is another inode.
        directory = ' ino %d ' % os.stat(disk.path).st_ino
        for want, key in (True, 0xbb), (False, 0xbc):
            with Trace('ext4/ext4_sync_file_enter') as trace:
                place.good(registrant.raw_out(PR_REGISTER, 0xb if want else
                                              0xbb, key, aptpl=True))
                synced = trace.lines()
            equal(any(directory in line for line in synced), want,
                  'sync of the directory')
        place.disconnect()


def inside():
    """How many commands there are in any session"""
    return sum(int(read(path)) for path in
               glob.glob('/sys/class/scst_session/*/active_commands'))


@case('a device made again while a command of the one before it waits')
def made_again_early():
    write('/dev/kmsg', 'scst-test: expect .*(I/O error|EXT4-fs|dm-|sd ).*')
    path, ends = state_file(), []
    with FailingDisk() as disk:
        stores = [disk.path + '/store', state_file('other')]
        for store in stores:
            put(store, os.urandom(1 << 20))
        run('umount', disk.path)
        disk.mount()
        attrs = {'pr/aptpl_file': path}
        place = Site(Device('vdisk_fileio', 'f0', filename=stores[0], **attrs))
        place.reserve(kind=5)
        # A read that the disk does not answer, and who waits for it to end
        reader, writer = place.nexuses
        threads = [
            threading.Thread(target=sgio.command, args=(
                reader.sg, '28000000040000000100', sgio.IN, b'', 512)),
            threading.Thread(target=lambda: ends.append(writer.raw_out(
                PR_REGISTER, 0xb, 0xbb, aptpl=True)))]
        with disk.silent():
            threads[0].start()
            wait_for(lambda: waiting_in('vdisk_file'), 'the read')
            threads[1].start()
            wait_for(lambda: inside() == 2, 'who waits')
            equal(ends, [], 'end')
            place.target.delete(0, place.device)
            place.device.remove()
            device = Device('vdisk_fileio', 'f0', filename=stores[1], **attrs)
            before = device.get('pr/registrants')
            check(' 0x%016x ' % 0xb in before, before)
        for thread in threads:
            thread.join()
        # What it knows is what there is, whatever the other one was told.
        device.set('enabled', 0)
        device.set('enabled', 1)
        equal(device.get('pr/registrants'), before, 'registrants')
        device.remove()
        for nexus in place.nexuses:
            nexus.session.logout()
        os.rmdir(place.target.path)


def content(path):
    with open(path, 'rb') as f:
        return bytearray(f.read())


def put(path, data):
    with open(path, 'wb') as f:
        f.write(data)


def newest(data):
    """Where the newer generation begins"""
    return max((int.from_bytes(data[at + 16:at + 24], 'big'), at)
               for at in (0, SLOT) if data[at:at + 4] == b'SCST')[1]


def refused(device, path, data, name):
    """Such a file keeps the device from being enabled, and stays as it is."""
    put(path, data)
    with fails(name):
        device.set('enabled', 1)
    equal(device.get('enabled'), '0', 'enabled')
    equal(content(path), data, 'the file')


@case('corrupt files: one generation is lost, or both')
def corrupt():
    place = site(sessions=3)
    place.reserve()
    before = place.state()
    path, device = state_file(), place.device
    place.good(place.nexuses[2].raw_out(PR_REGISTER, new=0xc, aptpl=True))
    place.disconnect()
    good = content(path)
    at = newest(good)
    for offset in 0, 9, 14, 30, 45, 80:
        data = bytearray(good)
        data[at + offset] ^= 0x10
        put(path, data)
        device.set('enabled', 1)
        equal(place.state(), before, 'state, byte %d' % offset)
        device.set('enabled', 0)
        data[SLOT - at + offset] ^= 0x10
        refused(device, path, data, 'EMEDIUMTYPE' if not offset else 'EUCLEAN')
    refused(device, path, good[:60], 'EUCLEAN')
    refused(device, path, bytearray(), 'EMEDIUMTYPE')
    # The administrator has the last word.
    os.unlink(path)
    device.set('enabled', 1)
    equal(place.state(), ['0', '', ''], 'state')
    place.connect()
    place.reserve()
    equal(place.state(), before, 'state')


@case('files of another device, of nobody, and what is no file')
def foreign():
    path = state_file()
    place = site(path)
    place.reserve()
    place.disconnect()
    data = content(path)
    for name, handler in ('n1', 'vdisk_nullio'), ('n0', 'vdisk_fileio'):
        if handler == 'vdisk_fileio':
            place.device.remove()
            file = state_file('disk')
            put(file, bytes(1 << 20))
            other = Device(handler, name, False, filename=file,
                           **{'pr/aptpl_file': path})
        else:
            other = device_with(path, name, False)
        refused(other, path, data, 'EMEDIUMTYPE')
        refused(other, path, bytearray(b'root:x:0:0:'), 'EMEDIUMTYPE')
        other.remove()
    device = device_with(path, enable=False)
    os.unlink(path)
    os.symlink(state_file('elsewhere'), path)
    with fails('ELOOP'):
        device.set('enabled', 1)
    os.unlink(path)
    os.mkfifo(path)
    with fails('EMEDIUMTYPE'):
        device.set('enabled', 1)
    os.unlink(path)
    os.mkdir(path)
    with fails('EMEDIUMTYPE'):
        device.set('enabled', 1)
    os.rmdir(path)
    put(path, data)
    device.set('enabled', 1)


def generations(data, change, seal=True):
    """The same with each generation changed, its checksum made right again"""
    data = bytearray(data)
    for at in (0, SLOT):
        if data[at:at + 4] == b'SCST':
            change(data, at)
            end = at + int.from_bytes(data[at + 12:at + 16], 'big') - 4
            if seal:
                # iSCSI has it the other way round.
                data[end:end + 4] = crc32c(bytes(data[at:end]))[::-1]
    return data


def another(data, at):
    end = at + 40 + int.from_bytes(data[at + 30:at + 32], 'big')
    check(data[end - 2:end] == b'n0', 'the name')
    data[end - 1] = ord('1')


def later(data, at):
    data[at + 11] += 1


def torn(data, at):
    data[at + 45] ^= 0x10


def wrong_ones(good):
    """(what it is, a file)"""
    equal(generations(good, lambda data, at: None), good, 'checksums')
    return (("nobody's", bytearray(b'something else')), ('empty', bytearray()),
            ('torn', generations(good, torn, seal=False)),
            ("another device's", generations(good, another)),
            ("a later version's", generations(good, later)))


@case('a file that changes below a device is not overwritten')
def below():
    path = state_file()
    place = site(path)
    place.reserve()
    good = content(path)
    before = place.state(), place.device.get('pr/generation')
    for what, wrong in wrong_ones(good):
        put(path, wrong)
        for arguments in (dict(action=PR_RELEASE, key=0xa, kind=1),
                          dict(action=PR_REGISTER, key=0xb, new=0xd,
                               aptpl=True)):
            nexus = place.nexuses[arguments['key'] == 0xb]
            equal(nexus.raw_out(**arguments).triple, HW_ERROR, what)
        equal(content(path), wrong, what)
        equal((place.state(), place.device.get('pr/generation')), before, what)
    os.unlink(path)
    place.good(place.nexuses[0].raw_out(PR_RELEASE, 0xa, kind=1))
    before = place.state()
    place.again()
    equal(place.state(), before, 'state')
    check(content(path) != good, 'the file is the old one')


@case('pr/aptpl_file: what it takes')
def attribute():
    device = device_with(state_file(), enable=False)
    for name, value in (('EINVAL', 'n0'), ('EINVAL', '\n'), ('EINVAL', '/a/'),
                        ('EINVAL', '/a\0b'),
                        ('ENAMETOOLONG', '/' + 4086 * 'a')):
        with fails(name):
            device.set('pr/aptpl_file', value)
    equal(device.get('pr/aptpl_file'), state_file(), 'aptpl_file')
    device.set('enabled', 1)
    with fails('EBUSY'):
        device.set('pr/aptpl_file', '/a')


def all_lost(nexus):
    """What a reservation could forbid, and the reservations themselves"""
    for cdb in (READ, WRITE, RESERVE, RELEASE_10):
        equal(nexus.command(cdb).triple, LOST, cdb)
    for action in range(PR_REPLACE - 1):
        equal(nexus.raw_out(action, 0xa, 0xb, kind=1).triple, LOST, action)
    for action in (0, 1, 3):
        equal(sgio.command(nexus.sg, '5e%02x0000000000020000' % action,
                           sgio.IN, length=512).triple, LOST, action)
    equal(nexus.command(TUR).status, 0, 'TEST UNIT READY')
    able = nexus.asks('--report-capabilities')
    check('(RLR_C): 1' in able, able)


@case('what is lost is replaced by an initiator, or stays lost')
def lost():
    place = site()
    first, second = place.nexuses
    equal(first.raw_out(PR_REPLACE, 0, 0xa, kind=1).triple, (5, 0x24, 0),
          'nothing is lost')
    with fails('EBUSY'):
        place.device.set('pr/lost', 1)
    place.reserve()
    place.disconnect()
    put(state_file(), b'SCST PR\n' + bytes(100))
    with fails('EUCLEAN'):
        place.device.set('enabled', 1)
    os.rename(state_file(), state_file('damaged'))
    place.device.set('pr/lost', 1)
    place.device.set('enabled', 1)
    place.connect()
    for _ in range(2):
        equal(place.device.get('pr/lost'), '1', 'lost')
        for nexus in place.nexuses:
            all_lost(nexus)
        first, second = place.again()
    equal(first.raw_out(PR_REPLACE, 1, 0xa, kind=1).status, 0x18, 'a key')
    place.good(first.raw_out(PR_REPLACE, 0, 0xa, kind=1, aptpl=True))
    first.may(True, True)
    second.may(True, False)
    first, second = place.again()
    equal(place.device.get('pr/lost'), '0', 'lost')
    first.may(True, True)
    second.may(True, False)
    place.disconnect()
    place.device.set('pr/lost', 1)
    with fails('EEXIST'):
        place.device.set('enabled', 1)
    place.device.set('pr/lost', 0)
    place.device.set('enabled', 1)
    equal(place.device.get('pr/type'), '1', 'type')


def exported(device, name='export'):
    path = state_file(name)
    with open(device.path + '/pr/state', 'rb') as f:
        put(path, f.read())
    return path


@case('hand-over of the state to another device')
def hand_over():
    place = site(state_file('a'), 3)
    place.reserve(kind=6)
    before = place.state(), place.device.get('pr/generation')
    path = exported(place.device)
    place.disconnect()
    device = device_with(state_file('b'), 'n1', enable=False)
    device.set('pr/restore', path)
    device.set('enabled', 1)
    os.rmdir(place.target.path)
    place.device = device
    place.target = Target('tn0')
    equal((place.state(), device.get('pr/generation')), before, 'state')
    place.connect()
    holder, registrant, other = place.nexuses
    holder.may(True, True)
    registrant.may(True, True)
    other.may(False, False)
    with fails('EBUSY'):
        device.set('pr/restore', path)
    # APTPL has come along
    place.again()
    equal(place.state(), before[0], 'state')


@case('what is put back wins over what the file keeps')
def put_back():
    place = site()
    place.reserve()
    place.disconnect()
    other = device_with(state_file('b'), 'n1')
    nothing = exported(other)
    place.device.set('pr/restore', nothing)
    place.device.set('enabled', 1)
    equal(place.state(), ['0', '', ''], 'state')
    place.device.set('enabled', 0)
    place.device.set('enabled', 1)
    equal(place.state(), ['0', '', ''], 'state')


@case('pr/restore: what it refuses')
def malformed():
    place = site()
    place.reserve()
    path = exported(place.device)
    good = content(path)
    place.disconnect()
    device = device_with(state_file('b'), 'n1', enable=False)
    bad = state_file('bad')
    for data in ([good[:n] for n in range(1, len(good), 7)] +
                 [good + b'\0', content(state_file()), bytes(SLOT + 1)]):
        put(bad, data)
        with fails('EINVAL'):
            device.set('pr/restore', bad)
    for bit in range(0, 8 * len(good), 13):
        data = bytearray(good)
        data[bit // 8] ^= 1 << bit % 8
        put(bad, data)
        with fails('EINVAL'):
            device.set('pr/restore', bad)
    with fails('ENOENT'):
        device.set('pr/restore', state_file('absent'))
    # Nobody is waited for at the other end.
    os.mkfifo(state_file('fifo'))
    run('timeout', str(30 * SLOW), 'sh', '-c', 'echo %s >%s/pr/restore' %
        (state_file('fifo'), device.path), status=1)
    with fails('EINVAL'):
        device.set('pr/restore', 'export')
    equal(read(device.path + '/pr/registrants'), '', 'registrants')
    with fails('EACCES'):
        read(device.path + '/pr/restore')
    with fails('EACCES'):
        write(device.path + '/pr/state', 'x')
    device.set('pr/restore', path)


if __name__ == '__main__':
    cleanups.append(no_files)
    main()
