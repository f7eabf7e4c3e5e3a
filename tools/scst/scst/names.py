# SPDX-License-Identifier: GPL-2.0
"""Names that are made up: of iSCSI targets, of devices, serial numbers."""
import datetime
import os
import re
import socket

IQN_MAX = 223


def host_domain(name=None):
    """The host's name as iSCSI has domains: reversed, of legal characters."""
    name = (name or socket.getfqdn()).lower().rstrip('.')
    if name.startswith('localhost'):
        name = socket.gethostname().lower()
    labels = [re.sub('[^a-z0-9-]+', '-', label).strip('-')
              for label in name.split('.')]
    labels = [label for label in labels if label] or ['host']
    if len(labels) == 1:
        labels.append('local')
    return '.'.join(reversed(labels))


def iqn(host=None, today=None):
    """An iSCSI name that no other target has (RFC 7143 4.2.7.5)."""
    today = today or datetime.date.today()
    start = 'iqn.%04d-%02d.%s' % (today.year, today.month, host_domain(host))
    return start[:IQN_MAX - 16].rstrip('.-') + ':sn.' + os.urandom(6).hex()


def serial():
    """A unit serial number."""
    return os.urandom(8).hex()


def naa():
    """A locally assigned NAA designator (SPC-5 7.7.6.6.4)."""
    return '0x3' + os.urandom(8).hex()[1:]


def of_file(path, taken):
    """A device's name from that of its file, that is not taken."""
    name = re.sub(r'\.(img|raw|iso|bin)$', '', os.path.basename(path)) or 'disk'
    return unused(name, taken)


def unused(name, taken):
    if name not in taken:
        return name
    number = next(n for n in range(1, len(taken) + 2)
                  if '%s-%d' % (name, n) not in taken)
    return '%s-%d' % (name, number)


# Attributes of devices, with what "auto" stands for
AUTOMATIC = {'usn': serial, 't10_dev_id': serial, 'naa_id': naa}
