#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
"""restoreconfig: the difference only, all or nothing, killed at any point."""
import copy
import os
import signal

import config_lib
import iscsi_lib
import lib
from config_lib import (FILE, ROOT, config_file, does, edit, everything,
                        execute_apart, fails, kernel_has, no_steps, restore,
                        save, state, unchanged)
from lib import (Load, Target, case, check, equal, file_of, fileio, nullio,
                 read)

from scst import tree as scst_tree

IQN = iscsi_lib.IQN + 'a'
DISK1 = {'link': 'handlers/vdisk_nullio/n1'}


def moved(tree):
    """Another configuration, by changes of all kinds."""
    tree = copy.deepcopy(tree)
    _move_devices(tree['handlers'])
    _move_local(tree['targets']['scst_local'])
    _move_iscsi(tree['targets']['iscsi'])
    group = tree['device_groups']['dg']
    group['lu_group_id'] = '5'
    here, there = (group['target_groups'][n] for n in ('here', 'there'))
    here['group_id'], there['group_id'] = there['group_id'], here['group_id']
    here |= {'state': 'nonoptimized', 'supported_states':
             'nonoptimized offline'}
    there['targets']['peer']['rel_tgt_id'] = '10'
    del group['devices']['n0']
    return tree


def _move_devices(handlers):
    nullios = handlers['vdisk_nullio']
    handlers['vdisk_fileio']['f0'] |= {'filename': file_of(8 << 20, 'other'),
                                       'nv_cache': '0'}
    nullios['n0']['blocksize'] = '512'
    nullios['n1']['prod_id'] = 'another'
    del nullios['off']
    handlers['vdisk_fileio']['off'] = {
        'filename': file_of(8 << 20, 'off'), 'enabled': '1'}
    nullios['new'] = {'size_mb': '1', 'enabled': '1'}


def _move_local(local):
    t0, t1 = local['t0'], local['t1']
    t0['rel_tgt_id'], t1['rel_tgt_id'] = t1['rel_tgt_id'], t0['rel_tgt_id']
    t0['luns'] = {'0': {'n1': DISK1},
                  '7': {'read_only': '1', 'x': {
                      'link': 'handlers/vdisk_fileio/off'}}}
    groups = t0['ini_groups']
    del groups['early']['initiators']['exact name']
    groups['late*']['initiators']['exact name'] = {}
    t0['ini_groups'] = dict(reversed(groups.items()))
    t0['sessions']['third'] = {}
    del t0['sessions']['someone']
    local['t2'] = {'enabled': '1', 'luns': {'0': {'n1': DISK1}},
                   'sessions': {'s': {}}}


def _move_iscsi(iscsi):
    target = iscsi[IQN]
    target |= {'alias': '', 'per_portal_acl': '0', 'redirect': ''}
    target['params']['NopInInterval'] = '7'
    target['auth'] = {'incoming': {'they': {'password': 'the secret of they'}},
                      'outgoing': {'we': {'password': 'the secret of we'}}}
    target['allowed_portals'] = {'::1': {}}
    target['ini_groups'] = {}
    del iscsi['portals']['[::1]:3261']
    iscsi['portals']['127.0.0.1:3262'] = {}


def group_order():
    """Newest first."""
    return os.listdir(ROOT + '/targets/scst_local/t0/ini_groups')


@case('from one configuration to another, and back')
def there_and_back():
    iscsi_lib.expect_errors()
    everything()
    before, order = state(), group_order()
    save()
    one = config_file.load(FILE)
    other = moved(one)
    config_lib.put(other)
    restore()
    kernel_has(hide(other))
    equal(group_order(), order[::-1], 'order of groups')
    gone = [path for path in state() if path.endswith(
        ('/dg/devices/n0', '/t0/luns/300', '/sessions/someone',
         IQN + '/auth/incoming/them', '/vdisk_nullio/off', '3261'))]
    equal(gone, [], 'what should be gone')
    no_steps()
    config_lib.put(one)
    restore()
    unchanged(before)
    equal(group_order(), order, 'order of groups')


def hide(tree):
    """Passwords as kernel_has() takes them."""
    return {name: {'secret': ''} if name == 'password' else
            hide(entry) if isinstance(entry, dict) and
            not isinstance(entry.get('link'), str) else entry
            for name, entry in tree.items()}


def kill_at(number):
    """Ends the process before its step of this number."""
    def before():
        real, steps = scst_tree.Node._try, []

        def counted(self, operation, *arguments):
            if operation != 'read':
                steps.append(operation)
                if len(steps) == number:
                    os.kill(os.getpid(), signal.SIGKILL)
            return real(self, operation, *arguments)
        scst_tree.Node._try = counted
    return before


@case('killed before any step and repeated, a restore ends where it would have')
def killed():
    iscsi_lib.expect_errors()
    everything()
    save()
    one = config_file.load(FILE)
    other = moved(one)
    # Half of what moves, there and back; all steps in a long test.
    wanted, ends, number, stride = [other, one], {}, 1, 1 if lib.LONG else 17
    for turn, tree in enumerate(wanted):
        config_lib.put(tree)
        restore()
        ends[turn] = state(), group_order()
    done = {0: False, 1: False}
    while not all(done.values()):
        for turn, tree in enumerate(wanted):
            config_lib.put(tree)
            status = execute_apart('restoreconfig ' + FILE, kill_at(number))
            if status == 0:
                done[turn] = True
            else:
                equal(status, -signal.SIGKILL, 'status')
                restore()
            unchanged(ends[turn][0], 'the tree after %d steps' % number)
            equal(group_order(), ends[turn][1], 'order of groups')
        number += stride
    lib.note('killed before each %d. step of %d' % (stride, number - stride))


