# SPDX-License-Identifier: GPL-2.0
"""A saved configuration, in the form that rtslib-fb gives it, made true.

What can't be done is said, and the rest is done: failed(text) collects it.
"""
from scst.rtslib import alua, backstore
from scst.rtslib.acl import NodeACL
from scst.rtslib.fabric import FabricModule
from scst.rtslib.lun import LUN
from scst.rtslib.portal import NetworkPortal
from scst.rtslib.target import TPG, Target
from scst.rtslib.utils import RTSLibError

# What a storage object of a plugin is made of
MADE_OF = {
    'fileio': ('dev', 'size', 'wwn', 'write_back', 'aio'),
    'block': ('dev', 'wwn', 'readonly', 'write_back'),
    'ramdisk': ('size', 'wwn', 'nullio'),
    'pscsi': ('dev',),
    'user': ('config', 'size', 'wwn'),
}


def _under(failed, where):
    return lambda text: failed('%s: %s' % (where, text))


def named(saved, storage_object):
    """Is it the one that is asked for, by name or as plugin/name?"""
    return storage_object in (None, saved['name'], '%s/%s' % (
        saved['plugin'], saved['name']))


def _storage_object(saved, failed):
    where = 'storage object %s/%s' % (saved['plugin'], saved['name'])
    failed = _under(failed, where)
    if saved['plugin'] not in MADE_OF:
        failed('SCST has no such backstore.')
        return
    try:
        so = backstore.CLASSES[saved['plugin']](saved['name'], **{
            key: saved[key] for key in MADE_OF[saved['plugin']]
            if key in saved})
    except RTSLibError as error:
        failed(str(error))
        return
    so.restore(saved, failed)
    alua.restore(so, saved.get('alua_tpgs', ()), failed)


def _lun(tpg, saved, failed):
    failed = _under(failed, 'LUN %s' % saved['index'])
    _, _, plugin, name = saved['storage_object'].split('/', 3)
    try:
        lun = LUN(tpg, saved['index'], backstore.look_up(plugin, name))
        group = saved.get('alua_tg_pt_gp_name')
        if group and group != alua.DEFAULT:
            lun.alua_tg_pt_gp_name = group
    except RTSLibError as error:
        failed(str(error))


def _acl(tpg, saved, failed):
    failed = _under(failed, 'ACL %s' % saved['node_wwn'])
    try:
        acl = NodeACL(tpg, saved['node_wwn'])
    except RTSLibError as error:
        failed(str(error))
        return
    acl.restore(saved, failed)


def _portal(tpg, saved, failed):
    failed = _under(failed, 'portal %s:%s' % (saved['ip_address'],
                                              saved['port']))
    try:
        portal = NetworkPortal(tpg, saved['ip_address'], saved['port'])
        portal.iser = saved.get('iser', False)
    except RTSLibError as error:
        failed(str(error))


# After the accounts: whom they let in, and whether they count
LAST = ('generate_node_acls', 'authentication')


def _lost_authentication(saved):
    """ACLs that ask for it where the TPG does not."""
    if str(saved.get('attributes', {}).get('authentication')) == '1':
        return []
    return ['ACL %s has authentication=1, which only a TPG can have.' %
            acl['node_wwn'] for acl in saved.get('node_acls', ())
            if str(acl.get('attributes', {}).get('authentication')) == '1']


def _tpg(target, saved, failed):
    try:
        tpg = TPG(target, saved['tag'])
    except RTSLibError as error:
        failed(str(error))
        return
    values = saved.get('attributes', {})
    first = {k: v for k, v in values.items() if k not in LAST}
    tpg.restore(dict(saved, attributes=first), failed)
    for key, one in (('luns', _lun), ('node_acls', _acl)):
        for entry in saved.get(key, ()):
            one(tpg, entry, failed)
    if tpg.has_feature('auth'):
        tpg.restore_account(saved, failed)
    problems = []
    for name in LAST:
        tpg.restore({'attributes': {k: v for k, v in values.items()
                                    if k == name}}, problems.append)
    problems += _lost_authentication(saved)
    for problem in problems:
        failed(problem)
    for entry in saved.get('portals', ()):
        _portal(tpg, entry, failed)
    # Whom authentication was to keep out must not get in without it.
    if problems:
        failed('it stays disabled.')
    elif tpg.has_feature('nps'):
        try:
            tpg.enable = saved.get('enable', True)
        except RTSLibError as error:
            failed(str(error))


def _target(saved, failed):
    failed = _under(failed, 'target %s' % saved['wwn'])
    try:
        target = Target(FabricModule(saved['fabric']), saved['wwn'],
                        mode='create')
    except RTSLibError as error:
        failed(str(error))
        return
    target.restore(saved, failed)
    for tpg in saved.get('tpgs', ()):
        _tpg(target, tpg, _under(failed, 'tpg%s' % tpg['tag']))


def restore(config, target=None, storage_object=None):
    """All of it, or one target or storage object; gives back what could not
    be done."""
    errors = []
    for saved in config.get('storage_objects', ()):
        if (target is None or storage_object) and named(saved, storage_object):
            _storage_object(saved, errors.append)
    if target is None and storage_object is None:
        for saved in config.get('fabric_modules', ()):
            try:
                FabricModule(saved['name']).restore(saved, errors.append)
            except RTSLibError as error:
                errors.append(str(error))
    for saved in config.get('targets', ()):
        if (storage_object is None or target) and target in (None,
                                                             saved['wwn']):
            _target(saved, errors.append)
    return errors
