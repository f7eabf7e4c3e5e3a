// SPDX-License-Identifier: GPL-2.0
/*
 * What a command moves when its CDB does not just count logical blocks.
 */
#include <linux/array_size.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/unaligned.h>
#include "scst_pure.h"

/*
 * An allocation length only limits what comes back (SPC-5 4.2.5.6), so a large
 * one is no error. No parameter data is longer than this, and an initiator
 * must not make us allocate 4 GiB for it. What a CDB counts in 24 bits may be:
 * the contents of a buffer, or the elements of a library.
 */
#define SCST_MAX_PARAM_DATA	SZ_256K
#define SCST_MAX_PARAM_BYTES	3

/* BYTCHK of VERIFY (SBC-4 5.36) */
#define SCST_BYTCHK_SHIFT	1
#define SCST_BYTCHK_MASK	3
#define SCST_BYTCHK_MSB		2
#define SCST_BYTCHK_NONE	0
#define SCST_BYTCHK_RESERVED	2
#define SCST_BYTCHK_ONE		3

/*
 * NDOB of WRITE SAME(16), byte 1, and of the one of 32 bytes, byte 10; reserved
 * in the shorter one
 */
#define SCST_NDOB		0x01

/* INC_512 of SECURITY PROTOCOL IN and OUT, byte 4 */
#define SCST_INC_512		0x80

/* FIXED and BYTCMP of a tape's commands, byte 1 */
#define SCST_FIXED		0x01
#define SCST_BYTCMP		0x02

/* LONGLIST and FMTDATA of FORMAT UNIT, byte 1; the long header (SBC-4 5.4.2) */
#define SCST_FORMAT_LONGLIST	0x20
#define SCST_FORMAT_FMTDATA	0x10
#define SCST_FORMAT_LONG_HEADER	8

/* ATA PASS-THROUGH: byte 1, and byte 2 (SAT-4 12.2.2) */
#define SCST_ATA_EXTEND		0x01
#define SCST_ATA_T_TYPE		0x10
#define SCST_ATA_T_DIR		0x08
#define SCST_ATA_BYT_BLOK	0x04
#define SCST_ATA_T_LENGTH	0x03
#define SCST_ATA_SECTOR_SHIFT	9

/* GET PERFORMANCE (MMC-6 6.7) */
#define SCST_PERF_HEADER	8
#define SCST_PERF_EXCEPT	0x03
#define SCST_PERF_EXCEPT_LEN	6

/* READ CD, bytes 1, 9 and 10 */
#define SCST_CD_TYPE_SHIFT	2
#define SCST_CD_TYPE_MASK	7
#define SCST_CD_TYPE_MSB	4
#define SCST_CD_SYNC		0x80
#define SCST_CD_SUBHEADER	0x40
#define SCST_CD_HEADER		0x20
#define SCST_CD_USER		0x10
#define SCST_CD_ECC		0x08
#define SCST_CD_MAIN		0xf8
#define SCST_CD_C2_SHIFT	1
#define SCST_CD_C2_MASK		3
#define SCST_CD_C2_MSB		2
#define SCST_CD_SUB_MASK	7
#define SCST_CD_SUB_MSB		2
#define SCST_CD_RAW		2352

/* MSF addresses */
#define SCST_MSF_SECONDS	60
#define SCST_MSF_FRAMES		75

static u8 scst_cdb_bytchk(const struct scst_cdb_op *row, const u8 *cdb)
{
	u8 byte = row->opcode == VARIABLE_LENGTH_CMD ? cdb[10] : cdb[1];

	return byte >> SCST_BYTCHK_SHIFT & SCST_BYTCHK_MASK;
}

/* Logical blocks in the Data-Out of a VERIFY */
static u64 scst_cdb_verify_blocks(u8 bytchk, u64 count)
{
	switch (bytchk) {
	case SCST_BYTCHK_NONE:
		return 0;
	case SCST_BYTCHK_ONE:
		return min(count, 1);
	default:
		return count;
	}
}

static void scst_cdb_bad(struct scst_cdb_move *move, u8 byte, s8 bit)
{
	move->bad_byte = byte;
	move->bad_bit = bit;
}

static void scst_cdb_move_verify(const struct scst_cdb_op *row, const u8 *cdb,
				 u64 count, u8 block_shift,
				 struct scst_cdb_move *move)
{
	u8 bytchk = scst_cdb_bytchk(row, cdb);

	if (bytchk == SCST_BYTCHK_RESERVED)
		scst_cdb_bad(move, row->opcode == VARIABLE_LENGTH_CMD ? 10 : 1,
			     SCST_BYTCHK_MSB);
	move->bytes = scst_cdb_verify_blocks(bytchk, count) << block_shift;
}

/* Parameter data that the device server makes up, as against the medium's */
static u64 scst_cdb_param_len(const struct scst_cdb_op *row, u64 len)
{
	if (row->dir == SCST_DATA_READ && !(row->flags & SCST_CDB_MEDIUM) &&
	    row->count.bytes != SCST_MAX_PARAM_BYTES)
		return min(len, SCST_MAX_PARAM_DATA);
	return len;
}

