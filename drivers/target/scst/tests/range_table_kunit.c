// SPDX-License-Identifier: GPL-2.0
/*
 * The table of ranges: who waits for whom, and that nobody is forgotten.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include "../scst_priv.h"

#define TABLE_USERS	24
#define TABLE_SHIFT	9
/* Blocks of a region */
#define TABLE_REGION	((u64)SZ_1M >> TABLE_SHIFT)

/**
 * enum table_state - where a user of the table is
 * @TABLE_OUT: it has not come, or is gone
 * @TABLE_WAITS: it has parked
 * @TABLE_IN: it has its range
 * @TABLE_NONE: it has given up
 */
enum table_state {
	TABLE_OUT,
	TABLE_WAITS,
	TABLE_IN,
	TABLE_NONE,
};

/**
 * struct table_user - a user of the table
 * @entry: its range
 * @state: where it is
 * @came: order of arrival
 * @nr_woken: calls of wake() since it has come
 */
struct table_user {
	struct scst_range_entry	entry;
	enum table_state	state;
	unsigned int		came;
	unsigned int		nr_woken;
};

/**
 * struct table_fixture - a table and its users
 * @ranges: table
 * @users: users
 * @came: arrivals so far
 */
struct table_fixture {
	struct scst_ranges	ranges;
	struct table_user	users[TABLE_USERS];
	unsigned int		came;
};

static void table_wake(struct scst_range_entry *entry)
{
	struct table_user *user = container_of(entry, struct table_user, entry);

	user->nr_woken++;
	user->state = TABLE_IN;
}

static int table_init(struct kunit *test)
{
	struct table_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int error;

	if (!f)
		return -ENOMEM;
	error = scst_ranges_init(&f->ranges, table_wake);
	if (error)
		return error;
	scst_ranges_begin(&f->ranges);
	test->priv = f;
	return 0;
}

static void table_exit(struct kunit *test)
{
	struct table_fixture *f = test->priv;

	if (f)
		scst_ranges_exit(&f->ranges);
}

static bool table_enter(struct kunit *test, unsigned int i, bool update,
			u64 first, u64 last)
{
	struct table_fixture *f = test->priv;
	struct table_user *user = &f->users[i];

	user->entry.range.first = first;
	user->entry.range.last = last;
	user->entry.update = update;
	user->nr_woken = 0;
	user->came = f->came++;
	return scst_range_enter(&f->ranges, &user->entry, TABLE_SHIFT);
}

/* Comes for a range. Return: it has to wait. */
static bool table_come(struct kunit *test, unsigned int i, bool update,
		       u64 first, u64 last)
{
	struct table_fixture *f = test->priv;
	struct table_user *user = &f->users[i];

	KUNIT_ASSERT_TRUE(test, table_enter(test, i, update, first, last));
	if (!scst_range_park(&user->entry)) {
		user->state = TABLE_IN;
		return false;
	}
	user->state = TABLE_WAITS;
	return true;
}

static void table_go(struct kunit *test, unsigned int i)
{
	struct table_fixture *f = test->priv;
	struct table_user *user = &f->users[i];

	/* As its state function: it comes back, and goes on. */
	KUNIT_EXPECT_FALSE(test, scst_range_park(&user->entry));
	scst_range_leave(&f->ranges, &user->entry);
	user->state = TABLE_OUT;
}

static bool table_cancel(struct kunit *test, unsigned int i)
{
	struct table_fixture *f = test->priv;
	bool parked = scst_range_cancel(&f->ranges, &f->users[i].entry);

	if (parked)
		f->users[i].state = TABLE_NONE;
	return parked;
}

static void table_expect(struct kunit *test, unsigned int i,
			 enum table_state state)
{
	struct table_fixture *f = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, f->users[i].state, state, "user %u", i);
}

