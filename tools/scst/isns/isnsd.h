/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scst-isnsd: what its files share.
 */
#ifndef SCST_ISNSD_H
#define SCST_ISNSD_H

#include <err.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libisns/isns.h>
#include <libisns/message.h>

#define ISCSI_ROOT	"/sys/kernel/config/scst/targets/iscsi"
#define ISCSI_PORT	3260
#define ISCSI_NAME_LEN	223	/* RFC 7143 4.2.7.1 */
#define ISCSI_ALIAS_LEN	255
#define ISNS_EID_LEN	255	/* RFC 4171 6.2.1 */

/* options.c */

struct options {
	char *host;
	const char *port;
	const char *group;
	char eid[ISNS_EID_LEN + 1];
	unsigned int interval;		/* seconds */
	unsigned int esi;		/* seconds; 0: no status inquiries */
	bool access_control;
};

void options_parse(struct options *opt, int argc, char **argv);

/* view.c: targets and portals, as configfs or the server has them */

struct portal {
	struct in6_addr addr;		/* IPv4 addresses are mapped ones */
	uint16_t port;
};

struct target {
	char name[ISCSI_NAME_LEN + 1];
	char alias[ISCSI_ALIAS_LEN + 1];
	bool scn;			/* its SCN registration was accepted */
};

struct view {
	struct target *targets;
	size_t nr_targets;
	struct portal *portals;
	size_t nr_portals;
};

void view_clear(struct view *view);
struct target *view_find_target(const struct view *view, const char *name);
void view_add_target(struct view *view, const struct target *target);
void view_del_target(struct view *view, struct target *target);
struct portal *view_find_portal(const struct view *view,
				const struct portal *portal);
void view_add_portal(struct view *view, const struct portal *portal);
void view_del_portal(struct view *view, struct portal *portal);

/* address.c: names of portals and of the server */

bool address_split(char *text, char **host, char **port);
bool address_parse_portal(const char *name, struct portal *portal);
bool address_is_wildcard(const struct in6_addr *addr);
void address_add_local(struct view *view, const struct portal *wildcard);
void address_of_sockaddr(const struct sockaddr *from, struct in6_addr *addr);

/* configfs.c: what there is to be registered, and its changes */

int configfs_watch(void);
void configfs_read(struct view *view);

/* conn.c: the connection with the server */

struct conn {
	const char *host;
	const char *port;
	int fd;				/* -1: not connected */
	struct in6_addr peer;
};

int conn_open(struct conn *conn);
void conn_close(struct conn *conn);
int conn_call(struct conn *conn, isns_simple_t *request,
	      isns_simple_t **response);

/*
 * pdu.c: the framing of messages. The server's bytes are anybody's: nothing of
 * them reaches libisns before it was checked here.
 */

#define PDU_HEADER	12

struct pdu {
	uint16_t function;
	uint16_t length;
	uint16_t flags;
	uint16_t xid;
};

void pdu_put_header(uint8_t *to, const struct pdu *pdu);
bool pdu_get_header(const uint8_t *from, struct pdu *pdu);
size_t pdu_first_attr_len(const uint8_t *data, size_t len);
bool pdu_attrs_valid(const uint8_t *data, size_t len);

/*
 * request.c: one message each. 0; a status of the server's (positive); or -1,
 * and the connection is closed.
 */

struct portal_ports {
	uint16_t scn;			/* 0: no notifications */
	uint16_t esi;			/* 0: no status inquiries */
	unsigned int esi_interval;
};

/* That many portals, or less, are registered with their entity. */
#define ENTITY_PORTALS_MAX	64

int request_entity(struct conn *conn, const char *eid,
		   const struct target *target, const struct view *portals,
		   const struct portal_ports *ports, uint32_t *period);
int request_target(struct conn *conn, const char *eid, const char *source,
		   const struct target *target);
int request_portal(struct conn *conn, const char *eid, const char *source,
		   const struct portal *portal,
		   const struct portal_ports *ports);
int request_scn(struct conn *conn, const char *source);
int request_drop_scn(struct conn *conn, const char *source);
int request_known(struct conn *conn, const char *name);
int request_drop_entity(struct conn *conn, const char *source, const char *eid);
int request_drop_target(struct conn *conn, const char *name);
int request_drop_portal(struct conn *conn, const char *source,
			const struct portal *portal);
int request_next_node(struct conn *conn, const char *source, char *name,
		      size_t size, uint32_t *type);

/* registry.c: makes the server's view ours */

struct registry {
	struct conn conn;
	struct view known;		/* what the server has from us */
	const char *eid;
	struct portal_ports ports;
	uint32_t period;		/* seconds; 0: registrations stay */
	bool notified;			/* an SCN has come since the last sync */
};

int registry_sync(struct registry *reg, const struct view *want, bool refresh);
int registry_leave(struct registry *reg);

/* notify.c: what the server sends by itself */

int notify_open(uint16_t *port);
bool notify_receive(int fd, const struct in6_addr *server);

/* acl.c: access control */

int acl_sync(struct conn *conn, const char *target, const char *group);

/* main.c */

void *xrealloc(void *old, size_t nr, size_t size);

#endif
