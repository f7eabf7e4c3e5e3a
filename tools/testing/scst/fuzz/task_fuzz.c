// SPDX-License-Identifier: GPL-2.0
/*
 * PDUs of commands and their data, as they come from a socket, with a core that
 * goes on when the input says so. Whatever comes: nobody waits for what never
 * will come, the core is asked in its order, and all memory is given back.
 */
#include "fuzz.h"
#include <linux/mm.h>

/* A page of ours is a block of its own. */
#undef page_address
#define page_address(page)	((void *)(page))

#include "../../../../drivers/target/scst/iscsi/rx.c"
#include "../../../../drivers/target/scst/iscsi/task.c"
#include "../../../../drivers/target/scst/iscsi/data.c"
#include "../../../../drivers/target/scst/iscsi/tmf.c"

#define MAX_CMDS	64
#define SEGMENT		2048
#define BURST		1024
#define MAX_R2T		3

/* What the core waits for, in scst_cmd.state: here we are the core. */
enum fake_state {
	CORE_NEW,		/* nothing: it can go on */
	CORE_RESTART,		/* scst_restart_cmd() */
	CORE_BUFFER,		/* nothing */
	CORE_RX_DATA,		/* scst_rx_data() */
	CORE_EXEC,		/* nothing */
	CORE_DONE,		/* scst_tgt_cmd_done() */
	CORE_FREE,		/* nothing */
	CORE_GONE,		/* the task's end */
};

/**
 * struct fuzz_op - eight bytes of the input
 * @kind: index of fuzz_ops
 * @how: what of it is to be wrong
 * @itt: which task
 * @flags: of the PDU
 * @len: length of the data, or of something else
 * @off: offset, or expected length
 */
struct fuzz_op {
	u8	kind;
	u8	how;
	u8	itt;
	u8	flags;
	__le16	len;
	__le16	off;
} __packed;

static struct isct_conn fuzz_conn;
static struct scst_cmd *cmds[MAX_CMDS];
static struct scatterlist cmd_sgs[MAX_CMDS][2];
static struct iscsi_hdr wire;
static u8 wire_ahs[256];
/* Bytes of the PDU that have been received, and how many have arrived */
static u32 wire_pos, wire_end;

/* It says that there is something to receive; sock_recvmsg() knows better. */
static struct tcp_sock fuzz_sk = { .rcv_nxt = 1 };
static struct socket fuzz_sock = { .sk = (struct sock *)&fuzz_sk };

/* The core */

static void core_set(struct scst_cmd *cmd, enum fake_state from,
		     enum fake_state to)
{
	fuzz_check(cmd->state == from);
	cmd->state = to;
}

void scst_rx_cmd(struct scst_session *sess, struct scst_cmd *cmd,
		 const u8 lun[8], const u8 *cdb, unsigned int cdb_len)
{
	fuzz_check(cdb_len >= ISCSI_CDB_SIZE && cdb_len <= SCST_CDB_MAX);
	memset(cmd, 0, sizeof(*cmd));
	cmd->info.dir = cdb[0] % 3;
	if (cmd->info.dir == SCST_DATA_WRITE && cdb[5])
		cmd->info.dir = SCST_DATA_BIDI;
	cmd->info.data_len = cmd->info.dir == SCST_DATA_NONE ? 0 :
			     get_unaligned_be32(cdb + 1);
}

/* Two segments without memory: nobody looks at data here. */
static void core_set_sg(struct scst_cmd *cmd, struct scatterlist *sg)
{
	u32 first = min(cmd->bufflen, 700);

	cmd->sg_cnt = cmd->bufflen > first ? 2 : 1;
	sg_init_table(sg, cmd->sg_cnt);
	sg[0].length = first;
	if (cmd->sg_cnt > 1)
		sg[1].length = cmd->bufflen - first;
	cmd->sg = cmd->bufflen ? sg : NULL;
}

/* As parse.c does it */
static void core_parse(struct scst_cmd *cmd)
{
	enum scst_data_dir dir = cmd->info.dir;

	cmd->bufflen = min(cmd->info.data_len, cmd->expected_len);
	if (dir == SCST_DATA_BIDI) {
		cmd->in_bufflen = min(cmd->info.data_len, cmd->expected_in_len);
		dir = SCST_DATA_WRITE;
	}
	if (cmd->expected_len && cmd->expected_dir != dir)
		cmd->bufflen = 0;
}

