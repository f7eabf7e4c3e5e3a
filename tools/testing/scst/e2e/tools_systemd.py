#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
"""The Debian package on a machine of its own, which systemd boots: what was
saved is restored before remote file systems, and taken down in order; udev."""
import atexit
import contextlib
import functools
import glob
import json
import os
import re
import shutil
import textwrap

import iscsi_lib
import lib
from alua_lib import GOOD, STPG_FAILED, Asking, Pair
from lib import (ROOT, Skip, case, check, equal, nullio, read, run,
                 wait_for)
from machine_lib import PATIENCE, Machine, boots_here, package

SAVED = '/etc/scst/saveconfig.json'
LABEL = 'scst-test'
INITIATOR = 'iqn.2026-11.org.example:web'
ISCSI = 'iqn.2026-11.org.example:disks'
# On a disk that comes late
LATE = LABEL + '-late'
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../..')
GUIDE = TOP + '/Documentation/scst/boot.rst'
ADMIN_GUIDE = TOP + '/Documentation/scst/admin-guide.rst'


@functools.cache
def machine():
    """The one that all cases use, with the package."""
    boots_here()
    with contextlib.ExitStack() as stack:
        new = stack.enter_context(Machine())
        shutil.copy(package(), new.file('/tmp/package.deb'))
        new.chroot('dpkg', '--no-triggers', '--force-unsafe-io', '--install',
                   '/tmp/package.deb')
        atexit.register(stack.pop_all().close)
    lib.cleanups.insert(0, new.power_off)
    return new


def prepare(**handlers):
    """A disk with a file system, and what was saved."""
    store = machine().file('/srv/disk1')
    with open(store, 'wb') as disk:
        disk.truncate(16 << 20)
    run('mkfs.ext4', '-q', '-L', LABEL, store)
    saved = configuration('/srv/disk1')
    saved['tree']['handlers'].update(handlers)
    machine().write(SAVED, json.dumps(saved), 0o600)
    machine().write('/etc/scst/secrets.json',
                    json.dumps({'web': 'not known to many'}), 0o600)
    machine().write('/etc/fstab', '')


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


class Restored(lib.Session):
    """The one of scst_local that was saved"""

    def __init__(self):
        self.path = ROOT + '/targets/scst_local/here/sessions/s1'
        self.find_host()


def started(unit):
    """When it was there, in microseconds"""
    return int(machine().property(unit, 'ActiveEnterTimestampMonotonic'))


def failed():
    """The units that have"""
    out = machine().run('systemctl', '--failed', '--plain', '--no-legend')
    return [line.split()[0] for line in out.splitlines()]


def shown_in(manual):
    """The example of a manual page"""
    text = re.search(r'^\.SH EXAMPLE\n(?:.*\n)*?\.nf\n((?:.*\n)*?)\.fi',
                     read(TOP + '/tools/scst/man/' + manual), re.M)[1]
    return textwrap.dedent(text.replace('\\-', '-'))


def follow_manual():
    """The commands that scstcli(8) shows"""
    for line in shown_in('scstcli.8').splitlines():
        machine().chroot('sh', '-ec', line.removeprefix('# '))
    target = 'iscsi/' + ISCSI
    links, enabled = configured()
    equal(links, {'targets/%s/luns/0/disk1' % target: 'disk1'}, 'LUNs')
    equal(enabled, {'iscsi': '1', target: '1'}, 'what initiators can log in to')
    saved = json.loads(read(machine().file(SAVED)))['tree']
    equal(saved['handlers']['vdisk_fileio']['disk1']['filename'], '/srv/disk1',
          'what is saved')
    machine().chroot('scstcli', 'clearconfig', 'confirm=True')


@case('installed: units have no fault; scstcli restores and clears')
def by_hand():
    prepare()
    softdeps = [line for line in machine().chroot('modprobe', '-c').splitlines()
                if line.startswith('softdep scst')]
    equal(sorted(softdeps), ['softdep scst_iscsi pre: scst_vdisk',
                             'softdep scst_local pre: scst_vdisk'], 'modprobe')
    follow_manual()
    prepare()
    equal(machine().chroot('systemd-analyze', 'verify', '--man=yes',
                           'scst.service', 'scst-restore.service',
                           'scst-isnsd.service'), '', 'systemd-analyze verify')
    check(os.path.islink(machine().file(
        '/etc/systemd/system/multi-user.target.wants/scst.service')), 'enabled')
    try:
        for _ in range(2):
            machine().chroot('scstcli', 'restoreconfig')
            equal(configured(), WANTED, 'restored')
            # It would complain of a disk that goes meanwhile.
            Restored().disk()
    finally:
        machine().chroot('scstcli', 'clearconfig', 'confirm=True')
    equal(configured(), NOTHING, 'cleared')


