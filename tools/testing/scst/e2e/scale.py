#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""What the n-th object costs, against what the hundredth does in the same run:
less than twice as much, in one directory and where there are many elsewhere.

How long something takes also says what else the machine does. So directories
of null_blk's, of which there never is more than one, are made beside each object
that counts, so many that they take as long as the first ones of its kind did,
and costs are in such: both meet the same load, and are interrupted as often.

This needs a configfs that finds an entry by its name, rather than by looking
through all of them: patches/0003-configfs-names.patch."""
import contextlib
import os
import time

from lib import (LONG, ROOT, SLOW, Target, case, check, main, note, nullio,
                 read, run, wait_for, write)

MOST = 10000
MANY = MOST if LONG else 2000
EARLY = range(50, 150)
GROWTH = 2.0
NULLIO = ROOT + '/handlers/vdisk_nullio'
NULLB = '/sys/kernel/config/nullb'
THREADS = '/proc/sys/kernel/threads-max'
LOGIN_NS = 10000000 * SLOW


def low(times):
    """A quarter is faster: what else the machine does only ever adds."""
    return sorted(times)[len(times) // 4]


def timed(function, *arguments):
    start = time.perf_counter_ns()
    function(*arguments)
    return time.perf_counter_ns() - start


def compare(what, early, late, number=MANY):
    note('%s: the %dth costs %.2f times what the hundredth does' %
         (what, number, late / early))
    check(late < GROWTH * early, '%s grow too dear' % what)


class Use:
    """What is in use before objects are made"""

    def __init__(self):
        with open('/proc/meminfo') as info:
            self.free_kb = next(int(line.split()[1]) for line in info
                                if line.startswith('MemAvailable'))
        self.tasks = int(read('/proc/loadavg').split()[3].split('/')[1])

    def each(self, what, number):
        now = Use()
        note('%s: each takes %d KiB and %.1f threads' %
             (what, (self.free_kb - now.free_kb) // number,
              (now.tasks - self.tasks) / number))


def use_memory(size):
    """A guest's memory is the host's to find when it is first used, which costs
    as much again as what is then made there."""
    free = Use().free_kb << 10
    used = b'x' * min(size, free * 3 // 4)
    del used


@contextlib.contextmanager
def null_blk():
    run('modprobe', 'null_blk', 'nr_devices=0')
    try:
        yield
    finally:
        run('modprobe', '-r', 'null_blk')


def null_blk_turn(number=1):
    for _ in range(number):
        os.mkdir(NULLB + '/n')
        os.rmdir(NULLB + '/n')


def null_blk_turns(took):
    """As many as take that long where nothing comes between."""
    return max(1, took // low([timed(null_blk_turn) for _ in range(100)]))


def cost(pairs):
    """Of times and null_blk's, in those"""
    times, null = zip(*pairs)
    return low(times) / low(null)


def in_one_directory(what, where, names, make=os.mkdir, remove=os.rmdir,
                     number=MANY):
    early, late = [], []
    last = range(number - 100, number)
    paths = ['%s/%s' % (where, names % i) for i in range(number)]
    before = Use()
    with null_blk():
        first = [timed(make, path) for path in paths[:EARLY.start]]
        turns = null_blk_turns(low(first))
        for i, path in enumerate(paths[EARLY.start:], EARLY.start):
            took = timed(make, path)
            for window, pairs in ((EARLY, early), (last, late)):
                if i in window:
                    pairs.append((took, timed(null_blk_turn, turns)))
    before.each(what, number)
    for path in paths:
        remove(path)
    compare(what, cost(early), cost(late), number)


@case('devices')
def devices():
    in_one_directory('devices', NULLIO, 'n%d')


@contextlib.contextmanager
def threads(number):
    """Room for as many, on a small machine, too, until they are gone"""
    before = read(THREADS)
    if int(before) < number:
        write(THREADS, number)
    start = Use().tasks
    try:
        yield
        wait_for(lambda: Use().tasks < start + 100, 'the end of threads',
                 seconds=MANY // 50)
    finally:
        write(THREADS, before)


@case('devices that are enabled')
def enabled_devices():
    def make(path):
        os.mkdir(path)
        write(path + '/enabled', 1)

    use_memory(MANY << 17)
    with threads(2 * MANY):
        in_one_directory('enabled devices', NULLIO, 'n%d', make)


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
    return cost([(taken('n%d' % (i * number // 100)), timed(null_blk_turn))
                 for i in range(100)])


@case('devices: the name, among those of other handlers')
def device_names():
    with null_blk():
        for i in range(MANY):
            os.mkdir('%s/n%d' % (NULLIO, i))
            if i == EARLY.stop:
                early = names_taken(i)
        compare('names', early, names_taken(MANY))


@case('targets')
def targets():
    in_one_directory('targets', ROOT + '/targets/scst_local', 't%d')


@case('groups')
def groups():
    in_one_directory('groups', Target().path + '/ini_groups', 'g%d')


@case('initiators')
def initiators():
    """The cheapest ones: always so many that configfs's own share shows."""
    group = Target().group('g')
    in_one_directory('initiators', group.path + '/initiators', 'iqn.%d',
                     number=MOST)


@case('device groups')
def device_groups():
    in_one_directory('device groups', ROOT + '/device_groups', 'g%d')


@case('LUNs of a target')
def luns():
    target, device = Target(), nullio()

    def make(path):
        os.mkdir(path)
        os.symlink(device.path, path + '/d')

    def remove(path):
        os.unlink(path + '/d')
        os.rmdir(path)

    in_one_directory('LUNs', target.path + '/luns', '%d', make, remove)


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
    compare(what, low(early), low(late))


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
def initiators_in_groups():
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
    """Is compared with what takes LOGIN_NS where nothing comes between."""
    bare, full = Target('bare'), Target('full')
    entries(full, MOST, '*')
    without, among, limit = [], [], []
    with null_blk():
        turns = null_blk_turns(LOGIN_NS)
        for i in range(20):
            without.append(login_time(bare, 'iqn.2026-11.com.example:a%d' % i))
            among.append(login_time(full, 'iqn.2026-11.com.example:b%d' % i))
            limit.append(timed(null_blk_turn, turns))
    more = low(among) - low(without)
    note('login: %d us, %+d us by the patterns, where %d us count as %d' %
         (low(without) // 1000, more // 1000, low(limit) // 1000,
          LOGIN_NS // 1000))
    check(more < low(limit), 'login takes too long')


if __name__ == '__main__':
    main()
