// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions as devices: /sys/class/scst_session/.
 *
 * The device has its memory for itself, since whoever keeps a reference to it
 * must not keep the session. The session outlives the device's attributes:
 * device_unregister() waits for those who are inside one.
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/sched/mm.h>
#include <linux/sysfs.h>
#include "scst_priv.h"

static struct scst_session *to_session(struct device *dev)
{
	return dev_get_drvdata(dev);
}

static struct scst_session_stats session_stats(struct device *dev)
{
	struct scst_session_stats stats = {};

	scst_session_get_stats(to_session(dev), &stats);
	return stats;
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
static ssize_t group_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct scst_session *sess = to_session(dev);
	const char *name = "";
	ssize_t len;

	scst_config_lock();
	if (sess->acg != sess->tgt->default_acg)
		name = config_item_name(&sess->acg->group.cg_item);
	len = sysfs_emit(buf, "%s\n", name);
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

static ssize_t commands_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct scst_session_stats stats = session_stats(dev);

	return sysfs_emit(buf, "%llu\n", stats.nr_cmds[SCST_DATA_NONE] +
					 stats.nr_cmds[SCST_DATA_WRITE] +
					 stats.nr_cmds[SCST_DATA_READ] +
					 stats.nr_cmds[SCST_DATA_BIDI]);
}

static DEVICE_ATTR_RO(commands);

static ssize_t read_commands_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  session_stats(dev).nr_cmds[SCST_DATA_READ]);
}

static DEVICE_ATTR_RO(read_commands);

static ssize_t write_commands_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  session_stats(dev).nr_cmds[SCST_DATA_WRITE]);
}

static DEVICE_ATTR_RO(write_commands);

static ssize_t read_bytes_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  session_stats(dev).nr_bytes[SCST_DATA_READ]);
}

static DEVICE_ATTR_RO(read_bytes);

static ssize_t write_bytes_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  session_stats(dev).nr_bytes[SCST_DATA_WRITE]);
}

static DEVICE_ATTR_RO(write_bytes);

static ssize_t active_commands_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%zu\n",
			  scst_session_active_cmds(to_session(dev)));
}

static DEVICE_ATTR_RO(active_commands);

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
	&dev_attr_commands.attr,
	&dev_attr_read_commands.attr,
	&dev_attr_write_commands.attr,
	&dev_attr_read_bytes.attr,
	&dev_attr_write_bytes.attr,
	&dev_attr_active_commands.attr,
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

__ATTRIBUTE_GROUPS(scst_session);

static const struct class scst_session_class = {
	.name		= "scst_session",
	.dev_groups	= scst_session_groups,
};

/*
 * Never used twice: who closes a session by its number must not hit one that
 * came later.
 */
static atomic64_t scst_last_sid;

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
	dev = device_create_with_groups(&scst_session_class, NULL, MKDEV(0, 0),
					sess, sess->tgt->tmpl->session_groups,
					"session%llu", sess->sid);
	memalloc_noio_restore(noio);
	if (IS_ERR(dev)) {
		pr_warn_ratelimited("scst: session%llu is not in sysfs: %pe\n",
				    sess->sid, dev);
		return;
	}
	sess->sysfs_dev = dev;
}

/**
 * scst_session_dev_del() - the reverse, if it has become visible
 * @sess: session, still in its group
 *
 * Waits for whoever reads or writes an attribute. Process context.
 */
void scst_session_dev_del(struct scst_session *sess)
{
	if (sess->sysfs_dev)
		device_unregister(sess->sysfs_dev);
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
