// SPDX-License-Identifier: GPL-2.0
/*
 * Mode pages of virtual disks, byte by byte as SPC-5 7.5 and SBC-4 6.5 have
 * them; parameter lists that are right and wrong; saved pages.
 */
#include <kunit/test.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "../vdisk_mode.h"

/* 64 MiB, rotating, with a cache */
static const struct vdisk_mode_disk plain = {
	.nblocks = SZ_64M / 512,
	.block_shift = 9,
	.rotational = true,
	.cache = true,
};

/* 64 TiB of large blocks, thin, with all that can be set */
static const struct vdisk_mode_disk thin = {
	.nblocks = 1ULL << 34,
	.block_shift = 12,
	.removable = true,
	.thresholds = true,
};

static const struct vdisk_mode_state quiet = {
	.wce = true,
	.exceptions = { .flags = 0x08 },
};

static const struct vdisk_mode_state loud = {
	.exceptions = { .flags = 0x10, .mrie = 6 },
	.lbpere = true,
	.threshold = {
		[VDISK_THRESHOLD_AVAILABLE] = { true, 0x01020304 },
		[VDISK_THRESHOLD_USED] = { true, 0xfffffffe },
	},
	.control = { .tst = 1, .qam = 1, .tas = true },
};

/**
 * struct page_sample - a page as it is typed from the standards
 * @name: of the page
 * @disk: whose
 * @state: that
 * @changeable: the mask of what can be changed rather than the values
 * @code: page code
 * @subpage: subpage code
 * @len: bytes in @bytes
 * @bytes: page
 */
struct page_sample {
	const char			*name;
	const struct vdisk_mode_disk	*disk;
	const struct vdisk_mode_state	*state;
	bool				changeable;
	u8				code;
	u8				subpage;
	u8				len;
	u8				bytes[VDISK_PAGE_MAX];
};

static const struct page_sample page_samples[] = {
	{ "01h", &plain, &quiet, false, 0x01, 0, 12,
	  { 0x01, 0x0a, 0xc0 } },
	{ "01h, changeable", &plain, &quiet, true, 0x01, 0, 12,
	  { 0x01, 0x0a } },
	{ "01h, LBPERE", &thin, &loud, false, 0x01, 0, 12,
	  { 0x01, 0x0a, 0xc0, [7] = 0x80 } },
	{ "01h, LBPERE changeable", &thin, &loud, true, 0x01, 0, 12,
	  { 0x01, 0x0a, [7] = 0x80 } },
	{ "02h", &plain, &quiet, false, 0x02, 0, 16, { 0x02, 0x0e } },
	{ "02h, changeable", &plain, &quiet, true, 0x02, 0, 16,
	  { 0x02, 0x0e } },
	/* 32 sectors of 512 bytes, interleave 1, HSEC */
	{ "03h", &plain, &quiet, false, 0x03, 0, 24,
	  { 0x03, 0x16, [10] = 0, 32, 2, 0, 0, 1, [20] = 0x40 } },
	{ "03h, changeable", &plain, &quiet, true, 0x03, 0, 24,
	  { 0x03, 0x16 } },
	/* RMB; 32 sectors make 8388608 cylinders */
	{ "03h, removable", &thin, &quiet, false, 0x03, 0, 24,
	  { 0x03, 0x16, [10] = 0, 32, 0x10, 0, 0, 1, [20] = 0x60 } },
	/* 64 cylinders with 64 heads */
	{ "04h", &plain, &quiet, false, 0x04, 0, 24,
	  { 0x04, 0x16, 0, 0, 64, 64 } },
	{ "04h, changeable", &plain, &quiet, true, 0x04, 0, 24,
	  { 0x04, 0x16 } },
	{ "04h, not rotating", &thin, &quiet, false, 0x04, 0, 24,
	  { 0x04, 0x16, 0x80, 0, 0, 64, [20] = 0, 1 } },
	{ "07h", &plain, &quiet, false, 0x07, 0, 12, { 0x07, 0x0a } },
	{ "08h", &plain, &quiet, false, 0x08, 0, 20, { 0x08, 0x12, 0x04 } },
	{ "08h, changeable", &plain, &quiet, true, 0x08, 0, 20,
	  { 0x08, 0x12, 0x04 } },
	{ "08h, no cache", &thin, &loud, false, 0x08, 0, 20, { 0x08, 0x12 } },
	{ "08h, no cache, changeable", &thin, &loud, true, 0x08, 0, 20,
	  { 0x08, 0x12 } },
	{ "0Ah", &thin, &loud, false, 0x0a, 0, 12,
	  { 0x0a, 0x0a, 0x20, 0x10, 0, 0x40, [8] = 0xff, 0xff } },
	{ "0Ah, changeable", &thin, &loud, true, 0x0a, 0, 12,
	  { 0x0a, 0x0a, 0xfc, 0xf6, 0x38, 0x40 } },
	{ "0Ah/01h", &plain, &quiet, false, 0x0a, 1, 32,
	  { 0x4a, 0x01, 0x00, 0x1c, [6] = 96 } },
	{ "0Ah/01h, changeable", &plain, &quiet, true, 0x0a, 1, 32,
	  { 0x4a, 0x01, 0x00, 0x1c } },
	{ "1Ah", &plain, &quiet, false, 0x1a, 0, 40, { 0x1a, 0x26 } },
	{ "1Ch", &plain, &quiet, false, 0x1c, 0, 12, { 0x1c, 0x0a, 0x08 } },
	{ "1Ch, changeable", &plain, &quiet, true, 0x1c, 0, 12,
	  { 0x1c, 0x0a, 0x18, 0x0f } },
	{ "1Ch, on request", &plain, &loud, false, 0x1c, 0, 12,
	  { 0x1c, 0x0a, 0x10, 0x06 } },
	{ "1Ch/02h", &thin, &quiet, false, 0x1c, 2, 32,
	  { 0x5c, 0x02, 0x00, 0x1c, [16] = 0x00, 0x01, [24] = 0x01, 0x02 } },
	{ "1Ch/02h, enabled", &thin, &loud, false, 0x1c, 2, 32,
	  { 0x5c, 0x02, 0x00, 0x1c,
	    [16] = 0x80, 0x01, 0, 0, 0x01, 0x02, 0x03, 0x04,
	    0x81, 0x02, 0, 0, 0xff, 0xff, 0xff, 0xfe } },
	{ "1Ch/02h, changeable", &thin, &loud, true, 0x1c, 2, 32,
	  { 0x5c, 0x02, 0x00, 0x1c,
	    [16] = 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
	    0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff } },
};

