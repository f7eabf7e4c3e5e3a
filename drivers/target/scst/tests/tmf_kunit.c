// SPDX-License-Identifier: GPL-2.0
/*
 * Task management: what is aborted, what is not, and that a function answers
 * only when nothing that it affects can touch anything any more.
 */
#include "fake.h"

#define TMF_LUN_RESET_UA	SCST_SENSE(UNIT_ATTENTION, 0x29, 0x03)
#define TMF_CLEARED_UA		SCST_SENSE(UNIT_ATTENTION, 0x2f, 0x00)

/* A command that stops at a callback, or that waits before it */
static struct fake_cmd *tmf_send(struct fake_cmd *fc, enum fake_at at)
{
	fc->hold = BIT(at);
	fake_send(fc);
	return fc;
}

static struct fake_cmd *tmf_stop(struct fake_cmd *fc, enum fake_at at)
{
	tmf_send(fc, at);
	fake_wait(fc, at);
	return fc;
}

static struct fake_cmd *tmf_ready(struct kunit *test, struct scst_session *sess,
				  u64 lun)
{
	static const u8 cdb[6] = { TEST_UNIT_READY };

	return fake_cdb(test, sess, lun, cdb, sizeof(cdb));
}

/* Everything that does not wait for the test has happened: not the answer. */
static void tmf_expect_pending(struct kunit *test, const struct fake_tm *tm)
{
	fake_settle(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&tm->nr_affected), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&tm->nr_done), 0);
}

/* It ended, and the initiator has heard nothing of it. */
static void tmf_expect_aborted(struct kunit *test, const struct fake_cmd *fc,
			       bool executed)
{
	KUNIT_EXPECT_EQ_MSG(test, fake_nr(fc, FAKE_FREE), 1, "command %c",
			    fc->name);
	KUNIT_EXPECT_EQ_MSG(test, fake_nr(fc, FAKE_XMIT), 0, "command %c",
			    fc->name);
	KUNIT_EXPECT_EQ_MSG(test, fake_nr(fc, FAKE_EXEC), executed,
			    "command %c", fc->name);
}

static void tmf_expect_good(struct kunit *test, struct fake_cmd *fc)
{
	fake_wait(fc, FAKE_FREE);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
}

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
		fc = tmf_stop(fake_write(test, sess, 1), stage->at);
		KUNIT_EXPECT_FALSE(test, scst_cmd_aborted(&fc->cmd));
		tm = fake_tm_tag(test, sess, fc->cmd.tag);
		tmf_expect_pending(test, tm);
		KUNIT_EXPECT_TRUE(test, scst_cmd_aborted(&fc->cmd));
		fake_go_context(fc, stage->at, true, contexts[i]);
		KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
		tmf_expect_aborted(test, fc, stage->executed);
	}
	fc = fake_write(test, sess, 1);
	fake_run(fc);
	tmf_expect_good(test, fc);
}

/* The Data-Out of an aborted command fails to come. */
static void tmf_abort_no_data_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = tmf_stop(fake_write(test, sess, 1), FAKE_RDY);
	struct fake_tm *tm = fake_tm_tag(test, sess, fc->cmd.tag);

	tmf_expect_pending(test, tm);
	fake_go_context(fc, FAKE_RDY, false, SCST_CONTEXT_DIRECT);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_aborted(test, fc, false);
}

/* The response has won; still the function waits until it is out. */
static void tmf_abort_late_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = tmf_stop(fake_read(test, sess, 1), FAKE_XMIT);
	struct fake_tm *tm = fake_tm_tag(test, sess, fc->cmd.tag);

	tmf_expect_pending(test, tm);
	KUNIT_EXPECT_FALSE(test, scst_cmd_aborted(&fc->cmd));
	fake_go(fc, FAKE_XMIT);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_NO_TASK);
	tmf_expect_good(test, fc);
}

/* Two functions for one command: one aborts it, both wait for it. */
static void tmf_abort_twice_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = tmf_stop(fake_read(test, sess, 1), FAKE_EXEC);
	struct fake_tm *first = fake_tm_tag(test, sess, fc->cmd.tag);
	struct fake_tm *second;

	tmf_expect_pending(test, first);
	second = fake_tm_tag(test, sess, fc->cmd.tag);
	tmf_expect_pending(test, second);
	fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, first), SCST_TM_COMPLETE);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, second), SCST_TM_NO_TASK);
	tmf_expect_aborted(test, fc, true);
}

