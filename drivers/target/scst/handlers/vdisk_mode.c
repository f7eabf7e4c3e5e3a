// SPDX-License-Identifier: GPL-2.0
/*
 * MODE SENSE and MODE SELECT (SPC-5 6.13 to 6.16), and whose values are those
 * of the mode pages: current, default, saved.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "vdisk.h"

/* More than this no initiator can mean */
#define VDISK_MODE_SELECT_MAX	SZ_4K

/* MODE SENSE, byte 1 */
#define VDISK_SENSE_DBD		0x08
#define VDISK_SENSE_LLBAA	0x10
/* MODE SELECT, byte 1 */
#define VDISK_SELECT_SP		0x01
#define VDISK_SELECT_RTD	0x02
#define VDISK_SELECT_PF		0x10

/* DEVICE-SPECIFIC PARAMETER of the header */
#define VDISK_MODE_WP		0x80
#define VDISK_MODE_DPOFUA	0x10

static struct vdisk_mode_disk vdisk_mode_disk(const struct vdisk *vd)
{
	return (struct vdisk_mode_disk) {
		.nblocks	= READ_ONCE(vd->dev.nblocks),
		.block_shift	= vd->dev.block_shift,
		.thresholds	= vdisk_has_resources(vd),
		.rotational	= vd->rotational,
		.removable	= vd->removable,
		.cache		= vdisk_has_cache(vd),
		.app_tags	= vdisk_pi_is_kept(vd),
	};
}

static void vdisk_default_state(const struct vdisk *vd,
				struct vdisk_mode_state *state)
{
	*state = (struct vdisk_mode_state) {
		.wce = vdisk_has_cache(vd),
		.exceptions = VDISK_EXCEPTIONS_DEFAULT,
		.control = vd->dev.control_default,
	};
}

static void vdisk_current_state(const struct vdisk *vd,
				struct vdisk_mode_state *state)
{
	*state = (struct vdisk_mode_state) {
		.wce = vd->wce,
		.lbpere = vd->lbpere,
		.ato = vd->ato,
		.exceptions = vd->exceptions,
		.control = vd->dev.control,
	};
	memcpy(state->threshold, vd->threshold, sizeof(state->threshold));
}

/* What was saved, or the default values as long as nothing was (SPC-5 6.13) */
static void vdisk_saved_state(const struct vdisk *vd,
			      struct vdisk_mode_state *state)
{
	const struct vdisk_mode_disk disk = vdisk_mode_disk(vd);
	u8 pages[SCST_SAVED_PAGES_MAX];
	size_t len;

	vdisk_default_state(vd, state);
	len = scst_dev_saved_pages(&vd->dev, pages);
	vdisk_mode_load(&disk, pages, len, state);
}

/* By PAGE CONTROL; there is none of what is changeable. */
static void vdisk_mode_state(const struct vdisk *vd, enum vdisk_pc pc,
			     struct vdisk_mode_state *state)
{
	if (pc == VDISK_PC_SAVED)
		vdisk_saved_state(vd, state);
	else if (pc == VDISK_PC_DEFAULT)
		vdisk_default_state(vd, state);
	else
		vdisk_current_state(vd, state);
}

static void vdisk_set_state(struct vdisk *vd,
			    const struct vdisk_mode_state *state)
{
	vd->wce = state->wce;
	WRITE_ONCE(vd->ato, state->ato);
	vd->exceptions = state->exceptions;
	vdisk_threshold_set(vd, state);
	scst_dev_set_control(&vd->dev, &state->control);
}

/*
 * Power on and logical unit reset: the saved values (SPC-5 6.13). Where WCE is
 * turned off nobody asks for a flush any more: it is begun, but a reset waits
 * for no store. Who hears of its failure is as with IMMED.
 */
void vdisk_mode_reset(struct vdisk *vd)
{
	struct vdisk_mode_state state;

	mutex_lock(&vd->mode_lock);
	vdisk_saved_state(vd, &state);
	if (vd->resets_flush && vdisk_has_cache(vd) && vd->wce && !state.wce)
		queue_work(vd->dev.wq, &vd->sync_work);
	vdisk_set_state(vd, &state);
	vd->mode_resets++;
	mutex_unlock(&vd->mode_lock);
}

/* Once it is false no reset queues vdisk.sync_work. */
void vdisk_set_resets_flush(struct vdisk *vd, bool flush)
{
	mutex_lock(&vd->mode_lock);
	vd->resets_flush = flush;
	mutex_unlock(&vd->mode_lock);
}

