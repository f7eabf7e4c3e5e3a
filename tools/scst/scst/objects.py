# SPDX-License-Identifier: GPL-2.0
"""Devices, targets and LUNs: looking them up, and taking them away."""
import contextlib
import errno
import glob
import os
import re

from scst import tree
from scst.paths import Place


def devices(root):
    """All devices, as nodes, by name."""
    return {device.name: device
            for handler in (root / 'handlers').children()
            for device in handler.children()}


def find_device(root, name):
    """The device of a name, or None; names are unique over all handlers."""
    for handler in (root / 'handlers').children():
        if (handler / name).exists():
            return handler / name
    return None


def targets(root):
    """All targets, as nodes."""
    return [target for fabric in (root / 'targets').children()
            for target in fabric.children() if is_target(target)]


def is_target(node):
    return (node / 'luns').exists()


def lun_numbers(luns):
    return sorted(int(lun.name) for lun in luns.children())


def free_lun(luns):
    """The lowest number that no LUN has."""
    used = set(lun_numbers(luns))
    return next(n for n in range(len(used) + 1) if n not in used)


def shown_by(lun):
    """The device of a LUN, as a node, or None."""
    for device in lun.links().values():
        return device
    return None


# What may link to a node of a kind
HOLDERS = {
    'device': ('targets/*/*/luns/*/*', 'targets/*/*/ini_groups/*/luns/*/*',
               'device_groups/*/devices/*'),
    'target': ('device_groups/*/target_groups/*/targets/*',),
}


def users(node):
    """What links to a device or a target, as nodes: LUNs, members, ports."""
    found = set()
    mount, real = glob.escape(node.mount), os.path.realpath(node.full())
    for pattern in HOLDERS.get(Place(node.path).kind, ()):
        for link in glob.iglob('%s/%s' % (mount, pattern)):
            if os.path.islink(link) and os.path.realpath(link) == real:
                path = Place(os.path.relpath(link, node.mount)).path
                found.add(tree.Node(path, node.mount))
    return sorted(found, key=lambda user: natural(user.path))


def natural(name):
    """Sort key: numbers in names by their value."""
    return [(0, int(part), '') if part.isdigit() else (1, 0, part)
            for part in re.split(r'(\d+)', name)]


def describe(node):
    return Place(node.path).text


def remove(node):
    """rmdir, and before it all that was made below.

    What configfs made itself cannot be removed (EPERM), and goes with it. What
    is in use is refused before anything has been touched.
    """
    kind = Place(node.path).kind
    if kind == 'target':
        if users(node):
            busy = OSError(errno.EBUSY, os.strerror(errno.EBUSY))
            raise tree.ScstError(busy, 'rmdir', node.path)
        _disable(node)
    if kind != 'device':
        _empty(node)
    node.rmdir()


def _empty(node):
    for name in node.links():
        node.unlink(name)
    for child in reversed(node.children()):
        _empty(child)
        try:
            child.rmdir()
        except tree.ScstError as error:
            if error.errno != errno.EPERM:
                raise


def _disable(target):
    """No more logins. Those who are there lose their LUNs, or their sessions
    are removed, whether or not the fabric can end them now."""
    with contextlib.suppress(tree.ScstError):
        target.set('enabled', 0)
