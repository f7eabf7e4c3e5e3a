// SPDX-License-Identifier: GPL-2.0
/*
 * Target ports: names, relative identifiers, lifetime.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "scst_priv.h"

static LIST_HEAD(scst_tgts);		/* scst_config_mutex */

static bool scst_rel_id_taken(u16 id, const struct scst_tgt *except)
{
	const struct scst_tgt *tgt;

	list_for_each_entry(tgt, &scst_tgts, registry_entry)
		if (tgt != except && tgt->rel_tgt_id == id)
			return true;
	return false;
}

/* The lowest free one: SPC-5 reserves zero. */
static int scst_assign_rel_id(struct scst_tgt *tgt)
{
	unsigned int id;

	lockdep_assert_held(&scst_config_mutex);

	for (id = 1; id <= U16_MAX; id++) {
		if (!scst_rel_id_taken(id, tgt)) {
			tgt->rel_tgt_id = id;
			return 0;
		}
	}
	return -ENOSPC;
}

/*
 * The relative identifiers of all ports of a fabric, in memory that the caller
 * frees.
 */
u16 *scst_tgt_rel_ids(const struct scst_tgt_template *tmpl, unsigned int *nr)
{
	const struct scst_tgt *tgt;
	unsigned int max = 0;
	u16 *ids;

	lockdep_assert_held(&scst_config_mutex);

	list_for_each_entry(tgt, &scst_tgts, registry_entry)
		max++;
	ids = kcalloc(max + 1, sizeof(*ids), GFP_NOIO | __GFP_NOWARN);
	if (!ids)
		return NULL;
	*nr = 0;
	list_for_each_entry(tgt, &scst_tgts, registry_entry)
		if (tgt->tmpl == tmpl)
			ids[(*nr)++] = tgt->rel_tgt_id;
	return ids;
}

static bool scst_tgt_name_taken(const struct scst_tgt_template *tmpl,
				const char *name)
{
	const struct scst_tgt *tgt;

	list_for_each_entry(tgt, &scst_tgts, registry_entry)
		if (tgt->tmpl == tmpl && !strcmp(tgt->name, name))
			return true;
	return false;
}

static void scst_tgt_release_work(struct work_struct *work)
{
	struct scst_tgt *tgt = container_of(work, struct scst_tgt,
					    release_work);
	const struct scst_tgt_template *tmpl = tgt->tmpl;
	struct scst_fabric *fabric;

	xa_destroy(&tgt->default_acg->luns);
	kfree(tgt->default_acg);
	kfree(tgt->name);

	scst_config_lock();
	fabric = scst_find_fabric(tmpl);
	scst_config_unlock();
	tmpl->free_target(tgt);
	scst_fabric_put(fabric);
}

static void scst_tgt_release(struct kref *kref)
{
	struct scst_tgt *tgt = container_of(kref, struct scst_tgt, kref);

	queue_work(scst_free_wq, &tgt->release_work);
}

void scst_tgt_get(struct scst_tgt *tgt)
{
	kref_get(&tgt->kref);
}
EXPORT_SYMBOL_GPL(scst_tgt_get);

void scst_tgt_put(struct scst_tgt *tgt)
{
	kref_put(&tgt->kref, scst_tgt_release);
}
EXPORT_SYMBOL_GPL(scst_tgt_put);

static struct scst_fabric *scst_tgt_list_add(struct scst_tgt *tgt)
{
	struct scst_fabric *fabric;
	int error = 0;

	scst_config_lock();
	fabric = scst_find_fabric(tgt->tmpl);
	if (!fabric)
		error = -ENODEV;
	else if (scst_tgt_name_taken(tgt->tmpl, tgt->name))
		error = -EEXIST;
	else
		error = scst_assign_rel_id(tgt);
	if (!error) {
		refcount_inc(&fabric->nr_tgts);
		list_add_tail(&tgt->registry_entry, &scst_tgts);
	}
	scst_config_unlock();
	return error ? ERR_PTR(error) : fabric;
}

