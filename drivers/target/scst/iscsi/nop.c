// SPDX-License-Identifier: GPL-2.0
/*
 * What keeps a connection, and what ends it in peace: NOP, timeouts, logout.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/tcp.h>
#include <linux/timer.h>
#include <linux/unaligned.h>
#include "isct.h"

/* Seconds from the connection to the end of its login */
#define ISCT_LOGIN_TIMEOUT	15
/* RFC 7143 11.9.1, AsyncEvent 1: seconds until we drop the connection */
#define ISCT_LOGOUT_TIME	5
/* Seconds until a logout is answered, whatever the nexus still holds */
#define ISCT_LOGOUT_TIMEOUT	10
/* Seconds without progress until a connection ends that is to be closed */
#define ISCT_END_TIMEOUT	5

/* How often the timeouts are looked at: they count seconds */
void isct_timer_start(struct isct_conn *conn)
{
	mod_timer(&conn->timer, round_jiffies(jiffies + HZ));
}

static bool isct_is_over(unsigned long since, u32 seconds)
{
	return time_after(jiffies, since + seconds * HZ);
}

/* RFC 7143 11.9: what the target says without being asked */
static int isct_send_async(struct isct_conn *conn, u8 event, u16 param1,
			   u16 param3, bool closes)
{
	struct iscsi_async *async;
	struct isct_pdu *pdu;

	/* There is nobody yet, or nobody any more, who could be told. */
	if (conn->state != ISCT_CONN_FULL)
		return -ESHUTDOWN;
	pdu = isct_pdu_alloc(ISCSI_OP_ASYNC_EVENT, 0);
	if (!pdu)
		return -ENOMEM;
	async = (struct iscsi_async *)&pdu->hdr;
	pdu->hdr.itt = RESERVED_ITT;
	async->async_event = event;
	async->param1 = cpu_to_be16(param1);
	async->param3 = cpu_to_be16(param3);
	pdu->stat_sn = true;
	pdu->closes = closes;
	/* What has ended is still answered: nothing goes behind the last one. */
	if (closes)
		isct_conn_collect(conn);
	isct_conn_queue(conn, pdu);
	return 0;
}

/*
 * RFC 7143 11.9.4: SenseLength and sense data. An initiator that does not take
 * them, or for which there is no memory, has the unit attention condition.
 */
static void isct_send_aen(struct isct_conn *conn, const struct scst_aen *aen)
{
	u32 len = sizeof(__be16) + aen->sense_len;
	struct isct_pdu *pdu = isct_pdu_alloc(ISCSI_OP_ASYNC_EVENT, len);
	struct iscsi_async *async;
	u8 *data;

	if (!pdu)
		return;
	async = (struct iscsi_async *)&pdu->hdr;
	pdu->hdr.itt = RESERVED_ITT;
	memcpy(async->lun.scsi_lun, aen->lun, sizeof(aen->lun));
	async->async_event = ISCSI_ASYNC_MSG_SCSI_EVENT;
	data = page_address(pdu->page);
	put_unaligned_be16(aen->sense_len, data);
	memcpy(data + sizeof(__be16), aen->sense, aen->sense_len);
	pdu->stat_sn = true;
	isct_conn_queue(conn, pdu);
}

void isct_send_aens(struct isct_conn *conn)
{
	struct scst_aen aen;

	if (conn->state != ISCT_CONN_FULL)
		return;
	while (conn->pdu_bytes <= ISCT_MAX_PDU_BYTES) {
		if (!scst_next_aen(conn->session->sess, &aen))
			return;
		isct_send_aen(conn, &aen);
	}
	/* More of them as soon as some have gone out */
	set_bit(ISCT_EV_AEN, &conn->events);
}

int isct_ask_logout(struct isct_conn *conn)
{
	if (conn->logout_asked || conn->logging_out || conn->dropping)
		return 0;
	conn->logout_asked = true;
	conn->asked = jiffies;
	return isct_send_async(conn, ISCSI_ASYNC_MSG_REQUEST_LOGOUT, 0,
			       ISCT_LOGOUT_TIME, false);
}

/* The initiator may come back at once: Time2Wait and Time2Retain are 0. */
int isct_drop(struct isct_conn *conn)
{
	/* It goes when that has been sent, and what is before it. */
	if (conn->dropping)
		return 0;
	conn->dropping = true;
	return isct_send_async(conn, ISCSI_ASYNC_MSG_DROPPING_CONNECTION,
			       conn->cid, 0, true);
}

