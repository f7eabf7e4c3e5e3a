# SPDX-License-Identifier: GPL-2.0
"""The form of a saved configuration, which is looked at before anything is
changed: what comes from a file may be anything."""
from scst.rtslib.utils import RTSLibError


def _text(value):
    """text"""
    return isinstance(value, str) and '\0' not in value and \
        not any('\ud800' <= c <= '\udfff' for c in value)


def _number(value):
    """a number"""
    return isinstance(value, int) and not isinstance(value, bool)


def _flag(value):
    """true or false"""
    return isinstance(value, int) and value in (0, 1)


def _values(value):
    """an object"""
    return isinstance(value, dict)


def _storage_object(value):
    """a path /backstores/PLUGIN/NAME"""
    return _text(value) and value.startswith('/backstores/') and \
        value.count('/') > 2


def _account(prefix):
    return {prefix + name: _text for name in (
        'userid', 'password', 'mutual_userid', 'mutual_password')}


# A list has things of one form, an object is a pair: what it must have, and
# what it may have. There may be more; null is as good as nothing.
SET = {'attributes': _values, 'parameters': _values}
STORAGE_OBJECT = (
    {'name': _text, 'plugin': _text},
    {**SET, 'dev': _text, 'wwn': _text, 'size': _number, 'config': _text,
     'write_back': _flag, 'readonly': _flag, 'aio': _flag, 'nullio': _flag,
     'alua_tpgs': [({}, {'name': _text, 'tg_pt_gp_id': _number})]})
LUN = ({'index': _number, 'storage_object': _storage_object},
       {'alua_tg_pt_gp_name': _text})
MAPPED_LUN = ({'index': _number, 'tpg_lun': _number}, {'write_protect': _flag})
ACL = ({'node_wwn': _text},
       {**SET, **_account('chap_'), 'tag': _text, 'mapped_luns': [MAPPED_LUN]})
PORTAL = ({'ip_address': _text, 'port': _number}, {'iser': _flag})
TPG = ({'tag': _number},
       {**SET, **_account('chap_'), 'enable': _flag, 'luns': [LUN],
        'node_acls': [ACL], 'portals': [PORTAL]})
TARGET = ({'wwn': _text, 'fabric': _text}, {**SET, 'tpgs': [TPG]})
FABRIC_MODULE = ({'name': _text}, {**_account('discovery_'),
                                   'discovery_enable_auth': _flag})
CONFIG = ({}, {'storage_objects': [STORAGE_OBJECT], 'targets': [TARGET],
               'fabric_modules': [FABRIC_MODULE]})


def _wrong(where, what):
    raise RTSLibError('This is no saved configuration, and nothing was '
                      'changed: %s %s.' % (where, what))


def _check(value, form, where):
    if isinstance(form, list):
        if not isinstance(value, list):
            _wrong(where, 'is not a list')
        for number, entry in enumerate(value):
            _check(entry, form[0], '%s[%d]' % (where, number))
    elif isinstance(form, tuple):
        if not isinstance(value, dict):
            _wrong(where, 'is not an object')
        needed, others = form
        for key in needed:
            if key not in value:
                _wrong(where, "has no '%s'" % key)
        for key, inner in (*needed.items(), *others.items()):
            if key in value and (value[key] is not None or key in needed):
                _check(value[key], inner, '%s.%s' % (where, key))
    elif not form(value):
        _wrong(where, 'is not ' + form.__doc__)


def _without_null(value):
    if isinstance(value, dict):
        return {k: _without_null(v) for k, v in value.items()
                if v is not None}
    if isinstance(value, list):
        return [_without_null(v) for v in value]
    return value


def checked(config, name):
    """The configuration of a file of this name, if it is one."""
    _check(config, CONFIG, name)
    return _without_null(config)
