// SPDX-License-Identifier: GPL-2.0
/*
 * MODE SENSE and MODE SELECT (SPC-5 6.13 to 6.16, 7.5; SBC-4 6.5).
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "vdisk.h"

/* The longest answer: header, long block descriptor, all pages */
#define VDISK_MODE_MAX		128
/* More than this no initiator can mean */
#define VDISK_MODE_SELECT_MAX	SZ_4K

#define VDISK_PAGE_ALL		0x3f
#define VDISK_SUBPAGE_ALL	0xff

/* PAGE CONTROL (SPC-5 table 178) */
enum vdisk_pc {
	VDISK_PC_CURRENT,
	VDISK_PC_CHANGEABLE,
	VDISK_PC_DEFAULT,
	VDISK_PC_SAVED,
};

/* Caching page, byte 2 */
#define VDISK_CACHE_WCE		0x04
/* Control page, bytes 2 and 4 */
#define VDISK_CTRL_D_SENSE	0x04
#define VDISK_CTRL_SWP		0x08
/* DEVICE-SPECIFIC PARAMETER of the header */
#define VDISK_MODE_WP		0x80
#define VDISK_MODE_DPOFUA	0x10

/**
 * struct vdisk_mode_state - what MODE SELECT can change
 * @wce: write cache enabled
 * @d_sense: descriptor format sense data
 * @swp: software write protect
 */
struct vdisk_mode_state {
	bool wce;
	bool d_sense;
	bool swp;
};

static void vdisk_page_current(const struct vdisk_mode_state *state, u8 *page)
{
}

static void vdisk_page_caching(const struct vdisk_mode_state *state, u8 *page)
{
	if (state->wce)
		page[2] |= VDISK_CACHE_WCE;
}

static void vdisk_page_control(const struct vdisk_mode_state *state, u8 *page)
{
	if (state->d_sense)
		page[2] |= VDISK_CTRL_D_SENSE;
	if (state->swp)
		page[4] |= VDISK_CTRL_SWP;
}

static void vdisk_select_nothing(struct vdisk_mode_state *state,
				 const u8 *page)
{
}

static void vdisk_select_caching(struct vdisk_mode_state *state,
				 const u8 *page)
{
	state->wce = page[2] & VDISK_CACHE_WCE;
}

static void vdisk_select_control(struct vdisk_mode_state *state,
				 const u8 *page)
{
	state->d_sense = page[2] & VDISK_CTRL_D_SENSE;
	state->swp = page[4] & VDISK_CTRL_SWP;
}

/**
 * struct vdisk_mode_page - a mode page
 * @code: page code
 * @len: bytes, the two of the header included
 * @fixed: values of what cannot be changed
 * @changeable: bits that can
 * @fill: put the state into a page that holds @fixed
 * @select: the reverse
 */
struct vdisk_mode_page {
	u8	code;
	u8	len;
	u8	fixed[20];
	u8	changeable[20];
	void	(*fill)(const struct vdisk_mode_state *state, u8 *page);
	void	(*select)(struct vdisk_mode_state *state, const u8 *page);
};

static const struct vdisk_mode_page vdisk_mode_pages[] = {
	{
		.code = 0x01,	/* read-write error recovery: AWRE, ARRE */
		.len = 12,
		.fixed = { 0x01, 10, 0xc0 },
		.fill = vdisk_page_current,
		.select = vdisk_select_nothing,
	}, {
		.code = 0x08,	/* caching */
		.len = 20,
		.fixed = { 0x08, 18 },
		.changeable = { [2] = VDISK_CACHE_WCE },
		.fill = vdisk_page_caching,
		.select = vdisk_select_caching,
	}, {
		/*
		 * control: TST 001b (a task set for each nexus), unrestricted
		 * reordering, no time limit
		 */
		.code = 0x0a,
		.len = 12,
		.fixed = { 0x0a, 10, [2] = 0x20, [3] = 0x10, [8] = 0xff, [9] = 0xff },
		.changeable = { [2] = VDISK_CTRL_D_SENSE,
				[4] = VDISK_CTRL_SWP },
		.fill = vdisk_page_control,
		.select = vdisk_select_control,
	}, {
		.code = 0x1c,	/* informational exceptions: DEXCPT */
		.len = 12,
		.fixed = { 0x1c, 10, 0x08 },
		.fill = vdisk_page_current,
		.select = vdisk_select_nothing,
	},
};

