// SPDX-License-Identifier: GPL-2.0
/*
 * From a command with all its data to the handler.
 */
#include <linux/export.h>
#include "scst_priv.h"

enum scst_step scst_state_pre_exec(struct scst_cmd *cmd)
{
	const struct scst_tgt_template *tmpl = cmd->tmpl;

	if (tmpl->pre_exec && !tmpl->pre_exec(cmd))
		return scst_cmd_next(cmd, SCST_CMD_PRE_XMIT_RESP);
	return scst_cmd_next(cmd, SCST_CMD_EXEC_CHECK_ORDER);
}

/* Both gates let commands in from any context: go on where one may sleep. */
void scst_cmd_order_wake(struct scst_gate_entry *entry)
{
	scst_cmd_queue(container_of(entry, struct scst_cmd, order));
}

void scst_cmd_gate_wake(struct scst_gate_entry *entry)
{
	scst_cmd_queue(container_of(entry, struct scst_cmd, gate));
}

/*
 * An update (COMPARE AND WRITE) that finds that the others take ranges goes
 * with them; if not, or if its own is too wide, it runs alone.
 */
static enum scst_gate_kind scst_cmd_gate_kind(const struct scst_cmd *cmd)
{
	u32 flags = cmd->info.op->flags;

	if (likely(!(flags & (SCST_CDB_EXCLUSIVE | SCST_CDB_UPDATE))))
		return SCST_GATE_SHARED;
	if (flags & SCST_CDB_UPDATE && READ_ONCE(cmd->dev->ranges.on) &&
	    scst_cmd_range_fits(cmd))
		return SCST_GATE_SHARED;
	return SCST_GATE_EXCLUSIVE;
}

/*
 * Its turn within the task set, then within the device, then on its blocks. A
 * command that was woken comes here again and finds itself inside of what it
 * waited at.
 */
enum scst_step scst_state_check_order(struct scst_cmd *cmd)
{
	struct scst_device *dev = cmd->dev;
	enum scst_step step;

	if (unlikely(!dev))
		return scst_cmd_next(cmd, SCST_CMD_LOCAL_EXEC);
	if (unlikely(scst_gate_park(&cmd->tgt_dev->order, &cmd->order)))
		return SCST_STEP_WAIT;
	if (unlikely(READ_ONCE(cmd->flags) &
		     (SCST_CMD_IN_TASK_SET | BIT(SCST_CMD_F_ABORTED)))) {
		if (scst_task_set_park(cmd))
			return SCST_STEP_WAIT;
		if (scst_cmd_aborted(cmd))
			goto aborted;
	}

	if (cmd->gate.state == SCST_GATE_OUTSIDE)
		scst_gate_enter(&dev->gate, &cmd->gate,
				scst_cmd_gate_kind(cmd));
	if (unlikely(scst_gate_park(&dev->gate, &cmd->gate)))
		return SCST_STEP_WAIT;
	if (unlikely(scst_cmd_aborted(cmd)))
		goto aborted;
	if (unlikely(READ_ONCE(dev->task_set.flags) & SCST_SET_ACA) &&
	    !scst_task_set_check(cmd, &step))
		return step;
	if (unlikely(READ_ONCE(dev->ranges.on) ||
		     cmd->info.op->flags & SCST_CDB_UPDATE))
		return scst_cmd_range_check(cmd);
	return scst_cmd_next(cmd, SCST_CMD_LOCAL_EXEC);

aborted:
	/* One that has waited there is inside: the abort has let it in. */
	scst_cmd_leave_device(cmd);
	return scst_cmd_next(cmd, SCST_CMD_PRE_XMIT_RESP);
}

/* SAM-5 5.14.1: the command is not executed. */
static bool scst_cmd_report_ua(struct scst_cmd *cmd)
{
	scst_sense_t sense;

	if (likely(!READ_ONCE(cmd->tgt_dev->ua_pending)) ||
	    cmd->info.op->flags & SCST_CDB_NO_UA || scst_cmd_is_internal(cmd))
		return false;
	sense = scst_ua_report(cmd);
	if (sense == SCST_SENSE_NONE)
		return false;
	scst_set_cmd_error(cmd, sense);
	return true;
}

