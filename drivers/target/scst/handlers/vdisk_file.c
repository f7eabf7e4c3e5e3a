// SPDX-License-Identifier: GPL-2.0
/*
 * Disks backed by files, or by block devices through the page cache.
 *
 * Reads of what is cached are done at once, in the caller's context; all else
 * runs on the device's workqueue: the caller may be a file system's writeback
 * or memory reclaim on the initiator's side of this very machine.
 */
#include <linux/blkdev.h>
#include <linux/bvec.h>
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/namei.h>
#include <linux/scatterlist.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include "vdisk.h"

/* Segments whose bio_vecs fit into the command's own scratch space */
#define VDISK_FILE_INLINE_VECS \
	(sizeof_field(struct scst_cmd, handler_priv) / (sizeof(struct bio_vec)))

/**
 * struct vdisk_file_scope - what a call of the file system runs under
 *
 * Its memory may be what is to be freed. A writer is not throttled for dirty
 * pages that may be those of a disk of this very machine, which nobody but it
 * can clean.
 *
 * @noio: of memalloc_noio_save()
 * @throttle: PF_LOCAL_THROTTLE as it was
 */
struct vdisk_file_scope {
	unsigned int noio;
	unsigned int throttle;
};

static int vdisk_file_check_type(const char *name)
{
	struct path path;
	umode_t mode;
	int error;

	error = kern_path(name, LOOKUP_FOLLOW, &path);
	if (error)
		return error;
	mode = d_inode(path.dentry)->i_mode;
	path_put(&path);
	if (S_ISDIR(mode))
		return -EISDIR;
	return S_ISREG(mode) || S_ISBLK(mode) ? 0 : -EINVAL;
}

static void vdisk_file_close(struct vdisk *vd)
{
	filp_close(vd->file, NULL);
	vd->file = NULL;
	vd->bdev = NULL;
}

/*
 * Holes can be punched. A file system is asked with one behind the end of the
 * file, where there is nothing to lose.
 */
static int vdisk_file_check_thin(struct vdisk *vd)
{
	struct inode *inode = vd->file->f_mapping->host;

	if (vd->bdev) {
		vd->unmap_bytes = max(bdev_discard_granularity(vd->bdev),
				      vd->blocksize);
		return bdev_write_zeroes_sectors(vd->bdev) ? 0 : -EOPNOTSUPP;
	}
	vd->unmap_bytes = max(i_blocksize(inode), vd->blocksize);
	if (vd->read_only)
		return 0;
	return vfs_fallocate(vd->file,
			     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			     i_size_read(inode), vd->blocksize);
}

static int vdisk_file_open(struct vdisk *vd)
{
	int flags = O_LARGEFILE | O_NOATIME | O_EXCL;
	struct inode *inode;
	struct file *file;
	int error;

	if (!vd->filename)
		return -EINVAL;
	error = vdisk_file_check_type(vd->filename);
	if (error)
		return error;

	flags |= vd->read_only ? O_RDONLY : O_RDWR;
	if (vd->o_direct)
		flags |= O_DIRECT;
	/* O_EXCL claims a block device, and means nothing for a file. */
	file = filp_open(vd->filename, flags, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);

	vd->file = file;
	inode = file->f_mapping->host;
	vd->bdev = S_ISBLK(inode->i_mode) ? I_BDEV(inode) : NULL;
	error = vd->bdev &&
		vd->blocksize % bdev_logical_block_size(vd->bdev) ? -EINVAL : 0;
	if (!error && vd->thin_provisioned)
		error = vdisk_file_check_thin(vd);
	if (error)
		vdisk_file_close(vd);
	return error;
}

/* The block device, or the one below the file system */
static bool vdisk_file_lost(struct vdisk *vd)
{
	struct block_device *bdev = vd->bdev ?:
				    file_inode(vd->file)->i_sb->s_bdev;

	return bdev && !disk_live(bdev->bd_disk);
}

static u64 vdisk_file_size(struct vdisk *vd)
{
	return i_size_read(vd->file->f_mapping->host);
}

/* One call; -EAGAIN when IOCB_NOWAIT does not let it go on. */
static ssize_t vdisk_file_call(struct vdisk *vd, int rw, struct iov_iter *iter,
			       u64 pos, int flags, bool direct)
{
	struct kiocb kiocb;

	init_sync_kiocb(&kiocb, vd->file);
	kiocb.ki_pos = pos;
	kiocb.ki_flags |= flags;
	if (!direct)
		kiocb.ki_flags &= ~IOCB_DIRECT;
	return rw == WRITE ? vfs_iocb_iter_write(vd->file, &kiocb, iter) :
			     vfs_iocb_iter_read(vd->file, &kiocb, iter);
}

