# SPDX-License-Identifier: GPL-2.0
"""Asymmetric access states: LIO has target port groups for each storage
object, SCST device groups with devices and target port groups. Here a storage
object that gets a group gets a device group of its own."""
from scst.rtslib.attributes import Computed, File, ReadOnly, Table
from scst.rtslib.node import CFSNode, root
from scst.rtslib.utils import RTSLibError, RTSLibNotInCFS

DEFAULT = 'default_tg_pt_gp'
STATES = {'active': 0, 'nonoptimized': 1, 'standby': 2, 'unavailable': 3,
          'offline': 14, 'transitioning': 15}
SUPPORT = {'alua_support_active_optimized': 'active',
           'alua_support_active_nonoptimized': 'nonoptimized',
           'alua_support_standby': 'standby',
           'alua_support_unavailable': 'unavailable',
           'alua_support_offline': 'offline',
           'alua_support_transitioning': 'transitioning'}
# alua_access_type: implicit alone, or explicit as well
IMPLICIT, BOTH = '1', '3'


def _device_group(so):
    """The one that the device is in, or None."""
    groups = root() / 'device_groups'
    if groups.exists():
        for group in groups.children():
            if so.node in (group / 'devices').links().values():
                return group
    return None


def _set_state(group, value):
    for name, number in STATES.items():
        if value in (str(number), name):
            group.node.set('state', name)
            return
    raise RTSLibError("'%s' is no state: %s." % (value, ', '.join(
        '%d %s' % (number, name) for name, number in STATES.items())))


def _get_state(group):
    return str(STATES[group.node.get('state')])


def _set_type(group, value):
    if value not in (IMPLICIT, BOTH):
        raise RTSLibError('alua_access_type is %s (implicit) or %s (implicit '
                          'and explicit) with SCST.' % (IMPLICIT, BOTH))
    group.device_group.set('explicit', int(value == BOTH))


def _get_type(group):
    return BOTH if group.device_group.get('explicit') == '1' else IMPLICIT


def _set_time(group, value):
    group.device_group.set('implicit_transition_time', value)


def _get_time(group):
    return group.device_group.get('implicit_transition_time')


def _support(state):
    def get(group):
        return str(int(state in group.node.get('supported_states').split()))

    def set_support(group, value):
        states = set(group.node.get('supported_states').split())
        states = states | {state} if value == '1' else states - {state}
        group.node.set('supported_states', ' '.join(
            name for name in STATES if name in states))

    return Computed(get, set_support)


ENGINE = ('alua_access_status', 'alua_write_metadata', 'nonop_delay_msecs',
          'trans_delay_msecs')
# supported_states before the state: it must be one of them
SUPPORTED = {name: _support(state) for name, state in SUPPORT.items()}
VALUES = {
    'alua_access_state': Computed(_get_state, _set_state),
    'alua_access_type': Computed(_get_type, _set_type),
    'implicit_trans_secs': Computed(_get_time, _set_time),
    'preferred': File('preferred'),
    'tg_pt_gp_id': File('group_id'),
    **{name: ReadOnly(lambda group: '0') for name in ENGINE},
}
TABLE = Table({**SUPPORTED, **VALUES}, ENGINE)
# Of the ports that are in no group
DEFAULTS = Table({name: ReadOnly(lambda group, value=value: value)
                  for name, value in (
                      *((name, '1') for name in SUPPORT),
                      *((name, '0') for name in VALUES))}, VALUES | SUPPORTED)


def _property(name):
    def get(group):
        value = group.table.get(group, name)
        return int(value) if value.isdigit() else value

    def set_property(group, value):
        group.table.set(group, name, value)

    return property(get, set_property)


