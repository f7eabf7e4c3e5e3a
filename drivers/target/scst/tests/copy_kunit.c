// SPDX-License-Identifier: GPL-2.0
/*
 * Third-party copies: parameter lists of EXTENDED COPY, byte by byte as SPC-5
 * 6.6 and 6.7 have them, the blocks that segments move, and what is reported.
 */
#include <kunit/test.h>
#include <linux/sizes.h>
#include <linux/unaligned.h>
#include "../copy.h"
#include "../scst_pure.h"

#define LIST_MAX	(SCST_COPY_MAX_PARAM + 2 * SCST_COPY_CSCD_LEN)

/**
 * struct copy_case - a list in the making, and what is found in it
 * @lid4: EXTENDED COPY(LID4)
 * @buf: list
 * @len: its length
 * @list: result
 */
struct copy_case {
	bool			lid4;
	u8			buf[LIST_MAX];
	unsigned int		len;
	struct scst_copy_list	list;
};

static const u8 copy_naa[] = { 0x30, 1, 2, 3, 4, 5, 6, 7 };

static unsigned int copy_header(const struct copy_case *c)
{
	return c->lid4 ? SCST_COPY_LID4_HEADER : SCST_COPY_LID1_HEADER;
}

static void copy_add_cscd(u8 *desc)
{
	desc[0] = 0xe4;
	desc[4] = 1;
	desc[5] = 3;
	desc[7] = sizeof(copy_naa);
	memcpy(desc + 8, copy_naa, sizeof(copy_naa));
	put_unaligned_be24(512, desc + 29);
}

static void copy_add_segment(u8 *desc, unsigned int number)
{
	desc[0] = 0x02;
	put_unaligned_be16(24, desc + 2);
	put_unaligned_be16(number, desc + 6);
	put_unaligned_be16(8 + number, desc + 10);
	put_unaligned_be64(0x0102030405060708, desc + 12);
	put_unaligned_be64(0x1112131415161718, desc + 20);
}

static struct copy_case *copy_case(struct kunit *test, bool lid4,
				   unsigned int cscds, unsigned int segs)
{
	struct copy_case *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->lid4 = lid4;
	c->len = copy_header(c);
	for (i = 0; i < cscds; i++, c->len += 32)
		copy_add_cscd(c->buf + c->len);
	for (i = 0; i < segs; i++, c->len += 28)
		copy_add_segment(c->buf + c->len, i);
	if (lid4) {
		c->buf[0] = 1;
		c->buf[3] = 0x20;
		c->buf[16] = 0xff;
		put_unaligned_be32(0x01020304, c->buf + 20);
		put_unaligned_be16(cscds * 32, c->buf + 42);
		put_unaligned_be16(segs * 28, c->buf + 44);
	} else {
		c->buf[0] = 7;
		put_unaligned_be16(cscds * 32, c->buf + 2);
		put_unaligned_be32(segs * 28, c->buf + 8);
	}
	return c;
}

static void copy_expect(struct kunit *test, struct copy_case *c,
			scst_sense_t sense)
{
	struct scst_copy_error error = scst_copy_parse(c->lid4, c->buf, c->len,
						       &c->list);

	KUNIT_EXPECT_EQ(test, (__force u32)error.sense, (__force u32)sense);
}

static void copy_expect_field(struct kunit *test, struct copy_case *c,
			      u16 byte, int bit)
{
	struct scst_copy_error error = scst_copy_parse(c->lid4, c->buf, c->len,
						       &c->list);

	KUNIT_EXPECT_TRUE(test, error.sense == SCST_SENSE_INVALID_FIELD_PARAM);
	KUNIT_EXPECT_EQ(test, error.byte, byte);
	KUNIT_EXPECT_EQ(test, error.bit, bit);
}

