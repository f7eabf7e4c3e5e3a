// SPDX-License-Identifier: GPL-2.0
/*
 * LUNs in the forms of SAM-5 4.7, and REPORT LUNS parameter data.
 */
#include <kunit/test.h>
#include <linux/unaligned.h>
#include "../scst_pure.h"

struct lun_case {
	const char	*name;
	u8		bytes[8];
	u64		lun;
	enum scst_addr_method method;
};

static const struct lun_case lun_cases[] = {
	/* Peripheral device addressing */
	{ "peripheral 0", { 0, 0 }, 0 },
	{ "peripheral 1", { 0, 1 }, 1 },
	{ "peripheral 255", { 0, 0xff }, 255 },
	{ "peripheral, bus 1", { 1, 0 }, SCST_LUN_INVALID },
	{ "peripheral, bus 63", { 0x3f, 5 }, SCST_LUN_INVALID },
	{ "peripheral, second level", { 0, 1, 0, 1 }, SCST_LUN_INVALID },
	{ "peripheral, fourth level", { 0, 1, 0, 0, 0, 0, 0, 1 },
	  SCST_LUN_INVALID },
	/* Flat space addressing; may carry small numbers too */
	{ "flat 0", { 0x40, 0 }, 0 },
	{ "flat 255", { 0x40, 0xff }, 255 },
	{ "flat 256", { 0x41, 0 }, 256 },
	{ "flat 16383", { 0x7f, 0xff }, 16383 },
	{ "flat, second level", { 0x41, 0, 0x40 }, SCST_LUN_INVALID },
	/* Logical unit addressing */
	{ "logical unit 0", { 0x80, 0 }, 0 },
	{ "logical unit 31", { 0x80, 0x1f }, 31 },
	{ "logical unit, target 1", { 0x81, 0 }, SCST_LUN_INVALID },
	{ "logical unit, bus 1", { 0x80, 0x20 }, SCST_LUN_INVALID },
	{ "logical unit, second level", { 0x80, 1, 1 }, SCST_LUN_INVALID },
	/* Extended logical unit addressing */
	{ "extended flat, 3 bytes", { 0xd2, 0x01, 0x00, 0x02 }, 0x10002 },
	{ "extended flat, 3 bytes, largest", { 0xd2, 0xff, 0xff, 0xff },
	  0xffffff },
	{ "extended flat, 3 bytes, second level",
	  { 0xd2, 0, 0, 1, 0, 1 }, SCST_LUN_INVALID },
	{ "extended flat, 5 bytes", { 0xe2, 1, 2, 3, 4, 5 }, 0x0102030405 },
	{ "extended flat, 5 bytes, second level",
	  { 0xe2, 1, 2, 3, 4, 5, 0, 1 }, SCST_LUN_INVALID },
	{ "extended flat, 1 byte", { 0xc2, 1 }, SCST_LUN_INVALID },
	{ "REPORT LUNS well known", { 0xc1, 0x01 }, SCST_LUN_REPORT_LUNS },
	{ "well known, second level", { 0xc1, 0x01, 0, 1 }, SCST_LUN_INVALID },
	{ "ACCESS CONTROLS well known", { 0xc1, 0x02 }, SCST_LUN_INVALID },
	{ "TARGET LOG PAGES well known", { 0xc1, 0x03 }, SCST_LUN_INVALID },
	{ "not specified", { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	  SCST_LUN_INVALID },
};

KUNIT_ARRAY_PARAM_DESC(lun, lun_cases, name);

static void lun_unpack_test(struct kunit *test)
{
	const struct lun_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, scst_lun_unpack(c->bytes), c->lun);
}

