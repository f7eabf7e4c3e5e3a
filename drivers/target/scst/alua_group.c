// SPDX-License-Identifier: GPL-2.0
/*
 * Device groups with their target port groups: who is in which, and the state
 * that each I_T_L nexus has because of it.
 *
 * All of it is the subject of scst_config_mutex. Commands look at words of the
 * nexus, which are written here whenever something changes: first all words,
 * then the unit attention conditions, so that who hears of a change finds it.
 */
#include <kunit/visibility.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include "scst_priv.h"

static LIST_HEAD(scst_dgs);		/* scst_config_mutex */

/* What user space has for an answer, unless somebody says otherwise: seconds */
#define SCST_STPG_TIMEOUT	15

static struct scst_tpg *scst_dg_find_tgt(const struct scst_dg *dg,
					 const struct scst_tgt *tgt)
{
	struct scst_tpg_port *port;
	struct scst_tpg *tpg;

	list_for_each_entry(tpg, &dg->tpgs, entry)
		list_for_each_entry(port, &tpg->ports, entry)
			if (port->tgt == tgt)
				return tpg;
	return NULL;
}

/* Return: what INQUIRY data say of the nexus has changed. */
static bool scst_alua_set_nexus(struct scst_tgt_dev *tgt_dev)
{
	const struct scst_dg *dg = tgt_dev->dev->dg;
	const struct scst_tpg *tpg;
	bool changed;
	u8 tpgs;

	tpg = dg ? scst_dg_find_tgt(dg, tgt_dev->sess->tgt) : NULL;
	if (!tpg) {
		changed = tgt_dev->alua_tpgs != SCST_TPGS_NONE;
		WRITE_ONCE(tgt_dev->alua_tpgs, SCST_TPGS_NONE);
		WRITE_ONCE(tgt_dev->alua_state, SCST_ALUA_OPTIMIZED);
		return changed;
	}
	tpgs = dg->explicit ? SCST_TPGS_BOTH : SCST_TPGS_IMPLICIT;
	changed = tgt_dev->alua_tpgs != tpgs ||
		  tgt_dev->alua_group != tpg->desc.group_id ||
		  tgt_dev->alua_lu_group != dg->lu_group_id;
	WRITE_ONCE(tgt_dev->alua_group, tpg->desc.group_id);
	WRITE_ONCE(tgt_dev->alua_lu_group, dg->lu_group_id);
	WRITE_ONCE(tgt_dev->alua_tpgs, tpgs);
	WRITE_ONCE(tgt_dev->alua_state, tpg->desc.state);
	return changed;
}

/* A new nexus, whose unit attention condition is that it is new */
void scst_alua_update_nexus(struct scst_tgt_dev *tgt_dev)
{
	lockdep_assert_held(&scst_config_mutex);

	scst_alua_set_nexus(tgt_dev);
}

static void scst_alua_tell(struct scst_tgt_dev *tgt_dev, enum scst_ua ua)
{
	scst_ua_set(tgt_dev, ua);
	scst_aen_set(tgt_dev, ua);
}

static bool scst_tpg_is_local(const struct scst_tpg *tpg)
{
	const struct scst_tpg_port *port;

	list_for_each_entry(port, &tpg->ports, entry)
		if (port->tgt)
			return true;
	return false;
}

/* Where there are no states of ports of this machine, nothing is in the way. */
static void scst_alua_tell_handler(struct scst_device *dev)
{
	const struct scst_dg *dg = dev->dg;
	const struct scst_tpg *tpg;
	u16 states = 0;

	if (!dev->handler->alua_changed)
		return;
	if (dg)
		list_for_each_entry(tpg, &dg->tpgs, entry)
			if (scst_tpg_is_local(tpg))
				states |= BIT(tpg->desc.state);
	if (!states || states & SCST_ALUA_ACTIVE_STATES)
		dev->handler->alua_changed(dev, true);
	else if (!(states & BIT(SCST_ALUA_TRANSITIONING)))
		dev->handler->alua_changed(dev, false);
}

