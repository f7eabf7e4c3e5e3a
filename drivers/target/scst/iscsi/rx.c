// SPDX-License-Identifier: GPL-2.0
/*
 * Reception: a PDU at a time, step by step; data goes from the socket straight
 * into the pages of its task.
 */
#include <kunit/visibility.h>
#include <linux/crc32c.h>
#include <linux/highmem.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/unaligned.h>
#include <net/sock.h>
#include <net/tcp.h>
#include "isct.h"
#include "isct_kunit.h"

/* Segments of one call to the socket */
#define ISCT_RX_VECS		32
/* Data that is not worth waking up for, and what is as good as all */
#define ISCT_RX_LOWAT_MIN	SZ_16K
#define ISCT_RX_LOWAT_MAX	SZ_256K

/**
 * struct isct_rx_op - what becomes of a PDU, by opcode
 * @header: optional: the header is there, the data is not: say where it goes
 * @end: optional: all of it is there
 * @collect: the data is collected in isct_rx.buf
 * @login: allowed in the login phase, and there only
 * @discovery: allowed in a discovery session
 */
struct isct_rx_op {
	int	(*header)(struct isct_conn *conn);
	int	(*end)(struct isct_conn *conn);
	bool	collect;
	bool	login;
	bool	discovery;
};

static int isct_rx_login(struct isct_conn *conn)
{
	return isct_login_rx(conn, &conn->rx.hdr, conn->rx.buf,
			     conn->rx.data_len);
}

static int isct_rx_text(struct isct_conn *conn)
{
	return isct_text_rx(conn, &conn->rx.hdr, conn->rx.buf,
			    conn->rx.data_len);
}

static int isct_rx_command_end(struct isct_conn *conn)
{
	if (conn->rx.task)
		isct_data_done(conn->rx.task);
	return 0;
}

/* RFC 7143 11.16: only with error recovery level 1 and up */
static int isct_rx_snack(struct isct_conn *conn)
{
	return isct_reject(conn, ISCSI_REASON_PROTOCOL_ERROR);
}

static const struct isct_rx_op isct_rx_ops[ISCSI_OPCODE_MASK + 1] = {
	[ISCSI_OP_NOOP_OUT] = {
		.end = isct_nop_rx, .collect = true, .discovery = true,
	},
	[ISCSI_OP_SCSI_CMD] = {
		.header = isct_task_rx, .end = isct_rx_command_end,
	},
	[ISCSI_OP_SCSI_TMFUNC] = {
		.end = isct_tmf_rx,
	},
	[ISCSI_OP_LOGIN] = {
		.end = isct_rx_login, .collect = true, .login = true,
	},
	[ISCSI_OP_TEXT] = {
		.end = isct_rx_text, .collect = true, .discovery = true,
	},
	[ISCSI_OP_SCSI_DATA_OUT] = {
		.header = isct_data_out_rx, .end = isct_rx_command_end,
	},
	[ISCSI_OP_LOGOUT] = {
		.end = isct_logout_rx, .discovery = true,
	},
	[ISCSI_OP_SNACK] = {
		.end = isct_rx_snack,
	},
};

static const struct isct_rx_op *isct_rx_op(const struct isct_conn *conn)
{
	return &isct_rx_ops[conn->rx.hdr.opcode & ISCSI_OPCODE_MASK];
}

/*
 * RFC 7143 11.17: the answer carries the header of what is refused. In the
 * login phase there is nothing to do but to close (RFC 7143 6.3).
 */
int isct_reject(struct isct_conn *conn, u8 reason)
{
	struct iscsi_reject *reject;
	struct isct_pdu *pdu;

	if (conn->state != ISCT_CONN_FULL)
		return -EPROTO;
	pdu = isct_pdu_alloc(ISCSI_OP_REJECT, ISCSI_HDR_LEN);
	if (!pdu)
		return -ENOMEM;
	reject = (struct iscsi_reject *)&pdu->hdr;
	reject->reason = reason;
	reject->ffffffff = cpu_to_be32(ISCSI_RESERVED_TAG);
	memcpy(page_address(pdu->page), &conn->rx.hdr, ISCSI_HDR_LEN);
	pdu->stat_sn = true;
	isct_conn_send(conn, pdu);
	return 0;
}

/*
 * Return: bytes, or an errno; the end of the stream is one, too. Every round
 * ends with nothing left to receive: finding that out needs no socket lock,
 * since isct_data_ready() queues the work for whatever comes later.
 */
