// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of sessions and of their LUNs, read: scst_cmd_count() writes them.
 */
#include <linux/export.h>
#include "scst_priv.h"

static void scst_stats_sum(struct scst_stats *sum,
			   const struct scst_stats *stats)
{
	int dir;

	for (dir = 0; dir < SCST_DATA_NR; dir++) {
		sum->dir[dir].nr_cmds += stats->dir[dir].nr_cmds;
		sum->dir[dir].nr_bytes += stats->dir[dir].nr_bytes;
		sum->dir[dir].ns += stats->dir[dir].ns;
	}
}

void scst_session_get_stats(struct scst_session *sess, struct scst_stats *stats)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct scst_sess_cpu *c = per_cpu_ptr(sess->cpu, cpu);

		spin_lock_irq(&c->lock);
		scst_stats_sum(stats, &c->stats);
		spin_unlock_irq(&c->lock);
	}
}
EXPORT_SYMBOL_GPL(scst_session_get_stats);

/* The same of one LUN, since the session has it. Process context. */
void scst_nexus_get_stats(struct scst_tgt_dev *tgt_dev,
			  struct scst_stats *stats)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct scst_sess_cpu *c = per_cpu_ptr(tgt_dev->sess->cpu, cpu);

		spin_lock_irq(&c->lock);
		scst_stats_sum(stats, per_cpu_ptr(tgt_dev->stats, cpu));
		spin_unlock_irq(&c->lock);
	}
}

static size_t scst_cpu_active_cmds(struct scst_sess_cpu *c,
				   const struct scst_tgt_dev *tgt_dev)
{
	struct scst_cmd *cmd;
	size_t nr = 0;

	lockdep_assert_held(&c->lock);

	if (!tgt_dev)
		return list_count_nodes(&c->cmds);
	list_for_each_entry(cmd, &c->cmds, sess_entry)
		nr += READ_ONCE(cmd->tgt_dev) == tgt_dev;
	return nr;
}

/*
 * Commands inside: of a LUN, or of the session if @tgt_dev is NULL. Walks all
 * of them: for those who ask now and then. Process context.
 */
size_t scst_active_cmds(struct scst_session *sess,
			const struct scst_tgt_dev *tgt_dev)
{
	size_t nr = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct scst_sess_cpu *c = per_cpu_ptr(sess->cpu, cpu);

		spin_lock_irq(&c->lock);
		nr += scst_cpu_active_cmds(c, tgt_dev);
		spin_unlock_irq(&c->lock);
	}
	return nr;
}
