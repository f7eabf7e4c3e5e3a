// SPDX-License-Identifier: GPL-2.0
/*
 * What is reported of third-party copies: parameter data of RECEIVE COPY
 * RESULTS (SPC-5 6.23 to 6.28), and VPD page 8Fh (7.7.18).
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <scsi/scsi_proto.h>
#include "copy.h"

/* Third-party copy descriptors (SPC-5 table 695) */
#define SCST_VPD_COPY_TOKEN_LIMITS	0x0000
#define SCST_VPD_COPY_COMMANDS		0x0001
#define SCST_VPD_COPY_PARAMS		0x0004
#define SCST_VPD_COPY_DESCS		0x0008
#define SCST_VPD_COPY_CSCD_IDS		0x000c
#define SCST_VPD_COPY_TOKENS		0x0106
#define SCST_VPD_COPY_ROD_TYPES		0x0108
#define SCST_VPD_COPY_GENERAL		0x8001
#define SCST_VPD_COPY_HELD		0xc001

/* ROD type descriptor, byte 4: it takes such tokens, it makes them */
#define SCST_ROD_TOKEN_IN		0x02
#define SCST_ROD_TOKEN_OUT		0x01

/* TRANSFER COUNT UNITS: bytes, 1 024 of them, and so on */
#define SCST_COPY_UNIT_SHIFT		10

#define SCST_COPY_UNIT_BLOCKS		0xf1

/* COPY OPERATION STATUS, as LID1 has it not (SPC-5 table 321) */
#define SCST_COPY_FOREGROUND		0x11

/* SNLID: a list identifier of zero may be left out, by LIST ID USAGE */
#define SCST_COPY_SNLID			0x01

static const u8 scst_copy_descs[] = {
	SCST_COPY_SEG_BLOCKS, SCST_COPY_CSCD_IDENT,
};

