// SPDX-License-Identifier: GPL-2.0
/*
 * A connection: its work, the socket's callbacks, and its end.
 */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/sock.h>
#include "isct.h"

/* Rounds of receiving and sending until other connections have their turn */
#define ISCT_BUDGET		16
/* PDUs to receive before the answers are sent */
#define ISCT_RX_BATCH		16
/* Logins and discoveries; when there are more, the oldest one has to go */
#define ISCT_MAX_LOGINS		256

/* Subject: the list of connections without a session, and their number */
static DEFINE_SPINLOCK(isct_login_lock);
static LIST_HEAD(isct_logins);
static unsigned int isct_nr_logins;

/* Connections whose memory is still there, and one */
static refcount_t isct_nr_conns = REFCOUNT_INIT(1);
static DECLARE_COMPLETION(isct_no_conns);

void isct_end_conns(void)
{
	struct isct_conn *conn;

	/* Nothing is accepted any more; what was has begun to log in then. */
	flush_workqueue(isct_wq);
	spin_lock_bh(&isct_login_lock);
	list_for_each_entry(conn, &isct_logins, entry)
		isct_conn_event(conn, ISCT_EV_CLOSE);
	spin_unlock_bh(&isct_login_lock);
	if (!refcount_dec_and_test(&isct_nr_conns))
		wait_for_completion(&isct_no_conns);
}

static void isct_conn_free(struct work_struct *work)
{
	struct isct_conn *conn = container_of(work, struct isct_conn,
					      free_work);

	isct_task_reap(conn);
	isct_tx_free(conn);
	isct_rx_free(conn);
	sock_release(conn->sock);
	if (conn->own_worker)
		kthread_destroy_worker(conn->own_worker);
	kfree(conn);
	if (refcount_dec_and_test(&isct_nr_conns))
		complete(&isct_no_conns);
}

static void isct_conn_release(struct kref *kref)
{
	struct isct_conn *conn = container_of(kref, struct isct_conn, kref);

	queue_work(isct_free_wq, &conn->free_work);
}

void isct_conn_get(struct isct_conn *conn)
{
	kref_get(&conn->kref);
}

void isct_conn_put(struct isct_conn *conn)
{
	kref_put(&conn->kref, isct_conn_release);
}

static void isct_conn_put_work(struct rcu_head *rcu)
{
	isct_conn_put(container_of(rcu, struct isct_conn, rcu));
}

void isct_conn_put_rcu(struct isct_conn *conn)
{
	call_rcu(&conn->rcu, isct_conn_put_work);
}

/*
 * Where the network stack has the connection's data in the cache, unless the
 * administrator wants it elsewhere: then the sessions share what there is.
 */
static int isct_conn_cpu(struct isct_conn *conn)
{
	int cpu = READ_ONCE(conn->sock->sk->sk_incoming_cpu);
	const struct cpumask *cpus;

	/*
	 * The mask is in the memory of the nexus, which goes a grace period
	 * after isct_session_close().
	 */
	guard(rcu)();
	cpus = READ_ONCE(conn->cpus);
	if (cpu < 0)
		cpu = raw_smp_processor_id();
	if (unlikely(cpus && !cpumask_test_cpu(cpu, cpus)))
		cpu = cpumask_nth(conn->number % (cpumask_weight(cpus) ?: 1),
				  cpus);
	return cpu < nr_cpu_ids && cpu_online(cpu) ? cpu : WORK_CPU_UNBOUND;
}

/* Have the work run once more, even if it runs just now. Any context. */
static void isct_conn_wake(struct isct_conn *conn)
{
	/* Pairs with isct_conn_switch(). */
	struct kthread_worker *worker = smp_load_acquire(&conn->worker);
	bool queued;

	isct_conn_get(conn);
	if (unlikely(worker))
		queued = kthread_queue_work(worker, &conn->own_work);
	else
		queued = queue_work_on(isct_conn_cpu(conn), isct_wq,
				       &conn->work);
	if (!queued)
		isct_conn_put(conn);
}

/* An interrupt may have come when the work had looked already. */
void isct_conn_kick(struct isct_conn *conn)
{
	if (!in_task() || READ_ONCE(conn->runner) != current)
		isct_conn_wake(conn);
}

void isct_conn_event(struct isct_conn *conn, enum isct_conn_event event)
{
	set_bit(event, &conn->events);
	isct_conn_kick(conn);
}

/*
 * The socket's callbacks. BH, or process context with BH off: also within the
 * work's own calls of the socket, whose backlog comes after they have looked.
 */