/* One that is on its blocks, and those that want a part of them */
static const struct table_pair {
	const char	*name;
	u64		first, last;
	bool		meets;
	bool		wide;
} table_pairs[] = {
	{ "the same", 100, 107, true },
	{ "its first", 93, 100, true },
	{ "before it", 92, 99, false },
	{ "its last", 107, 120, true },
	{ "behind it", 108, 120, false },
	{ "from the region before", 0, TABLE_REGION, true },
	{ "two regions", 107, TABLE_REGION, true },
	{ "two regions, behind it", 108, TABLE_REGION + 5, false },
	{ "many regions", 107, 5 * TABLE_REGION, true, true },
	{ "many regions, behind it", 108, 5 * TABLE_REGION, false, true },
	{ "the medium", 0, U64_MAX, true, true },
	{ "another region", TABLE_REGION + 100, TABLE_REGION + 107, false },
	{ "the end", U64_MAX - 7, U64_MAX, false },
};

KUNIT_ARRAY_PARAM_DESC(table_pair, table_pairs, name);

static void table_pair_test(struct kunit *test)
{
	const struct table_pair *p = test->param_value;
	bool waits;
	int a, b;

	for (a = 0; a < 2; a++) {
		for (b = 0; b < 2; b++) {
			if (b && p->wide)
				continue;
			waits = p->meets && (a || b);
			KUNIT_EXPECT_FALSE(test, table_come(test, 0, a, 100,
							    107));
			KUNIT_EXPECT_EQ(test, table_come(test, 1, b, p->first,
							 p->last), waits);
			table_go(test, 0);
			table_expect(test, 1, TABLE_IN);
			/* The other way round */
			KUNIT_EXPECT_EQ(test, table_come(test, 0, a, 100, 107),
					waits);
			table_go(test, 1);
			table_expect(test, 0, TABLE_IN);
			table_go(test, 0);
		}
	}
}

/* No place: an update of many regions, and any as long as it is off. */
static void table_refuse_test(struct kunit *test)
{
	struct table_fixture *f = test->priv;

	KUNIT_EXPECT_FALSE(test, table_enter(test, 0, true, 0, U64_MAX));
	KUNIT_EXPECT_FALSE(test, table_enter(test, 0, true, TABLE_REGION - 1,
					     2 * TABLE_REGION));
	f->ranges.on = false;
	KUNIT_EXPECT_FALSE(test, table_enter(test, 0, true, 0, 0));
	KUNIT_EXPECT_FALSE(test, table_come(test, 1, false, 0, 0));
	table_go(test, 1);
	scst_ranges_begin(&f->ranges);
	KUNIT_EXPECT_FALSE(test, table_come(test, 0, true, 0, 0));
	table_go(test, 0);
}

/* Who waits is waited for: nobody passes an update for ever. */
static void table_order_test(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, table_come(test, 0, false, 0, 9));
	KUNIT_EXPECT_TRUE(test, table_come(test, 1, true, 5, 14));
	KUNIT_EXPECT_TRUE(test, table_come(test, 2, false, 10, 19));
	KUNIT_EXPECT_FALSE(test, table_come(test, 3, false, 15, 19));
	KUNIT_EXPECT_TRUE(test, table_come(test, 4, true, 19, 19));
	KUNIT_EXPECT_FALSE(test, table_come(test, 5, false, 0, 4));
	table_go(test, 3);
	table_expect(test, 4, TABLE_WAITS);
	table_go(test, 0);
	table_expect(test, 1, TABLE_IN);
	table_expect(test, 2, TABLE_WAITS);
	table_go(test, 1);
	table_expect(test, 2, TABLE_IN);
	table_expect(test, 4, TABLE_WAITS);
	table_go(test, 2);
	table_expect(test, 4, TABLE_IN);
	table_go(test, 4);
	table_go(test, 5);
}

/* Those that wait for many are woken by the last of them, once. */
static void table_many_test(struct kunit *test)
{
	struct table_fixture *f = test->priv;
	unsigned int i;

	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_FALSE(test, table_come(test, i, i & 1,
						    i * TABLE_REGION / 4,
						    i * TABLE_REGION / 4));
	KUNIT_EXPECT_TRUE(test, table_come(test, 8, true, 0,
					   2 * TABLE_REGION - 1));
	KUNIT_EXPECT_TRUE(test, table_come(test, 9, false, 0, U64_MAX));
	for (i = 0; i < 8; i++) {
		table_expect(test, 8, TABLE_WAITS);
		table_go(test, i);
	}
	table_expect(test, 8, TABLE_IN);
	table_expect(test, 9, TABLE_WAITS);
	table_go(test, 8);
	table_expect(test, 9, TABLE_IN);
	KUNIT_EXPECT_EQ(test, f->users[8].nr_woken, 1);
	KUNIT_EXPECT_EQ(test, f->users[9].nr_woken, 1);
	table_go(test, 9);
}

