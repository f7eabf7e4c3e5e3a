#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""targets/iscsi/ in configfs: the errno that fits, and nothing changed."""
import ctypes
import os
import socket

from iscsi_lib import DRIVER, Target, main, portal
from iscsi_raw import Session
from lib import SLOW, case, check, equal, fails, read, run, tree, write

CLONE_NEWNET = 0x40000000

NAMES = (
    'iqn.2026-11.org.example', 'iqn.2026-11.org.example:a.b-c:0',
    'iqn.0001-12.a', 'iqn.2026-01.org.example:' + 199 * 'x',
    'eui.02004567a425678d', 'naa.52004567ba64678d',
    'naa.62004567ba64678d0123456789abcdef',
)

BAD_NAMES = (
    'x', 'iqn', 'iqn.', 'iqn.2026-11', 'iqn.2026-11.', 'iqn.2026-11.:x',
    'iqn.2026-13.org', 'iqn.2026-00.org', 'iqn.226-11.org', 'iqn.2026-1.org',
    'iqn.20261-1.org', 'iqn.2026-11-org', 'iqn.2026-11.Org', 'IQN.2026-11.org',
    'iqn.2026-11.org_x', 'iqn.2026-11.org x', 'iqn.2026-11.org\n',
    'iqn.2026-11.\u00e4', 'eui.', 'eui.02004567a425678',
    'eui.02004567a425678dd', 'eui.02004567A425678D', 'eui.02004567a425678g',
    'naa.52004567ba64678', 'naa.62004567ba64678d0123456789abcde', 'naa.',
    'targets',
)

PORTALS = ('127.0.0.1:3260', '127.0.0.1:3261', '127.0.0.2', '[::1]:3260',
           '[::1]:65535', '127.0.0.3:1')

BAD_PORTALS = (
    'x', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:65536', '127.0.0.1:+5',
    '127.0.0.1:0x10', '127.0.0.1:3260 ', '127.0.0.1:3260\n', '127.0.0',
    '127.0.0.256', '127.0.0.1.1', ':3260', '::1', '[::1', '[::1]3260', '[]',
    '[::1]:', '[::1%lo]', '[127.0.0.1]', '[::g]', '[fe80::1]', '[fe80::1%]',
    '[fe80::1%a-name-that-is-too-long]', 'localhost:3260', '%', '[%lo]',
    '127.0.0.1:99999999999999999999',
)


def refused(name, path, value):
    """Writing value must fail, and the attribute must stay what it was."""
    before = read(path)
    with fails(name):
        write(path, value)
    equal(read(path), before, path)


def takes(path, values):
    """Pairs of what is written and what is read then."""
    for written, value in values:
        write(path, written)
        equal(read(path), value, path)


def connects(address, port, family=socket.AF_INET, patience=0.3):
    """Does anybody listen, and stay with us?"""
    with socket.socket(family) as sock:
        sock.settimeout(60 * SLOW)
        try:
            sock.connect((address, port))
            sock.settimeout(patience)
            return sock.recv(1) != b''
        except TimeoutError:
            return True
        except (ConnectionRefusedError, ConnectionResetError):
            return False


def refuses(address, port):
    """Nobody listens, or it is closed as soon as somebody looks at it: well
    before the 15 s that a login may take."""
    return not connects(address, port, patience=10)


@case('names of targets')
def names():
    before = tree()
    for name in NAMES:
        os.mkdir('%s/%s' % (DRIVER, name))
        with fails('EEXIST'):
            os.mkdir('%s/%s' % (DRIVER, name))
    for name in NAMES:
        os.rmdir('%s/%s' % (DRIVER, name))
    for name in BAD_NAMES:
        with fails('EINVAL'):
            os.mkdir('%s/%s' % (DRIVER, name))
    for name in ('portals', 'auth'):
        with fails('EEXIST'):
            os.mkdir('%s/%s' % (DRIVER, name))
        with fails('EPERM'):
            os.rmdir('%s/%s' % (DRIVER, name))
    with fails('ENAMETOOLONG'):
        os.mkdir('%s/iqn.2026-01.org.example:%s' % (DRIVER, 200 * 'x'))
    equal(tree(), before, 'the tree')


