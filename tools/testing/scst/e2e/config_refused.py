#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""restoreconfig: what the kernel refuses leaves nothing half made, and nobody
in who was kept out."""
import errno
import os
import signal
import time
from unittest import mock

import alua_lib
import config_lib
import iscsi_lib
import iscsi_raw
import lib
from config_lib import (FILE, ROOT, SECRETS, does, edit, execute_apart, fails,
                        no_steps, restore, save, state, unchanged)
from lib import (Target, case, check, equal, file_of, fileio, nullio, read,
                 write)

from scst import config_apply
from scst import tree as scst_tree

AUTH_FAILED = 0x0201


def refuse(change, *want):
    """What cannot be done is said, all that is done of it is undone; gives
    back what diff says afterwards."""
    save()
    edit(change)
    fails('restoreconfig ' + FILE, *want)
    return does('diff ' + FILE)


def shows(name, handler='vdisk_nullio'):
    return {'luns': {'0': {'d': {'link': 'handlers/%s/%s' % (handler, name)}}}}


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
    session = target.login()
    session.disk()
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
    # Another host, since the target had to stop
    session.find_host()
    session.disk()


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


@case('refused: what takes the place of what keeps initiators out')
def replaced_guards():
    target = iscsi_lib.Target('a')
    secret, other = nullio('n0'), nullio('n1')
    target.add(0, secret)
    target.group('g', 'iqn.2026-11.org.example:guest').add(0, other)
    target.allow_portal('192.0.2.1')
    for where in (target.path, iscsi_lib.DRIVER):
        iscsi_lib.account(where, 'incoming', 'joe', 'the secret of joe')
        iscsi_lib.account(where, 'outgoing', 'us', 'the secret of us')
    config_lib.secrets(**{
        'targets/iscsi%s/auth/outgoing/us' % where: 'the secret of us'
        for where in ('', '/' + target.name)})
    before = state()

    def change(tree):
        driver = tree['targets']['iscsi']
        for entry in driver, driver[target.name]:
            entry['auth'] = {
                'incoming': {'jane': {'password': {'secret': 'nobody knows'}}},
                'outgoing': {'we': {'password': 'short'}}}
        entry['allowed_portals'] = {'x' * 200: {}}
        entry['ini_groups'] = {'h': {'cpus': 'x', 'initiators': {
            'iqn.2026-11.org.example:gu*': {}}}}
    refuse(change, 'has no "nobody knows"', 'incoming/joe stays as it is, '
           'because', 'ini_groups/g stays as it is, because',
           'allowed_portals/192.0.2.1 stays as it is, because')
    unchanged(before)
    os.unlink(SECRETS)
    fails('restoreconfig ' + FILE, 'What it was could not be put back: The '
          'password targets/iscsi/auth/outgoing/us/password is not known')


@case('refused: the account of a group')
def group_account():
    target, device = iscsi_lib.Target('a'), nullio()
    target.add(0, device)
    target.group('g', 'iqn.2026-11.org.example:guest').add(0, device)
    iscsi_lib.account(target.path, 'incoming', 'joe', 'the secret of joe')
    before = state()

    def change(tree):
        entry = tree['targets']['iscsi'][target.name]
        del entry['auth']
        group = entry['ini_groups']['g']
        group['initiators']['iqn.2026-11.org.example:more'] = {}
        group['auth'] = {'incoming': {'ann': {'password': 'short'}}}
        entry['ini_groups']['h'] = {
            'initiators': {'iqn.2026-11.org.example:new': {}},
            'auth': group['auth']}
    where = 'targets/iscsi/%s/' % target.name
    refuse(change, 'account ann (incoming) of group g of target %s cannot '
           'become that' % target.name,
           'account ann (incoming) of group h of target %s cannot' %
           target.name, where + 'ini_groups/g stays as it is, because',
           where + 'auth/incoming/joe stays as it is, because')
    unchanged(before)

    def repair(tree):
        groups = tree['targets']['iscsi'][target.name]['ini_groups']
        for name in 'gh':
            groups[name]['auth']['incoming']['ann']['password'] = \
                'the secret of ann'
    edit(repair)
    config_lib.in_order(
        ('mkdir', '/g/auth/incoming/ann'),
        ('mkdir', '/g/initiators/iqn.2026-11.org.example:more'),
        ('mkdir', '/h/auth/incoming/ann'),
        ('mkdir', '/h/initiators/iqn.2026-11.org.example:new'),
        ('rmdir', target.name + '/auth/incoming/joe'))
    restore()
    no_steps()
    for path, want in (('', []), ('ini_groups/g/', ['ann']),
                       ('ini_groups/h/', ['ann'])):
        equal(os.listdir('%s/%sauth/incoming' % (target.path, path)), want,
              'accounts of ' + path)
    # The other way round: the target's come first.
    config_lib.secrets(**{where + 'ini_groups/%s/auth/incoming/ann' % name:
                          'the secret of ann' for name in 'gh'})

    def back(tree):
        entry = tree['targets']['iscsi'][target.name]
        entry['auth'] = {'incoming': {'joe': {'password': 'short'}}}
        for name in 'gh':
            del entry['ini_groups'][name]['auth']
    before = state()
    refuse(back, 'account joe (incoming) of target', *(
        'ini_groups/%s/auth/incoming/ann stays as it is, because' % name
        for name in 'gh'))
    unchanged(before)


@case('refused: what the accounts of a target rely on')
def leaning_accounts():
    # A name of its own: what the file says of passwords is kept.
    target, device = iscsi_lib.Target('leaning'), nullio()
    target.add(0, device)
    target.group('g', 'iqn.2026-11.org.example:g').add(0, device)
    target.group('h', 'iqn.2026-11.org.example:h*').add(0, device)
    target.group('i', 'iqn.2026-11.org.example:*').add(0, device)
    for name in 'joe', 'jane':
        iscsi_lib.account(target.path, 'incoming', name, 'the secret of ' + name)
    where = 'targets/iscsi/%s/' % target.name
    config_lib.secrets(**{where + 'auth/incoming/' + name: 'the secret of ' +
                          name for name in ('joe', 'jane')})
    before = state()
    save()
    guest = {'guest': {'password': 'the secret of guest'}}
    ann = {'incoming': {'ann': {'password': 'short'}}}

    def group_lacks_its_own(tree):
        entry = tree['targets']['iscsi'][target.name]
        entry['auth']['incoming'] |= guest
        entry['ini_groups']['g']['auth'] = ann
    edit(group_lacks_its_own)
    fails('restoreconfig ' + FILE, 'account ann (incoming) of group g',
          where + 'auth/incoming/guest stays as it is, because')
    unchanged(before)

    def made_again(tree):
        entry = tree['targets']['iscsi'][target.name]
        groups = entry['ini_groups']
        entry['ini_groups'] = {name: groups[name] for name in 'gih'}
        groups['h']['auth'] = {'incoming': {'ann': {
            'password': 'the secret of ann'}}}
        del groups['g']['auth']
    edit(made_again)
    config_lib.in_order(('mkdir', '/h/auth/incoming/ann'),
                        ('mkdir', target.name + '/auth/incoming/guest'))

    def password(tree):
        groups = tree['targets']['iscsi'][target.name]['ini_groups']
        tree['targets']['iscsi'][target.name] |= {
            'auth': {'incoming': {'joe': {'password': 'short'}}},
            'ini_groups': {name: groups[name] | {'auth': {}} for name in 'ghi'}}
    edit(password)
    fails('restoreconfig ' + FILE, 'account joe (incoming) of target',
          where + 'auth/incoming/jane stays as it is, because')
    unchanged(before)


def joe(password='short'):
    return {'incoming': {'joe': {'password': password}}}


@case('refused: nobody comes to places that need accounts of the target')
def left_for_nothing():
    target, device, other = iscsi_lib.Target('left'), nullio(), nullio('n1')
    target.add(0, device)
    group = target.group('g', 'iqn.2026-11.org.example:*')
    group.add(0, device)
    iscsi_lib.account(group.path, 'incoming', 'ann', 'the secret of ann')
    target.group('open', 'eui.*').add(0, device)
    before = state()
    exact = {'initiators': {'iqn.2026-11.org.example:guest': {}}}
    other_lun = shows(other.name)

    def goes(tree):
        entry = tree['targets']['iscsi'][target.name]
        entry['auth'] = joe()
        del entry['ini_groups']['g']
    refuse(goes, 'account joe (incoming) of target',
           'ini_groups/g stays as it is, because')
    unchanged(before)

    def comes(tree):
        entry = tree['targets']['iscsi'][target.name]
        entry['auth'] = joe()
        entry['ini_groups']['h'] = dict(exact)
        entry['ini_groups']['open']['initiators'] |= exact['initiators']
    refuse(comes, 'account joe (incoming) of target',
           'ini_groups/h stays as it is, because',
           'ini_groups/open stays as it is, because')
    unchanged(before)

    def sees(tree):
        entry = tree['targets']['iscsi'][target.name]
        entry |= other_lun | {'auth': joe()}
        entry['ini_groups']['open'] |= other_lun
    refuse(sees, 'account joe (incoming) of target',
           '%s/luns/0 stays as it is, because' % target.name,
           'open/luns/0 stays as it is, because')
    unchanged(before)


@case('refused: accounts stay when LUNs are what they were')
def stale_luns():
    target, device, off = iscsi_lib.Target('stale'), nullio(), \
        nullio('off', enable=False)
    target.add(0, device)
    for name in 'gh':
        target.group(name, 'eui.%s*' % name).add(0, device)
    for where in target.path, target.path + '/ini_groups/g':
        iscsi_lib.account(where, 'incoming', 'ann', 'the secret of ann')
    before = state()

    def opens(where):
        def change(tree):
            entry = tree['targets']['iscsi'][target.name]
            place = entry['ini_groups'][where] if where else entry
            place |= shows(off.name)
            for one in entry, entry['ini_groups']['g']:
                one.pop('auth')
        return change

    for where, stay in (('', ''), ('h', ''), ('g', '/ini_groups/g')):
        refuse(opens(where), 'Device off cannot be shown as LUN 0',
               '%s%s/auth/incoming/ann stays as it is, because' %
               (target.name, stay))
        unchanged(before)


@case('a group that is made again keeps its accounts until it has no initiators')
def torn():
    target, device, other = iscsi_lib.Target('torn'), nullio(), nullio('n1')
    group = target.group('g', 'iqn.2026-11.org.example:1')
    group.add(0, device)
    iscsi_lib.account(group.path, 'incoming', 'ann', 'the secret of ann')
    save()

    def change(tree):
        groups = tree['targets']['iscsi'][target.name]['ini_groups']
        groups['h'] = groups['g'] | {'auth': joe('the secret of joe')}
        groups['g'] = {
            'auth': {'incoming': {'bob': {'password': 'the secret of bob'}}},
            'initiators': {'iqn.2026-11.org.example:2': {}},
            'luns': {'0': {'d': {'link': 'handlers/vdisk_nullio/' +
                                 other.name}}}}
    edit(change)
    config_lib.in_order(('mkdir', '/stand-in-1/auth/incoming/bob'),
                        ('rmdir', '/g/auth/incoming/ann'),
                        ('mkdir', '/g/auth/incoming/bob'))
    restore()
    no_steps()


@case('the secret of an account that goes is another one\'s for incoming')
def moved_secret():
    target = iscsi_lib.Target('moved')
    for where in target.path, iscsi_lib.DRIVER:
        config_lib.accounts(where)
    save()

    def change(tree):
        driver = tree['targets']['iscsi']
        for entry in driver, driver[target.name]:
            entry['auth'] = {'incoming': {'them': {
                'password': config_lib.OUTGOING}}}
    edit(change)
    restore()
    no_steps()


@case('refused: no way in is opened to what should have been closed')
def ways_in():
    target, device = iscsi_lib.Target('ways'), fileio()
    target.add(0, device)
    target.allow_portal('192.0.2.1')
    before = state()

    def portals(patterns):
        def change(tree):
            driver = tree['targets']['iscsi']
            driver['portals'] = {'127.0.0.1:3269': {}}
            driver[target.name] |= {'auth': joe(), 'allowed_portals': patterns}
        return change

    for patterns in {}, {'192.0.2.1': {}, '192.0.2.2': {}}:
        refuse(portals(patterns), 'account joe (incoming) of target',
               'portals/127.0.0.1:3269 stays as it is, because',
               'allowed_portals/192.0.2.%d stays as it is, because' %
               (2 if patterns else 1))
        unchanged(before)
    iscsi_lib.account(target.path, 'incoming', 'ann', 'the secret of ann')
    before = state()

    def other_file(tree):
        tree['handlers']['vdisk_fileio']['f0']['filename'] = '/nowhere'
        del tree['targets']['iscsi'][target.name]['auth']
    refuse(other_file, 'Device f0 cannot be enabled', 'auth/incoming/ann stays '
           'as it is, because handlers/vdisk_fileio/f0 has failed')
    unchanged(before)


@case('refused: who has no group yet is not logged in')
def logged_in_early():
    target = Target()
    target.add(0, nullio('secret'))
    before = state()

    def change(tree):
        tree['targets']['scst_local']['t0'] |= {
            'ini_groups': {'g': {'cpus': 'x', 'initiators': {'guest': {}}}},
            'sessions': {'guest': {}}}
    refuse(change, 'cpus of group g', 'sessions/guest stays as it is, because')
    unchanged(before)


@case('refused: what has nothing to do with an account does not keep it')
def unrelated():
    target, device = iscsi_lib.Target('unrelated'), nullio()
    group = target.group('g', 'iqn.2026-11.org.example:g')
    group.add(0, device)
    for where, name in (target.path, 'joe'), (group.path, 'ann'):
        iscsi_lib.account(where, 'incoming', name, 'the secret of ' + name)

    def change(tree):
        groups = tree['targets']['iscsi'][target.name]['ini_groups']
        del groups['g']['auth']
        groups['h'] = {'cpus': 'x'}
    refuse(change, 'cpus of group h')
    equal(os.listdir(group.path + '/auth/incoming'), [], 'accounts of g')
    # Another driver's target keeps no portal closed, nor does a device
    iscsi_lib.serve('127.0.0.1:3268')
    for pattern in '192.0.2.1', '192.0.2.9':
        target.allow_portal(pattern)
    Target()

    def closes(tree):
        driver = tree['targets']['iscsi']
        driver['portals'] = {'127.0.0.1:3269': {}}
        driver[target.name]['allowed_portals'] = {'192.0.2.1': {}}
        tree['targets']['scst_local']['t0']['ini_groups'] = {'g': {'cpus': 'x'}}
        tree['handlers']['vdisk_nullio']['n0']['usn'] = 'x' * 200
    refuse(closes, 'cpus of group g of target t0', 'usn of device n0')
    equal(os.listdir(iscsi_lib.DRIVER + '/portals'), ['127.0.0.1:3269'],
          'portals')
    equal(os.listdir(target.path + '/allowed_portals'), ['192.0.2.1'],
          'patterns')


@case('a portal that goes has gone before targets are open to more')
def portal_first():
    target = iscsi_lib.Target('behind')
    target.add(0, nullio())
    iscsi_lib.account(target.path, 'incoming', 'ann', 'the secret of ann')
    other = iscsi_lib.Target('beside')
    iscsi_lib.serve('127.0.0.1:3268')
    config_lib.secrets(**{'targets/iscsi/%s/auth/incoming/ann' % target.name:
                          'the secret of ann'})
    before = state()

    def change(auth, portal):
        def edited(tree):
            driver = tree['targets']['iscsi']
            driver['portals'] = {portal: {}}
            driver[target.name]['auth'] = {}
            driver[other.name]['auth'] = auth
        return edited

    # Either it is refused, or something of another target is.
    refuse(change({}, '192.0.2.77:3269'), 'ann stays as it is, because')
    unchanged(before)
    refuse(change(joe(), '127.0.0.1:3269'), 'account joe (incoming) of target',
           'portals/127.0.0.1:3269 stays as it is, because',
           'auth/incoming/ann stays as it is, because')
    unchanged(before)
    save()
    edit(change(joe('the secret of joe'), '127.0.0.1:3269'))
    config_lib.in_order(
        ('mkdir', '/auth/incoming/joe'), ('rmdir', 'portals/127.0.0.1:3268'),
        ('mkdir', 'portals/127.0.0.1:3269'), ('rmdir', '/auth/incoming/ann'))
    restore()
    no_steps()


@case('refused: who opens a driver opens what its targets show')
def opened_late():
    target, off = iscsi_lib.Target('late'), nullio('off', enable=False)
    target.add(0, nullio())

    def change(tree):
        driver = tree['targets']['iscsi']
        driver['portals'] = {'127.0.0.1:3269': {}}
        driver[target.name] |= shows(off.name)
    refuse(change, 'Device off cannot be shown as LUN 0',
           'portals/127.0.0.1:3269 stays as it is, because')
    iscsi_lib.account(iscsi_lib.DRIVER, 'incoming', 'joe', 'the secret of joe')
    iscsi_lib.serve('127.0.0.1:3268')

    def discovery(tree):
        driver = tree['targets']['iscsi']
        driver['portals']['127.0.0.1:3269'] = {}
        driver['auth'] = {'incoming': {'ann': {'password': 'short'}}}
    refuse(discovery, 'account ann (incoming) of discovery',
           'portals/127.0.0.1:3269 stays as it is, because')


@case('refused: a driver is not enabled with a portal that was to go')
def wrong_portal():
    iscsi_lib.Target('wrong').add(0, nullio())
    iscsi_lib.portal('127.0.0.1:3268')
    write(iscsi_lib.DRIVER + '/enabled', 0)
    before = state()

    def change(tree):
        tree['targets']['iscsi'] |= {
            'enabled': '1', 'portals': {'192.0.2.77:3269': {}}}
    refuse(change, 'Portal 192.0.2.77:3269', 'targets/iscsi stays disabled, '
           'because targets/iscsi/portals/192.0.2.77:3269 has failed')
    unchanged(before)


@case('refused: what a device has now is for those who shall see it')
def other_contents():
    target, old = iscsi_lib.Target('contents'), fileio()
    target.add(0, old)
    group = target.group('g', 'iqn.2026-11.org.example:g')
    drive = lib.Device('vcdrom', 'c0', filename=file_of(4 << 20, 'iso'))
    target.add(1, drive)
    before = state()
    new, other = file_of(8 << 20, 'new'), file_of(4 << 20, 'iso2')

    def missing(tree):
        tree['handlers']['vdisk_fileio']['f0']['filename'] = '/nowhere'
        tree['targets']['iscsi'][target.name]['ini_groups']['g'] |= \
            shows('f0', 'vdisk_fileio')
    refuse(missing, 'Device f0 cannot be enabled',
           'ini_groups/g/luns/0 stays as it is, because')
    unchanged(before)
    equal(os.listdir(group.path + '/luns'), [], 'LUNs of the group')

    def secret(tree):
        tree['handlers']['vdisk_fileio']['f0']['filename'] = new
        tree['handlers']['vcdrom']['c0']['filename'] = other
        tree['targets']['iscsi'][target.name]['auth'] = joe()
    refuse(secret, 'account joe (incoming) of target',
           'luns/0 stays as it is, because',
           'handlers/vcdrom/c0 stays as it is, because')
    equal(os.listdir(target.path + '/luns/0'), ['read_only'], 'LUN 0')
    check(drive.get('filename') != other, 'the medium is in')

    def repair(tree):
        tree['targets']['iscsi'][target.name]['auth'] = joe('the secret of joe')
    edit(repair)
    config_lib.in_order(('mkdir', '/auth/incoming/joe'), ('ln', '/luns/0/'),
                        ('echo', '/c0/filename'))
    restore()
    no_steps()


@case('a pattern that goes while others stay does so before LUNs change')
def pattern_first():
    target = iscsi_lib.Target('patterns')
    target.add(0, nullio())
    other = nullio('n1')
    for pattern in '192.0.2.1', '192.0.2.2':
        target.allow_portal(pattern)
    save()

    def change(tree):
        entry = tree['targets']['iscsi'][target.name]
        entry |= shows(other.name) | {'allowed_portals': {'192.0.2.2': {}}}
    edit(change)
    config_lib.in_order(('rmdir', '/allowed_portals/192.0.2.1'),
                        ('ln', '/luns/0/'))
    restore()
    no_steps()


@case('refused: a target that had to stop comes back, with its session')
def comes_back():
    target, other = Target('t0'), Target('t1')
    for one, number in (target, 1), (other, 2):
        one.add(0, nullio('n%d' % number))
        write('%s/enabled' % one.path, 0)
        write('%s/rel_tgt_id' % one.path, number)
        write('%s/enabled' % one.path, 1)
    session = target.login()
    session.disk()
    save()

    def change(tree):
        local = tree['targets']['scst_local']
        local['t0'] |= {'rel_tgt_id': '2', 'addr_method': 'nonsense'}
        local['t1']['rel_tgt_id'] = '1'
    refuse(change, 'addr_method of target t0 cannot become nonsense')
    equal(read(target.path + '/enabled'), '1', 'enabled')
    # Another host, at whose disk sd is to look in peace
    session.find_host()
    session.disk()

    def number(tree):
        tree['targets']['scst_local']['t0']['rel_tgt_id'] = '70000'
    save()
    edit(number)
    printed = fails('restoreconfig ' + FILE, 'rel_tgt_id of target t0 cannot')
    check('1 object could' in printed, printed)
    session.find_host()
    session.disk()


@case('refused: so does one that was to be open to more')
def comes_back_as_closed():
    target = iscsi_lib.Target('comes')
    target.add(0, nullio())
    nullio('off', enable=False)
    iscsi_lib.serve('127.0.0.1:3268')
    target.allow_portal('192.0.2.1')
    iscsi_lib.account(target.path, 'incoming', 'joe', 'the secret of joe')
    more = {'allowed_portals': {'192.0.2.1': {}, '192.0.2.2': {}}}
    for number, (driver, entry, stays) in enumerate((
            ({}, more | shows('off'), 'allowed_portals/192.0.2.2'),
            ({}, {'auth': {}} | shows('off'), 'auth/incoming/joe'),
            ({'portals': {'192.0.2.77:3269': {}}}, more,
             'allowed_portals/192.0.2.2')), 50):
        def change(tree, driver=driver, entry=entry, number=number):
            tree['targets']['iscsi'] |= driver
            tree['targets']['iscsi'][target.name] |= entry | {
                'rel_tgt_id': str(number)}
        refuse(change, stays + ' stays as it is, because')
        equal((read(target.path + '/enabled'), read(target.path +
                                                    '/rel_tgt_id')),
              ('1', str(number)), 'enabled, rel_tgt_id')


@case('a target that had to stop comes back when no pattern is to go')
def back_without_pattern():
    target = iscsi_lib.Target('replaced')
    target.add(0, nullio())
    iscsi_lib.serve('127.0.0.1:3268')
    target.allow_portal('192.0.2.1')
    save()
    edit(lambda tree: tree['targets']['iscsi'][target.name].update(
        rel_tgt_id='60', allowed_portals={'192.0.2.2': {}}))
    config_lib.in_order(
        ('mkdir', '/allowed_portals/192.0.2.2'),
        ('rmdir', '/allowed_portals/192.0.2.1'),
        ('echo 1', target.name + '/enabled'))
    restore()
    no_steps()


@case('refused: a target that was to be closed, or to have other names, is')
def stays_closed():
    target = iscsi_lib.Target('closed')
    target.add(0, nullio())
    target.group('g', 'iqn.2026-11.org.example:a').add(0, nullio('n1'))

    def names(tree):
        entry = tree['targets']['iscsi'][target.name]
        entry |= shows('n1') | {'per_portal_acl': 'always'}
        entry['ini_groups']['g']['initiators'] = {
            'iqn.2026-11.org.example:a#127.0.0.1': {}}
    refuse(names, 'per_portal_acl of target')
    equal(read(target.path + '/enabled'), '0', 'enabled')
    target.enable()

    def closed(tree):
        tree['targets']['iscsi'][target.name] |= shows('n0') | {
            'enabled': '0', 'alias': 'x' * 300}
    refuse(closed, 'alias of target')
    equal(read(target.path + '/enabled'), '0', 'enabled')


@case('values in other words are the same values')
def other_words():
    target = iscsi_lib.Target('words')
    target.set('enabled', 0)
    for name, value in ('per_portal_acl', 1), ('rel_tgt_id', 8), ('enabled', 1):
        target.set(name, value)
    target.add(0, nullio())
    save()

    def change(tree):
        entry = tree['targets']['iscsi'][target.name]
        entry |= {'per_portal_acl': 'yes', 'rel_tgt_id': '010'}
        entry['luns']['0']['read_only'] = 'N'
        tree['handlers']['vdisk_nullio']['n0']['removable'] = 'off'
    edit(change)
    no_steps()


@case('members of a device group, by whatever names')
def members():
    one, two = nullio('n0'), nullio('n1')
    group = alua_lib.DeviceGroup('dg', one)
    save()

    def change(tree):
        tree['device_groups']['dg']['devices'] = {
            'n0': {'link': 'handlers/vdisk_nullio/n1'},
            'x': {'link': 'handlers/vdisk_nullio/n0'}}
    edit(change)
    restore()
    equal({os.path.basename(os.path.realpath('%s/devices/%s' %
                                             (group.path, name)))
           for name in os.listdir(group.path + '/devices')},
          {one.name, two.name}, 'members')
    no_steps()


def _wrong_links():
    """(change, what is said): links in the place of directories"""
    def at(path):
        def change(tree):
            tree['device_groups'] = {'dg': {'devices': {},
                                            'target_groups': {}}}
            *parents, name = path.split('/')
            for parent in parents:
                tree = tree[parent]
            tree[name] = {'link': 'handlers/vdisk_nullio/n0'}
        return change, path + ' cannot be a link'

    target = 'targets/scst_local/t0'
    return [at(path) for path in (
        'targets', 'targets/scst_local', target, target + '/luns',
        target + '/luns/0', target + '/ini_groups', target + '/sessions',
        'device_groups', 'device_groups/dg', 'device_groups/dg/devices',
        'device_groups/dg/target_groups/tg')]


@case('what is no configuration is said before anything is done')
def nonsense():
    target = Target()
    target.add(0, nullio())
    before = state()
    for change, want in (
            (lambda tree: tree['targets'].update(scst_local='x'),
             'targets/scst_local is a directory'),
            (lambda tree: tree['targets']['scst_local']['t0']['luns'].update(
                {'0': 'x'}), 'luns/0 is a directory'),
            (lambda tree: tree['targets']['scst_local']['t0'].update(
                luns='x'), 't0/luns is a directory'),
            (lambda tree: tree['targets']['scst_local']['t0'].update(
                rel_tgt_id={'secret': 'x'}), 'rel_tgt_id is no password'),
            *_wrong_links()):
        save()
        edit(change)
        fails('restoreconfig ' + FILE, want)
        unchanged(before)


@case('a target of scst_local that is called portals')
def called_portals():
    Target('portals').add(0, nullio())
    save()
    no_steps()


@case('an account that is to have no password has none, and lets nobody in')
def no_password():
    target = iscsi_lib.Target('nobody')
    group = target.group('g', 'iqn.2026-11.org.example:g')
    for where in target.path, group.path:
        for direction, name in ('incoming', 'joe'), ('outgoing', 'us'):
            iscsi_lib.account(where, direction, name, 'secret of ' + direction)
    # A name that it takes for those that stand in
    iscsi_lib.account(group.path, 'incoming', 'stand-in-1', 'a third secret')
    config_lib.secrets(nothing='')
    save()

    def change(tree):
        entry = tree['targets']['iscsi'][target.name]
        for auth in entry['auth'], entry['ini_groups']['g']['auth']:
            auth['outgoing']['us']['password'] = ''
            for account in auth['incoming'].values():
                account['password'] = {'secret': 'nothing'}
    edit(change)
    config_lib.in_order(
        ('mkdir', target.name + '/auth/incoming/stand-in-1'),
        ('rmdir', target.name + '/auth/incoming/joe'),
        ('mkdir', target.name + '/auth/incoming/joe'),
        ('rmdir', target.name + '/auth/incoming/stand-in-1'))
    restore()
    no_steps()
    for where, names in ((target.path, ['joe']),
                         (group.path, ['joe', 'stand-in-1'])):
        where += '/auth/incoming'
        equal(sorted(os.listdir(where)), names, 'accounts')
        equal([read('%s/%s/password' % (where, name)) for name in names],
              [''] * len(names), 'passwords')


def killed_before_mkdir(name):
    def before():
        real = scst_tree.Node.mkdir

        def mkdir(node):
            if node.name == name:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(node)
        scst_tree.Node.mkdir = mkdir
    return before


def lose_password(name, *at):
    """Killed while joe loses his password, after jane, who was to come, could
    not. at: the directories in the target that the accounts are in."""
    iscsi_lib.serve()
    config_lib.secrets()
    target = iscsi_lib.Target(name)
    target.group('g', iscsi_raw.INITIATOR).add(0, nullio(name))
    where = '/'.join((target.path, *at))
    iscsi_lib.account(where, 'incoming', 'joe', 'the secret of joe')
    save()

    def change(tree):
        entry = tree['targets']['iscsi'][target.name]
        for directory in at:
            entry = entry[directory]
        entry['auth'] = {'incoming': {'jane': {'password': {'secret': name}},
                                      'joe': {'password': ''}}}
    edit(change)
    equal(execute_apart('restoreconfig ' + FILE, killed_before_mkdir('joe')),
          -signal.SIGKILL, 'status')
    equal(os.path.exists(where + '/auth/incoming/jane'), False, 'jane')
    equal(target.refused()[0], AUTH_FAILED, 'status without CHAP')
    config_lib.secrets(**{name: 'the secret of jane'})
    restore()
    no_steps()
    equal(sorted(os.listdir(where + '/auth/incoming')), ['jane', 'joe'],
          'accounts')


@case('refused: an account that was to be there when another has no password')
def lost_password():
    lose_password('account')


@case('refused: the same in a group, whose target has no accounts')
def lost_password_in_group():
    lose_password('account-of-group', 'ini_groups', 'g')


@case('refused: what stands in for an account that cannot be put back stays')
def not_put_back():
    iscsi_lib.serve()
    target, make = iscsi_lib.Target('not-back'), scst_tree.Node.mkdir
    target.add(0, nullio())
    target.incoming('joe', 'the secret of joe')
    save()
    edit(lambda tree: tree['targets']['iscsi'][target.name].update(auth=joe('')))

    def no_memory(node):
        if node.name == 'joe':
            raise scst_tree.ScstError(OSError(errno.ENOMEM, ''), 'mkdir', node.path)
        return make(node)
    with mock.patch.object(scst_tree.Node, 'mkdir', no_memory):
        fails('restoreconfig ' + FILE, 'What it was could not be put back',
              'auth/incoming/stand-in-1 stays in its place')
    equal(target.refused()[0], AUTH_FAILED, 'status without CHAP')
    restore()
    no_steps()
    equal(os.listdir(target.path + '/auth/incoming'), ['joe'], 'accounts')


@case('a secret goes from one direction to the other')
def directions():
    target = iscsi_lib.Target('directions')
    target.group('g', 'iqn.2026-11.org.example:g')
    iscsi_lib.account(target.path, 'incoming', 'joe', 'one of the secrets')
    save()

    def account(name, secret):
        return {name: {'password': secret}}

    def outgoing(tree):
        tree['targets']['iscsi'][target.name]['auth'] = {
            'incoming': account('jane', 'another secret'),
            'outgoing': account('us', 'one of the secrets')}
    edit(outgoing)
    restore()
    no_steps()

    def of_group(tree):
        entry = tree['targets']['iscsi'][target.name]
        entry['auth'] = {'incoming': account('jane', 'another secret')}
        entry['ini_groups']['g']['auth'] = {
            'incoming': account('ann', 'one of the secrets')}
    edit(of_group)
    fails('restoreconfig ' + FILE, 'account ann (incoming) of group g')
    restore()
    no_steps()

    def two(tree):
        tree['targets']['iscsi'][target.name]['auth']['outgoing'] = \
            account('us', 'the secret of us') | account('we', 'a third secret')
    edit(two)
    for _ in range(2):
        fails('restoreconfig ' + FILE, '1 object could not be changed')


@case('refused: a device that a LUN still shows goes at once or not at all')
def held():
    target, disk = Target(), nullio('n0')
    target.add(0, disk)

    def change(tree):
        tree['handlers']['vdisk_nullio'] = {}
        tree['handlers']['vdisk_fileio'] = {
            'late': {'filename': '/nowhere', 'enabled': '1'}}
        tree['targets']['scst_local']['t0']['luns']['0'] = {
            'late': {'link': 'handlers/vdisk_fileio/late'}}
    start = time.monotonic()
    # Who waits does so for longer than anything takes here.
    with mock.patch.object(config_apply, 'PATIENCE', 100 * lib.SLOW):
        refuse(change, 'Device n0 cannot be removed')
    check(time.monotonic() - start < 75 * lib.SLOW,
          'it waits for what does not pass')
    equal(os.listdir(target.path + '/luns'), ['0'], 'LUNs')


if __name__ == '__main__':
    config_lib.main()
