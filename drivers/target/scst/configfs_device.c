// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: handlers/<handler>/<device>/
 */
#include <linux/configfs.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "scst_priv.h"

static struct scst_device *to_scst_device(struct config_item *item)
{
	return container_of(to_config_group(item), struct scst_device, group);
}

struct scst_device *scst_item_device(struct config_item *item)
{
	return to_scst_device(item);
}

static struct scst_handler *to_scst_handler(struct config_item *item)
{
	return container_of(to_config_group(item), struct scst_handler, group);
}

static ssize_t scst_dev_enabled_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", to_scst_device(item)->enabled);
}

static ssize_t scst_dev_enabled_store(struct config_item *item,
				      const char *page, size_t len)
{
	bool enable;
	int error;

	error = kstrtobool(page, &enable);
	if (!error)
		error = scst_dev_enable(to_scst_device(item), enable);
	return error ?: len;
}

CONFIGFS_ATTR(scst_dev_, enabled);

/*
 * The Control mode page: the default values while the device is disabled, the
 * current ones while it is enabled.
 */
static ssize_t scst_dev_control_show(struct config_item *item, char *page,
				     enum scst_control_id id)
{
	struct scst_device *dev = to_scst_device(item);
	u8 value;

	scst_dev_lock(dev);
	value = scst_control_get(dev->enabled ? &dev->control :
						&dev->control_default, id);
	scst_dev_unlock(dev);
	return sysfs_emit(page, "%u\n", value);
}

static ssize_t scst_dev_control_store(struct config_item *item,
				      const char *page, size_t len,
				      enum scst_control_id id)
{
	struct scst_device *dev = to_scst_device(item);
	unsigned int value;
	int error;

	error = kstrtouint(page, 0, &value);
	if (error)
		return error;
	scst_dev_lock(dev);
	if (dev->enabled)
		error = -EBUSY;
	else if (!scst_control_put(&dev->control_default, id, value))
		error = -EINVAL;
	scst_dev_unlock(dev);
	return error ?: len;
}

