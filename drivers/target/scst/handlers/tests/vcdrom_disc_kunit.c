// SPDX-License-Identifier: GPL-2.0
/*
 * What a medium says of itself, against bytes typed from MMC-6's tables.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "../vcdrom_pure.h"

typedef void (*disc_fn)(const struct vcdrom_disc *disc, const u8 *cdb,
			struct vcdrom_answer *answer);

/**
 * struct disc_case - a command, and its answer
 * @name: for messages
 * @fn: the command
 * @nblocks: size of the medium
 * @cdb: CDB
 * @len: length of the answer, 0 if it is refused
 * @byte: field in error
 * @bit: its most significant bit
 * @want: beginning of the answer, zeros behind it
 */
struct disc_case {
	const char	*name;
	disc_fn		fn;
	u32		nblocks;
	u8		cdb[12];
	u32		len;
	u8		byte;
	u8		bit;
	u8		want[52];
};

/* 4 GiB, a DVD */
#define DVD	0x200000

static const struct disc_case disc_cases[] = {
	/* READ TOC/PMA/ATIP (MMC-6 6.26): tracks, by block address and time */
	{ "toc", vcdrom_toc, 1000, { 0x43 }, 20,
	  .want = { 0, 18, 1, 1,
		    0, 0x14, 0x01, 0, 0, 0, 0, 0,
		    0, 0x14, 0xaa, 0, 0, 0, 0x03, 0xe8 } },
	/* 1000 + 150 frames: 15 s and 25 frames */
	{ "toc msf", vcdrom_toc, 1000, { 0x43, 2 }, 20,
	  .want = { 0, 18, 1, 1,
		    0, 0x14, 0x01, 0, 0, 0, 2, 0,
		    0, 0x14, 0xaa, 0, 0, 0, 15, 25 } },
	{ "toc track 1", vcdrom_toc, 1000, { 0x43, [6] = 1 }, 20,
	  .want = { 0, 18, 1, 1,
		    0, 0x14, 0x01, 0, 0, 0, 0, 0,
		    0, 0x14, 0xaa, 0, 0, 0, 0x03, 0xe8 } },
	{ "toc lead-out", vcdrom_toc, 1000, { 0x43, [6] = 0xaa }, 12,
	  .want = { 0, 10, 1, 1, 0, 0x14, 0xaa, 0, 0, 0, 0x03, 0xe8 } },
	{ "toc track 2", vcdrom_toc, 1000, { 0x43, [6] = 2 }, 0, 6, 7 },
	{ "toc track 255", vcdrom_toc, 1000, { 0x43, [6] = 255 }, 0, 6, 7 },
	/* More minutes than a byte has */
	{ "toc dvd msf", vcdrom_toc, DVD, { 0x43, 2, [6] = 0xaa }, 12,
	  .want = { 0, 10, 1, 1, 0, 0x14, 0xaa, 0, 0, 255, 59, 74 } },
	{ "sessions", vcdrom_toc, 1000, { 0x43, 0, 1 }, 12,
	  .want = { 0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0 } },
	{ "sessions msf", vcdrom_toc, 1000, { 0x43, 2, 1 }, 12,
	  .want = { 0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0, 2, 0 } },
	{ "full toc", vcdrom_toc, 1000, { 0x43, 2, 2 }, 48,
	  .want = { 0, 46, 1, 1,
		    1, 0x14, 0, 0xa0, 0, 0, 0, 0, 1, 0, 0,
		    1, 0x14, 0, 0xa1, 0, 0, 0, 0, 1, 0, 0,
		    1, 0x14, 0, 0xa2, 0, 0, 0, 0, 0, 15, 25,
		    1, 0x14, 0, 0x01, 0, 0, 0, 0, 0, 2, 0 } },
	{ "full toc 2", vcdrom_toc, 1000, { 0x43, 2, 2, [6] = 2 }, 0, 6, 7 },
	{ "pma", vcdrom_toc, 1000, { 0x43, 2, 3 }, 0, 2, 3 },
	{ "atip", vcdrom_toc, 1000, { 0x43, 2, 4 }, 0, 2, 3 },
	{ "cd-text", vcdrom_toc, 1000, { 0x43, 0, 5 }, 0, 2, 3 },
	{ "toc format 15", vcdrom_toc, 1000, { 0x43, 0, 15 }, 0, 2, 3 },

	/* READ DISC INFORMATION (MMC-6 6.21): finalized */
	{ "disc", vcdrom_disc_info, 1000, { 0x51 }, 34,
	  .want = { 0, 32, 0x0e, 1, 1, 1, 1, 0x20, 0, 0, 0, 0, 0, 0, 0, 0,
		    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } },
	{ "disc resources", vcdrom_disc_info, 1000, { 0x51, 1 }, 0, 1, 2 },

	/* READ TRACK INFORMATION (MMC-6 6.27) */
	{ "track 1", vcdrom_track_info, 1000, { 0x52, 1, 0, 0, 0, 1 }, 48,
	  .want = { 0, 46, 1, 1, 0, 0x04, 0x01, 0x02,
		    [26] = 0x03, 0xe8, 0, 0, 0x03, 0xe7 } },
	{ "session 1", vcdrom_track_info, 1000, { 0x52, 2, 0, 0, 0, 1 }, 48,
	  .want = { 0, 46, 1, 1, 0, 0x04, 0x01, 0x02,
		    [26] = 0x03, 0xe8, 0, 0, 0x03, 0xe7 } },
	{ "track of 999", vcdrom_track_info, 1000, { 0x52, 0, 0, 0, 3, 0xe7 },
	  48, .want = { 0, 46, 1, 1, 0, 0x04, 0x01, 0x02,
			[26] = 0x03, 0xe8, 0, 0, 0x03, 0xe7 } },
	{ "track of 1000", vcdrom_track_info, 1000,
	  { 0x52, 0, 0, 0, 3, 0xe8 }, 0, 0, 0 },
	{ "track of -1", vcdrom_track_info, 1000,
	  { 0x52, 0, 0xff, 0xff, 0xff, 0xff }, 0, 0, 0 },
	{ "track 0", vcdrom_track_info, 1000, { 0x52, 1 }, 0, 2, 7 },
	{ "track 2", vcdrom_track_info, 1000, { 0x52, 1, 0, 0, 0, 2 }, 0, 2,
	  7 },
	{ "track 0x101", vcdrom_track_info, 1000, { 0x52, 1, 0, 0, 1, 1 }, 0,
	  2, 7 },
	{ "invisible track", vcdrom_track_info, 1000,
	  { 0x52, 1, 0, 0, 0, 0xff }, 0, 2, 7 },
	{ "track type 3", vcdrom_track_info, 1000, { 0x52, 3, 0, 0, 0, 1 }, 0,
	  1, 1 },
	{ "open track", vcdrom_track_info, 1000, { 0x52, 5, 0, 0, 0, 1 }, 0, 1,
	  2 },

	/* READ DISC STRUCTURE (MMC-6 6.22): DVD-ROM, one layer from 30000h on */
	{ "physical", vcdrom_disc_structure, DVD, { 0xad }, 2052,
	  .want = { 0x08, 0x02, 0, 0, 0x01, 0x0f, 0x01, 0,
		    0, 0x03, 0x00, 0x00, 0, 0x22, 0xff, 0xff } },
	{ "physical, large", vcdrom_disc_structure, U32_MAX, { 0xad }, 2052,
	  .want = { 0x08, 0x02, 0, 0, 0x01, 0x0f, 0x01, 0,
		    0, 0x03, 0x00, 0x00, 0, 0xff, 0xff, 0xff } },
	{ "copyright", vcdrom_disc_structure, DVD, { 0xad, [7] = 1 }, 8,
	  .want = { 0, 6 } },
	{ "manufacturer", vcdrom_disc_structure, DVD, { 0xad, [7] = 4 }, 2052,
	  .want = { 0x08, 0x02 } },
	{ "structures", vcdrom_disc_structure, DVD, { 0xad, [7] = 0xff }, 16,
	  .want = { 0, 14, 0, 0, 0x00, 0x40, 0x08, 0x04,
		    0x01, 0x40, 0, 8, 0x04, 0x40, 0x08, 0x04 } },
	{ "disc key", vcdrom_disc_structure, DVD, { 0xad, [7] = 2 }, 0, 7, 7 },
	{ "layer 1", vcdrom_disc_structure, DVD, { 0xad, [6] = 1 }, 0, 6, 7 },
	{ "bd", vcdrom_disc_structure, DVD, { 0xad, 1 }, 0, 1, 3 },

	/* GET PERFORMANCE (MMC-6 6.8): 8467 kB/s everywhere */
	{ "performance", vcdrom_performance, 1000,
	  { 0xac, 0x10, [9] = 1 }, 24,
	  .want = { 0, 0, 0, 20, [14] = 0x21, 0x13, 0, 0, 0x03, 0xe7,
		    0, 0, 0x21, 0x13 } },
	{ "no descriptors", vcdrom_performance, 1000, { 0xac, 0x10 }, 8,
	  .want = { 0, 0, 0, 4 } },
	{ "exceptions", vcdrom_performance, 1000, { 0xac, 0x12, [9] = 9 }, 8,
	  .want = { 0, 0, 0, 4, 1 } },
	{ "reserved exceptions", vcdrom_performance, 1000,
	  { 0xac, 0x13, [9] = 9 }, 0, 1, 4 },
	{ "performance of writing", vcdrom_performance, 1000,
	  { 0xac, 0x14, [9] = 9 }, 0, 1, 4 },
	{ "speed of writing", vcdrom_performance, 1000,
	  { 0xac, [9] = 9, 3 }, 0, 10, 7 },
};

