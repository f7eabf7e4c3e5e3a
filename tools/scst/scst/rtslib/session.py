# SPDX-License-Identifier: GPL-2.0
"""Sessions of iSCSI initiators, as `targetcli sessions` lists them."""
import glob
import os
import re

SESSIONS = '/sys/class/scst_session'
STATES = {'login': 'IN_LOGIN', 'full feature': 'LOGGED_IN',
          'logout': 'IN_LOGOUT', 'closed': 'CLEANUP_WAIT'}


def _read(*path):
    """An attribute; empty if the session has just ended."""
    try:
        with open(os.path.join(*path), encoding='utf-8',
                  errors='backslashreplace') as file:
            return file.read().removesuffix('\n')
    except OSError:
        return ''


def _name(session):
    """The initiator's, which may say it is whatever it likes, fit for a
    terminal. NAME#ADDRESS with per_portal_acl."""
    name = _read(session, 'initiator_name').split('#')[0]
    return re.sub('[^ -~]', lambda found: ascii(found[0])[1:-1], name)


class Guest:
    """In place of an ACL, of an initiator that is let in without one."""

    def __init__(self, parent_tpg, node_wwn):
        self.parent_tpg = parent_tpg
        self.node_wwn = node_wwn

    @property
    def authenticate_target(self):
        return self.parent_tpg.authenticate_target

    mapped_luns = ()


def _connections(session):
    for path in sorted(glob.glob(os.path.join(session, '*:*'))):
        yield {'address': _read(path, 'ip'),
               'transport': _read(path, 'transport') or 'TCP',
               'cid': int(_read(path, 'cid') or 0),
               'cstate': STATES.get(_read(path, 'state'), 'FREE')}


def sessions_of(tpg):
    """Those of a target's; of loopback there are none, as in LIO."""
    if not tpg.has_feature('acls'):
        return
    target = 'iscsi/' + tpg.parent_target.wwn
    acls = {acl.node_wwn: acl for acl in tpg.node_acls}
    for path in sorted(glob.glob(SESSIONS + '/session*')):
        if _read(path, 'target') != target:
            continue
        name = _name(path)
        connections = list(_connections(path))
        yield {'id': int(_read(path, 'sid') or 0), 'alias': name,
               'parent_nodeacl': acls.get(name) or Guest(tpg, name),
               'type': 'Normal', 'connections': connections,
               'state': connections[0]['cstate'] if connections else 'FREE'}
