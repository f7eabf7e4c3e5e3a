/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the virtual disk handlers share.
 */
#ifndef _SCST_VDISK_H
#define _SCST_VDISK_H

#include <linux/bio.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <scst/handler.h>
#include <scst/inquiry.h>
#include "vdisk_mode.h"
#include "vdisk_pi.h"
#include "vdisk_pure.h"

/* Largest transfer of one command: what VPD page B0h announces */
#define VDISK_MAX_XFER		SZ_8M
/* Longest answer: all of the buffer of WRITE BUFFER, or a page of 16 bits */
#define VDISK_MAX_ANSWER	(SZ_64K + 3)
/* Most blocks of one COMPARE AND WRITE, for the same page: all that it can */
#define VDISK_MAX_COMPARE	255
/* Most bytes of one PRE-FETCH, for the same page */
#define VDISK_MAX_PREFETCH	SZ_8M
/* Most blocks of one WRITE SAME, for the same page: all that (10) can ask for */
#define VDISK_MAX_SAME		U16_MAX
/* Most blocks, and most ranges, of one UNMAP, for the same page */
#define VDISK_MAX_UNMAP		SZ_1M
#define VDISK_MAX_UNMAP_DESC	256
/* What goes through a buffer of our own goes in pieces of this size. */
#define VDISK_CHUNK		SZ_64K

struct vdisk;
struct vdisk_job_kind;
struct vdisk_poller;

/**
 * enum vdisk_job_state - what FORMAT UNIT or SANITIZE has to do with the disk
 * @VDISK_JOB_NONE: nothing
 * @VDISK_FORMATTING: a format is under way
 * @VDISK_FORMAT_FAILED: it has failed; the medium waits for another one
 * @VDISK_SANITIZING: a sanitize operation is under way
 * @VDISK_SANITIZE_FAILED: it has failed (SBC-4 4.11.3)
 * @VDISK_JOB_NR_STATES: number of states
 */
enum vdisk_job_state {
	VDISK_JOB_NONE,
	VDISK_FORMATTING,
	VDISK_FORMAT_FAILED,
	VDISK_SANITIZING,
	VDISK_SANITIZE_FAILED,
	VDISK_JOB_NR_STATES,
};

/**
 * struct vdisk_news - what the answer to a command tells once
 *
 * In the handler_priv of a command that ends with it and needs that for nothing
 * else, from vdisk_tells() to vdisk_not_delivered().
 *
 * @of_job: a job has failed; or what was written may be lost
 * @job: which job: its vdisk_job.number
 */
struct vdisk_news {
	bool	of_job;
	u32	job;
};

/**
 * struct vdisk_job - FORMAT UNIT or SANITIZE under way
 *
 * Begun by a command that is alone in the device and finds none under way;
 * from then on it is @work's, but for what others may read or write.
 *
 * @lock: who is to find @work when it has let others in; no other lock is taken
 *	inside
 * @work: does it, on a workqueue of all disks
 * @kind: what it does
 * @cmd: command that waits for the end, or NULL
 * @passes: how often it goes over the medium
 * @overwrite: SANITIZE, OVERWRITE: how
 * @hole: SANITIZE, BLOCK ERASE: of vdisk_lba_status()
 * @list: parameter list that @overwrite points into, or NULL
 * @buf: VDISK_CHUNK bytes to write
 * @progress: how much of 65536 is done; READ_ONCE()
 * @stop: the disk is being disabled; READ_ONCE()
 * @owner: nexus that has begun it, as long as there is that; only compared;
 *	READ_ONCE()
 * @told_lock: subject: @number and @told. Any context.
 * @number: how many have begun: an answer may be on its way for so long that it
 *	tells of an earlier one
 * @told: answers that tell @owner, or whoever else is there if it has gone, that
 *	it has failed, but for those that have not arrived
 * @ause: a failed sanitize operation may be left without another one (AUSE)
 */
