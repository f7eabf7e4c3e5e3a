# SPDX-License-Identifier: GPL-2.0
"""Node ACLs: an access group for each initiator, of its name. Tags are notes,
and ACLs with the same tag a group for targetcli."""
from scst.rtslib import attributes, auth, lun, notes
from scst.rtslib.attributes import Fixed
from scst.rtslib.node import CFSNode
from scst.rtslib.utils import RTSLibError, RTSLibNotInCFS, is_wwn

# The access group of a target that lets nobody in without an ACL: it has all
# other initiators, and no LUNs.
CLOSED, EVERYBODY = 'no-acl', '*'


def is_closed(target):
    return (target / 'ini_groups' / CLOSED / 'initiators' / EVERYBODY).exists()


def close(target, closed):
    """Turn initiators without an ACL away, or let them in."""
    group = target / 'ini_groups' / CLOSED
    everybody = group / 'initiators' / EVERYBODY
    if closed and not is_closed(target):
        if not group.exists():
            group.mkdir()
        everybody.mkdir()
    elif not closed and is_closed(target):
        everybody.rmdir()
        group.rmdir()


def groups(target):
    """The access groups that are ACLs, and the others."""
    acls, others = [], []
    for group in (target / 'ini_groups').children():
        names = [node.name for node in (group / 'initiators').children()]
        if names == [group.name] and is_wwn(group.name):
            acls.append(group)
        elif (group.name, names) != (CLOSED, [EVERYBODY]):
            others.append(group)
    return acls, others


def remove_group(group):
    """Its initiators see nothing before they belong to another group."""
    for node in (group / 'luns').children():
        lun.remove(node)
    for node in (group / 'initiators').children():
        node.rmdir()
    auth.clear(group)
    group.rmdir()


class NodeACL(auth.Account, CFSNode):
    """What an initiator sees."""
    # SCST's parameters and timeouts belong to the target.
    attribute_table = attributes.Table({'authentication': Fixed('-1')}, (
        'dataout_timeout', 'dataout_timeout_retries', 'default_erl',
        'nopin_response_timeout', 'nopin_timeout', 'random_datain_pdu_offsets',
        'random_datain_seq_offsets', 'random_r2t_offsets'))

    def __init__(self, parent_tpg, node_wwn, mode='any'):
        self.parent_tpg = parent_tpg
        fabric_module = parent_tpg.parent_target.fabric_module
        self.node_wwn, _ = fabric_module.to_normalized_wwn(node_wwn)
        super().__init__(parent_tpg.node / 'ini_groups' / self.node_wwn)
        there = (self.node / 'initiators' / self.node_wwn).exists()
        if there and mode == 'create':
            raise RTSLibError('There is an ACL for %s.' % self.node_wwn)
        if not there and mode == 'lookup':
            raise RTSLibNotInCFS('There is no ACL for %s.' % self.node_wwn)
        if not there:
            self._make()

    def _make(self):
        self.node.mkdir()
        try:
            # Before somebody can come in with the TPG's
            self.apply_accounts()
            (self.node / 'initiators' / self.node_wwn).mkdir()
        except RTSLibError:
            auth.clear(self.node)
            self.node.rmdir()
            raise

    def has_feature(self, feature):
        return self.parent_tpg.has_feature(feature)

    def apply_accounts(self):
        if self.has_feature('auth') and auth.is_on(self.parent_tpg.node):
            auth.apply(self.node, self, auth.NOBODY)

    @property
    def tcq_depth(self):
        return int(self.parent_tpg.get_attribute('default_cmdsn_depth'))

    @tcq_depth.setter
    def tcq_depth(self, depth):
        if int(depth) != self.tcq_depth:
            raise RTSLibError('The depth belongs to the target with SCST: set '
                              'default_cmdsn_depth of its TPG.')

    @property
    def tag(self):
        return notes.get(self.node, 'tag')

    @tag.setter
    def tag(self, tag):
        notes.put(self.node, tag=tag or None)

    @property
    def mapped_luns(self):
        for node in (self.node / 'luns').children():
            if lun.device_of(node):
                yield lun.MappedLUN(self, node.name)

    @property
    def session(self):
        return next((session for session in self.parent_tpg.sessions()
                     if session['parent_nodeacl'] == self), None)

    def mapped_lun(self, mapped_lun, tpg_lun=None, write_protect=None):
        return lun.MappedLUN(self, mapped_lun, tpg_lun, write_protect)

    def delete(self):
        remove_group(self.node)

    def dump(self):
        saved = super().dump()
        saved.update(self.dump_account(), node_wwn=self.node_wwn,
                     mapped_luns=[mapped.dump()
                                  for mapped in self.mapped_luns])
        if self.tag:
            saved['tag'] = self.tag
        return saved

    def restore(self, saved, failed):
        super().restore(saved, failed)
        self.tag = saved.get('tag')
        self.restore_account(saved, failed)
        for mapped in saved.get('mapped_luns', ()):
            try:
                lun.MappedLUN(self, mapped['index'], mapped['tpg_lun'],
                              mapped.get('write_protect'))
            except RTSLibError as error:
                failed('mapped LUN %s: %s' % (mapped['index'], error))


