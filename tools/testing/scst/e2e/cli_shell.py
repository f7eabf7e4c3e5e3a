#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""scstcli as a person uses it: a shell at a terminal."""
import os
import re

import iscsi_lib
from cli_lib import shell
from lib import (ROOT, SCRATCH, Target, case, check, equal, file_of, fileio,
                 loop_device, nullio, read, wait_for)

IQN = 'iqn.2026-11.org.example:shell'
NOT_FOUND = 0x0203


@case('ls, cd, pwd, create, errors, and out')
def walk():
    path = file_of(32 << 20, 'walk.img')
    with shell() as sh:
        text = sh('ls')
        for line in ('o- devices .* \\[no devices\\]',
                     'o- iscsi .*no targets\\]',
                     'o- vdisk_fileio .* \\[no devices\\]', 'o- sessions '):
            check(re.search(line, text), text)
        sh('cd devices/fileio', '/devices/vdisk_fileio')
        equal(sh('pwd', '/devices/vdisk_fileio').strip(),
              '/devices/vdisk_fileio', 'pwd')
        said = sh('create d1 ' + path, '/devices/vdisk_fileio')
        check('Created device d1.' in said, said)
        equal(read(ROOT + '/handlers/vdisk_fileio/d1/enabled'), '1', 'enabled')
        said = sh('create d1 ' + path, '/devices/vdisk_fileio')
        check('there is a device of that name' in said, said)
        said = sh('d1 set blocksize=4096', '/devices/vdisk_fileio')
        check('the device is enabled' in said, said)
        said = sh('frobnicate', '/devices/vdisk_fileio')
        check('There is no command frobnicate' in said, said)
        sh('cd d1', '/devices/vdisk_fileio/d1')
        check('blocksize=512' in sh('get', '/devices/vdisk_fileio/d1'), 'get')
        sh('delete', '/devices/vdisk_fileio')
        sh('create d1 ' + path, '/devices/vdisk_fileio')
        sh('cd d1', '/devices/vdisk_fileio/d1')
        sh('delete', '/devices/vdisk_fileio')
        sh('frobnicate', '/devices/vdisk_fileio')
        sh('create d1 ' + path, '/devices/vdisk_fileio')
        sh('cd d1', '/devices/vdisk_fileio/d1')
        # Somebody else takes it away; what was below is not there any more.
        os.rmdir(ROOT + '/handlers/vdisk_fileio/d1')
        sh('pwd', '/devices/vdisk_fileio')
        sh('cd <', '/devices/vdisk_fileio')
        sh('cd /')
        # The root's commands are everywhere.
        sh('cd /iscsi', '/iscsi')
        check('Nobody is logged in' in sh('sessions', '/iscsi'), 'sessions')
        said = sh('ls "', '/iscsi')
        check('quotation' in said, said)
        check('SYNTAX' in sh('help create', '/iscsi'), 'help')
        sh('set global tree_max_depth=0', '/iscsi')


@case('TAB: paths, commands, devices, files, attributes and their values')
def tab():
    fileio('disk1')
    nullio('null1')
    target = Target()
    with shell() as sh:
        sh.complete('/scst', '/scst_local/')
        sh.complete('/devices/vdisk_f', '/devices/vdisk_fileio/')
        sh.complete('/devices/vdisk_fileio/d', '/devices/vdisk_fileio/disk1/')
        sh.choices('/devices/vdisk_fileio/disk1 ', 'get', 'set', 'info',
                   'disable')
        sh.complete('/devices/vdisk_fileio/disk1 dis', 'disable ')
        sh.complete('/devices/vdisk_fileio/disk1 set read_o', 'read_only=')
        sh.choices('/devices/vdisk_fileio/disk1 set read_only=', '0', '1')
        sh.complete('/devices/vdisk_fileio delete d', 'disk1 ')
        sh.complete('/devices/vdisk_fileio create x %s/di' % SCRATCH,
                    SCRATCH + '/disk1 ')
        sh.choices('/scst_local/t0/luns create ', 'disk1', 'null1')
        sh.complete('/scst_local/t0/luns create n', 'null1 ')
        sh.complete('/iscsi/portals create 0', '0.0.0.0 ')
        sh('/scst_local/t0/luns create null1')
        check(os.path.isdir(target.path + '/luns/0/null1'), 'LUN 0')
        with loop_device() as store:
            sh.choices('/devices/blockio create b ', store)


