// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of a command when the store fails.
 *
 * A store says that a transfer has failed, and mostly not where. Initiators ask
 * for the place: Linux takes the blocks before the LBA in INFORMATION as done,
 * and RAIDs repair the one that it names. Hence what failed is done again, in
 * pieces, up to the first block that cannot be read or written.
 */
#include <kunit/visibility.h>
#include <linux/minmax.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include "vdisk.h"

/* Some block cannot be read or written: not that the way to it is blocked */
static bool vdisk_is_medium_error(int error)
{
	return error == -EIO || error == -ENODATA || error == -EILSEQ;
}

/* Which check has failed, whoever reads through vdisk_pi_store does not hear. */
static bool vdisk_is_pi_error(const struct scst_cmd *cmd, int error)
{
	return error == -EILSEQ && cmd->dev->pi_type;
}

/**
 * vdisk_is_flush_error() - may it be the flush after a write that has failed?
 * @error: of a write with FUA: negative errno; or what is none
 *
 * Then others may have lost what they had written before. Any context. Return:
 * false if it can only be about that write.
 */
bool vdisk_is_flush_error(long error)
{
	switch (error) {
	case -EAGAIN:
	case -EBADE:
	case -EDQUOT:
	case -EFBIG:
	case -EILSEQ:
	case -EINVAL:
	case -ENOMEM:
	case -ENOSPC:
	case -EOPNOTSUPP:
	case -EROFS:
		return false;
	default:
		return error < 0;
	}
}

static bool vdisk_lost(struct vdisk *vd)
{
	return vd->store->lost && vd->store->lost(vd);
}

/**
 * vdisk_check_store() - end a command if the store has gone
 * @cmd: command that the caller owns
 *
 * Any context. Return: true if it has.
 */
bool vdisk_check_store(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);

	if (likely(!vdisk_lost(vd)))
		return false;
	/* SPC-5 5.18.2.5: initiators wait for the end of it. */
	if (vdisk_alua_opening(vd))
		scst_set_cmd_error(cmd, SCST_SENSE_TRANSITION);
	else
		scst_set_cmd_errno(cmd, -ENODEV);
	return true;
}

/**
 * vdisk_set_errno() - end a command whose store has failed somewhere
 * @cmd: command that the caller owns
 * @error: negative errno
 *
 * Of a store that has gone all transfers fail, with -EIO most of the time.
 * Any context.
 */
void vdisk_set_errno(struct scst_cmd *cmd, int error)
{
	if (vdisk_check_store(cmd))
		return;
	if (vdisk_is_pi_error(cmd, error))
		scst_set_cmd_error(cmd, SCST_SENSE_PI_GUARD);
	else
		scst_set_cmd_errno(cmd, error);
}

static struct vdisk_news *vdisk_cmd_news(struct scst_cmd *cmd)
{
	BUILD_BUG_ON(sizeof(struct vdisk_news) >
		     sizeof_field(struct scst_cmd, handler_priv));
	return (struct vdisk_news *)cmd->handler_priv;
}

/**
 * vdisk_tells() - a command ends with what is told only once
 * @cmd: command that the caller owns, or REQUEST SENSE
 * @news: what that is
 *
 * Any context. Return: false if no initiator hears of it.
 */
bool vdisk_tells(struct scst_cmd *cmd, struct vdisk_news news)
{
	*vdisk_cmd_news(cmd) = news;
	return scst_cmd_tells(cmd);
}

/* Return: what the nexus knew of is less. */
static bool vdisk_learn_lost_writes(struct scst_tgt_dev *tgt_dev)
{
	struct vdisk *vd = to_vdisk(tgt_dev->dev);
	unsigned long now = (u32)atomic_read(&vd->lost_writes);
	void *old;

	if (likely(!now))
		return false;
	old = xa_store_irq(&vd->lost_known, (unsigned long)tgt_dev,
			   xa_mk_value(now), GFP_NOIO | __GFP_NOWARN);
	return xa_is_err(old) || !old || xa_to_value(old) != now;
}

