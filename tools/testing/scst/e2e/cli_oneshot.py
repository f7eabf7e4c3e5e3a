#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""scstcli, one command at a time, as scripts use it: what it makes is what the
kernel has, and its JSON says the same as configfs."""
import contextlib
import glob
import json
import os
import re
import subprocess
import sys
from unittest import mock

from configshell_fb import ExecutionError

import iscsi_lib
from cli_lib import TOOLS, cli, configfs, refused, several
from lib import (ROOT, SCRATCH, Session, Target, case, check, equal, loop_device,
                 nullio, read, run, tree as everything, wait_for)
from scst import names, objects, prometheus, sessions, tree
from scst.cli import devices, render, top
from scst.cli.root import Root
from scst.cli.shell import Shell

IQN = 'iqn.2026-11.org.example:cli'
ISCSI = ROOT + '/targets/iscsi'
# An initiator that would like to be a terminal's programmer
# Of bytes that are not printed the kernel takes those that are not ASCII.
ODD = 'iqn.enabled=1\x9b2J'
# One command a line: all that an administrator does in an ordinary day
DAY = '''
# comments and empty lines are nothing

/devices create disk1 {0}/disk1.img size=64M
/devices/nullio create null1 size=1G blocksize=4096 naa_id=auto
/devices/vdisk_fileio create {0}/disk1.img enabled=0 read_only=1
/iscsi create {1} alias="Two words" MaxBurstLength=65536
/iscsi/{1}/luns create disk1
/iscsi/{1}/luns create /devices/vdisk_nullio/null1 7 read_only=1
cd /iscsi/{1}
luns create null1
acls create backup 'iqn.*:b' iqn.2026-11.org.example:c
acls/backup/luns create disk1 read_only=1
acls/backup/initiators create !*.bad
acls create iqn.2026-11.org.example:solo
auth/incoming create joe bW9yZSB0aGFuIHR3ZWx2ZQ==
set parameter ImmediateData=No
set attribute MaxSessions=4
allowed_portals create 127.*
cd /
/scst_local create t1
/scst_local/t1/luns create disk1 lun=300
/device_groups create g
/device_groups/g/devices create disk1
/device_groups/g/target_groups create here state=nonoptimized
/device_groups/g/target_groups/here/targets create t1
/device_groups/g/target_groups/here/targets create peer rel_tgt_id=77
'''
NIGHT = '''
/device_groups delete g
cd /scst_local/t1
delete
pwd
/iscsi delete {1}
/iscsi/portals delete 0.0.0.0
/iscsi disable
/devices/vdisk_fileio delete disk1 disk1-1
/devices/nullio delete null1
'''


def script(text):
    return cli(lines=text.format(SCRATCH, IQN))


@case('an ordinary day: what the commands say is what the kernel has')
def day():
    before = everything()
    script(DAY)
    equal(os.stat(SCRATCH + '/disk1.img').st_size, 64 << 20, 'size')
    target = configfs('targets/iscsi/' + IQN)
    disk = {'link': 'handlers/vdisk_fileio/disk1'}
    null = {'link': 'handlers/vdisk_nullio/null1'}
    equal(target['luns'], {'0': {'read_only': '0', 'disk1': disk},
                           '7': {'read_only': '1', 'null1': null},
                           '1': {'read_only': '0', 'null1': null}}, 'LUNs')
    backup = target['ini_groups']['backup']
    equal(backup['luns'], {'0': {'read_only': '1', 'disk1': disk}}, 'LUNs')
    equal(sorted(backup['initiators']), [
        '!*.bad', 'iqn.*:b', 'iqn.2026-11.org.example:c'], 'initiators')
    equal(list(target['ini_groups']['iqn.2026-11.org.example:solo']
               ['initiators']), ['iqn.2026-11.org.example:solo'], 'its own')
    equal((target['enabled'], target['alias'], target['MaxSessions']),
          ('1', 'Two words', '4'), 'attributes')
    params = target['params']
    equal((params['MaxBurstLength'], params['ImmediateData']), ('65536', 'No'),
          'parameters')
    check(set(target['auth']['incoming']['joe']['password']) == {'*'}, 'secret')
    equal(list(target['allowed_portals']), ['127.*'], 'allowed portals')
    iscsi = configfs('targets/iscsi')
    equal((iscsi['enabled'], list(iscsi['portals'])), ('1', ['0.0.0.0']),
          'iSCSI')
    equal(list(configfs('targets/scst_local/t1/luns')), ['300'], 'LUNs')
    disks = configfs('handlers/vdisk_fileio')
    equal((disks['disk1']['size'], disks['disk1-1']['enabled'],
           disks['disk1-1']['read_only']), (str(64 << 20), '0', '1'), 'disks')
    null1 = configfs('handlers/vdisk_nullio/null1')
    equal((null1['size'], null1['blocksize']), (str(1 << 30), '4096'), 'null1')
    group = configfs('device_groups/g')
    equal(group['target_groups']['here']['state'], 'nonoptimized', 'state')
    equal(group['target_groups']['here']['targets'], {
        't1': {'link': 'targets/scst_local/t1'}, 'peer': {'rel_tgt_id': '77'}},
          'ports')
    as_json()
    script(NIGHT)
    equal(everything(), before, 'what there is in the end')


def as_json():
    """ls and get of what is configured: the same as in configfs."""
    whole, params = several('ls', '/iscsi/%s/params get' % IQN)
    for name, path in (('devices', 'handlers'), ('iscsi', 'targets/iscsi'),
                       ('scst_local', 'targets/scst_local'),
                       ('device_groups', 'device_groups')):
        equal(whole[name], configfs(path), name)
    equal(whole['version'], read(ROOT + '/version'), 'version')
    equal(whole['sessions'], [], 'sessions')
    equal(params, configfs('targets/iscsi/%s/params' % IQN), 'get')
    text = script('/iscsi/{1} get alias rel_tgt_id\nls /iscsi/{1}/luns')
    for line in ('alias=Two words', r'rel_tgt_id=\d+',
                 r'o- luns \.+ \[3 LUNs\]',
                 r'  o- 0 \.+ \[disk1 \(vdisk_fileio\)\]',
                 r'  o- 7 \.+ \[null1 \(vdisk_nullio\), read-only\]'):
        check(re.search('^%s$' % line, text, re.M), text)


@case('devices of two machines do not get the same identifiers')
def identifiers():
    script('/devices/nullio create n1 size=1M serial=auto\n'
           '/devices/nullio create n2 size=1M serial=auto\n'
           '/devices/nullio create n3 size=1M naa_id=auto')
    found = [configfs('handlers/vdisk_nullio/' + name)
             for name in ('n1', 'n2', 'n3')]
    for one, attribute, form in (
            (0, 'usn', '[0-9a-f]{16}'), (1, 'usn', '[0-9a-f]{16}'),
            (0, 'naa_id', '0x3[0-9a-f]{15}'), (2, 'naa_id', '0x3[0-9a-f]{15}')):
        value = found[one][attribute]
        check(re.fullmatch(form, value), '%s: %s' % (attribute, value))
    for attribute in ('usn', 't10_dev_id', 'naa_id'):
        equal(len({one[attribute] for one in found}), 3, attribute)


@case('status and users, for programs')
def words_as_json():
    Target().add(0, nullio('n1'))
    path = '/devices/vdisk_nullio/n1'
    status, users = several(path + ' status', path + ' users')
    equal(status['path'], path, 'path')
    check('enabled' in status['status'], status)
    equal(users, ['LUN 0 of target t0'], 'users')


@case('an iSCSI target without a name gets one')
def automatic():
    said = cli('/iscsi', 'create')
    name = re.match(r'Created target (iqn\S+)\.\n', said)[1]
    check(re.fullmatch(r'iqn\.\d{4}-\d\d\.[a-z0-9.-]+:sn\.[0-9a-f]{12}', name),
          name)
    equal(read('%s/%s/enabled' % (ISCSI, name)), '1', 'enabled')
    # One of scst_local may have the same name.
    ports = '/device_groups/g/target_groups/tg/targets create '
    lines = ('/scst_local create %s\n/device_groups create g\n'
             '/device_groups/g/target_groups create tg\n' % name)
    said = refused(lines=lines + ports + name)
    check('/iscsi/%s and /scst_local/%s' % (name, name) in said, said)
    cli(lines=ports + '/scst_local/' + name)
    equal(configfs('device_groups/g/target_groups/tg/targets')[name],
          {'link': 'targets/scst_local/' + name}, 'port')
    # Whatever it cannot have, it leaves nothing behind.
    before = everything()
    refused('/iscsi', 'create', IQN, 'MaxBurstLength=1')
    equal(everything(), before, 'what there is')


@case('block devices: the handler is found by what the store is')
def block():
    with loop_device() as store:
        cli('/devices', 'create', 'b1', store)
        equal(read(ROOT + '/handlers/vdisk_blockio/b1/filename'), store,
              'store')


@case('a LUN shows another device, and what uses a device')
def replace():
    said = cli(lines='''
        /devices/nullio create a
        /devices/nullio create b
        /scst_local create t1
        /scst_local/t1/luns create a 5
        /scst_local/t1/luns/5 replace b
        /devices/nullio/b users
        /devices/nullio/a users
        /devices/nullio/a disable
        /devices/nullio/a set size_mb=5 blocksize=1024
        /devices/nullio/a enable
        ''')
    equal(configfs('targets/scst_local/t1/luns/5')['b'],
          {'link': 'handlers/vdisk_nullio/b'}, 'LUN 5')
    check('LUN 5 of target t1\nNobody shows a.\n' in said, said)
    equal(read(ROOT + '/handlers/vdisk_nullio/a/size'), str(5 << 20), 'size')


@case('what cannot be removed keeps all that it has')
def kept():
    cli(lines="""
        /devices/nullio create a
        /scst_local create t1
        /scst_local/t1/luns create a
        /scst_local create t2
        /device_groups create g
        /device_groups/g/target_groups create here
        /device_groups/g/target_groups/here/targets create t1
        /devices/nullio create b
        /device_groups create h
        /device_groups/h/devices create b
        """)
    before = everything()
    shell = Root(Shell()).shell
    for line, why in (('/devices/nullio delete', 'goes with that'),
                      ('/scst_local delete', 'goes with that'),
                      ('/scst_local/t1/luns delete', 'goes with that'),
                      ('/scst_local/t1 delete', 'port t1 of target group here'),
                      ('/devices/nullio delete a', 'LUN 0 of target t1'),
                      ('/devices/nullio delete a none', 'There is no none'),
                      # .. is not in it, though rmdir says that it is not empty
                      ('/scst_local/t2 delete ..', 'There is no ..'),
                      ('/scst_local/t2 delete ../t1', 'There is no ../t1'),
                      ('/scst_local/t2 delete ""', 'There is no  at'),
                      ('/device_groups/h delete devices/b', 'There is no dev'),
                      ('/device_groups create ../x', 'cannot be a name'),
                      ('/scst_local create ..', 'cannot be a name'),
                      ('/scst_local/t1/ini_groups create g a ../b',
                       'cannot be a name'),
                      ('/scst_local/t1/luns create ..', 'no device ..'),
                      ('get ../../../../etc/passwd', 'no attribute'),
                      ('/device_groups/g/devices create a b',
                       'in another device group')):
        try:
            shell.run_cmdline(line)
        except ExecutionError as error:
            check(why in str(error), '%s: %s' % (line, error))
        else:
            raise AssertionError(line)
        equal(everything(), before, 'what there is after ' + line)
    shell.run_cmdline('/device_groups delete g h')
    shell.run_cmdline('/scst_local delete t1 t2')


@case('sessions, stats, top: the numbers are those of the kernel')
def counters():
    cli(lines='''
        /devices/nullio create n1 size=1T
        /scst_local create t1
        /scst_local/t1/luns create n1
        /scst_local/t1/ini_groups create g s?
        /scst_local/t1/sessions create here
        /scst_local/t1/sessions create s1
        ''')
    here = Session.made(ROOT + '/targets/scst_local/t1/sessions/here')
    run('sg_inq', here.sg())
    listed, stats = several('sessions', 'stats')
    equal([s['name'] for s in stats], [s['name'] for s in listed], 'stats')
    equal([(s['initiator_name'], s['group']) for s in listed],
          [('here', ''), ('s1', 'g')], 'sessions')
    for session in listed:
        where = '%s/%s/' % (sessions.CLASS, session['name'])
        equal(read(where + 'target'), session['target'], 'target')
        check(int(read(where + 'commands')) >= session['commands'], 'commands')
    check(listed[0]['commands'] > 0, 'no commands were counted')
    text, table = cli(lines='stats --prometheus\ntop 0.1\n').split('2 sessions')
    line = re.search(r'^scst_session_commands_total{session="\d+",'
                     r'fabric="scst_local",target="t1",initiator="here",'
                     r'group=""} (\d+)$', text, re.M)
    check(line and int(line[1]) >= listed[0]['commands'], text)
    check(re.search('^scst_sessions 2$', text, re.M), text)
    prometheus_form(text)
    live(here)
    check(re.search('^SESSION .* IOPS .*\n(.*\n)*.* here ', table, re.M), table)
    said = refused('/sessions', 'delete', listed[0]['name'])
    check('/scst_local/t1/sessions delete here' in said, said)
    cli('/scst_local/t1/sessions', 'delete', 'here', 's1')
    wait_for(lambda: not os.listdir(sessions.CLASS), 'the end of the sessions')
    said = cli('sessions')
    check('Nobody is logged in.' in said, said)


def live(session):
    """top --json: a line for each look"""
    def look():
        looks = [json.loads(line) for line in
                 cli('top', '0.3', '2', '--json').splitlines()]
        for rows in looks:
            equal([(row['initiator_name'], row['lun'], row['device'])
                   for row in rows],
                  [('here', None, None), ('here', 0, 'n1'), ('s1', None, None)],
                  'rows')
        # A machine that stands still does nothing meanwhile.
        return looks[-1] if looks[-1][1]['iops'] else None

    command = ['sg_dd', 'if=' + session.sg(), 'of=/dev/null', 'bs=512',
               'bpt=8', 'count=%d' % (1 << 31)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as reader:
        try:
            _, lun, idle = wait_for(look, 'reads')
        finally:
            reader.kill()
    # UML's clock may stand still during a command.
    check(lun['latency'] is not None and lun['read_bytes'] > 0, lun)
    equal([lun['write_bytes'], idle['iops'], idle['latency']], [0, 0, None],
          'what nobody does')


def prometheus_form(text):
    """Each line is one of the exposition format; types come once, and first."""
    typed = set()
    for line in text.splitlines():
        comment = re.fullmatch(r'# (HELP|TYPE) (scst_\w+) (.+)', line)
        value = re.fullmatch(r'(scst_\w+)({(\w+="([^"\\]|\\.)*",?)*})? '
                             r'\d+(\.\d+)?', line)
        check(comment or value, 'line: ' + line)
        if comment and comment[1] == 'TYPE':
            check(comment[2] not in typed, line)
            typed.add(comment[2])
        if value:
            check(value[1] in typed, line)


@case('iSCSI: who is logged in, from where, and it can be ended')
def iscsi():
    cli(lines='/devices/nullio create n1\n/iscsi create %s\n'
        '/iscsi/%s/luns create n1' % (IQN, IQN))
    with iscsi_lib.iscsi_raw.Session(('127.0.0.1', 3260)) as session:
        session.login(IQN)
        there = wait_for(iscsi_lib.sessions, 'the session')[0]
        name = os.path.basename(there)
        shown, table = several('/sessions/%s info' % name,
                               '/iscsi/%s sessions' % IQN)
        equal([s['name'] for s in table], [name], 'sessions of the target')
        equal(shown['initiator_name'], iscsi_lib.iscsi_raw.INITIATOR, 'who')
        equal(shown['connections'][0]['ip'], '127.0.0.1', 'where')
        said = cli('/sessions/' + name, 'close')
        check('is being ended' in said, said)
    wait_for(lambda: not os.path.exists(there), 'the end of the session')
    with iscsi_lib.iscsi_raw.Session(('127.0.0.1', 3260)) as session:
        session.login(IQN, initiator=ODD)
        there = wait_for(iscsi_lib.sessions, 'the session')[0]
        name = '/sessions/' + os.path.basename(there)
        said = cli(lines='sessions\nls /sessions\ntop 0.1\n' + ''.join(
            '%s %s\n' % (name, command) for command in
            ('info', 'get', 'get initiator_name', 'status', 'close')))
        check(said.isascii() and said.replace('\n', '').isprintable(), said)
        equal(said.count('iqn.enabled=1\\x9b2J'), 8, said)
    wait_for(lambda: not os.path.exists(there), 'the end of the session')


# What a terminal would obey, and a line that looks like one of a table's
NAME = 'esc\x1b[2J\x9b1m\nsessionx  nobody'
SHOWN = r'esc\x1b[2J\x9b1m\nsessionx  nobody'


@case('names that a terminal would obey are shown escaped')
def escaped():
    cli(lines='/devices/nullio create n1\n/scst_local create t1\n'
        '/scst_local/t1/luns create n1\n/scst_local/t1/acls create g')
    for folder in 'ini_groups/g/initiators', 'sessions':
        os.mkdir('%s/targets/scst_local/t1/%s/%s' % (ROOT, folder, NAME))
    name = '/sessions/' + os.path.basename(
        wait_for(lambda: glob.glob('/sys/class/scst_session/*'), 'it')[0])
    said = cli(lines='sessions\nls\nls /sessions\nls /scst_local/t1\ntop 0.1\n'
               '/scst_local/t1 sessions\n%s info\n%s get\n' % (name, name))
    check(said.isascii() and said.replace('\n', '').isprintable(), said)
    check('\nsessionx' not in said, said)
    # ls / and ls of the target have it thrice, with the session's and the entry
    equal(said.count(SHOWN), 1 + 3 + 1 + 2 + 1 + 1 + 1 + 1, said)
    for words in (('sessions',), ('ls',), ('stats',), (name, 'info')):
        text = cli(*words, '--json')
        check(text.isascii() and text.replace('\n', '').isprintable(), text)
    found, here = several('sessions', 'ls /scst_local/t1')
    equal([s['initiator_name'] for s in found], [NAME], 'sessions --json')
    equal(list(here['sessions']), [NAME], 'ls --json')
    said = refused(name, 'close')
    check(SHOWN in said, said)
    said = refused('/scst_local/t1/sessions', 'create', NAME)
    check(SHOWN in said, said)
    for folder in 'sessions', 'acls/g/initiators':
        said = cli('/scst_local/t1/' + folder, 'delete', NAME)
        check(said.isascii() and SHOWN in said, said)


@case('accounts of a group: made, shown, and the last to go')
def group_accounts():
    groups = '/iscsi/%s/ini_groups' % IQN
    said = cli(lines='/iscsi create {0} enabled=0\n{1} create g {0}\n'
               '{1} create h\n{1}/g/auth/incoming create joe joes-secret-01\n'
               '{1}/g/auth/outgoing create us our-own-secret\n'
               'ls {1}\n'.format(IQN, groups))
    for want in ('Created account joe (incoming) of group g of target ' + IQN,
                 'CHAP, 1 account', 'password set', 'as the target'):
        check(want in said, said)
    check('secret' not in said, said)
    said = refused(groups + '/g/auth/outgoing', 'create', 'we',
                   'another-secret')
    check('we (outgoing) of group g' in said and 'be one only' in said, said)
    said = refused(groups + '/h/auth/incoming', 'create', 'ann',
                   'our-own-secret')
    check('account ann (incoming) of group h' in said, said)
    gone, real = [], tree.Node._try

    def noted(self, operation, *arguments):
        result = real(self, operation, *arguments)
        if operation == 'rmdir':
            gone.append(self.path.partition('ini_groups/')[2])
        return result
    with mock.patch.object(tree.Node, '_try', noted):
        objects.remove(tree.Node('targets/iscsi/%s/ini_groups/g' % IQN))
    equal(gone, ['g/initiators/' + IQN, 'g/auth/outgoing/us',
                 'g/auth/incoming/joe', 'g'], 'what has gone')


@case('an initiator moves to another group')
def moves():
    groups = '/scst_local/t1/ini_groups'
    cli(lines='/scst_local create t1\n' + ''.join(
        '%s create %s\n' % (groups, words)
        for words in ('a host w*', 'b', 'c')))

    def there():
        return {name: sorted(group['initiators']) for name, group in
                configfs('targets/scst_local/t1/ini_groups').items()}

    said = cli(groups, 'move', 'host', 'b')
    equal(said, 'Moved host to group b.\n', 'what is said')
    cli('/scst_local/t1/acls/a/initiators', 'move', 'w*', 'c')
    equal(there(), {'a': [], 'b': ['host'], 'c': ['w*']}, 'entries')
    for words, want in (
            ((groups, 'move', 'nobody', 'b'), 'No other group'),
            ((groups, 'move', 'host', 'b'), 'No other group'),
            ((groups, 'move', 'host', 'd'), 'There is no group d; target t1 '
             'has a, b, c.'),
            ((groups, 'move', 'host', '../b'), 'There is no group ../b'),
            ((groups, 'move', '../b', 'a'), 'cannot be a name'),
            ((groups + '/b/initiators', 'move', 'host', 'b'), 'is in group b'),
            ((groups + '/a/initiators', 'move', 'host', 'b'), 'no host')):
        said = refused(*words)
        check(want in said, said)
    # Half of a move that somebody has begun
    cli(groups + '/a/initiators', 'create', 'host')
    said = refused(groups, 'move', 'host', 'c')
    check('Groups a and b have host' in said, said)
    cli(groups + '/b/initiators', 'move', 'host', 'a')
    equal(there(), {'a': ['host'], 'b': [], 'c': ['w*']}, 'entries')


@case('nothing of targetcli is loaded by who does not want it')
def lazy():
    said = run(sys.executable, '-c', 'import sys\n'
               'sys.path.insert(0, %r)\nimport scst.cli.main\n'
               'print([m for m in sys.modules if "rtslib" in m or '
               '"targetcli" in m])' % TOOLS)
    equal(said.strip(), '[]', 'modules')


@case('LUN counters, rates and latencies, from a tree of our own')
def rates():
    where = os.path.join(SCRATCH, 'class')

    def put(path, **values):
        os.makedirs(os.path.join(where, path), exist_ok=True)
        for name, value in values.items():
            with open(os.path.join(where, path, name), 'w',
                      encoding='utf-8') as file:
                file.write('%s\n' % value)

    put('session3', initiator_name='a"\\b', target='f/t', group='', sid=3,
        commands=10, read_bytes=0, write_bytes=0, active_commands=4)
    put('session3/lun10', device='d', commands=0, read_bytes=0)
    put('session3/lun2', device='e', commands=5, read_bytes=4096,
        commands_ns=0)
    first = sessions.Sample.take(where)
    put('session3', commands=110, read_bytes=409600, active_commands=6)
    put('session3/lun2', commands=55, read_bytes=413696,
        commands_ns=100000000)
    put('session4', initiator_name='new', target='f/t', commands=5)
    second = sessions.Sample.take(where)
    first.at, second.at = 0, 2
    found = sessions.rates(first, second)
    equal([(r.session.name, r.lun and r.lun.name, r.iops, r.read_bytes, r.queue)
           for r in found],
          [('session3', None, 50, 204800, 6),
           ('session3', 'lun2', 25, 204800, 0),
           ('session3', 'lun10', 0, 0, 0)], 'rates')
    # five commands inside, 50 a second: each takes a tenth of one
    equal(found[0].latency, 0.1, 'latency')
    equal(found[1].latency, 0.002, 'latency that was measured')
    equal(found[2].latency, None, 'latency')
    check('100.0 ms' in top.lines(found)[1], top.lines(found))
    equal([line.split()[1] for line in top.lines(found, 'l')],
          ['LUN', '-', '2', '10'], 'order')
    text = prometheus.text(second.sessions)
    check('scst_lun_commands_total{session="3",fabric="f",target="t",'
          'initiator="a\\"\\\\b",group="",lun="2",device="e"} 55' in text, text)
    check('scst_lun_commands_seconds_total{session="3",fabric="f",target="t",'
          'initiator="a\\"\\\\b",group="",lun="2",device="e"} 0.100000000\n'
          in text, text)
    prometheus_form(text)


@contextlib.contextmanager
def plain_tree(*files):
    """Directories and files in place of configfs."""
    mount, tree.MOUNT = tree.MOUNT, os.path.join(SCRATCH, 'mount')
    try:
        for path in files:
            path = os.path.join(tree.MOUNT, path)
            os.makedirs(os.path.dirname(path))
            with open(path, 'w', encoding='utf-8') as file:
                file.write('1\n')
        yield Root(Shell())
    finally:
        tree.MOUNT = mount


@case('a fabric that nobody has told scstcli of is configured all the same')
def generic():
    with plain_tree('handlers/tape/t1/x', 'targets/future/wwn1/luns/0/x',
                    'targets/future/wwn1/quirks/deep/odd') as root:
        for line in ('/future/wwn1/quirks/deep set odd=yes',
                     '/future/wwn1/quirks create another',
                     '/future/wwn1/luns/0 delete'):
            try:
                root.shell.run_cmdline(line)
            except ExecutionError as error:     # LUN 0: a file is no attribute
                check('LUN 0' in str(error), error)
        equal(root.get_node('/future').data(), {'wwn1': {
            'luns': {'0': {'x': '1'}},
            'quirks': {'deep': {'odd': 'yes'}, 'another': {}}}}, 'data')
        equal(sorted(c.name for c in root.children), [
            'device_groups', 'devices', 'future', 'sessions'], 'the top')


@case('sizes, names and tables')
def texts():
    for text, number in (('4096', 4096), ('64M', 64 << 20), ('1G', 1 << 30),
                         ('1.5GiB', 3 << 29), ('10kb', 10240), ('2t', 2 << 40)):
        equal(devices.bytes_of(text), number, text)
    for text in ('', 'x', '-1', '0', '1Q', 'nan', 'inf', '1e400G', 'G'):
        try:
            number = devices.bytes_of(text)
        except ExecutionError:
            continue
        raise AssertionError('%r is %r' % (text, number))
    for number, text in ((0, '0 B'), (1023, '1023 B'), (1536, '1.5 KiB'),
                         (1 << 40, '1.0 TiB')):
        equal(render.size(number), text, str(number))
    for host, domain in (('a.Example.ORG.', 'org.example.a'), ('x', 'local.x'),
                         ('my_box.lan', 'lan.my-box'), ('...', 'local.host')):
        equal(names.host_domain(host), domain, host)
    check(len(names.iqn('x' * 300)) <= 223, 'length')
    check(re.fullmatch('0x3[0-9a-f]{15}', names.naa()), 'NAA')
    equal(names.of_file('/x/disk.img', {'disk', 'disk-1'}), 'disk-2', 'name')


if __name__ == '__main__':
    iscsi_lib.main()
