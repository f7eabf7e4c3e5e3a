/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCST: what the core knows of a CDB. One row a command serves decoding,
 * checking, dispatch and REPORT SUPPORTED OPERATION CODES.
 */
#ifndef _SCST_CDB_H
#define _SCST_CDB_H

#include <linux/bits.h>
#include <linux/types.h>
#include <scst/sense.h>
#include <scst/types.h>

/*
 * The commands that somebody executes: an index into scst_dev_type.execs.
 * SCST_OP_OTHER is any other command of the table, and, if the device's
 * expected_values says so, one that the table has not: an executor for it is
 * for handlers that pass commands on.
 */
enum scst_op {
	SCST_OP_OTHER,
	SCST_OP_TEST_UNIT_READY,
	SCST_OP_REQUEST_SENSE,
	SCST_OP_READ_6,
	SCST_OP_WRITE_6,
	SCST_OP_INQUIRY,
	SCST_OP_MODE_SELECT_6,
	SCST_OP_RESERVE_6,
	SCST_OP_RELEASE_6,
	SCST_OP_MODE_SENSE_6,
	SCST_OP_RECEIVE_DIAGNOSTIC,
	SCST_OP_SEND_DIAGNOSTIC,
	SCST_OP_START_STOP,
	SCST_OP_PREVENT_ALLOW,
	SCST_OP_READ_CAPACITY_10,
	SCST_OP_READ_10,
	SCST_OP_WRITE_10,
	SCST_OP_WRITE_VERIFY_10,
	SCST_OP_VERIFY_10,
	SCST_OP_PRE_FETCH_10,
	SCST_OP_SYNC_CACHE_10,
	SCST_OP_READ_DEFECT_10,
	SCST_OP_WRITE_BUFFER,
	SCST_OP_READ_BUFFER_10,
	SCST_OP_WRITE_SAME_10,
	SCST_OP_UNMAP,
	SCST_OP_LOG_SELECT,
	SCST_OP_LOG_SENSE,
	SCST_OP_MODE_SELECT_10,
	SCST_OP_RESERVE_10,
	SCST_OP_RELEASE_10,
	SCST_OP_MODE_SENSE_10,
	SCST_OP_PR_IN,
	SCST_OP_PR_OUT,
	SCST_OP_COPY_OUT,
	SCST_OP_COPY_IN,
	SCST_OP_READ_16,
	SCST_OP_COMPARE_AND_WRITE,
	SCST_OP_WRITE_16,
	SCST_OP_ORWRITE_16,
	SCST_OP_WRITE_VERIFY_16,
	SCST_OP_VERIFY_16,
	SCST_OP_PRE_FETCH_16,
	SCST_OP_SYNC_CACHE_16,
	SCST_OP_WRITE_SAME_16,
	SCST_OP_READ_CAPACITY_16,
	SCST_OP_GET_LBA_STATUS,
	SCST_OP_REPORT_LUNS,
	SCST_OP_REPORT_OPCODES,
	SCST_OP_REPORT_TM_FNS,
	SCST_OP_READ_BUFFER_16,
	SCST_OP_READ_12,
	SCST_OP_WRITE_12,
	SCST_OP_WRITE_VERIFY_12,
	SCST_OP_VERIFY_12,
	SCST_OP_READ_DEFECT_12,
	SCST_OP_XDWRITEREAD_10,
	SCST_OP_SEEK_10,
	SCST_OP_READ_TOC,
	SCST_OP_GET_CONFIGURATION,
	SCST_OP_GET_EVENT_STATUS,
	SCST_OP_READ_DISC_INFO,
	SCST_OP_READ_TRACK_INFO,
	SCST_OP_GET_PERFORMANCE,
	SCST_OP_READ_DISC_STRUCTURE,
	SCST_OP_SET_STREAMING,
	SCST_OP_READ_CD_MSF,
	SCST_OP_SET_CD_SPEED,
	SCST_OP_MECHANISM_STATUS,
	SCST_OP_READ_CD,
	SCST_OP_REPORT_TPGS,
	SCST_OP_SET_TPGS,
	SCST_OP_FORMAT_UNIT,
	SCST_OP_SANITIZE_OVERWRITE,
	SCST_OP_SANITIZE_ERASE,
	SCST_OP_SANITIZE_EXIT,
	SCST_OP_XDWRITEREAD_32,
	SCST_OP_READ_32,
	SCST_OP_VERIFY_32,
	SCST_OP_WRITE_32,
	SCST_OP_WRITE_VERIFY_32,
	SCST_OP_WRITE_SAME_32,
	SCST_OP_GET_LBA_STATUS_32,
	SCST_OP_WRITE_ATOMIC_16,
	SCST_OP_WRITE_ATOMIC_32,
	SCST_OP_NR,
};

