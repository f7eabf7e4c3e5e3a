// SPDX-License-Identifier: GPL-2.0
/*
 * Log pages of virtual disks, byte by byte as SPC-5 7.3 and SBC-4 6.4 have
 * them, and what LOG SENSE and LOG SELECT refuse.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include "../vdisk_log.h"

#define FIELD		SCST_SENSE_INVALID_FIELD_CDB
#define PARAM		SCST_SENSE_INVALID_FIELD_PARAM
#define LENGTH		SCST_SENSE_PARAM_LIST_LENGTH

static const struct vdisk_log thick = {
	.reads = 0x0102030405060708,
	.writes = 0x1112131415161718,
	.received = 0x2122232425262728,
	.transmitted = 0x3132333435363738,
};

static const struct vdisk_log thin = {
	.thin = true,
	.available = 0x01020304,
	.used = 0xfffffffe,
};

/**
 * struct log_sample - a LOG SENSE and its answer
 * @name: of the page
 * @log: whose
 * @cdb: CDB
 * @len: bytes in @bytes
 * @bytes: page as it is typed from the standards
 */
struct log_sample {
	const char		*name;
	const struct vdisk_log	*log;
	u8			cdb[10];
	u8			len;
	u8			bytes[VDISK_LOG_MAX];
};

static const struct log_sample log_samples[] = {
	{ "supported pages", &thick, { 0x4d, 0, 0x40 }, 7,
	  { 0x00, 0x00, 0, 3, 0x00, 0x19, 0x2f } },
	{ "supported pages, thin", &thin, { 0x4d, 0, 0x40 }, 8,
	  { 0x00, 0x00, 0, 4, 0x00, 0x0c, 0x19, 0x2f } },
	{ "supported subpages", &thick, { 0x4d, 0, 0x40, 0xff }, 12,
	  { 0x40, 0xff, 0, 8, 0x00, 0x00, 0x00, 0xff, 0x19, 0x00, 0x2f,
	    0x00 } },
	{ "supported subpages, thin", &thin, { 0x4d, 0, 0x00, 0xff }, 14,
	  { 0x40, 0xff, 0, 10, 0x00, 0x00, 0x00, 0xff, 0x0c, 0x00, 0x19, 0x00,
	    0x2f, 0x00 } },
	{ "provisioning", &thin, { 0x4d, 0, 0x4c }, 28,
	  { 0x8c, 0x00, 0, 24,
	    0, 1, 0x23, 8, 0x01, 0x02, 0x03, 0x04, 0x02, 0, 0, 0,
	    0, 2, 0x23, 8, 0xff, 0xff, 0xff, 0xfe, 0x01, 0, 0, 0 } },
	{ "provisioning from 1", &thin, { 0x4d, 0, 0x4c, 0, 0, 0, 1 }, 28,
	  { 0x8c, 0x00, 0, 24,
	    0, 1, 0x23, 8, 0x01, 0x02, 0x03, 0x04, 0x02, 0, 0, 0,
	    0, 2, 0x23, 8, 0xff, 0xff, 0xff, 0xfe, 0x01, 0, 0, 0 } },
	{ "provisioning from 2", &thin, { 0x4d, 0, 0x4c, 0, 0, 0, 2 }, 16,
	  { 0x8c, 0x00, 0, 12,
	    0, 2, 0x23, 8, 0xff, 0xff, 0xff, 0xfe, 0x01, 0, 0, 0 } },
	/* PC means nothing for lists. */
	{ "provisioning, thresholds", &thin, { 0x4d, 0, 0x0c, 0, 0, 0, 2 }, 16,
	  { 0x8c, 0x00, 0, 12,
	    0, 2, 0x23, 8, 0xff, 0xff, 0xff, 0xfe, 0x01, 0, 0, 0 } },
	{ "statistics", &thick, { 0x4d, 0, 0x59, 0, 0, 0, 1 }, 72,
	  { 0x99, 0x00, 0, 68, 0, 1, 0x22, 64,
	    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
	    0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
	    0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,
	    0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38 } },
	{ "statistics, default", &thick, { 0x4d, 0, 0xd9 }, 72,
	  { 0x99, 0x00, 0, 68, 0, 1, 0x22, 64 } },
	{ "exceptions", &thick, { 0x4d, 0, 0x6f }, 12,
	  { 0xaf, 0x00, 0, 8, 0, 0, 0x23, 4, 0, 0, 0xff } },
};

KUNIT_ARRAY_PARAM_DESC(log_sample, log_samples, name);

static void log_sense_test(struct kunit *test)
{
	const struct log_sample *s = test->param_value;
	struct scst_cdb_error err;
	u8 buf[VDISK_LOG_MAX];
	unsigned int len;

	memset(buf, 0xa5, sizeof(buf));
	len = vdisk_log_sense(s->log, s->cdb, buf, &err);
	KUNIT_ASSERT_EQ(test, len, s->len);
	KUNIT_EXPECT_MEMEQ(test, buf, s->bytes, len);
}

/**
 * struct log_refused - a CDB that is refused
 * @name: why
 * @cdb: CDB of LOG SENSE or LOG SELECT
 * @len: bytes of the parameter list
 * @sense: sense
 * @byte: field pointer
 * @bit: bit pointer
 */
