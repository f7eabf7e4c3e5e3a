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

/* MODE SELECT, byte 1 */
#define VDISK_SELECT_SP		0x01

/* PAGE CONTROL (SPC-5 table 178) */
enum vdisk_pc {
	VDISK_PC_CURRENT,
	VDISK_PC_CHANGEABLE,
	VDISK_PC_DEFAULT,
	VDISK_PC_SAVED,
};

/* First byte of a page */
#define VDISK_PAGE_PS		0x80
#define VDISK_PAGE_SPF		0x40
#define VDISK_PAGE_CODE		0x3f
/* Caching page, byte 2 */
#define VDISK_CACHE_WCE		0x04
/* DEVICE-SPECIFIC PARAMETER of the header */
#define VDISK_MODE_WP		0x80
#define VDISK_MODE_DPOFUA	0x10

/**
 * struct vdisk_mode_state - what MODE SELECT can change
 * @wce: write cache enabled
 * @control: Control mode page
 */
struct vdisk_mode_state {
	bool			wce;
	struct scst_control	control;
};

/* Read-write error recovery: AWRE, ARRE */
static void vdisk_fill_recovery(const struct vdisk_mode_state *state, u8 *page)
{
	page[0] = 0x01;
	page[1] = 10;
	page[2] = 0xc0;
}

static void vdisk_fill_caching(const struct vdisk_mode_state *state, u8 *page)
{
	page[0] = 0x08;
	page[1] = 18;
	if (state->wce)
		page[2] |= VDISK_CACHE_WCE;
}

static void vdisk_fill_control(const struct vdisk_mode_state *state, u8 *page)
{
	scst_control_fill(&state->control, page);
}

static void vdisk_fill_control_ext(const struct vdisk_mode_state *state,
				   u8 *page)
{
	scst_control_ext_fill(page);
}

/* Informational exceptions: DEXCPT */
static void vdisk_fill_exceptions(const struct vdisk_mode_state *state,
				  u8 *page)
{
	page[0] = 0x1c;
	page[1] = 10;
	page[2] = 0x08;
}

/* Nobody but the administrator gives a cache to a disk that has none. */
static void vdisk_changeable_caching(const struct vdisk *vd, u8 *page)
{
	if (vdisk_has_cache(vd))
		page[2] |= VDISK_CACHE_WCE;
}

static void vdisk_changeable_control(const struct vdisk *vd, u8 *page)
{
	scst_control_changeable(page);
}

static unsigned int vdisk_select_caching(struct vdisk_mode_state *state,
					 const u8 *page, u8 *bit)
{
	state->wce = page[2] & VDISK_CACHE_WCE;
	return 0;
}

static unsigned int vdisk_select_control(struct vdisk_mode_state *state,
					 const u8 *page, u8 *bit)
{
	return scst_control_select(&state->control, page, bit);
}

/**
 * struct vdisk_mode_page - a mode page
 * @code: page code
 * @subpage: subpage code; one that is not zero makes the header 4 bytes long
 * @len: bytes, those of the header included
 * @fill: build it from the state, in a buffer that is zeroed
 * @changeable: set the bits that MODE SELECT may change, likewise; NULL: none.
 *	Such a page is one that can be saved.
 * @select: take over a page in which all else is as it was. Returns 0, or the
 *	byte of a field whose value is reserved, with its first bit.
 */
struct vdisk_mode_page {
	u8		code;
	u8		subpage;
	u8		len;
	void		(*fill)(const struct vdisk_mode_state *state, u8 *page);
	void		(*changeable)(const struct vdisk *vd, u8 *page);
	unsigned int	(*select)(struct vdisk_mode_state *state,
				  const u8 *page, u8 *bit);
};

#define VDISK_PAGE_MAX		32

/* In the order of SPC-5 6.14.1: ascending codes and subpage codes */
static const struct vdisk_mode_page vdisk_mode_pages[] = {
	{
		.code = 0x01,
		.len = 12,
		.fill = vdisk_fill_recovery,
	}, {
		.code = 0x08,
		.len = 20,
		.fill = vdisk_fill_caching,
		.changeable = vdisk_changeable_caching,
		.select = vdisk_select_caching,
	}, {
		.code = SCST_CONTROL_CODE,
		.len = SCST_CONTROL_LEN,
		.fill = vdisk_fill_control,
		.changeable = vdisk_changeable_control,
		.select = vdisk_select_control,
	}, {
		.code = SCST_CONTROL_CODE,
		.subpage = SCST_CONTROL_EXT_CODE,
		.len = SCST_CONTROL_EXT_LEN,
		.fill = vdisk_fill_control_ext,
	}, {
		.code = 0x1c,
		.len = 12,
		.fill = vdisk_fill_exceptions,
	},
};

