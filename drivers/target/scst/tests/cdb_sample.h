/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sample CDBs of every command, and what the standards say of them: typed from
 * these, and not from the tables that they check.
 */
#ifndef _SCST_TESTS_CDB_SAMPLE_H
#define _SCST_TESTS_CDB_SAMPLE_H

#include <linux/array_size.h>
#include "../scst_pure.h"

/**
 * struct cdb_sample - a CDB and what it means
 * @name: of the command
 * @cdb: CDB
 * @type: peripheral device type, whose logical blocks have 512 bytes
 * @dir: direction
 * @len: bytes
 * @lba: logical block address
 * @blocks: logical blocks
 * @resv: with whose reservations it goes
 */
struct cdb_sample {
	const char		*name;
	u8			cdb[SCST_CDB_INLINE];
	u8			type;
	enum scst_data_dir	dir;
	u32			len;
	u64			lba;
	u32			blocks;
	enum scst_resv_class	resv;
};

/**
 * struct cdb_samples - those of one subject
 * @samples: samples
 * @nr: number of @samples
 */
struct cdb_samples {
	const struct cdb_sample	*samples;
	unsigned int		nr;
};

extern const struct cdb_samples cdb_samples_spc;
extern const struct cdb_samples cdb_samples_sbc;
extern const struct cdb_samples cdb_samples_mmc;
extern const struct cdb_samples cdb_samples_ssc;
extern const struct cdb_samples cdb_samples_misc;

/* Short for tables */
#define NO	SCST_DATA_NONE
#define IN	SCST_DATA_READ
#define OUT	SCST_DATA_WRITE
#define BIDI	SCST_DATA_BIDI
#define RD	SCST_RESV_READ
#define STATUS	SCST_RESV_STATUS
#define ALWAYS	SCST_RESV_ALWAYS

#endif /* _SCST_TESTS_CDB_SAMPLE_H */
