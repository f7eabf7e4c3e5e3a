// SPDX-License-Identifier: GPL-2.0
/*
 * Looking up, decoding and checking CDBs by the rows of cdb_*.c.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/limits.h>
#include <linux/unaligned.h>
#include "scst_pure.h"

/* Byte 1 of a CDB whose opcode has service actions (SPC-5 4.2.2.3) */
#define SCST_CDB_SA_MASK	0x1f
#define SCST_CDB_SA_MSB		4

/* Of a CDB of variable length: what it is longer than 8 bytes, SERVICE ACTION */
#define SCST_CDB_ADDITIONAL	7
#define SCST_CDB_LONG_SA	8
#define SCST_CDB_LONG_CONTROL	1

/* CONTROL byte (SAM-5 5.2): bits 7 and 6 are vendor specific */
#define SCST_CONTROL_VENDOR	0xc0
#define SCST_CONTROL_NACA	0x04

/* A CDB of variable length has its CONTROL byte where others have byte 1. */
#define SCST_CDB_VARIABLE	0x7f
#define SCST_CDB_GROUP_SHIFT	5

/**
 * struct scst_cdb_ignored - bits that are set by initiators that mean no harm
 * @op: command
 * @byte: byte of the CDB
 * @mask: bits that are neither evaluated nor refused
 */
struct scst_cdb_ignored {
	enum scst_op	op;
	u8		byte;
	u8		mask;
};

/*
 * Up to SCSI-2 bits 7 to 5 of byte 1 were the LUN. EDK2's firmware still fills
 * them in, and Linux does in the INQUIRY to a target whose version it does not
 * know yet (scsi_device.lun_in_cdb). SYNC_NV is obsolete; who asks for the
 * non-volatile cache is served well by the medium.
 */
static const struct scst_cdb_ignored scst_cdb_ignored[] = {
	{ SCST_OP_TEST_UNIT_READY,	1, 0xe0 },
	{ SCST_OP_REQUEST_SENSE,	1, 0xe0 },
	{ SCST_OP_INQUIRY,		1, 0xe0 },
	{ SCST_OP_MODE_SELECT_6,	1, 0xe0 },
	{ SCST_OP_MODE_SENSE_6,		1, 0xe0 },
	{ SCST_OP_START_STOP,		1, 0xe0 },
	{ SCST_OP_PREVENT_ALLOW,	1, 0xe0 },
	{ SCST_OP_READ_CAPACITY_10,	1, 0xe0 },
	{ SCST_OP_SYNC_CACHE_10,	1, 0xe4 },
	{ SCST_OP_MODE_SELECT_10,	1, 0xe0 },
	{ SCST_OP_MODE_SENSE_10,	1, 0xe0 },
	{ SCST_OP_SYNC_CACHE_16,	1, 0x04 },
};

static struct scst_cdb_error scst_cdb_bad_field(u16 byte, s8 bit)
{
	return (struct scst_cdb_error) {
		.sense = SCST_SENSE_INVALID_FIELD_CDB,
		.byte = byte,
		.bit = bit,
	};
}

static bool scst_cdb_is_long(const u8 *cdb)
{
	return cdb[0] == VARIABLE_LENGTH_CMD;
}

/* @cdb is as long as @row says. */
static bool scst_cdb_has_sa(const struct scst_cdb_op *row, const u8 *cdb)
{
	if (likely(row->service_action == SCST_CDB_NO_SA))
		return true;
	if (unlikely(scst_cdb_is_long(cdb)))
		return row->service_action ==
		       get_unaligned_be16(&cdb[SCST_CDB_LONG_SA]) &&
		       row->len == SCST_CDB_LONG_SA + cdb[SCST_CDB_ADDITIONAL];
	return row->service_action == (cdb[1] & SCST_CDB_SA_MASK);
}

