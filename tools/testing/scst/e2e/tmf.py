#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Task management from Linux's error handling, stores that stall."""
import os
import subprocess
import threading

import sgio
from lib import (LONG, Load, Stall, Target, blockio, case, check, equal, fileio,
                 fio_verify, main, nullio, read, run, wait_for, write)

ROUNDS = 100 if LONG else 10


def reset(*options):
    def under_load():
        target = Target()
        target.add(0, fileio())
        session = target.login()
        disk, sg = session.disk(), session.sg()
        load = Load(disk)
        for _ in range(ROUNDS):
            run('sg_reset', *options, sg)
        load.stop()
        fio_verify(disk)
    return under_load


case('LOGICAL UNIT RESET under load')(reset('-d'))
case('target reset under load')(reset('-t'))
case('host reset under load')(reset('-H'))


@case('a reset is a unit attention for every nexus')
def attention():
    target = Target()
    target.add(0, nullio())
    one, other = target.login('s1').sg(), target.login('s2').sg()
    sgio.settle(one)
    sgio.settle(other)
    run('sg_reset', '-d', one)
    equal(sgio.command(other, '000000000000').triple, (6, 0x29, 3), 'sense')
    equal(sgio.command(one, '000000000000').triple, (6, 0x29, 3), 'sense')


@case('a reset ends what initiators have set: PREVENT, SWP, D_SENSE')
def reset_state():
    target = Target()
    target.add(0, fileio(removable=1))
    one, other = target.login('s1').sg(), target.login('s2').sg()
    sgio.released(one, other)
    equal(sgio.command(one, '1e0000000100').status, sgio.GOOD, 'prevent')
    control = bytearray(sgio.command(one, '1a080a001000', sgio.IN,
                                     length=16).data)
    control[0] = control[2] = 0
    control[6] |= 0x04
    control[8] |= 0x08
    equal(sgio.command(one, '151000001000', sgio.OUT, bytes(control)).status,
          sgio.GOOD, 'MODE SELECT')
    run('sg_reset', '-d', other)
    sgio.settle(one)
    sgio.settle(other)
    equal(sgio.command(one, '1a080a001000', sgio.IN, length=16).data[6:9],
          bytes([control[6] & ~4, control[7], control[8] & ~8]),
          'control page')
    equal(sgio.command(other, '1b0000000200').status, sgio.GOOD, 'eject')


@case('commands time out over a stalled store, and end when it goes on')
def timeouts():
    write('/dev/kmsg', 'scst-test: expect .*(I/O error|sd[a-z]).*')
    with Stall() as store:
        target = Target()
        target.add(0, blockio(store.path))
        session = target.login()
        disk = session.disk()
        timeout = session.sysfs(0) + '/timeout'
        before = read(timeout)
        write(timeout, 1)
        store.suspend()
        reader = subprocess.Popen(
            ['dd', 'if=' + disk, 'of=/dev/null', 'bs=4k', 'count=1',
             'iflag=direct'], stderr=subprocess.DEVNULL)
        # The abort is under way when the host says that it recovers, or when
        # the command has had its time: nothing may end before the store does.
        try:
            reader.wait(3)
            check(False, 'the command ended while the store stalled')
        except subprocess.TimeoutExpired:
            pass
        store.resume()
        reader.wait()
        write(timeout, before)
        fio_verify(disk)


@case('a stalled store holds up nobody else')
def others():
    with Stall() as store:
        target = Target()
        target.add(0, blockio(store.path))
        target.add(1, fileio())
        session = target.login()
        stalled, disk = session.disk(0), session.disk(1)
        sg = session.sg(1)
        store.suspend()
        reader = subprocess.Popen(
            ['dd', 'if=' + stalled, 'of=/dev/null', 'bs=4k', 'count=1',
             'iflag=direct'], stderr=subprocess.DEVNULL)
        fio_verify(disk)
        sgio.settle(sg)
        target.add(2, nullio())
        equal(reader.poll(), None, 'the reader')
        store.resume()
        equal(reader.wait(), 0, 'status of the reader')


@case('a LUN goes while its store stalls')
def lun_goes():
    write('/dev/kmsg', 'scst-test: expect .*(I/O error|sd[a-z]).*')
    with Stall() as store:
        target, device = Target(), blockio(store.path)
        target.add(0, device)
        session = target.login()
        disk = session.disk()
        store.suspend()
        reader = subprocess.Popen(
            ['dd', 'if=' + disk, 'of=/dev/null', 'bs=4k', 'count=1',
             'iflag=direct'], stderr=subprocess.DEVNULL)
        busy = '/sys/class/block/%s/inflight' % os.path.basename(disk)
        wait_for(lambda: read(busy).split()[0] != '0', 'the command')
        target.delete(0, device)
        try:
            device.set('enabled', 0)
            check(False, 'disabled with a command inside')
        except OSError:
            pass
        store.resume()
        equal(reader.wait(), 0, 'status of the reader')
        device.disable()


@case('resets from many sides at once')
def many():
    target = Target()
    target.add(0, fileio())
    sessions = [target.login('s%d' % i) for i in range(3)]
    disks = [s.disk() for s in sessions]
    loads = [Load(d) for d in disks]

    def work(session):
        for _ in range(ROUNDS):
            run('sg_reset', '-d', session.sg())

    threads = [threading.Thread(target=work, args=(s,)) for s in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for load in loads:
        load.stop()


if __name__ == '__main__':
    main()
