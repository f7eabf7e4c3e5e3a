// SPDX-License-Identifier: GPL-2.0
/*
 * In which order commands are executed: by their task attributes within an
 * I_T_L nexus (SAM-5 8.9), and one at a time where a device wants it so.
 */
#include "fake.h"

/* Sends a command that then stays in its executor until fake_go() */
static struct fake_cmd *order_send(struct kunit *test,
				   struct scst_session *sess,
				   enum scst_task_attr attr)
{
	struct fake_cmd *fc = fake_ready(test, sess);

	fc->cmd.attr = attr;
	fc->hold = BIT(FAKE_EXEC);
	fake_send(fc);
	return fc;
}

static struct fake_cmd *order_send_alone(struct kunit *test,
					 struct scst_session *sess)
{
	struct fake_cmd *fc = fake_alone(test, sess);

	fc->hold = BIT(FAKE_EXEC);
	fake_send(fc);
	return fc;
}

static void order_end(struct fake_cmd *fc)
{
	fake_wait(fc, FAKE_EXEC);
	fake_go(fc, FAKE_EXEC);
	fake_wait(fc, FAKE_FREE);
}

static void order_expect(struct kunit *test, const char *log)
{
	struct scst_fake *fake = test->priv;

	fake_settle(test);
	KUNIT_EXPECT_STREQ(test, fake->log, log);
}

static void order_simple_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = order_send(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *b = order_send(test, sess, SCST_TASK_SIMPLE);

	order_expect(test, "ab");
	order_end(b);
	order_end(a);
	order_expect(test, "abBA");
	fake_expect(test, a, SAM_STAT_GOOD, SCST_SENSE_NONE);
	fake_expect(test, b, SAM_STAT_GOOD, SCST_SENSE_NONE);
}

/* After all older commands, before all younger ones. */
static void order_ordered_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = order_send(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *b = order_send(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *c = order_send(test, sess, SCST_TASK_ORDERED);
	struct fake_cmd *d = order_send(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *e = order_send(test, sess, SCST_TASK_SIMPLE);

	order_expect(test, "ab");
	order_end(a);
	order_expect(test, "abA");
	order_end(b);
	order_expect(test, "abABc");
	order_end(c);
	order_expect(test, "abABcCde");
	order_end(e);
	order_end(d);
	order_expect(test, "abABcCdeED");
}

static void order_two_ordered_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = order_send(test, sess, SCST_TASK_ORDERED);
	struct fake_cmd *b = order_send(test, sess, SCST_TASK_ORDERED);
	struct fake_cmd *c = order_send(test, sess, SCST_TASK_SIMPLE);

	order_expect(test, "a");
	order_end(a);
	order_expect(test, "aAb");
	order_end(b);
	order_expect(test, "aAbBc");
	order_end(c);
}

/* At once, past an ORDERED command inside and another one that waits. */
static void order_head_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = order_send(test, sess, SCST_TASK_ORDERED);
	struct fake_cmd *b, *c, *d;

	order_expect(test, "a");
	b = order_send(test, sess, SCST_TASK_ORDERED);
	c = order_send(test, sess, SCST_TASK_HEAD);
	d = order_send(test, sess, SCST_TASK_HEAD);
	order_expect(test, "acd");
	order_end(c);
	order_end(a);
	/* ORDERED also means: after that HEAD OF QUEUE command. */
	order_expect(test, "acdCA");
	order_end(d);
	order_expect(test, "acdCADb");
	order_end(b);
}

/* The order of one nexus is nothing to another one, or to another LUN. */
static void order_nexus_test(struct kunit *test)
{
	static const u8 cdb[6] = { TEST_UNIT_READY };
	struct scst_session *sess, *other;
	struct fake_cmd *a, *b, *c;

	fake_add_lun(test, "fake_other", 1);
	sess = fake_session(test, "ini");
	other = fake_session(test, "other");
	a = order_send(test, sess, SCST_TASK_ORDERED);
	order_expect(test, "a");
	b = order_send(test, other, SCST_TASK_ORDERED);
	c = fake_cdb(test, sess, 1, cdb, sizeof(cdb));
	c->cmd.attr = SCST_TASK_ORDERED;
	fake_send(c);
	order_expect(test, "abcC");
	order_end(b);
	order_end(a);
	order_expect(test, "abcCBA");
}

