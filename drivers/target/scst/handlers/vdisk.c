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
	[SCST_OP_FORMAT_UNIT]		= vdisk_format,
	[SCST_OP_SANITIZE_OVERWRITE]	= vdisk_sanitize_overwrite,
	[SCST_OP_SANITIZE_ERASE]	= vdisk_sanitize_erase,
	[SCST_OP_SANITIZE_EXIT]		= vdisk_sanitize_exit,
	[SCST_OP_XDWRITEREAD_32]	= vdisk_xd_write_read,
	[SCST_OP_READ_32]		= vdisk_rw,
	[SCST_OP_VERIFY_32]		= vdisk_verify,
	[SCST_OP_WRITE_32]		= vdisk_rw,
	[SCST_OP_WRITE_VERIFY_32]	= vdisk_write_verify,
	[SCST_OP_WRITE_SAME_32]		= vdisk_write_same,
	[SCST_OP_GET_LBA_STATUS_32]	= vdisk_get_lba_status,
	[SCST_OP_WRITE_ATOMIC_16]	= vdisk_write_atomic,
	[SCST_OP_WRITE_ATOMIC_32]	= vdisk_write_atomic,
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
	vdisk_change_init(vd);
	vdisk_threshold_init(vd);
	mutex_init(&vd->buffer_lock);
	mutex_init(&vd->mode_lock);
	xa_init_flags(&vd->echos, XA_FLAGS_LOCK_IRQ);
	vd->kind = store;
	vd->store = store;
	xa_init_flags(&vd->lost_known, XA_FLAGS_LOCK_IRQ);
	vd->blocksize = SECTOR_SIZE;
	vd->rotational = true;
	vdisk_job_init(vd);
	vdisk_sync_init(vd);
	vdisk_alua_init(vd);
	error = scst_register_virtual_device(&vd->dev, type, name);
	if (error) {
		free_percpu(vd->stats);
		kfree(vd);
		return ERR_PTR(error);
	}
	vd->dev.max_xfer = VDISK_MAX_XFER;
	vd->dev.max_answer = VDISK_MAX_ANSWER;
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

	if (IS_ERR(dev))
		return dev;
	to_vdisk(dev)->size_mb = VDISK_NULL_SIZE_MB;
	to_vdisk(dev)->dif_made = true;
	return dev;
}

static void vdisk_free(struct scst_device *dev)
{
	struct vdisk *vd = to_vdisk(dev);

	vdisk_alua_exit(vd);
	xa_destroy(&vd->lost_known);
	kfree(vd->filename);
	kfree(vd->dif_filename);
	kvfree(vd->buffer);
	free_percpu(vd->stats);
	kfree(vd);
}

static u64 vdisk_blocks_of(struct vdisk *vd, const struct vdisk_store *store)
{
	u64 size = store->size(vd);

	if (vd->size_mb)
		size = min(size, vd->size_mb * SZ_1M);
	return div_u64(size, vd->blocksize);
}

/* Whole blocks of the store, or of the part of it that is to be used */
u64 vdisk_nblocks(struct vdisk *vd)
{
	return vdisk_blocks_of(vd, vd->store);
}

/*
 * The store may have another size by now. Nobody tells; whoever asks whether
 * the unit is ready, or how large it is, finds out for all. A command is inside.
 */
void vdisk_look_at_size(struct vdisk *vd)
{
	u64 nblocks = vdisk_nblocks(vd);

	if (likely(nblocks == READ_ONCE(vd->dev.nblocks)))
		return;
	if (nblocks)
		scst_capacity_changed(&vd->dev, nblocks);
}

static int vdisk_check_size(struct vdisk *vd)
{
	if (vd->size_mb && vd->kind->size(vd) < vd->size_mb * SZ_1M)
		return -ENOSPC;
	return vdisk_blocks_of(vd, vd->kind) ? 0 : -ENODATA;
}

/* Open the store; vdisk.store is not touched. scst_dev_lock() is held. */
int vdisk_open(struct vdisk *vd)
{
	int error;

	vd->phys_shift = 0;
	vd->no_cache = false;
	vd->reads_zeros = true;
	vd->unmap_bytes = vd->blocksize;
	vd->anchors = false;
	vd->atomic = (struct vdisk_atomic){};
	error = vd->kind->open(vd);
	if (error)
		return error;
	vd->on_device = vd->bdev;
	vdisk_atomic_opened(vd);
	error = vdisk_check_size(vd);
	if (!error)
		error = vdisk_pi_open(vd);
	if (error)
		vd->kind->close(vd);
	return error;
}

/* The store that vdisk_open() has opened */
const struct vdisk_store *vdisk_opened_store(const struct vdisk *vd)
{
	return vd->pi ? &vdisk_pi_store : vd->kind;
}

/*
 * CDBs of 32 bytes that have expected tags: SBC-4 4.21.2.3 and 4.21.2.5 do not
 * allow them with types 1 and 3. Without protection information there is
 * nothing to expect, and they do no harm.
 */
