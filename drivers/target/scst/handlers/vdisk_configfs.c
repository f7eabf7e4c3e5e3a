// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes of a virtual disk, handlers/vdisk_<kind>/<disk>/
 */
#include <linux/array_size.h>
#include <linux/configfs.h>
#include <linux/ctype.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "vdisk.h"
#include "vdisk_poll.h"

#define VDISK_MIN_BLOCKSIZE	512
#define VDISK_MAX_BLOCKSIZE	4096
/* 16 EiB less one MiB: a byte count that 64 bits can carry */
#define VDISK_MAX_SIZE_MB	(U64_MAX / SZ_1M)
/* Less than 1.8 inch (SBC-4 table 226); the rest is reserved. */
#define VDISK_MAX_FORM_FACTOR	5

static struct vdisk *vdisk_of_item(struct config_item *item)
{
	return to_vdisk(container_of(to_config_group(item), struct scst_device,
				     group));
}

/* The store may be another one as long as it is not open. */
static int vdisk_lock_closed(struct vdisk *vd)
{
	scst_dev_lock(&vd->dev);
	if (!vd->dev.enabled || (vdisk_is_closed(vd) && !vd->is_switching))
		return 0;
	scst_dev_unlock(&vd->dev);
	return -EBUSY;
}

/* Attributes change while the disk is disabled. Pairs with vdisk_unlock(). */
static int vdisk_lock_disabled(struct vdisk *vd)
{
	scst_dev_lock(&vd->dev);
	if (!vd->dev.enabled)
		return 0;
	scst_dev_unlock(&vd->dev);
	return -EBUSY;
}

static ssize_t vdisk_store_bool(struct vdisk *vd, bool *field,
				const char *page, size_t len)
{
	bool value;
	int error;

	error = kstrtobool(page, &value);
	if (error)
		return error;
	error = vdisk_lock_disabled(vd);
	if (error)
		return error;
	*field = value;
	scst_dev_unlock(&vd->dev);
	return len;
}

static ssize_t vdisk_store_u64(struct vdisk *vd, u64 *field, u64 max,
			       const char *page, size_t len)
{
	u64 value;
	int error;

	error = kstrtou64(page, 0, &value);
	if (error)
		return error;
	if (value > max)
		return -ERANGE;
	error = vdisk_lock_disabled(vd);
	if (error)
		return error;
	*field = value;
	scst_dev_unlock(&vd->dev);
	return len;
}

static ssize_t vdisk_show_string(struct vdisk *vd, const char *field,
				 size_t size, char *page)
{
	char text[SCST_INQ_NAME_LEN + 1];

	vdisk_read_back(vd, field, text, size);
	return sysfs_emit(page, "%s\n", text);
}

/* INQUIRY fields and designators are ASCII graphics and blanks (SPC-5 4.3.1). */
static ssize_t vdisk_store_string(struct vdisk *vd, char *field, size_t size,
				  const char *page, size_t len)
{
	size_t i, n = strcspn(page, "\n");
	char text[SCST_INQ_ID_LEN + 1] = {};
	int error;

	if (n >= size)
		return -ENAMETOOLONG;
	for (i = 0; i < n; i++)
		if (!isascii(page[i]) || !isprint(page[i]))
			return -EINVAL;
	memcpy(text, page, n);
	error = vdisk_change_id(vd, field, text, size);
	return error ?: len;
}

static ssize_t vdisk_show_cache(struct vdisk *vd, const bool *field,
				char *page)
{
	bool value;

	vdisk_read_back(vd, field, &value, sizeof(value));
	return sysfs_emit(page, "%d\n", value);
}

static ssize_t vdisk_store_cache(struct vdisk *vd, bool *field,
				 const char *page, size_t len)
{
	bool value;
	int error;

	error = kstrtobool(page, &value);
	if (error)
		return error;
	error = vdisk_change_cache(vd, field, value);
	return error ?: len;
}

static ssize_t vdisk_read_only_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", vdisk_of_item(item)->read_only);
}

static ssize_t vdisk_read_only_store(struct config_item *item, const char *page,
				     size_t len)
{
	bool read_only;
	int error;

	error = kstrtobool(page, &read_only);
	if (error)
		return error;
	error = vdisk_change_read_only(vdisk_of_item(item), read_only);
	return error ?: len;
}

