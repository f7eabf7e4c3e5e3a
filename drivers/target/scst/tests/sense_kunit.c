// SPDX-License-Identifier: GPL-2.0
/*
 * How commands end: sense data byte for byte, errnos and block layer statuses.
 */
#include <kunit/test.h>
#include <scst/command.h>
#include "../scst_pure.h"

/* What a command holds before the setter under test, to see what it clears */
#define SENSE_GARBAGE	0xa5
#define SENSE_RESP_LEN	4096

enum sense_setter {
	SET_ERROR,
	SET_FIELD,
	SET_INFO,
};

struct sense_case {
	const char		*name;
	bool			desc;
	enum sense_setter	set;
	scst_sense_t		sense;
	u64			info;	/* or the byte of a field pointer */
	int			bit;
	u8			len;
	u8			bytes[32];
};

static const struct sense_case sense_cases[] = {
	{ "fixed", false, SET_ERROR, SCST_SENSE_INVALID_OPCODE, 0, 0, 18,
	  { 0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20, 0 } },
	{ "descriptor", true, SET_ERROR, SCST_SENSE_INVALID_OPCODE, 0, 0, 8,
	  { 0x72, 5, 0x20, 0, 0, 0, 0, 0 } },
	{ "fixed, with a qualifier", false, SET_ERROR,
	  SCST_SENSE_SOFT_WRITE_PROTECTED, 0, 0, 18,
	  { 0x70, 0, 7, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x27, 2 } },
	{ "descriptor, with a qualifier", true, SET_ERROR,
	  SCST_SENSE_SOFT_WRITE_PROTECTED, 0, 0, 8,
	  { 0x72, 7, 0x27, 2, 0, 0, 0, 0 } },

	{ "fixed, field of the CDB", false, SET_FIELD,
	  SCST_SENSE_INVALID_FIELD_CDB, 4, -1, 18,
	  { 0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0,
	    0xc0, 0, 4 } },
	{ "fixed, bit 0 of the CDB", false, SET_FIELD,
	  SCST_SENSE_INVALID_FIELD_CDB, 1, 0, 18,
	  { 0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0,
	    0xc8, 0, 1 } },
	{ "fixed, bit 7 of the CDB", false, SET_FIELD,
	  SCST_SENSE_INVALID_FIELD_CDB, 259, 7, 18,
	  { 0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0,
	    0xcf, 1, 3 } },
	{ "fixed, parameter list", false, SET_FIELD,
	  SCST_SENSE_INVALID_FIELD_PARAM, 0x1234, 3, 18,
	  { 0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x26, 0, 0,
	    0x8b, 0x12, 0x34 } },
	{ "descriptor, field of the CDB", true, SET_FIELD,
	  SCST_SENSE_INVALID_FIELD_CDB, 4, -1, 16,
	  { 0x72, 5, 0x24, 0, 0, 0, 0, 8, 2, 6, 0, 0, 0xc0, 0, 4, 0 } },
	{ "descriptor, bit 5 of the CDB", true, SET_FIELD,
	  SCST_SENSE_INVALID_FIELD_CDB, 259, 5, 16,
	  { 0x72, 5, 0x24, 0, 0, 0, 0, 8, 2, 6, 0, 0, 0xcd, 1, 3, 0 } },
	{ "descriptor, parameter list", true, SET_FIELD,
	  SCST_SENSE_INVALID_FIELD_PARAM, 0x1234, 3, 16,
	  { 0x72, 5, 0x26, 0, 0, 0, 0, 8, 2, 6, 0, 0, 0x8b, 0x12, 0x34, 0 } },

	{ "fixed, INFORMATION 0", false, SET_INFO, SCST_SENSE_READ_ERROR, 0, 0,
	  18, { 0xf0, 0, 3, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x11, 0 } },
	{ "fixed, largest INFORMATION", false, SET_INFO, SCST_SENSE_READ_ERROR,
	  0xfffefdfc, 0, 18,
	  { 0xf0, 0, 3, 0xff, 0xfe, 0xfd, 0xfc, 10, 0, 0, 0, 0, 0x11, 0 } },
	/* SPC-5 4.4.3: VALID is zero where 32 bits are not enough. */
	{ "fixed, too large INFORMATION", false, SET_INFO,
	  SCST_SENSE_READ_ERROR, 0x100000001, 0, 18,
	  { 0x70, 0, 3, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x11, 0 } },
	{ "descriptor, INFORMATION 0", true, SET_INFO, SCST_SENSE_READ_ERROR,
	  0, 0, 20,
	  { 0x72, 3, 0x11, 0, 0, 0, 0, 12, 0, 10, 0x80, 0 } },
	{ "descriptor, large INFORMATION", true, SET_INFO,
	  SCST_SENSE_READ_ERROR, 0x0102030405060708, 0, 20,
	  { 0x72, 3, 0x11, 0, 0, 0, 0, 12, 0, 10, 0x80, 0,
	    1, 2, 3, 4, 5, 6, 7, 8 } },
};

