// SPDX-License-Identifier: GPL-2.0
/*
 * The mode pages of a virtual disk (SPC-5 7.5, SBC-4 6.5): one table, and what
 * each of them says.
 *
 * Pages that ask for a way of recovery, or for a power condition after some
 * time, say that there is none, and cannot be changed.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "vdisk_mode.h"

/* First byte of a subpage */
#define VDISK_PAGE_SPF		0x40
/* Read-Write Error Recovery (SBC-4 6.5.10): byte 2, byte 7 */
#define VDISK_AWRE		0x80
#define VDISK_ARRE		0x40
#define VDISK_LBPERE		0x80
/* Format Device (SBC-2 6.3.3), byte 20 */
#define VDISK_HSEC		0x40
#define VDISK_RMB		0x20
/* Caching (SBC-4 6.5.6), byte 2 */
#define VDISK_WCE		0x04
/* Control (SPC-5 7.5.10), byte 5: application tag owner */
#define VDISK_ATO		0x80
/* Informational Exceptions Control (SPC-5 7.5.16): bytes 2 and 3 */
#define VDISK_EWASC		0x10
#define VDISK_DEXCPT		0x08
#define VDISK_MRIE		0x0f
#define VDISK_MRIE_NONE		0
#define VDISK_MRIE_ON_REQUEST	6

/*
 * A cylinder that is a MiB of 512-byte blocks: disks mostly are as many MiB
 * large, so that the geometry of pages 03h and 04h has all their blocks.
 */
#define VDISK_HEADS		64
#define VDISK_SECTORS		32
#define VDISK_MAX_SECTORS	SZ_32K
#define VDISK_MAX_CYLINDERS	0xffffff

/* Logical Block Provisioning (SBC-4 6.5.9): descriptors, and each of them */
#define VDISK_LBP_DESC		16
#define VDISK_LBP_DESC_LEN	8
#define VDISK_LBP_ENABLED	0x80
#define VDISK_LBP_INCREASING	0x01

static u16 vdisk_sectors(const struct vdisk_mode_disk *disk)
{
	u32 sectors = VDISK_SECTORS;

	while (sectors < VDISK_MAX_SECTORS &&
	       div_u64(disk->nblocks, VDISK_HEADS * sectors) >
	       VDISK_MAX_CYLINDERS)
		sectors *= 2;
	return sectors;
}

static u32 vdisk_cylinders(const struct vdisk_mode_disk *disk)
{
	return clamp(div_u64(disk->nblocks, VDISK_HEADS * vdisk_sectors(disk)),
		     1, VDISK_MAX_CYLINDERS);
}

static void vdisk_fill_recovery(const struct vdisk_mode_disk *disk,
				const struct vdisk_mode_state *state, u8 *page)
{
	page[2] = VDISK_AWRE | VDISK_ARRE;
	if (state->lbpere)
		page[7] = VDISK_LBPERE;
}

static void vdisk_changeable_recovery(const struct vdisk_mode_disk *disk,
				      u8 *page)
{
	if (disk->thresholds)
		page[7] = VDISK_LBPERE;
}

static unsigned int vdisk_select_recovery(struct vdisk_mode_state *state,
					  const u8 *page, u8 *bit)
{
	state->lbpere = page[7] & VDISK_LBPERE;
	return 0;
}

static void vdisk_fill_format(const struct vdisk_mode_disk *disk,
			      const struct vdisk_mode_state *state, u8 *page)
{
	put_unaligned_be16(vdisk_sectors(disk), page + 10);
	put_unaligned_be16(1U << disk->block_shift, page + 12);
	put_unaligned_be16(1, page + 14);	/* INTERLEAVE */
	page[20] = VDISK_HSEC;
	if (disk->removable)
		page[20] |= VDISK_RMB;
}

/* MEDIUM ROTATION RATE as in VPD page B1h: not reported, or none */
static void vdisk_fill_geometry(const struct vdisk_mode_disk *disk,
				const struct vdisk_mode_state *state, u8 *page)
{
	put_unaligned_be24(vdisk_cylinders(disk), page + 2);
	page[5] = VDISK_HEADS;
	put_unaligned_be16(disk->rotational ? 0 : 1, page + 20);
}

