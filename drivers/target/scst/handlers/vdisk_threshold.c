// SPDX-License-Identifier: GPL-2.0
/*
 * What a thin disk takes of its store, and what is left there (SBC-4 4.7.3.7):
 * the resources of the Logical Block Provisioning log page, and soft thresholds
 * for them.
 */
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/stat.h>
#include <linux/statfs.h>
#include "vdisk.h"

/* Files have what their file system has; a device tells of nothing. */
bool vdisk_has_resources(const struct vdisk *vd)
{
	return vd->thin_provisioned && vd->store->resources && !vd->bdev;
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

/* Bytes; for vdisk_store.resources */
int vdisk_file_resources(struct vdisk *vd, u64 *available, u64 *used)
{
	const struct path *path = &vd->file->f_path;
	unsigned int noio = memalloc_noio_save();
	struct kstatfs fs;
	struct kstat stat;
	int error;

	error = vfs_statfs(path, &fs);
	if (!error)
		error = vfs_getattr_nosec(path, &stat, STATX_BLOCKS,
					  AT_STATX_SYNC_AS_STAT);
	memalloc_noio_restore(noio);
	if (error)
		return error;
	*available = fs.f_bavail * fs.f_bsize;
	*used = stat.blocks << SECTOR_SHIFT;
	return 0;
}

/* Threshold sets; one that is used in part is used. Process context. */
int vdisk_resources(struct vdisk *vd, u32 *available, u32 *used)
{
	u8 shift = vdisk_set_shift(vd);
	u64 left, taken;
	int error;

	error = vd->store->resources(vd, &left, &taken);
	if (error)
		return error;
	*available = min(left >> shift, U32_MAX);
	*used = min(taken >> shift, U32_MAX);
	if (taken & (BIT_ULL(shift) - 1) && *used < U32_MAX)
		++*used;
	return 0;
}
