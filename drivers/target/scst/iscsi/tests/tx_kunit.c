// SPDX-License-Identifier: GPL-2.0
/*
 * Transmission to a socket that takes what it is given: answers that are longer
 * than one call to it, and when their tasks end.
 */
#include <linux/net.h>
#include <linux/sizes.h>
#include <linux/uio.h>
#include "task_env.h"

/* What the core has a reference to as long as the test lasts, and one */
#define TX_REFS		2

/**
 * struct tx_env - a connection with a socket
 * @task: first: what struct kunit.priv of other suites is
 * @sock: its socket
 * @bytes: sent so far
 * @calls: to the socket
 */
struct tx_env {
	struct task_env	task;
	struct socket	sock;
	size_t		bytes;
	unsigned int	calls;
};

static int tx_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct tx_env *env = container_of(sock, struct tx_env, sock);

	env->bytes += len;
	env->calls++;
	return len;
}

static const struct proto_ops tx_proto_ops = {
	.sendmsg = tx_sendmsg,
};

static void tx_free(void *ptr)
{
	struct tx_env *env = ptr;

	isct_tx_free(&env->task.conn);
	sgl_free(env->task.task.cmd.sg);
}

static int tx_test_init(struct kunit *test)
{
	struct tx_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);
	struct isct_conn *conn;

	if (!env)
		return -ENOMEM;
	test->priv = env;
	task_env_setup(&env->task);
	conn = &env->task.conn;
	env->sock.ops = &tx_proto_ops;
	conn->sock = &env->sock;
	conn->params.val[ISCT_MAX_XMIT_SEGMENT] = SZ_4M;
	conn->params.val[ISCT_MAX_BURST] = SZ_4M;
	return kunit_add_action_or_reset(test, tx_free, env);
}

/* A read of this many pages, done, and in the queue */
static struct isct_task *tx_queue_read(struct kunit *test, u32 pages)
{
	struct tx_env *env = test->priv;
	struct isct_task *task = &env->task.task;
	struct scst_cmd *cmd = &task->cmd;

	task_env_hand_in(&env->task, SCST_CMD_XMIT_WAIT);
	cmd->info.dir = SCST_DATA_READ;
	cmd->bufflen = pages * PAGE_SIZE;
	cmd->resp_len = cmd->bufflen;
	cmd->sg = sgl_alloc(cmd->bufflen, GFP_KERNEL, &cmd->sg_cnt);
	KUNIT_ASSERT_NOT_NULL(test, cmd->sg);
	refcount_set(&cmd->ref, TX_REFS);
	task->pdu.kind = ISCT_PDU_RESPONSE;
	list_add_tail(&task->pdu.entry, &env->task.conn.sendq);
	return task;
}

/* A task's buffer is needed as long as there is something in it to be sent. */
static void tx_long_test(struct kunit *test)
{
	const u32 pages = 2 * ISCT_TX_VECS;
	struct isct_task *task = tx_queue_read(test, pages);
	struct tx_env *env = test->priv;
	size_t all = ISCSI_HDR_LEN + pages * PAGE_SIZE;

	while (env->bytes < all) {
		KUNIT_EXPECT_EQ(test, task->cmd.state, SCST_CMD_XMIT_WAIT);
		KUNIT_ASSERT_EQ(test, isct_tx(&env->task.conn), 0);
	}
	KUNIT_EXPECT_GT(test, env->calls, 1);
	KUNIT_EXPECT_EQ(test, isct_tx(&env->task.conn), -EAGAIN);
	KUNIT_EXPECT_EQ(test, env->bytes, all);
	KUNIT_EXPECT_EQ(test, task->cmd.state, SCST_CMD_FINISHED);
}

/* The task ends, too, when its last byte is the last one of a call. */
static void tx_exact_test(struct kunit *test)
{
	struct isct_task *task = tx_queue_read(test, ISCT_TX_VECS - 1);
	struct tx_env *env = test->priv;

	KUNIT_EXPECT_EQ(test, isct_tx(&env->task.conn), 0);
	KUNIT_EXPECT_EQ(test, env->calls, 1);
	KUNIT_EXPECT_EQ(test, isct_tx(&env->task.conn), -EAGAIN);
	KUNIT_EXPECT_EQ(test, env->calls, 1);
	KUNIT_EXPECT_EQ(test, task->cmd.state, SCST_CMD_FINISHED);
}

static struct kunit_case tx_test_cases[] = {
	KUNIT_CASE(tx_long_test),
	KUNIT_CASE(tx_exact_test),
	{}
};

static struct kunit_suite tx_suite = {
	.name = "scst_iscsi_tx",
	.init = tx_test_init,
	.test_cases = tx_test_cases,
};

kunit_test_suite(tx_suite);
