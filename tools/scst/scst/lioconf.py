# SPDX-License-Identifier: GPL-2.0
"""Conversion of LIO's saveconfig.json into a configuration of SCST."""
import re

from scst import lioconf_names as names
from scst.config_file import ConfigError
from scst.lioconf_iscsi import discovery, make_iscsi

# NAA 6 of LIO's company, then digits of the serial number
_NAA = '0x6001405'
_NAA_DIGITS = 25
_LOCAL = 'scst_local'
# Names of fabrics whose initiators are on this machine
_LOOPBACK = 'loopback'


class Converter:
    """What is known of the whole while its parts are converted."""

    def __init__(self):
        self.remarks = []
        self.devices = {}       # LIO's path: path in the tree
        self.ports = {}         # (LIO's path, name of a group): targets' paths
        self.tree = {'handlers': {}, 'targets': {}, 'device_groups': {}}

    def remark(self, text, *values):
        self.remarks.append(text % values)

    def attributes(self, found, known, rest, what, limits=()):
        """{new name: value}; a remark for what LIO does and we don't."""
        made = {}
        for name, value in sorted(found.items()):
            if name in known:
                made[known[name][0]] = known[name][1](value)
            elif name in limits:
                continue
            elif name not in rest:
                self.remark('%s of %s is not known and not mapped.', name, what)
            elif rest[name] is not None and str(rest[name]) != str(value):
                self.remark('%s of %s is not mapped: there is no such choice.',
                            name, what)
        return made

    def luns(self, entry):
        """{index: LIO's path} of the LUNs of a portal group."""
        found = {}
        for lun in entry.get('luns', []):
            if lun['storage_object'] in self.devices:
                found[lun['index']] = lun['storage_object']
            else:
                self.remark('LUN %s is left out: %s is not mapped.',
                            lun['index'], lun['storage_object'])
        return found

    def show(self, store, read_only):
        """The directory of a LUN."""
        where = self.devices[store]
        return {'read_only': '1' if read_only else '0',
                where.rpartition('/')[2]: {'link': where}}

    def note_ports(self, entry, path):
        """Which group of its device each LUN puts this target in."""
        for lun in entry.get('luns', []):
            group = lun.get('alua_tg_pt_gp_name')
            self.ports.setdefault((lun['storage_object'], group), []).append(
                path)


def _identity(entry):
    """Initiators shall find the disk that they know."""
    serial = entry.get('wwn')
    if not serial:
        return {}
    digits = re.sub('[^0-9a-f]', '', serial.lower())[:_NAA_DIGITS]
    model = entry['plugin'].upper()
    if entry['plugin'] == 'block':
        model = 'IBLOCK'
    if entry.get('attributes', {}).get('emulate_model_alias', 1):
        model = entry['name']
    return {'t10_vend_id': 'LIO-ORG', 'prod_id': model[:16],
            'prod_rev_lvl': '4.0', 'usn': serial,
            'naa_id': _NAA + digits.ljust(_NAA_DIGITS, '0')}


def _size(converter, entry):
    size, rest = divmod(entry.get('size', 0), 1 << 20)
    if rest:
        converter.remark('The size of %s is no whole number of MiB: all of the '
                         'store is used.', entry['name'])
    return {} if rest else {'size_mb': str(size)}


def _fileio(converter, entry):
    found = {'filename': entry['dev']} | _size(converter, entry)
    if not entry.get('write_back', True):
        found['write_through'] = '1'
    return 'vdisk_fileio', found


def _block(_converter, entry):
    found = {'filename': entry['dev']}
    if entry.get('readonly'):
        found['read_only'] = '1'
    return 'vdisk_blockio', found


def _ramdisk(converter, entry):
    if not entry.get('nullio'):
        converter.remark(
            'The ramdisk %s is not mapped: it keeps data, and vdisk_nullio '
            'does not. A file on a tmpfs, or a brd device, does.',
            entry['name'])
        return None, {}
    return 'vdisk_nullio', _size(converter, entry)


_PLUGINS = {'fileio': _fileio, 'block': _block, 'ramdisk': _ramdisk}


