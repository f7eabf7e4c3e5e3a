// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of a disk that is in use: what it says of itself, whether it may be
 * written, its write cache, and its store, which may go and come back.
 *
 * They are made when no command is inside, so that none sees half of one, and
 * every nexus hears of them before its next command is executed.
 */
#include <linux/list.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "vdisk.h"

/**
 * struct vdisk_pending - a change that waits for the commands inside
 * @alone: the core's part
 * @change: what it is
 * @entry: in vdisk.changes
 * @value: of change.value
 */
struct vdisk_pending {
	struct scst_alone	alone;
	struct vdisk_change	change;
	struct list_head	entry;
	u8			value[];
};

static void vdisk_change_run(struct scst_alone *alone)
{
	struct vdisk_pending *pending = container_of(alone,
						     struct vdisk_pending,
						     alone);
	const struct vdisk_change *change = &pending->change;
	struct vdisk *vd = to_vdisk(alone->dev);
	bool same = false;

	scst_dev_lock(&vd->dev);
	if (!change->at_once)
		same = !memcmp(change->field, change->value, change->size);
	spin_lock(&vd->changes_lock);
	if (!change->at_once)
		memcpy(change->field, change->value, change->size);
	list_del(&pending->entry);
	spin_unlock(&vd->changes_lock);
	scst_dev_unlock(&vd->dev);
	if (same)
		return;
	if (change->then)
		change->then(vd);
	scst_raise_ua(&vd->dev, change->ua, NULL);
}

static void vdisk_change_free(struct scst_alone *alone)
{
	kfree(container_of(alone, struct vdisk_pending, alone));
}

static int vdisk_change_later(struct vdisk *vd,
			      const struct vdisk_change *change)
{
	struct vdisk_pending *pending;
	int error;

	pending = kzalloc(struct_size(pending, value, change->size),
			  GFP_KERNEL);
	if (!pending)
		return -ENOMEM;
	pending->alone.fn = vdisk_change_run;
	pending->alone.release = vdisk_change_free;
	pending->change = *change;
	pending->change.value = pending->value;
	memcpy(pending->value, change->value, change->size);
	spin_lock(&vd->changes_lock);
	list_add_tail(&pending->entry, &vd->changes);
	spin_unlock(&vd->changes_lock);
	error = scst_dev_run_alone(&vd->dev, &pending->alone);
	if (error) {
		spin_lock(&vd->changes_lock);
		list_del(&pending->entry);
		spin_unlock(&vd->changes_lock);
		kfree(pending);
	}
	return error;
}

void vdisk_change_init(struct vdisk *vd)
{
	spin_lock_init(&vd->changes_lock);
	INIT_LIST_HEAD(&vd->changes);
}

/*
 * The value of a field as it was written last: whoever wrote it finds it there,
 * even if the change still waits for commands. Process context.
 */
void vdisk_read_back(struct vdisk *vd, const void *field, void *value,
		     size_t size)
{
	const struct vdisk_pending *pending;
	const void *newest = field;

	spin_lock(&vd->changes_lock);
	list_for_each_entry(pending, &vd->changes, entry)
		if (pending->change.field == field)
			newest = pending->value;
	memcpy(value, newest, size);
	spin_unlock(&vd->changes_lock);
}

/*
 * At once, or when the commands inside have ended; @change is copied. Process
 * context. 0, what change.check() has against it, or -ENOMEM.
 */
static int vdisk_change(struct vdisk *vd, const struct vdisk_change *change)
{
	int error = 0;

	scst_dev_lock(&vd->dev);
	if (change->at_once &&
	    !memcmp(change->field, change->value, change->size))
		goto unlock;
	if (vd->dev.enabled && change->check)
		error = change->check(vd, change);
	if (!error && vd->dev.enabled)
		error = vdisk_change_later(vd, change);
	/* vdisk_change_run() waits for the lock. */
	if (!error && (change->at_once || !vd->dev.enabled)) {
		spin_lock(&vd->changes_lock);
		memcpy(change->field, change->value, change->size);
		spin_unlock(&vd->changes_lock);
	}
unlock:
	scst_dev_unlock(&vd->dev);
	return error;
}

