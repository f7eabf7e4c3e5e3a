// SPDX-License-Identifier: GPL-2.0
/*
 * Patterns of initiator names.
 */
#include <kunit/test.h>
#include <linux/ktime.h>
#include "../scst_pure.h"

struct pattern_case {
	const char	*pattern;
	const char	*name;
	bool		match;
};

static const struct pattern_case pattern_cases[] = {
	/* Plain names */
	{ "", "", true },
	{ "", "a", false },
	{ "a", "", false },
	{ "iqn.2024-01.com.example:host", "iqn.2024-01.com.example:host", true },
	{ "iqn.2024-01.com.example:host", "iqn.2024-01.com.example:hos", false },
	{ "iqn.2024-01.com.example:host", "iqn.2024-01.com.example:host1",
	  false },
	/* Case */
	{ "IQN.2024-01.COM.Example:Host", "iqn.2024-01.com.example:hOST", true },
	{ "50:01:43:80:AB:CD:EF:01", "50:01:43:80:ab:cd:ef:01", true },
	/* '?' is one character, neither none nor two */
	{ "?", "", false },
	{ "?", "a", true },
	{ "?", "?", true },
	{ "?", "ab", false },
	{ "host?", "host1", true },
	{ "host?", "host", false },
	{ "host??", "host1", false },
	/* '*' is any string, the empty one too */
	{ "*", "", true },
	{ "*", "abc", true },
	{ "**", "", true },
	{ "***a***", "a", true },
	{ "a*", "a", true },
	{ "*a", "a", true },
	{ "iqn.*:host*", "iqn.2024-01.com.example:host17", true },
	{ "iqn.*:host*", "iqn.2024-01.com.example:guest17", false },
	{ "*host", "host.host", true },
	{ "*host", "host.hosts", false },
	/* A later try of the last star finds the match */
	{ "*ab*abc", "abababc", true },
	{ "*ab*abc", "ababab", false },
	{ "a*?b", "ab", false },
	{ "a*?b", "axb", true },
	{ "*?*", "", false },
	{ "*?*", "x", true },
	{ "a*b*c", "a-b-b-c", true },
	{ "a*b*c", "a-c-b", false },
	/* Characters that other pattern languages know */
	{ "[a-c]", "b", false },
	{ "[a-c]", "[a-c]", true },
	{ "a\\*", "a\\b", true },
	{ "a.c", "abc", false },
	/* '!' in front inverts; elsewhere it is a character */
	{ "!", "", false },
	{ "!", "a", true },
	{ "!abc", "abc", false },
	{ "!abc", "ABC", false },
	{ "!abc", "abd", true },
	{ "!*", "anything", false },
	{ "!iqn.*:bad*", "iqn.2024-01.com.example:good", true },
	{ "!iqn.*:bad*", "iqn.2024-01.com.example:bad1", false },
	{ "!!abc", "!abc", false },
	{ "!!abc", "abc", true },
	{ "a!b", "a!b", true },
};

static void pattern_case_desc(const struct pattern_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "'%s' and '%s'", c->pattern,
		 c->name);
}

KUNIT_ARRAY_PARAM(pattern, pattern_cases, pattern_case_desc);

static void pattern_match_test(struct kunit *test)
{
	const struct pattern_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, scst_pattern_match(c->pattern, c->name),
			c->match);
}

/*
 * "*a*a*a...b" against "aaa...": tried star by star, that takes longer than
 * the machine lives. A walk that goes back to the last star only ends at once;
 * a second is there for a host that does something else.
 */
static void pattern_pathological_test(struct kunit *test)
{
	char *pattern = kunit_kzalloc(test, SCST_MAX_NAME + 1, GFP_KERNEL);
	char *name = kunit_kzalloc(test, SCST_MAX_NAME + 1, GFP_KERNEL);
	ktime_t start;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, pattern);
	KUNIT_ASSERT_NOT_NULL(test, name);
	for (i = 0; i < SCST_MAX_NAME - 1; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[SCST_MAX_NAME - 1] = 'b';
	memset(name, 'a', SCST_MAX_NAME);

	start = ktime_get();
	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_FALSE(test, scst_pattern_match(pattern, name));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start), 1000);

	name[SCST_MAX_NAME - 1] = 'b';
	KUNIT_EXPECT_TRUE(test, scst_pattern_match(pattern, name));
}

static struct kunit_case pattern_test_cases[] = {
	KUNIT_CASE_PARAM(pattern_match_test, pattern_gen_params),
	KUNIT_CASE(pattern_pathological_test),
	{}
};

static struct kunit_suite pattern_suite = {
	.name = "scst_pattern",
	.test_cases = pattern_test_cases,
};

kunit_test_suite(pattern_suite);
