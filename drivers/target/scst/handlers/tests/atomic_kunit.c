// SPDX-License-Identifier: GPL-2.0
/*
 * WRITE ATOMIC: what a store can do in the words of SCSI, and which commands it
 * allows (SBC-4 4.29.1, 6.6.4).
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/sizes.h>
#include "../vdisk_pure.h"

static const struct limits_case {
	const char			*name;
	struct vdisk_atomic_store	store;
	u8				block_shift;
	u32				max_xfer;
	struct vdisk_atomic		want;
} limits_cases[] = {
	{ "none", {}, 9, SZ_8M, {} },
	{ "one block", { 512, 512 }, 9, SZ_8M, { 1, 1, 16384 } },
	{ "NVMe", { 512, SZ_128K }, 9, SZ_8M, { 256, 1, 16384 } },
	{ "larger blocks", { 512, SZ_128K }, 12, SZ_8M, { 32, 1, 2048 } },
	{ "smaller than a block", { 512, 2048 }, 12, SZ_8M, {} },
	{ "unit", { 4096, SZ_64K }, 9, SZ_8M, { 128, 8, 16384 } },
	{ "unit of a block", { 4096, SZ_64K }, 12, SZ_8M, { 16, 1, 2048 } },
	{ "no whole units", { 4096, SZ_64K + 512 }, 9, SZ_8M - 512,
	  { 128, 8, 16376 } },
	{ "less than the unit", { 4096, 2048 }, 9, SZ_8M, {} },
	{ "odd unit", { 1536, SZ_64K }, 9, SZ_8M, {} },
	{ "boundary", { 512, SZ_64K, SZ_128K }, 9, SZ_8M,
	  { 128, 128, 16384 } },
	{ "near boundary", { 512, SZ_64K, SZ_16K }, 9, SZ_8M,
	  { 32, 32, 16384 } },
	{ "odd boundary", { 512, SZ_64K, 3 * SZ_16K }, 9, SZ_8M, {} },
	{ "boundary in a unit", { 4096, SZ_64K, 2048 }, 9, SZ_8M, {} },
	{ "boundary, odd length", { 512, 3 * SZ_16K, SZ_128K }, 9, SZ_8M,
	  { 64, 64, 16384 } },
	{ "longest transfer", { 512, SZ_16M }, 9, SZ_8M,
	  { 16384, 1, 16384 } },
	{ "longest field", { 512, SZ_128M }, 9, SZ_128M,
	  { U16_MAX, 1, U16_MAX } },
	{ "longest field in units", { 1024, SZ_128M }, 9, SZ_128M,
	  { U16_MAX - 1, 2, U16_MAX - 1 } },
	{ "all", { 512, U32_MAX }, 12, U32_MAX, { U16_MAX, 1, U16_MAX } },
};

KUNIT_ARRAY_PARAM_DESC(limits, limits_cases, name);

static void atomic_limits_test(struct kunit *test)
{
	const struct limits_case *c = test->param_value;
	struct vdisk_atomic got = { 1, 2, 3 };

	vdisk_atomic_limits(&c->store, c->block_shift, c->max_xfer, &got);
	KUNIT_EXPECT_EQ(test, got.max, c->want.max);
	KUNIT_EXPECT_EQ(test, got.unit, c->want.unit);
	KUNIT_EXPECT_EQ(test, got.max_bounded, c->want.max_bounded);
}

/* Which field is wrong */
enum { FINE, LBA, BLOCKS, BOUNDARY };

static const struct check_case {
	const char	*name;
	u64		lba;
	u64		blocks;
	u16		boundary;
	u8		wrong;
} check_cases[] = {
	{ "nothing", 0, 0 },
	{ "one unit", 8, 8 },
	{ "the longest", 0, 128 },
	{ "the last LBA", U64_MAX - 7, 8 },
	{ "unaligned", 4, 8, 0, LBA },
	{ "unaligned nothing", 1, 0, 0, LBA },
	{ "less than a unit", 0, 4, 0, BLOCKS },
	{ "units and more", 0, 12, 0, BLOCKS },
	{ "too long", 0, 136, 0, BLOCKS },
	{ "much too long", 0, 0x100000008, 0, BLOCKS },
	{ "boundary", 0, 1024, 8 },
	{ "no multiple of the boundary", 0, 1000, 16 },
	{ "the longest boundary", 0, 1024, 128 },
	{ "too long a boundary", 0, 1024, 136, BOUNDARY },
	{ "half a unit of boundary", 0, 1024, 12, BOUNDARY },
	{ "too long with boundary", 0, 1032, 8, BLOCKS },
	{ "unaligned with boundary", 12, 16, 8, LBA },
};

KUNIT_ARRAY_PARAM_DESC(check, check_cases, name);

static void atomic_check_test(struct kunit *test)
{
	static const struct vdisk_atomic atomic = { 128, 8, 1024 };
	static const u8 bytes[] = { [LBA] = 2, [BLOCKS] = 12, [BOUNDARY] = 10 };
	const struct check_case *c = test->param_value;
	const struct vdisk_atomic_fields fields = {
		.lba = c->lba,
		.blocks = c->blocks,
		.boundary = c->boundary,
		.lba_byte = bytes[LBA],
		.blocks_byte = bytes[BLOCKS],
		.boundary_byte = bytes[BOUNDARY],
	};
	struct scst_cdb_error error;

	error = vdisk_atomic_check(&atomic, &fields);
	if (c->wrong == FINE) {
		KUNIT_EXPECT_TRUE(test, error.sense == SCST_SENSE_NONE);
		return;
	}
	KUNIT_EXPECT_TRUE(test, error.sense == SCST_SENSE_INVALID_FIELD_CDB);
	KUNIT_EXPECT_EQ(test, error.byte, bytes[c->wrong]);
	KUNIT_EXPECT_EQ(test, error.bit, 7);
}

/* SBC-4 4.29.1: multiples of the boundary, as long as the store can */
static void atomic_piece_test(struct kunit *test)
{
	static const struct vdisk_atomic atomic = { 128, 8, 1024 };

	KUNIT_EXPECT_EQ(test, vdisk_atomic_piece(&atomic, 0), 128);
	KUNIT_EXPECT_EQ(test, vdisk_atomic_piece(&atomic, 8), 128);
	KUNIT_EXPECT_EQ(test, vdisk_atomic_piece(&atomic, 24), 120);
	KUNIT_EXPECT_EQ(test, vdisk_atomic_piece(&atomic, 72), 72);
	KUNIT_EXPECT_EQ(test, vdisk_atomic_piece(&atomic, 128), 128);
}

static struct kunit_case atomic_cases[] = {
	KUNIT_CASE_PARAM(atomic_limits_test, limits_gen_params),
	KUNIT_CASE_PARAM(atomic_check_test, check_gen_params),
	KUNIT_CASE(atomic_piece_test),
	{}
};

static struct kunit_suite atomic_suite = {
	.name = "scst_vdisk_atomic",
	.test_cases = atomic_cases,
};

kunit_test_suite(atomic_suite);
