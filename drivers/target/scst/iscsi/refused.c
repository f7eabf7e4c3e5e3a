// SPDX-License-Identifier: GPL-2.0
/*
 * refused_initiators: who came to a target and found no LUN there
 *
 * To them there is no such target, hence they have no session that one could
 * look at; but an administrator who is to let one in needs its name, as groups
 * see it.
 *
 * Whoever reaches a portal can say that it is anybody, before it has shown any
 * secret, and as often as it likes. So there are few names, the memory for them
 * is taken once in a target's life, and they are such that nobody who makes a
 * directory, a word of a command or a pattern of one gets something else.
 */
#include <kunit/visibility.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "isct.h"
#include "isct_kunit.h"

#define REFUSED_ALNUM	"0123456789abcdefghijklmnopqrstuvwxyz" \
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/*
 * RFC 7143 4.2.7.1 and 4.2.7.2: of ASCII, what names are made of. Capitals are
 * folded by RFC 3722 and _ is not in it, but initiators are called with them,
 * and get in. Beyond ASCII it may not even be UTF-8.
 */
VISIBLE_IF_KUNIT bool isct_refused_safe(const char *initiator)
{
	return strspn(initiator, REFUSED_ALNUM) &&
	       !initiator[strspn(initiator, REFUSED_ALNUM "-.:_")];
}
EXPORT_SYMBOL_IF_KUNIT(isct_refused_safe);

/* The line of a name, or NULL: "A" and "a" are one, as in groups. */
static char *refused_find(char *list, const char *name)
{
	size_t len = strlen(name);
	char *line, *end;

	for (line = list; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (end - line == len && !strncasecmp(line, name, len))
			return line;
	}
	return NULL;
}

/* Keeps the newest names: so many of them, and whole lines within @size. */
static void refused_trim(char *list, unsigned int nr, size_t size)
{
	char *line, *next;

	for (line = list; *line && nr; line = next) {
		next = strchr(line, '\n') + 1;
		if (next - list > size)
			break;
		nr--;
	}
	*line = '\0';
}

VISIBLE_IF_KUNIT void isct_refused_drop(char *list, const char *name)
{
	char *line = refused_find(list, name), *next;

	if (!line)
		return;
	next = line + strlen(name) + 1;
	memmove(line, next, strlen(next) + 1);
}
EXPORT_SYMBOL_IF_KUNIT(isct_refused_drop);

VISIBLE_IF_KUNIT void isct_refused_put(char *list, const char *name)
{
	size_t len = strlen(name);

	isct_refused_drop(list, name);
	refused_trim(list, ISCT_REFUSED_MAX - 1, ISCT_REFUSED_SIZE - len - 2);
	memmove(list + len + 1, list, strlen(list) + 1);
	memcpy(list, name, len);
	list[len] = '\n';
}
EXPORT_SYMBOL_IF_KUNIT(isct_refused_put);

void isct_refused_add(struct isct_tgt *tgt, const char *initiator,
		      const char *name)
{
	lockdep_assert_held(&isct_config_mutex);

	if (tgt->gone || !READ_ONCE(tgt->tgt.enabled) ||
	    !isct_refused_safe(initiator))
		return;
	/* Some initiator's memory reclaim may wait for this one's login. */
	if (!tgt->refused)
		tgt->refused = kzalloc(ISCT_REFUSED_SIZE, GFP_NOIO);
	if (tgt->refused)
		isct_refused_put(tgt->refused, name);
}

void isct_refused_remove(struct isct_tgt *tgt, const char *name)
{
	mutex_lock(&isct_config_mutex);
	if (tgt->refused)
		isct_refused_drop(tgt->refused, name);
	mutex_unlock(&isct_config_mutex);
}

void isct_refused_clear(struct isct_tgt *tgt)
{
	lockdep_assert_held(&isct_config_mutex);

	if (tgt->refused)
		tgt->refused[0] = '\0';
}

ssize_t isct_refused_show(struct isct_tgt *tgt, char *page)
{
	ssize_t len;

	mutex_lock(&isct_config_mutex);
	len = sysfs_emit(page, "%s", tgt->refused ?: "");
	mutex_unlock(&isct_config_mutex);
	return len;
}
