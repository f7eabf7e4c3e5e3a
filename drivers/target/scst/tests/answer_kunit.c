// SPDX-License-Identifier: GPL-2.0
/*
 * What an initiator gets: lengths and residuals, refusals, unit attentions,
 * and the answers of LUNs without a logical unit.
 */
#include <linux/unaligned.h>
#include "fake.h"

#define ANSWER_BAD_IU		SCST_SENSE(ILLEGAL_REQUEST, 0x0e, 0x03)
#define ANSWER_POWER_ON		SCST_SENSE(UNIT_ATTENTION, 0x29, 0x00)
#define ANSWER_LUN_RESET	SCST_SENSE(UNIT_ATTENTION, 0x29, 0x03)
#define ANSWER_MODE_CHANGED	SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x01)
#define ANSWER_CAPACITY		SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x09)
#define ANSWER_INQUIRY		SCST_SENSE(UNIT_ATTENTION, 0x3f, 0x03)
#define ANSWER_LUNS_CHANGED	SCST_SENSE(UNIT_ATTENTION, 0x3f, 0x0e)

/* Nothing in particular is expected */
#define ANY			(-1)
/* The executor leaves the length as it is */
#define ALL			(-1)

/**
 * struct answer_len - what the CDB says, what the transport expects
 * @name: of the case
 * @dir: of the CDB
 * @blocks: its length in blocks
 * @expected_dir: as the transport says
 * @expected_len: likewise, or ANY
 * @exec_len: resp_len that the executor sets, or ALL
 * @exec_sense: sense that it sets
 * @status: status that the initiator gets
 * @sense: sense that it gets
 * @resp_len: bytes that it gets
 * @residual: residual count
 * @executed: the executor was called
 */
struct answer_len {
	const char		*name;
	enum scst_data_dir	dir;
	u16			blocks;
	enum scst_data_dir	expected_dir;
	s32			expected_len;
	s32			exec_len;
	scst_sense_t		exec_sense;
	u8			status;
	scst_sense_t		sense;
	u32			resp_len;
	s64			residual;
	bool			executed;
};

#define GOOD_ROW(_name, _dir, _blocks, _exp_dir, _exp_len, _exec_len, _resp, \
		 _residual) {						\
	.name = _name, .dir = SCST_DATA_##_dir, .blocks = _blocks,	\
	.expected_dir = SCST_DATA_##_exp_dir, .expected_len = _exp_len,	\
	.exec_len = _exec_len, .resp_len = _resp, .residual = _residual, \
	.executed = true }

#define REFUSED_ROW(_name, _dir, _blocks, _exp_dir, _exp_len, _residual) { \
	.name = _name, .dir = SCST_DATA_##_dir, .blocks = _blocks,	\
	.expected_dir = SCST_DATA_##_exp_dir, .expected_len = _exp_len,	\
	.exec_len = ALL, .status = SAM_STAT_CHECK_CONDITION,		\
	.sense = ANSWER_BAD_IU, .residual = _residual }

#define FAILED_ROW(_name, _dir, _blocks, _exp_len, _residual) {		\
	.name = _name, .dir = SCST_DATA_##_dir, .blocks = _blocks,	\
	.expected_dir = SCST_DATA_##_dir, .expected_len = _exp_len,	\
	.exec_len = ALL, .exec_sense = SCST_SENSE_HW_ERROR,		\
	.status = SAM_STAT_CHECK_CONDITION,				\
	.sense = SCST_SENSE_HW_ERROR, .residual = _residual,		\
	.executed = true }