void scst_cmd_init_done(struct scst_cmd *cmd, enum scst_context context)
{
	int i;

	for (i = 0; cmds[i]; i++)
		fuzz_check(i < MAX_CMDS - 1);
	cmds[i] = cmd;
	core_parse(cmd);
	core_set_sg(cmd, cmd_sgs[i]);
}

void scst_restart_cmd(struct scst_cmd *cmd, bool ok, enum scst_context context)
{
	core_set(cmd, CORE_RESTART, ok ? CORE_BUFFER : CORE_EXEC);
	if (!ok)
		cmd->status = SAM_STAT_CHECK_CONDITION;
}

void scst_rx_data(struct scst_cmd *cmd, bool ok, enum scst_context context)
{
	struct isct_task *task = cmd->fabric_priv;

	core_set(cmd, CORE_RX_DATA, CORE_EXEC);
	if (ok)
		fuzz_check(task->rx_off == cmd->bufflen);
	else
		cmd->status = SAM_STAT_CHECK_CONDITION;
}

void scst_cmd_not_delivered(struct scst_cmd *cmd)
{
	fuzz_check(cmd->state == CORE_DONE);
}

void scst_tgt_cmd_done(struct scst_cmd *cmd, enum scst_context context)
{
	core_set(cmd, CORE_DONE, CORE_FREE);
}

void scst_set_cmd_error(struct scst_cmd *cmd, scst_sense_t sense)
{
	cmd->status = SAM_STAT_CHECK_CONDITION;
}

/* scst_cmd.flags: by the nexus itself, or by another one with TAS */
#define CORE_ABORTED		1
#define CORE_TASK_ABORTED	3

bool scst_cmd_aborted(const struct scst_cmd *cmd)
{
	return cmd->flags;
}

bool scst_cmd_abort_answered(const struct scst_cmd *cmd)
{
	return cmd->flags == CORE_TASK_ABORTED;
}

s64 scst_cmd_residual(const struct scst_cmd *cmd)
{
	return (s64)cmd->expected_len - cmd->bufflen;
}

s64 scst_cmd_in_residual(const struct scst_cmd *cmd)
{
	return cmd->expected_in_len;
}

/* As complete.c does it: what was aborted is answered with TASK ABORTED or not. */
static void core_exec(struct scst_cmd *cmd)
{
	if (scst_cmd_aborted(cmd) && !scst_cmd_abort_answered(cmd)) {
		cmd->state = CORE_FREE;
		return;
	}
	if (scst_cmd_aborted(cmd))
		cmd->status = SAM_STAT_TASK_ABORTED;
	if (cmd->status == SAM_STAT_GOOD && cmd->info.dir & SCST_DATA_READ)
		cmd->resp_len = cmd->info.dir == SCST_DATA_BIDI ?
				cmd->in_bufflen : cmd->bufflen;
	cmd->sense_len = cmd->status == SAM_STAT_GOOD ? 0 : 18;
	cmd->state = CORE_DONE;
	isct_xmit_response(cmd);
}

static void core_buffer(struct scst_cmd *cmd)
{
	if (scst_cmd_aborted(cmd) || !(cmd->info.dir & SCST_DATA_WRITE)) {
		cmd->state = CORE_EXEC;
		return;
	}
	cmd->state = CORE_RX_DATA;
	isct_rdy_to_xfer(cmd);
}

/* Does what it can without the fabric. False if that is nothing. */
static bool core_step(struct scst_cmd *cmd)
{
	switch (cmd->state) {
	case CORE_NEW:
		cmd->state = scst_cmd_aborted(cmd) ? CORE_EXEC : CORE_RESTART;
		if (cmd->state == CORE_RESTART)
			isct_preprocessing_done(cmd);
		return true;
	case CORE_BUFFER:
		core_buffer(cmd);
		return true;
	case CORE_EXEC:
		core_exec(cmd);
		return true;
	case CORE_FREE:
		cmd->state = CORE_GONE;
		isct_on_free_cmd(cmd);
		return true;
	default:
		return false;
	}
}

