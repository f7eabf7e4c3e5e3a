// SPDX-License-Identifier: GPL-2.0
/*
 * Aborting one command: before, while and after it is executed, and while it
 * waits for its turn. The function answers only when the command can't touch
 * anything any more.
 */
#include "fake.h"

struct tmf_stage {
	const char	*name;
	enum fake_at	at;
	bool		executed;
};

static const struct tmf_stage tmf_stages[] = {
	{ "before Data-Out", FAKE_PREPROC, false },
	{ "while Data-Out comes", FAKE_RDY, false },
	{ "while it is executed", FAKE_EXEC, true },
};

KUNIT_ARRAY_PARAM_DESC(tmf_stage, tmf_stages, name);

/* The abort wins; whoever has the command gives it back in any context. */
static void tmf_abort_test(struct kunit *test)
{
	static const enum scst_context contexts[] = {
		SCST_CONTEXT_DIRECT, SCST_CONTEXT_DIRECT_ATOMIC,
		SCST_CONTEXT_THREAD, SCST_CONTEXT_BH,
	};
	const struct tmf_stage *stage = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;
	struct fake_tm *tm;
	int i;

	fake->tmpl.preprocessing_done = fake_preprocessing_done;
	for (i = 0; i < ARRAY_SIZE(contexts); i++) {
		fc = fake_stop(fake_write(test, sess, 1), stage->at);
		KUNIT_EXPECT_FALSE(test, scst_cmd_aborted(&fc->cmd));
		tm = fake_tm_tag(test, sess, fc->cmd.tag);
		fake_tm_pending(test, tm);
		KUNIT_EXPECT_TRUE(test, scst_cmd_aborted(&fc->cmd));
		fake_go_context(fc, stage->at, true, contexts[i]);
		KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
		fake_expect_aborted(test, fc, stage->executed);
	}
	fc = fake_write(test, sess, 1);
	fake_run(fc);
	fake_expect_good(test, fc);
}

/* The Data-Out of an aborted command fails to come. */
static void tmf_abort_no_data_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_stop(fake_write(test, sess, 1), FAKE_RDY);
	struct fake_tm *tm = fake_tm_tag(test, sess, fc->cmd.tag);

	fake_tm_pending(test, tm);
	fake_go_context(fc, FAKE_RDY, false, SCST_CONTEXT_DIRECT);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, fc, false);
}

/* The response has won; still the function waits until it is out. */
static void tmf_abort_late_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_stop(fake_read(test, sess, 1), FAKE_XMIT);
	struct fake_tm *tm = fake_tm_tag(test, sess, fc->cmd.tag);

	fake_tm_pending(test, tm);
	KUNIT_EXPECT_FALSE(test, scst_cmd_aborted(&fc->cmd));
	fake_go(fc, FAKE_XMIT);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_NO_TASK);
	fake_expect_good(test, fc);
}

/* Another nexus's response: whether its initiator takes it is its own matter. */
static void tmf_other_late_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *fc = fake_stop(fake_read(test, other, 1), FAKE_XMIT);
	struct fake_tm *own = fake_tm_lun(test, other, SCST_TM_LUN_RESET, 0);
	struct fake_tm *tm = fake_tm_lun(test, sess, SCST_TM_LUN_RESET, 0);

	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_tm_pending(test, own);
	fake_go(fc, FAKE_XMIT);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, own), SCST_TM_COMPLETE);
	fake_expect_good(test, fc);
}

/* Two functions for one command: one aborts it, both wait for it. */
static void tmf_abort_twice_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_stop(fake_read(test, sess, 1), FAKE_EXEC);
	struct fake_tm *first = fake_tm_tag(test, sess, fc->cmd.tag);
	struct fake_tm *second;

	fake_tm_pending(test, first);
	second = fake_tm_tag(test, sess, fc->cmd.tag);
	fake_tm_pending(test, second);
	fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, first), SCST_TM_COMPLETE);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, second), SCST_TM_COMPLETE);
	fake_expect_aborted(test, fc, true);
}

/* It is not answered (TAS zero): whoever sent it aborts it in vain, and well. */
static void tmf_abort_cleared_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *fc = fake_stop(fake_read(test, sess, 1), FAKE_EXEC);
	struct fake_tm *reset = fake_tm_lun(test, other, SCST_TM_LUN_RESET, 0);
	struct fake_tm *tm;

	fake_tm_pending(test, reset);
	tm = fake_tm_tag(test, sess, fc->cmd.tag);
	fake_tm_pending(test, tm);
	fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, reset), SCST_TM_COMPLETE);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, fc, true);
}

/* A tag is one of its nexus; others' commands are not touched. */
static void tmf_unknown_tag_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = fake_stop(fake_ready(test, sess), FAKE_EXEC);
	struct fake_cmd *b = fake_stop(fake_ready(test, other), FAKE_EXEC);
	struct fake_tm *tm;

	tm = fake_tm_tag(test, sess, b->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_NO_TASK);
	tm = fake_tm_tag(test, sess, ~0ULL);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_NO_TASK);
	fake_go(a, FAKE_EXEC);
	fake_go(b, FAKE_EXEC);
	fake_expect_good(test, a);
	fake_expect_good(test, b);
}

