/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCST: the interface of fabric drivers.
 *
 * A fabric registers a template, makes targets when an administrator does
 * mkdir, makes a session for each I_T nexus, and gives the session's commands
 * to the core:
 *
 *	scst_rx_cmd()		initialise the embedded command
 *	scst_cmd_init_done()	let it go
 *	-> alloc_data_buf()	(optional) bring the data buffer
 *	-> rdy_to_xfer()	fetch Data-Out, then scst_rx_data()
 *	-> xmit_response()	send data and status, then scst_tgt_cmd_done()
 *	-> on_free_cmd()	the memory is the fabric's again
 */
#ifndef _SCST_FABRIC_H
#define _SCST_FABRIC_H

#include <scst/command.h>
#include <scst/pattern.h>
#include <scst/transport_id.h>
#include <scst/types.h>

struct attribute_group;

/**
 * struct scst_tgt_template - a fabric driver's operations
 *
 * Const, static. Callbacks that are not "optional" must be there.
 *
 * @owner: THIS_MODULE
 * @name: name of the fabric and of its directory under targets/
 * @xmit_atomic: @xmit_response may be called when nothing may sleep;
 *	otherwise the core calls it in process context only
 * @xfer_atomic: the same for @rdy_to_xfer and @alloc_data_buf
 * @session_threads: the fabric respects scst_session.own_threads
 * @max_hw_pending_time: seconds that hardware may take from @rdy_to_xfer to
 *	scst_rx_data(), and from @xmit_response to scst_tgt_cmd_done(), before
 *	@hw_pending_timeout is called; 0 if it always gives a command back
 * @driver_attrs: optional, attributes of targets/<name>/, NULL terminated
 * @tgt_attrs: optional, attributes of targets/<name>/<target>/ beside those
 *	of the core, NULL terminated; container_of(to_config_group(item),
 *	struct scst_tgt, group) is the target
 * @session_groups: optional, attributes of /sys/class/scst_session/session<n>/
 *	beside those of the core, NULL terminated; dev_get_drvdata() is the
 *	session. They may be used from before init_done() is called until
 *	unreg_done() is, and must not wait for the end of the session.
 * @add_driver_groups: optional: initialise the fabric's own directories in
 *	targets/<name>/ and give them to configfs_add_default_group(). No target
 *	can have the name of one of them. Process context.
 * @new_group_dir: optional: mkdir of an initiator group of a target: make the
 *	fabric's own directory in it, with config_group_init_type_name() and all
 *	below it. The release() of its type frees it, perhaps long after rmdir.
 *	Process context, configfs locks held. Returns it or ERR_PTR().
 * @new_target: mkdir of a target: allocate and scst_register_target(). Process
 *	context, configfs locks held: must not wait for commands or initiators.
 *	Returns the target or ERR_PTR().
 * @free_target: the last reference is gone: free what @new_target allocated.
 *	Process context.
 * @target_gone: optional: rmdir of a target, enabled or not, whose name may be
 *	another's when this returns. Lets the fabric forget it and begin to end
 *	its sessions. Process context, configfs locks held: must not wait for
 *	commands or initiators.
 * @enable_target: optional, `enabled` changes. Process context, one call at a
 *	time for a target, without the core's other locks. 0 or an errno, which
 *	the writer gets.
 * @xmit_response: send the Data-In (resp_len bytes of sg), status and sense;
 *	must lead to one scst_tgt_cmd_done(). Context: process, or any if
 *	@xmit_atomic.
 * @rdy_to_xfer: fetch bufflen bytes into sg; must lead to one scst_rx_data().
 *	Without it the Data-Out must be in sg when @alloc_data_buf returns.
 * @alloc_data_buf: optional: set sg and sg_cnt to hold at least bufflen bytes.
 *	Returns 0; -ENODATA to let the core allocate; or an errno, which ends
 *	the command with status BUSY.
 * @preprocessing_done: optional: the buffer is there; the fabric answers with
 *	scst_restart_cmd(). May be used to receive immediate data. Context as
 *	@rdy_to_xfer.
 * @pre_exec: optional: last chance to refuse a command before it is executed.
 *	Returns true to go on; or false after scst_set_cmd_error(). Any context.
 * @cmd_aborted: optional: task management has aborted a command that the fabric
 *	may be waiting for data for; it need not, and may call
 *	scst_restart_cmd() or scst_rx_data() with false. The command stays as
 *	long as the call lasts. Any context.
 * @hw_pending_timeout: the hardware has had its time: make it forget the
 *	command and end the wait, with scst_rx_data(), false, or
 *	scst_tgt_cmd_done(), unless it has just given the command back. Comes
 *	again after every further @max_hw_pending_time. The command stays as
 *	long as the call lasts. Process context. Not needed if
 *	@max_hw_pending_time is 0.
 * @on_free_cmd: optional: the core has forgotten the command. Any context.
 * @task_mgmt_affected_cmds_done: optional: no affected command can touch the
 *	initiator's buffers or the medium any more. Process context.
 * @task_mgmt_fn_done: the function has ended, scst_mgmt_cmd.response says how;
 *	the memory is the fabric's again. Process context.
 * @close_session: optional: an administrator wants the session to end. Lets
 *	the fabric begin to end it, and must not wait for that. May come more
 *	than once, before scst_register_session() has returned or init_done()
 *	was called, and after scst_unregister_session(), but not once
 *	unreg_done() is called. Process context.
 * @get_initiator_port_transport_id: optional: the TransportID of the session's
 *	initiator port, in the form that scst_transport_id_parse() gives it.
 *	Returns 0 or an errno. Without it, PERSISTENT RESERVE is refused. Comes
 *	between scst_register_session() and unreg_done(). Process context, the
 *	core's locks are held.
 * @report_aen: optional: there is something to tell the initiator without being
 *	asked; the fabric gets it with scst_next_aen(), at once or later. Comes
 *	in the same times as @close_session. Any context, the core's spinlocks
 *	may be held.
 */