static int isct_rx_recv(struct isct_conn *conn, struct iov_iter *iter)
{
	struct msghdr msg = {
		.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL,
		.msg_iter = *iter,
	};
	int ret;

	if (!tcp_epollin_ready(conn->sock->sk, 1))
		return -EAGAIN;
	ret = sock_recvmsg(conn->sock, &msg, msg.msg_flags);
	if (ret > 0)
		conn->last_rx = jiffies;
	return ret ?: -ECONNRESET;
}

/*
 * How much must have come for isct_data_ready() to be called. The lock is for
 * what comes just now: either we find it in the socket, or it finds this.
 */
static bool isct_rx_set_lowat(struct isct_conn *conn, u32 bytes)
{
	struct sock *sk = conn->sock->sk;

	if (sk->sk_rcvlowat == bytes)
		return false;
	lock_sock(sk);
	WRITE_ONCE(sk->sk_rcvlowat, bytes);
	release_sock(sk);
	return true;
}

/*
 * Nothing can be done with a part of a data segment, so let more of it come;
 * TCP does not wait when its window closes before. Return: look once more.
 */
static bool isct_rx_await(struct isct_conn *conn, u32 left)
{
	u32 room = READ_ONCE(conn->sock->sk->sk_rcvbuf);

	if (left < ISCT_RX_LOWAT_MIN)
		return isct_rx_set_lowat(conn, 1);
	/* The initiator is to go on sending meanwhile. */
	return isct_rx_set_lowat(conn, min3(left, room / 4,
					    (u32)ISCT_RX_LOWAT_MAX));
}

/* Fill @buf up to @len bytes, of which rx.done are there. */
static int isct_rx_fill(struct isct_conn *conn, void *buf, u32 len)
{
	struct isct_rx *rx = &conn->rx;
	struct iov_iter iter;
	struct kvec vec;
	int ret;

	while (rx->done < len) {
		vec.iov_base = buf + rx->done;
		vec.iov_len = len - rx->done;
		iov_iter_kvec(&iter, ITER_DEST, &vec, 1, vec.iov_len);
		ret = isct_rx_recv(conn, &iter);
		if (ret < 0)
			return ret;
		rx->done += ret;
	}
	rx->done = 0;
	return 0;
}

/* The PDU is over; the next one begins. */
static int isct_rx_end(struct isct_conn *conn)
{
	const struct isct_rx_op *op = isct_rx_op(conn);
	int error = 0;

	conn->rx.step = ISCT_RX_BHS;
	if (op->end && !conn->rx.refused)
		error = op->end(conn);
	isct_rx_free(conn);
	return error;
}

static int isct_rx_end_data(struct isct_conn *conn)
{
	struct isct_rx *rx = &conn->rx;

	rx->done = 0;
	if (!(rx->data_len & (ISCSI_PAD_LEN - 1)) && !conn->ddigest)
		return isct_rx_end(conn);
	rx->step = ISCT_RX_TRAILER;
	return 0;
}

static int isct_rx_begin_data(struct isct_conn *conn)
{
	struct isct_rx *rx = &conn->rx;

	rx->crc = ~0;
	rx->step = ISCT_RX_WAIT;
	return 0;
}

/* RFC 7143 11.14: behind a logout there is only what answers our requests. */
static bool isct_rx_is_request(const struct isct_conn *conn)
{
	const struct iscsi_hdr *hdr = &conn->rx.hdr;
	u8 opcode = hdr->opcode & ISCSI_OPCODE_MASK;

	if (opcode == ISCSI_OP_NOOP_OUT)
		return hdr->itt != RESERVED_ITT;
	return opcode != ISCSI_OP_SCSI_DATA_OUT;
}

/*
 * A login's header was not received by an authenticated peer, hence it gets
 * only as much memory as RFC 7143 13.12 lets it ask for: 8 KiB.
 */
VISIBLE_IF_KUNIT bool isct_rx_header_legal(const struct isct_conn *conn)
{
	const struct isct_rx_op *op = isct_rx_op(conn);
	bool login = conn->state == ISCT_CONN_LOGIN;

	if (!op->end || op->login != login)
		return false;
	if (conn->logging_out && isct_rx_is_request(conn))
		return false;
	return login || op->discovery || conn->session;
}
EXPORT_SYMBOL_IF_KUNIT(isct_rx_header_legal);

