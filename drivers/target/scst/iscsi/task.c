// SPDX-License-Identifier: GPL-2.0
/*
 * SCSI commands: from the PDU to the core, and from the core's callbacks back
 * to the connection's work.
 */
#include <kunit/visibility.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include <scsi/scsi_proto.h>
#include "isct.h"
#include "isct_kunit.h"

/* Beside the window of CmdSN there may be immediate commands. */
#define ISCT_MAX_IMMEDIATE	32

struct kmem_cache *isct_task_cache;

static const u8 isct_task_attrs[] = {
	[ISCSI_ATTR_UNTAGGED]		= SCST_TASK_SIMPLE,
	[ISCSI_ATTR_SIMPLE]		= SCST_TASK_SIMPLE,
	[ISCSI_ATTR_ORDERED]		= SCST_TASK_ORDERED,
	[ISCSI_ATTR_HEAD_OF_QUEUE]	= SCST_TASK_HEAD,
	[ISCSI_ATTR_ACA]		= SCST_TASK_ACA,
};

struct isct_task *isct_task_find(struct isct_conn *conn, itt_t itt)
{
	struct isct_task *task;

	hash_for_each_possible(conn->tasks, task, hash, (__force u32)itt)
		if (task->itt == itt)
			return task;
	return NULL;
}

/* The core's callbacks. Any context. */

static void isct_task_post(struct isct_task *task, enum isct_pdu_kind kind)
{
	task->pdu.kind = kind;
	isct_conn_send(task->conn, &task->pdu);
}

void isct_preprocessing_done(struct scst_cmd *cmd)
{
	struct isct_task *task = cmd->fabric_priv;

	if (task->has_data) {
		isct_task_post(task, ISCT_PDU_READY);
		return;
	}
	if (task->failed != SCST_SENSE_NONE)
		scst_set_cmd_error(cmd, task->failed);
	scst_restart_cmd(cmd, task->failed == SCST_SENSE_NONE,
			 SCST_CONTEXT_SAME);
}

void isct_rdy_to_xfer(struct scst_cmd *cmd)
{
	struct isct_task *task = cmd->fabric_priv;

	if (task->rx_off == cmd->bufflen)
		scst_rx_data(cmd, true, SCST_CONTEXT_SAME);
	else
		isct_task_post(task, ISCT_PDU_R2T);
}

void isct_xmit_response(struct scst_cmd *cmd)
{
	isct_task_post(cmd->fabric_priv, ISCT_PDU_RESPONSE);
}

/* It may be waiting for data that the initiator need not send any more. */
void isct_cmd_aborted(struct scst_cmd *cmd)
{
	struct isct_task *task = cmd->fabric_priv;

	isct_conn_event(task->conn, ISCT_EV_ABORTED);
}

/*
 * The connection's work frees the task: it may still be in its lists when the
 * command was aborted.
 */
void isct_on_free_cmd(struct scst_cmd *cmd)
{
	struct isct_task *task = cmd->fabric_priv;
	struct isct_conn *conn = task->conn;

	/*
	 * The task may be gone once it is in the list, and the session's
	 * reference to the connection a grace period later.
	 */
	guard(rcu)();
	if (llist_add(&task->llnode, &conn->freed))
		isct_conn_kick(conn);
}

/* The connection's work, from here on. */

/* Tag and place in the window are the initiator's again. */
void isct_task_unhash(struct isct_task *task)
{
	struct isct_conn *conn = task->conn;

	if (hash_hashed(&task->hash)) {
		hash_del(&task->hash);
		conn->nr_tasks--;
	}
	if (task->counted) {
		task->counted = false;
		conn->nr_queued--;
	}
}

static void isct_task_unlink(struct isct_task *task)
{
	struct isct_conn *conn = task->conn;

	isct_task_unhash(task);
	list_del_init(&task->wait_entry);
	if (conn->rx.task == task)
		conn->rx.task = NULL;
}

void isct_task_reap(struct isct_conn *conn)
{
	struct llist_node *list = llist_del_all(&conn->freed);
	struct isct_task *task, *next;

	llist_for_each_entry_safe(task, next, list, llnode) {
		isct_task_unlink(task);
		conn->nr_live--;
		kfree(task->ecdb);
		kmem_cache_free(isct_task_cache, task);
	}
}

