#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Bad configuration: the errno that fits, and nothing changed."""
import os

from lib import (Device, ROOT, SCRATCH, Target, case, check, disable_idle,
                 equal, fails, file_of, fileio, main, nullio, read, run, tree,
                 write)


def refused(name, path, value):
    """Writing value must fail, and the attribute must stay what it was."""
    before = read(path)
    with fails(name):
        write(path, value)
    equal(read(path), before, path)


def not_enabled(name, handler='vdisk_fileio', **attrs):
    device = Device(handler, 'd0', enable=False, **attrs)
    refused(name, device.path + '/enabled', 1)
    device.remove()


@case('version and max_cmd_mem_mb')
def root():
    check(read(ROOT + '/version'), 'no version')
    with fails('EACCES'):
        fd = os.open(ROOT + '/version', os.O_WRONLY)
        os.close(fd)
        os.unlink(ROOT + '/version')
    refused('EINVAL', ROOT + '/max_cmd_mem_mb', 'much')
    refused('ERANGE', ROOT + '/max_cmd_mem_mb', 1 << 60)
    refused('ERANGE', ROOT + '/max_cmd_mem_mb', 1 << 43)
    before = read(ROOT + '/max_cmd_mem_mb')
    write(ROOT + '/max_cmd_mem_mb', 100)
    equal(read(ROOT + '/max_cmd_mem_mb'), '100')
    write(ROOT + '/max_cmd_mem_mb', before)


@case('a backing store that is missing, short, a directory, no file')
def stores():
    before = tree()
    not_enabled('EINVAL')
    not_enabled('ENOENT', filename='/nowhere/at/all')
    not_enabled('ENODATA', filename=file_of(511, 'short'))
    not_enabled('EISDIR', filename='/')
    not_enabled('EINVAL', filename='/dev/null')
    not_enabled('ENOTBLK', 'vdisk_blockio', filename=file_of(1 << 20, 'reg'))
    not_enabled('ENOENT', 'vdisk_blockio', filename='/dev/nothing')
    not_enabled('ENOSPC', filename=file_of(1 << 20, 'small'), size_mb=2)
    equal(tree(), before, 'the tree')


@case('a relative file name')
def relative():
    device = Device('vdisk_fileio', 'd0', enable=False)
    refused('EINVAL', device.path + '/filename', 'a/file')


@case('a block device in use')
def in_use():
    loop = run('losetup', '-f', '--show', file_of(4 << 20)).strip()
    try:
        first = Device('vdisk_blockio', 'd1', filename=loop)
        not_enabled('EBUSY', 'vdisk_blockio', filename=loop)
        not_enabled('EBUSY', 'vdisk_fileio', filename=loop)
        first.remove()
    finally:
        run('losetup', '-d', loop)


@case('block sizes that are none')
def blocksize():
    device = Device('vdisk_nullio', 'd0', enable=False)
    for size in (0, 1, 256, 513, 1000, 8192, -512, 'big'):
        refused('EINVAL', device.path + '/blocksize', size)
    refused('ERANGE', device.path + '/blocksize', 1 << 40)
    for size in (512, 1024, 2048, 4096):
        write(device.path + '/blocksize', size)


@case('names: with a slash, over length, taken')
def names():
    before = tree()
    handler = ROOT + '/handlers/vdisk_nullio/'
    with fails('ENOENT'):
        os.mkdir(handler + 'a/b')
    for where in (handler, ROOT + '/targets/scst_local/'):
        with fails('ENAMETOOLONG'):
            os.mkdir(where + 'n' * 224)
        with fails('ENAMETOOLONG'):
            os.mkdir(where + 'n' * 300)
    equal(tree(), before, 'the tree')
    os.mkdir(handler + 'n' * 223)
    with fails('EEXIST'):
        os.mkdir(handler + 'n' * 223)
    with fails('EEXIST'):
        os.mkdir(ROOT + '/handlers/vdisk_fileio/' + 'n' * 223)
    os.rmdir(handler + 'n' * 223)
    equal(tree(), before, 'the tree')


@case('LUNs: taken, too large, not a number')
def luns():
    target = Target()
    before = tree()
    for lun, name in (('16384', 'ERANGE'), ('18446744073709551616', 'ERANGE'),
                      ('-1', 'EINVAL'), ('+1', 'EINVAL'), ('01', 'EINVAL'),
                      ('x', 'EINVAL'), ('1x', 'EINVAL'), ('0x1', 'EINVAL')):
        with fails(name):
            os.mkdir('%s/luns/%s' % (target.path, lun))
    equal(tree(), before, 'the tree')
    os.mkdir(target.path + '/luns/16383')
    with fails('EEXIST'):
        os.mkdir(target.path + '/luns/16383')


