#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
"""libiscsi's conformance suite, over iSCSI, on disks in a file and on a block
device.

Each test is a process of its own with a time limit of its own, since one that
hangs would take the others with it. The comments before each result line are
the table: a line for each test that did not pass.
"""
import collections
import functools
import re
import subprocess

from iscsi_lib import Target, main, serve, url
from lib import (LONG, SLOW, blockio, case, check, equal, fileio, loop_device,
                 note, nullio, run)
from scsi_debug import atomic_disk
from store_lib import Mapped, delayed

SIZE = 64 << 20
LIMIT = 60                      # seconds for a test
ENOUGH = 212                    # tests that must pass, and not be skipped
FAMILY = 'ALL'
SLOW_SANITIZE = 'ALL.Sanitize.Reset'
OPTIONS = ('-d', '-S', '-v')
# Tests that no target can pass, and why. Ours for the same are named.
BROKEN = {
    # Puts its request, 42 85 00 .., into a queue and asserts at once, before
    # a byte of it was sent, that the response, 22 80 00 .., has come, which is
    # the answer to a request (RFC 7143 11.5, 11.6). Then it frees what the
    # response will be written to. iscsi_session.py: "task management".
    'ALL.iSCSITMF.LUNResetSimpleAsync',
    # Has room for 16 bytes of CDB usage data, and copies none of more: of
    # 00 03 00 20 7f ... it finds 00h where we sent 7Fh. SPC-5 6.35.3: CDB SIZE
    # has 16 bits; 4.2.3: a CDB has up to 260 bytes. scsi_sbc32.py: "one of
    # each".
    'ALL.ReportSupportedOpcodes.OneCommand',
    # Sends 48 01 00 00 00 00 00 02 04 00, that is without IMMED, and 01 00 02
    # 00 with a block of zeros; looks away for three seconds and wants 2/04/1b
    # for 00 00 00 00 00 00. That is for as long as the operation goes on (SBC-4
    # 4.11.2); GOOD for 48h has come, which is sent when it is over (5.30.1).
    # No clause says that it takes three seconds. Below it passes with a store
    # that is slow enough. scsi_sanitize.py: "goes on after resets".
    SLOW_SANITIZE,
    # Sends 1b 01 00 00 42 00 and so on, for all power conditions from 1h to Fh;
    # 4h, 6h, 8h, 9h and Ch to Fh are reserved (SBC-4 5.31), which is an INVALID
    # FIELD IN CDB. scsi_power.py.
    'ALL.StartStopUnit.PwrCnd',
    # Wants TEST UNIT READY to be GOOD after 1b 00 00 00 00 00, which stops the
    # disk: 2/04/02 (SBC-4 4.20). scsi.py: START STOP UNIT.
    'ALL.StartStopUnit.NoLoej',
}
# They send 512 bytes for WRITE(10) of one block, whatever a block is: less than
# a block cannot be written, and RFC 7143 11.4.5.1 has no GOOD for that.
BROKEN_4096 = {'ALL.ProutReserve.Access' + kind
               for kind in ('EA', 'WE', 'EARO', 'WERO', 'EAAR', 'WEAR')}
# With 8 blocks in a physical one it sends 9e 12 00 .. 09 (STARTING LBA 9) and does
# not like LBA 9 in the first descriptor, which is what SBC-4 5.7.2 asks for.
BROKEN_FILE_512 = {'ALL.GetLBAStatus.UnmapSingle'}
# They want to find, or to compare with, what they have written: vdisk_nullio
# keeps nothing.
NEEDS_MEDIUM = {
    'ALL.' + name for name in (
        'CompareAndWrite.Simple', 'CompareAndWrite.Miscompare',
        'ExtendedCopy.Simple', 'OrWrite.Verify', 'Sanitize.Overwrite',
        'WriteSame10.Check', 'WriteSame16.Check', 'WriteVerify10.Simple',
        'WriteVerify10.Flags', 'WriteVerify12.Simple', 'WriteVerify12.Flags',
        'WriteVerify16.Simple', 'WriteVerify16.Flags', 'WriteVerify16.Dpo',
        'iSCSIResiduals.Write10Residuals', 'iSCSIResiduals.Write12Residuals',
        'iSCSIResiduals.Write16Residuals',
        'iSCSIResiduals.WriteVerify10Residuals',
        'iSCSIResiduals.WriteVerify12Residuals',
        'iSCSIResiduals.WriteVerify16Residuals', 'MultipathIO.Simple',
        'MultipathIO.CompareAndWrite')}
# What is skipped on the disk with everything enabled: {test: why}
UNREAL = 'a file guarantees no atomic writes; a case of its own has a disk ' \
    'that does'
CIPHER = 'CRYPTOGRAPHIC ERASE, and no store here has a cipher with a key to ' \
    'change (SBC-4 5.30.4); the other two are tested before it is skipped'
