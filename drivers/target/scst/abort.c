// SPDX-License-Identifier: GPL-2.0
/*
 * Aborting commands: find them, decide against their completion, hurry those
 * that wait, and have a task management function wait for all of them.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include "scst_priv.h"

/**
 * struct scst_tm_chunk - links to the commands of one session and CPU
 * @entry: in scst_mgmt_cmd.chunks
 * @nr: links in use
 * @max: links there are
 * @links: the links
 */
struct scst_tm_chunk {
	struct list_head	entry;
	unsigned int		nr;
	unsigned int		max;
	struct scst_tm_link	links[] __counted_by(max);
};

/*
 * A command that its nexus has sent after the function is not affected
 * (SAM-5 7.1); between nexuses there is no before and after.
 */
static bool scst_abort_matches(const struct scst_cmd *cmd,
			       const struct scst_mgmt_cmd *mcmd,
			       const struct scst_abort_match *match)
{
	if (cmd->sess == mcmd->sess && cmd->tm_epoch - mcmd->epoch >= 0)
		return false;
	if (match->by_tag)
		return cmd->tag == match->tag && !scst_cmd_is_internal(cmd);
	if (match->aca && cmd->attr != SCST_TASK_ACA)
		return false;
	/*
	 * One that is being answered may be waiting for its own victims, and
	 * PREEMPT AND ABORT for its: nobody waits for either.
	 */
	if (match->undecided &&
	    READ_ONCE(cmd->flags) & (BIT(SCST_CMD_F_DECIDED) |
				     BIT(SCST_CMD_F_WAITS)))
		return false;
	if (match->by_lun && cmd->lun != match->lun)
		return false;
	if (match->tgt_dev && READ_ONCE(cmd->tgt_dev) != match->tgt_dev)
		return false;
	return !match->dev || cmd->dev == match->dev;
}

/*
 * All of them: one that does not match yet, since its LUN is just being looked
 * up, may do so when they are linked, and is not to take another one's place.
 */
static unsigned int scst_abort_count(struct scst_sess_cpu *cpu)
{
	unsigned long flags;
	unsigned int nr;

	spin_lock_irqsave(&cpu->lock, flags);
	nr = list_count_nodes(&cpu->cmds);
	spin_unlock_irqrestore(&cpu->lock, flags);
	return nr;
}

/*
 * Link the commands to @mcmd. There may be more now than were counted; those
 * are at the end of the list, and younger than the function.
 */
static void scst_abort_link(struct scst_tm_chunk *chunk,
			    struct scst_mgmt_cmd *mcmd,
			    struct scst_sess_cpu *cpu,
			    const struct scst_abort_match *match)
{
	struct scst_tm_link *link;
	struct scst_cmd *cmd;
	unsigned long flags;

	spin_lock_irqsave(&cpu->lock, flags);
	list_for_each_entry(cmd, &cpu->cmds, sess_entry) {
		if (chunk->nr == chunk->max)
			break;
		if (!scst_abort_matches(cmd, mcmd, match))
			continue;
		link = &chunk->links[chunk->nr++];
		link->mcmd = mcmd;
		link->cmd = refcount_inc_not_zero(&cmd->ref) ? cmd : NULL;
		atomic_inc(&mcmd->pending);
		list_add_tail(&link->node, &cmd->tm_links);
	}
	spin_unlock_irqrestore(&cpu->lock, flags);
}

/*
 * A command that waits for its turn need not wait any more: it gives up all its
 * places, since it would come by the next one as soon as it has left the one
 * that it waits at.
 */
static void scst_abort_kick(struct scst_cmd *cmd)
{
	struct scst_tgt_dev *tgt_dev;
	bool waited;

	/* Pairs with scst_cmd_translate_lun(). */
	tgt_dev = smp_load_acquire(&cmd->tgt_dev);
	if (!tgt_dev)
		return;
	waited = scst_gate_cancel(&tgt_dev->order, &cmd->order);
	waited |= scst_task_set_cancel(cmd);
	waited |= scst_gate_cancel(&tgt_dev->dev->gate, &cmd->gate);
	waited |= scst_cmd_range_cancel(cmd);
	if (waited)
		scst_cmd_queue(cmd);
	else
		scst_stpg_abort(cmd);
}

/*
 * How is the command's initiator to hear of it? Only what is about a device
 * affects commands of other nexuses.
 */
