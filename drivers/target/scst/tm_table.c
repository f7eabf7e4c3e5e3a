// SPDX-License-Identifier: GPL-2.0
/*
 * The task management functions (SAM-5 7): what each does, and REPORT
 * SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-5 6.39), which says the same.
 */
#include <kunit/visibility.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "scst_pure.h"

/* CDB, byte 2: return extended parameter data */
#define SCST_TM_REPD		0x80

#define SCST_TM_BASIC_LEN	4
#define SCST_TM_EXTENDED_LEN	16

/* Parameter data, bytes 0 and 1. What is obsolete there is not said. */
#define SCST_TM_ATS		0x8000
#define SCST_TM_ATSS		0x4000
#define SCST_TM_CACAS		0x2000
#define SCST_TM_CTSS		0x1000
#define SCST_TM_LURS		0x0800
#define SCST_TM_QTS		0x0400
#define SCST_TM_QAES		0x0004
#define SCST_TM_QTSS		0x0002
#define SCST_TM_ITNRS		0x0001

const struct scst_tm_desc scst_tm_descs[SCST_TM_NR] = {
	[SCST_TM_ABORT_TASK] = {
		.by_tag = true, .reported = SCST_TM_ATS,
	},
	[SCST_TM_ABORT_TASK_SET] = {
		.needs_lun = true, .reported = SCST_TM_ATSS,
	},
	/* SAM-5 7.5: of all nexuses, or of this one, as TST says */
	[SCST_TM_CLEAR_TASK_SET] = {
		.needs_lun = true, .reported = SCST_TM_CTSS,
	},
	[SCST_TM_CLEAR_ACA] = {
		.needs_lun = true, .reported = SCST_TM_CACAS,
	},
	[SCST_TM_LUN_RESET] = {
		.needs_lun = true, .is_reset = true, .reported = SCST_TM_LURS,
	},
	[SCST_TM_TARGET_RESET] = {
		.is_reset = true, .all_luns = true,
	},
	[SCST_TM_NEXUS_RESET] = {
		.loses_nexus = true, .reported = SCST_TM_ITNRS,
	},
	[SCST_TM_QUERY_TASK] = {
		.query = true, .by_tag = true, .reported = SCST_TM_QTS,
	},
	[SCST_TM_QUERY_TASK_SET] = {
		.query = true, .needs_lun = true, .reported = SCST_TM_QTSS,
	},
	[SCST_TM_QUERY_ASYNC_EVENT] = {
		.query = true, .needs_lun = true, .reported = SCST_TM_QAES,
	},
	[SCST_TM_ABORT_ALL_SESS] = { },
};
EXPORT_SYMBOL_IF_KUNIT(scst_tm_descs);

/*
 * SAM-5 5.6: who aborts its own commands knows it. The others are told by each
 * command if TAS is one; and if it is zero, by a unit attention condition, which
 * is the affair of what has aborted them.
 */
bool scst_abort_is_answered(bool own, bool tas)
{
	return !own && tas;
}
EXPORT_SYMBOL_IF_KUNIT(scst_abort_is_answered);

/*
 * TMFTMOV and the timeouts are zero: there is none. How long a function takes
 * is the affair of the commands that it waits for, and of their store.
 */
size_t scst_tm_report(const u8 *cdb, u8 *buf, size_t size)
{
	bool extended = cdb[2] & SCST_TM_REPD;
	size_t len = extended ? SCST_TM_EXTENDED_LEN : SCST_TM_BASIC_LEN;
	u8 data[SCST_TM_EXTENDED_LEN] = {};
	u16 reported = 0;
	int i;

	for (i = 0; i < SCST_TM_NR; i++)
		reported |= scst_tm_descs[i].reported;
	put_unaligned_be16(reported, data);
	data[3] = len - SCST_TM_BASIC_LEN;
	len = min(len, size);
	memcpy(buf, data, len);
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(scst_tm_report);
