// SPDX-License-Identifier: GPL-2.0
/*
 * FORMAT UNIT and SANITIZE (SBC-4 4.11, 5.4, 5.30): they go over the whole
 * medium in a work item, while other commands hear how far it is.
 *
 * The command that begins one is alone in the device, so that nothing that was
 * written before comes after. Then it lets others in, although it may wait for
 * the end itself (IMMED zero): they find vdisk.job_state. Neither an abort nor
 * a reset ends what was begun, they only end the waiting. SANITIZE is not taken
 * for HEAD OF QUEUE, or those that came later would have to wait for it
 * (SAM-5 8.9.4) instead of being told.
 *
 * The work may take hours, and the processor with it. Hence it is not on the
 * device's workqueue: it would stay on one CPU, and on the rescuer there is.
 * But who closes the store waits for its end, and does so on that one, which
 * may not depend on what has no rescuer.
 */
#include <kunit/visibility.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include "vdisk.h"

static struct workqueue_struct *vdisk_job_wq;

/* What is zeroed or given back at a time: then the work looks up */
#define VDISK_JOB_STEP		SZ_16M

/* SANITIZE, byte 1 */
#define VDISK_SANITIZE_IMMED	0x80
#define VDISK_SANITIZE_ZNR	0x40
#define VDISK_SANITIZE_ZNR_BIT	6
#define VDISK_SANITIZE_AUSE	0x20
#define VDISK_SANITIZE_AUSE_BIT	5

/**
 * struct vdisk_job_kind - what there is to do
 * @running: state while it goes on
 * @failed: state after it has failed
 * @step: do some of pass number @pass from @pos on; *@len is what there is
 *	left, and then how much was done. 0 or an errno.
 */
struct vdisk_job_kind {
	enum vdisk_job_state	running;
	enum vdisk_job_state	failed;
	int (*step)(struct vdisk *vd, unsigned int pass, u64 pos, u64 *len);
};

/* What commands hear in a state */
static const scst_sense_t vdisk_job_senses[VDISK_JOB_NR_STATES] = {
	[VDISK_FORMATTING]	= SCST_SENSE_FORMATTING,
	[VDISK_FORMAT_FAILED]	= SCST_SENSE_FORMAT_FAILED,
	[VDISK_SANITIZING]	= SCST_SENSE_SANITIZING,
	[VDISK_SANITIZE_FAILED]	= SCST_SENSE_SANITIZE_FAILED,
};

static int vdisk_job_write(struct vdisk *vd, u64 pos, u64 *len)
{
	*len = min(*len, VDISK_CHUNK);
	return vd->store->write_buf(vd, pos, vd->job.buf, *len);
}

/* The default pattern is zeros, for which a thin disk needs no room. */
static int vdisk_step_format(struct vdisk *vd, unsigned int pass, u64 pos,
			     u64 *len)
{
	u64 step = min(*len, VDISK_JOB_STEP);
	int error;

	error = vd->store->zero(vd, pos, step, vd->thin_provisioned);
	if (error != -EOPNOTSUPP) {
		*len = step;
		return error;
	}
	error = vdisk_job_write(vd, pos, len);
	/* SBC-4 5.4: all ones */
	return error ?: vdisk_pi_clear(vd, pos, *len);
}

static int vdisk_step_overwrite(struct vdisk *vd, unsigned int pass, u64 pos,
				u64 *len)
{
	struct vdisk_job *job = &vd->job;
	int error;

	if (!pos)
		vdisk_overwrite_fill(&job->overwrite, pass, vd->blocksize,
				     job->buf, VDISK_CHUNK);
	error = vdisk_job_write(vd, pos, len);
	/* SBC-4 4.11.2: all ones */
	return error ?: vdisk_pi_clear(vd, pos, *len);
}

/*
 * BLOCK ERASE: what the store gets back holds no user data any more: it is
 * overwritten in the first pass and given back in the second one. Blocks that
 * were anchored may hold what had been written before.
 */
static int vdisk_step_erase(struct vdisk *vd, unsigned int pass, u64 pos,
			    u64 *len)
{
	if (!pos)
		vd->job.hole = 0;
	if (!pass)
		return vdisk_lba_status(vd, pos, len, &vd->job.hole) !=
		       VDISK_LBA_DEALLOCATED ?
		       vdisk_job_write(vd, pos, len) : 0;
	*len = min(*len, VDISK_JOB_STEP);
	return vd->store->unmap(vd, pos, *len);
}

static const struct vdisk_job_kind vdisk_job_format = {
	.running	= VDISK_FORMATTING,
	.failed		= VDISK_FORMAT_FAILED,
	.step		= vdisk_step_format,
};