/* RFC 7143 11.19: a NOP-In that wants an answer */
static int isct_ping(struct isct_conn *conn)
{
	struct isct_pdu *pdu = isct_pdu_alloc(ISCSI_OP_NOOP_IN, 0);
	struct iscsi_nopin *nop;

	/* The next tick tries again. */
	if (!pdu)
		return 0;
	nop = (struct iscsi_nopin *)&pdu->hdr;
	nop->itt = RESERVED_ITT;
	/* Any value but the reserved one: there is only one at a time. */
	nop->ttt = cpu_to_be32(1);
	nop->statsn = cpu_to_be32(conn->stat_sn);
	isct_conn_queue(conn, pdu);
	conn->pinging = true;
	conn->ping_sent = jiffies;
	return 0;
}

/*
 * On a slow link a ping leaves behind all that is to be sent, and its answer
 * behind the initiator's data: who takes or sends something meanwhile is there.
 */
static bool isct_ping_is_over(struct isct_conn *conn)
{
	u32 acked = READ_ONCE(tcp_sk(conn->sock->sk)->snd_una);
	u32 seconds = conn->params.val[ISCT_NOP_IN_TIMEOUT];

	if (acked != conn->acked) {
		conn->acked = acked;
		conn->ping_sent = jiffies;
	}
	return isct_is_over(conn->ping_sent, seconds) &&
	       isct_is_over(conn->last_rx, seconds);
}

static int isct_tick_nop(struct isct_conn *conn)
{
	const u32 *param = conn->params.val;

	/* The answer cannot be read while a command has no buffer. */
	if (conn->rx.step == ISCT_RX_WAIT)
		return 0;
	if (conn->pinging)
		return isct_ping_is_over(conn) ? -ETIMEDOUT : 0;
	if (!param[ISCT_NOP_IN_INTERVAL] ||
	    !isct_is_over(conn->last_rx, param[ISCT_NOP_IN_INTERVAL]))
		return 0;
	return isct_ping(conn);
}

/* Does the initiator owe us data, or does it not take ours? */
static int isct_tick_response(struct isct_conn *conn)
{
	u32 seconds = conn->params.val[ISCT_RSP_TIMEOUT];
	const struct isct_task *task;

	task = list_first_entry_or_null(&conn->data_wait, struct isct_task,
					wait_entry);
	/* Data cannot be read while a command has no buffer. */
	if (task && conn->rx.step != ISCT_RX_WAIT &&
	    isct_is_over(task->since, seconds))
		return -ETIMEDOUT;
	return isct_is_over(conn->last_tx, seconds) ? -ETIMEDOUT : 0;
}

/* It ends as soon as all is sent; an initiator need not take it. */
static int isct_tick_ending(struct isct_conn *conn)
{
	/* Nothing has been negotiated if its login was refused. */
	u32 limit = max(conn->params.val[ISCT_RSP_TIMEOUT], ISCT_END_TIMEOUT);

	return isct_is_over(conn->last_tx, ISCT_END_TIMEOUT) ||
	       isct_is_over(conn->ending_since, limit) ? -ETIMEDOUT : 0;
}

/* When the initiator hears of it, its place in the target is free, too. */
static void isct_logout_answer(struct isct_conn *conn, u8 response)
{
	struct isct_pdu *pdu = conn->logout_rsp;

	if (!pdu || conn->state != ISCT_CONN_FULL)
		return;
	/* What ended before is answered before. */
	isct_conn_collect(conn);
	conn->logout_rsp = NULL;
	((struct iscsi_logout_rsp *)&pdu->hdr)->response = response;
	isct_session_logged_out(conn->session);
	isct_conn_queue(conn, pdu);
}

void isct_logged_out(struct isct_conn *conn)
{
	isct_logout_answer(conn, ISCSI_LOGOUT_SUCCESS);
}

/*
 * Commands may hang in a store for as long as they like. How long the initiator
 * takes for their data is no matter: isct_tick_response() waits for that.
 */
static void isct_tick_logout(struct isct_conn *conn)
{
	if (isct_tx_is_idle(conn) &&
	    isct_is_over(conn->logout_since, ISCT_LOGOUT_TIMEOUT))
		isct_logout_answer(conn, ISCSI_LOGOUT_CLEANUP_FAILED);
}

