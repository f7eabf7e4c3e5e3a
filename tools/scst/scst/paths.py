# SPDX-License-Identifier: GPL-2.0
"""What a directory of the tree is: its kind, its names, what people call it.

A kind is told from the path alone, so that it also works for what is not there.
"""
import re

# What iSCSI has beside its targets
NO_TARGET = r'(?!(?:portals|auth)(?:/|$))'
TARGET = r'targets/(?P<fabric>[^/]+)/(?P<target>' + NO_TARGET + '[^/]+)'
GROUP = TARGET + r'/ini_groups/(?P<group>[^/]+)'
PORTS = (r'device_groups/(?P<device_group>[^/]+)'
         r'/target_groups/(?P<target_group>[^/]+)')

# kind, the form of its path, its name in a sentence; the longest paths first
KINDS = tuple((kind, re.compile(pattern + '(?:/|$)'), text)
              for kind, pattern, text in (
    ('lun', GROUP + r'/luns/(?P<name>[^/]+)',
     'LUN {name} of group {group} of target {target}'),
    ('lun', TARGET + r'/luns/(?P<name>[^/]+)', 'LUN {name} of target {target}'),
    ('initiator', GROUP + r'/initiators/(?P<name>[^/]+)',
     'initiator {name} of group {group} of target {target}'),
    ('account', GROUP + r'/auth/(?P<direction>[^/]+)/(?P<name>[^/]+)',
     'account {name} ({direction}) of group {group} of target {target}'),
    ('group', TARGET + r'/ini_groups/(?P<name>[^/]+)',
     'group {name} of target {target}'),
    ('session', TARGET + r'/sessions/(?P<name>[^/]+)',
     'session {name} of target {target}'),
    ('account', TARGET + r'/auth/(?P<direction>[^/]+)/(?P<name>[^/]+)',
     'account {name} ({direction}) of target {target}'),
    ('account', r'targets/(?P<fabric>[^/]+)/auth/(?P<direction>[^/]+)'
     r'/(?P<name>[^/]+)', 'account {name} ({direction}) of discovery'),
    ('portal', r'targets/(?P<fabric>[^/]+)/portals/(?P<name>[^/]+)',
     'portal {name}'),
    ('allowed', TARGET + r'/allowed_portals/(?P<name>[^/]+)',
     'allowed portal {name} of target {target}'),
    ('target', TARGET.replace('<target>', '<name>'), 'target {name}'),
    ('fabric', r'targets/(?P<name>[^/]+)', 'fabric {name}'),
    ('port', PORTS + r'/targets/(?P<name>[^/]+)',
     'port {name} of target group {target_group}'),
    ('target_group', PORTS.replace('<target_group>', '<name>'),
     'target group {name} of device group {device_group}'),
    ('member', r'device_groups/(?P<device_group>[^/]+)/devices/(?P<name>[^/]+)',
     'device {name} in device group {device_group}'),
    ('device_group', r'device_groups/(?P<name>[^/]+)', 'device group {name}'),
    ('device', r'handlers/(?P<handler>[^/]+)/(?P<name>[^/]+)', 'device {name}'),
    ('handler', r'handlers/(?P<name>[^/]+)', 'handler {name}'),
))

# Where the shell shows what: the first that fits
SHOWN = ((re.compile(r'^handlers(?=/|$)'), 'devices'),
         (re.compile(r'^targets(?:/|$)'), ''))


class Place:
    """A path taken apart."""

    def __init__(self, path):
        self.kind, self.names, self.text, self.rest = 'core', {}, 'SCST', path
        for kind, pattern, text in KINDS:
            found = pattern.match(path)
            if found:
                self.kind, self.names = kind, found.groupdict()
                self.text = text.format(**self.names)
                self.rest = path[found.end():]
                path = path[:found.end()].rstrip('/')
                break
        else:
            path = ''
        self.path = path

    def shown(self):
        return shown(self.path)


def shown(path):
    """A path of configfs as the shell shows it."""
    for pattern, instead in SHOWN:
        path = pattern.sub(instead, path)
    return '/' + path
