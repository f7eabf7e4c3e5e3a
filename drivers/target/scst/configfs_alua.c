// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: device_groups/
 */
#include <linux/configfs.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "scst_priv.h"

static struct config_group scst_dgs_group;

static struct scst_dg *to_scst_dg(struct config_item *item)
{
	return container_of(to_config_group(item), struct scst_dg, group);
}

static struct scst_tpg *to_scst_tpg(struct config_item *item)
{
	return container_of(to_config_group(item), struct scst_tpg, group);
}

static struct scst_tpg *scst_ports_tpg(struct config_item *item)
{
	return container_of(to_config_group(item), struct scst_tpg,
			    ports_group);
}

static struct scst_tpg_port *to_scst_tpg_port(struct config_item *item)
{
	return container_of(item, struct scst_tpg_port, item);
}

/* target_groups/<group>/targets/<port of another machine>/ */

static ssize_t scst_tpg_port_rel_tgt_id_show(struct config_item *item,
					     char *page)
{
	return sysfs_emit(page, "%u\n",
			  READ_ONCE(to_scst_tpg_port(item)->rel_tgt_id));
}

static ssize_t scst_tpg_port_rel_tgt_id_store(struct config_item *item,
					      const char *page, size_t len)
{
	int error;
	u16 id;

	error = kstrtou16(page, 0, &id);
	if (!error)
		error = scst_tpg_port_set_id(to_scst_tpg_port(item), id);
	return error ?: len;
}

CONFIGFS_ATTR(scst_tpg_port_, rel_tgt_id);

static struct configfs_attribute *scst_tpg_port_attrs[] = {
	&scst_tpg_port_attr_rel_tgt_id,
	NULL,
};

static void scst_tpg_port_release(struct config_item *item)
{
	kfree(to_scst_tpg_port(item));
}

static struct configfs_item_operations scst_tpg_port_item_ops = {
	.release	= scst_tpg_port_release,
};

static const struct config_item_type scst_tpg_port_type = {
	.ct_item_ops	= &scst_tpg_port_item_ops,
	.ct_attrs	= scst_tpg_port_attrs,
	.ct_owner	= THIS_MODULE,
};

/* target_groups/<group>/targets/ */

static struct config_item *scst_ports_make_item(struct config_group *group,
						const char *name)
{
	struct scst_tpg_port *port;
	int error;

	if (strlen(name) > SCST_MAX_NAME)
		return ERR_PTR(-ENAMETOOLONG);
	port = scst_tpg_port_new(scst_ports_tpg(&group->cg_item), NULL);
	if (!port)
		return ERR_PTR(-ENOMEM);
	config_item_init_type_name(&port->item, name, &scst_tpg_port_type);
	error = scst_tpg_add_port(port);
	if (error) {
		config_item_put(&port->item);
		return ERR_PTR(error);
	}
	return &port->item;
}

static void scst_ports_drop_item(struct config_group *group,
				 struct config_item *item)
{
	scst_tpg_del_port(to_scst_tpg_port(item));
	config_item_put(item);
}

static struct configfs_group_operations scst_ports_group_ops = {
	.make_item	= scst_ports_make_item,
	.drop_item	= scst_ports_drop_item,
};

static struct scst_tgt *scst_item_tgt(struct config_item *item)
{
	return container_of(to_config_group(item), struct scst_tgt, group);
}

static int scst_ports_allow_link(struct config_item *src,
				 struct config_item *target)
{
	struct scst_tpg_port *port;
	int error;

	if (!scst_item_is_target(target))
		return -EINVAL;
	port = scst_tpg_port_new(scst_ports_tpg(src), scst_item_tgt(target));
	if (!port)
		return -ENOMEM;
	error = scst_tpg_add_port(port);
	if (error)
		kfree(port);
	return error;
}

static void scst_ports_drop_link(struct config_item *src,
				 struct config_item *target)
{
	scst_tpg_del_tgt(scst_ports_tpg(src), scst_item_tgt(target));
}

static struct configfs_item_operations scst_ports_item_ops = {
	.allow_link	= scst_ports_allow_link,
	.drop_link	= scst_ports_drop_link,
};

