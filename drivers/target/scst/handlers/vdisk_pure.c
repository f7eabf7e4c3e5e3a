// SPDX-License-Identifier: GPL-2.0
/*
 * Decisions about fields of CDBs and parameter lists of block commands, with
 * nothing behind them.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/t10-pi.h>
#include <linux/unaligned.h>
#include "vdisk_pure.h"

/* FORMAT UNIT: byte 1, and byte 4 */
#define VDISK_FMT_FMTPINFO_SHIFT 6
#define VDISK_FMT_LONGLIST	0x20
#define VDISK_FMT_FMTDATA	0x10
#define VDISK_FMT_FFMT		0x03

/* Its parameter list (SBC-4 5.4.2): PROTECTION FIELD USAGE, and byte 1 */
#define VDISK_FMT_USAGE		0x07
#define VDISK_FMT_FOV		0x80
#define VDISK_FMT_DPRY		0x40
#define VDISK_FMT_DCRT		0x20
#define VDISK_FMT_STPF		0x10
#define VDISK_FMT_IP		0x08
#define VDISK_FMT_IMMED		0x02
#define VDISK_FMT_OPTIONS	(VDISK_FMT_DPRY | VDISK_FMT_DCRT | \
				 VDISK_FMT_STPF | VDISK_FMT_IP)
#define VDISK_FMT_SHORT		4

/* Parameter list of OVERWRITE, byte 0 */
#define VDISK_OW_INVERT		0x80
#define VDISK_OW_TEST		0x60
#define VDISK_OW_COUNT		0x1f
#define VDISK_OW_HEADER		4

static struct scst_cdb_error vdisk_bad(scst_sense_t sense, u16 byte, s8 bit)
{
	return (struct scst_cdb_error) {
		.sense = sense,
		.byte = byte,
		.bit = bit,
	};
}

static struct scst_cdb_error vdisk_bad_param(u16 byte, s8 bit)
{
	return vdisk_bad(SCST_SENSE_INVALID_FIELD_PARAM, byte, bit);
}

static struct scst_cdb_error vdisk_fine(void)
{
	return vdisk_bad(SCST_SENSE_NONE, 0, -1);
}

/**
 * enum vdisk_lba_type - REPORT TYPE of GET LBA STATUS (SBC-4 5.6.1)
 * @VDISK_LBA_ALL: all logical blocks
 * @VDISK_LBA_NOT_ZERO: those whose PROVISIONING STATUS is not zero
 * @VDISK_LBA_ONLY_MAPPED: those that are mapped
 * @VDISK_LBA_ONLY_DEALLOCATED: those that are deallocated
 * @VDISK_LBA_ONLY_ANCHORED: those that are anchored
 * @VDISK_LBA_ONLY_BAD: those that may not be readable
 */
enum vdisk_lba_type {
	VDISK_LBA_ALL			= 0x00,
	VDISK_LBA_NOT_ZERO		= 0x01,
	VDISK_LBA_ONLY_MAPPED		= 0x02,
	VDISK_LBA_ONLY_DEALLOCATED	= 0x03,
	VDISK_LBA_ONLY_ANCHORED		= 0x04,
	VDISK_LBA_ONLY_BAD		= 0x10,
};

bool vdisk_lba_type_valid(u8 type)
{
	return type <= VDISK_LBA_ONLY_ANCHORED || type == VDISK_LBA_ONLY_BAD;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_lba_type_valid);

/* Nothing is known to be bad. */
bool vdisk_lba_wanted(u8 type, u8 status)
{
	switch (type) {
	case VDISK_LBA_ALL:
		return true;
	case VDISK_LBA_NOT_ZERO:
		return status;
	case VDISK_LBA_ONLY_MAPPED:
		return status == VDISK_LBA_MAPPED;
	case VDISK_LBA_ONLY_DEALLOCATED:
		return status == VDISK_LBA_DEALLOCATED;
	case VDISK_LBA_ONLY_ANCHORED:
		return status == VDISK_LBA_ANCHORED;
	default:
		return false;
	}
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_lba_wanted);

/* The first byte that is not zero, with its first bit */
static struct scst_cdb_error vdisk_check_zero(const u8 *list, u16 from, u16 to)
{
	u16 i;

	for (i = from; i < to; i++)
		if (list[i])
			return vdisk_bad_param(i, fls(list[i]) - 1);
	return vdisk_fine();
}

