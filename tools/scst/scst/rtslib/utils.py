# SPDX-License-Identifier: GPL-2.0
"""Errors, names of ports, and block devices, as targetcli asks for them."""
import contextlib
import os
import re
import secrets
import stat
import uuid

ignored = contextlib.suppress


class RTSLibError(Exception):
    """Something can't be done; the text is for the user."""


class RTSLibBrokenLink(RTSLibError):
    """A link leads to nothing."""


class RTSLibNotInCFS(RTSLibError):
    """There is no such object."""


class RTSLibALUANotSupported(RTSLibError):
    """The storage object has no asymmetric access states."""


# Kinds of names that targets have, each with its form. NAA 2h, 5h and 1h have
# 16 digits, as in LIO.
WWNS = {
    'iqn': re.compile(r'iqn\.\d{4}-(0[1-9]|1[0-2])\.[a-z0-9][a-z0-9.:-]*'),
    'naa': re.compile(r'naa\.[125][0-9a-f]{15}'),
    'eui': re.compile(r'eui\.[0-9a-f]{16}'),
}


def normalize_wwn(kinds, wwn):
    """The name in lower case, and of which of the kinds it is."""
    name = wwn.strip().lower()
    for kind in kinds:
        if WWNS[kind].fullmatch(name):
            return name, kind
    raise RTSLibError("'%s' is not a name of the kind %s." %
                      (wwn, ' or '.join(kinds)))


def is_wwn(name):
    """Is it one as normalize_wwn() gives it, of whatever kind?"""
    return any(form.fullmatch(name) for form in WWNS.values())


def generate_wwn(kind):
    """A new name: of a port, or, 'unit_serial', a serial number."""
    if kind == 'unit_serial':
        return str(uuid.uuid4())
    if kind == 'naa':
        # 001405h is the company that LIO's own names have, too.
        return 'naa.5001405' + secrets.token_hex(5)[:9]
    if kind == 'iqn':
        host = re.sub('[^a-z0-9-]', '', os.uname().nodename.split('.')[0].
                      lower()).strip('-') or 'localhost'
        machine = re.sub('[^a-z0-9]', '', os.uname().machine.lower())
        return 'iqn.2003-01.org.linux-iscsi.%s.%s:sn.%s' % (
            host, machine, secrets.token_hex(6))
    raise RTSLibError("No names of the kind '%s' can be made." % kind)


def get_block_type(path):
    """Peripheral device type of a block device, None for anything else."""
    try:
        mode = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISBLK(mode.st_mode):
        return None
    where = '/sys/dev/block/%d:%d/device/type' % (os.major(mode.st_rdev),
                                                  os.minor(mode.st_rdev))
    try:
        with open(where, encoding='ascii') as file:
            return int(file.read())
    except (OSError, ValueError):
        return 0


get_blockdev_type = get_block_type