def _device(converter, entry):
    plugin, name = entry['plugin'], entry['name']
    if plugin not in _PLUGINS:
        converter.remark('%s is not mapped: there is nothing like the '
                         'backstore %s.', name, plugin)
        return
    handler, found = _PLUGINS[plugin](converter, entry)
    if not handler:
        return
    own = name
    if any(own in devices for devices in converter.tree['handlers'].values()):
        own = '%s-%s' % (plugin, name)
        converter.remark('The device %s of %s is called %s here: names are '
                         'unique.', name, plugin, own)
    given = entry.get('attributes', {})
    found |= _identity(entry) | converter.attributes(
        given, names.DEVICE, names.DEVICE_REST, name, names.DEVICE_LIMITS)
    if given.get('emulate_tpu') or given.get('emulate_tpws'):
        found['thin_provisioned'] = '1'
    converter.tree['handlers'].setdefault(handler, {})[own] = \
        found | {'enabled': '1'}
    converter.devices['/backstores/%s/%s' % (plugin, name)] = \
        'handlers/%s/%s' % (handler, own)


def _device_group(converter, entry):
    """Target port groups of LIO are those of one device."""
    store = '/backstores/%s/%s' % (entry['plugin'], entry['name'])
    groups = [tpg for tpg in entry.get('alua_tpgs', [])
              if (store, tpg['name']) in converter.ports and
              tpg['name'] != 'default_tg_pt_gp']
    if not groups or store not in converter.devices:
        return
    where = converter.devices[store]
    name = where.rpartition('/')[2]
    made = {'devices': {name: {'link': where}}, 'target_groups': {}}
    if any(tpg.get('alua_access_type', 0) & names.EXPLICIT for tpg in groups):
        made['explicit'] = '1'
    seconds = max(tpg.get('implicit_trans_secs') or 0 for tpg in groups)
    made['implicit_transition_time'] = str(seconds)
    for tpg in groups:
        made['target_groups'][tpg['name']] = _target_group(
            converter, tpg, converter.ports[store, tpg['name']])
    converter.tree['device_groups'][name] = made


def _target_group(converter, tpg, ports):
    made = {'group_id': str(tpg['tg_pt_gp_id']),
            'preferred': '1' if tpg.get('preferred') else '0'}
    state = names.STATES.get(tpg.get('alua_access_state', 0))
    if state:
        made['state'] = state
    else:
        converter.remark('The state of the target port group %s is not '
                         'mapped: it is active.', tpg['name'])
    supported = [state_ for flag, state_ in names.SUPPORTS.items()
                 if tpg.get(flag, 1)]
    if state in supported:
        made['supported_states'] = ' '.join(supported)
    made['targets'] = {path.rpartition('/')[2]: {'link': path}
                       for path in ports}
    return made


def _loopback(converter, entry):
    made = converter.tree['targets'].setdefault(_LOCAL, {})
    for tpg in entry['tpgs']:
        name = entry['wwn']
        if name in made:
            name += '-%s' % tpg['tag']
        made[name] = {
            'enabled': '1',
            'luns': {str(index): converter.show(store, False)
                     for index, store in sorted(converter.luns(tpg).items())},
            'sessions': {tpg.get('nexus') or 'loopback': {}}}
        converter.note_ports(tpg, 'targets/%s/%s' % (_LOCAL, name))


def _convert(content):
    converter = Converter()
    for entry in content['storage_objects']:
        _device(converter, entry)
    for module in content.get('fabric_modules', []):
        if module.get('name') == 'iscsi':
            discovery(converter, module)
    for entry in content['targets']:
        if entry['fabric'] == 'iscsi':
            make_iscsi(converter, entry)
        elif entry['fabric'] == _LOOPBACK:
            _loopback(converter, entry)
        else:
            converter.remark('The target %s is not mapped: there is no driver '
                             'for %s.', entry['wwn'], entry['fabric'])
    for entry in content['storage_objects']:
        _device_group(converter, entry)
    return converter


def convert(path, content):
    """(tree, remarks)"""
    try:
        converter = _convert(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError('%s is not as targetcli writes it: %s %s.' % (
            path, type(error).__name__, error)) from None
    return converter.tree, ['%s: %s' % (path, remark)
                            for remark in converter.remarks]
