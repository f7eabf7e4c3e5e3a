// SPDX-License-Identifier: GPL-2.0
/*
 * Where the transport has a say: commands that the table has not, lists whose
 * CDB does not tell their length, and data in both directions.
 */
#include <linux/sizes.h>
#include <linux/t10-pi.h>
#include "fake.h"

#define EXPECTED_BAD_IU		SCST_SENSE(ILLEGAL_REQUEST, 0x0e, 0x03)
#define EXPECTED_OPCODE		SCST_SENSE_INVALID_OPCODE
#define EXPECTED_FIELD		SCST_SENSE_INVALID_FIELD_CDB

/* A handler that passes everything on */
static const scst_exec_fn expected_execs[SCST_OP_NR] = {
	[SCST_OP_OTHER]			= fake_exec,
	[SCST_OP_WRITE_BUFFER]		= fake_exec,
	[SCST_OP_READ_BUFFER_10]	= fake_exec,
	[SCST_OP_TEST_UNIT_READY]	= fake_exec,
	[SCST_OP_READ_CAPACITY_16]	= fake_exec,
	[SCST_OP_XDWRITEREAD_10]	= fake_exec,
	[SCST_OP_XDWRITEREAD_32]	= fake_exec,
	[SCST_OP_FORMAT_UNIT]		= fake_exec,
};

/* ... and one that does not */
static const scst_exec_fn expected_few_execs[SCST_OP_NR] = {
	[SCST_OP_TEST_UNIT_READY]	= fake_exec,
	[SCST_OP_READ_CAPACITY_16]	= fake_exec,
};

static struct scst_session *expected_session(struct kunit *test)
{
	struct scst_fake *fake = test->priv;

	fake->type.execs = expected_execs;
	return fake_session(test, "ini");
}

static struct fake_cmd *expected_run(struct kunit *test,
				     struct scst_session *sess, const u8 *cdb,
				     unsigned int len, enum scst_data_dir dir,
				     u32 expected)
{
	struct fake_cmd *fc = fake_cdb(test, sess, 0, cdb, len);

	fc->cmd.expected_valid = true;
	fc->cmd.expected_dir = dir;
	fc->cmd.expected_len = expected;
	fake_run(fc);
	return fc;
}

/* A vendor's command, of 10 bytes */
static struct fake_cmd *expected_vendor(struct kunit *test,
					struct scst_session *sess,
					enum scst_data_dir dir, u32 expected)
{
	static const u8 cdb[10] = { 0xc1, 0xff, 0xff };

	return expected_run(test, sess, cdb, sizeof(cdb), dir, expected);
}

static void expected_trust_test(struct kunit *test)
{
	struct scst_session *sess = expected_session(test);
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;

	fake->dev->trust_expected = true;
	fc = expected_vendor(test, sess, SCST_DATA_READ, 100);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->data_len, 100);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 100);
	KUNIT_EXPECT_EQ(test, fc->residual, 0);
	KUNIT_EXPECT_EQ(test, fc->in[0], fc->fill);
	/* What the handler leaves is zero, not what was in memory. */
	KUNIT_EXPECT_NULL(test, memchr_inv(fc->in + 1, 0, FAKE_IN - 1));

	fc = expected_vendor(test, sess, SCST_DATA_WRITE, 1000);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_RDY), 1);
	KUNIT_EXPECT_EQ(test, fc->out, fc->fill);
	fc = expected_vendor(test, sess, SCST_DATA_NONE, 0);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 1);
}

static void expected_refused(struct kunit *test, struct fake_cmd *fc,
			     scst_sense_t sense)
{
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION, sense);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_RDY), 0);
}

static void expected_no_trust_test(struct kunit *test)
{
	static const u8 cdb[10] = { 0xc1 };
	struct scst_session *sess = expected_session(test);
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;

	expected_refused(test, expected_vendor(test, sess, SCST_DATA_READ, 8),
			 EXPECTED_OPCODE);
	fake->dev->trust_expected = true;
	/* The transport has nothing to say. */
	fc = fake_cdb(test, sess, 0, cdb, sizeof(cdb));
	fake_run(fc);
	expected_refused(test, fc, EXPECTED_OPCODE);
	/* Longer than the device can take, or than anybody */
	expected_refused(test, expected_vendor(test, sess, SCST_DATA_READ,
					       FAKE_MAX_XFER + 1),
			 EXPECTED_FIELD);
	expected_refused(test, expected_vendor(test, sess, SCST_DATA_WRITE,
					       U32_MAX), EXPECTED_OPCODE);
	/* In both directions */
	fc = fake_cdb(test, sess, 0, cdb, sizeof(cdb));
	fc->cmd.expected_valid = true;
	fc->cmd.expected_dir = SCST_DATA_WRITE;
	fc->cmd.expected_len = 8;
	fc->cmd.expected_in_len = 8;
	fake_run(fc);
	expected_refused(test, fc, EXPECTED_OPCODE);
	/* Nobody knows that it does not write. */
	fake->dev->read_only = true;
	fc = expected_vendor(test, sess, SCST_DATA_READ, 8);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_WRITE_PROTECTED);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);
}

