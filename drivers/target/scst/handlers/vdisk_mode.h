/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mode parameters of a virtual disk, without locks, sleeping or devices, by the
 * file that defines them.
 */
#ifndef _SCST_VDISK_MODE_H
#define _SCST_VDISK_MODE_H

#include <linux/types.h>
#include <scst/cdb.h>
#include <scst/mode.h>
#include <scst/types.h>

/*
 * The most there is to MODE SENSE: header, long block descriptor, all pages;
 * and what MODE DATA LENGTH of the 6-byte command can say
 */
#define VDISK_MODE_MAX		320
#define VDISK_MODE_MAX_6	256

/* Page codes that mean more than one page */
#define VDISK_PAGE_ALL		0x3f
#define VDISK_SUBPAGE_ALL	0xff

/* PAGE CONTROL (SPC-5 table 178) */
enum vdisk_pc {
	VDISK_PC_CURRENT,
	VDISK_PC_CHANGEABLE,
	VDISK_PC_DEFAULT,
	VDISK_PC_SAVED,
};

/*
 * Soft thresholds of logical block provisioning (SBC-4 4.7.3.7), as the
 * Logical Block Provisioning mode page has them, in this order
 */
enum vdisk_threshold_id {
	VDISK_THRESHOLD_AVAILABLE,	/* what is left becomes less */
	VDISK_THRESHOLD_USED,		/* what is taken becomes more */
	VDISK_NR_THRESHOLDS,
};

/**
 * struct vdisk_mode_disk - what mode pages say that no initiator can change
 * @nblocks: capacity in logical blocks
 * @block_shift: log2 of the logical block length
 * @thresholds: soft thresholds can be set
 * @rotational: the medium is said to rotate
 * @removable: the medium is removable
 * @cache: there is a volatile write cache
 * @app_tags: there are application tags, which ATO is about
 */
struct vdisk_mode_disk {
	u64	nblocks;
	u8	block_shift;
	bool	thresholds;
	bool	rotational;
	bool	removable;
	bool	cache;
	bool	app_tags;
};

/**
 * struct vdisk_threshold - a soft threshold
 * @enabled: somebody wants to hear of it
 * @count: THRESHOLD COUNT, in threshold sets
 */
struct vdisk_threshold {
	bool	enabled;
	u32	count;
};

/**
 * struct vdisk_exceptions - Informational Exceptions Control mode page
 * @flags: byte 2: EWASC and DEXCPT
 * @mrie: method of reporting: none, or on request
 */
struct vdisk_exceptions {
	u8	flags;
	u8	mrie;
};

/* What there is as long as nobody has changed it: DEXCPT */
#define VDISK_EXCEPTIONS_DEFAULT	((struct vdisk_exceptions) { 0x08 })

/**
 * struct vdisk_mode_state - what MODE SELECT can change
 * @control: Control mode page
 * @threshold: Logical Block Provisioning mode page
 * @exceptions: Informational Exceptions Control mode page
 * @wce: write cache enabled
 * @lbpere: thresholds are reported
 * @ato: application tags belong to the application client
 */
struct vdisk_mode_state {
	struct scst_control	control;
	struct vdisk_threshold	threshold[VDISK_NR_THRESHOLDS];
	struct vdisk_exceptions	exceptions;
	bool			wce;
	bool			lbpere;
	bool			ato;
};

/* vdisk_threshold.c */

u32 vdisk_threshold_left(const struct vdisk_threshold *threshold,
			 enum vdisk_threshold_id id, u32 available, u32 used);

/* vdisk_mode_pages.c */

/**
 * struct vdisk_mode_page - a mode page
 * @code: page code
 * @subpage: subpage code; one that is not zero makes the header 4 bytes long
 * @len: bytes, those of the header included
 * @thin: the page is that of disks with thresholds only
 * @fill: what comes after the header, in a buffer that is zeroed; NULL: zeros
 * @changeable: set the bits that MODE SELECT may change, likewise; NULL: none.
 *	Such a page is one that can be saved.
 * @select: take over a page in which all else is as it was. Returns 0, or the
 *	byte of a field whose value is reserved, with its first bit.
 */
