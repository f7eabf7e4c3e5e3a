#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 200
"""refused_initiators: who came to a target and found no LUN there."""
import os
import stat
import threading

import iscsi_lib
from cli_lib import cli
from iscsi_lib import (IQN, PORTAL, Target, account, discover, main, refused,
                       serve)
from iscsi_raw import FULL, OPERATIONAL, Chap, Session
from lib import SCRATCH, case, check, equal, fails, nullio, read, write

ANOTHER = '127.0.0.2:3260'
ALICE, BOB, CAROL = (IQN + name for name in ('alice', 'bob', 'carol'))
INITIATOR_ERROR, AUTH_FAILED, NOT_FOUND, MISSING = (
    0x0200, 0x0201, 0x0203, 0x0207)
MOST = 16


def path_of(target):
    return target.path + '/refused_initiators'


def listed(target):
    """The names, newest first."""
    with open(path_of(target), encoding='ascii') as file:
        text = file.read()
    check(not text or text.endswith('\n'), repr(text))
    return text.split('\n')[:-1]


def stays_out(target, *initiators, **more):
    for initiator in initiators:
        with refused(NOT_FOUND):
            target.raw(initiator=initiator, **more)


def closed(name='t0'):
    """A target that has a LUN for Dave alone."""
    target = Target(name)
    target.group('dave', IQN + 'dave').add(0, nullio('n-' + name))
    return target


@case('at login and in discovery, the newest first, each once')
def listing():
    target, other, opened = closed(), closed('t1'), Target('t2')
    opened.add(0, nullio('n2'))
    serve()
    equal(read(path_of(target)), '', 'at first')
    stays_out(target, ALICE)
    equal(listed(target), [ALICE], 'after a login')
    equal(discover(initiator=BOB, what=target.name), {}, "bob's targets")
    equal(listed(target), [BOB, ALICE], 'after asking for it')
    equal(listed(other), [], 'whom nobody has asked for')
    equal(list(discover(initiator=CAROL)), [opened.name], "carol's targets")
    equal(listed(target), [CAROL, BOB, ALICE], 'after asking for all')
    equal(listed(other), [CAROL], 'after asking for all')
    stays_out(target, BOB)
    # The same name, as groups take it
    stays_out(target, ALICE.replace('alice', 'Alice'))
    equal(listed(target), [IQN + 'Alice', BOB, CAROL], 'once more')
    # Who sees it is not there, nor who does not ask.
    discover(initiator=IQN + 'dave')
    equal(len(listed(target)), 3, 'names')
    equal(listed(opened), [], 'of the one with LUNs for all')
    with fails('EACCES'):
        write(path_of(target), 'x')
    equal(stat.S_IMODE(os.stat(path_of(target)).st_mode), 0o444, 'mode')


@case('who logs in leaves the list, and nobody else')
def admitted():
    target, device = closed(), nullio()
    serve()
    stays_out(target, ALICE, BOB, CAROL)
    group = target.group('g', ALICE, CAROL)
    stays_out(target, ALICE)
    group.add(0, device)
    account(group.path, 'incoming', 'ann', 'anns-secret-0001')
    equal(list(discover(initiator=ALICE)), [target.name], "alice's targets")
    with refused(AUTH_FAILED):
        target.raw(initiator=ALICE)
    equal(listed(target), [ALICE, CAROL, BOB], 'before a login')
    session = target.raw(initiator=ALICE, chap=Chap('ann', 'anns-secret-0001'))
    equal(listed(target), [CAROL, BOB], 'after it')
    session.close()
    group.delete(0, device)
    stays_out(target, ALICE)
    equal(listed(target), [ALICE, CAROL, BOB], 'without its LUN')


@case('the list stays when the target is disabled, and ends with it')
def life():
    target = closed()
    target.enable(0)
    serve()
    stays_out(target, ALICE)
    discover(initiator=ALICE)
    equal(listed(target), [], 'while it is disabled')
    target.enable()
    stays_out(target, BOB)
    target.enable(0)
    stays_out(target, ALICE)
    target.enable()
    equal(listed(target), [BOB], 'after it was disabled')
    cli('/iscsi', 'delete', target.name)
    equal(listed(Target()), [], 'of another one of this name')


@case('portals: names are those that groups see')
def portals():
    target = closed()
    serve(PORTAL, ANOTHER)
    stays_out(target, ALICE)
    # There are LUNs, but not by this way; that is no want of LUNs.
    target.allow_portal('127.0.0.1')
    with refused(NOT_FOUND):
        target.raw('127.0.0.2', initiator=IQN + 'dave')
    stays_out(target, BOB, host='127.0.0.2')
    equal(listed(target), [ALICE], 'by a portal that is not allowed')
    target.set('per_portal_acl', 0)
    equal(listed(target), [ALICE], 'nothing has changed')
    target.set('per_portal_acl', 1)
    equal(listed(target), [], 'names of the other kind')
    stays_out(target, ALICE)
    equal(listed(target), [ALICE + '#127.0.0.1'], 'by portal')
    target.group('g', *listed(target)).add(0, nullio('n1'))
    target.raw(initiator=ALICE).close()
    equal(listed(target), [], 'after a login')


