// SPDX-License-Identifier: GPL-2.0
/*
 * COMPARE AND WRITE and its like on their way through the core: alone on their
 * blocks, and in nobody else's way.
 */
#include <linux/sizes.h>
#include <linux/unaligned.h>
#include "task_set.h"

static const scst_exec_fn range_execs[SCST_OP_NR] = {
	[SCST_OP_TEST_UNIT_READY]	= fake_exec,
	[SCST_OP_START_STOP]		= fake_exec,
	[SCST_OP_READ_10]		= fake_exec,
	[SCST_OP_WRITE_10]		= fake_exec,
	[SCST_OP_UNMAP]			= fake_exec,
	[SCST_OP_COMPARE_AND_WRITE]	= fake_exec,
	[SCST_OP_SYNC_CACHE_10]		= fake_exec,
};

/**
 * struct range_fixture - what most of the tests begin with
 * @fake: everything
 * @sess: a session
 * @other: another one
 */
struct range_fixture {
	struct scst_fake	*fake;
	struct scst_session	*sess;
	struct scst_session	*other;
};

/* A device of many regions, whose commands take ranges already */
static struct range_fixture range_begin(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct range_fixture f = { .fake = fake };

	fake->type.execs = range_execs;
	fake->dev->nblocks = 1 << 20;
	fake->dev->max_xfer = SZ_64M;
	f.sess = fake_session(test, "ini");
	f.other = fake_session(test, "other");
	fake_run(fake_update(test, f.sess, 0));
	KUNIT_ASSERT_TRUE(test, fake->dev->ranges.on);
	return f;
}

static struct fake_cmd *range_io(struct kunit *test, struct scst_session *sess,
				 u8 opcode, u32 lba, u16 blocks)
{
	u8 cdb[10] = { opcode };

	put_unaligned_be32(lba, cdb + 2);
	put_unaligned_be16(blocks, cdb + 7);
	return fake_cdb(test, sess, 0, cdb, sizeof(cdb));
}

/* It comes, and is executed or waits. */
static struct fake_cmd *range_send(struct kunit *test, struct fake_cmd *fc,
				   bool executed)
{
	fake_send_hold(fc, FAKE_EXEC);
	set_expect_exec(test, fc, executed);
	return fc;
}

static void range_end(struct kunit *test, struct fake_cmd *fc)
{
	fake_go(fc, FAKE_EXEC);
	fake_expect_good(test, fc);
}

static void range_expect_empty(struct kunit *test, struct scst_session *sess)
{
	struct fake_cmd *fc = fake_alone(test, sess);

	/* Whoever is still inside would keep it out. */
	fake_run(fc);
	fake_expect_good(test, fc);
}

/* The first one runs alone; the next one only holds up who is in its way. */
static void range_first_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct fake_cmd *a, *b, *c, *d;

	a = fake_stop(fake_read(test, sess, 1), FAKE_EXEC);
	b = range_send(test, fake_update(test, sess, 100), false);
	c = range_send(test, fake_read(test, other, 1), false);
	fake_go(a, FAKE_EXEC);
	fake_wait(b, FAKE_EXEC);
	set_expect_exec(test, c, false);
	fake_go(b, FAKE_EXEC);
	fake_wait(c, FAKE_EXEC);
	KUNIT_EXPECT_TRUE(test, fake->dev->ranges.on);
	KUNIT_EXPECT_FALSE(test, fake->dev->gate.closed);
	d = range_send(test, fake_update(test, sess, 100), true);
	KUNIT_EXPECT_FALSE(test, fake->dev->gate.closed);
	range_end(test, d);
	range_end(test, c);
}

/* An UNMAP of two blocks, and of some that are none */
static struct fake_cmd *range_unmap(struct kunit *test,
				    struct scst_session *sess, u64 lba)
{
	struct fake_cmd *fc = range_io(test, sess, UNMAP, 0, 40);

