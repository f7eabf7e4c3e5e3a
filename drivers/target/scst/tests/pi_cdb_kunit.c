// SPDX-License-Identifier: GPL-2.0
/*
 * Protection information in CDBs: which commands may come with it, how much they
 * move then, and what they ask to be checked.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <scst/pi.h>
#include "../scst_pure.h"

#define PI_INVALID_FIELD	SCST_SENSE_INVALID_FIELD_CDB

/**
 * struct pi_cdb_case - a CDB with a protection field of 001b
 * @cdb: the same with 000b
 * @byte: where the field is
 * @blocks: transferred; negative: the field is none
 */
struct pi_cdb_case {
	u8	cdb[SCST_CDB_INLINE];
	u8	byte;
	int	blocks;
};

static const struct pi_cdb_case pi_cdb_cases[] = {
	{ { 0x28, [8] = 7 }, 1, 7 },			/* READ */
	{ { 0xa8, [9] = 7 }, 1, 7 },
	{ { 0x88, [13] = 7 }, 1, 7 },
	{ { 0x7f, [7] = 24, [9] = 0x09, [31] = 7 }, 10, 7 },
	{ { 0x2a, [8] = 7 }, 1, 7 },			/* WRITE */
	{ { 0xaa, [9] = 7 }, 1, 7 },
	{ { 0x8a, [13] = 7 }, 1, 7 },
	{ { 0x7f, [7] = 24, [9] = 0x0b, [31] = 7 }, 10, 7 },
	{ { 0x2e, [8] = 7 }, 1, 7 },			/* WRITE AND VERIFY */
	{ { 0xae, [9] = 7 }, 1, 7 },
	{ { 0x8e, [13] = 7 }, 1, 7 },
	{ { 0x7f, [7] = 24, [9] = 0x0c, [31] = 7 }, 10, 7 },
	{ { 0x2f, [8] = 7 }, 1, 0 },			/* VERIFY */
	{ { 0x2f, 0x02, [8] = 7 }, 1, 7 },
	{ { 0xaf, 0x06, [9] = 7 }, 1, 1 },
	{ { 0x8f, 0x02, [13] = 7 }, 1, 7 },
	{ { 0x7f, [7] = 24, [9] = 0x0a, 0x02, [31] = 7 }, 10, 7 },
	{ { 0x41, [8] = 7 }, 1, 1 },			/* WRITE SAME */
	{ { 0x93, [13] = 7 }, 1, 1 },
	{ { 0x93, 0x01, [13] = 7 }, 1, 0 },
	{ { 0x7f, [7] = 24, [9] = 0x0d, [31] = 7 }, 10, 1 },
	{ { 0x89, [13] = 7 }, 1, 14 },			/* COMPARE AND WRITE */
	{ { 0x8b, [13] = 7 }, 1, 7 },			/* ORWRITE */
	{ { 0x53, [8] = 7 }, 1, -1 },			/* XDWRITEREAD */
	{ { 0x9c, [13] = 7 }, 1, -1 },			/* WRITE ATOMIC */
	{ { 0x34 }, 1, -1 },				/* PRE-FETCH */
	{ { 0x42, [8] = 24 }, 1, -1 },			/* UNMAP */
};

static struct scst_cdb_error pi_decode(const struct pi_cdb_case *c, u8 pi_type,
				       u8 protect, u8 shift,
				       struct scst_cdb_info *info)
{
	u8 cdb[SCST_CDB_INLINE];

	memcpy(cdb, c->cdb, sizeof(cdb));
	cdb[c->byte] |= protect << 5;
	return scst_pi_decode(pi_type, TYPE_DISK, cdb, sizeof(cdb), shift,
			      info);
}

static void pi_refused(struct kunit *test, struct scst_cdb_error error,
		       scst_sense_t sense, u16 byte, s8 bit)
{
	KUNIT_EXPECT_EQ(test, (__force u32)error.sense, (__force u32)sense);
	KUNIT_EXPECT_EQ(test, error.byte, byte);
	KUNIT_EXPECT_EQ(test, error.bit, bit);
}

