// SPDX-License-Identifier: GPL-2.0
/*
 * The image in the drive: opened, looked up by commands, read.
 *
 * A medium may go while commands read it. They hold a reference, and the last
 * one closes the file.
 */
#include <linux/bvec.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include "vcdrom.h"

/* Sectors that READ CD makes at a time */
#define VCDROM_PIECE		16

/* READ CD, bytes 1, 9 and 10 */
#define VCDROM_CD_TYPE(byte)	(((byte) >> 2) & 0x07)
#define VCDROM_CD_ANY		0
#define VCDROM_CD_MODE_1	2
#define VCDROM_CD_C2		0x06
#define VCDROM_CD_SUB		0x07

/* Block addresses have 32 bits, and so has the number of them. */
static int vcdrom_medium_measure(struct vcdrom_medium *medium)
{
	u64 nblocks = i_size_read(medium->file->f_mapping->host) >>
		      VCDROM_BLOCK_SHIFT;

	if (!nblocks)
		return -ENODATA;
	if (nblocks > U32_MAX)
		return -EFBIG;
	medium->disc.nblocks = nblocks;
	medium->disc.kind = vcdrom_kind_by_size(nblocks);
	return 0;
}

/* Process context. Return: a medium with one reference, or ERR_PTR(). */
struct vcdrom_medium *vcdrom_medium_open(const char *name)
{
	struct vcdrom_medium *medium;
	int error;

	error = vdisk_file_check_type(name);
	if (error)
		return ERR_PTR(error);
	medium = kzalloc(sizeof(*medium), GFP_KERNEL);
	if (!medium)
		return ERR_PTR(-ENOMEM);
	refcount_set(&medium->ref, 1);
	/* O_EXCL claims a block device, and means nothing for a file. */
	medium->file = filp_open(name, O_RDONLY | O_LARGEFILE | O_NOATIME |
				       O_EXCL, 0);
	if (IS_ERR(medium->file)) {
		error = PTR_ERR(medium->file);
		kfree(medium);
		return ERR_PTR(error);
	}
	error = vcdrom_medium_measure(medium);
	if (error) {
		vcdrom_medium_put(medium);
		return ERR_PTR(error);
	}
	return medium;
}

/* Any context. @medium may be NULL. */
void vcdrom_medium_put(struct vcdrom_medium *medium)
{
	if (!medium || !refcount_dec_and_test(&medium->ref))
		return;
	fput(medium->file);
	kfree_rcu(medium, rcu);
}

static void vcdrom_out_of_range(struct scst_cmd *cmd, u64 lba)
{
	scst_set_cmd_error_info(cmd, SCST_SENSE_LBA_OUT_OF_RANGE, lba);
}

/*
 * The medium that a command is about. One that has come since the command has
 * is another one, of which the initiator does not know yet: maybe it was told
 * meanwhile, by a later command than this. Any context. Return: NULL if the
 * command has ended.
 */
struct vcdrom_medium *vcdrom_medium_get(struct scst_cmd *cmd)
{
	struct vcdrom *cd = to_vcdrom(cmd->dev);
	struct vcdrom_medium *medium;

	rcu_read_lock();
	medium = rcu_dereference(cd->loaded);
	if (medium && !refcount_inc_not_zero(&medium->ref))
		medium = NULL;
	rcu_read_unlock();
	if (unlikely(!medium)) {
		scst_set_cmd_error(cmd, READ_ONCE(cd->tray_open) ?
					VCDROM_TRAY_IS_OPEN :
					VCDROM_TRAY_EMPTY);
		return NULL;
	}
	if (unlikely(READ_ONCE(medium->generation) != cmd->handler_priv[0])) {
		vcdrom_medium_put(medium);
		scst_set_cmd_error(cmd, VCDROM_CHANGED);
		return NULL;
	}
	return medium;
}

/*
 * All of @iter, in as many calls as the file system wants. @pos says how far it
 * went. Process context. 0 or an errno.
 */
static int vcdrom_medium_fill(struct vcdrom_medium *medium, loff_t *pos,
			      struct iov_iter *iter)
{
	/* The memory that is to be freed may be what is to be read into. */
	unsigned int noio = memalloc_noio_save();
	ssize_t ret = 1;

