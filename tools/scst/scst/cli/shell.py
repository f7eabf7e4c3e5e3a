# SPDX-License-Identifier: GPL-2.0
"""The shell: lines and words become commands of nodes.

configshell's own parser leaves out, without a word, what it does not
understand, and knows no quotes. So it only serves completion; what is executed
is split as a shell does it.
"""
import inspect
import re
import shlex

from configshell_fb import ConfigShell, ExecutionError
from configshell_fb.node import ConfigNode
# After configshell, which keeps it from writing to what is no terminal
import readline

from scst import errors
from scst.cli import render
from scst.tree import ScstError

KEYWORD = re.compile(r'([A-Za-z_][\w/-]*)=(.*)', re.DOTALL)
# Where passwords are words of a line
ACCOUNTS = re.compile(r'/auth/(?:incoming|outgoing)(?:/|$)')
# Output for programs, and the commands that have it
FORMS = {'json': ('ls', 'get', 'info', 'status', 'users', 'sessions',
                 'stats', 'top', 'diff'),
         'prometheus': ('stats',)}


class Shell(ConfigShell):
    """home: the directory that keeps the history and preferences, or None."""

    def __init__(self, home=None):
        super().__init__(home)
        # Initiators' names have # where they are by portal; it ends no word.
        readline.set_completer_delims(
            readline.get_completer_delims().replace('#', ''))
        self.form = None
        self._seen = {}
        # Each call would read source files to find out who calls.
        self.log.debug = lambda message: None
        # configshell would log all lines there, passwords too.
        self.prefs['logfile'] = ''

    def run_cmdline(self, cmdline):
        if cmdline.startswith('#'):
            return
        if '\0' in cmdline:
            raise ExecutionError('That line has a NUL byte.')
        try:
            words = shlex.split(cmdline)
        except ValueError as error:
            self._forget_secret(cmdline.split())
            raise ExecutionError('That line has %s.' %
                                 str(error).lower()) from None
        self.run_words(words)

    def run_words(self, words):
        """Execute one command. Whatever is wrong is an ExecutionError."""
        self._seen = {}
        self._go_up()
        words = self._take_form(list(words))
        if not words:
            return
        self._forget_secret(words)
        try:
            path, command, words = self._split(words)
            if self.form and command not in FORMS[self.form]:
                raise ExecutionError('%s has no --%s; these have: %s.' % (
                    command, self.form, ', '.join(FORMS[self.form])))
            for target in self._targets(path, command):
                self._run(target, command, words)
        except ScstError as error:
            raise ExecutionError(render.plain(errors.sentence(error))) from None

    def _take_form(self, words):
        self.form = None
        for form in FORMS:
            if '--' + form in words:
                words.remove('--' + form)
                self.form = form
        return words

    def _split(self, words):
        """(path, command, parameters)"""
        path = ''
        if self._is_path(words[0]):
            path = words.pop(0)
        command = words.pop(0) if words else 'ls' if path[-1:] == '*' else 'cd'
        if command == 'cd' and path and not words:
            words = ['.']
        return path, command, words

    def _is_path(self, word):
        if '/' in word or word in ('.', '..', '*') or word.startswith('@'):
            return True
        if not word:
            return False
        here = self._current_node
        return word not in here.list_commands() and \
            word not in self._root_node.list_commands() and here.has_child(word)

    def _targets(self, path, command):
        """The nodes to run the command at. What a node does not have, the root
        may: sessions, top."""
        every = path == '*' or path.endswith('/*')
        try:
            target = self._current_node.get_node(path[:-1] if every else path)
        except ValueError as error:
            raise ExecutionError(str(error)) from None
        if every:
            return list(target.children)
        if not path and command not in target.list_commands():
            target = self._root_node
        return [target]

    def _run(self, target, command, words):
        if command not in target.list_commands():
            raise ExecutionError('There is no command %s at %s; `help` lists '
                                 'those that there are.' %
                                 (command, target.path))
        values, keywords = parameters(
            target.get_command_method(command), words)
        result = target.execute_command(command, values, keywords)
        if isinstance(result, ConfigNode):
            self._current_node = result
        elif result == 'EXIT':
            self._exit = True

    def once(self, function):
        """What function() gives, called once for the command that is run."""
        if function not in self._seen:
            self._seen[function] = function()
        return self._seen[function]

    def _forget_secret(self, words):
        """A line that may have a password is not for the history, whether it
        can be executed or not."""
        here = self._current_node.path
        account = any(ACCOUNTS.search(here + '/' + word) for word in words)
        length = readline.get_current_history_length()
        if length and (account and len(words) > 2 or
                       any('password=' in word for word in words)):
            readline.remove_history_item(length - 1)

    def _go_up(self):
        """Where we are may have gone meanwhile."""
        while not self._current_node.there():
            self._current_node = self._current_node.parent

    def _get_prompt(self):
        self._go_up()
        return super()._get_prompt()

    def run_lines(self, lines):
        """A script: ends with the first line that fails."""
        for number, line in enumerate(lines, 1):
            try:
                self.run_cmdline(line.strip())
            except ExecutionError as error:
                raise ExecutionError('line %d: %s' % (number, error)) from None
            if self._exit:
                break

class Terminal(Shell):
    """A person's: what is wrong is said, and the next line is asked for."""

    def run_cmdline(self, cmdline):
        try:
            super().run_cmdline(cmdline)
        except ExecutionError as error:
            self.log.error(render.lines(str(error)))


def parameters(method, words):
    """(positional, keyword) parameters of a command. If it takes only those
    that it names, another NAME=VALUE is a word: passwords may look like that.
    """
    spec = inspect.getfullargspec(method)
    free = spec.varargs or spec.varkw
    values, keywords = [], {}
    for word in words:
        found = KEYWORD.fullmatch(word)
        if not found or not free and found[1] not in spec.args:
            values.append(word)
        elif found[1] in keywords or found[1] == 'self':
            raise ExecutionError('%s= cannot be given here, or not twice.' %
                                 found[1])
        else:
            keywords[found[1]] = found[2]
    return values, keywords
