/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCST: the objects that fabrics, the core and device handlers share.
 */
#ifndef _SCST_TYPES_H
#define _SCST_TYPES_H

#include <linux/configfs.h>
#include <linux/cpumask.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu-refcount.h>
#include <linux/rbtree_types.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

struct device;
struct scst_acg;
struct scst_cdb_op;
struct scst_cmd;
struct scst_dev_type;
struct scst_dg;
struct scst_device;
struct scst_lun_table;
struct scst_mgmt_cmd;
struct scst_mode_file;
struct scst_pr;
struct scst_range_bucket;
struct scst_session;
struct scst_tgt;
struct scst_tgt_dev;
struct scst_tgt_template;

/* Longest name of a device, target or group, without the trailing NUL */
#define SCST_MAX_NAME		223

/* LUNs go up to what the flat space addressing of SAM-5 4.7.7.3 can carry */
#define SCST_MAX_LUN		16383
/* scst_cmd.lun of an 8-byte LUN that has no single-level form */
#define SCST_LUN_INVALID	(~0ULL)
/* scst_cmd.lun of the REPORT LUNS well known logical unit */
#define SCST_LUN_REPORT_LUNS	(~1ULL)

/* A CDB up to this length is stored in the command itself */
#define SCST_CDB_INLINE		32
/* Longest variable length CDB (SPC-5 4.2.3) */
#define SCST_CDB_MAX		260
/* Room for enum scst_op in a bitmap */
#define SCST_MAX_OPS		128

/* Largest sense data that a command carries, descriptor format included */
#define SCST_SENSE_SIZE		96

/**
 * enum scst_context - where a driver lets the core continue a command
 * @SCST_CONTEXT_DIRECT: here and now; the caller may sleep and holds no lock
 * @SCST_CONTEXT_DIRECT_ATOMIC: here and now, but nothing may sleep; any
 *	context, hard interrupts included
 * @SCST_CONTEXT_THREAD: on a workqueue (process context)
 * @SCST_CONTEXT_BH: on the BH workqueue of this CPU
 * @SCST_CONTEXT_SAME: in the context in which the core called the driver;
 *	valid only inside a callback that the core makes
 */
enum scst_context {
	SCST_CONTEXT_DIRECT,
	SCST_CONTEXT_DIRECT_ATOMIC,
	SCST_CONTEXT_THREAD,
	SCST_CONTEXT_BH,
	SCST_CONTEXT_SAME,
};

/**
 * enum scst_data_dir - direction of a command's data, seen by the initiator
 * @SCST_DATA_NONE: no data
 * @SCST_DATA_WRITE: Data-Out, from the initiator to the device
 * @SCST_DATA_READ: Data-In, from the device to the initiator
 * @SCST_DATA_BIDI: both, first Data-Out; SCST_DATA_WRITE | SCST_DATA_READ
 * @SCST_DATA_NR: number of them
 */
enum scst_data_dir {
	SCST_DATA_NONE,
	SCST_DATA_WRITE,
	SCST_DATA_READ,
	SCST_DATA_BIDI,
	SCST_DATA_NR,
};

/**
 * enum scst_task_attr - task attributes of SAM-5 8.9
 * @SCST_TASK_SIMPLE: SIMPLE, and what older transports call untagged
 * @SCST_TASK_ORDERED: after all older and before all younger commands of the
 *	I_T_L nexus
 * @SCST_TASK_HEAD: HEAD OF QUEUE, enabled at once
 * @SCST_TASK_ACA: ACA
 */
enum scst_task_attr {
	SCST_TASK_SIMPLE,
	SCST_TASK_ORDERED,
	SCST_TASK_HEAD,
	SCST_TASK_ACA,
};

/**
 * enum scst_addr_method - the form of LUNs in REPORT LUNS data (SAM-5 4.7.7)
 * @SCST_ADDR_PERIPHERAL: peripheral device addressing, up to 255
 * @SCST_ADDR_FLAT: flat space addressing
 * @SCST_ADDR_LUN: logical unit addressing, up to 31
 * @SCST_ADDR_NR: number of methods
 *
 * A LUN that is too large for the method is in the shortest flat form.
 */
