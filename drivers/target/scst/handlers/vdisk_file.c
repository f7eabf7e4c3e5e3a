// SPDX-License-Identifier: GPL-2.0
/*
 * Disks backed by files, or by block devices through the page cache.
 *
 * Reads of what is cached, and with o_direct those of a block device that need
 * not wait, are begun at once, in the caller's context; all else runs on the
 * device's workqueue: the caller may be a file system's writeback or memory
 * reclaim on the initiator's side of this very machine. With o_direct nothing
 * waits there for the store, but for what a file system does before it sends
 * the data off.
 */
#include <kunit/visibility.h>
#include <linux/blkdev.h>
#include <linux/bvec.h>
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/highmem.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/namei.h>
#include <linux/pagemap.h>
#include <linux/scatterlist.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/uio.h>
#include "vdisk.h"

/* Segments whose bio_vecs fit into the command's own scratch space */
#define VDISK_FILE_INLINE_VECS \
	(sizeof_field(struct scst_cmd, handler_priv) / (sizeof(struct bio_vec)))

/* The same for the scratch space that is shared with a kiocb */
#define VDISK_FILE_DIRECT_VECS	2

/* What is read ahead of who reads on: twice OPTIMAL TRANSFER LENGTH of B0h */
#define VDISK_FILE_READ_AHEAD	SZ_1M

/**
 * struct vdisk_file_direct - a READ or WRITE with o_direct, in the command's
 * scratch
 * @kiocb: as the file system has it
 * @holders: who submits it, and the file system: some look at the kiocb after
 *	it has ended (ext4: file_accessed()), and at locks of the inode
 * @work: for what does not end well
 * @ret: what the file system has said of it
 * @vecs: the command's pages, in @inline_vecs or allocated
 * @inline_vecs: of the shortest commands
 */
struct vdisk_file_direct {
	struct kiocb		kiocb;
	atomic_t		holders;
	struct work_struct	work;
	long			ret;
	struct bio_vec		*vecs;
	struct bio_vec		inline_vecs[VDISK_FILE_DIRECT_VECS];
};

