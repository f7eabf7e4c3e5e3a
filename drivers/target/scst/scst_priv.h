/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only the core's files share, by the file that defines it.
 */
#ifndef _SCST_PRIV_H
#define _SCST_PRIV_H

#include <kunit/visibility.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <scst/fabric.h>
#include <scst/handler.h>
#include "alua.h"
#include "pr.h"
#include "scst_pure.h"

/*
 * Lock order, outermost first; a lock's subject stands where it is declared.
 *
 *	configfs's own
 *	  scst_device.lock		a device is attached or detached
 *	  scst_tgt.enable_lock		a target is enabled or disabled
 *	    scst_config_mutex		who sees what
 *	      scst_session.lock
 *	      scst_device.tgt_dev_lock
 *	      scst_sess_cpu.lock
 *	      scst_task_set.lock
 *	        scst_gate.lock
 *	      scst_range_bucket.lock	several of them, the lower ones first
 *	      scst_mode_file.lock
 *	      scst_stpg_lock
 *	      scst_tgt_dev.copy_lock
 *	      scst_copy.lock
 *	      scst_token_lock
 *
 * scst_session.dev_lock is taken with nothing held, and scst_config_mutex under
 * it.
 *
 * No other two of the last ten are ever held together. Nothing that waits for
 * a command or for an initiator runs under any of them.
 */

/* main.c */

/*
 * Subject: the registries (handlers, devices, fabrics, targets), groups with
 * their LUNs and initiators, device groups with their target port groups, which
 * group a session has, and the LUN tables of sessions, whose readers use RCU.
 * Taken with scst_config_lock(), in process context; allocations under it do no
 * I/O.
 */
extern struct mutex scst_config_mutex;
void scst_config_lock(void);
void scst_config_unlock(void);
/* Commands that must sleep and have no device; new sessions */
extern struct workqueue_struct *scst_wq;
/*
 * Teardown of everything. Not for memory reclaim: closing a backing store may
 * wait for work of other subsystems that is not either.
 */
extern struct workqueue_struct *scst_free_wq;
/* Task management: never behind commands */
extern struct workqueue_struct *scst_tm_wq;

/* registry.c */

/**
 * struct scst_handler - a registered device handler
 * @type: its operations
 * @group: handlers/<name>/
 * @item_type: of @group
 * @dev_item_type: of its devices' directories
 * @dev_attrs: the core's and the handler's attributes
 * @entry: in the list of all handlers; scst_config_mutex
 * @nr_devs: devices whose memory was not given back yet, and one
 * @idle: @nr_devs has become zero
 */
struct scst_handler {
	const struct scst_dev_type	*type;
	struct config_group		group;
	struct config_item_type		item_type;
	struct config_item_type		dev_item_type;
	struct configfs_attribute	**dev_attrs;
	struct list_head		entry;
	refcount_t			nr_devs;
	struct completion		idle;
};

/**
 * struct scst_fabric - a registered fabric
 * @tmpl: its operations
 * @group: targets/<name>/
 * @item_type: of @group
 * @tgt_item_type: of its targets' directories
 * @tgt_attrs: the core's and the fabric's attributes
 * @entry: in the list of all fabrics; scst_config_mutex
 * @nr_tgts: targets whose memory was not given back yet, and one
 * @idle: @nr_tgts has become zero
 */
struct scst_fabric {
	const struct scst_tgt_template	*tmpl;
	struct config_group		group;
	struct config_item_type		item_type;
	struct config_item_type		tgt_item_type;
	struct configfs_attribute	**tgt_attrs;
	struct list_head		entry;
	refcount_t			nr_tgts;
	struct completion		idle;
};

struct scst_handler *scst_find_handler(const struct scst_dev_type *type);
struct scst_fabric *scst_find_fabric(const struct scst_tgt_template *tmpl);
void scst_handler_put(struct scst_handler *handler);
void scst_fabric_put(struct scst_fabric *fabric);

/* target.c */

int scst_tgt_enable(struct scst_tgt *tgt, bool enable);
int scst_tgt_set_addr_method(struct scst_tgt *tgt,
			     enum scst_addr_method method);
