#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Asymmetric access: states, groups, requests, and Linux as the initiator."""
import os
import signal
import socket

import sgio
from alua_lib import (CHANGED, FAILED, GOOD, INVALID_CDB, INVALID_PARAM,
                      LIST_LENGTH, READ_ONE, READY, STATES, STPG_FAILED,
                      TRANSITION, WHERE, Asking, DeviceGroup, Pair, ask,
                      group_bytes, groups, multipath, quiet, ready, report,
                      request_sense, wanted)
from lib import (SLOW, Load, Target, case, check, dismantle, equal, fails,
                 fileio, main, nullio, read, run, tree, wait_for, write)

TASK_ABORTED = 0x40


def inquiry(sg, page=None):
    cdb = bytes([0x12, page is not None, page or 0, 0x04, 0, 0])
    result = sgio.command(sg, cdb, sgio.IN, length=1024)
    equal(result.status, sgio.GOOD, 'INQUIRY')
    return result.data


def designators(sg):
    """(association and type, content) of VPD page 83h"""
    data, found = inquiry(sg, 0x83), []
    at = 4
    while at < 4 + int.from_bytes(data[2:4], 'big'):
        length = data[at + 3]
        found.append((data[at + 1], data[at + 4:at + 4 + length]))
        at += 4 + length
    return found


@case('no group: no TPGS, no command, no designator')
def none():
    target = Target()
    target.add(0, nullio())
    sg = target.login().sg()
    quiet(sg)
    equal(inquiry(sg)[5] & 0x30, 0, 'TPGS')
    check(not [d for d in designators(sg) if d[0] in (0x15, 0x06)], 'groups')
    equal(report(sg).triple, INVALID_CDB, 'REPORT TARGET PORT GROUPS')
    equal(ask(sg, wanted((1, 'active'))).triple, (5, 0x20, 0),
          'SET TARGET PORT GROUPS')


@case('INQUIRY: TPGS, target port group, logical unit group')
def identity():
    pair = Pair(lu_group_id=0x1234)
    pair.ports[1].set('group_id', 0xabcd)
    for sg, number in zip(pair.sgs, (1, 0xabcd)):
        quiet(sg)
        equal(inquiry(sg)[5] & 0x30, 0x10, 'TPGS')
        found = dict(designators(sg))
        equal(found[0x15], number.to_bytes(4, 'big'), 'target port group')
        equal(found[0x06], (0x1234).to_bytes(4, 'big'), 'logical unit group')
        run('sg_vpd', '-p', 'di', sg)
    pair.group.set('explicit', 1)
    for sg in pair.sgs:
        # Not by TEST UNIT READY: Linux would look at the disk again, when it
        # likes, and take what comes next.
        equal(request_sense(sg), (6, 0x3f, 3), 'REQUEST SENSE')
        ready(sg, GOOD)
        equal(inquiry(sg)[5] & 0x30, 0x30, 'TPGS')
    pair.ports[0].delete(pair.targets[0])
    ready(pair.sgs[0], (6, 0x3f, 3))
    ready(pair.sgs[1], GOOD)
    equal(inquiry(pair.sgs[0])[5] & 0x30, 0, 'TPGS')


@case('REPORT TARGET PORT GROUPS: both formats, any length')
def rtpg():
    pair = Pair(implicit_transition_time=60)
    ids = [int(read(t.path + '/rel_tgt_id')) for t in pair.targets]
    pair.ports[0].set('preferred', 1)
    path = pair.ports[1].remote('peer')
    want = (group_bytes(1, 'active', ids[0], preferred=1) +
            group_bytes(2, 'active', ids[1]))
    quiet(pair.sgs[1])
    equal(groups(pair.sgs[1]), want, 'groups, one port without a number')
    write(path + '/rel_tgt_id', 700)
    pair.ports[1].set('supported_states', 'active standby transitioning')
    pair.states('nonoptimized', 'standby')
    pair.group.ports('empty', group_id=0)
    want = (group_bytes(1, 'nonoptimized', ids[0], preferred=1, status=2) +
            group_bytes(2, 'standby', ids[1], 700, status=2, supported=0x85) +
            group_bytes(0, 'active'))
    for sg in pair.sgs:
        quiet(sg)
        equal(groups(sg), want, 'groups')
        run('sg_rtpg', '-d', sg)
        run('sg_rtpg', '-e', sg)
        whole = len(want).to_bytes(4, 'big') + want
        extended = (len(want) + 4).to_bytes(4, 'big') + b'\x10\x3c\0\0' + want
        for form, data in ((0, whole), (1, extended)):
            for length in (0, 3, 4, 7, 8, 20, len(data), len(data) + 9):
                equal(report(sg, form, length).data, data[:length], 'data')
        for form in range(2, 8):
            result = report(sg, form)
            equal(result.triple, INVALID_CDB, 'format %d' % form)
            equal(result.field, (1, 7), 'field')