KUNIT_ARRAY_PARAM_DESC(sense, sense_cases, name);

static struct scst_cmd *sense_cmd(struct kunit *test, bool has_dev, bool desc)
{
	struct scst_cmd *cmd;

	cmd = kunit_kzalloc(test, sizeof(*cmd), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cmd);
	if (has_dev) {
		cmd->dev = kunit_kzalloc(test, sizeof(*cmd->dev), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cmd->dev);
		cmd->dev->control.d_sense = desc;
	}
	memset(cmd->sense, SENSE_GARBAGE, sizeof(cmd->sense));
	cmd->resp_len = SENSE_RESP_LEN;
	return cmd;
}

static void sense_set(struct scst_cmd *cmd, const struct sense_case *c)
{
	switch (c->set) {
	case SET_ERROR:
		scst_set_cmd_error(cmd, c->sense);
		break;
	case SET_FIELD:
		scst_set_cmd_error_field(cmd, c->sense, c->info, c->bit);
		break;
	case SET_INFO:
		scst_set_cmd_error_info(cmd, c->sense, c->info);
		break;
	}
}

static void sense_expect(struct kunit *test, const struct scst_cmd *cmd,
			 const struct sense_case *c)
{
	KUNIT_EXPECT_EQ(test, cmd->status, SAM_STAT_CHECK_CONDITION);
	KUNIT_EXPECT_EQ(test, cmd->resp_len, 0);
	KUNIT_EXPECT_EQ(test, cmd->sense_len, c->len);
	KUNIT_EXPECT_MEMEQ(test, cmd->sense, c->bytes, c->len);
	/* Nor does anything else leave when a transport sends a fixed length */
	KUNIT_EXPECT_NULL(test, memchr_inv(cmd->sense + c->len, 0,
					   sizeof(cmd->sense) - c->len));
}

static void sense_format_test(struct kunit *test)
{
	const struct sense_case *c = test->param_value;
	struct scst_cmd *cmd = sense_cmd(test, true, c->desc);

	sense_set(cmd, c);
	sense_expect(test, cmd, c);
}

/* Nothing of an earlier error shines through a later one. */
static void sense_replace_test(struct kunit *test)
{
	const struct sense_case *c = test->param_value;
	struct scst_cmd *cmd = sense_cmd(test, true, c->desc);
	int i;

	for (i = 0; i < ARRAY_SIZE(sense_cases); i++) {
		if (sense_cases[i].desc != c->desc)
			continue;
		sense_set(cmd, &sense_cases[i]);
		sense_set(cmd, c);
		sense_expect(test, cmd, c);
	}
}

/* Where there is no logical unit there is no D_SENSE: fixed format. */
static void sense_no_dev_test(struct kunit *test)
{
	const struct sense_case *c = test->param_value;
	struct scst_cmd *cmd = sense_cmd(test, false, false);

	sense_set(cmd, c);
	KUNIT_EXPECT_EQ(test, cmd->sense[0] & 0x7f, 0x70);
	KUNIT_EXPECT_EQ(test, cmd->sense_len, 18);
	if (!c->desc)
		sense_expect(test, cmd, c);
}

