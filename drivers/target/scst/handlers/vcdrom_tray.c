// SPDX-License-Identifier: GPL-2.0
/*
 * The tray: media that come and go, who prevents that, and who is told.
 *
 * The administrator puts a medium in, or takes it out, with the file name; an
 * initiator opens and closes the tray, in which the medium stays. A tray that
 * is closed upon a medium makes the unit ready: each nexus hears of it by a unit
 * attention condition, or, if it polls, by an event.
 */
#include <linux/slab.h>
#include "vcdrom.h"

/* START STOP UNIT, byte 4 */
#define VCDROM_SSU_START	0x01
#define VCDROM_SSU_LOEJ		0x02
#define VCDROM_SSU_FL		0x04
#define VCDROM_SSU_POWER(byte)	((byte) >> 4)
/* IDLE and STANDBY */
#define VCDROM_POWER_IDLE	2
#define VCDROM_POWER_STANDBY	3

/* PREVENT ALLOW MEDIUM REMOVAL, byte 4 */
#define VCDROM_PREVENT		0x01
#define VCDROM_PERSISTENT	0x02

static void vcdrom_tell(struct vcdrom *cd, u8 clear, u8 set)
{
	struct vcdrom_nexus *nexus;

	lockdep_assert_held(&cd->lock);
	list_for_each_entry(nexus, &cd->nexuses, entry)
		nexus->events = (nexus->events & ~clear) | set;
}

static bool vcdrom_prevented(struct vcdrom *cd, bool persistent)
{
	struct vcdrom_nexus *nexus;

	lockdep_assert_held(&cd->lock);
	list_for_each_entry(nexus, &cd->nexuses, entry)
		if (nexus->prevent || (persistent && nexus->persistent))
			return true;
	return false;
}

/* Commands that come from now on, and those that were there, find no medium. */
static void vcdrom_unload(struct vcdrom *cd)
{
	lockdep_assert_held(&cd->lock);
	if (!rcu_access_pointer(cd->loaded))
		return;
	rcu_assign_pointer(cd->loaded, NULL);
	/* Pairs with vcdrom_parse(). */
	smp_store_release(&cd->generation, cd->generation + 1);
	vcdrom_tell(cd, VCDROM_EVENT_EJECT | VCDROM_EVENT_NEW,
		    VCDROM_EVENT_REMOVAL | VCDROM_EVENT_OPERATION);
}

/*
 * The unit attention comes before the new generation, which commands look at
 * when they come: one that has it meets the condition afterwards, and one that
 * has an older one is not executed on this medium.
 */
static void vcdrom_load(struct vcdrom *cd)
{
	lockdep_assert_held(&cd->lock);
	if (!cd->disc || rcu_access_pointer(cd->loaded))
		return;
	scst_medium_changed(&cd->vd.dev);
	scst_raise_ua(&cd->vd.dev, SCST_UA_MEDIUM_CHANGED, NULL);
	WRITE_ONCE(cd->disc->generation, cd->generation + 1);
	/* First: who has the new generation finds the disc. */
	rcu_assign_pointer(cd->loaded, cd->disc);
	/* After the unit attention. Pairs with vcdrom_parse(). */
	smp_store_release(&cd->generation, cd->generation + 1);
	vcdrom_tell(cd, 0, VCDROM_EVENT_NEW | VCDROM_EVENT_OPERATION);
}

bool vcdrom_parse(struct scst_cmd *cmd)
{
	struct vcdrom *cd = to_vcdrom(cmd->dev);
	enum scst_op op = cmd->info.op->op;

	if (op == SCST_OP_READ_CD || op == SCST_OP_READ_CD_MSF)
		vcdrom_parse_cd(cmd);
	/* Before the core looks for unit attentions. See vcdrom_load(). */
	cmd->handler_priv[0] = smp_load_acquire(&cd->generation);
	return true;
}

/*
 * The administrator changes the medium, or takes it out if @medium is NULL. Who
 * prevents that is told that somebody wants it; what lies in an open tray nobody
 * can hold. A new medium closes the tray. Return: 0 or -EBUSY.
 */
int vcdrom_change(struct vcdrom *cd, struct vcdrom_medium *medium)
{
	struct vcdrom_medium *old;
	unsigned long flags;

	spin_lock_irqsave(&cd->lock, flags);
	if (rcu_access_pointer(cd->loaded) && vcdrom_prevented(cd, true)) {
		vcdrom_tell(cd, 0, VCDROM_EVENT_EJECT);
		spin_unlock_irqrestore(&cd->lock, flags);
		return -EBUSY;
	}
	vcdrom_unload(cd);
	old = cd->disc;
	cd->disc = medium;
	if (medium)
		WRITE_ONCE(cd->tray_open, false);
	vcdrom_load(cd);
	spin_unlock_irqrestore(&cd->lock, flags);
	vcdrom_medium_put(old);
	return 0;
}

