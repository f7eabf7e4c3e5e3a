// SPDX-License-Identifier: GPL-2.0
/*
 * The table of ranges: an update, which writes what follows from what it has
 * read, is alone on its blocks; everything else shares them.
 *
 * As long as a device sees no updates there are no ranges, and nobody looks
 * here. The first update runs alone in the device, hence no command is inside
 * that has taken none, and sets scst_ranges.on. From then on every command
 * that touches the medium takes its range, until updates have not been seen
 * for a while (SCST_RANGE_IDLE; nothing depends on how long it is).
 *
 * A bucket has the ranges of some regions of the medium, by a hash. A range is
 * in the bucket of each of its regions, or, if there are too many, in the last
 * one; all updates are there, too. Hence any two that conflict meet in a
 * bucket, and commands in different regions do not share a lock.
 *
 * A range takes its places with the locks of all its buckets held, so that any
 * two of them have the same order wherever they meet, and that of all of them
 * has no circles. It counts those before it that it conflicts with, and each
 * of them counts it down when it leaves; those that wait are waited for, too,
 * and nobody starves. Whoever has a range, or waits for one, is inside of all
 * the gates by then and waits at none of them, so gates may be waited at by
 * those who have no range yet, but not the reverse.
 */
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include "scst_priv.h"

/* Buckets for regions; one more is for wide ranges. */
#define SCST_RANGE_BITS		6
#define SCST_RANGE_BUCKETS	BIT(SCST_RANGE_BITS)
/* An initiator that uses updates as locks renews them every few seconds. */
#define SCST_RANGE_IDLE		(60 * HZ)

/**
 * struct scst_range_bucket - the ranges of some regions
 * @lock: subject: everything below. Taken in any context; several of them in
 *	the order of their addresses.
 * @plain: scst_range_node.node of what is no update, in order
 * @updates: the same of updates
 * @seq: order of arrival, for the next one
 */
struct scst_range_bucket {
	spinlock_t		lock;	/* all below */
	struct list_head	plain;
	struct list_head	updates;
	u64			seq;
} ____cacheline_aligned_in_smp;

static struct scst_range_bucket *scst_ranges_wide(struct scst_ranges *ranges)
{
	return ranges->buckets + SCST_RANGE_BUCKETS;
}

