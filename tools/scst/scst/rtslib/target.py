# SPDX-License-Identifier: GPL-2.0
"""Targets, and the one portal group that each of them has."""
from scst.rtslib import (acl, alua, attributes, auth, lun, notes, portal,
                         session)
from scst.rtslib.attributes import Computed, File, Fixed, ReadOnly
from scst.rtslib.fabric import FabricModule
from scst.rtslib.node import CFSNode
from scst.rtslib.utils import RTSLibError, RTSLibNotInCFS, generate_wwn

TAG = 1


class Target(CFSNode):
    """A target of a driver."""
    # CPUs are chosen by SCST's cpus.
    parameter_table = attributes.Table({}, ('cmd_completion_affinity',))

    def __init__(self, fabric_module, wwn=None, mode='any'):
        self.fabric_module = fabric_module
        if wwn is None:
            wwn = generate_wwn(fabric_module.wwn_types[0])
        # What is there may have any name.
        self.wwn = (wwn if mode == 'lookup' else
                    fabric_module.to_normalized_wwn(wwn)[0])
        if '/' in self.wwn:
            raise RTSLibNotInCFS('There is no target %s.' % self.wwn)
        super().__init__(fabric_module.node / self.wwn)
        if self.exists and mode == 'create':
            raise RTSLibError('Target %s exists.' % self.wwn)
        if not self.exists and mode == 'lookup':
            raise RTSLibNotInCFS('There is no target %s.' % self.wwn)
        if not self.exists:
            self._make()

    def _make(self):
        self.fabric_module.load()
        self.node.mkdir()
        try:
            if self.has_feature('tpgts'):
                # Until the TPG says something else, nobody can get in.
                portal.close(self.node)
                acl.close(self.node, True)
                notes.put(self.node, no_tpg=True)
            else:
                self.node.set('enabled', 1)
                (self.node / 'sessions' / generate_wwn('naa')).mkdir()
        except RTSLibError:
            self.delete()
            raise

    @property
    def exists(self):
        # Drivers have other directories beside those of targets.
        return (self.node / 'luns').exists()

    def has_feature(self, feature):
        return self.fabric_module.has_feature(feature)

    @property
    def tpgs(self):
        if not notes.get(self.node, 'no_tpg'):
            yield TPG(self, TAG, mode='lookup')

    def delete(self):
        # The disks of a loopback go with its host.
        self._empty('sessions')
        TPG(self, TAG).delete()
        for group in (self.node / 'ini_groups').children():
            acl.remove_group(group)
        self._empty('allowed_portals')
        alua.leave(self.node)
        self.node.rmdir()

    def _empty(self, kind):
        directory = self.node / kind
        if directory.exists():
            for node in directory.children():
                node.rmdir()

    def dump(self):
        saved = super().dump()
        saved.update(fabric=self.fabric_module.name, wwn=self.wwn,
                     tpgs=[tpg.dump() for tpg in self.tpgs])
        return saved


def _set_generate_node_acls(tpg, value):
    closed = {'0': True, '1': False}.get(value)
    if closed is None:
        raise RTSLibError('generate_node_acls is 0 or 1.')
    acl.close(tpg.node, closed)


def _set_authentication(tpg, value):
    if value not in ('0', '1'):
        raise RTSLibError('authentication is 0 or 1.')
    tpg.authenticate(value == '1')


def _set_write_protect(tpg, value):
    if value not in ('0', '1'):
        raise RTSLibError('demo_mode_write_protect is 0 or 1.')
    for there in tpg.luns:
        there.node.set('read_only', value)
    notes.put(tpg.node, write_protect=value)


def _get_write_protect(tpg):
    """LIO has 1 at first."""
    noted = notes.get(tpg.node, 'write_protect')
    if noted is None:
        first = next(tpg.luns, None)
        noted = first.node.get('read_only') if first else '1'
    return noted


def _set_cache(tpg, value):
    """There are no generated ACLs that could be kept or not: each is right."""
    if value not in ('0', '1'):
        raise RTSLibError('cache_dynamic_acls is 0 or 1.')
    notes.put(tpg.node, cache_dynamic_acls=value)


