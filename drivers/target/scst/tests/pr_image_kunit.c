// SPDX-License-Identifier: GPL-2.0
/*
 * Images of persistent reservations: what was written is read again, and
 * nothing else is ever taken for it.
 */
#include <kunit/test.h>
#include <linux/crc32.h>
#include <linux/unaligned.h>
#include "../pr.h"

#define IMG_OWNER	"vdisk_nullio/n0"
/* What the format says, not what the code does */
#define IMG_AT_VERSION	8
#define IMG_AT_LEN	12
#define IMG_AT_TYPE	28
#define IMG_AT_NR	32
#define IMG_REGS	(40 + sizeof(IMG_OWNER) - 1)
#define IMG_SAS_REG	(12 + 24)

static struct scst_pr *img_pr(struct kunit *test, u32 max)
{
	struct scst_pr *pr;

	pr = kunit_kzalloc(test, struct_size(pr, regs, max), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pr);
	pr->max = max;
	return pr;
}

/* A SAS port, and one of iSCSI with a long name; the second one holds. */
static struct scst_pr *img_state(struct kunit *test, u8 type)
{
	static const u8 isid[6] = { 0x00, 0x02, 0x3d, 0, 0, 1 };
	const u8 sas[24] = { 0x06, [4] = 0x50, [11] = 1 };
	struct scst_pr *pr = img_pr(test, 3);

	pr->generation = 0x01020304;
	pr->type = type;
	pr->aptpl = true;
	pr->nr = 3;
	pr->holder = 2;
	scst_transport_id_parse(sas, sizeof(sas), &pr->regs[0].port.id);
	pr->regs[0].port.rel_port = 1;
	pr->regs[0].key = 0xa0;
	/* On its way out: no image has it */
	pr->regs[1] = pr->regs[0];
	pr->regs[1].port.rel_port = 0xfffe;
	pr->regs[1].effects = SCST_PR_GONE;
	scst_transport_id_iscsi(&pr->regs[2].port.id, "iqn.2026-11.test:i",
				isid);
	pr->regs[2].port.rel_port = 0xffff;
	pr->regs[2].key = U64_MAX;
	return pr;
}

/* The image of a state, and one byte more that means nothing */
static u8 *img_new(struct kunit *test, const struct scst_pr *pr, u64 seq,
		   size_t *len)
{
	u8 *buf;

	*len = scst_pr_image_size(pr, IMG_OWNER);
	buf = kunit_kzalloc(test, *len + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	buf[*len] = 0x5a;
	scst_pr_image_build(pr, IMG_OWNER, seq, buf);
	KUNIT_ASSERT_EQ(test, buf[*len], 0x5a);
	return buf;
}

/* Make the checksum right again */
static void img_seal(u8 *buf, size_t len)
{
	put_unaligned_be32(~__crc32c_le(~0, buf, len - 4), buf + len - 4);
}

static enum scst_pr_image_state img_look(const u8 *buf, size_t len)
{
	struct scst_pr_image image;

	scst_pr_image_look(buf, len, IMG_OWNER, &image);
	return image.state;
}

/* What was changed in an image whose checksum is right */
static int img_load(struct kunit *test, const u8 *buf, size_t len)
{
	struct scst_pr_image image;

	scst_pr_image_look(buf, len, IMG_OWNER, &image);
	KUNIT_ASSERT_EQ(test, image.state, SCST_PR_IMAGE_VALID);
	KUNIT_ASSERT_LE(test, image.nr, SCST_PR_MAX_REGS);
	return scst_pr_image_load(&image, img_pr(test, image.nr));
}

static const u8 img_types[] = { 0, 1, 3, 5, 6, 7, 8 };

static void img_type_desc(const u8 *type, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "type %u", *type);
}

KUNIT_ARRAY_PARAM(img_type, img_types, img_type_desc);

