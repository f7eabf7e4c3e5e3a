/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the virtual CD-ROM handler share: the drive, the medium in
 * it, and their commands.
 */
#ifndef _SCST_VCDROM_H
#define _SCST_VCDROM_H

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include "vcdrom_pure.h"
#include "vdisk.h"

/* NOT READY, MEDIUM NOT PRESENT: TRAY CLOSED, TRAY OPEN */
#define VCDROM_TRAY_EMPTY	SCST_SENSE(NOT_READY, 0x3a, 0x01)
#define VCDROM_TRAY_IS_OPEN	SCST_SENSE(NOT_READY, 0x3a, 0x02)
/* NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED */
#define VCDROM_CHANGED		SCST_SENSE(UNIT_ATTENTION, 0x28, 0x00)
/* INCOMPATIBLE MEDIUM INSTALLED */
#define VCDROM_INCOMPATIBLE	SCST_SENSE(ILLEGAL_REQUEST, 0x30, 0x00)
/* ILLEGAL MODE FOR THIS TRACK */
#define VCDROM_WRONG_MODE	SCST_SENSE(ILLEGAL_REQUEST, 0x64, 0x00)

/**
 * struct vcdrom_medium - an image in the drive
 * @ref: one of the drive, and one of each command that reads it
 * @file: image, opened for reading
 * @disc: what the initiator sees
 * @generation: vcdrom.generation when it became readable; WRITE_ONCE()
 * @rcu: for those that look it up
 */
struct vcdrom_medium {
	refcount_t		ref;
	struct file		*file;
	struct vcdrom_disc	disc;
	unsigned long		generation;
	struct rcu_head		rcu;
};

/**
 * struct vcdrom - a virtual CD-ROM drive
 * @vd: identity and name of the file; the rest of it is for disks
 * @lock: subject: everything below, and struct vcdrom_nexus. Taken in any
 *	context; the core's locks for unit attentions inside of it.
 * @nexuses: struct vcdrom_nexus.entry
 * @disc: what lies in the tray, or NULL
 * @loaded: the same when the tray is closed, otherwise NULL; read under RCU
 * @tray_open: START STOP UNIT has opened the tray; READ_ONCE() anywhere
 * @generation: counts how often a medium came or went; read with
 *	smp_load_acquire()
 */
struct vcdrom {
	struct vdisk			vd;
	spinlock_t			lock;	/* all below */
	struct list_head		nexuses;
	struct vcdrom_medium		*disc;
	struct vcdrom_medium __rcu	*loaded;
	bool				tray_open;
	unsigned long			generation;
};

/**
 * struct vcdrom_nexus - what a drive keeps for an I_T_L nexus
 * @entry: in vcdrom.nexuses
 * @events: VCDROM_EVENT_*: what GET EVENT STATUS NOTIFICATION is to tell
 * @prevent: it prevents removal of the medium
 * @persistent: it wants to hear of requests to remove it, and decide itself
 */
struct vcdrom_nexus {
	struct list_head	entry;
	u8			events;
	bool			prevent;
	bool			persistent;
};

static inline struct vcdrom *to_vcdrom(struct scst_device *dev)
{
	return container_of(to_vdisk(dev), struct vcdrom, vd);
}

/* vcdrom_medium.c */

struct vcdrom_medium *vcdrom_medium_open(const char *name);
void vcdrom_medium_put(struct vcdrom_medium *medium);
struct vcdrom_medium *vcdrom_medium_get(struct scst_cmd *cmd);
enum scst_exec_result vcdrom_seek(struct scst_cmd *cmd);
enum scst_exec_result vcdrom_read(struct scst_cmd *cmd);
enum scst_exec_result vcdrom_read_cd(struct scst_cmd *cmd);

/* vcdrom_tray.c */

void vcdrom_put_in(struct vcdrom *cd, struct vcdrom_medium *medium);
int vcdrom_change(struct vcdrom *cd, struct vcdrom_medium *medium);
struct vcdrom_medium *vcdrom_take_out(struct vcdrom *cd);
enum vcdrom_kind vcdrom_kind(struct vcdrom *cd);
u32 vcdrom_nblocks(struct vcdrom *cd);
bool vcdrom_is_locked(struct vcdrom *cd);
bool vcdrom_parse(struct scst_cmd *cmd);
int vcdrom_attach_tgt(struct scst_tgt_dev *tgt_dev);
void vcdrom_detach_tgt(struct scst_tgt_dev *tgt_dev);
void vcdrom_allow_removal(struct scst_tgt_dev *tgt_dev);
enum scst_exec_result vcdrom_prevent_allow(struct scst_cmd *cmd);
enum scst_exec_result vcdrom_start_stop(struct scst_cmd *cmd);
enum scst_exec_result vcdrom_event_status(struct scst_cmd *cmd);
enum scst_exec_result vcdrom_mechanism_status(struct scst_cmd *cmd);

/* vcdrom_exec.c */

extern const scst_exec_fn vcdrom_execs[SCST_OP_NR];

/* vcdrom_mode.c */

void vcdrom_mode_reset(struct vcdrom *cd);
enum scst_exec_result vcdrom_mode_sense(struct scst_cmd *cmd);
enum scst_exec_result vcdrom_mode_select(struct scst_cmd *cmd);

#endif /* _SCST_VCDROM_H */
