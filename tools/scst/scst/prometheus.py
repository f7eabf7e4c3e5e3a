# SPDX-License-Identifier: GPL-2.0
"""Counters of sessions and LUNs in the text format of Prometheus (0.0.4)."""

GAUGES = ('active_commands',)
HELP = {
    'commands': 'SCSI commands that have ended.',
    'read_commands': 'Commands that were to move data to the initiator.',
    'write_commands': 'Commands that were to move data from the initiator.',
    'read_bytes': 'Bytes moved to the initiator.',
    'write_bytes': 'Bytes moved from the initiator.',
    'active_commands': 'SCSI commands that have come and not ended.',
}


def escape(text):
    """A label's value."""
    return (text.replace('\\', r'\\').replace('"', r'\"')
            .replace('\n', r'\n'))


def sample(name, labels, value):
    inside = ','.join('%s="%s"' % (key, escape(text))
                      for key, text in labels.items())
    return '%s{%s} %d' % (name, inside, value)


def _labels(session, lun=None):
    fabric, target = session.target()
    labels = {'session': session.get('sid'), 'fabric': fabric, 'target': target,
              'initiator': session.get('initiator_name'),
              'group': session.get('group')}
    if lun:
        labels['lun'] = lun.name.removeprefix('lun')
        labels['device'] = lun.get('device')
    return labels


def _metrics(prefix, things):
    """One block of lines for each counter that any of the things has."""
    for counter in HELP:
        have = [(labels, one.number(counter)) for labels, one in things
                if counter in one.values]
        if not have:
            continue
        gauge = counter in GAUGES
        name = prefix + counter + ('' if gauge else '_total')
        yield '# HELP %s %s' % (name, HELP[counter])
        yield '# TYPE %s %s' % (name, 'gauge' if gauge else 'counter')
        for labels, value in have:
            yield sample(name, labels, value)


def text(sessions):
    lines = ['# HELP scst_sessions Initiators that are logged in.',
             '# TYPE scst_sessions gauge', 'scst_sessions %d' % len(sessions)]
    lines += _metrics('scst_session_', [(_labels(s), s) for s in sessions])
    lines += _metrics('scst_lun_', [(_labels(s, lun), lun)
                                    for s in sessions for lun in s.luns])
    return '\n'.join(lines) + '\n'
