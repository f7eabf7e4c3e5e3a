// SPDX-License-Identifier: GPL-2.0
/*
 * Text Requests in the full feature phase (RFC 7143 11.10 and 11.11):
 * SendTargets, and what may be negotiated again.
 */
#include <linux/mm.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include "isct_login.h"

/* Requests in one exchange: ISCT_TEXT_MAX in parts that are not silly */
#define TEXT_MAX_REQUESTS	256
/* Most of an answer in one PDU: no more pages in a row than are easily found */
#define TEXT_RSP_MAX		SZ_32K
/* All that SendTargets may be answered with: names of 20,000 targets or so */
#define TEXT_ANSWER_MAX		SZ_8M
/* Answers to keys, beside SendTargets */
#define TEXT_REPLY_MAX		SZ_8K

/* SendTargets (RFC 7143 appendix C) */

/*
 * 0.0.0.0 or :: is no address to log in to, hence the one that this initiator
 * has come by; with the other family there is none that it is sure to reach.
 */
static bool text_portal_addr(const struct isct_conn *conn,
			     const struct isct_portal *portal,
			     struct sockaddr_storage *addr)
{
	const struct sockaddr_in6 *any6 = (const void *)&portal->addr;
	const struct sockaddr_in *any4 = (const void *)&portal->addr;
	bool any;

	if (!net_eq(sock_net(portal->sock->sk), sock_net(conn->sock->sk)))
		return false;
	*addr = portal->addr;
	if (portal->addr.ss_family == AF_INET6)
		any = ipv6_addr_any(&any6->sin6_addr);
	else
		any = any4->sin_addr.s_addr == htonl(INADDR_ANY);
	if (!any)
		return true;
	if (conn->portal_addr.ss_family != portal->addr.ss_family)
		return false;
	*addr = conn->portal_addr;
	if (addr->ss_family == AF_INET6)
		((struct sockaddr_in6 *)addr)->sin6_port = any6->sin6_port;
	else
		((struct sockaddr_in *)addr)->sin_port = any4->sin_port;
	return true;
}

static int text_add_address(struct isct_text *answer,
			    const struct sockaddr_storage *addr)
{
	char buf[ISCT_ADDR_MAX];
	int error = isct_text_reserve(answer, ISCT_ADDR_MAX + 32,
				      TEXT_ANSWER_MAX);

	if (error)
		return error;
	isct_addr_format(buf, addr);
	isct_text_add(answer, "TargetAddress", "%s,%u", buf, ISCT_TPGT);
	return 0;
}

/* A target that the initiator can log in to by no portal is not there. */
static int text_add_target(const struct isct_conn *conn, struct isct_tgt *tgt,
			   struct isct_text *answer)
{
	const char *initiator = conn->login->initiator;
	u32 before = answer->len, named;
	struct sockaddr_storage addr;
	struct isct_portal *portal;
	int error;

	lockdep_assert_held(&isct_config_mutex);
	if (tgt->gone || !READ_ONCE(tgt->tgt.enabled))
		return 0;
	error = isct_text_reserve(answer, ISCT_NAME_MAX + 32, TEXT_ANSWER_MAX);
	if (error)
		return error;
	isct_text_add(answer, "TargetName", "%s", tgt->tgt.name);
	named = answer->len;
	list_for_each_entry(portal, &isct_portals, entry) {
		if (!text_portal_addr(conn, portal, &addr) ||
		    !isct_session_visible(tgt, initiator, &addr))
			continue;
		error = text_add_address(answer, &addr);
		if (error)
			return error;
	}
	if (answer->len == named)
		answer->len = before;
	return 0;
}

/* "All", or the one of this name; of a normal session no other but its own */
static int text_add_targets(const struct isct_conn *conn, const char *name,
			    struct isct_text *answer)
{
	struct isct_tgt *own = conn->login->tgt, *tgt;
	bool all = !strcmp(name, "All");
	int error = 0;

	mutex_lock(&isct_config_mutex);
	list_for_each_entry(tgt, &isct_tgts, entry) {
		if (own && own != tgt)
			continue;
		if (!all && name[0] && strcmp(name, tgt->tgt.name))
			continue;
		error = text_add_target(conn, tgt, answer);
		if (error)
			break;
	}
	mutex_unlock(&isct_config_mutex);
	return error;
}

/*
 * A discovery session has no target of its own to ask for, and a normal one
 * must not learn about others.
 */
static int text_send_targets(const struct isct_conn *conn, const char *name,
			     struct isct_text *answer)
{
	int error;

	if (conn->login->tgt ? strcmp(name, "All") : name[0] != 0)
		return text_add_targets(conn, name, answer);
	error = isct_text_reserve(answer, 32, TEXT_ANSWER_MAX);
	if (error)
		return error;
	isct_text_add(answer, "SendTargets", "Reject");
	return 0;
}

/* Negotiation */

static void text_limits(struct isct_conn *conn, struct isct_params *offer)
{
	int i;

	for (i = 0; i < ISCT_PARAM_NR; i++)
		offer->val[i] = isct_param_descs[i].def;
	if (!conn->login->tgt)
		return;
	mutex_lock(&isct_config_mutex);
	*offer = conn->login->tgt->params;
	mutex_unlock(&isct_config_mutex);
}