struct vdisk_job {
	struct mutex			lock;	/* letting others in, and @work */
	struct work_struct		work;
	const struct vdisk_job_kind	*kind;
	struct scst_cmd			*cmd;
	unsigned int			passes;
	struct vdisk_overwrite		overwrite;
	u64				hole;
	u8				*list;
	u8				*buf;
	u16				progress;
	bool				stop;
	const struct scst_tgt_dev	*owner;
	spinlock_t			told_lock; /* the next two */
	u32				number;
	u64				told;
	bool				ause;
};

/**
 * struct vdisk_change - a change of what is configured
 * @field: what changes, in struct vdisk
 * @value: to what
 * @size: bytes of both
 * @ua: the unit attention condition if the disk is enabled
 * @at_once: no command looks at @field, but whoever opens the store: it changes
 *	before the commands inside have ended, and @then carries it on
 * @check: optional, if the disk is enabled: 0, or an errno that refuses it
 * @then: optional, if the disk is enabled: what follows from it. Process
 *	context; no command is inside.
 */
struct vdisk_change {
	void		*field;
	const void	*value;
	size_t		size;
	enum scst_ua	ua;
	bool		at_once;
	int		(*check)(struct vdisk *vd,
				 const struct vdisk_change *change);
	void		(*then)(struct vdisk *vd);
};

/**
 * struct vdisk_store - how a kind of virtual disk keeps its data
 * @open: open the backing store, set size and physical block length. Process
 *	context, scst_dev_lock() held. 0 or an errno.
 * @close: the reverse
 * @size: bytes there are now. Any context.
 * @rw: execute a READ or WRITE; a scst_exec_fn
 * @read: read into a kernel buffer from kvmalloc(), VDISK_CHUNK bytes at most,
 *	for verification. Process context. 0 or an errno.
 * @write: write a command's data buffer and wait for it; what is not synced may
 *	be in a cache. Process context. 0 or an errno.
 * @write_buf: write a kernel buffer from kvmalloc(), VDISK_CHUNK bytes at most.
 *	Process context. 0 or an errno.
 * @zero: the range is to read as zeros, without writing them if possible; what
 *	stores it may be let go if @unmap says so, and is kept if not. Process
 *	context. 0 or an errno; -EOPNOTSUPP: the caller is to write zeros.
 * @unmap: let the range go; then it reads as zeros if vdisk.reads_zeros says so.
 *	Process context. 0 or an errno.
 * @mapped: optional: does the block at @pos take room in the store? What holds
 *	for it holds for @len bytes, which is at most what it was, in whole
 *	blocks. Process context. Without it all blocks do.
 * @read_ahead: optional: begin to read the range into a cache, if there is one.
 *	Process context. Return: there is.
 * @sync: what was written to the range is to reach the medium; what has not is
 *	counted in vdisk.lost_writes, unless the store has gone. Process context. 0
 *	or an errno.
 * @forget: optional: what is read of the range next is to come from the medium.
 *	Process context. 0, or -EBUSY if some of it, or what shares a page with it,
 *	was written to since @sync.
 * @write_atomic: optional: write as much of a kernel buffer from kvmalloc() as
 *	vdisk.atomic allows: all of it, or nothing, whatever happens; on the
 *	medium if @fua says so. Process context. 0 or an errno.
 * @resources: optional: bytes that the store has left for all who use it, and
 *	those that the disk takes. Process context. 0 or an errno.
 * @lost: optional: has what stores it gone for good? Any context.
 */
