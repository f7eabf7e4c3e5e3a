// SPDX-License-Identifier: GPL-2.0
/*
 * PERSISTENT RESERVE OUT, PREEMPT AND ABORT, against a nexus with an ACA
 * condition, and beside commands that QERR makes abort others.
 */
#include <linux/unaligned.h>
#include "task_set.h"

#define PREEMPT_REGISTER	0
#define PREEMPT_ABORT		5
#define PREEMPT_LIST_LEN	24

static int preempt_transport_id(struct scst_session *sess,
				struct scst_transport_id *id)
{
	static const u8 isid[6] = { 0x80 };

	return scst_transport_id_iscsi(id, sess->initiator_name, isid);
}

static struct fake_cmd *preempt_out(struct kunit *test,
				    struct scst_session *sess, u8 action,
				    u64 key, u64 new_key)
{
	const u8 cdb[10] = {
		PERSISTENT_RESERVE_OUT, action, [8] = PREEMPT_LIST_LEN,
	};
	struct fake_cmd *fc = fake_cdb(test, sess, 0, cdb, sizeof(cdb));
	u8 *list = kunit_kzalloc(test, PREEMPT_LIST_LEN, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, list);
	put_unaligned_be64(key, list);
	put_unaligned_be64(new_key, list + 8);
	fc->buf = list;
	fc->alloc_error = 0;
	fc->fill = list[0];
	return fc;
}

/* A registrant, whose key is a number */
static struct scst_session *preempt_session(struct kunit *test, const char *name,
					    u64 key)
{
	struct scst_session *sess = fake_session(test, name);
	struct fake_cmd *fc = preempt_out(test, sess, PREEMPT_REGISTER, 0, key);

	fake_run(fc);
	fake_expect_good(test, fc);
	return sess;
}

static int preempt_init(struct kunit *test)
{
	struct scst_fake *fake;
	int error = fake_init(test);

	if (error)
		return error;
	fake = test->priv;
	fake->tmpl.get_initiator_port_transport_id = preempt_transport_id;
	return 0;
}

/* SAM-5 5.9.4.1: the way out for those whom the faulted nexus holds up */
static void preempt_aca_test(struct kunit *test)
{
	struct scst_session *sess = preempt_session(test, "ini", 1);
	struct scst_session *other = preempt_session(test, "other", 2);
	struct fake_cmd *a, *b, *c, *d;

	set_control(test, 0, 0);
	a = set_early(test, sess, SCST_TASK_SIMPLE);
	b = set_early(test, other, SCST_TASK_SIMPLE);
	set_fault(test, sess);
	fake_go(b, FAKE_RDY);
	set_expect_status(test, set_cmd(test, other, SCST_TASK_SIMPLE, false),
			  SAM_STAT_BUSY);
	set_expect_exec(test, b, false);

	c = preempt_out(test, other, PREEMPT_ABORT, 2, 1);
	fake_send(c);
	set_settle(test);
	/* It waits for the one whose data is still on its way. */
	KUNIT_EXPECT_EQ(test, fake_nr(c, FAKE_XMIT), 0);
	KUNIT_EXPECT_FALSE(test, set_has_aca(sess));
	fake_go(a, FAKE_RDY);
	fake_expect_good(test, c);
	fake_expect_aborted(test, a, false);
	fake_expect_good(test, b);
	d = set_cmd(test, other, SCST_TASK_SIMPLE, false);
	fake_run(d);
	fake_expect_good(test, d);
}

/* One that preempts nobody leaves the condition as it is. */
static void preempt_nobody_test(struct kunit *test)
{
	struct scst_session *sess = preempt_session(test, "ini", 1);
	struct scst_session *other = preempt_session(test, "other", 2);
	struct fake_cmd *a;

	set_control(test, 0, 0);
	set_fault(test, sess);
	a = preempt_out(test, other, PREEMPT_ABORT, 2, 77);
	fake_run(a);
	fake_expect(test, a, SAM_STAT_RESERVATION_CONFLICT, SCST_SENSE_NONE);
	KUNIT_EXPECT_TRUE(test, set_has_aca(sess));
	set_clear_aca(test, sess);
}

/* QERR does not abort one that waits for those whom it has aborted itself. */
static void preempt_fault_test(struct kunit *test)
{
	struct scst_session *sess = preempt_session(test, "ini", 1);
	struct scst_session *other = preempt_session(test, "other", 2);
	struct fake_cmd *a, *b, *c;

	set_control(test, 0, 1);
	a = set_early(test, sess, SCST_TASK_SIMPLE);
	b = preempt_out(test, other, PREEMPT_ABORT, 2, 1);
	fake_send(b);
	set_settle(test);
	KUNIT_EXPECT_EQ(test, fake_nr(b, FAKE_XMIT), 0);
	fake_clear_ua(sess);
	c = set_bad(test, sess, SCST_TASK_SIMPLE, false);
	fake_run(c);
	fake_expect(test, c, SAM_STAT_CHECK_CONDITION, SCST_SENSE_HW_ERROR);
	fake_go(a, FAKE_RDY);
	fake_expect_good(test, b);
	fake_expect_aborted(test, a, false);
}

/* The two at once: neither waits for ever. */
static void preempt_race_test(struct kunit *test)
{
	struct scst_session *sess = preempt_session(test, "ini", 1);
	struct scst_session *other = preempt_session(test, "other", 2);
	struct fake_cmd *a, *b, *c;

	set_control(test, 0, 1);
	a = fake_stop(set_bad(test, sess, SCST_TASK_SIMPLE, false), FAKE_EXEC);
	b = preempt_out(test, other, PREEMPT_ABORT, 2, 1);
	fake_send(b);
	set_settle(test);
	fake_go(a, FAKE_EXEC);
	fake_wait(a, FAKE_FREE);
	fake_wait(b, FAKE_FREE);
	/* It was decided when the other one came to be executed, if it did. */
	KUNIT_EXPECT_EQ(test, fake_nr(a, FAKE_XMIT), 1);
	fake_clear_ua(sess);
	fake_clear_ua(other);
	c = set_cmd(test, sess, SCST_TASK_SIMPLE, false);
	fake_run(c);
	fake_expect_good(test, c);
}

/*
 * The file of APTPL may take as long as it wants: not the time of a fabric's
 * thread, which other devices and sessions wait for.
 */
static void preempt_thread_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = preempt_out(test, sess, PREEMPT_REGISTER, 0, 1);

	fake_stop(fc, FAKE_XMIT);
	KUNIT_EXPECT_EQ(test, fc->cmd.context, SCST_CONTEXT_THREAD);
	fake_go(fc, FAKE_XMIT);
	fake_expect_good(test, fc);
}

static struct kunit_case preempt_test_cases[] = {
	KUNIT_CASE(preempt_aca_test),
	KUNIT_CASE(preempt_nobody_test),
	KUNIT_CASE(preempt_fault_test),
	KUNIT_CASE(preempt_race_test),
	KUNIT_CASE(preempt_thread_test),
	{}
};

static struct kunit_suite preempt_suite = {
	.name = "scst_preempt",
	.init = preempt_init,
	.exit = fake_exit,
	.test_cases = preempt_test_cases,
};

kunit_test_suite(preempt_suite);
