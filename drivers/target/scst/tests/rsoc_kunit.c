// SPDX-License-Identifier: GPL-2.0
/*
 * REPORT SUPPORTED OPERATION CODES.
 */
#include <kunit/test.h>
#include <linux/unaligned.h>
#include "../scst_pure.h"

#define RSOC_BUF	4096
#define RSOC_GUARD	0xa5

/* Some commands of a disk: with and without a service action */
static bool rsoc_some(const struct scst_cdb_op *row, void *priv)
{
	return row->op == SCST_OP_TEST_UNIT_READY ||
	       row->op == SCST_OP_READ_10 ||
	       row->op == SCST_OP_READ_CAPACITY_16;
}

static bool rsoc_every(const struct scst_cdb_op *row, void *priv)
{
	return true;
}

static bool rsoc_none(const struct scst_cdb_op *row, void *priv)
{
	return false;
}

struct rsoc_case {
	const char	*name;
	u8		cdb[12];
	bool		refused;
	u8		len;
	u8		bytes[96];
};

#define RSOC_CDB(...)	{ MAINTENANCE_IN, 0x0c, __VA_ARGS__ }

static const struct rsoc_case rsoc_cases[] = {
	/* 000b: all commands */
	{ "all", RSOC_CDB(0), false, 28, {
		0, 0, 0, 24,
		0x00, 0, 0, 0, 0, 0, 0, 6,
		0x28, 0, 0, 0, 0, 0, 0, 10,
		0x9e, 0, 0, 0x10, 0, 1, 0, 16 } },
	{ "all, with timeouts", RSOC_CDB(0x80), false, 64, {
		0, 0, 0, 60,
		0x00, 0, 0, 0, 0, 2, 0, 6,
		0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x28, 0, 0, 0, 0, 2, 0, 10,
		0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x9e, 0, 0, 0x10, 0, 3, 0, 16,
		0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "all, other fields ignored", RSOC_CDB(0, 0x28, 0, 1), false, 28, {
		0, 0, 0, 24,
		0x00, 0, 0, 0, 0, 0, 0, 6,
		0x28, 0, 0, 0, 0, 0, 0, 10,
		0x9e, 0, 0, 0x10, 0, 1, 0, 16 } },
	/* 001b: one without service actions */
	{ "one", RSOC_CDB(1, 0x28), false, 14, {
		0, 3, 0, 10,
		0x28, 0x1c, 0xff, 0xff, 0xff, 0xff, 0x3f, 0xff, 0xff, 4 } },
	{ "one, with timeouts", RSOC_CDB(0x81, 0x28), false, 26, {
		0, 0x83, 0, 10,
		0x28, 0x1c, 0xff, 0xff, 0xff, 0xff, 0x3f, 0xff, 0xff, 4,
		0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "one, service action ignored", RSOC_CDB(1, 0x28, 0, 9), false, 14, {
		0, 3, 0, 10,
		0x28, 0x1c, 0xff, 0xff, 0xff, 0xff, 0x3f, 0xff, 0xff, 4 } },
	{ "one, unknown", RSOC_CDB(1, 0xc0), false, 4, { 0, 1 } },
	{ "one, unknown, with timeouts", RSOC_CDB(0x81, 0xc0), false, 4,
	  { 0, 1 } },
	{ "one, known but not supported", RSOC_CDB(1, 0x2a), false, 4,
	  { 0, 1 } },
	{ "one, but it has service actions", RSOC_CDB(1, 0x9e, 0, 0x10), true },
	{ "one, its service actions not supported", RSOC_CDB(1, 0xa3), false, 4,
	  { 0, 1 } },
	/* 010b: one with service actions */
	{ "SA", RSOC_CDB(2, 0x9e, 0, 0x10), false, 20, {
		0, 3, 0, 16,
		0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		0, 4 } },
	{ "SA, with timeouts", RSOC_CDB(0x82, 0x9e, 0, 0x10), false, 32, {
		0, 0x83, 0, 16,
		0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		0, 4, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "SA, unknown", RSOC_CDB(2, 0x9e, 0, 0x11), false, 4, { 0, 1 } },
	{ "SA, above a byte", RSOC_CDB(2, 0x9e, 1, 0x10), false, 4, { 0, 1 } },
	{ "SA, unknown opcode", RSOC_CDB(2, 0xc0, 0, 1), false, 4, { 0, 1 } },
	{ "SA, but it has none", RSOC_CDB(2, 0x28, 0, 0), true },
	/* 011b: one, whichever it is */
	{ "any, without SA", RSOC_CDB(3, 0x28), false, 14, {
		0, 3, 0, 10,
		0x28, 0x1c, 0xff, 0xff, 0xff, 0xff, 0x3f, 0xff, 0xff, 4 } },
	{ "any, with SA", RSOC_CDB(3, 0x9e, 0, 0x10), false, 20, {
		0, 3, 0, 16,
		0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		0, 4 } },
	{ "any, has no SA", RSOC_CDB(3, 0x28, 0, 1), false, 4, { 0, 1 } },
	/* The number by which a row says that there is none */
	{ "any, SA 65535", RSOC_CDB(3, 0x28, 0xff, 0xff), false, 4, { 0, 1 } },
	{ "any, unknown SA", RSOC_CDB(3, 0x9e, 0, 0), false, 4, { 0, 1 } },
	{ "any, unknown opcode", RSOC_CDB(3, 0xc0), false, 4, { 0, 1 } },
	/* Reserved */
	{ "option 4", RSOC_CDB(4, 0x28), true },
	{ "option 5", RSOC_CDB(5, 0x28), true },
	{ "option 6", RSOC_CDB(6, 0x28), true },
	{ "option 7", RSOC_CDB(0x87, 0x28), true },
};

KUNIT_ARRAY_PARAM_DESC(rsoc, rsoc_cases, name);

static u8 *rsoc_buf(struct kunit *test)
{
	u8 *buf = kunit_kmalloc(test, RSOC_BUF, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	memset(buf, RSOC_GUARD, RSOC_BUF);
	return buf;
}

/* Build into @size bytes and look at all there is */
static void rsoc_expect(struct kunit *test, const struct rsoc_case *c, u8 *buf,
			size_t size)
{
	size_t want = c->refused ? 0 : min_t(size_t, size, c->len);
	struct scst_cdb_error err = {};
	int ret;

	memset(buf, RSOC_GUARD, RSOC_BUF);
	ret = scst_rsoc_build(TYPE_DISK, c->cdb, rsoc_some, NULL, buf, size,
			      &err);
	if (c->refused) {
		KUNIT_ASSERT_EQ(test, ret, -EINVAL);
		KUNIT_ASSERT_TRUE(test,
				  err.sense == SCST_SENSE_INVALID_FIELD_CDB);
		KUNIT_ASSERT_EQ(test, err.byte, 2);
		KUNIT_ASSERT_EQ(test, err.bit, 2);
	} else {
		KUNIT_ASSERT_EQ(test, ret, want);
		KUNIT_ASSERT_MEMEQ(test, buf, c->bytes, want);
	}
	KUNIT_ASSERT_NULL(test, memchr_inv(buf + want, RSOC_GUARD,
					   RSOC_BUF - want));
}

static void rsoc_build_test(struct kunit *test)
{
	rsoc_expect(test, test->param_value, rsoc_buf(test), RSOC_BUF);
}

/* The lengths inside say what there is, whatever the allocation length is. */
static void rsoc_truncate_test(struct kunit *test)
{
	const struct rsoc_case *c = test->param_value;
	u8 *buf = rsoc_buf(test);
	size_t size;

	for (size = 0; size <= c->len + 1; size++)
		rsoc_expect(test, c, buf, size);
}

/* All rows of a type, once each, and no other */
static void rsoc_all_rows_test(struct kunit *test)
{
	static const u8 cdb[12] = RSOC_CDB(0);
	struct scst_cdb_error err = {};
	u8 *buf = rsoc_buf(test);
	unsigned int type, i, nr;
	int ret;

	for (type = 0; type < 32; type++) {
		const struct scst_cdb_op *row;
		const u8 *desc = buf + 4;

		ret = scst_rsoc_build(type, cdb, rsoc_every, NULL, buf,
				      RSOC_BUF, &err);
		for (i = 0, nr = 0; (row = scst_cdb_row(i)); i++) {
			if (!(row->types & BIT(type)))
				continue;
			KUNIT_ASSERT_EQ(test, desc[0], row->opcode);
			KUNIT_ASSERT_EQ(test, desc[7], row->len);
			KUNIT_ASSERT_EQ(test, desc[5] & 1, row->service_action !=
					SCST_CDB_NO_SA);
			if (desc[5] & 1)
				KUNIT_ASSERT_EQ(test,
						get_unaligned_be16(&desc[2]),
						row->service_action);
			desc += 8;
			nr++;
		}
		KUNIT_EXPECT_EQ(test, ret, 4 + nr * 8);
		KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf), nr * 8);
	}
}

static void rsoc_no_rows_test(struct kunit *test)
{
	static const u8 cdb[12] = RSOC_CDB(0x80);
	struct scst_cdb_error err = {};
	u8 *buf = rsoc_buf(test);

	KUNIT_EXPECT_EQ(test,
			scst_rsoc_build(TYPE_DISK, cdb, rsoc_none, NULL, buf,
					RSOC_BUF, &err), 4);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf), 0);
}