static bool core_run(void)
{
	bool any = false;
	int i;

	for (i = 0; i < MAX_CMDS; i++)
		while (cmds[i] && core_step(cmds[i]))
			any = true;
	return any;
}

void scst_rx_mgmt_fn_tag(struct scst_mgmt_cmd *mcmd, struct scst_session *sess,
			 enum scst_tm_fn fn, u64 tag)
{
	mcmd->response = SCST_TM_NO_TASK;
	isct_task_mgmt_fn_done(mcmd);
}

void scst_rx_mgmt_fn_lun(struct scst_mgmt_cmd *mcmd, struct scst_session *sess,
			 enum scst_tm_fn fn, const u8 *lun)
{
	mcmd->response = SCST_TM_COMPLETE;
	isct_task_mgmt_fn_done(mcmd);
}

/* The rest of the kernel */

/* A command begins: nobody may look behind its AHS. */
void *kmem_cache_alloc_noprof(struct kmem_cache *cache, gfp_t flags)
{
	struct isct_rx *rx = &fuzz_conn.rx;

	__asan_poison_memory_region(rx->ahs + rx->ahs_len,
				    sizeof(rx->ahs) - rx->ahs_len);
	return fuzz_copy(NULL, sizeof(struct isct_task));
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	struct isct_task *task = object;
	int i;

	for (i = 0; i < MAX_CMDS; i++) {
		if (cmds[i] == &task->cmd) {
			fuzz_check(task->cmd.state == CORE_GONE);
			cmds[i] = NULL;
		}
	}
	fuzz_free(object);
}

/*
 * There is one thread, and one CPU: the base of GS is 0 in user space, so this
 * is where the kernel's own accesses go.
 */
DEFINE_PER_CPU_ALIGNED(struct pcpu_hot, pcpu_hot) = {
	.preempt_count = INIT_PREEMPT_COUNT,
};

void lock_sock_nested(struct sock *sk, int subclass)
{
}

void release_sock(struct sock *sk)
{
}

/* Data is 0, and nobody looks at it: segments have no memory. */
int sock_recvmsg(struct socket *sock, struct msghdr *msg, int flags)
{
	u32 ahs = wire.hlength * 4;
	u32 len = min_t(u32, iov_iter_count(&msg->msg_iter),
			wire_end - wire_pos);
	u32 i;

	if (!len)
		return -EAGAIN;
	for (i = 0; i < len && iov_iter_is_kvec(&msg->msg_iter); i++) {
		u8 *to = (u8 *)msg->msg_iter.kvec->iov_base + i;
		u32 pos = wire_pos + i;

		if (pos < ISCSI_HDR_LEN)
			*to = ((u8 *)&wire)[pos];
		else
			*to = pos < ISCSI_HDR_LEN + ahs ?
			      wire_ahs[(pos - ISCSI_HDR_LEN) % 256] : 0;
	}
	wire_pos += len;
	return len;
}

/* The rest of the fabric */

struct isct_pdu *isct_pdu_alloc(u8 opcode, u32 len)
{
	struct isct_pdu *pdu = fuzz_copy(NULL, sizeof(*pdu));

	pdu->kind = ISCT_PDU_PLAIN;
	pdu->page = len ? fuzz_copy(NULL, len) : NULL;
	return pdu;
}

void isct_pdu_free(struct isct_pdu *pdu)
{
	fuzz_free(pdu->page);
	fuzz_free(pdu);
}

void isct_conn_send(struct isct_conn *conn, struct isct_pdu *pdu)
{
	llist_add(&pdu->llnode, &conn->send);
}

/* Those of task management functions */
static int conn_refs;

void isct_conn_get(struct isct_conn *conn)
{
	conn_refs++;
}

void isct_conn_put(struct isct_conn *conn)
{
	fuzz_check(conn_refs-- > 0);
}

void isct_conn_kick(struct isct_conn *conn)
{
}

void isct_conn_event(struct isct_conn *conn, enum isct_conn_event event)
{
}

