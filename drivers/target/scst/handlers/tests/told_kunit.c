// SPDX-License-Identifier: GPL-2.0
/*
 * What a virtual disk tells once, a failed format and lost writes, and what
 * becomes of it when the answer that was to tell it has not arrived.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "../vdisk.h"

static const struct vdisk_store told_store;

static int told_init(struct kunit *test)
{
	struct vdisk *vd = kunit_kzalloc(test, sizeof(*vd), GFP_KERNEL);

	if (!vd)
		return -ENOMEM;
	vd->store = &told_store;
	xa_init_flags(&vd->lost_known, XA_FLAGS_LOCK_IRQ);
	vdisk_job_init(vd);
	test->priv = vd;
	return 0;
}

static void told_exit(struct kunit *test)
{
	struct vdisk *vd = test->priv;

	xa_destroy(&vd->lost_known);
}

static struct scst_tgt_dev *told_nexus(struct kunit *test)
{
	struct scst_tgt_dev *nexus = kunit_kzalloc(test, sizeof(*nexus),
						   GFP_KERNEL);
	struct vdisk *vd = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, nexus);
	nexus->dev = &vd->dev;
	return nexus;
}

static struct scst_cmd *told_cmd(struct kunit *test, struct scst_tgt_dev *nexus)
{
	struct scst_cmd *cmd = kunit_kzalloc(test, sizeof(*cmd), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cmd);
	cmd->tgt_dev = nexus;
	cmd->dev = nexus->dev;
	/* What it finds there must not matter. */
	memset(cmd->handler_priv, 0xff, sizeof(cmd->handler_priv));
	return cmd;
}

/* A command that ends with the failure, on its way to the initiator */
static struct scst_cmd *told_failure(struct kunit *test,
				     struct scst_tgt_dev *nexus)
{
	struct scst_cmd *cmd = told_cmd(test, nexus);

	KUNIT_EXPECT_TRUE(test, vdisk_job_refuses(cmd));
	return cmd;
}

/* As the core does it */
static void told_lose(struct kunit *test, struct scst_cmd *cmd)
{
	KUNIT_ASSERT_NE(test, cmd->flags, 0);
	vdisk_not_delivered(cmd);
}

/* Is the failure forgotten when the store comes back? It fails again then. */
static bool told_is_forgotten(struct kunit *test)
{
	struct vdisk *vd = test->priv;
	bool forgotten;

	vdisk_job_returned(vd);
	forgotten = vd->job_state == VDISK_JOB_NONE;
	vd->job_state = VDISK_FORMAT_FAILED;
	return forgotten;
}

static struct scst_tgt_dev *told_failed(struct kunit *test)
{
	struct scst_tgt_dev *owner = told_nexus(test);
	struct vdisk *vd = test->priv;

	vd->job.owner = owner;
	vd->job_state = VDISK_FORMAT_FAILED;
	KUNIT_EXPECT_FALSE(test, told_is_forgotten(test));
	return owner;
}

/* One answer that has arrived is enough, whichever it is. */
static void told_twice_test(struct kunit *test)
{
	struct scst_tgt_dev *owner = told_failed(test);
	struct scst_cmd *first, *second, *third;

	first = told_failure(test, owner);
	KUNIT_EXPECT_TRUE(test, told_is_forgotten(test));
	second = told_failure(test, owner);
	told_lose(test, first);
	KUNIT_EXPECT_TRUE(test, told_is_forgotten(test));
	third = told_failure(test, owner);
	told_lose(test, third);
	KUNIT_EXPECT_TRUE(test, told_is_forgotten(test));
	told_lose(test, second);
	KUNIT_EXPECT_FALSE(test, told_is_forgotten(test));
	told_failure(test, owner);
	KUNIT_EXPECT_TRUE(test, told_is_forgotten(test));
}

