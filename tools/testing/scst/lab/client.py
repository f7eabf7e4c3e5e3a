# SPDX-License-Identifier: GPL-2.0
"""An initiator that knows nothing of SCST: libiscsi, of the host."""

import ctypes
import os
import subprocess

from paths import LabError

INITIATOR = b"iqn.2026-11.org.kernel.scst:make-run"
NORMAL = 2
BLOCK = 512
LENGTH = 1 << 20
STEP = 64 << 10


class _IoVec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


def _library():
    lib = ctypes.CDLL("libiscsi.so.7")
    pointer, integer = ctypes.c_void_p, ctypes.c_int
    lib.iscsi_create_context.argtypes = [ctypes.c_char_p]
    lib.iscsi_create_context.restype = pointer
    lib.iscsi_set_targetname.argtypes = [pointer, ctypes.c_char_p]
    lib.iscsi_set_session_type.argtypes = [pointer, integer]
    lib.iscsi_full_connect_sync.argtypes = [pointer, ctypes.c_char_p, integer]
    lib.iscsi_logout_sync.argtypes = [pointer]
    lib.iscsi_destroy_context.argtypes = [pointer]
    lib.iscsi_get_error.argtypes = [pointer]
    lib.iscsi_get_error.restype = ctypes.c_char_p
    place = [pointer, integer, ctypes.c_uint32]
    flags = [ctypes.c_uint32, integer] + 5 * [integer]
    lib.iscsi_write10_sync.argtypes = place + [ctypes.c_char_p] + flags
    lib.iscsi_write10_sync.restype = ctypes.POINTER(integer)
    lib.iscsi_read10_iov_sync.argtypes = place + flags + [
        ctypes.POINTER(_IoVec), integer]
    lib.iscsi_read10_iov_sync.restype = ctypes.POINTER(integer)
    return lib


class Client:
    """A session with LUN 0 of a target; `with` logs in and out."""

    def __init__(self, portal, target):
        self.lib = _library()
        self.context = self.lib.iscsi_create_context(INITIATOR)
        self.portal = portal.encode()
        self.lib.iscsi_set_targetname(self.context, target.encode())
        self.lib.iscsi_set_session_type(self.context, NORMAL)

    def _fail(self, what):
        error = self.lib.iscsi_get_error(self.context).decode()
        raise LabError(f"{what}: {error}")

    def __enter__(self):
        if self.lib.iscsi_full_connect_sync(self.context, self.portal, 0):
            self._fail("login")
        return self

    def __exit__(self, *_):
        self.lib.iscsi_logout_sync(self.context)
        self.lib.iscsi_destroy_context(self.context)

    def write(self, offset, data):
        """Writes at this byte."""
        task = self.lib.iscsi_write10_sync(
            self.context, 0, offset // BLOCK, data, len(data), BLOCK,
            0, 0, 0, 0, 0)
        if not task or task[0]:         # struct scsi_task begins with status
            self._fail("WRITE(10)")

    def read(self, offset, length):
        """Reads from this byte on."""
        buffer = ctypes.create_string_buffer(length)
        vec = _IoVec(ctypes.cast(buffer, ctypes.c_void_p), length)
        task = self.lib.iscsi_read10_iov_sync(
            self.context, 0, offset // BLOCK, length, BLOCK, 0, 0, 0, 0, 0,
            ctypes.byref(vec), 1)
        if not task or task[0]:
            self._fail("READ(10)")
        return buffer.raw


def tool(*argv):
    """One of libiscsi's tools; what it prints."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30,
                          check=False)
    if done.returncode:
        raise LabError(f"{' '.join(argv)}: {done.stderr or done.stdout}")
    return done.stdout


def write_and_compare(portal, target):
    """Random data there, back, and compared. How many bytes."""
    data = os.urandom(LENGTH)
    with Client(portal, target) as client:
        for offset in range(0, LENGTH, STEP):
            client.write(offset, data[offset:offset + STEP])
    with Client(portal, target) as client:
        for offset in range(0, LENGTH, STEP):
            if client.read(offset, STEP) != data[offset:offset + STEP]:
                raise LabError(f"what was read at {offset} was not written")
    return LENGTH
