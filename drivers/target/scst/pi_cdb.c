// SPDX-License-Identifier: GPL-2.0
/*
 * Protection information in CDBs: RDPROTECT, WRPROTECT, VRPROTECT and ORPROTECT,
 * what they make of a transfer, and what they ask to be checked (SBC-4 4.21,
 * 5.10, 5.36, 5.40).
 *
 * To a logical unit without protection information these fields are reserved
 * bits. To one that has it they still are where they are not in the table below:
 * the XOR commands come without.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <scst/pi.h>
#include "scst_pure.h"

/* In byte 1, or in byte 10 of a CDB of 32 bytes */
#define SCST_PROTECT_MASK	0xe0
#define SCST_PROTECT_SHIFT	5
#define SCST_PROTECT_MSB	7

/* EXPECTED INITIAL REFERENCE TAG, EXPECTED APPLICATION TAG and its MASK */
#define SCST_CDB32_REF_TAG	20
#define SCST_CDB32_APP_TAG	24
#define SCST_CDB32_APP_MASK	26

/* Of a field whose value is not reserved */
#define SCST_PROTECT_NR		6

static const bool scst_pi_ops[SCST_OP_NR] = {
	[SCST_OP_READ_10]		= true,
	[SCST_OP_READ_12]		= true,
	[SCST_OP_READ_16]		= true,
	[SCST_OP_READ_32]		= true,
	[SCST_OP_WRITE_10]		= true,
	[SCST_OP_WRITE_12]		= true,
	[SCST_OP_WRITE_16]		= true,
	[SCST_OP_WRITE_32]		= true,
	[SCST_OP_VERIFY_10]		= true,
	[SCST_OP_VERIFY_12]		= true,
	[SCST_OP_VERIFY_16]		= true,
	[SCST_OP_VERIFY_32]		= true,
	[SCST_OP_WRITE_VERIFY_10]	= true,
	[SCST_OP_WRITE_VERIFY_12]	= true,
	[SCST_OP_WRITE_VERIFY_16]	= true,
	[SCST_OP_WRITE_VERIFY_32]	= true,
	[SCST_OP_WRITE_SAME_10]		= true,
	[SCST_OP_WRITE_SAME_16]		= true,
	[SCST_OP_WRITE_SAME_32]		= true,
	[SCST_OP_COMPARE_AND_WRITE]	= true,
	[SCST_OP_ORWRITE_16]		= true,
};

/* What the values ask for (SBC-4 tables 73, 130, 147); 000b: see DPICZ */
static const u8 scst_pi_checks[SCST_PROTECT_NR] = {
	SCST_PI_ALL,
	SCST_PI_ALL,
	SCST_PI_APP | SCST_PI_REF,
	0,
	SCST_PI_GUARD,
	SCST_PI_ALL,
};

static bool scst_pi_row_is_long(const struct scst_cdb_op *row)
{
	return row->opcode == VARIABLE_LENGTH_CMD;
}

static u8 scst_pi_byte(const struct scst_cdb_op *row)
{
	return scst_pi_row_is_long(row) ? 10 : 1;
}

static struct scst_cdb_error scst_pi_refuse(scst_sense_t sense, u16 byte,
					    s8 bit)
{
	return (struct scst_cdb_error) {
		.sense = sense,
		.byte = byte,
		.bit = bit,
	};
}

/* @info is right but for @protect, which is not zero. */
static struct scst_cdb_error scst_pi_apply(u8 pi_type, u8 protect,
					   u8 block_shift,
					   struct scst_cdb_info *info)
{
	/* COMPARE AND WRITE sends each block twice, and each time with its own. */
	u64 len = info->data_len + (u64)(info->data_len >> block_shift) *
				   SCST_PI_LEN;

	if (pi_type == T10_PI_TYPE2_PROTECTION &&
	    !scst_pi_row_is_long(info->op))
		return scst_pi_refuse(SCST_SENSE_INVALID_OPCODE, 0, -1);
	if (protect >= SCST_PROTECT_NR)
		return scst_pi_refuse(SCST_SENSE_INVALID_FIELD_CDB,
				      scst_pi_byte(info->op), SCST_PROTECT_MSB);
	if (len > INT_MAX)
		return scst_pi_refuse(SCST_SENSE_INVALID_FIELD_CDB,
				      info->op->count.offset, -1);
	info->data_len = len;
	info->protect = protect;
	return scst_pi_refuse(SCST_SENSE_NONE, 0, -1);
}

