// SPDX-License-Identifier: GPL-2.0
/*
 * R2T and Data-Out: what is asked for, what may come, in which order, and what
 * becomes of a command whose data is wrong.
 */
#include "task_env.h"

#define UNSOLICITED	ISCSI_RESERVED_TAG
#define UNEXPECTED	ISCT_SENSE_UNEXPECTED_DATA
#define WRONG		ISCT_SENSE_WRONG_AMOUNT
#define FINE		SCST_SENSE_NONE

/* The header of a Data-Out PDU */
struct data_out {
	u32	ttt;
	u32	sn;
	u32	off;
	u32	len;
	bool	final;
};

static void data_set_hdr(struct isct_conn *conn, const struct data_out *out)
{
	struct iscsi_data *hdr = (struct iscsi_data *)&conn->rx.hdr;

	memset(hdr, 0, sizeof(*hdr));
	hdr->opcode = ISCSI_OP_SCSI_DATA_OUT;
	hdr->flags = out->final ? ISCSI_FLAG_CMD_FINAL : 0;
	hdr->itt = ENV_ITT;
	hdr->ttt = cpu_to_be32(out->ttt);
	hdr->datasn = cpu_to_be32(out->sn);
	hdr->offset = cpu_to_be32(out->off);
	conn->rx.data_len = out->len;
	conn->rx.task = NULL;
}

static const struct iscsi_data *data_hdr(struct task_env *env)
{
	return (const struct iscsi_data *)&env->conn.rx.hdr;
}

/* A PDU comes, all of it, as rx.c does it. */
static void data_receive(struct kunit *test, const struct data_out *out)
{
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	data_set_hdr(&env->conn, out);
	KUNIT_ASSERT_EQ(test, isct_data_out_rx(&env->conn), 0);
	KUNIT_ASSERT_PTR_EQ(test, env->conn.rx.task, task);
	KUNIT_EXPECT_TRUE(test, task->receiving);
	if (task->failed == SCST_SENSE_NONE)
		task->rx_off += out->len;
	isct_data_done(task);
}

/* R2T */

#define R2T_MAX		6

struct r2t_case {
	const char	*name;
	u32		bufflen;
	u32		max_burst;
	u32		max_r2t;
	u32		rx_off;		/* what came unsolicited */
	unsigned int	nr;
	struct {
		u32	off;
		u32	len;
	} r2t[R2T_MAX];
};

static const struct r2t_case r2t_cases[] = {
	{ "one byte", 1, 512, 1, 0, 1, { { 0, 1 } } },
	{ "less than a burst", 511, 512, 1, 0, 1, { { 0, 511 } } },
	{ "a burst", 512, 512, 1, 0, 1, { { 0, 512 } } },
	{ "a burst and a byte", 513, 512, 1, 0, 2, { { 0, 512 }, { 512, 1 } } },
	{ "two bursts", 1024, 512, 1, 0, 2, { { 0, 512 }, { 512, 512 } } },
	{ "two bursts, two R2Ts", 1024, 512, 2, 0, 2,
	  { { 0, 512 }, { 512, 512 } } },
	{ "more R2Ts than bursts", 1024, 512, 65535, 0, 2,
	  { { 0, 512 }, { 512, 512 } } },
	{ "the rest after immediate data", 1024, 8192, 1, 100, 1,
	  { { 100, 924 } } },
	{ "bursts begin where immediate data ends", 1500, 512, 1, 100, 3,
	  { { 100, 512 }, { 612, 512 }, { 1124, 376 } } },
	{ "the last byte", 1024, 512, 1, 1023, 1, { { 1023, 1 } } },
	{ "three at a time", 2561, 512, 3, 0, 6,
	  { { 0, 512 }, { 512, 512 }, { 1024, 512 }, { 1536, 512 },
	    { 2048, 512 }, { 2560, 1 } } },
	{ "a burst that is no number of words", 1000, 513, 2, 3, 2,
	  { { 3, 513 }, { 516, 484 } } },
	{ "the largest burst", 0xffffff, 0xffffff, 1, 0, 1,
	  { { 0, 0xffffff } } },
	{ "the largest command", U32_MAX, 0xffffff, 2, 0xfc000000, 5,
	  { { 0xfc000000, 0xffffff }, { 0xfcffffff, 0xffffff },
	    { 0xfdfffffe, 0xffffff }, { 0xfefffffd, 0xffffff },
	    { 0xfffffffc, 3 } } },
};