static void img_round_trip_test(struct kunit *test)
{
	u8 type = *(const u8 *)test->param_value;
	struct scst_pr *pr = img_state(test, type), *got = img_pr(test, 2);
	struct scst_pr_image image;
	size_t len;
	u8 *buf = img_new(test, pr, 0x1122334455667788, &len);

	scst_pr_image_look(buf, len + 1, IMG_OWNER, &image);
	KUNIT_ASSERT_EQ(test, image.state, SCST_PR_IMAGE_VALID);
	KUNIT_EXPECT_EQ(test, image.seq, 0x1122334455667788);
	KUNIT_ASSERT_EQ(test, image.nr, 2);
	KUNIT_ASSERT_EQ(test, scst_pr_image_load(&image, got), 0);
	scst_pr_settle(pr);
	KUNIT_EXPECT_EQ(test, got->generation, pr->generation);
	KUNIT_EXPECT_EQ(test, got->type, pr->type);
	KUNIT_EXPECT_TRUE(test, got->aptpl);
	KUNIT_EXPECT_EQ(test, got->nr, 2);
	if (type && type < 7)
		KUNIT_EXPECT_EQ(test, got->holder, 1);
	KUNIT_EXPECT_MEMEQ(test, got->regs, pr->regs, 2 * sizeof(pr->regs[0]));
}

static void img_empty_test(struct kunit *test)
{
	struct scst_pr_image image;
	size_t len;
	u8 *buf = img_new(test, img_pr(test, 0), 1, &len);

	KUNIT_EXPECT_EQ(test, len, IMG_REGS + 4);
	scst_pr_image_look(buf, len, IMG_OWNER, &image);
	KUNIT_ASSERT_EQ(test, image.state, SCST_PR_IMAGE_VALID);
	KUNIT_EXPECT_EQ(test, image.nr, 0);
	KUNIT_EXPECT_FALSE(test, image.aptpl);
	KUNIT_EXPECT_EQ(test, scst_pr_image_load(&image, img_pr(test, 0)), 0);
}

/* The bytes of a small image, typed from the format's description */
static void img_bytes_test(struct kunit *test)
{
	static const u8 want[] = {
		'S', 'C', 'S', 'T', ' ', 'P', 'R', '\n',
		0, 0, 0, 1, 0, 0, 0, 81, 0, 0, 0, 0, 0, 0, 0, 9,
		0, 0, 0, 7, 5, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 'd',
		0, 0, 0, 0, 0, 0, 0, 0xab, 0, 2, 1, 24,
		6, 0, 0, 0, 0x50, 0, 0, 0, 0, 0, 0, 1,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	struct scst_pr *pr = img_state(test, 5);
	u8 buf[sizeof(want) + 4];

	pr->nr = 1;
	pr->holder = 0;
	pr->generation = 7;
	pr->regs[0].key = 0xab;
	pr->regs[0].port.rel_port = 2;
	KUNIT_ASSERT_EQ(test, scst_pr_image_size(pr, "d"), sizeof(buf));
	scst_pr_image_build(pr, "d", 9, buf);
	KUNIT_EXPECT_MEMEQ(test, buf, want, sizeof(want));
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf + sizeof(want)),
			~__crc32c_le(~0, buf, sizeof(want)));
	/* It is CRC32C (RFC 7143 A.4). */
	KUNIT_EXPECT_EQ(test, ~__crc32c_le(~0, "123456789", 9), 0xe3069283);
}

/* One generation is damaged in every way; the other one is older, and holds. */
static void img_damage(struct kunit *test, const u8 *buf, size_t len)
{
	const struct scst_pr_image old = {
		.state = SCST_PR_IMAGE_VALID, .seq = 1,
	};
	struct scst_pr_image gens[2] = { [1] = old };
	unsigned int newest = 0;

	scst_pr_image_look(buf, len, IMG_OWNER, &gens[0]);
	KUNIT_ASSERT_LE(test, gens[0].state, SCST_PR_IMAGE_TORN);
	KUNIT_ASSERT_EQ(test, scst_pr_image_choose(gens, &newest),
			SCST_PR_IMAGE_VALID);
	KUNIT_ASSERT_EQ(test, newest, 1);
	gens[1] = gens[0];
	KUNIT_ASSERT_LE(test, scst_pr_image_choose(gens, &newest),
			SCST_PR_IMAGE_TORN);
}

