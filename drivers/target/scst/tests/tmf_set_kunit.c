// SPDX-License-Identifier: GPL-2.0
/*
 * Task management of many commands: which ones a function affects, that it
 * answers when the last one of them has ended, and who is told.
 */
#include "fake.h"

#define TMF_LUN_RESET_UA	SCST_SENSE(UNIT_ATTENTION, 0x29, 0x03)

static struct fake_cmd *tmf_ready(struct kunit *test, struct scst_session *sess,
				  u64 lun)
{
	static const u8 cdb[6] = { TEST_UNIT_READY };

	return fake_cdb(test, sess, lun, cdb, sizeof(cdb));
}

static const enum scst_tm_fn tmf_lun_fns[] = {
	SCST_TM_ABORT_TASK_SET, SCST_TM_CLEAR_TASK_SET, SCST_TM_LUN_RESET,
};

static void tmf_lun_fn_desc(const enum scst_tm_fn *fn, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "function %d", *fn);
}

KUNIT_ARRAY_PARAM(tmf_lun_fn, tmf_lun_fns, tmf_lun_fn_desc);

static void tmf_unknown_lun_test(struct kunit *test)
{
	static const u64 luns[] = { 1, SCST_MAX_LUN, SCST_LUN_INVALID };
	const enum scst_tm_fn *fn = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = fake_stop(fake_ready(test, sess), FAKE_EXEC);
	struct scst_fake *fake = test->priv;
	struct fake_tm *tm;
	int i;

	for (i = 0; i < ARRAY_SIZE(luns); i++) {
		tm = fake_tm_lun(test, sess, *fn, luns[i]);
		KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_NO_LUN);
	}
	fake_go(a, FAKE_EXEC);
	fake_expect_good(test, a);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_resets), 0);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
}

/* Nothing to do is done, too. */
static void tmf_empty_test(struct kunit *test)
{
	const enum scst_tm_fn *fn = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	scst_sense_t ua = *fn == SCST_TM_LUN_RESET ? TMF_LUN_RESET_UA :
						      SCST_SENSE_NONE;
	struct fake_tm *tm = fake_tm_lun(test, sess, *fn, 0);

	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_ua(test, sess, ua);
	fake_expect_ua(test, other, ua);
}

/**
 * struct tmf_crowd - commands of three nexuses, all of them stopped
 * @ini: nexus that will send the function
 * @other: another one with a command
 * @idle: one without
 * @own: of @ini, being executed
 * @own_data: of @ini, waiting for Data-Out
 * @own_answer: of @ini, being answered
 * @own_lun1: of @ini, on another LUN
 * @others: of @other, being executed
 */
struct tmf_crowd {
	struct scst_session	*ini;
	struct scst_session	*other;
	struct scst_session	*idle;
	struct fake_cmd		*own;
	struct fake_cmd		*own_data;
	struct fake_cmd		*own_answer;
	struct fake_cmd		*own_lun1;
	struct fake_cmd		*others;
};

static void tmf_gather(struct kunit *test, struct tmf_crowd *c)
{
	fake_add_lun(test, "fake_other", 1);
	c->ini = fake_session(test, "ini");
	c->other = fake_session(test, "other");
	c->idle = fake_session(test, "idle");
	c->own = fake_stop(fake_ready(test, c->ini), FAKE_EXEC);
	c->own_data = fake_stop(fake_write(test, c->ini, 1), FAKE_RDY);
	c->own_answer = fake_stop(fake_read(test, c->ini, 1), FAKE_XMIT);
	c->own_lun1 = fake_stop(tmf_ready(test, c->ini, 1), FAKE_EXEC);
	c->others = fake_stop(fake_ready(test, c->other), FAKE_EXEC);
}

/* One after the other; there is no answer as long as one of them is left. */
static void tmf_disperse_own(struct kunit *test, struct tmf_crowd *c,
			     const struct fake_tm *tm)
{
	fake_tm_pending(test, tm);
	fake_go(c->own, FAKE_EXEC);
	fake_tm_pending(test, tm);
	fake_go(c->own_data, FAKE_RDY);
	fake_tm_pending(test, tm);
	fake_go(c->own_answer, FAKE_XMIT);
}

static void tmf_expect_own_aborted(struct kunit *test, struct tmf_crowd *c)
{
	fake_expect_aborted(test, c->own, true);
	fake_expect_aborted(test, c->own_data, false);
	fake_expect_good(test, c->own_answer);
}

static const enum scst_tm_fn tmf_own_fns[] = {
	SCST_TM_ABORT_TASK_SET, SCST_TM_CLEAR_TASK_SET,
};

