#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""The Debian package on a machine of its own, which systemd boots: what was
saved is restored before remote file systems, and taken down in order; udev."""
import glob
import json
import os
import shutil

import lib
from alua_lib import GOOD, STPG_FAILED, Asking, Pair
from lib import (ROOT, SCRATCH, case, check, equal, main, read, run, wait_for)
from machine_lib import Machine, boots_here, package

SAVED = '/etc/scst/saveconfig.json'
LABEL = 'scst-test'
INITIATOR = 'iqn.2026-11.org.example:web'
ISCSI = 'iqn.2026-11.org.example:disks'


def configuration(disk):
    """Two disks, one of them for this machine itself, and an iSCSI target."""
    return {'version': 1, 'tree': {
        'handlers': {
            'vdisk_fileio': {'disk1': {'filename': disk, 'enabled': '1'}},
            'vdisk_nullio': {'null1': {'size_mb': '64', 'enabled': '1'}}},
        'targets': {
            'scst_local': {'here': {
                'luns': {'0': {'disk1': {'link': 'handlers/vdisk_fileio/disk1'}}},
                'enabled': '1', 'sessions': {'s1': {}}}},
            'iscsi': {
                'portals': {'127.0.0.1': {}},
                ISCSI: {
                    'auth': {'incoming': {'web': {
                        'password': {'secret': 'web'}}}},
                    'ini_groups': {'web': {
                        'initiators': {INITIATOR: {}},
                        'luns': {'0': {'null1': {
                            'link': 'handlers/vdisk_nullio/null1'}}}}},
                    'enabled': '1'},
                'enabled': '1'}}}}


def configured():
    """What configfs has of it"""
    links = {os.path.relpath(path, ROOT): os.path.basename(os.readlink(path))
             for path in glob.glob(ROOT + '/targets/**/luns/*/*', recursive=True)
             if os.path.islink(path)}
    targets = ROOT + '/targets/'
    return links, {name: read(targets + name + '/enabled') for name in (
        'iscsi', 'iscsi/' + ISCSI, 'scst_local/here')
        if os.path.exists(targets + name + '/enabled')}


WANTED = ({'targets/scst_local/here/luns/0/disk1': 'disk1',
           'targets/iscsi/%s/ini_groups/web/luns/0/null1' % ISCSI: 'null1'},
          {'iscsi': '1', 'iscsi/' + ISCSI: '1', 'scst_local/here': '1'})
NOTHING = ({}, {'iscsi': '0'})


def install(machine):
    shutil.copy(package(), machine.file('/tmp/package.deb'))
    machine.chroot('dpkg', '--install', '/tmp/package.deb')


def installed(machine):
    """The package, a disk with a file system, and a configuration."""
    install(machine)
    with open(machine.file('/srv/disk1'), 'wb') as disk:
        disk.truncate(16 << 20)
    run('mkfs.ext4', '-q', '-L', LABEL, machine.file('/srv/disk1'))
    machine.write(SAVED, json.dumps(configuration('/srv/disk1')), 0o600)
    machine.write('/etc/scst/secrets.json',
                  json.dumps({'web': 'not known to many'}), 0o600)
    machine.write('/etc/fstab', 'LABEL=%s /mnt ext4 _netdev 0 0\n' % LABEL)
    run('modprobe', 'scst_iscsi', status=None)


def started(machine, unit):
    """When it was there, in microseconds"""
    return int(machine.property(unit, 'ActiveEnterTimestampMonotonic'))


@case('installed: scstcli restores and clears; units have no fault')
def by_hand():
    with Machine() as machine:
        installed(machine)
        out = machine.chroot('systemd-analyze', 'verify', '--man=yes',
                             'scst.service', 'scst-restore.service',
                             'scst-isnsd.service')
        equal(out, '', 'systemd-analyze verify')
        check(os.path.islink(machine.file(
            '/etc/systemd/system/multi-user.target.wants/scst.service')),
            'not enabled')
        try:
            machine.chroot('scstcli', 'restoreconfig')
            equal(configured(), WANTED, 'restored')
            machine.chroot('scstcli', 'restoreconfig')
            equal(configured(), WANTED, 'restored twice')
        finally:
            machine.chroot('scstcli', 'clearconfig', 'confirm=True')
        equal(configured(), NOTHING, 'cleared')
        machine.chroot('dpkg', '--purge', 'scst-tools')
        check(not os.path.exists(machine.file('/usr/sbin/scstcli')), 'purged')


@case('systemd: boots with what was saved, mounts from it, clears it at the end')
def boots():
    boots_here()
    with Machine() as machine:
        installed(machine)
        machine.boot()
        equal(machine.run('systemctl', '--failed', '--plain', '--no-legend'), '',
              'failed units')
        equal(configured(), WANTED, 'restored')
        # The local disk is one that fstab mounts, by udev, when it is there.
        equal(machine.property('mnt.mount', 'ActiveState'), 'active', 'mount')
        check('ext4' in machine.run('findmnt', '/mnt'), 'what is mounted')
        check(started(machine, 'scst-restore.service') <
              started(machine, 'remote-fs-pre.target') <
              started(machine, 'mnt.mount'), 'order')
        # What was changed since stays, unless it is not what was saved.
        machine.run('systemctl', 'reload', 'scst')
        equal(configured(), WANTED, 'reloaded')
        machine.run('umount', '/mnt')
        machine.run('systemctl', 'restart', 'scst')
        equal(configured(), WANTED, 'restarted')
        machine.run('systemctl', 'start', 'mnt.mount')
        machine.power_off()
        equal(configured(), NOTHING, 'after the end')
        # the next life
        machine.boot()
        equal(configured(), WANTED, 'restored again')
        machine.run('systemctl', 'stop', 'mnt.mount', 'scst')
        equal(configured(), NOTHING, 'stopped')
        machine.power_off()


@case('systemd: a disk that is gone fails one unit; no file, no configuration')
def boots_badly():
    boots_here()
    with Machine() as machine:
        installed(machine)
        machine.write('/etc/fstab', '')
        os.unlink(machine.file('/srv/disk1'))
        machine.boot()
        equal(machine.property('scst-restore.service', 'Result'), 'exit-code')
        equal(machine.property('scst.service', 'ActiveState'), 'active')
        log = machine.run('journalctl', '--no-pager', '-u', 'scst-restore')
        check('disk1' in log and 'Traceback' not in log, log)
        with open(machine.file('/srv/disk1'), 'wb') as disk:
            disk.truncate(16 << 20)
        machine.run('systemctl', 'restart', 'scst-restore')
        equal(configured(), WANTED, 'once it is there')
        machine.power_off()
        equal(configured(), NOTHING, 'after the end')
        os.unlink(machine.file(SAVED))
        machine.boot()
        equal(machine.run('systemctl', '--failed', '--plain', '--no-legend'), '',
              'failed units')
        equal(machine.property('scst-restore.service', 'ConditionResult'), 'no')
        equal(configured(), NOTHING, 'without a file')
        # What was made by hand goes in order, too.
        os.mkdir(ROOT + '/targets/scst_local/by-hand')
        machine.power_off()
        check(not os.path.exists(ROOT + '/targets/scst_local/by-hand'), 'left')


@case('systemd: waits for a block device that comes late')
def late():
    boots_here()
    with Machine() as machine:
        install(machine)
        store = '/dev/disk/by-label/' + LABEL + '-late'
        machine.write(SAVED, json.dumps({'version': 1, 'tree': {'handlers': {
            'vdisk_blockio': {'b0': {'filename': store, 'enabled': '1'}}}}}))
        machine.power_on()
        wait_for(lambda: 'by\\x2dlabel' in machine.run(
            'systemctl', 'list-jobs', '--plain', status=None), 'it waits')
        check(not os.path.exists(ROOT + '/handlers/vdisk_blockio/b0'), 'early')
        disk = lib.file_of(16 << 20, 'late')
        run('mkfs.ext4', '-q', '-L', LABEL + '-late', disk)
        loop = run('losetup', '-f', '--show', disk).strip()
        try:
            machine.run('systemctl', 'is-system-running', '--wait', status=None)
            equal(read(ROOT + '/handlers/vdisk_blockio/b0/enabled'), '1')
        finally:
            machine.power_off()
            run('losetup', '-d', loop)
        equal(os.listdir(ROOT + '/handlers/vdisk_blockio'), ['type'], 'left')


def properties(machine, path):
    out = machine.run('udevadm', 'info', '--query=property', path)
    return dict(line.split('=', 1) for line in out.splitlines())


@case('udev: knows who comes and who has gone; answers for device groups')
def udev():
    boots_here()
    with Machine() as machine:
        install(machine)
        machine.boot()
        events = open(os.path.join(SCRATCH, 'events'), 'w+')
        monitor = machine.start('udevadm', 'monitor', '--udev', '--property',
                                '--subsystem-match=scst_session', stdout=events)
        wait_for(lambda: 'received' in read(events.name), 'udevadm monitor')
        pair = Pair(explicit=1)
        session, = (s for s in glob.glob('/sys/class/scst_session/*')
                    if read(s + '/target') == 'scst_local/t0')
        machine.run('udevadm', 'settle')
        found = properties(machine, session)
        equal([found.get('SCST_' + name) for name in ('INITIATOR', 'TARGET')],
              ['s0', 'scst_local/t0'], 'properties')
        asking = Asking(pair, pair.sgs[0], (1, 'standby'), (2, 'active'))
        asking.ends(GOOD)
        machine.write('/etc/scst/stpg', '#!/bin/sh\nexit 1\n', 0o755)
        asking = Asking(pair, pair.sgs[1], (1, 'active'))
        asking.ends(STPG_FAILED)
        equal([ports.get('state') for ports in pair.ports],
              ['standby', 'active'], 'states')
        log = machine.run('journalctl', '--no-pager', '-t', 'scst-stpg')
        check('dg: refused: /etc/scst/stpg ended with status 1.' in log, log)
        pair.sessions[0].logout()
        wait_for(lambda: 'ACTION=remove' in read(events.name), 'its end')
        gone = read(events.name).split('ACTION=remove')[1]
        check('SCST_INITIATOR=s0\n' in gone, gone)
        monitor.terminate()
        monitor.wait()
        events.close()
        lib.dismantle()
        machine.power_off()


if __name__ == '__main__':
    main()
