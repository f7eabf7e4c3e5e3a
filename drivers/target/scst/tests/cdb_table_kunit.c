// SPDX-License-Identifier: GPL-2.0
/*
 * What holds for every row of cdb_*.c, and for every opcode that has none.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/unaligned.h>
#include <scsi/scsi_common.h>
#include "../scst_pure.h"

#define CDB_SA_MASK		0x1f
#define CDB_MAX_TYPE		31
#define ROW_BLOCK_SHIFT		9
/* From here on nobody knows from the opcode how long a CDB is. */
#define CDB_VENDOR_OPCODES	0xc0
#define CDB_CONTROL_NACA	0x04
#define CDB_CONTROL_LINK	0x01
#define CDB_CONTROL_VENDOR	0xc0

static const void *row_gen_params(const void *prev, char *desc)
{
	const struct scst_cdb_op *row;
	unsigned int i = 0;

	while (prev && scst_cdb_row(i++) != prev)
		;
	row = scst_cdb_row(i);
	if (row)
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s of types %#x",
			 row->name, row->types);
	return row;
}

/* The lowest type that a row is for */
static u8 row_type(const struct scst_cdb_op *row)
{
	return __ffs(row->types);
}

static bool row_is_long(const struct scst_cdb_op *row)
{
	return row->opcode == VARIABLE_LENGTH_CMD;
}

static unsigned int row_control(const struct scst_cdb_op *row)
{
	return row_is_long(row) ? 1 : row->len - 1;
}

/* Bits that say which command it is */
static u8 row_sa_bits(const struct scst_cdb_op *row, unsigned int byte)
{
	if (row->service_action == SCST_CDB_NO_SA)
		return 0;
	if (row_is_long(row))
		return byte >= 7 && byte <= 9 ? 0xff : 0;
	return byte == 1 ? CDB_SA_MASK : 0;
}

/* Fields whose values are not all allowed, beside those of expect_bit() */
static bool row_is_picky(const struct scst_cdb_op *row)
{
	return row->unit == SCST_UNIT_PERFORMANCE ||
	       row->unit == SCST_UNIT_SECTORS || row->unit == SCST_UNIT_MSF;
}

/* A CDB with nothing but opcode and service action, of exactly the length */
static u8 *row_cdb(struct kunit *test, const struct scst_cdb_op *row,
		   unsigned int len)
{
	u8 *cdb = kunit_kzalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cdb);
	cdb[0] = row->opcode;
	if (row_is_long(row)) {
		if (len > 7)
			cdb[7] = row->len - 8;
		if (len > 9)
			put_unaligned_be16(row->service_action, &cdb[8]);
	} else if (len > 1 && row->service_action != SCST_CDB_NO_SA) {
		cdb[1] = row->service_action;
	}
	return cdb;
}

static struct scst_cdb_error row_decode(const struct scst_cdb_op *row,
					const u8 *cdb, unsigned int len)
{
	struct scst_cdb_info info;

	return scst_cdb_decode(row_type(row), cdb, len, ROW_BLOCK_SHIFT,
			       &info);
}

static void expect_field(struct kunit *test, struct scst_cdb_error err,
			 u16 byte, int bit)
{
	KUNIT_EXPECT_TRUE(test, err.sense == SCST_SENSE_INVALID_FIELD_CDB);
	KUNIT_EXPECT_EQ_MSG(test, err.byte, byte, "byte %u bit %d", byte, bit);
	KUNIT_EXPECT_EQ_MSG(test, err.bit, bit, "byte %u bit %d", byte, bit);
}

static void row_header_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;

	KUNIT_EXPECT_LT(test, row->op, SCST_OP_NR);
	KUNIT_EXPECT_NE(test, row->types, 0);
	KUNIT_EXPECT_NOT_NULL(test, row->name);
	/* SPC-5 4.2.1: the group code, bits 7 to 5 of the opcode, says so. */
	if (row_is_long(row))
		KUNIT_EXPECT_EQ(test, row->len, 32);
	else if (row->opcode < 0xc0)
		KUNIT_EXPECT_EQ(test, row->len, COMMAND_SIZE(row->opcode));
	KUNIT_EXPECT_LE(test, row->len, SCST_CDB_INLINE);
	KUNIT_EXPECT_TRUE(test, row->service_action == SCST_CDB_NO_SA ||
			  row_is_long(row) ||
			  row->service_action <= CDB_SA_MASK);
}

