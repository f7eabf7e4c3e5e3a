#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""restoreconfig: what devices show while they change, and to whom."""
import os

import config_lib
import iscsi_lib
import lib
from config_lib import (FILE, does, edit, fails, in_order, no_steps, restore,
                        save, state, unchanged)
from lib import case, check, equal, file_of, fileio, nullio

INITIATOR = iscsi_lib.IQN + 'a'
SECRET, OTHER = 'the secret of joe', 'another secret of joe'


def put_in(path, value):
    """A change of a tree: what is at a path becomes value."""
    def change(tree):
        *parents, name = path.split('/')
        for parent in parents:
            tree = tree.setdefault(parent, {})
        tree[name] = value
    return change


def changes(*values):
    """Restores afterwards what is saved, but for these (path, value)."""
    save()
    for path, value in values:
        edit(put_in(path, value))


def refuse(*want):
    fails('restoreconfig ' + FILE, *want)
    return does('diff ' + FILE)


class Place:
    """An iSCSI target of which LUN 0 shows f0"""

    def __init__(self, name, device='f0', **attributes):
        self.target = iscsi_lib.Target(name)
        self.device = fileio(device, **attributes)
        self.target.add(0, self.device)
        self.at = 'targets/iscsi/' + self.target.name
        self.lun = self.at + '/luns/0'

    def account(self, name='joe'):
        iscsi_lib.account(self.target.path, 'incoming', name, SECRET)
        config_lib.secrets(**{'%s/auth/incoming/%s' % (self.at, name): SECRET})

    def joe(self, password):
        return self.at + '/auth/incoming/joe', {'password': password}

    def shown(self):
        """Names of the devices of LUN 0"""
        path = '%s/luns/0' % self.target.path
        return [os.path.basename(os.path.realpath(path + '/' + name))
                for name in os.listdir(path) if name != 'read_only']


def contents():
    return 'handlers/vdisk_fileio/f0/filename', file_of(8 << 20, 'new')


@case('a target that is to be closed does not show new contents')
def closed():
    place = Place('closed')
    changes(contents(), (place.at + '/enabled', '0'))
    in_order(('echo', '/f0/filename'), ('echo 0', place.at + '/enabled'),
             ('ln', '/luns/0/'))
    restore()
    no_steps()


@case('nor does one of which initiators get other names')
def names():
    place = Place('names')
    place.target.group('g', INITIATOR).add(0, place.device)
    changes(contents(), (place.at + '/per_portal_acl', '1'))
    in_order(('echo', '/f0/filename'), ('echo 1', '/per_portal_acl'),
             ('ln', '/ini_groups/g/luns/0/'))
    restore()
    no_steps()


@case('new contents are not for those who know an old password')
def password():
    place = Place('password')
    place.account()
    changes(contents(), place.joe('short'))
    refuse('account joe (incoming) of target', 'luns/0 stays as it is, because')
    equal(place.shown(), [], 'what LUN 0 shows')
    edit(put_in(*place.joe(OTHER)))
    restore()
    no_steps()
    equal(place.shown(), ['f0'], 'what LUN 0 shows')


@case('a LUN that is to be read only is so before it shows new contents')
def read_only_first():
    place = Place('closing')
    changes(contents(), (place.lun + '/read_only', '1'))
    in_order(('echo', '/f0/filename'), ('echo 1', '/luns/0/read_only'),
             ('ln', '/luns/0/'))
    restore()
    no_steps()


@case('refused: what may be written to is the new contents, not the old ones')
def old_stay_read_only():
    place = Place('opening')
    lib.write(place.target.path + '/luns/0/read_only', 1)
    before = state()
    changes(('handlers/vdisk_fileio/f0/filename', '/nowhere'),
            (place.lun + '/read_only', '0'))
    refuse('Device f0 cannot be enabled', 'luns/0 stays as it is, because')
    unchanged(before)


