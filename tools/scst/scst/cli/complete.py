# SPDX-License-Identifier: GPL-2.0
"""What may come next on a line, as readline wants it."""
import os

BLOCK = '/sys/class/block'
BOOLEAN = ('0', '1')
STATES = ('active', 'nonoptimized', 'standby', 'unavailable', 'offline',
          'transitioning')
VALUES = {
    'addr_method': ('peripheral', 'flat', 'lun'),
    'expected_values': ('verify', 'trust'),
    'state': STATES, 'supported_states': STATES,
    'blocksize': ('512', '1024', '2048', '4096'),
    'HeaderDigest': ('None', 'CRC32C', 'CRC32C,None'),
    'DataDigest': ('None', 'CRC32C', 'CRC32C,None'),
    'InitialR2T': ('Yes', 'No'), 'ImmediateData': ('Yes', 'No'),
    'usn': ('auto',), 'naa_id': ('auto',), 't10_dev_id': ('auto',),
    **dict.fromkeys(('enabled', 'read_only', 'removable', 'rotational', 'dummy',
                     'thin_provisioned', 'nv_cache', 'write_through', 'o_direct',
                     'explicit', 'preferred', 'per_portal_acl'), BOOLEAN),
}


def words(possible, text):
    """Those that begin with text; a single one is complete."""
    found = [word for word in possible if word.startswith(text)]
    return [found[0] + ' '] if len(found) == 1 else found


def keywords(names, text, given=()):
    """name=, for those that are not on the line yet"""
    return [name + '=' for name in names
            if name.startswith(text) and name not in given]


def values(name, text, now=''):
    """Values of an attribute that has the value now."""
    if name == 'filename' or name.endswith('_file') or name == 'restore':
        return files(text)
    return words(VALUES.get(name, (now,) if now else ()), text)


def files(text, wanted=os.path.exists):
    """Absolute file names; directories are gone into."""
    folder, slash, start = (text or '/').rpartition('/')
    try:
        names = sorted(os.listdir(folder + slash)) if slash else []
    except OSError:
        return []
    found = []
    for name in names:
        path = folder + slash + name
        if name.startswith(start) and os.path.isdir(path):
            found.append(path + '/')
        elif name.startswith(start) and wanted(path):
            found.append(path)
    if len(found) == 1 and not found[0].endswith('/'):
        found[0] += ' '
    return found


def block_devices(text):
    """Disks and partitions by name, or whatever in /dev is being named."""
    if text in ('', '/', '/dev', '/dev/'):
        names = sorted(os.listdir(BLOCK)) if os.path.isdir(BLOCK) else []
        return words(['/dev/' + name for name in names], text)
    return files(text, is_block)


def is_block(path):
    return os.path.exists(os.path.join(BLOCK, os.path.basename(
        os.path.realpath(path))))