@case('a session with I/O does not notice a restore that is not about it')
def session_survives():
    other = iscsi_lib.Target('a')
    iscsi_lib.serve()
    target, disk = Target(), fileio()
    target.add(0, disk)
    session = target.login()
    load = Load(session.disk())
    host = session.host
    save()

    def change(tree):
        tree['handlers']['vdisk_fileio']['f0']['vend_specific_id'] = 'other'
        tree['handlers']['vdisk_nullio']['n0'] = {'enabled': '1'}
        local = tree['targets']['scst_local']
        local['t0']['luns']['1'] = {
            'n0': {'link': 'handlers/vdisk_nullio/n0'}}
        local['t0']['ini_groups'] = {'g': {'initiators': {'x*': {}}}}
        local['t0']['cpus'] = '0'
        local['t9'] = {'enabled': '1', 'luns': local['t0']['luns']}
        tree['targets']['iscsi'][other.name]['rel_tgt_id'] = '99'
    edit(change)
    for command in ('diff ', 'restoreconfig '):
        printed = does(command + FILE)
        check('sessions' not in printed and 't0/enabled' not in printed,
              printed)
    equal(read(session.path + '/host'), 'host%d' % host, 'host')
    load.stop()
    no_steps()


def refuse(change, *want):
    """What cannot be done is said, all that is done of it is undone; gives
    back what diff says afterwards."""
    save()
    edit(change)
    fails('restoreconfig ' + FILE, *want)
    return does('diff ' + FILE)


@case('refused: a device whose store is missing; the rest is done')
def missing_store():
    path = lib.SCRATCH + '/late'
    target = Target()

    def change(tree):
        tree['handlers']['vdisk_fileio'] = {
            'late': {'filename': path, 'enabled': '1'}}
        tree['handlers']['vdisk_nullio']['n0'] = {'enabled': '1'}
        tree['targets']['scst_local']['t0']['luns'] = {
            str(i): {name: {'link': 'handlers/%s/%s' % (handler, name)}}
            for i, (handler, name) in enumerate((('vdisk_fileio', 'late'),
                                                 ('vdisk_nullio', 'n0')))}
    refuse(change,
           'Device late cannot be enabled: there is no such file',
           'Device late cannot be shown as LUN 0 of target t0', '2 objects')
    equal(sorted(os.listdir(target.path + '/luns')), ['1'], 'LUNs')
    check(not os.path.exists(ROOT + '/handlers/vdisk_fileio/late'),
          'half a device')
    file_of(1 << 20, 'late')
    restore()
    no_steps()


@case('refused: changes of what is in use; it stays as it was')
def in_use():
    target, disk, other = Target(), fileio(), nullio('off', enable=False)
    del other
    target.add(0, disk)
    target.login().disk()
    before = state()

    def change(tree):
        tree['handlers']['vdisk_fileio']['f0'] |= {
            'filename': '/nowhere', 'nv_cache': '1'}
    refuse(change, 'Device f0 cannot be enabled: there is no such')
    unchanged(before)

    def second(tree):
        tree['handlers']['vdisk_fileio']['f0'] |= {
            'rotational': '0', 'blocksize': '513'}
    refuse(second, 'blocksize of device f0 cannot become 513')
    unchanged(before)

    def third(tree):
        local = tree['targets']['scst_local']['t0']
        local |= {'rel_tgt_id': '70000', 'addr_method': 'flat'}
        local['luns']['0'] = {'read_only': '1', 'off': {
            'link': 'handlers/vdisk_nullio/off'}}
    refuse(third, 'rel_tgt_id of target t0 cannot become 70000',
           'Device off cannot be shown as LUN 0 of target t0')
    unchanged(before)


@case('refused: what keeps initiators out of a target')
def guards():
    target = iscsi_lib.Target('a')
    target.add(0, nullio())
    before = state()
    short = {'incoming': {'joe': {'password': 'short'}}}

    def change(tree):
        iscsi = tree['targets']['iscsi']
        iscsi[target.name]['auth'] = short
        iscsi[iscsi_lib.IQN + 'b'] = {'enabled': '1', 'auth': short}
        iscsi[iscsi_lib.IQN + 'c'] = {'enabled': '1', 'ini_groups': {
            'g': {'cpus': 'x', 'initiators': {'*': {}}}}}
    refuse(change, *('account joe (incoming) of target %s%s cannot become that'
                     % (iscsi_lib.IQN, name) for name in 'ab'),
           'cpus of group g of target %sc cannot' % iscsi_lib.IQN)
    unchanged(before)
    # as if killed: the target is there, but not what keeps others out
    os.mkdir(iscsi_lib.DRIVER + '/' + iscsi_lib.IQN + 'b')
    fails('restoreconfig ' + FILE, 'b stays disabled, because')
    equal(read('%s/%sb/enabled' % (iscsi_lib.DRIVER, iscsi_lib.IQN)), '0',
          'enabled')


if __name__ == '__main__':
    config_lib.main()
