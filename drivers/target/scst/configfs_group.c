// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: luns/ and ini_groups/<group>/ of a target
 */
#include <linux/configfs.h>
#include <linux/ctype.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "scst_priv.h"

static struct scst_acg_lun *to_scst_acg_lun(struct config_item *item)
{
	return container_of(to_config_group(item), struct scst_acg_lun, group);
}

static struct scst_acg_ini *to_scst_acg_ini(struct config_item *item)
{
	return container_of(item, struct scst_acg_ini, item);
}

static struct scst_acg *to_scst_acg(struct config_item *item)
{
	return container_of(to_config_group(item), struct scst_acg, group);
}

/* luns/<n>/ */

static ssize_t scst_lun_read_only_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", to_scst_acg_lun(item)->read_only);
}

static ssize_t scst_lun_read_only_store(struct config_item *item,
					const char *page, size_t len)
{
	bool read_only;
	int error;

	error = kstrtobool(page, &read_only);
	if (!error)
		error = scst_acg_lun_set_read_only(to_scst_acg_lun(item),
						   read_only);
	return error ?: len;
}

CONFIGFS_ATTR(scst_lun_, read_only);

static struct configfs_attribute *scst_lun_attrs[] = {
	&scst_lun_attr_read_only,
	NULL,
};

static int scst_lun_allow_link(struct config_item *src,
			       struct config_item *target)
{
	if (!scst_item_is_device(target))
		return -EINVAL;
	return scst_acg_lun_link(to_scst_acg_lun(src), scst_item_device(target));
}

static void scst_lun_drop_link(struct config_item *src,
			       struct config_item *target)
{
	scst_acg_lun_unlink(to_scst_acg_lun(src), scst_item_device(target));
}

static void scst_lun_release(struct config_item *item)
{
	kfree(to_scst_acg_lun(item));
}

static struct configfs_item_operations scst_lun_item_ops = {
	.allow_link	= scst_lun_allow_link,
	.drop_link	= scst_lun_drop_link,
	.release	= scst_lun_release,
};

static const struct config_item_type scst_lun_type = {
	.ct_item_ops	= &scst_lun_item_ops,
	.ct_attrs	= scst_lun_attrs,
	.ct_owner	= THIS_MODULE,
};

/* One LUN has one name: no sign, no leading zero, decimal. */
static int scst_parse_lun(const char *name, u64 *lun)
{
	int error;

	if (!isdigit(name[0]) || (name[0] == '0' && name[1]))
		return -EINVAL;
	error = kstrtou64(name, 10, lun);
	if (error)
		return error;
	return *lun > SCST_MAX_LUN ? -ERANGE : 0;
}

static struct config_group *scst_luns_make_group(struct config_group *group,
						 const char *name)
{
	struct scst_acg *acg = container_of(group, struct scst_acg, luns_group);
	struct scst_acg_lun *lun;
	u64 nr;
	int error;

	error = scst_parse_lun(name, &nr);
	if (error)
		return ERR_PTR(error);
	lun = kzalloc(sizeof(*lun), GFP_KERNEL);
	if (!lun)
		return ERR_PTR(-ENOMEM);
	lun->lun = nr;
	error = scst_acg_add_lun(acg, lun);
	if (error) {
		kfree(lun);
		return ERR_PTR(error);
	}
	config_group_init_type_name(&lun->group, name, &scst_lun_type);
	return &lun->group;
}

static void scst_luns_drop_item(struct config_group *group,
				struct config_item *item)
{
	scst_acg_del_lun(to_scst_acg_lun(item));
	config_item_put(item);
}

static struct configfs_group_operations scst_luns_group_ops = {
	.make_group	= scst_luns_make_group,
	.drop_item	= scst_luns_drop_item,
};

static const struct config_item_type scst_luns_type = {
	.ct_group_ops	= &scst_luns_group_ops,
	.ct_owner	= THIS_MODULE,
};

/* ini_groups/<group>/initiators/<pattern>/ */

static void scst_ini_release(struct config_item *item)
{
	kfree(to_scst_acg_ini(item));
}

static struct configfs_item_operations scst_ini_item_ops = {
	.release = scst_ini_release,
};

static const struct config_item_type scst_ini_type = {
	.ct_item_ops	= &scst_ini_item_ops,
	.ct_owner	= THIS_MODULE,
};

static struct config_item *scst_initiators_make_item(struct config_group *group,
						     const char *name)
{
	struct scst_acg *acg = container_of(group, struct scst_acg,
					    initiators_group);
	struct scst_acg_ini *ini;
	int error;

	if (strlen(name) > SCST_MAX_NAME)
		return ERR_PTR(-ENAMETOOLONG);
	ini = kzalloc(sizeof(*ini), GFP_KERNEL);
	if (!ini)
		return ERR_PTR(-ENOMEM);
	config_item_init_type_name(&ini->item, name, &scst_ini_type);
	error = scst_acg_add_ini(acg, ini);
	if (error) {
		config_item_put(&ini->item);
		return ERR_PTR(error);
	}
	return &ini->item;
}

static void scst_initiators_drop_item(struct config_group *group,
				      struct config_item *item)
{
	scst_acg_del_ini(to_scst_acg_ini(item));
	config_item_put(item);
}

