// SPDX-License-Identifier: GPL-2.0
/*
 * Moving the data of a third-party copy: a READ, a WRITE, and so on, each of
 * which comes by the gate of its logical unit and by all that stands there.
 */
#include <linux/unaligned.h>
#include "copy_priv.h"

static bool scst_copy_same_dev(const struct scst_copy *copy,
			       const struct scst_copy_move *move)
{
	return move->src != SCST_COPY_ZEROS &&
	       copy->ends[move->src].dev == copy->ends[move->dst].dev;
}

/*
 * Within a logical unit what was written may not be read again: from the end
 * on, if the destination is behind the source and they overlap.
 */
static u64 scst_copy_offset(const struct scst_copy *copy,
			    const struct scst_copy_move *move)
{
	if (scst_copy_same_dev(copy, move) && move->dst_pos > move->src_pos &&
	    move->dst_pos - move->src_pos < move->len)
		return move->len - copy->done - copy->len;
	return copy->done;
}

static void scst_copy_sub_xmit(struct scst_cmd *sub)
{
	scst_tgt_cmd_done(sub, SCST_CONTEXT_SAME);
}

/* Answered, or aborted: the next step. Any context. */
static void scst_copy_sub_free(struct scst_cmd *sub)
{
	struct scst_copy *copy = container_of(sub, struct scst_copy, sub);
	unsigned long flags;

	spin_lock_irqsave(&copy->lock, flags);
	copy->sub_there = false;
	spin_unlock_irqrestore(&copy->lock, flags);
	queue_work(copy->cmd->dev->wq, &copy->work);
}

static const struct scst_tgt_template scst_copy_tmpl = {
	.name		= "copy",
	.xmit_atomic	= true,
	.xfer_atomic	= true,
	.xmit_response	= scst_copy_sub_xmit,
	.on_free_cmd	= scst_copy_sub_free,
};

/* Return: false if the copy was aborted. */
static bool scst_copy_send(struct scst_copy *copy, bool write)
{
	const struct scst_copy_move *move = &copy->moves[copy->move];
	const struct scst_copy_end *end;
	u8 cdb[16] = { write ? WRITE_16 : READ_16 };
	struct scst_internal in;
	bool aborted;
	u64 pos;

	end = &copy->ends[write ? move->dst : move->src];
	pos = (write ? move->dst_pos : move->src_pos) +
	      scst_copy_offset(copy, move);
	put_unaligned_be64(pos >> end->dev->block_shift, cdb + 2);
	put_unaligned_be32(copy->len >> end->dev->block_shift, cdb + 10);
	in = (struct scst_internal) {
		.tmpl = &scst_copy_tmpl, .sess = copy->cmd->sess,
		.dev = end->dev, .lun = end->lun, .cdb = cdb,
		.sg = copy->sg, .sg_cnt = copy->sg_cnt,
	};
	scst_internal_init(&copy->sub, &in);
	copy->writing = write;

	/* Either this sees the abort, or the abort sees the command. */
	spin_lock_irq(&copy->lock);
	aborted = scst_cmd_aborted(copy->cmd);
	copy->sub_there = !aborted;
	spin_unlock_irq(&copy->lock);
	if (!aborted)
		scst_internal_start(&copy->sub, end->dev);
	return !aborted;
}

/* Its logical unit has not done what it was sent for. */
static void scst_copy_sub_failed(struct scst_copy *copy)
{
	struct scst_cmd *sub = &copy->sub;
	struct scst_copy_fault fault = {
		.sense = SCST_SENSE_COPY_FAILED,
		.segment = copy->moves[copy->move].segment,
		.by_dst = copy->writing,
		.status = sub->status,
		.fwd_len = sub->sense_len,
		.fwd = sub->sense,
	};

	/* It has left, or is not there any more: nothing was said. */
	if (!sub->tgt_dev || scst_cmd_aborted(sub)) {
		fault.sense = SCST_SENSE_COPY_UNREACHABLE;
		fault.status = SAM_STAT_GOOD;
	} else if (sub->status != SAM_STAT_CHECK_CONDITION) {
		/* SPC-5 5.18.7.3: RESERVATION CONFLICT, BUSY and their like */
		fault.sense = SCST_SENSE_COPY_UNREACHABLE;
	}
	scst_copy_fail(copy, &fault);
}

/* A segment that is done, or a part of it */
static void scst_copy_count(struct scst_copy *copy)
{
	struct scst_copy_report *report = &copy->result->report;
	struct scst_tgt_dev *nexus = copy->cmd->tgt_dev;

	copy->done += copy->len;
	spin_lock_irq(&nexus->copy_lock);
	report->bytes += copy->len;
	if (copy->done == copy->moves[copy->move].len)
		report->segments = copy->moves[copy->move].segment + 1;
	spin_unlock_irq(&nexus->copy_lock);
}

/* At a time; no logical unit takes more than it says. */
static u32 scst_copy_piece(const struct scst_copy *copy,
			   const struct scst_copy_move *move)
{
	u64 len = min_t(u64, move->len - copy->done, SCST_COPY_PIECE);

	len = min_t(u64, len, copy->ends[move->dst].dev->max_xfer);
	if (move->src != SCST_COPY_ZEROS)
		len = min_t(u64, len, copy->ends[move->src].dev->max_xfer);
	return len;
}

/* Return: there is more to do. */
static bool scst_copy_next(struct scst_copy *copy)
{
	const struct scst_copy_move *move = &copy->moves[copy->move];

	while (copy->move < copy->nr_moves && copy->done == move->len) {
		copy->move++;
		copy->done = 0;
		move++;
	}
	if (copy->move == copy->nr_moves)
		return false;
	copy->len = scst_copy_piece(copy, move);
	return true;
}

/* The LUN of the command itself may go; it is not to wait for the copy. */
static bool scst_copy_lost(const struct scst_copy *copy)
{
	const struct scst_cmd *cmd = copy->cmd;
	bool lost;

	rcu_read_lock();
	lost = xa_load(&cmd->sess->luns, cmd->lun) != cmd->tgt_dev;
	rcu_read_unlock();
	return lost;
}

/* Return: the copy goes on. */
static bool scst_copy_step(struct scst_copy *copy)
{
	const struct scst_copy_fault lost = {
		.sense = SCST_SENSE_COPY_UNREACHABLE,
		.segment = copy->moves[copy->move].segment,
	};

	if (scst_cmd_aborted(copy->cmd))
		return false;
	if (copy->len) {
		if (scst_cmd_aborted(&copy->sub) ||
		    copy->sub.status != SAM_STAT_GOOD) {
			scst_copy_sub_failed(copy);
			return false;
		}
		if (!copy->writing)
			return scst_copy_send(copy, true);
		scst_copy_count(copy);
	}
	if (!scst_copy_next(copy))
		return false;
	if (scst_copy_lost(copy)) {
		scst_copy_fail(copy, &lost);
		return false;
	}
	return scst_copy_send(copy, copy->moves[copy->move].src ==
				    SCST_COPY_ZEROS);
}

void scst_copy_work(struct work_struct *work)
{
	struct scst_copy *copy = container_of(work, struct scst_copy, work);

	if (!scst_copy_step(copy))
		scst_copy_end(copy);
}
