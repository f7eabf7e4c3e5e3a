#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The block commands as sg3_utils, sdparm, ddpt and blkzone send them."""
import os

import sgio
from lib import (SCRATCH, Target, case, check, equal, fileio, main, nullio,
                 run)

SIZE = 4 << 20
BLOCK = 512
# Exit statuses of sg3_utils: what the sense key says
INVALID_OP, MISCOMPARE, CONDITION_MET = 9, 14, 25


def node(**attrs):
    target = Target()
    target.add(0, fileio(size=SIZE, thin_provisioned=1, **attrs))
    sg = target.login().sg()
    if 'removable' in attrs:
        sgio.released(sg)
    else:
        sgio.settle(sg)
    return sg


def file_of(data, name='data'):
    path = os.path.join(SCRATCH, name)
    with open(path, 'wb') as out:
        out.write(data)
    return path


def stored(lba, count):
    with open(os.path.join(SCRATCH, 'f0'), 'rb') as disk:
        disk.seek(lba * BLOCK)
        return disk.read(count * BLOCK)


@case('sg_write_x: WRITE, ORWRITE, WRITE SAME of 16 and 32 bytes')
def write_x():
    sg = node()
    for size, lba in (('--16', 8), ('--32', 24)):
        data = os.urandom(4 * BLOCK)
        where = ('--lba=%d' % lba, '--num=4')
        run('sg_write_x', size, '--normal', '--in=' + file_of(data), *where,
            sg)
        equal(stored(lba, 4) == data, True, 'WRITE ' + size)
        run('sg_write_x', size, '--same=0', '--in=' + file_of(data[:BLOCK]),
            '--lba=%d' % lba, '--num=4', sg)
        equal(stored(lba, 4) == data[:BLOCK] * 4, True, 'WRITE SAME ' + size)
        run('sg_write_x', size, '--same=1', '--unmap=1', '--lba=%d' % lba,
            '--num=2', sg)
        equal(stored(lba, 2), bytes(2 * BLOCK), 'NDOB ' + size)
    bits = os.urandom(BLOCK)
    run('sg_write_x', '--16', '--or', '--in=' + file_of(bits), '--lba=8',
        '--num=1', sg)
    equal(stored(8, 1), bits, 'ORWRITE')
    run('sg_write_x', '--32', '--or', '--in=' + file_of(bits), '--lba=8',
        '--num=1', sg, status=5)


@case('sg_write_same: of 10, 16 and 32 bytes')
def write_same():
    sg = node()
    block = os.urandom(BLOCK)
    for size, lba in (('--10', 0), ('--16', 100), ('--32', 200)):
        run('sg_write_same', size, '--in=' + file_of(block),
            '--lba=%d' % lba, '--num=9', sg)
        equal(stored(lba, 9) == block * 9, True, 'WRITE SAME ' + size)
        run('sg_write_same', size, '--unmap', '--lba=%d' % lba, '--num=5', sg)
        equal(stored(lba, 9) == bytes(5 * BLOCK) + block * 4, True, 'UNMAP')
    run('sg_write_same', '--16', '--ndob', '--lba=100', '--num=9', sg)
    equal(stored(100, 9), bytes(9 * BLOCK), 'NDOB')


@case('sg_verify, sg_write_verify and sg_compare_and_write')
def compare():
    sg = node()
    data = os.urandom(8 * BLOCK)
    for size in ((), ('--16',)):
        for bytchk in (0, 1):
            run('sg_write_verify', *size, '--lba=16', '--num=8',
                '--bytchk=%d' % bytchk, '--in=' + file_of(data), sg)
        equal(stored(16, 8) == data, True, 'WRITE AND VERIFY')
        run('sg_verify', *size, '--lba=0', '--count=4096', sg)
        args = ('sg_verify', *size, '--quiet', '--lba=16', '--count=8',
                '--ndo=%d' % len(data))
        run(*args, '--in=' + file_of(data), sg)
        run(*args, '--in=' + file_of(data[:-1] + bytes([data[-1] ^ 1])), sg,
            status=MISCOMPARE)
        run('sg_write_same', '--16', '--in=' + file_of(data[:BLOCK]),
            '--lba=64', '--num=8', sg)
        args = ('sg_verify', *size, '--quiet', '--count=8', '--ebytchk=3',
                '--ndo=%d' % BLOCK, '--in=' + file_of(data[:BLOCK]))
        run(*args, '--lba=64', sg)
        run(*args, '--lba=63', sg, status=MISCOMPARE)
    new = os.urandom(BLOCK)
    both = file_of(data[:BLOCK] + new)
    run('sg_compare_and_write', '--in=' + both, '--lba=16', sg)
    equal(stored(16, 1), new, 'COMPARE AND WRITE')
    run('sg_compare_and_write', '--quiet', '--in=' + both, '--lba=16', sg,
        status=MISCOMPARE)


