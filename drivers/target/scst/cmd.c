// SPDX-License-Identifier: GPL-2.0
/*
 * A command's birth, references and end, and what drivers do with one.
 */
#include <linux/export.h>
#include <linux/scatterlist.h>
#include <linux/sched/clock.h>
#include <trace/events/scst.h>
#include "scst_priv.h"

void scst_rx_cmd(struct scst_session *sess, struct scst_cmd *cmd,
		 const u8 lun[8], const u8 *cdb, unsigned int cdb_len)
{
	cmd->sess = sess;
	cmd->tmpl = sess->tgt->tmpl;
	cmd->tgt_dev = NULL;
	cmd->dev = NULL;
	cmd->lun = scst_lun_unpack(lun);
	cmd->tag = 0;
	cmd->info = (struct scst_cdb_info){};
	cmd->cdb_len = min(cdb_len, SCST_CDB_MAX);
	cmd->cdb = cdb;
	if (cdb_len <= SCST_CDB_INLINE) {
		memcpy(cmd->cdb_buf, cdb, cdb_len);
		cmd->cdb = cmd->cdb_buf;
	}
	cmd->attr = SCST_TASK_SIMPLE;
	cmd->expected_dir = SCST_DATA_NONE;
	cmd->expected_valid = false;
	cmd->expected_len = 0;
	cmd->expected_in_len = 0;
	cmd->status = SAM_STAT_GOOD;
	cmd->sense_len = 0;
	cmd->sg = NULL;
	cmd->sg_cnt = 0;
	cmd->bufflen = 0;
	cmd->resp_len = 0;
	cmd->fabric_priv = NULL;

	cmd->state = SCST_CMD_INIT;
	cmd->flags = 0;
	cmd->ua = SCST_UA_NR;
	cmd->passes_aca = false;
	cmd->blocked = false;
	refcount_set(&cmd->ref, 1);
	scst_gate_entry_init(&cmd->order, scst_cmd_order_wake);
	scst_gate_entry_init(&cmd->gate, scst_cmd_gate_wake);
	INIT_LIST_HEAD(&cmd->tm_links);
}
EXPORT_SYMBOL_GPL(scst_rx_cmd);

/* From here on aborts find it. Any context. */
void scst_cmd_add_to_session(struct scst_cmd *cmd)
{
	struct scst_sess_cpu *cpu;
	unsigned long flags;

	percpu_ref_get(&cmd->sess->cmd_ref);
	cmd->tm_epoch = atomic_read(&cmd->sess->tm_epoch);
	cmd->list_cpu = raw_smp_processor_id();
	cmd->came_ns = local_clock();
	cpu = per_cpu_ptr(cmd->sess->cpu, cmd->list_cpu);
	spin_lock_irqsave(&cpu->lock, flags);
	list_add_tail(&cmd->sess_entry, &cpu->cmds);
	spin_unlock_irqrestore(&cpu->lock, flags);
}

void scst_cmd_init_done(struct scst_cmd *cmd, enum scst_context context)
{
	trace_scst_cmd_start(cmd);
	scst_cmd_add_to_session(cmd);
	cmd->context = context;
	if (unlikely(scst_session_hold_cmd(cmd)))
		return;
	/*
	 * Never sleeps, and runs here whatever the context is: commands take
	 * their places in the order in which the fabric hands them in.
	 */
	scst_state_init(cmd);
	scst_cmd_run(cmd, context);
}
EXPORT_SYMBOL_GPL(scst_cmd_init_done);

static void scst_cmd_put_functions(struct list_head *links)
{
	struct scst_tm_link *link, *next;

	list_for_each_entry_safe(link, next, links, node)
		scst_tm_put(link->mcmd);
}

/*
 * Functions of other nexuses that wait for a command need not wait until its
 * initiator has taken the answer, be it data: it may be one that does not, and
 * is preempted for just that. To its own functions the answer comes after the
 * status (SAM-5 7.2). Any context.
 */
