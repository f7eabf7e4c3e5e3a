# SPDX-License-Identifier: GPL-2.0
"""What the attributes of LIO are called here, and which are not.

In a table of names: {LIO's name: (new name, function from LIO's to new value)};
in a table of the rest: {LIO's name: value that nobody need be told of}.
"""
STATES = {0: 'active', 1: 'nonoptimized', 2: 'standby', 3: 'unavailable',
          14: 'offline', 15: 'transitioning'}
SUPPORTS = {'alua_support_active_optimized': 'active',
            'alua_support_active_nonoptimized': 'nonoptimized',
            'alua_support_standby': 'standby',
            'alua_support_unavailable': 'unavailable',
            'alua_support_offline': 'offline',
            'alua_support_transitioning': 'transitioning'}
EXPLICIT = 2        # a bit of alua_access_type


def _flag(value):
    return '1' if int(value) else '0'


DEVICE = {
    'block_size': ('blocksize', str),
    'emulate_tas': ('tas', _flag),
    'emulate_ua_intlck_ctrl':
        ('ua_intlck_ctrl', lambda value: ('0', '2', '3')[int(value)]),
    'is_nonrot': ('rotational', lambda value: '0' if int(value) else '1'),
}
# What the store says is no choice of an administrator's: sizes and limits.
DEVICE_REST = {
    'emulate_3pc': 1, 'emulate_caw': 1, 'emulate_dpo': 1,
    'emulate_fua_read': 1, 'emulate_fua_write': 1, 'emulate_pr': 1,
    'emulate_rest_reord': 0, 'emulate_rsoc': 1, 'enforce_pr_isids': 1,
    'force_pr_aptpl': 0, 'pi_prot_type': 0, 'pi_prot_verify': 0,
    'alua_support': 1, 'pgr_support': 1,
}
DEVICE_LIMITS = frozenset((
    'emulate_model_alias', 'emulate_tpu', 'emulate_tpws',
    'emulate_write_cache', 'hw_block_size', 'hw_max_sectors', 'hw_queue_depth',
    'hw_pi_prot_type', 'max_sectors', 'fabric_max_sectors', 'optimal_sectors',
    'queue_depth', 'max_unmap_block_desc_count', 'max_unmap_lba_count',
    'max_write_same_len', 'unmap_granularity', 'unmap_granularity_alignment',
    'unmap_zeroes_data', 'pi_prot_format', 'submit_type', 'complete_type'))

_PARAMS = ('HeaderDigest', 'DataDigest', 'InitialR2T', 'ImmediateData',
           'MaxRecvDataSegmentLength', 'MaxXmitDataSegmentLength',
           'MaxBurstLength', 'FirstBurstLength', 'MaxOutstandingR2T')
PARAMETERS = {name: ('params/' + name, str) for name in _PARAMS}
PARAMETERS_REST = {
    'AuthMethod': None, 'MaxConnections': '1', 'ErrorRecoveryLevel': '0',
    'DefaultTime2Wait': '2', 'DefaultTime2Retain': '20',
    'DataPDUInOrder': 'Yes', 'DataSequenceInOrder': 'Yes',
    'IFMarker': 'No', 'OFMarker': 'No', 'IFMarkInt': None, 'OFMarkInt': None,
    'TargetAlias': None,
}

TPG = {'default_cmdsn_depth': ('params/QueuedCommands', str)}
TPG_REST = {
    'authentication': None, 'generate_node_acls': None,
    'demo_mode_write_protect': None, 'prod_mode_write_protect': None,
    'cache_dynamic_acls': None, 'default_erl': 0, 'demo_mode_discovery': None,
    'fabric_prot_type': 0, 'login_keys_workaround': 1, 'login_timeout': 15,
    'netif_timeout': 2, 't10_pi': 0, 'tpg_enabled_sendtargets': 1,
}
ACL_REST = {
    'authentication': -1, 'dataout_timeout': 3, 'dataout_timeout_retries': 5,
    'default_erl': 0, 'nopin_response_timeout': 30, 'nopin_timeout': 15,
    'random_datain_pdu_offsets': 0, 'random_datain_seq_offsets': 0,
    'random_r2t_offsets': 0, 'cmdsn_depth': None,
}
