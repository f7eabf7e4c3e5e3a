#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""CHAP with accounts of initiator groups: which ones count, and when."""
import glob
import os
import threading

import iscsi_lib
from iscsi_lib import (INITIATOR, Target, account, discover, login_fails, main,
                       refused, serve, url, write)
from iscsi_raw import (FULL, OPERATIONAL, SECURITY, Chap, Refused, Session,
                       keys_of)
from lib import ROOT, case, check, equal, fails, nullio, read, run
from oom_lib import each_fails, errno_of

ALICE, BOB = 'iqn.2026-11.org.example:alice', 'iqn.2026-11.org.example:bob'
# Account of the target, of alice's group, of another group; of the target and
# of the group as what they are themselves
COMMON = Chap('joe', 'joes-secret-0001')
HERS = Chap('ann', 'anns-secret-0002')
HIS = Chap('bill', 'bills-secret-003')
TARGET = ('disks', 'disks-secret-004')
GROUP = ('her-disks', 'herdisk-secret-5')
AUTH_FAILED, UNAVAILABLE = 0x0201, 0x0301


def one_disk(*groups, common=COMMON):
    """A target with a LUN for everybody, and these groups, each with it, as
    (name, initiators); then its path and theirs."""
    target = Target()
    device = nullio()
    target.add(0, device)
    paths = []
    for name, *initiators in groups:
        group = target.group(name, *initiators)
        group.add(0, device)
        paths.append(group.path)
    if common:
        incoming(target.path, common)
    serve()
    return target, *paths


def incoming(path, chap):
    return account(path, 'incoming', chap.name, chap.secret)


def mutual(chap, who):
    return Chap(chap.name, chap.secret, *who)


def enters(target, initiator, chap=None):
    session = target.raw(initiator=initiator, chap=chap)
    equal(session.command('000000000000').response, 0, 'response')
    equal(session.logout(), 0, 'response to the logout')


def empty(path):
    """No LUN and no initiator is left of a group, or no LUN of a target."""
    os.unlink(path + '/luns/0/n0')
    os.rmdir(path + '/luns/0')
    for initiator in glob.glob(path + '/initiators/*'):
        os.rmdir(initiator)


def stays_out(target, initiator, *chaps):
    for chap in chaps:
        with refused(AUTH_FAILED):
            target.raw(initiator=initiator, chap=chap)


@case("a group's accounts are its initiators' only ones")
def own_account():
    target, group = one_disk(('g', ALICE))
    enters(target, ALICE, COMMON)
    incoming(group, HERS)
    enters(target, ALICE, HERS)
    stays_out(target, ALICE, COMMON, None, Chap(HERS.name, COMMON.secret),
              Chap(COMMON.name, HERS.secret))
    enters(target, BOB, COMMON)
    stays_out(target, BOB, HERS, None)
    # Several, as those of a target
    incoming(group, HIS)
    enters(target, ALICE, HIS)
    enters(target, ALICE, HERS)
    for name in (HERS.name, HIS.name):
        os.rmdir('%s/auth/incoming/%s' % (group, name))
    enters(target, ALICE, COMMON)
    stays_out(target, ALICE, HERS)


@case('groups that disagree')
def disagree():
    target, hers, his = one_disk(('a', ALICE), ('b', BOB), common=None)
    incoming(hers, HERS)
    incoming(his, HIS)
    enters(target, ALICE, HERS)
    enters(target, BOB, HIS)
    stays_out(target, ALICE, HIS, None)
    stays_out(target, BOB, HERS, None)
    # Nobody else has to prove anything, and each knows where it may log in.
    enters(target, INITIATOR)
    equal(list(discover(initiator=ALICE)), [target.name], 'targets')


@case('one account only: without a secret nobody gets in')
def no_secret():
    target, group = one_disk(('g', ALICE))
    os.mkdir(group + '/auth/incoming/ann')
    stays_out(target, ALICE, COMMON, HERS, Chap('ann', ''), None)
    enters(target, BOB, COMMON)


@case('the group is found as for its LUNs')
def which_group():
    target, pattern, name, younger = one_disk(
        ('p', '*:alice*', '*:b*'), ('n', ALICE), ('y', '*:bob', BOB),
        common=None)
    incoming(pattern, COMMON)
    incoming(name, HERS)
    incoming(younger, HIS)
    # Names go before patterns, older groups before younger ones.
    enters(target, ALICE, HERS)
    enters(target, BOB, HIS)
    enters(target, ALICE + '2', COMMON)
    os.rmdir('%s/initiators/%s' % (younger, BOB))
    enters(target, BOB, COMMON)
    stays_out(target, BOB, HIS)
    enters(target, INITIATOR)


@case('the group of an initiator by its portal')
def per_portal():
    target, here, there = one_disk(('here', ALICE + '#127.0.0.1'),
                                   ('there', ALICE + '#127.0.0.2'))
    target.set('per_portal_acl', 1)
    incoming(here, HERS)
    incoming(there, HIS)
    iscsi_lib.portal('127.0.0.2:3260')
    enters(target, ALICE, HERS)
    stays_out(target, ALICE, HIS, COMMON)
    target.raw('127.0.0.2', initiator=ALICE, chap=HIS).close()
    with refused(AUTH_FAILED):
        target.raw('127.0.0.2', initiator=ALICE, chap=HERS)
    enters(target, BOB, COMMON)