static u8 vdisk_device_specific(const struct scst_cmd *cmd)
{
	u8 param = VDISK_MODE_DPOFUA;

	if (READ_ONCE(cmd->tgt_dev->read_only) || cmd->dev->read_only ||
	    READ_ONCE(cmd->dev->control.swp))
		param |= VDISK_MODE_WP;
	return param;
}

/* MODE DATA LENGTH does not count itself. */
static void vdisk_build_header(const struct scst_cmd *cmd, bool ten,
			       bool is_long, unsigned int desc_len,
			       unsigned int len, u8 *buf)
{
	if (ten) {
		put_unaligned_be16(len - 2, buf);
		buf[3] = vdisk_device_specific(cmd);
		buf[4] = is_long;
		put_unaligned_be16(desc_len, buf + 6);
		return;
	}
	buf[0] = len - 1;
	buf[2] = vdisk_device_specific(cmd);
	buf[3] = desc_len;
}

/* It is the subpage that is not there, or the page itself. */
static void vdisk_no_page(struct scst_cmd *cmd,
			  const struct vdisk_mode_disk *disk, u8 code)
{
	bool there = code == VDISK_PAGE_ALL || vdisk_find_page(disk, code, 0);

	scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
				 there ? 3 : 2, there ? 7 : 5);
}

enum scst_exec_result vdisk_mode_sense(struct scst_cmd *cmd)
{
	const struct vdisk *vd = to_vdisk(cmd->dev);
	const struct vdisk_mode_disk disk = vdisk_mode_disk(vd);
	bool ten = cmd->info.op->op == SCST_OP_MODE_SENSE_10;
	bool is_long = ten && cmd->cdb[1] & VDISK_SENSE_LLBAA;
	enum vdisk_pc pc = cmd->cdb[2] >> 6;
	u8 code = cmd->cdb[2] & 0x3f, subpage = cmd->cdb[3];
	unsigned int header = ten ? 8 : 4, desc = 0, pages;
	struct vdisk_mode_state state;
	u8 buf[VDISK_MODE_MAX] = {};

	if (pc == VDISK_PC_SAVED && !scst_dev_can_save(cmd->dev)) {
		scst_set_cmd_error(cmd, SCST_SENSE_SAVING_UNSUPPORTED);
		return SCST_EXEC_DONE;
	}
	vdisk_mode_state(vd, pc, &state);
	if (!(cmd->cdb[1] & VDISK_SENSE_DBD))
		desc = vdisk_mode_block_desc(&disk, is_long, buf + header);
	pages = vdisk_mode_build(&disk, &state, pc, code, subpage,
				 scst_dev_can_save(cmd->dev),
				 buf + header + desc);
	if (!pages) {
		vdisk_no_page(cmd, &disk, code);
		return SCST_EXEC_DONE;
	}
	vdisk_build_header(cmd, ten, is_long, desc, header + desc + pages, buf);
	scst_cmd_copy_in(cmd, buf, header + desc + pages);
	return SCST_EXEC_DONE;
}

/**
 * struct vdisk_select - a MODE SELECT
 * @cmd: command
 * @disk: what no initiator can change
 * @resets: vdisk.mode_resets when @old was current
 * @old: what is current
 * @state: what is to be
 */
struct vdisk_select {
	struct scst_cmd		*cmd;
	struct vdisk_mode_disk	disk;
	unsigned int		resets;
	struct vdisk_mode_state	old;
	struct vdisk_mode_state	state;
};

/*
 * What a cache holds does not stay there when it is turned off (SBC-4 6.5.6),
 * or when nothing can be written any more (SPC-5 7.5.10: SWP).
 */
static bool vdisk_select_flush(struct vdisk_select *sel)
{
	struct scst_device *dev = sel->cmd->dev;
	struct vdisk *vd = to_vdisk(dev);
	int error;

	if (!vdisk_has_cache(vd) ||
	    !((sel->old.wce && !sel->state.wce) ||
	      (sel->state.control.swp && !sel->old.control.swp)))
		return true;
	error = vdisk_sync_range(vd, 0, READ_ONCE(dev->nblocks) <<
					dev->block_shift);
	return vdisk_end_flush(sel->cmd, error);
}

/* SP: all that can be saved, whether the list has it or not (SPC-5 6.13) */
static bool vdisk_select_save(struct vdisk_select *sel)
{
	u8 pages[VDISK_MODE_MAX];
	unsigned int len;
	int error;

	if (!(sel->cmd->cdb[1] & VDISK_SELECT_SP))
		return true;
	len = vdisk_mode_save(&sel->disk, &sel->state, pages);
	error = scst_dev_save_pages(sel->cmd->dev, pages, len);
	if (error == -ENOMEM)
		scst_set_cmd_status(sel->cmd, SAM_STAT_BUSY);
	else if (error)
		scst_set_cmd_error(sel->cmd, SCST_SENSE_HW_ERROR);
	return !error;
}

