// SPDX-License-Identifier: GPL-2.0
/*
 * Which blocks a command touches, which ranges overlap, and where they are.
 */
#include <kunit/test.h>
#include <linux/sizes.h>
#include "../scst_pure.h"

#define RANGE_SHIFT	9
/* Blocks of a region */
#define RANGE_REGION	(SZ_1M >> RANGE_SHIFT)

static const struct range_cdb {
	const char	*name;
	u8		cdb[SCST_CDB_INLINE];
	bool		none;
	u64		first;
	u64		last;
} range_cdbs[] = {
	{ "READ (6), 256 blocks", { 0x08, 0, 1 }, false, 256, 511 },
	{ "READ (10)", { 0x28, [5] = 7, [8] = 2 }, false, 7, 8 },
	{ "READ (10), nothing", { 0x28, [5] = 7 }, true },
	{ "WRITE (10)", { 0x2a, [5] = 7, [8] = 1 }, false, 7, 7 },
	{ "WRITE (10), nothing", { 0x2a, [5] = 7 }, true },
	{ "WRITE AND VERIFY (10)", { 0x2e, [5] = 7, [8] = 3 }, false, 7, 9 },
	{ "VERIFY (10), medium", { 0x2f, 0, [5] = 7, [8] = 1 }, true },
	{ "VERIFY (10), all", { 0x2f, 2, [5] = 7, [8] = 2 }, false, 7, 8 },
	{ "VERIFY (10), one for all", { 0x2f, 6, [5] = 7, [8] = 9 }, false, 7,
	  15 },
	{ "PRE-FETCH (10)", { 0x34, [8] = 1 }, true },
	{ "SYNCHRONIZE CACHE (10)", { 0x35 }, true },
	{ "WRITE SAME (10)", { 0x41, [5] = 7, [8] = 4 }, false, 7, 10 },
	{ "WRITE SAME (10), up to the end", { 0x41, [5] = 7 }, false, 7,
	  U64_MAX },
	{ "WRITE SAME (16), no data", { 0x93, 1, [9] = 7, [13] = 4 }, false, 7,
	  10 },
	{ "UNMAP", { 0x42, [8] = 24 }, false, 0, U64_MAX },
	{ "UNMAP, nothing", { 0x42 }, false, 0, U64_MAX },
	{ "EXTENDED COPY", { 0x83, [13] = 32 }, false, 0, U64_MAX },
	{ "XDWRITEREAD (10)", { 0x53, [5] = 7, [8] = 2 }, false, 7, 8 },
	{ "COMPARE AND WRITE", { 0x89, [9] = 7, [13] = 2 }, false, 7, 8 },
	{ "COMPARE AND WRITE, nothing", { 0x89, [9] = 7 }, true },
	{ "ORWRITE (16)", { 0x8b, [9] = 7, [13] = 2 }, false, 7, 8 },
	{ "READ (16), the last one",
	  { 0x88, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, [13] = 1 },
	  false, U64_MAX, U64_MAX },
	{ "READ (16), behind the last one",
	  { 0x88, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, [13] = 2 },
	  false, U64_MAX, U64_MAX },
	{ "READ (16), up to the last one",
	  { 0x88, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0, [13] = 16 },
	  false, U64_MAX - 15, U64_MAX },
	{ "READ (32)", { 0x7f, [7] = 24, [9] = 9, [19] = 7, [31] = 2 }, false,
	  7, 8 },
	{ "GET LBA STATUS", { 0x9e, 0x12, [9] = 7, [13] = 24 }, true },
	{ "READ CAPACITY (10)", { 0x25 }, true },
	{ "TEST UNIT READY", { 0x00 }, true },
	{ "INQUIRY", { 0x12, [4] = 36 }, true },
};

KUNIT_ARRAY_PARAM_DESC(range_cdb, range_cdbs, name);

static void range_of_test(struct kunit *test)
{
	const struct range_cdb *p = test->param_value;
	struct scst_cdb_info info;
	struct scst_cdb_error err;
	struct scst_range range;

	err = scst_cdb_decode(TYPE_DISK, p->cdb, sizeof(p->cdb), RANGE_SHIFT,
			      &info);
	KUNIT_ASSERT_TRUE(test, err.sense == SCST_SENSE_NONE);
	KUNIT_ASSERT_EQ(test, scst_range_of(&info, &range), !p->none);
	if (p->none)
		return;
	KUNIT_EXPECT_EQ(test, range.first, p->first);
	KUNIT_EXPECT_EQ(test, range.last, p->last);
}

/* What the table of commands has not may do anything. */
static void range_of_unknown_test(struct kunit *test)
{
	struct scst_cdb_info info;
	struct scst_range range;

	KUNIT_ASSERT_TRUE(test, scst_cdb_decode_unknown(SCST_DATA_NONE, 0,
							&info) ==
				SCST_SENSE_NONE);
	KUNIT_ASSERT_TRUE(test, scst_range_of(&info, &range));
	KUNIT_EXPECT_EQ(test, range.first, 0);
	KUNIT_EXPECT_EQ(test, range.last, U64_MAX);
}

/* Every command that changes the medium, and that is no list, says where. */
static void range_of_all_test(struct kunit *test)
{
	const struct scst_cdb_op *row;
	struct scst_range range;
	unsigned int i;

	for (i = 0; (row = scst_cdb_row(i)); i++) {
		struct scst_cdb_info info = {
			.op = row, .dir = row->dir, .lba = 5, .blocks = 1,
		};

		if (!(row->flags & SCST_CDB_WRITE))
			continue;
		KUNIT_EXPECT_TRUE_MSG(test, scst_range_of(&info, &range),
				      "%s", row->name);
		KUNIT_EXPECT_TRUE_MSG(test,
				      range.first <= 5 && range.last >= 5,
				      "%s", row->name);
	}
}

