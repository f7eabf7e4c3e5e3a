// SPDX-License-Identifier: GPL-2.0
/*
 * Device groups and target port groups: who is in which, the state that nexuses
 * have by that, and what commands and initiators notice of it.
 */
#include <kunit/test.h>
#include <linux/unaligned.h>
#include "fake.h"

#define GROUP_CHANGED	SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x06)
#define GROUP_FAILED	SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x07)
#define GROUP_INQUIRY	SCST_SENSE(UNIT_ATTENTION, 0x3f, 0x03)
#define GROUP_STANDBY	SCST_SENSE(NOT_READY, 0x04, 0x0b)
#define GROUP_ASK_FAILED	SCST_SENSE(HARDWARE_ERROR, 0x67, 0x0a)

/**
 * struct group_two - a device group with the fake's device, and two target port
 *	groups, of which the first has the fake's target
 * @dg: device group
 * @tpg: target port groups
 */
struct group_two {
	struct scst_dg	dg;
	struct scst_tpg	tpg[2];
};

static int group_add_tgt(struct scst_tpg *tpg, struct scst_tgt *tgt)
{
	struct scst_tpg_port *port = scst_tpg_port_new(tpg, tgt);
	int error;

	if (!port)
		return -ENOMEM;
	error = scst_tpg_add_port(port);
	if (error)
		kfree(port);
	return error;
}

static struct group_two *group_make(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct group_two *two;
	int i;

	two = kunit_kzalloc(test, sizeof(*two), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, two);
	scst_dg_init(&two->dg);
	KUNIT_EXPECT_EQ(test, scst_dg_register(&two->dg), 0);
	for (i = 0; i < ARRAY_SIZE(two->tpg); i++) {
		scst_tpg_init(&two->tpg[i], &two->dg);
		KUNIT_EXPECT_EQ(test, scst_tpg_register(&two->tpg[i]), 0);
		KUNIT_EXPECT_EQ(test, two->tpg[i].desc.group_id, i + 1);
	}
	KUNIT_EXPECT_EQ(test, group_add_tgt(&two->tpg[0], fake->tgt), 0);
	KUNIT_EXPECT_EQ(test, scst_dg_add_dev(&two->dg, fake->dev), 0);
	return two;
}

static void group_end(struct kunit *test, struct group_two *two)
{
	struct scst_fake *fake = test->priv;
	int i;

	scst_dg_del_dev(&two->dg, fake->dev);
	for (i = 0; i < ARRAY_SIZE(two->tpg); i++) {
		scst_tpg_del_tgt(&two->tpg[i], fake->tgt);
		KUNIT_EXPECT_EQ(test, two->tpg[i].desc.nr_ports, 0);
		scst_tpg_unregister(&two->tpg[i]);
	}
	scst_dg_unregister(&two->dg);
}

static void group_expect_ready(struct kunit *test, struct scst_session *sess,
			       scst_sense_t sense)
{
	struct fake_cmd *fc = fake_ready(test, sess);

	fake_run(fc);
	fake_expect(test, fc, sense == SCST_SENSE_NONE ?
			      SAM_STAT_GOOD : SAM_STAT_CHECK_CONDITION, sense);
}

/* What the session's nexus gets in each state */
static void group_state_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	const struct scst_alua_desc *desc;
	struct group_two *two;

	two = group_make(test);
	fake_expect_ua(test, sess, GROUP_INQUIRY);
	for (desc = scst_alua_descs; desc->name; desc++) {
		KUNIT_EXPECT_EQ(test,
				scst_tpg_set_state(&two->tpg[0], desc->state),
				0);
		if (desc->state != SCST_ALUA_OPTIMIZED)
			fake_expect_ua(test, sess, GROUP_CHANGED);
		group_expect_ready(test, sess, desc->sense);
		/* It is none of the other group's. */
		KUNIT_EXPECT_EQ(test, two->tpg[1].desc.state,
				SCST_ALUA_OPTIMIZED);
	}
	group_end(test, two);
	/* Of two conditions the more urgent one comes first. */
	fake_expect_ua(test, sess, GROUP_CHANGED);
	fake_expect_ua(test, sess, GROUP_INQUIRY);
	group_expect_ready(test, sess, SCST_SENSE_NONE);
}

/* A nexus that comes later, and a target that comes to another group */
static void group_late_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct group_two *two = group_make(test);
	struct scst_session *sess;

	KUNIT_EXPECT_EQ(test, scst_tpg_set_state(&two->tpg[0],
						 SCST_ALUA_STANDBY), 0);
	sess = fake_session(test, "ini");
	group_expect_ready(test, sess, GROUP_STANDBY);
	scst_tpg_del_tgt(&two->tpg[0], fake->tgt);
	fake_expect_ua(test, sess, GROUP_CHANGED);
	fake_expect_ua(test, sess, GROUP_INQUIRY);
	group_expect_ready(test, sess, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, group_add_tgt(&two->tpg[1], fake->tgt), 0);
	fake_expect_ua(test, sess, GROUP_INQUIRY);
	group_expect_ready(test, sess, SCST_SENSE_NONE);
	group_end(test, two);
}

