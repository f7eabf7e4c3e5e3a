# SPDX-License-Identifier: GPL-2.0
"""iSCSI targets of LIO as those of SCST.

A node ACL becomes a group of one initiator. Without generate_node_acls there
are no default LUNs: who is in no group sees no target.
"""
from scst import lioconf_names as names

_DRIVER = 'iscsi'
_ANY = ('0.0.0.0', '[::]')
_SECRET_MIN = 12
# An account without a password lets nobody in.
_NOBODY = {'nobody': {}}


def _address(portal):
    """(address in brackets if it has colons, port)"""
    address = portal['ip_address'].strip('[]')
    if ':' in address:
        address = '[%s]' % ('::' if address in ('::', '::0') else address)
    return address, portal.get('port', 3260)


def _driver(converter):
    return converter.tree['targets'].setdefault(
        _DRIVER, {'enabled': '1', 'portals': {}})


def discovery(converter, module):
    """Accounts of the discovery sessions."""
    if not module.get('discovery_enable_auth'):
        return
    auth = _accounts(converter, 'discovery', module, 'discovery_')
    if not auth.get('incoming'):
        auth['incoming'] = _NOBODY
        converter.remark('Discovery wants authentication, but there is no '
                         'account for it: nobody can discover targets until '
                         'you make one.')
    _driver(converter)['auth'] = auth


def _accounts(converter, what, entry, prefix='chap_'):
    """Those of a portal group, an ACL, or discovery."""
    made = {}
    for direction, kind in (('incoming', ''), ('outgoing', 'mutual_')):
        user = entry.get(prefix + kind + 'userid')
        secret = entry.get(prefix + kind + 'password')
        if not user or not secret:
            continue
        if len(secret.encode()) < _SECRET_MIN:
            converter.remark('The password of %s (%s) has fewer than 12 bytes, '
                             'which is refused here: give it another one.',
                             user, what)
        made[direction] = {user: {'password': secret}}
    return made


def _authenticate(converter, target, name, tpg):
    """An ACL's account is for its initiator only, the portal group's for those
    without an ACL only."""
    if not int(tpg['attributes'].get('authentication', 0)):
        if any(entry.get('chap_userid') for entry in [tpg] + tpg['node_acls']):
            converter.remark('The accounts of %s are not mapped: its '
                             'authentication is 0.', name)
        return
    auth = target['auth'] = _accounts(converter, name, tpg)
    for acl in tpg['node_acls']:
        initiator = acl['node_wwn']
        made = _accounts(converter, '%s for %s' % (name, initiator), acl)
        target['ini_groups'][initiator]['auth'] = {'incoming': _NOBODY} | made
    auth.setdefault('incoming', _NOBODY)
    owners = (target, *target.get('ini_groups', {}).values())
    if all(owner['auth']['incoming'] == _NOBODY for owner in owners):
        target['enabled'] = '0'
        converter.remark('%s wants authentication, but there is no account: '
                         'it stays disabled.', name)


def _portals(converter, target, name, tpg):
    portals = _driver(converter)['portals']
    addresses = []
    for portal in tpg['portals']:
        address, port = _address(portal)
        addresses.append(address)
        portals['%s:%s' % (address, port)] = {}
        if address == '[::]':       # LIO's takes IPv4, too
            portals['0.0.0.0:%s' % port] = {}
        if portal.get('iser') or portal.get('offload'):
            converter.remark('The portal %s:%s of %s is one for TCP: iSER and '
                             'offload are not mapped.', address, port, name)
    if not set(addresses) & set(_ANY):
        target['allowed_portals'] = {address.strip('[]'): {}
                                     for address in addresses}


def _alias(target, parameters):
    alias = parameters.get('TargetAlias')
    if alias and alias != 'LIO Target':
        target['alias'] = alias


def _settings(converter, target, name, tpg):
    parameters = tpg.get('parameters', {})
    found = converter.attributes(tpg['attributes'], names.TPG, names.TPG_REST,
                                 name)
    found |= converter.attributes(parameters, names.PARAMETERS,
                                  names.PARAMETERS_REST, name)
    target['params'] = {key.removeprefix('params/'): value
                        for key, value in found.items()}
    _alias(target, parameters)


def _access(converter, target, name, tpg):
    luns = converter.luns(tpg)
    attributes = tpg['attributes']
    if int(attributes.get('generate_node_acls', 0)):
        read_only = int(attributes.get('demo_mode_write_protect', 1))
        target['luns'] = {str(index): converter.show(store, read_only)
                          for index, store in sorted(luns.items())}
    protect = int(attributes.get('prod_mode_write_protect', 0))
    for acl in tpg['node_acls']:
        initiator = acl['node_wwn']
        converter.attributes(acl.get('attributes', {}), {}, names.ACL_REST,
                             '%s for %s' % (name, initiator))
        shown = {str(lun['index']): converter.show(
                    luns[lun['tpg_lun']], protect or lun.get('write_protect'))
                 for lun in acl.get('mapped_luns', [])
                 if lun['tpg_lun'] in luns}
        target.setdefault('ini_groups', {})[initiator] = {
            'luns': shown, 'initiators': {initiator: {}}}


def make_iscsi(converter, entry):
    name = entry['wwn'].lower()
    made = _driver(converter)
    for tpg in entry['tpgs']:
        if name in made:
            converter.remark('The portal group %s of %s is not mapped: a '
                             'target has one.', tpg['tag'], name)
            continue
        target = made[name] = {'enabled': '1' if tpg.get('enable') else '0'}
        tpg = {'attributes': {}, 'node_acls': [], 'portals': []} | tpg
        _settings(converter, target, name, tpg)
        _portals(converter, target, name, tpg)
        _access(converter, target, name, tpg)
        _authenticate(converter, target, name, tpg)
        converter.note_ports(tpg, 'targets/%s/%s' % (_DRIVER, name))
