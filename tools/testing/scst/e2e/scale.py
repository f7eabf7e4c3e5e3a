#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""What the n-th object costs. Not the clock decides, but the n-th against the
hundredth in the same run, less what configfs itself takes for as many entries
in a directory, which it looks through one by one: that of null_blk's devices,
made by turns with ours."""
import contextlib
import os
import time

from lib import LONG, ROOT, Target, case, check, main, note, nullio, run

MANY = 10000 if LONG else 1200
EARLY = slice(50, 150)
LATE = slice(MANY - 100, MANY)
GROWTH = 2.0
NULLB = '/sys/kernel/config/nullb'
LOGIN_NS = 10000000


def low(times):
    """A quarter is faster: what else the machine does only ever adds."""
    return sorted(times)[len(times) // 4]


def timed(function, *arguments):
    start = time.perf_counter_ns()
    function(*arguments)
    return time.perf_counter_ns() - start


def compare(what, times, null=None):
    """No more than twice as long, what configfs has added not counted."""
    early, late = low(times[EARLY]), low(times[LATE])
    added = low(null[LATE]) - low(null[EARLY]) if null else 0
    note('%s: %d us early, %d us late of %d; configfs %+d us' %
         (what, early // 1000, late // 1000, len(times), added // 1000))
    check(late - max(added, 0) < GROWTH * early, '%s grow too dear' % what)


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
    compare(what, times, null)


@case('devices')
def devices():
    in_one_directory('devices', ROOT + '/handlers/vdisk_nullio', 'n%d')


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


@case('LUNs in many groups')
def luns_in_groups():
    target, device, times = Target(), nullio(), []
    per_group = 20
    for i in range(MANY // per_group):
        group = target.group('g%d' % i)
        for lun in range(per_group):
            times.append(timed(group.add, lun, device))
    compare('LUNs in groups', times)


@case('LUNs of a target with a session')
def luns_live():
    """The session hears of each, which is what it may cost in any case."""
    target, device, times = Target(), nullio(), []
    target.login('host')
    for lun in range(MANY):
        times.append(timed(target.add, lun, device))
    note('%d us early, %d us late' % (low(times[EARLY]) // 1000,
                                      low(times[LATE]) // 1000))


def patterns(target, number=MANY, per_group=10, star='*'):
    """The times that they took. None of them fits who is called "host"."""
    times = []
    for i in range(number // per_group):
        group = target.group('g%d' % i)
        for k in range(per_group):
            times.append(timed(os.mkdir,
                               '%s/initiators/iqn.2026-11.com.example:%d.%d%s' %
                               (group.path, i, k, star)))
    return times


@case('initiators in many groups, with a session')
def initiators():
    target = Target()
    target.login('host')
    compare('initiators', patterns(target, star=''))


@case('patterns in many groups, with a session')
def pattern_names():
    target = Target()
    target.login('host')
    compare('patterns', patterns(target))


def login_times(target, prefix):
    """Without LUNs there are no disks to be looked for."""
    times = []
    for i in range(12):
        start = time.perf_counter_ns()
        session = target.login('iqn.2026-11.com.example:%s.%d' % (prefix, i))
        times.append(time.perf_counter_ns() - start)
        session.logout()
    return low(times)


@case('login, with 10 000 patterns in 1 000 groups')
def login():
    bare, full = Target('bare'), Target('full')
    number = max(MANY, 10000) if LONG else MANY
    patterns(full, number)
    without = login_times(bare, 'a')
    more = login_times(full, 'b') - without
    note('login: %d us, %+d us by %d patterns' %
         (without // 1000, more // 1000, number))
    check(more < LOGIN_NS, 'login takes %d us more' % (more // 1000))


if __name__ == '__main__':
    main()
