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


def free_lun(luns):
    """The lowest number that no LUN has."""
    used = {int(name) for name in os.listdir(luns.full()) if name.isdecimal()}
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
            with contextlib.suppress(FileNotFoundError):    # it goes meanwhile
                if os.path.islink(link) and os.path.realpath(link) == real:
                    path = Place(os.path.relpath(link, node.mount)).path
                    found.add(tree.Node(path, node.mount))
    return sorted(found, key=lambda user: natural(user.path))


def natural(name):
    """Sort key: numbers in names by their value."""
    return [(0, int(part), '') if part.isdigit() else (1, 0, part)
            for part in re.split(r'(\d+)', name)]


def describe(node):
    place = Place(node.path)
    return '%s of %s' % (place.rest, place.text) if place.rest else place.text


def remove(node):
    """rmdir, and before it all that was made below.

    The kernel is asked first: what it does not let go (EPERM: configfs' own;
    EBUSY: it is in use) keeps all that it has.
    """
    try:
        node.rmdir()
        return
    except tree.ScstError as error:
        if error.errno != errno.ENOTEMPTY:
            raise
    if Place(node.path).kind == 'target':
        _disable(node)
    _empty(node)
    node.rmdir()


def _empty(node):
    for name in node.links():
        node.unlink(name)
    # Accounts keep initiators out as long as there is anything to be had.
    for child in sorted(reversed(node.children()),
                        key=lambda child: child.name == 'auth'):
        _empty(child)
        try:
            child.rmdir()
        except tree.ScstError as error:
            if error.errno != errno.EPERM:
                raise


def _disable(target):
    """No more logins. If the fabric cannot end the sessions that there are,
    they are directories, which are going to be removed."""
    with contextlib.suppress(tree.ScstError):
        if attribute(target, 'enabled'):
            target.set('enabled', 0)


def move_initiator(entry, group):
    """An entry goes to another group: the new one comes first, hence nobody
    has the LUNs of neither group meanwhile. It may be there already."""
    try:
        (group / 'initiators' / entry.name).mkdir()
    except tree.ScstError as error:
        if error.errno != errno.EEXIST:
            raise
    entry.rmdir()


def takes(entry, name):
    """Is an initiator what an entry of a group, a name or a pattern, means? As
    the kernel compares them, for names of ASCII."""
    inverted = entry.startswith('!')
    glob_of = {'*': '.*', '?': '.'}
    pattern = ''.join(glob_of.get(c) or re.escape(c) for c in entry[inverted:])
    found = re.fullmatch(pattern, name, re.IGNORECASE | re.ASCII | re.DOTALL)
    return bool(found) != inverted


def refused(target):
    """Names of initiators that came to a target, found no LUN there, and that
    no group of it takes."""
    try:
        found = target.get('refused_initiators').split()
    except tree.ScstError as error:
        if error.errno != errno.ENOENT:     # not all fabrics have it
            raise
        return []
    for group in (target / 'ini_groups').children() if found else ():
        for entry in (group / 'initiators').children():
            found = [name for name in found if not takes(entry.name, name)]
    return found


def put(node, name, value):
    """An empty value is a line, too: nothing at all would not be a write."""
    node.set(name, str(value) or '\n')


@contextlib.contextmanager
def undoing():
    """An ExitStack of what takes the steps back, if one of them fails."""
    with contextlib.ExitStack() as undo:
        yield undo
        undo.pop_all()


def set_all(places):
    """Attributes: (node, name, value). If one is refused, those before it get
    back what they had, as far as the kernel lets them."""
    with undoing() as undo:
        for node, name, value in places:
            if node.attributes()[name] & 0o444:
                undo.callback(_put_back, node, name, node.get(name))
            put(node, name, value)


def _put_back(node, name, value):
    with contextlib.suppress(tree.ScstError):
        if node.get(name) != value:
            put(node, name, value)


def make(node, undo):
    node.mkdir()
    undo.callback(remove, node)
    return node


def create(node, attributes):
    """A directory with its attributes, or nothing."""
    with undoing() as undo:
        fill(make(node, undo), attributes)
    return node


def fill(node, attributes):
    """Attributes of what has just been made; `enabled` comes last."""
    for name in sorted(attributes, key='enabled'.__eq__):
        found = attribute(node, name)
        if not found:
            none = OSError(errno.ENOENT, os.strerror(errno.ENOENT))
            raise tree.ScstError(none, 'write', node.path + '/' + name,
                                 attributes[name])
        put(*found, attributes[name])


# Parts of paths that are not below
NO_NAMES = ('', '.', '..')
# Directories whose attributes their parent has, too
BELOW = ('params', 'pr')


def attribute(node, name):
    """(node, attribute) of a name: of its own, below/name, or in params/."""
    folder, _, last = name.rpartition('/')
    if not set(name.split('/')).isdisjoint(NO_NAMES):
        return None
    nodes = [node / folder] if folder else [node] + [node / b for b in BELOW]
    for one in nodes:
        if os.path.isfile(one.full(last)):
            return one, last
    return None


def is_text(value):
    return not re.search('[\x00-\x08\x0e-\x1f\udc80-\udcff]', value)


def values(node):
    """Attributes that can be read, and are text."""
    found = {}
    for name, mode in node.attributes().items():
        if mode & 0o444:
            with contextlib.suppress(tree.ScstError):
                value = node.get(name)
                if is_text(value):
                    found[name] = value
    return dict(sorted(found.items()))


def dump(node, depth=None):
    """A directory in the form of a saved configuration, with all attributes
    that can be read; depth: how many levels of directories below."""
    found = dict(values(node))
    for name, to in sorted(node.links().items()):
        found[name] = {'link': to.path}
    if depth != 0:
        below = None if depth is None else depth - 1
        for child in node.children():
            with passing(child):
                found[child.name] = dump(child, below)
    return found


@contextlib.contextmanager
def passing(node):
    """Something is done with what others may remove meanwhile."""
    try:
        yield
    except tree.ScstError as error:
        if error.errno != errno.ENOENT or node.exists():
            raise