static void vdisk_fill_caching(const struct vdisk_mode_disk *disk,
			       const struct vdisk_mode_state *state, u8 *page)
{
	if (state->wce)
		page[2] = VDISK_WCE;
}

/* Nobody but the administrator gives a cache to a disk that has none. */
static void vdisk_changeable_caching(const struct vdisk_mode_disk *disk,
				     u8 *page)
{
	if (disk->cache)
		page[2] = VDISK_WCE;
}

static unsigned int vdisk_select_caching(struct vdisk_mode_state *state,
					 const u8 *page, u8 *bit)
{
	state->wce = page[2] & VDISK_WCE;
	return 0;
}

static void vdisk_fill_control(const struct vdisk_mode_disk *disk,
			       const struct vdisk_mode_state *state, u8 *page)
{
	scst_control_fill(&state->control, page);
	if (disk->app_tags && state->ato)
		page[5] |= VDISK_ATO;
}

static void vdisk_changeable_control(const struct vdisk_mode_disk *disk,
				     u8 *page)
{
	scst_control_changeable(page);
	if (disk->app_tags)
		page[5] |= VDISK_ATO;
}

static unsigned int vdisk_select_control(struct vdisk_mode_state *state,
					 const u8 *page, u8 *bit)
{
	unsigned int byte;

	byte = scst_control_select(&state->control, page, bit);
	if (!byte)
		state->ato = page[5] & VDISK_ATO;
	return byte;
}

static void vdisk_fill_control_ext(const struct vdisk_mode_disk *disk,
				   const struct vdisk_mode_state *state,
				   u8 *page)
{
	scst_control_ext_fill(page);
}

/*
 * There are no exceptions. Monitors enable them all the same, to ask for them
 * in the log page; other ways of reporting, and TEST, would promise to send
 * something.
 */
static void vdisk_fill_exceptions(const struct vdisk_mode_disk *disk,
				  const struct vdisk_mode_state *state,
				  u8 *page)
{
	page[2] = state->exceptions.flags;
	page[3] = state->exceptions.mrie;
}

static void vdisk_changeable_exceptions(const struct vdisk_mode_disk *disk,
					u8 *page)
{
	page[2] = VDISK_EWASC | VDISK_DEXCPT;
	page[3] = VDISK_MRIE;
}

static unsigned int vdisk_select_exceptions(struct vdisk_mode_state *state,
					    const u8 *page, u8 *bit)
{
	if (page[3] != VDISK_MRIE_NONE && page[3] != VDISK_MRIE_ON_REQUEST) {
		*bit = fls(VDISK_MRIE) - 1;
		return 3;
	}
	state->exceptions.flags = page[2];
	state->exceptions.mrie = page[3];
	return 0;
}

static u8 *vdisk_lbp_desc(u8 *page, enum vdisk_threshold_id id)
{
	return page + VDISK_LBP_DESC + id * VDISK_LBP_DESC_LEN;
}

/* THRESHOLD RESOURCE is the parameter's code in the log page of that name. */
static void vdisk_fill_lbp(const struct vdisk_mode_disk *disk,
			   const struct vdisk_mode_state *state, u8 *page)
{
	int i;

	for (i = 0; i < VDISK_NR_THRESHOLDS; i++) {
		u8 *desc = vdisk_lbp_desc(page, i);

		if (state->threshold[i].enabled)
			desc[0] = VDISK_LBP_ENABLED;
		if (i == VDISK_THRESHOLD_USED)
			desc[0] |= VDISK_LBP_INCREASING;
		desc[1] = i + 1;
		put_unaligned_be32(state->threshold[i].count, desc + 4);
	}
}

static void vdisk_changeable_lbp(const struct vdisk_mode_disk *disk, u8 *page)
{
	int i;

	for (i = 0; i < VDISK_NR_THRESHOLDS; i++) {
		u8 *desc = vdisk_lbp_desc(page, i);

		desc[0] = VDISK_LBP_ENABLED;
		put_unaligned_be32(U32_MAX, desc + 4);
	}
}

