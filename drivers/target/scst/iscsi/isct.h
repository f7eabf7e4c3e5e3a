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
#include <linux/kthread.h>
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
struct isct_pdu;
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
/* NAME or NAME#PORTAL-ADDRESS and a trailing NUL */
#define ISCT_CORE_NAME_MAX	(ISCT_NAME_MAX + 1 + ISCT_ADDR_MAX)
/* Names of refused_initiators, and all their text with its NUL */
#define ISCT_REFUSED_MAX	16
#define ISCT_REFUSED_SIZE	SZ_4K
/* RFC 7143 12.1: what one login or text exchange may collect */
#define ISCT_TEXT_MAX		SZ_64K

/* main.c */

extern const struct scst_tgt_template isct_template;
/* Connections' work: never waits for another connection's */
extern struct workqueue_struct *isct_wq;
/* Teardown and whatever may wait */
extern struct workqueue_struct *isct_free_wq;
extern bool isct_enabled;		/* targets/iscsi/enabled */
/* auth/ of targets/iscsi/: discovery */
extern struct isct_auth isct_discovery_auth;

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
 *
 * That of an initiator group is freed with the last reference to @group; the
 * others belong to what they are part of.
 *
 * @group: auth/
 * @incoming_group: auth/incoming/, accounts of initiators; if there is one,
 *	initiators must authenticate
 * @outgoing_group: auth/outgoing/, at most one account: ours, for mutual CHAP
 * @incoming: struct isct_account; isct_config_mutex
 * @outgoing: the same
 * @relatives: those of the same target, in a ring; isct_config_mutex
 * @changes: accounts made, removed, or with another secret; isct_config_mutex
 */
struct isct_auth {
	struct config_group	group;
	struct config_group	incoming_group;
	struct config_group	outgoing_group;
	struct list_head	incoming;
	struct list_head	outgoing;
	struct list_head	relatives;
	u32			changes;
};

/**
 * struct isct_auths - whose accounts count in a login
 * @group: those of the initiator's group, or NULL
 * @common: those of the target, or of discovery: for a direction that @group
 *	has no account for
 */
struct isct_auths {
	struct isct_auth	*group;
	struct isct_auth	*common;
};

void isct_auth_init(struct isct_auth *auth, struct config_group *parent);
/* auth/ of an initiator group */
struct config_group *isct_new_group_auth(struct scst_tgt *tgt);
/* That of the initiator's group, with a reference, or NULL */
struct isct_auth *isct_auth_find(struct isct_tgt *tgt, const char *initiator,
				 const struct sockaddr_storage *portal);
void isct_auth_put(struct isct_auth *auth);
/* The accounts that count, struct isct_account. Under isct_config_mutex. */
const struct list_head *isct_auth_incoming(const struct isct_auths *auths);
const struct list_head *isct_auth_outgoing(const struct isct_auths *auths);
/* How often their accounts have changed. Under isct_config_mutex. */
u32 isct_auth_changes(const struct isct_auths *auths);

/* target.c */

/*
 * Subject: targets, portals, accounts, and which sessions a target has, or whom
 * it refused.
 * Process context; nothing that waits for commands or the network under it.
 */
extern struct mutex isct_config_mutex;

/**
 * struct isct_tgt - an iSCSI target
 * @tgt: the core's
 * @entry: in the list of all targets; isct_config_mutex
 * @sessions: isct_session.entry; isct_config_mutex
 * @nr_sessions: entries in @sessions that the core was not told to forget, and
 *	whose logout was not answered
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
 * @refused: who found no LUN, newest first, a newline behind each name; NULL
 *	as long as there was nobody; isct_config_mutex
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
	char			*refused;
};

/* The target of this name, with a reference, or NULL */
struct isct_tgt *isct_tgt_find(const char *name);
void isct_tgt_put(struct isct_tgt *tgt);
/* May initiators come by this address? Under isct_config_mutex. */
bool isct_tgt_allows_portal(struct isct_tgt *tgt,
			    const struct sockaddr_storage *portal);
