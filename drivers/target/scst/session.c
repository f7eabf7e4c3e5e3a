// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions (I_T nexuses): registered without sleeping, made ready on a
 * workqueue, ended when their last command has.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <trace/events/scst.h>
#include "scst_priv.h"

/*
 * A command of a session that is still being made waits in sess->held. Any
 * context. Return: true if it does.
 */
bool scst_session_hold_cmd(struct scst_cmd *cmd)
{
	struct scst_session *sess = cmd->sess;
	unsigned long flags;
	bool hold;

	/* Pairs with scst_session_release_held(): the LUN table is there. */
	if (likely(smp_load_acquire(&sess->state) == SCST_SESS_READY))
		return false;

	spin_lock_irqsave(&sess->lock, flags);
	hold = sess->state == SCST_SESS_INIT;
	if (hold)
		list_add_tail(&cmd->order.node, &sess->held);
	spin_unlock_irqrestore(&sess->lock, flags);
	return hold;
}

static struct scst_cmd *scst_session_next_held(struct scst_session *sess,
					       int state)
{
	struct scst_cmd *cmd;

	spin_lock_irq(&sess->lock);
	cmd = list_first_entry_or_null(&sess->held, struct scst_cmd,
				       order.node);
	if (cmd)
		list_del_init(&cmd->order.node);
	else /* Pairs with scst_session_hold_cmd(). */
		smp_store_release(&sess->state, state);
	spin_unlock_irq(&sess->lock);
	return cmd;
}

/* Those that come meanwhile queue up behind, hence the order is kept. */
static void scst_session_release_held(struct scst_session *sess, int state)
{
	struct scst_cmd *cmd;

	while ((cmd = scst_session_next_held(sess, state))) {
		if (state == SCST_SESS_FAILED) {
			scst_set_cmd_status(cmd, SAM_STAT_BUSY);
			scst_cmd_set_state(cmd, SCST_CMD_PRE_XMIT_RESP);
		} else {
			scst_state_init(cmd);
		}
		scst_cmd_queue(cmd);
	}
}

static void scst_session_leave_group(struct scst_session *sess)
{
	scst_config_lock();
	if (sess->acg) {
		list_del(&sess->acg_entry);
		list_del(&sess->tgt_entry);
		sess->acg = NULL;
	}
	scst_session_drop_luns(sess);
	scst_config_unlock();
}

static int scst_session_join_group(struct scst_session *sess)
{
	struct scst_tgt *tgt = sess->tgt;
	int error = -ESHUTDOWN;
	struct scst_acg *acg;

	scst_config_lock();
	if (tgt->enabled) {
		acg = scst_acg_find(tgt, sess->initiator_name);
		error = scst_session_move_luns(sess, acg);
	}
	if (!error) {
		scst_session_set_group(sess, acg);
		list_add_tail(&sess->acg_entry, &acg->sessions);
		list_add_tail(&sess->tgt_entry, &tgt->sessions);
	}
	scst_config_unlock();
	return error;
}

static void scst_session_kill(struct scst_session *sess)
{
	/* Nothing else would free the commands that it blocks. */
	scst_aca_end_session(sess);
	percpu_ref_kill(&sess->cmd_ref);
}

static int scst_session_init(struct scst_session *sess)
{
	int error = scst_session_join_group(sess);
	bool unregister;

	trace_scst_session_start(sess);
	scst_hw_start(sess);
	scst_session_release_held(sess, error ? SCST_SESS_FAILED :
						SCST_SESS_READY);
	if (!error)
		scst_session_dev_add(sess);
	if (sess->init_done)
		sess->init_done(sess, error);

	spin_lock_irq(&sess->lock);
	unregister = sess->unregister;
	sess->init_ended = true;
	spin_unlock_irq(&sess->lock);
	if (unregister)
		scst_session_kill(sess);
	return error;
}

static void scst_session_init_work(struct work_struct *work)
{
	scst_session_init(container_of(work, struct scst_session, init_work));
}

/* The last command has ended. Any context. */
static void scst_session_idle(struct percpu_ref *ref)
{
	struct scst_session *sess = container_of(ref, struct scst_session,
						 cmd_ref);

	queue_work(scst_free_wq, &sess->unreg_work);
}

static void scst_session_unreg_work(struct work_struct *work)
{
	struct scst_session *sess = container_of(work, struct scst_session,
						 unreg_work);

	scst_hw_stop(sess);
	scst_session_dev_del(sess);
	scst_session_leave_group(sess);
	scst_session_put_tgt_dev(sess);
}

static void scst_session_free(struct scst_session *sess)
{
	cancel_work_sync(&sess->dev_work);
	mutex_destroy(&sess->dev_lock);
	percpu_ref_exit(&sess->cmd_ref);
	free_percpu(sess->cpu);
	scst_lun_table_free(rcu_dereference_protected(sess->luns, true));
	kfree(sess->initiator_name);
	kfree(sess);
}

