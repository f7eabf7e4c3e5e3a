# SPDX-License-Identifier: GPL-2.0
"""Conversion of an scst.conf into a configuration of this SCST.

Nothing is dropped in silence: a remark names what has no place here, and the
last one all that needs none, since it is so without it.
"""
import re

from scst import scstconf_names as names
from scst.config_file import ConfigError
from scst.scstconf_parse import parse

_PORTALS = ('0.0.0.0:3260', '[::]:3260')
_RECOGNISED = ('t10_dev_id', 'usn', 'naa_id', 'eui64_id')


class _Converter:
    def __init__(self, path):
        self.path = path
        self.remarks = []
        self.devices = {}       # name: path in the tree
        self.ports = {}         # name of a target: path in the tree
        self.explicit = {}      # devices with expl_alua: its line
        self.grouped = set()    # devices in a device group
        self.needless = set()   # attributes that change nothing here
        self.tree = {'handlers': {}, 'targets': {}, 'device_groups': {}}

    def remark(self, line, text, *values):
        self.remarks.append('%s:%d: %s' % (self.path, line, text % values))

    # Attributes

    def attributes(self, block, known, gone, what, skip=()):
        """{new name: value} of a block's attributes."""
        found = {}
        for name, value, line in block.attributes:
            if name in skip:
                continue
            if name in known:
                self._convert(found, known[name], name, value, line)
            elif (name, value) == ('expl_alua', '1'):
                self.explicit[what] = line
            elif name not in gone:
                self.remark(line, '%s of %s is not known and not mapped.',
                            name, what)
            elif gone[name][0] is None or value in gone[name][0]:
                self.needless.add(name)
            else:
                self.remark(line, '%s of %s is not mapped: %s.', name, what,
                            gone[name][1] or 'there is no such choice')
        return found

    def all_remarks(self):
        for name in self.explicit.keys() - self.grouped:
            self.remark(self.explicit[name], 'expl_alua of %s is not mapped: it '
                        'is in no device group.', name)
        if not self.needless:
            return self.remarks
        return self.remarks + [
            '%s: not mapped, as nothing here depends on them: %s.' %
            (self.path, ', '.join(sorted(self.needless)))]

    def _convert(self, found, how, name, value, line):
        new, function = how
        try:
            found[new] = function(value)
        except ValueError as error:
            self.remark(line, '%s is not mapped: %s (%s).', name, value, error)

    @staticmethod
    def put(directory, values):
        """Attributes with a slash are in a directory."""
        for name, value in values.items():
            *inner, last = name.split('/')
            where = directory
            for folder in inner:
                where = where.setdefault(folder, {})
            where[last] = value
        return directory

    # Devices

    def handler(self, block):
        if block.name not in names.DEVICE:
            for device in block.inner('DEVICE'):
                self.remark(device.line, 'the device %s is not mapped: there '
                            'is no handler %s.', device.name, block.name)
            return
        for name, _, line in block.attributes:
            if name in names.GONE_OF_DRIVER:
                self.needless.add(name)
            else:
                self.remark(line, '%s of the handler %s is not mapped.', name,
                            block.name)
        made = self.tree['handlers'].setdefault(block.name, {})
        for device in block.inner('DEVICE'):
            self.device(made, block.name, device)

    def device(self, made, handler, block):
        if block.name in self.devices:
            self.remark(block.line, 'the device %s is there already; this one '
                        'is left out.', block.name)
            return
        found = self.attributes(block, names.DEVICE[handler],
                                names.GONE_OF_DEVICE, block.name)
        if not set(_RECOGNISED) & set(found):
            self.remark(block.line, '%s has none of t10_dev_id, usn, naa_id '
                        'and eui64_id: initiators will take it for another '
                        'disk than before.', block.name)
        made[block.name] = found | {'enabled': '1'}
        self.devices[block.name] = 'handlers/%s/%s' % (handler, block.name)

    # Targets

    def driver(self, block):
        if block.name == 'copy_manager':
            self.remark(block.line, 'copy_manager is not mapped: EXTENDED COPY '
                        'needs no target.')
            return
        if block.name not in names.TARGET:
            self.remark(block.line, 'the driver %s and its targets are not '
                        'mapped: there is no such driver here.', block.name)
            return
        made = self.tree['targets'].setdefault(block.name, {})
        known = {}
        if block.name == 'iscsi':
            known = {'enabled': ('enabled', str)}
            made['portals'] = {portal: {} for portal in _PORTALS}
            self.remark(block.line, 'portals are not in scst.conf; iscsi-scstd '
                        'listens at all addresses, as %s and %s do.', *_PORTALS)
            self.accounts(made, block, 'discovery')
        made.update(self.attributes(block, known, names.GONE_OF_DRIVER,
                                    block.name, _multiple(block)))
        for target in block.inner('TARGET'):
            self.target(made, block.name, target)

    def target(self, made, driver, block):
        name = block.name
        if driver == 'iscsi' and name != name.lower():
            name = name.lower()
            self.remark(block.line, '%s is in lower case here: %s.',
                        block.name, name)
        found = self.attributes(block, names.TARGET[driver],
                                names.GONE_OF_TARGET, name, _multiple(block))
        if driver == 'scst_local':
            found.setdefault('enabled', '1')
        target = made[name] = self.put({}, found)
        self.ports[block.name] = 'targets/%s/%s' % (driver, name)
        if driver == 'iscsi':
            self.accounts(target, block, name)
            self.multiple(target, block, 'allowed_portal', 'allowed_portals')
        else:
            self.multiple(target, block, 'session_name', 'sessions')
            if 'sessions' not in target:
                self.remark(block.line, '%s has no session_name: nobody logs '
                            'in to it.', name)
        self.luns(target, block)
        for group in block.inner('GROUP'):
            self.group(target, driver, group)

    @staticmethod
    def multiple(directory, block, name, where):
        for key, value, _ in block.attributes:
            if key == name:
                directory.setdefault(where, {})[value] = {}

    def accounts(self, directory, block, what):
        """IncomingUser and OutgoingUser, which may have a number."""
        for key, value, line in block.attributes:
            direction = _direction(key)
            if not direction or not value:
                continue
            user, _, secret = value.partition(' ')
            made = directory.setdefault('auth', {}).setdefault(direction, {})
            if len(secret.encode()) < 12:
                self.remark(line, 'the password of %s (%s) has fewer than 12 '
                            'bytes, which is refused here: give it another '
                            'one.', user, what)
            if direction == 'outgoing' and made:
                self.remark(line, '%s of %s is not mapped: there can be one '
                            'only.', key, what)
            else:
                made[user] = {'password': secret}

    def luns(self, directory, block):
        for lun in block.inner('LUN'):
            number, device = lun.names
            made = directory.setdefault('luns', {})
            if device not in self.devices:
                self.remark(lun.line, 'LUN %s is left out: there is no device '
                            '%s.', number, device)
                continue
            if not number.isdecimal() or str(int(number)) in made:
                self.remark(lun.line, 'LUN %s is left out: it is no number, '
                            'or is there already.', number)
                continue
            found = self.attributes(lun, names.LUN, {}, 'LUN ' + number)
            made[str(int(number))] = found | {
                device: {'link': self.devices[device]}}

    def group(self, target, driver, block):
        group = target.setdefault('ini_groups', {}).setdefault(block.name, {})
        group.update(self.attributes(block, names.GROUP[driver],
                                     names.GONE_OF_GROUP, block.name))
        self.luns(group, block)
        for initiator in block.inner('INITIATOR'):
            group.setdefault('initiators', {})[initiator.name] = {}
            if initiator.attributes:
                self.remark(initiator.line, 'attributes of the initiator %s '
                            'are not mapped.', initiator.name)

    # Asymmetric access

    def follow_state(self, name):
        """scstadmin leaves out what is a default: 1, of vdisk_blockio."""
        _, handler, _ = self.devices[name].split('/')
        if handler == 'vdisk_blockio':
            self.tree['handlers'][handler][name].setdefault('bind_alua_state',
                                                            '1')

    def device_group(self, block):
        group = self.tree['device_groups'].setdefault(block.name, {})
        group.update(self.attributes(block, {}, {}, block.name))
        devices = group.setdefault('devices', {})
        for device in block.inner('DEVICE'):
            if device.name in self.devices:
                devices[device.name] = {'link': self.devices[device.name]}
                self.grouped.add(device.name)
                self.follow_state(device.name)
                if device.name in self.explicit:
                    group['explicit'] = '1'
            else:
                self.remark(device.line, 'there is no device %s for the group '
                            '%s.', device.name, block.name)
        for tpg in block.inner('TARGET_GROUP'):
            self.target_group(group, tpg)

    def target_group(self, group, block):
        tpg = group.setdefault('target_groups', {}).setdefault(block.name, {})
        tpg.update(self.attributes(block, names.TPG, {}, block.name))
        for port in block.inner('TARGET'):
            ports = tpg.setdefault('targets', {})
            found = self.attributes(port, names.PORT, {}, port.name)
            if port.name in self.ports:
                ports[port.name] = {'link': self.ports[port.name]}
            else:
                ports[port.name] = found
                if not found:
                    self.remark(port.line, '%s is no target of this machine '
                                'and has no rel_tgt_id: it is not reported.',
                                port.name)


def _direction(key):
    found = re.fullmatch(r'(Incoming|Outgoing)User\d*', key)
    return found and found[1].lower()


def _multiple(block):
    """Attributes that are no attributes here, but directories."""
    return {key for key, _, _ in block.attributes
            if _direction(key) or key in ('allowed_portal', 'session_name')}


def convert(path, text):
    """(tree, remarks)"""
    top = parse(path, text)
    if not top.blocks:
        # Everything that is configured would go, for a file of another kind.
        raise ConfigError('%s has neither the blocks of scst.conf nor the '
                          '"storage_objects" and "targets" of targetcli.' % path)
    converter = _Converter(path)
    converter.attributes(top, {}, names.GONE, 'the file')
    # Links can only lead to what has been read, wherever it is in the file.
    for keyword, function in (('HANDLER', converter.handler),
                              ('TARGET_DRIVER', converter.driver),
                              ('DEVICE_GROUP', converter.device_group)):
        for block in top.inner(keyword):
            function(block)
    return converter.tree, converter.all_remarks()
