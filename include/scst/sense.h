/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCST: sense data as a checked type.
 */
#ifndef _SCST_SENSE_H
#define _SCST_SENSE_H

#include <linux/blk_types.h>
#include <linux/types.h>
#include <scsi/scsi_proto.h>

struct scst_cmd;

/**
 * typedef scst_sense_t - sense key, additional sense code and qualifier
 *
 * The zero value means no sense. Made by SCST_SENSE() only.
 */
typedef u32 __bitwise scst_sense_t;

#define SCST_SENSE(key, asc, ascq) \
	((__force scst_sense_t)((key) << 16 | (asc) << 8 | (ascq)))

#define SCST_SENSE_NONE			SCST_SENSE(0, 0, 0)
#define SCST_SENSE_NOT_READY		SCST_SENSE(NOT_READY, 0x04, 0x00)
#define SCST_SENSE_NEED_START		SCST_SENSE(NOT_READY, 0x04, 0x02)
#define SCST_SENSE_FORMATTING		SCST_SENSE(NOT_READY, 0x04, 0x04)
#define SCST_SENSE_TRANSITION		SCST_SENSE(NOT_READY, 0x04, 0x0a)
#define SCST_SENSE_SANITIZING		SCST_SENSE(NOT_READY, 0x04, 0x1b)
#define SCST_SENSE_NO_MEDIUM		SCST_SENSE(NOT_READY, 0x3a, 0x00)
#define SCST_SENSE_WRITE_ERROR		SCST_SENSE(MEDIUM_ERROR, 0x0c, 0x00)
#define SCST_SENSE_READ_ERROR		SCST_SENSE(MEDIUM_ERROR, 0x11, 0x00)
#define SCST_SENSE_FORMAT_FAILED	SCST_SENSE(MEDIUM_ERROR, 0x31, 0x01)
#define SCST_SENSE_SANITIZE_FAILED	SCST_SENSE(MEDIUM_ERROR, 0x31, 0x03)
#define SCST_SENSE_FLUSH_ERROR		SCST_SENSE(HARDWARE_ERROR, 0x0c, 0x00)
#define SCST_SENSE_HW_ERROR		SCST_SENSE(HARDWARE_ERROR, 0x44, 0x00)
#define SCST_SENSE_SELF_TEST_FAILED	SCST_SENSE(HARDWARE_ERROR, 0x3e, 0x03)
#define SCST_SENSE_PARAM_LIST_LENGTH	SCST_SENSE(ILLEGAL_REQUEST, 0x1a, 0x00)
#define SCST_SENSE_INVALID_OPCODE	SCST_SENSE(ILLEGAL_REQUEST, 0x20, 0x00)
#define SCST_SENSE_LBA_OUT_OF_RANGE	SCST_SENSE(ILLEGAL_REQUEST, 0x21, 0x00)
#define SCST_SENSE_INVALID_FIELD_CDB	SCST_SENSE(ILLEGAL_REQUEST, 0x24, 0x00)
#define SCST_SENSE_LUN_NOT_SUPPORTED	SCST_SENSE(ILLEGAL_REQUEST, 0x25, 0x00)
#define SCST_SENSE_INVALID_FIELD_PARAM	SCST_SENSE(ILLEGAL_REQUEST, 0x26, 0x00)
#define SCST_SENSE_SEQUENCE_ERROR	SCST_SENSE(ILLEGAL_REQUEST, 0x2c, 0x00)
#define SCST_SENSE_SAVING_UNSUPPORTED	SCST_SENSE(ILLEGAL_REQUEST, 0x39, 0x00)
#define SCST_SENSE_INVALID_MESSAGE	SCST_SENSE(ILLEGAL_REQUEST, 0x49, 0x00)
#define SCST_SENSE_REMOVAL_PREVENTED	SCST_SENSE(ILLEGAL_REQUEST, 0x53, 0x02)
#define SCST_SENSE_WRITE_PROTECTED	SCST_SENSE(DATA_PROTECT, 0x27, 0x00)
#define SCST_SENSE_SOFT_WRITE_PROTECTED	SCST_SENSE(DATA_PROTECT, 0x27, 0x02)
#define SCST_SENSE_SPACE_ALLOC_FAILED	SCST_SENSE(DATA_PROTECT, 0x27, 0x07)
#define SCST_SENSE_ABORTED		SCST_SENSE(ABORTED_COMMAND, 0x00, 0x00)
#define SCST_SENSE_INCOMPLETE_ATOMIC	SCST_SENSE(ABORTED_COMMAND, 0x0c, 0x10)
#define SCST_SENSE_DATA_PHASE_ERROR	SCST_SENSE(ABORTED_COMMAND, 0x4b, 0x00)
#define SCST_SENSE_INTERNAL_FAILURE	SCST_SENSE(ABORTED_COMMAND, 0x44, 0x00)
#define SCST_SENSE_MISCOMPARE		SCST_SENSE(MISCOMPARE, 0x1d, 0x00)

