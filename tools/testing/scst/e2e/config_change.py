#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""restoreconfig: the difference only, and killed at any point."""
import copy
import os
import signal
import subprocess

import config_lib
import iscsi_lib
import lib
from config_lib import (FILE, ROOT, config_file, does, edit, everything,
                        execute_apart, kernel_has, no_steps, restore, save,
                        state, unchanged)
from lib import (Load, Target, case, check, equal, file_of, fileio, nullio,
                 read)

from scst import tree as scst_tree

IQN = iscsi_lib.IQN + 'a'
TEST_UNIT_READY = bytes(6)
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
    target['ini_groups'] = {'h': {
        'initiators': {'iqn.2026-11.org.example:*': {}},
        'auth': {'incoming': {'he': {'password': 'the secret of him'}},
                 'outgoing': {'it': {'password': 'the secret of it'}}}}}
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


@case('accounts that go: by none of them initiators of others get in')
def account_order():
    target = iscsi_lib.Target('a')
    group = target.group('g', 'iqn.2026-11.org.example:guest')
    where = 'targets/iscsi/%s/' % IQN
    theirs, its = IQN + '/auth/incoming/', '/g/auth/incoming/'
    for path, name in ((target.path, 'old'), (group.path, 'own')):
        iscsi_lib.account(path, 'incoming', name, 'the secret of ' + name)
    config_lib.secrets(**{where + 'auth/incoming/old': 'the secret of old',
                          where + 'ini_groups/g/auth/incoming/own':
                          'the secret of own'})

    def change(of_target, of_group):
        def change(tree):
            entry = tree['targets']['iscsi'][IQN]
            for owner, name in ((entry, of_target),
                                (entry['ini_groups']['g'], of_group)):
                owner['auth'] = {'incoming': {
                    name: {'password': 'the secret of ' + name}}
                    if name else {}}
        save()
        edit(change)
    # The target's are for the group's again: old is not.
    change('new', None)
    config_lib.in_order(('mkdir', theirs + 'new'), ('rmdir', theirs + 'old'),
                        ('rmdir', its + 'own'))
    # For nobody any more
    change(None, None)
    config_lib.in_order(('rmdir', theirs + 'old'), ('rmdir', its + 'own'))
    # New ones for all; who comes into the group has no right to its old one.
    change('new', 'more')
    edit(lambda tree: tree['targets']['iscsi'][IQN]['ini_groups']['g'][
        'initiators'].update({'iqn.2026-11.org.example:late': {}}))
    config_lib.in_order(('rmdir', its + 'own'), ('mkdir', '/g/initiators/'))
    # Nor have holders of the target's new one, if the group had none
    os.rmdir(group.path + '/auth/incoming/own')
    config_lib.in_order(('mkdir', its + 'more'), ('mkdir', theirs + 'new'),
                        ('rmdir', theirs + 'old'))
    restore()
    no_steps()
    for path, want in ((target.path, 'new'), (group.path, 'more')):
        equal(os.listdir(path + '/auth/incoming'), [want], 'accounts')


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
    wanted, ends, number, stride = [other, one], {}, 1, 1 if lib.LONG else 31
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
    other, apart = iscsi_lib.Target('a'), iscsi_lib.Target('b')
    iscsi_lib.serve()
    apart.add(0, nullio('n9'))
    live = apart.raw()
    live.command(TEST_UNIT_READY)   # the unit attention of power on
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
    equal(live.command(TEST_UNIT_READY).status, 0, 'the session of iSCSI')
    live.close()
    load.stop()
    no_steps()


def unload(names):
    """As after a boot."""
    for name in names:
        lib.wait_for(lambda: subprocess.run(
            ['rmmod', name], check=False, stderr=subprocess.DEVNULL
        ).returncode == 0, 'rmmod ' + name)


@case('modules that are not loaded')
def modules():
    target = iscsi_lib.Target('a')
    target.add(0, nullio())
    Target().login()
    save()
    tree = config_file.load(FILE)
    names = [name for name in ('scst', 'scst_vdisk', 'scst_local', 'scst_iscsi')
             if os.path.exists('/sys/module/%s/initstate' % name)]
    if not names:
        raise lib.Skip('all of SCST is built in')
    config_lib.clear()
    unload(reversed(names))
    equal(does('diff ' + FILE).splitlines()[:len(names) + 1],
          ['modprobe ' + name for name in names] + ['cd ' + ROOT], 'diff')
    restore()
    kernel_has(tree)
    no_steps()


if __name__ == '__main__':
    config_lib.main()
