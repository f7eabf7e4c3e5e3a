// SPDX-License-Identifier: GPL-2.0
/*
 * Data-In and SCSI Response: how data is split, where the status goes, and what
 * it says.
 */
#include <linux/unaligned.h>
#include <scsi/scsi_proto.h>
#include "task_env.h"

#define U	ISCSI_FLAG_CMD_UNDERFLOW
#define O	ISCSI_FLAG_CMD_OVERFLOW
#define BI	ISCSI_FLAG_CMD_BIDI_UNDERFLOW

static struct isct_task *answer_task(struct task_env *env, u8 dir, u32 resp_len,
				     u32 data_len, u32 expected_len)
{
	struct scst_cmd *cmd = &env->task.cmd;

	cmd->info.dir = dir;
	cmd->info.data_len = data_len;
	cmd->expected_valid = true;
	cmd->expected_len = expected_len;
	cmd->bufflen = min(data_len, expected_len);
	cmd->resp_len = resp_len;
	return &env->task;
}

/* Data-In */

/*
 * @nr and what follows is what is to come: PDUs, flags of the residual with
 * the status, and the residual
 */
struct data_in_case {
	const char	*name;
	u32		resp_len;
	u32		max_xmit;
	u32		max_burst;
	u32		data_len;
	u32		expected_len;
	u8		status;
	u32		nr;
	u8		flags;
	u32		residual;
};

static const struct data_in_case data_in_cases[] = {
	{ "one PDU", 4096, 4096, 8192, 4096, 4096, SAM_STAT_GOOD, 1 },
	{ "one byte", 1, 4096, 8192, 1, 1, SAM_STAT_GOOD, 1 },
	{ "one byte more than a PDU", 4097, 4096, 8192, 4097, 4097,
	  SAM_STAT_GOOD, 2 },
	{ "one burst", 8192, 4096, 8192, 8192, 8192, SAM_STAT_GOOD, 2 },
	{ "one byte more than a burst", 8193, 4096, 8192, 8193, 8193,
	  SAM_STAT_GOOD, 3 },
	{ "burst not a number of PDUs", 9000, 4096, 6000, 9000, 9000,
	  SAM_STAT_GOOD, 3 },
	{ "bursts shorter than PDUs", 2048, 4096, 512, 2048, 2048,
	  SAM_STAT_GOOD, 4 },
	{ "odd lengths", 5000, 513, 1025, 5000, 5000, SAM_STAT_GOOD, 10 },
	{ "one large PDU", 0xffffff, 0xffffff, 0xffffff, 0xffffff, 0xffffff,
	  SAM_STAT_GOOD, 1 },
	{ "less than expected", 36, 4096, 8192, 36, 255, SAM_STAT_GOOD, 1, U,
	  219 },
	{ "less than the CDB says", 36, 4096, 8192, 255, 255, SAM_STAT_GOOD, 1,
	  U, 219 },
	{ "less than there would be", 512, 4096, 8192, 4096, 512,
	  SAM_STAT_GOOD, 1, O, 3584 },
	{ "much less", 512, 512, 512, U32_MAX, 512, SAM_STAT_GOOD, 1, O,
	  U32_MAX - 512 },
	{ "nothing", 0, 4096, 8192, 255, 255, SAM_STAT_GOOD, 0 },
	{ "data before an error", 6000, 4096, 8192, 8192, 8192,
	  SAM_STAT_CHECK_CONDITION, 2 },
	{ "a burst before an error", 8192, 4096, 8192, 8192, 8192,
	  SAM_STAT_CHECK_CONDITION, 2 },
};

KUNIT_ARRAY_PARAM_DESC(data_in, data_in_cases, name);

static void data_in_check_status(struct kunit *test,
				 const struct iscsi_data_rsp *rsp)
{
	const struct data_in_case *param = test->param_value;
	struct task_env *env = test->priv;

	KUNIT_EXPECT_EQ(test, rsp->flags,
			ISCSI_FLAG_CMD_FINAL | ISCSI_FLAG_DATA_STATUS |
			param->flags);
	KUNIT_EXPECT_EQ(test, rsp->cmd_status, SAM_STAT_GOOD);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp->residual_count),
			param->residual);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp->statsn), ENV_STAT_SN);
	KUNIT_EXPECT_EQ(test, env->conn.stat_sn, ENV_STAT_SN + 1);
	KUNIT_EXPECT_EQ(test, env->conn.nr_queued, 0);
	KUNIT_EXPECT_TRUE(test, env->task.answered);
}