@case('names of portals')
def portals():
    before = tree()
    for address in PORTALS:
        portal(address)
    for address in BAD_PORTALS:
        with fails('EINVAL'):
            portal(address)
    with fails('EEXIST'):
        portal('127.0.0.1:3260')
    for address in ('127.0.0.1', '0.0.0.0:3260', '[::]'):
        with fails('EADDRINUSE'):
            portal(address)
    with fails('EADDRNOTAVAIL'):
        portal('192.0.2.1')
    with fails('EADDRNOTAVAIL'):
        portal('[2001:db8::1]')
    with fails('ENODEV'):
        portal('[fe80::1%nothing]')
    for address in PORTALS:
        os.rmdir('%s/portals/%s' % (DRIVER, address))
    equal(tree(), before, 'the tree')
    portal('[::]:3260')
    portal('0.0.0.0:3260')


@case('a portal listens while it is there, and serves while iscsi is enabled')
def listening():
    check(refuses('127.0.0.1', 3260), 'connected to nobody')
    portal('127.0.0.1:3260')
    portal('[::1]')
    check(refuses('127.0.0.1', 3260), 'served by who is not enabled')
    write(DRIVER + '/enabled', 1)
    check(connects('127.0.0.1', 3260), 'not served')
    check(connects('::1', 3260, socket.AF_INET6), 'not served by IPv6')
    with Session() as session:
        session.login()
        os.rmdir(DRIVER + '/portals/127.0.0.1:3260')
        check(refuses('127.0.0.1', 3260), 'listens for ever')
        session.nop()
    portal('127.0.0.1:3260')
    check(connects('127.0.0.1', 3260), 'not served again')
    refused('EINVAL', DRIVER + '/enabled', 'x')


@case('portals come and go while initiators come and go')
def churn():
    write(DRIVER + '/enabled', 1)
    for _ in range(50):
        portal('127.0.0.1:3260')
        socks = [socket.create_connection(('127.0.0.1', 3260))
                 for _ in range(20)]
        os.rmdir(DRIVER + '/portals/127.0.0.1:3260')
        for sock in socks:
            sock.close()


@case('a portal is in the network namespace of whoever made it')
def namespace():
    libc = ctypes.CDLL(None, use_errno=True)
    write(DRIVER + '/enabled', 1)
    child = os.fork()
    if not child:
        bad = 1
        try:
            check(not libc.unshare(CLONE_NEWNET), 'unshare')
            run('ip', 'link', 'set', 'lo', 'up')
            portal('127.0.0.1:3260')
            sock = socket.create_connection(('127.0.0.1', 3260))
            check(connects('127.0.0.1', 3260), 'nobody in the namespace')
            sock.close()
            bad = 0
        finally:
            os._exit(bad)
    equal(os.waitpid(child, 0)[1], 0, 'status')
    check(refuses('127.0.0.1', 3260), 'in the wrong namespace')
    with fails('EEXIST'):
        portal('127.0.0.1:3260')
    portal('127.0.0.1')
    os.rmdir(DRIVER + '/portals/127.0.0.1:3260')


