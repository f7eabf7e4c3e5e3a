#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
"""restoreconfig changes groups of initiators: each initiator has the LUNs that
it had, then those that it shall have, and at no step those of somebody else."""
import errno
import fnmatch
import os
import random
from contextlib import contextmanager
from unittest import mock

import config_lib
from config_lib import (FILE, config_file, does, edit, execute, fails, no_steps,
                        save)
from groups_lib import Watcher, filled, inquirer, lister, product, reader
from lib import LONG, Target, case, check, equal, note, nullio, read
from sgio import IN, command

from scst import tree as scst_tree

DISKS = 'abcdefg'
NAMES = ('north', 'east', 'south', 'west', 'top')
ENTRIES = ('s0', 's1', 's2', 'S1', '*', 's*', '?0', 's?', '!s2', '!?1')
SESSIONS = ('s0', 's1', 's2')
ODD = 'g\x1b'     # a terminal would obey
ROUNDS = 500 if LONG else 12


def shows(disk):
    return {'0': {'disk': {'link': 'handlers/vdisk_nullio/' + disk}}}


def matches(pattern, name):
    if pattern.startswith('!'):
        return not fnmatch.fnmatchcase(name, pattern[1:])
    return fnmatch.fnmatchcase(name, pattern)


def disk_of(target, name):
    """What the documentation says that an initiator has."""
    groups = target['ini_groups'].values()
    for group in groups:
        if name in map(str.lower, group['initiators']):
            return group['luns']['0']['disk']['link'][-1]
    for group in groups:
        if any(matches(entry, name) for entry in group['initiators']
               if set('*?!') & set(entry)):
            return group['luns']['0']['disk']['link'][-1]
    return target['luns']['0']['disk']['link'][-1]


def some_entries(dice):
    found = {}
    for entry in dice.sample(ENTRIES, dice.choice((0, 1, 1, 2, 3))):
        if entry.lower() not in map(str.lower, found):
            found[entry] = {}
    return found


def another(dice, target):
    """A configuration that has something to do with that one."""
    groups = dict(target['ini_groups'])
    for name in NAMES:
        what = dice.random()
        if what < 0.2:
            groups.pop(name, None)
        elif what < 0.5 or name not in groups:
            groups[name] = {'luns': shows(dice.choice(DISKS)),
                            'initiators': some_entries(dice)}
        elif what < 0.7:
            groups[name] = groups[name] | {'initiators': some_entries(dice)}
        elif what < 0.8:
            groups[name] = groups[name] | {'luns': shows(dice.choice(DISKS))}
    if dice.random() < 0.4:
        groups = dict(dice.sample(list(groups.items()), len(groups)))
    disk = dice.choice(DISKS) if dice.random() < 0.2 else \
        target['luns']['0']['disk']['link'][-1]
    return target | {'luns': shows(disk), 'ini_groups': groups}


@contextmanager
def each_step(look, fail=None):
    """look() after each step; the one of number fail is refused."""
    real, steps = scst_tree.Node._try, []

    def watched(self, operation, *arguments):
        if operation == 'read':
            return real(self, operation, *arguments)
        steps.append('%s %s %r' % (operation, self.path, arguments[:2]))
        if len(steps) == fail:
            raise scst_tree.ScstError(OSError(errno.ENOMEM, ''), operation,
                                      self.path, None)
        result = real(self, operation, *arguments)
        look(steps)
        return result

    with mock.patch.object(scst_tree.Node, '_try', watched):
        yield steps


class Seen:
    """The disks that initiators have and may have."""

    def __init__(self, target):
        self.nodes = {name: target.login(name).sg() for name in SESSIONS}
        self.allowed = {}

    def now(self):
        return {name: self._disk(node) for name, node in self.nodes.items()}

    @staticmethod
    def _disk(node):
        """None if there is no LUN 0."""
        data = command(node, '120000002400', IN, length=36).data
        return None if data[0] >> 5 else data[16:32].strip().decode()

    def expect(self, target, *more):
        """Either what they have now, or what they shall have."""
        now = self.now()
        self.allowed = {name: {now[name], disk_of(target, name), *more}
                        for name in SESSIONS}

    def look(self, steps):
        for name, disk in self.now().items():
            check(disk in self.allowed[name], '%s has %s, may have %s: %s' % (
                name, disk, self.allowed[name], '\n'.join(steps)))


