#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""Sessions that end while their disks are open; modules that go and come."""
import contextlib
import errno
import fcntl
import os
import struct
import subprocess

from lib import (LONG, Load, ROOT, SCRATCH, Skip, Stall, Target, case, check,
                 equal, fails, fileio, load_modules, main, nullio, read, run,
                 stacks, wait_for, write)
import store_lib

MODPROBE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        '../../../scst/modprobe.d')
SG_SCSI_RESET, SG_SCSI_RESET_DEVICE, SG_SCSI_RESET_HOST = 0x2284, 1, 3


def expect_sd_errors():
    write('/dev/kmsg',
          'scst-test: expect .*(I/O error|sd[a-z]|JBD2|EXT4-fs|sr[0-9]).*')


def loaded(module):
    return os.path.isdir('/sys/module/' + module)


def modular(module):
    """Is it a module, rather than built in?"""
    return os.path.exists('/sys/module/%s/initstate' % module)


@case('a session ends while its disk is open')
def open_disk():
    expect_sd_errors()
    target, device = Target(), nullio(removable=1)
    target.add(0, device)
    session = target.login()
    with open(session.disk(), 'rb', buffering=0) as disk:
        os.rmdir(session.path)
        wait_for(session.gone, 'the end of the host')
        target.delete(0, device)
        os.rmdir(target.path)
        device.disable()
        device.remove()
        with fails('EIO'):
            os.lseek(disk.fileno(), 0, os.SEEK_SET)
            if not disk.read(4096):
                raise OSError(5, 'end of file')


def reset_fails(disk, level):
    try:
        fcntl.ioctl(disk, SG_SCSI_RESET, struct.pack('i', level))
        return False
    except OSError as error:
        equal(error.errno, errno.EIO, 'errno')
        return True


@case('a session ends; whoever has its disk open asks for resets')
def reset_dead():
    expect_sd_errors()
    target = Target()
    target.add(0, nullio())
    session = target.login()
    disk = os.open(session.disk(), os.O_RDONLY | os.O_NONBLOCK)
    try:
        for level in (SG_SCSI_RESET_DEVICE, SG_SCSI_RESET_HOST):
            fcntl.ioctl(disk, SG_SCSI_RESET, struct.pack('i', level))
        session.logout()
        # The host's directory is gone before the session is.
        for level in (SG_SCSI_RESET_DEVICE, SG_SCSI_RESET_HOST):
            wait_for(lambda: reset_fails(disk, level), 'EIO')
    finally:
        os.close(disk)


@case('a session ends while its disk is mounted')
def mounted():
    expect_sd_errors()
    target, device = Target(), fileio(size=64 << 20)
    target.add(0, device)
    session = target.login()
    disk = session.disk()
    where = os.path.join(SCRATCH, 'mnt')
    os.makedirs(where, exist_ok=True)
    run('mkfs.ext4', '-q', disk)
    run('mount', disk, where)
    with open(where + '/file', 'wb') as f:
        f.write(b'x' * 65536)
    os.rmdir(session.path)
    wait_for(session.gone, 'the end of the host')
    target.delete(0, device)
    os.rmdir(target.path)
    run('umount', where)
    device.disable()


@case('a session ends while sg is open, and the node outlives the target')
def open_sg():
    target, device = Target(), nullio()
    target.add(0, device)
    session = target.login()
    fd = os.open(session.sg(), os.O_RDWR)
    try:
        os.rmdir(session.path)
        wait_for(session.gone, 'the end of the host')
        target.delete(0, device)
        os.rmdir(target.path)
        # The open device holds the fabric's module.
        if modular('scst_local'):
            subprocess.run(['rmmod', 'scst_local'], check=False,
                           stderr=subprocess.DEVNULL)
            check(loaded('scst_local'), 'unloaded below an open device')
    finally:
        os.close(fd)


@contextlib.contextmanager
def linking(store, slow, device, link):
    """`ln -s` of a device, which on its way looks for a name on a disk that
    stands still as long as the `with` lasts. It then finds no directory."""
    store.suspend()
    with subprocess.Popen(['ln', '-s', slow + '/..' * 16 + device.path, link],
                          stderr=subprocess.PIPE, text=True) as asking:
        try:
            wait_for(lambda: 'configfs_symlink' in stacks('ln'), 'ln')
            yield
        finally:
            store.resume()
        equal((asking.stderr.read()[-26:], asking.wait()),
              ('No such file or directory\n', 1), 'ln')


@case('a directory goes while a link in it is being made')
def link_gone():
    # The file system below the loop device may not know how to zero a range.
    write('/dev/kmsg',
          'scst-test: expect operation not supported error, dev loop')
    with Stall() as store:
        with store_lib.mounted(store.path) as where:
            for name in 'ab':
                os.makedirs('%s/%s/there' % (where, name))
        # Again, so that nothing of it is in memory
        with store_lib.mounted(store.path, mkfs=False) as where:
            device, target = nullio(), Target()
            # The second one's default group goes with it.
            for name, path, link in (
                    ('a', target.path + '/luns/0', '/disk'),
                    ('b', ROOT + '/device_groups/dg', '/devices/disk')):
                os.mkdir(path)
                with linking(store, '%s/%s/there' % (where, name), device,
                             path + link):
                    os.rmdir(path)
            device.disable()
            device.remove()


@case('modules in use stay')
def in_use():
    if not modular('scst_local'):
        raise Skip('scst_local is built in')
    target = Target()
    target.add(0, nullio())
    for module in ('scst_local', 'scst_vdisk'):
        run('rmmod', module, status=1)
        check(loaded(module), module)


@case('fabric and handler are unloaded and loaded, with I/O each time')
def reload():
    if not modular('scst_local') or not modular('scst_vdisk'):
        raise Skip('they are built in')
    expect_sd_errors()
    for _ in range(50 if LONG else 5):
        target, device = Target(), nullio()
        target.add(0, device)
        session = target.login()
        load = Load(session.disk())
        os.rmdir(session.path)
        target.delete(0, device)
        os.rmdir(target.path)
        os.rmdir(device.path)
        # What was asked for ends by itself; the modules go when it has.
        wait_for(lambda: subprocess.run(
            ['rmmod', 'scst_local'], check=False,
            stderr=subprocess.DEVNULL).returncode == 0, 'rmmod scst_local')
        run('rmmod', 'scst_vdisk')
        load.stop_failing()
        load_modules()


@case('modprobe, told by modprobe.d: the handler comes before the fabric')
def softdep():
    if not modular('scst_local') or not modular('scst_vdisk'):
        raise Skip('they are built in')
    try:
        run('rmmod', 'scst_local')
        run('rmmod', 'scst_vdisk')
        # nothing that this machine is told
        run('modprobe', '-C', MODPROBE, 'scst_local')
        there = [line.split()[0] for line in
                 read('/proc/modules').splitlines()[:2]]
        equal(there, ['scst_local', 'scst_vdisk'], 'the latest modules')
    finally:
        load_modules()


@case('the core is unloaded and loaded')
def reload_core():
    if not modular('scst'):
        raise Skip('scst is built in')
    for _ in range(50 if LONG else 5):
        run('rmmod', 'scst_local')
        run('rmmod', 'scst_vdisk')
        run('rmmod', 'scst')
        check(not os.path.exists('/sys/kernel/config/scst'), 'still there')
        load_modules()
    equal(read('/sys/kernel/config/scst/version')[:1], '4', 'version')


if __name__ == '__main__':
    main()
