// SPDX-License-Identifier: GPL-2.0
/*
 * Access groups: which initiators see which logical units of a target.
 */
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "scst_priv.h"

void scst_acg_init(struct scst_acg *acg, struct scst_tgt *tgt)
{
	acg->tgt = tgt;
	xa_init(&acg->luns);
	INIT_LIST_HEAD(&acg->initiators);
	INIT_LIST_HEAD(&acg->sessions);
	INIT_LIST_HEAD(&acg->entry);
	cpumask_copy(&acg->cpus, cpu_possible_mask);
}

/* The fabric reads the session's mask whenever it likes: any mix will do. */
void scst_session_set_group(struct scst_session *sess, struct scst_acg *acg)
{
	lockdep_assert_held(&scst_config_mutex);

	sess->acg = acg;
	cpumask_copy(&sess->cpus, &acg->cpus);
	WRITE_ONCE(sess->own_threads, acg->own_threads);
}

/**
 * scst_acg_set_cpus() - where the sessions of a group may be served
 * @acg: group
 * @list: CPUs, "0,2-3"
 *
 * Return: 0; -EINVAL for what is no list, or has no CPU of this machine;
 * -ERANGE for numbers that no CPU can have; -ENOMEM.
 */
int scst_acg_set_cpus(struct scst_acg *acg, const char *list)
{
	struct scst_session *sess;
	cpumask_var_t cpus;
	int error;

	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	error = cpulist_parse(list, cpus);
	if (!error && !cpumask_intersects(cpus, cpu_possible_mask))
		error = -EINVAL;
	if (!error) {
		scst_config_lock();
		cpumask_and(&acg->cpus, cpus, cpu_possible_mask);
		list_for_each_entry(sess, &acg->sessions, acg_entry)
			cpumask_copy(&sess->cpus, &acg->cpus);
		scst_config_unlock();
	}
	free_cpumask_var(cpus);
	return error;
}

ssize_t scst_acg_show_cpus(struct scst_acg *acg, char *page)
{
	ssize_t len;

	scst_config_lock();
	len = cpumap_print_to_pagebuf(true, page, &acg->cpus);
	scst_config_unlock();
	return len;
}

/* Of the sessions that are made from now on. Return: 0 or an errno. */
int scst_acg_set_own_threads(struct scst_acg *acg, const char *page)
{
	bool own_threads;
	int error;

	error = kstrtobool(page, &own_threads);
	if (error)
		return error;
	scst_config_lock();
	WRITE_ONCE(acg->own_threads, own_threads);
	scst_config_unlock();
	return 0;
}

ssize_t scst_acg_show_own_threads(struct scst_acg *acg, char *page)
{
	return sysfs_emit(page, "%d\n", READ_ONCE(acg->own_threads));
}

static bool scst_is_pattern(const char *name)
{
	return strpbrk(name, "*?!");
}

static bool scst_acg_has(const struct scst_acg *acg, const char *initiator,
			 bool patterns)
{
	const struct scst_acg_ini *ini;

	list_for_each_entry(ini, &acg->initiators, entry) {
		const char *name = config_item_name((struct config_item *)&ini->item);

		if (scst_is_pattern(name) == patterns &&
		    scst_pattern_match(name, initiator))
			return true;
	}
	return false;
}

/**
 * scst_acg_find() - the access group of an initiator
 * @tgt: target
 * @initiator: name of the initiator port
 *
 * Exact names come before patterns, older groups before younger ones, and the
 * default group is for all the others.
 */
struct scst_acg *scst_acg_find(struct scst_tgt *tgt, const char *initiator)
{
	struct scst_acg *acg;

	lockdep_assert_held(&scst_config_mutex);

	list_for_each_entry(acg, &tgt->acgs, entry)
		if (scst_acg_has(acg, initiator, false))
			return acg;
	list_for_each_entry(acg, &tgt->acgs, entry)
		if (scst_acg_has(acg, initiator, true))
			return acg;
	return tgt->default_acg;
}

bool scst_initiator_has_luns(struct scst_tgt *tgt, const char *initiator_name)
{
	struct scst_acg_lun *lun;
	bool found = false;
	unsigned long i;

	scst_config_lock();
	xa_for_each(&scst_acg_find(tgt, initiator_name)->luns, i, lun)
		if (lun->dev)
			found = true;
	scst_config_unlock();
	return found;
}
EXPORT_SYMBOL_GPL(scst_initiator_has_luns);

static int scst_session_reassign(struct scst_session *sess)
{
	struct scst_acg *acg = scst_acg_find(sess->tgt, sess->initiator_name);
	int error;

	if (acg == sess->acg)
		return 0;
	scst_session_set_group(sess, acg);
	list_move_tail(&sess->acg_entry, &acg->sessions);
	error = scst_session_sync(sess);
	/* Also when the LUNs are the same ones: they are another group's. */
	scst_ua_set_session(sess, SCST_UA_LUNS_CHANGED);
	return error;
}

