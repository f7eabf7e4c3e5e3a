// SPDX-License-Identifier: GPL-2.0
/*
 * Task management function requests (RFC 7143 11.5, 11.6)
 */
#include <linux/array_size.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include "isct.h"

/* Functions may wait long for a stuck device, and are not in the window. */
#define ISCT_MAX_TMFS		32

/*
 * RFC 7144 6.1 and 6.2, which need iSCSIProtocolLevel 2; iscsi_proto.h has no
 * names for them.
 */
#define ISCT_TM_LEVEL			2
#define ISCT_TM_FUNC_QUERY_TASK		9
#define ISCT_TM_FUNC_QUERY_TASK_SET	10
#define ISCT_TM_FUNC_NEXUS_RESET	11
#define ISCT_TM_FUNC_QUERY_ASYNC_EVENT	12
#define ISCT_TMF_RSP_SUCCEEDED		7

/**
 * enum isct_tmf_aborts - which of the initiator's own tasks a function aborts
 * @ISCT_ABORTS_NONE: none
 * @ISCT_ABORTS_TASK: the one that it names
 * @ISCT_ABORTS_LUN: those of its LUN
 * @ISCT_ABORTS_ALL: all
 */
enum isct_tmf_aborts {
	ISCT_ABORTS_NONE,
	ISCT_ABORTS_TASK,
	ISCT_ABORTS_LUN,
	ISCT_ABORTS_ALL,
};

/**
 * struct isct_tmf_desc - what a function is for the core
 * @fn: the core's function
 * @supported: we have it
 * @level: lowest iSCSIProtocolLevel that has it
 * @by_tag: it is about one task
 * @aborts: enum isct_tmf_aborts
 * @response: what it is answered with if we have not, or if there is no such
 *	task
 */
struct isct_tmf_desc {
	enum scst_tm_fn	fn;
	bool		supported;
	u8		level;
	bool		by_tag;
	u8		aborts;
	u8		response;
};

static const struct isct_tmf_desc isct_tmf_descs[] = {
	[ISCSI_TM_FUNC_ABORT_TASK] = {
		.fn = SCST_TM_ABORT_TASK, .supported = true, .by_tag = true,
		.aborts = ISCT_ABORTS_TASK,
		.response = ISCSI_TMF_RSP_NO_TASK,
	},
	[ISCSI_TM_FUNC_ABORT_TASK_SET] = {
		.fn = SCST_TM_ABORT_TASK_SET, .supported = true,
		.aborts = ISCT_ABORTS_LUN,
	},
	[ISCSI_TM_FUNC_CLEAR_ACA] = { SCST_TM_CLEAR_ACA, true },
	[ISCSI_TM_FUNC_CLEAR_TASK_SET] = {
		.fn = SCST_TM_CLEAR_TASK_SET, .supported = true,
		.aborts = ISCT_ABORTS_LUN,
	},
	[ISCSI_TM_FUNC_LOGICAL_UNIT_RESET] = {
		.fn = SCST_TM_LUN_RESET, .supported = true,
		.aborts = ISCT_ABORTS_LUN,
	},
	[ISCSI_TM_FUNC_TARGET_WARM_RESET] = {
		.fn = SCST_TM_TARGET_RESET, .supported = true,
		.aborts = ISCT_ABORTS_ALL,
	},
	[ISCSI_TM_FUNC_TARGET_COLD_RESET] = {
		.fn = SCST_TM_TARGET_RESET, .supported = true,
		.aborts = ISCT_ABORTS_ALL,
	},
	/* RFC 7143 11.5.1: only with error recovery level 2 */
	[ISCSI_TM_FUNC_TASK_REASSIGN] = {
		.response = ISCSI_TMF_RSP_NO_FAILOVER,
	},
	[ISCT_TM_FUNC_QUERY_TASK] = {
		.fn = SCST_TM_QUERY_TASK, .supported = true,
		.level = ISCT_TM_LEVEL, .by_tag = true,
		.response = ISCSI_TMF_RSP_COMPLETE,
	},
	[ISCT_TM_FUNC_QUERY_TASK_SET] = {
		SCST_TM_QUERY_TASK_SET, true, ISCT_TM_LEVEL
	},
	[ISCT_TM_FUNC_NEXUS_RESET] = {
		.fn = SCST_TM_NEXUS_RESET, .supported = true,
		.level = ISCT_TM_LEVEL, .aborts = ISCT_ABORTS_ALL,
	},
	[ISCT_TM_FUNC_QUERY_ASYNC_EVENT] = {
		SCST_TM_QUERY_ASYNC_EVENT, true, ISCT_TM_LEVEL
	},
};