/* RFC 7143 11.7.3: without S, the fields of the status are reserved. */
static void data_in_check_no_status(struct kunit *test,
				    const struct iscsi_data_rsp *rsp, bool final)
{
	struct task_env *env = test->priv;

	KUNIT_EXPECT_EQ(test, rsp->flags, final ? ISCSI_FLAG_CMD_FINAL : 0);
	KUNIT_EXPECT_EQ(test, rsp->cmd_status, 0);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp->residual_count), 0);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp->statsn), 0);
	KUNIT_EXPECT_EQ(test, env->conn.stat_sn, ENV_STAT_SN);
	KUNIT_EXPECT_EQ(test, env->conn.nr_queued, 1);
	KUNIT_EXPECT_FALSE(test, env->task.answered);
}

/* PDU @nr, its data from @off on. Return: where the next one begins. */
static u32 data_in_check(struct kunit *test, const struct iscsi_data_rsp *rsp,
			 u32 nr, u32 off)
{
	const struct data_in_case *param = test->param_value;
	u32 len = ntoh24(rsp->dlength), end = off + len;
	bool last = end == param->resp_len;

	KUNIT_EXPECT_EQ(test, rsp->opcode, ISCSI_OP_SCSI_DATA_IN);
	KUNIT_EXPECT_TRUE(test, rsp->itt == ENV_ITT);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp->ttt), ISCSI_RESERVED_TAG);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp->datasn), nr);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp->offset), off);
	KUNIT_EXPECT_GT(test, len, 0);
	KUNIT_EXPECT_LE(test, len, param->max_xmit);
	KUNIT_EXPECT_LE(test, end, param->resp_len);
	/* No PDU is of two bursts. */
	KUNIT_EXPECT_EQ(test, off / param->max_burst,
			(end - 1) / param->max_burst);
	if (last && param->status == SAM_STAT_GOOD)
		data_in_check_status(test, rsp);
	else
		data_in_check_no_status(test, rsp,
					last || end % param->max_burst == 0);
	return end;
}

static void answer_data_in_test(struct kunit *test)
{
	const struct data_in_case *param = test->param_value;
	struct task_env *env = test->priv;
	struct isct_task *task = answer_task(env, SCST_DATA_READ,
					     param->resp_len, param->data_len,
					     param->expected_len);
	u32 nr = 0, off = 0;

	task->cmd.status = param->status;
	env->conn.params.val[ISCT_MAX_XMIT_SEGMENT] = param->max_xmit;
	env->conn.params.val[ISCT_MAX_BURST] = param->max_burst;
	while (nr <= param->nr) {
		struct iscsi_hdr hdr = {};

		if (!isct_task_next_data_in(task, &hdr))
			break;
		off = data_in_check(test, (struct iscsi_data_rsp *)&hdr, nr++,
				    off);
	}
	KUNIT_EXPECT_EQ(test, nr, param->nr);
	KUNIT_EXPECT_EQ(test, off, param->resp_len);
	KUNIT_EXPECT_EQ(test, task->tx_sn, nr);
}

/* A length that was for data of the initiator's is none of data for it. */
static void answer_no_data_in_test(struct kunit *test)
{
	static const u8 dirs[] = { SCST_DATA_NONE, SCST_DATA_WRITE };
	struct task_env *env = test->priv;
	struct isct_task *task;
	struct iscsi_hdr hdr = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		task = answer_task(env, dirs[i], 512, 512, 512);
		KUNIT_EXPECT_FALSE(test, isct_task_next_data_in(task, &hdr));
	}
	KUNIT_EXPECT_EQ(test, env->conn.stat_sn, ENV_STAT_SN);
}

/*
 * RFC 7143 4.2.2.4, 11.4.5 and 11.7: Data-In is numbered on from the R2Ts, the
 * status has a PDU of its own, and the Data-In a residual of its own.
 */