static void row_usage_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;
	u8 control = row->usage[row_control(row)];

	KUNIT_EXPECT_EQ(test, row->usage[0], row->opcode);
	if (row_is_long(row)) {
		KUNIT_EXPECT_EQ(test, row->usage[7], row->len - 8);
		KUNIT_EXPECT_EQ(test, get_unaligned_be16(&row->usage[8]),
				row->service_action);
	} else if (row->service_action != SCST_CDB_NO_SA) {
		KUNIT_EXPECT_EQ(test, row->usage[1] & CDB_SA_MASK,
				row->service_action);
	}
	KUNIT_EXPECT_NULL(test, memchr_inv(row->usage + row->len, 0,
					   sizeof(row->usage) - row->len));
	KUNIT_EXPECT_EQ(test, control & (CDB_CONTROL_NACA | CDB_CONTROL_LINK),
			0);
}

static u64 field_usage(const struct scst_cdb_op *row,
		       const struct scst_cdb_field *field)
{
	u64 usage = 0;
	int i;

	for (i = 0; i < field->bytes; i++)
		usage = usage << 8 | row->usage[field->offset + i];
	return usage;
}

static void expect_field_in_cdb(struct kunit *test,
				const struct scst_cdb_op *row,
				const struct scst_cdb_field *field)
{
	u64 usage = field_usage(row, field);

	if (!field->bytes)
		return;
	KUNIT_EXPECT_GE(test, field->offset, 1);
	KUNIT_EXPECT_LE(test, field->offset + field->bytes, row->len);
	KUNIT_EXPECT_FALSE(test, field->offset <= row_control(row) &&
			   field->offset + field->bytes > row_control(row));
	/* All of its bits are evaluated; unused ones lie above them. */
	KUNIT_EXPECT_NE(test, usage, 0);
	KUNIT_EXPECT_EQ(test, usage & (usage + 1), 0);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_UP(fls64(usage), 8), field->bytes);
}

static void row_fields_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;

	expect_field_in_cdb(test, row, &row->lba);
	expect_field_in_cdb(test, row, &row->count);
	KUNIT_EXPECT_TRUE(test, row->lba.bytes == 0 || row->count.bytes == 0 ||
			  row->lba.offset + row->lba.bytes <=
			  row->count.offset);
	KUNIT_EXPECT_LE(test, row->count.bytes, sizeof(u32));
	if (row->flags & SCST_CDB_LBA_CHECK)
		KUNIT_EXPECT_NE(test, row->lba.bytes, 0);
	KUNIT_EXPECT_EQ(test, row->count.bytes != 0,
			row->unit != SCST_UNIT_NONE &&
			row->unit != SCST_UNIT_LIST &&
			row->unit != SCST_UNIT_FORMAT &&
			row->unit != SCST_UNIT_ATA &&
			row->unit != SCST_UNIT_ONE);
}

static void row_direction_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;

	switch (row->unit) {
	case SCST_UNIT_NONE:
		KUNIT_EXPECT_EQ(test, row->dir != SCST_DATA_NONE,
				row->fixed_len != 0);
		break;
	case SCST_UNIT_BYTES:
	case SCST_UNIT_INC_512:
	case SCST_UNIT_FIXED:
	case SCST_UNIT_ATA:
	case SCST_UNIT_BLOCKS:
	case SCST_UNIT_ONE:
		KUNIT_EXPECT_TRUE(test, row->dir == SCST_DATA_WRITE ||
				  row->dir == SCST_DATA_READ);
		break;
	case SCST_UNIT_PERFORMANCE:
	case SCST_UNIT_SECTORS:
	case SCST_UNIT_MSF:
		KUNIT_EXPECT_EQ(test, row->dir, SCST_DATA_READ);
		break;
	case SCST_UNIT_LIST:
	case SCST_UNIT_FORMAT:
		KUNIT_EXPECT_NE(test, row->fixed_len, 0);
		KUNIT_EXPECT_EQ(test, row->dir, SCST_DATA_WRITE);
		break;
	case SCST_UNIT_XOR:
		KUNIT_EXPECT_EQ(test, row->dir, SCST_DATA_BIDI);
		break;
	case SCST_UNIT_FIXED_VERIFY:
	case SCST_UNIT_VERIFY:
	case SCST_UNIT_SAME:
	case SCST_UNIT_COMPARE:
		KUNIT_EXPECT_EQ(test, row->dir, SCST_DATA_WRITE);
		break;
	case SCST_UNIT_COUNT:
		KUNIT_EXPECT_EQ(test, row->dir, SCST_DATA_NONE);
		break;
	}
	if (row->flags & SCST_CDB_WRITE)
		KUNIT_EXPECT_TRUE(test, row->flags & SCST_CDB_MEDIUM);
}

