#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""Whatever the kernel refuses becomes a sentence that names the object."""
import errno
import os
import re
from unittest import mock

from cli_lib import refused
from lib import (ROOT, SCRATCH, Target, case, check, equal, file_of, fileio,
                 main, nullio, tree as everything)
from scst import errors, objects, tree
from scst.paths import KINDS, Place, shown
from scst.reasons import GENERAL

REFERENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         '../../../../Documentation/ABI/testing/configfs-scst')
# What stands for the placeholders of the reference
NAMES = {'handler': 'vdisk_fileio', 'device': 'disk1', 'fabric': 'iscsi',
         'target': 'iqn.2026-11.org.example:t', 'group': 'g1', 'lun': '3',
         'name': 'joe', 'portal': '192.0.2.1', 'pattern': '192.*',
         'session': 'here', 'tpg': 'tg', 'port': 'peer'}
# Values that say what is meant by an errno of `enabled`
WRITES = ('1', '0', 'nonsense')


def documented():
    """(path, errno's name) of each errno that the reference names."""
    with open(REFERENCE, encoding='utf-8') as file:
        text = file.read()
    for entry in re.split(r'^(?=What:)', text, flags=re.M):
        what = re.match(r'What:\s+/sys/kernel/config/scst/(\S+)', entry)
        if what:
            path = re.sub('<(.*?)>', lambda m: NAMES[m[1]], what[1])
            for name in sorted(set(re.findall(r'\bE[A-Z0-9]{2,}\b', entry))):
                if hasattr(errno, name):
                    yield path, name


def refusals(path, name):
    """All ways in which that errno could come from there."""
    error = OSError(getattr(errno, name), os.strerror(getattr(errno, name)))
    place = Place(path)
    if not place.rest:
        for operation in ('mkdir', 'rmdir'):
            yield tree.ScstError(error, operation, path)
        link = path if place.kind in ('member', 'port') else path + '/disk1'
        yield tree.ScstError(error, 'link', link, 'handlers/vdisk_fileio/disk1')
        return
    yield tree.ScstError(error, 'read', path)
    for value in WRITES:
        yield tree.ScstError(error, 'write', path, value)
    # What the store does is found when the device is enabled.
    if place.kind == 'device':
        yield tree.ScstError(error, 'write', place.path + '/enabled', '1')


def one_sentence(text):
    check(re.fullmatch(r'\S.*[.!](.*\S)?', text) and '\n' not in text and
          not re.search(r'[{}]|None', text.replace('CRC32C,None', '')
                        .replace('None, CRC32C', '')), 'sentence: %r' % text)


@case('each errno that the reference names has a reason of its own')
def reference():
    found = list(documented())
    check(len(found) > 100, 'only %d errnos were found' % len(found))
    missing = []
    for path, name in found:
        own = [error for error in refusals(path, name)
               if errors.reason(Place(error.path), error, name)]
        if not own:
            missing.append('%s: %s' % (path, name))
        for error in own:
            text = errors.sentence(error)
            one_sentence(text)
            check(Place(path).names['name'] in text, '%s: %s' % (path, text))
    equal(missing, [], 'what has no reason')


@case('all errnos there are, from anywhere, are sentences')
def anything():
    paths = sorted({path for path, _ in documented()} | {'version', 'x/y'})
    for number in sorted(errno.errorcode):
        error = OSError(number, os.strerror(number))
        for path in paths:
            for operation, value in (('mkdir', None), ('rmdir', None),
                                     ('read', None), ('write', 'x'),
                                     ('link', 'x'), ('unlink', None)):
                if Place(path).rest or operation != 'write':
                    one_sentence(errors.sentence(
                        tree.ScstError(error, operation, path, value)))


@case('what fits anything says what to do, too')
def next_step():
    for name, text in sorted(GENERAL.items()):
        check(re.search(r'[.] \S.*[.]$', text), '%s: %s' % (name, text))


@case('a secret is not repeated')
def secret():
    path = 'targets/iscsi/auth/incoming/joe/password'
    error = tree.ScstError(OSError(errno.EINVAL, ''), 'write', path,
                           'open sesame')
    check('sesame' not in errors.sentence(error), errors.sentence(error))


@case('paths: kinds, names, and where the shell has them')
def paths():
    for path, kind, text, where in (
            ('handlers/vdisk_nullio/n1', 'device', 'device n1',
             '/devices/vdisk_nullio/n1'),
            ('targets/scst_local/t1/luns/3', 'lun', 'LUN 3 of target t1',
             '/scst_local/t1/luns/3'),
            ('targets/iscsi/portals', 'fabric', 'fabric iscsi', '/iscsi'),
            ('targets/iscsi/portalsx', 'target', 'target portalsx',
             '/iscsi/portalsx'),
            ('device_groups/g/target_groups/t/targets/p', 'port',
             'port p of target group t',
             '/device_groups/g/target_groups/t/targets/p')):
        place = Place(path)
        equal((place.kind, place.text, place.shown()), (kind, text, where),
              path)
    equal(shown('targets'), '/', 'the fabrics')
    equal(len({kind for kind, _, _ in KINDS}), 15, 'kinds')


def sentence(function, *arguments):
    """What is said of a refusal by this very kernel."""
    try:
        function(*arguments)
    except tree.ScstError as error:
        one_sentence(errors.sentence(error))
        return errors.sentence(error)
    raise AssertionError('it was not refused')