NOT_ZERO = 'WSNZ is one (SBC-4 6.6.4), hence no number of blocks is refused: ' \
    'scsi_sbc.py'
SKIPPED = {
    'ALL.ReadOnly.ReadOnlySBC': 'this one can be written; passes on those '
                                'that are read-only, below',
    'ALL.Sanitize.CryptoErase': CIPHER,
    'ALL.Sanitize.Readonly': CIPHER,
    'ALL.Sanitize.Reservations': CIPHER,
    'ALL.WriteAtomic16.Simple': UNREAL,
    'ALL.WriteAtomic16.BeyondEol': UNREAL,
    'ALL.WriteAtomic16.ZeroBlocks': UNREAL,
    'ALL.WriteAtomic16.WriteProtect': UNREAL,
    'ALL.WriteAtomic16.DpoFua': UNREAL,
    'ALL.WriteAtomic16.VPD': UNREAL,
    'ALL.WriteSame10.ZeroBlocks': NOT_ZERO,
    'ALL.WriteSame16.ZeroBlocks': NOT_ZERO,
}
MOST_SKIPPED = 12
# They write, which a medium that is read-only refuses: scsi.py, "read_only".
WRITE = re.compile(
    r'ALL\.(CompareAndWrite|ExtendedCopy|GetLBAStatus|MultipathIO|OrWrite|'
    r'ReceiveCopyResults|Sanitize|Unmap|Write|iSCSITMF\.AbortTaskSimpleAsync|'
    r'iSCSIResiduals\.Write|ProutReserve\.Access)')


def broken_at(device):
    """What is broken with this disk"""
    if device.get('blocksize') == '4096':
        return BROKEN | BROKEN_4096
    if 'vdisk_fileio' in device.path:
        return BROKEN | BROKEN_FILE_512
    return BROKEN


def hopeless_at(device):
    """What is of no use with this disk"""
    if 'vdisk_nullio' in device.path:
        return broken_at(device) | NEEDS_MEDIUM
    return broken_at(device)


def tests(device):
    """FAMILY.Suite.Test, without what is a family or a suite."""
    hopeless = hopeless_at(device)
    listed = run('iscsi-test-cu', '--list').split()
    return [name for name in listed if name not in hopeless and
            name.startswith(FAMILY + '.') and name.count('.') == 2]


def verdict(status, out):
    """What iscsi-test-cu says. Its exit status is 0 in any case; CUnit's
    summary counts assertions; what is skipped is said within the test, while
    before and after it the tool skips things of its own."""
    if status < 0:
        return 'CRASH'
    summary = re.search(r'^\s+asserts\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)', out,
                        re.M)
    if not summary:
        return 'CRASH'
    if status or int(summary[4]):
        return 'FAIL'
    body = re.search(r'^  Test: \S+ \.\.\.(.*?)passed', out, re.M | re.S)
    if not body:
        return 'FAIL'
    return 'SKIP' if '[SKIPPED]' in body[1] else 'PASS'


def run_test(name, urls, limit=LIMIT):
    """The verdict, and what was printed."""
    command = ['iscsi-test-cu', *OPTIONS, '-t', name, *urls]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False,
                              timeout=limit * SLOW)
    except subprocess.TimeoutExpired as expired:
        return 'TIMEOUT', (expired.stdout or b'').decode(errors='replace')
    out = done.stdout.decode(errors='replace')
    return verdict(done.returncode, out), out


def why(out):
    """The line that says most. The tool's own look at the target, which may
    be refused things, comes first."""
    lines = [line.strip() for line in reversed(out.splitlines())]
    for word in ('[FAILED]', 'CU_', '[SKIPPED]', 'rror'):
        for line in lines:
            if word in line:
                return line
    return lines[0] if lines else ''


def table(target, names):
    """{verdict: [tests]}; one comment for each test that did not pass."""
    # Tests of several nexuses want a second path to the same disk.
    urls = [url(target), url(target)]
    results = collections.defaultdict(list)
    for name in names:
        got, out = run_test(name, urls)
        results[got].append(name)
        if got != 'PASS':
            note('%-8s %s: %s' % (got, name, why(out)))
    note('  '.join('%s %d' % (key, len(results[key]))
                   for key in ('PASS', 'FAIL', 'SKIP', 'TIMEOUT', 'CRASH')))
    return results


def none_bad(results):
    bad = results['FAIL'] + results['TIMEOUT'] + results['CRASH']
    check(not bad, 'failed: %s' % ' '.join(bad))


def export(device):
    target = Target()
    target.add(0, device)
    serve()
    return target


def judge(device, enough):
    results = table(export(device), tests(device))
    none_bad(results)
    skipped = [name for name in results['SKIP']
               if name.startswith(FAMILY + '.iSCSI')]
    check(not skipped, 'tests of iSCSI skipped: %s' % ' '.join(skipped))
    check(len(results['PASS']) >= enough,
          'only %d tests passed' % len(results['PASS']))
    return results


