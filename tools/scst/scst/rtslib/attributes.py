# SPDX-License-Identifier: GPL-2.0
"""Attributes and parameters of LIO's objects, as tables.

Each entry has get(thing), which gives a string, and set(thing, value), where
thing is the object of this package that the attribute belongs to. One that
can't be written has no set.
"""
from scst.rtslib.utils import RTSLibError


class Fixed:
    """SCST has it in one way only: this value may be written, too."""

    def __init__(self, value):
        self.value = value

    def get(self, _):
        return self.value

    def set(self, thing, value):
        if value != self.value:
            raise RTSLibError('It is always %s with SCST (%s).' %
                              (self.value, thing.node.path))


class ReadOnly:
    """Made of what the object says."""
    set = None

    def __init__(self, get):
        self.get = get


class Computed:
    """By two functions."""

    def __init__(self, get, set):
        self.get, self.set = get, set


class File:
    """An attribute of SCST with the same values: a file below the node."""

    def __init__(self, name):
        self.name = name

    def get(self, thing):
        return thing.node.get(self.name)

    def set(self, thing, value):
        thing.node.set(self.name, value)


class Stored(File):
    """A file of a device, which must be disabled to change it."""

    def set(self, thing, value):
        if self.get(thing) != value:
            thing.change(self.name, value)


class Table:
    """Entries by name, and names that LIO has for its own engine: a saved
    configuration may have them, and they are passed over."""

    def __init__(self, entries, ignored=()):
        self.entries = entries
        self.ignored = frozenset(ignored)

    def names(self, writable=None):
        return sorted(name for name, entry in self.entries.items()
                      if writable is None or writable == bool(entry.set))

    def _entry(self, name):
        if name not in self.entries:
            raise RTSLibError("There is no '%s' here." % name)
        return self.entries[name]

    def get(self, thing, name):
        return self._entry(name).get(thing)

    def set(self, thing, name, value):
        entry = self._entry(name)
        if not entry.set:
            raise RTSLibError("'%s' can't be changed." % name)
        entry.set(thing, str(value).strip())

    def values(self, thing):
        return {name: self.get(thing, name) for name in self.names(True)}

    def restore(self, thing, values, failed):
        """Set what a saved configuration has; failed(text) for the rest."""
        for name, value in values.items():
            entry = self.entries.get(name)
            if name in self.ignored or entry and not entry.set:
                continue
            try:
                self.set(thing, name, value)
            except RTSLibError as error:
                failed('%s = %s: %s' % (name, value, error))


NONE = Table({})