static void img_truncated_test(struct kunit *test)
{
	size_t len, cut;
	u8 *buf = img_new(test, img_state(test, 1), 2, &len), *copy;

	for (cut = 0; cut < len; cut++) {
		/* Of its own size, so that KASAN sees who goes beyond it */
		copy = kmemdup(buf, cut, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, copy);
		img_damage(test, copy, cut);
		kfree(copy);
	}
}

static void img_bit_flip_test(struct kunit *test)
{
	size_t len, bit;
	u8 *buf = img_new(test, img_state(test, 1), 2, &len);

	for (bit = 0; bit < 8 * len; bit++) {
		buf[bit / 8] ^= BIT(bit % 8);
		img_damage(test, buf, len);
		buf[bit / 8] ^= BIT(bit % 8);
	}
	KUNIT_EXPECT_EQ(test, img_look(buf, len), SCST_PR_IMAGE_VALID);
}

/* A sector of the older generation between those of the newer one */
static void img_torn_test(struct kunit *test)
{
	size_t len, other_len, at;
	struct scst_pr *pr = img_state(test, 1);
	u8 *buf = img_new(test, pr, 4, &len), *other, *copy;

	pr->regs[0].key++;
	other = img_new(test, pr, 2, &other_len);
	KUNIT_ASSERT_EQ(test, len, other_len);
	for (at = 1; at < len; at++) {
		copy = kmemdup(buf, len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, copy);
		memcpy(copy, other, at);
		/* The sequence numbers differ in one byte, the keys in one. */
		if (memcmp(copy, buf, len) && memcmp(copy, other, len))
			img_damage(test, copy, len);
		kfree(copy);
	}
}

static void img_foreign_test(struct kunit *test)
{
	static const char * const names[] = {
		"", "vdisk_nullio/n", "vdisk_nullio/n00", "vdisk_fileio/n0",
	};
	struct scst_pr_image image;
	size_t len, i;
	u8 *buf = img_new(test, img_state(test, 1), 2, &len);

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		scst_pr_image_look(buf, len, names[i], &image);
		KUNIT_EXPECT_EQ(test, image.state, SCST_PR_IMAGE_FOREIGN);
	}
	scst_pr_image_look(buf, len, NULL, &image);
	KUNIT_EXPECT_EQ(test, image.state, SCST_PR_IMAGE_VALID);
	KUNIT_EXPECT_EQ(test, img_look("root:x:0:0:root:/root:/bin/bash", 31),
			SCST_PR_IMAGE_ALIEN);
}

static void img_newer_test(struct kunit *test)
{
	size_t len;
	u8 *buf = img_new(test, img_state(test, 1), 2, &len);

	put_unaligned_be32(2, buf + IMG_AT_VERSION);
	KUNIT_EXPECT_EQ(test, img_look(buf, len), SCST_PR_IMAGE_TORN);
	img_seal(buf, len);
	KUNIT_EXPECT_EQ(test, img_look(buf, len), SCST_PR_IMAGE_NEWER);
}

#define ALIEN	SCST_PR_IMAGE_ALIEN
#define TORN	SCST_PR_IMAGE_TORN
#define NEWER	SCST_PR_IMAGE_NEWER
#define FOREIGN	SCST_PR_IMAGE_FOREIGN
#define VALID	SCST_PR_IMAGE_VALID

