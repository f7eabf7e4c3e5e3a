// SPDX-License-Identifier: GPL-2.0
/*
 * The module that the suites of the CD-ROM handler are linked into.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit tests of SCST's CD-ROM handler");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
