# SPDX-License-Identifier: GPL-2.0
"""/devices: handlers and their devices."""
import os
import stat

from configshell_fb import ExecutionError

from scst import names, objects
from scst.cli import complete, render
from scst.cli.base import Directory, Plain, shows

# Of devices that are yet to be made
USUAL = ('blocksize', 'read_only', 'removable', 'rotational', 'write_through',
         'nv_cache', 'o_direct', 'thin_provisioned', 'size_mb', 'usn', 'naa_id',
         't10_dev_id', 'enabled')
# Handlers by what their store is
OF_FILE, OF_BLOCK, OF_NOTHING, OF_MEDIUM = ('vdisk_fileio', 'vdisk_blockio',
                                            'vdisk_nullio', 'vcdrom')
UNITS = {'': 1, 'B': 1, 'K': 1 << 10, 'M': 1 << 20, 'G': 1 << 30, 'T': 1 << 40,
         'P': 1 << 50}


def bytes_of(text):
    """A size as people write it: 4096, 64M, 1G, 1.5GiB."""
    short = text.strip().upper().removesuffix('IB').removesuffix('B')
    unit = short[-1:] if short[-1:].isalpha() else ''
    number = short.removesuffix(unit)
    try:
        if unit in UNITS and float(number) > 0:
            return int(float(number) * UNITS[unit])
    except (ValueError, OverflowError):
        pass
    raise ExecutionError('%s is not a size; write for example 64M, 10G or 1T.' %
                         text)