KUNIT_ARRAY_PARAM_DESC(r2t, r2t_cases, name);

static void data_begin_r2t(struct task_env *env, const struct r2t_case *param)
{
	u32 *val = env->conn.params.val;
	struct isct_task *task = &env->task;

	val[ISCT_MAX_BURST] = param->max_burst;
	val[ISCT_MAX_OUTSTANDING_R2T] = param->max_r2t;
	task_env_hand_in(env, SCST_CMD_DATA_WAIT);
	task->cmd.bufflen = param->bufflen;
	task->rx_off = param->rx_off;
	task->want_data = true;
	isct_data_request(task);
}

static void data_check_r2t(struct kunit *test, const struct iscsi_r2t_rsp *r2t,
			   u32 nr)
{
	static const struct scsi_lun lun = ENV_LUN;
	const struct r2t_case *param = test->param_value;
	struct task_env *env = test->priv;

	KUNIT_ASSERT_LT(test, nr, param->nr);
	KUNIT_EXPECT_EQ(test, r2t->opcode, ISCSI_OP_R2T);
	KUNIT_EXPECT_EQ(test, r2t->flags, ISCSI_FLAG_CMD_FINAL);
	KUNIT_EXPECT_EQ(test, ntoh24(r2t->dlength), 0);
	KUNIT_EXPECT_MEMEQ(test, &r2t->lun, &lun, sizeof(lun));
	KUNIT_EXPECT_TRUE(test, r2t->itt == ENV_ITT);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(r2t->r2tsn), nr);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(r2t->ttt), nr);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(r2t->data_offset),
			param->r2t[nr].off);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(r2t->data_length),
			param->r2t[nr].len);
	/* RFC 7143 11.8.3: the next StatSN, which is not used up */
	KUNIT_EXPECT_EQ(test, be32_to_cpu(r2t->statsn), ENV_STAT_SN);
	KUNIT_EXPECT_EQ(test, env->conn.stat_sn, ENV_STAT_SN);
}

/* As tx.c does it. Return: R2Ts sent so far. */
static u32 data_send_r2ts(struct kunit *test, u32 nr)
{
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	while (!list_empty(&task->pdu.entry)) {
		struct iscsi_hdr hdr = {};

		if (isct_task_next_r2t(task, &hdr))
			list_del_init(&task->pdu.entry);
		data_check_r2t(test, (struct iscsi_r2t_rsp *)&hdr, nr++);
	}
	return nr;
}

/* The core has the command again, once, and nothing is waited for. */
static void data_expect_end(struct kunit *test, unsigned int executed, u8 ascq)
{
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	KUNIT_EXPECT_EQ(test, env->nr_executed, executed);
	KUNIT_EXPECT_EQ(test, env->nr_answered, 1);
	KUNIT_EXPECT_FALSE(test, task->ready);
	KUNIT_EXPECT_FALSE(test, task->want_data);
	KUNIT_EXPECT_FALSE(test, task->receiving);
	KUNIT_EXPECT_TRUE(test, list_empty(&task->wait_entry));
	KUNIT_EXPECT_TRUE(test, list_empty(&task->pdu.entry));
	if (executed)
		return;
	KUNIT_EXPECT_EQ(test, task->cmd.status, SAM_STAT_CHECK_CONDITION);
	KUNIT_EXPECT_EQ(test, task->cmd.sense[2], ABORTED_COMMAND);
	KUNIT_EXPECT_EQ(test, task->cmd.sense[13], ascq);
}

/* One PDU for each R2T, each of which makes place for another R2T */
static void data_r2t_test(struct kunit *test)
{
	const struct r2t_case *param = test->param_value;
	struct task_env *env = test->priv;
	u32 i, sent;

	data_begin_r2t(env, param);
	sent = data_send_r2ts(test, 0);
	for (i = 0; i < param->nr; i++) {
		const struct data_out out = {
			i, 0, param->r2t[i].off, param->r2t[i].len, true
		};

		KUNIT_EXPECT_EQ(test, sent,
				min(i + param->max_r2t, param->nr));
		KUNIT_EXPECT_EQ(test, env->task.nr_r2t, sent - i);
		KUNIT_EXPECT_FALSE(test, list_empty(&env->task.wait_entry));
		KUNIT_EXPECT_EQ(test, env->nr_executed, 0);
		data_receive(test, &out);
		KUNIT_EXPECT_TRUE(test, env->task.failed == FINE);
		sent = data_send_r2ts(test, sent);
	}
	KUNIT_EXPECT_EQ(test, sent, param->nr);
	KUNIT_EXPECT_EQ(test, env->task.rx_off, param->bufflen);
	data_expect_end(test, 1, 0);
}

