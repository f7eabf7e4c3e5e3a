// SPDX-License-Identifier: GPL-2.0
/*
 * What a thin disk takes of its store, and what is left there (SBC-4 4.7.3.7):
 * the resources of the Logical Block Provisioning log page, and soft thresholds
 * for them.
 */
#include <kunit/visibility.h>
#include <linux/file.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/stat.h>
#include <linux/statfs.h>
#include <linux/string.h>
#include "vdisk.h"

/* So much may be written before the store is asked again, at most */
#define VDISK_MAX_UNSEEN	SZ_64M

/*
 * Files have what their file system has; a device tells of nothing. It holds
 * for a store that is closed, too: who sets thresholds then finds them.
 */
bool vdisk_has_resources(const struct vdisk *vd)
{
	return vd->thin_provisioned && vd->kind->resources && !vd->on_device;
}

/*
 * THRESHOLD EXPONENT: a threshold set is a MiB, or more if 32 bits could not
 * count all of the disk (SBC-4 6.6.9).
 */
u8 vdisk_threshold_exponent(const struct vdisk *vd)
{
	u64 nblocks = READ_ONCE(vd->dev.nblocks);
	u8 exponent = ilog2(SZ_1M) - vd->dev.block_shift;

	while (nblocks >> exponent > U32_MAX)
		exponent++;
	return exponent;
}

static u8 vdisk_set_shift(const struct vdisk *vd)
{
	return vdisk_threshold_exponent(vd) + vd->dev.block_shift;
}

/*
 * Bytes; for vdisk_store.resources. A reset may have the store asked at any
 * time: its file is kept, in case it is being closed.
 */
int vdisk_file_resources(struct vdisk *vd, u64 *available, u64 *used)
{
	struct file *file = get_file_active(&vd->file);
	struct kstatfs fs;
	struct kstat stat;
	unsigned int noio;
	int error;

	if (!file)
		return -ENODEV;
	noio = memalloc_noio_save();
	error = vfs_statfs(&file->f_path, &fs);
	if (!error)
		error = vfs_getattr_nosec(&file->f_path, &stat, STATX_BLOCKS,
					  AT_STATX_SYNC_AS_STAT);
	memalloc_noio_restore(noio);
	fput(file);
	if (error)
		return error;
	/* One that does not say how large it is has no limit (tmpfs). */
	*available = fs.f_blocks ? fs.f_bavail * fs.f_frsize : U64_MAX;
	*used = stat.blocks << SECTOR_SHIFT;
	return 0;
}

/* Threshold sets until it is reached; 0: it is */
u32 vdisk_threshold_left(const struct vdisk_threshold *threshold,
			 enum vdisk_threshold_id id, u32 available, u32 used)
{
	u32 count = threshold->count;

	if (!threshold->enabled)
		return U32_MAX;
	if (id == VDISK_THRESHOLD_USED)
		return used < count ? count - used : 0;
	return available > count ? available - count : 0;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_threshold_left);

/* While there is no nexus nothing counts as reported. */
static bool vdisk_is_heard(const struct vdisk *vd)
{
	return !list_empty(&vd->dev.tgt_devs);
}

/* Return: sets until the next one is reached; 0: one is, and may not be later */
static u32 vdisk_threshold_check(struct vdisk *vd, u32 available, u32 used)
{
	bool heard = vdisk_is_heard(vd), raise = false;
	u32 left, nearest = U32_MAX;
	int i;

	spin_lock(&vd->threshold_lock);
	for (i = 0; vd->lbpere && i < VDISK_NR_THRESHOLDS; i++) {
		left = vdisk_threshold_left(&vd->threshold[i], i, available,
					    used);
		raise |= !left && !vd->threshold_reached[i];
		vd->threshold_reached[i] = !left && heard;
		nearest = min(nearest, left);
	}
	spin_unlock(&vd->threshold_lock);
	if (raise)
		scst_raise_ua(&vd->dev, SCST_UA_THIN_THRESHOLD, NULL);
	return nearest;
}

/*
 * Threshold sets; one that is used in part is used. A threshold is reported
 * when it is reached, and again when it is after it was not. Under
 * vdisk.look_lock.
 */