const struct scst_cdb_op *scst_cdb_find(u8 type, const u8 *cdb,
					unsigned int len)
{
	const struct scst_cdb_op *const *p;

	if (unlikely(!len))
		return NULL;
	for (p = scst_cdb_rows_from(cdb[0]); *p && (*p)->opcode == cdb[0]; p++)
		if (scst_cdb_row_has_type(*p, type) && len >= (*p)->len &&
		    scst_cdb_has_sa(*p, cdb))
			return *p;
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(scst_cdb_find);

void scst_cdb_sa_field(u8 opcode, u16 *byte, s8 *bit)
{
	bool is_long = opcode == VARIABLE_LENGTH_CMD;

	*byte = is_long ? SCST_CDB_LONG_SA : 1;
	*bit = is_long ? 7 : SCST_CDB_SA_MSB;
}

/* An opcode with service actions has none that fits. */
static struct scst_cdb_error scst_cdb_bad_sa(const struct scst_cdb_op *row,
					     const u8 *cdb)
{
	struct scst_cdb_error err = scst_cdb_bad_field(0, -1);

	if (scst_cdb_is_long(cdb) &&
	    row->len != SCST_CDB_LONG_SA + cdb[SCST_CDB_ADDITIONAL])
		err.byte = SCST_CDB_ADDITIONAL;
	else
		scst_cdb_sa_field(cdb[0], &err.byte, &err.bit);
	return err;
}

/* Why has scst_cdb_find() found nothing? */
static struct scst_cdb_error scst_cdb_unknown(u8 type, const u8 *cdb,
					      unsigned int len)
{
	const struct scst_cdb_error unknown = {
		.sense = SCST_SENSE_INVALID_OPCODE,
		.bit = -1,
	};
	const struct scst_cdb_op *const *p;

	if (!len)
		return unknown;
	for (p = scst_cdb_rows_from(cdb[0]); *p && (*p)->opcode == cdb[0]; p++) {
		if (!scst_cdb_row_has_type(*p, type))
			continue;
		if (len < (*p)->len)
			return scst_cdb_bad_field(len, -1);
		return scst_cdb_bad_sa(*p, cdb);
	}
	return unknown;
}

static u32 scst_cdb_stray32(const struct scst_cdb_op *row, const u8 *cdb,
			    unsigned int offset)
{
	return get_unaligned((const u32 *)(cdb + offset)) &
	       ~get_unaligned((const u32 *)(row->usage + offset));
}

static u64 scst_cdb_stray64(const struct scst_cdb_op *row, const u8 *cdb,
			    unsigned int offset)
{
	return get_unaligned((const u64 *)(cdb + offset)) &
	       ~get_unaligned((const u64 *)(row->usage + offset));
}

/*
 * Is any bit set outside the usage data? The first and the last word of a CDB
 * may overlap, and between them cover the lengths of the hot path.
 */
static bool scst_cdb_has_stray_bits(const struct scst_cdb_op *row,
				    const u8 *cdb)
{
	unsigned int i;

	if (unlikely(row->len < sizeof(u64)))
		return scst_cdb_stray32(row, cdb, 0) |
		       scst_cdb_stray32(row, cdb, row->len - sizeof(u32));

	if (scst_cdb_stray64(row, cdb, 0) |
	    scst_cdb_stray64(row, cdb, row->len - sizeof(u64)))
		return true;
	for (i = sizeof(u64); i + sizeof(u64) < row->len; i += sizeof(u64))
		if (scst_cdb_stray64(row, cdb, i))
			return true;
	return false;
}

/*
 * Where the CONTROL byte of a CDB is: also of one that is no command here,
 * since it ends with CHECK CONDITION, too. SPC-5 4.2.2.1: the group code in the
 * opcode says how long a CDB is. 0 if nobody can know.
 */
static unsigned int scst_cdb_control(const u8 *cdb)
{
	static const u8 lengths[8] = { 6, 10, 10, 0, 16, 12, 0, 0 };
	u8 len = lengths[cdb[0] >> SCST_CDB_GROUP_SHIFT];

	if (cdb[0] == SCST_CDB_VARIABLE)
		return 1;
	return len ? len - 1 : 0;
}

bool scst_cdb_naca(const u8 *cdb, unsigned int len)
{
	unsigned int control = len ? scst_cdb_control(cdb) : 0;

	return control && control < len && cdb[control] & SCST_CONTROL_NACA;
}
EXPORT_SYMBOL_IF_KUNIT(scst_cdb_naca);

/* Logical units have task sets; a well known one has none worth the name. */
u8 scst_cdb_usage(u8 type, const struct scst_cdb_op *row, unsigned int byte)
{
	bool naca = type != TYPE_WLUN && byte &&
		    byte == scst_cdb_control(row->usage);

	return row->usage[byte] | (naca ? SCST_CONTROL_NACA : 0);
}
EXPORT_SYMBOL_IF_KUNIT(scst_cdb_usage);

static u8 scst_cdb_ignored_bits(const struct scst_cdb_op *row,
				unsigned int byte)
{
	unsigned int control = row->opcode == VARIABLE_LENGTH_CMD ?
			       SCST_CDB_LONG_CONTROL : row->len - 1;
	u8 mask = byte == control ? SCST_CONTROL_VENDOR : 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scst_cdb_ignored); i++)
		if (scst_cdb_ignored[i].op == row->op &&
		    scst_cdb_ignored[i].byte == byte)
			mask |= scst_cdb_ignored[i].mask;
	return mask;
}