enum scst_addr_method {
	SCST_ADDR_PERIPHERAL,
	SCST_ADDR_FLAT,
	SCST_ADDR_LUN,
	SCST_ADDR_NR,
};

/**
 * enum scst_ua - unit attention conditions, most urgent first
 *
 * SAM-5 5.14 lets a device server report the conditions of a nexus in any
 * order as long as power on and resets come before the others, hence a nexus
 * keeps them as bits, which cannot be lost when memory is short.
 *
 * What a condition does to others that are pending is a table in ua.c.
 *
 * @SCST_UA_POWER_ON: POWER ON, RESET, OR BUS DEVICE RESET OCCURRED (29/00):
 *	a new nexus
 * @SCST_UA_INTERNAL_RESET: DEVICE INTERNAL RESET (29/04): the handler's device
 *	has begun anew by itself
 * @SCST_UA_BUS_RESET: SCSI BUS RESET OCCURRED (29/02): the same, by a hard
 *	reset
 * @SCST_UA_LUN_RESET: BUS DEVICE RESET FUNCTION OCCURRED (29/03)
 * @SCST_UA_NEXUS_LOSS: I_T NEXUS LOSS OCCURRED (29/07)
 * @SCST_UA_CLEARED_BY_OTHER: COMMANDS CLEARED BY ANOTHER INITIATOR (2F/00)
 * @SCST_UA_MEDIUM_CHANGED: NOT READY TO READY CHANGE, MEDIUM MAY HAVE
 *	CHANGED (28/00)
 * @SCST_UA_MODE_CHANGED: MODE PARAMETERS CHANGED (2A/01)
 * @SCST_UA_LOG_CHANGED: LOG PARAMETERS CHANGED (2A/02)
 * @SCST_UA_RESV_PREEMPTED: RESERVATIONS PREEMPTED (2A/03)
 * @SCST_UA_RESV_RELEASED: RESERVATIONS RELEASED (2A/04)
 * @SCST_UA_REG_PREEMPTED: REGISTRATIONS PREEMPTED (2A/05)
 * @SCST_UA_ALUA_CHANGED: ASYMMETRIC ACCESS STATE CHANGED (2A/06)
 * @SCST_UA_ALUA_FAILED: IMPLICIT ASYMMETRIC ACCESS STATE TRANSITION FAILED (2A/07)
 * @SCST_UA_CAPACITY_CHANGED: CAPACITY DATA HAS CHANGED (2A/09)
 * @SCST_UA_THIN_THRESHOLD: THIN PROVISIONING SOFT THRESHOLD REACHED (38/07)
 * @SCST_UA_CONDITIONS_CHANGED: TARGET OPERATING CONDITIONS HAVE CHANGED
 *	(3F/00): what no other code is about
 * @SCST_UA_INQUIRY_CHANGED: INQUIRY DATA HAS CHANGED (3F/03)
 * @SCST_UA_LUNS_CHANGED: REPORTED LUNS DATA HAS CHANGED (3F/0E)
 * @SCST_UA_PREV_BUSY: PREVIOUS BUSY STATUS (2C/07)
 * @SCST_UA_PREV_FULL: PREVIOUS TASK SET FULL STATUS (2C/08)
 * @SCST_UA_PREV_CONFLICT: PREVIOUS RESERVATION CONFLICT STATUS (2C/09)
 * @SCST_UA_NR: number of conditions
 */