/* Something else than a state is other than it was. */
static void scst_alua_update_dev(struct scst_device *dev)
{
	struct scst_tgt_dev *tgt_dev;
	u8 state;

	scst_alua_tell_handler(dev);

	list_for_each_entry(tgt_dev, &dev->tgt_devs, dev_entry) {
		state = tgt_dev->alua_state;
		if (scst_alua_set_nexus(tgt_dev))
			scst_alua_tell(tgt_dev, SCST_UA_INQUIRY_CHANGED);
		if (tgt_dev->alua_state != state)
			scst_alua_tell(tgt_dev, SCST_UA_ALUA_CHANGED);
	}
}

static void scst_dg_update(struct scst_dg *dg)
{
	struct scst_device *dev;

	list_for_each_entry(dev, &dg->devs, dg_entry)
		scst_alua_update_dev(dev);
}

/*
 * SPC-5 5.18.2.6: a unit attention for the initiators of every nexus of these
 * logical units, whichever target port it is by, but for the one that has asked
 * for it.
 */
static void scst_dg_new_state(struct scst_dg *dg, enum scst_ua ua,
			      const struct scst_tgt_dev *except)
{
	struct scst_tgt_dev *tgt_dev;
	struct scst_device *dev;

	list_for_each_entry(dev, &dg->devs, dg_entry) {
		scst_alua_tell_handler(dev);
		list_for_each_entry(tgt_dev, &dev->tgt_devs, dev_entry)
			scst_alua_set_nexus(tgt_dev);
	}
	list_for_each_entry(dev, &dg->devs, dg_entry)
		scst_raise_ua(dev, ua, except);
}

/* Device groups */

void scst_dg_init(struct scst_dg *dg)
{
	INIT_LIST_HEAD(&dg->devs);
	INIT_LIST_HEAD(&dg->tpgs);
	dg->timeout = SCST_STPG_TIMEOUT;
	INIT_DELAYED_WORK(&dg->stpg_work, scst_stpg_timeout);
}
EXPORT_SYMBOL_IF_KUNIT(scst_dg_init);

static bool scst_lu_group_taken(u16 id, const struct scst_dg *except)
{
	const struct scst_dg *dg;

	list_for_each_entry(dg, &scst_dgs, entry)
		if (dg != except && dg->lu_group_id == id)
			return true;
	return false;
}

/**
 * scst_dg_register() - a new device group, with the lowest free number
 * @dg: initialised
 *
 * Return: 0, or -ENOSPC.
 */
int scst_dg_register(struct scst_dg *dg)
{
	unsigned int id;
	int error = -ENOSPC;

	scst_config_lock();
	for (id = 1; id <= U16_MAX; id++) {
		if (scst_lu_group_taken(id, NULL))
			continue;
		dg->lu_group_id = id;
		list_add_tail(&dg->entry, &scst_dgs);
		error = 0;
		break;
	}
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_dg_register);

/* It has neither devices nor target port groups any more. */
void scst_dg_unregister(struct scst_dg *dg)
{
	scst_config_lock();
	list_del(&dg->entry);
	scst_config_unlock();
	cancel_delayed_work_sync(&dg->stpg_work);
}
EXPORT_SYMBOL_IF_KUNIT(scst_dg_unregister);

int scst_dg_set_lu_group_id(struct scst_dg *dg, u16 id)
{
	int error = 0;

	scst_config_lock();
	if (scst_lu_group_taken(id, dg)) {
		error = -EEXIST;
	} else {
		dg->lu_group_id = id;
		scst_dg_update(dg);
	}
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_dg_set_lu_group_id);

void scst_dg_set_explicit(struct scst_dg *dg, bool explicit)
{
	scst_config_lock();
	dg->explicit = explicit;
	if (!explicit)
		scst_stpg_fail(dg);
	scst_dg_update(dg);
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_dg_set_explicit);

/**
 * scst_dg_add_dev() - a device belongs to the group
 * @dg: device group
 * @dev: device, whose configfs directory stays meanwhile
 *
 * Return: 0; -EEXIST if it does already, -EBUSY if it does to another one.
 */
int scst_dg_add_dev(struct scst_dg *dg, struct scst_device *dev)
{
	int error = 0;

	scst_config_lock();
	if (dev->dg) {
		error = dev->dg == dg ? -EEXIST : -EBUSY;
	} else {
		dev->dg = dg;
		list_add_tail(&dev->dg_entry, &dg->devs);
		scst_alua_update_dev(dev);
	}
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_dg_add_dev);

