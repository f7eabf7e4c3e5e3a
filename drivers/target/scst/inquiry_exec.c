// SPDX-License-Identifier: GPL-2.0
/*
 * Executing INQUIRY: at a logical unit of a handler's, at the well known one,
 * and where there is none.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "scst_priv.h"

/* SPC-5 6.6.2: PERIPHERAL QUALIFIER 011b, device type 1Fh: nothing is here */
#define SCST_INQUIRY_NO_LUN	0x7f
#define SCST_INQUIRY_LEN	36

/**
 * struct scst_inq_work - what an INQUIRY needs, too large for the stack
 * @page: answer
 * @ports: for VPD page 88h
 */
struct scst_inq_work {
	struct scst_inq_page	page;
	u16			ports[SCST_INQ_MAX_PORTS];
};

static void scst_inquiry_refuse(struct scst_cmd *cmd, u16 byte, int bit)
{
	scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, byte, bit);
}

/* The words change one by one; the unit attention comes when they have. */
static void scst_inquiry_groups(const struct scst_tgt_dev *tgt_dev,
				struct scst_inq_port *port)
{
	port->tpgs = READ_ONCE(tgt_dev->alua_tpgs);
	port->group_id = READ_ONCE(tgt_dev->alua_group);
	port->lu_group_id = READ_ONCE(tgt_dev->alua_lu_group);
	port->not_connected =
		scst_alua_not_connected(READ_ONCE(tgt_dev->alua_state));
}

/* Without a device for @inq->type: at the well known logical unit */
static void scst_inquiry_answer(struct scst_cmd *cmd,
				const struct scst_inquiry *inq,
				struct scst_inq_work *work, bool ports)
{
	const struct scst_tgt *tgt = cmd->sess->tgt;
	struct scst_inq_port port = {
		.rel_tgt_id	= tgt->rel_tgt_id,
		.scsi_version	= READ_ONCE(tgt->scsi_transport_version),
		.phys_version	= READ_ONCE(tgt->phys_transport_version),
		.port_name	= tgt->scsi_port_name,
		.device_name	= tgt->scsi_device_name,
		.ports		= work->ports,
		.copies		= cmd->dev && scst_copy_supported(cmd->dev),
		.block_shift	= cmd->dev ? cmd->dev->block_shift : 0,
	};

	if (cmd->tgt_dev)
		scst_inquiry_groups(cmd->tgt_dev, &port);
	if (ports)
		port.nr_ports = scst_device_ports(cmd->dev, work->ports,
						  ARRAY_SIZE(work->ports));
	if (scst_inquiry_build(inq, &port, cmd->cdb, &work->page))
		scst_inquiry_refuse(cmd, 2, 7);
	else
		scst_cmd_copy_in(cmd, work->page.buf, work->page.len);
}

/* Answered in any condition (SPC-5 6.7.1). */
enum scst_exec_result scst_exec_inquiry(struct scst_cmd *cmd,
					const struct scst_inquiry *inq)
{
	bool ports = cmd->dev && cmd->cdb[2] == SCST_VPD_PORTS;
	struct scst_inq_work *work;

	/* The ports are known to who may sleep. */
	if (ports && !scst_cmd_may_sleep(cmd))
		return SCST_EXEC_NEED_THREAD;
	work = kmalloc(sizeof(*work), (scst_cmd_may_sleep(cmd) ? GFP_NOIO :
								 GFP_NOWAIT) |
				      __GFP_NOWARN);
	if (!work) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	scst_inquiry_answer(cmd, inq, work, ports);
	kfree(work);
	return SCST_EXEC_DONE;
}
EXPORT_SYMBOL_GPL(scst_exec_inquiry);

/* Process context. */
void scst_inquiry_wlun(struct scst_cmd *cmd)
{
	scst_exec_inquiry(cmd, &scst_wlun_inquiry);
}

void scst_inquiry_no_lun(struct scst_cmd *cmd)
{
	u8 buf[SCST_INQUIRY_LEN] = {
		[0] = SCST_INQUIRY_NO_LUN,
		[2] = 0x06,		/* SPC-4 */
		[3] = 0x02,		/* response data format */
		[4] = SCST_INQUIRY_LEN - 5,
	};

	if (cmd->cdb[1] & 0x01) {
		/* EVPD: there are no pages either. */
		scst_inquiry_refuse(cmd, 1, 0);
	} else if (cmd->cdb[2]) {
		scst_inquiry_refuse(cmd, 2, 7);
	} else {
		memset(buf + 8, ' ', SCST_INQUIRY_LEN - 8);
		scst_cmd_copy_in(cmd, buf, sizeof(buf));
	}
}
