// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: targets/iscsi/portals/<address>/, where we listen
 */
#include <linux/configfs.h>
#include <linux/if.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <trace/events/sock.h>
#include "isct.h"

#define ISCT_BACKLOG	1024

LIST_HEAD(isct_portals);
static struct config_group isct_portals_group;

/* Addresses */

/* RFC 4007 11: only a link-local address needs to say which link. */
static int isct_parse_scope(const char *scope, size_t len,
			    struct sockaddr_in6 *sin6)
{
	struct net_device *dev;
	char name[IFNAMSIZ];
	int error = 0;

	if (!len || len >= sizeof(name) ||
	    !(ipv6_addr_type(&sin6->sin6_addr) & IPV6_ADDR_LINKLOCAL))
		return -EINVAL;
	memcpy(name, scope, len);
	name[len] = '\0';

	rcu_read_lock();
	dev = dev_get_by_name_rcu(current->nsproxy->net_ns, name);
	if (dev)
		sin6->sin6_scope_id = dev->ifindex;
	else
		error = -ENODEV;
	rcu_read_unlock();
	return error;
}

static int isct_parse_v6(const char *text, size_t len, u16 port,
			 struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)addr;
	const char *scope = memchr(text, '%', len), *end;
	size_t ip_len = scope ? scope - text : len;

	if (!in6_pton(text, ip_len, sin6->sin6_addr.s6_addr, -1, &end) ||
	    end != text + ip_len)
		return -EINVAL;
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	if (!scope)
		return 0;
	return isct_parse_scope(scope + 1, len - ip_len - 1, sin6);
}

static int isct_parse_v4(const char *text, size_t len, u16 port,
			 struct sockaddr_storage *addr)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)addr;
	const char *end;

	if (!in4_pton(text, len, (u8 *)&sin->sin_addr, -1, &end) ||
	    end != text + len)
		return -EINVAL;
	sin->sin_family = AF_INET;
	sin->sin_port = htons(port);
	return 0;
}

/* What is left of an address: nothing, or ":port", of digits only */
static int isct_parse_port(const char *text, u16 *port)
{
	*port = ISCSI_LISTEN_PORT;
	if (!*text)
		return 0;
	if (text[0] != ':' || text[1 + strspn(text + 1, "0123456789")] ||
	    kstrtou16(text + 1, 10, port) || !*port)
		return -EINVAL;
	return 0;
}

int isct_addr_parse(const char *text, struct sockaddr_storage *addr)
{
	bool v6 = *text == '[';
	const char *host = text + v6;
	size_t len = strcspn(host, v6 ? "]" : ":");
	u16 port;

	if (v6 && !host[len])
		return -EINVAL;
	if (isct_parse_port(host + len + v6, &port))
		return -EINVAL;
	memset(addr, 0, sizeof(*addr));
	return v6 ? isct_parse_v6(host, len, port, addr) :
		    isct_parse_v4(host, len, port, addr);
}

void isct_addr_format(char buf[ISCT_ADDR_MAX],
		      const struct sockaddr_storage *addr)
{
	snprintf(buf, ISCT_ADDR_MAX, "%pISpc", addr);
}

void isct_addr_format_ip(char buf[ISCT_ADDR_MAX],
			 const struct sockaddr_storage *addr)
{
	snprintf(buf, ISCT_ADDR_MAX, "%pISc", addr);
}

/* Sockets */

/*
 * An accepted socket has inherited the callback of the one that it came by,
 * and its private pointer: it must not keep either.
 */
static void isct_portal_disinherit(struct isct_portal *portal,
				   struct socket *sock)
{
	struct sock *sk = sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = portal->old_data_ready;
	sk->sk_user_data = NULL;
	write_unlock_bh(&sk->sk_callback_lock);
}

static void isct_portal_work(struct work_struct *work)
{
	struct isct_portal *portal = container_of(to_delayed_work(work),
						  struct isct_portal, work);
	/* Whoever comes back may have what this machine's memory waits for. */
	unsigned int noio = memalloc_noio_save();
	struct socket *sock;
	int error;

	for (;;) {
		error = kernel_accept(portal->sock, &sock, O_NONBLOCK);
		if (error)
			break;
		isct_portal_disinherit(portal, sock);
		if (!READ_ONCE(isct_enabled) || isct_conn_new(sock))
			sock_release(sock);
		cond_resched();
	}
	memalloc_noio_restore(noio);
	/* -EINVAL: it does not listen any more */
	if (error == -EAGAIN || error == -EINVAL)
		return;
	pr_warn_ratelimited("%s: cannot accept a connection, error %d\n",
			    config_item_name(&portal->item), error);
	/* It stays in the queue, and nobody says when there is memory again. */
	queue_delayed_work(isct_wq, &portal->work, HZ);
}