/* FMTPINFO and PROTECTION FIELD USAGE by type (SBC-4 table 40) */
static const struct {
	u8	info;
	u8	usage;
} vdisk_fmt_types[] = {
	[T10_PI_TYPE0_PROTECTION] = { 0, 0 },
	[T10_PI_TYPE1_PROTECTION] = { 2, 0 },
	[T10_PI_TYPE2_PROTECTION] = { 3, 0 },
	[T10_PI_TYPE3_PROTECTION] = { 3, 1 },
};

/*
 * The header. P_I_INFORMATION and PROTECTION INTERVAL EXPONENT say that
 * there is protection information for less than a block; DEFECT LIST LENGTH,
 * at the end of both headers, is that of defects.
 */
static struct scst_cdb_error vdisk_format_header(const u8 *list, size_t header,
						 u8 pi_type)
{
	u8 options = list[1] & VDISK_FMT_OPTIONS;

	if (list[0] & ~VDISK_FMT_USAGE)
		return vdisk_bad_param(0, fls(list[0]) - 1);
	if (list[0] != vdisk_fmt_types[pi_type].usage)
		return vdisk_bad_param(0, fls(VDISK_FMT_USAGE) - 1);
	/* Options are valid if FOV says so; else they are to be zero. */
	if (!(list[1] & VDISK_FMT_FOV) && options)
		return vdisk_bad_param(1, fls(options) - 1);
	if (options & VDISK_FMT_IP)
		return vdisk_bad_param(1, fls(VDISK_FMT_IP) - 1);
	return vdisk_check_zero(list, 2, header);
}

struct scst_cdb_error vdisk_format_parse(const u8 *cdb, const u8 *list,
					 size_t len, u8 pi_type, bool *immed)
{
	size_t header = cdb[1] & VDISK_FMT_LONGLIST ? VDISK_FORMAT_LIST :
						      VDISK_FMT_SHORT;

	*immed = false;
	/* What there is, is for the administrator to say. */
	if (cdb[1] >> VDISK_FMT_FMTPINFO_SHIFT != vdisk_fmt_types[pi_type].info)
		return vdisk_bad(SCST_SENSE_INVALID_FIELD_CDB, 1, 7);
	/* A fast format (SBC-4 5.4.1) is none that we have. */
	if (cdb[4] & VDISK_FMT_FFMT)
		return vdisk_bad(SCST_SENSE_INVALID_FIELD_CDB, 4, 1);
	if (!(cdb[1] & VDISK_FMT_FMTDATA))
		return vdisk_fmt_types[pi_type].usage ?
		       vdisk_bad(SCST_SENSE_INVALID_FIELD_CDB, 1, 4) :
		       vdisk_fine();
	if (len < header)
		return vdisk_bad(SCST_SENSE_PARAM_LIST_LENGTH, 0, -1);
	*immed = list[1] & VDISK_FMT_IMMED;
	return vdisk_format_header(list, header, pi_type);
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_format_parse);

struct scst_cdb_error vdisk_overwrite_parse(const u8 *list, size_t len,
					    u32 block,
					    struct vdisk_overwrite *ow)
{
	/* SBC-4 table 108: more than 4, and less than a block + 5 */
	if (len <= VDISK_OW_HEADER || len > VDISK_OW_HEADER + block)
		return vdisk_bad(SCST_SENSE_INVALID_FIELD_CDB, 7, 7);
	*ow = (struct vdisk_overwrite) {
		.count = list[0] & VDISK_OW_COUNT,
		.invert = list[0] & VDISK_OW_INVERT,
		.pattern = list + VDISK_OW_HEADER,
		.len = get_unaligned_be16(list + 2),
	};
	/* TEST other than 00b is for vendors. */
	if (list[0] & VDISK_OW_TEST)
		return vdisk_bad_param(0, 6);
	if (!ow->count)
		return vdisk_bad_param(0, 4);
	if (list[1])
		return vdisk_bad_param(1, fls(list[1]) - 1);
	if (!ow->len || ow->len > block)
		return vdisk_bad_param(2, 7);
	if (ow->len > len - VDISK_OW_HEADER)
		return vdisk_bad(SCST_SENSE_PARAM_LIST_LENGTH, 0, -1);
	return vdisk_fine();
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_overwrite_parse);

void vdisk_overwrite_fill(const struct vdisk_overwrite *ow, unsigned int pass,
			  u32 block, u8 *buf, size_t len)
{
	u8 flip = ow->invert && (ow->count - 1 - pass) & 1 ? 0xff : 0;
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = ow->pattern[i % block % ow->len] ^ flip;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_overwrite_fill);

/**
 * struct vdisk_power_code - how START STOP UNIT names a power condition
 * @condition: POWER CONDITION
 * @modifier: POWER CONDITION MODIFIER
 * @power: what it is
 */
