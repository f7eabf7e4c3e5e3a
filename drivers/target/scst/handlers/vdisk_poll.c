// SPDX-License-Identifier: GPL-2.0
/*
 * Polling a block device for the ends of READs and WRITEs, instead of being
 * interrupted by it.
 *
 * Whoever submits a bio hands it to the poller of his CPU, whose work asks the
 * device as long as something is on its way: it must, since such a device does
 * not say by itself that a polled request has ended. It does so without pause
 * for vdisk.poll_us after the last one that ended, and once a jiffy from then
 * on, until one ends; what comes meanwhile is left to interrupts.
 *
 * The work runs beside the works of other devices, not instead of them
 * (WQ_CPU_INTENSIVE), and goes to the end of the queue now and then, so that the
 * number of disks that are polled does not matter.
 */
#include <kunit/visibility.h>
#include <linux/blk-integrity.h>
#include <linux/blkdev.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include "vdisk_poll.h"

/* Longest time until others in the queue of the CPU get their turn */
#define VDISK_POLL_SLICE_NS	(2 * NSEC_PER_MSEC)

static struct workqueue_struct *vdisk_poll_wq;

/*
 * Polling works with the queue that a bio ends up in. Not for
 *
 * - a device that polls those below it (device-mapper): nobody may poll for a
 *   bio before it is submitted to all of them, and when it was suspended
 *   meanwhile, that is later than submit_bio() returns
 * - one whose requests end before their bios: integrity is verified after that
 * - zones: while a bio waits for its zone, its cookie means something else
 */
static bool vdisk_bdev_polls(struct block_device *bdev)
{
	return bdev_get_queue(bdev)->limits.features & BLK_FEAT_POLL &&
	       !bdev->bd_disk->fops->poll_bio && !bdev_get_integrity(bdev) &&
	       !bdev_is_zoned(bdev);
}

/* Those that have come, the oldest first: it is likely to end first, too. */
static void vdisk_poll_take(struct vdisk_poller *poller)
{
	struct llist_node *node = llist_del_all(&poller->added);
	struct vdisk_bio *vb, *next;

	if (!node)
		return;
	if (list_empty(&poller->bios))
		poller->since = ktime_get_ns();
	node = llist_reverse_order(node);
	llist_for_each_entry_safe(vb, next, node, added)
		list_add_tail(&vb->entry, &poller->bios);
}

static bool vdisk_bio_ended(const struct vdisk_bio *vb)
{
	/* Pairs with vdisk_bio_end(). */
	return smp_load_acquire(&vb->ended);
}

/*
 * The device and its queue outlive a bio that has not ended by an RCU grace
 * period; bio_poll() takes a reference to the queue for the rest. A driver that
 * changes the number of its queues once the bio has ended, and is done with it
 * before bio_poll() gets that far, is not excluded: as in iocb_bio_iopoll().
 */
static void vdisk_poll_ask(struct vdisk_bio *vb, struct io_comp_batch *iob)
{
	rcu_read_lock();
	if (!vdisk_bio_ended(vb))
		bio_poll(&vb->bio, iob, BLK_POLL_ONESHOT);
	rcu_read_unlock();
}

/* Asks for one after the other, until the device has something. */
static void vdisk_poll_ask_all(struct vdisk_poller *poller)
{
	DEFINE_IO_COMP_BATCH(iob);
	struct vdisk_bio *vb;

	list_for_each_entry(vb, &poller->bios, entry) {
		vdisk_poll_ask(vb, &iob);
		if (iob.complete)
			break;
	}
	if (iob.complete)
		iob.complete(&iob);
}

/*
 * Forgets all that have ended, whatever is slow before them. Return: there were
 * some.
 */
static bool vdisk_poll_forget(struct vdisk_poller *poller)
{
	struct vdisk_bio *vb, *next;
	bool progress = false;

	list_for_each_entry_safe(vb, next, &poller->bios, entry) {
		if (!vdisk_bio_ended(vb))
			continue;
		list_del(&vb->entry);
		bio_put(&vb->bio);
		progress = true;
	}
	return progress;
}

/* Pairs with vdisk_poll_submit(): one of the two sees what the other did. */
static bool vdisk_poll_end(struct vdisk_poller *poller)
{
	clear_bit(VDISK_POLLER_ACTIVE, &poller->flags);
	/* Between leaving and looking whether somebody has come */
	smp_mb__after_atomic();
	return llist_empty(&poller->added) ||
	       test_and_set_bit(VDISK_POLLER_ACTIVE, &poller->flags);
}