/* Two generations and their sequence numbers; what the file is */
static const struct {
	enum scst_pr_image_state a, b;
	u64 seq_a, seq_b;
	enum scst_pr_image_state file;
	unsigned int newest;
} img_choices[] = {
	{ ALIEN, ALIEN, 0, 0, ALIEN },
	{ TORN, ALIEN, 0, 0, TORN },
	{ ALIEN, TORN, 0, 0, TORN },
	{ TORN, TORN, 0, 0, TORN },
	{ VALID, ALIEN, 1, 0, VALID, 0 },
	{ ALIEN, VALID, 0, 1, VALID, 1 },
	{ TORN, VALID, 9, 1, VALID, 1 },
	{ VALID, VALID, 7, 8, VALID, 1 },
	{ VALID, VALID, 9, 8, VALID, 0 },
	{ VALID, VALID, U64_MAX, 0, VALID, 1 },
	{ VALID, VALID, 0, U64_MAX, VALID, 0 },
	{ VALID, VALID, 3, 3, TORN },
	{ VALID, NEWER, 9, 0, NEWER },
	{ NEWER, TORN, 0, 0, NEWER },
	{ FOREIGN, VALID, 0, 9, FOREIGN },
	{ TORN, FOREIGN, 0, 0, FOREIGN },
	{ FOREIGN, NEWER, 0, 0, NEWER },
};

static void img_choose_test(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(img_choices); i++) {
		const struct scst_pr_image gens[2] = {
			{ .state = img_choices[i].a,
			  .seq = img_choices[i].seq_a },
			{ .state = img_choices[i].b,
			  .seq = img_choices[i].seq_b },
		};
		unsigned int newest = 0;

		KUNIT_EXPECT_EQ_MSG(test, img_choices[i].file,
				    scst_pr_image_choose(gens, &newest),
				    "row %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, img_choices[i].newest, newest,
				    "row %zu", i);
	}
}

/* One byte that makes a well sealed image a lie */
static const struct img_lie {
	const char *name;
	u16 at;
	u8 value;
} img_lies[] = {
	{ "no such type", IMG_AT_TYPE, 2 },
	{ "type out of all ranges", IMG_AT_TYPE, 0xff },
	{ "holder without reservation", IMG_AT_TYPE, 0 },
	{ "one holder of all registrants", IMG_AT_TYPE, 7 },
	{ "fewer registrations", IMG_AT_NR + 3, 1 },
	{ "more registrations", IMG_AT_NR + 3, 3 },
	{ "as many as there may be", IMG_AT_NR + 2, 4 - 1 },
	{ "zero key", IMG_REGS + 7, 0 },
	{ "port zero", IMG_REGS + 9, 0 },
	{ "unknown flag", IMG_REGS + 10, 2 },
	{ "two holders", IMG_REGS + 10, 1 },
	{ "TransportID too short", IMG_REGS + 11, 23 },
	{ "TransportID too long", IMG_REGS + 11, 25 },
	{ "TransportID of no length", IMG_REGS + 11, 0 },
	{ "TransportID beyond the end", IMG_REGS + 11, 255 },
	{ "no such protocol", IMG_REGS + 12, 0x0f },
	{ "TPID FORMAT", IMG_REGS + 12, 0x46 },
	{ "no holder", IMG_REGS + IMG_SAS_REG + 10, 0 },
	{ "iSCSI, length", IMG_REGS + IMG_SAS_REG + 12 + 3, 3 },
	{ "iSCSI, all ports", IMG_REGS + IMG_SAS_REG + 12, 0x05 },
	{ "iSCSI, no terminator", IMG_REGS + IMG_SAS_REG + 12 + 4, ',' },
};

KUNIT_ARRAY_PARAM_DESC(img_lie, img_lies, name);

static void img_lie_test(struct kunit *test)
{
	const struct img_lie *lie = test->param_value;
	size_t len;
	u8 *buf = img_new(test, img_state(test, 1), 2, &len);

	KUNIT_ASSERT_EQ(test, img_load(test, buf, len), 0);
	buf[lie->at] = lie->value;
	img_seal(buf, len);
	KUNIT_EXPECT_EQ(test, img_load(test, buf, len), -EINVAL);
}

