// SPDX-License-Identifier: GPL-2.0
/*
 * Unit attention conditions: their codes, which ones take the place of others,
 * who raises them, and that none is lost before an initiator has heard of it.
 */
#include <kunit/test-bug.h>
#include <linux/unaligned.h>
#include <scst/transport_id.h>
#include "fake.h"

#define UA_LUN_RESET	SCST_SENSE(UNIT_ATTENTION, 0x29, 0x03)
#define UA_CLEARED	SCST_SENSE(UNIT_ATTENTION, 0x2f, 0x00)
#define UA_MODE		SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x01)
#define UA_CAPACITY	SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x09)
#define UA_RELEASED	SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x04)
#define UA_RESV_GONE	SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x03)
#define UA_REG_GONE	SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x05)
#define UA_INQUIRY	SCST_SENSE(UNIT_ATTENTION, 0x3f, 0x03)
#define UA_POWER_ON	SCST_SENSE(UNIT_ATTENTION, 0x29, 0x00)
#define UA_LUNS		SCST_SENSE(UNIT_ATTENTION, 0x3f, 0x0e)

/* From the list of SPC-5 annex F.2; in the order of reporting */
static const struct ua_code {
	enum scst_ua	ua;
	u8		asc;
	u8		ascq;
	bool		told;	/* by an asynchronous event report, too */
} ua_codes[] = {
	{ SCST_UA_POWER_ON,		0x29, 0x00 },
	{ SCST_UA_INTERNAL_RESET,	0x29, 0x04 },
	{ SCST_UA_BUS_RESET,		0x29, 0x02 },
	{ SCST_UA_LUN_RESET,		0x29, 0x03 },
	{ SCST_UA_NEXUS_LOSS,		0x29, 0x07 },
	{ SCST_UA_CLEARED_BY_OTHER,	0x2f, 0x00 },
	{ SCST_UA_MEDIUM_CHANGED,	0x28, 0x00, true },
	{ SCST_UA_MODE_CHANGED,		0x2a, 0x01, true },
	{ SCST_UA_LOG_CHANGED,		0x2a, 0x02, true },
	{ SCST_UA_RESV_PREEMPTED,	0x2a, 0x03 },
	{ SCST_UA_RESV_RELEASED,	0x2a, 0x04 },
	{ SCST_UA_REG_PREEMPTED,	0x2a, 0x05 },
	{ SCST_UA_ALUA_CHANGED,		0x2a, 0x06, true },
	{ SCST_UA_ALUA_FAILED,		0x2a, 0x07, true },
	{ SCST_UA_CAPACITY_CHANGED,	0x2a, 0x09, true },
	{ SCST_UA_THIN_THRESHOLD,	0x38, 0x07, true },
	{ SCST_UA_CONDITIONS_CHANGED,	0x3f, 0x00, true },
	{ SCST_UA_INQUIRY_CHANGED,	0x3f, 0x03, true },
};

static void ua_code_desc(const struct ua_code *code, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%02X/%02X", code->asc,
		 code->ascq);
}

KUNIT_ARRAY_PARAM(ua_code, ua_codes, ua_code_desc);

static atomic_t ua_aens;

static void ua_report_aen(struct scst_session *sess)
{
	atomic_inc(&ua_aens);
}

/* A handler raises it: all nexuses but the one that caused it hear of it. */
static void ua_raise_test(struct kunit *test)
{
	const struct ua_code *code = test->param_value;
	scst_sense_t sense = SCST_SENSE(UNIT_ATTENTION, code->asc, code->ascq);
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_session *third = fake_session(test, "third");
	struct scst_fake *fake = test->priv;

	KUNIT_EXPECT_EQ(test, (__force u32)scst_ua_sense(code->ua),
			(__force u32)sense);
	fake->tmpl.report_aen = ua_report_aen;
	atomic_set(&ua_aens, 0);
	scst_raise_ua(fake->dev, code->ua, fake_nexus(sess, 0));
	KUNIT_EXPECT_EQ(test, atomic_read(&ua_aens), code->told ? 2 : 0);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	fake_expect_ua(test, other, sense);
	fake_expect_ua(test, other, SCST_SENSE_NONE);
	fake_expect_ua(test, third, sense);
	fake_expect_ua(test, third, SCST_SENSE_NONE);
}