static void vdisk_mode_state(const struct vdisk *vd, enum vdisk_pc pc,
			     struct vdisk_mode_state *state)
{
	*state = (struct vdisk_mode_state) {
		.wce = !vd->write_through && !vd->nv_cache,
	};
	if (pc != VDISK_PC_CURRENT)
		return;
	state->wce = vd->wce;
	state->d_sense = vd->dev.control.d_sense;
	state->swp = vd->dev.control.swp;
}

/* Nobody but the administrator gives a cache to a disk that has none. */
static u8 vdisk_changeable(const struct vdisk *vd,
			   const struct vdisk_mode_page *page, unsigned int i)
{
	if (page->select == vdisk_select_caching &&
	    (vd->write_through || vd->nv_cache))
		return 0;
	return page->changeable[i];
}

/* Power on and logical unit reset: the default values (SPC-5 6.13) */
void vdisk_mode_reset(struct vdisk *vd)
{
	struct vdisk_mode_state state;

	vdisk_mode_state(vd, VDISK_PC_DEFAULT, &state);
	vd->wce = state.wce;
	vd->dev.control.d_sense = state.d_sense;
	vd->dev.control.swp = state.swp;
}

static void vdisk_build_page(const struct vdisk *vd,
			     const struct vdisk_mode_page *page,
			     enum vdisk_pc pc,
			     const struct vdisk_mode_state *state, u8 *buf)
{
	unsigned int i;

	if (pc == VDISK_PC_CHANGEABLE) {
		memcpy(buf, page->fixed, 2);
		for (i = 2; i < page->len; i++)
			buf[i] = vdisk_changeable(vd, page, i);
		return;
	}
	memcpy(buf, page->fixed, page->len);
	page->fill(state, buf);
}

/* Return: bytes of the pages that were asked for, 0 if there is no such. */
static unsigned int vdisk_build_pages(const struct vdisk *vd, u8 code,
				      enum vdisk_pc pc, u8 *buf)
{
	struct vdisk_mode_state state;
	unsigned int i, len = 0;

	vdisk_mode_state(vd, pc, &state);
	for (i = 0; i < ARRAY_SIZE(vdisk_mode_pages); i++) {
		const struct vdisk_mode_page *page = &vdisk_mode_pages[i];

		if (code != VDISK_PAGE_ALL && code != page->code)
			continue;
		vdisk_build_page(vd, page, pc, &state, buf + len);
		len += page->len;
	}
	return len;
}

/* Short (SBC-4 6.5.2.2) or long (6.5.2.3). Return: its length. */
static unsigned int vdisk_build_block_desc(const struct scst_device *dev,
					   bool is_long, u8 *buf)
{
	u64 nblocks = READ_ONCE(dev->nblocks);

	if (is_long) {
		put_unaligned_be64(nblocks, buf);
		put_unaligned_be32(1U << dev->block_shift, buf + 12);
		return 16;
	}
	put_unaligned_be32(min_t(u64, nblocks, U32_MAX), buf);
	put_unaligned_be24(1U << dev->block_shift, buf + 5);
	return 8;
}

