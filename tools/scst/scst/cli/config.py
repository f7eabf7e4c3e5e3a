# SPDX-License-Identifier: GPL-2.0
"""Commands of the root of scstcli: those about the whole configuration."""
import json
import sys

from configshell_fb import ExecutionError

from scst import config
from scst import config_file as files
from scst import config_import, config_show
from scst.cli import complete, render
from scst.config_file import ConfigError


def _counted(number, what):
    return '%d %s%s' % (number, what, '' if number == 1 else 's')


def _say(text):
    """Not among what a command prints for others to read."""
    print(render.plain(text), file=sys.stderr)


def save(file, secrets):
    new, remarks = config.save(file, secrets)
    for remark in remarks:
        _say(remark)
    print('The configuration is saved in %s.' % file if new else
          '%s has this configuration already.' % file)


def _conclude(outcome):
    """Prints what was done; an error if not all of it was."""
    for remark in outcome.remarks:
        _say(remark)
    for why in outcome.failed.values():
        _say(why)
    print(_counted(outcome.steps, 'step') + '.')
    if outcome.failed:
        raise ConfigError('%s could not be changed; all the rest is done.' %
                          _counted(len(outcome.failed), 'object'))


def restore(file, secrets):
    _conclude(config.apply(files.load(file), secrets))


def clear(secrets):
    _conclude(config.clear(secrets))


def diff(file, secrets, form):
    plan = config.compare(files.load(file), secrets)
    for remark in plan.remarks:
        _say(remark)
    if form == 'json':
        print(json.dumps(config_show.data(plan.changes), indent=2))
        return
    for line in config_show.lines(plan.changes, secrets):
        print(line)


def import_file(file, secrets, dry_run):
    tree, remarks = config_import.convert(file)
    for remark in remarks:
        _say(remark)
    found = files.take_secrets(tree)
    if dry_run:
        print(files.encode({'version': files.VERSION, 'tree': tree}), end='')
        return
    if found:
        files.save_secrets(secrets, files.load_secrets(secrets) | found)
    _conclude(config.apply(tree, secrets))


class ConfigCommands:
    """For the root of a tree of configshell."""

    @staticmethod
    def _run(function, *arguments):
        try:
            function(*arguments)
        except ConfigError as error:
            raise ExecutionError(str(error)) from None

    @staticmethod
    def _complete(parameters, text, current):
        del parameters
        return complete.files(text) if current in ('file', 'secrets') else []

    ui_complete_saveconfig = ui_complete_restoreconfig = _complete
    ui_complete_diff = ui_complete_import = _complete

    def ui_command_saveconfig(self, file=files.DEFAULT, secrets=files.SECRETS):
        '''
        Saves the configuration in a file, by default
        /etc/scst/saveconfig.json. The file before it is kept in the directory
        backup beside it. Passwords are not in it, but references to the file
        of secrets.
        '''
        self._run(save, file, secrets)

    def ui_command_restoreconfig(self, file=files.DEFAULT,
                                 secrets=files.SECRETS):
        '''
        Makes the configuration that of a file. Only what is different is
        changed: sessions stay unless it is their target that changes.
        '''
        self._run(restore, file, secrets)

    def ui_command_clearconfig(self, confirm=None, secrets=files.SECRETS):
        '''
        Removes all devices, targets, groups, portals and accounts. It wants
        to be told confirm=true.
        '''
        if confirm not in ('true', 'True', '1', 'yes'):
            raise ExecutionError('This removes everything that is configured. '
                                 'If that is what you want, say '
                                 '"clearconfig confirm=true".')
        self._run(clear, secrets)

    def ui_command_diff(self, file=files.DEFAULT, secrets=files.SECRETS):
        '''
        Prints what restoreconfig would do, as lines for a shell; nothing if
        there is no difference. With --json it is a list of steps.
        '''
        self._run(diff, file, secrets, self.shell.form)

    def ui_command_import(self, file, dry_run=None, secrets=files.SECRETS):
        '''
        Reads an scst.conf of scstadmin, or a saveconfig.json of targetcli,
        and makes it the configuration. With --dry-run it is only printed, in
        the form that saveconfig writes.
        '''
        known = {None: False, '--dry-run': True, 'true': True, 'false': False}
        if dry_run not in known:
            raise ExecutionError('%s is nothing that import knows: it takes a '
                                 'file and --dry-run.' % dry_run)
        self._run(import_file, file, secrets, known[dry_run])