@case('sg_unmap and sg_get_lba_status')
def provisioning():
    sg = node()
    run('sg_write_same', '--16', '--in=' + file_of(b'a' * BLOCK), '--lba=0',
        '--num=4096', sg)
    run('sg_unmap', '--force', '--lba=1024,3072', '--num=1024,8', sg)
    for size in ('--16', '--32'):
        got = run('sg_get_lba_status', size, '--brief', '--maxlen=256',
                  '--report-type=2', sg)
        equal([[int(word, 0) for word in line.split()]
               for line in got.splitlines() if line.startswith('0x')],
              [[0, 0x400, 0, 0], [0x800, 0x400, 0, 0], [0xc08, 0x3f8, 0, 0]],
              'what is mapped')
    got = run('sg_get_lba_status', '--32', '--lba=1030', '--scan-len=10', sg)
    check('deallocated' in got, got)


@case('sg_sync, sg_seek, sg_reassign, sg_opcodes')
def others():
    sg = node()
    for options in ((), ('--16',), ('--immed',), ('--lba=8', '--count=8'),
                    ('--16', '--immed', '--lba=8', '--count=8')):
        run('sg_sync', *options, sg)
    for options in (('--10',), (), ('--immed',)):
        got = run('sg_seek', '--pre-fetch', '--num-blocks=64', *options, sg,
                  status=None)
        check('rror' not in got, got)
    run('sg_seek', sg, status=INVALID_OP)
    run('sg_reassign', '--address=8', sg, status=INVALID_OP)
    got = run('sg_reassign', '--grown', sg)
    check('grown defect list: 0' in got, got)
    got = run('sg_opcodes', sg)
    for name in ('Read(32)', 'Write same(32)', 'Format unit', 'Sanitize'):
        check(name.lower() in got.lower(), '%s is not in\n%s' % (name, got))


@case('sg_start, sg_prevent, sg_requests')
def start():
    sg = node(removable=1)
    run('sg_start', '--pc=2', '--mod=1', sg)
    check('Idle_b condition activated by command' in run('sg_requests', sg),
          'REQUEST SENSE')
    run('sg_start', '--pc=1', sg)
    run('sg_start', '--stop', sg)
    run('sg_start', '--start', sg)
    run('sg_prevent', sg)
    run('sg_start', '--eject', sg, status=5)
    run('sg_prevent', '--allow', sg)
    run('sg_start', '--eject', sg)
    run('sg_start', '--load', sg)


