# SPDX-License-Identifier: GPL-2.0
"""Changes of targets, their LUNs, groups of initiators and accounts.

What keeps initiators out comes before what it takes the place of goes, so that
there is no moment without it.
"""
from scst import config_schema as schema
from scst.config_change import objects
from scst.config_plan_accounts import change_accounts, drop_accounts, \
    make_accounts
from scst.config_plan_groups import change_group_accounts, change_groups, \
    drop_group_accounts, drop_groups, keeps, make_groups, settle_groups
from scst.config_plan_luns import change_luns, lun_directories, make_luns
from scst.config_plan_portals import closing
from scst.config_unique import settle


def _targets(tree_names):
    return ['targets/%s/%s' % (driver, name)
            for driver in tree_names('targets')
            for name in tree_names('targets/' + driver)
            if schema.kind_of('targets/' + driver).makes(name)]


def _wanted(plan):
    return _targets(lambda path: [
        name for name, entry in (plan.wants(path) or {}).items()
        if schema.is_directory(entry)])


def _stop(plan, draft, path):
    """No more sessions: those that somebody has made are in the way."""
    for name in plan.now.names(path + '/sessions'):
        draft.rmdir('%s/sessions/%s' % (path, name))
    draft.set(path + '/enabled', '0', patient=True)


def _stop_for(plan, draft, path):
    """Gives back the draft of what is to change then. If that is refused, the
    target is what it was; but not if it is to be closed, or if the names that
    initiators have in it change: those of its groups may do so nevertheless."""
    # enable() comes when the groups are those that are wanted.
    enabled = plan.wants(path).setdefault('enabled', '1')
    _stop(plan, draft, path)
    if enabled == '1' and not _renames(plan, path):
        return draft
    plan.commit(draft)
    return plan.draft(path)


def _renames(plan, path):
    """Do initiators get other names in a target?"""
    before = (schema.find(plan.before, path) or {}).get('per_portal_acl')
    return not schema.same('per_portal_acl', before,
                           plan.wants(path).get('per_portal_acl', before))


def remove(plan):
    wanted = set(_wanted(plan))
    for path in _targets(plan.now.names):
        if path in wanted:
            continue
        draft = plan.draft(path)
        for link in plan.now.links_to(path):
            draft.unlink(link)
        if plan.now.get(path).get('enabled') == '1':
            _stop(plan, draft, path)
        draft.remove(path, patient=True)
        plan.commit(draft)


def change(plan):
    wanted = _wanted(plan)
    for path, number in settle(plan, 'rel_tgt_id', _targets(plan.now.names),
                               wanted).items():
        draft = plan.draft(path)
        if plan.now.get(path).get('enabled') == '1':
            draft = _stop_for(plan, draft, path)
        draft.set(path + '/rel_tgt_id', number, patient=True)
        plan.commit(draft)
        plan.moved.add(path)
    for path in wanted:
        if plan.now.get(path) is None:
            _make(plan, path, plan.wants(path))
        else:
            _change(plan, path, plan.wants(path))


def _make(plan, path, entry):
    """Whole, or not at all; only LUNs may be missing."""
    draft = plan.draft(path)
    plan.make(draft, path, {name: value for name, value in entry.items()
                            if name != 'enabled'})
    make_accounts(plan, draft, path, entry)
    kind = schema.kind_of(path).child('allowed_portals')
    for name, inner in objects(entry.get('allowed_portals'), kind):
        plan.make(draft, path + '/allowed_portals/' + name, inner)
    make_luns(plan, draft, path, entry)
    make_groups(plan, draft, path, entry)
    plan.commit(draft)


def _change(plan, path, entry):
    _change_attributes(plan, path, entry)
    without = change_group_accounts(plan, path, entry)
    # Who could not get accounts of its own must not log in with new ones.
    change_accounts(plan, path, entry, guard=without)
    _close_portals(plan, path, entry)
    stand_ins = change_groups(plan, path, entry)
    # Whoever could not go to a group of its own must not see new ones.
    change_luns(plan, path, entry, guard=keeps(path))
    drop_groups(plan, path, entry, stand_ins)
    settle_groups(plan, path, entry, stand_ins)


def open_up(plan):
    """What lets more initiators in, by patterns or by accounts that go"""
    for path in _wanted(plan):
        _open_up(plan, path, plan.wants(path))


