// SPDX-License-Identifier: GPL-2.0
/*
 * refused_initiators: the list, and whose names get into it
 */
#include <kunit/test.h>
#include <linux/string.h>
#include "../isct_kunit.h"

/**
 * struct refused_env - a list
 * @list: list
 * @beyond: behind it: stays as it is
 * @name: room for a name
 */
struct refused_env {
	char	list[ISCT_REFUSED_SIZE];
	char	beyond[8];
	char	name[ISCT_CORE_NAME_MAX];
};

static int refused_init(struct kunit *test)
{
	struct refused_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, env);
	memset(env->beyond, '#', sizeof(env->beyond));
	test->priv = env;
	return 0;
}

static void refused_put_all(struct refused_env *env, const char *names)
{
	char name[2] = "";

	for (; *names; names++) {
		name[0] = *names;
		isct_refused_put(env->list, name);
	}
}

static void refused_order_test(struct kunit *test)
{
	struct refused_env *env = test->priv;

	refused_put_all(env, "a");
	KUNIT_EXPECT_STREQ(test, env->list, "a\n");
	refused_put_all(env, "bc");
	KUNIT_EXPECT_STREQ(test, env->list, "c\nb\na\n");
}

/* Who comes again is the newest, once. */
static void refused_again_test(struct kunit *test)
{
	struct refused_env *env = test->priv;

	refused_put_all(env, "abcc");
	KUNIT_EXPECT_STREQ(test, env->list, "c\nb\na\n");
	refused_put_all(env, "b");
	KUNIT_EXPECT_STREQ(test, env->list, "b\nc\na\n");
	refused_put_all(env, "A");
	KUNIT_EXPECT_STREQ(test, env->list, "A\nb\nc\n");
	/* A beginning or an end is another name. */
	isct_refused_put(env->list, "ab");
	isct_refused_put(env->list, "bc");
	KUNIT_EXPECT_STREQ(test, env->list, "bc\nab\nA\nb\nc\n");
}

static void refused_oldest_test(struct kunit *test)
{
	struct refused_env *env = test->priv;

	BUILD_BUG_ON(ISCT_REFUSED_MAX != 16);
	refused_put_all(env, "abcdefghijklmnop");
	KUNIT_EXPECT_STREQ(test, env->list,
			   "p\no\nn\nm\nl\nk\nj\ni\nh\ng\nf\ne\nd\nc\nb\na\n");
	refused_put_all(env, "a");
	KUNIT_EXPECT_STREQ(test, env->list,
			   "a\np\no\nn\nm\nl\nk\nj\ni\nh\ng\nf\ne\nd\nc\nb\n");
	refused_put_all(env, "q");
	KUNIT_EXPECT_STREQ(test, env->list,
			   "q\na\np\no\nn\nm\nl\nk\nj\ni\nh\ng\nf\ne\nd\nc\n");
}

static void refused_drop_test(struct kunit *test)
{
	struct refused_env *env = test->priv;

	isct_refused_drop(env->list, "a");
	KUNIT_EXPECT_STREQ(test, env->list, "");
	refused_put_all(env, "abcd");
	isct_refused_drop(env->list, "x");
	isct_refused_drop(env->list, "ab");
	isct_refused_drop(env->list, "");
	KUNIT_EXPECT_STREQ(test, env->list, "d\nc\nb\na\n");
	isct_refused_drop(env->list, "b");
	KUNIT_EXPECT_STREQ(test, env->list, "d\nc\na\n");
	isct_refused_drop(env->list, "D");
	KUNIT_EXPECT_STREQ(test, env->list, "c\na\n");
	isct_refused_drop(env->list, "a");
	isct_refused_drop(env->list, "c");
	KUNIT_EXPECT_STREQ(test, env->list, "");
}

/* Puts 20 names of @len bytes; how many of them, the newest, are there? */
static unsigned int refused_fill(struct kunit *test, size_t len)
{
	struct refused_env *env = test->priv;
	const char *line = env->list;
	unsigned int i, nr;

	memset(env->name, 'x', len);
	for (i = 0; i < 20; i++) {
		env->name[len - 1] = 'a' + i;
		isct_refused_put(env->list, env->name);
	}
	for (nr = 0; *line; nr++, line += len + 1) {
		KUNIT_ASSERT_LT(test, nr, 20);
		KUNIT_EXPECT_EQ(test, line[len - 1], 'a' + 19 - nr);
		KUNIT_ASSERT_EQ(test, line[len], '\n');
	}
	KUNIT_EXPECT_EQ(test, memcmp(env->beyond, "########", 8), 0);
	return nr;
}

