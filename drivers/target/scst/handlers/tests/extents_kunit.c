// SPDX-License-Identifier: GPL-2.0
/*
 * Which blocks of a hole have room: all small maps there are, and a large one.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include "../vdisk_pure.h"

#define UNIT		1024
#define SMALL_UNITS	8
/* 3 to the power of that */
#define SMALL_MAPS	6561

/**
 * struct fake_extent - an extent
 * @first: its first unit
 * @end: the one after its last
 */
struct fake_extent {
	u64	first;
	u64	end;
};

/**
 * struct fake_map - a file
 * @test: who asks
 * @extents: that it has, in order
 * @nr: number of them
 * @calls: how often it was asked
 * @fails: it fails when it was asked so often; 0: never
 * @grows: it gets one extent more when it was asked so often; 0: never
 */
struct fake_map {
	struct kunit			*test;
	const struct fake_extent	*extents;
	unsigned int			nr;
	unsigned int			calls;
	unsigned int			fails;
	unsigned int			grows;
};

static int fake_count(void *priv, u64 pos, u64 len)
{
	struct fake_map *map = priv;
	u64 first = pos / UNIT, end = (pos + len) / UNIT;
	unsigned int i;
	int count = 0;

	KUNIT_EXPECT_GT(map->test, len, 0);
	KUNIT_EXPECT_EQ(map->test, (pos | len) % UNIT, 0);
	if (++map->calls == map->fails)
		return -EIO;
	if (map->calls == map->grows)
		map->nr++;
	for (i = 0; i < map->nr; i++)
		count += map->extents[i].first < end &&
			 map->extents[i].end > first;
	return count;
}

/* What each unit is: in a hole, in the extent before, or in a new one */
static unsigned int fake_extents(unsigned int number,
				 struct fake_extent *extents)
{
	unsigned int unit, nr = 0, before = 0;

	for (unit = 0; unit < SMALL_UNITS; unit++) {
		unsigned int what = number % 3;

		if (what == 1 && before)
			extents[nr - 1].end++;
		else if (what)
			extents[nr++] = (struct fake_extent) { unit, unit + 1 };
		before = what;
		number /= 3;
	}
	return nr;
}

/* Has all of it got room? */
static int fake_status(const struct fake_map *map, u64 unit, u64 end)
{
	unsigned int i;

	for (i = 0; i < map->nr && unit < end; i++)
		if (map->extents[i].first <= unit)
			unit = max(unit, map->extents[i].end);
	return unit < end ? VDISK_LBA_DEALLOCATED : VDISK_LBA_ANCHORED;
}

static void small_check(struct kunit *test, struct fake_map *map, u32 units)
{
	const struct vdisk_extents ex = {
		fake_count, map, UNIT, units * UNIT
	};
	u64 pos, len, at;
	int status;

	for (pos = 0; pos < SMALL_UNITS * UNIT; pos += len) {
		len = SMALL_UNITS * UNIT - pos;
		status = vdisk_extents_status(&ex, pos, &len);
		KUNIT_ASSERT_GT(test, len, 0);
		KUNIT_ASSERT_EQ(test, len % ex.block, 0);
		KUNIT_ASSERT_LE(test, pos + len, SMALL_UNITS * UNIT);
		for (at = pos; at < pos + len; at += ex.block)
			KUNIT_EXPECT_EQ(test, status,
					fake_status(map, at / UNIT,
						    at / UNIT + units));
	}
}

static void extents_small_test(struct kunit *test)
{
	struct fake_extent extents[SMALL_UNITS];
	unsigned int number;
	u32 units;

	for (number = 0; number < SMALL_MAPS; number++) {
		struct fake_map map = {
			.test = test,
			.extents = extents,
			.nr = fake_extents(number, extents),
		};

		for (units = 1; units <= SMALL_UNITS; units *= 2)
			small_check(test, &map, units);
	}
}

static const struct fake_extent large_extents[] = {
	{ 0, 1 },
	{ 2, 1 << 20 },
	/* No hole between them, but two in the middle of a block of 4 units */
	{ 1 << 20, (1 << 20) + 6 },
	{ (1 << 20) + 6, 1 << 21 },
	{ 1ULL << 40, (1ULL << 40) + 1234 },
	{ (1ULL << 41) - 1, 1ULL << 41 },
};

/**
 * struct large_case - what is asked of large_extents
 * @unit: from which one
 * @units: in a block
 * @status: the answer
 * @len: for how many units
 */
