// SPDX-License-Identifier: GPL-2.0
/*
 * The login phase (RFC 7143 6.3, 11.12 and 11.13).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "isct_login.h"

/* More requests than any honest login takes */
#define LOGIN_MAX_REQUESTS	64
/* RFC 7143 13.12: what an initiator takes in the login phase */
#define LOGIN_RSP_MAX		ISCSI_DEF_MAX_RECV_SEG_LEN

#define LOGIN_STATUS(_class, _detail) \
	(ISCSI_STATUS_CLS_##_class << 8 | ISCSI_LOGIN_STATUS_##_detail)

#define LOGIN_OK		LOGIN_STATUS(SUCCESS, ACCEPT)
#define LOGIN_INITIATOR_ERROR	LOGIN_STATUS(INITIATOR_ERR, INIT_ERR)
#define LOGIN_AUTH_FAILED	LOGIN_STATUS(INITIATOR_ERR, AUTH_FAILED)
#define LOGIN_NOT_FOUND		LOGIN_STATUS(INITIATOR_ERR, TGT_NOT_FOUND)
#define LOGIN_NO_VERSION	LOGIN_STATUS(INITIATOR_ERR, NO_VERSION)
/* "Too many connections", which iscsi_proto.h calls otherwise */
#define LOGIN_TOO_MANY_CONNS	LOGIN_STATUS(INITIATOR_ERR, ISID_ERROR)
#define LOGIN_MISSING		LOGIN_STATUS(INITIATOR_ERR, MISSING_FIELDS)
#define LOGIN_NO_SESSION_TYPE	LOGIN_STATUS(INITIATOR_ERR, NO_SESSION_TYPE)
#define LOGIN_NO_SESSION	LOGIN_STATUS(INITIATOR_ERR, NO_SESSION)
#define LOGIN_MOVED_TEMP	LOGIN_STATUS(REDIRECT, TGT_MOVED_TEMP)
#define LOGIN_MOVED_PERM	LOGIN_STATUS(REDIRECT, TGT_MOVED_PERM)
#define LOGIN_TARGET_ERROR	LOGIN_STATUS(TARGET_ERR, TARGET_ERROR)
#define LOGIN_UNAVAILABLE	LOGIN_STATUS(TARGET_ERR, SVC_UNAVAILABLE)
#define LOGIN_NO_RESOURCES	LOGIN_STATUS(TARGET_ERR, NO_RESOURCES)

/* RFC 7143 11.12.3: stages that may follow, by stage */
static const u8 login_next_stages[] = {
	[ISCSI_SECURITY_NEGOTIATION_STAGE] =
		BIT(ISCSI_OP_PARMS_NEGOTIATION_STAGE) |
		BIT(ISCSI_FULL_FEATURE_PHASE),
	[ISCSI_OP_PARMS_NEGOTIATION_STAGE] = BIT(ISCSI_FULL_FEATURE_PHASE),
};

static const u8 login_phases[] = {
	[ISCSI_SECURITY_NEGOTIATION_STAGE] = ISCT_PHASE_SECURITY,
	[ISCSI_OP_PARMS_NEGOTIATION_STAGE] = ISCT_PHASE_OPERATIONAL,
};

static const char * const login_auth_methods[] = {
	[ISCT_AUTH_NONE] = "None",
	[ISCT_AUTH_CHAP] = "CHAP",
};

/**
 * struct login_error - what an initiator is told about our troubles
 * @error: errno
 * @status: status
 */
struct login_error {
	int	error;
	u16	status;
};

static const struct login_error login_errors[] = {
	{ -ENOENT, LOGIN_NO_SESSION },
	{ -EMLINK, LOGIN_TOO_MANY_CONNS },
	{ -ENOSPC, LOGIN_NO_RESOURCES },
	{ -ENOMEM, LOGIN_NO_RESOURCES },
	{ -ESHUTDOWN, LOGIN_UNAVAILABLE },
	{ -EMSGSIZE, LOGIN_INITIATOR_ERROR },
	{ -EINVAL, LOGIN_INITIATOR_ERROR },
	{ -EPROTO, LOGIN_INITIATOR_ERROR },
};

static u16 login_error_status(int error)
{
	int i;

	if (!error)
		return LOGIN_OK;
	for (i = 0; i < ARRAY_SIZE(login_errors); i++)
		if (login_errors[i].error == error)
			return login_errors[i].status;
	return LOGIN_TARGET_ERROR;
}

/* What is exchanged */

/* Some initiator's memory reclaim may wait for this login: no I/O for memory */
int isct_text_reserve(struct isct_text *text, u32 more, u32 max)
{
	u32 need, size;
	char *buf;

	if (check_add_overflow(text->len, more, &need) || need > max)
		return -EMSGSIZE;
	if (need <= text->size)
		return 0;
	size = min_t(u64, max, max_t(u64, need, 2ULL * text->size));
	buf = kvrealloc(text->buf, size, GFP_NOIO);
	if (!buf)
		return -ENOMEM;
	text->buf = buf;
	text->size = size;
	return 0;
}

int isct_text_collect(struct isct_text *text, const char *data, u32 len)
{
	int error;

	if (!len)
		return 0;
	error = isct_text_reserve(text, len, ISCT_TEXT_MAX);
	if (error)
		return error;
	memcpy(text->buf + text->len, data, len);
	text->len += len;
	return 0;
}

/* It may have held a CHAP response. */
void isct_text_free(struct isct_text *text)
{
	kvfree_sensitive(text->buf, text->size);
	memset(text, 0, sizeof(*text));
}

int isct_negotiate_all(struct isct_nego *nego, unsigned int phase,
		       struct isct_text *text, struct isct_text *reply)
{
	char *key, *value;
	int error, more;
	u32 pos = 0;

	for (;;) {
		more = isct_text_next(text, &pos, &key, &value);
		if (more <= 0)
			return more;
		error = isct_negotiate(nego, phase, key, value, reply);
		if (error)
			return error;
	}
}

/* Responses */

static void login_send(struct isct_conn *conn, struct isct_pdu *pdu, u8 flags,
		       u16 tsih, u16 status)
{
	struct iscsi_login_rsp *rsp = (struct iscsi_login_rsp *)&pdu->hdr;
	struct isct_login *login = conn->login;

	rsp->flags = flags;
	rsp->max_version = ISCSI_DRAFT20_VERSION;
	rsp->active_version = ISCSI_DRAFT20_VERSION;
	memcpy(rsp->isid, login->isid, sizeof(rsp->isid));
	rsp->tsih = cpu_to_be16(tsih);
	rsp->itt = login->itt;
	rsp->status_class = status >> 8;
	rsp->status_detail = status & 0xff;
	pdu->stat_sn = true;
	isct_conn_send(conn, pdu);
}

/* RFC 7143 6.3.1: an answer, then the end of the connection */
static void login_refuse(struct isct_conn *conn, struct isct_pdu *pdu,
			 u16 status)
{
	struct isct_login *login = conn->login;

	pr_notice_ratelimited("login from %pISpc refused, status 0x%04x\n",
			      &conn->peer_addr, status);
	if (status >> 8 != ISCSI_STATUS_CLS_REDIRECT)
		pdu->data_len = 0;
	pdu->closes = true;
	login_send(conn, pdu, login->stage << 2, login->tsih, status);
	isct_conn_end(conn);
}

/* The first request: whose session is it to be, of what kind, with whom? */

bool isct_session_visible(struct isct_tgt *tgt, const char *initiator,
			  const struct sockaddr_storage *portal)
{
	char name[ISCT_CORE_NAME_MAX];

	lockdep_assert_held(&isct_config_mutex);
	if (!isct_tgt_allows_portal(tgt, portal))
		return false;
	isct_tgt_name_initiator(tgt, initiator, portal, name);
	if (scst_initiator_has_luns(&tgt->tgt, name))
		return true;
	isct_refused_add(tgt, initiator, name);
	return false;
}

/* Already at the address that it is to go to: it would only come again. */
static bool login_redirected(const struct isct_conn *conn,
			     const struct isct_tgt *tgt)
{
	char here[ISCT_ADDR_MAX];

	if (!tgt->redirect[0])
		return false;
	isct_addr_format(here, &conn->portal_addr);
	return strcmp(here, tgt->redirect);
}

/*
 * RFC 7143 13.9: the tag comes with the first response. What an initiator may
 * not see does not exist for it, so it learns nothing else about it either.
 */
static u16 login_enter_target(struct isct_conn *conn, struct isct_tgt *tgt,
			      struct isct_text *reply)
{
	struct isct_login *login = conn->login;

	lockdep_assert_held(&isct_config_mutex);
	if (!isct_session_visible(tgt, login->initiator, &conn->portal_addr))
		return LOGIN_NOT_FOUND;
	if (tgt->gone || !READ_ONCE(tgt->tgt.enabled))
		return LOGIN_UNAVAILABLE;
	if (login_redirected(conn, tgt)) {
		if (!isct_text_add(reply, "TargetAddress", "%s", tgt->redirect))
			return LOGIN_TARGET_ERROR;
		return tgt->redirect_permanent ? LOGIN_MOVED_PERM :
						 LOGIN_MOVED_TEMP;
	}
	login->auths.group = isct_auth_find(tgt, login->initiator,
					    &conn->portal_addr);
	login->auths.common = &tgt->auth;
	login->auth_needed = !list_empty(isct_auth_incoming(&login->auths));
	isct_nego_init(&login->nego, &tgt->params);
	if (tgt->alias[0] &&
	    !isct_text_add(reply, "TargetAlias", "%s", tgt->alias))
		return LOGIN_TARGET_ERROR;
	if (!login->tsih &&
	    !isct_text_add(reply, "TargetPortalGroupTag", "%u", ISCT_TPGT))
		return LOGIN_TARGET_ERROR;
	return LOGIN_OK;
}

static u16 login_to_target(struct isct_conn *conn, struct isct_text *reply)
{
	struct isct_login *login = conn->login;
	const char *name = isct_text_peek(&login->text, "TargetName");
	u16 status;

	if (!name)
		return LOGIN_MISSING;
	login->tgt = isct_tgt_find(name);
	if (!login->tgt)
		return LOGIN_NOT_FOUND;
	mutex_lock(&isct_config_mutex);
	status = login_enter_target(conn, login->tgt, reply);
	mutex_unlock(&isct_config_mutex);
	return status;
}

static u16 login_to_discovery(struct isct_login *login)
{
	struct isct_params params;
	int i;

	/* Discovery sessions are not named, and nothing can be added to them. */
	if (login->tsih)
		return LOGIN_NO_SESSION;
	for (i = 0; i < ISCT_PARAM_NR; i++)
		params.val[i] = isct_param_descs[i].def;
	/* Anybody gets here, and sends a few words. */
	params.val[ISCT_MAX_RECV_SEGMENT] = ISCSI_DEF_MAX_RECV_SEG_LEN;
	isct_nego_init(&login->nego, &params);
	mutex_lock(&isct_config_mutex);
	login->auths.common = &isct_discovery_auth;
	login->auth_needed = !list_empty(isct_auth_incoming(&login->auths));
	mutex_unlock(&isct_config_mutex);
	return LOGIN_OK;
}

/*
 * RFC 7143 4.2.7.2 has neither in names, and other programs do not expect them
 * in a line, or a word, of what sysfs and uevents say.
 */
static bool login_name_valid(const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (iscntrl(*c) || *c == ' ')
			return false;
	return c > name;
}

static u16 login_identify(struct isct_conn *conn, struct isct_text *reply)
{
	struct isct_login *login = conn->login;
	const char *name = isct_text_peek(&login->text, "InitiatorName");
	const char *type = isct_text_peek(&login->text, "SessionType");
	bool discovery = type && !strcmp(type, "Discovery");
	u16 status;

	if (!name)
		return LOGIN_MISSING;
	if (!login_name_valid(name) || strscpy(login->initiator, name) < 0)
		return LOGIN_INITIATOR_ERROR;
	if (type && !discovery && strcmp(type, "Normal"))
		return LOGIN_NO_SESSION_TYPE;
	if (!READ_ONCE(isct_enabled))
		return LOGIN_UNAVAILABLE;
	status = discovery ? login_to_discovery(login) :
			     login_to_target(conn, reply);
	if (status)
		return status;
	login->nego.discovery = discovery;
	login->nego.leading = !login->tsih;
	/* RFC 7143 6.3.2: who goes without this stage does not authenticate. */
	if (login->stage != ISCSI_SECURITY_NEGOTIATION_STAGE &&
	    login->auth_needed)
		return LOGIN_AUTH_FAILED;
	return LOGIN_OK;
}

/* SecurityNegotiation */

static u16 login_choose_auth(struct isct_login *login, const char *list,
			     struct isct_text *reply)
{
	int method = isct_list_first(list, login_auth_methods,
				     ARRAY_SIZE(login_auth_methods),
				     login->auth_needed ? BIT(ISCT_AUTH_CHAP) :
							  BIT(ISCT_AUTH_NONE));

	if (method < 0)
		return LOGIN_AUTH_FAILED;
	login->method = method;
	if (!isct_text_add(reply, "AuthMethod", "%s",
			   login_auth_methods[method]))
		return LOGIN_INITIATOR_ERROR;
	return LOGIN_OK;
}

static u16 login_chap(struct isct_login *login, struct isct_text *reply)
{
	const char * const *given = login->nego.given;
	const struct isct_chap_keys keys = {
		.alg		= given[ISCT_GIVEN_CHAP_A],
		.name		= given[ISCT_GIVEN_CHAP_N],
		.response	= given[ISCT_GIVEN_CHAP_R],
		.id		= given[ISCT_GIVEN_CHAP_I],
		.challenge	= given[ISCT_GIVEN_CHAP_C],
	};

	if (!keys.alg && !keys.name && !keys.response && !keys.id &&
	    !keys.challenge)
		return LOGIN_OK;
	/* RFC 7143 12.1.3: not before the answer to AuthMethod */
	if (login->method != ISCT_AUTH_CHAP || given[ISCT_GIVEN_AUTH_METHOD])
		return LOGIN_INITIATOR_ERROR;
	mutex_lock(&isct_config_mutex);
	login->changes = isct_auth_changes(&login->auths);
	mutex_unlock(&isct_config_mutex);
	return isct_chap_step(&login->chap, &login->auths, &keys, reply);
}

/* @transit: the initiator wants to leave the stage; then: whether it may */
static u16 login_security(struct isct_login *login, struct isct_text *reply,
			  bool *transit)
{
	const char *list = login->nego.given[ISCT_GIVEN_AUTH_METHOD];
	u16 status = LOGIN_OK;

	if (list)
		status = login_choose_auth(login, list, reply);
	if (!status)
		status = login_chap(login, reply);
	if (status || !*transit)
		return status;
	if (login->method == ISCT_AUTH_CHAP)
		*transit = login->chap.done;
	else if (login->auth_needed)
		return LOGIN_AUTH_FAILED;
	return LOGIN_OK;
}

/* LoginOperationalNegotiation: all else was answered key by key. */
static u16 login_operational(struct isct_login *login, struct isct_text *reply,
			     bool *transit)
{
	u32 len = login->nego.offer.val[ISCT_MAX_RECV_SEGMENT];

	if (login->declared)
		return LOGIN_OK;
	if (!isct_text_add(reply, "MaxRecvDataSegmentLength", "%u", len))
		return LOGIN_INITIATOR_ERROR;
	login->nego.result.val[ISCT_MAX_RECV_SEGMENT] = len;
	login->declared = true;
	return LOGIN_OK;
}

static u16 (* const login_stages[])(struct isct_login *login,
				    struct isct_text *reply, bool *transit) = {
	[ISCSI_SECURITY_NEGOTIATION_STAGE] = login_security,
	[ISCSI_OP_PARMS_NEGOTIATION_STAGE] = login_operational,
};

/* The text of a complete request */
static u16 login_text(struct isct_conn *conn, struct isct_text *reply,
		      bool *transit)
{
	struct isct_login *login = conn->login;
	unsigned int phase = login_phases[login->stage];
	u16 status;
	int error;

	if (!login->initiator[0]) {
		status = login_identify(conn, reply);
		if (status)
			return status;
		phase |= ISCT_PHASE_FIRST;
	}
	error = isct_negotiate_all(&login->nego, phase, &login->text, reply);
	/* No honest initiator makes us say more than there is room for. */
	if (error)
		return error == -ENOSPC ? LOGIN_INITIATOR_ERROR :
					  login_error_status(error);
	return login_stages[login->stage](login, reply, transit);
}

/* The end of the login phase */

static void login_put_group(struct isct_login *login)
{
	if (login->auths.group)
		isct_auth_put(login->auths.group);
	login->auths.group = NULL;
}

/*
 * Groups and accounts may have changed since the login began, and a login may
 * be parked for long. Who has shown a secret that does not count any more, or
 * did not need any, is not let in to another group's LUNs, or where one is
 * needed now; a new login is asked for the right one.
 */
static bool login_may_join(struct isct_conn *conn)
{
	struct isct_login *login = conn->login;
	struct isct_auth *group = NULL;
	bool may, shown;

	mutex_lock(&isct_config_mutex);
	if (login->tgt)
		group = isct_auth_find(login->tgt, login->initiator,
				       &conn->portal_addr);
	shown = login->chap.done &&
		login->changes == isct_auth_changes(&login->auths);
	may = group == login->auths.group &&
	      (shown || list_empty(isct_auth_incoming(&login->auths)));
	mutex_unlock(&isct_config_mutex);
	if (group)
		isct_auth_put(group);
	return may;
}

static u8 login_digest_len(const struct isct_conn *conn, enum isct_param param)
{
	return conn->params.val[param] == ISCT_DIGEST_CRC32C ? ISCSI_CRC_LEN : 0;
}

/* Did the initiator leave out what the administrator does not do without? */
static bool login_lacks_digest(const struct isct_nego *nego)
{
	return !(nego->offer.val[ISCT_HEADER_DIGEST] &
		 nego->result.val[ISCT_HEADER_DIGEST]) ||
	       !(nego->offer.val[ISCT_DATA_DIGEST] &
		 nego->result.val[ISCT_DATA_DIGEST]);
}

/*
 * RFC 7143 11.13.3: the last response has a TSIH other than 0. For discovery
 * any will do: nobody can refer to it.
 *
 * The response itself goes out without digests, whatever was agreed on.
 */
static void login_finish(struct isct_conn *conn, struct isct_pdu *pdu)
{
	struct isct_login *login = conn->login;
	u8 flags = ISCSI_FLAG_LOGIN_TRANSIT | login->stage << 2 |
		   ISCSI_FULL_FEATURE_PHASE;
	int error = login_may_join(conn) ? 0 : -ESHUTDOWN;
	u16 tsih = 1;

	if (login_lacks_digest(&login->nego)) {
		login_refuse(conn, pdu, LOGIN_INITIATOR_ERROR);
		return;
	}
	conn->params = login->nego.result;
	if (!error && login->tgt) {
		error = isct_session_join(conn, login->tgt, login->initiator,
					  login->isid, login->tsih);
		if (error == -EINPROGRESS) {
			login->rsp = pdu;
			conn->state = ISCT_CONN_PARKED;
			return;
		}
	}
	if (error) {
		login_refuse(conn, pdu, login_error_status(error));
		return;
	}
	if (conn->session)
		tsih = conn->session->tsih;
	conn->hdigest = login_digest_len(conn, ISCT_HEADER_DIGEST);
	conn->ddigest = login_digest_len(conn, ISCT_DATA_DIGEST);
	conn->state = ISCT_CONN_FULL;
	login_put_group(login);
	login_send(conn, pdu, flags, tsih, LOGIN_OK);
}

int isct_login_resume(struct isct_conn *conn)
{
	struct isct_pdu *pdu = conn->login->rsp;

	conn->login->rsp = NULL;
	login_finish(conn, pdu);
	return 0;
}

/* Requests */

static int login_new(struct isct_conn *conn, const struct iscsi_login_req *req)
{
	struct isct_login *login = kzalloc(sizeof(*login), GFP_NOIO);

	if (!login)
		return -ENOMEM;
	memcpy(login->isid, req->isid, sizeof(login->isid));
	login->tsih = be16_to_cpu(req->tsih);
	login->itt = req->itt;
	login->stage = ISCSI_LOGIN_CURRENT_STAGE(req->flags);
	login->method = ISCT_AUTH_UNKNOWN;
	login->ttt = ISCSI_RESERVED_TAG;
	conn->cid = be16_to_cpu(req->cid);
	/* Login requests are immediate: the first command has the same one. */
	conn->exp_cmd_sn = be32_to_cpu(req->cmdsn);
	conn->max_cmd_sn = conn->exp_cmd_sn - 1;
	conn->login = login;
	return 0;
}

/* RFC 7143 11.12.1 to 11.12.9: what all requests of a login have in common */
static u16 login_check(const struct isct_conn *conn,
		       const struct iscsi_login_req *req)
{
	const struct isct_login *login = conn->login;
	u8 next = ISCSI_LOGIN_NEXT_STAGE(req->flags);

	if (req->min_version > ISCSI_DRAFT20_VERSION)
		return LOGIN_NO_VERSION;
	if (login->nr_requests > LOGIN_MAX_REQUESTS || req->itt != login->itt ||
	    memcmp(req->isid, login->isid, sizeof(req->isid)) ||
	    be16_to_cpu(req->tsih) != login->tsih ||
	    be16_to_cpu(req->cid) != conn->cid)
		return LOGIN_INITIATOR_ERROR;
	if (login->stage >= ARRAY_SIZE(login_next_stages) ||
	    ISCSI_LOGIN_CURRENT_STAGE(req->flags) != login->stage)
		return LOGIN_INITIATOR_ERROR;
	if (!(req->flags & ISCSI_FLAG_LOGIN_TRANSIT))
		return LOGIN_OK;
	if (req->flags & ISCSI_FLAG_LOGIN_CONTINUE ||
	    !(login_next_stages[login->stage] & BIT(next)))
		return LOGIN_INITIATOR_ERROR;
	return LOGIN_OK;
}

static void login_answer(struct isct_conn *conn, struct isct_pdu *pdu,
			 u8 req_flags)
{
	struct isct_login *login = conn->login;
	struct isct_text reply = {
		.buf	= page_address(pdu->page),
		.size	= LOGIN_RSP_MAX,
	};
	bool transit = req_flags & ISCSI_FLAG_LOGIN_TRANSIT;
	u8 next = ISCSI_LOGIN_NEXT_STAGE(req_flags);
	u8 flags = login->stage << 2;
	u16 status;

	status = login_text(conn, &reply, &transit);
	isct_nego_next(&login->nego);
	isct_text_free(&login->text);
	pdu->data_len = reply.len;
	if (status) {
		login_refuse(conn, pdu, status);
		return;
	}
	if (transit && next == ISCSI_FULL_FEATURE_PHASE) {
		login_finish(conn, pdu);
		return;
	}
	if (transit) {
		login->stage = next;
		flags |= ISCSI_FLAG_LOGIN_TRANSIT | next;
	}
	login_send(conn, pdu, flags, login->tsih, LOGIN_OK);
}

int isct_login_rx(struct isct_conn *conn, const struct iscsi_hdr *hdr,
		  const char *data, u32 len)
{
	const struct iscsi_login_req *req = (const void *)hdr;
	struct isct_login *login;
	struct isct_pdu *pdu;
	u16 status;

	if (!conn->login && login_new(conn, req))
		return -ENOMEM;
	login = conn->login;
	pdu = isct_pdu_alloc(ISCSI_OP_LOGIN_RSP, LOGIN_RSP_MAX);
	if (!pdu)
		return -ENOMEM;
	login->nr_requests++;
	status = login_check(conn, req);
	if (!status)
		status = login_error_status(isct_text_collect(&login->text,
							      data, len));
	if (status) {
		login_refuse(conn, pdu, status);
	} else if (req->flags & ISCSI_FLAG_LOGIN_CONTINUE) {
		/* RFC 7143 6.2: an empty response asks for the rest */
		pdu->data_len = 0;
		login_send(conn, pdu, login->stage << 2, login->tsih, LOGIN_OK);
	} else {
		login_answer(conn, pdu, req->flags);
	}
	return 0;
}

void isct_login_free(struct isct_conn *conn)
{
	struct isct_login *login = conn->login;

	if (!login)
		return;
	conn->login = NULL;
	isct_text_free(&login->text);
	isct_text_free(&login->answer);
	if (login->rsp)
		isct_pdu_free(login->rsp);
	login_put_group(login);
	if (login->tgt)
		isct_tgt_put(login->tgt);
	kfree_sensitive(login);
}
