# SPDX-License-Identifier: GPL-2.0
"""Numbers that two objects cannot have at a time, when they change places."""
from scst import config_schema as schema


def _value(entry, attribute):
    value = entry.get(attribute)
    return schema.number(value) if value else None


def settle(plan, attribute, paths, wanted):
    """Sees to it that each object can get its number.

    paths are those of the objects that there are, wanted those of the objects
    that are to be. A new object that nobody has given a number gets one that
    nobody else is to have. Gives back {path: number for the time being} of
    objects that are in the way of others.
    """
    now = {path: _value(plan.now.get(path), attribute) for path in paths}
    then = {path: _value(plan.wants(path), attribute) for path in wanted}
    taken = set(now.values()) | set(then.values())
    free = (n for n in range(1, len(taken) + len(then) + 2) if n not in taken)
    for path, value in then.items():
        if value is None and path not in now:
            value = next(free)
            plan.wants(path)[attribute] = str(value)
            taken.add(value)
    claimed = {value: path for path, value in then.items()
               if value is not None and now.get(path) != value}
    spare = (n for n in range(schema.UNIQUE[attribute], 0, -1)
             if n not in taken)
    return {path: str(next(spare)) for path, value in now.items()
            if then.get(path) not in (None, value) and value in claimed}
