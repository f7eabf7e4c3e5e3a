#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""Who may see and use which target, and what the others are told."""
import os

import iscsi_lib
import iscsi_raw
from iscsi_lib import (DRIVER, IQN, Target, discover, main, portal, serve,
                       sessions, write)
from iscsi_raw import FULL, OPERATIONAL, Closed, Refused, Session
from lib import case, check, equal, fails, nullio, read, wait_for

ANOTHER = '127.0.0.1:3261'
ALICE, BOB = 'iqn.2026-11.org.example:alice', 'iqn.2026-11.org.example:bob'

MOVED_TEMPORARILY, MOVED_PERMANENTLY = 0x0101, 0x0102
INITIATOR_ERROR, FORBIDDEN, NOT_FOUND = 0x0200, 0x0202, 0x0203
NO_VERSION, MISSING, NO_SESSION_TYPE = 0x0205, 0x0207, 0x0209
NO_SESSION, INVALID = 0x020a, 0x020b
UNAVAILABLE, NO_RESOURCES = 0x0301, 0x0302

UNIT_READY = '000000000000'


def one_disk(name='t0', **more):
    target = Target(name, **more)
    target.add(0, nullio('n-' + name))
    return target


@case('a target that is not there')
def unknown():
    target = one_disk()
    serve()
    target.name += 'x'
    equal(target.refused()[0], NOT_FOUND, 'status')


@case('a target without LUNs is not there')
def without_luns():
    target, other = Target('empty'), one_disk()
    serve()
    equal(list(discover()), [other.name], 'targets')
    equal(discover(what=target.name), {}, 'by its name')
    equal(target.refused()[0], NOT_FOUND, 'status')


@case('groups decide who sees a target')
def groups():
    target, device = Target(), nullio()
    target.group('friends', 'iqn.2026-11.org.example:al*').add(0, device)
    serve()
    equal(list(discover(initiator=ALICE)), [target.name], "alice's targets")
    equal(discover(initiator=BOB), {}, "bob's targets")
    session = target.raw(initiator=ALICE)
    session.command(UNIT_READY)
    equal(session.command(UNIT_READY).status, 0, 'status')
    equal(target.refused(initiator=BOB)[0], NOT_FOUND, 'status')
    # A group without LUNs hides a target from those that have some otherwise.
    target.add(0, device)
    target.raw(isid=2, initiator=BOB).close()
    target.group('foes', BOB)
    equal(target.refused(initiator=BOB)[0], NOT_FOUND, 'status')
    session.close()


@case('LUNs are those of the group')
def group_luns():
    target = Target()
    target.add(0, nullio('everyone'))
    target.group('g', ALICE).add(0, nullio('alices'))
    serve()
    for number, (name, product) in enumerate(((ALICE, b'alices'),
                                              (BOB, b'everyone'))):
        session = target.raw(initiator=name, isid=number)
        data = session.command('120000002400', read=36).data
        equal(bytes(data[16:32]).strip(), product, 'product')
        session.close()


@case('a target that is not enabled')
def not_enabled():
    target = one_disk(enable=False)
    serve()
    equal(discover(), {}, 'targets')
    equal(target.refused()[0], UNAVAILABLE, 'status')
    target.enable()
    equal(list(discover()), [target.name], 'targets')
    target.raw().close()


@case('nobody comes in while the driver is not enabled')
def driver_not_enabled():
    target = one_disk()
    serve()
    session = target.raw()
    write(DRIVER + '/enabled', 0)
    equal(read(DRIVER + '/enabled'), '0', 'enabled')
    try:
        target.raw(isid=2, timeout=2)
    except Refused as refusal:
        equal(refusal.status, UNAVAILABLE, 'status')
    except (OSError, Closed):
        pass
    else:
        raise AssertionError('a login while the driver is not enabled')
    session.close()
    write(DRIVER + '/enabled', 1)
    target.raw().close()


@case('portals that a target may be used by')
def allowed_portals():
    target, other = one_disk('t0'), one_disk('t1')
    serve(iscsi_lib.PORTAL, ANOTHER, '[::1]:3260')
    target.allow_portal('127.0.0.?')
    other.allow_portal('!127.*')
    found = discover()
    equal(sorted(found[target.name]),
          sorted(['127.0.0.1:3260,1', ANOTHER + ',1']), 'addresses')
    equal(found[other.name], ['[::1]:3260,1'], 'addresses')
    target.raw(port=3261).close()
    other.raw(host='::1').close()
    for one, host in ((target, '::1'), (other, '127.0.0.1')):
        check(one.refused(host=host)[0] in (NOT_FOUND, FORBIDDEN), 'status')


