// SPDX-License-Identifier: GPL-2.0
/*
 * What a CHECK CONDITION does to other commands: QERR with TST, and with NACA.
 */
#include "task_set.h"

/**
 * struct fault_case - which commands a CHECK CONDITION aborts
 * @name: name
 * @tst: TST
 * @qerr: QERR
 * @own: those of its nexus
 * @others: those of others
 */
struct fault_case {
	const char	*name;
	u8		tst;
	u8		qerr;
	bool		own;
	bool		others;
};

static const struct fault_case fault_cases[] = {
	{ "QERR 0", 1, 0, false, false },
	{ "QERR 0, shared", 0, 0, false, false },
	{ "QERR 1", 1, 1, true, false },
	{ "QERR 1, shared", 0, 1, true, true },
	{ "QERR 3", 1, 3, true, false },
	{ "QERR 3, shared", 0, 3, true, false },
};

KUNIT_ARRAY_PARAM_DESC(fault, fault_cases, name);

/**
 * struct fault_crowd - who is there when a command fails
 * @ini: nexus of @fault
 * @other: another one
 * @fault: fails
 * @own: of @ini, being executed
 * @waiting: of @ini, waiting for @own
 * @answered: of @ini, being answered
 * @others: of @other, being executed
 */
struct fault_crowd {
	struct scst_session	*ini;
	struct scst_session	*other;
	struct fake_cmd		*fault;
	struct fake_cmd		*own;
	struct fake_cmd		*waiting;
	struct fake_cmd		*answered;
	struct fake_cmd		*others;
};

static void fault_gather(struct kunit *test, struct fault_crowd *c, bool naca)
{
	c->ini = fake_session(test, "ini");
	c->other = fake_session(test, "other");
	c->others = fake_stop(set_cmd(test, c->other, SCST_TASK_SIMPLE, false),
			      FAKE_EXEC);
	c->own = fake_stop(set_cmd(test, c->ini, SCST_TASK_SIMPLE, false),
			   FAKE_EXEC);
	c->answered = fake_stop(set_cmd(test, c->ini, SCST_TASK_SIMPLE, false),
				FAKE_XMIT);
	c->fault = fake_stop(set_bad(test, c->ini, SCST_TASK_SIMPLE, naca),
			     FAKE_EXEC);
	c->waiting = set_cmd(test, c->ini, SCST_TASK_ORDERED, false);
	fake_send(c->waiting);
}

static void fault_expect(struct kunit *test, struct fake_cmd *fc, bool aborted,
			 bool executed)
{
	fake_wait(fc, FAKE_FREE);
	if (aborted)
		fake_expect_aborted(test, fc, executed);
	else
		fake_expect_good(test, fc);
}

/* The status comes when none of its nexus's commands can do anything more. */
static void fault_answer(struct kunit *test, const struct fault_case *p,
			 struct fault_crowd *c)
{
	fake_go(c->fault, FAKE_EXEC);
	set_settle(test);
	KUNIT_EXPECT_EQ(test, fake_nr(c->fault, FAKE_XMIT), !p->own);
	KUNIT_EXPECT_EQ(test, fake_nr(c->waiting, FAKE_FREE), p->own);
	fake_go(c->own, FAKE_EXEC);
	fake_wait(c->fault, FAKE_FREE);
	fake_expect(test, c->fault, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_HW_ERROR);
}

static void fault_test(struct kunit *test)
{
	const struct fault_case *p = test->param_value;
	struct fault_crowd c;

	set_control(test, p->tst, p->qerr);
	fault_gather(test, &c, false);
	fault_answer(test, p, &c);
	/* What was decided before stays so, and does not hold it up. */
	fake_go(c.answered, FAKE_XMIT);
	fake_go(c.others, FAKE_EXEC);
	fake_expect_good(test, c.answered);
	fault_expect(test, c.own, p->own, true);
	fault_expect(test, c.waiting, p->own, false);
	fault_expect(test, c.others, p->others, true);
	fake_expect_ua(test, c.ini, SCST_SENSE_NONE);
	fake_expect_ua(test, c.other, p->others ? SET_CLEARED_UA :
						  SCST_SENSE_NONE);
	fake_expect_ua(test, c.ini, SCST_SENSE_NONE);
}

