// SPDX-License-Identifier: GPL-2.0
/*
 * The gate: who is let in, when, and in which order.
 */
#include <kunit/test.h>
#include <linux/rcupdate.h>
#include "../scst_priv.h"

#define GATE_USERS	8
/* Only a test that has failed anyway ever waits as long as that */
#define GATE_LIMIT	(10 * HZ)

/**
 * struct gate_user - a user of the gate
 * @entry: its place
 * @fixture: where it belongs
 * @name: for gate_fixture.log
 * @woken: completed by wake()
 */
struct gate_user {
	struct scst_gate_entry	entry;
	struct gate_fixture	*fixture;
	char			name;
	struct completion	woken;
};

/**
 * struct gate_fixture - a gate and its users
 * @gate: gate
 * @users: users, named a, b and so on
 * @lock: subject: @log
 * @log: names of those who were woken, in order
 */
struct gate_fixture {
	struct scst_gate	gate;
	struct gate_user	users[GATE_USERS];
	spinlock_t		lock;	/* log */
	char			log[GATE_USERS + 1];
};

static void gate_wake(struct scst_gate_entry *entry)
{
	struct gate_user *user = container_of(entry, struct gate_user, entry);
	struct gate_fixture *f = user->fixture;
	unsigned long flags;
	size_t len;

	spin_lock_irqsave(&f->lock, flags);
	len = strlen(f->log);
	if (len < GATE_USERS)
		f->log[len] = user->name;
	spin_unlock_irqrestore(&f->lock, flags);
	complete(&user->woken);
}

static int gate_init(struct kunit *test)
{
	struct gate_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int i;

	if (!f)
		return -ENOMEM;
	spin_lock_init(&f->lock);
	for (i = 0; i < GATE_USERS; i++) {
		f->users[i].fixture = f;
		f->users[i].name = 'a' + i;
		init_completion(&f->users[i].woken);
		scst_gate_entry_init(&f->users[i].entry, gate_wake);
	}
	test->priv = f;
	return scst_gate_init(&f->gate);
}

static void gate_exit(struct kunit *test)
{
	struct gate_fixture *f = test->priv;

	if (!f)
		return;
	/* The gate may just be closing. */
	rcu_barrier();
	scst_gate_exit(&f->gate);
}

/* Comes to the gate. Return: it has to wait. */
static bool gate_come(struct kunit *test, int i, enum scst_gate_kind kind)
{
	struct gate_fixture *f = test->priv;
	struct scst_gate_entry *entry = &f->users[i].entry;

	KUNIT_ASSERT_TRUE(test, scst_gate_enter(&f->gate, entry, kind));
	return scst_gate_park(&f->gate, entry);
}

static void gate_go(struct kunit *test, int i)
{
	struct gate_fixture *f = test->priv;

	scst_gate_leave(&f->gate, &f->users[i].entry);
}

static bool gate_cancel(struct kunit *test, int i)
{
	struct gate_fixture *f = test->priv;

	return scst_gate_cancel(&f->gate, &f->users[i].entry);
}

static void gate_wait(struct kunit *test, int i)
{
	struct gate_fixture *f = test->priv;

	KUNIT_ASSERT_NE_MSG(test, 0,
			    wait_for_completion_timeout(&f->users[i].woken,
							GATE_LIMIT),
			    "user %c is not woken", 'a' + i);
}

static int gate_state(struct kunit *test, int i)
{
	struct gate_fixture *f = test->priv;

	return f->users[i].entry.state;
}

/* Everybody whose turn it is has been woken. */
static void gate_expect_woken(struct kunit *test, const char *names)
{
	struct gate_fixture *f = test->priv;

	rcu_barrier();
	KUNIT_EXPECT_STREQ(test, f->log, names);
}