int scst_tgt_set_rel_id(struct scst_tgt *tgt, u16 id);
void scst_tgt_gone(struct scst_tgt *tgt);
u16 *scst_tgt_rel_ids(const struct scst_tgt_template *tmpl, unsigned int *nr);

/* device.c */

void scst_device_get(struct scst_device *dev);
void scst_device_put(struct scst_device *dev);
bool scst_device_is_gone(struct scst_device *dev);
void scst_device_gone(struct scst_device *dev);

/* mode_file.c */

int scst_mode_file_open(struct scst_device *dev);
void scst_mode_file_close(struct scst_device *dev);

/* group.c */

/**
 * struct scst_acg - an access group: a LUN table and who gets it
 * @group: configfs directory; unused in the default group
 * @luns_group: luns/ of the group, or of the target
 * @initiators_group: initiators/ of a named group
 * @fabric_dir: what new_group_dir() has made for a named group, or NULL; set
 *	before anybody can find it
 * @tgt: target
 * @luns: struct scst_acg_lun by LUN; scst_config_mutex
 * @sessions: scst_session.acg_entry; scst_config_mutex
 * @entry: in scst_tgt.acgs; scst_config_mutex
 * @seq: order of creation; that of all before it is less
 * @cpus: where its sessions may be served; scst_config_mutex
 * @own_threads: its sessions get threads of their own; scst_config_mutex
 */
struct scst_acg {
	struct config_group	group;
	struct config_group	luns_group;
	struct config_group	initiators_group;
	struct config_group	*fabric_dir;
	struct scst_tgt		*tgt;
	struct xarray		luns;
	struct list_head	sessions;
	struct list_head	entry;
	u64			seq;
	struct cpumask		cpus;
	bool			own_threads;
};

/**
 * struct scst_acg_lun - a LUN of an access group
 * @group: configfs directory
 * @acg: access group
 * @lun: LUN
 * @dev: logical unit, or NULL
 * @dev_entry: in scst_device.luns of @dev; scst_config_mutex
 * @older: the logical unit that @dev has replaced and whose link is still
 *	there, or NULL
 * @read_only: initiators may not write
 */
struct scst_acg_lun {
	struct config_group	group;
	struct scst_acg		*acg;
	u64			lun;
	struct scst_device	*dev;
	struct list_head	dev_entry;
	struct scst_device	*older;
	bool			read_only;
};

/**
 * struct scst_acg_ini - an initiator, or a pattern, of an access group
 * @item: configfs directory, whose name is the pattern
 * @acg: access group
 * @name_node: in scst_tgt.initiators; scst_config_mutex
 * @pattern_node: in scst_tgt.patterns, if it is one; scst_config_mutex
 * @seq: order of creation
 */
struct scst_acg_ini {
	struct config_item	item;
	struct scst_acg		*acg;
	struct rb_node		name_node;
	struct rb_node		pattern_node;
	u64			seq;
};

void scst_tgt_init_luns(struct scst_tgt *tgt);
void scst_tgt_stop_luns(struct scst_tgt *tgt);
void scst_acg_init(struct scst_acg *acg, struct scst_tgt *tgt);
void scst_acg_add(struct scst_acg *acg);
void scst_acg_remove(struct scst_acg *acg);
struct scst_acg *scst_acg_find(struct scst_tgt *tgt, const char *initiator);
int scst_acg_add_lun(struct scst_acg *acg, struct scst_acg_lun *lun);
void scst_acg_del_lun(struct scst_acg_lun *lun);
int scst_acg_lun_link(struct scst_acg_lun *lun, struct scst_device *dev);
void scst_acg_lun_unlink(struct scst_acg_lun *lun, struct scst_device *dev);
int scst_acg_lun_set_read_only(struct scst_acg_lun *lun, bool read_only);
int scst_acg_set_cpus(struct scst_acg *acg, const char *list);
ssize_t scst_acg_show_cpus(struct scst_acg *acg, char *page);
int scst_acg_set_own_threads(struct scst_acg *acg, const char *page);
ssize_t scst_acg_show_own_threads(struct scst_acg *acg, char *page);
void scst_session_set_group(struct scst_session *sess, struct scst_acg *acg);
int scst_acg_add_ini(struct scst_acg *acg, struct scst_acg_ini *ini);
void scst_acg_del_ini(struct scst_acg_ini *ini);

