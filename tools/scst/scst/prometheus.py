# SPDX-License-Identifier: GPL-2.0
"""Counters of sessions and LUNs in the text format of Prometheus (0.0.4)."""

# attribute, metric, its type, how many of the attribute make one, its help
METRICS = (
    ('commands', 'commands_total', 'counter', 1, 'SCSI commands that have ended.'),
    ('read_commands', 'read_commands_total', 'counter', 1,
     'Commands that were to move data to the initiator.'),
    ('write_commands', 'write_commands_total', 'counter', 1,
     'Commands that were to move data from the initiator.'),
    ('read_bytes', 'read_bytes_total', 'counter', 1,
     'Bytes moved to the initiator.'),
    ('write_bytes', 'write_bytes_total', 'counter', 1,
     'Bytes moved from the initiator.'),
    ('commands_ns', 'commands_seconds_total', 'counter', 10 ** 9,
     'Time that the commands that have ended took together.'),
    ('read_commands_ns', 'read_commands_seconds_total', 'counter', 10 ** 9,
     'Time that read commands took together.'),
    ('write_commands_ns', 'write_commands_seconds_total', 'counter', 10 ** 9,
     'Time that write commands took together.'),
    ('active_commands', 'active_commands', 'gauge', 1,
     'SCSI commands that have come and not ended.'),
    ('unit_attentions', 'unit_attentions', 'gauge', 1,
     'Unit attention conditions that the initiator was not told yet.'),
)


def escape(text):
    """A label's value."""
    return (text.replace('\\', r'\\').replace('"', r'\"')
            .replace('\n', r'\n'))


def sample(name, labels, value):
    inside = ','.join('%s="%s"' % (key, escape(text))
                      for key, text in labels.items())
    return '%s{%s} %s' % (name, inside, value)


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
    """One block of lines for each attribute that any of the things has."""
    for attribute, metric, kind, divisor, help_text in METRICS:
        have = [(labels, one.number(attribute)) for labels, one in things
                if attribute in one.values]
        if not have:
            continue
        name = prefix + metric
        yield '# HELP %s %s' % (name, help_text)
        yield '# TYPE %s %s' % (name, kind)
        for labels, value in have:
            yield sample(name, labels, value if divisor == 1 else
                         '%.9f' % (value / divisor))


def text(sessions):
    lines = ['# HELP scst_sessions Initiators that are logged in.',
             '# TYPE scst_sessions gauge', 'scst_sessions %d' % len(sessions)]
    lines += _metrics('scst_session_', [(_labels(s), s) for s in sessions])
    lines += _metrics('scst_lun_', [(_labels(s, lun), lun)
                                    for s in sessions for lun in s.luns])
    return '\n'.join(lines) + '\n'