struct vdisk_store {
	int (*open)(struct vdisk *vd);
	void (*close)(struct vdisk *vd);
	u64 (*size)(struct vdisk *vd);
	enum scst_exec_result (*rw)(struct scst_cmd *cmd);
	int (*read)(struct vdisk *vd, u64 pos, void *buf, size_t len);
	int (*write)(struct scst_cmd *cmd);
	int (*write_buf)(struct vdisk *vd, u64 pos, void *buf, size_t len);
	int (*zero)(struct vdisk *vd, u64 pos, u64 len, bool unmap);
	int (*unmap)(struct vdisk *vd, u64 pos, u64 len);
	bool (*mapped)(struct vdisk *vd, u64 pos, u64 *len);
	bool (*read_ahead)(struct vdisk *vd, u64 pos, u64 len);
	int (*sync)(struct vdisk *vd, u64 pos, u64 len);
	int (*forget)(struct vdisk *vd, u64 pos, u64 len);
	int (*write_atomic)(struct vdisk *vd, u64 pos, void *buf, size_t len,
			    bool fua);
	int (*resources)(struct vdisk *vd, u64 *available, u64 *used);
	bool (*lost)(struct vdisk *vd);
};

/**
 * struct vdisk_id - what a disk says of itself; changed while it is disabled
 * @vendor: T10 VENDOR IDENTIFICATION
 * @product: PRODUCT IDENTIFICATION
 * @revision: PRODUCT REVISION LEVEL
 * @vend_specific: bytes 36 to 55 of standard INQUIRY data
 * @t10_dev_id: T10 vendor ID based designator
 * @usn: unit serial number
 * @vend_specific_id: vendor specific designator, empty for none
 * @scsi_device_name: SCSI name string of the target device, empty for none
 * @naa: NAA designator
 * @eui64: EUI-64 based designator
 */
struct vdisk_id {
	char	vendor[SCST_INQ_VENDOR_LEN + 1];
	char	product[SCST_INQ_PRODUCT_LEN + 1];
	char	revision[SCST_INQ_REVISION_LEN + 1];
	char	vend_specific[SCST_INQ_VEND_SPECIFIC_LEN + 1];
	char	t10_dev_id[SCST_INQ_ID_LEN + 1];
	char	usn[SCST_INQ_ID_LEN + 1];
	char	vend_specific_id[SCST_INQ_ID_LEN + 1];
	char	scsi_device_name[SCST_INQ_NAME_LEN + 1];
	struct scst_binary_id naa;
	struct scst_binary_id eui64;
};

/**
 * struct vdisk_stats - what is counted of commands
 * @reads: read commands
 * @writes: write commands
 * @received: logical blocks that write commands have brought
 * @transmitted: logical blocks that read commands have got
 */
struct vdisk_stats {
	u64	reads;
	u64	writes;
	u64	received;
	u64	transmitted;
};

