# SPDX-License-Identifier: GPL-2.0
"""SCST, the SCSI target of this kernel, as Python objects.

scst.tree is the configfs tree as it is: everything else stands on it.
"""
from scst.tree import Node, ScstError, root

__all__ = ['Node', 'ScstError', 'root']
