// SPDX-License-Identifier: GPL-2.0
/*
 * The local fabric: SCST's devices, seen by the very same machine.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "local.h"

/* SPC-5 table 180: SAS, no version claimed */
#define LOCAL_SCSI_TRANSPORT_SAS	0x0be0

struct workqueue_struct *local_wq;
struct device *local_root;

static struct scst_tgt *local_new_target(const struct scst_tgt_template *tmpl,
					 const char *name)
{
	struct local_tgt *tgt;
	int error;

	tgt = kzalloc(sizeof(*tgt), GFP_KERNEL);
	if (!tgt)
		return ERR_PTR(-ENOMEM);
	tgt->tgt.scsi_transport_version = LOCAL_SCSI_TRANSPORT_SAS;
	error = scst_register_target(&tgt->tgt, tmpl, name);
	if (error) {
		kfree(tgt);
		return ERR_PTR(error);
	}
	local_configfs_init_target(tgt);
	return &tgt->tgt;
}

static void local_free_target(struct scst_tgt *tgt)
{
	kfree(container_of(tgt, struct local_tgt, tgt));
}

const struct scst_tgt_template local_template = {
	.owner			= THIS_MODULE,
	.name			= "scst_local",
	.xmit_atomic		= true,
	.xfer_atomic		= true,
	.tgt_attrs		= local_tgt_attrs,
	.new_target		= local_new_target,
	.free_target		= local_free_target,
	.xmit_response		= local_xmit_response,
	.alloc_data_buf		= local_alloc_data_buf,
	.on_free_cmd		= local_on_free_cmd,
	.task_mgmt_fn_done	= local_task_mgmt_fn_done,
	.get_initiator_port_transport_id = local_get_transport_id,
};

static int __init local_init(void)
{
	int error;

	/* Not for reclaim: removing a host waits for its commands. */
	local_wq = alloc_workqueue("scst_local", WQ_UNBOUND, 0);
	if (!local_wq)
		return -ENOMEM;
	local_root = root_device_register("scst_local");
	error = PTR_ERR_OR_ZERO(local_root);
	if (error)
		goto destroy_wq;
	error = scst_register_target_template(&local_template);
	if (error)
		goto unregister_root;
	return 0;

unregister_root:
	root_device_unregister(local_root);
destroy_wq:
	destroy_workqueue(local_wq);
	return error;
}

static void __exit local_exit(void)
{
	/* Hosts whose directory is gone may still be on their way out. */
	flush_workqueue(local_wq);
	scst_unregister_target_template(&local_template);
	destroy_workqueue(local_wq);
	root_device_unregister(local_root);
}

module_init(local_init);
module_exit(local_exit);

MODULE_DESCRIPTION("SCST local fabric");
MODULE_LICENSE("GPL");