static const struct answer_len answer_lens[] = {
	GOOD_ROW("read, all", READ, 2, READ, 1024, ALL, 1024, 0),
	GOOD_ROW("read, nothing said", READ, 2, NONE, ANY, ALL, 1024, 0),
	GOOD_ROW("read, underflow", READ, 2, READ, 4096, ALL, 1024, 3072),
	GOOD_ROW("read, overflow", READ, 2, READ, 1000, ALL, 1000, -24),
	GOOD_ROW("read, none expected", READ, 2, NONE, 0, ALL, 0, -1024),
	GOOD_ROW("read, short", READ, 2, READ, 1024, 100, 100, 924),
	GOOD_ROW("read, short, less expected", READ, 2, READ, 512, 100, 100,
		 412),
	GOOD_ROW("read, short, nothing said", READ, 2, NONE, ANY, 100, 100, 0),
	GOOD_ROW("read of nothing", READ, 0, READ, 512, ALL, 0, 512),
	GOOD_ROW("read, a write expected", READ, 2, WRITE, 1024, ALL, 0, 0),
	FAILED_ROW("read, fails", READ, 2, 1024, 1024),
	FAILED_ROW("read, fails, less expected", READ, 2, 512, 512),

	GOOD_ROW("write, all", WRITE, 2, WRITE, 1024, ALL, 0, 0),
	GOOD_ROW("write, nothing said", WRITE, 2, NONE, ANY, ALL, 0, 0),
	GOOD_ROW("write, underflow", WRITE, 2, WRITE, 1536, ALL, 0, 512),
	GOOD_ROW("write of nothing", WRITE, 0, WRITE, 512, ALL, 0, 512),
	GOOD_ROW("write, one block of two", WRITE, 2, WRITE, 512, ALL, 0, -512),
	GOOD_ROW("write, no Data-Out", WRITE, 2, NONE, 0, ALL, 0, -1024),
	REFUSED_ROW("write, a part of a block", WRITE, 2, WRITE, 1023, -1),
	REFUSED_ROW("write, a read expected", WRITE, 2, READ, 1024, 1024),
	REFUSED_ROW("write, a longer read", WRITE, 2, READ, 4096, 4096),
	FAILED_ROW("write, fails", WRITE, 2, 1024, 0),

	GOOD_ROW("no data", NONE, 0, NONE, 0, ALL, 0, 0),
	GOOD_ROW("no data, a read expected", NONE, 0, READ, 512, ALL, 0, 512),
	GOOD_ROW("no data, a write expected", NONE, 0, WRITE, 8, ALL, 0, 8),
};

KUNIT_ARRAY_PARAM_DESC(answer_len, answer_lens, name);

static void answer_len_test(struct kunit *test)
{
	const struct answer_len *row = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc;

	if (row->dir == SCST_DATA_READ)
		fc = fake_read(test, sess, row->blocks);
	else if (row->dir == SCST_DATA_WRITE)
		fc = fake_write(test, sess, row->blocks);
	else
		fc = fake_ready(test, sess);
	fc->cmd.expected_valid = row->expected_len != ANY;
	fc->cmd.expected_dir = row->expected_dir;
	fc->cmd.expected_len = row->expected_len;
	fc->exec_len = row->exec_len;
	fc->exec_sense = row->exec_sense;
	fake_run(fc);
	fake_expect(test, fc, row->status, row->sense);
	KUNIT_EXPECT_EQ(test, fc->resp_len, row->resp_len);
	KUNIT_EXPECT_EQ(test, fc->residual, row->residual);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), row->executed);
	if (row->dir == SCST_DATA_WRITE && row->blocks)
		KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_RDY), row->executed);
}

/**
 * struct answer_refusal - a command that is not executed
 * @name: of the case
 * @cdb: CDB
 * @len: its length
 * @sense: why
 */
struct answer_refusal {
	const char	*name;
	u8		cdb[16];
	u8		len;
	scst_sense_t	sense;
};

static const struct answer_refusal answer_refusals[] = {
	{ "unknown opcode", { 0xff }, 6, SCST_SENSE_INVALID_OPCODE },
	{ "vendor specific opcode", { 0xc0 }, 10, SCST_SENSE_INVALID_OPCODE },
	{ "not this handler's", { SYNCHRONIZE_CACHE }, 10,
	  SCST_SENSE_INVALID_OPCODE },
	{ "CDB too short", { READ_10 }, 6, SCST_SENSE_INVALID_FIELD_CDB },
	{ "reserved bit", { TEST_UNIT_READY, 0, 1 }, 6,
	  SCST_SENSE_INVALID_FIELD_CDB },
	{ "too long a transfer", { READ_10, 0, 0, 0, 0, 0, 0, 0, 65, 0 }, 10,
	  SCST_SENSE_INVALID_FIELD_CDB },
	{ "beyond the end", { READ_10, 0, 0, 0, 4, 0, 0, 0, 1, 0 }, 10,
	  SCST_SENSE_LBA_OUT_OF_RANGE },
	{ "across the end", { WRITE_10, 0, 0, 0, 3, 0xff, 0, 0, 2, 0 }, 10,
	  SCST_SENSE_LBA_OUT_OF_RANGE },
};

