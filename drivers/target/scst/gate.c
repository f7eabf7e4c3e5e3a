// SPDX-License-Identifier: GPL-2.0
/*
 * The gate: shared users together, exclusive ones alone, in order of arrival.
 *
 * A device has one for commands that must run alone, and one for the task
 * attributes of all nexuses; every I_T_L nexus has one for its own. While it
 * is open, a shared user takes a percpu_ref and nothing else. An exclusive
 * user kills the ref; when it has fallen to zero, the first waiter is let in,
 * and so on until the list has no exclusive user left, which reopens it. A ref
 * that was killed cannot be revived before it has fallen to zero: should
 * nobody be left by then who wants the gate to be closed, shared users go in
 * under the lock.
 *
 * Some go in at once, whoever is inside or waits. However many of them there
 * are, one after the other, an exclusive user waits only for those that came
 * before it was its turn.
 */
#include <linux/export.h>
#include "scst_priv.h"

/* Under the lock. Those who parked are collected in @wake. */
static void scst_gate_let_in(struct scst_gate *gate,
			     struct scst_gate_entry *entry,
			     struct list_head *wake)
{
	lockdep_assert_held(&gate->lock);

	list_del_init(&entry->node);
	if (gate->turn == entry)
		gate->turn = NULL;
	if (entry->parked)
		list_add_tail(&entry->node, wake);
	/* Last, since its user may see it without the lock, and leave. */
	smp_store_release(&entry->state, SCST_GATE_INSIDE);
}

static void scst_gate_close(struct scst_gate *gate)
{
	lockdep_assert_held(&gate->lock);

	if (gate->closed)
		return;
	gate->closed = true;
	/*
	 * The ref is in percpu mode, so that the release function comes after
	 * a grace period and never from here, where the lock is held.
	 */
	percpu_ref_kill(&gate->ref);
}

static struct scst_gate_entry *scst_gate_first(struct scst_gate *gate)
{
	return list_first_entry_or_null(&gate->waiters, struct scst_gate_entry,
					node);
}

static void scst_gate_add_beside(struct scst_gate *gate,
				 struct scst_gate_entry *entry)
{
	lockdep_assert_held(&gate->lock);

	entry->beside = true;
	entry->round = gate->round;
	gate->nr_beside++;
}

/* A shared user of a closed gate */
static void scst_gate_count_beside(struct scst_gate *gate,
				   struct scst_gate_entry *entry)
{
	lockdep_assert_held(&gate->lock);

	/* scst_gate_leave() is not to put a reference to the ref. */
	entry->kind = SCST_GATE_BESIDE;
	scst_gate_add_beside(gate, entry);
}

/*
 * Shared users that stand before an exclusive one. The gate stays closed for
 * them: were it open, a user that comes now would pass the one who waits.
 */
static void scst_gate_let_in_shared(struct scst_gate *gate,
				    struct list_head *wake)
{
	struct scst_gate_entry *entry;

	while ((entry = scst_gate_first(gate)) &&
	       entry->kind != SCST_GATE_EXCLUSIVE) {
		scst_gate_count_beside(gate, entry);
		scst_gate_let_in(gate, entry, wake);
	}
}

/* Nobody wants the gate to be closed, whether it still is or not. */
static bool scst_gate_passable(const struct scst_gate *gate)
{
	lockdep_assert_held(&gate->lock);

	return !gate->exclusive && !gate->nr_exclusive && !gate->nr_first;
}

static void scst_gate_reopen(struct scst_gate *gate, struct list_head *wake)
{
	struct scst_gate_entry *entry;

	percpu_ref_reinit(&gate->ref);
	gate->drained = false;
	gate->closed = false;
	while ((entry = scst_gate_first(gate))) {
		percpu_ref_get(&gate->ref);
		scst_gate_let_in(gate, entry, wake);
	}
}

/*
 * Nobody is left for whom the first waiter, an exclusive one, has to wait? Who
 * comes in once it is asked for the first time is not counted; those who have
 * come before are all of one round, and a new one begins when they have gone.
 * The last exclusive user waits for everybody.
 */