void scst_cmd_let_functions_go(struct scst_cmd *cmd)
{
	struct scst_sess_cpu *cpu = per_cpu_ptr(cmd->sess->cpu, cmd->list_cpu);
	struct scst_tm_link *link, *next;
	unsigned long flags;
	LIST_HEAD(links);

	/* First: functions that come later look at it, see scst_abort_cpu(). */
	set_bit(SCST_CMD_F_LET_GO, &cmd->flags);
	spin_lock_irqsave(&cpu->lock, flags);
	list_for_each_entry_safe(link, next, &cmd->tm_links, node)
		if (link->mcmd->sess != cmd->sess)
			list_move_tail(&link->node, &links);
	spin_unlock_irqrestore(&cpu->lock, flags);
	scst_cmd_put_functions(&links);
}

static void scst_stats_add(struct scst_stats *stats, const struct scst_cmd *cmd,
			   u64 ns)
{
	struct scst_dir_stats *own = &stats->dir[cmd->info.dir];

	own->nr_cmds++;
	own->ns += ns;
	if (unlikely(cmd->info.dir == SCST_DATA_BIDI)) {
		stats->dir[SCST_DATA_WRITE].nr_bytes += cmd->bufflen;
		stats->dir[SCST_DATA_READ].nr_bytes += cmd->resp_len;
	} else {
		own->nr_bytes += cmd->info.dir == SCST_DATA_READ ?
				 cmd->resp_len : cmd->bufflen;
	}
}

static void scst_cmd_count(struct scst_cmd *cmd, struct scst_sess_cpu *cpu)
{
	struct scst_tgt_dev *tgt_dev = cmd->tgt_dev;
	u64 now = local_clock();
	u64 ns;

	lockdep_assert_held(&cpu->lock);
	/* The initiator has not sent it. */
	if (unlikely(cmd->flags & BIT(SCST_CMD_F_INTERNAL)))
		return;
	/* Clocks of two CPUs may differ by a little. */
	ns = now > cmd->came_ns ? now - cmd->came_ns : 0;
	scst_stats_add(&cpu->stats, cmd, ns);
	if (likely(tgt_dev))
		scst_stats_add(per_cpu_ptr(tgt_dev->stats, cmd->list_cpu), cmd,
			       ns);
}

/* Out of the session's list. Links of functions that wait go to @links. */
static void scst_cmd_del_from_session(struct scst_cmd *cmd,
				      struct list_head *links)
{
	struct scst_sess_cpu *cpu = per_cpu_ptr(cmd->sess->cpu, cmd->list_cpu);
	unsigned long flags;

	spin_lock_irqsave(&cpu->lock, flags);
	list_del(&cmd->sess_entry);
	list_splice_init(&cmd->tm_links, links);
	scst_cmd_count(cmd, cpu);
	spin_unlock_irqrestore(&cpu->lock, flags);
}

static void scst_cmd_release(struct scst_cmd *cmd)
{
	struct scst_session *sess = cmd->sess;
	LIST_HEAD(links);

	trace_scst_cmd_end(cmd);
	scst_cmd_del_from_session(cmd, &links);
	scst_buffer_free(cmd);
	if (unlikely(cmd->flags & BIT(SCST_CMD_F_COPY)))
		scst_copy_free(cmd);
	if (cmd->tgt_dev) {
		if (cmd->dev->handler->on_free_cmd)
			cmd->dev->handler->on_free_cmd(cmd);
		if (unlikely(cmd->flags & SCST_CMD_IN_TASK_SET))
			scst_task_set_leave(cmd);
		if (unlikely(cmd->flags & BIT(SCST_CMD_F_CLEARED)))
			scst_abort_tell(cmd->tgt_dev);
		/* The I_T_L nexus, and the device, may go from here on. */
		scst_gate_leave(&cmd->tgt_dev->order, &cmd->order);
	}
	if (cmd->tmpl->on_free_cmd)
		cmd->tmpl->on_free_cmd(cmd);

	scst_cmd_put_functions(&links);
	percpu_ref_put(&sess->cmd_ref);
}

/* Any context. */
void scst_cmd_put(struct scst_cmd *cmd)
{
	if (refcount_dec_and_test(&cmd->ref))
		scst_cmd_release(cmd);
}

/* The fabric may have said more precisely what is wrong. */
static void scst_cmd_data_failed(struct scst_cmd *cmd)
{
	if (cmd->status == SAM_STAT_GOOD)
		scst_set_cmd_error(cmd, SCST_SENSE_DATA_PHASE_ERROR);
	scst_cmd_set_state(cmd, SCST_CMD_PRE_XMIT_RESP);
}