static void text_begin(struct isct_conn *conn, const struct iscsi_text *req)
{
	struct isct_login *login = conn->login;
	struct isct_params offer;

	text_limits(conn, &offer);
	isct_nego_init(&login->nego, &offer);
	login->nego.result = conn->params;
	login->nego.discovery = !login->tgt;
	isct_text_free(&login->text);
	isct_text_free(&login->answer);
	login->sent = 0;
	login->nr_requests = 0;
	login->itt = req->itt;
	login->ttt = ISCSI_RESERVED_TAG;
}

/* The request is complete: make the answer. */
static int text_answer(struct isct_conn *conn)
{
	struct isct_login *login = conn->login;
	struct isct_text *answer = &login->answer;
	const char *name;
	int error;

	isct_text_free(answer);
	login->sent = 0;
	if (!login->text.len)
		return 0;
	error = isct_text_reserve(answer, TEXT_REPLY_MAX, TEXT_ANSWER_MAX);
	if (error)
		return error;
	error = isct_negotiate_all(&login->nego, ISCT_PHASE_FULL, &login->text,
				   answer);
	if (error)
		return error;
	name = login->nego.given[ISCT_GIVEN_SEND_TARGETS];
	if (name)
		error = text_send_targets(conn, name, answer);
	isct_nego_next(&login->nego);
	isct_text_free(&login->text);
	/* RFC 7143 13.12: a declaration counts from now on. */
	conn->params.val[ISCT_MAX_XMIT_SEGMENT] =
		login->nego.result.val[ISCT_MAX_XMIT_SEGMENT];
	return error;
}

/* Responses */

/* Any but the reserved tag, and not the one of the exchange before */
static u32 text_new_ttt(struct isct_login *login)
{
	if (++login->next_ttt == ISCSI_RESERVED_TAG)
		login->next_ttt = 0;
	return login->next_ttt;
}

/*
 * RFC 7143 11.11: the exchange goes on, with a Target Transfer Tag, as long as
 * either side has more to say; C is for text that is cut, and F then 0.
 */
static int text_respond(struct isct_conn *conn, u8 req_flags)
{
	struct isct_login *login = conn->login;
	u32 left = login->answer.len - login->sent;
	u32 len = min3(left, conn->params.val[ISCT_MAX_XMIT_SEGMENT],
		       TEXT_RSP_MAX);
	struct isct_pdu *pdu = isct_pdu_alloc(ISCSI_OP_TEXT_RSP, len);
	struct iscsi_text_rsp *rsp;

	if (!pdu)
		return -ENOMEM;
	rsp = (struct iscsi_text_rsp *)&pdu->hdr;
	rsp->itt = login->itt;
	if (len < left)
		rsp->flags = ISCSI_FLAG_TEXT_CONTINUE;
	else
		rsp->flags = req_flags & ISCSI_FLAG_CMD_FINAL;
	if (rsp->flags == ISCSI_FLAG_CMD_FINAL)
		login->ttt = ISCSI_RESERVED_TAG;
	else if (login->ttt == ISCSI_RESERVED_TAG)
		login->ttt = text_new_ttt(login);
	rsp->ttt = cpu_to_be32(login->ttt);
	if (len)
		memcpy(page_address(pdu->page), login->answer.buf + login->sent,
		       len);
	login->sent += len;
	if (login->sent == login->answer.len) {
		isct_text_free(&login->answer);
		login->sent = 0;
	}
	pdu->stat_sn = true;
	isct_conn_send(conn, pdu);
	return 0;
}

/* Requests */

/* Is this a request that may come now? */
static bool text_valid(const struct isct_login *login,
		       const struct iscsi_text *req, u32 len)
{
	u32 ttt = be32_to_cpu(req->ttt);

	if (req->flags & ISCSI_FLAG_CMD_FINAL &&
	    req->flags & ISCSI_FLAG_TEXT_CONTINUE)
		return false;
	/* A new exchange gives up the one before. */
	if (ttt == ISCSI_RESERVED_TAG)
		return true;
	if (ttt != login->ttt || req->itt != login->itt ||
	    login->nr_requests >= TEXT_MAX_REQUESTS)
		return false;
	/* The rest of an answer is asked for with an empty request. */
	return !login->answer.len ||
	       (!len && !(req->flags & ISCSI_FLAG_TEXT_CONTINUE));
}

static int text_step(struct isct_conn *conn, const struct iscsi_text *req,
		     const char *data, u32 len)
{
	struct isct_login *login = conn->login;
	int error;

	if (login->answer.len)
		return 0;
	login->nr_requests++;
	error = isct_text_collect(&login->text, data, len);
	if (error || req->flags & ISCSI_FLAG_TEXT_CONTINUE)
		return error;
	return text_answer(conn);
}

/*
 * RFC 7143 7.11: in the full feature phase a negotiation that fails is undone
 * and rejected, the session goes on.
 */
int isct_text_rx(struct isct_conn *conn, const struct iscsi_hdr *hdr,
		 const char *data, u32 len)
{
	const struct iscsi_text *req = (const void *)hdr;
	struct isct_login *login = conn->login;
	int error = isct_check_cmd_sn(conn);

	if (error)
		return error == -ESTALE ? 0 : error;
	if (!text_valid(login, req, len))
		return isct_reject(conn, ISCSI_REASON_PROTOCOL_ERROR);
	if (req->ttt == cpu_to_be32(ISCSI_RESERVED_TAG))
		text_begin(conn, req);
	error = text_step(conn, req, data, len);
	if (!error)
		return text_respond(conn, req->flags);
	text_begin(conn, req);
	if (error == -ENOMEM)
		return error;
	return isct_reject(conn, ISCSI_REASON_NEGOTIATION_RESET);
}
