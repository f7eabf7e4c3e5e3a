# SPDX-License-Identifier: GPL-2.0
"""A directory of configfs as a node of the shell.

Nodes are made when they are looked at and forgotten afterwards: what the kernel
has is what there is, and a large configuration costs nothing before it is
shown. Directories of which nothing is known here are plain nodes with all that
configfs can do, so that a new fabric needs no new code.
"""
import json
import os
import re
import sys

from configshell_fb import ConfigNode, ExecutionError

from scst import objects
from scst.cli import complete, render
from scst.objects import natural
from scst.paths import Place, shown

_classes = []
# How targetcli calls the attributes of a node, and those in its params/
OWN_GROUPS = ('attribute', 'attributes')
PARAMETER_GROUPS = ('parameter', 'parameters')


def shows(pattern):
    """Decorator: nodes of this class show the paths that match, unless a class
    that came later does."""
    def register(cls):
        _classes.append((re.compile(pattern), cls))
        return cls
    return register


def node_of(parent, node):
    for pattern, cls in reversed(_classes):
        if pattern.fullmatch(node.path):
            return cls(parent, node)
    return Plain(parent, node)


def is_name(text):
    """Of an entry of a directory, and not of something elsewhere."""
    return text not in objects.NO_NAMES and '/' not in text


def device_at(place, name):
    """A device by its name, or by its path here; for the node place."""
    last = name.rstrip('/').rsplit('/', 1)[-1]
    found = is_name(last) and objects.find_device(place.get_root().node, last)
    if not found:
        raise ExecutionError('There is no device %s; `ls /devices` shows those '
                             'that there are.' % name)
    return found