/* Lengths and counts that lead out of the image */
static void img_bounds_test(struct kunit *test)
{
	size_t len;
	u8 *buf = img_new(test, img_state(test, 1), 2, &len);

	put_unaligned_be32(SCST_PR_MAX_REGS + 1, buf + IMG_AT_NR);
	img_seal(buf, len);
	KUNIT_EXPECT_EQ(test, img_look(buf, len), TORN);
	put_unaligned_be32(U32_MAX, buf + IMG_AT_NR);
	img_seal(buf, len);
	KUNIT_EXPECT_EQ(test, img_look(buf, len), TORN);

	put_unaligned_be32(2, buf + IMG_AT_NR);
	put_unaligned_be16(U16_MAX, buf + 30);
	img_seal(buf, len);
	KUNIT_EXPECT_EQ(test, img_look(buf, len), TORN);

	put_unaligned_be32(U32_MAX, buf + IMG_AT_LEN);
	KUNIT_EXPECT_EQ(test, scst_pr_image_len(buf), 0);
	put_unaligned_be32(43, buf + IMG_AT_LEN);
	KUNIT_EXPECT_EQ(test, scst_pr_image_len(buf), 0);
	KUNIT_EXPECT_EQ(test, img_look(buf, len), TORN);
}

static void img_duplicate_test(struct kunit *test)
{
	struct scst_pr *pr = img_state(test, 7);
	size_t len;
	u8 *buf;

	pr->regs[2].port = pr->regs[0].port;
	buf = img_new(test, pr, 1, &len);
	KUNIT_EXPECT_EQ(test, img_load(test, buf, len), -EINVAL);
}

/* As many and as long ones as there can be: they fit into a slot. */
static void img_full_test(struct kunit *test)
{
	static const u8 isid[6] = { 0x80 };
	struct scst_pr *pr, *got;
	struct scst_pr_image image;
	char name[224];
	size_t len;
	u32 i;
	u8 *buf;

	pr = img_pr(test, SCST_PR_MAX_REGS);
	memset(name, 'a', 223);
	name[223] = 0;
	for (i = 0; i < SCST_PR_MAX_REGS; i++) {
		scst_transport_id_iscsi(&pr->regs[i].port.id, name, isid);
		pr->regs[i].port.rel_port = i + 1;
		pr->regs[i].key = i + 1;
	}
	pr->nr = SCST_PR_MAX_REGS;
	pr->type = SCST_PR_WRITE_EXCL;
	pr->holder = SCST_PR_MAX_REGS - 1;
	buf = img_new(test, pr, 1, &len);
	KUNIT_EXPECT_LE(test, len, SCST_PR_SLOT);
	KUNIT_EXPECT_EQ(test, scst_pr_image_len(buf), len);
	scst_pr_image_look(buf, len, IMG_OWNER, &image);
	KUNIT_ASSERT_EQ(test, image.state, VALID);
	got = img_pr(test, image.nr);
	KUNIT_ASSERT_EQ(test, scst_pr_image_load(&image, got), 0);
	KUNIT_EXPECT_EQ(test, got->holder, SCST_PR_MAX_REGS - 1);
	KUNIT_EXPECT_EQ(test, got->regs[17].key, 18);
}

static struct kunit_case pr_image_test_cases[] = {
	KUNIT_CASE_PARAM(img_round_trip_test, img_type_gen_params),
	KUNIT_CASE(img_empty_test),
	KUNIT_CASE(img_bytes_test),
	KUNIT_CASE(img_truncated_test),
	KUNIT_CASE(img_bit_flip_test),
	KUNIT_CASE(img_torn_test),
	KUNIT_CASE(img_foreign_test),
	KUNIT_CASE(img_newer_test),
	KUNIT_CASE(img_choose_test),
	KUNIT_CASE_PARAM(img_lie_test, img_lie_gen_params),
	KUNIT_CASE(img_bounds_test),
	KUNIT_CASE(img_duplicate_test),
	KUNIT_CASE(img_full_test),
	{}
};

static struct kunit_suite pr_image_suite = {
	.name = "scst_pr_image",
	.test_cases = pr_image_test_cases,
};

kunit_test_suite(pr_image_suite);
