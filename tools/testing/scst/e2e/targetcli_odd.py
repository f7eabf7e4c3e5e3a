#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""LIO's targetcli on SCST with what it does not expect: files that are no
saved configuration, what other programs have made, initiators' names."""
import copy
import json
import os

import iscsi_lib
import iscsi_raw
import lib
from lib import ROOT, SLOW, case, check, equal, read
from targetcli_commands import ALICE, IQN
from targetcli_lib import SCST, SETUP, TARGET, Machine

F0 = ROOT + '/handlers/vdisk_fileio/f0'
F1 = ROOT + '/handlers/vdisk_fileio/f1'
TPG = '/iscsi/%(iqn)s/tpg1'


def set_up(machine):
    for _, answer in machine.batch(SETUP):
        check('Traceback' not in answer, answer)


def says(machine, command, want):
    got = machine.ask(command)
    check(want in got, '%s: %s' % (command, got))


def keep(machine, config):
    with open(machine.dir + '/saved/odd.json', 'w', encoding='utf-8') as file:
        json.dump(config, file)


# Where in the configuration, and what is put there
WRONG = (
    ((), [1]),
    (('storage_objects', 0, 'name'), None),
    (('storage_objects', 0, 'name'), 'a\0b'),
    (('storage_objects', 0, 'dev'), '\ud800'),
    (('storage_objects', 0, 'size'), '8M'),
    (('storage_objects', 0, 'attributes'), []),
    (('targets', 0), 'x'),
    (('targets', 0, 'tpgs', 0, 'tag'), 'x'),
    (('targets', 0, 'tpgs', 0, 'enable'), 'no'),
    (('targets', 0, 'tpgs', 0, 'luns', 0, 'index'), None),
    (('targets', 0, 'tpgs', 0, 'luns', 0, 'storage_object'), 'f0'),
    (('targets', 0, 'tpgs', 0, 'portals', 0, 'port'), 'x'),
    (('targets', 0, 'tpgs', 0, 'node_acls', 0, 'tag'), 7),
)


def changed(config, where, value):
    if not where:
        return value
    config = copy.deepcopy(config)
    inner = config
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = value
    return config


@case('a file that is no saved configuration changes nothing')
def bad_files():
    machine = Machine(SCST)
    try:
        set_up(machine)
        machine.ask('saveconfig %(dir)s/saved/good.json')
        with open(machine.dir + '/saved/good.json', encoding='utf-8') as file:
            good = json.load(file)
        before = lib.tree()
        for where, value in WRONG:
            keep(machine, changed(good, where, value))
            says(machine, 'restoreconfig %(dir)s/saved/odd.json '
                 'clear_existing=true', 'nothing was changed: ')
            equal(lib.tree(), before, 'the tree')
        keep(machine, [])
        says(machine, '/backstores/fileio/f0 saveconfig %(dir)s/saved/odd.json',
             'odd.json is not an object')
        says(machine, 'restoreconfig %(dir)s/saved/good.json '
             'clear_existing=false', 'nothing was restored')
        equal(lib.tree(), before, 'the tree')
    finally:
        machine.done()


@case('an ACL that asks for authentication, and does not get it, opens nothing')
def acl_authentication():
    machine = Machine(SCST)
    try:
        set_up(machine)
        machine.ask('saveconfig %(dir)s/saved/good.json')
        with open(machine.dir + '/saved/good.json', encoding='utf-8') as file:
            config = json.load(file)
        acl = config['targets'][0]['tpgs'][0]['node_acls'][0]
        acl['attributes'] = {'authentication': 1}
        keep(machine, config)
        says(machine, 'restoreconfig %(dir)s/saved/odd.json '
             'clear_existing=true', 'it stays disabled')
        equal(read(TARGET + '/enabled'), '0', 'enabled')
    finally:
        machine.done()


@case('what other programs have made is seen, and stays theirs')
def others():
    machine = Machine(SCST)
    mine = TARGET + '/ini_groups/mine'
    try:
        set_up(machine)
        machine.stop()
        for group in ('host1', 'IQN.2026-11.org.example:Big'):
            os.mkdir(TARGET + '/ini_groups/' + group)
            os.mkdir(TARGET + '/ini_groups/%s/initiators/%s' % (group, group))
        os.mkdir(mine)
        os.mkdir(mine + '/luns/0')
        os.symlink(F0, mine + '/luns/0/f0')
        cd = ROOT + '/handlers/vcdrom/cd'
        os.mkdir(cd)
        lib.write(cd + '/enabled', '1')
        os.mkdir(TARGET + '/luns/7')
        os.symlink(cd, TARGET + '/luns/7/cd')
        before = lib.tree()
        says(machine, TPG + '/acls ls', '[ACLs: 1]')
        says(machine, 'saveconfig %(dir)s/saved/others.json', 'would be lost')
        says(machine, '/backstores/fileio delete f0',
             'in use by targets/iscsi/%s/ini_groups/mine/luns/0' % IQN)
        equal(lib.tree(), before, 'the tree')
        says(machine, '/backstores/fileio delete f1', 'Deleted')
        equal(sorted(os.listdir(TARGET + '/luns')), ['0', '7'], 'LUNs')
    finally:
        machine.done()


