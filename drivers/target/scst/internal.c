// SPDX-License-Identifier: GPL-2.0
/*
 * Commands that the core sends by itself, on behalf of a session: they go the
 * way of those that its initiator sends, from the device's gate on, so that
 * reservations, write protection, and task management are looked at once.
 *
 * What they don't do is what is about the initiator: they have no tag, take no
 * unit attention, and their CHECK CONDITION is no fault of the nexus. They take
 * their place in the order of the nexus beside the others, since the command
 * that they are a part of has one that others wait for.
 */
#include <trace/events/scst.h>
#include "scst_priv.h"

/**
 * scst_internal_init() - make a command
 * @cmd: embedded in the caller's; need not be zeroed
 * @in: what it is; not needed any more on return, but for the buffer
 *
 * From here on scst_abort_cmd() may be called. Any context.
 */
void scst_internal_init(struct scst_cmd *cmd, const struct scst_internal *in)
{
	static const u8 no_lun[8];
	struct scst_cdb_error error;

	scst_rx_cmd(in->sess, cmd, no_lun, in->cdb, 16);
	cmd->tmpl = in->tmpl;
	cmd->lun = in->lun;
	cmd->medium = in->medium;
	__set_bit(SCST_CMD_F_INTERNAL, &cmd->flags);
	error = scst_cdb_decode(in->dev->type, cmd->cdb, cmd->cdb_len,
				in->block_shift, &cmd->info);
	if (WARN_ON_ONCE(error.sense != SCST_SENSE_NONE)) {
		scst_set_cmd_error(cmd, error.sense);
		return;
	}
	if (in->op) {
		cmd->info.op = in->op;
		return;
	}
	cmd->sg = in->sg;
	cmd->sg_cnt = in->sg_cnt;
	cmd->bufflen = cmd->info.data_len;
	if (cmd->info.dir == SCST_DATA_READ)
		cmd->resp_len = cmd->bufflen;
}

/*
 * As scst_cmd_translate_lun() does. Return: false if the session does not see
 * the device any more.
 */
static bool scst_internal_enter(struct scst_cmd *cmd, struct scst_device *dev)
{
	struct scst_tgt_dev *tgt_dev;
	bool entered = false;

	rcu_read_lock();
	tgt_dev = xa_load(scst_session_luns(cmd->sess), cmd->lun);
	if (tgt_dev && tgt_dev->dev == dev)
		entered = scst_gate_enter(&tgt_dev->order, &cmd->order,
					  SCST_GATE_BESIDE);
	if (entered) {
		cmd->dev = dev;
		/* Its place is taken. Pairs with scst_abort_kick(). */
		smp_store_release(&cmd->tgt_dev, tgt_dev);
	}
	rcu_read_unlock();
	return entered;
}

/*
 * An administrator may have disabled the device, and have enabled it with other
 * blocks, while nobody was there. Not any more: its nexus is kept.
 */
static bool scst_internal_fits(const struct scst_cmd *cmd)
{
	return cmd->info.blocks << cmd->dev->block_shift == cmd->info.data_len;
}

/**
 * scst_internal_start() - send a command
 * @cmd: command of scst_internal_init()
 * @dev: logical unit
 * @nowait: end with status BUSY if the device's gate is closed, an ACA condition
 *	blocks it, or others have its blocks; it is not to be one that runs alone
 *
 * The session is kept by a command of its own. Any context.
 */
void scst_internal_start(struct scst_cmd *cmd, struct scst_device *dev,
			 bool nowait)
{
	trace_scst_cmd_start(cmd);
	if (nowait)
		set_bit(SCST_CMD_F_NOWAIT, &cmd->flags);
	scst_cmd_add_to_session(cmd);
	/* It begins here: there is nothing to decode, or to fetch. */
	WRITE_ONCE(cmd->state, SCST_CMD_PRE_XMIT_RESP);
	if (cmd->status != SAM_STAT_GOOD)
		goto run;
	if (!scst_internal_enter(cmd, dev) || !scst_internal_fits(cmd))
		scst_set_cmd_error(cmd, SCST_SENSE_LUN_NOT_SUPPORTED);
	else if (nowait && !scst_gate_try_shared(&dev->gate, &cmd->gate))
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
	else
		WRITE_ONCE(cmd->state, SCST_CMD_EXEC_CHECK_ORDER);
run:
	scst_cmd_run(cmd, SCST_CONTEXT_THREAD);
}
