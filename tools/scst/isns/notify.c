// SPDX-License-Identifier: GPL-2.0
/*
 * What the server sends by itself: state change notifications (SCN) and entity
 * status inquiries (ESI), by UDP, to any portal's address.
 *
 * Anybody can send a datagram. What one says is not believed: an SCN makes us
 * ask the server by TCP, and only the server's address is answered, with no
 * more than was sent and a status.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "isnsd.h"

#define NOTIFY_MAX	8192

/* Buffers of one datagram and of its answer, which goes back the same way */
struct notify {
	struct sockaddr_in6 from;
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	uint8_t data[NOTIFY_MAX];
	uint8_t reply[NOTIFY_MAX + sizeof(uint32_t)];
};

/* A socket for IPv4, too; -1 if there can be none */
int notify_open(uint16_t *port)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(addr);
	int on = 1, off = 0;

	*port = 0;
	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&addr, len) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len)) {
		warn("no socket for notifications");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*port = ntohs(addr.sin6_port);
	return fd;
}

static ssize_t notify_take(int fd, struct notify *n, struct msghdr *msg,
			   struct iovec *iov)
{
	*iov = (struct iovec){ n->data, sizeof(n->data) };
	*msg = (struct msghdr){
		.msg_name = &n->from,
		.msg_namelen = sizeof(n->from),
		.msg_iov = iov,
		.msg_iovlen = 1,
		.msg_control = n->control,
		.msg_controllen = sizeof(n->control),
	};
	return recvmsg(fd, msg, 0);
}

/* The destination of an SCN is repeated, an inquiry as a whole. */
static size_t notify_answer(struct notify *n, struct pdu pdu)
{
	const uint8_t *attrs = n->data + PDU_HEADER;
	size_t len = pdu.length;

	if (pdu.function == ISNS_STATE_CHANGE_NOTIFICATION)
		len = pdu_first_attr_len(attrs, len);
	pdu.function |= 0x8000;
	pdu.flags = ISNS_F_CLIENT | ISNS_F_FIRST_PDU | ISNS_F_LAST_PDU;
	pdu.length = sizeof(uint32_t) + len;
	pdu_put_header(n->reply, &pdu);
	memset(n->reply + PDU_HEADER, 0, sizeof(uint32_t));	/* success */
	memcpy(n->reply + PDU_HEADER + sizeof(uint32_t), attrs, len);
	return PDU_HEADER + pdu.length;
}

/*
 * The answer leaves from the address that the datagram came to, whatever
 * interface that takes.
 */
static void notify_reply(int fd, struct msghdr *msg, struct iovec *iov,
			 void *reply, size_t len)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);

	if (cmsg && cmsg->cmsg_type == IPV6_PKTINFO)
		((struct in6_pktinfo *)CMSG_DATA(cmsg))->ipi6_ifindex = 0;
	*iov = (struct iovec){ reply, len };
	if (sendmsg(fd, msg, 0) < 0)
		warn("answer to a notification");
}

static bool notify_valid(const struct notify *n, size_t len, struct pdu *pdu)
{
	return len >= PDU_HEADER && pdu_get_header(n->data, pdu) &&
	       len == (size_t)PDU_HEADER + pdu->length &&
	       (pdu->function == ISNS_STATE_CHANGE_NOTIFICATION ||
		pdu->function == ISNS_ENTITY_STATUS_INQUIRY);
}

/* Answers all that has come. True if something has changed. */
bool notify_receive(int fd, const struct in6_addr *server)
{
	static struct notify n;
	bool changed = false;
	struct msghdr msg;
	struct iovec iov;
	struct pdu pdu;
	ssize_t len;

	while ((len = notify_take(fd, &n, &msg, &iov)) >= 0) {
		if (!IN6_ARE_ADDR_EQUAL(&n.from.sin6_addr, server) ||
		    !notify_valid(&n, len, &pdu))
			continue;
		notify_reply(fd, &msg, &iov, n.reply, notify_answer(&n, pdu));
		if (pdu.function == ISNS_STATE_CHANGE_NOTIFICATION)
			changed = true;
	}
	return changed;
}