	fc->buf = kunit_kzalloc(test, 40, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fc->buf);
	put_unaligned_be16(32, fc->buf + 2);
	put_unaligned_be64(lba, fc->buf + 8);
	put_unaligned_be32(2, fc->buf + 16);
	put_unaligned_be64(1, fc->buf + 24);
	fc->alloc_error = 0;
	return fc;
}

static void range_conflict_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct fake_cmd *update, *in[4], *out[9];
	int i;

	update = range_send(test, fake_update(test, f.sess, 100), true);
	in[0] = range_send(test, range_io(test, f.other, READ_10, 100, 1),
			   false);
	in[1] = range_send(test, range_io(test, f.sess, WRITE_10, 90, 11),
			   false);
	in[2] = range_send(test, range_unmap(test, f.sess, 99), false);
	in[3] = range_send(test, range_io(test, f.sess, READ_10, 0, 0xffff),
			   false);
	out[0] = range_send(test, range_io(test, f.other, READ_10, 99, 1),
			    true);
	out[1] = range_send(test, range_io(test, f.other, WRITE_10, 101, 9),
			    true);
	out[2] = range_send(test, range_io(test, f.other, READ_10, 101, 0xffff),
			    true);
	out[3] = range_send(test, fake_ready(test, f.other), true);
	out[4] = range_send(test, range_io(test, f.other, SYNCHRONIZE_CACHE, 0,
					   0), true);
	out[5] = range_send(test, range_io(test, f.other, READ_10, 100, 0),
			    true);
	out[6] = range_send(test, range_unmap(test, f.other, 98), true);
	out[7] = range_send(test, range_unmap(test, f.other, 101), true);
	/* No list */
	out[8] = range_send(test, range_io(test, f.other, UNMAP, 0, 0), true);
	range_end(test, update);
	for (i = 0; i < ARRAY_SIZE(in); i++)
		fake_wait(in[i], FAKE_EXEC);
	/* What is no update shares its blocks. */
	for (i = 0; i < ARRAY_SIZE(in); i++)
		range_end(test, in[i]);
	for (i = 0; i < ARRAY_SIZE(out); i++)
		range_end(test, out[i]);
	range_expect_empty(test, f.sess);
}

/* Those that wait keep their order, and nobody passes an update that waits. */
static void range_order_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct fake_cmd *a, *b, *c, *d;

	a = range_send(test, range_io(test, f.sess, READ_10, 100, 8), true);
	b = range_send(test, fake_update(test, f.other, 104), false);
	c = range_send(test, range_io(test, f.sess, READ_10, 104, 1), false);
	d = range_send(test, fake_update(test, f.sess, 104), false);
	range_end(test, a);
	fake_wait(b, FAKE_EXEC);
	set_expect_exec(test, c, false);
	range_end(test, b);
	fake_wait(c, FAKE_EXEC);
	set_expect_exec(test, d, false);
	range_end(test, c);
	fake_wait(d, FAKE_EXEC);
	range_end(test, d);
}

/* Where nothing may sleep: it waits, and goes on where it may. */
static void range_atomic_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct fake_cmd *a, *b;

	a = range_send(test, fake_update(test, f.sess, 100), true);
	b = range_io(test, f.other, READ_10, 100, 1);
	fake_send_context(b, SCST_CONTEXT_DIRECT_ATOMIC);
	set_expect_exec(test, b, false);
	fake_go_context(a, FAKE_EXEC, true, SCST_CONTEXT_DIRECT_ATOMIC);
	fake_expect_good(test, b);
	fake_expect_good(test, a);
}

