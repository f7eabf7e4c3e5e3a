# SPDX-License-Identifier: GPL-2.0
"""What a refusal of the kernel means, as a sentence: which object, why, and
what to do next.

reasons.py has the table, by kind of object, operation and attribute; here it
is looked up, from the particular to the general.
"""
import errno
import os

from scst import objects, tree
from scst.paths import Place, shown
from scst.reasons import ANY, GENERAL, REASONS

TRIED = {
    'mkdir': '{Object} cannot be made',
    'rmdir': '{Object} cannot be removed',
    'read': '{attribute} of {object} cannot be read',
    'write': '{attribute} of {object} cannot become {shown}',
    'link': '{To} cannot be linked to {object}',
    'unlink': '{rest} cannot be taken from {object}',
}
SECRETS = ('password',)


def sentence(error):
    """A ScstError as people like to read it."""
    place = Place(error.path)
    name = errno.errorcode.get(error.errno, '')
    why = reason(place, error, name) or _general(error, name)
    fields = _fields(place, error)
    if '{users}' in why:
        fields['users'] = _users(error)
    return '%s: %s' % (_tried(place, error).format_map(fields),
                       why.format_map(fields))


def reason(place, error, name):
    """The row of the table that fits best, or None."""
    for kind in (place.kind, ANY):
        rows = REASONS.get(kind, {})
        for key in _keys(place, error):
            why = rows.get(key, {}).get(name)
            if why:
                return why
    return None


def _keys(place, error):
    if error.operation == 'write':
        yield 'write %s=%s' % (place.rest, str(error.value).strip())
    if place.rest:
        yield '%s %s' % (error.operation, place.rest)
    yield error.operation


def _general(error, name):
    text = GENERAL.get(name)
    if text:
        return text
    text = error.strerror or os.strerror(error.errno)
    return (text[:1].lower() + text[1:]).replace('{', '{{') + \
        '. The kernel log may say more: dmesg.'


def _tried(place, error):
    if error.operation == 'write' and place.rest == 'enabled':
        return '{Object} cannot be %s' % (
            'disabled' if str(error.value).strip() == '0' else 'enabled')
    if error.operation == 'unlink' and not place.rest:
        return TRIED['rmdir']
    if error.operation == 'read' and not place.rest:
        return '{Object} cannot be looked at'
    if error.operation == 'link' and place.kind == 'lun':
        return '{To} cannot be shown as {object}'
    return TRIED[error.operation]


def _fields(place, error):
    value = str(error.value or '').strip()
    if place.rest.rsplit('/', 1)[-1] in SECRETS:
        value = 'that'
    to = Place(value).text if error.operation == 'link' else ''
    fields = {'object': place.text, 'Object': _capital(place.text),
              'where': place.shown(), 'path': error.path, 'rest': place.rest,
              'attribute': place.rest, 'value': value,
              'shown': value or 'empty',
              'To': _capital(to), 'linked': shown(value)}
    return {'name': '', 'target': '', 'group': '', 'fabric': '',
            'device_group': '', 'target_group': '', 'handler': '',
            **place.names, **fields}


def _capital(text):
    return text[:1].upper() + text[1:]


def _users(error):
    """Who has links to the device or target that this is about."""
    path = error.value if error.operation == 'link' else Place(error.path).path
    found = [objects.describe(user) for user in objects.users(tree.Node(path))]
    if len(found) > 4:
        found[3:] = ['%d more' % (len(found) - 3)]
    return ', '.join(found) or 'something'