static void copy_good_test(struct kunit *test)
{
	struct copy_case *c = copy_case(test, false, 2, 3);
	const struct scst_copy_segment *seg = &c->list.segs[2];
	u8 *last = c->buf + c->len - 28;

	c->buf[1] = 0x10;	/* data may be discarded */
	last[1] = 0x02;		/* DC */
	last[5] = 1;
	copy_expect(test, c, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, c->list.id, 7);
	KUNIT_EXPECT_EQ(test, c->list.id_usage, SCST_COPY_ID_DISCARD);
	KUNIT_EXPECT_EQ(test, c->list.nr_cscds, 2);
	KUNIT_EXPECT_EQ(test, c->list.nr_segs, 3);
	KUNIT_EXPECT_EQ(test, c->list.cscds[1].desig_type, 3);
	KUNIT_EXPECT_EQ(test, c->list.cscds[1].code_set, 1);
	KUNIT_EXPECT_EQ(test, c->list.cscds[1].block_len, 512);
	KUNIT_EXPECT_EQ(test, c->list.cscds[1].desig_len, 8);
	KUNIT_EXPECT_MEMEQ(test, c->list.cscds[1].desig, copy_naa, 8);
	KUNIT_EXPECT_FALSE(test, c->list.segs[1].dst_blocks);
	KUNIT_EXPECT_TRUE(test, seg->dst_blocks);
	KUNIT_EXPECT_EQ(test, seg->src, 1);
	KUNIT_EXPECT_EQ(test, seg->dst, 2);
	KUNIT_EXPECT_EQ(test, seg->blocks, 10);
	KUNIT_EXPECT_EQ(test, seg->src_lba, 0x0102030405060708);
	KUNIT_EXPECT_EQ(test, seg->dst_lba, 0x1112131415161718);
}

static void copy_lid4_test(struct kunit *test)
{
	struct copy_case *c = copy_case(test, true, 1, 1);
	unsigned int i;

	copy_expect(test, c, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, c->list.id, 0x01020304);
	KUNIT_EXPECT_EQ(test, c->list.nr_segs, 1);
	c->buf[15] = 1;
	copy_expect_field(test, c, 15, 0);
	c->buf[15] = 0;
	c->buf[0] = 0;
	copy_expect_field(test, c, 0, 7);
	c->buf[0] = 1;
	c->buf[3] = 0x1f;
	copy_expect_field(test, c, 2, 7);
	c->buf[3] = 0x20;
	c->buf[16] = 0xe4;
	copy_expect_field(test, c, 16, 7);
	c->buf[16] = 0xff;
	for (i = 0; i < 108; i++) {
		c->len = i;
		copy_expect(test, c, SCST_SENSE_PARAM_LIST_LENGTH);
	}
}

/* Cut anywhere, it is a list length error; more behind it means nothing. */
static void copy_truncated_test(struct kunit *test)
{
	struct copy_case *c = copy_case(test, false, 2, 2);
	unsigned int len = c->len;

	for (c->len = 0; c->len < len; c->len++)
		copy_expect(test, c, SCST_SENSE_PARAM_LIST_LENGTH);
	for (; c->len < len + 40; c->len++)
		copy_expect(test, c, SCST_SENSE_NONE);
}

static void copy_limits_test(struct kunit *test)
{
	struct copy_case *c;

	copy_expect(test, copy_case(test, false, 16, 64), SCST_SENSE_NONE);
	copy_expect(test, copy_case(test, false, 0, 0), SCST_SENSE_NONE);
	copy_expect(test, copy_case(test, false, 17, 1),
		    SCST_SENSE_COPY_TOO_MANY_CSCDS);
	copy_expect(test, copy_case(test, false, 1, 65),
		    SCST_SENSE_COPY_TOO_MANY_SEGS);
	/* Longer than MAXIMUM DESCRIPTOR LIST LENGTH */
	copy_expect(test, copy_case(test, false, 17, 64),
		    SCST_SENSE_PARAM_LIST_LENGTH);

	c = copy_case(test, false, 1, 1);
	put_unaligned_be32(4, c->buf + 12);
	c->len += 4;
	copy_expect(test, c, SCST_SENSE_COPY_INLINE);
	/* Sums that do not fit into 32 bits */
	put_unaligned_be32(U32_MAX, c->buf + 12);
	copy_expect(test, c, SCST_SENSE_PARAM_LIST_LENGTH);
	put_unaligned_be32(0, c->buf + 12);
	put_unaligned_be32(U32_MAX, c->buf + 8);
	copy_expect(test, c, SCST_SENSE_PARAM_LIST_LENGTH);
	put_unaligned_be32(U32_MAX - 16 - 32, c->buf + 8);
	copy_expect(test, c, SCST_SENSE_PARAM_LIST_LENGTH);
	/* Half a descriptor */
	c = copy_case(test, false, 2, 1);
	put_unaligned_be16(33, c->buf + 2);
	copy_expect(test, c, SCST_SENSE_PARAM_LIST_LENGTH);
	c = copy_case(test, false, 1, 2);
	put_unaligned_be32(29, c->buf + 8);
	copy_expect(test, c, SCST_SENSE_PARAM_LIST_LENGTH);
}

