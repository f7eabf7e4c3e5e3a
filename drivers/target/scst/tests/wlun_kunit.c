// SPDX-License-Identifier: GPL-2.0
/*
 * REPORT LUNS with each SELECT REPORT and in each form of LUNs, and its well
 * known logical unit.
 */
#include <linux/unaligned.h>
#include "fake.h"

#define WLUN_BAD_FIELD		SCST_SENSE_INVALID_FIELD_CDB

static struct fake_cmd *wlun_run(struct kunit *test, struct scst_session *sess,
				 u64 lun, const u8 *cdb, unsigned int len)
{
	struct fake_cmd *fc = fake_cdb(test, sess, lun, cdb, len);

	fake_run(fc);
	return fc;
}

static struct fake_cmd *wlun_report(struct kunit *test,
				    struct scst_session *sess, u64 lun,
				    u8 select, u8 alloc_len)
{
	u8 cdb[12] = { REPORT_LUNS, 0, select, 0, 0, 0, 0, 0, 0, alloc_len };

	return wlun_run(test, sess, lun, cdb, sizeof(cdb));
}

struct wlun_select {
	const char	*name;
	u8		select;
	u8		nr;
	u8		luns[3][2];
	u8		method;
};

/* LUNs 0, 31 and the well known one */
static const struct wlun_select wlun_selects[] = {
	{ "00h", 0x00, 2, { { 0, 0 }, { 0, 31 } } },
	{ "01h", 0x01, 1, { { 0xc1, 1 } } },
	{ "02h", 0x02, 3, { { 0, 0 }, { 0, 31 }, { 0xc1, 1 } } },
	{ "10h", 0x10, 0 },
	{ "11h", 0x11, 2, { { 0, 0 }, { 0, 31 } } },
	{ "12h", 0x12, 0 },
	{ "00h, flat", 0x00, 2, { { 0x40, 0 }, { 0x40, 31 } },
	  SCST_ADDR_FLAT },
	{ "02h, flat", 0x02, 3, { { 0x40, 0 }, { 0x40, 31 }, { 0xc1, 1 } },
	  SCST_ADDR_FLAT },
	{ "02h, lun", 0x02, 3, { { 0x80, 0 }, { 0x80, 31 }, { 0xc1, 1 } },
	  SCST_ADDR_LUN },
};

KUNIT_ARRAY_PARAM_DESC(wlun_select, wlun_selects, name);

/* The answer is the same wherever the command goes. */
static void wlun_select_test(struct kunit *test)
{
	static const u64 luns[] = { 0, 31, 5, SCST_LUN_REPORT_LUNS,
				    SCST_LUN_INVALID };
	const struct wlun_select *row = test->param_value;
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;
	u8 want[32] = {};
	int i;

	fake_add_lun(test, "fake_other", 31);
	sess = fake_session(test, "ini");
	fake->tgt->addr_method = row->method;
	put_unaligned_be32(8 * row->nr, want);
	for (i = 0; i < row->nr; i++)
		memcpy(want + 8 + 8 * i, row->luns[i], 2);

	for (i = 0; i < ARRAY_SIZE(luns); i++) {
		struct fake_cmd *fc = wlun_report(test, sess, luns[i],
						  row->select, 64);

		fake_expect_good(test, fc);
		KUNIT_EXPECT_EQ(test, fc->resp_len, 8 + 8 * row->nr);
		KUNIT_EXPECT_MEMEQ(test, fc->in, want, 8 + 8 * row->nr);
	}
}

static void wlun_refused_test(struct kunit *test)
{
	static const u8 selects[] = { 0x03, 0x0f, 0x13, 0x80, 0xff };
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc;
	int i;

	for (i = 0; i < ARRAY_SIZE(selects); i++) {
		fc = wlun_report(test, sess, 0, selects[i], 64);
		fake_expect(test, fc, SAM_STAT_CHECK_CONDITION,
			    WLUN_BAD_FIELD);
	}
	/* SPC-5 6.33.1: 16 bytes at least */
	fc = wlun_report(test, sess, 0, 0, 15);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION, WLUN_BAD_FIELD);
	fc = wlun_report(test, sess, 0, 0, 0);
	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION, WLUN_BAD_FIELD);
	fc = wlun_report(test, sess, 0, 2, 16);
	fake_expect_good(test, fc);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 16);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(fc->in), 16);
}

static const u8 wlun_inquiry[6] = { INQUIRY, 0, 0, 0, 96 };
static const u8 wlun_ready[6] = { TEST_UNIT_READY };
static const u8 wlun_sense[6] = { REQUEST_SENSE, 0, 0, 0, 252 };

static void wlun_commands_test(struct kunit *test)
{
	struct scst_session *sess = fake_session(test, "ini");
	u64 lun = SCST_LUN_REPORT_LUNS;
	struct fake_cmd *fc;

	fc = wlun_run(test, sess, lun, wlun_ready, sizeof(wlun_ready));
	fake_expect_good(test, fc);
	fc = wlun_run(test, sess, lun, wlun_sense, sizeof(wlun_sense));
	fake_expect_good(test, fc);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 18);
	KUNIT_EXPECT_EQ(test, fc->in[2], NO_SENSE);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(fc->in + 12), 0);
	fc = wlun_run(test, sess, lun, wlun_inquiry, sizeof(wlun_inquiry));
	fake_expect_good(test, fc);
	KUNIT_EXPECT_EQ(test, fc->resp_len, 74);
	KUNIT_EXPECT_EQ(test, fc->in[0], TYPE_WLUN);
	KUNIT_EXPECT_EQ(test, fc->in[4], 69);
	KUNIT_EXPECT_MEMEQ(test, fc->in + 8, "SCST    REPORT LUNS     0001",
			   28);
}

