// SPDX-License-Identifier: GPL-2.0
/*
 * A command's way through the core.
 */
#include "fake.h"

static void cmd_ready_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = fake_ready(test, sess);

	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 1);
}

static struct kunit_case cmd_test_cases[] = {
	KUNIT_CASE(cmd_ready_test),
	{}
};

static struct kunit_suite cmd_suite = {
	.name = "scst_cmd",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = cmd_test_cases,
};

kunit_test_suite(cmd_suite);
