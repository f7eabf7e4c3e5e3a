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
	[SCST_UA_LUN_RESET]	   = SCST_SENSE(UNIT_ATTENTION, 0x29, 0x03),
	[SCST_UA_NEXUS_LOSS]	   = SCST_SENSE(UNIT_ATTENTION, 0x29, 0x07),
	[SCST_UA_CLEARED_BY_OTHER] = SCST_SENSE(UNIT_ATTENTION, 0x2f, 0x00),
	[SCST_UA_MEDIUM_CHANGED]   = SCST_SENSE(UNIT_ATTENTION, 0x28, 0x00),
	[SCST_UA_MODE_CHANGED]	   = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x01),
	[SCST_UA_RESV_PREEMPTED]   = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x03),
	[SCST_UA_RESV_RELEASED]	   = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x04),
	[SCST_UA_REG_PREEMPTED]	   = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x05),
	[SCST_UA_CAPACITY_CHANGED] = SCST_SENSE(UNIT_ATTENTION, 0x2a, 0x09),
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

/* Any context. */
void scst_ua_set(struct scst_tgt_dev *tgt_dev, enum scst_ua ua)
{
	set_bit(ua, &tgt_dev->ua_pending);
}

/*
 * UA_INTLCK_CTRL 10b and 11b (SPC-5 7.5.10): what ends a command with CHECK
 * CONDITION stays until REQUEST SENSE takes it.
 */
scst_sense_t scst_ua_report(struct scst_tgt_dev *tgt_dev)
{
	unsigned long pending;

	if (!READ_ONCE(tgt_dev->dev->control.ua_intlck))
		return scst_ua_take(tgt_dev);
	pending = READ_ONCE(tgt_dev->ua_pending);
	if (!pending)
		return SCST_SENSE_NONE;
	trace_scst_ua_report(tgt_dev, __ffs(pending));
	return scst_ua_table[__ffs(pending)];
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

/* Take the most urgent condition of a nexus, if there still is one. */
scst_sense_t scst_ua_take(struct scst_tgt_dev *tgt_dev)
{
	unsigned long pending;

	while ((pending = READ_ONCE(tgt_dev->ua_pending))) {
		unsigned int ua = __ffs(pending);

		if (!test_and_clear_bit(ua, &tgt_dev->ua_pending))
			continue;
		trace_scst_ua_report(tgt_dev, ua);
		/* SPC-5 6.33: told once, it is known for all logical units. */
		if (ua == SCST_UA_LUNS_CHANGED)
			scst_ua_clear_session(tgt_dev->sess, ua);
		return scst_ua_table[ua];
	}
	return SCST_SENSE_NONE;
}

void scst_ua_set_session(struct scst_session *sess, enum scst_ua ua)
{
	struct scst_tgt_dev *tgt_dev;
	unsigned long lun;

	rcu_read_lock();
	xa_for_each(&sess->luns, lun, tgt_dev)
		scst_ua_set(tgt_dev, ua);
	rcu_read_unlock();
	if (ua == SCST_UA_LUNS_CHANGED)
		scst_aen_set_luns(sess);
}

void scst_ua_clear_session(struct scst_session *sess, enum scst_ua ua)
{
	struct scst_tgt_dev *tgt_dev;
	unsigned long lun;

	rcu_read_lock();
	xa_for_each(&sess->luns, lun, tgt_dev)
		clear_bit(ua, &tgt_dev->ua_pending);
	rcu_read_unlock();
}

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

void scst_capacity_changed(struct scst_device *dev, u64 nblocks)
{
	if (READ_ONCE(dev->nblocks) == nblocks)
		return;
	WRITE_ONCE(dev->nblocks, nblocks);
	scst_raise_ua(dev, SCST_UA_CAPACITY_CHANGED, NULL);
}
EXPORT_SYMBOL_GPL(scst_capacity_changed);