/**
 * vdisk_end_flush() - what becomes of a command that was to empty the cache
 * @cmd: command that the caller owns
 * @error: what vdisk_sync_range() has returned
 *
 * A page cache tells only the first one who asks that something could not be
 * written, and then forgets it, while what is lost may be another initiator's.
 * Each nexus hears of it once, even one that comes later: an initiator that was
 * cut off when it happened has another nexus now.
 *
 * Who is told must not ask again: after a MEDIUM ERROR, and BUSY, Linux does.
 * Process context. Return: false after an error was set.
 */
bool vdisk_end_flush(struct scst_cmd *cmd, int error)
{
	/* NOT READY says nothing of what was lost before. */
	if (error && vdisk_check_store(cmd))
		return false;
	if (!vdisk_learn_lost_writes(cmd->tgt_dev) && !error)
		return true;
	vdisk_tells(cmd, (struct vdisk_news){});
	if (error == -ENOSPC || error == -EDQUOT || error == -EROFS)
		scst_set_cmd_errno(cmd, error);
	else
		scst_set_cmd_error(cmd, SCST_SENSE_FLUSH_ERROR);
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_end_flush);

static void vdisk_forget_known(struct vdisk *vd,
			       const struct scst_tgt_dev *tgt_dev)
{
	unsigned long flags;

	xa_lock_irqsave(&vd->lost_known, flags);
	__xa_erase(&vd->lost_known, (unsigned long)tgt_dev);
	xa_unlock_irqrestore(&vd->lost_known, flags);
}

/*
 * What a command has told the initiator has not heard. Another answer of the
 * same command, a unit attention for example, does not come here. Any context.
 */
void vdisk_not_delivered(struct scst_cmd *cmd)
{
	const struct vdisk_news *news = vdisk_cmd_news(cmd);
	struct vdisk *vd = to_vdisk(cmd->dev);

	if (news->of_job)
		vdisk_job_untell(&vd->job, news->job);
	else
		vdisk_forget_known(vd, cmd->tgt_dev);
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_not_delivered);

/* SBC-4 4.18.1: INFORMATION has the first block, if it is known. */
static void vdisk_set_bad_block(struct scst_cmd *cmd, scst_sense_t sense,
				int error, u64 pos)
{
	if (vdisk_is_pi_error(cmd, error))
		sense = SCST_SENSE_PI_GUARD;
	if (vdisk_is_medium_error(error) &&
	    !vdisk_lost(to_vdisk(cmd->dev)))
		scst_set_cmd_error_info(cmd, sense,
					pos >> cmd->dev->block_shift);
	else
		vdisk_set_errno(cmd, error);
}

/**
 * vdisk_read_failed() - end a command that could not read a range
 * @cmd: command that the caller owns
 * @error: negative errno
 * @pos: first byte of the range
 * @len: bytes, whole blocks
 * @read: how it was read, and is once more, block by block
 *
 * Process context.
 */
void vdisk_read_failed(struct scst_cmd *cmd, int error, u64 pos, u64 len,
		       vdisk_read_fn read)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	int again = 0;
	u64 done;
	u8 *buf;

	vdisk_set_errno(cmd, error);
	if (!vdisk_is_medium_error(error) || vdisk_lost(vd))
		return;
	/* Of a command that writes, too */
	if (!vdisk_is_pi_error(cmd, error))
		scst_set_cmd_error(cmd, SCST_SENSE_READ_ERROR);
	buf = kmalloc(vd->blocksize, GFP_NOIO | __GFP_NOWARN);
	if (!buf)
		return;
	for (done = 0; done < len; done += vd->blocksize) {
		again = scst_cmd_aborted(cmd) ? 0 :
			read(vd, pos + done, buf, vd->blocksize);
		if (again)
			break;
	}
	kfree(buf);
	if (again)
		vdisk_set_bad_block(cmd, SCST_SENSE_READ_ERROR, again,
				    pos + done);
}

