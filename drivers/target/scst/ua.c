// SPDX-License-Identifier: GPL-2.0
/*
 * Unit attention conditions: bits of an I_T_L nexus, so that setting one needs
 * neither memory nor a lock, and a nexus without any pays one test.
 */
#include <linux/array_size.h>
#include <linux/export.h>
#include <trace/events/scst.h>
#include "scst_priv.h"

static const scst_sense_t scst_ua_table[SCST_UA_NR] = {
	[SCST_UA_POWER_ON]	   = SCST_SENSE(UNIT_ATTENTION, 0x29, 0x00),
	[SCST_UA_INTERNAL_RESET]   = SCST_SENSE(UNIT_ATTENTION, 0x29, 0x04),
	[SCST_UA_BUS_RESET]	   = SCST_SENSE(UNIT_ATTENTION, 0x29, 0x02),
	[SCST_UA_LUN_RESET]	   = SCST_SENSE(UNIT_ATTENTION, 0x29, 0x03),
	[SCST_UA_NEXUS_LOSS]	   = SCST_SENSE(UNIT_ATTENTION, 0x29, 0x07),
	[SCST_UA_CLEARED_BY_OTHER] = SCST_SENSE(UNIT_ATTENTION, 0x2f, 0x00),
	[SCST_UA_MEDIUM_CHANGED]   = SCST_SENSE(UNIT_ATTENTION, 0x28, 0x00),
	[SCST_UA_MODE_CHANGED]	   = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x01),
	[SCST_UA_LOG_CHANGED]	   = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x02),
	[SCST_UA_RESV_PREEMPTED]   = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x03),
	[SCST_UA_RESV_RELEASED]	   = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x04),
	[SCST_UA_REG_PREEMPTED]	   = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x05),
	[SCST_UA_ALUA_CHANGED]	   = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x06),
	[SCST_UA_ALUA_FAILED]	   = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x07),
	[SCST_UA_CAPACITY_CHANGED] = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x09),
	[SCST_UA_THIN_THRESHOLD]   = SCST_SENSE(UNIT_ATTENTION, 0x38, 0x07),
	[SCST_UA_CONDITIONS_CHANGED] = SCST_SENSE(UNIT_ATTENTION, 0x3f, 0x00),
	[SCST_UA_INQUIRY_CHANGED]  = SCST_SENSE(UNIT_ATTENTION, 0x3f, 0x03),
	[SCST_UA_LUNS_CHANGED]	   = SCST_SENSE(UNIT_ATTENTION, 0x3f, 0x0e),
	[SCST_UA_PREV_BUSY]	   = SCST_SENSE(UNIT_ATTENTION, 0x2c, 0x07),
	[SCST_UA_PREV_FULL]	   = SCST_SENSE(UNIT_ATTENTION, 0x2c, 0x08),
	[SCST_UA_PREV_CONFLICT]	   = SCST_SENSE(UNIT_ATTENTION, 0x2c, 0x09),
};

scst_sense_t scst_ua_sense(enum scst_ua ua)
{
	return scst_ua_table[ua];
}
EXPORT_SYMBOL_IF_KUNIT(scst_ua_sense);

/* UADE DEPTH of SAM-5 table 57: one, or more than one */
#define SCST_UADE_ONE		0x100000
#define SCST_UADE_MORE		0x200000

/*
 * SAM-5 7.7: the ADDITIONAL RESPONSE INFORMATION of QUERY ASYNCHRONOUS EVENT.
 * It tells of the condition that would be reported first. Zero if there is
 * none.
 */
u32 scst_ua_event(unsigned long pending)
{
	u32 depth = pending & (pending - 1) ? SCST_UADE_MORE : SCST_UADE_ONE;

	if (!pending)
		return 0;
	return depth | (__force u32)scst_ua_table[__ffs(pending)];
}
EXPORT_SYMBOL_IF_KUNIT(scst_ua_event);

/*
 * What a reset says by itself: there are no commands left, the mode and log
 * parameters are the saved or default ones (SAM-5 6.3.3). Reservations, the
 * medium, its size, identity and LUNs outlive a reset, and so does the news of
 * them.
 */
#define SCST_UA_IN_RESET	(BIT(SCST_UA_CLEARED_BY_OTHER) | \
				 BIT(SCST_UA_MODE_CHANGED) | \
				 BIT(SCST_UA_LOG_CHANGED))