static unsigned long scst_abort_how(const struct scst_cmd *cmd,
				    const struct scst_mgmt_cmd *mcmd,
				    const struct scst_abort_match *match)
{
	if (match->dev && scst_abort_is_answered(cmd->sess == mcmd->sess,
						 match->tas))
		return BIT(SCST_CMD_F_TASK_ABORTED);
	return match->tells ? BIT(SCST_CMD_F_CLEARED) : 0;
}

/*
 * The decision and what it was, at once: PRE_XMIT_RESP may be looking. Return:
 * the abort has won.
 */
static bool scst_abort_decide(struct scst_cmd *cmd, unsigned long how)
{
	unsigned long flags = READ_ONCE(cmd->flags);

	how |= BIT(SCST_CMD_F_DECIDED) | BIT(SCST_CMD_F_ABORTED);
	do {
		if (flags & BIT(SCST_CMD_F_DECIDED))
			return false;
	} while (!try_cmpxchg(&cmd->flags, &flags, flags | how));
	return true;
}

/*
 * @how: SCST_CMD_F_TASK_ABORTED or SCST_CMD_F_CLEARED, or neither. The caller
 * has a reference. Any context. Return: the abort has won.
 */
bool scst_abort_cmd(struct scst_cmd *cmd, unsigned long how)
{
	const struct scst_tgt_template *tmpl = cmd->tmpl;

	/*
	 * The bits come before the look at the gates, as try_cmpxchg() is a
	 * full barrier; pairs with their lock.
	 */
	if (!scst_abort_decide(cmd, how))
		return false;
	scst_abort_kick(cmd);
	if (unlikely(test_bit_acquire(SCST_CMD_F_COPY, &cmd->flags)))
		scst_copy_aborted(cmd);
	if (tmpl->cmd_aborted)
		tmpl->cmd_aborted(cmd);
	return true;
}

/* scst_tgt_dev.cleared: something was; and whoever is not through with it yet */
#define SCST_CLEARED_ANY	1
#define SCST_CLEARED_ONE	2

/* That is one less. The nexus is kept. Any context. */
void scst_abort_tell(struct scst_tgt_dev *tgt_dev)
{
	if (atomic_sub_return(SCST_CLEARED_ONE, &tgt_dev->cleared) ==
	    SCST_CLEARED_ANY &&
	    atomic_cmpxchg(&tgt_dev->cleared, SCST_CLEARED_ANY, 0) ==
	    SCST_CLEARED_ANY)
		scst_ua_set(tgt_dev, SCST_UA_CLEARED_BY_OTHER);
}

static bool scst_abort_link_cmd(struct scst_cmd *cmd, unsigned long how)
{
	struct scst_tgt_dev *tgt_dev = cmd->tgt_dev;

	if (!(how & BIT(SCST_CMD_F_CLEARED)))
		return scst_abort_cmd(cmd, how);
	/* First: it may be gone when scst_abort_cmd() returns. */
	atomic_add(SCST_CLEARED_ONE, &tgt_dev->cleared);
	if (scst_abort_cmd(cmd, how))
		return true;
	scst_abort_tell(tgt_dev);
	return false;
}

/*
 * Is the command being answered, with its own status or with TASK ABORTED? Then
 * it has left the device, and what it may still touch is its own initiator's.
 * One that is decided, and not with mere GOOD, lets functions go by itself when
 * what its status does to other commands is done: an ACA condition, or the
 * victims of QERR, must not come after the end of a reset.
 */
static bool scst_abort_too_late(const struct scst_cmd *cmd)
{
	/* Pairs with scst_state_pre_xmit(): the status that was decided on. */
	unsigned long flags = smp_load_acquire(&cmd->flags);

	if (flags & BIT(SCST_CMD_F_LET_GO))
		return true;
	return !(flags & BIT(SCST_CMD_F_ABORTED)) &&
	       !scst_cmd_has_effects(cmd);
}

