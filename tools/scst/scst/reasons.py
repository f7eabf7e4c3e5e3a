# SPDX-License-Identifier: GPL-2.0
"""Why the kernel refuses something, and what to do: the table of errors.py.

{kind: {'operation attribute': {errno: reason}}}; the key may be the operation
alone, for all attributes, or have a value (write enabled=1). A reason completes
a sentence that has named the object. What each errno means there is in
Documentation/ABI/testing/configfs-scst.
"""

ANY = '*'

# Which take effect only when the device is enabled again
_CLOSED = ('the device is enabled. Disable it first: {where} disable (no LUN '
           'may show it then).')
_LONG = 'the name is too long. 223 bytes are possible; choose a shorter one.'
_TEXT = 'only ASCII letters, digits, punctuation and blanks are possible here.'
_SHORTER = 'that is too long. Give a shorter text.'
_ZERO_ONE = 'it is 0 or 1.'
_MODE = 'the standard has no such value. See {attribute} in the reference.'
_FILE = 'it is not an absolute file name. Begin it with /.'
_LATER = ('the file was written by a later version of SCST. Use that version, '
          'or another file.')
_TAKEN = ('another target has that number. Choose another one; `ls` shows who '
          'has which.')
_SECRET = ('a secret has 12 to 255 bytes, no NUL, and neither is nor begins like '
           'one of the other direction, in whatever group of the target. '
           'Choose another one.')
_ADDRESS = ('that is not an address. Write 192.0.2.1, 192.0.2.1:3260, '
            '[2001:db8::1] or [2001:db8::1]:3260.')
_YES_NO = 'it is Yes or No.'
_DIGEST = 'it is None, CRC32C, or CRC32C,None.'


def _range(text):
    return {'EINVAL': 'that is not a number; it is %s.' % text,
            'ERANGE': 'it is %s.' % text}


def _identifier(form):
    return {'EINVAL': 'that has another form: %s.' % form}


_STORE = {
    'EINVAL': 'its store does not fit. Set filename to a file or block device; '
              'a block device needs logical blocks not larger than blocksize.',
    'ENOENT': 'there is no such file. Make it, or set filename to another: '
              '{where} set filename=...',
    'EISDIR': 'filename is a directory. Set it to a file or a block device.',
    'ENOTBLK': 'filename is not a block device. vdisk_blockio needs one; use '
               'vdisk_fileio for files.',
    'ENODATA': 'its file is shorter than one block. Make it longer, for '
               'example with truncate -s 1G.',
    'EBUSY': 'its block device is mounted, or another device uses the file. '
             'Unmount it, or choose another file.',
    'EROFS': 'the file is on a read-only file system. Set read_only=1, or '
             'choose another file.',
    'EACCES': 'this machine does not allow that file to be opened. Look at its '
              'permissions.',
    'ENOSPC': 'the store is smaller than size_mb says. Make it larger, or set '
              'size_mb=0 for all of it.',
    'EFBIG': 'an image for a CD drive has less than 2^32 blocks of 2048 bytes.',
    'ENXIO': 'the block device has no medium, or no driver. Look at dmesg.',
}

