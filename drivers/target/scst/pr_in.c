// SPDX-License-Identifier: GPL-2.0
/*
 * PERSISTENT RESERVE IN: parameter data (SPC-5 6.16).
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/export.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "pr.h"

#define PR_HEADER_LEN		8
#define PR_FULL_LEN		24	/* of a descriptor without TransportID */
#define PR_RESERVATION_LEN	16
#define PR_CAPABILITIES_LEN	8
#define PR_R_HOLDER		BIT(0)
/* Service action REPORT CAPABILITIES */
#define PR_IN_CAPABILITIES	2

/* REPORT CAPABILITIES, bytes 2 and 3 */
#define PR_CAP_RLR_C		BIT(7)
#define PR_CAP_CRH		BIT(4)
#define PR_CAP_SIP_C		BIT(3)
#define PR_CAP_ATP_C		BIT(2)
#define PR_CAP_PTPL_C		BIT(0)
#define PR_CAP_TMV		BIT(7)
/*
 * ALLOW COMMANDS 100b: TEST UNIT READY passes all reservations, MODE SENSE,
 * REPORT SUPPORTED OPERATION CODES and READ DEFECT DATA pass Write Exclusive.
 */
#define PR_CAP_ALLOW		(4 << 4)
#define PR_CAP_PTPL_A		BIT(0)

static size_t pr_in_keys(const struct scst_pr *pr, u8 *buf)
{
	unsigned int i;

	for (i = 0; i < pr->nr; i++)
		put_unaligned_be64(pr->regs[i].key, buf + PR_HEADER_LEN + 8 * i);
	put_unaligned_be32(pr->generation, buf);
	put_unaligned_be32(8 * pr->nr, buf + 4);
	return PR_HEADER_LEN + 8 * pr->nr;
}

static size_t pr_in_reservation(const struct scst_pr *pr, u8 *buf)
{
	put_unaligned_be32(pr->generation, buf);
	if (pr->type == SCST_PR_NONE)
		return PR_HEADER_LEN;
	put_unaligned_be32(PR_RESERVATION_LEN, buf + 4);
	/* 6.16.3.2: no key if all registrants hold it */
	if (!scst_pr_type_all_regs(pr->type))
		put_unaligned_be64(pr->regs[pr->holder].key, buf + 8);
	buf[21] = pr->type;
	return PR_HEADER_LEN + PR_RESERVATION_LEN;
}

static size_t pr_in_capabilities(const struct scst_pr *pr, u8 *buf)
{
	put_unaligned_be16(PR_CAPABILITIES_LEN, buf);
	buf[2] = PR_CAP_RLR_C | PR_CAP_CRH | PR_CAP_SIP_C | PR_CAP_ATP_C |
		 PR_CAP_PTPL_C;
	buf[3] = PR_CAP_TMV | PR_CAP_ALLOW;
	if (pr->aptpl)
		buf[3] |= PR_CAP_PTPL_A;
	buf[4] = BIT(SCST_PR_WRITE_EXCL) | BIT(SCST_PR_EXCL_ACCESS) |
		 BIT(SCST_PR_WRITE_EXCL_RO) | BIT(SCST_PR_EXCL_ACCESS_RO) |
		 BIT(SCST_PR_WRITE_EXCL_AR);
	buf[5] = BIT(SCST_PR_EXCL_ACCESS_AR - 8);
	return PR_CAPABILITIES_LEN;
}

static size_t pr_in_full(const struct scst_pr *pr, u8 *buf)
{
	size_t at = PR_HEADER_LEN;
	unsigned int i;

	for (i = 0; i < pr->nr; i++) {
		const struct scst_pr_reg *reg = &pr->regs[i];
		u8 *desc = buf + at;

		put_unaligned_be64(reg->key, desc);
		if (scst_pr_is_holder(pr, reg)) {
			desc[12] = PR_R_HOLDER;
			desc[13] = pr->type;
		}
		put_unaligned_be16(reg->port.rel_port, desc + 18);
		put_unaligned_be32(reg->port.id.len, desc + 20);
		memcpy(desc + PR_FULL_LEN, reg->port.id.data,
		       reg->port.id.len);
		at += PR_FULL_LEN + reg->port.id.len;
	}
	put_unaligned_be32(pr->generation, buf);
	put_unaligned_be32(at - PR_HEADER_LEN, buf + 4);
	return at;
}

bool scst_pr_in_refused(u8 action, const struct scst_pr *pr)
{
	return pr->lost && action != PR_IN_CAPABILITIES;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_in_refused);

typedef size_t (*pr_in_fn)(const struct scst_pr *pr, u8 *buf);

/* By service action */
static const pr_in_fn pr_in_fns[] = {
	pr_in_keys, pr_in_reservation, pr_in_capabilities, pr_in_full,
};

size_t scst_pr_in_size(const struct scst_pr *pr)
{
	return PR_HEADER_LEN + PR_RESERVATION_LEN +
	       pr->nr * (PR_FULL_LEN + SCST_TRANSPORT_ID_MAX);
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_in_size);

size_t scst_pr_in_build(u8 action, const struct scst_pr *pr, u8 *buf)
{
	return action < ARRAY_SIZE(pr_in_fns) ? pr_in_fns[action](pr, buf) : 0;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_in_build);
