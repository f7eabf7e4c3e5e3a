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
import re
import subprocess

from iscsi_lib import Target, main, serve, url
from lib import SLOW, blockio, case, check, fileio, loop_device, note, run

SIZE = 64 << 20
LIMIT = 30                      # seconds for a test
ENOUGH = 195                    # tests that must pass, and not be skipped
FAMILY = 'ALL'
OPTIONS = ('-d', '-S', '-v')
# Tests that no target can pass, and why. Ours for the same are named.
BROKEN = {
    # Looks at the answer before it was received, then frees what the answer
    # will be written to. iscsi_session.py: "task management".
    'ALL.iSCSITMF.LUNResetSimpleAsync',
}


def tests():
    """FAMILY.Suite.Test, without what is a family or a suite."""
    listed = run('iscsi-test-cu', '--list').split()
    return [name for name in listed if name not in BROKEN and
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


def run_test(name, urls):
    """The verdict, and what was printed."""
    command = ['iscsi-test-cu', *OPTIONS, '-t', name, *urls]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False,
                              timeout=LIMIT * SLOW)
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


def table(target):
    """{verdict: [tests]}; one comment for each test that did not pass."""
    # Tests of several nexuses want a second path to the same disk.
    urls = [url(target), url(target)]
    results = collections.defaultdict(list)
    for name in tests():
        got, out = run_test(name, urls)
        results[got].append(name)
        if got != 'PASS':
            note('%-8s %s: %s' % (got, name, why(out)))
    note('  '.join('%s %d' % (key, len(results[key]))
                   for key in ('PASS', 'FAIL', 'SKIP', 'TIMEOUT', 'CRASH')))
    return results


def judge(device):
    target = Target()
    target.add(0, device)
    serve()
    results = table(target)
    bad = results['FAIL'] + results['TIMEOUT'] + results['CRASH']
    check(not bad, 'failed: %s' % ' '.join(bad))
    skipped = [name for name in results['SKIP']
               if name.startswith(FAMILY + '.iSCSI')]
    check(not skipped, 'tests of iSCSI skipped: %s' % ' '.join(skipped))
    check(len(results['PASS']) >= ENOUGH,
          'only %d tests passed' % len(results['PASS']))


@case('vdisk_fileio')
def suite_fileio():
    judge(fileio(size=SIZE, thin_provisioned=1))


@case('vdisk_blockio')
def suite_blockio():
    with loop_device(SIZE) as store:
        judge(blockio(store, thin_provisioned=1))


if __name__ == '__main__':
    main()
