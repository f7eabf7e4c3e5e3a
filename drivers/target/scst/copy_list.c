// SPDX-License-Identifier: GPL-2.0
/*
 * The parameter list of EXTENDED COPY (SPC-5 6.6.2, 6.7.2), and what its
 * segments mean for the blocks of two logical units.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "copy.h"

/* Header of LID1, byte 1; of LID4, too */
#define SCST_COPY_ID_USAGE(byte)	((byte) >> 3 & 3)
#define SCST_COPY_ID_USAGE_MSB		4
/* Header of LID4: PARAMETER LIST FORMAT, CSCD descriptor of the header */
#define SCST_COPY_LID4_FORMAT		1
#define SCST_COPY_LID4_IMMED		0x01
#define SCST_COPY_LID4_CSCD_LEN		0x20
#define SCST_COPY_LID4_CSCD_TYPE	0xff

/* CSCD descriptor, byte 1 (SPC-5 6.6.4.1) */
#define SCST_COPY_TYPE			0x1f
/* E4h: longest designator */
#define SCST_COPY_MAX_DESIG		20
/* Segment descriptor, byte 1 */
#define SCST_COPY_DC			0x02

/* Designators of VPD page 83h */
#define SCST_DESIG_HEADER		4

/**
 * struct scst_copy_header - where the parts of a list are
 * @header: bytes before the first descriptor
 * @id: LIST IDENTIFIER
 * @id_at: where it is
 * @usage_at: where LIST ID USAGE is
 * @cscd_len: bytes of CSCD descriptors
 * @seg_len: bytes of segment descriptors
 * @inline_len: bytes of inline data
 */
struct scst_copy_header {
	unsigned int	header;
	u32		id;
	unsigned int	id_at;
	unsigned int	usage_at;
	u32		cscd_len;
	u32		seg_len;
	u32		inline_len;
};

static struct scst_copy_error scst_copy_ok(void)
{
	return (struct scst_copy_error) { .sense = SCST_SENSE_NONE, .bit = -1 };
}

static struct scst_copy_error scst_copy_bad(scst_sense_t sense)
{
	return (struct scst_copy_error) { .sense = sense, .bit = -1 };
}

static struct scst_copy_error scst_copy_bad_field(u16 byte, s8 bit)
{
	return (struct scst_copy_error) {
		.sense = SCST_SENSE_INVALID_FIELD_PARAM,
		.byte = byte, .bit = bit,
	};
}

static void scst_copy_lid1_header(const u8 *buf, struct scst_copy_header *head)
{
	head->header = SCST_COPY_LID1_HEADER;
	head->id = buf[0];
	head->id_at = 0;
	head->usage_at = 1;
	head->cscd_len = get_unaligned_be16(buf + 2);
	head->seg_len = get_unaligned_be32(buf + 8);
	head->inline_len = get_unaligned_be32(buf + 12);
}

/* IMMED is refused: the answer says how the copy has ended. */
static struct scst_copy_error
scst_copy_lid4_header(const u8 *buf, struct scst_copy_header *head)
{
	if (buf[0] != SCST_COPY_LID4_FORMAT)
		return scst_copy_bad_field(0, 7);
	if (get_unaligned_be16(buf + 2) != SCST_COPY_LID4_CSCD_LEN)
		return scst_copy_bad_field(2, 7);
	if (buf[15] & SCST_COPY_LID4_IMMED)
		return scst_copy_bad_field(15, 0);
	if (buf[16] != SCST_COPY_LID4_CSCD_TYPE)
		return scst_copy_bad_field(16, 7);
	head->header = SCST_COPY_LID4_HEADER;
	head->id = get_unaligned_be32(buf + 20);
	head->id_at = 20;
	head->usage_at = 1;
	head->cscd_len = get_unaligned_be16(buf + 42);
	head->seg_len = get_unaligned_be16(buf + 44);
	head->inline_len = get_unaligned_be16(buf + 46);
	return scst_copy_ok();
}

/*
 * SPC-5 6.6.2: what is cut off, or too long, is a list length error, before
 * anything else is looked at.
 */
