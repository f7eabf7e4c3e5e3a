# SPDX-License-Identifier: GPL-2.0
"""Applying changes to the kernel: all or nothing for each of them.

When a step is refused, what its change has done so far is undone, the rest of
the changes go on, except those that cannot do without it.
"""
import contextlib
import errno
import subprocess
import time

from scst import config_schema as schema
from scst import errors, objects
from scst.config_change import Change, Password, Step
from scst.tree import ScstError

# Seconds until what is ending must have ended
PATIENCE = 20

# Without them, somebody could come in who must not
GUARDS = ('account', 'pattern', 'ini_group', 'initiator', 'target', 'portal')


class Applier:
    """failed: {path of an object: why it is not as it should be}"""

    def __init__(self, node):
        self.node = node
        self.failed = {}
        self.steps = 0

    def run(self, changes):
        for change in changes:
            self.steps += sum(not step.again for step in self._change(change))

    def _change(self, change):
        """The steps done, to be undone if need be."""
        done = []
        if self._is_back(change):
            return done
        why = self._blocked(change)
        if why:
            # What stands in for a group that has failed is not there to go.
            if (self.node / change.path).exists() or not _takes(change):
                self.failed.setdefault(change.path, why)
            return done
        try:
            for step in change.steps:
                if isinstance(step, Change):
                    done += self._change(step)
                elif self._patiently(step):
                    done.append(step)
        except ScstError as error:
            if change.really and _within(error.path, change.really):
                # Nobody has heard of that, and it is going.
                error.path = change.path + error.path[len(change.really):]
            self.failed[change.path] = sentence(error)
            self._undo(change, done)
            return []
        return done

    def _stale(self, luns):
        """What has failed, so that a LUN there is, or shows, what it was."""
        node = self.node / luns
        for lun in node.children() if node.exists() else ():
            for thing in (lun, *lun.links().values()):
                if thing.path in self.failed:
                    yield thing.path

    def _shown(self, change):
        """Devices that a LUN is to show for the first time, or again"""
        return [step for step in change.steps
                if isinstance(step, Step) and step.operation == 'link' and
                '/luns/' in step.path and not _within(step.value, change.path)]

    def _is_back(self, change):
        """Has undoing the change of a device put back all its LUN is to have?"""
        return bool(change.steps) and change.steps == self._shown(change) and \
            all(step.value in self.failed and (self.node / step.path).exists()
                for step in change.steps)

    def _blocked(self, change):
        """Why it cannot be begun; nothing if it can."""
        for path in _above(change.path):
            if path in self.failed and not (self.node / path).exists():
                return '%s was left out, because there is no %s.' % (
                    change.path, path)
        why = [path for path in self.failed if _keeps_out(path) and
               any(_within(path, guard) for guard in change.guard)]
        if self.failed and not why:
            why += [path for luns in change.after for path in self._stale(luns)]
            # It may not have the contents that it was to have.
            why += [step.value for step in self._shown(change)
                    if step.value in self.failed and
                    (self.node / step.value).exists()]
        return '%s stays %s, because %s has failed.' % (
            change.path, _how(change), why[0]) if why else None

    def _patiently(self, step):
        """Was there something to do?"""
        deadline = None
        while True:
            try:
                self._step(step)
                return True
            except ScstError as error:
                if error.errno == errno.ENOENT and step.absent or \
                        error.errno == errno.EEXIST and step.present:
                    return False
                if error.errno != errno.EBUSY or not step.patient:
                    raise
                if deadline is None:
                    # A link that another change has left does not end.
                    if objects.users(self.node / step.path):
                        raise
                    deadline = time.monotonic() + PATIENCE
                elif time.monotonic() > deadline:
                    raise
            time.sleep(0.01)

    def _step(self, step):
        where = self.node / step.path
        if step.operation == 'mkdir':
            where.mkdir()
        elif step.operation == 'rmdir':
            where.rmdir()
        elif step.operation == 'write':
            self._write(where, step.value)
        elif step.operation == 'link':
            where.parent.link(self.node / step.value, where.name)
        elif step.operation == 'unlink':
            where.parent.unlink(where.name)
        else:
            # If it fails, its directory is missing, and that is said then.
            with contextlib.suppress(FileNotFoundError):
                subprocess.run(['modprobe', step.path], check=False)

    @staticmethod
    def _write(where, value):
        if isinstance(value, Password):
            if value.text is None:
                raise ScstError(OSError(errno.ENOKEY, ''), 'write', where.path,
                                value.name)
            value = value.text
        # Nothing at all would not reach the kernel.
        where.parent.set(where.name, value or '\n')

    def _undo(self, change, done):
        """All that can be: what cannot does not keep the rest from it. But
        what lacks something is not enabled, and what stands in for something
        that is not back stays: without any account, all could log in."""
        said, wrong = [], []
        for inverse in (inverse for step in reversed(done)
                        for inverse in _inverse(step)):
            owner, _, name = inverse.path.rpartition('/')
            if any(lost.operation == 'mkdir' and
                   _within(inverse.path, lost.path) for lost in wrong):
                continue
            if name == 'enabled' and inverse.value != '0' and \
                    any(_within(step.path, owner) for step in wrong):
                said.append('%s stays disabled.' % owner)
                continue
            if inverse.operation == 'rmdir' and _lacks(owner, wrong):
                said.append('%s stays in its place.' % inverse.path)
                continue
            try:
                self._patiently(inverse)
            except ScstError as error:
                said.append(sentence(error))
                wrong.append(inverse)
        if said:
            self.failed[change.path] += \
                ' What it was could not be put back: ' + ' '.join(said)


def _keeps_out(path):
    """Does it, or is a target not to be enabled without it?"""
    return path.endswith('/rel_tgt_id') or \
        schema.kind_of(path).name in GUARDS and '/auth/outgoing/' not in path


def _above(path):
    """The directories that a directory is in."""
    while '/' in path:
        path = path.rpartition('/')[0]
        yield path


def _how(change):
    """What it stays without its steps."""
    enables = any(step.path == change.path + '/enabled'
                  for step in change.steps)
    return 'disabled' if enables else 'as it is'


def _takes(change):
    """Is it only about what goes?"""
    return all(step.operation in ('rmdir', 'unlink') for step in change.flat())


def _within(path, outer):
    return (path + '/').startswith(outer + '/')


def _lacks(directory, wrong):
    """Is there something that could not be made in it again?"""
    return any(lost.operation == 'mkdir' and
               lost.path.rpartition('/')[0] == directory for lost in wrong)


def _inverse(step):
    """The steps that undo a step."""
    if step.operation == 'mkdir':
        yield Step('rmdir', step.path, patient=True)
    elif step.operation == 'rmdir':
        yield Step('mkdir', step.path)
        # enabled comes last.
        for name, value in sorted(step.before.items(),
                                  key=lambda item: item[0] == 'enabled'):
            if isinstance(value, (str, Password)):
                yield Step('write', step.path + '/' + name, value, patient=True)
    elif step.operation == 'write' and isinstance(step.before, str):
        yield Step('write', step.path, step.before, patient=True)
    elif step.operation == 'link':
        yield Step('unlink', step.path)
    elif step.operation == 'unlink':
        yield Step('link', step.path, step.value)


def sentence(error):
    """What was refused, why, and what to do about it."""
    if error.errno == errno.ENOKEY:
        return 'The password %s is not known: the file of secrets has no ' \
            '"%s".' % (error.path, error.value)
    return errors.sentence(error)