static u8 vdisk_device_specific(const struct scst_cmd *cmd)
{
	u8 param = VDISK_MODE_DPOFUA;

	if (READ_ONCE(cmd->tgt_dev->read_only) || cmd->dev->read_only ||
	    cmd->dev->control.swp)
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

enum scst_exec_result vdisk_mode_sense(struct scst_cmd *cmd)
{
	bool ten = cmd->info.op->op == SCST_OP_MODE_SENSE_10;
	bool is_long = ten && cmd->cdb[1] & 0x10;	/* LLBAA */
	bool dbd = cmd->cdb[1] & 0x08;
	enum vdisk_pc pc = cmd->cdb[2] >> 6;
	u8 code = cmd->cdb[2] & 0x3f, subpage = cmd->cdb[3];
	unsigned int header = ten ? 8 : 4, desc = 0, pages;
	u8 buf[VDISK_MODE_MAX] = {};

	if (pc == VDISK_PC_SAVED) {
		scst_set_cmd_error(cmd, SCST_SENSE_SAVING_UNSUPPORTED);
		return SCST_EXEC_DONE;
	}
	/* There are no subpages, but "all of them" includes the pages. */
	if (subpage && (subpage != VDISK_SUBPAGE_ALL ||
			code != VDISK_PAGE_ALL)) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 3,
					 7);
		return SCST_EXEC_DONE;
	}
	if (!dbd)
		desc = vdisk_build_block_desc(cmd->dev, is_long, buf + header);
	pages = vdisk_build_pages(to_vdisk(cmd->dev), code, pc,
				  buf + header + desc);
	if (!pages) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 2,
					 5);
		return SCST_EXEC_DONE;
	}
	vdisk_build_header(cmd, ten, is_long, desc, header + desc + pages, buf);
	scst_cmd_copy_in(cmd, buf, header + desc + pages);
	return SCST_EXEC_DONE;
}

/* A parameter list on its way through the checks */
struct vdisk_select {
	struct scst_cmd		*cmd;
	const u8		*buf;
	unsigned int		len;
	unsigned int		pos;
	struct vdisk_mode_state	state;
};

static bool vdisk_select_refuse(struct vdisk_select *sel, unsigned int byte,
				int bit)
{
	scst_set_cmd_error_field(sel->cmd, SCST_SENSE_INVALID_FIELD_PARAM,
				 byte, bit);
	return false;
}

static bool vdisk_select_too_short(struct vdisk_select *sel)
{
	scst_set_cmd_error(sel->cmd, SCST_SENSE_PARAM_LIST_LENGTH);
	return false;
}

/* The capacity and the block length cannot be changed this way. */
static bool vdisk_check_block_desc(struct vdisk_select *sel, bool is_long,
				   unsigned int len)
{
	const u8 *desc = sel->buf + sel->pos;
	u8 now[16] = {};
	unsigned int size, i;
	bool same_count = true, zero_count = true;

	if (!len)
		return true;
	size = vdisk_build_block_desc(sel->cmd->dev, is_long, now);
	if (len != size)
		return vdisk_select_refuse(sel, is_long ? 7 : 3, 7);
	if (sel->len - sel->pos < len)
		return vdisk_select_too_short(sel);
	/* NUMBER OF LOGICAL BLOCKS zero leaves it as it is. */
	for (i = 0; i < size / 2; i++) {
		same_count &= desc[i] == now[i];
		zero_count &= !desc[i];
	}
	if (!same_count && !zero_count)
		return vdisk_select_refuse(sel, sel->pos, 7);
	for (; i < size; i++)
		if (desc[i] != now[i])
			return vdisk_select_refuse(sel, sel->pos + i, 7);
	sel->pos += len;
	return true;
}

static bool vdisk_check_header(struct vdisk_select *sel, bool ten)
{
	unsigned int header = ten ? 8 : 4, desc;
	bool is_long;

	if (sel->len < header)
		return vdisk_select_too_short(sel);
	/* MEDIUM TYPE; MODE DATA LENGTH is reserved here. */
	if (sel->buf[ten ? 2 : 1])
		return vdisk_select_refuse(sel, ten ? 2 : 1, 7);
	is_long = ten && sel->buf[4] & 0x01;
	desc = ten ? get_unaligned_be16(sel->buf + 6) : sel->buf[3];
	sel->pos = header;
	return vdisk_check_block_desc(sel, is_long, desc);
}

static const struct vdisk_mode_page *vdisk_find_page(u8 code)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vdisk_mode_pages); i++)
		if (vdisk_mode_pages[i].code == code)
			return &vdisk_mode_pages[i];
	return NULL;
}