static u64 scst_cdb_same_len(const struct scst_cdb_op *row, const u8 *cdb,
			     u8 block_shift)
{
	u8 byte = row->opcode == VARIABLE_LENGTH_CMD ? cdb[10] : cdb[1];

	return byte & SCST_NDOB ? 0 : 1ULL << block_shift;
}

static void scst_cdb_move_performance(const u8 *cdb, u64 count,
				      struct scst_cdb_move *move)
{
	static const u16 sizes[] = { 16, 8, 2048, 16, 8, 8 };
	u8 type = cdb[10];

	if (type >= ARRAY_SIZE(sizes))
		scst_cdb_bad(move, 10, -1);
	else if (!type && cdb[1] & SCST_PERF_EXCEPT)
		move->bytes = SCST_PERF_HEADER + count * SCST_PERF_EXCEPT_LEN;
	else
		move->bytes = SCST_PERF_HEADER + count * sizes[type];
}

static void scst_cdb_move_fixed(const struct scst_cdb_op *row, const u8 *cdb,
				u64 count, struct scst_cdb_move *move)
{
	if (row->unit == SCST_UNIT_FIXED_VERIFY && !(cdb[1] & SCST_BYTCMP))
		return;
	if (cdb[1] & SCST_FIXED) {
		move->own_blocks = true;
		move->blocks = count;
	} else {
		move->bytes = count;
	}
}

static void scst_cdb_move_list(const struct scst_cdb_op *row, const u8 *cdb,
			       struct scst_cdb_move *move)
{
	if (row->unit == SCST_UNIT_FORMAT && !(cdb[1] & SCST_FORMAT_FMTDATA))
		return;
	move->open_ended = true;
	move->bytes = row->fixed_len;
	if (row->unit == SCST_UNIT_FORMAT && cdb[1] & SCST_FORMAT_LONGLIST)
		move->bytes = SCST_FORMAT_LONG_HEADER;
}

/* FEATURES or SECTOR COUNT, which with EXTEND have 16 bits */
static u32 scst_cdb_ata_count(const struct scst_cdb_op *row, const u8 *cdb,
			      bool features)
{
	const u8 *field;

	if (row->len == 12)
		return features ? cdb[3] : cdb[4];
	field = features ? &cdb[3] : &cdb[5];
	return cdb[1] & SCST_ATA_EXTEND ? get_unaligned_be16(field) : field[1];
}

static void scst_cdb_move_ata(const struct scst_cdb_op *row, const u8 *cdb,
			      u8 block_shift, struct scst_cdb_move *move)
{
	u8 length = cdb[2] & SCST_ATA_T_LENGTH;

	if (!(cdb[2] & SCST_ATA_T_DIR))
		move->dir = SCST_DATA_WRITE;
	if (!length)
		return;
	if (length == SCST_ATA_T_LENGTH) {
		move->open_ended = true;
		return;
	}
	move->bytes = scst_cdb_ata_count(row, cdb, length == 1);
	if (cdb[2] & SCST_ATA_BYT_BLOK)
		move->bytes <<= cdb[2] & SCST_ATA_T_TYPE ? block_shift :
							   SCST_ATA_SECTOR_SHIFT;
	/* Only the longer CDB can count so far: FEATURES or COUNT. */
	if (move->bytes > INT_MAX)
		scst_cdb_bad(move, length == 1 ? 3 : 5, -1);
}

/**
 * struct scst_cd_sector - bytes in the fields of a sector (MMC-6 4.2.3)
 * @sync: SYNC
 * @header: HEADER
 * @subheader: SUBHEADER
 * @user: USER DATA
 * @ecc: EDC and ECC
 */
struct scst_cd_sector {
	u16	sync;
	u16	header;
	u16	subheader;
	u16	user;
	u16	ecc;
};

/* By EXPECTED SECTOR TYPE; 0 is any, of which the longest counts */
static const struct scst_cd_sector scst_cd_sectors[] = {
	[1] = { .user = SCST_CD_RAW },		/* CD-DA */
	[2] = { 12, 4, 0, 2048, 288 },		/* mode 1 */
	[3] = { 12, 4, 0, 2336, 0 },		/* mode 2, formless */
	[4] = { 12, 4, 8, 2048, 280 },		/* mode 2, form 1 */
	[5] = { 12, 4, 8, 2328, 0 },		/* mode 2, form 2 */
};

static u32 scst_cd_main_len(u8 type, u8 fields)
{
	const struct scst_cd_sector *sector = &scst_cd_sectors[type];

	/* CD-DA has no fields: it is there, or not. */
	if (type == 1)
		return fields & SCST_CD_MAIN ? SCST_CD_RAW : 0;
	return (fields & SCST_CD_SYNC ? sector->sync : 0) +
	       (fields & SCST_CD_SUBHEADER ? sector->subheader : 0) +
	       (fields & SCST_CD_HEADER ? sector->header : 0) +
	       (fields & SCST_CD_USER ? sector->user : 0) +
	       (fields & SCST_CD_ECC ? sector->ecc : 0);
}

