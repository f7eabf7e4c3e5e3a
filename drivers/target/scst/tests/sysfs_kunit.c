// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions as devices: which sessions have one, what it says, and how long.
 */
#include <linux/device.h>
#include <linux/kernfs.h>
#include <linux/sysfs.h>
#include "fake.h"

static struct device *sysfs_dev(struct kunit *test, struct scst_session *sess)
{
	struct device *dev = scst_session_dev(sess);

	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_ASSERT_TRUE(test, device_is_registered(dev));
	return dev;
}

/* An attribute of the core's, NULL if this device does not show it. */
static struct device_attribute *sysfs_attr(struct device *dev, const char *name)
{
	const struct attribute_group **groups = dev->groups;
	const struct attribute_group *group;
	struct attribute *attr;
	int i;

	if (dev->class)
		groups = dev->class->dev_groups;
	for (; (group = *groups); groups++)
		for (i = 0; (attr = group->attrs[i]); i++)
			if (!strcmp(attr->name, name) &&
			    (!group->is_visible ||
			     group->is_visible(&dev->kobj, attr, i)))
				return container_of(attr,
						    struct device_attribute,
						    attr);
	return NULL;
}

static void sysfs_expect(struct kunit *test, struct scst_session *sess,
			 const char *name, const char *want)
{
	struct device *dev = sysfs_dev(test, sess);
	struct device_attribute *attr = sysfs_attr(dev, name);
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_NOT_NULL_MSG(test, attr, "%s", name);
	KUNIT_EXPECT_EQ(test, attr->show(dev, attr, page), strlen(want));
	KUNIT_EXPECT_STREQ_MSG(test, page, want, "%s", name);
}

static void sysfs_names_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "iqn.ini");
	char name[32], sid[32];

	snprintf(name, sizeof(name), "session%llu", sess->sid);
	snprintf(sid, sizeof(sid), "%llu\n", sess->sid);
	KUNIT_EXPECT_STREQ(test, dev_name(sysfs_dev(test, sess)), name);
	sysfs_expect(test, sess, "sid", sid);
	sysfs_expect(test, sess, "initiator_name", "iqn.ini\n");
	sysfs_expect(test, sess, "target", "scst_fake/fake_target\n");
	sysfs_expect(test, sess, "group", "\n");
	KUNIT_EXPECT_GT(test, fake_session(test, "iqn.other")->sid, sess->sid);
}

static void sysfs_counters_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc;

	fake_run(fake_ready(test, sess));
	fake_run(fake_write(test, sess, 2));
	fake_run(fake_write(test, sess, 1));
	fc = fake_stop(fake_read(test, sess, 4), FAKE_EXEC);
	sysfs_expect(test, sess, "active_commands", "1\n");
	sysfs_expect(test, sess, "commands", "3\n");
	sysfs_expect(test, sess, "read_commands", "0\n");
	fake_go(fc, FAKE_EXEC);
	fake_wait(fc, FAKE_FREE);

	sysfs_expect(test, sess, "active_commands", "0\n");
	sysfs_expect(test, sess, "commands", "4\n");
	sysfs_expect(test, sess, "read_commands", "1\n");
	sysfs_expect(test, sess, "write_commands", "2\n");
	sysfs_expect(test, sess, "read_bytes", "2048\n");
	sysfs_expect(test, sess, "write_bytes", "1536\n");
}

/* What sysfs says of a LUN; NULL if it says nothing. */
static struct device *sysfs_lun(struct scst_session *sess, u64 lun)
{
	flush_work(&sess->dev_work);
	return fake_nexus(sess, lun)->sysfs_dev;
}

static void sysfs_expect_lun(struct kunit *test, struct device *dev,
			     const char *name, const char *want)
{
	struct device_attribute *attr = sysfs_attr(dev, name);
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_NOT_NULL_MSG(test, attr, "%s", name);
	KUNIT_EXPECT_EQ(test, attr->show(dev, attr, page), strlen(want));
	KUNIT_EXPECT_STREQ_MSG(test, page, want, "%s", name);
}

static void sysfs_lun_test(struct kunit *test)
{
	struct scst_session *sess;
	struct device *zero, *one;
	struct fake_cmd *fc;

	fake_add_lun(test, "fake_other", 1);
	sess = fake_session(test, "ini");
	zero = sysfs_lun(sess, 0);
	one = sysfs_lun(sess, 1);
	KUNIT_ASSERT_NOT_NULL(test, zero);
	KUNIT_ASSERT_NOT_NULL(test, one);
	KUNIT_EXPECT_STREQ(test, dev_name(one), "lun1");
	KUNIT_EXPECT_PTR_EQ(test, one->parent, sysfs_dev(test, sess));
	sysfs_expect_lun(test, zero, "device", "fake_device\n");
	sysfs_expect_lun(test, one, "device", "fake_other\n");
	sysfs_expect_lun(test, one, "read_only", "0\n");

	fake_run(fake_write(test, sess, 2));
	fc = fake_stop(fake_read(test, sess, 4), FAKE_EXEC);
	sysfs_expect_lun(test, zero, "active_commands", "1\n");
	sysfs_expect_lun(test, one, "active_commands", "0\n");
	fake_go(fc, FAKE_EXEC);
	fake_wait(fc, FAKE_FREE);
	sysfs_expect_lun(test, zero, "commands", "2\n");
	sysfs_expect_lun(test, zero, "read_bytes", "2048\n");
	sysfs_expect_lun(test, zero, "write_bytes", "1024\n");
	sysfs_expect_lun(test, one, "commands", "0\n");

	sysfs_expect_lun(test, one, "unit_attentions", "0\n");
	scst_ua_set(fake_nexus(sess, 1), SCST_UA_MODE_CHANGED);
	scst_ua_set(fake_nexus(sess, 1), SCST_UA_INQUIRY_CHANGED);
	sysfs_expect_lun(test, one, "unit_attentions", "2\n");
	sysfs_expect(test, sess, "unit_attentions", "2\n");
}

