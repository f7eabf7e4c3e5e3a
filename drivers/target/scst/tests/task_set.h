/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of task sets, ACA conditions and QERR share.
 */
#ifndef _SCST_TESTS_TASK_SET_H
#define _SCST_TESTS_TASK_SET_H

#include "fake.h"

#define SET_NACA	0x04
#define SET_CLEARED_UA	SCST_SENSE(UNIT_ATTENTION, 0x2f, 0x00)

/* MODE SELECT, as far as task sets are concerned */
static inline void set_control(struct kunit *test, u8 tst, u8 qerr)
{
	struct scst_fake *fake = test->priv;

	fake->dev->control.tst = tst;
	fake->dev->control.qerr = qerr;
	scst_task_set_update(fake->dev);
}

/* TEST UNIT READY */
static inline struct fake_cmd *set_cmd(struct kunit *test,
				       struct scst_session *sess,
				       enum scst_task_attr attr, bool naca)
{
	const u8 cdb[6] = { TEST_UNIT_READY, [5] = naca ? SET_NACA : 0 };
	struct fake_cmd *fc = fake_cdb(test, sess, 0, cdb, sizeof(cdb));

	fc->cmd.attr = attr;
	return fc;
}

/* One that ends with CHECK CONDITION when it is executed */
static inline struct fake_cmd *set_bad(struct kunit *test,
				       struct scst_session *sess,
				       enum scst_task_attr attr, bool naca)
{
	struct fake_cmd *fc = set_cmd(test, sess, attr, naca);

	fc->exec_sense = SCST_SENSE_HW_ERROR;
	return fc;
}

/* ... and establishes an ACA condition */
static inline void set_fault(struct kunit *test, struct scst_session *sess)
{
	struct fake_cmd *fc = set_bad(test, sess, SCST_TASK_SIMPLE, true);

	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION, SCST_SENSE_HW_ERROR);
}

static inline bool set_has_aca(struct scst_session *sess)
{
	struct scst_tgt_dev *tgt_dev = fake_nexus(sess, 0);

	return tgt_dev->aca;
}

/* Waits for its data: it has its place, and has not come to be executed. */
static inline struct fake_cmd *set_early(struct kunit *test,
					 struct scst_session *sess,
					 enum scst_task_attr attr)
{
	struct fake_cmd *fc = fake_write(test, sess, 1);

	fc->cmd.attr = attr;
	return fake_stop(fc, FAKE_RDY);
}

/* Long chains: a function, what it waits for, and what that had held up */
static inline void set_settle(struct kunit *test)
{
	fake_settle(test);
	fake_settle(test);
}

static inline void set_expect_exec(struct kunit *test,
				   const struct fake_cmd *fc, bool executed)
{
	set_settle(test);
	KUNIT_EXPECT_EQ_MSG(test, fake_nr(fc, FAKE_EXEC), executed,
			    "command %c", fc->name);
}

static inline void set_expect_status(struct kunit *test, struct fake_cmd *fc,
				     u8 status)
{
	fake_run(fc);
	fake_expect(test, fc, status, status == SAM_STAT_CHECK_CONDITION ?
		    SCST_SENSE(ILLEGAL_REQUEST, 0x49, 0x00) : SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), status == SAM_STAT_GOOD);
}

static inline void set_clear_aca(struct kunit *test, struct scst_session *sess)
{
	struct fake_tm *tm = fake_tm_lun(test, sess, SCST_TM_CLEAR_ACA, 0);

	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
}

#endif /* _SCST_TESTS_TASK_SET_H */
