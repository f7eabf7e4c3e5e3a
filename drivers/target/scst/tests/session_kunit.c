// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: their beginning, while commands already come, and their end, while
 * commands are still inside.
 */
#include <linux/irqflags.h>
#include "fake.h"

static const u8 session_inquiry[6] = { INQUIRY, 0, 0, 0, 96, 0 };

/* A command that no unit attention gets in the way of */
static struct fake_cmd *session_cmd(struct kunit *test,
				    struct scst_session *sess)
{
	struct fake_cmd *fc = fake_cdb(test, sess, 0, session_inquiry,
				       sizeof(session_inquiry));

	fc->cmd.attr = SCST_TASK_ORDERED;
	return fc;
}

static struct scst_session *session_register(struct kunit *test, gfp_t gfp)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;

	sess = scst_register_session(fake->tgt, "ini", fake, gfp,
				     fake_init_done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sess);
	return sess;
}

static void session_expect_init(struct kunit *test, int error)
{
	struct scst_fake *fake = test->priv;

	KUNIT_ASSERT_NE(test, 0, wait_for_completion_timeout(&fake->init,
							     FAKE_LIMIT));
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_inits), 1);
	KUNIT_EXPECT_EQ(test, fake->init_error, error);
}

static void session_expect_unreg(struct kunit *test)
{
	struct scst_fake *fake = test->priv;

	KUNIT_ASSERT_NE(test, 0, wait_for_completion_timeout(&fake->unreg,
							     FAKE_LIMIT));
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_unregs), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 0);
}

/* init_done() may come before, between or after the commands */
static void session_expect_order(struct kunit *test, const char *order)
{
	struct scst_fake *fake = test->priv;
	char *at = strchr(fake->log, '+');

	KUNIT_ASSERT_NOT_NULL(test, at);
	memmove(at, at + 1, strlen(at));
	KUNIT_EXPECT_STREQ(test, fake->log, order);
}

static void session_sync_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = fake_session(test, "iqn.ini");
	struct scst_tgt_dev *tgt_dev = fake_nexus(sess, 0);

	KUNIT_EXPECT_STREQ(test, sess->initiator_name, "iqn.ini");
	KUNIT_EXPECT_PTR_EQ(test, sess->tgt, fake->tgt);
	KUNIT_EXPECT_PTR_EQ(test, sess->fabric_priv, (void *)fake);
	KUNIT_ASSERT_NOT_NULL(test, tgt_dev);
	KUNIT_EXPECT_PTR_EQ(test, tgt_dev->dev, fake->dev);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 1);
	fake_disown_session(test, sess);
	scst_unregister_session(sess, true, NULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 0);
}

/* Without sleeping, and with interrupts off. */
static void session_atomic_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;
	struct fake_cmd *fc;
	unsigned long flags;

	local_irq_save(flags);
	sess = scst_register_session(fake->tgt, "ini", fake, GFP_ATOMIC,
				     fake_init_done);
	local_irq_restore(flags);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sess);
	fake_own_session(test, sess);
	session_expect_init(test, 0);
	fc = session_cmd(test, sess);
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
}

/*
 * Commands that come before the session is ready wait, and keep their order.
 * It can't be ready as long as the test has the mutex.
 */
static void session_held_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;
	struct fake_cmd *fcs[4];
	int i;

	scst_config_lock();
	sess = session_register(test, GFP_KERNEL);
	fake_own_session(test, sess);
	for (i = 0; i < ARRAY_SIZE(fcs); i++) {
		fcs[i] = session_cmd(test, sess);
		fake_send_context(fcs[i], i % 2 ? SCST_CONTEXT_BH :
						  SCST_CONTEXT_DIRECT);
	}
	KUNIT_EXPECT_STREQ(test, fake->log, "");
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_inits), 0);
	scst_config_unlock();

	session_expect_init(test, 0);
	for (i = 0; i < ARRAY_SIZE(fcs); i++) {
		fake_wait(fcs[i], FAKE_FREE);
		fake_expect(test, fcs[i], SAM_STAT_GOOD, SCST_SENSE_NONE);
		KUNIT_EXPECT_EQ(test, fake_nr(fcs[i], FAKE_EXEC), 1);
	}
	session_expect_order(test, "aAbBcCdD");
}