/* A tag is one of its nexus; others' commands are not touched. */
static void tmf_unknown_tag_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = tmf_stop(fake_ready(test, sess), FAKE_EXEC);
	struct fake_cmd *b = tmf_stop(fake_ready(test, other), FAKE_EXEC);
	struct fake_tm *tm;

	tm = fake_tm_tag(test, sess, b->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_NO_TASK);
	tm = fake_tm_tag(test, sess, ~0ULL);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_NO_TASK);
	fake_go(a, FAKE_EXEC);
	fake_go(b, FAKE_EXEC);
	tmf_expect_good(test, a);
	tmf_expect_good(test, b);
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
	tmf_stop(a, FAKE_EXEC);
	tmf_send(b, FAKE_EXEC);
	tmf_send(c, FAKE_EXEC);
	fake_send(d);
	tm = fake_tm_tag(test, sess, b->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_aborted(test, b, false);
	tm = fake_tm_tag(test, sess, c->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_aborted(test, c, false);
	fake_settle(test);
	KUNIT_EXPECT_STREQ(test, fake->log, "a");
	fake_go(a, FAKE_EXEC);
	tmf_expect_good(test, a);
	tmf_expect_good(test, d);
	KUNIT_EXPECT_STREQ(test, fake->log, "aAdD");
}

/* The same for those that wait for one that runs alone on the device. */
static void tmf_abort_at_gate_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = tmf_stop(fake_alone(test, other), FAKE_EXEC);
	struct fake_cmd *b = tmf_send(fake_ready(test, sess), FAKE_EXEC);
	struct fake_cmd *c = tmf_send(fake_alone(test, sess), FAKE_EXEC);
	struct fake_cmd *d = fake_ready(test, other);
	struct scst_fake *fake = test->priv;
	struct fake_tm *tm;

	fake_send(d);
	tm = fake_tm_tag(test, sess, b->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_aborted(test, b, false);
	tm = fake_tm_tag(test, sess, c->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_aborted(test, c, false);
	fake_settle(test);
	KUNIT_EXPECT_STREQ(test, fake->log, "a");
	fake_go(a, FAKE_EXEC);
	tmf_expect_good(test, a);
	tmf_expect_good(test, d);
	KUNIT_EXPECT_STREQ(test, fake->log, "aAdD");
	a = fake_alone(test, sess);
	fake_run(a);
	tmf_expect_good(test, a);
}

/* An aborted ORDERED command holds its place until it has ended. */
static void tmf_abort_ordered_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = fake_ready(test, sess);
	struct fake_cmd *b = fake_ready(test, sess);
	struct fake_tm *tm;

	a->cmd.attr = SCST_TASK_ORDERED;
	tmf_stop(a, FAKE_EXEC);
	fake_send(b);
	tm = fake_tm_tag(test, sess, a->cmd.tag);
	tmf_expect_pending(test, tm);
	KUNIT_EXPECT_EQ(test, fake_nr(b, FAKE_EXEC), 0);
	fake_go(a, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_aborted(test, a, true);
	tmf_expect_good(test, b);
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
	struct fake_cmd *a = tmf_stop(fake_ready(test, sess), FAKE_EXEC);
	struct scst_fake *fake = test->priv;
	struct fake_tm *tm;
	int i;

	for (i = 0; i < ARRAY_SIZE(luns); i++) {
		tm = fake_tm_lun(test, sess, *fn, luns[i]);
		KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_NO_LUN);
	}
	fake_go(a, FAKE_EXEC);
	tmf_expect_good(test, a);
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
	c->own = tmf_stop(fake_ready(test, c->ini), FAKE_EXEC);
	c->own_data = tmf_stop(fake_write(test, c->ini, 1), FAKE_RDY);
	c->own_answer = tmf_stop(fake_read(test, c->ini, 1), FAKE_XMIT);
	c->own_lun1 = tmf_stop(tmf_ready(test, c->ini, 1), FAKE_EXEC);
	c->others = tmf_stop(fake_ready(test, c->other), FAKE_EXEC);
}

/* One after the other; there is no answer as long as one of them is left. */
static void tmf_disperse_own(struct kunit *test, struct tmf_crowd *c,
			     const struct fake_tm *tm)
{
	tmf_expect_pending(test, tm);
	fake_go(c->own, FAKE_EXEC);
	tmf_expect_pending(test, tm);
	fake_go(c->own_data, FAKE_RDY);
	tmf_expect_pending(test, tm);
	fake_go(c->own_answer, FAKE_XMIT);
}

static void tmf_expect_own_aborted(struct kunit *test, struct tmf_crowd *c)
{
	tmf_expect_aborted(test, c->own, true);
	tmf_expect_aborted(test, c->own_data, false);
	tmf_expect_good(test, c->own_answer);
}

static void tmf_abort_task_set_test(struct kunit *test)
{
	struct tmf_crowd c;
	struct fake_tm *tm;

	tmf_gather(test, &c);
	tm = fake_tm_lun(test, c.ini, SCST_TM_ABORT_TASK_SET, 0);
	tmf_disperse_own(test, &c, tm);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_own_aborted(test, &c);
	fake_go(c.others, FAKE_EXEC);
	tmf_expect_good(test, c.others);
	fake_go(c.own_lun1, FAKE_EXEC);
	tmf_expect_good(test, c.own_lun1);
	fake_expect_ua(test, c.ini, SCST_SENSE_NONE);
	fake_expect_ua(test, c.other, SCST_SENSE_NONE);
}

/* Told are those whose commands somebody else has cleared, and only they. */
static void tmf_clear_task_set_test(struct kunit *test)
{
	struct tmf_crowd c;
	struct fake_tm *tm;

	tmf_gather(test, &c);
	tm = fake_tm_lun(test, c.ini, SCST_TM_CLEAR_TASK_SET, 0);
	tmf_disperse_own(test, &c, tm);
	tmf_expect_pending(test, tm);
	fake_go(c.others, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_own_aborted(test, &c);
	tmf_expect_aborted(test, c.others, true);
	fake_go(c.own_lun1, FAKE_EXEC);
	tmf_expect_good(test, c.own_lun1);
	fake_expect_ua(test, c.ini, SCST_SENSE_NONE);
	fake_expect_ua(test, c.other, TMF_CLEARED_UA);
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
	tmf_expect_pending(test, tm);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_resets), 0);
	fake_expect_ua(test, c.idle, SCST_SENSE_NONE);
	fake_go(c.others, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_resets), 1);
	tmf_expect_own_aborted(test, &c);
	tmf_expect_aborted(test, c.others, true);
	fake_go(c.own_lun1, FAKE_EXEC);
	tmf_expect_good(test, c.own_lun1);
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
	tmf_expect_pending(test, tm);
	fake_go(c.others, FAKE_EXEC);
	tmf_expect_pending(test, tm);
	fake_go(c.own_lun1, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_resets), 2);
	tmf_expect_own_aborted(test, &c);
	tmf_expect_aborted(test, c.others, true);
	tmf_expect_aborted(test, c.own_lun1, true);
	fake_expect_ua(test, c.ini, TMF_LUN_RESET_UA);
	fake_expect_ua(test, c.other, TMF_LUN_RESET_UA);
	tgt_dev = xa_load(&c.idle->luns, 1);
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
	tmf_expect_pending(test, tm);
	fake_go(c.own_lun1, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_own_aborted(test, &c);
	tmf_expect_aborted(test, c.own_lun1, true);
	fake_go(c.others, FAKE_EXEC);
	tmf_expect_good(test, c.others);
	fake_expect_ua(test, c.other, SCST_SENSE_NONE);
}

