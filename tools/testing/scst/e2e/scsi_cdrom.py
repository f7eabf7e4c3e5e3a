#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""CD-ROM drives, whose media come and go: vcdrom, with sr and sg."""
import contextlib
import errno
import fcntl
import os
import struct
import threading

from lib import (SCRATCH, Device, Skip, Stall, Target, case, check, equal,
                 fails, loop_device, main, read, run, wait_for, waiting_in,
                 write)
from sgio import GOOD, IN, OUT, command, good, refused
from store_lib import Mapped, delayed, hole, linear

CHANGED = (6, 0x28, 0)
NO_MEDIUM, OPEN = (2, 0x3a, 1), (2, 0x3a, 2)
INVALID_FIELD, INVALID_PARAM = (5, 0x24, 0), (5, 0x26, 0)
INVALID_OPCODE, OUT_OF_RANGE = (5, 0x20, 0), (5, 0x21, 0)
INCOMPATIBLE, WRONG_MODE = (5, 0x30, 0), (5, 0x64, 0)
PREVENTED, BAD = (5, 0x53, 2), (3, 0x11, 0)

READY, READ_TOC, CONFIG = '000000000000', '43', '46'
EJECT, LOAD = '1b0000000200', '1b0000000300'
MEDIA_EVENT = '4a010000100000000800'
BLOCK = 2048
MEGA = 1 << 20

# <linux/cdrom.h>
CDROMREADTOCHDR, CDROMREADTOCENTRY, CDROMEJECT = 0x5305, 0x5306, 0x5309
CDROMREADMODE1, CDROMMULTISESSION, CDROMREADRAW = 0x530d, 0x5310, 0x5314
CDROMCLOSETRAY, CDROM_SELECT_SPEED = 0x5319, 0x5322
CDROM_MEDIA_CHANGED, CDROM_DRIVE_STATUS = 0x5325, 0x5326
CDROM_DISC_STATUS, CDROM_GET_CAPABILITY = 0x5327, 0x5331
CDROM_LAST_WRITTEN, DVD_READ_STRUCT = 0x5395, 0x5390
CURRENT_SLOT = 0x7fffffff
CDS_NO_DISC, CDS_TRAY_OPEN, CDS_DISC_OK, CDS_DATA_1 = 1, 2, 4, 101
CDC_CLOSE_TRAY, CDC_OPEN_TRAY, CDC_LOCK, CDC_DVD = 1, 2, 4, 0x8000
LEADOUT = 0xaa


def image(name, seed, blocks=500):
    """A file of which each block says what it is."""
    path = os.path.join(SCRATCH, name)
    with open(path, 'wb') as f:
        for number in range(blocks):
            f.write(b'%s %08d' % (seed, number) + bytes(
                (number * 7 + i) & 255 for i in range(BLOCK - 9 - len(seed))))
    return path


def dvd(name='dvd'):
    path = os.path.join(SCRATCH, name)
    with open(path, 'wb') as f:
        f.truncate(4400 * MEGA)
    return path


class Drive:
    """A drive with its session: the nodes of sr and sg."""

    def __init__(self, filename='', **attrs):
        self.device = Device('vcdrom', 'c0', enable=False, **attrs)
        if filename:
            self.device.set('filename', filename)
        self.device.set('enabled', 1)
        self.target = Target()
        self.target.add(0, self.device)
        self.session = self.target.login()
        self.sr = self.session.node(0, 'block')
        self.sg = self.session.node(0, 'scsi_generic')
        self.settle()

    def put(self, filename):
        self.device.set('filename', filename + '\n')

    def settle(self):
        """The unit attentions that are there from the start."""
        wait_for(lambda: self.ready().key != 6, 'the end of UNIT ATTENTION')

    def ready(self):
        return command(self.sg, READY)

    def read(self, lba, count=1):
        return command(self.sg, read_10(lba, count), IN, length=count * BLOCK)

    def watch(self, name='watch'):
        """Another nexus, from now on that of the commands. sr, which looks for
        events and unit attentions when it likes, leaves it."""
        session = self.target.login(name)
        session.node(0, 'block')
        self.sg = session.node(0, 'scsi_generic')
        write(session.sysfs(0) + '/driver/unbind', session.scsi_id(0))
        self.settle()
        while self.event()[0]:
            pass
        return session

    def event(self):
        """Code and status of the next media event."""
        data = good(command(self.sg, MEDIA_EVENT, IN, length=8)).data
        equal(data[:4], bytes([0, 6, 4, 0x5e]), 'header of the event')
        return data[4], data[5]

    def ioctl(self, number, argument=0, room=0):
        """On the drive, whatever is in it; with room for a longer answer."""
        buf = bytearray(argument.ljust(room, b'\0')) if room else argument
        fd = os.open(self.sr, os.O_RDONLY | os.O_NONBLOCK)
        try:
            result = fcntl.ioctl(fd, number, buf)
        finally:
            os.close(fd)
        return bytes(buf) if room else result

    def status(self):
        return self.ioctl(CDROM_DRIVE_STATUS, CURRENT_SLOT)