/* Nobody is inside or waiting, and nothing is left of those who were. */
static void gate_expect_open(struct kunit *test, int spare)
{
	struct gate_fixture *f = test->priv;

	rcu_barrier();
	KUNIT_EXPECT_FALSE(test, f->gate.closed);
	KUNIT_EXPECT_FALSE(test, f->gate.drained);
	KUNIT_EXPECT_EQ(test, f->gate.nr_beside, 0);
	KUNIT_EXPECT_EQ(test, f->gate.nr_older, 0);
	KUNIT_EXPECT_NULL(test, f->gate.turn);
	KUNIT_EXPECT_EQ(test, f->gate.nr_first, 0);
	KUNIT_EXPECT_EQ(test, f->gate.nr_exclusive, 0);
	KUNIT_EXPECT_NULL(test, f->gate.exclusive);
	KUNIT_EXPECT_TRUE(test, list_empty(&f->gate.waiters));
	/* A reference too many or too few would show now. */
	if (gate_come(test, spare, SCST_GATE_EXCLUSIVE))
		gate_wait(test, spare);
	KUNIT_EXPECT_PTR_EQ(test, f->gate.exclusive, &f->users[spare].entry);
	gate_go(test, spare);
	KUNIT_EXPECT_FALSE(test, f->gate.closed);
}

static void gate_shared_test(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, gate_come(test, 0, SCST_GATE_SHARED));
	KUNIT_EXPECT_FALSE(test, gate_come(test, 1, SCST_GATE_SHARED));
	KUNIT_EXPECT_EQ(test, gate_state(test, 0), SCST_GATE_INSIDE);
	KUNIT_EXPECT_EQ(test, gate_state(test, 1), SCST_GATE_INSIDE);
	gate_go(test, 0);
	KUNIT_EXPECT_EQ(test, gate_state(test, 0), SCST_GATE_OUTSIDE);
	gate_go(test, 1);
	gate_expect_woken(test, "");
	gate_expect_open(test, 7);
}

static void gate_exclusive_test(struct kunit *test)
{
	gate_come(test, 0, SCST_GATE_SHARED);
	gate_come(test, 1, SCST_GATE_SHARED);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 2, SCST_GATE_EXCLUSIVE));
	gate_go(test, 0);
	gate_expect_woken(test, "");
	gate_go(test, 1);
	gate_wait(test, 2);
	KUNIT_EXPECT_EQ(test, gate_state(test, 2), SCST_GATE_INSIDE);
	gate_go(test, 2);
	gate_expect_open(test, 7);
}

/* An exclusive user need not park before it is let in. */
static void gate_late_park_test(struct kunit *test)
{
	struct gate_fixture *f = test->priv;
	struct scst_gate_entry *entry = &f->users[0].entry;

	KUNIT_ASSERT_TRUE(test, scst_gate_enter(&f->gate, entry,
						SCST_GATE_EXCLUSIVE));
	gate_expect_woken(test, "");
	KUNIT_EXPECT_EQ(test, gate_state(test, 0), SCST_GATE_INSIDE);
	KUNIT_EXPECT_FALSE(test, scst_gate_park(&f->gate, entry));
	gate_go(test, 0);
	gate_expect_woken(test, "");
	gate_expect_open(test, 7);
}

static void gate_order_test(struct kunit *test)
{
	gate_come(test, 0, SCST_GATE_SHARED);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 2, SCST_GATE_SHARED));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 3, SCST_GATE_SHARED));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 4, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 5, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 6, SCST_GATE_SHARED));
	gate_expect_woken(test, "");
	gate_go(test, 0);
	gate_expect_woken(test, "b");
	gate_go(test, 1);
	gate_expect_woken(test, "bcd");
	gate_go(test, 3);
	gate_expect_woken(test, "bcd");
	gate_go(test, 2);
	gate_expect_woken(test, "bcde");
	gate_go(test, 4);
	gate_expect_woken(test, "bcdef");
	gate_go(test, 5);
	gate_expect_woken(test, "bcdefg");
	gate_go(test, 6);
	gate_expect_open(test, 7);
}

/* A newcomer does not pass an exclusive user that waits for shared ones. */
static void gate_no_passing_test(struct kunit *test)
{
	if (gate_come(test, 0, SCST_GATE_EXCLUSIVE))
		gate_wait(test, 0);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_SHARED));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 2, SCST_GATE_EXCLUSIVE));
	gate_go(test, 0);
	gate_expect_woken(test, "ab");
	KUNIT_EXPECT_TRUE(test, gate_come(test, 3, SCST_GATE_SHARED));
	/* Unless it is one that passes everybody. */
	KUNIT_EXPECT_FALSE(test, gate_come(test, 4, SCST_GATE_BESIDE));
	gate_go(test, 1);
	gate_expect_woken(test, "ab");
	gate_go(test, 4);
	gate_expect_woken(test, "abc");
	gate_go(test, 2);
	gate_expect_woken(test, "abcd");
	gate_go(test, 3);
	gate_expect_open(test, 7);
}

