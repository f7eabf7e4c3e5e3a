// SPDX-License-Identifier: GPL-2.0
/*
 * Commands of optical memory and write-once devices: SCSI-2 15 and 16.
 */
#include "cdb_rows.h"

static const struct scst_cdb_op scst_cdb_optical_rows[] = {
	{
		SCST_CDB(OTHER, 0x29, 10, "READ GENERATION"),
		SCST_CDB_IN(8, 1), .lba = { 2, 4 }, .types = BIT(TYPE_MOD),
		.flags = SCST_FLAGS_READ, .resv = SCST_RESV_READ,
		.usage = { 0x29, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0xff,
			   0x00 },
	},
	{
		SCST_CDB(OTHER, 0x2c, 10, "ERASE (10)"),
		.unit = SCST_UNIT_COUNT, .count = { 7, 2 }, .lba = { 2, 4 },
		.types = BIT(TYPE_MOD) | SCST_TYPES_MMC,
		.flags = SCST_FLAGS_WRITE,
		.usage = { 0x2c, 0x04, 0xff, 0xff, 0xff, 0xff, 0x00, 0xff, 0xff,
			   0x00 },
	},
	{
		SCST_CDB(OTHER, 0x2d, 10, "READ UPDATED BLOCK (10)"),
		.dir = SCST_DATA_READ, .unit = SCST_UNIT_ONE, .lba = { 2, 4 },
		.types = SCST_TYPES_OPTICAL, .flags = SCST_FLAGS_READ,
		.resv = SCST_RESV_READ,
		.usage = { 0x2d, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00,
			   0x00 },
	},
	{
		SCST_CDB(OTHER, 0x33, 10, "SET LIMITS (10)"),
		.unit = SCST_UNIT_COUNT, .count = { 7, 2 }, .lba = { 2, 4 },
		.types = SCST_TYPES_OPTICAL | SCST_TYPES_MMC,
		.flags = SCST_FLAGS_READ,
		.usage = { 0x33, 0x03, 0xff, 0xff, 0xff, 0xff, 0x00, 0xff, 0xff,
			   0x00 },
	},
	{
		SCST_CDB(OTHER, 0x38, 10, "MEDIUM SCAN"),
		SCST_CDB_OUT(8, 1), .lba = { 2, 4 },
		.types = SCST_TYPES_OPTICAL, .flags = SCST_FLAGS_READ,
		.resv = SCST_RESV_READ,
		.usage = { 0x38, 0x1e, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0xff,
			   0x00 },
	},
	{
		SCST_CDB(OTHER, 0x3d, 10, "UPDATE BLOCK"),
		.dir = SCST_DATA_WRITE, .unit = SCST_UNIT_ONE, .lba = { 2, 4 },
		.types = SCST_TYPES_OPTICAL, .flags = SCST_FLAGS_WRITE,
		.usage = { 0x3d, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00,
			   0x00 },
	},
	{
		SCST_CDB(OTHER, 0xac, 12, "ERASE (12)"),
		.unit = SCST_UNIT_COUNT, .count = { 6, 4 }, .lba = { 2, 4 },
		.types = BIT(TYPE_MOD), .flags = SCST_FLAGS_WRITE,
		.usage = { 0xac, 0x04, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			   0xff, 0x00, 0x00 },
	},
	{
		SCST_CDB(OTHER, 0xb3, 12, "SET LIMITS (12)"),
		.unit = SCST_UNIT_COUNT, .count = { 6, 4 }, .lba = { 2, 4 },
		.types = SCST_TYPES_OPTICAL | SCST_TYPES_MMC,
		.flags = SCST_FLAGS_READ,
		.usage = { 0xb3, 0x03, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			   0xff, 0x00, 0x00 },
	},
};

const struct scst_cdb_table scst_cdb_optical = {
	.rows = scst_cdb_optical_rows,
	.nr = ARRAY_SIZE(scst_cdb_optical_rows),
};