/**
 * struct ua_pair - what becomes of a condition when another one comes
 * @name: of the case
 * @pending: conditions there are
 * @ua: one that comes
 * @result: conditions there are then
 */
struct ua_pair {
	const char	*name;
	unsigned long	pending;
	enum scst_ua	ua;
	unsigned long	result;
};

#define UA(name)	BIT(SCST_UA_##name)

static const struct ua_pair ua_pairs[] = {
	{ "first", 0, SCST_UA_LUN_RESET, UA(LUN_RESET) },
	{ "again", UA(LUN_RESET), SCST_UA_LUN_RESET, UA(LUN_RESET) },
	{ "power on says reset", UA(LUN_RESET) | UA(BUS_RESET) |
	  UA(INTERNAL_RESET) | UA(NEXUS_LOSS), SCST_UA_POWER_ON,
	  UA(POWER_ON) },
	{ "internal reset says bus reset", UA(BUS_RESET),
	  SCST_UA_INTERNAL_RESET, UA(INTERNAL_RESET) },
	{ "bus reset says LUN reset", UA(LUN_RESET), SCST_UA_BUS_RESET,
	  UA(BUS_RESET) },
	{ "LUN reset says nexus loss", UA(NEXUS_LOSS), SCST_UA_LUN_RESET,
	  UA(LUN_RESET) },
	{ "LUN reset after power on", UA(POWER_ON), SCST_UA_LUN_RESET,
	  UA(POWER_ON) },
	{ "nexus loss after LUN reset", UA(LUN_RESET), SCST_UA_NEXUS_LOSS,
	  UA(LUN_RESET) },
	{ "reset says cleared and parameters",
	  UA(CLEARED_BY_OTHER) | UA(MODE_CHANGED) | UA(LOG_CHANGED),
	  SCST_UA_LUN_RESET, UA(LUN_RESET) },
	{ "nexus loss says cleared only",
	  UA(CLEARED_BY_OTHER) | UA(MODE_CHANGED), SCST_UA_NEXUS_LOSS,
	  UA(NEXUS_LOSS) | UA(MODE_CHANGED) },
	{ "parameters after reset", UA(LUN_RESET), SCST_UA_MODE_CHANGED,
	  UA(LUN_RESET) | UA(MODE_CHANGED) },
	{ "cleared after reset", UA(POWER_ON), SCST_UA_CLEARED_BY_OTHER,
	  UA(POWER_ON) | UA(CLEARED_BY_OTHER) },
	{ "reservations outlive a reset",
	  UA(RESV_PREEMPTED) | UA(RESV_RELEASED) | UA(REG_PREEMPTED),
	  SCST_UA_POWER_ON, UA(POWER_ON) | UA(RESV_PREEMPTED) |
	  UA(RESV_RELEASED) | UA(REG_PREEMPTED) },
	{ "medium, size, identity, LUNs, access outlive a reset",
	  UA(MEDIUM_CHANGED) | UA(CAPACITY_CHANGED) | UA(INQUIRY_CHANGED) |
	  UA(LUNS_CHANGED) | UA(ALUA_CHANGED), SCST_UA_POWER_ON,
	  UA(POWER_ON) | UA(MEDIUM_CHANGED) | UA(CAPACITY_CHANGED) |
	  UA(INQUIRY_CHANGED) | UA(LUNS_CHANGED) | UA(ALUA_CHANGED) },
};

KUNIT_ARRAY_PARAM_DESC(ua_pair, ua_pairs, name);

static void ua_merge_test(struct kunit *test)
{
	const struct ua_pair *pair = test->param_value;

	KUNIT_EXPECT_EQ(test, scst_ua_merge(pair->pending, pair->ua),
			pair->result);
}

