// SPDX-License-Identifier: GPL-2.0
/*
 * Which logical blocks a command touches, and in which regions they are.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include "scst_pure.h"

/*
 * Blocks that are looked at without anybody learning what is in them, as by
 * PRE-FETCH and SYNCHRONIZE CACHE, do not count.
 */
static bool scst_range_counts(const struct scst_cdb_info *info)
{
	u32 flags = info->op->flags;

	if (flags & SCST_CDB_WRITE)
		return true;
	return flags & SCST_CDB_MEDIUM && info->dir != SCST_DATA_NONE;
}

/* No blocks are none; where they are not what is transferred, up to the end. */
static bool scst_range_none(const struct scst_cdb_info *info)
{
	switch (info->op->unit) {
	case SCST_UNIT_BLOCKS:
	case SCST_UNIT_VERIFY:
	case SCST_UNIT_COMPARE:
	case SCST_UNIT_XOR:
		return !info->blocks;
	default:
		return false;
	}
}

bool scst_range_of(const struct scst_cdb_info *info, struct scst_range *range)
{
	if (!scst_range_counts(info))
		return false;
	range->first = 0;
	range->last = U64_MAX;
	/* UNMAP, or what nobody knows */
	if (!info->op->lba.bytes)
		return true;
	if (scst_range_none(info))
		return false;
	range->first = info->lba;
	/* What leaves the medium is refused, but not before it has its turn. */
	if (info->blocks &&
	    check_add_overflow(info->lba, info->blocks - 1, &range->last))
		range->last = U64_MAX;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(scst_range_of);

void scst_range_extend(struct scst_range *range, u64 lba, u64 blocks)
{
	u64 last;

	if (!blocks)
		return;
	if (check_add_overflow(lba, blocks - 1, &last))
		last = U64_MAX;
	range->first = min(range->first, lba);
	range->last = max(range->last, last);
}
EXPORT_SYMBOL_IF_KUNIT(scst_range_extend);

bool scst_range_overlap(const struct scst_range *a, const struct scst_range *b)
{
	return a->first <= b->last && b->first <= a->last;
}
EXPORT_SYMBOL_IF_KUNIT(scst_range_overlap);

unsigned int scst_range_regions(const struct scst_range *range, u8 block_shift,
				u64 regions[SCST_RANGE_REGIONS])
{
	u8 shift = block_shift < SCST_RANGE_REGION_SHIFT ?
		   SCST_RANGE_REGION_SHIFT - block_shift : 0;
	u64 first = range->first >> shift;
	u64 more = (range->last >> shift) - first;
	unsigned int i;

	if (more >= SCST_RANGE_REGIONS)
		return 0;
	for (i = 0; i <= more; i++)
		regions[i] = first + i;
	return i;
}
EXPORT_SYMBOL_IF_KUNIT(scst_range_regions);
