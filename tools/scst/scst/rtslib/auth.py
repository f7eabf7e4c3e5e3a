# SPDX-License-Identifier: GPL-2.0
"""CHAP: LIO has an account for each ACL and each TPG, used or not; SCST uses
accounts as long as they are there.

What targetcli sets is noted with its owner. While authentication is on it is
in the kernel: the TPG's account in the target, that of an ACL in its group. The
TPG's is not for initiators with an ACL: without a complete one there, nobody
gets in by it.
"""
from scst.rtslib import notes
from scst.rtslib.utils import RTSLibError

# Has no secret: nobody can log in with it, but nobody without one, either.
NOBODY = ('no-account', None)
SHORTEST, LONGEST = 12, 255
INCOMING, OUTGOING = ('userid', 'password'), ('mutual_userid',
                                              'mutual_password')


def _setting(name):
    def get(owner):
        return notes.get(owner.auth_node, name, '')

    def set_setting(owner, value):
        owner.change_account(name, value)

    return property(get, set_setting)


class Account:
    """What an owner of accounts has: self.auth_node, where they are noted, and
    apply_accounts()."""

    @property
    def auth_node(self):
        return self.node

    chap_userid, chap_password = map(_setting, INCOMING)
    chap_mutual_userid, chap_mutual_password = map(_setting, OUTGOING)

    def change_account(self, name, value):
        value = str(value)
        if name.endswith('password') and value and not (
                SHORTEST <= len(value.encode()) <= LONGEST):
            raise RTSLibError('A secret has %d to %d bytes with SCST.' %
                              (SHORTEST, LONGEST))
        if name.endswith('userid') and ('/' in value or value in ('.', '..')):
            raise RTSLibError("'%s' is no name for an account of SCST: it is "
                              'to be a directory.' % value)
        before = notes.get(self.auth_node, name)
        notes.put(self.auth_node, **{name: value or None})
        try:
            self.apply_accounts()
        except RTSLibError:
            notes.put(self.auth_node, **{name: before})
            self.apply_accounts()
            raise

    def account(self, names):
        """(name, secret), or None if it is not complete."""
        found = tuple(notes.get(self.auth_node, name, '') for name in names)
        return found if all(found) else None

    @property
    def authenticate_target(self):
        return bool(self.account(OUTGOING))

    def dump_account(self, prefix='chap_'):
        return {prefix + name: notes.get(self.auth_node, name)
                for name in INCOMING + OUTGOING
                if notes.get(self.auth_node, name)}

    def restore_account(self, saved, failed, prefix='chap_'):
        for name in INCOMING + OUTGOING:
            if saved.get(prefix + name):
                try:
                    self.change_account(name, saved[prefix + name])
                except RTSLibError as error:
                    failed('%s%s: %s' % (prefix, name, error))


def is_on(node):
    return bool((node / 'auth' / 'incoming').children())


def _put(directory, account):
    """Make the account the only one there. One that is there already gets the
    secret at once, so that there never is none."""
    name, secret = account
    there = directory / name
    if not there.exists():
        there.mkdir()
    if secret:
        there.set('password', secret)
    for other in directory.children():
        if other.name != name:
            other.rmdir()


def clear(node):
    """No account counts any more, if there can be any."""
    for kind in ('outgoing', 'incoming'):
        directory = node / 'auth' / kind
        for account in directory.children() if directory.exists() else ():
            account.rmdir()


def apply(node, owner, otherwise=None):
    """Let what the owner has noted count in a directory. Without an account of
    initiators there, that is otherwise, or none."""
    incoming, outgoing = (node / 'auth' / kind
                          for kind in ('incoming', 'outgoing'))
    theirs, ours = owner.account(INCOMING), owner.account(OUTGOING)
    if theirs and ours and theirs[1] == ours[1]:
        raise RTSLibError('password and mutual_password are the same: choose '
                          'another mutual_password.')
    # There can be one of these only.
    for account in outgoing.children():
        account.rmdir()
    theirs = theirs or otherwise
    if theirs:
        _put(incoming, theirs)
    else:
        for account in incoming.children():
            account.rmdir()
    if ours:
        _put(outgoing, ours)


def check_known(node, owner):
    """What is to be saved must be known: the kernel tells no secrets."""
    known = {account[0] for names in (INCOMING, OUTGOING)
             for account in (owner.account(names),) if account} | {NOBODY[0]}
    for kind in ('incoming', 'outgoing'):
        for account in (node / 'auth' / kind).children():
            if account.name not in known:
                raise RTSLibError(
                    'The secret of %s is not known to targetcli: set it '
                    'again, or save with scstcli.' % account.path)