@case('systemd: boots with what was saved, mounts from it, clears it at the end')
def boots():
    prepare()
    machine().write('/etc/fstab', 'LABEL=%s /mnt ext4 _netdev,'
                    'x-systemd.requires=scst.service 0 0\n' % LABEL)
    machine().boot()
    equal(failed(), [], 'failed units')
    equal(configured(), WANTED, 'restored')
    check('ext4' in machine().run('findmnt', '/mnt'), 'what is mounted')
    check(started('scst-restore.service') < started('remote-fs-pre.target') <
          started('mnt.mount'), 'order')
    machine().run('cp', '/etc/fstab', '/mnt/file')
    machine().run('systemctl', 'reload', 'scst')
    equal(configured(), WANTED, 'reloaded')
    # The mount goes before the disk does.
    machine().run('systemctl', 'stop', 'scst')
    equal(configured(), NOTHING, 'stopped')
    equal(machine().property('mnt.mount', 'Result'), 'success', 'unmounting')
    machine().run('systemctl', 'start', 'scst-restore', 'mnt.mount')
    equal(configured(), WANTED, 'started')
    machine().run('cmp', '/etc/fstab', '/mnt/file')
    # What is only tried is not saved, and goes with the rest.
    tried, saved = nullio('tried'), read(machine().file(SAVED))
    machine().power_off()
    equal(configured(), NOTHING, 'after the end')
    check(not os.path.exists(tried.path), 'what was tried is left')
    equal(read(machine().file(SAVED)), saved, 'what is saved')
    run('e2fsck', '-fn', machine().file('/srv/disk1'))


@case('systemd: one disk is late, one is gone; no file, no configuration')
def boots_badly():
    prepare(vdisk_blockio={'late': {'filename': '/dev/disk/by-label/' + LATE,
                                    'enabled': '1'}})
    os.unlink(machine().file('/srv/disk1'))
    machine().power_on()
    wait_for(lambda: 'by\\x2dlabel' in machine().run(
        'systemctl', 'list-jobs', '--plain', status=None), 'somebody who waits',
             PATIENCE)
    check(not os.path.exists(ROOT + '/handlers/vdisk_blockio/late'), 'early')
    disk = lib.file_of(16 << 20, 'late')
    run('mkfs.ext4', '-q', '-L', LATE, disk)
    loop = run('losetup', '-f', '--show', disk).strip()
    try:
        # udev may have been about to look at the devices that there were.
        machine().run('udevadm', 'trigger', '--settle', '--action=change',
                      '/sys/class/block/' + os.path.basename(loop))
        machine().wait()
        equal(read(ROOT + '/handlers/vdisk_blockio/late/enabled'), '1', 'late')
        gone_and_back()
    finally:
        machine().power_off()
        run('losetup', '-d', loop)
    equal(configured(), NOTHING, 'after the end')
    check(not os.path.exists(ROOT + '/targets/scst_local/by-hand'), 'left')


def gone_and_back():
    """disk1 is not there, then it is, then nothing is to be restored."""
    equal(failed(), ['scst-restore.service'], 'failed units')
    log = machine().run('journalctl', '--no-pager', '-u', 'scst-restore')
    check('disk1' in log and 'Traceback' not in log, log)
    lib.write(machine().file('/srv/disk1'), '\0' * 65536)
    machine().run('systemctl', 'restart', 'scst-restore')
    equal(configured(), WANTED, 'once it is there')
    machine().run('systemctl', 'stop', 'scst')
    equal(configured(), NOTHING, 'stopped')
    os.unlink(machine().file(SAVED))
    machine().run('systemctl', 'start', 'scst', 'scst-restore')
    equal(machine().property('scst-restore.service', 'ConditionResult'), 'no')
    equal(machine().property('scst.service', 'ActiveState'), 'active', 'scst')
    equal(failed(), [], 'failed units')
    equal(configured(), NOTHING, 'without a file')
    # Who asks for what is active, an upgrade for example, takes nothing away.
    # This goes at the end.
    os.mkdir(ROOT + '/targets/scst_local/by-hand')
    machine().write(SAVED, json.dumps(configuration('/srv/disk1')), 0o600)
    jobs = machine().run('systemctl', 'start', '--show-transaction', 'scst')
    check('scst-restore' not in jobs, jobs)
    equal(configured(), NOTHING, 'started again')


def properties(path):
    out = machine().run('udevadm', 'info', '--query=property', path)
    return dict(line.split('=', 1) for line in out.splitlines())


# The name of a device group of which udev, systemd and shells would all make
# something else
ODD = "d$HOME!%n 'g"


def shown_rules():
    """Those that the guides show, for t0 of scst_local"""
    rules = ''
    for guide, before in ((GUIDE, 'can start something'),
                          (ADMIN_GUIDE, "logs in to a group's disks")):
        if not os.path.exists(guide):
            raise Skip('no ' + guide)
        rules += textwrap.dedent(re.search(
            before + r'::\n\n((?: {3}.*\n)+)', read(guide))[1])
    return rules.replace('iscsi/' + ISCSI, 'scst_local/t0')


