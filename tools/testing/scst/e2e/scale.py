#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""What the n-th object costs, against what the hundredth does in the same run.

configfs looks through the entries of a directory one by one, which with many
of them costs more than all the rest. So what decides is made where there are
few entries, while there are many elsewhere. For one directory with all of them
the same number of null_blk's devices, made by turns with ours, says what
configfs takes; this only finds what is out of all proportion."""
import contextlib
import os
import time

from lib import LONG, ROOT, Target, case, check, main, note, nullio, run

MANY = 10000 if LONG else 1200
EARLY = slice(50, 150)
LATE = slice(MANY - 100, MANY)
GROWTH = 2.0
CONFIGFS = 4
NULLB = '/sys/kernel/config/nullb'
LOGIN_NS = 10000000


def low(times):
    """A quarter is faster: what else the machine does only ever adds."""
    return sorted(times)[len(times) // 4]


def timed(function, *arguments):
    start = time.perf_counter_ns()
    function(*arguments)
    return time.perf_counter_ns() - start


def compare(what, early, late, added=0):
    """Twice as long at most, but for CONFIGFS times what null_blk's took."""
    early, late = low(early), low(late)
    note('%s: %d us early, %d us late of %d; null_blk %+d us' %
         (what, early // 1000, late // 1000, MANY, added // 1000))
    check(late < GROWTH * early + CONFIGFS * max(added, 0),
          '%s grow too dear' % what)


@contextlib.contextmanager
def null_blk():
    """A directory whose entries cost next to nothing but configfs's part."""
    run('modprobe', 'null_blk', 'nr_devices=0')
    try:
        yield
    finally:
        for name in os.listdir(NULLB):
            if name != 'features':
                os.rmdir('%s/%s' % (NULLB, name))
        run('modprobe', '-r', 'null_blk')


def in_one_directory(what, where, names, make=os.mkdir):
    with null_blk():
        times, null = [], []
        for i in range(MANY):
            times.append(timed(make, '%s/%s' % (where, names % i)))
            null.append(timed(os.mkdir, '%s/n%d' % (NULLB, i)))
    compare(what, times[EARLY], times[LATE],
            low(null[LATE]) - low(null[EARLY]))


@case('devices')
def devices():
    in_one_directory('devices', ROOT + '/handlers/vdisk_nullio', 'n%d')


def taken(name):
    """The time that a name takes to be refused. In this directory there is
    nothing; the name is another handler's."""
    where = '%s/handlers/vdisk_fileio/%s' % (ROOT, name)
    start = time.perf_counter_ns()
    try:
        os.mkdir(where)
    except FileExistsError:
        return time.perf_counter_ns() - start
    raise AssertionError(name + ' is there twice')


def names_taken(number):
    """In times of what null_blk takes at the same time"""
    times, null = [], []
    for i in range(100):
        times.append(taken('n%d' % (i * number // 100)))
        null.append(timed(os.mkdir, NULLB + '/n'))
        os.rmdir(NULLB + '/n')
    return low(times) / low(null)


@case('devices: the name, among those of other handlers')
def device_names():
    with null_blk():
        for i in range(MANY):
            os.mkdir('%s/handlers/vdisk_nullio/n%d' % (ROOT, i))
            if i == EARLY.stop:
                early = names_taken(i)
        late = names_taken(MANY)
    note('names: %.2f early, %.2f late of %d' % (early, late, MANY))
    check(late < GROWTH * early, 'names grow too dear')


@case('targets')
def targets():
    in_one_directory('targets', ROOT + '/targets/scst_local', 't%d')


@case('groups')
def groups():
    in_one_directory('groups', Target().path + '/ini_groups', 'g%d')


@case('device groups')
def device_groups():
    in_one_directory('device groups', ROOT + '/device_groups', 'g%d')


@case('LUNs of a target')
def luns():
    target, device = Target(), nullio()

    def make(path):
        os.mkdir(path)
        os.symlink(device.path, path + '/d')

    in_one_directory('LUNs', target.path + '/luns', '%d', make)


def pair():
    """A target for few, one for many, with a session that no entry fits."""
    few, many = Target('few'), Target('many')
    few.login('host')
    many.login('host')
    return (few, EARLY.stop), (many, MANY)


def by_turns(what, few, many, make, remove):
    """One more in either, and away again, so that both meet the same load."""
    early, late = [], []
    for _ in range(100):
        for where, times in ((few, early), (many, late)):
            times.append(timed(make, where))
            remove(where)
    compare(what, early, late)


@case('LUNs in many groups')
def luns_in_groups():
    device, per_group = nullio(), 20
    for target, number in pair():
        for i in range(number // per_group):
            group = target.group('g%d' % i)
            for lun in range(per_group):
                group.add(lun, device)
    luns = ['%s/targets/scst_local/%s/luns/1' % (ROOT, name)
            for name in ('few', 'many')]

    def make(lun):
        os.mkdir(lun)
        os.symlink(device.path, lun + '/d')

    def remove(lun):
        os.unlink(lun + '/d')
        os.rmdir(lun)

    by_turns('LUNs', *luns, make, remove)


def entries(target, number, star, per_group=10):
    """None of them fits who is called "host"."""
    for i in range(number // per_group):
        group = target.group('g%d' % i)
        for k in range(per_group):
            os.mkdir('%s/initiators/iqn.2026-11.com.example:%d.%d%s' %
                     (group.path, i, k, star))


def more_entries(what, star):
    last = []
    for target, number in pair():
        entries(target, number, star)
        last.append('%s/ini_groups/g3/initiators/iqn.new%s' %
                    (target.path, star))
    by_turns(what, *last, os.mkdir, os.rmdir)


@case('initiators in many groups')
def initiators():
    more_entries('initiators', '')


@case('patterns in many groups')
def patterns():
    more_entries('patterns', '*')


def login_time(target, name):
    """Without LUNs there are no disks to be looked for."""
    start = time.perf_counter_ns()
    session = target.login(name)
    took = time.perf_counter_ns() - start
    session.logout()
    return took


@case('login, with 10 000 patterns in 1 000 groups')
def login():
    bare, full = Target('bare'), Target('full')
    entries(full, 10000, '*')
    without, among = [], []
    for i in range(20):
        without.append(login_time(bare, 'iqn.2026-11.com.example:a%d' % i))
        among.append(login_time(full, 'iqn.2026-11.com.example:b%d' % i))
    more = low(among) - low(without)
    note('login: %d us, %+d us by the patterns' %
         (low(without) // 1000, more // 1000))
    check(more < LOGIN_NS, 'login takes %d us more' % (more // 1000))


if __name__ == '__main__':
    main()
