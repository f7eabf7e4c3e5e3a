#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""The Control mode page: its bits, its attributes, its saved values, and what
UA_INTLCK_CTRL and TAS do."""
import concurrent.futures
import contextlib
import os
import threading

import sgio
from lib import (SCRATCH, SLOW, Stall, Target, Trace, blockio, case, equal,
                 fails, main, nullio, run, wait_for)
from sgio import GOOD, IN, OUT, command, nodes_of, sg_of
from store_lib import Mapped, NullBlk, linear, mounted

TASK_ABORTED, RESERVATION_CONFLICT = 0x40, 0x18
DID_RESET = 8
MODE_CHANGED, RESET = (6, 0x2a, 1), (6, 0x29, 3)
INVALID_CDB, INVALID_PARAM = (5, 0x24, 0), (5, 0x26, 0)
NO_SAVING, FAILURE = (5, 0x39, 0), (4, 0x44, 0)
CURRENT, CHANGEABLE, DEFAULT, SAVED = 0, 1, 2, 3

# name, byte of the page, lowest bit, width, legal values, value at first
FIELDS = (('tst', 2, 5, 3, (0, 1), 1), ('tmf_only', 2, 4, 1, (0, 1), 0),
          ('dpicz', 2, 3, 1, (0, 1), 0), ('d_sense', 2, 2, 1, (0, 1), 0),
          ('queue_alg', 3, 4, 4, (0, 1), 1), ('qerr', 3, 1, 2, (0, 1, 3), 0),
          ('ua_intlck_ctrl', 4, 4, 2, (0, 2, 3), 0),
          ('swp', 4, 3, 1, (0, 1), 0), ('tas', 5, 6, 1, (0, 1), 0))
NAMES = [field[0] for field in FIELDS]
FIRST = {field[0]: field[5] for field in FIELDS}


def sense(sg, pc=CURRENT):
    """The page, as MODE SENSE(6) gives it behind its header."""
    got = command(sg, '1a08%02x001000' % (pc << 6 | 0x0a), IN, length=16)
    equal(got.status, GOOD, 'MODE SENSE')
    return got.data[4:]


def values(page):
    return {name: page[byte] >> bit & (1 << width) - 1
            for name, byte, bit, width, _, _ in FIELDS}


def page_of(sg, **fields):
    page = bytearray(sense(sg))
    page[0] &= 0x3f
    for name, byte, bit, width, _, _ in FIELDS:
        if name in fields:
            page[byte] &= ~(((1 << width) - 1) << bit)
            page[byte] |= fields[name] << bit
    return bytes(page)


def select(sg, save=False, **fields):
    return command(sg, '151%d00001000' % save, OUT,
                   bytes(4) + page_of(sg, **fields))


def change(sg, save=False, **fields):
    equal(select(sg, save, **fields).status, GOOD, 'MODE SELECT')


def ready(sg):
    return command(sg, '000000000000')


def request_sense(sg):
    data = command(sg, '030000001200', IN, length=18).data
    return data[2] & 15, data[12], data[13]


@case('attributes are the default values; MODE SELECT is seen in them')
def attributes():
    device = nullio(enable=False)
    for name, _, _, width, legal, first in FIELDS:
        equal(device.get(name), str(first), name)
        for value in (*range(1 << width), 1 << width, 255, 256, -1, 'x'):
            if value in legal:
                device.set(name, value)
                equal(device.get(name), str(value), name)
            else:
                with fails('EINVAL'):
                    device.set(name, value)
        equal(device.get(name), str(max(legal)), name)
    device.set('d_sense', 0)
    device.set('ua_intlck_ctrl', 0)
    device.set('enabled', 1)
    with fails('EBUSY'):
        device.set('tas', 0)
    sg = sg_of(device)
    want = {'tst': 1, 'tmf_only': 1, 'dpicz': 1, 'd_sense': 0, 'queue_alg': 1,
            'qerr': 3, 'ua_intlck_ctrl': 0, 'swp': 1, 'tas': 1}
    equal(values(sense(sg)), want, 'current')
    equal(values(sense(sg, DEFAULT)), want, 'default')
    change(sg, tst=0, swp=0, qerr=1)
    now = dict(want, tst=0, swp=0, qerr=1)
    equal(values(sense(sg)), now, 'current')
    equal(values(sense(sg, DEFAULT)), want, 'default')
    equal({name: int(device.get(name)) for name in NAMES}, now, 'attributes')


@case('each value by MODE SELECT: taken, or refused with its field')
def each_value():
    one, other = nodes_of(nullio(), 2)
    mask = [0, 0, 0xfc, 0xf6, 0x38, 0x40] + 6 * [0]
    equal(list(sense(one, CHANGEABLE))[2:], mask[2:], 'changeable')
    for name, byte, bit, width, legal, first in FIELDS:
        if name == 'd_sense':
            continue            # the field pointer is looked for in fixed
        for value in range(1 << width):
            before = sense(one)
            got = select(one, **{name: value})
            if value not in legal:
                equal((got.triple, got.field),
                      (INVALID_PARAM, (4 + byte, bit + width - 1)), name)
                equal(sense(one), before, 'page')
                continue
            equal(got.status, GOOD, '%s %d' % (name, value))
            request_sense(other)
            equal(values(sense(other))[name], value, name)
        change(one, ua_intlck_ctrl=0)
        change(one, **{name: first})
        request_sense(other)
    # What is as it was is no change, for nobody.
    change(one)
    equal(ready(other).status, GOOD)
    change(one, tas=1)
    equal(ready(other).triple, MODE_CHANGED, 'sense of the other')
    equal(ready(one).status, GOOD)
    # Each bit that is not changeable
    for at in range(2, 12):
        for bit in range(8):
            if mask[at] >> bit & 1:
                continue
            page = bytearray(page_of(one))
            page[at] ^= 1 << bit
            got = command(one, '151000001000', OUT, bytes(4) + page)
            equal((got.triple, got.field), (INVALID_PARAM, (4 + at, bit)))


@case('pages and subpages: what there is, and what there is not')
def subpages():
    sg = sg_of(nullio())

    def codes(page, subpage):
        got = command(sg, '1a08%02x%02xff00' % (page, subpage), IN, length=255)
        if got.status != GOOD:
            equal(got.triple, INVALID_CDB, 'sense')
            return got.field
        found, at = [], 4
        while at < len(got.data):
            spf = got.data[at] & 0x40
            found.append((got.data[at] & 0x3f, got.data[at + 1] if spf else 0))
            at += (4 + int.from_bytes(got.data[at + 2:at + 4], 'big') if spf
                   else 2 + got.data[at + 1])
        equal(at, len(got.data), 'end of the last page')
        return found

    pages = [(code, 0) for code in (1, 2, 3, 4, 7, 8, 0x0a, 0x1a, 0x1c)]
    equal(codes(0x3f, 0), pages)
    equal(codes(0x3f, 0xff), sorted(pages + [(0x0a, 1)]))
    equal(codes(0x0a, 0), [(0x0a, 0)])
    equal(codes(0x0a, 1), [(0x0a, 1)])
    equal(codes(0x0a, 0xff), [(0x0a, 0), (0x0a, 1)])
    equal(codes(8, 0xff), [(8, 0)])
    for page, subpage, field in ((8, 1, (3, 7)), (0x0a, 2, (3, 7)),
                                 (0x3f, 1, (3, 7)), (6, 0, (2, 5)),
                                 (6, 0xff, (2, 5))):
        equal(codes(page, subpage), field, '%x/%x' % (page, subpage))
    extension = command(sg, '1a080a012400', IN, length=36).data[4:]
    equal(extension, bytes.fromhex('4a01001c000060') + bytes(25))
    for offset, good in ((4, True), (5, False), (6, False), (31, False)):
        data = bytearray(bytes(4) + extension)
        data[4 + offset] ^= 0 if good else 1
        got = command(sg, '151000002400', OUT, bytes(data))
        equal(got.status == GOOD, good, 'byte %d' % offset)
    for data in ('4a02001c' + '00' * 28, '4a00000a' + '00' * 28,
                 '4801001c' + '00' * 28, '4a01001b' + '00' * 28):
        got = command(sg, '151000002400', OUT, bytes(4) + bytes.fromhex(data))
        equal(got.triple, INVALID_PARAM, data)
    # sg3_utils understand it
    run('sg_modes', '-a', sg)
    out = run('sg_modes', '--page=0xa,1', '-6', sg)
    equal('Control extension' in out or 'xtension' in out, True, out)


def power_cycle(target, device, **attrs):
    """Off and on; the session stays."""
    target.delete(0, device)
    device.disable()
    for name, value in attrs.items():
        device.set(name, value)
    device.set('enabled', 1)
    target.add(0, device)


def settled(session):
    session.rescan()
    sg = session.sg()
    sgio.settle(sg)
    return sg


@case('without a file nothing can be saved')
def unsaved():
    sg = sg_of(nullio())
    equal(sense(sg)[0] & 0x80, 0, 'PS')
    equal(select(sg, save=True, tas=1).triple, INVALID_CDB, 'SP')
    equal(values(sense(sg)), FIRST, 'current')
    got = command(sg, '1a08ca001000', IN, length=16)
    equal(got.triple, NO_SAVING, 'saved values')
    with fails('EINVAL'):
        nullio('n1', enable=False).set('mode_pages_file', 'modes')


@case('saved values survive power off, and come back with a reset')
def saved():
    path = os.path.join(SCRATCH, 'modes')
    target, device = Target(), nullio(mode_pages_file=path)
    target.add(0, device)
    session, second = target.login('s0'), target.login('s1')
    sg, other = settled(session), settled(second)
    for pc in range(4):
        equal(sense(sg, pc)[0], 0x8a, 'PS')
    equal(values(sense(sg, SAVED)), FIRST, 'saved at first')
    change(sg, tas=1, qerr=1)
    equal(values(sense(sg, SAVED)), FIRST, 'saved')
    # SP saves all, what was not sent now as well (SPC-5 6.13).
    change(sg, save=True, swp=1)
    want = dict(FIRST, tas=1, qerr=1, swp=1)
    equal(values(sense(sg, SAVED)), want, 'saved')
    change(sg, swp=0, tst=0)
    sgio.settle(other)
    run('sg_reset', '-d', sg)
    equal(ready(other).triple, RESET, 'sense')
    equal(ready(other).status, GOOD)
    sgio.settle(sg)
    equal(values(sense(sg)), want, 'current after the reset')
    equal(command(sg, '2a000000000000000100', OUT, bytes(512)).triple,
          (7, 0x27, 2), 'sense of a write')

    power_cycle(target, device, tas=0, dpicz=1)
    sg = settled(session)
    equal(values(sense(sg)), want, 'current after power on')
    equal(values(sense(sg, DEFAULT)), dict(FIRST, dpicz=1), 'default')
    # The Caching page is saved, too; a list of no pages saves what is current.
    caching = bytes(4) + bytes.fromhex('0812') + bytes(18)
    equal(command(sg, '151100001800', OUT, caching).status, GOOD)
    change(sg, swp=0)
    equal(command(sg, '151100000000').status, GOOD, 'SP without pages')
    power_cycle(target, device)
    sg = settled(session)
    equal(values(sense(sg)), dict(want, swp=0), 'current')
    equal(command(sg, '1a08c8001800', IN, length=24).data[6] & 4, 0, 'WCE')
    # Without the file the default values are back.
    target.delete(0, device)
    device.disable()
    os.unlink(path)
    device.set('enabled', 1)
    target.add(0, device)
    sg = settled(session)
    equal(values(sense(sg)), dict(FIRST, dpicz=1), 'current')


def begun(pool, event, function, *arguments, count=1):
    """Lets it begin, up to as many trace events."""
    with Trace('scst/' + event) as trace:
        job = pool.submit(function, *arguments)
        wait_for(lambda: sum(event in line for line in trace.lines()) >= count,
                 event)
    return job


def caching(sg):
    return bytearray(command(sg, '1a0808001800', IN, length=24).data)


def select_caching(sg):
    """Another WCE, and nothing else"""
    page = caching(sg)
    page[:5] = bytes(4) + b'\x08'
    page[6] ^= 4
    return command(sg, '151100001800', OUT, bytes(page))


def overtake(pool, store, pages, one, other):
    """A reset waits for a READ, and so does MODE SELECT, which is at its file
    when the reset ends. False: it came so early that the reset has aborted
    it."""
    store.suspend()
    try:
        begun(pool, 'scst_cmd_start', command, one, '28000000000000000100', IN,
              b'', 512)
        reset = begun(pool, 'scst_tm_start', run, 'sg_reset', '-d', one)
        for _ in range(8):
            ready(other)
        pages.suspend()
        job = begun(pool, 'scst_cmd_start', select_caching, other, count=2)
    finally:
        store.resume()
    try:
        reset.result()
    finally:
        pages.resume()
    return job.result().status == GOOD


@case('MODE SELECT that a reset overtakes changes what the reset has left')
def overtaken():
    with NullBlk() as null, Mapped(linear(null.node())) as pages, \
            mounted(pages.path) as where, Stall() as store, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        one, other = nodes_of(blockio(store.path,
                                      mode_pages_file=where + '/modes'), 2)
        for _ in range(20):
            change(one, qerr=1)
            sgio.settle(other)
            before = caching(one)[6]
            if overtake(pool, store, pages, one, other):
                break
            sgio.settle(one)
            sgio.settle(other)
        else:
            raise AssertionError('it never came late enough')
        sgio.settle(one)
        equal(caching(one)[6], before ^ 4, 'WCE')
        equal(values(sense(one)), FIRST, 'current')
        equal(values(sense(one, SAVED)), FIRST, 'saved')


@contextlib.contextmanager
def small_file_system():
    """One page: room for one image."""
    where = os.path.join(SCRATCH, 'small')
    os.makedirs(where, exist_ok=True)
    run('mount', '-t', 'tmpfs', '-o', 'size=4k', 'none', where)
    try:
        yield where
    finally:
        run('umount', '-l', where)


@case('what cannot be saved is not changed')
def full():
    with small_file_system() as where:
        sg, other = nodes_of(nullio(mode_pages_file=where + '/modes'), 2)
        change(sg, save=True, tas=1)
        sgio.settle(other)
        before = sense(sg)
        equal(select(sg, save=True, tas=0, qerr=3).triple, FAILURE, 'sense')
        equal(sense(sg), before, 'current')
        equal(sense(sg, SAVED), before, 'saved')
        equal(ready(other).status, GOOD)
        change(sg, qerr=3)


@case('a damaged file: EUCLEAN, until it is removed')
def damaged():
    path = os.path.join(SCRATCH, 'broken')
    target, device = Target(), nullio(mode_pages_file=path)
    target.add(0, device)
    session = target.login()
    sg = settled(session)
    change(sg, save=True, tas=1)
    change(sg, save=True, qerr=1)
    target.delete(0, device)
    device.disable()
    with open(path, 'rb') as file:
        whole = file.read()
    equal(len(whole), 4096 + 512, 'length')

    def enable(data, errno=None):
        with open(path, 'wb') as file:
            file.write(data)
        if errno:
            with fails(errno):
                device.set('enabled', 1)
            return None
        device.set('enabled', 1)
        got = device.get('tas'), device.get('qerr')
        device.set('enabled', 0)
        return got

    def wrong(*places):
        data = bytearray(whole)
        for place in places:
            data[place] ^= 0x10
        return bytes(data)

    equal(enable(whole), ('1', '1'), 'saved')
    # One of two is enough: it was the other that was being written.
    equal(enable(wrong(4096 + 100)), ('1', '0'), 'the older one')
    equal(enable(whole[:512]), ('1', '0'), 'the older one')
    equal(enable(whole[:4096 + 511]), ('1', '0'), 'the older one')
    equal(enable(wrong(100)), ('1', '1'), 'the newer one')
    equal(enable(bytes(4096) + whole[4096:]), ('1', '1'), 'the newer one')
    for data in (wrong(0, 4096), wrong(200)[:4096], b'x', whole[:511],
                 b'tas=1\n' * 100, bytes(8193)):
        enable(data, 'EUCLEAN')
    for data in (b'', bytes(8192)):
        equal(enable(data), ('0', '0'), 'an empty file')
    equal(enable(whole + bytes(4096)), ('1', '1'), 'and more')
    os.unlink(path)
    device.set('enabled', 1)
    equal(device.get('tas'), '0', 'without it')
    os.link(path, path + '2')
    with fails('EBUSY'):
        nullio('n1', mode_pages_file=path + '2')
    device.set('enabled', 0)
    device.set('mode_pages_file', SCRATCH)
    with fails('EISDIR'):
        device.set('enabled', 1)
    device.set('mode_pages_file', SCRATCH + '/not/there')
    with fails('ENOENT'):
        device.set('enabled', 1)
    os.mkfifo(SCRATCH + '/fifo')
    device.set('mode_pages_file', SCRATCH + '/fifo')
    with fails('EINVAL'):
        device.set('enabled', 1)
    device.set('mode_pages_file', '\n')
    device.set('enabled', 1)


class Stuck(threading.Thread):
    """A command that does not end before its store goes on."""

    def __init__(self, sg, cdb, *more, **named):
        super().__init__()
        self.work = sg, cdb, *more
        self.named = named
        self.result = None
        self.start()

    def run(self):
        self.result = command(*self.work, **self.named)

    def done(self):
        self.join(60 * SLOW)
        return self.result


def abort_by_reset(tas):
    """Results of three sessions' commands; the first one resets."""
    with Stall() as store:
        target, device = Target(), blockio(store.path, tas=tas)
        target.add(0, device)
        hosts = [target.login('s%d' % i) for i in range(3)]
        nodes = [host.sg() for host in hosts]
        for node in nodes:
            sgio.settle(node)
        store.suspend()
        readers = [Stuck(node, '28000000080000000100', IN, length=512)
                   for node in nodes]
        writer = Stuck(nodes[1], '2a000000080000000100', OUT, bytes(512))
        stuck = '/sys/class/scsi_host/host%d/host_busy'
        wait_for(lambda: [open(stuck % h.host).read().strip()
                          for h in hosts] == ['1', '2', '1'], 'the commands')
        resetter = threading.Thread(
            target=run, args=('sg_reset', '-d', nodes[0]))
        resetter.start()
        resetter.join(1)
        equal(resetter.is_alive(), True, 'the reset waits')
        store.resume()
        resetter.join(60 * SLOW)
        equal(resetter.is_alive(), False, 'the reset has not ended')
        results = [r.done() for r in (*readers, writer)]
        # All is as it should be again, for everybody.
        for node in nodes:
            equal(ready(node).triple, RESET, 'sense')
            equal(ready(node).status, GOOD)
            equal(command(node, '28000000080000000100', IN,
                          length=512).status, GOOD, 'READ')
        return results


