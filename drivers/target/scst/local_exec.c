// SPDX-License-Identifier: GPL-2.0
/*
 * The commands that the core executes for every device, and for LUNs that have
 * none.
 */
#include <linux/sizes.h>
#include <linux/slab.h>
#include "scst_priv.h"

/* REPORT LUNS parameter data (SPC-5 6.33.2) with one LUN */
#define SCST_LUN_LIST_MIN	16
/* REPORTING OPTIONS other than 000b; where CDB usage data is in that answer */
#define SCST_RSOC_ONE		0x07
#define SCST_RSOC_USAGE		4
/* REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS, basic */
#define SCST_TM_REPORT_MIN	4

/* SAM-5 5.14.1: a pending unit attention is the answer; else the state is. */
static scst_sense_t scst_poll_sense(struct scst_cmd *cmd, int *progress)
{
	const struct scst_dev_type *handler = cmd->dev->handler;
	scst_sense_t sense = scst_ua_take(cmd);

	if (sense == SCST_SENSE_NONE && handler->poll_sense)
		sense = handler->poll_sense(cmd, progress);
	return sense;
}

static void scst_request_sense(struct scst_cmd *cmd)
{
	scst_sense_t sense = SCST_SENSE_LUN_NOT_SUPPORTED;
	u8 buf[SCST_SENSE_SIZE];
	int progress = -1;
	unsigned int len;

	/* What nobody would hear is not taken (SPC-5 4.2.5.6). */
	if (!cmd->bufflen)
		return;
	if (cmd->tgt_dev)
		sense = scst_poll_sense(cmd, &progress);
	else if (scst_cmd_at_wlun(cmd))
		sense = SCST_SENSE_NONE;
	len = scst_sense_build(buf, cmd->cdb[1] & 0x01, sense);
	if (progress >= 0)
		len = scst_sense_add_progress(buf, progress);
	scst_cmd_copy_in(cmd, buf, len);
}

/* LUN 0 is always reported, since it always answers (SPC-5 6.33.1). */
static void scst_list_luns(struct scst_session *sess,
			   struct scst_lun_list *list)
{
	struct scst_tgt_dev *tgt_dev;
	bool listed = false;
	struct xarray *luns;
	unsigned long lun;

	rcu_read_lock();
	/* All of one table: the session may be moving to another group. */
	luns = scst_session_luns(sess);
	xa_for_each(luns, lun, tgt_dev) {
		if (!listed && lun)
			scst_lun_list_add(list, 0);
		scst_lun_list_add(list, lun);
		listed = true;
	}
	if (!listed)
		scst_lun_list_add(list, 0);
	rcu_read_unlock();
}

static void scst_report_luns(struct scst_cmd *cmd)
{
	bool ordinary, well_known;
	struct scst_lun_list list;
	size_t size;
	u8 *buf;

	if (!scst_report_luns_has(cmd->cdb[2], &ordinary, &well_known)) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 2,
					 7);
		return;
	}
	/* SPC-5 6.33.1: an allocation length below 16 is an error. */
	if (cmd->info.data_len < SCST_LUN_LIST_MIN) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 6,
					 7);
		return;
	}

	size = min_t(size_t, cmd->info.data_len, SCST_LUN_LIST_MAX);
	buf = kvzalloc(size, GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return;
	}
	scst_lun_list_init(&list, cmd->sess->tgt->addr_method, buf, size);
	/*
	 * First: a LUN that comes from now on is to be told of again. With no
	 * room for an answer, this one tells nothing.
	 */
	if (cmd->bufflen)
		scst_ua_take_luns(cmd);
	if (ordinary)
		scst_list_luns(cmd->sess, &list);
	if (well_known)
		scst_lun_list_add(&list, SCST_LUN_REPORT_LUNS);
	scst_cmd_copy_in(cmd, buf, scst_lun_list_end(&list));
	kvfree(buf);
}

static bool scst_rsoc_supported(const struct scst_cdb_op *row, void *priv)
{
	return scst_cmd_has_op(priv, row->op);
}

/* The answer is about one command, which is supported: with its usage data */
static void scst_answer_opcodes(struct scst_cmd *cmd, u8 *buf, int len)
{
	if (cmd->dev->pi_type && cmd->cdb[2] & SCST_RSOC_ONE &&
	    len > SCST_RSOC_USAGE)
		scst_pi_add_usage(cmd->dev->pi_type, cmd->dev->type,
				  buf + SCST_RSOC_USAGE, len - SCST_RSOC_USAGE);
	scst_cmd_copy_in(cmd, buf, len);
}

static void scst_report_opcodes(struct scst_cmd *cmd)
{
	struct scst_cdb_error error;
	size_t size;
	u8 *buf;
	int len;

	size = min_t(size_t, cmd->info.data_len, SCST_RSOC_MAX);
	buf = kzalloc(size, GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return;
	}
	len = scst_rsoc_build(cmd->dev->type, cmd->cdb, scst_rsoc_supported,
			      cmd, buf, size, &error);
	if (len < 0)
		scst_set_cmd_error_field(cmd, error.sense, error.byte,
					 error.bit);
	else
		scst_answer_opcodes(cmd, buf, len);
	kfree(buf);
}