/* A handler that does not pass commands on has none that it does not know. */
static void expected_no_other_test(struct kunit *test)
{
	struct scst_session *sess = expected_session(test);
	struct scst_fake *fake = test->priv;

	fake->type.execs = expected_few_execs;
	fake->dev->trust_expected = true;
	expected_refused(test, expected_vendor(test, sess, SCST_DATA_READ, 8),
			 EXPECTED_OPCODE);
}

/* The table has it, the device has not */
static void expected_unsupported_test(struct kunit *test)
{
	static const struct {
		u8		cdb[16];
		u8		len;
		scst_sense_t	sense;
	} cases[] = {
		{ { 0x04 }, 6, EXPECTED_OPCODE },	/* FORMAT UNIT */
		{ { 0x04, 0, 0, 0, 0, 1 }, 6, EXPECTED_OPCODE },
		{ { 0x85 }, 6, EXPECTED_OPCODE },	/* CDB too short */
		{ { 0x83, 0x1f }, 16, EXPECTED_OPCODE }, /* EXTENDED COPY */
		{ { 0x53 }, 10, EXPECTED_OPCODE },
		/* Another service action is there: READ CAPACITY(16) */
		{ { 0x9e, 0x11 }, 16, EXPECTED_FIELD },
		{ { 0x9e, 0x1f }, 16, EXPECTED_FIELD },
		{ { 0x9e, 0x10, 1 }, 16, EXPECTED_FIELD },
	};
	struct scst_session *sess = expected_session(test);
	struct scst_fake *fake = test->priv;
	unsigned int i;

	fake->type.execs = expected_few_execs;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_cmd *fc = fake_cdb(test, sess, 0, cases[i].cdb,
					       cases[i].len);

		fake_run(fc);
		expected_refused(test, fc, cases[i].sense);
	}
}

/* FORMAT UNIT: the list tells its length, and the transport does. */
static void expected_list_test(struct kunit *test)
{
	static const u8 list[6] = { 0x04, 0x10 };
	static const u8 none[6] = { 0x04 };
	struct scst_session *sess = expected_session(test);
	struct fake_cmd *fc;

	fc = expected_run(test, sess, list, 6, SCST_DATA_WRITE, 64);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->data_len, 64);
	KUNIT_EXPECT_EQ(test, fc->residual, 0);
	/* Not even the header */
	fc = expected_run(test, sess, list, 6, SCST_DATA_WRITE, 3);
	expected_refused(test, fc, EXPECTED_BAD_IU);
	fc = expected_run(test, sess, list, 6, SCST_DATA_READ, 64);
	expected_refused(test, fc, EXPECTED_BAD_IU);
	/* FMTDATA says that there is none. */
	fc = expected_run(test, sess, none, 6, SCST_DATA_WRITE, 64);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->data_len, 0);
	KUNIT_EXPECT_EQ(test, fc->residual, 64);
}

/*
 * Of a list that nobody takes in full, a part is not taken either; nor is a
 * command executed without the data that it is about.
 */
