// SPDX-License-Identifier: GPL-2.0
/*
 * What a handler does while no command is inside its device, because an
 * administrator has asked for it rather than a command.
 */
#include <linux/export.h>
#include <linux/sched/mm.h>
#include "scst_priv.h"

static void scst_alone_work(struct work_struct *work)
{
	struct scst_alone *alone = container_of(work, struct scst_alone, work);
	struct scst_device *dev = alone->dev;
	unsigned int flags;

	/*
	 * Commands wait behind the gate, writes of pages among them: neither
	 * they are waited for, nor that others' pages are clean.
	 */
	flags = memalloc_flags_save(PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE);
	alone->fn(alone);
	memalloc_flags_restore(flags);
	scst_gate_leave(&dev->gate, &alone->entry);
	alone->release(alone);

	scst_config_lock();
	dev->nr_tgt_devs--;
	scst_config_unlock();
	scst_device_put(dev);
}

/* The last command has left; that may have been in any context. */
static void scst_alone_wake(struct scst_gate_entry *entry)
{
	struct scst_alone *alone = container_of(entry, struct scst_alone,
						entry);

	queue_work(alone->dev->wq, &alone->work);
}

/* Counts as somebody who uses the device, so that it stays enabled. */
static int scst_alone_hold(struct scst_device *dev)
{
	int error = 0;

	scst_config_lock();
	if (dev->enabled) {
		dev->nr_tgt_devs++;
		scst_device_get(dev);
	} else {
		error = -ENODEV;
	}
	scst_config_unlock();
	return error;
}

int scst_dev_run_alone(struct scst_device *dev, struct scst_alone *alone)
{
	int error = scst_alone_hold(dev);

	if (error)
		return error;
	alone->dev = dev;
	INIT_WORK(&alone->work, scst_alone_work);
	scst_gate_entry_init(&alone->entry, scst_alone_wake);
	scst_gate_enter(&dev->gate, &alone->entry, SCST_GATE_EXCLUSIVE);
	if (!scst_gate_park(&dev->gate, &alone->entry))
		scst_alone_wake(&alone->entry);
	return 0;
}
EXPORT_SYMBOL_GPL(scst_dev_run_alone);
