#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""LIO's targetcli on LIO, and the same program on SCST: the same answers; and
what that does to initiators."""
import glob
import json
import os
import re

import iscsi_lib
import iscsi_raw
import lib
from iscsi_raw import Chap
from lib import (ROOT, SLOW, Skip, case, check, equal, note, own_images, read,
                 run, wait_for)
from targetcli_commands import (ALICE, BLOCK, BOB, DIFFERENCES, DIFFERENT, END,
                                IQN, NAA)
from targetcli_lib import HERE, LIO, SCST, SETUP, TARGET, Machine

GUIDE = '../../../../Documentation/scst/targetcli.rst'
RAMDISKS = '/run/scst/ramdisk'
STRANGER = 'iqn.2026-11.org.example:stranger'


def lio():
    """A machine with LIO, if this kernel has it."""
    lib.write('/dev/kmsg', 'scst-test: expect .*(iSCSI|iscsi|iblock|iBlock|'
              'FILEIO|fileio|CHAP|Unable to|target_core|tcm_loop|kernel_bind|'
              'MODE SENSE: unimplemented).*')
    run('modprobe', '-qa', 'target_core_mod', 'iscsi_target_mod', 'tcm_loop',
        status=None)
    if not os.path.isdir('/sys/kernel/config/target'):
        raise Skip('no LIO in this kernel')
    # It looks for tcmu-runner on the system's bus.
    if not os.path.exists('/run/dbus/system_bus_socket'):
        os.makedirs('/run/dbus', exist_ok=True)
        run('dbus-daemon', '--system', '--fork')
    os.makedirs('/var/target/pr', exist_ok=True)
    return Machine(LIO)


def compare(theirs, ours):
    """Answers to the same commands: what differs and may not."""
    wrong = ['%s\n--- LIO\n%s\n--- SCST\n%s' % (command.text, other, mine)
             for (command, other), (_, mine) in zip(theirs, ours)
             if (mine == other) == (command.kind == DIFFERENT)]
    check(not wrong, '\n\n'.join(wrong))


@case('90 commands on LIO and on SCST: the same answers')
def same():
    machines = lio(), Machine(SCST)
    try:
        # One after the other: they want the same ports.
        found = []
        for machine in machines:
            found.append(machine.batch(BLOCK + DIFFERENCES + END))
            machine.stop()
        compare(*found)
        check_saved(*machines)
        listed = next(answer for command, answer in found[0]
                      if command.text == 'ls')
        for one, other in (machines, machines[::-1]):
            exchange(one, other, listed)
        one_shots(machines)
    finally:
        for machine in machines:
            machine.done()


def exchange(one, other, listed):
    """What one has saved the other restores."""
    other.take(one, 'all')
    restored, now, _ = other.batch('restoreconfig %(dir)s/saved/all.json\nls\n'
                                   'clearconfig confirm=true')
    other.stop()
    note('%s: %s' % (other.name, restored[1]))
    equal(now[1].splitlines(), listed.splitlines(),
          'what %s lists' % other.name)
    check(restored[1].startswith('Configuration restored from'), restored[1])


def saved(machine, name):
    with open('%s/saved/%s.json' % (machine.dir, name), encoding='utf-8') as f:
        return json.load(f)


def shape(value):
    """What an object has, and the order of lists does not matter."""
    if isinstance(value, dict):
        return {k: shape(v) for k, v in value.items()}
    if isinstance(value, list):
        return sorted((shape(v) for v in value), key=repr)
    return value


def check_saved(lio_machine, scst_machine):
    """What was restored is what was saved; and LIO's file has the same."""
    equal(shape(saved(scst_machine, 'again')), shape(saved(scst_machine, 'all')))
    one, other = (saved(m, 'all') for m in (lio_machine, scst_machine))
    equal(sorted(one), sorted(other), 'keys')
    equal(sorted(t['wwn'] for t in one['targets']),
          sorted(t['wwn'] for t in other['targets']))
    keys = {'alias', 'attributes', 'parameters', 'alua_tpgs'}
    for kind in ('storage_objects', 'fabric_modules'):
        for mine, theirs in zip(*(sorted(s[kind], key=lambda o: o['name'])
                                  for s in (one, other))):
            equal(sorted(set(theirs) - keys), sorted(set(mine) - keys), kind)
    for machine in (lio_machine, scst_machine):
        part = saved(machine, 'f0')
        equal([so['name'] for so in part['storage_objects']], ['f0'])
        equal([t['wwn'] for t in part['targets']], [IQN])