/* The drive is turned on, with @medium or, if that is NULL, without. */
void vcdrom_put_in(struct vcdrom *cd, struct vcdrom_medium *medium)
{
	unsigned long flags;

	spin_lock_irqsave(&cd->lock, flags);
	WRITE_ONCE(cd->tray_open, false);
	cd->disc = medium;
	vcdrom_load(cd);
	spin_unlock_irqrestore(&cd->lock, flags);
}

/* It is turned off; no nexus is left. Return: what was in it, or NULL. */
struct vcdrom_medium *vcdrom_take_out(struct vcdrom *cd)
{
	struct vcdrom_medium *medium;
	unsigned long flags;

	spin_lock_irqsave(&cd->lock, flags);
	vcdrom_unload(cd);
	medium = cd->disc;
	cd->disc = NULL;
	spin_unlock_irqrestore(&cd->lock, flags);
	return medium;
}

/* Of the medium behind the closed tray, for what is answered without one too */
enum vcdrom_kind vcdrom_kind(struct vcdrom *cd)
{
	enum vcdrom_kind kind = VCDROM_NONE;
	struct vcdrom_medium *medium;

	rcu_read_lock();
	medium = rcu_dereference(cd->loaded);
	if (medium)
		kind = medium->disc.kind;
	rcu_read_unlock();
	return kind;
}

/* The same: its size, or 0 */
u32 vcdrom_nblocks(struct vcdrom *cd)
{
	struct vcdrom_medium *medium;
	u32 nblocks = 0;

	rcu_read_lock();
	medium = rcu_dereference(cd->loaded);
	if (medium)
		nblocks = medium->disc.nblocks;
	rcu_read_unlock();
	return nblocks;
}

bool vcdrom_is_locked(struct vcdrom *cd)
{
	unsigned long flags;
	bool locked;

	spin_lock_irqsave(&cd->lock, flags);
	locked = vcdrom_prevented(cd, true);
	spin_unlock_irqrestore(&cd->lock, flags);
	return locked;
}

int vcdrom_attach_tgt(struct scst_tgt_dev *tgt_dev)
{
	struct vcdrom *cd = to_vcdrom(tgt_dev->dev);
	struct vcdrom_nexus *nexus;
	unsigned long flags;

	nexus = kzalloc(sizeof(*nexus), GFP_KERNEL);
	if (!nexus)
		return -ENOMEM;
	tgt_dev->handler_priv = nexus;
	spin_lock_irqsave(&cd->lock, flags);
	list_add_tail(&nexus->entry, &cd->nexuses);
	spin_unlock_irqrestore(&cd->lock, flags);
	return 0;
}

void vcdrom_detach_tgt(struct scst_tgt_dev *tgt_dev)
{
	struct vcdrom *cd = to_vcdrom(tgt_dev->dev);
	struct vcdrom_nexus *nexus = tgt_dev->handler_priv;
	unsigned long flags;

	spin_lock_irqsave(&cd->lock, flags);
	list_del(&nexus->entry);
	spin_unlock_irqrestore(&cd->lock, flags);
	kfree(nexus);
}

/* A nexus is lost or a reset has come: it prevents removal no longer. */
void vcdrom_allow_removal(struct scst_tgt_dev *tgt_dev)
{
	struct vcdrom *cd = to_vcdrom(tgt_dev->dev);
	struct vcdrom_nexus *nexus = tgt_dev->handler_priv;
	unsigned long flags;

	spin_lock_irqsave(&cd->lock, flags);
	nexus->prevent = false;
	nexus->persistent = false;
	spin_unlock_irqrestore(&cd->lock, flags);
}

/* MMC-6 6.13: there are two states, and each command sets one of them. */
enum scst_exec_result vcdrom_prevent_allow(struct scst_cmd *cmd)
{
	struct vcdrom_nexus *nexus = cmd->tgt_dev->handler_priv;
	struct vcdrom *cd = to_vcdrom(cmd->dev);
	bool prevent = cmd->cdb[4] & VCDROM_PREVENT;
	unsigned long flags;