static const u8 isct_tmf_responses[] = {
	[SCST_TM_COMPLETE]	= ISCSI_TMF_RSP_COMPLETE,
	[SCST_TM_SUCCEEDED]	= ISCT_TMF_RSP_SUCCEEDED,
	[SCST_TM_NO_LUN]	= ISCSI_TMF_RSP_NO_LUN,
	[SCST_TM_NO_TASK]	= ISCSI_TMF_RSP_NO_TASK,
	[SCST_TM_REJECTED]	= ISCSI_TMF_RSP_REJECTED,
};

static const struct isct_tmf_desc isct_tmf_unknown = {
	.response = ISCSI_TMF_RSP_REJECTED,
};

static const struct isct_tmf_desc *isct_tmf_desc(const struct isct_conn *conn,
						 const struct iscsi_tm *hdr)
{
	u8 fn = ISCSI_TM_FUNC_VALUE(hdr);

	if (!fn || fn >= ARRAY_SIZE(isct_tmf_descs) ||
	    isct_tmf_descs[fn].level > conn->params.val[ISCT_PROTOCOL_LEVEL])
		return &isct_tmf_unknown;
	return &isct_tmf_descs[fn];
}

static void isct_tmf_set_result(struct isct_pdu *pdu,
				const struct scst_mgmt_cmd *mcmd)
{
	struct iscsi_tm_rsp *rsp = (struct iscsi_tm_rsp *)&pdu->hdr;

	/* RFC 7144 6.2: ADDITIONAL RESPONSE INFORMATION */
	put_unaligned_be24(mcmd->info, rsp->rsvd2);
	rsp->response = isct_tmf_responses[mcmd->response];
}

/* Process context */
void isct_task_mgmt_fn_done(struct scst_mgmt_cmd *mcmd)
{
	struct isct_tmf *tmf = container_of(mcmd, struct isct_tmf, mcmd);
	struct isct_conn *conn = tmf->conn;

	if (tmf->pdu) {
		isct_tmf_set_result(tmf->pdu, mcmd);
		isct_conn_send(conn, tmf->pdu);
		kfree(tmf);
	} else if (tmf == &conn->tm_logout) {
		isct_conn_event(conn, ISCT_EV_LOGGED_OUT);
	}
	/* The connection may be waiting for its last one. */
	if (atomic_dec_and_test(&conn->nr_tmfs))
		isct_conn_kick(conn);
	isct_conn_put(conn);
}

static void isct_tmf_init(struct isct_tmf *tmf, struct isct_conn *conn,
			  struct isct_pdu *pdu)
{
	isct_conn_get(conn);
	atomic_inc(&conn->nr_tmfs);
	tmf->conn = conn;
	tmf->pdu = pdu;
}

void isct_tmf_abort_all(struct isct_conn *conn, bool nexus_lost)
{
	isct_tmf_init(&conn->tm_all, conn, NULL);
	scst_rx_mgmt_fn_lun(&conn->tm_all.mcmd, conn->session->sess,
			    nexus_lost ? SCST_TM_NEXUS_RESET :
					 SCST_TM_ABORT_ALL_SESS, NULL);
}

/*
 * RFC 7143 11.5.1: the task to abort is named by its tag and its LUN. One that
 * has not arrived, although its CmdSN is in the window, never will: commands
 * come in order on the only connection.
 */
