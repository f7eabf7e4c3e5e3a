#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Allocations fail: commands fail cleanly, nothing is lost or leaked."""
import os

from lib import (Load, Skip, Target, case, check, dismantle, fileio,
                 fio_verify, main, nullio, run, write)

DEBUGFS = '/sys/kernel/debug/'


class Failing:
    """Every nth allocation of this very task, and of it alone, fails."""

    def __init__(self, what, interval):
        self.dir = DEBUGFS + what
        if not os.path.isdir(self.dir):
            raise Skip('no ' + what)
        self.interval = interval

    def __enter__(self):
        for attr, value in (('task-filter', 'Y'), ('probability', 100),
                            ('interval', self.interval), ('times', -1),
                            ('verbose', 0), ('ignore-gfp-wait', 'N')):
            path = '%s/%s' % (self.dir, attr)
            if os.path.exists(path):
                write(path, value)
        if os.path.exists(self.dir + '/min-order'):
            write(self.dir + '/min-order', 0)
        write('/proc/self/make-it-fail', 1)

    def __exit__(self, *_):
        write('/proc/self/make-it-fail', 0)
        write(self.dir + '/probability', 0)


def configure():
    """All objects once; whatever fails must leave nothing half-made."""
    target = device = None
    try:
        device = nullio()
        target = Target()
        target.add(0, device)
        target.group('g', 'x*')
        target.login()
    except OSError as error:
        check(error.errno in (12, 11, 16), 'errno %d' % error.errno)


def configuring(what):
    def storm():
        for interval in list(range(1, 30)) + [40, 60, 100, 200]:
            with Failing(what, interval):
                configure()
            dismantle()
        configure()
    return storm


case('configuration with failing kmalloc')(configuring('failslab'))
case('configuration with failing page allocations')(
    configuring('fail_page_alloc'))


def serving(what, interval):
    def storm():
        if not os.path.isdir(DEBUGFS + what):
            raise Skip('no ' + what)
        write('/dev/kmsg', 'scst-test: expect .*(I/O error|sd[a-z]).*')
        target = Target()
        target.add(0, fileio())
        disk = target.login().disk()
        settings = {'task-filter': 'N', 'probability': 100, 'times': -1,
                    'interval': interval, 'verbose': 0,
                    'ignore-gfp-wait': 'Y'}
        load = Load(disk, '--continue_on_error=all')
        try:
            for attr, value in settings.items():
                path = '%s%s/%s' % (DEBUGFS, what, attr)
                if os.path.exists(path):
                    write(path, value)
            for _ in range(20):
                run('sg_inq', disk, status=None)
        finally:
            write('%s%s/probability' % (DEBUGFS, what), 0)
        load.stop(may_fail=True)
        fio_verify(disk)
    return storm


case('commands with failing kmalloc')(serving('failslab', 50))
case('commands with failing page allocations')(serving('fail_page_alloc', 50))


if __name__ == '__main__':
    main()