# (CDB, bytes, the states that execute it beside the active ones)
COMMANDS = (
    (READY, 0, ''), (READ_ONE, 512, ''), ('35000000000000000000', 0, ''),
    ('1b0000000100', 0, ''), ('25000000000000000000', 8, 's'),
    ('9e10' + '00' * 11 + '200000', 32, 's'), ('1a003f00c000', 192, 's'),
    ('5e00000000000000c000', 192, 's'), ('5e02000000000000c000', 192, 's'),
    ('a30c00000000000000c00000', 192, 's'),
    ('a30d00000000000000100000', 16, 's'),
    ('120000002400', 36, 'suot'), ('a00000000000000000ff0000', 255, 'suot'),
    ('030000001200', 18, 'suot'), ('a30a00000000000000c00000', 192, 'suot'),
)


@case('each state executes its commands, and has its sense for the others')
def states():
    pair = Pair()
    sense = {'standby': (2, 4, 0x0b), 'unavailable': (2, 4, 0x0c),
             'offline': (2, 4, 0x12), 'transitioning': TRANSITION}
    for state in STATES:
        pair.states('active', state)
        quiet(pair.sgs[1])
        for cdb, length, more in COMMANDS:
            fine = state not in sense or state[0] in more
            result = sgio.command(pair.sgs[1], cdb,
                                  sgio.IN if length else sgio.NONE,
                                  length=length)
            equal(result.triple, GOOD if fine else sense[state],
                  '%s in %s' % (cdb, state))
        qualifier = 1 if state in ('unavailable', 'offline') else 0
        equal(inquiry(pair.sgs[1])[0] >> 5, qualifier, 'qualifier')
        equal(inquiry(pair.sgs[1], 0x83)[0] >> 5, qualifier, 'qualifier')
        quiet(pair.sgs[0])
        ready(pair.sgs[0], GOOD)


@case('unit attentions: each nexus hears of each change, once')
def attentions():
    pair = Pair()
    for names in (('standby', 'active'), ('nonoptimized', 'unavailable')):
        for group, name in zip(pair.ports, names):
            before = group.get('state')
            group.state(name)
            for sg in pair.sgs:
                if before != name:
                    ready(sg, CHANGED)
                check(sgio.command(sg, READY).key != 6, 'told twice')
    pair.states('active', 'active')
    pair.settle()
    pair.ports[0].state('transitioning')
    pair.settle()
    ready(pair.sgs[0], TRANSITION)
    pair.ports[0].state('active')
    for sg in pair.sgs:
        ready(sg, FAILED)
        ready(sg, GOOD)
    pair.ports[0].state('transitioning')
    pair.settle()
    pair.ports[0].state('standby')
    for sg in pair.sgs:
        ready(sg, CHANGED)


