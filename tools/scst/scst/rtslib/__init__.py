# SPDX-License-Identifier: GPL-2.0
"""The objects that LIO's targetcli works with, over SCST.

The names are those of rtslib-fb, by which targetcli imports them; what they do
is SCST's, in configfs. See Documentation/scst/targetcli.rst.
"""
from scst.rtslib.acl import MappedLUNGroup, NodeACL, NodeACLGroup
from scst.rtslib.alua import ALUATargetPortGroup
from scst.rtslib.backstore import (BlockStorageObject, FileIOStorageObject,
                                   PSCSIStorageObject, RDMCPStorageObject,
                                   StorageObjectFactory,
                                   UserBackedStorageObject)
from scst.rtslib.fabric import FabricModule
from scst.rtslib.lun import LUN, MappedLUN
from scst.rtslib.portal import NetworkPortal
from scst.rtslib.root import RTSRoot
from scst.rtslib.target import TPG, Target
from scst.rtslib.utils import (RTSLibALUANotSupported, RTSLibBrokenLink,
                               RTSLibError, RTSLibNotInCFS)

__all__ = [
    'ALUATargetPortGroup', 'BlockStorageObject', 'FabricModule',
    'FileIOStorageObject', 'LUN', 'MappedLUN', 'MappedLUNGroup',
    'NetworkPortal', 'NodeACL', 'NodeACLGroup', 'PSCSIStorageObject',
    'RDMCPStorageObject', 'RTSLibALUANotSupported', 'RTSLibBrokenLink',
    'RTSLibError', 'RTSLibNotInCFS', 'RTSRoot', 'StorageObjectFactory',
    'TPG', 'Target', 'UserBackedStorageObject',
]
