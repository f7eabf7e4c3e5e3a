# SPDX-License-Identifier: GPL-2.0
"""One SCSI command through SG_IO, with all that comes back."""
import ctypes
import fcntl
import os

from lib import SLOW, Target, check, equal, wait_for

SG_IO = 0x2285
NONE, OUT, IN = -1, -2, -3

GOOD, CHECK_CONDITION, BUSY = 0x00, 0x02, 0x08
TASK_SET_FULL = 0x28

NO_SENSE, NOT_READY, ILLEGAL_REQUEST = 0, 2, 5
UNIT_ATTENTION, DATA_PROTECT, MISCOMPARE = 6, 7, 14


class _Header(ctypes.Structure):
    _fields_ = [
        ('interface_id', ctypes.c_int), ('dxfer_direction', ctypes.c_int),
        ('cmd_len', ctypes.c_ubyte), ('mx_sb_len', ctypes.c_ubyte),
        ('iovec_count', ctypes.c_ushort), ('dxfer_len', ctypes.c_uint),
        ('dxferp', ctypes.c_void_p), ('cmdp', ctypes.c_void_p),
        ('sbp', ctypes.c_void_p), ('timeout', ctypes.c_uint),
        ('flags', ctypes.c_uint), ('pack_id', ctypes.c_int),
        ('usr_ptr', ctypes.c_void_p), ('status', ctypes.c_ubyte),
        ('masked_status', ctypes.c_ubyte), ('msg_status', ctypes.c_ubyte),
        ('sb_len_wr', ctypes.c_ubyte), ('host_status', ctypes.c_ushort),
        ('driver_status', ctypes.c_ushort), ('resid', ctypes.c_int),
        ('duration', ctypes.c_uint), ('info', ctypes.c_uint)]


class Result:
    """Status, sense data, data and residual count of a command."""

    def __init__(self, header, sense, data):
        self.status = header.status
        self.host_status = header.host_status
        self.resid = header.resid
        self.sense = bytes(sense[:header.sb_len_wr])
        self.data = bytes(data)[:max(0, len(data) - header.resid)]
        self.key, self.asc, self.ascq = self._decode()

    def _decode(self):
        s = self.sense
        if len(s) < 4:
            return None, None, None
        if s[0] & 0x7f in (0x72, 0x73):
            return s[1] & 15, s[2], s[3]
        s = s.ljust(18, b'\0')
        return s[2] & 15, s[12], s[13]

    @property
    def triple(self):
        return self.key, self.asc, self.ascq

    @property
    def field(self):
        """Byte and bit of the field pointer (fixed format), or None."""
        s = self.sense.ljust(18, b'\0')
        if s[0] & 0x7f != 0x70 or not s[15] & 0x80:
            return None
        return (s[16] << 8) + s[17], s[15] & 7 if s[15] & 8 else None

    @property
    def information(self):
        s = self.sense.ljust(18, b'\0')
        if s[0] & 0x7f == 0x70:
            return int.from_bytes(s[3:7], 'big') if s[0] & 0x80 else None
        return int.from_bytes(s[12:20], 'big') if len(s) >= 20 else None

    def __repr__(self):
        return ('status %#x host %#x sense %s resid %d' %
                (self.status, self.host_status, self.sense.hex(), self.resid))


def command(node, cdb, direction=NONE, data=b'', length=0,
            timeout=60000 * SLOW):
    """Send one; OUT sends data, IN reads up to length bytes. timeout: ms."""
    buffer = ctypes.create_string_buffer(
        bytes(data) if direction == OUT else bytes(length),
        len(data) if direction == OUT else length)
    if isinstance(cdb, str):
        cdb = bytes.fromhex(cdb)
    cdb_buffer = ctypes.create_string_buffer(cdb, len(cdb))
    sense = (ctypes.c_ubyte * 96)()
    header = _Header(
        interface_id=ord('S'), dxfer_direction=direction, cmd_len=len(cdb),
        mx_sb_len=96, dxfer_len=len(buffer),
        dxferp=ctypes.addressof(buffer) if len(buffer) else None,
        cmdp=ctypes.addressof(cdb_buffer), sbp=ctypes.addressof(sense),
        timeout=timeout)
    fd = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(fd, SG_IO, header)
    finally:
        os.close(fd)
    return Result(header, sense, buffer.raw)


def settle(node):
    """Take the unit attentions that are there from the start."""
    for _ in range(20):
        if command(node, '000000000000').status == GOOD:
            return
    raise AssertionError('TEST UNIT READY is never good')


def nodes_of(device, number):
    """The device as LUN 0 of so many sessions with one target."""
    target = Target()
    target.add(0, device)
    nodes = [target.login('s%d' % i).sg() for i in range(number)]
    for node in nodes:
        settle(node)
    return nodes


def sg_of(device):
    """The device as LUN 0 of a session of its own."""
    return nodes_of(device, 1)[0]


def released(*nodes):
    """A removable medium that nobody holds. sd does as long as it looks at
    partitions, and a while after: the kernel closes its disk later on."""
    wait_for(lambda: command(nodes[0], '1b0000000200').status == GOOD,
             'ejection')
    good(command(nodes[0], '1b0000000300'))
    for node in nodes:
        settle(node)


def good(result):
    """It must have ended with GOOD status."""
    check(result.status == GOOD, 'a command is refused: %r' % result)
    return result


def refused(result, triple, field=None):
    """It must have ended with this sense (and field pointer)."""
    equal(result.status, CHECK_CONDITION, 'status')
    equal(result.triple, triple, 'sense')
    if field is not None:
        equal(result.field, field, 'field pointer')
    return result
