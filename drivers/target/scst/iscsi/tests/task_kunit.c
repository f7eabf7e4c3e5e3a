// SPDX-License-Identifier: GPL-2.0
/*
 * SCSI commands before the core has them: which PDUs may come, CmdSN, AHS, and
 * the data that may come with a command.
 */
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include "task_env.h"

/* Opcodes */

struct opcode_case {
	const char		*name;
	enum isct_conn_state	state;
	bool			session;
	bool			logging_out;
	itt_t			itt;
	u64			legal;	/* bits by opcode */
};

#define LEGAL_LOGIN	BIT_ULL(ISCSI_OP_LOGIN)
#define LEGAL_DISCOVERY	(BIT_ULL(ISCSI_OP_NOOP_OUT) | \
			 BIT_ULL(ISCSI_OP_TEXT) | BIT_ULL(ISCSI_OP_LOGOUT))
#define LEGAL_NORMAL	(LEGAL_DISCOVERY | BIT_ULL(ISCSI_OP_SCSI_CMD) | \
			 BIT_ULL(ISCSI_OP_SCSI_TMFUNC) | \
			 BIT_ULL(ISCSI_OP_SCSI_DATA_OUT) | \
			 BIT_ULL(ISCSI_OP_SNACK))

static const struct opcode_case opcode_cases[] = {
	{ "login", ISCT_CONN_LOGIN, false, false, 0, LEGAL_LOGIN },
	{ "discovery", ISCT_CONN_FULL, false, false, 0, LEGAL_DISCOVERY },
	{ "normal session", ISCT_CONN_FULL, true, false, 0, LEGAL_NORMAL },
	{ "requests behind a logout", ISCT_CONN_FULL, true, true, 0,
	  BIT_ULL(ISCSI_OP_SCSI_DATA_OUT) },
	{ "answers behind a logout", ISCT_CONN_FULL, true, true, RESERVED_ITT,
	  BIT_ULL(ISCSI_OP_NOOP_OUT) | BIT_ULL(ISCSI_OP_SCSI_DATA_OUT) },
};

KUNIT_ARRAY_PARAM_DESC(opcode, opcode_cases, name);

static void task_opcode_test(struct kunit *test)
{
	const struct opcode_case *param = test->param_value;
	struct task_env *env = test->priv;
	struct isct_conn *conn = &env->conn;
	struct isct_session session;
	unsigned int opcode;

	conn->state = param->state;
	conn->session = param->session ? &session : NULL;
	conn->logging_out = param->logging_out;
	conn->rx.hdr.itt = param->itt;
	/* With the bits for "immediate", and the reserved one */
	for (opcode = 0; opcode <= U8_MAX; opcode++) {
		u64 bit = BIT_ULL(opcode & ISCSI_OPCODE_MASK);

		conn->rx.hdr.opcode = opcode;
		KUNIT_EXPECT_EQ_MSG(test, isct_rx_header_legal(conn),
				    !!(param->legal & bit), "opcode %#x",
				    opcode);
	}
}

/* CmdSN */

struct cmd_sn_case {
	const char	*name;
	u32		exp;
	u32		max;
	u32		sn;
	bool		immediate;
	int		error;
	u32		next;		/* ExpCmdSN after it */
};