static void expected_list_refused_test(struct kunit *test)
{
	static const struct {
		u8			cdb[16];
		u8			len;
		enum scst_data_dir	dir;
		u32			expected;
	} cases[] = {
		/* FORMAT UNIT, REASSIGN BLOCKS: longer than the device takes */
		{ { 0x04, 0x10 }, 6, SCST_DATA_WRITE, FAKE_MAX_XFER + 1 },
		{ { 0x07 }, 6, SCST_DATA_WRITE, U32_MAX },
		/* ATA PASS-THROUGH(16), length as the transport says */
		{ { 0x85, 0x08, 0x0b }, 16, SCST_DATA_READ, FAKE_MAX_XFER + 1 },
		{ { 0x85, 0x08, 0x0b }, 16, SCST_DATA_READ, SZ_1M + 1 },
		{ { 0x85, 0x08, 0x0b }, 16, SCST_DATA_WRITE, 512 },
	};
	struct scst_session *sess = expected_session(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		expected_refused(test, expected_run(test, sess, cases[i].cdb,
						    cases[i].len, cases[i].dir,
						    cases[i].expected),
				 EXPECTED_BAD_IU);
}

/* No list is longer than what the device takes; an allocation length may be. */
static void expected_too_long_test(struct kunit *test)
{
	static const u8 buffer_out[10] = { 0x3b, 2, [6] = 1 };
	static const u8 buffer_in[10] = { 0x3c, 2, [6] = 1 };
	/* INC_512: just below 2 GiB */
	static const u8 security_out[12] = {
		0xb5, [4] = 0x80, [7] = 0x3f, 0xff, 0xff,
	};
	struct scst_session *sess = expected_session(test);
	struct fake_cmd *fc;

	expected_refused(test, expected_run(test, sess, buffer_out, 10,
					    SCST_DATA_WRITE, SZ_64K),
			 EXPECTED_FIELD);
	expected_refused(test, expected_run(test, sess, security_out, 12,
					    SCST_DATA_WRITE, U32_MAX),
			 EXPECTED_FIELD);
	fc = expected_run(test, sess, buffer_in, 10, SCST_DATA_READ, SZ_64K);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
}

/**
 * struct expected_bidi - XDWRITEREAD of two blocks
 * @name: of the case
 * @dir: what the transport expects, beside Data-In
 * @out: how much of it
 * @in: how much Data-In
 * @exec_len: what the executor answers, if it is not negative
 * @exec_sense: what it fails with
 * @sense: sense data
 * @resp_len: bytes that the initiator gets
 * @residual: residual of the Data-Out
 * @in_residual: residual of the Data-In
 */
struct expected_bidi {
	const char		*name;
	enum scst_data_dir	dir;
	u32			out;
	u32			in;
	s32			exec_len;
	scst_sense_t		exec_sense;
	scst_sense_t		sense;
	u32			resp_len;
	s64			residual;
	s64			in_residual;
};

static const struct expected_bidi expected_bidis[] = {
	{ "as the CDB says", SCST_DATA_WRITE, 1024, 1024, -1, SCST_SENSE_NONE,
	  SCST_SENSE_NONE, 1024, 0, 0 },
	{ "less in", SCST_DATA_WRITE, 1024, 100, -1, SCST_SENSE_NONE,
	  SCST_SENSE_NONE, 100, 0, -924 },
	{ "more in", SCST_DATA_WRITE, 1024, 4096, -1, SCST_SENSE_NONE,
	  SCST_SENSE_NONE, 1024, 0, 3072 },
	{ "a short answer", SCST_DATA_WRITE, 1024, 1024, 512, SCST_SENSE_NONE,
	  SCST_SENSE_NONE, 512, 0, 512 },
	{ "fails", SCST_DATA_WRITE, 1024, 1024, -1, SCST_SENSE_HW_ERROR,
	  SCST_SENSE_HW_ERROR, 0, 0, 1024 },
	{ "nothing in", SCST_DATA_WRITE, 1024, 0, -1, SCST_SENSE_NONE,
	  EXPECTED_BAD_IU, 0, 1024, 0 },
	{ "only in", SCST_DATA_READ, 1024, 0, -1, SCST_SENSE_NONE,
	  EXPECTED_BAD_IU, 0, 1024, 0 },
	{ "less out", SCST_DATA_WRITE, 512, 1024, -1, SCST_SENSE_NONE,
	  EXPECTED_FIELD, 0, -512, 1024 },
	{ "more out", SCST_DATA_WRITE, 2048, 1024, -1, SCST_SENSE_NONE,
	  EXPECTED_FIELD, 0, 2048, 1024 },
};

KUNIT_ARRAY_PARAM_DESC(expected_bidi, expected_bidis, name);

static struct fake_cmd *expected_xd(struct kunit *test,
				    struct scst_session *sess)
{
	static const u8 cdb[10] = { 0x53, [8] = 2 };

	return fake_cdb(test, sess, 0, cdb, sizeof(cdb));
}

static void expected_bidi_test(struct kunit *test)
{
	const struct expected_bidi *row = test->param_value;
	struct fake_cmd *fc = expected_xd(test, expected_session(test));
	bool executed = row->sense == row->exec_sense;

	fc->cmd.expected_valid = true;
	fc->cmd.expected_dir = row->dir;
	fc->cmd.expected_len = row->out;
	fc->cmd.expected_in_len = row->in;
	fc->exec_len = row->exec_len;
	fc->exec_sense = row->exec_sense;
	fake_run(fc);
	fake_expect(test, fc, row->sense == SCST_SENSE_NONE ? SAM_STAT_GOOD :
		    SAM_STAT_CHECK_CONDITION, row->sense);
	KUNIT_EXPECT_EQ(test, fc->resp_len, row->resp_len);
	KUNIT_EXPECT_EQ(test, fc->residual, row->residual);
	KUNIT_EXPECT_EQ(test, fc->in_residual, row->in_residual);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_RDY), executed);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), executed);
	if (!executed)
		return;
	/* Out of one buffer, into the other */
	KUNIT_EXPECT_EQ(test, fc->out, fc->fill);
	KUNIT_EXPECT_EQ(test, fc->in[0], 0);
	KUNIT_EXPECT_EQ(test, fc->in[1], fc->fill);
	KUNIT_EXPECT_EQ(test, fc->in[2], 0);
}

