// SPDX-License-Identifier: GPL-2.0
/*
 * The core module.
 */
#include <linux/module.h>
#include <linux/sched/mm.h>
#include "scst_priv.h"

#define CREATE_TRACE_POINTS
#include <trace/events/scst.h>

/* What belongs to it is said in scst_priv.h. */
DEFINE_MUTEX(scst_config_mutex);
EXPORT_SYMBOL_IF_KUNIT(scst_config_mutex);
static unsigned int scst_config_noio;	/* scst_config_mutex */
struct workqueue_struct *scst_wq;
EXPORT_SYMBOL_IF_KUNIT(scst_wq);
struct workqueue_struct *scst_free_wq;
EXPORT_SYMBOL_IF_KUNIT(scst_free_wq);
struct workqueue_struct *scst_tm_wq;
EXPORT_SYMBOL_IF_KUNIT(scst_tm_wq);

/*
 * Who frees memory may wait for a disk of this very machine, hence for task
 * management that its error handler has asked for, which takes this lock.
 */
void scst_config_lock(void)
{
	mutex_lock(&scst_config_mutex);
	scst_config_noio = memalloc_noio_save();
}
EXPORT_SYMBOL_IF_KUNIT(scst_config_lock);

void scst_config_unlock(void)
{
	memalloc_noio_restore(scst_config_noio);
	mutex_unlock(&scst_config_mutex);
}
EXPORT_SYMBOL_IF_KUNIT(scst_config_unlock);

static int __init scst_init(void)
{
	int error;

	error = scst_cdb_init();
	if (error)
		return error;
	error = -ENOMEM;
	scst_wq = alloc_workqueue("scst", WQ_MEM_RECLAIM, 0);
	if (!scst_wq)
		return -ENOMEM;
	scst_free_wq = alloc_workqueue("scst_free", 0, 0);
	if (!scst_free_wq)
		goto destroy_wq;
	scst_tm_wq = alloc_workqueue("scst_tm", WQ_MEM_RECLAIM, 0);
	if (!scst_tm_wq)
		goto destroy_free_wq;
	error = scst_pr_file_init();
	if (error)
		goto destroy_tm_wq;
	error = scst_buffer_init();
	if (error)
		goto exit_pr_file;
	error = scst_sysfs_init();
	if (error)
		goto exit_buffer;
	error = scst_alua_init();
	if (error)
		goto exit_sysfs;
	error = scst_configfs_init();
	if (error)
		goto exit_alua;
	return 0;

exit_alua:
	scst_alua_exit();
exit_sysfs:
	scst_sysfs_exit();
exit_buffer:
	scst_buffer_exit();
exit_pr_file:
	scst_pr_file_exit();
destroy_tm_wq:
	destroy_workqueue(scst_tm_wq);
destroy_free_wq:
	destroy_workqueue(scst_free_wq);
destroy_wq:
	destroy_workqueue(scst_wq);
	return error;
}

/* No handler and no fabric is left, since each holds the module. */
static void __exit scst_exit(void)
{
	scst_configfs_exit();
	scst_alua_exit();
	scst_sysfs_exit();
	scst_pr_file_exit();
	destroy_workqueue(scst_tm_wq);
	destroy_workqueue(scst_free_wq);
	destroy_workqueue(scst_wq);
	scst_buffer_exit();
	/* Sessions and I_T_L nexuses are freed by RCU. */
	rcu_barrier();
}

module_init(scst_init);
module_exit(scst_exit);

MODULE_DESCRIPTION("SCST, a generic SCSI target: core");
MODULE_LICENSE("GPL");