struct vdisk_power_code {
	u8	condition;
	u8	modifier;
	u8	power;
};

/* SBC-4 table 112; of the timers, FORCE_IDLE_0 and FORCE_STANDBY_0, none */
static const struct vdisk_power_code vdisk_power_codes[] = {
	{ 0x1, 0x0, VDISK_POWER_ACTIVE },
	{ 0x2, 0x0, VDISK_POWER_IDLE_A },
	{ 0x2, 0x1, VDISK_POWER_IDLE_B },
	{ 0x2, 0x2, VDISK_POWER_IDLE_C },
	{ 0x3, 0x0, VDISK_POWER_STANDBY_Z },
	{ 0x3, 0x1, VDISK_POWER_STANDBY_Y },
	{ 0x7, 0x0, VDISK_POWER_ACTIVE },
};

struct scst_cdb_error vdisk_power_decode(u8 condition, u8 modifier,
					 enum vdisk_power *power)
{
	bool known = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vdisk_power_codes); i++) {
		const struct vdisk_power_code *code = &vdisk_power_codes[i];

		if (code->condition != condition)
			continue;
		known = true;
		if (code->modifier != modifier)
			continue;
		*power = code->power;
		return vdisk_fine();
	}
	return vdisk_bad(SCST_SENSE_INVALID_FIELD_CDB, known ? 3 : 4,
			 known ? 3 : 7);
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_power_decode);

scst_sense_t vdisk_power_sense(enum vdisk_power power)
{
	/* IDLE CONDITION ACTIVATED BY COMMAND and so on */
	static const u8 ascqs[VDISK_POWER_NR] = {
		[VDISK_POWER_IDLE_A]	= 0x03,
		[VDISK_POWER_IDLE_B]	= 0x06,
		[VDISK_POWER_IDLE_C]	= 0x08,
		[VDISK_POWER_STANDBY_Z]	= 0x04,
		[VDISK_POWER_STANDBY_Y]	= 0x0a,
	};

	if (power == VDISK_POWER_ACTIVE)
		return SCST_SENSE_NONE;
	return SCST_SENSE(NO_SENSE, 0x5e, ascqs[power]);
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_power_sense);

u8 vdisk_capacity_pi(u8 pi_type)
{
	return pi_type ? (pi_type - 1) << 1 | 0x01 : 0;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_capacity_pi);

void vdisk_atomic_limits(const struct vdisk_atomic_store *store, u8 block_shift,
			 u32 max_xfer, struct vdisk_atomic *atomic)
{
	/* TRANSFER LENGTH of WRITE ATOMIC(16) has 16 bits. */
	u32 most = min(max_xfer >> block_shift, U16_MAX);
	u32 max = min(store->unit_max >> block_shift, most);
	u32 unit = max(store->unit_min >> block_shift, 1);

	*atomic = (struct vdisk_atomic){};
	/* Units that are not whole blocks, or the reverse: nobody makes them. */
	if (!store->unit_min || !is_power_of_2(store->unit_min) || max < unit)
		return;
	if (store->boundary) {
		if (!is_power_of_2(store->boundary) ||
		    store->boundary >> block_shift < unit)
			return;
		max = min(max, store->boundary >> block_shift);
		max = rounddown_pow_of_two(max);
		unit = max;
	}
	atomic->max = rounddown(max, unit);
	atomic->unit = unit;
	atomic->max_bounded = rounddown(most, unit);
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_atomic_limits);

struct scst_cdb_error vdisk_atomic_check(const struct vdisk_atomic *atomic,
					 const struct vdisk_atomic_fields *fields)
{
	u32 max = fields->boundary ? atomic->max_bounded : atomic->max;

	/* All units are powers of two. */
	if (fields->lba & (atomic->unit - 1))
		return vdisk_bad(SCST_SENSE_INVALID_FIELD_CDB,
				 fields->lba_byte, 7);
	if (fields->boundary > atomic->max ||
	    fields->boundary & (atomic->unit - 1))
		return vdisk_bad(SCST_SENSE_INVALID_FIELD_CDB,
				 fields->boundary_byte, 7);
	if (fields->blocks > max || fields->blocks & (atomic->unit - 1))
		return vdisk_bad(SCST_SENSE_INVALID_FIELD_CDB,
				 fields->blocks_byte, 7);
	return vdisk_fine();
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_atomic_check);

u32 vdisk_atomic_piece(const struct vdisk_atomic *atomic, u16 boundary)
{
	return boundary ? rounddown(atomic->max, boundary) : atomic->max;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_atomic_piece);