static void pi_cdb_len_test(struct kunit *test)
{
	struct scst_cdb_error error;
	struct scst_cdb_info info;
	u8 shift, protect;
	int i;

	for (i = 0; i < ARRAY_SIZE(pi_cdb_cases); i++) {
		const struct pi_cdb_case *c = &pi_cdb_cases[i];
		u8 type = c->byte == 10 ? 2 : 1;

		for (shift = 9; shift <= 12 && c->blocks >= 0; shift += 3) {
			error = pi_decode(c, type, 0, shift, &info);
			KUNIT_EXPECT_TRUE(test, error.sense == SCST_SENSE_NONE);
			KUNIT_EXPECT_EQ(test, info.protect, 0);
			KUNIT_EXPECT_EQ(test, info.data_len, c->blocks << shift);
			for (protect = 1; protect <= 5; protect++) {
				error = pi_decode(c, type, protect, shift,
						  &info);
				KUNIT_EXPECT_TRUE(test, error.sense ==
							SCST_SENSE_NONE);
				KUNIT_EXPECT_EQ(test, info.protect, protect);
				KUNIT_EXPECT_EQ(test, info.data_len, c->blocks *
						((1 << shift) + SCST_PI_LEN));
				KUNIT_EXPECT_EQ(test, info.blocks, 7);
			}
		}
	}
}

static void pi_cdb_refused_test(struct kunit *test)
{
	struct scst_cdb_info info = { .blocks = 4711 };
	int i;

	for (i = 0; i < ARRAY_SIZE(pi_cdb_cases); i++) {
		const struct pi_cdb_case *c = &pi_cdb_cases[i];
		u8 type = c->byte == 10 ? 2 : 3;

		if (c->blocks < 0) {
			pi_refused(test, pi_decode(c, 1, 1, 9, &info),
				   PI_INVALID_FIELD, c->byte, 5);
			continue;
		}
		pi_refused(test, pi_decode(c, type, 6, 9, &info),
			   PI_INVALID_FIELD, c->byte, 7);
		pi_refused(test, pi_decode(c, type, 7, 9, &info),
			   PI_INVALID_FIELD, c->byte, 7);
		if (type == 3)
			pi_refused(test, pi_decode(c, 2, 1, 9, &info),
				   SCST_SENSE_INVALID_OPCODE, 0, -1);
	}
	KUNIT_EXPECT_EQ(test, info.blocks, 4711);
}

/* Reserved bits are still found, and a length that is too long is. */
static void pi_cdb_stray_test(struct kunit *test)
{
	const struct pi_cdb_case stray = { { 0x28, 0x01, [8] = 7 }, 1 };
	const struct pi_cdb_case large = {
		{ 0x88, [10] = 0x00, 0x3f, 0xff, 0xff }, 1
	};
	struct scst_cdb_error error;
	struct scst_cdb_info info;
	u8 short_cdb[10] = { 0x88, 0x20 };

	pi_refused(test, pi_decode(&stray, 1, 1, 9, &info), PI_INVALID_FIELD,
		   1, 0);
	error = pi_decode(&large, 1, 0, 9, &info);
	KUNIT_EXPECT_TRUE(test, error.sense == SCST_SENSE_NONE);
	pi_refused(test, pi_decode(&large, 1, 1, 9, &info), PI_INVALID_FIELD,
		   10, -1);
	error = scst_pi_decode(1, TYPE_DISK, short_cdb, sizeof(short_cdb), 9,
			       &info);
	KUNIT_EXPECT_TRUE(test, error.sense == PI_INVALID_FIELD);
}

static void pi_cdb_usage_test(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pi_cdb_cases); i++) {
		const struct pi_cdb_case *c = &pi_cdb_cases[i];
		const struct scst_cdb_op *row;
		u8 usage[SCST_CDB_INLINE], type;

		row = scst_cdb_find(TYPE_DISK, c->cdb, sizeof(c->cdb));
		KUNIT_ASSERT_NOT_NULL(test, row);
		for (type = 1; type <= 3; type++) {
			bool has = c->blocks >= 0 &&
				   (type != 2 || c->byte == 10);

			memcpy(usage, row->usage, sizeof(usage));
			scst_pi_add_usage(type, TYPE_DISK, usage, row->len);
			KUNIT_EXPECT_EQ(test, usage[c->byte],
					row->usage[c->byte] |
					(has ? 0xe0 : 0));
		}
	}
}

