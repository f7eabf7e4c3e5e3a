// SPDX-License-Identifier: GPL-2.0
/*
 * ACA conditions: established, met by new commands and by those that were there
 * before, and cleared by all that clears them.
 */
#include "task_set.h"

#define ACA_RESET_UA	SCST_SENSE(UNIT_ATTENTION, 0x29, 0x03)
#define ACA_LOSS_UA	SCST_SENSE(UNIT_ATTENTION, 0x29, 0x07)

/* Commands that come, by nexus and TST: attribute and NACA (SAM-5 5.9) */
static const struct aca_new {
	const char	*name;
	u8		tst;
	bool		other;
	u8		status[4][2];
} aca_news[] = {
#define GO SAM_STAT_GOOD
#define AA SAM_STAT_ACA_ACTIVE
#define BU SAM_STAT_BUSY
#define CC SAM_STAT_CHECK_CONDITION
	{ "faulted", 1, false,
	  { { AA, AA }, { AA, AA }, { AA, AA }, { GO, GO } } },
	{ "faulted, shared", 0, false,
	  { { AA, AA }, { AA, AA }, { AA, AA }, { GO, GO } } },
	{ "other", 1, true,
	  { { GO, GO }, { GO, GO }, { GO, GO }, { CC, 0xff } } },
	{ "other, shared", 0, true,
	  { { BU, AA }, { BU, AA }, { BU, AA }, { AA, AA } } },
#undef GO
#undef AA
#undef BU
#undef CC
};

KUNIT_ARRAY_PARAM_DESC(aca_new, aca_news, name);

static void aca_new_test(struct kunit *test)
{
	const struct aca_new *p = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	int attr, naca;

	set_control(test, p->tst, 0);
	set_fault(test, sess);
	KUNIT_EXPECT_TRUE(test, set_has_aca(sess));
	KUNIT_EXPECT_FALSE(test, set_has_aca(other));
	for (attr = SCST_TASK_SIMPLE; attr <= SCST_TASK_ACA; attr++) {
		for (naca = 0; naca < 2; naca++) {
			/* It would establish one of its own. */
			if (p->status[attr][naca] == 0xff)
				continue;
			set_expect_status(test, set_cmd(test, p->other ?
							other : sess, attr,
							naca),
					  p->status[attr][naca]);
		}
	}
	KUNIT_EXPECT_TRUE(test, set_has_aca(sess));
	set_clear_aca(test, sess);
	KUNIT_EXPECT_FALSE(test, set_has_aca(sess));
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	fake_expect_ua(test, other, SCST_SENSE_NONE);
}

/* No CHECK CONDITION without NACA, no other status with it */
static void aca_none_test(struct kunit *test)
{
	static const u8 cdb[6] = { 0x01, [5] = SET_NACA };
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = set_bad(test, sess, SCST_TASK_SIMPLE, false);
	struct fake_cmd *b = set_cmd(test, sess, SCST_TASK_SIMPLE, true);
	struct fake_cmd *c = fake_cdb(test, sess, 0, cdb, sizeof(cdb));
	struct fake_cmd *d = fake_cdb(test, sess, 3, cdb, sizeof(cdb));

	fake_run(a);
	KUNIT_EXPECT_FALSE(test, set_has_aca(sess));
	b->exec_status = SAM_STAT_TASK_SET_FULL;
	fake_run(b);
	KUNIT_EXPECT_FALSE(test, set_has_aca(sess));
	/* There is no logical unit, hence no task set. */
	fake_run(d);
	fake_expect(test, d, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_LUN_NOT_SUPPORTED);
	KUNIT_EXPECT_FALSE(test, set_has_aca(sess));
	/* What is no command ends with CHECK CONDITION, too. */
	fake_run(c);
	fake_expect(test, c, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_INVALID_OPCODE);
	KUNIT_EXPECT_TRUE(test, set_has_aca(sess));
}

/* A unit attention is reported to an ACA command, and is a CHECK CONDITION. */
static void aca_ua_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = set_cmd(test, sess, SCST_TASK_SIMPLE, true);
	struct fake_cmd *b = set_cmd(test, sess, SCST_TASK_ACA, true);
	struct scst_fake *fake = test->priv;

	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	fake_run(a);
	KUNIT_EXPECT_TRUE(test, set_has_aca(sess));
	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	fake_run(b);
	fake_expect(test, b, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x01));
	KUNIT_EXPECT_TRUE(test, set_has_aca(sess));
	set_expect_status(test, set_cmd(test, sess, SCST_TASK_ACA, false),
			  SAM_STAT_GOOD);
}

