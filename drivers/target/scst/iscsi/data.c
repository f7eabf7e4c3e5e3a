// SPDX-License-Identifier: GPL-2.0
/*
 * A task's data: R2T and Data-Out, Data-In and SCSI Response.
 */
#include <kunit/visibility.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/unaligned.h>
#include <scsi/scsi_proto.h>
#include "isct.h"
#include "isct_kunit.h"

/* A sequence of data is awaited: RspTimeout begins. */
void isct_data_await(struct isct_task *task)
{
	task->since = jiffies;
	list_move_tail(&task->wait_entry, &task->conn->data_wait);
}
EXPORT_SYMBOL_IF_KUNIT(isct_data_await);

/* Ask for what has not come unasked. */
void isct_data_request(struct isct_task *task)
{
	struct isct_conn *conn = task->conn;

	if (scst_cmd_aborted(&task->cmd)) {
		isct_task_fail(task);
		return;
	}
	if (!task->nr_r2t && task->r2t_off <= task->rx_off) {
		task->r2t_off = task->rx_off;
		task->seq_end = task->rx_off;
	}
	if (list_empty(&task->pdu.entry))
		list_add_tail(&task->pdu.entry, &conn->sendq);
}
EXPORT_SYMBOL_IF_KUNIT(isct_data_request);

/* May there be one more R2T (RFC 7143 13.17)? */
static bool isct_task_may_r2t(const struct isct_task *task)
{
	return task->r2t_off < task->cmd.bufflen &&
	       task->nr_r2t < task->conn->params.val[ISCT_MAX_OUTSTANDING_R2T];
}

static u32 isct_seq_len(const struct isct_task *task, u32 off)
{
	return min(task->conn->params.val[ISCT_MAX_BURST],
		   task->cmd.bufflen - off);
}

/* RFC 7143 11.8. Return: no other one may be sent before data has come. */
bool isct_task_next_r2t(struct isct_task *task, struct iscsi_hdr *hdr)
{
	struct iscsi_r2t_rsp *r2t = (struct iscsi_r2t_rsp *)hdr;
	u32 len = isct_seq_len(task, task->r2t_off);

	r2t->opcode = ISCSI_OP_R2T;
	r2t->flags = ISCSI_FLAG_CMD_FINAL;
	r2t->lun = task->lun;
	r2t->itt = task->itt;
	/* Sequences are fulfilled in order: see isct_data_solicited(). */
	r2t->ttt = cpu_to_be32(task->r2t_sn);
	r2t->statsn = cpu_to_be32(task->conn->stat_sn);
	r2t->r2tsn = cpu_to_be32(task->r2t_sn);
	r2t->data_offset = cpu_to_be32(task->r2t_off);
	r2t->data_length = cpu_to_be32(len);

	if (!task->nr_r2t) {
		task->ttt = task->r2t_sn;
		task->seq_end = task->r2t_off + len;
		task->data_sn = 0;
		isct_data_await(task);
	}
	task->r2t_sn++;
	task->nr_r2t++;
	task->r2t_off += len;
	return !isct_task_may_r2t(task);
}
EXPORT_SYMBOL_IF_KUNIT(isct_task_next_r2t);

/* A sequence is complete; the next one is that of the next R2T. */
static void isct_data_next_seq(struct isct_task *task)
{
	task->nr_r2t--;
	task->ttt++;
	task->data_sn = 0;
	list_del_init(&task->wait_entry);
	if (task->nr_r2t) {
		task->seq_end += isct_seq_len(task, task->seq_end);
		isct_data_await(task);
	}
}

/* All data is there. */
static void isct_data_complete(struct isct_task *task)
{
	list_del_init(&task->wait_entry);
	if (task->ready) {
		task->ready = false;
		scst_restart_cmd(&task->cmd, true, SCST_CONTEXT_DIRECT);
	} else if (task->want_data) {
		task->want_data = false;
		scst_rx_data(&task->cmd, true, SCST_CONTEXT_DIRECT);
	}
}