@case('authentication of some initiators only is not saved as that of none')
def part_authentication():
    machine = Machine(SCST)
    acl = TPG + '/acls/%(alice)s set auth userid=al password=alices-secret-01'
    mine, targets = ('%s/auth/incoming/no-account' % where for where in
                     (TARGET + '/ini_groups/' + ALICE, TARGET))
    save = 'saveconfig %(dir)s/saved/part.json'
    try:
        set_up(machine)
        machine.batch(TPG + ' set attribute authentication=1\n' + acl)
        says(machine, save, 'Configuration saved')
        with open(machine.dir + '/saved/part.json', encoding='utf-8') as file:
            before = file.read()
        os.rmdir(targets)
        says(machine, save, 'the target has none')
        with open(machine.dir + '/saved/part.json', encoding='utf-8') as file:
            equal(file.read(), before, 'what is saved')
        machine.ask(TPG + ' set attribute authentication=1')
        says(machine, save, 'Configuration saved')
        # The other way round
        os.rmdir(mine.replace('no-account', 'al'))
        says(machine, save, 'has none')
        machine.ask(TPG + ' set attribute authentication=1')
        says(machine, save, 'Configuration saved')
        machine.ask(TPG + '/acls/%(alice)s set auth userid=')
        equal(os.listdir(os.path.dirname(mine)), ['no-account'], 'accounts')
    finally:
        machine.done()


@case('accounts and ALUA groups that are refused leave nothing behind')
def refused():
    machine = Machine(SCST)
    acl = TPG + '/acls/%(alice)s set auth '
    on = TPG + ' set attribute authentication=1'
    groups = ROOT + '/device_groups'
    try:
        set_up(machine)
        says(machine, acl + 'userid=..', 'no name for an account')
        machine.ask(acl + 'userid=al password=alices-secret-01')
        machine.ask(acl + 'mutual_userid=disks '
                    'mutual_password=alices-secret-01')
        says(machine, on, 'are the same')
        # The first account is there when the second one is refused.
        machine.ask(acl + 'mutual_password=another-secret-01 mutual_userid=' +
                    300 * 'x')
        says(machine, on, 'The kernel does not make')
        for kind in ('incoming', 'outgoing'):
            equal(os.listdir('%s/auth/%s' % (TARGET, kind)), [], kind)
        says(machine, '/backstores/fileio/f0/alua create a 99999999',
             'The kernel does not')
        equal(os.listdir(groups), [], 'device groups')
        # One of scstcli's, of two devices
        os.mkdir(groups + '/both')
        for device in (F0, F1):
            os.symlink(device, '%s/both/devices/%s' % (
                groups, os.path.basename(device)))
        group = groups + '/both/target_groups/tg'
        os.mkdir(group)
        os.symlink(TARGET, '%s/targets/%s' % (group, IQN))
        machine.ask(TPG + '/luns delete lun1')
        equal(os.listdir(group + '/targets'), [IQN], 'ports')
        machine.ask(TPG + '/luns delete lun0')
        equal(os.listdir(group + '/targets'), [], 'ports')
    finally:
        machine.done()


@case('what an initiator says it is called is fit for a terminal')
def names():
    machine = Machine(SCST)
    try:
        set_up(machine)
        machine.ask(TPG + ' set attribute generate_node_acls=1')
        with iscsi_raw.Session(('127.0.0.1', 3260), 20 * SLOW) as session:
            session.login(IQN, initiator='iqn.\x9b2Jalias:%s\xff' % ALICE)
            for action in ('list', 'detail'):
                listed = machine.ask('sessions ' + action)
                check('iqn.\\x9b2Jalias:' in listed, repr(listed))
                check('\x9b2J' not in listed, repr(listed))
            session.logout()
    finally:
        machine.done()


if __name__ == '__main__':
    iscsi_lib.main()
