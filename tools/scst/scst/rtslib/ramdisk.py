# SPDX-License-Identifier: GPL-2.0
"""What a ramdisk keeps its data in: a file on a tmpfs of its own, which
vdisk_fileio serves as any other. It is root's alone, and never swapped out, as
LIO's memory is not.
"""
import os
import subprocess

from scst.rtslib.utils import RTSLibError, ignored

WHERE = '/run/scst/ramdisk'
PAGE = os.sysconf('SC_PAGE_SIZE')


def path_of(name):
    """The file of the storage object of this name."""
    return os.path.join(WHERE, name)


def holds(path):
    """Is this the file of a ramdisk?"""
    return os.path.dirname(path) == WHERE


def whole_pages(size):
    """LIO's come in pages, too."""
    return -(-size // PAGE) * PAGE


def _refuse(size, why):
    raise RTSLibError(
        'A ramdisk of %d bytes: %s. All of them together have half of the '
        'memory at most.' % (size, why)) from None


def _available():
    with open('/proc/meminfo', encoding='ascii') as info:
        return next(int(line.split()[1]) << 10 for line in info
                    if line.startswith('MemAvailable:'))


def _mount():
    os.makedirs(WHERE, mode=0o700, exist_ok=True)
    if os.path.ismount(WHERE):
        return
    done = subprocess.run(
        ['mount', '-t', 'tmpfs', '-o', 'mode=0700,nosuid,nodev,noexec,noswap',
         'scst-ramdisk', WHERE], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RTSLibError('No memory for ramdisks: %s' % done.stderr.strip())


def _allocate(path, size):
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.posix_fallocate(file, 0, size)
    except BaseException:
        os.unlink(path)
        raise
    finally:
        os.close(file)


def create(name, size):
    """All of the memory is taken at once: a ramdisk that is there can be
    written to. What is left of one that others deleted goes."""
    # The kernel would rather kill somebody than say no.
    if size > _available():
        _refuse(size, 'there is not so much memory')
    try:
        _mount()
        remove(name)
        _allocate(path_of(name), size)
    except OSError as error:
        _refuse(size, error.strerror)


def remove(name):
    """Give its memory back."""
    with ignored(FileNotFoundError):
        os.unlink(path_of(name))