/* Nothing goes without something more urgent that is there in its place. */
static void ua_merge_all_test(struct kunit *test)
{
	unsigned int old, ua;
	unsigned long result;

	for (old = 0; old < SCST_UA_NR; old++) {
		for (ua = 0; ua < SCST_UA_NR; ua++) {
			result = scst_ua_merge(BIT(old), ua);
			KUNIT_EXPECT_NE(test, result, 0);
			KUNIT_EXPECT_EQ(test, result & ~(BIT(old) | BIT(ua)),
					0);
			if (!(result & BIT(old)))
				KUNIT_EXPECT_LT(test, ua, old);
			if (!(result & BIT(ua)))
				KUNIT_EXPECT_LT(test, old, ua);
		}
	}
}

static const struct ua_pair ua_backs[] = {
	{ "nothing has come", 0, SCST_UA_MODE_CHANGED, UA(MODE_CHANGED) },
	{ "the same has come", UA(LUN_RESET), SCST_UA_LUN_RESET,
	  UA(LUN_RESET) },
	{ "parameters after power on", UA(MODE_CHANGED) | UA(LOG_CHANGED),
	  SCST_UA_POWER_ON, UA(POWER_ON) | UA(MODE_CHANGED) | UA(LOG_CHANGED) },
	{ "cleared after nexus loss", UA(CLEARED_BY_OTHER), SCST_UA_NEXUS_LOSS,
	  UA(NEXUS_LOSS) | UA(CLEARED_BY_OTHER) },
	{ "parameters before reset", UA(LUN_RESET), SCST_UA_MODE_CHANGED,
	  UA(LUN_RESET) },
	{ "nexus loss before reset", UA(LUN_RESET), SCST_UA_NEXUS_LOSS,
	  UA(LUN_RESET) },
	{ "power on before reset", UA(LUN_RESET) | UA(MODE_CHANGED),
	  SCST_UA_POWER_ON, UA(POWER_ON) | UA(MODE_CHANGED) },
	{ "size before reset", UA(LUN_RESET) | UA(MODE_CHANGED),
	  SCST_UA_CAPACITY_CHANGED,
	  UA(LUN_RESET) | UA(MODE_CHANGED) | UA(CAPACITY_CHANGED) },
};

KUNIT_ARRAY_PARAM_DESC(ua_back, ua_backs, name);

/* The reverse order of scst_ua_merge(): what is pending is younger. */
static void ua_merge_back_test(struct kunit *test)
{
	const struct ua_pair *pair = test->param_value;

	KUNIT_EXPECT_EQ(test, scst_ua_merge_back(pair->pending, pair->ua),
			pair->result);
}

/* Abort against report */

static struct completion ua_aborted;
static struct fake_tm *ua_tm;
static struct scst_device *ua_raised;
static enum scst_ua ua_meanwhile;

static void ua_cmd_aborted(struct scst_cmd *cmd)
{
	complete(&ua_aborted);
}

/* The command has its condition, but no answer yet: now it is aborted. */
static void ua_dev_done(struct scst_cmd *cmd)
{
	struct kunit *test = kunit_get_current_test();
	struct scst_fake *fake = test->priv;

	fake->type.dev_done = NULL;
	ua_tm = fake_tm_tag(test, cmd->sess, cmd->tag);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&ua_aborted,
							     FAKE_LIMIT));
	if (ua_raised)
		scst_raise_ua(ua_raised, ua_meanwhile, NULL);
}

static void ua_run_aborted(struct kunit *test, struct fake_cmd *fc)
{
	struct scst_fake *fake = test->priv;

	init_completion(&ua_aborted);
	fake->tmpl.cmd_aborted = ua_cmd_aborted;
	fake->type.dev_done = ua_dev_done;
	fake_run(fc);
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, ua_tm), SCST_TM_COMPLETE);
	fake_expect_aborted(test, fc, false);
	fake->type.dev_done = NULL;
}