/* An ACA command that fails ends the condition, or establishes a new one. */
static void aca_fails_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = set_early(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *b = set_bad(test, sess, SCST_TASK_ACA, true);
	struct fake_cmd *c = set_bad(test, sess, SCST_TASK_ACA, false);

	set_fault(test, sess);
	fake_go(a, FAKE_RDY);
	fake_run(b);
	KUNIT_EXPECT_TRUE(test, set_has_aca(sess));
	set_expect_exec(test, a, false);
	fake_run(c);
	KUNIT_EXPECT_FALSE(test, set_has_aca(sess));
	fake_expect_good(test, a);
}

/* One ACA command at a time; the next as soon as that one is answered */
static void aca_one_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = set_cmd(test, sess, SCST_TASK_ACA, false);

	set_fault(test, sess);
	a->hold = BIT(FAKE_EXEC) | BIT(FAKE_XMIT);
	fake_send(a);
	fake_wait(a, FAKE_EXEC);
	set_expect_status(test, set_cmd(test, sess, SCST_TASK_ACA, false),
			  SAM_STAT_ACA_ACTIVE);
	fake_go(a, FAKE_EXEC);
	fake_wait(a, FAKE_XMIT);
	set_expect_status(test, set_cmd(test, sess, SCST_TASK_ACA, false),
			  SAM_STAT_GOOD);
	fake_go(a, FAKE_XMIT);
	fake_expect_good(test, a);
}

static void aca_tmf_only_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;

	fake->dev->control.tmf_only = true;
	scst_task_set_update(fake->dev);
	set_fault(test, sess);
	set_expect_status(test, set_cmd(test, sess, SCST_TASK_ACA, false),
			  SAM_STAT_ACA_ACTIVE);
	set_clear_aca(test, sess);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
}

/* Those that were there: of the faulted nexus, and of another one */
static void aca_blocked(struct kunit *test, u8 tst)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *own[3], *others, *running, *fault;
	int attr;

	set_control(test, tst, 0);
	running = fake_stop(set_cmd(test, other, SCST_TASK_SIMPLE, false),
			    FAKE_EXEC);
	own[0] = set_early(test, sess, SCST_TASK_SIMPLE);
	others = set_early(test, other, SCST_TASK_SIMPLE);
	fault = fake_stop(set_bad(test, sess, SCST_TASK_SIMPLE, true),
			  FAKE_EXEC);
	own[1] = set_early(test, sess, SCST_TASK_HEAD);
	own[2] = set_early(test, sess, SCST_TASK_ORDERED);
	fake_go(fault, FAKE_EXEC);
	fake_wait(fault, FAKE_FREE);
	KUNIT_EXPECT_TRUE(test, set_has_aca(sess));
	/* What is in the store already cannot be called back. */
	fake_go(running, FAKE_EXEC);
	fake_expect_good(test, running);

	for (attr = 0; attr < 3; attr++)
		fake_go(own[attr], FAKE_RDY);
	fake_go(others, FAKE_RDY);
	for (attr = 0; attr < 3; attr++)
		set_expect_exec(test, own[attr], false);
	set_expect_exec(test, others, tst);

	/* Of another nexus it has no effect. */
	set_clear_aca(test, other);
	set_expect_exec(test, own[0], false);
	set_clear_aca(test, sess);
	for (attr = 0; attr < 3; attr++)
		fake_expect_good(test, own[attr]);
	fake_expect_good(test, others);
}

static void aca_blocked_test(struct kunit *test)
{
	aca_blocked(test, 1);
}

static void aca_blocked_shared_test(struct kunit *test)
{
	aca_blocked(test, 0);
}

