# SPDX-License-Identifier: GPL-2.0
"""What is to be done to the tree: steps, and changes, which are made of them.

A Change is all or nothing: when one of its steps is refused, those before it
are undone. A Change may have others in it, which may fail alone.
"""
import copy
import itertools
from dataclasses import dataclass, field

from scst import config_schema as schema


@dataclass(frozen=True)
class Password:
    """A secret to be written; text is None if nobody knows it."""

    text: str
    name: str = None        # in the file of secrets


@dataclass(frozen=True)
class Step:
    """One system call, all but."""

    operation: str          # mkdir, rmdir, write, link, unlink, modprobe
    path: str
    value: object = None    # what is written; where a link leads
    before: object = None   # what a write replaces; attributes of what goes
    patient: bool = False   # EBUSY may pass: something is ending
    absent: bool = False    # what goes need not have been there
    present: bool = False   # what is made may have been there

    @property
    def again(self):
        """Nobody can read whether the kernel has this password already."""
        return isinstance(self.value, Password) and \
            schema.is_secret(self.before)


@dataclass
class Change:
    """Steps for the good of an object."""

    path: str
    steps: list = field(default_factory=list)
    # Paths: not when something has failed there that keeps initiators out
    guard: tuple = ()
    # Paths of luns/: not when a LUN there has failed and is what it was
    after: frozenset = frozenset()
    # Where the steps are made, if something stands in for the object
    really: str = None

    def flat(self):
        """All steps, those of the changes in it, too."""
        for step in self.steps:
            if isinstance(step, Change):
                yield from step.flat()
            else:
                yield step


class Model:
    """A configuration that steps change as they would the kernel's."""

    def __init__(self, tree, secrets):
        self.tree = copy.deepcopy(tree)
        self.secrets = secrets
        self.users = {}         # path: paths of links to it
        self._index('', self.tree)

    def _index(self, path, directory):
        for name, entry in directory.items():
            inner = path + '/' + name if path else name
            if schema.is_link(entry):
                self.users.setdefault(entry['link'], {})[inner] = True
            elif schema.is_directory(entry):
                self._index(inner, entry)

    def get(self, path):
        return schema.find(self.tree, path)

    def names(self, path):
        """Of the directories in a directory."""
        return [name for name, entry in (self.get(path) or {}).items()
                if schema.is_directory(entry)]

    def links(self, path):
        """{name: where it leads}"""
        return {name: entry['link']
                for name, entry in (self.get(path) or {}).items()
                if schema.is_link(entry)}

    def links_to(self, path):
        return list(self.users.get(path, ()))

    def _parent(self, path):
        directory = self.tree
        *parents, name = path.split('/')
        for parent in parents:
            directory = directory.setdefault(parent, {})
        return directory, name

    def _before(self, entry, kind):
        """Attributes as they can be written again."""
        return {name: Password(self.secrets.get(value['secret']),
                               value['secret'])
                if schema.is_secret(value) else value
                for name, value in attributes(entry, kind)}

    def step(self, operation, path, value=None, patient=False, absent=False,
             present=False):
        """Makes the step, here, and gives it back."""
        directory, name = self._parent(path)
        before = None
        if operation == 'mkdir':
            directory[name] = {}
        elif operation == 'rmdir':
            before = self._before(directory.pop(name), schema.kind_of(path))
        elif operation == 'write':
            before = directory.get(name)
            directory[name] = value
        elif operation == 'link':
            directory[name] = {'link': value}
            self.users.setdefault(value, {})[path] = True
        elif operation == 'unlink':
            value = directory.pop(name)['link']
            del self.users[value][path]
        return Step(operation, path, value, before, patient, absent, present)


class Draft:
    """A Change being made, with the model that follows it."""

    def __init__(self, model, path, **conditions):
        self.model = model
        self.change = Change(path, **conditions)

    def _add(self, *arguments, **more):
        self.change.steps.append(self.model.step(*arguments, **more))

    def mkdir(self, path, present=False):
        self._add('mkdir', path, present=present)

    def rmdir(self, path, patient=False, absent=False):
        self._add('rmdir', path, patient=patient, absent=absent)

    def set(self, path, value, patient=False):
        self._add('write', path, value, patient=patient)

    def link(self, path, where):
        self._add('link', path, where)

    def unlink(self, path, absent=False):
        self._add('unlink', path, absent=absent)

    def modprobe(self, module):
        self.change.steps.append(Step('modprobe', module))

    def inner(self, path):
        """A draft for a part that may fail alone; see include()."""
        return Draft(self.model, path)

    def include(self, draft):
        if draft.change.steps:
            self.change.steps.append(draft.change)

    def remove(self, path, patient=False, absent=False):
        """A directory, with all that is in it."""
        self.empty(path, absent)
        self.rmdir(path, patient, absent)

    def empty(self, path, absent=False):
        kind = schema.kind_of(path)
        for name in self.model.links(path):
            # That of a device that could not be enabled again is missing.
            self.unlink(path + '/' + name, absent=True)
        for name in self.model.names(path):
            if kind.makes(name):
                self.remove(path + '/' + name, absent=absent)
            else:
                self.empty(path + '/' + name, absent)


def attributes(entry, kind, prefix=''):
    """(name, value) of an object's attributes, those of the directories that
    the kernel has made in it, too."""
    for name, value in entry.items():
        if schema.is_attribute(value) or isinstance(value, Password):
            yield prefix + name, value
        elif schema.is_directory(value) and not kind.makes(name):
            yield from attributes(value, kind.child(name), prefix + name + '/')


def objects(entry, kind, prefix=''):
    """(path, entry) of the objects in an object."""
    for name, value in (entry or {}).items():
        if not schema.is_directory(value):
            continue
        if kind.makes(name):
            yield prefix + name, value
        else:
            yield from objects(value, kind.child(name), prefix + name + '/')


def stand_in(taken):
    """The name of what is there for the time being"""
    return next(name for name in ('stand-in-%d' % i for i in itertools.count(1))
                if name not in taken)