@case('sg_format and sg_sanitize')
def erase():
    sg = node()
    for command in (
            ('sg_format', '--format', '--quick', '--wait'),
            ('sg_format', '--format', '--quick', '--wait', '--dcrt'),
            ('sg_format', '--format', '--quick', '--wait', '--long'),
            ('sg_sanitize', '--overwrite', '--zero', '--quick', '--wait'),
            ('sg_sanitize', '--overwrite', '--zero', '--count=3', '--invert',
             '--quick', '--wait'),
            ('sg_sanitize', '--block', '--ause', '--quick', '--wait'),
            ('sg_sanitize', '--fail', '--early')):
        run('sg_write_same', '--16', '--in=' + file_of(b'a' * BLOCK),
            '--lba=0', '--num=8192', sg)
        run(*command, sg)
        if command[1] != '--fail':
            equal(stored(0, SIZE // BLOCK) == bytes(SIZE), True,
                  ' '.join(command))
    run('sg_sanitize', '--crypto', '--quick', '--wait', sg, status=5)
    # Another block length is the administrator's.
    run('sg_format', '--format', '--size=4096', '--quick', '--wait', sg,
        status=None)
    equal(int(run('sg_readcap', '--16', '--brief', sg).split()[1], 16), BLOCK,
          'block length')


@case('sg_write_x: WRITE ATOMIC of 16 and 32 bytes')
def write_atomic():
    target = Target()
    target.add(0, nullio())
    sg = target.login().sg()
    sgio.settle(sg)
    data = file_of(os.urandom(8 * BLOCK))
    for size in ('--16', '--32'):
        for boundary in (0, 2, 8):
            run('sg_write_x', size, '--atomic=%d' % boundary, '--in=' + data,
                '--lba=3', '--num=8', sg)
    run('sg_write_x', '--16', '--atomic=20000', '--in=' + data, '--lba=3',
        '--num=8', sg, status=5)
    got = run('sg_vpd', '--page=bl', sg)
    check('Maximum atomic transfer length: 16384' in got, got)
    check('Write atomic(16)' in run('sg_opcodes', sg), 'not supported')


@case('sdparm: pages, what can be changed, and its commands')
def sdparm():
    sg = node(removable=1)
    # It asks for pages that there are not, too, and says so.
    got = run('sdparm', '--all', '--long', sg, status=None)
    for name in ('Read write error recovery', 'Caching (SBC)', 'Control',
                 'Informational exceptions control'):
        check(name in got, '%s is not in\n%s' % (name, got))
    for value in (0, 1):
        run('sdparm', '--set=WCE=%d' % value, sg)
        # Nor are there saved values, which it also asks for.
        got = run('sdparm', '--quiet', '--get=WCE', sg, status=None).split()
        equal(got[:2], ['WCE', str(value)], 'WCE')
    run('sdparm', '--set=SWP=1', sg)
    run('sg_write_same', '--16', '--in=' + file_of(bytes(BLOCK)), '--lba=0',
        '--num=1', sg, status=7)
    run('sdparm', '--set=SWP=0', sg)
    run('sg_write_same', '--16', '--in=' + file_of(bytes(BLOCK)), '--lba=0',
        '--num=1', sg)
    # RCD cannot be changed, and RLEC has no page of its own to be in.
    run('sdparm', '--set=RCD=1', sg, status=5)
    for page in ('sv', 'di', 'bl', 'bdc', 'lbpv', 'ei', 'sp', 'mpp', 'tpc'):
        run('sdparm', '--inquiry', '--page=' + page, sg)
    for command in ('ready', 'sync', 'capacity', 'sense', 'stop', 'start',
                    'unlock', 'eject', 'load'):
        run('sdparm', '--command=' + command, sg)


@case('ddpt through sg: READ, WRITE and VERIFY of 10, 12, 16 and 32 bytes')
def ddpt():
    target = Target()
    target.add(0, fileio(size=SIZE))
    target.add(1, fileio('f1', size=SIZE))
    session = target.login()
    a, b = session.sg(0), session.sg(1)
    for sg in (a, b):
        sgio.settle(sg)
    data = file_of(os.urandom(SIZE))
    for size, flags in ((10, ''), (12, ',fua'), (16, ',dpo'), (32, '')):
        cdb = 'cdbsz=%d' % size
        run('ddpt', 'bs=512', cdb, 'if=' + data, 'of=' + a,
            'oflag=pt' + flags)
        run('ddpt', 'bs=512', cdb, 'if=' + a, 'iflag=pt' + flags, 'of=' + b,
            'oflag=pt' + flags, 'bpt=100')
        with open(data, 'rb') as want, \
                open(os.path.join(SCRATCH, 'f1'), 'rb') as got:
            equal(got.read() == want.read(), True, 'the copy')
        data = file_of(os.urandom(SIZE))
    run('ddpt', '--verify', 'bs=512', 'if=' + a, 'iflag=pt', 'of=' + b,
        'oflag=pt')
    run('sg_write_same', '--16', '--in=' + file_of(bytes(BLOCK), 'zero'),
        '--lba=4711', '--num=1', b)
    run('ddpt', '--verify', 'bs=512', 'if=' + a, 'iflag=pt', 'of=' + b,
        'oflag=pt', status=MISCOMPARE)


@case('blkzone and blkdiscard: no zones, and blocks that are given back')
def blk():
    target = Target()
    target.add(0, fileio(size=SIZE, thin_provisioned=1))
    disk = target.login().disk()
    got = run('blkzone', 'report', disk, status=1)
    check('zone' in got, got)
    run('blkzone', 'reset', disk, status=1)
    run('dd', 'if=/dev/urandom', 'of=' + disk, 'bs=1M', 'count=4',
        'oflag=direct')
    run('blkdiscard', '--offset=1M', '--length=2M', disk)
    equal(stored(2048, 4096) == bytes(2 << 20), True, 'what was discarded')
    check(stored(0, 2048) != bytes(1 << 20), 'all was discarded')
    run('blkdiscard', '--zeroout', disk)
    equal(stored(0, 8192) == bytes(SIZE), True, 'what was zeroed')


if __name__ == '__main__':
    main()