/* The index leads to the row for its types, and elsewhere for all others. */
static void row_found_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;
	u8 *cdb = row_cdb(test, row, row->len);
	unsigned int type;

	for (type = 0; type <= CDB_MAX_TYPE; type++)
		KUNIT_EXPECT_EQ(test,
				scst_cdb_find(type, cdb, row->len) == row,
				!!(row->types & BIT(type)));
	KUNIT_EXPECT_NULL(test, scst_cdb_find(CDB_MAX_TYPE + 1, cdb, row->len));
	KUNIT_EXPECT_NULL(test, scst_cdb_find(U8_MAX, cdb, row->len));
}

/* For one CDB and type there is one row. */
static void row_unique_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value, *other;
	unsigned int i;

	for (i = 0; (other = scst_cdb_row(i)) != row; i++) {
		if (other->opcode != row->opcode)
			continue;
		if (other->service_action == row->service_action ||
		    other->service_action == SCST_CDB_NO_SA ||
		    row->service_action == SCST_CDB_NO_SA)
			KUNIT_EXPECT_EQ(test, other->types & row->types, 0);
	}
}

static void row_decode_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;
	struct scst_cdb_info info = {};
	struct scst_cdb_error err;
	u8 *cdb = row_cdb(test, row, row->len);

	err = scst_cdb_decode(row_type(row), cdb, row->len, ROW_BLOCK_SHIFT,
			      &info);
	KUNIT_EXPECT_TRUE(test, err.sense == SCST_SENSE_NONE);
	KUNIT_EXPECT_PTR_EQ(test, info.op, row);
	KUNIT_EXPECT_EQ(test, info.lba, 0);
	KUNIT_EXPECT_EQ(test, info.dir != SCST_DATA_NONE, info.data_len != 0);
}

/* A CDB that ends early, in memory that ends there, too (KASAN watches) */
static void row_short_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;
	unsigned int len;

	for (len = 1; len < row->len; len++) {
		u8 *cdb = row_cdb(test, row, len);

		KUNIT_EXPECT_NULL(test, scst_cdb_find(row_type(row), cdb, len));
		expect_field(test, row_decode(row, cdb, len), len, -1);
	}
}

/* Transports pad; what follows the CDB is no part of it. */
static void row_padded_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;
	u8 *cdb = row_cdb(test, row, row->len + 8);
	unsigned int len;

	memset(cdb + row->len, 0xff, 8);
	for (len = row->len; len <= row->len + 8; len++) {
		KUNIT_EXPECT_PTR_EQ(test,
				    scst_cdb_find(row_type(row), cdb, len),
				    row);
		KUNIT_EXPECT_TRUE(test, row_decode(row, cdb, len).sense ==
				  SCST_SENSE_NONE);
	}
}

/*
 * Bits that are let through although nobody looks at them: vendor specific
 * ones in the CONTROL byte, the LUN of SCSI-2, and SYNC_NV.
 */
static u8 ignored_bits(const struct scst_cdb_op *row, unsigned int byte)
{
	if (byte == row_control(row))
		return row->opcode < CDB_VENDOR_OPCODES ?
		       CDB_CONTROL_VENDOR | CDB_CONTROL_NACA :
		       CDB_CONTROL_VENDOR;
	if (byte != 1)
		return 0;
	switch (row->op) {
	case SCST_OP_TEST_UNIT_READY:
	case SCST_OP_REQUEST_SENSE:
	case SCST_OP_INQUIRY:
	case SCST_OP_MODE_SELECT_6:
	case SCST_OP_MODE_SENSE_6:
	case SCST_OP_START_STOP:
	case SCST_OP_PREVENT_ALLOW:
	case SCST_OP_READ_CAPACITY_10:
	case SCST_OP_MODE_SELECT_10:
	case SCST_OP_MODE_SENSE_10:
		return 0xe0;
	case SCST_OP_SYNC_CACHE_10:
		return 0xe4;
	case SCST_OP_SYNC_CACHE_16:
		return 0x04;
	default:
		return 0;
	}
}

static u8 refused_bits(const struct scst_cdb_op *row, unsigned int byte)
{
	return ~row->usage[byte] & ~ignored_bits(row, byte);
}