static bool isct_tmf_has_task(struct isct_conn *conn,
			      const struct iscsi_tm *hdr)
{
	struct isct_task *task = isct_task_find(conn, (__force itt_t)hdr->rtt);

	return task && !memcmp(&task->lun, &hdr->lun, sizeof(task->lun));
}

static bool isct_tmf_is_about(const struct isct_tmf_desc *desc,
			      const struct iscsi_tm *hdr,
			      const struct isct_task *task)
{
	switch (desc->aborts) {
	case ISCT_ABORTS_TASK:
		return task->itt == (__force itt_t)hdr->rtt;
	case ISCT_ABORTS_LUN:
		return !memcmp(&task->lun, &hdr->lun, sizeof(task->lun));
	default:
		return desc->aborts == ISCT_ABORTS_ALL;
	}
}

/* Their answers may be waiting for data that will not come any more. */
static void isct_tmf_give_up(struct isct_conn *conn,
			     const struct iscsi_tm *hdr,
			     const struct isct_tmf_desc *desc)
{
	struct isct_task *task;
	unsigned int bucket;

	hash_for_each(conn->tasks, bucket, task, hash)
		if (isct_tmf_is_about(desc, hdr, task))
			isct_data_give_up(task);
}

/*
 * What the nexus holds is free, and nothing of it touches the initiator's
 * buffers, when it hears that it is logged out (RFC 7143 11.14; SAM-5 6.3.4).
 */
void isct_tmf_logout(struct isct_conn *conn)
{
	isct_tmf_init(&conn->tm_logout, conn, NULL);
	isct_tmf_give_up(conn, NULL, &isct_tmf_descs[ISCT_TM_FUNC_NEXUS_RESET]);
	scst_rx_mgmt_fn_lun(&conn->tm_logout.mcmd, conn->session->sess,
			    SCST_TM_NEXUS_RESET, NULL);
}

/* Frees @pdu when there is an error. */
static int isct_tmf_start(struct isct_conn *conn, struct isct_pdu *pdu,
			  const struct iscsi_tm *hdr,
			  const struct isct_tmf_desc *desc)
{
	struct scst_session *sess = conn->session->sess;
	struct isct_tmf *tmf = kzalloc(sizeof(*tmf), GFP_NOIO);

	if (!tmf) {
		isct_pdu_free(pdu);
		return -ENOMEM;
	}
	isct_tmf_init(tmf, conn, pdu);
	isct_tmf_give_up(conn, hdr, desc);
	if (desc->by_tag)
		scst_rx_mgmt_fn_tag(&tmf->mcmd, sess, desc->fn,
				    be32_to_cpu((__force __be32)hdr->rtt));
	else
		scst_rx_mgmt_fn_lun(&tmf->mcmd, sess, desc->fn,
				    hdr->lun.scsi_lun);
	return 0;
}

int isct_tmf_rx(struct isct_conn *conn)
{
	const struct iscsi_tm *hdr = (const struct iscsi_tm *)&conn->rx.hdr;
	const struct isct_tmf_desc *desc = isct_tmf_desc(conn, hdr);
	struct isct_pdu *pdu;
	int error;

	error = isct_check_cmd_sn(conn);
	if (error)
		return error == -ESTALE ? 0 : error;
	if (atomic_read(&conn->nr_tmfs) >= ISCT_MAX_TMFS)
		return isct_reject(conn, ISCSI_REASON_IMM_CMD_REJECT);
	pdu = isct_pdu_alloc(ISCSI_OP_SCSI_TMFUNC_RSP, 0);
	if (!pdu)
		return -ENOMEM;
	pdu->hdr.itt = hdr->itt;
	pdu->stat_sn = true;

	if (desc->supported &&
	    (!desc->by_tag || isct_tmf_has_task(conn, hdr)))
		return isct_tmf_start(conn, pdu, hdr, desc);
	((struct iscsi_tm_rsp *)&pdu->hdr)->response = desc->response;
	isct_conn_send(conn, pdu);
	return 0;
}
