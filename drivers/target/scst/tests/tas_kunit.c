// SPDX-License-Identifier: GPL-2.0
/*
 * What initiators hear of what others do: status TASK ABORTED, or nothing (TAS),
 * and unit attentions that stay (UA_INTLCK_CTRL).
 */
#include <linux/string.h>
#include "fake.h"

#define TAS_RESET	SCST_SENSE(UNIT_ATTENTION, 0x29, 0x03)
#define TAS_SIZE	SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x09)
#define TAS_BUSY	SCST_SENSE(UNIT_ATTENTION, 0x2c, 0x07)
#define TAS_FULL	SCST_SENSE(UNIT_ATTENTION, 0x2c, 0x08)
#define TAS_CONFLICT	SCST_SENSE(UNIT_ATTENTION, 0x2c, 0x09)

/* SAM-5 5.6 */
static void tas_answer_test(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, scst_abort_is_answered(true, false));
	KUNIT_EXPECT_FALSE(test, scst_abort_is_answered(true, true));
	KUNIT_EXPECT_FALSE(test, scst_abort_is_answered(false, false));
	KUNIT_EXPECT_TRUE(test, scst_abort_is_answered(false, true));
}

/**
 * struct tas_crowd - commands of two nexuses
 * @ini: nexus that aborts
 * @other: nexus whose commands are aborted
 * @own: of @ini, being executed
 * @exec: of @other, likewise
 * @data: of @other, waiting for Data-Out
 * @wait: of @other, waiting for its turn
 * @answer: of @other, being answered already
 */
struct tas_crowd {
	struct scst_session	*ini;
	struct scst_session	*other;
	struct fake_cmd		*own;
	struct fake_cmd		*exec;
	struct fake_cmd		*data;
	struct fake_cmd		*wait;
	struct fake_cmd		*answer;
};

static void tas_gather(struct kunit *test, struct tas_crowd *c)
{
	c->ini = fake_session(test, "ini");
	c->other = fake_session(test, "other");
	c->own = fake_stop(fake_ready(test, c->ini), FAKE_EXEC);
	c->answer = fake_stop(fake_read(test, c->other, 1), FAKE_XMIT);
	c->exec = fake_stop(fake_read(test, c->other, 1), FAKE_EXEC);
	c->data = fake_stop(fake_write(test, c->other, 1), FAKE_RDY);
	c->wait = fake_ready(test, c->other);
	c->wait->cmd.attr = SCST_TASK_ORDERED;
	fake_send(c->wait);
}

static void tas_disperse(struct kunit *test, struct tas_crowd *c,
			 const struct fake_tm *tm)
{
	fake_tm_pending(test, tm);
	fake_go(c->own, FAKE_EXEC);
	fake_tm_pending(test, tm);
	fake_go(c->exec, FAKE_EXEC);
	fake_tm_pending(test, tm);
	fake_go(c->data, FAKE_RDY);
}

static const struct tas_value {
	enum scst_tm_fn	fn;
	bool		tas;
} tas_values[] = {
	{ SCST_TM_LUN_RESET, false },
	{ SCST_TM_LUN_RESET, true },
	{ SCST_TM_TARGET_RESET, false },
	{ SCST_TM_TARGET_RESET, true },
};

static void tas_desc(const struct tas_value *value, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "function %d, TAS %d", value->fn,
		 value->tas);
}

KUNIT_ARRAY_PARAM(tas_value, tas_values, tas_desc);

/* The commands of others are answered with TASK ABORTED, or not at all. */
static void tas_reset_test(struct kunit *test)
{
	const struct tas_value *value = test->param_value;
	struct scst_fake *fake = test->priv;
	struct tas_crowd c;
	struct fake_tm *tm;

	fake->dev->control.tas = value->tas;
	tas_gather(test, &c);
	tm = fake_tm_lun(test, c.ini, value->fn, 0);
	tas_disperse(test, &c, tm);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, c.own, true);
	KUNIT_EXPECT_EQ(test, fake_nr(c.answer, FAKE_FREE), 0);
	fake_go(c.answer, FAKE_XMIT);
	fake_expect_good(test, c.answer);
	if (value->tas) {
		fake_expect(test, c.exec, SAM_STAT_TASK_ABORTED,
			    SCST_SENSE_NONE);
		fake_expect(test, c.data, SAM_STAT_TASK_ABORTED,
			    SCST_SENSE_NONE);
		fake_expect(test, c.wait, SAM_STAT_TASK_ABORTED,
			    SCST_SENSE_NONE);
		KUNIT_EXPECT_EQ(test, c.exec->resp_len, 0);
	} else {
		fake_expect_aborted(test, c.exec, true);
		fake_expect_aborted(test, c.data, false);
		fake_expect_aborted(test, c.wait, false);
	}
	fake_expect_ua(test, c.ini, TAS_RESET);
	fake_expect_ua(test, c.other, TAS_RESET);
	fake_expect_ua(test, c.other, SCST_SENSE_NONE);
}

