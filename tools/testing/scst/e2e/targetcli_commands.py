# SPDX-License-Identifier: GPL-2.0
"""Commands of targetcli as people type them, and how their answers are made
comparable. %(...)s are names and places of the test."""
import re

IQN = 'iqn.2003-01.org.linux-iscsi.host.x8664:sn.0123456789ab'
NAA = 'naa.5001405000000001'
ALICE = 'iqn.1994-05.com.redhat:alice'
BOB = 'iqn.1994-05.com.redhat:bob'

# Refused by the library, whose sentences are its own: only that they are
# refused is compared.
REFUSED = '!'
# Answered differently, with the reason.
DIFFERENT = '~'

BLOCK = '''
set global auto_save_on_exit=false
/backstores/fileio create f0 %(dir)s/f0.img 8M
/backstores/fileio create f1 %(dir)s/f1.img 16M write_back=false wwn=6001405aabbccdd00112233445566778
! /backstores/fileio create f0 %(dir)s/f2.img 8M
/backstores/fileio create f3 %(dir)s/f1.img
/backstores/fileio create f3 %(dir)s/none.img
/backstores/block create b0 %(loop)s
! /backstores/block create b1 %(dir)s/f2.img
/backstores/ramdisk create r0 8M
! /backstores/ramdisk create r0 8M
/backstores/fileio/f1 info
/backstores/block/b0 info
/backstores/ramdisk/r0 info
/backstores/fileio/f0 status
/backstores/fileio/f0 set attribute emulate_tpu=1
/backstores/fileio/f0 set attribute emulate_write_cache=0
/backstores/fileio/f0 get attribute emulate_write_cache
/backstores/fileio/f0 get attribute emulate_caw
/backstores/fileio/f1 set attribute block_size=4096
/backstores/fileio ls
/iscsi create %(iqn)s
! /iscsi create %(iqn)s
! /iscsi create wrong
/iscsi status
/iscsi/%(iqn)s/tpg1 info
/iscsi/%(iqn)s/tpg1 get attribute generate_node_acls
/iscsi/%(iqn)s/tpg1/luns create /backstores/fileio/f0
/iscsi/%(iqn)s/tpg1/luns create /backstores/fileio/f0
/iscsi/%(iqn)s/tpg1/luns create /backstores/fileio/f1 5
/iscsi/%(iqn)s/tpg1/luns create %(dir)s/nothing
/iscsi/%(iqn)s/tpg1/luns/lun5 info
/iscsi/%(iqn)s/tpg1/acls create %(alice)s
/iscsi/%(iqn)s/tpg1/acls create %(bob)s add_mapped_luns=false
! /iscsi/%(iqn)s/tpg1/acls create %(alice)s
! /iscsi/%(iqn)s/tpg1/acls create notaname
/iscsi/%(iqn)s/tpg1/luns create /backstores/block/b0
/iscsi/%(iqn)s/tpg1/acls/%(alice)s delete 5
/iscsi/%(iqn)s/tpg1/acls/%(alice)s create 7 lun5 write_protect=1
! /iscsi/%(iqn)s/tpg1/acls/%(alice)s create 7 lun0
! /iscsi/%(iqn)s/tpg1/acls/%(alice)s create 9 lun44
/iscsi/%(iqn)s/tpg1/acls/%(alice)s/mapped_lun7 info
/iscsi/%(iqn)s/tpg1/acls/%(alice)s set auth userid=al password=alices-secret-01
/iscsi/%(iqn)s/tpg1/acls/%(alice)s set auth mutual_userid=disks mutual_password=disks-secret-003
/iscsi/%(iqn)s/tpg1/acls/%(alice)s get auth userid
/iscsi/%(iqn)s/tpg1/acls tag %(bob)s esx
/iscsi/%(iqn)s/tpg1/acls/esx info
/iscsi/%(iqn)s/tpg1/acls ls
/iscsi/%(iqn)s/tpg1 set attribute authentication=1
! /iscsi/%(iqn)s/tpg1/portals create 127.0.0.1
/iscsi/%(iqn)s/tpg1/portals delete 0.0.0.0 3260
/iscsi/%(iqn)s/tpg1/portals create 127.0.0.1
/iscsi/%(iqn)s/tpg1/portals create ::1 3261
! /iscsi/%(iqn)s/tpg1/portals delete 127.0.0.1 99
/iscsi/%(iqn)s/tpg1/portals/127.0.0.1:3260 info
! /iscsi/%(iqn)s/tpg1/portals/127.0.0.1:3260 enable_iser true
/iscsi/%(iqn)s/tpg1 set parameter MaxBurstLength=65536
/iscsi/%(iqn)s/tpg1 get parameter MaxBurstLength
/iscsi/%(iqn)s/tpg1 set attribute nosuch=1
/iscsi/%(iqn)s/tpg1 disable
/iscsi/%(iqn)s/tpg1 disable
/iscsi/%(iqn)s/tpg1 enable
/iscsi set discovery_auth enable=1 userid=disc password=discovery-secret
/iscsi get discovery_auth userid
/loopback create %(naa)s
/loopback/%(naa)s/luns create /backstores/ramdisk/r0
ls
sessions
saveconfig %(dir)s/saved/all.json
/backstores/fileio/f0 saveconfig %(dir)s/saved/f0.json
'''