/* Only what is changeable may differ from what it is (SPC-5 6.13). */
static bool vdisk_check_page(struct vdisk_select *sel)
{
	const struct vdisk *vd = to_vdisk(sel->cmd->dev);
	const u8 *buf = sel->buf + sel->pos;
	const struct vdisk_mode_page *page;
	struct vdisk_mode_state state;
	u8 now[20];
	unsigned int i;
	u8 diff;

	page = vdisk_find_page(buf[0] & 0x3f);
	if (!page || buf[0] & 0x40)
		return vdisk_select_refuse(sel, sel->pos, page ? 6 : 5);
	if (sel->len - sel->pos < 2)
		return vdisk_select_too_short(sel);
	if (buf[1] != page->len - 2)
		return vdisk_select_refuse(sel, sel->pos + 1, 7);
	if (sel->len - sel->pos < page->len)
		return vdisk_select_too_short(sel);

	vdisk_mode_state(vd, VDISK_PC_CURRENT, &state);
	vdisk_build_page(vd, page, VDISK_PC_CURRENT, &state, now);
	for (i = 2; i < page->len; i++) {
		diff = (buf[i] ^ now[i]) & ~vdisk_changeable(vd, page, i);
		if (diff)
			return vdisk_select_refuse(sel, sel->pos + i,
						   fls(diff) - 1);
	}
	page->select(&sel->state, buf);
	sel->pos += page->len;
	return true;
}

static bool vdisk_check_select(struct vdisk_select *sel, bool ten)
{
	vdisk_mode_state(to_vdisk(sel->cmd->dev), VDISK_PC_CURRENT,
			 &sel->state);
	if (!vdisk_check_header(sel, ten))
		return false;
	while (sel->pos < sel->len)
		if (!vdisk_check_page(sel))
			return false;
	return true;
}

/* All pages are right: take them over, and tell the other nexuses. */
static void vdisk_apply_select(struct vdisk_select *sel)
{
	struct scst_device *dev = sel->cmd->dev;
	struct vdisk *vd = to_vdisk(dev);
	struct vdisk_mode_state old;
	int error;

	vdisk_mode_state(vd, VDISK_PC_CURRENT, &old);
	if (!memcmp(&old, &sel->state, sizeof(old)))
		return;
	if (old.wce && !sel->state.wce) {
		/* SBC-4 6.5.6: what the cache holds does not stay there. */
		error = vd->store->sync(vd, 0, dev->nblocks <<
					       dev->block_shift);
		if (error) {
			scst_set_cmd_errno(sel->cmd, error);
			return;
		}
	}
	vd->wce = sel->state.wce;
	dev->control.d_sense = sel->state.d_sense;
	dev->control.swp = sel->state.swp;
	scst_raise_ua(dev, SCST_UA_MODE_CHANGED, sel->cmd->tgt_dev);
}

static bool vdisk_check_select_cdb(struct scst_cmd *cmd)
{
	if (!(cmd->cdb[1] & 0x10)) {
		/* PF: there are no vendor-specific pages. */
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 4);
		return false;
	}
	if (cmd->cdb[1] & 0x01) {
		/* SP: nothing is saved. */
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

/* Runs alone on the device. A parameter list of length zero is no error. */
enum scst_exec_result vdisk_mode_select(struct scst_cmd *cmd)
{
	bool ten = cmd->info.op->op == SCST_OP_MODE_SELECT_10;
	struct vdisk_select sel = { .cmd = cmd, .len = cmd->bufflen };
	u8 *buf;

	if (!vdisk_check_select_cdb(cmd) || !cmd->bufflen)
		return SCST_EXEC_DONE;
	if (cmd->context != SCST_CONTEXT_THREAD)
		return SCST_EXEC_NEED_THREAD;

	buf = kzalloc(cmd->bufflen, GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	scst_cmd_copy_out(cmd, buf, cmd->bufflen);
	sel.buf = buf;
	if (vdisk_check_select(&sel, ten))
		vdisk_apply_select(&sel);
	kfree(buf);
	return SCST_EXEC_DONE;
}
