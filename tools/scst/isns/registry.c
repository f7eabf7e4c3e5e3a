// SPDX-License-Identifier: GPL-2.0
/*
 * Makes what the server has of this machine what it should have.
 *
 * A message needs a target as its source, and no entity can be without one:
 * while no target is enabled nothing is registered. New targets come first, so
 * that there is always one that may speak for the entity.
 *
 * A status other than success concerns one object and is tried again at the
 * next refresh; no answer at all ends the attempt (-1).
 */
#include <stdio.h>
#include <string.h>
#include "isnsd.h"

static void registry_refused(const char *what, const char *name, int status)
{
	warnx("%s %s: the server says %s", what, name, isns_strerror(status));
}

/* Forgets what the server has forgotten. */
static int registry_verify(struct registry *reg)
{
	size_t i = 0;

	while (i < reg->known.nr_targets) {
		struct target *target = &reg->known.targets[i];
		int status = request_known(&reg->conn, target->name);

		if (status < 0)
			return -1;
		if (status)
			view_del_target(&reg->known, target);
		else
			i++;
	}
	return 0;
}

/* True if it was the wish for inquiries: it is given up, for another try. */
static bool registry_no_esi(struct registry *reg, int status)
{
	if (status != ISNS_ESI_NOT_AVAILABLE || !reg->ports.esi)
		return false;
	warnx("the server does not inquire: going on without it");
	reg->ports.esi = 0;
	return true;
}

/* The first target brings the entity, and its portals. */
static int registry_add_entity(struct registry *reg,
			       const struct target *target,
			       const struct view *want)
{
	int status;
	size_t i;

	do {
		status = request_entity(&reg->conn, reg->eid, target, want,
					&reg->ports, &reg->period);
	} while (registry_no_esi(reg, status));
	if (status)
		return status;
	reg->known.nr_portals = 0;	/* replaced */
	for (i = 0; i < want->nr_portals && i < ENTITY_PORTALS_MAX; i++)
		view_add_portal(&reg->known, &want->portals[i]);
	return 0;
}

static int registry_add_target(struct registry *reg,
			       const struct target *target,
			       const struct view *want)
{
	struct target *old = view_find_target(&reg->known, target->name);
	int status;

	if (old && !strcmp(old->alias, target->alias))
		return 0;
	if (reg->known.nr_targets)
		status = request_target(&reg->conn, reg->eid,
					reg->known.targets[0].name, target);
	else
		status = registry_add_entity(reg, target, want);
	if (status < 0)
		return -1;
	if (status)
		registry_refused("target", target->name, status);
	else if (old)
		memcpy(old->alias, target->alias, sizeof(old->alias));
	else
		view_add_target(&reg->known, target);
	return 0;
}

static int registry_add_portal(struct registry *reg,
			       const struct portal *portal)
{
	int status;

	do {
		status = request_portal(&reg->conn, reg->eid,
					reg->known.targets[0].name, portal,
					&reg->ports);
	} while (registry_no_esi(reg, status));
	if (status < 0)
		return -1;
	if (status)
		registry_refused("a portal", "", status);
	else
		view_add_portal(&reg->known, portal);
	return 0;
}

/*
 * All of them again at a refresh: a server that inquires may have given a
 * portal up, and nobody is told of a portal that it knows already.
 */
static int registry_add_portals(struct registry *reg, const struct view *want,
				bool refresh)
{
	size_t i;

	for (i = 0; i < want->nr_portals; i++) {
		const struct portal *portal = &want->portals[i];

		if (!refresh && view_find_portal(&reg->known, portal))
			continue;
		if (registry_add_portal(reg, portal))
			return -1;
	}
	return 0;
}

static int registry_drop_portals(struct registry *reg, const struct view *want)
{
	const char *source = reg->known.targets[0].name;
	size_t i = 0;

	while (i < reg->known.nr_portals) {
		struct portal *portal = &reg->known.portals[i];

		if (view_find_portal(want, portal)) {
			i++;
			continue;
		}
		if (request_drop_portal(&reg->conn, source, portal) < 0)
			return -1;
		view_del_portal(&reg->known, portal);
	}
	return 0;
}

static int registry_drop_targets(struct registry *reg, const struct view *want)
{
	size_t i = 0;

	while (i < reg->known.nr_targets) {
		struct target *target = &reg->known.targets[i];

		if (view_find_target(want, target->name)) {
			i++;
			continue;
		}
		if (request_drop_target(&reg->conn, target->name) < 0)
			return -1;
		view_del_target(&reg->known, target);
	}
	return 0;
}

/*
 * A notification is the only one of its registration, which registry_subscribe()
 * then makes anew: for a second one open-isns (0.101) uses memory that it has
 * freed if we have said anything meanwhile. So this comes before all else.
 */
static int registry_unsubscribe(struct registry *reg)
{
	size_t i;

	for (i = 0; i < reg->known.nr_targets; i++) {
		struct target *target = &reg->known.targets[i];

		if (!target->scn)
			continue;
		if (request_drop_scn(&reg->conn, target->name) < 0)
			return -1;
		target->scn = false;
	}
	reg->notified = false;
	return 0;
}

/* Where the server refuses to tell of changes, the refresh finds them. */
static int registry_subscribe(struct registry *reg, bool refresh)
{
	size_t i;

	for (i = 0; i < reg->known.nr_targets; i++) {
		struct target *target = &reg->known.targets[i];
		int status;

		if (target->scn && !refresh)
			continue;
		status = request_scn(&reg->conn, target->name);
		if (status < 0)
			return -1;
		target->scn = !status;
	}
	return 0;
}

/* The whole entity goes. */
int registry_leave(struct registry *reg)
{
	if (!reg->known.nr_targets)
		return 0;
	if (request_drop_entity(&reg->conn, reg->known.targets[0].name,
				reg->eid) < 0)
		return -1;
	view_clear(&reg->known);
	return 0;
}

/*
 * With @refresh what should be there already is looked after, too. 0, or -1 if
 * the server cannot be reached: then it is tried again later.
 */
int registry_sync(struct registry *reg, const struct view *want, bool refresh)
{
	size_t i;

	if (reg->notified && registry_unsubscribe(reg))
		return -1;
	if (refresh && registry_verify(reg))
		return -1;
	if (!want->nr_targets)
		return registry_leave(reg);
	for (i = 0; i < want->nr_targets; i++)
		if (registry_add_target(reg, &want->targets[i], want))
			return -1;
	if (!reg->known.nr_targets)
		return 0;
	if (registry_add_portals(reg, want, refresh) ||
	    registry_drop_portals(reg, want) ||
	    registry_drop_targets(reg, want))
		return -1;
	return reg->ports.scn ? registry_subscribe(reg, refresh) : 0;
}
