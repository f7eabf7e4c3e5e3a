// SPDX-License-Identifier: GPL-2.0
/*
 * The Control mode pages, all values of all fields, and the image of saved mode
 * pages, damaged in all ways.
 */
#include <kunit/test.h>
#include <linux/crc32.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "../scst_pure.h"

/* Typed from SPC-5 7.5.10, field by field */
struct control_field {
	const char	*name;
	u8		byte;
	u8		msb;
	u8		bits;
	u16		legal;
	size_t		where;
};

#define WHERE(field)	offsetof(struct scst_control, field)

static const struct control_field control_fields[] = {
	{ "TST",	2, 7, 3, BIT(0) | BIT(1), WHERE(tst) },
	{ "TMF_ONLY",	2, 4, 1, BIT(0) | BIT(1), WHERE(tmf_only) },
	{ "DPICZ",	2, 3, 1, BIT(0) | BIT(1), WHERE(dpicz) },
	{ "D_SENSE",	2, 2, 1, BIT(0) | BIT(1), WHERE(d_sense) },
	{ "QAM",	3, 7, 4, BIT(0) | BIT(1), WHERE(qam) },
	{ "QERR",	3, 2, 2, BIT(0) | BIT(1) | BIT(3), WHERE(qerr) },
	{ "UA_INTLCK",	4, 5, 2, BIT(0) | BIT(2) | BIT(3), WHERE(ua_intlck) },
	{ "SWP",	4, 3, 1, BIT(0) | BIT(1), WHERE(swp) },
	{ "TAS",	5, 6, 1, BIT(0) | BIT(1), WHERE(tas) },
};

KUNIT_ARRAY_PARAM_DESC(control_field, control_fields, name);

static u8 control_shift(const struct control_field *field)
{
	return field->msb + 1 - field->bits;
}

static u8 control_mask(const struct control_field *field)
{
	return (BIT(field->bits) - 1) << control_shift(field);
}

/* All fields zero, and all of them at their highest legal value */
static const struct scst_control control_low;
static const struct scst_control control_high = {
	.tst = 1, .qerr = 3, .qam = 1, .ua_intlck = 3, .d_sense = true,
	.dpicz = true, .tmf_only = true, .swp = true, .tas = true,
};

static void control_fill_test(struct kunit *test)
{
	static const u8 low[SCST_CONTROL_LEN] = {
		0x0a, 0x0a, [8] = 0xff, 0xff,
	};
	static const u8 high[SCST_CONTROL_LEN] = {
		0x0a, 0x0a, 0x3c, 0x16, 0x38, 0x40, [8] = 0xff, 0xff,
	};
	u8 page[SCST_CONTROL_LEN];

	memset(page, 0xa5, sizeof(page));
	scst_control_fill(&control_low, page);
	KUNIT_EXPECT_MEMEQ(test, page, low, sizeof(low));
	memset(page, 0xa5, sizeof(page));
	scst_control_fill(&control_high, page);
	KUNIT_EXPECT_MEMEQ(test, page, high, sizeof(high));
}

static void control_changeable_test(struct kunit *test)
{
	u8 want[SCST_CONTROL_LEN] = { 0x0a, 0x0a }, page[SCST_CONTROL_LEN];
	int i;

	for (i = 0; i < ARRAY_SIZE(control_fields); i++)
		want[control_fields[i].byte] |=
			control_mask(&control_fields[i]);
	memset(page, 0xa5, sizeof(page));
	scst_control_changeable(page);
	KUNIT_EXPECT_MEMEQ(test, page, want, sizeof(want));
}

/* What is not changeable is not looked at. */
static void control_unchangeable_test(struct kunit *test)
{
	u8 mask[SCST_CONTROL_LEN], page[SCST_CONTROL_LEN], bit;
	struct scst_control control;
	int i;

	scst_control_changeable(mask);
	scst_control_fill(&control_high, page);
	for (i = 0; i < SCST_CONTROL_LEN; i++)
		page[i] ^= i < 2 ? 0 : ~mask[i];
	control = control_low;
	KUNIT_EXPECT_EQ(test, scst_control_select(&control, page, &bit), 0);
	KUNIT_EXPECT_MEMEQ(test, &control, &control_high, sizeof(control));
}

