// SPDX-License-Identifier: GPL-2.0
/*
 * LUN translation, the command's place in its nexus's order, CDB decoding, and
 * what the transport expects against what the CDB says.
 */
#include "scst_priv.h"

/* Data-Out and the CDB disagree; SPC-5 table 53 */
#define SCST_SENSE_INVALID_FIELD_IU	SCST_SENSE(ILLEGAL_REQUEST, 0x0e, 0x03)

/*
 * Find the I_T_L nexus. Its order gate is what keeps it, and with it the
 * device, until the command leaves that gate in scst_cmd_release(). Return: false
 * if the task set does not take the command.
 */
static bool scst_cmd_translate_lun(struct scst_cmd *cmd)
{
	struct scst_tgt_dev *tgt_dev;

	if (cmd->lun > SCST_MAX_LUN)
		goto no_lun;

	rcu_read_lock();
	/* One that has ended was replaced, or taken out, before that. */
	while ((tgt_dev = xa_load(&cmd->sess->luns, cmd->lun))) {
		if (unlikely(!scst_task_set_enter(cmd, tgt_dev)))
			continue;
		cmd->dev = tgt_dev->dev;
		/* Its place is taken. Pairs with scst_abort_kick(). */
		smp_store_release(&cmd->tgt_dev, tgt_dev);
		rcu_read_unlock();
		return likely(cmd->status == SAM_STAT_GOOD);
	}
	rcu_read_unlock();

no_lun:
	/* There is no ACA condition where there is no logical unit. */
	if (cmd->attr == SCST_TASK_ACA)
		scst_set_cmd_error(cmd, SCST_SENSE_INVALID_MESSAGE);
	return cmd->attr != SCST_TASK_ACA;
}

enum scst_step scst_state_init(struct scst_cmd *cmd)
{
	if (unlikely(cmd->sess->state == SCST_SESS_FAILED)) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return scst_cmd_next(cmd, SCST_CMD_PRE_XMIT_RESP);
	}
	if (unlikely(!scst_cmd_translate_lun(cmd)))
		return scst_cmd_next(cmd, SCST_CMD_PRE_XMIT_RESP);
	return scst_cmd_next(cmd, SCST_CMD_PARSE);
}

/*
 * SPC-5 4.2.1 (logical unit not there): INQUIRY, REPORT LUNS and REQUEST SENSE
 * are answered, everything else is LOGICAL UNIT NOT SUPPORTED.
 */
static bool scst_op_needs_no_lun(const struct scst_cdb_op *op)
{
	return op && (op->op == SCST_OP_INQUIRY ||
		      op->op == SCST_OP_REPORT_LUNS ||
		      op->op == SCST_OP_REQUEST_SENSE);
}

static u8 scst_cmd_type(const struct scst_cmd *cmd)
{
	if (likely(cmd->dev))
		return cmd->dev->type;
	return scst_cmd_at_wlun(cmd) ? TYPE_WLUN : TYPE_DISK;
}

static bool scst_cmd_decode(struct scst_cmd *cmd)
{
	struct scst_device *dev = cmd->dev;
	struct scst_cdb_error error;
	u8 type = scst_cmd_type(cmd);

	if (unlikely(!dev) && !scst_cmd_at_wlun(cmd) &&
	    !scst_op_needs_no_lun(scst_cdb_find(type, cmd->cdb, cmd->cdb_len))) {
		scst_set_cmd_error(cmd, SCST_SENSE_LUN_NOT_SUPPORTED);
		return false;
	}

	error = scst_cdb_decode(type, cmd->cdb, cmd->cdb_len,
				dev ? dev->block_shift : 0, &cmd->info);
	if (unlikely(error.sense != SCST_SENSE_NONE)) {
		if (error.sense == SCST_SENSE_INVALID_FIELD_CDB)
			scst_set_cmd_error_field(cmd, error.sense, error.byte,
						 error.bit);
		else
			scst_set_cmd_error(cmd, error.sense);
		return false;
	}
	if (unlikely(dev && !scst_cmd_has_op(cmd, cmd->info.op->op))) {
		scst_set_cmd_error(cmd, SCST_SENSE_INVALID_OPCODE);
		return false;
	}
	return true;
}

