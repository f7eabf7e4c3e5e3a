#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""saveconfig, clearconfig, diff, and files that are damaged."""
import json
import os
import re
import subprocess
import sys

import config_lib
from config_lib import (FILE, ROOT, SECRETS, clear, does, everything, fails,
                        logged_in, no_steps, restore, save, state, unchanged)
from lib import SCRATCH, case, check, equal, nullio, read, run, write

BACKUP = os.path.join(SCRATCH, 'backup')


def mode(path):
    return os.stat(path).st_mode & 0o777


@case('a save, a clear and a restore: the kernel has what it had')
def round_trip():
    everything()
    before = state()
    save()
    unchanged(before)
    no_steps()
    clear()
    equal([path for path in state() if path.count('/') > 7 and
           '/auth' not in path and '/portals' not in path], [], 'what is left')
    restore()
    unchanged(before)
    no_steps()
    logged_in()


@case('what diff prints, run by a shell, does what a restore does')
def shell():
    everything()
    before = state()
    save()
    clear()
    lines = does('diff ' + FILE)
    check(config_lib.INCOMING not in lines, 'diff prints a password')
    run('bash', '-e', input=lines)
    unchanged(before)
    equal(does('diff ' + FILE), '', 'diff')
    logged_in()


def take(step, secrets):
    """A step of diff --json"""
    path = os.path.join(ROOT, step['path'])
    value = step.get('value')
    if 'secret' in step:
        value = secrets[step['secret']]
    {'mkdir': lambda: os.mkdir(path), 'rmdir': lambda: os.rmdir(path),
     'unlink': lambda: os.unlink(path),
     'write': lambda: write(path, value or '\n'),
     'link': lambda: os.symlink(os.path.join(ROOT, value), path),
     'modprobe': lambda: run('modprobe', step['path'])}[step['operation']]()


@case('what diff --json has, done step by step, is what a restore does')
def steps_as_data():
    everything()
    before = state()
    save()
    clear()
    text = does('diff %s --json' % FILE)
    check(config_lib.INCOMING not in text, 'diff prints a password')
    with open(SECRETS, encoding='utf-8') as file:
        secrets = json.load(file)
    for step in json.loads(text):
        take(step, secrets)
    unchanged(before)
    equal(json.loads(does('diff %s --json' % FILE)), [], 'diff')
    logged_in()


@case('files: mode, backups, references to secrets, nothing else left behind')
def files():
    device = nullio('n0')
    for number in range(13):
        device.set('vend_specific_id', 'v%d' % number)
        save()
        equal(mode(FILE), 0o600, 'mode')
    does('saveconfig ' + FILE, 'has this configuration already')
    backups = sorted(os.listdir(BACKUP))
    equal(len(backups), 10, 'backups')
    check(all(re.fullmatch(r'saveconfig-\d{8}-\d{6}-\d\d\.json', name)
              for name in backups), 'names of backups: %s' % backups)
    with open(os.path.join(BACKUP, backups[-1]), encoding='utf-8') as file:
        equal(json.load(file)['tree']['handlers']['vdisk_nullio']['n0']
              ['vend_specific_id'], 'v11', 'what the latest backup has')
    equal([name for name in os.listdir(SCRATCH) if '.new' in name], [],
          'temporary files')
    equal(config_lib.Root(config_lib.SHELL).ui_complete_diff(
        {}, FILE[:-3], 'file'), [FILE + ' '], 'what TAB gives')
    # What cannot be read is replaced, too.
    write(FILE, 'no JSON')
    save()
    no_steps()


@case('passwords: by reference, kept as the file says them, missing')
def passwords():
    _, iscsi = everything()
    os.unlink(SECRETS)
    where = 'targets/iscsi/%s/auth/incoming/them' % iscsi.name
    printed = save()
    check('put it into %s as "%s"' % (SECRETS, where) in printed, printed)
    saved = open(FILE, encoding='utf-8').read()
    check(config_lib.INCOMING not in saved and '****' not in saved, saved)
    does('diff ' + FILE, 'stays as it is: the file of secrets has no')

    def plain(tree):
        tree['targets']['iscsi'][iscsi.name]['auth']['incoming']['them'][
            'password'] = 'in the file itself'
    config_lib.edit(plain)
    save()
    check('in the file itself' in open(FILE, encoding='utf-8').read(),
          'a password in the file is lost')
    # Others may be known, but the target's is one of two.
    clear()
    fails('restoreconfig ' + FILE, 'The password targets/iscsi/%s/auth/outgoing'
          '/us/password is not known' % iscsi.name)
    check(not os.path.exists(iscsi.path), 'a target without its accounts')
    config_lib.know_secrets(iscsi)
    logged_in()
    restore()
    equal(read(iscsi.path + '/enabled'), '1', 'enabled')
    no_steps()