_DEVICE = {
    'mkdir': {
        'EEXIST': 'there is a device of that name. Names are unique over all '
                  'handlers; choose another one, or delete the other device.',
        'ENAMETOOLONG': _LONG,
    },
    'rmdir': {'EBUSY': '{users} uses it. Delete that first.'},
    'write enabled=0': {
        'EBUSY': '{users} shows it, or it is just being changed. Delete such '
                 'LUNs first.',
    },
    'write enabled': {
        **_STORE,
        'EOPNOTSUPP': 'the store cannot free blocks (thin_provisioned), or its '
                      'reservations are from a later version. Set '
                      'thin_provisioned=0, or look at dmesg.',
        'EUCLEAN': 'the file of its reservations (pr/aptpl_file) or of its '
                   'mode pages (mode_pages_file) is damaged; dmesg says which. '
                   'Remove that file if nobody relies on it.',
        'EMEDIUMTYPE': 'pr/aptpl_file belongs to another device. Choose '
                       'another file, or remove it.',
        'ELOOP': 'pr/aptpl_file is a symbolic link. Set it to the file itself.',
        'EEXIST': 'pr/lost is 1, but pr/aptpl_file has reservations. Set '
                  'pr/lost=0, or remove the file.',
    },
    'write': {'EBUSY': _CLOSED},
    'write expected_values': {'EINVAL': 'it is verify or trust.'},
    'write pr/aptpl_file': {'EINVAL': _FILE, 'ENAMETOOLONG': _SHORTER,
                            'EBUSY': _CLOSED},
    'write pr/restore': {
        'EINVAL': 'it is not a file with what pr/state of a device gave. Give '
                  'its absolute name.',
        'EOPNOTSUPP': _LATER,
        'ENOENT': 'there is no such file. Give the name of one that has what '
                  'pr/state of a device gave.',
    },
    'write pr/lost': {'EEXIST': 'pr/aptpl_file has reservations. Remove it '
                                'first if they are not to count.',
                      'EINVAL': _ZERO_ONE},
    'read pr/state': {'EAGAIN': 'the reservations have just changed. Try '
                                'again.'},
    'write mode_pages_file': {'EINVAL': _FILE, 'ENAMETOOLONG': _SHORTER},
    'write filename': {**_STORE, 'EINVAL': _FILE,
                       'EBUSY': 'the device is enabled, or an initiator holds '
                                'the medium. Set active=0 or disable it first; '
                                'a drive has got an eject request.'},
    'write active': {
        **_STORE,
        'ENODEV': 'the device is not enabled. {where} enable',
        'EBUSY': 'an earlier change still waits for commands. Try again when '
                 'they have ended.',
    },
    'write blocksize': {'EINVAL': 'it is a power of two from 512 to 4096.'},
    'write size_mb': {'ERANGE': 'that is too much. It is in MiB, at most '
                                '17592186044415.',
                      'EINVAL': 'that is not a number of MiB.'},
    'write resync_size': {
        'EINVAL': 'only 1 can be written, to look at the size again.',
        'ENODEV': 'the device is not enabled. {where} enable',
        'ENODATA': 'not even one block is left of the store. Make it longer.',
    },
    'write read_only': {'EROFS': 'the store was opened for reading only. '
                                 'Disable the device, set read_only=0, and '
                                 'enable it.'},
    'write poll_us': {'EINVAL': 'it is a number of microseconds.',
                      'ERANGE': 'it is one second, 1000000, at most.'},
    'write form_factor': {'EINVAL': 'it is 0 to 5: none, 5.25, 3.5, 2.5, 1.8 '
                                    'inch, less.'},
    'write scsi_device_name': {
        **_identifier('naa., eui. and hexadecimal digits, or iqn.'),
        'ENAMETOOLONG': _SHORTER},
    'write naa_id': _identifier('0x and 16 digits that begin with 2, 3 or 5, '
                                'or 32 that begin with 6'),
    'write eui64_id': _identifier('0x and 16, 24 or 32 hexadecimal digits'),
    **{'write ' + name: {'EINVAL': _TEXT, 'ENAMETOOLONG': _SHORTER,
                         'EBUSY': 'commands are inside. Try again.'}
       for name in ('t10_vend_id', 'prod_id', 'prod_rev_lvl', 'usn',
                    'inq_vend_specific', 't10_dev_id', 'vend_specific_id')},
    **{'write ' + name: {'EINVAL': _MODE, 'EBUSY': _CLOSED}
       for name in ('tst', 'tmf_only', 'dpicz', 'd_sense', 'queue_alg', 'qerr',
                    'ua_intlck_ctrl', 'swp', 'tas')},
    **{'write ' + name: {'EINVAL': _ZERO_ONE, 'EBUSY': _CLOSED,
                         'EOPNOTSUPP': 'the store cannot do that.'}
       for name in ('dummy', 'removable', 'rotational', 'thin_provisioned',
                    'o_direct', 'nv_cache', 'write_through')},
}

_LUN = {
    'mkdir': {
        'EINVAL': 'a LUN is a decimal number, without zeros before it.',
        'ERANGE': 'LUNs are 0 to 16383. Choose another number.',
        'EEXIST': 'it is there already. {where} replace DEVICE changes what it '
                  'shows; without a number the next free one is taken.',
    },
    'link': {
        'ENODEV': 'the device is not enabled. {linked} enable',
        'EINVAL': 'that is not a device. `ls /devices` shows them.',
        'EEXIST': 'the LUN shows it already. There is nothing to do.',
        'EBUSY': 'the LUN has two devices now. Take one away first.',
        'ENOENT': 'there is no such device. `ls /devices` shows them.',
    },
}

