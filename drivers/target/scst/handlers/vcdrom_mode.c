// SPDX-License-Identifier: GPL-2.0
/*
 * MODE SENSE and MODE SELECT of a CD-ROM drive (MMC-6 7, SPC-5 7.5). Nothing but
 * the Control mode page can be changed; the others say what the drive is.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <scst/mode.h>
#include "vcdrom.h"

/* With the longer header */
#define VCDROM_MODE_MAX		(VCDROM_PAGES_MAX + 8)
/* More than this no initiator can mean */
#define VCDROM_SELECT_MAX	SZ_4K

/* MODE SELECT, byte 1 */
#define VCDROM_SELECT_PF	0x10
#define VCDROM_SELECT_SP	0x01
#define VCDROM_SELECT_RTD	0x02

/* The saved Control mode page, or the default one as long as there is none */
static void vcdrom_saved_control(struct vcdrom *cd,
				 struct scst_control *control)
{
	u8 pages[SCST_SAVED_PAGES_MAX], mask[SCST_CONTROL_LEN] = {};
	u8 now[SCST_CONTROL_LEN] = {}, bit;
	unsigned int i;

	*control = cd->vd.dev.control_default;
	if (scst_dev_saved_pages(&cd->vd.dev, pages) != SCST_CONTROL_LEN ||
	    (pages[0] & VCDROM_PAGE_ALL) != SCST_CONTROL_CODE)
		return;
	scst_control_fill(control, now);
	scst_control_changeable(mask);
	for (i = 2; i < SCST_CONTROL_LEN; i++)
		now[i] ^= (now[i] ^ pages[i]) & mask[i];
	/* A reserved value, which we never save, leaves it as it is. */
	scst_control_select(control, now, &bit);
}

static void vcdrom_control(struct vcdrom *cd, enum vcdrom_pc pc,
			   struct scst_control *control)
{
	if (pc == VCDROM_PC_SAVED)
		vcdrom_saved_control(cd, control);
	else if (pc == VCDROM_PC_DEFAULT)
		*control = cd->vd.dev.control_default;
	else
		*control = cd->vd.dev.control;
}

/* Power on and logical unit reset: the saved values (SPC-5 6.13) */
void vcdrom_mode_reset(struct vcdrom *cd)
{
	struct scst_control control;

	mutex_lock(&cd->vd.mode_lock);
	vcdrom_saved_control(cd, &control);
	scst_dev_set_control(&cd->vd.dev, &control);
	cd->vd.mode_resets++;
	mutex_unlock(&cd->vd.mode_lock);
}

/* There are no block descriptors (MMC-6 7.2.1), be they disabled or not. */
enum scst_exec_result vcdrom_mode_sense(struct scst_cmd *cmd)
{
	bool ten = cmd->info.op->op == SCST_OP_MODE_SENSE_10;
	struct vcdrom *cd = to_vcdrom(cmd->dev);
	struct scst_control control;
	const struct vcdrom_mode_drive drive = {
		.control	= &control,
		.locked		= vcdrom_is_locked(cd),
		.can_save	= scst_dev_can_save(cmd->dev),
	};
	unsigned int header = ten ? 8 : 4, pages;
	u8 buf[VCDROM_MODE_MAX] = {};
	u8 code = cmd->cdb[2] & VCDROM_PAGE_ALL;
	bool sub;

	if (cmd->cdb[2] >> 6 == VCDROM_PC_SAVED && !drive.can_save) {
		scst_set_cmd_error(cmd, SCST_SENSE_SAVING_UNSUPPORTED);
		return SCST_EXEC_DONE;
	}
	vcdrom_control(cd, cmd->cdb[2] >> 6, &control);
	pages = vcdrom_build_pages(&drive, cmd->cdb, buf + header);
	if (!pages) {
		sub = code == VCDROM_PAGE_ALL || vcdrom_find_page(code, 0);
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
					 sub ? 3 : 2, sub ? 7 : 5);
		return SCST_EXEC_DONE;
	}
	/* MODE DATA LENGTH does not count itself. */
	if (ten)
		put_unaligned_be16(header + pages - 2, buf);
	else
		buf[0] = header + pages - 1;
	scst_cmd_copy_in(cmd, buf, header + pages);
	return SCST_EXEC_DONE;
}

