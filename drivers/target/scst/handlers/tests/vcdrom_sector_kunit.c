// SPDX-License-Identifier: GPL-2.0
/*
 * Sectors as they are recorded: whether a decoder would find them without
 * errors (ECMA-130 Annex A), and which fields READ CD gets.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "../vcdrom_pure.h"

/* Words of P and Q, and their codewords */
#define P_LEN	26
#define P_NR	43
#define Q_LEN	45
#define Q_NR	26

static u8 gf_double(u8 a)
{
	return a << 1 ^ (a & 0x80 ? 0x1d : 0);
}

/* Both syndromes of a codeword, the last byte with weight 1 */
static bool syndromes_zero(const u8 *word, unsigned int len)
{
	u8 s0 = 0, s1 = 0;
	unsigned int i;

	for (i = 0; i < len; i++) {
		s0 ^= word[i];
		s1 = gf_double(s1) ^ word[i];
	}
	return !s0 && !s1;
}

/* Byte of word @index of those behind the sync */
static u8 word_byte(const u8 *raw, unsigned int index, unsigned int low)
{
	return raw[12 + 2 * index + low];
}

static bool p_correct(const u8 *raw, unsigned int column, unsigned int low)
{
	u8 word[P_LEN];
	unsigned int i;

	for (i = 0; i < P_LEN; i++)
		word[i] = word_byte(raw, P_NR * i + column, low);
	return syndromes_zero(word, P_LEN);
}

/* The diagonals wrap around the 1118 words that they cover. */
static bool q_correct(const u8 *raw, unsigned int diagonal, unsigned int low)
{
	u8 word[Q_LEN];
	unsigned int i;

	for (i = 0; i < Q_LEN - 2; i++)
		word[i] = word_byte(raw, (44 * i + 43 * diagonal) % 1118, low);
	word[Q_LEN - 2] = word_byte(raw, 1118 + diagonal, low);
	word[Q_LEN - 1] = word_byte(raw, 1144 + diagonal, low);
	return syndromes_zero(word, Q_LEN);
}

static u8 *sector_make(struct kunit *test, u32 lba)
{
	u8 *raw = kunit_kzalloc(test, VCDROM_RAW, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, raw);
	for (i = 0; i < VCDROM_BLOCK; i++)
		raw[VCDROM_RAW_USER + i] = i * i + (i >> 5) + lba;
	vcdrom_sector_build(raw, lba);
	return raw;
}

static void sector_header_test(struct kunit *test)
{
	static const u8 head[16] = {
		0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0, 0x59, 0x58, 0x47, 1,
	};
	/* 59:58:47, in BCD */
	u8 *raw = sector_make(test, (59 * 60 + 58) * 75 + 47 - 150);

	KUNIT_EXPECT_MEMEQ(test, raw, head, sizeof(head));
	KUNIT_EXPECT_NULL(test, memchr_inv(raw + 2068, 0, 8));
}

/* Computed with Python from the polynomial in ECMA-130 14.3 */
static void sector_edc_test(struct kunit *test)
{
	u8 *raw = kunit_kzalloc(test, VCDROM_RAW, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, raw);
	vcdrom_sector_build(raw, 0);
	KUNIT_EXPECT_EQ(test, get_unaligned_le32(raw + 2064), 0x2b6813c5);
}

static void sector_ecc_test(struct kunit *test)
{
	u8 *raw = sector_make(test, 12345);
	unsigned int i;

	for (i = 0; i < 2 * P_NR; i++)
		KUNIT_EXPECT_TRUE_MSG(test, p_correct(raw, i / 2, i % 2),
				      "P %u", i);
	for (i = 0; i < 2 * Q_NR; i++)
		KUNIT_EXPECT_TRUE_MSG(test, q_correct(raw, i / 2, i % 2),
				      "Q %u", i);
	/* The check itself sees an error. */
	raw[1000] ^= 0x10;
	KUNIT_EXPECT_FALSE(test, p_correct(raw, (1000 - 12) / 2 % P_NR,
					   (1000 - 12) % 2));
}

/* MMC-6 table 498 for mode 1: fields, and where they are in a sector */
static void sector_pick_test(struct kunit *test)
{
	static const struct {
		u8	fields;
		u16	len;
		u16	from;
	} picks[] = {
		{ 0x00, 0, 0 },
		{ 0x10, 2048, 16 },
		{ 0x18, 2336, 16 },
		{ 0x20, 4, 12 },
		{ 0x30, 2052, 12 },
		{ 0x38, 2340, 12 },
		{ 0x40, 0, 0 },
		{ 0x50, 2048, 16 },
		{ 0x78, 2340, 12 },
		{ 0x80, 12, 0 },
		{ 0xa0, 16, 0 },
		{ 0xf8, 2352, 0 },
	};
	u8 *raw = sector_make(test, 77), *to;
	unsigned int i;

	to = kunit_kzalloc(test, VCDROM_RAW, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, to);
	for (i = 0; i < ARRAY_SIZE(picks); i++) {
		KUNIT_EXPECT_EQ(test,
				vcdrom_sector_pick(raw, picks[i].fields, to),
				picks[i].len);
		KUNIT_EXPECT_MEMEQ(test, to, raw + picks[i].from,
				   picks[i].len);
	}
}

static struct kunit_case sector_test_cases[] = {
	KUNIT_CASE(sector_header_test),
	KUNIT_CASE(sector_edc_test),
	KUNIT_CASE(sector_ecc_test),
	KUNIT_CASE(sector_pick_test),
	{}
};

static struct kunit_suite sector_suite = {
	.name = "scst_vcdrom_sector",
	.test_cases = sector_test_cases,
};

kunit_test_suite(sector_suite);