static void copy_fields_test(struct kunit *test)
{
	struct copy_case *c = copy_case(test, false, 2, 1);
	u8 *cscd = c->buf + 16 + 32;
	u8 *seg = c->buf + 16 + 64;

	c->buf[1] = 0x08;
	copy_expect_field(test, c, 1, 4);
	c->buf[1] = 0x18;
	copy_expect_field(test, c, 0, 7);
	c->buf[0] = 0;
	copy_expect(test, c, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, c->list.id_usage, SCST_COPY_ID_NONE);

	cscd[0] = 0xe0;
	copy_expect(test, c, SCST_SENSE_COPY_CSCD_TYPE);
	cscd[0] = 0xe4;
	/* LU ID TYPE and NUL mean nothing here. */
	cscd[1] = 0xe5;
	copy_expect(test, c, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, c->list.cscds[1].type, 5);
	cscd[7] = 21;
	copy_expect_field(test, c, 55, 7);
	cscd[7] = 20;
	copy_expect(test, c, SCST_SENSE_NONE);

	seg[0] = 0x03;
	copy_expect(test, c, SCST_SENSE_COPY_SEG_TYPE);
	seg[0] = 0x02;
	seg[3] = 25;
	copy_expect_field(test, c, 82, 7);
}

static void copy_match_test(struct kunit *test)
{
	static const u8 page[] = {
		0, 0x83, 0, 0,
		2, 1, 0, 4, 'A', 'C', 'M', 'E',
		1, 3, 0, 8, 0x30, 1, 2, 3, 4, 5, 6, 7,
		1, 0x14, 0, 4, 0, 0, 0, 1,
	};
	struct scst_inq_page *inq = kunit_kzalloc(test, sizeof(*inq),
						  GFP_KERNEL);
	struct scst_copy_cscd cscd = {
		.code_set = 1, .desig_type = 3, .desig_len = 8,
		.desig = copy_naa,
	};

	KUNIT_ASSERT_NOT_NULL(test, inq);
	memcpy(inq->buf, page, sizeof(page));
	inq->len = sizeof(page);
	KUNIT_EXPECT_TRUE(test, scst_copy_matches(&cscd, inq));
	cscd.desig_len = 7;
	KUNIT_EXPECT_FALSE(test, scst_copy_matches(&cscd, inq));
	cscd.desig_len = 8;
	cscd.code_set = 2;
	KUNIT_EXPECT_FALSE(test, scst_copy_matches(&cscd, inq));
	cscd.code_set = 1;
	cscd.desig_type = 2;
	KUNIT_EXPECT_FALSE(test, scst_copy_matches(&cscd, inq));
	/* That of a port names no logical unit. */
	cscd.desig_type = 0x14;
	cscd.desig_len = 4;
	cscd.desig = page + sizeof(page) - 4;
	KUNIT_EXPECT_FALSE(test, scst_copy_matches(&cscd, inq));
	cscd.desig_len = 0;
	KUNIT_EXPECT_FALSE(test, scst_copy_matches(&cscd, inq));
	/* A page that ends within a designator */
	cscd.desig_type = 3;
	cscd.desig_len = 8;
	cscd.desig = copy_naa;
	inq->len = 4 + 8 + 11;
	KUNIT_EXPECT_FALSE(test, scst_copy_matches(&cscd, inq));
}

