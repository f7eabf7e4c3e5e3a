# SPDX-License-Identifier: GPL-2.0
"""Changes of groups of initiators.

Which group an initiator has is said by the entries of all of them: exact names
come before patterns, older groups before younger ones. Whatever changes, each
initiator is to have the LUNs that it had until it has those that it shall have,
and never those of somebody else. Hence all that is wanted comes first, exact
names before patterns, older groups before younger ones; then all goes that is
not, the other way round: patterns before exact names, younger groups first.

A group whose age or whose LUNs are not right meanwhile is made a second time,
under another name, takes over, and hands over to one of the right name.

Accounts come before the initiators that need them, and go after them.
"""
import collections
import itertools

from scst import config_schema as schema
from scst.config_change import stand_in
from scst.config_plan_accounts import change_accounts, drop_accounts, \
    make_accounts
from scst.config_plan_luns import change_luns, lun_directories, luns_differ, \
    make_luns


def _is_pattern(name):
    return any(c in name for c in '*?!')


def _entries(group):
    """Upper and lower case are the same."""
    return {name.lower() for name in group.get('initiators', {})}


def make_groups(plan, draft, path, entry):
    """In a new target: there is no initiator yet."""
    for name, group in entry.get('ini_groups', {}).items():
        where = '%s/ini_groups/%s' % (path, name)
        _make_group(plan, draft, where, group)
        for initiator in group.get('initiators', {}):
            draft.mkdir('%s/initiators/%s' % (where, initiator))


def _make_group(plan, draft, path, entry, called=None):
    plan.make(draft, path, entry)
    make_accounts(plan, draft, path, entry)
    make_luns(plan, draft, path, entry, called)


def _shared(wanted):
    """Initiators that several groups have"""
    counts = collections.Counter(name for group in wanted.values()
                                 for name in _entries(group))
    return {name for name, count in counts.items() if count > 1}


def _stage(name, shared):
    """When an entry is made. The age of its group matters in the last two."""
    if _is_pattern(name):
        return 2
    return 1 if name.lower() in shared else 0


def _add(plan, draft, path, entry, shared, stage):
    """The entries that a group needs"""
    there = {name.lower() for name in plan.now.names(path + '/initiators')}
    for name in entry.get('initiators', {}):
        if _stage(name, shared) == stage and name.lower() not in there:
            draft.mkdir('%s/initiators/%s' % (path, name))


def change_group_accounts(plan, path, entry):
    """Of groups that stay, and first ones of groups that are made again: before
    new ones of the target, which would be good for their initiators, too, as
    long as they have none of their own. Gives back where those are made."""
    groups = path + '/ini_groups'
    wanted = entry.get('ini_groups', {})
    again = _stand_ins(plan, groups, wanted)
    without = tuple('%s/%s/auth/incoming' % (groups, name) for name in wanted
                    if not plan.now.names('%s/%s/auth/incoming' %
                                          (groups, name)))
    for name, group in wanted.items():
        where = groups + '/' + name
        if plan.now.get(where) is not None and not (
                name in again and plan.now.names(where + '/auth/incoming')):
            change_accounts(plan, where, group)
    return without


def change_groups(plan, path, entry):
    """All that is wanted; what is not goes later, by drop_groups(). Gives back
    {group: the name of the one that stands in for it}."""
    groups = path + '/ini_groups'
    wanted = entry.get('ini_groups', {})
    names = _stand_ins(plan, groups, wanted)
    shared = _shared(wanted)
    for name, group in wanted.items():
        called = groups + '/' + name
        where = groups + '/' + names.get(name, name)
        needs = _needs(path, name, group)
        if plan.now.get(where) is None:
            draft = plan.draft(called, guard=needs, really=where)
            _make_group(plan, draft, where, group, called)
        else:
            draft = plan.draft(called)
            plan.set(draft, where, plan.differing(where, group))
            plan.commit(draft)
            if not _loses(plan, where, group):
                change_luns(plan, where, group, guard=needs)
            # Those who come are not to see what was there
            draft = plan.draft(called, guard=needs,
                               after=frozenset((where + '/luns',)))
        _add(plan, draft, where, group, shared, 0)
        plan.commit(draft)
    for stage, name in itertools.product((1, 2), wanted):
        # Not if it would get initiators of a group that could not be made
        where = groups + '/' + names.get(name, name)
        draft = plan.draft(groups + '/' + name, really=where,
                           guard=(groups, *_needs(path, name, wanted[name])),
                           after=frozenset((where + '/luns',)))
        _add(plan, draft, where, wanted[name], shared, stage)
        plan.commit(draft)
    return names


def _needs(path, name, group):
    """Accounts that must be right before initiators come to a group, or see
    its new LUNs: its own, or the target's."""
    own = group.get('auth', {}).get('incoming')
    return ('%s/ini_groups/%s/auth' % (path, name) if own else path + '/auth',)


