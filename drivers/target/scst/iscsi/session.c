// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: an I_T nexus from the end of its login to the last command's.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>
#include "isct.h"

/* Not the number of a session that has just ended: RFC 7143 4.4.3.1 */
static DEFINE_XARRAY_ALLOC1(isct_tsihs);
static u32 isct_next_tsih;	/* @isct_tsihs's lock */

/* RFC 7143 3.3: the initiator port is its name and the ISID. */
static struct isct_session *isct_session_find(struct isct_tgt *tgt,
					      const char *name,
					      const u8 isid[6])
{
	struct isct_session *session;

	lockdep_assert_held(&isct_config_mutex);

	list_for_each_entry(session, &tgt->sessions, entry)
		if (!strcmp(session->name, name) &&
		    !memcmp(session->isid, isid, sizeof(session->isid)))
			return session;
	return NULL;
}

static struct isct_conn *isct_session_conn(const struct isct_session *session)
{
	return rcu_dereference_protected(session->conn,
					 lockdep_is_held(&isct_config_mutex));
}

/* Somebody else waits instead, or nobody. */
static void isct_session_set_waiting(struct isct_session *session,
				     struct isct_conn *conn)
{
	struct isct_conn *old = session->waiting;

	lockdep_assert_held(&isct_config_mutex);

	if (conn) {
		isct_conn_get(conn);
		conn->awaited = session;
	}
	session->waiting = conn;
	if (old) {
		old->awaited = NULL;
		isct_conn_put(old);
	}
}

static void isct_session_free(struct isct_session *session)
{
	xa_erase(&isct_tsihs, session->tsih);
	kfree(session);
}

/* Whoever has found it there may be about to kick it. */
static void isct_session_put_conn(struct isct_session *session)
{
	struct isct_conn *conn = isct_session_conn(session);

	RCU_INIT_POINTER(session->conn, NULL);
	if (conn)
		isct_conn_put_rcu(conn);
}

/* MaxSessions lets another session in. */
static void isct_session_uncount(struct isct_session *session)
{
	lockdep_assert_held(&isct_config_mutex);

	if (session->counted)
		session->tgt->nr_sessions--;
	session->counted = false;
}

/* The next session of the same initiator port may be made. */
static void isct_session_delist(struct isct_session *session)
{
	mutex_lock(&isct_config_mutex);
	list_del(&session->entry);
	isct_session_uncount(session);
	isct_session_put_conn(session);
	if (session->waiting)
		isct_conn_event(session->waiting, ISCT_EV_RESUME);
	isct_session_set_waiting(session, NULL);
	mutex_unlock(&isct_config_mutex);
}

/* The core has forgotten the nexus. Process context. */
static void isct_session_gone(struct scst_session *sess)
{
	struct isct_session *session = sess->fabric_priv;

	isct_session_delist(session);
	isct_session_free(session);
}

/* It does not count for MaxSessions any more, however long its end takes. */
static void isct_session_end(struct isct_session *session)
{
	lockdep_assert_held(&isct_config_mutex);

	session->ending = true;
	isct_session_uncount(session);
	scst_unregister_session(session->sess, false, isct_session_gone);
}

/*
 * RFC 7143 6.3.4, 6.3.5: what an older connection of the same initiator port
 * has brought ends first. Whoever waits for the same has lost.
 */
static void isct_session_supersede(struct isct_session *session,
				   struct isct_conn *conn, bool take_over)
{
	struct isct_conn *old = isct_session_conn(session);

	if (session->waiting != conn) {
		if (session->waiting)
			isct_conn_event(session->waiting, ISCT_EV_CLOSE);
		isct_session_set_waiting(session, conn);
	}
	session->take_over = take_over;
	if (old)
		isct_conn_event(old, ISCT_EV_CLOSE);
	else if (session->ending)
		return;
	else if (take_over)
		isct_conn_event(conn, ISCT_EV_RESUME);
	else
		isct_session_end(session);
}

/*
 * With per_portal_acl the portal is part of the name that the core knows the
 * initiator by, and decides what it may see.
 */
static bool isct_session_same_portal(const struct isct_session *session,
				     const struct isct_conn *conn)
{
	char old[ISCT_ADDR_MAX], addr[ISCT_ADDR_MAX];

	if (!session->tgt->per_portal_acl)
		return true;
	isct_addr_format_ip(old, &session->portal_addr);
	isct_addr_format_ip(addr, &conn->portal_addr);
	return !strcmp(old, addr);
}

