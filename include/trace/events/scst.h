/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM scst

#if !defined(_TRACE_SCST_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_SCST_H

#include <linux/tracepoint.h>
#include <scsi/scsi_proto.h>
#include <scst/fabric.h>

#define show_scst_tm_fn(fn)					\
	__print_symbolic(fn,					\
		{ SCST_TM_ABORT_TASK,	  "ABORT_TASK" },	\
		{ SCST_TM_ABORT_TASK_SET, "ABORT_TASK_SET" },	\
		{ SCST_TM_CLEAR_TASK_SET, "CLEAR_TASK_SET" },	\
		{ SCST_TM_CLEAR_ACA,	  "CLEAR_ACA" },	\
		{ SCST_TM_LUN_RESET,	  "LUN_RESET" },	\
		{ SCST_TM_TARGET_RESET,	  "TARGET_RESET" },	\
		{ SCST_TM_NEXUS_RESET,	  "NEXUS_RESET" },	\
		{ SCST_TM_QUERY_TASK,	  "QUERY_TASK" },	\
		{ SCST_TM_QUERY_TASK_SET, "QUERY_TASK_SET" },	\
		{ SCST_TM_QUERY_ASYNC_EVENT, "QUERY_ASYNC_EVENT" }, \
		{ SCST_TM_ABORT_ALL_SESS, "ABORT_ALL_SESS" })

#define show_scst_tm_response(response)				\
	__print_symbolic(response,				\
		{ SCST_TM_COMPLETE,	"COMPLETE" },		\
		{ SCST_TM_SUCCEEDED,	"SUCCEEDED" },		\
		{ SCST_TM_NO_LUN,	"NO_LUN" },		\
		{ SCST_TM_NO_TASK,	"NO_TASK" },		\
		{ SCST_TM_REJECTED,	"REJECTED" })

#define show_scst_pr_action(action)				\
	__print_symbolic(action,				\
		{ 0, "REGISTER" },				\
		{ 1, "RESERVE" },				\
		{ 2, "RELEASE" },				\
		{ 3, "CLEAR" },					\
		{ 4, "PREEMPT" },				\
		{ 5, "PREEMPT_AND_ABORT" },			\
		{ 6, "REGISTER_AND_IGNORE" },			\
		{ 7, "REGISTER_AND_MOVE" })

TRACE_EVENT(scst_cmd_start,
	    TP_PROTO(const struct scst_cmd *cmd),
	    TP_ARGS(cmd),
	    TP_STRUCT__entry(__string(target, cmd->sess->tgt->name)
			     __string(initiator, cmd->sess->initiator_name)
			     __field(u64, lun)
			     __field(u64, tag)
			     __field(u8, attr)
			     __array(u8, cdb, 16)),
	    TP_fast_assign(__assign_str(target);
			   __assign_str(initiator);
			   __entry->lun = cmd->lun;
			   __entry->tag = cmd->tag;
			   __entry->attr = cmd->attr;
			   memset(__entry->cdb, 0, sizeof(__entry->cdb));
			   memcpy(__entry->cdb, cmd->cdb,
				  min_t(u16, cmd->cdb_len, 16));),
	    TP_printk("target=%s initiator=%s lun=%llu tag=%llu attr=%u cdb=%s",
		      __get_str(target), __get_str(initiator), __entry->lun,
		      __entry->tag, __entry->attr,
		      __print_hex(__entry->cdb, sizeof(__entry->cdb))));

TRACE_EVENT(scst_cmd_end,
	    TP_PROTO(const struct scst_cmd *cmd),
	    TP_ARGS(cmd),
	    TP_STRUCT__entry(__string(target, cmd->sess->tgt->name)
			     __string(initiator, cmd->sess->initiator_name)
			     __field(u64, lun)
			     __field(u64, tag)
			     __field(u32, data_len)
			     __field(u32, resp_len)
			     __field(u8, status)
			     __field(bool, aborted)),
	    TP_fast_assign(__assign_str(target);
			   __assign_str(initiator);
			   __entry->lun = cmd->lun;
			   __entry->tag = cmd->tag;
			   __entry->data_len = cmd->info.data_len;
			   __entry->resp_len = cmd->resp_len;
			   __entry->status = cmd->status;
			   __entry->aborted = scst_cmd_aborted(cmd);),
	    TP_printk("target=%s initiator=%s lun=%llu tag=%llu data=%u resp=%u status=%#x%s",
		      __get_str(target), __get_str(initiator), __entry->lun,
		      __entry->tag, __entry->data_len, __entry->resp_len,
		      __entry->status, __entry->aborted ? " aborted" : ""));

