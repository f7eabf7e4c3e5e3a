// SPDX-License-Identifier: GPL-2.0
/*
 * Counters in sysfs: the same ones of a session and of each of its LUNs.
 */
#include <linux/device.h>
#include <linux/sysfs.h>
#include "scst_priv.h"

/**
 * struct scst_stat_attr - a counter
 * @attr: attribute
 * @field: offset in struct scst_dir_stats
 * @dirs: the directions that are counted, as bits of enum scst_data_dir
 */
struct scst_stat_attr {
	struct device_attribute	attr;
	size_t			field;
	unsigned long		dirs;
};

static ssize_t scst_stat_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	const struct scst_stat_attr *stat;
	struct scst_stats stats = {};
	unsigned int dir;
	u64 value = 0;

	stat = container_of(attr, struct scst_stat_attr, attr);
	if (dev->class)
		scst_session_dev_stats(dev, &stats);
	else
		scst_nexus_get_stats(dev_get_drvdata(dev), &stats);
	for_each_set_bit(dir, &stat->dirs, SCST_DATA_NR)
		value += *(u64 *)((void *)&stats.dir[dir] + stat->field);
	return sysfs_emit(buf, "%llu\n", value);
}

#define SCST_STAT_ATTR(_name, _field, _dirs)				\
static struct scst_stat_attr scst_stat_##_name = {			\
	.attr	= __ATTR(_name, 0444, scst_stat_show, NULL),		\
	.field	= offsetof(struct scst_dir_stats, _field),		\
	.dirs	= (_dirs),						\
}

SCST_STAT_ATTR(commands, nr_cmds, GENMASK(SCST_DATA_NR - 1, 0));
SCST_STAT_ATTR(read_commands, nr_cmds, BIT(SCST_DATA_READ));
SCST_STAT_ATTR(write_commands, nr_cmds, BIT(SCST_DATA_WRITE));
SCST_STAT_ATTR(read_bytes, nr_bytes, BIT(SCST_DATA_READ));
SCST_STAT_ATTR(write_bytes, nr_bytes, BIT(SCST_DATA_WRITE));
SCST_STAT_ATTR(commands_ns, ns, GENMASK(SCST_DATA_NR - 1, 0));
SCST_STAT_ATTR(read_commands_ns, ns, BIT(SCST_DATA_READ));
SCST_STAT_ATTR(write_commands_ns, ns, BIT(SCST_DATA_WRITE));

static struct attribute *scst_stats_attrs[] = {
	&scst_stat_commands.attr.attr,
	&scst_stat_read_commands.attr.attr,
	&scst_stat_write_commands.attr.attr,
	&scst_stat_read_bytes.attr.attr,
	&scst_stat_write_bytes.attr.attr,
	&scst_stat_commands_ns.attr.attr,
	&scst_stat_read_commands_ns.attr.attr,
	&scst_stat_write_commands_ns.attr.attr,
	NULL,
};

const struct attribute_group scst_stats_group = {
	.attrs = scst_stats_attrs,
};