/* With an ACA condition, too: what is not aborted is blocked. */
static void fault_aca_test(struct kunit *test)
{
	const struct fault_case *p = test->param_value;
	struct fake_cmd *blocked;
	struct fault_crowd c;

	set_control(test, p->tst, p->qerr);
	fault_gather(test, &c, true);
	blocked = set_early(test, c.other, SCST_TASK_SIMPLE);
	fault_answer(test, p, &c);
	fake_go(c.answered, FAKE_XMIT);
	fake_go(c.others, FAKE_EXEC);
	fake_go(blocked, FAKE_RDY);
	set_settle(test);
	KUNIT_EXPECT_TRUE(test, set_has_aca(c.ini));
	fault_expect(test, c.own, p->own, true);
	fault_expect(test, c.others, p->others, true);
	if (!p->others) {
		/* SAM-5 table 33 */
		KUNIT_EXPECT_EQ(test, fake_nr(blocked, FAKE_EXEC), p->tst);
		KUNIT_EXPECT_EQ(test, fake_nr(c.waiting, FAKE_EXEC), 0);
	}
	set_clear_aca(test, c.ini);
	fault_expect(test, blocked, p->others, false);
	fault_expect(test, c.waiting, p->own, false);
	fake_expect_ua(test, c.ini, SCST_SENSE_NONE);
}

/* With TAS the status of the command says it, and no unit attention. */
static void fault_tas_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct fault_crowd c;

	fake->dev->control.tas = true;
	set_control(test, 0, 1);
	fault_gather(test, &c, false);
	fake_go(c.fault, FAKE_EXEC);
	fake_go(c.own, FAKE_EXEC);
	fake_go(c.answered, FAKE_XMIT);
	/* Another nexus's command does not hold up the status. */
	fake_wait(c.fault, FAKE_FREE);
	fake_go(c.others, FAKE_EXEC);
	fake_wait(c.others, FAKE_FREE);
	fake_expect_ua(test, c.other, SCST_SENSE_NONE);
}

/* Any number of them at once, each of which aborts all others */
static void fault_storm_test(struct kunit *test)
{
	const struct fault_case *p = test->param_value;
	struct scst_session *sess[2];
	struct fake_cmd *fcs[24];
	int i, answered = 0;

	set_control(test, p->tst, p->qerr);
	sess[0] = fake_session(test, "ini");
	sess[1] = fake_session(test, "other");
	for (i = 0; i < ARRAY_SIZE(fcs); i++)
		fcs[i] = fake_stop(set_bad(test, sess[i % 2], SCST_TASK_SIMPLE,
					   i % 3), FAKE_EXEC);
	for (i = 0; i < ARRAY_SIZE(fcs); i++)
		fake_go_context(fcs[i], FAKE_EXEC, true,
				i % 2 ? SCST_CONTEXT_THREAD : SCST_CONTEXT_BH);
	for (i = 0; i < ARRAY_SIZE(fcs); i++) {
		fake_wait(fcs[i], FAKE_FREE);
		answered += fake_nr(fcs[i], FAKE_XMIT);
	}
	KUNIT_EXPECT_GE(test, answered, 1);
	if (!p->own)
		KUNIT_EXPECT_EQ(test, answered, ARRAY_SIZE(fcs));
	set_settle(test);
	set_clear_aca(test, sess[0]);
	set_clear_aca(test, sess[1]);
	fake_clear_ua(sess[0]);
	fake_clear_ua(sess[1]);
	fake_expect_ua(test, sess[0], SCST_SENSE_NONE);
	fake_expect_ua(test, sess[1], SCST_SENSE_NONE);
}

/* A function that aborts what a fault has aborted, or is answered with it */
static void fault_reset_test(struct kunit *test)
{
	struct fault_crowd c;
	struct fake_tm *tm;

	set_control(test, 0, 1);
	fault_gather(test, &c, true);
	fake_go(c.fault, FAKE_EXEC);
	set_settle(test);
	tm = fake_tm_lun(test, c.other, SCST_TM_LUN_RESET, 0);
	fake_tm_pending(test, tm);
	fake_go(c.own, FAKE_EXEC);
	fake_go(c.others, FAKE_EXEC);
	fake_wait(c.fault, FAKE_FREE);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	KUNIT_EXPECT_FALSE(test, set_has_aca(c.ini));
	/* Another nexus's answer, for which nobody has waited */
	fake_go(c.answered, FAKE_XMIT);
	fake_wait(c.answered, FAKE_FREE);
}

