/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCST: a SCSI command on its way through the core.
 */
#ifndef _SCST_COMMAND_H
#define _SCST_COMMAND_H

#include <linux/bitops.h>
#include <linux/refcount.h>
#include <linux/scatterlist.h>
#include <scst/cdb.h>
#include <scst/sense.h>
#include <scst/types.h>

/**
 * enum scst_cmd_state - where a command is
 *
 * The legal moves are a table in state.c, which scst_cmd_set_state() checks.
 *
 * @SCST_CMD_INIT: LUN translation and its place in the order of the nexus
 * @SCST_CMD_PARSE: CDB decoding
 * @SCST_CMD_PREPARE_SPACE: data buffer
 * @SCST_CMD_PREPROCESSING_DONE: the fabric is told that it may move data
 * @SCST_CMD_RDY_TO_XFER: ask the fabric for the Data-Out
 * @SCST_CMD_DATA_WAIT: until scst_rx_data()
 * @SCST_CMD_PRE_EXEC: last word of the fabric
 * @SCST_CMD_EXEC_CHECK_ORDER: task attributes and the device's gate
 * @SCST_CMD_LOCAL_EXEC: unit attentions, write protection, what the core
 *	itself executes
 * @SCST_CMD_REAL_EXEC: the handler executes
 * @SCST_CMD_EXEC_WAIT: until scst_cmd_done()
 * @SCST_CMD_DEV_DONE: the handler sees the result; gate and order move on
 * @SCST_CMD_PRE_XMIT_RESP: abort or response: decided here
 * @SCST_CMD_XMIT_RESP: the fabric sends data and status
 * @SCST_CMD_XMIT_WAIT: until scst_tgt_cmd_done()
 * @SCST_CMD_FINISHED: everything is given back
 * @SCST_CMD_NR_STATES: number of states
 */
enum scst_cmd_state {
	SCST_CMD_INIT,
	SCST_CMD_PARSE,
	SCST_CMD_PREPARE_SPACE,
	SCST_CMD_PREPROCESSING_DONE,
	SCST_CMD_RDY_TO_XFER,
	SCST_CMD_DATA_WAIT,
	SCST_CMD_PRE_EXEC,
	SCST_CMD_EXEC_CHECK_ORDER,
	SCST_CMD_LOCAL_EXEC,
	SCST_CMD_REAL_EXEC,
	SCST_CMD_EXEC_WAIT,
	SCST_CMD_DEV_DONE,
	SCST_CMD_PRE_XMIT_RESP,
	SCST_CMD_XMIT_RESP,
	SCST_CMD_XMIT_WAIT,
	SCST_CMD_FINISHED,
	SCST_CMD_NR_STATES,
};

/* Words in scst_cmd.handler_priv */
#define SCST_CMD_HANDLER_WORDS	24

/**
 * struct scst_cmd - a SCSI command
 *
 * A fabric embeds it in its own command and hands it in with scst_rx_cmd();
 * from then on it belongs to the core until scst_tgt_template.on_free_cmd().
 * A handler owns it between scst_dev_type.exec() and scst_cmd_done().
 *
 * @sess: I_T nexus
 * @tgt_dev: I_T_L nexus; NULL when the LUN has no logical unit
 * @dev: logical unit, or NULL
 * @cdb: CDB; @cdb_len bytes
 * @cdb_len: 6 to SCST_CDB_MAX
 * @lun: LUN, SCST_LUN_REPORT_LUNS, or SCST_LUN_INVALID
 * @tag: the fabric's command identifier, unique within the nexus
 * @info: decoded CDB, valid from SCST_CMD_PREPARE_SPACE on
 * @attr: task attribute
 * @expected_dir: what the transport expects, valid if @expected_valid
 * @expected_valid: the transport says what it expects
 * @expected_len: bytes that the transport expects to move
 * @expected_in_len: bytes of Data-In that it expects beside the Data-Out that
 *	@expected_dir and @expected_len speak of; 0 if it expects one direction
 * @sg: data buffer, at least @bufflen bytes long, those in @prot_sg counted: the
 *	core's, or set by scst_tgt_template.alloc_data_buf()
 * @sg_cnt: entries in @sg
 * @prot_sg: protection information of the blocks in @sg, which then has nothing
 *	else: set by alloc_data_buf(). NULL if it is in @sg, behind each block. Only
 *	with info.protect.
 * @prot_sg_cnt: entries in @prot_sg
 * @bufflen: bytes that can move: the smaller one of what the CDB says
 *	(info.data_len) and what the transport expects
 * @resp_len: bytes of @sg that the initiator gets, or of @in_sg if the command
 *	is bidirectional; the core presets it to @bufflen for reads, or to
 *	@in_bufflen, the handler lowers it
 * @in_sg: Data-In buffer of a bidirectional command, for which @sg is the one of
 *	Data-Out. This one is always the core's. It and the next two are not
 *	initialised for other commands.
 * @in_sg_cnt: entries in @in_sg
 * @in_bufflen: bytes that can move in
 * @status: SAM status
 * @sense_len: valid bytes in @sense
 * @sense: sense data of a CHECK CONDITION
 * @fabric_priv: the fabric's own, untouched by the core
 * @handler_priv: scratch of the handler from parse() on, not initialised
 */
