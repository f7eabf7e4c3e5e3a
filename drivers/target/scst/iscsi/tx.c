// SPDX-License-Identifier: GPL-2.0
/*
 * Transmission: PDUs become segments, as many in one call to the socket as
 * there is room for. TCP takes references to the pages (MSG_SPLICE_PAGES), and
 * the page allocator gets them back when the last reference goes, which is when
 * the peer has acknowledged the data: a task may end before that.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/crc32c.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include <net/sock.h>
#include "isct.h"

/* A header with its digest; padding with the data's */
#define ISCT_HEAD_MAX		(ISCSI_HDR_LEN + ISCSI_CRC_LEN)
#define ISCT_TRAILER_MAX	(ISCSI_PAD_LEN + ISCSI_CRC_LEN)
/* Bytes of one call to the socket, so that a long answer does not hold up all */
#define ISCT_TX_BYTES		SZ_512K

struct isct_pdu *isct_pdu_alloc(u8 opcode, u32 len)
{
	struct isct_pdu *pdu = kzalloc(sizeof(*pdu), GFP_NOIO);

	if (!pdu)
		return NULL;
	pdu->kind = ISCT_PDU_PLAIN;
	pdu->hdr.opcode = opcode;
	pdu->hdr.flags = ISCSI_FLAG_CMD_FINAL;
	pdu->data_len = len;
	if (!len)
		return pdu;
	/* An initiator's ping may be longer than pages can be. */
	pdu->page = alloc_pages(GFP_NOIO | __GFP_COMP | __GFP_ZERO |
				__GFP_NOWARN, get_order(len));
	if (!pdu->page) {
		kfree(pdu);
		return NULL;
	}
	return pdu;
}

size_t isct_pdu_size(const struct isct_pdu *pdu)
{
	return sizeof(*pdu) + (pdu->page ? page_size(pdu->page) : 0);
}

void isct_pdu_free(struct isct_pdu *pdu)
{
	if (pdu->page)
		put_page(pdu->page);
	kfree(pdu);
}

/*
 * As soon as it is in the list a command may be answered and end, and with it
 * its session, which puts the connection a grace period later.
 */
void isct_conn_send(struct isct_conn *conn, struct isct_pdu *pdu)
{
	guard(rcu)();
	if (llist_add(&pdu->llnode, &conn->send))
		isct_conn_kick(conn);
}

/* RFC 7143 4.2.2.1: the window never moves back. */
static void isct_set_cmd_sns(struct isct_conn *conn, struct iscsi_hdr *hdr)
{
	struct iscsi_nopin *rsp = (struct iscsi_nopin *)hdr;
	u32 max;

	max = conn->exp_cmd_sn - 1 - conn->nr_queued +
	      conn->params.val[ISCT_QUEUED_COMMANDS];
	if ((s32)(max - conn->max_cmd_sn) > 0)
		conn->max_cmd_sn = max;
	rsp->exp_cmdsn = cpu_to_be32(conn->exp_cmd_sn);
	rsp->max_cmdsn = cpu_to_be32(conn->max_cmd_sn);
}

static void isct_tx_add_page(struct isct_tx *tx, struct page *page, u32 off,
			     u32 len, bool own)
{
	bvec_set_page(&tx->vecs[tx->nr_vecs], page, len, off);
	if (own)
		__set_bit(tx->nr_vecs, tx->own);
	tx->nr_vecs++;
	tx->bytes += len;
}

/* Memory that TCP keeps as long as it needs, filled by the caller */
static void *isct_tx_add_frag(struct isct_tx *tx, u32 len, u32 max)
{
	void *frag = page_frag_alloc(&tx->frags, max, GFP_NOIO);

	if (frag)
		isct_tx_add_page(tx, virt_to_page(frag), offset_in_page(frag),
				 len, true);
	return frag;
}

/*
 * Neither LOGIN nor what comes before its end has digests (RFC 7143 13.1).
 * StatSN is counted here, where the order of transmission is decided.
 */
static int isct_tx_head(struct isct_conn *conn, const struct iscsi_hdr *hdr)
{
	bool login = hdr->opcode == ISCSI_OP_LOGIN_RSP;
	u32 len = ISCSI_HDR_LEN + (login ? 0 : conn->hdigest);
	void *head = isct_tx_add_frag(&conn->tx, len, ISCT_HEAD_MAX);

	if (!head)
		return -ENOMEM;
	memcpy(head, hdr, ISCSI_HDR_LEN);
	if (len > ISCSI_HDR_LEN)
		put_unaligned_le32(~crc32c(~0, hdr, ISCSI_HDR_LEN),
				   head + ISCSI_HDR_LEN);
	return 0;
}

static void isct_tx_crc(struct isct_conn *conn, struct page *page, u32 off,
			u32 len)
{
	while (len) {
		u32 part = min_t(u32, len, PAGE_SIZE - offset_in_page(off));
		void *p = kmap_local_page(nth_page(page, off >> PAGE_SHIFT));

		conn->tx.crc = crc32c(conn->tx.crc, p + offset_in_page(off),
				      part);
		kunmap_local(p);
		off += part;
		len -= part;
	}
}