CONFIGFS_ATTR(vdisk_, read_only);

static ssize_t vdisk_removable_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", vdisk_of_item(item)->removable);
}

static ssize_t vdisk_removable_store(struct config_item *item, const char *page,
				     size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_bool(vd, &vd->removable, page, len);
}

CONFIGFS_ATTR(vdisk_, removable);

static ssize_t vdisk_rotational_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", vdisk_of_item(item)->rotational);
}

static ssize_t vdisk_rotational_store(struct config_item *item,
				      const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_bool(vd, &vd->rotational, page, len);
}

CONFIGFS_ATTR(vdisk_, rotational);

static ssize_t vdisk_form_factor_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", vdisk_of_item(item)->form_factor);
}

static ssize_t vdisk_form_factor_store(struct config_item *item,
				       const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);
	u8 value;
	int error;

	error = kstrtou8(page, 0, &value);
	if (error)
		return error;
	if (value > VDISK_MAX_FORM_FACTOR)
		return -EINVAL;
	error = vdisk_lock_disabled(vd);
	if (error)
		return error;
	vd->form_factor = value;
	scst_dev_unlock(&vd->dev);
	return len;
}

CONFIGFS_ATTR(vdisk_, form_factor);

static ssize_t vdisk_nv_cache_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_cache(vd, &vd->nv_cache, page);
}

static ssize_t vdisk_nv_cache_store(struct config_item *item, const char *page,
				    size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_cache(vd, &vd->nv_cache, page, len);
}

CONFIGFS_ATTR(vdisk_, nv_cache);

static ssize_t vdisk_write_through_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_cache(vd, &vd->write_through, page);
}

static ssize_t vdisk_write_through_store(struct config_item *item,
					 const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_cache(vd, &vd->write_through, page, len);
}

CONFIGFS_ATTR(vdisk_, write_through);

static ssize_t vdisk_o_direct_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", vdisk_of_item(item)->o_direct);
}

static ssize_t vdisk_o_direct_store(struct config_item *item, const char *page,
				    size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_bool(vd, &vd->o_direct, page, len);
}

CONFIGFS_ATTR(vdisk_, o_direct);

static ssize_t vdisk_poll_us_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n",
			  READ_ONCE(vdisk_of_item(item)->poll_us));
}

static ssize_t vdisk_poll_us_store(struct config_item *item, const char *page,
				   size_t len)
{
	u32 value;
	int error;

	error = kstrtou32(page, 0, &value);
	if (error)
		return error;
	if (value > VDISK_MAX_POLL_US)
		return -ERANGE;
	WRITE_ONCE(vdisk_of_item(item)->poll_us, value);
	return len;
}

CONFIGFS_ATTR(vdisk_, poll_us);

static ssize_t vdisk_thin_provisioned_show(struct config_item *item,
					   char *page)
{
	return sysfs_emit(page, "%d\n", vdisk_of_item(item)->thin_provisioned);
}

static ssize_t vdisk_thin_provisioned_store(struct config_item *item,
					    const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_bool(vd, &vd->thin_provisioned, page, len);
}

CONFIGFS_ATTR(vdisk_, thin_provisioned);

static ssize_t vdisk_t10_vend_id_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_string(vd, vd->id.vendor,
				 sizeof(vd->id.vendor), page);
}

static ssize_t vdisk_t10_vend_id_store(struct config_item *item,
				       const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_string(vd, vd->id.vendor, sizeof(vd->id.vendor),
				  page, len);
}

CONFIGFS_ATTR(vdisk_, t10_vend_id);

static ssize_t vdisk_prod_id_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_string(vd, vd->id.product,
				 sizeof(vd->id.product), page);
}

static ssize_t vdisk_prod_id_store(struct config_item *item, const char *page,
				   size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_string(vd, vd->id.product, sizeof(vd->id.product),
				  page, len);
}

CONFIGFS_ATTR(vdisk_, prod_id);

static ssize_t vdisk_prod_rev_lvl_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_string(vd, vd->id.revision,
				 sizeof(vd->id.revision), page);
}

