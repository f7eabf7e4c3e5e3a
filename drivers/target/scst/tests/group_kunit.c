// SPDX-License-Identifier: GPL-2.0
/*
 * Access groups: which one an initiator has, and how it moves to another one.
 */
#include "fake.h"

#define GROUP_MAX_ENTRIES	6

/**
 * struct group_fixture - named groups of the fake target
 * @test: test
 * @acgs: groups, the older ones first
 * @entries: initiators and patterns, those in use have an @acg
 */
struct group_fixture {
	struct kunit		*test;
	struct scst_acg		*acgs[3];
	struct scst_acg_ini	entries[GROUP_MAX_ENTRIES];
};

static const struct config_item_type group_item_type;

static void group_end(struct group_fixture *fx)
{
	int i;

	for (i = 0; i < GROUP_MAX_ENTRIES; i++)
		if (fx->entries[i].acg)
			scst_acg_del_ini(&fx->entries[i]);
	for (i = 0; i < ARRAY_SIZE(fx->acgs); i++) {
		scst_acg_remove(fx->acgs[i]);
		xa_destroy(&fx->acgs[i]->luns);
	}
}

static struct group_fixture *group_begin(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct group_fixture *fx;
	int i;

	fx = kunit_kzalloc(test, sizeof(*fx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fx);
	fx->test = test;
	for (i = 0; i < ARRAY_SIZE(fx->acgs); i++) {
		fx->acgs[i] = kunit_kzalloc(test, sizeof(*fx->acgs[i]),
					    GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, fx->acgs[i]);
		scst_acg_init(fx->acgs[i], fake->tgt);
		scst_acg_add(fx->acgs[i]);
	}
	return fx;
}

static int group_add(struct group_fixture *fx, int group, const char *name)
{
	struct scst_acg_ini *ini = fx->entries;
	int error;

	while (ini->acg)
		ini++;
	KUNIT_ASSERT_LT(fx->test, ini - fx->entries, GROUP_MAX_ENTRIES);
	config_item_init_type_name(&ini->item, name, &group_item_type);
	error = scst_acg_add_ini(fx->acgs[group], ini);
	if (error)
		ini->acg = NULL;
	return error;
}

static void group_del_of(struct group_fixture *fx, int group, const char *name)
{
	struct scst_acg_ini *ini = fx->entries;

	while (ini->acg != fx->acgs[group] ||
	       strcmp(config_item_name(&ini->item), name))
		ini++;
	scst_acg_del_ini(ini);
	ini->acg = NULL;
}

/* Of whatever group */
static void group_del(struct group_fixture *fx, const char *name)
{
	struct scst_acg_ini *ini = fx->entries;

	while (!ini->acg || strcmp(config_item_name(&ini->item), name))
		ini++;
	scst_acg_del_ini(ini);
	ini->acg = NULL;
}

/* @group: -1 for the default one */
static void group_expect(struct group_fixture *fx, const char *initiator,
			 int group)
{
	struct scst_fake *fake = fx->test->priv;
	struct scst_acg *found;

	scst_config_lock();
	found = scst_acg_find(fake->tgt, initiator);
	scst_config_unlock();
	KUNIT_EXPECT_PTR_EQ_MSG(fx->test, found,
				group < 0 ? fake->tgt->default_acg :
					    fx->acgs[group],
				"%s in %d", initiator, group);
}

static void group_find_test(struct kunit *test)
{
	struct group_fixture *fx = group_begin(test);

	group_expect(fx, "iqn.a", -1);
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 2, "iqn.a"));
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 1, "iqn.*"));
	group_expect(fx, "iqn.a", 2);
	group_expect(fx, "IQN.A", 2);
	group_expect(fx, "iqn.b", 1);
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 0, "iqn.?"));
	group_expect(fx, "iqn.b", 0);
	group_expect(fx, "iqn.bb", 1);
	group_expect(fx, "eui.b", -1);
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 1, "!iqn.*"));
	group_expect(fx, "eui.b", 1);
	/* An initiator whose name is a pattern is matched like any other. */
	group_expect(fx, "iqn.*", 0);
	group_expect(fx, "!iqn.*", 1);

	KUNIT_EXPECT_EQ(test, -EEXIST, group_add(fx, 2, "IQN.A"));
	KUNIT_EXPECT_EQ(test, -EEXIST, group_add(fx, 1, "iqn.*"));
	group_expect(fx, "iqn.a", 2);
	group_del(fx, "iqn.?");
	group_expect(fx, "iqn.b", 1);
	group_del(fx, "iqn.a");
	group_expect(fx, "iqn.a", 1);
	group_end(fx);
}