/* Those that waited for a command that runs alone do not slip through. */
static void aca_gate_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a, *b, *c, *d;

	a = fake_stop(set_bad(test, sess, SCST_TASK_SIMPLE, true), FAKE_EXEC);
	b = fake_send_hold(fake_alone(test, other), FAKE_EXEC);
	c = fake_alone(test, sess);
	fake_send(c);
	d = set_cmd(test, sess, SCST_TASK_SIMPLE, false);
	fake_send(d);
	fake_go(a, FAKE_EXEC);
	fake_wait(b, FAKE_EXEC);
	fake_go(b, FAKE_EXEC);
	set_expect_exec(test, c, false);
	set_expect_exec(test, d, false);
	/* They are in nobody's way, not even where one must be alone. */
	b = fake_alone(test, sess);
	b->cmd.attr = SCST_TASK_ACA;
	fake_run(b);
	fake_expect_good(test, b);
	set_clear_aca(test, sess);
	fake_expect_good(test, c);
	fake_expect_good(test, d);
}

/* SAM-5 7.4: to an ACA command it is ABORT TASK. */
static void aca_clear_aborts_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = set_early(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *b = set_cmd(test, sess, SCST_TASK_ACA, false);
	struct fake_tm *tm;

	set_fault(test, sess);
	fake_go(a, FAKE_RDY);
	fake_stop(b, FAKE_EXEC);
	tm = fake_tm_lun(test, sess, SCST_TM_CLEAR_ACA, 0);
	fake_tm_pending(test, tm);
	fake_expect_good(test, a);
	fake_go(b, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, b, true);
	/* Nothing is left of it. */
	set_fault(test, sess);
	set_expect_status(test, set_cmd(test, sess, SCST_TASK_ACA, false),
			  SAM_STAT_GOOD);
}

static void aca_clear_nothing_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = set_early(test, sess, SCST_TASK_SIMPLE);
	struct fake_tm *tm;

	set_clear_aca(test, sess);
	fake_go(a, FAKE_RDY);
	fake_expect_good(test, a);
	tm = fake_tm_lun(test, sess, SCST_TM_CLEAR_ACA, 1);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_NO_LUN);
}

static void aca_abort_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = set_early(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *b = set_early(test, sess, SCST_TASK_SIMPLE);
	struct fake_tm *tm;

	set_fault(test, sess);
	fake_go(a, FAKE_RDY);
	fake_go(b, FAKE_RDY);
	set_expect_exec(test, a, false);
	tm = fake_tm_tag(test, sess, a->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, a, false);
	tm = fake_tm_lun(test, sess, SCST_TM_ABORT_TASK_SET, 0);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, b, false);
	KUNIT_EXPECT_TRUE(test, set_has_aca(sess));
}

static const struct aca_clear {
	enum scst_tm_fn	fn;
	bool		others;	/* it may come from another nexus */
	scst_sense_t	ua;
} aca_clears[] = {
	{ SCST_TM_LUN_RESET, true, ACA_RESET_UA },
	{ SCST_TM_TARGET_RESET, true, ACA_RESET_UA },
	{ SCST_TM_NEXUS_RESET, false, ACA_LOSS_UA },
};

static void aca_clear_desc(const struct aca_clear *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "function %d", c->fn);
}

KUNIT_ARRAY_PARAM(aca_clear, aca_clears, aca_clear_desc);

/* All nexuses' conditions, and all that they block */
static void aca_reset_test(struct kunit *test)
{
	const struct aca_clear *p = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = set_early(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *b = set_early(test, other, SCST_TASK_ORDERED);
	struct fake_tm *tm;

	set_fault(test, sess);
	fake_go(a, FAKE_RDY);
	fake_go(b, FAKE_RDY);
	fake_expect_good(test, b);
	set_expect_exec(test, a, false);
	tm = fake_tm_lun(test, p->others ? other : sess, p->fn, 0);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, a, false);
	KUNIT_EXPECT_FALSE(test, set_has_aca(sess));
	fake_expect_ua(test, sess, p->ua);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
}

/* The faulted nexus goes: what it has blocked of others goes on. */
static void aca_session_end_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = set_early(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *b = set_early(test, other, SCST_TASK_SIMPLE);
	struct fake_cmd *c = set_bad(test, sess, SCST_TASK_SIMPLE, true);
	struct scst_fake *fake = test->priv;

	fake_stop(c, FAKE_EXEC);
	set_control(test, 0, 0);
	set_fault(test, sess);
	fake_go(a, FAKE_RDY);
	fake_go(b, FAKE_RDY);
	set_expect_exec(test, a, false);
	set_expect_exec(test, b, false);
	fake_disown_session(test, sess);
	scst_unregister_session(sess, false, fake_unreg_done);
	fake_expect_good(test, a);
	fake_expect_good(test, b);
	/* It can have no new one. */
	fake_go(c, FAKE_EXEC);
	fake_wait(c, FAKE_FREE);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&fake->unreg,
							     FAKE_LIMIT));
	KUNIT_EXPECT_EQ(test, fake->dev->task_set.nr_aca, 0);
	fake_expect_ua(test, other, SCST_SENSE_NONE);
}

