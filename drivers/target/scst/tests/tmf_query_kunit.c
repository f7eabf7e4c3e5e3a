// SPDX-License-Identifier: GPL-2.0
/*
 * Task management functions that ask, I_T NEXUS RESET, and the report of what
 * functions there are.
 */
#include "fake.h"

#define QUERY_NEXUS_LOSS	SCST_SENSE(UNIT_ATTENTION, 0x29, 0x07)
#define QUERY_CAPACITY_CHANGED	SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x09)
#define QUERY_LUN_RESET		SCST_SENSE(UNIT_ATTENTION, 0x29, 0x03)

#define QUERY_GUARD		0xa5

static void expect_task(struct kunit *test, struct scst_session *sess,
			u64 tag, enum scst_tm_response response)
{
	struct fake_tm *tm = fake_tm_query(test, sess, tag);

	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), response);
	KUNIT_EXPECT_EQ(test, tm->info, 0);
}

static void expect_lun(struct kunit *test, struct scst_session *sess,
		       enum scst_tm_fn fn, u64 lun,
		       enum scst_tm_response response, u32 info)
{
	struct fake_tm *tm = fake_tm_lun(test, sess, fn, lun);

	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), response);
	KUNIT_EXPECT_EQ(test, tm->info, info);
}

static void expect_set(struct kunit *test, struct scst_session *sess, u64 lun,
		       enum scst_tm_response response)
{
	expect_lun(test, sess, SCST_TM_QUERY_TASK_SET, lun, response, 0);
}

struct query_stage {
	const char	*name;
	enum fake_at	at;
	bool		answered;
	bool		executed;
};

static const struct query_stage query_stages[] = {
	{ "before Data-Out", FAKE_PREPROC, false, false },
	{ "while Data-Out comes", FAKE_RDY, false, false },
	{ "while it is executed", FAKE_EXEC, false, true },
	{ "while it is answered", FAKE_XMIT, true, true },
};

KUNIT_ARRAY_PARAM_DESC(query_stage, query_stages, name);

/* A command is there until its response is out; asking does it no harm. */
static void query_stage_test(struct kunit *test)
{
	const struct query_stage *stage = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;

	fake->tmpl.preprocessing_done = fake_preprocessing_done;
	fc = fake_stop(fake_write(test, sess, 1), stage->at);
	expect_task(test, sess, fc->cmd.tag, SCST_TM_SUCCEEDED);
	expect_set(test, sess, 0, SCST_TM_SUCCEEDED);
	expect_lun(test, sess, SCST_TM_QUERY_ASYNC_EVENT, 0, SCST_TM_COMPLETE,
		   0);
	KUNIT_EXPECT_FALSE(test, scst_cmd_aborted(&fc->cmd));
	fake_go(fc, stage->at);
	fake_wait(fc, FAKE_FREE);
	expect_task(test, sess, 0, SCST_TM_COMPLETE);
	expect_set(test, sess, 0, SCST_TM_COMPLETE);
	fake_expect_good(test, fc);
}

/* One that was aborted is in no task set, though it has not ended. */
static void query_aborted_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_stop(fake_write(test, sess, 1), FAKE_EXEC);
	struct fake_tm *tm = fake_tm_tag(test, sess, fc->cmd.tag);

	fake_tm_pending(test, tm);
	expect_task(test, sess, fc->cmd.tag, SCST_TM_COMPLETE);
	expect_set(test, sess, 0, SCST_TM_COMPLETE);
	fake_tm_pending(test, tm);
	fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, fc, true);
}