@case('each direction is decided for itself')
def both_ways():
    target, group = one_disk(('g', ALICE))
    target.outgoing(*TARGET)
    enters(target, ALICE, mutual(COMMON, TARGET))
    incoming(group, HERS)
    enters(target, ALICE, mutual(HERS, TARGET))
    account(group, 'outgoing', *GROUP)
    enters(target, ALICE, mutual(HERS, GROUP))
    enters(target, BOB, mutual(COMMON, TARGET))
    os.rmdir(group + '/auth/incoming/' + HERS.name)
    enters(target, ALICE, mutual(COMMON, GROUP))
    os.rmdir(group + '/auth/outgoing/' + GROUP[0])
    enters(target, ALICE, mutual(COMMON, TARGET))


@case('open-iscsi and libiscsi')
def initiators():
    target, group = one_disk(('g', INITIATOR))
    incoming(group, HERS)
    account(group, 'outgoing', *GROUP)
    session = target.login(auth='CHAP', username=HERS.name,
                           password=HERS.secret, username_in=GROUP[0],
                           password_in=GROUP[1])
    session.disk()
    session.logout()
    iscsi_lib.expect_errors()
    said = login_fails(target.name, auth='CHAP', username=COMMON.name,
                       password=COMMON.secret)
    check('authorization failure' in said, said)
    who = '%s%%%s'
    run('iscsi-inq', '-i', INITIATOR,
        url(target, user=who % (HERS.name, HERS.secret)))
    run('iscsi-inq', '-i', BOB,
        url(target, user=who % (COMMON.name, COMMON.secret)))


def challenged(target, initiator):
    """A login as far as the target's challenge, and that."""
    session = Session(isid=iscsi_lib.isid_of(9))
    session.login_step(SECURITY, OPERATIONAL, {
        'InitiatorName': initiator, 'TargetName': target.name,
        'AuthMethod': 'CHAP'}, False)
    pdu, _ = session.login_step(SECURITY, OPERATIONAL, {'CHAP_A': '5'}, False)
    return session, keys_of(pdu.data)


def answers(login, chap):
    session, keys = login
    with session:
        pdu, _ = session.login_step(SECURITY, OPERATIONAL, chap.answer(keys))
        check(pdu['flags'] & 0x80, 'the stage does not end')
        session.login_step(OPERATIONAL, FULL, {})


@case('what is removed between challenge and response does not count')
def removed():
    target, group = one_disk(('g', ALICE))
    hers = incoming(group, HERS)
    login = challenged(target, ALICE)
    os.rmdir(hers)
    with refused(AUTH_FAILED):
        answers(login, HERS)
    incoming(group, HERS)
    login = challenged(target, ALICE)
    os.rmdir(hers)
    answers(login, COMMON)
    # The group as well, and all accounts there are: nobody gets in by that.
    incoming(group, HERS)
    logins = [challenged(target, ALICE) for _ in range(3)]
    os.rmdir(hers)
    empty(group)
    os.rmdir(group)
    with refused(AUTH_FAILED):
        answers(logins[0], HERS)
    with refused(UNAVAILABLE):
        answers(logins[1], COMMON)
    os.rmdir('%s/auth/incoming/%s' % (target.path, COMMON.name))
    with refused(AUTH_FAILED):
        answers(logins[2], COMMON)
    enters(target, ALICE)


@case('a secret of the target opens no group that takes over meanwhile')
def taken_over():
    target, group = one_disk(('g', ALICE))
    hers = incoming(group, HERS)
    login = challenged(target, ALICE)
    younger = target.group('h', ALICE)
    younger.add(0, nullio('n1'))
    incoming(younger.path, HIS)
    os.rmdir(hers)
    empty(group)
    os.rmdir(group)
    with refused(UNAVAILABLE):
        answers(login, COMMON)
    enters(target, ALICE, HIS)


@case('an account that comes while a login goes on')
def added():
    target, group = one_disk(('g', ALICE), common=None)
    for path in (target.path, group):
        with Session(isid=iscsi_lib.isid_of(9)) as session:
            session.login_step(OPERATIONAL, FULL, {
                'InitiatorName': ALICE, 'TargetName': target.name}, False)
            there = incoming(path, COMMON)
            with refused(UNAVAILABLE):
                session.login_step(OPERATIONAL, FULL, {})
        os.rmdir(there)
    enters(target, ALICE)