def read_10(lba, count):
    return struct.pack('>BBIBHB', 0x28, 0, lba, 0, count, 0)


def expect_errors():
    write('/dev/kmsg',
          'scst-test: expect .*(I/O error|sr[0-9]|isofs|ISO 9660).*')


def iso(name, folder, *more):
    if not os.path.exists('/usr/bin/genisoimage'):
        raise Skip('no genisoimage')
    path = os.path.join(SCRATCH, name)
    run('genisoimage', '-quiet', '-J', '-R', '-V', name.upper(), '-o', path,
        *more, folder)
    return path


@contextlib.contextmanager
def mounted(drive):
    where = os.path.join(SCRATCH, 'mnt')
    os.makedirs(where, exist_ok=True)
    run('mount', '-t', 'iso9660', '-o', 'ro', drive.sr, where)
    try:
        yield where
    finally:
        run('umount', where)


@case('sr mounts an ISO file, blkid knows it, the files are the same')
def mount():
    folder = '/usr/share/perl5'
    drive = Drive(iso('first', folder))
    check('LABEL="FIRST"' in run('blkid', '-p', drive.sr), 'blkid')
    with mounted(drive) as where:
        run('diff', '-r', folder, where)
    equal(int(drive.device.get('size')),
          os.path.getsize(os.path.join(SCRATCH, 'first')), 'size')


@case('an image on a block device')
def on_block_device():
    with loop_device(4 * MEGA) as store:
        drive = Drive(store)
        equal(drive.read(0, 4).data, bytes(4 * BLOCK), 'zeros')
        equal(drive.device.get('size'), str(4 * MEGA), 'size')
        # it is claimed
        with fails('EBUSY'):
            Device('vcdrom', 'c1', filename=store)
        with fails('EBUSY'):
            drive.put(store)
        drive.settle()
        # and free as soon as it is out
        for _ in range(3):
            drive.put('')
            drive.put(store)
            drive.settle()
            equal(drive.read(0, 4).data, bytes(4 * BLOCK), 'zeros')


@case('sg3_utils: what the drive says of itself')
def tools():
    drive = Drive(image('a', b'a'))
    check('cd/dvd' in run('sg_inq', drive.sg), 'sg_inq')
    run('sg_turs', drive.sg)
    run('sg_readcap', drive.sg)
    text = run('sg_get_config', drive.sg)
    for feature in ('Profile list', 'Core', 'Morphing', 'Removable media',
                    'Random readable', 'CD read', 'DVD read',
                    'Power management', 'Timeout', 'Real time streaming'):
        check(feature in text, 'sg_get_config: no %s in\n%s' % (feature, text))
    check('Read TOC' in run('sg_opcodes', drive.sg) or
          'READ TOC' in run('sg_opcodes', drive.sg).upper(), 'sg_opcodes')
    check('MM capabilities' in run('sg_modes', '-a', drive.sg), 'sg_modes')
    run('sg_vpd', '-p', 'di', drive.sg)
    # VPD pages of disks are not there.
    refused(command(drive.sg, '1201b0004000', IN, length=64), INVALID_FIELD)