@case('links: to a disabled device, to no device, twice, three times')
def links():
    target, disabled = Target(), nullio('off', enable=False)
    devices = [nullio('n%d' % i) for i in range(3)]
    os.mkdir(target.path + '/luns/0')
    before = tree()
    with fails('ENODEV'):
        target.add(0, disabled)
    with fails('EINVAL'):
        os.symlink(target.path, target.path + '/luns/0/self')
    with fails('EINVAL'):
        os.symlink(ROOT + '/handlers/vdisk_nullio', target.path + '/luns/0/h')
    equal(tree(), before, 'the tree')
    target.add(0, devices[0])
    with fails('EEXIST'):
        target.add(0, devices[0], link='again')
    target.add(0, devices[1])
    with fails('EBUSY'):
        target.add(0, devices[2])


@case('what is exported or enabled stays as it is')
def exported():
    target, device = Target(), fileio()
    target.add(0, device)
    before = tree()
    with fails('EBUSY'):
        device.remove()
    refused('EBUSY', device.path + '/enabled', 0)
    for attr, value in (('blocksize', 4096), ('size_mb', 1), ('removable', 1),
                        ('rotational', 0), ('o_direct', 1), ('filename', '/x'),
                        ('form_factor', 3),
                        ('thin_provisioned', 1)):
        refused('EBUSY', '%s/%s' % (device.path, attr), value)
    for path in (target.path, target.path + '/luns/0'):
        with fails('ENOTEMPTY'):
            os.rmdir(path)
    refused('EBUSY', target.path + '/rel_tgt_id', 77)
    equal(tree(), before, 'the tree')


@case('identity strings that INQUIRY cannot carry')
def strings():
    device = Device('vdisk_nullio', 'd0', enable=False)
    for attr, room in (('t10_vend_id', 8), ('prod_id', 16), ('usn', 64),
                       ('prod_rev_lvl', 4), ('t10_dev_id', 64)):
        path = '%s/%s' % (device.path, attr)
        refused('ENAMETOOLONG', path, 'x' * (room + 1))
        refused('EINVAL', path, 'a\tb')
        write(path, 'y' * room)
        equal(read(path), 'y' * room, attr)


@case('cpus of a target and of a group')
def cpus():
    target = Target('t1', enable=False)
    os.mkdir(target.path + '/ini_groups/g1')
    there = read('/sys/devices/system/cpu/possible')
    for where in (target.path, target.path + '/ini_groups/g1'):
        path = where + '/cpus'
        equal(read(path), there)
        for bad in ('', 'x', '1-0', '-1'):
            refused('EINVAL', path, bad + '\n')
        refused('ERANGE', path, 99999)
        equal(read(path), there)
        write(path, 0)
        equal(read(path), '0')
        write(path, there)
        equal(read(path), there)


@case('targets: relative port identifiers, sessions while disabled')
def targets():
    one, two = Target('t1', enable=False), Target('t2', enable=False)
    taken = read(one.path + '/rel_tgt_id')
    refused('EEXIST', two.path + '/rel_tgt_id', taken)
    refused('EINVAL', two.path + '/rel_tgt_id', 0)
    refused('ERANGE', two.path + '/rel_tgt_id', 65536)
    write(two.path + '/rel_tgt_id', 65535)
    equal(read(two.path + '/rel_tgt_id'), '65535')
    before = tree()
    with fails('ESHUTDOWN'):
        one.login()
    equal(tree(), before, 'the tree')
    write(one.path + '/enabled', 1)
    session = one.login()
    refused('EBUSY', one.path + '/enabled', 0)
    session.logout()
    disable_idle(one.path)


@case('TransportIDs')
def transport_ids():
    session = Target().login()
    path = session.path + '/transport_id'
    equal(len(read(path)), 48, 'digits of the default')
    for bad in ('06', 'x' * 48, '06' + '0' * 48, '05' + '0' * 46):
        refused('EINVAL', path, bad)
    # Reserved bytes mean nothing, and are not kept.
    write(path, '06' + '12' * 23)
    equal(read(path), '06000000' + '12' * 8 + '00' * 12)
    iscsi = b'iqn.2026-11.org:a\0\0\0'
    write(path, '05000014' + iscsi.hex())
    equal(read(path), '05000014' + iscsi.hex())


@case('initiator groups: an entry twice, a group in use')
def groups():
    target = Target()
    group = target.group('g0', 'host1')
    target.group('g1')
    with fails('EEXIST'):
        os.mkdir(target.path + '/ini_groups/g0')
    for name in ('host1', 'HOST1'):
        with fails('EEXIST'):
            os.mkdir('%s/initiators/%s' % (group.path, name))
    with fails('ENOTEMPTY'):
        os.rmdir(group.path)
    with fails('ENAMETOOLONG'):
        os.mkdir(target.path + '/ini_groups/g1/initiators/' + 'i' * 224)


if __name__ == '__main__':
    os.makedirs(SCRATCH, exist_ok=True)
    main()
