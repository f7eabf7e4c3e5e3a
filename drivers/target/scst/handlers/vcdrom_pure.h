/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MMC-6 without devices: what the commands of a CD-ROM drive answer, as
 * functions that neither lock nor sleep. KUnit runs them as they are.
 */
#ifndef _SCST_VCDROM_PURE_H
#define _SCST_VCDROM_PURE_H

#include <linux/types.h>

struct scst_control;

#define VCDROM_BLOCK_SHIFT	11
#define VCDROM_BLOCK		2048U
/* A sector of a CD as it is recorded */
#define VCDROM_RAW		2352
/* Where it has the 2048 bytes that an image holds */
#define VCDROM_RAW_USER		16
/* The first block is at 00:02:00 (MMC-6 4.2.2). */
#define VCDROM_PREGAP		150
#define VCDROM_FRAMES		75
#define VCDROM_SECONDS		60
/* Larger media than a CD of 80 minutes are DVDs. */
#define VCDROM_CD_BLOCKS	(80 * VCDROM_SECONDS * VCDROM_FRAMES)
/* Longest answers: READ DISC STRUCTURE, and of all else */
#define VCDROM_STRUCTURE_MAX	2052
#define VCDROM_ANSWER_MAX	256
/* In kB/s: 48 times as fast as audio. Nothing depends on it. */
#define VCDROM_SPEED		8467

/**
 * enum vcdrom_kind - what is in the drive
 * @VCDROM_NONE: nothing
 * @VCDROM_CD: a CD-ROM
 * @VCDROM_DVD: a DVD-ROM
 */
enum vcdrom_kind {
	VCDROM_NONE,
	VCDROM_CD,
	VCDROM_DVD,
};

/**
 * struct vcdrom_disc - a medium of one data track in one session
 * @kind: CD or DVD
 * @nblocks: size in blocks of 2048 bytes, at least one
 */
struct vcdrom_disc {
	enum vcdrom_kind	kind;
	u32			nblocks;
};

/**
 * struct vcdrom_answer - an answer in the making
 * @buf: zeroed, VCDROM_ANSWER_MAX bytes, or VCDROM_STRUCTURE_MAX for
 *	vcdrom_disc_structure()
 * @len: its length; 0: the command is refused
 * @bad_byte: field of the CDB that is invalid; 0: the block address is out of
 *	range
 * @bad_bit: its most significant bit
 */
struct vcdrom_answer {
	u8	*buf;
	u32	len;
	u8	bad_byte;
	u8	bad_bit;
};

static inline void vcdrom_refuse(struct vcdrom_answer *answer, u8 byte, u8 bit)
{
	answer->len = 0;
	answer->bad_byte = byte;
	answer->bad_bit = bit;
}

/* vcdrom_disc.c */

enum vcdrom_kind vcdrom_kind_by_size(u32 nblocks);
void vcdrom_put_address(u8 *buf, u32 lba, bool msf);
void vcdrom_toc(const struct vcdrom_disc *disc, const u8 *cdb,
		struct vcdrom_answer *answer);
void vcdrom_disc_info(const struct vcdrom_disc *disc, const u8 *cdb,
		      struct vcdrom_answer *answer);
void vcdrom_track_info(const struct vcdrom_disc *disc, const u8 *cdb,
		       struct vcdrom_answer *answer);
void vcdrom_disc_structure(const struct vcdrom_disc *disc, const u8 *cdb,
			   struct vcdrom_answer *answer);
void vcdrom_performance(const struct vcdrom_disc *disc, const u8 *cdb,
			struct vcdrom_answer *answer);

/* vcdrom_config.c */

void vcdrom_configuration(enum vcdrom_kind kind, const char *usn,
			  const u8 *cdb, struct vcdrom_answer *answer);

/* vcdrom_event.c */

/* Pending events of a nexus, in the order in which they are told */
#define VCDROM_EVENT_OPERATION	0x01	/* other features are current */
#define VCDROM_EVENT_EJECT	0x02	/* somebody wants the medium out */
#define VCDROM_EVENT_REMOVAL	0x04	/* the medium has gone */
#define VCDROM_EVENT_NEW	0x08	/* a medium has come */
/* Longest answer */
#define VCDROM_EVENT_MAX	8

/**
 * struct vcdrom_status - what events tell of a drive beside themselves
 * @events: VCDROM_EVENT_*
 * @present: there is a medium, and the tray is closed
 * @tray_open: it is not
 * @persistent: the nexus has asked for persistent prevention
 */
struct vcdrom_status {
	u8	events;
	bool	present;
	bool	tray_open;
	bool	persistent;
};

u8 vcdrom_event(const struct vcdrom_status *status, const u8 *cdb,
		struct vcdrom_answer *answer);

/* vcdrom_page.c */

#define VCDROM_PAGE_ALL		0x3f
/* First byte of a page */
#define VCDROM_PAGE_SPF		0x40
/* Longest page; all of them together */
#define VCDROM_PAGE_MAX		32
#define VCDROM_PAGES_MAX	122

/* PAGE CONTROL (SPC-5 table 178) */
enum vcdrom_pc {
	VCDROM_PC_CURRENT,
	VCDROM_PC_CHANGEABLE,
	VCDROM_PC_DEFAULT,
	VCDROM_PC_SAVED,
};

/**
 * struct vcdrom_mode_drive - what mode pages tell of a drive
 * @control: Control mode page
 * @locked: the medium cannot be taken out
 * @can_save: there is a place for the pages that can be changed
 */
struct vcdrom_mode_drive {
	const struct scst_control	*control;
	bool				locked;
	bool				can_save;
};

/**
 * struct vcdrom_mode_page - a mode page
 * @code: page code
 * @subpage: subpage code; one that is not zero makes the header 4 bytes long
 * @len: bytes, those of the header included
 * @fill: what follows the header, in a buffer that is zeroed; NULL: zeros
 */
struct vcdrom_mode_page {
	u8	code;
	u8	subpage;
	u8	len;
	void	(*fill)(const struct vcdrom_mode_drive *drive, u8 *page);
};

const struct vcdrom_mode_page *vcdrom_find_page(u8 code, u8 subpage);
bool vcdrom_can_select(const struct vcdrom_mode_page *page);
void vcdrom_build_page(const struct vcdrom_mode_page *page,
		       const struct vcdrom_mode_drive *drive, u8 *buf);
void vcdrom_build_mask(const struct vcdrom_mode_page *page, u8 *buf);
unsigned int vcdrom_build_pages(const struct vcdrom_mode_drive *drive,
				const u8 *cdb, u8 *buf);

/* vcdrom_sector.c */

void vcdrom_sector_build(u8 *raw, u32 lba);
u32 vcdrom_sector_len(u8 fields);
u32 vcdrom_sector_pick(const u8 *raw, u8 fields, u8 *to);

#endif /* _SCST_VCDROM_PURE_H */
