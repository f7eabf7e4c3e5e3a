# SPDX-License-Identifier: GPL-2.0
"""The difference between what the kernel has and what it is to have.

plan() gives changes in an order in which each of them is possible: what is in
the way goes first, devices come before links to them, all that a target has
before it is enabled, device groups before initiators can log in.
"""
import copy

from scst import config_plan_alua as alua
from scst import config_plan_device as device
from scst import config_plan_driver as driver
from scst import config_plan_portals as portals
from scst import config_plan_target as target
from scst import config_schema as schema
from scst.config_change import Draft, Model, Password, attributes, objects


class Plan:
    """changes: in order; passwords that are set are written once more, perhaps
    they are others. remarks: what a reader should know. before: what the kernel
    has at the beginning. shall: what it is to have at the end. moved: paths of
    targets that have a number for the time being."""

    def __init__(self, now, wanted, secrets):
        self.now = Model(now, secrets)
        self.wanted = copy.deepcopy(wanted)
        self.secrets = secrets
        self.changes = []
        self.remarks = []
        self.before = now
        self.shall = Model(wanted, secrets)
        self.moved = set()

    def draft(self, path, **conditions):
        """conditions: those of a Change"""
        return Draft(self.now, path, **conditions)

    def commit(self, draft):
        if draft.change.steps:
            self.changes.append(draft.change)

    def was_enabled(self, path):
        target = schema.find(self.before, path)
        return schema.is_directory(target) and target.get('enabled') == '1'

    def was_open(self, path):
        """Could initiators log in to a target?"""
        return self.was_enabled(path) and \
            self.had_a_way_in(path.rpartition('/')[0])

    def had_a_way_in(self, driver):
        """Could initiators log in to those of its targets that were enabled?"""
        entry = schema.find(self.before, driver) or {}
        return entry.get('enabled') != '0' and \
            ('portals' not in schema.kind_of(driver).fixed or
             bool(entry.get('portals')))

    def wants(self, path):
        return schema.find(self.wanted, path)

    def password(self, value):
        if isinstance(value, str):
            return Password(value)
        name = value['secret']
        return Password(self.secrets.get(name), name)

    def _stays(self, path, password):
        remark = 'The password %s stays as it is: the file of secrets has ' \
            'no "%s".' % (path, password.name)
        if remark not in self.remarks:
            self.remarks.append(remark)

    def differing(self, path, entry):
        """{name: value} of an object's attributes that are to change."""
        kind = schema.kind_of(path)
        now = dict(attributes(self.now.get(path) or {}, kind))
        found = {}
        for name, value in attributes(entry, kind):
            old = now.get(name)
            if schema.is_secret(value) or name == 'password':
                password = self.password(value)
                if schema.is_secret(old) and password.text is None:
                    self._stays(path + '/' + name, password)
                elif schema.is_secret(old) or password.text != '':
                    found[name] = password
            elif schema.is_secret(old) or not schema.same(name, old, value):
                found[name] = value
        return found

    def set(self, draft, path, values, patient=False):
        for name, value in values.items():
            draft.set(path + '/' + name if path else name, value, patient)

    def make(self, draft, path, entry):
        """An object with its attributes, without the objects in it."""
        draft.mkdir(path)
        self.set(draft, path, self.differing(path, entry))


def _modules(plan):
    draft = plan.draft('')
    needed = [(path, module) for path, module in schema.MODULES.items()
              if any(objects(plan.wants(path), schema.kind_of(path)))
              and plan.now.get(path) is None]
    if not plan.now.tree:
        needed.insert(0, ('', 'scst'))
    for module in dict.fromkeys(module for _, module in needed):
        draft.modprobe(module)
    plan.commit(draft)


def _root(plan):
    draft = plan.draft('')
    own = {name: value for name, value in plan.wanted.items()
           if schema.is_attribute(value)}
    plan.set(draft, '', plan.differing('', own))
    plan.commit(draft)


_STAGES = (
    _modules, _root, driver.disable, driver.log_out, alua.remove,
    device.remove_early, device.change, driver.settings, target.remove,
    target.change, device.load, device.remove, alua.change, portals.change,
    target.reopen, target.open_up, target.enable, driver.enable, driver.log_in)


def plan(now, wanted, secrets):
    """now, wanted: trees as config_read.snapshot() gives them; what is not in
    `wanted` is to go, but an attribute stays as it is."""
    result = Plan(now, wanted, secrets)
    for stage in _STAGES:
        stage(result)
    return result