static bool is_huge_count(const struct scst_cdb_op *row, const u8 *cdb)
{
	u64 count = 0;
	int i;

	for (i = 0; i < row->count.bytes; i++)
		count = count << 8 | cdb[row->count.offset + i];
	/* PERSISTENT RESERVE OUT's length has 32 bits, for example. */
	if (row->unit == SCST_UNIT_BYTES || row->unit == SCST_UNIT_INC_512)
		return count > INT_MAX && (row->dir == SCST_DATA_WRITE ||
					   row->flags & SCST_CDB_MEDIUM);
	return (row->unit == SCST_UNIT_BLOCKS || row->unit == SCST_UNIT_XOR) &&
	       count << ROW_BLOCK_SHIFT > INT_MAX;
}

/* BYTCHK 10b is reserved though each of its bits is used. */
static bool is_bytchk_bit(const struct scst_cdb_op *row, unsigned int byte,
			  int bit)
{
	return row->unit == SCST_UNIT_VERIFY && bit == 2 &&
	       byte == (row_is_long(row) ? 10 : 1);
}

static void expect_bit(struct kunit *test, const struct scst_cdb_op *row,
		       unsigned int byte, int bit)
{
	u8 *cdb = row_cdb(test, row, row->len);
	struct scst_cdb_error err;

	cdb[byte] ^= BIT(bit);
	err = row_decode(row, cdb, row->len);
	if (row_sa_bits(row, byte) & BIT(bit)) {
		/* Another service action, which there may be */
		if (scst_cdb_find(row_type(row), cdb, row->len))
			KUNIT_EXPECT_TRUE(test, err.sense == SCST_SENSE_NONE);
		else if (row_is_long(row))
			expect_field(test, err, byte == 7 ? 7 : 8,
				     byte == 7 ? -1 : 7);
		else
			expect_field(test, err, 1, 4);
	} else if (refused_bits(row, byte) & BIT(bit)) {
		expect_field(test, err, byte, bit);
	} else if (is_bytchk_bit(row, byte, bit)) {
		expect_field(test, err, byte, 2);
	} else if (is_huge_count(row, cdb)) {
		expect_field(test, err, row->count.offset, -1);
	} else if (!row_is_picky(row)) {
		KUNIT_EXPECT_TRUE(test, err.sense == SCST_SENSE_NONE);
	}
	kunit_kfree(test, cdb);
}

static void row_bits_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;
	unsigned int byte, bit;

	for (byte = 1; byte < row->len; byte++)
		for (bit = 0; bit < 8; bit++)
			expect_bit(test, row, byte, bit);
}

/* Of several wrong bits the first one, as transmitted, is pointed at. */
static void row_first_bit_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;
	unsigned int from, byte, i;

	for (from = 1; from < row->len; from++) {
		u8 *cdb = row_cdb(test, row, row->len);

		byte = row->len;
		for (i = row->len - 1; i >= from; i--) {
			u8 bits = ~row->usage[i] & ~row_sa_bits(row, i);

			cdb[i] |= bits;
			if (bits & refused_bits(row, i))
				byte = i;
		}
		/* The CONTROL byte always has a reserved bit. */
		if (from <= row_control(row))
			KUNIT_ASSERT_LT(test, byte, row->len);
		else if (byte == row->len)
			break;
		expect_field(test, row_decode(row, cdb, row->len), byte,
			     fls(cdb[byte] & refused_bits(row, byte)) - 1);
	}
}

/* The group code says where NACA is, the row how long the CDB is. */
static void row_naca_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;
	unsigned int control = row_control(row);
	u8 type = row_type(row);
	u8 *cdb = row_cdb(test, row, row->len);

	if (row->opcode >= CDB_VENDOR_OPCODES)
		return;
	KUNIT_EXPECT_FALSE(test, scst_cdb_naca(cdb, row->len));
	cdb[control] = CDB_CONTROL_NACA;
	KUNIT_EXPECT_TRUE(test, scst_cdb_naca(cdb, row->len));
	KUNIT_EXPECT_TRUE(test, scst_cdb_naca(cdb, row->len + 8));
	KUNIT_EXPECT_FALSE(test, scst_cdb_naca(cdb, control));
	KUNIT_EXPECT_FALSE(test, scst_cdb_naca(cdb, 0));
	KUNIT_EXPECT_EQ(test, scst_cdb_usage(type, row, control),
			row->usage[control] | CDB_CONTROL_NACA);
	KUNIT_EXPECT_EQ(test, scst_cdb_usage(TYPE_WLUN, row, control),
			row->usage[control]);
	KUNIT_EXPECT_EQ(test, scst_cdb_usage(type, row, 0), row->opcode);
}

