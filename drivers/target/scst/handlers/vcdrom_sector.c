// SPDX-License-Identifier: GPL-2.0
/*
 * A sector of a CD as it is recorded (ECMA-130 14, Annex A and B), made from
 * the 2048 bytes that an image holds of it: mode 1.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/bcd.h>
#include <linux/export.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "vcdrom_pure.h"

/* Where the fields are: sync, header, user data, EDC, ECC */
#define VCDROM_AT_HEADER	12
#define VCDROM_AT_USER		VCDROM_RAW_USER
#define VCDROM_AT_EDC		2064
#define VCDROM_AT_ZERO		2068
#define VCDROM_AT_ECC		2076

/* READ CD, byte 9 */
#define VCDROM_SYNC		0x80
#define VCDROM_HEADER		0x20
#define VCDROM_USER		0x10
#define VCDROM_ECC		0x08

/* ECMA-130 14.3: (x^16 + x^15 + x^2 + 1)(x^16 + x^2 + x + 1), reflected */
#define VCDROM_EDC_POLY		0xd8018001
/* ECMA-130 Annex A: GF(2^8) over x^8 + x^4 + x^3 + x^2 + 1 */
#define VCDROM_GF_POLY		0x1d
/* 1 / 3 in that field */
#define VCDROM_GF_THIRD		0xf4

/**
 * struct vcdrom_ecc - one of the two codes
 * @words: data words of a codeword; two more are its parity
 * @codewords: number of them
 * @step: words from one of a codeword to the next
 * @stride: words from the beginning of a codeword to that of the next
 * @size: words that are covered: addresses wrap around there
 */
struct vcdrom_ecc {
	u16	words;
	u16	codewords;
	u16	step;
	u16	stride;
	u16	size;
};

/* P over columns, then Q over diagonals, P parity included */
static const struct vcdrom_ecc vcdrom_eccs[] = {
	{ 24, 43, 43, 1, 24 * 43 },
	{ 43, 26, 44, 43, 26 * 43 },
};

static u8 vcdrom_gf_double(u8 a)
{
	return a << 1 ^ (a & 0x80 ? VCDROM_GF_POLY : 0);
}

static u8 vcdrom_gf_mul(u8 a, u8 b)
{
	u8 product = 0;

	for (; b; b >>= 1, a = vcdrom_gf_double(a))
		if (b & 1)
			product ^= a;
	return product;
}

/*
 * The parity of a codeword, of the high or of the low bytes of its words: p and
 * q behind data d make both the sum of all and the sum of all, weighted with
 * descending powers of 2, zero.
 */
static void vcdrom_parity(u8 *area, const struct vcdrom_ecc *ecc,
			  unsigned int number, unsigned int low)
{
	u8 sum = 0, weighted = 0, p;
	unsigned int i, word;

	for (i = 0; i < ecc->words; i++) {
		word = (number * ecc->stride + i * ecc->step) % ecc->size;
		sum ^= area[2 * word + low];
		weighted = vcdrom_gf_double(weighted) ^ area[2 * word + low];
	}
	weighted = vcdrom_gf_double(vcdrom_gf_double(weighted));
	p = vcdrom_gf_mul(sum ^ weighted, VCDROM_GF_THIRD);
	word = ecc->size + number;
	area[2 * word + low] = p;
	area[2 * (word + ecc->codewords) + low] = sum ^ p;
}

static u32 vcdrom_edc(const u8 *data, size_t len)
{
	u32 edc = 0;
	int bit;

	while (len--) {
		edc ^= *data++;
		for (bit = 0; bit < 8; bit++)
			edc = edc >> 1 ^ (edc & 1 ? VCDROM_EDC_POLY : 0);
	}
	return edc;
}

/* @raw: VCDROM_RAW bytes, the user data of block @lba at VCDROM_AT_USER */
void vcdrom_sector_build(u8 *raw, u32 lba)
{
	u32 frame = lba + VCDROM_PREGAP;
	unsigned int i, number;

	raw[0] = 0;
	memset(raw + 1, 0xff, 10);
	raw[11] = 0;
	raw[12] = bin2bcd(frame / (VCDROM_SECONDS * VCDROM_FRAMES));
	raw[13] = bin2bcd(frame / VCDROM_FRAMES % VCDROM_SECONDS);
	raw[14] = bin2bcd(frame % VCDROM_FRAMES);
	raw[15] = 1;			/* mode */
	put_unaligned_le32(vcdrom_edc(raw, VCDROM_AT_EDC),
			   raw + VCDROM_AT_EDC);
	memset(raw + VCDROM_AT_ZERO, 0, VCDROM_AT_ECC - VCDROM_AT_ZERO);
	for (i = 0; i < ARRAY_SIZE(vcdrom_eccs); i++)
		for (number = 0; number < vcdrom_eccs[i].codewords; number++) {
			vcdrom_parity(raw + VCDROM_AT_HEADER, &vcdrom_eccs[i],
				      number, 0);
			vcdrom_parity(raw + VCDROM_AT_HEADER, &vcdrom_eccs[i],
				      number, 1);
		}
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_sector_build);

/*
 * The fields of a sector that byte 9 of READ CD asks for. Mode 1 has no
 * subheader. Return: bytes in @to, which has room for VCDROM_RAW.
 */
u32 vcdrom_sector_pick(const u8 *raw, u8 fields, u8 *to)
{
	static const struct {
		u8	field;
		u16	from;
		u16	len;
	} parts[] = {
		{ VCDROM_SYNC, 0, VCDROM_AT_HEADER },
		{ VCDROM_HEADER, VCDROM_AT_HEADER, 4 },
		{ VCDROM_USER, VCDROM_AT_USER, VCDROM_BLOCK },
		{ VCDROM_ECC, VCDROM_AT_EDC, VCDROM_RAW - VCDROM_AT_EDC },
	};
	unsigned int i;
	u32 len = 0;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!(fields & parts[i].field))
			continue;
		memcpy(to + len, raw + parts[i].from, parts[i].len);
		len += parts[i].len;
	}
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_sector_pick);