/* A command has its place when it is handed in, not when it could run. */
static void order_place_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = fake_write(test, sess, 1);
	struct fake_cmd *b;

	a->cmd.attr = SCST_TASK_ORDERED;
	a->hold = BIT(FAKE_RDY);
	fake_send(a);
	fake_wait(a, FAKE_RDY);
	b = order_send(test, sess, SCST_TASK_SIMPLE);
	order_expect(test, "");
	fake_go(a, FAKE_RDY);
	order_expect(test, "aAb");
	order_end(b);
}

/* The same in threads, which may come to run in any order. */
static void order_place_thread_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fcs[6];
	int i;

	for (i = 0; i < ARRAY_SIZE(fcs); i++) {
		fcs[i] = fake_ready(test, sess);
		fcs[i]->cmd.attr = SCST_TASK_ORDERED;
	}
	for (i = 0; i < ARRAY_SIZE(fcs); i++)
		fake_send_context(fcs[i], i % 2 ? SCST_CONTEXT_BH :
						  SCST_CONTEXT_THREAD);
	for (i = 0; i < ARRAY_SIZE(fcs); i++)
		fake_wait(fcs[i], FAKE_FREE);
	KUNIT_EXPECT_STREQ(test, fake->log, "aAbBcCdDeEfF");
}

/* SAM-5 8.9.3: the older command has ended when its status was sent. */
static void order_response_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = fake_ready(test, sess);
	struct fake_cmd *b;

	a->hold = BIT(FAKE_XMIT);
	fake_send(a);
	fake_wait(a, FAKE_XMIT);
	b = order_send(test, sess, SCST_TASK_ORDERED);
	order_expect(test, "aA");
	fake_go(a, FAKE_XMIT);
	order_expect(test, "aAb");
	order_end(b);
}

/*
 * A command that fails early gives its place back, and those behind it wait for
 * nobody else (SAM-5 8.9.2).
 */
static void order_error_test(struct kunit *test)
{
	static const u8 cdb[6] = { 0xff };
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = order_send(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *b = fake_cdb(test, sess, 0, cdb, sizeof(cdb));
	struct fake_cmd *c;

	b->cmd.attr = SCST_TASK_ORDERED;
	fake_send(b);
	c = order_send(test, sess, SCST_TASK_SIMPLE);
	fake_wait(b, FAKE_FREE);
	fake_expect(test, b, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_INVALID_OPCODE);
	order_expect(test, "ac");
	order_end(a);
	order_end(c);
	order_expect(test, "acAC");
}

/* There is no ACA condition that the attribute could be for. */
static void order_aca_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = fake_ready(test, sess);

	a->cmd.attr = SCST_TASK_ACA;
	fake_run(a);
	fake_expect(test, a, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE(ILLEGAL_REQUEST, 0x49, 0x00));
	order_expect(test, "");
}

/* Alone on its device: after those inside, before those that came later. */
static void order_alone_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_session *third = fake_session(test, "third");
	struct fake_cmd *a = order_send(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *b = order_send(test, other, SCST_TASK_SIMPLE);
	struct fake_cmd *c = order_send_alone(test, third);
	struct fake_cmd *d = order_send(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *e = order_send(test, other, SCST_TASK_SIMPLE);

	order_expect(test, "ab");
	order_end(a);
	order_expect(test, "abA");
	order_end(b);
	order_expect(test, "abABc");
	order_end(c);
	order_expect(test, "abABcCde");
	order_end(d);
	order_end(e);
}

static void order_two_alone_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = order_send_alone(test, sess);
	struct fake_cmd *b = order_send_alone(test, other);
	struct fake_cmd *c = order_send(test, sess, SCST_TASK_SIMPLE);
	struct fake_cmd *d = order_send_alone(test, sess);

	order_expect(test, "a");
	order_end(a);
	order_expect(test, "aAb");
	order_end(b);
	order_expect(test, "aAbBc");
	order_end(c);
	order_expect(test, "aAbBcCd");
	order_end(d);
}

