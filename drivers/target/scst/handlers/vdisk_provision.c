// SPDX-License-Identifier: GPL-2.0
/*
 * Logical block provisioning (SBC-4 4.7), and WRITE SAME, which it is a part
 * of.
 */
#include <linux/mm.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "vdisk.h"

/* vdisk_cdb_flags() of WRITE SAME */
#define VDISK_SAME_UNMAP	0x08
#define VDISK_SAME_UNMAP_BIT	3
#define VDISK_SAME_ANCHOR	0x10
#define VDISK_SAME_ANCHOR_BIT	4

/* UNMAP, byte 1 */
#define VDISK_UNMAP_ANCHOR	0x01
#define VDISK_UNMAP_ANCHOR_BIT	0

/*
 * Most LBA status descriptors in one answer, and most extents looked at. One
 * whose end vdisk_extents_status() has to search for counts as many: about 100
 * looks at the file system's map, if it is large, for each of 4096.
 */
#define VDISK_MAX_LBA_DESC	256
#define VDISK_MAX_LBA_EXTENTS	SZ_64K
#define VDISK_LBA_SEARCH	16

/* UNMAP parameter list (SBC-4 5.34.2) */
struct vdisk_unmap_desc {
	__be64	lba;
	__be32	blocks;
	__be32	reserved;
};

struct vdisk_unmap_list {
	__be16			data_len;	/* of what follows */
	__be16			desc_len;	/* of @desc */
	__be32			reserved;
	struct vdisk_unmap_desc	desc[];
};

/* GET LBA STATUS parameter data (SBC-4 5.6.2) */
struct vdisk_lba_desc {
	__be64	lba;
	__be32	blocks;
	u8	status;
	u8	additional;
	__be16	reserved;
};

struct vdisk_lba_list {
	__be32			len;		/* of what follows */
	u8			reserved[3];
	u8			flags;
	struct vdisk_lba_desc	desc[];
};

/* Its flags: COMPLETION CONDITION, and REPORT TYPE was looked at (RTP) */
#define VDISK_LBA_CONDITION_SHIFT	1
#define VDISK_LBA_RTP			0x01

/**
 * enum vdisk_lba_condition - COMPLETION CONDITION: why an answer ends
 * @VDISK_LBA_ENDS: no indication
 * @VDISK_LBA_FULL: the allocation length
 * @VDISK_LBA_SCANNED: the scan length
 * @VDISK_LBA_CAPACITY: the capacity
 */
enum vdisk_lba_condition {
	VDISK_LBA_ENDS,
	VDISK_LBA_FULL,
	VDISK_LBA_SCANNED,
	VDISK_LBA_CAPACITY,
};

/**
 * struct vdisk_lba_scan - GET LBA STATUS under way
 * @cmd: command
 * @lba: where it is
 * @end: where it ends at the latest
 * @hole: of vdisk_lba_status()
 * @type: REPORT TYPE
 * @looked: extents that it has looked at
 * @nr: descriptors that it has found
 * @max: most of them
 * @list: where they go
 */
struct vdisk_lba_scan {
	struct scst_cmd		*cmd;
	u64			lba;
	u64			end;
	u64			hole;
	u8			type;
	unsigned int		looked;
	unsigned int		nr;
	unsigned int		max;
	struct vdisk_lba_list	*list;
};

/* Without a volatile cache what was changed is on the medium by the status. */
static int vdisk_settle(struct vdisk *vd, u64 pos, u64 len)
{
	if (vd->nv_cache || vd->wce)
		return 0;
	return vd->store->sync(vd, pos, len);
}

/* The one block of the command, over and over */
static int vdisk_write_pattern(struct scst_cmd *cmd, u8 *buf, u64 len)
{
	size_t block = 1UL << cmd->dev->block_shift;
	struct vdisk *vd = to_vdisk(cmd->dev);
	u64 pos = vdisk_pos(cmd);
	size_t n, done;
	int error = 0;

	for (done = block; done < VDISK_CHUNK; done += block)
		memcpy(buf + done, buf, block);
	for (; len && !error && !scst_cmd_aborted(cmd); len -= n, pos += n) {
		n = min(len, VDISK_CHUNK);
		error = vd->store->write_buf(vd, pos, buf, n);
	}
	return error;
}