/*
 * By condition: those that it takes the place of, for it has the higher
 * precedence level (SAM-5 5.14.1) and comprises them.
 */
static const unsigned long scst_ua_comprises[SCST_UA_NR] = {
	[SCST_UA_POWER_ON]	 = BIT(SCST_UA_INTERNAL_RESET) |
				   BIT(SCST_UA_BUS_RESET) |
				   BIT(SCST_UA_LUN_RESET) |
				   BIT(SCST_UA_NEXUS_LOSS) | SCST_UA_IN_RESET,
	[SCST_UA_INTERNAL_RESET] = BIT(SCST_UA_BUS_RESET) |
				   BIT(SCST_UA_LUN_RESET) |
				   BIT(SCST_UA_NEXUS_LOSS) | SCST_UA_IN_RESET,
	[SCST_UA_BUS_RESET]	 = BIT(SCST_UA_LUN_RESET) |
				   BIT(SCST_UA_NEXUS_LOSS) | SCST_UA_IN_RESET,
	[SCST_UA_LUN_RESET]	 = BIT(SCST_UA_NEXUS_LOSS) | SCST_UA_IN_RESET,
	/* It leaves mode parameters alone. */
	[SCST_UA_NEXUS_LOSS]	 = BIT(SCST_UA_CLEARED_BY_OTHER),
};

/*
 * Resets that one which is still to be reported tells of, although they come
 * later. Everything else that comes after a reset is news.
 */
#define SCST_UA_RESETS		(BIT(SCST_UA_POWER_ON) | \
				 BIT(SCST_UA_INTERNAL_RESET) | \
				 BIT(SCST_UA_BUS_RESET) | \
				 BIT(SCST_UA_LUN_RESET) | \
				 BIT(SCST_UA_NEXUS_LOSS))

/* What is pending when @ua has come, too */
unsigned long scst_ua_merge(unsigned long pending, enum scst_ua ua)
{
	unsigned long old;
	unsigned int i;

	old = pending & SCST_UA_RESETS;
	if (SCST_UA_RESETS & BIT(ua))
		for_each_set_bit(i, &old, SCST_UA_NR)
			if (scst_ua_comprises[i] & BIT(ua))
				return pending;
	return (pending & ~scst_ua_comprises[ua]) | BIT(ua);
}
EXPORT_SYMBOL_IF_KUNIT(scst_ua_merge);

/* What is pending when @ua was there before all of @pending has come */
unsigned long scst_ua_merge_back(unsigned long pending, enum scst_ua ua)
{
	unsigned long result = BIT(ua);
	unsigned int i;

	/* Resets first: what else is still there has come after them. */
	for_each_set_bit(i, &pending, SCST_UA_NR)
		result = scst_ua_merge(result, i);
	return result;
}
EXPORT_SYMBOL_IF_KUNIT(scst_ua_merge_back);

/* Any context. */
void scst_ua_set(struct scst_tgt_dev *tgt_dev, enum scst_ua ua)
{
	unsigned long old, pending;

	old = READ_ONCE(tgt_dev->ua_pending);
	do {
		pending = scst_ua_merge(old, ua);
	} while (!try_cmpxchg(&tgt_dev->ua_pending, &old, pending));
	if (pending != old)
		trace_scst_ua_set(tgt_dev, scst_ua_table[ua]);
}
EXPORT_SYMBOL_IF_KUNIT(scst_ua_set);

/* Return: some nexus had it. */
static bool scst_ua_clear_session(struct scst_session *sess, enum scst_ua ua)
{
	struct scst_tgt_dev *tgt_dev;
	struct xarray *luns;
	unsigned long lun;
	bool had = false;

	rcu_read_lock();
	luns = scst_session_luns(sess);
	xa_for_each(luns, lun, tgt_dev)
		had |= test_and_clear_bit(ua, &tgt_dev->ua_pending);
	rcu_read_unlock();
	if (ua == SCST_UA_LUNS_CHANGED) {
		/* Last: then it never says more than the conditions do. */
		WRITE_ONCE(sess->luns_changed, false);
		/* Pairs with scst_ua_set_luns(): LUNs are looked at later. */
		smp_mb();
	}
	return had;
}

/*
 * Take the most urgent condition of a command's nexus, if there still is one.
 * The command is to report it, or to give it back.
 */
