// SPDX-License-Identifier: GPL-2.0
/*
 * A store that is closed while the asymmetric access state allows no target
 * port of this machine to use the disk, and opened again: so that another
 * machine, or whoever keeps the store, may have it alone meanwhile.
 *
 * The core tells of states under its locks; what follows is done in a work
 * item, which looks at how it is by then.
 */
#include <linux/printk.h>
#include <linux/workqueue.h>
#include "vdisk.h"

/* scst_dev_lock() is held; nobody else closes or opens the store. */
static void vdisk_alua_follow(struct vdisk *vd)
{
	bool usable = READ_ONCE(vd->alua_usable) || !vd->bind_alua_state;
	bool closed = vdisk_is_closed(vd);
	int error = 0;

	if (!usable && !closed) {
		WRITE_ONCE(vd->by_alua, true);
		error = vdisk_close(vd);
	} else if (usable && closed && vd->by_alua) {
		error = vdisk_reopen(vd);
	} else if (usable) {
		WRITE_ONCE(vd->by_alua, false);
	}
	if (!error)
		return;
	/* It is not ready until somebody writes `active`. */
	WRITE_ONCE(vd->by_alua, false);
	pr_warn("scst: %s: the store was not %s: %d\n", vd->dev.name,
		closed ? "opened" : "closed", error);
}

static void vdisk_alua_work(struct work_struct *work)
{
	struct vdisk *vd = container_of(work, struct vdisk, alua_work);

	scst_dev_lock(&vd->dev);
	/* Whoever is switching it looks again. */
	if (vd->dev.enabled && !vd->is_switching)
		vdisk_alua_follow(vd);
	scst_dev_unlock(&vd->dev);
	config_group_put(&vd->dev.group);
}

void vdisk_alua_init(struct vdisk *vd)
{
	INIT_WORK(&vd->alua_work, vdisk_alua_work);
	vd->alua_usable = true;
}

/* The work has no reference any more, but it may not have returned yet. */
void vdisk_alua_exit(struct vdisk *vd)
{
	cancel_work_sync(&vd->alua_work);
}

/**
 * vdisk_alua_look() - is the store to be closed, or opened again?
 * @vd: disk, whose directory may have gone
 *
 * Soon. Process context.
 */
void vdisk_alua_look(struct vdisk *vd)
{
	struct config_item *item = &vd->dev.group.cg_item;

	if (!READ_ONCE(vd->bind_alua_state) && !READ_ONCE(vd->by_alua))
		return;
	if (!config_item_get_unless_zero(item))
		return;
	if (!queue_work(system_dfl_wq, &vd->alua_work))
		config_item_put(item);
}

void vdisk_alua_changed(struct scst_device *dev, bool usable)
{
	struct vdisk *vd = to_vdisk(dev);

	WRITE_ONCE(vd->alua_usable, usable);
	vdisk_alua_look(vd);
}

/* It was closed because of the state, and is not open again yet. Any context. */
bool vdisk_alua_opening(const struct vdisk *vd)
{
	return READ_ONCE(vd->by_alua) && vdisk_is_closed(vd) &&
	       READ_ONCE(vd->alua_usable);
}