/* A sequence of several PDUs, one of them empty; then the next sequence */
static void data_order_test(struct kunit *test)
{
	static const struct data_out outs[] = {
		{ 0, 0, 100, 300, false },
		{ 0, 1, 400, 0, false },
		{ 0, 2, 400, 212, true },
		{ 1, 0, 612, 512, true },
		{ 2, 0, 1124, 1, false },
		{ 2, 1, 1125, 374, false },
		{ 2, 2, 1499, 1, true },
	};
	static const struct r2t_case param = {
		"", 1500, 512, 2, 100, 3,
		{ { 100, 512 }, { 612, 512 }, { 1124, 376 } },
	};
	struct task_env *env = test->priv;
	unsigned int i;
	u32 sent;

	test->param_value = &param;
	data_begin_r2t(env, &param);
	sent = data_send_r2ts(test, 0);
	for (i = 0; i < ARRAY_SIZE(outs); i++) {
		data_receive(test, &outs[i]);
		KUNIT_EXPECT_TRUE(test, env->task.failed == FINE);
		sent = data_send_r2ts(test, sent);
	}
	KUNIT_EXPECT_EQ(test, sent, 3);
	KUNIT_EXPECT_EQ(test, env->task.rx_off, 1500);
	data_expect_end(test, 1, 0);
}

/* Data-Out that was asked for */

/*
 * R2T 7 has asked for 4096 bytes from 512 on, 512 of which came with the
 * sequence's first PDU; R2T 8 for what is behind.
 */
static void data_begin_solicited(struct task_env *env)
{
	struct isct_task *task = &env->task;

	task->cmd.bufflen = 8192;
	task->want_data = true;
	task->nr_r2t = 2;
	task->ttt = 7;
	task->r2t_sn = 9;
	task->r2t_off = 8192;
	task->seq_end = 4608;
	task->rx_off = 1024;
	task->data_sn = 1;
}

struct data_case {
	const char	*name;
	struct data_out	out;
	scst_sense_t	sense;
};

static const struct data_case solicited_cases[] = {
	{ "the rest", { 7, 1, 1024, 3584, true }, FINE },
	{ "a part", { 7, 1, 1024, 512, false }, FINE },
	{ "a byte", { 7, 1, 1024, 1, false }, FINE },
	{ "all but a byte", { 7, 1, 1024, 3583, false }, FINE },
	{ "nothing", { 7, 1, 1024, 0, false }, FINE },
	{ "next TTT", { 8, 1, 1024, 3584, true }, UNEXPECTED },
	{ "next sequence", { 8, 0, 4608, 3584, true }, UNEXPECTED },
	{ "last TTT", { 6, 1, 1024, 3584, true }, UNEXPECTED },
	{ "TTT 0", { 0, 1, 1024, 3584, true }, UNEXPECTED },
	{ "TTT never sent", { 0x80000007, 1, 1024, 3584, true }, UNEXPECTED },
	{ "DataSN again", { 7, 0, 1024, 3584, true }, WRONG },
	{ "DataSN left out", { 7, 2, 1024, 3584, true }, WRONG },
	{ "DataSN -1", { 7, U32_MAX, 1024, 3584, true }, WRONG },
	{ "offset again", { 7, 1, 512, 512, false }, WRONG },
	{ "offset before the sequence", { 7, 1, 0, 512, false }, WRONG },
	{ "offset from the sequence on", { 7, 1, 512, 3584, true }, WRONG },
	{ "offset one less", { 7, 1, 1023, 3585, true }, WRONG },
	{ "offset one more", { 7, 1, 1025, 3583, true }, WRONG },
	{ "offset behind the sequence", { 7, 1, 4608, 512, false }, WRONG },
	{ "offset behind the command", { 7, 1, 8192, 512, false }, WRONG },
	{ "offset and length overflow", { 7, 1, 0xfffffe00, 0x600, false },
	  WRONG },
	{ "offset and length overflow to 0", { 7, 1, 0xfffffe00, 0x200, true },
	  WRONG },
	{ "a byte too long", { 7, 1, 1024, 3585, true }, WRONG },
	{ "a byte too long, no F", { 7, 1, 1024, 3585, false }, WRONG },
	{ "to the end of the command", { 7, 1, 1024, 7168, true }, WRONG },
	{ "much too long", { 7, 1, 1024, 0xffffff, true }, WRONG },
	{ "the rest without F", { 7, 1, 1024, 3584, false }, WRONG },
	{ "F too early", { 7, 1, 1024, 512, true }, WRONG },
	{ "F a byte too early", { 7, 1, 1024, 3583, true }, WRONG },
	{ "nothing with F", { 7, 1, 1024, 0, true }, WRONG },
};

