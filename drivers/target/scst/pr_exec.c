// SPDX-License-Identifier: GPL-2.0
/*
 * PERSISTENT RESERVE IN and OUT on a device. They run alone on its gate. An
 * operation works on a copy of the state, which replaces the state when all
 * has gone well, and the file of the device (pr_file.c) keeps it if it has to:
 * nothing is ever done by halves.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <trace/events/scst.h>
#include "scst_priv.h"

/**
 * struct scst_pr_out - a PERSISTENT RESERVE OUT command being executed
 * @cmd: command
 * @self: its nexus
 * @args: what it says
 * @list: its parameter list
 * @list_len: bytes in @list
 * @ports: relative identifiers of the fabric's target ports
 * @next: the state as it is to be
 * @abort: waits for the commands that PREEMPT AND ABORT aborts, or NULL
 */
struct scst_pr_out {
	struct scst_cmd		*cmd;
	struct scst_pr_port	self;
	struct scst_pr_args	args;
	u8			*list;
	size_t			list_len;
	u16			*ports;
	struct scst_pr		*next;
	struct scst_mgmt_cmd	*abort;
};

/* By bit of scst_pr_reg.effects */
static const struct {
	u8 effect;
	u8 ua;
} scst_pr_uas[] = {
	{ SCST_PR_UA_RELEASED,	SCST_UA_RESV_RELEASED },
	{ SCST_PR_UA_CLEARED,	SCST_UA_RESV_PREEMPTED },
	{ SCST_PR_UA_PREEMPTED,	SCST_UA_REG_PREEMPTED },
};

static void scst_pr_end(struct scst_cmd *cmd,
			const struct scst_pr_result *result)
{
	if (result->status != SAM_STAT_CHECK_CONDITION)
		scst_set_cmd_status(cmd, result->status);
	else if (result->byte)
		scst_set_cmd_error_field(cmd, result->sense, result->byte,
					 result->bit);
	else
		scst_set_cmd_error(cmd, result->sense);
}

static void scst_pr_end_busy(struct scst_cmd *cmd)
{
	scst_set_cmd_status(cmd, SAM_STAT_BUSY);
}

/* SPC-2 5.5.1: no PERSISTENT RESERVE command while RESERVE is in effect */
static bool scst_pr_excluded(struct scst_cmd *cmd)
{
	if (!cmd->dev->reserved_by)
		return false;
	scst_set_cmd_status(cmd, SAM_STAT_RESERVATION_CONFLICT);
	return true;
}

void scst_pr_in(struct scst_cmd *cmd)
{
	struct scst_pr none = {};
	struct scst_pr *pr;
	size_t len;
	u8 *buf;

	scst_config_lock();
	if (scst_pr_excluded(cmd))
		goto unlock;
	pr = cmd->dev->pr ?: &none;
	if (scst_pr_in_refused(cmd->info.op->service_action, pr)) {
		scst_set_cmd_error(cmd, SCST_PR_SENSE_LOST);
		goto unlock;
	}
	buf = kvzalloc(scst_pr_in_size(pr), GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_pr_end_busy(cmd);
		goto unlock;
	}
	len = scst_pr_in_build(cmd->info.op->service_action, pr, buf);
	scst_cmd_copy_in(cmd, buf, len);
	kvfree(buf);
unlock:
	scst_config_unlock();
}

static bool scst_pr_copy_list(struct scst_pr_out *out)
{
	out->list_len = out->cmd->bufflen;
	out->list = kvzalloc(out->list_len + 1, GFP_NOIO | __GFP_NOWARN);
	if (!out->list)
		return false;
	scst_cmd_copy_out(out->cmd, out->list, out->list_len);

	out->args.nr_ids = scst_pr_out_max_ids(out->list_len);
	out->args.ids = kvcalloc(out->args.nr_ids, sizeof(*out->args.ids),
				 GFP_NOIO | __GFP_NOWARN);
	return out->args.ids || !out->args.nr_ids;
}

/* Room for all that the command may register, as far as there is any */
static u32 scst_pr_room(const struct scst_pr_out *out, u32 nr)
{
	size_t more = size_add(out->args.nr_ids, 1);

	if (out->args.all_tg_pt)
		more = size_mul(more, out->args.nr_ports + 1);
	return min_t(size_t, size_add(nr, more), SCST_PR_MAX_REGS);
}