/* It goes with its LUN although a command is inside; another one may come. */
static void sysfs_lun_lost_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = fake_session(test, "ini");
	struct device *dev = get_device(sysfs_lun(sess, 0));
	struct fake_cmd *fc = fake_stop(fake_ready(test, sess), FAKE_EXEC);

	KUNIT_EXPECT_TRUE(test, device_is_registered(dev));
	scst_acg_lun_unlink(&fake->luns[0], fake->dev);
	flush_work(&sess->dev_work);
	KUNIT_EXPECT_FALSE(test, device_is_registered(dev));
	put_device(dev);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], fake->dev));
	dev = sysfs_lun(sess, 0);
	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_EXPECT_TRUE(test, device_is_registered(dev));
	fake_go(fc, FAKE_EXEC);
	fake_wait(fc, FAKE_FREE);
	fake_settle(test);
	KUNIT_EXPECT_PTR_EQ(test, sysfs_lun(sess, 0), dev);
	sysfs_expect_lun(test, dev, "commands", "0\n");
	sysfs_expect(test, sess, "commands", "1\n");
}

static struct scst_session *sysfs_closed;

static void sysfs_close_session(struct scst_session *sess)
{
	sysfs_closed = sess;
}

static void sysfs_close_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct device_attribute *attr;
	struct scst_session *sess;
	struct device *dev;

	sess = fake_session(test, "ini");
	KUNIT_EXPECT_NULL(test, sysfs_attr(sysfs_dev(test, sess), "close"));

	sysfs_closed = NULL;
	fake->tmpl.close_session = sysfs_close_session;
	sess = fake_session(test, "ini");
	dev = sysfs_dev(test, sess);
	attr = sysfs_attr(dev, "close");
	KUNIT_ASSERT_NOT_NULL(test, attr);
	KUNIT_EXPECT_EQ(test, attr->attr.mode, 0200);
	KUNIT_EXPECT_EQ(test, attr->store(dev, attr, "0", 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, attr->store(dev, attr, "?", 1), -EINVAL);
	KUNIT_EXPECT_NULL(test, sysfs_closed);
	KUNIT_EXPECT_EQ(test, attr->store(dev, attr, "1\n", 2), 2);
	KUNIT_EXPECT_PTR_EQ(test, sysfs_closed, sess);
}

static ssize_t sysfs_own_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "own\n");
}

static struct device_attribute sysfs_own = {
	.attr	= { .name = "own", .mode = 0444 },
	.show	= sysfs_own_show,
};

static struct attribute *sysfs_own_attrs[] = {
	&sysfs_own.attr,
	NULL,
};

ATTRIBUTE_GROUPS(sysfs_own);

static void sysfs_groups_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;
	struct kernfs_node *file;
	struct device *dev;

	fake->tmpl.session_groups = sysfs_own_groups;
	sess = fake_session(test, "ini");
	dev = sysfs_dev(test, sess);
	KUNIT_EXPECT_PTR_EQ(test, dev_get_drvdata(dev), (void *)sess);
	file = kernfs_find_and_get(dev->kobj.sd, "own");
	KUNIT_EXPECT_NOT_NULL(test, file);
	kernfs_put(file);
}

/* There as long as a command is inside, then gone, whoever holds the device. */
static void sysfs_end_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = fake_session(test, "ini");
	struct device *dev = get_device(sysfs_dev(test, sess));
	struct fake_cmd *fc = fake_stop(fake_ready(test, sess), FAKE_XMIT);

	fake_disown_session(test, sess);
	scst_unregister_session(sess, false, fake_unreg_done);
	fake_settle(test);
	KUNIT_EXPECT_TRUE(test, device_is_registered(dev));
	fake_go(fc, FAKE_XMIT);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&fake->unreg,
							     FAKE_LIMIT));
	KUNIT_EXPECT_FALSE(test, device_is_registered(dev));
	put_device(dev);
}

static bool sysfs_visible;

static void sysfs_init_done(struct scst_session *sess, int error)
{
	sysfs_visible = scst_session_dev(sess);
	fake_init_done(sess, error);
}

/* init_done() finds it, unless the session could not be made. */
static void sysfs_begin_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;

	sess = scst_register_session(fake->tgt, "ini", fake, GFP_KERNEL,
				     sysfs_init_done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sess);
	scst_unregister_session(sess, true, NULL);
	KUNIT_EXPECT_EQ(test, fake->init_error, 0);
	KUNIT_EXPECT_TRUE(test, sysfs_visible);

	fake->bad_dev = fake->dev;
	sess = scst_register_session(fake->tgt, "ini", fake, GFP_KERNEL,
				     sysfs_init_done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sess);
	scst_unregister_session(sess, true, NULL);
	KUNIT_EXPECT_EQ(test, fake->init_error, -EIO);
	KUNIT_EXPECT_FALSE(test, sysfs_visible);
}

static struct kunit_case sysfs_test_cases[] = {
	KUNIT_CASE(sysfs_names_test),
	KUNIT_CASE(sysfs_counters_test),
	KUNIT_CASE(sysfs_lun_test),
	KUNIT_CASE(sysfs_lun_lost_test),
	KUNIT_CASE(sysfs_close_test),
	KUNIT_CASE(sysfs_groups_test),
	KUNIT_CASE(sysfs_begin_test),
	KUNIT_CASE(sysfs_end_test),
	{}
};

static struct kunit_suite sysfs_suite = {
	.name = "scst_sysfs",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = sysfs_test_cases,
};

kunit_test_suite(sysfs_suite);
