// SPDX-License-Identifier: GPL-2.0
/*
 * A command's way through the core: contexts, callbacks that take their time,
 * and what goes wrong on the way.
 */
#include <linux/irqflags.h>
#include "fake.h"

enum cmd_kind {
	CMD_NO_DATA,
	CMD_READ,
	CMD_WRITE,
};

struct cmd_way {
	const char		*name;
	enum scst_context	context;
	enum cmd_kind		kind;
};

#define CMD_WAY(context, kind) \
	{ #context ", " #kind, SCST_CONTEXT_##context, CMD_##kind }

static const struct cmd_way cmd_ways[] = {
	CMD_WAY(DIRECT, NO_DATA),
	CMD_WAY(DIRECT_ATOMIC, NO_DATA),
	CMD_WAY(THREAD, NO_DATA),
	CMD_WAY(BH, NO_DATA),
	CMD_WAY(DIRECT, READ),
	CMD_WAY(DIRECT_ATOMIC, READ),
	CMD_WAY(THREAD, READ),
	CMD_WAY(BH, READ),
	CMD_WAY(DIRECT, WRITE),
	CMD_WAY(DIRECT_ATOMIC, WRITE),
	CMD_WAY(THREAD, WRITE),
	CMD_WAY(BH, WRITE),
};

KUNIT_ARRAY_PARAM_DESC(cmd_way, cmd_ways, name);

static const void *cmd_data_way_gen_params(const void *prev, char *desc)
{
	const struct cmd_way *way = prev;

	do {
		way = cmd_way_gen_params(way, desc);
	} while (way && way->kind == CMD_NO_DATA);
	return way;
}

static struct fake_cmd *cmd_new(struct kunit *test, struct scst_session *sess,
				enum cmd_kind kind)
{
	switch (kind) {
	case CMD_READ:
		return fake_read(test, sess, 2);
	case CMD_WRITE:
		return fake_write(test, sess, 2);
	default:
		return fake_ready(test, sess);
	}
}

/* Hand it in as the context says: with interrupts off where one can't sleep */
static void cmd_send(struct fake_cmd *fc, enum scst_context context)
{
	unsigned long flags;

	if (context != SCST_CONTEXT_DIRECT_ATOMIC) {
		fake_send_context(fc, context);
		return;
	}
	local_irq_save(flags);
	fake_send_context(fc, context);
	local_irq_restore(flags);
}

/* Every callback came as often as it had to, and the data got through. */
static void cmd_expect_good(struct kunit *test, const struct fake_cmd *fc,
			    enum cmd_kind kind)
{
	bool data = kind != CMD_NO_DATA;

	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_ALLOC), data);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_RDY), kind == CMD_WRITE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_PRE_EXEC), 1);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 1);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_DEV_DONE), 1);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_HANDLER_FREE), 1);
	KUNIT_EXPECT_EQ(test, fc->resp_len,
			kind == CMD_READ ? 2 * FAKE_BLOCK : 0);
	if (kind == CMD_READ)
		KUNIT_EXPECT_EQ(test, fc->in[0], fc->fill);
	if (kind == CMD_WRITE)
		KUNIT_EXPECT_EQ(test, fc->out, fc->fill);
}

/* Neither fabric nor handler minds; the fabric must be able to sleep. */
static void cmd_context_test(struct kunit *test)
{
	const struct cmd_way *way = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = cmd_new(test, sess, way->kind);

	cmd_send(fc, way->context);
	fake_wait(fc, FAKE_FREE);
	cmd_expect_good(test, fc, way->kind);
	KUNIT_EXPECT_TRUE(test, test_bit(FAKE_XMIT, &fc->slept));
	KUNIT_EXPECT_EQ(test, test_bit(FAKE_ALLOC, &fc->slept),
			way->kind != CMD_NO_DATA);
	KUNIT_EXPECT_EQ(test, test_bit(FAKE_RDY, &fc->slept),
			way->kind == CMD_WRITE);
}

/*
 * The core's own buffer needs no sleep, the fabric's callbacks do: each of them
 * by itself has to see to that.
 */