@case('TAS 1: what another has aborted ends with TASK ABORTED')
def tas_on():
    own, *others = abort_by_reset(1)
    equal((own.status, own.host_status), (0, DID_RESET), 'the own command')
    for result in others:
        equal((result.status, result.host_status, result.sense),
              (TASK_ABORTED, 0, b''), repr(result))
    for result in others[:2]:
        equal(result.data, b'', 'data of a READ')


@case('TAS 0: what another has aborted ends without an answer')
def tas_off():
    for result in abort_by_reset(0):
        equal((result.status, result.host_status), (0, DID_RESET),
              repr(result))


@case('UA_INTLCK_CTRL 2: a unit attention stays until REQUEST SENSE')
def interlock():
    one, other = nodes_of(nullio(), 2)
    change(one, ua_intlck_ctrl=2)
    for _ in range(3):
        equal(ready(other).triple, MODE_CHANGED, 'sense')
    equal(command(other, '28000000000000000100', IN, length=512).triple,
          MODE_CHANGED, 'sense of a READ')
    equal(request_sense(other), MODE_CHANGED, 'REQUEST SENSE')
    equal(ready(other).status, GOOD)
    equal(request_sense(other), (0, 0, 0), 'REQUEST SENSE')
    # 2 does not look at statuses
    equal(command(one, '160000000000').status, GOOD, 'RESERVE')
    equal(ready(other).status, RESERVATION_CONFLICT)
    equal(command(one, '170000000000').status, GOOD, 'RELEASE')
    equal(ready(other).status, GOOD)


@case('UA_INTLCK_CTRL 3: PREVIOUS RESERVATION CONFLICT STATUS, once')
def previous_status():
    one, other = nodes_of(nullio(ua_intlck_ctrl=0), 2)
    change(one, ua_intlck_ctrl=3)
    equal(request_sense(other), MODE_CHANGED, 'REQUEST SENSE')
    equal(command(one, '160000000000').status, GOOD, 'RESERVE')
    for _ in range(2):
        equal(ready(other).status, RESERVATION_CONFLICT)
        equal(ready(other).triple, (6, 0x2c, 9), 'sense')
        equal(ready(other).triple, (6, 0x2c, 9), 'sense')
        equal(request_sense(other), (6, 0x2c, 9), 'REQUEST SENSE')
    equal(command(one, '170000000000').status, GOOD, 'RELEASE')
    equal(ready(other).status, GOOD)
    equal(request_sense(one), (0, 0, 0), 'REQUEST SENSE of the holder')


if __name__ == '__main__':
    main()