def begin():
    for disk in DISKS:
        nullio(disk)
    target = Target()
    save()
    edit(lambda tree: tree['targets']['scst_local']['t0'].update(
        luns=shows('a')))
    does('restoreconfig ' + FILE)
    seen = Seen(target)
    save()
    tree = config_file.load(FILE)
    tree['targets']['scst_local']['t0'].setdefault('ini_groups', {})
    return tree, seen


def go(tree, target, seen, fail=None):
    """Whether the restore succeeds"""
    tree['targets']['scst_local']['t0'] = target
    config_lib.put(tree)
    # A LUN may be missing when something is refused, or has been.
    seen.expect(target, *([None] if fail else ()))
    with each_step(seen.look, fail):
        status, printed = execute('restoreconfig ' + FILE)
    check(not status or fail, printed)
    return not status


def arrived(target, seen):
    equal(seen.now(), {name: disk_of(target, name) for name in SESSIONS},
          'disks')
    no_steps()


def random_moves(refuse):
    tree, seen = begin()
    target = tree['targets']['scst_local']['t0']
    refused = 0
    for number in range(ROUNDS):
        dice = random.Random('%s %d' % (refuse, number))
        target = another(dice, target)
        try:
            if refuse and not go(tree, target, seen, dice.randrange(1, 40)):
                refused += 1
            if not go(tree, target, seen):
                raise AssertionError('the restore fails')
            arrived(target, seen)
        except AssertionError:
            note('round %d: to %s' % (number, target))
            raise
    if refuse:
        check(refused > ROUNDS / 5, '%d were refused' % refused)


@case('groups change in all ways: at each step all have the old or the new')
def any_change():
    random_moves(False)


@case('the same when a step is refused, and all is tried once more')
def any_failure():
    random_moves(True)


@case('a session with I/O moves by restores: data, INQUIRY, LUNs of these only')
def under_load():
    target = Target()
    foreign = filled('foreign')
    for lun in (0, 1, 7):
        target.add(lun, foreign)
    groups = [target.group(name) for name in ('older', 'younger')]
    for group, letter in zip(groups, 'ab'):
        for lun in (0, 1, 2 if letter == 'a' else 3):
            group.add(lun, filled('%s%d' % (letter, lun)))
    target.group('last', 'nobody', '*').add(7, foreign)
    save()
    tree = config_file.load(FILE)
    groups = tree['targets']['scst_local']['t0']['ini_groups']
    groups['older']['initiators'] = {'host': {}, 'x*': {}}
    config_lib.put(tree)
    does('restoreconfig ' + FILE)
    session = target.login('host')
    nodes = [session.sg(0), session.sg(1)]
    session.disk(2)
    save()
    tree = config_file.load(FILE)
    here = tree['targets']['scst_local']['t0']
    groups = here['ini_groups']
    old, new = groups['older'], groups['younger']
    old_in, new_in, none = old | {'initiators': {'x*': {}, 'host': {}}}, \
        new | {'initiators': {'x*': {}, 'host': {}}}, {'initiators': {}}
    last = {'last': groups['last']}
    # By name, and by a change of the order
    ways = ({'older': old | none, 'younger': new_in} | last,
            {'older': old_in, 'younger': new_in} | last,
            {'younger': new_in, 'older': old_in} | last,
            {'older': old_in} | last)
    watchers = [Watcher(look) for look in (
        reader(nodes[0], 'ab'), reader(nodes[1], 'ab'),
        inquirer(nodes[0], 'ab'), lister(nodes[1], ([0, 1, 2], [0, 1, 3])))]
    try:
        for number in range(ROUNDS):
            here['ini_groups'] = ways[number % 4]
            config_lib.put(tree)
            does('restoreconfig ' + FILE)
            equal(product(nodes[0])[:1], b'baba'[number % 4:][:1], 'product')
    finally:
        for watcher in watchers:
            watcher.stop()