/* SBC-4 5.12: more than MAXIMUM TRANSFER LENGTH is an invalid field. */
static bool scst_cmd_too_long(struct scst_cmd *cmd)
{
	const struct scst_cdb_op *op = cmd->info.op;

	/* SPC-5 6.17.1: no more parameters than can mean something */
	if (unlikely(op->op == SCST_OP_PR_OUT &&
		     cmd->info.data_len > SCST_PR_MAX_PARAM)) {
		scst_set_cmd_error(cmd, SCST_SENSE_PARAM_LIST_LENGTH);
		return true;
	}
	if (!cmd->dev || !(op->flags & SCST_CDB_MEDIUM) ||
	    likely(cmd->info.data_len <= cmd->dev->max_xfer))
		return false;
	scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
				 op->count.offset, 7);
	return true;
}

/*
 * A part of a parameter list means nothing, and a part of a block cannot be
 * written; whole blocks at the beginning of a longer write can.
 */
static bool scst_cmd_shorten_write(struct scst_cmd *cmd)
{
	u8 shift;

	if (!(cmd->info.op->flags & SCST_CDB_WRITE) ||
	    cmd->info.op->unit != SCST_UNIT_BLOCKS)
		return false;
	shift = cmd->dev->block_shift;
	if (cmd->expected_len & ((1U << shift) - 1))
		return false;
	cmd->info.blocks = cmd->expected_len >> shift;
	return true;
}

/*
 * Data of one block for many, or of what should be there and of what is to
 * come: what it means depends on how much it is. Less of it, or more, is
 * something else than what the CDB asks for.
 */
static bool scst_cmd_wrong_length(struct scst_cmd *cmd)
{
	const struct scst_cdb_op *op = cmd->info.op;

	if (likely(op->unit < SCST_UNIT_SAME) ||
	    cmd->expected_len == cmd->info.data_len)
		return false;
	scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
				 op->count.offset, 7);
	return true;
}

/*
 * The CDB says what moves; the transport's expectation can only cut it short,
 * and the residual count of the response says that it did. From an initiator
 * that wants to send what it should receive nothing is taken.
 */
static bool scst_cmd_check_expected(struct scst_cmd *cmd)
{
	bool write = cmd->info.dir == SCST_DATA_WRITE;

	cmd->bufflen = cmd->info.data_len;
	if (!cmd->expected_valid)
		return true;
	if (unlikely(scst_cmd_wrong_length(cmd))) {
		cmd->bufflen = 0;
		return false;
	}
	if (cmd->info.dir == SCST_DATA_NONE)
		return true;

	if (cmd->expected_len && cmd->expected_dir != cmd->info.dir) {
		cmd->bufflen = 0;
		if (!write)
			return true;
	} else if (cmd->expected_len >= cmd->info.data_len) {
		return true;
	} else if (!write || scst_cmd_shorten_write(cmd)) {
		cmd->bufflen = cmd->expected_len;
		return true;
	}
	cmd->bufflen = 0;
	scst_set_cmd_error(cmd, SCST_SENSE_INVALID_FIELD_IU);
	return false;
}

enum scst_step scst_state_parse(struct scst_cmd *cmd)
{
	const struct scst_dev_type *handler;

	if (unlikely(scst_cmd_aborted(cmd)))
		goto respond;
	if (unlikely(!scst_cmd_decode(cmd)))
		goto respond;
	if (cmd->dev) {
		handler = cmd->dev->handler;
		if (handler->parse && !handler->parse(cmd))
			goto respond;
	}
	if (unlikely(scst_cmd_too_long(cmd)))
		goto respond;
	if (unlikely(!scst_cmd_check_expected(cmd)))
		goto respond;
	if (cmd->info.dir == SCST_DATA_READ)
		cmd->resp_len = cmd->bufflen;
	return scst_cmd_next(cmd, SCST_CMD_PREPARE_SPACE);

respond:
	return scst_cmd_next(cmd, SCST_CMD_PRE_XMIT_RESP);
}