KUNIT_ARRAY_PARAM_DESC(solicited, solicited_cases, name);

static void data_solicited_test(struct kunit *test)
{
	const struct data_case *param = test->param_value;
	struct task_env *env = test->priv;

	data_begin_solicited(env);
	data_set_hdr(&env->conn, &param->out);
	KUNIT_EXPECT_TRUE(test, isct_data_solicited(&env->task, data_hdr(env),
						    param->out.len) ==
				param->sense);
}

static void data_expect_solicited(struct kunit *test,
				  const struct data_out *out,
				  scst_sense_t sense)
{
	struct task_env *env = test->priv;

	data_set_hdr(&env->conn, out);
	KUNIT_EXPECT_TRUE(test, isct_data_solicited(&env->task, data_hdr(env),
						    out->len) == sense);
}

/* Whatever was wrong, the command ends at once, with R2Ts outstanding. */
static void data_wrong_test(struct kunit *test)
{
	static const struct data_out out = { 7, 1, 1024, 512, true };
	struct task_env *env = test->priv;

	task_env_hand_in(env, SCST_CMD_DATA_WAIT);
	data_begin_solicited(env);
	list_add_tail(&env->task.pdu.entry, &env->conn.sendq);
	isct_data_await(&env->task);
	data_receive(test, &out);
	data_expect_end(test, 0, 0x0d);
	/* What was on its way is for nobody. */
	data_set_hdr(&env->conn, &out);
	KUNIT_EXPECT_EQ(test, isct_data_out_rx(&env->conn), 0);
	KUNIT_EXPECT_NULL(test, env->conn.rx.task);
}

/* What would be right, if only it had been asked for */
static void data_not_asked_test(struct kunit *test)
{
	static const struct data_out out = { 7, 1, 1024, 3584, true };
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	data_begin_solicited(env);
	task->want_data = false;
	data_expect_solicited(test, &out, UNEXPECTED);

	data_begin_solicited(env);
	task->nr_r2t = 0;
	data_expect_solicited(test, &out, UNEXPECTED);

	data_begin_solicited(env);
	data_expect_solicited(test, &out, FINE);
}

/* Nothing adds up to more than 32 bits. */
static void data_high_test(struct kunit *test)
{
	static const struct data_out out = { 7, 1, 0xfffffc00, 0x3ff, true };
	static const struct data_out over = { 7, 1, 0xfffffc00, 0x400, true };
	static const struct data_out wrap = { 7, 1, 0xfffffc00, 0x800, true };
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	data_begin_solicited(env);
	task->cmd.bufflen = U32_MAX;
	task->rx_off = 0xfffffc00;
	task->seq_end = U32_MAX;
	data_expect_solicited(test, &out, FINE);
	data_expect_solicited(test, &over, WRONG);
	data_expect_solicited(test, &wrap, WRONG);
}

/* Data-Out that comes unasked */

struct unsolicited_case {
	const char	*name;
	u32		first_burst;
	u32		edtl;
	u32		sent;		/* bytes before this PDU */
	u32		next_sn;
	struct data_out	out;
	scst_sense_t	sense;
};

