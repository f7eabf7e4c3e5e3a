#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
"""Protection information over iSCSI: it comes behind each block."""
import iscsi_lib
from lib import case, fileio
from pi_lib import (GUARD, SIZE, WRITE, Disk, cdb16, refused, round_trip,
                    side_file, spoil)


@case('iSCSI: what was sent comes back, and what is wrong is found')
def inline():
    iscsi_lib.expect_errors()
    device = fileio(size=SIZE, dif_type=1, dif_filename=side_file())
    target = iscsi_lib.Target()
    iscsi_lib.serve()
    disk = Disk(device, target=target)
    round_trip(disk)
    wire = disk.pattern(70, 1000)
    refused(disk.send(cdb16(WRITE, 70, 1000, 1), spoil(wire, disk, 999, 1)),
            GUARD, 1069)


if __name__ == '__main__':
    iscsi_lib.main()
