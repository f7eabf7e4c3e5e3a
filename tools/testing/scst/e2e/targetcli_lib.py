# SPDX-License-Identifier: GPL-2.0
"""targetcli on LIO or on SCST, as tests use it."""
import glob
import os
import re
import subprocess
import time

import lib
from lib import (ROOT, SCRATCH, SLOW, check, note, probed, read, run,
                 wait_for)
from targetcli_commands import ALICE, BOB, IQN, NAA, commands, comparable

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.join(HERE, '../../../scst')
LIO = ('targetcli',)
SCSTCLI = os.path.join(TOOLS, 'scstcli')
SCST = (('python3', SCSTCLI, '--targetcli') if os.path.exists(SCSTCLI) else
        ('python3', '-m', 'scst.targetcli'))
PROMPT = re.compile(r'(?:^|\n)/> $')
TARGET = '%s/targets/iscsi/%s' % (ROOT, IQN)

# targetcli and rtslib keep files below /etc: an empty one, in a mount
# namespace of its own. What is mounted below /run everybody has.
SHELL = ('mount --make-private / && mount --bind "$1" /etc && '
         'cd / && shift && exec "$@"')


# For each line of its log that nobody wants to see configshell has Python look
# for the source files of all callers; most of the time would go there.
CUSTOM = '''import inspect
inspect.getsourcefile = lambda _: None
'''


def scanned(session):
    """Has its host found the LUNs?"""
    host = read(session + '/host')
    found = glob.glob('/sys/class/scsi_host/%s/device/target*/*:*' % host)
    return len(found) >= len(os.listdir(session + '/../../luns'))


def disks_of_loopbacks():
    """One that sd has not found is None."""
    for host in glob.glob('/sys/class/scsi_host/host*'):
        if read(host + '/proc_name') in ('scst_local', 'tcm_loopback'):
            for device in glob.glob(host + '/device/target*/*:*:*:*'):
                names = glob.glob(device + '/block/*')
                yield '/dev/' + os.path.basename(names[0]) if names else None


def disks_are_ready():
    """sd has looked at the disks of loopbacks: it complains of those that go
    meanwhile."""
    try:
        return (all(map(scanned, glob.glob(
                    ROOT + '/targets/scst_local/*/sessions/*'))) and
                all(disk and probed(disk) for disk in disks_of_loopbacks()))
    except OSError:     # something goes just now
        return False


class Machine:
    """Where one of the two is configured, by one process of targetcli's shell
    that is asked and answers."""

    def __init__(self, program):
        self.program = program
        self.name = 'LIO' if program is LIO else 'SCST'
        self.dir = os.path.join(SCRATCH, self.name)
        for path in ('etc/rtslib-fb-target', 'etc/target', 'saved', 'home'):
            os.makedirs(os.path.join(self.dir, path), exist_ok=True)
        self.loop = run('losetup', '-f', '--show', lib.file_of(
            32 << 20, 'loop-' + self.name)).strip()
        self.names = {'dir': self.dir, 'loop': self.loop, 'iqn': IQN,
                      'naa': NAA, 'alice': ALICE, 'bob': BOB}
        os.makedirs(SCRATCH + '/custom', exist_ok=True)
        lib.write(SCRATCH + '/custom/sitecustomize.py', CUSTOM)
        self.env = dict(os.environ, LC_ALL='C.UTF-8',
                        PYTHONPATH=SCRATCH + '/custom:' + TOOLS,
                        TARGETCLI_HOME=os.path.join(self.dir, 'home'),
                        PYTHONUNBUFFERED='1',
                        PYTHONPYCACHEPREFIX=os.path.join(SCRATCH, 'cache'))
        run('mount', '--make-shared', '/run')
        self.shell = None

    def start(self):
        self.shell = subprocess.Popen(
            self.command(), env=self.env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.hear()

    def stop(self):
        """targetcli lets nobody else run as long as its shell is there."""
        if self.shell:
            self.shell.communicate(b'exit\n', timeout=50 * SLOW)
            self.shell = None

    def command(self, *arguments):
        return ('unshare', '-m', '--propagation', 'unchanged', 'sh', '-c',
                SHELL, 'sh', self.dir + '/etc', *self.program, *arguments)

    def run(self, *arguments):
        """(exit status, output) of a command from the shell's command line"""
        self.stop()
        done = subprocess.run(
            self.command(*arguments), env=self.env, text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=50 * SLOW)
        return done.returncode, self.neutral(done.stdout)

    def hear(self):
        """All up to the next prompt."""
        said = ''
        while not PROMPT.search(said):
            data = os.read(self.shell.stdout.fileno(), 65536)
            check(data, '%s has ended:\n%s' % (self.program, said))
            said += data.decode()
        return PROMPT.sub('', said).strip('\n')

    def ask(self, line):
        if not self.shell:
            self.start()
        self.shell.stdin.write((line % self.names + '\n').encode())
        self.shell.stdin.flush()
        said = self.hear()
        wait_for(disks_are_ready, 'sd')
        return self.neutral(said)

    def neutral(self, text):
        """Without what is this machine's own."""
        return text.replace(self.dir, 'DIR').replace(self.loop, 'LOOP')

    def batch(self, table):
        """Commands of a table, each with its answer."""
        start = time.monotonic()
        found = [(command, comparable(command, self.ask(command.text)))
                 for command in commands(table)]
        if len(found) > 20:
            note('%s: %d commands in %.1f s' % (
                self.name, len(found), time.monotonic() - start))
        return found

    def take(self, other, name):
        """A saved configuration of another one, with our files in it."""
        text = read('%s/saved/%s.json' % (other.dir, name))
        text = text.replace(other.dir, self.dir).replace(other.loop, self.loop)
        lib.write('%s/saved/%s.json' % (self.dir, name), text)

    def done(self):
        self.ask('clearconfig confirm=true')
        self.stop()
        run('losetup', '-d', self.loop)


SETUP = '''
set global auto_save_on_exit=false
/backstores/fileio create f0 %(dir)s/f0.img 8M
/backstores/fileio create f1 %(dir)s/f1.img 8M
/iscsi create %(iqn)s
/iscsi/%(iqn)s/tpg1/luns create /backstores/fileio/f0
/iscsi/%(iqn)s/tpg1/luns create /backstores/fileio/f1
/iscsi/%(iqn)s/tpg1/acls create %(alice)s
/iscsi/%(iqn)s/tpg1/acls/%(alice)s delete 1
'''
