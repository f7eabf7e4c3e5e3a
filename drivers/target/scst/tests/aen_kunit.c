// SPDX-License-Identifier: GPL-2.0
/*
 * Asynchronous event reports: what is told, to whom, and once.
 */
#include <linux/unaligned.h>
#include "fake.h"

#define AEN_MODE	SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x01)
#define AEN_CAPACITY	SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x09)
#define AEN_LUNS	SCST_SENSE(UNIT_ATTENTION, 0x3f, 0x0e)

/* report_aen() of the fake fabric: how often */
static atomic_t aen_reports;

static void aen_report(struct scst_session *sess)
{
	atomic_inc(&aen_reports);
}

static struct scst_session *aen_session(struct kunit *test, const char *name)
{
	struct scst_fake *fake = test->priv;

	fake->tmpl.report_aen = aen_report;
	atomic_set(&aen_reports, 0);
	return fake_session(test, name);
}

static void aen_expect_reports(struct kunit *test, int nr)
{
	KUNIT_EXPECT_EQ(test, atomic_xchg(&aen_reports, 0), nr);
}

static void aen_expect(struct kunit *test, struct scst_session *sess, u64 lun,
		       scst_sense_t sense)
{
	struct scst_aen aen;

	memset(&aen, 0xff, sizeof(aen));
	KUNIT_ASSERT_TRUE(test, scst_next_aen(sess, &aen));
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(aen.lun), lun << 48);
	KUNIT_EXPECT_EQ(test, aen.sense_len, 18);
	KUNIT_EXPECT_EQ(test, aen.sense[0], 0x70);
	KUNIT_EXPECT_EQ(test, aen.sense[2], scst_sense_key(sense));
	KUNIT_EXPECT_EQ(test, aen.sense[12], scst_sense_asc(sense));
	KUNIT_EXPECT_EQ(test, aen.sense[13], scst_sense_ascq(sense));
}

static void aen_expect_none(struct kunit *test, struct scst_session *sess)
{
	struct scst_aen aen;

	KUNIT_EXPECT_FALSE(test, scst_next_aen(sess, &aen));
}

static void aen_all_nexuses_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = aen_session(test, "ini");
	struct scst_session *other = aen_session(test, "other");

	aen_expect_none(test, sess);
	scst_capacity_changed(fake->dev, FAKE_NBLOCKS + 1);
	aen_expect_reports(test, 2);
	aen_expect(test, sess, 0, AEN_CAPACITY);
	aen_expect_none(test, sess);
	aen_expect(test, other, 0, AEN_CAPACITY);
	aen_expect_none(test, other);
	/* It is for those who do not listen, too. */
	fake_expect_ua(test, sess, AEN_CAPACITY);
}

static void aen_except_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = aen_session(test, "ini");
	struct scst_session *other = aen_session(test, "other");

	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, fake_nexus(sess, 0));
	aen_expect_reports(test, 1);
	aen_expect_none(test, sess);
	aen_expect(test, other, 0, AEN_MODE);
}

/* Told once until it is fetched; what comes later is told again. */
static void aen_once_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = aen_session(test, "ini");
	int i;

	for (i = 0; i < 3; i++)
		scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	aen_expect_reports(test, 1);
	aen_expect(test, sess, 0, AEN_MODE);
	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	aen_expect_reports(test, 0);
	aen_expect(test, sess, 0, AEN_MODE);
	aen_expect_none(test, sess);
	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	aen_expect_reports(test, 1);
	aen_expect(test, sess, 0, AEN_MODE);
	aen_expect_none(test, sess);
}

/* What happens behind the place where the last one was found, and before it */
static void aen_order_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_device *second = fake_add_lun(test, "second", 1);
	struct scst_device *third = fake_add_lun(test, "third", 2);
	struct scst_session *sess = aen_session(test, "ini");

	scst_raise_ua(second, SCST_UA_MODE_CHANGED, NULL);
	aen_expect(test, sess, 1, AEN_MODE);
	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	scst_raise_ua(third, SCST_UA_MODE_CHANGED, NULL);
	aen_expect(test, sess, 2, AEN_MODE);
	aen_expect(test, sess, 0, AEN_MODE);
	aen_expect_none(test, sess);
}

static void aen_luns_test(struct kunit *test)
{
	struct scst_session *sess = aen_session(test, "ini");

	fake_add_lun(test, "second", 1);
	aen_expect_reports(test, 1);
	aen_expect(test, sess, 0, AEN_LUNS);
	aen_expect_none(test, sess);
}

/* Resets are answers to somebody's function. */
static void aen_not_resets_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = aen_session(test, "ini");

	scst_raise_ua(fake->dev, SCST_UA_LUN_RESET, NULL);
	aen_expect_reports(test, 0);
	aen_expect_none(test, sess);
}

static void aen_disabled_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = aen_session(test, "ini");

	fake->tgt->aen_disabled = true;
	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	aen_expect_reports(test, 0);
	aen_expect_none(test, sess);
	fake->tgt->aen_disabled = false;
	fake_add_lun(test, "second", 1);
	aen_expect_reports(test, 1);
}

static struct kunit_case aen_cases[] = {
	KUNIT_CASE(aen_all_nexuses_test),
	KUNIT_CASE(aen_except_test),
	KUNIT_CASE(aen_once_test),
	KUNIT_CASE(aen_order_test),
	KUNIT_CASE(aen_luns_test),
	KUNIT_CASE(aen_not_resets_test),
	KUNIT_CASE(aen_disabled_test),
	{}
};

static struct kunit_suite aen_suite = {
	.name		= "scst_aen",
	.init		= fake_init,
	.exit		= fake_exit,
	.test_cases	= aen_cases,
};

kunit_test_suite(aen_suite);
