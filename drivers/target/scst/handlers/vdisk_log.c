// SPDX-License-Identifier: GPL-2.0
/*
 * LOG SENSE and LOG SELECT (SPC-5 6.9, 6.10), and what is counted for them.
 */
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include "vdisk.h"
#include "vdisk_log.h"

/*
 * Read and write commands as SPC-5 3.1 has them; this CPU's counters are all
 * that a READ or WRITE pays. Any context.
 */
void vdisk_count(struct scst_cmd *cmd)
{
	const struct scst_cdb_op *op = cmd->info.op;
	struct vdisk *vd = to_vdisk(cmd->dev);
	u8 shift = vd->dev.block_shift;

	if (op->unit < SCST_UNIT_BLOCKS)
		return;
	if (op->flags & SCST_CDB_WRITE) {
		this_cpu_inc(vd->stats->writes);
		if (likely(cmd->status == SAM_STAT_GOOD))
			this_cpu_add(vd->stats->received,
				     cmd->bufflen >> shift);
		if (unlikely(READ_ONCE(vd->thresholds_wanted)))
			vdisk_threshold_wrote(vd, cmd->info.blocks << shift);
	} else if (cmd->info.dir == SCST_DATA_READ) {
		this_cpu_inc(vd->stats->reads);
		if (likely(cmd->status == SAM_STAT_GOOD))
			this_cpu_add(vd->stats->transmitted,
				     cmd->resp_len >> shift);
	}
}

static struct vdisk_stats vdisk_sum(const struct vdisk *vd)
{
	struct vdisk_stats sum = {};
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct vdisk_stats *s = per_cpu_ptr(vd->stats, cpu);

		sum.reads += READ_ONCE(s->reads);
		sum.writes += READ_ONCE(s->writes);
		sum.received += READ_ONCE(s->received);
		sum.transmitted += READ_ONCE(s->transmitted);
	}
	return sum;
}

/* LOG SELECT, and the logical unit's reset: what is counted goes on. */
void vdisk_stats_reset(struct vdisk *vd)
{
	unsigned long flags;

	spin_lock_irqsave(&vd->stats_lock, flags);
	vd->stats_base = vdisk_sum(vd);
	spin_unlock_irqrestore(&vd->stats_lock, flags);
}

static void vdisk_log_stats(struct vdisk *vd, struct vdisk_log *log)
{
	struct vdisk_stats sum, *base = &vd->stats_base;
	unsigned long flags;

	spin_lock_irqsave(&vd->stats_lock, flags);
	sum = vdisk_sum(vd);
	log->reads = sum.reads - base->reads;
	log->writes = sum.writes - base->writes;
	log->received = sum.received - base->received;
	log->transmitted = sum.transmitted - base->transmitted;
	spin_unlock_irqrestore(&vd->stats_lock, flags);
}

static void vdisk_log_refused(struct scst_cmd *cmd,
			      const struct scst_cdb_error *err)
{
	if (err->bit < 0)
		scst_set_cmd_error(cmd, err->sense);
	else
		scst_set_cmd_error_field(cmd, err->sense, err->byte, err->bit);
}

enum scst_exec_result vdisk_exec_log_sense(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	struct vdisk_log log = { .thin = vdisk_has_resources(vd) };
	struct scst_cdb_error err;
	u8 buf[VDISK_LOG_MAX];
	unsigned int len;
	int error;

	if (log.thin && (cmd->cdb[2] & 0x3f) == VDISK_LOG_LBP) {
		/* The file system may have to be waited for. */
		if (!vdisk_in_thread(cmd))
			return SCST_EXEC_NEED_THREAD;
		error = vdisk_resources(vd, &log.available, &log.used);
		if (error) {
			scst_set_cmd_errno(cmd, error);
			return SCST_EXEC_DONE;
		}
	}
	vdisk_log_stats(vd, &log);
	len = vdisk_log_sense(&log, cmd->cdb, buf, &err);
	if (len)
		scst_cmd_copy_in(cmd, buf, len);
	else
		vdisk_log_refused(cmd, &err);
	return SCST_EXEC_DONE;
}

enum scst_exec_result vdisk_exec_log_select(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	struct vdisk_log log = { .thin = vdisk_has_resources(vd) };
	struct scst_cdb_error err;
	bool reset;

	if (!vdisk_log_select(&log, cmd->cdb, cmd->info.data_len, &reset,
			      &err)) {
		vdisk_log_refused(cmd, &err);
		return SCST_EXEC_DONE;
	}
	if (reset) {
		vdisk_stats_reset(vd);
		scst_raise_ua(cmd->dev, SCST_UA_LOG_CHANGED, cmd->tgt_dev);
	}
	return SCST_EXEC_DONE;
}
