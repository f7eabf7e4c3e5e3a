#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""READ BUFFER, WRITE BUFFER, SEND DIAGNOSTIC, RECEIVE DIAGNOSTIC RESULTS."""
import os

import sgio
from lib import (SCRATCH, Target, blockio, case, dismantle, equal, fileio,
                 main, nullio, run, write as write_file)
from sgio import IN, NONE, OUT, command, good, nodes_of, refused, sg_of

INVALID_FIELD = (5, 0x24, 0)
INVALID_PARAM = (5, 0x26, 0)
LIST_LENGTH = (5, 0x1a, 0)
SEQUENCE_ERROR = (5, 0x2c, 0)
DATA, DESC, ECHO, ECHO_DESC = 2, 3, 0x0a, 0x0b
SIZE = 65536


def read10(sg, mode, length, offset=0, number=0):
    cdb = (bytes([0x3c, mode, number]) + offset.to_bytes(3, 'big') +
           length.to_bytes(3, 'big') + bytes(1))
    return command(sg, cdb, IN, length=length)


def read16(sg, mode, length, offset=0, number=0):
    cdb = (bytes([0x9b, mode]) + offset.to_bytes(8, 'big') +
           length.to_bytes(4, 'big') + bytes([number, 0]))
    return command(sg, cdb, IN, length=length)


def write(sg, mode, data, offset=0, number=0):
    cdb = (bytes([0x3b, mode, number]) + offset.to_bytes(3, 'big') +
           len(data).to_bytes(3, 'big') + bytes(1))
    return command(sg, cdb, OUT if data else NONE, data)


@case('the buffer keeps what is written into it, at each offset')
def data_mode():
    sg, other = nodes_of(nullio(), 2)
    for read in (read10, read16):
        equal(good(read(sg, DESC, 4)).data, b'\0\x01\0\0', 'descriptor')
        equal(good(read(sg, DESC, 4, number=1)).data, bytes(4), 'of another')
        equal(good(read(sg, DESC, 2)).data, b'\0\x01', 'descriptor cut short')
    equal(good(read10(sg, DATA, SIZE)).data, bytes(SIZE), 'at first')
    data = bytearray(os.urandom(SIZE))
    good(write(sg, DATA, bytes(data)))
    for read in (read10, read16):
        equal(good(read(other, DATA, SIZE)).data == data, True, 'the buffer')
    for offset, length in ((0, 1), (1, 100), (4095, 4097), (SIZE - 1, 1)):
        piece = os.urandom(length)
        good(write(sg, DATA, piece, offset))
        data[offset:offset + length] = piece
        equal(good(read10(sg, DATA, length, offset)).data, piece, 'a piece')
    equal(good(read16(sg, DATA, 2 * SIZE)).data == data, True, 'the buffer')
    equal(good(read16(sg, DATA, 10, SIZE - 4)).data, data[-4:], 'the end')
    equal(good(read10(sg, DATA, 10, SIZE)).data, b'', 'behind the end')
    good(write(sg, DATA, b'', SIZE))


@case('what does not fit, another buffer, other modes: refused')
def data_bad():
    sg = sg_of(nullio())
    data = os.urandom(SIZE)
    good(write(sg, DATA, data))
    refused(write(sg, DATA, bytes(SIZE + 1)), INVALID_FIELD, (6, 7))
    refused(write(sg, DATA, bytes(2), SIZE - 1), INVALID_FIELD, (6, 7))
    refused(write(sg, DATA, bytes(2), SIZE + 1), INVALID_FIELD, (3, 7))
    refused(write(sg, DATA, bytes(2), number=1), INVALID_FIELD, (2, 7))
    refused(read10(sg, DATA, 1, SIZE + 1), INVALID_FIELD, (3, 7))
    refused(read16(sg, DATA, 1, 2 ** 64 - 1), INVALID_FIELD, (2, 7))
    refused(read10(sg, DATA, 1, number=9), INVALID_FIELD, (2, 7))
    refused(read16(sg, DATA, 1, number=9), INVALID_FIELD, (14, 7))
    for mode in range(32):
        if mode not in (DATA, DESC, ECHO, ECHO_DESC):
            refused(read10(sg, mode, 4), INVALID_FIELD, (1, 4))
            refused(read16(sg, mode, 4), INVALID_FIELD, (1, 4))
        if mode not in (DATA, ECHO):
            refused(write(sg, mode, bytes(4)), INVALID_FIELD, (1, 4))
    for specific in (1, 2, 4):
        refused(read10(sg, specific << 5 | DATA, 4), INVALID_FIELD, (1, 7))
        refused(write(sg, specific << 5 | DATA, bytes(4)), INVALID_FIELD,
                (1, 7))
    equal(good(read10(sg, DATA, SIZE)).data == data, True, 'the buffer')


