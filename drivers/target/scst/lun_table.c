// SPDX-License-Identifier: GPL-2.0
/*
 * The LUNs of a session: a table that is replaced as a whole when the session
 * moves to another group, so that no command sees some LUNs of the one and some
 * of the other, and that changes LUN by LUN when a group does.
 */
#include <linux/slab.h>
#include "scst_priv.h"

struct scst_lun_table *scst_lun_table_new(gfp_t gfp)
{
	struct scst_lun_table *table = kmalloc(sizeof(*table), gfp);

	/* RCU frees it by softirq, and xa_destroy() takes the lock. */
	if (table)
		xa_init_flags(&table->luns, XA_FLAGS_LOCK_BH);
	return table;
}

/* Nobody looks into it, and it does not own its nexuses. */
void scst_lun_table_free(struct scst_lun_table *table)
{
	xa_destroy(&table->luns);
	kfree(table);
}

static void scst_lun_table_free_rcu(struct rcu_head *rcu)
{
	scst_lun_table_free(container_of(rcu, struct scst_lun_table, rcu));
}

/* WP of the mode parameter header: SPC-5 7.5.7 */
static void scst_nexus_set_read_only(struct scst_tgt_dev *tgt_dev,
				     bool read_only)
{
	if (tgt_dev->read_only == read_only)
		return;
	WRITE_ONCE(tgt_dev->read_only, read_only);
	scst_ua_set(tgt_dev, SCST_UA_MODE_CHANGED);
	scst_aen_set(tgt_dev, SCST_UA_MODE_CHANGED);
}

/* In the place of @old, if there is one */
static struct scst_tgt_dev *scst_nexus_new(struct scst_session *sess,
					   const struct scst_acg_lun *lun,
					   const struct scst_tgt_dev *old)
{
	struct scst_tgt_dev *tgt_dev;

	tgt_dev = scst_tgt_dev_new(sess, lun->dev, lun->lun, lun->read_only);
	if (!IS_ERR(tgt_dev) && old)
		scst_ua_set(tgt_dev, SCST_UA_INQUIRY_CHANGED);
	return tgt_dev;
}

/* The same device at the same LUN stays the same nexus. */
static int scst_lun_table_add(struct scst_lun_table *table,
			      struct scst_session *sess,
			      const struct scst_acg_lun *lun)
{
	struct scst_tgt_dev *tgt_dev, *old;
	int error;

	old = xa_load(scst_session_luns(sess), lun->lun);
	tgt_dev = old;
	if (!old || old->dev != lun->dev)
		tgt_dev = scst_nexus_new(sess, lun, old);
	if (IS_ERR(tgt_dev))
		return PTR_ERR(tgt_dev);
	error = xa_err(xa_store_bh(&table->luns, lun->lun, tgt_dev,
				   GFP_KERNEL));
	if (error && tgt_dev != old)
		scst_tgt_dev_end(tgt_dev);
	return error;
}

/* Nexuses of a table end that are not in the other one, too. */
static void scst_luns_end(struct xarray *luns, struct xarray *others)
{
	struct scst_tgt_dev *tgt_dev;
	unsigned long lun;

	xa_for_each(luns, lun, tgt_dev)
		if (xa_load(others, lun) != tgt_dev)
			scst_tgt_dev_end(tgt_dev);
}

static struct scst_lun_table *scst_lun_table_build(struct scst_session *sess,
						   struct scst_acg *acg)
{
	struct scst_lun_table *table = scst_lun_table_new(GFP_KERNEL);
	struct scst_acg_lun *lun;
	unsigned long nr;
	int error = 0;

	if (!table)
		return ERR_PTR(-ENOMEM);
	xa_for_each(&acg->luns, nr, lun) {
		if (!lun->dev)
			continue;
		error = scst_lun_table_add(table, sess, lun);
		if (error)
			break;
	}
	if (!error)
		return table;
	scst_luns_end(&table->luns, scst_session_luns(sess));
	scst_lun_table_free(table);
	return ERR_PTR(error);
}

/*
 * It is in the session's table. A session that is ending gets it, too, but no
 * ACA condition there: nobody would clear that, and scst_session_kill() has
 * looked before.
 */
static void scst_nexus_in_place(struct scst_tgt_dev *tgt_dev)
{
	struct scst_session *sess = tgt_dev->sess;
	bool ending;

	spin_lock_irq(&sess->lock);
	ending = sess->unregister;
	spin_unlock_irq(&sess->lock);
	if (unlikely(ending))
		scst_aca_end_nexus(tgt_dev);
	scst_lun_dev_update(tgt_dev);
}

/*
 * What is said of nexuses only when they are in the session's table, and those
 * before them have ended
 */
static void scst_luns_tell(struct xarray *luns, struct xarray *before,
			   struct scst_acg *acg)
{
	struct scst_tgt_dev *tgt_dev, *old;
	const struct scst_acg_lun *lun;
	unsigned long nr;