struct scst_cdb_error scst_pi_decode(u8 pi_type, u8 type, const u8 *cdb,
				     unsigned int len, u8 block_shift,
				     struct scst_cdb_info *info)
{
	const struct scst_cdb_op *row = scst_cdb_find(type, cdb, len);
	struct scst_cdb_info result;
	struct scst_cdb_error error;
	u8 plain[SCST_CDB_INLINE];
	u8 protect = 0;

	if (row && scst_pi_ops[row->op])
		protect = cdb[scst_pi_byte(row)] >> SCST_PROTECT_SHIFT;
	if (!protect)
		return scst_cdb_decode(type, cdb, len, block_shift, info);

	memcpy(plain, cdb, row->len);
	plain[scst_pi_byte(row)] &= ~SCST_PROTECT_MASK;
	error = scst_cdb_decode(type, plain, row->len, block_shift, &result);
	if (error.sense == SCST_SENSE_NONE)
		error = scst_pi_apply(pi_type, protect, block_shift, &result);
	if (error.sense == SCST_SENSE_NONE)
		*info = result;
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pi_decode);

void scst_pi_add_usage(u8 pi_type, u8 type, u8 *usage, unsigned int len)
{
	/* Usage data has operation code and service action where CDBs do. */
	const struct scst_cdb_op *row = scst_cdb_find(type, usage, len);

	if (row && scst_pi_ops[row->op] &&
	    (pi_type != T10_PI_TYPE2_PROTECTION || scst_pi_row_is_long(row)))
		usage[scst_pi_byte(row)] |= SCST_PROTECT_MASK;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pi_add_usage);

/* No CDB says more: with type 2 the tags are the initiator's. */
void scst_pi_rule_at(const struct scst_pi_device *dev, u64 lba,
		     struct scst_pi_rule *rule)
{
	*rule = (struct scst_pi_rule) {
		.type		= dev->type,
		.check		= dev->dpicz ? 0 : SCST_PI_ALL,
		.app_tag	= dev->app_tag,
		.app_mask	= dev->app_tag ? U16_MAX : 0,
		.ref_tag	= lower_32_bits(lba),
	};
	if (dev->type != T10_PI_TYPE1_PROTECTION)
		rule->check &= ~SCST_PI_REF;
}
EXPORT_SYMBOL_GPL(scst_pi_rule_at);

void scst_pi_rule_of(const struct scst_pi_device *dev, const u8 *cdb,
		     const struct scst_cdb_info *info,
		     struct scst_pi_rule *rule)
{
	scst_pi_rule_at(dev, info->lba, rule);
	if (info->protect)
		rule->check = scst_pi_checks[info->protect];
	if (!scst_pi_row_is_long(info->op)) {
		if (dev->type != T10_PI_TYPE1_PROTECTION)
			rule->check &= ~SCST_PI_REF;
		return;
	}
	if (!info->protect && !dev->dpicz)
		rule->check = SCST_PI_ALL;
	rule->ref_tag = get_unaligned_be32(cdb + SCST_CDB32_REF_TAG);
	/* SBC-4 5.15: ignored, unless application tags are the client's */
	if (dev->ato) {
		rule->app_tag = get_unaligned_be16(cdb + SCST_CDB32_APP_TAG);
		rule->app_mask = get_unaligned_be16(cdb + SCST_CDB32_APP_MASK);
	}
}
EXPORT_SYMBOL_GPL(scst_pi_rule_of);

/* SBC-4 table 132: tags that the device server may change are not compared. */
void scst_pi_rule_compare(const struct scst_pi_device *dev, u8 protect,
			  struct scst_pi_rule *rule)
{
	*rule = (struct scst_pi_rule) {
		.type = dev->type,
		.check = SCST_PI_ALL,
	};
	if (scst_pi_checks[protect] == (SCST_PI_APP | SCST_PI_REF))
		rule->check &= ~SCST_PI_GUARD;
	if (!dev->ato)
		rule->check &= ~SCST_PI_APP;
	else if (dev->type == T10_PI_TYPE3_PROTECTION)
		rule->check &= ~SCST_PI_REF;
}
EXPORT_SYMBOL_GPL(scst_pi_rule_compare);

/*
 * SBC-4 5.40, WRPROTECT 000b: an application tag of all ones if it is the
 * application client's, which turns off all checks; if it is ours, one that
 * does not. But with type 2 a later READ(32) expects a reference tag that nobody
 * knows yet.
 */
void scst_pi_rule_made(const struct scst_pi_device *dev, u64 lba,
		       struct scst_pi_rule *rule)
{
	scst_pi_rule_at(dev, lba, rule);
	if (dev->ato || dev->type == T10_PI_TYPE2_PROTECTION)
		rule->app_tag = U16_MAX;
}
EXPORT_SYMBOL_GPL(scst_pi_rule_made);