void isct_conn_end(struct isct_conn *conn)
{
	conn->state = ISCT_CONN_ENDING;
}

int isct_nop_rx(struct isct_conn *conn)
{
	return isct_check_cmd_sn(conn);
}

int isct_logout_rx(struct isct_conn *conn)
{
	return isct_check_cmd_sn(conn);
}

int isct_login_rx(struct isct_conn *conn, const struct iscsi_hdr *hdr,
		  const char *data, u32 len)
{
	fuzz_check(conn->state == ISCT_CONN_LOGIN);
	return 0;
}

int isct_text_rx(struct isct_conn *conn, const struct iscsi_hdr *hdr,
		 const char *data, u32 len)
{
	fuzz_check(!len || !data[len]);
	return 0;
}

/* The connection's work, as conn.c and tx.c have it */

static void work_collect(struct isct_conn *conn)
{
	struct llist_node *list = llist_reverse_order(llist_del_all(&conn->send));
	struct isct_pdu *pdu, *next;

	llist_for_each_entry_safe(pdu, next, list, llnode) {
		if (pdu->kind == ISCT_PDU_PLAIN)
			isct_pdu_free(pdu);
		else
			isct_task_handle(container_of(pdu, struct isct_task,
						      pdu));
	}
}

static void work_check_r2t(const struct isct_task *task,
			   const struct iscsi_hdr *hdr)
{
	const struct iscsi_r2t_rsp *r2t = (const struct iscsi_r2t_rsp *)hdr;
	u32 off = be32_to_cpu(r2t->data_offset);
	u32 len = be32_to_cpu(r2t->data_length);

	fuzz_check(len && len <= BURST && off <= task->cmd.bufflen &&
		   len <= task->cmd.bufflen - off);
	fuzz_check(task->nr_r2t <= MAX_R2T && off >= task->rx_off);
}

/* Return: it was the last one of the entry. */
static bool work_send_pdu(struct isct_task *task)
{
	struct iscsi_hdr hdr = {};
	u8 sense[2 + SCST_SENSE_SIZE];
	bool last;

	if (task->pdu.kind == ISCT_PDU_R2T) {
		last = isct_task_next_r2t(task, &hdr);
		work_check_r2t(task, &hdr);
		return last;
	}
	if (isct_task_next_data_in(task, &hdr)) {
		fuzz_check(task->tx_off <= task->cmd.resp_len);
		return task->answered;
	}
	isct_task_response(task, &hdr, sense);
	return true;
}

static bool work_send(struct isct_conn *conn)
{
	struct isct_pdu *pdu = list_first_entry_or_null(&conn->sendq,
							struct isct_pdu, entry);
	struct isct_task *task;

	if (!pdu)
		return false;
	task = container_of(pdu, struct isct_task, pdu);
	while (!work_send_pdu(task))
		;
	list_del_init(&pdu->entry);
	if (pdu->kind == ISCT_PDU_RESPONSE)
		isct_task_done(task);
	return true;
}

static void work_check(const struct isct_conn *conn)
{
	int i;

	for (i = 0; i < MAX_CMDS; i++) {
		const struct isct_task *task = cmds[i] ?
					       cmds[i]->fabric_priv : NULL;

		if (!task)
			continue;
		fuzz_check(task->rx_off <= task->cmd.bufflen);
		fuzz_check(!task->nr_r2t || task->rx_off <= task->seq_end);
	}
	fuzz_check(conn->nr_tasks <= MAX_CMDS);
	fuzz_check(conn->nr_queued <= MAX_CMDS);
}

/*
 * All that has come is received, if need be after the core has gone on: when it
 * has nothing to do either, the connection hangs.
 */
static int work_receive(struct isct_conn *conn)
{
	int error;

	do {
		error = isct_rx(conn);
		__asan_unpoison_memory_region(conn->rx.ahs,
					      sizeof(conn->rx.ahs));
		work_collect(conn);
		work_check(conn);
		isct_task_reap(conn);
		if (error == -EAGAIN && conn->rx.step == ISCT_RX_WAIT) {
			fuzz_check(!conn->rx.task || core_run());
			work_collect(conn);
			error = 0;
		}
	} while (!error && conn->state == ISCT_CONN_FULL);
	return error == -EAGAIN ? 0 : error;
}

