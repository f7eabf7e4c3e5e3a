// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions as devices: /sys/class/scst_session/. Those of their LUNs are in
 * sysfs_lun.c.
 *
 * The device has its memory for itself, since whoever keeps a reference to it
 * must not keep the session. The session outlives the device's attributes:
 * device_unregister() waits for those who are inside one.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "scst_priv.h"

static struct scst_session *to_session(struct device *dev)
{
	return dev_get_drvdata(dev);
}

void scst_session_dev_stats(struct device *dev, struct scst_stats *stats)
{
	scst_session_get_stats(to_session(dev), stats);
}

static ssize_t initiator_name_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_session(dev)->initiator_name);
}

static DEVICE_ATTR_RO(initiator_name);

static ssize_t target_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	const struct scst_tgt *tgt = to_session(dev)->tgt;

	return sysfs_emit(buf, "%s/%s\n", tgt->tmpl->name, tgt->name);
}

static DEVICE_ATTR_RO(target);

/* Empty for the default group: no directory can have that name. */
static const char *scst_session_group_name(const struct scst_session *sess)
{
	lockdep_assert_held(&scst_config_mutex);

	if (sess->acg == sess->tgt->default_acg)
		return "";
	return config_item_name(&sess->acg->group.cg_item);
}

static ssize_t group_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct scst_session *sess = to_session(dev);
	ssize_t len;

	scst_config_lock();
	len = sysfs_emit(buf, "%s\n", scst_session_group_name(sess));
	scst_config_unlock();
	return len;
}

static DEVICE_ATTR_RO(group);

static ssize_t sid_show(struct device *dev, struct device_attribute *attr,
			char *buf)
{
	return sysfs_emit(buf, "%llu\n", to_session(dev)->sid);
}

static DEVICE_ATTR_RO(sid);

static ssize_t active_commands_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%zu\n",
			  scst_active_cmds(to_session(dev), NULL));
}

static DEVICE_ATTR_RO(active_commands);

/* Of all LUNs together */
static ssize_t unit_attentions_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	struct scst_tgt_dev *tgt_dev;
	struct xarray *luns;
	unsigned long lun;
	size_t nr = 0;

	rcu_read_lock();
	luns = scst_session_luns(to_session(dev));
	xa_for_each(luns, lun, tgt_dev)
		nr += hweight_long(READ_ONCE(tgt_dev->ua_pending));
	rcu_read_unlock();
	return sysfs_emit(buf, "%zu\n", nr);
}

static DEVICE_ATTR_RO(unit_attentions);

static ssize_t close_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t len)
{
	struct scst_session *sess = to_session(dev);
	bool value;
	int error = kstrtobool(buf, &value);

	if (error)
		return error;
	if (!value)
		return -EINVAL;
	sess->tgt->tmpl->close_session(sess);
	return len;
}

static DEVICE_ATTR_WO(close);

static struct attribute *scst_session_attrs[] = {
	&dev_attr_initiator_name.attr,
	&dev_attr_target.attr,
	&dev_attr_group.attr,
	&dev_attr_sid.attr,
	&dev_attr_active_commands.attr,
	&dev_attr_unit_attentions.attr,
	&dev_attr_close.attr,
	NULL,
};

static umode_t scst_session_attr_visible(struct kobject *kobj,
					 struct attribute *attr, int n)
{
	struct scst_session *sess = to_session(kobj_to_dev(kobj));

	if (attr == &dev_attr_close.attr && !sess->tgt->tmpl->close_session)
		return 0;
	return attr->mode;
}

static const struct attribute_group scst_session_group = {
	.attrs		= scst_session_attrs,
	.is_visible	= scst_session_attr_visible,
};

static const struct attribute_group *scst_session_groups[] = {
	&scst_session_group,
	&scst_stats_group,
	NULL,
};

/* Who it is, so that a rule need not read attributes that are going away */
static int scst_session_uevent(const struct device *dev,
			       struct kobj_uevent_env *env)
{
	const struct scst_session *sess = dev_get_drvdata(dev);
	const struct scst_tgt *tgt = sess->tgt;
	int error;

	error = add_uevent_var(env, "SCST_INITIATOR=%s", sess->initiator_name);
	if (!error)
		error = add_uevent_var(env, "SCST_TARGET=%s/%s",
				       tgt->tmpl->name, tgt->name);
	if (error)
		return error;
	scst_config_lock();
	error = add_uevent_var(env, "SCST_GROUP=%s",
			       scst_session_group_name(sess));
	scst_config_unlock();
	return error;
}