@case('portals: what they may be called')
def portal_names():
    for bad in ('', 'nonsense', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:65536',
                '127.0.0.1:-1', '127.0.0.1:3260x', '256.0.0.1:3260',
                '::1', '[::1', '[::1]3260', '[::1%nodev]:3260'):
        if bad:
            try:
                os.mkdir('%s/portals/%s' % (DRIVER, bad))
            except OSError as error:
                check(error.errno in (22, 19, 99), '%s: %s' % (bad, error))
            else:
                raise AssertionError(bad + ' was accepted')
    with fails('EADDRNOTAVAIL'):
        portal('192.0.2.1:3260')
    portal('127.0.0.1:3260')
    with fails('EADDRINUSE'):
        portal('127.0.0.1')


@case('a portal that goes leaves its connections')
def portal_removed():
    target = one_disk()
    serve(iscsi_lib.PORTAL, ANOTHER)
    session = target.raw()
    os.rmdir(DRIVER + '/portals/' + iscsi_lib.PORTAL)
    equal(session.nop(b'here'), b'here', 'answer to a ping')
    try:
        target.raw(isid=2)
    except ConnectionRefusedError:
        pass
    else:
        raise AssertionError('somebody listens at a portal that is gone')
    equal(list(discover(port=3261).values()), [[ANOTHER + ',1']], 'addresses')
    session.close()


@case('redirection')
def redirect():
    target = one_disk()
    serve(iscsi_lib.PORTAL, ANOTHER)
    for how, status in (('temp', MOVED_TEMPORARILY),
                        ('perm', MOVED_PERMANENTLY)):
        target.set('redirect', '%s %s' % (ANOTHER, how))
        got, keys = target.refused()
        equal(got, status, 'status')
        equal(keys.get('TargetAddress', '').split(',')[0], ANOTHER,
              'TargetAddress')
    # Where it is sent to it can log in.
    target.raw(port=3261).close()
    session = target.login()
    session.disk()
    session.logout()
    for bad in ('nonsense', '127.0.0.1 sometimes', '127.0.0.1:99999 temp'):
        with fails('EINVAL'):
            target.set('redirect', bad)
    target.set('redirect', '\n')
    target.raw().close()


@case('MaxSessions')
def max_sessions():
    target = one_disk()
    target.set('MaxSessions', 3)
    serve()
    there = [target.raw(isid=i) for i in range(3)]
    equal(target.refused(isid=3)[0], NO_RESOURCES, 'status')
    # One that takes the place of its older self is no additional one.
    there[0].close()
    there[0] = target.raw(isid=0)
    equal(there[1].logout(), 0, 'response to the logout')
    wait_for(lambda: len(sessions()) == 2, 'the end of a session')
    there[1] = target.raw(isid=3)
    for session in there:
        session.close()


@case('initiators by portal')
def per_portal_acl():
    target = Target()
    target.set('per_portal_acl', 1)
    target.group('g', ALICE + '#127.0.0.1').add(0, nullio())
    serve(iscsi_lib.PORTAL, '[::1]:3260')
    target.raw(initiator=ALICE).close()
    equal(target.refused(initiator=ALICE, host='::1')[0], NOT_FOUND, 'status')
    equal(list(discover(initiator=ALICE).values()),
          [[iscsi_lib.PORTAL + ',1']], 'addresses')


@case('names of targets')
def names():
    for bad in ('t0', 'iqn.2026-13.org.example:x', 'iqn.26-11.org.example',
                'IQN.2026-11.org.example:x', IQN + 'UPPER', IQN + 'sp ace',
                'eui.0123', 'eui.0123456789abcdefg', 'naa.0123'):
        with fails('EINVAL'):
            os.mkdir('%s/%s' % (DRIVER, bad))
    with fails('ENAMETOOLONG'):
        os.mkdir('%s/%s' % (DRIVER, IQN + 'x' * 224))
    for good in (IQN.rstrip(':'), IQN + 'a-b.c:d', 'eui.0123456789abcdef',
                 'naa.0123456789abcdef', IQN + 'x' * (223 - len(IQN))):
        os.mkdir('%s/%s' % (DRIVER, good))
        os.rmdir('%s/%s' % (DRIVER, good))


