// SPDX-License-Identifier: GPL-2.0
/*
 * Task management functions that only ask (SAM-5 7.7, 7.9 and 7.10): nothing is
 * affected, so that they wait for nothing either.
 */
#include "scst_priv.h"

static void scst_tm_query_cmds(struct scst_mgmt_cmd *mcmd)
{
	const struct scst_tm_desc *desc = &scst_tm_descs[mcmd->fn];
	const struct scst_abort_match match = {
		.lun	= mcmd->lun,
		.by_lun	= desc->needs_lun,
		.tag	= mcmd->tag,
		.by_tag	= desc->by_tag,
	};

	if (scst_session_has_cmd(mcmd, &match))
		mcmd->response = SCST_TM_SUCCEEDED;
}

/* What is pending stays so. */
static void scst_tm_query_event(struct scst_mgmt_cmd *mcmd,
				const struct scst_tgt_dev *tgt_dev)
{
	mcmd->info = scst_ua_event(READ_ONCE(tgt_dev->ua_pending));
	if (mcmd->info)
		mcmd->response = SCST_TM_SUCCEEDED;
}

/* @tgt_dev is what the function's LUN names, if it has one. */
void scst_tm_query(struct scst_mgmt_cmd *mcmd, struct scst_tgt_dev *tgt_dev)
{
	lockdep_assert_held(&scst_config_mutex);

	if (mcmd->fn == SCST_TM_QUERY_ASYNC_EVENT)
		scst_tm_query_event(mcmd, tgt_dev);
	else
		scst_tm_query_cmds(mcmd);
}
