#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""A large configuration: saved, cleared, restored; how long that takes."""
import time

import config_lib
import lib
from config_lib import clear, no_steps, put, restore, save, state, unchanged
from lib import case, equal, note

SCALE = 1 if lib.LONG else 10
DEVICES, LUNS, GROUPS, INITIATORS = (
    number // SCALE for number in (1000, 4000, 200, 2000))
TARGETS = 10


def lun(number):
    device = 'd%d' % (number % DEVICES)
    return {device: {'link': 'handlers/vdisk_nullio/' + device}}


def group(first, count):
    """Half of the LUNs are the groups', as many for each."""
    luns = LUNS // 2 // GROUPS
    return {'luns': {str(i): lun(first * luns + i) for i in range(luns)},
            'initiators': {'iqn.2026-11.org.example:host-%d-%d' % (first, i):
                           {} for i in range(count)}}


def target(number):
    luns, groups = LUNS // 2 // TARGETS, GROUPS // TARGETS
    return {
        'enabled': '1',
        'luns': {str(i): lun(number * luns + i) for i in range(luns)},
        'ini_groups': {'g%d' % i: group(number * groups + i,
                                        INITIATORS // GROUPS)
                       for i in range(groups)}}


def configuration():
    return {
        'handlers': {'vdisk_nullio': {
            'd%d' % i: {'enabled': '1', 'size_mb': str(i + 1)}
            for i in range(DEVICES)}},
        'targets': {'iscsi': {'iqn.2026-11.org.example:t%d' % i: target(i)
                              for i in range(TARGETS)}}}


def timed(what, function):
    start = time.monotonic()
    function()
    note('%-22s %6.2f s' % (what, time.monotonic() - start))


@case('%d devices, %d LUNs, %d groups, %d initiators: saved, cleared, restored'
      % (DEVICES, LUNS, GROUPS, INITIATORS))
def large():
    put(configuration())
    timed('first restore', restore)
    timed('save', save)
    before = state()
    equal(sum('/initiators/' in path for path in before), INITIATORS,
          'initiators')
    equal(sum(path.rpartition('/')[0].endswith('/luns') for path in before),
          LUNS, 'LUNs')
    timed('clear', clear)
    timed('restore', restore)
    timed('comparing with state', lambda: unchanged(before))
    timed('twice no difference', no_steps)
    timed('clear', clear)


if __name__ == '__main__':
    config_lib.main()
