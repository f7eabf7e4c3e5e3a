#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Mode pages and VPD pages of virtual disks (SPC-5 7.5, SBC-4 6.5, 6.6)."""
import os

import sgio
from lib import (SCRATCH, Target, blockio, case, check, equal, fails, fileio,
                 loop_device, main, nullio, run)
from sgio import IN, OUT, command, good, refused, sg_of

INVALID_FIELD = (5, 0x24, 0)
INVALID_PARAM = (5, 0x26, 0)
NO_SAVING = (5, 0x39, 0)
CURRENT, CHANGEABLE, DEFAULT, SAVED = range(4)

# Page code, subpage code: length, which SPC-5 and SBC-4 lay down
PAGES = {(0x01, 0): 12, (0x02, 0): 16, (0x03, 0): 24, (0x04, 0): 24,
         (0x07, 0): 12, (0x08, 0): 20, (0x0a, 0): 12, (0x0a, 1): 32,
         (0x1a, 0): 40, (0x1c, 0): 12}


def sense10(sg, code, subpage=0, pc=CURRENT, flags=8, length=512):
    cdb = bytes([0x5a, flags, pc << 6 | code, subpage, 0, 0, 0,
                 length >> 8, length & 255, 0])
    return command(sg, cdb, IN, length=length)


def sense6(sg, code, subpage=0, pc=CURRENT, flags=8, length=255):
    cdb = bytes([0x1a, flags, pc << 6 | code, subpage, length, 0])
    return command(sg, cdb, IN, length=length)


def split(data):
    """{(page code, subpage code): page} of what follows the descriptor."""
    pages = {}
    while data:
        spf = data[0] & 0x40
        size = int.from_bytes(data[2:4], 'big') + 4 if spf else data[1] + 2
        key = data[0] & 0x3f, data[1] if spf else 0
        check(key not in pages, 'a page comes twice')
        pages[key] = data[:size]
        equal(len(data[:size]), size, 'length of page %r' % (key,))
        data = data[size:]
    return pages


def pages_of(sg, pc=CURRENT):
    data = good(sense10(sg, 0x3f, 0xff, pc)).data
    equal(int.from_bytes(data[:2], 'big') + 2, len(data), 'MODE DATA LENGTH')
    equal(data[6:8], bytes(2), 'BLOCK DESCRIPTOR LENGTH')
    return split(data[8:])


@case('all pages: each alone, with its subpages, or all of them; 6 and 10')
def every_page():
    sg = sg_of(fileio())
    for pc in (CURRENT, CHANGEABLE, DEFAULT):
        pages = pages_of(sg, pc)
        equal({key: len(page) for key, page in pages.items()}, PAGES, 'pages')
        equal(list(pages), sorted(pages), 'order')
        for (code, subpage), page in pages.items():
            equal(good(sense10(sg, code, subpage, pc)).data[8:], page,
                  'page %x/%x' % (code, subpage))
            equal(good(sense6(sg, code, subpage, pc)).data[4:], page,
                  'page %x/%x' % (code, subpage))
            want = b''.join(p for (c, _), p in pages.items() if c == code)
            equal(good(sense6(sg, code, 0xff, pc)).data[4:], want, 'subpages')
        equal(good(sense6(sg, 0x3f, 0xff, pc)).data[4:],
              b''.join(pages.values()), 'all pages')
        equal(good(sense6(sg, 0x3f, 0, pc)).data[4:],
              b''.join(p for (_, s), p in pages.items() if not s),
              'pages without subpages')
    equal(pages_of(sg), pages_of(sg, DEFAULT), 'values')


@case('what there is not is refused with its field')
def no_page():
    sg = sg_of(nullio())
    for code in range(0x3f):
        if (code, 0) not in PAGES:
            refused(sense10(sg, code), INVALID_FIELD, (2, 5))
    refused(sense10(sg, 0x08, 1), INVALID_FIELD, (3, 7))
    refused(sense10(sg, 0x3f, 1), INVALID_FIELD, (3, 7))
    refused(sense10(sg, 0x1c, 2), INVALID_FIELD, (3, 7))
    refused(sense10(sg, 0x3f, 0xff, SAVED), NO_SAVING)
    refused(sense6(sg, 0x01, 0, SAVED), NO_SAVING)