/* Bytes that are transferred of a sector (MMC-6 6.17.2) */
static u32 scst_cd_sector_len(const u8 *cdb, struct scst_cdb_move *move)
{
	static const u16 c2_lens[] = { 0, 294, 296 };
	static const u8 sub_lens[] = { [1] = 96, [2] = 16, [4] = 96 };
	u8 type = cdb[1] >> SCST_CD_TYPE_SHIFT & SCST_CD_TYPE_MASK;
	u8 c2 = cdb[9] >> SCST_CD_C2_SHIFT & SCST_CD_C2_MASK;
	u8 sub = cdb[10] & SCST_CD_SUB_MASK;
	u32 len = 0;
	u8 i;

	if (type >= ARRAY_SIZE(scst_cd_sectors))
		scst_cdb_bad(move, 1, SCST_CD_TYPE_MSB);
	else if (c2 >= ARRAY_SIZE(c2_lens))
		scst_cdb_bad(move, 9, SCST_CD_C2_MSB);
	else if (sub >= ARRAY_SIZE(sub_lens) || (sub && !sub_lens[sub]))
		scst_cdb_bad(move, 10, SCST_CD_SUB_MSB);
	if (move->bad_byte)
		return 0;

	if (type)
		len = scst_cd_main_len(type, cdb[9]);
	else
		for (i = 1; i < ARRAY_SIZE(scst_cd_sectors); i++)
			len = max(len, scst_cd_main_len(i, cdb[9]));
	return len + c2_lens[c2] + sub_lens[sub];
}

static u32 scst_cdb_frames(const u8 *msf)
{
	return (msf[0] * SCST_MSF_SECONDS + msf[1]) * SCST_MSF_FRAMES + msf[2];
}

static void scst_cdb_move_sectors(const struct scst_cdb_op *row, const u8 *cdb,
				  u64 count, struct scst_cdb_move *move)
{
	u32 begin, end;

	move->blocks = count;
	if (row->unit == SCST_UNIT_MSF) {
		begin = scst_cdb_frames(&cdb[3]);
		end = scst_cdb_frames(&cdb[6]);
		/* MMC-6 6.18.3: the end is before the beginning. */
		if (end < begin) {
			scst_cdb_bad(move, 6, -1);
			return;
		}
		move->blocks = end - begin;
	}
	move->bytes = move->blocks * scst_cd_sector_len(cdb, move);
}

/* A unit that speaks of logical blocks */
static void scst_cdb_move_blocks(const struct scst_cdb_op *row, const u8 *cdb,
				 u64 count, u8 block_shift,
				 struct scst_cdb_move *move)
{
	move->blocks = count;
	switch (row->unit) {
	case SCST_UNIT_VERIFY:
		scst_cdb_move_verify(row, cdb, count, block_shift, move);
		break;
	case SCST_UNIT_SECTORS:
	case SCST_UNIT_MSF:
		scst_cdb_move_sectors(row, cdb, count, move);
		break;
	case SCST_UNIT_SAME:
		move->bytes = scst_cdb_same_len(row, cdb, block_shift);
		break;
	case SCST_UNIT_COMPARE:
		move->bytes = 2 * count << block_shift;
		break;
	case SCST_UNIT_ONE:
		move->blocks = 1;
		move->bytes = 1ULL << block_shift;
		break;
	case SCST_UNIT_XOR:
		move->bytes = count << block_shift;
		break;
	default:
		break;
	}
}

void scst_cdb_move(const struct scst_cdb_op *row, const u8 *cdb, u64 count,
		   u8 block_shift, struct scst_cdb_move *move)
{
	move->dir = row->dir;
	switch (row->unit) {
	case SCST_UNIT_NONE:
		move->bytes = row->fixed_len;
		break;
	case SCST_UNIT_BYTES:
		move->bytes = scst_cdb_param_len(row, count);
		break;
	case SCST_UNIT_INC_512:
		if (cdb[4] & SCST_INC_512)
			count *= SZ_512;
		move->bytes = scst_cdb_param_len(row, count);
		break;
	case SCST_UNIT_PERFORMANCE:
		scst_cdb_move_performance(cdb, count, move);
		break;
	case SCST_UNIT_FIXED:
	case SCST_UNIT_FIXED_VERIFY:
		scst_cdb_move_fixed(row, cdb, count, move);
		break;
	case SCST_UNIT_LIST:
	case SCST_UNIT_FORMAT:
		scst_cdb_move_list(row, cdb, move);
		break;
	case SCST_UNIT_ATA:
		scst_cdb_move_ata(row, cdb, block_shift, move);
		break;
	default:
		scst_cdb_move_blocks(row, cdb, count, block_shift, move);
		break;
	}
}