struct scst_tgt_template {
	struct module		*owner;
	const char		*name;
	bool			xmit_atomic;
	bool			xfer_atomic;
	bool			session_threads;
	unsigned int		max_hw_pending_time;
	struct configfs_attribute **driver_attrs;
	struct configfs_attribute **tgt_attrs;
	const struct attribute_group **session_groups;

	void (*add_driver_groups)(struct config_group *group);
	struct config_group *(*new_group_dir)(struct scst_tgt *tgt);
	struct scst_tgt *(*new_target)(const struct scst_tgt_template *tmpl,
				       const char *name);
	void (*free_target)(struct scst_tgt *tgt);
	void (*target_gone)(struct scst_tgt *tgt);
	int (*enable_target)(struct scst_tgt *tgt, bool enable);

	void (*xmit_response)(struct scst_cmd *cmd);
	void (*rdy_to_xfer)(struct scst_cmd *cmd);
	int (*alloc_data_buf)(struct scst_cmd *cmd);
	void (*preprocessing_done)(struct scst_cmd *cmd);
	bool (*pre_exec)(struct scst_cmd *cmd);
	void (*cmd_aborted)(struct scst_cmd *cmd);
	void (*hw_pending_timeout)(struct scst_cmd *cmd);
	void (*on_free_cmd)(struct scst_cmd *cmd);

	void (*task_mgmt_affected_cmds_done)(struct scst_mgmt_cmd *mcmd);
	void (*task_mgmt_fn_done)(struct scst_mgmt_cmd *mcmd);

	void (*close_session)(struct scst_session *sess);
	int (*get_initiator_port_transport_id)(struct scst_session *sess,
					       struct scst_transport_id *id);
	void (*report_aen)(struct scst_session *sess);
};

/**
 * scst_register_target_template() - make a fabric known
 * @tmpl: static operations
 *
 * Makes targets/<name>/. Process context. Return: 0, -EEXIST, -ENOMEM.
 */
int scst_register_target_template(const struct scst_tgt_template *tmpl);

/**
 * scst_unregister_target_template() - the reverse
 * @tmpl: what was registered
 *
 * Called from module exit: configfs has made sure that no target directory is
 * left. Waits for targets whose directory is gone but whose sessions are still
 * ending. Process context.
 */
void scst_unregister_target_template(const struct scst_tgt_template *tmpl);

/**
 * scst_register_target() - initialise a target
 * @tgt: embedded in the fabric's, zeroed
 * @tmpl: the fabric
 * @name: name of the target port
 *
 * For scst_tgt_template.new_target(). Gives it a relative target port id and
 * its configfs groups. Process context.
 *
 * Return: 0; -EEXIST if the driver has a target of this name, -ENAMETOOLONG,
 * -ENOSPC if all 65535 ids are taken, -ENOMEM. After an error the caller frees
 * its memory itself.
 */
