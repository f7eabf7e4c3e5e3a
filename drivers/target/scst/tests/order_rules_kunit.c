// SPDX-License-Identifier: GPL-2.0
/*
 * The decisions of task sets, against the tables of SAM-5 5.9 and what SPC-5
 * 7.5.10 says of TST, QERR, QAM and TMF_ONLY.
 */
#include <kunit/test.h>
#include <scsi/scsi_proto.h>
#include "../scst_pure.h"

#define RULE_GOOD	SAM_STAT_GOOD
#define RULE_CHECK	SAM_STAT_CHECK_CONDITION
#define RULE_BUSY	SAM_STAT_BUSY
#define RULE_ACA	SAM_STAT_ACA_ACTIVE

static const u8 rule_turs[6] = { TEST_UNIT_READY };
static const u8 rule_inquiry[6] = { INQUIRY };
static const u8 rule_read[10] = { READ_10 };
static const u8 rule_write[10] = { WRITE_10 };
static const u8 rule_preempt[10] = { PERSISTENT_RESERVE_OUT, 4 };
static const u8 rule_preempt_abort[10] = { PERSISTENT_RESERVE_OUT, 5 };

/**
 * struct aca_rule - a row of the tables of SAM-5 5.9.3 and 5.9.4.2, and what
 *	holds if there is no ACA condition
 * @name: name
 * @aca: whose condition the command finds
 * @tst: TST
 * @tmf_only: TMF_ONLY
 * @aca_cmd: there is a command with ACA attribute
 * @attr: task attribute, or -1 for SIMPLE, ORDERED and HEAD OF QUEUE
 * @way_out: PERSISTENT RESERVE OUT, PREEMPT AND ABORT
 * @status: by NACA
 */
struct aca_rule {
	const char	*name;
	u8		aca;
	u8		tst;
	bool		tmf_only;
	bool		aca_cmd;
	s8		attr;
	bool		way_out;
	u8		status[2];
};

#define RULE_OTHERS	(-1)

static const struct aca_rule aca_rules[] = {
	{ "none", SCST_ACA_NONE, 1, 0, 0, RULE_OTHERS, 0,
	  { RULE_GOOD, RULE_GOOD } },
	{ "none, shared", SCST_ACA_NONE, 0, 0, 0, RULE_OTHERS, 0,
	  { RULE_GOOD, RULE_GOOD } },
	{ "none, ACA attribute", SCST_ACA_NONE, 1, 0, 0, SCST_TASK_ACA, 0,
	  { RULE_CHECK, RULE_CHECK } },
	{ "none, shared, ACA attribute", SCST_ACA_NONE, 0, 0, 0, SCST_TASK_ACA,
	  0, { RULE_CHECK, RULE_CHECK } },
	{ "none, TMF_ONLY", SCST_ACA_NONE, 1, 1, 0, SCST_TASK_ACA, 0,
	  { RULE_CHECK, RULE_CHECK } },

	{ "faulted", SCST_ACA_OWN, 1, 0, 0, RULE_OTHERS, 0,
	  { RULE_ACA, RULE_ACA } },
	{ "faulted, shared", SCST_ACA_OWN, 0, 0, 0, RULE_OTHERS, 0,
	  { RULE_ACA, RULE_ACA } },
	{ "faulted, way out", SCST_ACA_OWN, 0, 0, 0, RULE_OTHERS, 1,
	  { RULE_ACA, RULE_ACA } },
	{ "faulted, ACA attribute", SCST_ACA_OWN, 1, 0, 0, SCST_TASK_ACA, 0,
	  { RULE_GOOD, RULE_GOOD } },
	{ "faulted, shared, ACA attribute", SCST_ACA_OWN, 0, 0, 0,
	  SCST_TASK_ACA, 0, { RULE_GOOD, RULE_GOOD } },
	{ "faulted, second ACA command", SCST_ACA_OWN, 1, 0, 1, SCST_TASK_ACA,
	  0, { RULE_ACA, RULE_ACA } },
	{ "faulted, TMF_ONLY", SCST_ACA_OWN, 1, 1, 0, SCST_TASK_ACA, 0,
	  { RULE_ACA, RULE_ACA } },
	{ "faulted, shared, TMF_ONLY", SCST_ACA_OWN, 0, 1, 0, SCST_TASK_ACA, 0,
	  { RULE_ACA, RULE_ACA } },

	{ "other, shared", SCST_ACA_OTHER, 0, 0, 0, RULE_OTHERS, 0,
	  { RULE_BUSY, RULE_ACA } },
	{ "other, shared, TMF_ONLY", SCST_ACA_OTHER, 0, 1, 0, RULE_OTHERS, 0,
	  { RULE_BUSY, RULE_ACA } },
	{ "other, shared, way out", SCST_ACA_OTHER, 0, 0, 0, RULE_OTHERS, 1,
	  { RULE_GOOD, RULE_GOOD } },
	{ "other, shared, ACA attribute", SCST_ACA_OTHER, 0, 0, 0,
	  SCST_TASK_ACA, 0, { RULE_ACA, RULE_ACA } },
	{ "other, shared, ACA attribute, way out", SCST_ACA_OTHER, 0, 0, 0,
	  SCST_TASK_ACA, 1, { RULE_ACA, RULE_ACA } },
	{ "other", SCST_ACA_OTHER, 1, 0, 0, RULE_OTHERS, 0,
	  { RULE_GOOD, RULE_GOOD } },
	{ "other, way out", SCST_ACA_OTHER, 1, 0, 0, RULE_OTHERS, 1,
	  { RULE_GOOD, RULE_GOOD } },
	{ "other, ACA attribute", SCST_ACA_OTHER, 1, 0, 0, SCST_TASK_ACA, 0,
	  { RULE_CHECK, RULE_CHECK } },
};

