# SPDX-License-Identifier: GPL-2.0
"""Changes of LUNs, and of the groups that show them to some initiators."""
from scst import config_schema as schema


def make_luns(plan, draft, path, entry):
    """In a target or a group that is new; each LUN may fail alone."""
    for number, lun in entry.get('luns', {}).items():
        inner = draft.inner('%s/luns/%s' % (path, number))
        _make_lun(plan, inner, inner.change.path, lun)
        draft.include(inner)


def _make_lun(plan, draft, path, entry):
    # Not even for a moment may it be writable if it must not.
    plan.make(draft, path, entry)
    _change_links(draft, path, entry)


def change_luns(plan, path, entry):
    """Of a target or a group that is there."""
    wanted = entry.get('luns', {})
    for number, lun in wanted.items():
        where = '%s/luns/%s' % (path, number)
        draft = plan.draft(where)
        if plan.now.get(where) is None:
            _make_lun(plan, draft, where, lun)
        else:
            values = plan.differing(where, lun)
            # What may be written to is the new device, never the old one.
            last = values.pop('read_only') if \
                values.get('read_only') == '0' else None
            plan.set(draft, where, values)
            _change_links(draft, where, lun)
            if last:
                draft.set(where + '/read_only', last)
        plan.commit(draft)
    for number in plan.now.names(path + '/luns'):
        if number not in wanted:
            draft = plan.draft('%s/luns/%s' % (path, number))
            draft.remove(draft.change.path)
            plan.commit(draft)


def _change_links(draft, path, entry):
    """A second link takes over from the first one, which then goes; there is
    no place for a third."""
    wanted = {link['link']: name for name, link in entry.items()
              if schema.is_link(link)}
    there = draft.model.links(path)
    strangers = [name for name, where in there.items() if where not in wanted]
    for where, name in wanted.items():
        if where in there.values():
            continue
        if len(there) > 1 and strangers:
            draft.unlink(path + '/' + strangers.pop(0))
        draft.link(path + '/' + _free(there, name, where), where)
    for name in strangers:
        draft.unlink(path + '/' + name)


def _free(there, name, where):
    """A name for a link that no other link has."""
    device = where.rpartition('/')[2]
    return next(n for n in (name, device, device + '~') if n not in there)


def make_groups(plan, draft, path, entry):
    """In a new target."""
    owners = {}
    for name, group in entry.get('ini_groups', {}).items():
        where = '%s/ini_groups/%s' % (path, name)
        _make_group(plan, draft, where, group)
        _add_initiators(draft, where, group, owners)


def _make_group(plan, draft, path, entry):
    plan.make(draft, path, entry)
    make_luns(plan, draft, path, entry)


def _owners(plan, groups):
    """{initiator: path of its entry}"""
    return {name: '%s/%s/initiators/%s' % (groups, group, name)
            for group in plan.now.names(groups)
            for name in plan.now.names('%s/%s/initiators' % (groups, group))}


def _add_initiators(draft, path, entry, owners):
    """Last, as they move to the group at once. An entry that another group of
    the target has must leave that one first."""
    for name in entry.get('initiators', {}):
        where = '%s/initiators/%s' % (path, name)
        if owners.get(name) == where:
            continue
        if name in owners:
            draft.rmdir(owners[name])
        draft.mkdir(where)
        owners[name] = where


def change_groups(plan, path, entry):
    """All that is wanted; what is not goes later, by drop_groups()."""
    groups = path + '/ini_groups'
    wanted = entry.get('ini_groups', {})
    again = _out_of_order(plan.now.get(groups) or {}, wanted)
    owners = _owners(plan, groups)
    for name, group in wanted.items():
        where = groups + '/' + name
        draft = plan.draft(where)
        if name in again:
            for initiator in plan.now.names(where + '/initiators'):
                del owners[initiator]
            draft.empty(where + '/initiators')
            draft.remove(where)
        if plan.now.get(where) is None:
            _make_group(plan, draft, where, group)
        else:
            plan.set(draft, where, plan.differing(where, group))
            plan.commit(draft)
            change_luns(plan, where, group)
            draft = plan.draft(where)
        _add_initiators(draft, where, group, owners)
        plan.commit(draft)


def _has_patterns(group):
    return any('*' in name or '?' in name or name.startswith('!')
               for name in group.get('initiators', {}))


def _out_of_order(now, wanted):
    """Groups that must be made again: of those with patterns the older ones
    come first when an initiator is looked for, and new ones are younger than
    all that are there."""
    order = list(now)
    patterns = [name for name, group in wanted.items() if _has_patterns(group)]
    last = -1
    for done, name in enumerate(patterns):
        if name not in order or order.index(name) < last:
            return {other for other in patterns[done:] if other in order}
        last = order.index(name)
    return set()


def drop_groups(plan, path, entry):
    """Whoever is in none has the default LUNs: not if a new group, which may
    have a pattern for it, has failed."""
    wanted = entry.get('ini_groups', {})
    groups = path + '/ini_groups'
    for name in plan.now.names(groups):
        where = groups + '/' + name
        if name in wanted:
            _drop_initiators(plan, where, wanted[name])
        else:
            draft = plan.draft(where, guard=groups)
            draft.empty(where + '/initiators')
            draft.remove(where)
            plan.commit(draft)


def _drop_initiators(plan, path, entry):
    for name in plan.now.names(path + '/initiators'):
        if name not in entry.get('initiators', {}):
            draft = plan.draft('%s/initiators/%s' % (path, name),
                               guard=path.rpartition('/')[0])
            draft.rmdir(draft.change.path)
            plan.commit(draft)