TRACE_EVENT(scst_cmd_hw_timeout,
	    TP_PROTO(const struct scst_cmd *cmd),
	    TP_ARGS(cmd),
	    TP_STRUCT__entry(__string(target, cmd->sess->tgt->name)
			     __string(initiator, cmd->sess->initiator_name)
			     __field(u64, lun)
			     __field(u64, tag)),
	    TP_fast_assign(__assign_str(target);
			   __assign_str(initiator);
			   __entry->lun = cmd->lun;
			   __entry->tag = cmd->tag;),
	    TP_printk("target=%s initiator=%s lun=%llu tag=%llu",
		      __get_str(target), __get_str(initiator), __entry->lun,
		      __entry->tag));

DECLARE_EVENT_CLASS(scst_ua,
		    TP_PROTO(const struct scst_tgt_dev *tgt_dev,
			     scst_sense_t sense),
		    TP_ARGS(tgt_dev, sense),
		    TP_STRUCT__entry(__string(initiator,
					      tgt_dev->sess->initiator_name)
				     __string(device, tgt_dev->dev->name)
				     __field(u64, lun)
				     __field(u8, asc)
				     __field(u8, ascq)),
		    TP_fast_assign(__assign_str(initiator);
				   __assign_str(device);
				   __entry->lun = tgt_dev->lun;
				   __entry->asc = scst_sense_asc(sense);
				   __entry->ascq = scst_sense_ascq(sense);),
		    TP_printk("initiator=%s lun=%llu device=%s ua=%02x/%02x",
			      __get_str(initiator), __entry->lun,
			      __get_str(device), __entry->asc, __entry->ascq));

DEFINE_EVENT(scst_ua, scst_ua_set,
	     TP_PROTO(const struct scst_tgt_dev *tgt_dev, scst_sense_t sense),
	     TP_ARGS(tgt_dev, sense));

DEFINE_EVENT(scst_ua, scst_ua_report,
	     TP_PROTO(const struct scst_tgt_dev *tgt_dev, scst_sense_t sense),
	     TP_ARGS(tgt_dev, sense));

TRACE_EVENT(scst_pr_change,
	    TP_PROTO(const struct scst_cmd *cmd, u32 generation, u32 nr,
		     u8 type),
	    TP_ARGS(cmd, generation, nr, type),
	    TP_STRUCT__entry(__string(initiator, cmd->sess->initiator_name)
			     __string(device, cmd->dev->name)
			     __field(u32, generation)
			     __field(u32, nr)
			     __field(u8, action)
			     __field(u8, type)),
	    TP_fast_assign(__assign_str(initiator);
			   __assign_str(device);
			   __entry->generation = generation;
			   __entry->nr = nr;
			   __entry->action = cmd->info.op->service_action;
			   __entry->type = type;),
	    TP_printk("initiator=%s device=%s action=%s generation=%u registrations=%u type=%u",
		      __get_str(initiator), __get_str(device),
		      show_scst_pr_action(__entry->action),
		      __entry->generation, __entry->nr, __entry->type));

DECLARE_EVENT_CLASS(scst_tm,
		    TP_PROTO(const struct scst_mgmt_cmd *mcmd),
		    TP_ARGS(mcmd),
		    TP_STRUCT__entry(__string(target, mcmd->sess->tgt->name)
				     __string(initiator, mcmd->sess->initiator_name)
				     __field(int, fn)
				     __field(int, response)
				     __field(u64, lun)
				     __field(u64, tag)),
		    TP_fast_assign(__assign_str(target);
				   __assign_str(initiator);
				   __entry->fn = mcmd->fn;
				   __entry->response = mcmd->response;
				   __entry->lun = mcmd->lun;
				   __entry->tag = mcmd->tag;),
		    TP_printk("target=%s initiator=%s fn=%s lun=%lld tag=%llu response=%s",
			      __get_str(target), __get_str(initiator),
			      show_scst_tm_fn(__entry->fn), __entry->lun, __entry->tag,
			      show_scst_tm_response(__entry->response)));

DEFINE_EVENT(scst_tm, scst_tm_start,
	     TP_PROTO(const struct scst_mgmt_cmd *mcmd),
	     TP_ARGS(mcmd));

DEFINE_EVENT(scst_tm, scst_tm_end,
	     TP_PROTO(const struct scst_mgmt_cmd *mcmd),
	     TP_ARGS(mcmd));

DECLARE_EVENT_CLASS(scst_session,
		    TP_PROTO(const struct scst_session *sess),
		    TP_ARGS(sess),
		    TP_STRUCT__entry(__string(target, sess->tgt->name)
				     __string(initiator, sess->initiator_name)),
		    TP_fast_assign(__assign_str(target);
				   __assign_str(initiator);),
		    TP_printk("target=%s initiator=%s", __get_str(target),
			      __get_str(initiator)));

DEFINE_EVENT(scst_session, scst_session_start,
	     TP_PROTO(const struct scst_session *sess),
	     TP_ARGS(sess));

DEFINE_EVENT(scst_session, scst_session_end,
	     TP_PROTO(const struct scst_session *sess),
	     TP_ARGS(sess));

#endif /* _TRACE_SCST_H */

#include <trace/define_trace.h>
