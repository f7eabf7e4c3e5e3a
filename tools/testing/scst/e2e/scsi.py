#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What initiators ask a disk: sg3_utils, and CDBs of all kinds."""
import sgio
from lib import (Target, blockio, case, check, dismantle, equal, fileio,
                 loop_device, main, nullio, run, write)
from sgio import CHECK_CONDITION, GOOD, IN, OUT, command, refused, sg_of

INVALID_OPCODE = (5, 0x20, 0)
OUT_OF_RANGE = (5, 0x21, 0)
INVALID_FIELD = (5, 0x24, 0)
NO_LUN = (5, 0x25, 0)
INVALID_PARAM = (5, 0x26, 0)
BAD_IU = (5, 0x0e, 3)


@case('sg3_utils: inquiry, VPD pages, capacity, modes, LUNs')
def sg3():
    sg = sg_of(fileio())
    check('SCST_FIO' in run('sg_inq', sg), 'vendor')
    for page in ('0', '0x80', '0x83', '0x86', '0x88', '0xb0', '0xb1', '0xb2'):
        run('sg_vpd', '-p', page, sg)
    run('sg_readcap', sg)
    check('Logical block length=512' in run('sg_readcap', '-l', sg), 'block')
    run('sg_modes', '-a', sg)
    run('sg_modes', '-a', '-6', sg)
    run('sg_luns', sg)
    run('sg_turs', sg)
    run('sg_requests', sg)
    run('sg_sync', sg)
    run('sg_opcodes', sg)
    run('sg_opcodes', '--rctd', '--opcode=0x28', sg)
    for options in (('-t',), ('-t', '--repd')):
        functions = run('sg_opcodes', *options, sg)
        for name in ('Abort task', 'Abort task set', 'Clear ACA',
                     'Clear task set', 'Logical unit reset', 'Query task',
                     'Query asynchronous event', 'Query task set',
                     'I_T nexus reset'):
            check('    %s\n' % name in functions, name)
        for name in ('Target reset', 'Wakeup'):
            check(name not in functions, name)
    run('sg_verify', '--lba=0', '--count=64', sg)


@case('every command that is announced exists')
def opcodes():
    sg = sg_of(nullio())
    got = command(sg, 'a30c00000000000020000000', IN, length=8192)
    equal(got.status, GOOD, 'status')
    length = int.from_bytes(got.data[:4], 'big')
    equal(length + 4, len(got.data), 'length')
    for i in range(4, len(got.data), 8):
        entry = got.data[i:i + 8]
        cdb = bytearray(int.from_bytes(entry[6:8], 'big'))
        cdb[0] = entry[0]
        if entry[0] == 0x7f:
            cdb[7:10] = len(cdb) - 8, *entry[2:4]
        elif entry[5] & 1:
            cdb[1] = entry[3]
        result = command(sg, bytes(cdb))
        check(result.triple != INVALID_OPCODE, '%s: %r' % (cdb.hex(), result))


@case('unknown operation codes and service actions')
def unknown():
    sg = sg_of(fileio())
    for cdb in ('ee0000000000', '070000000000', '42' + '00' * 9):
        refused(command(sg, cdb), INVALID_OPCODE)
    refused(command(sg, '9e1f' + '00' * 14), INVALID_FIELD)
    # A host of Linux has no data in both directions.
    refused(command(sg, '53000000000000000100', OUT, bytes(512)), BAD_IU)


@case('reserved bits')
def reserved():
    sg = sg_of(fileio())
    refused(command(sg, '000001000000'), INVALID_FIELD, (2, 0))
    refused(command(sg, '000000000001'), INVALID_FIELD, (5, 0))
    refused(command(sg, '2f040000000000000100'), INVALID_FIELD)


@case('blocks beyond the last one')
def ranges():
    sg = sg_of(fileio(size=1 << 20))
    for cdb in ('28000000080000000100', '2800000007ff00000200',
                '2a000000080000000100', '2f000000080000000100',
                '8800ffffffffffffffff000000020000',
                '88000000000000000800000000010000'):
        direction = OUT if cdb.startswith('2a') else IN
        data = bytes(1024) if direction == OUT else b''
        if cdb.startswith('2f'):
            direction = sgio.NONE
        result = command(sg, cdb, direction, data, 1024)
        refused(result, OUT_OF_RANGE)
    equal(command(sg, '2800000007ff00000100', IN, length=512).status, GOOD)
    # Zero blocks at the end are there, after the end they are not.
    equal(command(sg, '28000000080000000000').status, GOOD)
    refused(command(sg, '28000000080100000000'), OUT_OF_RANGE)


@case('allocation lengths: zero, short, long')
def allocation():
    sg = sg_of(fileio())
    result = command(sg, '120000000000')
    equal((result.status, result.resid), (GOOD, 0), 'INQUIRY of nothing')
    result = command(sg, '120000000500', IN, length=5)
    equal(len(result.data), 5, 'bytes')
    result = command(sg, '12000000ff00', IN, length=255)
    equal((result.status, result.resid), (GOOD, 255 - 74), 'residual')
    refused(command(sg, 'a00000000000000000080000', IN, length=8),
            INVALID_FIELD)