static const struct cmd_sn_case cmd_sn_cases[] = {
	{ "next", 5, 10, 5, false, 0, 6 },
	{ "last of the window", 10, 10, 10, false, 0, 11 },
	{ "next but one", 5, 10, 6, false, -EPROTO, 5 },
	{ "end of the window", 5, 10, 10, false, -EPROTO, 5 },
	{ "behind the window", 5, 10, 11, false, -ESTALE, 5 },
	{ "again", 5, 10, 4, false, -ESTALE, 5 },
	{ "far behind", 5, 10, 0x7fffffff, false, -ESTALE, 5 },
	{ "far before", 5, 10, 0x80000006, false, -ESTALE, 5 },
	{ "closed window", 5, 4, 5, false, -ESTALE, 5 },
	{ "closed window, again", 5, 4, 4, false, -ESTALE, 5 },
	{ "wrap-around", U32_MAX, 5, U32_MAX, false, 0, 0 },
	{ "wrap-around, again", U32_MAX, 5, 0xfffffffe, false, -ESTALE,
	  U32_MAX },
	{ "wrap-around, next but one", U32_MAX, 5, 0, false, -EPROTO, U32_MAX },
	{ "wrap-around, end", U32_MAX, 5, 5, false, -EPROTO, U32_MAX },
	{ "wrap-around, behind", U32_MAX, 5, 6, false, -ESTALE, U32_MAX },
	{ "window ends at the largest", 0xfffffff0, U32_MAX, 0, false, -ESTALE,
	  0xfffffff0 },
	{ "closed window at 0", 0, U32_MAX, 0, false, -ESTALE, 0 },
	{ "just wrapped", 0, 31, 0, false, 0, 1 },
	{ "just wrapped, again", 0, 31, U32_MAX, false, -ESTALE, 0 },
	{ "sign changes", 0x7fffffff, 0x80000010, 0x7fffffff, false, 0,
	  0x80000000 },
	{ "sign changes, behind", 0x7fffffff, 0x80000010, 0x80000011, false,
	  -ESTALE, 0x7fffffff },
	{ "immediate", 5, 10, 5, true, 0, 5 },
	{ "immediate, closed window", 5, 4, 5, true, 0, 5 },
	{ "immediate, any number", 5, 10, 0xdeadbeef, true, 0, 5 },
};

KUNIT_ARRAY_PARAM_DESC(cmd_sn, cmd_sn_cases, name);

/* A SCSI Command with this CmdSN, and none of the known tags */
static struct iscsi_scsi_req *task_set_hdr(struct isct_conn *conn, u32 sn,
					   bool immediate)
{
	struct iscsi_scsi_req *hdr = (struct iscsi_scsi_req *)&conn->rx.hdr;

	memset(hdr, 0, sizeof(*hdr));
	hdr->opcode = ISCSI_OP_SCSI_CMD | (immediate ? ISCSI_OP_IMMEDIATE : 0);
	hdr->flags = ISCSI_FLAG_CMD_FINAL;
	hdr->itt = (__force itt_t)cpu_to_be32(0x20000000);
	hdr->cmdsn = cpu_to_be32(sn);
	return hdr;
}

static void task_cmd_sn_test(struct kunit *test)
{
	const struct cmd_sn_case *param = test->param_value;
	struct task_env *env = test->priv;
	struct isct_conn *conn = &env->conn;

	conn->exp_cmd_sn = param->exp;
	conn->max_cmd_sn = param->max;
	task_set_hdr(conn, param->sn, param->immediate);
	KUNIT_EXPECT_EQ(test, isct_check_cmd_sn(conn), param->error);
	KUNIT_EXPECT_EQ(test, conn->exp_cmd_sn, param->next);
	KUNIT_EXPECT_EQ(test, conn->max_cmd_sn, param->max);
}

/* Refused commands */

/* Reason of the only Reject that waits to be sent, 0 for none; frees it. */
static u8 task_take_reject(struct kunit *test)
{
	struct task_env *env = test->priv;
	struct llist_node *node = llist_del_first(&env->conn.send);
	struct isct_pdu *pdu;
	u8 reason;

	if (!node || node == &env->sent)
		return 0;
	pdu = llist_entry(node, struct isct_pdu, llnode);
	KUNIT_EXPECT_EQ(test, pdu->hdr.opcode, ISCSI_OP_REJECT);
	KUNIT_EXPECT_EQ(test, pdu->data_len, ISCSI_HDR_LEN);
	KUNIT_EXPECT_MEMEQ(test, page_address(pdu->page), &env->conn.rx.hdr,
			   ISCSI_HDR_LEN);
	reason = ((struct iscsi_reject *)&pdu->hdr)->reason;
	put_page(pdu->page);
	kfree(pdu);
	KUNIT_EXPECT_PTR_EQ(test, env->conn.send.first, &env->sent);
	return reason;
}