/* The fabric's directory is that of the group that has the initiator. */
static void group_dir_test(struct kunit *test)
{
	struct group_fixture *fx = group_begin(test);
	struct scst_fake *fake = test->priv;
	struct config_group *dir;

	dir = kunit_kzalloc(test, sizeof(*dir), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dir);
	config_group_init_type_name(dir, "dir", &group_item_type);
	fx->acgs[1]->fabric_dir = dir;
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 1, "iqn.*"));
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 2, "iqn.a"));
	KUNIT_EXPECT_NULL(test, scst_initiator_group_dir(fake->tgt, "eui.a"));
	KUNIT_EXPECT_NULL(test, scst_initiator_group_dir(fake->tgt, "iqn.a"));
	KUNIT_EXPECT_EQ(test, 1, kref_read(&dir->cg_item.ci_kref));
	KUNIT_EXPECT_PTR_EQ(test, dir,
			    scst_initiator_group_dir(fake->tgt, "iqn.b"));
	KUNIT_EXPECT_EQ(test, 2, kref_read(&dir->cg_item.ci_kref));
	group_end(fx);
}

/* The same entry in several groups: the oldest of these has the initiator. */
static void group_same_test(struct kunit *test)
{
	static const char * const names[] = { "iqn.a", "iqn.?" };
	struct group_fixture *fx = group_begin(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		KUNIT_EXPECT_EQ(test, 0, group_add(fx, 1, names[i]));
		KUNIT_EXPECT_EQ(test, 0, group_add(fx, 2, names[i]));
		group_expect(fx, "iqn.a", 1);
		KUNIT_EXPECT_EQ(test, 0, group_add(fx, 0, names[i]));
		group_expect(fx, "iqn.a", 0);
		group_del_of(fx, 0, names[i]);
		group_expect(fx, "iqn.a", 1);
		group_del_of(fx, 1, names[i]);
		group_expect(fx, "iqn.a", 2);
		KUNIT_EXPECT_EQ(test, 0, group_add(fx, 0, names[i]));
		group_del_of(fx, 2, names[i]);
		group_expect(fx, "iqn.a", 0);
		group_del_of(fx, 0, names[i]);
		group_expect(fx, "iqn.a", -1);
	}
	/* Exact names come first, whatever the age of the groups. */
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 0, "iqn.*"));
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 1, "IQN.A"));
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 2, "iqn.a"));
	group_expect(fx, "iqn.a", 1);
	group_del_of(fx, 1, "IQN.A");
	group_expect(fx, "iqn.a", 2);
	group_del_of(fx, 2, "iqn.a");
	group_expect(fx, "iqn.a", 0);
	group_end(fx);
}

/* LUN @nr of a group shows a device. */
static void group_link(struct group_fixture *fx, struct scst_acg_lun *lun,
		       int group, u64 nr, struct scst_device *dev)
{
	*lun = (struct scst_acg_lun){ .lun = nr };
	KUNIT_ASSERT_EQ(fx->test, 0, scst_acg_add_lun(fx->acgs[group], lun));
	KUNIT_ASSERT_EQ(fx->test, 0, scst_acg_lun_link(lun, dev));
}

static void group_unlink(struct scst_acg_lun *lun, struct scst_device *dev)
{
	scst_acg_lun_unlink(lun, dev);
	scst_acg_del_lun(lun);
}