static void scst_report_tm_fns(struct scst_cmd *cmd)
{
	u8 buf[SCST_TM_REPORT_MAX];

	/* SPC-5 6.39: an allocation length below 4 is an error. */
	if (cmd->info.data_len < SCST_TM_REPORT_MIN) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 6,
					 7);
		return;
	}
	scst_cmd_copy_in(cmd, buf, scst_tm_report(cmd->cdb, buf, sizeof(buf)));
}

typedef void (*scst_local_fn)(struct scst_cmd *cmd);

static const scst_local_fn scst_local_fns[SCST_OP_NR] = {
	[SCST_OP_REQUEST_SENSE]		= scst_request_sense,
	[SCST_OP_RESERVE_6]		= scst_reserve,
	[SCST_OP_RELEASE_6]		= scst_release,
	[SCST_OP_RESERVE_10]		= scst_reserve,
	[SCST_OP_RELEASE_10]		= scst_release,
	[SCST_OP_PR_IN]			= scst_pr_in,
	[SCST_OP_COPY_IN]		= scst_copy_in,
	[SCST_OP_REPORT_LUNS]		= scst_report_luns,
	[SCST_OP_REPORT_OPCODES]	= scst_report_opcodes,
	[SCST_OP_REPORT_TM_FNS]		= scst_report_tm_fns,
	[SCST_OP_REPORT_TPGS]		= scst_report_tpgs,
};

bool scst_op_is_local(enum scst_op op)
{
	return scst_local_fns[op] || op == SCST_OP_PR_OUT ||
	       op == SCST_OP_SET_TPGS ||
	       op == SCST_OP_COPY_OUT;
}

/* Registrations are by TransportID (SPC-5 5.14.7): none without. */
static bool scst_op_needs_port(enum scst_op op)
{
	return op == SCST_OP_PR_IN || op == SCST_OP_PR_OUT;
}

/* TPGS of standard INQUIRY data says which of them there are. */
static bool scst_nexus_has_tpgs(const struct scst_tgt_dev *tgt_dev,
				enum scst_op op)
{
	u8 tpgs = READ_ONCE(tgt_dev->alua_tpgs);

	if (op == SCST_OP_SET_TPGS)
		return tpgs == SCST_TPGS_BOTH;
	return op != SCST_OP_REPORT_TPGS || tpgs != SCST_TPGS_NONE;
}

bool scst_cmd_has_op(const struct scst_cmd *cmd, enum scst_op op)
{
	const struct scst_tgt_template *tmpl = cmd->sess->tgt->tmpl;
	const struct scst_device *dev = cmd->dev;

	BUILD_BUG_ON(SCST_OP_NR > SCST_MAX_OPS);

	if (test_bit(op, dev->lacks_ops))
		return false;
	if (unlikely(scst_op_needs_port(op) &&
		     !tmpl->get_initiator_port_transport_id))
		return false;
	if (unlikely(!scst_nexus_has_tpgs(cmd->tgt_dev, op)))
		return false;
	if (unlikely(op == SCST_OP_COPY_OUT || op == SCST_OP_COPY_IN))
		return scst_copy_supported(dev);
	return dev->handler->execs[op] || scst_op_is_local(op);
}

/* It is always ready. */
static void scst_wlun_ready(struct scst_cmd *cmd)
{
}

/* The commands of the type in cdb_*.c */
static const scst_local_fn scst_wlun_fns[SCST_OP_NR] = {
	[SCST_OP_TEST_UNIT_READY]	= scst_wlun_ready,
	[SCST_OP_REQUEST_SENSE]		= scst_request_sense,
	[SCST_OP_INQUIRY]		= scst_inquiry_wlun,
	[SCST_OP_REPORT_LUNS]		= scst_report_luns,
};

/* Process context. */
enum scst_step scst_local_exec(struct scst_cmd *cmd)
{
	if (cmd->info.op->op == SCST_OP_PR_OUT)
		return scst_pr_out(cmd);
	if (cmd->info.op->op == SCST_OP_SET_TPGS)
		return scst_set_tpgs(cmd);
	if (cmd->info.op->op == SCST_OP_COPY_OUT)
		return scst_cmd_is_internal(cmd) ? scst_copy_exec_part(cmd) :
						   scst_copy_out(cmd);
	if (scst_cmd_at_wlun(cmd))
		scst_wlun_fns[cmd->info.op->op](cmd);
	else if (!cmd->dev && cmd->info.op->op == SCST_OP_INQUIRY)
		scst_inquiry_no_lun(cmd);
	else
		scst_local_fns[cmd->info.op->op](cmd);
	return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
}
