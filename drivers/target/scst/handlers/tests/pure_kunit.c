// SPDX-License-Identifier: GPL-2.0
/*
 * What virtual disks make of fields of CDBs and parameter lists.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include "../vdisk_pure.h"

/* SBC-4 5.6.1: by REPORT TYPE, which extents are told? */
static const struct {
	u8	type;
	bool	mapped;
	bool	deallocated;
	bool	anchored;
} lba_types[] = {
	{ 0x00, true, true, true },
	{ 0x01, false, true, true },
	{ 0x02, true, false, false },
	{ 0x03, false, true, false },
	{ 0x04, false, false, true },
	{ 0x10, false, false, false },
};

static void vdisk_lba_type_test(struct kunit *test)
{
	unsigned int i, type, nr = 0;

	for (i = 0; i < ARRAY_SIZE(lba_types); i++) {
		u8 report = lba_types[i].type;

		KUNIT_EXPECT_TRUE(test, vdisk_lba_type_valid(report));
		KUNIT_EXPECT_EQ(test, vdisk_lba_wanted(report, 0),
				lba_types[i].mapped);
		KUNIT_EXPECT_EQ(test, vdisk_lba_wanted(report, 1),
				lba_types[i].deallocated);
		KUNIT_EXPECT_EQ(test, vdisk_lba_wanted(report, 2),
				lba_types[i].anchored);
	}
	for (type = 0; type <= U8_MAX; type++)
		nr += vdisk_lba_type_valid(type);
	KUNIT_EXPECT_EQ(test, nr, ARRAY_SIZE(lba_types));
}

#define BAD_CDB		SCST_SENSE_INVALID_FIELD_CDB
#define BAD_PARAM	SCST_SENSE_INVALID_FIELD_PARAM
#define BAD_LENGTH	SCST_SENSE_PARAM_LIST_LENGTH

static void vdisk_expect(struct kunit *test, const char *name,
			 struct scst_cdb_error error, scst_sense_t sense,
			 u16 byte, s8 bit)
{
	KUNIT_EXPECT_TRUE_MSG(test, error.sense == sense, "%s: sense", name);
	if (sense == SCST_SENSE_NONE || sense == BAD_LENGTH)
		return;
	KUNIT_EXPECT_EQ_MSG(test, error.byte, byte, "%s: byte", name);
	KUNIT_EXPECT_EQ_MSG(test, error.bit, bit, "%s: bit", name);
}

/* SBC-4 5.4 */
static const struct format_case {
	const char	*name;
	u8		cdb[6];
	u8		list[8];
	size_t		len;
	bool		immed;
	scst_sense_t	sense;
	u16		byte;
	s8		bit;
	u8		pi_type;
} format_cases[] = {
	{ "no list", { 4 } },
	{ "no list, vendor specific", { 4, 0, 0xff } },
	{ "short header", { 4, 0x10 }, { 0 }, 4 },
	{ "IMMED", { 4, 0x18 }, { 0, 0x02 }, 4, true },
	{ "long header", { 4, 0x30 }, { 0, 0x02 }, 8, true },
	{ "DCRT, DPRY, STPF", { 4, 0x10 }, { 0, 0xf0 }, 4 },
	{ "DCRT without FOV", { 4, 0x10 }, { 0, 0x20 }, 4, false, BAD_PARAM, 1,
	  5 },
	{ "IP", { 4, 0x10 }, { 0, 0x88 }, 4, false, BAD_PARAM, 1, 3 },
	{ "FMTPINFO", { 4, 0x80 }, { 0 }, 0, false, BAD_CDB, 1, 7 },
	{ "FFMT", { 4, 0, 0, 0, 1 }, { 0 }, 0, false, BAD_CDB, 4, 1 },
	{ "PROTECTION FIELD USAGE", { 4, 0x10 }, { 1 }, 4, false, BAD_PARAM, 0,
	  2 },
	{ "a reserved bit", { 4, 0x10 }, { 8 }, 4, false, BAD_PARAM, 0, 3 },
	{ "type 1", { 4, 0x80 }, .pi_type = 1 },
	{ "type 1, list", { 4, 0x98 }, { 0, 0x02 }, 4, true, .pi_type = 1 },
	{ "type 1, as 0", { 4, 0x00 }, { 0 }, 0, false, BAD_CDB, 1, 7, 1 },
	{ "type 1, as 2", { 4, 0xc0 }, { 0 }, 0, false, BAD_CDB, 1, 7, 1 },
	{ "type 2", { 4, 0xc0 }, .pi_type = 2 },
	{ "type 2, as 3", { 4, 0xd0 }, { 1 }, 4, false, BAD_PARAM, 0, 2, 2 },
	{ "type 3", { 4, 0xd0 }, { 1 }, 4, .pi_type = 3 },
	{ "type 3, as 2", { 4, 0xd0 }, { 0 }, 4, false, BAD_PARAM, 0, 2, 3 },
	{ "type 3, no list", { 4, 0xc0 }, { 0 }, 0, false, BAD_CDB, 1, 4, 3 },
	{ "defects", { 4, 0x10 }, { 0, 0, 0, 8 }, 4, false, BAD_PARAM, 3, 3 },
	{ "defects, long", { 4, 0x30 }, { 0, 0, 0, 0, 0, 0, 1 }, 8, false,
	  BAD_PARAM, 6, 0 },
	{ "P_I_INFORMATION", { 4, 0x30 }, { 0, 0, 0, 0x10 }, 8, false,
	  BAD_PARAM, 3, 4 },
	{ "too short", { 4, 0x10 }, { 0 }, 3, false, BAD_LENGTH },
	{ "too short for a long one", { 4, 0x30 }, { 0 }, 7, false,
	  BAD_LENGTH },
};

