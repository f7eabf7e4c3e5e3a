// SPDX-License-Identifier: GPL-2.0
/*
 * Names of portals and of the server: HOST, HOST:PORT, [IPV6], [IPV6]:PORT.
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include "isnsd.h"

/*
 * Cuts @text in two; without a port @port stays. A name with several colons
 * and no brackets is an IPv6 address.
 */
bool address_split(char *text, char **host, char **port)
{
	char *end;

	*host = text;
	if (*text == '[') {
		end = strchr(text, ']');
		if (!end)
			return false;
		*host = text + 1;
		*end++ = '\0';
		if (!*end)
			return **host;
		if (*end != ':')
			return false;
	} else {
		end = strchr(text, ':');
		if (!end || strchr(end + 1, ':'))
			return **host;
	}
	*end = '\0';
	*port = end + 1;
	return **host && **port;
}

static void address_map_v4(const struct in_addr *from, struct in6_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->s6_addr[10] = 0xff;
	addr->s6_addr[11] = 0xff;
	memcpy(&addr->s6_addr[12], from, sizeof(*from));
}

void address_of_sockaddr(const struct sockaddr *from, struct in6_addr *addr)
{
	if (from->sa_family == AF_INET)
		address_map_v4(&((const struct sockaddr_in *)from)->sin_addr,
			       addr);
	else
		*addr = ((const struct sockaddr_in6 *)from)->sin6_addr;
}

/*
 * The name of a directory in portals/. Not those with an interface
 * ([fe80::1%eth0]): what it means, only this machine knows.
 */
bool address_parse_portal(const char *name, struct portal *portal)
{
	char text[INET6_ADDRSTRLEN + sizeof("[]:65535")];
	char *host, *port = NULL;
	struct in_addr v4;

	if (strlen(name) >= sizeof(text))
		return false;
	memcpy(text, name, strlen(name) + 1);
	if (!address_split(text, &host, &port))
		return false;
	portal->port = port ? atoi(port) : ISCSI_PORT;
	if (inet_pton(AF_INET6, host, &portal->addr) == 1)
		return true;
	if (inet_pton(AF_INET, host, &v4) != 1)
		return false;
	address_map_v4(&v4, &portal->addr);
	return true;
}

static bool address_is_v4_any(const struct in6_addr *addr)
{
	struct in6_addr any;
	struct in_addr v4 = { .s_addr = INADDR_ANY };

	address_map_v4(&v4, &any);
	return IN6_ARE_ADDR_EQUAL(addr, &any);
}

bool address_is_wildcard(const struct in6_addr *addr)
{
	return IN6_IS_ADDR_UNSPECIFIED(addr) || address_is_v4_any(addr);
}

/* Can another machine reach this one by it? */
static bool address_is_public(const struct in6_addr *addr)
{
	if (IN6_IS_ADDR_V4MAPPED(addr))
		return addr->s6_addr[12] != IN_LOOPBACKNET;
	return !IN6_IS_ADDR_LOOPBACK(addr) && !IN6_IS_ADDR_LINKLOCAL(addr);
}

/* The addresses of this machine that a portal on all of them listens at */
void address_add_local(struct view *view, const struct portal *wildcard)
{
	int family = address_is_v4_any(&wildcard->addr) ? AF_INET : AF_INET6;
	struct ifaddrs *all, *one;

	if (getifaddrs(&all)) {
		warn("addresses of this machine");
		return;
	}
	for (one = all; one; one = one->ifa_next) {
		struct portal portal = { .port = wildcard->port };

		if (!one->ifa_addr || one->ifa_addr->sa_family != family ||
		    !(one->ifa_flags & IFF_UP))
			continue;
		address_of_sockaddr(one->ifa_addr, &portal.addr);
		if (address_is_public(&portal.addr))
			view_add_portal(view, &portal);
	}
	freeifaddrs(all);
}
