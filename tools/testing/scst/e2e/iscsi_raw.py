# SPDX-License-Identifier: GPL-2.0
"""A small iSCSI initiator (RFC 7143): one connection a session, no recovery.

What it sends can be made wrong on purpose: every PDU is a Pdu, whose fields are
set by name and whose bytes are at hand.
"""
import base64
import collections
import hashlib
import os
import socket
import struct

from lib import SLOW

# Seconds, only against hanging: longer than whatever a target waits for
PATIENCE = 60 * SLOW

# Opcodes, initiator's and target's
NOP_OUT, COMMAND, TMF, LOGIN, TEXT, DATA_OUT, LOGOUT, SNACK = (
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10)
NOP_IN, RESPONSE, TMF_RESPONSE, LOGIN_RESPONSE, TEXT_RESPONSE, DATA_IN = (
    0x20, 0x21, 0x22, 0x23, 0x24, 0x25)
LOGOUT_RESPONSE, R2T, ASYNC, REJECT = 0x26, 0x31, 0x32, 0x3f

IMMEDIATE = 0x40                # in the opcode's byte
FINAL, CONTINUE = 0x80, 0x40    # in the flags; FINAL is T of a login
READ, WRITE = 0x40, 0x20        # of a SCSI command
STATUS = 0x01                   # of a Data-In
OVERFLOW, UNDERFLOW = 0x04, 0x02
BIDI_OVERFLOW, BIDI_UNDERFLOW = 0x10, 0x08
AHS_CDB, AHS_READ = 1, 2        # additional header segments
SIMPLE, ORDERED, HEAD_OF_QUEUE, ACA = 1, 2, 3, 4
SECURITY, OPERATIONAL, FULL = 0, 1, 3

# Task management functions
ABORT_TASK, ABORT_TASK_SET, CLEAR_ACA, CLEAR_TASK_SET = 1, 2, 3, 4
LU_RESET, TARGET_WARM_RESET, TARGET_COLD_RESET, TASK_REASSIGN = 5, 6, 7, 8
# ... of RFC 7144
QUERY_TASK, QUERY_TASK_SET, NEXUS_RESET, QUERY_ASYNC_EVENT = 9, 10, 11, 12

NO_TAG = 0xffffffff
BHS_LEN = 48

# Where a field is: offset, bytes
_COMMON = {'opcode': (0, 1), 'flags': (1, 1), 'ahs_len': (4, 1),
           'data_len': (5, 3), 'lun': (8, 8), 'itt': (16, 4)}
_REQUEST = {'cmd_sn': (24, 4), 'exp_stat_sn': (28, 4)}
_ANSWER = {'stat_sn': (24, 4), 'exp_cmd_sn': (28, 4), 'max_cmd_sn': (32, 4)}
_LOGIN = {'isid': (8, 6), 'tsih': (14, 2)}
FIELDS = {
    NOP_OUT: {'ttt': (20, 4), **_REQUEST},
    COMMAND: {'edtl': (20, 4), 'cdb': (32, 16), **_REQUEST},
    TMF: {'ref_tag': (20, 4), 'ref_cmd_sn': (32, 4), 'exp_data_sn': (36, 4),
          **_REQUEST},
    LOGIN: {'version_max': (2, 1), 'version_min': (3, 1), 'cid': (20, 2),
            **_LOGIN, **_REQUEST},
    TEXT: {'ttt': (20, 4), **_REQUEST},
    DATA_OUT: {'ttt': (20, 4), 'exp_stat_sn': (28, 4), 'data_sn': (36, 4),
               'offset': (40, 4)},
    LOGOUT: {'cid': (20, 2), **_REQUEST},
    SNACK: {'ttt': (20, 4), 'exp_stat_sn': (28, 4), 'beg_run': (40, 4),
            'run_length': (44, 4)},
    NOP_IN: {'ttt': (20, 4), **_ANSWER},
    RESPONSE: {'response': (2, 1), 'status': (3, 1), 'snack_tag': (20, 4),
               'exp_data_sn': (36, 4), 'bidi_residual': (40, 4),
               'residual': (44, 4), **_ANSWER},
    TMF_RESPONSE: {'response': (2, 1), 'info': (8, 3), **_ANSWER},
    LOGIN_RESPONSE: {'version_max': (2, 1), 'version_active': (3, 1),
                     'login_status': (36, 2), **_LOGIN, **_ANSWER},
    TEXT_RESPONSE: {'ttt': (20, 4), **_ANSWER},
    DATA_IN: {'status': (3, 1), 'ttt': (20, 4), 'data_sn': (36, 4),
              'offset': (40, 4), 'residual': (44, 4), **_ANSWER},
    LOGOUT_RESPONSE: {'response': (2, 1), 'time2wait': (40, 2),
                      'time2retain': (42, 2), **_ANSWER},
    R2T: {'ttt': (20, 4), 'r2t_sn': (36, 4), 'offset': (40, 4),
          'length': (44, 4), **_ANSWER},
    ASYNC: {'event': (36, 1), 'vcode': (37, 1), 'parameter1': (38, 2),
            'parameter2': (40, 2), 'parameter3': (42, 2), **_ANSWER},
    REJECT: {'reason': (2, 1), 'data_sn': (36, 4), **_ANSWER},
}
# Do not take a StatSN of their own
_WITHOUT_STATUS = (R2T,)