scst_sense_t scst_ua_take(struct scst_cmd *cmd)
{
	struct scst_tgt_dev *tgt_dev = cmd->tgt_dev;
	unsigned long pending;

	while ((pending = READ_ONCE(tgt_dev->ua_pending))) {
		unsigned int ua = __ffs(pending);

		if (!test_and_clear_bit(ua, &tgt_dev->ua_pending))
			continue;
		trace_scst_ua_report(tgt_dev, scst_ua_table[ua]);
		cmd->ua = ua;
		/* SPC-5 6.33: told once, it is known for all logical units. */
		if (ua == SCST_UA_LUNS_CHANGED)
			scst_ua_clear_session(tgt_dev->sess, ua);
		return scst_ua_table[ua];
	}
	return SCST_SENSE_NONE;
}

/*
 * UA_INTLCK_CTRL 10b and 11b (SPC-5 7.5.10): what ends a command with CHECK
 * CONDITION stays until REQUEST SENSE takes it.
 */
scst_sense_t scst_ua_report(struct scst_cmd *cmd)
{
	struct scst_tgt_dev *tgt_dev = cmd->tgt_dev;
	unsigned long pending;
	scst_sense_t sense;

	if (!READ_ONCE(tgt_dev->dev->control.ua_intlck))
		return scst_ua_take(cmd);
	pending = READ_ONCE(tgt_dev->ua_pending);
	if (!pending)
		return SCST_SENSE_NONE;
	sense = scst_ua_table[__ffs(pending)];
	trace_scst_ua_report(tgt_dev, sense);
	return sense;
}

static const struct {
	u8 status;
	u8 ua;
} scst_ua_previous[] = {
	{ SAM_STAT_BUSY,		 SCST_UA_PREV_BUSY },
	{ SAM_STAT_TASK_SET_FULL,	 SCST_UA_PREV_FULL },
	{ SAM_STAT_RESERVATION_CONFLICT, SCST_UA_PREV_CONFLICT },
};

#define SCST_UA_PREVIOUS	(BIT(SCST_UA_PREV_BUSY) | \
				 BIT(SCST_UA_PREV_FULL) | \
				 BIT(SCST_UA_PREV_CONFLICT))

/*
 * UA_INTLCK_CTRL 11b: a command has ended with @status. However many do so, by
 * whichever of the three statuses, there is one condition. Any context.
 */
void scst_ua_set_previous(struct scst_tgt_dev *tgt_dev, u8 status)
{
	unsigned long pending = READ_ONCE(tgt_dev->ua_pending);
	int i;

	if (READ_ONCE(tgt_dev->dev->control.ua_intlck) !=
	    SCST_UA_INTLCK_PREVIOUS)
		return;
	for (i = 0; i < ARRAY_SIZE(scst_ua_previous); i++) {
		if (scst_ua_previous[i].status != status)
			continue;
		do {
			if (pending & SCST_UA_PREVIOUS)
				return;
		} while (!try_cmpxchg(&tgt_dev->ua_pending, &pending,
				      pending | BIT(scst_ua_previous[i].ua)));
		return;
	}
}

void scst_ua_set_session(struct scst_session *sess, enum scst_ua ua)
{
	struct scst_tgt_dev *tgt_dev;
	unsigned long lun;

	/* Not just RCU, which keeps a nexus, but not the device it has. */
	lockdep_assert_held(&scst_config_mutex);

	/* First: who clears the conditions meanwhile clears it after them. */
	if (ua == SCST_UA_LUNS_CHANGED)
		WRITE_ONCE(sess->luns_changed, true);
	xa_for_each(scst_session_luns(sess), lun, tgt_dev)
		scst_ua_set(tgt_dev, ua);
	if (ua == SCST_UA_LUNS_CHANGED)
		scst_aen_set_luns(sess);
}
EXPORT_SYMBOL_IF_KUNIT(scst_ua_set_session);

/*
 * REPORTED LUNS DATA HAS CHANGED, because a LUN has come or, if @added is NULL,
 * has gone. As long as the initiator was not told of an earlier change, all
 * other nexuses have the condition: not a walk for each of ten thousand LUNs.
 */
void scst_ua_set_luns(struct scst_session *sess, struct scst_tgt_dev *added)
{
	if (added)
		scst_ua_set(added, SCST_UA_LUNS_CHANGED);
	/*
	 * Pairs with scst_ua_clear_session(): who clears the conditions after
	 * this has found them sees the LUNs as they are now.
	 */
	smp_mb();
	if (READ_ONCE(sess->luns_changed))
		scst_aen_set_luns(sess);
	else
		scst_ua_set_session(sess, SCST_UA_LUNS_CHANGED);
}