/* SPC-5 6.35.3: the service action of a CDB of variable length, and its bits */
static void rsoc_long_test(struct kunit *test)
{
	static const u8 cdb[12] = RSOC_CDB(2, 0x7f, 0, 9);
	static const u8 unknown[12] = RSOC_CDB(2, 0x7f, 0x18, 9);
	static const u8 without[12] = RSOC_CDB(1, 0x7f);
	static const u8 want[] = {
		0, 3, 0, 32,
		0x7f, 4, 0, 0, 0, 0, 0x3f, 0x18, 0, 9, 0x1c, 0,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff,
	};
	static const u8 want_unknown[] = { 0, 1, 0, 0 };
	struct scst_cdb_error err = {};
	u8 *buf = rsoc_buf(test);

	KUNIT_ASSERT_EQ(test,
			scst_rsoc_build(TYPE_DISK, cdb, rsoc_every, NULL, buf,
					RSOC_BUF, &err), sizeof(want));
	KUNIT_EXPECT_MEMEQ(test, buf, want, sizeof(want));
	KUNIT_ASSERT_EQ(test,
			scst_rsoc_build(TYPE_DISK, unknown, rsoc_every, NULL,
					buf, RSOC_BUF, &err), 4);
	KUNIT_EXPECT_MEMEQ(test, buf, want_unknown, 4);
	KUNIT_EXPECT_EQ(test,
			scst_rsoc_build(TYPE_DISK, without, rsoc_every, NULL,
					buf, RSOC_BUF, &err), -EINVAL);
}