/**
 * struct vdisk - a virtual disk
 *
 * What is configured is the subject of scst_dev_lock() and does not change
 * while the disk is enabled, unless by vdisk_change(): then no command is inside
 * that could see it.
 *
 * @dev: the core's part
 * @kind: kind of backing store
 * @store: the same, or what stands for a store that is closed
 * @id: identity
 * @changes: struct vdisk_pending: changes that wait for commands, oldest first
 * @changes_lock: subject: @changes, and the fields that they are of
 * @filename: file or block device, NULL before it was set
 * @blocksize: logical block length in bytes
 * @size_mb: part of the store to use in MiB, 0 for all of it
 * @read_only: refuse writes
 * @removable: RMB: START STOP UNIT may eject the medium
 * @rotational: VPD page B1h
 * @form_factor: NOMINAL FORM FACTOR, likewise
 * @nv_cache: the cache survives a power failure: no flush is needed
 * @write_through: every write reaches the medium before its status
 * @o_direct: go past the page cache
 * @thin_provisioned: initiators may give blocks back
 * @dif_type: type of protection information, enum t10_dif_type, or 0
 * @dif_made: it is kept nowhere, but made when it is asked for
 * @dif_app_tag: application tag that all blocks have, or 0
 * @dif_filename: file that keeps it, or NULL
 * @dummy: nullio: there is nothing behind it (SPC-5 6.7.2)
 * @no_cache: the store itself has no volatile write cache
 * @reads_zeros: blocks that were given back read as zeros (LBPRZ)
 * @unmap_bytes: what the store gives back at a time
 * @anchors: fileio: the store can keep room for blocks that have no data, and
 *	tell of which it does (ANC_SUP)
 * @on_device: the store is a block device, or was when it was closed
 * @atomic: what WRITE ATOMIC can do with the store
 * @direct: fileio: o_direct, and the store can do it with blocks of @blocksize
 * @phys_shift: log2 of physical block length over logical block length
 * @wce: write cache enabled, as MODE SELECT left it
 * @ato: application tags belong to the application client, likewise
 * @exceptions: Informational Exceptions Control mode page, likewise
 * @lbpere: thresholds are reported, likewise
 * @threshold: soft thresholds, likewise
 * @threshold_lock: subject: @lbpere, @threshold and the next. Process context.
 *	MODE SENSE reads without it what a command that runs alone, or a reset,
 *	has written.
 * @threshold_reached: it was reported, and is so still
 * @look_lock: subject: who asks the store how much is left. Outside
 *	@threshold_lock. Process context.
 * @thresholds_wanted: a write has to think of them; READ_ONCE()
 * @threshold_budget: bytes that may be written before the store is asked how
 *	much is left; used if @thresholds_wanted
 * @threshold_work: asks it
 * @stats: what this CPU has counted
 * @stats_lock: subject: @stats_base. Any context.
 * @stats_base: what had been counted when LOG SELECT began it anew
 * @buffer_lock: subject: @buffer. Process context.
 * @buffer: of WRITE BUFFER; NULL before anybody has used it
 * @echos: struct vdisk_echo by I_T_L nexus; its lock in any context
 * @stopped: START STOP UNIT has stopped it
 * @ejected: START STOP UNIT has ejected the medium
 * @job_state: enum vdisk_job_state; smp_load_acquire() by who begins a job,
 *	READ_ONCE() by others
 * @power: enum vdisk_power; READ_ONCE(), since any command that needs the
 *	medium makes it active
 * @job: FORMAT UNIT or SANITIZE
 * @mode_lock: subject: @mode_resets; that the mode parameters are set by one at
 *	a time. Inside scst_dev_lock(). Process context, no I/O.
 * @mode_resets: how often a reset has set them
 * @resets_flush: the store is open, and nobody is about to close it
 * @sync_work: SYNCHRONIZE CACHE with IMMED, and when a reset turns WCE off
 * @sync_sem: subject: @sync_error, which @sync_work is about to set, or others
 *	to report; held for reading while they sync
 * @sync_error: failure of @sync_work that nobody has heard of, or 0
 * @prevents: nexuses that prevent removal
 * @pi: protection information, NULL if there is none, or the store is closed;
 *	for who sees vdisk_pi_store in @store
 * @file: fileio: the file; blockio: the opened block device
 * @bdev: blockio: block device
 * @bio_set: blockio: bios of this disk, each in a struct vdisk_bio if the
 *	store polls
 * @poll_us: blockio: how long to poll for completions when none comes, or 0 for
 *	not at all; READ_ONCE()
 * @polls: the store is polled if @poll_us asks for it; READ_ONCE()
 * @pollers: one for each CPU, NULL if the store does not poll
 * @wb_seen: fileio: the last failure to write the page cache that is counted in
 *	@lost_writes; xa_lock(&lost_known)
 * @lost_writes: how often a cache could not be written, with nobody waiting or
 *	for somebody whose data it may not have been
 * @lost_known: by struct scst_tgt_dev: what @lost_writes was when the nexus was
 *	told; only those that were
 * @switching: the store is being closed or opened
 * @is_switching: @switching is in use
 * @bind_alua_state: the store is closed while no target port may use it
 * @alua_usable: one may; READ_ONCE()
 * @by_alua: the store is closed, or about to be, because none may; READ_ONCE()
 * @alua_work: closes or opens it; has a reference to the device's directory
 */