/* Reserved TTT everywhere but where it says otherwise */
static const struct unsolicited_case unsolicited_cases[] = {
	{ "first burst at once", 4096, 8192, 0, 0,
	  { UNSOLICITED, 0, 0, 4096, true }, FINE },
	{ "a part", 4096, 8192, 0, 0,
	  { UNSOLICITED, 0, 0, 512, false }, FINE },
	{ "nothing", 4096, 8192, 0, 0,
	  { UNSOLICITED, 0, 0, 0, false }, FINE },
	{ "after immediate data", 4096, 8192, 1024, 0,
	  { UNSOLICITED, 0, 1024, 3072, true }, FINE },
	{ "second PDU", 4096, 8192, 1024, 1,
	  { UNSOLICITED, 1, 1024, 3072, true }, FINE },
	{ "F by itself", 4096, 8192, 4096, 2,
	  { UNSOLICITED, 2, 4096, 0, true }, FINE },
	{ "all of a short command", 4096, 1000, 0, 0,
	  { UNSOLICITED, 0, 0, 1000, true }, FINE },
	{ "less than a short command", 4096, 1000, 0, 0,
	  { UNSOLICITED, 0, 0, 999, true }, FINE },
	{ "more than the first burst", 4096, 8192, 0, 0,
	  { UNSOLICITED, 0, 0, 4097, true }, WRONG },
	{ "more with immediate data", 4096, 8192, 1024, 0,
	  { UNSOLICITED, 0, 1024, 3073, true }, WRONG },
	{ "more in a second PDU", 4096, 8192, 4096, 1,
	  { UNSOLICITED, 1, 4096, 1, true }, WRONG },
	{ "more than a short command", 4096, 1000, 0, 0,
	  { UNSOLICITED, 0, 0, 1001, true }, WRONG },
	{ "for a command without data", 4096, 0, 0, 0,
	  { UNSOLICITED, 0, 0, 1, true }, WRONG },
	{ "more than is received", 4096, 8192, 0xfffffe00, 5,
	  { UNSOLICITED, 5, 0xfffffe00, 0x400, true }, WRONG },
	{ "offset behind the first burst", 4096, 8192, 4608, 5,
	  { UNSOLICITED, 5, 4608, 0, false }, WRONG },
	{ "offset left out", 4096, 8192, 512, 1,
	  { UNSOLICITED, 1, 1024, 512, false }, WRONG },
	{ "offset again", 4096, 8192, 512, 1,
	  { UNSOLICITED, 1, 0, 512, false }, WRONG },
	{ "DataSN left out", 4096, 8192, 512, 1,
	  { UNSOLICITED, 2, 512, 512, false }, WRONG },
	{ "DataSN again", 4096, 8192, 512, 1,
	  { UNSOLICITED, 0, 512, 512, false }, WRONG },
	{ "less than the first burst", 4096, 8192, 0, 0,
	  { UNSOLICITED, 0, 0, 4095, true }, WRONG },
	{ "nothing at all", 4096, 8192, 0, 0,
	  { UNSOLICITED, 0, 0, 0, true }, WRONG },
	{ "less than the first burst and immediate data", 4096, 8192, 512, 0,
	  { UNSOLICITED, 0, 512, 512, true }, WRONG },
	{ "a byte more than the first burst to come", 4096, 4097, 0, 0,
	  { UNSOLICITED, 0, 0, 512, true }, WRONG },
	{ "the first burst to come", 4096, 4096, 0, 0,
	  { UNSOLICITED, 0, 0, 512, true }, FINE },
	{ "TTT", 4096, 8192, 0, 0,
	  { 0, 0, 0, 4096, true }, UNEXPECTED },
};

KUNIT_ARRAY_PARAM_DESC(unsolicited, unsolicited_cases, name);

static void data_unsolicited_test(struct kunit *test)
{
	const struct unsolicited_case *param = test->param_value;
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	env->conn.params.val[ISCT_FIRST_BURST] = param->first_burst;
	task->cmd.expected_len = param->edtl;
	task->unsolicited = true;
	task->sent_off = param->sent;
	task->data_sn = param->next_sn;
	data_set_hdr(&env->conn, &param->out);
	KUNIT_ASSERT_EQ(test, isct_data_out_rx(&env->conn), 0);
	KUNIT_EXPECT_PTR_EQ(test, env->conn.rx.task, task);
	KUNIT_EXPECT_TRUE(test, task->failed == param->sense);
	KUNIT_EXPECT_EQ(test, task->sent_off, param->sent + param->out.len);
	KUNIT_EXPECT_EQ(test, task->data_sn, param->next_sn + 1);
}