@case('ioctls of CD-ROM drives')
def ioctls():
    drive = Drive(image('a', b'a'))
    equal(drive.status(), CDS_DISC_OK, 'drive status')
    equal(drive.ioctl(CDROM_DISC_STATUS), CDS_DATA_1, 'disc status')
    drive.ioctl(CDROM_MEDIA_CHANGED, CURRENT_SLOT)
    equal(drive.ioctl(CDROM_MEDIA_CHANGED, CURRENT_SLOT), 0, 'changed')
    equal(drive.ioctl(CDROMREADTOCHDR, bytes(2)), bytes([1, 1]), 'tracks')
    for track, lba, control in ((1, 0, 4), (LEADOUT, 500, 4)):
        entry = drive.ioctl(CDROMREADTOCENTRY,
                            struct.pack('BBBxiBxxx', track, 0, 1, 0, 0))
        _, adr, _, start, _ = struct.unpack('BBBxiBxxx', entry)
        equal((adr >> 4, start), (control, lba), 'track %d' % track)
    last = drive.ioctl(CDROMMULTISESSION, struct.pack('iBBxx', 0, 0, 1))
    equal(struct.unpack('iBBxx', last)[:2], (0, 0), 'last session')
    equal(struct.unpack('l', drive.ioctl(CDROM_LAST_WRITTEN, bytes(8)))[0],
          499, 'last written')
    drive.ioctl(CDROM_SELECT_SPEED, 8)
    want = CDC_CLOSE_TRAY | CDC_OPEN_TRAY | CDC_LOCK | CDC_DVD
    equal(drive.ioctl(CDROM_GET_CAPABILITY) & want, want, 'capabilities')


def edc(data):
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xd8018001 if value & 1 else 0)
    return value


@case('sectors as they are recorded: READ CD, and what sr makes of it')
def raw_sectors():
    path = image('a', b'a')
    drive = Drive(path)
    with open(path, 'rb') as f:
        data = f.read()
    user = data[77 * BLOCK:78 * BLOCK]
    # 00:03:02 is block 77.
    msf = struct.pack('BBBBBB', 0, 3, 2, 0, 3, 3)
    equal(drive.ioctl(CDROMREADMODE1, msf, BLOCK), user, 'mode 1')
    raw = drive.ioctl(CDROMREADRAW, msf, 2352)
    equal(raw[:16], b'\0' + b'\xff' * 10 + b'\0' + bytes([0, 3, 2, 1]),
          'sync and header')
    equal(raw[16:16 + BLOCK], user, 'user data')
    equal(raw[2064:2068], struct.pack('<I', edc(raw[:2064])), 'EDC')
    # more than a piece, of any type: user data alone, then headers with it
    cdb = bytes.fromhex('be0000000000' + '000025' + '100000')
    equal(good(command(drive.sg, cdb, IN, length=37 * BLOCK)).data,
          data[:37 * BLOCK], 'user data')
    cdb = bytes.fromhex('b9080000020000022530' + '0000')
    got = good(command(drive.sg, cdb, IN, length=37 * 2052)).data
    equal(len(got), 37 * 2052, 'length')
    equal(b''.join(got[i * 2052 + 4:(i + 1) * 2052] for i in range(37)),
          data[:37 * BLOCK], 'user data')
    # fewer than the CDB asks for
    got = good(command(drive.sg, 'be0800000000000002f80000', IN, length=3000))
    equal(got.data[2352:2364], b'\0' + b'\xff' * 10 + b'\0', 'second sync')
    for cdb, triple in (('be0400000000000001100000', WRONG_MODE),
                        ('be0000000000000001120000', INVALID_FIELD),
                        ('be0000000000000001100100', INVALID_FIELD),
                        ('be00000001f3000002100000', OUT_OF_RANGE),
                        ('b9000000014a000200100000', OUT_OF_RANGE)):
        refused(command(drive.sg, cdb, IN, length=8192), triple)