def _open_up(plan, path, entry):
    luns = lun_directories(path, entry.get('ini_groups', {}))
    patterns = path + '/allowed_portals'
    more = closing(plan, path.rpartition('/')[0])
    _allow_portals(plan, path, entry, guard=(path, *more), after=luns)
    wanted = entry.get('allowed_portals', {})
    for name in plan.now.names(patterns):
        if name in wanted:
            continue
        where = patterns + '/' + name
        if wanted:
            _single(plan, 'rmdir', where, guard=(patterns,))
        else:
            _single(plan, 'rmdir', where, guard=(path, *more), after=luns)
    # Those of groups may take their place.
    drop_accounts(plan, path, entry, guard=(path, *more))
    drop_group_accounts(plan, path, entry, more)


def _close_portals(plan, path, entry):
    """The first patterns keep initiators out, more let them in. Those that go
    while others stay do so before LUNs change."""
    patterns = path + '/allowed_portals'
    there, wanted = plan.now.names(patterns), entry.get('allowed_portals', {})
    if not there:
        _allow_portals(plan, path, entry)
    elif wanted and set(wanted) <= set(there):
        for name in there:
            if name not in wanted:
                _single(plan, 'rmdir', patterns + '/' + name)


def _allow_portals(plan, path, entry, **conditions):
    for name in entry.get('allowed_portals', {}):
        where = '%s/allowed_portals/%s' % (path, name)
        if plan.now.get(where) is None:
            _single(plan, 'mkdir', where, **conditions)


def _single(plan, operation, path, **conditions):
    draft = plan.draft(path, **conditions)
    getattr(draft, operation)(path)
    plan.commit(draft)


def _change_attributes(plan, path, entry):
    values = plan.differing(path, entry)
    enabled = values.pop('enabled', None)
    frozen = schema.kind_of(path).frozen & set(values)
    is_on = plan.now.get(path).get('enabled') == '1'
    if path in plan.moved:
        # Nothing else is to keep it at a number that nobody has given it.
        draft = plan.draft(path + '/rel_tgt_id')
        draft.set(path + '/rel_tgt_id', values.pop('rel_tgt_id'), patient=True)
        plan.commit(draft)
    draft = plan.draft(path)
    if is_on and (frozen or enabled == '0'):
        draft = _stop_for(plan, draft, path)
    plan.set(draft, path, values, patient=True)
    plan.commit(draft)


def reopening(plan, path):
    """What a target, or a session of it, that the restore itself has ended
    waits for: it comes back with the LUNs that it had, and without attributes
    that were refused, but for the one that says who an initiator is."""
    if _renames(plan, path):
        return {'guard': (path,)}
    return {'guard': (*keeps(path), path + '/rel_tgt_id')}


def reopen(plan):
    """Those that could be reached and had to stop, before anything lets more
    initiators in: what is refused of that does not concern who came before."""
    for path in _to_enable(plan):
        if plan.was_open(path) and not _keeps_more_out(plan, path):
            _enable(plan, path, **reopening(plan, path))


def _keeps_more_out(plan, path):
    """Will open_up() also take away what others take the place of: patterns, or
    accounts of groups? Who comes by these is not to see what is new."""
    entry = plan.wants(path)
    patterns = entry.get('allowed_portals', {})
    if patterns and set(plan.now.names(path + '/allowed_portals')) - \
            set(patterns):
        return True
    return bool(entry.get('auth', {}).get('incoming')) and any(
        plan.now.names('%s/ini_groups/%s/auth/incoming' % (path, name)) and
        not group.get('auth', {}).get('incoming')
        for name, group in entry.get('ini_groups', {}).items())


def enable(plan):
    for path in _to_enable(plan):
        more = closing(plan, path.rpartition('/')[0])
        groups = plan.wants(path).get('ini_groups', {})
        _enable(plan, path, **(reopening(plan, path) if plan.was_open(path) else
                               {'guard': (path, *more),
                                'after': lun_directories(path, groups)}))
    plan.remarks += [
        '%s stays disabled: the file does not say "enabled".' % path
        for path in _wanted(plan)
        if plan.now.get(path).get('enabled') != '1' and
        'enabled' not in plan.wants(path)]


def _to_enable(plan):
    return [path for path in _wanted(plan)
            if plan.now.get(path).get('enabled') != '1' and
            plan.wants(path).get('enabled') == '1']


def _enable(plan, path, **conditions):
    draft = plan.draft(path, **conditions)
    draft.set(path + '/enabled', '1')
    plan.commit(draft)
