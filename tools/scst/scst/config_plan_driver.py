# SPDX-License-Identifier: GPL-2.0
"""Changes of drivers: their attributes and accounts; and the sessions that
scst_local has because somebody wants them."""
from scst import config_schema as schema
from scst.config_change import objects
from scst.config_plan_accounts import change_accounts, drop_accounts
from scst.config_plan_luns import lun_directories
from scst.config_plan_portals import closing, opening
from scst.config_plan_target import reopening

_SESSIONS = 'targets/scst_local'


def _drivers(plan):
    """Those that are to have something, and can."""
    return {'targets/' + name: entry
            for name, entry in (plan.wants('targets') or {}).items()
            if plan.now.get('targets/' + name) is not None or
            any(objects(entry, schema.kind_of('targets/' + name)))}


def disable(plan):
    for path, entry in _drivers(plan).items():
        if plan.differing(path, entry).get('enabled') == '0':
            draft = plan.draft(path)
            draft.set(path + '/enabled', '0')
            plan.commit(draft)


def settings(plan):
    for path, entry in _drivers(plan).items():
        draft = plan.draft(path)
        values = plan.differing(path, entry)
        values.pop('enabled', None)
        plan.set(draft, path, values)
        plan.commit(draft)
        change_accounts(plan, path, entry)


def enable(plan):
    """Lets initiators in; those accounts go that are for nobody any more."""
    for path, entry in _drivers(plan).items():
        conditions = opening(plan, path)
        # A portal that was to go is another way in.
        conditions['guard'] += closing(plan, path)
        draft = plan.draft(path, **conditions)
        if plan.differing(path, {'enabled': entry.get('enabled', '0')}) == \
                {'enabled': '1'}:
            draft.set(path + '/enabled', '1')
        plan.commit(draft)
    for name in plan.now.names('targets'):
        path = 'targets/' + name
        drop_accounts(plan, path, plan.wants(path) or {},
                      guard=(path + '/auth', *closing(plan, path)))


def _sessions(tree_names, path):
    return ['%s/sessions/%s' % (path, name)
            for name in tree_names(path + '/sessions')]


def log_out(plan):
    for target in plan.now.names(_SESSIONS):
        for path in _sessions(plan.now.names, _SESSIONS + '/' + target):
            if plan.wants(path) is None:
                draft = plan.draft(path)
                draft.rmdir(path)
                plan.commit(draft)


def log_in(plan):
    for target in plan.wants(_SESSIONS) or {}:
        at = '%s/%s' % (_SESSIONS, target)
        for name, entry in (plan.wants(at + '/sessions') or {}).items():
            path = '%s/sessions/%s' % (at, name)
            if schema.find(plan.before, path) is not None:
                conditions = reopening(plan, at)
            else:
                groups = plan.wants(at + '/ini_groups') or {}
                conditions = {'guard': (at,),
                              'after': lun_directories(at, groups)}
            draft = plan.draft(path, **conditions)
            if plan.now.get(path) is None:
                # Undoing what the target has lost it for may have made it.
                draft.mkdir(path, present=True)
            plan.set(draft, path, plan.differing(path, entry))
            plan.commit(draft)
