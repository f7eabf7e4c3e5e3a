#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Configuration changes while initiators are at work: no command is lost."""
import errno
import os
import random
import threading

from lib import (LONG, Load, Target, case, check, equal, fileio, fio_verify,
                 main, nullio, run, wait_for, write)

ROUNDS = 200 if LONG else 20


def try_to(action, *arguments):
    """EBUSY and its like are answers, too."""
    try:
        action(*arguments)
        return True
    except OSError as error:
        check(error.errno in (errno.EBUSY, errno.ENOTEMPTY, errno.EEXIST,
                              errno.ENOENT, errno.ENODEV),
              'errno %s' % errno.errorcode.get(error.errno))
        return False


@case('other LUNs come and go under load')
def other_luns():
    target = Target()
    target.add(0, fileio('busy'))
    others = [nullio('n%d' % i) for i in range(4)]
    load = Load(target.login().disk())
    for i in range(ROUNDS):
        device = others[i % 4]
        target.add(1 + i % 4, device)
        target.delete(1 + i % 4, device)
    load.stop()


@case('the busy LUN itself goes and comes back')
def busy_lun():
    target, device = Target(), fileio('busy')
    target.add(0, device)
    session = target.login()
    disk = session.disk()
    # sd reports what fails: that is what this case is about.
    write('/dev/kmsg', 'scst-test: expect .*(I/O error|sd[a-z]).*')
    for _ in range(ROUNDS // 4):
        load = Load(disk, '--continue_on_error=all')
        target.delete(0, device)
        target.add(0, device)
        load.stop_failing()
    fio_verify(disk)


@case('a LUN is replaced under load, again and again')
def replaced():
    target = Target()
    devices = [nullio('n0'), nullio('n1')]
    target.add(0, devices[0])
    load = Load(target.login().disk())
    for i in range(ROUNDS):
        new, old = devices[(i + 1) % 2], devices[i % 2]
        target.add(0, new)
        os.unlink('%s/luns/0/%s' % (target.path, old.name))
        old.disable()
        old.set('enabled', 1)
    load.stop()


@case('a session ends under load')
def session_ends():
    target = Target()
    target.add(0, fileio())
    write('/dev/kmsg', 'scst-test: expect .*(I/O error|sd[a-z]).*')
    for _ in range(ROUNDS // 4):
        session = target.login()
        load = Load(session.disk())
        session.logout()
        load.stop_failing()


@case('sessions of one target come and go beside a busy one')
def sessions():
    target = Target()
    target.add(0, fileio())
    load = Load(target.login('busy').disk())
    for i in range(ROUNDS):
        target.login('s%d' % i).logout()
    load.stop()


@case('groups change under load')
def groups():
    target = Target()
    target.add(0, fileio('f0'))
    group = target.group('g')
    group.add(0, nullio('other'))
    load = Load(target.login('host').disk(), '--readonly', '--rw=randread')
    for _ in range(ROUNDS):
        os.mkdir(group.path + '/initiators/host')
        os.rmdir(group.path + '/initiators/host')
    load.stop()


@case('several administrators at once')
def administrators():
    targets = [Target('t%d' % i) for i in range(3)]
    devices = [nullio('n%d' % i) for i in range(3)]
    errors = []

    def work(seed):
        choose = random.Random(seed)
        try:
            for _ in range(ROUNDS * 3):
                target, device = choose.choice(targets), choose.choice(devices)
                lun = '%s/luns/%d' % (target.path, choose.randrange(3))
                try_to(choose.choice((
                    lambda: os.mkdir(lun), lambda: os.rmdir(lun),
                    lambda: os.symlink(device.path, lun + '/d'),
                    lambda: os.unlink(lun + '/d'),
                    lambda: os.mkdir(target.path + '/sessions/s%d' % seed),
                    lambda: os.rmdir(target.path + '/sessions/s%d' % seed),
                    lambda: write(device.path + '/enabled', 0),
                    lambda: write(device.path + '/enabled', 1))))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(errors, [], 'errors')


@case('everything is dismantled in any order')
def any_order():
    for seed in range(ROUNDS):
        target, device = Target(), nullio()
        target.add(0, device)
        session = target.login()
        steps = [lambda: os.rmdir(session.path),
                 lambda: os.unlink(target.path + '/luns/0/n0'),
                 lambda: os.rmdir(target.path + '/luns/0'),
                 lambda: os.rmdir(target.path),
                 lambda: os.rmdir(device.path)]
        choose = random.Random(seed)
        while steps:
            step = choose.choice(steps)
            if try_to(step):
                steps.remove(step)
        wait_for(session.gone, 'the end of the host')
    run('true')


if __name__ == '__main__':
    main()