@case('who has shown a secret that does not count any more is not let in')
def revoked():
    target, group = one_disk(('g', ALICE))
    common = '%s/auth/incoming/%s' % (target.path, COMMON.name)

    def comes():
        incoming(group, HERS)

    def goes():
        os.rmdir(group + '/auth/incoming/' + HERS.name)
        write(common + '/password', 'another-secret-of-joe')

    for shown, change in ((COMMON, comes), (HERS, goes)):
        session, keys = challenged(target, ALICE)
        with session:
            session.login_step(SECURITY, OPERATIONAL, shown.answer(keys))
            change()
            with refused(UNAVAILABLE):
                session.login_step(OPERATIONAL, FULL, {})
    enters(target, ALICE, Chap(COMMON.name, 'another-secret-of-joe'))


@case('the target goes while a login waits')
def target_gone():
    target, group = one_disk(('g', ALICE))
    incoming(group, HERS)
    login = challenged(target, ALICE)
    for path in (group, target.path):
        for name in os.listdir(path + '/auth/incoming'):
            os.rmdir('%s/auth/incoming/%s' % (path, name))
        empty(path)
    os.rmdir(group)
    os.rmdir(target.path)
    with refused(AUTH_FAILED):
        answers(login, HERS)


@case('accounts come and go while initiators log in')
def churn():
    target, group = one_disk(('g', ALICE))
    done = threading.Event()

    def change():
        while not done.is_set():
            account(group, 'outgoing', *GROUP)
            os.rmdir(incoming(group, HERS))
            os.rmdir(group + '/auth/outgoing/' + GROUP[0])

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for number in range(200):
            try:
                target.raw(initiator=ALICE, isid=number, chap=COMMON).close()
            except Refused as refusal:
                check(refusal.status in (AUTH_FAILED, UNAVAILABLE),
                      'refused with %#06x' % refusal.status)
    finally:
        done.set()
        changing.join()
    enters(target, ALICE, COMMON)
    stays_out(target, ALICE, HERS)


@case("accounts in configfs: as a target's")
def configfs():
    target, group, other = one_disk(('g', ALICE), ('h', BOB))
    hers = incoming(group, HERS)
    password = hers + '/password'
    equal(os.stat(password).st_mode & 0o777, 0o600, 'mode of the password')
    equal(read(password), '********', 'what is read of it')
    for bad in ('\n', 'short', 'elevenbytes'):
        with fails('EINVAL'):
            write(password, bad)
    with fails('ENAMETOOLONG'):
        write(password, 'x' * 256)
    account(group, 'outgoing', *GROUP)
    with fails('EBUSY'):
        os.mkdir(group + '/auth/outgoing/second')
    for path in ('/auth', '/auth/incoming', '/auth/outgoing'):
        with fails('EPERM'):
            os.rmdir(group + path)
        with fails('EPERM'):
            os.mkdir(group + '/auth/x')
    empty(group)
    with fails('ENOTEMPTY'):
        os.rmdir(group)
    enters(target, BOB, COMMON)
    check(not os.listdir(other + '/auth/incoming'), 'accounts of another group')


@case('one secret does not serve both directions, in whatever groups')
def both_directions():
    target, group, other = one_disk(('g', ALICE), ('h', BOB))
    target.outgoing(*TARGET)
    account(group, 'outgoing', *GROUP)
    hers = incoming(group, HERS) + '/password'
    his = incoming(other, HIS) + '/password'
    common = '%s/auth/incoming/%s/password' % (target.path, COMMON.name)
    for password in (hers, his, common):
        for _, secret in (TARGET, GROUP):
            # nor may one be the beginning of the other
            for same in (secret, secret + '0', secret[:-1]):
                with fails('EINVAL'):
                    write(password, same)
    os.mkdir(other + '/auth/outgoing/x')
    for chap in (COMMON, HERS, HIS):
        with fails('EINVAL'):
            write(other + '/auth/outgoing/x/password', chap.secret)
    # What is gone is free again.
    os.rmdir(group + '/auth/outgoing/' + GROUP[0])
    write(his, GROUP[1])
    # Another target is another thing.
    second = Target('t1')
    second.outgoing('x', COMMON.secret)
    enters(target, ALICE, HERS)


@case('no memory for a group or an account: ENOMEM, and nothing is left')
def no_memory():
    target = one_disk()[0]
    group = target.path + '/ini_groups/g'
    for path in (group, group + '/auth/incoming/x', group + '/auth/outgoing/y'):
        each_fails(lambda where=path: lambda: errno_of(os.mkdir, where),
                   lambda where=path: os.rmdir(where))
    os.rmdir(group + '/auth/outgoing/y')
    write(group + '/auth/incoming/x/password', HERS.secret)
    os.mkdir(group + '/initiators/' + ALICE)
    os.mkdir(group + '/luns/0')
    os.symlink(nullio('n1').path, group + '/luns/0/n1')
    enters(target, ALICE, Chap('x', HERS.secret))


@case('scst_local has no accounts')
def local():
    run('modprobe', 'scst_local')
    path = ROOT + '/targets/scst_local/t0'
    os.mkdir(path)
    os.mkdir(path + '/ini_groups/g')
    equal(sorted(os.listdir(path + '/ini_groups/g')),
          ['cpus', 'initiators', 'luns'], 'what a group has')
    os.rmdir(path + '/ini_groups/g')
    os.rmdir(path)


if __name__ == '__main__':
    main()
