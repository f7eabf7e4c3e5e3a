#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 3600
"""A fuzzer: valid exchanges, of which some PDUs are made wrong.

A case is a function of the seed and its number; to see one of them again:
SCST_FUZZ_SEED=<seed> SCST_FUZZ_FIRST=<number> SCST_FUZZ_CASES=1 (which does one
of each kind). During all of them one session, of a target of its own, is there
and must not notice.
"""
import contextlib
import glob
import os
import random
import signal
import socket
import struct
import time

import iscsi_lib
import iscsi_raw
from iscsi_lib import INITIATOR, Target, isid_of, main, serve, sessions
from iscsi_raw import (COMMAND, CONTINUE, DATA_OUT, FINAL, FULL, IMMEDIATE,
                       LOGIN, LOGOUT, NO_TAG, NOP_OUT, OPERATIONAL, SECURITY,
                       TEXT, TMF, Chap, Pdu, Session)
from lib import (LONG, SLOW, case, check, equal, fileio, note, nullio, read,
                 wait_for, write)

SEED = int(os.environ.get('SCST_FUZZ_SEED') or 7143)
FIRST = int(os.environ.get('SCST_FUZZ_FIRST') or 0)
CASES = int(os.environ.get('SCST_FUZZ_CASES') or 1000)
BATCH = 50
PATIENCE = 0.02 * SLOW      # for answers that may never come
ACCOUNT = ('user', 'fuzzed-secret')
EVERY_BYTE = 1 if LONG else 3

# What a wrong answer to what is wrong leads to on our side
OUTCOMES = (iscsi_raw.Closed, iscsi_raw.BadDigest, iscsi_raw.Refused,
            iscsi_raw.Unexpected, OSError, ValueError, LookupError,
            struct.error)


class Stop(Exception):
    """The case ends here: the connection goes away."""


# Values and bytes

def interesting(rng, value, size):
    """Another value of a field of this many bytes."""
    top = (1 << 8 * size) - 1
    return rng.choice((
        0, 1, top, top - 1, top // 2, top // 2 + 1, value + 1, value - 1,
        value + rng.randint(-64, 64), value ^ 1 << rng.randrange(8 * size),
        511, 8192, 65536, 1 << 20, rng.randrange(top + 1))) & top


def flipped(rng, data, most=8):
    data = bytearray(data)
    for _ in range(rng.randint(1, most) if data else 0):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


# Mutations: generators of the bytes to be sent instead of a PDU

def flip_header(rng, session, pdu):
    pdu.bhs[:] = flipped(rng, pdu.bhs)
    yield session.encode(pdu)


def random_header(rng, session, pdu):
    pdu.bhs[:] = rng.randbytes(len(pdu.bhs))
    if rng.random() < 0.7:
        pdu['data_len'] = len(pdu.data)
        pdu['ahs_len'] = 0
    yield session.encode(pdu)


def wrong_opcode(rng, session, pdu):
    pdu['opcode'] = rng.choice((
        NOP_OUT, COMMAND, TMF, LOGIN, TEXT, DATA_OUT, LOGOUT, iscsi_raw.SNACK,
        rng.randrange(256))) | rng.choice((0, IMMEDIATE))
    yield session.encode(pdu)


def wrong_field(rng, session, pdu):
    names = [*iscsi_raw.FIELDS.get(pdu.opcode, {}), 'flags', 'ahs_len',
             'data_len', 'lun', 'itt']
    for name in rng.sample(names, rng.randint(1, 2)):
        offset, size = pdu.place(name)
        value = int.from_bytes(pdu.bhs[offset:offset + size], 'big')
        pdu[name] = interesting(rng, value, size)
    yield session.encode(pdu)


def wrong_length(rng, session, pdu):
    pdu['data_len'] = interesting(rng, len(pdu.data), 3)
    yield session.encode(pdu)


def oversized(rng, session, pdu):
    """More data than may be in a PDU, all of it there or not."""
    length = rng.choice((8193, 65537, (1 << 18) + 4))
    pdu.data = bytes(length)
    pdu['data_len'] = rng.choice((length, 0xffffff))
    yield session.encode(pdu)


