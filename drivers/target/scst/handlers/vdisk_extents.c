// SPDX-License-Identifier: GPL-2.0
/*
 * Where in a hole of a file there is room for blocks, of which the file system
 * tells no more than how many extents a range has (fiemap without a place for
 * them).
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include "vdisk_pure.h"

static int vdisk_extents_count(const struct vdisk_extents *ex, u64 pos,
			       u64 first, u64 end)
{
	return ex->count(ex->priv, pos + first * ex->unit,
			 (end - first) * ex->unit);
}

/*
 * In how many units from @pos on, of @nr, are there @most extents? It begins
 * small: what a file system takes grows with the extents that it counts.
 */
static int vdisk_extents_prefix(const struct vdisk_extents *ex, u64 pos,
				u64 nr, int most, u64 *units)
{
	u64 few = 0, many = nr + 1, end = 1;
	int count;

	while (many - few > 1) {
		count = vdisk_extents_count(ex, pos, 0, end);
		if (count < 0)
			return count;
		if (count <= most)
			few = end;
		else
			many = end;
		end = many > nr ? min(2 * few, nr) : few + (many - few) / 2;
	}
	*units = few;
	return 0;
}

/*
 * The one extent that there is in @nr units from @pos on begins with the first
 * of them at the latest: how many has it got? It has all those that are before
 * one which it has.
 */
static int vdisk_extents_length(const struct vdisk_extents *ex, u64 pos,
				u64 nr, u64 *units)
{
	u64 inside = 0, end = nr, unit = nr - 1;
	int count;

	while (end - inside > 1) {
		count = vdisk_extents_count(ex, pos, unit, unit + 1);
		if (count < 0)
			return count;
		if (count)
			inside = unit;
		else
			end = unit;
		unit = inside + (end - inside) / 2;
	}
	*units = end;
	return 0;
}

/*
 * A write that comes between two counts may be taken for more of the extent:
 * but the last unit that was found has room, and so has all before it if there
 * is still one extent. @units: how many it has, or 0 if that is not known.
 */
static int vdisk_extents_one(const struct vdisk_extents *ex, u64 pos, u64 nr,
			     u64 *units)
{
	int error, count;

	error = vdisk_extents_prefix(ex, pos, nr, 1, units);
	if (!error)
		error = vdisk_extents_length(ex, pos, *units, units);
	if (error || !*units)
		return error;
	count = vdisk_extents_count(ex, pos, 0, *units);
	if (count < 0)
		return count;
	if (count != 1)
		*units = 0;
	return 0;
}

/* A block that extents share, or have in part, has room if all of it has. */
static int vdisk_extents_block(const struct vdisk_extents *ex, u64 pos)
{
	u32 unit;
	int count;

	for (unit = 0; unit < ex->block / ex->unit; unit++) {
		count = vdisk_extents_count(ex, pos, unit, unit + 1);
		if (count < 0)
			return count;
		if (!count)
			return VDISK_LBA_DEALLOCATED;
	}
	return VDISK_LBA_ANCHORED;
}

int vdisk_extents_status(const struct vdisk_extents *ex, u64 pos, u64 *len)
{
	int error, status = VDISK_LBA_DEALLOCATED;
	u64 nr = *len >> ilog2(ex->unit), units;

	error = vdisk_extents_prefix(ex, pos, nr, 0, &units);
	if (!error && !units) {
		status = VDISK_LBA_ANCHORED;
		error = vdisk_extents_one(ex, pos, nr, &units);
	}
	if (error)
		return error;
	if (units * ex->unit >= ex->block) {
		*len = round_down(units * ex->unit, ex->block);
		return status;
	}
	*len = ex->block;
	return vdisk_extents_block(ex, pos);
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_extents_status);