static const struct vdisk_job_kind vdisk_job_overwrite = {
	.running	= VDISK_SANITIZING,
	.failed		= VDISK_SANITIZE_FAILED,
	.step		= vdisk_step_overwrite,
};

static const struct vdisk_job_kind vdisk_job_erase = {
	.running	= VDISK_SANITIZING,
	.failed		= VDISK_SANITIZE_FAILED,
	.step		= vdisk_step_erase,
};

/* Blocks can be given back, and the store can tell that they were. */
bool vdisk_can_erase(const struct vdisk *vd)
{
	return vd->thin_provisioned && vd->kind->mapped;
}

/* Who has aborted the command does not wait for the end of the job. */
static void vdisk_job_look_up(struct vdisk_job *job)
{
	struct scst_cmd *cmd = job->cmd;

	if (cmd && scst_cmd_aborted(cmd)) {
		job->cmd = NULL;
		scst_cmd_done(cmd, SCST_CONTEXT_THREAD);
	}
	cond_resched();
}

static u64 vdisk_bytes(const struct vdisk *vd)
{
	return READ_ONCE(vd->dev.nblocks) << vd->dev.block_shift;
}

/* In 65536ths (SPC-5 4.4.2.4.4), and never all of them: @pos is below @total */
static void vdisk_job_set_progress(struct vdisk_job *job, unsigned int pass,
				   u64 pos, u64 total)
{
	u64 part = mul_u64_u64_div_u64(pos, SZ_64K, total);

	WRITE_ONCE(job->progress,
		   div_u64((u64)pass * SZ_64K + part, job->passes));
}

/*
 * Once over the medium, and out of all caches. What was cut off meanwhile, with
 * resync_size, is not to come back.
 */
static int vdisk_job_pass(struct vdisk *vd, unsigned int pass)
{
	struct vdisk_job *job = &vd->job;
	u64 pos, len, total;
	int error;

	for (pos = 0; (total = vdisk_bytes(vd)) > pos; pos += len) {
		if (READ_ONCE(job->stop))
			return -EINTR;
		vdisk_job_look_up(job);
		vdisk_job_set_progress(job, pass, pos, total);
		len = total - pos;
		error = job->kind->step(vd, pass, pos, &len);
		if (error)
			return error;
		if (READ_ONCE(vd->thresholds_wanted))
			vdisk_threshold_wrote(vd, len);
	}
	return vd->store->sync(vd, 0, total);
}

static void vdisk_job_renumber(struct vdisk_job *job)
{
	spin_lock_irq(&job->told_lock);
	job->number++;
	job->told = 0;
	spin_unlock_irq(&job->told_lock);
}

static bool vdisk_job_is_told(struct vdisk_job *job)
{
	bool told;

	spin_lock_irq(&job->told_lock);
	told = job->told;
	spin_unlock_irq(&job->told_lock);
	return told;
}

/*
 * @cmd ends with the failure. Others may hear of it before who polls for the end
 * does. They may be told any number of times, and one answer that has arrived
 * is enough.
 */
static void vdisk_job_tell(struct scst_cmd *cmd)
{
	struct vdisk_job *job = &to_vdisk(cmd->dev)->job;
	const struct scst_tgt_dev *owner = READ_ONCE(job->owner);
	struct vdisk_news news = { .of_job = true };
	unsigned long flags;

	if (owner && owner != cmd->tgt_dev)
		return;
	spin_lock_irqsave(&job->told_lock, flags);
	news.job = job->number;
	if (vdisk_tells(cmd, news))
		job->told++;
	spin_unlock_irqrestore(&job->told_lock, flags);
}

/* An answer that was to tell of job @number has not arrived. Any context. */
void vdisk_job_untell(struct vdisk_job *job, u32 number)
{
	unsigned long flags;

	spin_lock_irqsave(&job->told_lock, flags);
	if (job->number == number)
		job->told--;
	spin_unlock_irqrestore(&job->told_lock, flags);
}

static void vdisk_job_work(struct work_struct *work)
{
	struct vdisk *vd = container_of(work, struct vdisk, job.work);
	struct vdisk_job *job = &vd->job;
	enum vdisk_job_state state;
	struct scst_cmd *cmd;
	unsigned int pass;
	int error = 0;

	for (pass = 0; pass < job->passes && !error; pass++)
		error = vdisk_job_pass(vd, pass);
	kvfree(job->buf);
	kvfree(job->list);
	cmd = job->cmd;
	state = error ? job->kind->failed : VDISK_JOB_NONE;
	if (error && cmd)
		vdisk_job_tell(cmd);
	/* From here on a command may begin the next one. */
	smp_store_release(&vd->job_state, state);
	if (!cmd)
		return;
	if (state != VDISK_JOB_NONE)
		scst_set_cmd_error(cmd, vdisk_job_senses[state]);
	scst_cmd_done(cmd, SCST_CONTEXT_THREAD);
}

