// SPDX-License-Identifier: GPL-2.0
/*
 * What a medium says of itself (MMC-6 6.22, 6.25, 6.26, 6.27): a finalized disc
 * of one session with one data track.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "vcdrom_pure.h"

/* CDB bytes of the commands */
#define VCDROM_MSF		0x02
#define VCDROM_TOC_FORMAT	0x0f
#define VCDROM_INFO_TYPE	0x07
#define VCDROM_TRACK_OPEN	0x04
#define VCDROM_TRACK_TYPE	0x03
#define VCDROM_MEDIA_TYPE	0x0f
#define VCDROM_PERF_DATA	0x1f
#define VCDROM_PERF_EXCEPT	0x03

/* ADR 1, CONTROL 4: a data track whose position Q tells (MMC-6 4.2.3.5) */
#define VCDROM_ADR_CONTROL	0x14
#define VCDROM_LEADOUT		0xaa
/* POINT values of a full TOC */
#define VCDROM_POINT_FIRST	0xa0
#define VCDROM_POINT_LAST	0xa1
#define VCDROM_POINT_LEADOUT	0xa2

/* READ DISC STRUCTURE: physical sector number of block 0, what byte 5 says */
#define VCDROM_DVD_START	0x30000
#define VCDROM_DVD_MAX		0xffffff
#define VCDROM_DVD_NO_RATE	0x0f
#define VCDROM_DVD_EMBOSSED	0x01

enum vcdrom_kind vcdrom_kind_by_size(u32 nblocks)
{
	return nblocks <= VCDROM_CD_BLOCKS - VCDROM_PREGAP ? VCDROM_CD :
							     VCDROM_DVD;
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_kind_by_size);

/* What does not fit is the largest there is (MMC-6 table 25). */
static void vcdrom_put_msf(u8 *buf, u32 lba)
{
	u64 frame = (u64)lba + VCDROM_PREGAP;
	u64 minute = VCDROM_SECONDS * VCDROM_FRAMES;

	if (frame >= 256 * minute)
		frame = 256 * minute - 1;
	buf[0] = (u32)frame / (u32)minute;
	buf[1] = (u32)frame / VCDROM_FRAMES % VCDROM_SECONDS;
	buf[2] = (u32)frame % VCDROM_FRAMES;
}

/* Four bytes */
void vcdrom_put_address(u8 *buf, u32 lba, bool msf)
{
	if (msf)
		vcdrom_put_msf(buf + 1, lba);
	else
		put_unaligned_be32(lba, buf);
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_put_address);

static u8 *vcdrom_toc_track(u8 *buf, u8 track, u32 lba, bool msf)
{
	buf[1] = VCDROM_ADR_CONTROL;
	buf[2] = track;
	vcdrom_put_address(buf + 4, lba, msf);
	return buf + 8;
}

/* 0000b: the tracks from TRACK/SESSION NUMBER on, and the lead-out */
static void vcdrom_toc_tracks(const struct vcdrom_disc *disc, const u8 *cdb,
			      struct vcdrom_answer *answer)
{
	u8 *end = answer->buf + 4, first = cdb[6];
	bool msf = cdb[1] & VCDROM_MSF;

	if (first > 1 && first != VCDROM_LEADOUT) {
		vcdrom_refuse(answer, 6, 7);
		return;
	}
	if (first <= 1)
		end = vcdrom_toc_track(end, 1, 0, msf);
	end = vcdrom_toc_track(end, VCDROM_LEADOUT, disc->nblocks, msf);
	answer->len = end - answer->buf;
}

/* 0001b: the first track of the last session */
static void vcdrom_toc_sessions(const struct vcdrom_disc *disc, const u8 *cdb,
				struct vcdrom_answer *answer)
{
	u8 *end = vcdrom_toc_track(answer->buf + 4, 1, 0,
				   cdb[1] & VCDROM_MSF);

	answer->len = end - answer->buf;
}

/* Q of the lead-in: POINT, and the three bytes that go with it */
static u8 *vcdrom_toc_point(u8 *buf, u8 point, const u8 *value)
{
	buf[0] = 1;			/* session */
	buf[1] = VCDROM_ADR_CONTROL;
	buf[3] = point;
	memcpy(buf + 8, value, 3);
	return buf + 11;
}