struct vdisk {
	struct scst_device		dev;
	const struct vdisk_store	*kind;
	const struct vdisk_store	*store;
	struct vdisk_id			id;
	struct list_head		changes;
	spinlock_t			changes_lock; /* the above, its fields */
	char				*filename;
	u32				blocksize;
	u64				size_mb;
	bool				read_only;
	bool				removable;
	bool				rotational;
	u8				form_factor;
	bool				nv_cache;
	bool				write_through;
	bool				o_direct;
	bool				thin_provisioned;
	u8				dif_type;
	bool				dif_made;
	u16				dif_app_tag;
	char				*dif_filename;
	bool				dummy;

	bool				no_cache;
	bool				reads_zeros;
	u32				unmap_bytes;
	bool				anchors;
	bool				on_device;
	struct vdisk_atomic		atomic;
	bool				direct;
	u8				phys_shift;
	bool				wce;
	bool				ato;
	struct vdisk_exceptions		exceptions;
	bool				lbpere;
	struct vdisk_threshold		threshold[VDISK_NR_THRESHOLDS];
	spinlock_t			threshold_lock; /* the above, the next */
	bool				threshold_reached[VDISK_NR_THRESHOLDS];
	struct mutex			look_lock; /* asking the store */
	bool				thresholds_wanted;
	atomic64_t			threshold_budget;
	struct work_struct		threshold_work;
	struct vdisk_stats __percpu	*stats;
	spinlock_t			stats_lock; /* @stats_base */
	struct vdisk_stats		stats_base;
	struct mutex			buffer_lock; /* @buffer */
	u8				*buffer;
	struct xarray			echos;
	bool				stopped;
	bool				ejected;
	u8				job_state;
	u8				power;
	struct vdisk_job		job;
	struct mutex			mode_lock; /* the next two */
	unsigned int			mode_resets;
	bool				resets_flush;
	struct work_struct		sync_work;
	struct rw_semaphore		sync_sem;
	int				sync_error;
	atomic_t			prevents;
	struct vdisk_pi			*pi;
	struct file			*file;
	struct block_device		*bdev;
	struct bio_set			bio_set;
	u32				poll_us;
	bool				polls;
	struct vdisk_poller __percpu	*pollers;
	errseq_t			wb_seen;
	atomic_t			lost_writes;
	struct xarray			lost_known;
	struct scst_alone		switching;
	bool				is_switching;
	bool				bind_alua_state;
	bool				alua_usable;
	bool				by_alua;
	struct work_struct		alua_work;
};

static inline struct vdisk *to_vdisk(struct scst_device *dev)
{
	return container_of(dev, struct vdisk, dev);
}

/* First byte that a command addresses */
static inline u64 vdisk_pos(const struct scst_cmd *cmd)
{
	return cmd->info.lba << cmd->dev->block_shift;
}

/*
 * The byte that has DPO, FUA, BYTCHK, UNMAP and NDOB: 1, or 10 in a CDB of 32
 * bytes. There is none in one of 6.
 */
static inline u8 vdisk_cdb_flags(const struct scst_cmd *cmd)
{
	unsigned int len = cmd->info.op->len;

	if (unlikely(len == 6))
		return 0;
	return cmd->cdb[unlikely(len == 32) ? 10 : 1];
}

/* BYTCHK of VERIFY and WRITE AND VERIFY; one block is sent for all */
#define VDISK_BYTCHK(flags)	(((flags) >> 1) & 0x03)
#define VDISK_BYTCHK_ONE	3

/* Tags that initiators have set are there when they ask for them. */
static inline bool vdisk_pi_is_kept(const struct vdisk *vd)
{
	return vd->dif_type && !vd->dif_made;
}

/* Commands see protection information, as opposed to a store that is closed. */
static inline bool vdisk_has_pi(const struct vdisk *vd)
{
	return unlikely(vd->store == &vdisk_pi_store);
}