DEFAULTS = {            # RFC 7143 13: what holds if it is not negotiated
    'HeaderDigest': 'None', 'DataDigest': 'None', 'InitialR2T': 'Yes',
    'ImmediateData': 'Yes', 'MaxRecvDataSegmentLength': '8192',
    'MaxBurstLength': '262144', 'FirstBurstLength': '65536',
    'MaxOutstandingR2T': '1',
}
OFFER = {               # what an ordinary login offers
    'HeaderDigest': 'None', 'DataDigest': 'None', 'InitialR2T': 'No',
    'ImmediateData': 'Yes', 'MaxRecvDataSegmentLength': '65536',
    'MaxBurstLength': '262144', 'FirstBurstLength': '65536',
    'MaxOutstandingR2T': '1', 'MaxConnections': '1',
    'ErrorRecoveryLevel': '0', 'DefaultTime2Wait': '0',
    'DefaultTime2Retain': '0',
}
INITIATOR = 'iqn.2026-11.org.example:raw'
CHAP_HASHES = {'5': 'md5', '6': 'sha1', '7': 'sha256', '8': 'sha3_256'}


class Closed(Exception):
    """The target has closed the connection."""


class BadDigest(Exception):
    """A digest of the target's is wrong."""


class Refused(Exception):
    """A login was refused, or redirected."""

    def __init__(self, pdu):
        self.status = pdu['login_status']
        self.keys = keys_of(pdu.data)
        super().__init__('login status %#06x %r' % (self.status, self.keys))


class Unexpected(Exception):
    """The target has sent what nobody asked for."""


def _crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82f63b78 if value & 1 else 0)
        table.append(value)
    return table


_CRC = _crc_table()


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xff] ^ (crc >> 8)
    return struct.pack('<I', crc ^ 0xffffffff)


def pad(data):
    return bytes(data) + bytes(-len(data) % 4)


def text_of(keys):
    """Key=value pairs, from a dict or from (key, value) tuples."""
    pairs = keys.items() if isinstance(keys, dict) else keys
    return b''.join(('%s=%s' % pair).encode() + b'\0' for pair in pairs)


def pairs_of(data):
    parts = [part.decode() for part in data.split(b'\0') if part]
    return [tuple(part.split('=', 1)) for part in parts]


def keys_of(data):
    return dict(pairs_of(data))


def lun_of(number):
    """Peripheral method below 256, flat above (SAM-5 4.7)."""
    return struct.pack('>H6x', number if number < 256 else 0x4000 | number)