/* One that gives up is not waited for; one that has its range keeps it. */
static void table_cancel_test(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, table_come(test, 0, true, 0, 9));
	KUNIT_EXPECT_TRUE(test, table_come(test, 1, true, 9,
					   TABLE_REGION + 9));
	KUNIT_EXPECT_TRUE(test, table_come(test, 2, false, 10, 19));
	KUNIT_EXPECT_TRUE(test, table_come(test, 3, false, 9, 19));
	KUNIT_EXPECT_FALSE(test, table_cancel(test, 0));
	KUNIT_EXPECT_TRUE(test, table_cancel(test, 1));
	KUNIT_EXPECT_FALSE(test, table_cancel(test, 1));
	table_expect(test, 2, TABLE_IN);
	table_expect(test, 3, TABLE_WAITS);
	/* It comes back, and sees that it has given up. */
	table_go(test, 1);
	table_go(test, 2);
	table_go(test, 0);
	table_expect(test, 3, TABLE_IN);
	table_go(test, 3);
}

/* Between coming and parking everything may happen. */
static void table_late_park_test(struct kunit *test)
{
	struct table_fixture *f = test->priv;

	KUNIT_EXPECT_FALSE(test, table_come(test, 0, true, 0, 9));
	KUNIT_ASSERT_TRUE(test, table_enter(test, 1, true, 0, 9));
	KUNIT_ASSERT_TRUE(test, table_enter(test, 2, true, 0, 9));
	/* Nobody has to be woken. */
	KUNIT_EXPECT_FALSE(test, table_cancel(test, 2));
	KUNIT_EXPECT_FALSE(test, scst_range_park(&f->users[2].entry));
	scst_range_leave(&f->ranges, &f->users[2].entry);
	table_go(test, 0);
	KUNIT_EXPECT_EQ(test, f->users[1].nr_woken, 0);
	KUNIT_EXPECT_FALSE(test, scst_range_park(&f->users[1].entry));
	table_go(test, 1);
	/* One that has not parked, and leaves, is not waited for. */
	KUNIT_EXPECT_FALSE(test, table_come(test, 0, true, 0, 9));
	KUNIT_ASSERT_TRUE(test, table_enter(test, 1, true, 0, 9));
	KUNIT_EXPECT_TRUE(test, table_come(test, 2, false, 5, 5));
	scst_range_leave(&f->ranges, &f->users[1].entry);
	table_expect(test, 2, TABLE_WAITS);
	table_go(test, 0);
	table_expect(test, 2, TABLE_IN);
	table_go(test, 2);
}

/* One that is not to wait sees that it would have to, and leaves. */
static void table_must_wait_test(struct kunit *test)
{
	struct table_fixture *f = test->priv;
	struct scst_range_entry *entry = &f->users[2].entry;

	KUNIT_EXPECT_FALSE(test, table_come(test, 0, false, 0, 9));
	KUNIT_EXPECT_TRUE(test, table_come(test, 1, true, 9, 10));
	/* Behind an update that itself waits, for what may wait for it */
	KUNIT_ASSERT_TRUE(test, table_enter(test, 2, false, 10, 19));
	KUNIT_EXPECT_TRUE(test, scst_range_must_wait(entry));
	scst_range_leave(&f->ranges, entry);
	KUNIT_ASSERT_TRUE(test, table_enter(test, 2, false, 11, 19));
	KUNIT_EXPECT_FALSE(test, scst_range_must_wait(entry));
	table_go(test, 2);
	/* It is its turn before it has looked. */
	KUNIT_ASSERT_TRUE(test, table_enter(test, 2, false, 10, 19));
	table_go(test, 0);
	table_go(test, 1);
	KUNIT_EXPECT_FALSE(test, scst_range_must_wait(entry));
	table_go(test, 2);
}

