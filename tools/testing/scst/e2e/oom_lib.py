# SPDX-License-Identifier: GPL-2.0
"""Allocations of one system call that fail, one after the other."""
import errno
import itertools
import os

from lib import Skip, check, equal, note, tree, write

DEBUGFS = '/sys/kernel/debug/'
FAIL_NTH = '/proc/self/fail-nth'


def state():
    """All that there is, and what it says"""
    found = {}
    for path in tree():
        found[path] = os.path.realpath(path)
        if os.path.isfile(path) and os.stat(path).st_mode & 0o400:
            with open(path, 'rb') as file:
                found[path] = file.read()
    return found


def errno_of(function, *arguments):
    try:
        function(*arguments)
    except OSError as error:
        return error.errno
    return 0


def _fail(switch, nth, function):
    """What the function gives while the nth allocation of this task fails; and
    was there one?"""
    os.pwrite(switch, b'%d' % nth, 0)
    result = function()
    left = int(os.pread(switch, 16, 0))
    os.pwrite(switch, b'0', 0)
    return result, left == 0


def each_fails(prepare, undo):
    """Each allocation of the function that prepare() gives, until it takes no
    more: its errno is ENOMEM, and nothing is changed. Some it can do without."""
    if not os.path.exists(FAIL_NTH) or not os.path.isdir(DEBUGFS + 'failslab'):
        raise Skip('no ' + FAIL_NTH)
    for attr, value in (('ignore-gfp-wait', 'N'), ('verbose', 0)):
        write('%sfailslab/%s' % (DEBUGFS, attr), value)
    switch = os.open(FAIL_NTH, os.O_RDWR)
    try:
        refused = _each_fails(switch, prepare, undo)
    finally:
        os.close(switch)
    check(refused, 'there is no allocation that it needs')
    note('%d allocations that it needs' % refused)


def _each_fails(switch, prepare, undo):
    refused = 0
    for nth in itertools.count(1):
        before = state()
        error, failed = _fail(switch, nth, prepare())
        if not failed:
            equal(error, 0, 'errno, if nothing fails')
            return refused
        if error:
            equal(error, errno.ENOMEM, 'errno, if allocation %d fails' % nth)
            equal(state(), before, 'what there is')
            refused += 1
        else:
            undo()