static ssize_t vdisk_prod_rev_lvl_store(struct config_item *item,
					const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_string(vd, vd->id.revision, sizeof(vd->id.revision),
				  page, len);
}

CONFIGFS_ATTR(vdisk_, prod_rev_lvl);

static ssize_t vdisk_inq_vend_specific_show(struct config_item *item,
					    char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_string(vd, vd->id.vend_specific,
				 sizeof(vd->id.vend_specific), page);
}

static ssize_t vdisk_inq_vend_specific_store(struct config_item *item,
					     const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_string(vd, vd->id.vend_specific,
				  sizeof(vd->id.vend_specific), page, len);
}

CONFIGFS_ATTR(vdisk_, inq_vend_specific);

static ssize_t vdisk_t10_dev_id_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_string(vd, vd->id.t10_dev_id,
				 sizeof(vd->id.t10_dev_id), page);
}

static ssize_t vdisk_t10_dev_id_store(struct config_item *item,
				      const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_string(vd, vd->id.t10_dev_id,
				  sizeof(vd->id.t10_dev_id), page, len);
}

CONFIGFS_ATTR(vdisk_, t10_dev_id);

static ssize_t vdisk_usn_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_string(vd, vd->id.usn, sizeof(vd->id.usn), page);
}

static ssize_t vdisk_usn_store(struct config_item *item, const char *page,
			       size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_string(vd, vd->id.usn, sizeof(vd->id.usn),
				  page, len);
}

CONFIGFS_ATTR(vdisk_, usn);

static ssize_t vdisk_vend_specific_id_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_string(vd, vd->id.vend_specific_id,
				 sizeof(vd->id.vend_specific_id), page);
}

static ssize_t vdisk_vend_specific_id_store(struct config_item *item,
					    const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_string(vd, vd->id.vend_specific_id,
				  sizeof(vd->id.vend_specific_id), page, len);
}

CONFIGFS_ATTR(vdisk_, vend_specific_id);

/* SPC-5 7.7.6.11; empty for none */
static ssize_t vdisk_scsi_device_name_show(struct config_item *item,
					   char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_string(vd, vd->id.scsi_device_name,
				 sizeof(vd->id.scsi_device_name), page);
}

static ssize_t vdisk_scsi_device_name_store(struct config_item *item,
					    const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);
	char name[SCST_INQ_NAME_LEN + 1] = {};
	size_t n = strcspn(page, "\n");
	int error;

	if (n > SCST_INQ_NAME_LEN)
		return -ENAMETOOLONG;
	if (n && !scst_scsi_name_valid(page, n))
		return -EINVAL;
	memcpy(name, page, n);
	error = vdisk_change_id(vd, vd->id.scsi_device_name, name,
				sizeof(name));
	return error ?: len;
}

CONFIGFS_ATTR(vdisk_, scsi_device_name);

static ssize_t vdisk_show_binary_id(struct vdisk *vd,
				    const struct scst_binary_id *field,
				    char *page)
{
	struct scst_binary_id id;

	vdisk_read_back(vd, field, &id, sizeof(id));
	if (!id.len)
		return sysfs_emit(page, "\n");
	return sysfs_emit(page, "0x%*phN\n", id.len, id.data);
}

static ssize_t vdisk_store_binary_id(struct vdisk *vd,
				     struct scst_binary_id *field,
				     int (*parse)(const char *text,
						  struct scst_binary_id *id),
				     const char *page, size_t len)
{
	struct scst_binary_id id;
	int error;

	error = parse(page, &id);
	if (error)
		return error;
	error = vdisk_change_id(vd, field, &id, sizeof(id));
	return error ?: len;
}

static ssize_t vdisk_naa_id_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_binary_id(vd, &vd->id.naa, page);
}

static ssize_t vdisk_naa_id_store(struct config_item *item, const char *page,
				  size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_binary_id(vd, &vd->id.naa, scst_naa_parse, page,
				     len);
}

CONFIGFS_ATTR(vdisk_, naa_id);

static ssize_t vdisk_eui64_id_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_show_binary_id(vd, &vd->id.eui64, page);
}

