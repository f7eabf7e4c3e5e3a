// SPDX-License-Identifier: GPL-2.0
/*
 * SET TARGET PORT GROUPS (SPC-5 6.45): an initiator asks for states, and user
 * space decides. The command waits, outside of the device's gate, until user
 * space has written the states that were asked for, has refused them, or has
 * taken too long.
 */
#include <kunit/visibility.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "scst_priv.h"

#define SCST_SENSE_STPG_FAILED	SCST_SENSE(HARDWARE_ERROR, 0x67, 0x0a)

/*
 * Subject: scst_dg.stpg_cmd and stpg_entry of all groups, and with them who ends
 * a command that waits. Taken in any context, inside of scst_config_mutex.
 */
static DEFINE_SPINLOCK(scst_stpg_lock);
static LIST_HEAD(scst_stpgs);		/* scst_stpg_lock: scst_dg.stpg_entry */

static void scst_stpg_remove(struct scst_dg *dg)
{
	lockdep_assert_held(&scst_stpg_lock);

	dg->stpg_cmd = NULL;
	list_del(&dg->stpg_entry);
}

/* Return: the command, which then is the caller's to end; or NULL. */
static struct scst_cmd *scst_stpg_take(struct scst_dg *dg)
{
	struct scst_cmd *cmd;
	unsigned long flags;

	spin_lock_irqsave(&scst_stpg_lock, flags);
	cmd = dg->stpg_cmd;
	if (cmd)
		scst_stpg_remove(dg);
	spin_unlock_irqrestore(&scst_stpg_lock, flags);
	return cmd;
}

/* Return: false if the command was aborted before. */
static bool scst_stpg_publish(struct scst_dg *dg, struct scst_cmd *cmd)
{
	unsigned long flags;
	bool aborted;

	spin_lock_irqsave(&scst_stpg_lock, flags);
	/* Pairs with scst_stpg_abort(), which looks after setting the bit. */
	aborted = scst_cmd_aborted(cmd);
	if (!aborted) {
		dg->stpg_cmd = cmd;
		list_add(&dg->stpg_entry, &scst_stpgs);
	}
	spin_unlock_irqrestore(&scst_stpg_lock, flags);
	return !aborted;
}

/* An aborted command does not wait for user space. Any context. */
void scst_stpg_abort(struct scst_cmd *cmd)
{
	struct scst_dg *dg;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&scst_stpg_lock, flags);
	list_for_each_entry(dg, &scst_stpgs, stpg_entry) {
		if (dg->stpg_cmd != cmd)
			continue;
		scst_stpg_remove(dg);
		found = true;
		break;
	}
	spin_unlock_irqrestore(&scst_stpg_lock, flags);
	if (found)
		scst_cmd_done(cmd, SCST_CONTEXT_THREAD);
}

/* Return: who waits, only to be compared; or NULL. */
const struct scst_tgt_dev *scst_stpg_nexus(struct scst_dg *dg)
{
	const struct scst_tgt_dev *tgt_dev = NULL;
	unsigned long flags;

	spin_lock_irqsave(&scst_stpg_lock, flags);
	if (dg->stpg_cmd)
		tgt_dev = dg->stpg_cmd->tgt_dev;
	spin_unlock_irqrestore(&scst_stpg_lock, flags);
	return tgt_dev;
}

static void scst_stpg_forget(struct scst_dg *dg)
{
	struct scst_tpg *tpg;

	list_for_each_entry(tpg, &dg->tpgs, entry)
		tpg->wanted = SCST_ALUA_NONE;
}

static void scst_stpg_end(struct scst_dg *dg, scst_sense_t sense)
{
	struct scst_cmd *cmd = scst_stpg_take(dg);

	lockdep_assert_held(&scst_config_mutex);

	scst_stpg_forget(dg);
	if (!cmd)
		return;
	cancel_delayed_work(&dg->stpg_work);
	if (sense != SCST_SENSE_NONE)
		scst_set_cmd_error(cmd, sense);
	scst_cmd_done(cmd, SCST_CONTEXT_THREAD);
}