static void control_value(struct kunit *test,
			  const struct control_field *field,
			  const struct scst_control *from, u8 value)
{
	u8 page[SCST_CONTROL_LEN], again[SCST_CONTROL_LEN], bit = 0xff;
	struct scst_control control = *from;
	bool legal = field->legal & BIT(value);
	unsigned int byte;

	scst_control_fill(from, page);
	page[field->byte] &= ~control_mask(field);
	page[field->byte] |= value << control_shift(field);
	byte = scst_control_select(&control, page, &bit);
	if (!legal) {
		KUNIT_EXPECT_EQ(test, byte, field->byte);
		KUNIT_EXPECT_EQ(test, bit, field->msb);
		KUNIT_EXPECT_MEMEQ(test, &control, from, sizeof(control));
		return;
	}
	KUNIT_EXPECT_EQ(test, byte, 0);
	KUNIT_EXPECT_EQ(test, *((u8 *)&control + field->where), value);
	*((u8 *)&control + field->where) = *((const u8 *)from + field->where);
	KUNIT_EXPECT_MEMEQ(test, &control, from, sizeof(control));
	*((u8 *)&control + field->where) = value;
	scst_control_fill(&control, again);
	KUNIT_EXPECT_MEMEQ(test, page, again, sizeof(page));
}

static void control_values_test(struct kunit *test)
{
	const struct control_field *field = test->param_value;
	unsigned int value;

	for (value = 0; value < BIT(field->bits); value++) {
		control_value(test, field, &control_low, value);
		control_value(test, field, &control_high, value);
	}
}

/* The attributes: the same values, and none that is wider than its field */
static void control_attr_test(struct kunit *test)
{
	const struct control_field *field = test->param_value;
	struct scst_control control = control_low;
	enum scst_control_id id;
	unsigned int value;
	bool legal;

	for (id = 0; id < SCST_CTL_NR; id++) {
		control = control_low;
		*((u8 *)&control + field->where) = 1;
		if (scst_control_get(&control, id))
			break;
	}
	KUNIT_ASSERT_LT(test, id, SCST_CTL_NR);
	for (value = 0; value < 1024; value++) {
		control = control_low;
		legal = value < 16 && field->legal & BIT(value);
		KUNIT_EXPECT_EQ(test, scst_control_put(&control, id, value),
				legal);
		KUNIT_EXPECT_EQ(test, scst_control_get(&control, id),
				legal ? value : 0);
	}
	KUNIT_EXPECT_FALSE(test, scst_control_put(&control, id, UINT_MAX));
}

static void control_ext_test(struct kunit *test)
{
	static const u8 want[SCST_CONTROL_EXT_LEN] = {
		0x4a, 0x01, 0x00, 0x1c, [6] = SCST_SENSE_SIZE,
	};
	u8 page[SCST_CONTROL_EXT_LEN];

	memset(page, 0xa5, sizeof(page));
	scst_control_ext_fill(page);
	KUNIT_EXPECT_MEMEQ(test, page, want, sizeof(want));
}

/* An image of @len bytes of pages */
static u8 *image_new(struct kunit *test, struct scst_mode_image *image, u16 len)
{
	u8 *buf = kunit_kzalloc(test, SCST_MODE_IMAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	memset(image, 0, sizeof(*image));
	image->generation = 0x01020304;
	image->len = len;
	memset(image->pages, 0x5a, len);
	memset(buf, 0xa5, SCST_MODE_IMAGE_SIZE);
	scst_mode_image_build(image, buf);
	return buf;
}

static void image_round_test(struct kunit *test)
{
	static const u16 lens[] = { 0, 1, 32, SCST_SAVED_PAGES_MAX };
	struct scst_mode_image image, got;
	int i, error;
	u8 *buf;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		buf = image_new(test, &image, lens[i]);
		memset(&got, 0xa5, sizeof(got));
		error = scst_mode_image_parse(&got, buf, SCST_MODE_IMAGE_SIZE);
		KUNIT_EXPECT_EQ(test, error, 0);
		KUNIT_EXPECT_EQ(test, got.generation, image.generation);
		KUNIT_EXPECT_EQ(test, got.len, image.len);
		KUNIT_EXPECT_MEMEQ(test, got.pages, image.pages,
				   sizeof(got.pages));
	}
}

/* The format, typed once more: files outlive kernels. */
static void image_format_test(struct kunit *test)
{
	static const u8 head[] = {
		'S', 'C', 'S', 'T', 'M', 'O', 'D', 'E',
		0, 1, 0, 2, 1, 2, 3, 4, 0x5a, 0x5a, 0,
	};
	struct scst_mode_image image;
	u8 *buf = image_new(test, &image, 2);

	KUNIT_EXPECT_MEMEQ(test, buf, head, sizeof(head));
}

