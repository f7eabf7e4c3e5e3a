# SPDX-License-Identifier: GPL-2.0
"""What the tests of saving, restoring and importing share.

The commands are those of scstcli, in this very process unless it is to end.
"""
import glob
import json
import os
import sys
import tempfile

from configshell_fb import ExecutionError

import alua_lib
import iscsi_lib
import lib
from lib import (ROOT, SCRATCH, Device, Target, check, equal, file_of, fileio,
                 nullio, write)

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     '../../../scst')
sys.path.insert(0, TOOLS)

from scst import config_file  # noqa: E402
from scst import config_schema as schema  # noqa: E402
from scst.cli.root import Root  # noqa: E402
from scst.cli.shell import Shell  # noqa: E402

FILE = os.path.join(SCRATCH, 'saveconfig.json')
SECRETS = os.path.join(SCRATCH, 'secrets.json')


SHELL = Shell()
Root(SHELL)


def _run(command):
    try:
        SHELL.run_cmdline('%s secrets=%s' % (command, SECRETS))
    except ExecutionError as error:
        print(error)
        return 1
    return 0


def execute(command):
    """(exit status, what it prints)"""
    sys.stdout.flush()
    kept = [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile('w+', encoding='utf-8') as printed:
        try:
            os.dup2(printed.fileno(), 1)
            os.dup2(printed.fileno(), 2)
            status = _run(command)
            sys.stdout.flush()
        finally:
            for number, fd in enumerate(kept, 1):
                os.dup2(fd, number)
                os.close(fd)
        printed.seek(0)
        return status, printed.read()


def execute_apart(command, before):
    """In a process of its own, which calls before() first and may end in the
    middle. Its exit status; minus a signal."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        status = 99
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            before()
            status = _run(command)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def does(command, want=None):
    """It succeeds; want is in what it prints."""
    status, printed = execute(command)
    equal(status, 0, '%s: %s\nstatus' % (command, printed))
    check(want is None or want in printed,
          '%s prints %s, without %r' % (command, printed, want))
    return printed


def fails(command, *want):
    """It fails, and says why."""
    status, printed = execute(command)
    check(status > 0, '%s does not fail: %s' % (command, printed))
    for text in want:
        check(text in printed,
              '%s prints %s, without %r' % (command, printed, text))
    return printed


def save():
    return does('saveconfig ' + FILE)


def restore(want=None):
    return does('restoreconfig ' + FILE, want)


def clear():
    return does('clearconfig confirm=true')


def state():
    """All there is to see in the tree but what changes by itself."""
    found = {}
    for where, folders, files in os.walk(ROOT):
        for name in folders + files:
            path = os.path.join(where, name)
            found[path] = _value(path)
    return found


def _value(path):
    if os.path.islink(path):
        return os.path.realpath(path)
    if os.path.isdir(path):
        return None
    if os.path.basename(path) in ('stats', 'host') or \
            not os.stat(path).st_mode & 0o400:
        return None
    with open(path, 'rb') as file:
        return file.read()


def differences(before, after):
    return sorted(set(before.items()) ^ set(after.items()), key=str)


def unchanged(before, what='the tree'):
    equal(differences(before, state()), [], 'what is different in ' + what)


def edit(change):
    """Lets change(tree) alter what is saved."""
    tree = config_file.load(FILE)
    change(tree)
    put(tree)


def put(tree, path=None):
    with open(path or FILE, 'w', encoding='utf-8') as file:
        json.dump({'version': 1, 'tree': tree}, file)


INCOMING, OUTGOING = 'the secret of them', 'the secret of us'


def accounts(where):
    for direction, name, secret in (('incoming', 'them', INCOMING),
                                    ('outgoing', 'us', OUTGOING)):
        iscsi_lib.account(where, direction, name, secret)


def know_secrets(target):
    path = 'targets/iscsi/' + target.name
    secrets(**{'%s/auth/%s' % (where, account): secret
               for where in ('targets/iscsi', path, path + '/ini_groups/g')
               for account, secret in (('incoming/them', INCOMING),
                                       ('outgoing/us', OUTGOING))})


def _devices():
    f0 = fileio('f0', nv_cache=1, usn='007', naa_id='0x6' + '0a' * 15 + 'b',
                enable=False)
    f0.set('tas', 1)
    f0.set('pr/aptpl_file', '/var/lib/scst/f0.pr')
    f0.set('enabled', 1)
    Device('vcdrom', 'c0', filename=file_of(4 << 20, 'iso'))
    nullio('off', enable=False)
    return f0, nullio('n0', blocksize=4096, size_mb=100), nullio('n1', usn='')


def _local(f0, n0, n1):
    local = Target(enable=False)
    for name, value in (('addr_method', 'flat'), ('rel_tgt_id', 77),
                        ('phys_transport_version', '0x0100'), ('enabled', 1)):
        write('%s/%s' % (local.path, name), value)
    local.add(0, f0)
    local.add(300, n0, link='another-name')
    write(local.path + '/luns/300/read_only', 1)
    local.group('late*', 'h?st*', '!none').add(0, n1)
    local.group('early', '*', 'exact name').add(5, f0)
    return local


def _iscsi(n0, n1):
    iscsi = iscsi_lib.Target('a', enable=False, HeaderDigest='None,CRC32C',
                             QueuedCommands=64)
    for name, value in (('alias', 'An alias'), ('per_portal_acl', 1),
                        ('redirect', '192.0.2.7 temp')):
        iscsi.set(name, value)
    iscsi.add(0, n1)
    group = iscsi.group('g', 'iqn.2026-11.org.example:*')
    group.add(1, n0)
    iscsi.allow_portal('127.*')
    for where in (iscsi.path, iscsi_lib.DRIVER, group.path):
        accounts(where)
    know_secrets(iscsi)
    iscsi.enable()
    return iscsi


def everything():
    """A device of each kind, both fabrics, groups, accounts, sessions."""
    f0, n0, n1 = _devices()
    local, iscsi = _local(f0, n0, n1), _iscsi(n0, n1)
    Target('t1', enable=False)
    group = alua_lib.DeviceGroup('dg', f0, n0)
    group.set('explicit', 1)
    tpg = group.ports('here', local)
    tpg.set('state', 'standby')
    tpg.set('supported_states', 'active standby')
    group.ports('there', iscsi).remote('peer', 9)
    iscsi_lib.serve('127.0.0.1:3260', '[::1]:3261')
    for name in 'host', 'someone':
        local.login(name)
    logged_in()
    return local, iscsi


def logged_in():
    """sd has looked at LUN 0 of each session, and does not miss it if the
    session ends now."""
    for path in glob.glob(ROOT + '/targets/scst_local/*/sessions/*'):
        lib.Session.made(path).disk()


def secrets(**more):
    """The file of secrets is this."""
    with open(SECRETS, 'w', encoding='utf-8') as file:
        json.dump(more, file)


def kernel_has(tree, path=ROOT):
    """All that is in a tree; the kernel may have more."""
    for name, entry in tree.items():
        where = path + '/' + name
        if schema.is_secret(entry):
            equal(lib.read(where), '********', where)
        elif schema.is_link(entry):
            equal(os.path.realpath(where), ROOT + '/' + entry['link'], where)
        elif isinstance(entry, dict):
            check(os.path.isdir(where), 'no ' + where)
            kernel_has(entry, where)
        else:
            check(schema.same(name, lib.read(where), entry),
                  '%s is %s, not %s' % (where, lib.read(where), entry))


def no_steps():
    """There is nothing that a restore would do."""
    equal(does('diff ' + FILE), '', 'diff')
    restore('0 steps.')


def in_order(*steps):
    """diff has steps of these operations and ends of paths, in this order."""
    lines = does('diff ' + FILE).splitlines()
    found = [next((i for i, line in enumerate(lines)
                   if line.startswith(operation) and path in line), None)
             for operation, path in steps]
    check(None not in found and found == sorted(found),
          '%s in\n%s' % (steps, '\n'.join(lines)))


def main():
    iscsi_lib.main()
