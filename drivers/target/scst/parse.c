// SPDX-License-Identifier: GPL-2.0
/*
 * LUN translation, the command's place in its nexus's order, CDB decoding, and
 * what the transport expects against what the CDB says.
 */
#include <linux/printk.h>
#include <linux/sizes.h>
#include <scst/pi.h>
#include "scst_priv.h"
#include "copy.h"

/* Data-Out and the CDB disagree; SPC-5 table 53 */
#define SCST_SENSE_INVALID_FIELD_IU	SCST_SENSE(ILLEGAL_REQUEST, 0x0e, 0x03)

/* Longest parameter list of a command whose CDB does not tell */
#define SCST_MAX_LIST			SZ_1M

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
	while ((tgt_dev = xa_load(scst_session_luns(cmd->sess), cmd->lun))) {
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

/*
 * A command that the table has not. That of a vendor's is for a handler that
 * passes it on, if the administrator has said that the transport is to be
 * believed; how much it moves, nobody else can tell.
 */
static scst_sense_t scst_cmd_decode_unknown(struct scst_cmd *cmd)
{
	enum scst_data_dir dir = cmd->expected_in_len ? SCST_DATA_BIDI :
							cmd->expected_dir;

	pr_info_ratelimited("scst: %s, type %#x: unknown operation code %#04x\n",
			    cmd->dev->name, cmd->dev->type, cmd->cdb[0]);
	if (!READ_ONCE(cmd->dev->trust_expected) || !cmd->expected_valid)
		return SCST_SENSE_INVALID_OPCODE;
	return scst_cdb_decode_unknown(dir, cmd->expected_len, &cmd->info);
}

/* Does the device execute any command of this operation code? */
static bool scst_cmd_has_opcode(const struct scst_cmd *cmd)
{
	const struct scst_cdb_op *const *p;
	u8 opcode = cmd->cdb[0];

	for (p = scst_cdb_rows_from(opcode); *p && (*p)->opcode == opcode; p++)
		if (scst_cdb_row_has_type(*p, cmd->dev->type) &&
		    scst_cmd_has_op(cmd, (*p)->op))
			return true;
	return false;
}

/*
 * A command that the table has, and maybe finds fault with, may still be none
 * of the device's: then it is the operation code that is wrong, or, if other
 * service actions of it are there, the service action (SPC-5 4.2.2.3).
 */
static void scst_cmd_check_supported(struct scst_cmd *cmd,
				     struct scst_cdb_error *error)
{
	bool decoded = error->sense == SCST_SENSE_NONE;

	if (likely(decoded && scst_cmd_has_op(cmd, cmd->info.op->op)))
		return;
	if (!scst_cmd_has_opcode(cmd)) {
		error->sense = SCST_SENSE_INVALID_OPCODE;
	} else if (decoded) {
		error->sense = SCST_SENSE_INVALID_FIELD_CDB;
		scst_cdb_sa_field(cmd->cdb[0], &error->byte, &error->bit);
	}
}

static struct scst_cdb_error scst_cmd_decode_pi(struct scst_cmd *cmd)
{
	const struct scst_device *dev = cmd->dev;

	cmd->prot_sg = NULL;
	return scst_pi_decode(dev->pi_type, dev->type, cmd->cdb, cmd->cdb_len,
			      dev->block_shift, &cmd->info);
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

	if (unlikely(dev && dev->pi_type))
		error = scst_cmd_decode_pi(cmd);
	else
		error = scst_cdb_decode(type, cmd->cdb, cmd->cdb_len,
					dev ? dev->block_shift : 0, &cmd->info);
	if (unlikely(error.sense == SCST_SENSE_INVALID_OPCODE && dev))
		error.sense = scst_cmd_decode_unknown(cmd);
	if (likely(dev))
		scst_cmd_check_supported(cmd, &error);
	if (unlikely(error.sense != SCST_SENSE_NONE)) {
		if (error.sense == SCST_SENSE_INVALID_FIELD_CDB)
			scst_set_cmd_error_field(cmd, error.sense, error.byte,
						 error.bit);
		else
			scst_set_cmd_error(cmd, error.sense);
		return false;
	}
	return true;
}

/* Bytes: no more parameters than can mean something (SPC-5 6.17.1, 6.45) */
static const u32 scst_max_lists[SCST_OP_NR] = {
	[SCST_OP_PR_OUT]	= SCST_PR_MAX_PARAM,
	[SCST_OP_SET_TPGS]	= SCST_STPG_MAX_LEN,
};

/* What the core executes has no limit of a device's: nobody else sets one. */
static bool scst_cmd_list_too_long(const struct scst_cmd *cmd)
{
	u32 max = scst_max_lists[cmd->info.op->op];

	return max && cmd->info.data_len > max;
}

/* SBC-4 5.12: more than MAXIMUM TRANSFER LENGTH is an invalid field. */
static bool scst_cmd_too_long(struct scst_cmd *cmd)
{
	const struct scst_cdb_op *op = cmd->info.op;

	if (unlikely(op->flags & SCST_CDB_LOCAL) &&
	    scst_cmd_list_too_long(cmd)) {
		scst_set_cmd_error(cmd, SCST_SENSE_PARAM_LIST_LENGTH);
		return true;
	}
	if (unlikely(op->op == SCST_OP_COPY_OUT &&
		     cmd->info.data_len > SCST_COPY_MAX_PARAM)) {
		scst_set_cmd_error(cmd, SCST_SENSE_PARAM_LIST_LENGTH);
		return true;
	}
	if (!cmd->dev || likely(cmd->info.data_len <= cmd->dev->max_xfer))
		return false;
	/* The limit counts blocks, whatever comes with them. */
	if (cmd->info.protect &&
	    cmd->info.blocks <= cmd->dev->max_xfer >> cmd->dev->block_shift)
		return false;
	/* What is parameters for the core, or only limits what comes back */
	if (op->flags & SCST_CDB_LOCAL ||
	    (cmd->info.dir == SCST_DATA_READ &&
	     !(op->flags & (SCST_CDB_MEDIUM | SCST_CDB_WRITE))))
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
	u32 block;

	if (!(cmd->info.op->flags & SCST_CDB_WRITE) ||
	    cmd->info.op->unit != SCST_UNIT_BLOCKS)
		return false;
	block = (1U << cmd->dev->block_shift) +
		(cmd->info.protect ? SCST_PI_LEN : 0);
	if (cmd->expected_len % block)
		return false;
	cmd->info.blocks = cmd->expected_len / block;
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

	if (op->unit < SCST_UNIT_SAME || !cmd->expected_valid ||
	    cmd->expected_len == cmd->info.data_len)
		return false;
	/* What is not written at all need not be as long as it should be. */
	if (op->flags & SCST_CDB_WRITE && scst_cmd_write_protected(cmd))
		return true;
	scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
				 op->count.offset, 7);
	return true;
}

