// SPDX-License-Identifier: GPL-2.0
/*
 * What is written, or answered, follows from what is there: COMPARE AND WRITE,
 * ORWRITE and XDWRITEREAD.
 *
 * They are alone on their blocks (SCST_CDB_UPDATE in the core's table), so that
 * nobody else writes between their look at the medium and their own write.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include "vdisk.h"

/* vdisk_cdb_flags() of XDWRITEREAD, beside DPO and FUA */
#define VDISK_DISABLE_WRITE	0x04

/**
 * struct vdisk_update - two pieces of VDISK_CHUNK each, made by one kvmalloc()
 * @medium: what is there
 * @data: what the initiator has sent
 */
struct vdisk_update {
	u8 medium[VDISK_CHUNK];
	u8 data[VDISK_CHUNK];
};

/*
 * A piece of the range: look at it, or change it. 0 to go on, 1 if the command
 * was ended, or an errno.
 */
typedef int (*vdisk_update_fn)(struct scst_cmd *cmd, struct vdisk_update *up,
			       u64 offset, size_t len);

static int vdisk_update_each(struct scst_cmd *cmd, struct vdisk_update *up,
			     vdisk_update_fn fn)
{
	u64 total = cmd->info.blocks << cmd->dev->block_shift;
	u64 offset;
	int error;
	size_t len;

	for (offset = 0; offset < total; offset += len) {
		len = min(total - offset, VDISK_CHUNK);
		error = fn(cmd, up, offset, len);
		if (error)
			return error;
	}
	return 0;
}

/* 1 after the command was ended with the block that cannot be read */
static int vdisk_update_look(struct scst_cmd *cmd, struct vdisk_update *up,
			     u64 offset, size_t len)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	u64 pos = vdisk_pos(cmd) + offset;
	int error;

	error = vd->store->read(vd, pos, up->medium, len);
	if (!error)
		return 0;
	vdisk_read_failed(cmd, error, pos, len, vd->store->read);
	return 1;
}

static int vdisk_update_compare(struct scst_cmd *cmd, struct vdisk_update *up,
				u64 offset, size_t len)
{
	if (vdisk_update_look(cmd, up, offset, len))
		return 1;
	sg_pcopy_to_buffer(cmd->sg, cmd->sg_cnt, up->data, len, offset);
	return vdisk_miscompare(cmd, up->medium, up->data, len, offset);
}

/* The second half of the Data-Out is what is to be written (SBC-4 5.3). */
static int vdisk_update_replace(struct scst_cmd *cmd, struct vdisk_update *up,
				u64 offset, size_t len)
{
	u64 half = cmd->info.blocks << cmd->dev->block_shift;
	struct vdisk *vd = to_vdisk(cmd->dev);

	sg_pcopy_to_buffer(cmd->sg, cmd->sg_cnt, up->data, len, half + offset);
	return vd->store->write_buf(vd, vdisk_pos(cmd) + offset, up->data,
				    len);
}

static int vdisk_update_or(struct scst_cmd *cmd, struct vdisk_update *up,
			   u64 offset, size_t len)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	size_t i;

	if (vdisk_update_look(cmd, up, offset, len))
		return 1;
	sg_pcopy_to_buffer(cmd->sg, cmd->sg_cnt, up->data, len, offset);
	for (i = 0; i < len; i++)
		up->data[i] |= up->medium[i];
	return vd->store->write_buf(vd, vdisk_pos(cmd) + offset, up->data,
				    len);
}

/* SBC-3 5.50: the answer is what has changed. */
static int vdisk_update_xor(struct scst_cmd *cmd, struct vdisk_update *up,
			    u64 offset, size_t len)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	size_t i;

	if (vdisk_update_look(cmd, up, offset, len))
		return 1;
	sg_pcopy_to_buffer(cmd->sg, cmd->sg_cnt, up->data, len, offset);
	for (i = 0; i < len; i++)
		up->medium[i] ^= up->data[i];
	/* The transport may expect less than all of it. */
	if (offset < cmd->in_bufflen)
		sg_pcopy_from_buffer(cmd->in_sg, cmd->in_sg_cnt, up->medium,
				     min_t(u64, len, cmd->in_bufflen - offset),
				     offset);
	if (vdisk_cdb_flags(cmd) & VDISK_DISABLE_WRITE)
		return 0;
	return vd->store->write_buf(vd, vdisk_pos(cmd) + offset, up->data,
				    len);
}

static int vdisk_update_write(struct scst_cmd *cmd, struct vdisk_update *up,
			      vdisk_update_fn write)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	int error = vdisk_update_each(cmd, up, write);
	int sync_error = 0;

	/* What was written before an error lasts, too. */
	if (vdisk_force_unit_access(cmd))
		sync_error = vd->store->sync(vd, vdisk_pos(cmd),
					     cmd->info.blocks <<
					     cmd->dev->block_shift);
	return error ?: sync_error;
}

static void vdisk_update(struct scst_cmd *cmd, vdisk_update_fn look,
			 vdisk_update_fn write)
{
	struct vdisk_update *up;
	int error = 0;

	up = kvmalloc(sizeof(*up), GFP_NOIO | __GFP_NOWARN);
	if (!up) {
		vdisk_set_errno(cmd, -ENOMEM);
		return;
	}
	if (look)
		error = vdisk_update_each(cmd, up, look);
	if (!error)
		error = vdisk_update_write(cmd, up, write);
	kvfree(up);
	if (error < 0)
		vdisk_set_errno(cmd, error);
}

static void vdisk_execute_compare(struct scst_cmd *cmd)
{
	vdisk_update(cmd, vdisk_update_compare, vdisk_update_replace);
}

static void vdisk_execute_or(struct scst_cmd *cmd)
{
	vdisk_update(cmd, NULL, vdisk_update_or);
}

/*
 * It comes without protection information, but what is read is checked. All of
 * it can be read, or nothing is written: who repeats the command must get the
 * same answer.
 */
static void vdisk_execute_xor(struct scst_cmd *cmd)
{
	vdisk_update(cmd, vdisk_update_look, vdisk_update_xor);
}

static enum scst_exec_result
vdisk_execute_update(struct scst_cmd *cmd, void (*plain)(struct scst_cmd *cmd),
		     void (*with_pi)(struct scst_cmd *cmd))
{
	/* No blocks are no error (SBC-4 5.3). */
	if (vdisk_not_ready(cmd) || !cmd->bufflen)
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	if (vdisk_has_pi(to_vdisk(cmd->dev)))
		with_pi(cmd);
	else
		plain(cmd);
	return SCST_EXEC_DONE;
}

enum scst_exec_result vdisk_compare_and_write(struct scst_cmd *cmd)
{
	return vdisk_execute_update(cmd, vdisk_execute_compare,
				    vdisk_pi_compare_and_write);
}

enum scst_exec_result vdisk_orwrite(struct scst_cmd *cmd)
{
	return vdisk_execute_update(cmd, vdisk_execute_or, vdisk_pi_orwrite);
}

enum scst_exec_result vdisk_xd_write_read(struct scst_cmd *cmd)
{
	return vdisk_execute_update(cmd, vdisk_execute_xor, vdisk_execute_xor);
}