@case('what is refused, and changes nothing')
def refused():
    pair = Pair()
    other = DeviceGroup('other')
    spare = other.ports('q0')
    before = tree()
    for name, source, link in (
            ('EINVAL', pair.targets[0], other.path + '/devices/x'),
            ('EBUSY', pair.device, other.path + '/devices/x'),
            ('EEXIST', pair.device, pair.group.path + '/devices/x'),
            ('EINVAL', pair.device, spare.path + '/targets/x'),
            ('EEXIST', pair.targets[0], pair.ports[0].path + '/targets/x'),
            ('EEXIST', pair.targets[0], pair.ports[1].path + '/targets/x')):
        with fails(name):
            os.symlink(source.path, link)
    for where in (WHERE, other.path + '/target_groups',
                  spare.path + '/targets'):
        with fails('ENAMETOOLONG'):
            os.mkdir(where + '/' + 'n' * 224)
    for path, name in ((pair.group.path, 'ENOTEMPTY'),
                       (pair.ports[0].path, 'ENOTEMPTY'),
                       (pair.device.path, 'EBUSY')):
        with fails(name):
            os.rmdir(path)
    equal(tree(), before, 'the tree')

    for where, attr, value, name in (
            (pair.group, 'lu_group_id', other.get('lu_group_id'), 'EEXIST'),
            (pair.group, 'lu_group_id', 65536, 'ERANGE'),
            (pair.group, 'lu_group_id', 'x', 'EINVAL'),
            (pair.group, 'implicit_transition_time', 256, 'ERANGE'),
            (pair.group, 'explicit', 'maybe', 'EINVAL'),
            (pair.group, 'explicit_timeout', 0, 'ERANGE'),
            (pair.group, 'explicit_timeout', 3601, 'ERANGE'),
            (pair.group, 'request', 'fail', 'ENODATA'),
            (pair.group, 'request', 'good', 'EINVAL'),
            (pair.ports[0], 'group_id', 2, 'EEXIST'),
            (pair.ports[0], 'group_id', 65536, 'ERANGE'),
            (pair.ports[0], 'state', 'lba_dependent', 'EINVAL'),
            (pair.ports[0], 'state', 'on', 'EINVAL'),
            (pair.ports[0], 'preferred', 'x', 'EINVAL'),
            (pair.ports[0], 'supported_states', '', 'EINVAL'),
            (pair.ports[0], 'supported_states', 'active on', 'EINVAL'),
            (pair.ports[0], 'supported_states', 'standby offline', 'EBUSY')):
        old = where.get(attr)
        with fails(name):
            where.set(attr, '%s\n' % value)
        equal(where.get(attr), old, attr)
    pair.ports[0].set('supported_states', 'standby active')
    equal(pair.ports[0].get('supported_states'), 'active standby', 'states')
    with fails('ENOTSUP'):
        pair.ports[0].state('offline')
    equal(pair.ports[0].get('state'), 'active', 'state')
    for sg in pair.sgs:
        ready(sg, GOOD)


@case('relative target port identifiers are unique in a device group')
def numbers():
    group = DeviceGroup('dg', nullio())
    target = Target(enable=False)
    mine = int(read(target.path + '/rel_tgt_id'))
    ports = group.ports('p', target)
    path = ports.remote('peer', 900) + '/rel_tgt_id'
    for value, name in ((mine, 'ENOTUNIQ'), (0, 'EINVAL'), (65536, 'ERANGE')):
        with fails(name):
            write(path, value)
    equal(read(path), '900', 'rel_tgt_id')
    with fails('ENOTUNIQ'):
        write(target.path + '/rel_tgt_id', 900)
    write(target.path + '/rel_tgt_id', mine)
    ports.delete(target)
    write(target.path + '/rel_tgt_id', 900)
    with fails('ENOTUNIQ'):
        ports.add(target)
    for i in range(254):
        ports.remote('r%d' % i)
    with fails('ENOSPC'):
        ports.remote('last')
    with fails('ENOSPC'):
        group.ports('q').remote('x')
        write(target.path + '/rel_tgt_id', mine)
        ports.add(target)