/* scst_cdb_op.flags */
#define SCST_CDB_MEDIUM		BIT(0)	/* touches the medium */
#define SCST_CDB_WRITE		BIT(1)	/* changes the medium: refused by
					 * read-only logical units and SWP
					 */
#define SCST_CDB_EXCLUSIVE	BIT(2)	/* runs alone on the device's gate */
#define SCST_CDB_NO_UA		BIT(3)	/* never reports a unit attention
					 * (SAM-5 5.14.1)
					 */
#define SCST_CDB_LBA_CHECK	BIT(4)	/* lba + blocks must be on the medium */
#define SCST_CDB_LOCAL		BIT(5)	/* the core executes it */
#define SCST_CDB_HEAD		BIT(6)	/* as if it were HEAD OF QUEUE, whatever
					 * its task attribute
					 */
#define SCST_CDB_UPDATE		BIT(7)	/* what it writes depends on what is
					 * there: alone on its blocks
					 */

/* scst_cdb_op.service_action: the opcode has none */
#define SCST_CDB_NO_SA		0xffff

/**
 * enum scst_cdb_unit - what the transfer length of a CDB counts
 * @SCST_UNIT_NONE: there is none
 * @SCST_UNIT_BYTES: bytes (an allocation or parameter list length)
 * @SCST_UNIT_INC_512: bytes, or 512 of them as INC_512 says (SPC-5 6.40)
 * @SCST_UNIT_PERFORMANCE: descriptors, behind a header of 8 bytes; their size
 *	depends on the type that is asked for (MMC-6 6.7)
 * @SCST_UNIT_FIXED: blocks of a length that only the device knows, or bytes, as
 *	FIXED says (SSC-5 5.3)
 * @SCST_UNIT_FIXED_VERIFY: the same; they are transferred if BYTCMP says so
 * @SCST_UNIT_LIST: there is none: a parameter list tells its length itself
 * @SCST_UNIT_FORMAT: the same, and there is a list only if FMTDATA says so
 *	(SBC-4 5.4)
 * @SCST_UNIT_ATA: bytes, sectors, or what the transport says, in one direction
 *	or the other, as byte 2 says (SAT-4 12.2.2)
 * @SCST_UNIT_BLOCKS: logical blocks, all of them transferred
 * @SCST_UNIT_VERIFY: logical blocks, transferred as BYTCHK says (SBC-4 5.36):
 *	none, all, or one
 * @SCST_UNIT_COUNT: logical blocks, none transferred
 * @SCST_UNIT_SECTORS: sectors of a CD, of which as much is transferred as bytes
 *	1, 9 and 10 say (MMC-6 6.17)
 * @SCST_UNIT_MSF: the same from one MSF address to another, @count
 * @SCST_UNIT_SAME: logical blocks; one is transferred for all of them, or none
 *	as NDOB says (SBC-4 5.54)
 * @SCST_UNIT_COMPARE: logical blocks; each of them is transferred as it should
 *	be, and as it is to become (SBC-4 5.3)
 * @SCST_UNIT_ONE: there is none; one logical block
 * @SCST_UNIT_XOR: logical blocks, transferred out and in (SBC-3 5.50)
 *
 * From @SCST_UNIT_SAME on a transfer of another length than the CDB says would
 * mean something else.
 */
enum scst_cdb_unit {
	SCST_UNIT_NONE,
	SCST_UNIT_BYTES,
	SCST_UNIT_INC_512,
	SCST_UNIT_PERFORMANCE,
	SCST_UNIT_FIXED,
	SCST_UNIT_FIXED_VERIFY,
	SCST_UNIT_LIST,
	SCST_UNIT_FORMAT,
	SCST_UNIT_ATA,
	SCST_UNIT_BLOCKS,
	SCST_UNIT_VERIFY,
	SCST_UNIT_COUNT,
	SCST_UNIT_SECTORS,
	SCST_UNIT_MSF,
	SCST_UNIT_SAME,
	SCST_UNIT_COMPARE,
	SCST_UNIT_ONE,
	SCST_UNIT_XOR,
};

