// SPDX-License-Identifier: GPL-2.0
/*
 * CDBs of all lengths for devices of all types: what is decoded, or refused, has
 * to do with what was there, and nobody looks behind it. And REPORT SUPPORTED
 * OPERATION CODES, which says what was found.
 */
#include "fuzz.h"
#include "../../../../drivers/target/scst/cdb.c"
#include "../../../../drivers/target/scst/cdb_len.c"
#include "../../../../drivers/target/scst/cdb_table.c"
#include "../../../../drivers/target/scst/cdb_mmc.c"
#include "../../../../drivers/target/scst/cdb_misc.c"
#include "../../../../drivers/target/scst/cdb_optical.c"
#include "../../../../drivers/target/scst/cdb_sat.c"
#include "../../../../drivers/target/scst/cdb_sbc.c"
#include "../../../../drivers/target/scst/cdb_sbc32.c"
#include "../../../../drivers/target/scst/cdb_smc.c"
#include "../../../../drivers/target/scst/cdb_spc.c"
#include "../../../../drivers/target/scst/cdb_ssc.c"
#include "../../../../drivers/target/scst/rsoc.c"

/* From 512 bytes to 64 KiB */
#define MIN_SHIFT	9
#define NR_SHIFTS	8

static void check_decoded(u8 type, const u8 *cdb, unsigned int len,
			  struct scst_cdb_info *info)
{
	const struct scst_cdb_op *row = info->op;

	fuzz_check(row == scst_cdb_find(type, cdb, len));
	fuzz_check(row->len <= len && row->opcode == cdb[0]);
	fuzz_check(scst_cdb_row_has_type(row, type));
	fuzz_check(info->data_len <= INT_MAX);
	fuzz_check(info->dir < SCST_DATA_NR);
	fuzz_check(!info->data_len || info->dir != SCST_DATA_NONE);
	fuzz_check(info->data_len || info->open_ended ||
		   info->dir == SCST_DATA_NONE);
	fuzz_check(!info->own_blocks || !info->data_len);
	if (info->own_blocks && scst_cdb_set_block_len(info, 65536))
		fuzz_check(info->data_len == info->blocks * 65536);
	scst_cdb_check_range(info, 1 << 20);
}

static void check_refused(unsigned int len, const struct scst_cdb_error *err)
{
	if (err->sense == SCST_SENSE_INVALID_OPCODE)
		return;
	fuzz_check(err->sense == SCST_SENSE_INVALID_FIELD_CDB);
	fuzz_check(err->byte >= 1 && err->byte <= len);
	fuzz_check(err->bit >= -1 && err->bit <= 7);
}

static bool is_supported(const struct scst_cdb_op *row, void *priv)
{
	return row == priv;
}

/* What was found is reported, with its usage data, when one asks for it. */
static void check_reported(u8 type, const struct scst_cdb_op *row, u8 size)
{
	u16 sa = row->service_action == SCST_CDB_NO_SA ? 0 :
		 row->service_action;
	u8 cdb[12] = { 0xa3, 0x0c, 0x83, row->opcode, sa >> 8, sa };
	u8 *buf = fuzz_copy(NULL, size);
	struct scst_cdb_error err;
	int len;

	len = scst_rsoc_build(type, cdb, is_supported, (void *)row, buf, size,
			      &err);
	fuzz_check(len == min(size, 4 + row->len + SCST_RSOC_TIMEOUTS_LEN));
	if (len >= 5)
		fuzz_check((buf[1] & 7) == SCST_RSOC_SUPPORTED &&
			   buf[4] == row->opcode);
	fuzz_free(buf);
}

/* The type, the length of blocks and of an answer; the rest is the CDB. */
int fuzz_one_input(const u8 *data, size_t size)
{
	static bool ready;
	struct scst_cdb_info info;
	struct scst_cdb_error err;
	u8 *cdb;

	if (!ready) {
		fuzz_check(!scst_cdb_init());
		ready = true;
	}
	if (size < 3)
		return 0;
	cdb = fuzz_copy(data + 3, size - 3);
	err = scst_cdb_decode(data[0], cdb, size - 3,
			      MIN_SHIFT + data[1] % NR_SHIFTS, &info);
	if (err.sense == SCST_SENSE_NONE) {
		check_decoded(data[0], cdb, size - 3, &info);
		check_reported(data[0], info.op, data[2]);
	} else {
		check_refused(size - 3, &err);
	}
	fuzz_free(cdb);
	return 0;
}
