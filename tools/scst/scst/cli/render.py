# SPDX-License-Identifier: GPL-2.0
"""Trees, tables and numbers as text."""
import errno
import os

from scst.tree import ScstError

COLORS = (None, 'blue', 'magenta')
UNITS = ('B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB')


def plain(text):
    """Text that is not ours, on one line: initiators choose their names, and
    a terminal would do what control characters in them say."""
    return ''.join(c if c.isprintable() else
                   c.encode('unicode_escape').decode('ascii') for c in text)


def lines(text):
    """The same of text that has lines."""
    return '\n'.join(map(plain, text.split('\n')))


def size(number):
    """Bytes as people say it."""
    unit = 0
    while number >= 1024 and unit < len(UNITS) - 1:
        number /= 1024
        unit += 1
    return '%d B' % number if not unit else '%.1f %s' % (number, UNITS[unit])


def count(number, one, many=None):
    return '%s %s' % (number or 'no',
                      one if number == 1 else many or one + 's')


def state(node):
    """A list of a word, if it can be enabled, or of none."""
    if not os.path.isfile(node.full('enabled')):
        return []
    return ['enabled' if node.get('enabled') == '1' else 'disabled']


def tree(target, shell, depth=None):
    """The lines of ls."""
    return '\n'.join(_lines(target, shell, depth, [], 0))


def _lines(target, shell, depth, margin, level):
    try:
        line = _line(target, shell, margin, level)
        below = target.listed() if depth != 0 else []
    except ScstError as error:
        if error.errno == errno.ENOENT and level:
            return              # it went meanwhile
        raise
    yield line
    for number, child in enumerate(below, 1):
        yield from _lines(child, shell, None if depth is None else depth - 1,
                          margin + [number < len(below)], level + 1)


def _line(target, shell, margin, level):
    color = COLORS[target.path.rstrip('/').count('/') % len(COLORS)]
    con = shell.con
    start = ''.join('| ' if more else '  ' for more in [False] * (level > 0) +
                    margin[:-1]) + 'o- '
    text, healthy = target.summary()
    text, name = plain(text), plain(target.name)
    dots = con.get_width() - len(start) - len(name) - len(text) - 4
    styles = ['bold'] if level else ['bold', 'underline']
    return ''.join((
        start, con.render_text(name, color, styles=styles), ' ',
        con.render_text('.' * max(dots, 2), color),
        con.render_text(' [', styles=['bold']),
        con.render_text(text, {True: 'green', False: 'red'}.get(healthy)),
        con.render_text(']', styles=['bold'])))


def table(head, rows):
    """Columns as wide as they must be; numbers are lists of str, too."""
    rows = [list(head)] + [[plain(str(cell)) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return '\n'.join('  '.join(cell.ljust(width) for cell, width
                               in zip(row, widths)).rstrip() for row in rows)
