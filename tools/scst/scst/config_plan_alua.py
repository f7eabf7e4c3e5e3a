# SPDX-License-Identifier: GPL-2.0
"""Changes of device groups and target port groups."""
from scst import config_schema as schema
from scst.config_plan_luns import free_name
from scst.config_unique import settle

_WHERE = 'device_groups'


def _unwanted_links(plan, path):
    """Links of a directory to what is not to be in it."""
    wanted = {entry['link'] for entry in (plan.wants(path) or {}).values()
              if schema.is_link(entry)}
    return [path + '/' + name
            for name, where in plan.now.links(path).items()
            if where not in wanted]


def _drop(plan, path, action):
    draft = plan.draft(path)
    getattr(draft, action)(path)
    plan.commit(draft)


def remove(plan):
    """What is not to be there, before others take its place."""
    for name in plan.now.names(_WHERE):
        path = _WHERE + '/' + name
        if plan.wants(path) is None:
            _drop(plan, path, 'remove')
            continue
        for link in _unwanted_links(plan, path + '/devices'):
            _drop(plan, link, 'unlink')
        for tpg in plan.now.names(path + '/target_groups'):
            _remove_ports(plan, '%s/target_groups/%s' % (path, tpg))


def _remove_ports(plan, path):
    if plan.wants(path) is None:
        _drop(plan, path, 'remove')
        return
    ports = path + '/targets'
    for link in _unwanted_links(plan, ports):
        _drop(plan, link, 'unlink')
    for port in plan.now.names(ports):
        if not schema.is_directory(plan.wants(ports + '/' + port)):
            _drop(plan, ports + '/' + port, 'rmdir')


def change(plan):
    _settle(plan, 'lu_group_id', _WHERE)
    for name, entry in (plan.wants(_WHERE) or {}).items():
        _change_group(plan, _WHERE + '/' + name, entry)


def _settle(plan, attribute, where):
    paths = [[where + '/' + name for name in names]
             for names in (plan.now.names(where), plan.wants(where) or {})]
    for path, value in settle(plan, attribute, *paths).items():
        draft = plan.draft(path)
        draft.set(path + '/' + attribute, value)
        plan.commit(draft)


def _change_group(plan, path, entry):
    draft = plan.draft(path)
    if plan.now.get(path) is None:
        draft.mkdir(path)
    plan.set(draft, path, plan.differing(path, entry))
    _link(draft, path + '/devices', entry.get('devices', {}))
    plan.commit(draft)
    _settle(plan, 'group_id', path + '/target_groups')
    for name, tpg in entry.get('target_groups', {}).items():
        _change_ports(plan, '%s/target_groups/%s' % (path, name), tpg)


def _link(draft, path, entry):
    """Each link is a change of its own: what it leads to may be missing."""
    for name, link in entry.items():
        there = draft.model.links(path)
        if not schema.is_link(link) or link['link'] in there.values():
            continue
        name = free_name({*there, *draft.model.names(path)}, name,
                         link['link'])
        inner = draft.inner(path + '/' + name)
        inner.link(path + '/' + name, link['link'])
        draft.include(inner)


def _change_ports(plan, path, entry):
    draft = plan.draft(path)
    if plan.now.get(path) is None:
        draft.mkdir(path)
    _set_state(plan, draft, path, plan.differing(path, entry))
    _link(draft, path + '/targets', entry.get('targets', {}))
    for name, port in entry.get('targets', {}).items():
        if schema.is_directory(port):
            _remote(plan, draft, '%s/targets/%s' % (path, name), port)
    plan.commit(draft)


def _remote(plan, draft, path, entry):
    inner = draft.inner(path)
    if draft.model.get(path) is None:
        inner.mkdir(path)
    plan.set(inner, path, plan.differing(path, entry))
    draft.include(inner)


def _set_state(plan, draft, path, values):
    """A group's state must be among supported_states at any time."""
    state = values.pop('state', None)
    now = (draft.model.get(path) or {}).get('supported_states', state or '')
    if state and 'supported_states' in values and state not in now.split():
        draft.set(path + '/supported_states', now + ' ' + state)
    plan.set(draft, path,
             {k: v for k, v in values.items() if k != 'supported_states'})
    if state:
        draft.set(path + '/state', state)
    if 'supported_states' in values:
        draft.set(path + '/supported_states', values['supported_states'])