/* A TSIH that is not zero names a session that must be there (6.3.1). */
static int isct_session_check(struct isct_conn *conn, struct isct_tgt *tgt,
			      const char *name, const u8 isid[6], u16 tsih)
{
	struct isct_session *old = isct_session_find(tgt, name, isid);

	if (tgt->gone || !READ_ONCE(tgt->tgt.enabled))
		return -ESHUTDOWN;
	if (tsih && (!old || old->tsih != tsih || old->ending ||
		     !isct_session_same_portal(old, conn)))
		return -ENOENT;
	/* A second connection: MaxConnections is 1. */
	if (tsih && old->cid != conn->cid)
		return -EMLINK;
	if (old) {
		isct_session_supersede(old, conn, tsih);
		return -EINPROGRESS;
	}
	if (tgt->max_sessions && tgt->nr_sessions >= tgt->max_sessions)
		return -ENOSPC;
	return 0;
}

/* The initiator port is the name and the ISID (RFC 7143 4.2.7). */
int isct_get_transport_id(struct scst_session *sess,
			  struct scst_transport_id *id)
{
	const struct isct_session *session = sess->fabric_priv;

	return scst_transport_id_iscsi(id, session->name, session->isid);
}

static struct isct_session *isct_session_new(struct isct_conn *conn,
					     struct isct_tgt *tgt,
					     const char *name,
					     const u8 isid[6])
{
	struct isct_session *session = kzalloc(sizeof(*session), GFP_NOIO);
	u32 tsih;

	if (!session)
		return NULL;
	if (xa_alloc_cyclic(&isct_tsihs, &tsih, session, XA_LIMIT(1, U16_MAX),
			    &isct_next_tsih, GFP_NOIO) < 0) {
		kfree(session);
		return NULL;
	}
	session->tsih = tsih;
	session->tgt = tgt;
	session->cid = conn->cid;
	session->portal_addr = conn->portal_addr;
	strscpy(session->name, name);
	memcpy(session->isid, isid, sizeof(session->isid));
	INIT_LIST_HEAD(&session->entry);
	return session;
}

/* The place in the target's list is taken before the core sees the nexus. */
static int isct_session_enlist(struct isct_session *session,
			       struct isct_conn *conn, u16 tsih)
{
	struct isct_tgt *tgt = session->tgt;
	int error;

	mutex_lock(&isct_config_mutex);
	error = isct_session_check(conn, tgt, session->name, session->isid,
				   tsih);
	if (!error) {
		list_add_tail(&session->entry, &tgt->sessions);
		tgt->nr_sessions++;
		session->counted = true;
		isct_conn_get(conn);
		rcu_assign_pointer(session->conn, conn);
	}
	mutex_unlock(&isct_config_mutex);
	return error;
}

/* Does the nexus stay for another connection? */
static bool isct_session_stays(const struct isct_session *session)
{
	lockdep_assert_held(&isct_config_mutex);

	return session->waiting && session->take_over && !session->doomed;
}

void isct_session_close(struct isct_session *session, struct isct_conn *conn)
{
	/* It is in the memory of the nexus, which goes before the connection. */
	WRITE_ONCE(conn->cpus, NULL);
	isct_conn_dev_del(session);

	mutex_lock(&isct_config_mutex);
	conn->leaving = isct_session_stays(session);
	/*
	 * Other initiators need not wait until the nexus is gone for what it
	 * holds, only for its commands.
	 */
	isct_tmf_abort_all(conn, !conn->leaving);
	if (!conn->leaving)
		isct_session_end(session);
	mutex_unlock(&isct_config_mutex);
}

void isct_session_leave(struct isct_session *session, struct isct_conn *conn)
{
	mutex_lock(&isct_config_mutex);
	session->params = conn->params;
	session->exp_cmd_sn = conn->exp_cmd_sn;
	session->max_cmd_sn = conn->max_cmd_sn;
	isct_session_put_conn(session);
	if (isct_session_stays(session))
		isct_conn_event(session->waiting, ISCT_EV_RESUME);
	else
		isct_session_end(session);
	mutex_unlock(&isct_config_mutex);
}

void isct_session_unwait(struct isct_conn *conn)
{
	struct isct_session *session;

	mutex_lock(&isct_config_mutex);
	session = conn->awaited;
	if (session) {
		isct_session_set_waiting(session, NULL);
		if (!isct_session_conn(session) && !session->ending)
			isct_session_end(session);
	}
	mutex_unlock(&isct_config_mutex);
}

static void isct_conn_join(struct isct_conn *conn, struct isct_session *session)
{
	conn->session = session;
	conn->number = session->tsih;
	WRITE_ONCE(conn->cpus, &session->sess->cpus);
	isct_conn_logged_in(conn);
	isct_conn_own_thread(conn, session->sess);
	isct_conn_dev_add(session, conn);
	isct_refused_remove(session->tgt, session->sess->initiator_name);
}

/* RFC 7143 13.2 to 13.24: these are the connection's, all others the session's. */
static const u8 isct_conn_params[] = {
	ISCT_HEADER_DIGEST,
	ISCT_DATA_DIGEST,
	ISCT_MAX_RECV_SEGMENT,
	ISCT_MAX_XMIT_SEGMENT,
};