enum scst_ua {
	SCST_UA_POWER_ON,
	SCST_UA_INTERNAL_RESET,
	SCST_UA_BUS_RESET,
	SCST_UA_LUN_RESET,
	SCST_UA_NEXUS_LOSS,
	SCST_UA_CLEARED_BY_OTHER,
	SCST_UA_MEDIUM_CHANGED,
	SCST_UA_MODE_CHANGED,
	SCST_UA_LOG_CHANGED,
	SCST_UA_RESV_PREEMPTED,
	SCST_UA_RESV_RELEASED,
	SCST_UA_REG_PREEMPTED,
	SCST_UA_ALUA_CHANGED,
	SCST_UA_ALUA_FAILED,
	SCST_UA_CAPACITY_CHANGED,
	SCST_UA_THIN_THRESHOLD,
	SCST_UA_CONDITIONS_CHANGED,
	SCST_UA_INQUIRY_CHANGED,
	SCST_UA_LUNS_CHANGED,
	SCST_UA_PREV_BUSY,
	SCST_UA_PREV_FULL,
	SCST_UA_PREV_CONFLICT,
	SCST_UA_NR,
};

/**
 * struct scst_gate - lets shared users in together and exclusive ones alone
 *
 * Shared users pay one percpu_ref_tryget_live(). An exclusive one closes the
 * gate, runs when those before it have left, and then the users that came
 * meanwhile run in the order of their arrival. See gate.c.
 *
 * @ref: one reference per shared user inside; killed while the gate is closed
 * @lock: subject: everything below. Taken in any context.
 * @waiters: scst_gate_entry.node of users that were not let in yet, in order
 * @exclusive: the exclusive user inside, or NULL
 * @nr_exclusive: exclusive users in @waiters
 * @nr_beside: users that are inside and not counted by @ref: those let in
 *	beside an exclusive one or while it is closed
 * @nr_older: those of @nr_beside that came before it was @turn's turn
 * @nr_first: users inside for whom those that come later wait
 * @turn: the exclusive user that waits only for them any more, or NULL; only to
 *	be compared
 * @round: scst_gate_entry.round of those that come now
 * @closed: @ref is killed
 * @drained: @ref has fallen to zero since
 * @ending: nobody is let in any more
 */
struct scst_gate {
	struct percpu_ref	ref;
	spinlock_t		lock;	/* all below */
	struct list_head	waiters;
	struct scst_gate_entry	*exclusive;
	unsigned int		nr_exclusive;
	unsigned int		nr_beside;
	unsigned int		nr_older;
	unsigned int		nr_first;
	const struct scst_gate_entry *turn;
	bool			round;
	bool			closed;
	bool			drained;
	bool			ending;
};

/**
 * enum scst_gate_kind - how a user goes through a gate
 * @SCST_GATE_SHARED: together with other shared users
 * @SCST_GATE_EXCLUSIVE: alone
 * @SCST_GATE_BESIDE: at once, whoever is inside
 * @SCST_GATE_FIRST: the same, but those that come later wait until it has left
 */
enum scst_gate_kind {
	SCST_GATE_SHARED,
	SCST_GATE_EXCLUSIVE,
	SCST_GATE_BESIDE,
	SCST_GATE_FIRST,
};

/**
 * enum scst_gate_state - where a user of a gate is
 * @SCST_GATE_OUTSIDE: not there yet, or gone
 * @SCST_GATE_WAITING: in scst_gate.waiters
 * @SCST_GATE_INSIDE: let in
 */
enum scst_gate_state {
	SCST_GATE_OUTSIDE,
	SCST_GATE_WAITING,
	SCST_GATE_INSIDE,
};

/**
 * struct scst_gate_entry - one user's place at a gate
 * @node: in scst_gate.waiters; subject of the gate's lock
 * @wake: called once, in any context and without the gate's lock, when the
 *	user is let in after scst_gate_park() has returned true
 * @kind: enum scst_gate_kind
 * @state: enum scst_gate_state; written under the gate's lock, except by a
 *	shared user that finds the gate open
 * @beside: counted in scst_gate.nr_beside rather than in scst_gate.ref
 * @round: scst_gate.round when it came in; if that is another one by now it is
 *	counted in scst_gate.nr_older, too
 * @parked: somebody waits for @wake
 * @cancelled: scst_gate_cancel() has come: don't wait
 */
struct scst_gate_entry {
	struct list_head	node;
	void			(*wake)(struct scst_gate_entry *entry);
	u8			kind;
	u8			state;
	bool			beside;
	bool			round;
	bool			parked;
	bool			cancelled;
};

