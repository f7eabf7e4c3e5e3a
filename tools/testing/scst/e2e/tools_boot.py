#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What is installed beside scstcli: make install, the Debian package, manual
pages, the agent for asymmetric access states, completion."""
import glob
import os
import re
import shutil
import stat
import subprocess
import sys

from alua_lib import GOOD, STPG_FAILED, Asking, Pair
from lib import (SCRATCH, Skip, case, check, equal, main, read, run, write)
from machine_lib import package

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     '../../../scst')
TOP = os.path.join(TOOLS, '../..')
AGENT = sys.executable, os.path.join(TOOLS, 'alua/scst-stpg')
PAGES = sorted(glob.glob(TOOLS + '/man/*') + glob.glob(TOOLS + '/isns/*.8'))


def needs(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skip('no ' + program)


def files_of(root):
    """Path: permissions, of what is no directory or for root only."""
    found = {}
    for where, folders, names in os.walk(root):
        for name in folders + names:
            path = os.path.join(where, name)
            mode = stat.S_IMODE(os.lstat(path).st_mode)
            if name in names or mode == 0o700:
                found[os.path.relpath(path, root)] = mode
    return found


def library():
    return {os.path.relpath(path, TOOLS) for path in
            glob.glob(TOOLS + '/scst/**/*.py', recursive=True)}


@case('make install puts each file where it belongs, and names whole paths')
def install():
    root = os.path.join(SCRATCH, 'install')
    run('make', '-C', TOOLS, 'install', 'ISNS=no', 'DESTDIR=' + root,
        'prefix=/opt/scst', 'pythondir=/opt/python')
    want = {'opt/python/' + name: 0o644 for name in library()}
    want.update({'opt/scst/share/man/man%s/%s' % (page[-1],
                                                 os.path.basename(page)): 0o644
                 for page in PAGES if '/isns/' not in page})
    want.update({'opt/scst/' + name: 0o644 for name in (
        'lib/systemd/system/scst.service', 'lib/tmpfiles.d/scst.conf',
        'lib/systemd/system/scst-restore.service',
        'lib/udev/rules.d/60-scst.rules', 'lib/modprobe.d/scst.conf',
        'share/bash-completion/completions/scstcli')})
    want.update({'opt/scst/' + name: 0o755 for name in (
        'sbin/scstcli', 'sbin/scst-stpg',
        'lib/systemd/system-generators/scst-generator')})
    want.update(dict.fromkeys(('etc/scst', 'var/lib/scst', 'var/lib/scst/pr',
                               'var/lib/scst/mode'), 0o700))
    equal(files_of(root), want, 'what was installed')
    for folder in ('lib/systemd/system', 'lib/udev/rules.d'):
        for path in glob.glob('%s/opt/scst/%s/*' % (root, folder)):
            check('@' not in re.sub(r'\w@', '', read(path)), read(path))
    check('ExecStart=/opt/scst/sbin/scstcli restoreconfig' in read(
        root + '/opt/scst/lib/systemd/system/scst-restore.service'), 'path')
    # in a tree of the kernel there is only the one
    if os.path.exists(os.path.join(TOP, 'tools/testing/scst/lab/lab.sh')):
        root = os.path.join(SCRATCH, 'install-tools')
        run('make', '-C', TOP, 'install-tools', 'ISNS=no', 'DESTDIR=' + root,
            'prefix=/opt/scst', 'pythondir=/opt/python')
        equal(files_of(root), want, 'what install-tools installs')


@case('the package has all that there is')
def has_all():
    path = package()
    listed = run('dpkg-deb', '--contents', path)
    names = {line.split()[5][1:]: line.split()[0] for line in listed.splitlines()}
    for name in ('/usr/sbin/scstcli', '/usr/sbin/scst-stpg',
                 '/usr/sbin/scst-isnsd'):
        equal(names.get(name), '-rwxr-xr-x', name)
    missing = {'/usr/lib/python3/dist-packages/' + name
               for name in library()} - set(names)
    equal(missing, set(), 'modules that are not in it')
    for page in PAGES:
        check('/usr/share/man/man%s/%s.gz' % (
            page[-1], os.path.basename(page)) in names, page)
    equal(names['/etc/scst/'], 'drwx------', '/etc/scst')
    depends = run('dpkg-deb', '--field', path, 'Depends')
    check('python3-configshell-fb' in depends and 'libisns0' in depends, depends)


@case('manual pages: no warning of man or groff')
def pages():
    needs('man', 'groff')
    check(len(PAGES) >= 4, PAGES)
    for page in PAGES:
        done = subprocess.run(
            ['man', '--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', page],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, LC_ALL='C.UTF-8'), check=False)
        equal((done.returncode, done.stderr), (0, ''), 'man ' + page)
        done = subprocess.run(['groff', '-t', '-ww', '-man', '-Tutf8', '-z', page],
                              stderr=subprocess.PIPE, text=True, check=False)
        equal((done.returncode, done.stderr), (0, ''), 'groff ' + page)


def decision(name, text):
    """A program in place of /etc/scst/stpg; the environment that names it."""
    path = os.path.join(SCRATCH, name)
    write(path, '#!/bin/sh\n' + text)
    os.chmod(path, 0o755)
    return dict(os.environ, SCST_STPG=path)


def states(pair):
    return [ports.get('state') for ports in pair.ports]


@case('scst-stpg: grants, or refuses, what an initiator asks for')
def agent():
    pair = Pair(explicit=1, explicit_timeout=3600)
    swap = (1, 'standby'), (2, 'nonoptimized')
    equal(run(*AGENT, 'dg'), '', 'when nothing is asked for')
    asking = Asking(pair, pair.sgs[0], *swap)
    run(*AGENT, 'dg', env=dict(os.environ, SCST_STPG='/nowhere'))
    asking.ends(GOOD)
    equal(states(pair), ['standby', 'nonoptimized'], 'states')
    asked = os.path.join(SCRATCH, 'asked')
    pair.settle()
    for text, want, out in (
            ('exit 3', STPG_FAILED, 'ended with status 3'),
            ('exit 0', GOOD, '')):
        environment = decision('decide', 'echo "$1" >%s; cat >>%s; %s\n' % (
            asked, asked, text))
        asking = Asking(pair, pair.sgs[1], (1, 'active'), (2, 'unavailable'))
        said = run(*AGENT, 'dg', status=1 if out else 0, env=environment)
        asking.ends(want)
        check(out in said and 'Traceback' not in said, said)
        equal(read(asked), 'dg\nunavailable p1\nactive p0', 'what was asked')
    equal(states(pair), ['active', 'unavailable'], 'states')
    pair.settle()
    # A program that cannot be run refuses; one that is too slow does.
    os.chmod(environment['SCST_STPG'], 0o644)
    asking = Asking(pair, pair.sgs[0], *swap)
    said = run(*AGENT, 'dg', status=1, env=environment)
    asking.ends(STPG_FAILED)
    check('Permission denied' in said, said)
    # The kernel counts from the beginning; the agent's program has a second.
    asking = Asking(pair, pair.sgs[0], *swap)
    pair.group.set('explicit_timeout', 1)
    said = run(*AGENT, 'dg', status=1, env=decision('slow', 'sleep 3600\n'))
    asking.ends(STPG_FAILED)
    check('took too long' in said, said)
    equal(states(pair), ['active', 'unavailable'], 'states')
    said = run(*AGENT, 'nobody', status=1)
    check('nobody' in said and 'Traceback' not in said, said)
    for words in ((), ('dg', 'fail'), ('dg', '1', '2')):
        check('usage' in run(*AGENT, *words, status=1), words)


@case('scst-stpg: the group of an event, whatever it is called')
def event():
    name = "d$HOME!%n 'g"
    pair = Pair(name=name, explicit=1, explicit_timeout=3600)
    asking = Asking(pair, pair.sgs[0], (1, 'standby'), (2, 'nonoptimized'))
    where = glob.glob('/sys/class/scst_device_group/*')
    equal([os.path.basename(path) for path in where], [name], 'in sysfs')
    environment = dict(decision('refuses', 'exit 1\n'), REQUEST='1',
                       DEVPATH=os.path.realpath(where[0])[len('/sys'):])
    said = run(*AGENT, '--event', status=1, env=environment)
    asking.ends(STPG_FAILED)
    check(name + ': refused' in said, said)
    environment['DEVPATH'] = '/devices/virtual/net/lo'
    check('no event' in run(*AGENT, '--event', status=1, env=environment), 'lo')


@case('scst-stpg: who is late refuses no other request')
def late():
    pair = Pair(explicit=1, explicit_timeout=3600)
    environment = decision('refuses', 'exit 1\n')
    swap = (1, 'standby'), (2, 'nonoptimized')
    asking = Asking(pair, pair.sgs[0], *swap)
    pair.group.set('request', '1 fail')
    asking.ends(STPG_FAILED)
    # the same states, so that only the number tells them apart
    asking = Asking(pair, pair.sgs[0], *swap)
    run(*AGENT, 'dg', '1', status=1, env=environment)
    equal(pair.group.get('request'), '1 standby\n2 nonoptimized', 'request')
    run(*AGENT, 'dg', '2', status=1, env=environment)
    asking.ends(STPG_FAILED)


def completed(*words):
    """What the Tab key gives behind these words"""
    script = """
        . /usr/share/bash-completion/bash_completion
        . {tools}/completion/scstcli
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"
        COMP_POINT=${{#COMP_LINE}}
        compopt() {{ :; }}
        _scstcli
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """.format(tools=TOOLS)
    return run('bash', '-c', script, 'bash', *words, cwd=SCRATCH).split()


@case('completion in bash: paths, commands, attributes')
def completion():
    if not os.path.exists('/usr/share/bash-completion/bash_completion'):
        raise Skip('no bash-completion')
    pair = Pair()
    disk = '/devices/vdisk_fileio/' + pair.device.name
    os.mkdir(pair.targets[0].path + '/ini_groups/$(>run)')
    for words, want in (
            (('/dev',), ['/devices/', '/device_groups/']),
            (('/scst_l',), ['/scst_local/']),
            (('/devices/vdisk_f',), ['/devices/vdisk_fileio/']),
            (('/devices/vdisk_fileio/',), [disk + '/']),
            (('/scst_local/t0/',), ['/scst_local/t0/%s/' % name for name in (
                'ini_groups', 'luns', 'sessions')]),
            (('/scst_local/t0/luns/',), ['/scst_local/t0/luns/0/']),
            (('/scst_local/t0/ini_groups/',),
             [r'/scst_local/t0/ini_groups/\$\(\>run\)/']),
            (('/scst_local/t0/ini_groups', 'delete', ''), [r'\$\(\>run\)']),
            (('/device_groups/dg/target_groups/',),
             ['/device_groups/dg/target_groups/p%d/' % i for i in (0, 1)]),
            (('/ses',), ['/sessions/']),
            ((disk, 'ena'), ['enable']),
            (('save',), ['saveconfig']),
            ((disk, 'get', 'block'), ['blocksize']),
            ((disk, 'get', 'siz'), ['size', 'size_mb']),
            ((disk, 'set', 'siz'), ['size_mb=']),
            (('/devices/vdisk_fileio', 'delete', ''), [pair.device.name]),
            (('restoreconfig', '/etc/host'),
             sorted(glob.glob('/etc/host*'))),
            (('clearconfig', ''), ['confirm=True']),
            (('/nowhere/', ), [])):
        equal(sorted(completed('scstcli', *words)), sorted(want),
              ' '.join(words))
    check(not os.path.exists(SCRATCH + '/run'), 'a name was run')


@case('what completion and the manual page know are commands of scstcli')
def commands():
    there = {'cd', 'help'}          # those of configshell
    for path in glob.glob(TOOLS + '/scst/cli/*.py'):
        there |= set(re.findall(r'def ui_command_(\w+)', read(path)))
    known = set(completed('scstcli', ''))
    page = re.search(r'\.SH COMMANDS(.*)\.SH OPTIONS', read(
        TOOLS + '/man/scstcli.8'), re.S)[1]
    named = set()
    for line in re.findall(r'^\.TP\n(?:\.BR? )?(.*)', page, re.M):
        named |= set(re.findall(r'(?:^|\\fB|" )([a-z]{2,})', line))
    equal(known - there, set(), 'completed, but no command')
    equal(named - there, set(), 'in the manual page, but no command')
    equal(named ^ known, set(), 'in one of the two')


if __name__ == '__main__':
    main()