_TARGET = {
    'mkdir': {
        'EEXIST': 'there is a target of that name. Choose another one.',
        'ENAMETOOLONG': _LONG,
        'EINVAL': 'that is not a name for a target of {fabric}. iSCSI wants '
                  'lower case iqn.YEAR-MONTH.DOMAIN:TEXT, eui. or naa.; '
                  'without a name one is made up.',
        'ENOSPC': 'there are 65535 targets already. Delete one first.',
    },
    'rmdir': {'EBUSY': '{users} uses it. Delete that first.',
              'ENOTEMPTY': 'there is something in it. Delete that first.'},
    'write enabled': {
        'EBUSY': 'there are sessions that the fabric cannot end. Delete them '
                 'first: {where}/sessions delete',
        'ENOTUNIQ': 'rel_tgt_id is that of a port in a device group. Set '
                    'another one.'},
    'write rel_tgt_id': {
        'EINVAL': 'it is a number from 1 to 65535.',
        'ERANGE': 'it is 1 to 65535.', 'EEXIST': _TAKEN,
        'ENOTUNIQ': 'a port in a device group has that number. Choose another.',
        'EBUSY': 'the target is enabled, or sessions are ending. Disable it '
                 'first: {where} disable'},
    'write addr_method': {
        'EINVAL': 'it is peripheral, flat or lun.',
        'EBUSY': 'the target is enabled. Disable it first: {where} disable'},
    'write cpus': {
        'EINVAL': 'that is not a list of CPUs of this machine, such as 0,2-3.',
        'ERANGE': 'this machine has no CPU of such a number.'},
    'write alias': {'EINVAL': 'control characters are not possible here.',
                    'ENAMETOOLONG': _SHORTER},
    'write redirect': {
        'EINVAL': 'it is "ADDRESS[:PORT] temp" or "ADDRESS[:PORT] perm", or '
                  'empty for none; the address is none that stands for all.'},
    'write per_portal_acl': {
        'EBUSY': 'there are sessions. Disable the target first: {where} '
                 'disable',
        'EINVAL': _ZERO_ONE},
    'write MaxSessions': {'EINVAL': 'it is a number; 0 is for no limit.'},
    **{'write params/' + name: {'EINVAL': _DIGEST}
       for name in ('HeaderDigest', 'DataDigest')},
    **{'write params/' + name: {'EINVAL': _YES_NO}
       for name in ('InitialR2T', 'ImmediateData')},
    **{'write params/' + name: _range('512 to 16777215 bytes')
       for name in ('MaxRecvDataSegmentLength', 'MaxXmitDataSegmentLength',
                    'MaxBurstLength', 'FirstBurstLength')},
    'write params/MaxOutstandingR2T': _range('1 to 65535'),
    'write params/QueuedCommands': _range('1 to 2048'),
    'write params/RspTimeout': _range('2 to 65535 seconds'),
    'write params/NopInInterval': _range('0 to 65535 seconds; 0 is for never'),
    'write params/NopInTimeout': _range('2 to 65535 seconds'),
}

_DEVICE_GROUP = {
    'mkdir': {'ENAMETOOLONG': _LONG,
              'EEXIST': 'there is a device group of that name. Choose '
                        'another.'},
    'rmdir': {'ENOTEMPTY': 'it has devices or target groups. Delete them '
                           'first.'},
    'write lu_group_id': {'EEXIST': 'another device group has that number. '
                                    'Choose another one.',
                          **_range('0 to 65535')},
    'write implicit_transition_time': _range('0 to 255 seconds'),
    'write explicit_timeout': _range('1 to 3600 seconds'),
    'write request': {'EINVAL': 'only "fail" can be written, to refuse it, or '
                                'its number and "fail".',
                      'ESTALE': 'that request has ended, and another one is '
                                'there. Read this to see what it asks for.',
                      'ENODATA': 'no initiator asks for anything now.'},
}

_TARGET_GROUP = {
    'mkdir': {'ENAMETOOLONG': _LONG,
              'EEXIST': 'there is a target group of that name. Choose '
                        'another.'},
    'rmdir': {'ENOTEMPTY': 'it has targets. Delete them first.'},
    'write group_id': {'EEXIST': 'another target group has that number. Choose '
                                 'another one.', **_range('0 to 65535')},
    'write state': {
        'EINVAL': 'it is active, nonoptimized, standby, unavailable, offline '
                  'or transitioning.',
        'EOPNOTSUPP': 'supported_states does not have it. Add it there first.'},
    'write supported_states': {
        'EINVAL': 'it is a list of active, nonoptimized, standby, unavailable, '
                  'offline and transitioning, with blanks between them.',
        'EBUSY': 'the state that the group is in would not be among them. '
                 'Change state first.'},
}

_PORT = {
    'EEXIST': 'it is in a target group of this device group already. Take it '
              'out there first.',
    'ENOTUNIQ': 'another port has the same rel_tgt_id. Give it another one '
                'first.',
    'ENOSPC': 'a target group has at most 255 ports.',
    'EINVAL': 'that is not a target. Name one of this machine, or give '
              'rel_tgt_id=... for a port of another one.',
    'ENAMETOOLONG': _LONG,
}

