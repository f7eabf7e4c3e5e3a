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
#include <linux/sizes.h>
#include <linux/xarray.h>
#include <scst/handler.h>
#include <scst/inquiry.h>
#include "vdisk_mode.h"

/* Largest transfer of one command: what VPD page B0h announces */
#define VDISK_MAX_XFER		SZ_8M
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

/**
 * struct vdisk_store - how a kind of virtual disk keeps its data
 * @open: open the backing store, set size and physical block length. Process
 *	context, scst_dev_lock() held. 0 or an errno.
 * @close: the reverse
 * @size: bytes there are now. Process context.
 * @rw: execute a READ or WRITE; a scst_exec_fn
 * @read: read into a kernel buffer, for verification. Process context.
 *	0 or an errno.
 * @write: write a command's data buffer and wait for it. Process context.
 *	0 or an errno.
 * @write_buf: write a kernel buffer from kvmalloc(). Process context. 0 or an
 *	errno.
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
 * @sync: what was written to the range is to reach the medium. Process
 *	context. 0 or an errno.
 * @resources: optional: bytes that the store has left for all who use it, and
 *	those that the disk takes. Process context. 0 or an errno.
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
	int (*resources)(struct vdisk *vd, u64 *available, u64 *used);
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
 * while the disk is enabled.
 *
 * @dev: the core's part
 * @store: kind of backing store
 * @id: identity
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
 * @reads_zeros: blocks that were given back read as zeros (LBPRZ)
 * @unmap_bytes: what the store gives back at a time
 * @phys_shift: log2 of physical block length over logical block length
 * @wce: write cache enabled, as MODE SELECT left it
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
 * @prevents: nexuses that prevent removal
 * @file: fileio: the file; blockio: the opened block device
 * @bdev: blockio: block device
 * @bio_set: blockio: bios of this disk
 */
struct vdisk {
	struct scst_device		dev;
	const struct vdisk_store	*store;
	struct vdisk_id			id;
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

	bool				reads_zeros;
	u32				unmap_bytes;
	u8				phys_shift;
	bool				wce;
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
	atomic_t			prevents;
	struct file			*file;
	struct block_device		*bdev;
	struct bio_set			bio_set;
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

/* vdisk.c */

u64 vdisk_nblocks(struct vdisk *vd);

/* vdisk_buffer.c */

enum scst_exec_result vdisk_read_buffer(struct scst_cmd *cmd);
enum scst_exec_result vdisk_write_buffer(struct scst_cmd *cmd);
void vdisk_echo_forget(struct scst_tgt_dev *tgt_dev);

/* vdisk_configfs.c */

extern struct configfs_attribute *vdisk_file_attrs[];
extern struct configfs_attribute *vdisk_block_attrs[];
extern struct configfs_attribute *vdisk_null_attrs[];

/* vdisk_diag.c */

enum scst_exec_result vdisk_send_diagnostic(struct scst_cmd *cmd);
enum scst_exec_result vdisk_receive_diagnostic(struct scst_cmd *cmd);

/* vdisk_inquiry.c */

/* Pages of its own */
#define VDISK_NR_VPDS	3

#if IS_ENABLED(CONFIG_KUNIT)
extern const struct scst_vpd_page vdisk_vpds[VDISK_NR_VPDS];
#endif

enum scst_exec_result vdisk_inquiry(struct scst_cmd *cmd);
void vdisk_default_id(struct vdisk *vd, const char *vendor);

/* vdisk_log.c */

void vdisk_count(struct scst_cmd *cmd);
void vdisk_stats_reset(struct vdisk *vd);
enum scst_exec_result vdisk_exec_log_sense(struct scst_cmd *cmd);
enum scst_exec_result vdisk_exec_log_select(struct scst_cmd *cmd);

/* vdisk_mode.c */

void vdisk_mode_reset(struct vdisk *vd);
enum scst_exec_result vdisk_mode_sense(struct scst_cmd *cmd);
enum scst_exec_result vdisk_mode_select(struct scst_cmd *cmd);

/* vdisk_sbc.c */

bool vdisk_in_thread(const struct scst_cmd *cmd);
bool vdisk_not_ready(struct scst_cmd *cmd);
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

/* vdisk_update.c */

enum scst_exec_result vdisk_compare_and_write(struct scst_cmd *cmd);
enum scst_exec_result vdisk_orwrite(struct scst_cmd *cmd);
enum scst_exec_result vdisk_xd_write_read(struct scst_cmd *cmd);

/* vdisk_provision.c */

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

extern const struct vdisk_store vdisk_file_store;
extern const struct vdisk_store vdisk_block_store;
extern const struct vdisk_store vdisk_null_store;

#endif /* _SCST_VDISK_H */