def wrong_ahs(rng, session, pdu):
    """Well-formed ones, ones that reach beyond the end, and too many."""
    pdu.ahs = b''.join(
        struct.pack('>HB', rng.choice((0, 1, 5, 17, 241, 0xffff, len(value))),
                    rng.choice((0, 1, 2, 3, 0x40))) + value
        for value in (rng.randbytes(rng.choice((1, 5, 17, 60)))
                      for _ in range(rng.randint(1, 4))))
    pdu['ahs_len'] = rng.choice((len(iscsi_raw.pad(pdu.ahs)) // 4, 1, 255)) \
        & 0xff
    yield session.encode(pdu)


def wrong_data(rng, session, pdu):
    pdu.data = flipped(rng, pdu.data)
    yield session.encode(pdu)


def wrong_numbers(rng, session, pdu):
    """CmdSN, ITT, TTT, DataSN or offset of somebody else"""
    names = [name for name in ('cmd_sn', 'itt', 'ttt', 'data_sn', 'offset',
                               'exp_stat_sn', 'ref_tag')
             if name == 'itt' or pdu.has(name)]
    for name in rng.sample(names, rng.randint(1, len(names))):
        pdu[name] = rng.choice((0, 1, 2, session.itt, session.cmd_sn, NO_TAG,
                                pdu[name] + 1, pdu[name] + 100,
                                pdu[name] - 1)) & 0xffffffff
    yield session.encode(pdu)


def wrong_digest(rng, session, pdu):
    data = session.encode(pdu)
    yield data[:-4] + flipped(rng, data[-4:])


def flip_wire(rng, session, pdu):
    yield flipped(rng, session.encode(pdu))


def garbage(rng, session, pdu):
    yield rng.randbytes(rng.randrange(400))
    yield session.encode(pdu)


def twice(rng, session, pdu):
    yield session.encode(pdu) * rng.randint(2, 4)


def dropped(_rng, session, pdu):
    yield from ()


def later(_rng, session, pdu):
    """After the next one"""
    session.held.append(session.encode(pdu))
    yield from ()


def cut(rng, session, pdu):
    """The connection ends within the PDU, or says nothing for a while."""
    data = session.encode(pdu)
    yield data[:rng.randrange(len(data))]
    if rng.random() < 0.3:
        with contextlib.suppress(TimeoutError):
            session.sock.recv(65536)
    raise Stop()


def trickle(rng, session, pdu):
    """In small pieces"""
    data = session.encode(pdu)
    step = rng.randint(1, 40)
    pieces = [data[i:i + step] for i in range(0, len(data), step)]
    yield from pieces[:200]
    yield b''.join(pieces[200:])


def intruder(rng, session, pdu):
    """Something else in front of it"""
    opcode = rng.choice((NOP_OUT, COMMAND, TMF, LOGIN, TEXT, DATA_OUT, LOGOUT,
                         iscsi_raw.SNACK, 0x20, 0x3f))
    other = Pdu(opcode | IMMEDIATE, rng.randbytes(rng.choice((0, 0, 3, 512))),
                flags=rng.randrange(256),
                itt=rng.choice((pdu['itt'], session.itt, 77, NO_TAG)))
    for name in ('ttt', 'data_sn', 'offset', 'edtl'):
        if other.has(name):
            other[name] = rng.choice((0, 512, 1, NO_TAG))
    if other.has('cmd_sn'):
        other['cmd_sn'] = session.cmd_sn
    yield session.encode(other)
    yield session.encode(pdu)


PAIRS = (b'=', b'a', b'a=', b'=b', b'', b'X-' + b'k' * 61 + b'=v',
         b'k' * 63 + b'=v', b'k' * 64 + b'=v', b'long=' + b'v' * 255,
         b'longer=' + b'v' * 9000, b'HeaderDigest=CRC32C,CRC32C,None',
         b'DataDigest=' + b'x,' * 100 + b'None', b'MaxBurstLength=0',
         b'MaxBurstLength=99999999999999999999', b'FirstBurstLength=-1',
         b'FirstBurstLength=0x200', b'MaxRecvDataSegmentLength=511',
         b'MaxRecvDataSegmentLength=512', b'MaxOutstandingR2T=65536',
         b'InitialR2T=maybe', b'ErrorRecoveryLevel=2', b'MaxConnections=8',
         b'SessionType=Odd', b'SessionType=Discovery', b'TargetName=',
         b'AuthMethod=,,,', b'AuthMethod=KRB5', b'AuthMethod=None',
         b'CHAP_A=5', b'CHAP_A=99,5,5', b'CHAP_R=0x', b'CHAP_R=0xabc',
         b'CHAP_R=0b====', b'CHAP_I=256', b'CHAP_C=0b' + b'A' * 1400,
         b'CHAP_C=0x' + b'00' * 1025, b'SendTargets=All', b'SendTargets=',
         b'SendTargets=iqn.none', b'TargetAlias=x', b'HeaderDigest=Reject',
         b'MaxBurstLength=Irrelevant', b'Unknown=NotUnderstood',
         b'IFMarkInt=1~8', b'\xff\xfe=\x80', b'TaskReporting=FastAbort')


def garbled(rng, data):
    """Text keys: more of them, fewer, in another order, not even keys"""
    pairs = data.split(b'\0')[:-1]
    for _ in range(rng.randint(1, 4)):
        place = rng.randint(0, len(pairs))
        how = rng.randrange(6)
        if how < 2 or not pairs:
            pairs.insert(place, rng.choice(PAIRS))
        elif how == 2:
            pairs.insert(place, rng.choice(pairs))
        elif how == 3:
            pairs.pop(place % len(pairs))
        elif how == 4:
            rng.shuffle(pairs)
        else:
            pairs[place % len(pairs)] = flipped(
                rng, pairs[place % len(pairs)])
    return b'\0'.join(pairs) + b'\0' * rng.choice((1, 1, 1, 0, 2))


def wrong_keys(rng, session, pdu):
    pdu.data = garbled(rng, pdu.data)
    pdu['data_len'] = len(pdu.data)
    if rng.random() < 0.2:
        pdu['flags'] ^= rng.choice((FINAL, CONTINUE))
    yield session.encode(pdu)


def in_parts(rng, session, pdu):
    """The text over many requests, with C; perhaps the last one lacks."""
    data, flags = pdu.data, pdu['flags']
    step = rng.choice((1, 7, 100, 512))
    for start in range(0, min(len(data), 70 * step), step):
        pdu.data = data[start:start + step]
        pdu['data_len'] = len(pdu.data)
        more = start + step < len(data) or rng.random() < 0.1
        pdu['flags'] = flags & ~FINAL | CONTINUE if more else flags
        yield session.encode(pdu)


ANYWHERE = (flip_header, random_header, wrong_opcode, wrong_field, wrong_field,
            wrong_length, oversized, wrong_ahs, wrong_data, wrong_numbers,
            wrong_numbers, wrong_digest, flip_wire, garbage, twice, dropped,
            later, cut, cut, trickle, intruder, intruder)
OF_TEXT = (wrong_keys,) * 16 + (in_parts,) * 4


class Hostile(Session):
    """An initiator whose PDUs number @wrong, counted from 0, are mutated."""

    def __init__(self, rng, wrong, isid):
        super().__init__(isid=isid)
        self.sock.settimeout(PATIENCE)
        self.rng = rng
        self.wrong = wrong
        self.sent = 0
        self.held = []

    def send(self, pdu):
        mutations = ANYWHERE
        if pdu.opcode in (LOGIN, TEXT):
            mutations += OF_TEXT
        is_wrong = self.sent in self.wrong
        self.sent += 1
        held, self.held = self.held, []
        if is_wrong:
            for data in self.rng.choice(mutations)(self.rng, self, pdu):
                self.send_bytes(data)
        else:
            super().send(pdu)
        for data in held:
            self.send_bytes(data)

    def send_many(self, pdus):
        """As they are, and without a look at what comes back"""
        self.send_bytes(b''.join(self.encode(self.number(p)) for p in pdus))


# Exchanges

def offer(rng):
    small = ('512', '513', '1024', '4096')
    return {
        'HeaderDigest': rng.choice(('None', 'None', 'CRC32C')),
        'DataDigest': rng.choice(('None', 'None', 'CRC32C')),
        'InitialR2T': rng.choice(('Yes', 'No')),
        'ImmediateData': rng.choice(('Yes', 'No')),
        'MaxRecvDataSegmentLength': rng.choice(small + ('8192', '65536')),
        'MaxBurstLength': rng.choice(small + ('8192', '65536')),
        'FirstBurstLength': rng.choice(small + ('8192', '65536')),
        'MaxOutstandingR2T': rng.choice(('1', '2', '8')),
    }


def log_in(rng, session):
    """Of one of the kinds that there are"""
    who = rng.choice((iscsi_raw.INITIATOR, INITIATOR))
    kind = rng.randrange(8)
    if kind == 0:
        session.login(initiator=who, **offer(rng))
    elif kind == 1:
        session.login(iscsi_lib.IQN + 'locked', who, Chap(*ACCOUNT),
                      **offer(rng))
    elif kind == 2:
        session.login_step(SECURITY, OPERATIONAL, {
            'InitiatorName': who, 'AuthMethod': 'None',
            'TargetName': iscsi_lib.IQN + 'fuzzed'})
        session.login_step(OPERATIONAL, FULL, offer(rng))
    else:
        session.login(iscsi_lib.IQN + 'fuzzed', who, **offer(rng))


def transfer(rng, session, blocks=None, **more):
    """A READ or a WRITE, submitted"""
    blocks = blocks or rng.choice((1, 1, 2, 8, 64))
    write_it = rng.random() < 0.6
    cdb = struct.pack('>BxIxHx', 0x2a if write_it else 0x28,
                      rng.randrange(1000), blocks)
    data = rng.randbytes(512) * blocks
    if rng.random() < 0.1:
        more['edtl'] = interesting(rng, len(data), 4)
    return session.submit(cdb, rng.choice((0, 0, 1, 1, 7)),
                          0 if write_it else len(data),
                          data if write_it else b'', **more)


def one_command(rng, session):
    session.wait(transfer(rng, session))


def many_commands(rng, session):
    tasks = [transfer(rng, session) for _ in range(rng.randint(2, 30))]
    for task in tasks:
        session.wait(task)


def any_command(rng, session):
    """Of any code, with or without data of either direction"""
    cdb = bytes([rng.randrange(256)]) + rng.randbytes(15)
    if rng.random() < 0.5:
        cdb = cdb[:1] + bytes(3) + flipped(rng, bytes(12))
    length = rng.choice((0, 4, 96, 512, 4096))
    out = rng.choice((b'', rng.randbytes(length)))
    session.wait(session.submit(cdb, read=rng.choice((0, length)), out=out,
                                attr=rng.randrange(8)))


def long_cdb(rng, session):
    """VARIABLE LENGTH CDB, with a READ or WRITE (32) or nonsense in it"""
    cdb = bytearray(rng.randbytes(rng.choice((17, 32, 32, 200, 260))))
    cdb[:10] = struct.pack('>BxBBxxxBH', 0x7f, 0, 0, len(cdb) - 8 & 0xff,
                           rng.choice((9, 11, 0x7f)))
    data = bytes(512)
    session.send(session.number(Pdu(
        COMMAND, data, flags=FINAL | rng.choice((0x20, 0x40, 0x60)) | 1,
        ahs=struct.pack('>HBx', len(cdb) - 15, 1) + bytes(cdb[16:]) +
        rng.choice((b'', struct.pack('>HBxI', 5, 2, 512))),
        itt=session.tag(), edtl=512, cdb=bytes(cdb[:16]))))
    session.take()


def ping(rng, session):
    session.nop(rng.randbytes(rng.choice((0, 1, 511, 512, 8192))))


def texts(_rng, session):
    session.text({'SendTargets': 'All'})


def managed(rng, session):
    """Task management of commands on their way"""
    tasks = [transfer(rng, session) for _ in range(rng.randint(0, 8))]
    for _ in range(rng.randint(1, 3)):
        task = rng.choice(tasks) if tasks else None
        session.tmf(rng.choice((1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0)),
                    lun=rng.choice((0, 1)),
                    ref_tag=task.itt if task else 5,
                    ref_cmd_sn=session.cmd_sn)


def leave(rng, session):
    """Logout, with commands on their way"""
    for _ in range(rng.choice((0, 1, 16))):
        transfer(rng, session)
    session.logout(rng.choice((0, 0, 1, 2)))


STEPS = (one_command, one_command, many_commands, any_command, long_cdb, ping,
         texts, managed, managed, leave)


def in_login(rng, session):
    log_in(rng, session)
    one_command(rng, session)


def in_full_feature_phase(rng, session):
    log_in(rng, session)
    for _ in range(rng.randint(1, 5)):
        rng.choice(STEPS)(rng, session)


# Floods: nothing of them is looked at before they are over

def data_flood(rng, session):
    """Data-Out that was asked for, and much more that was not"""
    task = transfer(rng, session, 64)
    session.send_many(
        Pdu(DATA_OUT, bytes(512), lun=task.lun,
            itt=rng.choice((task.itt, task.itt, task.itt + 1)),
            flags=rng.choice((0, 0, 0, FINAL)), offset=512 * i,
            ttt=rng.choice((NO_TAG, 0, 1)), data_sn=i)
        for i in range(rng.randint(10, 200)))
    session.wait(task)


def tmf_storm(rng, session):
    for _ in range(rng.randint(1, 20)):
        transfer(rng, session)
    session.send_many(
        Pdu(TMF | IMMEDIATE, flags=FINAL | rng.randint(1, 8),
            itt=session.tag(), ref_tag=rng.randrange(40),
            lun=iscsi_raw.lun_of(rng.randrange(2)))
        for _ in range(rng.randint(20, 100)))
    session.take()


def ping_flood(rng, session):
    """Nobody reads the answers."""
    session.send_many(
        Pdu(NOP_OUT | IMMEDIATE, bytes(rng.choice((0, 512))), flags=FINAL,
            itt=session.tag(), ttt=NO_TAG) for _ in range(600))
    if rng.random() < 0.5:
        session.closed()


def read_flood(rng, session):
    """Nobody reads the data, and there are too many commands."""
    for i in range(rng.randint(20, 60)):
        session.submit('28000000000000080000', rng.randrange(2), 1 << 20,
                       opcode=rng.choice((COMMAND, COMMAND | IMMEDIATE)))
    if rng.random() < 0.5:
        session.closed()


def text_flood(rng, session):
    session.send_many(
        Pdu(TEXT | IMMEDIATE, b'X-%d=' % i + b'v' * 500, itt=9, ttt=NO_TAG,
            flags=CONTINUE) for i in range(rng.randint(1, 200)))
    session.take()


def early_flood(rng, session):
    """What is not for somebody whose login is not over yet"""
    session.send_many(
        session.login_request(OPERATIONAL, FULL, {
            'InitiatorName': iscsi_raw.INITIATOR}, False,
            flags=OPERATIONAL << 2 | CONTINUE)
        for _ in range(rng.randint(1, 100)))
    session.take()


def same_isid(rng, session):
    """Somebody else with the same name comes during the login, or after it,
    with commands on their way."""
    others = [Hostile(rng, (), session.isid) for _ in range(rng.randint(1, 3))]
    try:
        for _ in range(rng.randint(0, 20)):
            transfer(rng, session)
        for other in others:
            other.send(other.login_request(OPERATIONAL, FULL, {
                'InitiatorName': rng.choice((iscsi_raw.INITIATOR, INITIATOR)),
                'TargetName': iscsi_lib.IQN + 'fuzzed',
                'SessionType': 'Normal', **offer(rng)}))
        if rng.random() < 0.5:
            rng.choice(others).take()
        rng.choice(STEPS)(rng, session)
    finally:
        for other in others:
            other.close()


FLOODS = (data_flood, tmf_storm, ping_flood, read_flood, text_flood, same_isid,
          same_isid)


def in_flood(rng, session):
    if rng.random() < 0.1:
        early_flood(rng, session)
    log_in(rng, session)
    rng.choice(FLOODS)(rng, session)


# Cases

def end(rng, session, crowd):
    """In peace, by a reset, or much later"""
    how = rng.randrange(4) if session.sock.fileno() >= 0 else None
    if how == 0:
        session.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack('ii', 1, 0))
    if how == 1:
        crowd.append(session)
        session = crowd.pop(0) if len(crowd) > 8 else None
    if session:
        session.close()


def attack(number, exchange, first, last, crowd):
    """A case: some of the PDUs from first to last are mutated."""
    rng = random.Random('%d/%s/%d' % (SEED, exchange.__name__, number))
    wrong = {rng.randint(first, last) for _ in range(rng.randint(1, 4))}
    session = Hostile(rng, wrong, isid_of(rng.randrange(6)))
    with contextlib.suppress(Stop, *OUTCOMES):
        exchange(rng, session)
    end(rng, session, crowd)


class Steady:
    """The session that does not notice, and the target's state around it"""

    def __init__(self):
        self.fuzzed = Target('fuzzed', HeaderDigest='CRC32C,None',
                             DataDigest='CRC32C,None')
        self.fuzzed.add(0, fileio('fuzzed', 1 << 20))
        self.fuzzed.add(1, nullio())
        self.locked = Target('locked')
        self.locked.incoming(*ACCOUNT)
        self.locked.add(0, nullio('n1'))
        # Between batches it does not listen, to pings neither.
        self.target = Target('steady', NopInInterval=0)
        self.target.add(0, fileio('steady', 8 << 20))
        serve()
        self.session = self.target.raw()
        self.session.command(bytes(6))
        self.rng = random.Random(SEED)
        self.block, self.data = 0, None
        self.tainted = read('/proc/sys/kernel/tainted')
        self.transfer()

    def command(self, code, out=b''):
        cdb = struct.pack('>BxIxHx', code, self.block, 64)
        return self.session.command(cdb, out=out, read=0 if out else 32768)

    def transfer(self):
        """What was written before is still there, and so is something new."""
        if self.data:
            check(self.command(0x28).data == self.data, 'the data has changed')
        self.block = self.rng.randrange(1 << 13)
        self.data = self.rng.randbytes(32768)
        equal(self.command(0x2a, self.data).status, 0, 'status of a WRITE')
        check(self.command(0x28).data == self.data, 'the data is another one')

    def look(self):
        """After a batch"""
        self.transfer()
        for target in (self.target, self.fuzzed):
            with target.raw(isid=99) as session:
                task = session.command('120000002400', read=36)
                equal(task.status, 0, 'status of an INQUIRY')
        wait_for(lambda: len(sessions()) == 1, 'the end of all other sessions',
                 60)
        equal(read('/proc/sys/kernel/tainted'), self.tainted, 'tainted')

    def close(self):
        equal(self.session.logout(), 0, 'response to the logout')
        wait_for(lambda: not sessions(), 'the end of all sessions')
        wait_for(lambda: not glob.glob('/sys/class/scst_conn/*'),
                 'the end of all connections')


def hangs(_signal, _frame):
    raise AssertionError('it hangs')


@contextlib.contextmanager
def batch(steady, what):
    """Says in the kernel log, and when something is wrong, what was done."""
    write('/dev/kmsg', '<6>scst-test: fuzz: %s' % what)
    signal.signal(signal.SIGALRM, hangs)
    signal.alarm(300 * SLOW)
    crowd = []
    try:
        yield crowd
        for session in crowd:
            session.close()
        steady.look()
    except BaseException:
        note('seed %d, %s' % (SEED, what))
        raise
    finally:
        signal.alarm(0)


def run_cases(share, exchange, first, last):
    """A share of all cases"""
    steady = Steady()
    stop = FIRST + max(1, int(CASES * share))
    for start in range(FIRST, stop, BATCH):
        numbers = range(start, min(start + BATCH, stop))
        with batch(steady, 'cases %d to %d' % (start, numbers[-1])) as crowd:
            for number in numbers:
                attack(number, exchange, first, last, crowd)
    steady.close()


@case('a connection ends at any byte of its first exchanges')
def every_byte():
    steady = Steady()
    for name in ('login', 'data'):
        where = 0
        while where is not None:
            with batch(steady, '%s, from byte %d on' % (name, where)):
                where = cut_at(steady.fuzzed, name == 'data', where)
    steady.close()


def cut_at(target, in_data, where):
    """A batch of connections that end after so many bytes; how many are the
    first ones of the next batch."""
    for where in range(where, where + BATCH * EVERY_BYTE, EVERY_BYTE):
        with Session(isid=isid_of(where % 50)) as session:
            data = session.encode(session.login_request(OPERATIONAL, FULL, {
                'InitiatorName': iscsi_raw.INITIATOR, 'TargetName':
                target.name, 'SessionType': 'Normal', **iscsi_raw.OFFER}))
            if in_data:
                session.send_bytes(data)
                session.take()
                data = b''.join(session.encode(session.number(pdu))
                                for pdu in write_pdus())
            session.send_bytes(data[:where])
            if where >= len(data):
                return None
    return where + EVERY_BYTE


def write_pdus():
    """A WRITE of two blocks, of which one is unsolicited Data-Out"""
    cdb = bytes.fromhex('2a000000000000000200')
    return (Pdu(COMMAND, bytes(64), flags=0x21, itt=1, edtl=1024, cdb=cdb),
            Pdu(DATA_OUT, bytes(960), flags=FINAL, itt=1, ttt=NO_TAG,
                offset=64))


def silent(target):
    """Connections whose initiators say no more, at several points, or that ask
    for logout but do not take what comes before the answer."""
    there = [Session() for _ in range(3)]
    login = there[0].encode(there[0].login_request(OPERATIONAL, FULL, {
        'InitiatorName': iscsi_raw.INITIATOR, 'TargetName': target.name,
        'SessionType': 'Normal'}, False))
    there[1].send_bytes(login[:60])
    there[2].send_bytes(login)
    there.append(target.raw())
    for _ in range(30):
        there[3].submit('28000000000000080000', 1, 1 << 20)
    there[3].send(there[3].number(Pdu(
        LOGOUT | IMMEDIATE, flags=FINAL, itt=there[3].tag(), cid=1)))
    return there


@case('connections that fall silent end')
def silence():
    steady = Steady()
    # Not while they are still about to fall silent
    steady.fuzzed.param('RspTimeout', 8)
    begin = time.monotonic()
    there = silent(steady.fuzzed)
    wait_for(lambda: len(sessions()) == 1, 'the end of the session', 60)
    for session in there:
        session.sock.settimeout(60 * SLOW)
        check(session.closed(), 'the connection stays')
        session.close()
    # The session's timeout is shorter than that of logins.
    check(time.monotonic() - begin > 14, 'the time for a login is short')
    steady.look()
    steady.close()


@case('logins (seed %d)' % SEED)
def logins():
    run_cases(0.3, in_login, 0, 2)


@case('full feature phase (seed %d)' % SEED)
def full_feature_phase():
    run_cases(0.5, in_full_feature_phase, 1, 12)


@case('floods (seed %d)' % SEED)
def floods():
    run_cases(0.2, in_flood, 3, 60)


if __name__ == '__main__':
    main()