/* A copy of the state, with room to grow */
static bool scst_pr_copy_state(struct scst_pr_out *out)
{
	const struct scst_pr *pr = out->cmd->dev->pr;
	u32 max = scst_pr_room(out, pr ? pr->nr : 0);
	struct scst_pr *next;

	next = kvzalloc(struct_size(next, regs, max), GFP_NOIO | __GFP_NOWARN);
	if (!next)
		return false;
	next->max = max;
	if (pr) {
		next->generation = pr->generation;
		next->type = pr->type;
		next->aptpl = pr->aptpl;
		next->lost = pr->lost;
		next->holder = pr->holder;
		next->nr = pr->nr;
		memcpy(next->regs, pr->regs, pr->nr * sizeof(pr->regs[0]));
	}
	out->next = next;
	return true;
}

/* All of them are gone: the command goes on. */
static void scst_pr_aborted_work(struct work_struct *work)
{
	struct scst_mgmt_cmd *mcmd = container_of(work, struct scst_mgmt_cmd,
						  work);
	struct scst_cmd *cmd = mcmd->fabric_priv;

	scst_abort_free_chunks(mcmd);
	kfree(mcmd);
	scst_cmd_done(cmd, SCST_CONTEXT_THREAD);
}

static bool scst_pr_prepare_abort(struct scst_pr_out *out)
{
	struct scst_mgmt_cmd *mcmd;

	if (out->args.action != SCST_PR_PREEMPT_ABORT)
		return true;
	mcmd = kzalloc(sizeof(*mcmd), GFP_NOIO | __GFP_NOWARN);
	if (!mcmd)
		return false;
	/*
	 * From here on a command that ends with CHECK CONDITION does not abort
	 * this one (QERR): what it does is done, and is to be answered.
	 */
	set_bit(SCST_CMD_F_WAITS, &out->cmd->flags);
	if (scst_cmd_aborted(out->cmd)) {
		kfree(mcmd);
		return false;
	}
	mcmd->sess = out->cmd->sess;
	mcmd->fabric_priv = out->cmd;
	mcmd->finish = scst_pr_aborted_work;
	atomic_set(&mcmd->pending, 1);
	INIT_LIST_HEAD(&mcmd->chunks);
	INIT_LIST_HEAD(&mcmd->devs);
	out->abort = mcmd;
	return true;
}

static void scst_pr_tell_nexus(struct scst_pr_out *out,
			       struct scst_tgt_dev *tgt_dev, u8 effects)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scst_pr_uas); i++)
		if (effects & scst_pr_uas[i].effect)
			scst_ua_set(tgt_dev, scst_pr_uas[i].ua);
	if (!(effects & SCST_PR_ABORT))
		return;
	if (tgt_dev->sess != out->cmd->sess)
		scst_abort_nexus(out->abort, tgt_dev, false);
	/* SPC-5 5.14.11.2.6: so that its faulted nexus can be got rid of */
	scst_aca_clear(tgt_dev);
}

/* What the operation means to those registrants that are connected */
static void scst_pr_tell(struct scst_pr_out *out)
{
	struct scst_device *dev = out->cmd->dev;
	struct scst_tgt_dev *tgt_dev;
	struct scst_pr_port port;
	u32 i;

	list_for_each_entry(tgt_dev, &dev->tgt_devs, dev_entry) {
		if (!scst_resv_port(tgt_dev->sess, &port))
			continue;
		for (i = 0; i < out->next->nr; i++) {
			const struct scst_pr_reg *reg = &out->next->regs[i];

			if (reg->effects &&
			    scst_pr_port_equal(&reg->port, &port))
				scst_pr_tell_nexus(out, tgt_dev, reg->effects);
		}
	}
}

static void scst_pr_commit(struct scst_pr_out *out)
{
	struct scst_device *dev = out->cmd->dev;

	scst_pr_tell(out);
	scst_pr_settle(out->next);
	swap(dev->pr, out->next);
	scst_resv_update(dev);
	trace_scst_pr_change(out->cmd, dev->pr->generation, dev->pr->nr,
			     dev->pr->type);
}