/**
 * struct scst_range - logical blocks
 * @first: the first one
 * @last: the last one, not before @first
 */
struct scst_range {
	u64	first;
	u64	last;
};

/* Places of a range in a table: two regions, and the bucket of wide ones */
#define SCST_RANGE_NODES	3

/**
 * struct scst_range_node - one of the places that a range has in a table
 * @node: in @bucket's lists; subject of its lock
 * @entry: whose place it is
 * @bucket: bucket
 * @seq: order of arrival in @bucket; likewise
 */
struct scst_range_node {
	struct list_head		node;
	struct scst_range_entry		*entry;
	struct scst_range_bucket	*bucket;
	u64				seq;
};

/**
 * struct scst_range_entry - the blocks that a command is about to touch
 * @range: blocks
 * @nodes: places in the table, those of lower buckets first
 * @wake: in a list of those to be woken, once @pending has fallen to zero
 * @pending: older entries that it waits for, counted once for each bucket that
 *	both are in; and one until it has parked
 * @nr_nodes: of @nodes, those in use
 * @update: alone on its blocks, rather than together with what is no update
 */
struct scst_range_entry {
	struct scst_range	range;
	struct scst_range_node	nodes[SCST_RANGE_NODES];
	struct list_head	wake;
	atomic_t		pending;
	u8			nr_nodes;
	bool			update;
};

/**
 * struct scst_ranges - the ranges that commands of a device touch
 *
 * See range_table.c.
 *
 * @buckets: by region; the last one is for what spans too many of them
 * @wake: called once, in any context and without locks, for an entry whose turn
 *	it is after scst_range_park() has returned true
 * @used: jiffies of the last update
 * @on: commands take ranges; read with READ_ONCE(), set by who is alone in the
 *	device, cleared under the lock of the last one of @buckets
 */
struct scst_ranges {
	struct scst_range_bucket	*buckets;
	void				(*wake)(struct scst_range_entry *entry);
	unsigned long			used;
	bool				on;
};

/**
 * struct scst_tgt - a target port
 *
 * The fabric embeds it and allocates it in scst_tgt_template.new_target().
 * A reference is held by its configfs directory and by every session.
 *
 * @group: targets/<driver>/<name>/; a fabric adds its own default groups to
 *	it in new_target(), after scst_register_target()
 * @tmpl: the fabric
 * @name: name of the target port as initiators know it; owned by the core
 * @rel_tgt_id: relative target port identifier (SAM-5 4.6.5), unique on this
 *	machine, 1 to 65535
 * @scsi_transport_version: version descriptor of the SCSI transport protocol
 *	for standard INQUIRY data (SPC-5 table 180), 0 for none; set by the
 *	fabric
 * @phys_transport_version: the same of the physical transport
 * @scsi_port_name: SCSI name string of the target port (SPC-5 7.7.6.11), NULL
 *	for none; set by the fabric before it enables the target
 * @scsi_device_name: the same of the target device
 * @addr_method: enum scst_addr_method; changes under scst_config_mutex, not
 *	while @enabled
 * @enabled: new sessions are allowed; changes under scst_config_mutex
 * @aen_disabled: initiators are not told what has changed unless they ask
 */
struct scst_tgt {
	struct config_group		group;
	const struct scst_tgt_template	*tmpl;
	char				*name;
	u16				rel_tgt_id;
	u16				scsi_transport_version;
	u16				phys_transport_version;
	const char			*scsi_port_name;
	const char			*scsi_device_name;
	u8				addr_method;
	bool				enabled;
	bool				aen_disabled;

	/* private: the core's; lists and trees under scst_config_mutex */
	struct mutex			enable_lock; /* one writer of @enabled */
	struct scst_acg			*default_acg;
	struct list_head		acgs;	/* named, in order of creation */
	struct list_head		sessions; /* scst_session.tgt_entry */
	struct rb_root			initiators; /* scst_acg_ini.name_node */
	struct rb_root			patterns; /* .pattern_node */
	u64				last_seq; /* of groups and patterns */
	struct rb_node			registry_node;
	struct config_group		ini_groups_group; /* ini_groups/ */
	struct delayed_work		luns_work; /* has a reference */
	struct kref			kref;
	struct work_struct		release_work;
};