static void session_disabled_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;

	KUNIT_ASSERT_EQ(test, 0, scst_tgt_enable(fake->tgt, false));
	sess = scst_register_session(fake->tgt, "ini", fake, GFP_KERNEL, NULL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(sess), -ESHUTDOWN);
	sess = scst_register_session(fake->tgt, "ini", fake, GFP_KERNEL,
				     fake_init_done);
	KUNIT_EXPECT_EQ(test, PTR_ERR(sess), -ESHUTDOWN);
	fake_settle(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_inits), 0);
	KUNIT_ASSERT_EQ(test, 0, scst_tgt_enable(fake->tgt, true));
	fake_session(test, "ini");
	/* A fabric that cannot end sessions cannot be disabled under them. */
	KUNIT_EXPECT_EQ(test, scst_tgt_enable(fake->tgt, false), -EBUSY);
	KUNIT_EXPECT_TRUE(test, fake->tgt->enabled);
}

/* Disabled just before the session is ready: its commands end all the same. */
static void session_disabled_meanwhile_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct fake_cmd *held, *late;
	struct scst_session *sess;

	scst_config_lock();
	sess = session_register(test, GFP_KERNEL);
	fake_own_session(test, sess);
	held = session_cmd(test, sess);
	fake_send(held);
	fake->tgt->enabled = false;
	scst_config_unlock();

	session_expect_init(test, -ESHUTDOWN);
	fake_wait(held, FAKE_FREE);
	fake_expect(test, held, SAM_STAT_BUSY, SCST_SENSE_NONE);
	late = session_cmd(test, sess);
	fake_run(late);
	fake_expect(test, late, SAM_STAT_BUSY, SCST_SENSE_NONE);
	KUNIT_EXPECT_STREQ(test, fake->log, "+");
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 0);
}

/* One of the LUNs cannot be had: the session gets none of them. */
static void session_attach_fails_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;
	struct fake_cmd *fc;

	fake->bad_dev = fake_add_lun(test, "fake_other", 1);
	sess = scst_register_session(fake->tgt, "ini", fake, GFP_KERNEL, NULL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(sess), -EIO);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 0);

	sess = session_register(test, GFP_KERNEL);
	fake_own_session(test, sess);
	session_expect_init(test, -EIO);
	fc = session_cmd(test, sess);
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_BUSY, SCST_SENSE_NONE);
	fake_settle(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 0);
}

/* A command inside keeps the session, wherever it is. */
static const u8 session_stops[] = { FAKE_RDY, FAKE_EXEC, FAKE_XMIT };

static void session_stop_desc(const u8 *at, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "stopped at %u", *at);
}

KUNIT_ARRAY_PARAM(session_stop, session_stops, session_stop_desc);

static void session_unregister_test(struct kunit *test)
{
	const u8 *at = test->param_value;
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_write(test, sess, 1);

	fc->hold = BIT(*at);
	fake_send(fc);
	fake_wait(fc, *at);
	fake_disown_session(test, sess);
	scst_unregister_session(sess, false, fake_unreg_done);
	fake_settle(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_unregs), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 1);
	fake_go(fc, *at);
	session_expect_unreg(test);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_STREQ(test, fake->log, "aA-");
}

/**
 * struct session_later - lets a command go while the test waits
 * @work: work item
 * @fc: command, stopped at FAKE_XMIT
 */
struct session_later {
	struct work_struct	work;
	struct fake_cmd		*fc;
};

static void session_later_work(struct work_struct *work)
{
	struct session_later *later = container_of(work, struct session_later,
						   work);

	fake_go(later->fc, FAKE_XMIT);
}

static void session_unregister_wait_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = fake_session(test, "ini");
	struct session_later later = { .fc = fake_ready(test, sess) };

	later.fc->hold = BIT(FAKE_XMIT);
	fake_send(later.fc);
	fake_wait(later.fc, FAKE_XMIT);
	fake_disown_session(test, sess);
	INIT_WORK_ONSTACK(&later.work, session_later_work);
	queue_work(system_wq, &later.work);
	scst_unregister_session(sess, true, fake_unreg_done);
	KUNIT_EXPECT_EQ(test, fake_nr(later.fc, FAKE_FREE), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_unregs), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 0);
	flush_work(&later.work);
	destroy_work_on_stack(&later.work);
}

