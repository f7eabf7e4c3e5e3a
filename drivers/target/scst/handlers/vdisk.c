// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual disks: the three handlers, and what happens when a disk is made,
 * opened, closed and freed.
 */
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "vdisk.h"

/* What a disk without a backing store has when nothing else is said: 1 TiB */
#define VDISK_NULL_SIZE_MB	SZ_1M

static const scst_exec_fn vdisk_execs[SCST_OP_NR] = {
	[SCST_OP_TEST_UNIT_READY]	= vdisk_test_unit_ready,
	[SCST_OP_READ_6]		= vdisk_rw,
	[SCST_OP_WRITE_6]		= vdisk_rw,
	[SCST_OP_INQUIRY]		= vdisk_inquiry,
	[SCST_OP_MODE_SELECT_6]		= vdisk_mode_select,
	[SCST_OP_MODE_SENSE_6]		= vdisk_mode_sense,
	[SCST_OP_RECEIVE_DIAGNOSTIC]	= vdisk_receive_diagnostic,
	[SCST_OP_SEND_DIAGNOSTIC]	= vdisk_send_diagnostic,
	[SCST_OP_START_STOP]		= vdisk_start_stop,
	[SCST_OP_PREVENT_ALLOW]		= vdisk_prevent_allow,
	[SCST_OP_READ_CAPACITY_10]	= vdisk_read_capacity_10,
	[SCST_OP_READ_10]		= vdisk_rw,
	[SCST_OP_WRITE_10]		= vdisk_rw,
	[SCST_OP_WRITE_VERIFY_10]	= vdisk_write_verify,
	[SCST_OP_VERIFY_10]		= vdisk_verify,
	[SCST_OP_PRE_FETCH_10]		= vdisk_pre_fetch,
	[SCST_OP_SYNC_CACHE_10]		= vdisk_sync_cache,
	[SCST_OP_READ_DEFECT_10]	= vdisk_read_defect_10,
	[SCST_OP_WRITE_BUFFER]		= vdisk_write_buffer,
	[SCST_OP_READ_BUFFER_10]	= vdisk_read_buffer,
	[SCST_OP_WRITE_SAME_10]		= vdisk_write_same,
	[SCST_OP_UNMAP]			= vdisk_unmap,
	[SCST_OP_LOG_SELECT]		= vdisk_exec_log_select,
	[SCST_OP_LOG_SENSE]		= vdisk_exec_log_sense,
	[SCST_OP_MODE_SELECT_10]	= vdisk_mode_select,
	[SCST_OP_MODE_SENSE_10]		= vdisk_mode_sense,
	[SCST_OP_READ_16]		= vdisk_rw,
	[SCST_OP_COMPARE_AND_WRITE]	= vdisk_compare_and_write,
	[SCST_OP_WRITE_16]		= vdisk_rw,
	[SCST_OP_ORWRITE_16]		= vdisk_orwrite,
	[SCST_OP_WRITE_VERIFY_16]	= vdisk_write_verify,
	[SCST_OP_VERIFY_16]		= vdisk_verify,
	[SCST_OP_PRE_FETCH_16]		= vdisk_pre_fetch,
	[SCST_OP_SYNC_CACHE_16]		= vdisk_sync_cache,
	[SCST_OP_WRITE_SAME_16]		= vdisk_write_same,
	[SCST_OP_READ_CAPACITY_16]	= vdisk_read_capacity_16,
	[SCST_OP_GET_LBA_STATUS]	= vdisk_get_lba_status,
	[SCST_OP_READ_BUFFER_16]	= vdisk_read_buffer,
	[SCST_OP_READ_12]		= vdisk_rw,
	[SCST_OP_WRITE_12]		= vdisk_rw,
	[SCST_OP_WRITE_VERIFY_12]	= vdisk_write_verify,
	[SCST_OP_VERIFY_12]		= vdisk_verify,
	[SCST_OP_READ_DEFECT_12]	= vdisk_read_defect_12,
	[SCST_OP_XDWRITEREAD_10]	= vdisk_xd_write_read,
};

static struct scst_device *vdisk_new(const struct scst_dev_type *type,
				     const char *name,
				     const struct vdisk_store *store,
				     const char *vendor)
{
	struct vdisk *vd;
	int error;

	vd = kzalloc(sizeof(*vd), GFP_KERNEL);
	if (!vd)
		return ERR_PTR(-ENOMEM);
	vd->stats = alloc_percpu(struct vdisk_stats);
	if (!vd->stats) {
		kfree(vd);
		return ERR_PTR(-ENOMEM);
	}
	spin_lock_init(&vd->stats_lock);
	vdisk_threshold_init(vd);
	mutex_init(&vd->buffer_lock);
	xa_init_flags(&vd->echos, XA_FLAGS_LOCK_IRQ);
	vd->store = store;
	vd->blocksize = SECTOR_SIZE;
	vd->rotational = true;
	error = scst_register_virtual_device(&vd->dev, type, name);
	if (error) {
		free_percpu(vd->stats);
		kfree(vd);
		return ERR_PTR(error);
	}
	vd->dev.max_xfer = VDISK_MAX_XFER;
	vdisk_default_id(vd, vendor);
	return &vd->dev;
}

static struct scst_device *vdisk_new_file(const struct scst_dev_type *type,
					  const char *name)
{
	return vdisk_new(type, name, &vdisk_file_store, "SCST_FIO");
}

static struct scst_device *vdisk_new_block(const struct scst_dev_type *type,
					   const char *name)
{
	return vdisk_new(type, name, &vdisk_block_store, "SCST_BIO");
}

