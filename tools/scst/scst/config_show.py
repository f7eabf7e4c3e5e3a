# SPDX-License-Identifier: GPL-2.0
"""Steps as lines of a shell that stands in the root of the tree, or as data."""
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


def _steps(changes):
    """(modules to be loaded, steps in the tree)"""
    steps = [step for change in changes for step in change.flat()
             if not step.again]
    return ([step for step in steps if step.operation == 'modprobe'],
            [step for step in steps if step.operation != 'modprobe'])


def lines(changes, secrets_file):
    """What a person would type; nothing if there is nothing to do."""
    modules, steps = ([_line(step, secrets_file) for step in part]
                      for part in _steps(changes))
    return modules + (['cd ' + MOUNT] + steps if steps else [])


def _datum(step):
    found = {'operation': step.operation, 'path': step.path}
    if isinstance(step.value, Password):
        return found | {'secret': step.value.name}
    return found if step.value is None else found | {'value': step.value}


def data(changes):
    """What JSON has of them; of a password its name in the file of secrets,
    null if it has none."""
    modules, steps = _steps(changes)
    return [_datum(step) for step in modules + steps]