/* What the core knows an initiator by that comes by this address */
void isct_tgt_name_initiator(struct isct_tgt *tgt, const char *initiator,
			     const struct sockaddr_storage *portal,
			     char name[ISCT_CORE_NAME_MAX]);
extern struct list_head isct_tgts;	/* isct_config_mutex */
extern struct configfs_attribute *isct_tgt_attrs[];
struct scst_tgt *isct_new_target(const struct scst_tgt_template *tmpl,
				 const char *name);
void isct_free_target(struct scst_tgt *tgt);
void isct_target_gone(struct scst_tgt *tgt);
int isct_enable_target(struct scst_tgt *tgt, bool enable);

/* params.c */

void isct_params_init(void);
/* params/ of a target: default values, and its directory */
void isct_params_add(struct isct_tgt *tgt);
/* As its attribute shows it, with a newline */
ssize_t isct_param_print(char *page, enum isct_param param, u32 val);

/* portal.c */

/**
 * struct isct_portal - an address that we listen at
 * @item: configfs directory, whose name is the address
 * @entry: in the list of all portals; isct_config_mutex
 * @sock: listening socket, in the network namespace of whoever did mkdir,
 *	which it and the connections made there hold a reference to
 * @addr: address
 * @work: accepts what has come; later again, if there was no memory
 * @old_data_ready: the socket's own callback, and of what it accepts
 */
struct isct_portal {
	struct config_item	item;
	struct list_head	entry;
	struct socket		*sock;
	struct sockaddr_storage	addr;
	struct delayed_work	work;
	void			(*old_data_ready)(struct sock *sk);
};

extern struct list_head isct_portals;	/* isct_config_mutex */
void isct_portals_init(struct config_group *parent);
/*
 * "a.b.c.d", "[v6]" or "[v6%interface]", and perhaps ":port", which is 3260
 * otherwise. Interfaces are the ones of the caller's network namespace. 0,
 * -EINVAL, or -ENODEV if there is no such interface.
 */
int isct_addr_parse(const char *text, struct sockaddr_storage *addr);
/* "address:port" or "[address]:port", as TargetAddress carries it */
void isct_addr_format(char buf[ISCT_ADDR_MAX],
		      const struct sockaddr_storage *addr);
/* The address alone */
void isct_addr_format_ip(char buf[ISCT_ADDR_MAX],
			 const struct sockaddr_storage *addr);

/* conn.c */

/**
 * enum isct_conn_state - a connection's life
 * @ISCT_CONN_NEW: accepted; nobody but @work knows it
 * @ISCT_CONN_LOGIN: login phase
 * @ISCT_CONN_PARKED: a login that waits, without a thread, for an older session
 *	to end, or an older connection of its session; goes on with
 *	isct_login_resume()
 * @ISCT_CONN_FULL: full feature phase
 * @ISCT_CONN_ENDING: what is in the queue is still sent, nothing is received
 * @ISCT_CONN_CLOSED: the socket is shut down, tasks are ending
 */
enum isct_conn_state {
	ISCT_CONN_NEW,
	ISCT_CONN_LOGIN,
	ISCT_CONN_PARKED,
	ISCT_CONN_FULL,
	ISCT_CONN_ENDING,
	ISCT_CONN_CLOSED,
};

/* Bits in isct_conn.events: what others ask the connection's work to do */
enum isct_conn_event {
	ISCT_EV_CLOSE,		/* an error, a timeout, an administrator */
	ISCT_EV_RESUME,		/* go on with a parked login */
	ISCT_EV_LOGOUT,		/* ask the initiator to log out */
	ISCT_EV_DROP,		/* say that the connection is dropped, and do */
	ISCT_EV_TICK,		/* look at the timeouts */
	ISCT_EV_ABORTED,	/* some of its commands were aborted */
	ISCT_EV_AEN,		/* the core has something for the initiator */
	ISCT_EV_LOGGED_OUT,	/* the nexus has lost all, as a logout asks */
};