KUNIT_ARRAY_PARAM_DESC(answer_refusal, answer_refusals, name);

static void answer_refusal_test(struct kunit *test)
{
	const struct answer_refusal *row = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_cdb(test, sess, 0, row->cdb, row->len);

	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION, row->sense);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);
}

static void answer_last_block_test(struct kunit *test)
{
	static const u8 cdb[10] = { READ_10, 0, 0, 0, 3, 0xff, 0, 0, 1, 0 };
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_cdb(test, sess, 0, cdb, sizeof(cdb));

	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
}

static void answer_protected(struct kunit *test, scst_sense_t sense)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *wr = fake_write(test, sess, 1);
	struct fake_cmd *rd = fake_read(test, sess, 1);

	fake_run(wr);
	fake_expect(test, wr, SAM_STAT_CHECK_CONDITION, sense);
	KUNIT_EXPECT_EQ(test, fake_nr(wr, FAKE_EXEC), 0);
	fake_run(rd);
	fake_expect(test, rd, SAM_STAT_GOOD, SCST_SENSE_NONE);
}

static void answer_read_only_device_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;

	fake->dev->read_only = true;
	fake->dev->control.swp = true;
	answer_protected(test, SCST_SENSE_WRITE_PROTECTED);
}

static void answer_swp_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;

	fake->dev->control.swp = true;
	answer_protected(test, SCST_SENSE_SOFT_WRITE_PROTECTED);
}

static void answer_read_only_lun_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;

	fake->luns[0].read_only = true;
	answer_protected(test, SCST_SENSE_WRITE_PROTECTED);
}

/* LUNs without a logical unit */

static const u8 answer_inquiry[6] = { INQUIRY, 0, 0, 0, 96, 0 };
static const u8 answer_request_sense[6] = { REQUEST_SENSE, 0, 0, 0, 252, 0 };
static const u8 answer_report_luns[12] = {
	REPORT_LUNS, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0,
};

static const u64 answer_no_luns[] = { 5, SCST_MAX_LUN, SCST_MAX_LUN + 1,
				      SCST_LUN_INVALID };

static void answer_no_lun_desc(const u64 *lun, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "LUN %#llx", *lun);
}

KUNIT_ARRAY_PARAM(answer_no_lun, answer_no_luns, answer_no_lun_desc);

static struct fake_cmd *answer_run(struct kunit *test,
				   struct scst_session *sess, u64 lun,
				   const u8 *cdb, unsigned int len)
{
	struct fake_cmd *fc = fake_cdb(test, sess, lun, cdb, len);

	fake_run(fc);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_FREE), 1);
	return fc;
}

static scst_sense_t answer_formatting(struct scst_cmd *cmd, int *progress)
{
	*progress = 0x1234;
	return SCST_SENSE_FORMATTING;
}

/* The handler is asked when there is no unit attention to report. */
static void answer_poll_sense_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;

	fake->type.poll_sense = answer_formatting;
	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	fc = answer_run(test, sess, 0, answer_request_sense,
			sizeof(answer_request_sense));
	KUNIT_EXPECT_EQ(test, fc->in[2], UNIT_ATTENTION);
	KUNIT_EXPECT_EQ(test, fc->in[15], 0);
	fc = answer_run(test, sess, 0, answer_request_sense,
			sizeof(answer_request_sense));
	KUNIT_EXPECT_EQ(test, fc->resp_len, SCST_SENSE_FIXED_LEN);
	KUNIT_EXPECT_EQ(test, fc->in[2], NOT_READY);
	KUNIT_EXPECT_EQ(test, fc->in[12], 0x04);
	KUNIT_EXPECT_EQ(test, fc->in[13], 0x04);
	KUNIT_EXPECT_EQ(test, fc->in[15], 0x80);
	KUNIT_EXPECT_EQ(test, fc->in[16], 0x12);
	KUNIT_EXPECT_EQ(test, fc->in[17], 0x34);
}