int scst_register_target(struct scst_tgt *tgt,
			 const struct scst_tgt_template *tmpl,
			 const char *name);

/**
 * scst_unregister_target() - undo scst_register_target()
 * @tgt: target
 *
 * For fabrics and tests whose targets have no configfs directory, and for
 * new_target() that fails later on; for all others rmdir does it. The memory
 * is given back by free_target() when the last session is gone.
 */
void scst_unregister_target(struct scst_tgt *tgt);

/**
 * scst_tgt_get() - one more reference
 * @tgt: target that the caller has a reference to, or whose directory is there
 *	because the caller keeps target_gone() from returning
 *
 * Any context.
 */
void scst_tgt_get(struct scst_tgt *tgt);

/**
 * scst_tgt_put() - one reference less
 * @tgt: target; free_target() comes later, in another context
 *
 * Any context.
 */
void scst_tgt_put(struct scst_tgt *tgt);

/**
 * scst_inquiry_changed() - what INQUIRY data say of a target is another thing
 * @tgt: target
 *
 * Raises INQUIRY DATA HAS CHANGED for all of its nexuses. Process context;
 * takes the core's locks.
 */
void scst_inquiry_changed(struct scst_tgt *tgt);

/**
 * scst_initiator_has_luns() - is there something for an initiator to see?
 * @tgt: target
 * @initiator_name: name of the initiator port, as for scst_register_session()
 *
 * For fabrics that hide a target from initiators without access to it. Process
 * context; takes the core's locks, and waits for nothing else.
 *
 * Return: whether the group that a session of this initiator would have now
 * shows it at least one device.
 */
bool scst_initiator_has_luns(struct scst_tgt *tgt, const char *initiator_name);

/**
 * scst_initiator_group_dir() - the fabric's directory of an initiator's group
 * @tgt: target
 * @initiator_name: name of the initiator port, as for scst_register_session()
 *
 * For fabrics with new_group_dir(). Process context; takes the core's locks, and
 * waits for nothing else.
 *
 * Return: what new_group_dir() has made for the group that a session of this
 * initiator would have now, with a reference that the caller drops with
 * config_group_put(); NULL if none of the target's groups has it.
 */
struct config_group *scst_initiator_group_dir(struct scst_tgt *tgt,
					      const char *initiator_name);

/**
 * scst_register_session() - a new I_T nexus
 * @tgt: target
 * @initiator_name: name of the initiator port; copied
 * @fabric_priv: for scst_session.fabric_priv
 * @gfp: GFP_KERNEL, GFP_NOIO or GFP_ATOMIC
 * @init_done: called in process context when the session is ready (error 0) or
 *	could not be made so; NULL if the caller wants to wait (then @gfp must
 *	allow it). Commands may come from the moment when this function has
 *	returned; they are held until the session is ready.
 *
 * With @gfp GFP_ATOMIC and @init_done, in any context.
 *
 * Return: the session; -ESHUTDOWN if the target is not enabled, -ENOMEM. After
 * an error in @init_done the fabric still calls scst_unregister_session(), and
 * commands end with status BUSY.
 */
struct scst_session *
scst_register_session(struct scst_tgt *tgt, const char *initiator_name,
		      void *fabric_priv, gfp_t gfp,
		      void (*init_done)(struct scst_session *sess, int error));

/**
 * scst_unregister_session() - an I_T nexus ends
 * @sess: session, also one whose registration has not ended yet
 * @wait: return when it is gone; process context then, any context otherwise
 * @unreg_done: optional; called in process context when all commands have
 *	ended and the core has let go of everything but the memory of @sess,
 *	which is freed after the call
 *
 * The fabric hands in no further command once it has called this. Commands
 * inside end as usual; a fabric that wants them gone soon aborts them first
 * with SCST_TM_ABORT_ALL_SESS.
 */
void scst_unregister_session(struct scst_session *sess, bool wait,
			     void (*unreg_done)(struct scst_session *sess));

/**
 * scst_transport_id_changed() - get_initiator_port_transport_id() says another
 * @sess: session that is ready
 *
 * Process context.
 */
void scst_transport_id_changed(struct scst_session *sess);

/**
 * struct scst_aen - an asynchronous event report (SAM-2 5.9.5)
 * @lun: LUN that it is about, in the 8-byte form of SAM-5 4.7
 * @sense: sense data
 * @sense_len: valid bytes in @sense
 */
struct scst_aen {
	u8		lun[8];
	u8		sense[SCST_SENSE_SIZE];
	unsigned int	sense_len;
};

