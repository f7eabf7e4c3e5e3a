# SPDX-License-Identifier: GPL-2.0
"""All of the configuration: listing, saving, restoring, clearing it."""
import json
import os
import tempfile

from scst.rtslib import backstore, notes, restore, shape
from scst.rtslib.fabric import FabricModule, load
from scst.rtslib.node import CFSNode, root
from scst.rtslib.utils import RTSLibError

SAVE_FILE = '/etc/scst/targetcli/saveconfig.json'


class RTSRoot(CFSNode):
    """The root; SCST's modules are loaded if they are not."""

    def __init__(self):
        super().__init__(root())
        if not (self.node / 'handlers' / 'vdisk_fileio').exists():
            load('scst_vdisk')
        if not self.exists:
            raise RTSLibError('This kernel has no SCST: %s is not there.' %
                              self.path)

    @property
    def storage_objects(self):
        return backstore.storage_objects()

    @property
    def fabric_modules(self):
        return iter(FabricModule.all())

    @property
    def targets(self):
        return (target for fabric_module in self.fabric_modules
                for target in fabric_module.targets)

    @property
    def tpgs(self):
        return (tpg for target in self.targets for tpg in target.tpgs)

    @property
    def luns(self):
        return (lun for tpg in self.tpgs for lun in tpg.luns)

    @property
    def node_acls(self):
        return (acl for tpg in self.tpgs for acl in tpg.node_acls)

    @property
    def node_acl_groups(self):
        return (group for tpg in self.tpgs for group in tpg.node_acl_groups)

    @property
    def mapped_luns(self):
        return (mapped for acl in self.node_acls for mapped in acl.mapped_luns)

    @property
    def mapped_lun_groups(self):
        return (mapped for group in self.node_acl_groups
                for mapped in group.mapped_lun_groups)

    @property
    def network_portals(self):
        return (portal for tpg in self.tpgs for portal in tpg.network_portals)

    @property
    def alua_tpgs(self):
        return (group for so in self.storage_objects for group in so.alua_tpgs)

    @property
    def sessions(self):
        return (session for tpg in self.tpgs for session in tpg.sessions())

    def invalidate_caches(self):
        notes.forget_all()

    def _check_complete(self):
        """What would be lost in saving it."""
        for handler in (self.node / 'handlers').children():
            devices = handler.children()
            if handler.name not in backstore.HANDLERS and devices:
                raise RTSLibError('%s is no storage object for targetcli: it '
                                  'would be lost. Save with scstcli.' %
                                  devices[0].path)

    def dump(self):
        self._check_complete()
        return {
            'storage_objects': [so.dump() for so in self.storage_objects],
            'targets': [target.dump() for target in self.targets],
            'fabric_modules': [fabric_module.dump()
                               for fabric_module in self.fabric_modules
                               if fabric_module.has_feature('discovery_auth')],
        }

    def _dump_part(self, so_path, save_file):
        """What is saved already, but with one storage object, and the targets
        that show it, as they are now."""
        _, _, plugin, name = so_path.split('/', 3)
        try:
            with open(save_file, encoding='utf-8') as file:
                saved = shape.checked(json.load(file), save_file)
        except FileNotFoundError:
            saved = {}
        now = self.dump()

        def others(entry):
            return (entry['plugin'], entry['name']) != (plugin, name)

        def shows(target):
            return any(lun['storage_object'] == so_path
                       for tpg in target['tpgs'] for lun in tpg['luns'])

        showing = {t['wwn']: t for t in now['targets'] if shows(t)}
        storage_objects = [so for so in saved.get('storage_objects', ())
                           if others(so)]
        storage_objects += [so for so in now['storage_objects']
                            if not others(so)]
        targets = [_without(target, so_path)
                   for target in saved.get('targets', ())
                   if target['wwn'] not in showing]
        return dict(saved, storage_objects=storage_objects,
                    targets=targets + list(showing.values()))

    def save_to_file(self, save_file=None, so_path=None):
        """All of it, or one storage object (/backstores/plugin/name)."""
        save_file = save_file or SAVE_FILE
        try:
            saved = (self._dump_part(so_path, save_file) if so_path
                     else self.dump())
            _write(save_file, json.dumps(saved, sort_keys=True, indent=2) +
                   '\n')
        except (OSError, ValueError) as error:
            raise RTSLibError('%s can\'t be saved: %s' %
                              (save_file, error)) from None

    def restore_from_file(self, restore_file=None, clear_existing=True,
                          target=None, storage_object=None):
        """Gives back what could not be restored, a sentence each."""
        restore_file = restore_file or SAVE_FILE
        try:
            with open(restore_file, encoding='utf-8') as file:
                config = json.load(file)
        except (OSError, ValueError, RecursionError) as error:
            raise RTSLibError('%s can\'t be read: %s' %
                              (restore_file, error)) from None
        config = shape.checked(config, restore_file)
        # targetcli gives what was typed.
        clear_existing = str(clear_existing).lower() in ('true', '1', 'yes')
        return self.restore(config, target, storage_object, clear_existing)

    def restore(self, config, target=None, storage_object=None,
                clear_existing=False):
        if clear_existing:
            self.clear_existing(target, storage_object, confirm=True)
        else:
            self._check_new(config, target, storage_object)
        return restore.restore(config, target, storage_object)

    def _check_new(self, config, target, storage_object):
        """Nothing that is there may be restored over it."""
        there = {so.name for so in self.storage_objects}
        for saved in config.get('storage_objects', ()):
            if (target is None or storage_object) and \
               restore.named(saved, storage_object) and saved['name'] in there:
                raise RTSLibError(
                    'Storage object %s/%s exists, and nothing was restored: '
                    'set clear_existing=true.' %
                    (saved['plugin'], saved['name']))
        there = {t.wwn for t in self.targets}
        for saved in config.get('targets', ()):
            if (storage_object is None or target) and \
               target in (None, saved['wwn']) and saved['wwn'] in there:
                raise RTSLibError('Target %s exists, and nothing was restored: '
                                  'set clear_existing=true.' % saved['wwn'])

    def clear_existing(self, target=None, storage_object=None, confirm=False):
        """All of it, or one target or storage object."""
        if not confirm:
            raise RTSLibError('Everything would be gone: set confirm=true.')
        everything = target is None and storage_object is None
        for there in list(self.targets):
            if everything or there.wwn == target:
                there.delete()
        for so in list(self.storage_objects):
            if everything or storage_object in (
                    so.name, '%s/%s' % (so.plugin, so.name)):
                so.delete()
        if everything:
            for fabric_module in self.fabric_modules:
                fabric_module.clear_discovery_auth_settings()


def _without(target, so_path):
    """A saved target without the LUNs of a storage object."""
    tpgs = []
    for tpg in target.get('tpgs', ()):
        gone = {lun['index'] for lun in tpg.get('luns', ())
                if lun['storage_object'] == so_path}
        tpgs.append(dict(
            tpg,
            luns=[lun for lun in tpg.get('luns', ())
                  if lun['index'] not in gone],
            node_acls=[dict(acl, mapped_luns=[
                m for m in acl.get('mapped_luns', ())
                if m['tpg_lun'] not in gone])
                       for acl in tpg.get('node_acls', ())]))
    return dict(target, tpgs=tpgs)


def _write(path, text):
    """All or nothing; there are secrets in it."""
    # Of a name that nobody knows before: the directory may be anybody's.
    handle, new = tempfile.mkstemp(dir=os.path.dirname(path) or '.')
    try:
        with open(handle, 'w', encoding='utf-8') as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError:
        os.unlink(new)
        raise