@case('udev: knows who comes and who has gone; answers for device groups')
def udev():
    prepare()
    os.unlink(machine().file(SAVED))
    machine().write('/etc/udev/rules.d/70-test.rules', shown_rules())
    machine().boot()
    pair = Pair(name=ODD, explicit=1, explicit_timeout=3600)
    iscsi_lib.serve()
    target = iscsi_lib.Target()
    target.add(0, nullio())
    with target.raw():
        settle()
        knows()
    Asking(pair, pair.sgs[0], (1, 'standby'), (2, 'active')).ends(GOOD, PATIENCE)
    by_lease(pair)
    machine().write('/etc/scst/stpg', '#!/bin/sh\nexit 1\n', 0o755)
    pair.settle()
    Asking(pair, pair.sgs[1], (1, 'active')).ends(STPG_FAILED, PATIENCE)
    equal([ports.get('state') for ports in pair.ports], ['standby', 'active'],
          'states')
    said('scst-stpg', ODD + ': refused: /etc/scst/stpg ended with status 1.')
    pair.sessions[0].logout()
    said('storage', 's0 has gone')
    odd = pair.targets[0].login('-n odd')
    settle()
    odd.logout()
    said('storage', '-n odd has gone')
    pair.targets[0].group('backup', 'b1').add(0, pair.device)
    pair.targets[0].login('b1').disk()
    said('root', 'b1 uses scst_local/t0')


def by_lease(pair):
    """The program that scst-stpg(8) shows: only who has the lease is active."""
    free, taken = (machine().file('/srv/' + name) for name in ('free', 'taken'))
    machine().write('/usr/local/bin/take-lease', '#!/bin/sh\n'
                    'echo "$1" >>/srv/taken\ntest -e /srv/free\n', 0o755)
    machine().write('/etc/scst/stpg', shown_in('scst-stpg.8').replace(
        'active here', 'active p0'), 0o755)
    lib.write(free, '')
    pair.settle()
    Asking(pair, pair.sgs[1], (1, 'active'), (2, 'standby')).ends(
        GOOD, PATIENCE)
    equal(read(taken), ODD, 'leases')
    os.unlink(free)
    pair.settle()
    Asking(pair, pair.sgs[0], (1, 'standby'), (2, 'active')).ends(
        GOOD, PATIENCE)
    pair.settle()
    Asking(pair, pair.sgs[1], (1, 'active')).ends(STPG_FAILED, PATIENCE)
    equal(read(taken), ODD + '\n' + ODD, 'leases')


def settle():
    """Until udev has no more to do"""
    machine().run('udevadm', 'settle', '--timeout=%d' % (PATIENCE * lib.SLOW))


def knows():
    """What udev has of each session and connection"""
    found = [properties(path) for path in glob.glob('/sys/class/scst_*/*')]
    sessions = {(p.get('SCST_TARGET'), p.get('SCST_INITIATOR')) for p in found
                if p['SUBSYSTEM'] == 'scst_session'}
    equal(sessions, {('scst_local/t0', 's0'), ('scst_local/t1', 's0'),
                     ('iscsi/' + iscsi_lib.IQN + 't0',
                      iscsi_lib.iscsi_raw.INITIATOR)}, 'sessions')
    equal([(p.get('SCST_ADDRESS'), p.get('SCST_PORTAL')) for p in found
           if p['SUBSYSTEM'] == 'scst_conn'], [('127.0.0.1', '127.0.0.1')],
          'connections')


def said(who, what):
    wait_for(lambda: what in machine().run('journalctl', '--no-pager', '-t', who,
                                           status=None), what, PATIENCE)


@case('purged: nothing of it is left, what is somebody else\'s is')
def purge():
    prepare()
    image = machine().file('/var/lib/scst/disk.img')
    lib.write(image, 'data')
    machine().chroot('dpkg', '--no-triggers', '--purge', 'scst-tools')
    left = [name for name in ('/usr/sbin/scstcli', '/lib/udev/rules.d/60-scst.rules',
                              '/usr/lib/python3/dist-packages/scst',
                              '/etc/default/scst-isnsd',
                              '/etc/scst/secrets.json', '/var/lib/scst/pr',
                              '/etc/systemd/system/multi-user.target.wants/'
                              'scst.service')
            if os.path.lexists(machine().file(name))]
    equal(left, [], 'what is left')
    equal(read(image), 'data', 'an image')


def shown_install():
    """The commands of the guide for other systems than Debian"""
    block = re.search(r'On other systems(?:.*\n)*?\n((?: {3}.*\n)+)',
                      read(GUIDE))[1]
    return textwrap.dedent(block).splitlines()


@case('make install, as the guide shows it: a machine starts with it')
def from_source():
    if not os.path.exists(GUIDE):
        raise Skip('no ' + GUIDE)
    prepare()
    first, *others = shown_install()
    run('sh', '-ec', 'cd "$0" && ' + first, TOP, env=dict(
        os.environ, DESTDIR=machine().root, ISNS='no'))
    for line in others:
        machine().chroot('sh', '-ec', line)
    machine().boot()
    equal(failed(), [], 'failed units')
    equal(configured(), WANTED, 'restored')
    equal(machine().run('which', 'scstcli').strip(), '/usr/local/sbin/scstcli',
          'scstcli')
    machine().power_off()
    equal(configured(), NOTHING, 'after the end')


if __name__ == '__main__':
    iscsi_lib.main()