static void ua_expect(struct kunit *test, struct scst_session *sess,
		      scst_sense_t sense)
{
	struct fake_cmd *fc = fake_ready(test, sess);

	fake_run(fc);
	fake_expect(test, fc, sense == SCST_SENSE_NONE ?
			      SAM_STAT_GOOD : SAM_STAT_CHECK_CONDITION, sense);
}

static const u8 ua_request_sense[6] = { REQUEST_SENSE, 0, 0, 0, 18 };
static const u8 ua_report_luns[12] = {
	REPORT_LUNS, 0, 0, 0, 0, 0, 0, 0, 0, 64,
};

/* It has not heard of it, so it is told again. */
static void ua_abort_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;

	ua_raised = NULL;
	scst_capacity_changed(fake->dev, FAKE_NBLOCKS + 1);
	ua_run_aborted(test, fake_ready(test, sess));
	ua_run_aborted(test, fake_cdb(test, sess, 0, ua_request_sense, 6));
	ua_expect(test, sess, UA_CAPACITY);
	ua_expect(test, sess, SCST_SENSE_NONE);
}

/* What has come meanwhile is told first. */
static void ua_abort_reset_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;

	ua_raised = fake->dev;
	ua_meanwhile = SCST_UA_LUN_RESET;
	scst_capacity_changed(fake->dev, FAKE_NBLOCKS + 1);
	ua_run_aborted(test, fake_ready(test, sess));
	ua_expect(test, sess, UA_LUN_RESET);
	ua_expect(test, sess, UA_CAPACITY);
	/* A nexus loss that nobody has heard of is part of the reset. */
	scst_raise_ua(fake->dev, SCST_UA_NEXUS_LOSS, NULL);
	ua_run_aborted(test, fake_ready(test, sess));
	ua_expect(test, sess, UA_LUN_RESET);
	ua_expect(test, sess, SCST_SENSE_NONE);
	/* So are parameters that had changed before it. */
	scst_raise_ua(fake->dev, SCST_UA_MODE_CHANGED, NULL);
	ua_run_aborted(test, fake_ready(test, sess));
	ua_expect(test, sess, UA_LUN_RESET);
	ua_expect(test, sess, SCST_SENSE_NONE);
}

/* A reset that is told late says nothing of what has come since. */
static void ua_abort_later_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;

	ua_raised = fake->dev;
	ua_meanwhile = SCST_UA_MODE_CHANGED;
	scst_raise_ua(fake->dev, SCST_UA_LUN_RESET, NULL);
	ua_run_aborted(test, fake_ready(test, sess));
	ua_expect(test, sess, UA_LUN_RESET);
	ua_expect(test, sess, UA_MODE);
	ua_expect(test, sess, SCST_SENSE_NONE);
}

/* The one condition of all LUNs, which REPORT LUNS tells of by its data */
static void ua_abort_luns_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_tgt_dev *tgt_dev;
	struct fake_cmd *fc;

	ua_raised = NULL;
	fake_add_lun(test, "fake_other", 1);
	fake_clear_ua(sess);
	scst_config_lock();
	scst_ua_set_session(sess, SCST_UA_LUNS_CHANGED);
	scst_config_unlock();
	ua_run_aborted(test, fake_cdb(test, sess, 0, ua_report_luns, 12));
	tgt_dev = fake_nexus(sess, 1);
	KUNIT_EXPECT_EQ(test, tgt_dev->ua_pending, BIT(SCST_UA_LUNS_CHANGED));
	ua_run_aborted(test, fake_ready(test, sess));
	KUNIT_EXPECT_EQ(test, tgt_dev->ua_pending, BIT(SCST_UA_LUNS_CHANGED));
	ua_expect(test, sess, UA_LUNS);
	KUNIT_EXPECT_EQ(test, tgt_dev->ua_pending, 0);

	/* One that took nothing gives nothing back. */
	ua_run_aborted(test, fake_cdb(test, sess, 0, ua_report_luns, 12));
	KUNIT_EXPECT_EQ(test, tgt_dev->ua_pending, 0);
	fc = fake_cdb(test, sess, 0, ua_report_luns, 12);
	fake_run(fc);
	fake_expect_good(test, fc);
}