/**
 * struct pi_rule_case - what is checked
 * @dev: logical unit
 * @is_long: READ(32), rather than READ(16)
 * @protect: RDPROTECT
 * @check: what
 * @app_mask: bits of the application tag
 * @ref_tag: reference tag of the first block
 */
struct pi_rule_case {
	struct scst_pi_device	dev;
	bool			is_long;
	u8			protect;
	u8			check;
	u16			app_mask;
	u32			ref_tag;
};

static const struct pi_rule_case pi_rule_cases[] = {
	{ { 1 }, false, 0, SCST_PI_ALL, 0, 0x89abcdef },
	{ { 1, .dpicz = true }, false, 0, 0, 0, 0x89abcdef },
	{ { 1, .dpicz = true }, false, 1, SCST_PI_ALL, 0, 0x89abcdef },
	{ { 1, .app_tag = 5 }, false, 1, SCST_PI_ALL, 0xffff, 0x89abcdef },
	{ { 1 }, false, 2, SCST_PI_APP | SCST_PI_REF, 0, 0x89abcdef },
	{ { 1 }, false, 3, 0, 0, 0x89abcdef },
	{ { 1 }, false, 4, SCST_PI_GUARD, 0, 0x89abcdef },
	{ { 1 }, false, 5, SCST_PI_ALL, 0, 0x89abcdef },
	{ { 2 }, false, 0, SCST_PI_GUARD | SCST_PI_APP, 0, 0x89abcdef },
	{ { 2 }, true, 0, SCST_PI_ALL, 0, 0x01020304 },
	{ { 2, .dpicz = true }, true, 0, 0, 0, 0x01020304 },
	{ { 2 }, true, 1, SCST_PI_ALL, 0, 0x01020304 },
	{ { 2, .ato = true }, true, 1, SCST_PI_ALL, 0x0708, 0x01020304 },
	{ { 3 }, false, 1, SCST_PI_GUARD | SCST_PI_APP, 0, 0x89abcdef },
};

static void pi_rule_test(struct kunit *test)
{
	static const u8 cdb16[16] = {
		0x88, 0, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
	};
	static const u8 cdb32[32] = {
		0x7f, [7] = 24, [9] = 9, [12] = 0x01, 0x23, 0x45, 0x67, 0x89,
		0xab, 0xcd, 0xef, 1, 2, 3, 4, 5, 6, 7, 8,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(pi_rule_cases); i++) {
		const struct pi_rule_case *c = &pi_rule_cases[i];
		const u8 *cdb = c->is_long ? cdb32 : cdb16;
		struct scst_cdb_error error;
		struct scst_cdb_info info;
		struct scst_pi_rule rule;

		error = scst_cdb_decode(TYPE_DISK, cdb, c->is_long ? 32 : 16,
					9, &info);
		KUNIT_ASSERT_TRUE(test, error.sense == SCST_SENSE_NONE);
		info.protect = c->protect;
		scst_pi_rule_of(&c->dev, cdb, &info, &rule);
		KUNIT_EXPECT_EQ_MSG(test, rule.check, c->check, "case %d", i);
		KUNIT_EXPECT_EQ_MSG(test, rule.app_mask, c->app_mask,
				    "case %d", i);
		KUNIT_EXPECT_EQ_MSG(test, rule.ref_tag, c->ref_tag,
				    "case %d", i);
		KUNIT_EXPECT_EQ(test, rule.type, c->dev.type);
	}
}

