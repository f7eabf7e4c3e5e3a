// SPDX-License-Identifier: GPL-2.0
/*
 * Task management functions (SAM-5 7): each marks the commands that it
 * affects, waits for them without holding anything up, and then answers.
 */
#include <linux/export.h>
#include <trace/events/scst.h>
#include "scst_priv.h"

/**
 * struct scst_tm_dev - a logical unit that a function resets
 * @entry: in scst_mgmt_cmd.devs
 * @dev: logical unit; a reference
 */
struct scst_tm_dev {
	struct list_head	entry;
	struct scst_device	*dev;
};

/* All commands of a logical unit, which is reset when they have ended. */
static void scst_tm_abort_device(struct scst_mgmt_cmd *mcmd,
				 struct scst_device *dev)
{
	const struct scst_abort_match match = {
		.dev = dev,
		.tas = READ_ONCE(dev->control.tas),
	};
	struct scst_tgt_dev *tgt_dev;
	struct scst_tm_dev *reset;

	lockdep_assert_held(&scst_config_mutex);

	/* It is shown at another LUN, too. */
	if (dev->marked)
		return;
	dev->marked = true;
	/* A function that cannot be refused any more must have its memory. */
	reset = kmalloc(sizeof(*reset), GFP_NOIO | __GFP_NOFAIL);
	scst_device_get(dev);
	reset->dev = dev;
	list_add_tail(&reset->entry, &mcmd->devs);

	list_for_each_entry(tgt_dev, &dev->tgt_devs, dev_entry)
		scst_abort_session(mcmd, tgt_dev->sess, &match);
}

/*
 * Commands of the other nexuses of a task set than @own, of its session's, too,
 * which may see the logical unit at other LUNs.
 */
void scst_tm_abort_others(struct scst_mgmt_cmd *mcmd,
			  const struct scst_tgt_dev *own, bool undecided)
{
	struct scst_tgt_dev *tgt_dev;

	lockdep_assert_held(&scst_config_mutex);

	list_for_each_entry(tgt_dev, &own->dev->tgt_devs, dev_entry)
		if (tgt_dev != own)
			scst_abort_nexus(mcmd, tgt_dev, undecided);
}

/*
 * What the initiator has sent to the function's LUN, or all that it has sent:
 * when it has the answer, none of it may come any more, even if the LUN shows
 * another logical unit by now, or none.
 */
static void scst_tm_abort_own(struct scst_mgmt_cmd *mcmd)
{
	const struct scst_tm_desc *desc = &scst_tm_descs[mcmd->fn];
	const struct scst_abort_match match = {
		.lun	= mcmd->lun,
		.by_lun	= desc->needs_lun,
		.tag	= mcmd->tag,
		.by_tag	= desc->by_tag,
		/* SAM-5 7.4: to commands with ACA attribute, ABORT TASK */
		.aca	= mcmd->fn == SCST_TM_CLEAR_ACA,
	};

	mcmd->found = scst_abort_session(mcmd, mcmd->sess, &match);
	if (match.by_tag && !mcmd->found)
		mcmd->response = SCST_TM_NO_TASK;
}

/* Under scst_config_mutex, so that the nexuses stay. */
static void scst_tm_mark(struct scst_mgmt_cmd *mcmd)
{
	const struct scst_tm_desc *desc = &scst_tm_descs[mcmd->fn];
	struct xarray *luns = scst_session_luns(mcmd->sess);
	struct scst_tgt_dev *tgt_dev = NULL;
	struct scst_tm_dev *reset;
	unsigned long lun;

	lockdep_assert_held(&scst_config_mutex);

	if (desc->needs_lun) {
		if (mcmd->lun <= SCST_MAX_LUN)
			tgt_dev = xa_load(luns, mcmd->lun);
		if (!tgt_dev) {
			mcmd->response = SCST_TM_NO_LUN;
			if (!desc->query)
				scst_tm_abort_own(mcmd);
			return;
		}
	}

	if (desc->query) {
		scst_tm_query(mcmd, tgt_dev);
		return;
	}
	if (desc->all_luns) {
		xa_for_each(luns, lun, tgt_dev)
			scst_tm_abort_device(mcmd, tgt_dev->dev);
	} else if (desc->is_reset) {
		scst_tm_abort_device(mcmd, tgt_dev->dev);
	} else if (mcmd->fn == SCST_TM_CLEAR_TASK_SET &&
		   READ_ONCE(tgt_dev->dev->task_set.flags) & SCST_SET_SHARED) {
		scst_tm_abort_others(mcmd, tgt_dev, false);
	}
	list_for_each_entry(reset, &mcmd->devs, entry)
		reset->dev->marked = false;
	scst_tm_abort_own(mcmd);
	/* Of a nexus that is not the faulted one it has no effect. */
	if (mcmd->fn == SCST_TM_CLEAR_ACA)
		scst_aca_clear(tgt_dev);
}

/*
 * SAM-5 6.3.3: a unit attention for every nexus; the handler is told. First:
 * who hears of the reset asks for the mode parameters that it has set, and what
 * he then sets himself is his.
 */
