# SPDX-License-Identifier: GPL-2.0
"""Saving, restoring, clearing and comparing the whole configuration.

Each function here is one command; what is printed about it is the caller's.
"""
import contextlib
import fcntl
import os

from scst import config_file as files
from scst import config_schema as schema
from scst.config_apply import Applier
from scst.config_file import ConfigError
from scst.config_plan import plan
from scst.config_read import snapshot
from scst.tree import root


class Outcome:
    """Of an attempt to change the kernel's configuration.

    steps: how many were done; failed: {object: why it is not as it should be};
    remarks: sentences about what nobody asked for.
    """

    def __init__(self, applier, remarks):
        self.steps = applier.steps
        self.failed = applier.failed
        self.remarks = remarks


@contextlib.contextmanager
def _alone():
    """One change of the whole at a time. The lock ends with its process."""
    if not root().exists():
        yield
        return
    fd = os.open(root().full(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _now():
    return snapshot() if root().exists() else {}


def save(path=files.DEFAULT, secrets_path=files.SECRETS):
    """Saves what the kernel has. Gives back (whether the file is another one
    than before, remarks)."""
    if not root().exists():
        raise ConfigError('There is nothing to save: the kernel has not loaded '
                          'SCST. "modprobe scst" does that.')
    path = files.place(path)
    with _alone():
        tree = snapshot()
    try:
        old = files.load(path)
    except ConfigError:
        old = {}
    _keep_passwords(tree, old)
    known = files.load_secrets(secrets_path)
    remarks = ['The password %s is not saved, as the kernel does not tell it: '
               'put it into %s as "%s".' % (where, secrets_path, name)
               for where, name in _references(tree) if name not in known]
    return files.save(path, tree), remarks


def _keep_passwords(tree, old):
    """What a file says of a password that is set stays as it says it."""
    for name, entry in tree.items():
        before = old.get(name)
        if schema.is_secret(entry) and schema.is_attribute(before) and before:
            tree[name] = before
        elif schema.is_directory(entry) and schema.is_directory(before):
            _keep_passwords(entry, before)


def _references(tree, path=''):
    """(path, name) of each secret that a tree refers to"""
    for name, entry in tree.items():
        where = path + '/' + name if path else name
        if schema.is_secret(entry):
            yield where, entry['secret']
        elif schema.is_directory(entry):
            yield from _references(entry, where)


def compare(tree, secrets_path=files.SECRETS):
    """The Plan that would make the kernel's configuration this one."""
    return plan(_now(), tree, files.load_secrets(secrets_path))


def apply(tree, secrets_path=files.SECRETS):
    """Makes the kernel's configuration this one, with as few steps as will
    do. Gives back an Outcome."""
    with _alone():
        todo = compare(tree, secrets_path)
        applier = Applier(root())
        applier.run(todo.changes)
    return Outcome(applier, todo.remarks)


def clear(secrets_path=files.SECRETS):
    """Removes all devices, targets, groups, portals and accounts."""
    now = _now()
    empty = {'targets': {name: {'enabled': '0'}
                         for name, entry in now.get('targets', {}).items()
                         if 'enabled' in entry}}
    return apply(empty, secrets_path)
