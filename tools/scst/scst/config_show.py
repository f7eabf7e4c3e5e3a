# SPDX-License-Identifier: GPL-2.0
"""Steps as lines of a shell that stands in the root of the tree."""
import shlex

from scst.config_change import Password
from scst.tree import MOUNT

_LINES = {'mkdir': 'mkdir %s', 'rmdir': 'rmdir %s', 'unlink': 'rm %s',
          'modprobe': 'modprobe %s'}

# Prints a password without showing it to whoever reads the lines
_LOOK_UP = "python3 -c 'import json, sys; " \
    "print(json.load(open(sys.argv[1]))[sys.argv[2]])' %s %s"


def _line(step, secrets_file):
    path = shlex.quote(step.path)
    if step.operation == 'link':
        return 'ln -s %s %s' % (shlex.quote(step.value), path)
    if step.operation != 'write':
        return _LINES[step.operation] % path
    if not isinstance(step.value, Password):
        value = shlex.quote(step.value) if step.value else ''
        return 'echo %s >%s' % (value, path) if value else 'echo >%s' % path
    if step.value.name:
        return '%s >%s' % (_LOOK_UP % (shlex.quote(secrets_file),
                                       shlex.quote(step.value.name)), path)
    return 'read -rsp %s && echo "$REPLY" >%s' % (
        shlex.quote('Password of %s: ' % step.path.rpartition('/')[0]), path)


def lines(changes, secrets_file):
    """What a person would type; nothing if there is nothing to do."""
    steps = [step for change in changes for step in change.flat()]
    modules = [_line(step, secrets_file) for step in steps
               if step.operation == 'modprobe']
    shown = [_line(step, secrets_file) for step in steps
             if step.operation != 'modprobe']
    return modules + (['cd ' + MOUNT] + shown if shown else [])
