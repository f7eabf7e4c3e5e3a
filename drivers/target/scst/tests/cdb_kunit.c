// SPDX-License-Identifier: GPL-2.0
/*
 * Decoding of CDBs: each command's direction, LBA and lengths, their limits,
 * and what is refused.
 */
#include <kunit/test.h>
#include "../scst_pure.h"

#define SHIFT_512	9
#define SHIFT_4K	12
#define SHIFT_CD	11

struct cdb_case {
	const char		*name;
	u8			cdb[16];
	u8			shift;
	u8			type;
	enum scst_op		op;
	enum scst_data_dir	dir;
	u64			lba;
	u64			blocks;
	u32			data_len;
};

#define NONE	SCST_DATA_NONE
#define READ_	SCST_DATA_READ
#define WRITE_	SCST_DATA_WRITE

/* Everything for a disk with 512-byte blocks but where it says otherwise */
static const struct cdb_case cdb_cases[] = {
	{ "TEST UNIT READY", { 0x00 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_TEST_UNIT_READY, NONE },
	{ "TEST UNIT READY, tape", { 0x00 }, SHIFT_512, TYPE_TAPE,
	  SCST_OP_TEST_UNIT_READY, NONE },

	{ "REQUEST SENSE", { 0x03, 0, 0, 0, 252 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_REQUEST_SENSE, READ_, 0, 0, 252 },
	{ "REQUEST SENSE, DESC", { 0x03, 1, 0, 0, 18 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_REQUEST_SENSE, READ_, 0, 0, 18 },
	{ "REQUEST SENSE, nothing", { 0x03 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_REQUEST_SENSE, NONE },

	{ "READ (6)", { 0x08, 0x1f, 0xff, 0xfe, 1 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_READ_6, READ_, 0x1ffffe, 1, 512 },
	{ "READ (6), 0 means 256", { 0x08, 0, 1, 2, 0 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_READ_6, READ_, 0x102, 256, 131072 },
	{ "READ (6), 0 means 256, 4k", { 0x08 }, SHIFT_4K, TYPE_DISK,
	  SCST_OP_READ_6, READ_, 0, 256, 1048576 },
	{ "WRITE (6)", { 0x0a, 0x10, 0, 0, 0xff }, SHIFT_512, TYPE_DISK,
	  SCST_OP_WRITE_6, WRITE_, 0x100000, 255, 130560 },
	{ "WRITE (6), 0 means 256", { 0x0a }, SHIFT_512, TYPE_DISK,
	  SCST_OP_WRITE_6, WRITE_, 0, 256, 131072 },

	{ "INQUIRY", { 0x12, 0, 0, 0, 36 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_INQUIRY, READ_, 0, 0, 36 },
	{ "INQUIRY, 16-bit length", { 0x12, 1, 0x83, 0x10, 0x02 }, SHIFT_512,
	  TYPE_ROM, SCST_OP_INQUIRY, READ_, 0, 0, 0x1002 },
	{ "INQUIRY with SCSI-2's LUN", { 0x12, 0xe0, 0, 0, 36 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_INQUIRY, READ_, 0, 0, 36 },

	{ "MODE SELECT (6)", { 0x15, 0x11, 0, 0, 24 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_MODE_SELECT_6, WRITE_, 0, 0, 24 },
	{ "MODE SELECT (6), no list", { 0x15, 0x10 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_MODE_SELECT_6, NONE },
	{ "MODE SELECT (10)", { 0x55, 0x10, 0, 0, 0, 0, 0, 1, 0x18 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_MODE_SELECT_10, WRITE_, 0, 0, 0x118 },
	{ "MODE SENSE (6)", { 0x1a, 8, 0x3f, 0xff, 0xc0 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_MODE_SENSE_6, READ_, 0, 0, 0xc0 },
	{ "MODE SENSE (10)", { 0x5a, 0x18, 0x3f, 0, 0, 0, 0, 0xff, 0xff },
	  SHIFT_512, TYPE_DISK, SCST_OP_MODE_SENSE_10, READ_, 0, 0, 0xffff },

	{ "START STOP UNIT", { 0x1b, 1, 0, 0, 3 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_START_STOP, NONE },
	{ "START STOP UNIT, CD", { 0x1b, 0, 0, 0, 2 }, SHIFT_CD, TYPE_ROM,
	  SCST_OP_START_STOP, NONE },
	{ "PREVENT ALLOW", { 0x1e, 0, 0, 0, 1 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_PREVENT_ALLOW, NONE },
	{ "PREVENT ALLOW, persistent, CD", { 0x1e, 0, 0, 0, 3 }, SHIFT_CD,
	  TYPE_ROM, SCST_OP_PREVENT_ALLOW, NONE },

	{ "READ CAPACITY (10)", { 0x25 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_READ_CAPACITY_10, READ_, 0, 0, 8 },
	{ "READ CAPACITY (10), CD", { 0x25 }, SHIFT_CD, TYPE_ROM,
	  SCST_OP_READ_CAPACITY_10, READ_, 0, 0, 8 },
	{ "READ CAPACITY (16)",
	  { 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_READ_CAPACITY_16, READ_, 0, 0, 32 },

	{ "READ (10)", { 0x28, 0, 1, 2, 3, 4, 0, 0, 8 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_READ_10, READ_, 0x01020304, 8, 4096 },
	{ "READ (10), largest",
	  { 0x28, 0, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff }, SHIFT_4K,
	  TYPE_DISK, SCST_OP_READ_10, READ_, 0xffffffff, 0xffff, 0xffff000 },
	{ "READ (10), nothing", { 0x28, 0, 0, 0, 0, 7 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_READ_10, NONE, 7 },
	{ "READ (10), DPO FUA RARC, group", { 0x28, 0x1c, 0, 0, 0, 7, 0x3f, 0, 1 },
	  SHIFT_512, TYPE_DISK, SCST_OP_READ_10, READ_, 7, 1, 512 },
	{ "READ (10), CD", { 0x28, 0x18, 0, 0, 0, 16, 0, 0, 2 }, SHIFT_CD,
	  TYPE_ROM, SCST_OP_READ_10, READ_, 16, 2, 4096 },
	{ "WRITE (10)", { 0x2a, 8, 0, 0, 1, 0, 0, 1, 0 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_WRITE_10, WRITE_, 256, 256, 131072 },
	{ "WRITE (10), vendor bits of CONTROL",
	  { 0x2a, 0, 0, 0, 0, 1, 0, 0, 1, 0xc0 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_WRITE_10, WRITE_, 1, 1, 512 },

	{ "READ (12)", { 0xa8, 0, 1, 2, 3, 4, 0, 0x3f, 0xff, 0xff }, SHIFT_512,
	  TYPE_DISK, SCST_OP_READ_12, READ_, 0x01020304, 0x3fffff, 0x7ffffe00 },
	{ "READ (12), streaming, CD", { 0xa8, 0, 0, 0, 0, 16, 0, 0, 0, 1, 0x80 },
	  SHIFT_CD, TYPE_ROM, SCST_OP_READ_12, READ_, 16, 1, 2048 },
	{ "WRITE (12)", { 0xaa, 0, 0, 0, 0, 1, 0, 1, 0, 0 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_WRITE_12, WRITE_, 1, 0x10000, 0x2000000 },

	{ "READ (16)",
	  { 0x88, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 9 }, SHIFT_4K, TYPE_DISK,
	  SCST_OP_READ_16, READ_, 0x0102030405060708, 9, 36864 },
	{ "READ (16), largest of 512",
	  { 0x88, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0, 0x3f, 0xff, 0xff }, SHIFT_512, TYPE_DISK,
	  SCST_OP_READ_16, READ_, U64_MAX, 0x3fffff, 0x7ffffe00 },
	{ "READ (16), largest of 4k",
	  { 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x07, 0xff, 0xff }, SHIFT_4K,
	  TYPE_DISK, SCST_OP_READ_16, READ_, 0, 0x7ffff, 0x7ffff000 },
	{ "WRITE (16)",
	  { 0x8a, 0x18, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x3f }, SHIFT_512,
	  TYPE_DISK, SCST_OP_WRITE_16, WRITE_, 0x100000000, 1, 512 },

	/* Data is always there, whatever BYTCHK says. */
	{ "WRITE AND VERIFY (10)", { 0x2e, 0, 0, 0, 0, 1, 0, 0, 2 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_WRITE_VERIFY_10, WRITE_, 1, 2, 1024 },
	{ "WRITE AND VERIFY (10), BYTCHK 1", { 0x2e, 2, 0, 0, 0, 1, 0, 0, 2 },
	  SHIFT_512, TYPE_DISK, SCST_OP_WRITE_VERIFY_10, WRITE_, 1, 2, 1024 },
	{ "WRITE AND VERIFY (12)", { 0xae, 0x10, 0, 0, 0, 1, 0, 0, 0, 2 },
	  SHIFT_512, TYPE_DISK, SCST_OP_WRITE_VERIFY_12, WRITE_, 1, 2, 1024 },
	{ "WRITE AND VERIFY (16)",
	  { 0x8e, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_WRITE_VERIFY_16, WRITE_, 1, 2, 1024 },

	/* None, all, or one block for all */
	{ "VERIFY (10)", { 0x2f, 0, 0, 0, 0, 1, 0, 0, 2 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_VERIFY_10, NONE, 1, 2 },
	{ "VERIFY (10), BYTCHK 1", { 0x2f, 2, 0, 0, 0, 1, 0, 0, 2 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_VERIFY_10, WRITE_, 1, 2, 1024 },
	{ "VERIFY (10), BYTCHK 3", { 0x2f, 6, 0, 0, 0, 1, 0, 0, 2 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_VERIFY_10, WRITE_, 1, 2, 512 },
	{ "VERIFY (10), BYTCHK 1, nothing", { 0x2f, 2 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_VERIFY_10, NONE },
	{ "VERIFY (10), BYTCHK 3, nothing", { 0x2f, 6 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_VERIFY_10, NONE },
	{ "VERIFY (12), BYTCHK 3, any count",
	  { 0xaf, 6, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff }, SHIFT_4K, TYPE_DISK,
	  SCST_OP_VERIFY_12, WRITE_, 1, 0xffffffff, 4096 },
	/* No data, hence no limit */
	{ "VERIFY (16), any count",
	  { 0x8f, 0x10, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff },
	  SHIFT_4K, TYPE_DISK, SCST_OP_VERIFY_16, NONE, 1, 0xffffffff },

	{ "SYNCHRONIZE CACHE (10)", { 0x35 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_SYNC_CACHE_10, NONE },
	{ "SYNCHRONIZE CACHE (10), range", { 0x35, 2, 0, 0, 0, 9, 0, 0xff, 0xff },
	  SHIFT_512, TYPE_DISK, SCST_OP_SYNC_CACHE_10, NONE, 9, 0xffff },
	{ "SYNCHRONIZE CACHE (10), SYNC_NV", { 0x35, 4 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_SYNC_CACHE_10, NONE },
	{ "SYNCHRONIZE CACHE (16)",
	  { 0x91, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff },
	  SHIFT_4K, TYPE_DISK, SCST_OP_SYNC_CACHE_16, NONE,
	  0x0100000000000000, 0xffffffff },

	/* One block, however many are written; none at all with NDOB */
	{ "WRITE SAME (10)", { 0x41, 0x18, 0, 0, 0, 9, 0x3f, 0xff, 0xff },
	  SHIFT_4K, TYPE_DISK, SCST_OP_WRITE_SAME_10, WRITE_, 9, 0xffff, 4096 },
	{ "WRITE SAME (10), no number", { 0x41, 0, 0, 0, 0, 9 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_WRITE_SAME_10, WRITE_, 9, 0, 512 },
	{ "WRITE SAME (16)",
	  { 0x93, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff },
	  SHIFT_4K, TYPE_DISK, SCST_OP_WRITE_SAME_16, WRITE_,
	  0x0100000000000000, 0xffffffff, 4096 },
	{ "WRITE SAME (16), NDOB",
	  { 0x93, 9, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 8 }, SHIFT_512, TYPE_DISK,
	  SCST_OP_WRITE_SAME_16, NONE, 7, 8 },

	{ "UNMAP", { 0x42, 1, 0, 0, 0, 0, 0x3f, 0xff, 0xff }, SHIFT_512,
	  TYPE_DISK, SCST_OP_UNMAP, WRITE_, 0, 0, 0xffff },
	{ "UNMAP, no list", { 0x42 }, SHIFT_512, TYPE_DISK, SCST_OP_UNMAP,
	  NONE },
	{ "GET LBA STATUS",
	  { 0x9e, 0x12, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 24 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_GET_LBA_STATUS, READ_, 0x0102030405060708, 0, 24 },
	{ "GET LBA STATUS, 4 GiB",
	  { 0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff },
	  SHIFT_512, TYPE_DISK, SCST_OP_GET_LBA_STATUS, READ_, 0, 0, 262144 },

	{ "PRE-FETCH (10)", { 0x34, 2, 0, 0, 0, 9, 0x3f, 0xff, 0xff },
	  SHIFT_512, TYPE_DISK, SCST_OP_PRE_FETCH_10, NONE, 9, 0xffff },
	{ "PRE-FETCH (16)",
	  { 0x90, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff },
	  SHIFT_4K, TYPE_DISK, SCST_OP_PRE_FETCH_16, NONE,
	  0x0100000000000000, 0xffffffff },
	{ "READ DEFECT DATA (10)", { 0x37, 0, 0x1d, 0, 0, 0, 0, 1, 0 },
	  SHIFT_512, TYPE_DISK, SCST_OP_READ_DEFECT_10, READ_, 0, 0, 256 },
	{ "READ DEFECT DATA (12)",
	  { 0xb7, 0x1d, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 8 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_READ_DEFECT_12, READ_, 0, 0, 8 },

	{ "COMPARE AND WRITE",
	  { 0x89, 0x18, 1, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0xff, 0x3f },
	  SHIFT_4K, TYPE_DISK, SCST_OP_COMPARE_AND_WRITE, WRITE_,
	  0x0100000000000007, 255, 2 * 255 * 4096 },
	{ "COMPARE AND WRITE, nothing", { 0x89, 0, [9] = 7 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_COMPARE_AND_WRITE, NONE, 7 },
	{ "ORWRITE (16)",
	  { 0x8b, 0x18, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 1, 0, 0x3f }, SHIFT_512,
	  TYPE_DISK, SCST_OP_ORWRITE_16, WRITE_, 7, 256, 131072 },

	{ "REPORT LUNS", { 0xa0, 0, 2, 0, 0, 0, 0, 0, 2, 8 }, SHIFT_512,
	  TYPE_DISK, SCST_OP_REPORT_LUNS, READ_, 0, 0, 520 },
	/* A large allocation length is no error, and takes no memory. */
	{ "REPORT LUNS, 4 GiB",
	  { 0xa0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff }, SHIFT_512, TYPE_DISK,
	  SCST_OP_REPORT_LUNS, READ_, 0, 0, 262144 },
	{ "READ CAPACITY (16), 4 GiB",
	  { 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff },
	  SHIFT_512, TYPE_DISK, SCST_OP_READ_CAPACITY_16, READ_, 0, 0, 262144 },
	{ "REPORT SUPPORTED OPERATION CODES",
	  { 0xa3, 0x0c, 0x82, 0x9e, 0, 0x10, 0, 0, 1, 0 }, SHIFT_512,
	  TYPE_PROCESSOR, SCST_OP_REPORT_OPCODES, READ_, 0, 0, 256 },
};

KUNIT_ARRAY_PARAM_DESC(cdb, cdb_cases, name);

static void cdb_decode_test(struct kunit *test)
{
	const struct cdb_case *c = test->param_value;
	struct scst_cdb_info info;
	struct scst_cdb_error err;

	err = scst_cdb_decode(c->type, c->cdb, sizeof(c->cdb), c->shift, &info);
	KUNIT_ASSERT_TRUE(test, err.sense == SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, info.op->op, c->op);
	KUNIT_EXPECT_EQ(test, info.dir, c->dir);
	KUNIT_EXPECT_EQ(test, info.lba, c->lba);
	KUNIT_EXPECT_EQ(test, info.blocks, c->blocks);
	KUNIT_EXPECT_EQ(test, info.data_len, c->data_len);
}

struct refused_case {
	const char	*name;
	u8		cdb[16];
	u8		len;
	u8		type;
	u16		byte;	/* 0: INVALID COMMAND OPERATION CODE */
	s8		bit;
};

static const struct refused_case refused_cases[] = {
	{ "unknown opcode", { 0xc0 }, 16, TYPE_DISK },
	{ "a disk's command for a tape", { 0x28 }, 16, TYPE_TAPE },
	{ "COMPARE AND WRITE for a CD", { 0x89 }, 16, TYPE_ROM },
	{ "MODE SENSE (6) where there is nothing", { 0x1a }, 16, 0x1f },
	{ "unknown service action", { 0x9e, 0x1f }, 16, TYPE_DISK, 1, 4 },
	{ "no service action", { 0x9e }, 16, TYPE_DISK, 1, 4 },
	{ "unknown service action, other bits", { 0xa3, 0xfe, 0xff }, 16,
	  TYPE_DISK, 1, 4 },
	{ "short READ (10)", { 0x28 }, 6, TYPE_DISK, 6, -1 },
	{ "short READ (16)", { 0x88 }, 12, TYPE_DISK, 12, -1 },
	{ "short INQUIRY", { 0x12 }, 1, TYPE_DISK, 1, -1 },

	{ "NACA of the well known LU", { 0x00, 0, 0, 0, 0, 0x04 }, 6,
	  TYPE_WLUN, 5, 2 },
	{ "LINK", { 0x00, 0, 0, 0, 0, 0x01 }, 6, TYPE_DISK, 5, 0 },
	{ "LINK and vendor bits", { 0x00, 0, 0, 0, 0, 0xc1 }, 6, TYPE_DISK,
	  5, 0 },
	{ "reserved bits of TEST UNIT READY", { 0x00, 0, 0, 0x28 }, 6,
	  TYPE_DISK, 3, 5 },
	{ "SCSI-2's LUN and a reserved bit", { 0x12, 0xe2 }, 6, TYPE_DISK,
	  1, 1 },
	{ "READ (6), LBA of 22 bits", { 0x08, 0x20 }, 6, TYPE_DISK, 1, 5 },
	{ "RDPROTECT", { 0x28, 0x20 }, 10, TYPE_DISK, 1, 5 },
	{ "WRPROTECT of WRITE (16)", { 0x8a, 0xe0 }, 16, TYPE_DISK, 1, 7 },
	{ "RELADR", { 0x28, 0x01 }, 10, TYPE_DISK, 1, 0 },
	{ "RARC of a write", { 0x2a, 0x04 }, 10, TYPE_DISK, 1, 2 },
	{ "duration limit", { 0x88, 0, [14] = 0x40 }, 16, TYPE_DISK, 14, 6 },
	{ "group number for a CD", { 0x28, 0, [6] = 1 }, 10, TYPE_ROM, 6, 0 },
	{ "READ CAPACITY (10), LBA", { 0x25, 0, 0, 0, 0, 1 }, 10, TYPE_DISK,
	  5, 0 },
	{ "READ CAPACITY (10), PMI", { 0x25, [8] = 1 }, 10, TYPE_DISK, 8, 0 },
	{ "persistent prevent of a disk", { 0x1e, 0, 0, 0, 2 }, 6, TYPE_DISK,
	  4, 1 },
	{ "CMDDT", { 0x12, 2 }, 6, TYPE_DISK, 1, 1 },

	{ "BYTCHK 2 of VERIFY (10)", { 0x2f, 4, [8] = 1 }, 10, TYPE_DISK,
	  1, 2 },
	{ "BYTCHK 2 of VERIFY (12)", { 0xaf, 4, [9] = 1 }, 12, TYPE_DISK,
	  1, 2 },
	{ "BYTCHK 2 of VERIFY (16)", { 0x8f, 4, [13] = 1 }, 16, TYPE_DISK,
	  1, 2 },
	{ "BYTCHK 2 of WRITE AND VERIFY", { 0x2e, 4, [8] = 1 }, 10, TYPE_DISK,
	  1, 2 },
	{ "BYTCHK 3 of WRITE AND VERIFY", { 0x2e, 6, [8] = 1 }, 10, TYPE_DISK,
	  1, 2 },

	{ "obsolete bit of WRITE SAME (10)", { 0x41, 1 }, 10, TYPE_DISK, 1, 0 },
	{ "LBDATA of WRITE SAME (10)", { 0x41, 2 }, 10, TYPE_DISK, 1, 1 },
	{ "PBDATA of WRITE SAME (16)", { 0x93, 4 }, 16, TYPE_DISK, 1, 2 },
	{ "WRPROTECT of WRITE SAME (16)", { 0x93, 0x21 }, 16, TYPE_DISK, 1, 5 },

	{ "reserved bit of UNMAP", { 0x42, 2 }, 10, TYPE_DISK, 1, 1 },
	{ "WRITE SAME (10) for a CD", { 0x41 }, 10, TYPE_ROM },

	{ "COMPARE AND WRITE, more than 255 blocks", { 0x89, [12] = 1 }, 16,
	  TYPE_DISK, 12, 0 },
	{ "WRPROTECT of COMPARE AND WRITE", { 0x89, 0x80 }, 16, TYPE_DISK,
	  1, 7 },
	{ "ORPROTECT", { 0x8b, 0x20 }, 16, TYPE_DISK, 1, 5 },

	/* 2^22 blocks of 512 bytes are one byte more than INT_MAX. */
	{ "READ (12), 2 GiB", { 0xa8, [7] = 0x40 }, 12, TYPE_DISK, 6, -1 },
	{ "WRITE (12), 2 TiB", { 0xaa, 0, [6] = 0xff, 0xff, 0xff, 0xff }, 12,
	  TYPE_DISK, 6, -1 },
	{ "READ (16), 2 GiB", { 0x88, [11] = 0x40 }, 16, TYPE_DISK, 10, -1 },
	{ "WRITE (16), 2 TiB", { 0x8a, [10] = 0xff, 0xff, 0xff, 0xff }, 16,
	  TYPE_DISK, 10, -1 },
	{ "WRITE AND VERIFY (16), 2 GiB", { 0x8e, [11] = 0x40 }, 16, TYPE_DISK,
	  10, -1 },
	{ "VERIFY (16) with data, 2 GiB", { 0x8f, 2, [11] = 0x40 }, 16,
	  TYPE_DISK, 10, -1 },
	/* A reserved bit comes first, in byte order or not. */
	{ "READ (16), 2 GiB, reserved bit", { 0x88, [11] = 0x40, [14] = 0x80 },
	  16, TYPE_DISK, 14, 7 },
};

KUNIT_ARRAY_PARAM_DESC(refused, refused_cases, name);

static void cdb_refused_test(struct kunit *test)
{
	const struct refused_case *c = test->param_value;
	struct scst_cdb_info info, before;
	struct scst_cdb_error err;

	memset(&info, 0xa5, sizeof(info));
	before = info;
	err = scst_cdb_decode(c->type, c->cdb, c->len, SHIFT_512, &info);
	KUNIT_EXPECT_MEMEQ(test, &info, &before, sizeof(info));
	if (!c->byte) {
		KUNIT_EXPECT_TRUE(test,
				  err.sense == SCST_SENSE_INVALID_OPCODE);
		return;
	}
	KUNIT_EXPECT_TRUE(test, err.sense == SCST_SENSE_INVALID_FIELD_CDB);
	KUNIT_EXPECT_EQ(test, err.byte, c->byte);
	KUNIT_EXPECT_EQ(test, err.bit, c->bit);
}

struct range_case {
	const char	*name;
	u64		lba;
	u64		blocks;
	u64		nblocks;
	bool		ok;
};

static const struct range_case range_cases[] = {
	{ "all of it", 0, 100, 100, true },
	{ "last block", 99, 1, 100, true },
	{ "one too many", 99, 2, 100, false },
	{ "behind the end", 100, 1, 100, false },
	{ "nothing, at the end", 100, 0, 100, true },
	{ "nothing, behind the end", 101, 0, 100, false },
	{ "nothing, far away", U64_MAX, 0, 100, false },
	{ "wraps around", U64_MAX, 2, 100, false },
	{ "wraps around to the end", U64_MAX - 9, 10 + 100, 100, false },
	{ "largest device, last block", U64_MAX - 1, 1, U64_MAX, true },
	{ "largest device, end", U64_MAX, 0, U64_MAX, true },
	{ "largest device, behind", U64_MAX, 1, U64_MAX, false },
	{ "no medium", 0, 1, 0, false },
	{ "no medium, nothing", 0, 0, 0, true },
};

KUNIT_ARRAY_PARAM_DESC(range, range_cases, name);

static void cdb_range_test(struct kunit *test)
{
	const struct range_case *c = test->param_value;
	struct scst_cdb_info info = { .lba = c->lba, .blocks = c->blocks };
	scst_sense_t sense = scst_cdb_check_range(&info, c->nblocks);

	KUNIT_EXPECT_TRUE(test, sense == (c->ok ? SCST_SENSE_NONE :
					  SCST_SENSE_LBA_OUT_OF_RANGE));
}

static struct kunit_case cdb_test_cases[] = {
	KUNIT_CASE_PARAM(cdb_decode_test, cdb_gen_params),
	KUNIT_CASE_PARAM(cdb_refused_test, refused_gen_params),
	KUNIT_CASE_PARAM(cdb_range_test, range_gen_params),
	{}
};

static struct kunit_suite cdb_suite = {
	.name = "scst_cdb",
	.test_cases = cdb_test_cases,
};

kunit_test_suite(cdb_suite);
