#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Allocations fail: commands fail cleanly, nothing is lost or leaked."""
import contextlib
import errno
import glob
import os

from groups_lib import product
from lib import (Load, Skip, Target, case, check, dismantle, equal, fileio,
                 fio_verify, main, nullio, read, run, wait_for, write)
from oom_lib import DEBUGFS, each_fails, errno_of, state

MANY = 1 << 20


class Failing:
    """Every nth allocation of this very task, and of it alone, fails."""

    def __init__(self, what, interval):
        self.dir = DEBUGFS + what
        if not os.path.isdir(self.dir):
            raise Skip('no ' + what)
        self.interval = interval
        # opened now: opening it takes memory
        self.switch = os.open('/proc/self/make-it-fail', os.O_WRONLY)

    def __enter__(self):
        for attr, value in (('task-filter', 'Y'), ('probability', 100),
                            ('interval', self.interval), ('times', -1),
                            ('verbose', 0), ('ignore-gfp-wait', 'N')):
            path = '%s/%s' % (self.dir, attr)
            if os.path.exists(path):
                write(path, value)
        if os.path.exists(self.dir + '/min-order'):
            write(self.dir + '/min-order', 0)
        os.write(self.switch, b'1')

    def __exit__(self, *_):
        os.write(self.switch, b'0')
        os.close(self.switch)
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
        check(error.errno in (errno.ENOMEM, errno.EAGAIN, errno.EBUSY),
              'errno %d' % error.errno)


def configuring(what):
    def storm():
        # of the workqueue's, of a disk that leaves while sd looks at it, and
        # of a session that does without sysfs
        write('/dev/kmsg', 'scst-test: expect '
              'workqueue: Failed to allocate|sd .*failed|error.* dev sd|'
              'kobject_add_internal failed|session.* is not in sysfs')
        for interval in list(range(1, 30)) + [40, 60, 100, 200]:
            with Failing(what, interval):
                configure()
            dismantle()
        configure()
    return storm


case('configuration with failing kmalloc')(configuring('failslab'))
case('configuration with failing page allocations')(
    configuring('fail_page_alloc'))


THREADS = '/proc/sys/kernel/threads-max'


def enable(device):
    """For each_fails(): opening the file takes memory, too."""
    file = os.open(device.path + '/enabled', os.O_WRONLY)

    def now():
        error = errno_of(os.pwrite, file, b'1', 0)
        os.close(file)
        return error
    return now


def serves(*devices):
    """Each of them is a disk that can be read."""
    target = Target()
    for lun, device in enumerate(devices):
        target.add(lun, device)
    session = target.login()
    for lun in range(len(devices)):
        run('dd', 'if=' + session.disk(lun), 'of=/dev/null', 'bs=4k', 'count=1')
    session.logout()


MAKERS = nullio, fileio


def stores():
    """Devices that are disabled"""
    return [make(enable=False) for make in MAKERS]


def renew(device, make):
    """One that was enabled keeps its workqueue."""
    device.disable()
    device.remove()
    make(enable=False)


@case('too many threads: ENOMEM, and the device is what it was')
def no_thread():
    # none for the workqueue of a device, nor for what else wants one just now
    write('/dev/kmsg', 'scst-test: expect workqueue: Failed to create a .*')
    devices, limit = stores(), read(THREADS)
    for device in devices:
        before, now = state(), enable(device)
        write(THREADS, 1)
        try:
            error = now()
        finally:
            write(THREADS, limit)
        equal(error, errno.ENOMEM, 'errno')
        equal(state(), before, 'what there is')
        device.set('enabled', 1)
    serves(*devices)


@case('no memory for enabling: ENOMEM, and all is what it was')
def enabling():
    write('/dev/kmsg', 'scst-test: expect workqueue: Failed to .*')
    devices = stores()
    for device, make in zip(devices, MAKERS):
        each_fails(lambda there=device: enable(there),
                   lambda there=device, again=make: renew(there, again))
    serves(*devices)


def scst_text():
    """From where to where the code of SCST's modules lies."""
    sections = glob.glob('/sys/module/scst*/sections/.text')
    if not sections:
        raise Skip('scst is built in')
    start = [int(read(path), 16) for path in sections]
    size = [int(line.split()[1]) for line in read('/proc/modules').split('\n')
            if line.startswith('scst')]
    return min(start), max(start) + max(size)


@contextlib.contextmanager
def failing_in_scst(what, interval):
    """Every nth allocation that SCST, or what it calls, asks for fails."""
    if not os.path.isdir(DEBUGFS + what):
        raise Skip('no ' + what)
    start, end = scst_text()
    settings = {'task-filter': 'N', 'times': MANY, 'interval': interval,
                'verbose': 0, 'ignore-gfp-wait': 'N',
                'ignore-gfp-highmem': 'N', 'min-order': 0,
                'require-start': start, 'require-end': end,
                'stacktrace-depth': 32}
    for attr, value in settings.items():
        path = '%s%s/%s' % (DEBUGFS, what, attr)
        if os.path.exists(path):
            write(path, value)
    # opened, and written once, now: both take memory
    with open('%s%s/probability' % (DEBUGFS, what), 'wb',
              buffering=0) as switch:
        switch.write(b'0')
        switch.write(b'100')
        try:
            yield
        finally:
            switch.write(b'0')


def more_may_fail(what):
    return int(read('%s%s/times' % (DEBUGFS, what)))


def serving(what, interval):
    def storm():
        write('/dev/kmsg', 'scst-test: expect .*(I/O error|sd[a-z]).*')
        target = Target()
        target.add(0, fileio())
        disk = target.login().disk()
        load = Load(disk, '--continue_on_error=all')
        with failing_in_scst(what, interval):
            for _ in range(20):
                with contextlib.suppress(OSError):
                    run('sg_inq', disk, status=None)
        check(more_may_fail(what) < MANY - 20, 'hardly any allocation failed')
        load.stop_failing()
        fio_verify(disk)
    return storm


case('commands with failing kmalloc')(serving('failslab', 5))
case('commands with failing page allocations')(serving('fail_page_alloc', 5))


@case('LUNs that there was no memory for are there when there is some')
def luns_later():
    write('/dev/kmsg', 'scst-test: expect .*sd.*')
    target = Target()
    target.add(0, nullio('default'))
    group = target.group('g', 'host')
    group.add(0, nullio('mine'))
    sg = target.login('host').sg()
    equal(product(sg), b'mine', 'product')
    with failing_in_scst('failslab', 1):
        os.rmdir(group.path + '/initiators/host')
        left = more_may_fail('failslab')
        check(left < MANY, 'there was memory')
        # Whoever tries again is already at work, and has none either.
        wait_for(lambda: more_may_fail('failslab') < left, 'another attempt')
    wait_for(lambda: product(sg) == b'default', 'the LUN')


if __name__ == '__main__':
    main()