void scst_dg_del_dev(struct scst_dg *dg, struct scst_device *dev)
{
	scst_config_lock();
	/* It may be this one's command. */
	scst_stpg_fail(dg);
	dev->dg = NULL;
	list_del(&dev->dg_entry);
	scst_alua_update_dev(dev);
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_dg_del_dev);

/* Target port groups */

void scst_tpg_init(struct scst_tpg *tpg, struct scst_dg *dg)
{
	tpg->dg = dg;
	INIT_LIST_HEAD(&tpg->ports);
	tpg->desc.supported = SCST_ALUA_SUP_ALL;
	tpg->before = SCST_ALUA_NONE;
	tpg->wanted = SCST_ALUA_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_init);

static bool scst_tpg_id_taken(const struct scst_dg *dg, u16 id,
			      const struct scst_tpg *except)
{
	const struct scst_tpg *tpg;

	list_for_each_entry(tpg, &dg->tpgs, entry)
		if (tpg != except && tpg->desc.group_id == id)
			return true;
	return false;
}

/**
 * scst_tpg_register() - a new target port group, with the lowest free number
 * @tpg: initialised
 *
 * Return: 0, or -ENOSPC.
 */
int scst_tpg_register(struct scst_tpg *tpg)
{
	int error = -ENOSPC;
	unsigned int id;

	scst_config_lock();
	for (id = 1; id <= U16_MAX; id++) {
		if (scst_tpg_id_taken(tpg->dg, id, NULL))
			continue;
		tpg->desc.group_id = id;
		list_add_tail(&tpg->entry, &tpg->dg->tpgs);
		error = 0;
		break;
	}
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_register);

/* It has no target ports any more. */
void scst_tpg_unregister(struct scst_tpg *tpg)
{
	scst_config_lock();
	if (tpg->wanted != SCST_ALUA_NONE)
		scst_stpg_fail(tpg->dg);
	list_del(&tpg->entry);
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_unregister);

int scst_tpg_set_id(struct scst_tpg *tpg, u16 id)
{
	int error = 0;

	scst_config_lock();
	if (scst_tpg_id_taken(tpg->dg, id, tpg)) {
		error = -EEXIST;
	} else {
		tpg->desc.group_id = id;
		scst_dg_update(tpg->dg);
	}
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_set_id);

static void scst_tpg_new_state(struct scst_tpg *tpg, u8 state)
{
	const struct scst_tgt_dev *except = NULL;
	enum scst_ua ua = SCST_UA_ALUA_CHANGED;

	tpg->desc.status = SCST_TPG_IMPLICIT;
	if (tpg->wanted == state) {
		tpg->desc.status = SCST_TPG_EXPLICIT;
		except = scst_stpg_nexus(tpg->dg);
	} else if (tpg->before == state && tpg->wanted == SCST_ALUA_NONE) {
		/* It was on its way, and has come back. */
		ua = SCST_UA_ALUA_FAILED;
	}
	tpg->before = state == SCST_ALUA_TRANSITIONING ? tpg->desc.state :
							 SCST_ALUA_NONE;
	tpg->desc.state = state;
	scst_dg_new_state(tpg->dg, ua, except);
}

/**
 * scst_tpg_set_state() - the target ports of a group are in another state
 * @tpg: target port group
 * @state: enum scst_alua_state
 *
 * Commands that have begun end as usual.
 *
 * Return: 0, or -EOPNOTSUPP for a state that is not one of those supported.
 */
int scst_tpg_set_state(struct scst_tpg *tpg, u8 state)
{
	int error = 0;

	scst_config_lock();
	if (!(tpg->desc.supported & scst_alua_desc(state)->sup)) {
		error = -EOPNOTSUPP;
	} else if (tpg->desc.state != state) {
		scst_tpg_new_state(tpg, state);
		scst_stpg_check(tpg->dg);
	}
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_set_state);

/**
 * scst_tpg_set_supported() - the states that a group can be in
 * @tpg: target port group
 * @supported: bits of scst_alua_desc.sup
 *
 * Return: 0, or -EBUSY if the state that it is in is not among them.
 */
int scst_tpg_set_supported(struct scst_tpg *tpg, u8 supported)
{
	int error = 0;

	scst_config_lock();
	if (supported & scst_alua_desc(tpg->desc.state)->sup)
		tpg->desc.supported = supported;
	else
		error = -EBUSY;
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_set_supported);