#define UNREACHABLE	SCST_SENSE_COPY_UNREACHABLE
#define INEXACT		SCST_SENSE_COPY_INEXACT

static void copy_plan_test(struct kunit *test)
{
	static const struct {
		u64 src_lba, dst_lba;
		u16 blocks;
		bool dst_blocks;
		u8 src_shift, dst_shift;
		scst_sense_t sense;
		u64 len;
	} plans[] = {
		{ 0, 0, 0, false, 9, 9, SCST_SENSE_NONE, 0 },
		{ 10, 20, 80, false, 9, 9, SCST_SENSE_NONE, 80 * 512 },
		{ 10, 20, 81, false, 9, 9, UNREACHABLE, 81 * 512 },
		{ 20, 10, 81, false, 9, 9, UNREACHABLE, 81 * 512 },
		{ 101, 10, 0, false, 9, 9, UNREACHABLE, 0 },
		{ 100, 10, 0, false, 9, 9, SCST_SENSE_NONE, 0 },
		{ U64_MAX, 10, 1, false, 9, 9, UNREACHABLE, 512 },
		{ U64_MAX, 10, 2, false, 9, 9, UNREACHABLE, 1024 },
		{ 0, 0, 16, false, 9, 12, SCST_SENSE_NONE, SZ_8K },
		{ 0, 0, 15, false, 9, 12, INEXACT, 15 * 512 },
		{ 0, 0, 2, true, 9, 12, SCST_SENSE_NONE, SZ_8K },
		{ 0, 0, 2, false, 12, 9, SCST_SENSE_NONE, SZ_8K },
		{ 0, 0, 4, true, 12, 9, INEXACT, 2048 },
		{ 0, 0, 13, true, 9, 12, UNREACHABLE, 13 * 4096 },
	};
	struct scst_copy_disk src = { .nblocks = 100 }, dst = { .nblocks = 100 };
	struct scst_copy_segment seg = {};
	struct scst_copy_move move;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(plans); i++) {
		seg.src_lba = plans[i].src_lba;
		seg.dst_lba = plans[i].dst_lba;
		seg.blocks = plans[i].blocks;
		seg.dst_blocks = plans[i].dst_blocks;
		src.shift = plans[i].src_shift;
		dst.shift = plans[i].dst_shift;
		KUNIT_EXPECT_EQ_MSG(test, (__force u32)plans[i].sense,
				    (__force u32)scst_copy_plan(&seg, &src,
								&dst, &move),
				    "row %u", i);
		KUNIT_EXPECT_EQ(test, move.len, plans[i].len);
		if (plans[i].sense != SCST_SENSE_NONE)
			continue;
		KUNIT_EXPECT_EQ(test, move.src_pos, seg.src_lba << src.shift);
		KUNIT_EXPECT_EQ(test, move.dst_pos, seg.dst_lba << dst.shift);
	}
}

/* SPC-5 6.24.2: a count of 32 bits, in units of bytes, KiB, and so on */
static void copy_status_test(struct kunit *test)
{
	static const u8 running[12] = { 0, 0, 0, 8, 0, 1, 2, 0, 0xff, 0xff,
					0xff, 0xff };
	static const u8 large[12] = { 0, 0, 0, 8, 1, 0, 9, 1, 0, 0x40 };
	static const u8 huge[12] = { 0, 0, 0, 8, 2, 0, 9, 3, 0x3f, 0xff, 0xff,
				     0xff };
	struct scst_copy_report report = {
		.segments = 0x102, .bytes = U32_MAX,
	};
	u8 buf[SCST_COPY_FAILURE_LEN] = {};

	KUNIT_EXPECT_EQ(test, scst_copy_build_status(&report, buf), 12);
	KUNIT_EXPECT_MEMEQ(test, buf, running, 12);
	report.state = SCST_COPY_GOOD;
	report.segments = 9;
	report.bytes = SZ_4G;
	scst_copy_build_status(&report, buf);
	KUNIT_EXPECT_MEMEQ(test, buf, large, 12);
	report.state = SCST_COPY_ERROR;
	report.bytes = (1ULL << 60) - 1;
	scst_copy_build_status(&report, buf);
	KUNIT_EXPECT_MEMEQ(test, buf, huge, 12);
}