	while (iov_iter_count(iter) && ret > 0)
		ret = vfs_iter_read(medium->file, iter, pos, 0);
	memalloc_noio_restore(noio);
	/* The file has become shorter than the medium is said to be. */
	if (!ret)
		return -EIO;
	return ret < 0 ? ret : 0;
}

/* What the file system could not read is the block that it has come to. */
static void vcdrom_failed(struct scst_cmd *cmd, int error, loff_t pos)
{
	if (error == -ENOMEM || error == -EAGAIN)
		scst_set_cmd_errno(cmd, error);
	else
		scst_set_cmd_error_info(cmd, SCST_SENSE_READ_ERROR,
					pos >> VCDROM_BLOCK_SHIFT);
}

static void vcdrom_read_sg(struct vcdrom_medium *medium, struct scst_cmd *cmd)
{
	loff_t pos = vdisk_pos(cmd);
	struct scatterlist *sg;
	struct bio_vec *vecs;
	struct iov_iter iter;
	unsigned int i;
	int error;

	vecs = kvmalloc_array(cmd->sg_cnt, sizeof(*vecs),
			      GFP_NOIO | __GFP_NOWARN);
	if (!vecs) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return;
	}
	for_each_sg(cmd->sg, sg, cmd->sg_cnt, i)
		bvec_set_page(&vecs[i], sg_page(sg), sg->length, sg->offset);
	iov_iter_bvec(&iter, ITER_DEST, vecs, cmd->sg_cnt, cmd->bufflen);
	error = vcdrom_medium_fill(medium, &pos, &iter);
	kvfree(vecs);
	if (error)
		vcdrom_failed(cmd, error, pos);
}

/* The core does not know how large a medium is that comes and goes. */
static bool vcdrom_in_range(struct scst_cmd *cmd,
			    const struct vcdrom_medium *medium, u64 lba)
{
	u64 nblocks = medium->disc.nblocks;

	if (lba <= nblocks && cmd->info.blocks <= nblocks - lba)
		return true;
	vcdrom_out_of_range(cmd, max(lba, nblocks));
	return false;
}

/* There is nothing to move: it is enough that the block is there. */
enum scst_exec_result vcdrom_seek(struct scst_cmd *cmd)
{
	struct vcdrom_medium *medium = vcdrom_medium_get(cmd);

	if (!medium)
		return SCST_EXEC_DONE;
	if (cmd->info.lba >= medium->disc.nblocks)
		vcdrom_out_of_range(cmd, cmd->info.lba);
	vcdrom_medium_put(medium);
	return SCST_EXEC_DONE;
}

enum scst_exec_result vcdrom_read(struct scst_cmd *cmd)
{
	struct vcdrom_medium *medium;

	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	medium = vcdrom_medium_get(cmd);
	if (!medium)
		return SCST_EXEC_DONE;
	/* A transfer length of zero is no error (MMC-6 6.16.2.5). */
	if (vcdrom_in_range(cmd, medium, cmd->info.lba) && cmd->bufflen)
		vcdrom_read_sg(medium, cmd);
	vcdrom_medium_put(medium);
	return SCST_EXEC_DONE;
}

/**
 * struct vcdrom_piece - sectors in the making
 * @blocks: what the image has of them
 * @raw: one of them
 * @picked: what the initiator wants of them
 */
struct vcdrom_piece {
	u8	blocks[VCDROM_PIECE][VCDROM_BLOCK];
	u8	raw[VCDROM_RAW];
	u8	picked[VCDROM_PIECE * VCDROM_RAW];
};

/* Return: bytes in piece->picked; 0: none, or the command has failed */
static u32 vcdrom_make_piece(struct vcdrom_medium *medium,
			     struct scst_cmd *cmd, struct vcdrom_piece *piece,
			     u32 lba, u32 count)
{
	struct kvec vec = {
		.iov_base = piece->blocks,
		.iov_len = count << VCDROM_BLOCK_SHIFT,
	};
	loff_t pos = (loff_t)lba << VCDROM_BLOCK_SHIFT;
	struct iov_iter iter;
	u32 i, len = 0;
	int error;

	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, vec.iov_len);
	error = vcdrom_medium_fill(medium, &pos, &iter);
	if (error) {
		vcdrom_failed(cmd, error, pos);
		return 0;
	}
	for (i = 0; i < count; i++) {
		memcpy(piece->raw + VCDROM_RAW_USER, piece->blocks[i],
		       VCDROM_BLOCK);
		vcdrom_sector_build(piece->raw, lba + i);
		len += vcdrom_sector_pick(piece->raw, cmd->cdb[9],
					  piece->picked + len);
	}
	return len;
}