/* RFC 7143 11.7.4: there is none to come, as InitialR2T is Yes, or any more */
static void data_uncalled_test(struct kunit *test)
{
	static const struct data_out out = { UNSOLICITED, 0, 0, 512, true };
	struct task_env *env = test->priv;

	env->task.cmd.expected_len = 4096;
	data_set_hdr(&env->conn, &out);
	KUNIT_EXPECT_TRUE(test,
			  isct_data_unsolicited(&env->task, data_hdr(env),
						out.len) == UNEXPECTED);
	/* The command does not wait for any, and may be executed already. */
	KUNIT_EXPECT_EQ(test, isct_data_out_rx(&env->conn), 0);
	KUNIT_EXPECT_NULL(test, env->conn.rx.task);
	KUNIT_EXPECT_TRUE(test, env->task.failed == FINE);
	/* One that waits for what it has asked for fails. */
	data_begin_solicited(env);
	KUNIT_EXPECT_EQ(test, isct_data_out_rx(&env->conn), 0);
	KUNIT_EXPECT_PTR_EQ(test, env->conn.rx.task, &env->task);
	KUNIT_EXPECT_TRUE(test, env->task.failed == UNEXPECTED);
}

/* Data for a task that is not there, or not there any more, is thrown away. */
static void data_no_task_test(struct kunit *test)
{
	static const struct data_out out = { 7, 1, 1024, 3584, true };
	struct task_env *env = test->priv;

	data_begin_solicited(env);
	data_set_hdr(&env->conn, &out);
	env->conn.rx.hdr.itt = (__force itt_t)cpu_to_be32(0x10000008);
	KUNIT_EXPECT_EQ(test, isct_data_out_rx(&env->conn), 0);
	KUNIT_EXPECT_NULL(test, env->conn.rx.task);
	env->conn.rx.hdr.itt = RESERVED_ITT;
	KUNIT_EXPECT_EQ(test, isct_data_out_rx(&env->conn), 0);
	KUNIT_EXPECT_NULL(test, env->conn.rx.task);
	KUNIT_EXPECT_FALSE(test, env->task.receiving);
}

/* What was wrong first is what the initiator is told. */
static void data_first_error_test(struct kunit *test)
{
	static const struct data_out wrong = { UNSOLICITED, 3, 0, 512, false };
	static const struct data_out unexpected = { 0, 1, 512, 512, false };
	static const struct data_out good = { UNSOLICITED, 2, 1024, 512, false };
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	task->cmd.bufflen = 8192;
	task->cmd.expected_len = 8192;
	task->unsolicited = true;
	data_receive(test, &wrong);
	KUNIT_EXPECT_TRUE(test, task->failed == WRONG);
	data_receive(test, &unexpected);
	data_receive(test, &good);
	KUNIT_EXPECT_TRUE(test, task->failed == WRONG);
	/* More is still to come, and is waited for. */
	KUNIT_EXPECT_TRUE(test, task->unsolicited);
	KUNIT_EXPECT_FALSE(test, list_empty(&task->wait_entry));
}

/*
 * The last unsolicited PDU may be empty, and then nobody waits for the buffer:
 * the command is the core's, which may be about to use its status.
 */
static void data_end_in_core_test(struct kunit *test)
{
	static const struct data_out out = { UNSOLICITED, 9, 0, 0, true };
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	task->cmd.expected_len = 8192;
	task->unsolicited = true;
	data_receive(test, &out);
	KUNIT_EXPECT_FALSE(test, task->unsolicited);
	KUNIT_EXPECT_TRUE(test, list_empty(&task->wait_entry));
	KUNIT_EXPECT_TRUE(test, task->failed == WRONG);
	KUNIT_EXPECT_EQ(test, task->cmd.status, SAM_STAT_GOOD);
	KUNIT_EXPECT_EQ(test, task->cmd.sense_len, 0);
}

/* The connection closes, with a failed command in the core's hands. */
static void data_fail_in_core_test(struct kunit *test)
{
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	task->failed = UNEXPECTED;
	isct_task_fail(task);
	KUNIT_EXPECT_EQ(test, task->cmd.status, SAM_STAT_GOOD);
	KUNIT_EXPECT_EQ(test, task->cmd.sense_len, 0);
}

