// SPDX-License-Identifier: GPL-2.0
/*
 * Executing REPORT TARGET PORT GROUPS (SPC-5 6.36).
 */
#include <linux/slab.h>
#include "scst_priv.h"

/* PARAMETER DATA FORMAT: bits 7 to 5 of byte 1; two of them are defined */
#define SCST_RTPG_FORMAT(cdb)	((cdb)[1] >> 5)
#define SCST_RTPG_EXTENDED	1

/* Ports of other machines whose identifier nobody has said are none yet. */
static void scst_tpg_report(struct scst_tpg_list *list,
			    const struct scst_tpg *tpg)
{
	struct scst_tpg_desc desc = tpg->desc;
	const struct scst_tpg_port *port;

	list_for_each_entry(port, &tpg->ports, entry)
		if (!scst_tpg_port_id(port))
			desc.nr_ports--;
	scst_tpg_list_add(list, &desc);
	list_for_each_entry(port, &tpg->ports, entry)
		if (scst_tpg_port_id(port))
			scst_tpg_list_add_port(list, scst_tpg_port_id(port));
}

static size_t scst_dg_report(const struct scst_dg *dg, bool extended, u8 *buf,
			     size_t size)
{
	const struct scst_tpg *tpg;
	struct scst_tpg_list list;

	scst_tpg_list_init(&list, extended, dg->transition_time, buf, size);
	list_for_each_entry(tpg, &dg->tpgs, entry)
		scst_tpg_report(&list, tpg);
	/* How much there would be, if nobody has made room yet */
	return size ? scst_tpg_list_end(&list) : list.len;
}

/* Process context. */
void scst_report_tpgs(struct scst_cmd *cmd)
{
	u8 format = SCST_RTPG_FORMAT(cmd->cdb);
	bool extended = format == SCST_RTPG_EXTENDED;
	const struct scst_dg *dg;
	size_t size;
	u8 *buf;

	if (format > SCST_RTPG_EXTENDED) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 7);
		return;
	}
	scst_config_lock();
	dg = cmd->dev->dg;
	if (!dg) {
		/* It was in one when the command was decoded. */
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 1,
					 4);
		goto unlock;
	}
	size = min_t(size_t, cmd->bufflen,
		     scst_dg_report(dg, extended, NULL, 0));
	if (!size)
		goto unlock;
	buf = kvzalloc(size, GFP_KERNEL | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		goto unlock;
	}
	scst_cmd_copy_in(cmd, buf, scst_dg_report(dg, extended, buf, size));
	kvfree(buf);
unlock:
	scst_config_unlock();
}