static void answer_bidi_test(struct kunit *test)
{
	static const struct {
		u32	expected_in;
		u8	flags;
		u32	residual;
	} cases[] = {
		{ 1024 },
		{ 4096, BI, 3072 },
		{ 100, ISCSI_FLAG_CMD_BIDI_OVERFLOW, 924 },
	};
	struct task_env *env = test->priv;
	struct isct_task *task = answer_task(env, SCST_DATA_BIDI, 0, 1024,
					     1024);
	struct iscsi_scsi_rsp rsp = {};
	struct iscsi_data_rsp data;
	unsigned int i;

	task->bidi = true;
	task->r2t_sn = 3;
	env->conn.params.val[ISCT_MAX_XMIT_SEGMENT] = 512;
	env->conn.params.val[ISCT_MAX_BURST] = 4096;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u32 off = 0, nr = 0;

		task->cmd.expected_in_len = cases[i].expected_in;
		task->cmd.in_bufflen = min(1024, cases[i].expected_in);
		task->cmd.resp_len = task->cmd.in_bufflen;
		task->tx_off = 0;
		task->tx_sn = 0;
		memset(&data, 0, sizeof(data));
		while (isct_task_next_data_in(task,
					      (struct iscsi_hdr *)&data)) {
			KUNIT_EXPECT_EQ(test, be32_to_cpu(data.datasn),
					3 + nr++);
			KUNIT_EXPECT_EQ(test, be32_to_cpu(data.offset), off);
			KUNIT_EXPECT_EQ(test, data.flags &
					ISCSI_FLAG_DATA_STATUS, 0);
			off += ntoh24(data.dlength);
			memset(&data, 0, sizeof(data));
		}
		KUNIT_EXPECT_EQ(test, off, task->cmd.resp_len);
		KUNIT_EXPECT_FALSE(test, task->answered);
		isct_task_response(task, (struct iscsi_hdr *)&rsp,
				   env->conn.tx.sense);
		KUNIT_EXPECT_EQ(test, rsp.flags,
				ISCSI_FLAG_CMD_FINAL | cases[i].flags);
		KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp.bi_residual_count),
				cases[i].residual);
		KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp.exp_datasn), 3 + nr);
	}
}

/* SCSI Response */

struct response_case {
	const char	*name;
	u8		dir;
	u8		status;
	u32		resp_len;
	u32		data_len;
	u32		expected_len;
	u8		flags;		/* of residuals, and which */
	u32		residual;
	bool		bidi;
	u32		bidi_len;
};

static const struct response_case response_cases[] = {
	{ "no data", SCST_DATA_NONE, SAM_STAT_GOOD },
	{ "write", SCST_DATA_WRITE, SAM_STAT_GOOD, 0, 4096, 4096 },
	{ "write, more expected", SCST_DATA_WRITE, SAM_STAT_GOOD, 0, 4096, 8192,
	  U, 4096 },
	{ "read of nothing", SCST_DATA_READ, SAM_STAT_GOOD, 0, 0, 255, U, 255 },
	{ "read, nothing expected", SCST_DATA_READ, SAM_STAT_GOOD, 0, 255, 0, O,
	  255 },
	{ "read that failed", SCST_DATA_READ, SAM_STAT_CHECK_CONDITION, 0, 4096,
	  4096, U, 4096 },
	{ "read that failed half way", SCST_DATA_READ,
	  SAM_STAT_CHECK_CONDITION, 1024, 4096, 4096, U, 3072 },
	{ "no data, but expected", SCST_DATA_NONE, SAM_STAT_GOOD, 0, 0, U32_MAX,
	  U, U32_MAX },
	{ "not understood", SCST_DATA_NONE, SAM_STAT_CHECK_CONDITION, 0, 0, 512,
	  U, 512 },
	{ "busy", SCST_DATA_NONE, SAM_STAT_BUSY },
	{ "bidirectional", SCST_DATA_WRITE, SAM_STAT_GOOD, 0, 512, 512, BI, 0,
	  true, 1024 },
	{ "bidirectional, two residuals", SCST_DATA_WRITE, SAM_STAT_GOOD, 0,
	  512, 4096, BI | U, 3584, true, 0xfffffffe },
	{ "bidirectional, nothing to read", SCST_DATA_WRITE, SAM_STAT_GOOD, 0,
	  512, 512, 0, 0, true, 0 },
	{ "a read length, but no bits", SCST_DATA_WRITE, SAM_STAT_GOOD, 0, 512,
	  512, 0, 0, false, 1024 },
};

KUNIT_ARRAY_PARAM_DESC(response, response_cases, name);

static struct iscsi_scsi_rsp answer_response(struct task_env *env, u8 *sense)
{
	struct iscsi_scsi_rsp rsp = {};

	isct_task_response(&env->task, (struct iscsi_hdr *)&rsp, sense);
	return rsp;
}

static void answer_response_test(struct kunit *test)
{
	const struct response_case *param = test->param_value;
	struct task_env *env = test->priv;
	struct isct_task *task = answer_task(env, param->dir, param->resp_len,
					     param->data_len,
					     param->expected_len);
	struct iscsi_scsi_rsp rsp;

	task->cmd.status = param->status;
	task->bidi = param->bidi;
	task->bidi_len = param->bidi_len;
	task->cmd.expected_in_len = param->bidi_len;
	rsp = answer_response(env, env->conn.tx.sense);
	KUNIT_EXPECT_EQ(test, rsp.opcode, ISCSI_OP_SCSI_CMD_RSP);
	KUNIT_EXPECT_EQ(test, rsp.flags, ISCSI_FLAG_CMD_FINAL | param->flags);
	KUNIT_EXPECT_EQ(test, rsp.response, ISCSI_STATUS_CMD_COMPLETED);
	KUNIT_EXPECT_EQ(test, rsp.cmd_status, param->status);
	KUNIT_EXPECT_EQ(test, ntoh24(rsp.dlength), 0);
	KUNIT_EXPECT_TRUE(test, rsp.itt == ENV_ITT);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp.residual_count),
			param->residual);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp.bi_residual_count),
			param->flags & BI ? param->bidi_len : 0);
}