/* A reset reaches those that wait for one another, too. */
static void tmf_reset_waiting_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = tmf_stop(fake_alone(test, other), FAKE_EXEC);
	struct fake_cmd *b = fake_ready(test, sess);
	struct fake_cmd *c = fake_ready(test, sess);
	struct fake_cmd *d = fake_alone(test, other);
	struct fake_tm *tm;

	b->cmd.attr = SCST_TASK_ORDERED;
	fake_send(b);
	fake_send(c);
	fake_send(d);
	tm = fake_tm_lun(test, sess, SCST_TM_LUN_RESET, 0);
	tmf_expect_pending(test, tm);
	tmf_expect_aborted(test, b, false);
	tmf_expect_aborted(test, c, false);
	tmf_expect_aborted(test, d, false);
	fake_go(a, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_aborted(test, a, true);
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
		fcs[i] = tmf_stop(fake_read(test, sess, 1), FAKE_EXEC);
	tm = fake_tm_lun(test, sess, SCST_TM_LUN_RESET, 0);
	for (i = 0; i < ARRAY_SIZE(fcs); i++) {
		tmf_expect_pending(test, tm);
		fake_go(fcs[i], FAKE_EXEC);
	}
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	for (i = 0; i < ARRAY_SIZE(fcs); i++)
		tmf_expect_aborted(test, fcs[i], true);
}