/**
 * enum isct_rx_step - what of a PDU comes next
 * @ISCT_RX_BHS: basic header segment
 * @ISCT_RX_AHS: additional header segments
 * @ISCT_RX_HDIGEST: header digest
 * @ISCT_RX_WAIT: data, but its task has no buffer yet
 * @ISCT_RX_DATA: data segment
 * @ISCT_RX_TRAILER: padding and data digest
 */
enum isct_rx_step {
	ISCT_RX_BHS,
	ISCT_RX_AHS,
	ISCT_RX_HDIGEST,
	ISCT_RX_WAIT,
	ISCT_RX_DATA,
	ISCT_RX_TRAILER,
};

/* Nobody needs more AHS than an extended CDB and a read length */
#define ISCT_AHS_MAX		(SCST_CDB_MAX + 12)

/**
 * struct isct_rx - the PDU that is being received
 * @step: what comes next
 * @done: bytes of this step that are there
 * @hdr: basic header segment
 * @ahs: additional header segments
 * @ahs_len: bytes of AHS
 * @data_len: DataSegmentLength
 * @digest: header digest as received
 * @trailer: padding and data digest as received
 * @crc: CRC32C of the data so far
 * @refused: the PDU was rejected; its data is thrown away
 * @task: task that the data is for, or NULL
 * @buf: what the data of other PDUs is collected in: @data_len bytes and a
 *	NUL; NULL if the data is thrown away
 */
struct isct_rx {
	enum isct_rx_step	step;
	u32			done;
	struct iscsi_hdr	hdr;
	u8			ahs[ISCT_AHS_MAX];
	u32			ahs_len;
	u32			data_len;
	__le32			digest;
	u8			trailer[2 * ISCSI_PAD_LEN];
	u32			crc;
	bool			refused;
	struct isct_task	*task;
	char			*buf;
};

/* Bytes that may wait for an initiator which does not receive */
#define ISCT_MAX_PDU_BYTES	SZ_256K
/* Most segments of one call to the socket */
#define ISCT_TX_VECS		80

/**
 * struct isct_tx - what is being transmitted
 * @vecs: headers, data, padding and digests of one or more PDUs
 * @own: which of @vecs hold a page reference of ours: they are not a task's
 * @nr_vecs: how many
 * @bytes: in all of them
 * @iter: what of them is left
 * @done: isct_pdu.entry of what has been sent entirely when @iter is empty
 * @in_pdu: @vecs end within a PDU, or before its trailer
 * @last: entry of the queue that ends with this PDU, or NULL
 * @sg: where a task's data goes on
 * @page: data of a PDU with a page of its own, or NULL
 * @from_sense: its data is @sense
 * @off: offset in @sg or @page
 * @left: bytes of data still to be put into @vecs
 * @trailer: bytes of padding
 * @digest: bytes of a data digest
 * @crc: CRC32C of the data so far
 * @sense: SenseLength and sense data
 * @frags: where headers come from: pages that TCP holds as long as it needs
 */
struct isct_tx {
	struct bio_vec		vecs[ISCT_TX_VECS];
	DECLARE_BITMAP(own, ISCT_TX_VECS);
	unsigned int		nr_vecs;
	u32			bytes;
	struct iov_iter		iter;
	struct list_head	done;
	bool			in_pdu;
	struct isct_pdu		*last;
	struct scatterlist	*sg;
	struct page		*page;
	bool			from_sense;
	u32			off;
	u32			left;
	u8			trailer;
	u8			digest;
	u32			crc;
	u8			sense[2 + SCST_SENSE_SIZE];
	struct page_frag_cache	frags;
};

/**
 * struct isct_tmf - a task management function
 * @mcmd: the core's
 * @conn: connection, with a reference as long as the core has the function
 * @pdu: the answer, allocated beforehand; NULL for the connection's own
 */
struct isct_tmf {
	struct scst_mgmt_cmd	mcmd;
	struct isct_conn	*conn;
	struct isct_pdu		*pdu;
};

