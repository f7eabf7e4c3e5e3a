// SPDX-License-Identifier: GPL-2.0
/*
 * GET CONFIGURATION (MMC-6 5, 6.5): the features of the drive, and which of
 * them are current with the medium that is in it.
 */
#include <kunit/visibility.h>
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "vcdrom_pure.h"

#define VCDROM_PROFILE_CD	0x0008
#define VCDROM_PROFILE_DVD	0x0010

/* CDB, byte 1: RT */
#define VCDROM_RT		0x03
#define VCDROM_RT_CURRENT	1
#define VCDROM_RT_ONE		2
#define VCDROM_RT_RESERVED	3

/* Descriptors: byte 2 */
#define VCDROM_VERSION(n)	((n) << 2)
#define VCDROM_PERSISTENT	0x02
#define VCDROM_CURRENT		0x01

#define VCDROM_CONFIG_HEADER	8
#define VCDROM_FEATURE_HEADER	4
#define VCDROM_FEATURE_MAX	8
/* Longest logical unit serial number that is told: what VPD page 80h has */
#define VCDROM_SERIAL_MAX	64

/* With which media a feature is current */
#define VCDROM_WITH_CD		BIT(VCDROM_CD)
#define VCDROM_WITH_DVD		BIT(VCDROM_DVD)
#define VCDROM_WITH_ANY		(VCDROM_WITH_CD | VCDROM_WITH_DVD)
#define VCDROM_ALWAYS		(BIT(VCDROM_NONE) | VCDROM_WITH_ANY)

static u16 vcdrom_profile(enum vcdrom_kind kind)
{
	static const u16 profiles[] = {
		[VCDROM_CD] = VCDROM_PROFILE_CD,
		[VCDROM_DVD] = VCDROM_PROFILE_DVD,
	};

	return profiles[kind];
}

/* 0000h: the profiles, the one that can do more first */
static u8 vcdrom_fill_profiles(enum vcdrom_kind kind, const char *usn,
			       u8 *data)
{
	put_unaligned_be16(VCDROM_PROFILE_DVD, data);
	data[2] = kind == VCDROM_DVD;
	put_unaligned_be16(VCDROM_PROFILE_CD, data + 4);
	data[6] = kind == VCDROM_CD;
	return 8;
}

/* 0010h: the block length, and blocks that are read together */
static u8 vcdrom_fill_readable(enum vcdrom_kind kind, const char *usn,
			       u8 *data)
{
	put_unaligned_be32(VCDROM_BLOCK, data);
	put_unaligned_be16(kind == VCDROM_DVD ? 16 : 1, data + 4);
	data[6] = 1;			/* PP: mode page 01h is there */
	return 8;
}

/* 0108h: a multiple of four, filled with blanks */
static u8 vcdrom_fill_serial(enum vcdrom_kind kind, const char *usn, u8 *data)
{
	size_t len = strnlen(usn, VCDROM_SERIAL_MAX);

	memset(data, ' ', ALIGN(len, 4));
	memcpy(data, usn, len);
	return ALIGN(len, 4);
}

/**
 * struct vcdrom_feature - a feature
 * @code: number
 * @byte2: version, and whether it is persistent
 * @with: with which media it is current
 * @len: bytes in @data
 * @data: what is behind the header
 * @fill: or this makes it; returns the length
 */
struct vcdrom_feature {
	u16	code;
	u8	byte2;
	u8	with;
	u8	len;
	u8	data[VCDROM_FEATURE_MAX];
	u8	(*fill)(enum vcdrom_kind kind, const char *usn, u8 *data);
};

