// SPDX-License-Identifier: GPL-2.0
/*
 * The requests that a client makes, one message each: RFC 4171 5.6.5.
 * libisns makes messages of up to 8 KiB, so a target, or a portal that does not
 * come with the entity, is registered by a message of its own.
 */
#include <stdio.h>
#include <string.h>
#include "isnsd.h"

/* What a target wants to hear of: initiators that come and go */
#define SCN_BITS	(ISNS_SCN_OBJECT_UPDATED_MASK |		\
			 ISNS_SCN_OBJECT_ADDED_MASK |		\
			 ISNS_SCN_OBJECT_REMOVED_MASK |		\
			 ISNS_SCN_INITIATOR_AND_SELF_ONLY_MASK)

static isns_simple_t *request_new(uint32_t function, const char *source)
{
	isns_source_t *node = isns_source_create_iscsi(source);
	isns_simple_t *request = isns_simple_create(function, node, NULL);

	isns_source_release(node);
	return request;
}

/* Makes the call and ends the request; @response may be NULL. */
static int request_call(struct conn *conn, isns_simple_t *request,
			isns_simple_t **response)
{
	isns_simple_t *reply;
	int status = conn_call(conn, request, &reply);

	isns_simple_free(request);
	if (response)
		*response = reply;
	else
		isns_simple_free(reply);
	return status;
}

static isns_simple_t *request_register(const char *eid, const char *source)
{
	isns_simple_t *request = request_new(ISNS_DEVICE_ATTRIBUTE_REGISTER,
					     source);

	isns_attr_list_append_string(&request->is_message_attrs,
				     ISNS_TAG_ENTITY_IDENTIFIER, eid);
	return request;
}

static void request_add_target(isns_simple_t *request,
			       const struct target *target)
{
	isns_attr_list_t *attrs = &request->is_operating_attrs;

	isns_attr_list_append_string(attrs, ISNS_TAG_ISCSI_NAME, target->name);
	isns_attr_list_append_uint32(attrs, ISNS_TAG_ISCSI_NODE_TYPE,
				     ISNS_ISCSI_TARGET_MASK);
	if (*target->alias)
		isns_attr_list_append_string(attrs, ISNS_TAG_ISCSI_ALIAS,
					     target->alias);
	else
		isns_attr_list_append_nil(attrs, ISNS_TAG_ISCSI_ALIAS);
}

static void request_add_portal(isns_simple_t *request,
			       const struct portal *portal,
			       const struct portal_ports *ports)
{
	isns_attr_list_t *attrs = &request->is_operating_attrs;

	isns_attr_list_append_ipaddr(attrs, ISNS_TAG_PORTAL_IP_ADDRESS,
				     &portal->addr);
	isns_attr_list_append_uint32(attrs, ISNS_TAG_PORTAL_TCP_UDP_PORT,
				     portal->port);
	if (ports->esi) {
		isns_attr_list_append_uint32(attrs, ISNS_TAG_ESI_INTERVAL,
					     ports->esi_interval);
		isns_attr_list_append_uint32(attrs, ISNS_TAG_ESI_PORT,
					     ports->esi |
					     ISNS_PORTAL_PORT_UDP_MASK);
	}
	if (ports->scn)
		isns_attr_list_append_uint32(attrs, ISNS_TAG_SCN_PORT,
					     ports->scn |
					     ISNS_PORTAL_PORT_UDP_MASK);
}

/*
 * The entity, with a first target, in place of whatever the server has of it.
 * With its portals: open-isns does not inquire of an entity that had none at
 * first. @period: after how many seconds of silence it is forgotten; 0: never
 */
int request_entity(struct conn *conn, const char *eid,
		   const struct target *target, const struct view *portals,
		   const struct portal_ports *ports, uint32_t *period)
{
	isns_simple_t *request = request_register(eid, target->name), *reply;
	isns_attr_list_t *attrs = &request->is_operating_attrs;
	int status;
	size_t i;

	request->is_replace = 1;
	isns_attr_list_append_string(attrs, ISNS_TAG_ENTITY_IDENTIFIER, eid);
	isns_attr_list_append_uint32(attrs, ISNS_TAG_ENTITY_PROTOCOL,
				     ISNS_ENTITY_PROTOCOL_ISCSI);
	for (i = 0; i < portals->nr_portals && i < ENTITY_PORTALS_MAX; i++)
		request_add_portal(request, &portals->portals[i], ports);
	request_add_target(request, target);
	status = request_call(conn, request, &reply);
	if (status)
		return status;
	if (!isns_attr_list_get_uint32(&reply->is_operating_attrs,
				       ISNS_TAG_REGISTRATION_PERIOD, period))
		*period = 0;
	isns_simple_free(reply);
	return 0;
}

int request_target(struct conn *conn, const char *eid, const char *source,
		   const struct target *target)
{
	isns_simple_t *request = request_register(eid, source);

	request_add_target(request, target);
	return request_call(conn, request, NULL);
}