@case('TAB: initiators that are logged in and in no group')
def strangers():
    target = Target()
    target.group('old', 'known')
    # They call themselves what they like: these are pattern, word and word.
    strange = ('str*', 'stranger *', 'stranger')
    for name in (*strange, 'known'):
        target.login(name)
    with shell() as sh:
        sh.complete('/scst_local/t0/ini_groups create new s', 'stranger ')
        sh.complete('/scst_local/t0/ini_groups/old/initiators create ',
                    'stranger ')
        said = sh('/scst_local/t0/acls/old/initiators create stranger')
        check('Created initiator stranger of group old' in said, said)
        text = sh('sessions')
        check(re.search(r'stranger +scst_local/t0 +old', text), text)
    for session in (*strange, 'known'):
        os.rmdir('%s/sessions/%s' % (target.path, session))


@case('TAB: initiators that found no LUN, and that no group takes')
def refused():
    target = iscsi_lib.Target('shell')
    alice, bob, carol = (iscsi_lib.IQN + name for name in ('alice', 'bob', 'c'))
    target.group('old', bob.upper(), '*:C*')
    iscsi_lib.serve()
    for name in (alice, bob, carol, 'a,*'):
        with iscsi_lib.refused(NOT_FOUND):
            target.raw(initiator=name)
    nullio('null1')
    groups = '/iscsi/%s/ini_groups' % target.name
    with shell() as sh:
        sh.complete(groups + ' create new ', alice + ' ')
        sh.complete(groups + ' create i', alice + ' ')
        sh.complete(groups + '/old/initiators create ', alice + ' ')
        said = sh('%s create %s' % (groups, alice))
        check('Created group' in said, said)
        sh('%s/%s/luns create null1' % (groups, alice))
        target.raw(initiator=alice).logout()
        equal(read(target.path + '/refused_initiators').split(),
              [carol, bob], 'who is left')
        # By portal: two that are the same up to there
        target.set('per_portal_acl', 1)
        os.mkdir(iscsi_lib.DRIVER + '/portals/127.0.0.2')
        for host in ('127.0.0.1', '127.0.0.2'):
            with iscsi_lib.refused(NOT_FOUND):
                target.raw(host, initiator=alice)
        sh.complete(groups + ' create iqn', alice[3:] + '#127.0.0.')
        sh.complete('%s create %s#127.0.0.2' % (groups, alice),
                    alice + '#127.0.0.2 ')


@case('secrets are asked for, and are not in the history')
def secrets():
    account = '%s/targets/iscsi/%s/auth/incoming' % (ROOT, IQN)
    with shell() as sh:
        sh('/iscsi create %s enabled=0' % IQN)
        sh.child.send('/iscsi/%s/auth/incoming create joe\r' % IQN)
        sh.child.expect_exact('Password: ')
        sh.child.send('wishful thinking\r')
        check('Created account joe' in sh.prompt('/'), 'created')
        sh('/iscsi/%s/auth/incoming create ann another-secret' % IQN)
        sh('/iscsi/%s/auth/incoming/ann set password=third-secret-' % IQN)
        # Nor is what is refused.
        sh('/iscsi/%s/auth/incoming create c b a-secret' % IQN)
        sh('/iscsi/%s/auth/incoming/ann set password=b-secret- x=1' % IQN)
        sh('/iscsi/%s/auth/incoming create "c-secret' % IQN)
        group = '/iscsi/%s/ini_groups/g' % IQN
        sh('/iscsi/%s/ini_groups create g' % IQN)
        sh(group + '/auth/incoming create ann group-secret-1')
        sh.complete(group + '/a', group + '/auth/')
        sh('cd /iscsi/%s/auth' % IQN, 'auth')
        sh('incoming create ann e-secret', 'auth')
        sh('cd incoming', 'incoming')
        sh('crate ann d-secret', 'incoming')
        sh('ls /iscsi', 'incoming')
        sh('cd /')
    equal(sorted(os.listdir(account)), ['ann', 'joe'], 'accounts')
    check(set(read(account + '/joe/password')) == {'*'}, 'a secret is set')
    for name in os.listdir(sh.home):
        with open(os.path.join(sh.home, name), 'rb') as file:
            text = file.read()
        check(b'secret' not in text and b'wishful' not in text, name)
        if name == 'history.txt':
            check(b'ls /iscsi' in text, text)


@case('top: a screen that q leaves')
def top():
    target = Target()
    target.add(0, nullio('null1'))
    target.login('here').disk()
    with shell() as sh:
        sh.child.send('top 0.2\r')
        for text in ('1 session', 'IOPS', 'here', 'scst_local/t0', 'null1',
                     'scst_local/t0'):
            sh.child.expect_exact(text)
        sh.child.send('i')
        sh.child.send('q')
        sh.prompt('/')
    os.rmdir(ROOT + '/targets/scst_local/t0/sessions/here')
    wait_for(lambda: not os.listdir('/sys/class/scst_session'), 'the end')


if __name__ == '__main__':
    iscsi_lib.main()