KUNIT_ARRAY_PARAM_DESC(format, format_cases, name);

static void vdisk_format_test(struct kunit *test)
{
	const struct format_case *c = test->param_value;
	struct scst_cdb_error error;
	bool immed;

	error = vdisk_format_parse(c->cdb, c->list, c->len, c->pi_type,
				   &immed);
	vdisk_expect(test, c->name, error, c->sense, c->byte, c->bit);
	if (error.sense == SCST_SENSE_NONE)
		KUNIT_EXPECT_EQ(test, immed, c->immed);
}

/* SBC-4 5.21.2: PROT_EN, and P_TYPE is one less than the type. */
static void vdisk_capacity_pi_test(struct kunit *test)
{
	static const u8 want[] = { 0x00, 0x01, 0x03, 0x05 };
	unsigned int type;

	for (type = 0; type < ARRAY_SIZE(want); type++)
		KUNIT_EXPECT_EQ(test, vdisk_capacity_pi(type), want[type]);
}

/* SBC-4 5.30.2, with blocks of 16 bytes */
static const struct overwrite_case {
	const char	*name;
	u8		list[24];
	size_t		len;
	scst_sense_t	sense;
	u16		byte;
	s8		bit;
} overwrite_cases[] = {
	{ "one byte", { 1, 0, 0, 1, 0xaa }, 5 },
	{ "a block", { 0x9f, 0, 0, 16 }, 20 },
	{ "more than the pattern", { 1, 0, 0, 4 }, 20 },
	{ "no list", { 1 }, 0, BAD_CDB, 7, 7 },
	{ "nothing but a header", { 1, 0, 0, 1 }, 4, BAD_CDB, 7, 7 },
	{ "more than a block", { 1, 0, 0, 16 }, 21, BAD_CDB, 7, 7 },
	{ "no pass", { 0, 0, 0, 16 }, 20, BAD_PARAM, 0, 4 },
	{ "TEST", { 0x21, 0, 0, 16 }, 20, BAD_PARAM, 0, 6 },
	{ "reserved", { 1, 4, 0, 16 }, 20, BAD_PARAM, 1, 2 },
	{ "no pattern", { 1, 0, 0, 0 }, 20, BAD_PARAM, 2, 7 },
	{ "a pattern longer than a block", { 1, 0, 0, 17 }, 20, BAD_PARAM, 2,
	  7 },
	{ "a pattern longer than the list", { 1, 0, 0, 9 }, 12, BAD_LENGTH },
};

KUNIT_ARRAY_PARAM_DESC(overwrite, overwrite_cases, name);