/*
 * UNMAP lets the blocks go only if they then read as what was to be written
 * (SBC-4 5.54): zeros. NDOB means zeros, too: nothing was transferred. With
 * ANCHOR their room stays, as it does when zeros are written.
 */
static int vdisk_same(struct scst_cmd *cmd, u64 len)
{
	u8 flags = vdisk_cdb_flags(cmd);
	bool unmap = flags & VDISK_SAME_UNMAP;
	size_t block = 1UL << cmd->dev->block_shift;
	struct vdisk *vd = to_vdisk(cmd->dev);
	int error = -EOPNOTSUPP;
	u8 *buf;

	buf = kvmalloc(VDISK_CHUNK, GFP_NOIO | __GFP_NOWARN);
	if (!buf)
		return -ENOMEM;
	memset(buf, 0, block);
	scst_cmd_copy_out(cmd, buf, block);

	/*
	 * Zeros that were sent are protected; what is given back, and what was
	 * not sent, is not (SBC-4 4.7.4.2, 5.54).
	 */
	if (!memchr_inv(buf, 0, block) &&
	    (unmap || !cmd->bufflen || !vdisk_has_pi(vd)))
		error = vd->store->zero(vd, vdisk_pos(cmd), len,
					unmap && !(flags & VDISK_SAME_ANCHOR));
	if (error == -EOPNOTSUPP)
		error = vdisk_write_pattern(cmd, buf, len);
	kvfree(buf);
	return error ?: vdisk_settle(vd, vdisk_pos(cmd), len);
}

/* SBC-4 5.54: what goes with what. False after an error was set. */
static bool vdisk_same_check(struct scst_cmd *cmd)
{
	const struct vdisk *vd = to_vdisk(cmd->dev);
	u8 flags = vdisk_cdb_flags(cmd);
	s8 bit;

	if (flags & VDISK_SAME_ANCHOR &&
	    !(flags & VDISK_SAME_UNMAP && vd->anchors))
		bit = VDISK_SAME_ANCHOR_BIT;
	else if (flags & VDISK_SAME_UNMAP && !vd->thin_provisioned)
		bit = VDISK_SAME_UNMAP_BIT;
	else
		return true;
	scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
				 cmd->info.op->len == 32 ? 10 : 1, bit);
	return false;
}

/*
 * NUMBER OF LOGICAL BLOCKS zero would mean up to the last one, which mostly is
 * more than there may be at a time: WSNZ says that it is refused.
 */
enum scst_exec_result vdisk_write_same(struct scst_cmd *cmd)
{
	u64 blocks = cmd->info.blocks;
	int error;

	if (vdisk_not_ready(cmd) || !vdisk_same_check(cmd))
		return SCST_EXEC_DONE;
	if (!blocks || blocks > VDISK_MAX_SAME) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
					 cmd->info.op->count.offset, 7);
		return SCST_EXEC_DONE;
	}
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;

	if (cmd->info.protect && cmd->bufflen &&
	    vdisk_has_pi(to_vdisk(cmd->dev))) {
		vdisk_pi_same(cmd);
		return SCST_EXEC_DONE;
	}
	error = vdisk_same(cmd, blocks << cmd->dev->block_shift);
	if (error)
		vdisk_set_errno(cmd, error);
	return SCST_EXEC_DONE;
}

/* Which ranges are meant? False after an error was set. */
static bool vdisk_unmap_parse(struct scst_cmd *cmd,
			      const struct vdisk_unmap_list *list,
			      unsigned int *nr)
{
	unsigned int data_len, desc_len;

	if (cmd->bufflen < sizeof(*list)) {
		scst_set_cmd_error(cmd, SCST_SENSE_PARAM_LIST_LENGTH);
		return false;
	}
	data_len = sizeof(list->data_len) + be16_to_cpu(list->data_len);
	desc_len = sizeof(*list) + be16_to_cpu(list->desc_len);
	if (data_len > cmd->bufflen || desc_len > cmd->bufflen) {
		scst_set_cmd_error(cmd, SCST_SENSE_PARAM_LIST_LENGTH);
		return false;
	}
	/* A descriptor that is not there as a whole is ignored. */
	*nr = be16_to_cpu(list->desc_len) / sizeof(list->desc[0]);
	if (desc_len > data_len || *nr > VDISK_MAX_UNMAP_DESC) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_PARAM,
					 offsetof(struct vdisk_unmap_list,
						  desc_len), 7);
		return false;
	}
	return true;
}