/* What of WRITE's table the commands that read as well make of the field */
static void pi_rule_update(struct kunit *test, u8 opcode, u8 type, u8 protect,
			   u8 check)
{
	const struct pi_cdb_case c = {
		{ opcode, [5] = 1, 0x89, 0xab, 0xcd, 0xef, [13] = 1 }, 1,
	};
	struct scst_pi_device dev = { .type = type, .app_tag = 5 };
	struct scst_cdb_error error;
	struct scst_cdb_info info;
	struct scst_pi_rule rule;

	error = pi_decode(&c, type, protect, 9, &info);
	KUNIT_ASSERT_TRUE(test, error.sense == SCST_SENSE_NONE);
	scst_pi_rule_of(&dev, c.cdb, &info, &rule);
	KUNIT_EXPECT_EQ(test, rule.check, check);
	KUNIT_EXPECT_EQ(test, rule.ref_tag, 0x89abcdef);
	KUNIT_EXPECT_EQ(test, rule.app_mask, 0xffff);
}

static void pi_rule_update_test(struct kunit *test)
{
	static const u8 opcodes[] = { 0x89, 0x8b };
	static const u8 checks[] = {
		SCST_PI_ALL, SCST_PI_ALL, SCST_PI_APP | SCST_PI_REF, 0,
		SCST_PI_GUARD, SCST_PI_ALL,
	};
	int i, protect;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		for (protect = 0; protect < ARRAY_SIZE(checks); protect++) {
			pi_rule_update(test, opcodes[i], 1, protect,
				       checks[protect]);
			pi_rule_update(test, opcodes[i], 3, protect,
				       checks[protect] & ~SCST_PI_REF);
		}
	}
}

static void pi_rule_made_test(struct kunit *test)
{
	struct scst_pi_device dev = { .type = 1, .app_tag = 5 };
	struct scst_pi_rule rule;

	scst_pi_rule_made(&dev, 0x123456789abULL, &rule);
	KUNIT_EXPECT_EQ(test, rule.ref_tag, 0x456789ab);
	KUNIT_EXPECT_EQ(test, rule.app_tag, 5);
	dev.ato = true;
	scst_pi_rule_made(&dev, 0, &rule);
	KUNIT_EXPECT_EQ(test, rule.app_tag, U16_MAX);
	dev = (struct scst_pi_device) { .type = 2 };
	scst_pi_rule_made(&dev, 0, &rule);
	KUNIT_EXPECT_EQ(test, rule.app_tag, U16_MAX);
	dev.type = 3;
	scst_pi_rule_made(&dev, 0, &rule);
	KUNIT_EXPECT_EQ(test, rule.app_tag, 0);
}

static void pi_rule_compare_test(struct kunit *test)
{
	struct scst_pi_device dev = { .type = 1 };
	struct scst_pi_rule rule;

	scst_pi_rule_compare(&dev, 1, &rule);
	KUNIT_EXPECT_EQ(test, rule.check, SCST_PI_GUARD | SCST_PI_REF);
	scst_pi_rule_compare(&dev, 2, &rule);
	KUNIT_EXPECT_EQ(test, rule.check, SCST_PI_REF);
	dev.ato = true;
	scst_pi_rule_compare(&dev, 3, &rule);
	KUNIT_EXPECT_EQ(test, rule.check, SCST_PI_ALL);
	dev.type = 3;
	scst_pi_rule_compare(&dev, 5, &rule);
	KUNIT_EXPECT_EQ(test, rule.check, SCST_PI_GUARD | SCST_PI_APP);
}

static struct kunit_case pi_cdb_test_cases[] = {
	KUNIT_CASE(pi_cdb_len_test),
	KUNIT_CASE(pi_cdb_refused_test),
	KUNIT_CASE(pi_cdb_stray_test),
	KUNIT_CASE(pi_cdb_usage_test),
	KUNIT_CASE(pi_rule_test),
	KUNIT_CASE(pi_rule_update_test),
	KUNIT_CASE(pi_rule_made_test),
	KUNIT_CASE(pi_rule_compare_test),
	{}
};

static struct kunit_suite pi_cdb_test_suite = {
	.name = "scst_pi_cdb",
	.test_cases = pi_cdb_test_cases,
};

kunit_test_suite(pi_cdb_test_suite);
