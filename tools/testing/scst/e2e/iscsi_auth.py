#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""CHAP: initiators that prove who they are, and targets that do."""
import os

import iscsi_lib
from iscsi_lib import (DRIVER, PORTAL, Target, account, discover, iscsiadm,
                       iscsiadm_discover, login_fails, main, refused,
                       serve, url, write)
from iscsi_raw import (OPERATIONAL, SECURITY, Chap, Session, Unexpected,
                       keys_of)
from lib import case, check, equal, fails, nullio, read, run

USER, SECRET = 'joe', 'joes-secret-0001'
OTHER, OTHER_SECRET = 'ann', 'anns-secret-0002'
TARGET_USER, TARGET_SECRET = 'disks', 'disks-secret-003'
WRONG = 'not-the-secret-4'
AUTH_FAILED, BAD_KEYS = 0x0201, 0x0200


def one_disk(*accounts, mutual=False):
    target = Target()
    target.add(0, nullio())
    for name, secret in accounts:
        target.incoming(name, secret)
    if mutual:
        target.outgoing(TARGET_USER, TARGET_SECRET)
    serve()
    return target


def joe(**more):
    return Chap(USER, SECRET, **more)


def settings(**more):
    return {'auth': 'CHAP', 'username': USER, 'password': SECRET, **more}


@case('open-iscsi proves who it is')
def one_way():
    target = one_disk((USER, SECRET))
    session = target.login(**settings())
    session.disk()
    session.logout()


@case('open-iscsi with the wrong secret, an unknown name, or none')
def one_way_wrong():
    target = one_disk((USER, SECRET))
    iscsi_lib.expect_errors()
    for bad in (settings(password=WRONG), settings(username='nobody'), {}):
        said = login_fails(target.name, **bad)
        check('authorization failure' in said, said)
        iscsi_lib.logout_all()


@case('open-iscsi and the target prove who they are')
def mutual():
    target = one_disk((USER, SECRET), mutual=True)
    session = target.login(**settings(username_in=TARGET_USER,
                                      password_in=TARGET_SECRET))
    session.disk()
    session.logout()


@case('open-iscsi is not content with a target of another secret')
def mutual_wrong():
    target = one_disk((USER, SECRET), mutual=True)
    iscsi_lib.expect_errors()
    login_fails(target.name, **settings(username_in=TARGET_USER,
                                        password_in=WRONG))


@case('all algorithms, by open-iscsi and by libiscsi')
def algorithms():
    target = one_disk((USER, SECRET), mutual=True)
    for name in ('MD5', 'SHA1', 'SHA256', 'SHA3-256'):
        session = target.login(**settings(algorithms=name,
                                          username_in=TARGET_USER,
                                          password_in=TARGET_SECRET))
        session.disk()
        session.logout()
    run('iscsi-inq', url(target, user='%s%%%s' % (USER, SECRET)))


@case('the first algorithm of the initiator that there is')
def choice():
    target = one_disk((USER, SECRET), mutual=True)
    for offered, chosen in (('5', '5'), ('8,7,6,5', '8'), ('99,6,5', '6')):
        with Session() as session:
            session.login_step(SECURITY, OPERATIONAL, {
                'InitiatorName': iscsi_lib.INITIATOR,
                'TargetName': target.name, 'AuthMethod': 'CHAP'}, False)
            _, keys = session.login_step(SECURITY, OPERATIONAL,
                                         {'CHAP_A': offered}, False)
            equal(keys['CHAP_A'], chosen, 'answer to ' + offered)
    with refused(AUTH_FAILED):
        target.raw(chap=joe(algorithms='99,100'))


@case('raw: right and wrong')
def raw():
    target = one_disk((USER, SECRET), (OTHER, OTHER_SECRET), mutual=True)
    for number, chap in enumerate((
            joe(), Chap(OTHER, OTHER_SECRET),
            joe(target_name=TARGET_USER, target_secret=TARGET_SECRET,
                algorithms='7'))):
        session = target.raw(isid=number, chap=chap)
        equal(session.command('000000000000').response, 0, 'response')
        equal(session.logout(), 0, 'response to the logout')
    for chap in (Chap(USER, WRONG), Chap('nobody', SECRET),
                 Chap(USER, OTHER_SECRET), Chap(OTHER, SECRET),
                 Chap('', SECRET), Chap(USER.upper(), SECRET)):
        with refused(AUTH_FAILED):
            target.raw(chap=chap)


@case('raw: the target must know the secret, too')
def raw_mutual():
    target = one_disk((USER, SECRET), mutual=True)
    try:
        target.raw(chap=joe(target_name=TARGET_USER, target_secret=WRONG))
    except Unexpected:
        pass
    else:
        raise AssertionError('the target knows the wrong secret')


@case('mutual CHAP that the target has no account for')
def no_outgoing():
    target = one_disk((USER, SECRET))
    with refused(AUTH_FAILED):
        target.raw(chap=joe(target_name=TARGET_USER,
                            target_secret=TARGET_SECRET))


@case('no authentication where there has to be one')
def none_offered():
    target = one_disk((USER, SECRET))
    equal(target.refused()[0], AUTH_FAILED, 'status without the stage')
    names = {'InitiatorName': iscsi_lib.INITIATOR, 'TargetName': target.name}
    for keys in ({'AuthMethod': 'None'}, {'AuthMethod': 'KRB5,SRP'}, {}):
        with Session() as session, refused(AUTH_FAILED):
            session.login_step(SECURITY, OPERATIONAL, {**names, **keys})


