// SPDX-License-Identifier: GPL-2.0
/*
 * A session's SCSI host: commands and task management, from the mid-layer to
 * the core and back.
 */
#include <linux/blk-mq.h>
#include <linux/completion.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_eh.h>
#include <scsi/scsi_host.h>
#include <scsi/scsi_tcq.h>
#include "local.h"

/* The mid-layer counts the bits of the flat space address method in. */
#define LOCAL_MAX_LUN		(0x4000 + SCST_MAX_LUN)
#define LOCAL_CAN_QUEUE		1024
#define LOCAL_CMD_PER_LUN	128
/* In sectors: 8 MiB, what vdisk takes at most */
#define LOCAL_MAX_SECTORS	16384

/* RDPROTECT and WRPROTECT: byte 1, or 10 of a CDB of 32 bytes */
#define LOCAL_CDB_PROTECT	0xe0

/* The target says which type it has; memory may have it, too. */
#define LOCAL_PROT	(SHOST_DIF_TYPE1_PROTECTION | \
			 SHOST_DIF_TYPE2_PROTECTION | \
			 SHOST_DIF_TYPE3_PROTECTION | \
			 SHOST_DIX_TYPE1_PROTECTION | \
			 SHOST_DIX_TYPE2_PROTECTION | \
			 SHOST_DIX_TYPE3_PROTECTION)

static const u8 local_data_dirs[] = {
	[DMA_TO_DEVICE]		= SCST_DATA_WRITE,
	[DMA_FROM_DEVICE]	= SCST_DATA_READ,
	[DMA_NONE]		= SCST_DATA_NONE,
	[DMA_BIDIRECTIONAL]	= SCST_DATA_NONE,
};

/*
 * A flush of a store may end while the store's queue holds its flush lock, and
 * end the flush of a disk here: another queue, another class of lock.
 */
static struct lock_class_key local_flush_lock_key;

/**
 * struct local_cmd - what the mid-layer allocates for us behind a scsi_cmnd
 * @cmd: the core's command
 * @mcmd: task management that the error handler asks for with this scsi_cmnd
 */
struct local_cmd {
	struct scst_cmd		cmd;
	struct scst_mgmt_cmd	mcmd;
};

/**
 * struct local_host - what a SCSI host has of us
 * @lock: held for reading by the error handler, which also runs, on behalf of
 *	whoever still has a device open, when the session is gone
 * @session: session, NULL when it is gone; subject of @lock, but for commands,
 *	which the mid-layer sends no more when scsi_remove_host() has returned
 */
struct local_host {
	struct rw_semaphore	lock;	/* @session */
	struct local_session	*session;
};

static struct local_host *local_host_of(struct Scsi_Host *host)
{
	return shost_priv(host);
}

/*
 * Protection information that a host bus adapter would add to what it sends, or
 * take out of what it gets, while the initiator's memory has none: what is here
 * instead of a wire needs none, and the target makes it itself if it is not told
 * that some comes (RDPROTECT, WRPROTECT).
 */
static const u8 *local_unprotect(const struct scsi_cmnd *sc, u8 *cdb)
{
	memcpy(cdb, sc->cmnd, sc->cmd_len);
	cdb[sc->cmd_len == SCST_CDB_INLINE ? 10 : 1] &= ~LOCAL_CDB_PROTECT;
	return cdb;
}

/*
 * The embedded command is initialised anew each time: the mid-layer's error
 * handler sends its own commands in a scsi_cmnd whose first command has ended.
 */