class Directory(ConfigNode):
    """What all nodes can do: look, get and set."""

    ALIASES = {}                # other names of children
    IN_ORDER = False            # the order of creation means something
    QUIET = False               # ls leaves it out

    def __init__(self, parent, node, name=None):
        # Not ConfigNode's, which searches all siblings and would keep us
        self._name = name or node.name
        self._parent = parent
        self._shell = None
        self._children = set()
        self._configuration_groups = parent.get_root()._configuration_groups
        self.node = node

    def there(self):
        return self.node.exists()

    @property
    def children(self):
        found = [node_of(self, child) for child in self.node.children()]
        return found if self.IN_ORDER else sorted(
            found, key=lambda child: natural(child.name))

    def has_child(self, name):
        return is_name(name) and \
            (self.node / self.ALIASES.get(name, name)).exists()

    def entry(self, name):
        """What is to be made here, and nowhere else."""
        if not is_name(name):
            raise ExecutionError('"%s" cannot be a name at %s. A name is not '
                                 'empty, has no /, and is neither . nor ..' %
                                 (name, self.path))
        return self.node / name

    def get_child(self, name):
        child = self.node / self.ALIASES.get(name, name)
        if not is_name(name) or not child.exists():
            raise ValueError('There is no %s at %s; `ls` shows what there is.' %
                             (name, self.path))
        return node_of(self, child)

    def listed(self):
        return [child for child in self.children if not child.QUIET]

    def attributes(self):
        return self.node.attributes()

    def values(self):
        return objects.values(self.node)

    def data(self, depth=None):
        """What JSON has of it: the form of a saved configuration."""
        return objects.dump(self.node, depth)

    def summary(self):
        words = render.state(self.node)
        count = len(self.node.children())
        if count or not words:
            words.append(render.count(count, 'entry', 'entries'))
        return ', '.join(words), words[0] == 'enabled' or None

    def can_enable(self):
        """Asked with each command: not by a list of all that is there."""
        return os.path.isfile(self.node.full('enabled'))

    def list_commands(self):
        """enable and disable only where there is something to enable."""
        found = super().list_commands()
        if self.can_enable():
            return found
        return tuple(name for name in found
                     if name not in ('enable', 'disable'))

    def say(self, text, *values):
        """What was done."""
        self.shell.log.info(render.plain(text % values))

    def show(self, data, text):
        """Output: data for programs, or else text for people."""
        if self.shell.form == 'json':
            text = json.dumps(data, indent=2)
        if text:
            self.shell.con.display(text)

    def number_of(self, text):
        if not text.isdecimal():
            raise ExecutionError('%s is not a number.' % text)
        return int(text)

    def resolve(self, name):
        """(node, attribute) of a name: its own, below/name, or in params/."""
        found = objects.attribute(self.node, name)
        if not found:
            raise ExecutionError('%s has no attribute %s; `get` shows those '
                                 'that it has.' % (self.path, name))
        return found

    def _group(self, group, names):
        """(node, names): the groups of targetcli are taken off."""
        if group in OWN_GROUPS:
            return self, names
        if group in PARAMETER_GROUPS and (self.node / 'params').exists():
            return self.get_child('params'), names
        return self, ([group] if group else []) + names

    def ui_command_ls(self, path=None, depth=None):
        """
        Shows what there is, as a tree.

        path: where to begin, instead of here. depth: how many levels, 0 or
        nothing for all. With --json it is an object that has attributes,
        directories and links as configfs has them.
        """
        try:
            target = self.get_node(path)
        except ValueError as error:
            raise ExecutionError(str(error)) from None
        depth = self.number_of(depth) if depth else 0
        if self.shell.form == 'json':
            self.show(target.data(depth or None), None)
        else:
            self.show(None, render.tree(target, self.shell, depth or None))

    def ui_command_cd(self, path=None):
        """
        Goes to PATH; < is where we were before, > back again. Without a path
        it can be chosen, on a terminal; otherwise it is the top.
        """
        if path is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
            path = '/'
        return super().ui_command_cd(path)

    def ui_command_get(self, group=None, *names):
        """
        Shows attributes: those that are named, or all.

        As in targetcli the first word may be the group: `attribute`,
        `parameter` for what is in params/, or `global` for the preferences of
        this shell.
        """
        if group == 'global':
            return super().ui_command_get(group, *names)
        target, names = self._group(group, list(names))
        if names:
            found = {}
            for name in names:
                node, attribute = target.resolve(name)
                found[name] = node.get(attribute)
                if not objects.is_text(found[name]):
                    raise ExecutionError('%s is binary; copy it with cp %s' %
                                         (name, node.full(attribute)))
        else:
            found = target.values()
        modes = target.attributes()
        self.show(found, '\n'.join(
            '%s=%s%s' % (name, value, ' [ro]' if name in modes and
                         not modes[name] & 0o222 else '')
            for name, value in sorted(found.items())))
        return None

    def ui_command_set(self, group=None, **values):
        """
        Sets attributes: set NAME=VALUE... If one is refused, none is changed.

        As in targetcli the first word may be the group: `attribute`,
        `parameter` for what is in params/, or `global` for the preferences of
        this shell.
        """
        if group == 'global':
            return super().ui_command_set(group, **values)
        target, rest = self._group(group, [])
        if rest or not values:
            raise ExecutionError('Write set NAME=VALUE; `get` shows the names.')
        places = [(*target.resolve(name), value)
                  for name, value in values.items()]
        objects.set_all(places)
        for name in values:
            node, attribute = target.resolve(name)
            if node.attributes()[attribute] & 0o444:
                self.say('%s is now %s.', name, node.get(attribute) or 'empty')
        return None

    def ui_command_info(self):
        """
        Shows what this is, its attributes, and what its links lead to.
        """
        links = {name: shown(to.path) for name, to in self.node.links().items()}
        lines = ['%s: %s' % (self.path, Place(self.node.path).text)]
        lines += ['%s=%s' % pair for pair in sorted(self.values().items())]
        lines += ['%s -> %s' % pair for pair in sorted(links.items())]
        self.show(self.data(1), '\n'.join(map(render.plain, lines)))

    def ui_command_status(self):
        """
        Shows in a few words how this is.
        """
        self.show({'path': self.path, 'status': self.summary()[0]},
                  render.plain('Status of %s: %s' %
                               (self.path, self.summary()[0])))

    def ui_command_enable(self):
        """
        Enables it: a device opens its store, a target lets initiators in.
        """
        self._enable('1', 'enabled')

    def ui_command_disable(self):
        """
        Disables it: a device closes its store, a target lets no more in.
        """
        self._enable('0', 'disabled')

    def _enable(self, value, word):
        if self.node.get('enabled') == value:
            self.say('%s is %s already.', self.name, word)
            return
        self.node.set('enabled', value)
        self.say('%s is %s.', self.name, word)

    def ui_complete_get(self, parameters, text, current):
        del parameters, current
        return complete.words(sorted(self.attributes()), text)

    def ui_complete_set(self, parameters, text, current):
        if parameters.get('group') == 'global':
            return super().ui_complete_set(parameters, text, current)
        modes = self.attributes()
        writable = sorted(name for name in modes if modes[name] & 0o222)
        if current in writable:
            now = self.node.get(current) if modes[current] & 0o444 else ''
            return complete.values(current, text, now)
        return complete.keywords(writable, text, parameters)


class Plain(Directory):
    """A directory in which something can perhaps be made."""

    def ui_command_create(self, name, **attributes):
        """
        Makes an entry, and sets its attributes: create NAME
        [ATTRIBUTE=VALUE...]. If one is refused, nothing is made.
        """
        self.made(objects.create(self.entry(name), attributes))

    def made(self, node):
        self.say('Created %s.', objects.describe(node))

    def ui_command_delete(self, *names):
        """
        Removes entries, with all that is in them; without a name, this.
        """
        nodes = [self.get_child_node(name) for name in names] or [self.node]
        for node in nodes:
            objects.remove(node)
            self.say('Deleted %s.', objects.describe(node))

    def get_child_node(self, name):
        try:
            return self.get_child(name).node
        except ValueError as error:
            raise ExecutionError(str(error)) from None

    def ui_complete_delete(self, parameters, text, current):
        del parameters, current
        return complete.words([child.name for child in self.children], text)