/* As the core would, whose flags these are */
static void data_abort(struct kunit *test, struct scst_cmd *cmd)
{
	unsigned int bit;

	for (bit = 0; bit < BITS_PER_LONG; bit++) {
		cmd->flags = BIT(bit);
		if (scst_cmd_aborted(cmd))
			return;
	}
	KUNIT_FAIL_AND_ABORT(test, "no flag for aborted commands");
}

/*
 * RFC 7143 11.5.1: an initiator that has aborted a command need not send its
 * data, hence nobody may wait for it. The abort comes before the core asks.
 */
static void data_aborted_before_test(struct kunit *test)
{
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	task_env_hand_in(env, SCST_CMD_PREPROCESSING_DONE);
	task->unsolicited = true;
	isct_data_await(task);
	data_abort(test, &task->cmd);
	isct_task_fail(task);
	KUNIT_EXPECT_EQ(test, env->nr_answered, 0);
	task->ready = true;
	isct_data_skipped(task);
	data_expect_end(test, 0, 0);
}

/* The abort comes while a PDU is received, which is not the last one. */
static void data_aborted_within_test(struct kunit *test)
{
	static const struct data_out out = { UNSOLICITED, 0, 0, 512, false };
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	task_env_hand_in(env, SCST_CMD_PREPROCESSING_DONE);
	task->cmd.bufflen = 8192;
	task->cmd.expected_len = 8192;
	task->unsolicited = true;
	task->ready = true;
	data_abort(test, &task->cmd);
	data_receive(test, &out);
	data_expect_end(test, 0, 0);
}

/*
 * RFC 7143 11.4.2: TASK ABORTED waits for the last PDU of the last sequence that
 * was asked for, whatever is in it; and the initiator has its time for that.
 */
static void data_draining_test(struct kunit *test)
{
	static const struct data_out outs[] = {
		{ 3, 0, 0, 512, false },
		{ 3, 1, 512, 1536, true },
		{ 4, 7, 9999, 512, false },
		{ 4, 0, 2048, 0, true },
	};
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;
	unsigned int i;

	task->cmd.bufflen = 8192;
	task->cmd.expected_len = 8192;
	task->cmd.flags = ~0UL;
	KUNIT_ASSERT_TRUE(test, scst_cmd_abort_answered(&task->cmd));
	task->ttt = 3;
	task->seq_end = 2048;
	task->nr_r2t = 2;
	isct_task_answer(task);
	for (i = 0; i < ARRAY_SIZE(outs); i++) {
		KUNIT_EXPECT_TRUE(test, task->held);
		KUNIT_EXPECT_TRUE(test, list_empty(&task->pdu.entry));
		KUNIT_EXPECT_FALSE(test, list_empty(&task->wait_entry));
		data_receive(test, &outs[i]);
	}
	KUNIT_EXPECT_FALSE(test, task->held);
	KUNIT_EXPECT_PTR_EQ(test, env->conn.sendq.next, &task->pdu.entry);
	KUNIT_EXPECT_TRUE(test, list_empty(&task->wait_entry));
}

/*
 * RFC 7143 11.5.1: nor does it wait for an initiator that asks for an abort
 * itself, before or after it was there.
 */
static void data_give_up_test(struct kunit *test)
{
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;
	int early;

	task->cmd.flags = ~0UL;
	for (early = 0; early < 2; early++) {
		task->nr_r2t = 1;
		task->unsolicited = true;
		task->given_up = false;
		if (early)
			isct_data_give_up(task);
		isct_task_answer(task);
		KUNIT_EXPECT_EQ(test, task->held, !early);
		if (!early)
			isct_data_give_up(task);
		KUNIT_EXPECT_FALSE(test, task->held);
		/* Data that comes all the same would find nobody. */
		KUNIT_EXPECT_FALSE(test, task->unsolicited);
		KUNIT_EXPECT_PTR_EQ(test, env->conn.sendq.next,
				    &task->pdu.entry);
		KUNIT_EXPECT_TRUE(test, list_empty(&task->wait_entry));
		list_del_init(&task->pdu.entry);
	}
}