static bool scst_gate_older_gone(struct scst_gate *gate,
				 const struct scst_gate_entry *entry)
{
	lockdep_assert_held(&gate->lock);

	if (gate->ending || !gate->nr_beside)
		return !gate->nr_beside;
	if (gate->turn != entry) {
		if (gate->nr_older)
			return false;
		gate->turn = entry;
		gate->round = !gate->round;
		gate->nr_older = gate->nr_beside;
	}
	return !gate->nr_older && !gate->nr_first;
}

/* Somebody has left, or waits no longer: whose turn is it? */
static void scst_gate_advance(struct scst_gate *gate, struct list_head *wake)
{
	struct scst_gate_entry *entry = scst_gate_first(gate);

	lockdep_assert_held(&gate->lock);

	if (!gate->closed)
		return;
	if (scst_gate_passable(gate)) {
		if (gate->drained)
			scst_gate_reopen(gate, wake);
		else
			scst_gate_let_in_shared(gate, wake);
		return;
	}
	if (!gate->drained || gate->exclusive || !entry)
		return;

	if (entry->kind != SCST_GATE_EXCLUSIVE) {
		if (!gate->nr_first)
			scst_gate_let_in_shared(gate, wake);
	} else if (scst_gate_older_gone(gate, entry)) {
		gate->exclusive = entry;
		gate->nr_exclusive--;
		scst_gate_let_in(gate, entry, wake);
	}
}

/* To the end of the list. */
static void scst_gate_wait(struct scst_gate *gate,
			   struct scst_gate_entry *entry)
{
	lockdep_assert_held(&gate->lock);

	entry->state = SCST_GATE_WAITING;
	list_add_tail(&entry->node, &gate->waiters);
	gate->nr_exclusive += entry->kind == SCST_GATE_EXCLUSIVE;
	scst_gate_close(gate);
}

/* Out of the list, without having been let in. */
static void scst_gate_unwait(struct scst_gate *gate,
			     struct scst_gate_entry *entry)
{
	lockdep_assert_held(&gate->lock);

	list_del_init(&entry->node);
	if (gate->turn == entry)
		gate->turn = NULL;
	gate->nr_exclusive -= entry->kind == SCST_GATE_EXCLUSIVE;
}

static void scst_gate_wake(struct list_head *wake)
{
	struct scst_gate_entry *entry, *next;

	list_for_each_entry_safe(entry, next, wake, node) {
		list_del_init(&entry->node);
		entry->wake(entry);
	}
}

/* The last shared user has left a closed gate. Any context. */
static void scst_gate_drained(struct percpu_ref *ref)
{
	struct scst_gate *gate = container_of(ref, struct scst_gate, ref);
	unsigned long flags;
	LIST_HEAD(wake);

	spin_lock_irqsave(&gate->lock, flags);
	gate->drained = true;
	scst_gate_advance(gate, &wake);
	spin_unlock_irqrestore(&gate->lock, flags);
	scst_gate_wake(&wake);
}

int scst_gate_init(struct scst_gate *gate)
{
	spin_lock_init(&gate->lock);
	INIT_LIST_HEAD(&gate->waiters);
	gate->exclusive = NULL;
	gate->nr_exclusive = 0;
	gate->nr_beside = 0;
	gate->nr_older = 0;
	gate->nr_first = 0;
	gate->turn = NULL;
	gate->round = false;
	gate->closed = false;
	gate->drained = false;
	gate->ending = false;
	return percpu_ref_init(&gate->ref, scst_gate_drained,
			       PERCPU_REF_ALLOW_REINIT, GFP_KERNEL);
}
EXPORT_SYMBOL_IF_KUNIT(scst_gate_init);

/* Nobody is inside or comes any more. Process context. */
void scst_gate_exit(struct scst_gate *gate)
{
	/* An exclusive user may have closed it, and given up waiting. */
	if (gate->closed && !gate->drained)
		rcu_barrier();
	percpu_ref_exit(&gate->ref);
}
EXPORT_SYMBOL_IF_KUNIT(scst_gate_exit);

void scst_gate_entry_init(struct scst_gate_entry *entry,
			  void (*wake)(struct scst_gate_entry *entry))
{
	INIT_LIST_HEAD(&entry->node);
	entry->wake = wake;
	entry->kind = SCST_GATE_SHARED;
	entry->state = SCST_GATE_OUTSIDE;
	entry->beside = false;
	entry->parked = false;
	entry->cancelled = false;
}
EXPORT_SYMBOL_IF_KUNIT(scst_gate_entry_init);