/**
 * struct isct_conn - a TCP connection
 * @kref: the connection until it is closed, its session, @work while it is
 *	queued, and whoever else has a pointer. Put in any context.
 * @entry: in the list of connections without a session, oldest first;
 *	isct_login_lock
 * @sock: socket
 * @portal_addr: our end
 * @peer_addr: their end
 * @state: enum isct_conn_state; only written by @work
 * @mute: what closes it is in @sendq, or it is closed: nothing goes behind
 * @events: enum isct_conn_event, set in any context
 * @work: receives and transmits; on the CPU where the socket is served
 * @own_work: does instead of @work, once there is a thread for it alone
 * @worker: who does @own_work, once it is in use
 * @own_worker: a thread of its own, or NULL
 * @free_work: frees it after the last put
 * @rcu: for the session's put
 * @cpus: where @work may run, of @session, or NULL
 * @number: shares connections out over @cpus
 * @runner: who runs @work just now: need not be woken
 * @timer: for ISCT_EV_TICK
 * @session: session, from the end of login on; NULL for discovery
 * @awaited: session that a parked login waits for; isct_config_mutex
 * @leaving: closed, but @session stays for another connection, and waits for
 *	the end of what this one has brought
 * @login: login, then what its negotiations of text need
 * @params: negotiated
 * @cid: CID of the login request
 * @stat_sn: next StatSN
 * @exp_cmd_sn: next CmdSN that we take
 * @max_cmd_sn: largest CmdSN that we have announced
 * @nr_queued: non-immediate commands inside
 * @hdigest: bytes of a header digest: 0 or 4
 * @ddigest: bytes of a data digest: 0 or 4
 * @rx: PDU that comes in
 * @tx: PDUs that go out
 * @send: isct_pdu.llnode, from any context, newest first
 * @sendq: isct_pdu.entry, in the order of transmission
 * @pdu_bytes: memory of PDUs that were allocated and not sent yet
 * @tasks: isct_task.hash by Initiator Task Tag
 * @nr_tasks: entries
 * @nr_live: tasks whose memory is still there
 * @nr_tmfs: task management functions inside; any context
 * @data_wait: isct_task.wait_entry: Data-Out is awaited, longest first
 * @freed: isct_task.llnode of tasks that the core has forgotten; any context
 * @begun: jiffies when it was accepted
 * @last_rx: jiffies when something was received
 * @last_tx: jiffies when something could be sent, or there was nothing to send
 * @ping_sent: jiffies when a NOP-In was sent that is not answered
 *	yet, or when the initiator's TCP has taken something since
 * @acked: up to which sequence number
 * @pinging: there is one
 * @asked: jiffies when the initiator was asked to log out
 * @logout_asked: it was
 * @dropping: it was told that the connection is dropped
 * @ending_since: jiffies when nothing more was to be said
 * @logging_out: the initiator has asked for a logout
 * @logout_since: jiffies when it did
 * @logout_rsp: its answer, until it is sent; NULL from then on
 * @tm_logout: what takes from the nexus all that it holds before that
 * @tm_all: what ends all commands when the connection closes
 * @old_data_ready: the socket's own callback
 * @old_write_space: the same
 * @old_state_change: the same
 */