void scst_restart_cmd(struct scst_cmd *cmd, bool ok, enum scst_context context)
{
	scst_cmd_set_state(cmd, SCST_CMD_RDY_TO_XFER);
	if (!ok)
		scst_cmd_data_failed(cmd);
	scst_cmd_run(cmd, context);
}
EXPORT_SYMBOL_GPL(scst_restart_cmd);

void scst_rx_data(struct scst_cmd *cmd, bool ok, enum scst_context context)
{
	if (ok)
		scst_cmd_set_state(cmd, SCST_CMD_PRE_EXEC);
	else
		scst_cmd_data_failed(cmd);
	scst_cmd_run(cmd, context);
}
EXPORT_SYMBOL_GPL(scst_rx_data);

void scst_cmd_done(struct scst_cmd *cmd, enum scst_context context)
{
	scst_cmd_set_state(cmd, SCST_CMD_DEV_DONE);
	scst_cmd_run(cmd, context);
}
EXPORT_SYMBOL_GPL(scst_cmd_done);

void scst_tgt_cmd_done(struct scst_cmd *cmd, enum scst_context context)
{
	scst_cmd_set_state(cmd, SCST_CMD_FINISHED);
	scst_cmd_run(cmd, context);
}
EXPORT_SYMBOL_GPL(scst_tgt_cmd_done);

bool scst_cmd_aborted(const struct scst_cmd *cmd)
{
	return test_bit(SCST_CMD_F_ABORTED, &cmd->flags);
}
EXPORT_SYMBOL_GPL(scst_cmd_aborted);

bool scst_cmd_tells(struct scst_cmd *cmd)
{
	if (scst_cmd_is_internal(cmd))
		return false;
	set_bit(SCST_CMD_F_TELLS, &cmd->flags);
	return true;
}
EXPORT_SYMBOL_GPL(scst_cmd_tells);

bool scst_cmd_abort_answered(const struct scst_cmd *cmd)
{
	return test_bit(SCST_CMD_F_TASK_ABORTED, &cmd->flags);
}
EXPORT_SYMBOL_GPL(scst_cmd_abort_answered);

void scst_cmd_copy_in(struct scst_cmd *cmd, const void *buf, size_t len)
{
	len = min_t(size_t, len, cmd->bufflen);
	cmd->resp_len = sg_copy_from_buffer(cmd->sg, cmd->sg_cnt, buf, len);
}
EXPORT_SYMBOL_GPL(scst_cmd_copy_in);

size_t scst_cmd_copy_out(struct scst_cmd *cmd, void *buf, size_t len)
{
	len = min_t(size_t, len, cmd->bufflen);
	return sg_copy_to_buffer(cmd->sg, cmd->sg_cnt, buf, len);
}
EXPORT_SYMBOL_GPL(scst_cmd_copy_out);

s64 scst_cmd_residual(const struct scst_cmd *cmd)
{
	bool cut_short = cmd->info.data_len > cmd->expected_len;
	u32 moved;

	if (!cmd->expected_valid)
		return 0;
	/*
	 * A read that did not fill its buffer is an underflow of what it did
	 * return; one that was cut short by the transport's expectation is an
	 * overflow by what the CDB asks for.
	 */
	if (cmd->info.dir & SCST_DATA_WRITE)
		moved = cut_short || cmd->status == SAM_STAT_GOOD ?
			cmd->info.data_len : cmd->bufflen;
	else if (cmd->status != SAM_STAT_GOOD)
		moved = cmd->resp_len;
	else if (cmd->info.dir == SCST_DATA_READ &&
		 cmd->resp_len < cmd->bufflen)
		moved = cmd->resp_len;
	else
		moved = cmd->info.data_len;
	return (s64)cmd->expected_len - moved;
}
EXPORT_SYMBOL_GPL(scst_cmd_residual);

s64 scst_cmd_in_residual(const struct scst_cmd *cmd)
{
	u32 moved = 0;

	if (cmd->info.dir == SCST_DATA_BIDI && cmd->status == SAM_STAT_GOOD)
		moved = cmd->resp_len == cmd->in_bufflen ? cmd->info.data_len :
							   cmd->resp_len;
	return (s64)cmd->expected_in_len - moved;
}
EXPORT_SYMBOL_GPL(scst_cmd_in_residual);
