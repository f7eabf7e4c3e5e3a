# SPDX-License-Identifier: GPL-2.0
"""Files of configurations and of secrets.

A file is there as a whole, the old one or the new one, at any time: it is
written under another name, brought to the medium, and renamed. What was there
before stays in the directory backup beside it, the latest ten of them.
"""
import json
import os
import tempfile
import time

from scst import config_schema as schema

DEFAULT = '/etc/scst/saveconfig.json'
SECRETS = '/etc/scst/secrets.json'
VERSION = 1
BACKUPS = 10
# Kinds of directories
_WITHOUT_ATTRIBUTES = frozenset((
    'handlers', 'targets', 'device_groups', 'target_groups', 'luns',
    'accounts', 'ini_groups', 'initiators', 'sessions', 'patterns', 'portals',
    'ports'))
_WITH_LINKS = frozenset(('lun', 'members', 'ports'))


class ConfigError(Exception):
    """A file that is no configuration, or cannot be read or written."""


def _parse(path):
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file, object_pairs_hook=_once(path))
    except OSError as error:
        raise ConfigError('%s cannot be read: %s.' %
                          (path, error.strerror)) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError('%s is not JSON: %s.' % (path, error)) from None


def _once(path):
    def check(pairs):
        result = dict(pairs)
        if len(result) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(n for n in names if names.count(n) > 1)
            raise ConfigError('%s has "%s" twice in one object.' %
                              (path, twice))
        return result
    return check


def load(path):
    """The tree that a file describes."""
    content = _parse(path)
    if not isinstance(content, dict) or 'version' not in content or \
            not isinstance(content.get('tree'), dict):
        raise ConfigError('%s is not a configuration of SCST: it has no '
                          '"version" and "tree". Other formats are read by '
                          '"import".' % path)
    if content['version'] != VERSION:
        raise ConfigError('%s is of version %s; this program knows version %d.'
                          % (path, content['version'], VERSION))
    check(path, content['tree'])
    return content['tree']


def check(file, tree):
    """Is it what a restore can be given? Names are to be names: of no
    directory but those of the tree."""
    _check(file, '', tree, schema.ROOT)
    _check_links(file, tree)


def _check(file, where, directory, kind):
    for name, entry in directory.items():
        path = where + '/' + name if where else name
        _check_text(file, path, path)
        if name in ('', '.', '..') or '/' in name or '\0' in name:
            raise ConfigError('%s: "%s" is no name of a directory or an '
                              'attribute.' % (file, path))
        _check_place(file, path, entry, kind)
        if schema.is_directory(entry):
            _check_known(file, path, entry, kind)
            _check(file, path, entry, kind.child(name))
        elif schema.is_link(entry):
            _check_link(file, path, entry['link'])
        elif not schema.is_attribute(entry):
            raise ConfigError('%s: %s must be a string or an object; write "1"'
                              ' rather than 1 or true.' % (file, path))
        elif isinstance(entry, str):
            _check_value(file, path, name, entry)


def _check_value(file, path, name, value):
    _check_text(file, path, value)
    if '\0' in value:
        raise ConfigError('%s: %s has a NUL in it.' % (file, path))
    # The kernel knows more words for it; what the order of steps is by, not.
    if name == 'enabled' and value not in ('0', '1'):
        raise ConfigError('%s: %s is "0" or "1", not "%s".' %
                          (file, path, value))