static unsigned int vdisk_select_lbp(struct vdisk_mode_state *state,
				     const u8 *page, u8 *bit)
{
	int i;

	for (i = 0; i < VDISK_NR_THRESHOLDS; i++) {
		const u8 *desc = page + VDISK_LBP_DESC + i * VDISK_LBP_DESC_LEN;

		state->threshold[i].enabled = desc[0] & VDISK_LBP_ENABLED;
		state->threshold[i].count = get_unaligned_be32(desc + 4);
	}
	return 0;
}

static const struct vdisk_mode_page vdisk_mode_pages[] = {
	{	/* Read-Write Error Recovery */
		.code = 0x01, .len = 12,
		.fill = vdisk_fill_recovery,
		.changeable = vdisk_changeable_recovery,
		.select = vdisk_select_recovery,
	}, {	/* Disconnect-Reconnect */
		.code = 0x02, .len = 16,
	}, {	/* Format Device */
		.code = 0x03, .len = 24,
		.fill = vdisk_fill_format,
	}, {	/* Rigid Disk Geometry */
		.code = 0x04, .len = 24,
		.fill = vdisk_fill_geometry,
	}, {	/* Verify Error Recovery */
		.code = 0x07, .len = 12,
	}, {	/* Caching */
		.code = 0x08, .len = 20,
		.fill = vdisk_fill_caching,
		.changeable = vdisk_changeable_caching,
		.select = vdisk_select_caching,
	}, {	/* Control */
		.code = SCST_CONTROL_CODE, .len = SCST_CONTROL_LEN,
		.fill = vdisk_fill_control,
		.changeable = vdisk_changeable_control,
		.select = vdisk_select_control,
	}, {	/* Control Extension */
		.code = SCST_CONTROL_CODE, .subpage = SCST_CONTROL_EXT_CODE,
		.len = SCST_CONTROL_EXT_LEN,
		.fill = vdisk_fill_control_ext,
	}, {	/* Power Condition */
		.code = 0x1a, .len = 40,
	}, {	/* Informational Exceptions Control */
		.code = 0x1c, .len = 12,
		.fill = vdisk_fill_exceptions,
		.changeable = vdisk_changeable_exceptions,
		.select = vdisk_select_exceptions,
	}, {	/* Logical Block Provisioning */
		.code = 0x1c, .subpage = 0x02, .len = 32, .thin = true,
		.fill = vdisk_fill_lbp,
		.changeable = vdisk_changeable_lbp,
		.select = vdisk_select_lbp,
	},
};

const struct vdisk_mode_page *
vdisk_mode_page(const struct vdisk_mode_disk *disk, unsigned int i)
{
	const struct vdisk_mode_page *page = vdisk_mode_pages;

	for (; page < vdisk_mode_pages + ARRAY_SIZE(vdisk_mode_pages); page++)
		if ((disk->thresholds || !page->thin) && !i--)
			return page;
	return NULL;
}

const struct vdisk_mode_page *
vdisk_find_page(const struct vdisk_mode_disk *disk, u8 code, u8 subpage)
{
	const struct vdisk_mode_page *page;
	unsigned int i;

	for (i = 0; (page = vdisk_mode_page(disk, i)); i++)
		if (page->code == code && page->subpage == subpage)
			return page;
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_find_page);

/* Those of the core have written theirs as well. */
static void vdisk_put_header(const struct vdisk_mode_page *page, u8 *buf)
{
	if (!page->subpage) {
		buf[0] = page->code;
		buf[1] = page->len - 2;
		return;
	}
	buf[0] = VDISK_PAGE_SPF | page->code;
	buf[1] = page->subpage;
	put_unaligned_be16(page->len - 4, buf + 2);
}

void vdisk_page_values(const struct vdisk_mode_page *page,
		       const struct vdisk_mode_disk *disk,
		       const struct vdisk_mode_state *state, u8 *buf)
{
	memset(buf, 0, page->len);
	if (page->fill)
		page->fill(disk, state, buf);
	vdisk_put_header(page, buf);
}

void vdisk_page_changeable(const struct vdisk_mode_page *page,
			   const struct vdisk_mode_disk *disk, u8 *buf)
{
	memset(buf, 0, page->len);
	if (page->changeable)
		page->changeable(disk, buf);
	vdisk_put_header(page, buf);
}