static struct scst_device *vdisk_new_null(const struct scst_dev_type *type,
					  const char *name)
{
	struct scst_device *dev = vdisk_new(type, name, &vdisk_null_store,
					    "SCST_NIO");

	if (!IS_ERR(dev))
		to_vdisk(dev)->size_mb = VDISK_NULL_SIZE_MB;
	return dev;
}

static void vdisk_free(struct scst_device *dev)
{
	struct vdisk *vd = to_vdisk(dev);

	kfree(vd->filename);
	kvfree(vd->buffer);
	free_percpu(vd->stats);
	kfree(vd);
}

/* Whole blocks of the store, or of the part of it that is to be used */
u64 vdisk_nblocks(struct vdisk *vd)
{
	u64 size = vd->store->size(vd);

	if (vd->size_mb)
		size = min(size, vd->size_mb * SZ_1M);
	return div_u64(size, vd->blocksize);
}

static int vdisk_check_size(struct vdisk *vd)
{
	if (vd->size_mb && vd->store->size(vd) < vd->size_mb * SZ_1M)
		return -ENOSPC;
	return vd->dev.nblocks ? 0 : -ENODATA;
}

static int vdisk_attach(struct scst_device *dev)
{
	struct vdisk *vd = to_vdisk(dev);
	int error;

	dev->block_shift = ilog2(vd->blocksize);
	dev->read_only = vd->read_only;
	dev->lacks_ops = vd->thin_provisioned ? 0 : BIT_ULL(SCST_OP_UNMAP);
	vd->phys_shift = 0;
	vd->reads_zeros = true;
	vd->unmap_bytes = vd->blocksize;
	error = vd->store->open(vd);
	if (error)
		return error;
	dev->nblocks = vdisk_nblocks(vd);
	error = vdisk_check_size(vd);
	if (error) {
		vd->store->close(vd);
		return error;
	}
	/* What MODE SELECT and START STOP UNIT did ends with a power cycle. */
	vdisk_mode_reset(vd);
	vdisk_stats_reset(vd);
	vd->stopped = false;
	vd->ejected = false;
	return 0;
}

static void vdisk_detach(struct scst_device *dev)
{
	struct vdisk *vd = to_vdisk(dev);

	vdisk_threshold_stop(vd);
	vd->store->close(vd);
}

/* The I_T nexus is lost or gone: what it has set up goes with it. */
static void vdisk_nexus_loss(struct scst_tgt_dev *tgt_dev)
{
	vdisk_allow_removal(tgt_dev);
	vdisk_echo_forget(tgt_dev);
}

/* Called for each nexus; what is the logical unit's own may be reset again. */
static void vdisk_task_mgmt_fn(struct scst_tgt_dev *tgt_dev)
{
	vdisk_mode_reset(to_vdisk(tgt_dev->dev));
	vdisk_stats_reset(to_vdisk(tgt_dev->dev));
	vdisk_allow_removal(tgt_dev);
}

static const struct scst_dev_type vdisk_file_type = {
	.owner		= THIS_MODULE,
	.name		= "vdisk_fileio",
	.type		= TYPE_DISK,
	.execs		= vdisk_execs,
	.dev_attrs	= vdisk_file_attrs,
	.new_device	= vdisk_new_file,
	.free_device	= vdisk_free,
	.attach		= vdisk_attach,
	.detach		= vdisk_detach,
	.detach_tgt	= vdisk_nexus_loss,
	.dev_done	= vdisk_count,
	.task_mgmt_fn	= vdisk_task_mgmt_fn,
	.nexus_loss	= vdisk_nexus_loss,
};

static const struct scst_dev_type vdisk_block_type = {
	.owner		= THIS_MODULE,
	.name		= "vdisk_blockio",
	.type		= TYPE_DISK,
	.execs		= vdisk_execs,
	.dev_attrs	= vdisk_block_attrs,
	.new_device	= vdisk_new_block,
	.free_device	= vdisk_free,
	.attach		= vdisk_attach,
	.detach		= vdisk_detach,
	.detach_tgt	= vdisk_nexus_loss,
	.dev_done	= vdisk_count,
	.task_mgmt_fn	= vdisk_task_mgmt_fn,
	.nexus_loss	= vdisk_nexus_loss,
};

static const struct scst_dev_type vdisk_null_type = {
	.owner		= THIS_MODULE,
	.name		= "vdisk_nullio",
	.type		= TYPE_DISK,
	.execs		= vdisk_execs,
	.dev_attrs	= vdisk_null_attrs,
	.new_device	= vdisk_new_null,
	.free_device	= vdisk_free,
	.attach		= vdisk_attach,
	.detach		= vdisk_detach,
	.detach_tgt	= vdisk_nexus_loss,
	.dev_done	= vdisk_count,
	.task_mgmt_fn	= vdisk_task_mgmt_fn,
	.nexus_loss	= vdisk_nexus_loss,
};

static const struct scst_dev_type *const vdisk_types[] = {
	&vdisk_file_type,
	&vdisk_block_type,
	&vdisk_null_type,
};

static int __init vdisk_init(void)
{
	int i, error;

	for (i = 0; i < ARRAY_SIZE(vdisk_types); i++) {
		error = scst_register_dev_driver(vdisk_types[i]);
		if (error)
			goto unregister;
	}
	return 0;

unregister:
	while (i--)
		scst_unregister_dev_driver(vdisk_types[i]);
	return error;
}

static void __exit vdisk_exit(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(vdisk_types); i++)
		scst_unregister_dev_driver(vdisk_types[i]);
}

module_init(vdisk_init);
module_exit(vdisk_exit);

MODULE_DESCRIPTION("SCST virtual disks");
MODULE_LICENSE("GPL");