/* What an input consists of. Return: 0, or an errno: the connection ends. */

static int op_receive(struct isct_conn *conn, const struct fuzz_op *op)
{
	u32 len = ntoh24(wire.dlength);
	u32 all = ISCSI_HDR_LEN + wire.hlength * 4 + ALIGN(len, ISCSI_PAD_LEN);
	int error;

	wire_pos = 0;
	/* In two pieces */
	wire_end = op->how & 0x40 ? min_t(u32, op->len, all) : all;
	error = work_receive(conn);
	if (error || wire_end == all)
		return error;
	wire_end = all;
	return work_receive(conn);
}

static void op_header(const struct fuzz_op *op, u8 opcode, u32 len)
{
	memset(&wire, 0, sizeof(wire));
	wire.opcode = opcode | ISCSI_OP_IMMEDIATE;
	wire.flags = op->flags;
	wire.itt = (__force itt_t)cpu_to_be32(op->itt & 7);
	hton24(wire.dlength, len);
}

/* Odd values of @how make it no immediate command */
static int op_command(struct isct_conn *conn, const struct fuzz_op *op)
{
	struct iscsi_scsi_req *hdr = (struct iscsi_scsi_req *)&wire;
	u32 off = le16_to_cpu(op->off);

	op_header(op, ISCSI_OP_SCSI_CMD, le16_to_cpu(op->len) % (SEGMENT + 1));
	if (op->how & 1)
		hdr->opcode &= ~ISCSI_OP_IMMEDIATE;
	hdr->cmdsn = cpu_to_be32(conn->exp_cmd_sn + (op->how & 2));
	hdr->data_length = cpu_to_be32(op->how & 4 ? off << 16 : off);
	hdr->cdb[0] = op->how >> 3 & 3;
	put_unaligned_be32(op->how & 0x20 ? off / 2 + 1 : off, hdr->cdb + 1);
	if (op->itt & 0x80)
		wire.hlength = op->itt & 0x7f;
	return op_receive(conn, op);
}

/* What comes next, apart from what the bits of @how make wrong */
static int op_data_out(struct isct_conn *conn, const struct fuzz_op *op)
{
	struct iscsi_data *hdr = (struct iscsi_data *)&wire;
	struct isct_task *task;
	u32 len = le16_to_cpu(op->len) % (SEGMENT + 1);
	u32 ttt, off;

	op_header(op, ISCSI_OP_SCSI_DATA_OUT, len);
	task = isct_task_find(conn, wire.itt);
	if (task) {
		ttt = task->nr_r2t ? task->ttt : ISCSI_RESERVED_TAG;
		off = task->nr_r2t ? task->rx_off : task->sent_off;
		if (task->nr_r2t && !(op->how & 1))
			len = min(task->seq_end - off, SEGMENT);
		hton24(wire.dlength, len);
		if (task->nr_r2t && off + len == task->seq_end)
			hdr->flags |= ISCSI_FLAG_CMD_FINAL;
		hdr->ttt = cpu_to_be32(ttt ^ (op->how >> 1 & 1));
		hdr->datasn = cpu_to_be32(task->data_sn + (op->how >> 2 & 1));
		hdr->offset = cpu_to_be32(off + (op->how & 8 ?
						 le16_to_cpu(op->off) : 0));
		if (op->how & 0x10)
			hdr->ttt = cpu_to_be32(ISCSI_RESERVED_TAG);
		if (op->how & 0x20)
			hdr->flags ^= ISCSI_FLAG_CMD_FINAL;
	}
	return op_receive(conn, op);
}

static int op_any(struct isct_conn *conn, const struct fuzz_op *op)
{
	op_header(op, op->how, le16_to_cpu(op->len));
	wire.rsvd2[0] = op->off;
	return op_receive(conn, op);
}

static int op_core(struct isct_conn *conn, const struct fuzz_op *op)
{
	struct scst_cmd *cmd = cmds[op->itt % MAX_CMDS];

	if (cmd)
		core_step(cmd);
	else
		core_run();
	work_collect(conn);
	return 0;
}

