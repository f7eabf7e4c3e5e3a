// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: targets/<driver>/<target>/
 */
#include <linux/configfs.h>
#include <linux/kstrtox.h>
#include "scst_priv.h"

static struct scst_tgt *to_scst_tgt(struct config_item *item)
{
	return container_of(to_config_group(item), struct scst_tgt, group);
}

static struct scst_fabric *to_scst_fabric(struct config_item *item)
{
	return container_of(to_config_group(item), struct scst_fabric, group);
}

static ssize_t scst_tgt_enabled_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", to_scst_tgt(item)->enabled);
}

static ssize_t scst_tgt_enabled_store(struct config_item *item,
				      const char *page, size_t len)
{
	bool enable;
	int error;

	error = kstrtobool(page, &enable);
	if (!error)
		error = scst_tgt_enable(to_scst_tgt(item), enable);
	return error ?: len;
}

CONFIGFS_ATTR(scst_tgt_, enabled);

static ssize_t scst_tgt_rel_tgt_id_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", to_scst_tgt(item)->rel_tgt_id);
}

static ssize_t scst_tgt_rel_tgt_id_store(struct config_item *item,
					 const char *page, size_t len)
{
	int error;
	u16 id;

	error = kstrtou16(page, 0, &id);
	if (!error)
		error = scst_tgt_set_rel_id(to_scst_tgt(item), id);
	return error ?: len;
}

CONFIGFS_ATTR(scst_tgt_, rel_tgt_id);

static const char * const scst_addr_methods[SCST_ADDR_NR] = {
	[SCST_ADDR_PERIPHERAL]	= "peripheral",
	[SCST_ADDR_FLAT]	= "flat",
	[SCST_ADDR_LUN]		= "lun",
};

static ssize_t scst_tgt_addr_method_show(struct config_item *item, char *page)
{
	u8 method = to_scst_tgt(item)->addr_method;

	return sysfs_emit(page, "%s\n", scst_addr_methods[method]);
}

static ssize_t scst_tgt_addr_method_store(struct config_item *item,
					  const char *page, size_t len)
{
	int method, error;

	method = sysfs_match_string(scst_addr_methods, page);
	if (method < 0)
		return method;
	error = scst_tgt_set_addr_method(to_scst_tgt(item), method);
	return error ?: len;
}

CONFIGFS_ATTR(scst_tgt_, addr_method);

/* Of the sessions that no group has */
static ssize_t scst_tgt_cpus_show(struct config_item *item, char *page)
{
	return scst_acg_show_cpus(to_scst_tgt(item)->default_acg, page);
}

static ssize_t scst_tgt_cpus_store(struct config_item *item, const char *page,
				   size_t len)
{
	int error = scst_acg_set_cpus(to_scst_tgt(item)->default_acg, page);

	return error ?: len;
}

CONFIGFS_ATTR(scst_tgt_, cpus);

static ssize_t
scst_tgt_per_sess_dedicated_tgt_threads_show(struct config_item *item,
					     char *page)
{
	return scst_acg_show_own_threads(to_scst_tgt(item)->default_acg, page);
}

static ssize_t
scst_tgt_per_sess_dedicated_tgt_threads_store(struct config_item *item,
					      const char *page, size_t len)
{
	int error;

	error = scst_acg_set_own_threads(to_scst_tgt(item)->default_acg, page);
	return error ?: len;
}

CONFIGFS_ATTR(scst_tgt_, per_sess_dedicated_tgt_threads);

static ssize_t scst_tgt_aen_disabled_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n",
			  READ_ONCE(to_scst_tgt(item)->aen_disabled));
}

/* Of what happens from now on */
static ssize_t scst_tgt_aen_disabled_store(struct config_item *item,
					   const char *page, size_t len)
{
	bool disabled;
	int error;

	error = kstrtobool(page, &disabled);
	if (error)
		return error;
	WRITE_ONCE(to_scst_tgt(item)->aen_disabled, disabled);
	return len;
}

CONFIGFS_ATTR(scst_tgt_, aen_disabled);

struct configfs_attribute *scst_tgt_attrs[] = {
	&scst_tgt_attr_enabled,
	&scst_tgt_attr_rel_tgt_id,
	&scst_tgt_attr_addr_method,
	&scst_tgt_attr_cpus,
	&scst_tgt_attr_per_sess_dedicated_tgt_threads,
	&scst_tgt_attr_aen_disabled,
	NULL,
};

/* An attribute that would do nothing is not there. */
static bool scst_tgt_attr_visible(struct config_item *item,
				  struct configfs_attribute *attr, int n)
{
	const struct scst_tgt_template *tmpl = to_scst_tgt(item)->tmpl;

	if (attr == &scst_tgt_attr_per_sess_dedicated_tgt_threads)
		return tmpl->session_threads;
	if (attr == &scst_tgt_attr_aen_disabled)
		return tmpl->report_aen;
	return true;
}

static struct configfs_group_operations scst_tgt_group_ops = {
	.is_visible	= scst_tgt_attr_visible,
};

static void scst_tgt_item_release(struct config_item *item)
{
	scst_tgt_put(to_scst_tgt(item));
}

static struct configfs_item_operations scst_tgt_item_ops = {
	.release = scst_tgt_item_release,
};

bool scst_item_is_target(const struct config_item *item)
{
	return item->ci_type->ct_item_ops == &scst_tgt_item_ops;
}

void scst_configfs_init_target(struct scst_tgt *tgt,
			       struct scst_fabric *fabric)
{
	config_group_init_type_name(&tgt->group, tgt->name,
				    &fabric->tgt_item_type);
	scst_configfs_add_groups(tgt);
}

static struct config_group *scst_fabric_make_group(struct config_group *group,
						   const char *name)
{
	struct scst_fabric *fabric = to_scst_fabric(&group->cg_item);
	struct scst_tgt *tgt = fabric->tmpl->new_target(fabric->tmpl, name);

	return IS_ERR(tgt) ? ERR_CAST(tgt) : &tgt->group;
}

static void scst_fabric_drop_item(struct config_group *group,
				  struct config_item *item)
{
	scst_tgt_gone(to_scst_tgt(item));
	config_item_put(item);
}

static struct configfs_group_operations scst_fabric_group_ops = {
	.make_group	= scst_fabric_make_group,
	.drop_item	= scst_fabric_drop_item,
};

int scst_configfs_add_fabric(struct scst_fabric *fabric)
{
	const struct scst_tgt_template *tmpl = fabric->tmpl;

	/* The fabric's module stays as long as there is a directory of its. */
	fabric->tgt_item_type = (struct config_item_type) {
		.ct_owner	= tmpl->owner,
		.ct_item_ops	= &scst_tgt_item_ops,
		.ct_group_ops	= &scst_tgt_group_ops,
		.ct_attrs	= fabric->tgt_attrs,
	};
	fabric->item_type = (struct config_item_type) {
		.ct_owner	= tmpl->owner,
		.ct_group_ops	= &scst_fabric_group_ops,
		.ct_attrs	= tmpl->driver_attrs,
	};
	config_group_init_type_name(&fabric->group, tmpl->name,
				    &fabric->item_type);
	if (tmpl->add_driver_groups)
		tmpl->add_driver_groups(&fabric->group);
	return configfs_register_group(&scst_targets_group, &fabric->group);
}

void scst_configfs_del_fabric(struct scst_fabric *fabric)
{
	configfs_unregister_group(&fabric->group);
}