static void vdisk_set_long_ops(struct scst_device *dev)
{
	static const enum scst_op ops[] = {
		SCST_OP_READ_32, SCST_OP_VERIFY_32, SCST_OP_WRITE_32,
		SCST_OP_WRITE_VERIFY_32, SCST_OP_WRITE_SAME_32,
	};
	bool lacks = dev->pi_type && dev->pi_type != T10_PI_TYPE2_PROTECTION;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		assign_bit(ops[i], dev->lacks_ops, lacks);
}

static int vdisk_attach(struct scst_device *dev)
{
	struct vdisk *vd = to_vdisk(dev);
	int error;

	dev->block_shift = ilog2(vd->blocksize);
	dev->pi_type = vd->dif_type;
	dev->read_only = vd->read_only;
	assign_bit(SCST_OP_UNMAP, dev->lacks_ops, !vd->thin_provisioned);
	assign_bit(SCST_OP_SANITIZE_ERASE, dev->lacks_ops,
		   !vdisk_can_erase(vd));
	vdisk_set_long_ops(dev);
	error = vdisk_open(vd);
	if (error)
		return error;
	vd->store = vdisk_opened_store(vd);
	dev->nblocks = vdisk_nblocks(vd);
	if (vd->dummy) {
		vd->store->close(vd);
		vdisk_set_closed(vd);
	}
	/* What MODE SELECT and START STOP UNIT did ends with a power cycle. */
	vdisk_mode_reset(vd);
	vdisk_set_resets_flush(vd, !vdisk_is_closed(vd));
	vdisk_stats_reset(vd);
	vd->stopped = false;
	vd->ejected = false;
	vd->power = VDISK_POWER_ACTIVE;
	vd->sync_error = 0;
	atomic_set(&vd->lost_writes, 0);
	vd->by_alua = false;
	vdisk_alua_look(vd);
	return 0;
}

/* The store is about to be closed; no command is inside. Process context. */
void vdisk_stop_works(struct vdisk *vd)
{
	vdisk_job_stop(vd);
	/* After the job, which writes, too */
	vdisk_threshold_stop(vd);
	vdisk_set_resets_flush(vd, false);
	flush_work(&vd->sync_work);
}

static void vdisk_detach(struct scst_device *dev)
{
	struct vdisk *vd = to_vdisk(dev);

	vdisk_stop_works(vd);
	vdisk_job_disabled(vd);
	vd->store->close(vd);
}

/* The I_T nexus is lost or gone: what it has set up goes with it. */
static void vdisk_nexus_loss(struct scst_tgt_dev *tgt_dev)
{
	vdisk_allow_removal(tgt_dev);
	vdisk_echo_forget(tgt_dev);
}

static void vdisk_detach_tgt(struct scst_tgt_dev *tgt_dev)
{
	struct vdisk *vd = to_vdisk(tgt_dev->dev);

	xa_erase_irq(&vd->lost_known, (unsigned long)tgt_dev);
	vdisk_job_nexus_gone(tgt_dev);
	vdisk_nexus_loss(tgt_dev);
}

/* Called for each nexus; what is the logical unit's own may be reset again. */
static void vdisk_task_mgmt_fn(struct scst_tgt_dev *tgt_dev)
{
	struct vdisk *vd = to_vdisk(tgt_dev->dev);

	vdisk_mode_reset(vd);
	vdisk_stats_reset(vd);
	WRITE_ONCE(vd->power, VDISK_POWER_ACTIVE);
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
	.detach_tgt	= vdisk_detach_tgt,
	.dev_done	= vdisk_count,
	.not_delivered	= vdisk_not_delivered,
	.poll_sense	= vdisk_poll_sense,
	.describe	= vdisk_describe,
	.copy_range	= vdisk_copy_range,
	.alua_changed	= vdisk_alua_changed,
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
	.detach_tgt	= vdisk_detach_tgt,
	.dev_done	= vdisk_count,
	.not_delivered	= vdisk_not_delivered,
	.poll_sense	= vdisk_poll_sense,
	.describe	= vdisk_describe,
	.alua_changed	= vdisk_alua_changed,
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
	.detach_tgt	= vdisk_detach_tgt,
	.dev_done	= vdisk_count,
	.not_delivered	= vdisk_not_delivered,
	.poll_sense	= vdisk_poll_sense,
	.describe	= vdisk_describe,
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

	error = vdisk_poll_init();
	if (error)
		return error;
	error = vdisk_job_wq_init();
	if (error)
		goto exit_poll;
	for (i = 0; i < ARRAY_SIZE(vdisk_types); i++) {
		error = scst_register_dev_driver(vdisk_types[i]);
		if (error)
			goto unregister;
	}
	error = vcdrom_register();
	if (error)
		goto unregister;
	return 0;

unregister:
	while (i--)
		scst_unregister_dev_driver(vdisk_types[i]);
	vdisk_job_wq_exit();
exit_poll:
	vdisk_poll_exit();
	return error;
}

static void __exit vdisk_exit(void)
{
	int i;

	vcdrom_unregister();
	for (i = 0; i < ARRAY_SIZE(vdisk_types); i++)
		scst_unregister_dev_driver(vdisk_types[i]);
	vdisk_job_wq_exit();
	vdisk_poll_exit();
}

module_init(vdisk_init);
module_exit(vdisk_exit);

MODULE_DESCRIPTION("SCST virtual disks");
MODULE_LICENSE("GPL");
