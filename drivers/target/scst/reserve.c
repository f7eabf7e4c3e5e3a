// SPDX-License-Identifier: GPL-2.0
/*
 * Reservations of a device: what each of its nexuses may do, RESERVE and
 * RELEASE (SPC-2 7.21, 7.16).
 *
 * Both kinds of reservations are the subject of scst_config_mutex. They change
 * only when a command is alone on the device's gate, or when nobody is
 * inside; then each nexus is told what it may do, which is the one word that
 * other commands look at.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include "scst_priv.h"

/*
 * Return: false if the fabric cannot say who the initiator is, or names all of
 * its ports: no registration is of these.
 */
bool scst_resv_port(struct scst_session *sess, struct scst_pr_port *port)
{
	const struct scst_tgt_template *tmpl = sess->tgt->tmpl;

	if (!tmpl->get_initiator_port_transport_id ||
	    tmpl->get_initiator_port_transport_id(sess, &port->id) ||
	    scst_transport_id_is_group(&port->id))
		return false;
	port->rel_port = sess->tgt->rel_tgt_id;
	return true;
}

static enum scst_resv_access scst_resv_access(struct scst_tgt_dev *tgt_dev)
{
	struct scst_device *dev = tgt_dev->dev;
	struct scst_pr_port port;

	if (dev->reserved_by)
		return dev->reserved_by == tgt_dev->sess ? SCST_ACCESS_ALL :
							   SCST_ACCESS_RESERVED;
	if (!dev->pr)
		return SCST_ACCESS_ALL;
	return scst_pr_access(dev->pr, scst_resv_port(tgt_dev->sess, &port) ?
				       &port : NULL);
}

/* A nexus that is new, or that has become another initiator's */
void scst_resv_update_nexus(struct scst_tgt_dev *tgt_dev)
{
	lockdep_assert_held(&scst_config_mutex);

	WRITE_ONCE(tgt_dev->resv_access, scst_resv_access(tgt_dev));
}

void scst_resv_update(struct scst_device *dev)
{
	struct scst_tgt_dev *tgt_dev;

	lockdep_assert_held(&scst_config_mutex);

	list_for_each_entry(tgt_dev, &dev->tgt_devs, dev_entry)
		scst_resv_update_nexus(tgt_dev);
}

/* SPC-2 5.5.1: a reset ends what RESERVE has begun, but no persistent one. */
void scst_resv_reset(struct scst_device *dev)
{
	lockdep_assert_held(&scst_config_mutex);

	if (!dev->reserved_by)
		return;
	dev->reserved_by = NULL;
	scst_resv_update(dev);
}

/* So does the loss of the nexus. */
void scst_resv_nexus_lost(struct scst_tgt_dev *tgt_dev)
{
	lockdep_assert_held(&scst_config_mutex);

	if (tgt_dev->dev->reserved_by == tgt_dev->sess)
		scst_resv_reset(tgt_dev->dev);
}

/*
 * @tgt_dev is not in its device's list any more. The session may have got the
 * device anew, or by another LUN: the reservation is that one's, too.
 */
void scst_resv_nexus_gone(struct scst_tgt_dev *tgt_dev)
{
	struct scst_tgt_dev *other;

	lockdep_assert_held(&scst_config_mutex);

	list_for_each_entry(other, &tgt_dev->dev->tgt_devs, dev_entry)
		if (other->sess == tgt_dev->sess)
			return;
	scst_resv_nexus_lost(tgt_dev);
}

/*
 * The power of a device without nexuses goes: what persists through it (APTPL)
 * is in its file.
 */
void scst_resv_forget(struct scst_device *dev)
{
	kvfree(dev->pr);
	dev->pr = NULL;
	dev->reserved_by = NULL;
}

void scst_transport_id_changed(struct scst_session *sess)
{
	struct scst_tgt_dev *tgt_dev;
	unsigned long lun;

	scst_config_lock();
	xa_for_each(scst_session_luns(sess), lun, tgt_dev)
		scst_resv_update_nexus(tgt_dev);
	scst_config_unlock();
}
EXPORT_SYMBOL_GPL(scst_transport_id_changed);

/* Return: the command has ended. */
bool scst_cmd_reserved(struct scst_cmd *cmd, u8 access)
{
	if (!scst_resv_conflict(access, cmd->info.op, cmd->cdb))
		return false;
	if (access == SCST_ACCESS_LOST)
		scst_set_cmd_error(cmd, SCST_PR_SENSE_LOST);
	else
		scst_set_cmd_status(cmd, SAM_STAT_RESERVATION_CONFLICT);
	return true;
}

/* SPC-5 5.14.3: registrations leave RESERVE and RELEASE without effect. */
static bool scst_reserve_by_pr(struct scst_cmd *cmd)
{
	struct scst_pr *pr = cmd->dev->pr;
	struct scst_pr_result result;
	struct scst_pr_port port;

	if (pr && pr->lost) {
		scst_set_cmd_error(cmd, SCST_PR_SENSE_LOST);
		return true;
	}
	if (!pr || !pr->nr)
		return false;
	result = scst_pr_crh(pr, scst_resv_port(cmd->sess, &port) ? &port :
								    NULL);
	scst_set_cmd_status(cmd, result.status);
	return true;
}

void scst_reserve(struct scst_cmd *cmd)
{
	struct scst_device *dev = cmd->dev;

	scst_config_lock();
	if (scst_reserve_by_pr(cmd))
		goto unlock;
	if (dev->reserved_by && dev->reserved_by != cmd->sess) {
		scst_set_cmd_status(cmd, SAM_STAT_RESERVATION_CONFLICT);
		goto unlock;
	}
	dev->reserved_by = cmd->sess;
	scst_resv_update(dev);
unlock:
	scst_config_unlock();
}

/* SPC-2 7.16.2: it is no error to release what another one has reserved. */
void scst_release(struct scst_cmd *cmd)
{
	struct scst_device *dev = cmd->dev;

	scst_config_lock();
	if (!scst_reserve_by_pr(cmd) && dev->reserved_by == cmd->sess)
		scst_resv_reset(dev);
	scst_config_unlock();
}