/**
 * enum scst_resv_class - how a command goes with reservations of another nexus
 * @SCST_RESV_WRITE: conflicts with all of them
 * @SCST_RESV_READ: passes Write Exclusive ones
 * @SCST_RESV_STATUS: passes all persistent reservations, but not RESERVE
 * @SCST_RESV_ALWAYS: passes all of them, or looks at them itself
 * @SCST_RESV_START: START STOP UNIT: as ALWAYS if it starts the unit
 * @SCST_RESV_PREVENT: PREVENT ALLOW MEDIUM REMOVAL: as ALWAYS if it allows it
 * @SCST_RESV_NR_CLASSES: number of classes
 */
enum scst_resv_class {
	SCST_RESV_WRITE,
	SCST_RESV_READ,
	SCST_RESV_STATUS,
	SCST_RESV_ALWAYS,
	SCST_RESV_START,
	SCST_RESV_PREVENT,
	SCST_RESV_NR_CLASSES,
};

/**
 * enum scst_alua_class - in which asymmetric access states a command is executed
 *
 * SPC-5 5.18.2 says which commands a state shall support; REPORT SUPPORTED
 * OPERATION CODES and READ CAPACITY, which it leaves open, are there in standby
 * so that an initiator knows what waits for it.
 *
 * @SCST_ALUA_IF_ACTIVE: in active/optimized and active/non-optimized
 * @SCST_ALUA_IF_STANDBY: in standby, too
 * @SCST_ALUA_IF_UNAVAILABLE: in unavailable and offline, too
 * @SCST_ALUA_ANY: in transitioning, too
 * @SCST_ALUA_BUFFER: READ BUFFER, WRITE BUFFER: as IF_UNAVAILABLE if it is about
 *	the echo buffer
 * @SCST_ALUA_NR_CLASSES: number of classes
 */
enum scst_alua_class {
	SCST_ALUA_IF_ACTIVE,
	SCST_ALUA_IF_STANDBY,
	SCST_ALUA_IF_UNAVAILABLE,
	SCST_ALUA_ANY,
	SCST_ALUA_BUFFER,
	SCST_ALUA_NR_CLASSES,
};

/**
 * struct scst_cdb_field - a big-endian field of a CDB
 * @offset: first byte
 * @bytes: number of bytes, 0 when the CDB has no such field
 */
struct scst_cdb_field {
	u8	offset;
	u8	bytes;
};

/**
 * struct scst_cdb_op - one row of the command table
 * @op: the command
 * @opcode: first byte of the CDB
 * @service_action: of byte 1 bits 4-0, or of bytes 8 and 9 if the opcode is
 *	7Fh, or SCST_CDB_NO_SA
 * @len: length of the CDB in bytes
 * @dir: data direction
 * @unit: what @count counts
 * @types: peripheral device types that have the command, BIT(type)
 * @flags: SCST_CDB_*
 * @lba: logical block address
 * @count: transfer length, allocation length or number of blocks
 * @default_count: what @count means when it is zero; 0 if it means zero
 * @fixed_len: bytes transferred by a command whose CDB says no length
 *	(READ CAPACITY(10): 8); the least that a list has
 * @resv: enum scst_resv_class
 * @alua: enum scst_alua_class
 * @name: as the standards write it
 * @usage: CDB usage data (SPC-5 6.35.3): a bit is set when the device server
 *	evaluates it; byte 0 is the opcode
 */
struct scst_cdb_op {
	enum scst_op		op;
	u8			opcode;
	u16			service_action;
	u8			len;
	enum scst_data_dir	dir;
	enum scst_cdb_unit	unit;
	u32			types;
	u32			flags;
	struct scst_cdb_field	lba;
	struct scst_cdb_field	count;
	u32			default_count;
	u32			fixed_len;
	u8			resv;
	u8			alua;
	const char		*name;
	u8			usage[SCST_CDB_INLINE];
};

