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

/*
 * RFC 7143 6.3.5: a session of the same initiator port ends first, and its
 * commands with it. Whoever waits for the same one has lost.
 */
static void isct_session_supersede(struct isct_session *session,
				   struct isct_conn *conn)
{
	lockdep_assert_held(&isct_config_mutex);

	if (session->waiting != conn) {
		if (session->waiting) {
			isct_conn_event(session->waiting, ISCT_EV_CLOSE);
			isct_conn_put(session->waiting);
		}
		isct_conn_get(conn);
		session->waiting = conn;
	}
	isct_conn_event(session->conn, ISCT_EV_CLOSE);
}

/* A TSIH that is not zero names a session that must be there (6.3.1). */
static int isct_session_check(struct isct_conn *conn, struct isct_tgt *tgt,
			      const char *name, const u8 isid[6], u16 tsih)
{
	struct isct_session *old = isct_session_find(tgt, name, isid);

	if (tgt->gone || !READ_ONCE(tgt->tgt.enabled))
		return -ESHUTDOWN;
	if (tsih && (!old || old->tsih != tsih))
		return -ENOENT;
	/* A second connection: MaxConnections is 1. */
	if (tsih && old->conn->cid != conn->cid)
		return -EMLINK;
	if (old) {
		isct_session_supersede(old, conn);
		return -EINPROGRESS;
	}
	if (tgt->max_sessions && tgt->nr_sessions >= tgt->max_sessions)
		return -ENOSPC;
	return 0;
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
	session->conn = conn;
	strscpy(session->name, name);
	memcpy(session->isid, isid, sizeof(session->isid));
	INIT_LIST_HEAD(&session->entry);
	return session;
}

static void isct_session_free(struct isct_session *session)
{
	xa_erase(&isct_tsihs, session->tsih);
	kfree(session);
}

/* The place in the target's list is taken before the core sees the nexus. */
static int isct_session_enlist(struct isct_session *session, u16 tsih)
{
	struct isct_tgt *tgt = session->tgt;
	int error;

	mutex_lock(&isct_config_mutex);
	error = isct_session_check(session->conn, tgt, session->name,
				   session->isid, tsih);
	if (!error) {
		list_add_tail(&session->entry, &tgt->sessions);
		tgt->nr_sessions++;
		isct_conn_get(session->conn);
	}
	mutex_unlock(&isct_config_mutex);
	return error;
}

/* The next session of the same initiator port may be made. */
static void isct_session_delist(struct isct_session *session)
{
	struct isct_conn *waiting;

	mutex_lock(&isct_config_mutex);
	list_del(&session->entry);
	session->tgt->nr_sessions--;
	waiting = session->waiting;
	mutex_unlock(&isct_config_mutex);

	if (waiting) {
		isct_conn_event(waiting, ISCT_EV_RESUME);
		isct_conn_put(waiting);
	}
}

/* The core has forgotten the nexus. Process context. */
static void isct_session_gone(struct scst_session *sess)
{
	struct isct_session *session = sess->fabric_priv;
	struct isct_conn *conn = session->conn;

	isct_session_delist(session);
	isct_session_free(session);
	isct_conn_put(conn);
}

void isct_session_close(struct isct_session *session)
{
	struct isct_conn *conn = session->conn;
	struct scst_session *sess = session->sess;

	/* It is in the memory of the nexus, which goes before the connection. */
	WRITE_ONCE(conn->cpus, NULL);
	isct_conn_dev_del(session);
	conn->tm_all.fabric_priv = NULL;
	scst_rx_mgmt_fn_lun(&conn->tm_all, sess, SCST_TM_ABORT_ALL_SESS, NULL);
	scst_unregister_session(sess, false, isct_session_gone);
}

static struct scst_session *isct_session_register(struct isct_session *session)
{
	struct isct_tgt *tgt = session->tgt;
	char name[ISCT_NAME_MAX + 1 + ISCT_ADDR_MAX];
	char addr[ISCT_ADDR_MAX];

	strscpy(name, session->name);
	if (tgt->per_portal_acl) {
		isct_addr_format_ip(addr, &session->conn->portal_addr);
		snprintf(name, sizeof(name), "%s#%s", session->name, addr);
	}
	return scst_register_session(&tgt->tgt, name, session, GFP_NOIO, NULL);
}

int isct_session_join(struct isct_conn *conn, struct isct_tgt *tgt,
		      const char *initiator, const u8 isid[6], u16 tsih)
{
	struct isct_session *session;
	int error;

	session = isct_session_new(conn, tgt, initiator, isid);
	if (!session)
		return -ENOMEM;
	error = isct_session_enlist(session, tsih);
	if (error) {
		isct_session_free(session);
		return error;
	}
	session->sess = isct_session_register(session);
	if (IS_ERR(session->sess)) {
		error = PTR_ERR(session->sess);
		isct_session_delist(session);
		isct_session_free(session);
		isct_conn_put(conn);
		return error;
	}
	conn->session = session;
	conn->number = session->tsih;
	WRITE_ONCE(conn->cpus, &session->sess->cpus);
	isct_conn_logged_in(conn);
	isct_conn_dev_add(session);
	return 0;
}