struct isct_conn {
	struct kref		kref;
	struct list_head	entry;
	struct socket		*sock;
	struct sockaddr_storage	portal_addr;
	struct sockaddr_storage	peer_addr;
	enum isct_conn_state	state;
	bool			mute;
	unsigned long		events;
	struct work_struct	work;
	struct kthread_work	own_work;
	struct kthread_worker	*worker;
	struct kthread_worker	*own_worker;
	struct work_struct	free_work;
	struct rcu_head		rcu;
	const struct cpumask	*cpus;
	u16			number;
	struct task_struct	*runner;
	struct timer_list	timer;
	struct isct_session	*session;
	struct isct_session	*awaited;
	bool			leaving;
	struct isct_login	*login;
	struct isct_params	params;
	u16			cid;
	u32			stat_sn;
	u32			exp_cmd_sn;
	u32			max_cmd_sn;
	u32			nr_queued;
	u8			hdigest;
	u8			ddigest;
	struct isct_rx		rx;
	struct isct_tx		tx;
	struct llist_head	send;
	struct list_head	sendq;
	size_t			pdu_bytes;
	DECLARE_HASHTABLE(tasks, 6);
	unsigned int		nr_tasks;
	unsigned int		nr_live;
	atomic_t		nr_tmfs;
	struct list_head	data_wait;
	struct llist_head	freed;
	unsigned long		begun;
	unsigned long		last_rx;
	unsigned long		last_tx;
	unsigned long		ping_sent;
	u32			acked;
	bool			pinging;
	unsigned long		asked;
	bool			logout_asked;
	bool			dropping;
	unsigned long		ending_since;
	bool			logging_out;
	unsigned long		logout_since;
	struct isct_pdu		*logout_rsp;
	struct isct_tmf		tm_logout;
	struct isct_tmf		tm_all;
	void			(*old_data_ready)(struct sock *sk);
	void			(*old_write_space)(struct sock *sk);
	void			(*old_state_change)(struct sock *sk);
};

/*
 * Takes over the socket. Process context. 0 or an errno, after which the
 * socket is still the caller's.
 */
int isct_conn_new(struct socket *sock);
void isct_conn_get(struct isct_conn *conn);
void isct_conn_put(struct isct_conn *conn);
/* The same, after a grace period. Once in a connection's life, any context. */
void isct_conn_put_rcu(struct isct_conn *conn);
/* Have the work look at what there is. Any context. */
void isct_conn_kick(struct isct_conn *conn);
/* Ask the connection's work to do something. Any context. */
void isct_conn_event(struct isct_conn *conn, enum isct_conn_event event);
void isct_conn_queue(struct isct_conn *conn, struct isct_pdu *pdu);
/* Take what others have left to be sent. The work only. */
void isct_conn_collect(struct isct_conn *conn);
/* Nothing is received any more; close when all is sent. The work only. */
void isct_conn_end(struct isct_conn *conn);
/* There is a session: nobody else's login pushes this one out any more. */
void isct_conn_logged_in(struct isct_conn *conn);
/* Does the session want a thread of its own? The work only. */
void isct_conn_own_thread(struct isct_conn *conn,
			  const struct scst_session *sess);
/* For module exit: no portal and no target is left. */
void isct_end_conns(void);

/* tx.c */

/**
 * enum isct_pdu_kind - what an entry of the send queue leads to
 * @ISCT_PDU_PLAIN: the PDU as it is; it was allocated and is freed then
 * @ISCT_PDU_READY: nothing to send: a task's buffer is there
 * @ISCT_PDU_R2T: a task's R2Ts, as many as may be
 * @ISCT_PDU_RESPONSE: a task's Data-In and SCSI Response
 */
enum isct_pdu_kind {
	ISCT_PDU_PLAIN,
	ISCT_PDU_READY,
	ISCT_PDU_R2T,
	ISCT_PDU_RESPONSE,
};

/**
 * struct isct_pdu - something to transmit
 * @llnode: in isct_conn.send
 * @entry: in isct_conn.sendq, or isct_tx.done
 * @kind: enum isct_pdu_kind; others than PLAIN are embedded in a task
 * @hdr: basic header segment; DataSegmentLength, StatSN, ExpCmdSN and MaxCmdSN
 *	are filled in when it is sent
 * @page: data, one page (of any order) with one reference, or NULL
 * @data_len: bytes in @page
 * @stat_sn: carries a status, and takes a StatSN
 * @closes: the last one: close the connection when it was sent
 */
struct isct_pdu {
	struct llist_node	llnode;
	struct list_head	entry;
	enum isct_pdu_kind	kind;
	struct iscsi_hdr	hdr;
	struct page		*page;
	u32			data_len;
	bool			stat_sn;
	bool			closes;
};

