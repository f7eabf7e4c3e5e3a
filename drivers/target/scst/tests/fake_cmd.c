// SPDX-License-Identifier: GPL-2.0
/*
 * The commands and task management functions of the core's suites.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include "fake.h"

struct fake_cmd *fake_cdb(struct kunit *test, struct scst_session *sess,
			  u64 lun, const u8 *cdb, unsigned int len)
{
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc = kzalloc(sizeof(*fc), GFP_KERNEL);
	unsigned int i;
	u8 bytes[8];

	KUNIT_ASSERT_NOT_NULL(test, fc);
	KUNIT_ASSERT_LT(test, fake->nr_cmds, FAKE_MAX_CMDS);
	fc->fake = fake;
	fc->name = 'a' + fake->nr_cmds;
	for (i = 0; i < FAKE_NR_AT; i++)
		init_completion(&fc->at[i]);
	fc->alloc_error = -ENODATA;
	fc->exec_sense = SCST_SENSE_NONE;
	fc->exec_len = -1;
	fc->fill = fc->name;

	scst_lun_pack(SCST_ADDR_PERIPHERAL, lun, bytes);
	scst_rx_cmd(sess, &fc->cmd, bytes, cdb, len);
	fc->cmd.tag = fake->nr_cmds;
	fake->cmds[fake->nr_cmds++] = fc;
	return fc;
}

static struct fake_cmd *fake_io(struct kunit *test, struct scst_session *sess,
				u8 opcode, u16 blocks)
{
	u8 cdb[10] = { opcode };

	put_unaligned_be16(blocks, cdb + 7);
	return fake_cdb(test, sess, 0, cdb, sizeof(cdb));
}

struct fake_cmd *fake_read(struct kunit *test, struct scst_session *sess,
			   u16 blocks)
{
	return fake_io(test, sess, READ_10, blocks);
}

struct fake_cmd *fake_write(struct kunit *test, struct scst_session *sess,
			    u16 blocks)
{
	return fake_io(test, sess, WRITE_10, blocks);
}

struct fake_cmd *fake_update(struct kunit *test, struct scst_session *sess,
			     u64 lba)
{
	u8 cdb[16] = { COMPARE_AND_WRITE, [13] = 1 };

	put_unaligned_be64(lba, cdb + 2);
	return fake_cdb(test, sess, 0, cdb, sizeof(cdb));
}

struct fake_cmd *fake_ready(struct kunit *test, struct scst_session *sess)
{
	static const u8 cdb[6] = { TEST_UNIT_READY };

	return fake_cdb(test, sess, 0, cdb, sizeof(cdb));
}

struct fake_cmd *fake_alone(struct kunit *test, struct scst_session *sess)
{
	static const u8 cdb[6] = { START_STOP };

	return fake_cdb(test, sess, 0, cdb, sizeof(cdb));
}

void fake_send_context(struct fake_cmd *fc, enum scst_context context)
{
	fc->sent = true;
	scst_cmd_init_done(&fc->cmd, context);
}

void fake_send(struct fake_cmd *fc)
{
	fake_send_context(fc, SCST_CONTEXT_DIRECT);
}

struct fake_cmd *fake_send_hold(struct fake_cmd *fc, enum fake_at at)
{
	fc->hold = BIT(at);
	fake_send(fc);
	return fc;
}

struct fake_cmd *fake_stop(struct fake_cmd *fc, enum fake_at at)
{
	fake_send_hold(fc, at);
	fake_wait(fc, at);
	return fc;
}

void fake_go_context(struct fake_cmd *fc, enum fake_at at, bool ok,
		     enum scst_context context)
{
	if (!test_and_clear_bit(at, &fc->held)) {
		KUNIT_FAIL(fc->fake->test, "command %c is not at %d", fc->name,
			   at);
		return;
	}
	switch (at) {
	case FAKE_PREPROC:
		scst_restart_cmd(&fc->cmd, ok, context);
		break;
	case FAKE_RDY:
		scst_rx_data(&fc->cmd, ok, context);
		break;
	case FAKE_EXEC:
		scst_cmd_done(&fc->cmd, context);
		break;
	case FAKE_XMIT:
		scst_tgt_cmd_done(&fc->cmd, context);
		break;
	default:
		break;
	}
}

void fake_go(struct fake_cmd *fc, enum fake_at at)
{
	fake_go_context(fc, at, true, SCST_CONTEXT_DIRECT);
}

void fake_wait(struct fake_cmd *fc, enum fake_at at)
{
	KUNIT_ASSERT_NE_MSG(fc->fake->test, 0,
			    wait_for_completion_timeout(&fc->at[at],
							FAKE_LIMIT),
			    "command %c does not come by %d", fc->name, at);
}

unsigned int fake_nr(const struct fake_cmd *fc, enum fake_at at)
{
	return atomic_read(&fc->nr[at]);
}

/*
 * What moves by itself is an RCU callback that finds a gate drained, or a work
 * item. Each round takes such a chain one link on; none of them is longer.
 */
