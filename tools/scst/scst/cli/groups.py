# SPDX-License-Identifier: GPL-2.0
"""/device_groups: ALUA."""
from configshell_fb import ExecutionError

from scst import objects
from scst.cli import complete, render
from scst.cli.base import Plain, device_at, shows
from scst.paths import shown

GROUPS = 'device_groups'
GROUP = GROUPS + '/[^/]+'
TARGET_GROUP = GROUP + '/target_groups/[^/]+'
WELL = ('active', 'nonoptimized')


@shows(GROUPS)
class DeviceGroups(Plain):
    """Groups of devices that have the same asymmetric access states."""

    def summary(self):
        return render.count(len(self.node.children()), 'device group'), None


@shows(GROUP)
class DeviceGroup(Plain):
    """A device group."""

    def summary(self):
        return '%s, %s' % (
            render.count(len((self.node / 'devices').links()), 'device'),
            render.count(len((self.node / 'target_groups').children()),
                         'target group')), None


@shows(GROUP + '/devices')
class Members(Plain):
    """Links to the devices of a group."""

    def summary(self):
        return ', '.join(sorted(self.node.links())) or 'no devices', None

    def ui_command_create(self, *devices):
        """
        Takes devices into the group: create DEVICE...
        """
        found = [device_at(self, name) for name in devices]
        with objects.undoing() as undo:
            for device in found:
                self.node.link(device)
                undo.callback(self.node.unlink, device.name)
        for device in found:
            self.say('Device %s is in the group.', device.name)

    def ui_command_delete(self, *devices):
        """
        Takes devices out of the group: delete DEVICE...
        """
        take_out(self, devices)

    def ui_complete_create(self, parameters, text, current):
        del parameters, current
        return complete.words(sorted(objects.devices(
            self.get_root().node)), text)

    def ui_complete_delete(self, parameters, text, current):
        del parameters, current
        return complete.words(sorted(self.node.links()), text)


def take_out(self, names):
    """Links; all of them have to be there."""
    links = self.node.links()
    if not names:
        raise ExecutionError('Name what is to be taken out.')
    for name in names:
        if name not in links:
            raise ExecutionError('There is no %s at %s; `ls` shows what there '
                                 'is.' % (name, self.path))
    for name in names:
        self.node.unlink(name)
        self.say('%s is taken out.', name)


@shows(GROUP + '/target_groups')
class TargetGroups(Plain):
    """Target port groups."""

    def summary(self):
        return render.count(len(self.node.children()), 'target group'), None

    def ui_complete_create(self, parameters, text, current):
        if current == '*':
            return complete.keywords(('state', 'group_id', 'preferred'), text,
                                     parameters)
        return complete.values(current, text) if current != 'name' else []


@shows(TARGET_GROUP)
class TargetGroup(Plain):
    """A target port group, with its state."""

    def summary(self):
        state = self.node.get('state')
        words = [state]
        if self.node.get('preferred') == '1':
            words.append('preferred')
        return ', '.join(words), state in WELL


@shows(TARGET_GROUP + '/targets')
class Ports(Plain):
    """Target ports: of this machine, or of others."""

    def summary(self):
        local, remote = self.node.links(), self.node.children()
        words = sorted(local)
        words += ['%s (elsewhere)' % node.name for node in remote]
        return ', '.join(words) or 'no targets', None

    def listed(self):
        return []

    def ui_command_create(self, name, rel_tgt_id=None):
        """
        Takes a target of this machine in: create TARGET; or a port of another
        machine: create NAME rel_tgt_id=NUMBER.
        """
        if rel_tgt_id is not None:
            self.made(objects.create(self.entry(name),
                                     {'rel_tgt_id': rel_tgt_id}))
            return
        found = [target for target in objects.targets(self.get_root().node)
                 if name in (target.name, shown(target.path))]
        if not found:
            raise ExecutionError('There is no target %s; for a port of another '
                                 'machine give rel_tgt_id=.' % name)
        if len(found) > 1:
            raise ExecutionError('There are targets %s; write which.' % ' and '
                                 .join(sorted(shown(t.path) for t in found)))
        self.node.link(found[0])
        self.say('Target %s is in the group.', found[0].name)

    def ui_command_delete(self, *names):
        """
        Takes ports out: delete NAME...
        """
        here = [name for name in names if (self.node / name) in
                self.node.children()]
        take_out_too = [name for name in names if name not in here]
        if take_out_too or not names:
            take_out(self, take_out_too)
        for name in here:
            (self.node / name).rmdir()
            self.say('%s is taken out.', name)

    def ui_complete_create(self, parameters, text, current):
        del parameters
        if current != 'name':
            return []
        return complete.words(sorted(target.name for target in objects.targets(
            self.get_root().node)), text)

    def ui_complete_delete(self, parameters, text, current):
        del parameters, current
        return complete.words(sorted([*self.node.links()] + [
            node.name for node in self.node.children()]), text)