/* RFC 7143 11.17.1; CmdSN goes on, or no later command would be taken. */
static void task_same_tag_test(struct kunit *test)
{
	struct task_env *env = test->priv;
	struct isct_conn *conn = &env->conn;

	conn->exp_cmd_sn = 5;
	conn->max_cmd_sn = 10;
	task_set_hdr(conn, 5, false)->itt = ENV_ITT;
	KUNIT_EXPECT_EQ(test, isct_task_rx(conn), 0);
	KUNIT_EXPECT_TRUE(test, conn->rx.refused);
	KUNIT_EXPECT_EQ(test, task_take_reject(test),
			ISCSI_REASON_TASK_IN_PROGRESS);
	KUNIT_EXPECT_EQ(test, conn->exp_cmd_sn, 6);
	KUNIT_EXPECT_EQ(test, conn->nr_tasks, 1);
	KUNIT_EXPECT_EQ(test, conn->nr_queued, 1);
}

/* RFC 7143 4.2.2.1: silently ignored, whatever else may be wrong */
static void task_stale_test(struct kunit *test)
{
	struct task_env *env = test->priv;
	struct isct_conn *conn = &env->conn;

	conn->exp_cmd_sn = 5;
	conn->max_cmd_sn = 10;
	task_set_hdr(conn, 4, false)->itt = ENV_ITT;
	KUNIT_EXPECT_EQ(test, isct_task_rx(conn), 0);
	KUNIT_EXPECT_TRUE(test, conn->rx.refused);
	KUNIT_EXPECT_EQ(test, task_take_reject(test), 0);
	KUNIT_EXPECT_EQ(test, conn->exp_cmd_sn, 5);
}

/* One that comes as far as its AHS, which cannot be: no more is needed here. */
static int task_rx_bad_ahs(struct isct_conn *conn, bool immediate)
{
	conn->rx.refused = false;
	conn->rx.ahs_len = 4;
	task_set_hdr(conn, conn->exp_cmd_sn, immediate);
	return isct_task_rx(conn);
}

/*
 * Immediate commands are limited by their number, and do not take the places of
 * others, which the window limits.
 */
static void task_immediate_test(struct kunit *test)
{
	struct task_env *env = test->priv;
	struct isct_conn *conn = &env->conn;

	conn->max_cmd_sn = 10;
	conn->nr_tasks = conn->params.val[ISCT_QUEUED_COMMANDS] + 31;
	conn->nr_queued = conn->params.val[ISCT_QUEUED_COMMANDS];
	KUNIT_EXPECT_EQ(test, task_rx_bad_ahs(conn, true), -EPROTO);
	KUNIT_EXPECT_FALSE(test, conn->rx.refused);

	conn->nr_queued -= 2;
	KUNIT_EXPECT_EQ(test, task_rx_bad_ahs(conn, true), 0);
	KUNIT_EXPECT_TRUE(test, conn->rx.refused);
	KUNIT_EXPECT_EQ(test, task_take_reject(test),
			ISCSI_REASON_IMM_CMD_REJECT);

	conn->nr_tasks += 2;
	KUNIT_EXPECT_EQ(test, task_rx_bad_ahs(conn, false), -EPROTO);
	KUNIT_EXPECT_FALSE(test, conn->rx.refused);
	KUNIT_EXPECT_EQ(test, task_take_reject(test), 0);
}

/* AHS */

#define AHS_CDB		ISCSI_AHSTYPE_CDB
#define AHS_RLEN	ISCSI_AHSTYPE_RLENGTH

struct ahs_case {
	const char	*name;
	u8		ahs[24];
	u32		ahs_len;
	int		error;
	u32		cdb_len;
	u8		last;		/* byte of the CDB, when it is extended */
	u32		bidi_len;
};

