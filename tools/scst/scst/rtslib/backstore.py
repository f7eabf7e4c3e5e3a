# SPDX-License-Identifier: GPL-2.0
"""Storage objects: devices of vdisk_fileio and vdisk_blockio."""
import os
import re
import stat

from scst.rtslib import alua, attributes, ramdisk
from scst.rtslib.attributes import Computed, Fixed, ReadOnly, Stored
from scst.rtslib.node import CFSNode, root
from scst.rtslib.utils import (RTSLibError, RTSLibNotInCFS, generate_wwn,
                               get_block_type)

MIB = 1 << 20


def naa_of(serial):
    """The NAA designator that LIO makes of a serial number: an initiator that
    knew the disk there knows it here."""
    digits = re.sub('[^0-9a-f]', '', serial.lower())
    return '0x6001405' + digits.ljust(25, '0')[:25]


def _model_alias(so, value):
    if value not in ('0', '1'):
        raise RTSLibError('emulate_model_alias is 0 or 1.')
    so.node.set_seen('prod_id', so.name[:16] if value == '1' else so.model)


def _has_model_alias(so):
    return str(int(so.node.get('prod_id') == so.name[:16]))


# What SCST always does, and LIO does unless told otherwise
ALWAYS = {name: Fixed('1') for name in (
    'alua_support', 'emulate_3pc', 'emulate_caw', 'emulate_fua_write',
    'emulate_pr', 'emulate_rsoc', 'enforce_pr_isids', 'pgr_support')}
NEVER = {name: Fixed('0') for name in (
    'force_pr_aptpl', 'pi_prot_format', 'pi_prot_type', 'pi_prot_verify')}
# LIO takes what is written there, and does nothing with it.
DEPRECATED = {name: ReadOnly(lambda _: '1') for name in (
    'emulate_dpo', 'emulate_fua_read')}
# How LIO's engine works, and limits that SCST finds out by itself
ENGINE = ('is_nonrot', 'max_unmap_block_desc_count', 'max_unmap_lba_count',
          'max_write_same_len', 'optimal_sectors', 'queue_depth',
          'submit_type', 'unmap_granularity', 'unmap_granularity_alignment',
          'unmap_zeroes_data')

COMMON = {
    **ALWAYS, **NEVER, **DEPRECATED,
    'block_size': Stored('blocksize'),
    'emulate_model_alias': Computed(_has_model_alias, _model_alias),
    'emulate_rest_reord': Stored('queue_alg'),
    'emulate_tas': Stored('tas'),
    'emulate_tpu': Stored('thin_provisioned'),
    # One with emulate_tpu
    'emulate_tpws': ReadOnly(lambda so: so.get_attribute('emulate_tpu')),
    'emulate_ua_intlck_ctrl': Stored('ua_intlck_ctrl'),
    'emulate_write_cache': Fixed('0'),
    'hw_block_size': ReadOnly(lambda so: so.get_attribute('block_size')),
}


class WriteCache(attributes.File):
    """It may change while the device works."""

    def get(self, thing):
        return {'0': '1', '1': '0'}[super().get(thing)]

    def set(self, thing, value):
        thing.node.set_seen(self.name, {'0': '1', '1': '0'}.get(value, value))