/* All that is evaluated may be set at once, as far as the length allows it. */
static void row_all_bits_test(struct kunit *test)
{
	const struct scst_cdb_op *row = test->param_value;
	u8 *cdb = row_cdb(test, row, row->len);
	unsigned int i;

	if (row_is_picky(row))
		return;
	for (i = 1; i < row->len; i++)
		if (i < row->count.offset ||
		    i >= row->count.offset + row->count.bytes)
			cdb[i] = row->usage[i];
	KUNIT_EXPECT_TRUE(test, row_decode(row, cdb, row->len).sense ==
			  SCST_SENSE_NONE);
}

static void cdb_rows_test(struct kunit *test)
{
	DECLARE_BITMAP(ops, SCST_OP_NR) = {};
	const struct scst_cdb_op *row;
	unsigned int i;
	u8 last = 0;

	for (i = 0; (row = scst_cdb_row(i)); i++) {
		KUNIT_EXPECT_GE(test, row->opcode, last);
		last = row->opcode;
		__set_bit(row->op, ops);
	}
	KUNIT_EXPECT_TRUE(test, bitmap_full(ops, SCST_OP_NR));
	KUNIT_EXPECT_NULL(test, scst_cdb_row(i + 1));
	KUNIT_EXPECT_NULL(test, scst_cdb_row(UINT_MAX));
}

static bool cdb_has_rows(u8 opcode, u8 type)
{
	const struct scst_cdb_op *row;
	unsigned int i;

	for (i = 0; (row = scst_cdb_row(i)); i++)
		if (row->opcode == opcode && row->types & BIT(type))
			return true;
	return false;
}

static void cdb_unknown_opcode_test(struct kunit *test)
{
	unsigned int opcode, type;
	struct scst_cdb_info info;
	struct scst_cdb_error err;

	for (opcode = 0; opcode <= U8_MAX; opcode++) {
		u8 cdb[16] = { opcode };

		for (type = 0; type <= CDB_MAX_TYPE; type++) {
			if (cdb_has_rows(opcode, type))
				continue;
			KUNIT_ASSERT_NULL(test, scst_cdb_find(type, cdb, 16));
			err = scst_cdb_decode(type, cdb, 16, 9, &info);
			KUNIT_ASSERT_TRUE(test, err.sense ==
					  SCST_SENSE_INVALID_OPCODE);
			KUNIT_ASSERT_EQ(test, err.byte, 0);
			KUNIT_ASSERT_LT(test, err.bit, 0);
		}
	}
}

static void cdb_empty_test(struct kunit *test)
{
	struct scst_cdb_info info;

	/* Not even a CDB to look into */
	KUNIT_EXPECT_NULL(test, scst_cdb_find(TYPE_DISK, NULL, 0));
	KUNIT_EXPECT_TRUE(test,
			  scst_cdb_decode(TYPE_DISK, NULL, 0, 9, &info).sense ==
			  SCST_SENSE_INVALID_OPCODE);
}