static const struct ahs_case ahs_cases[] = {
	{ "none", {}, 0, 0, 16 },
	{ "zero length", { 0, 0, AHS_CDB, 0 }, 4, -EPROTO },
	{ "zeroes", {}, 8, -EPROTO },
	{ "extended CDB", { 0, 5, AHS_CDB, 0, 1, 2, 3, 4 }, 8, 0, 20, 4 },
	{ "no number of words", { 0, 4, AHS_CDB, 0, 1, 2, 3, 9 }, 8, 0, 19, 3 },
	{ "one byte", { 0, 2, AHS_CDB, 0, 7, 9, 9, 9 }, 8, 0, 17, 7 },
	{ "no bytes", { 0, 1, AHS_CDB, 0 }, 4, 0, 16 },
	{ "a byte past the end", { 0, 6, AHS_CDB, 0, 1, 2, 3, 4, 5 }, 8,
	  -EPROTO },
	{ "far past the end", { 0xff, 0xff, AHS_CDB, 0, 1, 2, 3, 4 }, 8,
	  -EPROTO },
	{ "header alone", { 0, 5, AHS_CDB, 0 }, 4, -EPROTO },
	{ "read length", { 0, 5, AHS_RLEN, 0, 0x12, 0x34, 0x56, 0x78 }, 8, 0,
	  16, 0, 0x12345678 },
	{ "read length, short", { 0, 4, AHS_RLEN, 0, 1, 2, 3, 4 }, 8, 0, 16 },
	{ "read length, long", { 0, 9, AHS_RLEN, 0, 1, 2, 3, 4 }, 12, 0, 16 },
	{ "read length, past the end", { 0, 5, AHS_RLEN, 0, 1, 2, 3, 4 }, 4,
	  -EPROTO },
	{ "both", { 0, 3, AHS_CDB, 0, 6, 7, 0, 0, 0, 5, AHS_RLEN, 0, 0, 0, 2 },
	  16, 0, 18, 7, 512 },
	{ "both, the other way round",
	  { 0, 5, AHS_RLEN, 0, 0, 0, 2, 0, 0, 3, AHS_CDB, 0, 6, 7 }, 16, 0, 18,
	  7, 512 },
	{ "the second one past the end",
	  { 0, 5, AHS_RLEN, 0, 0, 0, 2, 0, 0, 6, AHS_CDB, 0, 6, 7, 8, 9 }, 16,
	  -EPROTO },
	{ "the second one empty",
	  { 0, 5, AHS_RLEN, 0, 0, 0, 2, 0, 0, 0, AHS_CDB, 0 }, 12, -EPROTO },
	{ "another type", { 0, 5, 3, 0, 1, 2, 3, 4 }, 8, 0, 16 },
	{ "vendor's type", { 0, 1, 0x3f, 0, 0, 2, AHS_CDB, 0, 8 }, 12, 0, 17,
	  8 },
};

KUNIT_ARRAY_PARAM_DESC(ahs, ahs_cases, name);

static void task_ahs_test(struct kunit *test)
{
	const struct ahs_case *param = test->param_value;
	struct task_env *env = test->priv;
	u8 *cdb = kunit_kzalloc(test, SCST_CDB_MAX, GFP_KERNEL);
	u32 len = ISCSI_CDB_SIZE;
	int error;

	KUNIT_ASSERT_NOT_NULL(test, cdb);
	memcpy(env->conn.rx.ahs, param->ahs, sizeof(param->ahs));
	env->conn.rx.ahs_len = param->ahs_len;
	error = isct_task_parse_ahs(&env->task, cdb, &len);
	KUNIT_ASSERT_EQ(test, error, param->error);
	if (error)
		return;
	KUNIT_EXPECT_EQ(test, len, param->cdb_len);
	KUNIT_EXPECT_EQ(test, cdb[len - 1], param->last);
	KUNIT_EXPECT_EQ(test, env->task.bidi_len, param->bidi_len);
}