/* session.c */

enum scst_session_state {
	SCST_SESS_INIT,		/* commands are held */
	SCST_SESS_READY,
	SCST_SESS_FAILED,	/* commands end with status BUSY */
};

bool scst_session_hold_cmd(struct scst_cmd *cmd);
void scst_session_put_tgt_dev(struct scst_session *sess);

/* lun_table.c */

/**
 * struct scst_lun_table - the LUNs of a session
 * @luns: struct scst_tgt_dev by LUN; changes under scst_config_mutex
 * @rcu: after the session has another one
 */
struct scst_lun_table {
	struct xarray	luns;
	struct rcu_head	rcu;
};

struct scst_lun_table *scst_lun_table_new(gfp_t gfp);
void scst_lun_table_free(struct scst_lun_table *table);
int scst_session_move_luns(struct scst_session *sess, struct scst_acg *acg);
int scst_session_sync_luns(struct scst_session *sess,
			   struct scst_acg *acg);
int scst_session_sync_lun(struct scst_session *sess,
			  const struct scst_acg_lun *lun);
void scst_session_lose_lun(struct scst_session *sess, u64 lun);
void scst_session_drop_luns(struct scst_session *sess);

/* Under RCU, or scst_config_mutex: then it stays the session's. */
static inline struct xarray *scst_session_luns(const struct scst_session *sess)
{
	return &rcu_dereference_check(sess->luns,
				      lockdep_is_held(&scst_config_mutex))->luns;
}

/* nexus.c */

struct scst_tgt_dev *scst_tgt_dev_new(struct scst_session *sess,
				      struct scst_device *dev, u64 lun,
				      bool read_only);
void scst_tgt_dev_end(struct scst_tgt_dev *tgt_dev);

/* cmd.c */

enum scst_cmd_flag {
	SCST_CMD_F_DECIDED,	/* abort or response: the first one sets it */
	SCST_CMD_F_ABORTED,	/* it was abort */
	SCST_CMD_F_TASK_ABORTED, /* by another nexus: status TASK ABORTED */
	SCST_CMD_F_CLEARED,	/* likewise: a unit attention, see abort.c */
	SCST_CMD_F_LET_GO,	/* its answer is nobody else's matter */
	SCST_CMD_F_OWN_BUFFER,	/* sg is the core's */
	SCST_CMD_F_OWN_IN,	/* there is an in_sg */
	SCST_CMD_F_IN_SET,	/* it has a place in dev->task_set.order */
	SCST_CMD_F_ACA,		/* it may be tgt_dev->aca_cmd */
	SCST_CMD_F_WAITS,	/* PREEMPT AND ABORT, from when it waits on */
	SCST_CMD_F_RANGE,	/* it has a place in dev->ranges */
	SCST_CMD_F_INTERNAL,	/* the core has sent it, see internal.c */
	SCST_CMD_F_NOWAIT,	/* likewise: rather than wait it ends with BUSY */
	SCST_CMD_F_LIST_SEEN,	/* range is that of an UNMAP list */
	SCST_CMD_F_COPY,	/* it has a struct scst_copy, see copy.c */
	SCST_CMD_F_TELLS,	/* the handler is to hear if the answer is lost */
};

#define SCST_CMD_IN_TASK_SET	(BIT(SCST_CMD_F_IN_SET) | BIT(SCST_CMD_F_ACA))

void scst_cmd_add_to_session(struct scst_cmd *cmd);
void scst_cmd_put(struct scst_cmd *cmd);
void scst_cmd_let_functions_go(struct scst_cmd *cmd);

/* internal.c */

/**
 * struct scst_internal - a READ or WRITE that the core sends by itself
 * @tmpl: who hears of its end: xmit_response(), unless it was aborted, and
 *	on_free_cmd(); neither sleeps
 * @sess: on whose behalf: its rights count
 * @dev: logical unit, of which the caller has a reference
 * @lun: where @sess sees it
 * @medium: scst_device.medium that it is for: it reports no unit attention
 * @block_shift: log2 of the logical block length, in which @cdb counts
 * @cdb: CDB of 16 bytes
 * @op: what is executed instead of the CDB, without data; or NULL
 * @sg: data buffer, the caller's
 * @sg_cnt: entries in @sg
 */