/* Point at the first bit, in the order of transmission, that is not allowed */
static struct scst_cdb_error scst_cdb_stray_bit(u8 type,
						const struct scst_cdb_op *row,
						const u8 *cdb)
{
	unsigned int i;
	u8 stray;

	for (i = 1; i < row->len; i++) {
		stray = cdb[i] & ~scst_cdb_usage(type, row, i) &
			~scst_cdb_ignored_bits(row, i);
		if (stray)
			return scst_cdb_bad_field(i, fls(stray) - 1);
	}
	return (struct scst_cdb_error) { .sense = SCST_SENSE_NONE, .bit = -1 };
}

static u64 scst_cdb_get(const struct scst_cdb_field *field, const u8 *cdb)
{
	const u8 *p = cdb + field->offset;

	switch (field->bytes) {
	case 1:
		return *p;
	case 2:
		return get_unaligned_be16(p);
	case 3:
		return get_unaligned_be24(p);
	case 4:
		return get_unaligned_be32(p);
	case 8:
		return get_unaligned_be64(p);
	default:
		return 0;
	}
}

struct scst_cdb_error scst_cdb_decode(u8 type, const u8 *cdb, unsigned int len,
				      u8 block_shift,
				      struct scst_cdb_info *info)
{
	struct scst_cdb_error err = { .sense = SCST_SENSE_NONE, .bit = -1 };
	const struct scst_cdb_op *row = scst_cdb_find(type, cdb, len);
	struct scst_cdb_move move = {};
	u64 count;

	if (unlikely(!row))
		return scst_cdb_unknown(type, cdb, len);
	if (unlikely(scst_cdb_has_stray_bits(row, cdb))) {
		err = scst_cdb_stray_bit(type, row, cdb);
		if (err.sense != SCST_SENSE_NONE)
			return err;
	}

	count = scst_cdb_get(&row->count, cdb);
	if (!count)
		count = row->default_count;
	if (likely(row->unit == SCST_UNIT_BLOCKS)) {
		move.blocks = count;
		move.bytes = count << block_shift;
		move.dir = row->dir;
	} else {
		scst_cdb_move(row, cdb, count, block_shift, &move);
		if (unlikely(move.bad_byte))
			return scst_cdb_bad_field(move.bad_byte, move.bad_bit);
	}
	if (unlikely(move.bytes > INT_MAX))
		return scst_cdb_bad_field(row->count.offset, -1);

	info->op = row;
	info->dir = move.bytes || move.open_ended ? move.dir : SCST_DATA_NONE;
	info->lba = scst_cdb_get(&row->lba, cdb);
	info->blocks = move.blocks;
	info->data_len = move.bytes;
	info->protect = 0;
	info->open_ended = move.open_ended;
	info->own_blocks = move.own_blocks;
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(scst_cdb_decode);

static const struct scst_cdb_op scst_cdb_unknown_row = {
	.op = SCST_OP_OTHER,
	.service_action = SCST_CDB_NO_SA,
	.types = U32_MAX,
	.flags = SCST_CDB_WRITE,
	.resv = SCST_RESV_WRITE,
	.name = "unknown",
};

scst_sense_t scst_cdb_decode_unknown(enum scst_data_dir dir, u32 len,
				     struct scst_cdb_info *info)
{
	if (dir == SCST_DATA_BIDI || len > INT_MAX)
		return SCST_SENSE_INVALID_OPCODE;
	*info = (struct scst_cdb_info) {
		.op = &scst_cdb_unknown_row,
		.dir = len ? dir : SCST_DATA_NONE,
		.data_len = dir == SCST_DATA_NONE ? 0 : len,
	};
	return SCST_SENSE_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(scst_cdb_decode_unknown);

bool scst_cdb_set_block_len(struct scst_cdb_info *info, u32 block_len)
{
	/* As many as a CDB can count, 24 bits, are no overflow. */
	u64 bytes = info->blocks * block_len;

	if (bytes > INT_MAX)
		return false;
	info->data_len = bytes;
	info->dir = bytes ? info->op->dir : SCST_DATA_NONE;
	return true;
}
EXPORT_SYMBOL_GPL(scst_cdb_set_block_len);

scst_sense_t scst_cdb_check_range(const struct scst_cdb_info *info,
				  u64 nblocks)
{
	if (unlikely(info->lba > nblocks || info->blocks > nblocks - info->lba))
		return SCST_SENSE_LBA_OUT_OF_RANGE;
	return SCST_SENSE_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(scst_cdb_check_range);