def one_shots(machines):
    """Exit statuses of commands from the shell's command line."""
    for arguments in (('/backstores/fileio', 'create', 'one',
                       machines[0].dir + '/one', '8M'),
                      ('/backstores/fileio', 'delete', 'none'),
                      ('/nowhere', 'ls')):
        results = [m.run(*arguments) for m in machines]
        equal(results[1][0], results[0][0], ' '.join(arguments))


def luns_of(initiator, chap=None):
    """The LUNs that an initiator gets, or None if it is turned away."""
    with iscsi_raw.Session(('127.0.0.1', 3260), 20 * SLOW) as session:
        try:
            session.login(IQN, initiator=initiator, chap=chap)
        except iscsi_raw.Refused:
            return None
        data = session.command('a00000000000000001000000', read=256).data
        session.logout()
    length = int.from_bytes(data[:4], 'big')
    return [int.from_bytes(data[8 + at:10 + at], 'big')
            for at in range(0, length, 8)]


@case('initiators: those with an ACL come in, and see what it says')
def access():
    machine = Machine(SCST)
    try:
        machine.batch(SETUP)
        equal(luns_of(ALICE), [0], 'LUNs of alice')
        equal(luns_of(STRANGER), None, 'LUNs of a stranger')
        with iscsi_raw.Session(('127.0.0.1', 3260), 20 * SLOW) as session:
            session.login(IQN, initiator=ALICE)
            listed = machine.ask('sessions detail')
            for text in ('LOGGED_IN', 'name: ' + ALICE, '127.0.0.1 (TCP)',
                         'mapped-lun: 0 backstore: fileio/f0 mode: rw'):
                check(text in listed, listed)
            session.logout()
        tpg = '/iscsi/%(iqn)s/tpg1 '
        machine.batch(tpg + 'set attribute generate_node_acls=1')
        equal(luns_of(STRANGER), [0, 1], 'LUNs of a guest')
        equal(luns_of(ALICE), [0], 'LUNs of alice')
        equal(read(TARGET + '/luns/0/read_only'), '1', 'guests write')
        machine.batch(tpg + 'set attribute demo_mode_write_protect=0')
        equal(read(TARGET + '/luns/0/read_only'), '0', 'guests write')
        # No account yet: nobody, rather than everybody
        machine.batch(tpg + 'set attribute authentication=1 '
                      'generate_node_acls=0')
        for chap in (None, Chap('no-account', 'no-account-0'),
                     Chap('al', 'alices-secret-01')):
            equal(turned_away(ALICE, chap), True, 'login of alice')
        machine.batch(tpg.rstrip() + '/acls/%(alice)s set auth userid=al '
                      'password=alices-secret-01')
        equal(luns_of(ALICE, Chap('al', 'alices-secret-01')), [0])
        equal(turned_away(ALICE, Chap('al', 'bobbys-secret-01')), True)
        equal(turned_away(ALICE, None), True)
        # By the portal that it has, and no other
        machine.batch('/iscsi/%(iqn)s/tpg1/portals delete 0.0.0.0 3260')
        equal(os.listdir(iscsi_lib.DRIVER + '/portals'), [], 'portals')
        equal(os.listdir(TARGET + '/allowed_portals'), ['0.0.0.0'])
        machine.batch('clearconfig confirm=true')
        equal(os.path.exists(TARGET), False, 'the target is there')
    finally:
        machine.done()


