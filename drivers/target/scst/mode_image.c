// SPDX-License-Identifier: GPL-2.0
/*
 * Saved mode pages as they are in a file: magic, version, generation, length,
 * pages, zeros, and a CRC of all that.
 */
#include <kunit/visibility.h>
#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "scst_pure.h"

static const u8 scst_mode_magic[8] = "SCSTMODE";

#define SCST_MODE_VERSION	1
/* Offsets in an image */
#define SCST_MODE_AT_VERSION	8
#define SCST_MODE_AT_LEN	10
#define SCST_MODE_AT_GENERATION	12
#define SCST_MODE_AT_PAGES	16
#define SCST_MODE_AT_CRC	(SCST_MODE_IMAGE_SIZE - 4)

static u32 scst_mode_image_crc(const u8 *buf)
{
	return ~__crc32c_le(~0, buf, SCST_MODE_AT_CRC);
}

void scst_mode_image_build(const struct scst_mode_image *image, u8 *buf)
{
	BUILD_BUG_ON(SCST_MODE_AT_PAGES + sizeof(image->pages) >
		     SCST_MODE_AT_CRC);

	memset(buf, 0, SCST_MODE_IMAGE_SIZE);
	memcpy(buf, scst_mode_magic, sizeof(scst_mode_magic));
	put_unaligned_be16(SCST_MODE_VERSION, buf + SCST_MODE_AT_VERSION);
	put_unaligned_be16(image->len, buf + SCST_MODE_AT_LEN);
	put_unaligned_be32(image->generation, buf + SCST_MODE_AT_GENERATION);
	memcpy(buf + SCST_MODE_AT_PAGES, image->pages, image->len);
	put_unaligned_be32(scst_mode_image_crc(buf), buf + SCST_MODE_AT_CRC);
}
EXPORT_SYMBOL_IF_KUNIT(scst_mode_image_build);

int scst_mode_image_parse(struct scst_mode_image *image, const u8 *buf,
			  size_t len)
{
	memset(image, 0, sizeof(*image));
	if (!memchr_inv(buf, 0, len))
		return -ENODATA;
	if (len != SCST_MODE_IMAGE_SIZE ||
	    memcmp(buf, scst_mode_magic, sizeof(scst_mode_magic)) ||
	    get_unaligned_be32(buf + SCST_MODE_AT_CRC) !=
	    scst_mode_image_crc(buf) ||
	    get_unaligned_be16(buf + SCST_MODE_AT_VERSION) !=
	    SCST_MODE_VERSION ||
	    get_unaligned_be16(buf + SCST_MODE_AT_LEN) > sizeof(image->pages))
		return -EUCLEAN;
	image->len = get_unaligned_be16(buf + SCST_MODE_AT_LEN);
	image->generation = get_unaligned_be32(buf + SCST_MODE_AT_GENERATION);
	memcpy(image->pages, buf + SCST_MODE_AT_PAGES, image->len);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(scst_mode_image_parse);

/* Two generations in a file are next to one another: it may wrap around. */
bool scst_mode_image_newer(const struct scst_mode_image *a,
			   const struct scst_mode_image *b)
{
	return (s32)(a->generation - b->generation) > 0;
}
EXPORT_SYMBOL_IF_KUNIT(scst_mode_image_newer);
