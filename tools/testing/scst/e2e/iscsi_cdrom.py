#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
"""A CD over iSCSI: residual counts, and a machine of QEMU's boots from it."""
import os
import random
import subprocess

from iscsi_lib import Target, main, serve, url
from lib import SCRATCH, SLOW, Device, Skip, case, check, equal, run
from sgio import GOOD, IN, command, settle

QEMU = '/usr/bin/qemu-system-x86_64'
GENISOIMAGE = '/usr/bin/genisoimage'
# isa-debug-exit gives the status that is written, doubled, and one.
WRITTEN, STATUS = 0x10, 0x21
# At 7C00h: the text behind it goes to the first serial port, then it is over.
CODE = bytes.fromhex(
    '31c0'      # xor ax,ax
    '8ed8'      # mov ds,ax
    'fc'        # cld
    'be287c'    # mov si,text
    'ac'        # next: lodsb
    '84c0'      # test al,al
    '7412'      # jz over
    '88c4'      # mov ah,al
    'bafd03'    # mov dx,3fdh
    'ec'        # wait: in al,dx
    'a820'      # test al,20h
    '74fb'      # jz wait
    '88e0'      # mov al,ah
    'baf803'    # mov dx,3f8h
    'ee'        # out dx,al
    'ebe9'      # jmp next
    'baf400'    # over: mov dx,0f4h
    'b0%02x'    # mov al,...
    'ee'        # out dx,al
    'f4'        # stop: hlt
    'ebfd' %    # jmp stop
    WRITTEN)


def need(*programs):
    for program in programs:
        if not os.path.exists(program):
            raise Skip('no ' + program)


def bootable(text):
    """An image that El Torito boots without emulation."""
    folder = os.path.join(SCRATCH, 'boot')
    os.makedirs(folder, exist_ok=True)
    with open(folder + '/boot.bin', 'wb') as f:
        f.write((CODE + text.encode() + b'\0').ljust(2048, b'\0'))
    path = os.path.join(SCRATCH, 'boot.iso')
    run(GENISOIMAGE, '-quiet', '-b', 'boot.bin', '-no-emul-boot',
        '-boot-load-size', '4', '-o', path, folder)
    return path


def show(path):
    target = Target()
    target.add(0, Device('vcdrom', 'c0', filename=path))
    serve()
    return target


def boot(*machine):
    """What comes out of the serial port."""
    command = [QEMU, '-accel', 'tcg', '-m', '16', '-nodefaults',
               '-no-user-config', '-display', 'none', '-serial', 'stdio',
               '-device', 'isa-debug-exit,iobase=0xf4,iosize=4',
               '-boot', 'd', *machine]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False,
                              stdin=subprocess.DEVNULL, timeout=100 * SLOW)
    except subprocess.TimeoutExpired as expired:
        raise AssertionError('it does not boot:\n%r' %
                             expired.stdout) from None
    check(done.returncode == STATUS, 'status %d:\n%r' %
          (done.returncode, done.stdout))
    return done.stdout


def boots(*machine):
    need(QEMU, GENISOIMAGE,
         '/usr/lib/x86_64-linux-gnu/qemu/block-iscsi.so')
    text = 'SCST %d' % random.getrandbits(48)
    target = show(bootable(text))
    drive = 'if=none,id=cd,media=cdrom,readonly=on,format=raw,file=' + \
        url(target)
    out = boot('-drive', drive, *machine)
    check(text.encode() in out, '%s is not in %r' % (text, out))


@case('READ CD: a sector is as long as it is, whatever type is asked for')
def residual():
    path = os.path.join(SCRATCH, 'zeros')
    with open(path, 'wb') as f:
        f.truncate(64 * 2048)
    sg = show(path).login().sg()
    settle(sg)
    # user data of any type, and of mode 1; with room for the longest there is
    for kind in '00', '08':
        for length, resid in ((37 * 2048, 0), (37 * 2352, 37 * 304)):
            done = command(sg, 'be%s00000000000025100000' % kind, IN,
                           length=length)
            equal((done.status, done.resid), (GOOD, resid),
                  'status and residual count of type %s' % kind)
            equal(done.data, bytes(37 * 2048), 'data')


@case('QEMU boots from it, as the medium of an IDE drive')
def boots_ide():
    boots('-device', 'ide-cd,drive=cd')


@case('QEMU boots from it, passed through as a SCSI drive')
def boots_scsi():
    boots('-device', 'virtio-scsi-pci', '-device', 'scsi-block,drive=cd')


if __name__ == '__main__':
    main()