KUNIT_ARRAY_PARAM_DESC(aca_rule, aca_rules, name);

static const struct scst_cdb_op *rule_op(const u8 *cdb, unsigned int len)
{
	return scst_cdb_find(TYPE_DISK, cdb, len);
}

#define RULE_OP(cdb)	rule_op(cdb, sizeof(cdb))

static void rule_expect(struct kunit *test, const struct aca_rule *rule,
			u8 attr, bool naca)
{
	const struct scst_control control = {
		.tst = rule->tst, .qam = 1, .tmf_only = rule->tmf_only,
	};
	const struct scst_order_in in = {
		.control = &control,
		.op = rule->way_out ? RULE_OP(rule_preempt_abort) :
				      RULE_OP(rule_preempt),
		.attr = attr,
		.naca = naca,
		.aca = rule->aca,
		.aca_cmd = rule->aca_cmd,
	};
	struct scst_order_out out = scst_order_decide(&in);
	bool in_aca = rule->aca == SCST_ACA_OWN ||
		      (rule->aca == SCST_ACA_OTHER && !rule->tst);

	KUNIT_EXPECT_EQ_MSG(test, out.status, rule->status[naca],
			    "attribute %d NACA %d", attr, naca);
	KUNIT_EXPECT_EQ(test, out.passes,
			in_aca && rule->status[naca] == RULE_GOOD);
	if (in_aca || out.status != RULE_GOOD)
		KUNIT_EXPECT_EQ(test, out.kind, SCST_GATE_BESIDE);
	KUNIT_EXPECT_EQ(test, scst_order_blocked(&control, rule->aca, false),
			in_aca);
	KUNIT_EXPECT_FALSE(test, scst_order_blocked(&control, rule->aca, true));
}

static void rule_aca_test(struct kunit *test)
{
	const struct aca_rule *rule = test->param_value;
	int attr, naca;

	for (naca = 0; naca < 2; naca++) {
		if (rule->attr != RULE_OTHERS) {
			rule_expect(test, rule, rule->attr, naca);
			continue;
		}
		for (attr = SCST_TASK_SIMPLE; attr <= SCST_TASK_HEAD; attr++)
			rule_expect(test, rule, attr, naca);
	}
}

/* How commands go through the gate: by attribute, and by QAM */
static const struct {
	const char	*name;
	const u8	*cdb;
	unsigned int	len;
	u8		kinds[2][3];	/* by QAM and attribute */
} kind_rules[] = {
#define S SCST_GATE_SHARED
#define X SCST_GATE_EXCLUSIVE
#define B SCST_GATE_BESIDE
#define F SCST_GATE_FIRST
	{ "TEST UNIT READY", rule_turs, 6, { { S, X, F }, { S, X, F } } },
	{ "READ", rule_read, 10, { { S, X, F }, { S, X, F } } },
	{ "WRITE", rule_write, 10, { { X, X, F }, { S, X, F } } },
	{ "INQUIRY", rule_inquiry, 6, { { B, B, B }, { B, B, B } } },
	{ "unknown", rule_turs, 0, { { S, X, F }, { S, X, F } } },
#undef S
#undef X
#undef B
#undef F
};

static void rule_expect_kinds(struct kunit *test, int i, u8 tst, u8 qam)
{
	const struct scst_control control = { .tst = tst, .qam = qam };
	struct scst_order_in in = {
		.control = &control,
		.op = rule_op(kind_rules[i].cdb, kind_rules[i].len),
	};
	struct scst_order_out out;
	int attr;

	for (attr = SCST_TASK_SIMPLE; attr <= SCST_TASK_HEAD; attr++) {
		in.attr = attr;
		out = scst_order_decide(&in);
		KUNIT_EXPECT_EQ_MSG(test, out.kind,
				    kind_rules[i].kinds[qam][attr],
				    "%s attribute %d QAM %d",
				    kind_rules[i].name, attr, qam);
		KUNIT_EXPECT_EQ(test, out.status, RULE_GOOD);
		KUNIT_EXPECT_FALSE(test, out.passes);
	}
}