static const struct config_item_type scst_ports_type = {
	.ct_group_ops	= &scst_ports_group_ops,
	.ct_item_ops	= &scst_ports_item_ops,
	.ct_owner	= THIS_MODULE,
};

/* target_groups/<group>/ */

static ssize_t scst_tpg_group_id_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n",
			  READ_ONCE(to_scst_tpg(item)->desc.group_id));
}

static ssize_t scst_tpg_group_id_store(struct config_item *item,
				       const char *page, size_t len)
{
	int error;
	u16 id;

	error = kstrtou16(page, 0, &id);
	if (!error)
		error = scst_tpg_set_id(to_scst_tpg(item), id);
	return error ?: len;
}

CONFIGFS_ATTR(scst_tpg_, group_id);

static const struct scst_alua_desc *scst_alua_by_name(const char *name)
{
	const struct scst_alua_desc *desc;

	for (desc = scst_alua_descs; desc->name; desc++)
		if (sysfs_streq(name, desc->name))
			return desc;
	return NULL;
}

static ssize_t scst_tpg_state_show(struct config_item *item, char *page)
{
	u8 state = READ_ONCE(to_scst_tpg(item)->desc.state);

	return sysfs_emit(page, "%s\n", scst_alua_desc(state)->name);
}

static ssize_t scst_tpg_state_store(struct config_item *item, const char *page,
				    size_t len)
{
	const struct scst_alua_desc *desc = scst_alua_by_name(page);
	int error;

	if (!desc)
		return -EINVAL;
	error = scst_tpg_set_state(to_scst_tpg(item), desc->state);
	return error ?: len;
}

CONFIGFS_ATTR(scst_tpg_, state);

static ssize_t scst_tpg_supported_states_show(struct config_item *item,
					      char *page)
{
	u8 supported = READ_ONCE(to_scst_tpg(item)->desc.supported);
	const struct scst_alua_desc *desc;
	ssize_t len = 0;

	for (desc = scst_alua_descs; desc->name; desc++)
		if (supported & desc->sup)
			len += sysfs_emit_at(page, len, "%s%s", len ? " " : "",
					     desc->name);
	return len + sysfs_emit_at(page, len, "\n");
}

/* Return: bits of scst_alua_desc.sup, or -EINVAL. */
static int scst_tpg_parse_states(char *names)
{
	const struct scst_alua_desc *desc;
	int supported = 0;
	char *name;

	while ((name = strsep(&names, " \t\n"))) {
		if (!*name)
			continue;
		desc = scst_alua_by_name(name);
		if (!desc)
			return -EINVAL;
		supported |= desc->sup;
	}
	return supported ?: -EINVAL;
}

static ssize_t scst_tpg_supported_states_store(struct config_item *item,
					       const char *page, size_t len)
{
	char *names = kstrdup(page, GFP_KERNEL);
	int supported, error;

	if (!names)
		return -ENOMEM;
	supported = scst_tpg_parse_states(names);
	kfree(names);
	if (supported < 0)
		return supported;
	error = scst_tpg_set_supported(to_scst_tpg(item), supported);
	return error ?: len;
}

CONFIGFS_ATTR(scst_tpg_, supported_states);

static ssize_t scst_tpg_preferred_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n",
			  READ_ONCE(to_scst_tpg(item)->desc.preferred));
}

static ssize_t scst_tpg_preferred_store(struct config_item *item,
					const char *page, size_t len)
{
	bool preferred;
	int error;

	error = kstrtobool(page, &preferred);
	if (error)
		return error;
	scst_tpg_set_preferred(to_scst_tpg(item), preferred);
	return len;
}

CONFIGFS_ATTR(scst_tpg_, preferred);

static struct configfs_attribute *scst_tpg_attrs[] = {
	&scst_tpg_attr_group_id,
	&scst_tpg_attr_state,
	&scst_tpg_attr_supported_states,
	&scst_tpg_attr_preferred,
	NULL,
};

static void scst_tpg_release(struct config_item *item)
{
	kfree(to_scst_tpg(item));
}

static struct configfs_item_operations scst_tpg_item_ops = {
	.release	= scst_tpg_release,
};

static const struct config_item_type scst_tpg_type = {
	.ct_item_ops	= &scst_tpg_item_ops,
	.ct_attrs	= scst_tpg_attrs,
	.ct_owner	= THIS_MODULE,
};

