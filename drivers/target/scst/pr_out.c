// SPDX-License-Identifier: GPL-2.0
/*
 * PERSISTENT RESERVE OUT: CDB and parameter list (SPC-5 6.17).
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/unaligned.h>
#include "pr.h"

/* Parameter lists: the basic one, and that of REGISTER AND MOVE */
#define PR_LIST_LEN		24
#define PR_FLAGS		20
#define PR_SPEC_I_PT		BIT(3)
#define PR_ALL_TG_PT		BIT(2)
#define PR_APTPL		BIT(0)
#define PR_MOVE_FLAGS		17
#define PR_UNREG		BIT(1)
#define PR_MOVE_PORT		18
#define PR_MOVE_ID_LEN		20

static struct scst_pr_result pr_bad_length(void)
{
	return scst_pr_error(SCST_SENSE_PARAM_LIST_LENGTH, 0, -1);
}

static struct scst_pr_result pr_bad_param(size_t byte, s8 bit)
{
	return scst_pr_error(SCST_SENSE_INVALID_FIELD_PARAM, byte, bit);
}

/* A 32-bit length at @offset, then as many bytes, and no more. */
static bool pr_list_ends(const u8 *buf, size_t offset, size_t len)
{
	size_t end;

	if (check_add_overflow(offset + 4, get_unaligned_be32(buf + offset),
			       &end))
		return false;
	return end == len;
}

static struct scst_pr_result pr_parse_ids(const u8 *buf, size_t len,
					  struct scst_pr_args *args)
{
	size_t at = PR_LIST_LEN + 4;
	unsigned int max = args->nr_ids;
	int ret;

	args->nr_ids = 0;
	if (len < at || !pr_list_ends(buf, PR_LIST_LEN, len))
		return pr_bad_length();
	while (at < len) {
		/* No more than could be registered: each one is looked up. */
		if (args->nr_ids == min(max, SCST_PR_MAX_REGS))
			return pr_bad_param(at, -1);
		ret = scst_transport_id_parse(buf + at, len - at,
					      &args->ids[args->nr_ids]);
		if (ret < 0)
			return pr_bad_param(at, -1);
		/* Ports that have not come yet would have to be known. */
		if (scst_transport_id_is_group(&args->ids[args->nr_ids]))
			return pr_bad_param(at, 7);
		args->nr_ids++;
		at += ret;
	}
	return SCST_PR_GOOD;
}

/* REGISTER AND MOVE (6.17.4) */
static struct scst_pr_result pr_parse_move(const u8 *buf, size_t len,
					   struct scst_pr_args *args)
{
	u8 flags = buf[PR_MOVE_FLAGS];
	int ret;

	if (!pr_list_ends(buf, PR_MOVE_ID_LEN, len))
		return pr_bad_length();
	args->aptpl = flags & PR_APTPL;
	args->unreg = flags & PR_UNREG;
	args->move_port = get_unaligned_be16(buf + PR_MOVE_PORT);
	if (!args->nr_ids)
		return pr_bad_length();
	ret = scst_transport_id_parse(buf + PR_LIST_LEN, len - PR_LIST_LEN,
				      args->ids);
	/* 5.14.8: it names one initiator port. */
	if (ret < 0 || ret != len - PR_LIST_LEN ||
	    scst_transport_id_is_group(args->ids))
		return pr_bad_param(PR_LIST_LEN, -1);
	args->nr_ids = 1;
	return SCST_PR_GOOD;
}

/* Those flags that the service action does not ignore (table 240) */
static struct scst_pr_result pr_parse_register(const u8 *buf, size_t len,
					       struct scst_pr_args *args)
{
	u8 flags = buf[PR_FLAGS];

	args->spec_i_pt = flags & PR_SPEC_I_PT;
	args->all_tg_pt = flags & PR_ALL_TG_PT;
	args->aptpl = flags & PR_APTPL;
	if (args->spec_i_pt && args->action == SCST_PR_REGISTER_IGNORE)
		return pr_bad_param(PR_FLAGS, 3);
	if (args->spec_i_pt)
		return pr_parse_ids(buf, len, args);
	args->nr_ids = 0;
	return len == PR_LIST_LEN ? SCST_PR_GOOD : pr_bad_length();
}

unsigned int scst_pr_out_max_ids(size_t len)
{
	return len / SCST_TRANSPORT_ID_LEN;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_out_max_ids);

struct scst_pr_result scst_pr_out_parse(const u8 *cdb, const u8 *buf,
					size_t len, struct scst_pr_args *args)
{
	args->action = cdb[1] & 0x1f;
	args->scope = cdb[2] >> 4;
	args->type = cdb[2] & 0x0f;
	if (len < PR_LIST_LEN)
		return pr_bad_length();
	args->key = get_unaligned_be64(buf);
	args->sa_key = get_unaligned_be64(buf + 8);

	switch (args->action) {
	case SCST_PR_MOVE:
		return pr_parse_move(buf, len, args);
	case SCST_PR_REGISTER:
	case SCST_PR_REGISTER_IGNORE:
		return pr_parse_register(buf, len, args);
	default:
		args->aptpl = args->action == SCST_PR_REPLACE_LOST &&
			      buf[PR_FLAGS] & PR_APTPL;
		args->nr_ids = 0;
		return len == PR_LIST_LEN ? SCST_PR_GOOD : pr_bad_length();
	}
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_out_parse);