	spin_lock_irqsave(&cd->lock, flags);
	if (cmd->cdb[4] & VCDROM_PERSISTENT)
		nexus->persistent = prevent;
	else
		nexus->prevent = prevent;
	spin_unlock_irqrestore(&cd->lock, flags);
	return SCST_EXEC_DONE;
}

/*
 * An initiator that prevents removal persistently is asked about those of
 * others than initiators: what one of these asks for is done (MMC-6 6.13).
 */
static void vcdrom_open_tray(struct scst_cmd *cmd)
{
	struct vcdrom *cd = to_vcdrom(cmd->dev);
	unsigned long flags;
	bool prevented;

	spin_lock_irqsave(&cd->lock, flags);
	prevented = !cd->tray_open && vcdrom_prevented(cd, false);
	if (!prevented) {
		vcdrom_unload(cd);
		WRITE_ONCE(cd->tray_open, true);
	}
	spin_unlock_irqrestore(&cd->lock, flags);
	if (prevented)
		scst_set_cmd_error(cmd, SCST_SENSE_REMOVAL_PREVENTED);
}

static void vcdrom_close_tray(struct vcdrom *cd)
{
	unsigned long flags;

	spin_lock_irqsave(&cd->lock, flags);
	WRITE_ONCE(cd->tray_open, false);
	vcdrom_load(cd);
	spin_unlock_irqrestore(&cd->lock, flags);
}

static bool vcdrom_start_stop_refused(struct scst_cmd *cmd)
{
	u8 power = VCDROM_SSU_POWER(cmd->cdb[4]);

	if (power && power != VCDROM_POWER_IDLE &&
	    power != VCDROM_POWER_STANDBY) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 4,
					 7);
		return true;
	}
	/* There are no format layers to choose from. */
	if (cmd->cdb[4] & VCDROM_SSU_FL) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 4,
					 2);
		return true;
	}
	return false;
}

/*
 * Starting, stopping and power conditions change nothing: a stopped disc spins
 * up for the next command that wants it (MMC-6 6.42.2).
 */
enum scst_exec_result vcdrom_start_stop(struct scst_cmd *cmd)
{
	u8 what = cmd->cdb[4];

	if (vcdrom_start_stop_refused(cmd) || VCDROM_SSU_POWER(what) ||
	    !(what & VCDROM_SSU_LOEJ))
		return SCST_EXEC_DONE;
	if (what & VCDROM_SSU_START)
		vcdrom_close_tray(to_vcdrom(cmd->dev));
	else
		vcdrom_open_tray(cmd);
	return SCST_EXEC_DONE;
}

static void vcdrom_get_status(struct scst_cmd *cmd,
			      struct vcdrom_status *status)
{
	const struct vcdrom_nexus *nexus = cmd->tgt_dev->handler_priv;
	struct vcdrom *cd = to_vcdrom(cmd->dev);

	lockdep_assert_held(&cd->lock);
	*status = (struct vcdrom_status) {
		.events = nexus->events,
		.present = rcu_access_pointer(cd->loaded),
		.tray_open = cd->tray_open,
		.persistent = nexus->persistent,
	};
}

/* An event that there is no room for stays (MMC-6 6.6.2.6). */
enum scst_exec_result vcdrom_event_status(struct scst_cmd *cmd)
{
	struct vcdrom_nexus *nexus = cmd->tgt_dev->handler_priv;
	struct vcdrom *cd = to_vcdrom(cmd->dev);
	u8 buf[VCDROM_EVENT_MAX] = {}, event;
	struct vcdrom_answer answer = { .buf = buf };
	struct vcdrom_status status;
	unsigned long flags;

	spin_lock_irqsave(&cd->lock, flags);
	vcdrom_get_status(cmd, &status);
	event = vcdrom_event(&status, cmd->cdb, &answer);
	if (cmd->bufflen >= answer.len)
		nexus->events &= ~event;
	spin_unlock_irqrestore(&cd->lock, flags);
	if (answer.len)
		scst_cmd_copy_in(cmd, buf, answer.len);
	else
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
					 answer.bad_byte, answer.bad_bit);
	return SCST_EXEC_DONE;
}

/* MMC-6 6.10: no changer, and a mechanism that never moves */
enum scst_exec_result vcdrom_mechanism_status(struct scst_cmd *cmd)
{
	u8 buf[8] = {};

	if (READ_ONCE(to_vcdrom(cmd->dev)->tray_open))
		buf[1] = 0x10;		/* DOOR OPEN */
	scst_cmd_copy_in(cmd, buf, sizeof(buf));
	return SCST_EXEC_DONE;
}