/**
 * struct scst_dir_stats - what commands of one direction have done
 * @nr_cmds: commands ended
 * @nr_bytes: bytes moved; those of a bidirectional command count as written
 *	and as read
 * @ns: how long the commands took together
 *
 * A command writes all of it: it lies in one cache line.
 */
struct scst_dir_stats {
	u64	nr_cmds;
	u64	nr_bytes;
	u64	ns;
} __aligned(32);

/**
 * struct scst_stats - what commands of an initiator have done
 * @dir: by enum scst_data_dir
 */
struct scst_stats {
	struct scst_dir_stats	dir[SCST_DATA_NR];
};

/**
 * struct scst_sess_cpu - what a session keeps for each CPU
 * @lock: subject: the list. Taken in any context, by the CPU that received a
 *	command and by the one that finishes it, which mostly is the same.
 * @cmds: scst_cmd.sess_entry of commands received on this CPU
 * @stats: of commands that have come on this CPU and ended; written under @lock
 */
struct scst_sess_cpu {
	spinlock_t		lock;	/* all below */
	struct list_head	cmds;
	struct scst_stats	stats;
};

/**
 * struct scst_session - an I_T nexus
 *
 * Made by scst_register_session(). The fabric holds the pointer until
 * scst_unregister_session().
 *
 * @tgt: target port of the nexus; holds a reference
 * @initiator_name: name of the initiator port, matched against the patterns of
 *	access groups
 * @fabric_priv: the fabric's own, untouched by the core
 * @cpus: where the fabric shall serve it, if it can choose; never empty, may
 *	change at any time
 * @own_threads: the fabric shall serve it with threads of its own; READ_ONCE()
 *	when the session is ready
 */
struct scst_session {
	struct scst_tgt			*tgt;
	char				*initiator_name;
	void				*fabric_priv;
	struct cpumask			cpus;
	bool				own_threads;

	/* private: the core's */
	struct scst_lun_table __rcu	*luns;	/* see lun_table.c */
	struct scst_sess_cpu __percpu	*cpu;
	struct percpu_ref		cmd_ref; /* one per command */
	int				state;	/* enum in session.c, under @lock */
	spinlock_t			lock;	/* @state, @held, two below */
	struct list_head		held;	/* commands before init has ended */
	struct scst_acg			*acg;	/* scst_config_mutex */
	bool				luns_missing; /* scst_config_mutex */
	struct list_head		tgt_entry; /* scst_config_mutex */
	struct list_head		acg_entry; /* scst_config_mutex */
	atomic_t			pending_tgt_devs;
	atomic_t			tm_epoch; /* task management functions */
	unsigned long			aens;	/* see aen.c */
	unsigned long			aen_lun; /* who calls scst_next_aen() */
	void				(*init_done)(struct scst_session *sess,
						     int error);
	void				(*unreg_done)(struct scst_session *sess);
	struct completion		*unreg_waiter;
	struct device			*sysfs_dev; /* NULL if not visible */
	u64				sid;	/* number of @sysfs_dev */
	/* Subject: which of its LUNs have devices. No lock is outside of it. */
	struct mutex			dev_lock;
	struct list_head		lun_devs; /* nexuses that have; @dev_lock */
	struct list_head		lun_news; /* to be looked at; @lock */
	bool				luns_changed; /* see ua.c */
	bool				regrouped; /* udev is to hear; @lock */
	struct work_struct		dev_work; /* see sysfs_lun.c */
	struct work_struct		init_work;
	struct work_struct		unreg_work;
	bool				unregister; /* asked for; @lock */
	bool				init_ended; /* @lock */
	struct delayed_work		hw_work; /* see hw_pending.c */
	struct work_struct		free_work;
};