static void isct_data_ready(struct sock *sk)
{
	struct isct_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn)
		isct_conn_wake(conn);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void isct_write_space(struct sock *sk)
{
	struct isct_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn && sk_stream_is_writeable(sk)) {
		clear_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		isct_conn_wake(conn);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void isct_state_change(struct sock *sk)
{
	struct isct_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn && sk->sk_state != TCP_ESTABLISHED) {
		set_bit(ISCT_EV_CLOSE, &conn->events);
		isct_conn_wake(conn);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void isct_conn_take_callbacks(struct isct_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	conn->old_data_ready = sk->sk_data_ready;
	conn->old_write_space = sk->sk_write_space;
	conn->old_state_change = sk->sk_state_change;
	sk->sk_user_data = conn;
	sk->sk_data_ready = isct_data_ready;
	sk->sk_write_space = isct_write_space;
	sk->sk_state_change = isct_state_change;
	write_unlock_bh(&sk->sk_callback_lock);
}

static void isct_conn_drop_callbacks(struct isct_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = conn->old_data_ready;
	sk->sk_write_space = conn->old_write_space;
	sk->sk_state_change = conn->old_state_change;
	sk->sk_user_data = NULL;
	write_unlock_bh(&sk->sk_callback_lock);
}

/*
 * Whoever opens sockets without logging in takes the places of others of his
 * kind: a login takes milliseconds, and so does a discovery, hence those that
 * are in progress for the longest time are his.
 */
static void isct_login_begin(struct isct_conn *conn)
{
	struct isct_conn *oldest = NULL;

	spin_lock_bh(&isct_login_lock);
	list_add_tail(&conn->entry, &isct_logins);
	if (++isct_nr_logins > ISCT_MAX_LOGINS) {
		oldest = list_first_entry(&isct_logins, struct isct_conn, entry);
		list_del_init(&oldest->entry);
		isct_nr_logins--;
		isct_conn_get(oldest);
	}
	spin_unlock_bh(&isct_login_lock);

	if (oldest) {
		isct_conn_event(oldest, ISCT_EV_CLOSE);
		isct_conn_put(oldest);
	}
}

void isct_conn_logged_in(struct isct_conn *conn)
{
	spin_lock_bh(&isct_login_lock);
	if (!list_empty(&conn->entry)) {
		list_del_init(&conn->entry);
		isct_nr_logins--;
	}
	spin_unlock_bh(&isct_login_lock);
}

/*
 * Who does not answer, or has logged in anew, will not take what is left to be
 * sent; TCP would keep its pages for minutes.
 */
static bool isct_conn_is_dead(const struct isct_conn *conn, int error)
{
	return error == -ETIMEDOUT ||
	       (error == -ECONNRESET &&
		conn->sock->sk->sk_state == TCP_ESTABLISHED);
}

/* Nothing more to send, and nothing will be received. */
static void isct_conn_close(struct isct_conn *conn, int error)
{
	if (isct_conn_is_dead(conn, error))
		sock_no_linger(conn->sock->sk);
	conn->state = ISCT_CONN_CLOSED;
	conn->mute = true;
	isct_conn_logged_in(conn);
	isct_conn_drop_callbacks(conn);
	timer_shutdown_sync(&conn->timer);
	kernel_sock_shutdown(conn->sock, SHUT_RDWR);
	isct_login_free(conn);
	isct_rx_free(conn);
	isct_tx_free(conn);
	if (conn->logout_rsp)
		isct_pdu_free(conn->logout_rsp);
	conn->logout_rsp = NULL;
	if (conn->session) {
		isct_tasks_fail(conn);
		isct_session_close(conn->session, conn);
	}
	isct_session_unwait(conn);
	isct_conn_put(conn);
}

void isct_conn_end(struct isct_conn *conn)
{
	conn->state = ISCT_CONN_ENDING;
	conn->ending_since = jiffies;
}

/* A PDU without a task. The connection's work only. */
void isct_conn_queue(struct isct_conn *conn, struct isct_pdu *pdu)
{
	list_add_tail(&pdu->entry, &conn->sendq);
	conn->pdu_bytes += isct_pdu_size(pdu);
	if (pdu->closes) {
		conn->mute = true;
		isct_conn_end(conn);
	}
}

/* What others have left for us, and we ourselves, oldest first */
void isct_conn_collect(struct isct_conn *conn)
{
	struct llist_node *list = llist_reverse_order(llist_del_all(&conn->send));
	struct isct_pdu *pdu, *next;

	llist_for_each_entry_safe(pdu, next, list, llnode) {
		if (pdu->kind != ISCT_PDU_PLAIN)
			isct_task_handle(container_of(pdu, struct isct_task,
						      pdu));
		else if (conn->mute)
			isct_pdu_free(pdu);
		else
			isct_conn_queue(conn, pdu);
	}
}

/* Closed: what is inside ends, and nobody needs us any more. */
static void isct_conn_closed(struct isct_conn *conn)
{
	isct_conn_collect(conn);
	isct_task_reap(conn);
	if (conn->leaving && !conn->nr_live && !atomic_read(&conn->nr_tmfs)) {
		conn->leaving = false;
		isct_session_leave(conn->session, conn);
	}
}

static int isct_conn_events(struct isct_conn *conn)
{
	int error = 0;

	if (test_and_clear_bit(ISCT_EV_CLOSE, &conn->events))
		return -ECONNRESET;
	if (test_and_clear_bit(ISCT_EV_RESUME, &conn->events) &&
	    conn->state == ISCT_CONN_PARKED) {
		error = isct_login_resume(conn);
		/* Nothing may overtake its answer. */
		isct_conn_collect(conn);
	}
	if (!error && test_and_clear_bit(ISCT_EV_LOGOUT, &conn->events))
		error = isct_ask_logout(conn);
	if (!error && test_and_clear_bit(ISCT_EV_DROP, &conn->events))
		error = isct_drop(conn);
	if (test_and_clear_bit(ISCT_EV_ABORTED, &conn->events))
		isct_tasks_aborted(conn);
	if (test_and_clear_bit(ISCT_EV_AEN, &conn->events))
		isct_send_aens(conn);
	if (test_and_clear_bit(ISCT_EV_LOGGED_OUT, &conn->events))
		isct_logged_out(conn);
	return error;
}

static bool isct_conn_receives(const struct isct_conn *conn)
{
	return conn->state == ISCT_CONN_LOGIN || conn->state == ISCT_CONN_FULL;
}

/* As many PDUs as there are, so that their answers leave together */
static int isct_conn_receive(struct isct_conn *conn)
{
	int nr, error = -EAGAIN;

	for (nr = 0; nr < ISCT_RX_BATCH && isct_conn_receives(conn); nr++) {
		error = isct_rx(conn);
		isct_conn_collect(conn);
		if (error)
			break;
	}
	return nr && error == -EAGAIN ? 0 : error;
}

/* One round. 0: there may be more to do; -EAGAIN: there is not; else: close. */
static int isct_conn_round(struct isct_conn *conn)
{
	int rx, tx;

	if (unlikely(READ_ONCE(conn->events))) {
		int error = isct_conn_events(conn);

		if (error)
			return error;
	}
	isct_conn_collect(conn);
	/* The PDU that comes in may wait for a command that has ended. */
	isct_task_reap(conn);
	rx = isct_conn_receive(conn);
	if (rx && rx != -EAGAIN)
		return rx;
	tx = isct_tx(conn);
	if (tx && tx != -EAGAIN)
		return tx;
	isct_task_reap(conn);
	return rx && tx && llist_empty(&conn->send) ? -EAGAIN : 0;
}

/* What there is, or much of it. The same: 0, -EAGAIN, or close. */
static int isct_conn_rounds(struct isct_conn *conn)
{
	int error, budget = ISCT_BUDGET;

	do {
		error = isct_conn_round(conn);
	} while (!error && --budget);
	if ((error && error != -EAGAIN) ||
	    likely(!test_bit(ISCT_EV_TICK, &conn->events)))
		return error;
	/*
	 * Only now, as this may have come late itself: what is in the socket
	 * has come in time, and what the socket has room for is taken. Another
	 * round sends what comes of it.
	 */
	clear_bit(ISCT_EV_TICK, &conn->events);
	return isct_tick(conn);
}

/*
 * Here and not where it was accepted: from the first step on events may come,
 * and with them the end, which must not come before the last step.
 */
static void isct_conn_begin(struct isct_conn *conn)
{
	conn->state = ISCT_CONN_LOGIN;
	isct_conn_take_callbacks(conn);
	/* A reset that came before them tells nobody else. */
	if (conn->sock->sk->sk_state != TCP_ESTABLISHED)
		set_bit(ISCT_EV_CLOSE, &conn->events);
	isct_timer_start(conn);
	isct_login_begin(conn);
}

static void isct_conn_run(struct isct_conn *conn)
{
	/* A login, too, may be what this machine's own memory waits for. */
	unsigned int noio = memalloc_noio_save();
	int error = -EAGAIN;

	WRITE_ONCE(conn->runner, current);
	if (unlikely(conn->state == ISCT_CONN_NEW))
		isct_conn_begin(conn);
	if (conn->state != ISCT_CONN_CLOSED) {
		error = isct_conn_rounds(conn);
		if (error && error != -EAGAIN)
			isct_conn_close(conn, error);
	}
	WRITE_ONCE(conn->runner, NULL);
	/*
	 * Who came while we were running has not woken us; those that come
	 * from here on do. Pairs with the lists' and bits' atomic operations.
	 */
	smp_mb();
	if (conn->state == ISCT_CONN_CLOSED)
		isct_conn_closed(conn);
	if (!error || !llist_empty(&conn->send))
		isct_conn_kick(conn);
	memalloc_noio_restore(noio);
}

/* The administrator may have changed his mind. */
static void isct_conn_obey_cpus(struct isct_conn *conn)
{
	const struct cpumask *cpus = &conn->session->sess->cpus;

	if (!cpumask_test_cpu(raw_smp_processor_id(), cpus))
		set_cpus_allowed_ptr(current, cpus);
}

static void isct_conn_own_work(struct kthread_work *work)
{
	struct isct_conn *conn = container_of(work, struct isct_conn, own_work);

	/* As long as it is there the session is. */
	if (conn->state == ISCT_CONN_FULL)
		isct_conn_obey_cpus(conn);
	isct_conn_run(conn);
	isct_conn_put(conn);
}

/*
 * From here on the thread does everything; who has still queued the work on
 * the workqueue finds that out.
 */
static void isct_conn_switch(struct isct_conn *conn)
{
	/* Pairs with isct_conn_wake(). */
	smp_store_release(&conn->worker, conn->own_worker);
	isct_conn_wake(conn);
}

static void isct_conn_work(struct work_struct *work)
{
	struct isct_conn *conn = container_of(work, struct isct_conn, work);

	if (unlikely(conn->worker)) {
		isct_conn_wake(conn);
	} else {
		isct_conn_run(conn);
		if (unlikely(conn->own_worker))
			isct_conn_switch(conn);
	}
	isct_conn_put(conn);
}

/*
 * Its affinity is the administrator's as well: taskset. Without memory for it
 * the connection shares what the others have.
 */
void isct_conn_own_thread(struct isct_conn *conn,
			  const struct scst_session *sess)
{
	struct kthread_worker *worker;

	if (!READ_ONCE(sess->own_threads))
		return;
	worker = kthread_create_worker(0, "scst_iscsi/%u", conn->number);
	if (IS_ERR(worker))
		return;
	conn->own_worker = worker;
}

static void isct_conn_timer(struct timer_list *timer)
{
	struct isct_conn *conn = from_timer(conn, timer, timer);

	isct_conn_event(conn, ISCT_EV_TICK);
}

static int isct_conn_addresses(struct isct_conn *conn)
{
	int ret;

	ret = kernel_getsockname(conn->sock,
				 (struct sockaddr *)&conn->portal_addr);
	if (ret < 0)
		return ret;
	ret = kernel_getpeername(conn->sock,
				 (struct sockaddr *)&conn->peer_addr);
	return ret < 0 ? ret : 0;
}

static void isct_conn_init(struct isct_conn *conn)
{
	kref_init(&conn->kref);
	INIT_LIST_HEAD(&conn->entry);
	INIT_WORK(&conn->work, isct_conn_work);
	kthread_init_work(&conn->own_work, isct_conn_own_work);
	INIT_WORK(&conn->free_work, isct_conn_free);
	timer_setup(&conn->timer, isct_conn_timer, 0);
	init_llist_head(&conn->send);
	init_llist_head(&conn->freed);
	INIT_LIST_HEAD(&conn->sendq);
	INIT_LIST_HEAD(&conn->tx.done);
	INIT_LIST_HEAD(&conn->data_wait);
	hash_init(conn->tasks);
	conn->begun = jiffies;
	conn->last_rx = jiffies;
	conn->last_tx = jiffies;
	/* RFC 7143 13.12: before the initiator says something else */
	conn->params.val[ISCT_MAX_XMIT_SEGMENT] = ISCSI_DEF_MAX_RECV_SEG_LEN;
	conn->params.val[ISCT_MAX_RECV_SEGMENT] = ISCSI_DEF_MAX_RECV_SEG_LEN;
}

int isct_conn_new(struct socket *sock)
{
	struct isct_conn *conn;
	int error;

	conn = kzalloc(sizeof(*conn), GFP_KERNEL);
	if (!conn)
		return -ENOMEM;
	isct_conn_init(conn);
	conn->sock = sock;
	error = isct_conn_addresses(conn);
	if (error) {
		kfree(conn);
		return error;
	}

	tcp_sock_set_nodelay(sock->sk);
	/* We may be what the initiator's memory reclaim waits for. */
	sock->sk->sk_allocation = GFP_NOIO;
	sock->sk->sk_use_task_frag = false;
	refcount_inc(&isct_nr_conns);
	isct_conn_wake(conn);
	return 0;
}
