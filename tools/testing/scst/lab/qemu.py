# SPDX-License-Identifier: GPL-2.0
"""The command line of an x86 guest, and whether KVM is any use here."""


def machine():
    """kvm or tcg"""
    return "tcg"


def argv(_flavour, _folder, _writable, _memory):
    """Not there yet."""
    raise NotImplementedError