static void copy_failure_test(struct kunit *test)
{
	struct scst_copy_report report = {
		.state = SCST_COPY_GOOD, .service_action = 1, .bytes = 0x102,
		.segments = 3,
	};
	u8 buf[SCST_COPY_FAILURE_LEN] = {};

	KUNIT_EXPECT_EQ(test, scst_copy_build_failure(&report, buf), 4);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf), 0);
	report.state = SCST_COPY_RUNNING;
	scst_copy_build_status4(&report, buf);
	KUNIT_EXPECT_EQ(test, buf[5], 0x11);
	report.state = SCST_COPY_GOOD;
	KUNIT_EXPECT_EQ(test, scst_copy_build_status4(&report, buf), 32);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf), 0x0000001c01010001);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf + 16), 0x102);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(buf + 24), 3);

	memset(buf, 0, sizeof(buf));
	report.state = SCST_COPY_ERROR;
	report.status = SAM_STAT_CHECK_CONDITION;
	report.sense_len = SCST_SENSE_SIZE;
	report.sense[0] = 0x70;
	report.sense[SCST_SENSE_SIZE - 1] = 5;
	KUNIT_EXPECT_EQ(test, scst_copy_build_failure(&report, buf),
			SCST_COPY_FAILURE_LEN);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf),
			SCST_COPY_FAILURE_LEN - 4);
	KUNIT_EXPECT_EQ(test, buf[56], 2);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(buf + 58), 96);
	KUNIT_EXPECT_EQ(test, buf[60], 0x70);
	KUNIT_EXPECT_EQ(test, buf[SCST_COPY_FAILURE_LEN - 1], 5);
	KUNIT_EXPECT_EQ(test, scst_copy_build_status4(&report, buf),
			SCST_COPY_STATUS4_LEN);
	KUNIT_EXPECT_EQ(test, buf[SCST_COPY_STATUS4_LEN - 1], 5);
}

static void copy_sense_test(struct kunit *test)
{
	u8 fwd[SCST_SENSE_SIZE] = { 0x70, 0, 5, [12] = 0x21 };
	struct scst_copy_fault fault = {
		.sense = SCST_SENSE_COPY_UNREACHABLE, .segment = 0x102,
	};
	u8 buf[SCST_SENSE_SIZE];

	KUNIT_EXPECT_EQ(test, scst_copy_sense(buf, false, &fault), 18);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf), 0x70000a000000000a);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf + 8), 0x000001020d020000);
	KUNIT_EXPECT_EQ(test, scst_copy_sense(buf, true, &fault), 20);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf), 0x720a0d020000000c);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf + 8), 0x010a0000);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf + 12), 0x102);

	fault.status = SAM_STAT_CHECK_CONDITION;
	fault.fwd_len = 18;
	fault.fwd = fwd;
	KUNIT_EXPECT_EQ(test, scst_copy_sense(buf, false, &fault), 37);
	KUNIT_EXPECT_EQ(test, buf[7], 29);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf + 8), 0x12000102);
	KUNIT_EXPECT_EQ(test, buf[18], 2);
	KUNIT_EXPECT_MEMEQ(test, buf + 19, fwd, 18);
	fault.by_dst = true;
	scst_copy_sense(buf, false, &fault);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf + 8), 0x00120102);
	KUNIT_EXPECT_EQ(test, scst_copy_sense(buf, true, &fault), 42);
	KUNIT_EXPECT_EQ(test, buf[7], 34);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf + 20), 0x0c140202);
	KUNIT_EXPECT_MEMEQ(test, buf + 24, fwd, 18);

	/* More than there is room for */
	fault.fwd_len = SCST_SENSE_SIZE;
	KUNIT_EXPECT_EQ(test, scst_copy_sense(buf, false, &fault), 96);
	KUNIT_EXPECT_EQ(test, scst_copy_sense(buf, true, &fault), 96);
	KUNIT_EXPECT_EQ(test, buf[22], 0x82);
}

