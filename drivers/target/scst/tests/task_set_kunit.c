// SPDX-License-Identifier: GPL-2.0
/*
 * The order of task sets of one nexus and of all of them (TST), what QAM does
 * to it, and that changing them loses nobody.
 */
#include "task_set.h"

static struct fake_cmd *set_send(struct kunit *test, struct scst_session *sess,
				 enum scst_task_attr attr)
{
	return fake_send_hold(set_cmd(test, sess, attr, false), FAKE_EXEC);
}

static void set_end(struct fake_cmd *fc)
{
	fake_wait(fc, FAKE_EXEC);
	fake_go(fc, FAKE_EXEC);
	fake_wait(fc, FAKE_FREE);
}

/**
 * struct set_pair - two commands
 * @name: name
 * @tst: TST
 * @other: the younger one is another nexus's
 * @goes: by attributes, older one first: the younger one does not wait
 */
struct set_pair {
	const char	*name;
	u8		tst;
	bool		other;
	bool		goes[3][3];
};

static const struct set_pair set_pairs[] = {
	/* SAM-5 8.9: after SIMPLE, ORDERED and HEAD OF QUEUE */
	{ "own", 1, false,
	  { { true, false, true }, { false, false, true },
	    { false, false, true } } },
	{ "own, shared", 0, false,
	  { { true, false, true }, { false, false, true },
	    { false, false, true } } },
	{ "other, shared", 0, true,
	  { { true, false, true }, { false, false, true },
	    { false, false, true } } },
	{ "other", 1, true,
	  { { true, true, true }, { true, true, true },
	    { true, true, true } } },
};

KUNIT_ARRAY_PARAM_DESC(set_pair, set_pairs, name);

static void set_pair_test(struct kunit *test)
{
	const struct set_pair *p = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a, *b;
	int older, younger;

	set_control(test, p->tst, 0);
	for (older = SCST_TASK_SIMPLE; older <= SCST_TASK_HEAD; older++) {
		for (younger = SCST_TASK_SIMPLE; younger <= SCST_TASK_HEAD;
		     younger++) {
			a = set_send(test, sess, older);
			fake_wait(a, FAKE_EXEC);
			b = set_send(test, p->other ? other : sess, younger);
			fake_settle(test);
			KUNIT_EXPECT_EQ_MSG(test, fake_nr(b, FAKE_EXEC),
					    p->goes[older][younger],
					    "%d before %d", older, younger);
			set_end(a);
			set_end(b);
		}
	}
}

/* As if it were HEAD OF QUEUE, and not one that others have to wait for */
static void set_implicit_head_test(struct kunit *test)
{
	static const u8 cdb[6] = { INQUIRY };
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = set_send(test, sess, SCST_TASK_ORDERED);
	struct fake_cmd *b = set_send(test, sess, SCST_TASK_ORDERED);
	struct fake_cmd *c = fake_cdb(test, sess, 0, cdb, sizeof(cdb));
	struct fake_cmd *d = fake_cdb(test, sess, 0, cdb, sizeof(cdb));

	fake_wait(a, FAKE_EXEC);
	fake_run(c);
	fake_expect_good(test, c);
	d->cmd.attr = SCST_TASK_ORDERED;
	fake_run(d);
	fake_expect_good(test, d);
	set_expect_exec(test, b, false);
	set_end(a);
	set_end(b);
}

/* Three nexuses in one line */
static void set_shared_order_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_session *third = fake_session(test, "third");
	struct fake_cmd *a, *b, *c, *d;

	set_control(test, 0, 0);
	a = set_send(test, sess, SCST_TASK_SIMPLE);
	b = set_send(test, other, SCST_TASK_ORDERED);
	c = set_send(test, third, SCST_TASK_ORDERED);
	d = set_send(test, sess, SCST_TASK_SIMPLE);
	set_expect_exec(test, a, true);
	set_expect_exec(test, b, false);
	set_end(a);
	set_expect_exec(test, b, true);
	set_expect_exec(test, c, false);
	set_end(b);
	set_expect_exec(test, c, true);
	set_expect_exec(test, d, false);
	set_end(c);
	set_end(d);
}

/* One that waits for another nexus's can be aborted, and then is not missed. */
static void set_shared_abort_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a, *b, *c;
	struct fake_tm *tm;

	set_control(test, 0, 0);
	a = set_send(test, sess, SCST_TASK_SIMPLE);
	b = set_send(test, other, SCST_TASK_ORDERED);
	c = set_send(test, sess, SCST_TASK_SIMPLE);
	set_expect_exec(test, c, false);
	tm = fake_tm_tag(test, other, b->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, b, false);
	set_end(a);
	set_end(c);
}

/* A session goes whose command all others wait for. */
static void set_shared_session_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *a, *b;

	set_control(test, 0, 0);
	a = set_send(test, other, SCST_TASK_ORDERED);
	b = set_send(test, sess, SCST_TASK_SIMPLE);
	fake_wait(a, FAKE_EXEC);
	fake_disown_session(test, other);
	scst_unregister_session(other, false, fake_unreg_done);
	set_expect_exec(test, b, false);
	set_end(a);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&fake->unreg,
							     FAKE_LIMIT));
	set_end(b);
}