/* All nexuses hear of a state, also when it is that of the other group. */
static void group_ua_test(struct kunit *test)
{
	struct scst_session *one = fake_session(test, "one");
	struct scst_session *other = fake_session(test, "other");
	struct group_two *two = group_make(test);

	fake_clear_ua(one);
	fake_clear_ua(other);
	scst_tpg_set_state(&two->tpg[1], SCST_ALUA_OFFLINE);
	fake_expect_ua(test, one, GROUP_CHANGED);
	fake_expect_ua(test, other, GROUP_CHANGED);
	scst_tpg_set_state(&two->tpg[1], SCST_ALUA_OFFLINE);
	fake_expect_ua(test, one, SCST_SENSE_NONE);
	scst_tpg_set_preferred(&two->tpg[1], true);
	fake_expect_ua(test, one, GROUP_CHANGED);
	scst_tpg_set_preferred(&two->tpg[1], true);
	fake_expect_ua(test, one, SCST_SENSE_NONE);

	/* On its way and back again: nothing has come of it. */
	scst_tpg_set_state(&two->tpg[1], SCST_ALUA_TRANSITIONING);
	fake_expect_ua(test, one, GROUP_CHANGED);
	scst_tpg_set_state(&two->tpg[1], SCST_ALUA_OFFLINE);
	fake_expect_ua(test, one, GROUP_FAILED);
	fake_expect_ua(test, one, SCST_SENSE_NONE);
	group_end(test, two);
}

/* One that has begun ends as usual, one that has not gets the new answer. */
static void group_inside_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct group_two *two = group_make(test);
	struct fake_cmd *alone, *begun, *waits;

	fake_clear_ua(sess);
	begun = fake_send_hold(fake_read(test, sess, 1), FAKE_EXEC);
	alone = fake_alone(test, sess);
	fake_send(alone);
	waits = fake_read(test, sess, 1);
	fake_send(waits);
	scst_tpg_set_state(&two->tpg[0], SCST_ALUA_STANDBY);
	fake_clear_ua(sess);
	fake_go(begun, FAKE_EXEC);
	fake_expect_good(test, begun);
	fake_wait(alone, FAKE_FREE);
	fake_expect(test, alone, SAM_STAT_CHECK_CONDITION, GROUP_STANDBY);
	fake_wait(waits, FAKE_FREE);
	fake_expect(test, waits, SAM_STAT_CHECK_CONDITION, GROUP_STANDBY);
	KUNIT_EXPECT_EQ(test, fake_nr(waits, FAKE_EXEC), 0);
	group_end(test, two);
}

/* Each in one place at most */
static void group_once_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct group_two *two = group_make(test);
	struct scst_dg *other;

	/* A timer is not for the stack. */
	other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, other);
	scst_dg_init(other);
	KUNIT_EXPECT_EQ(test, scst_dg_register(other), 0);
	KUNIT_EXPECT_EQ(test, scst_dg_add_dev(&two->dg, fake->dev), -EEXIST);
	KUNIT_EXPECT_EQ(test, scst_dg_add_dev(other, fake->dev), -EBUSY);
	KUNIT_EXPECT_EQ(test, group_add_tgt(&two->tpg[0], fake->tgt), -EEXIST);
	KUNIT_EXPECT_EQ(test, group_add_tgt(&two->tpg[1], fake->tgt), -EEXIST);
	KUNIT_EXPECT_EQ(test, two->tpg[0].desc.nr_ports, 1);
	KUNIT_EXPECT_EQ(test, two->tpg[1].desc.nr_ports, 0);
	KUNIT_EXPECT_EQ(test, scst_tpg_set_id(&two->tpg[0], 2), -EEXIST);
	KUNIT_EXPECT_EQ(test, scst_tpg_set_id(&two->tpg[0], 1), 0);
	KUNIT_EXPECT_EQ(test, scst_dg_set_lu_group_id(other,
						      two->dg.lu_group_id),
			-EEXIST);
	scst_dg_unregister(other);
	group_end(test, two);
}

