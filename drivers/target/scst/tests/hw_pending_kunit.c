// SPDX-License-Identifier: GPL-2.0
/*
 * Hardware that does not give a command back: the fabric hears of it when the
 * time is over, and not before. The time is put forward, not waited for.
 */
#include <linux/jiffies.h>
#include <linux/workqueue.h>
#include "fake.h"

#define HW_LIMIT	3600

/* Whichever of the two it waits for */
static void hw_timeout(struct scst_cmd *cmd)
{
	struct fake_cmd *fc = container_of(cmd, struct fake_cmd, cmd);

	if (test_bit(FAKE_RDY, &fc->held))
		fake_go_context(fc, FAKE_RDY, false, SCST_CONTEXT_THREAD);
	else if (test_bit(FAKE_XMIT, &fc->held))
		fake_go_context(fc, FAKE_XMIT, true, SCST_CONTEXT_THREAD);
}

static int hw_init(struct kunit *test)
{
	int error = fake_init(test);
	struct scst_fake *fake = test->priv;

	if (error)
		return error;
	fake->tmpl.max_hw_pending_time = HW_LIMIT;
	fake->tmpl.hw_pending_timeout = hw_timeout;
	return 0;
}

/* Its time is over. */
static void hw_age(struct fake_cmd *fc)
{
	WRITE_ONCE(fc->cmd.hw_since, jiffies - HW_LIMIT * HZ);
}

/* Look now, and until that has happened. */
static void hw_look(struct kunit *test, struct scst_session *sess)
{
	mod_delayed_work(system_wq, &sess->hw_work, 0);
	flush_work(&sess->hw_work.work);
	fake_settle(test);
}

struct hw_stage {
	const char	*name;
	enum fake_at	at;
};

static const struct hw_stage hw_stages[] = {
	{ "Data-Out does not come", FAKE_RDY },
	{ "the response is not sent", FAKE_XMIT },
};

KUNIT_ARRAY_PARAM_DESC(hw_stage, hw_stages, name);

static void hw_stuck_test(struct kunit *test)
{
	const struct hw_stage *stage = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *stuck, *young;

	stuck = fake_stop(fake_write(test, sess, 1), stage->at);
	young = fake_stop(fake_write(test, sess, 1), stage->at);
	hw_look(test, sess);
	KUNIT_EXPECT_EQ(test, fake_nr(stuck, FAKE_FREE), 0);
	hw_age(stuck);
	hw_look(test, sess);
	fake_wait(stuck, FAKE_FREE);
	KUNIT_EXPECT_EQ(test, fake_nr(stuck, FAKE_EXEC), stage->at == FAKE_XMIT);
	KUNIT_EXPECT_EQ(test, fake_nr(young, FAKE_FREE), 0);
	fake_go(young, stage->at);
	fake_wait(young, FAKE_FREE);
}

/* A handler's time is its own. */
static void hw_exec_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_stop(fake_write(test, sess, 1), FAKE_EXEC);

	hw_age(fc);
	hw_look(test, sess);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_FREE), 0);
	fake_go(fc, FAKE_EXEC);
	fake_expect_good(test, fc);
}

/* The end of a session does not depend on its hardware. */
static void hw_session_test(struct kunit *test)
{
	const struct hw_stage *stage = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_stop(fake_write(test, sess, 1), stage->at);
	struct scst_fake *fake = test->priv;

	fake_disown_session(test, sess);
	scst_unregister_session(sess, false, fake_unreg_done);
	fake_settle(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_unregs), 0);
	hw_age(fc);
	mod_delayed_work(system_wq, &sess->hw_work, 0);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&fake->unreg,
							     FAKE_LIMIT));
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_FREE), 1);
}

static void hw_unlimited_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;

	fake->tmpl.max_hw_pending_time = 0;
	sess = fake_session(test, "ini");
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&sess->hw_work));
}

static struct kunit_case hw_test_cases[] = {
	KUNIT_CASE_PARAM(hw_stuck_test, hw_stage_gen_params),
	KUNIT_CASE(hw_exec_test),
	KUNIT_CASE_PARAM(hw_session_test, hw_stage_gen_params),
	KUNIT_CASE(hw_unlimited_test),
	{}
};

static struct kunit_suite hw_suite = {
	.name = "scst_hw_pending",
	.init = hw_init,
	.exit = fake_exit,
	.test_cases = hw_test_cases,
};

kunit_test_suite(hw_suite);