def turned_away(initiator, chap):
    try:
        return luns_of(initiator, chap) is None
    except iscsi_raw.Unexpected:   # it is asked for CHAP, or not
        return True


AL, BO = ('al', 'alices-secret-01'), ('bo', 'bobbys-secret-01')
OPEN, GUEST = ('op', 'opens-secret-01'), ('guest', 'guests-secret-01')
DISKS = ('disks', 'disks-secret-003')
CAROL = 'iqn.1994-05.com.redhat:carol'


def each_its_own():
    """alice and bob have accounts of their own, carol an ACL without one, and
    the TPG's is for those who have no ACL."""
    equal(luns_of(ALICE, Chap(*AL)), [0], 'LUNs of alice')
    equal(luns_of(ALICE, Chap(*AL, *DISKS)), [0], 'LUNs of alice')
    equal(luns_of(BOB, Chap(*BO)), [0, 1], 'LUNs of bob')
    equal(luns_of(STRANGER, Chap(*GUEST)), [0, 1], 'LUNs of a guest')
    for initiator, accounts in ((ALICE, (BO, GUEST)), (BOB, (AL, GUEST)),
                                (CAROL, (AL, GUEST)), (STRANGER, (AL, BO))):
        equal([turned_away(initiator, chap) for chap in
               (None, *(Chap(*account) for account in accounts))],
              3 * [True], 'logins of ' + initiator)
    # bob's has no account for the target, nor has the TPG.
    equal(turned_away(BOB, Chap(*BO, *DISKS)), True, 'login of bob')


OWN_ACCOUNTS = '''
/iscsi/%%(iqn)s/tpg1 set attribute generate_node_acls=1 authentication=1
/iscsi/%%(iqn)s/tpg1 set auth userid=%s password=%s
/iscsi/%%(iqn)s/tpg1/acls/%%(alice)s set auth userid=%s password=%s
/iscsi/%%(iqn)s/tpg1/acls/%%(alice)s set auth mutual_userid=%s mutual_password=%s
/iscsi/%%(iqn)s/tpg1/acls create %%(bob)s
/iscsi/%%(iqn)s/tpg1/acls/%%(bob)s set auth userid=%s password=%s
/iscsi/%%(iqn)s/tpg1/acls create %s
/iscsi/%%(iqn)s/tpg1/acls/%s set auth userid=%s password=%s
/iscsi/%%(iqn)s/tpg1/acls create %s
''' % (*GUEST, *AL, *DISKS, *BO, iscsi_lib.INITIATOR, iscsi_lib.INITIATOR,
       *OPEN, CAROL)


@case('ACLs with different accounts: each has its own')
def own_accounts():
    machine = Machine(SCST)
    acl = '/iscsi/%(iqn)s/tpg1/acls/'
    try:
        machine.batch(SETUP + OWN_ACCOUNTS)
        each_its_own()
        by_initiators()
        before = secrets_of(lib.tree())
        machine.batch('saveconfig %(dir)s/saved/own.json\n'
                      'clearconfig confirm=true\n'
                      'restoreconfig %(dir)s/saved/own.json')
        equal(secrets_of(lib.tree()), before, 'accounts')
        each_its_own()
        # Only ACLs, and one of them not any more
        machine.batch('/iscsi/%(iqn)s/tpg1 set attribute generate_node_acls=0\n' +
                      acl + '%(bob)s set auth userid=\n')
        equal(luns_of(ALICE, Chap(*AL)), [0], 'LUNs of alice')
        for chap in (None, Chap(*BO), Chap(*GUEST)):
            equal(turned_away(BOB, chap), True, 'login of bob')
        equal(turned_away(STRANGER, Chap(*GUEST)), True, 'login of a stranger')
        machine.batch(acl.rstrip('/') + ' delete %(alice)s')
        machine.batch('/iscsi/%(iqn)s/tpg1 set attribute authentication=0')
        equal(secrets_of(lib.tree()), [], 'accounts')
        equal(luns_of(BOB), [0, 1], 'LUNs of bob')
    finally:
        machine.done()


