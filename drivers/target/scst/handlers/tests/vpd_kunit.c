// SPDX-License-Identifier: GPL-2.0
/*
 * VPD pages of block devices, byte by byte as SBC-4 6.6 has them, and when a
 * soft threshold is reached.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../vdisk.h"

static int vpd_resources(struct vdisk *vd, u64 *available, u64 *used)
{
	return -EIO;
}

static const struct vdisk_store no_store;
static const struct vdisk_store file_store = { .resources = vpd_resources };

/**
 * struct vpd_sample - a disk, and a page of it
 * @name: of both
 * @store: what keeps its data
 * @block_shift: log2 of the block length
 * @phys_shift: log2 of blocks in a physical one
 * @thin: it is thin
 * @zeros: what was given back reads as zeros
 * @anchors: blocks can be anchored
 * @rotational: it rotates
 * @form_factor: NOMINAL FORM FACTOR
 * @nblocks: capacity
 * @atomic: what WRITE ATOMIC can do
 * @code: page code
 * @len: bytes in @bytes, from byte 4 on
 * @bytes: page
 */
struct vpd_sample {
	const char			*name;
	const struct vdisk_store	*store;
	u8				block_shift;
	u8				phys_shift;
	bool				thin;
	bool				zeros;
	bool				anchors;
	bool				rotational;
	u8				form_factor;
	u64				nblocks;
	struct vdisk_atomic		atomic;
	u8				code;
	u8				len;
	u8				bytes[64];
};

static const struct vpd_sample vpd_samples[] = {
	{ "B0h", &no_store, 9, 3, .code = 0xb0, .len = 64, .bytes = {
		[4] = 1, 255, 0, 8, 0, 0, 0x40, 0, 0, 0, 4, 0, 0, 0, 0x40, 0,
		[36] = 0, 0, 0, 0, 0, 0, 0xff, 0xff } },
	{ "B0h, thin", &no_store, 12, 0, .thin = true, .code = 0xb0, .len = 64,
	  .bytes = {
		[4] = 1, 255, 0, 1, 0, 0, 8, 0, 0, 0, 0, 0x80, 0, 0, 8, 0,
		0, 0x10, 0, 0, 0, 0, 1, 0, 0, 0, 0, 4, 0x80, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0xff, 0xff } },
	{ "B0h, atomic", &no_store, 9, .atomic = { 0x1234, 8, 0x2000 },
	  .code = 0xb0, .len = 64, .bytes = {
		[4] = 1, 255, 0, 1, 0, 0, 0x40, 0, 0, 0, 4, 0, 0, 0, 0x40, 0,
		[36] = 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0x12, 0x34,
		0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0x20, 0, 0, 0, 0x12, 0x34 } },
	{ "B1h, rotating", &no_store, 9, .rotational = true, .code = 0xb1,
	  .len = 64 },
	{ "B1h", &no_store, 9, .form_factor = 3, .thin = true, .code = 0xb1,
	  .len = 64, .bytes = { [4] = 0, 1, 0, 3, 1 } },
	{ "B2h", &file_store, 9, .code = 0xb2, .len = 8 },
	{ "B2h, thin", &no_store, 9, .thin = true, .zeros = true, .code = 0xb2,
	  .len = 8, .bytes = { [4] = 0, 0xe4, 2, 0 } },
	{ "B2h, thin, not zeros", &no_store, 9, .thin = true, .code = 0xb2,
	  .len = 8, .bytes = { [4] = 0, 0xe0, 2, 0 } },
	{ "B2h, thin, anchored blocks", &no_store, 9, .thin = true,
	  .zeros = true, .anchors = true, .code = 0xb2, .len = 8,
	  .bytes = { [4] = 0, 0xe6, 2, 0 } },
	/* Thresholds in MiB */
	{ "B2h, thin file", &file_store, 9, .thin = true, .zeros = true,
	  .nblocks = 1, .code = 0xb2, .len = 8,
	  .bytes = { [4] = 11, 0xe4, 2, 0 } },
	{ "B2h, thin file of 4 KiB", &file_store, 12, .thin = true,
	  .zeros = true, .nblocks = (1ULL << 40) - 1, .code = 0xb2, .len = 8,
	  .bytes = { [4] = 8, 0xe4, 2, 0 } },
	/* Capacity over threshold set below 2^32 (SBC-4 6.6.9) */
	{ "B2h, very large file", &file_store, 12, .thin = true, .zeros = true,
	  .nblocks = 1ULL << 41, .code = 0xb2, .len = 8,
	  .bytes = { [4] = 10, 0xe4, 2, 0 } },
};