@case('blocks: up to the last one, and not beyond')
def blocks():
    path = image('a', b'a')
    drive = Drive(path)
    with open(path, 'rb') as f:
        data = f.read()
    equal(good(drive.read(490, 10)).data, data[490 * BLOCK:], 'the end')
    refused(drive.read(491, 10), OUT_OF_RANGE)
    refused(drive.read(0xffffffff, 2), OUT_OF_RANGE)
    good(command(drive.sg, read_10(500, 0)))
    good(command(drive.sg, '2b00000001f300000000'))
    refused(command(drive.sg, '2b00000001f400000000'), OUT_OF_RANGE)
    got = command(drive.sg, 'a80000000001000000020000', IN, length=2 * BLOCK)
    equal(good(got).data, data[BLOCK:3 * BLOCK], 'READ(12)')
    # nothing writes
    refused(command(drive.sg, '2a000000000000000100', OUT, bytes(BLOCK)),
            INVALID_OPCODE)
    # the file has become shorter
    expect_errors()
    os.truncate(path, 400 * BLOCK)
    result = drive.read(450)
    refused(result, (3, 0x11, 0))
    equal(result.information, 450, 'INFORMATION of %r' % result)


@case('malformed CDBs')
def malformed():
    drive = Drive(image('a', b'a'))
    for cdb, field in (('43000300000000000c00', (2, 3)),
                       ('43000f00000000000c00', (2, 3)),
                       ('43000000000002000c00', (6, 7)),
                       ('43000200000002000c00', (6, 7)),
                       ('46030000000000000800', (1, 1)),
                       ('4a000000100000000800', (1, 0)),
                       ('51010000000000002200', (1, 2)),
                       ('52040000000000002200', (1, 2)),
                       ('52030000000000002200', (1, 1)),
                       ('52010000000200002200', (2, 7)),
                       ('ac10000000000000000103' + '00', (10, 7)),
                       ('ac14000000000000000100' + '00', (1, 4)),
                       ('1b0000005200', (4, 7)),
                       ('1b0000000600', (4, 2)),
                       ('5a003e00000000008000', (2, 5)),
                       ('5a003f01000000008000', (3, 7))):
        refused(command(drive.sg, cdb, IN, length=256), INVALID_FIELD, field)
    refused(command(drive.sg, '5200000001f400002200', IN, length=48),
            OUT_OF_RANGE)
    refused(command(drive.sg, 'ad0000000000000008040000', IN, length=2052),
            INCOMPATIBLE)
    # play, blank, keys: not here
    for cdb in ('450000000000000001' + '00', 'a1' + '00' * 11,
                'a4' + '00' * 9 + '00' * 2):
        refused(command(drive.sg, cdb), INVALID_OPCODE)
    # a short allocation length is no error, and hands out no more
    for length in (0, 1, 7, 11):
        cdb = bytes.fromhex('43000000000000') + struct.pack('>HB', length, 0)
        equal(len(good(command(drive.sg, cdb, IN, length=length)).data),
              length, 'length')
    good(drive.ready())


@case('an initiator opens and closes the tray')
def tray():
    expect_errors()
    drive = Drive(image('a', b'a'))
    drive.ioctl(CDROMEJECT)
    refused(drive.ready(), OPEN)
    refused(drive.read(0), OPEN)
    equal(drive.status(), CDS_TRAY_OPEN, 'drive status')
    equal(drive.device.get('size'), '0', 'size')
    equal(good(command(drive.sg, 'bd' + '00' * 8 + '080000', IN, length=8))
          .data[1] & 0x10, 0x10, 'door open')
    drive.ioctl(CDROMCLOSETRAY)
    drive.settle()
    good(drive.ready())
    equal(drive.status(), CDS_DISC_OK, 'drive status')
    good(drive.read(0))
    drive.watch()
    equal(drive.event(), (0, 2), 'no event')
    good(command(drive.sg, EJECT))
    good(command(drive.sg, EJECT))
    equal(drive.event(), (3, 1), 'removal')
    equal(drive.event(), (0, 1), 'no more')
    good(command(drive.sg, LOAD))
    refused(drive.ready(), CHANGED)
    equal(drive.event(), (2, 2), 'new medium')
    good(command(drive.sg, LOAD))
    good(drive.ready())
    # stopping is not ejecting
    good(command(drive.sg, '1b0000000000'))
    good(drive.read(0))