static int vdisk_look_locked(struct vdisk *vd, u32 *available, u32 *used,
			     u32 *nearest)
{
	const struct vdisk_store *store = READ_ONCE(vd->store);
	u8 shift = vdisk_set_shift(vd);
	u64 left, taken;
	int error;

	/* A closed one tells nothing. */
	if (!store->resources)
		return -ENODEV;
	error = store->resources(vd, &left, &taken);
	if (error)
		return error;
	*available = min(left >> shift, U32_MAX);
	*used = min(taken >> shift, U32_MAX);
	if (taken & (BIT_ULL(shift) - 1) && *used < U32_MAX)
		++*used;
	*nearest = vdisk_threshold_check(vd, *available, *used);
	return 0;
}

/* What the store has said once is not compared after what it has said later. */
static int vdisk_look(struct vdisk *vd, u32 *available, u32 *used, u32 *nearest)
{
	int error;

	mutex_lock(&vd->look_lock);
	error = vdisk_look_locked(vd, available, used, nearest);
	mutex_unlock(&vd->look_lock);
	return error;
}

/* Process context. */
int vdisk_resources(struct vdisk *vd, u32 *available, u32 *used)
{
	u32 nearest;

	return vdisk_look(vd, available, used, &nearest);
}

/*
 * Others take from the store, too: when half of the way to the nearest
 * threshold has been written it is time to look again; soon, if the store has
 * not answered. What is written from now on counts, since the store may not
 * know of it yet.
 */
static void vdisk_threshold_work(struct work_struct *work)
{
	struct vdisk *vd = container_of(work, struct vdisk, threshold_work);
	u32 available, used, nearest = 0;
	u8 shift = vdisk_set_shift(vd);
	u64 budget;

	atomic64_set(&vd->threshold_budget, VDISK_MAX_UNSEEN);
	vdisk_look(vd, &available, &used, &nearest);
	budget = clamp((u64)nearest << shift >> 1, BIT_ULL(shift),
		       VDISK_MAX_UNSEEN);
	if (atomic64_sub_return(VDISK_MAX_UNSEEN - budget,
				&vd->threshold_budget) <= 0)
		queue_work(vd->dev.wq, work);
}

/* Blocks have been written, and somebody wants to hear of it. Any context. */
void vdisk_threshold_wrote(struct vdisk *vd, u64 bytes)
{
	if (atomic64_sub_return(bytes, &vd->threshold_budget) <= 0)
		queue_work(vd->dev.wq, &vd->threshold_work);
}

/* MODE SELECT, a reset or power on: other thresholds. Process context. */
void vdisk_threshold_set(struct vdisk *vd, const struct vdisk_mode_state *state)
{
	bool wanted = false;
	int i;

	spin_lock(&vd->threshold_lock);
	for (i = 0; i < VDISK_NR_THRESHOLDS; i++) {
		if (vd->threshold[i].enabled != state->threshold[i].enabled ||
		    vd->threshold[i].count != state->threshold[i].count ||
		    vd->lbpere != state->lbpere)
			vd->threshold_reached[i] = false;
		vd->threshold[i] = state->threshold[i];
		wanted |= state->threshold[i].enabled;
	}
	vd->lbpere = state->lbpere;
	spin_unlock(&vd->threshold_lock);

	wanted &= state->lbpere && vdisk_has_resources(vd);
	WRITE_ONCE(vd->thresholds_wanted, wanted);
	/* At power on nobody is there yet: the first write asks the store. */
	if (wanted && vdisk_is_heard(vd))
		queue_work(vd->dev.wq, &vd->threshold_work);
}

void vdisk_threshold_init(struct vdisk *vd)
{
	spin_lock_init(&vd->threshold_lock);
	mutex_init(&vd->look_lock);
	INIT_WORK(&vd->threshold_work, vdisk_threshold_work);
}

/* Nobody writes any more; the store is about to be closed: power off. */
void vdisk_threshold_stop(struct vdisk *vd)
{
	cancel_work_sync(&vd->threshold_work);
	memset(vd->threshold_reached, 0, sizeof(vd->threshold_reached));
	atomic64_set(&vd->threshold_budget, 0);
}