ISCSI_ATTRIBUTES = attributes.Table({
    'authentication': Computed(lambda tpg: str(int(auth.is_on(tpg.node))),
                               _set_authentication),
    'cache_dynamic_acls': Computed(
        lambda tpg: notes.get(tpg.node, 'cache_dynamic_acls', '0'), _set_cache),
    'default_cmdsn_depth': File('params/QueuedCommands'),
    'default_erl': Fixed('0'),
    'demo_mode_discovery': Fixed('1'),
    'demo_mode_write_protect': Computed(_get_write_protect,
                                        _set_write_protect),
    'fabric_prot_type': Fixed('0'),
    'generate_node_acls': Computed(
        lambda tpg: str(int(not acl.is_closed(tpg.node))),
        _set_generate_node_acls),
    'prod_mode_write_protect': Fixed('0'),
    't10_pi': Fixed('0'),
    'tpg_enabled_sendtargets': Fixed('1'),
}, ('login_keys_workaround', 'login_timeout', 'netif_timeout'))

ISCSI_PARAMETERS = attributes.Table({
    'AuthMethod': ReadOnly(lambda tpg: 'CHAP' if auth.is_on(tpg.node)
                           else 'CHAP,None'),
    'TargetAlias': File('alias'),
    **{name: File('params/' + name) for name in (
        'DataDigest', 'FirstBurstLength', 'HeaderDigest', 'ImmediateData',
        'InitialR2T', 'MaxBurstLength', 'MaxOutstandingR2T',
        'MaxRecvDataSegmentLength', 'MaxXmitDataSegmentLength')},
    **{name: Fixed(value) for name, value in (
        ('DataPDUInOrder', 'Yes'), ('DataSequenceInOrder', 'Yes'),
        ('DefaultTime2Retain', '20'), ('DefaultTime2Wait', '2'),
        ('ErrorRecoveryLevel', '0'), ('IFMarkInt', 'Reject'),
        ('IFMarker', 'No'), ('MaxConnections', '1'), ('OFMarkInt', 'Reject'),
        ('OFMarker', 'No'))},
})

OTHER_ATTRIBUTES = attributes.Table({'fabric_prot_type': Fixed('0')})