/* Process context; NULL if there is no memory. Room for @len bytes of data. */
struct isct_pdu *isct_pdu_alloc(u8 opcode, u32 len);
void isct_pdu_free(struct isct_pdu *pdu);
/* Bytes of memory that it takes, with its data */
size_t isct_pdu_size(const struct isct_pdu *pdu);
/* Gives the PDU away. Any context. */
void isct_conn_send(struct isct_conn *conn, struct isct_pdu *pdu);
/* One round. 0: go on; -EAGAIN: nothing can be sent now; other errno: close */
int isct_tx(struct isct_conn *conn);
/* All is sent that was queued. */
bool isct_tx_is_idle(const struct isct_conn *conn);
void isct_tx_free(struct isct_conn *conn);

/* rx.c */

/* One round. 0: go on; -EAGAIN: nothing can be received now; errno: close */
int isct_rx(struct isct_conn *conn);
void isct_rx_free(struct isct_conn *conn);
/* Refuse the PDU that is being received. 0 or an errno: close. */
int isct_reject(struct isct_conn *conn, u8 reason);

/* task.c */

/* RFC 7143 11.4.7.2: how the target refuses the data of a command */
#define ISCT_SENSE_UNEXPECTED_DATA \
	SCST_SENSE(ABORTED_COMMAND, 0x0c, 0x0c)
#define ISCT_SENSE_WRONG_AMOUNT \
	SCST_SENSE(ABORTED_COMMAND, 0x0c, 0x0d)

/**
 * struct isct_task - a SCSI command
 * @cmd: the core's
 * @conn: connection; has a reference as long as there are tasks
 * @hash: in isct_conn.tasks
 * @llnode: in isct_conn.freed
 * @wait_entry: in isct_conn.data_wait
 * @since: jiffies when it came into @wait_entry's list
 * @pdu: what it asks the connection's work for: one thing at a time
 * @itt: Initiator Task Tag
 * @lun: LUN field of the command
 * @ecdb: extended CDB when it is longer than the core copies, or NULL
 * @bidi_len: bidirectional expected read length
 * @counted: takes a place in the command window
 * @bidi: R and W were set
 * @has_data: data comes with the command, or unsolicited behind it; does not
 *	change when the core has the command
 * @ready: the core has made the buffer and waits for scst_restart_cmd()
 * @want_data: the core waits for scst_rx_data()
 * @receiving: data of a PDU is on its way
 * @unsolicited: unsolicited Data-Out is still to come
 * @held: the answer waits until that, or what R2Ts have asked for, is over
 * @given_up: a task management function of its initiator is about it
 * @failed: sense data to answer with instead of executing the command
 * @rx_off: Data-Out bytes that have come, in order
 * @rx_sg: where the next one goes
 * @rx_sg_off: offset in it
 * @sent_off: Data-Out bytes that the initiator has sent unasked, whether they
 *	had a place or not
 * @data_sn: next DataSN of the sequence of Data-Out
 * @r2t_off: Data-Out bytes that were asked for or came unsolicited
 * @seq_end: where the sequence of Data-Out ends that is being received
 * @r2t_sn: next R2TSN
 * @ttt: Target Transfer Tag of the first R2T
 * @nr_r2t: R2Ts that are outstanding
 * @tx_off: Data-In bytes sent
 * @tx_sn: next DataSN of Data-In
 * @answered: the status went with the last Data-In
 */
struct isct_task {
	struct scst_cmd		cmd;
	struct isct_conn	*conn;
	struct hlist_node	hash;
	struct llist_node	llnode;
	struct list_head	wait_entry;
	unsigned long		since;
	struct isct_pdu		pdu;
	itt_t			itt;
	struct scsi_lun		lun;
	u8			*ecdb;
	u32			bidi_len;
	bool			counted;
	bool			bidi;
	bool			has_data;
	bool			ready;
	bool			want_data;
	bool			receiving;
	bool			unsolicited;
	bool			held;
	bool			given_up;
	scst_sense_t		failed;
	u32			rx_off;
	struct scatterlist	*rx_sg;
	u32			rx_sg_off;
	u32			sent_off;
	u32			data_sn;
	u32			r2t_off;
	u32			seq_end;
	u32			r2t_sn;
	u32			ttt;
	u32			nr_r2t;
	u32			tx_off;
	u32			tx_sn;
	bool			answered;
};