void vdisk_job_init(struct vdisk *vd)
{
	INIT_WORK(&vd->job.work, vdisk_job_work);
	mutex_init(&vd->job.lock);
	spin_lock_init(&vd->job.told_lock);
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_job_init);

/* The store is about to be closed: what goes over the medium has failed then. */
void vdisk_job_stop(struct vdisk *vd)
{
	WRITE_ONCE(vd->job.stop, true);
	/* Whoever has let this one in has begun the work by then. */
	mutex_lock(&vd->job.lock);
	mutex_unlock(&vd->job.lock);
	flush_work(&vd->job.work);
	vd->job.stop = false;
}

/*
 * What is in a file still has to be sanitized when the disk is enabled again; it
 * has no format that could be corrupt.
 */
void vdisk_job_disabled(struct vdisk *vd)
{
	if (vd->job_state == VDISK_FORMAT_FAILED || !vd->filename)
		vd->job_state = VDISK_JOB_NONE;
}

/*
 * It may come back from another machine, where a format that was cut short here
 * may have been repeated: but only by whoever has heard of its failure.
 */
void vdisk_job_returned(struct vdisk *vd)
{
	if (vd->job_state == VDISK_FORMAT_FAILED && vdisk_job_is_told(&vd->job))
		vd->job_state = VDISK_JOB_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_job_returned);

/* It is to have another medium. */
void vdisk_job_forget(struct vdisk *vd)
{
	vd->job_state = VDISK_JOB_NONE;
}

int __init vdisk_job_wq_init(void)
{
	vdisk_job_wq = alloc_workqueue("scst_vdisk_job",
				       WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	return vdisk_job_wq ? 0 : -ENOMEM;
}

void vdisk_job_wq_exit(void)
{
	destroy_workqueue(vdisk_job_wq);
}

static bool vdisk_job_runs(enum vdisk_job_state state)
{
	return state == VDISK_FORMATTING || state == VDISK_SANITIZING;
}

void vdisk_job_nexus_gone(const struct scst_tgt_dev *tgt_dev)
{
	cmpxchg(&to_vdisk(tgt_dev->dev)->job.owner, tgt_dev, NULL);
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_job_nexus_gone);

static void vdisk_job_report(struct scst_cmd *cmd, enum vdisk_job_state state)
{
	struct vdisk_job *job = &to_vdisk(cmd->dev)->job;

	if (vdisk_job_runs(state)) {
		scst_set_cmd_error_progress(cmd, vdisk_job_senses[state],
					    READ_ONCE(job->progress));
		return;
	}
	vdisk_job_tell(cmd);
	scst_set_cmd_error(cmd, vdisk_job_senses[state]);
}

/* The command ends here, since one is under way or has failed. */
bool vdisk_job_refuses(struct scst_cmd *cmd)
{
	enum vdisk_job_state state = READ_ONCE(to_vdisk(cmd->dev)->job_state);

	if (likely(state == VDISK_JOB_NONE))
		return false;
	vdisk_job_report(cmd, state);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_job_refuses);

/* For REQUEST SENSE */
scst_sense_t vdisk_job_sense(struct scst_cmd *cmd, int *progress)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	enum vdisk_job_state state = READ_ONCE(vd->job_state);

	if (vdisk_job_runs(state))
		*progress = READ_ONCE(vd->job.progress);
	else if (state != VDISK_JOB_NONE)
		vdisk_job_tell(cmd);
	return vdisk_job_senses[state];
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_job_sense);

/* Nobody else can begin one: @cmd is alone. */
static enum scst_exec_result vdisk_job_begin(struct scst_cmd *cmd,
					     const struct vdisk_job_kind *kind,
					     unsigned int passes, bool immed)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	struct vdisk_job *job = &vd->job;

	job->buf = kvzalloc(VDISK_CHUNK, GFP_NOIO | __GFP_NOWARN);
	if (!job->buf) {
		kvfree(job->list);
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	job->kind = kind;
	job->passes = passes;
	job->cmd = immed ? NULL : cmd;
	job->ause = kind->running == VDISK_SANITIZING &&
		    cmd->cdb[1] & VDISK_SANITIZE_AUSE;
	job->progress = 0;
	WRITE_ONCE(job->owner, cmd->tgt_dev);
	vdisk_job_renumber(job);
	WRITE_ONCE(vd->job_state, kind->running);
	/* Who gets in may be closing the store: it finds the work. */
	mutex_lock(&job->lock);
	/* First: when the work has begun, @cmd may end at any time. */
	if (!immed)
		scst_cmd_let_others_in(cmd);
	queue_work(vdisk_job_wq, &job->work);
	mutex_unlock(&job->lock);
	return immed ? SCST_EXEC_DONE : SCST_EXEC_PENDING;
}

