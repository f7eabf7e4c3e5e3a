// SPDX-License-Identifier: GPL-2.0
/*
 * Targets and portals, as configfs or the server has them.
 */
#include <stdlib.h>
#include <string.h>
#include "isnsd.h"

void view_clear(struct view *view)
{
	free(view->targets);
	free(view->portals);
	memset(view, 0, sizeof(*view));
}

struct target *view_find_target(const struct view *view, const char *name)
{
	size_t i;

	for (i = 0; i < view->nr_targets; i++)
		if (!strcmp(view->targets[i].name, name))
			return &view->targets[i];
	return NULL;
}

void view_add_target(struct view *view, const struct target *target)
{
	view->targets = xrealloc(view->targets, view->nr_targets + 1,
				 sizeof(*target));
	view->targets[view->nr_targets++] = *target;
}

/* @target is in the view. The last one takes its place. */
void view_del_target(struct view *view, struct target *target)
{
	*target = view->targets[--view->nr_targets];
}

struct portal *view_find_portal(const struct view *view,
				const struct portal *portal)
{
	size_t i;

	for (i = 0; i < view->nr_portals; i++)
		if (view->portals[i].port == portal->port &&
		    IN6_ARE_ADDR_EQUAL(&view->portals[i].addr, &portal->addr))
			return &view->portals[i];
	return NULL;
}

/* Unless it is there: a wildcard and an address may stand for the same. */
void view_add_portal(struct view *view, const struct portal *portal)
{
	if (view_find_portal(view, portal))
		return;
	view->portals = xrealloc(view->portals, view->nr_portals + 1,
				 sizeof(*portal));
	view->portals[view->nr_portals++] = *portal;
}

/* @portal is in the view. The last one takes its place. */
void view_del_portal(struct view *view, struct portal *portal)
{
	*portal = view->portals[--view->nr_portals];
}