/* No code tells of it alone; who hears of the states asks for all of them. */
void scst_tpg_set_preferred(struct scst_tpg *tpg, bool preferred)
{
	scst_config_lock();
	if (tpg->desc.preferred != preferred) {
		tpg->desc.preferred = preferred;
		scst_dg_new_state(tpg->dg, SCST_UA_ALUA_CHANGED, NULL);
	}
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_set_preferred);

/* Target ports */

static bool scst_dg_has_port(const struct scst_dg *dg, u16 id,
			     const struct scst_tpg_port *except)
{
	const struct scst_tpg_port *port;
	const struct scst_tpg *tpg;

	list_for_each_entry(tpg, &dg->tpgs, entry)
		list_for_each_entry(port, &tpg->ports, entry)
			if (port != except && scst_tpg_port_id(port) == id)
				return true;
	return false;
}

/* Would this be the number of another port of a group that the target is in? */
bool scst_tgt_rel_id_clashes(const struct scst_tgt *tgt, u16 id)
{
	const struct scst_dg *dg;

	lockdep_assert_held(&scst_config_mutex);

	list_for_each_entry(dg, &scst_dgs, entry)
		if (scst_dg_find_tgt(dg, tgt) && scst_dg_has_port(dg, id, NULL))
			return true;
	return false;
}

/**
 * scst_tpg_port_new() - memory for a target port
 * @tpg: target port group
 * @tgt: target of this machine, or NULL
 *
 * Return: not in the group yet; or NULL.
 */
struct scst_tpg_port *scst_tpg_port_new(struct scst_tpg *tpg,
					struct scst_tgt *tgt)
{
	struct scst_tpg_port *port = kzalloc(sizeof(*port), GFP_KERNEL);

	if (port) {
		port->tpg = tpg;
		port->tgt = tgt;
	}
	return port;
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_port_new);

static int scst_tpg_check_port(const struct scst_tpg_port *port)
{
	const struct scst_tpg *tpg = port->tpg;
	const struct scst_dg *dg = tpg->dg;

	if (port->tgt && scst_dg_find_tgt(dg, port->tgt))
		return -EEXIST;
	if (port->tgt && scst_dg_has_port(dg, port->tgt->rel_tgt_id, NULL))
		return -ENOTUNIQ;
	return tpg->desc.nr_ports < SCST_TPG_MAX_PORTS ? 0 : -ENOSPC;
}

/**
 * scst_tpg_add_port() - a target port belongs to a group
 * @port: made by scst_tpg_port_new(); the group's unless there is an error
 *
 * Return: 0; -EEXIST if the target is in a group of this device group already;
 * -ENOTUNIQ if another port of it has the same relative identifier; -ENOSPC.
 */
int scst_tpg_add_port(struct scst_tpg_port *port)
{
	struct scst_tpg *tpg = port->tpg;
	int error;

	scst_config_lock();
	error = scst_tpg_check_port(port);
	if (!error) {
		list_add_tail(&port->entry, &tpg->ports);
		tpg->desc.nr_ports++;
		scst_dg_update(tpg->dg);
	}
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_add_port);

static void scst_tpg_take_port(struct scst_tpg_port *port)
{
	lockdep_assert_held(&scst_config_mutex);

	list_del(&port->entry);
	port->tpg->desc.nr_ports--;
	scst_dg_update(port->tpg->dg);
}

void scst_tpg_del_port(struct scst_tpg_port *port)
{
	scst_config_lock();
	scst_tpg_take_port(port);
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_del_port);

void scst_tpg_del_tgt(struct scst_tpg *tpg, const struct scst_tgt *tgt)
{
	struct scst_tpg_port *port, *next;

	scst_config_lock();
	list_for_each_entry_safe(port, next, &tpg->ports, entry) {
		if (port->tgt != tgt)
			continue;
		scst_tpg_take_port(port);
		kfree(port);
	}
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_del_tgt);

/* Return: 0, -EINVAL for 0, which SPC-5 reserves, or -ENOTUNIQ. */
int scst_tpg_port_set_id(struct scst_tpg_port *port, u16 id)
{
	int error = 0;

	if (!id)
		return -EINVAL;
	scst_config_lock();
	if (scst_dg_has_port(port->tpg->dg, id, port))
		error = -ENOTUNIQ;
	else
		port->rel_tgt_id = id;
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_port_set_id);
