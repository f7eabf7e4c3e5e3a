/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The iSCSI fabric (RFC 7143), by the file that defines what follows.
 *
 *	portal		a listening socket, below targets/iscsi/portals/
 *	target		an iSCSI target node with one portal group
 *	connection	a TCP connection: login, then its session's only one
 *	session		an I_T nexus: scst_session and what outlives the socket
 *	task		a SCSI command
 *
 * A connection has one work item, which receives, executes and transmits. All
 * that belongs to a connection is touched by this work only, unless it says
 * otherwise: hence there are no locks around tasks, sequence numbers or PDUs.
 * Whoever else has something to send leaves it in a lock-free list and queues
 * the work.
 */
#ifndef _SCST_ISCT_H
#define _SCST_ISCT_H

#include <linux/bvec.h>
#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/uio.h>
#include <linux/workqueue.h>
#include <scsi/iscsi_proto.h>
#include <scst/fabric.h>
#include "isct_keys.h"

struct isct_conn;
struct isct_login;
struct isct_portal;
struct isct_session;
struct isct_task;
struct isct_tgt;

/* RFC 7143 13.10: one portal group, hence one tag for all portals */
#define ISCT_TPGT		1
/* RFC 7143 4.2.7.1: longest iSCSI name, without the trailing NUL */
#define ISCT_NAME_MAX		223
#define ISCT_ALIAS_MAX		255
/* "[ipv6%scope]:port" and a trailing NUL */
#define ISCT_ADDR_MAX		80
/* RFC 7143 12.1: what one login or text exchange may collect */
#define ISCT_TEXT_MAX		SZ_64K

/* main.c */

extern const struct scst_tgt_template isct_template;
/* Connections' work: never waits for another connection's */
extern struct workqueue_struct *isct_wq;
/* Teardown and whatever may wait */
extern struct workqueue_struct *isct_free_wq;

/* auth.c */

/**
 * struct isct_account - a CHAP name with its secret
 * @item: configfs directory, whose name is the CHAP name
 * @entry: in isct_auth.incoming; isct_config_mutex
 * @secret: password; its length may be 0 as long as it was not set
 */
struct isct_account {
	struct config_item	item;
	struct list_head	entry;
	char			secret[256];
};

/**
 * struct isct_auth - who may log in, and who we say we are
 * @group: auth/
 * @incoming_group: auth/incoming/, accounts of initiators; if there is one,
 *	initiators must authenticate
 * @outgoing_group: auth/outgoing/, at most one account: ours, for mutual CHAP
 * @incoming: struct isct_account; isct_config_mutex
 * @outgoing: the same
 */
struct isct_auth {
	struct config_group	group;
	struct config_group	incoming_group;
	struct config_group	outgoing_group;
	struct list_head	incoming;
	struct list_head	outgoing;
};

void isct_auth_init(struct isct_auth *auth, struct config_group *parent);

/* target.c */

/*
 * Subject: targets, portals, accounts, and which sessions a target has.
 * Process context; nothing that waits for commands or the network under it.
 */
extern struct mutex isct_config_mutex;

/**
 * struct isct_tgt - an iSCSI target
 * @tgt: the core's
 * @entry: in the list of all targets; isct_config_mutex
 * @sessions: isct_session.entry; isct_config_mutex
 * @nr_sessions: entries in @sessions
 * @params: what the target negotiates with: the values that an administrator
 *	has set below params/; isct_config_mutex
 * @params_group: params/
 * @auth: auth/
 * @allowed_portals_group: allowed_portals/
 * @allowed_portals: patterns, in order; isct_config_mutex. None: all portals
 * @alias: TargetAlias, may be empty; isct_config_mutex
 * @redirect: "ADDRESS[:PORT]" to send initiators to, or empty; the same
 * @redirect_permanent: the redirection is for good
 * @per_portal_acl: initiators are known to the core as NAME#PORTAL-ADDRESS
 * @max_sessions: more are refused; 0 for no limit
 * @gone: rmdir or disabled: no session may join any more; isct_config_mutex
 */
struct isct_tgt {
	struct scst_tgt		tgt;
	struct list_head	entry;
	struct list_head	sessions;
	unsigned int		nr_sessions;
	struct isct_params	params;
	struct config_group	params_group;
	struct isct_auth	auth;
	struct config_group	allowed_portals_group;
	struct list_head	allowed_portals;
	char			alias[ISCT_ALIAS_MAX + 1];
	char			redirect[ISCT_ADDR_MAX];
	bool			redirect_permanent;
	bool			per_portal_acl;
	unsigned int		max_sessions;
	bool			gone;
};

/*
 * Which of the targets may an initiator that came in by this address know?
 * With its reference, or NULL.
 */
struct isct_tgt *isct_tgt_find(const char *name);
void isct_tgt_put(struct isct_tgt *tgt);
bool isct_tgt_allows_portal(struct isct_tgt *tgt,
			    const struct sockaddr_storage *portal);