/* The exclusive one that shared users were let in before gives up. */
static void gate_cancel_last_exclusive_test(struct kunit *test)
{
	if (gate_come(test, 0, SCST_GATE_EXCLUSIVE))
		gate_wait(test, 0);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_SHARED));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 2, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 3, SCST_GATE_SHARED));
	gate_go(test, 0);
	gate_expect_woken(test, "ab");
	KUNIT_EXPECT_TRUE(test, gate_cancel(test, 2));
	gate_go(test, 2);
	gate_go(test, 1);
	gate_expect_woken(test, "abd");
	gate_go(test, 3);
	gate_expect_open(test, 7);
}

/* Beside an exclusive user; the next one then waits for both. */
static void gate_beside_test(struct kunit *test)
{
	if (gate_come(test, 0, SCST_GATE_EXCLUSIVE))
		gate_wait(test, 0);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 2, SCST_GATE_SHARED));
	KUNIT_EXPECT_FALSE(test, gate_come(test, 3, SCST_GATE_BESIDE));
	gate_go(test, 0);
	gate_expect_woken(test, "a");
	gate_go(test, 3);
	gate_expect_woken(test, "ab");
	/* A shared one has no reason to. */
	KUNIT_EXPECT_FALSE(test, gate_come(test, 4, SCST_GATE_BESIDE));
	gate_go(test, 1);
	gate_expect_woken(test, "abc");
	gate_go(test, 2);
	gate_go(test, 4);
	gate_expect_open(test, 7);
}

/* Before those who wait for the gate to drain, which it holds up. */
static void gate_beside_draining_test(struct kunit *test)
{
	gate_come(test, 0, SCST_GATE_SHARED);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_FALSE(test, gate_come(test, 2, SCST_GATE_BESIDE));
	gate_go(test, 0);
	gate_expect_woken(test, "");
	gate_go(test, 2);
	gate_expect_woken(test, "b");
	gate_go(test, 1);
	gate_expect_open(test, 7);
}

/* However many there are, they do not keep an exclusive user out for ever. */
static void gate_beside_stream_test(struct kunit *test)
{
	gate_come(test, 0, SCST_GATE_BESIDE);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_FALSE(test, gate_come(test, 2, SCST_GATE_BESIDE));
	gate_go(test, 0);
	gate_expect_woken(test, "");
	KUNIT_EXPECT_FALSE(test, gate_come(test, 3, SCST_GATE_BESIDE));
	gate_go(test, 2);
	gate_expect_woken(test, "b");
	/* The next one waits for those, too. */
	KUNIT_EXPECT_TRUE(test, gate_come(test, 4, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_FALSE(test, gate_come(test, 5, SCST_GATE_BESIDE));
	gate_go(test, 1);
	KUNIT_EXPECT_FALSE(test, gate_come(test, 6, SCST_GATE_BESIDE));
	gate_go(test, 3);
	gate_expect_woken(test, "b");
	gate_go(test, 5);
	gate_expect_woken(test, "be");
	gate_go(test, 4);
	gate_go(test, 6);
	gate_expect_open(test, 7);
}

/* One whose turn it was gives up; the next one waits for those after it. */
static void gate_beside_cancel_test(struct kunit *test)
{
	if (gate_come(test, 0, SCST_GATE_EXCLUSIVE))
		gate_wait(test, 0);
	gate_come(test, 1, SCST_GATE_BESIDE);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 2, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 3, SCST_GATE_EXCLUSIVE));
	gate_go(test, 0);
	gate_come(test, 4, SCST_GATE_BESIDE);
	KUNIT_EXPECT_TRUE(test, gate_cancel(test, 2));
	gate_go(test, 2);
	gate_expect_woken(test, "a");
	gate_go(test, 1);
	gate_come(test, 5, SCST_GATE_BESIDE);
	gate_expect_woken(test, "a");
	gate_go(test, 4);
	gate_expect_woken(test, "ad");
	gate_go(test, 5);
	gate_go(test, 3);
	gate_expect_open(test, 7);
}