#define SCST_DEV_CONTROL_ATTR(_name, _id)				\
static ssize_t scst_dev_##_name##_show(struct config_item *item,	\
				       char *page)			\
{									\
	return scst_dev_control_show(item, page, SCST_CTL_##_id);	\
}									\
									\
static ssize_t scst_dev_##_name##_store(struct config_item *item,	\
					const char *page, size_t len)	\
{									\
	return scst_dev_control_store(item, page, len, SCST_CTL_##_id);	\
}									\
									\
CONFIGFS_ATTR(scst_dev_, _name)

SCST_DEV_CONTROL_ATTR(tst, TST);
SCST_DEV_CONTROL_ATTR(tmf_only, TMF_ONLY);
SCST_DEV_CONTROL_ATTR(dpicz, DPICZ);
SCST_DEV_CONTROL_ATTR(d_sense, D_SENSE);
SCST_DEV_CONTROL_ATTR(queue_alg, QAM);
SCST_DEV_CONTROL_ATTR(qerr, QERR);
SCST_DEV_CONTROL_ATTR(ua_intlck_ctrl, UA_INTLCK);
SCST_DEV_CONTROL_ATTR(swp, SWP);
SCST_DEV_CONTROL_ATTR(tas, TAS);

static ssize_t scst_dev_mode_pages_file_show(struct config_item *item,
					     char *page)
{
	struct scst_device *dev = to_scst_device(item);
	ssize_t len;

	scst_dev_lock(dev);
	len = sysfs_emit(page, "%s\n", dev->mode_pages_file ?: "");
	scst_dev_unlock(dev);
	return len;
}

/* Looked at when the device is enabled */
static ssize_t scst_dev_mode_pages_file_store(struct config_item *item,
					      const char *page, size_t len)
{
	struct scst_device *dev = to_scst_device(item);
	char *name = scst_dup_path(page);
	int error = 0;

	if (IS_ERR(name))
		return PTR_ERR(name);
	scst_dev_lock(dev);
	if (dev->enabled)
		error = -EBUSY;
	else
		swap(dev->mode_pages_file, name);
	scst_dev_unlock(dev);
	kfree(name);
	return error ?: len;
}

CONFIGFS_ATTR(scst_dev_, mode_pages_file);

/* By scst_device.trust_expected */
static const char * const scst_expected_names[] = { "verify", "trust" };

static ssize_t scst_dev_expected_values_show(struct config_item *item,
					     char *page)
{
	bool trust = READ_ONCE(to_scst_device(item)->trust_expected);

	return sysfs_emit(page, "%s\n", scst_expected_names[trust]);
}

static ssize_t scst_dev_expected_values_store(struct config_item *item,
					      const char *page, size_t len)
{
	int i = sysfs_match_string(scst_expected_names, page);

	if (i < 0)
		return i;
	WRITE_ONCE(to_scst_device(item)->trust_expected, i);
	return len;
}

CONFIGFS_ATTR(scst_dev_, expected_values);

struct configfs_attribute *scst_dev_attrs[] = {
	&scst_dev_attr_enabled,
	&scst_dev_attr_tst,
	&scst_dev_attr_tmf_only,
	&scst_dev_attr_dpicz,
	&scst_dev_attr_d_sense,
	&scst_dev_attr_queue_alg,
	&scst_dev_attr_qerr,
	&scst_dev_attr_ua_intlck_ctrl,
	&scst_dev_attr_swp,
	&scst_dev_attr_tas,
	&scst_dev_attr_mode_pages_file,
	&scst_dev_attr_expected_values,
	NULL,
};

static void scst_dev_item_release(struct config_item *item)
{
	scst_device_put(to_scst_device(item));
}

static struct configfs_item_operations scst_dev_item_ops = {
	.release = scst_dev_item_release,
};

void scst_configfs_init_device(struct scst_device *dev,
			       struct scst_handler *handler)
{
	config_group_init_type_name(&dev->group, dev->name,
				    &handler->dev_item_type);
	scst_configfs_add_pr(dev);
}

static struct config_group *scst_handler_make_group(struct config_group *group,
						    const char *name)
{
	struct scst_handler *handler = to_scst_handler(&group->cg_item);
	struct scst_device *dev = handler->type->new_device(handler->type, name);

	return IS_ERR(dev) ? ERR_CAST(dev) : &dev->group;
}

static void scst_handler_drop_item(struct config_group *group,
				   struct config_item *item)
{
	scst_device_gone(to_scst_device(item));
	config_item_put(item);
}

static struct configfs_group_operations scst_handler_group_ops = {
	.make_group	= scst_handler_make_group,
	.drop_item	= scst_handler_drop_item,
};

static ssize_t scst_handler_type_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", to_scst_handler(item)->type->type);
}

CONFIGFS_ATTR_RO(scst_handler_, type);

static struct configfs_attribute *scst_handler_attrs[] = {
	&scst_handler_attr_type,
	NULL,
};

int scst_configfs_add_handler(struct scst_handler *handler)
{
	/* The handler's module stays as long as there is a directory of its. */
	handler->dev_item_type = (struct config_item_type) {
		.ct_owner	= handler->type->owner,
		.ct_item_ops	= &scst_dev_item_ops,
		.ct_attrs	= handler->dev_attrs,
	};
	handler->item_type = (struct config_item_type) {
		.ct_owner	= handler->type->owner,
		.ct_group_ops	= &scst_handler_group_ops,
		.ct_attrs	= scst_handler_attrs,
	};
	config_group_init_type_name(&handler->group, handler->type->name,
				    &handler->item_type);
	return configfs_register_group(&scst_handlers_group, &handler->group);
}

void scst_configfs_del_handler(struct scst_handler *handler)
{
	configfs_unregister_group(&handler->group);
}

bool scst_item_is_device(const struct config_item *item)
{
	return item->ci_type->ct_item_ops == &scst_dev_item_ops;
}