/* The header is there. */
static int isct_rx_header(struct isct_conn *conn)
{
	struct isct_rx *rx = &conn->rx;
	const struct isct_rx_op *op = isct_rx_op(conn);
	int error = 0;

	rx->refused = !isct_rx_header_legal(conn);
	if (rx->refused) {
		error = isct_reject(conn, op->end ? ISCSI_REASON_PROTOCOL_ERROR :
						    ISCSI_REASON_CMD_NOT_SUPPORTED);
	} else if (op->collect) {
		rx->buf = kvzalloc(rx->data_len + 1, GFP_NOIO);
		error = rx->buf ? 0 : -ENOMEM;
	} else if (op->header) {
		error = op->header(conn);
	}
	if (error)
		return error;
	return rx->data_len ? isct_rx_begin_data(conn) : isct_rx_end(conn);
}

static int isct_rx_bhs(struct isct_conn *conn)
{
	struct isct_rx *rx = &conn->rx;
	int error = isct_rx_fill(conn, &rx->hdr, ISCSI_HDR_LEN);

	if (error)
		return error;
	rx->ahs_len = rx->hdr.hlength * 4;
	rx->data_len = ntoh24(rx->hdr.dlength);
	/* Neither is followed by anything that could be understood. */
	if (rx->ahs_len > ISCT_AHS_MAX ||
	    rx->data_len > conn->params.val[ISCT_MAX_RECV_SEGMENT])
		return -EMSGSIZE;
	if (rx->ahs_len)
		rx->step = ISCT_RX_AHS;
	else if (conn->hdigest)
		rx->step = ISCT_RX_HDIGEST;
	else
		return isct_rx_header(conn);
	return 0;
}

static int isct_rx_ahs(struct isct_conn *conn)
{
	struct isct_rx *rx = &conn->rx;
	int error = isct_rx_fill(conn, rx->ahs, rx->ahs_len);

	if (error)
		return error;
	if (!conn->hdigest)
		return isct_rx_header(conn);
	rx->step = ISCT_RX_HDIGEST;
	return 0;
}

/* RFC 7143 7.7: without a header there is no way to find the next one. */
static int isct_rx_hdigest(struct isct_conn *conn)
{
	struct isct_rx *rx = &conn->rx;
	int error = isct_rx_fill(conn, &rx->digest, ISCSI_CRC_LEN);
	u32 crc;

	if (error)
		return error;
	crc = crc32c(~0, &rx->hdr, ISCSI_HDR_LEN);
	crc = crc32c(crc, rx->ahs, rx->ahs_len);
	if (~crc != le32_to_cpu(rx->digest))
		return -EBADMSG;
	return isct_rx_header(conn);
}

/* The task's buffer is there, or will never be; see isct_task_handle(). */
static int isct_rx_wait(struct isct_conn *conn)
{
	struct isct_task *task = conn->rx.task;

	if (task && !task->ready && !task->want_data && !task->held)
		return -EAGAIN;
	conn->rx.step = ISCT_RX_DATA;
	return 0;
}

/* The task's segments from where it has arrived on. Return: bytes in them. */
static u32 isct_rx_task_vecs(struct isct_task *task, struct bio_vec *vecs,
			     unsigned int *nr, u32 len)
{
	struct scatterlist *sg = task->rx_sg;
	u32 off = task->rx_sg_off, all = 0;

	for (*nr = 0; *nr < ISCT_RX_VECS && sg && all < len; (*nr)++) {
		u32 part = min(sg->length - off, len - all);

		bvec_set_page(&vecs[*nr], sg_page(sg), part, sg->offset + off);
		all += part;
		sg = sg_next(sg);
		off = 0;
	}
	return all;
}

static void isct_rx_task_advance(struct isct_conn *conn, struct isct_task *task,
				 struct bio_vec *vecs, u32 len)
{
	task->rx_off += len;
	for (; len; vecs++) {
		u32 part = min(len, vecs->bv_len);

		if (conn->ddigest) {
			void *p = bvec_kmap_local(vecs);

			conn->rx.crc = crc32c(conn->rx.crc, p, part);
			kunmap_local(p);
		}
		task->rx_sg_off += part;
		if (task->rx_sg_off == task->rx_sg->length) {
			task->rx_sg = sg_next(task->rx_sg);
			task->rx_sg_off = 0;
		}
		len -= part;
	}
}

static int isct_rx_task_data(struct isct_conn *conn, struct isct_task *task,
			     u32 len)
{
	struct bio_vec vecs[ISCT_RX_VECS];
	struct iov_iter iter;
	unsigned int nr;
	int ret;

	len = isct_rx_task_vecs(task, vecs, &nr, len);
	iov_iter_bvec(&iter, ITER_DEST, vecs, nr, len);
	ret = isct_rx_recv(conn, &iter);
	if (ret > 0)
		isct_rx_task_advance(conn, task, vecs, ret);
	return ret;
}