static ssize_t vdisk_eui64_id_store(struct config_item *item, const char *page,
				    size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_binary_id(vd, &vd->id.eui64, scst_eui64_parse, page,
				     len);
}

CONFIGFS_ATTR(vdisk_, eui64_id);

static ssize_t vdisk_filename_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);
	ssize_t len;

	scst_dev_lock(&vd->dev);
	len = sysfs_emit(page, "%s\n", vd->filename ?: "");
	scst_dev_unlock(&vd->dev);
	return len;
}

/* Looked at when the disk is enabled; only absolute names mean one thing. */
static ssize_t vdisk_filename_store(struct config_item *item, const char *page,
				    size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);
	char *name = scst_dup_path(page);
	int error;

	if (!name)
		return -EINVAL;
	if (IS_ERR(name))
		return PTR_ERR(name);
	error = vdisk_lock_closed(vd);
	if (error) {
		kfree(name);
		return error;
	}
	swap(vd->filename, name);
	/* The same name again is the same medium, sanitized or not. */
	if (name && strcmp(vd->filename, name))
		vdisk_job_forget(vd);
	scst_dev_unlock(&vd->dev);
	kfree(name);
	return len;
}

CONFIGFS_ATTR(vdisk_, filename);

static ssize_t vdisk_blocksize_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", vdisk_of_item(item)->blocksize);
}

static ssize_t vdisk_blocksize_store(struct config_item *item,
				     const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);
	u32 size;
	int error;

	error = kstrtou32(page, 0, &size);
	if (error)
		return error;
	if (!is_power_of_2(size) || size < VDISK_MIN_BLOCKSIZE ||
	    size > VDISK_MAX_BLOCKSIZE)
		return -EINVAL;
	error = vdisk_lock_disabled(vd);
	if (error)
		return error;
	vd->blocksize = size;
	scst_dev_unlock(&vd->dev);
	return len;
}

CONFIGFS_ATTR(vdisk_, blocksize);

static ssize_t vdisk_size_mb_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", vdisk_of_item(item)->size_mb);
}

static ssize_t vdisk_size_mb_store(struct config_item *item, const char *page,
				   size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_u64(vd, &vd->size_mb, VDISK_MAX_SIZE_MB, page, len);
}

CONFIGFS_ATTR(vdisk_, size_mb);

static ssize_t vdisk_size_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);
	u64 size = 0;

	scst_dev_lock(&vd->dev);
	if (vd->dev.enabled)
		size = READ_ONCE(vd->dev.nblocks) << vd->dev.block_shift;
	scst_dev_unlock(&vd->dev);
	return sysfs_emit(page, "%llu\n", size);
}

CONFIGFS_ATTR_RO(vdisk_, size);

/* The store has grown or shrunk: initiators are told (SBC-4 4.10). */
static ssize_t vdisk_resync_size_store(struct config_item *item,
				       const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);
	u64 nblocks;
	bool resync;
	int error;

	error = kstrtobool(page, &resync);
	if (error)
		return error;
	if (!resync)
		return -EINVAL;

	scst_dev_lock(&vd->dev);
	error = -ENODEV;
	if (vd->dev.enabled) {
		nblocks = vdisk_nblocks(vd);
		error = nblocks ? 0 : -ENODATA;
		if (!error)
			scst_capacity_changed(&vd->dev, nblocks);
	}
	scst_dev_unlock(&vd->dev);
	return error ?: len;
}

CONFIGFS_ATTR_WO(vdisk_, resync_size);

static ssize_t vdisk_active_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);
	bool active;

	scst_dev_lock(&vd->dev);
	active = vd->dev.enabled && !vdisk_is_closed(vd);
	scst_dev_unlock(&vd->dev);
	return sysfs_emit(page, "%d\n", active);
}

static ssize_t vdisk_active_store(struct config_item *item, const char *page,
				  size_t len)
{
	bool active;
	int error;

	error = kstrtobool(page, &active);
	if (error)
		return error;
	error = vdisk_set_active(vdisk_of_item(item), active);
	return error ?: len;
}

CONFIGFS_ATTR(vdisk_, active);

static ssize_t vdisk_bind_alua_state_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n",
			  READ_ONCE(vdisk_of_item(item)->bind_alua_state));
}