/**
 * scst_stpg_fail() - what was asked for will not be
 * @dg: device group
 *
 * Return: 0, or -ENODATA if nobody has asked.
 */
int scst_stpg_fail(struct scst_dg *dg)
{
	int error = scst_stpg_nexus(dg) ? 0 : -ENODATA;

	scst_stpg_end(dg, SCST_SENSE_STPG_FAILED);
	return error;
}

/* Of a request by its number. The callers hold scst_config_mutex. */
static int scst_stpg_fail_number(struct scst_dg *dg, u32 number)
{
	if (!scst_stpg_nexus(dg) || number != dg->stpg_number)
		return -ESTALE;
	return scst_stpg_fail(dg);
}

/**
 * scst_stpg_answer() - user space says that what was asked for will not be
 * @dg: device group
 * @text: "fail", or the number of the request before it: who is late then does
 *	not answer the one that came after
 *
 * Return: 0; -EINVAL; -ENODATA if nobody has asked; -ESTALE if that request has
 * ended.
 */
int scst_stpg_answer(struct scst_dg *dg, const char *text)
{
	bool numbered;
	int error, len = 0;
	u32 number;

	numbered = sscanf(text, "%u %n", &number, &len) == 1;
	if (!sysfs_streq(text + len, "fail"))
		return -EINVAL;
	scst_config_lock();
	error = numbered ? scst_stpg_fail_number(dg, number) :
			   scst_stpg_fail(dg);
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_stpg_answer);

static bool scst_stpg_fulfilled(const struct scst_dg *dg)
{
	const struct scst_tpg *tpg;

	list_for_each_entry(tpg, &dg->tpgs, entry)
		if (tpg->wanted != SCST_ALUA_NONE &&
		    tpg->wanted != tpg->desc.state)
			return false;
	return true;
}

/* A state has changed. */
void scst_stpg_check(struct scst_dg *dg)
{
	if (scst_stpg_nexus(dg) && scst_stpg_fulfilled(dg))
		scst_stpg_end(dg, SCST_SENSE_NONE);
}

void scst_stpg_timeout(struct work_struct *work)
{
	struct scst_dg *dg = container_of(to_delayed_work(work),
					  struct scst_dg, stpg_work);

	scst_config_lock();
	/* Or else it is another command's turn by now. */
	if (time_after_eq(jiffies, dg->stpg_deadline))
		scst_stpg_end(dg, SCST_SENSE_STPG_FAILED);
	scst_config_unlock();
}

static struct scst_tpg *scst_dg_find_tpg(const struct scst_dg *dg, u16 id)
{
	struct scst_tpg *tpg;

	list_for_each_entry(tpg, &dg->tpgs, entry)
		if (tpg->desc.group_id == id)
			return tpg;
	return NULL;
}

static struct scst_cdb_error scst_stpg_error(scst_sense_t sense, u16 byte,
					     s8 bit)
{
	return (struct scst_cdb_error) {
		.sense = sense, .byte = byte, .bit = bit,
	};
}

/* Nothing is wanted after an error. */
static struct scst_cdb_error scst_stpg_ask(struct scst_dg *dg, const u8 *list,
					   unsigned int nr)
{
	struct scst_cdb_error error = { .sense = SCST_SENSE_NONE };
	struct scst_stpg_desc desc;
	struct scst_tpg *tpg;
	unsigned int i;
	u16 offset;

	/* What one that was aborted has wanted is still there. */
	scst_stpg_forget(dg);
	for (i = 0; i < nr; i++) {
		desc = scst_stpg_get(list, i);
		/* A field pointer has no more than 16 bits. */
		offset = min_t(size_t, scst_stpg_offset(i), U16_MAX - 2);
		tpg = scst_dg_find_tpg(dg, desc.group_id);
		if (!tpg || tpg->wanted != SCST_ALUA_NONE)
			error = scst_stpg_error(SCST_SENSE_INVALID_FIELD_PARAM,
						offset + 2, 7);
		else if (!scst_stpg_allows(desc.state, tpg->desc.supported))
			error = scst_stpg_error(SCST_SENSE_INVALID_FIELD_PARAM,
						offset, 3);
		else if (tpg->desc.state == SCST_ALUA_TRANSITIONING)
			error = scst_stpg_error(SCST_SENSE_TRANSITION, 0, -1);
		else
			tpg->wanted = desc.state;
		if (error.sense != SCST_SENSE_NONE) {
			scst_stpg_forget(dg);
			break;
		}
	}
	return error;
}