/* What nobody wants is part of the digest, too. */
static int isct_rx_skip(struct isct_conn *conn, u32 len)
{
	struct iov_iter iter;
	struct kvec vec;
	char buf[256];
	int ret;

	if (!conn->ddigest) {
		iov_iter_discard(&iter, ITER_DEST, len);
		return isct_rx_recv(conn, &iter);
	}
	vec.iov_base = buf;
	vec.iov_len = min_t(u32, len, sizeof(buf));
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, vec.iov_len);
	ret = isct_rx_recv(conn, &iter);
	if (ret > 0)
		conn->rx.crc = crc32c(conn->rx.crc, buf, ret);
	return ret;
}

static int isct_rx_collect(struct isct_conn *conn, u32 len)
{
	void *to = conn->rx.buf + conn->rx.done;
	struct kvec vec = { .iov_base = to, .iov_len = len };
	struct iov_iter iter;
	int ret;

	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, len);
	ret = isct_rx_recv(conn, &iter);
	if (ret > 0 && conn->ddigest)
		conn->rx.crc = crc32c(conn->rx.crc, to, ret);
	return ret;
}

/* A task takes data as long as it has room, and is not answered already. */
static u32 isct_rx_room(const struct isct_task *task)
{
	if (!task || task->held || task->failed != SCST_SENSE_NONE)
		return 0;
	return task->cmd.bufflen - task->rx_off;
}

static int isct_rx_data(struct isct_conn *conn)
{
	struct isct_rx *rx = &conn->rx;
	u32 len, room;
	int ret;

	while (rx->done < rx->data_len) {
		len = rx->data_len - rx->done;
		room = isct_rx_room(rx->task);
		if (rx->buf)
			ret = isct_rx_collect(conn, len);
		else if (room)
			ret = isct_rx_task_data(conn, rx->task, min(len, room));
		else
			ret = isct_rx_skip(conn, len);
		if (ret == -EAGAIN && isct_rx_await(conn, rx->data_len - rx->done))
			continue;
		if (ret < 0)
			return ret;
		rx->done += ret;
	}
	isct_rx_set_lowat(conn, 1);
	return isct_rx_end_data(conn);
}

/*
 * RFC 7143 7.8: a PDU with a bad data digest is rejected. What it belongs to
 * cannot be repaired with error recovery level 0, so the connection ends then.
 */
static int isct_rx_trailer(struct isct_conn *conn)
{
	struct isct_rx *rx = &conn->rx;
	u32 pad = -rx->data_len & (ISCSI_PAD_LEN - 1);
	int error = isct_rx_fill(conn, rx->trailer, pad + conn->ddigest);
	u32 crc;

	if (error)
		return error;
	if (!conn->ddigest)
		return isct_rx_end(conn);
	crc = crc32c(rx->crc, rx->trailer, pad);
	if (~crc == get_unaligned_le32(rx->trailer + pad))
		return isct_rx_end(conn);
	error = isct_reject(conn, ISCSI_REASON_DATA_DIGEST_ERROR);
	isct_conn_end(conn);
	return error;
}

static int (* const isct_rx_steps[])(struct isct_conn *conn) = {
	[ISCT_RX_BHS]		= isct_rx_bhs,
	[ISCT_RX_AHS]		= isct_rx_ahs,
	[ISCT_RX_HDIGEST]	= isct_rx_hdigest,
	[ISCT_RX_WAIT]		= isct_rx_wait,
	[ISCT_RX_DATA]		= isct_rx_data,
	[ISCT_RX_TRAILER]	= isct_rx_trailer,
};

/*
 * To the end of a PDU, or to where it must wait. Others, and we ourselves, may
 * have left what it waits for meanwhile, hence the caller looks there first.
 */
int isct_rx(struct isct_conn *conn)
{
	int error;

	if (conn->pdu_bytes > ISCT_MAX_PDU_BYTES)
		return -EAGAIN;
	do {
		error = isct_rx_steps[conn->rx.step](conn);
	} while (!error && conn->rx.step != ISCT_RX_BHS &&
		 conn->rx.step != ISCT_RX_WAIT);
	return error;
}

void isct_rx_free(struct isct_conn *conn)
{
	kvfree(conn->rx.buf);
	conn->rx.buf = NULL;
	conn->rx.task = NULL;
}
