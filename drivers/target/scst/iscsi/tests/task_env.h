/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A task on a connection without a socket, for suites that look at what the
 * fabric does with PDUs. The core knows neither.
 */
#ifndef _SCST_ISCT_TESTS_TASK_ENV_H
#define _SCST_ISCT_TESTS_TASK_ENV_H

#include <kunit/test.h>
#include "../isct.h"
#include "../isct_kunit.h"

#define ENV_ITT		((__force itt_t)cpu_to_be32(0x10000007))
#define ENV_STAT_SN	0xfffffffe
#define ENV_LUN		{ { 0, 5 } }

/**
 * struct task_env - a connection in full feature phase, and its task
 * @conn: connection; as if its work was running
 * @task: task
 * @sent: keeps isct_conn.send from being empty, when the work would be queued
 * @sess: what the core needs to end the command, see task_env_hand_in()
 * @tgt: the same
 * @nr_executed: the command was about to be executed
 * @nr_answered: the command has ended
 */
struct task_env {
	struct isct_conn	conn;
	struct isct_task	task;
	struct llist_node	sent;
	struct scst_session	sess;
	struct scst_tgt		tgt;
	unsigned int		nr_executed;
	unsigned int		nr_answered;
};

static inline void task_env_init_conn(struct task_env *env)
{
	struct isct_conn *conn = &env->conn;
	u32 *val = conn->params.val;

	kref_init(&conn->kref);
	conn->state = ISCT_CONN_FULL;
	conn->stat_sn = ENV_STAT_SN;
	init_llist_head(&conn->send);
	init_llist_head(&conn->freed);
	llist_add(&env->sent, &conn->send);
	INIT_LIST_HEAD(&conn->sendq);
	INIT_LIST_HEAD(&conn->tx.done);
	INIT_LIST_HEAD(&conn->data_wait);
	hash_init(conn->tasks);
	val[ISCT_MAX_BURST] = 8192;
	val[ISCT_FIRST_BURST] = 4096;
	val[ISCT_MAX_OUTSTANDING_R2T] = 1;
	val[ISCT_MAX_XMIT_SEGMENT] = 4096;
	val[ISCT_IMMEDIATE_DATA] = 1;
	val[ISCT_QUEUED_COMMANDS] = 32;
}

static inline void task_env_setup(struct task_env *env)
{
	static const struct scsi_lun lun = ENV_LUN;
	struct isct_task *task = &env->task;

	task_env_init_conn(env);
	task->conn = &env->conn;
	task->itt = ENV_ITT;
	task->lun = lun;
	task->failed = SCST_SENSE_NONE;
	INIT_LIST_HEAD(&task->wait_entry);
	INIT_LIST_HEAD(&task->pdu.entry);
	hash_add(env->conn.tasks, &task->hash, (__force u32)task->itt);
	env->conn.nr_tasks = 1;
	env->conn.nr_queued = 1;
	task->counted = true;
}

/* The environment that struct kunit.priv of these suites is */
static inline int task_env_init(struct kunit *test)
{
	struct task_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);

	if (!env)
		return -ENOMEM;
	task_env_setup(env);
	test->priv = env;
	return 0;
}

static inline bool task_env_pre_exec(struct scst_cmd *cmd)
{
	struct task_env *env = container_of(cmd, struct task_env, task.cmd);

	env->nr_executed++;
	return false;
}

static inline void task_env_xmit_response(struct scst_cmd *cmd)
{
	struct task_env *env = container_of(cmd, struct task_env, task.cmd);

	env->nr_answered++;
}

/* A write that the core waits with, in @state, and would answer otherwise */
static inline void task_env_hand_in(struct task_env *env,
				    enum scst_cmd_state state)
{
	static const struct scst_tgt_template tmpl = {
		.xmit_atomic	= true,
		.xfer_atomic	= true,
		.pre_exec	= task_env_pre_exec,
		.xmit_response	= task_env_xmit_response,
	};
	struct scst_cmd *cmd = &env->task.cmd;

	env->tgt.tmpl = &tmpl;
	env->sess.tgt = &env->tgt;
	cmd->sess = &env->sess;
	cmd->tmpl = &tmpl;
	cmd->info.dir = SCST_DATA_WRITE;
	cmd->state = state;
}

#endif /* _SCST_ISCT_TESTS_TASK_ENV_H */
