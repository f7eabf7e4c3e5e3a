# SPDX-License-Identifier: GPL-2.0
"""Watching what LUNs an initiator has while somebody changes its groups."""
import struct
import threading

from lib import check, equal, fileio
from sgio import GOOD, IN, UNIT_ATTENTION, command

READ = '28000000000000000100'


def tur(sg):
    return command(sg, '000000000000')


def product(sg):
    return command(sg, '120000002400', IN, length=36).data[16:32].strip()


def report_luns(sg):
    """Small ones"""
    data = command(sg, 'a00000000000000002000000', IN, length=512).data
    length = struct.unpack('>I', data[:4])[0]
    return [data[i] for i in range(9, 9 + length, 8)]


def filled(name):
    """A disk that tells by its first block which one it is."""
    device = fileio(name, size=1 << 20)
    with open(device.get('filename'), 'r+b') as f:
        f.write(name[0].encode() * 512)
    return device


class Watcher(threading.Thread):
    """Calls look() until stop(); what it raises fails the test."""

    def __init__(self, look):
        super().__init__()
        self.look, self.ending, self.wrong, self.rounds = look, False, None, 0
        self.start()

    def run(self):
        try:
            while not self.ending:
                self.look()
                self.rounds += 1
        except Exception as wrong:  # told in the main thread
            self.wrong = wrong

    def stop(self):
        self.ending = True
        self.join()
        if self.wrong:
            raise self.wrong
        check(self.rounds > 3, 'looked %d times only' % self.rounds)


def reader(sg, allowed):
    """Data are those of an allowed disk, errors are unit attentions."""
    def look():
        got = command(sg, READ, IN, length=512)
        if got.status != GOOD:
            equal(got.key, UNIT_ATTENTION, '%r: sense key' % got)
        else:
            check(got.data in [c.encode() * 512 for c in allowed],
                  'data of %r' % got.data[:4])
    return look


def inquirer(sg, allowed):
    def look():
        got = command(sg, '120000002400', IN, length=36)
        equal((got.status, got.data[0]), (GOOD, 0), 'INQUIRY')
        check(chr(got.data[16]) in allowed, 'INQUIRY of %r' % got.data[16:32])
    return look


def lister(sg, allowed):
    def look():
        luns = report_luns(sg)
        check(luns in allowed, 'LUNs %r' % luns)
    return look