/* The same device at the same LUN stays the same nexus; the others change. */
static void group_move_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_acg_lun *luns = kunit_kcalloc(test, 2, sizeof(*luns),
						  GFP_KERNEL);
	struct group_fixture *fx = group_begin(test);
	struct scst_device *other = fake_add_lun(test, "fake_other", 1);
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_tgt_dev *zero = fake_nexus(sess, 0);

	KUNIT_ASSERT_NOT_NULL(test, luns);
	group_link(fx, &luns[0], 1, 0, fake->dev);
	group_link(fx, &luns[1], 1, 2, other);
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 1, "i*"));
	KUNIT_EXPECT_PTR_EQ(test, sess->acg, fx->acgs[1]);
	KUNIT_EXPECT_PTR_EQ(test, fake_nexus(sess, 0), zero);
	KUNIT_EXPECT_NULL(test, fake_nexus(sess, 1));
	KUNIT_ASSERT_NOT_NULL(test, fake_nexus(sess, 2));
	KUNIT_EXPECT_EQ(test, zero->ua_pending, BIT(SCST_UA_LUNS_CHANGED));
	KUNIT_EXPECT_EQ(test, fake_nexus(sess, 2)->ua_pending,
			BIT(SCST_UA_LUNS_CHANGED) | BIT(SCST_UA_POWER_ON));
	/* Entries of others, and a second one of the same group */
	fake_clear_ua(sess);
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 1, "in?"));
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 0, "x*"));
	group_del(fx, "i*");
	KUNIT_EXPECT_PTR_EQ(test, sess->acg, fx->acgs[1]);
	KUNIT_EXPECT_EQ(test, zero->ua_pending, 0);

	group_del(fx, "in?");
	KUNIT_EXPECT_PTR_EQ(test, sess->acg, fake->tgt->default_acg);
	KUNIT_EXPECT_PTR_EQ(test, fake_nexus(sess, 0), zero);
	KUNIT_EXPECT_NULL(test, fake_nexus(sess, 2));
	KUNIT_ASSERT_NOT_NULL(test, fake_nexus(sess, 1));
	KUNIT_EXPECT_PTR_EQ(test, fake_nexus(sess, 1)->dev, other);
	group_unlink(&luns[0], fake->dev);
	group_unlink(&luns[1], other);
	group_end(fx);
}

/* From one group to another by a second entry: to a younger and to an older. */
static void group_hand_over_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_acg_lun *luns = kunit_kcalloc(test, 2, sizeof(*luns),
						  GFP_KERNEL);
	struct group_fixture *fx = group_begin(test);
	struct scst_device *other = fake_add_lun(test, "fake_other", 1);
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_tgt_dev *nexus;

	KUNIT_ASSERT_NOT_NULL(test, luns);
	group_link(fx, &luns[0], 0, 3, fake->dev);
	group_link(fx, &luns[1], 1, 4, other);
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 0, "ini"));
	nexus = fake_nexus(sess, 3);
	fake_clear_ua(sess);
	/* The younger one waits, and nobody hears of it. */
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 1, "INI"));
	KUNIT_EXPECT_PTR_EQ(test, sess->acg, fx->acgs[0]);
	KUNIT_EXPECT_PTR_EQ(test, fake_nexus(sess, 3), nexus);
	KUNIT_EXPECT_EQ(test, nexus->ua_pending, 0);
	group_del_of(fx, 0, "ini");
	KUNIT_EXPECT_PTR_EQ(test, sess->acg, fx->acgs[1]);
	KUNIT_EXPECT_NULL(test, fake_nexus(sess, 0));
	KUNIT_EXPECT_NULL(test, fake_nexus(sess, 3));
	nexus = fake_nexus(sess, 4);
	KUNIT_ASSERT_NOT_NULL(test, nexus);
	KUNIT_EXPECT_EQ(test, nexus->ua_pending,
			BIT(SCST_UA_LUNS_CHANGED) | BIT(SCST_UA_POWER_ON));

	/* An older one takes it at once, and the entry that goes is nobody's. */
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 0, "ini"));
	KUNIT_EXPECT_PTR_EQ(test, sess->acg, fx->acgs[0]);
	KUNIT_EXPECT_NULL(test, fake_nexus(sess, 4));
	KUNIT_ASSERT_NOT_NULL(test, fake_nexus(sess, 3));
	fake_clear_ua(sess);
	group_del_of(fx, 1, "INI");
	KUNIT_EXPECT_PTR_EQ(test, sess->acg, fx->acgs[0]);
	KUNIT_EXPECT_EQ(test, fake_nexus(sess, 3)->ua_pending, 0);
	group_del_of(fx, 0, "ini");
	group_unlink(&luns[0], fake->dev);
	group_unlink(&luns[1], other);
	group_end(fx);
}