@case('SET TARGET PORT GROUPS: user space writes the states')
def explicit():
    pair = Pair(explicit=1, explicit_timeout=600)
    pair.settle()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15) as events:
        events.bind((0, 1))
        events.settimeout(20 * SLOW)
        asking = Asking(pair, pair.sgs[0], (1, 'standby'), (2, 'nonoptimized'))
        event = b''
        while b'SCST_EVENT=' not in event:
            event = events.recv(4096)
    for text in (b'ACTION=change', b'SUBSYSTEM=scst_device_group',
                 b'DEVPATH=/devices/virtual/scst_device_group/dg',
                 b'SCST_EVENT=set_target_port_groups', b'REQUEST=1',
                 b'SCST_TIMEOUT=600'):
        check(text in event.split(b'\0'), 'no %s in %s' % (text, event))
    equal(pair.group.get('request'), '1 standby\n2 nonoptimized', 'request')
    # One at a time; nothing else waits, what runs alone included.
    equal(ask(pair.sgs[1], wanted((1, 'offline'))).triple, TRANSITION, 'other')
    ready(pair.sgs[1], GOOD)
    equal(sgio.command(pair.sgs[1], '160000000000').triple, GOOD, 'RESERVE')
    equal(sgio.command(pair.sgs[1], '170000000000').triple, GOOD, 'RELEASE')
    pair.ports[1].state('nonoptimized')
    equal(asking.result, None, 'half of it')
    pair.ports[0].state('standby')
    asking.ends(GOOD)
    equal(pair.group.get('request'), '', 'request')
    ready(pair.sgs[0], (2, 4, 0x0b), 'who has asked')
    ready(pair.sgs[1], CHANGED, 'the other')
    ready(pair.sgs[1], GOOD)
    ids = [int(read(t.path + '/rel_tgt_id')) for t in pair.targets]
    equal(groups(pair.sgs[0]), group_bytes(1, 'standby', ids[0], status=1) +
          group_bytes(2, 'nonoptimized', ids[1], status=1), 'groups')


@case('SET TARGET PORT GROUPS: what needs nobody, and what is refused at once')
def explicit_bad():
    pair = Pair(explicit=1)
    pair.settle()
    pair.ports[1].set('supported_states', 'active offline transitioning')
    sg = pair.sgs[0]
    for data in (b'', bytes(4), wanted((1, 'active')),
                 wanted((2, 'active'), (1, 'active'))):
        equal(ask(sg, data).triple, GOOD, data.hex())
    for data in (bytes(3), bytes(5), bytes(7), wanted((1, 'standby'))[:7]):
        equal(ask(sg, data).triple, LIST_LENGTH, data.hex())
    for data, field in ((wanted((3, 'standby')), (6, 7)),
                        (wanted((1, 'standby'), (1, 'standby')), (10, 7)),
                        (wanted((1, 'standby'), (2, 'standby')), (8, 3)),
                        (wanted((1, 'transitioning')), (4, 3)),
                        (wanted((1, 4)), (4, 3)), (wanted((1, 13)), (4, 3))):
        result = ask(sg, data)
        equal(result.triple, INVALID_PARAM, data.hex())
        equal(result.field, field, 'field of ' + data.hex())
    equal(pair.group.get('request'), '', 'request')
    pair.ports[1].state('transitioning')
    pair.settle()
    equal(ask(sg, wanted((2, 'offline'))).triple, TRANSITION, 'on its way')
    pair.group.set('explicit', 0)
    pair.settle()
    equal(ask(sg, wanted((1, 'standby'))).triple, (5, 0x20, 0), 'implicit')


@case('SET TARGET PORT GROUPS: refused, too late, aborted, group gone')
def explicit_ends():
    pair = Pair(fileio(tas=1), explicit=1, explicit_timeout=600)
    pair.settle()
    asking = Asking(pair, pair.sgs[0], (1, 'standby'))
    pair.group.set('request', 'fail')
    asking.ends(STPG_FAILED)
    # Who answers by number answers no other request.
    asking = Asking(pair, pair.sgs[0], (1, 'standby'))
    for answer, name in (('1 fail', 'ESTALE'), ('3 fail', 'ESTALE'),
                         ('2', 'EINVAL'), ('2 good', 'EINVAL')):
        with fails(name):
            pair.group.set('request', answer)
    pair.group.set('request', '2 fail')
    asking.ends(STPG_FAILED)
    with fails('ESTALE'):
        pair.group.set('request', '2 fail')
    asking = Asking(pair, pair.sgs[0], (1, 'standby'))
    pair.group.set('explicit', 0)
    asking.ends(STPG_FAILED)
    pair.group.set('explicit', 1)
    pair.settle()
    asking = Asking(pair, pair.sgs[0], (1, 'standby'))
    pair.group.delete(pair.device)
    asking.ends(STPG_FAILED)
    pair.group.add(pair.device)
    pair.settle()
    asking = Asking(pair, pair.sgs[0], (1, 'standby'))
    run('sg_reset', '-d', pair.sgs[1])
    equal(asking.end().status, TASK_ABORTED, 'status')
    equal(pair.group.get('request'), '', 'request')
    pair.settle()
    # With nobody there to answer
    pair.group.set('explicit_timeout', 1)
    asking = Asking(pair, pair.sgs[0], (1, 'standby'))
    asking.ends(STPG_FAILED)
    equal(pair.ports[0].get('state'), 'active', 'state')
    ready(pair.sgs[0], GOOD)


