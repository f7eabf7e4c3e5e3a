# SPDX-License-Identifier: GPL-2.0
"""The root of the shell, and /sessions: what there is at the top."""
import os

from configshell_fb import ConfigNode, ExecutionError

from scst import prometheus, sessions, tree
from scst.cli import complete, render
# Each of them tells base which directories it shows.
from scst.cli import devices, groups, iscsi, targets    # noqa: F401
from scst.cli.base import Directory, node_of
from scst.cli.config import ConfigCommands


# What has to be loaded for what is not there
MODULES = {'devices': 'scst_vdisk', 'iscsi': 'scst_iscsi',
           'scst_local': 'scst_local'}


class Root(ConfigCommands, Directory):
    """Devices, fabrics, device groups, sessions."""

    ALIASES = {'handlers': 'devices', 'backstores': 'devices',
               'loopback': 'scst_local', 'local': 'scst_local'}

    def __init__(self, shell):
        ConfigNode.__init__(self, '/', shell=shell)
        self.node = tree.root()

    def there(self):
        return True

    def attributes(self):
        """None if SCST is not loaded: restoreconfig and others can do that."""
        return super().attributes() if self.node.exists() else {}

    def _at_top(self):
        """Names here, with the directories that they stand for."""
        yield 'devices', self.node / 'handlers'
        for fabric in (self.node / 'targets').children():
            yield fabric.name, fabric
        yield 'device_groups', self.node / 'device_groups'

    @property
    def children(self):
        found = []
        for name, node in self._at_top():
            child = node_of(self, node)
            child.name = name
            found.append(child)
        return found + [Sessions(self)]

    def has_child(self, name):
        return name in self.ALIASES or name in MODULES or \
            any(child.name == name for child in self.children)

    def get_child(self, name):
        wanted = self.ALIASES.get(name, name)
        for child in self.children:
            if child.name == wanted:
                return child
        if wanted in MODULES:
            raise ValueError('There is no /%s: its module is not loaded. '
                             'modprobe %s' % (wanted, MODULES[wanted]))
        raise ValueError('There is no /%s; `ls /` shows what there is.' % name)

    def data(self, depth=None):
        below = None if depth is None else depth - 1
        return {**self.values(), **{child.name: child.data(below)
                                    for child in self.children}}

    def summary(self):
        return 'SCST %s' % self.node.get('version'), None

    def ui_command_sessions(self):
        """
        Shows who is logged in.
        """
        found = sessions.sessions()
        self.show([sessions.as_data(s) for s in found],
                  targets.session_table(found))

    def ui_command_stats(self):
        """
        Shows the counters of sessions and their LUNs: --json, or --prometheus
        for the text format of Prometheus.
        """
        found = sessions.sessions()
        if self.shell.form == 'prometheus':
            self.shell.con.display(prometheus.text(found).rstrip('\n'))
            return
        self.show([sessions.as_data(s) for s in found], stats_table(found))

    def ui_command_top(self, interval='2', count=None):
        """
        Shows what sessions and LUNs do, again and again: top [SECONDS] [COUNT].
        On a terminal until q; otherwise COUNT tables, or one. With --json each
        is a list, on a line of its own.
        """
        try:
            seconds = float(interval)
        except ValueError:
            seconds = 0
        if not 0.1 <= seconds <= 3600:
            raise ExecutionError('%s are no seconds to wait; 0.1 to 3600 are '
                                 'possible.' % interval)
        # curses, which nothing else needs
        from scst.cli.top import run_top
        run_top(seconds, self.number_of(count) if count else 0,
                self.shell.form)


def stats_table(found):
    """All counters that there are, a line for each session and LUN."""
    rows = []
    for session in found:
        rows.append((session.name, '-', session))
        rows += [(session.name, lun.name.removeprefix('lun'), lun)
                 for lun in session.luns]
    if not rows:
        return 'Nobody is logged in.'
    names = ('commands', 'read_commands', 'write_commands', 'read_bytes',
             'write_bytes', 'active_commands')
    return render.table(('SESSION', 'LUN', *(name.upper() for name in names)),
                        [(name, lun, *(one.number(n) for n in names))
                         for name, lun, one in rows])


class Static(Directory):
    """A node that no directory of configfs stands behind."""

    def there(self):
        return True

    def can_enable(self):
        return False

    def attributes(self):
        return {}

    def values(self):
        return {}

    def has_child(self, name):
        return any(child.name == name for child in self.children)

    def get_child(self, name):
        for child in self.children:
            if child.name == name:
                return child
        raise ValueError('There is no %s at %s; `ls` shows what there is.' %
                         (name, self.path))


class Sessions(Static):
    """Who is logged in."""

    def __init__(self, parent):
        super().__init__(parent, parent.node, 'sessions')

    @property
    def children(self):
        return [Session(self, session) for session in sessions.sessions()]

    def data(self, depth=None):
        del depth
        return [child.data() for child in self.children]

    def summary(self):
        return render.count(len(sessions.sessions()), 'session'), None

    def ui_command_info(self):
        """
        Shows who is logged in.
        """
        self.parent.ui_command_sessions()

    def ui_command_delete(self, *names):
        """
        Ends sessions, as `close` does: delete SESSION...
        """
        try:
            found = [self.get_child(name) for name in names]
        except ValueError as error:
            raise ExecutionError(str(error)) from None
        for session in found:
            session.ui_command_close()

    def ui_complete_delete(self, parameters, text, current):
        del parameters, current
        return complete.words([child.name for child in self.children], text)


class Session(Static):
    """A session."""

    def __init__(self, parent, session):
        super().__init__(parent, parent.node, session.name)
        self.session = session

    @property
    def children(self):
        return []

    def values(self):
        return {name: self.get(name) for name in sorted(self.session.values)}

    def attributes(self):
        return dict.fromkeys(self.session.values, 0o444)

    def data(self, depth=None):
        del depth
        return sessions.as_data(self.session)

    def resolve(self, name):
        """Attributes that are read: see ui_command_get."""
        if name not in self.session.values:
            raise ExecutionError('%s has no attribute %s; `get` shows those '
                                 'that it has.' % (self.path, name))
        return self, name

    def get(self, name):
        value = self.session.get(name)
        return value if self.shell.form else render.plain(value)

    def set(self, name, value):
        del value
        raise ExecutionError('%s of a session can only be read.' % name)

    def summary(self):
        session = self.session
        words = ['%s -> %s' % (self.get('initiator_name'),
                               session.get('target'))]
        if session.get('group'):
            words.append('group ' + session.get('group'))
        return ', '.join(words), True

    def ui_command_info(self):
        """
        Shows who this is, what was negotiated, and its counters.
        """
        lines = ['%s=%s' % pair for pair in self.values().items()]
        self.show(self.data(), '\n'.join(lines))

    def ui_command_close(self):
        """
        Ends the session, if its fabric can; the initiator may log in again.
        """
        who = self.get('initiator_name')
        close = self.session.path + '/close'
        if os.path.isdir(self.session.path) and not os.path.exists(close):
            raise ExecutionError(
                'Session %s of %s cannot be ended from here. If it is one of '
                'scst_local: /%s/sessions delete %s' %
                (self.name, who, self.session.get('target'), who))
        try:
            with open(close, 'w', encoding='ascii') as file:
                file.write('1')
        except OSError as error:
            raise ExecutionError('Session %s cannot be ended: %s.' % (
                self.name, error.strerror)) from None
        self.say('Session %s of %s is being ended.', self.name, who)
