# SPDX-License-Identifier: GPL-2.0
"""What the tests of scstcli share: running it, and its library."""
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile

import pexpect
from lib import ROOT, SCRATCH, SLOW, check, equal, read

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     '../../../scst')
PROGRAM = sys.executable, os.path.join(TOOLS, 'scstcli')
sys.path.insert(0, TOOLS)
sys.dont_write_bytecode = True
# configshell asks the terminal where the cursor is.
WHERE = '\x1b[6n'
COLORS = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]')
ENVIRONMENT = {**os.environ, 'COLUMNS': '80',
               'PYTHONPYCACHEPREFIX': os.path.join(SCRATCH, 'pycache')}


def start(*words, lines=None, output=None):
    with contextlib.ExitStack() as stack:
        to = stack.enter_context(open(output, 'wb')) if output \
            else subprocess.PIPE
        return subprocess.run([*PROGRAM, *words], input=lines or '', text=True,
                              stdout=to, stderr=subprocess.PIPE,
                              timeout=50 * SLOW, check=False, env=ENVIRONMENT)


def cli(*words, lines=None):
    """What scstcli prints; it must not fail. lines: a script for it."""
    done = start(*words, lines=lines)
    check(done.returncode == 0, 'scstcli %s: status %d\n%s%s' % (
        ' '.join(words), done.returncode, done.stdout, done.stderr))
    return done.stdout


def several(*lines):
    """What each line of a script gives, as JSON."""
    text = cli(lines=''.join(line + ' --json\n' for line in lines))
    found, decoder = [], json.JSONDecoder()
    while text.strip():
        one, end = decoder.raw_decode(text)
        found.append(one)
        text = text[end:].lstrip()
    return found


def refused(*words, lines=None, output=None):
    """What scstcli says when it fails: one sentence or two, no traceback."""
    done = start(*words, lines=lines, output=output)
    said = done.stderr
    equal(done.returncode, 1, 'status of scstcli %s\n%s' %
          (' '.join(words), (done.stdout or '') + said))
    check('Traceback' not in said and said.count('\n') == 1, said)
    return said


def configfs(path=''):
    """A directory of configfs as JSON has it."""
    found = {}
    full = os.path.join(ROOT, path)
    for entry in os.scandir(full):
        if entry.is_symlink():
            to = os.path.relpath(os.path.realpath(entry.path), ROOT)
            found[entry.name] = {'link': to}
        elif entry.is_dir():
            found[entry.name] = configfs(os.path.join(path, entry.name))
        elif entry.stat().st_mode & 0o444 and entry.name != 'state':
            found[entry.name] = read(entry.path)
        elif entry.name == 'state' and 'target_groups' in path:
            found[entry.name] = read(entry.path)
    return found


class Shell:
    """scstcli at a terminal of its own."""

    def __enter__(self):
        # Without the last one's history, and where it was
        self.home = tempfile.mkdtemp(dir=SCRATCH)
        self.child = pexpect.spawn(
            PROGRAM[0], [PROGRAM[1]], timeout=60 * SLOW,
            dimensions=(50, 200), encoding='utf-8',
            env={**ENVIRONMENT, 'SCSTCLI_HOME': self.home, 'TERM': 'xterm'})
        self.child.delaybeforesend = None
        self.prompt('/')
        return self

    def __exit__(self, *_):
        self.child.close(force=True)

    def prompt(self, path):
        self.child.expect_exact('%s> ' % path)
        return COLORS.sub('', self.child.before)

    def __call__(self, line, path='/'):
        """What a line prints, until the prompt of path is there."""
        self.child.send(line + '\r')
        self.child.expect_exact('\r\n')
        return self.prompt(path).replace('\r', '')

    def anywhere(self, line):
        """The lines that it prints, wherever we are then."""
        self.child.send(line + '\r')
        self.child.expect_exact('\r\n')
        self.child.expect(r'(?:^|\n)(?:\x1b\[[0-9;?]*[A-Za-z])*/\S*> $')
        return COLORS.sub('', self.child.before).replace('\r', '').splitlines()

    def complete(self, text, whole):
        """One TAB makes this text that line. The line is thrown away."""
        self.child.send(text + '\t')
        self.child.expect_exact(whole)
        self.discard()

    def choices(self, text, *words):
        """Two TABs show these words, and perhaps more."""
        self.child.send(text + '\t\t')
        self.child.expect_exact(WHERE)
        self.child.send('\x1b[10;10R')
        self.child.expect_exact(WHERE)
        shown = COLORS.sub('', self.child.before)
        self.child.send('\x1b[10;10R')
        # It throws away what is typed before it has gone there.
        self.child.expect_exact('\x1b[10;10H')
        for word in words:
            check(re.search(r'(^|\s)%s(\s|$)' % re.escape(word), shown, re.M),
                  '%r does not show %r:\n%s' % (text, word, shown))
        self.discard()

    def discard(self):
        # Not ^C: whether that interrupts a TAB depends on timing.
        self.child.send('\x05\x15\r')
        self.child.expect_exact('> ')

    def exit(self):
        self.child.send('exit\r')
        self.child.expect(pexpect.EOF)
        self.child.close()
        equal(self.child.exitstatus, 0, 'exit status')


@contextlib.contextmanager
def shell():
    with Shell() as one:
        yield one
        one.exit()
