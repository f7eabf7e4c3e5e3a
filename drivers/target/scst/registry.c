// SPDX-License-Identifier: GPL-2.0
/*
 * Which handlers and fabrics there are.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include "scst_priv.h"

static LIST_HEAD(scst_handlers);	/* scst_config_mutex */
static LIST_HEAD(scst_fabrics);		/* scst_config_mutex */

struct scst_handler *scst_find_handler(const struct scst_dev_type *type)
{
	struct scst_handler *handler;

	lockdep_assert_held(&scst_config_mutex);

	list_for_each_entry(handler, &scst_handlers, entry)
		if (handler->type == type)
			return handler;
	return NULL;
}

struct scst_fabric *scst_find_fabric(const struct scst_tgt_template *tmpl)
{
	struct scst_fabric *fabric;

	lockdep_assert_held(&scst_config_mutex);

	list_for_each_entry(fabric, &scst_fabrics, entry)
		if (fabric->tmpl == tmpl)
			return fabric;
	return NULL;
}

void scst_handler_put(struct scst_handler *handler)
{
	if (refcount_dec_and_test(&handler->nr_devs))
		complete(&handler->idle);
}

void scst_fabric_put(struct scst_fabric *fabric)
{
	if (refcount_dec_and_test(&fabric->nr_tgts))
		complete(&fabric->idle);
}

static int scst_handler_list_add(struct scst_handler *handler)
{
	struct scst_handler *other;
	int error = 0;

	scst_config_lock();
	list_for_each_entry(other, &scst_handlers, entry)
		if (!strcmp(other->type->name, handler->type->name))
			error = -EEXIST;
	if (!error)
		list_add_tail(&handler->entry, &scst_handlers);
	scst_config_unlock();
	return error;
}

static void scst_handler_list_del(struct scst_handler *handler)
{
	scst_config_lock();
	list_del(&handler->entry);
	scst_config_unlock();
}

int scst_register_dev_driver(const struct scst_dev_type *type)
{
	struct scst_handler *handler;
	int error;

	handler = kzalloc(sizeof(*handler), GFP_KERNEL);
	if (!handler)
		return -ENOMEM;
	handler->type = type;
	refcount_set(&handler->nr_devs, 1);
	init_completion(&handler->idle);
	handler->dev_attrs = scst_merge_attrs(scst_dev_attrs, type->dev_attrs);
	error = -ENOMEM;
	if (!handler->dev_attrs)
		goto free_handler;

	error = scst_handler_list_add(handler);
	if (error)
		goto free_attrs;
	error = scst_configfs_add_handler(handler);
	if (error)
		goto del_handler;
	return 0;

del_handler:
	scst_handler_list_del(handler);
free_attrs:
	kfree(handler->dev_attrs);
free_handler:
	kfree(handler);
	return error;
}
EXPORT_SYMBOL_GPL(scst_register_dev_driver);

void scst_unregister_dev_driver(const struct scst_dev_type *type)
{
	struct scst_handler *handler;

	scst_config_lock();
	handler = scst_find_handler(type);
	scst_config_unlock();
	if (WARN_ON_ONCE(!handler))
		return;

	scst_configfs_del_handler(handler);
	/* Devices whose directory is gone may still have commands inside. */
	scst_handler_put(handler);
	wait_for_completion(&handler->idle);
	scst_handler_list_del(handler);
	kfree(handler->dev_attrs);
	kfree(handler);
}
EXPORT_SYMBOL_GPL(scst_unregister_dev_driver);

static int scst_fabric_list_add(struct scst_fabric *fabric)
{
	struct scst_fabric *other;
	int error = 0;

	scst_config_lock();
	list_for_each_entry(other, &scst_fabrics, entry)
		if (!strcmp(other->tmpl->name, fabric->tmpl->name))
			error = -EEXIST;
	if (!error)
		list_add_tail(&fabric->entry, &scst_fabrics);
	scst_config_unlock();
	return error;
}

static void scst_fabric_list_del(struct scst_fabric *fabric)
{
	scst_config_lock();
	list_del(&fabric->entry);
	scst_config_unlock();
}

int scst_register_target_template(const struct scst_tgt_template *tmpl)
{
	struct scst_fabric *fabric;
	int error;

	fabric = kzalloc(sizeof(*fabric), GFP_KERNEL);
	if (!fabric)
		return -ENOMEM;
	fabric->tmpl = tmpl;
	refcount_set(&fabric->nr_tgts, 1);
	init_completion(&fabric->idle);
	fabric->tgt_attrs = scst_merge_attrs(scst_tgt_attrs, tmpl->tgt_attrs);
	error = -ENOMEM;
	if (!fabric->tgt_attrs)
		goto free_fabric;

	error = scst_fabric_list_add(fabric);
	if (error)
		goto free_attrs;
	error = scst_configfs_add_fabric(fabric);
	if (error)
		goto del_fabric;
	return 0;

del_fabric:
	scst_fabric_list_del(fabric);
free_attrs:
	kfree(fabric->tgt_attrs);
free_fabric:
	kfree(fabric);
	return error;
}
EXPORT_SYMBOL_GPL(scst_register_target_template);

void scst_unregister_target_template(const struct scst_tgt_template *tmpl)
{
	struct scst_fabric *fabric;

	scst_config_lock();
	fabric = scst_find_fabric(tmpl);
	scst_config_unlock();
	if (WARN_ON_ONCE(!fabric))
		return;

	scst_configfs_del_fabric(fabric);
	/* Targets whose directory is gone may still have sessions. */
	scst_fabric_put(fabric);
	wait_for_completion(&fabric->idle);
	scst_fabric_list_del(fabric);
	kfree(fabric->tgt_attrs);
	kfree(fabric);
}
EXPORT_SYMBOL_GPL(scst_unregister_target_template);