class StorageObject(CFSNode):
    """A device; it is made if what it needs is given, and else looked up."""
    plugin = handler = model = None
    attribute_table = attributes.Table(COMMON, ENGINE)

    def __init__(self, name):
        super().__init__(root() / 'handlers' / self.handler / name)
        self.name = name

    def __eq__(self, other):
        return isinstance(other, StorageObject) and self.path == other.path

    __hash__ = CFSNode.__hash__

    def _look_up(self):
        if not self.exists or _class_of(self.node) is not type(self):
            raise RTSLibNotInCFS('There is no storage object %s/%s.' %
                                 (self.plugin, self.name))

    def _make(self, wwn, **values):
        """All or nothing."""
        self._refuse_name()
        if not self.node.parent.exists():
            raise RTSLibError('The kernel has no %s: load scst_vdisk.' %
                              self.handler)
        serial = wwn or generate_wwn('unit_serial')
        values.update(usn=serial, naa_id=naa_of(serial), prod_id=self.model,
                      tas=1, queue_alg=0)
        self.node.mkdir()
        try:
            self._fill(values)
        except BaseException:   # Ctrl-C, too
            self.node.rmdir()
            raise

    def _fill(self, values):
        for name, value in values.items():
            self.node.set(name, value)
        self.node.set('enabled', 1)

    def _gone(self):
        """What is to go when the device has."""

    def _refuse_name(self):
        for handler in HANDLERS:
            node = root() / 'handlers' / handler / self.name
            if node.exists():
                raise RTSLibError(
                    'Storage object %s/%s exists: names are unique over all '
                    'backstores. Choose another one.' %
                    (_class_of(node).plugin, self.name))

    def change(self, name, value):
        """An attribute that can't be changed while the device is enabled: it
        is disabled for a moment, hence nobody may see it."""
        if next(self._gen_attached_luns(), None):
            raise RTSLibError('Storage object %s/%s is in use: delete its LUNs '
                              'first.' % (self.plugin, self.name))
        before, enabled = self.node.get(name), self.node.get('enabled')
        self.node.set_idle('enabled', 0)
        try:
            self.node.set(name, value)
            self.node.set('enabled', enabled)
        except RTSLibError:
            self.node.set(name, before)
            self.node.set('enabled', enabled)
            raise

    def _gen_attached_luns(self):
        # It is built on this module.
        from scst.rtslib import target
        for tpg in target.tpgs():
            for lun in tpg.luns:
                # Not all LUNs show storage objects.
                if self.node in lun.node.links().values():
                    yield lun

    @property
    def attached_luns(self):
        return list(self._gen_attached_luns())

    @property
    def alua_tpgs(self):
        return alua.groups_of(self)

    @property
    def alua_supported(self):
        return True

    @property
    def version(self):
        return 'SCST ' + root().get('version')

    @property
    def status(self):
        attached = next(self._gen_attached_luns(), None)
        return 'activated' if attached else 'deactivated'

    @property
    def udev_path(self):
        return self.node.get('filename') or None

    @property
    def size(self):
        return int(self.node.get('size'))

    @property
    def wwn(self):
        return self.node.get('usn')

    @wwn.setter
    def wwn(self, wwn):
        self.node.set_seen('usn', wwn)
        self.node.set_idle('naa_id', naa_of(wwn))

    def delete(self, save=False):
        """With all LUNs that show it; save takes it out of saveconfig.json."""
        attached = self.attached_luns
        self._refuse_others(attached)
        for lun in attached:
            lun.delete()
        alua.forget(self)
        self.node.rmdir()
        self._gone()
        if save:
            # It is built on this module.
            from scst.rtslib.root import RTSRoot
            RTSRoot().save_to_file(
                so_path='/backstores/%s/%s' % (self.plugin, self.name))

    def _refuse_others(self, attached):
        """Somebody else's LUN would keep the device, but only when all of
        ours are gone."""
        ours = {lun.node for lun in attached}
        ours.update(m.node for lun in attached for m in lun.mapped_luns)
        for node in _lun_directories():
            if node not in ours and self.node in node.links().values():
                raise RTSLibError('Storage object %s/%s is in use by %s: '
                                  'remove that with scstcli.' %
                                  (self.plugin, self.name, node.path))

    def dump(self):
        saved = super().dump()
        saved.update(name=self.name, plugin=self.plugin, wwn=self.wwn,
                     alua_tpgs=[group.dump() for group in self.alua_tpgs])
        return saved


class FileIOStorageObject(StorageObject):
    plugin, handler, model = 'fileio', 'vdisk_fileio', 'FILEIO'
    attribute_table = attributes.Table(
        {**COMMON, 'emulate_write_cache': WriteCache('write_through')}, ENGINE)

    def __init__(self, name, dev=None, size=None, wwn=None, write_back=False,
                 aio=False):
        super().__init__(name)
        if dev is None:
            self._look_up()
            return
        if aio:
            raise RTSLibError('SCST has no aio for files: leave it out.')
        if ramdisk.holds(os.path.abspath(dev)):
            raise RTSLibError('%s is for files of ramdisks: take another place.'
                              % ramdisk.WHERE)
        self._make(wwn, filename=os.path.abspath(dev),
                   size_mb=self._part_of(dev, size),
                   write_through=int(not write_back))

    @staticmethod
    def _part_of(dev, size):
        """size_mb: 0 for all of it."""
        try:
            there = os.stat(dev)
        except OSError as error:
            raise RTSLibError('%s: %s.' % (dev, error.strerror)) from None
        if stat.S_ISBLK(there.st_mode) or size in (None, there.st_size):
            return 0
        if size % MIB or size > there.st_size:
            raise RTSLibError('%s has %d bytes: a part of it must be smaller, '
                              'and whole MiB.' % (dev, there.st_size))
        return size // MIB

    @property
    def write_back(self):
        return self.get_attribute('emulate_write_cache') == '1'

    @property
    def is_block(self):
        return get_block_type(self.udev_path) is not None

    @property
    def aio(self):
        return False

    def dump(self):
        saved = super().dump()
        saved.update(dev=self.udev_path, size=self.size, aio=False,
                     write_back=self.write_back)
        return saved