class ALUATargetPortGroup(CFSNode):
    """A target port group of a storage object: made if it gets a tag."""

    table = TABLE
    alua_support_lba_dependent = 0

    def __init__(self, storage_object, name, tag=None):
        self.storage_object = storage_object
        self.name = name
        self.device_group = _device_group(storage_object)
        if name == DEFAULT:
            if tag is not None:
                raise RTSLibError('%s exists: the ports that are in no group.' %
                                  DEFAULT)
            super().__init__(storage_object.node)
            self.table = DEFAULTS
            return
        if tag is not None:
            self._make(tag)
        elif not self.device_group:
            raise RTSLibNotInCFS('Storage object %s has no ALUA group %s.' %
                                 (storage_object.name, name))
        super().__init__(self.device_group / 'target_groups' / name)
        if not self.exists:
            raise RTSLibNotInCFS('Storage object %s has no ALUA group %s.' %
                                 (storage_object.name, name))

    def _make(self, tag):
        new = not self.device_group
        device_group = self.device_group or (root() / 'device_groups' /
                                             self.storage_object.name)
        group = device_group / 'target_groups' / self.name
        if group.exists():
            raise RTSLibError('Storage object %s has an ALUA group %s.' %
                              (self.storage_object.name, self.name))
        if new:
            device_group.mkdir()
        try:
            if new:
                (device_group / 'devices').link(self.storage_object.node)
            group.mkdir()
            group.set('group_id', tag)
        except RTSLibError:
            if group.exists():
                group.rmdir()
            if new:
                _remove(device_group)
            raise
        self.device_group = device_group

    @property
    def members(self):
        return ['%s/%s/lun%d' % (tpg.parent_target.fabric_module.name,
                                 tpg.parent_target.wwn, lun.lun)
                for lun in self.storage_object.attached_luns
                for tpg in (lun.parent_tpg,)
                if lun.alua_tg_pt_gp_name == self.name]

    def has(self, target):
        """Is this target's port in it?"""
        return target in (self.node / 'targets').links().values()

    def add(self, target):
        (self.node / 'targets').link(target)

    def remove(self, target):
        targets = self.node / 'targets'
        for name, node in targets.links().items():
            if node == target:
                targets.unlink(name)

    def delete(self):
        if self.name == DEFAULT:
            raise RTSLibError('%s can\'t be deleted: it has the ports that are '
                              'in no group.' % DEFAULT)
        targets = self.node / 'targets'
        for name in targets.links():
            targets.unlink(name)
        for port in targets.children():
            port.rmdir()
        self.node.rmdir()
        if not (self.device_group / 'target_groups').children():
            forget(self.storage_object)

    def dump(self):
        saved = {name: getattr(self, name) for name in self.table.names()}
        saved['name'] = self.name
        return saved


for _name in TABLE.names():
    setattr(ALUATargetPortGroup, _name, _property(_name))


def groups_of(so):
    """All of a storage object, the default one first."""
    yield ALUATargetPortGroup(so, DEFAULT)
    group = _device_group(so)
    if group:
        for node in (group / 'target_groups').children():
            yield ALUATargetPortGroup(so, node.name)


def group_of(so, target):
    """The name of the one that a target's port is in."""
    for group in groups_of(so):
        if group.name != DEFAULT and group.has(target):
            return group.name
    return DEFAULT


def move(so, target, name):
    """Put a target's port into a group."""
    new = ALUATargetPortGroup(so, name)
    for group in groups_of(so):
        if group.name not in (DEFAULT, name):
            group.remove(target)
    if name != DEFAULT and not new.has(target):
        new.add(target)


def leave(target):
    """Take a target that goes away out of all groups."""
    groups = root() / 'device_groups'
    for device_group in groups.children() if groups.exists() else ():
        for group in (device_group / 'target_groups').children():
            targets = group / 'targets'
            for name, node in targets.links().items():
                if node == target:
                    targets.unlink(name)


def let_go(so, target, others):
    """A LUN of a target's goes, others (their devices) stay: take the port
    out of the group, unless that is theirs, too."""
    group = _device_group(so)
    if group and not set((group / 'devices').links().values()) & others:
        move(so, target, DEFAULT)


def _remove(device_group):
    """One without target groups."""
    devices = device_group / 'devices'
    for name in devices.links():
        devices.unlink(name)
    device_group.rmdir()


def forget(so):
    """Take the device out of its device group, and remove that if it is
    empty then."""
    group = _device_group(so)
    if not group:
        return
    devices = group / 'devices'
    for name, node in devices.links().items():
        if node == so.node:
            devices.unlink(name)
    if devices.links():
        return
    for tpg in (group / 'target_groups').children():
        targets = tpg / 'targets'
        for name in targets.links():
            targets.unlink(name)
        for port in targets.children():
            port.rmdir()
        tpg.rmdir()
    group.rmdir()


def restore(so, saved, failed):
    """The groups that a storage object had; failed(text)."""
    for values in saved:
        name = values.get('name', DEFAULT)
        try:
            if name == DEFAULT:
                if values.get('alua_access_state', 0) != 0:
                    raise RTSLibError(
                        'ports that are in no group are active with SCST: '
                        'make a group for this state.')
                continue
            group = ALUATargetPortGroup(so, name, values.get('tg_pt_gp_id'))
        except RTSLibError as error:
            failed('ALUA group %s: %s' % (name, error))
            continue
        # What it can support before what it is in
        for table in (SUPPORTED, VALUES):
            TABLE.restore(group, {key: values[key] for key in table
                                  if key in values}, failed)
