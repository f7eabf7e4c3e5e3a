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
        if not step.value:
            return 'echo >%s' % path
        # echo has options, and in some shells escapes.
        plain = step.value[0] != '-' and '\\' not in step.value
        return '%s %s >%s' % ('echo' if plain else "printf '%s\\n'",
                              shlex.quote(step.value), path)
    if step.value.name:
        return '%s >%s' % (_LOOK_UP % (shlex.quote(secrets_file),
                                       shlex.quote(step.value.name)), path)
    # The lines themselves may be what the shell reads.
    return 'read -rsp %s </dev/tty && echo "$REPLY" >%s' % (
        shlex.quote('Password of %s: ' % step.path.rpartition('/')[0]), path)


def lines(changes, secrets_file):
    """What a person would type; nothing if there is nothing to do."""
    steps = [step for change in changes for step in change.flat()
             if not step.again]
    modules = [_line(step, secrets_file) for step in steps
               if step.operation == 'modprobe']
    shown = [_line(step, secrets_file) for step in steps
             if step.operation != 'modprobe']
    return modules + (['cd ' + MOUNT] + shown if shown else [])