/* Those that wait for others are there as well. */
static void query_waiting_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = fake_stop(fake_alone(test, other), FAKE_EXEC);
	struct fake_cmd *b = fake_ready(test, sess);
	struct fake_cmd *c = fake_ready(test, sess);

	b->cmd.attr = SCST_TASK_ORDERED;
	fake_send(b);
	fake_send(c);
	fake_settle(test);
	expect_task(test, sess, b->cmd.tag, SCST_TM_SUCCEEDED);
	expect_task(test, sess, c->cmd.tag, SCST_TM_SUCCEEDED);
	expect_set(test, sess, 0, SCST_TM_SUCCEEDED);
	fake_go(a, FAKE_EXEC);
	fake_wait(c, FAKE_FREE);
	fake_expect_good(test, a);
	fake_expect_good(test, b);
	fake_expect_good(test, c);
	expect_set(test, sess, 0, SCST_TM_COMPLETE);
}

/* Other nexuses' commands are not asked for, nor those of other LUNs. */
static void query_others_test(struct kunit *test)
{
	static const u8 ready[6] = { TEST_UNIT_READY };
	struct scst_session *sess, *other;
	struct fake_cmd *a, *b;

	fake_add_lun(test, "fake_other", 1);
	sess = fake_session(test, "ini");
	other = fake_session(test, "other");
	a = fake_stop(fake_ready(test, other), FAKE_EXEC);
	b = fake_stop(fake_cdb(test, sess, 1, ready, sizeof(ready)), FAKE_EXEC);
	expect_task(test, sess, a->cmd.tag, SCST_TM_COMPLETE);
	expect_task(test, other, a->cmd.tag, SCST_TM_SUCCEEDED);
	expect_task(test, sess, b->cmd.tag, SCST_TM_SUCCEEDED);
	expect_set(test, sess, 0, SCST_TM_COMPLETE);
	expect_set(test, sess, 1, SCST_TM_SUCCEEDED);
	expect_set(test, other, 0, SCST_TM_SUCCEEDED);
	expect_set(test, other, 1, SCST_TM_COMPLETE);
	fake_go(a, FAKE_EXEC);
	fake_go(b, FAKE_EXEC);
	fake_expect_good(test, a);
	fake_expect_good(test, b);
}

/* What comes after the question is no part of the answer. */
static void query_younger_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_ready(test, sess);
	struct fake_tm *tm;

	scst_config_lock();
	tm = fake_tm_lun(test, sess, SCST_TM_QUERY_TASK_SET, 0);
	fake_send_hold(fc, FAKE_EXEC);
	scst_config_unlock();
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_go(fc, FAKE_EXEC);
	fake_expect_good(test, fc);
}

static void query_no_lun_test(struct kunit *test)
{
	static const enum scst_tm_fn fns[] = {
		SCST_TM_QUERY_TASK_SET, SCST_TM_QUERY_ASYNC_EVENT,
	};
	static const u64 luns[] = { 1, SCST_MAX_LUN, SCST_LUN_INVALID };
	struct scst_session *sess = fake_session(test, "ini");
	int i, j;

	for (i = 0; i < ARRAY_SIZE(fns); i++)
		for (j = 0; j < ARRAY_SIZE(luns); j++)
			expect_lun(test, sess, fns[i], luns[j], SCST_TM_NO_LUN,
				   0);
}

/* SAM-5 table 57: UADE DEPTH, then sense key, ASC and ASCQ of the first one */
static void query_event_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_fake *fake = test->priv;
	enum scst_tm_fn fn = SCST_TM_QUERY_ASYNC_EVENT;

	scst_raise_ua(fake->dev, SCST_UA_CAPACITY_CHANGED,
		      fake_nexus(other, 0));
	expect_lun(test, sess, fn, 0, SCST_TM_SUCCEEDED, 0x162a09);
	expect_lun(test, other, fn, 0, SCST_TM_COMPLETE, 0);
	scst_raise_ua(fake->dev, SCST_UA_LUN_RESET, NULL);
	expect_lun(test, sess, fn, 0, SCST_TM_SUCCEEDED, 0x262903);
	expect_lun(test, other, fn, 0, SCST_TM_SUCCEEDED, 0x162903);
	/* Whoever asks still gets them. */
	fake_expect_ua(test, sess, QUERY_LUN_RESET);
	expect_lun(test, sess, fn, 0, SCST_TM_SUCCEEDED, 0x162a09);
	fake_expect_ua(test, sess, QUERY_CAPACITY_CHANGED);
	expect_lun(test, sess, fn, 0, SCST_TM_COMPLETE, 0);
	fake_expect_ua(test, other, QUERY_LUN_RESET);
}