KUNIT_ARRAY_PARAM_DESC(page_sample, page_samples, name);

static void mode_page_test(struct kunit *test)
{
	const struct page_sample *s = test->param_value;
	u8 buf[VDISK_MODE_MAX] = {};
	enum vdisk_pc pc = s->changeable ? VDISK_PC_CHANGEABLE :
					   VDISK_PC_CURRENT;
	unsigned int len;

	len = vdisk_mode_build(s->disk, s->state, pc, s->code, s->subpage,
			       false, buf);
	KUNIT_ASSERT_EQ(test, len, s->len);
	KUNIT_EXPECT_MEMEQ(test, buf, s->bytes, len);
}

/* Codes of the pages that follow one another in @buf, subpage code below */
static unsigned int mode_codes(const u8 *buf, unsigned int len, u16 *codes)
{
	unsigned int pos = 0, nr = 0;

	while (pos < len && nr < 16) {
		bool spf = buf[pos] & 0x40;

		codes[nr++] = (buf[pos] & 0x3f) << 8 | (spf ? buf[pos + 1] : 0);
		pos += spf ? get_unaligned_be16(buf + pos + 2) + 4 :
			     buf[pos + 1] + 2;
	}
	return nr;
}

/* SPC-5 table 177: which pages a page code and a subpage code mean */
static void mode_all_pages_test(struct kunit *test)
{
	static const u16 no_subpages[] = {
		0x100, 0x200, 0x300, 0x400, 0x700, 0x800, 0xa00, 0x1a00, 0x1c00
	};
	static const u16 all[] = {
		0x100, 0x200, 0x300, 0x400, 0x700, 0x800, 0xa00, 0xa01, 0x1a00,
		0x1c00, 0x1c02
	};
	u8 buf[VDISK_MODE_MAX] = {};
	unsigned int len, nr;
	u16 codes[16];

	len = vdisk_mode_build(&thin, &quiet, VDISK_PC_CURRENT, 0x3f, 0, false,
			       buf);
	nr = mode_codes(buf, len, codes);
	KUNIT_ASSERT_EQ(test, nr, ARRAY_SIZE(no_subpages));
	KUNIT_EXPECT_MEMEQ(test, codes, no_subpages, sizeof(no_subpages));
	len = vdisk_mode_build(&thin, &quiet, VDISK_PC_CURRENT, 0x3f, 0xff,
			       false, buf);
	nr = mode_codes(buf, len, codes);
	KUNIT_ASSERT_EQ(test, nr, ARRAY_SIZE(all));
	KUNIT_EXPECT_MEMEQ(test, codes, all, sizeof(all));
	/* MODE DATA LENGTH of MODE SENSE(6) has one byte, that of (10) two. */
	KUNIT_EXPECT_LE(test, len + 4 + 8, VDISK_MODE_MAX_6);
	KUNIT_EXPECT_LE(test, len + 8 + 16, VDISK_MODE_MAX);
	len = vdisk_mode_build(&thin, &quiet, VDISK_PC_CURRENT, 0x0a, 0xff,
			       false, buf);
	nr = mode_codes(buf, len, codes);
	KUNIT_EXPECT_EQ(test, nr, 2);
	KUNIT_EXPECT_EQ(test, codes[1], 0xa01);
}