/* target_groups/ */

static struct config_group *scst_tpgs_make_group(struct config_group *group,
						 const char *name)
{
	struct scst_dg *dg = container_of(group, struct scst_dg, tpgs_group);
	struct scst_tpg *tpg;
	int error;

	if (strlen(name) > SCST_MAX_NAME)
		return ERR_PTR(-ENAMETOOLONG);
	tpg = kzalloc(sizeof(*tpg), GFP_KERNEL);
	if (!tpg)
		return ERR_PTR(-ENOMEM);
	scst_tpg_init(tpg, dg);
	error = scst_tpg_register(tpg);
	if (error) {
		kfree(tpg);
		return ERR_PTR(error);
	}
	config_group_init_type_name(&tpg->group, name, &scst_tpg_type);
	config_group_init_type_name(&tpg->ports_group, "targets",
				    &scst_ports_type);
	configfs_add_default_group(&tpg->ports_group, &tpg->group);
	return &tpg->group;
}

static void scst_tpgs_drop_item(struct config_group *group,
				struct config_item *item)
{
	scst_tpg_unregister(to_scst_tpg(item));
	config_item_put(item);
}

static struct configfs_group_operations scst_tpgs_group_ops = {
	.make_group	= scst_tpgs_make_group,
	.drop_item	= scst_tpgs_drop_item,
};

static const struct config_item_type scst_tpgs_type = {
	.ct_group_ops	= &scst_tpgs_group_ops,
	.ct_owner	= THIS_MODULE,
};

/* devices/ */

static int scst_dg_allow_link(struct config_item *src,
			      struct config_item *target)
{
	if (!scst_item_is_device(target))
		return -EINVAL;
	return scst_dg_add_dev(container_of(to_config_group(src),
					    struct scst_dg, devs_group),
			       scst_item_device(target));
}

static void scst_dg_drop_link(struct config_item *src,
			      struct config_item *target)
{
	scst_dg_del_dev(container_of(to_config_group(src), struct scst_dg,
				     devs_group),
			scst_item_device(target));
}

static struct configfs_item_operations scst_dg_devs_item_ops = {
	.allow_link	= scst_dg_allow_link,
	.drop_link	= scst_dg_drop_link,
};

static const struct config_item_type scst_dg_devs_type = {
	.ct_item_ops	= &scst_dg_devs_item_ops,
	.ct_owner	= THIS_MODULE,
};

/* device_groups/<group>/ */

static ssize_t scst_dg_lu_group_id_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n",
			  READ_ONCE(to_scst_dg(item)->lu_group_id));
}

static ssize_t scst_dg_lu_group_id_store(struct config_item *item,
					 const char *page, size_t len)
{
	int error;
	u16 id;

	error = kstrtou16(page, 0, &id);
	if (!error)
		error = scst_dg_set_lu_group_id(to_scst_dg(item), id);
	return error ?: len;
}

CONFIGFS_ATTR(scst_dg_, lu_group_id);

static ssize_t scst_dg_implicit_transition_time_show(struct config_item *item,
						     char *page)
{
	return sysfs_emit(page, "%u\n",
			  READ_ONCE(to_scst_dg(item)->transition_time));
}

static ssize_t scst_dg_implicit_transition_time_store(struct config_item *item,
						      const char *page,
						      size_t len)
{
	int error;
	u8 time;

	error = kstrtou8(page, 0, &time);
	if (error)
		return error;
	WRITE_ONCE(to_scst_dg(item)->transition_time, time);
	return len;
}

CONFIGFS_ATTR(scst_dg_, implicit_transition_time);

static ssize_t scst_dg_explicit_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", READ_ONCE(to_scst_dg(item)->explicit));
}

static ssize_t scst_dg_explicit_store(struct config_item *item,
				      const char *page, size_t len)
{
	bool explicit;
	int error;

	error = kstrtobool(page, &explicit);
	if (error)
		return error;
	scst_dg_set_explicit(to_scst_dg(item), explicit);
	return len;
}

CONFIGFS_ATTR(scst_dg_, explicit);

static ssize_t scst_dg_explicit_timeout_show(struct config_item *item,
					     char *page)
{
	return sysfs_emit(page, "%u\n", READ_ONCE(to_scst_dg(item)->timeout));
}