KUNIT_ARRAY_PARAM(tmf_own_fn, tmf_own_fns, tmf_lun_fn_desc);

/* Each nexus has a task set of its own. */
static void tmf_task_set_test(struct kunit *test)
{
	const enum scst_tm_fn *fn = test->param_value;
	struct scst_fake *fake = test->priv;
	struct tmf_crowd c;
	struct fake_tm *tm;

	tmf_gather(test, &c);
	tm = fake_tm_lun(test, c.ini, *fn, 0);
	tmf_disperse_own(test, &c, tm);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_resets), 0);
	tmf_expect_own_aborted(test, &c);
	fake_go(c.others, FAKE_EXEC);
	fake_expect_good(test, c.others);
	fake_go(c.own_lun1, FAKE_EXEC);
	fake_expect_good(test, c.own_lun1);
	fake_expect_ua(test, c.ini, SCST_SENSE_NONE);
	fake_expect_ua(test, c.other, SCST_SENSE_NONE);
	fake_expect_ua(test, c.idle, SCST_SENSE_NONE);
}

/* The handler and every nexus are told, when no command is left. */
static void tmf_lun_reset_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct tmf_crowd c;
	struct fake_tm *tm;

	tmf_gather(test, &c);
	tm = fake_tm_lun(test, c.ini, SCST_TM_LUN_RESET, 0);
	tmf_disperse_own(test, &c, tm);
	fake_tm_pending(test, tm);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_resets), 0);
	fake_expect_ua(test, c.idle, SCST_SENSE_NONE);
	fake_go(c.others, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	/* ... for each of the three nexuses. */
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_resets), 3);
	tmf_expect_own_aborted(test, &c);
	fake_expect_aborted(test, c.others, true);
	fake_go(c.own_lun1, FAKE_EXEC);
	fake_expect_good(test, c.own_lun1);
	fake_expect_ua(test, c.ini, TMF_LUN_RESET_UA);
	fake_expect_ua(test, c.ini, SCST_SENSE_NONE);
	fake_expect_ua(test, c.other, TMF_LUN_RESET_UA);
	fake_expect_ua(test, c.idle, TMF_LUN_RESET_UA);
}

static void tmf_target_reset_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_tgt_dev *tgt_dev;
	struct tmf_crowd c;
	struct fake_tm *tm;

	tmf_gather(test, &c);
	tm = fake_tm_lun(test, c.ini, SCST_TM_TARGET_RESET, SCST_LUN_INVALID);
	tmf_disperse_own(test, &c, tm);
	fake_tm_pending(test, tm);
	fake_go(c.others, FAKE_EXEC);
	fake_tm_pending(test, tm);
	fake_go(c.own_lun1, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_resets), 6);
	tmf_expect_own_aborted(test, &c);
	fake_expect_aborted(test, c.others, true);
	fake_expect_aborted(test, c.own_lun1, true);
	fake_expect_ua(test, c.ini, TMF_LUN_RESET_UA);
	fake_expect_ua(test, c.other, TMF_LUN_RESET_UA);
	tgt_dev = fake_nexus(c.idle, 1);
	KUNIT_EXPECT_EQ(test, tgt_dev->ua_pending, BIT(SCST_UA_LUN_RESET));
}

/* Before a fabric ends a session. */
static void tmf_abort_session_test(struct kunit *test)
{
	struct tmf_crowd c;
	struct fake_tm *tm;

	tmf_gather(test, &c);
	tm = fake_tm_lun(test, c.ini, SCST_TM_ABORT_ALL_SESS, SCST_LUN_INVALID);
	tmf_disperse_own(test, &c, tm);
	fake_tm_pending(test, tm);
	fake_go(c.own_lun1, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_own_aborted(test, &c);
	fake_expect_aborted(test, c.own_lun1, true);
	fake_go(c.others, FAKE_EXEC);
	fake_expect_good(test, c.others);
	fake_expect_ua(test, c.other, SCST_SENSE_NONE);
}

/* A reset reaches those that wait for one another, too. */
static void tmf_reset_waiting_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = fake_stop(fake_alone(test, other), FAKE_EXEC);
	struct fake_cmd *b = fake_ready(test, sess);
	struct fake_cmd *c = fake_ready(test, sess);
	struct fake_cmd *d = fake_alone(test, other);
	struct fake_tm *tm;

	b->cmd.attr = SCST_TASK_ORDERED;
	fake_send(b);
	fake_send(c);
	fake_send(d);
	tm = fake_tm_lun(test, sess, SCST_TM_LUN_RESET, 0);
	fake_tm_pending(test, tm);
	fake_expect_aborted(test, b, false);
	fake_expect_aborted(test, c, false);
	fake_expect_aborted(test, d, false);
	fake_go(a, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, a, true);
	fake_expect_ua(test, sess, TMF_LUN_RESET_UA);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
}