class TPG(auth.Account, CFSNode):
    """The portal group of a target, with tag 1; SCST has but one."""

    def __init__(self, parent_target, tag=None, mode='any'):
        self.parent_target = parent_target
        self.tag = TAG if tag is None else int(tag)
        super().__init__(parent_target.node)
        if self.tag != TAG or tag is None and not self._is_missing():
            raise RTSLibError(
                'SCST has one portal group a target, tpg1: there can be no '
                'other one in %s. Make another target.' % parent_target.wwn)
        if mode == 'create' and not self._is_missing():
            raise RTSLibError('tpg1 of %s exists.' % parent_target.wwn)
        if self._is_missing():
            if mode == 'lookup':
                raise RTSLibNotInCFS('%s has no tpg1.' % parent_target.wwn)
            notes.put(self.node, no_tpg=None)

    def _is_missing(self):
        return notes.get(self.node, 'no_tpg', False)

    def has_feature(self, feature):
        return self.parent_target.has_feature(feature)

    @property
    def attribute_table(self):
        return (ISCSI_ATTRIBUTES if self.has_feature('nps')
                else OTHER_ATTRIBUTES)

    @property
    def parameter_table(self):
        return ISCSI_PARAMETERS if self.has_feature('nps') else attributes.NONE

    def authenticate(self, on):
        """Whether initiators must prove who they are"""
        was_on = auth.is_on(self.node)
        if not on:
            self._let_in()
            return
        try:
            auth.apply(self.node, self, auth.NOBODY)
            for node_acl in self.node_acls:
                node_acl.apply_accounts()
        except RTSLibError:
            if not was_on:
                self._let_in()
            raise

    def _let_in(self):
        """Whoever they say they are"""
        auth.clear(self.node)
        for node_acl in self.node_acls:
            auth.clear(node_acl.node)

    def apply_accounts(self):
        if auth.is_on(self.node):
            auth.apply(self.node, self, auth.NOBODY)

    @property
    def enable(self):
        return self.node.get('enabled') == '1'

    @enable.setter
    def enable(self, boolean):
        if boolean and self.has_feature('nps'):
            self.parent_target.fabric_module.node.set('enabled', 1)
        if bool(boolean) != self.enable:
            self.node.set('enabled', int(bool(boolean)))

    @property
    def nexus(self):
        sessions = (self.node / 'sessions').children()
        return sessions[0].name if sessions else None

    @property
    def new_luns_read_only(self):
        """LUNs of the target itself are for initiators without an ACL."""
        return self.has_feature('acls') and _get_write_protect(self) == '1'

    @property
    def luns(self):
        for node in (self.node / 'luns').children():
            if lun.device_of(node):
                yield lun.LUN(self, node.name)

    @property
    def node_acls(self):
        if self.has_feature('acls'):
            for group in acl.groups(self.node)[0]:
                yield acl.NodeACL(self, group.name, mode='lookup')

    @property
    def node_acl_groups(self):
        for tag in sorted({a.tag for a in self.node_acls if a.tag}):
            yield acl.NodeACLGroup(self, tag)

    @property
    def network_portals(self):
        if self.has_feature('nps'):
            for ip, port in portal.portals_of(self.node):
                yield portal.NetworkPortal(self, ip, port, mode='lookup')

    def sessions(self):
        return session.sessions_of(self)

    def node_acl(self, node_wwn, mode='any'):
        return acl.NodeACL(self, node_wwn, mode)

    def network_portal(self, ip_address, port, mode='any'):
        return portal.NetworkPortal(self, ip_address, port, mode)

    def lun(self, lun_, storage_object=None, alias=None):
        return lun.LUN(self, lun_, storage_object)

    def delete(self):
        """All that it has; the target stays, and can't be reached."""
        if self.has_feature('tpgts'):
            self.enable = False
        # Guests are sent away before those who have an ACL become guests.
        for node in (self.node / 'luns').children():
            lun.remove(node)
        for node_acl in list(self.node_acls):
            acl.remove_group(node_acl.node)
        if self.has_feature('auth'):
            auth.clear(self.node)
        for network_portal in list(self.network_portals):
            network_portal.delete()
        if self.has_feature('tpgts'):
            acl.close(self.node, True)
            notes.put(self.node, no_tpg=True, write_protect=None,
                      cache_dynamic_acls=None,
                      **{name: None for name in auth.INCOMING + auth.OUTGOING})

    def check_complete(self):
        """Everything there is can be saved in LIO's words."""
        others = acl.groups(self.node)[1]
        if others:
            raise RTSLibError(
                'Group %s of %s is no ACL of targetcli\'s: it would be lost. '
                'Save with scstcli.' % (others[0].name, self.parent_target.wwn))
        if self.has_feature('auth'):
            self._check_authentication()
            for owner in (self, *self.node_acls):
                auth.check_known(owner.node, owner)

    def _check_authentication(self):
        """All must prove who they are, or nobody: authentication is the
        TPG's."""
        on = auth.is_on(self.node)
        for node_acl in self.node_acls:
            if auth.is_on(node_acl.node) != on:
                raise RTSLibError(
                    '%s of %s has accounts of initiators, %s has none: that '
                    'would be lost. Set authentication of its TPG (and then '
                    'accounts), or save with scstcli.' % (
                        ('The target', self.parent_target.wwn,
                         'its ACL ' + node_acl.node_wwn) if on else
                        ('ACL ' + node_acl.node_wwn, self.parent_target.wwn,
                         'the target')))

    def dump(self):
        self.check_complete()
        saved = super().dump()
        saved.update(self.dump_account(), tag=self.tag, enable=self.enable,
                     luns=[there.dump() for there in self.luns],
                     node_acls=[node_acl.dump() for node_acl in self.node_acls],
                     portals=[p.dump() for p in self.network_portals])
        return saved


def tpgs():
    """Those of all targets."""
    for fabric_module in FabricModule.all():
        for target in fabric_module.targets:
            yield from target.tpgs