/* Can a power failure lose what a command has written? */
static inline bool vdisk_has_cache(const struct vdisk *vd)
{
	return !vd->write_through && !vd->nv_cache && !vd->no_cache;
}

/* vdisk.c */

int vdisk_open(struct vdisk *vd);
const struct vdisk_store *vdisk_opened_store(const struct vdisk *vd);
u64 vdisk_nblocks(struct vdisk *vd);
void vdisk_stop_works(struct vdisk *vd);
void vdisk_look_at_size(struct vdisk *vd);

/* vdisk_change.c */

int vdisk_change_read_only(struct vdisk *vd, bool read_only);
int vdisk_change_cache(struct vdisk *vd, bool *field, bool value);
int vdisk_change_id(struct vdisk *vd, void *field, const void *value,
		    size_t size);
void vdisk_change_init(struct vdisk *vd);
void vdisk_read_back(struct vdisk *vd, const void *field, void *value,
		     size_t size);
bool vdisk_is_closed(const struct vdisk *vd);
int vdisk_close(struct vdisk *vd);
int vdisk_reopen(struct vdisk *vd);
int vdisk_set_active(struct vdisk *vd, bool active);
void vdisk_set_closed(struct vdisk *vd);

/* vdisk_alua.c */

void vdisk_alua_init(struct vdisk *vd);
void vdisk_alua_exit(struct vdisk *vd);
void vdisk_alua_look(struct vdisk *vd);
void vdisk_alua_changed(struct scst_device *dev, bool usable);
bool vdisk_alua_opening(const struct vdisk *vd);

/* vdisk_anchor.c */

bool vdisk_file_can_anchor(struct vdisk *vd);
u8 vdisk_file_hole_status(struct vdisk *vd, u64 pos, u64 *len);

/* vdisk_atomic.c */

void vdisk_atomic_opened(struct vdisk *vd);
void vdisk_bdev_set_atomic(struct vdisk *vd);
enum scst_exec_result vdisk_write_atomic(struct scst_cmd *cmd);

/* vdisk_buffer.c */

enum scst_exec_result vdisk_read_buffer(struct scst_cmd *cmd);
enum scst_exec_result vdisk_write_buffer(struct scst_cmd *cmd);
void vdisk_echo_forget(struct scst_tgt_dev *tgt_dev);

/* vdisk_configfs.c */

extern struct configfs_attribute *vdisk_file_attrs[];
extern struct configfs_attribute *vdisk_block_attrs[];
extern struct configfs_attribute *vdisk_null_attrs[];
/* Identity, for handlers with attributes of their own beside it */
#define VDISK_NR_ID_ATTRS	10
extern struct configfs_attribute *vdisk_id_attrs[VDISK_NR_ID_ATTRS];

/* vdisk_diag.c */

enum scst_exec_result vdisk_send_diagnostic(struct scst_cmd *cmd);
enum scst_exec_result vdisk_receive_diagnostic(struct scst_cmd *cmd);

/* vdisk_error.c */

bool vdisk_check_store(struct scst_cmd *cmd);
void vdisk_set_errno(struct scst_cmd *cmd, int error);

typedef int (*vdisk_read_fn)(struct vdisk *vd, u64 pos, void *buf, size_t len);

void vdisk_read_failed(struct scst_cmd *cmd, int error, u64 pos, u64 len,
		       vdisk_read_fn read);
bool vdisk_tells(struct scst_cmd *cmd, struct vdisk_news news);
bool vdisk_end_flush(struct scst_cmd *cmd, int error);
void vdisk_not_delivered(struct scst_cmd *cmd);
bool vdisk_is_flush_error(long error);
int vdisk_write_pieces(struct scst_cmd *cmd);
void vdisk_redo(struct scst_cmd *cmd);
void vdisk_rw_failed(struct scst_cmd *cmd, int error);

