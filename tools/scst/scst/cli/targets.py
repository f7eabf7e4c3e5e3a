# SPDX-License-Identifier: GPL-2.0
"""Fabrics at the top, with their targets, and what all targets have: LUNs,
groups of initiators."""
import errno
import re

from configshell_fb import ExecutionError

from scst import names, objects, sessions
from scst.cli import complete, render
from scst.cli.base import Directory, Plain, device_at, is_name, node_of, shows
from scst.paths import NO_TARGET
from scst.tree import ScstError

TARGET = r'targets/[^/]+/' + NO_TARGET + '[^/]+'
GROUP = TARGET + r'/ini_groups/[^/]+'
ANYWHERE = '0.0.0.0'
# What stands for one initiator, and is a word as it is
NAME = re.compile(r'[\w][\w.:,#-]*')


@shows('targets/[^/]+')
class Fabric(Plain):
    """A fabric driver."""

    def targets(self):
        return [child for child in self.node.children()
                if objects.is_target(child)]

    def summary(self):
        words = render.state(self.node)
        words.append(render.count(len(self.targets()), 'target'))
        return ', '.join(words), words[0] == 'enabled' or None

    def ui_command_create(self, name, **attributes):
        """
        Makes a target and enables it: create NAME [ATTRIBUTE=VALUE...].
        enabled=0 leaves it disabled. If a step is refused, nothing is made.
        """
        attributes.setdefault('enabled', '1')
        self.made(objects.create(self.entry(name), attributes))

    def ui_complete_create(self, parameters, text, current):
        targets = self.targets()
        if current in ('name', 'portal') or not targets:
            return []
        if current == '*':
            return complete.keywords(
                [name for name, mode in sorted(targets[0].attributes().items())
                 if mode & 0o222], text, parameters)
        return complete.values(current, text)


@shows('targets/iscsi')
class Iscsi(Fabric):
    """iSCSI: targets that have names of their own, at portals."""

    def ui_command_create(self, name=None, **attributes):
        """
        Makes a target and enables it: create [IQN] [ATTRIBUTE=VALUE...].

        Without a name one is made up. If there is no portal yet, one for all
        IPv4 addresses is made, and the fabric is enabled: initiators can come
        as soon as the target has LUNs. enabled=0 leaves the target disabled
        and makes no portal. If a step is refused, nothing is made.
        """
        attributes.setdefault('enabled', '1')
        portals = self.node / 'portals'
        with objects.undoing() as undo:
            target = objects.make(self.entry(name or names.iqn()), undo)
            objects.fill(target, attributes)
            serve = target.get('enabled') == '1'
            portal = None
            if serve and not portals.children():
                portal = objects.make(portals / ANYWHERE, undo)
            if serve and self.node.get('enabled') == '0':
                self.node.set('enabled', '1')
        self.made(target)
        if portal:
            self.made(portal)


@shows(TARGET)
class Target(Plain):
    """A target."""

    ALIASES = {'acls': 'ini_groups', 'groups': 'ini_groups',
               'parameters': 'params'}

    def sessions(self):
        path = '/'.join(self.node.path.split('/')[1:])
        return [s for s in self.shell.once(sessions.sessions)
                if s.get('target') == path]

    def summary(self):
        words = render.state(self.node)
        words.append(render.count(len(self.sessions()), 'session'))
        return ', '.join(words), words[0] == 'enabled' or None

    def ui_command_sessions(self):
        """
        Shows who is logged in to this target.
        """
        found = self.sessions()
        self.show([sessions.as_data(s) for s in found], session_table(found))


def session_table(found):
    if not found:
        return 'Nobody is logged in.'
    return render.table(
        ('SESSION', 'INITIATOR', 'TARGET', 'GROUP', 'ADDRESS', 'COMMANDS',
         'READ', 'WRITTEN', 'ACTIVE'),
        [(s.name, s.get('initiator_name'), s.get('target'),
          s.get('group') or '-',
          ' '.join(c.get('ip') for c in s.connections) or '-',
          s.number('commands'), render.size(s.number('read_bytes')),
          render.size(s.number('write_bytes')), s.number('active_commands'))
         for s in found])