/*
 * Was the patience over when the device was asked, and did not answer? Nobody
 * was asked if all that came was taken before whoever has queued the work did.
 */
static bool vdisk_poll_was_slow(const struct vdisk_poller *poller, u64 asked)
{
	return !list_empty(&poller->bios) &&
	       asked >= poller->since +
			(u64)READ_ONCE(poller->vd->poll_us) * NSEC_PER_USEC;
}

static void vdisk_poll_work(struct work_struct *work)
{
	struct vdisk_poller *poller = container_of(to_delayed_work(work),
						   struct vdisk_poller, work);
	u64 now = ktime_get_ns(), end = now + VDISK_POLL_SLICE_NS;

	for (; now < end; now = ktime_get_ns()) {
		vdisk_poll_take(poller);
		vdisk_poll_ask_all(poller);
		if (vdisk_poll_forget(poller)) {
			poller->since = ktime_get_ns();
			WRITE_ONCE(poller->slow, false);
		} else if (vdisk_poll_was_slow(poller, now)) {
			WRITE_ONCE(poller->slow, true);
			queue_delayed_work(vdisk_poll_wq, &poller->work, 1);
			return;
		}
		if (list_empty(&poller->bios) && vdisk_poll_end(poller))
			return;
		cond_resched();
	}
	queue_delayed_work(vdisk_poll_wq, &poller->work, 0);
}

/**
 * vdisk_poll_submit() - submit a bio and poll for its end
 * @vd: disk whose vdisk.polls was true
 * @bio: of vdisk.bio_set, with VDISK_POLL_OPF; its bi_end_io() calls
 *	vdisk_bio_end()
 *
 * The command that it is a part of does not end before this returns. Process
 * context.
 */
void vdisk_poll_submit(struct vdisk *vd, struct bio *bio)
{
	struct vdisk_bio *vb = container_of(bio, struct vdisk_bio, bio);
	struct vdisk_poller *poller;

	vb->ended = false;
	bio_get(bio);
	submit_bio(bio);
	/* Interrupts complete one that the block layer had to split. */
	if (!(READ_ONCE(bio->bi_opf) & REQ_POLLED)) {
		bio_put(bio);
		return;
	}
	poller = raw_cpu_ptr(vd->pollers);
	llist_add(&vb->added, &poller->added);
	if (!test_and_set_bit(VDISK_POLLER_ACTIVE, &poller->flags))
		queue_delayed_work(vdisk_poll_wq, &poller->work, 0);
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_poll_submit);

static void vdisk_poller_init(struct vdisk_poller *poller, struct vdisk *vd)
{
	INIT_DELAYED_WORK(&poller->work, vdisk_poll_work);
	poller->vd = vd;
	init_llist_head(&poller->added);
	INIT_LIST_HEAD(&poller->bios);
}

/* The store is being opened; no command comes near it. 0 or -ENOMEM. */
int vdisk_poll_open(struct vdisk *vd)
{
	int cpu;

	vd->polls = vdisk_bdev_polls(vd->bdev);
	if (!vd->polls)
		return 0;
	vd->pollers = alloc_percpu(struct vdisk_poller);
	if (!vd->pollers)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		vdisk_poller_init(per_cpu_ptr(vd->pollers, cpu), vd);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_poll_open);

/* All commands have ended, hence all bios: they are only to be forgotten. */
void vdisk_poll_close(struct vdisk *vd)
{
	struct vdisk_poller *poller;
	int cpu;

	if (!vd->pollers)
		return;
	for_each_possible_cpu(cpu) {
		poller = per_cpu_ptr(vd->pollers, cpu);
		cancel_delayed_work_sync(&poller->work);
		vdisk_poll_take(poller);
		vdisk_poll_forget(poller);
		WARN_ON_ONCE(!list_empty(&poller->bios));
	}
	free_percpu(vd->pollers);
	vd->pollers = NULL;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_poll_close);

int __init vdisk_poll_init(void)
{
	vdisk_poll_wq = alloc_workqueue("scst_poll", WQ_MEM_RECLAIM |
					WQ_CPU_INTENSIVE, 0);
	return vdisk_poll_wq ? 0 : -ENOMEM;
}

void vdisk_poll_exit(void)
{
	destroy_workqueue(vdisk_poll_wq);
}
