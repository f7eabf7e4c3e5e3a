// SPDX-License-Identifier: GPL-2.0
/*
 * ROD tokens: the parameter lists of POPULATE TOKEN and WRITE USING TOKEN
 * (SBC-4 5.12, 5.52), what a token is (SPC-5 5.18.6.4), and what of the data
 * that it stands for goes where.
 */
#include <kunit/visibility.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "copy.h"

/* Parameter lists: bytes before the range descriptors, and of each of them */
#define SCST_POPULATE_HEADER	16
#define SCST_WRITE_TOKEN_HEADER	536
#define SCST_RANGE_LEN		16
/* POPULATE TOKEN, byte 2 */
#define SCST_POPULATE_RTV	0x02

static struct scst_copy_error scst_token_ok(void)
{
	return (struct scst_copy_error) { .sense = SCST_SENSE_NONE, .bit = -1 };
}

static struct scst_copy_error scst_token_bad(scst_sense_t sense)
{
	return (struct scst_copy_error) { .sense = sense, .bit = -1 };
}

static struct scst_copy_error scst_token_bad_field(u16 byte)
{
	return (struct scst_copy_error) {
		.sense = SCST_SENSE_INVALID_FIELD_PARAM, .byte = byte, .bit = 7,
	};
}

static bool scst_ranges_overlap(const struct scst_copy_range *a,
				const struct scst_copy_range *b)
{
	return a->pos < b->pos + b->len && b->pos < a->pos + a->len;
}

/* SBC-4 5.12.2: no block comes twice. */
static bool scst_range_is_new(const struct scst_copy_ranges *ranges,
			      const struct scst_copy_range *range)
{
	unsigned int i;

	for (i = 0; i < ranges->nr; i++)
		if (scst_ranges_overlap(&ranges->range[i], range))
			return false;
	return true;
}

static struct scst_copy_error
scst_range_parse(const u8 *buf, unsigned int at,
		 const struct scst_copy_disk *disk,
		 struct scst_copy_ranges *ranges)
{
	u64 blocks = get_unaligned_be32(buf + at + 8);
	u64 lba = get_unaligned_be64(buf + at);
	struct scst_copy_range range;

	if (lba > disk->nblocks || blocks > disk->nblocks - lba)
		return scst_token_bad(SCST_SENSE_LBA_OUT_OF_RANGE);
	range.pos = lba << disk->shift;
	range.len = blocks << disk->shift;
	if (!range.len)
		return scst_token_ok();
	if (!scst_range_is_new(ranges, &range))
		return scst_token_bad_field(at);
	ranges->bytes += range.len;
	if (ranges->bytes > SCST_TOKEN_MAX_BYTES)
		return scst_token_bad_field(at + 8);
	ranges->range[ranges->nr++] = range;
	return scst_token_ok();
}

/*
 * The common parts: the length that the list says it has, and the descriptors
 * whose length is in the last two bytes of the header.
 */
static struct scst_copy_error
scst_ranges_parse(const u8 *buf, unsigned int len, unsigned int header,
		  const struct scst_copy_disk *disk,
		  struct scst_copy_ranges *ranges)
{
	struct scst_copy_error error = scst_token_ok();
	unsigned int at, descs;

	if (len < header || get_unaligned_be16(buf) + 2 > len)
		return scst_token_bad(SCST_SENSE_PARAM_LIST_LENGTH);
	descs = get_unaligned_be16(buf + header - 2);
	if (descs < SCST_RANGE_LEN)
		return scst_token_bad_field(header - 2);
	if (header + descs > get_unaligned_be16(buf) + 2)
		return scst_token_bad(SCST_SENSE_PARAM_LIST_LENGTH);
	if (descs / SCST_RANGE_LEN > SCST_TOKEN_MAX_RANGES)
		return scst_token_bad(SCST_SENSE_COPY_TOO_MANY_SEGS);

	ranges->nr = 0;
	ranges->bytes = 0;
	/* What is left of a descriptor is ignored. */
	for (at = header; error.sense == SCST_SENSE_NONE &&
	     descs >= SCST_RANGE_LEN; descs -= SCST_RANGE_LEN,
	     at += SCST_RANGE_LEN)
		error = scst_range_parse(buf, at, disk, ranges);
	return error;
}