	xa_for_each(luns, nr, tgt_dev) {
		old = xa_load(before, nr);
		lun = xa_load(&acg->luns, nr);
		if (old == tgt_dev) {
			scst_nexus_set_read_only(tgt_dev, lun->read_only);
			continue;
		}
		if (old)
			scst_aen_set(tgt_dev, SCST_UA_INQUIRY_CHANGED);
		scst_nexus_in_place(tgt_dev);
	}
}

/**
 * scst_session_move_luns() - give a session the LUNs of a group, all at once
 * @sess: session
 * @acg: group
 *
 * Whoever looks at its LUNs sees the old ones or the new ones. Commands that
 * are inside end with the nexus that they came in by. The caller tells the
 * session that its LUNs have changed.
 *
 * Return: 0; or the errno of the first LUN that could not be had, then all is
 * as it was.
 */
int scst_session_move_luns(struct scst_session *sess, struct scst_acg *acg)
{
	struct scst_lun_table *table, *old;

	lockdep_assert_held(&scst_config_mutex);

	table = scst_lun_table_build(sess, acg);
	if (IS_ERR(table))
		return PTR_ERR(table);
	old = rcu_replace_pointer(sess->luns, table,
				  lockdep_is_held(&scst_config_mutex));
	scst_luns_end(&old->luns, &table->luns);
	scst_luns_tell(&table->luns, &old->luns, acg);
	call_rcu(&old->rcu, scst_lun_table_free_rcu);
	return 0;
}

/* All of its LUNs go. */
void scst_session_drop_luns(struct scst_session *sess)
{
	struct xarray *luns = scst_session_luns(sess);
	struct scst_tgt_dev *tgt_dev;
	unsigned long lun;

	lockdep_assert_held(&scst_config_mutex);

	xa_for_each(luns, lun, tgt_dev) {
		xa_erase_bh(luns, lun);
		scst_tgt_dev_end(tgt_dev);
	}
}

/*
 * All LUNs of a group, as far as there is memory for them. Return: 0, or the
 * errno of one that the session does not have now.
 */
int scst_session_sync_luns(struct scst_session *sess,
			   struct scst_acg *acg)
{
	struct scst_acg_lun *lun;
	unsigned long nr;
	int error = 0, ret;

	lockdep_assert_held(&scst_config_mutex);

	xa_for_each(&acg->luns, nr, lun) {
		ret = scst_session_sync_lun(sess, lun);
		if (ret)
			error = ret;
	}
	return error;
}

void scst_session_lose_lun(struct scst_session *sess, u64 lun)
{
	struct scst_tgt_dev *tgt_dev;

	lockdep_assert_held(&scst_config_mutex);

	tgt_dev = xa_erase_bh(scst_session_luns(sess), lun);
	if (!tgt_dev)
		return;
	scst_tgt_dev_end(tgt_dev);
	if (sess->state == SCST_SESS_READY)
		scst_ua_set_luns(sess, NULL);
}

static int scst_session_replace_lun(struct scst_session *sess,
				    const struct scst_acg_lun *lun,
				    struct scst_tgt_dev *old)
{
	struct scst_tgt_dev *tgt_dev = scst_nexus_new(sess, lun, old);
	int error;

	if (IS_ERR(tgt_dev))
		return PTR_ERR(tgt_dev);
	error = xa_err(xa_store_bh(scst_session_luns(sess), lun->lun, tgt_dev,
				   GFP_KERNEL));
	if (error) {
		scst_tgt_dev_end(tgt_dev);
		return error;
	}
	if (old) {
		/*
		 * That one is about the session, and not told yet. Only now: an
		 * aborted command gives it back to the nexuses in the table.
		 */
		if (test_bit(SCST_UA_LUNS_CHANGED, &old->ua_pending))
			scst_ua_set(tgt_dev, SCST_UA_LUNS_CHANGED);
		scst_aen_set(tgt_dev, SCST_UA_INQUIRY_CHANGED);
		scst_tgt_dev_end(old);
	} else if (sess->state == SCST_SESS_READY) {
		scst_ua_set_luns(sess, tgt_dev);
	}
	scst_nexus_in_place(tgt_dev);
	return 0;
}

/**
 * scst_session_sync_lun() - a LUN of a session's group has changed
 * @sess: session
 * @lun: LUN, which changes atomically
 *
 * Cannot fail when nothing is to be added. Return: 0, or an errno, then the
 * session has what it had.
 */
int scst_session_sync_lun(struct scst_session *sess,
			  const struct scst_acg_lun *lun)
{
	struct scst_tgt_dev *old;

	lockdep_assert_held(&scst_config_mutex);

	if (!lun->dev) {
		scst_session_lose_lun(sess, lun->lun);
		return 0;
	}
	old = xa_load(scst_session_luns(sess), lun->lun);
	if (!old || old->dev != lun->dev)
		return scst_session_replace_lun(sess, lun, old);
	scst_nexus_set_read_only(old, lun->read_only);
	return 0;
}