static void told_request_sense_test(struct kunit *test)
{
	struct scst_tgt_dev *owner = told_failed(test);
	struct scst_cmd *cmd = told_cmd(test, owner);
	struct vdisk *vd = test->priv;
	int progress = -1;

	KUNIT_EXPECT_EQ(test, (__force u32)vdisk_job_sense(cmd, &progress),
			(__force u32)SCST_SENSE_FORMAT_FAILED);
	KUNIT_EXPECT_TRUE(test, told_is_forgotten(test));
	told_lose(test, cmd);
	KUNIT_EXPECT_FALSE(test, told_is_forgotten(test));
	/* There is nothing to tell. */
	vd->job_state = VDISK_JOB_NONE;
	cmd = told_cmd(test, owner);
	KUNIT_EXPECT_EQ(test, (__force u32)vdisk_job_sense(cmd, &progress),
			(__force u32)SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, cmd->flags, 0);
}

/* Others count when who has begun it has gone. */
static void told_other_test(struct kunit *test)
{
	struct scst_tgt_dev *owner = told_failed(test);
	struct scst_tgt_dev *other = told_nexus(test);
	struct scst_cmd *cmd = told_failure(test, other);

	KUNIT_EXPECT_EQ(test, cmd->flags, 0);
	KUNIT_EXPECT_FALSE(test, told_is_forgotten(test));
	vdisk_job_nexus_gone(owner);
	cmd = told_failure(test, other);
	KUNIT_EXPECT_TRUE(test, told_is_forgotten(test));
	told_lose(test, cmd);
	KUNIT_EXPECT_FALSE(test, told_is_forgotten(test));
}

/* An answer that was on its way for long says nothing of the next format. */
static void told_earlier_test(struct kunit *test)
{
	struct scst_tgt_dev *owner = told_failed(test);
	struct scst_cmd *earlier = told_failure(test, owner);
	struct vdisk *vd = test->priv;

	/* vdisk_job_begin() */
	vd->job.number++;
	vd->job.told = 0;
	KUNIT_EXPECT_FALSE(test, told_is_forgotten(test));
	told_failure(test, owner);
	told_lose(test, earlier);
	KUNIT_EXPECT_TRUE(test, told_is_forgotten(test));
}

/* Once for each nexus, be it by another answer than the first */
static void told_flush_test(struct kunit *test)
{
	struct scst_tgt_dev *nexus = told_nexus(test);
	struct scst_tgt_dev *other = told_nexus(test);
	struct scst_cmd *cmd = told_cmd(test, nexus);
	struct vdisk *vd = test->priv;

	KUNIT_EXPECT_TRUE(test, vdisk_end_flush(cmd, 0));
	KUNIT_EXPECT_EQ(test, cmd->flags, 0);
	atomic_inc(&vd->lost_writes);
	KUNIT_EXPECT_FALSE(test, vdisk_end_flush(told_cmd(test, other), 0));
	KUNIT_EXPECT_FALSE(test, vdisk_end_flush(cmd, 0));
	told_lose(test, cmd);
	cmd = told_cmd(test, nexus);
	KUNIT_EXPECT_FALSE(test, vdisk_end_flush(cmd, 0));
	cmd = told_cmd(test, nexus);
	KUNIT_EXPECT_TRUE(test, vdisk_end_flush(cmd, 0));
	KUNIT_EXPECT_EQ(test, cmd->flags, 0);
	/* A flush that fails for its own part tells of all that is lost. */
	atomic_inc(&vd->lost_writes);
	KUNIT_EXPECT_FALSE(test, vdisk_end_flush(cmd, -EIO));
	told_lose(test, cmd);
	cmd = told_cmd(test, nexus);
	KUNIT_EXPECT_FALSE(test, vdisk_end_flush(cmd, 0));
	KUNIT_EXPECT_FALSE(test, vdisk_end_flush(told_cmd(test, other), 0));
	KUNIT_EXPECT_TRUE(test, vdisk_end_flush(told_cmd(test, other), 0));
}

static struct kunit_case told_test_cases[] = {
	KUNIT_CASE(told_twice_test),
	KUNIT_CASE(told_request_sense_test),
	KUNIT_CASE(told_other_test),
	KUNIT_CASE(told_earlier_test),
	KUNIT_CASE(told_flush_test),
	{}
};

static struct kunit_suite told_suite = {
	.name = "scst_vdisk_told",
	.init = told_init,
	.exit = told_exit,
	.test_cases = told_test_cases,
};

kunit_test_suite(told_suite);