/* ... but with what it is in the middle of, to the end of that PDU. */
static void data_give_up_within_test(struct kunit *test)
{
	static const struct data_out out = { 3, 0, 0, 512, false };
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	task->cmd.bufflen = 8192;
	task->cmd.expected_len = 8192;
	task->cmd.flags = ~0UL;
	task->ttt = 3;
	task->seq_end = 2048;
	task->nr_r2t = 1;
	isct_task_answer(task);
	task->receiving = true;
	isct_data_give_up(task);
	KUNIT_EXPECT_TRUE(test, task->held);
	task->given_up = false;
	data_receive(test, &out);
	KUNIT_EXPECT_TRUE(test, task->held);
	task->given_up = true;
	isct_data_done(task);
	KUNIT_EXPECT_FALSE(test, task->held);
	KUNIT_EXPECT_PTR_EQ(test, env->conn.sendq.next, &task->pdu.entry);
}

/* A silent abort asks for no data at all. */
static void data_not_draining_test(struct kunit *test)
{
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	data_abort(test, &task->cmd);
	task->nr_r2t = 1;
	KUNIT_EXPECT_FALSE(test, isct_data_draining(task));
}

/* Unsolicited data is there: the core goes on, or the command has failed. */
static void data_unsolicited_end_test(struct kunit *test)
{
	static const struct data_out out = { UNSOLICITED, 0, 0, 512, true };
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	task_env_hand_in(env, SCST_CMD_PREPROCESSING_DONE);
	task->cmd.bufflen = 512;
	task->cmd.expected_len = 512;
	task->unsolicited = true;
	task->ready = true;
	data_receive(test, &out);
	data_expect_end(test, 1, 0);
}

static void data_unsolicited_wrong_test(struct kunit *test)
{
	static const struct data_out out = { UNSOLICITED, 0, 0, 513, true };
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;

	task_env_hand_in(env, SCST_CMD_PREPROCESSING_DONE);
	task->cmd.bufflen = 512;
	task->cmd.expected_len = 512;
	task->unsolicited = true;
	task->ready = true;
	data_receive(test, &out);
	data_expect_end(test, 0, 0x0d);
}

/* An answer waits until all that is sent unasked has come. */
static void data_held_test(struct kunit *test)
{
	static const struct data_out outs[] = {
		{ UNSOLICITED, 0, 0, 1024, false },
		{ UNSOLICITED, 1, 1024, 0, false },
		{ UNSOLICITED, 2, 1024, 3072, true },
	};
	struct task_env *env = test->priv;
	struct isct_task *task = &env->task;
	unsigned int i;

	task->cmd.expected_len = 8192;
	task->unsolicited = true;
	task->held = true;
	for (i = 0; i < ARRAY_SIZE(outs); i++) {
		KUNIT_EXPECT_TRUE(test, task->held);
		KUNIT_EXPECT_TRUE(test, list_empty(&task->pdu.entry));
		data_receive(test, &outs[i]);
	}
	KUNIT_EXPECT_FALSE(test, task->held);
	KUNIT_EXPECT_PTR_EQ(test, env->conn.sendq.next, &task->pdu.entry);
	KUNIT_EXPECT_TRUE(test, list_empty(&task->wait_entry));
}

static struct kunit_case data_test_cases[] = {
	KUNIT_CASE_PARAM(data_r2t_test, r2t_gen_params),
	KUNIT_CASE(data_order_test),
	KUNIT_CASE_PARAM(data_solicited_test, solicited_gen_params),
	KUNIT_CASE(data_wrong_test),
	KUNIT_CASE(data_not_asked_test),
	KUNIT_CASE(data_high_test),
	KUNIT_CASE_PARAM(data_unsolicited_test, unsolicited_gen_params),
	KUNIT_CASE(data_uncalled_test),
	KUNIT_CASE(data_no_task_test),
	KUNIT_CASE(data_first_error_test),
	KUNIT_CASE(data_end_in_core_test),
	KUNIT_CASE(data_fail_in_core_test),
	KUNIT_CASE(data_aborted_before_test),
	KUNIT_CASE(data_aborted_within_test),
	KUNIT_CASE(data_draining_test),
	KUNIT_CASE(data_give_up_test),
	KUNIT_CASE(data_give_up_within_test),
	KUNIT_CASE(data_not_draining_test),
	KUNIT_CASE(data_unsolicited_end_test),
	KUNIT_CASE(data_unsolicited_wrong_test),
	KUNIT_CASE(data_held_test),
	{}
};

static struct kunit_suite data_suite = {
	.name = "scst_iscsi_data",
	.init = task_env_init,
	.test_cases = data_test_cases,
};

kunit_test_suite(data_suite);
