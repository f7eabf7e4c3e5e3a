// SPDX-License-Identifier: GPL-2.0
/*
 * Task sets: which commands may pass which, and what an ACA condition means to
 * them (SAM-5 5.9 and 8; SPC-5 7.5.10).
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/export.h>
#include "scst_pure.h"

/* SPC-5 7.5.10 */
#define SCST_TST_SHARED		0
#define SCST_QAM_RESTRICTED	0
#define SCST_QERR_ALL		1
#define SCST_QERR_NEXUS		3

/* PERSISTENT RESERVE OUT: service action */
#define SCST_PROUT_PREEMPT_ABORT	5

static const u8 scst_order_kinds[] = {
	[SCST_TASK_SIMPLE]	= SCST_GATE_SHARED,
	[SCST_TASK_ORDERED]	= SCST_GATE_EXCLUSIVE,
	/* SAM-5 8.9.2: SIMPLE ones wait for older HEAD OF QUEUE ones */
	[SCST_TASK_HEAD]	= SCST_GATE_FIRST,
	/* SAM-5 8.9.5: enabled at once */
	[SCST_TASK_ACA]		= SCST_GATE_BESIDE,
};

static enum scst_gate_kind scst_order_kind(const struct scst_order_in *in)
{
	if (in->op && in->op->flags & SCST_CDB_HEAD)
		return SCST_GATE_BESIDE;
	/*
	 * QAM 0h: the medium is to be, at any time, as if all commands were
	 * ORDERED. It is what writes that must not pass one another; reads may
	 * go together, but a write neither passes them nor they it.
	 */
	if (in->attr == SCST_TASK_SIMPLE && in->op &&
	    in->op->flags & SCST_CDB_WRITE &&
	    in->control->qam == SCST_QAM_RESTRICTED)
		return SCST_GATE_EXCLUSIVE;
	return scst_order_kinds[in->attr];
}

/* SAM-5 5.9.3: commands of the faulted nexus */
static u8 scst_order_own_aca(const struct scst_order_in *in)
{
	if (in->attr != SCST_TASK_ACA || in->aca_cmd || in->control->tmf_only)
		return SAM_STAT_ACA_ACTIVE;
	return SAM_STAT_GOOD;
}

/* SAM-5 5.9.4.1: a way out that does not need the faulted nexus */
static bool scst_order_is_way_out(const struct scst_cdb_op *op)
{
	return op && op->op == SCST_OP_PR_OUT &&
	       op->service_action == SCST_PROUT_PREEMPT_ABORT;
}

/* SAM-5 5.9.4.2: commands of other nexuses, in the same task set */
static u8 scst_order_other_aca(const struct scst_order_in *in)
{
	if (in->attr == SCST_TASK_ACA)
		return SAM_STAT_ACA_ACTIVE;
	if (scst_order_is_way_out(in->op))
		return SAM_STAT_GOOD;
	return in->naca ? SAM_STAT_ACA_ACTIVE : SAM_STAT_BUSY;
}

/* An ACA condition does not cross the boundaries of task sets (5.9.2). */
static enum scst_aca scst_aca_in_set(const struct scst_control *control, u8 aca)
{
	if (aca == SCST_ACA_OTHER && control->tst != SCST_TST_SHARED)
		return SCST_ACA_NONE;
	return aca;
}

struct scst_order_out scst_order_decide(const struct scst_order_in *in)
{
	enum scst_aca aca = scst_aca_in_set(in->control, in->aca);
	struct scst_order_out out = {
		.status = SAM_STAT_GOOD,
		.kind = scst_order_kind(in),
		.passes = aca != SCST_ACA_NONE,
	};

	if (aca == SCST_ACA_OWN)
		out.status = scst_order_own_aca(in);
	else if (aca == SCST_ACA_OTHER)
		out.status = scst_order_other_aca(in);
	else if (in->attr == SCST_TASK_ACA)
		out.status = SAM_STAT_CHECK_CONDITION;
	/* Until it is answered it keeps the nexus, but stands in nobody's way. */
	if (out.status != SAM_STAT_GOOD) {
		out.kind = SCST_GATE_BESIDE;
		out.passes = false;
	} else if (out.passes) {
		/* Those that it would have to wait for are blocked. */
		out.kind = SCST_GATE_BESIDE;
	}
	return out;
}
EXPORT_SYMBOL_IF_KUNIT(scst_order_decide);

bool scst_order_blocked(const struct scst_control *control, u8 aca,
			bool passes)
{
	return !passes && scst_aca_in_set(control, aca) != SCST_ACA_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(scst_order_blocked);

enum scst_fault_abort scst_fault_aborts(const struct scst_control *control)
{
	switch (control->qerr) {
	case SCST_QERR_ALL:
		return control->tst == SCST_TST_SHARED ?
		       SCST_FAULT_ABORT_ALL : SCST_FAULT_ABORT_OWN;
	case SCST_QERR_NEXUS:
		return SCST_FAULT_ABORT_OWN;
	default:
		return SCST_FAULT_ABORT_NONE;
	}
}
EXPORT_SYMBOL_IF_KUNIT(scst_fault_aborts);

/*
 * SAM-5 5.9.2, 5.9.3 and 5.9.5: NACA establishes one, or a new one; an ACA
 * command without it ends what there is. Others, which were in the store
 * already when the condition was established, leave it alone.
 */
bool scst_fault_aca(bool aca, u8 attr, bool naca)
{
	return naca || (aca && attr != SCST_TASK_ACA);
}
EXPORT_SYMBOL_IF_KUNIT(scst_fault_aca);
