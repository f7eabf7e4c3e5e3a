# SPDX-License-Identifier: GPL-2.0
"""Asymmetric access: device groups, and what initiators ask about them."""
import contextlib
import errno
import os
import threading

import sgio
from lib import (ROOT, SLOW, Target, check, equal, fileio, read, run, wait_for,
                 write)

WHERE = ROOT + '/device_groups'

# On the wire, by name
STATES = {'active': 0, 'nonoptimized': 1, 'standby': 2, 'unavailable': 3,
          'offline': 14, 'transitioning': 15}

GOOD = (None,) * 3
CHANGED = (6, 0x2a, 6)
FAILED = (6, 0x2a, 7)
INVALID_CDB = (5, 0x24, 0)
INVALID_PARAM = (5, 0x26, 0)
LIST_LENGTH = (5, 0x1a, 0)
TRANSITION = (2, 4, 0x0a)
STPG_FAILED = (4, 0x67, 0x0a)

READY = '000000000000'
REQUEST_SENSE = '030000001200'
READ_ONE = '28000000000000000100'


class Directory:
    """Something with attributes."""

    path = None

    def set(self, name, value):
        write('%s/%s' % (self.path, name), value)

    def get(self, name):
        return read('%s/%s' % (self.path, name))


class PortGroup(Directory):
    """device_groups/<group>/target_groups/<name>/"""

    def __init__(self, device_group, name, *targets, **attrs):
        self.name = name
        self.path = '%s/target_groups/%s' % (device_group.path, name)
        os.mkdir(self.path)
        for target in targets:
            self.add(target)
        for attr, value in attrs.items():
            self.set(attr, value)

    def add(self, target):
        os.symlink(target.path, '%s/targets/%s' %
                   (self.path, os.path.basename(target.path)))

    def delete(self, target):
        os.unlink('%s/targets/%s' %
                  (self.path, os.path.basename(target.path)))

    def remote(self, name, rel_tgt_id=None):
        path = '%s/targets/%s' % (self.path, name)
        os.mkdir(path)
        if rel_tgt_id is not None:
            write(path + '/rel_tgt_id', rel_tgt_id)
        return path

    def state(self, name):
        self.set('state', name)


class DeviceGroup(Directory):
    """device_groups/<name>/"""

    def __init__(self, name='dg', *devices, **attrs):
        self.path = '%s/%s' % (WHERE, name)
        os.mkdir(self.path)
        for device in devices:
            self.add(device)
        for attr, value in attrs.items():
            self.set(attr, value)

    def add(self, device):
        os.symlink(device.path, '%s/devices/%s' % (self.path, device.name))

    def delete(self, device):
        os.unlink('%s/devices/%s' % (self.path, device.name))

    def ports(self, name, *targets, **attrs):
        return PortGroup(self, name, *targets, **attrs)


class Pair:
    """Two targets, each in a group of its own, that show one disk.

    Linux's scsi_dh_alua looks after a disk only if it is in a group when it
    is found; then it hears of unit attentions first."""

    def __init__(self, device=None, linux=False, name='dg', **attrs):
        self.device = device or fileio()
        self.targets = [Target('t0'), Target('t1')]
        for target in self.targets:
            target.add(0, self.device)
        if not linux:
            self._log_in()
        self.group = DeviceGroup(name, self.device, **attrs)
        self.ports = [self.group.ports('p%d' % i, target)
                      for i, target in enumerate(self.targets)]
        if linux:
            self._log_in()
        self.settle()

    def _log_in(self):
        self.sessions = [target.login() for target in self.targets]
        self.disks = [session.disk() for session in self.sessions]
        self.sgs = [session.sg() for session in self.sessions]

    def settle(self):
        for sg in self.sgs:
            quiet(sg)

    def states(self, *names):
        for group, name in zip(self.ports, names):
            group.state(name)