/*
 * The command ends with TASK ABORTED. Its initiator does not know yet, and goes
 * on to send what R2Ts have asked for.
 */
bool isct_data_draining(const struct isct_task *task)
{
	return task->nr_r2t && !task->want_data && !task->given_up &&
	       scst_cmd_abort_answered(&task->cmd);
}
EXPORT_SYMBOL_IF_KUNIT(isct_data_draining);

/*
 * Is no data to come any more that the core does not wait for? An initiator that
 * has itself aborted the command need not send it (RFC 7143 11.5.1).
 */
static bool isct_data_is_over(const struct isct_task *task)
{
	if (task->receiving)
		return false;
	if (task->held && task->given_up)
		return true;
	if (scst_cmd_aborted(&task->cmd) &&
	    !scst_cmd_abort_answered(&task->cmd))
		return true;
	return !task->unsolicited && !isct_data_draining(task);
}

/* No such data is waited for any more: go on, answer, or fail. */
static void isct_data_unsolicited_end(struct isct_task *task)
{
	list_del_init(&task->wait_entry);
	if (task->held) {
		task->held = false;
		task->unsolicited = false;
		list_add_tail(&task->pdu.entry, &task->conn->sendq);
	} else if (task->failed != SCST_SENSE_NONE ||
		   scst_cmd_aborted(&task->cmd)) {
		isct_task_fail(task);
	} else if (task->ready) {
		isct_data_complete(task);
	}
}

/*
 * The buffer is there. When there was nothing to receive into it, or all that
 * there was is thrown away, nobody else will go on with the task.
 */
void isct_data_skipped(struct isct_task *task)
{
	if (isct_data_is_over(task) ||
	    (!task->receiving && scst_cmd_aborted(&task->cmd)))
		isct_data_unsolicited_end(task);
}
EXPORT_SYMBOL_IF_KUNIT(isct_data_skipped);

/*
 * Its initiator has asked for a function that aborts the task, and need not send
 * any more of it (RFC 7143 11.5.1): an answer that there is goes out now.
 */
void isct_data_give_up(struct isct_task *task)
{
	task->given_up = true;
	if (task->held && !task->receiving)
		isct_data_unsolicited_end(task);
}
EXPORT_SYMBOL_IF_KUNIT(isct_data_give_up);

/* What came unasked has come: the next is awaited when it has been asked for. */
static void isct_data_request_next(struct isct_task *task)
{
	if (!task->nr_r2t)
		list_del_init(&task->wait_entry);
	isct_data_request(task);
}

/* The data of a PDU is there. */
void isct_data_done(struct isct_task *task)
{
	const struct iscsi_hdr *hdr = &task->conn->rx.hdr;
	bool final = (hdr->opcode & ISCSI_OPCODE_MASK) ==
		     ISCSI_OP_SCSI_DATA_OUT &&
		     hdr->flags & ISCSI_FLAG_CMD_FINAL;

	task->receiving = false;
	if (final)
		task->unsolicited = false;
	/* What nobody takes does not count as having arrived. */
	if (isct_data_draining(task) ? final :
	    task->nr_r2t && task->rx_off == task->seq_end)
		isct_data_next_seq(task);

	if (task->want_data) {
		if (task->failed != SCST_SENSE_NONE ||
		    scst_cmd_aborted(&task->cmd))
			isct_task_fail(task);
		else if (task->rx_off == task->cmd.bufflen)
			isct_data_complete(task);
		else if (isct_task_may_r2t(task))
			isct_data_request_next(task);
	} else if (isct_data_is_over(task)) {
		isct_data_unsolicited_end(task);
	} else if (task->ready && scst_cmd_aborted(&task->cmd)) {
		isct_task_fail(task);
	} else if (list_empty(&task->wait_entry)) {
		isct_data_await(task);
	}
}
EXPORT_SYMBOL_IF_KUNIT(isct_data_done);

