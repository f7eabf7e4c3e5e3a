# SPDX-License-Identifier: GPL-2.0
"""What only iSCSI has: portals, and accounts for CHAP."""
import getpass
import os
import re
import sys

from configshell_fb import ExecutionError

from scst import objects
from scst.cli import complete, render
from scst.cli.base import Directory, Plain, shows
from scst.cli.targets import ANYWHERE, TARGET

AUTH = r'targets/[^/]+/(?:[^/]+/(?:ini_groups/[^/]+/)?)?auth'


def addresses():
    """Addresses of this machine, as portals are called."""
    import subprocess           # TAB only
    try:
        done = subprocess.run(['ip', '-o', 'address'], capture_output=True,
                              text=True, check=False)
    except OSError:
        return []
    found = re.findall(r'inet6? ([0-9a-f.:]+)/', done.stdout)
    return ['[%s]' % a if ':' in a else a for a in found
            if not a.startswith('fe80:')]


@shows(r'targets/[^/]+/portals')
class Portals(Plain):
    """Addresses where initiators can connect, to all targets."""

    def summary(self):
        return render.count(len(self.node.children()), 'portal'), None

    def ui_command_create(self, address=ANYWHERE, port=None):
        """
        Listens: create [ADDRESS] [PORT]. Without an address at all IPv4
        addresses, [::] is all IPv6 ones; without a port at 3260.
        """
        if port:
            address = '%s:%s' % (address, port)
        self.made(self.entry(address).mkdir())

    def ui_complete_create(self, parameters, text, current):
        del parameters
        if current != 'address':
            return complete.words(['3260'], text)
        return complete.words([ANYWHERE, '[::]'] + addresses(), text)


@shows(r'targets/[^/]+/portals/[^/]+')
class Portal(Plain):
    """A portal."""

    def summary(self):
        return 'listening', True


@shows(AUTH)
class Auth(Directory):
    """Who has to prove who he is: initiators (incoming), the target
    (outgoing)."""

    def listed(self):
        return [child for child in self.children if child.node.children()]

    def summary(self):
        number = len((self.node / 'incoming').children())
        if number:
            return 'CHAP, %s' % render.count(number, 'account'), None
        return ('as the target' if '/ini_groups/' in self.node.path
                else 'no authentication'), None


@shows(AUTH + '/[^/]+')
class Accounts(Plain):
    """Accounts of one direction."""

    def summary(self):
        return render.count(len(self.node.children()), 'account'), None

    def ui_command_create(self, name, password=None):
        """
        Makes an account: create NAME [PASSWORD]. Without a password it is asked
        for, or taken from standard input. If it is refused, nothing is made.
        """
        if password is None:
            password = read_password()
        self.made(objects.create(self.entry(name), {'password': password}))


def read_password():
    if sys.stdin.isatty():
        try:
            password = getpass.getpass()
        except EOFError:
            password = ''
    else:
        password = sys.stdin.readline().rstrip('\n')
    if not password:
        raise ExecutionError('There was no password. Give it as the last word, '
                             'or on standard input.')
    return password


@shows(AUTH + '/[^/]+/[^/]+')
class Account(Plain):
    """An account."""

    def summary(self):
        given = self.node.get('password')
        return ('password set', True) if given else ('no password', False)


@shows(TARGET + '/allowed_portals')
class AllowedPortals(Plain):
    """Patterns of the portals that a target can be reached by."""

    def summary(self):
        number = len(self.node.children())
        return (render.count(number, 'pattern') if number else
                'all portals'), None

    def ui_complete_create(self, parameters, text, current):
        del parameters, current
        portals = (self.get_root().node / 'targets' / 'iscsi' / 'portals')
        return complete.words(sorted({bare(os.path.basename(p.path))
                                      for p in portals.children()}), text)


def bare(portal):
    """The address alone: no brackets, no port."""
    found = re.fullmatch(r'\[(.*)\](?::\d+)?|([^:]*)(?::\d+)?', portal)
    return found[1] or found[2] if found else portal