static atomic_t answer_lost;

static void answer_not_delivered(struct scst_cmd *cmd)
{
	atomic_inc(&answer_lost);
}

static enum scst_exec_result answer_tell(struct scst_cmd *cmd)
{
	/* First: the test may send it on. */
	scst_cmd_tells(cmd);
	return fake_exec(cmd);
}

static scst_sense_t answer_tell_sense(struct scst_cmd *cmd, int *progress)
{
	scst_cmd_tells(cmd);
	return SCST_SENSE_FORMAT_FAILED;
}

static const scst_exec_fn answer_tell_execs[SCST_OP_NR] = {
	[SCST_OP_TEST_UNIT_READY]	= answer_tell,
	[SCST_OP_READ_10]		= fake_exec,
};

static struct scst_session *answer_tell_init(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;

	fake->type.execs = answer_tell_execs;
	fake->type.poll_sense = answer_tell_sense;
	fake->type.not_delivered = answer_not_delivered;
	atomic_set(&answer_lost, 0);
	return sess;
}

/* How often the handler hears of a command whose response cannot be sent */
static int answer_lose(struct fake_cmd *fc)
{
	atomic_set(&answer_lost, 0);
	fake_stop(fc, FAKE_XMIT);
	scst_cmd_not_delivered(&fc->cmd);
	scst_cmd_not_delivered(&fc->cmd);
	fake_go(fc, FAKE_XMIT);
	fake_wait(fc, FAKE_FREE);
	return atomic_read(&answer_lost);
}

/* The handler hears of the loss of those that tell something, and of no other. */
static void answer_tells_test(struct kunit *test)
{
	struct scst_session *sess = answer_tell_init(test);
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;

	KUNIT_EXPECT_EQ(test, answer_lose(fake_ready(test, sess)), 1);
	KUNIT_EXPECT_EQ(test, answer_lose(fake_read(test, sess, 1)), 0);
	fc = fake_cdb(test, sess, 0, answer_request_sense, 6);
	KUNIT_EXPECT_EQ(test, answer_lose(fc), 1);
	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	fc = fake_cdb(test, sess, 0, answer_request_sense, 6);
	KUNIT_EXPECT_EQ(test, answer_lose(fc), 0);
	fc = fake_ready(test, sess);
	KUNIT_EXPECT_EQ(test, answer_lose(fc), 0);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION, ANSWER_MODE_CHANGED);
	fake_clear_ua(sess);
	fake_run(fake_ready(test, sess));
	KUNIT_EXPECT_EQ(test, atomic_read(&answer_lost), 0);
}

/* Part of a copy: what it hears its initiator does not. */
static void answer_tells_internal_test(struct kunit *test)
{
	struct scst_cmd *cmd = kunit_kzalloc(test, sizeof(*cmd), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cmd);
	KUNIT_EXPECT_TRUE(test, scst_cmd_tells(cmd));
	cmd->flags = BIT(SCST_CMD_F_INTERNAL);
	KUNIT_EXPECT_FALSE(test, scst_cmd_tells(cmd));
	KUNIT_EXPECT_EQ(test, cmd->flags, BIT(SCST_CMD_F_INTERNAL));
}

/* Aborted, and then TASK ABORTED does not arrive either: it is lost once. */
static void answer_tells_aborted_test(struct kunit *test)
{
	struct scst_session *sess = answer_tell_init(test);
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *fc = fake_ready(test, sess);
	struct scst_fake *fake = test->priv;
	struct fake_tm *tm;

	fake->dev->control.tas = true;
	fc->hold = BIT(FAKE_EXEC) | BIT(FAKE_XMIT);
	fake_send(fc);
	fake_wait(fc, FAKE_EXEC);
	tm = fake_tm_lun(test, other, SCST_TM_LUN_RESET, 0);
	fake_tm_pending(test, tm);
	KUNIT_EXPECT_EQ(test, atomic_read(&answer_lost), 0);
	fake_go(fc, FAKE_EXEC);
	fake_wait(fc, FAKE_XMIT);
	KUNIT_EXPECT_EQ(test, atomic_read(&answer_lost), 1);
	scst_cmd_not_delivered(&fc->cmd);
	KUNIT_EXPECT_EQ(test, atomic_read(&answer_lost), 1);
	fake_go(fc, FAKE_XMIT);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect(test, fc, SAM_STAT_TASK_ABORTED, SCST_SENSE_NONE);
}

