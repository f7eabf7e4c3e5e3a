// SPDX-License-Identifier: GPL-2.0
/*
 * The connection with the server, and calls.
 *
 * libisns makes and reads the messages. It could send them, too, but it would
 * then want to be the one that waits for everything, and it gives up on replies
 * that come in several PDUs or have more than 8 KiB.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "isnsd.h"

#define CONN_LIMIT	10		/* seconds for a call */
#define CONN_REPLY_MAX	65536

static int64_t conn_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void conn_close(struct conn *conn)
{
	if (conn->fd >= 0)
		close(conn->fd);
	conn->fd = -1;
}

/* Sets errno if it is in vain. */
static bool conn_wait(int fd, short events, int64_t deadline)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int64_t left = deadline - conn_now();

	if (left > 0 && poll(&pfd, 1, left) > 0)
		return true;
	errno = ETIMEDOUT;
	return false;
}

static int conn_try(const struct addrinfo *ai, int64_t deadline)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK |
			SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(errno);
	int error = 0;

	if (fd < 0)
		return -1;
	if (connect(fd, ai->ai_addr, ai->ai_addrlen)) {
		error = errno;
		if (error == EINPROGRESS) {
			error = ETIMEDOUT;
			if (conn_wait(fd, POLLOUT, deadline))
				getsockopt(fd, SOL_SOCKET, SO_ERROR, &error,
					   &len);
		}
	}
	if (!error)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

/* 0, or -1 and a reason in the log */
int conn_open(struct conn *conn)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all, *ai;
	int64_t deadline = conn_now() + CONN_LIMIT * 1000;
	int error;

	if (conn->fd >= 0)
		return 0;
	error = getaddrinfo(conn->host, conn->port, &hints, &all);
	if (error) {
		warnx("%s: %s", conn->host, gai_strerror(error));
		return -1;
	}
	for (ai = all; ai && conn->fd < 0; ai = ai->ai_next) {
		conn->fd = conn_try(ai, deadline);
		if (conn->fd >= 0)
			address_of_sockaddr(ai->ai_addr, &conn->peer);
	}
	if (conn->fd < 0)
		warn("%s", conn->host);
	freeaddrinfo(all);
	return conn->fd < 0 ? -1 : 0;
}

static bool conn_send(struct conn *conn, const uint8_t *data, size_t len,
		      int64_t deadline)
{
	while (len) {
		ssize_t done = send(conn->fd, data, len, MSG_NOSIGNAL);

		if (done > 0) {
			data += done;
			len -= done;
		} else if (errno != EAGAIN ||
			   !conn_wait(conn->fd, POLLOUT, deadline)) {
			return false;
		}
	}
	return true;
}

static bool conn_receive(struct conn *conn, uint8_t *data, size_t len,
			 int64_t deadline)
{
	while (len) {
		ssize_t done = recv(conn->fd, data, len, 0);

		if (done > 0) {
			data += done;
			len -= done;
		} else if (!done) {
			errno = ECONNRESET;
			return false;
		} else if (errno != EAGAIN ||
			   !conn_wait(conn->fd, POLLIN, deadline)) {
			return false;
		}
	}
	return true;
}

/*
 * The PDUs of the reply, one behind the other. One that is not what was asked
 * for is an answer to a call that was given up, and there is none: a call that
 * fails closes the connection.
 */
static ssize_t conn_reply(struct conn *conn, const struct pdu *request,
			  uint8_t *data, int64_t deadline)
{
	uint8_t header[PDU_HEADER];
	size_t len = 0;
	struct pdu pdu;

	do {
		if (!conn_receive(conn, header, sizeof(header), deadline))
			return -1;
		errno = EPROTO;
		if (!pdu_get_header(header, &pdu) ||
		    pdu.xid != request->xid ||
		    pdu.function != (request->function | 0x8000) ||
		    pdu.flags & ISNS_F_AUTHBLK_PRESENT ||
		    pdu.length > CONN_REPLY_MAX - len)
			return -1;
		if (!conn_receive(conn, data + len, pdu.length, deadline))
			return -1;
		len += pdu.length;
	} while (!(pdu.flags & ISNS_F_LAST_PDU));
	return len;
}

static bool conn_transmit(struct conn *conn, isns_simple_t *request,
			  struct pdu *pdu, int64_t deadline)
{
	isns_message_t *msg = NULL;
	uint8_t *data;
	bool done;

	/* There is room for a header at the beginning of the payload. */
	errno = EMSGSIZE;
	if (isns_simple_encode(request, &msg) != ISNS_SUCCESS)
		return false;
	data = buf_head(msg->im_payload);
	pdu->function = request->is_function;
	pdu->length = buf_avail(msg->im_payload) - PDU_HEADER;
	pdu->flags = msg->im_header.i_flags | ISNS_F_FIRST_PDU |
		     ISNS_F_LAST_PDU;
	pdu->xid = msg->im_xid;
	pdu_put_header(data, pdu);
	done = conn_send(conn, data, PDU_HEADER + pdu->length, deadline);
	isns_message_release(msg);
	return done;
}

/* The server's status; -1 if the reply is none */
static int conn_decode(const struct pdu *pdu, uint8_t *data, size_t len,
		       isns_simple_t **response)
{
	isns_message_t msg = {
		.im_xid = pdu->xid,
		.im_header.i_function = pdu->function | 0x8000,
	};
	uint32_t status;
	buf_t buf;

	if (len < sizeof(status))
		return -1;
	memcpy(&status, data, sizeof(status));
	status = ntohl(status);
	if (status)
		return status > INT16_MAX ? ISNS_UNKNOWN_ERROR : status;
	data += sizeof(status);
	len -= sizeof(status);
	if (!pdu_attrs_valid(data, len))
		return -1;
	buf_set(&buf, data, len);
	msg.im_payload = &buf;
	return isns_simple_decode(&msg, response) == ISNS_SUCCESS ? 0 : -1;
}

/*
 * Sends a request and waits for its reply. 0, and @response is the caller's; a
 * status of the server's (positive); or -1, and the connection is closed.
 */
int conn_call(struct conn *conn, isns_simple_t *request,
	      isns_simple_t **response)
{
	static uint8_t data[CONN_REPLY_MAX];
	int64_t deadline = conn_now() + CONN_LIMIT * 1000;
	struct pdu pdu;
	int status = -1;
	ssize_t len;

	*response = NULL;
	if (conn_open(conn))
		return -1;
	if (conn_transmit(conn, request, &pdu, deadline)) {
		len = conn_reply(conn, &pdu, data, deadline);
		if (len >= 0) {
			errno = EPROTO;
			status = conn_decode(&pdu, data, len, response);
		}
	}
	if (status < 0) {
		warn("%s: %s", conn->host,
		     isns_function_name(request->is_function));
		conn_close(conn);
	}
	return status;
}
