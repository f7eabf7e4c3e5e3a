// SPDX-License-Identifier: GPL-2.0
/*
 * Task sets: a command takes its place, is blocked by an ACA condition, or
 * establishes one. What is decided is in order.c.
 *
 * A command always has a place in the order of its nexus, which keeps nexus and
 * device. If TST says that all nexuses share a task set, it goes through that
 * gate as a shared user, and has a second place in the order of the task set.
 * Hence commands that have come before TST changes and those that come after
 * keep the order of their nexus, and each of them leaves what it has entered.
 *
 * None of them waits for ever: the two places are taken together, under
 * scst_task_set.lock, and an exclusive user of a nexus's gate has no second
 * place. So a command waits only for those that have entered the gate of their
 * nexus before it has entered its own.
 */
#include <linux/export.h>
#include "scst_priv.h"

static void scst_task_set_set_flags(struct scst_task_set *set)
{
	u8 flags = 0;

	lockdep_assert_held(&set->lock);

	if (!set->control.tst)
		flags |= SCST_SET_SHARED;
	if (!set->control.qam)
		flags |= SCST_SET_RESTRICTED;
	if (set->nr_aca)
		flags |= SCST_SET_ACA;
	WRITE_ONCE(set->flags, flags);
}

/* They look again whether they are still blocked. */
static void scst_task_set_unblock(struct scst_task_set *set,
				  struct list_head *wake)
{
	struct scst_cmd *cmd;

	lockdep_assert_held(&set->lock);

	list_for_each_entry(cmd, &set->blocked, gate.node)
		cmd->blocked = false;
	list_splice_tail_init(&set->blocked, wake);
}

static void scst_task_set_wake(struct list_head *wake)
{
	struct scst_cmd *cmd, *next;

	list_for_each_entry_safe(cmd, next, wake, gate.node) {
		list_del_init(&cmd->gate.node);
		scst_cmd_queue(cmd);
	}
}

/**
 * scst_task_set_update() - the Control mode page has changed
 * @dev: logical unit, whose control was written
 *
 * What TST, QERR, QAM and TMF_ONLY say holds for commands that come from here
 * on, and for those that end. Any context.
 */
void scst_task_set_update(struct scst_device *dev)
{
	struct scst_task_set *set = &dev->task_set;
	unsigned long flags;
	LIST_HEAD(wake);

	spin_lock_irqsave(&set->lock, flags);
	set->control = dev->control;
	scst_task_set_set_flags(set);
	scst_task_set_unblock(set, &wake);
	spin_unlock_irqrestore(&set->lock, flags);
	scst_task_set_wake(&wake);
}
EXPORT_SYMBOL_GPL(scst_task_set_update);

int scst_task_set_init(struct scst_device *dev)
{
	struct scst_task_set *set = &dev->task_set;

	spin_lock_init(&set->lock);
	INIT_LIST_HEAD(&set->blocked);
	set->nr_aca = 0;
	scst_task_set_update(dev);
	return scst_gate_init(&set->order);
}

void scst_task_set_exit(struct scst_device *dev)
{
	scst_gate_exit(&dev->task_set.order);
}

/* Coming */

static enum scst_aca scst_aca_of(const struct scst_tgt_dev *tgt_dev)
{
	const struct scst_task_set *set = &tgt_dev->dev->task_set;

	lockdep_assert_held(&set->lock);

	if (tgt_dev->aca)
		return SCST_ACA_OWN;
	return set->nr_aca ? SCST_ACA_OTHER : SCST_ACA_NONE;
}

static void scst_task_set_wake_cmd(struct scst_gate_entry *entry)
{
	scst_cmd_queue(container_of(entry, struct scst_cmd, set));
}

/* How a command goes through its nexus's gate on its way to the shared one */
static const u8 scst_task_set_nexus_kinds[] = {
	[SCST_GATE_SHARED]	= SCST_GATE_SHARED,
	[SCST_GATE_EXCLUSIVE]	= SCST_GATE_SHARED,
	[SCST_GATE_BESIDE]	= SCST_GATE_BESIDE,
	[SCST_GATE_FIRST]	= SCST_GATE_BESIDE,
};

/* Its places. Return: false if the nexus has ended. */
static bool scst_task_set_take(struct scst_cmd *cmd,
			       struct scst_tgt_dev *tgt_dev,
			       const struct scst_order_out *out)
{
	struct scst_task_set *set = &tgt_dev->dev->task_set;
	enum scst_gate_kind kind = out->kind;
	bool shared = out->status == SAM_STAT_GOOD && !set->control.tst;

	lockdep_assert_held(&set->lock);

	if (shared)
		kind = scst_task_set_nexus_kinds[kind];
	if (!scst_gate_enter(&tgt_dev->order, &cmd->order, kind))
		return false;
	if (!shared)
		return true;
	scst_gate_entry_init(&cmd->set, scst_task_set_wake_cmd);
	scst_gate_enter(&set->order, &cmd->set, out->kind);
	set_bit(SCST_CMD_F_IN_SET, &cmd->flags);
	return true;
}

