// SPDX-License-Identifier: GPL-2.0
/*
 * How a command ends when it does not end well: sense data, and the one
 * translation each of errnos and of block layer statuses.
 *
 * Each setter replaces what an earlier one has set, so that the core can turn
 * any result into another one. A handler whose command consists of several
 * requests keeps the first failure itself and calls a setter once, when all of
 * them have ended.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <scsi/scsi_common.h>
#include <scst/command.h>
#include "scst_pure.h"

/* scsi_set_sense_field_pointer(): the bit pointer is not valid */
#define SCST_NO_BIT_POINTER	0xff

/* SENSE KEY SPECIFIC of fixed format, and its descriptor (SPC-5 4.4.2.4) */
#define SCST_SENSE_KEY_SPECIFIC	15
#define SCST_SENSE_KEY_DESC	0x02
#define SCST_SENSE_KEY_DESC_LEN	8
#define SCST_SENSE_SKSV		0x80

/*
 * Of sense data that is there already: D_SENSE may have changed since, as what
 * is wrong with a CDB is found before the command comes to the gate.
 */
static bool scst_sense_is_desc(const u8 *sense)
{
	return (sense[0] & 0x7f) >= 0x72;
}

unsigned int scst_sense_build(u8 *buf, bool desc, scst_sense_t sense)
{
	memset(buf, 0, SCST_SENSE_SIZE);
	scsi_build_sense_buffer(desc, buf, scst_sense_key(sense),
				scst_sense_asc(sense), scst_sense_ascq(sense));
	return desc ? SCST_SENSE_DESC_LEN : SCST_SENSE_FIXED_LEN;
}
EXPORT_SYMBOL_IF_KUNIT(scst_sense_build);

/* In SENSE KEY SPECIFIC, which descriptor format has in a descriptor */
unsigned int scst_sense_add_progress(u8 *buf, u16 progress)
{
	bool desc = scst_sense_is_desc(buf);
	u8 *field = buf + SCST_SENSE_KEY_SPECIFIC;

	if (desc) {
		buf[7] += SCST_SENSE_KEY_DESC_LEN;
		field = buf + SCST_SENSE_DESC_LEN;
		field[0] = SCST_SENSE_KEY_DESC;
		field[1] = SCST_SENSE_KEY_DESC_LEN - 2;
		field += 4;
	}
	field[0] = SCST_SENSE_SKSV;
	put_unaligned_be16(progress, field + 1);
	return desc ? SCST_SENSE_DESC_LEN + SCST_SENSE_KEY_DESC_LEN :
		      SCST_SENSE_FIXED_LEN;
}
EXPORT_SYMBOL_IF_KUNIT(scst_sense_add_progress);

static bool scst_cmd_desc_sense(const struct scst_cmd *cmd)
{
	return cmd->dev && READ_ONCE(cmd->dev->control.d_sense);
}

void scst_set_cmd_status(struct scst_cmd *cmd, u8 status)
{
	cmd->status = status;
	cmd->sense_len = 0;
	if (status != SAM_STAT_GOOD)
		cmd->resp_len = 0;
}
EXPORT_SYMBOL_GPL(scst_set_cmd_status);

void scst_set_cmd_error(struct scst_cmd *cmd, scst_sense_t sense)
{
	scst_set_cmd_status(cmd, SAM_STAT_CHECK_CONDITION);
	cmd->sense_len = scst_sense_build(cmd->sense, scst_cmd_desc_sense(cmd),
					  sense);
}
EXPORT_SYMBOL_GPL(scst_set_cmd_error);

/*
 * The kernel's helpers lengthen descriptor sense data by a descriptor. They
 * also lengthen fixed sense data, for a field pointer that lies within its 18
 * bytes anyway: undo that, or the initiator would wait for 26.
 */
static void scst_sense_set_len(struct scst_cmd *cmd)
{
	if (!scst_sense_is_desc(cmd->sense))
		cmd->sense[7] = SCST_SENSE_FIXED_LEN - 8;
	cmd->sense_len = cmd->sense[7] + 8;
}

void scst_set_cmd_error_field(struct scst_cmd *cmd, scst_sense_t sense,
			      u16 byte, int bit)
{
	bool in_cdb = sense != SCST_SENSE_INVALID_FIELD_PARAM;

	scst_set_cmd_error(cmd, sense);
	scsi_set_sense_field_pointer(cmd->sense, SCST_SENSE_SIZE, byte,
				     bit < 0 ? SCST_NO_BIT_POINTER : bit,
				     in_cdb);
	scst_sense_set_len(cmd);
}
EXPORT_SYMBOL_GPL(scst_set_cmd_error_field);

void scst_set_cmd_error_info(struct scst_cmd *cmd, scst_sense_t sense, u64 info)
{
	scst_set_cmd_error(cmd, sense);
	/*
	 * The fixed format has 32 bits for it (SPC-5 4.4.3). With VALID set to
	 * zero half a number means nothing; don't send it.
	 */
	if (!scst_sense_is_desc(cmd->sense) && info > U32_MAX)
		return;
	scsi_set_sense_information(cmd->sense, SCST_SENSE_SIZE, info);
	scst_sense_set_len(cmd);
}
EXPORT_SYMBOL_GPL(scst_set_cmd_error_info);

