// SPDX-License-Identifier: GPL-2.0
/*
 * Access groups: which initiators see which logical units of a target.
 */
#include <kunit/visibility.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/rbtree.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "scst_priv.h"

/* When a session is given again what there was no memory for */
#define SCST_LUNS_RETRY		HZ

void scst_acg_init(struct scst_acg *acg, struct scst_tgt *tgt)
{
	acg->tgt = tgt;
	xa_init(&acg->luns);
	INIT_LIST_HEAD(&acg->sessions);
	INIT_LIST_HEAD(&acg->entry);
	cpumask_copy(&acg->cpus, cpu_possible_mask);
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_init);

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

static const char *scst_ini_name(const struct scst_acg_ini *ini)
{
	return ini->item.ci_name;
}

static bool scst_ini_is_pattern(const struct scst_acg_ini *ini)
{
	return strpbrk(scst_ini_name(ini), "*?!");
}

/* As scst_pattern_match() compares: "A" and "a" are one name. */
static int scst_ini_cmp_name(const void *name, const struct rb_node *node)
{
	return strcasecmp(name, scst_ini_name(rb_entry(node,
						       struct scst_acg_ini,
						       name_node)));
}

/* A name is in a group once, and in as many groups as wish to have it. */
static int scst_ini_cmp(struct rb_node *a, const struct rb_node *b)
{
	const struct scst_acg_ini *one, *other;
	int cmp;

	one = rb_entry(a, struct scst_acg_ini, name_node);
	other = rb_entry(b, struct scst_acg_ini, name_node);
	cmp = scst_ini_cmp_name(scst_ini_name(one), b);
	if (cmp || one->acg == other->acg)
		return cmp;
	return one->acg->seq < other->acg->seq ? -1 : 1;
}

/* The order in which patterns are tried */
static bool scst_pattern_less(struct rb_node *a, const struct rb_node *b)
{
	const struct scst_acg_ini *one, *other;

	one = rb_entry(a, struct scst_acg_ini, pattern_node);
	other = rb_entry(b, struct scst_acg_ini, pattern_node);
	if (one->acg != other->acg)
		return one->acg->seq < other->acg->seq;
	return one->seq < other->seq;
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
	const struct scst_acg_ini *ini;
	struct rb_node *node;

	lockdep_assert_held(&scst_config_mutex);

	node = rb_find_first(initiator, &tgt->initiators, scst_ini_cmp_name);
	if (node) {
		ini = rb_entry(node, struct scst_acg_ini, name_node);
		/* An initiator may be called what is a pattern. */
		if (!scst_ini_is_pattern(ini))
			return ini->acg;
	}
	for (node = rb_first(&tgt->patterns); node; node = rb_next(node)) {
		ini = rb_entry(node, struct scst_acg_ini, pattern_node);
		if (scst_pattern_match(scst_ini_name(ini), initiator))
			return ini->acg;
	}
	return tgt->default_acg;
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_find);

bool scst_initiator_has_luns(struct scst_tgt *tgt, const char *initiator_name)
{
	struct scst_acg_lun *lun;
	struct scst_acg *acg;
	bool found = false;
	unsigned long i;

	scst_config_lock();
	acg = scst_acg_find(tgt, initiator_name);
	xa_for_each(&acg->luns, i, lun) {
		found = lun->dev;
		if (found)
			break;
	}
	scst_config_unlock();
	return found;
}
EXPORT_SYMBOL_GPL(scst_initiator_has_luns);

/* A group that is found has initiators, hence is not being removed. */
struct config_group *scst_initiator_group_dir(struct scst_tgt *tgt,
					      const char *initiator_name)
{
	struct config_group *dir;

	scst_config_lock();
	dir = scst_acg_find(tgt, initiator_name)->fabric_dir;
	if (dir)
		config_group_get(dir);
	scst_config_unlock();
	return dir;
}
EXPORT_SYMBOL_GPL(scst_initiator_group_dir);