static void mode_no_page_test(struct kunit *test)
{
	u8 buf[VDISK_MODE_MAX] = {};

	KUNIT_EXPECT_EQ(test, 0,
			vdisk_mode_build(&thin, &quiet, VDISK_PC_CURRENT, 0x05,
					 0, false, buf));
	KUNIT_EXPECT_EQ(test, 0,
			vdisk_mode_build(&thin, &quiet, VDISK_PC_CURRENT, 0x08,
					 1, false, buf));
	KUNIT_EXPECT_EQ(test, 0,
			vdisk_mode_build(&plain, &quiet, VDISK_PC_CURRENT,
					 0x1c, 2, false, buf));
	KUNIT_EXPECT_EQ(test, 0,
			vdisk_mode_build(&plain, &quiet, VDISK_PC_CURRENT,
					 0x3f, 1, false, buf));
}

/* PS where there is something to save */
static void mode_ps_test(struct kunit *test)
{
	static const u16 kept[] = {
		0x100, 0x800, 0xa00, 0x1c00, 0x1c02
	};
	u8 buf[VDISK_MODE_MAX] = {};
	unsigned int len, pos = 0, i, nr;
	u16 codes[16];

	len = vdisk_mode_build(&thin, &quiet, VDISK_PC_CURRENT, 0x3f, 0xff,
			       true, buf);
	nr = mode_codes(buf, len, codes);
	for (i = 0; i < nr; i++) {
		bool spf = buf[pos] & 0x40, want = false;
		unsigned int j;

		for (j = 0; j < ARRAY_SIZE(kept); j++)
			want |= kept[j] == codes[i];
		KUNIT_EXPECT_EQ_MSG(test, !!(buf[pos] & 0x80), want,
				    "page %04x", codes[i]);
		pos += spf ? get_unaligned_be16(buf + pos + 2) + 4 :
			     buf[pos + 1] + 2;
	}
}

/* All blocks are somewhere in the geometry, and no other ones are. */
static void mode_geometry_test(struct kunit *test)
{
	static const u64 sizes[] = {
		2048, 4096, 1ULL << 20, 1ULL << 35, 1ULL << 36, 1ULL << 40,
		1ULL << 44,
	};
	struct vdisk_mode_disk disk = plain;
	u8 buf[VDISK_PAGE_MAX] = {};
	u64 cylinders, sectors;
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		disk.nblocks = sizes[i];
		vdisk_mode_build(&disk, &quiet, VDISK_PC_CURRENT, 0x03, 0,
				 false, buf);
		sectors = get_unaligned_be16(buf + 10);
		vdisk_mode_build(&disk, &quiet, VDISK_PC_CURRENT, 0x04, 0,
				 false, buf);
		cylinders = get_unaligned_be24(buf + 2);
		KUNIT_EXPECT_EQ(test, cylinders * sectors * buf[5], sizes[i]);
	}
}