@case('SCST is not there: diff says what would load it, saveconfig that')
def unloaded():
    nullio('n0')
    save()
    program = os.path.join(config_lib.TOOLS, 'scstcli')
    got = {}
    for command in ('diff', 'saveconfig'):
        got[command] = subprocess.run(
            ['unshare', '-m', 'sh', '-c', 'umount %s && exec "$@"' %
             os.path.dirname(ROOT), 'sh', sys.executable, program, command,
             FILE],
            check=False, capture_output=True, text=True)
    lines = got['diff'].stdout.splitlines()
    equal(lines[:3], ['modprobe scst', 'modprobe scst_vdisk', 'cd ' + ROOT],
          'diff: ' + got['diff'].stderr)
    check('mkdir handlers/vdisk_nullio/n0' in lines, lines)
    equal((got['saveconfig'].returncode, got['saveconfig'].stderr[:27]),
          (1, 'There is nothing to save: t'), 'saveconfig')


@case('what a shell would take for something else')
def quoting():
    device = nullio('n0')
    for value in ('-n', 'a\\tb', "it's $HOME"):
        device.set('vend_specific_id', value)
        save()
        device.set('vend_specific_id', 'other')
        lines = does('diff ' + FILE)
        for shell_ in ('bash', 'sh'):
            run(shell_, '-e', input=lines)
            equal(read(device.path + '/vend_specific_id'), value,
                  '%s\n%s' % (shell_, lines))


@case('clearconfig wants to be told')
def clearing():
    nullio('n0')
    before = state()
    fails('clearconfig', 'confirm=true')
    fails('clearconfig confirm=no', 'confirm=true')
    unchanged(before)
    clear()
    equal(os.listdir(ROOT + '/handlers/vdisk_nullio'), ['type'], 'devices')
    clear()


TREE = '{"version": 1, "tree": {%s}}'
BAD = (
    ('', 'is not JSON'), ('[]', 'is not a configuration'),
    ('{"version": 1}', 'is not a configuration'),
    ('{"version": 2, "tree": {}}', 'is of version 2'),
    (TREE % '"a": 1', 'a must be a string'),
    (TREE % '"targets": {"b": true}', 'targets/b must be a string'),
    (TREE % '"targets": {"b": null}', 'targets/b must be a string'),
    (TREE % '"targets": {"..": {}}', 'is no name'),
    (TREE % '"target": {}', 'there is no directory target'),
    (TREE % '"targets": {"iscsi": {"iqn.x": {"lun": {"0": {}}}}}',
     'there is no directory targets/iscsi/iqn.x/lun'),
    (TREE % '"a/b": {}', 'is no name'),
    (TREE % '"a": {}, "a": {}', 'has "a" twice'),
    (TREE % '"a": {"link": "/etc/passwd"}', 'must lead to a path'),
    (TREE % '"a": {"link": "../x"}', 'must lead to a path'),
    (TREE % '"a": {"link": "handlers/x/y"}', 'which the file does not have'),
    (TREE % '"max_cmd_mem_mb": "1\\u0000"', 'has a NUL'),
    (TREE % '"targets": {"iscsi": {"enabled": "yes"}}', 'is "0" or "1"'),
    (TREE % '"max_cmd_mem_mb": "\\ud800"', 'is no text'),
    (TREE % '"\\ud800": {}', 'is no text'),
    ('[' * 100000, 'is not JSON'))


@case('a file that is no configuration: it says why, and nothing is changed')
def bad():
    nullio('n0')
    before = state()
    for text, want in BAD:
        write(FILE, text)
        for command in ('restoreconfig ', 'diff '):
            fails(command + FILE, want)
    fails('restoreconfig /nowhere/at/all', 'No such file')
    write(FILE, TREE % '')
    write(SECRETS, '{"a": 1}')
    fails('restoreconfig ' + FILE, 'must be an object of names and secrets')
    os.unlink(SECRETS)
    fails('saveconfig /proc/version', '/proc/version cannot be written')
    fifo = os.path.join(SCRATCH, 'fifo')
    os.mkfifo(fifo)
    fails('saveconfig ' + fifo, 'is no regular file')
    unchanged(before)


if __name__ == '__main__':
    config_lib.main()
