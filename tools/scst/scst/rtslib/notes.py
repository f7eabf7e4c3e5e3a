# SPDX-License-Identifier: GPL-2.0
"""What LIO's kernel keeps and SCST's does not: names of ACLs (tags), secrets
that are not in use, the ports of a target's portals.

They are in a file below /run, as short-lived as the configuration itself; what
is to last is in saveconfig.json. Each note belongs to a directory of the tree,
and to that very one: if it was removed and made again, by whatever program,
its notes are gone.
"""
import json
import os

FILE = '/run/scst/targetcli.json'

_notes = None


def _identity(node):
    """Of the directory itself; None if it is not there."""
    try:
        return os.stat(node.full()).st_ino
    except OSError:
        return None


def _load():
    global _notes
    if _notes is None:
        try:
            with open(FILE, encoding='utf-8') as file:
                _notes = json.load(file)
        except (FileNotFoundError, ValueError):
            _notes = {}
    return _notes


def _store():
    os.makedirs(os.path.dirname(FILE), exist_ok=True)
    new = FILE + '.new'
    # Secrets are in it.
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              'w', encoding='utf-8') as file:
        json.dump(_notes, file)
    os.replace(new, FILE)


def get(node, key, default=None):
    entry = _load().get(node.path)
    if entry and entry['is'] == _identity(node):
        return entry.get(key, default)
    return default


def put(node, **values):
    """Note these values of a directory; None takes a note away."""
    notes = _load()
    identity = _identity(node)
    entry = notes.get(node.path)
    if not entry or entry['is'] != identity:
        if not any(value is not None for value in values.values()):
            return
        entry = notes[node.path] = {'is': identity}
    for key, value in values.items():
        if value is None:
            entry.pop(key, None)
        else:
            entry[key] = value
    for path in list(notes):
        if not os.path.isdir(os.path.join(node.mount, path)):
            del notes[path]
    _store()


def forget_all():
    """Read the file again when something is asked for."""
    global _notes
    _notes = None
