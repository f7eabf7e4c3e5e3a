// SPDX-License-Identifier: GPL-2.0
/*
 * READ BUFFER and WRITE BUFFER (SPC-5 6.22, 6.23, 6.49): a buffer for tests of
 * the way to it, and one for each I_T nexus to echo. There is no microcode and
 * no error history.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include <linux/xarray.h>
#include "vdisk.h"

#define VDISK_BUFFER_SIZE	SZ_64K
/* The descriptor has 13 bits for it. */
#define VDISK_ECHO_SIZE		SZ_4K

/* MODE, byte 1 of the CDB; above it is MODE SPECIFIC, of which there is none */
#define VDISK_BUFFER_MODE	0x1f
#define VDISK_BUFFER_SPECIFIC	0xe0

/**
 * struct vdisk_echo - what an I_T nexus has written into its echo buffer
 * @len: bytes in @data
 * @data: data
 */
struct vdisk_echo {
	u32	len;
	u8	data[] __counted_by(len);
};

/**
 * struct vdisk_buffer_cdb - fields of the CDB of 10 or 16 bytes
 * @id: BUFFER ID
 * @id_byte: where that is
 * @offset: BUFFER OFFSET
 * @offset_byte: where that is
 */
struct vdisk_buffer_cdb {
	u8	id;
	u8	id_byte;
	u64	offset;
	u8	offset_byte;
};

static struct vdisk_buffer_cdb vdisk_buffer_cdb(const struct scst_cmd *cmd)
{
	const u8 *cdb = cmd->cdb;

	if (cmd->info.op->len == 16)
		return (struct vdisk_buffer_cdb) {
			.id = cdb[14], .id_byte = 14,
			.offset = get_unaligned_be64(cdb + 2), .offset_byte = 2,
		};
	return (struct vdisk_buffer_cdb) {
		.id = cdb[2], .id_byte = 2,
		.offset = get_unaligned_be24(cdb + 3), .offset_byte = 3,
	};
}

static enum scst_exec_result vdisk_buffer_refuse(struct scst_cmd *cmd, u8 byte,
						 s8 bit)
{
	scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, byte, bit);
	return SCST_EXEC_DONE;
}

/* Buffer 0 is all there is; what begins behind its end is nowhere. */
static bool vdisk_buffer_in_range(struct scst_cmd *cmd, u64 *offset)
{
	struct vdisk_buffer_cdb cdb = vdisk_buffer_cdb(cmd);

	*offset = cdb.offset;
	if (!cdb.id && cdb.offset <= VDISK_BUFFER_SIZE)
		return true;
	if (cdb.id)
		vdisk_buffer_refuse(cmd, cdb.id_byte, 7);
	else
		vdisk_buffer_refuse(cmd, cdb.offset_byte, 7);
	return false;
}

/* It is made when it is first needed. Under vdisk.buffer_lock. */
static bool vdisk_buffer_get(struct vdisk *vd)
{
	if (!vd->buffer)
		vd->buffer = kvzalloc(VDISK_BUFFER_SIZE,
				      GFP_NOIO | __GFP_NOWARN);
	return vd->buffer;
}

static enum scst_exec_result vdisk_buffer_read(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	u64 offset;

	if (!vdisk_buffer_in_range(cmd, &offset))
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	mutex_lock(&vd->buffer_lock);
	if (vdisk_buffer_get(vd))
		scst_cmd_copy_in(cmd, vd->buffer + offset,
				 VDISK_BUFFER_SIZE - offset);
	else
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
	mutex_unlock(&vd->buffer_lock);
	return SCST_EXEC_DONE;
}

/* More than fits is refused before anything is written (SPC-5 6.49.4). */
static enum scst_exec_result vdisk_buffer_write(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	u64 offset;

	if (!vdisk_buffer_in_range(cmd, &offset))
		return SCST_EXEC_DONE;
	if (cmd->info.data_len > VDISK_BUFFER_SIZE - offset)
		return vdisk_buffer_refuse(cmd, cmd->info.op->count.offset, 7);
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	mutex_lock(&vd->buffer_lock);
	if (vdisk_buffer_get(vd))
		scst_cmd_copy_out(cmd, vd->buffer + offset, cmd->bufflen);
	else
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
	mutex_unlock(&vd->buffer_lock);
	return SCST_EXEC_DONE;
}