/* Initiators have changed: who belongs to which group now? */
static int scst_tgt_reassign(struct scst_tgt *tgt)
{
	struct scst_session *sess;
	int error = 0, ret;

	list_for_each_entry(sess, &tgt->sessions, tgt_entry) {
		ret = scst_session_reassign(sess);
		if (ret && !error)
			error = ret;
	}
	return error;
}

static int scst_acg_sync(struct scst_acg *acg)
{
	struct scst_session *sess;
	int error = 0, ret;

	list_for_each_entry(sess, &acg->sessions, acg_entry) {
		ret = scst_session_sync(sess);
		if (ret && !error)
			error = ret;
	}
	return error;
}

/**
 * scst_acg_remove() - a named group ends, its initiators go to other groups
 * @acg: group without LUNs and initiators
 */
void scst_acg_remove(struct scst_acg *acg)
{
	scst_config_lock();
	list_del_init(&acg->entry);
	scst_tgt_reassign(acg->tgt);
	scst_config_unlock();
}

/* Does a LUN of the group lead to the device? */
bool scst_acg_shows(struct scst_acg *acg, const struct scst_device *dev)
{
	struct scst_acg_lun *lun;
	unsigned long nr;

	lockdep_assert_held(&scst_config_mutex);

	xa_for_each(&acg->luns, nr, lun)
		if (lun->dev == dev)
			return true;
	return false;
}

int scst_acg_add_lun(struct scst_acg *acg, struct scst_acg_lun *lun)
{
	int error;

	scst_config_lock();
	lun->acg = acg;
	error = xa_insert(&acg->luns, lun->lun, lun, GFP_KERNEL);
	scst_config_unlock();
	return error == -EBUSY ? -EEXIST : error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_add_lun);

/* The LUN has no link any more, hence no session uses it. */
void scst_acg_del_lun(struct scst_acg_lun *lun)
{
	scst_config_lock();
	xa_erase(&lun->acg->luns, lun->lun);
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_del_lun);

/**
 * scst_acg_lun_link() - a LUN shows a device
 * @lun: LUN
 * @dev: device
 *
 * A second device takes over from the first one. Sessions of the group get it
 * at once.
 *
 * Return: 0; -ENODEV if the device is not enabled, -EEXIST if it is linked
 * already, -EBUSY if the LUN has two links, -ENOMEM.
 */
int scst_acg_lun_link(struct scst_acg_lun *lun, struct scst_device *dev)
{
	struct scst_device *old;
	int error = 0;

	scst_config_lock();
	old = lun->dev;
	if (!dev->enabled)
		error = -ENODEV;
	else if (old == dev || lun->older == dev)
		error = -EEXIST;
	else if (lun->older)
		error = -EBUSY;
	if (error)
		goto unlock;

	dev->nr_links++;
	lun->older = old;
	lun->dev = dev;
	error = scst_acg_sync(lun->acg);
	if (error) {
		dev->nr_links--;
		lun->dev = old;
		lun->older = NULL;
		scst_acg_sync(lun->acg);
	}
unlock:
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_lun_link);

/**
 * scst_acg_lun_unlink() - one of a LUN's devices goes
 * @lun: LUN
 * @dev: linked device
 *
 * Removing the older one of two changes nothing; removing the newer one shows
 * the older one again.
 */
void scst_acg_lun_unlink(struct scst_acg_lun *lun, struct scst_device *dev)
{
	scst_config_lock();
	dev->nr_links--;
	if (lun->dev == dev)
		lun->dev = lun->older;
	lun->older = NULL;
	scst_acg_sync(lun->acg);
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_lun_unlink);

int scst_acg_lun_set_read_only(struct scst_acg_lun *lun, bool read_only)
{
	int error = 0;

	scst_config_lock();
	if (lun->read_only != read_only) {
		lun->read_only = read_only;
		error = scst_acg_sync(lun->acg);
		if (error) {
			lun->read_only = !read_only;
			scst_acg_sync(lun->acg);
		}
	}
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_lun_set_read_only);

/**
 * scst_acg_add_ini() - a group gets an initiator or a pattern
 * @acg: group
 * @ini: its item is named
 *
 * Sessions that it matches move to the group at once. Return: 0; -EEXIST if
 * another group of the target has the same entry, -ENOMEM.
 */
int scst_acg_add_ini(struct scst_acg *acg, struct scst_acg_ini *ini)
{
	const char *name = config_item_name(&ini->item);
	struct scst_acg_ini *other;
	struct scst_acg *a;
	int error = 0;

	scst_config_lock();
	list_for_each_entry(a, &acg->tgt->acgs, entry)
		list_for_each_entry(other, &a->initiators, entry)
			if (!strcmp(config_item_name(&other->item), name))
				error = -EEXIST;
	if (error)
		goto unlock;

	ini->acg = acg;
	list_add_tail(&ini->entry, &acg->initiators);
	error = scst_tgt_reassign(acg->tgt);
	if (error) {
		list_del(&ini->entry);
		scst_tgt_reassign(acg->tgt);
	}
unlock:
	scst_config_unlock();
	return error;
}

void scst_acg_del_ini(struct scst_acg_ini *ini)
{
	scst_config_lock();
	list_del(&ini->entry);
	scst_tgt_reassign(ini->acg->tgt);
	scst_config_unlock();
}
