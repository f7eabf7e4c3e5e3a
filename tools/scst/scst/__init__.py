# SPDX-License-Identifier: GPL-2.0
"""SCST, the SCSI target of this kernel, as Python objects.

scst.tree is the configfs tree as it is: everything else stands on it.
scst.objects looks things up, makes and removes them; scst.sessions is who is
logged in; scst.errors makes sentences of refusals; scst.cli is the shell.
"""
from scst.tree import Node, ScstError, root

__all__ = ['Node', 'ScstError', 'root']
