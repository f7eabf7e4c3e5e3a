// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: the subsystem and its root.
 */
#include <linux/configfs.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "scst_priv.h"

#define SCST_VERSION	"4.0.0"

struct config_group scst_handlers_group;
struct config_group scst_targets_group;

static unsigned int scst_count_attrs(struct configfs_attribute **attrs)
{
	unsigned int nr = 0;

	while (attrs && attrs[nr])
		nr++;
	return nr;
}

/* The core's attributes and a driver's in one table; the caller frees it. */
struct configfs_attribute **
scst_merge_attrs(struct configfs_attribute **own,
		 struct configfs_attribute **drivers)
{
	unsigned int nr_own = scst_count_attrs(own);
	unsigned int nr = scst_count_attrs(drivers);
	struct configfs_attribute **attrs;

	attrs = kcalloc(nr_own + nr + 1, sizeof(*attrs), GFP_KERNEL);
	if (!attrs)
		return NULL;
	memcpy(attrs, own, nr_own * sizeof(*attrs));
	memcpy(attrs + nr_own, drivers, nr * sizeof(*attrs));
	return attrs;
}

static ssize_t scst_root_version_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", SCST_VERSION);
}

CONFIGFS_ATTR_RO(scst_root_, version);

static ssize_t scst_root_max_cmd_mem_mb_show(struct config_item *item,
					     char *page)
{
	return sysfs_emit(page, "%lu\n", READ_ONCE(scst_max_cmd_mem) / SZ_1M);
}

static ssize_t scst_root_max_cmd_mem_mb_store(struct config_item *item,
					      const char *page, size_t len)
{
	unsigned long mb;
	int error;

	error = kstrtoul(page, 0, &mb);
	if (error)
		return error;
	if (mb > LONG_MAX / SZ_1M)
		return -ERANGE;
	WRITE_ONCE(scst_max_cmd_mem, mb * SZ_1M);
	return len;
}

CONFIGFS_ATTR(scst_root_, max_cmd_mem_mb);

static struct configfs_attribute *scst_root_attrs[] = {
	&scst_root_attr_version,
	&scst_root_attr_max_cmd_mem_mb,
	NULL,
};

static const struct config_item_type scst_root_type = {
	.ct_attrs = scst_root_attrs,
	.ct_owner = THIS_MODULE,
};

/* Their directories come from the registration of handlers and fabrics. */
static const struct config_item_type scst_registry_type = {
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem scst_subsys = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "scst",
			.ci_type = &scst_root_type,
		},
	},
};

int scst_configfs_init(void)
{
	config_group_init(&scst_subsys.su_group);
	mutex_init(&scst_subsys.su_mutex);
	config_group_init_type_name(&scst_handlers_group, "handlers",
				    &scst_registry_type);
	configfs_add_default_group(&scst_handlers_group, &scst_subsys.su_group);
	config_group_init_type_name(&scst_targets_group, "targets",
				    &scst_registry_type);
	configfs_add_default_group(&scst_targets_group, &scst_subsys.su_group);
	scst_configfs_add_alua(&scst_subsys.su_group);
	return configfs_register_subsystem(&scst_subsys);
}

void scst_configfs_exit(void)
{
	configfs_unregister_subsystem(&scst_subsys);
}