/* What has been opened for reading alone is not written. */
static int vdisk_check_read_only(struct vdisk *vd,
				 const struct vdisk_change *change)
{
	const bool *read_only = change->value;

	if (*read_only || !vd->file || vd->file->f_mode & FMODE_WRITE)
		return 0;
	return -EROFS;
}

static void vdisk_read_only_changed(struct vdisk *vd)
{
	WRITE_ONCE(vd->dev.read_only, READ_ONCE(vd->read_only));
}

/* WP is a mode parameter (SBC-4 6.5.1), hence the unit attention. */
int vdisk_change_read_only(struct vdisk *vd, bool read_only)
{
	const struct vdisk_change change = {
		.field	= &vd->read_only,
		.value	= &read_only,
		.size	= sizeof(read_only),
		.ua	= SCST_UA_MODE_CHANGED,
		.at_once = true,
		.check	= vdisk_check_read_only,
		.then	= vdisk_read_only_changed,
	};

	return vdisk_change(vd, &change);
}

/*
 * No command waits for it: the next SYNCHRONIZE CACHE of each nexus tells what
 * may be lost.
 */
static void vdisk_flush(struct vdisk *vd)
{
	int error;

	error = vd->store->sync(vd, 0, vd->dev.nblocks << vd->dev.block_shift);
	if (!error)
		return;
	vdisk_sync_failed(vd, error);
	pr_warn_ratelimited("scst: %s: the cache was not written: %d\n",
			    vd->dev.name, error);
}

/*
 * What a cache holds does not stay there when it is turned off (SBC-4 6.5.6),
 * nor when it turns out not to outlive a power failure.
 */
static void vdisk_cache_changed(struct vdisk *vd)
{
	mutex_lock(&vd->mode_lock);
	vd->wce = vdisk_has_cache(vd);
	mutex_unlock(&vd->mode_lock);
	if (!vd->nv_cache && !vdisk_is_closed(vd))
		vdisk_flush(vd);
}

/* @field is nv_cache or write_through: WCE follows, a mode parameter. */
int vdisk_change_cache(struct vdisk *vd, bool *field, bool value)
{
	const struct vdisk_change change = {
		.field	= field,
		.value	= &value,
		.size	= sizeof(value),
		.ua	= SCST_UA_MODE_CHANGED,
		.then	= vdisk_cache_changed,
	};

	return vdisk_change(vd, &change);
}

int vdisk_change_id(struct vdisk *vd, void *field, const void *value,
		    size_t size)
{
	const struct vdisk_change change = {
		.field	= field,
		.value	= value,
		.size	= size,
		.ua	= SCST_UA_INQUIRY_CHANGED,
	};

	return vdisk_change(vd, &change);
}

/* A store that was closed while the disk is enabled: it has gone */

static void vdisk_closed_close(struct vdisk *vd)
{
}

static u64 vdisk_closed_size(struct vdisk *vd)
{
	return 0;
}

static enum scst_exec_result vdisk_closed_rw(struct scst_cmd *cmd)
{
	vdisk_check_store(cmd);
	return SCST_EXEC_DONE;
}

static int vdisk_closed_buf(struct vdisk *vd, u64 pos, void *buf, size_t len)
{
	return -ENODEV;
}

static int vdisk_closed_write(struct scst_cmd *cmd)
{
	return -ENODEV;
}

static int vdisk_closed_zero(struct vdisk *vd, u64 pos, u64 len, bool unmap)
{
	return -ENODEV;
}

static int vdisk_closed_range(struct vdisk *vd, u64 pos, u64 len)
{
	return -ENODEV;
}

static int vdisk_closed_write_atomic(struct vdisk *vd, u64 pos, void *buf,
				     size_t len, bool fua)
{
	return -ENODEV;
}

static bool vdisk_closed_lost(struct vdisk *vd)
{
	return true;
}

static const struct vdisk_store vdisk_closed_store = {
	.close	= vdisk_closed_close,
	.size	= vdisk_closed_size,
	.rw	= vdisk_closed_rw,
	.read	= vdisk_closed_buf,
	.write	= vdisk_closed_write,
	.write_buf = vdisk_closed_buf,
	.zero	= vdisk_closed_zero,
	.unmap	= vdisk_closed_range,
	.sync	= vdisk_closed_range,
	.write_atomic = vdisk_closed_write_atomic,
	.lost	= vdisk_closed_lost,
};