/* Of a buffer that there is not: zeros (SPC-5 6.22.6) */
static enum scst_exec_result vdisk_buffer_describe(struct scst_cmd *cmd)
{
	u8 buf[4] = {};

	if (!vdisk_buffer_cdb(cmd).id)
		put_unaligned_be24(VDISK_BUFFER_SIZE, buf + 1);
	scst_cmd_copy_in(cmd, buf, sizeof(buf));
	return SCST_EXEC_DONE;
}

/* As many bytes as were written; ID and offset are ignored (SPC-5 6.22.7). */
static enum scst_exec_result vdisk_echo_read(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	struct vdisk_echo *echo;
	unsigned long flags;

	xa_lock_irqsave(&vd->echos, flags);
	echo = xa_load(&vd->echos, (unsigned long)cmd->tgt_dev);
	if (echo)
		scst_cmd_copy_in(cmd, echo->data, echo->len);
	xa_unlock_irqrestore(&vd->echos, flags);
	if (!echo)
		scst_set_cmd_error(cmd, SCST_SENSE_SEQUENCE_ERROR);
	return SCST_EXEC_DONE;
}

static enum scst_exec_result vdisk_echo_write(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	struct vdisk_echo *echo, *old;

	if (cmd->info.data_len > VDISK_ECHO_SIZE)
		return vdisk_buffer_refuse(cmd, cmd->info.op->count.offset, 7);
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	echo = kzalloc(struct_size(echo, data, cmd->bufflen),
		       GFP_NOIO | __GFP_NOWARN);
	if (!echo) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	echo->len = cmd->bufflen;
	scst_cmd_copy_out(cmd, echo->data, echo->len);
	old = xa_store_irq(&vd->echos, (unsigned long)cmd->tgt_dev, echo,
			   GFP_NOIO | __GFP_NOWARN);
	if (xa_is_err(old)) {
		kfree(echo);
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	kfree(old);
	return SCST_EXEC_DONE;
}

/* EBOS zero: nobody else writes it. */
static enum scst_exec_result vdisk_echo_describe(struct scst_cmd *cmd)
{
	u8 buf[4] = {};

	put_unaligned_be16(VDISK_ECHO_SIZE, buf + 2);
	scst_cmd_copy_in(cmd, buf, sizeof(buf));
	return SCST_EXEC_DONE;
}

/* The nexus has been lost, or is gone: what it has written is forgotten. */
void vdisk_echo_forget(struct scst_tgt_dev *tgt_dev)
{
	kfree(xa_erase_irq(&to_vdisk(tgt_dev->dev)->echos,
			   (unsigned long)tgt_dev));
}

#define VDISK_MODE_DATA		0x02
#define VDISK_MODE_DESC		0x03
#define VDISK_MODE_ECHO		0x0a
#define VDISK_MODE_ECHO_DESC	0x0b

static const scst_exec_fn vdisk_read_modes[VDISK_BUFFER_MODE + 1] = {
	[VDISK_MODE_DATA]	= vdisk_buffer_read,
	[VDISK_MODE_DESC]	= vdisk_buffer_describe,
	[VDISK_MODE_ECHO]	= vdisk_echo_read,
	[VDISK_MODE_ECHO_DESC]	= vdisk_echo_describe,
};

static const scst_exec_fn vdisk_write_modes[VDISK_BUFFER_MODE + 1] = {
	[VDISK_MODE_DATA]	= vdisk_buffer_write,
	[VDISK_MODE_ECHO]	= vdisk_echo_write,
};

static enum scst_exec_result vdisk_buffer_mode(struct scst_cmd *cmd,
					       const scst_exec_fn *modes)
{
	scst_exec_fn exec = modes[cmd->cdb[1] & VDISK_BUFFER_MODE];

	if (!exec)
		return vdisk_buffer_refuse(cmd, 1, 4);
	if (cmd->cdb[1] & VDISK_BUFFER_SPECIFIC)
		return vdisk_buffer_refuse(cmd, 1, 7);
	return exec(cmd);
}

enum scst_exec_result vdisk_read_buffer(struct scst_cmd *cmd)
{
	return vdisk_buffer_mode(cmd, vdisk_read_modes);
}

enum scst_exec_result vdisk_write_buffer(struct scst_cmd *cmd)
{
	return vdisk_buffer_mode(cmd, vdisk_write_modes);
}