static void refused_longest_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, refused_fill(test, ISCT_NAME_MAX), 16);
}

/* With portals, whole names only: what does not fit is not there. */
static void refused_page_test(struct kunit *test)
{
	struct refused_env *env = test->priv;

	KUNIT_EXPECT_EQ(test, refused_fill(test, ISCT_CORE_NAME_MAX - 1),
			(ISCT_REFUSED_SIZE - 1) / ISCT_CORE_NAME_MAX);
	/* 13 lines of 304 bytes: there are 143 left. */
	memset(env->name, 'y', 142);
	env->name[142] = '\0';
	isct_refused_put(env->list, env->name);
	KUNIT_EXPECT_EQ(test, strlen(env->list), ISCT_REFUSED_SIZE - 1);
	isct_refused_drop(env->list, env->name);
	memset(env->name, 'y', 143);
	env->name[143] = '\0';
	isct_refused_put(env->list, env->name);
	KUNIT_EXPECT_EQ(test, strlen(env->list), 144 + 12 * ISCT_CORE_NAME_MAX);
	KUNIT_EXPECT_EQ(test, memcmp(env->beyond, "########", 8), 0);
}

/**
 * struct refused_name - what an initiator calls itself
 * @desc: what it is
 * @name: name
 * @safe: may an administrator see it?
 */
struct refused_name {
	const char	*desc;
	const char	*name;
	bool		safe;
};

static const struct refused_name refused_names[] = {
	{ "an iqn. name", "iqn.2026-11.org.example:a", true },
	{ "an eui. name", "eui.0123456789ABCDEF", true },
	{ "all that may be in it", "iqn.1998-01.com.a:my_Host-1.2", true },
	{ "a digit", "0", true },
	{ "empty", "", false },
	{ "a star", "*", false },
	{ "a pattern with a star", "iqn.2026-11.org.example:*", false },
	{ "a pattern with a question mark", "iqn.2026-11.org.example:?", false },
	{ "an inverted pattern", "!iqn.2026-11.org.example:a", false },
	{ "a dot", ".", false },
	{ "two dots", "..", false },
	{ "a path", "a/b", false },
	{ "an option", "-rf", false },
	{ "underscore first", "_a", false },
	{ "colon first", ":a", false },
	{ "blank", "a b", false },
	{ "newline", "a\nb", false },
	{ "tab", "a\tb", false },
	{ "delete", "a\x7f", false },
	{ "escape", "a\x1b[2J", false },
	{ "a portal", "a#127.0.0.1", false },
	{ "a command", "a$(b)", false },
	{ "two commands", "a;b", false },
	{ "backslash", "a\\b", false },
	{ "quotation mark", "a'b", false },
	{ "double quotation mark", "a\"b", false },
	{ "UTF-8", "\xc3\xa4", false },
	{ "UTF-8 at the end", "a\xc3\xa4", false },
	{ "no UTF-8", "a\xff", false },
};

KUNIT_ARRAY_PARAM_DESC(refused_name, refused_names, desc);

static void refused_name_test(struct kunit *test)
{
	const struct refused_name *c = test->param_value;

	KUNIT_EXPECT_EQ(test, isct_refused_safe(c->name), c->safe);
}

static struct kunit_case refused_cases[] = {
	KUNIT_CASE(refused_order_test),
	KUNIT_CASE(refused_again_test),
	KUNIT_CASE(refused_oldest_test),
	KUNIT_CASE(refused_drop_test),
	KUNIT_CASE(refused_longest_test),
	KUNIT_CASE(refused_page_test),
	KUNIT_CASE_PARAM(refused_name_test, refused_name_gen_params),
	{}
};

static struct kunit_suite refused_suite = {
	.name		= "scst_iscsi_refused",
	.init		= refused_init,
	.test_cases	= refused_cases,
};

kunit_test_suite(refused_suite);