/* All of them are looked at before the first one goes. */
static bool vdisk_unmap_check(struct scst_cmd *cmd,
			      const struct vdisk_unmap_list *list,
			      unsigned int nr)
{
	u64 nblocks = READ_ONCE(cmd->dev->nblocks);
	u64 lba, end, total = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		lba = be64_to_cpu(list->desc[i].lba);
		if (check_add_overflow(lba, be32_to_cpu(list->desc[i].blocks),
				       &end) || end > nblocks) {
			scst_set_cmd_error_info(cmd, SCST_SENSE_LBA_OUT_OF_RANGE,
						max(lba, nblocks));
			return false;
		}
		total += be32_to_cpu(list->desc[i].blocks);
		if (total > VDISK_MAX_UNMAP) {
			scst_set_cmd_error_field(cmd,
						 SCST_SENSE_INVALID_FIELD_PARAM,
						 offsetof(typeof(*list),
							  desc[i].blocks), 7);
			return false;
		}
	}
	return true;
}

/* ANCHOR: what reads as zeros and has room. It may take more of that. */
static int vdisk_unmap_range(struct scst_cmd *cmd, u64 pos, u64 len)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	int error;

	if (!(cmd->cdb[1] & VDISK_UNMAP_ANCHOR))
		return vd->store->unmap(vd, pos, len);
	error = vd->store->zero(vd, pos, len, false);
	/* Not before: somebody looks at once, and then not for a while. */
	if (READ_ONCE(vd->thresholds_wanted))
		vdisk_threshold_wrote(vd, len);
	return error;
}

static int vdisk_unmap_ranges(struct scst_cmd *cmd,
			      const struct vdisk_unmap_list *list,
			      unsigned int nr)
{
	u8 shift = cmd->dev->block_shift;
	struct vdisk *vd = to_vdisk(cmd->dev);
	unsigned int i;
	int error;
	u64 len;

	for (i = 0; i < nr && !scst_cmd_aborted(cmd); i++) {
		len = (u64)be32_to_cpu(list->desc[i].blocks) << shift;
		if (!len)
			continue;
		error = vdisk_unmap_range(cmd, be64_to_cpu(list->desc[i].lba) <<
					       shift, len);
		if (error)
			return error;
	}
	return vdisk_settle(vd, 0, READ_ONCE(cmd->dev->nblocks) << shift);
}

enum scst_exec_result vdisk_unmap(struct scst_cmd *cmd)
{
	struct vdisk_unmap_list *list;
	unsigned int nr;
	int error;

	if (vdisk_not_ready(cmd))
		return SCST_EXEC_DONE;
	if (cmd->cdb[1] & VDISK_UNMAP_ANCHOR && !to_vdisk(cmd->dev)->anchors) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 VDISK_UNMAP_ANCHOR_BIT);
		return SCST_EXEC_DONE;
	}
	if (!cmd->bufflen)
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;

	list = kvzalloc(struct_size(list, desc, VDISK_MAX_UNMAP_DESC),
			GFP_NOIO | __GFP_NOWARN);
	if (!list) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	scst_cmd_copy_out(cmd, list,
			  struct_size(list, desc, VDISK_MAX_UNMAP_DESC));
	if (vdisk_unmap_parse(cmd, list, &nr) &&
	    vdisk_unmap_check(cmd, list, nr)) {
		error = vdisk_unmap_ranges(cmd, list, nr);
		if (error)
			vdisk_set_errno(cmd, error);
	}
	kvfree(list);
	return SCST_EXEC_DONE;
}

/**
 * vdisk_lba_status() - PROVISIONING STATUS of a block (SBC-4 5.6.2)
 * @vd: disk
 * @pos: its first byte
 * @len: bytes, whole blocks; result: of those that have got the same one
 * @hole: where the hole ends in which the last call was; zero at first. A file
 *	system walks through all that is anchored to find that end: once is enough
 *
 * Of a disk that is not thin all blocks are mapped. Process context.
 */
u8 vdisk_lba_status(struct vdisk *vd, u64 pos, u64 *len, u64 *hole)
{
	if (pos >= *hole) {
		if (!vd->thin_provisioned || !vd->store->mapped ||
		    vd->store->mapped(vd, pos, len))
			return VDISK_LBA_MAPPED;
		*hole = pos + *len;
	}
	*len = min(*len, *hole - pos);
	return vd->anchors ? vdisk_file_hole_status(vd, pos, len) :
			     VDISK_LBA_DEALLOCATED;
}

