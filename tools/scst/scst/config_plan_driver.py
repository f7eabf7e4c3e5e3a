# SPDX-License-Identifier: GPL-2.0
"""Changes of drivers: their attributes, portals, accounts; and the sessions
that scst_local has because somebody wants them."""
from scst import config_schema as schema
from scst.config_plan_accounts import change_accounts, drop_accounts
from scst.config_plan_luns import lun_directories

_SESSIONS = 'targets/scst_local'


def _drivers(plan):
    """Those that are to have something, and can."""
    return {'targets/' + name: entry
            for name, entry in (plan.wants('targets') or {}).items()
            if plan.now.get('targets/' + name) is not None or
            any(schema.kind_of('targets/' + name).makes(inner)
                for inner in entry)}


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


def portals(plan):
    """More of them: not for targets that were open before, and from which
    something was to keep initiators out that could not."""
    for name in plan.now.names('targets'):
        path = 'targets/%s/portals' % name
        wanted = plan.wants(path) or {}
        # Those that others are to take the place of stay with these.
        more = any(not _has(plan.now.names(path), path, portal)
                   for portal in wanted)
        _drop_portals(plan, path, wanted, _open(plan, name) if more else ())
    for driver, entry in _drivers(plan).items():
        path = driver + '/portals'
        for name in entry.get('portals', {}):
            if not _has(plan.now.names(path), path, name):
                draft = plan.draft(path + '/' + name,
                                   guard=_open(plan, driver[len('targets/'):]))
                draft.mkdir(path + '/' + name)
                plan.commit(draft)


def _open(plan, driver):
    """Paths of its targets that initiators could log in to."""
    targets = schema.find(plan.before, 'targets/' + driver) or {}
    paths = ['targets/%s/%s' % (driver, name) for name in targets
             if schema.kind_of('targets/' + driver).makes(name)]
    return tuple(path for path in paths if plan.was_open(path))


def _drop_portals(plan, path, wanted, guard):
    for name in plan.now.names(path):
        if not _has(wanted, path, name):
            draft = plan.draft(path + '/' + name, guard=guard)
            draft.rmdir(path + '/' + name)
            plan.commit(draft)


def _has(names, path, name):
    kind = schema.kind_of(path + '/' + name)
    return any(schema.same_name(kind, name, other) for other in names)


def enable(plan):
    """Lets initiators in; those accounts go that are for nobody any more."""
    for path, entry in _drivers(plan).items():
        draft = plan.draft(path, guard=(
            path + '/auth', *_open(plan, path[len('targets/'):])))
        if plan.differing(path, {'enabled': entry.get('enabled', '0')}) == \
                {'enabled': '1'}:
            draft.set(path + '/enabled', '1')
        plan.commit(draft)
    for name in plan.now.names('targets'):
        path = 'targets/' + name
        drop_accounts(plan, path, plan.wants(path) or {},
                      guard=(path + '/auth',))


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
        where = '%s/%s/sessions' % (_SESSIONS, target)
        for name, entry in (plan.wants(where) or {}).items():
            path = where + '/' + name
            conditions = {}
            if schema.find(plan.before, path) is None:
                at = '%s/%s' % (_SESSIONS, target)
                groups = plan.wants(at + '/ini_groups') or {}
                conditions = {'guard': (at,),
                              'after': lun_directories(at, groups)}
            draft = plan.draft(path, **conditions)
            if plan.now.get(path) is None:
                draft.mkdir(path)
            plan.set(draft, path, plan.differing(path, entry))
            plan.commit(draft)