/* Aborted while it waits: it ends at once, and so does its waiting. */
static void range_abort_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct fake_cmd *a, *b, *c, *d;
	struct fake_tm *tm;

	a = range_send(test, fake_update(test, f.other, 100), true);
	b = range_send(test, range_io(test, f.sess, READ_10, 100, 8), false);
	c = range_send(test, fake_update(test, f.sess, 107), false);
	d = range_send(test, range_io(test, f.sess, READ_10, 107, 1), false);
	tm = fake_tm_tag(test, f.sess, b->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, b, false);
	fake_wait(c, FAKE_EXEC);
	/* One that is executed goes on, and keeps its blocks until then. */
	tm = fake_tm_tag(test, f.sess, c->cmd.tag);
	fake_tm_pending(test, tm);
	set_expect_exec(test, d, false);
	fake_go(c, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, c, true);
	fake_wait(d, FAKE_EXEC);
	range_end(test, d);
	range_end(test, a);
}

/* Another nexus resets the logical unit: nobody waits any more. */
static void range_reset_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct fake_cmd *a, *b, *c;
	struct fake_tm *tm;

	a = range_send(test, fake_update(test, f.sess, 100), true);
	b = range_send(test, fake_update(test, f.sess, 100), false);
	c = range_send(test, range_io(test, f.other, WRITE_10, 100, 1), false);
	tm = fake_tm_lun(test, f.other, SCST_TM_LUN_RESET, 0);
	fake_tm_pending(test, tm);
	fake_wait(b, FAKE_FREE);
	fake_wait(c, FAKE_FREE);
	fake_go(a, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, a, true);
	fake_expect_aborted(test, b, false);
	fake_expect_aborted(test, c, false);
	fake_clear_ua(f.sess);
	fake_run(fake_update(test, f.sess, 100));
}

/* One that must be alone waits for those that wait, and they not for it. */
static void range_alone_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct fake_cmd *a, *b, *c, *d;

	a = range_send(test, fake_update(test, f.sess, 100), true);
	b = range_send(test, fake_update(test, f.sess, 100), false);
	c = range_send(test, fake_alone(test, f.other), false);
	d = range_send(test, fake_update(test, f.other, 100), false);
	range_end(test, a);
	fake_wait(b, FAKE_EXEC);
	set_expect_exec(test, c, false);
	range_end(test, b);
	fake_wait(c, FAKE_EXEC);
	set_expect_exec(test, d, false);
	range_end(test, c);
	fake_wait(d, FAKE_EXEC);
	range_end(test, d);
}

/* An ORDERED one waits on its blocks for other nexuses, its own for it. */
static void range_ordered_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct fake_cmd *a, *b, *c;

	a = range_send(test, range_io(test, f.other, READ_10, 100, 1), true);
	b = fake_update(test, f.sess, 100);
	b->cmd.attr = SCST_TASK_ORDERED;
	range_send(test, b, false);
	c = range_send(test, range_io(test, f.sess, READ_10, 500, 1), false);
	range_end(test, a);
	fake_wait(b, FAKE_EXEC);
	set_expect_exec(test, c, false);
	range_end(test, b);
	fake_wait(c, FAKE_EXEC);
	range_end(test, c);
}

/* What is in too many regions for the table runs alone, as the first one. */
static void range_wide_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct fake_cmd *a, *b, *c;

	/* 255 blocks would be in two regions at most. */
	f.fake->dev->block_shift = 20;
	a = range_send(test, range_io(test, f.other, READ_10, 100, 1), true);
	b = fake_update(test, f.sess, 0);
	b->cmd.cdb_buf[13] = 3;
	range_send(test, b, false);
	c = range_send(test, range_io(test, f.other, READ_10, 200, 1), false);
	range_end(test, a);
	fake_wait(b, FAKE_EXEC);
	set_expect_exec(test, c, false);
	range_end(test, b);
	fake_wait(c, FAKE_EXEC);
	range_end(test, c);
}