/* Who aborts its own commands is not told, whatever TAS is. */
static void tas_own_test(struct kunit *test)
{
	static const enum scst_tm_fn fns[] = {
		SCST_TM_ABORT_TASK_SET, SCST_TM_CLEAR_TASK_SET,
		SCST_TM_LUN_RESET, SCST_TM_TARGET_RESET,
		SCST_TM_NEXUS_RESET, SCST_TM_ABORT_ALL_SESS,
	};
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;
	struct fake_tm *tm;
	int i;

	fake->dev->control.tas = true;
	for (i = 0; i < ARRAY_SIZE(fns); i++) {
		fc = fake_stop(fake_read(test, sess, 1), FAKE_EXEC);
		tm = fake_tm_lun(test, sess, fns[i], 0);
		fake_tm_pending(test, tm);
		fake_go(fc, FAKE_EXEC);
		KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm),
				SCST_TM_COMPLETE);
		fake_expect_aborted(test, fc, true);
		fake_clear_ua(sess);
	}
}

/* The first one decides: an own abort is silent, and the other way round. */
static void tas_twice_test(struct kunit *test)
{
	struct scst_session *ini = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_fake *fake = test->priv;
	struct fake_tm *first, *second;
	struct fake_cmd *a, *b;

	fake->dev->control.tas = true;
	a = fake_stop(fake_read(test, other, 1), FAKE_EXEC);
	first = fake_tm_tag(test, other, a->cmd.tag);
	fake_tm_pending(test, first);
	second = fake_tm_lun(test, ini, SCST_TM_LUN_RESET, 0);
	fake_tm_pending(test, second);
	fake_go(a, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, first), SCST_TM_COMPLETE);
	fake_tm_wait(test, second);
	fake_expect_aborted(test, a, true);
	fake_clear_ua(ini);
	fake_clear_ua(other);

	b = fake_stop(fake_read(test, other, 1), FAKE_EXEC);
	first = fake_tm_lun(test, ini, SCST_TM_LUN_RESET, 0);
	fake_tm_pending(test, first);
	second = fake_tm_tag(test, other, b->cmd.tag);
	fake_tm_pending(test, second);
	fake_go(b, FAKE_EXEC);
	fake_tm_wait(test, first);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, second), SCST_TM_NO_TASK);
	fake_expect(test, b, SAM_STAT_TASK_ABORTED, SCST_SENSE_NONE);
}

/*
 * An initiator that does not take its answers delays nobody's function but its
 * own, which are answered after the status.
 */
static void tas_stuck_initiator_test(struct kunit *test)
{
	struct scst_session *ini = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc = fake_read(test, other, 1);
	struct fake_tm *tm, *own;

	fake->dev->control.tas = true;
	fc->hold = BIT(FAKE_EXEC) | BIT(FAKE_XMIT);
	fake_send(fc);
	fake_wait(fc, FAKE_EXEC);
	tm = fake_tm_lun(test, ini, SCST_TM_LUN_RESET, 0);
	fake_tm_pending(test, tm);
	own = fake_tm_tag(test, other, fc->cmd.tag);
	fake_tm_pending(test, own);
	fake_go(fc, FAKE_EXEC);
	fake_wait(fc, FAKE_XMIT);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_FREE), 0);
	fake_tm_pending(test, own);
	tm = fake_tm_lun(test, ini, SCST_TM_LUN_RESET, 0);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	/* One of its own that comes now waits until it is out. */
	tm = fake_tm_tag(test, other, fc->cmd.tag);
	fake_tm_pending(test, tm);
	fake_go(fc, FAKE_XMIT);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_NO_TASK);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, own), SCST_TM_NO_TASK);
	fake_expect(test, fc, SAM_STAT_TASK_ABORTED, SCST_SENSE_NONE);
}

/* REQUEST SENSE at LUN 0 returns this */
static void ua_expect_sense(struct kunit *test, struct scst_session *sess,
			    scst_sense_t sense)
{
	static const u8 cdb[6] = { REQUEST_SENSE, [4] = 18 };
	struct fake_cmd *fc = fake_cdb(test, sess, 0, cdb, sizeof(cdb));

	fake_run(fc);
	fake_expect_good(test, fc);
	KUNIT_EXPECT_EQ(test, fc->in[2] & 0x0f, scst_sense_key(sense));
	KUNIT_EXPECT_EQ(test, fc->in[12], scst_sense_asc(sense));
	KUNIT_EXPECT_EQ(test, fc->in[13], scst_sense_ascq(sense));
}