@shows('(?:%s|%s)/luns' % (TARGET, GROUP))
class Luns(Plain):
    """LUNs, for all initiators in no group, or for those of a group."""

    def summary(self):
        return render.count(len(self.node.children()), 'LUN'), None

    def ui_command_create(self, device, lun=None, **attributes):
        """
        Shows a device: create DEVICE [LUN] [read_only=1]. Without a number it
        is the lowest free one. If a step is refused, nothing is made.
        """
        if device.isdecimal() and lun and not lun.isdecimal():
            device, lun = lun, device
        found = device_at(self, device)
        with objects.undoing() as undo:
            node = self._new(lun, undo)
            objects.fill(node, attributes)
            node.link(found)
        self.say('Created %s: device %s.', objects.describe(node), found.name)

    def _new(self, lun, undo):
        """A LUN of a number, or of the lowest that nobody takes meanwhile."""
        if lun is not None:
            return objects.make(self.entry(lun), undo)
        while True:
            node = self.node / str(objects.free_lun(self.node))
            try:
                return objects.make(node, undo)
            except ScstError as error:
                if error.errno != errno.EEXIST:
                    raise

    def ui_complete_create(self, parameters, text, current):
        if current == 'device':
            return complete.words(sorted(objects.devices(
                self.get_root().node)), text)
        if current == 'lun':
            return complete.words([str(objects.free_lun(self.node))], text)
        if current == '*':
            return complete.keywords(('read_only',), text, parameters)
        return complete.values(current, text)


@shows('(?:%s|%s)/luns/[^/]+' % (TARGET, GROUP))
class Lun(Plain):
    """A LUN."""

    def summary(self):
        device = objects.shown_by(self.node)
        if not device:
            return 'no device', False
        words = ['%s (%s)' % (device.name, device.parent.name)]
        if self.node.get('read_only') == '1':
            words.append('read-only')
        return ', '.join(words), True

    def ui_command_create(self, device):
        """
        Shows a device, if the LUN has none; `replace` takes another one.
        """
        self.node.link(device_at(self, device))
        self.say('%s shows %s.', objects.describe(self.node), device)

    def ui_command_replace(self, device):
        """
        Shows another device instead: replace DEVICE. Initiators see no moment
        without one.
        """
        found = device_at(self, device)
        before = self.node.links()
        self.node.link(found)
        for name in before:
            self.node.unlink(name)
        self.say('%s shows %s.', objects.describe(self.node), found.name)

    def ui_complete_replace(self, parameters, text, current):
        return self.parent.ui_complete_create(parameters, text, current)

    ui_complete_create = ui_complete_replace


@shows(TARGET + '/ini_groups')
class Groups(Plain):
    """Groups of initiators, the oldest first: the first that fits counts."""

    IN_ORDER = True

    def summary(self):
        return render.count(len(self.node.children()), 'group'), None

    def ui_command_create(self, name, *initiators):
        """
        Makes a group: create NAME [INITIATOR...]. Initiators are names, or
        patterns with * and ? and perhaps a leading !. A group that is called as
        an iSCSI initiator, as LIO's ACLs are, is for that one.
        """
        if not initiators and name.startswith(('iqn.', 'eui.', 'naa.')):
            initiators = (name,)
        with objects.undoing() as undo:
            group = objects.make(self.entry(name), undo)
            members = node_of(self, group / 'initiators')
            for initiator in initiators:
                members.entry(initiator).mkdir()
        self.made(group)

    def ui_command_move(self, initiator, group):
        """
        Takes an initiator, or a pattern, from its group to another one: move
        INITIATOR GROUP. It has the LUNs of the one, then those of the other,
        and never the default ones.
        """
        self.entry(initiator)
        found = [name for name in self.holders() if name != group and
                 (self.node / name / 'initiators' / initiator).exists()]
        if not found:
            raise ExecutionError('No other group at %s has %s; `ls` shows '
                                 'those that they have.' %
                                 (self.path, initiator))
        if len(found) > 1:
            raise ExecutionError('Groups %s have %s; write %s/%s/initiators '
                                 'move %s %s.' % (
                                     ' and '.join(found), initiator, self.path,
                                     found[0], initiator, group))
        move(self, self.node / found[0] / 'initiators' / initiator, group)

    def holders(self):
        return [group.name for group in self.node.children()]

    def ui_complete_move(self, parameters, text, current):
        del parameters
        if current == 'group':
            return complete.words(self.holders(), text)
        return complete.words([entry.name for group in self.node.children()
                               for entry in (group / 'initiators').children()],
                              text)

    def ui_complete_create(self, parameters, text, current):
        del parameters, current
        return strangers(self, text)