static void copy_pages_test(struct kunit *test)
{
	struct scst_inq_page *page = kunit_kzalloc(test, sizeof(*page),
						   GFP_KERNEL);
	u8 buf[SCST_COPY_PARAMS_LEN] = {};
	unsigned int at;
	int last = -1;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, scst_copy_build_params(buf), sizeof(buf));
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf), sizeof(buf) - 4);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf + 8), 0x00100040);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf + 12), 16 * 32 + 64 * 28);
	KUNIT_EXPECT_EQ(test, buf[36], get_unaligned_be16(buf + 34));
	KUNIT_EXPECT_EQ(test, buf[43], 2);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(buf + 44), 0x02e4);

	/* Descriptors in ascending order, whole words, to the very end */
	page->len = 4;
	scst_vpd_copy(page, 9);
	for (at = 4; at < page->len;
	     at += 4 + get_unaligned_be16(page->buf + at + 2)) {
		KUNIT_EXPECT_GT(test, get_unaligned_be16(page->buf + at), last);
		last = get_unaligned_be16(page->buf + at);
		KUNIT_EXPECT_EQ(test,
				get_unaligned_be16(page->buf + at + 2) % 4, 0);
	}
	KUNIT_EXPECT_EQ(test, at, page->len);
	KUNIT_EXPECT_LE(test, page->len, SCST_INQUIRY_MAX);
}

/**
 * struct token_case - a list of POPULATE TOKEN or of WRITE USING TOKEN
 * @header: bytes before the descriptors
 * @buf: list
 * @len: its length
 * @ranges: result
 * @timeout: result
 * @offset: result
 */
struct token_case {
	unsigned int		header;
	u8			buf[536 + 65 * 16];
	unsigned int		len;
	struct scst_copy_ranges	ranges;
	u32			timeout;
	u64			offset;
};

static void token_add(struct token_case *c, u64 lba, u32 blocks)
{
	put_unaligned_be64(lba, c->buf + c->len);
	put_unaligned_be32(blocks, c->buf + c->len + 8);
	c->len += 16;
	put_unaligned_be16(c->len - 2, c->buf);
	put_unaligned_be16(c->len - c->header, c->buf + c->header - 2);
}

static struct token_case *token_case(struct kunit *test, bool write)
{
	struct token_case *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->header = write ? 536 : 16;
	c->len = c->header;
	if (write)
		put_unaligned_be16(504, c->buf + 22);
	token_add(c, 10, 20);
	return c;
}

static void token_expect(struct kunit *test, struct token_case *c,
			 scst_sense_t sense, int byte)
{
	const struct scst_copy_disk disk = { .shift = 9, .nblocks = SZ_4M };
	struct scst_copy_error error;

	if (c->header == 16)
		error = scst_populate_parse(c->buf, c->len, &disk, &c->ranges,
					    &c->timeout);
	else
		error = scst_write_token_parse(c->buf, c->len, &disk,
					       &c->ranges, &c->offset);
	KUNIT_EXPECT_EQ(test, (__force u32)error.sense, (__force u32)sense);
	if (byte >= 0)
		KUNIT_EXPECT_EQ(test, error.byte, byte);
}