/*
 * RFC 7143 11.7: sequences and their PDUs come in order, since DataPDUInOrder
 * and DataSequenceInOrder are Yes. Whatever does not fit makes the command
 * fail; at error recovery level 0 nothing is sent again.
 */
VISIBLE_IF_KUNIT scst_sense_t
isct_data_solicited(const struct isct_task *task, const struct iscsi_data *hdr,
		    u32 len)
{
	bool final = hdr->flags & ISCSI_FLAG_CMD_FINAL;
	bool last = len == task->seq_end - task->rx_off;
	u32 left = task->seq_end - task->rx_off;

	if (!task->want_data || !task->nr_r2t ||
	    be32_to_cpu(hdr->ttt) != task->ttt)
		return ISCT_SENSE_UNEXPECTED_DATA;
	if (be32_to_cpu(hdr->datasn) != task->data_sn ||
	    be32_to_cpu(hdr->offset) != task->rx_off)
		return ISCT_SENSE_WRONG_AMOUNT;
	if (len > left || final != last)
		return ISCT_SENSE_WRONG_AMOUNT;
	return SCST_SENSE_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(isct_data_solicited);

VISIBLE_IF_KUNIT scst_sense_t
isct_data_unsolicited(const struct isct_task *task,
		      const struct iscsi_data *hdr, u32 len)
{
	u32 burst = task->conn->params.val[ISCT_FIRST_BURST];
	u32 first = min(burst, task->cmd.expected_len);
	u32 off = be32_to_cpu(hdr->offset);

	if (!task->unsolicited)
		return ISCT_SENSE_UNEXPECTED_DATA;
	if (be32_to_cpu(hdr->datasn) != task->data_sn || off != task->sent_off)
		return ISCT_SENSE_WRONG_AMOUNT;
	if (off > first || len > first - off)
		return ISCT_SENSE_WRONG_AMOUNT;
	/* RFC 7143 11.4.7.2: a longer command has all of its first burst. */
	if (hdr->flags & ISCSI_FLAG_CMD_FINAL && off + len < first &&
	    burst < task->cmd.expected_len)
		return ISCT_SENSE_WRONG_AMOUNT;
	return SCST_SENSE_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(isct_data_unsolicited);

/* A Data-Out PDU, its data still to come */
int isct_data_out_rx(struct isct_conn *conn)
{
	const struct iscsi_data *hdr = (const struct iscsi_data *)&conn->rx.hdr;
	struct isct_task *task = isct_task_find(conn, (__force itt_t)hdr->itt);
	u32 len = conn->rx.data_len;
	scst_sense_t sense;

	/* One that was answered or aborted meanwhile, or asks for nothing */
	if (!task || !(task->unsolicited || task->want_data ||
		       isct_data_draining(task)))
		return 0;
	if (hdr->ttt == cpu_to_be32(ISCSI_RESERVED_TAG))
		sense = isct_data_unsolicited(task, hdr, len);
	else
		sense = isct_data_solicited(task, hdr, len);
	if (task->failed == SCST_SENSE_NONE)
		task->failed = sense;
	task->data_sn++;
	task->sent_off += len;
	task->receiving = true;
	conn->rx.task = task;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(isct_data_out_rx);

static void isct_set_residual(const struct isct_task *task, u8 *flags,
			      __be32 *count)
{
	s64 residual = scst_cmd_residual(&task->cmd);

	if (residual > 0)
		*flags |= ISCSI_FLAG_CMD_UNDERFLOW;
	else if (residual < 0)
		*flags |= ISCSI_FLAG_CMD_OVERFLOW;
	*count = cpu_to_be32(min_t(u64, abs(residual), U32_MAX));
}

/* RFC 7143 11.4.5: of the Data-In of a command that has both */
static void isct_set_in_residual(const struct isct_task *task,
				 struct iscsi_scsi_rsp *rsp)
{
	s64 residual = scst_cmd_in_residual(&task->cmd);

	if (residual > 0)
		rsp->flags |= ISCSI_FLAG_CMD_BIDI_UNDERFLOW;
	else if (residual < 0)
		rsp->flags |= ISCSI_FLAG_CMD_BIDI_OVERFLOW;
	rsp->bi_residual_count = cpu_to_be32(min_t(u64, abs(residual),
						   U32_MAX));
}

/*
 * The status: with it the task's place in the window and its tag are free for
 * the initiator, which may have it long before the rest of what is sent with it
 * is out and the task is done.
 */
static __be32 isct_take_stat_sn(struct isct_task *task)
{
	isct_task_unhash(task);
	return cpu_to_be32(task->conn->stat_sn++);
}

/*
 * RFC 7143 11.7: one PDU of Data-In, the last one with the status if that is
 * GOOD. Return: there was data to send.
 */
bool isct_task_next_data_in(struct isct_task *task, struct iscsi_hdr *hdr)
{
	struct iscsi_data_rsp *rsp = (struct iscsi_data_rsp *)hdr;
	const u32 *param = task->conn->params.val;
	u32 left, len, burst;

	if (!(task->cmd.info.dir & SCST_DATA_READ) ||
	    task->tx_off == task->cmd.resp_len)
		return false;
	left = task->cmd.resp_len - task->tx_off;
	burst = param[ISCT_MAX_BURST] - task->tx_off % param[ISCT_MAX_BURST];
	len = min3(left, burst, param[ISCT_MAX_XMIT_SEGMENT]);

	rsp->opcode = ISCSI_OP_SCSI_DATA_IN;
	rsp->itt = task->itt;
	rsp->ttt = cpu_to_be32(ISCSI_RESERVED_TAG);
	/* RFC 7143 4.2.2.4: R2Ts and Data-In of a command are numbered as one. */
	rsp->datasn = cpu_to_be32(task->r2t_sn + task->tx_sn++);
	rsp->offset = cpu_to_be32(task->tx_off);
	hton24(rsp->dlength, len);
	if (len == left || len == burst)
		rsp->flags |= ISCSI_FLAG_CMD_FINAL;
	/* With data in both directions the status has a PDU of its own. */
	if (len == left && task->cmd.status == SAM_STAT_GOOD &&
	    task->cmd.info.dir == SCST_DATA_READ) {
		task->answered = true;
		rsp->flags |= ISCSI_FLAG_DATA_STATUS;
		rsp->cmd_status = SAM_STAT_GOOD;
		isct_set_residual(task, &rsp->flags, &rsp->residual_count);
		rsp->statsn = isct_take_stat_sn(task);
	}
	task->tx_off += len;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(isct_task_next_data_in);

/* RFC 7143 11.4; @sense gets SenseLength and the sense data. */
void isct_task_response(struct isct_task *task, struct iscsi_hdr *hdr,
			u8 *sense)
{
	struct iscsi_scsi_rsp *rsp = (struct iscsi_scsi_rsp *)hdr;
	const struct scst_cmd *cmd = &task->cmd;

	rsp->opcode = ISCSI_OP_SCSI_CMD_RSP;
	rsp->flags = ISCSI_FLAG_CMD_FINAL;
	rsp->response = ISCSI_STATUS_CMD_COMPLETED;
	rsp->cmd_status = cmd->status;
	rsp->itt = task->itt;
	rsp->exp_datasn = cpu_to_be32(task->tx_sn + task->r2t_sn);
	isct_set_residual(task, &rsp->flags, &rsp->residual_count);
	if (task->bidi)
		isct_set_in_residual(task, rsp);
	rsp->statsn = isct_take_stat_sn(task);
	if (cmd->sense_len) {
		put_unaligned_be16(cmd->sense_len, sense);
		memcpy(sense + 2, cmd->sense, cmd->sense_len);
		hton24(rsp->dlength, 2 + cmd->sense_len);
	}
}
EXPORT_SYMBOL_IF_KUNIT(isct_task_response);