/* A damaged image is seen, wherever one bit of it is wrong. */
static void image_flip_test(struct kunit *test)
{
	struct scst_mode_image image, got;
	u8 *buf = image_new(test, &image, 32);
	unsigned int bit;

	for (bit = 0; bit < SCST_MODE_IMAGE_SIZE * 8; bit++) {
		buf[bit / 8] ^= BIT(bit % 8);
		KUNIT_EXPECT_EQ_MSG(test, -EUCLEAN,
				    scst_mode_image_parse(&got, buf,
							  SCST_MODE_IMAGE_SIZE),
				    "bit %u", bit);
		KUNIT_EXPECT_EQ(test, got.len, 0);
		buf[bit / 8] ^= BIT(bit % 8);
	}
}

/* One that ends early is no image; what was never written is none either. */
static void image_short_test(struct kunit *test)
{
	struct scst_mode_image image, got;
	u8 *buf = image_new(test, &image, 32), *part;
	size_t len;

	for (len = 0; len < SCST_MODE_IMAGE_SIZE; len++) {
		/* Of its own size, so that KASAN sees who reads on */
		part = kmemdup(buf, len ?: 1, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, part);
		KUNIT_EXPECT_EQ_MSG(test, scst_mode_image_parse(&got, part,
								len),
				    len ? -EUCLEAN : -ENODATA, "%zu bytes",
				    len);
		memset(part, 0, len);
		KUNIT_EXPECT_EQ(test, scst_mode_image_parse(&got, part, len),
				-ENODATA);
		kfree(part);
	}
	memset(buf, 0, SCST_MODE_IMAGE_SIZE);
	KUNIT_EXPECT_EQ(test, scst_mode_image_parse(&got, buf,
						    SCST_MODE_IMAGE_SIZE),
			-ENODATA);
}

/* A whole image with a good CRC that says what cannot be */
static void image_length_test(struct kunit *test)
{
	static const struct {
		u8 at, value;
	} wrong[] = {
		{ 9, 0 }, { 9, 2 }, { 8, 1 },	/* version */
		{ 11, 0xe9 }, { 10, 0xff },	/* length */
	};
	struct scst_mode_image image, got;
	u32 crc;
	u8 *buf;
	int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		buf = image_new(test, &image, SCST_SAVED_PAGES_MAX);
		buf[wrong[i].at] = wrong[i].value;
		crc = ~__crc32c_le(~0, buf, SCST_MODE_IMAGE_SIZE - 4);
		put_unaligned_be32(crc, buf + SCST_MODE_IMAGE_SIZE - 4);
		KUNIT_EXPECT_EQ_MSG(test, -EUCLEAN,
				    scst_mode_image_parse(&got, buf,
							  SCST_MODE_IMAGE_SIZE),
				    "row %d", i);
	}
}

static void image_newer_test(struct kunit *test)
{
	static const u32 starts[] = { 0, 1, S32_MAX, U32_MAX };
	struct scst_mode_image a = {}, b = {};
	int i;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		a.generation = starts[i];
		b.generation = starts[i] + 1;
		KUNIT_EXPECT_FALSE(test, scst_mode_image_newer(&a, &b));
		KUNIT_EXPECT_TRUE(test, scst_mode_image_newer(&b, &a));
		KUNIT_EXPECT_FALSE(test, scst_mode_image_newer(&a, &a));
	}
}

static struct kunit_case control_test_cases[] = {
	KUNIT_CASE(control_fill_test),
	KUNIT_CASE(control_changeable_test),
	KUNIT_CASE(control_unchangeable_test),
	KUNIT_CASE_PARAM(control_values_test, control_field_gen_params),
	KUNIT_CASE_PARAM(control_attr_test, control_field_gen_params),
	KUNIT_CASE(control_ext_test),
	KUNIT_CASE(image_round_test),
	KUNIT_CASE(image_format_test),
	KUNIT_CASE(image_flip_test),
	KUNIT_CASE(image_short_test),
	KUNIT_CASE(image_length_test),
	KUNIT_CASE(image_newer_test),
	{}
};

static struct kunit_suite control_suite = {
	.name = "scst_control",
	.test_cases = control_test_cases,
};

kunit_test_suite(control_suite);
