// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: handlers/<handler>/<device>/pr/
 */
#include <linux/configfs.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "scst_priv.h"

static struct scst_device *to_pr_device(struct config_item *item)
{
	return container_of(to_config_group(item), struct scst_device,
			    pr_group);
}

static ssize_t scst_pr_generation_show(struct config_item *item, char *page)
{
	struct scst_device *dev = to_pr_device(item);
	u32 generation;

	scst_config_lock();
	generation = dev->pr ? dev->pr->generation : 0;
	scst_config_unlock();
	return sysfs_emit(page, "%u\n", generation);
}

CONFIGFS_ATTR_RO(scst_pr_, generation);

static ssize_t scst_pr_type_show(struct config_item *item, char *page)
{
	struct scst_device *dev = to_pr_device(item);
	u8 type;

	scst_config_lock();
	type = dev->pr ? dev->pr->type : SCST_PR_NONE;
	scst_config_unlock();
	return sysfs_emit(page, "%u\n", type);
}

CONFIGFS_ATTR_RO(scst_pr_, type);

/* Target port, key and TransportID; as much of it as a page holds */
static int scst_pr_emit_reg(char *page, int len, const struct scst_pr_reg *reg)
{
	const struct scst_transport_id *id = &reg->port.id;

	if (PAGE_SIZE - len < 2 * id->len + 32)
		return 0;
	return sysfs_emit_at(page, len, "%u 0x%016llx %*phN%*phN%*phN%*phN\n",
			     reg->port.rel_port, reg->key,
			     min(id->len, 64), id->data,
			     clamp(id->len - 64, 0, 64), id->data + 64,
			     clamp(id->len - 128, 0, 64), id->data + 128,
			     clamp(id->len - 192, 0, 64), id->data + 192);
}

static ssize_t scst_pr_emit(struct config_item *item, char *page, bool holders)
{
	struct scst_device *dev = to_pr_device(item);
	const struct scst_pr *pr;
	int len = 0;
	u32 i;

	scst_config_lock();
	pr = dev->pr;
	for (i = 0; pr && i < pr->nr; i++)
		if (!holders || scst_pr_is_holder(pr, &pr->regs[i]))
			len += scst_pr_emit_reg(page, len, &pr->regs[i]);
	scst_config_unlock();
	return len;
}

static ssize_t scst_pr_holder_show(struct config_item *item, char *page)
{
	return scst_pr_emit(item, page, true);
}

CONFIGFS_ATTR_RO(scst_pr_, holder);

static ssize_t scst_pr_registrants_show(struct config_item *item, char *page)
{
	return scst_pr_emit(item, page, false);
}

CONFIGFS_ATTR_RO(scst_pr_, registrants);

/* Return: the absolute path on @page, to be freed; ERR_PTR(). */
static char *scst_pr_take_path(const char *page, size_t len)
{
	const size_t max = PATH_MAX - sizeof(SCST_PR_NEW);
	char *path;

	if (len && page[len - 1] == '\n')
		len--;
	if (!len || page[0] != '/' || page[len - 1] == '/' ||
	    memchr(page, 0, len))
		return ERR_PTR(-EINVAL);
	if (len > max)
		return ERR_PTR(-ENAMETOOLONG);
	path = kstrndup(page, len, GFP_KERNEL);
	return path ?: ERR_PTR(-ENOMEM);
}

static ssize_t scst_pr_aptpl_file_show(struct config_item *item, char *page)
{
	struct scst_device *dev = to_pr_device(item);
	ssize_t len;

	scst_dev_lock(dev);
	len = sysfs_emit(page, "%s\n", dev->aptpl_file);
	scst_dev_unlock(dev);
	return len;
}

static ssize_t scst_pr_aptpl_file_store(struct config_item *item,
					const char *page, size_t len)
{
	struct scst_device *dev = to_pr_device(item);
	char *path = scst_pr_take_path(page, len);
	int error = 0;

	if (IS_ERR(path))
		return PTR_ERR(path);
	scst_dev_lock(dev);
	if (dev->enabled)
		error = -EBUSY;
	else
		swap(dev->aptpl_file, path);
	scst_dev_unlock(dev);
	kfree(path);
	return error ?: len;
}

CONFIGFS_ATTR(scst_pr_, aptpl_file);

static ssize_t scst_pr_restore_store(struct config_item *item,
				     const char *page, size_t len)
{
	struct scst_device *dev = to_pr_device(item);
	char *path = scst_pr_take_path(page, len);
	int error;

	if (IS_ERR(path))
		return PTR_ERR(path);
	scst_dev_lock(dev);
	error = scst_pr_restore(dev, path);
	scst_dev_unlock(dev);
	kfree(path);
	return error ?: len;
}

CONFIGFS_ATTR_WO(scst_pr_, restore);

static ssize_t scst_pr_lost_show(struct config_item *item, char *page)
{
	struct scst_device *dev = to_pr_device(item);
	bool lost;

	scst_config_lock();
	lost = dev->pr && dev->pr->lost;
	scst_config_unlock();
	return sysfs_emit(page, "%d\n", lost);
}

static ssize_t scst_pr_lost_store(struct config_item *item, const char *page,
				  size_t len)
{
	struct scst_device *dev = to_pr_device(item);
	bool lost;
	int error;

	error = kstrtobool(page, &lost);
	if (error)
		return error;
	scst_dev_lock(dev);
	error = scst_pr_set_lost(dev, lost);
	scst_dev_unlock(dev);
	return error ?: len;
}

CONFIGFS_ATTR(scst_pr_, lost);

static ssize_t scst_pr_state_read(struct config_item *item, void *buf,
				  size_t size)
{
	return scst_pr_export(to_pr_device(item), buf, size);
}

/*
 * Not written to: configfs looks at binary attributes when they are closed, and
 * could not tell that what was written is refused.
 */
CONFIGFS_BIN_ATTR_RO(scst_pr_, state, NULL, SCST_PR_SLOT);

static struct configfs_bin_attribute *scst_pr_bin_attrs[] = {
	&scst_pr_attr_state,
	NULL,
};

static struct configfs_attribute *scst_pr_attrs[] = {
	&scst_pr_attr_generation,
	&scst_pr_attr_type,
	&scst_pr_attr_holder,
	&scst_pr_attr_registrants,
	&scst_pr_attr_aptpl_file,
	&scst_pr_attr_restore,
	&scst_pr_attr_lost,
	NULL,
};

static const struct config_item_type scst_pr_item_type = {
	.ct_attrs	= scst_pr_attrs,
	.ct_bin_attrs	= scst_pr_bin_attrs,
	.ct_owner	= THIS_MODULE,
};

void scst_configfs_add_pr(struct scst_device *dev)
{
	config_group_init_type_name(&dev->pr_group, "pr", &scst_pr_item_type);
	configfs_add_default_group(&dev->pr_group, &dev->group);
}