void fake_settle(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	unsigned int round, i;

	for (round = 0; round < 4; round++) {
		rcu_barrier();
		for (i = 0; i < fake->nr_devs; i++)
			flush_workqueue(fake->devs[i]->wq);
		flush_workqueue(scst_wq);
		flush_workqueue(scst_tm_wq);
		flush_workqueue(scst_free_wq);
	}
}

void fake_run(struct fake_cmd *fc)
{
	fake_send(fc);
	fake_wait(fc, FAKE_FREE);
}

void fake_expect(struct kunit *test, const struct fake_cmd *fc, u8 status,
		 scst_sense_t sense)
{
	KUNIT_EXPECT_EQ_MSG(test, fake_nr(fc, FAKE_XMIT), 1, "command %c",
			    fc->name);
	KUNIT_EXPECT_EQ_MSG(test, fake_nr(fc, FAKE_FREE), 1, "command %c",
			    fc->name);
	KUNIT_EXPECT_EQ_MSG(test, fc->status, status, "command %c", fc->name);
	KUNIT_EXPECT_EQ_MSG(test, (__force u32)fc->sense, (__force u32)sense,
			    "command %c", fc->name);
}

void fake_expect_good(struct kunit *test, struct fake_cmd *fc)
{
	fake_wait(fc, FAKE_FREE);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
}

void fake_expect_aborted(struct kunit *test, const struct fake_cmd *fc,
			 bool executed)
{
	KUNIT_EXPECT_EQ_MSG(test, fake_nr(fc, FAKE_FREE), 1, "command %c",
			    fc->name);
	KUNIT_EXPECT_EQ_MSG(test, fake_nr(fc, FAKE_XMIT), 0, "command %c",
			    fc->name);
	KUNIT_EXPECT_EQ_MSG(test, fake_nr(fc, FAKE_EXEC), executed,
			    "command %c", fc->name);
}

void fake_expect_ua(struct kunit *test, struct scst_session *sess,
		    scst_sense_t sense)
{
	struct fake_cmd *fc = fake_ready(test, sess);
	bool ua = sense != SCST_SENSE_NONE;

	fake_run(fc);
	fake_expect(test, fc, ua ? SAM_STAT_CHECK_CONDITION : SAM_STAT_GOOD,
		    sense);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), !ua);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_DEV_DONE), 1);
}

static struct fake_tm *fake_tm(struct kunit *test)
{
	struct fake_tm *tm = kunit_kzalloc(test, sizeof(*tm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tm);
	init_completion(&tm->done);
	return tm;
}

struct fake_tm *fake_tm_tag(struct kunit *test, struct scst_session *sess,
			    u64 tag)
{
	struct fake_tm *tm = fake_tm(test);

	scst_rx_mgmt_fn_tag(&tm->mcmd, sess, SCST_TM_ABORT_TASK, tag);
	return tm;
}

struct fake_tm *fake_tm_query(struct kunit *test, struct scst_session *sess,
			      u64 tag)
{
	struct fake_tm *tm = fake_tm(test);

	scst_rx_mgmt_fn_tag(&tm->mcmd, sess, SCST_TM_QUERY_TASK, tag);
	return tm;
}

struct fake_tm *fake_tm_lun(struct kunit *test, struct scst_session *sess,
			    enum scst_tm_fn fn, u64 lun)
{
	struct fake_tm *tm = fake_tm(test);
	u8 bytes[8];

	scst_lun_pack(SCST_ADDR_PERIPHERAL, lun, bytes);
	scst_rx_mgmt_fn_lun(&tm->mcmd, sess, fn, bytes);
	return tm;
}

enum scst_tm_response fake_tm_wait(struct kunit *test, struct fake_tm *tm)
{
	KUNIT_ASSERT_NE_MSG(test, 0,
			    wait_for_completion_timeout(&tm->done, FAKE_LIMIT),
			    "a function does not end");
	KUNIT_EXPECT_EQ(test, atomic_read(&tm->nr_affected), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&tm->nr_done), 1);
	return tm->response;
}

void fake_tm_pending(struct kunit *test, const struct fake_tm *tm)
{
	fake_settle(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&tm->nr_affected), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&tm->nr_done), 0);
}