static void cmd_xfer_context_test(struct kunit *test)
{
	const struct cmd_way *way = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = cmd_new(test, sess, way->kind);
	struct fake_cmd *b = cmd_new(test, sess, way->kind);
	struct scst_fake *fake = test->priv;

	fake->tmpl.alloc_data_buf = NULL;
	cmd_send(a, way->context);
	fake_expect_good(test, a);
	KUNIT_EXPECT_EQ(test, test_bit(FAKE_RDY, &a->slept),
			way->kind == CMD_WRITE);
	fake->tmpl.preprocessing_done = fake_preprocessing_done;
	cmd_send(b, way->context);
	fake_expect_good(test, b);
	KUNIT_EXPECT_TRUE(test, test_bit(FAKE_PREPROC, &b->slept));
}

static bool cmd_is_atomic(enum scst_context context)
{
	return context == SCST_CONTEXT_DIRECT_ATOMIC ||
	       context == SCST_CONTEXT_BH;
}

/* With a fabric that never sleeps nothing leaves the context. */
static void cmd_atomic_fabric_test(struct kunit *test)
{
	const struct cmd_way *way = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = cmd_new(test, sess, way->kind);
	struct scst_fake *fake = test->priv;

	fake->tmpl.xmit_atomic = true;
	fake->tmpl.xfer_atomic = true;
	cmd_send(fc, way->context);
	if (way->context == SCST_CONTEXT_DIRECT ||
	    way->context == SCST_CONTEXT_DIRECT_ATOMIC)
		KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_FREE), 1);
	fake_wait(fc, FAKE_FREE);
	cmd_expect_good(test, fc, way->kind);
	if (cmd_is_atomic(way->context))
		KUNIT_EXPECT_EQ(test, fc->slept, 0);
	else
		KUNIT_EXPECT_TRUE(test, test_bit(FAKE_EXEC, &fc->slept));
}

static void cmd_need_thread_test(struct kunit *test)
{
	const struct cmd_way *way = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = cmd_new(test, sess, way->kind);
	struct scst_fake *fake = test->priv;

	fake->tmpl.xmit_atomic = true;
	fake->tmpl.xfer_atomic = true;
	fc->need_thread = true;
	cmd_send(fc, way->context);
	fake_wait(fc, FAKE_FREE);
	cmd_expect_good(test, fc, way->kind);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_REFUSED),
			cmd_is_atomic(way->context));
	KUNIT_EXPECT_TRUE(test, test_bit(FAKE_EXEC, &fc->slept));
}

/* scst_cmd_done() comes before the executor returns. */
static void cmd_done_early_test(struct kunit *test)
{
	const struct cmd_way *way = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = cmd_new(test, sess, way->kind);

	fc->done_early = true;
	fc->need_thread = true;
	cmd_send(fc, way->context);
	fake_wait(fc, FAKE_FREE);
	cmd_expect_good(test, fc, way->kind);
}

struct cmd_stop {
	const char		*name;
	enum fake_at		at;
	enum scst_context	context;
};

#define CMD_STOP(at, context) \
	{ #at ", " #context, FAKE_##at, SCST_CONTEXT_##context }

static const struct cmd_stop cmd_stops[] = {
	CMD_STOP(PREPROC, DIRECT),
	CMD_STOP(PREPROC, DIRECT_ATOMIC),
	CMD_STOP(PREPROC, THREAD),
	CMD_STOP(PREPROC, BH),
	CMD_STOP(RDY, DIRECT),
	CMD_STOP(RDY, DIRECT_ATOMIC),
	CMD_STOP(RDY, THREAD),
	CMD_STOP(RDY, BH),
	CMD_STOP(EXEC, DIRECT),
	CMD_STOP(EXEC, DIRECT_ATOMIC),
	CMD_STOP(EXEC, THREAD),
	CMD_STOP(EXEC, BH),
	CMD_STOP(XMIT, DIRECT),
	CMD_STOP(XMIT, DIRECT_ATOMIC),
	CMD_STOP(XMIT, THREAD),
	CMD_STOP(XMIT, BH),
};

KUNIT_ARRAY_PARAM_DESC(cmd_stop, cmd_stops, name);

/* Those where data may fail to come */
static const void *cmd_data_stop_gen_params(const void *prev, char *desc)
{
	const struct cmd_stop *stop = prev;

	do {
		stop = cmd_stop_gen_params(stop, desc);
	} while (stop && stop->at > FAKE_RDY);
	return stop;
}

/* A callback that takes its time; the core goes on where it is told to. */
static void cmd_stop_test(struct kunit *test)
{
	const struct cmd_stop *stop = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_write(test, sess, 2);
	struct scst_fake *fake = test->priv;
	enum fake_at at;

	fake->tmpl.preprocessing_done = fake_preprocessing_done;
	fc->hold = BIT(stop->at);
	fake_send(fc);
	fake_wait(fc, stop->at);
	fake_settle(test);
	for (at = stop->at + 1; at < FAKE_NR_AT; at++)
		KUNIT_EXPECT_EQ_MSG(test, fake_nr(fc, at), 0, "at %d", at);
	fake_go_context(fc, stop->at, true, stop->context);
	fake_wait(fc, FAKE_FREE);
	cmd_expect_good(test, fc, CMD_WRITE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_PREPROC), 1);
}

