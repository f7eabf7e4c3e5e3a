// SPDX-License-Identifier: GPL-2.0
/*
 * Logical block provisioning (SBC-4 4.7), and WRITE SAME, which it is a part
 * of.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "vdisk.h"

/* CDB byte 1 of WRITE SAME */
#define VDISK_SAME_UNMAP	0x08
#define VDISK_SAME_UNMAP_BIT	3

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
 * (SBC-4 5.54): zeros. NDOB means zeros, too: nothing was transferred.
 */
static int vdisk_same(struct scst_cmd *cmd, u64 len)
{
	bool unmap = cmd->cdb[1] & VDISK_SAME_UNMAP;
	size_t block = 1UL << cmd->dev->block_shift;
	struct vdisk *vd = to_vdisk(cmd->dev);
	int error = -EOPNOTSUPP;
	u8 *buf;

	buf = kvmalloc(VDISK_CHUNK, GFP_NOIO | __GFP_NOWARN);
	if (!buf)
		return -ENOMEM;
	memset(buf, 0, block);
	scst_cmd_copy_out(cmd, buf, block);

	if (!memchr_inv(buf, 0, block))
		error = vd->store->zero(vd, vdisk_pos(cmd), len, unmap);
	if (error == -EOPNOTSUPP)
		error = vdisk_write_pattern(cmd, buf, len);
	kvfree(buf);
	return error ?: vdisk_settle(vd, vdisk_pos(cmd), len);
}

/* NUMBER OF LOGICAL BLOCKS zero means up to the last one: WSNZ is zero. */
enum scst_exec_result vdisk_write_same(struct scst_cmd *cmd)
{
	u64 blocks = cmd->info.blocks;
	int error;

	if (vdisk_not_ready(cmd))
		return SCST_EXEC_DONE;
	if (cmd->cdb[1] & VDISK_SAME_UNMAP &&
	    !to_vdisk(cmd->dev)->thin_provisioned) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 VDISK_SAME_UNMAP_BIT);
		return SCST_EXEC_DONE;
	}
	if (!blocks)
		blocks = READ_ONCE(cmd->dev->nblocks) - cmd->info.lba;
	if (blocks > VDISK_MAX_SAME) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
					 cmd->info.op->count.offset, 7);
		return SCST_EXEC_DONE;
	}
	if (!blocks)
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;

	error = vdisk_same(cmd, blocks << cmd->dev->block_shift);
	if (error)
		scst_set_cmd_errno(cmd, error);
	return SCST_EXEC_DONE;
}