/* The longest CDB that there is, and one that is a byte longer */
static void task_long_cdb_test(struct kunit *test)
{
	struct task_env *env = test->priv;
	struct isct_rx *rx = &env->conn.rx;
	u8 *cdb = kunit_kzalloc(test, SCST_CDB_MAX, GFP_KERNEL);
	u32 len = ISCSI_CDB_SIZE;
	u32 more = SCST_CDB_MAX - ISCSI_CDB_SIZE;

	KUNIT_ASSERT_NOT_NULL(test, cdb);
	memset(rx->ahs, 0x55, sizeof(rx->ahs));
	rx->ahs_len = ISCT_AHS_MAX;
	rx->ahs[2] = AHS_CDB;
	put_unaligned_be16(more + 2, rx->ahs);
	KUNIT_EXPECT_EQ(test, isct_task_parse_ahs(&env->task, cdb, &len),
			-EPROTO);
	KUNIT_EXPECT_EQ(test, cdb[ISCSI_CDB_SIZE], 0);
	put_unaligned_be16(more + 1, rx->ahs);
	rx->ahs_len = 4 + more;
	KUNIT_EXPECT_EQ(test, isct_task_parse_ahs(&env->task, cdb, &len), 0);
	KUNIT_EXPECT_EQ(test, len, SCST_CDB_MAX);
	KUNIT_EXPECT_EQ(test, cdb[ISCSI_CDB_SIZE - 1], 0);
	KUNIT_EXPECT_EQ(test, cdb[SCST_CDB_MAX - 1], 0x55);
}

#define FUZZ_ROUNDS	20000
#define FUZZ_GUARD	64
/* What nobody may read, and what nobody may write */
#define FUZZ_BEHIND	0xa5

/* Random bytes, among which lengths and types that make sense are likely */
static void task_fuzz_fill(struct rnd_state *rnd, struct isct_rx *rx)
{
	u32 i;

	memset(rx->ahs, FUZZ_BEHIND, sizeof(rx->ahs));
	rx->ahs_len = prandom_u32_state(rnd) % (ISCT_AHS_MAX / 4 + 1) * 4;
	for (i = 0; i < rx->ahs_len; i++) {
		u32 r = prandom_u32_state(rnd);
		u8 byte = r >> 8;

		if (i % 4 == 0 || r & 1)
			byte = i % 4 == 2 ? byte % 4 : byte % 2 * (r & 2);
		rx->ahs[i] = byte == FUZZ_BEHIND ? 0 : byte;
	}
}

/* Whatever the bytes are, none behind them is used, and no room exceeded. */
static void task_ahs_fuzz_test(struct kunit *test)
{
	struct task_env *env = test->priv;
	u8 *cdb = kunit_kmalloc(test, SCST_CDB_MAX + FUZZ_GUARD, GFP_KERNEL);
	unsigned int i, good = 0;
	struct rnd_state rnd;

	KUNIT_ASSERT_NOT_NULL(test, cdb);
	prandom_seed_state(&rnd, 7143);
	for (i = 0; i < FUZZ_ROUNDS; i++) {
		u32 len = ISCSI_CDB_SIZE;

		task_fuzz_fill(&rnd, &env->conn.rx);
		memset(cdb, 0, SCST_CDB_MAX);
		memset(cdb + SCST_CDB_MAX, 1, FUZZ_GUARD);
		if (!isct_task_parse_ahs(&env->task, cdb, &len))
			good++;
		KUNIT_ASSERT_GE(test, len, ISCSI_CDB_SIZE);
		KUNIT_ASSERT_LE(test, len, SCST_CDB_MAX);
		KUNIT_ASSERT_NULL(test, memchr(cdb, FUZZ_BEHIND, SCST_CDB_MAX));
		KUNIT_ASSERT_NULL(test, memchr_inv(cdb + SCST_CDB_MAX, 1,
						   FUZZ_GUARD));
	}
	/* Or it would have shown nothing */
	KUNIT_EXPECT_GT(test, good, FUZZ_ROUNDS / 100);
	KUNIT_EXPECT_LT(test, good, FUZZ_ROUNDS);
}