static ssize_t vdisk_bind_alua_state_store(struct config_item *item,
					   const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);
	bool bind;
	int error;

	error = kstrtobool(page, &bind);
	if (error)
		return error;
	scst_dev_lock(&vd->dev);
	WRITE_ONCE(vd->bind_alua_state, bind);
	scst_dev_unlock(&vd->dev);
	vdisk_alua_look(vd);
	return len;
}

CONFIGFS_ATTR(vdisk_, bind_alua_state);

static ssize_t vdisk_dummy_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", vdisk_of_item(item)->dummy);
}

static ssize_t vdisk_dummy_store(struct config_item *item, const char *page,
				 size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);

	return vdisk_store_bool(vd, &vd->dummy, page, len);
}

CONFIGFS_ATTR(vdisk_, dummy);

static ssize_t vdisk_dif_type_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n", vdisk_of_item(item)->dif_type);
}

static ssize_t vdisk_dif_type_store(struct config_item *item, const char *page,
				    size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);
	u8 type;
	int error;

	error = kstrtou8(page, 0, &type);
	if (error)
		return error;
	if (type > T10_PI_TYPE3_PROTECTION)
		return -EINVAL;
	error = vdisk_lock_disabled(vd);
	if (error)
		return error;
	vd->dif_type = type;
	scst_dev_unlock(&vd->dev);
	return len;
}

CONFIGFS_ATTR(vdisk_, dif_type);

/* What SCST administrators write; the core always checks. */
static const struct {
	const char	*name;
	bool		made;
} vdisk_dif_modes[] = {
	{ "dev_store", false },
	{ "scst", true },
	{ "scst|dev_store", false },
	{ "dev_store|scst", false },
};

static ssize_t vdisk_dif_mode_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", vdisk_of_item(item)->dif_made ?
					"scst" : "dev_store");
}

static ssize_t vdisk_dif_mode_store(struct config_item *item, const char *page,
				    size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);
	unsigned int i;
	int error;

	for (i = 0; i < ARRAY_SIZE(vdisk_dif_modes); i++)
		if (sysfs_streq(page, vdisk_dif_modes[i].name))
			break;
	if (i == ARRAY_SIZE(vdisk_dif_modes))
		return -EINVAL;
	error = vdisk_lock_disabled(vd);
	if (error)
		return error;
	vd->dif_made = vdisk_dif_modes[i].made;
	scst_dev_unlock(&vd->dev);
	return len;
}

CONFIGFS_ATTR(vdisk_, dif_mode);

static ssize_t vdisk_dif_static_app_tag_show(struct config_item *item,
					     char *page)
{
	return sysfs_emit(page, "0x%04x\n", vdisk_of_item(item)->dif_app_tag);
}

/* All ones would mean that nothing is to be checked. */
static ssize_t vdisk_dif_static_app_tag_store(struct config_item *item,
					      const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);
	u16 tag;
	int error;

	error = kstrtou16(page, 0, &tag);
	if (error)
		return error;
	if (tag == U16_MAX)
		return -EINVAL;
	error = vdisk_lock_disabled(vd);
	if (error)
		return error;
	vd->dif_app_tag = tag;
	scst_dev_unlock(&vd->dev);
	return len;
}

CONFIGFS_ATTR(vdisk_, dif_static_app_tag);

static ssize_t vdisk_dif_filename_show(struct config_item *item, char *page)
{
	struct vdisk *vd = vdisk_of_item(item);
	ssize_t len;

	scst_dev_lock(&vd->dev);
	len = sysfs_emit(page, "%s\n", vd->dif_filename ?: "");
	scst_dev_unlock(&vd->dev);
	return len;
}

/* An empty one: none */
static ssize_t vdisk_dif_filename_store(struct config_item *item,
					const char *page, size_t len)
{
	struct vdisk *vd = vdisk_of_item(item);
	char *name = scst_dup_path(page);
	int error;

	if (IS_ERR(name))
		return PTR_ERR(name);
	error = vdisk_lock_closed(vd);
	if (!error) {
		swap(vd->dif_filename, name);
		scst_dev_unlock(&vd->dev);
	}
	kfree(name);
	return error ?: len;
}

CONFIGFS_ATTR(vdisk_, dif_filename);

