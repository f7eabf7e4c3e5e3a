/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCSI knowledge without locks, sleeping or devices, by the file that defines
 * it: the very same source runs under KUnit and under a user-space fuzzer.
 */
#ifndef _SCST_PURE_H
#define _SCST_PURE_H

#include <linux/bitops.h>
#include <linux/types.h>
#include <scst/cdb.h>
#include <scst/fabric.h>
#include <scst/pattern.h>
#include <scst/sense.h>
#include <scst/types.h>

/* cdb_*.c */

/**
 * struct scst_cdb_table - the commands of one subject
 * @rows: rows; those of one opcode need not be adjacent
 * @nr: number of @rows
 */
struct scst_cdb_table {
	const struct scst_cdb_op	*rows;
	unsigned int			nr;
};

extern const struct scst_cdb_table scst_cdb_mmc;
extern const struct scst_cdb_table scst_cdb_misc;
extern const struct scst_cdb_table scst_cdb_optical;
extern const struct scst_cdb_table scst_cdb_sat;
extern const struct scst_cdb_table scst_cdb_sbc;
extern const struct scst_cdb_table scst_cdb_sbc32;
extern const struct scst_cdb_table scst_cdb_smc;
extern const struct scst_cdb_table scst_cdb_spc;
extern const struct scst_cdb_table scst_cdb_ssc;

/* cdb.c */

/**
 * scst_cdb_sa_field() - where a service action is
 * @opcode: opcode that has service actions
 * @byte: result: its byte in the CDB
 * @bit: result: its highest bit there
 */
void scst_cdb_sa_field(u8 opcode, u16 *byte, s8 *bit);

/* cdb_table.c */

/**
 * scst_cdb_init() - make one table of all
 *
 * Before anything else here; a second call is not allowed.
 *
 * Return: 0, or -ENOSPC if somebody has forgotten to make room for more rows.
 */
int scst_cdb_init(void);

/**
 * scst_cdb_rows_from() - where the rows of an opcode begin
 * @opcode: opcode
 *
 * Return: pointers to rows in the order of their opcodes, the first one being
 * of @opcode or, if there are none, a higher one; behind the last one is NULL.
 */
const struct scst_cdb_op *const *scst_cdb_rows_from(u8 opcode);

static inline bool scst_cdb_row_has_type(const struct scst_cdb_op *row,
					 u8 type)
{
	return type < BITS_PER_TYPE(row->types) && row->types & BIT(type);
}

/* cdb_len.c */

/**
 * struct scst_cdb_move - what a command moves
 * @bytes: bytes, in each direction
 * @blocks: logical blocks that it addresses
 * @dir: direction
 * @open_ended: as in struct scst_cdb_info
 * @own_blocks: likewise
 * @bad_byte: byte of the CDB that has no meaning, or 0
 * @bad_bit: the highest one of that field, or -1
 */
struct scst_cdb_move {
	u64			bytes;
	u64			blocks;
	enum scst_data_dir	dir;
	bool			open_ended;
	bool			own_blocks;
	u8			bad_byte;
	s8			bad_bit;
};

/**
 * scst_cdb_move() - what does a command move?
 * @row: its row, of any unit but SCST_UNIT_BLOCKS
 * @cdb: CDB, row->len bytes
 * @count: what row->count says
 * @block_shift: log2 of the logical block length
 * @move: result, zeroed by the caller
 */
void scst_cdb_move(const struct scst_cdb_op *row, const u8 *cdb, u64 count,
		   u8 block_shift, struct scst_cdb_move *move);

/* rsoc.c */

/**
 * scst_rsoc_build() - parameter data of REPORT SUPPORTED OPERATION CODES
 * @type: peripheral device type
 * @cdb: CDB, decoded without error
 * @supported: does the logical unit execute the command?
 * @priv: for @supported
 * @buf: result
 * @size: room in @buf; what is more is cut off, as SPC-5 4.2.5.6 wants it for
 *	the allocation length
 * @err: why the CDB is refused
 *
 * Return: bytes in @buf, or -EINVAL with @err set.
 */
int scst_rsoc_build(u8 type, const u8 *cdb,
		    bool (*supported)(const struct scst_cdb_op *row,
				      void *priv),
		    void *priv, u8 *buf, size_t size,
		    struct scst_cdb_error *err);

/* tm_table.c */

