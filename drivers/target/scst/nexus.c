// SPDX-License-Identifier: GPL-2.0
/*
 * I_T_L nexuses: made when an initiator gets a LUN, ended when it loses it.
 */
#include <linux/slab.h>
#include "scst_priv.h"

/*
 * Who finds a nexus under RCU also looks at its device, before it has a place
 * that keeps the two.
 */
static void scst_tgt_dev_free_rcu(struct rcu_head *rcu)
{
	struct scst_tgt_dev *tgt_dev = container_of(rcu, struct scst_tgt_dev,
						    rcu);

	scst_device_put(tgt_dev->dev);
	free_percpu(tgt_dev->stats);
	kfree(tgt_dev);
}

/* All commands of the nexus have left its order gate. */
static void scst_tgt_dev_free_work(struct work_struct *work)
{
	struct scst_tgt_dev *tgt_dev = container_of(work, struct scst_tgt_dev,
						    free_work);
	struct scst_device *dev = tgt_dev->dev;
	struct scst_session *sess = tgt_dev->sess;

	scst_lun_dev_del(tgt_dev);
	/* First: task_mgmt_fn() is for those in the list. */
	scst_config_lock();
	spin_lock_irq(&dev->tgt_dev_lock);
	list_del(&tgt_dev->dev_entry);
	spin_unlock_irq(&dev->tgt_dev_lock);
	scst_resv_nexus_gone(tgt_dev);
	scst_config_unlock();

	if (dev->handler->detach_tgt)
		dev->handler->detach_tgt(tgt_dev);
	scst_config_lock();
	dev->nr_tgt_devs--;
	scst_config_unlock();

	scst_copy_forget(tgt_dev);
	scst_gate_exit(&tgt_dev->order);
	call_rcu(&tgt_dev->rcu, scst_tgt_dev_free_rcu);
	scst_session_put_tgt_dev(sess);
}

static void scst_tgt_dev_closed(struct scst_gate_entry *closer)
{
	struct scst_tgt_dev *tgt_dev = container_of(closer, struct scst_tgt_dev,
						    closer);

	queue_work(scst_free_wq, &tgt_dev->free_work);
}

/**
 * scst_tgt_dev_new() - a session gets a logical unit
 * @sess: session
 * @dev: enabled device
 * @lun: LUN
 * @read_only: the session may not write
 *
 * It is not in the session's table yet. Return: the nexus or ERR_PTR().
 */
struct scst_tgt_dev *scst_tgt_dev_new(struct scst_session *sess,
				      struct scst_device *dev, u64 lun,
				      bool read_only)
{
	struct scst_tgt_dev *tgt_dev;
	int error;

	lockdep_assert_held(&scst_config_mutex);

	tgt_dev = kzalloc(sizeof(*tgt_dev), GFP_KERNEL);
	if (!tgt_dev)
		return ERR_PTR(-ENOMEM);
	tgt_dev->sess = sess;
	tgt_dev->dev = dev;
	tgt_dev->lun = lun;
	tgt_dev->read_only = read_only;
	scst_gate_entry_init(&tgt_dev->closer, scst_tgt_dev_closed);
	INIT_WORK(&tgt_dev->free_work, scst_tgt_dev_free_work);
	spin_lock_init(&tgt_dev->copy_lock);
	INIT_LIST_HEAD(&tgt_dev->copies);
	INIT_LIST_HEAD(&tgt_dev->news_entry);
	scst_ua_set(tgt_dev, SCST_UA_POWER_ON);

	tgt_dev->stats = alloc_percpu(struct scst_stats);
	error = -ENOMEM;
	if (!tgt_dev->stats)
		goto free_tgt_dev;
	error = scst_gate_init(&tgt_dev->order);
	if (error)
		goto free_stats;
	if (dev->handler->attach_tgt) {
		error = dev->handler->attach_tgt(tgt_dev);
		if (error)
			goto exit_gate;
	}

	scst_device_get(dev);
	dev->nr_tgt_devs++;
	atomic_inc(&sess->pending_tgt_devs);
	spin_lock_irq(&dev->tgt_dev_lock);
	list_add_tail(&tgt_dev->dev_entry, &dev->tgt_devs);
	spin_unlock_irq(&dev->tgt_dev_lock);
	scst_resv_update_nexus(tgt_dev);
	scst_alua_update_nexus(tgt_dev);
	return tgt_dev;

exit_gate:
	scst_gate_exit(&tgt_dev->order);
free_stats:
	free_percpu(tgt_dev->stats);
free_tgt_dev:
	kfree(tgt_dev);
	return ERR_PTR(error);
}

/**
 * scst_tgt_dev_end() - a session loses a logical unit
 * @tgt_dev: nexus, no longer in the session's table
 *
 * Waits for nothing: it is freed when its last command has ended.
 */
void scst_tgt_dev_end(struct scst_tgt_dev *tgt_dev)
{
	lockdep_assert_held(&scst_config_mutex);

	WRITE_ONCE(tgt_dev->ended, true);
	scst_lun_dev_update(tgt_dev);
	scst_aca_end_nexus(tgt_dev);
	/* It may be freed from here on. */
	scst_gate_end(&tgt_dev->order, &tgt_dev->closer);
}
