# SPDX-License-Identifier: GPL-2.0
"""What the directories of the tree are, as saving and restoring need it.

The kernel says what attributes there are and which of them can be written.
What it does not say is here: what mkdir may make where, which attributes are
run-time state rather than configuration, which ones an object that is enabled
does not let change, and when two values are the same.
"""
import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """A sort of directory."""

    name: str
    made: 'Kind' = None             # what mkdir makes in it
    fixed: dict = field(default_factory=dict)   # what the kernel makes in it
    every: 'Kind' = None            # what the kernel makes, of any name
    state: frozenset = frozenset()  # attributes that are no configuration
    frozen: frozenset = frozenset()     # cannot change while it is enabled
    passing: tuple = ()     # (attribute, value) that does not last

    def child(self, name):
        """The kind of a directory in one of this kind."""
        return self.fixed.get(name) or self.every or self.made or PLAIN

    def makes(self, name):
        """Is this name one that mkdir has made?"""
        return self.made is not None and name not in self.fixed


# Made by the kernel together with what it is in
PLAIN = Kind('plain')

CONTROL_PAGE = ('tst', 'tmf_only', 'dpicz', 'd_sense', 'queue_alg', 'qerr',
                'ua_intlck_ctrl', 'swp', 'tas')

_DISK = Kind(
    'device',
    fixed={'pr': Kind('pr', state=frozenset(('lost', 'restore')))},
    state=frozenset(('active', 'resync_size')),
    frozen=frozenset(CONTROL_PAGE + (
        'filename', 'blocksize', 'size_mb', 'removable', 'rotational',
        'form_factor', 'thin_provisioned', 'o_direct', 'dummy',
        'mode_pages_file', 'pr/aptpl_file', 'dif_type', 'dif_mode',
        'dif_static_app_tag', 'dif_filename')))

# A drive changes its medium while it is used.
_DRIVE = Kind('device', fixed=_DISK.fixed, state=_DISK.state,
              frozen=_DISK.frozen - {'filename'})

_LUNS = Kind('luns', made=Kind('lun'))
_AUTH = Kind('auth', fixed={
    'incoming': Kind('accounts', made=Kind('account')),
    'outgoing': Kind('accounts', made=Kind('account'))})
_INI_GROUP = Kind('ini_group', fixed={
    'luns': _LUNS, 'initiators': Kind('initiators', made=Kind('initiator')),
    'auth': _AUTH})
_TARGET = Kind(
    'target',
    fixed={'luns': _LUNS, 'auth': _AUTH,
           'ini_groups': Kind('ini_groups', made=_INI_GROUP),
           'sessions': Kind('sessions', made=Kind('session')),
           'allowed_portals': Kind('patterns', made=Kind('pattern'))},
    frozen=frozenset(('rel_tgt_id', 'addr_method', 'per_portal_acl')))
_DRIVER = Kind('driver', made=_TARGET)
_ISCSI = Kind('driver', made=_TARGET, fixed={
    'portals': Kind('portals', made=Kind('portal')), 'auth': _AUTH})
_TPG = Kind('tpg', fixed={'targets': Kind('ports', made=Kind('port'))},
            passing=('state', 'transitioning'))
_DEVICE_GROUP = Kind(
    'device_group',
    fixed={'devices': Kind('members'),
           'target_groups': Kind('target_groups', made=_TPG)},
    state=frozenset(('request',)))

ROOT = Kind('root', fixed={
    'handlers': Kind('handlers',
                     fixed={'vcdrom': Kind('handler', made=_DRIVE)},
                     every=Kind('handler', made=_DISK)),
    'device_groups': Kind('device_groups', made=_DEVICE_GROUP),
    'targets': Kind('targets', fixed={'iscsi': _ISCSI}, every=_DRIVER)})