extern struct list_head isct_tgts;	/* isct_config_mutex */
/* auth/ of targets/iscsi/: discovery */
extern struct isct_auth isct_discovery_auth;
extern bool isct_enabled;		/* targets/iscsi/enabled */

/* portal.c */

/**
 * struct isct_portal - an address that we listen at
 * @item: configfs directory, whose name is the address
 * @entry: in the list of all portals; isct_config_mutex
 * @sock: listening socket, in the network namespace of whoever did mkdir; the
 *	portal holds a reference to the namespace
 * @addr: address
 * @work: accepts what has come
 */
struct isct_portal {
	struct config_item	item;
	struct list_head	entry;
	struct socket		*sock;
	struct sockaddr_storage	addr;
	struct work_struct	work;
};

extern struct list_head isct_portals;	/* isct_config_mutex */
/* "address:port" or "[address]:port", as TargetAddress carries it */
void isct_addr_format(char buf[ISCT_ADDR_MAX],
		      const struct sockaddr_storage *addr);

/* conn.c */

/**
 * enum isct_conn_state - a connection's life
 * @ISCT_CONN_LOGIN: login phase
 * @ISCT_CONN_PARKED: a login that waits, without a thread, for older sessions
 *	to end; goes on with isct_login_resume()
 * @ISCT_CONN_FULL: full feature phase
 * @ISCT_CONN_LOGOUT: the logout response is on its way; nothing is received
 * @ISCT_CONN_CLOSING: the socket is shut down, tasks are ending
 */
enum isct_conn_state {
	ISCT_CONN_LOGIN,
	ISCT_CONN_PARKED,
	ISCT_CONN_FULL,
	ISCT_CONN_LOGOUT,
	ISCT_CONN_CLOSING,
};

/* Bits in isct_conn.events: what others ask the connection's work to do */
enum isct_conn_event {
	ISCT_EV_CLOSE,		/* an error, a timeout, an administrator */
	ISCT_EV_RESUME,		/* go on with a parked login */
	ISCT_EV_LOGOUT,		/* ask the initiator to log out */
	ISCT_EV_TICK,		/* look at the timeouts */
};

/**
 * enum isct_rx_step - what of a PDU comes next
 */
enum isct_rx_step {
	ISCT_RX_BHS,
	ISCT_RX_AHS,
	ISCT_RX_HDIGEST,
	ISCT_RX_WAIT,		/* data must wait for its task's buffer */
	ISCT_RX_DATA,
	ISCT_RX_PAD,
	ISCT_RX_DDIGEST,
};

/* AHS are at most 255 words; nobody needs more than a CDB and a length */
#define ISCT_AHS_MAX		(SCST_CDB_MAX + 12)

/**
 * struct isct_rx - the PDU that is being received
 * @step: what comes next
 * @done: bytes of this step that are there
 * @hdr: basic header segment
 * @ahs: additional header segments, as far as they are of interest
 * @ahs_len: bytes of AHS
 * @data_len: DataSegmentLength
 * @pad_len: bytes that fill the data up to a word
 * @digest: digest as received
 * @crc: CRC32C of the data so far
 * @task: task that the data is for, or NULL
 * @task_off: offset in the task's buffer
 * @keep: how many bytes of data have a place; the others are thrown away
 * @buf: what the data of other PDUs is collected in, of @data_len, or NULL
 */
struct isct_rx {
	enum isct_rx_step	step;
	u32			done;
	struct iscsi_hdr	hdr;
	u8			ahs[ISCT_AHS_MAX];
	u32			ahs_len;
	u32			data_len;
	u32			pad_len;
	__le32			digest;
	u32			crc;
	struct isct_task	*task;
	u32			task_off;
	u32			keep;
	u8			*buf;
};

/* Most segments of one call to the socket */
#define ISCT_TX_VECS		80

/**
 * struct isct_tx - what is being transmitted
 * @vecs: header, data, padding and digest of the PDU, in pages of their own
 * @iter: what is left of them
 * @pdu: PDU that ends when @iter does, or NULL
 * @task: task whose data @iter is part of, or NULL
 * @frags: where headers come from: pages that TCP holds as long as it needs
 */
struct isct_tx {
	struct bio_vec		vecs[ISCT_TX_VECS];
	struct iov_iter		iter;
	struct isct_pdu		*pdu;
	struct isct_task	*task;
	struct page_frag_cache	frags;
};