/* Who has come before TST changes stays in the order that it has come by. */
static void set_change_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a, *b, *c, *d, *e;

	a = set_send(test, sess, SCST_TASK_ORDERED);
	b = set_send(test, sess, SCST_TASK_ORDERED);
	fake_wait(a, FAKE_EXEC);
	set_control(test, 0, 0);
	/* Older ones of its own nexus are before it, of others are not. */
	c = set_send(test, sess, SCST_TASK_ORDERED);
	d = set_send(test, other, SCST_TASK_SIMPLE);
	set_expect_exec(test, b, false);
	set_expect_exec(test, c, false);
	set_expect_exec(test, d, false);
	set_control(test, 1, 0);
	e = set_send(test, other, SCST_TASK_SIMPLE);
	set_expect_exec(test, e, true);
	set_end(a);
	set_expect_exec(test, b, true);
	set_expect_exec(test, c, false);
	set_end(b);
	set_expect_exec(test, c, true);
	set_expect_exec(test, d, false);
	set_end(c);
	set_end(d);
	set_end(e);
}

/* One that waits in both orders need not, once it is aborted. */
static void set_change_abort_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a, *b, *c;
	struct fake_tm *tm;

	a = set_send(test, sess, SCST_TASK_ORDERED);
	set_expect_exec(test, a, true);
	set_control(test, 0, 0);
	b = set_send(test, other, SCST_TASK_ORDERED);
	set_expect_exec(test, b, true);
	c = set_send(test, sess, SCST_TASK_SIMPLE);
	set_expect_exec(test, c, false);
	tm = fake_tm_tag(test, sess, c->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, c, false);
	set_end(a);
	set_end(b);
}

/* To and fro with commands waiting everywhere: all of them end. */
static void set_change_many_test(struct kunit *test)
{
	struct scst_session *sess[3] = {
		fake_session(test, "ini"), fake_session(test, "other"),
		fake_session(test, "third"),
	};
	struct fake_cmd *fcs[24];
	int i;

	for (i = 0; i < ARRAY_SIZE(fcs); i++) {
		set_control(test, i / 2 % 2, 0);
		fcs[i] = set_cmd(test, sess[i % 3],
				 i % 4 ? SCST_TASK_ORDERED : SCST_TASK_SIMPLE,
				 false);
		fake_send_context(fcs[i], i % 5 ? SCST_CONTEXT_THREAD :
						  SCST_CONTEXT_BH);
	}
	for (i = 0; i < ARRAY_SIZE(fcs); i++)
		fake_expect_good(test, fcs[i]);
}

/* QAM 0h: writes keep their order, reads may go together. */
static void set_restricted_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *a, *b, *c, *d;

	fake->dev->control.qam = 0;
	scst_task_set_update(fake->dev);
	a = fake_stop(fake_read(test, sess, 1), FAKE_EXEC);
	b = fake_stop(fake_read(test, sess, 1), FAKE_EXEC);
	c = fake_send_hold(fake_write(test, sess, 1), FAKE_EXEC);
	d = fake_send_hold(fake_write(test, sess, 1), FAKE_EXEC);
	set_expect_exec(test, c, false);
	set_end(a);
	set_end(b);
	set_expect_exec(test, c, true);
	set_expect_exec(test, d, false);
	set_end(c);
	set_end(d);
}

/* SAM-5 7.5: the task set of all nexuses, or only of this one */
static void set_clear_task_set_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_session *idle = fake_session(test, "idle");
	struct fake_cmd *a, *b;
	struct fake_tm *tm;

	set_control(test, 0, 0);
	a = set_send(test, sess, SCST_TASK_SIMPLE);
	b = set_send(test, other, SCST_TASK_SIMPLE);
	fake_wait(a, FAKE_EXEC);
	fake_wait(b, FAKE_EXEC);
	tm = fake_tm_lun(test, sess, SCST_TM_CLEAR_TASK_SET, 0);
	fake_tm_pending(test, tm);
	set_end(a);
	fake_tm_pending(test, tm);
	set_end(b);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, a, true);
	fake_expect_aborted(test, b, true);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	fake_expect_ua(test, other, SET_CLEARED_UA);
	fake_expect_ua(test, other, SCST_SENSE_NONE);
	fake_expect_ua(test, idle, SCST_SENSE_NONE);
}

static struct kunit_case task_set_test_cases[] = {
	KUNIT_CASE_PARAM(set_pair_test, set_pair_gen_params),
	KUNIT_CASE(set_implicit_head_test),
	KUNIT_CASE(set_shared_order_test),
	KUNIT_CASE(set_shared_abort_test),
	KUNIT_CASE(set_shared_session_test),
	KUNIT_CASE(set_change_test),
	KUNIT_CASE(set_change_abort_test),
	KUNIT_CASE(set_change_many_test),
	KUNIT_CASE(set_restricted_test),
	KUNIT_CASE(set_clear_task_set_test),
	{}
};

static struct kunit_suite task_set_suite = {
	.name = "scst_task_set",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = task_set_test_cases,
};

kunit_test_suite(task_set_suite);