static void expected_bidi_stats_test(struct kunit *test)
{
	struct scst_session *sess = expected_session(test);
	struct scst_stats stats = {};
	struct fake_cmd *fc = expected_xd(test, sess);

	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->in_residual, -1024);
	scst_session_get_stats(sess, &stats);
	KUNIT_EXPECT_EQ(test, stats.dir[SCST_DATA_BIDI].nr_cmds, 1);
	KUNIT_EXPECT_EQ(test, stats.dir[SCST_DATA_WRITE].nr_bytes, 1024);
	KUNIT_EXPECT_EQ(test, stats.dir[SCST_DATA_READ].nr_bytes, 1024);
}

/* XDWRITEREAD(32) */
static void expected_bidi_long_test(struct kunit *test)
{
	static const u8 cdb[32] = { 0x7f, [7] = 0x18, 0, 7, [31] = 2 };
	struct scst_session *sess = expected_session(test);
	struct fake_cmd *fc = fake_cdb(test, sess, 0, cdb, sizeof(cdb));

	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 1024);
}

/* The fabric has a buffer for the Data-Out; that for the Data-In is the core's. */
static void expected_bidi_own_buffer_test(struct kunit *test)
{
	struct fake_cmd *fc = expected_xd(test, expected_session(test));

	fc->alloc_error = 0;
	fc->buf = kunit_kzalloc(test, 1024, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fc->buf);
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_TRUE(test, fc->own_sg);
	KUNIT_EXPECT_EQ(test, fc->buf[0], fc->fill);
	KUNIT_EXPECT_EQ(test, fc->in[1], fc->fill);
}

/* There is no memory: none of it stays behind. */
static void expected_bidi_no_memory_test(struct kunit *test)
{
	struct scst_session *sess = expected_session(test);
	struct fake_cmd *fc = expected_xd(test, sess);

	WRITE_ONCE(scst_max_cmd_mem, 1);
	fake_run(fc);
	KUNIT_EXPECT_EQ(test, fc->status, SAM_STAT_TASK_SET_FULL);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);
	/* The Data-In has its buffer, the Data-Out has not. */
	WRITE_ONCE(scst_max_cmd_mem, 0);
	fc = expected_xd(test, sess);
	fc->alloc_error = -ENOMEM;
	fake_run(fc);
	KUNIT_EXPECT_EQ(test, fc->status, SAM_STAT_BUSY);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 0);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);
}

static void expected_bidi_read_only_test(struct kunit *test)
{
	struct scst_session *sess = expected_session(test);
	struct fake_cmd *fc = expected_xd(test, sess);
	struct scst_fake *fake = test->priv;

	fake->dev->read_only = true;
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_WRITE_PROTECTED);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 0);
}

/**
 * struct expected_pi - blocks that come, or go, with protection information
 * @opcode: READ(10) or WRITE(10), with a protection field of 001b
 * @blocks: how many
 * @expected: bytes that the transport expects
 * @sense: what is wrong with that
 */
struct expected_pi {
	u8		opcode;
	u8		blocks;
	u32		expected;
	scst_sense_t	sense;
};