struct scst_internal {
	const struct scst_tgt_template	*tmpl;
	struct scst_session		*sess;
	struct scst_device		*dev;
	u64				lun;
	u32				medium;
	u8				block_shift;
	const u8			*cdb;
	const struct scst_cdb_op	*op;
	struct scatterlist		*sg;
	unsigned int			sg_cnt;
};

void scst_internal_init(struct scst_cmd *cmd, const struct scst_internal *in);
void scst_internal_start(struct scst_cmd *cmd, struct scst_device *dev,
			 bool nowait);

/* copy.c */

bool scst_copy_supported(const struct scst_device *dev);
enum scst_step scst_copy_out(struct scst_cmd *cmd);
void scst_copy_aborted(struct scst_cmd *cmd);
void scst_copy_free(struct scst_cmd *cmd);
void scst_copy_forget(struct scst_tgt_dev *nexus);

/* copy_offload.c */

enum scst_step scst_copy_exec_part(struct scst_cmd *cmd);

/* token.c */

void scst_token_forget(struct scst_device *dev);

/* copy_receive.c */

void scst_copy_in(struct scst_cmd *cmd);

static inline bool scst_cmd_is_internal(const struct scst_cmd *cmd)
{
	return unlikely(READ_ONCE(cmd->flags) & BIT(SCST_CMD_F_INTERNAL));
}

/* Does what it ends with concern its nexus, or other commands? It is decided. */
static inline bool scst_cmd_has_effects(const struct scst_cmd *cmd)
{
	return (cmd->status | cmd->passes_aca) && cmd->tgt_dev &&
	       !scst_cmd_is_internal(cmd);
}

/* state.c */

/**
 * enum scst_step - what a state function did with the command
 * @SCST_STEP_NEXT: call the function of the state that it is in now
 * @SCST_STEP_THREAD: nothing; call again where it may sleep
 * @SCST_STEP_WAIT: gave it away; it must not be touched any more
 */
enum scst_step {
	SCST_STEP_NEXT,
	SCST_STEP_THREAD,
	SCST_STEP_WAIT,
};

bool scst_cmd_move_legal(enum scst_cmd_state from, enum scst_cmd_state to);
void scst_cmd_set_state(struct scst_cmd *cmd, enum scst_cmd_state state);
void scst_cmd_run(struct scst_cmd *cmd, enum scst_context context);
void scst_cmd_queue(struct scst_cmd *cmd);

static inline enum scst_step scst_cmd_next(struct scst_cmd *cmd,
					   enum scst_cmd_state state)
{
	scst_cmd_set_state(cmd, state);
	return SCST_STEP_NEXT;
}

/* parse.c */

enum scst_step scst_state_init(struct scst_cmd *cmd);
enum scst_step scst_state_parse(struct scst_cmd *cmd);

/* buffer.c */

/* Bytes that commands' buffers may take together; 0 for no limit */
extern unsigned long scst_max_cmd_mem;

enum scst_step scst_state_prepare_space(struct scst_cmd *cmd);
enum scst_step scst_state_preprocessing_done(struct scst_cmd *cmd);
enum scst_step scst_state_rdy_to_xfer(struct scst_cmd *cmd);
int scst_buffer_get(const struct scst_cmd *cmd, u32 len, gfp_t gfp,
		    struct scatterlist **sg, unsigned int *nents);
void scst_buffer_put(struct scatterlist *sg, u32 len);
void scst_buffer_free(struct scst_cmd *cmd);
int scst_buffer_init(void);
void scst_buffer_exit(void);

/* exec.c */

enum scst_step scst_state_pre_exec(struct scst_cmd *cmd);
enum scst_step scst_state_check_order(struct scst_cmd *cmd);
enum scst_step scst_state_local_exec(struct scst_cmd *cmd);
enum scst_step scst_state_real_exec(struct scst_cmd *cmd);
bool scst_cmd_write_protected(struct scst_cmd *cmd);
void scst_cmd_gate_wake(struct scst_gate_entry *entry);
void scst_cmd_order_wake(struct scst_gate_entry *entry);

/* local_exec.c */

/*
 * Bytes of REPORT LUNS with all LUNs there can be and the well known one; of
 * REPORT SUPPORTED OPERATION CODES, more than all rows with their timeouts
 * descriptors take; of REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS, extended
 */
