#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""What the documentation shows happens; what there is, it describes."""
import contextlib
import glob
import os
import re
import shlex
import subprocess

import alua_lib
import cli_lib
import iscsi_lib
import lib
from lib import (ROOT, Device, Skip, Target, blockio, case, check, equal, fileio,
                 load_modules, nullio, own_images, probed, run, wait_for)

BOOK = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    '../../../../Documentation')
DONE = '--- done'


def page(name):
    path = os.path.join(BOOK, name)
    if not os.path.exists(path):
        raise Skip('no ' + path)
    with open(path, encoding='utf-8') as file:
        return file.read()


def examples(text):
    """(command, lines that it prints), from blocks of type console."""
    for block in re.findall(r'^\.\. code-block:: console\n\n((?: {3}.*\n|\n)+)',
                            text, re.M):
        command = None
        for line in block.rstrip('\n').split('\n'):
            line = line[3:]
            if line.startswith('# '):
                if command:
                    yield command, printed
                command, printed = line[2:], []
            else:
                printed.append(line)
        yield command, printed


class Shell:
    """One bash, so that variables and the directory stay."""

    def __init__(self):
        self.bash = subprocess.Popen(['bash'], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True)

    def __call__(self, command):
        """(exit status, lines printed)"""
        self.bash.stdin.write('{ %s\n} </dev/null; echo "%s $?"\n' %
                              (command, DONE))
        self.bash.stdin.flush()
        lines = []
        for line in self.bash.stdout:
            if line.startswith(DONE):
                return int(line.split()[-1]), lines
            lines.append(line.rstrip())
        raise AssertionError('the shell has ended')

    def close(self):
        self.bash.stdin.close()
        self.bash.wait()


def matches(got, want):
    """... stands for anything, as the only thing of a line for lines, too."""
    pattern = re.escape('\n'.join(w.rstrip() for w in want).rstrip('\n'))
    return re.fullmatch(pattern.replace(re.escape('...'), '.*'),
                        '\n'.join(got), re.S)


def as_shown(command, got, want):
    check(matches(got, want), '%s prints\n%s\nnot\n%s' %
          (command, '\n'.join(got), '\n'.join(want)))


def _is_probed(device):
    """By sd, if it is a disk and still there"""
    if iscsi_lib.attribute(device, 'type') != '0':
        return True
    return any(probed('/dev/' + os.path.basename(path))
               for path in glob.glob(device + '/block/*'))


def disks_probed():
    """sd has looked at all disks that a login has found."""
    for device in glob.glob('/sys/bus/scsi/devices/[0-9]*'):
        wait_for(lambda: _is_probed(device), device)


def run_examples(found):
    """How many there were."""
    shell = Shell()
    try:
        number = 0
        for number, (command, want) in enumerate(found, 1):
            status, got = shell(command)
            as_shown(command, got, want)
            check(want or not status, '%s: status %d' % (command, status))
            # Who reads would wait now; the next one may log out.
            if '--login' in command:
                disks_probed()
        return number
    finally:
        shell.close()


@case("the administrator's guide: each example prints what it shows")
def guide():
    # The shell then has its configuration, and not the machine's.
    iscsi_lib.iscsiadm('--version')
    with own_images():
        number = run_examples(examples(page('scst/admin-guide.rst')))
    check(number > 50, 'only %d examples were found' % number)


def session(text):
    """(command, lines that it prints) of the shell's session in a guide."""
    found = []
    for block in re.findall(r'^\.\. code-block:: text\n\n((?: {3}.*\n|\n)+)',
                            text, re.M):
        for line in block.rstrip('\n').split('\n'):
            prompt = re.match(r'   (/\S*)> (.*)', line)
            if prompt:
                found.append((prompt[2], []))
            else:
                found[-1][1].append(line[3:])
    return found


@contextlib.contextmanager
def program_found():
    """scstcli and its library are found by their names, as where they are
    installed."""
    before = dict(os.environ)
    path = os.path.join(lib.SCRATCH, 'bin')
    os.makedirs(path, exist_ok=True)
    with open(path + '/scstcli', 'w', encoding='utf-8') as file:
        file.write('#!/bin/sh\nexec %s "$@"\n' % shlex.join(cli_lib.PROGRAM))
        os.fchmod(file.fileno(), 0o755)
    os.environ.update(cli_lib.ENVIRONMENT, PYTHONPATH=cli_lib.TOOLS,
                      PATH=path + ':' + before['PATH'])
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@case('scstcli: each example, at the prompt of a shell and at its own')
def scstcli():
    load_modules()  # the guide has removed them
    run('modprobe', 'scst_iscsi')
    text = page('scst/scstcli.rst')
    start, rest = text.split('.. code-block:: text\n', 1)
    with program_found(), own_images():
        number = run_examples(examples(start))
        with cli_lib.shell() as prompt:
            for command, want in session(text):
                number += 1
                as_shown(command, prompt.anywhere(command), want)
        number += run_examples(examples(rest))
    check(number > 25, 'only %d examples were found' % number)