struct scst_cmd {
	struct scst_session	*sess;
	struct scst_tgt_dev	*tgt_dev;
	struct scst_device	*dev;
	const u8		*cdb;
	u64			lun;
	u64			tag;
	struct scst_cdb_info	info;
	u16			cdb_len;
	u8			attr;
	u8			expected_dir;
	bool			expected_valid;
	u8			status;
	u8			sense_len;
	u32			expected_len;
	u32			expected_in_len;
	struct scatterlist	*sg;
	unsigned int		sg_cnt;
	struct scatterlist	*prot_sg;
	unsigned int		prot_sg_cnt;
	u32			bufflen;
	u32			resp_len;
	struct scatterlist	*in_sg;
	unsigned int		in_sg_cnt;
	u32			in_bufflen;
	void			*fabric_priv;

	/* private: the core's */
	const struct scst_tgt_template *tmpl;	/* who has sent it */
	u8			state;
	u8			context;
	u8			ua;		/* that it reports, or SCST_UA_NR */
	u16			list_cpu;
	int			tm_epoch;	/* of the session */
	u32			medium;		/* that an internal one is for */
	unsigned long		hw_since;	/* jiffies; see hw_pending.c */
	u64			came_ns;	/* local_clock() */
	unsigned long		flags;		/* SCST_CMD_F_*, atomic */
	refcount_t		ref;
	struct scst_gate_entry	order;		/* at tgt_dev->order */
	struct scst_gate_entry	gate;		/* at dev->gate */
	struct scst_gate_entry	set;		/* at dev->task_set.order */
	bool			passes_aca;	/* while there is an ACA */
	bool			blocked;	/* scst_task_set.lock */
	struct list_head	sess_entry;	/* scst_sess_cpu.lock */
	struct list_head	tm_links;	/* scst_sess_cpu.lock */
	struct work_struct	work;
	u8			cdb_buf[SCST_CDB_INLINE];
	struct scst_range_entry	range;		/* in dev->ranges */

	/* public: not initialised by scst_rx_cmd() */
	u8			sense[SCST_SENSE_SIZE];
	unsigned long		handler_priv[SCST_CMD_HANDLER_WORDS];
};

/**
 * scst_cmd_done() - a handler has executed a command
 * @cmd: command for which exec() has returned SCST_EXEC_PENDING
 * @context: SCST_CONTEXT_DIRECT, _DIRECT_ATOMIC, _THREAD or _BH; never _SAME
 *
 * Status, sense and resp_len are set. Ownership goes to the core.
 */
void scst_cmd_done(struct scst_cmd *cmd, enum scst_context context);

/**
 * scst_cmd_aborted() - has task management aborted the command?
 * @cmd: command that the caller owns
 *
 * Any context. A handler may then end the command early, with any status; the
 * initiator will not see it.
 */
bool scst_cmd_aborted(const struct scst_cmd *cmd);

/**
 * scst_cmd_abort_answered() - has the initiator yet to hear of the abort?
 * @cmd: command that the caller owns, or that was aborted
 *
 * Another I_T nexus has aborted it, and the Control mode page asks for status
 * TASK ABORTED (TAS): it comes by xmit_response(), without data. Any context.
 */
bool scst_cmd_abort_answered(const struct scst_cmd *cmd);

/**
 * scst_cmd_tells() - the answer to a command tells of something only once
 * @cmd: command that the caller owns, or that scst_dev_type.poll_sense() has
 *
 * If the initiator does not get it, scst_dev_type.not_delivered() is called.
 * Until then @handler_priv stays as it is. Any context. Return: false if it is
 * part of another command (EXTENDED COPY): no initiator sees its answer.
 */
bool scst_cmd_tells(struct scst_cmd *cmd);

/**
 * scst_cmd_may_sleep() - may the callback that has @cmd sleep?
 * @cmd: command whose exec() or alloc_data_buf() is running
 */
bool scst_cmd_may_sleep(const struct scst_cmd *cmd);

/**
 * scst_cmd_copy_in() - copy a command's answer into its Data-In buffer
 * @cmd: command that the caller owns
 * @buf: what to send
 * @len: bytes in @buf
 *
 * Copies as much as fits and sets resp_len to that (SPC-5 4.2.5.6: a short
 * allocation length truncates and is no error). Any context.
 */
void scst_cmd_copy_in(struct scst_cmd *cmd, const void *buf, size_t len);

/**
 * scst_cmd_copy_out() - copy from a command's Data-Out buffer
 * @cmd: command that the caller owns
 * @buf: where to
 * @len: most bytes to copy
 *
 * Any context. Return: bytes copied.
 */
size_t scst_cmd_copy_out(struct scst_cmd *cmd, void *buf, size_t len);

/**
 * scst_cmd_residual() - residual count for the response
 * @cmd: command in xmit_response()
 *
 * Return: bytes expected by the transport minus bytes that the command moved
 * (or would have, had more been expected): positive for an underflow, negative
 * for an overflow, 0 when the transport expects nothing in particular.
 */
s64 scst_cmd_residual(const struct scst_cmd *cmd);

/**
 * scst_cmd_in_residual() - residual count of the Data-In beside Data-Out
 * @cmd: command in xmit_response()
 *
 * Return: the same for expected_in_len, which a command that is not
 * bidirectional leaves as it is.
 */
s64 scst_cmd_in_residual(const struct scst_cmd *cmd);

#endif /* _SCST_COMMAND_H */
