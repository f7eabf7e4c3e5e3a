# SPDX-License-Identifier: GPL-2.0
"""Who is logged in, and what they do: /sys/class/scst_session as objects.

All of it may go at any time; what has gone is left out, never an error.
"""
import os
import re
import time
from dataclasses import dataclass, field

from scst.objects import natural

CLASS = '/sys/class/scst_session'
CONNECTIONS = ('ip', 'target_ip', 'state')


@dataclass
class Session:
    """A session, or (of a session) a LUN: its attributes, as text."""
    name: str
    path: str
    values: dict
    luns: list = field(default_factory=list)
    connections: list = field(default_factory=list)

    def get(self, name):
        return self.values.get(name, '')

    def number(self, name):
        value = self.values.get(name, '')
        return int(value) if value.isdecimal() else 0

    def counters(self):
        return {name: int(value) for name, value in self.values.items()
                if value.isdecimal()}

    def target(self):
        """(fabric, target)"""
        fabric, _, target = self.get('target').partition('/')
        return fabric, target


def _attributes(path):
    values = {}
    try:
        names = os.listdir(path)
    except OSError:
        return values
    for name in names:
        full = os.path.join(path, name)
        if name == 'uevent' or os.path.islink(full) or os.path.isdir(full):
            continue
        try:
            with open(full, encoding='utf-8', errors='replace') as file:
                values[name] = file.read().rstrip('\n')
        except OSError:         # write-only, or it has gone
            continue
    return values


def _below(path, pattern):
    """Directories in path whose names match: what they are, in order."""
    try:
        names = [name for name in os.listdir(path) if
                 re.fullmatch(pattern, name) and
                 os.path.isdir(os.path.join(path, name))]
    except OSError:
        return []
    return [Session(name, os.path.join(path, name),
                    _attributes(os.path.join(path, name)))
            for name in sorted(names, key=natural)]


def sessions(where=CLASS):
    """All sessions, in the order in which they were made."""
    found = []
    for session in _below(where, r'session\d+'):
        if not session.values:
            continue
        session.luns = _below(session.path, r'lun\d+')
        session.connections = _below(session.path, r'session\d+:\d+')
        found.append(session)
    return found


def strangers(target=None, where=CLASS):
    """Names of initiators that are in no group, of a target or of all."""
    return sorted({s.get('initiator_name') for s in sessions(where)
                   if not s.get('group') and
                   (target is None or s.get('target') == target)})


def as_data(session):
    """What JSON has of a session: numbers as numbers."""
    data = {'name': session.name, **_plain(session)}
    data['luns'] = [{'lun': int(lun.name.removeprefix('lun')), **_plain(lun)}
                    for lun in session.luns]
    data['connections'] = [_plain(connection)
                           for connection in session.connections]
    return data


def _plain(one):
    return {name: int(value) if value.isdecimal() else value
            for name, value in sorted(one.values.items())}


@dataclass
class Sample:
    """All sessions at a moment."""
    at: float
    sessions: list

    @classmethod
    def take(cls, where=CLASS):
        return cls(time.monotonic(), sessions(where))

    def rows(self):
        """(session, LUN or None) by a name that stays."""
        found = {}
        for session in self.sessions:
            found[session.name] = (session, None)
            for lun in session.luns:
                found[session.name + '/' + lun.name] = (session, lun)
        return found


@dataclass
class Rate:
    """What went on between two samples, of a session or one of its LUNs."""
    session: Session
    lun: Session
    iops: float
    read_bytes: float
    write_bytes: float
    latency: float              # seconds, None if nothing is known
    queue: int


def rates(before, after):
    """A Rate for each session, and each LUN below it, that is in both."""
    seconds = max(after.at - before.at, 1e-9)
    old = before.rows()
    return [_rate(old[key][lun is not None], session, lun, seconds)
            for key, (session, lun) in after.rows().items() if key in old]


def _rate(old, session, lun, seconds):
    new = lun or session

    def change(name):
        return max(new.number(name) - old.number(name), 0)

    commands = change('commands')
    return Rate(session, lun, commands / seconds,
                change('read_bytes') / seconds, change('write_bytes') / seconds,
                _latency(old, new, commands, change, seconds),
                new.number('active_commands'))


def _latency(old, new, commands, change, seconds):
    """What the kernel has measured; a kernel that has not: by Little's law, the
    commands that are inside, divided by those that end in a second."""
    if not commands:
        return None
    if 'commands_ns' in new.values:
        return change('commands_ns') / commands / 1e9
    inside = (old.number('active_commands') + new.number('active_commands')) / 2
    return inside * seconds / commands