/* The extent at the present place, if it is one of those that are wanted */
static void vdisk_scan_extent(struct vdisk_lba_scan *scan)
{
	struct scst_device *dev = scan->cmd->dev;
	u64 len = (scan->end - scan->lba) << dev->block_shift;
	struct vdisk_lba_desc *desc = &scan->list->desc[scan->nr];
	u64 blocks;
	u8 status;

	status = vdisk_lba_status(to_vdisk(dev), scan->lba << dev->block_shift,
				  &len, &scan->hole);
	blocks = min(len >> dev->block_shift, U32_MAX);
	if (vdisk_lba_wanted(scan->type, status)) {
		desc->lba = cpu_to_be64(scan->lba);
		desc->blocks = cpu_to_be32(blocks);
		desc->status = status;
		scan->nr++;
	}
	scan->lba += blocks;
	scan->looked += to_vdisk(dev)->anchors && status ? VDISK_LBA_SEARCH : 1;
}

static enum vdisk_lba_condition vdisk_scan(struct vdisk_lba_scan *scan)
{
	while (scan->looked < VDISK_MAX_LBA_EXTENTS) {
		if (scan->lba >= scan->end)
			return scan->end == READ_ONCE(scan->cmd->dev->nblocks) ?
			       VDISK_LBA_CAPACITY : VDISK_LBA_SCANNED;
		if (scan->nr == scan->max)
			return VDISK_LBA_FULL;
		if (scst_cmd_aborted(scan->cmd))
			break;
		vdisk_scan_extent(scan);
	}
	return VDISK_LBA_ENDS;
}

/* What the CDB asks for. False after an error was set. */
static bool vdisk_scan_init(struct vdisk_lba_scan *scan)
{
	struct scst_cmd *cmd = scan->cmd;
	bool is_long = cmd->info.op->op == SCST_OP_GET_LBA_STATUS_32;
	unsigned int type_byte = is_long ? 10 : 14;
	u64 nblocks = READ_ONCE(cmd->dev->nblocks);
	u64 length = is_long ? get_unaligned_be32(cmd->cdb + 20) : 0;

	scan->lba = cmd->info.lba;
	scan->type = cmd->cdb[type_byte];
	/* The core lets a range of no blocks begin at the end. */
	if (scan->lba >= nblocks) {
		scst_set_cmd_error_info(cmd, SCST_SENSE_LBA_OUT_OF_RANGE,
					scan->lba);
		return false;
	}
	if (!vdisk_lba_type_valid(scan->type)) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
					 type_byte, 7);
		return false;
	}
	/* ELEMENT IDENTIFIER: there are no physical elements (SBC-4 5.7). */
	if (is_long && get_unaligned_be32(cmd->cdb + 24)) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 24,
					 7);
		return false;
	}
	scan->end = nblocks;
	if (length)
		scan->end = min(nblocks, scan->lba + length);
	return true;
}

/* As many descriptors as the initiator takes, and one at least */
enum scst_exec_result vdisk_get_lba_status(struct scst_cmd *cmd)
{
	struct vdisk_lba_scan scan = { .cmd = cmd };
	enum vdisk_lba_condition condition;
	size_t size;

	if (vdisk_not_ready(cmd) || vdisk_check_store(cmd) ||
	    !vdisk_scan_init(&scan))
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;

	scan.max = clamp(cmd->info.data_len / sizeof(scan.list->desc[0]), 1,
			 VDISK_MAX_LBA_DESC);
	scan.list = kvzalloc(struct_size(scan.list, desc, scan.max),
			     GFP_NOIO | __GFP_NOWARN);
	if (!scan.list) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	condition = vdisk_scan(&scan);
	size = struct_size(scan.list, desc, scan.nr);
	scan.list->len = cpu_to_be32(size - sizeof(scan.list->len));
	scan.list->flags = condition << VDISK_LBA_CONDITION_SHIFT |
			   VDISK_LBA_RTP;
	scst_cmd_copy_in(cmd, scan.list, size);
	kvfree(scan.list);
	return SCST_EXEC_DONE;
}
