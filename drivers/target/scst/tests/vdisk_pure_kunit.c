// SPDX-License-Identifier: GPL-2.0
/*
 * What virtual disks make of fields of CDBs and parameter lists.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include "../handlers/vdisk_pure.h"

/* SBC-4 5.6.1: by REPORT TYPE, is a mapped extent, or a deallocated one, told? */
static const struct {
	u8	type;
	bool	mapped;
	bool	deallocated;
} lba_types[] = {
	{ 0x00, true, true },
	{ 0x01, false, true },
	{ 0x02, true, false },
	{ 0x03, false, true },
	{ 0x04, false, false },
	{ 0x10, false, false },
};

static void vdisk_lba_type_test(struct kunit *test)
{
	unsigned int i, type, nr = 0;

	for (i = 0; i < ARRAY_SIZE(lba_types); i++) {
		KUNIT_EXPECT_TRUE(test, vdisk_lba_type_valid(lba_types[i].type));
		KUNIT_EXPECT_EQ(test, vdisk_lba_wanted(lba_types[i].type, 0),
				lba_types[i].mapped);
		KUNIT_EXPECT_EQ(test, vdisk_lba_wanted(lba_types[i].type, 1),
				lba_types[i].deallocated);
	}
	for (type = 0; type <= U8_MAX; type++)
		nr += vdisk_lba_type_valid(type);
	KUNIT_EXPECT_EQ(test, nr, ARRAY_SIZE(lba_types));
}

static struct kunit_case vdisk_pure_test_cases[] = {
	KUNIT_CASE(vdisk_lba_type_test),
	{}
};

static struct kunit_suite vdisk_pure_suite = {
	.name = "scst_vdisk_pure",
	.test_cases = vdisk_pure_test_cases,
};

kunit_test_suite(vdisk_pure_suite);
