// SPDX-License-Identifier: GPL-2.0
/*
 * Commands and the table of ranges.
 *
 * COMPARE AND WRITE and its like are one action for everybody who touches the
 * same blocks (SBC-4 5.3), and are in nobody else's way.
 */
#include <linux/scatterlist.h>
#include <linux/unaligned.h>
#include "scst_priv.h"

void scst_cmd_range_wake(struct scst_range_entry *entry)
{
	scst_cmd_queue(container_of(entry, struct scst_cmd, range));
}

/* UNMAP parameter list (SBC-4 5.34.2): the header, and each descriptor */
#define SCST_UNMAP_HEADER	8
#define SCST_UNMAP_DESC		16
/* A list that is longer counts as all of the medium. */
#define SCST_UNMAP_MAX_DESC	256

/*
 * The list is here by now, and is looked at once: the memory may be that of an
 * initiator on this machine, and a command that comes back after an ACA
 * condition has to find the same places. Should what is executed be another
 * list, that initiator is in nobody's way but its own.
 */
static bool scst_cmd_unmap_range(struct scst_cmd *cmd, struct scst_range *range)
{
	unsigned int i, nr = 0;
	u8 desc[SCST_UNMAP_DESC];

	if (test_and_set_bit(SCST_CMD_F_LIST_SEEN, &cmd->flags))
		return range->first <= range->last;
	*range = (struct scst_range) { .last = U64_MAX };
	if (cmd->bufflen >= SCST_UNMAP_HEADER &&
	    scst_cmd_copy_out(cmd, desc, SCST_UNMAP_HEADER))
		nr = min(get_unaligned_be16(desc + 2),
			 cmd->bufflen - SCST_UNMAP_HEADER) / SCST_UNMAP_DESC;
	if (nr > SCST_UNMAP_MAX_DESC)
		return true;
	*range = (struct scst_range) { .first = U64_MAX };
	for (i = 0; i < nr; i++) {
		sg_pcopy_to_buffer(cmd->sg, cmd->sg_cnt, desc, sizeof(desc),
				   SCST_UNMAP_HEADER + i * SCST_UNMAP_DESC);
		scst_range_extend(range, get_unaligned_be64(desc),
				  get_unaligned_be32(desc + 8));
	}
	return range->first <= range->last;
}

/* The blocks that a command in the device is about. Return: false for none. */
static bool scst_cmd_range_of(struct scst_cmd *cmd, struct scst_range *range)
{
	if (unlikely(cmd->info.op->op == SCST_OP_UNMAP))
		return scst_cmd_unmap_range(cmd, range);
	return scst_range_of(&cmd->info, range);
}

/* Return: it has a place in the table, or needs none. */
bool scst_cmd_range_fits(const struct scst_cmd *cmd)
{
	u64 regions[SCST_RANGE_REGIONS];
	struct scst_range range;

	return !scst_range_of(&cmd->info, &range) ||
	       scst_range_regions(&range, cmd->dev->block_shift, regions);
}

/*
 * Take a place. Return: false if it has to run alone instead. An abort that
 * does not see the flag is seen by who has set it.
 */
static bool scst_cmd_range_enter(struct scst_cmd *cmd)
{
	struct scst_device *dev = cmd->dev;

	cmd->range.update = cmd->info.op->flags & SCST_CDB_UPDATE;
	if (!scst_range_enter(&dev->ranges, &cmd->range, dev->block_shift))
		return false;
	/* Pairs with scst_cmd_range_cancel(): the place, then the flag. */
	smp_mb__before_atomic();
	set_bit(SCST_CMD_F_RANGE, &cmd->flags);
	/* Pairs with scst_abort_decide(): the flag, then the look at its bit. */
	smp_mb__after_atomic();
	return true;
}

/**
 * scst_cmd_range_check() - a command's turn on its blocks
 * @cmd: command inside of all its gates
 *
 * Any context. Return: as a state function.
 */
enum scst_step scst_cmd_range_check(struct scst_cmd *cmd)
{
	struct scst_device *dev = cmd->dev;

	if (cmd->gate.kind == SCST_GATE_EXCLUSIVE) {
		/* It is alone, and those who come later are to take ranges. */
		if (cmd->info.op->flags & SCST_CDB_UPDATE &&
		    scst_cmd_range_fits(cmd))
			scst_ranges_begin(&dev->ranges);
		return scst_cmd_next(cmd, SCST_CMD_LOCAL_EXEC);
	}
	if (!test_bit(SCST_CMD_F_RANGE, &cmd->flags)) {
		scst_ranges_end_idle(&dev->ranges);
		if (!scst_cmd_range_of(cmd, &cmd->range.range))
			return scst_cmd_next(cmd, SCST_CMD_LOCAL_EXEC);
		if (!scst_cmd_range_enter(cmd)) {
			/* Others have none by now: all over again, and alone. */
			scst_gate_leave(&dev->gate, &cmd->gate);
			return SCST_STEP_NEXT;
		}
		if (scst_cmd_aborted(cmd))
			goto leave;
		if (unlikely(test_bit(SCST_CMD_F_NOWAIT, &cmd->flags)) &&
		    scst_range_must_wait(&cmd->range)) {
			scst_set_cmd_status(cmd, SAM_STAT_BUSY);
			goto leave;
		}
	}
	if (scst_range_park(&cmd->range))
		return SCST_STEP_WAIT;
	if (likely(!scst_cmd_aborted(cmd)))
		return scst_cmd_next(cmd, SCST_CMD_LOCAL_EXEC);

leave:
	scst_cmd_leave_device(cmd);
	return scst_cmd_next(cmd, SCST_CMD_PRE_XMIT_RESP);
}

/* An abort. Return: the command was waiting, and the caller makes it go on. */
bool scst_cmd_range_cancel(struct scst_cmd *cmd)
{
	if (likely(!test_bit_acquire(SCST_CMD_F_RANGE, &cmd->flags)))
		return false;
	return scst_range_cancel(&cmd->dev->ranges, &cmd->range);
}

/* Its blocks, and the device, are for others. Any context. */
void scst_cmd_leave_device(struct scst_cmd *cmd)
{
	struct scst_device *dev = cmd->dev;

	if (unlikely(test_bit(SCST_CMD_F_RANGE, &cmd->flags))) {
		scst_range_leave(&dev->ranges, &cmd->range);
		clear_bit(SCST_CMD_F_RANGE, &cmd->flags);
	}
	scst_gate_leave(&dev->gate, &cmd->gate);
}