# Which module brings a handler or a driver
MODULES = {
    'handlers/vdisk_fileio': 'scst_vdisk',
    'handlers/vdisk_blockio': 'scst_vdisk',
    'handlers/vdisk_nullio': 'scst_vdisk',
    'handlers/vcdrom': 'scst_vdisk',
    'targets/scst_local': 'scst_local', 'targets/iscsi': 'scst_iscsi',
}

CPUS_MAX = 65535

# Numbers that only one of several objects can have, and their largest value
UNIQUE = {'rel_tgt_id': 65535, 'lu_group_id': 65535, 'group_id': 65535}


def kind_of(path):
    """The Kind of the directory of this path."""
    kind = ROOT
    for name in filter(None, path.split('/')):
        kind = kind.child(name)
    return kind


def is_link(entry):
    return isinstance(entry, dict) and list(entry) == ['link'] and \
        isinstance(entry['link'], str)


def is_secret(entry):
    return isinstance(entry, dict) and list(entry) == ['secret'] and \
        isinstance(entry['secret'], str)


def is_attribute(entry):
    return isinstance(entry, str) or is_secret(entry)


def is_directory(entry):
    return isinstance(entry, dict) and not is_link(entry) and \
        not is_secret(entry)


def find(tree, path):
    """What is at a path of a configuration; None if nothing is."""
    for name in filter(None, path.split('/')):
        if not is_directory(tree) or name not in tree:
            return None
        tree = tree[name]
    return tree


def number(value):
    """0x10, 020 and 16 are the same, as for the kernel; so are 1 and yes."""
    text = value.lower()
    base = 16 if text.startswith('0x') else 8 if text.startswith('0') else 10
    try:
        return int(text, base)
    except ValueError:
        return _WORDS.get(text, value)


def _digits(value):
    """A number of a given length in hexadecimal digits, or none."""
    value = value.lower().removeprefix('0x')
    return value if value.strip('0') else ''


def _cpus(value):
    """A list of CPUs as the kernel takes it: 0,2-3"""
    cpus = set()
    for part in filter(None, value.split(',')):
        first, _, last = part.partition('-')
        first, last = int(first), int(last or first)
        if last > CPUS_MAX:
            raise ValueError('no CPU of any machine')
        cpus.update(range(first, last + 1))
    return cpus


def _portal(value):
    """An address always with its port."""
    return value if re.search(r'(^[^:\[]+|\]):\d+$', value) else value + ':3260'


def _redirect(value):
    address, *when = value.split() or ['']
    return [_portal(address) if address else ''] + when


_FORMS = {
    'cpus': _cpus,
    'naa_id': _digits, 'eui64_id': _digits, 'transport_id': str.lower,
    'scsi_transport_version': lambda v: int(v, 16),
    'phys_transport_version': lambda v: int(v, 16),
    'supported_states': lambda v: set(v.split()),
    'HeaderDigest': lambda v: set(v.split(',')),
    'DataDigest': lambda v: set(v.split(',')),
    'redirect': _redirect,
}
# What the kernel takes for 1 and 0, among others
_WORDS = {'y': 1, 'yes': 1, 't': 1, 'true': 1, 'on': 1,
          'n': 0, 'no': 0, 'f': 0, 'false': 0, 'off': 0}
# Text: 007 is not 7.
_TEXT = frozenset((
    'filename', 'mode_pages_file', 'aptpl_file', 'alias', 't10_vend_id',
    'prod_id', 'prod_rev_lvl', 'inq_vend_specific', 't10_dev_id', 'usn',
    'vend_specific_id', 'scsi_device_name'))


def same(name, one, other):
    """Would an attribute of this name read the same with both values?"""
    name = name.rpartition('/')[2]
    if one == other:
        return True
    if one is None or other is None or name in _TEXT:
        return False
    form = _FORMS.get(name, number)
    try:
        return form(one) == form(other)
    except ValueError:
        return False


def same_name(kind, one, other):
    """Do both names mean the same directory?"""
    return one == other or (kind.name == 'portal' and
                            _portal(one) == _portal(other))
