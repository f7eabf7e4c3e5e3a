// SPDX-License-Identifier: GPL-2.0
/*
 * Devices (logical units): names, attach and detach, lifetime.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "scst_priv.h"

/* Where devices keep their persistent reservations unless they are told */
#define SCST_PR_DIR	"/var/lib/scst/pr"

/* By name; scst_config_mutex */
static struct rb_root scst_devices = RB_ROOT;

static int scst_device_cmp(struct rb_node *a, const struct rb_node *b)
{
	return strcmp(rb_entry(a, struct scst_device, registry_node)->name,
		      rb_entry(b, struct scst_device, registry_node)->name);
}

/* Nobody can use the device any more: close the store, free everything. */
static void scst_device_release_work(struct work_struct *work)
{
	struct scst_device *dev = container_of(work, struct scst_device,
					       release_work);
	const struct scst_dev_type *type = dev->handler;
	struct scst_handler *handler;

	scst_token_forget(dev);
	if (dev->enabled)
		type->detach(dev);
	scst_mode_file_close(dev);
	scst_resv_forget(dev);
	if (dev->wq)
		destroy_workqueue(dev->wq);
	scst_ranges_exit(&dev->ranges);
	scst_task_set_exit(dev);
	scst_gate_exit(&dev->gate);
	mutex_destroy(&dev->lock);
	kfree(dev->mode_pages_file);
	kfree(dev->aptpl_file);
	kfree(dev->name);

	scst_config_lock();
	handler = scst_find_handler(type);
	scst_config_unlock();
	type->free_device(dev);
	scst_handler_put(handler);
}

static void scst_device_release(struct kref *kref)
{
	struct scst_device *dev = container_of(kref, struct scst_device, kref);

	queue_work(scst_free_wq, &dev->release_work);
}

void scst_device_get(struct scst_device *dev)
{
	kref_get(&dev->kref);
}

/* Any context. */
void scst_device_put(struct scst_device *dev)
{
	kref_put(&dev->kref, scst_device_release);
}

static struct scst_handler *scst_device_list_add(struct scst_device *dev)
{
	struct scst_handler *handler;
	int error = 0;

	scst_config_lock();
	handler = scst_find_handler(dev->handler);
	if (!handler) {
		error = -ENODEV;
	} else if (rb_find_add(&dev->registry_node, &scst_devices,
			       scst_device_cmp)) {
		error = -EEXIST;
	} else {
		refcount_inc(&handler->nr_devs);
	}
	scst_config_unlock();
	return error ? ERR_PTR(error) : handler;
}

/* SPC-5 7.5.10: a task set for each nexus, unrestricted reordering */
static const struct scst_control scst_default_control = {
	.tst = 1,
	.qam = 1,
};

int scst_register_virtual_device(struct scst_device *dev,
				 const struct scst_dev_type *type,
				 const char *name)
{
	struct scst_handler *handler;
	int error;

	if (strlen(name) > SCST_MAX_NAME)
		return -ENAMETOOLONG;

	dev->handler = type;
	dev->type = type->type;
	dev->block_shift = 9;
	dev->max_xfer = U32_MAX;
	dev->max_answer = U32_MAX;
	dev->control = scst_default_control;
	dev->control_default = scst_default_control;
	kref_init(&dev->kref);
	mutex_init(&dev->lock);
	spin_lock_init(&dev->tgt_dev_lock);
	INIT_LIST_HEAD(&dev->tgt_devs);
	INIT_LIST_HEAD(&dev->tokens);
	INIT_LIST_HEAD(&dev->luns);
	INIT_WORK(&dev->release_work, scst_device_release_work);

	dev->name = kstrdup(name, GFP_KERNEL);
	if (!dev->name)
		return -ENOMEM;
	error = -ENOMEM;
	dev->aptpl_file = kasprintf(GFP_KERNEL, SCST_PR_DIR "/%s", name);
	if (!dev->aptpl_file)
		goto free_name;
	error = scst_gate_init(&dev->gate);
	if (error)
		goto free_aptpl_file;
	error = scst_task_set_init(dev);
	if (error)
		goto exit_gate;
	error = scst_ranges_init(&dev->ranges, scst_cmd_range_wake);
	if (error)
		goto exit_task_set;
	handler = scst_device_list_add(dev);
	if (IS_ERR(handler)) {
		error = PTR_ERR(handler);
		goto exit_ranges;
	}
	scst_configfs_init_device(dev, handler);
	return 0;

exit_ranges:
	scst_ranges_exit(&dev->ranges);
exit_task_set:
	scst_task_set_exit(dev);
exit_gate:
	scst_gate_exit(&dev->gate);
free_aptpl_file:
	kfree(dev->aptpl_file);
free_name:
	kfree(dev->name);
	return error;
}
EXPORT_SYMBOL_GPL(scst_register_virtual_device);

