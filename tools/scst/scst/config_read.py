# SPDX-License-Identifier: GPL-2.0
"""The configuration that the kernel has now, as an object for JSON.

A large configuration has some ten thousands of attributes; hence the modes of
attributes are asked for once for each kind of directory, and files are read
with as few system calls as will do.
"""
import os
import stat

from scst import config_schema as schema
from scst.tree import ScstError, root

WRITE, READ = 0o200, 0o400
SECRET_MODE = 0o600


class _Reader:
    def __init__(self, node):
        self.node = node
        self.modes = {}         # (kind, attribute): mode

    def attribute(self, path, entry, kind):
        """Its value if it is configuration, otherwise None."""
        key = (kind.name, path.split('/')[:2][-1], entry.name)
        mode = self.modes.get(key)
        if mode is None:
            mode = stat.S_IMODE(entry.stat().st_mode)
            self.modes[key] = mode
        if not mode & WRITE or not mode & READ or entry.name in kind.state:
            return None
        value = self.read(entry.path)
        if mode == SECRET_MODE:
            return {'secret': path} if value else ''
        return None if (entry.name, value) == kind.passing else value

    @staticmethod
    def read(full):
        """One page at most, as all attributes are."""
        fd = os.open(full, os.O_RDONLY)
        try:
            data = os.read(fd, 65536)
        except OSError as error:
            error.filename = full
            raise
        finally:
            os.close(fd)
        return data.decode('utf-8', 'surrogateescape').removesuffix('\n')

    def link(self, full):
        where = os.path.normpath(os.path.join(os.path.dirname(full),
                                              os.readlink(full)))
        return {'link': os.path.relpath(where, self.node.mount)}

    def directory(self, path, kind):
        attributes, links, directories = {}, {}, {}
        with os.scandir((self.node / path).full()) as entries:
            # The newest entry comes first.
            for entry in reversed(list(entries)):
                if entry.is_symlink():
                    links[entry.name] = self.link(entry.path)
                elif entry.is_dir(follow_symlinks=False):
                    inner = '/'.join(filter(None, (path, entry.name)))
                    directories[entry.name] = self.directory(
                        inner, kind.child(entry.name))
                else:
                    value = self.attribute(path, entry, kind)
                    if value is not None:
                        attributes[entry.name] = value
        return dict(sorted(attributes.items())) | links | directories


def snapshot(node=None):
    """The whole tree: attributes that can be written and are no run-time
    state, links, and directories in the order of their creation."""
    reader = _Reader(node or root())
    try:
        return reader.directory(reader.node.path, schema.ROOT)
    except OSError as error:
        raise ScstError(error, 'read', os.path.relpath(
            error.filename or reader.node.mount, reader.node.mount)) from None