def move(place, entry, name):
    """An entry to the group of that name; place: the node that was asked."""
    groups = entry.parent.parent.parent
    group = groups / name
    if not is_name(name) or not group.exists():
        raise ExecutionError('There is no group %s; %s has %s.' % (
            name, objects.describe(groups.parent),
            ', '.join(group.name for group in groups.children())))
    if group == entry.parent.parent:
        raise ExecutionError('%s is in group %s already.' % (entry.name, name))
    objects.move_initiator(entry, group)
    place.say('Moved %s to group %s.', entry.name, name)


@shows(GROUP)
class Group(Plain):
    """A group of initiators, with LUNs of its own."""

    ALIASES = {'mapped_luns': 'luns'}

    def summary(self):
        initiators, luns = (len((self.node / name).children())
                            for name in ('initiators', 'luns'))
        return '%s, %s' % (render.count(initiators, 'initiator'),
                           render.count(luns, 'LUN')), None


def strangers(node, text):
    """Initiators that are in no group of the node's target, and logged in to
    it, or found no LUN there. They have chosen their names: * would be a
    pattern, and a blank a second word."""
    fabric, name = node.node.path.split('/')[1:3]
    target = node.get_root().node / 'targets' / fabric / name
    found = {*sessions.strangers('%s/%s' % (fabric, name)),
             *objects.refused(target)}
    return complete.words(sorted(filter(NAME.fullmatch, found)), text)


@shows(GROUP + '/initiators')
class Initiators(Plain):
    """Names and patterns of the initiators of a group."""

    IN_ORDER = True

    def summary(self):
        return render.count(len(self.node.children()), 'initiator'), None

    def ui_command_create(self, *initiators):
        """
        Takes initiators into the group: create INITIATOR... They are names, or
        patterns with * and ? and perhaps a leading !.
        """
        if not initiators:
            raise ExecutionError('Name an initiator, or a pattern of names.')
        found = [self.entry(initiator) for initiator in initiators]
        with objects.undoing() as undo:
            for node in found:
                objects.make(node, undo)
        for node in found:
            self.made(node)

    def ui_command_move(self, initiator, group):
        """
        Takes an initiator, or a pattern, to another group: move INITIATOR
        GROUP. It has the LUNs of the one, then those of the other, and never
        the default ones.
        """
        move(self, self.get_child_node(initiator), group)

    def ui_complete_move(self, parameters, text, current):
        if current == 'group':
            return self.parent.parent.ui_complete_move(parameters, text,
                                                       current)
        return self.ui_complete_delete(parameters, text, current)

    def ui_complete_create(self, parameters, text, current):
        del parameters, current
        return strangers(self, text)


@shows(GROUP + '/initiators/[^/]+')
class Initiator(Plain):
    """An initiator or a pattern."""

    def summary(self):
        return 'pattern' if set('*?!') & set(self.name) else 'name', None


@shows(TARGET + '/sessions')
class LocalSessions(Plain):
    """Sessions that are made here: those of scst_local."""

    def summary(self):
        return render.count(len(self.node.children()), 'session'), None


@shows(TARGET + '/sessions/[^/]+')
class LocalSession(Plain):
    """A session that was made here."""

    def summary(self):
        return self.values().get('host', ''), True


@shows(TARGET + '/params')
class Params(Directory):
    """Parameters of a target."""

    QUIET = True
