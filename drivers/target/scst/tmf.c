// SPDX-License-Identifier: GPL-2.0
/*
 * Task management functions (SAM-5 7): each marks the commands that it
 * affects, waits for them without holding anything up, and then answers.
 */
#include <linux/export.h>
#include <trace/events/scst.h>
#include "scst_priv.h"

/**
 * struct scst_tm_desc - what a function does
 * @needs_lun: its LUN must name a logical unit
 * @all_nexuses: it affects the commands of all nexuses of the logical unit
 * @all_luns: it does so for every logical unit that the nexus sees
 * @is_reset: it resets the logical unit (SAM-5 6.3.3)
 */
struct scst_tm_desc {
	bool needs_lun;
	bool all_nexuses;
	bool all_luns;
	bool is_reset;
};

static const struct scst_tm_desc scst_tm_descs[] = {
	[SCST_TM_ABORT_TASK]	 = { },
	[SCST_TM_ABORT_TASK_SET] = { .needs_lun = true },
	[SCST_TM_CLEAR_TASK_SET] = { .needs_lun = true, .all_nexuses = true },
	[SCST_TM_LUN_RESET]	 = { .needs_lun = true, .all_nexuses = true,
				     .is_reset = true },
	[SCST_TM_TARGET_RESET]	 = { .all_nexuses = true, .all_luns = true,
				     .is_reset = true },
	[SCST_TM_ABORT_ALL_SESS] = { },
};

/* SAM-5 7.4: those whose commands another initiator has cleared are told. */
static void scst_tm_abort_device(struct scst_mgmt_cmd *mcmd,
				 struct scst_device *dev)
{
	const struct scst_abort_match match = { .dev = dev };
	struct scst_tgt_dev *tgt_dev;

	lockdep_assert_held(&scst_config_mutex);

	list_for_each_entry(tgt_dev, &dev->tgt_devs, dev_entry) {
		bool any = scst_abort_session(mcmd, tgt_dev->sess, &match);

		if (any && tgt_dev->sess != mcmd->sess &&
		    mcmd->fn == SCST_TM_CLEAR_TASK_SET)
			scst_ua_set(tgt_dev, SCST_UA_CLEARED_BY_OTHER);
	}
}

static void scst_tm_abort_own(struct scst_mgmt_cmd *mcmd,
			      struct scst_device *dev)
{
	const struct scst_abort_match match = {
		.dev	= dev,
		.tag	= mcmd->tag,
		.by_tag	= mcmd->fn == SCST_TM_ABORT_TASK,
	};

	mcmd->found = scst_abort_session(mcmd, mcmd->sess, &match);
	if (match.by_tag && !mcmd->found)
		mcmd->response = SCST_TM_NO_TASK;
}

/* Under scst_config_mutex, so that the nexuses stay. */
static void scst_tm_mark(struct scst_mgmt_cmd *mcmd)
{
	const struct scst_tm_desc *desc = &scst_tm_descs[mcmd->fn];
	struct scst_tgt_dev *tgt_dev = NULL;
	unsigned long lun;

	lockdep_assert_held(&scst_config_mutex);

	if (desc->needs_lun) {
		if (mcmd->lun <= SCST_MAX_LUN)
			tgt_dev = xa_load(&mcmd->sess->luns, mcmd->lun);
		if (!tgt_dev) {
			mcmd->response = SCST_TM_NO_LUN;
			return;
		}
	}

	if (desc->all_luns) {
		xa_for_each(&mcmd->sess->luns, lun, tgt_dev)
			scst_tm_abort_device(mcmd, tgt_dev->dev);
	} else if (desc->all_nexuses) {
		scst_tm_abort_device(mcmd, tgt_dev->dev);
	} else {
		scst_tm_abort_own(mcmd, tgt_dev ? tgt_dev->dev : NULL);
	}
}

/* SAM-5 6.3.3: a unit attention for every nexus; the handler is told. */
static void scst_tm_reset_device(struct scst_tgt_dev *tgt_dev)
{
	const struct scst_dev_type *handler = tgt_dev->dev->handler;

	scst_raise_ua(tgt_dev->dev, SCST_UA_LUN_RESET, NULL);
	if (handler->task_mgmt_fn)
		handler->task_mgmt_fn(tgt_dev);
}

static void scst_tm_reset(struct scst_mgmt_cmd *mcmd)
{
	struct scst_tgt_dev *tgt_dev;
	unsigned long lun;

	lockdep_assert_held(&scst_config_mutex);

	if (scst_tm_descs[mcmd->fn].all_luns) {
		xa_for_each(&mcmd->sess->luns, lun, tgt_dev)
			scst_tm_reset_device(tgt_dev);
		return;
	}
	tgt_dev = xa_load(&mcmd->sess->luns, mcmd->lun);
	if (tgt_dev)
		scst_tm_reset_device(tgt_dev);
}

/* No affected command is left. Process context. */
static void scst_tm_finish_work(struct work_struct *work)
{
	struct scst_mgmt_cmd *mcmd = container_of(work, struct scst_mgmt_cmd,
						  work);
	const struct scst_tgt_template *tmpl = mcmd->sess->tgt->tmpl;
	struct scst_session *sess = mcmd->sess;

	scst_abort_free_chunks(mcmd);
	if (scst_tm_descs[mcmd->fn].is_reset &&
	    mcmd->response == SCST_TM_COMPLETE) {
		mutex_lock(&scst_config_mutex);
		scst_tm_reset(mcmd);
		mutex_unlock(&scst_config_mutex);
	}
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
	INIT_WORK(&mcmd->work, scst_tm_finish_work);
	queue_work(scst_tm_wq, &mcmd->work);
}

static void scst_tm_start_work(struct work_struct *work)
{
	struct scst_mgmt_cmd *mcmd = container_of(work, struct scst_mgmt_cmd,
						  work);

	/* A function that came early is for a session that is still made. */
	flush_work(&mcmd->sess->init_work);

	mutex_lock(&scst_config_mutex);
	scst_tm_mark(mcmd);
	mutex_unlock(&scst_config_mutex);
	scst_tm_put(mcmd);
}

static void scst_tm_start(struct scst_mgmt_cmd *mcmd,
			  struct scst_session *sess, enum scst_tm_fn fn)
{
	mcmd->sess = sess;
	mcmd->fn = fn;
	mcmd->response = SCST_TM_COMPLETE;
	mcmd->found = false;
	atomic_set(&mcmd->pending, 1);
	INIT_LIST_HEAD(&mcmd->chunks);
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
