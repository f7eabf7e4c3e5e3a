// SPDX-License-Identifier: GPL-2.0
/*
 * Target ports: names, relative identifiers, lifetime.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "scst_priv.h"

/* By fabric and name; scst_config_mutex */
static struct rb_root scst_tgts = RB_ROOT;
/* By relative identifier, all of them; scst_config_mutex */
static DEFINE_XARRAY_ALLOC(scst_tgt_ids);

static int scst_tgt_cmp(struct rb_node *a, const struct rb_node *b)
{
	const struct scst_tgt *one, *other;

	one = rb_entry(a, struct scst_tgt, registry_node);
	other = rb_entry(b, struct scst_tgt, registry_node);
	if (one->tmpl != other->tmpl)
		return one->tmpl < other->tmpl ? -1 : 1;
	return strcmp(one->name, other->name);
}

/* The lowest free one: SPC-5 reserves zero. */
static int scst_assign_rel_id(struct scst_tgt *tgt)
{
	int error;
	u32 id;

	lockdep_assert_held(&scst_config_mutex);

	error = xa_alloc(&scst_tgt_ids, &id, tgt, XA_LIMIT(1, U16_MAX),
			 GFP_KERNEL);
	if (error)
		return error == -EBUSY ? -ENOSPC : error;
	tgt->rel_tgt_id = id;
	return 0;
}

/*
 * The relative identifiers of all ports of a fabric, in memory that the caller
 * frees.
 */
u16 *scst_tgt_rel_ids(const struct scst_tgt_template *tmpl, unsigned int *nr)
{
	struct scst_tgt *tgt;
	unsigned int max = 0;
	unsigned long id;
	u16 *ids;

	lockdep_assert_held(&scst_config_mutex);

	xa_for_each(&scst_tgt_ids, id, tgt)
		max++;
	ids = kcalloc(max + 1, sizeof(*ids), GFP_NOIO | __GFP_NOWARN);
	if (!ids)
		return NULL;
	*nr = 0;
	xa_for_each(&scst_tgt_ids, id, tgt)
		if (tgt->tmpl == tmpl)
			ids[(*nr)++] = id;
	return ids;
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

static void scst_tgt_erase(struct scst_tgt *tgt)
{
	rb_erase(&tgt->registry_node, &scst_tgts);
	RB_CLEAR_NODE(&tgt->registry_node);
}

static struct scst_fabric *scst_tgt_list_add(struct scst_tgt *tgt)
{
	struct scst_fabric *fabric;
	int error = 0;

	scst_config_lock();
	fabric = scst_find_fabric(tgt->tmpl);
	if (!fabric) {
		error = -ENODEV;
	} else if (rb_find_add(&tgt->registry_node, &scst_tgts,
			       scst_tgt_cmp)) {
		error = -EEXIST;
	} else {
		error = scst_assign_rel_id(tgt);
		if (error)
			scst_tgt_erase(tgt);
		else
			refcount_inc(&fabric->nr_tgts);
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
	tgt->initiators = RB_ROOT;
	tgt->patterns = RB_ROOT;
	INIT_WORK(&tgt->release_work, scst_tgt_release_work);
	scst_tgt_init_luns(tgt);

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
	xa_erase(&scst_tgt_ids, tgt->rel_tgt_id);
	scst_tgt_erase(tgt);
	scst_config_unlock();
	scst_tgt_stop_luns(tgt);
}

void scst_unregister_target(struct scst_tgt *tgt)
{
	scst_tgt_gone(tgt);
	config_group_put(&tgt->group);
}
EXPORT_SYMBOL_GPL(scst_unregister_target);

/* In order, each one once. Return: entries in @ids. */
static unsigned int scst_ids_add(u16 *ids, unsigned int nr, unsigned int max,
				 u16 id)
{
	unsigned int i = nr;

	while (i && ids[i - 1] > id)
		i--;
	if (nr == max || (i && ids[i - 1] == id))
		return nr;
	memmove(ids + i + 1, ids + i, (nr - i) * sizeof(*ids));
	ids[i] = id;
	return nr + 1;
}

unsigned int scst_device_ports(const struct scst_device *dev, u16 *ids,
			       unsigned int max)
{
	const struct scst_acg_lun *lun;
	unsigned int nr = 0;

	scst_config_lock();
	list_for_each_entry(lun, &dev->luns, dev_entry)
		nr = scst_ids_add(ids, nr, max, lun->acg->tgt->rel_tgt_id);
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

static int scst_tgt_move_rel_id(struct scst_tgt *tgt, u16 id)
{
	int error;

	lockdep_assert_held(&scst_config_mutex);

	if (xa_load(&scst_tgt_ids, id))
		return -EEXIST;
	if (scst_tgt_rel_id_clashes(tgt, id))
		return -ENOTUNIQ;
	error = xa_insert(&scst_tgt_ids, id, tgt, GFP_KERNEL);
	if (error)
		return error;
	xa_erase(&scst_tgt_ids, tgt->rel_tgt_id);
	tgt->rel_tgt_id = id;
	return 0;
}

int scst_tgt_set_rel_id(struct scst_tgt *tgt, u16 id)
{
	int error = 0;

	scst_config_lock();
	if (!id)
		error = -EINVAL;
	else if (tgt->enabled || !list_empty(&tgt->sessions))
		error = -EBUSY;
	else if (id != tgt->rel_tgt_id)
		error = scst_tgt_move_rel_id(tgt, id);
	scst_config_unlock();
	return error;
}