/* vdisk_inquiry.c */

/* Pages of its own */
#define VDISK_NR_VPDS	3

#if IS_ENABLED(CONFIG_KUNIT)
extern const struct scst_vpd_page vdisk_vpds[VDISK_NR_VPDS];
#endif

void vdisk_describe(struct scst_device *dev, struct scst_inquiry *inq);
enum scst_exec_result vdisk_inquiry(struct scst_cmd *cmd);
void vdisk_default_id(struct vdisk *vd, const char *vendor);

/* vdisk_log.c */

void vdisk_count(struct scst_cmd *cmd);
void vdisk_stats_reset(struct vdisk *vd);
enum scst_exec_result vdisk_exec_log_sense(struct scst_cmd *cmd);
enum scst_exec_result vdisk_exec_log_select(struct scst_cmd *cmd);

/* vdisk_mode.c */

void vdisk_mode_reset(struct vdisk *vd);
void vdisk_set_resets_flush(struct vdisk *vd, bool flush);
enum scst_exec_result vdisk_mode_sense(struct scst_cmd *cmd);
enum scst_exec_result vdisk_mode_select(struct scst_cmd *cmd);

/* vdisk_sbc.c */

bool vdisk_in_thread(const struct scst_cmd *cmd);
void vdisk_sync_init(struct vdisk *vd);
int vdisk_sync_range(struct vdisk *vd, u64 pos, u64 len);
void vdisk_sync_failed(struct vdisk *vd, int error);
bool vdisk_write_back(struct scst_cmd *cmd);
bool vdisk_not_ready(struct scst_cmd *cmd);
scst_sense_t vdisk_poll_sense(struct scst_cmd *cmd, int *progress);
bool vdisk_force_unit_access(const struct scst_cmd *cmd);
bool vdisk_miscompare(struct scst_cmd *cmd, const u8 *medium, const u8 *data,
		      size_t len, u64 offset);
enum scst_exec_result vdisk_test_unit_ready(struct scst_cmd *cmd);
enum scst_exec_result vdisk_rw(struct scst_cmd *cmd);
enum scst_exec_result vdisk_verify(struct scst_cmd *cmd);
enum scst_exec_result vdisk_write_verify(struct scst_cmd *cmd);
enum scst_exec_result vdisk_sync_cache(struct scst_cmd *cmd);
enum scst_exec_result vdisk_pre_fetch(struct scst_cmd *cmd);
enum scst_exec_result vdisk_read_defect_10(struct scst_cmd *cmd);
enum scst_exec_result vdisk_read_defect_12(struct scst_cmd *cmd);
enum scst_exec_result vdisk_read_capacity_10(struct scst_cmd *cmd);
enum scst_exec_result vdisk_read_capacity_16(struct scst_cmd *cmd);
enum scst_exec_result vdisk_start_stop(struct scst_cmd *cmd);
enum scst_exec_result vdisk_prevent_allow(struct scst_cmd *cmd);
void vdisk_allow_removal(struct scst_tgt_dev *tgt_dev);

/* vdisk_job.c */

void vdisk_job_init(struct vdisk *vd);
int vdisk_job_wq_init(void);
void vdisk_job_wq_exit(void);
void vdisk_job_stop(struct vdisk *vd);
void vdisk_job_returned(struct vdisk *vd);
void vdisk_job_disabled(struct vdisk *vd);
void vdisk_job_forget(struct vdisk *vd);
bool vdisk_can_erase(const struct vdisk *vd);
bool vdisk_job_refuses(struct scst_cmd *cmd);
scst_sense_t vdisk_job_sense(struct scst_cmd *cmd, int *progress);
void vdisk_job_untell(struct vdisk_job *job, u32 number);
void vdisk_job_nexus_gone(const struct scst_tgt_dev *tgt_dev);
enum scst_exec_result vdisk_format(struct scst_cmd *cmd);
enum scst_exec_result vdisk_sanitize_overwrite(struct scst_cmd *cmd);
enum scst_exec_result vdisk_sanitize_erase(struct scst_cmd *cmd);
enum scst_exec_result vdisk_sanitize_exit(struct scst_cmd *cmd);

