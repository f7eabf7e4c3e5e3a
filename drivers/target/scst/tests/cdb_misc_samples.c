// SPDX-License-Identifier: GPL-2.0
/*
 * Printers, processors, scanners and communication devices: SCSI-2 11, 12, 15
 * and 18; RAID controllers: SCC-2 6; RBC 5.
 */
#include "cdb_sample.h"

static const struct cdb_sample samples[] = {
	{ "FORMAT", { 0x04, 1, 1, 2, 3 }, TYPE_PRINTER, OUT, 0x10203 },
	{ "PRINT", { 0x0a, 0, 1, 2, 3 }, TYPE_PRINTER, OUT, 0x10203 },
	{ "SLEW AND PRINT", { 0x0b, 1, 9, 2, 3 }, TYPE_PRINTER, OUT, 0x203 },
	{ "SYNCHRONIZE BUFFER", { 0x10 }, TYPE_PRINTER, NO },
	{ "RECOVER BUFFERED DATA", { 0x14, 0, 1, 2, 3 }, TYPE_PRINTER, IN,
	  0x10203, .resv = RD },
	{ "STOP PRINT", { 0x1b, 1 }, TYPE_PRINTER, NO },

	{ "RECEIVE", { 0x08, 0, 1, 2, 3 }, TYPE_PROCESSOR, IN, 0x10203,
	  .resv = RD },
	{ "SEND (6)", { 0x0a, 1, 1, 2, 3 }, TYPE_PROCESSOR, OUT, 0x10203 },

	{ "SCAN", { 0x1b, 0, 0, 0, 3 }, TYPE_SCANNER, OUT, 3 },
	{ "SET WINDOW", { 0x24, [6] = 1, 2, 3 }, TYPE_SCANNER, OUT, 0x10203 },
	{ "GET WINDOW", { 0x25, 1, 0, 0, 0, 7, 1, 2, 3 }, TYPE_SCANNER, IN,
	  0x10203, .resv = RD },
	{ "READ (10)", { 0x28, 0, 0x80, 0, 1, 2, 1, 2, 3 }, TYPE_SCANNER, IN,
	  0x10203, .resv = RD },
	{ "SEND (10)", { 0x2a, 0, 3, 0, 1, 2, 1, 2, 3 }, TYPE_SCANNER, OUT,
	  0x10203 },
	{ "OBJECT POSITION", { 0x31, 1, 0, 0, 2 }, TYPE_SCANNER, NO },
	{ "GET DATA BUFFER STATUS", { 0x34, 1, [7] = 1, 2 }, TYPE_SCANNER, IN,
	  0x102, .resv = STATUS },

	{ "GET MESSAGE (6)", { 0x08, 0, 1, 2, 3 }, TYPE_COMM, IN, 0x10203,
	  .resv = RD },
	{ "GET MESSAGE (10)", { 0x28, 0, 0, 0, 9, 9, 0, 1, 2 }, TYPE_COMM, IN,
	  0x102, .resv = RD },
	{ "GET MESSAGE (12)", { 0xa8, 0, 0, 0, 9, 9, 1, 2, 3, 4 }, TYPE_COMM,
	  IN, 0x1020304, .resv = RD },
	{ "SEND MESSAGE (6)", { 0x0a, 0, 1, 2, 3 }, TYPE_COMM, OUT, 0x10203 },
	{ "SEND MESSAGE (10)", { 0x2a, 0, 0, 0, 9, 9, 0, 1, 2 }, TYPE_COMM,
	  OUT, 0x102 },
	{ "SEND MESSAGE (12)", { 0xaa, 0, 0, 0, 9, 9, 1, 2, 3, 4 }, TYPE_COMM,
	  OUT, 0x1020304 },

	{ "START STOP UNIT", { 0x1b, 1, 0, 0, 1 }, TYPE_RAID, NO,
	  .resv = SCST_RESV_START },
	{ "REPORT ASSIGNED/UNASSIGNED P_EXTENT",
	  { 0xa3, 0, 0, 0, 1, 2, 0, 0, 1, 2 }, TYPE_RAID, IN, 0x102,
	  .resv = RD },
	{ "REPORT COMPONENT DEVICE", { 0xa3, 1, 0, 0, 1, 2, 0, 0, 1, 2 },
	  TYPE_RAID, IN, 0x102, .resv = RD },
	{ "REPORT COMPONENT DEVICE ATTACHMENTS",
	  { 0xa3, 2, 0, 0, 1, 2, 0, 0, 1, 2 }, TYPE_RAID, IN, 0x102,
	  .resv = RD },
	{ "REPORT PERIPHERAL DEVICE", { 0xa3, 3, 0, 0, 1, 2, 0, 0, 1, 2, 1 },
	  TYPE_RAID, IN, 0x102, .resv = RD },
	{ "REPORT PERIPHERAL DEVICE ASSOCIATIONS",
	  { 0xa3, 4, 0, 0, 1, 2, 0, 0, 1, 2 }, TYPE_RAID, IN, 0x102,
	  .resv = RD },
	{ "REPORT STATES", { 0xa3, 6, 0, 0, 1, 2, 0, 0, 1, 2 }, TYPE_RAID, IN,
	  0x102, .resv = RD },
	{ "REPORT UNCONFIGURED CAPACITY", { 0xa3, 8, 0, 0, 1, 2, 0, 0, 1, 2 },
	  TYPE_RAID, IN, 0x102, .resv = RD },
	{ "REPORT SUPPORTED CONFIGURATION METHOD",
	  { 0xa3, 9, 0, 0, 1, 2, 0, 0, 1, 2 }, TYPE_RAID, IN, 0x102,
	  .resv = RD },
	{ "REDUNDANCY GROUP (IN)", { 0xba, 1, 0, 0, 1, 2, 0, 0, 1, 2 },
	  TYPE_RAID, IN, 0x102, .resv = RD },
	{ "REDUNDANCY GROUP (OUT)", { 0xbb, 1, 0, 0, 1, 2, 0, 0, 1, 2 },
	  TYPE_RAID, OUT, 0x102 },
	{ "SPARE (IN)", { 0xbc, 1, 0, 0, 1, 2, 0, 0, 1, 2 }, TYPE_RAID, IN,
	  0x102, .resv = RD },
	{ "SPARE (OUT)", { 0xbd, 1, 0, 0, 1, 2, 0, 0, 1, 2 }, TYPE_RAID, OUT,
	  0x102 },
	{ "VOLUME SET (IN)", { 0xbe, 1, 0, 0, 1, 2, 0, 0, 1, 2 }, TYPE_RAID,
	  IN, 0x102, .resv = RD },
	{ "VOLUME SET (OUT)", { 0xbf, 1, 0, 0, 1, 2, 0, 0, 1, 2 }, TYPE_RAID,
	  OUT, 0x102 },
};

const struct cdb_samples cdb_samples_misc = {
	.samples = samples,
	.nr = ARRAY_SIZE(samples),
};