/**
 * struct scst_tgt_dev - an I_T_L nexus
 * @sess: the I_T nexus; alive as long as this
 * @dev: the logical unit; holds a reference
 * @lun: the LUN under which @sess sees @dev
 * @read_only: this nexus may not write the medium
 * @handler_priv: the device handler's own (attach_tgt(), detach_tgt())
 */
struct scst_tgt_dev {
	struct scst_session		*sess;
	struct scst_device		*dev;
	u64				lun;
	bool				read_only;
	void				*handler_priv;

	/* private: the core's */
	unsigned long			ua_pending; /* bits of enum scst_ua */
	unsigned long			aens;	/* the same, see aen.c */
	atomic_t			cleared; /* see scst_abort_nexus() */
	u8				resv_access; /* enum scst_resv_access */
	u8				alua_state; /* enum scst_alua_state */
	u8				alua_tpgs; /* TPGS, 0: in no group */
	u16				alua_group; /* TARGET PORT GROUP */
	u16				alua_lu_group; /* LOGICAL UNIT GROUP */
	/* scst_task_set.lock of the device: three below */
	bool				aca;	/* an ACA condition, ours */
	bool				aca_never; /* the nexus is ending */
	struct scst_cmd			*aca_cmd; /* the one ACA command */
	spinlock_t			copy_lock; /* the one below, in copy.c */
	struct list_head		copies;	/* third-party, that it may ask for */
	struct scst_gate		order;	/* task attributes */
	struct scst_gate_entry		closer;	/* ends @order for good */
	struct list_head		dev_entry; /* scst_device.tgt_devs */
	struct scst_stats __percpu	*stats;	/* scst_sess_cpu.lock */
	struct device			*sysfs_dev; /* scst_session.dev_lock */
	struct list_head		dev_node; /* the same: .lun_devs */
	struct list_head		news_entry; /* scst_session.lun_news */
	bool				ended;	/* scst_config_mutex */
	struct work_struct		free_work;
	struct rcu_head			rcu;
};

/* scst_control.ua_intlck */
#define SCST_UA_INTLCK_PREVIOUS	3

/**
 * struct scst_control - what the Control mode page of a logical unit says
 *
 * SPC-5 7.5.10. Written by a command that runs alone in the device, by a reset,
 * or before the device is enabled, with scst_dev_set_control(); read with
 * READ_ONCE() where other commands may run.
 *
 * @tst: task set type: 0 one task set for all I_T nexuses, 1 one for each
 * @qerr: what becomes of other commands when one ends with CHECK CONDITION: 0
 *	go on, 1 all of the task set are aborted, 3 those of the same I_T nexus
 * @qam: queue algorithm modifier: 0 restricted, 1 unrestricted reordering
 * @ua_intlck: 0 a unit attention ends with its report, 2 it stays, 3 it stays
 *	and BUSY, TASK SET FULL and RESERVATION CONFLICT establish one
 * @d_sense: descriptor format sense data
 * @dpicz: a zero in a PROTECT field does not ask for checking
 * @tmf_only: NACA and task management functions alone clear an ACA condition
 * @swp: software write protect
 * @tas: commands that another I_T nexus has aborted end with TASK ABORTED
 */
struct scst_control {
	u8	tst;
	u8	qerr;
	u8	qam;
	u8	ua_intlck;
	bool	d_sense;
	bool	dpicz;
	bool	tmf_only;
	bool	swp;
	bool	tas;
};

/**
 * struct scst_task_set - the task sets of a logical unit (SAM-5 8.2)
 *
 * With TST 000b the commands of all nexuses are ordered by @order, with TST
 * 001b those of each nexus by scst_tgt_dev.order. See task_set.c.
 *
 * @lock: subject: everything below but @order, and what scst_tgt_dev says about
 *	ACA conditions. Taken in any context, outside of scst_gate.lock.
 * @control: scst_device.control as it was at the last scst_task_set_update()
 * @flags: SCST_SET_*: what a command that comes, or that is about to be
 *	executed, has to think of; read with READ_ONCE()
 * @order: the order of a task set that all nexuses share
 * @nr_aca: nexuses that have established an ACA condition
 * @blocked: scst_cmd.gate.node of the commands that one blocks
 */