int scst_register_target(struct scst_tgt *tgt,
			 const struct scst_tgt_template *tmpl,
			 const char *name)
{
	struct scst_fabric *fabric;
	int error = -ENOMEM;

	if (strlen(name) > SCST_MAX_NAME)
		return -ENAMETOOLONG;

	tgt->tmpl = tmpl;
	kref_init(&tgt->kref);
	mutex_init(&tgt->enable_lock);
	INIT_LIST_HEAD(&tgt->acgs);
	INIT_LIST_HEAD(&tgt->sessions);
	INIT_WORK(&tgt->release_work, scst_tgt_release_work);

	tgt->name = kstrdup(name, GFP_KERNEL);
	if (!tgt->name)
		return -ENOMEM;
	tgt->default_acg = kzalloc(sizeof(*tgt->default_acg), GFP_KERNEL);
	if (!tgt->default_acg)
		goto free_name;
	scst_acg_init(tgt->default_acg, tgt);

	fabric = scst_tgt_list_add(tgt);
	if (IS_ERR(fabric)) {
		error = PTR_ERR(fabric);
		goto free_acg;
	}
	scst_configfs_init_target(tgt, fabric);
	return 0;

free_acg:
	kfree(tgt->default_acg);
free_name:
	kfree(tgt->name);
	return error;
}
EXPORT_SYMBOL_GPL(scst_register_target);

/* Name and identifier are free again, and no new session is let in. */
void scst_tgt_gone(struct scst_tgt *tgt)
{
	/* As long as no other target can have its name */
	if (tgt->tmpl->target_gone)
		tgt->tmpl->target_gone(tgt);
	scst_config_lock();
	tgt->enabled = false;
	list_del_init(&tgt->registry_entry);
	scst_config_unlock();
}

void scst_unregister_target(struct scst_tgt *tgt)
{
	scst_tgt_gone(tgt);
	config_group_put(&tgt->group);
}
EXPORT_SYMBOL_GPL(scst_unregister_target);

static bool scst_tgt_shows(const struct scst_tgt *tgt,
			   const struct scst_device *dev)
{
	struct scst_acg *acg;

	if (scst_acg_shows(tgt->default_acg, dev))
		return true;
	list_for_each_entry(acg, &tgt->acgs, entry)
		if (scst_acg_shows(acg, dev))
			return true;
	return false;
}

unsigned int scst_device_ports(const struct scst_device *dev, u16 *ids,
			       unsigned int max)
{
	const struct scst_tgt *tgt;
	unsigned int nr = 0;

	scst_config_lock();
	list_for_each_entry(tgt, &scst_tgts, registry_entry) {
		if (nr == max)
			break;
		if (scst_tgt_shows(tgt, dev))
			ids[nr++] = tgt->rel_tgt_id;
	}
	scst_config_unlock();
	return nr;
}
EXPORT_SYMBOL_GPL(scst_device_ports);

/**
 * scst_tgt_enable() - what a write to `enabled` does
 * @tgt: target
 * @enable: let sessions in, or not
 *
 * Return: 0, -EBUSY for a target that has sessions and whose fabric cannot end
 * them, or the errno of the fabric.
 */
int scst_tgt_enable(struct scst_tgt *tgt, bool enable)
{
	const struct scst_tgt_template *tmpl = tgt->tmpl;
	int error = 0;

	mutex_lock(&tgt->enable_lock);
	if (tgt->enabled == enable)
		goto unlock;
	if (tmpl->enable_target) {
		error = tmpl->enable_target(tgt, enable);
		if (error)
			goto unlock;
	}
	scst_config_lock();
	if (!enable && !tmpl->enable_target && !list_empty(&tgt->sessions))
		error = -EBUSY;
	else
		WRITE_ONCE(tgt->enabled, enable);
	scst_config_unlock();
unlock:
	mutex_unlock(&tgt->enable_lock);
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_tgt_enable);

int scst_tgt_set_addr_method(struct scst_tgt *tgt, enum scst_addr_method method)
{
	int error = 0;

	scst_config_lock();
	if (tgt->enabled)
		error = -EBUSY;
	else
		tgt->addr_method = method;
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_tgt_set_addr_method);

int scst_tgt_set_rel_id(struct scst_tgt *tgt, u16 id)
{
	int error = 0;

	scst_config_lock();
	if (!id)
		error = -EINVAL;
	else if (tgt->enabled || !list_empty(&tgt->sessions))
		error = -EBUSY;
	else if (scst_rel_id_taken(id, tgt))
		error = -EEXIST;
	else if (id != tgt->rel_tgt_id && scst_tgt_rel_id_clashes(tgt, id))
		error = -ENOTUNIQ;
	else
		tgt->rel_tgt_id = id;
	scst_config_unlock();
	return error;
}