/* At once, also while an exclusive user is inside. */
static void scst_gate_enter_beside(struct scst_gate *gate,
				   struct scst_gate_entry *entry,
				   enum scst_gate_kind kind)
{
	lockdep_assert_held(&gate->lock);

	/* scst_gate_leave() must not take it for one that holds the ref alone. */
	entry->kind = kind;
	gate->nr_first += kind == SCST_GATE_FIRST;
	/* Of one that was killed the last reference is to be put at last. */
	if (!percpu_ref_tryget_live(&gate->ref))
		scst_gate_add_beside(gate, entry);
	/* Last, since its user may see it without the lock, and leave. */
	smp_store_release(&entry->state, SCST_GATE_INSIDE);
}

static bool scst_gate_enter_slow(struct scst_gate *gate,
				 struct scst_gate_entry *entry)
{
	unsigned long flags;
	bool ok = false;

	spin_lock_irqsave(&gate->lock, flags);
	if (gate->ending)
		goto out;
	ok = true;
	/* It may have been here before: see scst_task_set_check(). */
	entry->beside = false;
	entry->parked = false;
	if (entry->cancelled)
		goto out;
	if (entry->kind == SCST_GATE_BESIDE || entry->kind == SCST_GATE_FIRST) {
		/* Those that come now wait, and see a closed gate. */
		if (entry->kind == SCST_GATE_FIRST)
			scst_gate_close(gate);
		scst_gate_enter_beside(gate, entry, entry->kind);
		goto out;
	}
	if (entry->kind == SCST_GATE_SHARED && scst_gate_passable(gate)) {
		/* The ref is to fall to zero at last. */
		if (gate->closed)
			scst_gate_count_beside(gate, entry);
		else
			percpu_ref_get(&gate->ref);
		entry->state = SCST_GATE_INSIDE;
		goto out;
	}
	scst_gate_wait(gate, entry);
out:
	spin_unlock_irqrestore(&gate->lock, flags);
	return ok;
}

/**
 * scst_gate_try_shared() - take a place at a gate if it is open
 * @gate: gate
 * @entry: initialised entry
 *
 * Any context; the caller sees to it that the gate stays. Return: true if the
 * entry is inside, as one of SCST_GATE_SHARED.
 */
bool scst_gate_try_shared(struct scst_gate *gate,
			  struct scst_gate_entry *entry)
{
	if (unlikely(!percpu_ref_tryget_live(&gate->ref)))
		return false;
	/*
	 * Who comes after an exclusive user sees what that one has written.
	 * Pairs with percpu_ref_reinit() in scst_gate_reopen().
	 */
	smp_rmb();
	entry->kind = SCST_GATE_SHARED;
	entry->state = SCST_GATE_INSIDE;
	return true;
}

/**
 * scst_gate_enter() - take a place at a gate
 * @gate: gate
 * @entry: initialised entry
 * @kind: how to go through
 *
 * The entry then is inside or waiting; scst_gate_park() tells. Any context;
 * the caller sees to it that the gate stays (RCU, or a reference).
 *
 * Return: false if the gate has ended.
 */
bool scst_gate_enter(struct scst_gate *gate, struct scst_gate_entry *entry,
		     enum scst_gate_kind kind)
{
	if (likely(kind == SCST_GATE_SHARED &&
		   scst_gate_try_shared(gate, entry)))
		return true;
	entry->kind = kind;
	return scst_gate_enter_slow(gate, entry);
}
EXPORT_SYMBOL_IF_KUNIT(scst_gate_enter);

/**
 * scst_gate_park() - wait until let in
 * @gate: gate
 * @entry: entry that scst_gate_enter() has dealt with
 *
 * Any context. Return: true if the entry waits: then it belongs to the gate
 * until its wake() is called; false if it is inside or was cancelled.
 */