static void scst_task_set_refuse(struct scst_cmd *cmd, u8 status)
{
	if (status == SAM_STAT_CHECK_CONDITION)
		scst_set_cmd_error(cmd, SCST_SENSE_INVALID_MESSAGE);
	else
		scst_set_cmd_status(cmd, status);
}

static bool scst_task_set_enter_slow(struct scst_cmd *cmd,
				     struct scst_tgt_dev *tgt_dev)
{
	struct scst_device *dev = tgt_dev->dev;
	struct scst_task_set *set = &dev->task_set;
	struct scst_order_in in = {
		.control = &set->control,
		.op = scst_cdb_find(dev->type, cmd->cdb, cmd->cdb_len),
		.attr = cmd->attr,
		.naca = scst_cdb_naca(cmd->cdb, cmd->cdb_len),
	};
	struct scst_order_out out;
	unsigned long flags;
	bool entered;

	spin_lock_irqsave(&set->lock, flags);
	in.aca = scst_aca_of(tgt_dev);
	in.aca_cmd = tgt_dev->aca_cmd;
	out = scst_order_decide(&in);
	entered = scst_task_set_take(cmd, tgt_dev, &out);
	if (entered && out.passes) {
		cmd->passes_aca = true;
		if (cmd->attr == SCST_TASK_ACA) {
			tgt_dev->aca_cmd = cmd;
			set_bit(SCST_CMD_F_ACA, &cmd->flags);
		}
	}
	spin_unlock_irqrestore(&set->lock, flags);

	if (entered && out.status != SAM_STAT_GOOD) {
		cmd->dev = dev;	/* for D_SENSE */
		scst_task_set_refuse(cmd, out.status);
	}
	return entered;
}

/**
 * scst_task_set_enter() - a command comes to a logical unit
 * @cmd: command
 * @tgt_dev: its nexus, kept by RCU
 *
 * Any context. The command has its place then, unless it has got a status other
 * than GOOD. Return: false if the nexus has ended.
 */
bool scst_task_set_enter(struct scst_cmd *cmd, struct scst_tgt_dev *tgt_dev)
{
	if (likely(cmd->attr == SCST_TASK_SIMPLE &&
		   !READ_ONCE(tgt_dev->dev->task_set.flags) &&
		   scst_gate_try_shared(&tgt_dev->order, &cmd->order)))
		return true;
	return scst_task_set_enter_slow(cmd, tgt_dev);
}

/* Being let in */

/* Return: it waits for its turn among the commands of all nexuses. */
bool scst_task_set_park(struct scst_cmd *cmd)
{
	return test_bit(SCST_CMD_F_IN_SET, &cmd->flags) &&
	       scst_gate_park(&cmd->dev->task_set.order, &cmd->set);
}

static bool scst_task_set_blocks(const struct scst_cmd *cmd)
{
	return scst_order_blocked(&cmd->dev->task_set.control,
				  scst_aca_of(cmd->tgt_dev), cmd->passes_aca);
}

static bool scst_task_set_may_go(struct scst_cmd *cmd)
{
	struct scst_task_set *set = &cmd->dev->task_set;
	unsigned long flags;
	bool blocked;

	spin_lock_irqsave(&set->lock, flags);
	blocked = scst_task_set_blocks(cmd);
	spin_unlock_irqrestore(&set->lock, flags);
	return !blocked;
}

/* Return: the command belongs to the list; unless it need not wait any more. */
static bool scst_task_set_block(struct scst_cmd *cmd)
{
	struct scst_task_set *set = &cmd->dev->task_set;
	unsigned long flags;
	bool blocked;

	spin_lock_irqsave(&set->lock, flags);
	blocked = scst_task_set_blocks(cmd) && !scst_cmd_aborted(cmd);
	if (blocked) {
		cmd->blocked = true;
		list_add_tail(&cmd->gate.node, &set->blocked);
	}
	spin_unlock_irqrestore(&set->lock, flags);
	return blocked;
}

/**
 * scst_task_set_check() - there is an ACA condition: may a command go on?
 * @cmd: command inside of all its gates
 * @step: result
 *
 * One that is blocked (SAM-5 8.5) leaves the device's gate, and its blocks:
 * what comes to end the condition may have to run alone. It comes back
 * afterwards. Any context. Return: true if it may go on; if not, @step is what
 * a state function returns.
 */
bool scst_task_set_check(struct scst_cmd *cmd, enum scst_step *step)
{
	if (scst_task_set_may_go(cmd))
		return true;
	scst_cmd_leave_device(cmd);
	if (unlikely(test_bit(SCST_CMD_F_NOWAIT, &cmd->flags))) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		*step = scst_cmd_next(cmd, SCST_CMD_PRE_XMIT_RESP);
		return false;
	}
	/* If not, it was cleared, or aborted, meanwhile: all over again. */
	*step = scst_task_set_block(cmd) ? SCST_STEP_WAIT : SCST_STEP_NEXT;
	return false;
}