static void answer_no_lun_test(struct kunit *test)
{
	static const u8 ready[6] = { TEST_UNIT_READY };
	static const u8 unknown[6] = { 0xff };
	static const u8 evpd[6] = { INQUIRY, 1, 0, 0, 96, 0 };
	static const u8 page[6] = { INQUIRY, 0, 0x80, 0, 96, 0 };
	struct scst_session *sess = fake_session(test, "ini");
	const u64 *lun = test->param_value;
	struct fake_cmd *fc;

	fc = answer_run(test, sess, *lun, ready, sizeof(ready));
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_LUN_NOT_SUPPORTED);
	fc = answer_run(test, sess, *lun, unknown, sizeof(unknown));
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_LUN_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_DEV_DONE), 0);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_HANDLER_FREE), 0);

	fc = answer_run(test, sess, *lun, answer_inquiry, 6);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 36);
	KUNIT_EXPECT_EQ(test, fc->in[0], 0x7f);
	fc = answer_run(test, sess, *lun, evpd, sizeof(evpd));
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_INVALID_FIELD_CDB);
	fc = answer_run(test, sess, *lun, page, sizeof(page));
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_INVALID_FIELD_CDB);

	fc = answer_run(test, sess, *lun, answer_request_sense, 6);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 18);
	KUNIT_EXPECT_EQ(test, fc->in[2], ILLEGAL_REQUEST);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(fc->in + 12), 0x2500);
}

/* LUN 0 is listed, mapped or not, and answers at any LUN. */
static void answer_report_luns_test(struct kunit *test)
{
	static const u8 list[] = {
		0, 0, 0, 16, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
		0x41, 0, 0, 0, 0, 0, 0, 0,
	};
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;
	struct fake_cmd *fc;

	fake_add_lun(test, "fake_other", 256);
	sess = fake_session(test, "ini");
	fc = answer_run(test, sess, 0, answer_report_luns, 12);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->resp_len, sizeof(list));
	KUNIT_EXPECT_MEMEQ(test, fc->in, list, sizeof(list));
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);

	scst_acg_lun_unlink(&fake->luns[0], fake->dev);
	fc = answer_run(test, sess, 7, answer_report_luns, 12);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_MEMEQ(test, fc->in, list, sizeof(list));
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], fake->dev));
}

/* Unit attentions */

static struct scst_session *answer_new_session(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;

	sess = scst_register_session(fake->tgt, "new", fake, GFP_KERNEL, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sess);
	fake_own_session(test, sess);
	return sess;
}

/* INQUIRY and REPORT LUNS neither report the condition nor clear it. */
static void answer_ua_power_on_test(struct kunit *test)
{
	struct scst_session *sess = answer_new_session(test);
	struct fake_cmd *fc;

	fc = answer_run(test, sess, 0, answer_inquiry, 6);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 1);
	fc = answer_run(test, sess, 0, answer_report_luns, 12);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	fake_expect_ua(test, sess, ANSWER_POWER_ON);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
}

/* REQUEST SENSE has it in its data. */
static void answer_ua_request_sense_test(struct kunit *test)
{
	struct scst_session *sess = answer_new_session(test);
	struct fake_cmd *fc;

	fc = answer_run(test, sess, 0, answer_request_sense, 6);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->in[2], UNIT_ATTENTION);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(fc->in + 12), 0x2900);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	fc = answer_run(test, sess, 0, answer_request_sense, 6);
	KUNIT_EXPECT_EQ(test, fc->in[2], NO_SENSE);
}

