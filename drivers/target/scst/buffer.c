// SPDX-License-Identifier: GPL-2.0
/*
 * A command's data buffer, and its way in.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/percpu_counter.h>
#include <linux/scatterlist.h>
#include "scst_priv.h"

unsigned long scst_max_cmd_mem;
EXPORT_SYMBOL_IF_KUNIT(scst_max_cmd_mem);
/* Bytes in buffers of the core's own, all commands together */
static struct percpu_counter scst_cmd_mem;

/* What a CPU counts for itself before it touches the common counter */
#define SCST_CMD_MEM_BATCH	SZ_4M

static void scst_cmd_mem_add(s64 bytes)
{
	percpu_counter_add_batch(&scst_cmd_mem, bytes, SCST_CMD_MEM_BATCH);
}

/*
 * A reply of bytes is built by hand and may be shorter than its buffer, while
 * the medium fills all of what it is asked for: only the former is cleared.
 *
 * GFP_NOIO alone never fails for single pages, and what would be written back
 * to give some of them may be written to this very device.
 */
static gfp_t scst_buffer_gfp(const struct scst_cmd *cmd)
{
	gfp_t gfp = scst_cmd_may_sleep(cmd) ? GFP_NOIO | __GFP_RETRY_MAYFAIL :
					      GFP_NOWAIT;

	if (cmd->info.dir == SCST_DATA_READ &&
	    !(cmd->info.op->flags & SCST_CDB_MEDIUM))
		gfp |= __GFP_ZERO;
	return gfp | __GFP_NOWARN;
}

/* Nothing moves: neither for the counters nor for the residual. */
static enum scst_step scst_buffer_refuse(struct scst_cmd *cmd, u8 status)
{
	cmd->bufflen = 0;
	scst_set_cmd_status(cmd, status);
	return scst_cmd_next(cmd, SCST_CMD_PRE_XMIT_RESP);
}

/*
 * Pages that count as those of commands. Return: 0; -EDQUOT if there are too
 * many of them; -ENOMEM, or -EAGAIN where nothing may sleep.
 */
int scst_buffer_get(const struct scst_cmd *cmd, u32 len, gfp_t gfp,
		    struct scatterlist **sg, unsigned int *nents)
{
	unsigned long max = READ_ONCE(scst_max_cmd_mem);
	int error = -EDQUOT;

	scst_cmd_mem_add(len);
	if (likely(!max || __percpu_counter_compare(&scst_cmd_mem, max,
						    SCST_CMD_MEM_BATCH) <= 0)) {
		*sg = sgl_alloc(len, gfp, nents);
		if (likely(*sg))
			return 0;
		error = scst_cmd_may_sleep(cmd) ? -ENOMEM : -EAGAIN;
	}
	scst_cmd_mem_add(-(s64)len);
	return error;
}

void scst_buffer_put(struct scatterlist *sg, u32 len)
{
	sgl_free(sg);
	scst_cmd_mem_add(-(s64)len);
}

static enum scst_step scst_buffer_failed(struct scst_cmd *cmd, int error)
{
	if (error == -EAGAIN)
		return SCST_STEP_THREAD;
	return scst_buffer_refuse(cmd, error == -EDQUOT ?
				  SAM_STAT_TASK_SET_FULL : SAM_STAT_BUSY);
}

/* Of a command whose Data-In is beside Data-Out. Return: 0 or errno */
static int scst_buffer_get_in(struct scst_cmd *cmd)
{
	int error;

	if (!cmd->in_bufflen || test_bit(SCST_CMD_F_OWN_IN, &cmd->flags))
		return 0;
	error = scst_buffer_get(cmd, cmd->in_bufflen,
				scst_buffer_gfp(cmd) | __GFP_ZERO, &cmd->in_sg,
				&cmd->in_sg_cnt);
	if (!error)
		set_bit(SCST_CMD_F_OWN_IN, &cmd->flags);
	return error;
}

void scst_buffer_free(struct scst_cmd *cmd)
{
	if (test_bit(SCST_CMD_F_OWN_BUFFER, &cmd->flags))
		scst_buffer_put(cmd->sg, cmd->bufflen);
	if (unlikely(test_bit(SCST_CMD_F_OWN_IN, &cmd->flags)))
		scst_buffer_put(cmd->in_sg, cmd->in_bufflen);
}

enum scst_step scst_state_prepare_space(struct scst_cmd *cmd)
{
	const struct scst_tgt_template *tmpl = cmd->tmpl;
	int error = -ENODATA;

	if (!cmd->bufflen)
		return scst_cmd_next(cmd, SCST_CMD_PREPROCESSING_DONE);

	if (unlikely(cmd->info.dir == SCST_DATA_BIDI)) {
		error = scst_buffer_get_in(cmd);
		if (error)
			return scst_buffer_failed(cmd, error);
		error = -ENODATA;
	}
	if (tmpl->alloc_data_buf) {
		if (!tmpl->xfer_atomic && !scst_cmd_may_sleep(cmd))
			return SCST_STEP_THREAD;
		error = tmpl->alloc_data_buf(cmd);
	}
	if (likely(!error))
		return scst_cmd_next(cmd, SCST_CMD_PREPROCESSING_DONE);
	if (error != -ENODATA)
		return scst_buffer_refuse(cmd, SAM_STAT_BUSY);

	error = scst_buffer_get(cmd, cmd->bufflen, scst_buffer_gfp(cmd),
				&cmd->sg, &cmd->sg_cnt);
	if (unlikely(error))
		return scst_buffer_failed(cmd, error);
	set_bit(SCST_CMD_F_OWN_BUFFER, &cmd->flags);
	return scst_cmd_next(cmd, SCST_CMD_PREPROCESSING_DONE);
}

enum scst_step scst_state_preprocessing_done(struct scst_cmd *cmd)
{
	const struct scst_tgt_template *tmpl = cmd->tmpl;

	if (!tmpl->preprocessing_done)
		return scst_cmd_next(cmd, SCST_CMD_RDY_TO_XFER);
	if (!tmpl->xfer_atomic && !scst_cmd_may_sleep(cmd))
		return SCST_STEP_THREAD;
	tmpl->preprocessing_done(cmd);
	return SCST_STEP_WAIT;
}

enum scst_step scst_state_rdy_to_xfer(struct scst_cmd *cmd)
{
	const struct scst_tgt_template *tmpl = cmd->tmpl;

	if (unlikely(scst_cmd_aborted(cmd)))
		return scst_cmd_next(cmd, SCST_CMD_PRE_XMIT_RESP);
	if (!(cmd->info.dir & SCST_DATA_WRITE) || !tmpl->rdy_to_xfer)
		return scst_cmd_next(cmd, SCST_CMD_PRE_EXEC);
	if (!tmpl->xfer_atomic && !scst_cmd_may_sleep(cmd))
		return SCST_STEP_THREAD;
	scst_hw_begin(cmd);
	scst_cmd_set_state(cmd, SCST_CMD_DATA_WAIT);
	tmpl->rdy_to_xfer(cmd);
	return SCST_STEP_WAIT;
}

int scst_buffer_init(void)
{
	u64 eighth = ((u64)totalram_pages() << PAGE_SHIFT) / 8;

	scst_max_cmd_mem = min_t(u64, eighth, LONG_MAX);
	return percpu_counter_init(&scst_cmd_mem, 0, GFP_KERNEL);
}

void scst_buffer_exit(void)
{
	percpu_counter_destroy(&scst_cmd_mem);
}