REASONS = {
    'device': _DEVICE,
    'lun': _LUN,
    'target': _TARGET,
    'device_group': _DEVICE_GROUP,
    'target_group': _TARGET_GROUP,
    'group': {
        'mkdir': {'EEXIST': 'the target has a group of that name. Choose '
                            'another.',
                  'ENAMETOOLONG': _LONG},
        'write cpus': _TARGET['write cpus'],
    },
    'initiator': {
        'mkdir': {'EEXIST': 'the group has it already. There is nothing to do.',
                  'ENAMETOOLONG': _LONG},
    },
    'session': {
        'mkdir': {'ESHUTDOWN': 'the target is not enabled. Enable it first: '
                               '/{fabric}/{target} enable',
                  'EEXIST': 'the target has a session of that name. Choose '
                            'another one.'},
        'write transport_id': {'EINVAL': 'that is not a TransportID. Give its '
                                         '24 to 248 bytes in hexadecimal '
                                         'digits.'},
    },
    'portal': {
        'mkdir': {
            'EINVAL': _ADDRESS,
            'ENODEV': 'there is no such interface behind the %. `ip link` '
                      'shows them.',
            'EADDRNOTAVAIL': 'it is not an address of this machine. `ip '
                             'address` shows them.',
            'EADDRINUSE': 'somebody listens at that address, or at all of '
                          'them. `ss -ltnp` shows who; choose another port.',
            'EEXIST': 'it is there already. There is nothing to do.',
            'EAFNOSUPPORT': 'this machine does not do IPv6. Use an IPv4 '
                            'address.',
        },
    },
    'account': {
        'mkdir': {'EBUSY': 'there is an account for this direction; there can '
                           'be one only. Delete it first.',
                  'EEXIST': 'there is an account of that name. Choose another, '
                            'or set its password.'},
        'write password': {'EINVAL': _SECRET, 'ENAMETOOLONG': _SECRET},
    },
    'allowed': {
        'mkdir': {'EINVAL': 'a pattern has characters of addresses, * and ?, '
                            'and perhaps a leading !; no brackets or port.',
                  'ENAMETOOLONG': 'a pattern has at most 79 bytes.'},
    },
    'member': {
        'link': {'EBUSY': 'the device is in another device group. Take it out '
                          'there first.',
                 'EEXIST': 'it is in this group already. There is nothing to '
                           'do.',
                 'EINVAL': 'that is not a device. `ls /devices` shows them.'},
    },
    'port': {
        'mkdir': _PORT, 'link': _PORT,
        'write rel_tgt_id': {'EINVAL': 'it is 1 to 65535.',
                             'ERANGE': 'it is 1 to 65535.',
                             'ENOTUNIQ': _PORT['ENOTUNIQ']},
    },
    'core': {'read': {'ENOENT': 'SCST is not loaded. modprobe scst_vdisk '
                                'scst_iscsi, and mount configfs.'}},
    ANY: {
        'mkdir': {'EPERM': 'nothing can be made there. `ls` shows what is.',
                  'EEXIST': 'it is there already. Choose another name.'},
        'rmdir': {'EPERM': 'it belongs to what is above it, and goes with '
                           'that.',
                  'EBUSY': '{users} uses it. Delete that first.',
                  'ENOTEMPTY': 'there is something in it. Delete that first.'},
        'read': {'EACCES': 'it can only be written.'},
        'write': {'EACCES': 'it can only be read.',
                  'ENOENT': 'there is no such attribute. `get` shows those '
                            'that there are.'},
    },
}

# What an errno says wherever it comes from
GENERAL = {
    'EACCES': 'that is not allowed. Only root may; try sudo.',
    'EPERM': 'that is not possible here. `help` shows what is.',
    'ENOENT': 'it is not there, or not any more. `ls` shows what is.',
    'ENODEV': 'there is no such device, or it is not enabled. `ls /devices` '
              'shows which there are.',
    'EEXIST': 'it is there already. Choose another name, or delete it first.',
    'EBUSY': 'it is in use. Try again, or end that use first.',
    'EINVAL': 'it does not take that value. The reference, '
              'Documentation/ABI/testing/configfs-scst, has those that it '
              'takes.',
    'ERANGE': 'that number is too small or too large. The reference, '
              'Documentation/ABI/testing/configfs-scst, has its limits.',
    'ENAMETOOLONG': 'that is too long. Choose something shorter.',
    'ENOTEMPTY': 'there is something in it. Delete that first.',
    'EOPNOTSUPP': 'it cannot do that. The reference, '
                  'Documentation/ABI/testing/configfs-scst, says what can.',
    'EROFS': 'it is read-only. Choose a place that can be written.',
    'ENOSPC': 'there is no room left. Make some, or delete what is not '
              'needed.',
    'ENOMEM': 'the kernel has no memory left for it. Try again later.',
    'EIO': 'the store has failed. Look at dmesg, which says more.',
    'EINTR': 'it was interrupted. Try again.',
    'ENOTDIR': 'it is not a directory. `ls` shows what is.',
}