def called(target, name):
    """The status of a login of this name, which are bytes."""
    with Session() as session:
        request = session.login_request(OPERATIONAL, FULL, {})
        request.data = (b'InitiatorName=%s\0TargetName=%s\0' %
                        (name, target.name.encode()))
        request['data_len'] = len(request.data)
        session.send(request)
        return session.take()['login_status']


LONGEST = 223
# Those that no login may have (RFC 7143 4.2.7), and those that it may, but that
# are no word, path or name of a group's entry as they are
NEVER = (b'', b' ', b'a b', b'a\nb', b'\x1b[2J', b'a\x7f',
         b'a' * (LONGEST + 1), b'a' * 4000)
ODD = (b'*', b'?', b'!x', IQN.encode() + b'*', b'.', b'..', b'../x', b'a/b',
       b'-rf', b'_', b'a#127.0.0.1', b'a;b', b'$(a)', b'`a`', b"a'", b'a"',
       b'a\\', b'a,b', b'%s', b'\xc3\xa4', b'a\xc3\xa4', b'a\xff', b'\xa0',
       b'a=b')


@case('names that are odd are never there')
def odd():
    target = closed()
    serve()
    stays_out(target, ALICE)
    for name in NEVER:
        check(called(target, name) in (INITIATOR_ERROR, MISSING), repr(name))
    for name in ODD:
        equal(called(target, name), NOT_FOUND, repr(name))
        with Session() as session:
            session.login(initiator=name.decode('latin-1'))
            equal(session.text({'SendTargets': 'All'}), [], 'targets')
    equal(listed(target), [ALICE], 'names')
    for name in ('0', 'eui.02004567A425678D', IQN + 'my_host-1.x:y'):
        stays_out(target, name)
        equal(listed(target)[0], name, 'the newest')


@case('a thousand names: the last sixteen are there, however long')
def thousand():
    target = closed()
    serve()
    names = [IQN + 'n%d' % number for number in range(1000)]
    stays_out(target, *names)
    equal(listed(target), names[:-MOST - 1:-1], 'names')
    names = [(IQN + 'x%d' % number).ljust(LONGEST, 'x') for number in range(17)]
    stays_out(target, *names)
    equal(listed(target), names[:0:-1], 'names')
    check(len(read(path_of(target))) < 4096, 'more than a page')


@case('refused, let in and read at once')
def at_once():
    target, device = closed(), nullio()
    serve()
    crowds = [[IQN + 'c%d-%d' % (crowd, number) for number in range(12)]
              for crowd in range(4)]
    known = {name for crowd in crowds for name in crowd} | {ALICE}
    done = threading.Event()
    wrong, reads = [], []

    def look():
        while not done.is_set():
            names = listed(target)
            reads.append(len(names))
            if len(names) > MOST or len(set(names)) < len(names) or \
                    set(names) - known:
                wrong.append(names)

    def come(names):
        try:
            for _ in range(4):
                stays_out(target, *names)
                discover(initiator=names[0])
        except BaseException as error:      # of a thread: nobody sees it
            wrong.append(error)
            raise

    def go():
        """Alice is let in, and is not any more."""
        for _ in range(10):
            group = target.group('g', ALICE)
            stays_out(target, ALICE)
            group.add(0, device)
            target.raw(initiator=ALICE).close()
            check(ALICE not in listed(target), 'Alice, who is in')
            group.delete(0, device)
            os.rmdir('%s/initiators/%s' % (group.path, ALICE))
            os.rmdir(group.path)

    readers = [threading.Thread(target=look) for _ in range(2)]
    crowd = [threading.Thread(target=come, args=(names,)) for names in crowds]
    for thread in readers + crowd:
        thread.start()
    try:
        go()
    finally:
        for thread in crowd:
            thread.join()
        done.set()
        for thread in readers:
            thread.join()
    equal(wrong, [], 'what was read')
    check(reads, 'nobody has read')
    equal(len(listed(target)), MOST, 'names')


@case('saveconfig does not save it, scstcli shows it')
def saved():
    target = closed()
    serve()
    stays_out(target, ALICE)
    file = SCRATCH + '/refused.json'
    cli('saveconfig', file)
    text = read(file)
    check(target.name in text and IQN + 'dave' in text, text)
    check('refused' not in text and ALICE not in text, text)
    said = cli('/iscsi/' + target.name, 'get', 'refused_initiators')
    check(ALICE in said, said)
    stays_out(target, BOB)
    equal(cli('diff', file), '', 'what differs')


if __name__ == '__main__':
    main()