@case('block descriptors, and answers cut short')
def descriptors():
    sg = sg_of(fileio(size=32 << 20, blocksize=4096))
    whole = good(sense10(sg, 0x08, flags=0x10)).data
    equal(whole[4] & 1, 1, 'LONGLBA')
    equal(whole[6:8], b'\0\x10', 'BLOCK DESCRIPTOR LENGTH')
    equal(whole[8:24], (8192).to_bytes(8, 'big') + bytes(4) +
          (4096).to_bytes(4, 'big'), 'long descriptor')
    short = good(sense10(sg, 0x08, flags=0)).data
    equal(short[4:16], b'\0\0\0\x08' + (8192).to_bytes(4, 'big') +
          (4096).to_bytes(4, 'big'), 'short descriptor')
    equal(good(sense6(sg, 0x08, flags=0)).data[3:12], b'\x08' + short[8:16],
          'short descriptor')
    for length in (0, 1, 2, 8, 9, 30, len(whole)):
        got = good(sense10(sg, 0x08, flags=0x10, length=length)).data
        equal(got, whole[:length], 'first %d bytes' % length)


@case('pages 03h and 04h: all blocks, and what the disk is')
def geometry():
    for attrs, rate, rmb in (({}, 0, 0), ({'rotational': 0}, 1, 0),
                             ({'removable': 1, 'blocksize': 4096}, 0, 0x20)):
        device = fileio('g%d' % len(attrs) + ''.join(attrs), size=64 << 20,
                        **attrs)
        target = Target('t' + device.name)
        target.add(0, device)
        sg = target.login().sg()
        sgio.settle(sg)
        pages = pages_of(sg)
        form, disk = pages[3, 0], pages[4, 0]
        blocks = (int.from_bytes(disk[2:5], 'big') * disk[5] *
                  int.from_bytes(form[10:12], 'big'))
        size = attrs.get('blocksize', 512)
        equal(blocks * size, 64 << 20, 'blocks')
        equal(int.from_bytes(form[12:14], 'big'), size, 'bytes of a sector')
        equal(form[20] & 0x20, rmb, 'RMB')
        equal(int.from_bytes(disk[20:22], 'big'), rate, 'rotation rate')


@case('what cannot be changed is refused bit by bit, and nothing changes')
def unchangeable():
    with loop_device() as store:
        sg = sg_of(blockio(store))
        before, masks = pages_of(sg), pages_of(sg, CHANGEABLE)
        for key, page in before.items():
            for at in range(4 if key[1] else 2, len(page)):
                fixed = 0xff & ~masks[key][at]
                if not fixed:
                    continue
                bit = fixed.bit_length() - 1
                wrong = bytearray(page)
                wrong[at] ^= 1 << bit
                data = bytes(8) + wrong
                cdb = bytes([0x55, 0x10, 0, 0, 0, 0, 0, 0, len(data), 0])
                refused(command(sg, cdb, OUT, data), INVALID_PARAM,
                        (8 + at, bit))
        equal(pages_of(sg), before, 'pages')
        # All of them at once as they are
        data = bytes(8) + b''.join(before.values())
        cdb = bytes([0x55, 0x10, 0, 0, 0, 0, 0]) + len(data).to_bytes(
            2, 'big') + bytes(1)
        good(command(sg, cdb, OUT, data))
        equal(pages_of(sg), before, 'pages')


@case('saved pages: PS, SP, and what comes back')
def saved():
    path = os.path.join(SCRATCH, 'modes')
    sg = sg_of(fileio(mode_pages_file=path))
    for pc in range(4):
        equal({key for key, page in pages_of(sg, pc).items()
               if page[0] & 0x80}, {(1, 0), (8, 0), (0x0a, 0), (0x1c, 0)},
              'PS')
    equal(pages_of(sg, SAVED), pages_of(sg, DEFAULT), 'saved')
    off = bytes(8) + bytes.fromhex('0812') + bytes(18)
    good(command(sg, '55110000000000001c00', OUT, off))
    for pc, wce in ((CURRENT, 0), (DEFAULT, 4), (SAVED, 0)):
        equal(pages_of(sg, pc)[8, 0][2], wce, 'WCE')