static int op_send(struct isct_conn *conn, const struct fuzz_op *op)
{
	work_send(conn);
	work_collect(conn);
	return 0;
}

static int op_abort(struct isct_conn *conn, const struct fuzz_op *op)
{
	struct scst_cmd *cmd = cmds[op->itt % MAX_CMDS];

	if (cmd && cmd->state < CORE_DONE && !cmd->flags)
		cmd->flags = op->how & 1 ? CORE_TASK_ABORTED : CORE_ABORTED;
	isct_tasks_aborted(conn);
	work_collect(conn);
	return 0;
}

static int op_reap(struct isct_conn *conn, const struct fuzz_op *op)
{
	isct_task_reap(conn);
	return 0;
}

static int op_ahs(struct isct_conn *conn, const struct fuzz_op *op)
{
	int i;

	for (i = 0; i < 7; i++)
		wire_ahs[(op->how + i) % 256] = ((const u8 *)op)[i + 1];
	return 0;
}

static int (* const fuzz_ops[])(struct isct_conn *conn,
				const struct fuzz_op *op) = {
	op_command, op_data_out, op_data_out, op_core, op_send, op_abort,
	op_reap, op_ahs, op_any,
};

/* As isct_conn_close() and the core do it: everybody has to go. */
static void fuzz_close(struct isct_conn *conn)
{
	struct isct_pdu *pdu, *next;
	int i;

	conn->state = ISCT_CONN_CLOSED;
	conn->mute = true;
	isct_rx_free(conn);
	list_for_each_entry_safe(pdu, next, &conn->sendq, entry) {
		list_del_init(&pdu->entry);
		if (pdu->kind == ISCT_PDU_RESPONSE)
			isct_task_done(container_of(pdu, struct isct_task,
						    pdu));
	}
	isct_tasks_fail(conn);
	do {
		work_collect(conn);
		isct_task_reap(conn);
	} while (core_run());
	work_collect(conn);
	isct_task_reap(conn);
	for (i = 0; i < MAX_CMDS; i++)
		fuzz_check(!cmds[i]);
	fuzz_check(!conn->nr_tasks && !conn->nr_queued && !conn->nr_live);
	fuzz_check(!atomic_read(&conn->nr_tmfs) && !conn_refs);
	fuzz_check(list_empty(&conn->sendq) && list_empty(&conn->data_wait));
}

static void fuzz_open(struct isct_conn *conn, u8 how)
{
	static struct isct_session session;
	u32 *val = conn->params.val;

	memset(conn, 0, sizeof(*conn));
	conn->sock = &fuzz_sock;
	conn->state = ISCT_CONN_FULL;
	conn->session = &session;
	conn->max_cmd_sn = 1 << 20;
	INIT_LIST_HEAD(&conn->sendq);
	INIT_LIST_HEAD(&conn->data_wait);
	val[ISCT_MAX_RECV_SEGMENT] = SEGMENT;
	val[ISCT_MAX_XMIT_SEGMENT] = SEGMENT;
	val[ISCT_MAX_BURST] = BURST;
	val[ISCT_FIRST_BURST] = how & 1 ? BURST : BURST - 100;
	val[ISCT_IMMEDIATE_DATA] = !(how & 2);
	val[ISCT_INITIAL_R2T] = !!(how & 4);
	val[ISCT_MAX_OUTSTANDING_R2T] = how & 8 ? MAX_R2T : 1;
	memset(wire_ahs, 0, sizeof(wire_ahs));
}

int fuzz_one_input(const u8 *data, size_t size)
{
	struct isct_conn *conn = &fuzz_conn;
	struct fuzz_op op;
	size_t pos;

	fuzz_open(conn, size ? data[0] : 0);
	for (pos = 1; pos + sizeof(op) <= size; pos += sizeof(op)) {
		memcpy(&op, data + pos, sizeof(op));
		/* The window of commands, in short */
		if (conn->nr_tasks >= MAX_CMDS / 2)
			break;
		if (fuzz_ops[op.kind % ARRAY_SIZE(fuzz_ops)](conn, &op) ||
		    conn->state != ISCT_CONN_FULL)
			break;
	}
	fuzz_close(conn);
	return 0;
}
