#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Stores that are closed while no target port of this machine may use them."""
import concurrent.futures
import os

import sgio
from alua_lib import (CHANGED, GOOD, READ_ONE, READY, Pair, DeviceGroup,
                      is_active, is_closing, multipath, quiet, ready)
from lib import (Load, Stall, Target, blockio, case, check, equal, fileio,
                 loop_device, main, run, set_active, wait_for, write)

NOT_READY = (2, 4, 0)
FORMATTING, FORMAT_FAILED = (2, 4, 4), (3, 0x31, 1)
TRANSITION = (2, 4, 0x0a)
STANDBY = (2, 4, 0x0b)
CAPACITY = '25000000000000000000'


def capacity(sg):
    result = sgio.command(sg, CAPACITY, sgio.IN, length=8)
    equal(result.triple, GOOD, 'READ CAPACITY')
    return int.from_bytes(result.data[:4], 'big') + 1


def read_one(sg):
    """In the end; while the store is being opened Linux asks again."""
    def done():
        result = sgio.command(sg, READ_ONE, sgio.IN, length=512)
        check(result.key in (None, sgio.UNIT_ATTENTION) or
              result.triple == TRANSITION, result)
        return result if result.triple == GOOD else None

    return wait_for(done, 'the store').data


def is_free(path):
    """Nobody has opened it for himself."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_EXCL))
        return True
    except OSError:
        return False


@case('standby closes the store, active opens it')
def closes():
    with loop_device() as store:
        device = blockio(store, bind_alua_state=1)
        pair = Pair(device)
        data = os.urandom(512)
        equal(sgio.command(pair.sgs[0], '2a000000000000000100', sgio.OUT,
                           data).triple, GOOD, 'WRITE')
        blocks = capacity(pair.sgs[0])
        # One of the ports may use it.
        pair.states('standby', 'active')
        pair.settle()
        equal(device.get('active'), '1', 'active')
        check(not is_free(store), 'the store is closed')
        pair.states('standby', 'unavailable')
        is_active(device, 0)
        check(is_free(store), 'the store is open')
        pair.settle()
        ready(pair.sgs[0], STANDBY)
        # Who looks for paths finds how large the disk is.
        equal(capacity(pair.sgs[0]), blocks, 'blocks')
        pair.states('transitioning', 'offline')
        pair.settle()
        equal(device.get('active'), '0', 'active')
        pair.states('nonoptimized', 'offline')
        is_active(device, 1)
        equal(read_one(pair.sgs[0]), data, 'data')
        check(not is_free(store), 'the store is closed')


@case('of the state initiators hear, and of nothing else')
def attentions():
    device = fileio(bind_alua_state=1)
    pair = Pair(device)
    pair.states('standby', 'standby')
    is_active(device, 0)
    pair.settle()
    pair.states('active', 'standby')
    is_active(device, 1)
    ready(pair.sgs[0], CHANGED)
    ready(pair.sgs[0], GOOD)


@case('another size, and a store that is not there')
def other_store():
    device = fileio(size=8 << 20, bind_alua_state=1)
    path = device.get('filename')
    pair = Pair(device)
    pair.states('standby', 'standby')
    is_active(device, 0)
    os.truncate(path, 16 << 20)
    pair.states('active', 'active')
    is_active(device, 1)
    quiet(pair.sgs[0])
    equal(capacity(pair.sgs[0]), 16 << 11, 'blocks')
    pair.states('standby', 'standby')
    is_active(device, 0)
    os.rename(path, path + '.away')
    pair.states('active', 'active')
    # It stays so until somebody says that it is there.
    wait_for(lambda: sgio.command(pair.sgs[0], '000000000000').triple ==
             NOT_READY, 'the end of trying')
    equal(device.get('active'), '0', 'active')
    os.rename(path + '.away', path)
    set_active(device, 1)
    read_one(pair.sgs[0])


@case('a format that was cut short is forgotten when the store comes back')
def formatted_elsewhere():
    with Stall(256 << 20) as store, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        device = blockio(store.path, bind_alua_state=1)
        pair = Pair(device)
        store.suspend()
        try:
            job = pool.submit(sgio.command, pair.sgs[0], '040000000000')
            # A READ that came before it would wait for the store, and it for
            # the READ.
            wait_for(lambda: sgio.command(pair.sgs[1], READY).triple ==
                     FORMATTING, 'the beginning')
            pair.states('standby', 'standby')
            is_closing(device)
        finally:
            store.resume()
        equal(job.result().triple, FORMAT_FAILED, 'FORMAT UNIT')
        is_active(device, 0)
        pair.states('active', 'active')
        is_active(device, 1)
        quiet(pair.sgs[0])
        read_one(pair.sgs[0])


@case('... but not if nobody has heard that it was cut short')
def formatted_unheard():
    with Stall(256 << 20) as store:
        device = blockio(store.path, bind_alua_state=1)
        pair = Pair(device)
        store.suspend()
        try:
            equal(sgio.command(pair.sgs[0], '041000000000', sgio.OUT,
                               b'\0\x02\0\0').triple, GOOD, 'FORMAT UNIT')
            pair.states('standby', 'standby')
            is_closing(device)
        finally:
            store.resume()
        is_active(device, 0)
        # Who has not begun it may hear of it first.
        quiet(pair.sgs[1])
        pair.states('active', 'active')
        is_active(device, 1)
        pair.settle()
        ready(pair.sgs[0], FORMAT_FAILED)
        # Now somebody has, and may have done it at another machine.
        pair.states('standby', 'standby')
        is_active(device, 0)
        pair.states('active', 'active')
        is_active(device, 1)
        quiet(pair.sgs[0])
        read_one(pair.sgs[0])


@case('without bind_alua_state the store stays open')
def unbound():
    device = fileio()
    pair = Pair(device)
    pair.states('standby', 'offline')
    pair.settle()
    equal(device.get('active'), '1', 'active')
    device.set('bind_alua_state', 1)
    is_active(device, 0)
    device.set('bind_alua_state', 0)
    is_active(device, 1)


@case('what an administrator has closed stays closed')
def by_hand():
    device = fileio(bind_alua_state=1)
    pair = Pair(device)
    set_active(device, 0)
    pair.states('standby', 'standby')
    pair.states('active', 'active')
    quiet(pair.sgs[0])
    ready(pair.sgs[0], NOT_READY)
    set_active(device, 1)
    read_one(pair.sgs[0])


@case('a disk that is enabled when no port may use it')
def enabled_late():
    device = fileio(enable=False, bind_alua_state=1)
    target = Target()
    group = DeviceGroup('dg', device)
    ports = group.ports('p0', target)
    ports.state('standby')
    device.set('enabled', 1)
    is_active(device, 0)
    group.delete(device)
    is_active(device, 1)
    device.disable()
    device.remove()


@case('states come and go, devices too')
def turmoil():
    device = fileio(bind_alua_state=1)
    pair = Pair(device)
    for _ in range(30):
        pair.states('standby', 'offline')
        pair.states('active', 'nonoptimized')
        pair.group.delete(device)
        pair.group.add(device)
    is_active(device, 1)
    read_one(pair.sgs[1])
    pair.states('standby', 'standby')


@case('dm-multipath on two machines\' ports: the store moves under load')
def moves():
    write('/dev/kmsg', 'scst-test: expect I/O error, dev sd')
    with loop_device(64 << 20) as store:
        device = blockio(store, bind_alua_state=1)
        pair = Pair(device, linux=True)
        pair.states('active', 'standby')
        with multipath('scst-mp', *pair.disks) as disk:
            load = Load(disk, '--verify=crc32c', '--rw=randwrite',
                        '--verify_backlog=64', '--verify_fatal=1')
            for turn in range(4):
                to, old = (1, 0) if turn % 2 == 0 else (0, 1)
                pair.ports[old].state('standby')
                is_active(device, 0)
                pair.ports[to].state('active')
                is_active(device, 1)
                before = load.commands()
                for path in pair.disks:
                    run('dmsetup', 'message', 'scst-mp', '0',
                        'reinstate_path', os.path.realpath(path))
                wait_for(lambda: load.commands() > before + 100,
                         'commands by the other path')
            load.stop()


if __name__ == '__main__':
    main()