/* 0010b: all of the lead-in, from session TRACK/SESSION NUMBER on */
static void vcdrom_toc_full(const struct vcdrom_disc *disc, const u8 *cdb,
			    struct vcdrom_answer *answer)
{
	static const u8 one[3] = { 1 };
	u8 *end = answer->buf + 4, msf[3];

	if (cdb[6] > 1) {
		vcdrom_refuse(answer, 6, 7);
		return;
	}
	end = vcdrom_toc_point(end, VCDROM_POINT_FIRST, one);
	end = vcdrom_toc_point(end, VCDROM_POINT_LAST, one);
	vcdrom_put_msf(msf, disc->nblocks);
	end = vcdrom_toc_point(end, VCDROM_POINT_LEADOUT, msf);
	vcdrom_put_msf(msf, 0);
	end = vcdrom_toc_point(end, 1, msf);
	answer->len = end - answer->buf;
}

/* READ TOC/PMA/ATIP. The other formats are of media that can be written. */
void vcdrom_toc(const struct vcdrom_disc *disc, const u8 *cdb,
		struct vcdrom_answer *answer)
{
	static void (*const formats[])(const struct vcdrom_disc *disc,
				       const u8 *cdb,
				       struct vcdrom_answer *answer) = {
		vcdrom_toc_tracks,
		vcdrom_toc_sessions,
		vcdrom_toc_full,
	};
	u8 format = cdb[2] & VCDROM_TOC_FORMAT;

	if (format >= ARRAY_SIZE(formats)) {
		vcdrom_refuse(answer, 2, 3);
		return;
	}
	formats[format](disc, cdb, answer);
	if (!answer->len)
		return;
	put_unaligned_be16(answer->len - 2, answer->buf);
	answer->buf[2] = 1;		/* first and last, track or session */
	answer->buf[3] = 1;
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_toc);

/* READ DISC INFORMATION: the standard data alone */
void vcdrom_disc_info(const struct vcdrom_disc *disc, const u8 *cdb,
		      struct vcdrom_answer *answer)
{
	u8 *buf = answer->buf;

	if (cdb[1] & VCDROM_INFO_TYPE) {
		vcdrom_refuse(answer, 1, 2);
		return;
	}
	answer->len = 34;
	put_unaligned_be16(answer->len - 2, buf);
	buf[2] = 0x0e;			/* last session, and disc: complete */
	buf[3] = 1;			/* first track */
	buf[4] = 1;			/* sessions */
	buf[5] = 1;			/* first track of the last session */
	buf[6] = 1;			/* last track of it */
	buf[7] = 0x20;			/* URU: for whatever use */
	/* There is no place for another session. */
	put_unaligned_be32(U32_MAX, buf + 16);
	put_unaligned_be32(U32_MAX, buf + 20);
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_disc_info);

/* Is it the track that READ TRACK INFORMATION asks for? */
static bool vcdrom_track_meant(const struct vcdrom_disc *disc, const u8 *cdb,
			       struct vcdrom_answer *answer)
{
	u8 type = cdb[1] & VCDROM_TRACK_TYPE;
	u32 number = get_unaligned_be32(cdb + 2);

	/* None is open, and the fourth type is reserved. */
	if (cdb[1] & VCDROM_TRACK_OPEN)
		vcdrom_refuse(answer, 1, 2);
	else if (type == VCDROM_TRACK_TYPE)
		vcdrom_refuse(answer, 1, 1);
	else if (!type && number >= disc->nblocks)
		vcdrom_refuse(answer, 0, 0);
	else if (type && number != 1)
		vcdrom_refuse(answer, 2, 7);
	else
		return true;
	return false;
}

/* READ TRACK INFORMATION: by block address, track number or session number */
void vcdrom_track_info(const struct vcdrom_disc *disc, const u8 *cdb,
		       struct vcdrom_answer *answer)
{
	u8 *buf = answer->buf;

	if (!vcdrom_track_meant(disc, cdb, answer))
		return;
	answer->len = 48;
	put_unaligned_be16(answer->len - 2, buf);
	buf[2] = 1;			/* track */
	buf[3] = 1;			/* session */
	buf[5] = 0x04;			/* data, without copies */
	buf[6] = 0x01;			/* mode 1 */
	buf[7] = 0x02;			/* LRA_V */
	put_unaligned_be32(disc->nblocks, buf + 24);
	put_unaligned_be32(disc->nblocks - 1, buf + 28);
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_track_info);

