// SPDX-License-Identifier: GPL-2.0
/*
 * Copying within the stores of one handler: they may share blocks, or let their
 * own hardware move them.
 *
 * Two commands of the core's own stand for it: one is in the gate of the source
 * while the other one, in the gate of the destination, has the handler copy.
 * The second waits neither for its gate, since who is alone there may wait for
 * the first one's, nor for its blocks, since an update that is in its way may
 * wait for the first one's; then the piece is read and written as any other.
 */
#include <linux/unaligned.h>
#include "copy_priv.h"

#define SCST_COPY_ROW(_name, _dir, _resv, _flags)			\
	.op = SCST_OP_COPY_OUT, .service_action = SCST_CDB_NO_SA,	\
	.len = 16, .dir = _dir, .unit = SCST_UNIT_BLOCKS,		\
	.lba = { 2, 8 }, .count = { 10, 4 },				\
	.types = U32_MAX, .resv = _resv, .name = _name,			\
	.flags = SCST_CDB_MEDIUM | SCST_CDB_LBA_CHECK | SCST_CDB_LOCAL | (_flags)

static const struct scst_cdb_op scst_copy_source_row = {
	SCST_COPY_ROW("copy source", SCST_DATA_READ, SCST_RESV_READ, 0),
};

static const struct scst_cdb_op scst_copy_target_row = {
	SCST_COPY_ROW("copy destination", SCST_DATA_WRITE, SCST_RESV_WRITE,
		      SCST_CDB_WRITE),
};

/* Ranges that overlap are not for it. */
bool scst_copy_can_offload(const struct scst_copy *copy,
			   const struct scst_copy_move *move)
{
	const struct scst_device *src, *dst = copy->ends[move->dst].dev;

	if (!copy->offload || move->src == SCST_COPY_ZEROS)
		return false;
	src = copy->ends[move->src].dev;
	return src->handler == dst->handler && src->handler->copy_range &&
	       (src != dst || move->src_pos >= move->dst_pos + move->len ||
		move->dst_pos >= move->src_pos + move->len);
}

static void scst_copy_target_xmit(struct scst_cmd *other)
{
	scst_tgt_cmd_done(other, SCST_CONTEXT_SAME);
}

/* The source may go, too. Any context. */
static void scst_copy_target_free(struct scst_cmd *other)
{
	struct scst_copy *copy = container_of(other, struct scst_copy, other);
	unsigned long flags;

	spin_lock_irqsave(&copy->lock, flags);
	copy->other_there = false;
	spin_unlock_irqrestore(&copy->lock, flags);
	scst_cmd_done(&copy->sub, SCST_CONTEXT_THREAD);
}

static const struct scst_tgt_template scst_copy_target_tmpl = {
	.name		= "copy",
	.xmit_atomic	= true,
	.xfer_atomic	= true,
	.xmit_response	= scst_copy_target_xmit,
	.on_free_cmd	= scst_copy_target_free,
};

static void scst_copy_init_part(struct scst_copy *copy, struct scst_cmd *part,
				const struct scst_copy_end *end, u64 pos,
				const struct scst_tgt_template *tmpl,
				const struct scst_cdb_op *row)
{
	u8 cdb[16] = { row->flags & SCST_CDB_WRITE ? WRITE_16 : READ_16 };
	const struct scst_internal in = {
		.tmpl = tmpl, .sess = copy->cmd->sess, .dev = end->dev,
		.lun = end->lun, .medium = end->medium,
		.block_shift = end->shift, .cdb = cdb,
		.op = row,
	};

	put_unaligned_be64(pos >> end->shift, cdb + 2);
	put_unaligned_be32(copy->len >> end->shift, cdb + 10);
	scst_internal_init(part, &in);
}

/* The source's part, which is sent as any other of the copy. */
void scst_copy_init_source(struct scst_copy *copy,
			   const struct scst_tgt_template *tmpl)
{
	const struct scst_copy_move *move = &copy->moves[copy->move];

	scst_copy_init_part(copy, &copy->sub, &copy->ends[move->src],
			    move->src_pos + copy->done, tmpl,
			    &scst_copy_source_row);
}

/* The source is held: now the destination. */
static enum scst_step scst_copy_exec_source(struct scst_copy *copy)
{
	const struct scst_copy_move *move = &copy->moves[copy->move];
	const struct scst_copy_end *end = &copy->ends[move->dst];
	bool aborted;

	scst_copy_init_part(copy, &copy->other, end,
			    move->dst_pos + copy->done, &scst_copy_target_tmpl,
			    &scst_copy_target_row);
	scst_cmd_set_state(&copy->sub, SCST_CMD_EXEC_WAIT);
	/* As scst_copy_send() does */
	spin_lock_irq(&copy->lock);
	aborted = scst_cmd_aborted(copy->cmd);
	copy->other_there = !aborted;
	spin_unlock_irq(&copy->lock);
	if (aborted)
		return scst_cmd_next(&copy->sub, SCST_CMD_DEV_DONE);
	scst_internal_start(&copy->other, end->dev, true);
	return SCST_STEP_WAIT;
}

static void scst_copy_exec_target(struct scst_copy *copy)
{
	const struct scst_copy_move *move = &copy->moves[copy->move];
	struct scst_device *src = copy->ends[move->src].dev;
	struct scst_device *dst = copy->ends[move->dst].dev;

	copy->range_error = dst->handler->copy_range(dst,
						     move->dst_pos + copy->done,
						     src,
						     move->src_pos + copy->done,
						     copy->len);
	if (copy->range_error && copy->range_error != -EOPNOTSUPP)
		scst_set_cmd_errno(&copy->other, copy->range_error);
}

/* Process context. Return: as a state function. */
enum scst_step scst_copy_exec_part(struct scst_cmd *cmd)
{
	if (cmd->info.op == &scst_copy_source_row)
		return scst_copy_exec_source(container_of(cmd, struct scst_copy,
							  sub));
	scst_copy_exec_target(container_of(cmd, struct scst_copy, other));
	return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
}

/*
 * Both have ended, and the source has no fault. Return: the handler could not do
 * it, or not now: read and write.
 */
bool scst_copy_fell_back(struct scst_copy *copy)
{
	if (scst_cmd_aborted(&copy->other))
		return false;
	if (copy->other.status == SAM_STAT_BUSY)
		return true;
	if (copy->other.status != SAM_STAT_GOOD ||
	    copy->range_error != -EOPNOTSUPP)
		return false;
	copy->offload = false;
	return true;
}
