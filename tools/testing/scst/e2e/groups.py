#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Access groups: whose LUNs an initiator has, and that it never has others,
nor some of each, while an administrator changes that. What it is told of it is
in luns.py: a Linux that hears of changes asks by itself, and is told more."""
import os

import sgio
from groups_lib import (READ, Watcher, filled, inquirer, lister, product,
                        reader, report_luns, tur)
from lib import (LONG, Target, case, equal, fileio, main, nullio, read, wait_for,
                 write)
from sgio import DATA_PROTECT, GOOD, IN, OUT, command

LUNS_CHANGED = (6, 0x3f, 0x0e)
MODE_CHANGED = (6, 0x2a, 0x01)
ROUNDS = 20000 if LONG else 500
WRITE = '2a000000000000000100'


def group_of(target, initiator):
    """By the product of the only LUN of its group."""
    session = target.login(initiator)
    name = product(session.sg())
    session.logout()
    return name.decode()


@case('the older group, exact names first, upper and lower case are the same')
def order():
    target = Target()
    target.add(0, nullio('default'))
    rows = (('old', 'w*', 'x?z'), ('young', 'we*', 'web1', 'x*', '!*b*'),
            ('last', 'WEB2', 'w?b3'))
    for name, *patterns in rows:
        target.group(name, *patterns).add(0, nullio(name))
    for initiator, group in (('web1', 'young'), ('web2', 'last'),
                             ('web3', 'old'), ('Web1', 'young'),
                             ('xyz', 'old'), ('XYZ', 'old'),
                             ('xyyz', 'young'), ('none', 'young'),
                             ('abc', 'default')):
        equal(group_of(target, initiator), group, initiator)
    # A group made later, although its pattern is older than this one
    where = target.path + '/ini_groups/'
    os.mkdir(where + 'last/initiators/abc*')
    os.mkdir(where + 'young/initiators/ab*')
    equal(group_of(target, 'abcd'), 'young', 'abcd')
    os.rmdir(where + 'young/initiators/ab*')
    equal(group_of(target, 'abcd'), 'last', 'abcd')


@case('an entry that goes leaves the session to the next one that fits')
def next_one():
    target = Target()
    target.add(0, nullio('default'))
    groups = [target.group('g%d' % i) for i in range(3)]
    for i, group in enumerate(groups):
        group.add(0, nullio('n%d' % i))
    session = target.login('host')
    sg = session.sg()
    sgio.settle(sg)
    entries = [groups[2].path + '/initiators/host',
               groups[0].path + '/initiators/*st',
               groups[1].path + '/initiators/ho??']
    for entry in reversed(entries):
        os.mkdir(entry)
    for entry, name in zip(entries, (b'n2', b'n0', b'n1')):
        equal(product(sg), name, 'product')
        os.rmdir(entry)
    equal(product(sg), b'default', 'product')
    # Nothing that the session has to do with
    sgio.settle(sg)
    os.mkdir(groups[0].path + '/initiators/other')
    os.mkdir(groups[1].path + '/initiators/o*')
    os.rmdir(groups[0].path + '/initiators/other')
    equal(tur(sg).status, GOOD, 'status when others have changed')


@case('an entry in several groups: the oldest has it, in any order of coming')
def in_several():
    target = Target()
    target.add(0, nullio('default'))
    groups = [target.group('g%d' % i) for i in range(3)]
    for i, group in enumerate(groups):
        group.add(0, nullio('n%d' % i))
    session = target.login('host')
    sg = session.sg()
    for entry in ('host', 'h*', '!x*'):
        there = set()
        for come, go in ((1, None), (2, None), (0, None), (None, 0), (0, 1),
                         (1, 0), (None, 1), (0, 2), (None, 0)):
            sgio.settle(sg)
            before = min(there, default=None)
            if come is not None:
                os.mkdir('%s/initiators/%s' % (groups[come].path, entry))
                there.add(come)
            if go is not None:
                os.rmdir('%s/initiators/%s' % (groups[go].path, entry))
                there.remove(go)
            first = min(there, default=None)
            if first == before:
                equal(tur(sg).status, GOOD, 'status when others have changed')
            equal(product(sg).decode(), 'default' if first is None else
                  'n%d' % first, '%s in %s: product' % (entry, there))


@case('the same disk in another group, read only there')
def read_only():
    target, disk = Target(), fileio()
    target.add(0, disk)
    group = target.group('g')
    group.add(0, disk)
    write(group.path + '/luns/0/read_only', 1)
    sg = target.login('host').sg()
    sgio.settle(sg)
    data = os.urandom(512)
    equal(command(sg, WRITE, OUT, data).status, GOOD, 'before')
    os.mkdir(group.path + '/initiators/host')
    seen = {tur(sg).triple, tur(sg).triple}
    equal(seen, {MODE_CHANGED, LUNS_CHANGED}, 'sense')
    equal(command(sg, WRITE, OUT, bytes(512)).key, DATA_PROTECT, 'there')
    equal(command(sg, READ, IN, length=512).data, data, 'data')
    os.rmdir(group.path + '/initiators/host')
    sgio.settle(sg)
    equal(command(sg, WRITE, OUT, data).status, GOOD, 'after')


@case('a session moves between groups while it reads, asks and lists')
def moves():
    target = Target()
    foreign = filled('foreign')
    for lun in (0, 1, 7):
        target.add(lun, foreign)
    one, other = target.group('one'), target.group('other', '*')
    for group, disks in ((one, ('a0', 'a1', 'a2')),
                         (other, ('b0', 'b1', 'b2'))):
        for lun, name in zip((0, 1, 2 if group is one else 3), disks):
            group.add(lun, filled(name))
    session = target.login('host')
    nodes = [session.sg(0), session.sg(1)]
    session.disk(3)  # which sd would miss later
    watchers = [Watcher(look) for look in (
        reader(nodes[0], 'ab'), reader(nodes[1], 'ab'),
        inquirer(nodes[0], 'ab'), lister(nodes[1], ([0, 1, 2], [0, 1, 3])))]
    entry = one.path + '/initiators/host'
    try:
        for _ in range(ROUNDS):
            os.mkdir(entry)
            equal(product(nodes[0])[:1], b'a', 'product')
            os.rmdir(entry)
            equal(product(nodes[0])[:1], b'b', 'product')
    finally:
        for watcher in watchers:
            watcher.stop()
    equal(report_luns(nodes[0]), [0, 1, 3], 'LUNs')


@case('a session moves by its name: mkdir in the new group, rmdir in the old')
def moves_by_name():
    target = Target()
    foreign = filled('foreign')
    for lun in (0, 1, 7):
        target.add(lun, foreign)
    groups = [target.group(name) for name in ('older', 'younger')]
    for group, letter in zip(groups, 'ab'):
        for lun in (0, 1, 2 if letter == 'a' else 3):
            group.add(lun, filled('%s%d' % (letter, lun)))
    entries = ['%s/initiators/host' % group.path for group in groups]
    os.mkdir(entries[0])
    session = target.login('host')
    nodes = [session.sg(0), session.sg(1)]
    session.disk(2)  # which sd would miss later
    watchers = [Watcher(look) for look in (
        reader(nodes[0], 'ab'), reader(nodes[1], 'ab'),
        inquirer(nodes[0], 'ab'), lister(nodes[1], ([0, 1, 2], [0, 1, 3])))]
    try:
        for move in range(2 * ROUNDS):
            old, new = move % 2, (move + 1) % 2
            os.mkdir(entries[new])
            os.rmdir(entries[old])
            equal(product(nodes[0])[:1], b'ab'[new:new + 1], 'product')
    finally:
        for watcher in watchers:
            watcher.stop()
    equal(report_luns(nodes[0]), [0, 1, 2], 'LUNs')


@case('a LUN is replaced while it is read: the old disk or the new one')
def replaced():
    target = Target()
    disks = [filled('a'), filled('b')]
    target.add(0, disks[0])
    target.add(1, filled('c'))
    session = target.login()
    sg, beside = session.sg(0), session.sg(1)
    watchers = [Watcher(look) for look in (
        reader(sg, 'ab'), inquirer(sg, 'ab'), reader(beside, 'c'),
        lister(beside, ([0, 1],)))]
    try:
        for i in range(ROUNDS):
            target.add(0, disks[(i + 1) % 2])
            equal(product(sg), disks[(i + 1) % 2].name.encode(), 'product')
            os.unlink('%s/luns/0/%s' % (target.path, disks[i % 2].name))
    finally:
        for watcher in watchers:
            watcher.stop()


@case('LUNs of a group come and go under a session that lists them')
def listed():
    target = Target()
    target.add(0, nullio())
    extra = [nullio('n%d' % i) for i in range(1, 4)]
    session = target.login()
    sg = session.sg()
    # Waits for the end of the first look, which is not to find more disks.
    session.rescan()
    allowed = [[0] + list(range(1, n)) for n in range(1, 5)]
    watcher = Watcher(lister(sg, allowed))
    try:
        for _ in range(ROUNDS // 4):
            for lun, device in enumerate(extra, 1):
                target.add(lun, device)
            for lun, device in reversed(list(enumerate(extra, 1))):
                target.delete(lun, device)
    finally:
        watcher.stop()
    equal(report_luns(sg), [0], 'LUNs')


@case('sessions of many initiators, and entries for some of them')
def many():
    target = Target()
    target.add(0, nullio('default'))
    group = target.group('g')
    group.add(0, nullio('mine'))
    sessions = [target.login('h%d' % i) for i in range(8)]
    nodes = [session.sg() for session in sessions]
    where = '/sys/class/scst_session/'
    wait_for(lambda: len(os.listdir(where)) == len(nodes),
             'the end of sessions of before')

    def in_group():
        got = set()
        for name in os.listdir(where):
            if read('%s/%s/group' % (where, name)) == 'g':
                got.add(read('%s/%s/initiator_name' % (where, name)))
        return got

    for entry, want in (('h[12]', ''), ('h?', '01234567'), ('!h3', '0124567')):
        os.mkdir('%s/initiators/%s' % (group.path, entry))
        equal(in_group(), {'h' + c for c in want}, entry)
        os.rmdir('%s/initiators/%s' % (group.path, entry))
    equal(in_group(), set(), 'in the end')
    for node in nodes:
        equal(product(node), b'default', 'product')


if __name__ == '__main__':
    main()