static int local_queuecommand(struct Scsi_Host *host, struct scsi_cmnd *sc)
{
	struct local_cmd *local = scsi_cmd_priv(sc);
	struct scst_cmd *cmd = &local->cmd;
	u32 len = scsi_bufflen(sc);
	u8 plain[SCST_CDB_INLINE];
	const u8 *cdb = sc->cmnd;
	struct scsi_lun lun;

	/* Not prot_flags: what the error handler sends may have old ones. */
	if (unlikely(scsi_get_prot_op(sc) != SCSI_PROT_NORMAL)) {
		if (scsi_prot_sg_count(sc))
			len = scsi_transfer_length(sc);
		else
			cdb = local_unprotect(sc, plain);
	}
	int_to_scsilun(sc->device->lun, &lun);
	scst_rx_cmd(local_host_of(host)->session->sess, cmd, lun.scsi_lun, cdb,
		    sc->cmd_len);
	cmd->tag = blk_mq_unique_tag(scsi_cmd_to_rq(sc));
	cmd->expected_valid = true;
	cmd->expected_dir = local_data_dirs[sc->sc_data_direction];
	cmd->expected_len = len;
	cmd->fabric_priv = sc;
	/* What a command that is aborted, and never answered, ends with */
	sc->result = DID_RESET << 16;
	scst_cmd_init_done(cmd, SCST_CONTEXT_DIRECT);
	return 0;
}

/* The initiator's scatterlist is the command's. */
int local_alloc_data_buf(struct scst_cmd *cmd)
{
	struct scsi_cmnd *sc = cmd->fabric_priv;

	cmd->sg = scsi_sglist(sc);
	cmd->sg_cnt = scsi_sg_count(sc);
	if (unlikely(cmd->info.protect) && scsi_prot_sg_count(sc)) {
		cmd->prot_sg = scsi_prot_sglist(sc);
		cmd->prot_sg_cnt = scsi_prot_sg_count(sc);
	}
	return 0;
}

/*
 * Only note the result: with scsi_done() the memory of the command may be
 * reused, hence that comes when the core has forgotten the command.
 */
void local_xmit_response(struct scst_cmd *cmd)
{
	struct scsi_cmnd *sc = cmd->fabric_priv;
	s64 resid = scst_cmd_residual(cmd);

	sc->result = cmd->status;
	if (cmd->sense_len)
		memcpy(sc->sense_buffer, cmd->sense,
		       min_t(size_t, cmd->sense_len, SCSI_SENSE_BUFFERSIZE));
	/* Protection information has moved, too, but the mid-layer counts data. */
	scsi_set_resid(sc, clamp_t(s64, resid, 0, scsi_bufflen(sc)));
	scst_tgt_cmd_done(cmd, SCST_CONTEXT_SAME);
}

/*
 * A host with one queue completes requests in the block softirq. Raised from
 * process context that would wake ksoftirqd; with bottom halves disabled it
 * runs right here.
 */
void local_on_free_cmd(struct scst_cmd *cmd)
{
	struct scsi_cmnd *sc = cmd->fabric_priv;

	if (in_hardirq() || irqs_disabled()) {
		scsi_done(sc);
		return;
	}
	local_bh_disable();
	scsi_done(sc);
	local_bh_enable();
}

void local_task_mgmt_fn_done(struct scst_mgmt_cmd *mcmd)
{
	complete(mcmd->fabric_priv);
}

static struct scst_mgmt_cmd *local_init_tm(struct scsi_cmnd *sc,
					   struct completion *done)
{
	struct local_cmd *local = scsi_cmd_priv(sc);

	memset(&local->mcmd, 0, sizeof(local->mcmd));
	local->mcmd.fabric_priv = done;
	return &local->mcmd;
}

/*
 * The wait has no limit: the function ends when no affected command can touch
 * the scsi_cmnd that it is embedded in any more, and the mid-layer reuses those
 * scsi_cmnds as soon as an error handler has returned, whatever it returns.
 */
static int local_wait_tm(struct scst_mgmt_cmd *mcmd, struct completion *done)
{
	wait_for_completion(done);
	return mcmd->response == SCST_TM_COMPLETE ||
	       mcmd->response == SCST_TM_NO_TASK ? SUCCESS : FAILED;
}

static int local_tm_lun(struct scsi_cmnd *sc, enum scst_tm_fn fn)
{
	struct local_host *host = local_host_of(sc->device->host);
	DECLARE_COMPLETION_ONSTACK(done);
	struct scst_mgmt_cmd *mcmd = local_init_tm(sc, &done);
	struct scsi_lun lun;
	int ret = FAILED;

	int_to_scsilun(sc->device->lun, &lun);
	down_read(&host->lock);
	if (host->session) {
		scst_rx_mgmt_fn_lun(mcmd, host->session->sess, fn, lun.scsi_lun);
		ret = local_wait_tm(mcmd, &done);
	}
	up_read(&host->lock);
	return ret;
}

