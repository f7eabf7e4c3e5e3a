// SPDX-License-Identifier: GPL-2.0
/*
 * Asymmetric access states: every row of cdb_*.c in every state, and the
 * parameter data of REPORT and SET TARGET PORT GROUPS.
 */
#include <kunit/test.h>
#include <linux/unaligned.h>
#include "../alua.h"
#include "../scst_pure.h"

/* Letters of states, of all other commands "AN": as they are on the wire */
static const struct {
	u8	state;
	char	letter;
	u8	asc;
	u8	ascq;
} alua_states[] = {
	{ 0x0, 'A' },
	{ 0x1, 'N' },
	{ 0x2, 'S', 0x04, 0x0b },
	{ 0x3, 'U', 0x04, 0x0c },
	{ 0xe, 'O', 0x04, 0x12 },
	{ 0xf, 'T', 0x04, 0x0a },
};

#define ALUA_NO_SA	0xffff
#define ALUA_EVERY_SA	0xfffe

/*
 * Typed from SPC-5 5.18.2: standby, unavailable, offline and transitioning.
 * What it leaves to the logical unit: 25h, 9Eh/10h, A3h/0Ch and 0Dh.
 */
static const struct {
	u8		opcode;
	u16		sa;
	const char	*states;
} alua_rows[] = {
	{ 0x03, ALUA_NO_SA, "ANSUOT" },		/* REQUEST SENSE */
	{ 0x12, ALUA_NO_SA, "ANSUOT" },		/* INQUIRY */
	{ 0xa0, ALUA_NO_SA, "ANSUOT" },		/* REPORT LUNS */
	{ 0xa3, 0x0a, "ANSUOT" },		/* REPORT TARGET PORT GROUPS */
	{ 0xa4, 0x0a, "ANSUO" },		/* SET TARGET PORT GROUPS */
	{ 0x15, ALUA_NO_SA, "ANS" },		/* MODE SELECT(6) */
	{ 0x55, ALUA_NO_SA, "ANS" },		/* MODE SELECT(10) */
	{ 0x1a, ALUA_NO_SA, "ANS" },		/* MODE SENSE(6) */
	{ 0x5a, ALUA_NO_SA, "ANS" },		/* MODE SENSE(10) */
	{ 0x4c, ALUA_NO_SA, "ANS" },		/* LOG SELECT */
	{ 0x4d, ALUA_NO_SA, "ANS" },		/* LOG SENSE */
	{ 0x1c, ALUA_NO_SA, "ANS" },		/* RECEIVE DIAGNOSTIC RESULTS */
	{ 0x1d, ALUA_NO_SA, "ANS" },		/* SEND DIAGNOSTIC */
	{ 0x5e, ALUA_EVERY_SA, "ANS" },		/* PERSISTENT RESERVE IN */
	{ 0x5f, ALUA_EVERY_SA, "ANS" },		/* PERSISTENT RESERVE OUT */
	{ 0xa3, 0x0c, "ANS" },			/* REPORT SUPPORTED OPCODES */
	{ 0xa3, 0x0d, "ANS" },			/* the same of functions */
	{ 0x25, ALUA_NO_SA, "ANS" },		/* READ CAPACITY(10) */
	{ 0x9e, 0x10, "ANS" },			/* READ CAPACITY(16) */
};

/* Rows of other types that share an opcode with one above, or that are new */
static bool alua_row_is_spc(const struct scst_cdb_op *row)
{
	/* GET WINDOW of scanners, and A3h, A4h of SCC and MMC, are not. */
	return row->opcode != 0x25 || row->types & BIT(TYPE_DISK);
}

static const char *alua_wanted(const struct scst_cdb_op *row)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(alua_rows); i++)
		if (alua_rows[i].opcode == row->opcode &&
		    (alua_rows[i].sa == row->service_action ||
		     alua_rows[i].sa == ALUA_EVERY_SA) &&
		    alua_row_is_spc(row))
			return alua_rows[i].states;
	return "AN";
}

static bool alua_row_is_buffer(const struct scst_cdb_op *row)
{
	return row->opcode == 0x3b || row->opcode == 0x3c ||
	       row->opcode == 0x9b;
}

