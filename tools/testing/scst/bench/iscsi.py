# SPDX-License-Identifier: GPL-2.0
"""The rivals over iSCSI: LIO's and SCST's targets at 127.0.0.1, open-iscsi as
the initiator of both. In one field with the same parameters on both sides, in
the other with each one's own, as whoever sets none gets them."""

import glob
import os
import sys
from functools import partial

import rivals
from rivals import CONFIG, read, write

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))
import iscsi_lib    # pylint: disable=wrong-import-position

# of each rival, with a disk each
SESSIONS = 8
# what a session may have in the target: more than it ever sends
WINDOW = 2 * rivals.QUEUE_DEPTH
LIO_PORTAL = "127.0.0.1:3261"
# by the names of RFC 7143, which both targets use as well
PARAMS = {
    "InitialR2T": "No",
    "ImmediateData": "Yes",
    "FirstBurstLength": 65536,
    "MaxBurstLength": 1048576,
    "MaxRecvDataSegmentLength": 262144,
    "MaxOutstandingR2T": 1,
    "HeaderDigest": "None",
    "DataDigest": "None",
}
# no ping while something is measured
NO_PINGS = {
    "node.conn[0].timeo.noop_out_interval": 0,
    "node.conn[0].timeo.noop_out_timeout": 0,
}
ALIKE = {
    **{iscsi_lib.NODE_SETTINGS[key]: value for key, value in PARAMS.items()},
    "node.session.nr_sessions": SESSIONS,
    "node.session.cmds_max": WINDOW,
    "node.session.queue_depth": rivals.QUEUE_DEPTH,
    **NO_PINGS,
}
AGREED = ("initial_r2t", "immediate_data", "first_burst_len", "max_burst_len",
          "max_outstanding_r2t")
AGREED_BY_CONNECTION = ("max_recv_dlength", "max_xmit_dlength", "header_digest",
                        "data_digest")


def _set_params(folder):
    for key, value in PARAMS.items():
        write(f"{folder}/{key}", f"{value}\n")


def _agreed(session):
    """What a session of open-iscsi has negotiated"""
    connection, = glob.glob(f"{session}/device/connection*/iscsi_connection/*")
    return ({name: read(f"{session}/{name}") for name in AGREED} |
            {name: read(f"{connection}/{name}") for name in AGREED_BY_CONNECTION})


_first_agreed = {}


def _check_agreed(session):
    """Whoever got other parameters would be measured with another protocol."""
    agreed = _agreed(session)
    _first_agreed.update(agreed if not _first_agreed else {})
    if agreed != _first_agreed:
        raise RuntimeError(f"{read(session + '/targetname')}: {agreed}, "
                           f"the first one has {_first_agreed}")


def _disk_of(session):
    def look():
        found = glob.glob(f"{session}/device/target*/*:0:0:0/block/*/size")
        return found if found and int(read(found[0])) else None

    path, = rivals.wait_for(look)
    return "/dev/" + path.split("/")[-2]


def _log_in(name, portal, alike):
    login = iscsi_lib.Login(name, portal)
    login.make(ALIKE if alike else NO_PINGS)
    sessions = login.sysfs()
    if alike:
        if len(sessions) != SESSIONS:
            raise RuntimeError(f"{name}: {len(sessions)} sessions")
        for session in sessions:
            _check_agreed(session)
    return [_disk_of(session) for session in sessions]


def _lio(make_device, number, alike):
    device = make_device(number)
    name = f"{iscsi_lib.IQN}lio-{number}"
    tpg = f"{CONFIG}/target/iscsi/{name}/tpgt_1"
    os.makedirs(tpg)
    for attr, value in (("authentication", 0), ("generate_node_acls", 1),
                        ("cache_dynamic_acls", 1),
                        ("demo_mode_write_protect", 0)):
        write(f"{tpg}/attrib/{attr}", value)
    if alike:
        write(f"{tpg}/attrib/default_cmdsn_depth", WINDOW)
        _set_params(f"{tpg}/param")
        write(f"{tpg}/param/MaxXmitDataSegmentLength",
              f"{PARAMS['MaxRecvDataSegmentLength']}\n")
    os.mkdir(f"{tpg}/lun/lun_0")
    os.symlink(device, f"{tpg}/lun/lun_0/link")
    os.mkdir(f"{tpg}/np/{LIO_PORTAL}")
    write(f"{tpg}/enable", 1)
    return _log_in(name, LIO_PORTAL, alike)


def _scst(make_device, number, alike):
    device = make_device(f"iscsi-{number}")
    rivals.run("modprobe", "scst_iscsi")
    if not os.path.isdir(f"{iscsi_lib.DRIVER}/portals/{iscsi_lib.PORTAL}"):
        iscsi_lib.serve()
    name = iscsi_lib.IQN + os.path.basename(device)
    target = f"{iscsi_lib.DRIVER}/{name}"
    os.mkdir(target)
    if alike:
        _set_params(f"{target}/params")
        write(f"{target}/params/QueuedCommands", WINDOW)
    rivals.scst_target(target, device)
    return _log_in(name, iscsi_lib.PORTAL, alike)


def _field(first, alike):
    """Numbers of devices, which names are made of, count from first."""
    return rivals.Field({
        "LIO null": partial(_lio, rivals.lio_null_device, first, alike),
        "SCST null": partial(_scst, rivals.scst_null_device, first, alike),
        "LIO file": partial(_lio, rivals.lio_file_device, first + 1, alike),
        "SCST file": partial(_scst, rivals.scst_file_device, first + 1, alike),
    }, (("SCST null", "LIO null"), ("SCST file", "LIO file")))


FIELD = _field(3, True)
DEFAULTS_FIELD = _field(5, False)