/**
 * scst_next_aen() - the next event that the initiator was not told of
 * @sess: session; one caller at a time, not after scst_unregister_session()
 * @aen: result
 *
 * Once it has returned false, report_aen() says when there are more. Any
 * context.
 *
 * Return: whether there was one.
 */
bool scst_next_aen(struct scst_session *sess, struct scst_aen *aen);

/**
 * scst_rx_cmd() - initialise a received command
 * @sess: nexus that it came on
 * @cmd: embedded in the fabric's command; need not be zeroed
 * @lun: LUN in the 8-byte form of SAM-5 4.7
 * @cdb: CDB; copied if it is no longer than SCST_CDB_INLINE, otherwise it must
 *	stay until on_free_cmd()
 * @cdb_len: bytes in @cdb, up to SCST_CDB_MAX
 *
 * The fabric then may set tag, attr, expected_* and fabric_priv, and calls
 * scst_cmd_init_done(). Any context. Takes no reference yet: a command that is
 * not sent on can simply be forgotten.
 */
void scst_rx_cmd(struct scst_session *sess, struct scst_cmd *cmd,
		 const u8 lun[8], const u8 *cdb, unsigned int cdb_len);

/**
 * scst_cmd_init_done() - hand a command to the core
 * @cmd: initialised by scst_rx_cmd()
 * @context: where to go on; not SCST_CONTEXT_SAME
 *
 * The commands of a nexus take their place in its order as they are handed
 * in. The command may be finished when this returns.
 */
void scst_cmd_init_done(struct scst_cmd *cmd, enum scst_context context);

/**
 * scst_restart_cmd() - the fabric's answer to preprocessing_done()
 * @cmd: command
 * @ok: false if the data could not be received: the command ends with what the
 *	fabric has set by scst_set_cmd_error(), or with ABORTED COMMAND, DATA
 *	PHASE ERROR
 * @context: where to go on
 */
void scst_restart_cmd(struct scst_cmd *cmd, bool ok,
		      enum scst_context context);

/**
 * scst_rx_data() - the fabric's answer to rdy_to_xfer()
 * @cmd: command whose Data-Out is in sg
 * @ok: false if it could not be received, see scst_restart_cmd()
 * @context: where to go on; SCST_CONTEXT_SAME within rdy_to_xfer()
 */
void scst_rx_data(struct scst_cmd *cmd, bool ok, enum scst_context context);

/**
 * scst_cmd_not_delivered() - the initiator does not get a response
 * @cmd: command that xmit_response() was called for; the fabric's, until it
 *	calls scst_tgt_cmd_done()
 *
 * A unit attention condition is cleared by being reported (SAM-5 5.14.1): the
 * one that the response was to report is still there, if the nexus goes on, and
 * so is what else it was to tell once. Any context.
 */
void scst_cmd_not_delivered(struct scst_cmd *cmd);

/**
 * scst_tgt_cmd_done() - the fabric's answer to xmit_response()
 * @cmd: command whose response was sent or could not be
 * @context: where to go on; SCST_CONTEXT_SAME within xmit_response()
 */
void scst_tgt_cmd_done(struct scst_cmd *cmd, enum scst_context context);

/**
 * enum scst_tm_fn - task management functions (SAM-5 7)
 * @SCST_TM_ABORT_TASK: one command, by tag
 * @SCST_TM_ABORT_TASK_SET: the nexus's commands on a logical unit
 * @SCST_TM_CLEAR_TASK_SET: all commands of the nexus's task set there
 * @SCST_TM_CLEAR_ACA: end the ACA condition of the nexus on a logical unit
 * @SCST_TM_LUN_RESET: LOGICAL UNIT RESET
 * @SCST_TM_TARGET_RESET: all logical units that the nexus sees
 * @SCST_TM_NEXUS_RESET: I_T NEXUS RESET: all logical units forget what the nexus
 *	has done
 * @SCST_TM_QUERY_TASK: is one command there? By tag
 * @SCST_TM_QUERY_TASK_SET: has the nexus any command on a logical unit?
 * @SCST_TM_QUERY_ASYNC_EVENT: has it a unit attention condition there? See
 *	scst_mgmt_cmd.info
 * @SCST_TM_ABORT_ALL_SESS: all commands of the nexus; the fabric's own
 *	function, before it ends a session
 * @SCST_TM_NR: number of functions
 */