/* scst_dev_lock() is held, or a command or a change is inside. */
bool vdisk_is_closed(const struct vdisk *vd)
{
	return vd->store == &vdisk_closed_store;
}

/* Any command hears that the logical unit is not ready. */
void vdisk_set_closed(struct vdisk *vd)
{
	vd->store = &vdisk_closed_store;
}

static void vdisk_close_run(struct scst_alone *alone)
{
	struct vdisk *vd = to_vdisk(alone->dev);

	vdisk_stop_works(vd);
	if (vdisk_has_cache(vd))
		vdisk_flush(vd);
	scst_dev_lock(&vd->dev);
	vd->store->close(vd);
	vdisk_set_closed(vd);
	scst_dev_unlock(&vd->dev);
}

/*
 * Whatever the medium holds now: NOT READY TO READY CHANGE (SPC-5 4.5) tells
 * initiators to look. Of another access state they have heard already; another
 * machine may have formatted the medium meanwhile, and they may have used it
 * there.
 */
static void vdisk_reopen_run(struct scst_alone *alone)
{
	struct vdisk *vd = to_vdisk(alone->dev);
	bool by_alua;

	scst_dev_lock(&vd->dev);
	by_alua = vd->by_alua;
	WRITE_ONCE(vd->by_alua, false);
	vd->store = vdisk_opened_store(vd);
	if (by_alua)
		vdisk_job_returned(vd);
	vd->dev.read_only = vd->read_only;
	mutex_lock(&vd->mode_lock);
	vd->wce = vd->wce && vdisk_has_cache(vd);
	mutex_unlock(&vd->mode_lock);
	vdisk_set_resets_flush(vd, true);
	scst_medium_changed(&vd->dev);
	vdisk_look_at_size(vd);
	scst_dev_unlock(&vd->dev);
	if (!by_alua)
		scst_raise_ua(&vd->dev, SCST_UA_MEDIUM_CHANGED, NULL);
}

/* The last thing that the core does with vdisk.switching */
static void vdisk_switched(struct scst_alone *alone)
{
	struct vdisk *vd = to_vdisk(alone->dev);

	scst_dev_lock(&vd->dev);
	vd->is_switching = false;
	scst_dev_unlock(&vd->dev);
	/* The access state may be another one by now. */
	vdisk_alua_look(vd);
}

static int vdisk_switch(struct vdisk *vd, void (*fn)(struct scst_alone *alone))
{
	int error;

	vd->switching.fn = fn;
	vd->switching.release = vdisk_switched;
	vd->is_switching = true;
	error = scst_dev_run_alone(&vd->dev, &vd->switching);
	if (error)
		vd->is_switching = false;
	return error;
}

/* scst_dev_lock() is held, the store is open and vdisk.switching is free. */
int vdisk_close(struct vdisk *vd)
{
	return vdisk_switch(vd, vdisk_close_run);
}

/*
 * The same for a store that is closed. No command comes near what this sets:
 * they all find the closed store.
 */
int vdisk_reopen(struct vdisk *vd)
{
	int error;

	error = vdisk_open(vd);
	if (error)
		return error;
	error = vdisk_switch(vd, vdisk_reopen_run);
	if (error)
		vdisk_opened_store(vd)->close(vd);
	return error;
}

/**
 * vdisk_set_active() - close the store of a disk in use, or open it again
 * @vd: disk
 * @active: open it
 *
 * Closed when the commands inside have ended, with all that was written.
 * Process context. Return: 0; -ENODEV: not enabled; -EBUSY: an earlier change
 * still waits for commands; the errno of opening it.
 */
int vdisk_set_active(struct vdisk *vd, bool active)
{
	int error = 0;

	scst_dev_lock(&vd->dev);
	if (!vd->dev.enabled)
		error = -ENODEV;
	else if (vd->is_switching)
		error = -EBUSY;
	else if (active && vdisk_is_closed(vd))
		error = vdisk_reopen(vd);
	else if (!active && !vdisk_is_closed(vd))
		error = vdisk_close(vd);
	/* Who closes it himself opens it himself. */
	if (!active && !error)
		WRITE_ONCE(vd->by_alua, false);
	scst_dev_unlock(&vd->dev);
	return error;
}