@case('the administrator takes the medium out, and puts others in')
def change():
    expect_errors()
    drive = Drive(image('a', b'a'))
    drive.watch('one')
    sg = drive.sg
    drive.watch('two')
    drive.put('')
    equal(drive.device.get('filename'), '', 'filename')
    refused(drive.ready(), NO_MEDIUM)
    equal(drive.event(), (3, 0), 'removal')
    equal(drive.status(), CDS_NO_DISC, 'drive status')
    refused(drive.read(0), NO_MEDIUM)
    for cdb in ('43000000000000000c00', '51000000000000002200',
                '25000000000000000000', '52010000000100002200'):
        refused(command(drive.sg, cdb, IN, length=64), NO_MEDIUM)
    # what is about the drive is answered, and nothing is current
    data = good(command(drive.sg, '46010000000000010000', IN,
                        length=256)).data
    equal(data[6:8], b'\0\0', 'current profile')

    drive.put(image('b', b'b', 300))
    equal(drive.event(), (2, 2), 'new medium')
    for node in (drive.sg, sg):
        refused(command(node, READY), CHANGED)
        equal(good(command(node, read_10(7, 1), IN, length=BLOCK))
              .data[:10], b'b 00000007', 'block')
    equal(good(command(drive.sg, '25' + '00' * 9, IN, length=8)).data,
          struct.pack('>II', 299, BLOCK), 'capacity')

    # at once, without being seen empty
    drive.put(image('c', b'c'))
    equal(drive.event(), (3, 2), 'removal')
    equal(drive.event(), (2, 2), 'new medium')
    refused(drive.read(0), CHANGED)
    equal(good(drive.read(0)).data[:1], b'c', 'block')
    # An open tray is closed by what is put in, not by what is taken out.
    good(command(drive.sg, EJECT))
    drive.put('')
    refused(drive.ready(), OPEN)
    drive.put(os.path.join(SCRATCH, 'a'))
    refused(drive.ready(), CHANGED)
    equal(good(drive.read(0)).data[:1], b'a', 'block')


@case('what cannot be put in leaves what is there')
def bad_media():
    drive = Drive(image('a', b'a'))
    empty = os.path.join(SCRATCH, 'empty')
    write(empty, 'x' * 2047)
    large = os.path.join(SCRATCH, 'large')
    with open(large, 'wb') as f:
        f.truncate(BLOCK << 32)
    for name, error in (('a', 'EINVAL'), ('/nowhere', 'ENOENT'),
                        (SCRATCH, 'EISDIR'), ('/dev/null', 'EINVAL'),
                        (empty, 'ENODATA'), (large, 'EFBIG')):
        with fails(error):
            drive.put(name)
        good(drive.read(0))
        equal(drive.device.get('filename'), os.path.join(SCRATCH, 'a'),
              'filename')
    # nor can it be enabled with it
    for name, error in (('/nowhere', 'ENOENT'), (empty, 'ENODATA')):
        other = Device('vcdrom', 'c1', enable=False, filename=name)
        with fails(error):
            other.set('enabled', 1)
        other.remove()


@case('a medium that is mounted stays, and its user is asked for it')
def prevented():
    expect_errors()
    folder = '/usr/share/perl5/Debconf'
    drive = Drive(iso('first', folder))
    drive.watch()
    with mounted(drive) as where:
        refused(command(drive.sg, EJECT), PREVENTED)
        with fails('EBUSY'):
            drive.put('')
        with fails('EBUSY'):
            drive.put(image('b', b'b'))
        equal(os.path.basename(drive.device.get('filename')), 'first',
              'filename')
        equal(drive.event(), (1, 2), 'eject request')
        equal(drive.event(), (0, 2), 'told once')
        run('diff', '-r', folder, where)
        page = good(command(drive.sg, '5a082a00000000006400', IN,
                            length=100)).data[8:]
        equal(page[6], 0x2b, 'Lock State')
    drive.put(os.path.join(SCRATCH, 'b'))
    refused(drive.ready(), CHANGED)
    equal(good(drive.read(0)).data[:1], b'b', 'block')