def judge_read_only(device):
    names = [name for name in tests(device) if not WRITE.match(name)]
    results = table(export(device), names)
    none_bad(results)
    check('ALL.ReadOnly.ReadOnlySBC' in results['PASS'], 'ReadOnlySBC')


def on_file(enough=0, **attributes):
    return judge(fileio(size=SIZE, **attributes), enough)


def with_everything(**attributes):
    skipped = on_file(**attributes)['SKIP']
    equal(sorted(skipped), sorted(SKIPPED), 'what is skipped')
    check(len(skipped) <= MOST_SKIPPED, '%d are skipped' % len(skipped))


def on_device(enough=0, **attributes):
    with loop_device(SIZE) as store:
        judge(blockio(store, **attributes), enough)


def on_file_read_only(**attributes):
    judge_read_only(fileio(size=SIZE, read_only=1, **attributes))


def on_device_read_only(**attributes):
    with loop_device(SIZE) as store:
        judge_read_only(blockio(store, read_only=1, **attributes))


def on_null(enough=0, **attributes):
    judge(nullio(size_mb=SIZE >> 20, **attributes), enough)


def on_null_read_only(**attributes):
    judge_read_only(nullio(size_mb=SIZE >> 20, read_only=1, **attributes))


@case('WRITE ATOMIC, which needs a store that guarantees it')
def write_atomic():
    with atomic_disk() as store:
        target = Target()
        target.add(0, blockio(store))
        serve()
        results = table(target, ['ALL.WriteAtomic16.' + name for name in (
            'Simple', 'BeyondEol', 'ZeroBlocks', 'WriteProtect', 'DpoFua',
            'VPD')])
        equal(len(results['PASS']), 6, 'tests that passed')


def slow_sanitize():
    """50 ms for each of 1,024 writes: the test comes back after four seconds,
    and then waits a minute."""
    with loop_device(SIZE) as store, Mapped(delayed(store, 50)) as slow:
        target = export(blockio(slow.path))
        got, out = run_test(SLOW_SANITIZE, [url(target)], 3 * LIMIT)
        equal(got, 'PASS', 'verdict of\n%s\n' % out)


if LONG:
    case('SANITIZE goes on after resets, on a store that takes its time')(
        slow_sanitize)


# {name: (store, attributes)}: those that the others are variations of first
DISKS = {
    'vdisk_fileio, with all that there is': (with_everything, {
        'thin_provisioned': 1, 'removable': 1, 'enough': ENOUGH}),
    'vdisk_blockio, 4096': (on_device, {'blocksize': 4096}),
}
THIN, BLOCK_4096, REMOVABLE = (
    {'thin_provisioned': 1}, {'blocksize': 4096}, {'removable': 1})
MORE_DISKS = {
    'vdisk_fileio': (on_file, {}),
    'vdisk_fileio, 4096, thin': (on_file, {**BLOCK_4096, **THIN}),
    'vdisk_fileio, 4096': (on_file, BLOCK_4096),
    'vdisk_fileio, 4096, removable': (on_file, {**BLOCK_4096, **REMOVABLE}),
    'vdisk_fileio, thin': (on_file, THIN),
    'vdisk_fileio, read-only': (on_file_read_only, THIN),
    'vdisk_fileio, 4096, read-only': (on_file_read_only,
                                      {**BLOCK_4096, **THIN}),
    'vdisk_blockio, thin': (on_device, THIN),
    'vdisk_blockio, 4096, thin': (on_device, {**BLOCK_4096, **THIN}),
    'vdisk_blockio': (on_device, {}),
    'vdisk_blockio, removable': (on_device, REMOVABLE),
    'vdisk_blockio, 4096, removable': (on_device,
                                       {**BLOCK_4096, **REMOVABLE}),
    'vdisk_blockio, read-only': (on_device_read_only, THIN),
    'vdisk_blockio, 4096, read-only': (on_device_read_only,
                                       {**BLOCK_4096, **THIN}),
    'vdisk_nullio': (on_null, {}),
    'vdisk_nullio, 4096': (on_null, BLOCK_4096),
    'vdisk_nullio, thin': (on_null, THIN),
    'vdisk_nullio, removable': (on_null, REMOVABLE),
    'vdisk_nullio, 4096, removable': (on_null, {**BLOCK_4096, **REMOVABLE}),
    'vdisk_nullio, read-only': (on_null_read_only, THIN),
    'vdisk_nullio, 4096, read-only': (on_null_read_only,
                                      {**BLOCK_4096, **THIN}),
}


def add_cases(disks):
    for name, (store, attributes) in disks.items():
        case(name)(functools.partial(store, **attributes))


add_cases({**DISKS, **MORE_DISKS} if LONG else DISKS)


if __name__ == '__main__':
    main()