static void vdisk_select_begin(struct vdisk_select *sel)
{
	struct vdisk *vd = to_vdisk(sel->cmd->dev);

	mutex_lock(&vd->mode_lock);
	sel->resets = vd->mode_resets;
	vdisk_current_state(vd, &sel->old);
	mutex_unlock(&vd->mode_lock);
	sel->state = sel->old;
	if (sel->cmd->cdb[1] & VDISK_SELECT_RTD)
		vdisk_default_state(vd, &sel->state);
}

/* All pages are right: take them over, unless a reset has set others. */
static bool vdisk_select_commit(struct vdisk_select *sel)
{
	struct vdisk *vd = to_vdisk(sel->cmd->dev);
	bool same = vdisk_mode_same(&sel->disk, &sel->old, &sel->state);
	bool current_ones;

	mutex_lock(&vd->mode_lock);
	current_ones = vd->mode_resets == sel->resets;
	if (current_ones && !same)
		vdisk_set_state(vd, &sel->state);
	mutex_unlock(&vd->mode_lock);
	if (current_ones && !same)
		scst_raise_ua(&vd->dev, SCST_UA_MODE_CHANGED,
			      sel->cmd->tgt_dev);
	return current_ones;
}

static bool vdisk_check_select_cdb(struct scst_cmd *cmd)
{
	if (cmd->cdb[1] & VDISK_SELECT_RTD && cmd->info.data_len) {
		/* Either the default values, or those of a list */
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
					 cmd->info.op->count.offset, 7);
		return false;
	}
	if (!(cmd->cdb[1] & (VDISK_SELECT_PF | VDISK_SELECT_RTD))) {
		/* There are no vendor-specific pages. */
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 4);
		return false;
	}
	if (cmd->cdb[1] & VDISK_SELECT_SP && !scst_dev_can_save(cmd->dev)) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 0);
		return false;
	}
	if (cmd->info.data_len > VDISK_MODE_SELECT_MAX) {
		scst_set_cmd_error(cmd, SCST_SENSE_PARAM_LIST_LENGTH);
		return false;
	}
	return true;
}

static bool vdisk_select_parse(struct vdisk_select *sel)
{
	struct scst_cmd *cmd = sel->cmd;
	struct scst_cdb_error err;
	bool right;
	u8 *buf;

	buf = kzalloc(cmd->bufflen, GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return false;
	}
	scst_cmd_copy_out(cmd, buf, cmd->bufflen);
	right = vdisk_mode_parse(&sel->disk, buf, cmd->bufflen,
				 cmd->info.op->op == SCST_OP_MODE_SELECT_10,
				 &sel->state, &err);
	kfree(buf);
	if (!right && err.sense == SCST_SENSE_INVALID_FIELD_PARAM)
		scst_set_cmd_error_field(cmd, err.sense, err.byte, err.bit);
	else if (!right)
		scst_set_cmd_error(cmd, err.sense);
	return right;
}

/*
 * Return: false if it is to be done once more, on what a reset has left. Other
 * commands wait outside; a reset does not (SAM-5 6.3.3).
 */
static bool vdisk_select_once(struct vdisk_select *sel)
{
	vdisk_select_begin(sel);
	if (sel->cmd->bufflen && !vdisk_select_parse(sel))
		return true;
	if (!vdisk_select_flush(sel) || !vdisk_select_save(sel))
		return true;
	return vdisk_select_commit(sel);
}

/*
 * Runs alone on the device. A parameter list of length zero is no error, and
 * saves what is current if SP is set, or the default values with RTD.
 */
enum scst_exec_result vdisk_mode_select(struct scst_cmd *cmd)
{
	const struct vdisk *vd = to_vdisk(cmd->dev);
	struct vdisk_select sel = { .cmd = cmd };

	if (!vdisk_check_select_cdb(cmd) ||
	    (!cmd->bufflen &&
	     !(cmd->cdb[1] & (VDISK_SELECT_SP | VDISK_SELECT_RTD))))
		return SCST_EXEC_DONE;
	if (cmd->context != SCST_CONTEXT_THREAD)
		return SCST_EXEC_NEED_THREAD;

	sel.disk = vdisk_mode_disk(vd);
	while (!vdisk_select_once(&sel))
		;
	return SCST_EXEC_DONE;
}
