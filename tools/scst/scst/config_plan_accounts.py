# SPDX-License-Identifier: GPL-2.0
"""Changes of accounts: of a driver, a target, a group of initiators.

Those of a group count instead of the target's. Where accounts are wanted, those
that are not go as soon as the wanted ones are there: nobody is to get in with
them. Where none are wanted, the others go last, since then all may log in.
"""
from scst import config_schema as schema
from scst.config_change import objects, stand_in
from scst.config_plan_luns import lun_directories


def make_accounts(plan, draft, path, entry):
    """In what is new"""
    kind = schema.kind_of(path).child('auth')
    for name, account in objects(entry.get('auth'), kind, 'auth/'):
        plan.make(draft, path + '/' + name, account)


def change_accounts(plan, path, entry, guard=()):
    """All but what drop_accounts() does later: where no incoming ones are
    wanted, those that there are go. Those of outgoing keep nobody out; and the
    secret of one that goes may be wanted for the other direction."""
    auth = entry.get('auth', {})
    if not auth.get('outgoing'):
        _drop(plan, path, entry, 'outgoing')
    _add(plan, path, auth, 'incoming', guard)
    if auth.get('incoming'):
        _drop(plan, path, entry, 'incoming', (*guard, path + '/auth'))
    _add(plan, path, auth, 'outgoing')


def _add(plan, path, auth, direction, guard=()):
    """There can be one in outgoing only."""
    directory = '%s/auth/%s' % (path, direction)
    wanted = auth.get(direction, {})
    for name, account in wanted.items():
        where = directory + '/' + name
        draft = plan.draft(where, guard=guard)
        if plan.now.get(where) is None:
            if direction == 'outgoing':
                for other in plan.now.names(directory):
                    if other not in wanted:
                        draft.rmdir(directory + '/' + other)
            draft.mkdir(where)
        values = plan.differing(where, account)
        if 'password' in values and values['password'].text == '':
            _forget(draft, where)
        else:
            plan.set(draft, where, values)
        plan.commit(draft)


def _forget(draft, path):
    """The kernel takes no password of no length, but a new account has none:
    nobody can log in with it. Another like it is there meanwhile: without any,
    all may log in, and whether those that are to be beside it could be made is
    not known yet. Of outgoing there is one only."""
    directory = path.rpartition('/')[0]
    incoming = directory.endswith('/incoming')
    other = directory + '/' + stand_in(draft.model.names(directory))
    if incoming:
        draft.mkdir(other)
    draft.rmdir(path)
    draft.mkdir(path)
    if incoming:
        draft.rmdir(other)


def drop_accounts(plan, path, entry, guard):
    """Without any, everybody may log in: not if what is to keep initiators out
    has failed there, or LUNs are what they were."""
    luns = lun_directories(path, entry.get('ini_groups', {}))
    for direction in ('incoming', 'outgoing'):
        _drop(plan, path, entry, direction, guard, after=luns)


def _drop(plan, path, entry, direction, guard=(), after=frozenset()):
    where = '%s/auth/%s' % (path, direction)
    wanted = entry.get('auth', {}).get(direction, {})
    for name in plan.now.names(where):
        if name not in wanted:
            draft = plan.draft(where + '/' + name, guard=guard, after=after)
            draft.rmdir(where + '/' + name)
            plan.commit(draft)
