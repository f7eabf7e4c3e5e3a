// SPDX-License-Identifier: GPL-2.0
/*
 * Mode pages of a CD-ROM drive, byte by byte as MMC-6 7, MMC-3 5.5.10 (2Ah) and
 * SPC-5 7.5 have them: current, changeable, default and saved values.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/string.h>
#include <scst/types.h>
#include "../vcdrom_pure.h"

#define CURRENT		0x00
#define CHANGEABLE	0x40
#define DEFAULT		0x80
#define SAVED		0xc0
/* Bytes of all pages, of those that are no subpages, and their number */
#define ALL_LEN		122
#define PAGES_LEN	90
#define ALL_PAGES	7

static const struct scst_control quiet = { .qam = 1 };

static const struct scst_control loud = {
	.tst = 1, .qerr = 3, .ua_intlck = 2, .d_sense = true, .dpicz = true,
	.tmf_only = true, .swp = true, .tas = true,
};

static const struct vcdrom_mode_drive plain = { .control = &quiet };

static const struct vcdrom_mode_drive full = {
	.control	= &loud,
	.locked		= true,
	.can_save	= true,
};

/**
 * struct page_sample - a page as it is typed from the standards
 * @name: of the page
 * @drive: whose
 * @pc: PAGE CONTROL, where the CDB has it
 * @code: page code
 * @subpage: subpage code
 * @len: bytes in @bytes; 0: there is no such page
 * @bytes: page
 */
struct page_sample {
	const char			*name;
	const struct vcdrom_mode_drive	*drive;
	u8				pc;
	u8				code;
	u8				subpage;
	u8				len;
	u8				bytes[VCDROM_PAGE_MAX];
};

static const struct page_sample page_samples[] = {
	{ "01h", &plain, CURRENT, 0x01, 0, 12, { 0x01, 0x0a } },
	{ "01h, changeable", &full, CHANGEABLE, 0x01, 0, 12, { 0x01, 0x0a } },
	{ "01h, default", &full, DEFAULT, 0x01, 0, 12, { 0x01, 0x0a } },
	{ "01h, saved", &full, SAVED, 0x01, 0, 12, { 0x01, 0x0a } },
	/* BUSY TIMEOUT PERIOD is unlimited. */
	{ "0Ah", &plain, CURRENT, 0x0a, 0, 12,
	  { 0x0a, 0x0a, 0, 0x10, 0, 0, [8] = 0xff, 0xff } },
	{ "0Ah, default, no place to save", &plain, DEFAULT, 0x0a, 0, 12,
	  { 0x0a, 0x0a, 0, 0x10, 0, 0, [8] = 0xff, 0xff } },
	/* PS; TST, TMF_ONLY, DPICZ, D_SENSE; QERR; UA_INTLCK_CTRL, SWP; TAS */
	{ "0Ah, all that can be set", &full, CURRENT, 0x0a, 0, 12,
	  { 0x8a, 0x0a, 0x3c, 0x06, 0x28, 0x40, [8] = 0xff, 0xff } },
	{ "0Ah, saved", &full, SAVED, 0x0a, 0, 12,
	  { 0x8a, 0x0a, 0x3c, 0x06, 0x28, 0x40, [8] = 0xff, 0xff } },
	{ "0Ah, changeable", &full, CHANGEABLE, 0x0a, 0, 12,
	  { 0x8a, 0x0a, 0xfc, 0xf6, 0x38, 0x40 } },
	{ "0Ah, changeable, no place to save", &plain, CHANGEABLE, 0x0a, 0, 12,
	  { 0x0a, 0x0a, 0xfc, 0xf6, 0x38, 0x40 } },
	/* MAXIMUM SENSE DATA LENGTH */
	{ "0Ah/01h", &full, CURRENT, 0x0a, 1, 32,
	  { 0x4a, 0x01, 0, 28, [6] = 96 } },
	{ "0Ah/01h, changeable", &full, CHANGEABLE, 0x0a, 1, 32,
	  { 0x4a, 0x01, 0, 28 } },
	{ "1Ah", &plain, CURRENT, 0x1a, 0, 12, { 0x1a, 0x0a } },
	{ "1Ah, changeable", &plain, CHANGEABLE, 0x1a, 0, 12, { 0x1a, 0x0a } },
	{ "1Ch", &plain, CURRENT, 0x1c, 0, 12, { 0x1c, 0x0a } },
	{ "1Ch, changeable", &plain, CHANGEABLE, 0x1c, 0, 12, { 0x1c, 0x0a } },
	{ "1Dh", &plain, CURRENT, 0x1d, 0, 10, { 0x1d, 0x08 } },
	{ "1Dh, changeable", &plain, CHANGEABLE, 0x1d, 0, 10, { 0x1d, 0x08 } },
	/*
	 * Reads CD-R, CD-RW and DVD-ROM; a tray, Eject and Lock; speeds in
	 * kB/s, 48 * 176.4.
	 */
	{ "2Ah", &plain, CURRENT, 0x2a, 0, 32,
	  { 0x2a, 0x1e, 0x0b, [6] = 0x29, [8] = 0x21, 0x13,
	    [14] = 0x21, 0x13 } },
	{ "2Ah, locked", &full, CURRENT, 0x2a, 0, 32,
	  { 0x2a, 0x1e, 0x0b, [6] = 0x2b, [8] = 0x21, 0x13,
	    [14] = 0x21, 0x13 } },
	{ "2Ah, changeable", &full, CHANGEABLE, 0x2a, 0, 32, { 0x2a, 0x1e } },
	{ "08h: a drive has no cache to tell of", &full, CURRENT, 0x08, 0, 0 },
	{ "00h", &full, CURRENT, 0x00, 0, 0 },
	{ "0Ah/02h", &full, CURRENT, 0x0a, 2, 0 },
	{ "2Ah/01h", &full, CURRENT, 0x2a, 1, 0 },
	{ "3Fh/01h is no list", &full, CURRENT, 0x3f, 1, 0 },
};