static struct configfs_group_operations scst_initiators_group_ops = {
	.make_item	= scst_initiators_make_item,
	.drop_item	= scst_initiators_drop_item,
};

static const struct config_item_type scst_initiators_type = {
	.ct_group_ops	= &scst_initiators_group_ops,
	.ct_owner	= THIS_MODULE,
};

/* ini_groups/<group>/ */

static void scst_acg_item_release(struct config_item *item)
{
	struct scst_acg *acg = to_scst_acg(item);

	xa_destroy(&acg->luns);
	kfree(acg);
}

static struct configfs_item_operations scst_acg_item_ops = {
	.release = scst_acg_item_release,
};

static ssize_t scst_acg_cpus_show(struct config_item *item, char *page)
{
	return scst_acg_show_cpus(to_scst_acg(item), page);
}

static ssize_t scst_acg_cpus_store(struct config_item *item, const char *page,
				   size_t len)
{
	int error = scst_acg_set_cpus(to_scst_acg(item), page);

	return error ?: len;
}

CONFIGFS_ATTR(scst_acg_, cpus);

static ssize_t
scst_acg_per_sess_dedicated_tgt_threads_show(struct config_item *item,
					     char *page)
{
	return scst_acg_show_own_threads(to_scst_acg(item), page);
}

static ssize_t
scst_acg_per_sess_dedicated_tgt_threads_store(struct config_item *item,
					      const char *page, size_t len)
{
	int error = scst_acg_set_own_threads(to_scst_acg(item), page);

	return error ?: len;
}

CONFIGFS_ATTR(scst_acg_, per_sess_dedicated_tgt_threads);

static struct configfs_attribute *scst_acg_attrs[] = {
	&scst_acg_attr_cpus,
	&scst_acg_attr_per_sess_dedicated_tgt_threads,
	NULL,
};

static bool scst_acg_attr_visible(struct config_item *item,
				  struct configfs_attribute *attr, int n)
{
	return attr != &scst_acg_attr_per_sess_dedicated_tgt_threads ||
	       to_scst_acg(item)->tgt->tmpl->session_threads;
}

static struct configfs_group_operations scst_acg_group_ops = {
	.is_visible	= scst_acg_attr_visible,
};

static const struct config_item_type scst_acg_type = {
	.ct_item_ops	= &scst_acg_item_ops,
	.ct_group_ops	= &scst_acg_group_ops,
	.ct_attrs	= scst_acg_attrs,
	.ct_owner	= THIS_MODULE,
};

static int scst_acg_add_fabric_dir(struct scst_acg *acg)
{
	const struct scst_tgt_template *tmpl = acg->tgt->tmpl;
	struct config_group *dir;

	if (!tmpl->new_group_dir)
		return 0;
	dir = tmpl->new_group_dir(acg->tgt);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	configfs_add_default_group(dir, &acg->group);
	acg->fabric_dir = dir;
	return 0;
}

static struct config_group *scst_ini_groups_make_group(struct config_group *g,
						       const char *name)
{
	struct scst_tgt *tgt = container_of(g, struct scst_tgt,
					    ini_groups_group);
	struct scst_acg *acg;
	int error;

	if (strlen(name) > SCST_MAX_NAME)
		return ERR_PTR(-ENAMETOOLONG);
	acg = kzalloc(sizeof(*acg), GFP_KERNEL);
	if (!acg)
		return ERR_PTR(-ENOMEM);
	scst_acg_init(acg, tgt);
	config_group_init_type_name(&acg->group, name, &scst_acg_type);
	config_group_init_type_name(&acg->luns_group, "luns", &scst_luns_type);
	configfs_add_default_group(&acg->luns_group, &acg->group);
	config_group_init_type_name(&acg->initiators_group, "initiators",
				    &scst_initiators_type);
	configfs_add_default_group(&acg->initiators_group, &acg->group);
	error = scst_acg_add_fabric_dir(acg);
	if (error) {
		config_item_put(&acg->group.cg_item);
		return ERR_PTR(error);
	}
	scst_acg_add(acg);
	return &acg->group;
}

static void scst_ini_groups_drop_item(struct config_group *group,
				      struct config_item *item)
{
	scst_acg_remove(to_scst_acg(item));
	/* The fabric's has a life of its own. */
	configfs_remove_default_groups(to_config_group(item));
	config_item_put(item);
}

static struct configfs_group_operations scst_ini_groups_group_ops = {
	.make_group	= scst_ini_groups_make_group,
	.drop_item	= scst_ini_groups_drop_item,
};

static const struct config_item_type scst_ini_groups_type = {
	.ct_group_ops	= &scst_ini_groups_group_ops,
	.ct_owner	= THIS_MODULE,
};

/* luns/ of the default group, and ini_groups/ */
void scst_configfs_add_groups(struct scst_tgt *tgt)
{
	struct scst_acg *acg = tgt->default_acg;

	config_group_init_type_name(&acg->luns_group, "luns", &scst_luns_type);
	configfs_add_default_group(&acg->luns_group, &tgt->group);
	config_group_init_type_name(&tgt->ini_groups_group, "ini_groups",
				    &scst_ini_groups_type);
	configfs_add_default_group(&tgt->ini_groups_group, &tgt->group);
}