static void scst_stpg_refuse(struct scst_cmd *cmd,
			     const struct scst_cdb_error *error)
{
	if (error->bit < 0)
		scst_set_cmd_error(cmd, error->sense);
	else
		scst_set_cmd_error_field(cmd, error->sense, error->byte,
					 error->bit);
}

/*
 * It is user space's turn. The device's gate is free meanwhile: who must run
 * alone need not wait for it.
 */
static enum scst_step scst_stpg_wait(struct scst_dg *dg, struct scst_cmd *cmd)
{
	unsigned long timeout = dg->timeout * HZ;

	scst_cmd_set_state(cmd, SCST_CMD_EXEC_WAIT);
	scst_gate_leave(&cmd->dev->gate, &cmd->gate);
	dg->stpg_number++;
	dg->stpg_deadline = jiffies + timeout;
	if (!scst_stpg_publish(dg, cmd)) {
		scst_stpg_forget(dg);
		return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
	}
	mod_delayed_work(scst_wq, &dg->stpg_work, timeout);
	return SCST_STEP_WAIT;
}

static enum scst_step scst_stpg_run(struct scst_cmd *cmd, const u8 *list,
				    unsigned int nr)
{
	struct scst_dg *dg = cmd->dev->dg;
	struct scst_cdb_error error;

	lockdep_assert_held(&scst_config_mutex);

	if (!dg || !dg->explicit)
		/* It was there when the command was decoded. */
		error = scst_stpg_error(SCST_SENSE_INVALID_FIELD_CDB, 1, 4);
	else if (scst_stpg_nexus(dg))
		error = scst_stpg_error(SCST_SENSE_TRANSITION, 0, -1);
	else
		error = scst_stpg_ask(dg, list, nr);
	if (error.sense != SCST_SENSE_NONE) {
		scst_stpg_refuse(cmd, &error);
		return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
	}
	if (scst_stpg_fulfilled(dg)) {
		scst_stpg_forget(dg);
		return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
	}
	return scst_stpg_wait(dg, cmd);
}

/* Return: descriptors, or negative with what the command is to end with. */
static int scst_stpg_copy_list(struct scst_cmd *cmd, u8 **list)
{
	int nr = scst_stpg_count(cmd->bufflen);

	if (nr < 0) {
		scst_set_cmd_error(cmd, SCST_SENSE_PARAM_LIST_LENGTH);
		return nr;
	}
	*list = NULL;
	if (!nr)
		return 0;
	*list = kvmalloc(cmd->bufflen, GFP_NOIO | __GFP_NOWARN);
	if (!*list) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return -ENOMEM;
	}
	sg_copy_to_buffer(cmd->sg, cmd->sg_cnt, *list, cmd->bufflen);
	return nr;
}

/* Process context. Return: as a state function. */
enum scst_step scst_set_tpgs(struct scst_cmd *cmd)
{
	struct device *kdev = NULL;
	struct scst_dg *dg;
	unsigned int timeout = 0;
	enum scst_step step;
	u32 number = 0;
	u8 *list;
	int nr;

	nr = scst_stpg_copy_list(cmd, &list);
	if (nr < 0)
		return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
	scst_config_lock();
	/* The command may be gone as soon as it waits; its group stays. */
	dg = cmd->dev->dg;
	if (dg) {
		kdev = get_device(dg->kdev);
		timeout = dg->timeout;
	}
	step = scst_stpg_run(cmd, list, nr);
	if (dg)
		number = dg->stpg_number;
	scst_config_unlock();
	kvfree(list);
	if (step == SCST_STEP_WAIT)
		scst_dg_uevent(kdev, number, timeout);
	put_device(kdev);
	return step;
}