/* No attribute gets a command past one that runs alone. */
static void order_alone_head_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = order_send_alone(test, sess);
	struct fake_cmd *b;

	order_expect(test, "a");
	b = order_send(test, other, SCST_TASK_HEAD);
	order_expect(test, "a");
	order_end(a);
	order_expect(test, "aAb");
	order_end(b);
}

/* It goes on, but not alone, and nobody takes it for who is alone now. */
static void order_let_in_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = order_send_alone(test, sess);
	struct fake_cmd *b = order_send(test, other, SCST_TASK_SIMPLE);
	struct fake_cmd *c = order_send_alone(test, other);
	struct fake_cmd *d;

	order_expect(test, "a");
	fake_wait(a, FAKE_EXEC);
	scst_cmd_let_others_in(&a->cmd);
	order_expect(test, "ab");
	order_end(b);
	order_expect(test, "abBc");
	d = order_send(test, sess, SCST_TASK_SIMPLE);
	order_end(a);
	order_expect(test, "abBcA");
	order_end(c);
	order_expect(test, "abBcACd");
	order_end(d);
	fake_expect(test, a, SAM_STAT_GOOD, SCST_SENSE_NONE);
}

/* An initiator that is slow to take its status holds up nobody else. */
static void order_alone_response_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = fake_alone(test, sess);
	struct fake_cmd *b;

	a->hold = BIT(FAKE_XMIT);
	fake_send(a);
	fake_wait(a, FAKE_XMIT);
	b = order_send_alone(test, other);
	order_expect(test, "aAb");
	order_end(b);
	order_expect(test, "aAbB");
	fake_go(a, FAKE_XMIT);
	fake_wait(a, FAKE_FREE);
}

/* Nor does a write whose Data-Out is still on its way. */
static void order_alone_data_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a = fake_write(test, sess, 1);
	struct fake_cmd *b;

	a->hold = BIT(FAKE_RDY);
	fake_send(a);
	fake_wait(a, FAKE_RDY);
	b = order_send_alone(test, other);
	order_expect(test, "b");
	fake_go(a, FAKE_RDY);
	order_expect(test, "b");
	order_end(b);
	order_expect(test, "bBaA");
}

/* One device is nothing to another one. */
static void order_alone_device_test(struct kunit *test)
{
	static const u8 cdb[6] = { TEST_UNIT_READY };
	struct scst_session *sess;
	struct fake_cmd *a, *b;

	fake_add_lun(test, "fake_other", 1);
	sess = fake_session(test, "ini");
	a = order_send_alone(test, sess);
	order_expect(test, "a");
	b = fake_cdb(test, sess, 1, cdb, sizeof(cdb));
	fake_send(b);
	order_expect(test, "abB");
	order_end(a);
}

static struct kunit_case order_test_cases[] = {
	KUNIT_CASE(order_simple_test),
	KUNIT_CASE(order_ordered_test),
	KUNIT_CASE(order_two_ordered_test),
	KUNIT_CASE(order_head_test),
	KUNIT_CASE(order_nexus_test),
	KUNIT_CASE(order_place_test),
	KUNIT_CASE(order_place_thread_test),
	KUNIT_CASE(order_response_test),
	KUNIT_CASE(order_error_test),
	KUNIT_CASE(order_aca_test),
	KUNIT_CASE(order_alone_test),
	KUNIT_CASE(order_two_alone_test),
	KUNIT_CASE(order_alone_head_test),
	KUNIT_CASE(order_let_in_test),
	KUNIT_CASE(order_alone_response_test),
	KUNIT_CASE(order_alone_data_test),
	KUNIT_CASE(order_alone_device_test),
	{}
};

static struct kunit_suite order_suite = {
	.name = "scst_order",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = order_test_cases,
};

kunit_test_suite(order_suite);
