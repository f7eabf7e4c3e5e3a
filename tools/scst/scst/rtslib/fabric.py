# SPDX-License-Identifier: GPL-2.0
"""Fabric modules: the drivers below targets/, by LIO's names."""
import subprocess

from scst.rtslib import auth
from scst.rtslib.node import CFSNode, root
from scst.rtslib.utils import RTSLibError, normalize_wwn

# name: directory, module, features, kinds of names
DRIVERS = {
    'iscsi': ('iscsi', 'scst_iscsi',
              ('discovery_auth', 'acls', 'auth', 'nps', 'tpgts'),
              ('iqn', 'naa', 'eui')),
    'loopback': ('scst_local', 'scst_local', ('nexus',), ('naa',)),
}


def load(module):
    subprocess.run(['modprobe', '-q', module], check=False,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class FabricModule(auth.Account, CFSNode):
    """A driver; its module is loaded when it gets a target."""
    wwns = None

    def __init__(self, name):
        if name not in DRIVERS:
            raise RTSLibError("SCST has no fabric '%s' that targetcli could "
                              'use: there are %s.' %
                              (name, ' and '.join(DRIVERS)))
        directory, self.kernel_module, self.features, self.wwn_types = \
            DRIVERS[name]
        self.name = name
        super().__init__(root() / 'targets' / directory)

    @classmethod
    def all(cls):
        return [cls(name) for name in DRIVERS]

    @classmethod
    def list_registered_drivers(cls):
        return list(DRIVERS)

    def load(self):
        if not self.exists:
            load(self.kernel_module)
        if not self.exists:
            raise RTSLibError('The kernel has no %s: is the module %s '
                              'installed?' % (self.node.path,
                                              self.kernel_module))

    def has_feature(self, feature):
        return feature in self.features

    def to_normalized_wwn(self, wwn):
        return normalize_wwn(self.wwn_types, wwn)

    @property
    def targets(self):
        from scst.rtslib.target import Target
        for node in self.target_nodes():
            yield Target(self, node.name, mode='lookup')

    def target_nodes(self):
        """What is below it and has LUNs is a target."""
        if self.exists:
            for node in self.node.children():
                if (node / 'luns').exists():
                    yield node

    @property
    def version(self):
        return 'SCST ' + root().get('version')

    # Discovery authentication

    def apply_accounts(self):
        if self.discovery_enable_auth:
            auth.apply(self.node, self, auth.NOBODY)

    @property
    def discovery_enable_auth(self):
        return self.exists and auth.is_on(self.node)

    @discovery_enable_auth.setter
    def discovery_enable_auth(self, enable):
        self.load()
        was_on = auth.is_on(self.node)
        if not int(enable):
            auth.clear(self.node)
            return
        try:
            auth.apply(self.node, self, auth.NOBODY)
        except RTSLibError:
            if not was_on:
                auth.clear(self.node)
            raise

    @property
    def discovery_authenticate_target(self):
        return self.authenticate_target

    discovery_userid = auth.Account.chap_userid
    discovery_password = auth.Account.chap_password
    discovery_mutual_userid = auth.Account.chap_mutual_userid
    discovery_mutual_password = auth.Account.chap_mutual_password

    def change_account(self, name, value):
        self.load()
        super().change_account(name, value)

    def clear_discovery_auth_settings(self):
        if not self.has_feature('discovery_auth') or not self.exists:
            return
        self.discovery_enable_auth = False
        for name in auth.INCOMING + auth.OUTGOING:
            self.change_account(name, '')

    def dump(self):
        saved = {'name': self.name}
        if self.has_feature('discovery_auth') and self.exists:
            auth.check_known(self.node, self)
            saved.update(self.dump_account('discovery_'),
                         discovery_enable_auth=self.discovery_enable_auth)
        return saved

    def restore(self, saved, failed):
        if not self.has_feature('discovery_auth'):
            return
        self.restore_account(saved, failed, 'discovery_')
        try:
            if self.exists or saved.get('discovery_enable_auth'):
                self.discovery_enable_auth = saved.get(
                    'discovery_enable_auth', False)
        except RTSLibError as error:
            failed('discovery_enable_auth: %s' % error)
