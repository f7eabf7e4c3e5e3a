# SPDX-License-Identifier: GPL-2.0
"""What the tests of saving, restoring and importing share.

The commands are those of the shell's root; a process of their own runs each.
"""
import json
import os
import sys
import traceback

import configshell_fb

import iscsi_lib
import lib
from lib import ROOT, SCRATCH, check, equal

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     '../../../scst')
sys.path.insert(0, TOOLS)

from scst import config_file  # noqa: E402
from scst import config_schema as schema  # noqa: E402
from scst.cli.config import ConfigCommands  # noqa: E402

FILE = os.path.join(SCRATCH, 'saveconfig.json')
SECRETS = os.path.join(SCRATCH, 'secrets.json')


class _Root(configshell_fb.ConfigNode, ConfigCommands):
    """The root of scstcli, as far as it is about the whole configuration."""

    def __init__(self, shell):
        super().__init__('/', shell=shell)


def _child(command, pipe, before):
    """In a process of its own, which may be killed."""
    os.dup2(pipe, 1)
    os.dup2(pipe, 2)
    shell = configshell_fb.ConfigShell()
    _Root(shell)
    if before:
        before()
    try:
        shell.run_cmdline(command)
    except configshell_fb.ExecutionError as error:
        print(error)
        return 1
    return 0


def execute(command, before=None):
    """(exit status, what it prints); before() is called in its process."""
    reader, pipe = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        status = 99
        try:
            status = _child('%s secrets=%s' % (command, SECRETS), pipe, before)
            sys.stdout.flush()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(pipe)
    with open(reader, encoding='utf-8') as file:
        printed = file.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), printed


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


def main():
    iscsi_lib.main()