@case('RTD: default values, which SP saves; not with a list')
def revert():
    path = os.path.join(SCRATCH, 'more-modes')
    target = Target()
    target.add(0, fileio(mode_pages_file=path))
    sg, other = [target.login('s%d' % i).sg() for i in range(2)]
    off = bytes(8) + bytes.fromhex('0812') + bytes(18)
    good(command(sg, '55110000000000001c00', OUT, off))
    for node in (sg, other):
        sgio.settle(node)
    refused(command(sg, '55120000000000001c00', OUT, off), INVALID_FIELD,
            (7, 7))
    good(command(sg, '55020000000000000000'))
    for pc, wce in ((CURRENT, 4), (DEFAULT, 4), (SAVED, 0)):
        equal(pages_of(sg, pc)[8, 0][2], wce, 'WCE')
    refused(command(other, '000000000000'), (6, 0x2a, 1))
    good(command(sg, '151200000000'))
    good(command(other, '000000000000'))
    good(command(sg, '55030000000000000000'))
    equal(pages_of(sg, SAVED), pages_of(sg, DEFAULT), 'saved')
    equal(command(sg, '120186004000', IN, length=64).data[8] & 8, 8, 'RTD_SUP')
    run('sg_wr_mode', '--rtd', sg)
    run('sg_wr_mode', '--rtd', '--six', '--save', sg)


@case('informational exceptions may be asked for, but not sent')
def exceptions():
    sg = sg_of(nullio())
    for mrie, triple in ((6, None), (0, None), (2, INVALID_PARAM),
                         (4, INVALID_PARAM), (15, INVALID_PARAM)):
        page = bytes(8) + bytes([0x1c, 0x0a, 0x10, mrie]) + bytes(8)
        result = command(sg, '55100000000000001400', OUT, page)
        if triple:
            refused(result, triple, (11, 3))
        else:
            good(result)
            equal(pages_of(sg)[0x1c, 0][2:4], bytes([0x10, mrie]), 'page')


@case('sg3_utils reads and changes pages')
def tools():
    sg = sg_of(fileio())
    out = run('sg_modes', '-a', '-a', sg)
    for name in ('Read-Write error recovery', 'Disconnect-Reconnect',
                 'Format', 'Rigid', 'Verify', 'Caching', 'Control',
                 'Power condition', 'Informational exceptions'):
        check(name.lower() in out.lower(), '%s is not in\n%s' % (name, out))
    run('sg_wr_mode', '--page=8', '--contents=08,12' + ',0' * 18,
        '--mask=0,0,4', sg)
    equal(pages_of(sg)[8, 0][2], 0, 'WCE')


def vpd(sg, code):
    data = good(command(sg, '1201%02x020000' % code, IN, length=512)).data
    equal(data[1], code, 'page code')
    equal(int.from_bytes(data[2:4], 'big') + 4, len(data), 'page length')
    return data


@case('VPD pages B0h, B1h, B2h are as true as the disk; there is no B3h')
def vpds():
    device = nullio(enable=False)
    for value in (6, 255, -1, 'x'):
        with fails('EINVAL'):
            device.set('form_factor', value)
    device.set('form_factor', 3)
    device.set('rotational', 0)
    device.set('enabled', 1)
    sg = sg_of(device)
    listed = vpd(sg, 0)[4:]
    equal(listed[-3:], b'\xb0\xb1\xb2', 'supported pages')
    equal(vpd(sg, 0xb1)[4:9], b'\0\1\0\3\0', 'B1h')
    equal(vpd(sg, 0xb2)[4:], bytes(4), 'B2h of a disk that is not thin')
    limits = vpd(sg, 0xb0)
    equal(limits[20:36], bytes(16), 'UNMAP limits of a disk that is not thin')
    # As much as a command may write: there is nothing that it could leave half
    equal(limits[44:], b''.join(n.to_bytes(4, 'big') for n in (
        0x4000, 1, 1, 0x4000, 0x4000)), 'atomic limits')
    refused(command(sg, '1201b3020000', IN, length=512), INVALID_FIELD)
    for page in ('bl', 'bdc', 'lbpv'):
        run('sg_vpd', '-p', page, sg)
    check('2.5 inch' in run('sg_vpd', '-p', 'bdc', sg), 'form factor')


@case('VPD pages of a thin disk: what it gives back, and thresholds')
def thin_vpds():
    sg = sg_of(fileio(thin_provisioned=1))
    limits = vpd(sg, 0xb0)
    check(int.from_bytes(limits[28:32], 'big') >= 1, 'UNMAP granularity')
    equal(limits[32:36], b'\x80\0\0\0', 'UGAVALID, alignment')
    equal(vpd(sg, 0xb1)[8], 1, 'VBULS')
    # But for ANC_SUP: that depends on the file system
    page = vpd(sg, 0xb2)[4:]
    equal((page[0], page[1] & ~2, *page[2:]), (11, 0xe4, 2, 0), 'B2h')
    out = run('sg_vpd', '-p', 'lbpv', sg)
    check('thin' in out.lower(), out)


main()
