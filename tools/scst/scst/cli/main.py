# SPDX-License-Identifier: GPL-2.0
"""scstcli as a program: one command, a script, or a person."""
import os
import sys

from configshell_fb import ExecutionError

from scst import errors, tree
from scst.cli import render
from scst.cli.root import Root
from scst.cli.shell import Shell, Terminal

USAGE = '''\
usage: scstcli                          a shell; help lists its commands
       scstcli [PATH] COMMAND [WORD...] [NAME=VALUE...] [--json]
       scstcli <FILE                    commands, one a line, until one fails
       scstcli --targetcli [WORD...]    LIO's targetcli, on SCST
       scstcli -h | --help | --version

For example: scstcli ls
             scstcli /devices create disk1 /var/lib/scst/disk1.img size=10G
             scstcli /iscsi create
             scstcli sessions --json
'''
UNLOADED = ('diff', 'import', 'restoreconfig', 'saveconfig')
GREETING = 'scstcli of SCST %s. Type help for help, exit to leave.\n'


def main(words):
    if words and words[0] in ('-h', '--help'):
        print(USAGE, end='')
        return 0
    if words and words[0] == '--targetcli':
        # rtslib's object model, which nothing else needs
        from scst import targetcli
        return targetcli.main(words[1:])
    try:
        return _run(words)
    except ExecutionError as error:
        print(render.lines(str(error)), file=sys.stderr)
    except tree.ScstError as error:
        print(render.plain(errors.sentence(error)), file=sys.stderr)
    except OSError as error:    # what it prints can go nowhere
        if not isinstance(error, BrokenPipeError):  # not `scstcli ls | head`
            print('%s.' % error.strerror, file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 1


def home():
    """Where history and preferences are kept; nowhere, if that cannot be."""
    path = os.path.expanduser(os.environ.get('SCSTCLI_HOME', '~/.scstcli'))
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except OSError:
        return None
    return path if os.access(path, os.W_OK) else None


def _run(words):
    # Names may be any bytes.
    for file in (sys.stdin, sys.stdout):
        file.reconfigure(errors='surrogateescape')
    person = not words and sys.stdin.isatty()
    # Is it loaded? Some commands do that, or say so themselves.
    version = None if words and words[0] in UNLOADED else \
        tree.root().get('version')
    shell = Terminal(home()) if person else Shell()
    Root(shell)
    if words == ['--version']:
        print(version)
    elif words:
        shell.run_words(words)
    elif person:
        shell.con.display(GREETING % version)
        shell.run_interactive()
    else:
        shell.run_lines(sys.stdin)
    sys.stdout.flush()
    return 0