struct large_case {
	u64	unit;
	u32	units;
	int	status;
	u64	len;
};

static const struct large_case large_cases[] = {
	{ 0, 1, VDISK_LBA_ANCHORED, 1 },
	{ 1, 1, VDISK_LBA_DEALLOCATED, 1 },
	{ 2, 1, VDISK_LBA_ANCHORED, (1 << 20) - 2 },
	{ 3, 1, VDISK_LBA_ANCHORED, (1 << 20) - 3 },
	{ 0, 4, VDISK_LBA_DEALLOCATED, 4 },
	{ 4, 4, VDISK_LBA_ANCHORED, (1 << 20) - 4 },
	{ 1 << 20, 4, VDISK_LBA_ANCHORED, 4 },
	{ (1 << 20) + 4, 4, VDISK_LBA_ANCHORED, 4 },
	{ (1 << 20) + 8, 4, VDISK_LBA_ANCHORED, (1 << 20) - 8 },
	{ 1 << 21, 1, VDISK_LBA_DEALLOCATED, (1ULL << 40) - (1 << 21) },
	{ 1ULL << 40, 1, VDISK_LBA_ANCHORED, 1234 },
	{ 1ULL << 40, 4, VDISK_LBA_ANCHORED, 1232 },
	{ (1ULL << 40) + 1232, 4, VDISK_LBA_DEALLOCATED, 4 },
	{ (1ULL << 40) + 1236, 4, VDISK_LBA_DEALLOCATED,
	  (1ULL << 40) - 1236 - 4 },
	{ (1ULL << 41) - 4, 4, VDISK_LBA_DEALLOCATED, 4 },
	{ (1ULL << 41) - 1, 1, VDISK_LBA_ANCHORED, 1 },
};

static void extents_large_test(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(large_cases); i++) {
		const struct large_case *c = &large_cases[i];
		struct fake_map map = {
			test, large_extents, ARRAY_SIZE(large_extents)
		};
		const struct vdisk_extents ex = {
			fake_count, &map, UNIT, c->units * UNIT
		};
		u64 len = ((1ULL << 41) - c->unit) * UNIT;

		KUNIT_EXPECT_EQ(test, c->status,
				vdisk_extents_status(&ex, c->unit * UNIT,
						     &len));
		KUNIT_EXPECT_EQ(test, c->len * UNIT, len);
		KUNIT_EXPECT_LE(test, map.calls, 3 * 41 + 6 + c->units);
	}
}

/* Whenever it fails, it is heard of. */
static void extents_fail_test(struct kunit *test)
{
	unsigned int fails, calls;
	u64 len;
	int got;

	for (fails = 1, calls = 1; fails <= calls; fails++) {
		struct fake_map map = {
			test, large_extents, ARRAY_SIZE(large_extents)
		};
		const struct vdisk_extents ex = {
			fake_count, &map, UNIT, 4 * UNIT
		};

		len = (1ULL << 41) * UNIT;
		vdisk_extents_status(&ex, 0, &len);
		calls = map.calls;
		map.calls = 0;
		map.fails = fails;
		len = (1ULL << 41) * UNIT;
		got = vdisk_extents_status(&ex, 0, &len);
		KUNIT_EXPECT_EQ(test, got, -EIO);
	}
}

/* Somebody writes behind the extent: what is between them still has no room. */
static void extents_grow_test(struct kunit *test)
{
	static const struct fake_extent extents[] = {
		{ 0, 6 }, { 90, 100 }
	};
	unsigned int grows, calls;

	for (grows = 1, calls = 1; grows <= calls; grows++) {
		struct fake_map map = {
			test, extents, 1, .grows = grows
		};
		const struct vdisk_extents ex = {
			fake_count, &map, UNIT, 2 * UNIT
		};
		u64 len = 128 * UNIT;

		KUNIT_EXPECT_EQ(test, vdisk_extents_status(&ex, 0, &len),
				VDISK_LBA_ANCHORED);
		KUNIT_EXPECT_GT(test, len, 0);
		KUNIT_EXPECT_LE(test, len, 6 * UNIT);
		calls = map.calls;
	}
}

static struct kunit_case extents_cases[] = {
	KUNIT_CASE(extents_small_test),
	KUNIT_CASE(extents_large_test),
	KUNIT_CASE(extents_fail_test),
	KUNIT_CASE(extents_grow_test),
	{}
};

static struct kunit_suite extents_suite = {
	.name = "scst_vdisk_extents",
	.test_cases = extents_cases,
};

kunit_test_suite(extents_suite);
