// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual CD-ROM handler: an image in a file, or on a block device, as a
 * drive with a medium that the administrator changes while it is in use.
 */
#include <linux/configfs.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "vcdrom.h"

static struct vcdrom *vcdrom_of_item(struct config_item *item)
{
	return to_vcdrom(container_of(to_config_group(item),
				      struct scst_device, group));
}

static ssize_t vcdrom_filename_show(struct config_item *item, char *page)
{
	struct vcdrom *cd = vcdrom_of_item(item);
	ssize_t len;

	scst_dev_lock(&cd->vd.dev);
	len = sysfs_emit(page, "%s\n", cd->vd.filename ?: "");
	scst_dev_unlock(&cd->vd.dev);
	return len;
}

/*
 * While the drive is enabled, under scst_dev_lock(). @name may be NULL. 0 or an
 * errno.
 */
static int vcdrom_change_to(struct vcdrom *cd, const char *name)
{
	struct vcdrom_medium *medium = NULL;
	int error;

	if (name) {
		medium = vcdrom_medium_open(name);
		if (IS_ERR(medium))
			return PTR_ERR(medium);
	}
	error = vcdrom_change(cd, medium);
	if (error)
		vcdrom_medium_put(medium);
	return error;
}

/* Another medium, or, with an empty name, none */
static ssize_t vcdrom_filename_store(struct config_item *item,
				     const char *page, size_t len)
{
	struct vcdrom *cd = vcdrom_of_item(item);
	char *name = scst_dup_path(page);
	int error = 0;

	if (IS_ERR(name))
		return PTR_ERR(name);
	scst_dev_lock(&cd->vd.dev);
	if (cd->vd.dev.enabled)
		error = vcdrom_change_to(cd, name);
	if (!error)
		swap(cd->vd.filename, name);
	scst_dev_unlock(&cd->vd.dev);
	kfree(name);
	return error ?: len;
}

CONFIGFS_ATTR(vcdrom_, filename);

static ssize_t vcdrom_size_show(struct config_item *item, char *page)
{
	u64 nblocks = vcdrom_nblocks(vcdrom_of_item(item));

	return sysfs_emit(page, "%llu\n", nblocks << VCDROM_BLOCK_SHIFT);
}

CONFIGFS_ATTR_RO(vcdrom_, size);

/* These, the identity that all virtual devices have, and a NULL */
static struct configfs_attribute *vcdrom_attrs[2 + VDISK_NR_ID_ATTRS + 1] = {
	&vcdrom_attr_filename,
	&vcdrom_attr_size,
};

static struct scst_device *vcdrom_new(const struct scst_dev_type *type,
				      const char *name)
{
	struct vcdrom *cd;
	int error;

	cd = kzalloc(sizeof(*cd), GFP_KERNEL);
	if (!cd)
		return ERR_PTR(-ENOMEM);
	vdisk_change_init(&cd->vd);
	spin_lock_init(&cd->lock);
	mutex_init(&cd->vd.mode_lock);
	INIT_LIST_HEAD(&cd->nexuses);
	error = scst_register_virtual_device(&cd->vd.dev, type, name);
	if (error) {
		kfree(cd);
		return ERR_PTR(error);
	}
	cd->vd.removable = true;
	/* There is no write cache to tell of. */
	cd->vd.write_through = true;
	cd->vd.dev.max_xfer = VDISK_MAX_XFER;
	cd->vd.dev.max_answer = VDISK_MAX_ANSWER;
	vdisk_default_id(&cd->vd, "SCST_CD");
	return &cd->vd.dev;
}

static void vcdrom_free(struct scst_device *dev)
{
	struct vcdrom *cd = to_vcdrom(dev);

	kfree(cd->vd.filename);
	kfree(cd);
}

static int vcdrom_attach(struct scst_device *dev)
{
	struct vcdrom *cd = to_vcdrom(dev);
	struct vcdrom_medium *medium = NULL;

	if (cd->vd.filename) {
		medium = vcdrom_medium_open(cd->vd.filename);
		if (IS_ERR(medium))
			return PTR_ERR(medium);
	}
	dev->block_shift = VCDROM_BLOCK_SHIFT;
	dev->read_only = true;
	/* What fits on the medium each command sees when it has got hold of it. */
	dev->nblocks = U64_MAX;
	vcdrom_put_in(cd, medium);
	vcdrom_mode_reset(cd);
	return 0;
}

static void vcdrom_detach(struct scst_device *dev)
{
	vcdrom_medium_put(vcdrom_take_out(to_vcdrom(dev)));
}

/* Called for each nexus; what is the logical unit's own may be reset again. */
static void vcdrom_task_mgmt_fn(struct scst_tgt_dev *tgt_dev)
{
	vcdrom_mode_reset(to_vcdrom(tgt_dev->dev));
	vcdrom_allow_removal(tgt_dev);
}

static const struct scst_dev_type vcdrom_type = {
	.owner		= THIS_MODULE,
	.name		= "vcdrom",
	.type		= TYPE_ROM,
	.execs		= vcdrom_execs,
	.dev_attrs	= vcdrom_attrs,
	.new_device	= vcdrom_new,
	.free_device	= vcdrom_free,
	.attach		= vcdrom_attach,
	.detach		= vcdrom_detach,
	.attach_tgt	= vcdrom_attach_tgt,
	.detach_tgt	= vcdrom_detach_tgt,
	.parse		= vcdrom_parse,
	.task_mgmt_fn	= vcdrom_task_mgmt_fn,
	.nexus_loss	= vcdrom_allow_removal,
};

int vcdrom_register(void)
{
	memcpy(vcdrom_attrs + 2, vdisk_id_attrs,
	       VDISK_NR_ID_ATTRS * sizeof(*vcdrom_attrs));
	return scst_register_dev_driver(&vcdrom_type);
}

void vcdrom_unregister(void)
{
	scst_unregister_dev_driver(&vcdrom_type);
}
