// SPDX-License-Identifier: GPL-2.0
/*
 * Disks backed by block devices: bios on the command's own pages.
 */
#include <linux/blkdev.h>
#include <linux/bvec.h>
#include <linux/completion.h>
#include <linux/highmem.h>
#include <linux/log2.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include "vdisk.h"
#include "vdisk_poll.h"

#define VDISK_BIO_POOL	16

/**
 * struct vdisk_block_cmd - state of a READ or WRITE, in the command's scratch
 * @pending: bios on their way, and one
 * @status: the first failure
 * @polled: the bios are polled for
 * @waiter: who waits, or NULL if scst_cmd_done() is to be called
 * @work: for a command that has failed
 */
struct vdisk_block_cmd {
	atomic_t		pending;
	blk_status_t		status;
	bool			polled;
	struct completion	*waiter;
	struct work_struct	work;
};

static struct vdisk_block_cmd *vdisk_block_cmd(struct scst_cmd *cmd)
{
	BUILD_BUG_ON(sizeof(struct vdisk_block_cmd) >
		     sizeof_field(struct scst_cmd, handler_priv));
	return (struct vdisk_block_cmd *)cmd->handler_priv;
}

/*
 * To give blocks back, the device is told that they are zero, or else that
 * nobody wants them; then they may read as anything (SBC-4 4.7.4.4).
 */
static int vdisk_block_check_thin(struct vdisk *vd)
{
	if (!vd->thin_provisioned)
		return 0;
	vd->reads_zeros = bdev_write_zeroes_sectors(vd->bdev);
	if (!vd->reads_zeros && !bdev_max_discard_sectors(vd->bdev))
		return -EOPNOTSUPP;
	vd->unmap_bytes = max(bdev_discard_granularity(vd->bdev),
			      vd->blocksize);
	return 0;
}

static int vdisk_block_open(struct vdisk *vd)
{
	blk_mode_t mode = BLK_OPEN_READ;
	struct file *file;
	int error;

	if (!vd->filename)
		return -EINVAL;
	if (!vd->read_only)
		mode |= BLK_OPEN_WRITE;
	file = bdev_file_open_by_path(vd->filename, mode, vd, NULL);
	if (IS_ERR(file))
		return PTR_ERR(file);
	vd->bdev = file_bdev(file);
	error = -EINVAL;
	if (vd->blocksize % bdev_logical_block_size(vd->bdev))
		goto close;
	error = vdisk_block_check_thin(vd);
	if (error)
		goto close;
	error = vdisk_poll_open(vd);
	if (error)
		goto close;
	error = bioset_init(&vd->bio_set, VDISK_BIO_POOL,
			    vd->polls ? VDISK_BIO_PAD : 0, BIOSET_NEED_BVECS);
	if (error)
		goto close_poll;
	if (bdev_physical_block_size(vd->bdev) > vd->blocksize)
		vd->phys_shift = ilog2(bdev_physical_block_size(vd->bdev) /
				       vd->blocksize);
	vd->no_cache = !bdev_write_cache(vd->bdev);
	vdisk_bdev_set_atomic(vd);
	vd->file = file;
	return 0;

close_poll:
	vdisk_poll_close(vd);
close:
	bdev_fput(file);
	vd->bdev = NULL;
	return error;
}

static void vdisk_block_close(struct vdisk *vd)
{
	vdisk_poll_close(vd);
	bdev_fput(vd->file);
	bioset_exit(&vd->bio_set);
	vd->file = NULL;
	vd->bdev = NULL;
}

static u64 vdisk_block_size(struct vdisk *vd)
{
	return bdev_nr_bytes(vd->bdev);
}

static bool vdisk_block_lost(struct vdisk *vd)
{
	return !disk_live(vd->bdev->bd_disk);
}

/* The device has had queues that are polled, and has them no more. */
static bool vdisk_block_refused(const struct vdisk_block_cmd *bc)
{
	return bc->polled && bc->status == BLK_STS_NOTSUPP;
}

/*
 * May the device be sent a flush after a write with FUA? One that does not know
 * FUA is, and those below device-mapper and md may be, whatever these say.
 */
bool vdisk_bdev_flushes(struct block_device *bdev)
{
	return bdev_write_cache(bdev) &&
	       !(bdev_fua(bdev) && queue_is_mq(bdev_get_queue(bdev)));
}

static bool vdisk_block_flushes(const struct scst_cmd *cmd)
{
	return cmd->info.dir == SCST_DATA_WRITE &&
	       vdisk_force_unit_access(cmd) &&
	       vdisk_bdev_flushes(to_vdisk(cmd->dev)->bdev);
}