static void sense_status_test(struct kunit *test)
{
	struct scst_cmd *cmd = sense_cmd(test, true, false);

	scst_set_cmd_error(cmd, SCST_SENSE_HW_ERROR);
	scst_set_cmd_status(cmd, SAM_STAT_BUSY);
	KUNIT_EXPECT_EQ(test, cmd->status, SAM_STAT_BUSY);
	KUNIT_EXPECT_EQ(test, cmd->sense_len, 0);
	KUNIT_EXPECT_EQ(test, cmd->resp_len, 0);

	cmd->resp_len = SENSE_RESP_LEN;
	scst_set_cmd_status(cmd, SAM_STAT_GOOD);
	KUNIT_EXPECT_EQ(test, cmd->status, SAM_STAT_GOOD);
	KUNIT_EXPECT_EQ(test, cmd->sense_len, 0);
	KUNIT_EXPECT_EQ(test, cmd->resp_len, SENSE_RESP_LEN);
}

static void sense_build_test(struct kunit *test)
{
	static const u8 fixed[18] = { 0x70, [7] = 10 };
	static const u8 desc[8] = { 0x72 };
	static const u8 ua[18] = {
		0x70, 0, 6, [7] = 10, [12] = 0x29, [13] = 1,
	};
	u8 buf[SCST_SENSE_SIZE];

	memset(buf, SENSE_GARBAGE, sizeof(buf));
	KUNIT_EXPECT_EQ(test, scst_sense_build(buf, false, SCST_SENSE_NONE),
			sizeof(fixed));
	KUNIT_EXPECT_MEMEQ(test, buf, fixed, sizeof(fixed));
	KUNIT_EXPECT_NULL(test, memchr_inv(buf + sizeof(fixed), 0,
					   sizeof(buf) - sizeof(fixed)));

	memset(buf, SENSE_GARBAGE, sizeof(buf));
	KUNIT_EXPECT_EQ(test, scst_sense_build(buf, true, SCST_SENSE_NONE),
			sizeof(desc));
	KUNIT_EXPECT_MEMEQ(test, buf, desc, sizeof(desc));
	KUNIT_EXPECT_NULL(test, memchr_inv(buf + sizeof(desc), 0,
					   sizeof(buf) - sizeof(desc)));

	KUNIT_EXPECT_EQ(test,
			scst_sense_build(buf, false,
					 SCST_SENSE(UNIT_ATTENTION, 0x29, 1)),
			sizeof(ua));
	KUNIT_EXPECT_MEMEQ(test, buf, ua, sizeof(ua));
}

/* What a failure of the backing store looks like to a READ (10) of LBA 0x1234 */
struct failure_case {
	const char	*name;
	int		code;
	u8		status;
	scst_sense_t	sense;
};

