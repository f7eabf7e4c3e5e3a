#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ROD tokens: POPULATE TOKEN, WRITE USING TOKEN, RECEIVE ROD TOKEN
INFORMATION, which is how Windows copies.

Not with ddpt 0.97: it puts range descriptors a byte before where they belong.
"""
import os

import sgio
from copy_lib import (BLOCK, BLOCKS, INFORMATION_LEN, INVALID_FIELD,
                      INVALID_PARAM, SIZE, get, information_cdb, luns, pair,
                      populate_list, put, token_information, use_list)
from lib import (Stall, Target, blockio, case, check, equal, file_of, fileio,
                 main, set_active, write)
from sgio import IN, OUT, command, good, refused

UNKNOWN = (5, 0x23, 4)
OUT_OF_RANGE = (5, 0x21, 0)
ZEROS = bytes.fromhex('ffff0001000001f8').ljust(512, b'\0')


def token_command(sg, action, list_id, data):
    return command(sg, bytes([0x83, action]) + bytes(4) +
                   list_id.to_bytes(4, 'big') + len(data).to_bytes(4, 'big') +
                   bytes(2), OUT, data)


def populate(sg, *pairs, list_id=7, **more):
    return token_command(sg, 0x10, list_id, populate_list(*pairs, **more))


def use(sg, token, *pairs, list_id=8, **more):
    return token_command(sg, 0x11, list_id, use_list(token, *pairs, **more))


def information(sg, list_id=7):
    return token_information(good(command(sg, information_cdb(list_id), IN,
                                          length=INFORMATION_LEN)).data)


def token_of(sg, *pairs, **more):
    good(populate(sg, *pairs, **more))
    state, count, token = information(sg)
    equal((state, count), (1, sum(n for _, n in pairs)), 'status and blocks')
    equal(len(token), 512, 'length of the token')
    return token


@case('a token, written elsewhere, from an offset on, in several ranges')
def several():
    a, b = pair()
    data = os.urandom(1000 * BLOCK)
    put(a, 50, data)
    token = token_of(a, (50, 400), (450, 600))
    good(use(b, token, (7, 300), (3000, 500), offset=100))
    equal(get(b, 7, 300) == data[100 * BLOCK:400 * BLOCK], True, 'first range')
    equal(get(b, 3000, 500) == data[400 * BLOCK:900 * BLOCK], True,
          'second range')
    equal(get(b, 307, 1), bytes(BLOCK), 'what is behind')
    equal(information(b, 8), (1, 800, None), 'status')
    # Access upon reference: what is there now; any number of times
    put(a, 50, b'n' * BLOCK)
    good(use(a, token, (9000, 1)))
    equal(get(a, 9000, 1), b'n' * BLOCK, 'the copy')
    check(token != token_of(a, (50, 400), (450, 600)), 'the same token again')


@case('more than the token stands for: as much as there is')
def partial():
    a, b = pair()
    put(a, 0, b'p' * BLOCK * 8)
    token = token_of(a, (0, 8))
    good(use(b, token, (100, 20)))
    equal(information(b, 8)[:2], (3, 8), 'status and blocks')
    equal(get(b, 100, 9), b'p' * BLOCK * 8 + bytes(BLOCK), 'the copy')
    refused(use(b, token, (0, 1), offset=8), INVALID_PARAM, (8, 7))


@case('the token of zeros')
def zeros():
    a, _ = pair()
    put(a, 0, b'z' * BLOCK * 5000)
    good(use(a, ZEROS, (10, 4000), (4900, 1)))
    equal(get(a, 0, 5000) == b'z' * BLOCK * 10 + bytes(BLOCK * 4000) +
          b'z' * BLOCK * 890 + bytes(BLOCK) + b'z' * BLOCK * 99, True,
          'the medium')
    equal(information(a, 8), (1, 4001, None), 'status')


@case('what is no token, or not any more')
def invalid():
    a, b = pair()
    token = token_of(a, (0, 8))
    for i in (0, 8, 40, 140, 511):
        wrong = bytearray(token)
        wrong[i] ^= 1
        refused(use(b, bytes(wrong), (0, 1)), UNKNOWN)
    refused(use(b, token[:7] + b'\0' + token[8:], (0, 1)), (5, 0x23, 0x0a))
    refused(use(b, token, (BLOCKS, 1)), OUT_OF_RANGE)
    good(use(b, token, (0, 8), flags=2))
    refused(use(b, token, (0, 8)), UNKNOWN)
    refused(populate(a, (BLOCKS - 1, 2)), OUT_OF_RANGE)
    refused(populate(a, (0, 2), (1, 1)), INVALID_PARAM)
    refused(populate(a, (0, 1), timeout=601), INVALID_PARAM, (4, 7))
    refused(populate(a, (0, 1), flags=2, kind=0x00800000), INVALID_PARAM,
            (8, 7))
    good(populate(a, (0, 1), flags=2, kind=0x00010000))
    refused(command(a, '84070000001200000000000004000000', IN, length=1024),
            INVALID_FIELD)


@case('there is room for as many tokens as a device may have, and no more')
def many():
    a, _ = pair()
    for i in range(64):
        good(populate(a, (i, 1), list_id=i))
    refused(populate(a, (0, 1)), (5, 0x55, 0x0d))


@case('another capacity, and the end of the device, end its tokens')
def revoked():
    target, _, (a, b) = luns(fileio('f0', size=SIZE), fileio('f1', size=SIZE))
    token = token_of(a, (0, 8))
    path = '/sys/kernel/config/scst/handlers/vdisk_fileio/f0/'
    with open(path + 'filename') as name:
        os.truncate(name.read().strip(), SIZE * 2)
    write(path + 'resync_size', 1)
    refused(use(b, token, (0, 8)), UNKNOWN)
    sgio.settle(a)
    token = token_of(a, (0, 8))
    good(use(b, token, (0, 8)))
    os.unlink(target.path + '/luns/0/f0')
    sgio.settle(b)
    refused(use(b, token, (0, 8)), UNKNOWN)


@case('a token is not for another medium')
def other_medium():
    source, destination = fileio('f0', size=SIZE), fileio('f1', size=SIZE)
    _, _, (a, b) = luns(source, destination)
    token = token_of(a, (0, 8))
    set_active(source, 0)
    source.set('filename', file_of(SIZE, 'other'))
    set_active(source, 1)
    refused(use(b, token, (0, 8)), UNKNOWN)


@case('whole blocks of 512 are whole blocks of 4096')
def block_sizes():
    _, _, (a, b) = luns(fileio('f0', size=SIZE),
                        fileio('f1', size=SIZE, blocksize=4096))
    data = os.urandom(16 * BLOCK)
    put(a, 1, data)
    token = token_of(a, (1, 16))
    good(use(b, token, (5, 2)))
    read = bytes([0x88, 0]) + (5).to_bytes(8, 'big') + \
        (2).to_bytes(4, 'big') + bytes(2)
    equal(command(b, read, IN, length=8192).data, data, 'data')


@case('a token is of no use to who does not see the disk')
def hidden():
    target = Target()
    a, b = fileio('f0', size=SIZE), fileio('f1', size=SIZE)
    target.add(0, a)
    group = target.group('others', 'ini')
    group.add(0, b)
    mine, other = target.login().sg(), target.login('ini').sg()
    sgio.settle(mine)
    sgio.settle(other)
    put(mine, 0, b's' * BLOCK)
    token = token_of(mine, (0, 1))
    refused(use(other, token, (0, 1)), UNKNOWN)
    equal(get(other, 0, 1), bytes(BLOCK), 'the medium')
    # Nor can it ask for it.
    refused(command(other, '84070000000700000000000004000000', IN,
                    length=1024), INVALID_FIELD)


@case('write protection')
def read_only():
    target, _, (a, b) = luns(fileio('f0', size=SIZE), fileio('f1', size=SIZE))
    token = token_of(a, (0, 8))
    write(target.path + '/luns/1/read_only', 1)
    sgio.settle(b)
    refused(use(b, token, (0, 8)), (7, 0x27, 0))
    token = token_of(b, (0, 8))
    good(use(a, token, (0, 8)))


@case('POPULATE TOKEN does not wait for the medium, so nobody can abort it')
def populate_stalled():
    with Stall(SIZE) as stall:
        _, _, (a, b) = luns(blockio(stall.path), fileio('f1', size=SIZE))
        put(a, 0, b'w' * BLOCK * 8)
        stall.suspend()
        token = token_of(a, (0, 8))
        stall.resume()
        good(use(b, token, (0, 8)))
        equal(get(b, 0, 8), b'w' * BLOCK * 8, 'the copy')


if __name__ == '__main__':
    main()