@case('PREVENT ALLOW: persistent, of another nexus, and how it ends')
def persistent():
    drive = Drive(image('a', b'a'))
    other = drive.watch('other')
    sg = drive.sg
    drive.watch()
    # The user is asked; but what an initiator wants is done.
    good(command(drive.sg, '1e0000000300'))
    with fails('EBUSY'):
        drive.put('')
    equal(drive.event(), (1, 2), 'eject request')
    data = good(command(drive.sg, '4a010000020000000800', IN, length=8)).data
    equal((data[2], data[5] & 0x80), (1, 0x80), 'persistent prevention')
    good(command(drive.sg, EJECT))
    good(command(drive.sg, LOAD))
    refused(drive.ready(), CHANGED)
    good(command(drive.sg, '1e0000000200'))
    drive.put(os.path.join(SCRATCH, 'a'))
    refused(drive.ready(), CHANGED)

    refused(command(sg, READY), CHANGED)
    good(command(sg, '1e0000000100'))
    refused(command(drive.sg, EJECT), PREVENTED)
    # persistently allowing is not allowing
    good(command(sg, '1e0000000200'))
    refused(command(drive.sg, EJECT), PREVENTED)
    # allowing is for oneself
    good(command(drive.sg, '1e0000000000'))
    refused(command(drive.sg, EJECT), PREVENTED)
    run('sg_reset', '-d', sg)
    wait_for(lambda: command(sg, READY).key != 6, 'the reset')
    drive.settle()
    good(command(drive.sg, EJECT))
    good(command(drive.sg, LOAD))
    refused(drive.ready(), CHANGED)
    # An empty drive is held, but not against what is put in.
    refused(command(sg, READY), CHANGED)
    drive.put('')
    good(command(sg, '1e0000000100'))
    refused(command(drive.sg, EJECT), PREVENTED)
    drive.put(os.path.join(SCRATCH, 'a'))
    refused(drive.ready(), CHANGED)
    with fails('EBUSY'):
        drive.put('')
    refused(command(drive.sg, EJECT), PREVENTED)
    # as does the end of a nexus
    other.logout()
    wait_for(lambda: command(drive.sg, EJECT).status == GOOD,
             'the end of the other nexus')


@case('events: what is asked for, in its order')
def events():
    expect_errors()
    drive = Drive(image('a', b'a'))
    drive.watch()
    drive.put('')

    def event(classes, length=8):
        cdb = bytes([0x4a, 1, 0, 0, classes, 0, 0, 0, length, 0])
        return good(command(drive.sg, cdb, IN, length=length)).data

    # too short an answer takes no event away
    equal(event(0x02, 4), bytes([0, 6, 1, 0x5e]), 'header')
    equal(event(0x12), bytes([0, 6, 1, 0x5e, 2, 0, 0, 1]), 'other features')
    equal(event(0x12), bytes([0, 6, 4, 0x5e, 3, 0, 0, 0]), 'removal')
    equal(event(0x12), bytes([0, 6, 1, 0x5e, 0, 0, 0, 0]), 'nothing')
    equal(event(0x04), bytes([0, 6, 2, 0x5e, 0, 1, 0, 0]), 'power')
    equal(event(0x08), bytes([0, 6, 3, 0x5e, 0, 0, 0, 0]), 'external')
    equal(event(0x40), bytes([0, 6, 6, 0x5e, 0, 0, 0, 0]), 'busy')
    # no such class
    equal(event(0x20), bytes([0, 2, 0x80, 0x5e]), 'no event available')
    # Neither it nor GET CONFIGURATION takes a unit attention.
    drive.put(os.path.join(SCRATCH, 'a'))
    equal(event(0x10)[4], 2, 'new medium')
    good(command(drive.sg, '46000000000000000800', IN, length=8))
    refused(command(drive.sg, READY), CHANGED)