int vdisk_file_check_type(const char *name)
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
		vd->unmap_bytes = max3(bdev_discard_granularity(vd->bdev),
				       bdev_logical_block_size(vd->bdev),
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

/* What direct I/O asks of positions in the file; 0 if there is none of it */
static u32 vdisk_file_dio_align(struct vdisk *vd)
{
	struct block_device *below = file_inode(vd->file)->i_sb->s_bdev;
	struct kstat stat;

	if (vd->bdev)
		return bdev_logical_block_size(vd->bdev);
	if (!vfs_getattr(&vd->file->f_path, &stat, STATX_DIOALIGN,
			 AT_STATX_SYNC_AS_STAT) &&
	    stat.result_mask & STATX_DIOALIGN)
		return stat.dio_offset_align;
	return below ? bdev_logical_block_size(below) : SECTOR_SIZE;
}

/* A file of overlayfs has its pages elsewhere. */
struct address_space *vdisk_file_pages(struct file *file)
{
	if (S_ISREG(file_inode(file)->i_mode))
		return d_real_inode(file->f_path.dentry)->i_mapping;
	return file->f_mapping;
}

/*
 * A block that is smaller than what direct I/O can write would be read, changed
 * and written; that is what the page cache does, without losing what others
 * change meanwhile. Beside it nothing may go around it: one or the other, for
 * all of the disk.
 */
static void vdisk_file_set_up(struct vdisk *vd)
{
	struct inode *inode = vd->file->f_mapping->host;
	u32 align = vd->o_direct ? vdisk_file_dio_align(vd) : 0;
	u32 phys = vd->bdev ? bdev_physical_block_size(vd->bdev) :
			      i_blocksize(inode);

	vd->direct = align && !(vd->blocksize % align);
	vd->no_cache = vd->direct && vd->bdev && !bdev_write_cache(vd->bdev);
	if (vd->direct && vd->bdev)
		vdisk_bdev_set_atomic(vd);
	if (phys > vd->blocksize)
		vd->phys_shift = ilog2(phys / vd->blocksize);
	vd->wb_seen = filemap_sample_wb_err(vdisk_file_pages(vd->file));
	vd->file->f_ra.ra_pages = max(vd->file->f_ra.ra_pages,
				      VDISK_FILE_READ_AHEAD >> PAGE_SHIFT);
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
	if (vd->thin_provisioned)
		error = vdisk_file_check_thin(vd);
	if (error)
		vdisk_file_close(vd);
	else
		vdisk_file_set_up(vd);
	vd->anchors = !error && vdisk_file_can_anchor(vd);
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
		ret = vdisk_file_call(vd, rw, iter, pos, flags, vd->direct);
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
	    !(vd->file->f_mode & FMODE_NOWAIT))
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

struct vdisk_file_scope vdisk_file_enter(void)
{
	struct vdisk_file_scope scope = {
		.noio = memalloc_noio_save(),
		.throttle = current->flags & PF_LOCAL_THROTTLE,
	};

	current->flags |= PF_LOCAL_THROTTLE;
	return scope;
}

void vdisk_file_leave(struct vdisk_file_scope scope)
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

/*
 * Was something that the page cache of a file has taken not written? Asked
 * whenever somebody syncs: who hears of it first may not have counted it yet
 * when the next one is told that all is well.
 */
static bool vdisk_count_lost(struct vdisk *vd, struct file *file,
			     errseq_t *seen)
{
	struct address_space *pages = vdisk_file_pages(file);
	bool lost;

	xa_lock_irq(&vd->lost_known);
	lost = errseq_check_and_advance(&pages->wb_err, seen);
	if (lost)
		atomic_inc(&vd->lost_writes);
	xa_unlock_irq(&vd->lost_known);
	return lost;
}

/*
 * Bring what was written to the medium, and count what was not, be it not the
 * page cache's fault: a flush, a journal. Those only this caller hears of, and
 * whoever syncs just then, and well, may be ahead of the count. Process context.
 * 0 or an errno.
 */
int vdisk_fsync(struct vdisk *vd, struct file *file, errseq_t *seen, u64 pos,
		u64 len)
{
	struct vdisk_file_scope scope = vdisk_file_enter();
	int error;

	error = vfs_fsync_range(file, pos, pos + len - 1, 1);
	vdisk_file_leave(scope);
	/* If somebody else has counted it already some hear of it twice. */
	if (!vdisk_count_lost(vd, file, seen) && error)
		atomic_inc(&vd->lost_writes);
	return error;
}

/*
 * A write with FUA has failed: perhaps only the flush after it, by which others
 * have lost what they had written before.
 */
static void vdisk_file_count_flush(struct scst_cmd *cmd, long error)
{
	struct vdisk *vd = to_vdisk(cmd->dev);

	if (vdisk_is_flush_error(error) && vdisk_force_unit_access(cmd) &&
	    (!vd->bdev || bdev_write_cache(vd->bdev)))
		atomic_inc(&vd->lost_writes);
}

/*
 * The page cache takes what is written and fails when it is synced: with the
 * error of whatever was written before, and only once. Of that the status of
 * this one write tells nothing: SYNCHRONIZE CACHE still is to fail.
 */
static int vdisk_file_write(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	int error;

	error = vdisk_file_transfer(cmd, WRITE, vdisk_force_unit_access(cmd) ?
						IOCB_DSYNC : 0);
	/* The initiator's memory may not be aligned for direct I/O. */
	if (unlikely(error == -EINVAL && vd->direct))
		error = vdisk_write_pieces(cmd);
	if (unlikely(error) && !vdisk_count_lost(vd, vd->file, &vd->wb_seen))
		vdisk_file_count_flush(cmd, error);
	return error;
}

static void vdisk_file_failed(struct scst_cmd *cmd, int error)
{
	if (cmd->info.dir == SCST_DATA_READ)
		vdisk_rw_failed(cmd, error);
	else
		vdisk_set_errno(cmd, error);
}

static enum scst_exec_result vdisk_file_rw_cached(struct scst_cmd *cmd)
{
	int error;

	if (!vdisk_in_thread(cmd))
		return vdisk_file_read_cached(cmd) ? SCST_EXEC_DONE :
						     SCST_EXEC_NEED_THREAD;

	error = cmd->info.dir == SCST_DATA_WRITE ?
		vdisk_file_write(cmd) : vdisk_file_transfer(cmd, READ, 0);
	if (unlikely(error))
		vdisk_file_failed(cmd, error);
	return SCST_EXEC_DONE;
}

static struct vdisk_file_direct *vdisk_file_direct(struct scst_cmd *cmd)
{
	BUILD_BUG_ON(sizeof(struct vdisk_file_direct) >
		     sizeof_field(struct scst_cmd, handler_priv));
	return (struct vdisk_file_direct *)cmd->handler_priv;
}

static struct scst_cmd *vdisk_file_cmd(struct vdisk_file_direct *fd)
{
	return container_of((void *)fd, struct scst_cmd, handler_priv);
}

/* Freed in any context: no kvmalloc() */
static bool vdisk_file_direct_vecs(struct scst_cmd *cmd, gfp_t gfp)
{
	struct vdisk_file_direct *fd = vdisk_file_direct(cmd);
	struct scatterlist *sg;
	unsigned int i;

	fd->vecs = fd->inline_vecs;
	if (cmd->sg_cnt > VDISK_FILE_DIRECT_VECS) {
		fd->vecs = kmalloc_array(cmd->sg_cnt, sizeof(*fd->vecs),
					 gfp | __GFP_NOWARN);
		if (!fd->vecs)
			return false;
	}
	for_each_sg(cmd->sg, sg, cmd->sg_cnt, i)
		bvec_set_page(&fd->vecs[i], sg_page(sg), sg->length,
			      sg->offset);
	return true;
}

static void vdisk_file_direct_free(struct vdisk_file_direct *fd)
{
	if (fd->vecs != fd->inline_vecs)
		kfree(fd->vecs);
}

static enum scst_exec_result vdisk_file_direct_again(struct scst_cmd *cmd,
						     long ret);

static void vdisk_file_direct_work(struct work_struct *work)
{
	struct vdisk_file_direct *fd = container_of(work,
						    struct vdisk_file_direct,
						    work);
	struct scst_cmd *cmd = vdisk_file_cmd(fd);

	if (vdisk_file_direct_again(cmd, fd->ret) == SCST_EXEC_DONE)
		scst_cmd_done(cmd, SCST_CONTEXT_DIRECT);
}

/* kiocb.ki_complete: any context */
static void vdisk_file_direct_done(struct kiocb *kiocb, long ret)
{
	struct vdisk_file_direct *fd = container_of(kiocb,
						    struct vdisk_file_direct,
						    kiocb);
	struct scst_cmd *cmd = vdisk_file_cmd(fd);

	if (cmd->info.dir == SCST_DATA_WRITE) {
		kiocb_end_write(kiocb);
		/* Here: a SYNCHRONIZE CACHE may be ahead of the work. */
		vdisk_file_count_flush(cmd, ret);
	}
	fd->ret = ret;
	if (!atomic_dec_and_test(&fd->holders))
		return;
	vdisk_file_direct_free(fd);
	if (likely(ret == cmd->bufflen)) {
		scst_cmd_done(cmd, SCST_CONTEXT_DIRECT_ATOMIC);
		return;
	}
	INIT_WORK(&fd->work, vdisk_file_direct_work);
	queue_work(cmd->dev->wq, &fd->work);
}

/* As a call of the file system: bytes, an errno, or -EIOCBQUEUED */
static long vdisk_file_direct_submit(struct scst_cmd *cmd, int flags)
{
	struct vdisk_file_direct *fd = vdisk_file_direct(cmd);
	bool write = cmd->info.dir == SCST_DATA_WRITE;
	struct file *file = to_vdisk(cmd->dev)->file;
	struct vdisk_file_scope scope;
	struct iov_iter iter;
	long ret;

	/* Whatever comes of it, vdisk_file_direct_again() looks at the flags. */
	init_sync_kiocb(&fd->kiocb, file);
	fd->kiocb.ki_pos = vdisk_pos(cmd);
	fd->kiocb.ki_flags |= flags;
	fd->kiocb.ki_complete = vdisk_file_direct_done;
	if (write && vdisk_force_unit_access(cmd))
		fd->kiocb.ki_flags |= IOCB_DSYNC;
	if (!vdisk_file_direct_vecs(cmd, flags & IOCB_NOWAIT ? GFP_NOWAIT :
							       GFP_NOIO))
		return -ENOMEM;
	iov_iter_bvec(&iter, write ? ITER_SOURCE : ITER_DEST, fd->vecs,
		      cmd->sg_cnt, cmd->bufflen);

	atomic_set(&fd->holders, 2);
	scope = vdisk_file_enter();
	ret = write ? vfs_iocb_iter_write(file, &fd->kiocb, &iter) :
		      vfs_iocb_iter_read(file, &fd->kiocb, &iter);
	vdisk_file_leave(scope);
	/* It has the pages, and @fd, until vdisk_file_direct_done(). */
	if (ret == -EIOCBQUEUED) {
		if (!atomic_dec_and_test(&fd->holders))
			return ret;
		ret = fd->ret;
	} else if (write) {
		vdisk_file_count_flush(cmd, ret);
	}
	vdisk_file_direct_free(fd);
	return ret;
}

static enum scst_exec_result vdisk_file_direct_rw(struct scst_cmd *cmd)
{
	long ret = vdisk_file_direct_submit(cmd, 0);

	if (ret == -EIOCBQUEUED)
		return SCST_EXEC_PENDING;
	if (unlikely(ret != cmd->bufflen))
		return vdisk_file_direct_again(cmd, ret);
	return SCST_EXEC_DONE;
}

/*
 * Process context. What was not to wait may fail for that reason alone (the
 * device below may have changed): it goes once more. Memory of the initiator's
 * that is not aligned for the store, what was moved in part, and what has failed
 * goes in pieces.
 */
static enum scst_exec_result vdisk_file_direct_again(struct scst_cmd *cmd,
						     long ret)
{
	struct vdisk_file_direct *fd = vdisk_file_direct(cmd);

	if (fd->kiocb.ki_flags & IOCB_NOWAIT)
		return vdisk_file_direct_rw(cmd);
	if (ret >= 0 || ret == -EINVAL)
		vdisk_redo(cmd);
	else
		vdisk_rw_failed(cmd, ret);
	return SCST_EXEC_DONE;
}

/*
 * May a caller outside the workqueue begin a read? Of a device only: some file
 * systems wait for their maps in spite of IOCB_NOWAIT (ext4_map_blocks()), while
 * the caller may hold locks of one, or be the thread that has to receive the
 * ABORT TASK of what waits. Nor with requests in a plug that is being emptied.
 */
static bool vdisk_file_may_begin(const struct scst_cmd *cmd)
{
	const struct vdisk *vd = to_vdisk(cmd->dev);

	return cmd->info.dir == SCST_DATA_READ && scst_cmd_may_sleep(cmd) &&
	       vd->bdev && vd->file->f_mode & FMODE_NOWAIT && !current->plug;
}

static enum scst_exec_result vdisk_file_rw_direct(struct scst_cmd *cmd)
{
	bool whole = !(cmd->bufflen & (to_vdisk(cmd->dev)->blocksize - 1));
	long ret;

	if (vdisk_in_thread(cmd)) {
		if (likely(whole))
			return vdisk_file_direct_rw(cmd);
		vdisk_redo(cmd);
		return SCST_EXEC_DONE;
	}
	if (!whole || !vdisk_file_may_begin(cmd))
		return SCST_EXEC_NEED_THREAD;
	ret = vdisk_file_direct_submit(cmd, IOCB_NOWAIT);
	if (ret == -EIOCBQUEUED)
		return SCST_EXEC_PENDING;
	return ret == cmd->bufflen ? SCST_EXEC_DONE : SCST_EXEC_NEED_THREAD;
}

static enum scst_exec_result vdisk_file_rw(struct scst_cmd *cmd)
{
	return to_vdisk(cmd->dev)->direct ? vdisk_file_rw_direct(cmd) :
					    vdisk_file_rw_cached(cmd);
}

/*
 * Pages, as some file systems (NFS, Ceph) do direct I/O with nothing else that
 * is the kernel's.
 */
static int vdisk_file_buf(struct vdisk *vd, int rw, u64 pos, void *buf,
			  size_t len)
{
	struct bio_vec vecs[VDISK_CHUNK / PAGE_SIZE + 1];
	unsigned int nr = 0;
	struct iov_iter iter;
	size_t done;
	int error;

	if (WARN_ON_ONCE(len > VDISK_CHUNK))
		return -EINVAL;
	if (is_vmalloc_addr(buf))
		flush_kernel_vmap_range(buf, len);
	for (done = 0; done < len; done += vecs[nr++].bv_len)
		vecs[nr] = vdisk_buf_vec(buf + done, len - done);
	iov_iter_bvec(&iter, rw == WRITE ? ITER_SOURCE : ITER_DEST, vecs, nr,
		      len);
	error = vdisk_file_io(vd, rw, &iter, pos, 0);
	if (is_vmalloc_addr(buf))
		invalidate_kernel_vmap_range(buf, len);
	return error;
}

static int vdisk_file_read(struct vdisk *vd, u64 pos, void *buf, size_t len)
{
	return vdisk_file_buf(vd, READ, pos, buf, len);
}

static int vdisk_file_write_buf(struct vdisk *vd, u64 pos, void *buf,
				size_t len)
{
	return vdisk_file_buf(vd, WRITE, pos, buf, len);
}

/*
 * IOCB_ATOMIC is for memory of user space: generic_atomic_write_valid() wants
 * ITER_UBUF. So a device's bio is made here; like any other write with
 * o_direct, none of which goes through the page cache, it leaves nothing old
 * there for others to read. What a file system has of it is for user space.
 */
static int vdisk_file_write_atomic(struct vdisk *vd, u64 pos, void *buf,
				   size_t len, bool fua)
{
	int error;

	error = vdisk_bdev_buf(vd->bdev, &fs_bio_set,
			       REQ_OP_WRITE | REQ_SYNC | REQ_IDLE | REQ_ATOMIC |
			       (fua ? REQ_FUA : 0), pos, buf, len);
	if (vd->file->f_mapping->nrpages)
		invalidate_inode_pages2_range(vd->file->f_mapping,
					      pos >> PAGE_SHIFT,
					      (pos + len - 1) >> PAGE_SHIFT);
	return error;
}

static int vdisk_file_allocate(struct vdisk *vd, int mode, u64 pos, u64 len)
{
	struct vdisk_file_scope scope = vdisk_file_enter();
	int error;

	error = vfs_fallocate(vd->file, mode | FALLOC_FL_KEEP_SIZE, pos, len);
	vdisk_file_leave(scope);
	return error;
}

/* A device does so by its own blocks, which may be larger. */
static u32 vdisk_file_zero_align(const struct vdisk *vd)
{
	return vd->bdev ? bdev_logical_block_size(vd->bdev) : 1;
}

static int vdisk_file_zero(struct vdisk *vd, u64 pos, u64 len, bool unmap)
{
	if ((pos | len) & (vdisk_file_zero_align(vd) - 1))
		return -EOPNOTSUPP;
	return vdisk_file_allocate(vd, unmap ? FALLOC_FL_PUNCH_HOLE :
					       FALLOC_FL_ZERO_RANGE, pos, len);
}

/* Blocks that share one of the store's with others stay (SBC-4 4.7.4.2). */
static int vdisk_file_unmap(struct vdisk *vd, u64 pos, u64 len)
{
	u32 align = vdisk_file_zero_align(vd);
	u64 start = round_up(pos, align), end = round_down(pos + len, align);

	return start < end ? vdisk_file_zero(vd, start, end - start, true) : 0;
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

	if (vd->direct)
		return false;
	scope = vdisk_file_enter();
	error = vfs_fadvise(vd->file, pos, len, POSIX_FADV_WILLNEED);
	vdisk_file_leave(scope);
	return !error;
}

static int vdisk_file_sync(struct vdisk *vd, u64 pos, u64 len)
{
	if (!len)
		return 0;
	/* A device without a cache has nothing to say to a flush. */
	if (vdisk_file_lost(vd))
		return -ENODEV;
	/* A file system that is never written may not know how to sync. */
	if (!(vd->file->f_mode & FMODE_WRITE))
		return 0;
	return vdisk_fsync(vd, vd->file, &vd->wb_seen, pos, len);
}

/* 0, or -EBUSY: some pages were written to again. */
int vdisk_forget_pages(struct file *file, u64 pos, u64 len)
{
	struct vdisk_file_scope scope = vdisk_file_enter();
	int error;

	error = invalidate_inode_pages2_range(vdisk_file_pages(file),
					      pos >> PAGE_SHIFT,
					      (pos + len - 1) >> PAGE_SHIFT);
	vdisk_file_leave(scope);
	return error;
}

static int vdisk_file_forget(struct vdisk *vd, u64 pos, u64 len)
{
	return vd->direct ? 0 : vdisk_forget_pages(vd->file, pos, len);
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
	.forget	= vdisk_file_forget,
	.write_atomic = vdisk_file_write_atomic,
	.resources = vdisk_file_resources,
	.lost	= vdisk_file_lost,
};
EXPORT_SYMBOL_IF_KUNIT(vdisk_file_store);
