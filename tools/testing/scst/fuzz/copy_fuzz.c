// SPDX-License-Identifier: GPL-2.0
/*
 * Parameter lists of EXTENDED COPY, POPULATE TOKEN and WRITE USING TOKEN: nobody
 * looks behind their end, and what is found in them is on the medium.
 */
#include "fuzz.h"
#include "../../../../drivers/target/scst/copy_list.c"
#include "../../../../drivers/target/scst/copy_token.c"

/* From 512 bytes to 4 KiB */
#define MIN_SHIFT	9
#define NR_SHIFTS	4
#define NBLOCKS		0x100000000ULL

static void check_refused(const struct scst_copy_error *error, size_t size)
{
	if (error->sense != SCST_SENSE_INVALID_FIELD_PARAM)
		return;
	fuzz_check(error->byte < size);
	fuzz_check(error->bit >= -1 && error->bit <= 7);
}

static void check_plan(const struct scst_copy_segment *seg,
		       const struct scst_copy_disk *src,
		       const struct scst_copy_disk *dst)
{
	struct scst_copy_move move;

	if (scst_copy_plan(seg, src, dst, &move) != SCST_SENSE_NONE)
		return;
	fuzz_check(move.len <= SCST_COPY_MAX_BYTES);
	fuzz_check(!(move.len & ((1 << src->shift) - 1)));
	fuzz_check(!(move.len & ((1 << dst->shift) - 1)));
	fuzz_check(move.src_pos + move.len <= NBLOCKS << src->shift);
	fuzz_check(move.dst_pos + move.len <= NBLOCKS << dst->shift);
}

static void check_list(bool lid4, const u8 *buf, size_t size,
		       const struct scst_copy_disk *src,
		       const struct scst_copy_disk *dst)
{
	static struct scst_copy_list list;
	static struct scst_inq_page page;
	struct scst_copy_error error;
	unsigned int i;

	error = scst_copy_parse(lid4, buf, size, &list);
	check_refused(&error, size);
	if (error.sense != SCST_SENSE_NONE)
		return;
	fuzz_check(list.nr_cscds <= SCST_COPY_MAX_CSCDS);
	fuzz_check(list.nr_segs <= SCST_COPY_MAX_SEGMENTS);
	/* What comes from the initiator stands for a page, too. */
	page.len = min(size, sizeof(page.buf));
	memcpy(page.buf, buf, page.len);
	for (i = 0; i < list.nr_cscds; i++) {
		fuzz_check(list.cscds[i].desig >= buf &&
			   list.cscds[i].desig + list.cscds[i].desig_len <=
			   buf + size);
		scst_copy_matches(&list.cscds[i], &page);
	}
	for (i = 0; i < list.nr_segs; i++)
		check_plan(&list.segs[i], src, dst);
}

static u64 check_ranges(const struct scst_copy_ranges *ranges,
			const struct scst_copy_disk *disk)
{
	unsigned int i;
	u64 bytes = 0;

	fuzz_check(ranges->nr <= SCST_TOKEN_MAX_RANGES);
	for (i = 0; i < ranges->nr; i++) {
		fuzz_check(ranges->range[i].len);
		fuzz_check(ranges->range[i].pos + ranges->range[i].len <=
			   NBLOCKS << disk->shift);
		bytes += ranges->range[i].len;
	}
	fuzz_check(bytes == ranges->bytes && bytes <= SCST_TOKEN_MAX_BYTES);
	return bytes;
}

static void check_tokens(const u8 *buf, size_t size,
			 const struct scst_copy_disk *disk)
{
	static struct scst_copy_move moves[SCST_TOKEN_MAX_MOVES];
	static struct scst_copy_ranges src, dst;
	struct scst_copy_error error;
	u64 bytes, offset, sum = 0;
	unsigned int i, nr;
	u32 timeout;

	error = scst_populate_parse(buf, size, disk, &src, &timeout);
	check_refused(&error, size);
	if (error.sense == SCST_SENSE_NONE) {
		fuzz_check(timeout && timeout <= SCST_TOKEN_MAX_TIMEOUT);
		check_ranges(&src, disk);
	}
	error = scst_write_token_parse(buf, size, disk, &dst, &offset);
	check_refused(&error, size);
	if (error.sense != SCST_SENSE_NONE)
		return;
	bytes = check_ranges(&dst, disk);
	/* As if the token stood for the very blocks that are written */
	src = dst;
	nr = scst_token_plan(&src, offset, &dst, moves);
	fuzz_check(nr <= SCST_TOKEN_MAX_MOVES);
	for (i = 0; i < nr; i++) {
		fuzz_check(moves[i].len && moves[i].segment < dst.nr);
		sum += moves[i].len;
	}
	fuzz_check(sum == (offset < bytes ? bytes - offset : 0));
}

/* Which list, and the lengths of blocks; the rest is the list. */
int fuzz_one_input(const u8 *data, size_t size)
{
	struct scst_copy_disk src = { .nblocks = NBLOCKS };
	struct scst_copy_disk dst = { .nblocks = NBLOCKS };
	u8 *list;

	if (size < 2)
		return 0;
	src.shift = MIN_SHIFT + data[1] % NR_SHIFTS;
	dst.shift = MIN_SHIFT + (data[1] >> 4) % NR_SHIFTS;
	list = fuzz_copy(data + 2, size - 2);
	if (data[0] % 3 == 2)
		check_tokens(list, size - 2, &src);
	else
		check_list(data[0] % 3, list, size - 2, &src, &dst);
	fuzz_free(list);
	return 0;
}
