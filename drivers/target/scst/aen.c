// SPDX-License-Identifier: GPL-2.0
/*
 * Asynchronous event reports (SAM-2 5.9.5): what an administrator or another
 * initiator has changed is told to initiators that do not ask. The unit
 * attention condition stays, since nobody knows whether an initiator listens.
 *
 * Like the conditions they are bits of a nexus: setting one needs no memory.
 */
#include <linux/export.h>
#include "scst_priv.h"

/* Bits of scst_session.aens */
enum scst_aens {
	SCST_AENS_NEXUS,	/* some of its I_T_L nexuses has one */
	SCST_AENS_LUNS,		/* the LUNs have changed */
};

/*
 * What does not come with a command or a function of the initiator's own, whose
 * answer says it.
 */
#define SCST_AEN_UAS	(BIT(SCST_UA_MEDIUM_CHANGED) | \
			 BIT(SCST_UA_MODE_CHANGED) | \
			 BIT(SCST_UA_LOG_CHANGED) | \
			 BIT(SCST_UA_ALUA_CHANGED) | \
			 BIT(SCST_UA_ALUA_FAILED) | \
			 BIT(SCST_UA_CAPACITY_CHANGED) | \
			 BIT(SCST_UA_THIN_THRESHOLD) | \
			 BIT(SCST_UA_CONDITIONS_CHANGED) | \
			 BIT(SCST_UA_INQUIRY_CHANGED))

static bool scst_aen_wanted(const struct scst_session *sess)
{
	const struct scst_tgt *tgt = sess->tgt;

	return tgt->tmpl->report_aen && !READ_ONCE(tgt->aen_disabled);
}

static void scst_aen_post(struct scst_session *sess, enum scst_aens what)
{
	if (!test_and_set_bit(what, &sess->aens))
		sess->tgt->tmpl->report_aen(sess);
}

/*
 * For a nexus that is not in its session's table yet it is said with the next
 * one that is. Any context.
 */
void scst_aen_set(struct scst_tgt_dev *tgt_dev, enum scst_ua ua)
{
	if (!(SCST_AEN_UAS & BIT(ua)) || !scst_aen_wanted(tgt_dev->sess))
		return;
	set_bit(ua, &tgt_dev->aens);
	/* Pairs with scst_next_aen(): whoever clears the bit looks later. */
	smp_mb__after_atomic();
	scst_aen_post(tgt_dev->sess, SCST_AENS_NEXUS);
}

/* Any context. */
void scst_aen_set_luns(struct scst_session *sess)
{
	if (scst_aen_wanted(sess))
		scst_aen_post(sess, SCST_AENS_LUNS);
}

/* SPC-5 7.5.10: D_SENSE is about the sense data of CHECK CONDITION only. */
static void scst_aen_fill(const struct scst_session *sess, struct scst_aen *aen,
			  u64 lun, enum scst_ua ua)
{
	scst_lun_pack(sess->tgt->addr_method, lun, aen->lun);
	aen->sense_len = scst_sense_build(aen->sense, false, scst_ua_sense(ua));
}

/* From the nexus on where the last call has found one */
static bool scst_aen_next_nexus(struct scst_session *sess, struct scst_aen *aen)
{
	struct scst_tgt_dev *tgt_dev;
	struct xarray *luns;
	unsigned long lun;
	unsigned int ua;

	guard(rcu)();
	luns = scst_session_luns(sess);
	xa_for_each_start(luns, lun, tgt_dev, sess->aen_lun) {
		ua = find_first_bit(&tgt_dev->aens, SCST_UA_NR);
		if (ua == SCST_UA_NR)
			continue;
		clear_bit(ua, &tgt_dev->aens);
		sess->aen_lun = lun;
		scst_aen_fill(sess, aen, lun, ua);
		return true;
	}
	return false;
}

bool scst_next_aen(struct scst_session *sess, struct scst_aen *aen)
{
	if (test_and_clear_bit(SCST_AENS_LUNS, &sess->aens)) {
		scst_aen_fill(sess, aen, 0, SCST_UA_LUNS_CHANGED);
		return true;
	}
	do {
		if (scst_aen_next_nexus(sess, aen))
			return true;
		sess->aen_lun = 0;
	} while (test_and_clear_bit(SCST_AENS_NEXUS, &sess->aens));
	return false;
}
EXPORT_SYMBOL_GPL(scst_next_aen);