static void mode_block_desc_test(struct kunit *test)
{
	static const u8 short_desc[8] = { 0, 2, 0, 0, 0, 0, 2, 0 };
	static const u8 large_desc[8] = { 255, 255, 255, 255, 0, 0, 0x10, 0 };
	static const u8 long_desc[16] = { 0, 0, 0, 4, [14] = 0x10 };
	u8 buf[16] = {};

	KUNIT_ASSERT_EQ(test, vdisk_mode_block_desc(&plain, false, buf), 8);
	KUNIT_EXPECT_MEMEQ(test, buf, short_desc, 8);
	memset(buf, 0, sizeof(buf));
	KUNIT_ASSERT_EQ(test, vdisk_mode_block_desc(&thin, false, buf), 8);
	KUNIT_EXPECT_MEMEQ(test, buf, large_desc, 8);
	memset(buf, 0, sizeof(buf));
	KUNIT_ASSERT_EQ(test, vdisk_mode_block_desc(&thin, true, buf), 16);
	KUNIT_EXPECT_MEMEQ(test, buf, long_desc, 16);
}

/* What MODE SENSE says MODE SELECT takes, and all is as it was. */
static void mode_round_trip_test(struct kunit *test)
{
	struct vdisk_mode_state state = loud;
	u8 buf[VDISK_MODE_MAX] = {};
	struct scst_cdb_error err;
	unsigned int len;

	len = vdisk_mode_build(&thin, &state, VDISK_PC_CURRENT, 0x3f, 0xff,
			       true, buf + 8);
	KUNIT_EXPECT_TRUE(test, vdisk_mode_parse(&thin, buf, len + 8, true,
						 &state, &err));
	KUNIT_EXPECT_TRUE(test, vdisk_mode_same(&thin, &state, &loud));
}

static void mode_select_test(struct kunit *test)
{
	static const u8 list[] = {
		0, 0, 0, 0,
		0x01, 0x0a, 0xc0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0,
		0x5c, 0x02, 0, 0x1c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x80, 1, 0, 0, 0, 0, 1, 0, 1, 2, 0, 0, 0, 0, 0, 9,
	};
	struct vdisk_mode_state state = quiet;
	struct scst_cdb_error err;

	KUNIT_ASSERT_TRUE(test, vdisk_mode_parse(&thin, list, sizeof(list),
						 false, &state, &err));
	KUNIT_EXPECT_TRUE(test, state.lbpere);
	KUNIT_EXPECT_TRUE(test, state.threshold[0].enabled);
	KUNIT_EXPECT_EQ(test, state.threshold[0].count, 256);
	KUNIT_EXPECT_FALSE(test, state.threshold[1].enabled);
	KUNIT_EXPECT_EQ(test, state.threshold[1].count, 9);
}

/**
 * struct bad_list - a parameter list that is refused
 * @name: why
 * @ten: of MODE SELECT(10)
 * @len: bytes in @bytes
 * @bytes: list
 * @byte: field pointer
 * @bit: bit pointer; -1: it is the length of the list that is wrong
 */
struct bad_list {
	const char	*name;
	bool		ten;
	u8		len;
	u8		bytes[64];
	u16		byte;
	s8		bit;
};

static const struct bad_list bad_lists[] = {
	{ "no header", false, 3, {}, 0, -1 },
	{ "no header of 8 bytes", true, 7, {}, 0, -1 },
	{ "MEDIUM TYPE", false, 4, { 0, 1 }, 1, 7 },
	{ "MEDIUM TYPE (10)", true, 8, { 0, 0, 1 }, 2, 7 },
	{ "half a block descriptor", false, 8, { 0, 0, 0, 8 }, 0, -1 },
	{ "descriptor of another length", false, 20, { 0, 0, 0, 16 }, 3, 7 },
	{ "descriptor that is not long", true, 16,
	  { 0, 0, 0, 0, 1, 0, 0, 8 }, 6, 7 },
	{ "another capacity", false, 12,
	  { 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 2, 0 }, 4, 7 },
	{ "another block length", false, 12,
	  { 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 4, 0 }, 10, 7 },
	{ "a single byte", false, 5, { 0, 0, 0, 0, 0x08 }, 0, -1 },
	{ "no such page", false, 16, { 0, 0, 0, 0, 0x05, 0x0a }, 4, 5 },
	{ "no such subpage", false, 16, { 0, 0, 0, 0, 0x48, 0x01 }, 5, 7 },
	{ "subpage zero", false, 16, { 0, 0, 0, 0, 0x48, 0x00 }, 5, 7 },
	{ "page of thin disks", false, 36, { 0, 0, 0, 0, 0x5c, 0x02, 0, 0x1c },
	  5, 7 },
	{ "another length", false, 24, { 0, 0, 0, 0, 0x08, 0x13 }, 5, 7 },
	{ "another length of a subpage", false, 36,
	  { 0, 0, 0, 0, 0x4a, 0x01, 0, 0x1d }, 6, 7 },
	{ "half a page", false, 14, { 0, 0, 0, 0, 0x08, 0x12 }, 0, -1 },
	{ "header of a subpage cut", false, 7, { 0, 0, 0, 0, 0x4a, 0x01, 0 },
	  0, -1 },
	{ "what cannot be changed", false, 24,
	  { 0, 0, 0, 0, 0x08, 0x12, 0x05 }, 6, 0 },
	{ "LBPERE without thresholds", false, 16,
	  { 0, 0, 0, 0, 0x01, 0x0a, 0xc0, [11] = 0x80 }, 11, 7 },
	{ "a reserved value", false, 16,
	  { 0, 0, 0, 0, 0x0a, 0x0a, 0xe0, [12] = 0xff, 0xff }, 6, 7 },
	{ "the second page", false, 36,
	  { 0, 0, 0, 0, 0x08, 0x12, [24] = 0x1c, 0x0a, 0x0c }, 26, 2 },
	{ "another way of reporting", false, 16,
	  { 0, 0, 0, 0, 0x1c, 0x0a, 0x08, 0x02 }, 7, 3 },
};

