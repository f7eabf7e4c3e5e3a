// SPDX-License-Identifier: GPL-2.0
/*
 * What a CHECK CONDITION does to other commands (SPC-5 7.5.10, QERR).
 *
 * They are aborted when the status is sent: by then none of the faulted nexus
 * may touch the medium or the initiator's buffers any more, hence the command
 * waits for them. It does not wait for those of other nexuses, whose initiators
 * hear of it by themselves, and might be slow to.
 *
 * Two commands never wait for each other. A command waits for those that were
 * not decided when it was itself, and each of them is decided later; PREEMPT AND
 * ABORT is left out as soon as it has victims of its own.
 */
#include <linux/slab.h>
#include "scst_priv.h"

static void scst_fault_free(struct scst_mgmt_cmd *mcmd)
{
	scst_abort_free_chunks(mcmd);
	kfree(mcmd);
}

static void scst_fault_free_work(struct work_struct *work)
{
	scst_fault_free(container_of(work, struct scst_mgmt_cmd, work));
}

/* The nexus's commands are gone: answer. */
static void scst_fault_answer_work(struct work_struct *work)
{
	struct scst_mgmt_cmd *mcmd = container_of(work, struct scst_mgmt_cmd,
						  work);
	struct scst_cmd *cmd = mcmd->fabric_priv;

	scst_fault_free(mcmd);
	scst_cmd_set_state(cmd, SCST_CMD_XMIT_RESP);
	scst_cmd_run(cmd, SCST_CONTEXT_THREAD);
}

/* What its nexus sends from here on does not count: it comes after the status. */
static struct scst_mgmt_cmd *scst_fault_function(struct scst_cmd *cmd,
						 work_func_t finish)
{
	struct scst_mgmt_cmd *mcmd;

	/* A status that is decided must have its memory. */
	mcmd = kzalloc(sizeof(*mcmd), GFP_NOIO | __GFP_NOFAIL);
	mcmd->sess = cmd->sess;
	mcmd->fabric_priv = cmd;
	mcmd->finish = finish;
	atomic_set(&mcmd->pending, 1);
	INIT_LIST_HEAD(&mcmd->chunks);
	INIT_LIST_HEAD(&mcmd->devs);
	mcmd->epoch = atomic_inc_return(&cmd->sess->tm_epoch);
	return mcmd;
}

static void scst_fault_work(struct work_struct *work)
{
	struct scst_cmd *cmd = container_of(work, struct scst_cmd, work);
	const struct scst_abort_match match = {
		.dev		= cmd->dev,
		.tgt_dev	= cmd->tgt_dev,
		.undecided	= true,
	};
	struct scst_mgmt_cmd *own, *others = NULL;
	enum scst_fault_abort abort = scst_task_set_aborts(cmd->dev);

	own = scst_fault_function(cmd, scst_fault_answer_work);
	if (abort == SCST_FAULT_ABORT_ALL)
		others = scst_fault_function(cmd, scst_fault_free_work);

	scst_config_lock();
	if (others)
		scst_tm_abort_others(others, cmd->tgt_dev, true);
	if (abort != SCST_FAULT_ABORT_NONE)
		scst_abort_session(own, cmd->sess, &match);
	scst_config_unlock();

	/* It has had its effects; its answer may wait for what others need not. */
	scst_cmd_let_functions_go(cmd);
	if (others)
		scst_tm_put(others);
	scst_tm_put(own);
}

/* Any context. */
void scst_fault_start(struct scst_cmd *cmd)
{
	INIT_WORK(&cmd->work, scst_fault_work);
	queue_work(scst_tm_wq, &cmd->work);
}
