# SPDX-License-Identifier: GPL-2.0
"""Changes of devices."""
from scst import config_schema as schema
from scst.config_change import Model, objects


def _wanted(plan):
    handlers = plan.wants('handlers') or {}
    return {'handlers/' + path: entry for path, entry in
            objects(handlers, schema.kind_of('handlers'))}


def _unwanted(plan):
    wanted = _wanted(plan)
    return [path for path in
            ('handlers/%s/%s' % (handler, name)
             for handler in plan.now.names('handlers')
             for name in plan.now.names('handlers/' + handler))
            if path not in wanted]


def _name(path):
    return path.rpartition('/')[2]


def _remove(plan, path):
    draft = plan.draft(path)
    for link in plan.now.links_to(path):
        draft.unlink(link)
    draft.remove(path, patient=True)
    plan.commit(draft)


def remove_early(plan):
    """Those whose name or store another one is to have."""
    wanted = _wanted(plan)
    names = {_name(path) for path in wanted}
    stores = {entry.get('filename') for entry in wanted.values()} - {None, ''}
    for path in _unwanted(plan):
        if _name(path) in names or plan.now.get(path).get('filename') in stores:
            _remove(plan, path)


def remove(plan):
    for path in _unwanted(plan):
        _remove(plan, path)


def change(plan):
    after_removal = any(_removes_device(c) for c in plan.changes)
    for path, entry in _wanted(plan).items():
        if plan.now.get(path) is None:
            _make(plan, path, entry, after_removal)
        else:
            _change(plan, path, entry)


def _make(plan, path, entry, after_removal):
    draft = plan.draft(path)
    values = {name: value for name, value in entry.items()
              if name != 'enabled'}
    plan.make(draft, path, values)
    if entry.get('enabled') == '1':
        # Its store may be one that a device before it is still closing.
        draft.set(path + '/enabled', '1', patient=after_removal)
    plan.commit(draft)


def _removes_device(change_):
    return any(step.operation == 'rmdir' and step.path == change_.path
               for step in change_.steps) and \
        schema.kind_of(change_.path).name == 'device'


def _change(plan, path, entry):
    values = plan.differing(path, entry)
    frozen = schema.kind_of(path).frozen & set(values)
    is_on = plan.now.get(path).get('enabled') == '1'
    stays_on = is_on and entry.get('enabled', '1') == '1'
    draft = plan.draft(path)
    if is_on and (frozen or not stays_on or _unlocks(values) or
                  'filename' in values and
                  not _loads_late(plan, path, values)):
        _restart(plan, draft, path, values, stays_on)
    else:
        enable = values.pop('enabled', '0')
        if is_on:
            values.pop('filename', None)    # that is for load()
        plan.set(draft, path, values)
        if enable == '1':
            draft.set(path + '/enabled', '1')
    plan.commit(draft)


def _unlocks(values):
    """May it be written to now? Its store has been opened for reading only."""
    return schema.same('read_only', values.get('read_only'), '0')


def _loads_late(plan, path, values):
    """Can a drive have its medium until all see it that shall, and nobody else?
    Not if another one is to have it, or if there is more to change."""
    there = plan.now.get(path)['filename']
    return list(values) == ['filename'] and \
        {_lun(link) for link in plan.shall.links_to(path)} <= \
        {_lun(link) for link in plan.now.links_to(path)} and \
        not (there and any(entry.get('filename') == there
                           for entry in _wanted(plan).values()))


def _lun(link):
    return link.rpartition('/')[0]


def load(plan):
    """Another medium in a drive that is used: when those see it, and no others,
    that shall."""
    for path, entry in _wanted(plan).items():
        values = plan.differing(path, entry)
        if 'filename' in values:
            draft = plan.draft(path, guard=_viewers(plan, path))
            plan.set(draft, path, {'filename': values['filename']})
            plan.commit(draft)


def _viewers(plan, path):
    """Targets that show a device, or have shown it: what was to keep initiators
    out, or to take the LUN from them, may be refused."""
    links = plan.now.links_to(path) + Model(plan.before, {}).links_to(path)
    return tuple(dict.fromkeys(_target(link) for link in links
                               if '/luns/' in link))


def _restart(plan, draft, path, values, stays_on):
    """No LUN can show a device that is not enabled. Other contents, and those
    that may be written to now, are for change_luns() to show: to those who are
    to see them, by LUNs that are what they are to be.

    filename alone could be changed with active at 0, but who is killed then
    leaves a closed store, which looks as if somebody wanted it so.
    """
    values.pop('enabled', None)
    late = 'filename' in values or _unlocks(values)
    links = [link for link in plan.now.links_to(path) if '/luns/' in link]
    again = [link for link in links
             if stays_on and _comes_back(plan, link, path, late)]
    for link in links:
        if link in again or _is_wanted(plan, link, path):
            draft.unlink(link)
        else:
            # Undoing must not put it back.
            going = plan.draft(_lun(link))
            going.unlink(link)
            plan.commit(going)
    draft.set(path + '/enabled', '0', patient=True)
    plan.set(draft, path, values)
    if stays_on:
        draft.set(path + '/enabled', '1', patient=True)
    for link in again:
        draft.link(link, path)


def _is_wanted(plan, link, path):
    return {'link': path} in (plan.wants(_lun(link)) or {}).values()


def _comes_back(plan, link, path, late):
    """As soon as the device is enabled: what it shows is what it was, or is not
    to wait until something else has changed."""
    lun = _lun(link)
    if not late:
        # Whoever has it keeps it until another one takes over, which may fail.
        return _is_wanted(plan, link, path) or len(plan.now.links(lun)) == 1
    return _is_wanted(plan, link, path) and \
        not _stirs(plan, _target(link)) and \
        not plan.differing(lun, plan.wants(lun))


def _target(path):
    return '/'.join(path.split('/')[:3])


def _stirs(plan, path):
    """Does it change who comes to a target, or to which groups of it? What the
    kernel has of a password is not known: one that is written may be new."""
    now, wanted = plan.now.get(path), plan.wants(path) or {}
    if _audience(now) != _audience(wanted):
        return True
    return any(name in wanted and not schema.same(name, now.get(name),
                                                  wanted[name])
               for name in ('enabled', 'per_portal_acl')) or \
        any(plan.differing(where, account)
            for where, account in _incoming(path, wanted))


def _audience(target):
    """By names"""
    return [list(target.get('allowed_portals', {})),
            list(target.get('auth', {}).get('incoming', {})),
            [(name, list(group.get('initiators', {})),
              list(group.get('auth', {}).get('incoming', {})))
             for name, group in target.get('ini_groups', {}).items()]]


def _incoming(path, target):
    """(path, account) of a target, and of its groups"""
    places = {path: target}
    for name, group in target.get('ini_groups', {}).items():
        places['%s/ini_groups/%s' % (path, name)] = group
    for where, place in places.items():
        for name, account in place.get('auth', {}).get('incoming', {}).items():
            yield '%s/auth/incoming/%s' % (where, name), account