/* REPORT LUNS tells of it by its data (SPC-5 6.33). */
void scst_ua_take_luns(struct scst_cmd *cmd)
{
	if (scst_ua_clear_session(cmd->sess, SCST_UA_LUNS_CHANGED))
		cmd->ua = SCST_UA_LUNS_CHANGED;
}

/* For a nexus that RCU keeps: its device may be gone, so no trace event */
static void scst_ua_put_back(struct scst_tgt_dev *tgt_dev, enum scst_ua ua)
{
	unsigned long old, pending;

	old = READ_ONCE(tgt_dev->ua_pending);
	do {
		pending = scst_ua_merge_back(old, ua);
	} while (!try_cmpxchg(&tgt_dev->ua_pending, &old, pending));
}

/*
 * A condition is cleared by being reported (SAM-5 5.14.1), hence a command that
 * has taken one and is not answered has cleared nothing: all is as if it had
 * not come. Any context.
 */
static void scst_ua_give_back(struct scst_cmd *cmd)
{
	struct scst_tgt_dev *tgt_dev;
	enum scst_ua ua = cmd->ua;
	struct xarray *luns;
	unsigned long lun;

	cmd->ua = SCST_UA_NR;
	if (ua == SCST_UA_NR)
		return;
	if (ua != SCST_UA_LUNS_CHANGED) {
		scst_ua_put_back(cmd->tgt_dev, ua);
		return;
	}
	rcu_read_lock();
	luns = scst_session_luns(cmd->sess);
	xa_for_each(luns, lun, tgt_dev)
		scst_ua_put_back(tgt_dev, ua);
	rcu_read_unlock();
}

/*
 * The handler's news likewise. What has lost against an abort, and is answered
 * with TASK ABORTED, comes a second time if that does not arrive either: then
 * it has nothing to give back any more.
 */
void scst_cmd_not_delivered(struct scst_cmd *cmd)
{
	scst_ua_give_back(cmd);
	if (test_and_clear_bit(SCST_CMD_F_TELLS, &cmd->flags))
		cmd->dev->handler->not_delivered(cmd);
}
EXPORT_SYMBOL_GPL(scst_cmd_not_delivered);

/* Through this target only: it is the port's part that has changed. */
void scst_inquiry_changed(struct scst_tgt *tgt)
{
	struct scst_tgt_dev *tgt_dev;
	struct scst_session *sess;
	unsigned long lun;

	scst_config_lock();
	list_for_each_entry(sess, &tgt->sessions, tgt_entry) {
		xa_for_each(scst_session_luns(sess), lun, tgt_dev) {
			scst_ua_set(tgt_dev, SCST_UA_INQUIRY_CHANGED);
			scst_aen_set(tgt_dev, SCST_UA_INQUIRY_CHANGED);
		}
	}
	scst_config_unlock();
}
EXPORT_SYMBOL_GPL(scst_inquiry_changed);

void scst_raise_ua(struct scst_device *dev, enum scst_ua ua,
		   const struct scst_tgt_dev *except)
{
	struct scst_tgt_dev *tgt_dev;
	unsigned long flags;

	spin_lock_irqsave(&dev->tgt_dev_lock, flags);
	list_for_each_entry(tgt_dev, &dev->tgt_devs, dev_entry) {
		if (tgt_dev == except)
			continue;
		scst_ua_set(tgt_dev, ua);
		scst_aen_set(tgt_dev, ua);
	}
	spin_unlock_irqrestore(&dev->tgt_dev_lock, flags);
}
EXPORT_SYMBOL_GPL(scst_raise_ua);

void scst_medium_changed(struct scst_device *dev)
{
	WRITE_ONCE(dev->medium, dev->medium + 1);
	scst_token_forget(dev);
}
EXPORT_SYMBOL_GPL(scst_medium_changed);

void scst_capacity_changed(struct scst_device *dev, u64 nblocks)
{
	if (READ_ONCE(dev->nblocks) == nblocks)
		return;
	WRITE_ONCE(dev->nblocks, nblocks);
	scst_token_forget(dev);
	scst_raise_ua(dev, SCST_UA_CAPACITY_CHANGED, NULL);
}
EXPORT_SYMBOL_GPL(scst_capacity_changed);
