// SPDX-License-Identifier: GPL-2.0
/*
 * The LUNs of a session as devices: /sys/class/scst_session/session<n>/lun<m>/.
 *
 * They follow the session's table, on a workqueue: whoever changes it holds
 * scst_config_mutex and configfs's locks, and whoever removes a device waits
 * for the readers of its attributes. A nexus whose turn has come, because it is
 * new or because it has ended, is put at the end of a list, those that have
 * ended before those that take their LUN; so there is never a second lun<m>.
 *
 * A nexus with a device is not freed: scst_lun_dev_del() comes first.
 */
#include <linux/bitops.h>
#include <linux/device.h>
#include <linux/sysfs.h>
#include "scst_priv.h"

static ssize_t device_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	const struct scst_tgt_dev *tgt_dev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%s\n", tgt_dev->dev->name);
}

static DEVICE_ATTR_RO(device);

static ssize_t read_only_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	const struct scst_tgt_dev *tgt_dev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%d\n", READ_ONCE(tgt_dev->read_only));
}

static DEVICE_ATTR_RO(read_only);

static ssize_t active_commands_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	const struct scst_tgt_dev *tgt_dev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%zu\n",
			  scst_active_cmds(tgt_dev->sess, tgt_dev));
}

static DEVICE_ATTR_RO(active_commands);

static ssize_t unit_attentions_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	const struct scst_tgt_dev *tgt_dev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%lu\n",
			  hweight_long(READ_ONCE(tgt_dev->ua_pending)));
}

static DEVICE_ATTR_RO(unit_attentions);

static struct attribute *scst_lun_attrs[] = {
	&dev_attr_device.attr,
	&dev_attr_read_only.attr,
	&dev_attr_active_commands.attr,
	&dev_attr_unit_attentions.attr,
	NULL,
};

static const struct attribute_group scst_lun_group = {
	.attrs = scst_lun_attrs,
};

static const struct attribute_group *scst_lun_groups[] = {
	&scst_lun_group,
	&scst_stats_group,
	NULL,
};

/* Without a class, hence without uevents: udev hears of the session. */
static int scst_lun_dev_new(struct scst_tgt_dev *tgt_dev)
{
	struct device *dev;
	int error;

	dev = scst_sysfs_new(tgt_dev->sess->sysfs_dev, tgt_dev);
	if (!dev)
		return -ENOMEM;
	dev->groups = scst_lun_groups;
	device_set_pm_not_required(dev);
	error = dev_set_name(dev, "lun%llu", tgt_dev->lun);
	if (!error)
		error = device_add(dev);
	if (error) {
		put_device(dev);
		return error;
	}
	tgt_dev->sysfs_dev = dev;
	list_add_tail(&tgt_dev->dev_node, &tgt_dev->sess->lun_devs);
	return 0;
}

static void scst_lun_dev_remove(struct scst_tgt_dev *tgt_dev)
{
	lockdep_assert_held(&tgt_dev->sess->dev_lock);

	if (!tgt_dev->sysfs_dev)
		return;
	list_del(&tgt_dev->dev_node);
	device_unregister(tgt_dev->sysfs_dev);
	tgt_dev->sysfs_dev = NULL;
}

static struct scst_tgt_dev *scst_lun_dev_next(struct scst_session *sess)
{
	struct scst_tgt_dev *tgt_dev;

	spin_lock_irq(&sess->lock);
	tgt_dev = list_first_entry_or_null(&sess->lun_news,
					   struct scst_tgt_dev, news_entry);
	if (tgt_dev)
		list_del_init(&tgt_dev->news_entry);
	spin_unlock_irq(&sess->lock);
	return tgt_dev;
}

/* Those of the session that has a device itself. It may do without them. */
void scst_lun_devs_sync(struct scst_session *sess)
{
	struct scst_tgt_dev *tgt_dev;
	int error;

	lockdep_assert_held(&sess->dev_lock);

	while ((tgt_dev = scst_lun_dev_next(sess))) {
		if (READ_ONCE(tgt_dev->ended)) {
			scst_lun_dev_remove(tgt_dev);
			continue;
		}
		if (tgt_dev->sysfs_dev)
			continue;
		error = scst_lun_dev_new(tgt_dev);
		if (error)
			pr_warn_ratelimited("scst: lun%llu of session%llu is not in sysfs: error %d\n",
					    tgt_dev->lun, sess->sid, error);
	}
}

/* All of them, before the session's own */
void scst_lun_devs_del(struct scst_session *sess)
{
	struct scst_tgt_dev *tgt_dev, *next;

	lockdep_assert_held(&sess->dev_lock);

	list_for_each_entry_safe(tgt_dev, next, &sess->lun_devs, dev_node)
		scst_lun_dev_remove(tgt_dev);
}

/* A nexus has got its place in the session's table, or is about to end. */
void scst_lun_dev_update(struct scst_tgt_dev *tgt_dev)
{
	struct scst_session *sess = tgt_dev->sess;

	lockdep_assert_held(&scst_config_mutex);

	spin_lock_irq(&sess->lock);
	if (list_empty(&tgt_dev->news_entry))
		list_add_tail(&tgt_dev->news_entry, &sess->lun_news);
	spin_unlock_irq(&sess->lock);
	queue_work(scst_free_wq, &sess->dev_work);
}

/* The nexus is about to be freed. */
void scst_lun_dev_del(struct scst_tgt_dev *tgt_dev)
{
	struct scst_session *sess = tgt_dev->sess;

	mutex_lock(&sess->dev_lock);
	spin_lock_irq(&sess->lock);
	list_del_init(&tgt_dev->news_entry);
	spin_unlock_irq(&sess->lock);
	scst_lun_dev_remove(tgt_dev);
	mutex_unlock(&sess->dev_lock);
}