class BlockStorageObject(StorageObject):
    plugin, handler, model = 'block', 'vdisk_blockio', 'IBLOCK'

    def __init__(self, name, dev=None, wwn=None, readonly=False,
                 write_back=False):
        super().__init__(name)
        if dev is None:
            self._look_up()
            return
        if write_back:
            raise RTSLibError('A block storage object has no cache of its own: '
                              'take fileio.')
        if get_block_type(dev) is None:
            raise RTSLibError('%s is not a block device: take fileio.' % dev)
        self._make(wwn, filename=os.path.abspath(dev),
                   read_only=int(bool(readonly)))

    @property
    def write_back(self):
        return False

    @property
    def readonly(self):
        return self.node.get('read_only') == '1'

    def dump(self):
        saved = super().dump()
        saved.update(dev=self.udev_path, readonly=self.readonly,
                     write_back=False)
        return saved


class RDMCPStorageObject(StorageObject):
    """A disk in memory: a file on a tmpfs, which goes with it."""
    plugin, handler, model = 'ramdisk', 'vdisk_fileio', 'RAMDISK-MCP'

    def __init__(self, name, size=None, wwn=None, nullio=False):
        super().__init__(name)
        if size is None:
            self._look_up()
            return
        if nullio:
            raise RTSLibError(
                'targetcli has no word for SCST\'s disks that forget what is '
                'written: leave nullio out, or make one with scstcli '
                '/devices/nullio create %s.' % name)
        if size <= 0:
            raise RTSLibError('The size of a ramdisk must be positive, not %d.'
                              % size)
        self._bytes = ramdisk.whole_pages(size)
        self._refuse_file()
        self._make(wwn, filename=ramdisk.path_of(name), write_through=1)

    def _refuse_file(self):
        """A device of scstcli's may serve it."""
        for node in self.node.parent.children():
            if node.get('filename') == ramdisk.path_of(self.name):
                raise RTSLibError('%s is in use by %s: remove that with '
                                  'scstcli.' % (ramdisk.path_of(self.name),
                                                node.path))

    def _fill(self, values):
        ramdisk.create(self.name, self._bytes)
        try:
            super()._fill(values)
        except BaseException:
            ramdisk.remove(self.name)
            raise

    def _gone(self):
        ramdisk.remove(self.name)

    udev_path = None
    nullio = False

    def dump(self):
        saved = super().dump()
        saved.update(size=self.size)
        return saved


class _Missing(StorageObject):
    """A backstore that SCST does not have: none can be made."""
    instead = None

    def __init__(self, name, *_, **__):
        raise RTSLibError('Storage object %s can\'t be created: %s' %
                          (name, self.instead))


class PSCSIStorageObject(_Missing):
    plugin = 'pscsi'
    instead = ('SCST passes SCSI devices on with its dev_* handlers, which '
               'targetcli has no word for. For a disk, use block.')


class UserBackedStorageObject(_Missing):
    plugin = 'user'
    instead = 'SCST does not know tcmu-runner. Use fileio or block.'


CLASSES = {cls.plugin: cls for cls in (
    FileIOStorageObject, BlockStorageObject, RDMCPStorageObject,
    PSCSIStorageObject, UserBackedStorageObject)}
HANDLERS = ('vdisk_fileio', 'vdisk_blockio')


def _class_of(node):
    """What kind of storage object this device is; None for other handlers'."""
    if node.parent.name not in HANDLERS:
        return None
    if node.parent.name == 'vdisk_blockio':
        return BlockStorageObject
    if node.get('filename') == ramdisk.path_of(node.name):
        return RDMCPStorageObject
    return FileIOStorageObject


def _lun_directories():
    """Those of all targets and their access groups, also of drivers that
    targetcli has no word for."""
    for driver in (root() / 'targets').children():
        for target in driver.children():
            groups = target / 'ini_groups'
            for owner in (target,
                          *(groups.children() if groups.exists() else ())):
                if (owner / 'luns').exists():
                    yield from (owner / 'luns').children()


def storage_objects():
    """All there are; not those that somebody is just making."""
    for name in HANDLERS:
        handler = root() / 'handlers' / name
        if handler.exists():
            for node in handler.children():
                yield _class_of(node)(node.name)


def storage_object_of(node):
    """The storage object that is this device; None for other handlers'."""
    cls = _class_of(node)
    return cls and cls(node.name)


class StorageObjectFactory:
    """A storage object of a path, with everything else by default."""

    def __new__(cls, path):
        name = re.sub('[^A-Za-z0-9_.-]', '_', path.strip('/'))
        if get_block_type(path) is not None:
            return BlockStorageObject(name, path)
        if os.path.isfile(path):
            return FileIOStorageObject(name, path, os.path.getsize(path))
        raise RTSLibError('%s is neither a file nor a block device.' % path)


def look_up(plugin, name):
    """The one of this name."""
    if plugin not in CLASSES:
        raise RTSLibError("SCST has no backstore '%s'." % plugin)
    return CLASSES[plugin](name)
