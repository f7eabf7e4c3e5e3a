// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of a CD-ROM drive that need neither the tray nor the data, and
 * the table of all of them.
 */
#include <linux/slab.h>
#include <linux/unaligned.h>
#include "vcdrom.h"

/* SET STREAMING: the performance descriptor (MMC-6 6.39.2.4) */
#define VCDROM_STREAMING_LEN	28

static void vcdrom_send(struct scst_cmd *cmd,
			const struct vcdrom_answer *answer)
{
	if (answer->len)
		scst_cmd_copy_in(cmd, answer->buf, answer->len);
	else if (answer->bad_byte)
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
					 answer->bad_byte, answer->bad_bit);
	else
		scst_set_cmd_error(cmd, SCST_SENSE_LBA_OUT_OF_RANGE);
}

typedef void (*vcdrom_answer_fn)(const struct vcdrom_disc *disc, const u8 *cdb,
				 struct vcdrom_answer *answer);

/* A command about the medium, if there is one */
static enum scst_exec_result vcdrom_answer_disc(struct scst_cmd *cmd,
						vcdrom_answer_fn fn)
{
	struct vcdrom_medium *medium = vcdrom_medium_get(cmd);
	u8 buf[VCDROM_ANSWER_MAX] = {};
	struct vcdrom_answer answer = { .buf = buf };

	if (!medium)
		return SCST_EXEC_DONE;
	fn(&medium->disc, cmd->cdb, &answer);
	vcdrom_send(cmd, &answer);
	vcdrom_medium_put(medium);
	return SCST_EXEC_DONE;
}

static enum scst_exec_result vcdrom_exec_toc(struct scst_cmd *cmd)
{
	return vcdrom_answer_disc(cmd, vcdrom_toc);
}

static enum scst_exec_result vcdrom_exec_disc_info(struct scst_cmd *cmd)
{
	return vcdrom_answer_disc(cmd, vcdrom_disc_info);
}

static enum scst_exec_result vcdrom_exec_track_info(struct scst_cmd *cmd)
{
	return vcdrom_answer_disc(cmd, vcdrom_track_info);
}

static enum scst_exec_result vcdrom_exec_performance(struct scst_cmd *cmd)
{
	return vcdrom_answer_disc(cmd, vcdrom_performance);
}

static enum scst_exec_result vcdrom_exec_structure(struct scst_cmd *cmd)
{
	struct vcdrom_answer answer = {};
	struct vcdrom_medium *medium;

	if (!scst_cmd_may_sleep(cmd))
		return SCST_EXEC_NEED_THREAD;
	medium = vcdrom_medium_get(cmd);
	if (!medium)
		return SCST_EXEC_DONE;
	answer.buf = kzalloc(VCDROM_STRUCTURE_MAX, GFP_NOIO | __GFP_NOWARN);
	if (!answer.buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
	} else if (medium->disc.kind != VCDROM_DVD) {
		scst_set_cmd_error(cmd, VCDROM_INCOMPATIBLE);
	} else {
		vcdrom_disc_structure(&medium->disc, cmd->cdb, &answer);
		vcdrom_send(cmd, &answer);
	}
	kfree(answer.buf);
	vcdrom_medium_put(medium);
	return SCST_EXEC_DONE;
}

/* Answered in any condition (MMC-6 6.5.1) */
static enum scst_exec_result vcdrom_exec_configuration(struct scst_cmd *cmd)
{
	struct vcdrom *cd = to_vcdrom(cmd->dev);
	u8 buf[VCDROM_ANSWER_MAX] = {};
	struct vcdrom_answer answer = { .buf = buf };

	vcdrom_configuration(vcdrom_kind(cd), cd->vd.id.usn, cmd->cdb,
			     &answer);
	vcdrom_send(cmd, &answer);
	return SCST_EXEC_DONE;
}

static enum scst_exec_result vcdrom_exec_ready(struct scst_cmd *cmd)
{
	vcdrom_medium_put(vcdrom_medium_get(cmd));
	return SCST_EXEC_DONE;
}

static enum scst_exec_result vcdrom_exec_capacity(struct scst_cmd *cmd)
{
	struct vcdrom_medium *medium = vcdrom_medium_get(cmd);
	u8 buf[8];

	if (!medium)
		return SCST_EXEC_DONE;
	put_unaligned_be32(medium->disc.nblocks - 1, buf);
	put_unaligned_be32(VCDROM_BLOCK, buf + 4);
	scst_cmd_copy_in(cmd, buf, sizeof(buf));
	vcdrom_medium_put(medium);
	return SCST_EXEC_DONE;
}

/* It is as fast as it is: any speed is rounded to that (MMC-6 6.37). */
static enum scst_exec_result vcdrom_exec_speed(struct scst_cmd *cmd)
{
	return SCST_EXEC_DONE;
}

static enum scst_exec_result vcdrom_exec_streaming(struct scst_cmd *cmd)
{
	u32 len = cmd->info.data_len;

	if (cmd->cdb[8])
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 8,
					 7);
	else if (len && len != VCDROM_STREAMING_LEN)
		scst_set_cmd_error(cmd, SCST_SENSE_PARAM_LIST_LENGTH);
	return SCST_EXEC_DONE;
}

const scst_exec_fn vcdrom_execs[SCST_OP_NR] = {
	[SCST_OP_TEST_UNIT_READY]	= vcdrom_exec_ready,
	[SCST_OP_INQUIRY]		= vdisk_inquiry,
	[SCST_OP_MODE_SELECT_6]		= vcdrom_mode_select,
	[SCST_OP_MODE_SENSE_6]		= vcdrom_mode_sense,
	[SCST_OP_START_STOP]		= vcdrom_start_stop,
	[SCST_OP_PREVENT_ALLOW]		= vcdrom_prevent_allow,
	[SCST_OP_READ_CAPACITY_10]	= vcdrom_exec_capacity,
	[SCST_OP_READ_10]		= vcdrom_read,
	[SCST_OP_SEEK_10]		= vcdrom_seek,
	[SCST_OP_READ_TOC]		= vcdrom_exec_toc,
	[SCST_OP_GET_CONFIGURATION]	= vcdrom_exec_configuration,
	[SCST_OP_GET_EVENT_STATUS]	= vcdrom_event_status,
	[SCST_OP_READ_DISC_INFO]	= vcdrom_exec_disc_info,
	[SCST_OP_READ_TRACK_INFO]	= vcdrom_exec_track_info,
	[SCST_OP_MODE_SELECT_10]	= vcdrom_mode_select,
	[SCST_OP_MODE_SENSE_10]		= vcdrom_mode_sense,
	[SCST_OP_READ_12]		= vcdrom_read,
	[SCST_OP_GET_PERFORMANCE]	= vcdrom_exec_performance,
	[SCST_OP_READ_DISC_STRUCTURE]	= vcdrom_exec_structure,
	[SCST_OP_SET_STREAMING]		= vcdrom_exec_streaming,
	[SCST_OP_READ_CD_MSF]		= vcdrom_read_cd,
	[SCST_OP_SET_CD_SPEED]		= vcdrom_exec_speed,
	[SCST_OP_MECHANISM_STATUS]	= vcdrom_mechanism_status,
	[SCST_OP_READ_CD]		= vcdrom_read_cd,
};