@case('parameters')
def params():
    target = Target(enable=False)
    where = target.path + '/params/'
    for name, value, smallest, largest in (
            ('MaxRecvDataSegmentLength', 1048576, 512, 16777215),
            ('MaxXmitDataSegmentLength', 1048576, 512, 16777215),
            ('MaxBurstLength', 1048576, 512, 16777215),
            ('FirstBurstLength', 65536, 512, 16777215),
            ('MaxOutstandingR2T', 32, 1, 65535),
            ('QueuedCommands', 32, 1, 2048), ('RspTimeout', 90, 2, 65535),
            ('NopInInterval', 30, 0, 65535), ('NopInTimeout', 30, 2, 65535)):
        equal(read(where + name), str(value), name)
        takes(where + name, ((smallest, str(smallest)),
                             (largest, str(largest))))
        refused('ERANGE', where + name, largest + 1)
        refused('ERANGE', where + name, 1 << 32)
        if smallest:
            refused('ERANGE', where + name, smallest - 1)
        for bad in ('x', '1x', '-1', '1 2', '\n'):
            refused('EINVAL', where + name, bad)
    for name, value in (('InitialR2T', 'No'), ('ImmediateData', 'Yes')):
        equal(read(where + name), value, name)
        takes(where + name, (('Yes', 'Yes'), ('No\n', 'No')))
        for bad in ('yes', 'x', 'Yes No', '\n', 'N'):
            refused('EINVAL', where + name, bad)
    for name in ('HeaderDigest', 'DataDigest'):
        equal(read(where + name), 'None', name)
        takes(where + name, (('CRC32C', 'CRC32C'), ('None\n', 'None'),
                             ('CRC32C,None\n', 'None,CRC32C')))
        for bad in ('crc32c', 'CRC32C,', ',None', 'None,None', 'CRC32C None',
                    'None\nCRC32C', '\n', 'CRC32'):
            refused('EINVAL', where + name, bad)
    equal(len(os.listdir(where)), 13, 'parameters')


@case('attributes of a target')
def attributes():
    target = Target(enable=False)
    where = target.path + '/'
    takes(where + 'alias', (('a disk', 'a disk'), (255 * 'x' + '\n', 255 * 'x'),
                            ('\u00e4\n', '\u00e4'), ('\n', '')))
    refused('ENAMETOOLONG', where + 'alias', 256 * 'x')
    refused('EINVAL', where + 'alias', 'a\tb')
    refused('EINVAL', where + 'alias', 'a\nb')
    takes(where + 'redirect',
          (('10.0.0.1:3261 temp', '10.0.0.1:3261 temp'),
           ('10.0.0.1 perm\n', '10.0.0.1:3260 perm'), ('\n', ''),
           ('[2001:db8:0::1]:1 perm\n', '[2001:db8::1]:1 perm')))
    for bad in ('x', '10.0.0.1', '10.0.0.1 ', '10.0.0.1 for ever', ' temp',
                '10.0.0.1:0 temp', '[fe80::1%lo] temp', 'temp', '::1 temp',
                '0.0.0.0 temp', '[::] perm', 100 * '1' + ' temp',
                '10.0.0.1 temp perm', '10.0.0.1\ntemp'):
        refused('EINVAL', where + 'redirect', bad)
    takes(where + 'per_portal_acl', ((1, '1'), (0, '0')))
    refused('EINVAL', where + 'per_portal_acl', 'x')
    equal(read(where + 'MaxSessions'), '0')
    takes(where + 'MaxSessions', ((7, '7'), (0, '0')))
    refused('EINVAL', where + 'MaxSessions', -1)
    refused('ERANGE', where + 'MaxSessions', 1 << 32)


@case('allowed_portals')
def allowed():
    target = Target(enable=False)
    for pattern in ('10.0.0.1', '10.*', '!10.?.0.1', '2001:DB8::*', '*'):
        target.allow_portal(pattern)
    for bad in ('x', '!', '[::1]', '10.0.0.1!', '10.0.0.1 ', 'fe80::1%lo'):
        with fails('EINVAL'):
            target.allow_portal(bad)
    with fails('EEXIST'):
        target.allow_portal('*')
    with fails('ENAMETOOLONG'):
        target.allow_portal(80 * '1')
    with fails('ENOTEMPTY'):
        os.rmdir(target.path)


@case('a name can be used again at once')
def again():
    for enable in (True, False):
        for _ in range(20):
            target = Target(enable=enable)
            os.rmdir(target.path)


@case('the module stays as long as there is a portal or a target')
def module():
    target = Target(enable=False)
    run('rmmod', 'scst_iscsi', status=1)
    os.rmdir(target.path)
    portal('127.0.0.1')
    run('rmmod', 'scst_iscsi', status=1)
    os.rmdir(DRIVER + '/portals/127.0.0.1')
    for _ in range(5):
        run('rmmod', 'scst_iscsi')
        check(not os.path.exists(DRIVER), DRIVER + ' is still there')
        run('modprobe', 'scst_iscsi')


main()