@case('the kernel refuses: what is said, and nothing is changed')
def kernel():
    root = tree.root()
    disks = root / 'handlers/vdisk_fileio'
    nulls = root / 'handlers/vdisk_nullio'
    fileio('disk1')
    nullio('off', enable=False)
    target = Target()
    node = root / 'targets/scst_local/t0'
    for lun, device in ((0, 'disk1'), (5, 'disk1')):
        os.mkdir('%s/luns/%d' % (target.path, lun))
        os.symlink('%s/%s' % (disks.full(), device),
                   '%s/luns/%d/%s' % (target.path, lun, device))
    os.mkdir(target.path + '/luns/6')
    before = everything()
    for function, arguments, words in (
            ((nulls / 'disk1').mkdir, (), ('disk1', 'unique')),
            ((disks / 'disk1').rmdir, (), ('LUN 0', 'LUN 5', 't0')),
            ((disks / 'disk1').set, ('enabled', 0), ('disabled', 'LUN 5')),
            ((disks / 'disk1').set, ('blocksize', 4096), ('enabled',)),
            ((nulls / 'off').set, ('blocksize', 100), ('power of two',)),
            ((nulls / 'off').set, ('nothing', 1), ('only be read',)),
            ((node / 'luns/16384').mkdir, (), ('16383',)),
            ((node / 'luns/01').mkdir, (), ('decimal',)),
            ((node / 'luns/6').link, (nulls / 'off',), ('off', 'enable')),
            ((node / 'luns').rmdir, (), ('above',)),
            ((node / 'sessions/s/x').mkdir, (), ('not there',)),
            ((root / 'handlers/x').mkdir, (), ('nothing can be made',))):
        text = sentence(function, *arguments)
        for word in words:
            check(word in text, '%r is not in: %s' % (word, text))
    equal(everything(), before, 'what there is')


@case('what goes while it is looked at is left out')
def going():
    nulls = tree.root() / 'handlers/vdisk_nullio'
    device = nullio('stays')
    nullio('goes')
    whole = objects.dump(nulls)
    gone = FileNotFoundError(errno.ENOENT, 'gone')
    entry = mock.Mock()
    entry.name = 'gone'
    entry.stat.side_effect = gone
    entries = mock.MagicMock()
    entries.__enter__.return_value = [entry]
    with mock.patch('os.scandir', return_value=entries):
        equal((nulls.attributes(), nulls.links()), ({}, {}), 'entries')
    # So does the directory itself.
    entries.__enter__.return_value = mock.MagicMock()
    entries.__enter__.return_value.__iter__.side_effect = gone
    with mock.patch('os.scandir', return_value=entries):
        check('not there' in sentence(nulls.children), 'a directory goes')
    lun = Target().path + '/luns/0'
    os.mkdir(lun)
    os.symlink(device.path, lun + '/stays')
    equal([n.name for n in objects.users(nulls / 'stays')], ['0'], 'users')
    with mock.patch('os.readlink', side_effect=gone):
        equal(objects.users(nulls / 'stays'), [], 'users')
    # It goes between the list and the look.
    children = nulls.children()
    children[1].set('enabled', 0)
    children[1].rmdir()
    with mock.patch.object(tree.Node, 'children', side_effect=[
            children, (nulls / 'stays').children(), []]):
        found = objects.dump(nulls)
    equal(sorted(found), ['stays', 'type'], 'devices')
    equal(sorted(found['stays']), sorted(whole['stays']), 'what stays')


@case('objects: made as a whole or not at all')
def whole():
    nulls = tree.root() / 'handlers/vdisk_nullio'
    before = everything()
    for attributes in ({'blocksize': '4096', 'size_mb': 'x'}, {'nothing': '1'},
                       {'blocksize': '100', 'enabled': '1'}):
        sentence(objects.create, nulls / 'n', attributes)
        equal(everything(), before, 'what there is')
    node = objects.create(nulls / 'n', {'enabled': '1', 'blocksize': '4096',
                                        'pr/aptpl_file': '/tmp/x', 'tas': '1'})
    equal((node.get('enabled'), node.get('tas')), ('1', '1'), 'attributes')
    node.set('enabled', 0)
    sentence(objects.set_all, [(node, 'blocksize', '512'), (node, 'tas', '0'),
                               (node, 'qerr', '2')])
    equal((node.get('blocksize'), node.get('tas')), ('4096', '1'), 'attributes')
    objects.remove(node)
    equal(everything(), before, 'what there is')


@case('the program: status 1 and a sentence, and nothing is changed')
def program():
    path = file_of(1 << 20, 'store')
    before = everything()
    for words, expected in (
            (('/devices/vdisk_fileio', 'create', 'd', SCRATCH + '/not/there'),
             'no such file'),
            (('/devices/fileio', 'create', 'd', path, 'blocksize=3'),
             'power of two'),
            (('/devices', 'create', 'd', path, 'size=1M'), 'there already'),
            (('/scst_local/none/luns', 'create', 'd'), 'no none'),
            (('', 'ls'), 'no command'),
            (('/devices/nullio/n\udcff', 'get'), 'There is no n')):
        said = refused(*words)
        check(expected in said, said)
        equal(everything(), before, 'what there is')
    equal(os.stat(path).st_size, 1 << 20, 'size of the file')
    said = refused(lines='cd /devices\nnonsense\ncreate d %s\n' % path)
    check(said.startswith('line 2: '), said)
    equal(everything(), before, 'what there is after a script')
    said = refused(lines='/devices/nullio create "a\0b"\n')
    check('NUL' in said, said)
    said = refused('ls', output='/dev/full')
    check('No space left' in said, said)
    check(os.path.isdir(ROOT), 'the tree')


if __name__ == '__main__':
    main()