static struct scst_pr_result scst_pr_decide(struct scst_pr_out *out)
{
	const struct scst_pr_result busy = { .status = SAM_STAT_BUSY };

	lockdep_assert_held(&scst_config_mutex);

	if (out->cmd->dev->reserved_by)
		return SCST_PR_CONFLICT;
	/* The session's fabric cannot say who it is: it can hold nothing. */
	if (!scst_resv_port(out->cmd->sess, &out->self))
		return scst_pr_error(SCST_SENSE_INVALID_OPCODE, 0, -1);
	out->ports = scst_tgt_rel_ids(out->cmd->sess->tgt->tmpl,
				      &out->args.nr_ports);
	if (!out->ports)
		return busy;
	out->args.ports = out->ports;
	if (!scst_pr_copy_state(out) || !scst_pr_prepare_abort(out))
		return busy;
	return scst_pr_apply(out->next, &out->self, &out->args);
}

/*
 * The next state to where it survives a loss of power, if it shall, or if the
 * one before it does. SPC-5 has no sense data of its own for that: without
 * room it is as without room for registrations (5.14.7); when the store has
 * failed, or is not there, the logical unit has.
 */
static struct scst_pr_result scst_pr_keep(struct scst_pr_out *out)
{
	struct scst_device *dev = out->cmd->dev;

	/* Nobody else changes dev->pr while the command is alone. */
	if (!out->next->aptpl && !(dev->pr && dev->pr->aptpl))
		return SCST_PR_GOOD;
	switch (scst_pr_file_save(dev, out->next)) {
	case 0:
		return SCST_PR_GOOD;
	case -ENOMEM:
		return (struct scst_pr_result) { .status = SAM_STAT_BUSY };
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
		return scst_pr_error(SCST_PR_SENSE_NO_RESOURCES, 0, -1);
	default:
		return scst_pr_error(SCST_SENSE_HW_ERROR, 0, -1);
	}
}

static struct scst_pr_result scst_pr_out_run(struct scst_pr_out *out)
{
	struct scst_pr_result result = { .status = SAM_STAT_BUSY };

	if (!scst_pr_copy_list(out))
		return result;
	result = scst_pr_out_parse(out->cmd->cdb, out->list, out->list_len,
				   &out->args);
	if (result.status != SAM_STAT_GOOD)
		return result;
	scst_config_lock();
	result = scst_pr_decide(out);
	scst_config_unlock();
	if (result.status == SAM_STAT_GOOD)
		result = scst_pr_keep(out);
	if (result.status != SAM_STAT_GOOD)
		return result;
	scst_config_lock();
	scst_pr_commit(out);
	scst_config_unlock();
	return result;
}

/* Return: as a state function; PREEMPT AND ABORT waits. */
enum scst_step scst_pr_out(struct scst_cmd *cmd)
{
	struct scst_mgmt_cmd *abort = NULL;
	struct scst_pr_result result;
	struct scst_pr_out *out;

	/*
	 * The file may take its time: not that of the fabric. Mostly the gate
	 * has sent the command there, unless it opens as the command comes.
	 */
	if (cmd->context != SCST_CONTEXT_THREAD)
		return SCST_STEP_THREAD;
	out = kzalloc(sizeof(*out), GFP_NOIO | __GFP_NOWARN);
	if (!out) {
		scst_pr_end_busy(cmd);
		return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
	}
	out->cmd = cmd;
	result = scst_pr_out_run(out);
	scst_pr_end(cmd, &result);
	if (result.status == SAM_STAT_GOOD)
		swap(abort, out->abort);
	kfree(out->abort);
	kvfree(out->next);
	kfree(out->ports);
	kvfree(out->args.ids);
	kvfree(out->list);
	kfree(out);

	if (!abort)
		return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
	scst_cmd_set_state(cmd, SCST_CMD_EXEC_WAIT);
	/*
	 * The state is what it will be, and no command that was aborted comes
	 * to be executed: the others need not wait for an initiator that does
	 * not take its answers, and is preempted for just that.
	 */
	scst_gate_leave(&cmd->dev->gate, &cmd->gate);
	scst_tm_put(abort);
	return SCST_STEP_WAIT;
}