static const struct vdisk_mode_page *vdisk_find_page(u8 code, u8 subpage)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vdisk_mode_pages); i++)
		if (vdisk_mode_pages[i].code == code &&
		    vdisk_mode_pages[i].subpage == subpage)
			return &vdisk_mode_pages[i];
	return NULL;
}

static void vdisk_page_changeable(const struct vdisk *vd,
				  const struct vdisk_mode_page *page, u8 *buf)
{
	memset(buf, 0, page->len);
	if (page->changeable)
		page->changeable(vd, buf);
}

static void vdisk_default_state(const struct vdisk *vd,
				struct vdisk_mode_state *state)
{
	*state = (struct vdisk_mode_state) {
		.wce = vdisk_has_cache(vd),
		.control = vd->dev.control_default,
	};
}

static void vdisk_current_state(const struct vdisk *vd,
				struct vdisk_mode_state *state)
{
	*state = (struct vdisk_mode_state) {
		.wce = vd->wce,
		.control = vd->dev.control,
	};
}

/*
 * A saved page. What an administrator has taken out of initiators' hands since
 * it was saved is as it is by default; so is a field with a value that is
 * reserved, which we never save.
 */
static void vdisk_load_page(const struct vdisk *vd,
			    const struct vdisk_mode_page *page, const u8 *buf,
			    struct vdisk_mode_state *state)
{
	u8 now[VDISK_PAGE_MAX] = {}, mask[VDISK_PAGE_MAX], bit;
	unsigned int i;

	page->fill(state, now);
	vdisk_page_changeable(vd, page, mask);
	for (i = 2; i < page->len; i++)
		now[i] ^= (now[i] ^ buf[i]) & mask[i];
	page->select(state, now, &bit);
}

/* What was saved, or the default values as long as nothing was (SPC-5 6.13) */
static void vdisk_saved_state(const struct vdisk *vd,
			      struct vdisk_mode_state *state)
{
	const struct vdisk_mode_page *page;
	u8 pages[SCST_SAVED_PAGES_MAX];
	size_t pos = 0, len;