@case('saving and restoring: each example, and the file written by hand')
def saving():
    load_modules()
    run('modprobe', 'scst_iscsi')
    text = page('scst/saveconfig.rst')
    by_hand = re.search(r'^\.\. code-block:: json\n\n((?: {3}.*\n|\n)+)', text,
                        re.M)[1]
    with program_found(), own_images():
        lib.write('/var/lib/scst/small.json', by_hand)
        number = run_examples(examples(text))
    check(number > 20, 'only %d examples were found' % number)


@case('other pages: each example, with what it takes for granted')
def others():
    load_modules()
    run('modprobe', 'scst_iscsi')
    blockio('/dev/null', 'disk', enable=False)
    fileio('disk1')
    for name in ('a', 'b', 'disks'):
        iscsi_lib.Target(name)
    for name, least in (('alua', 9), ('isns', 5), ('protection', 8)):
        with own_images():
            number = run_examples(examples(page('scst/%s.rst' % name)))
        check(number >= least, 'only %d of %s' % (number, name))
    equal(sorted(os.listdir(ROOT + '/device_groups/g/target_groups/here/'
                            'targets')),
          ['iqn.2026-11.org.example:a', 'iqn.2026-11.org.example:b'],
          'ports here')
    equal(lib.read(ROOT + '/handlers/vdisk_fileio/safe/enabled'), '1',
          'the disk with protection information')


def placeholders(path):
    """A path of this machine as the reference writes it."""
    path = re.sub(r'(handlers)/[^/]+', r'\1/<handler>', path)
    path = re.sub(r'(<handler>)/(?!type$)[^/]+', r'\1/<device>', path)
    for parent, name in (('luns', 'lun'), ('ini_groups', 'group'),
                         ('initiators', 'name'), ('sessions', 'session'),
                         ('portals', 'portal'), ('incoming', 'name'),
                         ('outgoing', 'name'), ('allowed_portals', 'pattern'),
                         ('device_groups', 'group'), ('devices', 'device'),
                         ('target_groups', 'tpg'),
                         ('target_groups/<tpg>/targets', 'port')):
        path = re.sub('/(%s)/[^/]+' % parent, r'/\1/<%s>' % name, path)
    return re.sub('targets/(scst_local/[^/]+|iscsi/iqn[^/]+)',
                  lambda m: 'targets/%s/<target>' % m[1].split('/')[0], path)


def entries(name):
    """What a file of the reference describes."""
    return re.findall(r'^What:\s+(\S+)', page('ABI/testing/' + name), re.M)


def documented():
    """configfs; what all fabrics have, for each of them."""
    return {what.replace('<fabric>', fabric)
            for what in entries('configfs-scst')
            for fabric in ('scst_local', 'iscsi')}


def one_of_each():
    """Whatever an administrator can make, in each fabric."""
    load_modules()  # the guide has removed them
    run('modprobe', 'scst_iscsi')
    devices = [fileio(), nullio(), blockio('/dev/null', enable=False),
               Device('vcdrom', 'c0', enable=False)]
    targets = [Target(), iscsi_lib.Target()]
    for target in targets:
        target.add(0, devices[0])
        target.group('g', 'x').add(0, devices[1])
    targets[1].allow_portal('127.*')
    group = alua_lib.DeviceGroup('g', devices[0])
    group.ports('p', targets[0]).remote('peer', 9)
    iscsi_lib.serve()
    return targets


def accounts(target):
    for where in (target.path, iscsi_lib.DRIVER, target.path + '/ini_groups/g'):
        iscsi_lib.account(where, 'incoming', 'them', 'the secret of them')
        iscsi_lib.account(where, 'outgoing', 'us', 'the secret of us')


@case('configfs: the reference has each attribute that there is, and no other')
def configfs():
    local, iscsi = one_of_each()
    local.login().disk()
    accounts(iscsi)
    there, files = set(), set()
    for where, folders, names in os.walk(ROOT):
        files |= {placeholders(os.path.join(where, name)) for name in names}
        there |= {placeholders(os.path.join(where, name))
                  for name in folders + names}
    equal(sorted(files - documented()), [], 'what is not documented')
    equal(sorted(documented() - there), [], 'what is documented and not there')


@case('sysfs: the reference has each attribute that there is, and no other')
def sysfs():
    iscsi = one_of_each()[1]
    with iscsi.raw():
        # One of scst_local may still be ending.
        found = wait_for(lambda: iscsi_lib.sessions(target=iscsi),
                         'a session in sysfs')[0]
        there = set()
        for kind, where in (
                ('scst_session/session<n>', found),
                ('scst_session/session<n>/lun<m>', found + '/lun0'),
                ('scst_conn/session<n>:<cid>', glob.glob(found + '/*:*')[0])):
            path = '/sys/class/' + kind
            there |= {path} | {path + '/' + name for name in os.listdir(where)
                               if os.path.isfile(os.path.join(where, name))}
    # not SCST's own
    there -= {path for path in there if path.endswith('/uevent')}
    equal(sorted(there), sorted(entries('sysfs-class-scst')),
          'what is documented')


def log_out_here():
    """Before iscsi_lib waits for the end of all sessions."""
    for session in glob.glob(ROOT + '/targets/scst_local/*/sessions/*'):
        os.rmdir(session)


if __name__ == '__main__':
    lib.cleanups.append(log_out_here)
    iscsi_lib.main()
