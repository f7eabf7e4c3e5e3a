/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCST: the interface of device handlers.
 *
 * A handler registers a type, makes devices when an administrator does mkdir,
 * opens the backing store when `enabled` becomes 1, and executes commands.
 */
#ifndef _SCST_HANDLER_H
#define _SCST_HANDLER_H

#include <scst/command.h>
#include <scst/mode.h>
#include <scst/types.h>

struct scst_inquiry;

/**
 * enum scst_exec_result - what became of a command in exec()
 * @SCST_EXEC_DONE: executed; status, sense and resp_len are set, and the core
 *	goes on with it. scst_cmd_done() must not be called.
 * @SCST_EXEC_PENDING: the handler owns the command until scst_cmd_done(),
 *	which may already have been called
 * @SCST_EXEC_NEED_THREAD: nothing was done; call again where it may sleep
 */
enum scst_exec_result {
	SCST_EXEC_DONE,
	SCST_EXEC_PENDING,
	SCST_EXEC_NEED_THREAD,
};

typedef enum scst_exec_result (*scst_exec_fn)(struct scst_cmd *cmd);

/**
 * struct scst_dev_type - a device handler's operations
 *
 * Const, static. Callbacks that are not "optional" must be there.
 *
 * @owner: THIS_MODULE
 * @name: name of the handler and of its directory under handlers/
 * @type: peripheral device type of its devices
 * @execs: executors by enum scst_op, SCST_OP_NR of them: a command without one
 *	is not supported, and REPORT SUPPORTED OPERATION CODES says so. Context:
 *	scst_cmd_may_sleep() tells; return SCST_EXEC_NEED_THREAD when it must
 *	and may not. Called with the gate and order passed, write protection
 *	and unit attentions checked, and lba + blocks within dev->nblocks where
 *	the command's row asks for it.
 * @dev_attrs: optional, attributes of handlers/<name>/<device>/ beside those
 *	of the core, NULL terminated; container_of(to_config_group(item),
 *	struct scst_device, group) is the device. A store that may not be
 *	changed any more while the device is enabled returns -EBUSY; it runs
 *	under scst_dev_lock() then.
 * @new_device: mkdir: allocate and scst_register_virtual_device(). Process
 *	context, configfs locks held. Returns the device or ERR_PTR().
 * @free_device: the last reference is gone: free what @new_device allocated.
 *	Process context.
 * @attach: `enabled` becomes 1: open the backing store, set type, block_shift,
 *	nblocks, read_only. Process context, scst_dev_lock() held; must not wait
 *	for commands or initiators. Returns 0 or an errno, which the writer gets.
 * @detach: `enabled` becomes 0, or the device goes: no command is inside and
 *	none will come. Process context; not always under scst_dev_lock().
 * @attach_tgt: optional: a new I_T_L nexus. Process context. 0 or errno.
 * @detach_tgt: optional: it is gone, none of its commands is left. Process
 *	context.
 * @describe: optional: what the logical unit says of itself in INQUIRY, so that
 *	third-party copies find it by its name. The device is enabled. Any
 *	context.
 * @copy_range: optional: copy @len bytes from @src_pos of @src to @dst_pos of
 *	@dst without reading them, both being devices of this handler; the
 *	ranges are on them, and do not overlap. Context: process. Returns 0, an
 *	errno of @dst, or -EOPNOTSUPP: the core then reads and writes.
 * @parse: optional: look at, or correct, the decoded CDB in cmd->info. Any
 *	context. Returns true, or false after scst_set_cmd_error().
 * @dev_done: optional: a command that was executed goes back. Any context.
 * @on_free_cmd: optional: the last sight of a command. Any context.
 * @not_delivered: for handlers that call scst_cmd_tells(): the initiator does
 *	not hear how the command has ended, since it was aborted or its
 *	connection has gone: what was to be told once still is to be told. Once
 *	for each command that tells something, and for no other. After
 *	@dev_done; the command has its nexus. Any context.
 * @poll_sense: optional: what REQUEST SENSE, @cmd, says when there is no unit
 *	attention (SPC-5 5.12): SCST_SENSE_NONE, or the state of the logical
 *	unit, and in @progress, if that is something under way, how much of
 *	65536 is done. The command is the core's, but for its handler_priv.
 *	Process context.
 * @alua_changed: optional: the target ports of this machine can use the logical
 *	unit, or cannot (SPC-5 5.18): some group of theirs is active/optimized or
 *	active/non-optimized, or all of them are standby, unavailable or offline.
 *	It can be used until the first call, and a group on its way changes
 *	nothing. Process context, locks of the core held: must not wait.
 * @task_mgmt_fn: optional: the logical unit is reset; called for each of its
 *	nexuses when the commands that were there have ended, others may have
 *	come. Process context, must not wait for commands.
 * @nexus_loss: optional: forget what the initiator has set for this nexus (I_T
 *	nexus loss, SAM-5 6.3.4), which stays. Context as @task_mgmt_fn.
 */
struct scst_dev_type {
	struct module		*owner;
	const char		*name;
	u8			type;
	const scst_exec_fn	*execs;
	struct configfs_attribute **dev_attrs;

	struct scst_device *(*new_device)(const struct scst_dev_type *type,
					  const char *name);
	void (*free_device)(struct scst_device *dev);
	int (*attach)(struct scst_device *dev);
	void (*detach)(struct scst_device *dev);
	int (*attach_tgt)(struct scst_tgt_dev *tgt_dev);
	void (*detach_tgt)(struct scst_tgt_dev *tgt_dev);