static void token_ranges(struct kunit *test, bool write)
{
	struct token_case *c = token_case(test, write);
	unsigned int i, len;

	token_add(c, 0, 0);
	token_add(c, SZ_4M - 1, 1);
	token_expect(test, c, SCST_SENSE_NONE, -1);
	KUNIT_EXPECT_EQ(test, c->ranges.nr, 2);
	KUNIT_EXPECT_EQ(test, c->ranges.bytes, 21 * 512);
	KUNIT_EXPECT_EQ(test, c->ranges.range[0].pos, 10 * 512);
	KUNIT_EXPECT_EQ(test, c->ranges.range[1].pos, (SZ_4M - 1) * 512ULL);
	len = c->len;
	for (c->len = 0; c->len < len; c->len++)
		token_expect(test, c, SCST_SENSE_PARAM_LIST_LENGTH, -1);

	token_add(c, 29, 1);
	token_expect(test, c, SCST_SENSE_INVALID_FIELD_PARAM, c->len - 16);
	c = token_case(test, write);
	token_add(c, SZ_4M, 1);
	token_expect(test, c, SCST_SENSE_LBA_OUT_OF_RANGE, -1);
	c = token_case(test, write);
	token_add(c, U64_MAX, 2);
	token_expect(test, c, SCST_SENSE_LBA_OUT_OF_RANGE, -1);
	c = token_case(test, write);
	token_add(c, 100, SZ_2M);
	token_expect(test, c, SCST_SENSE_INVALID_FIELD_PARAM, c->len - 8);
	c = token_case(test, write);
	for (i = 1; i < SCST_TOKEN_MAX_RANGES; i++)
		token_add(c, 100 * i, 1);
	token_expect(test, c, SCST_SENSE_NONE, -1);
	token_add(c, 0, 1);
	token_expect(test, c, SCST_SENSE_COPY_TOO_MANY_SEGS, -1);
	c = token_case(test, write);
	put_unaligned_be16(15, c->buf + c->header - 2);
	token_expect(test, c, SCST_SENSE_INVALID_FIELD_PARAM, c->header - 2);
	put_unaligned_be16(32, c->buf + c->header - 2);
	token_expect(test, c, SCST_SENSE_PARAM_LIST_LENGTH, -1);
}

static void token_ranges_test(struct kunit *test)
{
	token_ranges(test, false);
	token_ranges(test, true);
}

static void token_fields_test(struct kunit *test)
{
	struct token_case *c = token_case(test, false);

	token_expect(test, c, SCST_SENSE_NONE, -1);
	KUNIT_EXPECT_EQ(test, c->timeout, 60);
	put_unaligned_be32(600, c->buf + 4);
	token_expect(test, c, SCST_SENSE_NONE, -1);
	KUNIT_EXPECT_EQ(test, c->timeout, 600);
	put_unaligned_be32(601, c->buf + 4);
	token_expect(test, c, SCST_SENSE_INVALID_FIELD_PARAM, 4);
	put_unaligned_be32(5, c->buf + 4);
	put_unaligned_be32(0x00800000, c->buf + 8);
	token_expect(test, c, SCST_SENSE_NONE, -1);
	c->buf[2] = 2;		/* RTV */
	token_expect(test, c, SCST_SENSE_INVALID_FIELD_PARAM, 8);
	put_unaligned_be32(0x00010000, c->buf + 8);
	token_expect(test, c, SCST_SENSE_NONE, -1);

	c = token_case(test, true);
	put_unaligned_be64(7, c->buf + 8);
	token_expect(test, c, SCST_SENSE_NONE, -1);
	KUNIT_EXPECT_EQ(test, c->offset, 7 * 512);
	put_unaligned_be64(U64_MAX, c->buf + 8);
	token_expect(test, c, SCST_SENSE_INVALID_FIELD_PARAM, 8);
	put_unaligned_be64(0, c->buf + 8);
	c->buf[23]++;
	token_expect(test, c, SCST_SENSE_TOKEN(0x0a), -1);
}