/* Commands that wait for an older one need not wait for their abort. */
static void tmf_abort_in_order_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = fake_ready(test, sess);
	struct fake_cmd *b = fake_ready(test, sess);
	struct fake_cmd *c = fake_ready(test, sess);
	struct fake_cmd *d = fake_ready(test, sess);
	struct scst_fake *fake = test->priv;
	struct fake_tm *tm;

	a->cmd.attr = SCST_TASK_ORDERED;
	c->cmd.attr = SCST_TASK_ORDERED;
	fake_stop(a, FAKE_EXEC);
	fake_send_hold(b, FAKE_EXEC);
	fake_send_hold(c, FAKE_EXEC);
	fake_send(d);
	tm = fake_tm_tag(test, sess, b->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, b, false);
	tm = fake_tm_tag(test, sess, c->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, c, false);
	fake_settle(test);
	KUNIT_EXPECT_STREQ(test, fake->log, "a");
	fake_go(a, FAKE_EXEC);
	fake_expect_good(test, a);
	fake_expect_good(test, d);
	KUNIT_EXPECT_STREQ(test, fake->log, "aAdD");
}

/* The same for those that wait for one that runs alone on the device. */
static void tmf_abort_at_gate_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = fake_stop(fake_alone(test, other), FAKE_EXEC);
	struct fake_cmd *b = fake_send_hold(fake_ready(test, sess), FAKE_EXEC);
	struct fake_cmd *c = fake_send_hold(fake_alone(test, sess), FAKE_EXEC);
	struct fake_cmd *d = fake_ready(test, other);
	struct scst_fake *fake = test->priv;
	struct fake_tm *tm;

	fake_send(d);
	tm = fake_tm_tag(test, sess, b->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, b, false);
	tm = fake_tm_tag(test, sess, c->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, c, false);
	fake_settle(test);
	KUNIT_EXPECT_STREQ(test, fake->log, "a");
	fake_go(a, FAKE_EXEC);
	fake_expect_good(test, a);
	fake_expect_good(test, d);
	KUNIT_EXPECT_STREQ(test, fake->log, "aAdD");
	a = fake_alone(test, sess);
	fake_run(a);
	fake_expect_good(test, a);
}

/* An aborted ORDERED command holds its place until it has ended. */
static void tmf_abort_ordered_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = fake_ready(test, sess);
	struct fake_cmd *b = fake_ready(test, sess);
	struct fake_tm *tm;

	a->cmd.attr = SCST_TASK_ORDERED;
	fake_stop(a, FAKE_EXEC);
	fake_send(b);
	tm = fake_tm_tag(test, sess, a->cmd.tag);
	fake_tm_pending(test, tm);
	KUNIT_EXPECT_EQ(test, fake_nr(b, FAKE_EXEC), 0);
	fake_go(a, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, a, true);
	fake_expect_good(test, b);
}

/* A function that waits keeps its session. */
static void tmf_keeps_session_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_stop(fake_read(test, sess, 1), FAKE_EXEC);
	struct fake_tm *tm = fake_tm_tag(test, sess, fc->cmd.tag);
	struct scst_fake *fake = test->priv;

	fake_disown_session(test, sess);
	scst_unregister_session(sess, false, fake_unreg_done);
	fake_tm_pending(test, tm);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_unregs), 0);
	fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&fake->unreg,
							     FAKE_LIMIT));
	fake_expect_aborted(test, fc, true);
}

/* One that comes before the session is ready finds its commands all the same */
static void tmf_early_test(struct kunit *test)
{
	static const u8 cdb[6] = { INQUIRY, 0, 0, 0, 96, 0 };
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;
	struct fake_cmd *fc;
	struct fake_tm *tm;

	scst_config_lock();
	sess = scst_register_session(fake->tgt, "ini", fake, GFP_KERNEL,
				     fake_init_done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sess);
	fake_own_session(test, sess);
	fc = fake_send_hold(fake_cdb(test, sess, 0, cdb, sizeof(cdb)), FAKE_EXEC);
	tm = fake_tm_tag(test, sess, fc->cmd.tag);
	KUNIT_EXPECT_EQ(test, atomic_read(&tm->nr_done), 0);
	scst_config_unlock();

	/* It is aborted on its way to the executor, or while it stops there. */
	fake_settle(test);
	if (fake_nr(fc, FAKE_EXEC))
		fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, fc, fake_nr(fc, FAKE_EXEC));
}

static struct kunit_case tmf_test_cases[] = {
	KUNIT_CASE_PARAM(tmf_abort_test, tmf_stage_gen_params),
	KUNIT_CASE(tmf_abort_no_data_test),
	KUNIT_CASE(tmf_abort_late_test),
	KUNIT_CASE(tmf_other_late_test),
	KUNIT_CASE(tmf_abort_twice_test),
	KUNIT_CASE(tmf_abort_cleared_test),
	KUNIT_CASE(tmf_unknown_tag_test),
	KUNIT_CASE(tmf_abort_in_order_test),
	KUNIT_CASE(tmf_abort_at_gate_test),
	KUNIT_CASE(tmf_abort_ordered_test),
	KUNIT_CASE(tmf_keeps_session_test),
	KUNIT_CASE(tmf_early_test),
	{}
};

static struct kunit_suite tmf_suite = {
	.name = "scst_tmf",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = tmf_test_cases,
};

kunit_test_suite(tmf_suite);