/* REQUEST SENSE for no bytes has told nothing. */
static void ua_no_room_test(struct kunit *test)
{
	static const u8 cdb[6] = { REQUEST_SENSE };
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	struct fake_cmd *fc;

	scst_raise_ua(fake->dev, SCST_UA_CAPACITY_CHANGED, NULL);
	fc = fake_cdb(test, sess, 0, cdb, sizeof(cdb));
	fake_run(fc);
	fake_expect_good(test, fc);
	fake_expect_ua(test, sess, UA_CAPACITY);

	/* Nor has REPORT LUNS from which the transport expects nothing. */
	scst_raise_ua(fake->dev, SCST_UA_LUNS_CHANGED, NULL);
	fc = fake_cdb(test, sess, 0, ua_report_luns, sizeof(ua_report_luns));
	fc->cmd.expected_valid = true;
	fake_run(fc);
	fake_expect_good(test, fc);
	fake_expect_ua(test, sess, UA_LUNS);
}

/* The only LUN gets another device while news of the LUNs are still pending. */
static void ua_replace_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_device *other = fake_add_lun(test, "fake_other", 1);
	struct scst_session *sess = fake_session(test, "ini");

	scst_acg_lun_unlink(&fake->luns[1], other);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], other));
	fake_expect_ua(test, sess, UA_POWER_ON);
	fake_expect_ua(test, sess, UA_INQUIRY);
	fake_expect_ua(test, sess, UA_LUNS);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	scst_acg_lun_unlink(&fake->luns[0], fake->dev);
	scst_acg_lun_unlink(&fake->luns[0], other);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[0], fake->dev));
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[1], other));
}

/* Of a target: to the nexuses of all its LUNs */
static void ua_inquiry_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	struct scst_tgt_dev *tgt_dev;

	fake_add_lun(test, "fake_other", 1);
	fake_clear_ua(sess);
	fake_clear_ua(other);
	fake->tmpl.report_aen = ua_report_aen;
	atomic_set(&ua_aens, 0);
	scst_inquiry_changed(fake->tgt);
	KUNIT_EXPECT_EQ(test, atomic_read(&ua_aens), 2);
	fake_expect_ua(test, sess, UA_INQUIRY);
	fake_expect_ua(test, other, UA_INQUIRY);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
	tgt_dev = fake_nexus(sess, 1);
	KUNIT_EXPECT_EQ(test, tgt_dev->ua_pending,
			BIT(SCST_UA_INQUIRY_CHANGED));
}

/* Reservations */

static int ua_transport_id(struct scst_session *sess,
			   struct scst_transport_id *id)
{
	memset(id, 0, sizeof(*id));
	id->data[0] = SCSI_PROTOCOL_SAS;
	id->data[11] = sess->initiator_name[0];
	id->len = SCST_TRANSPORT_ID_LEN;
	return 0;
}

/* PERSISTENT RESERVE OUT: Write Exclusive - Registrants Only, if of a type */
static struct fake_cmd *ua_pr_cmd(struct kunit *test,
				  struct scst_session *sess, u8 action,
				  u64 key, u64 sa_key)
{
	const u8 cdb[10] = { PERSISTENT_RESERVE_OUT, action, 5, 0, 0, 0, 0, 0,
			     24 };
	struct fake_cmd *fc = fake_cdb(test, sess, 0, cdb, sizeof(cdb));

	fc->buf = kunit_kzalloc(test, 24, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fc->buf);
	put_unaligned_be64(key, fc->buf);
	put_unaligned_be64(sa_key, fc->buf + 8);
	fc->alloc_error = 0;
	fc->fill = fc->buf[0];
	return fc;
}

static void ua_pr_out(struct kunit *test, struct scst_session *sess, u8 action,
		      u64 key, u64 sa_key)
{
	struct fake_cmd *fc = ua_pr_cmd(test, sess, action, key, sa_key);

	fake_run(fc);
	fake_expect_good(test, fc);
}