# What is wrong with the first login request: the status that RFC 7143 11.13.5
# has for it, changed keys (None: left out), changed fields
BAD_LOGINS = (
    ('no InitiatorName', (MISSING,), {'InitiatorName': None}, {}),
    ('an empty InitiatorName', (INITIATOR_ERROR, MISSING),
     {'InitiatorName': ''}, {}),
    ('an InitiatorName of two words', (INITIATOR_ERROR,),
     {'InitiatorName': 'iqn.2026-11.org.example:a b'}, {}),
    ('an InitiatorName of two lines', (INITIATOR_ERROR,),
     {'InitiatorName': 'iqn.2026-11.org.example:a\nDEVNAME=b'}, {}),
    ('an InitiatorName that is too long', (INITIATOR_ERROR,),
     {'InitiatorName': 'iqn.' + 'x' * 224}, {}),
    ('no TargetName', (MISSING,), {'TargetName': None}, {}),
    ('a SessionType of nobody', (NO_SESSION_TYPE,), {'SessionType': 'Odd'}, {}),
    ('a later version only', (NO_VERSION,), {},
     {'version_max': 9, 'version_min': 1}),
    ('a TSIH of nobody', (NO_SESSION,), {}, {'tsih': 0x7777}),
    ('a stage that does not exist', (INITIATOR_ERROR, INVALID), {},
     {'flags': 0x80 | 2 << 2 | FULL}),
    ('a next stage that is no later one', (INITIATOR_ERROR, INVALID), {},
     {'flags': 0x80 | OPERATIONAL << 2 | OPERATIONAL}),
    ('T and C at once', (INITIATOR_ERROR, INVALID), {},
     {'flags': 0xc0 | OPERATIONAL << 2 | FULL}),
    ('full feature phase from the start', (INITIATOR_ERROR, INVALID), {},
     {'flags': 0x80 | FULL << 2 | FULL}),
)


def bad_login(target, keys, fields):
    """The status, or None if the connection was just closed."""
    names = {'InitiatorName': ALICE, 'TargetName': target.name,
             'SessionType': 'Normal', **keys}
    names = {key: value for key, value in names.items() if value is not None}
    with Session() as session:
        try:
            session.login_step(OPERATIONAL, FULL, names, **fields)
        except Refused as refusal:
            check(session.closed(), 'the connection stays')
            return refusal.status
        except Closed:
            return None
    raise AssertionError('accepted')


@case('logins that are wrong, and what they are told')
def statuses():
    target = one_disk()
    serve()
    for what, expected, keys, fields in BAD_LOGINS:
        status = bad_login(target, keys, fields)
        check(status in expected, '%s: %r' % (what, status))
    equal(sessions(), [], 'sessions')
    target.raw().close()


# Text that no login may carry
BAD_TEXTS = (b'NoValue\0', b'=value\0', b'InitialR2T=Yes\0InitialR2T=Yes\0',
             b'x' * 64 + b'=1\0', b'InitialR2T=Yes', b'\0\0\0=\0')


@case('text that is no text')
def texts():
    target = one_disk()
    serve()
    names = iscsi_raw.text_of({'InitiatorName': ALICE,
                               'TargetName': target.name})
    for text in BAD_TEXTS:
        with Session() as session:
            request = session.login_request(OPERATIONAL, FULL, {})
            request.data = names + text
            request['data_len'] = len(request.data)
            session.send(request)
            try:
                status = session.take()['login_status']
            except Closed:
                continue
            check(status >> 8 == 2, '%r: %#06x' % (text, status))
    target.raw().close()


@case('a login that goes on for ever, and one that ends in the middle')
def endless():
    target = one_disk()
    serve()
    names = {'InitiatorName': ALICE, 'TargetName': target.name}
    with Session() as session:
        session.login_step(OPERATIONAL, FULL, names, False)
        try:
            for _ in range(1000):
                session.login_step(OPERATIONAL, FULL, {}, False)
        except (Closed, Refused):
            pass
        else:
            raise AssertionError('a thousand requests')
    for length in (1, 47, 48, 60):
        with Session() as session:
            session.send_bytes(session.encode(session.login_request(
                OPERATIONAL, FULL, names))[:length])
    with Session() as session:
        session.send(iscsi_raw.Pdu(iscsi_raw.COMMAND, itt=1))
        check(session.closed(), 'a command before the login')
    target.raw().close()


if __name__ == '__main__':
    main()
