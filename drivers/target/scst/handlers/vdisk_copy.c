// SPDX-License-Identifier: GPL-2.0
/*
 * Third-party copies between disks in files: the file system may share blocks,
 * or ask a server to copy them.
 */
#include <linux/fs.h>
#include <linux/sched/mm.h>
#include "vdisk.h"

static bool vdisk_copies_files(const struct vdisk *vd)
{
	return vd->store == &vdisk_file_store && !vd->bdev && !vd->o_direct &&
	       !vd->stopped && !vd->ejected &&
	       READ_ONCE(vd->job_state) == VDISK_JOB_NONE;
}

static int vdisk_copy_files(struct vdisk *dst, u64 dst_pos, struct vdisk *src,
			    u64 src_pos, u64 len)
{
	unsigned int flags = memalloc_flags_save(PF_MEMALLOC_NOIO |
						 PF_LOCAL_THROTTLE);
	ssize_t ret = 0;
	u64 done;

	/* As in vdisk_file.c: the dirty pages may be our own disk's. */
	for (done = 0; done < len; done += ret) {
		ret = vfs_copy_file_range(src->file, src_pos + done, dst->file,
					  dst_pos + done, len - done, 0);
		/* The source has become shorter than its disk. */
		if (!ret)
			ret = -EIO;
		if (ret < 0)
			break;
	}
	memalloc_flags_restore(flags);
	return ret < 0 ? ret : 0;
}

/* What a pair of file systems cannot do, reading and writing may. */
int vdisk_copy_range(struct scst_device *dst_dev, u64 dst_pos,
		     struct scst_device *src_dev, u64 src_pos, u64 len)
{
	struct vdisk *dst = to_vdisk(dst_dev), *src = to_vdisk(src_dev);
	int error;

	if (!vdisk_copies_files(dst) || !vdisk_copies_files(src))
		return -EOPNOTSUPP;
	error = vdisk_copy_files(dst, dst_pos, src, src_pos, len);
	if (error == -EXDEV || error == -EINVAL || error == -EBADF)
		return -EOPNOTSUPP;
	if (!error && !dst->nv_cache && !dst->wce)
		error = dst->store->sync(dst, dst_pos, len);
	return error;
}
