// SPDX-License-Identifier: GPL-2.0
/*
 * Patterns of names and addresses.
 */
#include <linux/ctype.h>
#include <linux/export.h>
#include <scst/pattern.h>

static bool scst_glob_char(char pattern, char c)
{
	return pattern == c || pattern == '?' || tolower(pattern) == tolower(c);
}

/*
 * Only the last star seen ever needs another try: whatever an earlier one
 * could take over, the last one can take as well. Hence no stack.
 */
static bool scst_glob(const char *pattern, const char *name)
{
	const char *star = NULL;	/* behind the last star */
	const char *retry = NULL;	/* where the text after it may begin */

	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = name;
		} else if (*pattern && scst_glob_char(*pattern, *name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool scst_pattern_match(const char *pattern, const char *name)
{
	if (*pattern == '!')
		return !scst_glob(pattern + 1, name);
	return scst_glob(pattern, name);
}
EXPORT_SYMBOL_GPL(scst_pattern_match);