/*
 * The CDB says no length, but the transport does. What cannot be taken in full,
 * or goes the other way, is refused: the header of a list is not the list, and
 * a command that is about data is not executed without.
 */
static bool scst_cmd_adopt_expected(struct scst_cmd *cmd)
{
	struct scst_cdb_info *info = &cmd->info;

	if (cmd->expected_valid && cmd->expected_len) {
		if (cmd->expected_dir != info->dir ||
		    cmd->expected_len > min_t(u32, SCST_MAX_LIST,
					      cmd->dev->max_xfer)) {
			scst_set_cmd_error(cmd, SCST_SENSE_INVALID_FIELD_IU);
			return false;
		}
		info->data_len = max(info->data_len, cmd->expected_len);
	}
	if (!info->data_len)
		info->dir = SCST_DATA_NONE;
	return true;
}

/* The Data-Out is as long as the CDB says, the Data-In may be cut short. */
static bool scst_cmd_check_bidi(struct scst_cmd *cmd)
{
	cmd->in_bufflen = cmd->info.data_len;
	if (cmd->expected_valid) {
		/* A transport that has one direction only, or a mistake */
		if (!cmd->expected_in_len ||
		    cmd->expected_dir != SCST_DATA_WRITE) {
			scst_set_cmd_error(cmd, SCST_SENSE_INVALID_FIELD_IU);
			return false;
		}
		cmd->in_bufflen = min(cmd->in_bufflen, cmd->expected_in_len);
	}
	cmd->bufflen = cmd->info.data_len;
	cmd->resp_len = cmd->in_bufflen;
	return true;
}

/* Bytes: the longest answers of what the core executes, as far as it is known */
static const u32 scst_max_answers[SCST_OP_NR] = {
	[SCST_OP_REPORT_LUNS]		= SCST_LUN_LIST_MAX,
	[SCST_OP_REPORT_OPCODES]	= SCST_RSOC_MAX,
	[SCST_OP_REPORT_TM_FNS]		= SCST_TM_REPORT_MAX,
	[SCST_OP_COPY_IN]		= SCST_COPY_IN_MAX,
};

/*
 * An ALLOCATION LENGTH may be 4 GiB and means no more than that the initiator
 * has room for it (SPC-5 4.2.5.6): there is no buffer larger than the answer.
 */
static void scst_cmd_limit_answer(struct scst_cmd *cmd)
{
	const struct scst_cdb_op *op = cmd->info.op;
	u32 max = U32_MAX;

	if (cmd->info.dir != SCST_DATA_READ || op->unit != SCST_UNIT_BYTES ||
	    op->flags & (SCST_CDB_MEDIUM | SCST_CDB_WRITE))
		return;
	if (op->flags & SCST_CDB_LOCAL)
		max = scst_max_answers[op->op] ?: U32_MAX;
	else if (cmd->dev)
		max = cmd->dev->max_answer;
	cmd->info.data_len = min(cmd->info.data_len, max);
}

/*
 * The CDB says what moves; the transport's expectation can only cut it short,
 * and the residual count of the response says that it did. From an initiator
 * that wants to send what it should receive nothing is taken.
 */
static bool scst_cmd_check_expected(struct scst_cmd *cmd)
{
	bool write;

	if (unlikely(cmd->info.op->unit != SCST_UNIT_BLOCKS)) {
		scst_cmd_limit_answer(cmd);
		if (cmd->info.open_ended && !scst_cmd_adopt_expected(cmd))
			return false;
		if (scst_cmd_wrong_length(cmd))
			return false;
		if (cmd->info.dir == SCST_DATA_BIDI)
			return scst_cmd_check_bidi(cmd);
	}
	write = cmd->info.dir == SCST_DATA_WRITE;
	cmd->bufflen = cmd->info.data_len;
	if (!cmd->expected_valid)
		return true;
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