/* What the core does with a command follows from these. */
static const struct {
	u32	flag;
	u8	ops[32];	/* enum scst_op, then SCST_OP_OTHER */
} cdb_flag_ops[] = {
	{ SCST_CDB_WRITE, {
	  SCST_OP_WRITE_6, SCST_OP_WRITE_10, SCST_OP_WRITE_12, SCST_OP_WRITE_16,
	  SCST_OP_WRITE_VERIFY_10, SCST_OP_WRITE_VERIFY_12,
	  SCST_OP_WRITE_VERIFY_16,
	  SCST_OP_WRITE_SAME_10, SCST_OP_WRITE_SAME_16,
	  SCST_OP_UNMAP, SCST_OP_COMPARE_AND_WRITE,
	  SCST_OP_XDWRITEREAD_10, SCST_OP_ORWRITE_16,
	  SCST_OP_WRITE_ATOMIC_16, SCST_OP_WRITE_ATOMIC_32,
	  SCST_OP_WRITE_32, SCST_OP_WRITE_VERIFY_32, SCST_OP_WRITE_SAME_32,
	  SCST_OP_XDWRITEREAD_32, SCST_OP_FORMAT_UNIT,
	  SCST_OP_SANITIZE_OVERWRITE, SCST_OP_SANITIZE_ERASE,
	  SCST_OP_SANITIZE_EXIT } },
	{ SCST_CDB_EXCLUSIVE, {
	  SCST_OP_MODE_SELECT_6, SCST_OP_MODE_SELECT_10,
	  SCST_OP_RESERVE_6, SCST_OP_RELEASE_6,
	  SCST_OP_RESERVE_10, SCST_OP_RELEASE_10,
	  SCST_OP_PR_OUT, SCST_OP_FORMAT_UNIT,
	  SCST_OP_SANITIZE_OVERWRITE, SCST_OP_SANITIZE_ERASE,
	  SCST_OP_SANITIZE_EXIT,
	  SCST_OP_START_STOP } },
	{ SCST_CDB_UPDATE, {
	  SCST_OP_COMPARE_AND_WRITE, SCST_OP_XDWRITEREAD_10,
	  SCST_OP_XDWRITEREAD_32, SCST_OP_ORWRITE_16,
	  SCST_OP_WRITE_ATOMIC_16, SCST_OP_WRITE_ATOMIC_32 } },
	{ SCST_CDB_NO_UA, {
	  SCST_OP_INQUIRY, SCST_OP_REPORT_LUNS, SCST_OP_REQUEST_SENSE,
	  SCST_OP_GET_CONFIGURATION, SCST_OP_GET_EVENT_STATUS } },
	{ SCST_CDB_LOCAL, {
	  SCST_OP_REQUEST_SENSE, SCST_OP_REPORT_LUNS,
	  SCST_OP_RESERVE_6, SCST_OP_RELEASE_6,
	  SCST_OP_RESERVE_10, SCST_OP_RELEASE_10,
	  SCST_OP_PR_IN, SCST_OP_PR_OUT, SCST_OP_COPY_IN, SCST_OP_COPY_OUT,
	  SCST_OP_REPORT_OPCODES, SCST_OP_REPORT_TM_FNS,
	  SCST_OP_REPORT_TPGS, SCST_OP_SET_TPGS } },
};

static bool cdb_op_listed(const u8 *ops, enum scst_op op)
{
	while (*ops && *ops != op)
		ops++;
	return *ops;
}

static void cdb_flags_test(struct kunit *test)
{
	const struct scst_cdb_op *row;
	unsigned int i, j;

	for (i = 0; (row = scst_cdb_row(i)); i++)
		for (j = 0; j < ARRAY_SIZE(cdb_flag_ops); j++) {
			if (row->op == SCST_OP_OTHER)
				continue;
			KUNIT_EXPECT_EQ_MSG(test,
					    !!(row->flags & cdb_flag_ops[j].flag),
					    cdb_op_listed(cdb_flag_ops[j].ops,
							  row->op),
					    "%s, flag %#x", row->name,
					    cdb_flag_ops[j].flag);
		}
}

static struct kunit_case cdb_table_test_cases[] = {
	KUNIT_CASE_PARAM(row_header_test, row_gen_params),
	KUNIT_CASE_PARAM(row_usage_test, row_gen_params),
	KUNIT_CASE_PARAM(row_fields_test, row_gen_params),
	KUNIT_CASE_PARAM(row_direction_test, row_gen_params),
	KUNIT_CASE_PARAM(row_found_test, row_gen_params),
	KUNIT_CASE_PARAM(row_unique_test, row_gen_params),
	KUNIT_CASE_PARAM(row_decode_test, row_gen_params),
	KUNIT_CASE_PARAM(row_short_test, row_gen_params),
	KUNIT_CASE_PARAM(row_padded_test, row_gen_params),
	KUNIT_CASE_PARAM(row_bits_test, row_gen_params),
	KUNIT_CASE_PARAM(row_first_bit_test, row_gen_params),
	KUNIT_CASE_PARAM(row_naca_test, row_gen_params),
	KUNIT_CASE_PARAM(row_all_bits_test, row_gen_params),
	KUNIT_CASE(cdb_rows_test),
	KUNIT_CASE(cdb_unknown_opcode_test),
	KUNIT_CASE(cdb_empty_test),
	KUNIT_CASE(cdb_flags_test),
	{}
};

static struct kunit_suite cdb_table_suite = {
	.name = "scst_cdb_table",
	.test_cases = cdb_table_test_cases,
};

kunit_test_suite(cdb_table_suite);