static void scst_session_enter_group(struct scst_session *sess,
				     struct scst_acg *acg)
{
	scst_session_set_group(sess, acg);
	list_move_tail(&sess->acg_entry, &acg->sessions);
	/* Also when the LUNs are the same ones: they are another group's. */
	scst_ua_set_session(sess, SCST_UA_LUNS_CHANGED);
	scst_session_dev_regrouped(sess);
}

/*
 * An entry has come: sessions that it matches may be its group's now. Return:
 * 0, or the errno of one that stays where it was.
 */
static int scst_ini_reassign(const struct scst_acg_ini *ini)
{
	struct scst_session *sess;
	int error = 0, ret;

	list_for_each_entry(sess, &ini->acg->tgt->sessions, tgt_entry) {
		struct scst_acg *acg;

		if (!scst_pattern_match(scst_ini_name(ini),
					sess->initiator_name))
			continue;
		acg = scst_acg_find(sess->tgt, sess->initiator_name);
		if (acg == sess->acg)
			continue;
		ret = scst_session_move_luns(sess, acg);
		if (ret)
			error = ret;
		else
			scst_session_enter_group(sess, acg);
	}
	return error;
}

static void scst_tgt_queue_luns(struct scst_tgt *tgt, unsigned long delay)
{
	scst_tgt_get(tgt);
	if (!queue_delayed_work(scst_free_wq, &tgt->luns_work, delay))
		scst_tgt_put(tgt);
}

/*
 * A session lacks LUNs of its group, since there was no memory, or whoever
 * changed the group is being killed, and gets none: somebody else tries.
 */
static void scst_session_misses_luns(struct scst_session *sess)
{
	lockdep_assert_held(&scst_config_mutex);

	sess->luns_missing = true;
	scst_tgt_queue_luns(sess->tgt, 0);
}

static void scst_tgt_luns_work(struct work_struct *work)
{
	struct scst_tgt *tgt = container_of(to_delayed_work(work),
					    struct scst_tgt, luns_work);
	/* Who holds the mutex must not wait for a disk that is served here. */
	unsigned int noio = memalloc_noio_save();
	struct scst_session *sess;
	bool again = false;

	scst_config_lock();
	list_for_each_entry(sess, &tgt->sessions, tgt_entry) {
		if (!sess->luns_missing)
			continue;
		sess->luns_missing = scst_session_sync_luns(sess, sess->acg);
		again |= sess->luns_missing;
	}
	if (again)
		scst_tgt_queue_luns(tgt, SCST_LUNS_RETRY);
	scst_config_unlock();
	memalloc_noio_restore(noio);
	scst_tgt_put(tgt);
}

void scst_tgt_init_luns(struct scst_tgt *tgt)
{
	INIT_DELAYED_WORK(&tgt->luns_work, scst_tgt_luns_work);
}

/* Its sessions get no more than they have. */
void scst_tgt_stop_luns(struct scst_tgt *tgt)
{
	if (cancel_delayed_work_sync(&tgt->luns_work))
		scst_tgt_put(tgt);
}

/*
 * An entry has gone, and its sessions with it, whatever happens: rather without
 * some of the LUNs of their group than with those of another one. A group that
 * has the same entry gets them from this one, and none is in between.
 */
static void scst_ini_let_go(const struct scst_acg_ini *ini)
{
	struct scst_session *sess, *next;
	struct scst_acg *acg;

	list_for_each_entry_safe(sess, next, &ini->acg->sessions, acg_entry) {
		acg = scst_acg_find(sess->tgt, sess->initiator_name);
		if (acg == ini->acg)
			continue;
		if (scst_session_move_luns(sess, acg)) {
			scst_session_drop_luns(sess);
			if (scst_session_sync_luns(sess, acg))
				scst_session_misses_luns(sess);
		}
		scst_session_enter_group(sess, acg);
	}
}

/* A LUN of a group is another one, or read-only, or gone. */
static int scst_acg_sync_lun(const struct scst_acg_lun *lun)
{
	struct scst_session *sess;
	int error = 0, ret;

	list_for_each_entry(sess, &lun->acg->sessions, acg_entry) {
		ret = scst_session_sync_lun(sess, lun);
		if (ret && !error)
			error = ret;
	}
	return error;
}