@case('no authentication where there need not be one')
def not_needed():
    target = one_disk()
    with Session() as session:
        _, keys = session.login_step(SECURITY, OPERATIONAL, {
            'InitiatorName': iscsi_lib.INITIATOR, 'TargetName': target.name,
            'AuthMethod': 'CHAP,None'})
        equal(keys['AuthMethod'], 'None', 'AuthMethod')


def start(target):
    """A session as far as CHAP_C, and the target's keys."""
    session = Session()
    session.login_step(SECURITY, OPERATIONAL, {
        'InitiatorName': iscsi_lib.INITIATOR, 'TargetName': target.name,
        'AuthMethod': 'CHAP'}, False)
    pdu, _ = session.login_step(SECURITY, OPERATIONAL, {'CHAP_A': '5'}, False)
    return session, keys_of(pdu.data)


@case('challenges differ, and are not answered when they come back')
def reflection():
    target = one_disk((USER, SECRET), mutual=True)
    seen = set()
    for _ in range(20):
        session, keys = start(target)
        session.close()
        seen.add(keys['CHAP_C'].lower())
    equal(len(seen), 20, 'different challenges')
    session, keys = start(target)
    chap = joe(target_name=TARGET_USER, target_secret=TARGET_SECRET)
    chap.challenge = Chap.binary(keys['CHAP_C'])
    with session, refused(AUTH_FAILED):
        session.login_step(SECURITY, OPERATIONAL, chap.answer(keys))


# What an initiator may say instead of its CHAP_R
MALFORMED = ('', '0x', '0xzz', '0x00', '0b', '0b!!!!', 'plain', '0x' + 'f' * 34,
             '0x' + 'f' * 4000)


@case('malformed CHAP_R')
def malformed():
    target = one_disk((USER, SECRET))
    for response in MALFORMED:
        session, _ = start(target)
        with session:
            try:
                session.login_step(SECURITY, OPERATIONAL,
                                   {'CHAP_N': USER, 'CHAP_R': response})
            except iscsi_lib.iscsi_raw.Refused as refusal:
                check(refusal.status in (AUTH_FAILED, BAD_KEYS),
                      '%r: %s' % (response, refusal))
            else:
                raise AssertionError('%r was accepted' % response)
    target.raw(chap=joe()).close()


@case('keys out of order')
def out_of_order():
    target = one_disk((USER, SECRET))
    names = {'InitiatorName': iscsi_lib.INITIATOR, 'TargetName': target.name}
    for keys in ({'CHAP_A': '5'},
                 {'AuthMethod': 'CHAP', 'CHAP_N': USER, 'CHAP_R': '0x00'}):
        with Session() as session, refused(BAD_KEYS):
            session.login_step(SECURITY, OPERATIONAL, {**names, **keys}, False)
    # Right up to the end of the stage, which comes too early.
    with Session() as session:
        pdu, _ = session.login_step(SECURITY, OPERATIONAL,
                                    {**names, 'AuthMethod': 'CHAP'}, True)
        equal(pdu['flags'] & 0x80, 0, 'the target goes on to the next stage')


@case('a change counts from the next login on')
def change():
    target = one_disk((USER, SECRET))
    session = target.raw(chap=joe())
    write(target.path + '/auth/incoming/joe/password', OTHER_SECRET)
    equal(session.nop(b'still here'), b'still here', 'answer to a ping')
    with refused(AUTH_FAILED):
        target.raw(isid=2, chap=joe())
    target.raw(isid=2, chap=Chap(USER, OTHER_SECRET)).close()
    os.rmdir(target.path + '/auth/incoming/joe')
    target.raw(isid=3).close()
    session.close()


@case('discovery has accounts of its own')
def discovery():
    target = one_disk()
    account(DRIVER, 'incoming', OTHER, OTHER_SECRET)
    target.raw().close()
    with refused(AUTH_FAILED):
        discover()
    with refused(AUTH_FAILED):
        discover(chap=joe())
    equal(list(discover(chap=Chap(OTHER, OTHER_SECRET))), [target.name],
          'targets')
    out = iscsiadm_discover(authmethod='CHAP', username=OTHER,
                            password=OTHER_SECRET)
    equal(out.split(), [PORTAL + ',1', target.name], 'what was found')
    iscsiadm('-m', 'discoverydb', '-t', 'sendtargets', '-p', PORTAL, '-o',
             'delete')
    out = iscsiadm_discover(status=None)
    check(target.name not in out, out)


@case('accounts in configfs')
def configfs():
    target = one_disk()
    path = target.incoming(USER, SECRET)
    password = path + '/password'
    equal(os.stat(password).st_mode & 0o777, 0o600, 'mode of the password')
    check(SECRET not in read(password), 'the secret can be read')
    for bad in ('\n', 'short', 'elevenbytes'):
        with fails('EINVAL'):
            write(password, bad)
    with fails('ENAMETOOLONG'):
        write(password, 'x' * 256)
    target.raw(chap=joe()).close()
    target.outgoing(TARGET_USER, TARGET_SECRET)
    with fails('EBUSY'):
        os.mkdir(target.path + '/auth/outgoing/second')
    # RFC 7143 9.2.1: not one secret for both directions
    with fails('EINVAL'):
        write(password, TARGET_SECRET)


@case('an account without a secret lets nobody in')
def no_secret():
    target = one_disk()
    os.mkdir(target.path + '/auth/incoming/joe')
    for chap in (joe(), Chap(USER, '')):
        with refused(AUTH_FAILED):
            target.raw(chap=chap)
    equal(target.refused()[0], AUTH_FAILED, 'status without CHAP')


if __name__ == '__main__':
    main()