/* Process context. Return: its name may be that of another one by now. */
bool scst_device_is_gone(struct scst_device *dev)
{
	bool gone;

	scst_config_lock();
	gone = RB_EMPTY_NODE(&dev->registry_node);
	scst_config_unlock();
	return gone;
}

/* The name is free again; what still uses the device may go on doing so. */
void scst_device_gone(struct scst_device *dev)
{
	scst_config_lock();
	rb_erase(&dev->registry_node, &scst_devices);
	RB_CLEAR_NODE(&dev->registry_node);
	scst_config_unlock();
}

void scst_unregister_virtual_device(struct scst_device *dev)
{
	scst_device_gone(dev);
	config_group_put(&dev->group);
}
EXPORT_SYMBOL_GPL(scst_unregister_virtual_device);

void scst_dev_set_control(struct scst_device *dev,
			  const struct scst_control *control)
{
	int i;

	for (i = 0; i < SCST_CTL_NR; i++)
		scst_control_put(&dev->control, i,
				 scst_control_get(control, i));
	scst_task_set_update(dev);
}
EXPORT_SYMBOL_GPL(scst_dev_set_control);

/*
 * Its rescuer is a thread. What was never enabled is not worth one; what was
 * keeps it, so that work which is still ending needs no care.
 */
static int scst_dev_make_wq(struct scst_device *dev)
{
	if (!dev->wq)
		dev->wq = alloc_workqueue("scst_%.20s", WQ_MEM_RECLAIM, 0,
					  dev->name);
	return dev->wq ? 0 : -ENOMEM;
}

static int scst_dev_attach(struct scst_device *dev)
{
	int error = scst_mode_file_open(dev);

	if (error)
		return error;
	scst_dev_set_control(dev, &dev->control_default);
	error = dev->handler->attach(dev);
	if (error)
		goto close_modes;
	error = scst_dev_make_wq(dev);
	if (error)
		goto detach;
	/* Before anybody can see the device */
	error = scst_pr_start(dev);
	if (error)
		goto detach;
	scst_medium_changed(dev);
	scst_config_lock();
	dev->enabled = true;
	scst_config_unlock();
	return 0;

detach:
	dev->handler->detach(dev);
close_modes:
	scst_mode_file_close(dev);
	return error;
}

static int scst_dev_detach(struct scst_device *dev)
{
	int error = 0;

	scst_config_lock();
	/* A nexus that is gone keeps its place until its commands have ended. */
	if (dev->nr_links || dev->nr_tgt_devs)
		error = -EBUSY;
	else
		dev->enabled = false;
	if (!error)
		scst_resv_forget(dev);
	scst_config_unlock();
	if (error)
		return error;
	scst_token_forget(dev);
	dev->handler->detach(dev);
	scst_mode_file_close(dev);
	return 0;
}

int scst_dev_enable(struct scst_device *dev, bool enable)
{
	int error = 0;

	scst_dev_lock(dev);
	if (enable && !dev->enabled)
		error = scst_dev_attach(dev);
	else if (!enable && dev->enabled)
		error = scst_dev_detach(dev);
	scst_dev_unlock(dev);
	return error;
}
EXPORT_SYMBOL_GPL(scst_dev_enable);

char *scst_dup_path(const char *page)
{
	size_t len = strcspn(page, "\n");

	if (!len)
		return NULL;
	if (page[0] != '/')
		return ERR_PTR(-EINVAL);
	return kstrndup(page, len, GFP_KERNEL) ?: ERR_PTR(-ENOMEM);
}
EXPORT_SYMBOL_GPL(scst_dup_path);

void scst_dev_lock(struct scst_device *dev)
{
	mutex_lock(&dev->lock);
}
EXPORT_SYMBOL_GPL(scst_dev_lock);

void scst_dev_unlock(struct scst_device *dev)
{
	mutex_unlock(&dev->lock);
}
EXPORT_SYMBOL_GPL(scst_dev_unlock);