def _check_text(file, path, text):
    """JSON can have halves of characters that nobody can write."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        raise ConfigError('%s: %s is no text.' %
                          (file, ascii(path))) from None


def _check_place(file, path, entry, kind):
    """Attributes are not where directories are to be, nor passwords where none
    are."""
    name = path.rpartition('/')[2]
    if schema.is_secret(entry) and name != 'password':
        raise ConfigError('%s: %s is no password.' % (file, path))
    if schema.is_attribute(entry) and (
            name in kind.fixed or kind.name in _WITHOUT_ATTRIBUTES):
        raise ConfigError('%s: %s is a directory, and must be an object.' %
                          (file, path))


def _check_known(file, path, entry, kind):
    """A directory of which nothing is known may have attributes."""
    name = path.rpartition('/')[2]
    if name in kind.fixed or kind.child(name) is not schema.PLAIN:
        return
    if kind is schema.ROOT or \
            not all(schema.is_attribute(inner) for inner in entry.values()):
        raise ConfigError('%s: there is no directory %s in a configuration.' %
                          (file, path))


def _check_link(file, path, where):
    if not where or where.startswith('/') or \
            {'', '.', '..'} & set(where.split('/')):
        raise ConfigError('%s: the link %s must lead to a path from the root '
                          'of the tree, as handlers/vdisk_fileio/disk1.' %
                          (file, path))


def _check_links(file, tree):
    """Each must lead to something that the file has, too, and be where there
    are links."""
    for where, target in _links('', tree):
        if not schema.is_directory(schema.find(tree, target)):
            raise ConfigError('%s: the link %s leads to %s, which the file '
                              'does not have.' % (file, where, target))
        if schema.kind_of(where.rpartition('/')[0]).name not in _WITH_LINKS:
            raise ConfigError('%s: %s cannot be a link: LUNs have links, and '
                              'the devices and targets of device groups are '
                              'links.' % (file, where))


def _links(where, directory):
    for name, entry in directory.items():
        path = where + '/' + name if where else name
        if schema.is_link(entry):
            yield path, entry['link']
        elif schema.is_directory(entry):
            yield from _links(path, entry)


def load_secrets(path):
    """{name: secret}; nothing if there is no file."""
    if not os.path.lexists(path):
        return {}
    secrets = _parse(path)
    if not isinstance(secrets, dict) or \
            not all(isinstance(value, str) for value in secrets.values()):
        raise ConfigError('%s must be an object of names and secrets.' % path)
    return secrets


def save_secrets(path, secrets):
    """Without a backup: an old secret should be gone."""
    _replace(path, encode(dict(sorted(secrets.items()))))


def encode(content):
    return json.dumps(content, indent=2, ensure_ascii=True) + '\n'


def save(path, tree):
    """Is there anything new in it?"""
    text = encode({'version': VERSION, 'tree': tree})
    try:
        with open(path, encoding='utf-8') as file:
            if file.read() == text:
                return False
    except FileNotFoundError:
        pass
    except (OSError, ValueError):
        pass    # whatever it is, it is going to be replaced
    _replace(path, text, backup=True)
    return True


def place(path):
    """Where a file really is, lest a rename replace /dev/stdout."""
    path = os.path.realpath(path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise ConfigError('%s cannot be written: it is no regular file.' % path)
    return path


def _replace(path, text, backup=False):
    path = place(path)
    folder = os.path.dirname(path)
    new = None
    try:
        os.makedirs(folder, mode=0o755, exist_ok=True)
        fd, new = tempfile.mkstemp(prefix=os.path.basename(path) + '.new-',
                                   dir=folder)      # mode 0600
        _write(fd, text)
        if backup and os.path.exists(path):
            _back_up(path, os.path.join(folder, 'backup'))
        os.rename(new, path)
        _sync_directory(folder)
    except OSError as error:
        raise ConfigError('%s cannot be written: %s.' %
                          (path, error.strerror)) from None
    finally:
        if new and os.path.lexists(new):
            os.unlink(new)


def _write(fd, text):
    with open(fd, 'w', encoding='utf-8') as file:
        file.write(text)
        file.flush()
        os.fsync(fd)


def _sync_directory(path):
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _back_up(path, folder):
    os.makedirs(folder, mode=0o700, exist_ok=True)
    name = '%s-%s-' % (os.path.basename(path).removesuffix('.json'),
                       time.strftime('%Y%m%d-%H%M%S', time.gmtime()))
    # Behind those of the same second, of which the first may have gone.
    there = [n for n in backups(path) if n.startswith(name)]
    number = int(there[-1][len(name):-len('.json')]) + 1 if there else 0
    os.link(path, os.path.join(folder, '%s%02d.json' % (name, number)))
    for name in backups(path)[:-BACKUPS]:
        os.unlink(os.path.join(folder, name))
    _sync_directory(folder)


def backups(path):
    """Names of the backups of a file, the oldest first."""
    folder = os.path.join(os.path.dirname(os.path.abspath(path)), 'backup')
    stem = os.path.basename(path).removesuffix('.json')
    if not os.path.isdir(folder):
        return []
    # -YYYYmmdd-HHMMSS-NN.json
    return sorted(name for name in os.listdir(folder)
                  if name.startswith(stem + '-') and
                  len(name) == len(stem) + 24 and name.endswith('.json'))


def take_secrets(tree, path=''):
    """Replaces the passwords in a tree by references to them, and gives them
    back as {name: secret}."""
    taken = {}
    for name, entry in tree.items():
        where = path + '/' + name if path else name
        if name == 'password' and isinstance(entry, str) and entry:
            taken[path] = entry
            tree[name] = {'secret': path}
        elif schema.is_directory(entry):
            taken |= take_secrets(entry, where)
    return taken