/* Sense data: it is not in pages of its own. */
static int isct_tx_sense(struct isct_conn *conn)
{
	struct isct_tx *tx = &conn->tx;
	u32 len = tx->left;
	void *sense = isct_tx_add_frag(tx, len, len);

	if (!sense)
		return -ENOMEM;
	memcpy(sense, tx->sense, len);
	if (conn->ddigest)
		tx->crc = crc32c(tx->crc, sense, len);
	tx->left = 0;
	return 0;
}

/* One more segment of the data */
static int isct_tx_data(struct isct_conn *conn)
{
	struct isct_tx *tx = &conn->tx;
	struct page *page = tx->page;
	u32 len = tx->left, off = tx->off;

	if (tx->from_sense)
		return isct_tx_sense(conn);
	if (!page) {
		page = sg_page(tx->sg);
		len = min(len, tx->sg->length - tx->off);
		off += tx->sg->offset;
	}
	isct_tx_add_page(tx, page, off, len, false);
	if (conn->ddigest)
		isct_tx_crc(conn, page, off, len);
	tx->left -= len;
	tx->off += len;
	if (!tx->page && tx->off == tx->sg->length) {
		tx->sg = sg_next(tx->sg);
		tx->off = 0;
	}
	return 0;
}

static int isct_tx_trailer(struct isct_conn *conn)
{
	u32 len = conn->tx.trailer + conn->tx.digest;
	void *trailer;
	u32 crc;

	if (!len)
		return 0;
	trailer = isct_tx_add_frag(&conn->tx, len, ISCT_TRAILER_MAX);
	if (!trailer)
		return -ENOMEM;
	memset(trailer, 0, conn->tx.trailer);
	if (conn->tx.digest) {
		crc = crc32c(conn->tx.crc, trailer, conn->tx.trailer);
		put_unaligned_le32(~crc, trailer + conn->tx.trailer);
	}
	return 0;
}

static struct isct_task *isct_pdu_task(struct isct_pdu *pdu)
{
	return container_of(pdu, struct isct_task, pdu);
}

static void isct_tx_next_plain(struct isct_conn *conn, struct isct_pdu *pdu,
			       struct iscsi_hdr *hdr)
{
	*hdr = pdu->hdr;
	hton24(hdr->dlength, pdu->data_len);
	if (pdu->stat_sn)
		hdr->statsn = cpu_to_be32(conn->stat_sn++);
	conn->tx.page = pdu->page;
	conn->tx.off = 0;
}

static bool isct_tx_next_response(struct isct_conn *conn,
				  struct isct_task *task,
				  struct iscsi_hdr *hdr)
{
	struct isct_tx *tx = &conn->tx;

	/* A Data-In PDU goes on where the one before it has ended. */
	if (!task->tx_sn) {
		tx->sg = task->cmd.info.dir == SCST_DATA_BIDI ?
			 task->cmd.in_sg : task->cmd.sg;
		tx->off = 0;
	}
	if (isct_task_next_data_in(task, hdr))
		return task->answered;
	isct_task_response(task, hdr, tx->sense);
	tx->from_sense = true;
	return true;
}

/* The next header of a queue entry. Return: it was the entry's last one. */
static bool isct_tx_next(struct isct_conn *conn, struct isct_pdu *pdu,
			 struct iscsi_hdr *hdr)
{
	conn->tx.page = NULL;
	conn->tx.from_sense = false;
	switch (pdu->kind) {
	case ISCT_PDU_R2T:
		return isct_task_next_r2t(isct_pdu_task(pdu), hdr);
	case ISCT_PDU_RESPONSE:
		return isct_tx_next_response(conn, isct_pdu_task(pdu), hdr);
	default:
		isct_tx_next_plain(conn, pdu, hdr);
		break;
	}
	return true;
}

/* Begin a PDU of the entry at the head of the queue. */
static int isct_tx_begin(struct isct_conn *conn)
{
	struct isct_pdu *pdu = list_first_entry(&conn->sendq, struct isct_pdu,
						entry);
	struct isct_tx *tx = &conn->tx;
	struct iscsi_hdr hdr = {};

	if (isct_tx_next(conn, pdu, &hdr)) {
		list_del_init(&pdu->entry);
		/* A task may have something else to send before its R2T is. */
		if (pdu->kind != ISCT_PDU_R2T)
			tx->last = pdu;
	}
	isct_set_cmd_sns(conn, &hdr);
	tx->left = ntoh24(hdr.dlength);
	tx->trailer = -tx->left & (ISCSI_PAD_LEN - 1);
	tx->crc = ~0;
	tx->digest = tx->left && hdr.opcode != ISCSI_OP_LOGIN_RSP ?
		     conn->ddigest : 0;
	tx->in_pdu = true;
	return isct_tx_head(conn, &hdr);
}