static void gate_beside_open_test(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, gate_come(test, 0, SCST_GATE_BESIDE));
	KUNIT_EXPECT_FALSE(test, gate_come(test, 1, SCST_GATE_SHARED));
	gate_go(test, 0);
	gate_go(test, 1);
	gate_expect_open(test, 7);
}

/* A shared user gives up while an exclusive one is inside. */
static void gate_cancel_shared_test(struct kunit *test)
{
	if (gate_come(test, 0, SCST_GATE_EXCLUSIVE))
		gate_wait(test, 0);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_SHARED));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 2, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_cancel(test, 1));
	KUNIT_EXPECT_EQ(test, gate_state(test, 1), SCST_GATE_INSIDE);
	gate_go(test, 0);
	/* It still counts as one who is inside. */
	gate_expect_woken(test, "a");
	gate_go(test, 1);
	gate_expect_woken(test, "ac");
	gate_go(test, 2);
	gate_expect_open(test, 7);
}

static void gate_cancel_exclusive_test(struct kunit *test)
{
	gate_come(test, 0, SCST_GATE_SHARED);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 2, SCST_GATE_SHARED));
	/* It was in the way of those behind it, and of nobody else. */
	KUNIT_EXPECT_TRUE(test, gate_cancel(test, 1));
	gate_expect_woken(test, "c");
	KUNIT_EXPECT_FALSE(test, gate_come(test, 3, SCST_GATE_SHARED));
	gate_go(test, 1);
	/* The ref is still that of the first one. */
	KUNIT_EXPECT_TRUE(test, gate_come(test, 4, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 5, SCST_GATE_SHARED));
	gate_go(test, 0);
	gate_go(test, 2);
	gate_expect_woken(test, "c");
	gate_go(test, 3);
	gate_expect_woken(test, "ce");
	gate_go(test, 4);
	gate_expect_woken(test, "cef");
	gate_go(test, 5);
	gate_expect_open(test, 7);
}

/* The gate is opened under those who have come in meanwhile. */
static void gate_cancel_reopen_test(struct kunit *test)
{
	struct gate_fixture *f = test->priv;

	gate_come(test, 0, SCST_GATE_SHARED);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_cancel(test, 1));
	KUNIT_EXPECT_FALSE(test, gate_come(test, 2, SCST_GATE_SHARED));
	gate_go(test, 0);
	gate_go(test, 1);
	rcu_barrier();
	KUNIT_EXPECT_FALSE(test, f->gate.closed);
	KUNIT_EXPECT_FALSE(test, gate_come(test, 3, SCST_GATE_SHARED));
	/* One that has to be alone waits for both kinds of them. */
	KUNIT_EXPECT_TRUE(test, gate_come(test, 4, SCST_GATE_EXCLUSIVE));
	gate_go(test, 3);
	gate_expect_woken(test, "");
	gate_go(test, 2);
	gate_expect_woken(test, "e");
	gate_go(test, 4);
	gate_expect_open(test, 7);
}

/* Those behind one that is first wait for it alone. */
static void gate_first_test(struct kunit *test)
{
	gate_come(test, 0, SCST_GATE_SHARED);
	KUNIT_EXPECT_FALSE(test, gate_come(test, 1, SCST_GATE_FIRST));
	KUNIT_EXPECT_FALSE(test, gate_come(test, 2, SCST_GATE_FIRST));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 3, SCST_GATE_SHARED));
	gate_go(test, 1);
	gate_expect_woken(test, "");
	gate_go(test, 2);
	gate_expect_woken(test, "d");
	KUNIT_EXPECT_FALSE(test, gate_come(test, 4, SCST_GATE_SHARED));
	gate_go(test, 3);
	gate_go(test, 4);
	gate_go(test, 0);
	gate_expect_open(test, 7);
}

/* ... but not less than for what must be alone, and has come before them. */
static void gate_first_exclusive_test(struct kunit *test)
{
	gate_come(test, 0, SCST_GATE_SHARED);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_FALSE(test, gate_come(test, 2, SCST_GATE_FIRST));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 3, SCST_GATE_SHARED));
	gate_go(test, 2);
	gate_expect_woken(test, "");
	gate_go(test, 0);
	gate_expect_woken(test, "b");
	KUNIT_EXPECT_FALSE(test, gate_come(test, 4, SCST_GATE_FIRST));
	gate_go(test, 1);
	gate_expect_woken(test, "b");
	gate_go(test, 4);
	gate_expect_woken(test, "bd");
	gate_go(test, 3);
	gate_expect_open(test, 7);
}

