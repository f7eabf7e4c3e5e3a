#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""FORMAT UNIT and SANITIZE: what they leave, what others hear meanwhile, and
what a failure leaves."""
import concurrent.futures
import contextlib
import os

import sgio
from lib import (Device, Stall, Target, Trace, blockio, case, check,
                 disable_idle, dismantle, equal, fileio, loop_device, main,
                 nullio, run, set_active, wait_for, write as write_file)
from sgio import CHECK_CONDITION, GOOD, IN, OUT, command, good, refused, sg_of
from store_lib import Mapped, NullBlk

SIZE = 4 << 20
BLOCK = 512
BLOCKS = SIZE // BLOCK

FORMATTING, SANITIZING = (2, 4, 4), (2, 4, 0x1b)
FORMAT_FAILED, SANITIZE_FAILED = (3, 0x31, 1), (3, 0x31, 3)
INVALID_FIELD, INVALID_PARAM = (5, 0x24, 0), (5, 0x26, 0)
LIST_LENGTH, WRITE_PROTECTED = (5, 0x1a, 0), (7, 0x27, 0)

TUR = '000000000000'
FORMAT = '040000000000'
FORMAT_IMMED = ('041000000000', OUT, b'\0\x02\0\0')
ERASE, EXIT = '48020000000000000000', '481f0000000000000000'
ERASE_IMMED = '48820000000000000000'


def login(device):
    target = Target()
    target.add(0, device)
    return target, target.login()


def rw(opcode, lba, count):
    return (bytes([opcode, 0]) + lba.to_bytes(8, 'big') +
            count.to_bytes(4, 'big') + bytes(2))


def read(sg, lba, count):
    return good(command(sg, rw(0x88, lba, count), IN,
                        length=count * BLOCK)).data


def medium(sg):
    return b''.join(read(sg, lba, 4096) for lba in range(0, BLOCKS, 4096))


def dirty(sg, *lbas):
    """User data, at both ends if nothing else is said"""
    for lba in lbas or (0, BLOCKS - 1024):
        good(command(sg, rw(0x8a, lba, 1024), OUT, b'user' * (1024 * 128)))


def overwrite(pattern, count=1, invert=0, immed=0, ause=0, list_len=None):
    data = (bytes([count | invert, 0]) + len(pattern).to_bytes(2, 'big') +
            pattern)
    cdb = (bytes([0x48, 1 | immed | ause]) + bytes(5) +
           (list_len or len(data)).to_bytes(2, 'big') + bytes(1))
    return cdb, OUT, data


def is_zero(sg):
    equal(medium(sg) == bytes(SIZE), True, 'zeros only')


def stores(description, **attrs):
    def register(function):
        def on_file():
            function(sg_of(fileio(size=SIZE, **attrs)))

        def on_block():
            write_file('/dev/kmsg', 'scst-test: expect operation not supported '
                       'error, dev loop')
            with loop_device(SIZE) as store:
                function(sg_of(blockio(store, **attrs)))

        case('%s: vdisk_fileio' % description)(on_file)
        case('%s: vdisk_blockio' % description)(on_block)
    return register


def allocated():
    return os.stat('/tmp/scst-test.%d/f0' % os.getpid()).st_blocks * 512


@stores('FORMAT UNIT leaves zeros')
def format_zeros(sg):
    for cdb in ((FORMAT,), ('041800000000', OUT, b'\0\xf0\0\0'),
                ('043000000000', OUT, bytes(8))):
        dirty(sg)
        good(command(sg, *cdb))
        good(command(sg, TUR))
        is_zero(sg)


@case('FORMAT UNIT of a thin disk frees what the file took')
def format_thin():
    sg = sg_of(fileio(size=SIZE, thin_provisioned=1))
    dirty(sg)
    good(command(sg, FORMAT))
    equal(allocated(), 0, 'bytes that the file takes')
    is_zero(sg)


@case('FORMAT UNIT: what is refused changes nothing')
def format_bad():
    sg = sg_of(fileio(size=SIZE))
    dirty(sg)
    for cdb, data, triple, field in (
            ('048000000000', b'', INVALID_FIELD, (1, 7)),
            ('040000000100', b'', INVALID_FIELD, (4, 1)),
            ('041000000000', b'\0\x88\0\0', INVALID_PARAM, (1, 3)),
            ('041000000000', b'\0\x20\0\0', INVALID_PARAM, (1, 5)),
            ('041000000000', b'\1\0\0\0', INVALID_PARAM, (0, 2)),
            ('041000000000', b'\0\0\0\x08' + bytes(8), INVALID_PARAM, (3, 3)),
            ('043000000000', b'\0\0\0\0\0\0\0\x08' + bytes(8), INVALID_PARAM,
             (7, 3)),
            ('041000000000', b'\0\0', (5, 0x0e, 3), None)):
        refused(command(sg, cdb, OUT if data else sgio.NONE, data), triple,
                field)
    equal(read(sg, 0, 1024), b'user' * (1024 * 128), 'the medium')
    dismantle()
    sg = sg_of(fileio(size=SIZE, read_only=1))
    for cdb in ((FORMAT,), overwrite(b'\0')):
        refused(command(sg, *cdb), WRITE_PROTECTED)


@stores('SANITIZE, OVERWRITE: the pattern, in each block')
def sanitize_overwrite(sg):
    # As long as a block, and one that does not fit into it; the last pass
    # writes it as it is
    for pattern, count, invert in ((os.urandom(BLOCK), 1, 0),
                                   (b'abc', 2, 0x80), (b'\xa5', 3, 0x80)):
        dirty(sg)
        good(command(sg, *overwrite(pattern, count, invert)))
        block = (pattern * BLOCK)[:BLOCK]
        equal(medium(sg) == block * BLOCKS, True, 'the medium')


@case('SANITIZE, OVERWRITE: what is refused')
def overwrite_bad():
    sg = sg_of(fileio(size=SIZE))
    dirty(sg)
    for length in range(5):
        cdb = bytes([0x48, 1]) + bytes(5) + length.to_bytes(2, 'big') + bytes(1)
        refused(command(sg, cdb, OUT if length else sgio.NONE,
                        b'\1\0\0\1'[:length]), INVALID_FIELD, (7, 7))
    refused(command(sg, *overwrite(bytes(BLOCK + 1))), INVALID_FIELD, (7, 7))
    refused(command(sg, *overwrite(b'a', 0)), INVALID_PARAM, (0, 4))
    refused(command(sg, *overwrite(b'a', 0x41)), INVALID_PARAM, (0, 6))
    # ZNR: there are no zones.
    refused(command(sg, *overwrite(b'a', ause=0x40)), INVALID_FIELD, (1, 6))
    cdb, _, data = overwrite(bytes(8))
    refused(command(sg, cdb, OUT, data[:2] + b'\0\0' + data[4:]),
            INVALID_PARAM, (2, 7))
    refused(command(sg, cdb, OUT, data[:2] + b'\0\x09' + data[4:]),
            LIST_LENGTH)
    equal(read(sg, 0, 1024), b'user' * (1024 * 128), 'the medium')


@case('SANITIZE, BLOCK ERASE: zeros, which take no room')
def sanitize_erase():
    sg = sg_of(fileio(size=SIZE, thin_provisioned=1))
    dirty(sg)
    page = command(sg, '1201b1004000', IN, length=64).data
    equal(page[7] & 0xc0, 0x40, 'WABEREQ')
    good(command(sg, ERASE))
    equal(allocated(), 0, 'bytes that the file takes')
    is_zero(sg)
    status = good(command(sg, '9e120000000000000000000000280000', IN,
                          length=40)).data
    equal((len(status), status[20] & 15), (24, 1), 'all is deallocated')


@case('SANITIZE: a disk that is not thin has no BLOCK ERASE, and none a cipher')
def sanitize_lacks():
    sg = sg_of(fileio(size=SIZE))
    for action in (2, 3, 4):
        refused(command(sg, bytes([0x48, action]) + bytes(8)), INVALID_FIELD,
                (1, 4))
    page = command(sg, '1201b1004000', IN, length=64).data
    equal(page[7], 0, 'WABEREQ, WACEREQ')
    # No failure: nothing to leave
    good(command(sg, EXIT))


def progress(sense):
    """PROGRESS INDICATION of fixed format sense data"""
    check(sense[15] & 0x80, 'no SKSV')
    return int.from_bytes(sense[16:18], 'big')


def under_way(sg, triple):
    """What a command hears while it goes on"""
    for cdb in ((TUR,), (rw(0x88, 0, 1), IN, b'', 512),
                (rw(0x8a, 0, 1), OUT, bytes(512)),
                ('25000000000000000000', IN, b'', 8), ('1b0000000100',),
                ('1b0000001000',), (FORMAT,), overwrite(b'a'), (EXIT,)):
        progress(refused(command(sg, *cdb), triple).sense)
    sense = good(command(sg, '030000001200', IN, length=18)).data
    equal((sense[2] & 15, sense[12], sense[13]), triple, 'REQUEST SENSE')
    progress(sense)
    sense = good(command(sg, '030100001200', IN, length=18)).data
    equal((sense[1] & 15, sense[2], sense[3]), triple, 'REQUEST SENSE')
    equal((len(sense), sense[8], sense[12]), (16, 2, 0x80), 'descriptor')
    good(command(sg, '120000002400', IN, length=36))
    good(command(sg, 'a00000000000000001000000', IN, length=256))


def ready(sg):
    return command(sg, TUR).status == GOOD


def zeroed(sg):
    wait_for(lambda: ready(sg), 'the end', 60)
    equal(read(sg, 0, 2048) == bytes(2048 * BLOCK), True, 'zeros')


def begin(store, cdb, triple):
    """On a store that does not go on"""
    sg = sg_of(blockio(store.path))
    dirty(sg, 0)
    store.suspend()
    good(command(sg, *cdb))
    under_way(sg, triple)
    return sg


@case('FORMAT UNIT with IMMED: progress, and nothing else, meanwhile')
def format_immed():
    with Stall(SIZE) as store:
        sg = begin(store, FORMAT_IMMED, FORMATTING)
        store.resume()
        zeroed(sg)


@case('SANITIZE with IMMED: likewise, and goes on after resets')
def sanitize_immed():
    with Stall(SIZE) as store:
        sg = begin(store, overwrite(bytes(BLOCK), immed=0x80), SANITIZING)
        for option in ('-d', '-t', '-H'):
            run('sg_reset', option, sg)
            equal(command(sg, TUR).key, sgio.UNIT_ATTENTION, 'after a reset')
            refused(command(sg, TUR), SANITIZING)
        store.resume()
        zeroed(sg)


def waits_for_end(cdb, triple):
    with Stall(SIZE) as store, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        sg = sg_of(blockio(store.path))
        dirty(sg, 0)
        store.suspend()
        try:
            job = pool.submit(command, sg, *cdb)
            wait_for(lambda: command(sg, TUR).triple == triple, 'the beginning')
            under_way(sg, triple)
            check(not job.done(), 'the command does not wait')
        finally:
            store.resume()
        good(job.result())
        zeroed(sg)


THIRD = 16 << 20                # the most that is zeroed before looking up


@contextlib.contextmanager
def thirds():
    """A store, and its second and its last third, which can be suspended"""
    size = THIRD >> 9

    def part(node, number):
        return '%d linear %s %d' % (size, node, number * size)

    with NullBlk(size_mb=3 * THIRD >> 20) as null, \
            Mapped('0 ' + part(null.node(), 1), 'scst-second') as second, \
            Mapped('0 ' + part(null.node(), 2), 'scst-last') as last, \
            Mapped('0 %s\n%d %s\n%d %s' % (
                part(null.node(), 0), size, part(second.path, 0),
                2 * size, part(last.path, 0))) as store:
        try:
            yield store, second, last
        finally:
            second.resume()
            last.resume()


def has_come_to(sg, triple, numerator, denominator):
    """PROGRESS INDICATION is of 65536 (SPC-5 4.4.2.4.4), rounded down"""
    want = 65536 * numerator // denominator

    def come():
        return progress(refused(command(sg, TUR), triple).sense)

    wait_for(lambda: come() == want, 'progress %d' % want)
    now = come()
    sense = good(command(sg, '030000001200', IN, length=18)).data
    equal(progress(sense), now, 'REQUEST SENSE')
    sense = good(command(sg, '030100001200', IN, length=18)).data
    equal(int.from_bytes(sense[13:15], 'big'), now, 'descriptor')


@case('FORMAT UNIT: how far it has come')
def format_progress():
    with thirds() as (store, second, last):
        sg = sg_of(blockio(store.path))
        second.suspend()
        last.suspend()
        good(command(sg, *FORMAT_IMMED))
        has_come_to(sg, FORMATTING, 1, 3)
        second.resume()
        has_come_to(sg, FORMATTING, 2, 3)
        last.resume()
        zeroed(sg)


@case('SANITIZE: how far it has come, of all that it writes')
def sanitize_progress():
    with thirds() as (store, second, last):
        sg = sg_of(blockio(store.path))
        second.suspend()
        last.suspend()
        good(command(sg, *overwrite(b'\0', count=2, immed=0x80)))
        has_come_to(sg, SANITIZING, 1, 6)
        second.resume()
        has_come_to(sg, SANITIZING, 2, 6)
        second.suspend()
        last.resume()
        has_come_to(sg, SANITIZING, 4, 6)
        last.suspend()
        second.resume()
        has_come_to(sg, SANITIZING, 5, 6)
        last.resume()
        zeroed(sg)


@case('FORMAT UNIT without IMMED: others are told, too')
def format_waits():
    waits_for_end((FORMAT,), FORMATTING)


@case('SANITIZE without IMMED: others are told, too')
def sanitize_waits():
    waits_for_end(overwrite(b'\0'), SANITIZING)


@case('SANITIZE without IMMED: a reset ends the command, and not the work')
def sanitize_reset():
    with Stall(SIZE) as store, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        sg = sg_of(blockio(store.path))
        dirty(sg, 0)
        store.suspend()
        try:
            job = pool.submit(command, sg, *overwrite(b'\0', count=31))
            wait_for(lambda: command(sg, TUR).triple == SANITIZING,
                     'the beginning')
            with Trace('scst/scst_tm_start') as trace:
                reset = pool.submit(run, 'sg_reset', '-d', sg)
                wait_for(lambda: any('scst_tm_start' in line
                                     for line in trace.lines()), 'the reset')
        finally:
            store.resume()
        reset.result()
        check(job.result().host_status, 'the command is answered')
        zeroed(sg)


@contextlib.contextmanager
def broken(store):
    """Nothing can be written, or read"""
    def load(table):
        store.suspend()
        run('dmsetup', 'load', store.name, '--table', table)
        store.resume()

    sectors = store.size >> 9
    load('0 %d error' % sectors)
    try:
        yield
    finally:
        load('0 %d linear %s 0' % (sectors, store.loop))


def failed(sg, triple):
    refused(command(sg, TUR), triple)
    refused(command(sg, rw(0x88, 0, 1), IN, length=512), triple)
    sense = good(command(sg, '030000001200', IN, length=18)).data
    equal((sense[2] & 15, sense[12], sense[13]), triple, 'REQUEST SENSE')
    good(command(sg, '120000002400', IN, length=36))


@case('FORMAT UNIT that fails: the medium waits for another one')
def format_fails():
    with Stall(SIZE) as store:
        sg = sg_of(blockio(store.path))
        with broken(store):
            refused(command(sg, FORMAT), FORMAT_FAILED)
        failed(sg, FORMAT_FAILED)
        good(command(sg, FORMAT))
        zeroed(sg)


@case('FORMAT UNIT that is cut short has failed, until the disk is disabled')
def format_cut():
    with Stall(64 << 20) as store, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        device = blockio(store.path)
        target, session = login(device)
        sg = session.sg()
        sgio.settle(sg)
        store.suspend()
        try:
            job = pool.submit(command, sg, FORMAT)
            wait_for(lambda: command(sg, TUR).triple == FORMATTING,
                     'the beginning')
            device.set('active', 0)
        finally:
            store.resume()
        refused(job.result(), FORMAT_FAILED)
        set_active(device, 0)
        set_active(device, 1)
        equal(command(sg, TUR).key, sgio.UNIT_ATTENTION, 'another medium')
        failed(sg, FORMAT_FAILED)
        session.logout()
        target.delete(0, device)
        disable_idle(device.path)
        device.set('enabled', 1)
        target.add(0, device)
        sg = target.login('s1').sg()
        sgio.settle(sg)
        good(command(sg, TUR))


@case('SANITIZE that fails: the failure mode, with and without AUSE')
def sanitize_fails():
    with Stall(SIZE) as store:
        sg = sg_of(blockio(store.path))
        with broken(store):
            refused(command(sg, *overwrite(b'\0')), SANITIZE_FAILED)
        failed(sg, SANITIZE_FAILED)
        refused(command(sg, FORMAT), SANITIZE_FAILED)
        refused(command(sg, EXIT), INVALID_FIELD, (1, 4))
        refused(command(sg, *overwrite(b'\0', ause=0x20)), INVALID_FIELD,
                (1, 5))
        failed(sg, SANITIZE_FAILED)
        good(command(sg, *overwrite(b'\0')))
        zeroed(sg)
        with broken(store):
            refused(command(sg, *overwrite(b'\0', ause=0x20)),
                    SANITIZE_FAILED)
        failed(sg, SANITIZE_FAILED)
        good(command(sg, EXIT))
        zeroed(sg)


@case('a disk that is disabled during SANITIZE has failed to do it')
def disabled():
    with Stall(SIZE) as store, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        device = blockio(store.path)
        target, session = login(device)
        sg = session.sg()
        sgio.settle(sg)
        store.suspend()
        good(command(sg, *overwrite(b'\0', count=31, immed=0x80)))
        session.logout()
        target.delete(0, device)
        off = pool.submit(disable_idle, device.path)
        wait_for(lambda: device.get('enabled').strip() == '0', 'the end')
        store.resume()
        off.result()
        # The same medium
        device.set('filename', store.path)
        device.set('enabled', 1)
        target.add(0, device)
        # sd does not get at the capacity, hence there is no disk to wait for.
        sg = target.login('s1').node(0, 'scsi_generic')
        wait_for(lambda: command(sg, TUR).triple == SANITIZE_FAILED,
                 'the failure')
        good(command(sg, *overwrite(b'\0')))
        zeroed(sg)


@case('SYNCHRONIZE CACHE with IMMED does not wait')
def sync_immed():
    with Stall(SIZE) as store:
        sg = sg_of(blockio(store.path))
        dirty(sg, 0)
        store.suspend()
        for cdb in ('35020000000000000000', '35020000000800000800',
                    '91020000000000000000000000000000'):
            good(command(sg, cdb))
        refused(command(sg, '35020000400100000000'), (5, 0x21, 0))
        store.resume()
        good(command(sg, '35000000000000000000'))


@case('SYNCHRONIZE CACHE with IMMED that fails: who stops the disk hears of it')
def sync_fails():
    write_file('/dev/kmsg', 'scst-test: expect Buffer I/O error on dev dm-')
    with Stall(SIZE) as store:
        sg = sg_of(Device('vdisk_fileio', 'f0', filename=store.path))
        dirty(sg, 0)
        with broken(store):
            good(command(sg, '35020000000000000000'))
            equal(command(sg, '1b0000000000').status, CHECK_CONDITION, 'stop')
        good(command(sg, TUR))


@case('SANITIZE of a disk without a store')
def null():
    sg = sg_of(nullio(size_mb=4))
    good(command(sg, *overwrite(b'a', 2)))
    good(command(sg, FORMAT))


if __name__ == '__main__':
    main()