/*
 * RFC 7143 4.2.2.1: CmdSN goes on. Commands that the older connection has lost
 * were terminated with it; the initiator's next one is in the window.
 */
static int isct_session_hand_over(struct isct_session *session,
				  struct isct_conn *conn)
{
	struct isct_params params = session->params;
	int i;

	if ((s32)(conn->exp_cmd_sn - session->exp_cmd_sn) < 0 ||
	    (s32)(conn->exp_cmd_sn - session->max_cmd_sn) > 1)
		return -EPROTO;
	conn->max_cmd_sn = session->max_cmd_sn;
	for (i = 0; i < ARRAY_SIZE(isct_conn_params); i++)
		params.val[isct_conn_params[i]] =
			conn->params.val[isct_conn_params[i]];
	conn->params = params;
	isct_conn_get(conn);
	rcu_assign_pointer(session->conn, conn);
	isct_session_set_waiting(session, NULL);
	return 0;
}

/*
 * RFC 7143 6.3.4: connection reinstatement. Return: the session, NULL if there
 * is none to take over, or an errno, with which it ends.
 */
static struct isct_session *isct_session_take_over(struct isct_conn *conn)
{
	struct isct_session *session;
	int error = -ESHUTDOWN;

	mutex_lock(&isct_config_mutex);
	session = conn->awaited;
	/* A newer login waits in its place. */
	if (test_bit(ISCT_EV_CLOSE, &conn->events)) {
		session = ERR_PTR(-ECONNABORTED);
		goto unlock;
	}
	if (!session || isct_session_conn(session) || session->ending) {
		session = NULL;
		goto unlock;
	}
	if (isct_session_stays(session))
		error = isct_session_hand_over(session, conn);
	if (error) {
		isct_session_set_waiting(session, NULL);
		isct_session_end(session);
		session = ERR_PTR(error);
	}
unlock:
	mutex_unlock(&isct_config_mutex);
	return session;
}

static struct scst_session *isct_session_register(struct isct_session *session,
						  struct isct_conn *conn)
{
	struct isct_tgt *tgt = session->tgt;
	char name[ISCT_CORE_NAME_MAX];

	isct_tgt_name_initiator(tgt, session->name, &conn->portal_addr, name);
	return scst_register_session(&tgt->tgt, name, session, GFP_NOIO, NULL);
}

static int isct_session_make(struct isct_conn *conn, struct isct_tgt *tgt,
			     const char *initiator, const u8 isid[6], u16 tsih)
{
	struct isct_session *session;
	int error;

	session = isct_session_new(conn, tgt, initiator, isid);
	if (!session)
		return -ENOMEM;
	error = isct_session_enlist(session, conn, tsih);
	if (error) {
		isct_session_free(session);
		return error;
	}
	session->sess = isct_session_register(session, conn);
	if (IS_ERR(session->sess)) {
		error = PTR_ERR(session->sess);
		isct_session_delist(session);
		isct_session_free(session);
		return error;
	}
	isct_conn_join(conn, session);
	return 0;
}

int isct_session_join(struct isct_conn *conn, struct isct_tgt *tgt,
		      const char *initiator, const u8 isid[6], u16 tsih)
{
	struct isct_session *session = isct_session_take_over(conn);

	if (IS_ERR(session))
		return PTR_ERR(session);
	if (!session)
		return isct_session_make(conn, tgt, initiator, isid, tsih);
	isct_conn_join(conn, session);
	/* What was not told while nobody was there */
	isct_conn_event(conn, ISCT_EV_AEN);
	return 0;
}

void isct_session_doom(struct isct_session *session, enum isct_conn_event event)
{
	struct isct_conn *conn = isct_session_conn(session);

	session->doomed = true;
	if (conn)
		isct_conn_event(conn, event);
	else if (!session->ending)
		isct_session_end(session);
}

void isct_session_logged_out(struct isct_session *session)
{
	mutex_lock(&isct_config_mutex);
	session->doomed = true;
	isct_session_uncount(session);
	mutex_unlock(&isct_config_mutex);
}

void isct_report_aen(struct scst_session *sess)
{
	const struct isct_session *session = sess->fabric_priv;
	struct isct_conn *conn;

	guard(rcu)();
	conn = rcu_dereference(session->conn);
	if (conn)
		isct_conn_event(conn, ISCT_EV_AEN);
}

void isct_close_session(struct scst_session *sess)
{
	mutex_lock(&isct_config_mutex);
	isct_session_doom(sess->fabric_priv, ISCT_EV_LOGOUT);
	mutex_unlock(&isct_config_mutex);
}

u32 isct_session_param(struct isct_session *session, enum isct_param param)
{
	const struct isct_conn *conn;
	u32 val;

	mutex_lock(&isct_config_mutex);
	conn = isct_session_conn(session);
	val = conn ? conn->params.val[param] : session->params.val[param];
	mutex_unlock(&isct_config_mutex);
	return val;
}
