/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SCST_LOCAL_H
#define _SCST_LOCAL_H

#include <linux/configfs.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <scst/fabric.h>

struct Scsi_Host;

/**
 * struct local_tgt - a target
 * @tgt: the core's part
 * @sessions_group: configfs default group sessions/
 */
struct local_tgt {
	struct scst_tgt		tgt;
	struct config_group	sessions_group;
};

/**
 * struct local_session - an I_T nexus, seen by this machine as a SCSI host
 * @item: configfs directory; its release is the end of the memory
 * @sess: the core's part; valid from mkdir until @remove_work
 * @host: the SCSI host; the same
 * @host_no: number of @host, also when it is gone
 * @scan_work: finds the logical units, which waits for commands
 * @remove_work: what rmdir must not wait for
 * @lock: subject: @transport_id
 * @transport_id: TransportID of the initiator port
 */
struct local_session {
	struct config_item	item;
	struct scst_session	*sess;
	struct Scsi_Host	*host;
	unsigned int		host_no;
	struct work_struct	scan_work;
	struct work_struct	remove_work;
	struct mutex		lock;	/* TransportID */
	struct scst_transport_id transport_id;
};

/* local.c */

extern const struct scst_tgt_template local_template;
extern struct workqueue_struct *local_wq;
extern struct device *local_root;

/* host.c */

int local_host_add(struct local_session *session);
void local_host_remove(struct local_session *session);
void local_xmit_response(struct scst_cmd *cmd);
int local_alloc_data_buf(struct scst_cmd *cmd);
void local_on_free_cmd(struct scst_cmd *cmd);
void local_task_mgmt_fn_done(struct scst_mgmt_cmd *mcmd);

/* configfs.c */

extern struct configfs_attribute *local_tgt_attrs[];

int local_get_transport_id(struct scst_session *sess,
			   struct scst_transport_id *id);
void local_configfs_init_target(struct local_tgt *tgt);

#endif /* _SCST_LOCAL_H */
