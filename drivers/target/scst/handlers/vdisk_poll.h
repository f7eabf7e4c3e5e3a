/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bios of vdisk_blockio whose completion is polled for.
 */
#ifndef _SCST_VDISK_POLL_H
#define _SCST_VDISK_POLL_H

#include <linux/bio.h>
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/percpu.h>
#include "vdisk.h"

/* Nobody wants to burn more than a second for nothing. */
#define VDISK_MAX_POLL_US	1000000

/* What asks for completions does so one by one: each bio is a request. */
#define VDISK_POLL_OPF		(REQ_POLLED | REQ_NOMERGE)

/**
 * struct vdisk_bio - a bio of vdisk.bio_set
 * @added: in vdisk_poller.added
 * @entry: in vdisk_poller.bios
 * @ended: the block layer has done with it
 * @bio: last, since its vectors follow; the poller has a reference of its own
 */
struct vdisk_bio {
	union {
		struct llist_node	added;
		struct list_head	entry;
	};
	bool				ended;
	struct bio			bio;
};

#define VDISK_BIO_PAD	offsetof(struct vdisk_bio, bio)

#define VDISK_POLLER_ACTIVE	0

/**
 * struct vdisk_poller - polls for what was submitted on one CPU
 * @work: does it, on the CPU, as long as something is on its way
 * @vd: disk
 * @added: new struct vdisk_bio; any CPU adds
 * @flags: VDISK_POLLER_ACTIVE: @work is queued or running; atomic
 * @slow: nothing has ended for poll_us, so that @work looks only now and then,
 *	and what comes is not polled for; READ_ONCE()
 * @bios: struct vdisk_bio on their way; @work's own
 * @since: when one of @bios ended last, or they began to be; likewise
 */
struct vdisk_poller {
	struct delayed_work	work;
	struct vdisk		*vd;
	struct llist_head	added;
	unsigned long		flags;
	bool			slow;
	struct list_head	bios;
	u64			since;
};

/*
 * May the next READ or WRITE be polled for? It is a hint: the caller may be on
 * another CPU by the time that it submits.
 */
static inline bool vdisk_polls(const struct vdisk *vd)
{
	return unlikely(READ_ONCE(vd->poll_us)) && READ_ONCE(vd->polls) &&
	       !READ_ONCE(raw_cpu_ptr(vd->pollers)->slow);
}

static inline void vdisk_bio_end(struct bio *bio)
{
	/* Pairs with vdisk_bio_ended(): the last that is done with it. */
	smp_store_release(&container_of(bio, struct vdisk_bio, bio)->ended,
			  true);
}

int vdisk_poll_open(struct vdisk *vd);
void vdisk_poll_close(struct vdisk *vd);
void vdisk_poll_submit(struct vdisk *vd, struct bio *bio);

#endif /* _SCST_VDISK_POLL_H */