bool scst_gate_park(struct scst_gate *gate, struct scst_gate_entry *entry)
{
	unsigned long flags;
	bool parked;

	/* Pairs with scst_gate_let_in() and scst_gate_enter_beside(). */
	if (likely(smp_load_acquire(&entry->state) == SCST_GATE_INSIDE))
		return false;

	spin_lock_irqsave(&gate->lock, flags);
	parked = entry->state == SCST_GATE_WAITING;
	entry->parked = parked;
	spin_unlock_irqrestore(&gate->lock, flags);
	return parked;
}
EXPORT_SYMBOL_IF_KUNIT(scst_gate_park);

/**
 * scst_gate_cancel() - an entry gives up waiting
 * @gate: gate
 * @entry: entry, in whatever state
 *
 * One that waits goes in beside the others, since its user still counts as
 * one who holds the gate; one that has not come yet will not wait. Any context.
 *
 * Return: true if the entry was parked: the caller now does what
 * wake() would have done.
 */
bool scst_gate_cancel(struct scst_gate *gate, struct scst_gate_entry *entry)
{
	unsigned long flags;
	bool parked = false;
	LIST_HEAD(wake);

	spin_lock_irqsave(&gate->lock, flags);
	if (entry->state == SCST_GATE_WAITING) {
		scst_gate_unwait(gate, entry);
		parked = entry->parked;
		entry->parked = false;
		scst_gate_enter_beside(gate, entry, SCST_GATE_BESIDE);
		scst_gate_advance(gate, &wake);
	} else {
		/*
		 * Not by its state: it may just be coming in without the lock,
		 * and its state then says that it has a reference to put.
		 */
		entry->cancelled = true;
	}
	spin_unlock_irqrestore(&gate->lock, flags);
	scst_gate_wake(&wake);
	return parked;
}
EXPORT_SYMBOL_IF_KUNIT(scst_gate_cancel);

static void scst_gate_sub_beside(struct scst_gate *gate,
				 const struct scst_gate_entry *entry)
{
	lockdep_assert_held(&gate->lock);

	gate->nr_beside--;
	if (entry->round != gate->round)
		gate->nr_older--;
}

static void scst_gate_leave_slow(struct scst_gate *gate,
				 struct scst_gate_entry *entry)
{
	unsigned long flags;
	bool put = false;
	LIST_HEAD(wake);

	spin_lock_irqsave(&gate->lock, flags);
	if (entry->state == SCST_GATE_WAITING) {
		scst_gate_unwait(gate, entry);
	} else if (entry->state == SCST_GATE_INSIDE) {
		gate->nr_first -= entry->kind == SCST_GATE_FIRST;
		if (entry->beside)
			scst_gate_sub_beside(gate, entry);
		else if (gate->exclusive == entry)
			gate->exclusive = NULL;
		else
			put = true;
	}
	scst_gate_advance(gate, &wake);
	entry->state = SCST_GATE_OUTSIDE;
	spin_unlock_irqrestore(&gate->lock, flags);

	if (put)
		percpu_ref_put(&gate->ref);
	scst_gate_wake(&wake);
}

/**
 * scst_gate_leave() - go, whether inside, waiting or never entered
 * @gate: gate
 * @entry: entry; may be reused or freed on return
 *
 * Any context.
 */
void scst_gate_leave(struct scst_gate *gate, struct scst_gate_entry *entry)
{
	/* Pairs with scst_gate_let_in() and scst_gate_enter_beside(). */
	if (likely(smp_load_acquire(&entry->state) == SCST_GATE_INSIDE &&
		   entry->kind == SCST_GATE_SHARED)) {
		entry->state = SCST_GATE_OUTSIDE;
		percpu_ref_put(&gate->ref);
		return;
	}
	scst_gate_leave_slow(gate, entry);
}
EXPORT_SYMBOL_IF_KUNIT(scst_gate_leave);

/**
 * scst_gate_end() - the last exclusive user
 * @gate: gate
 * @entry: its wake() is called when everybody who came before has left; after
 *	that nobody is inside, and the gate may be freed after a grace period
 *
 * Any context.
 */
void scst_gate_end(struct scst_gate *gate, struct scst_gate_entry *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&gate->lock, flags);
	gate->ending = true;
	entry->kind = SCST_GATE_EXCLUSIVE;
	entry->parked = true;
	scst_gate_wait(gate, entry);
	spin_unlock_irqrestore(&gate->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(scst_gate_end);