#define SCST_LUN_LIST_MAX	(8 + 8 * (SCST_MAX_LUN + 2))
#define SCST_RSOC_MAX		SZ_8K
#define SCST_TM_REPORT_MAX	16

/* It has no device; its commands are those of TYPE_WLUN. */
static inline bool scst_cmd_at_wlun(const struct scst_cmd *cmd)
{
	return unlikely(cmd->lun == SCST_LUN_REPORT_LUNS);
}

bool scst_op_is_local(enum scst_op op);
bool scst_cmd_has_op(const struct scst_cmd *cmd, enum scst_op op);
enum scst_step scst_local_exec(struct scst_cmd *cmd);

/* alua_stpg.c; the rest is in alua.h */

enum scst_step scst_set_tpgs(struct scst_cmd *cmd);

/* inquiry_exec.c */

void scst_inquiry_wlun(struct scst_cmd *cmd);
void scst_inquiry_no_lun(struct scst_cmd *cmd);

/* reserve.c */

bool scst_resv_port(struct scst_session *sess, struct scst_pr_port *port);
void scst_resv_update_nexus(struct scst_tgt_dev *tgt_dev);
void scst_resv_update(struct scst_device *dev);
void scst_resv_reset(struct scst_device *dev);
void scst_resv_nexus_gone(struct scst_tgt_dev *tgt_dev);
void scst_resv_nexus_lost(struct scst_tgt_dev *tgt_dev);
void scst_resv_forget(struct scst_device *dev);
bool scst_cmd_reserved(struct scst_cmd *cmd, u8 access);
void scst_reserve(struct scst_cmd *cmd);
void scst_release(struct scst_cmd *cmd);

/* pr_exec.c */

void scst_pr_in(struct scst_cmd *cmd);
enum scst_step scst_pr_out(struct scst_cmd *cmd);

/* pr_file.c */

/*
 * Behind the name of a file that is being made: nothing that a device, whose
 * file may be in the same directory, is called by chance
 */
#define SCST_PR_NEW	".scst-new~"

int scst_pr_file_save(struct scst_device *dev, const struct scst_pr *pr);
int scst_pr_start(struct scst_device *dev);
int scst_pr_restore(struct scst_device *dev, const char *name);
int scst_pr_set_lost(struct scst_device *dev, bool lost);
ssize_t scst_pr_export(struct scst_device *dev, u8 *buf, size_t size);
int scst_pr_file_init(void);
void scst_pr_file_exit(void);

/* complete.c */

enum scst_step scst_state_dev_done(struct scst_cmd *cmd);
enum scst_step scst_state_pre_xmit(struct scst_cmd *cmd);
enum scst_step scst_state_xmit(struct scst_cmd *cmd);
enum scst_step scst_state_finished(struct scst_cmd *cmd);

/* gate.c */

int scst_gate_init(struct scst_gate *gate);
void scst_gate_exit(struct scst_gate *gate);
void scst_gate_entry_init(struct scst_gate_entry *entry,
			  void (*wake)(struct scst_gate_entry *entry));
bool scst_gate_try_shared(struct scst_gate *gate,
			  struct scst_gate_entry *entry);
bool scst_gate_enter(struct scst_gate *gate, struct scst_gate_entry *entry,
		     enum scst_gate_kind kind);
bool scst_gate_park(struct scst_gate *gate, struct scst_gate_entry *entry);
bool scst_gate_cancel(struct scst_gate *gate, struct scst_gate_entry *entry);
void scst_gate_leave(struct scst_gate *gate, struct scst_gate_entry *entry);
void scst_gate_end(struct scst_gate *gate, struct scst_gate_entry *entry);

/* range_table.c */

int scst_ranges_init(struct scst_ranges *ranges,
		     void (*wake)(struct scst_range_entry *entry));
void scst_ranges_exit(struct scst_ranges *ranges);
void scst_ranges_begin(struct scst_ranges *ranges);
void scst_ranges_end_idle(struct scst_ranges *ranges);
bool scst_range_enter(struct scst_ranges *ranges,
		      struct scst_range_entry *entry, u8 block_shift);
