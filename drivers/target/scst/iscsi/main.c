// SPDX-License-Identifier: GPL-2.0
/*
 * The iSCSI fabric: its module, and what it has in targets/iscsi/.
 */
#include <linux/configfs.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "isct.h"

struct workqueue_struct *isct_wq;
struct workqueue_struct *isct_free_wq;
struct isct_auth isct_discovery_auth;
bool isct_enabled;

static ssize_t isct_enabled_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%d\n", READ_ONCE(isct_enabled));
}

/* Connections that are there stay. */
static ssize_t isct_enabled_store(struct config_item *item, const char *page,
				  size_t len)
{
	bool enabled;
	int error;

	error = kstrtobool(page, &enabled);
	if (error)
		return error;
	WRITE_ONCE(isct_enabled, enabled);
	return len;
}

CONFIGFS_ATTR(isct_, enabled);

static struct configfs_attribute *isct_driver_attrs[] = {
	&isct_attr_enabled,
	NULL,
};

static void isct_add_driver_groups(struct config_group *group)
{
	isct_portals_init(group);
	isct_auth_init(&isct_discovery_auth, group);
}

const struct scst_tgt_template isct_template = {
	.owner			= THIS_MODULE,
	.name			= "iscsi",
	.xmit_atomic		= true,
	.xfer_atomic		= true,
	.session_threads	= true,
	.driver_attrs		= isct_driver_attrs,
	.tgt_attrs		= isct_tgt_attrs,
	.session_groups		= isct_session_groups,
	.add_driver_groups	= isct_add_driver_groups,
	.new_group_dir		= isct_new_group_auth,
	.new_target		= isct_new_target,
	.free_target		= isct_free_target,
	.target_gone		= isct_target_gone,
	.enable_target		= isct_enable_target,
	.xmit_response		= isct_xmit_response,
	.rdy_to_xfer		= isct_rdy_to_xfer,
	.preprocessing_done	= isct_preprocessing_done,
	.cmd_aborted		= isct_cmd_aborted,
	.on_free_cmd		= isct_on_free_cmd,
	.task_mgmt_fn_done	= isct_task_mgmt_fn_done,
	.close_session		= isct_close_session,
	.get_initiator_port_transport_id = isct_get_transport_id,
	.report_aen		= isct_report_aen,
};

static int __init isct_init(void)
{
	int error = -ENOMEM;

	isct_wq = alloc_workqueue("scst_iscsi", WQ_MEM_RECLAIM, 0);
	if (!isct_wq)
		return -ENOMEM;
	isct_free_wq = alloc_workqueue("scst_iscsi_free", 0, 0);
	if (!isct_free_wq)
		goto destroy_wq;
	isct_task_cache = KMEM_CACHE(isct_task, SLAB_HWCACHE_ALIGN);
	if (!isct_task_cache)
		goto destroy_free_wq;
	error = isct_sysfs_init();
	if (error)
		goto destroy_cache;
	isct_params_init();
	error = scst_register_target_template(&isct_template);
	if (error)
		goto exit_sysfs;
	return 0;

exit_sysfs:
	isct_sysfs_exit();
destroy_cache:
	kmem_cache_destroy(isct_task_cache);
destroy_free_wq:
	destroy_workqueue(isct_free_wq);
destroy_wq:
	destroy_workqueue(isct_wq);
	return error;
}

/* configfs has kept the module as long as there was a portal or a target. */
static void __exit isct_exit(void)
{
	/* Logins hold targets, too. */
	isct_end_conns();
	scst_unregister_target_template(&isct_template);
	isct_sysfs_exit();
	/* The last put, and the work of the last ones, may be about to return. */
	rcu_barrier();
	destroy_workqueue(isct_free_wq);
	destroy_workqueue(isct_wq);
	kmem_cache_destroy(isct_task_cache);
}

module_init(isct_init);
module_exit(isct_exit);

MODULE_DESCRIPTION("SCST iSCSI fabric");
MODULE_LICENSE("GPL");
