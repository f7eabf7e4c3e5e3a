/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log pages of a virtual disk, without locks, sleeping or devices.
 */
#ifndef _SCST_VDISK_LOG_H
#define _SCST_VDISK_LOG_H

#include <linux/types.h>
#include <scst/cdb.h>

/* Room for the longest log page */
#define VDISK_LOG_MAX		128
/* Logical Block Provisioning (SBC-4 6.4.5), which is that of thin disks */
#define VDISK_LOG_LBP		0x0c

/**
 * struct vdisk_log - what log pages tell
 * @reads: read commands
 * @writes: write commands
 * @received: logical blocks that write commands have brought
 * @transmitted: logical blocks that read commands have got
 * @thin: there is a Logical Block Provisioning page
 * @available: threshold sets that the store has left
 * @used: threshold sets that the disk takes
 */
struct vdisk_log {
	u64	reads;
	u64	writes;
	u64	received;
	u64	transmitted;
	bool	thin;
	u32	available;
	u32	used;
};

/**
 * vdisk_log_sense() - parameter data of LOG SENSE (SPC-5 6.10)
 * @log: what there is to tell
 * @cdb: CDB, decoded without error
 * @buf: result, VDISK_LOG_MAX bytes
 * @err: why the CDB is refused
 *
 * Return: bytes in @buf, or 0 with @err set.
 */
unsigned int vdisk_log_sense(const struct vdisk_log *log, const u8 *cdb,
			     u8 *buf, struct scst_cdb_error *err);

/**
 * vdisk_log_select() - what LOG SELECT asks for (SPC-5 6.9)
 * @log: what pages there are; the rest does not matter
 * @cdb: CDB, decoded without error
 * @len: bytes of the parameter list
 * @reset: result: all counters of commands are to begin anew
 * @err: why it is refused
 *
 * Return: it is right.
 */
bool vdisk_log_select(const struct vdisk_log *log, const u8 *cdb,
		      unsigned int len, bool *reset,
		      struct scst_cdb_error *err);

#endif /* _SCST_VDISK_LOG_H */
