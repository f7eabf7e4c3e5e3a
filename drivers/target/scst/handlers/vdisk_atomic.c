// SPDX-License-Identifier: GPL-2.0
/*
 * WRITE ATOMIC (SBC-4 4.29, 5.48): all of the blocks are written, or none, even
 * if the power fails meanwhile. That is for the store to guarantee; what it
 * guarantees is in the Block Limits VPD page.
 *
 * To others it is one action by its place in the table of ranges
 * (SCST_CDB_UPDATE in the core's table): they read what was there before, or
 * all of what is there afterwards (4.29.3).
 */
#include <linux/bitops.h>
#include <linux/blkdev.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/unaligned.h>
#include "vdisk.h"

/* ATOMIC BOUNDARY, in a CDB of 16 bytes and in one of 32 */
#define VDISK_ATOMIC_BOUNDARY		10
#define VDISK_ATOMIC_BOUNDARY_32	4

/*
 * The store is open: vdisk.atomic says what it can do. Its guarantee is for the
 * blocks, not for protection information that goes with them.
 */
void vdisk_atomic_opened(struct vdisk *vd)
{
	if (vd->dif_type)
		vd->atomic = (struct vdisk_atomic){};
	assign_bit(SCST_OP_WRITE_ATOMIC_16, vd->dev.lacks_ops, !vd->atomic.max);
	assign_bit(SCST_OP_WRITE_ATOMIC_32, vd->dev.lacks_ops, !vd->atomic.max);
}

/* What a bio of pages can hold, wherever in the first one it begins */
#define VDISK_ATOMIC_BIO	((u32)(BIO_MAX_VECS - 1) << PAGE_SHIFT)

/*
 * What vdisk.bdev can do with a bio. One that crosses a boundary of the device
 * would not be atomic, or would be refused because it had to be split; so would
 * one that does not begin with a physical block.
 */
void vdisk_bdev_set_atomic(struct vdisk *vd)
{
	struct request_queue *q = bdev_get_queue(vd->bdev);
	struct vdisk_atomic_store store = {
		.unit_min = max(queue_atomic_write_unit_min_bytes(q),
				queue_physical_block_size(q)),
		.unit_max = min(queue_atomic_write_unit_max_bytes(q),
				VDISK_ATOMIC_BIO),
		.boundary = queue_atomic_write_boundary_bytes(q) ?:
			    q->limits.chunk_sectors << SECTOR_SHIFT,
	};

	/* All are powers of two, or nothing comes of it. */
	if (bdev_can_atomic_write(vd->bdev) &&
	    !((get_start_sect(vd->bdev) << SECTOR_SHIFT) &
	      (max(store.unit_min, store.boundary) - 1)))
		vdisk_atomic_limits(&store, vd->dev.block_shift,
				    vd->dev.max_xfer, &vd->atomic);
}

/* False after an error was set. */
static bool vdisk_atomic_parse(struct scst_cmd *cmd, u16 *boundary)
{
	bool is_long = cmd->info.op->op == SCST_OP_WRITE_ATOMIC_32;
	struct vdisk_atomic_fields fields = {
		.lba_byte = cmd->info.op->lba.offset,
		.blocks_byte = cmd->info.op->count.offset,
		.boundary_byte = is_long ? VDISK_ATOMIC_BOUNDARY_32 :
					   VDISK_ATOMIC_BOUNDARY,
	};
	struct scst_cdb_error error;

	*boundary = get_unaligned_be16(cmd->cdb + fields.boundary_byte);
	fields.lba = cmd->info.lba;
	fields.blocks = cmd->info.blocks;
	fields.boundary = *boundary;
	error = vdisk_atomic_check(&to_vdisk(cmd->dev)->atomic, &fields);
	/* A transport that brings less than all cannot have all written. */
	if (error.sense == SCST_SENSE_NONE &&
	    cmd->bufflen != cmd->info.data_len)
		error = (struct scst_cdb_error) {
			.sense = SCST_SENSE_INVALID_FIELD_CDB,
			.byte = fields.blocks_byte,
			.bit = 7,
		};
	if (error.sense == SCST_SENSE_NONE)
		return true;
	scst_set_cmd_error_field(cmd, error.sense, error.byte, error.bit);
	return false;
}

/*
 * Through a buffer: the block layer guarantees that a bio goes as a whole if it
 * is made of pages, while the initiator's memory may be in any pieces. 0 or an
 * errno.
 */
static int vdisk_atomic_pieces(struct scst_cmd *cmd, u8 *buf, u32 size)
{
	bool fua = vdisk_force_unit_access(cmd);
	struct vdisk *vd = to_vdisk(cmd->dev);
	u32 len, offset;
	int error;

	for (offset = 0; offset < cmd->bufflen; offset += len) {
		if (scst_cmd_aborted(cmd))
			return 0;
		len = min(cmd->bufflen - offset, size);
		sg_pcopy_to_buffer(cmd->sg, cmd->sg_cnt, buf, len, offset);
		error = vd->store->write_atomic(vd, vdisk_pos(cmd) + offset,
						buf, len, fua);
		if (error && fua && vdisk_is_flush_error(error) &&
		    vdisk_bdev_flushes(vd->bdev))
			atomic_inc(&vd->lost_writes);
		if (error)
			return error;
	}
	return 0;
}

/* What has failed must not be tried in other pieces: nothing was written. */
enum scst_exec_result vdisk_write_atomic(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	u16 boundary;
	int error;
	u32 size;
	u8 *buf;

	/* What a store can do is not known while it is being opened again. */
	if (vdisk_not_ready(cmd) || vdisk_check_store(cmd) ||
	    !vdisk_atomic_parse(cmd, &boundary) || !cmd->bufflen)
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;

	size = vdisk_atomic_piece(&vd->atomic, boundary) <<
	       cmd->dev->block_shift;
	size = min(size, cmd->bufflen);
	buf = kvmalloc(size, GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	error = vdisk_atomic_pieces(cmd, buf, size);
	kvfree(buf);
	/* SBC-4 4.29.1: some may have been written, each of them as a whole. */
	if (error && size < cmd->bufflen && !vdisk_check_store(cmd))
		scst_set_cmd_error(cmd, SCST_SENSE_INCOMPLETE_ATOMIC);
	else if (error)
		vdisk_set_errno(cmd, error);
	return SCST_EXEC_DONE;
}
