// SPDX-License-Identifier: GPL-2.0
/*
 * From the handler's result to the fabric, and out.
 */
#include "scst_priv.h"

enum scst_step scst_state_dev_done(struct scst_cmd *cmd)
{
	struct scst_device *dev = cmd->dev;

	if (likely(dev)) {
		if (dev->handler->dev_done)
			dev->handler->dev_done(cmd);
		scst_cmd_leave_device(cmd);
	}
	return scst_cmd_next(cmd, SCST_CMD_PRE_XMIT_RESP);
}

/* Nobody hears of it, unless another nexus has aborted it (TAS). */
static enum scst_step scst_cmd_end_aborted(struct scst_cmd *cmd)
{
	if (!scst_cmd_abort_answered(cmd))
		return scst_cmd_next(cmd, SCST_CMD_FINISHED);
	scst_set_cmd_status(cmd, SAM_STAT_TASK_ABORTED);
	scst_cmd_let_functions_go(cmd);
	return scst_cmd_next(cmd, SCST_CMD_XMIT_RESP);
}

/*
 * The one place where it is decided whether a command is answered or counts as
 * aborted: scst_abort_cmd() sets the same bit.
 */
enum scst_step scst_state_pre_xmit(struct scst_cmd *cmd)
{
	if (unlikely(test_and_set_bit(SCST_CMD_F_DECIDED, &cmd->flags))) {
		scst_cmd_not_delivered(cmd);
		return scst_cmd_end_aborted(cmd);
	}
	if (unlikely(scst_cmd_has_effects(cmd))) {
		scst_ua_set_previous(cmd->tgt_dev, cmd->status);
		if (scst_task_set_ended(cmd))
			return SCST_STEP_WAIT;
		scst_cmd_let_functions_go(cmd);
	}
	return scst_cmd_next(cmd, SCST_CMD_XMIT_RESP);
}

enum scst_step scst_state_xmit(struct scst_cmd *cmd)
{
	const struct scst_tgt_template *tmpl = cmd->tmpl;

	if (!tmpl->xmit_atomic && !scst_cmd_may_sleep(cmd))
		return SCST_STEP_THREAD;
	scst_hw_begin(cmd);
	scst_cmd_set_state(cmd, SCST_CMD_XMIT_WAIT);
	tmpl->xmit_response(cmd);
	return SCST_STEP_WAIT;
}

enum scst_step scst_state_finished(struct scst_cmd *cmd)
{
	scst_cmd_put(cmd);
	return SCST_STEP_WAIT;
}