/**
 * struct vcdrom_select - a parameter list on its way through the checks
 * @cmd: command
 * @buf: parameter list
 * @len: bytes in @buf
 * @pos: how far it was checked
 * @resets: vdisk.mode_resets when @old was current
 * @old: what is current
 * @control: what is to be
 */
struct vcdrom_select {
	struct scst_cmd		*cmd;
	const u8		*buf;
	unsigned int		len;
	unsigned int		pos;
	unsigned int		resets;
	struct scst_control	old;
	struct scst_control	control;
};

static bool vcdrom_select_refuse(struct vcdrom_select *sel, unsigned int byte,
				 int bit)
{
	scst_set_cmd_error_field(sel->cmd, SCST_SENSE_INVALID_FIELD_PARAM,
				 byte, bit);
	return false;
}

static bool vcdrom_select_short(struct vcdrom_select *sel)
{
	scst_set_cmd_error(sel->cmd, SCST_SENSE_PARAM_LIST_LENGTH);
	return false;
}

/* The lengths of block descriptors are zero, of which nothing may follow. */
static bool vcdrom_check_header(struct vcdrom_select *sel, bool ten)
{
	unsigned int header = ten ? 8 : 4, desc;

	if (sel->len < header)
		return vcdrom_select_short(sel);
	desc = ten ? get_unaligned_be16(sel->buf + 6) : sel->buf[3];
	if (desc)
		return vcdrom_select_refuse(sel, ten ? 6 : 3, 7);
	sel->pos = header;
	return true;
}

/* The page that comes next, all of it within the list; NULL: refused */
static const struct vcdrom_mode_page *
vcdrom_next_page(struct vcdrom_select *sel)
{
	unsigned int left = sel->len - sel->pos, len;
	const u8 *buf = sel->buf + sel->pos;
	const struct vcdrom_mode_page *page;
	bool spf = buf[0] & VCDROM_PAGE_SPF;
	u8 code = buf[0] & VCDROM_PAGE_ALL;

	if (!vcdrom_find_page(code, 0)) {
		vcdrom_select_refuse(sel, sel->pos, 5);
		return NULL;
	}
	if (left < (spf ? 4 : 2)) {
		vcdrom_select_short(sel);
		return NULL;
	}
	page = vcdrom_find_page(code, spf ? buf[1] : 0);
	if (!page || spf != !!page->subpage) {
		vcdrom_select_refuse(sel, sel->pos + 1, 7);
		return NULL;
	}
	len = spf ? get_unaligned_be16(buf + 2) + 4 : buf[1] + 2;
	if (len != page->len) {
		vcdrom_select_refuse(sel, sel->pos + (spf ? 2 : 1), 7);
		return NULL;
	}
	if (left < len) {
		vcdrom_select_short(sel);
		return NULL;
	}
	return page;
}

/* Only what is changeable may differ from what it is (SPC-5 6.13). */
static bool vcdrom_check_page(struct vcdrom_select *sel)
{
	const struct vcdrom_mode_drive drive = {
		.control	= &sel->old,
		.locked		= vcdrom_is_locked(to_vcdrom(sel->cmd->dev)),
	};
	const struct vcdrom_mode_page *page = vcdrom_next_page(sel);
	u8 now[VCDROM_PAGE_MAX], mask[VCDROM_PAGE_MAX], diff, bit;
	const u8 *buf = sel->buf + sel->pos;
	unsigned int i;

	if (!page)
		return false;
	vcdrom_build_page(page, &drive, now);
	vcdrom_build_mask(page, mask);
	for (i = page->subpage ? 4 : 2; i < page->len; i++) {
		diff = (buf[i] ^ now[i]) & ~mask[i];
		if (diff)
			return vcdrom_select_refuse(sel, sel->pos + i,
						    fls(diff) - 1);
	}
	i = vcdrom_can_select(page) ?
	    scst_control_select(&sel->control, buf, &bit) : 0;
	if (i)
		return vcdrom_select_refuse(sel, sel->pos + i, bit);
	sel->pos += page->len;
	return true;
}