static void scst_session_free_work(struct work_struct *work)
{
	struct scst_session *sess = container_of(work, struct scst_session,
						 free_work);
	struct completion *waiter = sess->unreg_waiter;
	struct scst_tgt *tgt = sess->tgt;

	trace_scst_session_end(sess);
	if (sess->unreg_done)
		sess->unreg_done(sess);
	scst_session_free(sess);
	if (waiter)
		complete(waiter);
	scst_tgt_put(tgt);
}

/* An I_T_L nexus is gone, or the session itself lets go. Any context. */
void scst_session_put_tgt_dev(struct scst_session *sess)
{
	if (atomic_dec_and_test(&sess->pending_tgt_devs))
		queue_work(scst_free_wq, &sess->free_work);
}

static int scst_session_alloc_cpu(struct scst_session *sess, gfp_t gfp)
{
	int cpu;

	sess->cpu = alloc_percpu_gfp(struct scst_sess_cpu, gfp);
	if (!sess->cpu)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct scst_sess_cpu *c = per_cpu_ptr(sess->cpu, cpu);

		spin_lock_init(&c->lock);
		INIT_LIST_HEAD(&c->cmds);
	}
	return 0;
}

static struct scst_session *scst_session_alloc(struct scst_tgt *tgt,
					       const char *name, gfp_t gfp)
{
	struct scst_session *sess = kzalloc(sizeof(*sess), gfp);
	struct scst_lun_table *table;

	if (!sess)
		return NULL;
	sess->tgt = tgt;
	cpumask_copy(&sess->cpus, cpu_possible_mask);
	spin_lock_init(&sess->lock);
	INIT_LIST_HEAD(&sess->held);
	mutex_init(&sess->dev_lock);
	INIT_LIST_HEAD(&sess->lun_devs);
	INIT_LIST_HEAD(&sess->lun_news);
	INIT_WORK(&sess->dev_work, scst_session_dev_work);
	atomic_set(&sess->pending_tgt_devs, 1);
	INIT_WORK(&sess->init_work, scst_session_init_work);
	INIT_WORK(&sess->unreg_work, scst_session_unreg_work);
	INIT_WORK(&sess->free_work, scst_session_free_work);

	sess->initiator_name = kstrdup(name, gfp);
	if (!sess->initiator_name)
		goto free_sess;
	table = scst_lun_table_new(gfp);
	if (!table)
		goto free_name;
	RCU_INIT_POINTER(sess->luns, table);
	if (scst_session_alloc_cpu(sess, gfp))
		goto free_table;
	if (percpu_ref_init(&sess->cmd_ref, scst_session_idle, 0, gfp))
		goto free_cpu;
	return sess;

free_cpu:
	free_percpu(sess->cpu);
free_table:
	scst_lun_table_free(table);
free_name:
	kfree(sess->initiator_name);
free_sess:
	kfree(sess);
	return NULL;
}

struct scst_session *
scst_register_session(struct scst_tgt *tgt, const char *initiator_name,
		      void *fabric_priv, gfp_t gfp,
		      void (*init_done)(struct scst_session *sess, int error))
{
	struct scst_session *sess;
	int error;

	if (!READ_ONCE(tgt->enabled))
		return ERR_PTR(-ESHUTDOWN);
	sess = scst_session_alloc(tgt, initiator_name, gfp);
	if (!sess)
		return ERR_PTR(-ENOMEM);
	sess->fabric_priv = fabric_priv;
	sess->init_done = init_done;
	scst_tgt_get(tgt);

	if (init_done) {
		queue_work(scst_wq, &sess->init_work);
		return sess;
	}
	error = scst_session_init(sess);
	if (error) {
		scst_unregister_session(sess, true, NULL);
		return ERR_PTR(error);
	}
	return sess;
}
EXPORT_SYMBOL_GPL(scst_register_session);

void scst_unregister_session(struct scst_session *sess, bool wait,
			     void (*unreg_done)(struct scst_session *sess))
{
	DECLARE_COMPLETION_ONSTACK(waiter);
	unsigned long flags;
	bool init_ended;

	sess->unreg_done = unreg_done;
	if (wait)
		sess->unreg_waiter = &waiter;

	spin_lock_irqsave(&sess->lock, flags);
	sess->unregister = true;
	init_ended = sess->init_ended;
	spin_unlock_irqrestore(&sess->lock, flags);

	/* Otherwise scst_session_init() does it. */
	if (init_ended)
		scst_session_kill(sess);
	if (wait)
		wait_for_completion(&waiter);
}
EXPORT_SYMBOL_GPL(scst_unregister_session);
