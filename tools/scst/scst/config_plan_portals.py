# SPDX-License-Identifier: GPL-2.0
"""Changes of portals.

They come when all that is to keep initiators out of targets has, and before
targets are opened to more of them: by a portal that goes those may come whom
accounts that go kept out. One that goes stays if those that come are refused,
and targets then stay as closed as they are.
"""
from scst import config_schema as schema
from scst.config_plan_luns import lun_directories


def closing(plan, driver):
    """What opening a target waits for, as a guard"""
    path = driver + '/portals'
    wanted = plan.wants(path) or {}
    before = schema.find(plan.before, path) or {}
    return () if all(_has(wanted, driver, one) for one in before) else (path,)


def opening(plan, driver):
    """What a way in to all targets that were enabled before waits for: all of
    them are to have what keeps initiators out; and not to show old LUNs, if
    there was no way in before."""
    targets = [path for path in
               ('%s/%s' % (driver, name)
                for name in schema.find(plan.before, driver) or {}
                if schema.kind_of(driver).makes(name))
               if plan.was_enabled(path)]
    luns = [] if plan.had_a_way_in(driver) else [
        lun_directories(path, plan.wants(path + '/ini_groups') or {})
        for path in targets]
    return {'guard': (driver + '/auth', *targets),
            'after': frozenset().union(*luns)}


def change(plan):
    for name in {**(plan.now.get('targets') or {}),
                 **(plan.wants('targets') or {})}:
        driver = 'targets/' + name
        if 'portals' in schema.kind_of(driver).fixed:
            _change(plan, driver)


def _change(plan, driver):
    path = driver + '/portals'
    wanted = plan.wants(path) or {}
    gone = [one for one in plan.now.names(path)
            if not _has(wanted, driver, one)]
    for one in wanted:
        if _has(plan.now.names(path), driver, one):
            continue
        draft = plan.draft('%s/%s' % (path, one), **opening(plan, driver))
        # Those that go do so for the first one, and are back without it.
        while gone:
            draft.rmdir('%s/%s' % (path, gone.pop()))
        draft.mkdir(draft.change.path)
        plan.commit(draft)
    for one in gone:
        draft = plan.draft('%s/%s' % (path, one))
        draft.rmdir(draft.change.path)
        plan.commit(draft)


def _has(names, driver, name):
    kind = schema.kind_of('%s/portals/%s' % (driver, name))
    return any(schema.same_name(kind, name, other) for other in names)