static const struct class scst_session_class = {
	.name		= "scst_session",
	.dev_groups	= scst_session_groups,
	.dev_uevent	= scst_session_uevent,
};

/*
 * Never used twice: who closes a session by its number must not hit one that
 * came later.
 */
static atomic64_t scst_last_sid;

static void scst_sysfs_release(struct device *dev)
{
	kfree(dev);
}

/* Return: a device that is not added yet, or NULL. */
struct device *scst_sysfs_new(struct device *parent, void *priv)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	device_initialize(dev);
	dev->parent = parent;
	dev->release = scst_sysfs_release;
	dev_set_drvdata(dev, priv);
	return dev;
}

static struct device *scst_session_dev_new(struct scst_session *sess)
{
	struct device *dev = scst_sysfs_new(NULL, sess);
	int error;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	dev->class = &scst_session_class;
	dev->groups = sess->tgt->tmpl->session_groups;
	error = dev_set_name(dev, "session%llu", sess->sid);
	if (!error) {
		/* udev hears of it when its LUNs are there. */
		dev_set_uevent_suppress(dev, 1);
		error = device_add(dev);
	}
	if (error) {
		put_device(dev);
		return ERR_PTR(error);
	}
	return dev;
}

/**
 * scst_session_dev_add() - a session that is ready becomes visible
 * @sess: session in a group
 *
 * There is no device if it cannot be made: an initiator can do without, and is
 * better served with its disks than refused for want of a place to look at it.
 */
void scst_session_dev_add(struct scst_session *sess)
{
	struct device *dev;
	unsigned int noio;

	sess->sid = atomic64_inc_return(&scst_last_sid);
	/* Reclaim may wait for a disk of this very session. */
	noio = memalloc_noio_save();
	dev = scst_session_dev_new(sess);
	if (IS_ERR(dev)) {
		pr_warn_ratelimited("scst: session%llu is not in sysfs: %pe\n",
				    sess->sid, dev);
	} else {
		mutex_lock(&sess->dev_lock);
		sess->sysfs_dev = dev;
		scst_lun_devs_sync(sess);
		/* That it has changed groups before is no news. */
		spin_lock_irq(&sess->lock);
		sess->regrouped = false;
		spin_unlock_irq(&sess->lock);
		dev_set_uevent_suppress(dev, 0);
		kobject_uevent(&dev->kobj, KOBJ_ADD);
		mutex_unlock(&sess->dev_lock);
	}
	memalloc_noio_restore(noio);
}

/**
 * scst_session_dev_del() - the reverse, if it has become visible
 * @sess: session, still in its group
 *
 * Waits for whoever reads or writes an attribute. Process context.
 */
void scst_session_dev_del(struct scst_session *sess)
{
	struct device *dev;

	mutex_lock(&sess->dev_lock);
	dev = sess->sysfs_dev;
	scst_lun_devs_del(sess);
	sess->sysfs_dev = NULL;
	mutex_unlock(&sess->dev_lock);
	if (dev)
		device_unregister(dev);
}

/* What has changed in the session's table and group becomes visible. */
void scst_session_dev_work(struct work_struct *work)
{
	struct scst_session *sess = container_of(work, struct scst_session,
						 dev_work);
	unsigned int noio;
	bool regrouped;

	noio = memalloc_noio_save();
	mutex_lock(&sess->dev_lock);
	if (sess->sysfs_dev) {
		scst_lun_devs_sync(sess);
		spin_lock_irq(&sess->lock);
		regrouped = sess->regrouped;
		sess->regrouped = false;
		spin_unlock_irq(&sess->lock);
		if (regrouped)
			kobject_uevent(&sess->sysfs_dev->kobj, KOBJ_CHANGE);
	}
	mutex_unlock(&sess->dev_lock);
	memalloc_noio_restore(noio);
}

/* The session is another group's; its LUNs are that group's. */
void scst_session_dev_regrouped(struct scst_session *sess)
{
	spin_lock_irq(&sess->lock);
	sess->regrouped = true;
	spin_unlock_irq(&sess->lock);
	queue_work(scst_free_wq, &sess->dev_work);
}

struct device *scst_session_dev(struct scst_session *sess)
{
	return sess->sysfs_dev;
}
EXPORT_SYMBOL_GPL(scst_session_dev);

int __init scst_sysfs_init(void)
{
	return class_register(&scst_session_class);
}

void scst_sysfs_exit(void)
{
	class_unregister(&scst_session_class);
}