static void vdisk_job_bad(struct scst_cmd *cmd,
			  const struct scst_cdb_error *error)
{
	if (error->sense == SCST_SENSE_PARAM_LIST_LENGTH)
		scst_set_cmd_error(cmd, error->sense);
	else
		scst_set_cmd_error_field(cmd, error->sense, error->byte,
					 error->bit);
}

/* Stopped, without a medium, or in a state that only other commands end */
static bool vdisk_job_not_now(struct scst_cmd *cmd, enum vdisk_job_state fits)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	/* Pairs with vdisk_job_work(): it has done with vdisk.job. */
	enum vdisk_job_state state = smp_load_acquire(&vd->job_state);

	if (state == VDISK_JOB_NONE)
		return vdisk_not_ready(cmd);
	if (state == fits || state == VDISK_FORMAT_FAILED)
		return false;
	vdisk_job_report(cmd, state);
	return true;
}

enum scst_exec_result vdisk_format(struct scst_cmd *cmd)
{
	u8 list[VDISK_FORMAT_LIST];
	struct scst_cdb_error error;
	bool immed;
	size_t len;

	if (vdisk_job_not_now(cmd, VDISK_FORMAT_FAILED) ||
	    vdisk_check_store(cmd))
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	len = cmd->bufflen ? scst_cmd_copy_out(cmd, list, sizeof(list)) : 0;
	error = vdisk_format_parse(cmd->cdb, list, len, cmd->dev->pi_type,
				   &immed);
	if (error.sense != SCST_SENSE_NONE) {
		vdisk_job_bad(cmd, &error);
		return SCST_EXEC_DONE;
	}
	to_vdisk(cmd->dev)->job.list = NULL;
	return vdisk_job_begin(cmd, &vdisk_job_format, 1, immed);
}

/*
 * May a sanitize operation begin? SBC-4 4.11.3: after the failure of one that
 * was to succeed (AUSE zero) none may begin that may be left without.
 */
static bool vdisk_sanitize_not_now(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	bool ause = cmd->cdb[1] & VDISK_SANITIZE_AUSE;

	if (vdisk_job_not_now(cmd, VDISK_SANITIZE_FAILED) ||
	    vdisk_check_store(cmd))
		return true;
	/* There are no zones that could be reset, or not. */
	if (cmd->cdb[1] & VDISK_SANITIZE_ZNR) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 VDISK_SANITIZE_ZNR_BIT);
		return true;
	}
	if (vd->job_state != VDISK_SANITIZE_FAILED || vd->job.ause || !ause)
		return false;
	scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
				 VDISK_SANITIZE_AUSE_BIT);
	return true;
}

static enum scst_exec_result
vdisk_sanitize_begin(struct scst_cmd *cmd, const struct vdisk_job_kind *kind,
		     unsigned int passes)
{
	return vdisk_job_begin(cmd, kind, passes,
			       cmd->cdb[1] & VDISK_SANITIZE_IMMED);
}

enum scst_exec_result vdisk_sanitize_overwrite(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	struct vdisk_overwrite overwrite;
	struct scst_cdb_error error;
	u8 *list;

	if (vdisk_sanitize_not_now(cmd))
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	list = kvzalloc(max(cmd->bufflen, 1), GFP_NOIO | __GFP_NOWARN);
	if (!list) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	if (cmd->bufflen)
		scst_cmd_copy_out(cmd, list, cmd->bufflen);
	error = vdisk_overwrite_parse(list, cmd->bufflen, vd->blocksize,
				      &overwrite);
	if (error.sense != SCST_SENSE_NONE) {
		kvfree(list);
		vdisk_job_bad(cmd, &error);
		return SCST_EXEC_DONE;
	}
	vd->job.list = list;
	vd->job.overwrite = overwrite;
	return vdisk_sanitize_begin(cmd, &vdisk_job_overwrite,
				    overwrite.count);
}

enum scst_exec_result vdisk_sanitize_erase(struct scst_cmd *cmd)
{
	if (vdisk_sanitize_not_now(cmd))
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	to_vdisk(cmd->dev)->job.list = NULL;
	return vdisk_sanitize_begin(cmd, &vdisk_job_erase, 2);
}

/* Not an error if nothing has failed (SBC-4 5.30.5) */
enum scst_exec_result vdisk_sanitize_exit(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);

	if (vdisk_job_not_now(cmd, VDISK_SANITIZE_FAILED))
		return SCST_EXEC_DONE;
	if (vd->job_state != VDISK_SANITIZE_FAILED)
		return SCST_EXEC_DONE;
	if (vd->job.ause)
		WRITE_ONCE(vd->job_state, VDISK_JOB_NONE);
	else
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 4);
	return SCST_EXEC_DONE;
}