static struct scst_copy_error
scst_copy_check_lengths(const struct scst_copy_header *head, unsigned int len)
{
	u32 descs, total;

	if (check_add_overflow(head->cscd_len, head->seg_len, &descs) ||
	    check_add_overflow(descs, head->header, &total) ||
	    check_add_overflow(total, head->inline_len, &total) ||
	    total > len || descs > SCST_COPY_MAX_DESCS ||
	    head->cscd_len % SCST_COPY_CSCD_LEN)
		return scst_copy_bad(SCST_SENSE_PARAM_LIST_LENGTH);
	if (head->cscd_len / SCST_COPY_CSCD_LEN > SCST_COPY_MAX_CSCDS)
		return scst_copy_bad(SCST_SENSE_COPY_TOO_MANY_CSCDS);
	if (head->inline_len)
		return scst_copy_bad(SCST_SENSE_COPY_INLINE);
	return scst_copy_ok();
}

static struct scst_copy_error
scst_copy_check_id(const struct scst_copy_header *head, u8 usage)
{
	if (usage == SCST_COPY_ID_RESERVED)
		return scst_copy_bad_field(head->usage_at,
					   SCST_COPY_ID_USAGE_MSB);
	/* SPC-5 6.6.3: without a meaning it is zero. */
	if (usage == SCST_COPY_ID_NONE && head->id)
		return scst_copy_bad_field(head->id_at, 7);
	return scst_copy_ok();
}

/*
 * SPC-5 6.6.4.5, with the device type specific part of 6.6.4.3. LU ID TYPE is
 * about descriptors that have a LU IDENTIFIER, and NUL is obsolete: what is in
 * them is ignored.
 */
static struct scst_copy_error scst_copy_parse_cscd(const u8 *buf, unsigned int at,
						   struct scst_copy_cscd *cscd)
{
	const u8 *desc = buf + at;

	if (desc[0] != SCST_COPY_CSCD_IDENT)
		return scst_copy_bad(SCST_SENSE_COPY_CSCD_TYPE);
	if (desc[7] > SCST_COPY_MAX_DESIG)
		return scst_copy_bad_field(at + 7, 7);
	cscd->type = desc[1] & SCST_COPY_TYPE;
	cscd->code_set = desc[4] & 0x0f;
	/* With ASSOCIATION, which is that of a logical unit */
	cscd->desig_type = desc[5] & 0x3f;
	cscd->desig_len = desc[7];
	cscd->desig = desc + 8;
	cscd->block_len = get_unaligned_be24(desc + 29);
	return scst_copy_ok();
}

/* CAT is for what is left over of a block, which there is not here. */
static void scst_copy_parse_segment(const u8 *desc,
				    struct scst_copy_segment *seg)
{
	seg->dst_blocks = desc[1] & SCST_COPY_DC;
	seg->src = get_unaligned_be16(desc + 4);
	seg->dst = get_unaligned_be16(desc + 6);
	seg->blocks = get_unaligned_be16(desc + 10);
	seg->src_lba = get_unaligned_be64(desc + 12);
	seg->dst_lba = get_unaligned_be64(desc + 20);
}

static struct scst_copy_error
scst_copy_parse_segments(const u8 *buf, unsigned int at, unsigned int end,
			 struct scst_copy_list *list)
{
	for (; at < end; at += SCST_COPY_SEGMENT_LEN) {
		if (list->nr_segs == SCST_COPY_MAX_SEGMENTS)
			return scst_copy_bad(SCST_SENSE_COPY_TOO_MANY_SEGS);
		if (buf[at] != SCST_COPY_SEG_BLOCKS)
			return scst_copy_bad(SCST_SENSE_COPY_SEG_TYPE);
		if (end - at < SCST_COPY_SEGMENT_LEN)
			return scst_copy_bad(SCST_SENSE_PARAM_LIST_LENGTH);
		if (get_unaligned_be16(buf + at + 2) !=
		    SCST_COPY_SEGMENT_LEN - 4)
			return scst_copy_bad_field(at + 2, 7);
		scst_copy_parse_segment(buf + at, &list->segs[list->nr_segs]);
		list->nr_segs++;
	}
	return scst_copy_ok();
}