/* A function that waits keeps its session. */
static void tmf_keeps_session_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = tmf_stop(fake_read(test, sess, 1), FAKE_EXEC);
	struct fake_tm *tm = fake_tm_tag(test, sess, fc->cmd.tag);
	struct scst_fake *fake = test->priv;

	fake_disown_session(test, sess);
	scst_unregister_session(sess, false, fake_unreg_done);
	tmf_expect_pending(test, tm);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_unregs), 0);
	fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&fake->unreg,
							     FAKE_LIMIT));
	tmf_expect_aborted(test, fc, true);
}

/* One that comes before the session is ready finds its commands all the same */
static void tmf_early_test(struct kunit *test)
{
	static const u8 cdb[6] = { INQUIRY, 0, 0, 0, 96, 0 };
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;
	struct fake_cmd *fc;
	struct fake_tm *tm;

	mutex_lock(&scst_config_mutex);
	sess = scst_register_session(fake->tgt, "ini", fake, GFP_KERNEL,
				     fake_init_done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sess);
	fake_own_session(test, sess);
	fc = tmf_send(fake_cdb(test, sess, 0, cdb, sizeof(cdb)), FAKE_EXEC);
	tm = fake_tm_tag(test, sess, fc->cmd.tag);
	KUNIT_EXPECT_EQ(test, atomic_read(&tm->nr_done), 0);
	mutex_unlock(&scst_config_mutex);

	/* It is aborted on its way to the executor, or while it stops there. */
	fake_settle(test);
	if (fake_nr(fc, FAKE_EXEC))
		fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tmf_expect_aborted(test, fc, fake_nr(fc, FAKE_EXEC));
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

static struct kunit_case tmf_test_cases[] = {
	KUNIT_CASE_PARAM(tmf_abort_test, tmf_stage_gen_params),
	KUNIT_CASE(tmf_abort_no_data_test),
	KUNIT_CASE(tmf_abort_late_test),
	KUNIT_CASE(tmf_abort_twice_test),
	KUNIT_CASE(tmf_unknown_tag_test),
	KUNIT_CASE(tmf_abort_in_order_test),
	KUNIT_CASE(tmf_abort_at_gate_test),
	KUNIT_CASE(tmf_abort_ordered_test),
	KUNIT_CASE_PARAM(tmf_unknown_lun_test, tmf_lun_fn_gen_params),
	KUNIT_CASE_PARAM(tmf_empty_test, tmf_lun_fn_gen_params),
	KUNIT_CASE(tmf_abort_task_set_test),
	KUNIT_CASE(tmf_clear_task_set_test),
	KUNIT_CASE(tmf_lun_reset_test),
	KUNIT_CASE(tmf_target_reset_test),
	KUNIT_CASE(tmf_abort_session_test),
	KUNIT_CASE(tmf_reset_waiting_test),
	KUNIT_CASE(tmf_many_test),
	KUNIT_CASE(tmf_keeps_session_test),
	KUNIT_CASE(tmf_early_test),
	KUNIT_CASE(tmf_bare_test),
	{}
};

static struct kunit_suite tmf_suite = {
	.name = "scst_tmf",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = tmf_test_cases,
};

kunit_test_suite(tmf_suite);