struct vdisk_mode_page {
	u8		code;
	u8		subpage;
	u8		len;
	bool		thin;
	void		(*fill)(const struct vdisk_mode_disk *disk,
				const struct vdisk_mode_state *state,
				u8 *page);
	void		(*changeable)(const struct vdisk_mode_disk *disk,
				      u8 *page);
	unsigned int	(*select)(struct vdisk_mode_state *state,
				  const u8 *page, u8 *bit);
};

/* Longest page */
#define VDISK_PAGE_MAX		40

static inline unsigned int
vdisk_page_header(const struct vdisk_mode_page *page)
{
	return page->subpage ? 4 : 2;
}

/* In the order of SPC-5 6.14.1; NULL behind the last one of the disk */
const struct vdisk_mode_page *
vdisk_mode_page(const struct vdisk_mode_disk *disk, unsigned int i);
const struct vdisk_mode_page *
vdisk_find_page(const struct vdisk_mode_disk *disk, u8 code, u8 subpage);
void vdisk_page_values(const struct vdisk_mode_page *page,
		       const struct vdisk_mode_disk *disk,
		       const struct vdisk_mode_state *state, u8 *buf);
void vdisk_page_changeable(const struct vdisk_mode_page *page,
			   const struct vdisk_mode_disk *disk, u8 *buf);

/* vdisk_mode_list.c */

/**
 * vdisk_mode_build() - parameter data of MODE SENSE behind the block descriptor
 * @disk: the disk
 * @state: the values that @pc asks for
 * @pc: PAGE CONTROL
 * @code: page code, or VDISK_PAGE_ALL
 * @subpage: subpage code, or VDISK_SUBPAGE_ALL
 * @ps: pages can be saved
 * @buf: result, zeroed
 *
 * Return: bytes of the pages, 0 if there is no such page.
 */
unsigned int vdisk_mode_build(const struct vdisk_mode_disk *disk,
			      const struct vdisk_mode_state *state,
			      enum vdisk_pc pc, u8 code, u8 subpage, bool ps,
			      u8 *buf);

/**
 * vdisk_mode_block_desc() - a block descriptor (SBC-4 6.5.2)
 * @disk: the disk
 * @is_long: the one of 16 bytes
 * @buf: result, zeroed
 *
 * Return: its length.
 */
unsigned int vdisk_mode_block_desc(const struct vdisk_mode_disk *disk,
				   bool is_long, u8 *buf);

/**
 * vdisk_mode_parse() - check a parameter list of MODE SELECT
 * @disk: the disk
 * @buf: parameter list
 * @len: bytes in @buf
 * @ten: it is MODE SELECT(10)
 * @state: what is current; result: what it is to be, unless false is returned
 * @err: why it is refused, with a pointer into the list
 *
 * Return: it is right.
 */
bool vdisk_mode_parse(const struct vdisk_mode_disk *disk, const u8 *buf,
		      unsigned int len, bool ten,
		      struct vdisk_mode_state *state,
		      struct scst_cdb_error *err);

/**
 * vdisk_mode_save() - all pages that can be saved
 * @disk: the disk
 * @state: what is to be saved
 * @buf: result, VDISK_MODE_MAX bytes
 *
 * Return: bytes in @buf.
 */
unsigned int vdisk_mode_save(const struct vdisk_mode_disk *disk,
			     const struct vdisk_mode_state *state, u8 *buf);

/**
 * vdisk_mode_load() - the reverse
 * @disk: the disk, which may not be what it was
 * @buf: pages that were saved
 * @len: bytes in @buf
 * @state: default values; result: with what was saved
 */
void vdisk_mode_load(const struct vdisk_mode_disk *disk, const u8 *buf,
		     size_t len, struct vdisk_mode_state *state);

/* Do both say the same? */
bool vdisk_mode_same(const struct vdisk_mode_disk *disk,
		     const struct vdisk_mode_state *a,
		     const struct vdisk_mode_state *b);

#endif /* _SCST_VDISK_MODE_H */