# Answers that differ: SCST has no word here for disks that forget, other modules
# and no CPU lists, one portal group a target, portals for addresses of this machine
# only, and its parameters belong to the target.
DIFFERENCES = '''
~ /backstores/ramdisk create n0 8M nullio=true
~ /iscsi info
~ /loopback info
~ /iscsi/%(iqn)s create 2
~ /iscsi/%(iqn)s delete 2
~ /iscsi/%(iqn)s/tpg1/portals create 10.99.99.99
~ /iscsi/%(iqn)s/tpg1/portals delete 10.99.99.99 3260
~ /iscsi/%(iqn)s/tpg1/acls/%(alice)s get parameter
'''

END = '''
/iscsi/%(iqn)s/tpg1/acls untag esx
/iscsi/%(iqn)s/tpg1/acls delete %(bob)s
/iscsi/%(iqn)s/tpg1/luns delete lun5
/iscsi/%(iqn)s/tpg1/luns delete 99
/backstores/fileio delete f0
refresh
/iscsi/%(iqn)s ls
/iscsi delete %(iqn)s
/loopback delete %(naa)s
! clearconfig
clearconfig confirm=true
/backstores ls
restoreconfig %(dir)s/saved/all.json
ls
! restoreconfig %(dir)s/saved/all.json
restoreconfig %(dir)s/saved/all.json clear_existing=true
restoreconfig %(dir)s/saved/none.json
saveconfig %(dir)s/saved/again.json
clearconfig confirm=true
'''

SUBSTITUTES = (
    (r'\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b', 'UUID'),
    # The initiator's side of a loopback
    (r'\[naa\.5001405[0-9a-f]{9}\]', '[NEXUS]'),
    (r' \.{2,} ', ' ... '),
)


class Command:
    """A line of the tables."""

    def __init__(self, line):
        self.kind = line[0] if line[0] in REFUSED + DIFFERENT else ''
        self.text = line.lstrip(REFUSED + DIFFERENT + ' ')


def commands(table):
    return [Command(line) for line in table.splitlines() if line]


def comparable(command, answer):
    """An answer without what is by chance, or another fabric's; refusals that
    are sentences of the library are all the same."""
    if command.kind == REFUSED:
        return 'refused' if re.fullmatch(
            r'((Using default IP port|Warning: ).*\n)?'
            r'(?!Created|Deleted).+', answer) else answer
    for pattern, by in SUBSTITUTES:
        answer = re.sub(pattern, by, answer)
    # LIO lists fabrics that SCST has not, and has an alias for each LUN.
    lines = [line for line in answer.splitlines()
             if not re.match(r'alias: |  o- (vhost|xen-pvscsi) ', line)]
    if command.text == 'ls':
        # ... and whether a line has a sibling below depends on them.
        lines = [line.replace('  | ', '    ', 1) for line in lines]
    if ' create ' in command.text:
        # ... in the order in which configfs lists LUNs and ACLs
        lines[1:] = sorted(lines[1:])
    return '\n'.join(line.rstrip() for line in lines)