def kind_of(path):
    """'file', 'block' or None of what is there."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return None
    return 'block' if stat.S_ISBLK(mode) else 'file'


def named(name, filename):
    """The two of them, if the only word is a file; and from where we are."""
    if name and '/' in name and not filename:
        name, filename = None, name
    return name, os.path.abspath(filename) if filename else None


def automatic(attributes):
    """Serial numbers for `auto`; serial=auto is all of them."""
    found = dict(attributes)
    serial = found.pop('serial', None)
    for name, make in names.AUTOMATIC.items():
        if found.get(name, serial) == 'auto':
            found[name] = make()
    if serial and serial != 'auto':
        found.setdefault('usn', serial)
        found.setdefault('t10_dev_id', serial)
    return found


def make_file(path, size, undo):
    """A new sparse file."""
    try:
        with open(path, 'xb') as file:
            undo.callback(os.unlink, path)
            file.truncate(size)
    except FileExistsError:
        raise ExecutionError('%s is there already; leave size= out to use it '
                             'as it is.' % path) from None
    except OSError as error:
        raise ExecutionError('%s cannot be made: %s.' %
                             (path, error.strerror)) from None


@shows('handlers')
class Devices(Directory):
    """All handlers. Their names may be short: fileio is vdisk_fileio."""

    ALIASES = {'fileio': OF_FILE, 'blockio': OF_BLOCK, 'block': OF_BLOCK,
               'nullio': OF_NOTHING, 'cdrom': OF_MEDIUM}

    def summary(self):
        number = sum(len(child.node.children()) for child in self.children)
        return render.count(number, 'device'), None

    def ui_command_create(self, name=None, filename=None, size=None,
                          **attributes):
        """
        Makes a device and enables it: create NAME FILENAME
        [ATTRIBUTE=VALUE...].

        What FILENAME is says which handler: a block device, or a file. See
        create of /devices/vdisk_fileio.
        """
        name, filename = named(name, filename)
        if not filename:
            raise ExecutionError('Give filename=, a file or a block device; '
                                 'for a device without one: '
                                 '/devices/vdisk_nullio create NAME.')
        handler = OF_BLOCK if kind_of(filename) == 'block' else OF_FILE
        self.get_handler(handler).ui_command_create(name, filename, size,
                                                    **attributes)

    def get_handler(self, name):
        try:
            return self.get_child(name)
        except ValueError:
            raise ExecutionError('There is no handler %s. modprobe scst_vdisk '
                                 'loads it.' % name) from None

    def ui_complete_create(self, parameters, text, current):
        return complete_create(self, parameters, text, current, complete.files)


def complete_create(handler, parameters, text, current, files):
    if current == 'filename' or (current == 'name' and text.startswith('/')):
        return files(text)
    if current in ('name', 'size'):
        return []
    if current == '*':
        devices = handler.node.children()
        known = USUAL
        if devices and 'enabled' in devices[0].attributes():
            known = [name for name, mode in sorted(
                devices[0].attributes().items()) if mode & 0o222]
        return complete.keywords(known, text, parameters)
    return complete.values(current, text)


@shows('handlers/[^/]+')
class Handler(Plain):
    """A handler, with its devices."""

    def summary(self):
        return render.count(len(self.node.children()), 'device'), None

    def store(self):
        return (complete.block_devices if self.name == OF_BLOCK
                else complete.files)

    def ui_command_create(self, name=None, filename=None, size=None,
                          **attributes):
        """
        Makes a device and enables it: create NAME FILENAME
        [ATTRIBUTE=VALUE...].

        Without a name it is called as its file. size=10G makes a new file of
        that size (vdisk_nullio: a device of that size). Attributes are those
        that `get` shows of a device; usn, naa_id and t10_dev_id, or serial for
        all of them, may be auto, for new ones that no other machine has:
        otherwise they are made of the name. enabled=0 leaves it disabled. If a
        step is refused, nothing is made.
        """
        name, filename = named(name, filename)
        attributes = automatic(attributes)
        if not name:
            if not filename and self.name != OF_NOTHING:
                raise ExecutionError('Give a name, or a file or block device: '
                                     'create NAME FILENAME.')
            name = self._name_for(filename)
        with objects.undoing() as undo:
            if size and self.name == OF_NOTHING:
                attributes['size_mb'] = self._megabytes(size)
            elif size:
                self._new_file(filename, size, undo)
            if filename:
                attributes['filename'] = filename
            attributes.setdefault('enabled', self._may_enable(filename))
            node = objects.create(self.entry(name), attributes)
        self.made(node)
        if node.get('enabled') == '0':
            self.say('It is disabled; when it has all that it needs: %s/%s '
                     'enable', self.path, name)

    def _name_for(self, filename):
        taken = objects.devices(self.get_root().node)
        return names.of_file(filename or 'disk', taken)

    def _may_enable(self, filename):
        """A disk in a file needs the file first."""
        needs = self.name in (OF_FILE, OF_BLOCK)
        return '1' if filename or not needs else '0'

    def _megabytes(self, size):
        return str(max(bytes_of(size) >> 20, 1))

    def _new_file(self, filename, size, undo):
        if not filename or self.name == OF_BLOCK:
            raise ExecutionError('size= is for new files: give filename=, or '
                                 'size_mb= to use less than all of a store.')
        make_file(filename, bytes_of(size), undo)

    def ui_complete_create(self, parameters, text, current):
        return complete_create(self, parameters, text, current, self.store())


@shows('handlers/[^/]+/[^/]+')
class Device(Plain):
    """A device."""

    def listed(self):
        return []

    def values_of(self, *wanted):
        modes = self.attributes()
        return [self.node.get(name) if name in modes else '' for name in wanted]

    def summary(self):
        enabled, filename, size, read_only, active = self.values_of(
            'enabled', 'filename', 'size', 'read_only', 'active')
        words = [filename] if filename else []
        if enabled == '1' and size.isdecimal():
            words.append(render.size(int(size)))
        words.append('enabled' if enabled == '1' else 'disabled')
        if read_only == '1':
            words.append('read-only')
        if enabled == '1' and active == '0':
            words.append('store closed')
        return ', '.join(words), enabled == '1' and active != '0' or None

    def ui_command_users(self):
        """
        Shows which LUNs and device groups have it.
        """
        found = [objects.describe(user) for user in objects.users(self.node)]
        self.show(found, '\n'.join(found) or 'Nobody shows %s.' % self.name)


@shows('handlers/[^/]+/[^/]+/.+')
class OfDevice(Directory):
    """What a device has below it: pr."""

    QUIET = True