@case('a DVD, by its size')
def a_dvd():
    drive = Drive(dvd())
    blocks = 4400 * MEGA // BLOCK
    data = good(command(drive.sg, '46000000000000000800', IN, length=8)).data
    equal(data[6:8], b'\0\x10', 'current profile')
    data = good(command(drive.sg, 'ad0000000000000008040000', IN,
                        length=2052)).data
    equal(len(data), 2052, 'length')
    equal(data[8:16], struct.pack('>II', 0x30000, 0x30000 + blocks - 1),
          'first and last sector')
    data = good(command(drive.sg, 'ad00000000' + '0000ff00400000', IN,
                        length=64)).data
    equal([data[4], data[8], data[12]], [0, 1, 4], 'list')
    drive.ioctl(DVD_READ_STRUCT, b'', 4096)
    refused(command(drive.sg, 'be0000000000000001100000', IN, length=2352),
            INCOMPATIBLE)
    equal(good(drive.read(blocks - 1)).data, bytes(BLOCK), 'the last block')
    refused(drive.read(blocks), OUT_OF_RANGE)
    data = good(command(drive.sg, '43020000000000001400', IN, length=20)).data
    # 500:42 minutes are more than there is room for
    equal(data[-3:], bytes([255, 59, 74]), 'lead-out')
    data = good(command(drive.sg, 'ac10000000000000000100' + '00', IN,
                        length=24)).data
    equal(struct.unpack('>IIIIII', data)[4], blocks - 1, 'GET PERFORMANCE')
    good(command(drive.sg, 'b6' + '00' * 8 + '001c00', OUT, bytes(28)))
    equal(command(drive.sg, 'b6' + '00' * 8 + '001400', OUT,
                  bytes(20)).triple, (5, 0x1a, 0), 'list length')


@case('mode pages')
def modes():
    drive = Drive(image('a', b'a'))
    data = good(command(drive.sg, '5a003f0000000000ff00', IN,
                        length=255)).data
    equal(struct.unpack('>H', data[:2])[0], len(data) - 2, 'length')
    equal(data[6:8], b'\0\0', 'block descriptors')
    codes, at = [], 8
    while at < len(data):
        codes.append(data[at] & 0x3f)
        at += data[at + 1] + 2
    equal(codes, [0x01, 0x0a, 0x1a, 0x1c, 0x1d, 0x2a], 'pages')
    # what is sent back changes nothing
    back = bytes(8) + data[8:]
    cdb = bytes.fromhex('55100000000000') + struct.pack('>HB', len(back), 0)
    good(command(drive.sg, cdb, OUT, back))
    # D_SENSE is the one thing that changes here
    page = bytearray(data[8 + 12:8 + 24])
    page[2] |= 0x04
    good(command(drive.sg, '551000000000000014' + '00', OUT, bytes(8) + page))
    check(command(drive.sg, '43000300000000000c00', IN, length=12)
          .sense[0] == 0x72, 'descriptor format')
    page[2] &= ~0x04
    good(command(drive.sg, '551000000000000014' + '00', OUT, bytes(8) + page))
    page = bytearray(data[-32:])
    page[2] ^= 1
    refused(command(drive.sg, '551000000000000028' + '00', OUT,
                    bytes(8) + page), INVALID_PARAM, (10, 0))
    refused(command(drive.sg, '551000000000000010' + '00', OUT,
                    bytes(7) + b'\x08' + bytes(8)), INVALID_PARAM, (6, 7))
    equal(command(drive.sg, '5a00ea00000000006400', IN, length=100).triple,
          (5, 0x39, 0), 'saved values')


@case('the Control mode page is saved, and outlives a reset')
def saved():
    drive = Drive(image('a', b'a'), mode_pages_file=os.path.join(SCRATCH, 'mode'))
    page = bytearray(good(command(drive.sg, '5a000a00000000006400', IN,
                                  length=100)).data[8:])
    equal(page[0], 0x8a, 'PS')
    for d_sense, sp in ((0, 1), (4, 0)):
        page[2] = page[2] & ~4 | d_sense
        good(command(drive.sg, bytes([0x55, 0x10 | sp, 0, 0, 0, 0, 0, 0, 20, 0]),
                     OUT, bytes(8) + b'\x0a' + page[1:]))
    equal(drive.ready().status, GOOD, 'status')
    run('sg_reset', '-d', drive.sg)
    drive.settle()
    for control in ('00', '80', 'c0'):
        now = good(command(drive.sg, '5a00%02x00000000006400' %
                           (int(control, 16) | 0x0a), IN, length=100)).data[8:]
        equal(now[2] & 4, 0, 'D_SENSE of page control ' + control)