static const struct expected_pi expected_pis[] = {
	{ WRITE_10, 4, 4 * 520, SCST_SENSE_NONE },
	{ WRITE_10, 4, 5 * 520, SCST_SENSE_NONE },
	{ WRITE_10, 4, 2 * 520, SCST_SENSE_NONE },
	{ WRITE_10, 4, 2 * 512, EXPECTED_BAD_IU },
	{ WRITE_10, 64, 64 * 520, SCST_SENSE_NONE },
	{ WRITE_10, 65, 65 * 520, EXPECTED_FIELD },
	{ READ_10, 4, 4 * 520, SCST_SENSE_NONE },
	{ READ_10, 4, 1000, SCST_SENSE_NONE },
	{ READ_10, 65, 65 * 520, EXPECTED_FIELD },
};

static void expected_pi_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	int i;

	fake->dev->pi_type = T10_PI_TYPE1_PROTECTION;
	for (i = 0; i < ARRAY_SIZE(expected_pis); i++) {
		const struct expected_pi *row = &expected_pis[i];
		bool good = row->sense == SCST_SENSE_NONE;
		u8 cdb[10] = { row->opcode, 0x20, [8] = row->blocks };
		bool write = row->opcode == WRITE_10;
		struct fake_cmd *fc;

		fc = expected_run(test, sess, cdb, sizeof(cdb), write ?
				  SCST_DATA_WRITE : SCST_DATA_READ,
				  row->expected);
		fake_expect(test, fc, good ? SAM_STAT_GOOD :
			    SAM_STAT_CHECK_CONDITION, row->sense);
		KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), good);
		if (!good)
			continue;
		KUNIT_EXPECT_EQ(test, fc->data_len, row->blocks * 520);
		KUNIT_EXPECT_EQ(test, fc->residual,
				(s64)row->expected - row->blocks * 520);
		if (!write)
			KUNIT_EXPECT_EQ(test, fc->resp_len, row->expected);
	}
}

/* Nobody else has such a field. */
static void expected_no_pi_test(struct kunit *test)
{
	static const u8 cdb[10] = { WRITE_10, 0x20, [8] = 1 };
	struct fake_cmd *fc;

	fc = expected_run(test, fake_session(test, "ini"), cdb, sizeof(cdb),
			  SCST_DATA_WRITE, 520);
	expected_refused(test, fc, EXPECTED_FIELD);
}

/* A buffer is no larger than the answer, whatever there is room for. */
static void expected_answer_test(struct kunit *test)
{
	static const u8 capacity[16] = { 0x9e, 0x10, [10] = 0x7f, 0xff, 0xff,
					 0xff };
	static const u8 opcodes[12] = { 0xa3, 0x0d, [6] = 0x7f, 0xff, 0xff,
					0xff };
	struct scst_session *sess = expected_session(test);
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;

	fake->dev->max_answer = 32;
	fc = expected_run(test, sess, capacity, sizeof(capacity),
			  SCST_DATA_READ, SZ_2G - 1);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->data_len, 32);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 32);
	KUNIT_EXPECT_EQ(test, fc->residual, SZ_2G - 1 - 32);
	fc = expected_run(test, sess, capacity, sizeof(capacity),
			  SCST_DATA_READ, 8);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 8);
	KUNIT_EXPECT_EQ(test, fc->residual, 8 - 32);
	/* REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS, which is the core's */
	fc = expected_run(test, sess, opcodes, sizeof(opcodes),
			  SCST_DATA_READ, SZ_2G - 1);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->data_len, 16);
}

static struct kunit_case expected_test_cases[] = {
	KUNIT_CASE(expected_trust_test),
	KUNIT_CASE(expected_no_trust_test),
	KUNIT_CASE(expected_no_other_test),
	KUNIT_CASE(expected_unsupported_test),
	KUNIT_CASE(expected_list_test),
	KUNIT_CASE(expected_list_refused_test),
	KUNIT_CASE(expected_too_long_test),
	KUNIT_CASE(expected_answer_test),
	KUNIT_CASE_PARAM(expected_bidi_test, expected_bidi_gen_params),
	KUNIT_CASE(expected_bidi_stats_test),
	KUNIT_CASE(expected_bidi_long_test),
	KUNIT_CASE(expected_bidi_own_buffer_test),
	KUNIT_CASE(expected_bidi_no_memory_test),
	KUNIT_CASE(expected_bidi_read_only_test),
	KUNIT_CASE(expected_pi_test),
	KUNIT_CASE(expected_no_pi_test),
	{}
};

static struct kunit_suite expected_suite = {
	.name = "scst_expected",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = expected_test_cases,
};

kunit_test_suite(expected_suite);