static inline u8 scst_sense_key(scst_sense_t sense)
{
	return (__force u32)sense >> 16;
}

static inline u8 scst_sense_asc(scst_sense_t sense)
{
	return (__force u32)sense >> 8;
}

static inline u8 scst_sense_ascq(scst_sense_t sense)
{
	return (__force u32)sense;
}

/**
 * scst_set_cmd_status() - end a command with a status and no sense data
 * @cmd: command that the caller owns
 * @status: SAM status code (SAM_STAT_*)
 *
 * Any context.
 */
void scst_set_cmd_status(struct scst_cmd *cmd, u8 status);

/**
 * scst_set_cmd_error() - CHECK CONDITION with sense data
 * @cmd: command that the caller owns
 * @sense: what to report, in the format that the device's D_SENSE asks for
 *
 * The data-in buffer is not sent. Any context.
 */
void scst_set_cmd_error(struct scst_cmd *cmd, scst_sense_t sense);

/**
 * scst_set_cmd_error_field() - the same with a field pointer (SPC-5 4.5.2.4.2)
 * @cmd: command that the caller owns
 * @sense: ILLEGAL REQUEST sense; INVALID FIELD IN PARAMETER LIST makes the
 *	pointer one into the parameter list, all others one into the CDB
 * @byte: offset of the field in error
 * @bit: most significant bit of the field, or a negative number when the whole
 *	byte is meant
 */
void scst_set_cmd_error_field(struct scst_cmd *cmd, scst_sense_t sense,
			      u16 byte, int bit);

/**
 * scst_set_cmd_error_info() - the same with the INFORMATION field
 * @cmd: command that the caller owns
 * @sense: what to report
 * @info: INFORMATION field, e.g. the LBA of the first block in error
 */
void scst_set_cmd_error_info(struct scst_cmd *cmd, scst_sense_t sense, u64 info);

/**
 * scst_set_cmd_error_progress() - the same with a PROGRESS INDICATION
 * @cmd: command that the caller owns
 * @sense: NOT READY or NO SENSE
 * @progress: how much of 65536 is done (SPC-5 4.4.2.4.4)
 */
void scst_set_cmd_error_progress(struct scst_cmd *cmd, scst_sense_t sense,
				 u16 progress);

/**
 * scst_set_cmd_errno() - sense data for a failed backing store
 * @cmd: command that the caller owns
 * @error: negative errno
 *
 * -ENOSPC, -EDQUOT and -EFBIG: SPACE ALLOCATION FAILED WRITE PROTECT; -EROFS
 * and -EPERM: WRITE PROTECTED; -ENODEV, -ENXIO and -ESTALE: LOGICAL UNIT NOT READY;
 * -ETIMEDOUT, -ENOLINK and -EREMOTEIO: INTERNAL TARGET FAILURE; -ENOMEM and
 * -EAGAIN: status BUSY; everything else a medium error. Any context.
 */
void scst_set_cmd_errno(struct scst_cmd *cmd, int error);

/**
 * scst_set_cmd_blk_status() - the same for a failed bio
 * @cmd: command that the caller owns
 * @status: bi_status
 */
void scst_set_cmd_blk_status(struct scst_cmd *cmd, blk_status_t status);

#endif /* _SCST_SENSE_H */
