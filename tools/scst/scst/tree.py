# SPDX-License-Identifier: GPL-2.0
"""The configfs tree of SCST: directories, attributes and links.

A Node is a directory below /sys/kernel/config/scst. It knows nothing of what
the directory means; it gives every refusal of the kernel as a ScstError that
says what was tried, and on what.
"""
import contextlib
import errno
import os
import stat

MOUNT = '/sys/kernel/config/scst'


class ScstError(OSError):
    """The kernel has refused something.

    errno is its own; operation is one of 'mkdir', 'rmdir', 'read', 'write',
    'link', 'unlink'; path is relative to the root of the tree; value is what
    was to be written, or the path that a link was to lead to.
    """

    def __init__(self, error, operation, path, value=None):
        super().__init__(error.errno, error.strerror, path)
        self.operation = operation
        self.path = path
        self.value = value


class Node:
    """A directory of the tree, there or not."""

    def __init__(self, path='', mount=None):
        self.path = path.strip('/')
        self.mount = mount or MOUNT

    def __repr__(self):
        return 'Node(%r)' % self.path

    def __eq__(self, other):
        return isinstance(other, Node) and self.full() == other.full()

    def __hash__(self):
        return hash(self.full())

    def __truediv__(self, name):
        return Node(self.path + '/' + name, self.mount)

    @property
    def name(self):
        return os.path.basename(self.path)

    @property
    def parent(self):
        return Node(os.path.dirname(self.path), self.mount)

    def full(self, name=None):
        """The absolute path of the directory, or of something in it."""
        return os.path.join(self.mount, *filter(None, (self.path, name)))

    def exists(self):
        return os.path.isdir(self.full())

    def _try(self, operation, name, value, function, *arguments):
        try:
            return function(*arguments)
        except OSError as error:
            path = '/'.join(filter(None, (self.path, name)))
            raise ScstError(error, operation, path, value) from None

    def _entries(self, kind):
        # What kind it is comes with the name: nothing is asked again.
        def look():
            with os.scandir(self.full()) as entries:
                return [e for e in entries if kind(e)]
        return self._try('read', None, None, look)

    def children(self):
        """The directories in it, in the order of their creation."""
        found = self._entries(lambda e: e.is_dir(follow_symlinks=False))
        return [self / e.name for e in reversed(found)]

    def attributes(self):
        """Names of its attributes, each with its mode (0o644 and so on)."""
        found = {}
        for e in self._entries(lambda e: e.is_file(follow_symlinks=False)):
            with contextlib.suppress(FileNotFoundError):    # it goes meanwhile
                found[e.name] = stat.S_IMODE(e.stat().st_mode)
        return found

    def links(self):
        """Its links: names, each with the Node that it leads to."""
        found = {}
        for e in self._entries(lambda e: e.is_symlink()):
            try:
                found[e.name] = self._linked(e.name)
            except ScstError as error:
                if error.errno != errno.ENOENT:     # it goes meanwhile
                    raise
        return found

    def _linked(self, name):
        # configfs gives a path that is relative to the link's directory.
        to = self._try('read', name, None, os.readlink, self.full(name))
        full = os.path.normpath(os.path.join(self.full(), to))
        return Node(os.path.relpath(full, self.mount), self.mount)

    def get(self, name):
        def read():
            with open(self.full(name), encoding='utf-8',
                      errors='surrogateescape') as file:
                return file.read()
        return self._try('read', name, None, read).removesuffix('\n')

    def set(self, name, value):
        def write():
            with open(self.full(name), 'wb', buffering=0) as file:
                file.write(str(value).encode('utf-8', 'surrogateescape'))
        self._try('write', name, value, write)

    def mkdir(self):
        """Make it; its parent must be there."""
        self._try('mkdir', None, None, os.mkdir, self.full())
        return self

    def rmdir(self):
        self._try('rmdir', None, None, os.rmdir, self.full())

    def link(self, node, name=None):
        """Make a link to a node in it, of the node's name unless given."""
        name = name or node.name
        self._try('link', name, node.path, os.symlink, node.full(),
                  self.full(name))

    def unlink(self, name):
        self._try('unlink', name, None, os.unlink, self.full(name))


def root(mount=None):
    """The root of the tree; there if the kernel has SCST loaded."""
    return Node('', mount)
