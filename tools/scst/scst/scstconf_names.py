# SPDX-License-Identifier: GPL-2.0
"""What the attributes of scst.conf are called here, and which are no more.

In a table of names: {old name: (new name, function from old to new value)};
in a table of what is gone: {old name: (values that change nothing here, why)},
where None stands for all values.
"""
_IDENTITY = ('t10_vend_id', 'prod_id', 'prod_rev_lvl', 'inq_vend_specific',
             't10_dev_id', 'usn', 'vend_specific_id', 'scsi_device_name',
             'naa_id', 'eui64_id')
_DISK = _IDENTITY + ('blocksize', 'size_mb', 'read_only', 'removable',
                     'rotational', 'thin_provisioned', 'tst')


def _as_is(*names):
    return {name: (name, str) for name in names}


def _mask(value):
    """CPUs of a mask in hexadecimal digits, as a list."""
    mask = int(value.replace(',', ''), 16)
    return ','.join(str(cpu) for cpu in range(mask.bit_length())
                    if mask >> cpu & 1)


def _mebibytes(value):
    size, rest = divmod(int(value, 0), 1 << 20)
    if rest:
        raise ValueError('no whole number of MiB')
    return str(size)


_SIZE = {'size': ('size_mb', _mebibytes)}
_STORE = _as_is('filename', 'nv_cache', 'write_through', 'bind_alua_state')

DEVICE = {
    'vdisk_fileio': _as_is(*_DISK) | _STORE | _SIZE | _as_is('o_direct'),
    'vdisk_blockio': _as_is(*_DISK) | _STORE | _SIZE,
    'vdisk_nullio': _as_is(*_DISK) | _SIZE | _as_is('dummy'),
    'vcdrom': _as_is(*_IDENTITY, 'filename', 'tst'),
}

_THREADS = 'work is done by workqueues, which need no number of threads'
GONE_OF_DEVICE = {
    'threads_num': (('0', '1', ''), _THREADS),
    'threads_pool_type': (('per_initiator', 'shared', ''), _THREADS),
    'numa_node_id': (('-1', ''), 'memory comes from the node that is used'),
    'async': (('0', '1', ''), 'I/O is asynchronous where the store can'),
    'zero_copy': (('0', ''), 'there is no such choice'),
    'cluster_mode': (('0', ''), 'reservations are not shared with other '
                                'machines'),
    'active': (('1', ''), 'this is run-time state'),
    'bind_alua_state': (('0', '1', ''), 'it has no store to close'),
    'lb_per_pb_exp': (('0', '1', ''), 'the store says it'),
    'expl_alua': (('0', ''), 'it is "explicit" of the device group'),
    'pr_file_name': ((), 'reservations have another form here; initiators '
                         'register again'),
    'dif_mode': (('', '0'), 'protection information is not imported'),
    'dif_type': (('', '0'), 'protection information is not imported'),
    'dif_static_app_tag': (('', '0x0', '0'), 'protection information is not '
                                             'imported'),
    'dif_filename': (('',), 'protection information is not imported'),
    # what scstadmin wrote although nobody can set it
    'type': (None, ''), 'resync_size': (None, ''), 'sync': (None, ''),
    'handler': (None, ''), 'dump_prs': (None, ''),
    'gen_tp_soft_threshold_reached_UA': (None, ''), 'exported': (None, ''),
    'block': (None, ''), 'inq_file': (('',), 'there is no such choice'),
    'vpd_file': (('',), 'there is no such choice'),
}

_GROUPING = {'io_grouping_type': (('auto', ''), 'there is no such choice'),
             'black_hole': (('0', ''), 'there is no such choice')}

_TARGET = _as_is('enabled', 'rel_tgt_id') | {
    'addr_method': ('addr_method', str.lower), 'cpu_mask': ('cpus', _mask)}
PARAMS = ('HeaderDigest', 'DataDigest', 'InitialR2T', 'ImmediateData',
          'MaxRecvDataSegmentLength', 'MaxXmitDataSegmentLength',
          'MaxBurstLength', 'FirstBurstLength', 'MaxOutstandingR2T',
          'QueuedCommands', 'RspTimeout', 'NopInInterval', 'NopInTimeout')

TARGET = {
    'scst_local': _TARGET | _as_is('scsi_transport_version',
                                   'phys_transport_version'),
    'iscsi': _TARGET | _as_is('aen_disabled', 'alias', 'redirect',
                              'per_portal_acl', 'MaxSessions',
                              'per_sess_dedicated_tgt_threads') |
    {name: ('params/' + name, str) for name in PARAMS},
}
GONE_OF_TARGET = _GROUPING | {
    'comment': (('',), 'there is no such attribute'), 'tid': (None, ''),
    'forward_src': (('0', ''), 'there is no such choice'),
    'forward_dst': (('0', ''), 'there is no such choice'),
    'forwarding': (('0', ''), 'there is no such choice'),
    'MaxConnections': (('1',), 'a session has one connection'),
    'ErrorRecoveryLevel': (('0',), 'the level is 0'),
    'DefaultTime2Wait': (('2',), 'it is always 2'),
    'DefaultTime2Retain': (('0',), 'it is always 0'),
    'DataPDUInOrder': (('Yes',), 'it is always Yes'),
    'DataSequenceInOrder': (('Yes',), 'it is always Yes'),
    'OFMarker': (('No',), 'RFC 7143 has retired markers'),
    'IFMarker': (('No',), 'RFC 7143 has retired markers'),
}

GROUP = {
    'scst_local': {'cpu_mask': ('cpus', _mask)},
    'iscsi': {'cpu_mask': ('cpus', _mask)} |
    _as_is('per_sess_dedicated_tgt_threads'),
}
GONE_OF_GROUP = _GROUPING | {
    'addr_method': (('PERIPHERAL', 'peripheral'),
                    'a group has that of its target')}

LUN = _as_is('read_only')
TPG = _as_is('group_id', 'preferred', 'state')
PORT = _as_is('rel_tgt_id')

GONE_OF_DRIVER = {
    'trace_level': (None, ''), 'version': (None, ''), 'open_state': (None, ''),
    'iSNSServer': (('',), 'run scst-isnsd with that server'),
    'link_local': (('1', ''), 'make the portals that you want'),
    'internal_portal': (('',), 'there is no such choice'),
    'add_default_tgt': (None, ''), 'stats': (None, ''),
}
_WHOLE = 'there is no such choice'
GONE = {
    'setup_id': (('0x0', '0'), 'devices are known by usn, naa_id and '
                               't10_dev_id, which don\'t depend on it'),
    'threads': (None, _THREADS), 'trace_level': (None, ''),
    'max_tasklet_cmd': (('10', '20'), _WHOLE),
    'poll_us': (('0',), 'each vdisk_blockio has one'),
    'suspend': (('0', ''), 'nothing has to be suspended'),
    'cluster_name': (('',), 'reservations are not shared with other machines'),
    'force_global_sgv_pool': (('0',), _WHOLE), 'version': (None, ''),
    'measure_latency': (('0',), 'tracepoints and debugfs show latencies'),
    'last_sysfs_mgmt_res': (None, ''), 'dif_capabilities': (None, ''),
}