/* RFC 7143 11.4.7: two bytes of length, then the sense data */
static void answer_sense_test(struct kunit *test)
{
	static const u8 lens[] = { 8, 18, SCST_SENSE_SIZE };
	struct task_env *env = test->priv;
	struct scst_cmd *cmd = &env->task.cmd;
	u8 *sense = env->conn.tx.sense;
	struct iscsi_scsi_rsp rsp;
	unsigned int i;

	cmd->status = SAM_STAT_CHECK_CONDITION;
	for (i = 0; i < sizeof(cmd->sense); i++)
		cmd->sense[i] = 0x70 + i;
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		memset(sense, 0, sizeof(env->conn.tx.sense));
		cmd->sense_len = lens[i];
		rsp = answer_response(env, sense);
		KUNIT_EXPECT_EQ(test, ntoh24(rsp.dlength), 2 + lens[i]);
		KUNIT_EXPECT_EQ(test, get_unaligned_be16(sense), lens[i]);
		KUNIT_EXPECT_MEMEQ(test, sense + 2, cmd->sense, lens[i]);
	}
}

/* RFC 7143 11.4.8: Data-In or R2T PDUs that were sent for the command */
static void answer_exp_data_sn_test(struct kunit *test)
{
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;
	struct iscsi_scsi_rsp rsp;

	rsp = answer_response(env, env->conn.tx.sense);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp.exp_datasn), 0);
	task->r2t_sn = 3;
	rsp = answer_response(env, env->conn.tx.sense);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp.exp_datasn), 3);
	task->r2t_sn = 0;
	task->tx_sn = 17;
	rsp = answer_response(env, env->conn.tx.sense);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp.exp_datasn), 17);
}

/* StatSN wraps around; the place in the window is free once. */
static void answer_stat_sn_test(struct kunit *test)
{
	static const u32 sns[] = { ENV_STAT_SN, U32_MAX, 0, 1 };
	struct task_env *env = test->priv;
	struct iscsi_scsi_rsp rsp;
	unsigned int i;

	env->conn.nr_queued = 5;
	for (i = 0; i < ARRAY_SIZE(sns); i++) {
		rsp = answer_response(env, env->conn.tx.sense);
		KUNIT_EXPECT_EQ(test, be32_to_cpu(rsp.statsn), sns[i]);
		KUNIT_EXPECT_EQ(test, env->conn.nr_queued, 4);
	}
}

/*
 * The initiator may use the tag again when it has the answer, which may be long
 * before all that was sent with it has left the socket's buffer.
 */
static void answer_frees_tag_test(struct kunit *test)
{
	struct task_env *env = test->priv;
	struct isct_task *task = answer_task(env, SCST_DATA_READ, 8192, 8192,
					     8192);
	struct iscsi_hdr hdr = {};

	KUNIT_EXPECT_TRUE(test, isct_task_next_data_in(task, &hdr));
	KUNIT_EXPECT_TRUE(test, hash_hashed(&task->hash));
	KUNIT_EXPECT_TRUE(test, isct_task_next_data_in(task, &hdr));
	KUNIT_EXPECT_TRUE(test, task->answered);
	KUNIT_EXPECT_FALSE(test, hash_hashed(&task->hash));
	KUNIT_EXPECT_TRUE(test, hash_empty(env->conn.tasks));
	KUNIT_EXPECT_EQ(test, env->conn.nr_tasks, 0);
}

static struct kunit_case answer_test_cases[] = {
	KUNIT_CASE_PARAM(answer_data_in_test, data_in_gen_params),
	KUNIT_CASE(answer_no_data_in_test),
	KUNIT_CASE(answer_bidi_test),
	KUNIT_CASE_PARAM(answer_response_test, response_gen_params),
	KUNIT_CASE(answer_sense_test),
	KUNIT_CASE(answer_exp_data_sn_test),
	KUNIT_CASE(answer_stat_sn_test),
	KUNIT_CASE(answer_frees_tag_test),
	{}
};

static struct kunit_suite answer_suite = {
	.name = "scst_iscsi_answer",
	.init = task_env_init,
	.test_cases = answer_test_cases,
};

kunit_test_suite(answer_suite);