static void alua_expect(struct kunit *test, const struct scst_cdb_op *row,
			const u8 *cdb, const char *states)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(alua_states); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    scst_alua_allows(alua_states[i].state, row,
						     cdb),
				    !!strchr(states, alua_states[i].letter),
				    "%s in %c", row->name,
				    alua_states[i].letter);
}

static void alua_rows_test(struct kunit *test)
{
	const struct scst_cdb_op *row;
	u8 cdb[SCST_CDB_INLINE] = {};
	unsigned int i;

	for (i = 0; (row = scst_cdb_row(i)); i++) {
		KUNIT_EXPECT_LT(test, row->alua, SCST_ALUA_NR_CLASSES);
		if (!alua_row_is_buffer(row))
			alua_expect(test, row, cdb, alua_wanted(row));
	}
}

/* Of the modes of READ BUFFER and WRITE BUFFER 0Ah and 0Bh are echo. */
static void alua_buffer_test(struct kunit *test)
{
	const struct scst_cdb_op *row;
	u8 cdb[SCST_CDB_INLINE] = {};
	unsigned int i, byte1, mode;

	for (i = 0; (row = scst_cdb_row(i)); i++) {
		if (!alua_row_is_buffer(row))
			continue;
		for (byte1 = 0; byte1 <= U8_MAX; byte1++) {
			mode = byte1 & 0x1f;
			cdb[1] = byte1;
			alua_expect(test, row, cdb,
				    mode == 0x0a || mode == 0x0b ? "ANSUO" :
								   "AN");
		}
	}
}

/* A command that the table has not may do anything. */
static void alua_unknown_test(struct kunit *test)
{
	struct scst_cdb_info info;
	u8 cdb[SCST_CDB_INLINE] = { 0xc0 };

	KUNIT_ASSERT_TRUE(test, scst_cdb_decode_unknown(SCST_DATA_NONE, 0,
							&info) ==
				SCST_SENSE_NONE);
	alua_expect(test, info.op, cdb, "AN");
}

static void alua_states_test(struct kunit *test)
{
	const struct scst_alua_desc *desc;
	u8 all = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(alua_states); i++) {
		desc = scst_alua_desc(alua_states[i].state);
		KUNIT_ASSERT_NOT_NULL(test, desc);
		KUNIT_EXPECT_EQ(test, all & desc->sup, 0);
		all |= desc->sup;
		if (alua_states[i].state <= 1) {
			KUNIT_EXPECT_TRUE(test, desc->sense == SCST_SENSE_NONE);
			continue;
		}
		KUNIT_EXPECT_EQ(test, scst_sense_key(desc->sense), NOT_READY);
		KUNIT_EXPECT_EQ(test, scst_sense_asc(desc->sense),
				alua_states[i].asc);
		KUNIT_EXPECT_EQ(test, scst_sense_ascq(desc->sense),
				alua_states[i].ascq);
	}
	KUNIT_EXPECT_EQ(test, all, SCST_ALUA_SUP_ALL);
	/* Logical block dependent, and what is reserved */
	for (i = 4; i < 0xe; i++)
		KUNIT_EXPECT_NULL(test, scst_alua_desc(i));
	KUNIT_EXPECT_NULL(test, scst_alua_desc(SCST_ALUA_NONE));
}

#define TPG_GUARD	0xa5

static size_t tpg_build(bool extended, u8 *buf, size_t size)
{
	static const struct scst_tpg_desc first = {
		.group_id = 0x102, .state = SCST_ALUA_OPTIMIZED,
		.supported = 0xcf, .status = 2, .preferred = true,
		.nr_ports = 2,
	};
	static const struct scst_tpg_desc second = {
		.group_id = 0x304, .state = SCST_ALUA_TRANSITIONING,
		.supported = 0x81, .status = 1,
	};
	struct scst_tpg_list list;

	scst_tpg_list_init(&list, extended, 60, buf, size);
	scst_tpg_list_add(&list, &first);
	scst_tpg_list_add_port(&list, 1);
	scst_tpg_list_add_port(&list, 0xfffe);
	scst_tpg_list_add(&list, &second);
	return scst_tpg_list_end(&list);
}