/* The mode ends when it is idle, but not while there are updates. */
static void table_idle_test(struct kunit *test)
{
	struct table_fixture *f = test->priv;

	scst_ranges_end_idle(&f->ranges);
	KUNIT_EXPECT_TRUE(test, f->ranges.on);
	KUNIT_EXPECT_FALSE(test, table_come(test, 0, true, 0, 9));
	f->ranges.used = jiffies - 3600 * HZ;
	scst_ranges_end_idle(&f->ranges);
	KUNIT_EXPECT_TRUE(test, f->ranges.on);
	KUNIT_EXPECT_FALSE(test, table_come(test, 1, true, 10, 19));
	KUNIT_EXPECT_TRUE(test, time_after(f->ranges.used, jiffies - 1800 * HZ));
	table_go(test, 0);
	table_go(test, 1);
	f->ranges.used = jiffies - 3600 * HZ;
	scst_ranges_end_idle(&f->ranges);
	KUNIT_EXPECT_FALSE(test, f->ranges.on);
}

static bool table_conflict(const struct table_user *a,
			   const struct table_user *b)
{
	return (a->entry.update || b->entry.update) &&
	       scst_range_overlap(&a->entry.range, &b->entry.range);
}

/* A user waits if, and only if, an older one is in its way. */
static void table_check(struct kunit *test)
{
	struct table_fixture *f = test->priv;
	const struct table_user *a, *b;
	unsigned int i, j;
	bool waits;

	for (i = 0; i < TABLE_USERS; i++) {
		a = &f->users[i];
		if (a->state != TABLE_WAITS && a->state != TABLE_IN)
			continue;
		waits = false;
		for (j = 0; j < TABLE_USERS; j++) {
			b = &f->users[j];
			if (i != j && b->came < a->came &&
			    (b->state == TABLE_WAITS || b->state == TABLE_IN))
				waits |= table_conflict(a, b);
		}
		KUNIT_ASSERT_EQ_MSG(test, a->state,
				    waits ? TABLE_WAITS : TABLE_IN,
				    "user %u, arrival %u", i, a->came);
		KUNIT_ASSERT_LE(test, a->nr_woken, 1);
	}
}

static void table_random_come(struct kunit *test, struct rnd_state *rnd,
			      unsigned int i)
{
	u64 first = prandom_u32_state(rnd) % (4 * TABLE_REGION);
	bool update = prandom_u32_state(rnd) & 1;
	u64 len = prandom_u32_state(rnd) % TABLE_REGION;

	if (!update && !(prandom_u32_state(rnd) % 8))
		len *= 16;
	table_come(test, i, update, first, first + len);
}

/* Whatever happens: the model says who waits. */
static void table_random_test(struct kunit *test)
{
	struct table_fixture *f = test->priv;
	struct rnd_state rnd;
	unsigned int i, n;

	prandom_seed_state(&rnd, 4711);
	for (n = 0; n < 20000; n++) {
		i = prandom_u32_state(&rnd) % TABLE_USERS;
		switch (f->users[i].state) {
		case TABLE_OUT:
			table_random_come(test, &rnd, i);
			break;
		case TABLE_WAITS:
			KUNIT_ASSERT_TRUE(test, table_cancel(test, i));
			break;
		default:
			table_go(test, i);
			break;
		}
		table_check(test);
	}
	/* Nobody waits for ever. */
	for (n = 0; n < TABLE_USERS; n++)
		for (i = 0; i < TABLE_USERS; i++)
			if (f->users[i].state == TABLE_IN ||
			    f->users[i].state == TABLE_NONE)
				table_go(test, i);
	for (i = 0; i < TABLE_USERS; i++)
		table_expect(test, i, TABLE_OUT);
}

static struct kunit_case table_test_cases[] = {
	KUNIT_CASE_PARAM(table_pair_test, table_pair_gen_params),
	KUNIT_CASE(table_refuse_test),
	KUNIT_CASE(table_order_test),
	KUNIT_CASE(table_many_test),
	KUNIT_CASE(table_cancel_test),
	KUNIT_CASE(table_late_park_test),
	KUNIT_CASE(table_must_wait_test),
	KUNIT_CASE(table_idle_test),
	KUNIT_CASE(table_random_test),
	{}
};

static struct kunit_suite table_suite = {
	.name = "scst_range_table",
	.init = table_init,
	.exit = table_exit,
	.test_cases = table_test_cases,
};

kunit_test_suite(table_suite);
