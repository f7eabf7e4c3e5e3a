// SPDX-License-Identifier: GPL-2.0
/*
 * Mode pages in a row: parameter data of MODE SENSE, parameter lists of MODE
 * SELECT (SPC-5 6.13 to 6.16), and pages that were saved.
 */
#include <kunit/visibility.h>
#include <linux/bitops.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "vdisk_mode.h"

/* First byte of a page */
#define VDISK_PAGE_PS		0x80
#define VDISK_PAGE_SPF		0x40
#define VDISK_PAGE_CODE		0x3f

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

unsigned int vdisk_mode_build(const struct vdisk_mode_disk *disk,
			      const struct vdisk_mode_state *state,
			      enum vdisk_pc pc, u8 code, u8 subpage, bool ps,
			      u8 *buf)
{
	const struct vdisk_mode_page *page;
	unsigned int i, len = 0;

	for (i = 0; (page = vdisk_mode_page(disk, i)); i++) {
		if (!vdisk_page_wanted(page, code, subpage))
			continue;
		if (pc == VDISK_PC_CHANGEABLE)
			vdisk_page_changeable(page, disk, buf + len);
		else
			vdisk_page_values(page, disk, state, buf + len);
		if (ps && page->select)
			buf[len] |= VDISK_PAGE_PS;
		len += page->len;
	}
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_mode_build);

unsigned int vdisk_mode_block_desc(const struct vdisk_mode_disk *disk,
				   bool is_long, u8 *buf)
{
	if (is_long) {
		put_unaligned_be64(disk->nblocks, buf);
		put_unaligned_be32(1U << disk->block_shift, buf + 12);
		return 16;
	}
	put_unaligned_be32(min_t(u64, disk->nblocks, U32_MAX), buf);
	put_unaligned_be24(1U << disk->block_shift, buf + 5);
	return 8;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_mode_block_desc);

/**
 * struct vdisk_mode_list - a parameter list on its way through the checks
 * @disk: the disk
 * @buf: parameter list
 * @len: bytes in @buf
 * @pos: how far it was checked
 * @ten: it is MODE SELECT(10)
 * @old: what is current
 * @state: what is to be
 * @err: why it is refused
 */
struct vdisk_mode_list {
	const struct vdisk_mode_disk	*disk;
	const u8			*buf;
	unsigned int			len;
	unsigned int			pos;
	bool				ten;
	const struct vdisk_mode_state	*old;
	struct vdisk_mode_state		*state;
	struct scst_cdb_error		*err;
};

static bool vdisk_list_refuse(struct vdisk_mode_list *list, unsigned int byte,
			      int bit)
{
	*list->err = (struct scst_cdb_error) {
		.sense = SCST_SENSE_INVALID_FIELD_PARAM,
		.byte = byte,
		.bit = bit,
	};
	return false;
}

static bool vdisk_list_too_short(struct vdisk_mode_list *list)
{
	*list->err = (struct scst_cdb_error) {
		.sense = SCST_SENSE_PARAM_LIST_LENGTH,
		.bit = -1,
	};
	return false;
}

/* The capacity and the block length cannot be changed this way. */
static bool vdisk_check_block_desc(struct vdisk_mode_list *list, bool is_long,
				   unsigned int len)
{
	const u8 *desc = list->buf + list->pos;
	u8 now[16] = {};
	unsigned int size, i;
	bool same_count = true, zero_count = true;

	if (!len)
		return true;
	size = vdisk_mode_block_desc(list->disk, is_long, now);
	if (len != size)
		return vdisk_list_refuse(list, list->ten ? 6 : 3, 7);
	if (list->len - list->pos < len)
		return vdisk_list_too_short(list);
	/* NUMBER OF LOGICAL BLOCKS zero leaves it as it is. */
	for (i = 0; i < size / 2; i++) {
		same_count &= desc[i] == now[i];
		zero_count &= !desc[i];
	}
	if (!same_count && !zero_count)
		return vdisk_list_refuse(list, list->pos, 7);
	for (; i < size; i++)
		if (desc[i] != now[i])
			return vdisk_list_refuse(list, list->pos + i, 7);
	list->pos += len;
	return true;
}

static bool vdisk_check_header(struct vdisk_mode_list *list)
{
	unsigned int header = list->ten ? 8 : 4, desc;
	const u8 *buf = list->buf;
	bool is_long;

	if (list->len < header)
		return vdisk_list_too_short(list);
	/* MEDIUM TYPE; MODE DATA LENGTH is reserved here. */
	if (buf[list->ten ? 2 : 1])
		return vdisk_list_refuse(list, list->ten ? 2 : 1, 7);
	is_long = list->ten && buf[4] & 0x01;
	desc = list->ten ? get_unaligned_be16(buf + 6) : buf[3];
	list->pos = header;
	return vdisk_check_block_desc(list, is_long, desc);
}

