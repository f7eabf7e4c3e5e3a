# SPDX-License-Identifier: GPL-2.0
"""What the tests of third-party copies share."""
import sgio
from lib import Target, equal, fileio
from sgio import IN, OUT, command, good

BLOCK = 512
SIZE = 32 << 20
BLOCKS = SIZE // BLOCK
INVALID_FIELD = (5, 0x24, 0)
INVALID_PARAM = (5, 0x26, 0)
INFORMATION_LEN = 1024


def cdb16(opcode, lba, count):
    return (bytes([opcode, 0]) + lba.to_bytes(8, 'big') +
            count.to_bytes(4, 'big') + bytes(2))


def put(sg, lba, data, block=BLOCK):
    good(command(sg, cdb16(0x8a, lba, len(data) // block), OUT, data))


def get(sg, lba, count, block=BLOCK):
    return good(command(sg, cdb16(0x88, lba, count), IN,
                        length=count * block)).data


def luns(*devices):
    """A target with these, and an sg node of each."""
    target = Target()
    for lun, device in enumerate(devices):
        target.add(lun, device)
    session = target.login()
    nodes = [session.sg(lun) for lun in range(len(devices))]
    for sg in nodes:
        sgio.settle(sg)
    return target, session, nodes


def pair(**attrs):
    _, _, nodes = luns(fileio('f0', size=SIZE, **attrs),
                       fileio('f1', size=SIZE))
    return nodes


def naa(page):
    """(code set, type, bytes) of the NAA designator in VPD page 83h."""
    at = 4
    while at < len(page):
        if page[at + 1] == 3:
            return page[at] & 15, 3, page[at + 4:at + 4 + page[at + 3]]
        at += 4 + page[at + 3]
    raise AssertionError('no NAA designator')


def cscd(name, block=BLOCK, kind=0, flags=0):
    code_set, desig_type, data = name
    return (bytes([0xe4, flags | kind, 0, 0, code_set, desig_type, 0,
                   len(data)]) + data.ljust(20, b'\0') +
            bytes(1) + block.to_bytes(3, 'big'))


def segment(src, dst, src_lba, dst_lba, blocks, flags=0):
    return (bytes([2, flags, 0, 24]) + src.to_bytes(2, 'big') +
            dst.to_bytes(2, 'big') + bytes(2) + blocks.to_bytes(2, 'big') +
            src_lba.to_bytes(8, 'big') + dst_lba.to_bytes(8, 'big'))


def lid1(cscds, segments, list_id=1, usage=0):
    targets, segs = b''.join(cscds), b''.join(segments)
    return (bytes([list_id, usage << 3]) + len(targets).to_bytes(2, 'big') +
            bytes(4) + len(segs).to_bytes(4, 'big') + bytes(4) + targets +
            segs)


def ranges(*pairs):
    return b''.join(lba.to_bytes(8, 'big') + count.to_bytes(4, 'big') +
                    bytes(4) for lba, count in pairs)


def _with_length(head, data):
    head += len(data).to_bytes(2, 'big') + data
    return len(head).to_bytes(2, 'big') + head


def populate_list(*pairs, timeout=0, flags=0, kind=0):
    """The parameter list of POPULATE TOKEN"""
    return _with_length(bytes([flags, 0]) + timeout.to_bytes(4, 'big') +
                        kind.to_bytes(4, 'big') + bytes(2), ranges(*pairs))


def use_list(token, *pairs, offset=0, flags=0):
    """... of WRITE USING TOKEN"""
    return _with_length(bytes([flags]) + bytes(5) + offset.to_bytes(8, 'big') +
                        token + bytes(6), ranges(*pairs))


def information_cdb(list_id):
    """RECEIVE ROD TOKEN INFORMATION"""
    return (bytes([0x84, 7]) + list_id.to_bytes(4, 'big') + bytes(4) +
            INFORMATION_LEN.to_bytes(4, 'big') + bytes(2))


def token_information(data):
    """COPY OPERATION STATUS, TRANSFER COUNT in blocks, token"""
    at = 32 + data[13]
    length = int.from_bytes(data[at:at + 4], 'big')
    equal(len(data), at + 4 + length, 'length')
    equal(data[15], 0xf1, 'TRANSFER COUNT UNITS')
    return (data[5], int.from_bytes(data[16:24], 'big'),
            data[at + 6:] if length else None)