class Pdu:
    """Basic header segment, additional ones, and data. DataSegmentLength and
    TotalAHSLength follow from the data unless they were set by hand."""

    def __init__(self, opcode, data=b'', ahs=b'', **fields):
        self.bhs = bytearray(BHS_LEN)
        self.data = bytes(data)
        self.ahs = bytes(ahs)
        self.bhs[0] = opcode
        self['data_len'] = len(self.data)
        self['ahs_len'] = len(pad(self.ahs)) // 4
        for name, value in fields.items():
            self[name] = value

    @property
    def opcode(self):
        return self.bhs[0] & 0x3f

    def place(self, name):
        return FIELDS.get(self.opcode, {}).get(name) or _COMMON[name]

    def has(self, name):
        return name in FIELDS.get(self.opcode, {})

    def __getitem__(self, name):
        offset, size = self.place(name)
        value = self.bhs[offset:offset + size]
        if name in ('lun', 'isid', 'cdb'):
            return bytes(value)
        return int.from_bytes(value, 'big')

    def __setitem__(self, name, value):
        offset, size = self.place(name)
        if isinstance(value, int):
            value = value.to_bytes(size, 'big')
        self.bhs[offset:offset + size] = value.ljust(size, b'\0')

    def __repr__(self):
        names = {**_COMMON, **FIELDS.get(self.opcode, {})}
        return 'Pdu(%s, data=%d bytes)' % (
            ', '.join('%s=%r' % (name, self[name]) for name in names),
            len(self.data))