extern struct kmem_cache *isct_task_cache;
struct isct_task *isct_task_find(struct isct_conn *conn, itt_t itt);
int isct_task_rx(struct isct_conn *conn);
int isct_check_cmd_sn(struct isct_conn *conn);
void isct_task_unhash(struct isct_task *task);
void isct_task_fail(struct isct_task *task);
void isct_task_answer(struct isct_task *task);
void isct_task_done(struct isct_task *task);
void isct_task_handle(struct isct_task *task);
void isct_task_reap(struct isct_conn *conn);
void isct_tasks_fail(struct isct_conn *conn);
void isct_tasks_aborted(struct isct_conn *conn);
void isct_cmd_aborted(struct scst_cmd *cmd);
void isct_xmit_response(struct scst_cmd *cmd);
void isct_preprocessing_done(struct scst_cmd *cmd);
void isct_rdy_to_xfer(struct scst_cmd *cmd);
void isct_on_free_cmd(struct scst_cmd *cmd);

/* data.c */

int isct_data_out_rx(struct isct_conn *conn);
void isct_data_done(struct isct_task *task);
void isct_data_await(struct isct_task *task);
bool isct_data_draining(const struct isct_task *task);
void isct_data_give_up(struct isct_task *task);
void isct_data_skipped(struct isct_task *task);
void isct_data_request(struct isct_task *task);
bool isct_task_next_r2t(struct isct_task *task, struct iscsi_hdr *hdr);
bool isct_task_next_data_in(struct isct_task *task, struct iscsi_hdr *hdr);
void isct_task_response(struct isct_task *task, struct iscsi_hdr *hdr,
			u8 *sense);

/* tmf.c */

int isct_tmf_rx(struct isct_conn *conn);
/* I_T NEXUS RESET, then ISCT_EV_LOGGED_OUT. Once in a connection's life. */
void isct_tmf_logout(struct isct_conn *conn);
/* The connection is closed: what it has brought shall end. */
void isct_tmf_abort_all(struct isct_conn *conn, bool nexus_lost);
void isct_task_mgmt_fn_done(struct scst_mgmt_cmd *mcmd);

/* nop.c */

int isct_nop_rx(struct isct_conn *conn);
int isct_logout_rx(struct isct_conn *conn);
/* ISCT_EV_LOGGED_OUT */
void isct_logged_out(struct isct_conn *conn);
/* ISCT_EV_LOGOUT, and ISCT_EV_DROP. 0, or an errno: close. */
int isct_ask_logout(struct isct_conn *conn);
int isct_drop(struct isct_conn *conn);
/* ISCT_EV_AEN */
void isct_send_aens(struct isct_conn *conn);
/* ISCT_EV_TICK: 0, or an errno: close. */
int isct_tick(struct isct_conn *conn);
void isct_timer_start(struct isct_conn *conn);

/* session.c */

int isct_get_transport_id(struct scst_session *sess,
			  struct scst_transport_id *id);

/**
 * struct isct_session - an I_T nexus
 * @tgt: target; stays as long as @sess
 * @entry: in isct_tgt.sessions; isct_config_mutex
 * @sess: the core's
 * @conn: connection, with a reference, which goes after a grace period; NULL
 *	while another one takes over, and in the end; written under
 *	isct_config_mutex
 * @name: initiator's iSCSI name
 * @isid: initiator's part of the session identifier
 * @tsih: ours
 * @cid: the connection's
 * @portal_addr: by which the first connection came
 * @waiting: connection whose login waits until this session is gone, or without
 *	a connection, with a reference; isct_config_mutex
 * @take_over: @waiting is to go on with this session; isct_config_mutex
 * @doomed: no connection may take it over; isct_config_mutex
 * @ending: the core was told to forget it; isct_config_mutex
 * @counted: in isct_tgt.nr_sessions; isct_config_mutex
 * @params: without a connection: of the one before; isct_config_mutex
 * @exp_cmd_sn: the same
 * @max_cmd_sn: the same
 * @conn_dev: the connection in sysfs, or NULL; the connection's work
 */