struct scst_copy_error scst_populate_parse(const u8 *buf, unsigned int len,
					   const struct scst_copy_disk *disk,
					   struct scst_copy_ranges *ranges,
					   u32 *timeout)
{
	struct scst_copy_error error;

	error = scst_ranges_parse(buf, len, SCST_POPULATE_HEADER, disk, ranges);
	if (error.sense != SCST_SENSE_NONE)
		return error;
	*timeout = get_unaligned_be32(buf + 4);
	if (*timeout > SCST_TOKEN_MAX_TIMEOUT)
		return scst_token_bad_field(4);
	if (!*timeout)
		*timeout = SCST_TOKEN_TIMEOUT;
	if (buf[2] & SCST_POPULATE_RTV &&
	    get_unaligned_be32(buf + 8) != SCST_ROD_ON_REFERENCE)
		return scst_token_bad_field(8);
	return scst_token_ok();
}
EXPORT_SYMBOL_IF_KUNIT(scst_populate_parse);

struct scst_copy_error scst_write_token_parse(const u8 *buf, unsigned int len,
					      const struct scst_copy_disk *disk,
					      struct scst_copy_ranges *ranges,
					      u64 *offset)
{
	struct scst_copy_error error;
	u64 blocks;

	error = scst_ranges_parse(buf, len, SCST_WRITE_TOKEN_HEADER, disk,
				  ranges);
	if (error.sense != SCST_SENSE_NONE)
		return error;
	blocks = get_unaligned_be64(buf + 8);
	if (blocks > SCST_TOKEN_MAX_BYTES >> disk->shift)
		return scst_token_bad_field(8);
	*offset = blocks << disk->shift;
	if (get_unaligned_be16(buf + 16 + 6) != SCST_TOKEN_LEN - 8)
		return scst_token_bad(SCST_SENSE_TOKEN(0x0a));
	return scst_token_ok();
}
EXPORT_SYMBOL_IF_KUNIT(scst_write_token_parse);

void scst_token_build(u8 *buf, const u8 *secret,
		      const struct scst_binary_id *naa, u64 bytes)
{
	u8 *cscd = buf + 16;

	memset(buf, 0, SCST_TOKEN_LEN);
	put_unaligned_be32(SCST_ROD_ON_REFERENCE, buf);
	put_unaligned_be16(SCST_TOKEN_LEN - 8, buf + 6);
	/* COPY MANAGER ROD TOKEN IDENTIFIER; the rest of the secret is ours. */
	memcpy(buf + 8, secret, 8);
	memcpy(buf + 128, secret + 8, SCST_TOKEN_SECRET - 8);
	cscd[0] = SCST_COPY_CSCD_IDENT;
	cscd[4] = 1;
	cscd[5] = 3;
	if (naa) {
		cscd[7] = naa->len;
		memcpy(cscd + 8, naa->data, naa->len);
	}
	put_unaligned_be64(bytes, buf + 56);
}
EXPORT_SYMBOL_IF_KUNIT(scst_token_build);

bool scst_token_is_zero(const u8 *token)
{
	return get_unaligned_be32(token) == SCST_ROD_ZERO;
}
EXPORT_SYMBOL_IF_KUNIT(scst_token_is_zero);

/* Where the byte of the data at @offset is: in @i, @offset bytes behind */
static unsigned int scst_ranges_seek(const struct scst_copy_ranges *ranges,
				     u64 *offset)
{
	unsigned int i;

	for (i = 0; i < ranges->nr && *offset >= ranges->range[i].len; i++)
		*offset -= ranges->range[i].len;
	return i;
}

unsigned int scst_token_plan(const struct scst_copy_ranges *src, u64 offset,
			     const struct scst_copy_ranges *dst,
			     struct scst_copy_move *moves)
{
	unsigned int i = scst_ranges_seek(src, &offset);
	unsigned int j = 0, nr = 0;
	u64 len, done = 0;

	while (i < src->nr && j < dst->nr) {
		len = min(src->range[i].len - offset, dst->range[j].len - done);
		moves[nr++] = (struct scst_copy_move) {
			.src_pos = src->range[i].pos + offset,
			.dst_pos = dst->range[j].pos + done,
			.len = len, .segment = j,
		};
		offset += len;
		done += len;
		if (offset == src->range[i].len) {
			offset = 0;
			i++;
		}
		if (done == dst->range[j].len) {
			done = 0;
			j++;
		}
	}
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(scst_token_plan);

unsigned int scst_token_build_info(const struct scst_copy_report *report,
				   const u8 *token, u8 *buf)
{
	unsigned int at = scst_copy_build_status4(report, buf);

	put_unaligned_be32(token ? SCST_TOKEN_LEN + 2 : 0, buf + at);
	at += 4;
	if (token) {
		memcpy(buf + at + 2, token, SCST_TOKEN_LEN);
		at += 2 + SCST_TOKEN_LEN;
	}
	put_unaligned_be32(at - 4, buf);
	return at;
}
EXPORT_SYMBOL_IF_KUNIT(scst_token_build_info);
