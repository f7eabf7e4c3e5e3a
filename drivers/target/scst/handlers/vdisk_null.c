// SPDX-License-Identifier: GPL-2.0
/*
 * A disk without a backing store: reads zeros, forgets writes.
 */
#include <linux/highmem.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/scatterlist.h>
#include <linux/string.h>
#include "vdisk.h"

static int vdisk_null_open(struct vdisk *vd)
{
	const struct vdisk_atomic_store all = {
		.unit_min = SECTOR_SIZE,
		.unit_max = VDISK_MAX_XFER,
	};

	vd->bdev = NULL;
	vdisk_atomic_limits(&all, vd->dev.block_shift, VDISK_MAX_XFER,
			    &vd->atomic);
	return 0;
}

static void vdisk_null_close(struct vdisk *vd)
{
}

/* The largest there is; size_mb makes it smaller. */
static u64 vdisk_null_size(struct vdisk *vd)
{
	return U64_MAX;
}

/* A segment at a time, where there is no memory that needs mapping */
static void vdisk_null_zero(struct scst_cmd *cmd)
{
	u32 len, left = cmd->bufflen;
	struct scatterlist *sg;

	if (IS_ENABLED(CONFIG_HIGHMEM)) {
		sg_zero_buffer(cmd->sg, cmd->sg_cnt, left, 0);
		return;
	}
	for (sg = cmd->sg; left; sg = sg_next(sg), left -= len) {
		len = min(sg->length, left);
		memset(sg_virt(sg), 0, len);
	}
}

static enum scst_exec_result vdisk_null_rw(struct scst_cmd *cmd)
{
	if (cmd->info.dir == SCST_DATA_READ)
		vdisk_null_zero(cmd);
	return SCST_EXEC_DONE;
}

static int vdisk_null_read(struct vdisk *vd, u64 pos, void *buf, size_t len)
{
	memset(buf, 0, len);
	return 0;
}

static int vdisk_null_write(struct scst_cmd *cmd)
{
	return 0;
}

static int vdisk_null_write_buf(struct vdisk *vd, u64 pos, void *buf,
				size_t len)
{
	return 0;
}

static int vdisk_null_write_atomic(struct vdisk *vd, u64 pos, void *buf,
				   size_t len, bool fua)
{
	return 0;
}

static int vdisk_null_make_zero(struct vdisk *vd, u64 pos, u64 len, bool unmap)
{
	return 0;
}

static int vdisk_null_unmap(struct vdisk *vd, u64 pos, u64 len)
{
	return 0;
}

static int vdisk_null_sync(struct vdisk *vd, u64 pos, u64 len)
{
	return 0;
}

const struct vdisk_store vdisk_null_store = {
	.open	= vdisk_null_open,
	.close	= vdisk_null_close,
	.size	= vdisk_null_size,
	.rw	= vdisk_null_rw,
	.read	= vdisk_null_read,
	.write	= vdisk_null_write,
	.write_buf = vdisk_null_write_buf,
	.zero	= vdisk_null_make_zero,
	.unmap	= vdisk_null_unmap,
	.sync	= vdisk_null_sync,
	.write_atomic = vdisk_null_write_atomic,
};