/* One that has not parked has nobody who would have to be woken. */
static void gate_cancel_not_parked_test(struct kunit *test)
{
	struct gate_fixture *f = test->priv;
	struct scst_gate_entry *entry = &f->users[1].entry;

	gate_come(test, 0, SCST_GATE_SHARED);
	KUNIT_ASSERT_TRUE(test, scst_gate_enter(&f->gate, entry,
						SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_FALSE(test, gate_cancel(test, 1));
	KUNIT_EXPECT_FALSE(test, scst_gate_park(&f->gate, entry));
	gate_go(test, 1);
	gate_go(test, 0);
	gate_expect_woken(test, "");
	gate_expect_open(test, 7);
}

static void gate_cancel_outside_test(struct kunit *test)
{
	if (gate_come(test, 0, SCST_GATE_EXCLUSIVE))
		gate_wait(test, 0);
	KUNIT_EXPECT_FALSE(test, gate_cancel(test, 1));
	KUNIT_EXPECT_FALSE(test, gate_come(test, 1, SCST_GATE_SHARED));
	KUNIT_EXPECT_FALSE(test, gate_cancel(test, 2));
	KUNIT_EXPECT_FALSE(test, gate_come(test, 2, SCST_GATE_EXCLUSIVE));
	/* Neither of them is inside: the next one does not wait for them. */
	KUNIT_EXPECT_TRUE(test, gate_come(test, 3, SCST_GATE_EXCLUSIVE));
	gate_go(test, 0);
	gate_expect_woken(test, "ad");
	gate_go(test, 1);
	gate_go(test, 2);
	gate_go(test, 3);
	gate_expect_open(test, 7);
}

/*
 * A shared user comes in without the lock. One that gives it up meanwhile must
 * leave its state alone, or the reference that it just got is never put.
 */
static void gate_cancel_coming_test(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, gate_cancel(test, 0));
	KUNIT_EXPECT_EQ(test, gate_state(test, 0), SCST_GATE_OUTSIDE);
	KUNIT_EXPECT_FALSE(test, gate_come(test, 0, SCST_GATE_SHARED));
	KUNIT_EXPECT_EQ(test, gate_state(test, 0), SCST_GATE_INSIDE);
	KUNIT_EXPECT_FALSE(test, gate_cancel(test, 0));
	KUNIT_EXPECT_EQ(test, gate_state(test, 0), SCST_GATE_INSIDE);
	gate_go(test, 0);
	gate_expect_open(test, 7);
}

static void gate_cancel_inside_test(struct kunit *test)
{
	gate_come(test, 0, SCST_GATE_SHARED);
	KUNIT_EXPECT_FALSE(test, gate_cancel(test, 0));
	KUNIT_EXPECT_EQ(test, gate_state(test, 0), SCST_GATE_INSIDE);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_EXCLUSIVE));
	gate_expect_woken(test, "");
	gate_go(test, 0);
	gate_expect_woken(test, "b");
	KUNIT_EXPECT_FALSE(test, gate_cancel(test, 1));
	gate_go(test, 1);
	gate_expect_open(test, 7);
}

static void gate_leave_waiting_test(struct kunit *test)
{
	gate_come(test, 0, SCST_GATE_SHARED);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 2, SCST_GATE_SHARED));
	gate_go(test, 1);
	gate_go(test, 0);
	gate_expect_woken(test, "c");
	gate_go(test, 2);
	/* Nor is it wrong to leave without having come. */
	gate_go(test, 3);
	gate_expect_open(test, 7);
}