@case('a target is not enabled before its groups are those that are wanted')
def frozen():
    target = Target()
    target.add(0, nullio('secret'))
    nullio('mine')
    session = target.login('host')
    session.disk()
    save()
    tree = config_file.load(FILE)
    local = tree['targets']['scst_local']['t0']
    local |= {'addr_method': 'flat', 'ini_groups': {ODD: {
        'luns': {'0': {'x': {'link': 'handlers/vdisk_nullio/mine'}}},
        'initiators': {'*': {}}}}}
    local['ini_groups'][ODD]['cpus'] = 'x'
    config_lib.put(tree)

    def look(steps):
        check(read(target.path + '/enabled') == '0' or
              read(target.path + '/addr_method') != 'flat' or
              os.path.isdir('%s/ini_groups/%s/initiators/*' %
                            (target.path, ODD)), steps)

    with each_step(look):
        fails('restoreconfig ' + FILE, r'cpus of group g\x1b',
              't0 stays disabled, because')
        equal(read(target.path + '/enabled'), '0', 'enabled')
        del local['ini_groups'][ODD]['cpus']
        config_lib.put(tree)
        does('restoreconfig ' + FILE)
    equal(read(target.path + '/enabled'), '1', 'enabled')
    session.find_host()
    session.disk()


@case('nobody comes to LUNs that were to change and could not')
def stale():
    target = Target()
    rest = target.group('rest', 's*')
    for place in (target, rest):
        place.add(0, nullio('secret%d' % (place is rest)))
    nullio('off', enable=False)
    for group, name in ('g', 'host'), ('h', 'store'):
        target.group(group, name).add(0, nullio('mine_' + group))
    nodes = [target.login(name).sg() for name in ('host', 'store', 's0')]
    save()
    tree = config_file.load(FILE)
    local = tree['targets']['scst_local']['t0']
    off = {'0': {'x': {'link': 'handlers/vdisk_nullio/off'}}}
    before = dict(local['ini_groups'])
    # host would have the default LUNs, store those of rest
    for place, group in (local, 'g'), (local['ini_groups']['rest'], 'h'):
        place['luns'], luns = off, place['luns']
        del local['ini_groups'][group]
        config_lib.put(tree)
        said = fails('restoreconfig ' + FILE, 'off cannot be shown as LUN 0 of '
                     + ('target t0' if group == 'g' else 'group rest'),
                     'ini_groups/%s stays as it is' % group)
        check('stand-in' not in said, said)
        equal([product(node) for node in nodes],
              [b'mine_g', b'mine_h', b'secret1'], 'products')
        equal(sorted(os.listdir(target.path + '/ini_groups')),
              ['g', 'h', 'rest'], 'groups')
        place['luns'] = luns
        local['ini_groups'] = dict(before)


@case('undoing goes on after what cannot be undone, and nobody is let in then')
def undone():
    target = Target()
    target.add(0, nullio('secret'))
    for name in 'gh':
        target.group(name, name + '*').add(0, nullio(name))
    save()
    edit(lambda tree: tree['targets']['scst_local'].pop('t0'))
    real = scst_tree.Node._try

    def refused(self, operation, *arguments):
        if (operation, self.path.split('/')[2:]) in (
                ('rmdir', ['t0']), ('mkdir', ['t0', 'luns', '0']),
                ('mkdir', ['t0', 'ini_groups', 'g'])):
            raise scst_tree.ScstError(OSError(errno.ENOMEM, ''), operation,
                                      self.path, None)
        return real(self, operation, *arguments)

    with mock.patch.object(scst_tree.Node, '_try', refused):
        fails('restoreconfig ' + FILE, 'Target t0 cannot be removed',
              'LUN 0 of target t0', 'Group g of target t0',
              'targets/scst_local/t0 stays disabled')
    equal(os.listdir(target.path + '/ini_groups/h/initiators'), ['h*'], 'h')
    equal(os.listdir(target.path + '/ini_groups'), ['h'], 'groups')
    equal(read(target.path + '/enabled'), '0', 'enabled')


if __name__ == '__main__':
    config_lib.main()