/**
 * struct scst_cdb_info - a decoded CDB
 * @op: the row
 * @dir: data direction; SCST_DATA_NONE when @data_len is zero
 * @lba: first logical block, 0 when the CDB names none
 * @blocks: number of logical blocks that the command addresses
 * @data_len: bytes to transfer, in each direction if there are two
 * @protect: RDPROTECT, WRPROTECT or VRPROTECT. Unless it is zero each block that
 *	is transferred is followed by its protection information, which @data_len
 *	counts.
 * @open_ended: @data_len is the least there is; only the transport knows how
 *	much it is
 * @own_blocks: @blocks are of a length that only the device knows, and
 *	@data_len is zero: the handler's parse() calls scst_cdb_set_block_len()
 */
struct scst_cdb_info {
	const struct scst_cdb_op	*op;
	enum scst_data_dir		dir;
	u64				lba;
	u64				blocks;
	u32				data_len;
	u8				protect;
	bool				open_ended;
	bool				own_blocks;
};

/**
 * struct scst_cdb_error - why a CDB was refused
 * @sense: SCST_SENSE_NONE when it was not
 * @byte: field pointer for INVALID FIELD IN CDB, 0 when there is none
 * @bit: bit pointer, negative when there is none
 */
struct scst_cdb_error {
	scst_sense_t	sense;
	u16		byte;
	s8		bit;
};

/**
 * scst_cdb_find() - look up the row of a CDB
 * @type: peripheral device type
 * @cdb: CDB
 * @len: bytes in @cdb
 *
 * Pure. Return: the row, or NULL when the type has no such command or @cdb is
 * shorter than the command's length.
 */
const struct scst_cdb_op *scst_cdb_find(u8 type, const u8 *cdb,
					unsigned int len);

/**
 * scst_cdb_decode() - decode and check a CDB
 * @type: peripheral device type
 * @cdb: CDB
 * @len: bytes in @cdb
 * @block_shift: log2 of the logical block length
 * @info: result; untouched unless SCST_SENSE_NONE is returned
 *
 * Reserved bits, the LINK bit included, are checked against the row's usage
 * data. A transfer over 2 GiB - 1 is refused. Pure.
 *
 * Return: SCST_SENSE_NONE in .sense, INVALID COMMAND OPERATION CODE for an
 * unknown opcode, INVALID FIELD IN CDB with a field pointer for an unknown
 * service action, a reserved bit or a length.
 */
struct scst_cdb_error scst_cdb_decode(u8 type, const u8 *cdb, unsigned int len,
				      u8 block_shift,
				      struct scst_cdb_info *info);

/**
 * scst_cdb_decode_unknown() - a command that the table has not
 * @dir: direction that the transport expects
 * @len: length that it expects
 * @info: result; untouched unless SCST_SENSE_NONE is returned
 *
 * Nobody knows what the command does: it counts as one that writes, conflicts
 * with all reservations of others, and is SCST_OP_OTHER. Pure.
 *
 * Return: SCST_SENSE_NONE, or INVALID COMMAND OPERATION CODE for a transfer over
 * 2 GiB - 1 or in both directions.
 */
scst_sense_t scst_cdb_decode_unknown(enum scst_data_dir dir, u32 len,
				     struct scst_cdb_info *info);

/**
 * scst_cdb_set_block_len() - the length of a tape's block, or of a CD's sector
 * @info: decoded CDB, of which .own_blocks is set, or that counts sectors
 * @block_len: bytes in a block
 *
 * Pure. Return: false if that makes a transfer over 2 GiB - 1.
 */
bool scst_cdb_set_block_len(struct scst_cdb_info *info, u32 block_len);

/**
 * scst_cdb_check_range() - are the blocks of a command on the medium?
 * @info: decoded CDB
 * @nblocks: capacity
 *
 * Pure. Return: SCST_SENSE_NONE or LOGICAL BLOCK ADDRESS OUT OF RANGE
 * (SBC-4 4.5: also for a zero length that starts beyond the last block + 1).
 */
scst_sense_t scst_cdb_check_range(const struct scst_cdb_info *info,
				  u64 nblocks);

/**
 * scst_cdb_row() - the table's row by number
 * @i: 0 and up, in the order of opcodes
 *
 * Return: the row, or NULL behind the last one.
 */
const struct scst_cdb_op *scst_cdb_row(unsigned int i);

#endif /* _SCST_CDB_H */