@case('SET TARGET PORT GROUPS: who answers is killed halfway')
def explicit_killed():
    pair = Pair(explicit=1, explicit_timeout=1)
    asking = Asking(pair, pair.sgs[0], (1, 'standby'), (2, 'nonoptimized'))
    run('sh', '-c', 'echo nonoptimized >%s/state; kill -9 $$' %
        pair.ports[1].path, status=-signal.SIGKILL)
    asking.ends(STPG_FAILED)
    equal([ports.get('state') for ports in pair.ports],
          ['active', 'nonoptimized'], 'states')
    equal(pair.group.get('request'), '', 'request')
    # The next one is not in the way of what is left of it.
    pair.group.set('explicit_timeout', 600)
    pair.settle()
    asking = Asking(pair, pair.sgs[0], (1, 'standby'))
    pair.ports[0].state('standby')
    asking.ends(GOOD)


# As sysfs has them
ACCESS = (('nonoptimized', 'active/non-optimized'), ('standby', 'standby'),
          ('unavailable', 'unavailable'), ('offline', 'offline'),
          ('active', 'active/optimized'))


@case("Linux's scsi_dh_alua follows the states")
def handler():
    pair = Pair(linux=True)
    for session in pair.sessions:
        equal(read(session.sysfs(0) + '/dh_state'), 'alua', 'dh_state')
    pair.ports[0].set('preferred', 1)
    for name, access in ACCESS:
        pair.ports[1].state(name)
        # The handler hears of it first, and asks for all states.
        ready(pair.sgs[0], GOOD)
        for session, want in zip(pair.sessions, ('active/optimized', access)):
            wait_for(lambda: read(session.sysfs(0) + '/access_state') == want,
                     want)
    equal([read(session.sysfs(0) + '/preferred_path')
           for session in pair.sessions], ['1', '0'], 'preferred_path')


@case('dm-multipath fails over and back under fio verify')
def failover():
    pair = Pair(fileio(size=64 << 20), linux=True)
    pair.states('active', 'standby')
    # Each failed path, once
    write('/dev/kmsg', 'scst-test: expect I/O error, dev sd')
    with multipath('scst-mp', *pair.disks) as disk:
        load = Load(disk, '--verify=crc32c', '--rw=randwrite',
                    '--verify_backlog=64', '--verify_fatal=1')
        for turn in range(6):
            to, old = (1, 0) if turn % 2 == 0 else (0, 1)
            pair.ports[to].state('active')
            pair.ports[old].state(('standby', 'unavailable')[turn // 2 % 2])
            before = load.commands()
            run('dmsetup', 'message', 'scst-mp', '0', 'reinstate_path',
                os.path.realpath(pair.disks[to]))
            wait_for(lambda: load.commands() > before + 200,
                     'commands by the other path')
        load.stop()


@case('groups come and go under load')
def turmoil():
    pair = Pair(fileio(size=32 << 20))
    loads = [Load(disk) for disk in pair.disks]
    for _ in range(20):
        pair.ports[0].delete(pair.targets[0])
        pair.ports[1].state('nonoptimized')
        pair.ports[0].add(pair.targets[0])
        pair.group.delete(pair.device)
        pair.ports[1].state('active')
        pair.group.add(pair.device)
        extra = pair.group.ports('more')
        extra.remote('peer', 4000)
        os.rmdir(extra.path + '/targets/peer')
        os.rmdir(extra.path)
    for load in loads:
        load.stop()
    dismantle()
    equal(os.listdir(WHERE), [], 'groups')


if __name__ == '__main__':
    main()