struct isct_session {
	struct isct_tgt		*tgt;
	struct list_head	entry;
	struct scst_session	*sess;
	struct isct_conn __rcu	*conn;
	char			name[ISCT_NAME_MAX + 1];
	u8			isid[6];
	u16			tsih;
	u16			cid;
	struct sockaddr_storage	portal_addr;
	struct isct_conn	*waiting;
	bool			take_over;
	bool			doomed;
	bool			ending;
	bool			counted;
	struct isct_params	params;
	u32			exp_cmd_sn;
	u32			max_cmd_sn;
	struct device		*conn_dev;
};

/*
 * The end of a normal session's login: conn->session is set. Return: 0;
 * -EINPROGRESS: an older session must end first, or what its connection has
 * brought; ISCT_EV_RESUME says when, call again then; -ENOENT: no such TSIH;
 * -EMLINK: a second connection; -EPROTO: CmdSN outside of the session's window;
 * -ENOSPC: MaxSessions; -ESHUTDOWN: the target is not enabled any more; -ENOMEM.
 */
int isct_session_join(struct isct_conn *conn, struct isct_tgt *tgt,
		      const char *initiator, const u8 isid[6], u16 tsih);
/*
 * The connection is closed: abort what is inside. The nexus ends, or with
 * conn->leaving waits for isct_session_leave().
 */
void isct_session_close(struct isct_session *session, struct isct_conn *conn);
/* Nothing of the connection is inside any more. */
void isct_session_leave(struct isct_session *session, struct isct_conn *conn);
/* A connection whose login may be waiting is closed. */
void isct_session_unwait(struct isct_conn *conn);
/*
 * The session is to end, whoever would take it over: ISCT_EV_DROP, or
 * ISCT_EV_LOGOUT. Under isct_config_mutex.
 */
void isct_session_doom(struct isct_session *session,
		       enum isct_conn_event event);
/* Its logout is about to be answered: another session may have its place. */
void isct_session_logged_out(struct isct_session *session);
/* As its connection has negotiated it, or the one before */
u32 isct_session_param(struct isct_session *session, enum isct_param param);
void isct_close_session(struct scst_session *sess);
void isct_report_aen(struct scst_session *sess);

/* sysfs.c */

extern const struct attribute_group *isct_session_groups[];

void isct_conn_dev_add(struct isct_session *session, struct isct_conn *conn);
void isct_conn_dev_del(struct isct_session *session);
int isct_sysfs_init(void);
void isct_sysfs_exit(void);

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
/*
 * May an initiator know the target, by this portal? If not for want of a LUN
 * it is in refused_initiators then. Under isct_config_mutex.
 */
bool isct_session_visible(struct isct_tgt *tgt, const char *initiator,
			  const struct sockaddr_storage *portal);

/* refused.c */

/*
 * An initiator finds no LUN. @name: what the core would know it by. No error:
 * without memory it is forgotten. Under isct_config_mutex.
 */
void isct_refused_add(struct isct_tgt *tgt, const char *initiator,
		      const char *name);
/* It was let in. Process context; takes isct_config_mutex. */
void isct_refused_remove(struct isct_tgt *tgt, const char *name);
/* The core would know them by other names now. Under isct_config_mutex. */
void isct_refused_clear(struct isct_tgt *tgt);
/* The attribute. Takes isct_config_mutex. */
ssize_t isct_refused_show(struct isct_tgt *tgt, char *page);

/* text.c */

/* One Text Request in full feature phase; otherwise as isct_login_rx() */
int isct_text_rx(struct isct_conn *conn, const struct iscsi_hdr *hdr,
		 const char *data, u32 len);

#endif /* _SCST_ISCT_H */