@case('an ACL whose secret can not be restored lets nobody in')
def lost_secret():
    machine = Machine(SCST)
    try:
        machine.batch(SETUP + OWN_ACCOUNTS +
                      'saveconfig %(dir)s/saved/lost.json\n')
        config = saved(machine, 'lost')
        for acl in config['targets'][0]['tpgs'][0]['node_acls']:
            if acl['node_wwn'] == BOB:
                acl['chap_password'] = 'short'
        lib.write(machine.dir + '/saved/lost.json', json.dumps(config))
        got = machine.ask('restoreconfig %(dir)s/saved/lost.json '
                          'clear_existing=true')
        check('12 to 255' in got, got)
        equal(luns_of(ALICE, Chap(*AL)), [0], 'LUNs of alice')
        for chap in (None, Chap(*BO), Chap('bo', 'short'), Chap(*GUEST)):
            equal(turned_away(BOB, chap), True, 'login of bob')
    finally:
        machine.done()


def secrets_of(paths):
    return [path for path in paths if path.endswith('/password')]


def by_initiators():
    """The same by open-iscsi and by libiscsi"""
    session = iscsi_lib.login(IQN, auth='CHAP', username=OPEN[0],
                              password=OPEN[1])
    session.disk()
    session.logout()
    for (user, secret), status in ((BO, 0), (AL, None)):
        out = run('iscsi-inq', '-i', BOB, 'iscsi://%s%%%s@127.0.0.1:3260/%s/0' %
                  (user, secret, IQN), status=status)
        equal('Peripheral' in out, status == 0, out)


REFUSALS = (
    ('/backstores/ramdisk create r 8M nullio=true',
     'leave nullio out.*scstcli /devices/nullio create r'),
    ('/backstores/ramdisk create r 1T', 'half of the memory'),
    ('/backstores/ramdisk create r 9000000T', 'half of the memory'),
    ('/backstores/ramdisk create r 0', 'must be positive'),
    ('/backstores/pscsi create p /dev/null', 'Use block|use block'),
    ('/backstores/block create f0 %(loop)s', 'names are unique'),
    ('/backstores/fileio/f0 set attribute block_size=4096', 'delete its LUNs'),
    ('/backstores/fileio/f0 set attribute emulate_caw=0', 'always 1'),
    ('/iscsi/%(iqn)s create 2', 'one portal group'),
    ('/iscsi/%(iqn)s/tpg1/acls/%(alice)s set auth password=short', '12 to 255'),
    ('/iscsi/%(iqn)s/tpg1 set parameter ErrorRecoveryLevel=2', 'always 0'),
    ('/iscsi/%(iqn)s/tpg1/portals create 10.99.99.99', 'annot assign'),
    # A secret that another ACL's initiator lets the target prove
    ('/iscsi/%(iqn)s/tpg1/acls/%(bob)s set auth mutual_userid=disks '
     'mutual_password=alices-secret-01', 'The kernel does not write'),
)


@case('what SCST has not is refused in a sentence, and changes nothing')
def refused():
    machine = Machine(SCST)
    try:
        machine.batch(SETUP + '''
/iscsi/%(iqn)s/tpg1/acls create %(bob)s
/iscsi/%(iqn)s/tpg1/acls/%(alice)s set auth userid=al password=alices-secret-01
/iscsi/%(iqn)s/tpg1 set attribute authentication=1
''')
        before = lib.tree()
        got = machine.batch('\n'.join(text for text, _ in REFUSALS))
        for (command, answer), (_, want) in zip(got, REFUSALS):
            check(re.search(want, answer), '%s: %s' % (command.text, answer))
            check('Traceback' not in answer, answer)
        equal(lib.tree(), before, 'the tree')
        equal(glob.glob(RAMDISKS + '/*'), [], 'files of ramdisks')
    finally:
        machine.done()


