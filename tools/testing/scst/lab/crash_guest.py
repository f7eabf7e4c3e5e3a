#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Inside the guest that crash.py kills: crash_guest.py JOURNAL SEED
look|change.

Looks at the reservations that have survived; says in the journal what they are,
and which would be right: those of the last change that was acknowledged, or of
the one that had begun. Then makes changes, until it is killed.
"""
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../e2e'))
# pylint: disable=wrong-import-position
from lib import Device, Target, load_modules, read, run
from pr_lib import (PR_CLEAR, PR_PREEMPT, PR_REGISTER, PR_RELEASE, PR_RESERVE,
                    Nexus)

DISK = '/tmp/disk'
NEXUSES = 3
ABSENT = 150                    # initiators that are registered by another one


class State:
    """Registrations {TransportID: key}, the type of the reservation and the
    key of its holder"""

    def __init__(self, aptpl=False, kind=0, holder=0, regs=None):
        self.aptpl = aptpl
        self.kind = kind
        self.holder = holder
        self.regs = dict(regs or {})

    @classmethod
    def parse(cls, data):
        """From an image: see pr_image.c"""
        state = cls(bool(data[29] & 1), data[28])
        at = 40 + int.from_bytes(data[30:32], 'big')
        for _ in range(int.from_bytes(data[32:36], 'big')):
            key = int.from_bytes(data[at:at + 8], 'big')
            size = data[at + 11]
            state.regs[data[at + 12:at + 12 + size].hex()] = key
            if data[at + 10] & 1:
                state.holder = key
            at += 12 + size
        return state

    def plain(self):
        """As it is after a loss of power; short, since there are many"""
        if not self.aptpl:
            return ['nothing']
        keys = sorted(self.regs.values())
        return ['active', self.kind, self.holder, len(keys),
                sorted(set(keys)), hash_of(sorted(self.regs.items()))]

    def drop(self, key):
        """All that have this key"""
        self.regs = {i: k for i, k in self.regs.items() if k != key}
        if self.holder == key:
            self.kind = self.holder = 0


def hash_of(value):
    """The same in every boot"""
    total = 0
    for byte in json.dumps(value).encode():
        total = (total * 257 + byte) % (1 << 61)
    return total


class Journal:
    """On the host; a line is there when write() comes back."""

    def __init__(self, path):
        where = '/tmp/host'
        os.makedirs(where)
        run('mount', '-t', 'hostfs', '-o', os.path.dirname(path), 'none',
            where)
        self.path = os.path.join(where, os.path.basename(path))
        # The kill may have cut off a line: end it.
        self.fd = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        self.write({})

    def write(self, line):
        """One line"""
        os.write(self.fd, b'\n' + json.dumps(line).encode() + b'\n')
        os.fsync(self.fd)

    def allowed(self):
        """States that there may be, and the number of the last change"""
        states, number = [['nothing']], 0
        for text in read(self.path).splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if 'begin' in line:
                states.append(line['state'])
                number = line['begin']
            elif 'acked' in line:
                states = states[-1:]
            elif 'found' in line:
                states = [line['found']]
        return states, number


class Changes:
    """Makes changes, and knows what they lead to."""

    def __init__(self, device, state, rng):
        self.state = state
        self.rng = rng
        target = Target()
        target.add(0, device)
        self.nexuses = [Nexus(target, 's%d' % i) for i in range(NEXUSES)]
        self.ids = [read(n.session.path + '/transport_id')
                    for n in self.nexuses]

    def choose(self, key):
        """The arguments of a command, and the state that it leads to"""
        i = self.rng.randrange(NEXUSES)
        own = self.state.regs.get(self.ids[i], 0)
        state = State(**vars(self.state))
        options = [self.register]
        if own:
            options += [self.unregister, self.clear, self.preempt]
            options += 3 * [self.release if state.holder == own else
                            self.reserve] * (state.holder in (0, own))
        arguments = self.rng.choice(options)(state, i, own, key)
        return self.nexuses[i], arguments, state

    def register(self, state, i, own, key):
        """Another key, perhaps for many; now and then without APTPL"""
        state.aptpl = self.rng.random() < 0.9
        absent = []
        if not own and self.rng.random() < 0.3:
            absent = [bytes((6, 0, 0, 0, 0x50)) + n.to_bytes(7, 'big') +
                      bytes(12) for n in range(ABSENT)]
            absent = [a for a in absent if a.hex() not in state.regs]
        for id_ in absent:
            state.regs[id_.hex()] = key
        state.regs[self.ids[i]] = key
        if own and state.holder == own:
            state.holder = key
        return dict(action=PR_REGISTER, key=own, new=key, aptpl=state.aptpl,
                    ids=absent)

    def unregister(self, state, i, own, _key):
        """With the reservation, if it is the holder's"""
        state.aptpl = True
        del state.regs[self.ids[i]]
        if state.holder == own:
            state.kind = state.holder = 0
        return dict(action=PR_REGISTER, key=own, aptpl=True)

    def clear(self, state, _i, own, _key):
        """All of it"""
        state.regs = {}
        state.kind = state.holder = 0
        return dict(action=PR_CLEAR, key=own)

    def preempt(self, state, _i, own, _key):
        """Another's registrations, and its reservation"""
        others = [k for k in state.regs.values() if k != own]
        if not others:
            return self.clear(state, _i, own, _key)
        victim = self.rng.choice(others)
        kind = self.rng.choice((1, 3))
        held = state.holder == victim
        state.drop(victim)
        if held:
            state.kind, state.holder = kind, own
        return dict(action=PR_PREEMPT, key=own, new=victim, kind=kind)

    def reserve(self, state, _i, own, _key):
        """For itself alone"""
        state.kind, state.holder = self.rng.choice((1, 3)), own
        return dict(action=PR_RESERVE, key=own, kind=state.kind)

    def release(self, state, _i, own, _key):
        """The reservation"""
        kind = state.kind
        state.kind = state.holder = 0
        return dict(action=PR_RELEASE, key=own, kind=kind)


def send(nexus, arguments):
    """Unit attentions of what others have done come first."""
    for _ in range(10):
        result = nexus.raw_out(**arguments)
        if result.key != 6:
            break
    if result.status:
        raise SystemExit('%s: %s' % (arguments, result))


def mount():
    """The disk that outlives the kernel"""
    os.makedirs(DISK)
    run('mount', '-t', 'ext4', '/dev/ubda', DISK)
    return os.path.join(DISK, 'state')


def found(device):
    """None if the state cannot be read"""
    try:
        device.set('enabled', 1)
    except OSError as error:
        return None, str(error)
    with open(device.path + '/pr/state', 'rb') as file:
        state = State.parse(file.read())
    return state, state.plain()


def main():
    journal = Journal(sys.argv[1])
    states, number = journal.allowed()
    load_modules()
    device = Device('vdisk_nullio', 'n0', False, **{'pr/aptpl_file': mount()})
    state, plain = found(device)
    journal.write({'found': plain, 'allowed': states,
                   'new': len(states) > 1 and plain == states[-1]})
    if plain not in states:
        sys.exit(1)
    if sys.argv[3] == 'look':
        return
    changes = Changes(device, state, random.Random(int(sys.argv[2])))
    while True:
        number += 1
        nexus, arguments, changes.state = changes.choose(number)
        journal.write({'begin': number, 'state': changes.state.plain()})
        send(nexus, arguments)
        journal.write({'acked': number})


if __name__ == '__main__':
    main()