/* It gets a LUN while it waits for a command: no ACA condition there either */
static void aca_session_end_lun_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_stop(fake_ready(test, sess), FAKE_EXEC);
	struct scst_fake *fake = test->priv;

	fake_disown_session(test, sess);
	scst_unregister_session(sess, false, fake_unreg_done);
	fake_add_lun(test, "fake_other", 1);
	KUNIT_EXPECT_TRUE(test, fake_nexus(sess, 1)->aca_never);
	fake_go(fc, FAKE_EXEC);
	fake_wait(fc, FAKE_FREE);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&fake->unreg,
							     FAKE_LIMIT));
}

/* It loses just the LUN. */
static void aca_lun_end_test(struct kunit *test)
{
	static const u8 cdb[6] = { TEST_UNIT_READY, [5] = SET_NACA };
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;
	struct scst_device *dev;
	struct fake_cmd *a, *b;

	dev = fake_add_lun(test, "fake_other", 1);
	sess = fake_session(test, "ini");
	a = fake_stop(fake_cdb(test, sess, 1, cdb, sizeof(cdb)), FAKE_EXEC);
	b = fake_cdb(test, sess, 1, cdb, sizeof(cdb));
	b->exec_sense = SCST_SENSE_HW_ERROR;
	fake_run(b);
	KUNIT_EXPECT_EQ(test, dev->task_set.nr_aca, 1);
	scst_acg_lun_unlink(&fake->luns[1], dev);
	KUNIT_EXPECT_EQ(test, dev->task_set.nr_aca, 0);
	fake_go(a, FAKE_EXEC);
	fake_expect_good(test, a);
	set_settle(test);
	KUNIT_EXPECT_EQ(test, 0, scst_acg_lun_link(&fake->luns[1], dev));
}

/* One task set for all does not make the others' conditions one. */
static void aca_change_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_session *third = fake_session(test, "third");
	struct fake_cmd *a = set_early(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *b = set_early(test, third, SCST_TASK_SIMPLE);

	set_fault(test, sess);
	set_fault(test, other);
	fake_go(a, FAKE_RDY);
	set_control(test, 0, 0);
	fake_go(b, FAKE_RDY);
	set_expect_exec(test, b, false);
	set_clear_aca(test, sess);
	set_expect_exec(test, a, false);
	set_expect_exec(test, b, false);
	/* The change itself lets those go that it concerns. */
	set_control(test, 1, 0);
	fake_expect_good(test, a);
	fake_expect_good(test, b);
	set_expect_status(test, set_cmd(test, other, SCST_TASK_SIMPLE, false),
			  SAM_STAT_ACA_ACTIVE);
	set_clear_aca(test, other);
}

static struct kunit_case aca_test_cases[] = {
	KUNIT_CASE_PARAM(aca_new_test, aca_new_gen_params),
	KUNIT_CASE(aca_none_test),
	KUNIT_CASE(aca_ua_test),
	KUNIT_CASE(aca_fails_test),
	KUNIT_CASE(aca_one_test),
	KUNIT_CASE(aca_tmf_only_test),
	KUNIT_CASE(aca_blocked_test),
	KUNIT_CASE(aca_blocked_shared_test),
	KUNIT_CASE(aca_gate_test),
	KUNIT_CASE(aca_clear_aborts_test),
	KUNIT_CASE(aca_clear_nothing_test),
	KUNIT_CASE(aca_abort_test),
	KUNIT_CASE_PARAM(aca_reset_test, aca_clear_gen_params),
	KUNIT_CASE(aca_session_end_test),
	KUNIT_CASE(aca_session_end_lun_test),
	KUNIT_CASE(aca_lun_end_test),
	KUNIT_CASE(aca_change_test),
	{}
};

static struct kunit_suite aca_suite = {
	.name = "scst_aca",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = aca_test_cases,
};

kunit_test_suite(aca_suite);
