// SPDX-License-Identifier: GPL-2.0
/*
 * The module that all suites of this directory are linked into.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit tests of SCST's virtual disks");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