struct scst_copy_error scst_copy_parse(bool lid4, const u8 *buf,
				       unsigned int len,
				       struct scst_copy_list *list)
{
	struct scst_copy_error error = scst_copy_ok();
	struct scst_copy_header head;
	unsigned int i, at;

	if (len < (lid4 ? SCST_COPY_LID4_HEADER : SCST_COPY_LID1_HEADER))
		return scst_copy_bad(SCST_SENSE_PARAM_LIST_LENGTH);
	if (lid4)
		error = scst_copy_lid4_header(buf, &head);
	else
		scst_copy_lid1_header(buf, &head);
	if (error.sense == SCST_SENSE_NONE)
		error = scst_copy_check_lengths(&head, len);
	if (error.sense != SCST_SENSE_NONE)
		return error;
	list->id = head.id;
	list->id_usage = SCST_COPY_ID_USAGE(buf[1]);
	error = scst_copy_check_id(&head, list->id_usage);
	if (error.sense != SCST_SENSE_NONE)
		return error;

	at = head.header;
	list->nr_segs = 0;
	list->nr_cscds = head.cscd_len / SCST_COPY_CSCD_LEN;
	for (i = 0; i < list->nr_cscds; i++, at += SCST_COPY_CSCD_LEN) {
		error = scst_copy_parse_cscd(buf, at, &list->cscds[i]);
		if (error.sense != SCST_SENSE_NONE)
			return error;
	}
	return scst_copy_parse_segments(buf, at, at + head.seg_len, list);
}
EXPORT_SYMBOL_IF_KUNIT(scst_copy_parse);

bool scst_copy_matches(const struct scst_copy_cscd *cscd,
		       const struct scst_inq_page *page)
{
	unsigned int at, len;

	if (!cscd->desig_len)
		return false;
	for (at = SCST_DESIG_HEADER; at + SCST_DESIG_HEADER <= page->len;
	     at += SCST_DESIG_HEADER + len) {
		len = page->buf[at + 3];
		if (len != cscd->desig_len ||
		    at + SCST_DESIG_HEADER + len > page->len)
			continue;
		/* ASSOCIATION 00b: what names the logical unit itself */
		if ((page->buf[at] & 0x0f) == cscd->code_set &&
		    (page->buf[at + 1] & 0x3f) == cscd->desig_type &&
		    !(cscd->desig_type & 0x30) &&
		    !memcmp(page->buf + at + SCST_DESIG_HEADER, cscd->desig,
			    len))
			return true;
	}
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(scst_copy_matches);

/* Are the bytes whole blocks that are there? Sets the first one's position. */
static scst_sense_t scst_copy_range(const struct scst_copy_disk *disk, u64 lba,
				    u64 len, u64 *pos)
{
	u64 blocks = len >> disk->shift;

	if (len & ((1ULL << disk->shift) - 1))
		return SCST_SENSE_COPY_INEXACT;
	if (lba > disk->nblocks || blocks > disk->nblocks - lba)
		return SCST_SENSE_COPY_UNREACHABLE;
	*pos = lba << disk->shift;
	return SCST_SENSE_NONE;
}

scst_sense_t scst_copy_plan(const struct scst_copy_segment *seg,
			    const struct scst_copy_disk *src,
			    const struct scst_copy_disk *dst,
			    struct scst_copy_move *move)
{
	scst_sense_t sense;

	move->len = (u64)seg->blocks << (seg->dst_blocks ? dst->shift :
							   src->shift);
	sense = scst_copy_range(src, seg->src_lba, move->len, &move->src_pos);
	if (sense == SCST_SENSE_NONE)
		sense = scst_copy_range(dst, seg->dst_lba, move->len,
					&move->dst_pos);
	return sense;
}
EXPORT_SYMBOL_IF_KUNIT(scst_copy_plan);