/* All of @iter, in as many calls as the file system wants. 0 or an errno. */
static int vdisk_file_all(struct vdisk *vd, int rw, struct iov_iter *iter,
			  u64 pos, int flags)
{
	ssize_t ret;

	while (iov_iter_count(iter)) {
		ret = vdisk_file_call(vd, rw, iter, pos, flags, vd->o_direct);
		/* The initiator's memory may not be aligned for O_DIRECT. */
		if (ret == -EINVAL && vd->o_direct)
			ret = vdisk_file_call(vd, rw, iter, pos, flags, false);
		if (ret < 0)
			return ret;
		/* The file has become shorter than the disk is said to be. */
		if (!ret)
			return -EIO;
		pos += ret;
	}
	return 0;
}

static struct bio_vec *vdisk_file_vecs(struct scst_cmd *cmd, gfp_t gfp)
{
	struct bio_vec *vecs = (struct bio_vec *)cmd->handler_priv;
	struct scatterlist *sg;
	unsigned int i;

	if (cmd->sg_cnt > VDISK_FILE_INLINE_VECS) {
		vecs = kvmalloc_array(cmd->sg_cnt, sizeof(*vecs), gfp);
		if (!vecs)
			return NULL;
	}
	for_each_sg(cmd->sg, sg, cmd->sg_cnt, i)
		bvec_set_page(&vecs[i], sg_page(sg), sg->length, sg->offset);
	return vecs;
}

static void vdisk_file_free_vecs(struct scst_cmd *cmd, struct bio_vec *vecs)
{
	if (vecs != (struct bio_vec *)cmd->handler_priv)
		kvfree(vecs);
}

/*
 * Only what is in the page cache: IOCB_NOIO takes no lock of the file system,
 * so that a caller who holds some is safe. Return: all of it was there.
 */
static bool vdisk_file_read_cached(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	struct bio_vec *vecs;
	struct iov_iter iter;
	ssize_t ret;

	if (cmd->info.dir != SCST_DATA_READ || !scst_cmd_may_sleep(cmd) ||
	    !(vd->file->f_mode & FMODE_NOWAIT) || vd->o_direct)
		return false;
	vecs = vdisk_file_vecs(cmd, GFP_NOWAIT | __GFP_NOWARN);
	if (unlikely(!vecs))
		return false;
	iov_iter_bvec(&iter, ITER_DEST, vecs, cmd->sg_cnt, cmd->bufflen);
	ret = vdisk_file_call(vd, READ, &iter, vdisk_pos(cmd),
			      IOCB_NOWAIT | IOCB_NOIO, false);
	vdisk_file_free_vecs(cmd, vecs);
	return ret == cmd->bufflen;
}

static struct vdisk_file_scope vdisk_file_enter(void)
{
	struct vdisk_file_scope scope = {
		.noio = memalloc_noio_save(),
		.throttle = current->flags & PF_LOCAL_THROTTLE,
	};

	current->flags |= PF_LOCAL_THROTTLE;
	return scope;
}

static void vdisk_file_leave(struct vdisk_file_scope scope)
{
	current_restore_flags(scope.throttle, PF_LOCAL_THROTTLE);
	memalloc_noio_restore(scope.noio);
}

static int vdisk_file_io(struct vdisk *vd, int rw, struct iov_iter *iter,
			 u64 pos, int flags)
{
	struct vdisk_file_scope scope = vdisk_file_enter();
	int error;

	error = vdisk_file_all(vd, rw, iter, pos, flags);
	vdisk_file_leave(scope);
	return error;
}

static int vdisk_file_transfer(struct scst_cmd *cmd, int rw, int flags)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	struct bio_vec *vecs = vdisk_file_vecs(cmd, GFP_NOIO);
	struct iov_iter iter;
	int error;

	if (!vecs)
		return -ENOMEM;
	iov_iter_bvec(&iter, rw == WRITE ? ITER_SOURCE : ITER_DEST, vecs,
		      cmd->sg_cnt, cmd->bufflen);
	error = vdisk_file_io(vd, rw, &iter, vdisk_pos(cmd), flags);
	vdisk_file_free_vecs(cmd, vecs);
	return error;
}

