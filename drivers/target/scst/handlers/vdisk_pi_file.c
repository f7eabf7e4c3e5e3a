// SPDX-License-Identifier: GPL-2.0
/*
 * Protection information in a file beside the backing store, dif_filename: eight
 * bytes for each logical block, in the order of their addresses, with all bits
 * inverted. A hole, and what is behind the end, is then all ones, which is what
 * blocks have that were formatted or given back, and means: nothing to check
 * (SBC-4 4.21.2). An empty file is that of a disk which was just formatted.
 *
 * Blocks are written first, their protection information then. Of a command that
 * fails, and of one that a power failure cuts short before it was synced, there
 * may be blocks whose protection information is that of their predecessors. They
 * can be written, but are read with LOGICAL BLOCK GUARD CHECK FAILED until then.
 */
#include <linux/fs.h>
#include <linux/falloc.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "vdisk.h"

static u64 vdisk_pi_file_pos(const struct vdisk *vd, u64 pos)
{
	return (pos >> vd->dev.block_shift) * SCST_PI_LEN;
}

static void vdisk_pi_invert(const struct scst_pi_blocks *blocks)
{
	u8 *byte = (u8 *)blocks->tuples;
	size_t i;

	for (i = 0; i < blocks->nr * SCST_PI_LEN; i++)
		byte[i] = ~byte[i];
}

static int vdisk_pi_file_get(struct vdisk *vd, u64 pos,
			     const struct scst_pi_blocks *blocks)
{
	size_t len = blocks->nr * SCST_PI_LEN;
	loff_t from = vdisk_pi_file_pos(vd, pos);
	u8 *buf = (u8 *)blocks->tuples;
	ssize_t ret = 0;
	size_t done;

	for (done = 0; done < len; done += ret) {
		ret = kernel_read(vd->pi->file, buf + done, len - done, &from);
		if (ret < 0)
			return ret;
		if (!ret)
			break;
	}
	memset(buf + done, 0, len - done);
	vdisk_pi_invert(blocks);
	return 0;
}

/* @blocks are as they were afterwards. */
static int vdisk_pi_file_put(struct vdisk *vd, u64 pos,
			     const struct scst_pi_blocks *blocks)
{
	size_t len = blocks->nr * SCST_PI_LEN;
	loff_t to = vdisk_pi_file_pos(vd, pos);
	u8 *buf = (u8 *)blocks->tuples;
	ssize_t ret = 0;
	size_t done;

	vdisk_pi_invert(blocks);
	for (done = 0; done < len; done += ret) {
		ret = kernel_write(vd->pi->file, buf + done, len - done, &to);
		if (!ret)
			ret = -EIO;
		if (ret < 0)
			break;
	}
	vdisk_pi_invert(blocks);
	return ret < 0 ? ret : 0;
}

static int vdisk_pi_file_read(struct vdisk *vd, u64 pos,
			      const struct scst_pi_blocks *blocks)
{
	struct vdisk_file_scope scope;
	int error;

	error = vd->kind->read(vd, pos, blocks->data,
			       (size_t)blocks->nr << blocks->shift);
	if (error)
		return error;
	scope = vdisk_file_enter();
	error = vdisk_pi_file_get(vd, pos, blocks);
	vdisk_file_leave(scope);
	return error;
}

static int vdisk_pi_file_write(struct vdisk *vd, u64 pos,
			       const struct scst_pi_blocks *blocks)
{
	struct vdisk_file_scope scope;
	int error;

	error = vd->kind->write_buf(vd, pos, blocks->data,
				    (size_t)blocks->nr << blocks->shift);
	if (error)
		return error;
	scope = vdisk_file_enter();
	error = vdisk_pi_file_put(vd, pos, blocks);
	vdisk_file_leave(scope);
	return error;
}

static int vdisk_pi_file_clear(struct vdisk *vd, u64 pos, u64 len)
{
	struct vdisk_file_scope scope = vdisk_file_enter();
	int error;

	error = vfs_fallocate(vd->pi->file,
			      FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      vdisk_pi_file_pos(vd, pos),
			      vdisk_pi_file_pos(vd, len));
	vdisk_file_leave(scope);
	return error;
}

/* First: what becomes zero, or anything, is not to be checked any more. */
static int vdisk_pi_file_zero(struct vdisk *vd, u64 pos, u64 len, bool unmap)
{
	int error;

	error = vdisk_pi_file_clear(vd, pos, len);
	return error ?: vd->kind->zero(vd, pos, len, unmap);
}

static int vdisk_pi_file_unmap(struct vdisk *vd, u64 pos, u64 len)
{
	int error;

	error = vdisk_pi_file_clear(vd, pos, len);
	return error ?: vd->kind->unmap(vd, pos, len);
}

static int vdisk_pi_file_sync(struct vdisk *vd, u64 pos, u64 len)
{
	int error;

	error = vd->kind->sync(vd, pos, len);
	if (error || !len || !(vd->pi->file->f_mode & FMODE_WRITE))
		return error;
	return vdisk_fsync(vd, vd->pi->file, &vd->pi->wb_seen,
			   vdisk_pi_file_pos(vd, pos),
			   vdisk_pi_file_pos(vd, len));
}

static int vdisk_pi_file_forget(struct vdisk *vd, u64 pos, u64 len)
{
	return vdisk_forget_pages(vd->pi->file, vdisk_pi_file_pos(vd, pos),
				  vdisk_pi_file_pos(vd, len));
}

/* It is a file, none of those that have the data, and can have holes. */
static int vdisk_pi_file_check(struct vdisk *vd, struct file *file)
{
	struct inode *inode = file_inode(file);

	if (!S_ISREG(inode->i_mode) ||
	    (vd->file && file_inode(vd->file) == inode))
		return -EINVAL;
	if (!(file->f_mode & FMODE_WRITE))
		return 0;
	return vfs_fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			     i_size_read(inode), SCST_PI_LEN);
}

static int vdisk_pi_file_open(struct vdisk *vd)
{
	int flags = O_LARGEFILE | O_NOATIME | O_NONBLOCK;
	struct file *file;
	int error;

	/* A block device could do without, if this kernel could tell it. */
	if (!vd->dif_filename)
		return vd->kind == &vdisk_block_store ? -EOPNOTSUPP : -EINVAL;
	flags |= vd->read_only ? O_RDONLY : O_RDWR;
	file = filp_open(vd->dif_filename, flags, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	error = vdisk_pi_file_check(vd, file);
	if (error) {
		filp_close(file, NULL);
		return error;
	}
	vd->pi->file = file;
	vd->pi->wb_seen = filemap_sample_wb_err(vdisk_file_pages(file));
	/* It goes through the page cache, whatever the blocks do. */
	vd->no_cache = false;
	return 0;
}

static void vdisk_pi_file_close(struct vdisk *vd)
{
	filp_close(vd->pi->file, NULL);
}

const struct vdisk_pi_kind vdisk_pi_file = {
	.open	= vdisk_pi_file_open,
	.close	= vdisk_pi_file_close,
	.read	= vdisk_pi_file_read,
	.write	= vdisk_pi_file_write,
	.zero	= vdisk_pi_file_zero,
	.unmap	= vdisk_pi_file_unmap,
	.clear	= vdisk_pi_file_clear,
	.sync	= vdisk_pi_file_sync,
	.forget	= vdisk_pi_file_forget,
};