	vdisk_default_state(vd, state);
	len = scst_dev_saved_pages(&vd->dev, pages);
	while (len - pos >= 2 && len - pos >= pages[pos + 1] + 2) {
		page = vdisk_find_page(pages[pos], 0);
		if (page && page->select && page->len == pages[pos + 1] + 2)
			vdisk_load_page(vd, page, pages + pos, state);
		pos += pages[pos + 1] + 2;
	}
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

static bool vdisk_same_state(const struct vdisk_mode_state *a,
			     const struct vdisk_mode_state *b)
{
	return a->wce == b->wce &&
	       !memcmp(&a->control, &b->control, sizeof(a->control));
}

static void vdisk_set_state(struct vdisk *vd,
			    const struct vdisk_mode_state *state)
{
	vd->wce = state->wce;
	scst_dev_set_control(&vd->dev, &state->control);
}

/* Power on and logical unit reset: the saved values (SPC-5 6.13) */
void vdisk_mode_reset(struct vdisk *vd)
{
	struct vdisk_mode_state state;

	vdisk_saved_state(vd, &state);
	vdisk_set_state(vd, &state);
}

static void vdisk_build_page(const struct vdisk *vd,
			     const struct vdisk_mode_page *page,
			     enum vdisk_pc pc,
			     const struct vdisk_mode_state *state, u8 *buf)
{
	u8 header[4];

	memset(buf, 0, page->len);
	page->fill(state, buf);
	if (pc != VDISK_PC_CHANGEABLE)
		return;
	memcpy(header, buf, sizeof(header));
	vdisk_page_changeable(vd, page, buf);
	memcpy(buf, header, page->subpage ? 4 : 2);
}

/* SPC-5 6.14.1: of all pages there is all, or those that are no subpages. */
static bool vdisk_page_wanted(const struct vdisk_mode_page *page, u8 code,
			      u8 subpage)
{
	if (subpage != VDISK_SUBPAGE_ALL && subpage != page->subpage)
		return false;
	return code == page->code ||
	       (code == VDISK_PAGE_ALL &&
		(!subpage || subpage == VDISK_SUBPAGE_ALL));
}

/* Return: bytes of the pages that were asked for, 0 if there is no such. */
static unsigned int vdisk_build_pages(const struct vdisk *vd, u8 code,
				      u8 subpage, enum vdisk_pc pc, u8 *buf)
{
	struct vdisk_mode_state state;
	unsigned int i, len = 0;

	vdisk_mode_state(vd, pc, &state);
	for (i = 0; i < ARRAY_SIZE(vdisk_mode_pages); i++) {
		const struct vdisk_mode_page *page = &vdisk_mode_pages[i];

		if (!vdisk_page_wanted(page, code, subpage))
			continue;
		vdisk_build_page(vd, page, pc, &state, buf + len);
		if (page->select && scst_dev_can_save(&vd->dev))
			buf[len] |= VDISK_PAGE_PS;
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
static void vdisk_no_page(struct scst_cmd *cmd, u8 code)
{
	bool there = code == VDISK_PAGE_ALL || vdisk_find_page(code, 0);

	scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
				 there ? 3 : 2, there ? 7 : 5);
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

	if (pc == VDISK_PC_SAVED && !scst_dev_can_save(cmd->dev)) {
		scst_set_cmd_error(cmd, SCST_SENSE_SAVING_UNSUPPORTED);
		return SCST_EXEC_DONE;
	}
	if (!dbd)
		desc = vdisk_build_block_desc(cmd->dev, is_long, buf + header);
	pages = vdisk_build_pages(to_vdisk(cmd->dev), code, subpage, pc,
				  buf + header + desc);
	if (!pages) {
		vdisk_no_page(cmd, code);
		return SCST_EXEC_DONE;
	}
	vdisk_build_header(cmd, ten, is_long, desc, header + desc + pages, buf);
	scst_cmd_copy_in(cmd, buf, header + desc + pages);
	return SCST_EXEC_DONE;
}

/**
 * struct vdisk_select - a parameter list on its way through the checks
 * @cmd: command
 * @buf: parameter list
 * @len: bytes in @buf
 * @pos: how far it was checked
 * @save: SP: the pages are to be saved
 * @old: what is current
 * @state: what is to be
 */
struct vdisk_select {
	struct scst_cmd		*cmd;
	const u8		*buf;
	unsigned int		len;
	unsigned int		pos;
	bool			save;
	struct vdisk_mode_state	old;
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
static bool vdisk_check_block_desc(struct vdisk_select *sel, bool ten,
				   bool is_long, unsigned int len)
{
	const u8 *desc = sel->buf + sel->pos;
	u8 now[16] = {};
	unsigned int size, i;
	bool same_count = true, zero_count = true;

	if (!len)
		return true;
	size = vdisk_build_block_desc(sel->cmd->dev, is_long, now);
	if (len != size)
		return vdisk_select_refuse(sel, ten ? 6 : 3, 7);
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
	return vdisk_check_block_desc(sel, ten, is_long, desc);
}

/* The page that comes next, all of it within the list; NULL: refused */
static const struct vdisk_mode_page *
vdisk_next_page(struct vdisk_select *sel)
{
	unsigned int left = sel->len - sel->pos, len;
	const u8 *buf = sel->buf + sel->pos;
	const struct vdisk_mode_page *page;
	bool spf = buf[0] & VDISK_PAGE_SPF;
	u8 code = buf[0] & VDISK_PAGE_CODE;

	if (!vdisk_find_page(code, 0)) {
		vdisk_select_refuse(sel, sel->pos, 5);
		return NULL;
	}
	if (left < (spf ? 4 : 2)) {
		vdisk_select_too_short(sel);
		return NULL;
	}
	/* A page without a subpage code has no long header (SPC-5 7.5.8). */
	page = vdisk_find_page(code, spf ? buf[1] : 0);
	if (!page || (spf && !page->subpage)) {
		vdisk_select_refuse(sel, sel->pos + 1, 7);
		return NULL;
	}
	len = spf ? get_unaligned_be16(buf + 2) + 4 : buf[1] + 2;
	if (len != page->len) {
		vdisk_select_refuse(sel, sel->pos + (spf ? 2 : 1), 7);
		return NULL;
	}
	if (left < len) {
		vdisk_select_too_short(sel);
		return NULL;
	}
	return page;
}

/*
 * Only what is changeable may differ from what it is (SPC-5 6.13). PS is
 * reserved here, and many initiators send back what MODE SENSE has said.
 */
static bool vdisk_check_page(struct vdisk_select *sel)
{
	const struct vdisk *vd = to_vdisk(sel->cmd->dev);
	const struct vdisk_mode_page *page = vdisk_next_page(sel);
	u8 now[VDISK_PAGE_MAX] = {}, mask[VDISK_PAGE_MAX], diff, bit;
	const u8 *buf = sel->buf + sel->pos;
	unsigned int i;

	if (!page)
		return false;
	page->fill(&sel->old, now);
	vdisk_page_changeable(vd, page, mask);
	for (i = page->subpage ? 4 : 2; i < page->len; i++) {
		diff = (buf[i] ^ now[i]) & ~mask[i];
		if (diff)
			return vdisk_select_refuse(sel, sel->pos + i,
						   fls(diff) - 1);
	}
	i = page->select ? page->select(&sel->state, buf, &bit) : 0;
	if (i)
		return vdisk_select_refuse(sel, sel->pos + i, bit);
	sel->pos += page->len;
	return true;
}

static bool vdisk_check_select(struct vdisk_select *sel, bool ten)
{
	if (!vdisk_check_header(sel, ten))
		return false;
	while (sel->pos < sel->len)
		if (!vdisk_check_page(sel))
			return false;
	return true;
}

/*
 * What a cache holds does not stay there when it is turned off (SBC-4 6.5.6),
 * or when nothing can be written any more (SPC-5 7.5.10: SWP).
 */
static bool vdisk_select_flush(struct vdisk_select *sel)
{
	struct scst_device *dev = sel->cmd->dev;
	struct vdisk *vd = to_vdisk(dev);
	int error;

	if (!sel->old.wce || (sel->state.wce && !(sel->state.control.swp &&
						  !sel->old.control.swp)))
		return true;
	error = vd->store->sync(vd, 0, dev->nblocks << dev->block_shift);
	if (error)
		vdisk_set_errno(sel->cmd, error);
	return !error;
}

/* SP: all that can be saved, whether the list has it or not (SPC-5 6.13) */
static bool vdisk_select_save(struct vdisk_select *sel)
{
	u8 pages[VDISK_MODE_MAX];
	unsigned int i, len = 0;
	int error;

	if (!sel->save)
		return true;
	for (i = 0; i < ARRAY_SIZE(vdisk_mode_pages); i++) {
		const struct vdisk_mode_page *page = &vdisk_mode_pages[i];

		if (!page->select)
			continue;
		memset(pages + len, 0, page->len);
		page->fill(&sel->state, pages + len);
		len += page->len;
	}
	error = scst_dev_save_pages(sel->cmd->dev, pages, len);
	if (error == -ENOMEM)
		scst_set_cmd_status(sel->cmd, SAM_STAT_BUSY);
	else if (error)
		scst_set_cmd_error(sel->cmd, SCST_SENSE_HW_ERROR);
	return !error;
}

/* All pages are right: take them over, and tell the other nexuses. */
static void vdisk_apply_select(struct vdisk_select *sel)
{
	struct scst_device *dev = sel->cmd->dev;

	if (!vdisk_select_flush(sel) || !vdisk_select_save(sel) ||
	    vdisk_same_state(&sel->old, &sel->state))
		return;
	vdisk_set_state(to_vdisk(dev), &sel->state);
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

/*
 * Runs alone on the device. A parameter list of length zero is no error, and
 * saves what is current if SP is set.
 */
enum scst_exec_result vdisk_mode_select(struct scst_cmd *cmd)
{
	bool ten = cmd->info.op->op == SCST_OP_MODE_SELECT_10;
	struct vdisk_select sel = {
		.cmd	= cmd,
		.len	= cmd->bufflen,
		.save	= cmd->cdb[1] & VDISK_SELECT_SP,
	};
	u8 *buf;

	if (!vdisk_check_select_cdb(cmd) || (!cmd->bufflen && !sel.save))
		return SCST_EXEC_DONE;
	if (cmd->context != SCST_CONTEXT_THREAD)
		return SCST_EXEC_NEED_THREAD;

	buf = kzalloc(cmd->bufflen, GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	if (cmd->bufflen)
		scst_cmd_copy_out(cmd, buf, cmd->bufflen);
	sel.buf = buf;
	vdisk_current_state(to_vdisk(cmd->dev), &sel.old);
	sel.state = sel.old;
	if (!cmd->bufflen || vdisk_check_select(&sel, ten))
		vdisk_apply_select(&sel);
	kfree(buf);
	return SCST_EXEC_DONE;
}