/* vdisk_update.c */

enum scst_exec_result vdisk_compare_and_write(struct scst_cmd *cmd);
enum scst_exec_result vdisk_orwrite(struct scst_cmd *cmd);
enum scst_exec_result vdisk_xd_write_read(struct scst_cmd *cmd);

/* vdisk_copy.c */

int vdisk_copy_range(struct scst_device *dst_dev, u64 dst_pos,
		     struct scst_device *src_dev, u64 src_pos, u64 len);

/* vdisk_poll.c; the rest of it is in vdisk_poll.h */

int vdisk_poll_init(void);
void vdisk_poll_exit(void);

/* vdisk_provision.c */

u8 vdisk_lba_status(struct vdisk *vd, u64 pos, u64 *len, u64 *hole);
enum scst_exec_result vdisk_write_same(struct scst_cmd *cmd);
enum scst_exec_result vdisk_unmap(struct scst_cmd *cmd);
enum scst_exec_result vdisk_get_lba_status(struct scst_cmd *cmd);

/* vdisk_threshold.c */

bool vdisk_has_resources(const struct vdisk *vd);
u8 vdisk_threshold_exponent(const struct vdisk *vd);
int vdisk_file_resources(struct vdisk *vd, u64 *available, u64 *used);
int vdisk_resources(struct vdisk *vd, u32 *available, u32 *used);
void vdisk_threshold_init(struct vdisk *vd);
void vdisk_threshold_stop(struct vdisk *vd);
void vdisk_threshold_set(struct vdisk *vd,
			 const struct vdisk_mode_state *state);
void vdisk_threshold_wrote(struct vdisk *vd, u64 bytes);

/* vdisk_file.c, vdisk_block.c, vdisk_null.c */

/**
 * struct vdisk_file_scope - what a call of the file system runs under
 *
 * Its memory may be what is to be freed. A writer is not throttled for dirty
 * pages that may be those of a disk of this very machine, which nobody but it
 * can clean.
 *
 * @noio: of memalloc_noio_save()
 * @throttle: PF_LOCAL_THROTTLE as it was
 */
struct vdisk_file_scope {
	unsigned int noio;
	unsigned int throttle;
};

struct vdisk_file_scope vdisk_file_enter(void);
void vdisk_file_leave(struct vdisk_file_scope scope);
int vdisk_file_check_type(const char *name);
int vdisk_fsync(struct vdisk *vd, struct file *file, errseq_t *seen, u64 pos,
		u64 len);
struct address_space *vdisk_file_pages(struct file *file);
bool vdisk_bdev_flushes(struct block_device *bdev);
int vdisk_forget_pages(struct file *file, u64 pos, u64 len);
struct bio_vec vdisk_buf_vec(void *buf, size_t len);
struct bio *vdisk_bdev_bio(struct block_device *bdev, struct bio_set *set,
			   blk_opf_t opf, u64 pos, void *buf, size_t len);
int vdisk_bdev_wait(struct bio *bio, void *buf, size_t len);
int vdisk_bdev_buf(struct block_device *bdev, struct bio_set *set,
		   blk_opf_t opf, u64 pos, void *buf, size_t len);
extern const struct vdisk_store vdisk_file_store;
extern const struct vdisk_store vdisk_block_store;
extern const struct vdisk_store vdisk_null_store;

/* vcdrom.c */

#if IS_ENABLED(CONFIG_SCST_VCDROM)
int vcdrom_register(void);
void vcdrom_unregister(void);
#else
static inline int vcdrom_register(void)
{
	return 0;
}

static inline void vcdrom_unregister(void)
{
}
#endif

#endif /* _SCST_VDISK_H */
