# SPDX-License-Identifier: GPL-2.0
"""What the tests of reservations share: a nexus and what it may do."""
import struct

import sgio
from lib import Target, equal, nullio, run

CONFLICT = 0x18
READ = '28000000000000000100'
WRITE = '2a000000000000000100'
TUR = '000000000000'
RESERVE, RELEASE = '160000000000', '170000000000'
RESERVE_10, RELEASE_10 = '56' + 18 * '0', '57' + 18 * '0'
PREEMPTED, RELEASED = (6, 0x2a, 3), (6, 0x2a, 4)
REGS_PREEMPTED = (6, 0x2a, 5)
# PERSISTENT RESERVE OUT
PR_REGISTER, PR_RESERVE, PR_RELEASE, PR_CLEAR, PR_PREEMPT = range(5)
PR_PREEMPT_ABORT, PR_REGISTER_IGNORE, PR_MOVE, PR_REPLACE = range(5, 9)
# sg3_utils: exit statuses
SG_INVALID, SG_CONFLICT = 5, 24


class Nexus:
    def __init__(self, target, name):
        self.session = target.login(name)
        self.sg = self.session.sg()
        sgio.settle(self.sg)

    def command(self, cdb):
        if cdb == READ:
            return sgio.command(self.sg, cdb, sgio.IN, length=512)
        if cdb == WRITE:
            return sgio.command(self.sg, cdb, sgio.OUT, bytes(512))
        return sgio.command(self.sg, cdb)

    def may(self, reads, writes):
        equal((self.command(READ).status, self.command(WRITE).status),
              (0 if reads else CONFLICT, 0 if writes else CONFLICT),
              'READ and WRITE')

    def out(self, *options, status=0):
        return run('sg_persist', '--no-inquiry', '--out', *options, self.sg,
                   status=status)

    def register(self, key, status=0, old=0):
        self.out('--register', '--param-rk=%#x' % old,
                 '--param-sark=%#x' % key, status=status)

    def reserve(self, key, kind, status=0):
        self.out('--reserve', '--param-rk=%#x' % key, '--prout-type=%d' % kind,
                 status=status)

    def release(self, key, kind, status=0):
        self.out('--release', '--param-rk=%#x' % key, '--prout-type=%d' % kind,
                 status=status)

    def asks(self, what):
        return run('sg_persist', '--no-inquiry', '--in', what, self.sg)

    def raw_out(self, action, key=0, new=0, kind=0, aptpl=False, ids=()):
        """PERSISTENT RESERVE OUT as it comes back, sense data and all"""
        data = struct.pack('>QQ4xB3x', key, new, aptpl | 8 * bool(ids))
        if ids:
            data += struct.pack('>I', len(b''.join(ids))) + b''.join(ids)
        cdb = struct.pack('>BBB2xIx', 0x5f, action, kind, len(data))
        return sgio.command(self.sg, cdb, sgio.OUT, data)

    def raw_move(self, key, new, port, name, unreg=False):
        """REGISTER AND MOVE, to this TransportID at this relative port"""
        data = struct.pack('>QQxBHI', key, new, unreg << 1, port,
                           len(name)) + name
        cdb = struct.pack('>BBB2xIx', 0x5f, PR_MOVE, 0, len(data))
        return sgio.command(self.sg, cdb, sgio.OUT, data)

    def attention(self, triple):
        equal(self.command(TUR).triple, triple, 'unit attention')
        equal(self.command(TUR).status, 0, 'status after it')


def three(device=None):
    device = device or nullio()
    target = Target()
    target.add(0, device)
    return [device] + [Nexus(target, 's%d' % i) for i in range(3)]