static bool vcdrom_check_select(struct vcdrom_select *sel, bool ten)
{
	if (!vcdrom_check_header(sel, ten))
		return false;
	while (sel->pos < sel->len)
		if (!vcdrom_check_page(sel))
			return false;
	return true;
}

static void vcdrom_select_begin(struct vcdrom_select *sel)
{
	struct vdisk *vd = &to_vcdrom(sel->cmd->dev)->vd;

	mutex_lock(&vd->mode_lock);
	sel->resets = vd->mode_resets;
	sel->old = vd->dev.control;
	mutex_unlock(&vd->mode_lock);
	sel->control = sel->old;
}

static bool vcdrom_select_save(struct vcdrom_select *sel)
{
	u8 page[SCST_CONTROL_LEN] = {};
	int error;

	if (!(sel->cmd->cdb[1] & VCDROM_SELECT_SP))
		return true;
	scst_control_fill(&sel->control, page);
	error = scst_dev_save_pages(sel->cmd->dev, page, sizeof(page));
	if (error == -ENOMEM)
		scst_set_cmd_status(sel->cmd, SAM_STAT_BUSY);
	else if (error)
		scst_set_cmd_error(sel->cmd, SCST_SENSE_HW_ERROR);
	return !error;
}

/* False if a reset has set others meanwhile: these are to be changed then. */
static bool vcdrom_select_commit(struct vcdrom_select *sel)
{
	struct vdisk *vd = &to_vcdrom(sel->cmd->dev)->vd;
	bool same = !memcmp(&sel->old, &sel->control, sizeof(sel->old));
	bool current_ones;

	mutex_lock(&vd->mode_lock);
	current_ones = vd->mode_resets == sel->resets;
	if (current_ones && !same)
		scst_dev_set_control(&vd->dev, &sel->control);
	mutex_unlock(&vd->mode_lock);
	if (current_ones && !same)
		scst_raise_ua(&vd->dev, SCST_UA_MODE_CHANGED,
			      sel->cmd->tgt_dev);
	return current_ones;
}

static bool vcdrom_check_select_cdb(struct scst_cmd *cmd)
{
	bool save = cmd->cdb[1] & VCDROM_SELECT_SP;

	if (cmd->cdb[1] & VCDROM_SELECT_RTD)
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 1);
	else if (!(cmd->cdb[1] & VCDROM_SELECT_PF))
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 4);
	else if (save && !scst_dev_can_save(cmd->dev))
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 0);
	else if (cmd->info.data_len > VCDROM_SELECT_MAX)
		scst_set_cmd_error(cmd, SCST_SENSE_PARAM_LIST_LENGTH);
	else
		return true;
	return false;
}

/*
 * Runs alone on the device. A parameter list of length zero is no error, and
 * saves what is current if SP is set.
 */
enum scst_exec_result vcdrom_mode_select(struct scst_cmd *cmd)
{
	bool ten = cmd->info.op->op == SCST_OP_MODE_SELECT_10;
	bool save = cmd->cdb[1] & VCDROM_SELECT_SP;
	struct vcdrom_select sel = {
		.cmd	= cmd,
		.len	= cmd->bufflen,
	};
	u8 *buf;

	if (!vcdrom_check_select_cdb(cmd) || (!cmd->bufflen && !save))
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;

	buf = kzalloc(cmd->bufflen, GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	if (cmd->bufflen)
		scst_cmd_copy_out(cmd, buf, cmd->bufflen);
	sel.buf = buf;
	do {
		vcdrom_select_begin(&sel);
		if ((cmd->bufflen && !vcdrom_check_select(&sel, ten)) ||
		    !vcdrom_select_save(&sel))
			break;
	} while (!vcdrom_select_commit(&sel));
	kfree(buf);
	return SCST_EXEC_DONE;
}
