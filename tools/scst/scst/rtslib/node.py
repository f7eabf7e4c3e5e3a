# SPDX-License-Identifier: GPL-2.0
"""What all objects have: a directory, attributes and parameters."""
import errno
import time

from scst import tree
from scst.rtslib import attributes
from scst.rtslib.utils import RTSLibError

VERBS = {'mkdir': 'make', 'rmdir': 'remove', 'read': 'read', 'write': 'write',
         'link': 'make the link', 'unlink': 'remove the link'}

# Seconds that commands inside may take
PATIENCE = 5


class Refused(RTSLibError):
    """The kernel has refused something."""

    def __init__(self, error):
        super().__init__('The kernel does not %s %s: %s.' % (
            VERBS[error.operation], error.path, error.strerror))
        self.errno = error.errno


class Dir(tree.Node):
    """A directory of the tree, which gives refusals as targetcli expects."""

    def __truediv__(self, name):
        # Names are users', and those of files.
        if '/' in name or '\0' in name or name in ('', '.', '..'):
            raise RTSLibError('There can be no %r in %s.' % (name, self.path))
        return Dir(self.path + '/' + name, self.mount)

    @property
    def parent(self):
        node = super().parent
        return Dir(node.path, node.mount)

    def _linked(self, name):
        node = super()._linked(name)
        return Dir(node.path, node.mount)

    def set(self, name, value):
        # Nothing at all is no write.
        super().set(name, '\n' if value == '' else value)

    def set_idle(self, name, value):
        """Set what can be set as soon as nothing is going on inside."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.set(name, value)
                return
            except Refused as error:
                if error.errno != errno.EBUSY or time.monotonic() > deadline:
                    raise
            time.sleep(0.01)

    def set_seen(self, name, value):
        """Set it, and wait until it is so: when the commands inside have
        ended."""
        self.set(name, value)
        deadline = time.monotonic() + PATIENCE
        while self.get(name) != str(value):
            if time.monotonic() > deadline:
                raise RTSLibError('%s/%s changes when the commands inside have '
                                  'ended.' % (self.path, name))
            time.sleep(0.01)

    def _try(self, *arguments):
        try:
            return super()._try(*arguments)
        except tree.ScstError as error:
            raise Refused(error) from None


def root():
    return Dir('')


class CFSNode:
    """An object, on a directory of SCST's tree."""
    attribute_table = attributes.NONE
    parameter_table = attributes.NONE

    def __init__(self, node):
        self.node = node

    def __eq__(self, other):
        return type(self) is type(other) and self.path == other.path

    def __hash__(self):
        return hash(self.path)

    @property
    def path(self):
        return self.node.full()

    @property
    def exists(self):
        return self.node.exists()

    def list_attributes(self, writable=None):
        return self.attribute_table.names(writable)

    def list_parameters(self, writable=None):
        return self.parameter_table.names(writable)

    def get_attribute(self, attribute):
        return self.attribute_table.get(self, attribute)

    def set_attribute(self, attribute, value):
        self.attribute_table.set(self, attribute, value)

    def get_parameter(self, parameter):
        return self.parameter_table.get(self, parameter)

    def set_parameter(self, parameter, value):
        self.parameter_table.set(self, parameter, value)

    def dump(self):
        """As saveconfig.json has it: what can be written."""
        saved = {}
        if self.attribute_table.entries:
            saved['attributes'] = {
                name: int(value) if value.lstrip('-').isdigit() else value
                for name, value in self.attribute_table.values(self).items()}
        if self.parameter_table.entries:
            saved['parameters'] = self.parameter_table.values(self)
        return saved

    def restore(self, saved, failed):
        """The attributes and parameters that dump() gave; failed(text)."""
        self.attribute_table.restore(self, saved.get('attributes', {}), failed)
        self.parameter_table.restore(self, saved.get('parameters', {}), failed)