/*
 * Another nexus's function that comes when the status is decided, but not yet
 * what it does: that does not come after the end of the function. Which does not
 * wait for the answer. The status waits as long as the test has the lock.
 */
static void fault_decided_test(struct kunit *test)
{
	struct scst_mgmt_cmd *mcmd = kunit_kzalloc(test, sizeof(*mcmd),
						   GFP_KERNEL);
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *own = fake_stop(set_cmd(test, sess, SCST_TASK_SIMPLE,
						 false), FAKE_EXEC);
	struct fake_cmd *fc = fake_stop(set_bad(test, sess, SCST_TASK_SIMPLE,
						false), FAKE_EXEC);
	const struct scst_abort_match match = {
		.tag	= fc->cmd.tag,
		.by_tag	= true,
	};

	KUNIT_ASSERT_NOT_NULL(test, mcmd);
	mcmd->sess = fake_session(test, "other");
	INIT_LIST_HEAD(&mcmd->chunks);
	atomic_set(&mcmd->pending, 1);
	set_control(test, 0, 1);

	scst_config_lock();
	fake_go(fc, FAKE_EXEC);
	scst_abort_session(mcmd, sess, &match);
	KUNIT_EXPECT_FALSE(test, scst_cmd_aborted(&fc->cmd));
	KUNIT_EXPECT_EQ(test, atomic_read(&mcmd->pending), 2);
	scst_config_unlock();
	set_settle(test);
	KUNIT_EXPECT_TRUE(test, scst_cmd_aborted(&own->cmd));
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_XMIT), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&mcmd->pending), 1);
	fake_go(own, FAKE_EXEC);
	fake_wait(fc, FAKE_FREE);
	scst_abort_free_chunks(mcmd);
}

/* The session goes while a status waits for its victims: it is sent first. */
static void fault_session_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct fault_crowd c;

	set_control(test, 0, 1);
	fault_gather(test, &c, true);
	fake_go(c.fault, FAKE_EXEC);
	set_settle(test);
	fake_disown_session(test, c.ini);
	scst_unregister_session(c.ini, false, fake_unreg_done);
	fake_go(c.answered, FAKE_XMIT);
	set_settle(test);
	KUNIT_EXPECT_EQ(test, fake_nr(c.fault, FAKE_XMIT), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_unregs), 0);
	fake_go(c.own, FAKE_EXEC);
	fake_wait(c.fault, FAKE_FREE);
	fake_expect(test, c.fault, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_HW_ERROR);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&fake->unreg,
							     FAKE_LIMIT));
	/* What it has aborted elsewhere outlives it, and its condition ends. */
	fake_go(c.others, FAKE_EXEC);
	fault_expect(test, c.others, true, true);
	fake_expect_ua(test, c.other, SET_CLEARED_UA);
	fake_expect_ua(test, c.other, SCST_SENSE_NONE);
}

/* What comes after the status is not concerned. */
static void fault_younger_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = set_bad(test, sess, SCST_TASK_SIMPLE, false);
	struct fake_cmd *b = set_cmd(test, sess, SCST_TASK_SIMPLE, false);

	set_control(test, 1, 1);
	fake_run(a);
	fake_run(b);
	fake_expect_good(test, b);
}

static struct kunit_case fault_test_cases[] = {
	KUNIT_CASE_PARAM(fault_test, fault_gen_params),
	KUNIT_CASE_PARAM(fault_aca_test, fault_gen_params),
	KUNIT_CASE(fault_tas_test),
	KUNIT_CASE_PARAM(fault_storm_test, fault_gen_params),
	KUNIT_CASE(fault_reset_test),
	KUNIT_CASE(fault_decided_test),
	KUNIT_CASE(fault_session_test),
	KUNIT_CASE(fault_younger_test),
	{}
};

static struct kunit_suite fault_suite = {
	.name = "scst_fault",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = fault_test_cases,
};

kunit_test_suite(fault_suite);
