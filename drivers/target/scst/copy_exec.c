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
static bool scst_copy_start_sub(struct scst_copy *copy,
				const struct scst_copy_end *end)
{
	bool aborted;

	/* Either this sees the abort, or the abort sees the command. */
	spin_lock_irq(&copy->lock);
	aborted = scst_cmd_aborted(copy->cmd);
	copy->sub_there = !aborted;
	spin_unlock_irq(&copy->lock);
	if (!aborted)
		scst_internal_start(&copy->sub, end->dev, false);
	return !aborted;
}

/* Return: likewise. */
static bool scst_copy_send(struct scst_copy *copy, bool write)
{
	const struct scst_copy_move *move = &copy->moves[copy->move];
	const struct scst_copy_end *end;
	u8 cdb[16] = { write ? WRITE_16 : READ_16 };
	struct scst_internal in;
	u64 pos;

	end = &copy->ends[write ? move->dst : move->src];
	pos = (write ? move->dst_pos : move->src_pos) +
	      scst_copy_offset(copy, move);
	put_unaligned_be64(pos >> end->shift, cdb + 2);
	put_unaligned_be32(copy->len >> end->shift, cdb + 10);
	in = (struct scst_internal) {
		.tmpl = &scst_copy_tmpl, .sess = copy->cmd->sess,
		.dev = end->dev, .lun = end->lun, .medium = end->medium,
		.block_shift = end->shift,
		.cdb = cdb,
		.sg = copy->sg, .sg_cnt = copy->sg_cnt,
	};
	scst_internal_init(&copy->sub, &in);
	copy->writing = write;
	return scst_copy_start_sub(copy, end);
}

/* Return: likewise. */
static bool scst_copy_send_offload(struct scst_copy *copy)
{
	const struct scst_copy_move *move = &copy->moves[copy->move];

	copy->offloading = true;
	copy->writing = false;
	scst_copy_init_source(copy, &scst_copy_tmpl);
	return scst_copy_start_sub(copy, &copy->ends[move->src]);
}

/* A logical unit has not done what it was asked for. */
static void scst_copy_part_failed(struct scst_copy *copy,
				  const struct scst_cmd *part, bool by_dst)
{
	struct scst_copy_fault fault = {
		.sense = SCST_SENSE_COPY_FAILED,
		.segment = copy->moves[copy->move].segment,
		.by_dst = by_dst,
		.status = part->status,
		.fwd_len = part->sense_len,
		.fwd = part->sense,
	};

	/* It has left, or is not there any more: nothing was said. */
	if (!part->tgt_dev || scst_cmd_aborted(part)) {
		fault.sense = SCST_SENSE_COPY_UNREACHABLE;
		fault.status = SAM_STAT_GOOD;
	} else if (part->status != SAM_STAT_CHECK_CONDITION) {
		/* SPC-5 5.18.7.3: RESERVATION CONFLICT, BUSY and their like */
		fault.sense = SCST_SENSE_COPY_UNREACHABLE;
	}
	scst_copy_fail(copy, &fault);
}

/* Return: it has failed, and the copy with it. */
static bool scst_copy_check_part(struct scst_copy *copy,
				 const struct scst_cmd *part, bool by_dst)
{
	if (!scst_cmd_aborted(part) && part->status == SAM_STAT_GOOD)
		return false;
	scst_copy_part_failed(copy, part, by_dst);
	return true;
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
			   const struct scst_copy_move *move, bool offload)
{
	u64 len = min_t(u64, move->len - copy->done,
			offload ? SCST_COPY_OFFLOAD_PIECE : SCST_COPY_PIECE);

	if (offload)
		return len;

	len = min_t(u64, len, copy->ends[move->dst].dev->max_xfer);
	if (move->src != SCST_COPY_ZEROS)
		len = min_t(u64, len, copy->ends[move->src].dev->max_xfer);
	return len;
}

/* Return: there is more to do; then @offload says how. */
static bool scst_copy_next(struct scst_copy *copy, bool *offload)
{
	const struct scst_copy_move *move = &copy->moves[copy->move];

	while (copy->move < copy->nr_moves && copy->done == move->len) {
		copy->move++;
		copy->done = 0;
		move++;
	}
	if (copy->move == copy->nr_moves)
		return false;
	*offload = scst_copy_can_offload(copy, move);
	copy->len = scst_copy_piece(copy, move, *offload);
	return true;
}

/* The LUN of the command itself may go; it is not to wait for the copy. */
static bool scst_copy_lost(const struct scst_copy *copy)
{
	const struct scst_cmd *cmd = copy->cmd;
	bool lost;

	rcu_read_lock();
	lost = xa_load(scst_session_luns(cmd->sess), cmd->lun) !=
	       cmd->tgt_dev;
	rcu_read_unlock();
	return lost;
}

/*
 * What was sent has ended: is the piece done? Return: the copy goes on; @again
 * says that the piece is to be read and written.
 */
static bool scst_copy_piece_ended(struct scst_copy *copy, bool *again)
{
	if (scst_copy_check_part(copy, &copy->sub, copy->writing))
		return false;
	if (copy->offloading) {
		copy->offloading = false;
		*again = scst_copy_fell_back(copy);
		if (*again)
			return true;
		if (scst_copy_check_part(copy, &copy->other, true))
			return false;
	}
	scst_copy_count(copy);
	return true;
}

/* Return: the copy goes on. */
static bool scst_copy_step(struct scst_copy *copy)
{
	bool read = copy->len && !copy->writing && !copy->offloading;
	const struct scst_copy_move *move;
	struct scst_copy_fault lost = {};
	bool again = false, offload;

	if (scst_cmd_aborted(copy->cmd))
		return false;
	if (read)
		return !scst_copy_check_part(copy, &copy->sub, false) &&
		       scst_copy_send(copy, true);
	if (copy->len && !scst_copy_piece_ended(copy, &again))
		return false;
	if (!scst_copy_next(copy, &offload))
		return false;
	move = &copy->moves[copy->move];
	if (scst_copy_lost(copy)) {
		lost.sense = SCST_SENSE_COPY_UNREACHABLE;
		lost.segment = move->segment;
		scst_copy_fail(copy, &lost);
		return false;
	}
	if (offload && !again)
		return scst_copy_send_offload(copy);
	copy->len = scst_copy_piece(copy, move, false);
	return scst_copy_send(copy, move->src == SCST_COPY_ZEROS);
}

void scst_copy_work(struct work_struct *work)
{
	struct scst_copy *copy = container_of(work, struct scst_copy, work);

	if (!scst_copy_step(copy))
		scst_copy_end(copy);
}