static int vdisk_file_write(struct scst_cmd *cmd)
{
	return vdisk_file_transfer(cmd, WRITE,
				   vdisk_force_unit_access(cmd) ? IOCB_DSYNC :
								  0);
}

/*
 * The page cache takes what is written and fails when it is synced: with the
 * error of whatever was written before, and only once.
 */
static void vdisk_file_failed(struct scst_cmd *cmd, int error)
{
	if (cmd->info.dir == SCST_DATA_READ || to_vdisk(cmd->dev)->o_direct)
		vdisk_rw_failed(cmd, error);
	else
		vdisk_set_errno(cmd, error);
}

static enum scst_exec_result vdisk_file_rw(struct scst_cmd *cmd)
{
	int error;

	if (cmd->context != SCST_CONTEXT_THREAD)
		return vdisk_file_read_cached(cmd) ? SCST_EXEC_DONE :
						     SCST_EXEC_NEED_THREAD;

	error = cmd->info.dir == SCST_DATA_WRITE ?
		vdisk_file_write(cmd) : vdisk_file_transfer(cmd, READ, 0);
	if (unlikely(error))
		vdisk_file_failed(cmd, error);
	return SCST_EXEC_DONE;
}

static int vdisk_file_read(struct vdisk *vd, u64 pos, void *buf, size_t len)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, len);
	return vdisk_file_io(vd, READ, &iter, pos, 0);
}

static int vdisk_file_write_buf(struct vdisk *vd, u64 pos, void *buf,
				size_t len)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, len);
	return vdisk_file_io(vd, WRITE, &iter, pos, 0);
}

static int vdisk_file_allocate(struct vdisk *vd, int mode, u64 pos, u64 len)
{
	struct vdisk_file_scope scope = vdisk_file_enter();
	int error;

	error = vfs_fallocate(vd->file, mode | FALLOC_FL_KEEP_SIZE, pos, len);
	vdisk_file_leave(scope);
	return error;
}

static int vdisk_file_zero(struct vdisk *vd, u64 pos, u64 len, bool unmap)
{
	return vdisk_file_allocate(vd, unmap ? FALLOC_FL_PUNCH_HOLE :
					       FALLOC_FL_ZERO_RANGE, pos, len);
}

static int vdisk_file_unmap(struct vdisk *vd, u64 pos, u64 len)
{
	return vdisk_file_zero(vd, pos, len, true);
}

/*
 * Holes as the file system tells of them; one that can't has none. A block
 * that is partly in a hole takes room.
 */
static bool vdisk_file_mapped(struct vdisk *vd, u64 pos, u64 *len)
{
	loff_t data = vfs_llseek(vd->file, pos, SEEK_DATA);
	loff_t hole;

	if (data == -ENXIO)
		return false;
	if (data < 0)
		return true;
	if (data - pos >= vd->blocksize) {
		*len = min(*len, round_down(data - pos, vd->blocksize));
		return false;
	}
	hole = vfs_llseek(vd->file, data, SEEK_HOLE);
	if (hole > data)
		*len = min(*len, round_up(hole - pos, vd->blocksize));
	return true;
}

static bool vdisk_file_read_ahead(struct vdisk *vd, u64 pos, u64 len)
{
	struct vdisk_file_scope scope;
	int error;

	if (vd->o_direct)
		return false;
	scope = vdisk_file_enter();
	error = vfs_fadvise(vd->file, pos, len, POSIX_FADV_WILLNEED);
	vdisk_file_leave(scope);
	return !error;
}

static int vdisk_file_sync(struct vdisk *vd, u64 pos, u64 len)
{
	unsigned int noio;
	int error;

	if (!len)
		return 0;
	noio = memalloc_noio_save();
	error = vfs_fsync_range(vd->file, pos, pos + len - 1, 1);
	memalloc_noio_restore(noio);
	return error;
}

const struct vdisk_store vdisk_file_store = {
	.open	= vdisk_file_open,
	.close	= vdisk_file_close,
	.size	= vdisk_file_size,
	.rw	= vdisk_file_rw,
	.read	= vdisk_file_read,
	.write	= vdisk_file_write,
	.write_buf = vdisk_file_write_buf,
	.zero	= vdisk_file_zero,
	.unmap	= vdisk_file_unmap,
	.mapped	= vdisk_file_mapped,
	.read_ahead = vdisk_file_read_ahead,
	.sync	= vdisk_file_sync,
	.lost	= vdisk_file_lost,
};
