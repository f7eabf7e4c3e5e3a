// SPDX-License-Identifier: GPL-2.0
/*
 * When the poller of vdisk_blockio takes a device for slow: a fake one, which
 * answers when it was asked often enough.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/bio.h>
#include <linux/bitops.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/workqueue.h>
#include "../vdisk_poll.h"

/* The least that there is */
#define POLL_US		1
#define FAKE_DEPTH	2

/**
 * struct fake_disk - a block device with a queue that is polled
 * @test: whose it is
 * @set: of its queues
 * @disk: it
 * @vd: who polls it
 * @rq: what it has
 * @sent: bios that it was sent
 * @asked: how often it was asked
 * @slow_late: it was taken for slow when it answered late, or after that
 * @slow: it was taken for slow when it did not answer
 * @done: the last bio has ended
 */
struct fake_disk {
	struct kunit		*test;
	struct blk_mq_tag_set	set;
	struct gendisk		*disk;
	struct vdisk		vd;
	struct request		*rq;
	unsigned int		sent;
	unsigned int		asked;
	bool			slow_late;
	bool			slow;
	struct completion	done;
};

static bool fake_is_slow(struct fake_disk *fake)
{
	int cpu;

	for_each_possible_cpu(cpu)
		if (READ_ONCE(per_cpu_ptr(fake->vd.pollers, cpu)->slow))
			return true;
	return false;
}

static void fake_send(struct fake_disk *fake);

static void fake_end_io(struct bio *bio)
{
	struct fake_disk *fake = bio->bi_private;

	KUNIT_EXPECT_EQ(fake->test, bio->bi_status, BLK_STS_OK);
	vdisk_bio_end(bio);
	bio_put(bio);
	if (fake->sent < 2)
		fake_send(fake);
	else
		complete(&fake->done);
}

static void fake_send(struct fake_disk *fake)
{
	struct bio *bio = bio_alloc_bioset(fake->disk->part0, 1,
					   REQ_OP_WRITE | VDISK_POLL_OPF,
					   GFP_NOIO, &fake->vd.bio_set);

	__bio_add_page(bio, ZERO_PAGE(0), SECTOR_SIZE, 0);
	bio->bi_private = fake;
	bio->bi_end_io = fake_end_io;
	fake->sent++;
	vdisk_poll_submit(&fake->vd, bio);
}

static blk_status_t fake_queue_rq(struct blk_mq_hw_ctx *hctx,
				  const struct blk_mq_queue_data *bd)
{
	struct fake_disk *fake = hctx->queue->tag_set->driver_data;

	blk_mq_start_request(bd->rq);
	fake->rq = bd->rq;
	return BLK_STS_OK;
}

/*
 * The first bio ends when it is asked for again, and by then its time is over,
 * since the device takes as long to say that it has nothing. The second does
 * not end before the device is taken for slow.
 */
static int fake_poll(struct blk_mq_hw_ctx *hctx, struct io_comp_batch *iob)
{
	struct fake_disk *fake = hctx->queue->tag_set->driver_data;

	if (!fake->asked++) {
		udelay(2 * POLL_US);
		return 0;
	}
	if (fake->asked <= 3)
		fake->slow_late |= fake_is_slow(fake);
	if (fake->sent == 2 && !fake_is_slow(fake))
		return 0;
	fake->slow = fake_is_slow(fake);
	KUNIT_EXPECT_TRUE(fake->test,
			  blk_mq_add_to_batch(fake->rq, iob, false,
					      blk_mq_end_request_batch));
	return 1;
}

static void fake_map_queues(struct blk_mq_tag_set *set)
{
	set->map[HCTX_TYPE_DEFAULT].nr_queues = 1;
	set->map[HCTX_TYPE_POLL].nr_queues = 1;
	set->map[HCTX_TYPE_POLL].queue_offset = 1;
	blk_mq_map_queues(&set->map[HCTX_TYPE_DEFAULT]);
	blk_mq_map_queues(&set->map[HCTX_TYPE_POLL]);
}

static const struct blk_mq_ops fake_mq_ops = {
	.queue_rq	= fake_queue_rq,
	.poll		= fake_poll,
	.map_queues	= fake_map_queues,
};

static const struct block_device_operations fake_fops = {
	.owner	= THIS_MODULE,
};

KUNIT_DEFINE_ACTION_WRAPPER(free_set, blk_mq_free_tag_set,
			    struct blk_mq_tag_set *);
KUNIT_DEFINE_ACTION_WRAPPER(free_disk, put_disk, struct gendisk *);
KUNIT_DEFINE_ACTION_WRAPPER(free_bios, bioset_exit, struct bio_set *);
KUNIT_DEFINE_ACTION_WRAPPER(close_poll, vdisk_poll_close, struct vdisk *);

static int poll_init(struct kunit *test)
{
	struct fake_disk *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	test->priv = fake;
	fake->test = test;
	init_completion(&fake->done);
	fake->set.ops = &fake_mq_ops;
	fake->set.nr_hw_queues = 2;
	fake->set.nr_maps = HCTX_MAX_TYPES;
	fake->set.queue_depth = FAKE_DEPTH;
	fake->set.driver_data = fake;
	KUNIT_ASSERT_EQ(test, blk_mq_alloc_tag_set(&fake->set), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_set,
							&fake->set), 0);
	fake->disk = blk_mq_alloc_disk(&fake->set, NULL, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(fake->disk));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_disk,
							fake->disk), 0);
	fake->disk->fops = &fake_fops;
	set_capacity(fake->disk, 1);
	KUNIT_ASSERT_EQ(test, bioset_init(&fake->vd.bio_set, FAKE_DEPTH,
					  VDISK_BIO_PAD, BIOSET_NEED_BVECS), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_bios,
							&fake->vd.bio_set), 0);
	fake->vd.bdev = fake->disk->part0;
	fake->vd.poll_us = POLL_US;
	KUNIT_ASSERT_EQ(test, vdisk_poll_open(&fake->vd), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_poll,
							&fake->vd), 0);
	KUNIT_ASSERT_TRUE(test, fake->vd.polls);
	return 0;
}

static void poll_slow_test(struct kunit *test)
{
	struct fake_disk *fake = test->priv;

	fake_send(fake);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&fake->done,
							  60 * HZ), 0);
	KUNIT_EXPECT_FALSE(test, fake->slow_late);
	KUNIT_EXPECT_TRUE(test, fake->slow);
}

/* Whoever has sent a bio queues the work: perhaps after it was taken. */
static void poll_nothing_test(struct kunit *test)
{
	struct fake_disk *fake = test->priv;
	struct vdisk_poller *poller = raw_cpu_ptr(fake->vd.pollers);

	set_bit(VDISK_POLLER_ACTIVE, &poller->flags);
	schedule_delayed_work(&poller->work, 0);
	flush_delayed_work(&poller->work);
	KUNIT_EXPECT_FALSE(test, test_bit(VDISK_POLLER_ACTIVE, &poller->flags));
	KUNIT_EXPECT_FALSE(test, poller->slow);
}

static struct kunit_case poll_test_cases[] = {
	KUNIT_CASE(poll_slow_test),
	KUNIT_CASE(poll_nothing_test),
	{}
};

static struct kunit_suite poll_suite = {
	.name = "scst_vdisk_poll",
	.init = poll_init,
	.test_cases = poll_test_cases,
};

kunit_test_suite(poll_suite);
