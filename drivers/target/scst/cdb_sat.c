// SPDX-License-Identifier: GPL-2.0
/*
 * ATA commands through SCSI: SAT-4 12.2.
 */
#include "cdb_rows.h"

static const struct scst_cdb_op scst_cdb_sat_rows[] = {
	{
		SCST_CDB(OTHER, 0x85, 16, "ATA PASS-THROUGH (16)"),
		.dir = SCST_DATA_READ, .unit = SCST_UNIT_ATA,
		.types = SCST_TYPES_ATA,
		.flags = SCST_CDB_WRITE | SCST_CDB_MEDIUM,
		.usage = { 0x85, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00 },
	},
	{
		SCST_CDB(OTHER, 0xa1, 12, "ATA PASS-THROUGH (12)"),
		.dir = SCST_DATA_READ, .unit = SCST_UNIT_ATA,
		.types = SCST_TYPES_ATA & ~SCST_TYPES_MMC,
		.flags = SCST_CDB_WRITE | SCST_CDB_MEDIUM,
		.usage = { 0xa1, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			   0xff, 0x00, 0x00 },
	},
};

const struct scst_cdb_table scst_cdb_sat = {
	.rows = scst_cdb_sat_rows,
	.nr = ARRAY_SIZE(scst_cdb_sat_rows),
};