/* The answer has gone out, or never will. */
void isct_task_done(struct isct_task *task)
{
	isct_task_unlink(task);
	scst_tgt_cmd_done(&task->cmd, SCST_CONTEXT_DIRECT);
}

/* Likewise, but the initiator has not got the response. */
static void isct_task_drop(struct isct_task *task)
{
	scst_cmd_not_delivered(&task->cmd);
	isct_task_done(task);
}

/*
 * The answer must not overtake data that the initiator is still sending (RFC
 * 7143 11.4.2): the task's tag is free for the initiator when it has the answer.
 */
void isct_task_answer(struct isct_task *task)
{
	task->held = task->receiving || isct_data_draining(task) ||
		     (task->unsolicited && !task->given_up);
	if (!task->held) {
		/* What still comes of it, nobody takes. */
		task->unsolicited = false;
		list_add_tail(&task->pdu.entry, &task->conn->sendq);
	} else if (list_empty(&task->wait_entry)) {
		isct_data_await(task);
	}
}
EXPORT_SYMBOL_IF_KUNIT(isct_task_answer);

/* What one of the core's callbacks asks for. */
void isct_task_handle(struct isct_task *task)
{
	struct isct_conn *conn = task->conn;
	bool closed = conn->mute;

	switch (task->pdu.kind) {
	case ISCT_PDU_READY:
		task->ready = true;
		task->rx_sg = task->cmd.sg;
		if (closed)
			isct_task_fail(task);
		else
			isct_data_skipped(task);
		break;
	case ISCT_PDU_R2T:
		task->want_data = true;
		if (!task->rx_sg)
			task->rx_sg = task->cmd.sg;
		if (closed)
			isct_task_fail(task);
		else
			isct_data_request(task);
		break;
	default:
		if (closed)
			isct_task_drop(task);
		else
			isct_task_answer(task);
		break;
	}
}

/*
 * Data that the core waits for will not come. When it does not wait, the command
 * is its own: it will ask, or end the command itself.
 */
void isct_task_fail(struct isct_task *task)
{
	list_del_init(&task->wait_entry);
	if (!task->ready && !task->want_data)
		return;
	if (task->failed != SCST_SENSE_NONE)
		scst_set_cmd_error(&task->cmd, task->failed);
	if (task->ready) {
		task->ready = false;
		scst_restart_cmd(&task->cmd, false, SCST_CONTEXT_DIRECT);
	} else {
		task->want_data = false;
		/* R2Ts that were not sent yet */
		list_del_init(&task->pdu.entry);
		scst_rx_data(&task->cmd, false, SCST_CONTEXT_DIRECT);
	}
}
EXPORT_SYMBOL_IF_KUNIT(isct_task_fail);

/* ISCT_EV_ABORTED: the core waits for us with commands that were aborted. */
void isct_tasks_aborted(struct isct_conn *conn)
{
	struct hlist_node *next;
	struct isct_task *task;
	unsigned int bucket;

	hash_for_each_safe(conn->tasks, bucket, next, task, hash)
		if (scst_cmd_aborted(&task->cmd) && !task->receiving &&
		    !task->held)
			isct_task_fail(task);
}

/* The connection is closed: nobody waits for the initiator any more. */
void isct_tasks_fail(struct isct_conn *conn)
{
	struct hlist_node *next;
	struct isct_task *task;
	unsigned int bucket;

	hash_for_each_safe(conn->tasks, bucket, next, task, hash) {
		task->receiving = false;
		task->unsolicited = false;
		if (task->held)
			isct_task_drop(task);
		else
			isct_task_fail(task);
	}
}

/*
 * RFC 7143 4.2.2.1: what is outside of the window is ignored; within it, the
 * only connection of a session brings commands in order.
 *
 * Return: 0; -ESTALE: ignore; -EPROTO: close
 */
