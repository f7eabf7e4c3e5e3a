// SPDX-License-Identifier: GPL-2.0
/*
 * RECEIVE COPY RESULTS (SPC-5 6.23 to 6.27): what has become of copies.
 */
#include <linux/slab.h>
#include <linux/unaligned.h>
#include "copy_priv.h"

/* Service actions of operation code 84h */
enum scst_copy_in_sa {
	SCST_COPY_IN_STATUS,
	SCST_COPY_IN_DATA,
	SCST_COPY_IN_PARAMS	= 3,
	SCST_COPY_IN_FAILURE,
	SCST_COPY_IN_STATUS4,
	SCST_COPY_IN_TOKEN	= 7,
};

#define SCST_COPY_IN_SA_MASK	0x1f

/* No segment holds data: there is a header that says so. */
static unsigned int scst_copy_build_data(const struct scst_copy_report *report,
					 u8 *buf)
{
	return 4;
}

/**
 * struct scst_copy_in - a service action that is about one copy
 * @lid4: its identifier has four bytes
 * @build: the answer, unless it has a token
 */
struct scst_copy_in {
	bool		lid4;
	unsigned int	(*build)(const struct scst_copy_report *report, u8 *buf);
};

static const struct scst_copy_in scst_copy_ins[] = {
	[SCST_COPY_IN_STATUS]	= { .build = scst_copy_build_status },
	[SCST_COPY_IN_DATA]	= { .build = scst_copy_build_data },
	[SCST_COPY_IN_FAILURE]	= { .build = scst_copy_build_failure },
	[SCST_COPY_IN_STATUS4]	= { true, scst_copy_build_status4 },
};

/* Return: bytes in @buf, 0 if the nexus has no such copy. */
static unsigned int scst_copy_answer(struct scst_cmd *cmd, u8 sa, u8 *buf)
{
	struct scst_copy_report report;
	u8 token[SCST_TOKEN_LEN];
	bool has_token;
	u32 id;

	id = sa == SCST_COPY_IN_TOKEN || scst_copy_ins[sa].lid4 ?
	     get_unaligned_be32(cmd->cdb + 2) : cmd->cdb[2];
	if (!scst_copy_get_report(cmd->tgt_dev, id, &report, token, &has_token))
		return 0;
	if (sa == SCST_COPY_IN_TOKEN)
		return scst_token_build_info(&report, has_token ? token : NULL,
					     buf);
	return scst_copy_ins[sa].build(&report, buf);
}

/* Process context; the table of commands has no other service actions. */
void scst_copy_in(struct scst_cmd *cmd)
{
	u8 sa = cmd->cdb[1] & SCST_COPY_IN_SA_MASK;
	unsigned int len;
	u8 *buf;

	BUILD_BUG_ON(max(SCST_COPY_FAILURE_LEN, SCST_COPY_PARAMS_LEN) >
		     SCST_COPY_IN_MAX);

	buf = kzalloc(SCST_COPY_IN_MAX, GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return;
	}
	if (sa == SCST_COPY_IN_PARAMS)
		len = scst_copy_build_params(buf);
	else
		len = scst_copy_answer(cmd, sa, buf);
	if (len)
		scst_cmd_copy_in(cmd, buf, len);
	else
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 2,
					 7);
	kfree(buf);
}