@case('the transport expects more, less, or another direction')
def expected():
    sg = sg_of(fileio())
    more = command(sg, '28000000000000000100', IN, length=4096)
    equal((more.status, more.resid), (GOOD, 4096 - 512), 'underflow')
    less = command(sg, '28000000000000000800', IN, length=512)
    equal((less.status, less.resid), (GOOD, 0), 'overflow')
    equal(len(less.data), 512, 'bytes')
    wrong = command(sg, '2a000000000000000100', IN, length=512)
    equal((wrong.status, wrong.key), (CHECK_CONDITION, 5), 'wrong direction')
    wrong = command(sg, '28000000000000000100', OUT, b'x' * 512)
    equal(wrong.status, GOOD, 'read, flagged as a write')
    short = command(sg, '2a000000000000000800', OUT, b'x' * 500)
    equal((short.status, short.key), (CHECK_CONDITION, 5), 'part of a block')
    data = command(sg, '28000000000000000800', IN, length=4096).data
    equal(data, bytes(4096), 'the medium')
    short = command(sg, '2a000000000000000800', OUT, b'x' * 1024)
    equal(short.status, GOOD, 'two blocks of eight')
    data = command(sg, '28000000000000000800', IN, length=4096).data
    equal(data, b'x' * 1024 + bytes(3072), 'the medium')
    short = command(sg, '55100000000000001000', OUT, bytes(8))
    equal((short.status, short.key), (CHECK_CONDITION, 5), 'part of a list')


@case('a transfer above the announced maximum is an invalid field')
def too_long():
    sg = sg_of(nullio())
    limits = command(sg, '1201b0004000', IN, length=64).data
    most = int.from_bytes(limits[8:12], 'big')
    check(most > 0, 'no maximum is announced')
    for count, triple in ((most, None), (most + 1, INVALID_FIELD),
                          (0x003fffff, INVALID_FIELD)):
        cdb = bytes.fromhex('8800') + bytes(8) + count.to_bytes(4, 'big') + bytes(2)
        result = command(sg, cdb, IN, length=512)
        if triple:
            refused(result, triple, (10, 7))
        else:
            equal(result.status, GOOD, 'status')


@case('vdisk_blockio: the transport takes a part of a block')
def part_of_block():
    with loop_device() as store:
        sg = sg_of(blockio(store))
        data = bytes(range(256)) * 16
        equal(command(sg, '2a000000000000000800', OUT, data).status, GOOD)
        for length in (1, 100, 511, 513, 4000):
            got = command(sg, '28000000000000000800', IN, length=length)
            equal((got.status, got.data), (GOOD, data[:length]), 'answer')


@case('VERIFY and WRITE AND VERIFY compare')
def verify():
    sg = sg_of(fileio())
    data = bytes(range(256)) * 16
    equal(command(sg, '2e020000000000000800', OUT, data).status, GOOD)
    equal(command(sg, '2f020000000000000800', OUT, data).status, GOOD)
    other = bytearray(data)
    other[1234] ^= 1
    result = command(sg, '2f020000000000000800', OUT, bytes(other))
    equal(result.key, sgio.MISCOMPARE, 'sense key')
    equal(result.information, 1234, 'INFORMATION')
    # BYTCHK 11b: one block, compared with each
    equal(command(sg, '2f060000000000000800', OUT, data[:512]).status, GOOD)
    result = command(sg, '2f060000000000000900', OUT, data[:512])
    equal(result.key, sgio.MISCOMPARE, 'sense key')
    # Byte 0 of the block is 0 on the medium, too.
    equal(result.information, 4097, 'INFORMATION')


@case('MODE SELECT: write cache, D_SENSE, SWP')
def mode_select():
    sg = sg_of(fileio())
    caching = '00' * 4 + '0812' + '00' * 18
    equal(command(sg, '151000001800', OUT, bytes.fromhex(caching)).status,
          GOOD)
    got = command(sg, '1a0808001800', IN, length=24)
    equal(got.data[6] & 4, 0, 'WCE')
    control = bytearray(command(sg, '1a080a001000', IN, length=16).data)
    control[0] = control[2] = 0
    control[6] |= 0x04
    control[8] |= 0x08
    equal(command(sg, '151000001000', OUT, bytes(control)).status, GOOD)
    result = command(sg, '2a000000000000000100', OUT, bytes(512))
    equal(result.triple, (7, 0x27, 2), 'sense of a write')
    equal(result.sense[0], 0x72, 'response code')
    control[6] &= ~0x04
    control[8] &= ~0x08
    equal(command(sg, '151000001000', OUT, bytes(control)).status, GOOD)
    equal(command(sg, '2a000000000000000100', OUT, bytes(512)).status, GOOD)


