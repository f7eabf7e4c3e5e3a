// SPDX-License-Identifier: GPL-2.0
/*
 * Decisions about fields of CDBs and parameter lists of block commands, with
 * nothing behind them.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/export.h>
#include "vdisk_pure.h"

/**
 * enum vdisk_lba_type - REPORT TYPE of GET LBA STATUS (SBC-4 5.6.1)
 * @VDISK_LBA_ALL: all logical blocks
 * @VDISK_LBA_NOT_ZERO: those whose PROVISIONING STATUS is not zero
 * @VDISK_LBA_ONLY_MAPPED: those that are mapped
 * @VDISK_LBA_ONLY_DEALLOCATED: those that are deallocated
 * @VDISK_LBA_ONLY_ANCHORED: those that are anchored
 * @VDISK_LBA_ONLY_BAD: those that may not be readable
 */
enum vdisk_lba_type {
	VDISK_LBA_ALL			= 0x00,
	VDISK_LBA_NOT_ZERO		= 0x01,
	VDISK_LBA_ONLY_MAPPED		= 0x02,
	VDISK_LBA_ONLY_DEALLOCATED	= 0x03,
	VDISK_LBA_ONLY_ANCHORED		= 0x04,
	VDISK_LBA_ONLY_BAD		= 0x10,
};

bool vdisk_lba_type_valid(u8 type)
{
	return type <= VDISK_LBA_ONLY_ANCHORED || type == VDISK_LBA_ONLY_BAD;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_lba_type_valid);

/* Nothing is anchored here, and nothing is known to be bad. */
bool vdisk_lba_wanted(u8 type, u8 status)
{
	switch (type) {
	case VDISK_LBA_ALL:
		return true;
	case VDISK_LBA_NOT_ZERO:
		return status;
	case VDISK_LBA_ONLY_MAPPED:
		return status == VDISK_LBA_MAPPED;
	case VDISK_LBA_ONLY_DEALLOCATED:
		return status == VDISK_LBA_DEALLOCATED;
	default:
		return false;
	}
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_lba_wanted);