static void vdisk_overwrite_test(struct kunit *test)
{
	const struct overwrite_case *c = test->param_value;
	struct vdisk_overwrite ow;

	vdisk_expect(test, c->name,
		     vdisk_overwrite_parse(c->list, c->len, 16, &ow), c->sense,
		     c->byte, c->bit);
}

/* Each block begins anew, and the last pass writes the pattern as it is. */
static void vdisk_overwrite_fill_test(struct kunit *test)
{
	static const u8 plain[] = { 1, 2, 3, 1, 1, 2, 3, 1 };
	static const u8 inverse[] = {
		0xfe, 0xfd, 0xfc, 0xfe, 0xfe, 0xfd, 0xfc, 0xfe,
	};
	struct vdisk_overwrite ow = { 3, true, plain, 3 };
	unsigned int pass;
	u8 buf[8];

	for (pass = 0; pass < 3; pass++) {
		vdisk_overwrite_fill(&ow, pass, 4, buf, sizeof(buf));
		KUNIT_EXPECT_MEMEQ(test, buf, pass == 1 ? inverse : plain,
				   sizeof(buf));
	}
	ow.count = 2;
	vdisk_overwrite_fill(&ow, 0, 4, buf, sizeof(buf));
	KUNIT_EXPECT_MEMEQ(test, buf, inverse, sizeof(buf));
	ow.invert = false;
	vdisk_overwrite_fill(&ow, 0, 4, buf, sizeof(buf));
	KUNIT_EXPECT_MEMEQ(test, buf, plain, sizeof(buf));
}

/* SBC-4 5.31 and SPC-5 annex F; every other pair is refused. */
static const struct {
	u8	condition;
	u8	modifier;
	u8	ascq;	/* of 5Eh, or 0 for active */
} power_codes[] = {
	{ 0x1, 0, 0x00 }, { 0x7, 0, 0x00 },
	{ 0x2, 0, 0x03 }, { 0x2, 1, 0x06 }, { 0x2, 2, 0x08 },
	{ 0x3, 0, 0x04 }, { 0x3, 1, 0x0a },
};

static void vdisk_power_test(struct kunit *test)
{
	unsigned int condition, modifier, nr = 0, i;
	struct scst_cdb_error error;
	enum vdisk_power power;

	for (i = 0; i < ARRAY_SIZE(power_codes); i++) {
		u8 ascq = power_codes[i].ascq;

		error = vdisk_power_decode(power_codes[i].condition,
					   power_codes[i].modifier, &power);
		KUNIT_ASSERT_TRUE(test, error.sense == SCST_SENSE_NONE);
		KUNIT_EXPECT_TRUE(test, vdisk_power_sense(power) ==
				  (ascq ? SCST_SENSE(NO_SENSE, 0x5e, ascq) :
					  SCST_SENSE_NONE));
	}
	for (condition = 1; condition < 16; condition++)
		for (modifier = 0; modifier < 16; modifier++) {
			error = vdisk_power_decode(condition, modifier, &power);
			if (error.sense == SCST_SENSE_NONE)
				nr++;
			else
				KUNIT_EXPECT_TRUE(test, error.sense == BAD_CDB);
		}
	KUNIT_EXPECT_EQ(test, nr, ARRAY_SIZE(power_codes));
	error = vdisk_power_decode(0x3, 2, &power);
	vdisk_expect(test, "modifier", error, BAD_CDB, 3, 3);
	error = vdisk_power_decode(0xa, 0, &power);
	vdisk_expect(test, "FORCE_IDLE_0", error, BAD_CDB, 4, 7);
}

static struct kunit_case vdisk_pure_test_cases[] = {
	KUNIT_CASE(vdisk_lba_type_test),
	KUNIT_CASE_PARAM(vdisk_format_test, format_gen_params),
	KUNIT_CASE(vdisk_capacity_pi_test),
	KUNIT_CASE_PARAM(vdisk_overwrite_test, overwrite_gen_params),
	KUNIT_CASE(vdisk_overwrite_fill_test),
	KUNIT_CASE(vdisk_power_test),
	{}
};

static struct kunit_suite vdisk_pure_suite = {
	.name = "scst_vdisk_pure",
	.test_cases = vdisk_pure_test_cases,
};

kunit_test_suite(vdisk_pure_suite);