/* Resets first; each condition once, however often it was raised. */
static void answer_ua_order_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;

	scst_capacity_changed(fake->dev, FAKE_NBLOCKS + 1);
	scst_raise_ua(fake->dev, SCST_UA_LUN_RESET, NULL);
	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	fake_expect_ua(test, sess, ANSWER_LUN_RESET);
	fake_expect_ua(test, sess, ANSWER_MODE_CHANGED);
	fake_expect_ua(test, sess, ANSWER_CAPACITY);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	scst_capacity_changed(fake->dev, FAKE_NBLOCKS + 1);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
}

/* Everybody is told but who caused it. */
static void answer_ua_except_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_fake *fake = test->priv;

	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, fake_nexus(sess, 0));
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	fake_expect_ua(test, other, ANSWER_MODE_CHANGED);
}

/* A new LUN is news for the old ones; told at one, it is known at all. */
static void answer_ua_luns_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_tgt_dev *tgt_dev;
	struct fake_cmd *fc;

	fake_add_lun(test, "fake_other", 1);
	tgt_dev = fake_nexus(sess, 1);
	KUNIT_ASSERT_NOT_NULL(test, tgt_dev);
	KUNIT_EXPECT_EQ(test, tgt_dev->ua_pending,
			BIT(SCST_UA_POWER_ON) | BIT(SCST_UA_LUNS_CHANGED));
	fake_expect_ua(test, sess, ANSWER_LUNS_CHANGED);
	KUNIT_EXPECT_EQ(test, tgt_dev->ua_pending, BIT(SCST_UA_POWER_ON));
	fake_expect_ua(test, sess, SCST_SENSE_NONE);

	/* REPORT LUNS tells it as well. */
	fake_clear_ua(sess);
	fake_add_lun(test, "fake_third", 2);
	fc = answer_run(test, sess, 0, answer_report_luns, 12);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, tgt_dev->ua_pending, 0);
}

/* Another device at the same LUN; the one before it goes without a word. */
static void answer_ua_other_device_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct scst_device *other = fake_add_lun(test, "fake_other", 1);

	fake_clear_ua(sess);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], other));
	fake_expect_ua(test, sess, ANSWER_POWER_ON);
	fake_expect_ua(test, sess, ANSWER_INQUIRY);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	scst_acg_lun_unlink(&fake->luns[0], fake->dev);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], fake->dev));
	scst_acg_lun_unlink(&fake->luns[0], other);
}

/* WP of the mode parameter header is news, the logical unit is the same. */
static void answer_ua_read_only_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;

	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_set_read_only(&fake->luns[0],
							    true));
	fake_expect_ua(test, sess, ANSWER_MODE_CHANGED);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	fc = fake_write(test, sess, 1);
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_WRITE_PROTECTED);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_set_read_only(&fake->luns[0],
							    false));
	fake_expect_ua(test, sess, ANSWER_MODE_CHANGED);
	fc = fake_write(test, sess, 1);
	fake_run(fc);
	fake_expect_good(test, fc);
}

static struct kunit_case answer_test_cases[] = {
	KUNIT_CASE_PARAM(answer_len_test, answer_len_gen_params),
	KUNIT_CASE_PARAM(answer_refusal_test, answer_refusal_gen_params),
	KUNIT_CASE(answer_last_block_test),
	KUNIT_CASE(answer_read_only_device_test),
	KUNIT_CASE(answer_swp_test),
	KUNIT_CASE(answer_read_only_lun_test),
	KUNIT_CASE_PARAM(answer_no_lun_test, answer_no_lun_gen_params),
	KUNIT_CASE(answer_report_luns_test),
	KUNIT_CASE(answer_ua_power_on_test),
	KUNIT_CASE(answer_ua_request_sense_test),
	KUNIT_CASE(answer_ua_order_test),
	KUNIT_CASE(answer_poll_sense_test),
	KUNIT_CASE(answer_tells_test),
	KUNIT_CASE(answer_tells_internal_test),
	KUNIT_CASE(answer_tells_aborted_test),
	KUNIT_CASE(answer_ua_except_test),
	KUNIT_CASE(answer_ua_luns_test),
	KUNIT_CASE(answer_ua_other_device_test),
	KUNIT_CASE(answer_ua_read_only_test),
	{}
};

static struct kunit_suite answer_suite = {
	.name = "scst_answer",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = answer_test_cases,
};

kunit_test_suite(answer_suite);