static int local_eh_abort(struct scsi_cmnd *sc)
{
	struct local_host *host = local_host_of(sc->device->host);
	DECLARE_COMPLETION_ONSTACK(done);
	struct scst_mgmt_cmd *mcmd = local_init_tm(sc, &done);
	int ret = FAILED;

	down_read(&host->lock);
	if (host->session) {
		scst_rx_mgmt_fn_tag(mcmd, host->session->sess,
				    SCST_TM_ABORT_TASK,
				    blk_mq_unique_tag(scsi_cmd_to_rq(sc)));
		ret = local_wait_tm(mcmd, &done);
	}
	up_read(&host->lock);
	return ret;
}

static int local_eh_device_reset(struct scsi_cmnd *sc)
{
	return local_tm_lun(sc, SCST_TM_LUN_RESET);
}

/* The host is the nexus: of the host, too */
static int local_eh_target_reset(struct scsi_cmnd *sc)
{
	return local_tm_lun(sc, SCST_TM_TARGET_RESET);
}

static int local_slave_configure(struct scsi_device *sdev)
{
	struct blk_mq_hw_ctx *hctx;
	unsigned long i;

	queue_for_each_hw_ctx(sdev->request_queue, hctx, i)
		blk_mq_hctx_set_fq_lock_class(hctx, &local_flush_lock_key);
	return 0;
}

static const struct scsi_host_template local_host_template = {
	.module			= THIS_MODULE,
	.name			= "SCST local",
	.proc_name		= "scst_local",
	.queuecommand		= local_queuecommand,
	.queuecommand_may_block	= true,
	.slave_configure	= local_slave_configure,
	.change_queue_depth	= scsi_change_queue_depth,
	.eh_abort_handler	= local_eh_abort,
	.eh_device_reset_handler = local_eh_device_reset,
	.eh_target_reset_handler = local_eh_target_reset,
	.eh_host_reset_handler	= local_eh_target_reset,
	.can_queue		= LOCAL_CAN_QUEUE,
	.cmd_per_lun		= LOCAL_CMD_PER_LUN,
	.cmd_size		= sizeof(struct local_cmd),
	.this_id		= -1,
	.sg_tablesize		= SG_MAX_SEGMENTS,
	.max_sectors		= LOCAL_MAX_SECTORS,
	.max_segment_size	= UINT_MAX,
	/* So that stores can take the initiator's memory as it is */
	.dma_alignment		= SECTOR_SIZE - 1,
	.skip_settle_delay	= 1,
};

int local_host_add(struct local_session *session)
{
	struct Scsi_Host *host;
	int error;

	host = scsi_host_alloc(&local_host_template, sizeof(struct local_host));
	if (!host)
		return -ENOMEM;
	init_rwsem(&local_host_of(host)->lock);
	local_host_of(host)->session = session;
	host->max_id = 1;
	host->max_channel = 0;
	host->max_lun = LOCAL_MAX_LUN + 1;
	host->max_cmd_len = SCST_CDB_INLINE;
	host->nr_hw_queues = nr_cpu_ids;
	host->host_tagset = 1;
	scsi_host_set_prot(host, LOCAL_PROT);
	scsi_host_set_guard(host, SHOST_DIX_GUARD_CRC);
	error = scsi_add_host(host, local_root);
	if (error) {
		scsi_host_put(host);
		return error;
	}
	session->host = host;
	session->host_no = host->host_no;
	return 0;
}

/* Waits for the host's commands. Its memory stays while a device is open. */
void local_host_remove(struct local_session *session)
{
	struct local_host *host = local_host_of(session->host);

	scsi_remove_host(session->host);
	down_write(&host->lock);
	host->session = NULL;
	up_write(&host->lock);
	scsi_host_put(session->host);
}