class Connection:
    """PDUs over a socket."""

    def __init__(self, portal=('127.0.0.1', 3260), timeout=PATIENCE):
        self.sock = socket.create_connection(portal, timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.header_digest = False
        self.data_digest = False

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def encode(self, pdu):
        head = bytes(pdu.bhs) + pad(pdu.ahs)
        if self.header_digest:
            head += crc32c(head)
        body = pad(pdu.data)
        if self.data_digest and body:
            body += crc32c(body)
        return head + body

    def send(self, pdu):
        self.send_bytes(self.encode(pdu))

    def send_bytes(self, data):
        try:
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed(str(error)) from error

    def _take(self, length):
        data = b''
        while len(data) < length:
            try:
                more = self.sock.recv(length - len(data))
            except ConnectionResetError as error:
                raise Closed(str(error)) from error
            if not more:
                raise Closed('%d of %d bytes' % (len(data), length))
            data += more
        return data

    def _digest(self, data):
        if self._take(4) != crc32c(data):
            raise BadDigest()

    def receive(self):
        pdu = Pdu(0)
        pdu.bhs = bytearray(self._take(BHS_LEN))
        pdu.ahs = self._take(4 * pdu['ahs_len'])
        if self.header_digest:
            self._digest(bytes(pdu.bhs) + pdu.ahs)
        body = self._take(len(pad(bytes(pdu['data_len']))))
        if self.data_digest and body:
            self._digest(body)
        pdu.data = body[:pdu['data_len']]
        return pdu

    def closed(self):
        """Waits until the target closes; what it sends meanwhile is lost."""
        try:
            while self.sock.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True


class Chap:
    """The initiator's side: who we are, and who the target has to be."""

    def __init__(self, name, secret, target_name=None, target_secret=None,
                 algorithms='5'):
        self.name = name
        self.secret = secret
        self.target_name = target_name
        self.target_secret = target_secret
        self.algorithms = algorithms
        self.identifier = 0x5a
        self.challenge = os.urandom(16)

    @staticmethod
    def binary(text):
        if text[:2].lower() == '0x':
            digits = text[2:]
            return bytes.fromhex('0' * (len(digits) % 2) + digits)
        return base64.b64decode(text[2:])

    @staticmethod
    def hash(algorithm, identifier, secret, challenge):
        return hashlib.new(CHAP_HASHES[algorithm],
                           bytes([identifier]) + secret.encode() +
                           challenge).digest()

    def answer(self, keys):
        """To CHAP_A, CHAP_I and CHAP_C."""
        response = self.hash(keys['CHAP_A'], int(keys['CHAP_I']), self.secret,
                             self.binary(keys['CHAP_C']))
        answer = {'CHAP_N': self.name, 'CHAP_R': '0x' + response.hex()}
        if self.target_secret:
            answer['CHAP_I'] = str(self.identifier)
            answer['CHAP_C'] = '0x' + self.challenge.hex()
        return answer

    def verify(self, algorithm, keys):
        """Has the target proved who it is?"""
        want = self.hash(algorithm, self.identifier, self.target_secret,
                         self.challenge)
        return (keys.get('CHAP_N') == self.target_name and
                self.binary(keys.get('CHAP_R', '0x')) == want)


class Task:
    """A SCSI command that was sent."""

    def __init__(self, itt, lun, out):
        self.itt = itt
        self.lun = lun
        self.out = out
        self.data = bytearray()
        self.status = None      # as soon as it has ended
        self.response = None
        self.flags = 0
        self.residual = 0
        self.bidi_residual = 0
        self.sense = b''
        self.r2ts = 0
        self.data_ins = 0

    def sense_code(self):
        """Sense key, ASC, ASCQ of fixed or descriptor format."""
        sense = self.sense
        if len(sense) < 4:
            return None
        if sense[0] & 0x7f >= 0x72:
            return sense[1] & 15, sense[2], sense[3]
        return sense[2] & 15, sense[12], sense[13]


class Session(Connection):
    """A connection, its login and its sequence numbers."""

    def __init__(self, portal=('127.0.0.1', 3260), timeout=PATIENCE,
                 isid=b'\x80\x12\x34\x56\x00\x01', tsih=0, cid=1):
        super().__init__(portal, timeout)
        self.isid = isid
        self.tsih = tsih
        self.cid = cid
        self.itt = 0
        self.cmd_sn = 1
        self.exp_stat_sn = 0
        self.max_cmd_sn = None
        self.keys = dict(DEFAULTS)
        self.answers = {}
        self.tasks = {}
        self.others = collections.deque()       # PDUs for nobody yet

    def tag(self):
        self.itt = (self.itt + 1) & 0x7fffffff
        return self.itt

    def number(self, pdu):
        """Gives a request its numbers; CmdSN moves on if not immediate."""
        if pdu.has('cmd_sn'):
            pdu['cmd_sn'] = self.cmd_sn
            if not pdu.bhs[0] & IMMEDIATE:
                self.cmd_sn = (self.cmd_sn + 1) & 0xffffffff
        pdu['exp_stat_sn'] = self.exp_stat_sn
        return pdu

    def take(self):
        """One PDU, after what it says about sequence numbers."""
        pdu = self.receive()
        if pdu.has('stat_sn'):
            self.max_cmd_sn = pdu['max_cmd_sn']
            if _has_status(pdu):
                self.exp_stat_sn = (pdu['stat_sn'] + 1) & 0xffffffff
        return pdu

    # login

    def login_request(self, csg, nsg, keys, transit=True, **fields):
        flags = (FINAL if transit else 0) | csg << 2 | (nsg if transit else 0)
        return Pdu(LOGIN | IMMEDIATE, text_of(keys), **{
            'flags': flags, 'isid': self.isid, 'tsih': self.tsih,
            'itt': self.itt, 'cid': self.cid, 'cmd_sn': self.cmd_sn,
            'exp_stat_sn': self.exp_stat_sn, **fields})

    def login_step(self, csg, nsg, keys, transit=True, **fields):
        """One request, and the whole answer: the PDU and its keys."""
        self.send(self.login_request(csg, nsg, keys, transit, **fields))
        text = b''
        while True:
            pdu = self.take()
            if pdu.opcode != LOGIN_RESPONSE:
                raise Unexpected(repr(pdu))
            if pdu['login_status']:
                raise Refused(pdu)
            text += pdu.data
            if not pdu['flags'] & CONTINUE:
                return pdu, keys_of(text)
            self.send(self.login_request(csg, nsg, {}, False, **fields))

    def _authenticate(self, names, chap):
        """Up to the operational stage."""
        _, keys = self.login_step(SECURITY, OPERATIONAL,
                                  {**names, 'AuthMethod': 'CHAP,None'}, False)
        if keys.get('AuthMethod') != 'CHAP':
            raise Unexpected('AuthMethod: %r' % keys)
        _, keys = self.login_step(SECURITY, OPERATIONAL,
                                  {'CHAP_A': chap.algorithms}, False)
        algorithm = keys['CHAP_A']
        pdu, keys = self.login_step(SECURITY, OPERATIONAL, chap.answer(keys))
        if chap.target_secret and not chap.verify(algorithm, keys):
            raise Unexpected('the target is not who it should be: %r' % keys)
        if not pdu['flags'] & FINAL:
            self.login_step(SECURITY, OPERATIONAL, {})

    def login(self, target=None, initiator=INITIATOR, chap=None, offer=None,
              **more):
        """To full feature phase. Without a target: discovery. `more` are
        keys that are offered beside or instead of OFFER's."""
        names = {'InitiatorName': initiator}
        if target:
            names['TargetName'] = target
        names['SessionType'] = 'Normal' if target else 'Discovery'
        offer = dict(OFFER if offer is None else offer, **more)
        if chap:
            self._authenticate(names, chap)
        else:
            offer = {**names, **offer}
        offered = offer
        while True:
            pdu, keys = self.login_step(OPERATIONAL, FULL, offer)
            self.answers.update(keys)
            if pdu['flags'] & FINAL and pdu['flags'] & 3 == FULL:
                break
            offer = {}
        self.tsih = pdu['tsih']
        for name in DEFAULTS:
            self.keys[name] = self.answers.get(name, self.keys[name])
        # RFC 7143 6.2.2: no answer where the offer alone decides
        for name, decisive in (('InitialR2T', 'Yes'), ('ImmediateData', 'No')):
            if name not in self.answers and offered.get(name) == decisive:
                self.keys[name] = decisive
        self.header_digest = self.keys['HeaderDigest'] == 'CRC32C'
        self.data_digest = self.keys['DataDigest'] == 'CRC32C'
        return self

    # full feature phase

    def answer_to(self, itt, opcode):
        """The answer with this tag; what comes meanwhile is taken care of."""
        while True:
            for pdu in self.others:
                if pdu.opcode in (opcode, REJECT) and (
                        pdu['itt'] == itt or pdu.opcode == REJECT):
                    self.others.remove(pdu)
                    return pdu
            self.dispatch(self.take())

    def dispatch(self, pdu):
        task = self.tasks.get(pdu['itt'])
        if pdu.opcode == NOP_IN and pdu['ttt'] != NO_TAG:
            self.send(self.number(Pdu(
                NOP_OUT | IMMEDIATE, flags=FINAL, lun=pdu['lun'], itt=NO_TAG,
                ttt=pdu['ttt'])))
        elif pdu.opcode == R2T and task:
            self._send_asked(task, pdu)
        elif pdu.opcode == DATA_IN and task:
            self._take_data(task, pdu)
        elif pdu.opcode == RESPONSE and task:
            self._take_response(task, pdu)
        else:
            self.others.append(pdu)

    def text(self, keys):
        """A whole exchange; the target's pairs, in order."""
        itt, ttt, text = self.tag(), NO_TAG, b''
        data = text_of(keys)
        while True:
            self.send(self.number(Pdu(TEXT, data, flags=FINAL, itt=itt,
                                      ttt=ttt)))
            pdu = self.answer_to(itt, TEXT_RESPONSE)
            if pdu.opcode == REJECT:
                raise Unexpected(repr(pdu))
            text += pdu.data
            if pdu['flags'] & FINAL:
                return pairs_of(text)
            ttt, data = pdu['ttt'], b''

    def nop(self, data=b''):
        """A ping; what came back."""
        itt = self.tag()
        self.send(self.number(Pdu(NOP_OUT | IMMEDIATE, data, flags=FINAL,
                                  itt=itt, ttt=NO_TAG)))
        return self.answer_to(itt, NOP_IN).data

    def tmf(self, *function, **more):
        """A task management function; its response."""
        return self.tmf_pdu(*function, **more)['response']

    def tmf_pdu(self, function, lun=0, ref_tag=NO_TAG, ref_cmd_sn=0):
        """The same; the whole answer."""
        itt = self.tag()
        self.send(self.number(Pdu(
            TMF | IMMEDIATE, flags=FINAL | function, lun=lun_of(lun), itt=itt,
            ref_tag=ref_tag, ref_cmd_sn=ref_cmd_sn)))
        return self.answer_to(itt, TMF_RESPONSE)

    def ask_logout(self, reason=0):
        """The tag of a logout that has been sent."""
        itt = self.tag()
        self.send(self.number(Pdu(LOGOUT | IMMEDIATE, flags=FINAL | reason,
                                  itt=itt, cid=self.cid)))
        return itt

    def logged_out(self, itt):
        """The response to that."""
        return self.answer_to(itt, LOGOUT_RESPONSE)['response']

    def logout(self, reason=0):
        """Logout of the session; its response. The target closes then."""
        response = self.logged_out(self.ask_logout(reason))
        self.closed()
        self.close()
        return response

    def submit(self, cdb, lun=0, read=0, out=b'', edtl=None, attr=SIMPLE,
               immediate=True, opcode=COMMAND):
        """Sends a command and the data that may go unasked: all that the
        negotiated values allow, or nothing immediate if told so. With both
        read and out, a bidirectional one."""
        task = Task(self.tag(), lun_of(lun), bytes(out))
        self.tasks[task.itt] = task
        now = 0
        if out and immediate and self.keys['ImmediateData'] == 'Yes':
            now = min(len(out), self.segment(), self.first_burst())
        unasked = now
        if out and self.keys['InitialR2T'] == 'No':
            unasked = min(len(out), self.first_burst())
        flags = attr | (READ if read else 0) | (WRITE if out else 0)
        if unasked == now:
            flags |= FINAL
        if edtl is None:
            edtl = len(out) or read
        if isinstance(cdb, str):
            cdb = bytes.fromhex(cdb)
        ahs = b''
        if len(cdb) > 16:
            ahs += pad(struct.pack('>HBx', len(cdb) - 15, AHS_CDB) + cdb[16:])
        if read and out:
            ahs += struct.pack('>HBxI', 5, AHS_READ, read)
        self.send(self.number(Pdu(opcode, out[:now], ahs, flags=flags,
                                  lun=task.lun, itt=task.itt, edtl=edtl,
                                  cdb=cdb[:16])))
        if unasked > now:
            self.send_data(task, NO_TAG, now, unasked)
        return task

    def segment(self):
        return int(self.keys['MaxRecvDataSegmentLength'])

    def first_burst(self):
        return int(self.keys['FirstBurstLength'])

    def send_data(self, task, ttt, start, end):
        """One sequence of Data-Out."""
        data_sn = 0
        while start < end:
            piece = task.out[start:min(end, start + self.segment())]
            last = start + len(piece) == end
            self.send(self.number(Pdu(
                DATA_OUT, piece, flags=FINAL if last else 0, lun=task.lun,
                itt=task.itt, ttt=ttt, data_sn=data_sn, offset=start)))
            data_sn += 1
            start += len(piece)

    def _send_asked(self, task, pdu):
        task.r2ts += 1
        end = pdu['offset'] + pdu['length']
        if not pdu['length'] or end > len(task.out):
            raise Unexpected(repr(pdu))
        self.send_data(task, pdu['ttt'], pdu['offset'], end)

    def _take_data(self, task, pdu):
        if pdu['offset'] != len(task.data):
            raise Unexpected('offset after %d bytes: %r' %
                             (len(task.data), pdu))
        # R2Ts and Data-In are numbered as one (RFC 7143 4.2.2.4).
        if pdu['data_sn'] != task.r2ts + task.data_ins:
            raise Unexpected('DataSN after %d R2Ts and %d Data-In: %r' %
                             (task.r2ts, task.data_ins, pdu))
        task.data_ins += 1
        task.data += pdu.data
        if pdu['flags'] & STATUS:
            task.response = 0
            self._end(task, pdu)

    def _take_response(self, task, pdu):
        task.response = pdu['response']
        task.bidi_residual = pdu['bidi_residual']
        if len(pdu.data) >= 2:
            length = struct.unpack('>H', pdu.data[:2])[0]
            task.sense = pdu.data[2:2 + length]
        self._end(task, pdu)

    def _end(self, task, pdu):
        task.status = pdu['status']
        task.flags = pdu['flags']
        task.residual = pdu['residual']
        del self.tasks[task.itt]

    def wait(self, task):
        """Until the command has ended, or was rejected."""
        while task.status is None:
            self.dispatch(self.take())
            if self.others and self.others[-1].opcode == REJECT:
                raise Unexpected(repr(self.others[-1]))
        return task

    def command(self, cdb, **more):
        return self.wait(self.submit(cdb, **more))


def _has_status(pdu):
    """Does its StatSN count?"""
    if pdu.opcode in _WITHOUT_STATUS:
        return False
    if pdu.opcode == DATA_IN:
        return bool(pdu['flags'] & STATUS)
    return pdu.opcode != NOP_IN or pdu['itt'] != NO_TAG