int scst_ranges_init(struct scst_ranges *ranges,
		     void (*wake)(struct scst_range_entry *entry))
{
	struct scst_range_bucket *bucket;

	ranges->buckets = kvcalloc(SCST_RANGE_BUCKETS + 1, sizeof(*bucket),
				   GFP_KERNEL);
	if (!ranges->buckets)
		return -ENOMEM;
	for (bucket = ranges->buckets; bucket <= scst_ranges_wide(ranges);
	     bucket++) {
		spin_lock_init(&bucket->lock);
		INIT_LIST_HEAD(&bucket->plain);
		INIT_LIST_HEAD(&bucket->updates);
	}
	ranges->wake = wake;
	ranges->on = false;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(scst_ranges_init);

void scst_ranges_exit(struct scst_ranges *ranges)
{
	kvfree(ranges->buckets);
}
EXPORT_SYMBOL_IF_KUNIT(scst_ranges_exit);

/**
 * scst_ranges_begin() - from here on commands take ranges
 * @ranges: table of a device in which the caller is alone
 *
 * Any context.
 */
void scst_ranges_begin(struct scst_ranges *ranges)
{
	struct scst_range_bucket *wide = scst_ranges_wide(ranges);
	unsigned long flags;

	spin_lock_irqsave(&wide->lock, flags);
	WRITE_ONCE(ranges->used, jiffies);
	WRITE_ONCE(ranges->on, true);
	spin_unlock_irqrestore(&wide->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(scst_ranges_begin);

static bool scst_ranges_idle(const struct scst_ranges *ranges)
{
	return time_after(jiffies, READ_ONCE(ranges->used) + SCST_RANGE_IDLE);
}

/**
 * scst_ranges_end_idle() - if there are no updates any more, no more ranges
 * @ranges: table
 *
 * An update that comes now runs alone, and begins again. Any context.
 */
void scst_ranges_end_idle(struct scst_ranges *ranges)
{
	struct scst_range_bucket *wide = scst_ranges_wide(ranges);
	unsigned long flags;

	if (likely(!scst_ranges_idle(ranges)))
		return;
	spin_lock_irqsave(&wide->lock, flags);
	if (list_empty(&wide->updates) && scst_ranges_idle(ranges))
		WRITE_ONCE(ranges->on, false);
	spin_unlock_irqrestore(&wide->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(scst_ranges_end_idle);

/*
 * Its places. One that comes back after an ACA condition finds the same ones:
 * scst_range_cancel() may be looking.
 */
static bool scst_range_find(struct scst_ranges *ranges,
			    struct scst_range_entry *entry, u8 block_shift)
{
	struct scst_range_bucket *at[SCST_RANGE_NODES];
	u64 regions[SCST_RANGE_REGIONS];
	unsigned int i, nr, nr_at = 0;

	nr = scst_range_regions(&entry->range, block_shift, regions);
	if (!nr && entry->update)
		return false;
	for (i = 0; i < nr; i++)
		at[nr_at++] = ranges->buckets + hash_64(regions[i],
							SCST_RANGE_BITS);
	if (nr_at == 2 && at[0] > at[1])
		swap(at[0], at[1]);
	if (nr_at == 2 && at[0] == at[1])
		nr_at--;
	if (!nr || entry->update)
		at[nr_at++] = scst_ranges_wide(ranges);

	for (i = 0; i < nr_at; i++) {
		entry->nodes[i].entry = entry;
		entry->nodes[i].bucket = at[i];
	}
	entry->nr_nodes = nr_at;
	return true;
}

/* sparse cannot count the locks of a loop: here it is told to forget them. */
static unsigned long scst_range_lock(struct scst_range_entry *entry)
{
	struct scst_range_bucket *bucket = entry->nodes[0].bucket;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&bucket->lock, flags);
	__release(&bucket->lock);
	for (i = 1; i < entry->nr_nodes; i++) {
		bucket = entry->nodes[i].bucket;
		spin_lock_nested(&bucket->lock, i);
		__release(&bucket->lock);
	}
	return flags;
}

static void scst_range_unlock(struct scst_range_entry *entry,
			      unsigned long flags)
{
	struct scst_range_bucket *bucket;
	unsigned int i;

	for (i = entry->nr_nodes - 1; i > 0; i--) {
		bucket = entry->nodes[i].bucket;
		__acquire(&bucket->lock);
		spin_unlock(&bucket->lock);
	}
	bucket = entry->nodes[0].bucket;
	__acquire(&bucket->lock);
	spin_unlock_irqrestore(&bucket->lock, flags);
}

/* The bucket's lists of those that a range may conflict with there */
static unsigned int scst_range_rivals(struct scst_ranges *ranges,
				      const struct scst_range_node *node,
				      struct list_head *lists[2])
{
	struct scst_range_bucket *bucket = node->bucket;
	unsigned int nr = 0;

	lockdep_assert_held(&bucket->lock);

	if (node->entry->update)
		lists[nr++] = &bucket->plain;
	/* Two updates have met by region. */
	if (!node->entry->update || bucket != scst_ranges_wide(ranges))
		lists[nr++] = &bucket->updates;
	return nr;
}

/* How many of those before it does it wait for, as far as this bucket goes? */
static unsigned int scst_range_count(struct scst_ranges *ranges,
				     const struct scst_range_node *node)
{
	const struct scst_range *range = &node->entry->range;
	unsigned int i, nr, count = 0;
	struct scst_range_node *other;
	struct list_head *lists[2];

	nr = scst_range_rivals(ranges, node, lists);
	for (i = 0; i < nr; i++)
		list_for_each_entry(other, lists[i], node) {
			if (other->seq >= node->seq)
				break;
			count += scst_range_overlap(&other->entry->range,
						    range);
		}
	return count;
}

/* Out of a bucket. Those that waited for nobody else go to @wake. */
static void scst_range_unlink(struct scst_ranges *ranges,
			      struct scst_range_node *node,
			      struct list_head *wake)
{
	const struct scst_range *range = &node->entry->range;
	struct scst_range_node *other;
	struct list_head *lists[2];
	unsigned int i, nr;

	nr = scst_range_rivals(ranges, node, lists);
	list_del_init(&node->node);
	for (i = 0; i < nr; i++)
		list_for_each_entry_reverse(other, lists[i], node) {
			if (other->seq < node->seq)
				break;
			if (scst_range_overlap(&other->entry->range, range) &&
			    atomic_dec_and_test(&other->entry->pending))
				list_add(&other->entry->wake, wake);
		}
}

static void scst_range_wake(struct scst_ranges *ranges, struct list_head *wake)
{
	struct scst_range_entry *entry, *next;

	list_for_each_entry_safe(entry, next, wake, wake)
		ranges->wake(entry);
}

/**
 * scst_range_enter() - take a range, or a place among those who wait for it
 * @ranges: table
 * @entry: entry, of which range and update are set
 * @block_shift: log2 of the logical block length
 *
 * scst_range_park() tells which it is. Any context. Return: false for an update
 * that has no place: it is too wide, or the others have taken none.
 */
bool scst_range_enter(struct scst_ranges *ranges,
		      struct scst_range_entry *entry, u8 block_shift)
{
	struct scst_range_node *node;
	unsigned long flags;
	unsigned int i;
	int pending = 1;

	if (!scst_range_find(ranges, entry, block_shift))
		return false;
	flags = scst_range_lock(entry);
	/* Under the lock of the last bucket, in which all updates are. */
	if (entry->update && !ranges->on) {
		scst_range_unlock(entry, flags);
		return false;
	}
	for (i = 0; i < entry->nr_nodes; i++) {
		node = &entry->nodes[i];
		node->seq = node->bucket->seq++;
		pending += scst_range_count(ranges, node);
		list_add_tail(&node->node, entry->update ?
					   &node->bucket->updates :
					   &node->bucket->plain);
	}
	atomic_set(&entry->pending, pending);
	if (entry->update && time_after(jiffies, ranges->used))
		WRITE_ONCE(ranges->used, jiffies);
	scst_range_unlock(entry, flags);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(scst_range_enter);

/**
 * scst_range_must_wait() - would scst_range_park() wait?
 * @entry: entry for which scst_range_enter() has returned true, not parked
 *
 * Any context. Return: likewise. It may be otherwise by then, but not worse.
 */
bool scst_range_must_wait(const struct scst_range_entry *entry)
{
	return atomic_read(&entry->pending) > 1;
}
EXPORT_SYMBOL_IF_KUNIT(scst_range_must_wait);

/**
 * scst_range_park() - wait until it is one's turn
 * @entry: entry for which scst_range_enter() has returned true
 *
 * Any context. Return: true if the entry waits: then it belongs to the table
 * until its wake() is called, and must not be touched; false if it has its
 * range, or was cancelled.
 */
bool scst_range_park(struct scst_range_entry *entry)
{
	/* Woken: all have been counted down, it itself as well. */
	if (!atomic_read(&entry->pending))
		return false;
	return !atomic_dec_and_test(&entry->pending);
}
EXPORT_SYMBOL_IF_KUNIT(scst_range_park);

/**
 * scst_range_cancel() - an entry gives up waiting
 * @ranges: table
 * @entry: entry for which scst_range_enter() has returned true once
 *
 * One that waits is taken out; its user must see that he has no range, and
 * leaves. One that has its range keeps it. Any context.
 *
 * Return: true if the entry was parked: the caller now does what
 * wake() would have done.
 */
bool scst_range_cancel(struct scst_ranges *ranges,
		       struct scst_range_entry *entry)
{
	unsigned int i, count = 0;
	unsigned long flags;
	bool parked = false;
	LIST_HEAD(wake);

	flags = scst_range_lock(entry);
	if (list_empty(&entry->nodes[0].node))
		goto unlock;
	for (i = 0; i < entry->nr_nodes; i++)
		count += scst_range_count(ranges, &entry->nodes[i]);
	if (!count)
		goto unlock;
	for (i = 0; i < entry->nr_nodes; i++)
		scst_range_unlink(ranges, &entry->nodes[i], &wake);
	/* Nobody finds it any more who would count it down. */
	parked = atomic_sub_and_test(count, &entry->pending);
unlock:
	scst_range_unlock(entry, flags);
	scst_range_wake(ranges, &wake);
	return parked;
}
EXPORT_SYMBOL_IF_KUNIT(scst_range_cancel);

/**
 * scst_range_leave() - go, whether with a range, waiting or cancelled
 * @ranges: table
 * @entry: entry, not parked; may be reused or freed on return
 *
 * Any context.
 */
void scst_range_leave(struct scst_ranges *ranges,
		      struct scst_range_entry *entry)
{
	struct scst_range_node *node;
	unsigned long flags;
	unsigned int i;
	LIST_HEAD(wake);

	for (i = 0; i < entry->nr_nodes; i++) {
		node = &entry->nodes[i];
		spin_lock_irqsave(&node->bucket->lock, flags);
		if (!list_empty(&node->node))
			scst_range_unlink(ranges, node, &wake);
		spin_unlock_irqrestore(&node->bucket->lock, flags);
	}
	scst_range_wake(ranges, &wake);
}
EXPORT_SYMBOL_IF_KUNIT(scst_range_leave);