/**
 * struct scst_tm_desc - what a task management function does
 * @needs_lun: its LUN must name a logical unit
 * @is_reset: it resets the logical unit (SAM-5 6.3.3), and affects the commands
 *	of all its nexuses
 * @all_luns: it does so to every logical unit that the nexus sees
 * @by_tag: it is about one command
 * @loses_nexus: it ends with I_T nexus loss (SAM-5 6.3.4)
 * @query: it asks, and affects nothing
 * @reported: its bit in bytes 0 and 1 of REPORT SUPPORTED TASK MANAGEMENT
 *	FUNCTIONS, or 0
 */
struct scst_tm_desc {
	bool	needs_lun;
	bool	is_reset;
	bool	all_luns;
	bool	by_tag;
	bool	loses_nexus;
	bool	query;
	u16	reported;
};

extern const struct scst_tm_desc scst_tm_descs[SCST_TM_NR];

/**
 * scst_tm_report() - REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS
 * @cdb: CDB, decoded without error
 * @buf: result
 * @size: room in @buf; what is more is cut off
 *
 * Return: bytes in @buf.
 */
size_t scst_tm_report(const u8 *cdb, u8 *buf, size_t size);

/* sense.c */

/* Lengths of sense data without INFORMATION and without a field pointer */
#define SCST_SENSE_FIXED_LEN	18
#define SCST_SENSE_DESC_LEN	8

/**
 * scst_sense_build() - sense data, as REQUEST SENSE returns it
 * @buf: result, SCST_SENSE_SIZE bytes, all of them written
 * @desc: descriptor format rather than fixed
 * @sense: what to report; SCST_SENSE_NONE makes NO SENSE
 *
 * Return: valid bytes in @buf.
 */
unsigned int scst_sense_build(u8 *buf, bool desc, scst_sense_t sense);

/* lun.c */

/**
 * scst_lun_unpack() - what an 8-byte LUN means
 * @lun: LUN in a form of SAM-5 4.7
 *
 * Return: the number of a logical unit of this target, SCST_LUN_REPORT_LUNS, or
 * SCST_LUN_INVALID for a LUN that names another bus or target, a second level,
 * another well known logical unit, or nothing.
 */
u64 scst_lun_unpack(const u8 lun[8]);

/**
 * scst_lun_pack() - the reverse
 * @method: form that is wanted
 * @lun: number of a logical unit, or SCST_LUN_REPORT_LUNS
 * @buf: result: the form that is wanted, or if it cannot carry @lun, the
 *	shortest flat one that can, or if none can, the LUN that means "logical
 *	unit not specified"
 */
void scst_lun_pack(enum scst_addr_method method, u64 lun, u8 buf[8]);

/**
 * struct scst_lun_list - REPORT LUNS parameter data in the making
 * @method: form of the LUNs
 * @buf: where it goes
 * @size: room in @buf
 * @len: length of the data, which may be more than @size
 */
struct scst_lun_list {
	enum scst_addr_method	method;
	u8			*buf;
	size_t			size;
	size_t			len;
};

/**
 * scst_lun_list_init() - begin REPORT LUNS parameter data
 * @list: state
 * @method: form of the LUNs
 * @buf: where to build it
 * @size: room in @buf; what is more is counted, but cut off
 */
void scst_lun_list_init(struct scst_lun_list *list,
			enum scst_addr_method method, u8 *buf, size_t size);

/**
 * scst_lun_list_add() - one more LUN
 * @list: state
 * @lun: number of the logical unit
 */
void scst_lun_list_add(struct scst_lun_list *list, u64 lun);

/**
 * scst_lun_list_end() - write the header
 * @list: state
 *
 * Return: bytes in the buffer.
 */
size_t scst_lun_list_end(struct scst_lun_list *list);

/**
 * scst_report_luns_has() - what SELECT REPORT asks for (SPC-5 6.33.1)
 * @select: SELECT REPORT
 * @ordinary: result: logical units
 * @well_known: result: well known ones
 *
 * Return: false if there is no such value.
 */
bool scst_report_luns_has(u8 select, bool *ordinary, bool *well_known);

/* wlun.c */

/* Longest answer of scst_wlun_inquiry() */
#define SCST_WLUN_INQUIRY_MAX	36

/**
 * scst_wlun_inquiry() - INQUIRY at the REPORT LUNS well known logical unit
 * @cdb: CDB, decoded without error
 * @rel_tgt_id: relative target port identifier
 * @buf: result, SCST_WLUN_INQUIRY_MAX bytes
 *
 * Return: bytes in @buf, or -EINVAL for a page that it has not.
 */
int scst_wlun_inquiry(const u8 *cdb, u16 rel_tgt_id, u8 *buf);

#endif /* _SCST_PURE_H */
