// SPDX-License-Identifier: GPL-2.0
/*
 * The commands that the core executes for every device, and for LUNs that have
 * none.
 */
#include <linux/slab.h>
#include <linux/unaligned.h>
#include "scst_priv.h"

/* SPC-5 6.6.2: PERIPHERAL QUALIFIER 011b, device type 1Fh: nothing is here */
#define SCST_INQUIRY_NO_LUN	0x7f
#define SCST_INQUIRY_LEN	36
/* REPORT LUNS header (SPC-5 6.33.2), and one LUN */
#define SCST_LUN_LIST_HEADER	8
#define SCST_LUN_LEN		8

/* SPC-5 table 296: SELECT REPORT */
#define SCST_REPORT_ADDRESSABLE	0x00
#define SCST_REPORT_WELL_KNOWN	0x01
#define SCST_REPORT_ALL		0x02

static void scst_inquiry_no_lun(struct scst_cmd *cmd)
{
	u8 buf[SCST_INQUIRY_LEN] = {
		[0] = SCST_INQUIRY_NO_LUN,
		[2] = 0x06,		/* SPC-4 */
		[3] = 0x02,		/* response data format */
		[4] = SCST_INQUIRY_LEN - 5,
	};

	if (cmd->cdb[1] & 0x01) {
		/* EVPD: there are no pages either. */
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 0);
		return;
	}
	memset(buf + 8, ' ', SCST_INQUIRY_LEN - 8);
	scst_cmd_copy_in(cmd, buf, sizeof(buf));
}

static void scst_request_sense(struct scst_cmd *cmd)
{
	scst_sense_t sense = SCST_SENSE_LUN_NOT_SUPPORTED;
	u8 buf[SCST_SENSE_SIZE];
	int len;

	/* SAM-5 5.14.1: a pending unit attention is the answer. */
	if (cmd->tgt_dev)
		sense = scst_ua_take(cmd->tgt_dev);
	len = scst_sense_data(buf, sizeof(buf), cmd->cdb[1] & 0x01, sense);
	scst_cmd_copy_in(cmd, buf, len);
}

/* Return: number of LUNs; those that fit are in @buf. */
static u32 scst_fill_luns(struct scst_session *sess, u8 *buf, u32 max)
{
	struct scst_tgt_dev *tgt_dev;
	unsigned long lun;
	u32 nr = 0;

	rcu_read_lock();
	xa_for_each(&sess->luns, lun, tgt_dev) {
		if (nr < max)
			scst_lun_pack(lun, buf + nr * SCST_LUN_LEN);
		nr++;
	}
	rcu_read_unlock();
	return nr;
}

/* LUN 0 is always reported, since it always answers (SPC-5 6.33.1). */
static u32 scst_lun_list(struct scst_session *sess, u8 *buf, u32 max)
{
	u32 skip = 0;

	if (!xa_load(&sess->luns, 0)) {
		if (max)
			scst_lun_pack(0, buf);
		skip = min(max, 1U);
		return 1 + scst_fill_luns(sess, buf + skip * SCST_LUN_LEN,
					  max - skip);
	}
	return scst_fill_luns(sess, buf, max);
}

static void scst_report_luns(struct scst_cmd *cmd)
{
	u8 select = cmd->cdb[2];
	u32 len, max = 0, nr = 0;
	u8 *buf;

	if (select > SCST_REPORT_ALL) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 2,
					 7);
		return;
	}
	/* SPC-5 6.33.1: an allocation length below 16 is an error. */
	if (cmd->info.data_len < SCST_LUN_LIST_HEADER + SCST_LUN_LEN) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 6,
					 7);
		return;
	}

	if (select != SCST_REPORT_WELL_KNOWN)
		max = min_t(u32, SCST_MAX_LUN + 1,
			    cmd->info.data_len / SCST_LUN_LEN);
	len = SCST_LUN_LIST_HEADER + max * SCST_LUN_LEN;
	buf = kvzalloc(len, GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return;
	}
	if (max)
		nr = scst_lun_list(cmd->sess, buf + SCST_LUN_LIST_HEADER, max);
	put_unaligned_be32(nr * SCST_LUN_LEN, buf);
	len = SCST_LUN_LIST_HEADER + min(nr, max) * SCST_LUN_LEN;
	scst_cmd_copy_in(cmd, buf, len);
	kvfree(buf);
	scst_ua_clear_session(cmd->sess, SCST_UA_LUNS_CHANGED);
}

typedef void (*scst_local_fn)(struct scst_cmd *cmd);

static const scst_local_fn scst_local_fns[SCST_OP_NR] = {
	[SCST_OP_REQUEST_SENSE]		= scst_request_sense,
	[SCST_OP_REPORT_LUNS]		= scst_report_luns,
	[SCST_OP_REPORT_OPCODES]	= scst_report_opcodes,
};

bool scst_op_is_local(enum scst_op op)
{
	return scst_local_fns[op];
}

bool scst_dev_has_op(const struct scst_device *dev, enum scst_op op)
{
	return dev->handler->execs[op] || scst_local_fns[op];
}

/* Process context. */
void scst_local_exec(struct scst_cmd *cmd)
{
	if (!cmd->dev && cmd->info.op->op == SCST_OP_INQUIRY)
		scst_inquiry_no_lun(cmd);
	else
		scst_local_fns[cmd->info.op->op](cmd);
}
