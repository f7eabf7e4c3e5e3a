# SPDX-License-Identifier: GPL-2.0
"""Portals: LIO's belong to a TPG, SCST's to the driver, and a target can say
by which addresses it may be seen (allowed_portals/)."""
import ipaddress
import re
from fnmatch import fnmatchcase

from scst.rtslib import notes
from scst.rtslib.node import CFSNode
from scst.rtslib.utils import RTSLibError, RTSLibNotInCFS

# No connection has this address of ours: a target with this pattern alone can
# not be reached, whereas one without patterns is reached by all portals.
CLOSED = '0.0.0.0'
ANY = {4: '*.*.*.*', 6: '*:*'}
PORT = 3260


def _address(ip):
    """Of text as targetcli gives it: 10.0.0.1 or [::1]."""
    try:
        return ipaddress.ip_address(ip.strip('[]').split('%')[0])
    except ValueError:
        raise RTSLibError("'%s' is no IP address." % ip) from None


def _pattern(ip):
    address = _address(ip)
    return ANY[address.version] if address.is_unspecified else str(address)


def _split(name):
    """(address, port) of a portal's directory."""
    ip, port = re.fullmatch(r'(\[.*\]|[^\[:]*)(?::(\d+))?', name).groups()
    return ip, int(port or PORT)


def _driver_portals(target):
    return target.parent / 'portals'


def _matches(patterns, ip):
    for pattern in patterns:
        inverted = pattern.startswith('!')
        if fnmatchcase(ip, pattern[inverted:]) != inverted:
            return True
    return not patterns


def portals_of(target):
    """(address, port) of all that a target can be reached by."""
    there = [_split(node.name) for node in _driver_portals(target).children()]
    noted = notes.get(target, 'portals')
    if noted is not None:
        return [portal for portal in there if list(portal) in noted]
    # Made by others: what its patterns say
    patterns = [node.name for node in
                (target / 'allowed_portals').children()]
    return [portal for portal in there
            if _pattern(portal[0]) in patterns or
            _matches(patterns, str(_address(portal[0])))]


def _allow(target, portals):
    """Exactly these, and never all for a moment."""
    allowed = target / 'allowed_portals'
    wanted = {_pattern(ip) for ip, _ in portals} or {CLOSED}
    there = {node.name for node in allowed.children()}
    for name in wanted - there:
        (allowed / name).mkdir()
    for name in there - wanted:
        (allowed / name).rmdir()
    notes.put(target, portals=[list(portal) for portal in portals])


def close(target):
    """A new target cannot be reached by any portal."""
    _allow(target, [])


def _used_by_another(fabric_module, target, portal):
    return any(portal in portals_of(node)
               for node in fabric_module.target_nodes() if node != target)


class NetworkPortal(CFSNode):
    """A portal of a TPG."""
    offload = False

    def __init__(self, parent_tpg, ip_address, port=PORT, mode='any'):
        self.parent_tpg = parent_tpg
        self.ip_address = ip_address
        self.port = int(port)
        self._target = parent_tpg.node
        _address(ip_address)
        super().__init__(_driver_portals(self._target) /
                         ('%s:%d' % (ip_address, self.port)))
        there = portals_of(self._target)
        self._me = next((portal for portal in there if
                         (_pattern(portal[0]), portal[1]) ==
                         (_pattern(ip_address), self.port)), None)
        if self._me:
            self.node = self._directory(self._me)
            if mode == 'create':
                raise RTSLibError('Portal %s:%d exists.' %
                                  (ip_address, self.port))
        elif mode == 'lookup':
            raise RTSLibNotInCFS('There is no portal %s:%d.' %
                                 (ip_address, self.port))
        else:
            self._make(there)

    def _directory(self, portal):
        """The driver's, which may be without a port."""
        for node in _driver_portals(self._target).children():
            if _split(node.name) == portal:
                return node
        return self.node

    def _make(self, there):
        self._me = (self.ip_address, self.port)
        self.node = self._directory(self._me)
        new = not self.exists
        if new:
            self.node.mkdir()
        try:
            _allow(self._target, there + [self._me])
        except RTSLibError:
            if new:
                self.node.rmdir()
            raise

    @property
    def iser(self):
        return False

    @iser.setter
    def iser(self, enable):
        if enable:
            raise RTSLibError('SCST has no iSER: use SRP (scst_srpt) for RDMA.')

    def delete(self):
        there = portals_of(self._target)
        fabric_module = self.parent_tpg.parent_target.fabric_module
        _allow(self._target, [p for p in there if p != self._me])
        if not _used_by_another(fabric_module, self._target, self._me):
            self.node.rmdir()

    def dump(self):
        return {'ip_address': self.ip_address, 'port': self.port,
                'iser': False, 'offload': False}