/* Every condition, alone, with each that is less urgent, and with all those */
static void query_event_all_test(struct kunit *test)
{
	unsigned int first, other;

	KUNIT_EXPECT_EQ(test, scst_ua_event(0), 0);
	for (first = 0; first < SCST_UA_NR; first++) {
		u32 sense = (__force u32)scst_ua_sense(first);
		unsigned long all = GENMASK(SCST_UA_NR - 1, first);

		KUNIT_EXPECT_EQ(test, scst_ua_event(BIT(first)),
				0x100000 | sense);
		for (other = first + 1; other < SCST_UA_NR; other++)
			KUNIT_EXPECT_EQ(test,
					scst_ua_event(BIT(first) | BIT(other)),
					0x200000 | sense);
		KUNIT_EXPECT_EQ(test, scst_ua_event(all),
				(first + 1 < SCST_UA_NR ? 0x200000 :
							  0x100000) | sense);
	}
}

/* I_T NEXUS RESET */

static const struct query_stage nexus_stages[] = {
	{ "nothing", FAKE_NR_AT, false, false },
	{ "before Data-Out", FAKE_PREPROC, false, false },
	{ "while Data-Out comes", FAKE_RDY, false, false },
	{ "while it is executed", FAKE_EXEC, false, true },
	{ "while it is answered", FAKE_XMIT, true, true },
};

KUNIT_ARRAY_PARAM_DESC(nexus_stage, nexus_stages, name);

static void nexus_reset_test(struct kunit *test)
{
	const struct query_stage *stage = test->param_value;
	struct scst_session *sess, *other;
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc = NULL, *others;
	struct scst_tgt_dev *tgt_dev;
	struct fake_tm *tm;

	fake->tmpl.preprocessing_done = fake_preprocessing_done;
	fake_add_lun(test, "fake_other", 1);
	sess = fake_session(test, "ini");
	other = fake_session(test, "other");
	others = fake_stop(fake_ready(test, other), FAKE_EXEC);
	if (stage->at != FAKE_NR_AT)
		fc = fake_stop(fake_write(test, sess, 1), stage->at);

	tm = fake_tm_lun(test, sess, SCST_TM_NEXUS_RESET, SCST_LUN_INVALID);
	if (fc) {
		fake_tm_pending(test, tm);
		KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_losses), 0);
		fake_go(fc, stage->at);
	}
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	if (fc && stage->answered)
		fake_expect_good(test, fc);
	else if (fc)
		fake_expect_aborted(test, fc, stage->executed);

	/* The handler forgets at both logical units; nothing is reset. */
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_losses), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_resets), 0);
	tgt_dev = fake_nexus(sess, 1);
	KUNIT_EXPECT_EQ(test, tgt_dev->ua_pending, BIT(SCST_UA_NEXUS_LOSS));
	fake_expect_ua(test, sess, QUERY_NEXUS_LOSS);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);

	/* The other nexus has noticed nothing. */
	fake_go(others, FAKE_EXEC);
	fake_expect_good(test, others);
	fake_expect_ua(test, other, SCST_SENSE_NONE);
}

static void nexus_reset_bare_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_tm *tm;

	fake->type.nexus_loss = NULL;
	tm = fake_tm_lun(test, sess, SCST_TM_NEXUS_RESET, 0);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_ua(test, sess, QUERY_NEXUS_LOSS);
}

/* REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS */

/* SPC-5 6.39: ATS ATSS CTSS LURS QTS, QAES QTSS ITNRS */
static const u8 report_basic[4] = { 0xfc, 0x07, 0, 0 };
static const u8 report_extended[16] = { 0xfc, 0x07, 0, 12 };

static void report_expect(struct kunit *test, bool repd, const u8 *want,
			  size_t want_len)
{
	u8 cdb[12] = { MAINTENANCE_IN, 0x0d, repd ? 0x80 : 0 };
	u8 buf[24];
	size_t size, len;

	for (size = 0; size <= sizeof(buf); size++) {
		memset(buf, QUERY_GUARD, sizeof(buf));
		len = scst_tm_report(cdb, buf, size);
		KUNIT_ASSERT_EQ(test, len, min(size, want_len));
		KUNIT_ASSERT_MEMEQ(test, buf, want, len);
		KUNIT_ASSERT_NULL(test, memchr_inv(buf + len, QUERY_GUARD,
						   sizeof(buf) - len));
	}
}

static void report_build_test(struct kunit *test)
{
	report_expect(test, false, report_basic, sizeof(report_basic));
	report_expect(test, true, report_extended, sizeof(report_extended));
}

/* No two functions have the same bit. */
static void report_bits_test(struct kunit *test)
{
	u16 seen = 0;
	int i;

	for (i = 0; i < SCST_TM_NR; i++) {
		u16 bit = scst_tm_descs[i].reported;

		KUNIT_EXPECT_EQ(test, seen & bit, 0);
		KUNIT_EXPECT_LE(test, hweight16(bit), 1);
		seen |= bit;
	}
}

static void report_cmd_test(struct kunit *test)
{
	static const u8 basic[12] = { MAINTENANCE_IN, 0x0d, 0, 0, 0, 0,
				      0, 0, 0, 4 };
	static const u8 extended[12] = { MAINTENANCE_IN, 0x0d, 0x80, 0, 0, 0,
					 0, 0, 0, 32 };
	static const u8 tiny[12] = { MAINTENANCE_IN, 0x0d, 0, 0, 0, 0,
				     0, 0, 0, 3 };
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc;

	fc = fake_cdb(test, sess, 0, basic, sizeof(basic));
	fake_run(fc);
	fake_expect_good(test, fc);
	KUNIT_EXPECT_EQ(test, fc->resp_len, sizeof(report_basic));
	KUNIT_EXPECT_MEMEQ(test, fc->in, report_basic, sizeof(report_basic));
	fc = fake_cdb(test, sess, 0, extended, sizeof(extended));
	fake_run(fc);
	fake_expect_good(test, fc);
	KUNIT_EXPECT_EQ(test, fc->resp_len, sizeof(report_extended));
	KUNIT_EXPECT_MEMEQ(test, fc->in, report_extended,
			   sizeof(report_extended));
	fc = fake_cdb(test, sess, 0, tiny, sizeof(tiny));
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_INVALID_FIELD_CDB);
}

static struct kunit_case tmf_query_test_cases[] = {
	KUNIT_CASE_PARAM(query_stage_test, query_stage_gen_params),
	KUNIT_CASE(query_aborted_test),
	KUNIT_CASE(query_waiting_test),
	KUNIT_CASE(query_others_test),
	KUNIT_CASE(query_younger_test),
	KUNIT_CASE(query_no_lun_test),
	KUNIT_CASE(query_event_test),
	KUNIT_CASE(query_event_all_test),
	KUNIT_CASE_PARAM(nexus_reset_test, nexus_stage_gen_params),
	KUNIT_CASE(nexus_reset_bare_test),
	KUNIT_CASE(report_build_test),
	KUNIT_CASE(report_bits_test),
	KUNIT_CASE(report_cmd_test),
	{}
};

static struct kunit_suite tmf_query_suite = {
	.name = "scst_tmf_query",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = tmf_query_test_cases,
};

kunit_test_suite(tmf_query_suite);