/* Of a read the transport may expect less than all of the last block. */
static int vdisk_redo_piece(struct scst_cmd *cmd, u8 *buf, u32 offset, u32 len)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	u64 pos = vdisk_pos(cmd) + offset;
	int error;

	if (cmd->info.dir == SCST_DATA_WRITE) {
		sg_pcopy_to_buffer(cmd->sg, cmd->sg_cnt, buf, len, offset);
		return vd->store->write_buf(vd, pos, buf, len);
	}
	error = vd->store->read(vd, pos, buf, len);
	if (!error)
		sg_pcopy_from_buffer(cmd->sg, cmd->sg_cnt, buf,
				     min(len, cmd->bufflen - offset), offset);
	return error;
}

/* Until @offset is @end. 0 or an errno. */
static int vdisk_redo_pieces(struct scst_cmd *cmd, u8 *buf, u32 size,
			     u32 *offset, u32 end)
{
	int error;
	u32 len;

	for (; *offset < end; *offset += len) {
		if (scst_cmd_aborted(cmd))
			break;
		len = min(end - *offset, size);
		error = vdisk_redo_piece(cmd, buf, *offset, len);
		if (error)
			return error;
	}
	return 0;
}

/**
 * vdisk_write_pieces() - write a command's data buffer through one of our own
 * @cmd: command that the caller owns
 *
 * Process context. As vdisk_store.write(). Return: 0 or an errno.
 */
int vdisk_write_pieces(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	u32 offset = 0;
	int error;
	u8 *buf;

	buf = kvmalloc(VDISK_CHUNK, GFP_NOIO | __GFP_NOWARN);
	if (!buf)
		return -ENOMEM;
	error = vdisk_redo_pieces(cmd, buf, VDISK_CHUNK, &offset,
				  cmd->bufflen);
	kvfree(buf);
	if (!error && vdisk_force_unit_access(cmd))
		error = vd->store->sync(vd, vdisk_pos(cmd), cmd->bufflen);
	return error;
}

/* Large pieces, and within the one that fails blocks */
static int vdisk_redo_all(struct scst_cmd *cmd, u8 *buf, u32 *offset)
{
	u32 block = 1U << cmd->dev->block_shift;
	u32 end = round_up(cmd->bufflen, block);
	int error;

	do {
		error = vdisk_redo_pieces(cmd, buf, VDISK_CHUNK, offset, end);
		if (error)
			error = vdisk_redo_pieces(cmd, buf, block, offset,
						  min(*offset + VDISK_CHUNK,
						      end));
	} while (!error && *offset < end && !scst_cmd_aborted(cmd));
	return error;
}

/**
 * vdisk_redo() - execute a READ or WRITE in pieces, through a buffer
 * @cmd: command that the caller owns; nothing of it is on its way any more
 *
 * For what has failed, and for what the store cannot move straight into, or out
 * of, the command's pages. Ends the command well, or with the first block that
 * is bad. Process context.
 */
void vdisk_redo(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	bool write = cmd->info.dir == SCST_DATA_WRITE;
	int error, sync = 0;
	u32 offset = 0;
	u8 *buf;

	if (vdisk_check_store(cmd))
		return;
	buf = kvmalloc(VDISK_CHUNK, GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return;
	}
	error = vdisk_redo_all(cmd, buf, &offset);
	kvfree(buf);
	/* The blocks before the bad one count as written, too. */
	if (write && offset && vdisk_force_unit_access(cmd))
		sync = vd->store->sync(vd, vdisk_pos(cmd), offset);
	if (sync)
		vdisk_set_errno(cmd, sync);
	else if (error)
		vdisk_set_bad_block(cmd, write ? SCST_SENSE_WRITE_ERROR :
						 SCST_SENSE_READ_ERROR,
				    error, vdisk_pos(cmd) + offset);
}

/**
 * vdisk_rw_failed() - a READ or WRITE has failed
 * @cmd: command that the caller owns; nothing of it is on its way any more
 * @error: negative errno
 *
 * Process context. The command may go well after all.
 */
void vdisk_rw_failed(struct scst_cmd *cmd, int error)
{
	if (vdisk_is_medium_error(error))
		vdisk_redo(cmd);
	else
		vdisk_set_errno(cmd, error);
}