@case('a loopback: disks come and go with its LUNs')
def loopback():
    machine = Machine(SCST)
    try:
        machine.batch('''
set global auto_save_on_exit=false
/backstores/fileio create f0 %(dir)s/f0.img 8M
/loopback create %(naa)s
/loopback/%(naa)s/luns create /backstores/fileio/f0
''')
        where = '/sys/class/block/%s/device' % os.path.basename(
            disk_of_loopback())
        where = os.path.realpath(where)
        # the model, and the serial number as LIO's initiators know it
        equal(read(where + '/model').strip(), 'f0', 'model')
        check(read(where + '/wwid').startswith('naa.6001405'), 'wwid')
        machine.batch('/loopback/%(naa)s/luns delete 0')
        wait_for(lambda: not os.path.exists(where), 'the end of the disk')
    finally:
        machine.done()


def disk_of_loopback():
    session = '%s/targets/scst_local/%s/sessions' % (ROOT, NAA)
    host = read('%s/%s/host' % (session, os.listdir(session)[0]))
    where = '/sys/bus/scsi/devices/%s:0:0:0' % host.removeprefix('host')
    wait_for(lambda: os.path.exists(where + '/block'), 'the disk')
    return '/dev/' + os.listdir(where + '/block')[0]


@case('a ramdisk: it keeps what is written as long as it is there')
def ramdisk():
    machine = Machine(SCST)
    size, text = (8 << 20) + 4096, os.urandom(8 << 20)
    try:
        machine.batch('''
set global auto_save_on_exit=false
/backstores/ramdisk create r0 %d
/loopback create %%(naa)s
/loopback/%%(naa)s/luns create /backstores/ramdisk/r0
''' % (size - 100))
        path = RAMDISKS + '/r0'
        equal(os.stat(path).st_blocks << 9, size, 'memory that is taken')
        equal(os.stat(RAMDISKS).st_mode & 0o777, 0o700, 'mode')
        disk = disk_of_loopback()
        equal(int(run('blockdev', '--getsize64', disk)), size, 'size')
        with open(disk, 'wb') as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        machine.batch('/loopback/%(naa)s/luns delete 0\n'
                      '/backstores/ramdisk/r0 set attribute block_size=4096\n'
                      '/loopback/%(naa)s/luns create /backstores/ramdisk/r0\n'
                      'saveconfig %(dir)s/saved/ram.json')
        with open(disk_of_loopback(), 'rb') as file:
            check(file.read(len(text)) == text, 'other data')
        machine.batch('restoreconfig %(dir)s/saved/ram.json '
                      'clear_existing=true')
        with open(disk_of_loopback(), 'rb') as file:
            check(not any(file.read()), 'a new one is not empty')
        # What cannot be saved does not keep its memory.
        lib.nullio('unknown')
        machine.batch('/backstores/ramdisk delete r0 save=true')
        equal(os.listdir(RAMDISKS), [], 'files')
        wait_for(lambda: os.statvfs(RAMDISKS).f_bfree ==
                 os.statvfs(RAMDISKS).f_blocks, 'the memory')
    finally:
        machine.done()


