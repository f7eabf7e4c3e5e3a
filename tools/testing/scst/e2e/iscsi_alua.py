#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""Asymmetric access by two fabrics: dm-multipath from iSCSI to scst_local."""
import os

import iscsi_lib
import lib
from alua_lib import DeviceGroup, multipath
from lib import Load, case, equal, fileio, run, wait_for


@case('dm-multipath: iSCSI and scst_local, by states and by a lost session')
def fabrics():
    iscsi_lib.expect_errors()
    device = fileio(size=64 << 20)
    iscsi, local = iscsi_lib.Target(), lib.Target()
    group = DeviceGroup('dg', device)
    near, far = group.ports('near', iscsi), group.ports('far', local)
    far.state('standby')
    for target in (iscsi, local):
        target.add(0, device)
    iscsi_lib.serve()
    login = iscsi.login()
    first = login.disk()
    far.state('active')
    second = local.login().disk()
    far.state('standby')
    with multipath('scst-mp', first, second) as disk:
        load = Load(disk, '--verify=crc32c', '--rw=randwrite',
                    '--verify_backlog=64', '--verify_fatal=1')

        def move(to, old, path):
            to.state('active')
            if old:
                old.state('unavailable')
            before = load.commands()
            run('dmsetup', 'message', 'scst-mp', '0', 'reinstate_path',
                os.path.realpath(path))
            wait_for(lambda: load.commands() > before + 200, 'the other path')

        move(far, near, second)
        move(near, far, first)
        # Nobody says anything: the session is gone.
        far.state('nonoptimized')
        run('dmsetup', 'message', 'scst-mp', '0', 'reinstate_path', second)
        iscsi.set('enabled', 0)
        before = load.commands()
        wait_for(lambda: load.commands() > before + 500, 'the other path', 60)
        load.stop()
    equal(far.get('state'), 'nonoptimized', 'state')


if __name__ == '__main__':
    iscsi_lib.main()