KUNIT_ARRAY_PARAM_DESC(page_sample, page_samples, name);

static void cdrom_page_test(struct kunit *test)
{
	const struct page_sample *sample = test->param_value;
	u8 cdb[10] = { 0x5a, 0, sample->pc | sample->code, sample->subpage };
	u8 buf[VCDROM_PAGES_MAX];

	memset(buf, 0xa5, sizeof(buf));
	KUNIT_ASSERT_EQ(test, vcdrom_build_pages(sample->drive, cdb, buf),
			sample->len);
	KUNIT_EXPECT_MEMEQ(test, buf, sample->bytes, sample->len);
}

/* Ascending, each with its own length, and not a byte behind the last. */
static void check_list(struct kunit *test, u8 subpage, unsigned int want,
		       unsigned int pages)
{
	const u8 cdb[10] = { 0x5a, 0, 0x3f, subpage };
	u8 *buf = kunit_kzalloc(test, want, GFP_KERNEL);
	unsigned int pos, key, last = 0, found = 0;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_ASSERT_EQ(test, vcdrom_build_pages(&full, cdb, buf), want);
	for (pos = 0; pos < want; found++) {
		bool sub = buf[pos] & VCDROM_PAGE_SPF;

		key = (buf[pos] & VCDROM_PAGE_ALL) << 8 |
		      (sub ? buf[pos + 1] : 0);
		KUNIT_EXPECT_GT(test, key, last);
		last = key;
		pos += sub ? 4 + buf[pos + 3] : 2 + buf[pos + 1];
	}
	KUNIT_EXPECT_EQ(test, pos, want);
	KUNIT_EXPECT_EQ(test, found, pages);
}

static void cdrom_all_pages_test(struct kunit *test)
{
	check_list(test, 0, PAGES_LEN, ALL_PAGES - 1);
	check_list(test, 0xff, ALL_LEN, ALL_PAGES);
}

/* A page with all of its subpages, and one that has none */
static void cdrom_subpages_test(struct kunit *test)
{
	const u8 control[10] = { 0x5a, 0, 0x0a, 0xff };
	const u8 capabilities[10] = { 0x5a, 0, 0x2a, 0xff };
	u8 buf[VCDROM_PAGES_MAX];

	KUNIT_EXPECT_EQ(test, vcdrom_build_pages(&full, control, buf), 44);
	KUNIT_EXPECT_EQ(test, buf[0], 0x8a);
	KUNIT_EXPECT_EQ(test, buf[12], 0x4a);
	KUNIT_EXPECT_EQ(test, vcdrom_build_pages(&full, capabilities, buf), 32);
}

static struct kunit_case cdrom_page_cases[] = {
	KUNIT_CASE_PARAM(cdrom_page_test, page_sample_gen_params),
	KUNIT_CASE(cdrom_all_pages_test),
	KUNIT_CASE(cdrom_subpages_test),
	{}
};

static struct kunit_suite cdrom_page_suite = {
	.name = "scst_vcdrom_page",
	.test_cases = cdrom_page_cases,
};

kunit_test_suite(cdrom_page_suite);