@case('a ramdisk: no room, and a file that is somebody else\'s')
def no_ramdisk():
    machine = Machine(SCST)
    limit = 'remount,size=%s'
    try:
        machine.batch('set global auto_save_on_exit=false\n'
                      '/backstores/ramdisk create r0 1M')
        run('mount', '-o', limit % '4M', RAMDISKS)
        before = lib.tree()
        answer = machine.ask('/backstores/ramdisk create r1 8M')
        check('No space left on device' in answer, answer)
        answer = machine.ask('/backstores/fileio create f0 %s/r0' % RAMDISKS)
        check('is for files of ramdisks' in answer, answer)
        lib.write(RAMDISKS + '/r2', '\0' * 65536)
        other = lib.Device('vdisk_fileio', 'other', filename=RAMDISKS + '/r2')
        answer = machine.ask('/backstores/ramdisk create r2 1M')
        check('r2 is in use by' in answer and '/other:' in answer, answer)
        machine.batch('refresh')
        listed = machine.ask('/backstores ls')
        check('RAMDISKS/r2' in listed.replace(RAMDISKS, 'RAMDISKS'), listed)
        machine.batch('/backstores/fileio delete other')
        check(not os.path.exists(other.path), 'it is there')
        equal(lib.tree(), before, 'the tree')
        equal(sorted(os.listdir(RAMDISKS)), ['r0', 'r2'], 'files')
        # nobody's now
        machine.batch('/backstores/ramdisk create r2 1M')
        equal(os.stat(RAMDISKS + '/r2').st_size, 1 << 20, 'size')
    finally:
        run('mount', '-o', limit % '50%', RAMDISKS)
        machine.batch('clearconfig confirm=true')
        machine.done()


@case('ALUA groups of a storage object')
def alua():
    machine = Machine(SCST)
    group = ROOT + '/device_groups/f0/target_groups/slow'
    try:
        machine.batch(SETUP + '''
/backstores/fileio/f0/alua create slow 7
/backstores/fileio/f0/alua/slow set alua alua_access_state=1
/iscsi/%(iqn)s/tpg1/luns/lun0 set alua alua_tg_pt_gp_name=slow
''')
        equal(read(group + '/state'), 'nonoptimized', 'state')
        equal(read(group + '/group_id'), '7', 'group_id')
        equal(os.listdir(group + '/targets'), [IQN], 'targets')
        got = machine.batch('''
/backstores/fileio/f0/alua ls
saveconfig %(dir)s/saved/alua.json
restoreconfig %(dir)s/saved/alua.json clear_existing=true
''')
        check('slow' in got[0][1] and 'non-optimized' in got[0][1], got[0][1])
        check(got[2][1].startswith('Configuration restored from'), got[2][1])
        equal(read(group + '/state'), 'nonoptimized', 'state')
        equal(os.listdir(group + '/targets'), [IQN], 'targets')
        machine.batch('/backstores/fileio delete f0')
        equal(os.listdir(ROOT + '/device_groups'), [], 'device groups')
    finally:
        machine.done()


def shown(text):
    """(command, what it prints) of a guide's sessions."""
    for block in re.findall(r'^\.\. code-block:: text\n\n((?: {3}.*\n|\n)+)',
                            text, re.M):
        for example in re.split(r'^ {3}/> ', block, flags=re.M)[1:]:
            command, *lines = example.rstrip('\n').split('\n')
            yield command, '\n'.join(line[3:] for line in lines).rstrip()


def follow(machine, text):
    etc = machine.dir + '/etc/'
    lib.write(etc + 'rtslib-fb-target/saveconfig.json', '{}')
    machine.ask('set global auto_save_on_exit=true')
    for command, want in shown(text):
        if command.startswith('clearconfig'):
            # on the way out, by itself
            machine.stop()
        got = machine.ask(command)
        pattern = re.escape(want).replace(re.escape('...'), '.*')
        check(re.fullmatch(pattern, got, re.S),
              '%s prints\n%s\nnot\n%s' % (command, got, want))
    own = etc + 'scst/targetcli/saveconfig.json'
    equal(os.stat(own).st_mode & 0o777, 0o600, 'mode')
    check('org.example:disks' in read(own), 'what is saved')
    equal(read(etc + 'rtslib-fb-target/saveconfig.json'), '{}', "LIO's")


@case("the guide's examples; where the configuration is saved by default")
def guide():
    path = os.path.join(HERE, GUIDE)
    if not os.path.exists(path):
        raise Skip('no ' + path)
    with own_images():
        machine = Machine(SCST)
        try:
            follow(machine, read(path) + '\n')
        finally:
            machine.done()


if __name__ == '__main__':
    iscsi_lib.main()
