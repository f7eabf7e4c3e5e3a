# SPDX-License-Identifier: GPL-2.0
"""Trees, tables and numbers as text."""

COLORS = (None, 'blue', 'magenta')
UNITS = ('B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB')


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
    return ['enabled' if node.get('enabled') == '1' else 'disabled']


def tree(target, shell, depth=None):
    """The lines of ls."""
    return '\n'.join(_lines(target, shell, depth, [], 0))


def _lines(target, shell, depth, margin, level):
    yield _line(target, shell, margin, level)
    if depth == 0:
        return
    below = target.listed()
    for number, child in enumerate(below, 1):
        yield from _lines(child, shell, None if depth is None else depth - 1,
                          margin + [number < len(below)], level + 1)


def _line(target, shell, margin, level):
    color = COLORS[target.path.rstrip('/').count('/') % len(COLORS)]
    con = shell.con
    start = ''.join('| ' if more else '  ' for more in [False] * (level > 0) +
                    margin[:-1]) + 'o- '
    text, healthy = target.summary()
    dots = con.get_width() - len(start) - len(target.name) - len(text) - 4
    styles = ['bold'] if level else ['bold', 'underline']
    return ''.join((
        start, con.render_text(target.name, color, styles=styles), ' ',
        con.render_text('.' * max(dots, 2), color),
        con.render_text(' [', styles=['bold']),
        con.render_text(text, {True: 'green', False: 'red'}.get(healthy)),
        con.render_text(']', styles=['bold'])))


def table(head, rows):
    """Columns as wide as they must be; numbers are lists of str, too."""
    rows = [list(head)] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return '\n'.join('  '.join(cell.ljust(width) for cell, width
                               in zip(row, widths)).rstrip() for row in rows)