/* Data with a command, and behind it */

struct with_case {
	const char	*name;
	bool		immediate_data;
	bool		initial_r2t;
	u8		flags;
	u32		len;
	u32		edtl;
	bool		legal;
};

#define F	ISCSI_FLAG_CMD_FINAL
#define W	ISCSI_FLAG_CMD_WRITE
#define R	ISCSI_FLAG_CMD_READ

/* FirstBurstLength is 4096. */
static const struct with_case with_cases[] = {
	{ "read", true, false, F | R, 0, 512, true },
	{ "no data", true, false, F, 0, 0, true },
	{ "write", true, false, F | W, 0, 512, true },
	{ "immediate", true, false, F | W, 512, 512, true },
	{ "immediate part", true, true, F | W, 512, 1024, true },
	{ "immediate, first burst", true, true, F | W, 4096, 8192, true },
	{ "immediate, longer than the first burst", true, true, F | W, 4097,
	  8192, false },
	{ "immediate, longer than expected", true, false, F | W, 513, 512,
	  false },
	{ "immediate, nothing expected", true, false, F | W, 1, 0, false },
	{ "immediate, ImmediateData=No", false, false, F | W, 1, 512, false },
	{ "immediate for a read", true, false, F | R, 512, 512, false },
	{ "immediate, bidirectional", true, false, F | R | W, 512, 512, true },
	{ "immediate without direction", true, false, F, 512, 512, false },
	{ "more to come", true, false, W, 0, 8192, true },
	{ "more to come, ImmediateData=No", false, false, W, 0, 8192, true },
	{ "immediate and more", true, false, W, 512, 8192, true },
	{ "immediate and more, ImmediateData=No", false, false, W, 512, 8192,
	  false },
	{ "more to come, InitialR2T=Yes", true, true, W, 0, 8192, false },
	{ "immediate and more, InitialR2T=Yes", true, true, W, 512, 8192,
	  false },
	{ "no F for a read", true, false, R, 0, 512, false },
	{ "no F without direction", true, false, 0, 0, 0, false },
};

KUNIT_ARRAY_PARAM_DESC(with, with_cases, name);

static void task_data_test(struct kunit *test)
{
	const struct with_case *param = test->param_value;
	struct task_env *env = test->priv;
	u32 *val = env->conn.params.val;
	struct iscsi_scsi_req *hdr = task_set_hdr(&env->conn, 0, false);

	val[ISCT_IMMEDIATE_DATA] = param->immediate_data;
	val[ISCT_INITIAL_R2T] = param->initial_r2t;
	hdr->flags = param->flags;
	env->conn.rx.data_len = param->len;
	env->task.cmd.expected_len = param->edtl;
	KUNIT_EXPECT_EQ(test, isct_task_data_legal(&env->task, hdr),
			param->legal);
}

static struct kunit_case task_test_cases[] = {
	KUNIT_CASE_PARAM(task_opcode_test, opcode_gen_params),
	KUNIT_CASE_PARAM(task_cmd_sn_test, cmd_sn_gen_params),
	KUNIT_CASE(task_same_tag_test),
	KUNIT_CASE(task_stale_test),
	KUNIT_CASE(task_immediate_test),
	KUNIT_CASE_PARAM(task_ahs_test, ahs_gen_params),
	KUNIT_CASE(task_long_cdb_test),
	KUNIT_CASE(task_ahs_fuzz_test),
	KUNIT_CASE_PARAM(task_data_test, with_gen_params),
	{}
};

static struct kunit_suite task_suite = {
	.name = "scst_iscsi_task",
	.init = task_env_init,
	.test_cases = task_test_cases,
};

kunit_test_suite(task_suite);