/* A CD-ROM has its own form of a command that a disk has as well. */
static void rsoc_type_test(struct kunit *test)
{
	static const u8 cdb[12] = RSOC_CDB(1, READ_10);
	static const u8 want[] = {
		0, 3, 0, 10,
		0x28, 0x18, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 4,
	};
	struct scst_cdb_error err = {};
	u8 *buf = rsoc_buf(test);

	KUNIT_ASSERT_EQ(test,
			scst_rsoc_build(TYPE_ROM, cdb, rsoc_every, NULL, buf,
					RSOC_BUF, &err), sizeof(want));
	KUNIT_EXPECT_MEMEQ(test, buf, want, sizeof(want));
}

static struct kunit_case rsoc_test_cases[] = {
	KUNIT_CASE_PARAM(rsoc_build_test, rsoc_gen_params),
	KUNIT_CASE_PARAM(rsoc_truncate_test, rsoc_gen_params),
	KUNIT_CASE(rsoc_all_rows_test),
	KUNIT_CASE(rsoc_no_rows_test),
	KUNIT_CASE(rsoc_long_test),
	KUNIT_CASE(rsoc_type_test),
	{}
};

static struct kunit_suite rsoc_suite = {
	.name = "scst_rsoc",
	.test_cases = rsoc_test_cases,
};

kunit_test_suite(rsoc_suite);