/* It is registered to the end first, and its commands are executed. */
static void session_unregister_early_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;
	struct fake_cmd *fc;

	scst_config_lock();
	sess = session_register(test, GFP_KERNEL);
	fc = session_cmd(test, sess);
	fake_send(fc);
	scst_unregister_session(sess, false, fake_unreg_done);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_unregs), 0);
	scst_config_unlock();

	session_expect_unreg(test);
	session_expect_init(test, 0);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 1);
	session_expect_order(test, "aA-");
}

static void session_unregister_early_wait_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = session_register(test, GFP_KERNEL);

	scst_unregister_session(sess, true, fake_unreg_done);
	KUNIT_EXPECT_STREQ(test, fake->log, "+-");
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 0);
}

/* One that fails while it is being given up already. */
static void session_unregister_failed_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;
	struct fake_cmd *fc;

	scst_config_lock();
	sess = session_register(test, GFP_KERNEL);
	fc = session_cmd(test, sess);
	fake_send(fc);
	scst_unregister_session(sess, false, fake_unreg_done);
	fake->tgt->enabled = false;
	scst_config_unlock();

	session_expect_unreg(test);
	session_expect_init(test, -ESHUTDOWN);
	fake_expect(test, fc, SAM_STAT_BUSY, SCST_SENSE_NONE);
	KUNIT_EXPECT_STREQ(test, fake->log, "+-");
}

/* A LUN goes while a command is inside: that one ends by the old nexus. */
static void session_lun_lost_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *a = fake_ready(test, sess);
	struct fake_cmd *b = fake_ready(test, sess);

	a->hold = BIT(FAKE_EXEC);
	fake_send(a);
	fake_wait(a, FAKE_EXEC);
	scst_acg_lun_unlink(&fake->luns[0], fake->dev);
	fake_run(b);
	fake_expect(test, b, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_LUN_NOT_SUPPORTED);
	fake_settle(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 1);
	KUNIT_EXPECT_EQ(test, scst_dev_enable(fake->dev, false), -EBUSY);
	fake_go(a, FAKE_EXEC);
	fake_settle(test);
	fake_expect(test, a, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 0);
	KUNIT_EXPECT_EQ(test, scst_dev_enable(fake->dev, false), 0);
	KUNIT_EXPECT_EQ(test, scst_acg_lun_link(&fake->luns[0], fake->dev),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, scst_dev_enable(fake->dev, true), 0);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], fake->dev));
}

static DECLARE_COMPLETION(session_detaching);
static DECLARE_COMPLETION(session_detach_go);

static void session_slow_detach_tgt(struct scst_tgt_dev *tgt_dev)
{
	struct fake_dev *fd = container_of(tgt_dev->dev, struct fake_dev, dev);

	complete(&session_detaching);
	wait_for_completion(&session_detach_go);
	atomic_dec(&fd->fake->nr_attached);
}

/* The handler gives up a nexus before the device, however long it takes. */
static void session_slow_detach_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;

	fake_session(test, "ini");
	reinit_completion(&session_detaching);
	reinit_completion(&session_detach_go);
	fake->type.detach_tgt = session_slow_detach_tgt;
	scst_acg_lun_unlink(&fake->luns[0], fake->dev);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&session_detaching,
							     FAKE_LIMIT));
	KUNIT_EXPECT_EQ(test, scst_dev_enable(fake->dev, false), -EBUSY);
	complete_all(&session_detach_go);
	fake_settle(test);
	KUNIT_EXPECT_EQ(test, scst_dev_enable(fake->dev, false), 0);
	KUNIT_EXPECT_EQ(test, scst_dev_enable(fake->dev, true), 0);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], fake->dev));
}

static struct kunit_case session_test_cases[] = {
	KUNIT_CASE(session_sync_test),
	KUNIT_CASE(session_atomic_test),
	KUNIT_CASE(session_held_test),
	KUNIT_CASE(session_disabled_test),
	KUNIT_CASE(session_disabled_meanwhile_test),
	KUNIT_CASE(session_attach_fails_test),
	KUNIT_CASE_PARAM(session_unregister_test, session_stop_gen_params),
	KUNIT_CASE(session_unregister_wait_test),
	KUNIT_CASE(session_unregister_early_test),
	KUNIT_CASE(session_unregister_early_wait_test),
	KUNIT_CASE(session_unregister_failed_test),
	KUNIT_CASE(session_lun_lost_test),
	KUNIT_CASE(session_slow_detach_test),
	{}
};

static struct kunit_suite session_suite = {
	.name = "scst_session",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = session_test_cases,
};

kunit_test_suite(session_suite);