void scst_set_cmd_error_progress(struct scst_cmd *cmd, scst_sense_t sense,
				 u16 progress)
{
	scst_set_cmd_error(cmd, sense);
	cmd->sense_len = scst_sense_add_progress(cmd->sense, progress);
}
EXPORT_SYMBOL_GPL(scst_set_cmd_error_progress);

/* The command has failed to read, or to write: as it was about to */
static void scst_set_cmd_medium_error(struct scst_cmd *cmd)
{
	const struct scst_cdb_op *op = cmd->info.op;
	scst_sense_t sense = SCST_SENSE_WRITE_ERROR;

	if (op && (op->dir == SCST_DATA_READ || op->unit == SCST_UNIT_VERIFY))
		sense = SCST_SENSE_READ_ERROR;
	/* Which block it was, nobody knows here: no INFORMATION (SBC-4 4.18). */
	scst_set_cmd_error(cmd, sense);
}

/**
 * struct scst_failure - what a failure of the backing store becomes
 * @code: errno or blk_status_t
 * @status: SAM status
 * @sense: sense data of a CHECK CONDITION; SCST_SENSE_NONE for a medium error
 */
struct scst_failure {
	int		code;
	u8		status;
	scst_sense_t	sense;
};

static void scst_set_cmd_failure(struct scst_cmd *cmd,
				 const struct scst_failure *failures,
				 unsigned int nr, int code)
{
	const struct scst_failure *failure;

	for (failure = failures; failure < failures + nr; failure++) {
		if (failure->code != code)
			continue;
		if (failure->status != SAM_STAT_CHECK_CONDITION)
			scst_set_cmd_status(cmd, failure->status);
		else
			scst_set_cmd_error(cmd, failure->sense);
		return;
	}
	scst_set_cmd_medium_error(cmd);
}

static const struct scst_failure scst_errnos[] = {
	{ -ENOSPC, SAM_STAT_CHECK_CONDITION, SCST_SENSE_SPACE_ALLOC_FAILED },
	{ -EDQUOT, SAM_STAT_CHECK_CONDITION, SCST_SENSE_SPACE_ALLOC_FAILED },
	{ -EFBIG, SAM_STAT_CHECK_CONDITION, SCST_SENSE_SPACE_ALLOC_FAILED },
	{ -EROFS, SAM_STAT_CHECK_CONDITION, SCST_SENSE_WRITE_PROTECTED },
	{ -EPERM, SAM_STAT_CHECK_CONDITION, SCST_SENSE_WRITE_PROTECTED },
	{ -ENODEV, SAM_STAT_CHECK_CONDITION, SCST_SENSE_NOT_READY },
	{ -ENXIO, SAM_STAT_CHECK_CONDITION, SCST_SENSE_NOT_READY },
	{ -ESTALE, SAM_STAT_CHECK_CONDITION, SCST_SENSE_NOT_READY },
	{ -ETIMEDOUT, SAM_STAT_CHECK_CONDITION, SCST_SENSE_HW_ERROR },
	{ -ENOLINK, SAM_STAT_CHECK_CONDITION, SCST_SENSE_HW_ERROR },
	{ -EREMOTEIO, SAM_STAT_CHECK_CONDITION, SCST_SENSE_HW_ERROR },
	{ -ENOMEM, SAM_STAT_BUSY },
	{ -EAGAIN, SAM_STAT_BUSY },
};

void scst_set_cmd_errno(struct scst_cmd *cmd, int error)
{
	scst_set_cmd_failure(cmd, scst_errnos, ARRAY_SIZE(scst_errnos), error);
}
EXPORT_SYMBOL_GPL(scst_set_cmd_errno);

#define STS(status)	((__force int)BLK_STS_##status)

/*
 * What may go well the next time is BUSY; a path or a device that has failed
 * is the logical unit's internal failure, since the initiator's own path is
 * fine. Everything else is a medium error.
 */
static const struct scst_failure scst_blk_statuses[] = {
	{ STS(NOTSUPP), SAM_STAT_CHECK_CONDITION, SCST_SENSE_INVALID_FIELD_CDB },
	{ STS(INVAL), SAM_STAT_CHECK_CONDITION, SCST_SENSE_INVALID_FIELD_CDB },
	{ STS(TIMEOUT), SAM_STAT_CHECK_CONDITION, SCST_SENSE_HW_ERROR },
	{ STS(TRANSPORT), SAM_STAT_CHECK_CONDITION, SCST_SENSE_HW_ERROR },
	{ STS(TARGET), SAM_STAT_CHECK_CONDITION, SCST_SENSE_HW_ERROR },
	{ STS(NOSPC), SAM_STAT_CHECK_CONDITION, SCST_SENSE_SPACE_ALLOC_FAILED },
	{ STS(OFFLINE), SAM_STAT_CHECK_CONDITION, SCST_SENSE_NOT_READY },
	{ STS(RESV_CONFLICT), SAM_STAT_RESERVATION_CONFLICT },
	{ STS(RESOURCE), SAM_STAT_BUSY },
	{ STS(DEV_RESOURCE), SAM_STAT_BUSY },
	{ STS(AGAIN), SAM_STAT_BUSY },
	{ STS(DM_REQUEUE), SAM_STAT_BUSY },
};

void scst_set_cmd_blk_status(struct scst_cmd *cmd, blk_status_t status)
{
	scst_set_cmd_failure(cmd, scst_blk_statuses,
			     ARRAY_SIZE(scst_blk_statuses),
			     (__force int)status);
}
EXPORT_SYMBOL_GPL(scst_set_cmd_blk_status);