/* The page that comes next, all of it within the list; NULL: refused */
static const struct vdisk_mode_page *
vdisk_next_page(struct vdisk_mode_list *list)
{
	const struct vdisk_mode_page *page;
	const u8 *buf = list->buf + list->pos;
	unsigned int left = list->len - list->pos, len;
	bool spf = buf[0] & VDISK_PAGE_SPF;
	u8 code = buf[0] & VDISK_PAGE_CODE;

	if (!vdisk_find_page(list->disk, code, 0)) {
		vdisk_list_refuse(list, list->pos, 5);
		return NULL;
	}
	if (left < (spf ? 4 : 2)) {
		vdisk_list_too_short(list);
		return NULL;
	}
	/* A page without a subpage code has no long header (SPC-5 7.5.8). */
	page = vdisk_find_page(list->disk, code, spf ? buf[1] : 0);
	if (!page || (spf && !page->subpage)) {
		vdisk_list_refuse(list, list->pos + 1, 7);
		return NULL;
	}
	len = spf ? get_unaligned_be16(buf + 2) + 4 : buf[1] + 2;
	if (len != page->len) {
		vdisk_list_refuse(list, list->pos + (spf ? 2 : 1), 7);
		return NULL;
	}
	if (left < len) {
		vdisk_list_too_short(list);
		return NULL;
	}
	return page;
}

/*
 * Only what is changeable may differ from what it is (SPC-5 6.13). PS is
 * reserved here, and many initiators send back what MODE SENSE has said.
 */
static bool vdisk_check_page(struct vdisk_mode_list *list)
{
	const struct vdisk_mode_page *page = vdisk_next_page(list);
	u8 now[VDISK_PAGE_MAX], mask[VDISK_PAGE_MAX], diff, bit;
	const u8 *buf = list->buf + list->pos;
	unsigned int i;

	if (!page)
		return false;
	vdisk_page_values(page, list->disk, list->old, now);
	vdisk_page_changeable(page, list->disk, mask);
	for (i = vdisk_page_header(page); i < page->len; i++) {
		diff = (buf[i] ^ now[i]) & ~mask[i];
		if (diff)
			return vdisk_list_refuse(list, list->pos + i,
						 fls(diff) - 1);
	}
	i = page->select ? page->select(list->state, buf, &bit) : 0;
	if (i)
		return vdisk_list_refuse(list, list->pos + i, bit);
	list->pos += page->len;
	return true;
}

bool vdisk_mode_parse(const struct vdisk_mode_disk *disk, const u8 *buf,
		      unsigned int len, bool ten,
		      struct vdisk_mode_state *state,
		      struct scst_cdb_error *err)
{
	struct vdisk_mode_state next = *state;
	struct vdisk_mode_list list = {
		.disk	= disk,
		.buf	= buf,
		.len	= len,
		.ten	= ten,
		.old	= state,
		.state	= &next,
		.err	= err,
	};

	if (!vdisk_check_header(&list))
		return false;
	while (list.pos < list.len)
		if (!vdisk_check_page(&list))
			return false;
	*state = next;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_mode_parse);

unsigned int vdisk_mode_save(const struct vdisk_mode_disk *disk,
			     const struct vdisk_mode_state *state, u8 *buf)
{
	const struct vdisk_mode_page *page;
	unsigned int i, len = 0;

	for (i = 0; (page = vdisk_mode_page(disk, i)); i++) {
		if (!page->select)
			continue;
		vdisk_page_values(page, disk, state, buf + len);
		len += page->len;
	}
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_mode_save);

/*
 * A saved page. What an administrator has taken out of initiators' hands since
 * it was saved is as it is by default; so is a field with a value that is
 * reserved, which we never save.
 */
static void vdisk_load_page(const struct vdisk_mode_disk *disk,
			    const struct vdisk_mode_page *page, const u8 *buf,
			    struct vdisk_mode_state *state)
{
	u8 now[VDISK_PAGE_MAX], mask[VDISK_PAGE_MAX], bit;
	unsigned int i;

	vdisk_page_values(page, disk, state, now);
	vdisk_page_changeable(page, disk, mask);
	for (i = vdisk_page_header(page); i < page->len; i++)
		now[i] ^= (now[i] ^ buf[i]) & mask[i];
	page->select(state, now, &bit);
}

void vdisk_mode_load(const struct vdisk_mode_disk *disk, const u8 *buf,
		     size_t len, struct vdisk_mode_state *state)
{
	const struct vdisk_mode_page *page;
	size_t header, size;
	bool spf;

	for (; len; buf += size, len -= size) {
		spf = buf[0] & VDISK_PAGE_SPF;
		header = spf ? 4 : 2;
		if (len < header)
			return;
		size = header + (spf ? get_unaligned_be16(buf + 2) : buf[1]);
		if (len < size)
			return;
		page = vdisk_find_page(disk, buf[0] & VDISK_PAGE_CODE,
				       spf ? buf[1] : 0);
		if (page && page->select && page->len == size)
			vdisk_load_page(disk, page, buf, state);
	}
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_mode_load);

bool vdisk_mode_same(const struct vdisk_mode_disk *disk,
		     const struct vdisk_mode_state *a,
		     const struct vdisk_mode_state *b)
{
	u8 one[VDISK_PAGE_MAX], other[VDISK_PAGE_MAX];
	const struct vdisk_mode_page *page;
	unsigned int i;

	for (i = 0; (page = vdisk_mode_page(disk, i)); i++) {
		vdisk_page_values(page, disk, a, one);
		vdisk_page_values(page, disk, b, other);
		if (memcmp(one, other, page->len))
			return false;
	}
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_mode_same);
