# SPDX-License-Identifier: GPL-2.0
"""scstcli: the tree of SCST as a shell, on configshell-fb."""