/* The end of a PDU is in the segments. */
static int isct_tx_end(struct isct_conn *conn)
{
	struct isct_tx *tx = &conn->tx;

	tx->in_pdu = false;
	if (tx->last) {
		list_add_tail(&tx->last->entry, &tx->done);
		tx->last = NULL;
	}
	return isct_tx_trailer(conn);
}

/* One step: at most one more segment */
static int isct_tx_step(struct isct_conn *conn)
{
	if (conn->tx.left)
		return isct_tx_data(conn);
	return conn->tx.in_pdu ? isct_tx_end(conn) : isct_tx_begin(conn);
}

/* Fill the segments with what there is. */
static int isct_tx_fill(struct isct_conn *conn)
{
	struct isct_tx *tx = &conn->tx;
	int error = 0;

	while (!error && (tx->in_pdu || !list_empty(&conn->sendq)) &&
	       tx->nr_vecs < ISCT_TX_VECS && tx->bytes < ISCT_TX_BYTES)
		error = isct_tx_step(conn);
	iov_iter_bvec(&tx->iter, ITER_SOURCE, tx->vecs, tx->nr_vecs, tx->bytes);
	return error;
}

/* The socket has its own references now, or will never need any. */
static void isct_tx_put_vecs(struct isct_tx *tx)
{
	unsigned int i;

	for_each_set_bit(i, tx->own, tx->nr_vecs)
		put_page(tx->vecs[i].bv_page);
	bitmap_zero(tx->own, ISCT_TX_VECS);
	tx->nr_vecs = 0;
	tx->bytes = 0;
}

static void isct_tx_pdu_done(struct isct_conn *conn, struct isct_pdu *pdu)
{
	conn->pdu_bytes -= isct_pdu_size(pdu);
	isct_pdu_free(pdu);
}

/* What has gone out entirely */
static void isct_tx_done(struct isct_conn *conn)
{
	struct isct_pdu *pdu, *next;

	isct_tx_put_vecs(&conn->tx);
	list_for_each_entry_safe(pdu, next, &conn->tx.done, entry) {
		list_del_init(&pdu->entry);
		if (pdu->kind == ISCT_PDU_RESPONSE)
			isct_task_done(isct_pdu_task(pdu));
		else if (pdu->kind == ISCT_PDU_PLAIN)
			isct_tx_pdu_done(conn, pdu);
	}
}

static int isct_tx_send(struct isct_conn *conn)
{
	struct isct_tx *tx = &conn->tx;
	struct msghdr msg = {
		.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_SPLICE_PAGES,
		.msg_iter = tx->iter,
	};
	int ret;

	if (tx->left || !list_empty(&conn->sendq))
		msg.msg_flags |= MSG_MORE;
	ret = sock_sendmsg(conn->sock, &msg);
	if (ret == -EAGAIN)
		return ret;
	if (ret <= 0)
		return ret ?: -EPIPE;
	conn->last_tx = jiffies;
	iov_iter_advance(&tx->iter, ret);
	return 0;
}

int isct_tx(struct isct_conn *conn)
{
	struct isct_tx *tx = &conn->tx;
	int error;

	if (!iov_iter_count(&tx->iter)) {
		error = isct_tx_fill(conn);
		if (error)
			return error;
		if (!iov_iter_count(&tx->iter)) {
			/* The last call may have ended with the last PDU. */
			isct_tx_done(conn);
			conn->last_tx = jiffies;
			return conn->state == ISCT_CONN_ENDING ? -ESHUTDOWN :
								 -EAGAIN;
		}
	}
	error = isct_tx_send(conn);
	if (!error && !iov_iter_count(&tx->iter))
		isct_tx_done(conn);
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(isct_tx);

bool isct_tx_is_idle(const struct isct_conn *conn)
{
	return !conn->tx.in_pdu && !iov_iter_count(&conn->tx.iter) &&
	       list_empty(&conn->sendq);
}

/* What was to be sent will not be. */
void isct_tx_free(struct isct_conn *conn)
{
	struct isct_tx *tx = &conn->tx;
	struct isct_pdu *pdu;

	list_splice_tail_init(&conn->sendq, &tx->done);
	if (tx->last)
		list_add_tail(&tx->last->entry, &tx->done);
	list_for_each_entry(pdu, &tx->done, entry)
		if (pdu->kind == ISCT_PDU_RESPONSE)
			scst_cmd_not_delivered(&isct_pdu_task(pdu)->cmd);
	tx->last = NULL;
	tx->left = 0;
	tx->in_pdu = false;
	iov_iter_bvec(&tx->iter, ITER_SOURCE, tx->vecs, 0, 0);
	isct_tx_done(conn);
	page_frag_cache_drain(&tx->frags);
}
EXPORT_SYMBOL_IF_KUNIT(isct_tx_free);
