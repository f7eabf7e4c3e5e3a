// SPDX-License-Identifier: GPL-2.0
/*
 * The states of a command: which moves are legal, which function belongs to
 * which state, and in which context it runs.
 */
#include <linux/export.h>
#include "scst_priv.h"

#define TO(state)	BIT(SCST_CMD_##state)

static const u32 scst_cmd_moves[SCST_CMD_NR_STATES] = {
	[SCST_CMD_INIT]		= TO(PARSE) | TO(PRE_XMIT_RESP),
	[SCST_CMD_PARSE]	= TO(PREPARE_SPACE) | TO(PRE_XMIT_RESP),
	[SCST_CMD_PREPARE_SPACE] = TO(PREPROCESSING_DONE) | TO(PRE_XMIT_RESP),
	[SCST_CMD_PREPROCESSING_DONE] = TO(RDY_TO_XFER) | TO(PRE_XMIT_RESP),
	[SCST_CMD_RDY_TO_XFER]	= TO(DATA_WAIT) | TO(PRE_EXEC) |
				  TO(PRE_XMIT_RESP),
	[SCST_CMD_DATA_WAIT]	= TO(PRE_EXEC) | TO(PRE_XMIT_RESP),
	[SCST_CMD_PRE_EXEC]	= TO(EXEC_CHECK_ORDER) | TO(PRE_XMIT_RESP),
	[SCST_CMD_EXEC_CHECK_ORDER] = TO(LOCAL_EXEC) | TO(PRE_XMIT_RESP),
	[SCST_CMD_LOCAL_EXEC]	= TO(REAL_EXEC) | TO(DEV_DONE) |
				  TO(EXEC_WAIT),
	[SCST_CMD_REAL_EXEC]	= TO(EXEC_WAIT),
	[SCST_CMD_EXEC_WAIT]	= TO(DEV_DONE) | TO(REAL_EXEC),
	[SCST_CMD_DEV_DONE]	= TO(PRE_XMIT_RESP),
	[SCST_CMD_PRE_XMIT_RESP] = TO(XMIT_RESP) | TO(FINISHED),
	[SCST_CMD_XMIT_RESP]	= TO(XMIT_WAIT),
	[SCST_CMD_XMIT_WAIT]	= TO(FINISHED),
};

/* May return a command that was freed meanwhile only with SCST_STEP_WAIT. */
typedef enum scst_step (*scst_state_fn)(struct scst_cmd *cmd);

/* The waiting states have none: somebody else moves the command on. */
static const scst_state_fn scst_state_fns[SCST_CMD_NR_STATES] = {
	[SCST_CMD_INIT]			= scst_state_init,
	[SCST_CMD_PARSE]		= scst_state_parse,
	[SCST_CMD_PREPARE_SPACE]	= scst_state_prepare_space,
	[SCST_CMD_PREPROCESSING_DONE]	= scst_state_preprocessing_done,
	[SCST_CMD_RDY_TO_XFER]		= scst_state_rdy_to_xfer,
	[SCST_CMD_PRE_EXEC]		= scst_state_pre_exec,
	[SCST_CMD_EXEC_CHECK_ORDER]	= scst_state_check_order,
	[SCST_CMD_LOCAL_EXEC]		= scst_state_local_exec,
	[SCST_CMD_REAL_EXEC]		= scst_state_real_exec,
	[SCST_CMD_DEV_DONE]		= scst_state_dev_done,
	[SCST_CMD_PRE_XMIT_RESP]	= scst_state_pre_xmit,
	[SCST_CMD_XMIT_RESP]		= scst_state_xmit,
	[SCST_CMD_FINISHED]		= scst_state_finished,
};

bool scst_cmd_move_legal(enum scst_cmd_state from, enum scst_cmd_state to)
{
	return scst_cmd_moves[from] & BIT(to);
}
EXPORT_SYMBOL_IF_KUNIT(scst_cmd_move_legal);

void scst_cmd_set_state(struct scst_cmd *cmd, enum scst_cmd_state state)
{
	WARN_ON_ONCE(!scst_cmd_move_legal(cmd->state, state));
	WRITE_ONCE(cmd->state, state);
}

static void scst_cmd_run_states(struct scst_cmd *cmd)
{
	enum scst_step step;

	do {
		step = scst_state_fns[cmd->state](cmd);
	} while (step == SCST_STEP_NEXT);

	if (step == SCST_STEP_THREAD)
		scst_cmd_queue(cmd);
}

static void scst_cmd_thread_work(struct work_struct *work)
{
	struct scst_cmd *cmd = container_of(work, struct scst_cmd, work);

	cmd->context = SCST_CONTEXT_THREAD;
	scst_cmd_run_states(cmd);
}

static void scst_cmd_bh_work(struct work_struct *work)
{
	struct scst_cmd *cmd = container_of(work, struct scst_cmd, work);

	cmd->context = SCST_CONTEXT_DIRECT_ATOMIC;
	scst_cmd_run_states(cmd);
}

/* Go on in process context. Any context. */
void scst_cmd_queue(struct scst_cmd *cmd)
{
	INIT_WORK(&cmd->work, scst_cmd_thread_work);
	queue_work(cmd->dev ? cmd->dev->wq : scst_wq, &cmd->work);
}

/* Go on in the context that a driver has asked for. */
void scst_cmd_run(struct scst_cmd *cmd, enum scst_context context)
{
	switch (context) {
	case SCST_CONTEXT_DIRECT:
	case SCST_CONTEXT_DIRECT_ATOMIC:
		cmd->context = context;
		fallthrough;
	case SCST_CONTEXT_SAME:
		scst_cmd_run_states(cmd);
		break;
	case SCST_CONTEXT_THREAD:
		scst_cmd_queue(cmd);
		break;
	case SCST_CONTEXT_BH:
		INIT_WORK(&cmd->work, scst_cmd_bh_work);
		queue_work(system_bh_wq, &cmd->work);
		break;
	}
}

bool scst_cmd_may_sleep(const struct scst_cmd *cmd)
{
	return cmd->context != SCST_CONTEXT_DIRECT_ATOMIC;
}
EXPORT_SYMBOL_GPL(scst_cmd_may_sleep);