/* In ascending order: what profiles 0008h and 0010h ask for (MMC-6 5.4) */
static const struct vcdrom_feature vcdrom_features[] = {
	{
		.code = 0x0000,		/* Profile List */
		.byte2 = VCDROM_PERSISTENT,
		.with = VCDROM_ALWAYS,
		.fill = vcdrom_fill_profiles,
	}, {
		.code = 0x0001,		/* Core: SCSI; DBE */
		.byte2 = VCDROM_VERSION(2) | VCDROM_PERSISTENT,
		.with = VCDROM_ALWAYS,
		.len = 8,
		.data = { 0, 0, 0, 1, 0x01 },
	}, {
		.code = 0x0002,		/* Morphing: OCEvent, not ASYNC */
		.byte2 = VCDROM_VERSION(1) | VCDROM_PERSISTENT,
		.with = VCDROM_ALWAYS,
		.len = 4,
		.data = { 0x02 },
	}, {
		/* Removable Medium: a tray, Load, Eject, no jumper, Lock */
		.code = 0x0003,
		.byte2 = VCDROM_VERSION(2) | VCDROM_PERSISTENT,
		.with = VCDROM_ALWAYS,
		.len = 4,
		.data = { 0x3d },
	}, {
		.code = 0x0010,		/* Random Readable */
		.with = VCDROM_WITH_ANY,
		.fill = vcdrom_fill_readable,
	}, {
		.code = 0x001d,		/* Multi-Read */
		.with = VCDROM_WITH_CD,
	}, {
		.code = 0x001e,		/* CD Read: no C2, CD-Text, DAP */
		.byte2 = VCDROM_VERSION(2),
		.with = VCDROM_WITH_CD,
		.len = 4,
	}, {
		.code = 0x001f,		/* DVD Read */
		.byte2 = VCDROM_VERSION(1),
		.with = VCDROM_WITH_DVD,
		.len = 4,
	}, {
		.code = 0x0100,		/* Power Management */
		.byte2 = VCDROM_PERSISTENT,
		.with = VCDROM_ALWAYS,
	}, {
		.code = 0x0105,		/* Timeout */
		.byte2 = VCDROM_VERSION(1) | VCDROM_PERSISTENT,
		.with = VCDROM_ALWAYS,
		.len = 4,
	}, {
		.code = 0x0107,		/* Real Time Streaming: SCS */
		.byte2 = VCDROM_VERSION(3),
		.with = VCDROM_WITH_ANY,
		.len = 4,
		.data = { 0x08 },
	}, {
		.code = 0x0108,		/* Logical Unit Serial Number */
		.byte2 = VCDROM_PERSISTENT,
		.with = VCDROM_ALWAYS,
		.fill = vcdrom_fill_serial,
	},
};

static bool vcdrom_is_current(const struct vcdrom_feature *feature,
			      enum vcdrom_kind kind)
{
	return feature->with & BIT(kind);
}

/* From which feature on, and which of those (MMC-6 table 246) */
static bool vcdrom_is_wanted(const struct vcdrom_feature *feature,
			     enum vcdrom_kind kind, u8 rt, u16 start)
{
	if (rt == VCDROM_RT_ONE)
		return feature->code == start;
	return feature->code >= start &&
	       (rt != VCDROM_RT_CURRENT || vcdrom_is_current(feature, kind));
}

static u32 vcdrom_put_feature(const struct vcdrom_feature *feature,
			      enum vcdrom_kind kind, const char *usn, u8 *buf)
{
	put_unaligned_be16(feature->code, buf);
	buf[2] = feature->byte2;
	if (vcdrom_is_current(feature, kind))
		buf[2] |= VCDROM_CURRENT;
	buf[3] = feature->len;
	memcpy(buf + VCDROM_FEATURE_HEADER, feature->data, feature->len);
	if (feature->fill)
		buf[3] = feature->fill(kind, usn, buf + VCDROM_FEATURE_HEADER);
	return VCDROM_FEATURE_HEADER + buf[3];
}

/* @usn: serial number, empty for none */
void vcdrom_configuration(enum vcdrom_kind kind, const char *usn,
			  const u8 *cdb, struct vcdrom_answer *answer)
{
	u8 rt = cdb[1] & VCDROM_RT, *buf = answer->buf;
	u16 start = get_unaligned_be16(cdb + 2);
	unsigned int i;

	BUILD_BUG_ON(VCDROM_CONFIG_HEADER + VCDROM_SERIAL_MAX +
		     ARRAY_SIZE(vcdrom_features) * VCDROM_FEATURE_HEADER +
		     (ARRAY_SIZE(vcdrom_features) - 1) * VCDROM_FEATURE_MAX >
		     VCDROM_ANSWER_MAX);

	if (rt == VCDROM_RT_RESERVED) {
		vcdrom_refuse(answer, 1, 1);
		return;
	}
	answer->len = VCDROM_CONFIG_HEADER;
	for (i = 0; i < ARRAY_SIZE(vcdrom_features); i++)
		if (vcdrom_is_wanted(&vcdrom_features[i], kind, rt, start))
			answer->len += vcdrom_put_feature(&vcdrom_features[i],
							  kind, usn,
							  buf + answer->len);
	put_unaligned_be32(answer->len - 4, buf);
	put_unaligned_be16(vcdrom_profile(kind), buf + 6);
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_configuration);
