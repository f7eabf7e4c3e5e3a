/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Protection information of virtual disks (SBC-4 4.21), by the file that
 * defines it.
 */
#ifndef _SCST_VDISK_PI_H
#define _SCST_VDISK_PI_H

#include <linux/errseq.h>
#include <linux/rwsem.h>
#include <scst/handler.h>
#include <scst/pi.h>

struct file;
struct vdisk;
struct vdisk_store;

/* Locks that the pieces of a disk share, by what they hash to */
#define VDISK_PI_LOCKS	16

/**
 * struct vdisk_pi_kind - how protection information is kept
 *
 * Blocks come in pieces of VDISK_CHUNK bytes at most, their data in a buffer
 * from kvmalloc(). Process context.
 *
 * @checks: the store checks it as well: -EILSEQ is about it
 * @open: optional: the backing store is open. 0 or an errno.
 * @close: optional: the reverse
 * @read: read blocks with theirs; 0 or an errno
 * @write: write them; what is not synced may be in a cache; 0 or an errno
 * @zero: optional: a range is to read as zeros that are not to be checked; as
 *	vdisk_store.zero(), whose -EOPNOTSUPP it is if it is missing
 * @unmap: the same, as vdisk_store.unmap()
 * @clear: optional: what is kept for a range becomes all ones. 0 or an errno.
 * @sync: what was written to a range is to reach the medium. 0 or an errno.
 * @forget: optional: as vdisk_store.forget()
 */
struct vdisk_pi_kind {
	bool checks;
	int (*open)(struct vdisk *vd);
	void (*close)(struct vdisk *vd);
	int (*read)(struct vdisk *vd, u64 pos,
		    const struct scst_pi_blocks *blocks);
	int (*write)(struct vdisk *vd, u64 pos,
		     const struct scst_pi_blocks *blocks);
	int (*zero)(struct vdisk *vd, u64 pos, u64 len, bool unmap);
	int (*unmap)(struct vdisk *vd, u64 pos, u64 len);
	int (*clear)(struct vdisk *vd, u64 pos, u64 len);
	int (*sync)(struct vdisk *vd, u64 pos, u64 len);
	int (*forget)(struct vdisk *vd, u64 pos, u64 len);
};

/**
 * struct vdisk_pi - protection information of a disk that is open
 * @kind: how it is kept
 * @file: side file, or NULL
 * @wb_seen: the last failure to write the page cache of @file that is counted in
 *	vdisk.lost_writes; xa_lock of vdisk.lost_known
 * @all: subject: the blocks of the disk with theirs, which belong together. Held
 *	for reading by who moves a piece of them, for writing by who zeroes or
 *	gives back a range. Process context.
 * @pieces: subject: those of the pieces that hash to one. Inside @all. Held for
 *	reading by who reads, for writing by who writes. Process context.
 */
struct vdisk_pi {
	const struct vdisk_pi_kind	*kind;
	struct file			*file;
	errseq_t			wb_seen;
	struct rw_semaphore		all;	/* data and tuples */
	struct rw_semaphore		pieces[VDISK_PI_LOCKS]; /* the same */
};

/* vdisk_pi.c */

extern const struct vdisk_store vdisk_pi_store;

int vdisk_pi_open(struct vdisk *vd);
void vdisk_pi_close(struct vdisk *vd);
void vdisk_pi_device(const struct vdisk *vd, struct scst_pi_device *pi);
u64 vdisk_pi_piece(u64 pos, u64 len);
int vdisk_pi_read_unchecked(struct vdisk *vd, u64 pos, void *buf, size_t len);
int vdisk_pi_read(struct vdisk *vd, u64 pos,
		  const struct scst_pi_blocks *blocks);
int vdisk_pi_write(struct vdisk *vd, u64 pos,
		   const struct scst_pi_blocks *blocks);
int vdisk_pi_clear(struct vdisk *vd, u64 pos, u64 len);

/* vdisk_pi_cmd.c */

enum scst_exec_result vdisk_pi_rw(struct scst_cmd *cmd);
void vdisk_pi_verify(struct scst_cmd *cmd);
void vdisk_pi_write_verify(struct scst_cmd *cmd);
void vdisk_pi_same(struct scst_cmd *cmd);
void vdisk_pi_compare_and_write(struct scst_cmd *cmd);
void vdisk_pi_orwrite(struct scst_cmd *cmd);

/* vdisk_pi_file.c, vdisk_pi_block.c */

extern const struct vdisk_pi_kind vdisk_pi_file;
extern const struct vdisk_pi_kind vdisk_pi_block;

#endif /* _SCST_VDISK_PI_H */