#define UA_PR_REGISTER		0
#define UA_PR_RESERVE		1
#define UA_PR_RELEASE		2
#define UA_PR_CLEAR		3
#define UA_PR_PREEMPT		4
#define UA_PR_PREEMPT_ABORT	5

static void ua_pr_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess, *other;

	fake->tmpl.get_initiator_port_transport_id = ua_transport_id;
	sess = fake_session(test, "ini");
	other = fake_session(test, "other");
	ua_pr_out(test, sess, UA_PR_REGISTER, 0, 1);
	ua_pr_out(test, other, UA_PR_REGISTER, 0, 2);
	ua_pr_out(test, sess, UA_PR_RESERVE, 1, 0);
	ua_pr_out(test, sess, UA_PR_RELEASE, 1, 0);
	fake_expect_ua(test, other, UA_RELEASED);

	ua_pr_out(test, sess, UA_PR_PREEMPT, 1, 2);
	fake_expect_ua(test, other, UA_REG_GONE);

	ua_pr_out(test, other, UA_PR_REGISTER, 0, 2);
	ua_pr_out(test, sess, UA_PR_CLEAR, 1, 0);
	fake_expect_ua(test, other, UA_RESV_GONE);
	fake_expect_ua(test, other, SCST_SENSE_NONE);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
}

/* SAM-5 5.14.1: commands that PREEMPT AND ABORT has ended without an answer */
static void ua_pr_abort_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess, *other;
	struct fake_cmd *fc, *write;

	fake->tmpl.get_initiator_port_transport_id = ua_transport_id;
	sess = fake_session(test, "ini");
	other = fake_session(test, "other");
	ua_pr_out(test, sess, UA_PR_REGISTER, 0, 1);
	ua_pr_out(test, other, UA_PR_REGISTER, 0, 2);
	write = fake_stop(fake_write(test, other, 1), FAKE_RDY);
	fc = ua_pr_cmd(test, sess, UA_PR_PREEMPT_ABORT, 1, 2);
	fake_send(fc);
	fake_settle(test);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_XMIT), 0);
	fake_go(write, FAKE_RDY);
	fake_expect_good(test, fc);
	fake_expect_aborted(test, write, false);
	fake_expect_ua(test, other, UA_CLEARED);
	fake_expect_ua(test, other, UA_REG_GONE);
	fake_expect_ua(test, other, SCST_SENSE_NONE);

	/* Nothing was there to be aborted. */
	ua_pr_out(test, other, UA_PR_REGISTER, 0, 2);
	ua_pr_out(test, sess, UA_PR_PREEMPT_ABORT, 1, 2);
	fake_expect_ua(test, other, UA_REG_GONE);
	fake_expect_ua(test, other, SCST_SENSE_NONE);
	fake_expect_ua(test, sess, SCST_SENSE_NONE);
}

static struct kunit_case ua_cases[] = {
	KUNIT_CASE_PARAM(ua_raise_test, ua_code_gen_params),
	KUNIT_CASE_PARAM(ua_merge_test, ua_pair_gen_params),
	KUNIT_CASE(ua_merge_all_test),
	KUNIT_CASE_PARAM(ua_merge_back_test, ua_back_gen_params),
	KUNIT_CASE(ua_abort_test),
	KUNIT_CASE(ua_abort_reset_test),
	KUNIT_CASE(ua_abort_later_test),
	KUNIT_CASE(ua_abort_luns_test),
	KUNIT_CASE(ua_no_room_test),
	KUNIT_CASE(ua_replace_test),
	KUNIT_CASE(ua_inquiry_test),
	KUNIT_CASE(ua_pr_test),
	KUNIT_CASE(ua_pr_abort_test),
	{}
};

static struct kunit_suite ua_suite = {
	.name		= "scst_ua",
	.init		= fake_init,
	.exit		= fake_exit,
	.test_cases	= ua_cases,
};

kunit_test_suite(ua_suite);