@case('MODE SELECT: write_through and nv_cache are not for initiators')
def write_through():
    for attr in ('write_through', 'nv_cache'):
        sg = sg_of(fileio(attr, **{attr: 1}))
        equal(command(sg, '1a0848001800', IN, length=24).data[6] & 4, 0,
              'changeable WCE')
        on = bytes.fromhex('00' * 4 + '081204' + '00' * 17)
        refused(command(sg, '151000001800', OUT, on), INVALID_PARAM)
        equal(command(sg, '1a0808001800', IN, length=24).data[6] & 4, 0,
              'WCE')
        dismantle()


@case('MODE SELECT: what is wrong changes nothing')
def mode_select_bad():
    sg = sg_of(fileio())
    before = command(sg, '1a083f00ff00', IN, length=255).data
    good = '08120400' + '00' * 16
    for cdb, data, triple in (
            ('150000001800', '00' * 4 + good, INVALID_FIELD),
            ('151100001800', '00' * 4 + good, INVALID_FIELD),
            ('151000000300', '00' * 3, (5, 0x1a, 0)),
            ('151000001600', '00' * 4 + good[:36], (5, 0x1a, 0)),
            ('151000001800', '00' * 4 + '0813' + good[4:], INVALID_PARAM),
            ('151000001800', '00' * 4 + '0812ff' + good[6:], INVALID_PARAM),
            ('151000001800', '00' * 4 + '0712' + good[4:], INVALID_PARAM),
            ('151000000c00', '00000008' + '00' * 5 + '000400', INVALID_PARAM),
            ('151000002400', '00' * 4 + '08120000' + '00' * 16 +
             '0a0a' + 'ff' * 10, INVALID_PARAM)):
        refused(command(sg, cdb, OUT, bytes.fromhex(data)), triple)
    # BLOCK DESCRIPTOR LENGTH, where each of the headers has it
    for cdb, data, at in (
            ('151000001400', '00' * 3 + '10' + '00' * 16, 3),
            ('55100000000000001800', '00' * 7 + '10' + '00' * 16, 6),
            ('55100000000000001000', '00' * 4 + '01000008' + '00' * 8, 6)):
        refused(command(sg, cdb, OUT, bytes.fromhex(data)), INVALID_PARAM,
                (at, 7))
    equal(command(sg, '1a083f00ff00', IN, length=255).data, before, 'pages')
    refused(command(sg, '1a08ff00ff00', IN, length=255), (5, 0x39, 0))


@case('START STOP UNIT and PREVENT ALLOW of a removable disk')
def start_stop():
    sg = sg_of(fileio(removable=1))
    sgio.released(sg)
    equal(command(sg, '1b0000000000').status, GOOD, 'stop')
    refused(command(sg, '000000000000'), (2, 4, 2))
    refused(command(sg, '28000000000000000100', IN, length=512), (2, 4, 2))
    equal(command(sg, '1b0000000100').status, GOOD, 'start')
    equal(command(sg, '000000000000').status, GOOD)
    equal(command(sg, '1e0000000100').status, GOOD, 'prevent')
    refused(command(sg, '1b0000000200'), (5, 0x53, 2))
    equal(command(sg, '1e0000000000').status, GOOD, 'allow')
    equal(command(sg, '1b0000000200').status, GOOD, 'eject')
    refused(command(sg, '000000000000'), (2, 0x3a, 0))
    equal(command(sg, '120000002400', IN, length=36).status, GOOD)
    equal(command(sg, '1b0000000300').status, GOOD, 'load')
    equal(command(sg, '000000000000').status, GOOD)


@case('read_only: of the disk, of the LUN')
def read_only():
    disk = fileio('ro', read_only=1)
    target = Target()
    target.add(0, disk)
    target.add(1, fileio('rw'))
    write(target.path + '/luns/1/read_only', 1)
    session = target.login()
    for lun in (0, 1):
        sg = session.sg(lun)
        sgio.settle(sg)
        refused(command(sg, '2a000000000000000100', OUT, bytes(512)),
                (7, 0x27, 0))
        mode = command(sg, '1a083f00ff00', IN, length=255)
        check(mode.data[2] & 0x80, 'WP is not set')
    write(target.path + '/luns/1/read_only', 0)
    # WP is a mode parameter; nothing else has changed (SPC-5 7.5.7).
    refused(command(sg, '000000000000'), (6, 0x2a, 1))
    equal(command(sg, '2a000000000000000100', OUT, bytes(512)).status, GOOD)


@case('identity: what was configured is what is told')
def identity():
    sg = sg_of(nullio(t10_vend_id='ACME', prod_id='Anvil', prod_rev_lvl='7',
                      usn='serial-1', naa_id='0x3000000000000042',
                      eui64_id='0x0011223344556677', t10_dev_id='the-id'))
    inquiry = command(sg, '120000004a00', IN, length=74).data
    equal(inquiry[8:36], b'ACME    Anvil           7   ', 'INQUIRY')
    equal(command(sg, '12018000ff00', IN, length=255).data[4:], b'serial-1')
    ids = run('sg_vpd', '-p', '0x83', sg)
    for text in ('0x3000000000000042', 'the-id', '0x0011223344556677'):
        check(text in ids, '%s is not in\n%s' % (text, ids))


if __name__ == '__main__':
    main()
