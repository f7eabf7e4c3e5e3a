// SPDX-License-Identifier: GPL-2.0
/*
 * Device groups as devices, /sys/class/scst_device_group/: where the uevents
 * come from that ask user space for states.
 */
#include <linux/device.h>
#include <linux/sched/mm.h>
#include "scst_priv.h"

static const struct class scst_dg_class = {
	.name = "scst_device_group",
};

/* Process context. Return: 0 or an errno. */
int scst_dg_dev_add(struct scst_dg *dg, const char *name)
{
	struct device *kdev;

	kdev = device_create(&scst_dg_class, NULL, MKDEV(0, 0), NULL, "%s",
			     name);
	if (IS_ERR(kdev))
		return PTR_ERR(kdev);
	dg->kdev = kdev;
	return 0;
}

void scst_dg_dev_del(struct scst_dg *dg)
{
	device_unregister(dg->kdev);
}

/*
 * What is asked for is in device_groups/<name>/request, which has room for it.
 * An event that nobody hears is one that nobody answers: there is a timeout.
 */
void scst_dg_uevent(struct device *kdev, u32 number, unsigned int timeout)
{
	char request[32], seconds[32];
	char *envp[4] = {};
	unsigned int noio;

	if (!kdev)
		return;
	envp[0] = "SCST_EVENT=set_target_port_groups";
	envp[1] = request;
	envp[2] = seconds;
	snprintf(request, sizeof(request), "REQUEST=%u", number);
	snprintf(seconds, sizeof(seconds), "SCST_TIMEOUT=%u", timeout);
	/* Who frees memory may wait for a disk of this very machine. */
	noio = memalloc_noio_save();
	kobject_uevent_env(&kdev->kobj, KOBJ_CHANGE, envp);
	memalloc_noio_restore(noio);
}

int __init scst_alua_init(void)
{
	return class_register(&scst_dg_class);
}

void scst_alua_exit(void)
{
	class_unregister(&scst_dg_class);
}
