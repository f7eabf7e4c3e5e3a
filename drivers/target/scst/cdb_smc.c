// SPDX-License-Identifier: GPL-2.0
/*
 * Commands of media changers: SMC-3.
 */
#include "cdb_rows.h"

static const struct scst_cdb_op scst_cdb_smc_rows[] = {
	{
		SCST_CDB(OTHER, 0x07, 6, "INITIALIZE ELEMENT STATUS"),
		.types = BIT(TYPE_MEDIUM_CHANGER), .flags = SCST_CDB_MEDIUM,
		.resv = SCST_RESV_STATUS,
		.usage = { 0x07, 0x00, 0x00, 0x00, 0x00, 0x00 },
	},
	{
		SCST_CDB(OTHER, 0x1b, 6, "OPEN/CLOSE IMPORT/EXPORT ELEMENT"),
		.types = BIT(TYPE_MEDIUM_CHANGER), .flags = SCST_CDB_MEDIUM,
		.usage = { 0x1b, 0x00, 0xff, 0xff, 0x1f, 0x00 },
	},
	{
		SCST_CDB(OTHER, 0x2b, 10, "POSITION TO ELEMENT"),
		.types = BIT(TYPE_MEDIUM_CHANGER), .flags = SCST_CDB_MEDIUM,
		.usage = { 0x2b, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x01,
			   0x00 },
	},
	{
		SCST_CDB(OTHER, 0x37, 10,
			 "INITIALIZE ELEMENT STATUS WITH RANGE"),
		.types = BIT(TYPE_MEDIUM_CHANGER), .flags = SCST_CDB_MEDIUM,
		.usage = { 0x37, 0x03, 0xff, 0xff, 0x00, 0x00, 0xff, 0xff, 0x00,
			   0x00 },
	},
	{
		SCST_CDB(OTHER, 0x44, 10, "REPORT VOLUME TYPES SUPPORTED"),
		SCST_CDB_IN(7, 2), .types = BIT(TYPE_MEDIUM_CHANGER),
		.resv = SCST_RESV_STATUS,
		.usage = { 0x44, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff,
			   0x00 },
	},
	{
		SCST_CDB(OTHER, 0xa5, 12, "MOVE MEDIUM"),
		.types = BIT(TYPE_MEDIUM_CHANGER), .flags = SCST_CDB_MEDIUM,
		.usage = { 0xa5, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00,
			   0x00, 0x01, 0x00 },
	},
	{
		SCST_CDB(OTHER, 0xa6, 12, "EXCHANGE MEDIUM"),
		.types = BIT(TYPE_MEDIUM_CHANGER), .flags = SCST_CDB_MEDIUM,
		.usage = { 0xa6, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			   0xff, 0x03, 0x00 },
	},
	{
		SCST_CDB(OTHER, 0xb5, 12, "REQUEST VOLUME ELEMENT ADDRESS"),
		SCST_CDB_IN(7, 3), .types = BIT(TYPE_MEDIUM_CHANGER),
		.resv = SCST_RESV_READ,
		.usage = { 0xb5, 0x1f, 0xff, 0xff, 0xff, 0xff, 0x00, 0xff, 0xff,
			   0xff, 0x00, 0x00 },
	},
	{
		SCST_CDB(OTHER, 0xb6, 12, "SEND VOLUME TAG"),
		SCST_CDB_OUT(8, 2), .types = BIT(TYPE_MEDIUM_CHANGER),
		.usage = { 0xb6, 0x0f, 0xff, 0xff, 0x00, 0x1f, 0x00, 0x00, 0xff,
			   0xff, 0x00, 0x00 },
	},
	{
		SCST_CDB(OTHER, 0xb8, 12, "READ ELEMENT STATUS"),
		SCST_CDB_IN(7, 3), .types = BIT(TYPE_MEDIUM_CHANGER),
		.resv = SCST_RESV_READ,
		.usage = { 0xb8, 0x1f, 0xff, 0xff, 0xff, 0xff, 0x03, 0xff, 0xff,
			   0xff, 0x00, 0x00 },
	},
	{
		SCST_CDB(OTHER, 0xe7, 10,
			 "INITIALIZE ELEMENT STATUS WITH RANGE (vendor)"),
		.types = BIT(TYPE_MEDIUM_CHANGER), .flags = SCST_CDB_MEDIUM,
		.usage = { 0xe7, 0x01, 0xff, 0xff, 0x00, 0x00, 0xff, 0xff, 0x00,
			   0x00 },
	},
};

const struct scst_cdb_table scst_cdb_smc = {
	.rows = scst_cdb_smc_rows,
	.nr = ARRAY_SIZE(scst_cdb_smc_rows),
};