/* When nobody has used them for long they end, and begin again. */
static void range_idle_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct scst_ranges *ranges = &f.fake->dev->ranges;
	struct fake_cmd *a, *b;

	a = range_send(test, fake_update(test, f.sess, 100), true);
	ranges->used = jiffies - 3600 * HZ;
	fake_run(fake_read(test, f.other, 1));
	KUNIT_EXPECT_TRUE(test, ranges->on);
	range_end(test, a);
	a = range_send(test, fake_read(test, f.other, 1), true);
	KUNIT_EXPECT_FALSE(test, ranges->on);
	b = range_send(test, fake_update(test, f.sess, 100), false);
	range_end(test, a);
	fake_wait(b, FAKE_EXEC);
	range_end(test, b);
	KUNIT_EXPECT_TRUE(test, ranges->on);
}

/* The mode has ended while the command waited at the gate. */
static void range_late_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct scst_ranges *ranges = &f.fake->dev->ranges;
	struct fake_cmd *a, *b, *c;

	a = range_send(test, fake_alone(test, f.other), true);
	b = range_send(test, fake_read(test, f.other, 1), false);
	c = range_send(test, fake_update(test, f.sess, 100), false);
	ranges->used = jiffies - 3600 * HZ;
	range_end(test, a);
	fake_wait(b, FAKE_EXEC);
	set_expect_exec(test, c, false);
	range_end(test, b);
	fake_wait(c, FAKE_EXEC);
	range_end(test, c);
	KUNIT_EXPECT_TRUE(test, ranges->on);
}

/* An ACA condition comes while it waits: blocked, it has no blocks. */
static void range_aca_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct fake_cmd *a, *b, *c;
	struct fake_tm *tm;

	a = range_send(test, fake_update(test, f.other, 100), true);
	b = range_send(test, fake_update(test, f.sess, 100), false);
	c = range_send(test, fake_update(test, f.sess, 100), false);
	set_fault(test, f.sess);
	range_end(test, a);
	set_expect_exec(test, b, false);
	set_expect_exec(test, c, false);
	a = range_send(test, fake_update(test, f.other, 100), true);
	set_clear_aca(test, f.sess);
	set_expect_exec(test, b, false);
	set_expect_exec(test, c, false);
	/* It has come back to where it waits, and is found there. */
	tm = fake_tm_tag(test, f.sess, b->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, b, false);
	range_end(test, a);
	fake_wait(c, FAKE_EXEC);
	range_end(test, c);
}

/* The session ends: those that wait are executed first, or were aborted. */
static void range_session_test(struct kunit *test)
{
	struct range_fixture f = range_begin(test);
	struct scst_session *gone = fake_session(test, "gone");
	struct fake_cmd *a, *b;

	a = range_send(test, fake_update(test, f.sess, 100), true);
	b = fake_update(test, gone, 100);
	fake_send(b);
	set_expect_exec(test, b, false);
	fake_disown_session(test, gone);
	scst_unregister_session(gone, false, fake_unreg_done);
	set_settle(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&f.fake->nr_unregs), 0);
	range_end(test, a);
	fake_expect_good(test, b);
	KUNIT_ASSERT_NE(test, 0,
			wait_for_completion_timeout(&f.fake->unreg,
						    FAKE_LIMIT));
}

static struct kunit_case range_cmd_test_cases[] = {
	KUNIT_CASE(range_first_test),
	KUNIT_CASE(range_conflict_test),
	KUNIT_CASE(range_order_test),
	KUNIT_CASE(range_atomic_test),
	KUNIT_CASE(range_abort_test),
	KUNIT_CASE(range_reset_test),
	KUNIT_CASE(range_alone_test),
	KUNIT_CASE(range_ordered_test),
	KUNIT_CASE(range_wide_test),
	KUNIT_CASE(range_idle_test),
	KUNIT_CASE(range_late_test),
	KUNIT_CASE(range_aca_test),
	KUNIT_CASE(range_session_test),
	{}
};

static struct kunit_suite range_cmd_suite = {
	.name = "scst_range_cmd",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = range_cmd_test_cases,
};

kunit_test_suite(range_cmd_suite);
