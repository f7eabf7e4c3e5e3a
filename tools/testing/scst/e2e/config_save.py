#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""saveconfig, restoreconfig, clearconfig, diff."""
import alua_lib
import config_lib
import iscsi_lib
from config_lib import (FILE, SECRETS, clear, does, edit, no_steps, put,
                        restore, save, state, unchanged)
from lib import (Device, Target, case, check, equal, file_of, fileio, main,
                 nullio, write)

INCOMING, OUTGOING = 'the secret of them', 'the secret of us'


def accounts(where):
    for direction, name, secret in (('incoming', 'them', INCOMING),
                                    ('outgoing', 'us', OUTGOING)):
        iscsi_lib.account(where, direction, name, secret)


def know_secrets(target):
    config_lib.secrets(**{
        '%s/auth/%s' % (where, account): secret
        for where in ('targets/iscsi', 'targets/iscsi/' + target.name)
        for account, secret in (('incoming/them', INCOMING),
                                ('outgoing/us', OUTGOING))})


def everything():
    """A device of each kind, both fabrics, groups, accounts, sessions."""
    f0 = fileio('f0', nv_cache=1, usn='007', naa_id='0x' + '6' + '0a' * 15 + 'b',
                enable=False)
    f0.set('tas', 1)
    f0.set('pr/aptpl_file', '/var/lib/scst/f0.pr')
    f0.set('enabled', 1)
    n0, n1 = nullio('n0', blocksize=4096, size_mb=100), nullio('n1', usn='')
    Device('vcdrom', 'c0', filename=file_of(4 << 20, 'iso'))
    nullio('off', enable=False)
    local = Target(enable=False)
    for name, value in (('addr_method', 'flat'), ('rel_tgt_id', 77),
                        ('phys_transport_version', '0x0100'), ('enabled', 1)):
        write('%s/%s' % (local.path, name), value)
    local.add(0, f0)
    local.add(300, n0, link='another-name')
    write(local.path + '/luns/300/read_only', 1)
    local.group('late*', 'h?st*', '!none').add(0, n1)
    local.group('early', '*', 'exact name').add(5, f0)
    other = Target('t1', enable=False)
    iscsi = iscsi_lib.Target('a', enable=False, HeaderDigest='None,CRC32C',
                             QueuedCommands=64)
    for name, value in (('alias', 'An alias'), ('per_portal_acl', 1),
                        ('redirect', '192.0.2.7 temp')):
        iscsi.set(name, value)
    iscsi.add(0, n1)
    iscsi.group('g', 'iqn.2026-11.org.example:*').add(1, n0)
    iscsi.allow_portal('127.*')
    for where in (iscsi.path, iscsi_lib.DRIVER):
        accounts(where)
    know_secrets(iscsi)
    iscsi.enable()
    group = alua_lib.DeviceGroup('dg', f0, n0)
    group.set('explicit', 1)
    tpg = group.ports('here', local)
    tpg.set('state', 'standby')
    tpg.set('supported_states', 'active standby')
    group.ports('there', iscsi).remote('peer', 9)
    iscsi_lib.serve('127.0.0.1:3260', '[::1]:3261')
    local.login('host').disk(0)
    local.login('someone')      # in standby there is no disk
    return local, iscsi, other


@case('a save, a clear and a restore: the kernel has what it had')
def round_trip():
    everything()
    before = state()
    print('#', save())
    unchanged(before)
    no_steps()
    print('#', clear())
    print('#', restore())
    unchanged(before)
    no_steps()


if __name__ == '__main__':
    config_lib.main()