static void scst_tm_reset_device(struct scst_device *dev)
{
	struct scst_tgt_dev *tgt_dev;

	lockdep_assert_held(&scst_config_mutex);

	scst_resv_reset(dev);
	if (dev->handler->task_mgmt_fn)
		list_for_each_entry(tgt_dev, &dev->tgt_devs, dev_entry)
			dev->handler->task_mgmt_fn(tgt_dev);
	scst_raise_ua(dev, SCST_UA_LUN_RESET, NULL);
	list_for_each_entry(tgt_dev, &dev->tgt_devs, dev_entry)
		scst_aca_clear(tgt_dev);
}

/* Those that were marked, whatever their LUNs show by now. */
static void scst_tm_reset(struct scst_mgmt_cmd *mcmd)
{
	struct scst_tm_dev *reset, *next;

	scst_config_lock();
	list_for_each_entry(reset, &mcmd->devs, entry)
		scst_tm_reset_device(reset->dev);
	scst_config_unlock();

	list_for_each_entry_safe(reset, next, &mcmd->devs, entry) {
		scst_device_put(reset->dev);
		kfree(reset);
	}
}

/*
 * SAM-5 6.3.4. Those that come meanwhile get the unit attention, those that
 * have come before were aborted.
 */
static void scst_tm_lose_nexus(struct scst_session *sess)
{
	struct scst_tgt_dev *tgt_dev;
	unsigned long lun;

	scst_config_lock();
	xa_for_each(scst_session_luns(sess), lun, tgt_dev) {
		scst_ua_set(tgt_dev, SCST_UA_NEXUS_LOSS);
		scst_resv_nexus_lost(tgt_dev);
		scst_aca_clear(tgt_dev);
		if (tgt_dev->dev->handler->nexus_loss)
			tgt_dev->dev->handler->nexus_loss(tgt_dev);
	}
	scst_config_unlock();
}

/* No affected command is left. Process context. */
static void scst_tm_finish_work(struct work_struct *work)
{
	struct scst_mgmt_cmd *mcmd = container_of(work, struct scst_mgmt_cmd,
						  work);
	const struct scst_tgt_template *tmpl = mcmd->sess->tgt->tmpl;
	struct scst_session *sess = mcmd->sess;

	scst_abort_free_chunks(mcmd);
	if (!list_empty(&mcmd->devs))
		scst_tm_reset(mcmd);
	if (scst_tm_descs[mcmd->fn].loses_nexus)
		scst_tm_lose_nexus(sess);
	if (tmpl->task_mgmt_affected_cmds_done)
		tmpl->task_mgmt_affected_cmds_done(mcmd);
	trace_scst_tm_end(mcmd);
	tmpl->task_mgmt_fn_done(mcmd);
	percpu_ref_put(&sess->cmd_ref);
}

/* One of those that @mcmd waits for is gone. Any context. */
void scst_tm_put(struct scst_mgmt_cmd *mcmd)
{
	if (!atomic_dec_and_test(&mcmd->pending))
		return;
	INIT_WORK(&mcmd->work, mcmd->finish);
	queue_work(scst_tm_wq, &mcmd->work);
}

static void scst_tm_start_work(struct work_struct *work)
{
	struct scst_mgmt_cmd *mcmd = container_of(work, struct scst_mgmt_cmd,
						  work);

	/* A function that came early is for a session that is still made. */
	flush_work(&mcmd->sess->init_work);

	scst_config_lock();
	scst_tm_mark(mcmd);
	scst_config_unlock();
	scst_tm_put(mcmd);
}

static void scst_tm_start(struct scst_mgmt_cmd *mcmd,
			  struct scst_session *sess, enum scst_tm_fn fn)
{
	mcmd->sess = sess;
	mcmd->fn = fn;
	mcmd->response = SCST_TM_COMPLETE;
	mcmd->info = 0;
	mcmd->found = false;
	mcmd->finish = scst_tm_finish_work;
	atomic_set(&mcmd->pending, 1);
	INIT_LIST_HEAD(&mcmd->chunks);
	INIT_LIST_HEAD(&mcmd->devs);
	/* The nexus's commands from here on are none of its business. */
	mcmd->epoch = atomic_inc_return(&sess->tm_epoch);
	percpu_ref_get(&sess->cmd_ref);
	trace_scst_tm_start(mcmd);
	INIT_WORK(&mcmd->work, scst_tm_start_work);
	queue_work(scst_tm_wq, &mcmd->work);
}

void scst_rx_mgmt_fn_tag(struct scst_mgmt_cmd *mcmd, struct scst_session *sess,
			 enum scst_tm_fn fn, u64 tag)
{
	mcmd->tag = tag;
	mcmd->lun = SCST_LUN_INVALID;
	scst_tm_start(mcmd, sess, fn);
}
EXPORT_SYMBOL_GPL(scst_rx_mgmt_fn_tag);

void scst_rx_mgmt_fn_lun(struct scst_mgmt_cmd *mcmd, struct scst_session *sess,
			 enum scst_tm_fn fn, const u8 *lun)
{
	mcmd->tag = 0;
	mcmd->lun = lun ? scst_lun_unpack(lun) : SCST_LUN_INVALID;
	scst_tm_start(mcmd, sess, fn);
}
EXPORT_SYMBOL_GPL(scst_rx_mgmt_fn_lun);