static int isct_tick_full(struct isct_conn *conn)
{
	int error = isct_tick_response(conn);

	if (error)
		return error;
	/* Who logs out need not answer pings, nor be asked to log out. */
	if (conn->logging_out) {
		isct_tick_logout(conn);
		return 0;
	}
	error = isct_tick_nop(conn);
	if (!error && conn->logout_asked &&
	    isct_is_over(conn->asked, ISCT_LOGOUT_TIME))
		error = isct_drop(conn);
	return error;
}

int isct_tick(struct isct_conn *conn)
{
	int error;

	switch (conn->state) {
	case ISCT_CONN_LOGIN:
		error = isct_is_over(conn->begun, ISCT_LOGIN_TIMEOUT) ?
			-ETIMEDOUT : 0;
		break;
	case ISCT_CONN_FULL:
		error = isct_tick_full(conn);
		break;
	case ISCT_CONN_ENDING:
		error = isct_tick_ending(conn);
		break;
	default:
		error = 0;
		break;
	}
	if (!error)
		isct_timer_start(conn);
	return error;
}

/* The initiator's ping, answered with its data; or its answer to ours */
int isct_nop_rx(struct isct_conn *conn)
{
	const struct iscsi_nopout *hdr;
	struct isct_pdu *pdu;
	u32 len;
	int error;

	hdr = (const struct iscsi_nopout *)&conn->rx.hdr;
	if (hdr->itt == RESERVED_ITT) {
		conn->pinging = false;
		return 0;
	}
	error = isct_check_cmd_sn(conn);
	if (error)
		return error == -ESTALE ? 0 : error;

	/* RFC 7143 11.19.3: as much of it as the initiator takes */
	len = min(conn->rx.data_len, conn->params.val[ISCT_MAX_XMIT_SEGMENT]);
	pdu = isct_pdu_alloc(ISCSI_OP_NOOP_IN, len);
	if (!pdu)
		return -ENOMEM;
	pdu->hdr.itt = hdr->itt;
	pdu->hdr.lun = hdr->lun;
	((struct iscsi_nopin *)&pdu->hdr)->ttt = cpu_to_be32(ISCSI_RESERVED_TAG);
	if (len)
		memcpy(page_address(pdu->page), conn->rx.buf, len);
	pdu->stat_sn = true;
	isct_conn_send(conn, pdu);
	return 0;
}

static u8 isct_logout_response(const struct isct_conn *conn,
			       const struct iscsi_logout *hdr)
{
	switch (hdr->flags & ISCSI_FLAG_LOGOUT_REASON_MASK) {
	case ISCSI_LOGOUT_REASON_CLOSE_SESSION:
		return ISCSI_LOGOUT_SUCCESS;
	case ISCSI_LOGOUT_REASON_CLOSE_CONNECTION:
		return be16_to_cpu(hdr->cid) == conn->cid ?
		       ISCSI_LOGOUT_SUCCESS : ISCSI_LOGOUT_CID_NOT_FOUND;
	default:
		return ISCSI_LOGOUT_RECOVERY_UNSUPPORTED;
	}
}

int isct_logout_rx(struct isct_conn *conn)
{
	const struct iscsi_logout *hdr;
	struct iscsi_logout_rsp *rsp;
	struct isct_pdu *pdu;
	int error;

	error = isct_check_cmd_sn(conn);
	if (error)
		return error == -ESTALE ? 0 : error;
	pdu = isct_pdu_alloc(ISCSI_OP_LOGOUT_RSP, 0);
	if (!pdu)
		return -ENOMEM;
	hdr = (const struct iscsi_logout *)&conn->rx.hdr;
	rsp = (struct iscsi_logout_rsp *)&pdu->hdr;
	rsp->itt = hdr->itt;
	rsp->response = isct_logout_response(conn, hdr);
	pdu->stat_sn = true;
	pdu->closes = rsp->response == ISCSI_LOGOUT_SUCCESS;
	if (!pdu->closes || !conn->session) {
		isct_conn_send(conn, pdu);
		return 0;
	}
	conn->logging_out = true;
	conn->logout_since = jiffies;
	conn->logout_rsp = pdu;
	isct_tmf_logout(conn);
	return 0;
}