/* The data phase fails: the command is not executed. */
static void cmd_data_phase_test(struct kunit *test)
{
	const struct cmd_stop *stop = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_write(test, sess, 2);
	struct scst_fake *fake = test->priv;

	fake->tmpl.preprocessing_done = fake_preprocessing_done;
	fc->hold = BIT(stop->at);
	fake_send(fc);
	fake_wait(fc, stop->at);
	fake_go_context(fc, stop->at, false, stop->context);
	fake_wait(fc, FAKE_FREE);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE(ABORTED_COMMAND, 0x4b, 0x00));
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_RDY), stop->at == FAKE_RDY);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_PRE_EXEC), 0);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_DEV_DONE), 0);
}

static void cmd_pre_exec_refuses_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_write(test, sess, 1);

	fc->refuse = true;
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION, SCST_SENSE_NOT_READY);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_RDY), 1);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);
}

static bool cmd_parse_refuses(struct scst_cmd *cmd)
{
	scst_set_cmd_error(cmd, SCST_SENSE_NO_MEDIUM);
	return false;
}

static void cmd_parse_refuses_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_read(test, sess, 1);
	struct scst_fake *fake = test->priv;

	fake->type.parse = cmd_parse_refuses;
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION, SCST_SENSE_NO_MEDIUM);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_ALLOC), 0);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);
}

/* Nothing that is optional is there. */
static void cmd_bare_test(struct kunit *test)
{
	const struct cmd_way *way = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = cmd_new(test, sess, way->kind);
	struct scst_fake *fake = test->priv;

	fake->tmpl.rdy_to_xfer = NULL;
	fake->tmpl.alloc_data_buf = NULL;
	fake->tmpl.pre_exec = NULL;
	fake->type.dev_done = NULL;
	fake->type.on_free_cmd = NULL;
	cmd_send(fc, way->context);
	fake_wait(fc, FAKE_FREE);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 1);
}

static void cmd_alloc_fails_test(struct kunit *test)
{
	const struct cmd_way *way = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = cmd_new(test, sess, way->kind);

	fc->alloc_error = -ENOMEM;
	cmd_send(fc, way->context);
	fake_wait(fc, FAKE_FREE);
	fake_expect(test, fc, SAM_STAT_BUSY, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->sense_len, 0);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 0);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_ALLOC), 1);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_RDY), 0);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);
}

/* The fabric brings the buffer: the core neither limits nor frees it. */
static void cmd_own_buffer_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_read(test, sess, 2);

	fc->buf = kunit_kzalloc(test, 2 * FAKE_BLOCK, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fc->buf);
	fc->alloc_error = 0;
	WRITE_ONCE(scst_max_cmd_mem, 1);
	fake_run(fc);
	cmd_expect_good(test, fc, CMD_READ);
	KUNIT_EXPECT_TRUE(test, fc->own_sg);
	KUNIT_EXPECT_EQ(test, fc->buf[0], fc->fill);
}

static void cmd_task_set_full_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = fake_read(test, sess, 2);
	struct fake_cmd *b = fake_write(test, sess, 1);
	struct fake_cmd *c = fake_ready(test, sess);
	struct fake_cmd *d = fake_read(test, sess, 2);
	struct fake_cmd *e = fake_read(test, sess, 3);

	WRITE_ONCE(scst_max_cmd_mem, 2 * FAKE_BLOCK);
	a->hold = BIT(FAKE_XMIT);
	fake_send(a);
	fake_wait(a, FAKE_XMIT);
	fake_run(b);
	fake_expect(test, b, SAM_STAT_TASK_SET_FULL, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fake_nr(b, FAKE_RDY), 0);
	KUNIT_EXPECT_EQ(test, fake_nr(b, FAKE_EXEC), 0);
	fake_run(c);
	fake_expect(test, c, SAM_STAT_GOOD, SCST_SENSE_NONE);
	fake_go(a, FAKE_XMIT);
	fake_wait(a, FAKE_FREE);
	fake_expect(test, a, SAM_STAT_GOOD, SCST_SENSE_NONE);
	/* What the first one held is there again, and not a byte more. */
	fake_run(d);
	fake_expect(test, d, SAM_STAT_GOOD, SCST_SENSE_NONE);
	fake_run(e);
	fake_expect(test, e, SAM_STAT_TASK_SET_FULL, SCST_SENSE_NONE);
}