	void (*describe)(struct scst_device *dev, struct scst_inquiry *inq);
	int (*copy_range)(struct scst_device *dst, u64 dst_pos,
			  struct scst_device *src, u64 src_pos, u64 len);
	bool (*parse)(struct scst_cmd *cmd);
	void (*dev_done)(struct scst_cmd *cmd);
	void (*on_free_cmd)(struct scst_cmd *cmd);
	void (*not_delivered)(struct scst_cmd *cmd);
	scst_sense_t (*poll_sense)(struct scst_cmd *cmd, int *progress);
	void (*alua_changed)(struct scst_device *dev, bool usable);
	void (*task_mgmt_fn)(struct scst_tgt_dev *tgt_dev);
	void (*nexus_loss)(struct scst_tgt_dev *tgt_dev);
};

/**
 * scst_register_dev_driver() - make a handler known
 * @type: static operations
 *
 * Makes handlers/<name>/. Process context. Return: 0, -EEXIST, -ENOMEM.
 */
int scst_register_dev_driver(const struct scst_dev_type *type);

/**
 * scst_unregister_dev_driver() - the reverse
 * @type: what was registered
 *
 * Called from module exit: configfs has made sure that no device directory is
 * left. Waits for devices that are still being given back. Process context.
 */
void scst_unregister_dev_driver(const struct scst_dev_type *type);

/**
 * scst_register_virtual_device() - initialise a device
 * @dev: embedded in the handler's, zeroed
 * @type: the handler
 * @name: name, unique over all handlers
 *
 * For scst_dev_type.new_device(). Process context.
 *
 * Return: 0; -EEXIST, -ENAMETOOLONG, -ENOMEM. After an error the caller frees
 * its memory itself.
 */
int scst_register_virtual_device(struct scst_device *dev,
				 const struct scst_dev_type *type,
				 const char *name);

/**
 * scst_unregister_virtual_device() - undo scst_register_virtual_device()
 * @dev: device, not exported
 *
 * For devices without a configfs directory (tests), and for new_device() that
 * fails later on; for all others rmdir does it. Detaches the device; the
 * memory is given back by free_device().
 */
void scst_unregister_virtual_device(struct scst_device *dev);

/**
 * scst_dev_enable() - what a write to `enabled` does
 * @dev: device
 * @enable: attach or detach
 *
 * Process context. Return: 0, the errno of attach(), or -EBUSY for a device
 * that is exported or still has commands.
 */
int scst_dev_enable(struct scst_device *dev, bool enable);

/**
 * scst_dev_lock() - hold off `enabled`
 * @dev: device
 *
 * For stores of attributes. Process context; pairs with scst_dev_unlock().
 */
void scst_dev_lock(struct scst_device *dev);

/**
 * scst_dev_unlock() - the reverse
 * @dev: device
 */
void scst_dev_unlock(struct scst_device *dev);

/**
 * scst_dup_path() - the name of a file, as it is written to an attribute
 * @page: what was written
 *
 * Only absolute names mean the same to all who write and read them. Process
 * context. Return: the name without its newline, which the caller frees; NULL
 * if it is empty; ERR_PTR(-EINVAL) if it is not absolute, ERR_PTR(-ENOMEM).
 */
char *scst_dup_path(const char *page);

/**
 * struct scst_alone - what is done while no command is inside a device
 * @fn: does it. Process context, no locks held; may take scst_dev_lock().
 *	Commands that come meanwhile wait.
 * @release: the core has done with the structure. Process context.
 */
struct scst_alone {
	void			(*fn)(struct scst_alone *alone);
	void			(*release)(struct scst_alone *alone);

	/* private: the core's */
	struct scst_device	*dev;
	struct scst_gate_entry	entry;
	struct work_struct	work;
};

/**
 * scst_dev_run_alone() - have something done while no command is inside
 * @dev: device
 * @alone: @fn and @release are set
 *
 * When the commands that are there have ended, and after what was asked for
 * before; for this it does not wait. The device stays enabled until then.
 * Process context; scst_dev_lock() may be held.
 *
 * Return: 0, or -ENODEV if the device is not enabled: then nothing is called.
 */
int scst_dev_run_alone(struct scst_device *dev, struct scst_alone *alone);

/**
 * scst_raise_ua() - a unit attention condition for every nexus of a device
 * @dev: logical unit
 * @ua: condition
 * @except: the I_T_L nexus that caused it and needs no telling, or NULL
 *
 * Any context.
 */
void scst_raise_ua(struct scst_device *dev, enum scst_ua ua,
		   const struct scst_tgt_dev *except);

/**
 * scst_medium_changed() - what a device holds is something else
 * @dev: device; no command of it is being executed, or there is no medium
 *
 * Third-party copies that are under way do not go on with it, and tokens
 * (SPC-5 6.2) are not for it: to their initiators nobody reports the unit
 * attention condition that the caller raises. Calls do not overlap. Any context.
 */
void scst_medium_changed(struct scst_device *dev);

/**
 * scst_cmd_let_others_in() - a command need not be alone any more
 * @cmd: command whose exec() is running, SCST_CDB_EXCLUSIVE
 *
 * Others enter the device from now on; the command goes on. Any context.
 */
void scst_cmd_let_others_in(struct scst_cmd *cmd);

/**
 * scst_device_ports() - the target ports that show a device
 * @dev: logical unit
 * @ids: result: their relative target port identifiers
 * @max: room in @ids
 *
 * To some initiator at least. Process context, takes the core's locks.
 *
 * Return: entries in @ids.
 */
unsigned int scst_device_ports(const struct scst_device *dev, u16 *ids,
			       unsigned int max);

/**
 * scst_capacity_changed() - a device has another size
 * @dev: logical unit
 * @nblocks: new capacity
 *
 * Raises CAPACITY DATA HAS CHANGED (SBC-4 4.10) if it differs. Any context.
 */
void scst_capacity_changed(struct scst_device *dev, u64 nblocks);

#endif /* _SCST_HANDLER_H */