static void vdisk_block_failed(struct work_struct *work)
{
	struct vdisk_block_cmd *bc = container_of(work, struct vdisk_block_cmd,
						  work);
	struct scst_cmd *cmd = container_of((void *)bc, struct scst_cmd,
					    handler_priv);

	if (vdisk_block_refused(bc))
		vdisk_redo(cmd);
	else
		vdisk_rw_failed(cmd, blk_status_to_errno(bc->status));
	scst_cmd_done(cmd, SCST_CONTEXT_DIRECT);
}

/*
 * Only a medium error is worth another look, and a thread to do it, or a store
 * that does not poll any more: what comes next is not polled for.
 */
static void vdisk_block_fail(struct scst_cmd *cmd)
{
	struct vdisk_block_cmd *bc = vdisk_block_cmd(cmd);

	switch (bc->status) {
	case BLK_STS_NOTSUPP:
		if (!vdisk_block_refused(bc))
			break;
		WRITE_ONCE(to_vdisk(cmd->dev)->polls, false);
		fallthrough;
	case BLK_STS_IOERR:
	case BLK_STS_MEDIUM:
	case BLK_STS_PROTECTION:
		INIT_WORK(&bc->work, vdisk_block_failed);
		queue_work(cmd->dev->wq, &bc->work);
		return;
	default:
		break;
	}
	scst_set_cmd_blk_status(cmd, bc->status);
	scst_cmd_done(cmd, SCST_CONTEXT_DIRECT_ATOMIC);
}

/* One of the bios, or the submitter, is done. Any context. */
static void vdisk_block_put(struct scst_cmd *cmd)
{
	struct vdisk_block_cmd *bc = vdisk_block_cmd(cmd);

	if (!atomic_dec_and_test(&bc->pending))
		return;
	if (bc->waiter) {
		complete(bc->waiter);
		return;
	}
	if (unlikely(bc->status)) {
		vdisk_block_fail(cmd);
		return;
	}
	scst_cmd_done(cmd, SCST_CONTEXT_DIRECT_ATOMIC);
}

static void vdisk_block_end_io(struct bio *bio)
{
	struct scst_cmd *cmd = bio->bi_private;

	if (unlikely(bio->bi_status)) {
		vdisk_block_cmd(cmd)->status = bio->bi_status;
		/* It may have been the flush: see vdisk_block_flushed(). */
		if (vdisk_block_flushes(cmd) &&
		    vdisk_is_flush_error(blk_status_to_errno(bio->bi_status)))
			atomic_inc(&to_vdisk(cmd->dev)->lost_writes);
	}
	bio_put(bio);
	vdisk_block_put(cmd);
}

static void vdisk_block_end_polled(struct bio *bio)
{
	vdisk_bio_end(bio);
	vdisk_block_end_io(bio);
}

static blk_opf_t vdisk_block_opf(const struct scst_cmd *cmd)
{
	if (cmd->info.dir == SCST_DATA_READ)
		return REQ_OP_READ;
	if (vdisk_force_unit_access(cmd))
		return REQ_OP_WRITE | REQ_SYNC | REQ_IDLE | REQ_FUA;
	return REQ_OP_WRITE | REQ_SYNC | REQ_IDLE;
}

static struct bio *vdisk_block_alloc_bio(struct scst_cmd *cmd,
					 unsigned int nr_sg, u64 pos, gfp_t gfp)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	struct bio *bio;

	bio = bio_alloc_bioset(vd->bdev, bio_max_segs(nr_sg),
			       vdisk_block_opf(cmd), gfp, &vd->bio_set);
	if (!bio)
		return NULL;
	bio->bi_iter.bi_sector = pos >> SECTOR_SHIFT;
	bio->bi_private = cmd;
	bio->bi_end_io = vdisk_block_end_io;
	return bio;
}

static void vdisk_block_send(struct scst_cmd *cmd, struct bio *bio)
{
	if (likely(!vdisk_block_cmd(cmd)->polled)) {
		submit_bio(bio);
		return;
	}
	bio->bi_opf |= VDISK_POLL_OPF;
	bio->bi_end_io = vdisk_block_end_polled;
	vdisk_poll_submit(to_vdisk(cmd->dev), bio);
}

/*
 * Send the command's pages off. Each bio goes before the next one is
 * allocated, so that the pool never waits for bios that were not sent.
 * Return: false if @gfp did not even give the first bio.
 */
static bool vdisk_block_submit(struct scst_cmd *cmd, gfp_t gfp)
{
	struct vdisk_block_cmd *bc = vdisk_block_cmd(cmd);
	u32 left = cmd->bufflen, len;
	struct scatterlist *sg;
	struct bio *bio;
	unsigned int i;

	bio = vdisk_block_alloc_bio(cmd, cmd->sg_cnt, vdisk_pos(cmd), gfp);
	if (!bio)
		return false;
	atomic_inc(&bc->pending);
	for_each_sg(cmd->sg, sg, cmd->sg_cnt, i) {
		len = min(sg->length, left);
		if (bio_add_page(bio, sg_page(sg), len, sg->offset) != len) {
			atomic_inc(&bc->pending);
			vdisk_block_send(cmd, bio);
			bio = vdisk_block_alloc_bio(cmd, cmd->sg_cnt - i,
						    vdisk_pos(cmd) +
						    cmd->bufflen - left,
						    GFP_NOIO);
			__bio_add_page(bio, sg_page(sg), len, sg->offset);
		}
		left -= len;
		if (!left)
			break;
	}
	vdisk_block_send(cmd, bio);
	return true;
}