static void token_build_test(struct kunit *test)
{
	const struct scst_binary_id naa = {
		.len = 8, .data = { 0x30, 1, 2, 3, 4, 5, 6, 7 },
	};
	u8 *buf = kunit_kzalloc(test, SCST_TOKEN_INFO_LEN, GFP_KERNEL);
	struct scst_copy_report report = {
		.state = SCST_COPY_GOOD, .block_shift = 9, .bytes = 20 * 512,
	};
	u8 secret[SCST_TOKEN_SECRET], token[SCST_TOKEN_LEN];

	KUNIT_ASSERT_NOT_NULL(test, buf);
	memset(secret, 0xa5, sizeof(secret));
	memset(token, 0xff, sizeof(token));
	scst_token_build(token, secret, &naa, 0x102);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(token), 0x00010000000001f8);
	KUNIT_EXPECT_MEMEQ(test, token + 8, secret, 8);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(token + 16),
			0xe400000001030008);
	KUNIT_EXPECT_MEMEQ(test, token + 24, naa.data, 8);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(token + 48), 0);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(token + 56), 0x102);
	KUNIT_EXPECT_MEMEQ(test, token + 128, secret, 32);
	KUNIT_EXPECT_EQ(test, token[511], 0);
	KUNIT_EXPECT_FALSE(test, scst_token_is_zero(token));

	KUNIT_EXPECT_EQ(test, scst_token_build_info(&report, NULL, buf), 36);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf), 32);
	KUNIT_EXPECT_EQ(test, buf[15], 0xf1);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf + 16), 20);
	KUNIT_EXPECT_EQ(test, scst_token_build_info(&report, token, buf), 550);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf), 546);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf + 32), 514);
	KUNIT_EXPECT_MEMEQ(test, buf + 38, token, sizeof(token));
	put_unaligned_be32(0xffff0001, token);
	KUNIT_EXPECT_TRUE(test, scst_token_is_zero(token));
}

static void token_plan_test(struct kunit *test)
{
	static const struct scst_copy_ranges src = {
		.nr = 3, .bytes = 60, .range = {
			{ 100, 10 }, { 200, 20 }, { 300, 30 },
		},
	}, dst = {
		.nr = 2, .bytes = 45, .range = { { 1000, 25 }, { 2000, 20 } },
	};
	static const struct scst_copy_move want[] = {
		{ .src_pos = 105, .dst_pos = 1000, .len = 5 },
		{ .src_pos = 200, .dst_pos = 1005, .len = 20 },
		{ .src_pos = 300, .dst_pos = 2000, .len = 20, .segment = 1 },
	};
	struct scst_copy_move *moves;

	moves = kunit_kcalloc(test, SCST_TOKEN_MAX_MOVES, sizeof(*moves),
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, moves);
	KUNIT_EXPECT_EQ(test, scst_token_plan(&src, 5, &dst, moves), 3);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)moves, (u8 *)want, sizeof(want));
	/* The token has less than is asked for. */
	KUNIT_EXPECT_EQ(test, scst_token_plan(&src, 35, &dst, moves), 1);
	KUNIT_EXPECT_EQ(test, moves[0].src_pos, 305);
	KUNIT_EXPECT_EQ(test, moves[0].len, 25);
	KUNIT_EXPECT_EQ(test, scst_token_plan(&src, 59, &dst, moves), 1);
	KUNIT_EXPECT_EQ(test, moves[0].len, 1);
	KUNIT_EXPECT_EQ(test, scst_token_plan(&src, 60, &dst, moves), 0);
}

static struct kunit_case copy_test_cases[] = {
	KUNIT_CASE(copy_good_test),
	KUNIT_CASE(copy_lid4_test),
	KUNIT_CASE(copy_truncated_test),
	KUNIT_CASE(copy_limits_test),
	KUNIT_CASE(copy_fields_test),
	KUNIT_CASE(copy_match_test),
	KUNIT_CASE(copy_plan_test),
	KUNIT_CASE(copy_status_test),
	KUNIT_CASE(copy_failure_test),
	KUNIT_CASE(copy_sense_test),
	KUNIT_CASE(copy_pages_test),
	KUNIT_CASE(token_ranges_test),
	KUNIT_CASE(token_fields_test),
	KUNIT_CASE(token_build_test),
	KUNIT_CASE(token_plan_test),
	{}
};

static struct kunit_suite copy_suite = {
	.name = "scst_copy",
	.test_cases = copy_test_cases,
};

kunit_test_suite(copy_suite);
