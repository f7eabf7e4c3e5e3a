// SPDX-License-Identifier: GPL-2.0
/*
 * Commands that a fabric's hardware does not give back: it neither fetches
 * their Data-Out nor sends their response. Nothing would ever end them, nor the
 * session that they belong to, hence the fabric is asked to.
 */
#include <linux/jiffies.h>
#include <trace/events/scst.h>
#include "scst_priv.h"

/* How late a stuck command is found, in parts of the time that it may take */
#define SCST_HW_LOOKS		4

static unsigned long scst_hw_limit(const struct scst_session *sess)
{
	return sess->tgt->tmpl->max_hw_pending_time * (unsigned long)HZ;
}

/*
 * Without the lock of whoever moves the command on: one that has just been
 * given back looks stuck for a moment, and the fabric must know better anyway.
 */
static bool scst_hw_is_stuck(const struct scst_cmd *cmd, unsigned long limit)
{
	/* Pairs with scst_hw_begin(): the time is that of the state. */
	u8 state = smp_load_acquire(&cmd->state);

	/* The fabric knows nothing of the core's own. */
	if ((state != SCST_CMD_DATA_WAIT && state != SCST_CMD_XMIT_WAIT) ||
	    scst_cmd_is_internal(cmd))
		return false;
	return time_after_eq(jiffies, READ_ONCE(cmd->hw_since) + limit);
}

/* A command whose time is over, with a reference; its time begins anew. */
static struct scst_cmd *scst_hw_next_stuck(struct scst_sess_cpu *cpu,
					   unsigned long limit)
{
	struct scst_cmd *cmd, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&cpu->lock, flags);
	list_for_each_entry(cmd, &cpu->cmds, sess_entry) {
		if (scst_hw_is_stuck(cmd, limit) &&
		    refcount_inc_not_zero(&cmd->ref)) {
			WRITE_ONCE(cmd->hw_since, jiffies);
			found = cmd;
			break;
		}
	}
	spin_unlock_irqrestore(&cpu->lock, flags);
	return found;
}

static void scst_hw_look(struct scst_session *sess)
{
	const struct scst_tgt_template *tmpl = sess->tgt->tmpl;
	unsigned long limit = scst_hw_limit(sess);
	struct scst_sess_cpu *per_cpu;
	struct scst_cmd *cmd;
	int cpu;

	for_each_possible_cpu(cpu) {
		per_cpu = per_cpu_ptr(sess->cpu, cpu);
		while ((cmd = scst_hw_next_stuck(per_cpu, limit))) {
			trace_scst_cmd_hw_timeout(cmd);
			tmpl->hw_pending_timeout(cmd);
			scst_cmd_put(cmd);
		}
	}
}

static void scst_hw_work(struct work_struct *work)
{
	struct scst_session *sess = container_of(to_delayed_work(work),
						 struct scst_session, hw_work);

	scst_hw_look(sess);
	queue_delayed_work(scst_tm_wq, &sess->hw_work,
			   scst_hw_limit(sess) / SCST_HW_LOOKS);
}

/* The session may have commands from now on. */
void scst_hw_start(struct scst_session *sess)
{
	INIT_DELAYED_WORK(&sess->hw_work, scst_hw_work);
	if (sess->tgt->tmpl->max_hw_pending_time)
		queue_delayed_work(scst_tm_wq, &sess->hw_work,
				   scst_hw_limit(sess) / SCST_HW_LOOKS);
}

/* It has none any more. Process context. */
void scst_hw_stop(struct scst_session *sess)
{
	cancel_delayed_work_sync(&sess->hw_work);
}