static void tmf_many_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fcs[24];
	struct fake_tm *tm;
	int i;

	for (i = 0; i < ARRAY_SIZE(fcs); i++)
		fcs[i] = fake_stop(fake_read(test, sess, 1), FAKE_EXEC);
	tm = fake_tm_lun(test, sess, SCST_TM_LUN_RESET, 0);
	for (i = 0; i < ARRAY_SIZE(fcs); i++) {
		fake_tm_pending(test, tm);
		fake_go(fcs[i], FAKE_EXEC);
	}
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	for (i = 0; i < ARRAY_SIZE(fcs); i++)
		fake_expect_aborted(test, fcs[i], true);
}

/*
 * What the nexus sends after the function is none of its business; what others
 * send is neither before nor after it. The function can't begin as long as the
 * test has the lock.
 */
static void tmf_younger_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = fake_stop(fake_ready(test, sess), FAKE_EXEC);
	struct fake_cmd *b = fake_ready(test, sess);
	struct fake_cmd *c = fake_ready(test, other);
	struct fake_tm *tm;

	scst_config_lock();
	tm = fake_tm_lun(test, sess, SCST_TM_LUN_RESET, 0);
	fake_send_hold(b, FAKE_EXEC);
	fake_send_hold(c, FAKE_EXEC);
	scst_config_unlock();
	fake_tm_pending(test, tm);
	KUNIT_EXPECT_TRUE(test, scst_cmd_aborted(&a->cmd));
	KUNIT_EXPECT_FALSE(test, scst_cmd_aborted(&b->cmd));
	KUNIT_EXPECT_TRUE(test, scst_cmd_aborted(&c->cmd));
	fake_go(a, FAKE_EXEC);
	fake_tm_pending(test, tm);
	fake_go(c, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_go(b, FAKE_EXEC);
	fake_expect_good(test, b);
}

/* Nothing that is optional is there. */
static void tmf_bare_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_tm *tm;

	fake->tmpl.task_mgmt_affected_cmds_done = NULL;
	fake->type.task_mgmt_fn = NULL;
	tm = fake_tm_lun(test, sess, SCST_TM_LUN_RESET, 0);
	KUNIT_ASSERT_NE(test, 0, wait_for_completion_timeout(&tm->done,
							     FAKE_LIMIT));
	KUNIT_EXPECT_EQ(test, tm->response, SCST_TM_COMPLETE);
	fake_expect_ua(test, sess, TMF_LUN_RESET_UA);
}

/* Nobody has heard of the reset yet. */
static void tmf_note_reset(struct scst_tgt_dev *tgt_dev)
{
	struct scst_fake *fake = tgt_dev->sess->fabric_priv;

	if (!test_bit(SCST_UA_LUN_RESET, &tgt_dev->ua_pending))
		atomic_inc(&fake->nr_resets);
}

/* Who is told of a reset finds what it has set. */
static void tmf_reset_told_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_fake *fake = test->priv;
	struct fake_tm *tm;

	fake->type.task_mgmt_fn = tmf_note_reset;
	tm = fake_tm_lun(test, sess, SCST_TM_LUN_RESET, 0);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_resets), 2);
	fake_expect_ua(test, sess, TMF_LUN_RESET_UA);
	fake_expect_ua(test, other, TMF_LUN_RESET_UA);
}

static struct kunit_case tmf_set_test_cases[] = {
	KUNIT_CASE_PARAM(tmf_unknown_lun_test, tmf_lun_fn_gen_params),
	KUNIT_CASE_PARAM(tmf_empty_test, tmf_lun_fn_gen_params),
	KUNIT_CASE_PARAM(tmf_task_set_test, tmf_own_fn_gen_params),
	KUNIT_CASE(tmf_lun_reset_test),
	KUNIT_CASE(tmf_target_reset_test),
	KUNIT_CASE(tmf_abort_session_test),
	KUNIT_CASE(tmf_reset_waiting_test),
	KUNIT_CASE(tmf_many_test),
	KUNIT_CASE(tmf_younger_test),
	KUNIT_CASE(tmf_bare_test),
	KUNIT_CASE(tmf_reset_told_test),
	{}
};

static struct kunit_suite tmf_set_suite = {
	.name = "scst_tmf_set",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = tmf_set_test_cases,
};

kunit_test_suite(tmf_set_suite);