/* The form that initiators get to see in REPORT LUNS */
static const struct lun_case lun_pack_cases[] = {
	{ "0", { 0, 0 }, 0 },
	{ "255", { 0, 0xff }, 255 },
	{ "256", { 0x41, 0 }, 256 },
	{ "REPORT LUNS", { 0xc1, 0x01 }, SCST_LUN_REPORT_LUNS },
	{ "flat 0", { 0x40, 0 }, 0, SCST_ADDR_FLAT },
	{ "flat 255", { 0x40, 0xff }, 255, SCST_ADDR_FLAT },
	{ "flat 256", { 0x41, 0 }, 256, SCST_ADDR_FLAT },
	{ "flat 16384", { 0xd2, 0x00, 0x40, 0x00 }, 16384, SCST_ADDR_FLAT },
	{ "flat REPORT LUNS", { 0xc1, 0x01 }, SCST_LUN_REPORT_LUNS,
	  SCST_ADDR_FLAT },
	{ "lun 0", { 0x80, 0 }, 0, SCST_ADDR_LUN },
	{ "lun 31", { 0x80, 31 }, 31, SCST_ADDR_LUN },
	{ "lun 32", { 0x40, 32 }, 32, SCST_ADDR_LUN },
	{ "lun 16383", { 0x7f, 0xff }, 16383, SCST_ADDR_LUN },
	{ "16383", { 0x7f, 0xff }, 16383 },
	{ "16384", { 0xd2, 0x00, 0x40, 0x00 }, 16384 },
	{ "2^24 - 1", { 0xd2, 0xff, 0xff, 0xff }, 0xffffff },
	{ "2^24", { 0xe2, 0, 1, 0, 0, 0 }, 0x1000000 },
	{ "2^40 - 1", { 0xe2, 0xff, 0xff, 0xff, 0xff, 0xff }, 0xffffffffff },
	{ "2^40", { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	  0x10000000000 },
	{ "invalid", { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	  SCST_LUN_INVALID },
};

KUNIT_ARRAY_PARAM_DESC(lun_pack, lun_pack_cases, name);

static void lun_pack_test(struct kunit *test)
{
	const struct lun_case *c = test->param_value;
	u8 bytes[8];

	memset(bytes, 0x5a, sizeof(bytes));
	scst_lun_pack(c->method, c->lun, bytes);
	KUNIT_EXPECT_MEMEQ(test, bytes, c->bytes, sizeof(bytes));
}

static void lun_round_trip_test(struct kunit *test)
{
	enum scst_addr_method method;
	u8 bytes[8];
	u64 lun;

	for (method = 0; method < SCST_ADDR_NR; method++)
		for (lun = 0; lun <= SCST_MAX_LUN; lun++) {
			scst_lun_pack(method, lun, bytes);
			KUNIT_ASSERT_EQ(test, scst_lun_unpack(bytes), lun);
		}
}

/* Of all two-byte forms exactly these name a logical unit of this target. */
static void lun_two_bytes_test(struct kunit *test)
{
	unsigned int i, valid = 0;

	for (i = 0; i < 0x10000; i++) {
		u8 bytes[8] = { i >> 8, i };

		valid += scst_lun_unpack(bytes) != SCST_LUN_INVALID;
	}
	/*
	 * ... and extended flat, whose third and further bytes are zero, and
	 * the well known one
	 */
	KUNIT_EXPECT_EQ(test, valid, 256 + 16384 + 32 + 2 * 256 + 1);
}

#define LUN_GUARD	0xa5

static const u64 lun_list_luns[] = { 0, 7, 256, 16383 };

static const u8 lun_list_data[] = {
	0, 0, 0, 32, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0,
	0, 7, 0, 0, 0, 0, 0, 0,
	0x41, 0, 0, 0, 0, 0, 0, 0,
	0x7f, 0xff, 0, 0, 0, 0, 0, 0,
};

/* The list is cut off wherever the allocation length says so. */
static void lun_list_test(struct kunit *test)
{
	u8 buf[sizeof(lun_list_data) + 8];
	struct scst_lun_list list;
	size_t size, want;
	int i;

	for (size = 0; size <= sizeof(buf); size++) {
		want = min(size, sizeof(lun_list_data));
		memset(buf, LUN_GUARD, sizeof(buf));
		scst_lun_list_init(&list, SCST_ADDR_PERIPHERAL, buf, size);
		for (i = 0; i < ARRAY_SIZE(lun_list_luns); i++)
			scst_lun_list_add(&list, lun_list_luns[i]);
		KUNIT_ASSERT_EQ(test, scst_lun_list_end(&list), want);
		KUNIT_ASSERT_MEMEQ(test, buf, lun_list_data, want);
		KUNIT_ASSERT_NULL(test, memchr_inv(buf + want, LUN_GUARD,
						   sizeof(buf) - want));
	}
}

static void lun_list_empty_test(struct kunit *test)
{
	static const u8 none[8];
	struct scst_lun_list list;
	u8 buf[8];

	memset(buf, LUN_GUARD, sizeof(buf));
	scst_lun_list_init(&list, SCST_ADDR_PERIPHERAL, buf, sizeof(buf));
	KUNIT_EXPECT_EQ(test, scst_lun_list_end(&list), sizeof(buf));
	KUNIT_EXPECT_MEMEQ(test, buf, none, sizeof(buf));
}

/* SPC-5 6.33.1: these there are, with ordinary and with well known ones */
static void lun_select_test(struct kunit *test)
{
	static const u8 known[] = { 0x00, 0x01, 0x02, 0x10, 0x11, 0x12 };
	static const u8 ordinary[] = { 0x00, 0x02, 0x11 };
	static const u8 well_known[] = { 0x01, 0x02 };
	unsigned int select;

	for (select = 0; select <= U8_MAX; select++) {
		bool has = memchr(known, select, sizeof(known));
		bool o, w;

		KUNIT_ASSERT_EQ(test, scst_report_luns_has(select, &o, &w),
				has);
		if (!has)
			continue;
		KUNIT_EXPECT_EQ(test, o,
				!!memchr(ordinary, select, sizeof(ordinary)));
		KUNIT_EXPECT_EQ(test, w,
				!!memchr(well_known, select,
					 sizeof(well_known)));
	}
}

static struct kunit_case lun_test_cases[] = {
	KUNIT_CASE(lun_select_test),
	KUNIT_CASE_PARAM(lun_unpack_test, lun_gen_params),
	KUNIT_CASE_PARAM(lun_pack_test, lun_pack_gen_params),
	KUNIT_CASE(lun_round_trip_test),
	KUNIT_CASE(lun_two_bytes_test),
	KUNIT_CASE(lun_list_test),
	KUNIT_CASE(lun_list_empty_test),
	{}
};

static struct kunit_suite lun_suite = {
	.name = "scst_lun",
	.test_cases = lun_test_cases,
};

kunit_test_suite(lun_suite);