unsigned int scst_copy_build_params(u8 *buf)
{
	unsigned int len = 44 + ARRAY_SIZE(scst_copy_descs);

	put_unaligned_be32(len - 4, buf);
	buf[4] = SCST_COPY_SNLID;
	put_unaligned_be16(SCST_COPY_MAX_CSCDS, buf + 8);
	put_unaligned_be16(SCST_COPY_MAX_SEGMENTS, buf + 10);
	put_unaligned_be32(SCST_COPY_MAX_DESCS, buf + 12);
	put_unaligned_be32(SCST_COPY_MAX_BYTES, buf + 16);
	put_unaligned_be16(SCST_COPY_MAX_AT_ONCE, buf + 34);
	buf[36] = SCST_COPY_MAX_AT_ONCE;
	buf[37] = SCST_COPY_GRANULARITY;
	buf[43] = ARRAY_SIZE(scst_copy_descs);
	memcpy(buf + 44, scst_copy_descs, ARRAY_SIZE(scst_copy_descs));
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(scst_copy_build_params);

/* As many bytes as 32 bits can count in the smallest unit that lets them */
unsigned int scst_copy_build_status(const struct scst_copy_report *report,
				    u8 *buf)
{
	u64 count = report->bytes;
	u8 unit = 0;

	for (; count > U32_MAX; count >>= SCST_COPY_UNIT_SHIFT)
		unit++;
	put_unaligned_be32(SCST_COPY_STATUS_LEN - 4, buf);
	buf[4] = report->state;
	put_unaligned_be16(report->segments, buf + 5);
	buf[7] = unit;
	put_unaligned_be32(count, buf + 8);
	return SCST_COPY_STATUS_LEN;
}
EXPORT_SYMBOL_IF_KUNIT(scst_copy_build_status);

/* LID4, and the first part of RECEIVE ROD TOKEN INFORMATION */
unsigned int scst_copy_build_status4(const struct scst_copy_report *report,
				     u8 *buf)
{
	unsigned int len = 32 + report->sense_len;

	put_unaligned_be32(len - 4, buf);
	buf[4] = report->service_action;
	buf[5] = report->state == SCST_COPY_RUNNING ? SCST_COPY_FOREGROUND :
						      report->state;
	/* OPERATION COUNTER: one for each that it has; no more are told. */
	put_unaligned_be16(report->state != SCST_COPY_RUNNING, buf + 6);
	/* ESTIMATED STATUS UPDATE DELAY: none while it runs is known. */
	put_unaligned_be32(report->state == SCST_COPY_RUNNING ? U32_MAX - 1 : 0,
			   buf + 8);
	buf[12] = report->status;
	buf[13] = report->sense_len;
	buf[14] = report->sense_len;
	if (report->block_shift)
		buf[15] = SCST_COPY_UNIT_BLOCKS;
	put_unaligned_be64(report->bytes >> report->block_shift, buf + 16);
	put_unaligned_be16(report->segments, buf + 24);
	memcpy(buf + 32, report->sense, report->sense_len);
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(scst_copy_build_status4);

/* SPC-5 6.27: nothing but a length of zero if no segment has failed */
unsigned int scst_copy_build_failure(const struct scst_copy_report *report,
				     u8 *buf)
{
	unsigned int len = 60 + report->sense_len;

	if (report->state != SCST_COPY_ERROR)
		return 4;
	put_unaligned_be32(len - 4, buf);
	buf[56] = report->status;
	put_unaligned_be16(report->sense_len, buf + 58);
	memcpy(buf + 60, report->sense, report->sense_len);
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(scst_copy_build_failure);

/* A descriptor of the page; its length is a multiple of four. */
static u8 *scst_vpd_copy_add(struct scst_inq_page *page, u16 type,
			     unsigned int len)
{
	u8 *buf = page->buf + page->len;

	len = round_up(len, 4);
	put_unaligned_be16(type, buf);
	put_unaligned_be16(len - 4, buf + 2);
	page->len += len;
	return buf;
}

/* Operation codes, each with the number of its service actions, and these */
static const u8 scst_copy_commands[] = {
	0x83, 4, 0x00, 0x01, 0x10, 0x11,
	0x84, 6, 0x00, 0x01, 0x03, 0x04, 0x05, 0x07,
};

/* What Windows looks for (SBC-4 6.6.10) */
static void scst_vpd_token_limits(struct scst_inq_page *page, u8 block_shift)
{
	u8 *buf = scst_vpd_copy_add(page, SCST_VPD_COPY_TOKEN_LIMITS, 36);

	put_unaligned_be16(SCST_TOKEN_MAX_RANGES, buf + 10);
	put_unaligned_be32(SCST_TOKEN_MAX_TIMEOUT, buf + 12);
	put_unaligned_be32(SCST_TOKEN_TIMEOUT, buf + 16);
	put_unaligned_be64(SCST_TOKEN_MAX_BYTES >> block_shift, buf + 20);
	put_unaligned_be64(SCST_TOKEN_MAX_BYTES >> block_shift, buf + 28);
}

/* Its own tokens alone; which types it makes, and takes (7.7.18.9) */
static void scst_vpd_tokens(struct scst_inq_page *page)
{
	u8 *buf = scst_vpd_copy_add(page, SCST_VPD_COPY_TOKENS, 48);

	put_unaligned_be32(SCST_TOKEN_TIMEOUT, buf + 16);
	put_unaligned_be32(SCST_TOKEN_MAX_TIMEOUT, buf + 20);
	put_unaligned_be32(SCST_TOKEN_MAX_TIMEOUT, buf + 24);

	buf = scst_vpd_copy_add(page, SCST_VPD_COPY_ROD_TYPES, 8 + 2 * 64);
	put_unaligned_be16(2 * 64, buf + 6);
	put_unaligned_be32(SCST_ROD_ON_REFERENCE, buf + 8);
	buf[12] = SCST_ROD_TOKEN_IN | SCST_ROD_TOKEN_OUT;
	put_unaligned_be32(SCST_ROD_ZERO, buf + 72);
	buf[76] = SCST_ROD_TOKEN_IN;
}

void scst_vpd_copy(struct scst_inq_page *page, u8 block_shift)
{
	u8 *buf;

	scst_vpd_token_limits(page, block_shift);
	buf = scst_vpd_copy_add(page, SCST_VPD_COPY_COMMANDS,
				5 + ARRAY_SIZE(scst_copy_commands));
	buf[4] = ARRAY_SIZE(scst_copy_commands);
	memcpy(buf + 5, scst_copy_commands, ARRAY_SIZE(scst_copy_commands));

	buf = scst_vpd_copy_add(page, SCST_VPD_COPY_PARAMS, 32);
	put_unaligned_be16(SCST_COPY_MAX_CSCDS, buf + 8);
	put_unaligned_be16(SCST_COPY_MAX_SEGMENTS, buf + 10);
	put_unaligned_be32(SCST_COPY_MAX_DESCS, buf + 12);

	buf = scst_vpd_copy_add(page, SCST_VPD_COPY_DESCS,
				5 + ARRAY_SIZE(scst_copy_descs));
	buf[4] = ARRAY_SIZE(scst_copy_descs);
	memcpy(buf + 5, scst_copy_descs, ARRAY_SIZE(scst_copy_descs));

	buf = scst_vpd_copy_add(page, SCST_VPD_COPY_CSCD_IDS, 8);
	put_unaligned_be16(sizeof(u16), buf + 4);
	put_unaligned_be16(SCST_COPY_CSCD_SELF, buf + 6);

	scst_vpd_tokens(page);

	buf = scst_vpd_copy_add(page, SCST_VPD_COPY_GENERAL, 36);
	put_unaligned_be32(SCST_COPY_MAX_AT_ONCE, buf + 4);
	put_unaligned_be32(SCST_COPY_MAX_AT_ONCE, buf + 8);
	put_unaligned_be32(SCST_COPY_MAX_BYTES, buf + 12);
	buf[16] = SCST_COPY_GRANULARITY;

	/* No data are held. */
	scst_vpd_copy_add(page, SCST_VPD_COPY_HELD, 32);
}
EXPORT_SYMBOL_IF_KUNIT(scst_vpd_copy);