bool scst_range_must_wait(const struct scst_range_entry *entry);
bool scst_range_park(struct scst_range_entry *entry);
bool scst_range_cancel(struct scst_ranges *ranges,
		       struct scst_range_entry *entry);
void scst_range_leave(struct scst_ranges *ranges,
		      struct scst_range_entry *entry);

/* range_exec.c */

void scst_cmd_range_wake(struct scst_range_entry *entry);
bool scst_cmd_range_fits(const struct scst_cmd *cmd);
enum scst_step scst_cmd_range_check(struct scst_cmd *cmd);
bool scst_cmd_range_cancel(struct scst_cmd *cmd);
void scst_cmd_leave_device(struct scst_cmd *cmd);

/* task_set.c */

/* scst_task_set.flags */
#define SCST_SET_SHARED		BIT(0)	/* TST 000b: by all nexuses */
#define SCST_SET_RESTRICTED	BIT(1)	/* QAM 0h: writes stay in order */
#define SCST_SET_ACA		BIT(2)	/* a nexus has an ACA condition */

int scst_task_set_init(struct scst_device *dev);
void scst_task_set_exit(struct scst_device *dev);
void scst_task_set_update(struct scst_device *dev);
bool scst_task_set_enter(struct scst_cmd *cmd, struct scst_tgt_dev *tgt_dev);
bool scst_task_set_park(struct scst_cmd *cmd);
bool scst_task_set_check(struct scst_cmd *cmd, enum scst_step *step);
bool scst_task_set_cancel(struct scst_cmd *cmd);
enum scst_fault_abort scst_task_set_aborts(struct scst_device *dev);
bool scst_task_set_ended(struct scst_cmd *cmd);
void scst_task_set_leave(struct scst_cmd *cmd);
void scst_aca_clear(struct scst_tgt_dev *tgt_dev);
void scst_aca_end_nexus(struct scst_tgt_dev *tgt_dev);
void scst_aca_end_session(struct scst_session *sess);

/* fault.c */

void scst_fault_start(struct scst_cmd *cmd);

/* ua.c */

scst_sense_t scst_ua_sense(enum scst_ua ua);
u32 scst_ua_event(unsigned long pending);
unsigned long scst_ua_merge(unsigned long pending, enum scst_ua ua);
unsigned long scst_ua_merge_back(unsigned long pending, enum scst_ua ua);
void scst_ua_set(struct scst_tgt_dev *tgt_dev, enum scst_ua ua);
void scst_ua_set_session(struct scst_session *sess, enum scst_ua ua);
void scst_ua_set_luns(struct scst_session *sess, struct scst_tgt_dev *added);
scst_sense_t scst_ua_take(struct scst_cmd *cmd);
scst_sense_t scst_ua_report(struct scst_cmd *cmd);
void scst_ua_set_previous(struct scst_tgt_dev *tgt_dev, u8 status);
void scst_ua_take_luns(struct scst_cmd *cmd);

/* aen.c */

void scst_aen_set(struct scst_tgt_dev *tgt_dev, enum scst_ua ua);
void scst_aen_set_luns(struct scst_session *sess);

/* abort.c */

/**
 * struct scst_tm_link - one function waits for one command
 * @node: in scst_cmd.tm_links; scst_sess_cpu.lock
 * @mcmd: function
 * @cmd: command, with a reference; NULL if it is being given back already
 */
struct scst_tm_link {
	struct list_head	node;
	struct scst_mgmt_cmd	*mcmd;
	struct scst_cmd		*cmd;
};

/**
 * struct scst_abort_match - which commands of a session a function is about
 * @dev: only those of this logical unit, or NULL
 * @tgt_dev: only those of this I_T_L nexus, or NULL: a session may see a
 *	logical unit at several LUNs
 * @lun: only those that were sent to this LUN, if @by_lun, whatever it showed
 *	then
 * @by_lun: see @lun
 * @tag: only the one of this tag, if @by_tag
 * @by_tag: see @tag
 * @aca: only those with ACA attribute
 * @undecided: only those that are neither aborted nor being answered
 * @tas: TASK ABORTED status is for those of other sessions, if @dev
 * @tells: whom that is not for gets a unit attention, if @tgt_dev
 */