static void wlun_vpd_test(struct kunit *test)
{
	static const u8 pages[6] = { INQUIRY, 1, 0x00, 0, 96 };
	static const u8 id[6] = { INQUIRY, 1, 0x83, 0, 96 };
	static const u8 want_pages[] = {
		TYPE_WLUN, 0, 0, 3, 0x00, 0x83, 0x86,
	};
	static const u8 want_id[] = {
		TYPE_WLUN, 0x83, 0, 8, 0x01, 0x14, 0, 4, 0, 0, 0x12, 0x34,
	};
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_fake *fake = test->priv;
	u64 lun = SCST_LUN_REPORT_LUNS;
	u16 old = fake->tgt->rel_tgt_id;
	struct fake_cmd *fc;

	fc = wlun_run(test, sess, lun, pages, sizeof(pages));
	fake_expect_good(test, fc);
	KUNIT_EXPECT_EQ(test, fc->resp_len, sizeof(want_pages));
	KUNIT_EXPECT_MEMEQ(test, fc->in, want_pages, sizeof(want_pages));
	fake->tgt->rel_tgt_id = 0x1234;
	fc = wlun_run(test, sess, lun, id, sizeof(id));
	fake->tgt->rel_tgt_id = old;
	fake_expect_good(test, fc);
	KUNIT_EXPECT_EQ(test, fc->resp_len, sizeof(want_id));
	KUNIT_EXPECT_MEMEQ(test, fc->in, want_id, sizeof(want_id));
}

struct wlun_refusal {
	const char	*name;
	u8		cdb[12];
	u8		len;
	scst_sense_t	sense;
};

static const struct wlun_refusal wlun_refusals[] = {
	{ "page code without EVPD", { INQUIRY, 0, 0x83, 0, 96 }, 6,
	  SCST_SENSE_INVALID_FIELD_CDB },
	{ "no such page", { INQUIRY, 1, 0x80, 0, 96 }, 6,
	  SCST_SENSE_INVALID_FIELD_CDB },
	{ "READ(10)", { READ_10, 0, 0, 0, 0, 0, 0, 0, 1 }, 10,
	  SCST_SENSE_INVALID_OPCODE },
	{ "MODE SENSE(6)", { MODE_SENSE, 0, 0x3f, 0, 96 }, 6,
	  SCST_SENSE_INVALID_OPCODE },
	{ "REPORT SUPPORTED OPERATION CODES",
	  { MAINTENANCE_IN, 0x0c, 0, 0, 0, 0, 0, 0, 0, 96 }, 12,
	  SCST_SENSE_INVALID_OPCODE },
	{ "no command at all", { 0xff }, 6, SCST_SENSE_INVALID_OPCODE },
};

KUNIT_ARRAY_PARAM_DESC(wlun_refusal, wlun_refusals, name);

static void wlun_refusal_test(struct kunit *test)
{
	const struct wlun_refusal *row = test->param_value;
	struct scst_session *sess = fake_session(test, "ini");
	struct fake_cmd *fc = wlun_run(test, sess, SCST_LUN_REPORT_LUNS,
				       row->cdb, row->len);

	fake_expect(test, fc, SAM_STAT_CHECK_CONDITION, row->sense);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);
}

/* An enabled target keeps its form. */
static void wlun_method_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;

	KUNIT_EXPECT_EQ(test, -EBUSY,
			scst_tgt_set_addr_method(fake->tgt, SCST_ADDR_FLAT));
	KUNIT_EXPECT_EQ(test, fake->tgt->addr_method, SCST_ADDR_PERIPHERAL);
}

/* The port that shows a device is told as long as a LUN does. */
static void wlun_ports_test(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct scst_device *other = fake_add_lun(test, "fake_other", 1);
	u16 ids[4] = {};

	KUNIT_EXPECT_EQ(test, 1, scst_device_ports(other, ids, 4));
	KUNIT_EXPECT_EQ(test, ids[0], fake->tgt->rel_tgt_id);
	KUNIT_EXPECT_EQ(test, 0, scst_device_ports(other, ids, 0));
	scst_acg_lun_unlink(&fake->luns[1], other);
	KUNIT_EXPECT_EQ(test, 0, scst_device_ports(other, ids, 4));
	/* Shown twice, it is still one port. */
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[1], fake->dev));
	KUNIT_EXPECT_EQ(test, 1, scst_device_ports(fake->dev, ids, 4));
	scst_acg_lun_unlink(&fake->luns[1], fake->dev);
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(&fake->luns[1], other));
	KUNIT_EXPECT_EQ(test, 1, scst_device_ports(other, ids, 4));
}

static struct kunit_case wlun_test_cases[] = {
	KUNIT_CASE(wlun_ports_test),
	KUNIT_CASE_PARAM(wlun_select_test, wlun_select_gen_params),
	KUNIT_CASE(wlun_refused_test),
	KUNIT_CASE(wlun_commands_test),
	KUNIT_CASE(wlun_vpd_test),
	KUNIT_CASE_PARAM(wlun_refusal_test, wlun_refusal_gen_params),
	KUNIT_CASE(wlun_method_test),
	{}
};

static struct kunit_suite wlun_suite = {
	.name = "scst_wlun",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = wlun_test_cases,
};

kunit_test_suite(wlun_suite);
