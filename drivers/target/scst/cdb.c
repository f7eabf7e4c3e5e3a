// SPDX-License-Identifier: GPL-2.0
/*
 * Looking up, decoding and checking CDBs by the rows of cdb_table.c.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/unaligned.h>
#include "scst_pure.h"

/* Byte 1 of a CDB whose opcode has service actions (SPC-5 4.2.2.3) */
#define SCST_CDB_SA_MASK	0x1f
#define SCST_CDB_SA_MSB		4

/* BYTCHK of VERIFY (SBC-4 5.36) */
#define SCST_BYTCHK_SHIFT	1
#define SCST_BYTCHK_MASK	3
#define SCST_BYTCHK_MSB		2
#define SCST_BYTCHK_NONE	0
#define SCST_BYTCHK_RESERVED	2
#define SCST_BYTCHK_ONE		3

/* NDOB of WRITE SAME(16), byte 1; reserved in the shorter one */
#define SCST_NDOB		0x01

/* CONTROL byte (SAM-5 5.2): bits 7 and 6 are vendor specific */
#define SCST_CONTROL_VENDOR	0xc0
#define SCST_CONTROL_NACA	0x04

/* A CDB of variable length has its CONTROL byte where others have byte 1. */
#define SCST_CDB_VARIABLE	0x7f
#define SCST_CDB_GROUP_SHIFT	5

/*
 * An allocation length only limits what comes back (SPC-5 4.2.5.6), so a large
 * one is no error. No parameter data is longer than this, and an initiator
 * must not make us allocate 4 GiB for it.
 */
#define SCST_MAX_PARAM_DATA	SZ_256K

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

static const struct scst_cdb_op *scst_cdb_first_row(const u8 *cdb,
						    unsigned int len)
{
	return &scst_cdb_rows[likely(len) ? scst_cdb_first[cdb[0]] : 0];
}

const struct scst_cdb_op *scst_cdb_find(u8 type, const u8 *cdb,
					unsigned int len)
{
	const struct scst_cdb_op *row = scst_cdb_first_row(cdb, len);

	/* Row 0 and the one behind the last are of no type: the walk ends. */
	for (; row->types && row->opcode == cdb[0]; row++) {
		if (!scst_cdb_row_has_type(row, type) || len < row->len)
			continue;
		if (row->service_action == SCST_CDB_NO_SA ||
		    row->service_action == (cdb[1] & SCST_CDB_SA_MASK))
			return row;
	}
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(scst_cdb_find);

/* Why has scst_cdb_find() found nothing? */
static struct scst_cdb_error scst_cdb_unknown(u8 type, const u8 *cdb,
					      unsigned int len)
{
	const struct scst_cdb_op *row = scst_cdb_first_row(cdb, len);

	for (; row->types && row->opcode == cdb[0]; row++) {
		if (!scst_cdb_row_has_type(row, type))
			continue;
		if (len < row->len)
			return scst_cdb_bad_field(len, -1);
		return scst_cdb_bad_field(1, SCST_CDB_SA_MSB);
	}
	return (struct scst_cdb_error) {
		.sense = SCST_SENSE_INVALID_OPCODE,
		.bit = -1,
	};
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
	u8 mask = byte == row->len - 1 ? SCST_CONTROL_VENDOR : 0;
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

static u8 scst_cdb_bytchk(const u8 *cdb)
{
	return cdb[1] >> SCST_BYTCHK_SHIFT & SCST_BYTCHK_MASK;
}

/* Logical blocks in the Data-Out of a VERIFY */
static u64 scst_cdb_verify_blocks(const u8 *cdb, u64 count)
{
	switch (scst_cdb_bytchk(cdb)) {
	case SCST_BYTCHK_NONE:
		return 0;
	case SCST_BYTCHK_ONE:
		return min(count, 1);
	default:
		return count;
	}
}

/* Parameter data that the device server makes up, as against the medium's */
static bool scst_cdb_is_param_in(const struct scst_cdb_op *row)
{
	return row->dir == SCST_DATA_READ && !(row->flags & SCST_CDB_MEDIUM);
}

/* Bytes to transfer; @count has at most 32 bits and the shift is below 32 */
static u64 scst_cdb_bytes(const struct scst_cdb_op *row, const u8 *cdb,
			  u64 count, u8 block_shift)
{
	if (likely(row->unit == SCST_UNIT_BLOCKS))
		return count << block_shift;

	switch (row->unit) {
	case SCST_UNIT_NONE:
		return row->fixed_len;
	case SCST_UNIT_BYTES:
		if (scst_cdb_is_param_in(row))
			return min(count, SCST_MAX_PARAM_DATA);
		return count;
	case SCST_UNIT_VERIFY:
		return scst_cdb_verify_blocks(cdb, count) << block_shift;
	case SCST_UNIT_COMPARE:
		return 2 * count << block_shift;
	case SCST_UNIT_SAME:
		return cdb[1] & SCST_NDOB ? 0 : 1ULL << block_shift;
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
	u64 count, bytes;

	if (unlikely(!row))
		return scst_cdb_unknown(type, cdb, len);
	if (unlikely(scst_cdb_has_stray_bits(row, cdb))) {
		err = scst_cdb_stray_bit(type, row, cdb);
		if (err.sense != SCST_SENSE_NONE)
			return err;
	}
	if (unlikely(row->unit == SCST_UNIT_VERIFY &&
		     scst_cdb_bytchk(cdb) == SCST_BYTCHK_RESERVED))
		return scst_cdb_bad_field(1, SCST_BYTCHK_MSB);

	count = scst_cdb_get(&row->count, cdb);
	if (!count)
		count = row->default_count;
	bytes = scst_cdb_bytes(row, cdb, count, block_shift);
	if (unlikely(bytes > INT_MAX))
		return scst_cdb_bad_field(row->count.offset, -1);

	info->op = row;
	info->dir = bytes ? row->dir : SCST_DATA_NONE;
	info->lba = scst_cdb_get(&row->lba, cdb);
	info->blocks = row->unit >= SCST_UNIT_BLOCKS ? count : 0;
	info->data_len = bytes;
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(scst_cdb_decode);

scst_sense_t scst_cdb_check_range(const struct scst_cdb_info *info,
				  u64 nblocks)
{
	if (unlikely(info->lba > nblocks || info->blocks > nblocks - info->lba))
		return SCST_SENSE_LBA_OUT_OF_RANGE;
	return SCST_SENSE_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(scst_cdb_check_range);

const struct scst_cdb_op *scst_cdb_row(unsigned int i)
{
	return i < scst_cdb_nr_rows ? &scst_cdb_rows[i + 1] : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(scst_cdb_row);