struct scst_abort_match {
	struct scst_device	*dev;
	struct scst_tgt_dev	*tgt_dev;
	u64			lun;
	u64			tag;
	bool			by_lun;
	bool			by_tag;
	bool			aca;
	bool			undecided;
	bool			tas;
	bool			tells;
};

bool scst_abort_cmd(struct scst_cmd *cmd, unsigned long how);
bool scst_abort_session(struct scst_mgmt_cmd *mcmd, struct scst_session *sess,
			const struct scst_abort_match *match);
void scst_abort_nexus(struct scst_mgmt_cmd *mcmd, struct scst_tgt_dev *tgt_dev,
		      bool undecided);
void scst_abort_tell(struct scst_tgt_dev *tgt_dev);
bool scst_session_has_cmd(const struct scst_mgmt_cmd *mcmd,
			  const struct scst_abort_match *match);
void scst_abort_free_chunks(struct scst_mgmt_cmd *mcmd);

/* hw_pending.c */

/* The next state is one that the fabric's hardware ends. */
static inline void scst_hw_begin(struct scst_cmd *cmd)
{
	WRITE_ONCE(cmd->hw_since, jiffies);
	/* Pairs with scst_hw_is_stuck(): no state with an older time. */
	smp_wmb();
}

void scst_hw_start(struct scst_session *sess);
void scst_hw_stop(struct scst_session *sess);

/* tm_query.c */

void scst_tm_query(struct scst_mgmt_cmd *mcmd, struct scst_tgt_dev *tgt_dev);

/* tmf.c */

void scst_tm_abort_others(struct scst_mgmt_cmd *mcmd,
			  const struct scst_tgt_dev *own, bool undecided);

void scst_tm_put(struct scst_mgmt_cmd *mcmd);

/* stats.c */

void scst_nexus_get_stats(struct scst_tgt_dev *tgt_dev,
			  struct scst_stats *stats);
size_t scst_active_cmds(struct scst_session *sess,
			const struct scst_tgt_dev *tgt_dev);

/* sysfs_stats.c */

extern const struct attribute_group scst_stats_group;

/* sysfs_lun.c */

void scst_lun_devs_sync(struct scst_session *sess);
void scst_lun_devs_del(struct scst_session *sess);
void scst_lun_dev_update(struct scst_tgt_dev *tgt_dev);
void scst_lun_dev_del(struct scst_tgt_dev *tgt_dev);

/* sysfs.c */

struct device *scst_sysfs_new(struct device *parent, void *priv);
void scst_session_dev_add(struct scst_session *sess);
void scst_session_dev_del(struct scst_session *sess);
void scst_session_dev_regrouped(struct scst_session *sess);
void scst_session_dev_work(struct work_struct *work);
void scst_session_dev_stats(struct device *dev, struct scst_stats *stats);
int scst_sysfs_init(void);
void scst_sysfs_exit(void);

/* configfs.c */

extern struct config_group scst_handlers_group;
extern struct config_group scst_targets_group;

struct configfs_attribute **
scst_merge_attrs(struct configfs_attribute **own,
		 struct configfs_attribute **drivers);
int scst_configfs_init(void);
void scst_configfs_exit(void);

/* configfs_device.c */

extern struct configfs_attribute *scst_dev_attrs[];

int scst_configfs_add_handler(struct scst_handler *handler);
void scst_configfs_del_handler(struct scst_handler *handler);
void scst_configfs_init_device(struct scst_device *dev,
			       struct scst_handler *handler);
bool scst_item_is_device(const struct config_item *item);
struct scst_device *scst_item_device(struct config_item *item);

/* configfs_pr.c */

void scst_configfs_add_pr(struct scst_device *dev);

/* configfs_target.c */

extern struct configfs_attribute *scst_tgt_attrs[];

int scst_configfs_add_fabric(struct scst_fabric *fabric);
void scst_configfs_del_fabric(struct scst_fabric *fabric);
void scst_configfs_init_target(struct scst_tgt *tgt,
			       struct scst_fabric *fabric);
bool scst_item_is_target(const struct config_item *item);

/* configfs_group.c */

void scst_configfs_add_groups(struct scst_tgt *tgt);

/* configfs_alua.c */

void scst_configfs_add_alua(struct config_group *root);

#endif /* _SCST_PRIV_H */
