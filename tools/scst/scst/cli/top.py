# SPDX-License-Identifier: GPL-2.0
"""top: what sessions and LUNs do, live."""
import curses
import json
import sys
import time

from configshell_fb import ExecutionError

from scst.cli import render
from scst.sessions import Sample, rates

HEAD = ('SESSION', 'LUN', 'IOPS', 'READ/s', 'WRITE/s', 'LATENCY', 'QUEUE',
        'INITIATOR', 'TARGET')
KEYS = 'q: quit   i, r, w, l: sort by IOPS, read, write, latency   n: by number'
ORDERS = {'i': lambda rate: -rate.iops,
          'r': lambda rate: -rate.read_bytes,
          'w': lambda rate: -rate.write_bytes,
          'l': lambda rate: -(rate.latency or 0)}


def latency(seconds):
    if seconds is None:
        return '-'
    if seconds < 0.001:
        return '%.0f us' % (seconds * 1e6)
    return '%.1f ms' % (seconds * 1e3)


def cells(rate):
    lun = rate.lun.name.removeprefix('lun') if rate.lun else '-'
    device = rate.lun.get('device') if rate.lun else ''
    return (rate.session.name, lun, '%.0f' % rate.iops,
            render.size(rate.read_bytes), render.size(rate.write_bytes),
            latency(rate.latency), rate.queue,
            device or rate.session.get('initiator_name'),
            rate.session.get('target'))


def lines(found, order=None):
    """The table; by number the LUNs follow their session."""
    if order:
        found = sorted(found, key=ORDERS[order])
    return render.table(HEAD, [cells(rate) for rate in found]).splitlines()


def total(found):
    """Sessions only: their counters have those of their LUNs."""
    whole = [rate for rate in found if not rate.lun]
    return '%s   %.0f IOPS   read %s/s   write %s/s' % (
        render.count(len(whole), 'session'), sum(r.iops for r in whole),
        render.size(sum(r.read_bytes for r in whole)),
        render.size(sum(r.write_bytes for r in whole)))


def as_data(rate):
    """What JSON has of a row: seconds, and what a second has of the rest."""
    lun = rate.lun and int(rate.lun.name.removeprefix('lun'))
    return {'session': rate.session.name, 'lun': lun,
            'device': rate.lun.get('device') if rate.lun else None,
            'initiator_name': rate.session.get('initiator_name'),
            'target': rate.session.get('target'), 'iops': rate.iops,
            'read_bytes': rate.read_bytes, 'write_bytes': rate.write_bytes,
            'latency': rate.latency, 'active_commands': rate.queue}


def _shown(found, form):
    if form == 'json':
        return json.dumps([as_data(rate) for rate in found])
    return '\n'.join([total(found)] + lines(found))


def run_top(seconds, count, form=None):
    """count: how many tables, 0 for no end (one, if nobody sits there)."""
    if sys.stdin.isatty() and sys.stdout.isatty() and not (count or form):
        try:
            curses.wrapper(_watch, seconds)
        except curses.error as error:
            raise ExecutionError('This terminal cannot show it (%s); top 2 1 '
                                 'prints a table.' % error) from None
        return
    before = Sample.take()
    for _ in range(count or 1):
        time.sleep(seconds)
        after = Sample.take()
        print(_shown(rates(before, after), form), flush=True)
        before = after


def _watch(screen, seconds):
    curses.use_default_colors()
    curses.curs_set(0)
    screen.timeout(int(seconds * 1000))
    order = None
    before = after = Sample.take()
    while True:
        _draw(screen, rates(before, after), order)
        key = screen.getch()
        letter = chr(key) if 0 <= key < 128 else ''
        if letter == 'q':
            return
        if letter in ORDERS or letter == 'n':
            order = None if letter == 'n' else letter
        elif key == -1:         # the time is over
            before, after = after, Sample.take()


def _draw(screen, found, order):
    height, width = screen.getmaxyx()
    screen.erase()
    text = [total(found), KEYS] + lines(found, order)
    for row, line in enumerate(text[:height]):
        style = curses.A_REVERSE if row == 2 else curses.A_NORMAL
        # The last cell of the screen cannot be written without scrolling.
        screen.addnstr(row, 0, line.ljust(width), width - 1, style)
    screen.refresh()