static void group_supported_test(struct kunit *test)
{
	struct group_two *two = group_make(test);
	struct scst_tpg *tpg = &two->tpg[0];

	/* Standby and transitioning: it is active. */
	KUNIT_EXPECT_EQ(test, scst_tpg_set_supported(tpg, 0x84), -EBUSY);
	KUNIT_EXPECT_EQ(test, tpg->desc.supported, SCST_ALUA_SUP_ALL);
	KUNIT_EXPECT_EQ(test, scst_tpg_set_supported(tpg, 0x05), 0);
	KUNIT_EXPECT_EQ(test, scst_tpg_set_state(tpg, SCST_ALUA_OFFLINE),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, tpg->desc.state, SCST_ALUA_OPTIMIZED);
	KUNIT_EXPECT_EQ(test, scst_tpg_set_state(tpg, SCST_ALUA_STANDBY), 0);
	group_end(test, two);
}

/* Ports of other machines: their numbers, and how many there can be */
static void group_remote_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct group_two *two = group_make(test);
	struct scst_tpg_port **ports;
	int i;

	ports = kunit_kcalloc(test, SCST_TPG_MAX_PORTS + 1, sizeof(*ports),
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ports);
	for (i = 0; i <= SCST_TPG_MAX_PORTS; i++) {
		ports[i] = scst_tpg_port_new(&two->tpg[1], NULL);
		KUNIT_EXPECT_EQ(test, scst_tpg_add_port(ports[i]),
				i < SCST_TPG_MAX_PORTS ? 0 : -ENOSPC);
	}
	KUNIT_EXPECT_EQ(test, scst_tpg_port_set_id(ports[0], 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, scst_tpg_port_set_id(ports[0],
						   fake->tgt->rel_tgt_id),
			-ENOTUNIQ);
	KUNIT_EXPECT_EQ(test, scst_tpg_port_set_id(ports[0], 777), 0);
	KUNIT_EXPECT_EQ(test, scst_tpg_port_set_id(ports[0], 777), 0);
	KUNIT_EXPECT_EQ(test, scst_tpg_port_set_id(ports[1], 777), -ENOTUNIQ);
	KUNIT_EXPECT_EQ(test, scst_tpg_port_set_id(ports[1], 778), 0);
	for (i = 0; i < SCST_TPG_MAX_PORTS; i++)
		scst_tpg_del_port(ports[i]);
	for (i = 0; i <= SCST_TPG_MAX_PORTS; i++)
		kfree(ports[i]);
	group_end(test, two);
}

/* RTPG is a command of nexuses in a group; it answers in any state. */
static void group_report_test(struct kunit *test)
{
	static const u8 cdb[12] = { MAINTENANCE_IN, MI_REPORT_TARGET_PGS,
				    [9] = 64 };
	static const u8 head[] = { 0, 0, 0, 20, 3, 0xcf, 0, 1, 0, 2, 0, 1 };
	struct scst_session *sess = fake_session(test, "ini");
	struct group_two *two;
	struct fake_cmd *fc;

	fc = fake_cdb(test, sess, 0, cdb, sizeof(cdb));
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_INVALID_FIELD_CDB);

	two = group_make(test);
	scst_tpg_set_state(&two->tpg[0], SCST_ALUA_UNAVAILABLE);
	fake_clear_ua(sess);
	fc = fake_cdb(test, sess, 0, cdb, sizeof(cdb));
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 24);
	KUNIT_EXPECT_MEMEQ(test, fc->in, head, sizeof(head));
	group_end(test, two);
}

static struct fake_cmd *group_stpg(struct kunit *test,
				   struct scst_session *sess, u32 len)
{
	u8 cdb[12] = { MAINTENANCE_OUT, MO_SET_TARGET_PGS };

	put_unaligned_be32(len, cdb + 6);
	return fake_cdb(test, sess, 0, cdb, sizeof(cdb));
}

/* No initiator makes the core take memory for more than groups can be named. */
static void group_list_length_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct group_two *two = group_make(test);
	struct fake_cmd *fc;

	scst_dg_set_explicit(&two->dg, true);
	fake_clear_ua(sess);
	fc = group_stpg(test, sess, SCST_STPG_MAX_LEN + 4);
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
		    SCST_SENSE_PARAM_LIST_LENGTH);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_ALLOC), 0);
	fc = group_stpg(test, sess, 4);
	fake_run(fc);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_ALLOC), 1);
	group_end(test, two);
}

/* It waits for user space. */
static struct fake_cmd *group_ask(struct kunit *test, struct scst_session *sess,
				  u16 group_id, u8 state)
{
	struct fake_cmd *fc = group_stpg(test, sess, 8);

	fc->buf = kunit_kzalloc(test, 8, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fc->buf);
	fc->buf[4] = state;
	put_unaligned_be16(group_id, fc->buf + 6);
	fc->alloc_error = 0;
	fake_send(fc);
	fake_settle(test);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_FREE), 0);
	return fc;
}

static void group_answer(struct kunit *test, struct scst_dg *dg,
			 const char *text, int want)
{
	KUNIT_EXPECT_EQ_MSG(test, scst_stpg_answer(dg, text), want, "%s",
			    text);
}