/* The transport may want less than the CDB. */
static void vcdrom_read_sectors(struct vcdrom_medium *medium,
				struct scst_cmd *cmd, u32 lba)
{
	u32 count, len, left = cmd->info.blocks, at = 0;
	struct vcdrom_piece *piece;

	piece = kvmalloc(sizeof(*piece), GFP_NOIO | __GFP_NOWARN);
	if (!piece) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return;
	}
	cmd->resp_len = 0;
	for (; left && at < cmd->bufflen; left -= count, lba += count) {
		count = min(left, VCDROM_PIECE);
		len = vcdrom_make_piece(medium, cmd, piece, lba, count);
		if (!len || scst_cmd_aborted(cmd))
			break;
		at += sg_pcopy_from_buffer(cmd->sg, cmd->sg_cnt, piece->picked,
					   min(len, cmd->bufflen - at), at);
		cmd->resp_len = at;
	}
	kvfree(piece);
}

/*
 * Of sectors of any type the core takes the longest. Ours are of mode 1, and as
 * long as those: else the residual count would be wrong. Any context.
 */
void vcdrom_parse_cd(struct scst_cmd *cmd)
{
	/* Not too much, since it is not more than what the core has taken. */
	if (VCDROM_CD_TYPE(cmd->cdb[1]) == VCDROM_CD_ANY)
		scst_cdb_set_block_len(&cmd->info,
				       vcdrom_sector_len(cmd->cdb[9]));
}

/* What there is no data for: a type of sector, C2 errors, sub-channels */
static bool vcdrom_cd_refused(struct scst_cmd *cmd,
			      const struct vcdrom_medium *medium)
{
	u8 type = VCDROM_CD_TYPE(cmd->cdb[1]);

	if (medium->disc.kind != VCDROM_CD)
		scst_set_cmd_error(cmd, VCDROM_INCOMPATIBLE);
	else if (cmd->cdb[9] & VCDROM_CD_C2)
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 9,
					 2);
	else if (cmd->cdb[10] & VCDROM_CD_SUB)
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 10,
					 2);
	else if (type != VCDROM_CD_ANY && type != VCDROM_CD_MODE_1)
		scst_set_cmd_error(cmd, VCDROM_WRONG_MODE);
	else
		return false;
	return true;
}

/* The address is where the CDB has it; of READ CD MSF it is in time. */
static bool vcdrom_cd_address(struct scst_cmd *cmd,
			      const struct vcdrom_medium *medium, u64 *lba)
{
	const u8 *msf = cmd->cdb + 3;
	u32 frame;

	*lba = cmd->info.lba;
	if (cmd->info.op->op == SCST_OP_READ_CD_MSF) {
		frame = (msf[0] * VCDROM_SECONDS + msf[1]) * VCDROM_FRAMES +
			msf[2];
		if (frame < VCDROM_PREGAP) {
			vcdrom_out_of_range(cmd, 0);
			return false;
		}
		*lba = frame - VCDROM_PREGAP;
	}
	return vcdrom_in_range(cmd, medium, *lba);
}

enum scst_exec_result vcdrom_read_cd(struct scst_cmd *cmd)
{
	struct vcdrom_medium *medium;
	u64 lba;

	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	medium = vcdrom_medium_get(cmd);
	if (!medium)
		return SCST_EXEC_DONE;
	if (!vcdrom_cd_refused(cmd, medium) &&
	    vcdrom_cd_address(cmd, medium, &lba) && cmd->bufflen)
		vcdrom_read_sectors(medium, cmd, lba);
	vcdrom_medium_put(medium);
	return SCST_EXEC_DONE;
}