static const struct range_pair {
	const char		*name;
	struct scst_range	a, b;
	bool			overlap;
} range_pairs[] = {
	{ "the same", { 5, 5 }, { 5, 5 }, true },
	{ "next to it", { 5, 5 }, { 6, 6 }, false },
	{ "the last one of it", { 5, 9 }, { 9, 12 }, true },
	{ "behind the last one", { 5, 9 }, { 10, 12 }, false },
	{ "inside", { 5, 9 }, { 6, 7 }, true },
	{ "far away", { 5, 9 }, { 1ULL << 40, 1ULL << 41 }, false },
	{ "the first block", { 0, 0 }, { 0, U64_MAX }, true },
	{ "the last block", { U64_MAX, U64_MAX }, { 0, U64_MAX }, true },
	{ "the two ends", { U64_MAX, U64_MAX }, { 0, 0 }, false },
	{ "up to the end", { U64_MAX - 1, U64_MAX }, { U64_MAX, U64_MAX },
	  true },
	{ "before the end", { U64_MAX - 1, U64_MAX - 1 }, { U64_MAX, U64_MAX },
	  false },
};

KUNIT_ARRAY_PARAM_DESC(range_pair, range_pairs, name);

static void range_overlap_test(struct kunit *test)
{
	const struct range_pair *p = test->param_value;

	KUNIT_EXPECT_EQ(test, scst_range_overlap(&p->a, &p->b), p->overlap);
	KUNIT_EXPECT_EQ(test, scst_range_overlap(&p->b, &p->a), p->overlap);
}

static const struct range_at {
	const char		*name;
	struct scst_range	range;
	u8			shift;
	unsigned int		nr;
	u64			regions[SCST_RANGE_REGIONS];
} range_ats[] = {
	{ "a block", { 0, 0 }, RANGE_SHIFT, 1, { 0 } },
	{ "all of a region", { 0, RANGE_REGION - 1 }, RANGE_SHIFT, 1, { 0 } },
	{ "one block more", { 0, RANGE_REGION }, RANGE_SHIFT, 2, { 0, 1 } },
	{ "two of them", { RANGE_REGION, 3 * RANGE_REGION - 1 }, RANGE_SHIFT,
	  2, { 1, 2 } },
	{ "three", { RANGE_REGION - 1, 2 * RANGE_REGION }, RANGE_SHIFT, 0 },
	{ "all of the medium", { 0, U64_MAX }, RANGE_SHIFT, 0 },
	{ "the last block", { U64_MAX, U64_MAX }, RANGE_SHIFT, 1,
	  { U64_MAX / RANGE_REGION } },
	{ "blocks of 4 KiB", { 255, 256 }, 12, 2, { 0, 1 } },
	{ "a block is a region", { 7, 8 }, 20, 2, { 7, 8 } },
	{ "a block is more", { 7, 8 }, 22, 2, { 7, 8 } },
	{ "a block is more, all of them", { 0, U64_MAX }, 22, 0 },
};

KUNIT_ARRAY_PARAM_DESC(range_at, range_ats, name);

static void range_regions_test(struct kunit *test)
{
	const struct range_at *p = test->param_value;
	u64 regions[SCST_RANGE_REGIONS];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, scst_range_regions(&p->range, p->shift, regions),
			p->nr);
	for (i = 0; i < p->nr; i++)
		KUNIT_EXPECT_EQ(test, regions[i], p->regions[i]);
}

static void range_extend_test(struct kunit *test)
{
	struct scst_range range = { U64_MAX, 0 };

	scst_range_extend(&range, 7, 0);
	KUNIT_EXPECT_GT(test, range.first, range.last);
	scst_range_extend(&range, 100, 8);
	KUNIT_EXPECT_EQ(test, range.first, 100);
	KUNIT_EXPECT_EQ(test, range.last, 107);
	scst_range_extend(&range, 102, 2);
	scst_range_extend(&range, 99, 1);
	scst_range_extend(&range, 0, 0);
	KUNIT_EXPECT_EQ(test, range.first, 99);
	KUNIT_EXPECT_EQ(test, range.last, 107);
	scst_range_extend(&range, U64_MAX, 1);
	KUNIT_EXPECT_EQ(test, range.last, U64_MAX);
	range = (struct scst_range) { U64_MAX, 0 };
	scst_range_extend(&range, U64_MAX - 1, U32_MAX);
	KUNIT_EXPECT_EQ(test, range.first, U64_MAX - 1);
	KUNIT_EXPECT_EQ(test, range.last, U64_MAX);
}

static struct kunit_case range_test_cases[] = {
	KUNIT_CASE_PARAM(range_of_test, range_cdb_gen_params),
	KUNIT_CASE(range_of_unknown_test),
	KUNIT_CASE(range_of_all_test),
	KUNIT_CASE(range_extend_test),
	KUNIT_CASE_PARAM(range_overlap_test, range_pair_gen_params),
	KUNIT_CASE_PARAM(range_regions_test, range_at_gen_params),
	{}
};

static struct kunit_suite range_suite = {
	.name = "scst_range",
	.test_cases = range_test_cases,
};

kunit_test_suite(range_suite);