/* What waits for user space is aborted, done, or has failed: once. */
static void group_wait_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct group_two *two = group_make(test);
	struct fake_cmd *fc, *alone;
	struct fake_tm *tm;

	scst_dg_set_explicit(&two->dg, true);
	fake_clear_ua(sess);
	fake_clear_ua(other);
	fc = group_ask(test, sess, 2, SCST_ALUA_STANDBY);
	/* It is not in the way of what runs alone. */
	alone = fake_alone(test, other);
	fake_run(alone);
	fake_expect_good(test, alone);
	tm = fake_tm_tag(test, sess, fc->cmd.tag);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, fc, false);

	fc = group_ask(test, sess, 2, SCST_ALUA_OFFLINE);
	KUNIT_EXPECT_EQ(test, scst_tpg_set_state(&two->tpg[1],
						 SCST_ALUA_OFFLINE), 0);
	fake_wait(fc, FAKE_FREE);
	fake_expect(test, fc, SAM_STAT_GOOD, SCST_SENSE_NONE);
	KUNIT_EXPECT_EQ(test, two->tpg[1].desc.status, SCST_TPG_EXPLICIT);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	fake_expect_ua(test, other, GROUP_CHANGED);

	fc = group_ask(test, sess, 2, SCST_ALUA_STANDBY);
	group_answer(test, &two->dg, "1 fail\n", -ESTALE);
	group_answer(test, &two->dg, "4 fail", -ESTALE);
	group_answer(test, &two->dg, "3", -EINVAL);
	group_answer(test, &two->dg, "3 good", -EINVAL);
	group_answer(test, &two->dg, "x fail", -EINVAL);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_FREE), 0);
	group_answer(test, &two->dg, "3 fail\n", 0);
	fake_wait(fc, FAKE_FREE);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION, GROUP_ASK_FAILED);
	group_answer(test, &two->dg, "3 fail", -ESTALE);
	group_answer(test, &two->dg, "fail", -ENODATA);

	fc = group_ask(test, sess, 2, SCST_ALUA_STANDBY);
	group_end(test, two);
	fake_wait(fc, FAKE_FREE);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION, GROUP_ASK_FAILED);
}

/* What the handler hears of states of this machine's ports */
static void group_handler_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct group_two *two = group_make(test);

	KUNIT_EXPECT_TRUE(test, fake->alua_usable);
	scst_tpg_set_state(&two->tpg[0], SCST_ALUA_STANDBY);
	KUNIT_EXPECT_FALSE(test, fake->alua_usable);
	scst_tpg_set_state(&two->tpg[0], SCST_ALUA_TRANSITIONING);
	KUNIT_EXPECT_FALSE(test, fake->alua_usable);
	scst_tpg_set_state(&two->tpg[0], SCST_ALUA_NONOPTIMIZED);
	KUNIT_EXPECT_TRUE(test, fake->alua_usable);
	scst_tpg_set_state(&two->tpg[0], SCST_ALUA_TRANSITIONING);
	KUNIT_EXPECT_TRUE(test, fake->alua_usable);
	scst_tpg_set_state(&two->tpg[0], SCST_ALUA_OFFLINE);
	KUNIT_EXPECT_FALSE(test, fake->alua_usable);
	/* Ports of other machines are none of ours; without any all goes. */
	scst_tpg_set_state(&two->tpg[1], SCST_ALUA_STANDBY);
	scst_tpg_set_state(&two->tpg[1], SCST_ALUA_OPTIMIZED);
	KUNIT_EXPECT_FALSE(test, fake->alua_usable);
	scst_tpg_del_tgt(&two->tpg[0], fake->tgt);
	KUNIT_EXPECT_TRUE(test, fake->alua_usable);
	KUNIT_EXPECT_EQ(test, group_add_tgt(&two->tpg[0], fake->tgt), 0);
	KUNIT_EXPECT_FALSE(test, fake->alua_usable);
	group_end(test, two);
	KUNIT_EXPECT_TRUE(test, fake->alua_usable);
}

static struct kunit_case alua_group_cases[] = {
	KUNIT_CASE(group_state_test),
	KUNIT_CASE(group_late_test),
	KUNIT_CASE(group_ua_test),
	KUNIT_CASE(group_inside_test),
	KUNIT_CASE(group_once_test),
	KUNIT_CASE(group_supported_test),
	KUNIT_CASE(group_remote_test),
	KUNIT_CASE(group_report_test),
	KUNIT_CASE(group_list_length_test),
	KUNIT_CASE(group_wait_test),
	KUNIT_CASE(group_handler_test),
	{}
};

static struct kunit_suite alua_group_suite = {
	.name = "scst_alua_group",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = alua_group_cases,
};

kunit_test_suite(alua_group_suite);