static void rule_kind_test(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(kind_rules); i++) {
		rule_expect_kinds(test, i, 0, 0);
		rule_expect_kinds(test, i, 0, 1);
		rule_expect_kinds(test, i, 1, 0);
		rule_expect_kinds(test, i, 1, 1);
	}
}

/* The commands that SPC allows to be treated as HEAD OF QUEUE */
static void rule_head_test(struct kunit *test)
{
	const struct scst_cdb_op *row;
	unsigned int i;

	for (i = 0; (row = scst_cdb_row(i)); i++)
		KUNIT_EXPECT_EQ_MSG(test, !!(row->flags & SCST_CDB_HEAD),
				    row->op == SCST_OP_INQUIRY ||
				    row->op == SCST_OP_REPORT_LUNS ||
				    row->op == SCST_OP_REQUEST_SENSE,
				    "%s", row->name);
}

/* By TST and QERR */
static void rule_fault_test(struct kunit *test)
{
	static const u8 aborts[2][4] = {
		{ SCST_FAULT_ABORT_NONE, SCST_FAULT_ABORT_ALL,
		  SCST_FAULT_ABORT_NONE, SCST_FAULT_ABORT_OWN },
		{ SCST_FAULT_ABORT_NONE, SCST_FAULT_ABORT_OWN,
		  SCST_FAULT_ABORT_NONE, SCST_FAULT_ABORT_OWN },
	};
	int tst, qerr;

	for (tst = 0; tst < 2; tst++) {
		for (qerr = 0; qerr < 4; qerr++) {
			const struct scst_control control = {
				.tst = tst, .qerr = qerr,
			};

			KUNIT_EXPECT_EQ_MSG(test, scst_fault_aborts(&control),
					    aborts[tst][qerr], "TST %d QERR %d",
					    tst, qerr);
		}
	}
}

/* What a CHECK CONDITION leaves: by what was there, attribute and NACA */
static void rule_fault_aca_test(struct kunit *test)
{
	int attr;

	for (attr = SCST_TASK_SIMPLE; attr <= SCST_TASK_ACA; attr++) {
		KUNIT_EXPECT_FALSE(test, scst_fault_aca(false, attr, false));
		KUNIT_EXPECT_TRUE(test, scst_fault_aca(false, attr, true));
		KUNIT_EXPECT_TRUE(test, scst_fault_aca(true, attr, true));
	}
	KUNIT_EXPECT_TRUE(test, scst_fault_aca(true, SCST_TASK_SIMPLE, false));
	KUNIT_EXPECT_TRUE(test, scst_fault_aca(true, SCST_TASK_ORDERED, false));
	KUNIT_EXPECT_TRUE(test, scst_fault_aca(true, SCST_TASK_HEAD, false));
	KUNIT_EXPECT_FALSE(test, scst_fault_aca(true, SCST_TASK_ACA, false));
}

/* Of CDBs that are no commands here, as of all others */
static void rule_naca_test(struct kunit *test)
{
	static const struct {
		u8	cdb[16];
		u8	len;
		bool	naca;
	} cases[] = {
		{ { 0x01, [5] = 0x04 }, 6, true },
		{ { 0x01, [5] = 0x04 }, 16, true },
		{ { 0x01, [5] = 0xfb }, 16, false },
		{ { 0x3f, [9] = 0x04 }, 16, true },
		{ { 0x5d, [9] = 0x04 }, 10, true },
		{ { 0x5d, [9] = 0x04 }, 9, false },
		{ { 0x9d, [15] = 0x04 }, 16, true },
		{ { 0xb0, [11] = 0x04 }, 12, true },
		{ { 0x7f, 0x04 }, 16, true },
		{ { 0x7f, 0x00, [15] = 0x04 }, 16, false },
		/* Nobody knows how long these are. */
		{ { 0x60, [9] = 0x04, [11] = 0x04, [15] = 0x04 }, 16, false },
		{ { 0xc0, [9] = 0x04, [11] = 0x04, [15] = 0x04 }, 16, false },
		{ { 0xff, [5] = 0x04, [9] = 0x04, [15] = 0x04 }, 16, false },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, scst_cdb_naca(cases[i].cdb,
							cases[i].len),
				    cases[i].naca, "case %d", i);
}

static struct kunit_case order_rules_test_cases[] = {
	KUNIT_CASE_PARAM(rule_aca_test, aca_rule_gen_params),
	KUNIT_CASE(rule_kind_test),
	KUNIT_CASE(rule_head_test),
	KUNIT_CASE(rule_fault_test),
	KUNIT_CASE(rule_fault_aca_test),
	KUNIT_CASE(rule_naca_test),
	{}
};

static struct kunit_suite order_rules_suite = {
	.name = "scst_order_rules",
	.test_cases = order_rules_test_cases,
};

kunit_test_suite(order_rules_suite);
