#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What the documentation shows happens; what there is, it describes."""
import os
import re
import subprocess

from lib import (ROOT, Skip, Target, blockio, case, check, equal, fileio, load_modules,
                 main, nullio)

BOOK = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    '../../../../Documentation')
DONE = '--- done'


def page(name):
    path = os.path.join(BOOK, name)
    if not os.path.exists(path):
        raise Skip('no ' + path)
    with open(path, encoding='utf-8') as file:
        return file.read()


def examples(text):
    """(command, lines that it prints), from blocks of type console."""
    for block in re.findall(r'^\.\. code-block:: console\n\n((?: {3}.*\n|\n)+)',
                            text, re.M):
        command = None
        for line in block.rstrip('\n').split('\n'):
            line = line[3:]
            if line.startswith('# '):
                if command:
                    yield command, printed
                command, printed = line[2:], []
            else:
                printed.append(line)
        yield command, printed


class Shell:
    """One bash, so that variables and the directory stay."""

    def __init__(self):
        self.bash = subprocess.Popen(['bash'], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True)

    def __call__(self, command):
        """(exit status, lines printed)"""
        self.bash.stdin.write('{ %s\n} </dev/null; echo "%s $?"\n' %
                              (command, DONE))
        self.bash.stdin.flush()
        lines = []
        for line in self.bash.stdout:
            if line.startswith(DONE):
                return int(line.split()[-1]), lines
            lines.append(line.rstrip())
        raise AssertionError('the shell has ended')

    def close(self):
        self.bash.stdin.close()
        self.bash.wait()


def matches(got, want):
    """... stands for anything, as the only thing of a line for lines, too."""
    pattern = re.escape('\n'.join(w.rstrip() for w in want).rstrip('\n'))
    return re.fullmatch(pattern.replace(re.escape('...'), '.*'),
                        '\n'.join(got), re.S)


@case("the administrator's guide: each example prints what it shows")
def guide():
    os.makedirs('/var/lib/scst', exist_ok=True)
    shell = Shell()
    try:
        number = 0
        for number, (command, want) in enumerate(examples(
                page('scst/admin-guide.rst')), 1):
            status, got = shell(command)
            check(matches(got, want), '%s prints\n%s\nnot\n%s' %
                  (command, '\n'.join(got), '\n'.join(want)))
            check(want or not status, '%s: status %d' % (command, status))
        check(number > 50, 'only %d examples were found' % number)
    finally:
        shell.close()


def placeholders(path):
    """A path of this machine as the reference writes it."""
    path = re.sub(r'(handlers)/[^/]+', r'\1/<handler>', path)
    path = re.sub(r'(<handler>)/(?!type$)[^/]+', r'\1/<device>', path)
    for parent, name in (('luns', 'lun'), ('ini_groups', 'group'),
                         ('initiators', 'name'), ('sessions', 'session')):
        path = re.sub('(%s)/[^/]+' % parent, r'\1/<%s>' % name, path)
    return re.sub('targets/scst_local/[^/]+', 'targets/scst_local/<target>',
                  path)


def documented():
    """The reference's entries; what all fabrics have, as scst_local's."""
    return {what.replace('<fabric>', 'scst_local') for what in
            re.findall(r'^What:\s+(\S+)', page('ABI/testing/configfs-scst'),
                       re.M)}


@case('the reference describes each attribute that there is, and no other')
def reference():
    load_modules()  # the guide has removed them
    devices = [fileio(), nullio(), blockio('/dev/null', enable=False)]
    target = Target()
    target.add(0, devices[0])
    target.group('g', 'x').add(0, devices[1])
    target.login()
    there = {placeholders(os.path.join(where, name))
             for where, _, names in os.walk(ROOT) for name in names}
    entries = documented()
    equal(sorted(there - entries), [], 'what is not documented')
    missing = sorted(entry for entry in entries - there
                     if not any(t.startswith(entry + '/') for t in there) and
                     not entry.endswith('/<name>'))
    equal(missing, [], 'what is documented and not there')


if __name__ == '__main__':
    main()
