/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tables of commands, cdb_*.c, have in common.
 *
 * To add a command: its row in the table of its subject, in the order of
 * opcodes, and, if a handler or the core executes it, its name in enum scst_op
 * (cdb.h). Rows of one opcode differ in service action or in types. KUnit
 * (tests/cdb_table_kunit.c) checks that.
 *
 * Usage data says what is evaluated, by us or by a device behind us; what the
 * standards call obsolete is not.
 */
#ifndef _SCST_CDB_ROWS_H
#define _SCST_CDB_ROWS_H

#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/limits.h>
#include "scst_pure.h"

/* Also at a LUN where there is no logical unit (SPC-5 4.2.1) */
#define SCST_TYPES_ANY		U32_MAX
/* Logical units that are not well known ones */
#define SCST_TYPES_LU		GENMASK(TYPE_WLUN - 1, 0)
#define SCST_TYPES_DISK		(BIT(TYPE_DISK) | BIT(TYPE_ZBC))
#define SCST_TYPES_OPTICAL	(BIT(TYPE_WORM) | BIT(TYPE_MOD))
#define SCST_TYPES_SBC		(SCST_TYPES_DISK | SCST_TYPES_OPTICAL)
#define SCST_TYPES_MMC		BIT(TYPE_ROM)
#define SCST_TYPES_RBC		BIT(TYPE_RBC)
#define SCST_TYPES_ATA		(SCST_TYPES_DISK | SCST_TYPES_MMC | SCST_TYPES_RBC)
/* The types that SCSI-2 has */
#define SCST_TYPES_SCSI2	GENMASK(TYPE_COMM, 0)

#define SCST_FLAGS_READ		(SCST_CDB_MEDIUM | SCST_CDB_LBA_CHECK)
#define SCST_FLAGS_WRITE	(SCST_FLAGS_READ | SCST_CDB_WRITE)
/* What is read must not change before it is written. */
#define SCST_FLAGS_UPDATE	(SCST_FLAGS_WRITE | SCST_CDB_UPDATE)

/* Fields of a row: the command */
#define SCST_CDB_SA(_op, _opcode, _sa, _len, _name)			\
	.op = SCST_OP_##_op, .opcode = _opcode, .service_action = _sa,	\
	.len = _len, .name = _name
#define SCST_CDB(_op, _opcode, _len, _name)				\
	.op = SCST_OP_##_op, .opcode = _opcode,				\
	.service_action = SCST_CDB_NO_SA, .len = _len, .name = _name

/* Fields of a row: an allocation length, and a parameter list length */
#define SCST_CDB_IN(_offset, _bytes)					\
	.dir = SCST_DATA_READ, .unit = SCST_UNIT_BYTES,			\
	.count = { _offset, _bytes }
#define SCST_CDB_OUT(_offset, _bytes)					\
	.dir = SCST_DATA_WRITE, .unit = SCST_UNIT_BYTES,		\
	.count = { _offset, _bytes }

#endif /* _SCST_CDB_ROWS_H */