def _loses(plan, path, group):
    """Entries of its own: then its LUNs change when these have gone."""
    return bool(_entries(plan.now.get(path)) - _entries(group))


def _ordered(wanted):
    """Groups whose age matters: those with patterns, and those that have an
    initiator which another one has, too."""
    shared = _shared(wanted)
    return [name for name, group in wanted.items()
            if any(_stage(initiator, shared) for initiator in _entries(group))]


def _torn(plan, groups, wanted, ordered):
    """Groups that have other LUNs than they shall have, and of which
    initiators go and to which others come: who is there must not see the new
    LUNs, who comes must not see the old ones."""
    now = plan.now.get(groups) or {}
    stirred = {name: _entries(group) for name, group in now.items()} != \
        {name: _entries(group) for name, group in wanted.items()}
    floating = set(ordered) | set(_ordered(now))
    for name in wanted:
        if name not in now:
            continue
        there, shall = _entries(now[name]), _entries(wanted[name])
        if (stirred and name in floating or there - shall and shall - there) \
                and luns_differ(plan, groups + '/' + name, wanted[name]):
            yield name


def _made_again(plan, groups, wanted):
    """Groups that must be made again, in the order to make them in: new ones
    are younger than all that there are."""
    order = list(plan.now.get(groups) or {})
    ordered = _ordered(wanted)
    torn = set(_torn(plan, groups, wanted, ordered))
    last, done = -1, 0
    for name in ordered:
        if name not in order or name in torn or order.index(name) < last:
            break
        last = order.index(name)
        done += 1
    # The first of them may be new: then they come in order anyway.
    late = set(itertools.dropwhile(lambda name: name not in order,
                                   ordered[done:]))
    return [name for name in wanted if name in late or name in torn]


def _stand_ins(plan, groups, wanted):
    taken = set(plan.now.names(groups)) | set(wanted)
    names = {}
    for name in _made_again(plan, groups, wanted):
        names[name] = stand_in(taken)
        taken.add(names[name])
    return names


def keeps(path):
    """What must be right in a target before initiators leave their groups, or
    see new LUNs: who comes to one without accounts needs the target's."""
    return path + '/ini_groups', path + '/auth', path + '/allowed_portals'


def _drop(plan, path, wanted):
    """The entries that are not wanted. Who has lost one comes to another group,
    or to the default LUNs: not if these are what they were."""
    groups = path + '/ini_groups'
    luns = lun_directories(path, wanted)
    for patterns in (True, False):
        for group in reversed(plan.now.names(groups)):
            shall = _entries(wanted.get(group, {}))
            where = groups + '/' + group
            draft = plan.draft(where, guard=keeps(path), after=luns)
            for name in plan.now.names(where + '/initiators'):
                if _is_pattern(name) == patterns and name.lower() not in shall:
                    draft.rmdir('%s/initiators/%s' % (where, name))
            plan.commit(draft)


def drop_groups(plan, path, entry, names):
    """What is not wanted; names: as change_groups() has given them. Not if a
    new group or entry has failed: initiators would get others' LUNs."""
    groups = path + '/ini_groups'
    wanted = {names.get(name, name): group
              for name, group in entry.get('ini_groups', {}).items()}
    _drop(plan, path, wanted)
    for name in plan.now.names(groups):
        where = groups + '/' + name
        if name in wanted:
            change_luns(plan, where, wanted[name], guard=keeps(path))
        else:
            draft = plan.draft(where, guard=keeps(path))
            draft.remove(where)
            plan.commit(draft)


def drop_group_accounts(plan, path, entry, more):
    """Of groups for which the target's count again: these must be right; if
    there are none, all; and who was to leave them must have left. more: of the
    guard, too"""
    own = entry.get('auth', {}).get('incoming')
    guard = (path + '/auth' if own else path, *more)
    for name, group in entry.get('ini_groups', {}).items():
        where = '%s/ini_groups/%s' % (path, name)
        left = _entries(schema.find(plan.before, where) or {}) - _entries(group)
        drop_accounts(plan, where, group,
                      (*guard, path + '/ini_groups') if left else guard)


def settle_groups(plan, path, entry, names):
    """Groups that others stand in for are made, and those go. All or nothing:
    only all of them have the right age. If something has failed before, what
    there is stays until a restore that does not."""
    groups = path + '/ini_groups'
    if not names:
        return
    wanted = entry['ini_groups']
    draft = plan.draft('%s/%s' % (groups, next(iter(names))), guard=(groups,))
    for name in names:
        _make_group(plan, draft, groups + '/' + name, wanted[name])
    shared = _shared(wanted)
    for stage, name in itertools.product((0, 1, 2), names):
        _add(plan, draft, groups + '/' + name, wanted[name], shared, stage)
    plan.commit(draft)
    _drop(plan, path, wanted)
    for name in names.values():
        draft = plan.draft(groups + '/' + name, guard=(groups,))
        # A LUN that could not be made is not there.
        draft.remove(draft.change.path, absent=True)
        plan.commit(draft)