/* Of requests that come from now on */
static ssize_t scst_dg_explicit_timeout_store(struct config_item *item,
					      const char *page, size_t len)
{
	unsigned int timeout;
	int error;

	error = kstrtouint(page, 0, &timeout);
	if (error)
		return error;
	if (!timeout || timeout > SCST_STPG_MAX_TIMEOUT)
		return -ERANGE;
	WRITE_ONCE(to_scst_dg(item)->timeout, timeout);
	return len;
}

CONFIGFS_ATTR(scst_dg_, explicit_timeout);

static ssize_t scst_dg_request_show(struct config_item *item, char *page)
{
	struct scst_dg *dg = to_scst_dg(item);
	const struct scst_tpg *tpg;
	ssize_t len = 0;

	scst_config_lock();
	if (!scst_stpg_nexus(dg))
		goto unlock;
	list_for_each_entry(tpg, &dg->tpgs, entry)
		if (tpg->wanted != SCST_ALUA_NONE)
			len += sysfs_emit_at(page, len, "%u %s\n",
					     tpg->desc.group_id,
					     scst_alua_desc(tpg->wanted)->name);
unlock:
	scst_config_unlock();
	return len;
}

static ssize_t scst_dg_request_store(struct config_item *item,
				     const char *page, size_t len)
{
	int error;

	error = scst_stpg_answer(to_scst_dg(item), page);
	return error ?: len;
}

CONFIGFS_ATTR(scst_dg_, request);

static struct configfs_attribute *scst_dg_attrs[] = {
	&scst_dg_attr_lu_group_id,
	&scst_dg_attr_implicit_transition_time,
	&scst_dg_attr_explicit,
	&scst_dg_attr_explicit_timeout,
	&scst_dg_attr_request,
	NULL,
};

static void scst_dg_release(struct config_item *item)
{
	kfree(to_scst_dg(item));
}

static struct configfs_item_operations scst_dg_item_ops = {
	.release	= scst_dg_release,
};

static const struct config_item_type scst_dg_type = {
	.ct_item_ops	= &scst_dg_item_ops,
	.ct_attrs	= scst_dg_attrs,
	.ct_owner	= THIS_MODULE,
};

/* device_groups/ */

static struct config_group *scst_dgs_make_group(struct config_group *group,
						const char *name)
{
	struct scst_dg *dg;
	int error;

	if (strlen(name) > SCST_MAX_NAME)
		return ERR_PTR(-ENAMETOOLONG);
	dg = kzalloc(sizeof(*dg), GFP_KERNEL);
	if (!dg)
		return ERR_PTR(-ENOMEM);
	scst_dg_init(dg);
	error = scst_dg_dev_add(dg, name);
	if (error)
		goto free_dg;
	error = scst_dg_register(dg);
	if (error)
		goto del_dev;
	config_group_init_type_name(&dg->group, name, &scst_dg_type);
	config_group_init_type_name(&dg->devs_group, "devices",
				    &scst_dg_devs_type);
	configfs_add_default_group(&dg->devs_group, &dg->group);
	config_group_init_type_name(&dg->tpgs_group, "target_groups",
				    &scst_tpgs_type);
	configfs_add_default_group(&dg->tpgs_group, &dg->group);
	return &dg->group;

del_dev:
	scst_dg_dev_del(dg);
free_dg:
	kfree(dg);
	return ERR_PTR(error);
}

static void scst_dgs_drop_item(struct config_group *group,
			       struct config_item *item)
{
	scst_dg_unregister(to_scst_dg(item));
	scst_dg_dev_del(to_scst_dg(item));
	config_item_put(item);
}

static struct configfs_group_operations scst_dgs_group_ops = {
	.make_group	= scst_dgs_make_group,
	.drop_item	= scst_dgs_drop_item,
};

static const struct config_item_type scst_dgs_type = {
	.ct_group_ops	= &scst_dgs_group_ops,
	.ct_owner	= THIS_MODULE,
};

void scst_configfs_add_alua(struct config_group *root)
{
	config_group_init_type_name(&scst_dgs_group, "device_groups",
				    &scst_dgs_type);
	configfs_add_default_group(&scst_dgs_group, root);
}