static void ua_end_with(struct kunit *test, struct scst_session *sess,
			u8 status)
{
	struct fake_cmd *fc = fake_ready(test, sess);

	fc->exec_status = status;
	fake_run(fc);
	fake_expect(test, fc, status, SCST_SENSE_NONE);
}

/* UA_INTLCK_CTRL 00b: told once */
static void ua_free_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;

	scst_raise_ua(fake->dev, SCST_UA_CAPACITY_CHANGED, NULL);
	fake_expect_ua(test, sess, TAS_SIZE);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	ua_end_with(test, sess, SAM_STAT_BUSY);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
}

static const u8 ua_locks[] = { 2, 3 };

static void ua_lock_desc(const u8 *lock, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "UA_INTLCK_CTRL %u", *lock);
}

KUNIT_ARRAY_PARAM(ua_lock, ua_locks, ua_lock_desc);

/* 10b and 11b: told until REQUEST SENSE has asked, the most urgent one first */
static void ua_locked_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	const u8 *lock = test->param_value;

	fake->dev->control.ua_intlck = *lock;
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	scst_raise_ua(fake->dev, SCST_UA_CAPACITY_CHANGED, NULL);
	fake_expect_ua(test, sess, TAS_SIZE);
	scst_raise_ua(fake->dev, SCST_UA_LUN_RESET, NULL);
	fake_expect_ua(test, sess, TAS_RESET);
	fake_expect_ua(test, sess, TAS_RESET);
	ua_expect_sense(test, sess, TAS_RESET);
	fake_expect_ua(test, sess, TAS_SIZE);
	fake_expect_ua(test, sess, TAS_SIZE);
	ua_expect_sense(test, sess, TAS_SIZE);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	ua_expect_sense(test, sess, SCST_SENSE_NONE);
}

/* 10b does not look at how commands end, 11b does. */
static void ua_previous_test(struct kunit *test)
{
	static const struct {
		u8		status;
		scst_sense_t	sense;
	} rows[] = {
		{ SAM_STAT_BUSY, TAS_BUSY },
		{ SAM_STAT_TASK_SET_FULL, TAS_FULL },
		{ SAM_STAT_RESERVATION_CONFLICT, TAS_CONFLICT },
		{ SAM_STAT_CONDITION_MET, SCST_SENSE_NONE },
	};
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_fake *fake = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fake->dev->control.ua_intlck = 2;
		ua_end_with(test, sess, rows[i].status);
		ua_expect_sense(test, sess, SCST_SENSE_NONE);
		fake->dev->control.ua_intlck = 3;
		ua_end_with(test, sess, rows[i].status);
		ua_expect_sense(test, sess, rows[i].sense);
		ua_expect_sense(test, sess, SCST_SENSE_NONE);
	}
	fake_expect_ua(test, other, SCST_SENSE_NONE);
}

/* However many commands end that way, there is one condition. */
static void ua_previous_once_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *a, *b;

	fake->dev->control.ua_intlck = 3;
	a = fake_ready(test, sess);
	b = fake_ready(test, sess);
	a->exec_status = SAM_STAT_BUSY;
	b->exec_status = SAM_STAT_TASK_SET_FULL;
	fake_stop(a, FAKE_EXEC);
	fake_stop(b, FAKE_EXEC);
	fake_go(a, FAKE_EXEC);
	fake_go(b, FAKE_EXEC);
	fake_wait(a, FAKE_FREE);
	fake_wait(b, FAKE_FREE);
	ua_expect_sense(test, sess, TAS_BUSY);
	ua_expect_sense(test, sess, SCST_SENSE_NONE);
}

static struct kunit_case tas_test_cases[] = {
	KUNIT_CASE(tas_answer_test),
	KUNIT_CASE_PARAM(tas_reset_test, tas_value_gen_params),
	KUNIT_CASE(tas_own_test),
	KUNIT_CASE(tas_twice_test),
	KUNIT_CASE(tas_stuck_initiator_test),
	KUNIT_CASE(ua_free_test),
	KUNIT_CASE_PARAM(ua_locked_test, ua_lock_gen_params),
	KUNIT_CASE(ua_previous_test),
	KUNIT_CASE(ua_previous_once_test),
	{}
};

static struct kunit_suite tas_suite = {
	.name = "scst_tas",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = tas_test_cases,
};

kunit_test_suite(tas_suite);
