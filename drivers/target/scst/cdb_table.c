// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of commands as one, by opcode.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/limits.h>
#include "scst_pure.h"

#define SCST_CDB_MAX_ROWS	400

/* Where an opcode is in several, disks come first: they are in a hurry. */
static const struct scst_cdb_table *const scst_cdb_tables[] = {
	&scst_cdb_sbc,
	&scst_cdb_sbc32,
	&scst_cdb_mmc,
	&scst_cdb_ssc,
	&scst_cdb_optical,
	&scst_cdb_smc,
	&scst_cdb_sat,
	&scst_cdb_misc,
	&scst_cdb_spc,
};

/* All rows in the order of their opcodes, then NULL */
static const struct scst_cdb_op *scst_cdb_rows[SCST_CDB_MAX_ROWS + 1]
	__ro_after_init;
static unsigned int scst_cdb_nr_rows __ro_after_init;
/* Number of the first row whose opcode is this one, or a higher one */
static u16 scst_cdb_first[256] __ro_after_init;

static int __init scst_cdb_add(const struct scst_cdb_table *table, u8 opcode)
{
	unsigned int i;

	for (i = 0; i < table->nr; i++) {
		if (table->rows[i].opcode != opcode)
			continue;
		if (scst_cdb_nr_rows == SCST_CDB_MAX_ROWS)
			return -ENOSPC;
		scst_cdb_rows[scst_cdb_nr_rows++] = &table->rows[i];
	}
	return 0;
}

int __init scst_cdb_init(void)
{
	unsigned int opcode, i;
	int error;

	for (opcode = 0; opcode <= U8_MAX; opcode++) {
		scst_cdb_first[opcode] = scst_cdb_nr_rows;
		for (i = 0; i < ARRAY_SIZE(scst_cdb_tables); i++) {
			error = scst_cdb_add(scst_cdb_tables[i], opcode);
			if (error)
				return error;
		}
	}
	return 0;
}

const struct scst_cdb_op *const *scst_cdb_rows_from(u8 opcode)
{
	return &scst_cdb_rows[scst_cdb_first[opcode]];
}

const struct scst_cdb_op *scst_cdb_row(unsigned int i)
{
	return i < scst_cdb_nr_rows ? scst_cdb_rows[i] : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(scst_cdb_row);