KUNIT_ARRAY_PARAM_DESC(vpd_sample, vpd_samples, name);

static void vpd_page_test(struct kunit *test)
{
	const struct vpd_sample *s = test->param_value;
	struct scst_inq_page *page;
	struct vdisk *vd;
	int i;

	page = kunit_kzalloc(test, sizeof(*page), GFP_KERNEL);
	vd = kunit_kzalloc(test, sizeof(*vd), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_NOT_NULL(test, vd);
	vd->store = s->store;
	vd->kind = s->store;
	vd->dev.block_shift = s->block_shift;
	vd->dev.nblocks = s->nblocks;
	vd->dev.max_xfer = VDISK_MAX_XFER;
	vd->phys_shift = s->phys_shift;
	vd->unmap_bytes = SZ_16K;
	vd->atomic = s->atomic;
	vd->thin_provisioned = s->thin;
	vd->reads_zeros = s->zeros;
	vd->anchors = s->anchors;
	vd->rotational = s->rotational;
	vd->form_factor = s->form_factor;
	for (i = 0; i < VDISK_NR_VPDS; i++)
		if (vdisk_vpds[i].code == s->code)
			vdisk_vpds[i].build(vd, page);
	KUNIT_ASSERT_EQ(test, page->len, s->len);
	KUNIT_EXPECT_MEMEQ(test, page->buf, s->bytes, s->len);
}

static void threshold_test(struct kunit *test)
{
	static const struct {
		bool				enabled;
		u32				count;
		enum vdisk_threshold_id		id;
		u32				available;
		u32				used;
		u32				left;
	} cases[] = {
		{ false, 10, VDISK_THRESHOLD_AVAILABLE, 5, 0, U32_MAX },
		{ false, 10, VDISK_THRESHOLD_USED, 0, 50, U32_MAX },
		{ true, 10, VDISK_THRESHOLD_AVAILABLE, 5, 0, 0 },
		{ true, 10, VDISK_THRESHOLD_AVAILABLE, 10, 0, 0 },
		{ true, 10, VDISK_THRESHOLD_AVAILABLE, 11, 99, 1 },
		{ true, 0, VDISK_THRESHOLD_AVAILABLE, 1, 99, 1 },
		{ true, 0, VDISK_THRESHOLD_AVAILABLE, 0, 99, 0 },
		{ true, U32_MAX, VDISK_THRESHOLD_AVAILABLE, U32_MAX, 0, 0 },
		{ true, 10, VDISK_THRESHOLD_USED, 0, 9, 1 },
		{ true, 10, VDISK_THRESHOLD_USED, 0, 10, 0 },
		{ true, 10, VDISK_THRESHOLD_USED, 99, 11, 0 },
		{ true, 0, VDISK_THRESHOLD_USED, 99, 0, 0 },
		{ true, U32_MAX, VDISK_THRESHOLD_USED, 0, 0, U32_MAX },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vdisk_threshold threshold = {
			.enabled = cases[i].enabled,
			.count = cases[i].count,
		};

		KUNIT_EXPECT_EQ_MSG(test, cases[i].left,
				    vdisk_threshold_left(&threshold,
							 cases[i].id,
							 cases[i].available,
							 cases[i].used),
				    "case %d", i);
	}
}

static struct kunit_case vpd_cases[] = {
	KUNIT_CASE_PARAM(vpd_page_test, vpd_sample_gen_params),
	KUNIT_CASE(threshold_test),
	{}
};

static struct kunit_suite vpd_suite = {
	.name = "scst_vdisk_vpd",
	.test_cases = vpd_cases,
};

kunit_test_suite(vpd_suite);