KUNIT_ARRAY_PARAM_DESC(bad_list, bad_lists, name);

static void mode_bad_list_test(struct kunit *test)
{
	const struct bad_list *bad = test->param_value;
	struct vdisk_mode_state state = quiet;
	struct scst_cdb_error err;

	KUNIT_ASSERT_FALSE(test, vdisk_mode_parse(&plain, bad->bytes, bad->len,
						  bad->ten, &state, &err));
	KUNIT_EXPECT_TRUE(test, err.sense == (bad->bit < 0 ?
					      SCST_SENSE_PARAM_LIST_LENGTH :
					      SCST_SENSE_INVALID_FIELD_PARAM));
	KUNIT_EXPECT_EQ(test, err.byte, bad->byte);
	KUNIT_EXPECT_EQ(test, err.bit, bad->bit);
	KUNIT_EXPECT_TRUE(test, vdisk_mode_same(&plain, &state, &quiet));
}

static void mode_save_test(struct kunit *test)
{
	struct vdisk_mode_state state = quiet;
	u8 buf[VDISK_MODE_MAX];
	unsigned int len, cut;

	len = vdisk_mode_save(&thin, &loud, buf);
	KUNIT_EXPECT_LE(test, len, SCST_SAVED_PAGES_MAX);
	vdisk_mode_load(&thin, buf, len, &state);
	/* There is no cache: WCE is not for initiators. */
	state.wce = false;
	KUNIT_EXPECT_TRUE(test, vdisk_mode_same(&thin, &state, &loud));
	/* The disk is not thin any more, and has a cache. */
	state = quiet;
	vdisk_mode_load(&plain, buf, len, &state);
	KUNIT_EXPECT_FALSE(test, state.lbpere);
	KUNIT_EXPECT_FALSE(test, state.threshold[0].enabled);
	KUNIT_EXPECT_FALSE(test, state.wce);
	KUNIT_EXPECT_TRUE(test, state.control.tas);
	KUNIT_EXPECT_EQ(test, state.exceptions.mrie, 6);
	/* Nobody looks behind the end. */
	for (cut = 0; cut < len; cut++) {
		u8 *exact = kunit_kmalloc(test, cut ?: 1, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, exact);
		memcpy(exact, buf, cut);
		vdisk_mode_load(&thin, exact, cut, &state);
		kunit_kfree(test, exact);
	}
}

static struct kunit_case mode_cases[] = {
	KUNIT_CASE_PARAM(mode_page_test, page_sample_gen_params),
	KUNIT_CASE(mode_all_pages_test),
	KUNIT_CASE(mode_no_page_test),
	KUNIT_CASE(mode_ps_test),
	KUNIT_CASE(mode_geometry_test),
	KUNIT_CASE(mode_block_desc_test),
	KUNIT_CASE(mode_round_trip_test),
	KUNIT_CASE(mode_select_test),
	KUNIT_CASE_PARAM(mode_bad_list_test, bad_list_gen_params),
	KUNIT_CASE(mode_save_test),
	{}
};

static struct kunit_suite mode_suite = {
	.name = "scst_vdisk_mode",
	.test_cases = mode_cases,
};

kunit_test_suite(mode_suite);