class Group:
    """Objects that are shown as one: what the first one has, all have."""

    def _members(self):
        raise NotImplementedError

    def _first(self):
        members = list(self._members())
        if not members:
            raise RTSLibNotInCFS('The group is empty.')
        return members[0]

    @property
    def exists(self):
        return any(True for _ in self._members())

    def list_attributes(self, writable=None):
        return self._first().list_attributes(writable)

    def list_parameters(self, writable=None):
        return self._first().list_parameters(writable)

    def get_attribute(self, attribute):
        return self._first().get_attribute(attribute)

    def set_attribute(self, attribute, value):
        for member in self._members():
            member.set_attribute(attribute, value)

    def get_parameter(self, parameter):
        return self._first().get_parameter(parameter)

    def set_parameter(self, parameter, value):
        for member in self._members():
            member.set_parameter(parameter, value)

    def delete(self):
        for member in list(self._members()):
            member.delete()


class NodeACLGroup(Group):
    """The ACLs of a TPG that have the same tag."""

    def __init__(self, parent_tpg, name):
        self.parent_tpg = parent_tpg
        self._name = name

    def _members(self):
        return (acl for acl in self.parent_tpg.node_acls
                if acl.tag == self._name)

    @property
    def name(self):
        return self._name

    @name.setter
    def name(self, name):
        for acl in list(self._members()):
            acl.tag = name
        self._name = name

    @property
    def wwns(self):
        return (acl.node_wwn for acl in self._members())

    def add_acl(self, node_wwn):
        NodeACL(self.parent_tpg, node_wwn).tag = self._name

    def remove_acl(self, node_wwn):
        NodeACL(self.parent_tpg, node_wwn, mode='lookup').delete()

    def has_feature(self, feature):
        return self.parent_tpg.has_feature(feature)

    def mapped_lun_group(self, mapped_lun, tpg_lun=None, write_protect=None):
        return MappedLUNGroup(self, mapped_lun, tpg_lun, write_protect)

    @property
    def mapped_lun_groups(self):
        for mapped in self._first().mapped_luns:
            yield MappedLUNGroup(self, mapped.mapped_lun)


class MappedLUNGroup(Group):
    """The same mapped LUN of all ACLs of a group."""

    def __init__(self, nodeaclgroup, mapped_lun, tpg_lun=None,
                 write_protect=None):
        self.parent_nodeaclgroup = nodeaclgroup
        self.mapped_lun = mapped_lun
        if tpg_lun is not None:
            for acl in nodeaclgroup._members():
                lun.MappedLUN(acl, mapped_lun, tpg_lun, write_protect)

    def _members(self):
        return (mapped for acl in self.parent_nodeaclgroup._members()
                for mapped in acl.mapped_luns
                if mapped.mapped_lun == self.mapped_lun)

    @property
    def tpg_lun(self):
        return self._first().tpg_lun

    @property
    def write_protect(self):
        return self._first().write_protect

    @write_protect.setter
    def write_protect(self, value):
        for mapped in self._members():
            mapped.write_protect = value