@case('each nexus has an echo buffer, which ends with it')
def echo():
    target = Target()
    target.add(0, nullio())
    first, second = target.login('s0'), target.login('s1')
    sg, other = first.sg(), second.sg()
    for node in (sg, other):
        sgio.settle(node)
        equal(good(read10(node, ECHO_DESC, 4)).data, b'\0\0\x10\0', 'echo')
        refused(read10(node, ECHO, 16), SEQUENCE_ERROR)
    one, two = os.urandom(4096), os.urandom(100)
    good(write(sg, ECHO, one))
    good(write(other, ECHO, two))
    for _ in range(2):
        equal(good(read10(sg, ECHO, SIZE)).data, one, 'echo of one')
        equal(good(read16(other, ECHO, SIZE)).data, two, 'echo of two')
    equal(good(read10(sg, ECHO, 7)).data, one[:7], 'echo cut short')
    refused(write(sg, ECHO, bytes(4097)), INVALID_FIELD, (6, 7))
    equal(good(read10(sg, ECHO, SIZE)).data, one, 'echo of one')
    good(write(sg, ECHO, b''))
    equal(good(read10(sg, ECHO, SIZE)).data, b'', 'an empty echo')
    second.logout()
    other = target.login('s1').sg()
    sgio.settle(other)
    refused(read10(other, ECHO, 16), SEQUENCE_ERROR)


@case('sg3_utils: sg_rbuf, sg_read_buffer, sg_write_buffer')
def tools():
    sg = sg_of(fileio())
    run('sg_rbuf', '--size=%d' % (4 * SIZE), sg)
    run('sg_rbuf', '--size=%d' % SIZE, '--buffer=4096', sg)
    path = os.path.join(SCRATCH, 'data')
    text = 'an echo of itself. ' * 10
    with open(path, 'w') as file:
        file.write(text)
    run('sg_write_buffer', '--mode=data', '--in=' + path, sg)
    equal(read10(sg, DATA, len(text)).data, text.encode(), 'the buffer')
    run('sg_write_buffer', '--mode=echo', '--in=' + path, sg)
    equal(read10(sg, ECHO, SIZE).data, text.encode(), 'the echo')
    run('sg_read_buffer', '--mode=data', '--length=256', sg)
    run('sg_read_buffer', '--mode=echo', '--length=256', sg)
    run('sg_read_buffer', '--mode=desc', '--length=4', sg)
    run('sg_read_buffer', '--mode=echo_desc', '--length=4', sg)
    run('sg_senddiag', '--test', sg)
    run('sg_senddiag', '--selftest=5', sg)
    run('sg_senddiag', '--list', sg)


def diagnostic(sg, flags, data=b'', length=None):
    length = len(data) if length is None else length
    cdb = bytes([0x1d, flags, 0]) + length.to_bytes(2, 'big') + bytes(1)
    return command(sg, cdb, OUT if data else NONE, data)


@case('self-tests in the foreground, and what is refused')
def self_test():
    sg = sg_of(fileio())
    for flags in (0x04, 0x06, 0x07, 5 << 5, 6 << 5, 0x00, 0x10):
        good(diagnostic(sg, flags))
    for code in (1, 2, 3, 4, 7):
        refused(diagnostic(sg, code << 5), INVALID_FIELD, (1, 7))
    refused(diagnostic(sg, 5 << 5 | 4), INVALID_FIELD, (1, 7))
    refused(diagnostic(sg, 0x14, bytes(4)), INVALID_FIELD, (3, 7))
    refused(diagnostic(sg, 0x00, bytes(4)), INVALID_FIELD, (1, 4))
    good(command(sg, '1b0000000000'))
    refused(diagnostic(sg, 0x04), (2, 4, 2))


@case('diagnostic pages: the list of them')
def diagnostic_pages():
    sg = sg_of(fileio())
    good(diagnostic(sg, 0x10, bytes(4)))
    for cdb in ('1c0000001000', '1c0100001000'):
        equal(good(command(sg, cdb, IN, length=16)).data,
              bytes.fromhex('0000000100'), 'pages')
    equal(good(command(sg, '1c0100000300', IN, length=3)).data, bytes(3),
          'cut short')
    refused(command(sg, '1c0140001000', IN, length=16), INVALID_FIELD, (2, 7))
    refused(diagnostic(sg, 0x10, bytes(3)), LIST_LENGTH)
    refused(diagnostic(sg, 0x10, b'\x40' + bytes(3)), INVALID_PARAM, (0, 7))
    refused(diagnostic(sg, 0x10, b'\0\0\0\1\0'), INVALID_PARAM, (2, 7))
    refused(diagnostic(sg, 0x10, bytes(5)), INVALID_PARAM, (2, 7))


@case('a self-test finds a store that cannot be read')
def broken():
    write_file('/dev/kmsg', 'scst-test: expect .*(I/O error|sd |sd[a-z]).*')
    path = os.path.join(SCRATCH, 'bad')
    with open(path, 'wb') as file:
        file.truncate(8 << 20)
    loop = run('losetup', '-f', '--show', path).strip()
    name = 'scst-broken'
    run('dmsetup', 'create', '--noudevsync', name, '--table',
        '0 16384 linear %s 0' % loop)
    run('dmsetup', 'mknodes')
    try:
        sg = sg_of(blockio('/dev/mapper/' + name))
        good(diagnostic(sg, 0x04))
        run('dmsetup', 'suspend', '--noudevsync', '--nolockfs', name)
        run('dmsetup', 'load', name, '--table', '0 16384 error')
        run('dmsetup', 'resume', '--noudevsync', name)
        refused(diagnostic(sg, 0x04), (4, 0x3e, 3))
    finally:
        dismantle()
        run('dmsetup', 'remove', '--noudevsync', '--retry', name)
        run('losetup', '-d', loop)


main()
