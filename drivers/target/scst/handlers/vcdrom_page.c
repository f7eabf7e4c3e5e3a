// SPDX-License-Identifier: GPL-2.0
/*
 * Mode pages of a CD-ROM drive (MMC-6 7, SPC-5 7.5), as they are told.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <scst/mode.h>
#include "vcdrom_pure.h"

#define VCDROM_SUBPAGE_ALL	0xff
/* First byte of a page */
#define VCDROM_PAGE_PS		0x80

/* 2Ah: what MMC-3 had before there were features, and what sr asks for */
static void vcdrom_fill_capabilities(const struct vcdrom_mode_drive *drive,
				     u8 *page)
{
	page[2] = 0x0b;			/* reads DVD-ROM, CD-RW, CD-R */
	page[6] = 0x29;			/* a tray, Eject, Lock */
	if (drive->locked)
		page[6] |= 0x02;	/* Lock State */
	put_unaligned_be16(VCDROM_SPEED, page + 8);
	put_unaligned_be16(VCDROM_SPEED, page + 14);
}

static void vcdrom_fill_control(const struct vcdrom_mode_drive *drive, u8 *page)
{
	scst_control_fill(drive->control, page);
}

static void vcdrom_fill_control_ext(const struct vcdrom_mode_drive *drive,
				    u8 *page)
{
	scst_control_ext_fill(page);
}

/* In the order of SPC-5 6.14.1 */
static const struct vcdrom_mode_page vcdrom_mode_pages[] = {
	{ 0x01, 0, 12 },		/* Read/Write Error Recovery */
	{ SCST_CONTROL_CODE, 0, SCST_CONTROL_LEN, vcdrom_fill_control },
	{ SCST_CONTROL_CODE, SCST_CONTROL_EXT_CODE, SCST_CONTROL_EXT_LEN,
	  vcdrom_fill_control_ext },
	{ 0x1a, 0, 12 },		/* Power Condition: no timers */
	{ 0x1c, 0, 12 },		/* Fault/Failure Reporting: none */
	{ 0x1d, 0, 10 },		/* Timeout and Protect */
	{ 0x2a, 0, 32, vcdrom_fill_capabilities },
};

/* NULL: there is none */
const struct vcdrom_mode_page *vcdrom_find_page(u8 code, u8 subpage)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vcdrom_mode_pages); i++)
		if (vcdrom_mode_pages[i].code == code &&
		    vcdrom_mode_pages[i].subpage == subpage)
			return &vcdrom_mode_pages[i];
	return NULL;
}

bool vcdrom_can_select(const struct vcdrom_mode_page *page)
{
	return page->code == SCST_CONTROL_CODE && !page->subpage;
}

/* All of it, in VCDROM_PAGE_MAX bytes; PS is zero. */
void vcdrom_build_page(const struct vcdrom_mode_page *page,
		       const struct vcdrom_mode_drive *drive, u8 *buf)
{
	memset(buf, 0, page->len);
	buf[0] = page->code;
	if (page->subpage) {
		buf[0] |= VCDROM_PAGE_SPF;
		buf[1] = page->subpage;
		put_unaligned_be16(page->len - 4, buf + 2);
	} else {
		buf[1] = page->len - 2;
	}
	if (page->fill)
		page->fill(drive, buf);
}

/* The same with a mask of what MODE SELECT may change */
void vcdrom_build_mask(const struct vcdrom_mode_page *page, u8 *buf)
{
	static const struct scst_control none;
	static const struct vcdrom_mode_drive drive = { .control = &none };
	unsigned int header = page->subpage ? 4 : 2;
	u8 mask[SCST_CONTROL_LEN] = {};

	vcdrom_build_page(page, &drive, buf);
	memset(buf + header, 0, page->len - header);
	if (!vcdrom_can_select(page))
		return;
	scst_control_changeable(mask);
	memcpy(buf + header, mask + header, page->len - header);
}

/* SPC-5 6.14.1: of all pages there is all, or those that are no subpages. */
static bool vcdrom_page_wanted(const struct vcdrom_mode_page *page, u8 code,
			       u8 subpage)
{
	if (code != VCDROM_PAGE_ALL && code != page->code)
		return false;
	if (subpage == VCDROM_SUBPAGE_ALL)
		return true;
	return subpage == page->subpage && (code != VCDROM_PAGE_ALL || !subpage);
}

/**
 * vcdrom_build_pages() - the mode pages that MODE SENSE asks for
 * @drive: whose; its Control mode page as PAGE CONTROL wants it
 * @cdb: MODE SENSE (6) or (10)
 * @buf: result, VCDROM_PAGES_MAX bytes
 *
 * Return: bytes in @buf; 0: there is no such page.
 */
unsigned int vcdrom_build_pages(const struct vcdrom_mode_drive *drive,
				const u8 *cdb, u8 *buf)
{
	u8 code = cdb[2] & VCDROM_PAGE_ALL, subpage = cdb[3];
	unsigned int i, len = 0;

	for (i = 0; i < ARRAY_SIZE(vcdrom_mode_pages); i++) {
		const struct vcdrom_mode_page *page = &vcdrom_mode_pages[i];

		if (!vcdrom_page_wanted(page, code, subpage))
			continue;
		if (cdb[2] >> 6 == VCDROM_PC_CHANGEABLE)
			vcdrom_build_mask(page, buf + len);
		else
			vcdrom_build_page(page, drive, buf + len);
		if (vcdrom_can_select(page) && drive->can_save)
			buf[len] |= VCDROM_PAGE_PS;
		len += page->len;
	}
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_build_pages);