static void disc_case_name(const struct disc_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(disc, disc_cases, disc_case_name);

static void disc_answer_test(struct kunit *test)
{
	const struct disc_case *c = test->param_value;
	const struct vcdrom_disc disc = {
		.kind = vcdrom_kind_by_size(c->nblocks),
		.nblocks = c->nblocks,
	};
	struct vcdrom_answer answer = {};

	answer.buf = kunit_kzalloc(test, VCDROM_STRUCTURE_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, answer.buf);
	c->fn(&disc, c->cdb, &answer);
	KUNIT_EXPECT_EQ(test, answer.len, c->len);
	KUNIT_EXPECT_EQ(test, answer.bad_byte, c->byte);
	KUNIT_EXPECT_EQ(test, answer.bad_bit, c->bit);
	if (c->len) {
		KUNIT_EXPECT_MEMEQ(test, answer.buf, c->want,
				   sizeof(c->want));
		KUNIT_EXPECT_NULL(test, memchr_inv(answer.buf + sizeof(c->want),
						   0, VCDROM_STRUCTURE_MAX -
						      sizeof(c->want)));
	}
}

/* MMC-6 table 25: block addresses and times */
static void msf_test(struct kunit *test)
{
	static const struct {
		u32	lba;
		u8	msf[4];
	} pairs[] = {
		{ 0, { 0, 0, 2, 0 } },
		{ 74, { 0, 0, 2, 74 } },
		{ 75, { 0, 0, 3, 0 } },
		{ 4349, { 0, 0, 59, 74 } },
		{ 4350, { 0, 1, 0, 0 } },
		{ 404849, { 0, 89, 59, 74 } },
		{ 449849, { 0, 99, 59, 74 } },
		{ 256 * 4500 - 151, { 0, 255, 59, 74 } },
		{ 256 * 4500 - 150, { 0, 255, 59, 74 } },
		{ U32_MAX, { 0, 255, 59, 74 } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		u8 buf[4] = {};

		vcdrom_put_address(buf, pairs[i].lba, true);
		KUNIT_EXPECT_MEMEQ(test, buf, pairs[i].msf, sizeof(buf));
		vcdrom_put_address(buf, pairs[i].lba, false);
		KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf), pairs[i].lba);
	}
}

/* 80 minutes, two seconds of which are before the first block */
static void kind_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vcdrom_kind_by_size(1), VCDROM_CD);
	KUNIT_EXPECT_EQ(test, vcdrom_kind_by_size(359850), VCDROM_CD);
	KUNIT_EXPECT_EQ(test, vcdrom_kind_by_size(359851), VCDROM_DVD);
	KUNIT_EXPECT_EQ(test, vcdrom_kind_by_size(U32_MAX), VCDROM_DVD);
}

static struct kunit_case disc_test_cases[] = {
	KUNIT_CASE_PARAM(disc_answer_test, disc_gen_params),
	KUNIT_CASE(msf_test),
	KUNIT_CASE(kind_test),
	{}
};

static struct kunit_suite disc_suite = {
	.name = "scst_vcdrom_disc",
	.test_cases = disc_test_cases,
};

kunit_test_suite(disc_suite);
