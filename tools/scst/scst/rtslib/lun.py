# SPDX-License-Identifier: GPL-2.0
"""LUNs of a target, and those of its access groups (mapped LUNs)."""
import os

from scst.rtslib import alua
from scst.rtslib.backstore import storage_object_of
from scst.rtslib.node import CFSNode
from scst.rtslib.utils import (RTSLibBrokenLink, RTSLibError, RTSLibNotInCFS)

MAX_LUN = 16384


def _number(lun, what):
    try:
        number = int(lun)
    except ValueError:
        number = -1
    if not 0 <= number < MAX_LUN:
        raise RTSLibError("'%s' is no %s: 0 to %d." % (lun, what, MAX_LUN - 1))
    return number


def device_of(node):
    """The device that a LUN's directory shows; None as long as it is being
    made."""
    return next(iter(node.links().values()), None)


def make(node, device, read_only):
    """All or nothing."""
    node.mkdir()
    try:
        node.set('read_only', int(read_only))
        node.link(device)
    except RTSLibError:
        node.rmdir()
        raise


def remove(node):
    for name in node.links():
        node.unlink(name)
    node.rmdir()


def _disk_of(host, lun):
    """Where sysfs has the disk of a LUN of scst_local's."""
    # Linux counts the bits of the flat space address method in.
    number = lun if lun < 256 else 0x4000 + lun
    return '/sys/bus/scsi/devices/%s:0:0:%d' % (host.removeprefix('host'),
                                               number)


def _tell(path, text):
    """A disk that goes by itself, or a host that does, need not be told."""
    try:
        with open(path, 'w', encoding='ascii') as file:
            file.write(text)
    except OSError:
        pass


class LUN(CFSNode):
    """A LUN of a TPG: made if it gets a storage object, else looked up."""
    MAX_LUN = MAX_LUN

    def __init__(self, parent_tpg, lun=None, storage_object=None, alias=None):
        self.parent_tpg = parent_tpg
        if lun is None:
            used = {there.lun for there in parent_tpg.luns}
            lun = next(i for i in range(MAX_LUN) if i not in used)
        self.lun = _number(lun, 'LUN')
        super().__init__(parent_tpg.node / 'luns' / str(self.lun))
        if storage_object is not None:
            self._make(storage_object)
        elif not self.exists:
            raise RTSLibNotInCFS('There is no LUN %d.' % self.lun)

    def _make(self, storage_object):
        if self.exists:
            raise RTSLibError('LUN %d exists.' % self.lun)
        make(self.node, storage_object.node, self.parent_tpg.new_luns_read_only)
        for host in self._hosts():
            _tell('/sys/class/scsi_host/%s/scan' % host,
                  '0 0 %d' % int(os.path.basename(_disk_of(host, self.lun))
                                 .split(':')[3]))

    def _hosts(self):
        """Of loopback: where the disk comes and goes."""
        sessions = self.parent_tpg.node / 'sessions'
        if sessions.exists():
            for session in sessions.children():
                yield session.get('host')

    @property
    def storage_object(self):
        device = device_of(self.node)
        so = device and storage_object_of(device)
        if not so:
            raise RTSLibBrokenLink('LUN %d shows no storage object.' % self.lun)
        return so

    @property
    def mapped_luns(self):
        for acl in self.parent_tpg.node_acls:
            for mapped in acl.mapped_luns:
                if device_of(mapped.node) == device_of(self.node):
                    yield mapped

    @property
    def alua_tg_pt_gp_name(self):
        return alua.group_of(self.storage_object, self.parent_tpg.node)

    @alua_tg_pt_gp_name.setter
    def alua_tg_pt_gp_name(self, name):
        alua.move(self.storage_object, self.parent_tpg.node, name)

    def delete(self):
        """With the mapped LUNs of all ACLs that show it."""
        for mapped in list(self.mapped_luns):
            mapped.delete()
        for host in self._hosts():
            _tell(_disk_of(host, self.lun) + '/delete', '1')
        device = device_of(self.node)
        so = device and storage_object_of(device)
        if so:
            alua.let_go(so, self.parent_tpg.node, {
                device_of(lun.node) for lun in self.parent_tpg.luns
                if lun.lun != self.lun})
        remove(self.node)

    def dump(self):
        so = self.storage_object
        return {'index': self.lun,
                'alua_tg_pt_gp_name': self.alua_tg_pt_gp_name,
                'storage_object': '/backstores/%s/%s' % (so.plugin, so.name)}


def _true(value):
    return str(value).lower() in ('1', 'true', 'yes')


class MappedLUN(CFSNode):
    """A LUN of an ACL: made if it gets a LUN of the TPG, else looked up."""
    MAX_LUN = MAX_LUN

    def __init__(self, parent_nodeacl, mapped_lun, tpg_lun=None,
                 write_protect=None, alias=None):
        self.parent_nodeacl = parent_nodeacl
        self.mapped_lun = _number(mapped_lun, 'mapped LUN')
        super().__init__(parent_nodeacl.node / 'luns' / str(self.mapped_lun))
        if tpg_lun is not None:
            self._make(tpg_lun, _true(write_protect))
        elif not self.exists:
            raise RTSLibNotInCFS('There is no mapped LUN %d.' %
                                 self.mapped_lun)

    def _make(self, tpg_lun, write_protect):
        if not isinstance(tpg_lun, LUN):
            tpg_lun = LUN(self.parent_nodeacl.parent_tpg, tpg_lun)
        if self.exists:
            raise RTSLibError('Mapped LUN %d exists.' % self.mapped_lun)
        make(self.node, tpg_lun.storage_object.node, write_protect)

    @property
    def tpg_lun(self):
        device = device_of(self.node)
        for lun in self.parent_nodeacl.parent_tpg.luns:
            if device and device_of(lun.node) == device:
                return lun
        raise RTSLibBrokenLink('Mapped LUN %d shows no LUN of the TPG.' %
                               self.mapped_lun)

    @property
    def node_wwn(self):
        return self.parent_nodeacl.node_wwn

    @property
    def write_protect(self):
        return self.node.get('read_only') == '1'

    @write_protect.setter
    def write_protect(self, value):
        self.node.set('read_only', int(_true(value)))

    def delete(self):
        remove(self.node)

    def dump(self):
        return {'index': self.mapped_lun, 'tpg_lun': self.tpg_lun.lun,
                'write_protect': self.write_protect}