/* The beginning of a buffer from kvmalloc(), within a page */
struct bio_vec vdisk_buf_vec(void *buf, size_t len)
{
	struct bio_vec vec;

	bvec_set_page(&vec, is_vmalloc_addr(buf) ? vmalloc_to_page(buf) :
						   virt_to_page(buf),
		      min_t(size_t, len, PAGE_SIZE - offset_in_page(buf)),
		      offset_in_page(buf));
	return vec;
}

/* One bio over a buffer from kvmalloc(), for vdisk_bdev_wait() */
struct bio *vdisk_bdev_bio(struct block_device *bdev, struct bio_set *set,
			   blk_opf_t opf, u64 pos, void *buf, size_t len)
{
	unsigned int nr = DIV_ROUND_UP(offset_in_page(buf) + len, PAGE_SIZE);
	struct bio *bio;

	if (is_vmalloc_addr(buf))
		flush_kernel_vmap_range(buf, len);
	bio = bio_alloc_bioset(bdev, nr, opf, GFP_NOIO, set);
	bio->bi_iter.bi_sector = pos >> SECTOR_SHIFT;
	while (len) {
		struct bio_vec vec = vdisk_buf_vec(buf, len);

		__bio_add_page(bio, vec.bv_page, vec.bv_len, vec.bv_offset);
		buf += vec.bv_len;
		len -= vec.bv_len;
	}
	return bio;
}

/* Send it off, over the same buffer, and wait. 0 or an errno. */
int vdisk_bdev_wait(struct bio *bio, void *buf, size_t len)
{
	int error;

	error = submit_bio_wait(bio);
	bio_put(bio);
	if (is_vmalloc_addr(buf))
		invalidate_kernel_vmap_range(buf, len);
	return error;
}

int vdisk_bdev_buf(struct block_device *bdev, struct bio_set *set,
		   blk_opf_t opf, u64 pos, void *buf, size_t len)
{
	return vdisk_bdev_wait(vdisk_bdev_bio(bdev, set, opf, pos, buf, len),
			       buf, len);
}

/*
 * A device moves whole blocks: those of a read that the transport cuts short,
 * and those that a bio's last page would cut, go through a buffer of ours.
 */
static bool vdisk_block_needs_copy(const struct scst_cmd *cmd)
{
	u32 mask = to_vdisk(cmd->dev)->blocksize - 1;
	struct scatterlist *sg;
	unsigned int i;

	if (cmd->bufflen & mask)
		return true;
	if (likely(cmd->sg_cnt <= BIO_MAX_VECS))
		return false;
	for_each_sg(cmd->sg, sg, cmd->sg_cnt, i)
		if (sg->length & mask)
			return true;
	return false;
}

static enum scst_exec_result vdisk_block_rw_copy(struct scst_cmd *cmd)
{
	if (cmd->context != SCST_CONTEXT_THREAD)
		return SCST_EXEC_NEED_THREAD;
	vdisk_redo(cmd);
	return SCST_EXEC_DONE;
}

/*
 * Outside the workqueue a command whose pages fit into one bio is tried
 * without waiting for memory: the caller may be what frees it. The caller may
 * also be emptying its plug just now (scst_local, below the initiator's
 * submission); a request that is added to that meanwhile would not be counted.
 */
static enum scst_exec_result vdisk_block_rw(struct scst_cmd *cmd)
{
	struct vdisk_block_cmd *bc = vdisk_block_cmd(cmd);
	bool thread = cmd->context == SCST_CONTEXT_THREAD;
	struct blk_plug plug;

	if (unlikely(vdisk_block_needs_copy(cmd)))
		return vdisk_block_rw_copy(cmd);
	if (!thread && (!scst_cmd_may_sleep(cmd) || current->plug ||
			cmd->sg_cnt > BIO_MAX_VECS))
		return SCST_EXEC_NEED_THREAD;