int isct_check_cmd_sn(struct isct_conn *conn)
{
	const struct iscsi_scsi_req *hdr;
	u32 sn;

	hdr = (const struct iscsi_scsi_req *)&conn->rx.hdr;
	if (hdr->opcode & ISCSI_OP_IMMEDIATE)
		return 0;
	sn = be32_to_cpu(hdr->cmdsn);
	if ((s32)(sn - conn->exp_cmd_sn) < 0 ||
	    (s32)(sn - conn->max_cmd_sn) > 0)
		return -ESTALE;
	if (sn != conn->exp_cmd_sn)
		return -EPROTO;
	conn->exp_cmd_sn++;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(isct_check_cmd_sn);

/* RFC 7143 11.2.2: type, length and value, filled up to words */
VISIBLE_IF_KUNIT int isct_task_parse_ahs(struct isct_task *task, u8 *cdb,
					 u32 *cdb_len)
{
	const struct isct_rx *rx = &task->conn->rx;
	u32 pos = 0, len;

	while (pos + 4 <= rx->ahs_len) {
		const u8 *ahs = rx->ahs + pos;

		len = get_unaligned_be16(ahs);
		if (!len || pos + 3 + len > rx->ahs_len)
			return -EPROTO;
		if (ahs[2] == ISCSI_AHSTYPE_CDB) {
			if (len - 1 > SCST_CDB_MAX - ISCSI_CDB_SIZE)
				return -EPROTO;
			memcpy(cdb + ISCSI_CDB_SIZE, ahs + 4, len - 1);
			*cdb_len = ISCSI_CDB_SIZE + len - 1;
		} else if (ahs[2] == ISCSI_AHSTYPE_RLENGTH && len == 5) {
			task->bidi_len = get_unaligned_be32(ahs + 4);
		}
		pos += ALIGN(3 + len, 4);
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(isct_task_parse_ahs);

/* The core copies a short CDB; a longer one stays with the task. */
static int isct_task_set_cdb(struct isct_task *task,
			     const struct iscsi_scsi_req *hdr)
{
	struct isct_conn *conn = task->conn;
	u32 len = ISCSI_CDB_SIZE;
	const u8 *cdb = hdr->cdb;
	int error;

	if (conn->rx.ahs_len) {
		task->ecdb = kzalloc(SCST_CDB_MAX, GFP_NOIO);
		if (!task->ecdb)
			return -ENOMEM;
		memcpy(task->ecdb, hdr->cdb, ISCSI_CDB_SIZE);
		error = isct_task_parse_ahs(task, task->ecdb, &len);
		if (error)
			return error;
		cdb = task->ecdb;
	}
	scst_rx_cmd(conn->session->sess, &task->cmd, hdr->lun.scsi_lun, cdb,
		    len);
	return 0;
}

static void isct_task_set_expected(struct isct_task *task,
				   const struct iscsi_scsi_req *hdr)
{
	static const u8 dirs[] = {
		SCST_DATA_NONE, SCST_DATA_WRITE, SCST_DATA_READ,
		SCST_DATA_WRITE,
	};
	bool read = hdr->flags & ISCSI_FLAG_CMD_READ;
	bool write = hdr->flags & ISCSI_FLAG_CMD_WRITE;
	unsigned int attr = hdr->flags & ISCSI_FLAG_CMD_ATTR_MASK;
	struct scst_cmd *cmd = &task->cmd;

	task->bidi = read && write;
	cmd->tag = be32_to_cpu((__force __be32)hdr->itt);
	cmd->attr = attr < ARRAY_SIZE(isct_task_attrs) ? isct_task_attrs[attr] :
							 SCST_TASK_SIMPLE;
	cmd->expected_valid = true;
	cmd->expected_dir = dirs[write | read << 1];
	cmd->expected_len = be32_to_cpu(hdr->data_length);
	if (task->bidi)
		cmd->expected_in_len = task->bidi_len;
	cmd->fabric_priv = task;
}

/*
 * Is the initiator allowed to send data with the command and behind it (RFC
 * 7143 13.10, 13.11, 13.14, 11.3.1)?
 */
VISIBLE_IF_KUNIT bool isct_task_data_legal(const struct isct_task *task,
					   const struct iscsi_scsi_req *hdr)
{
	const u32 *param = task->conn->params.val;
	u32 len = task->conn->rx.data_len;
	bool more = !(hdr->flags & ISCSI_FLAG_CMD_FINAL);

	if (!len && !more)
		return true;
	if (!(hdr->flags & ISCSI_FLAG_CMD_WRITE))
		return false;
	if (len && !param[ISCT_IMMEDIATE_DATA])
		return false;
	if (more && param[ISCT_INITIAL_R2T])
		return false;
	return len <= min(param[ISCT_FIRST_BURST], task->cmd.expected_len);
}
EXPORT_SYMBOL_IF_KUNIT(isct_task_data_legal);

static struct isct_task *isct_task_new(struct isct_conn *conn)
{
	struct isct_task *task = kmem_cache_alloc(isct_task_cache, GFP_NOIO);

	if (!task)
		return NULL;
	/* The core initialises its own part. */
	memset_after(task, 0, cmd);
	task->conn = conn;
	task->failed = SCST_SENSE_NONE;
	INIT_LIST_HEAD(&task->wait_entry);
	INIT_LIST_HEAD(&task->pdu.entry);
	return task;
}

static void isct_task_link(struct isct_task *task,
			   const struct iscsi_scsi_req *hdr)
{
	struct isct_conn *conn = task->conn;

	task->itt = hdr->itt;
	task->lun = hdr->lun;
	hash_add(conn->tasks, &task->hash, (__force u32)task->itt);
	conn->nr_tasks++;
	conn->nr_live++;
	if (!(hdr->opcode & ISCSI_OP_IMMEDIATE)) {
		task->counted = true;
		conn->nr_queued++;
	}
}

static void isct_task_set_data(struct isct_task *task,
			       const struct iscsi_scsi_req *hdr)
{
	struct isct_conn *conn = task->conn;

	if (!isct_task_data_legal(task, hdr))
		task->failed = ISCT_SENSE_UNEXPECTED_DATA;
	task->receiving = conn->rx.data_len;
	task->unsolicited = hdr->flags & ISCSI_FLAG_CMD_WRITE &&
			    !(hdr->flags & ISCSI_FLAG_CMD_FINAL) &&
			    !conn->params.val[ISCT_INITIAL_R2T];
	task->has_data = task->receiving || task->unsolicited;
	task->sent_off = conn->rx.data_len;
	if (task->receiving)
		conn->rx.task = task;
	if (task->has_data)
		isct_data_await(task);
}

static int isct_task_begin(struct isct_conn *conn,
			   const struct iscsi_scsi_req *hdr)
{
	struct isct_task *task = isct_task_new(conn);
	int error;

	if (!task)
		return -ENOMEM;
	error = isct_task_set_cdb(task, hdr);
	if (error) {
		kfree(task->ecdb);
		kmem_cache_free(isct_task_cache, task);
		return error;
	}
	isct_task_set_expected(task, hdr);
	isct_task_set_data(task, hdr);
	isct_task_link(task, hdr);
	scst_cmd_init_done(&task->cmd, SCST_CONTEXT_DIRECT);
	return 0;
}

/* A SCSI Command, its data still to come */
int isct_task_rx(struct isct_conn *conn)
{
	const struct iscsi_scsi_req *hdr;
	int error;

	hdr = (const struct iscsi_scsi_req *)&conn->rx.hdr;
	/* A rejected command has used up its CmdSN, too. */
	error = isct_check_cmd_sn(conn);
	if (error == -ESTALE) {
		conn->rx.refused = true;
		return 0;
	}
	if (error)
		return error;
	if (hdr->itt == RESERVED_ITT) {
		conn->rx.refused = true;
		return isct_reject(conn, ISCSI_REASON_PROTOCOL_ERROR);
	}
	if (isct_task_find(conn, hdr->itt)) {
		conn->rx.refused = true;
		return isct_reject(conn, ISCSI_REASON_TASK_IN_PROGRESS);
	}
	if (hdr->opcode & ISCSI_OP_IMMEDIATE &&
	    conn->nr_tasks - conn->nr_queued >= ISCT_MAX_IMMEDIATE) {
		conn->rx.refused = true;
		return isct_reject(conn, ISCSI_REASON_IMM_CMD_REJECT);
	}
	return isct_task_begin(conn, hdr);
}
EXPORT_SYMBOL_IF_KUNIT(isct_task_rx);