enum scst_tm_fn {
	SCST_TM_ABORT_TASK,
	SCST_TM_ABORT_TASK_SET,
	SCST_TM_CLEAR_TASK_SET,
	SCST_TM_CLEAR_ACA,
	SCST_TM_LUN_RESET,
	SCST_TM_TARGET_RESET,
	SCST_TM_NEXUS_RESET,
	SCST_TM_QUERY_TASK,
	SCST_TM_QUERY_TASK_SET,
	SCST_TM_QUERY_ASYNC_EVENT,
	SCST_TM_ABORT_ALL_SESS,
	SCST_TM_NR,
};

/**
 * enum scst_tm_response - service responses (SAM-5 7.1)
 * @SCST_TM_COMPLETE: FUNCTION COMPLETE; for a query it means no
 * @SCST_TM_SUCCEEDED: FUNCTION SUCCEEDED: the answer to a query is yes
 * @SCST_TM_NO_LUN: INCORRECT LOGICAL UNIT NUMBER
 * @SCST_TM_NO_TASK: FUNCTION COMPLETE, but there was no such command (iSCSI
 *	and SAS tell the two apart)
 * @SCST_TM_REJECTED: FUNCTION REJECTED
 */
enum scst_tm_response {
	SCST_TM_COMPLETE,
	SCST_TM_SUCCEEDED,
	SCST_TM_NO_LUN,
	SCST_TM_NO_TASK,
	SCST_TM_REJECTED,
};

/**
 * struct scst_mgmt_cmd - a task management function
 *
 * Embedded in the fabric's own, not on the stack; the core's until
 * task_mgmt_fn_done().
 *
 * @sess: nexus
 * @fn: function
 * @response: result, valid in task_mgmt_fn_done()
 * @info: ADDITIONAL RESPONSE INFORMATION, 24 bits, likewise; zero unless
 *	QUERY ASYNCHRONOUS EVENT has found something (SAM-5 7.7)
 * @fabric_priv: the fabric's own
 */
struct scst_mgmt_cmd {
	struct scst_session	*sess;
	enum scst_tm_fn		fn;
	enum scst_tm_response	response;
	u32			info;
	void			*fabric_priv;

	/* private: the core's */
	u64			lun;
	u64			tag;
	atomic_t		pending; /* affected commands, and one */
	bool			found;	/* at least one was affected */
	struct list_head	chunks;	/* of links to them, see abort.c */
	struct list_head	devs;	/* to reset, see tmf.c */
	int			epoch;	/* scst_session.tm_epoch after it */
	work_func_t		finish;	/* when none is left */
	struct work_struct	work;
};

/**
 * scst_rx_mgmt_fn_tag() - ABORT TASK and QUERY TASK
 * @mcmd: embedded in the fabric's
 * @sess: nexus
 * @fn: SCST_TM_ABORT_TASK or SCST_TM_QUERY_TASK
 * @tag: scst_cmd.tag of the command that is meant
 *
 * Any context. Leads to one task_mgmt_fn_done().
 */
void scst_rx_mgmt_fn_tag(struct scst_mgmt_cmd *mcmd, struct scst_session *sess,
			 enum scst_tm_fn fn, u64 tag);

/**
 * scst_rx_mgmt_fn_lun() - all other functions
 * @mcmd: embedded in the fabric's
 * @sess: nexus
 * @fn: function
 * @lun: LUN in the 8-byte form; ignored by SCST_TM_TARGET_RESET,
 *	SCST_TM_NEXUS_RESET and SCST_TM_ABORT_ALL_SESS, may be NULL then
 *
 * Any context. Leads to one task_mgmt_fn_done().
 */
void scst_rx_mgmt_fn_lun(struct scst_mgmt_cmd *mcmd, struct scst_session *sess,
			 enum scst_tm_fn fn, const u8 *lun);

/**
 * scst_session_get_stats() - read a session's counters
 * @sess: session
 * @stats: result, added to what is there
 *
 * Process context.
 */
void scst_session_get_stats(struct scst_session *sess,
			    struct scst_stats *stats);

/**
 * scst_session_dev() - a session's device
 * @sess: session that is ready
 *
 * For devices of the fabric's own below it. Those are made in init_done() or
 * later, and are gone before scst_unregister_session() is called.
 *
 * Return: the device, without a reference; NULL if it could not be made, which
 * is no reason to refuse the session.
 */
struct device *scst_session_dev(struct scst_session *sess);

#endif /* _SCST_FABRIC_H */