/* A LUN of the new group cannot be had: all is as it was. */
static void group_move_fails_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_acg_lun *luns = kunit_kcalloc(test, 2, sizeof(*luns),
						  GFP_KERNEL);
	struct group_fixture *fx = group_begin(test);
	struct scst_device *other = fake_add_lun(test, "fake_other", 1);
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_tgt_dev *one = fake_nexus(sess, 1);

	KUNIT_ASSERT_NOT_NULL(test, luns);
	group_link(fx, &luns[0], 0, 4, fake->dev);
	group_link(fx, &luns[1], 0, 5, other);
	fake->bad_dev = other;
	KUNIT_EXPECT_EQ(test, -EIO, group_add(fx, 0, "ini"));
	KUNIT_EXPECT_PTR_EQ(test, sess->acg, fake->tgt->default_acg);
	KUNIT_EXPECT_PTR_EQ(test, fake_nexus(sess, 1), one);
	KUNIT_EXPECT_EQ(test, one->ua_pending, 0);
	KUNIT_EXPECT_NULL(test, fake_nexus(sess, 4));
	group_expect(fx, "ini", -1);

	/* Back again it has to, with what can be had. */
	fake->bad_dev = NULL;
	KUNIT_EXPECT_EQ(test, 0, group_add(fx, 0, "ini"));
	KUNIT_EXPECT_NOT_NULL(test, fake_nexus(sess, 5));
	fake->bad_dev = other;
	group_del(fx, "ini");
	KUNIT_EXPECT_PTR_EQ(test, sess->acg, fake->tgt->default_acg);
	KUNIT_EXPECT_NOT_NULL(test, fake_nexus(sess, 0));
	KUNIT_EXPECT_NULL(test, fake_nexus(sess, 1));
	KUNIT_EXPECT_NULL(test, fake_nexus(sess, 4));
	KUNIT_EXPECT_NULL(test, fake_nexus(sess, 5));
	fake->bad_dev = NULL;
	group_unlink(&luns[0], fake->dev);
	group_unlink(&luns[1], other);
	group_end(fx);
}

/*
 * The newer of two links goes, and the older device cannot be had: the session
 * has none, and certainly not the one that was taken away.
 */
static void group_unlink_fails_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_device *other = fake_add_lun(test, "fake_other", 1);
	struct scst_session *sess = fake_session(test, "ini");

	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], other));
	KUNIT_EXPECT_PTR_EQ(test, fake_nexus(sess, 0)->dev, other);
	fake->bad_dev = fake->dev;
	scst_acg_lun_unlink(&fake->luns[0], other);
	KUNIT_EXPECT_NULL(test, fake_nexus(sess, 0));
	KUNIT_EXPECT_PTR_EQ(test, fake_nexus(sess, 1)->dev, other);
	fake->bad_dev = NULL;
}

static struct kunit_case group_test_cases[] = {
	KUNIT_CASE(group_find_test),
	KUNIT_CASE(group_dir_test),
	KUNIT_CASE(group_same_test),
	KUNIT_CASE(group_move_test),
	KUNIT_CASE(group_hand_over_test),
	KUNIT_CASE(group_move_fails_test),
	KUNIT_CASE(group_unlink_fails_test),
	{}
};

static struct kunit_suite group_suite = {
	.name = "scst_group",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = group_test_cases,
};

kunit_test_suite(group_suite);
