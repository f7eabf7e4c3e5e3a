#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""The rest of sg3_utils: each tool of the package does what it is for, or says
that the disk has no such command; none is forgotten."""
import glob
import os
import re

import sgio
from lib import SCRATCH, Target, case, check, equal, file_of, fileio, main, run

HERE = os.path.dirname(os.path.abspath(__file__))
SIZE = 4 << 20
BLOCK = 512
# Exit statuses of sg3_utils: what the sense key says
ILLEGAL, INVALID_OP, MISCOMPARE, OTHER = 5, 9, 14, 99
FIELD = 'Invalid field in cdb'
OPCODE = 'Invalid command operation code'

# Tools, and what they say of a disk that has the command
ANSWERS = (
    ('sg_ses', 'Supported Diagnostic Pages'),
    ('sg_senddiag --page=0', 'Supported diagnostic pages'),
    ('sg_senddiag --pf --raw=0,0,0,0', ''),
    ('sg_senddiag --doff --uoff --test', ''),
    ('sg_senddiag --extdur', 'self-test duration=0 seconds'),
    ('sg_test_rwbuf --quick --size=4096', 'a buffer of 65536 bytes'),
    ('sg_test_rwbuf --size=4096 --times=3', 'Success'),
    ('sg_test_rwbuf --size=65536 --times=3', 'Success'),
    ('sg_copy_results --params', 'Maximum concurrent copies: 16'),
    ('sg_turs --number=3', '3 Test Unit Ready commands with 0 errors'),
    ('sginfo', 'SCST_FIO'),
    ('sginfo -a', 'Caching mode page'),
    ('sginfo -d', '0 entries (0 bytes) in grown (GLIST) table'),
    ('sg_scan -i', 'SCST_FIO'),
    ('scsi_ready', 'ready'),
    ('scsi_readcap', 'Last LBA=8191'),
    ('scsi_temperature', 'not available'),
    ('scsi_stop', ''),
    ('scsi_start', ''),
    ('scsi_mandat', 'total number of bad errors: 0'),
)

# ... and of one that has not; the status is that of the sense data. An opcode
# that others share has no such service action: a field in the CDB (SPC-5 5.18)
REFUSED = (
    ('sg_read_long --lba=8', INVALID_OP, OPCODE),
    ('sg_read_long --16 --lba=8', ILLEGAL, FIELD),
    ('sg_write_long --lba=8', INVALID_OP, OPCODE),
    ('sg_write_long --16 --lba=8', INVALID_OP, OPCODE),
    ('sg_write_long --wr_uncor --lba=8 --xfer_len=0', INVALID_OP, OPCODE),
    ('sg_referrals', ILLEGAL, FIELD),
    ('sg_rep_zones', INVALID_OP, OPCODE),
    ('sg_reset_wp --all', INVALID_OP, OPCODE),
    ('sg_zone --open --zone=0', INVALID_OP, OPCODE),
    ('sg_zone --sequentialize --zone=0', INVALID_OP, OPCODE),
    ('sg_stpg --active', ILLEGAL, FIELD),
    ('sg_ident', ILLEGAL, FIELD),
    ('sg_ident --clear', INVALID_OP, OPCODE),
    ('sg_timestamp', ILLEGAL, FIELD),
    ('sg_timestamp --milliseconds=1', INVALID_OP, OPCODE),
    ('sg_stream_ctl --get', ILLEGAL, FIELD),
    ('sg_stream_ctl --open', ILLEGAL, FIELD),
    ('sg_bg_ctl --ctl=1', ILLEGAL, FIELD),
    ('sg_get_elem_status', ILLEGAL, FIELD),
    ('sg_rmsn', INVALID_OP, OPCODE),
    ('sg_rep_pip', ILLEGAL, FIELD),
    ('sg_read_attr', INVALID_OP, OPCODE),
    ('sg_read_block_limits', INVALID_OP, OPCODE),
    ('sg_safte', ILLEGAL, FIELD),
    ('sg_sat_identify', INVALID_OP, OPCODE),
    ('sg_sat_phy_event', INVALID_OP, OPCODE),
    ('sg_sat_read_gplog --log=0', INVALID_OP, OPCODE),
    ('sg_sat_set_features --feature=2', INVALID_OP, OPCODE),
    ('sg_read_buffer --mode=0x1c', ILLEGAL, FIELD),
    ('sg_ses --page=10', ILLEGAL, FIELD),
    ('sg_ses_microcode', ILLEGAL, FIELD),
    ('sg_copy_results --status', ILLEGAL, FIELD),
)

# What asks one vendor's arrays, or no device
EXCLUDED = {
    'sg_rdac': "a mode page of LSI's arrays",
    'sg_emc_trespass': "a mode page of EMC's arrays",
    'scsi_satl': 'what translates SCSI for ATA must have',
    'scsi_logging_level': "how much Linux's SCSI says in its log",
    'scsi_ch_swp': "a script of sdparm's package",
    'rescan-scsi-bus.sh': 'what Linux looks for in sysfs',
}


def node():
    return sgio.nodes_of(fileio(size=SIZE, thin_provisioned=1), 1)[0]


@case('what the disk has: what is said of it')
def answers():
    sg = node()
    for line, text in ANSWERS:
        got = run(*line.split(), sg)
        check(text in got, '%s:\n%s' % (line, got))


@case('what the disk has not: the status that says so')
def refused():
    sg = node()
    for line, status, text in REFUSED:
        got = run(*line.split(), '-vv', sg, status=status)
        check(text.lower() in got.lower(), '%s:\n%s' % (line, got))


@case('sg_dd, sgp_dd and sgm_dd: the data of all blocks, and what is not there')
def copies():
    sg = node()
    source, copy = file_of(0, 'source'), os.path.join(SCRATCH, 'copy')
    for tool, options in (('sg_dd', ('cdbsz=10',)),
                          ('sg_dd', ('cdbsz=16', 'oflag=fua', 'iflag=dpo')),
                          ('sgp_dd', ('thr=4',)),
                          ('sgp_dd', ('cdbsz=12', 'fua=3', 'bpt=7')),
                          ('sgm_dd', ()),
                          ('sgm_dd', ('cdbsz=16', 'fua=3'))):
        data = os.urandom(SIZE)
        with open(source, 'wb') as f:
            f.write(data)
        run(tool, 'if=' + source, 'of=' + sg, 'bs=512', *options)
        with open(os.path.join(SCRATCH, 'f0'), 'rb') as f:
            check(f.read() == data, '%s: what is written' % tool)
        run(tool, 'if=' + sg, 'of=' + copy, 'bs=512', *options)
        with open(copy, 'rb') as f:
            check(f.read() == data, '%s: what is read' % tool)
        run(tool, 'if=' + sg, 'of=' + copy, 'bs=512', 'skip=100', 'count=9',
            *options)
        with open(copy, 'rb') as f:
            check(f.read(9 * BLOCK) == data[100 * BLOCK:109 * BLOCK],
                  '%s: where it is read' % tool)
    run('sg_dd', '--verify', 'if=' + source, 'of=' + sg, 'bs=512')
    run('sg_write_same', '--16', '--in=' + file_of(BLOCK, 'zero'),
        '--lba=4711', '--num=1', sg)
    run('sg_dd', '--verify', 'if=' + source, 'of=' + sg, 'bs=512',
        status=MISCOMPARE)


@case('sg_read: blocks, none of them, and those beyond the end')
def reads():
    sg = node()
    last = SIZE // BLOCK - 1
    for size in 10, 12, 16:
        args = ('sg_read', 'if=' + sg, 'bs=512', 'cdbsz=%d' % size)
        run(*args, 'count=4096')
        run(*args, 'count=1', 'skip=%d' % last, 'fua=1', 'dpo=1')
        run(*args, 'bpt=0', 'count=3')
        got = run(*args, 'count=2', 'skip=%d' % last, status=OTHER)
        check('Logical block address out of range' in got, got)
    run('sg_read', 'if=' + sg, 'bs=512', 'cdbsz=6', 'count=100')


@case('sg_map, sg_map26: which disk that is')
def maps():
    target = Target()
    target.add(0, fileio(size=SIZE))
    session = target.login()
    sg, disk = session.sg(), session.disk()
    sgio.settle(sg)
    check([sg, disk] in [line.split() for line in
                         run('sg_map', '-sd').splitlines()], 'sg_map')
    equal(run('sg_map26', sg).strip(), disk, 'sg_map26')
    equal(run('sg_map26', disk).strip(), sg, 'sg_map26')


@case('sg_decode_sense: what a refused command has got')
def sense():
    sg = node()
    got = sgio.command(sg, 'b5' + '00' * 11)
    said = run('sg_decode_sense', *['%02x' % byte for byte in got.sense])
    check('Invalid command operation code' in said, said)


@case('no tool of the package is left out')
def left_out():
    used = set()
    for path in glob.glob(HERE + '/*.py'):
        with open(path) as f:
            used.update(re.findall(r"'((?:sg|scsi)[a-z0-9_]+)[ ']", f.read()))
    tools = {os.path.basename(path) for name in
             ('sg_*', 'sg[mp]_dd', 'sginfo', 'scsi_*', 'rescan-scsi-bus.sh')
             for path in glob.glob('/usr/bin/' + name)}
    check('sg_inq' in tools, 'there are no tools')
    equal(sorted(tools - used - set(EXCLUDED)), [], 'what nobody runs')


if __name__ == '__main__':
    main()