/**
 * struct isct_conn - a TCP connection
 * @kref: the work (until the socket is closed), the session, each task and
 *	whoever else has a pointer; any context
 * @sock: socket
 * @portal_addr: our end
 * @peer_addr: their end
 * @state: enum isct_conn_state; only written by @work
 * @events: enum isct_conn_event, set in any context
 * @work: receives and transmits; on the CPU where the socket is served
 * @wq: where @work runs
 * @session: session, from the end of login on
 * @login: only in the login phase
 * @params: negotiated
 * @cid: CID of the login request
 * @stat_sn: next StatSN
 * @exp_stat_sn: what the initiator has acknowledged
 * @rx: PDU that comes in
 * @tx: PDU that goes out
 * @hdigest: bytes of a header digest: 0 or 4
 * @ddigest: bytes of a data digest: 0 or 4
 * @send: isct_pdu.llnode, from any context, newest first
 * @sendq: isct_pdu.entry, in the order of transmission
 * @tasks: isct_task.hash by ITT
 * @freed: isct_task.llnode of tasks that the core has forgotten; any context
 * @tm_all: SCST_TM_ABORT_ALL_SESS when the connection closes
 */
struct isct_conn {
	struct kref		kref;
	struct socket		*sock;
	struct sockaddr_storage	portal_addr;
	struct sockaddr_storage	peer_addr;
	enum isct_conn_state	state;
	unsigned long		events;
	struct work_struct	work;
	struct workqueue_struct	*wq;
	struct isct_session	*session;
	struct isct_login	*login;
	struct isct_params	params;
	u16			cid;
	u32			stat_sn;
	u32			exp_stat_sn;
	struct isct_rx		rx;
	struct isct_tx		tx;
	u8			hdigest;
	u8			ddigest;
	struct llist_head	send;
	struct list_head	sendq;
	DECLARE_HASHTABLE(tasks, 6);
	struct llist_head	freed;
	struct scst_mgmt_cmd	tm_all;
};

/*
 * Takes over the socket. Process context. 0 or an errno, after which the
 * socket is still the caller's.
 */
int isct_conn_new(struct socket *sock);
void isct_conn_get(struct isct_conn *conn);
void isct_conn_put(struct isct_conn *conn);
/* Ask the connection's work to do something. Any context. */
void isct_conn_event(struct isct_conn *conn, enum isct_conn_event event);

/* tx.c */

/**
 * struct isct_pdu - a PDU to transmit
 * @llnode: in isct_conn.send
 * @entry: in isct_conn.sendq
 * @hdr: basic header segment; DataSegmentLength, StatSN, ExpCmdSN and MaxCmdSN
 *	are filled in when it is sent
 * @page: data, one compound page with one reference, or NULL
 * @data_len: bytes in @page
 * @stat_sn: it carries a status, and takes a StatSN
 * @closes: the last one: close the connection when it was sent
 * @task: the PDU is the answer of this task, which it is embedded in, or NULL
 */
struct isct_pdu {
	struct llist_node	llnode;
	struct list_head	entry;
	struct iscsi_hdr	hdr;
	struct page		*page;
	u32			data_len;
	bool			stat_sn;
	bool			closes;
	struct isct_task	*task;
};

/* Process context; NULL if there is no memory. Room for @len bytes of data. */
struct isct_pdu *isct_pdu_alloc(u8 opcode, u32 len);
void isct_pdu_free(struct isct_pdu *pdu);
/* Gives the PDU away. Any context. */
void isct_conn_send(struct isct_conn *conn, struct isct_pdu *pdu);

/* session.c */

/**
 * struct isct_session - an I_T nexus
 * @kref: the connection, and whoever looks at it
 * @tgt: target; a reference
 * @entry: in isct_tgt.sessions; isct_config_mutex
 * @sess: the core's
 * @conn: connection; set as long as it is in @entry's list
 * @name: initiator's iSCSI name
 * @isid: initiator's part of the session identifier
 * @tsih: ours
 * @exp_cmd_sn: next CmdSN that we take; the connection's work
 * @max_cmd_sn: largest CmdSN that we have announced; the connection's work
 * @nr_queued: non-immediate commands inside; the connection's work
 * @waiting: connection whose login waits until this session is gone, with a
 *	reference; isct_config_mutex
 */
struct isct_session {
	struct kref		kref;
	struct isct_tgt		*tgt;
	struct list_head	entry;
	struct scst_session	*sess;
	struct isct_conn	*conn;
	char			name[ISCT_NAME_MAX + 1];
	u8			isid[6];
	u16			tsih;
	u32			exp_cmd_sn;
	u32			max_cmd_sn;
	u32			nr_queued;
	struct isct_conn	*waiting;
};

/* login.c */

/*
 * One Login Request, complete, in the connection's work. Sends the response.
 * Return: 0, or an errno: close as soon as what was sent is out.
 */
int isct_login_rx(struct isct_conn *conn, const struct iscsi_hdr *hdr,
		  const char *data, u32 len);
/* ISCT_EV_RESUME: the sessions in the way of a parked login are gone. */
int isct_login_resume(struct isct_conn *conn);
void isct_login_free(struct isct_conn *conn);

/* text.c */

/* One Text Request in full feature phase; otherwise as isct_login_rx() */
int isct_text_rx(struct isct_conn *conn, const struct iscsi_hdr *hdr,
		 const char *data, u32 len);

#endif /* _SCST_ISCT_H */
