/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCST: patterns of names.
 */
#ifndef _SCST_PATTERN_H
#define _SCST_PATTERN_H

#include <linux/types.h>

/**
 * scst_pattern_match() - does a name match a pattern?
 * @pattern: "*" stands for any string, "?" for any one character; a leading
 *	"!" inverts the result
 * @name: name of an initiator, or an address
 *
 * Without regard to case, since iSCSI names are to be lower case and WWNs are
 * written either way. No recursion; time is at most proportional to the
 * product of the two lengths. Any context.
 */
bool scst_pattern_match(const char *pattern, const char *name);

#endif /* _SCST_PATTERN_H */
