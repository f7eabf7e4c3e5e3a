// SPDX-License-Identifier: GPL-2.0
/*
 * Task management functions are about what an initiator has sent to a LUN (SAM-5
 * 7): whatever the LUN shows by now, and whatever other LUNs show the same.
 */
#include <scsi/scsi_proto.h>
#include "fake.h"
#include "task_set.h"

#define TMF_OTHER_LUN	5

static const struct tmf_fn {
	const char	*name;
	enum scst_tm_fn	fn;
	bool		of_lun;
} tmf_fns[] = {
	{ "ABORT TASK SET", SCST_TM_ABORT_TASK_SET, true },
	{ "CLEAR TASK SET", SCST_TM_CLEAR_TASK_SET, true },
	{ "LOGICAL UNIT RESET", SCST_TM_LUN_RESET, true },
	{ "TARGET RESET", SCST_TM_TARGET_RESET, false },
};

KUNIT_ARRAY_PARAM_DESC(tmf_fn, tmf_fns, name);

/* The command was sent to another logical unit than the LUN shows now. */
static void tmf_replaced_test(struct kunit *test)
{
	const struct tmf_fn *p = test->param_value;
	struct scst_device *other = fake_add_lun(test, "fake_other", 1);
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;
	struct fake_tm *tm;

	fc = fake_stop(fake_read(test, sess, 1), FAKE_EXEC);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], other));
	tm = fake_tm_lun(test, sess, p->fn, 0);
	fake_tm_pending(test, tm);
	fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, fc, true);

	scst_acg_lun_unlink(&fake->luns[0], fake->dev);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], fake->dev));
	scst_acg_lun_unlink(&fake->luns[0], other);
}

/* The LUN has gone; there is no such LUN, but the command is there. */
static void tmf_removed_test(struct kunit *test)
{
	const struct tmf_fn *p = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;
	struct fake_tm *tm;

	fc = fake_stop(fake_read(test, sess, 1), FAKE_EXEC);
	scst_acg_lun_unlink(&fake->luns[0], fake->dev);
	tm = fake_tm_lun(test, sess, p->fn, 0);
	fake_tm_pending(test, tm);
	fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm),
			p->of_lun ? SCST_TM_NO_LUN : SCST_TM_COMPLETE);
	fake_expect_aborted(test, fc, true);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], fake->dev));
}

/* The device of LUN 0, once more */
static struct scst_acg_lun *tmf_show_twice(struct kunit *test)
{
	struct scst_acg_lun *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	struct scst_fake *fake = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, l);
	l->lun = TMF_OTHER_LUN;
	KUNIT_ASSERT_EQ(test, 0, scst_acg_add_lun(fake->tgt->default_acg, l));
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(l, fake->dev));
	return l;
}

static void tmf_show_once(struct kunit *test, struct scst_acg_lun *l)
{
	struct scst_fake *fake = test->priv;

	scst_acg_lun_unlink(l, fake->dev);
	scst_acg_del_lun(l);
}

static struct fake_cmd *tmf_read_other(struct kunit *test,
				       struct scst_session *sess)
{
	static const u8 cdb[10] = { READ_10, [8] = 1 };

	return fake_stop(fake_cdb(test, sess, TMF_OTHER_LUN, cdb, sizeof(cdb)),
			 FAKE_EXEC);
}

/* Of one LUN: the initiator has not given up what it has sent to another. */
static void tmf_own_twice_test(struct kunit *test)
{
	struct scst_acg_lun *l = tmf_show_twice(test);
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc;
	struct fake_tm *tm;

	fc = tmf_read_other(test, sess);
	tm = fake_tm_lun(test, sess, SCST_TM_ABORT_TASK_SET, 0);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tm = fake_tm_lun(test, sess, SCST_TM_QUERY_TASK_SET, 0);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	tm = fake_tm_lun(test, sess, SCST_TM_QUERY_TASK_SET, TMF_OTHER_LUN);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_SUCCEEDED);
	fake_go(fc, FAKE_EXEC);
	fake_expect_good(test, fc);
	tmf_show_once(test, l);
}

/* SAM-5 5.6: it is the nexus that has lost a command that is told. */
static void tmf_others_twice_test(struct kunit *test)
{
	struct scst_acg_lun *l = tmf_show_twice(test);
	struct scst_session *ini = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	unsigned long before[2];
	struct fake_cmd *fc;
	struct fake_tm *tm;

	set_control(test, 0, 0);
	fc = tmf_read_other(test, other);
	before[0] = fake_nexus(other, 0)->ua_pending;
	before[1] = fake_nexus(other, TMF_OTHER_LUN)->ua_pending;
	tm = fake_tm_lun(test, ini, SCST_TM_CLEAR_TASK_SET, 0);
	fake_tm_pending(test, tm);
	/* What comes after it is not to be overwritten by what is inside. */
	KUNIT_EXPECT_EQ(test, fake_nexus(other, TMF_OTHER_LUN)->ua_pending,
			before[1]);
	fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, fc, true);
	KUNIT_EXPECT_EQ(test, fake_nexus(other, 0)->ua_pending, before[0]);
	KUNIT_EXPECT_EQ(test, fake_nexus(other, TMF_OTHER_LUN)->ua_pending,
			before[1] | BIT(SCST_UA_CLEARED_BY_OTHER));
	tmf_show_once(test, l);
}

/* A task set is the logical unit's, at whatever LUN its commands come. */
static void tmf_clear_own_twice_test(struct kunit *test)
{
	struct scst_acg_lun *l = tmf_show_twice(test);
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_tgt_dev *other = fake_nexus(sess, TMF_OTHER_LUN);
	struct fake_cmd *fc, *bad;
	struct fake_tm *tm;

	set_control(test, 0, 0);
	other->ua_pending = 0;
	fc = tmf_read_other(test, sess);
	tm = fake_tm_lun(test, sess, SCST_TM_CLEAR_TASK_SET, 0);
	fake_tm_pending(test, tm);
	KUNIT_EXPECT_EQ(test, other->ua_pending, 0);
	fake_go(fc, FAKE_EXEC);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, fc, true);
	KUNIT_EXPECT_EQ(test, other->ua_pending, BIT(SCST_UA_CLEARED_BY_OTHER));

	/* QERR 01b: so does CHECK CONDITION. */
	set_control(test, 0, 1);
	other->ua_pending = 0;
	fc = tmf_read_other(test, sess);
	bad = set_bad(test, sess, SCST_TASK_SIMPLE, false);
	fake_run(bad);
	fake_expect(test, bad, SAM_STAT_CHECK_CONDITION, SCST_SENSE_HW_ERROR);
	KUNIT_EXPECT_EQ(test, other->ua_pending, 0);
	fake_go(fc, FAKE_EXEC);
	fake_settle(test);
	fake_expect_aborted(test, fc, true);
	KUNIT_EXPECT_EQ(test, other->ua_pending, BIT(SCST_UA_CLEARED_BY_OTHER));
	set_control(test, 0, 0);
	tmf_show_once(test, l);
}

static struct kunit_case tmf_lun_test_cases[] = {
	KUNIT_CASE_PARAM(tmf_replaced_test, tmf_fn_gen_params),
	KUNIT_CASE_PARAM(tmf_removed_test, tmf_fn_gen_params),
	KUNIT_CASE(tmf_own_twice_test),
	KUNIT_CASE(tmf_others_twice_test),
	KUNIT_CASE(tmf_clear_own_twice_test),
	{}
};

static struct kunit_suite tmf_lun_suite = {
	.name = "scst_tmf_lun",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = tmf_lun_test_cases,
};

kunit_test_suite(tmf_lun_suite);