def quiet(sg):
    """No unit attention is left, whatever state it is in.

    REQUEST SENSE takes them as data, of which Linux knows nothing: if it
    hears that INQUIRY data has changed it looks at the whole disk again, when
    it likes, and takes unit attentions with TEST UNIT READY."""
    for _ in range(20):
        if request_sense(sg)[0] != sgio.UNIT_ATTENTION:
            return
    raise AssertionError('there is no end of unit attentions')


def request_sense(sg):
    """Sense key and codes, as data"""
    data = sgio.command(sg, REQUEST_SENSE, sgio.IN, length=18).data
    return data[2] & 15, data[12], data[13]


def is_active(device, active):
    """A store that follows the access state (bind_alua_state)"""
    wait_for(lambda: device.get('active') == str(active),
             'active %d' % active)


def is_closing(device):
    """The store, which is still in use: a work item looks at the state."""
    def begun():
        if device.get('active') == '0':
            return True
        try:
            device.set('active', 1)     # as it is
        except OSError as error:
            return error.errno == errno.EBUSY
        return False

    wait_for(begun, 'the beginning of the end')


def ready(sg, want, what='TEST UNIT READY'):
    equal(sgio.command(sg, READY).triple, want, what)


def report(sg, form=0, length=1024):
    return sgio.command(sg, bytes([0xa3, 0x0a | form << 5, 0, 0, 0, 0]) +
                        length.to_bytes(4, 'big') + bytes(2), sgio.IN,
                        length=length)


def group_bytes(number, state, *ports, preferred=0, status=0, supported=0xcf):
    """A target port group descriptor (SPC-5 6.36)"""
    head = bytes([preferred << 7 | STATES[state], supported])
    head += number.to_bytes(2, 'big') + bytes([0, status, 0, len(ports)])
    return head + b''.join(p.to_bytes(4, 'big') for p in ports)


def groups(sg):
    """The descriptors of REPORT TARGET PORT GROUPS"""
    result = report(sg)
    equal(result.triple, GOOD, 'REPORT TARGET PORT GROUPS')
    length = int.from_bytes(result.data[:4], 'big')
    return result.data[4:4 + length]


def wanted(*pairs):
    """Parameter list of SET TARGET PORT GROUPS: (number, state or name)"""
    return bytes(4) + b''.join(
        bytes([STATES.get(state, state), 0]) + number.to_bytes(2, 'big')
        for number, state in pairs)


def ask(sg, data):
    return sgio.command(sg, bytes([0xa4, 0x0a, 0, 0, 0, 0]) +
                        len(data).to_bytes(4, 'big') + bytes(2),
                        sgio.OUT if data else sgio.NONE, data)


class Asking:
    """SET TARGET PORT GROUPS, which waits for user space meanwhile"""

    def __init__(self, pair, sg, *pairs):
        self.result = None

        def go():
            self.result = ask(sg, wanted(*pairs))

        self.thread = threading.Thread(target=go)
        self.thread.start()
        wait_for(lambda: pair.group.get('request') or self.result,
                 'the request')

    def end(self, seconds=60):
        self.thread.join(seconds * SLOW)
        check(not self.thread.is_alive(), 'the command does not end')
        return self.result

    def ends(self, want, seconds=60):
        equal(self.end(seconds).triple, want, 'SET TARGET PORT GROUPS')


@contextlib.contextmanager
def multipath(name, *disks):
    """A device of dm-multipath with a group for each path"""
    size = int(read('/sys/class/block/%s/size' % os.path.basename(disks[0])))
    # scst_local's queues may sleep, which the other mode does not know.
    table = '0 %d multipath 3 queue_if_no_path queue_mode bio 0 %d 1' % (
        size, len(disks))
    for disk in disks:
        table += ' round-robin 0 1 1 %s 1' % disk
    run('dmsetup', 'create', '--noudevsync', name, '--table', table)
    run('dmsetup', 'mknodes')
    try:
        yield '/dev/' + run('dmsetup', 'info', '-c', '--noheadings', '-o',
                            'blkdevname', name).strip()
    finally:
        run('dmsetup', 'remove', '--noudevsync', '--retry', name)