/* The same, when it must not be what it was: rather none than another one's. */
static void scst_acg_force_lun(const struct scst_acg_lun *lun)
{
	struct scst_session *sess;

	list_for_each_entry(sess, &lun->acg->sessions, acg_entry) {
		if (!scst_session_sync_lun(sess, lun))
			continue;
		scst_session_lose_lun(sess, lun->lun);
		scst_session_misses_luns(sess);
	}
}

/* A named group, behind all those that there are */
void scst_acg_add(struct scst_acg *acg)
{
	struct scst_tgt *tgt = acg->tgt;

	scst_config_lock();
	acg->seq = ++tgt->last_seq;
	list_add_tail(&acg->entry, &tgt->acgs);
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_add);

/**
 * scst_acg_remove() - a named group ends
 * @acg: group without LUNs and initiators, hence without sessions
 */
void scst_acg_remove(struct scst_acg *acg)
{
	scst_config_lock();
	list_del_init(&acg->entry);
	WARN_ON_ONCE(!list_empty(&acg->sessions));
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_remove);

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

static void scst_acg_lun_set_dev(struct scst_acg_lun *lun,
				 struct scst_device *dev)
{
	lockdep_assert_held(&scst_config_mutex);

	if (lun->dev)
		list_del(&lun->dev_entry);
	lun->dev = dev;
	if (dev)
		list_add_tail(&lun->dev_entry, &dev->luns);
}

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
	scst_acg_lun_set_dev(lun, dev);
	error = scst_acg_sync_lun(lun);
	if (error) {
		dev->nr_links--;
		scst_acg_lun_set_dev(lun, old);
		lun->older = NULL;
		scst_acg_force_lun(lun);
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
		scst_acg_lun_set_dev(lun, lun->older);
	lun->older = NULL;
	scst_acg_force_lun(lun);
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_lun_unlink);

int scst_acg_lun_set_read_only(struct scst_acg_lun *lun, bool read_only)
{
	int error = 0;

	scst_config_lock();
	if (lun->read_only != read_only) {
		lun->read_only = read_only;
		error = scst_acg_sync_lun(lun);
		if (error) {
			lun->read_only = !read_only;
			scst_acg_sync_lun(lun);
		}
	}
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_lun_set_read_only);

static int scst_ini_insert(struct scst_acg_ini *ini)
{
	struct scst_tgt *tgt = ini->acg->tgt;

	if (rb_find_add(&ini->name_node, &tgt->initiators, scst_ini_cmp))
		return -EEXIST;
	ini->seq = ++tgt->last_seq;
	if (scst_ini_is_pattern(ini))
		rb_add(&ini->pattern_node, &tgt->patterns, scst_pattern_less);
	return 0;
}

static void scst_ini_erase(struct scst_acg_ini *ini)
{
	struct scst_tgt *tgt = ini->acg->tgt;

	rb_erase(&ini->name_node, &tgt->initiators);
	if (scst_ini_is_pattern(ini))
		rb_erase(&ini->pattern_node, &tgt->patterns);
}

/**
 * scst_acg_add_ini() - a group gets an initiator or a pattern
 * @acg: group
 * @ini: its item is named
 *
 * Sessions that it matches move to the group at once, unless an older group of
 * the target has the same entry: then they do when that one goes, hence are
 * never between two groups. Return: 0; -EEXIST if this group has the name, in
 * upper or lower case; -ENOMEM.
 */
int scst_acg_add_ini(struct scst_acg *acg, struct scst_acg_ini *ini)
{
	int error;

	scst_config_lock();
	ini->acg = acg;
	error = scst_ini_insert(ini);
	if (!error) {
		error = scst_ini_reassign(ini);
		if (error) {
			scst_ini_erase(ini);
			scst_ini_let_go(ini);
		}
	}
	scst_config_unlock();
	return error;
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_add_ini);

void scst_acg_del_ini(struct scst_acg_ini *ini)
{
	scst_config_lock();
	scst_ini_erase(ini);
	scst_ini_let_go(ini);
	scst_config_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(scst_acg_del_ini);