/*
 * Without a portal group of its own in the message each target is in group 1
 * of the portal (RFC 4171 3.4).
 */
int request_portal(struct conn *conn, const char *eid, const char *source,
		   const struct portal *portal,
		   const struct portal_ports *ports)
{
	isns_simple_t *request = request_register(eid, source);

	request_add_portal(request, portal, ports);
	return request_call(conn, request, NULL);
}

int request_scn(struct conn *conn, const char *source)
{
	isns_simple_t *request = request_new(ISNS_SCN_REGISTER, source);

	isns_attr_list_append_string(&request->is_message_attrs,
				     ISNS_TAG_ISCSI_NAME, source);
	isns_attr_list_append_uint32(&request->is_operating_attrs,
				     ISNS_TAG_ISCSI_SCN_BITMAP, SCN_BITS);
	return request_call(conn, request, NULL);
}

int request_drop_scn(struct conn *conn, const char *source)
{
	isns_simple_t *request = request_new(ISNS_SCN_DEREGISTER, source);

	isns_attr_list_append_string(&request->is_message_attrs,
				     ISNS_TAG_ISCSI_NAME, source);
	return request_call(conn, request, NULL);
}

/*
 * Does the server have the target? 0: it has. It is also the sign of life that
 * makes the registration stay.
 */
int request_known(struct conn *conn, const char *name)
{
	isns_simple_t *request = request_new(ISNS_DEVICE_ATTRIBUTE_QUERY, name);
	isns_simple_t *reply;
	const char *found;
	int status;

	isns_attr_list_append_string(&request->is_message_attrs,
				     ISNS_TAG_ISCSI_NAME, name);
	isns_attr_list_append_nil(&request->is_operating_attrs,
				  ISNS_TAG_ISCSI_NAME);
	status = request_call(conn, request, &reply);
	if (status)
		return status;
	if (!isns_attr_list_get_string(&reply->is_operating_attrs,
				       ISNS_TAG_ISCSI_NAME, &found))
		status = ISNS_NO_SUCH_ENTRY;
	isns_simple_free(reply);
	return status;
}

int request_drop_entity(struct conn *conn, const char *source, const char *eid)
{
	isns_simple_t *request = request_new(ISNS_DEVICE_DEREGISTER, source);

	isns_attr_list_append_string(&request->is_operating_attrs,
				     ISNS_TAG_ENTITY_IDENTIFIER, eid);
	return request_call(conn, request, NULL);
}

int request_drop_target(struct conn *conn, const char *name)
{
	isns_simple_t *request = request_new(ISNS_DEVICE_DEREGISTER, name);

	isns_attr_list_append_string(&request->is_operating_attrs,
				     ISNS_TAG_ISCSI_NAME, name);
	return request_call(conn, request, NULL);
}

int request_drop_portal(struct conn *conn, const char *source,
			const struct portal *portal)
{
	isns_simple_t *request = request_new(ISNS_DEVICE_DEREGISTER, source);
	isns_attr_list_t *attrs = &request->is_operating_attrs;

	isns_attr_list_append_ipaddr(attrs, ISNS_TAG_PORTAL_IP_ADDRESS,
				     &portal->addr);
	isns_attr_list_append_uint32(attrs, ISNS_TAG_PORTAL_TCP_UDP_PORT,
				     portal->port);
	return request_call(conn, request, NULL);
}

/*
 * The node that comes after @name, "" for the first, of those that @source can
 * see: those that are in a discovery domain with it. ISNS_NO_SUCH_ENTRY at the
 * end. One at a time, since open-isns has no reply of more than 8 KiB.
 */
int request_next_node(struct conn *conn, const char *source, char *name,
		      size_t size, uint32_t *type)
{
	isns_simple_t *request = request_new(ISNS_DEVICE_GET_NEXT, source);
	isns_attr_list_t *key = &request->is_message_attrs;
	isns_simple_t *reply;
	const char *found;
	int status;

	if (*name)
		isns_attr_list_append_string(key, ISNS_TAG_ISCSI_NAME, name);
	else
		isns_attr_list_append_nil(key, ISNS_TAG_ISCSI_NAME);
	isns_attr_list_append_nil(&request->is_operating_attrs,
				  ISNS_TAG_ISCSI_NODE_TYPE);
	status = request_call(conn, request, &reply);
	if (status)
		return status;
	if (!isns_attr_list_get_string(&reply->is_message_attrs,
				       ISNS_TAG_ISCSI_NAME, &found) ||
	    snprintf(name, size, "%s", found) >= (int)size)
		status = ISNS_MESSAGE_FORMAT_ERROR;
	else if (!isns_attr_list_get_uint32(&reply->is_operating_attrs,
					    ISNS_TAG_ISCSI_NODE_TYPE, type))
		*type = 0;
	isns_simple_free(reply);
	return status;
}