/* An abort. Return: the command was waiting, and the caller makes it go on. */
bool scst_task_set_cancel(struct scst_cmd *cmd)
{
	struct scst_task_set *set = &cmd->dev->task_set;
	unsigned long flags;
	bool waited;

	if (test_bit(SCST_CMD_F_IN_SET, &cmd->flags) &&
	    scst_gate_cancel(&set->order, &cmd->set))
		return true;

	spin_lock_irqsave(&set->lock, flags);
	waited = cmd->blocked;
	if (waited) {
		cmd->blocked = false;
		list_del_init(&cmd->gate.node);
	}
	spin_unlock_irqrestore(&set->lock, flags);
	return waited;
}

/* ACA conditions */

static void scst_aca_set(struct scst_tgt_dev *tgt_dev, bool aca,
			 struct list_head *wake)
{
	struct scst_task_set *set = &tgt_dev->dev->task_set;

	lockdep_assert_held(&set->lock);

	if (tgt_dev->aca == aca || (aca && tgt_dev->aca_never))
		return;
	tgt_dev->aca = aca;
	if (aca)
		set->nr_aca++;
	else
		set->nr_aca--;
	scst_task_set_set_flags(set);
	if (!aca)
		scst_task_set_unblock(set, wake);
}

/* SAM-5 5.9.5: whatever has cleared it. Any context. */
void scst_aca_clear(struct scst_tgt_dev *tgt_dev)
{
	struct scst_task_set *set = &tgt_dev->dev->task_set;
	unsigned long flags;
	LIST_HEAD(wake);

	spin_lock_irqsave(&set->lock, flags);
	scst_aca_set(tgt_dev, false, &wake);
	spin_unlock_irqrestore(&set->lock, flags);
	scst_task_set_wake(&wake);
}

/* The faulted nexus is lost: nobody could clear another one. Any context. */
void scst_aca_end_nexus(struct scst_tgt_dev *tgt_dev)
{
	struct scst_task_set *set = &tgt_dev->dev->task_set;
	unsigned long flags;

	spin_lock_irqsave(&set->lock, flags);
	tgt_dev->aca_never = true;
	spin_unlock_irqrestore(&set->lock, flags);
	scst_aca_clear(tgt_dev);
}

void scst_aca_end_session(struct scst_session *sess)
{
	struct scst_tgt_dev *tgt_dev;
	struct xarray *luns;
	unsigned long lun;

	rcu_read_lock();
	luns = scst_session_luns(sess);
	xa_for_each(luns, lun, tgt_dev)
		scst_aca_end_nexus(tgt_dev);
	rcu_read_unlock();
}

/* Ending */

enum scst_fault_abort scst_task_set_aborts(struct scst_device *dev)
{
	struct scst_task_set *set = &dev->task_set;
	enum scst_fault_abort abort;
	unsigned long flags;

	spin_lock_irqsave(&set->lock, flags);
	abort = scst_fault_aborts(&set->control);
	spin_unlock_irqrestore(&set->lock, flags);
	return abort;
}

/**
 * scst_task_set_ended() - a command is about to be answered
 * @cmd: command that has ended with CHECK CONDITION, or with ACA attribute
 *
 * Any context. Return: it is answered when the commands that it aborts have
 * ended; the caller must not touch it any more.
 */
bool scst_task_set_ended(struct scst_cmd *cmd)
{
	struct scst_tgt_dev *tgt_dev = cmd->tgt_dev;
	bool fault = cmd->status == SAM_STAT_CHECK_CONDITION;
	struct scst_task_set *set;
	unsigned long flags;
	LIST_HEAD(wake);

	if (!tgt_dev || !(fault || test_bit(SCST_CMD_F_ACA, &cmd->flags)))
		return false;

	set = &tgt_dev->dev->task_set;
	spin_lock_irqsave(&set->lock, flags);
	/* The initiator may send the next one as soon as it has the answer. */
	if (tgt_dev->aca_cmd == cmd)
		tgt_dev->aca_cmd = NULL;
	if (fault)
		scst_aca_set(tgt_dev,
			     scst_fault_aca(tgt_dev->aca, cmd->attr,
					    scst_cdb_naca(cmd->cdb,
							  cmd->cdb_len)),
			     &wake);
	spin_unlock_irqrestore(&set->lock, flags);
	scst_task_set_wake(&wake);

	if (!fault || scst_task_set_aborts(cmd->dev) == SCST_FAULT_ABORT_NONE)
		return false;
	scst_fault_start(cmd);
	return true;
}

/* It has gone, answered or not. Its nexus is still kept. */
void scst_task_set_leave(struct scst_cmd *cmd)
{
	struct scst_task_set *set = &cmd->dev->task_set;
	struct scst_tgt_dev *tgt_dev = cmd->tgt_dev;
	unsigned long flags;

	spin_lock_irqsave(&set->lock, flags);
	if (tgt_dev->aca_cmd == cmd)
		tgt_dev->aca_cmd = NULL;
	spin_unlock_irqrestore(&set->lock, flags);
	if (test_bit(SCST_CMD_F_IN_SET, &cmd->flags))
		scst_gate_leave(&set->order, &cmd->set);
}