/* Format 00h: physical format information; one layer, pressed */
static void vcdrom_dvd_physical(const struct vcdrom_disc *disc, u8 *data)
{
	u64 last = (u64)VCDROM_DVD_START + disc->nblocks - 1;

	data[0] = 0x01;			/* DVD-ROM, part version 1 */
	data[1] = VCDROM_DVD_NO_RATE;	/* 12 cm, at any rate */
	data[2] = VCDROM_DVD_EMBOSSED;
	put_unaligned_be24(VCDROM_DVD_START, data + 5);
	put_unaligned_be24(last > VCDROM_DVD_MAX ? VCDROM_DVD_MAX : (u32)last,
			   data + 9);
}

/* 01h, 04h: no copy protection, no region; nothing from the manufacturer */
static void vcdrom_dvd_zeros(const struct vcdrom_disc *disc, u8 *data)
{
}

static void vcdrom_dvd_list(const struct vcdrom_disc *disc, u8 *data);

/* What a DVD has, and how many bytes, the header of four included */
static const struct {
	u8	format;
	u16	len;
	void	(*fill)(const struct vcdrom_disc *disc, u8 *data);
} vcdrom_structures[] = {
	{ 0x00, VCDROM_STRUCTURE_MAX, vcdrom_dvd_physical },
	{ 0x01, 8, vcdrom_dvd_zeros },
	{ 0x04, VCDROM_STRUCTURE_MAX, vcdrom_dvd_zeros },
	{ 0xff, 4 + 3 * 4, vcdrom_dvd_list },
};

/* FFh: which formats there are, itself not among them */
static void vcdrom_dvd_list(const struct vcdrom_disc *disc, u8 *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vcdrom_structures) - 1; i++, data += 4) {
		data[0] = vcdrom_structures[i].format;
		data[1] = 0x40;		/* RDS: it can be read */
		put_unaligned_be16(vcdrom_structures[i].len, data + 2);
	}
}

/* READ DISC STRUCTURE of a DVD; @answer has VCDROM_STRUCTURE_MAX bytes. */
void vcdrom_disc_structure(const struct vcdrom_disc *disc, const u8 *cdb,
			   struct vcdrom_answer *answer)
{
	unsigned int i;

	/* MEDIA TYPE 1 is BD; the only layer is 0. */
	if (cdb[1] & VCDROM_MEDIA_TYPE) {
		vcdrom_refuse(answer, 1, 3);
		return;
	}
	if (cdb[6]) {
		vcdrom_refuse(answer, 6, 7);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(vcdrom_structures); i++) {
		if (vcdrom_structures[i].format != cdb[7])
			continue;
		answer->len = vcdrom_structures[i].len;
		put_unaligned_be16(answer->len - 2, answer->buf);
		vcdrom_structures[i].fill(disc, answer->buf + 4);
		return;
	}
	vcdrom_refuse(answer, 7, 7);
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_disc_structure);

/*
 * GET PERFORMANCE, TYPE 00h: the same everywhere, hence one descriptor and no
 * exceptions. Nothing can be written.
 */
void vcdrom_performance(const struct vcdrom_disc *disc, const u8 *cdb,
			struct vcdrom_answer *answer)
{
	u8 data_type = cdb[1] & VCDROM_PERF_DATA, *buf = answer->buf;
	bool one = get_unaligned_be16(cdb + 8) &&
		   !(data_type & VCDROM_PERF_EXCEPT);

	if (cdb[10]) {
		vcdrom_refuse(answer, 10, 7);
		return;
	}
	/* TOLERANCE 10b, WRITE 0; EXCEPT 11b is reserved. */
	if ((data_type & ~VCDROM_PERF_EXCEPT) != 0x10 ||
	    (data_type & VCDROM_PERF_EXCEPT) == VCDROM_PERF_EXCEPT) {
		vcdrom_refuse(answer, 1, 4);
		return;
	}
	answer->len = 8 + 16 * one;
	put_unaligned_be32(answer->len - 4, buf);
	buf[4] = data_type & VCDROM_PERF_EXCEPT ? 1 : 0;
	if (!one)
		return;
	put_unaligned_be32(VCDROM_SPEED, buf + 12);
	put_unaligned_be32(disc->nblocks - 1, buf + 16);
	put_unaligned_be32(VCDROM_SPEED, buf + 20);
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_performance);
