/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the virtual disk handlers share.
 */
#ifndef _SCST_VDISK_H
#define _SCST_VDISK_H

#include <linux/bio.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/sizes.h>
#include <scst/handler.h>
#include <scst/inquiry.h>

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
 * @read: read into a kernel buffer, for verification. Process context.
 *	0 or an errno.
 * @write: write a command's data buffer and wait for it; what is not synced may
 *	be in a cache. Process context. 0 or an errno.
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
 * @filename: file or block device, NULL before it was set
 * @blocksize: logical block length in bytes
 * @size_mb: part of the store to use in MiB, 0 for all of it
 * @read_only: refuse writes
 * @removable: RMB: START STOP UNIT may eject the medium
 * @rotational: VPD page B1h
 * @nv_cache: the cache survives a power failure: no flush is needed
 * @write_through: every write reaches the medium before its status
 * @o_direct: go past the page cache
 * @thin_provisioned: initiators may give blocks back
 * @dummy: nullio: there is nothing behind it (SPC-5 6.7.2)
 * @no_cache: the store itself has no volatile write cache
 * @reads_zeros: blocks that were given back read as zeros (LBPRZ)
 * @unmap_bytes: what the store gives back at a time
 * @direct: fileio: o_direct, and the store can do it with blocks of @blocksize
 * @phys_shift: log2 of physical block length over logical block length
 * @wce: write cache enabled, as MODE SELECT left it
 * @stopped: START STOP UNIT has stopped it
 * @ejected: START STOP UNIT has ejected the medium
 * @prevents: nexuses that prevent removal
 * @file: fileio: the file; blockio: the opened block device
 * @bdev: blockio: block device
 * @bio_set: blockio: bios of this disk
 * @wb_seen: fileio: the last failure to write the page cache that is counted in
 *	@lost_writes; xa_lock(&lost_known)
 * @lost_writes: how often the page cache could not be written
 * @lost_known: by struct scst_tgt_dev: what @lost_writes was when the nexus was
 *	told, or came; only those for which that is not zero
 * @switching: the store is being closed or opened
 * @is_switching: @switching is in use
 */
struct vdisk {
	struct scst_device		dev;
	const struct vdisk_store	*kind;
	const struct vdisk_store	*store;
	struct vdisk_id			id;
	char				*filename;
	u32				blocksize;
	u64				size_mb;
	bool				read_only;
	bool				removable;
	bool				rotational;
	bool				nv_cache;
	bool				write_through;
	bool				o_direct;
	bool				thin_provisioned;
	bool				dummy;

	bool				no_cache;
	bool				reads_zeros;
	u32				unmap_bytes;
	bool				direct;
	u8				phys_shift;
	bool				wce;
	bool				stopped;
	bool				ejected;
	atomic_t			prevents;
	struct file			*file;
	struct block_device		*bdev;
	struct bio_set			bio_set;
	errseq_t			wb_seen;
	atomic_t			lost_writes;
	struct xarray			lost_known;
	struct scst_alone		switching;
	bool				is_switching;
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

/* Can a power failure lose what a command has written? */
static inline bool vdisk_has_cache(const struct vdisk *vd)
{
	return !vd->write_through && !vd->nv_cache && !vd->no_cache;
}

/* vdisk.c */

int vdisk_open(struct vdisk *vd);
u64 vdisk_nblocks(struct vdisk *vd);
void vdisk_look_at_size(struct vdisk *vd);

/* vdisk_change.c */

int vdisk_change_read_only(struct vdisk *vd, bool read_only);
int vdisk_change_cache(struct vdisk *vd, bool *field, bool value);
int vdisk_change_id(struct vdisk *vd, void *field, const void *value,
		    size_t size);
bool vdisk_is_closed(const struct vdisk *vd);
int vdisk_set_active(struct vdisk *vd, bool active);
void vdisk_set_closed(struct vdisk *vd);

/* vdisk_configfs.c */

extern struct configfs_attribute *vdisk_file_attrs[];
extern struct configfs_attribute *vdisk_block_attrs[];
extern struct configfs_attribute *vdisk_null_attrs[];

/* vdisk_error.c */

bool vdisk_check_store(struct scst_cmd *cmd);
void vdisk_set_errno(struct scst_cmd *cmd, int error);
void vdisk_read_failed(struct scst_cmd *cmd, int error, u64 pos, u64 len);
void vdisk_know_lost_writes(struct scst_tgt_dev *tgt_dev);
void vdisk_set_lost_writes(struct scst_cmd *cmd);
int vdisk_write_pieces(struct scst_cmd *cmd);
void vdisk_redo(struct scst_cmd *cmd);
void vdisk_rw_failed(struct scst_cmd *cmd, int error);

/* vdisk_inquiry.c */

enum scst_exec_result vdisk_inquiry(struct scst_cmd *cmd);
void vdisk_default_id(struct vdisk *vd, const char *vendor);

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

/* vdisk_file.c, vdisk_block.c, vdisk_null.c */

extern const struct vdisk_store vdisk_file_store;
extern const struct vdisk_store vdisk_block_store;
extern const struct vdisk_store vdisk_null_store;

#endif /* _SCST_VDISK_H */