class Reader(threading.Thread):
    """Reads the medium's first block all the time. What it is may change only
    where UNIT ATTENTION has said so, or NOT READY."""

    def __init__(self, sg):
        super().__init__(daemon=True)
        self.sg = sg
        self.over = False
        self.error = None
        self.count = 0
        self.changes = 0

    def run(self):
        known = None
        while not self.over:
            done = command(self.sg, read_10(3, 1), IN, length=BLOCK)
            if done.status == GOOD:
                if known not in (None, done.data[:10]):
                    self.error = 'it was %r and is %r' % (known,
                                                          done.data[:10])
                known = done.data[:10]
                self.count += 1
            elif done.triple in (CHANGED, NO_MEDIUM):
                known = None
                self.changes += 1
            else:
                self.error = repr(done)
            if self.error:
                return


@case('media change while two initiators read: nobody is deceived')
def deceive():
    drive = Drive(image('a', b'a', 8))
    drive.watch('one')
    sg = drive.sg
    drive.watch('two')
    names = [image('b', b'b', 8), '', image('c', b'c', 8)]
    readers = [Reader(drive.sg), Reader(sg)]
    for reader in readers:
        reader.start()
    for number in range(150):
        before = [r.count + r.changes for r in readers]
        drive.put(names[number % 3])
        wait_for(lambda: all(r.error or r.count + r.changes > b
                             for r, b in zip(readers, before)), 'readers')
    for reader in readers:
        reader.over = True
        reader.join()
        equal(reader.error, None, 'error')
        check(reader.count and reader.changes, 'nothing was read')


@case('a medium whose store hangs is taken out, and the drive goes on')
def stuck():
    with Stall(4 * MEGA) as store:
        drive = Drive(store.path)
        drive.watch()
        store.suspend()
        old = []
        reader = threading.Thread(target=lambda: old.append(drive.read(900)),
                                  daemon=True)
        reader.start()
        wait_for(lambda: waiting_in('vcdrom'), 'a read of the store')
        drive.put(image('b', b'b'))
        refused(drive.read(3), CHANGED)
        equal(good(drive.read(3)).data[:10], b'b 00000003', 'block')
        equal(old, [], 'what was read')
        store.resume()
        reader.join()
        equal(good(old[0]).data, bytes(BLOCK), 'what was read')


@case('an image of which blocks cannot be read: the first of them is named')
def bad_blocks():
    expect_errors()
    with loop_device(4 * MEGA) as store:
        # Sectors of 512 bytes; a page of them is read at once.
        with Mapped(hole(store, 800, 8)) as bad:
            drive = Drive(bad.path)
            drive.watch()
            for lba, count in (200, 1), (190, 20), (0, 500):
                result = drive.read(lba, count)
                refused(result, BAD)
                equal(result.information, 200, 'INFORMATION')
            equal(good(drive.read(0, 200)).data, bytes(200 * BLOCK), 'blocks')
            equal(good(drive.read(202, 200)).data, bytes(200 * BLOCK),
                  'blocks')
            # Somebody has repaired it.
            bad.replace(linear(store))
            equal(good(drive.read(190, 20)).data, bytes(20 * BLOCK), 'blocks')


@case('an image that is slow')
def slow():
    path = image('slow', b's', 2048)
    store = run('losetup', '-f', '--show', path).strip()
    try:
        with Mapped(delayed(store, 20)) as mapped:
            drive = Drive(mapped.path)
            drive.watch()
            with open(path, 'rb') as source:
                for lba in range(0, 2048, 64):
                    equal(good(drive.read(lba, 64)).data,
                          source.read(64 * BLOCK), 'blocks')
            good(drive.ready())
    finally:
        run('losetup', '-d', store)


@case('the target goes while its CD is open and mounted')
def removal():
    expect_errors()
    drive = Drive(iso('first', '/usr/share/perl5/Debconf'))
    fd = os.open(drive.sr, os.O_RDONLY)
    try:
        with mounted(drive):
            os.rmdir(drive.session.path)
            wait_for(drive.session.gone, 'the end of the host')
            drive.target.delete(0, drive.device)
            os.rmdir(drive.target.path)
            drive.device.disable()
            drive.device.remove()
        with fails('EIO'):
            if not os.pread(fd, BLOCK, 64 * BLOCK):
                raise OSError(errno.EIO, 'end of file')
    finally:
        os.close(fd)


if __name__ == '__main__':
    main()
