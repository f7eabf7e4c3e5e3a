/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What virtual disks decide without locks, sleeping or devices: KUnit runs the
 * very same source.
 */
#ifndef _SCST_VDISK_PURE_H
#define _SCST_VDISK_PURE_H

#include <linux/types.h>
#include <scst/sense.h>

/* PROVISIONING STATUS of an LBA status descriptor (SBC-4 5.6.2) */
#define VDISK_LBA_MAPPED	0
#define VDISK_LBA_DEALLOCATED	1

/**
 * vdisk_lba_type_valid() - is it a REPORT TYPE of GET LBA STATUS?
 * @type: REPORT TYPE (SBC-4 5.6.1)
 */
bool vdisk_lba_type_valid(u8 type);

/**
 * vdisk_lba_wanted() - is an extent to be reported?
 * @type: REPORT TYPE, a valid one
 * @status: PROVISIONING STATUS of the extent
 */
bool vdisk_lba_wanted(u8 type, u8 status);

#endif /* _SCST_VDISK_PURE_H */