static void cmd_no_limit_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_read(test, sess, 2);

	WRITE_ONCE(scst_max_cmd_mem, 0);
	fake_run(fc);
	cmd_expect_good(test, fc, CMD_READ);
}

static void cmd_stats_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_stats stats = {};
	struct fake_cmd *fc;

	fake_run(fake_read(test, sess, 3));
	fake_run(fake_write(test, sess, 2));
	fake_run(fake_write(test, sess, 2));
	fake_run(fake_ready(test, sess));
	fc = fake_read(test, sess, 1);
	fc->exec_len = 100;
	fake_run(fc);
	scst_session_get_stats(sess, &stats);
	KUNIT_EXPECT_EQ(test, stats.dir[SCST_DATA_NONE].nr_cmds, 1);
	KUNIT_EXPECT_EQ(test, stats.dir[SCST_DATA_READ].nr_cmds, 2);
	KUNIT_EXPECT_EQ(test, stats.dir[SCST_DATA_WRITE].nr_cmds, 2);
	KUNIT_EXPECT_EQ(test, stats.dir[SCST_DATA_NONE].nr_bytes, 0);
	KUNIT_EXPECT_EQ(test, stats.dir[SCST_DATA_READ].nr_bytes,
			3 * FAKE_BLOCK + 100);
	KUNIT_EXPECT_EQ(test, stats.dir[SCST_DATA_WRITE].nr_bytes,
			4 * FAKE_BLOCK);
}

/* A short CDB is copied, a long one is the fabric's until the end. */
static void cmd_cdb_copy_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	u8 *cdb = kunit_kzalloc(test, SCST_CDB_MAX, GFP_KERNEL);
	struct fake_cmd *fc;

	KUNIT_ASSERT_NOT_NULL(test, cdb);
	fc = fake_cdb(test, sess, 0, cdb, SCST_CDB_INLINE);
	KUNIT_EXPECT_PTR_EQ(test, fc->cmd.cdb, (const u8 *)fc->cmd.cdb_buf);
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	fc = fake_cdb(test, sess, 0, cdb, SCST_CDB_INLINE + 1);
	KUNIT_EXPECT_PTR_EQ(test, fc->cmd.cdb, (const u8 *)cdb);
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
}

static struct kunit_case cmd_test_cases[] = {
	KUNIT_CASE_PARAM(cmd_context_test, cmd_way_gen_params),
	KUNIT_CASE_PARAM(cmd_xfer_context_test, cmd_way_gen_params),
	KUNIT_CASE_PARAM(cmd_atomic_fabric_test, cmd_way_gen_params),
	KUNIT_CASE_PARAM(cmd_need_thread_test, cmd_way_gen_params),
	KUNIT_CASE_PARAM(cmd_done_early_test, cmd_way_gen_params),
	KUNIT_CASE_PARAM(cmd_bare_test, cmd_way_gen_params),
	KUNIT_CASE_PARAM(cmd_alloc_fails_test, cmd_data_way_gen_params),
	KUNIT_CASE_PARAM(cmd_stop_test, cmd_stop_gen_params),
	KUNIT_CASE_PARAM(cmd_data_phase_test, cmd_data_stop_gen_params),
	KUNIT_CASE(cmd_pre_exec_refuses_test),
	KUNIT_CASE(cmd_parse_refuses_test),
	KUNIT_CASE(cmd_own_buffer_test),
	KUNIT_CASE(cmd_task_set_full_test),
	KUNIT_CASE(cmd_no_limit_test),
	KUNIT_CASE(cmd_stats_test),
	KUNIT_CASE(cmd_cdb_copy_test),
	{}
};

static struct kunit_suite cmd_suite = {
	.name = "scst_cmd",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = cmd_test_cases,
};

kunit_test_suite(cmd_suite);