/* Those who came before the end are let in; after it nobody is. */
static void gate_end_test(struct kunit *test)
{
	struct gate_fixture *f = test->priv;
	enum scst_gate_kind kind;

	gate_come(test, 0, SCST_GATE_SHARED);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_EXCLUSIVE));
	KUNIT_EXPECT_TRUE(test, gate_come(test, 2, SCST_GATE_SHARED));
	scst_gate_end(&f->gate, &f->users[3].entry);
	for (kind = SCST_GATE_SHARED; kind <= SCST_GATE_BESIDE; kind++)
		KUNIT_EXPECT_FALSE(test, scst_gate_enter(&f->gate,
							 &f->users[4].entry,
							 kind));
	KUNIT_EXPECT_EQ(test, gate_state(test, 4), SCST_GATE_OUTSIDE);
	gate_go(test, 0);
	gate_expect_woken(test, "b");
	gate_go(test, 1);
	gate_expect_woken(test, "bc");
	gate_go(test, 2);
	gate_expect_woken(test, "bcd");
	KUNIT_EXPECT_FALSE(test, scst_gate_enter(&f->gate, &f->users[4].entry,
						 SCST_GATE_SHARED));
}

static void gate_end_empty_test(struct kunit *test)
{
	struct gate_fixture *f = test->priv;

	scst_gate_end(&f->gate, &f->users[0].entry);
	gate_wait(test, 0);
	gate_expect_woken(test, "a");
}

/* The end waits for one that has given up, too: it still uses the nexus. */
static void gate_end_cancelled_test(struct kunit *test)
{
	struct gate_fixture *f = test->priv;

	if (gate_come(test, 0, SCST_GATE_EXCLUSIVE))
		gate_wait(test, 0);
	KUNIT_EXPECT_TRUE(test, gate_come(test, 1, SCST_GATE_SHARED));
	scst_gate_end(&f->gate, &f->users[2].entry);
	KUNIT_EXPECT_TRUE(test, gate_cancel(test, 1));
	gate_go(test, 0);
	gate_expect_woken(test, "a");
	gate_go(test, 1);
	gate_expect_woken(test, "ac");
}

/* Closing and opening leave nothing behind. */
static void gate_rounds_test(struct kunit *test)
{
	struct gate_fixture *f = test->priv;
	int i;

	for (i = 0; i < 100; i++) {
		KUNIT_ASSERT_FALSE(test, gate_come(test, 0, SCST_GATE_SHARED));
		KUNIT_ASSERT_TRUE(test, gate_come(test, 1,
						  SCST_GATE_EXCLUSIVE));
		KUNIT_ASSERT_TRUE(test, gate_come(test, 2, SCST_GATE_SHARED));
		gate_go(test, 0);
		gate_wait(test, 1);
		gate_go(test, 1);
		gate_wait(test, 2);
		gate_go(test, 2);
		memset(f->log, 0, sizeof(f->log));
	}
	gate_expect_open(test, 7);
}

static struct kunit_case gate_test_cases[] = {
	KUNIT_CASE(gate_shared_test),
	KUNIT_CASE(gate_exclusive_test),
	KUNIT_CASE(gate_late_park_test),
	KUNIT_CASE(gate_order_test),
	KUNIT_CASE(gate_no_passing_test),
	KUNIT_CASE(gate_cancel_last_exclusive_test),
	KUNIT_CASE(gate_beside_test),
	KUNIT_CASE(gate_beside_draining_test),
	KUNIT_CASE(gate_beside_stream_test),
	KUNIT_CASE(gate_beside_cancel_test),
	KUNIT_CASE(gate_beside_open_test),
	KUNIT_CASE(gate_cancel_shared_test),
	KUNIT_CASE(gate_cancel_reopen_test),
	KUNIT_CASE(gate_first_test),
	KUNIT_CASE(gate_first_exclusive_test),
	KUNIT_CASE(gate_cancel_exclusive_test),
	KUNIT_CASE(gate_cancel_not_parked_test),
	KUNIT_CASE(gate_cancel_outside_test),
	KUNIT_CASE(gate_cancel_coming_test),
	KUNIT_CASE(gate_cancel_inside_test),
	KUNIT_CASE(gate_leave_waiting_test),
	KUNIT_CASE(gate_end_test),
	KUNIT_CASE(gate_end_empty_test),
	KUNIT_CASE(gate_end_cancelled_test),
	KUNIT_CASE(gate_rounds_test),
	{}
};

static struct kunit_suite gate_suite = {
	.name = "scst_gate",
	.init = gate_init,
	.exit = gate_exit,
	.test_cases = gate_test_cases,
};

kunit_test_suite(gate_suite);