/* Return: the command has ended. Any context. */
bool scst_cmd_write_protected(struct scst_cmd *cmd)
{
	if (unlikely(READ_ONCE(cmd->tgt_dev->read_only) ||
		     cmd->dev->read_only)) {
		scst_set_cmd_error(cmd, SCST_SENSE_WRITE_PROTECTED);
		return true;
	}
	if (unlikely(READ_ONCE(cmd->dev->control.swp))) {
		scst_set_cmd_error(cmd, SCST_SENSE_SOFT_WRITE_PROTECTED);
		return true;
	}
	return false;
}

static bool scst_cmd_out_of_range(struct scst_cmd *cmd)
{
	scst_sense_t sense;
	u64 nblocks;

	if (!(cmd->info.op->flags & SCST_CDB_LBA_CHECK))
		return false;
	nblocks = READ_ONCE(cmd->dev->nblocks);
	sense = scst_cdb_check_range(&cmd->info, nblocks);
	if (likely(sense == SCST_SENSE_NONE))
		return false;
	/* SBC-4 4.18.1: the first block that there is not */
	scst_set_cmd_error_info(cmd, sense, max(cmd->info.lba, nblocks));
	return true;
}

/* The state of the target port's group is one that may forbid it. */
static bool scst_cmd_inaccessible(struct scst_cmd *cmd, u8 state)
{
	if (scst_alua_allows(state, cmd->info.op, cmd->cdb))
		return false;
	scst_set_cmd_error(cmd, scst_alua_desc(state)->sense);
	return true;
}

/* Inside the device: from here on the medium stays. */
static bool scst_cmd_is_stale(struct scst_cmd *cmd)
{
	if (!scst_cmd_is_internal(cmd) ||
	    cmd->medium == READ_ONCE(cmd->dev->medium))
		return false;
	scst_set_cmd_error(cmd, SCST_SENSE_LUN_NOT_SUPPORTED);
	return true;
}

enum scst_step scst_state_local_exec(struct scst_cmd *cmd)
{
	u8 access, alua;

	if (likely(cmd->dev)) {
		access = READ_ONCE(cmd->tgt_dev->resv_access);
		alua = READ_ONCE(cmd->tgt_dev->alua_state);
		if (unlikely(scst_cmd_report_ua(cmd) || scst_cmd_is_stale(cmd) ||
			     (alua && scst_cmd_inaccessible(cmd, alua)) ||
			     (access && scst_cmd_reserved(cmd, access)) ||
			     (cmd->info.op->flags & SCST_CDB_WRITE &&
			      scst_cmd_write_protected(cmd)) ||
			     scst_cmd_out_of_range(cmd)))
			return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
		if (likely(!scst_op_is_local(cmd->info.op->op)))
			return scst_cmd_next(cmd, SCST_CMD_REAL_EXEC);
	}
	if (!scst_cmd_may_sleep(cmd))
		return SCST_STEP_THREAD;
	return scst_local_exec(cmd);
}

void scst_cmd_let_others_in(struct scst_cmd *cmd)
{
	scst_gate_leave(&cmd->dev->gate, &cmd->gate);
}
EXPORT_SYMBOL_GPL(scst_cmd_let_others_in);

enum scst_step scst_state_real_exec(struct scst_cmd *cmd)
{
	enum scst_exec_result result;

	/* Before the call: scst_cmd_done() may come before it returns. */
	scst_cmd_set_state(cmd, SCST_CMD_EXEC_WAIT);
	result = cmd->dev->handler->execs[cmd->info.op->op](cmd);
	switch (result) {
	case SCST_EXEC_DONE:
		return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
	case SCST_EXEC_NEED_THREAD:
		scst_cmd_set_state(cmd, SCST_CMD_REAL_EXEC);
		return SCST_STEP_THREAD;
	case SCST_EXEC_PENDING:
		break;
	}
	return SCST_STEP_WAIT;
}
