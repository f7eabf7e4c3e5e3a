#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""START STOP UNIT with power conditions, and what REQUEST SENSE says then."""
import sgio
from lib import Target, case, equal, fileio, main, run
from sgio import CHECK_CONDITION, IN, OUT, command, good

INVALID_FIELD = (5, 0x24, 0)
TUR = '000000000000'
# SPC-5 5.12: (condition, modifier): LOW POWER CONDITION, as it came about
CONDITIONS = {
    (2, 0): (0x5e, 0x03), (2, 1): (0x5e, 0x06), (2, 2): (0x5e, 0x08),
    (3, 0): (0x5e, 0x04), (3, 1): (0x5e, 0x0a)}


def nodes(**attrs):
    target = Target()
    target.add(0, fileio(**attrs))
    both = target.login('s1').sg(), target.login('s2').sg()
    for sg in both:
        sgio.settle(sg)
    return both


def start_stop(sg, condition, modifier=0, flags=0, immed=0):
    return command(sg, bytes([0x1b, immed, 0, modifier,
                              condition << 4 | flags, 0]))


def polled(sg):
    """What REQUEST SENSE says"""
    sense = good(command(sg, '030000001200', IN, length=18)).data
    return sense[2] & 15, sense[12], sense[13]


def power(sg):
    key, *code = polled(sg)
    equal(key, 0, 'sense key')
    return tuple(code)


def not_ready(sg, triple):
    equal((command(sg, TUR).triple, polled(sg)), (triple, triple),
          'TEST UNIT READY and REQUEST SENSE')


@case('ACTIVE, IDLE and STANDBY are told to all')
def conditions():
    one, other = nodes()
    equal(power(one), (0, 0), 'at first')
    for (condition, modifier), want in CONDITIONS.items():
        for immed in (0, 1):
            good(start_stop(one, condition, modifier, immed=immed))
            equal((power(one), power(other)), (want, want), 'condition')
            # It is ready, and stays as it is.
            good(command(other, TUR))
            good(command(other, '25000000000000000000', IN, length=8))
            equal(power(one), want, 'after TEST UNIT READY')
            good(start_stop(other, 1))
            equal(power(one), (0, 0), 'active')
    # START and LOEJ are ignored then.
    good(start_stop(one, 2, flags=3))
    equal(power(one), (0x5e, 3), 'idle')
    good(start_stop(one, 7))
    equal(power(one), (0, 0), 'the logical unit controls it')


@case('what needs the medium makes it active')
def wakes():
    sg, _ = nodes()
    for cdb, direction, data, length in (
            ('28000000000000000100', IN, b'', 512),
            ('2a000000000000000100', OUT, bytes(512), 0),
            ('35000000000000000000', sgio.NONE, b'', 0),
            ('2f000000000000000100', sgio.NONE, b'', 0)):
        good(start_stop(sg, 3))
        good(command(sg, cdb, direction, data, length))
        equal(power(sg), (0, 0), 'after ' + cdb)


@case('stopping and starting end a power condition, a reset too')
def ends():
    sg, other = nodes()
    good(start_stop(sg, 3))
    good(start_stop(sg, 0))
    not_ready(other, (2, 4, 2))
    good(start_stop(sg, 2))
    good(command(sg, TUR))
    equal(power(sg), (0x5e, 3), 'idle')
    good(start_stop(sg, 0, flags=1))
    equal(power(sg), (0, 0), 'started')
    good(start_stop(sg, 3))
    run('sg_reset', '-d', sg)
    sgio.settle(sg)
    sgio.settle(other)
    equal(power(sg), (0, 0), 'after a reset')
    # NO_FLUSH
    good(start_stop(sg, 0, flags=4))
    equal(command(sg, TUR).triple, (2, 4, 2), 'stopped')


@case('what is refused changes nothing')
def refusals():
    sg, _ = nodes()
    good(start_stop(sg, 2, 1))
    for condition, modifier, field in (
            (1, 1, (3, 3)), (2, 3, (3, 3)), (3, 2, (3, 3)), (7, 1, (3, 3)),
            (4, 0, (4, 7)), (5, 0, (4, 7)), (6, 0, (4, 7)), (15, 0, (4, 7)),
            # No timer is enabled that could be forced.
            (10, 0, (4, 7)), (10, 2, (4, 7)), (11, 1, (4, 7))):
        result = start_stop(sg, condition, modifier)
        equal((result.status, result.triple, result.field),
              (CHECK_CONDITION, INVALID_FIELD, field),
              'condition %#x, modifier %#x' % (condition, modifier))
    equal(power(sg), (0x5e, 6), 'as it was')


@case('PREVENT holds the medium until every nexus allows')
def prevent():
    one, other = nodes(removable=1)
    sgio.released(one, other)
    for sg in (one, other):
        good(command(sg, '1e0000000100'))
    equal(start_stop(one, 0, flags=2).triple, (5, 0x53, 2), 'eject')
    good(command(one, '1e0000000000'))
    equal(start_stop(one, 0, flags=2).triple, (5, 0x53, 2), 'eject')
    # It may stop, and a power condition is no eject.
    good(start_stop(one, 2, flags=2))
    good(start_stop(one, 0))
    good(start_stop(one, 0, flags=1))
    good(command(other, '1e0000000000'))
    good(start_stop(one, 0, flags=2))
    not_ready(other, (2, 0x3a, 0))


if __name__ == '__main__':
    main()