struct configfs_attribute *vdisk_file_attrs[] = {
	&vdisk_attr_filename,
	&vdisk_attr_active,
	&vdisk_attr_bind_alua_state,
	&vdisk_attr_nv_cache,
	&vdisk_attr_write_through,
	&vdisk_attr_resync_size,
	&vdisk_attr_o_direct,
	&vdisk_attr_blocksize,
	&vdisk_attr_size_mb,
	&vdisk_attr_size,
	&vdisk_attr_read_only,
	&vdisk_attr_removable,
	&vdisk_attr_rotational,
	&vdisk_attr_form_factor,
	&vdisk_attr_thin_provisioned,
	&vdisk_attr_dif_type,
	&vdisk_attr_dif_mode,
	&vdisk_attr_dif_static_app_tag,
	&vdisk_attr_dif_filename,
	&vdisk_attr_t10_vend_id,
	&vdisk_attr_prod_id,
	&vdisk_attr_prod_rev_lvl,
	&vdisk_attr_inq_vend_specific,
	&vdisk_attr_t10_dev_id,
	&vdisk_attr_usn,
	&vdisk_attr_vend_specific_id,
	&vdisk_attr_scsi_device_name,
	&vdisk_attr_naa_id,
	&vdisk_attr_eui64_id,
	NULL,
};

struct configfs_attribute *vdisk_block_attrs[] = {
	&vdisk_attr_filename,
	&vdisk_attr_active,
	&vdisk_attr_bind_alua_state,
	&vdisk_attr_nv_cache,
	&vdisk_attr_write_through,
	&vdisk_attr_resync_size,
	&vdisk_attr_poll_us,
	&vdisk_attr_blocksize,
	&vdisk_attr_size_mb,
	&vdisk_attr_size,
	&vdisk_attr_read_only,
	&vdisk_attr_removable,
	&vdisk_attr_rotational,
	&vdisk_attr_form_factor,
	&vdisk_attr_thin_provisioned,
	&vdisk_attr_dif_type,
	&vdisk_attr_dif_mode,
	&vdisk_attr_dif_static_app_tag,
	&vdisk_attr_dif_filename,
	&vdisk_attr_t10_vend_id,
	&vdisk_attr_prod_id,
	&vdisk_attr_prod_rev_lvl,
	&vdisk_attr_inq_vend_specific,
	&vdisk_attr_t10_dev_id,
	&vdisk_attr_usn,
	&vdisk_attr_vend_specific_id,
	&vdisk_attr_scsi_device_name,
	&vdisk_attr_naa_id,
	&vdisk_attr_eui64_id,
	NULL,
};

struct configfs_attribute *vdisk_null_attrs[] = {
	&vdisk_attr_dummy,
	&vdisk_attr_blocksize,
	&vdisk_attr_size_mb,
	&vdisk_attr_size,
	&vdisk_attr_read_only,
	&vdisk_attr_removable,
	&vdisk_attr_rotational,
	&vdisk_attr_form_factor,
	&vdisk_attr_thin_provisioned,
	&vdisk_attr_dif_type,
	&vdisk_attr_dif_static_app_tag,
	&vdisk_attr_t10_vend_id,
	&vdisk_attr_prod_id,
	&vdisk_attr_prod_rev_lvl,
	&vdisk_attr_inq_vend_specific,
	&vdisk_attr_t10_dev_id,
	&vdisk_attr_usn,
	&vdisk_attr_vend_specific_id,
	&vdisk_attr_scsi_device_name,
	&vdisk_attr_naa_id,
	&vdisk_attr_eui64_id,
	NULL,
};

struct configfs_attribute *vdisk_id_attrs[VDISK_NR_ID_ATTRS] = {
	&vdisk_attr_t10_vend_id,
	&vdisk_attr_prod_id,
	&vdisk_attr_prod_rev_lvl,
	&vdisk_attr_inq_vend_specific,
	&vdisk_attr_t10_dev_id,
	&vdisk_attr_usn,
	&vdisk_attr_vend_specific_id,
	&vdisk_attr_scsi_device_name,
	&vdisk_attr_naa_id,
	&vdisk_attr_eui64_id,
};