struct scst_task_set {
	spinlock_t		lock;	/* all below but order */
	struct scst_control	control;
	u8			flags;
	struct scst_gate	order;
	unsigned int		nr_aca;
	struct list_head	blocked;
};

/**
 * struct scst_device - a logical unit
 *
 * The handler embeds it and allocates it in scst_dev_type.new_device(). A
 * reference is held by its configfs directory and by every I_T_L nexus.
 *
 * @group: handlers/<handler>/<name>/
 * @handler: the device handler
 * @name: unique over all handlers; owned by the core
 * @type: peripheral device type (SPC-5 6.7.2), set by the handler before
 *	attach() returns
 * @block_shift: log2 of the logical block length; the core turns block counts
 *	of CDBs into bytes with it. Set by the handler in attach().
 * @pi_type: protection information that it has, enum t10_dif_type; 0 for none.
 *	Set by the handler in attach().
 * @nblocks: capacity in logical blocks; set by the handler, read with
 *	READ_ONCE() anywhere
 * @lacks_ops: bitmap by enum scst_op: the handler's commands that this device
 *	does not have; set by the handler in attach()
 * @max_xfer: largest transfer of one command in bytes; no limit unless the
 *	handler sets one before it gives the device back in new_device()
 * @max_answer: most bytes that a command answers which does not read the medium;
 *	likewise
 * @control: Control mode page, see scst_dev_set_control()
 * @control_default: its default values; scst_dev_lock(), not while @enabled
 * @read_only: the medium cannot be written
 * @trust_expected: what the transport expects of a command that the table has
 *	not is believed; may change at any time
 * @enabled: attach() has succeeded; scst_config_mutex
 * @wq: where the core runs what must sleep for this device; a stuck device
 *	holds up nothing else. There since attach() first succeeded
 */
struct scst_device {
	struct config_group		group;
	const struct scst_dev_type	*handler;
	char				*name;
	u8				type;
	u8				block_shift;
	u8				pi_type;
	bool				read_only;
	bool				trust_expected;
	bool				enabled;
	struct scst_control		control;
	struct scst_control		control_default;
	u64				nblocks;
	DECLARE_BITMAP(lacks_ops, SCST_MAX_OPS);
	u32				max_xfer;
	u32				max_answer;
	struct workqueue_struct		*wq;

	/* private: the core's */
	struct mutex			lock;	/* attach, detach, attributes */
	struct scst_gate		gate;
	struct scst_task_set		task_set;
	struct scst_ranges		ranges;
	/*
	 * tgt_devs changes under scst_config_mutex and tgt_dev_lock (any
	 * context); either is enough to walk it. nr_tgt_devs also counts those
	 * that the handler has not given up yet.
	 */
	spinlock_t			tgt_dev_lock;
	struct list_head		tgt_devs;
	unsigned int			nr_tgt_devs; /* scst_config_mutex */
	u32				medium;	/* see scst_medium_changed() */
	bool				marked;	/* scst_config_mutex; see tmf.c */
	unsigned int			nr_links; /* LUNs; scst_config_mutex */
	struct list_head		luns;	/* the same: that show it */
	struct scst_session		*reserved_by; /* the same: RESERVE */
	struct scst_pr			*pr;	/* the same; NULL: none */
	atomic_t			nr_copies; /* third-party, running */
	struct list_head		tokens;	/* of them; see token.c */
	struct config_group		pr_group; /* pr/ */
	struct scst_dg			*dg;	/* scst_config_mutex; or NULL */
	struct list_head		dg_entry; /* the same: scst_dg.devs */
	char				*mode_pages_file; /* @lock; or NULL */
	struct scst_mode_file		*mode_file; /* while enabled; or NULL */
	char				*aptpl_file; /* keeps @pr; @lock */
	u64				aptpl_seq; /* see pr_file.c */
	bool				aptpl_named; /* its name is synced */
	struct rb_node			registry_node; /* scst_config_mutex */
	struct kref			kref;
	struct work_struct		release_work;
};

#endif /* _SCST_TYPES_H */