static bool scst_abort_cpu(struct scst_mgmt_cmd *mcmd,
			   struct scst_sess_cpu *cpu,
			   const struct scst_abort_match *match)
{
	unsigned int i, nr = scst_abort_count(cpu);
	struct scst_tm_chunk *chunk;
	bool any = false;

	if (!nr)
		return false;
	/* A function that cannot be refused any more must have its memory. */
	chunk = kvmalloc(struct_size(chunk, links, nr),
			 GFP_NOIO | __GFP_NOFAIL);
	chunk->nr = 0;
	chunk->max = nr;
	list_add(&chunk->entry, &mcmd->chunks);
	scst_abort_link(chunk, mcmd, cpu, match);

	for (i = 0; i < chunk->nr; i++) {
		struct scst_cmd *cmd = chunk->links[i].cmd;

		if (!cmd)
			continue;
		any |= scst_abort_link_cmd(cmd,
					   scst_abort_how(cmd, mcmd, match));
		/* Somebody else's function has ended it, and nobody answers. */
		any |= match->by_tag && scst_cmd_aborted(cmd) &&
		       !scst_cmd_abort_answered(cmd);
		if (scst_abort_too_late(cmd))
			scst_cmd_let_functions_go(cmd);
		scst_cmd_put(cmd);
	}
	return any;
}

/**
 * scst_abort_session() - abort commands of a session
 * @mcmd: function that then waits for them in its pending; for those that are
 *	being answered only if they are of its own session
 * @sess: session, kept by the caller
 * @match: which commands
 *
 * Process context. Return: true if at least one was aborted.
 */
bool scst_abort_session(struct scst_mgmt_cmd *mcmd, struct scst_session *sess,
			const struct scst_abort_match *match)
{
	bool any = false;
	int cpu;

	for_each_possible_cpu(cpu)
		any |= scst_abort_cpu(mcmd, per_cpu_ptr(sess->cpu, cpu), match);
	return any;
}
EXPORT_SYMBOL_IF_KUNIT(scst_abort_session);

/**
 * scst_abort_nexus() - abort the commands that another nexus has to do without
 * @mcmd: function that then waits for them
 * @tgt_dev: the nexus
 * @undecided: only those that are neither aborted nor being answered
 *
 * SAM-5 5.6: its initiator is told, by their status (TAS), or by a unit
 * attention. Not before the last of them has gone: what is written after that is
 * not to be overwritten by one of them. scst_config_mutex keeps the nexus.
 */
void scst_abort_nexus(struct scst_mgmt_cmd *mcmd, struct scst_tgt_dev *tgt_dev,
		      bool undecided)
{
	const struct scst_abort_match match = {
		.dev		= tgt_dev->dev,
		.tgt_dev	= tgt_dev,
		.undecided	= undecided,
		.tas		= READ_ONCE(tgt_dev->dev->control.tas),
		.tells		= true,
	};

	lockdep_assert_held(&scst_config_mutex);

	atomic_add(SCST_CLEARED_ONE, &tgt_dev->cleared);
	if (scst_abort_session(mcmd, tgt_dev->sess, &match) &&
	    !scst_abort_is_answered(tgt_dev->sess == mcmd->sess, match.tas))
		atomic_or(SCST_CLEARED_ANY, &tgt_dev->cleared);
	scst_abort_tell(tgt_dev);
}

static bool scst_sess_cpu_has_cmd(struct scst_sess_cpu *cpu,
				  const struct scst_mgmt_cmd *mcmd,
				  const struct scst_abort_match *match)
{
	struct scst_cmd *cmd;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&cpu->lock, flags);
	list_for_each_entry(cmd, &cpu->cmds, sess_entry) {
		found = scst_abort_matches(cmd, mcmd, match) &&
			!scst_cmd_aborted(cmd) && !scst_cmd_is_internal(cmd);
		if (found)
			break;
	}
	spin_unlock_irqrestore(&cpu->lock, flags);
	return found;
}

/*
 * Is there a command of the function's nexus, older than the function, in a
 * task set? One that was aborted is not (SAM-5 5.6), one whose response is on
 * its way still is. Any context.
 */
bool scst_session_has_cmd(const struct scst_mgmt_cmd *mcmd,
			  const struct scst_abort_match *match)
{
	struct scst_session *sess = mcmd->sess;
	int cpu;

	for_each_possible_cpu(cpu)
		if (scst_sess_cpu_has_cmd(per_cpu_ptr(sess->cpu, cpu), mcmd,
					  match))
			return true;
	return false;
}

void scst_abort_free_chunks(struct scst_mgmt_cmd *mcmd)
{
	struct scst_tm_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, &mcmd->chunks, entry)
		kvfree(chunk);
}
EXPORT_SYMBOL_IF_KUNIT(scst_abort_free_chunks);
