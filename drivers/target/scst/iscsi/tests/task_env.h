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
 */
struct task_env {
	struct isct_conn	conn;
	struct isct_task	task;
	struct llist_node	sent;
};

static inline void task_env_init_conn(struct task_env *env)
{
	struct isct_conn *conn = &env->conn;
	u32 *val = conn->params.val;

	conn->state = ISCT_CONN_FULL;
	conn->stat_sn = ENV_STAT_SN;
	init_llist_head(&conn->send);
	init_llist_head(&conn->freed);
	llist_add(&env->sent, &conn->send);
	INIT_LIST_HEAD(&conn->sendq);
	INIT_LIST_HEAD(&conn->data_wait);
	hash_init(conn->tasks);
	val[ISCT_MAX_BURST] = 8192;
	val[ISCT_FIRST_BURST] = 4096;
	val[ISCT_MAX_OUTSTANDING_R2T] = 1;
	val[ISCT_MAX_XMIT_SEGMENT] = 4096;
	val[ISCT_IMMEDIATE_DATA] = 1;
	val[ISCT_QUEUED_COMMANDS] = 32;
}

/* The environment that struct kunit.priv of these suites is */
static inline int task_env_init(struct kunit *test)
{
	static const struct scsi_lun lun = ENV_LUN;
	struct task_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);
	struct isct_task *task;

	if (!env)
		return -ENOMEM;
	task_env_init_conn(env);
	task = &env->task;
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
	test->priv = env;
	return 0;
}

#endif /* _SCST_ISCT_TESTS_TASK_ENV_H */