@case('a device that is to be writable is so for those who may write')
def writable():
    place = Place('writable', read_only=1)
    place.account()
    changes(('handlers/vdisk_fileio/f0/read_only', '0'),
            (place.at + '/auth/incoming', {'ann': {'password': 'short'}}))
    refuse('account ann (incoming) of target', 'luns/0 stays as it is, because')
    equal(place.shown(), [], 'what LUN 0 shows')
    edit(put_in(place.at + '/auth/incoming/ann/password', OTHER))
    restore()
    no_steps()
    equal(place.device.get('read_only'), '0', 'read_only')
    equal(place.shown(), ['f0'], 'what LUN 0 shows')


TAS = 'handlers/vdisk_fileio/f0/tas', '1'


@case('refused: who stays in a group keeps what has only another attribute')
def group_stays():
    place = Place('stays')
    group = place.target.group('g', INITIATOR)
    group.add(0, place.device)
    changes(TAS, (place.at + '/ini_groups', {'h': {
        'initiators': {INITIATOR: {}},
        'luns': {'0': {'f0': {'link': 'handlers/vdisk_fileio/f0'}}},
        'auth': {'incoming': {'ann': {'password': 'short'}}}}}))
    refuse('account ann (incoming) of group h',
           'ini_groups/g stays as it is, because')
    equal(os.listdir(group.path + '/initiators'), [INITIATOR], 'initiators')
    check(os.path.islink(group.path + '/luns/0/f0'), 'LUN 0 of g is empty')
    equal(place.device.get('tas'), '1', 'tas')
    edit(put_in(place.at + '/ini_groups/h/auth/incoming/ann/password', SECRET))
    restore()
    no_steps()


@case('refused: so does a LUN that cannot be that of another device')
def lun_stays():
    place = Place('keeps')
    nullio()
    other = place.lun, {'n0': {'link': 'handlers/vdisk_nullio/n0'}}
    changes(TAS, other, place.joe('short'))
    refuse('account joe (incoming) of target', 'luns/0 stays as it is, because')
    equal(place.shown(), ['f0'], 'what LUN 0 shows')
    edit(put_in(*place.joe(SECRET)))
    restore()
    no_steps()
    equal(place.shown(), ['n0'], 'what LUN 0 shows')


@case('a LUN goes although its device has another attribute, which is refused')
def lun_goes():
    place = Place('goes')
    changes(('handlers/vdisk_fileio/f0/blocksize', '513'),
            (place.at + '/luns', {}))
    refuse('blocksize of device f0 cannot become 513')
    equal(os.listdir(place.target.path + '/luns'), [], 'LUNs')


@case('a drive without a medium has one, though another drive has none')
def empty_drives():
    place = Place('drives')
    drives = [lib.Device('vcdrom', name, filename='') for name in ('c0', 'c1')]
    place.target.add(1, drives[0])
    save()
    edit(put_in('handlers/vcdrom/c0/filename', file_of(4 << 20, 'iso')))
    equal(does('diff ' + FILE).count('\n'), 2, 'lines of diff')
    restore('1 step.')
    no_steps()


@case('refused: a new medium is not for those who still have the drive')
def medium():
    places = [Place(name, 'f%s' % name) for name in 'ab']
    old, new = (file_of(4 << 20, 'iso%d' % i) for i in range(2))
    drive = lib.Device('vcdrom', 'c0', filename=old)
    for place in places:
        place.target.add(1, drive)
    places[0].account()
    before = state()

    loads = 'handlers/vcdrom/c0/filename', new
    changes(loads, (places[1].at + '/alias', 'x' * 300))
    refuse('alias of target', 'handlers/vcdrom/c0 stays as it is, because')
    unchanged(before)
    changes(loads, (places[0].at + '/luns', {}), places[0].joe('short'))
    refuse('luns/1 stays as it is, because',
           'handlers/vcdrom/c0 stays as it is, because')
    unchanged(before)
    edit(put_in(*places[0].joe(OTHER)))
    in_order(('rmdir', places[0].at + '/luns/1'), ('echo', '/c0/filename'))
    restore()
    no_steps()


if __name__ == '__main__':
    config_lib.main()