static const u8 tpg_groups[] = {
	0x80, 0xcf, 1, 2, 0, 2, 0, 2,
	0, 0, 0, 1, 0, 0, 0xff, 0xfe,
	0x0f, 0x81, 3, 4, 0, 1, 0, 0,
};

/* Both formats (SPC-5 6.36), and all allocation lengths */
static void tpg_report_test(struct kunit *test)
{
	static const u8 headers[2][8] = {
		{ 0, 0, 0, 24 },
		{ 0, 0, 0, 28, 0x10, 60, 0, 0 },
	};
	unsigned int extended, size;
	u8 want[32], buf[40];
	size_t head, all;

	for (extended = 0; extended < 2; extended++) {
		head = extended ? 8 : 4;
		all = head + sizeof(tpg_groups);
		memcpy(want, headers[extended], head);
		memcpy(want + head, tpg_groups, sizeof(tpg_groups));
		for (size = 0; size < sizeof(buf); size++) {
			memset(buf, TPG_GUARD, sizeof(buf));
			KUNIT_EXPECT_EQ(test, tpg_build(extended, buf, size),
					min_t(size_t, size, all));
			KUNIT_EXPECT_MEMEQ(test, buf, want,
					   min_t(size_t, size, all));
			KUNIT_EXPECT_EQ(test, buf[min_t(size_t, size, all)],
					TPG_GUARD);
		}
	}
}

static void stpg_count_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, scst_stpg_count(0), 0);
	KUNIT_EXPECT_EQ(test, scst_stpg_count(1), -EINVAL);
	KUNIT_EXPECT_EQ(test, scst_stpg_count(3), -EINVAL);
	KUNIT_EXPECT_EQ(test, scst_stpg_count(4), 0);
	KUNIT_EXPECT_EQ(test, scst_stpg_count(5), -EINVAL);
	KUNIT_EXPECT_EQ(test, scst_stpg_count(7), -EINVAL);
	KUNIT_EXPECT_EQ(test, scst_stpg_count(8), 1);
	KUNIT_EXPECT_EQ(test, scst_stpg_count(4 + 4 * 65536), 65536);
	KUNIT_EXPECT_EQ(test, scst_stpg_count(8 + 4 * 65536), -EINVAL);
	KUNIT_EXPECT_EQ(test, scst_stpg_count(U32_MAX), -EINVAL);
}

static void stpg_get_test(struct kunit *test)
{
	static const u8 list[] = {
		0xff, 0xff, 0xff, 0xff,
		0xf2, 0xff, 0x01, 0x02,
		0x0e, 0x00, 0xfe, 0xff,
	};
	struct scst_stpg_desc desc;

	desc = scst_stpg_get(list, 0);
	KUNIT_EXPECT_EQ(test, desc.state, SCST_ALUA_STANDBY);
	KUNIT_EXPECT_EQ(test, desc.group_id, 0x102);
	desc = scst_stpg_get(list, 1);
	KUNIT_EXPECT_EQ(test, desc.state, SCST_ALUA_OFFLINE);
	KUNIT_EXPECT_EQ(test, desc.group_id, 0xfeff);
}

/* A state that is reserved, transitioning, or not supported by the group */
static void stpg_allows_test(struct kunit *test)
{
	static const u8 bits[16] = {
		[0x0] = 0x01, [0x1] = 0x02, [0x2] = 0x04, [0x3] = 0x08,
		[0xe] = 0x40,
	};
	unsigned int state, sup;

	for (state = 0; state < 16; state++)
		for (sup = 0; sup <= U8_MAX; sup++)
			KUNIT_EXPECT_EQ(test, scst_stpg_allows(state, sup),
					!!(bits[state] & sup));
}

static struct kunit_case alua_cases[] = {
	KUNIT_CASE(alua_rows_test),
	KUNIT_CASE(alua_buffer_test),
	KUNIT_CASE(alua_unknown_test),
	KUNIT_CASE(alua_states_test),
	KUNIT_CASE(tpg_report_test),
	KUNIT_CASE(stpg_count_test),
	KUNIT_CASE(stpg_get_test),
	KUNIT_CASE(stpg_allows_test),
	{}
};

static struct kunit_suite alua_suite = {
	.name = "scst_alua",
	.test_cases = alua_cases,
};

kunit_test_suite(alua_suite);
