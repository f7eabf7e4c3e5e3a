# SPDX-License-Identifier: GPL-2.0
"""Changes of the LUNs that a target, or a group of it, shows."""
from scst import config_schema as schema


def make_luns(plan, draft, path, entry, called=None):
    """In a target or a group that is new; each LUN may fail alone. called: the
    path of the group that this one stands in for; whoever has a LUN there is
    not to lose it by a change that fails."""
    for number, lun in entry.get('luns', {}).items():
        where = '%%s/luns/%s' % number
        if called and plan.now.get(where % called) is not None:
            _make_lun(plan, draft, where % path, lun)
            continue
        inner = draft.inner(where % (called or path))
        _make_lun(plan, inner, where % path, lun)
        draft.include(inner)


def _make_lun(plan, draft, path, entry):
    # Not even for a moment may it be writable if it must not.
    plan.make(draft, path, entry)
    _change_links(draft, path, entry)


def change_luns(plan, path, entry, guard=()):
    """Of a target or a group that is there."""
    wanted = entry.get('luns', {})
    for number, lun in wanted.items():
        where = '%s/luns/%s' % (path, number)
        draft = plan.draft(where, guard=guard)
        if plan.now.get(where) is None:
            _make_lun(plan, draft, where, lun)
        else:
            values = plan.differing(where, lun)
            # What may be written to is the new device, never the old one.
            last = values.pop('read_only') if schema.same(
                'read_only', values.get('read_only'), '0') else None
            plan.set(draft, where, values)
            _change_links(draft, where, lun)
            if last:
                draft.set(where + '/read_only', last)
        plan.commit(draft)
    for number in plan.now.names(path + '/luns'):
        if number not in wanted:
            draft = plan.draft('%s/luns/%s' % (path, number), guard=guard)
            draft.remove(draft.change.path)
            plan.commit(draft)


def lun_directories(path, groups):
    """Of a target, and of groups of it"""
    return frozenset([path + '/luns'] + ['%s/ini_groups/%s/luns' % (path, name)
                                         for name in groups])


def luns_differ(plan, path, entry):
    """Are the LUNs of what is there others than those of entry?"""
    wanted = entry.get('luns', {})
    there = plan.now.names(path + '/luns')
    return set(there) != set(wanted) or any(
        _lun_differs(plan, '%s/luns/%s' % (path, number), wanted[number])
        for number in there)


def _lun_differs(plan, path, entry):
    wanted = {link['link'] for link in entry.values() if schema.is_link(link)}
    return set(plan.now.links(path).values()) != wanted or \
        plan.differing(path, entry)


def _change_links(draft, path, entry):
    """A second link takes over from the first one, which then goes; there is
    no place for a third. One of a device that could not be restarted, nor be
    what it was, has gone already."""
    wanted = {link['link']: name for name, link in entry.items()
              if schema.is_link(link)}
    there = draft.model.links(path)
    strangers = [name for name, where in there.items() if where not in wanted]
    for where, name in wanted.items():
        if where in there.values():
            continue
        if len(there) > 1 and strangers:
            draft.unlink(path + '/' + strangers.pop(0), absent=True)
        draft.link(path + '/' + free_name(there, name, where), where)
    for name in strangers:
        draft.unlink(path + '/' + name, absent=True)


def free_name(there, name, where):
    """A name for a link that no other link has."""
    last = where.rpartition('/')[2]
    return next(n for n in (name, last, *(last + '~' * i
                                          for i in range(1, len(there) + 2)))
                if n not in there)