	atomic_set(&bc->pending, 1);
	bc->status = BLK_STS_OK;
	bc->polled = vdisk_polls(to_vdisk(cmd->dev)) &&
		     !vdisk_block_flushes(cmd);
	bc->waiter = NULL;
	if (!thread) {
		if (!vdisk_block_submit(cmd, GFP_NOWAIT | __GFP_NOWARN))
			return SCST_EXEC_NEED_THREAD;
	} else if (unlikely(bc->polled)) {
		/* The poller, which may preempt this, would ask for a plug. */
		vdisk_block_submit(cmd, GFP_NOIO);
	} else {
		blk_start_plug(&plug);
		vdisk_block_submit(cmd, GFP_NOIO);
		blk_finish_plug(&plug);
	}
	vdisk_block_put(cmd);
	return SCST_EXEC_PENDING;
}

static int vdisk_block_write(struct scst_cmd *cmd)
{
	struct vdisk_block_cmd *bc = vdisk_block_cmd(cmd);
	DECLARE_COMPLETION_ONSTACK(done);

	if (unlikely(vdisk_block_needs_copy(cmd)))
		return vdisk_write_pieces(cmd);
	atomic_set(&bc->pending, 1);
	bc->status = BLK_STS_OK;
	bc->polled = false;
	bc->waiter = &done;
	vdisk_block_submit(cmd, GFP_NOIO);
	vdisk_block_put(cmd);
	wait_for_completion_io(&done);
	return blk_status_to_errno(bc->status);
}

/* @buf is from kvmalloc(). */
static int vdisk_block_read(struct vdisk *vd, u64 pos, void *buf, size_t len)
{
	return vdisk_bdev_buf(vd->bdev, &vd->bio_set, REQ_OP_READ, pos, buf,
			      len);
}

static int vdisk_block_write_buf(struct vdisk *vd, u64 pos, void *buf,
				 size_t len)
{
	return vdisk_bdev_buf(vd->bdev, &vd->bio_set,
			      REQ_OP_WRITE | REQ_SYNC | REQ_IDLE, pos, buf,
			      len);
}

static int vdisk_block_write_atomic(struct vdisk *vd, u64 pos, void *buf,
				    size_t len, bool fua)
{
	return vdisk_bdev_buf(vd->bdev, &vd->bio_set,
			      REQ_OP_WRITE | REQ_SYNC | REQ_IDLE | REQ_ATOMIC |
			      (fua ? REQ_FUA : 0), pos, buf, len);
}

/* The block layer writes zeros where the device cannot be told. */
static int vdisk_block_zero(struct vdisk *vd, u64 pos, u64 len, bool unmap)
{
	return blkdev_issue_zeroout(vd->bdev, pos >> SECTOR_SHIFT,
				    len >> SECTOR_SHIFT, GFP_NOIO,
				    unmap ? 0 : BLKDEV_ZERO_NOUNMAP);
}

static int vdisk_block_unmap(struct vdisk *vd, u64 pos, u64 len)
{
	if (vd->reads_zeros)
		return vdisk_block_zero(vd, pos, len, true);
	return blkdev_issue_discard(vd->bdev, pos >> SECTOR_SHIFT,
				    len >> SECTOR_SHIFT, GFP_NOIO);
}

/**
 * struct vdisk_flush - a flush under way
 * @vd: disk
 * @done: it has ended
 */
struct vdisk_flush {
	struct vdisk		*vd;
	struct completion	done;
};

/*
 * The device may tell of it only once: it is counted before the next flush can
 * begin. Any context.
 */
static void vdisk_block_flushed(struct bio *bio)
{
	struct vdisk_flush *flush = bio->bi_private;

	if (bio->bi_status)
		atomic_inc(&flush->vd->lost_writes);
	complete(&flush->done);
}

/* A flush knows no range, and a device without a cache does not see it. */
static int vdisk_block_sync(struct vdisk *vd, u64 pos, u64 len)
{
	struct vdisk_flush flush = { .vd = vd };
	struct bio bio;
	int error;

	if (vdisk_block_lost(vd))
		return -ENODEV;
	init_completion(&flush.done);
	bio_init(&bio, vd->bdev, NULL, 0,
		 REQ_OP_WRITE | REQ_SYNC | REQ_PREFLUSH);
	bio.bi_private = &flush;
	bio.bi_end_io = vdisk_block_flushed;
	submit_bio(&bio);
	/* It may take longer than a task may be seen to hang. */
	while (!wait_for_completion_io_timeout(&flush.done, 30 * HZ))
		;
	error = blk_status_to_errno(bio.bi_status);
	bio_uninit(&bio);
	return error;
}

const struct vdisk_store vdisk_block_store = {
	.open	= vdisk_block_open,
	.close	= vdisk_block_close,
	.size	= vdisk_block_size,
	.rw	= vdisk_block_rw,
	.read	= vdisk_block_read,
	.write	= vdisk_block_write,
	.write_buf = vdisk_block_write_buf,
	.zero	= vdisk_block_zero,
	.unmap	= vdisk_block_unmap,
	.sync	= vdisk_block_sync,
	.write_atomic = vdisk_block_write_atomic,
	.lost	= vdisk_block_lost,
};