struct log_refused {
	const char	*name;
	u8		cdb[10];
	u16		len;
	scst_sense_t	sense;
	u16		byte;
	s8		bit;
};

static const struct log_refused log_refusals[] = {
	{ "SP", { 0x4d, 1, 0x40 }, 0, FIELD, 1, 0 },
	{ "no such page", { 0x4d, 0, 0x4d }, 0, FIELD, 2, 5 },
	{ "page of thin disks", { 0x4d, 0, 0x4c }, 0, FIELD, 2, 5 },
	{ "no such subpage", { 0x4d, 0, 0x59, 1 }, 0, FIELD, 3, 7 },
	{ "no such subpage of 00h", { 0x4d, 0, 0x40, 1 }, 0, FIELD, 3, 7 },
	{ "thresholds of counters", { 0x4d, 0, 0x19 }, 0, FIELD, 2, 7 },
	{ "default thresholds", { 0x4d, 0, 0x99 }, 0, FIELD, 2, 7 },
	{ "parameter behind the last one", { 0x4d, 0, 0x59, 0, 0, 0, 2 }, 0,
	  FIELD, 5, 7 },
	{ "parameter of a page without", { 0x4d, 0, 0x40, 0, 0, 1, 0 }, 0,
	  FIELD, 5, 7 },
	{ "select: SP", { 0x4c, 1, 0xc0 }, 0, FIELD, 1, 0 },
	{ "select: SP and PCR", { 0x4c, 3, 0xc0 }, 0, FIELD, 1, 0 },
	{ "select: no such page", { 0x4c, 2, 0x4d }, 0, FIELD, 2, 5 },
	{ "select: no such subpage", { 0x4c, 2, 0x59, 1 }, 0, FIELD, 3, 7 },
	{ "select: PCR and a list", { 0x4c, 2, 0x40 }, 4, FIELD, 1, 1 },
	{ "select: page and a list", { 0x4c, 0, 0x59 }, 4, FIELD, 2, 5 },
	{ "select: subpage and a list", { 0x4c, 0, 0x40, 1 }, 4, FIELD, 3, 7 },
	{ "select: half a header", { 0x4c, 0, 0x40 }, 3, LENGTH, 0, -1 },
	{ "select: values", { 0x4c, 0, 0x40 }, 72, PARAM, 0, 5 },
};

KUNIT_ARRAY_PARAM_DESC(log_refused, log_refusals, name);

static void log_refused_test(struct kunit *test)
{
	const struct log_refused *r = test->param_value;
	struct scst_cdb_error err = {};
	u8 buf[VDISK_LOG_MAX];
	bool reset = true;

	if (r->cdb[0] == 0x4d) {
		KUNIT_EXPECT_EQ(test, 0,
				vdisk_log_sense(&thick, r->cdb, buf, &err));
	} else {
		KUNIT_EXPECT_FALSE(test, vdisk_log_select(&thick, r->cdb,
							  r->len, &reset,
							  &err));
		KUNIT_EXPECT_FALSE(test, reset);
	}
	KUNIT_EXPECT_TRUE(test, err.sense == r->sense);
	KUNIT_EXPECT_EQ(test, err.byte, r->byte);
	KUNIT_EXPECT_EQ(test, err.bit, r->bit);
}

/* What begins the counters anew: SPC-5 tables 159 and 160 */
static void log_select_test(struct kunit *test)
{
	static const struct {
		u8	cdb[4];
		bool	reset;
	} cases[] = {
		{ { 0x4c, 2, 0x00 }, true },		/* PCR */
		{ { 0x4c, 2, 0x40 }, true },
		{ { 0x4c, 0, 0xc0 }, true },		/* default cumulative */
		{ { 0x4c, 2, 0x59 }, true },
		{ { 0x4c, 2, 0x59, 0xff }, true },
		{ { 0x4c, 0, 0xd9 }, true },
		{ { 0x4c, 2, 0x6f }, false },
		{ { 0x4c, 2, 0x40, 0xff }, false },
		{ { 0x4c, 0, 0x40 }, false },		/* cumulative */
		{ { 0x4c, 0, 0x80 }, false },		/* thresholds */
	};
	struct scst_cdb_error err;
	bool reset;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u8 cdb[10] = {};

		memcpy(cdb, cases[i].cdb, sizeof(cases[i].cdb));
		KUNIT_EXPECT_TRUE(test, vdisk_log_select(&thick, cdb, 0, &reset,
							 &err));
		KUNIT_EXPECT_EQ_MSG(test, reset, cases[i].reset, "CDB %*ph", 4,
				    cdb);
	}
}

static struct kunit_case log_cases[] = {
	KUNIT_CASE_PARAM(log_sense_test, log_sample_gen_params),
	KUNIT_CASE_PARAM(log_refused_test, log_refused_gen_params),
	KUNIT_CASE(log_select_test),
	{}
};

static struct kunit_suite log_suite = {
	.name = "scst_vdisk_log",
	.test_cases = log_cases,
};

kunit_test_suite(log_suite);