/* Also called for sockets that are not accepted yet: they have inherited it. */
static void isct_portal_data_ready(struct sock *sk)
{
	struct isct_portal *portal;

	trace_sk_data_ready(sk);
	if (sk->sk_state != TCP_LISTEN)
		return;
	read_lock_bh(&sk->sk_callback_lock);
	portal = sk->sk_user_data;
	if (portal)
		mod_delayed_work(isct_wq, &portal->work, 0);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void isct_portal_take_callback(struct isct_portal *portal)
{
	struct sock *sk = portal->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	portal->old_data_ready = sk->sk_data_ready;
	sk->sk_user_data = portal;
	sk->sk_data_ready = isct_portal_data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
}

/* Connections that nobody has accepted yet end here, all others stay. */
static void isct_portal_close(struct isct_portal *portal)
{
	isct_portal_disinherit(portal, portal->sock);
	/* So that the work finds no more */
	kernel_sock_shutdown(portal->sock, SHUT_RDWR);
	cancel_delayed_work_sync(&portal->work);
	sock_release(portal->sock);
}

/*
 * Not sock_create_kern(): such a socket, and what is accepted by it, would not
 * keep the network namespace, while connections outlive their portal.
 */
static int isct_portal_open(struct isct_portal *portal)
{
	int error;

	error = sock_create(portal->addr.ss_family, SOCK_STREAM, IPPROTO_TCP,
			    &portal->sock);
	if (error)
		return error;
	sock_set_reuseaddr(portal->sock->sk);
	/* IPv4 has portals of its own, :: must not take their addresses. */
	if (portal->addr.ss_family == AF_INET6)
		ip6_sock_set_v6only(portal->sock->sk);
	error = kernel_bind(portal->sock, (struct sockaddr *)&portal->addr,
			    sizeof(portal->addr));
	if (error) {
		sock_release(portal->sock);
		return error;
	}
	isct_portal_take_callback(portal);
	error = kernel_listen(portal->sock, ISCT_BACKLOG);
	if (error)
		isct_portal_close(portal);
	return error;
}

/* portals/<address>/ */

static struct isct_portal *to_isct_portal(struct config_item *item)
{
	return container_of(item, struct isct_portal, item);
}

static void isct_portal_release(struct config_item *item)
{
	kfree(to_isct_portal(item));
}

static struct configfs_item_operations isct_portal_item_ops = {
	.release = isct_portal_release,
};

static const struct config_item_type isct_portal_type = {
	.ct_item_ops	= &isct_portal_item_ops,
	.ct_owner	= THIS_MODULE,
};

static struct config_item *isct_portals_make_item(struct config_group *group,
						  const char *name)
{
	struct isct_portal *portal;
	int error;

	portal = kzalloc(sizeof(*portal), GFP_KERNEL);
	if (!portal)
		return ERR_PTR(-ENOMEM);
	INIT_DELAYED_WORK(&portal->work, isct_portal_work);
	config_item_init_type_name(&portal->item, name, &isct_portal_type);
	error = isct_addr_parse(name, &portal->addr);
	if (!error)
		error = isct_portal_open(portal);
	if (error) {
		config_item_put(&portal->item);
		return ERR_PTR(error);
	}
	mutex_lock(&isct_config_mutex);
	list_add_tail(&portal->entry, &isct_portals);
	mutex_unlock(&isct_config_mutex);
	return &portal->item;
}

static void isct_portals_drop_item(struct config_group *group,
				   struct config_item *item)
{
	struct isct_portal *portal = to_isct_portal(item);

	mutex_lock(&isct_config_mutex);
	list_del(&portal->entry);
	mutex_unlock(&isct_config_mutex);
	isct_portal_close(portal);
	config_item_put(item);
}

static struct configfs_group_operations isct_portals_group_ops = {
	.make_item	= isct_portals_make_item,
	.drop_item	= isct_portals_drop_item,
};

static const struct config_item_type isct_portals_type = {
	.ct_group_ops	= &isct_portals_group_ops,
	.ct_owner	= THIS_MODULE,
};

void isct_portals_init(struct config_group *parent)
{
	config_group_init_type_name(&isct_portals_group, "portals",
				    &isct_portals_type);
	configfs_add_default_group(&isct_portals_group, parent);
}