#define SENSE_CASE(code, sense)		\
	{ #code, (__force int)(code), SAM_STAT_CHECK_CONDITION, SCST_SENSE_##sense }
#define STATUS_CASE(code, status)	\
	{ #code, (__force int)(code), SAM_STAT_##status }

static const struct failure_case errno_cases[] = {
	SENSE_CASE(-ENOSPC, SPACE_ALLOC_FAILED),
	SENSE_CASE(-EDQUOT, SPACE_ALLOC_FAILED),
	SENSE_CASE(-EROFS, WRITE_PROTECTED),
	SENSE_CASE(-EPERM, WRITE_PROTECTED),
	STATUS_CASE(-ENOMEM, BUSY),
	STATUS_CASE(-EAGAIN, BUSY),
	SENSE_CASE(-EIO, READ_ERROR),
	SENSE_CASE(-EINVAL, READ_ERROR),
	SENSE_CASE(-EFBIG, SPACE_ALLOC_FAILED),
	SENSE_CASE(-ENODEV, NOT_READY),
	SENSE_CASE(-ENXIO, NOT_READY),
	SENSE_CASE(-ESTALE, NOT_READY),
	SENSE_CASE(-ETIMEDOUT, HW_ERROR),
	SENSE_CASE(-ENOLINK, HW_ERROR),
	SENSE_CASE(-EREMOTEIO, HW_ERROR),
	SENSE_CASE(-ENODATA, READ_ERROR),
	SENSE_CASE(0, READ_ERROR),
};

static const struct failure_case blk_status_cases[] = {
	SENSE_CASE(BLK_STS_NOTSUPP, INVALID_FIELD_CDB),
	SENSE_CASE(BLK_STS_TIMEOUT, HW_ERROR),
	SENSE_CASE(BLK_STS_NOSPC, SPACE_ALLOC_FAILED),
	SENSE_CASE(BLK_STS_TRANSPORT, HW_ERROR),
	SENSE_CASE(BLK_STS_TARGET, HW_ERROR),
	STATUS_CASE(BLK_STS_RESV_CONFLICT, RESERVATION_CONFLICT),
	SENSE_CASE(BLK_STS_MEDIUM, READ_ERROR),
	STATUS_CASE(BLK_STS_RESOURCE, BUSY),
	SENSE_CASE(BLK_STS_IOERR, READ_ERROR),
	STATUS_CASE(BLK_STS_DM_REQUEUE, BUSY),
	STATUS_CASE(BLK_STS_AGAIN, BUSY),
	STATUS_CASE(BLK_STS_DEV_RESOURCE, BUSY),
	SENSE_CASE(BLK_STS_OFFLINE, NOT_READY),
	SENSE_CASE(BLK_STS_INVAL, INVALID_FIELD_CDB),
};

KUNIT_ARRAY_PARAM_DESC(errno, errno_cases, name);
KUNIT_ARRAY_PARAM_DESC(blk_status, blk_status_cases, name);

static void sense_decode(struct kunit *test, struct scst_cmd *cmd,
			 const u8 *cdb)
{
	struct scst_cdb_error err = scst_cdb_decode(TYPE_DISK, cdb, 16, 9,
						    &cmd->info);

	KUNIT_ASSERT_TRUE(test, err.sense == SCST_SENSE_NONE);
}

static struct scst_cmd *sense_read_cmd(struct kunit *test)
{
	static const u8 cdb[16] = { READ_10, 0, 0, 0, 0x12, 0x34, 0, 0, 1 };
	struct scst_cmd *cmd = sense_cmd(test, true, false);

	sense_decode(test, cmd, cdb);
	return cmd;
}

static void sense_expect_failure(struct kunit *test, const struct scst_cmd *cmd,
				 const struct failure_case *c)
{
	struct sense_case want = {
		.len = 18,
		.bytes = {
			0x70, 0, scst_sense_key(c->sense), [7] = 10,
			[12] = scst_sense_asc(c->sense),
			[13] = scst_sense_ascq(c->sense),
		},
	};

	if (c->status != SAM_STAT_CHECK_CONDITION) {
		KUNIT_EXPECT_EQ(test, cmd->status, c->status);
		KUNIT_EXPECT_EQ(test, cmd->sense_len, 0);
		KUNIT_EXPECT_EQ(test, cmd->resp_len, 0);
		return;
	}
	sense_expect(test, cmd, &want);
}

static void sense_errno_test(struct kunit *test)
{
	const struct failure_case *c = test->param_value;
	struct scst_cmd *cmd = sense_read_cmd(test);

	scst_set_cmd_errno(cmd, c->code);
	sense_expect_failure(test, cmd, c);
}

static void sense_blk_status_test(struct kunit *test)
{
	const struct failure_case *c = test->param_value;
	struct scst_cmd *cmd = sense_read_cmd(test);

	scst_set_cmd_blk_status(cmd, (__force blk_status_t)c->code);
	sense_expect_failure(test, cmd, c);
}

/* Which medium error is it? */
struct medium_case {
	const char	*name;
	u8		cdb[16];
	scst_sense_t	sense;
};

static const struct medium_case medium_cases[] = {
	{ "READ (16)", { READ_16 }, SCST_SENSE_READ_ERROR },
	{ "READ CAPACITY (10)", { READ_CAPACITY }, SCST_SENSE_READ_ERROR },
	{ "VERIFY (10) without data", { VERIFY }, SCST_SENSE_READ_ERROR },
	{ "VERIFY (10) with data", { VERIFY, 2 }, SCST_SENSE_READ_ERROR },
	{ "WRITE (10)", { WRITE_10 }, SCST_SENSE_WRITE_ERROR },
	{ "WRITE AND VERIFY (16)", { WRITE_VERIFY_16 },
	  SCST_SENSE_WRITE_ERROR },
	{ "SYNCHRONIZE CACHE (10)", { SYNCHRONIZE_CACHE },
	  SCST_SENSE_WRITE_ERROR },
};

KUNIT_ARRAY_PARAM_DESC(medium, medium_cases, name);

static void sense_medium_test(struct kunit *test)
{
	const struct medium_case *c = test->param_value;
	struct scst_cmd *cmd = sense_cmd(test, true, true);

	sense_decode(test, cmd, c->cdb);
	scst_set_cmd_errno(cmd, -EIO);
	KUNIT_EXPECT_EQ(test, cmd->sense[1], MEDIUM_ERROR);
	KUNIT_EXPECT_EQ(test, cmd->sense[2], scst_sense_asc(c->sense));
	/* No INFORMATION: which block it was is not known. */
	KUNIT_EXPECT_EQ(test, cmd->sense_len, 8);
}

/* A command that was not decoded: there is nothing to say about an LBA. */
static void sense_undecoded_test(struct kunit *test)
{
	struct scst_cmd *cmd = sense_cmd(test, true, true);

	scst_set_cmd_errno(cmd, -EIO);
	KUNIT_EXPECT_EQ(test, cmd->status, SAM_STAT_CHECK_CONDITION);
	KUNIT_EXPECT_EQ(test, cmd->sense[1], MEDIUM_ERROR);
	KUNIT_EXPECT_EQ(test, cmd->sense_len, 8);
}

/* SPC-5 4.4.2.4.4, in both formats */
static void sense_progress_test(struct kunit *test)
{
	static const u8 fixed[SCST_SENSE_FIXED_LEN] = {
		0x70, 0, NOT_READY, [7] = 10, [12] = 0x04, 0x1b,
		[15] = 0x80, 0xab, 0xcd,
	};
	static const u8 desc[] = {
		0x72, NOT_READY, 0x04, 0x1b, 0, 0, 0, 8,
		0x02, 6, 0, 0, 0x80, 0xab, 0xcd, 0,
	};
	u8 buf[SCST_SENSE_SIZE];

	scst_sense_build(buf, false, SCST_SENSE_SANITIZING);
	KUNIT_EXPECT_EQ(test, scst_sense_add_progress(buf, 0xabcd),
			sizeof(fixed));
	KUNIT_EXPECT_MEMEQ(test, buf, fixed, sizeof(fixed));
	scst_sense_build(buf, true, SCST_SENSE_SANITIZING);
	KUNIT_EXPECT_EQ(test, scst_sense_add_progress(buf, 0xabcd),
			sizeof(desc));
	KUNIT_EXPECT_MEMEQ(test, buf, desc, sizeof(desc));
}

static struct kunit_case sense_test_cases[] = {
	KUNIT_CASE(sense_progress_test),
	KUNIT_CASE_PARAM(sense_format_test, sense_gen_params),
	KUNIT_CASE_PARAM(sense_replace_test, sense_gen_params),
	KUNIT_CASE_PARAM(sense_no_dev_test, sense_gen_params),
	KUNIT_CASE(sense_status_test),
	KUNIT_CASE(sense_build_test),
	KUNIT_CASE_PARAM(sense_errno_test, errno_gen_params),
	KUNIT_CASE_PARAM(sense_blk_status_test, blk_status_gen_params),
	KUNIT_CASE_PARAM(sense_medium_test, medium_gen_params),
	KUNIT_CASE(sense_undecoded_test),
	{}
};

static struct kunit_suite sense_suite = {
	.name = "scst_sense",
	.test_cases = sense_test_cases,
};

kunit_test_suite(sense_suite);
