// SPDX-License-Identifier: GPL-2.0
/*
 * The states of a command: all moves, legal and not.
 */
#include <kunit/test.h>
#include "../scst_priv.h"

struct state_move {
	u8	from;
	u8	to;
};

#define MOVE(from, to)	{ SCST_CMD_##from, SCST_CMD_##to }

/* Written down once more, so that a slip in state.c is seen */
static const struct state_move state_legal[] = {
	/* The straight way */
	MOVE(INIT, PARSE),
	MOVE(PARSE, PREPARE_SPACE),
	MOVE(PREPARE_SPACE, PREPROCESSING_DONE),
	MOVE(PREPROCESSING_DONE, RDY_TO_XFER),
	MOVE(RDY_TO_XFER, DATA_WAIT),
	MOVE(DATA_WAIT, PRE_EXEC),
	MOVE(PRE_EXEC, EXEC_CHECK_ORDER),
	MOVE(EXEC_CHECK_ORDER, LOCAL_EXEC),
	MOVE(LOCAL_EXEC, REAL_EXEC),
	MOVE(REAL_EXEC, EXEC_WAIT),
	MOVE(EXEC_WAIT, DEV_DONE),
	MOVE(DEV_DONE, PRE_XMIT_RESP),
	MOVE(PRE_XMIT_RESP, XMIT_RESP),
	MOVE(XMIT_RESP, XMIT_WAIT),
	MOVE(XMIT_WAIT, FINISHED),
	/* No Data-Out; the core executes; a handler that wants to sleep */
	MOVE(RDY_TO_XFER, PRE_EXEC),
	MOVE(LOCAL_EXEC, DEV_DONE),
	MOVE(EXEC_WAIT, REAL_EXEC),
	/* PREEMPT AND ABORT, until what it aborts is gone */
	MOVE(LOCAL_EXEC, EXEC_WAIT),
	/* Nobody gets an answer any more */
	MOVE(PRE_XMIT_RESP, FINISHED),
	/* An error, or an abort, as long as the device's gate is not passed */
	MOVE(INIT, PRE_XMIT_RESP),
	MOVE(PARSE, PRE_XMIT_RESP),
	MOVE(PREPARE_SPACE, PRE_XMIT_RESP),
	MOVE(PREPROCESSING_DONE, PRE_XMIT_RESP),
	MOVE(RDY_TO_XFER, PRE_XMIT_RESP),
	MOVE(DATA_WAIT, PRE_XMIT_RESP),
	MOVE(PRE_EXEC, PRE_XMIT_RESP),
	MOVE(EXEC_CHECK_ORDER, PRE_XMIT_RESP),
};

static bool state_is_legal(u8 from, u8 to)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(state_legal); i++)
		if (state_legal[i].from == from && state_legal[i].to == to)
			return true;
	return false;
}

static void state_from_desc(const u8 *from, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "from state %u", *from);
}

static const u8 state_froms[SCST_CMD_NR_STATES] = {
	SCST_CMD_INIT, SCST_CMD_PARSE, SCST_CMD_PREPARE_SPACE,
	SCST_CMD_PREPROCESSING_DONE, SCST_CMD_RDY_TO_XFER, SCST_CMD_DATA_WAIT,
	SCST_CMD_PRE_EXEC, SCST_CMD_EXEC_CHECK_ORDER, SCST_CMD_LOCAL_EXEC,
	SCST_CMD_REAL_EXEC, SCST_CMD_EXEC_WAIT, SCST_CMD_DEV_DONE,
	SCST_CMD_PRE_XMIT_RESP, SCST_CMD_XMIT_RESP, SCST_CMD_XMIT_WAIT,
	SCST_CMD_FINISHED,
};

KUNIT_ARRAY_PARAM(state_from, state_froms, state_from_desc);

static void state_moves_test(struct kunit *test)
{
	const u8 *from = test->param_value;
	u8 to;

	for (to = 0; to < SCST_CMD_NR_STATES; to++)
		KUNIT_EXPECT_EQ_MSG(test, scst_cmd_move_legal(*from, to),
				    state_is_legal(*from, to),
				    "from %u to %u", *from, to);
}

/* States that can be reached from @from, itself not unless by a loop */
static u32 state_reach(u8 from)
{
	u32 seen = 0, todo = BIT(from);

	while (todo) {
		u8 at = __ffs(todo), to;

		todo &= ~BIT(at);
		for (to = 0; to < SCST_CMD_NR_STATES; to++) {
			if (!scst_cmd_move_legal(at, to) || seen & BIT(to))
				continue;
			seen |= BIT(to);
			todo |= BIT(to);
		}
	}
	return seen;
}

/* No state is idle, and every command can come to its end, which is one. */
static void state_reach_test(struct kunit *test)
{
	u32 others = GENMASK(SCST_CMD_NR_STATES - 1, 0) & ~BIT(SCST_CMD_INIT);
	u8 from;

	KUNIT_EXPECT_EQ(test, state_reach(SCST_CMD_INIT), others);
	KUNIT_EXPECT_EQ(test, state_reach(SCST_CMD_FINISHED), 0);
	for (from = 0; from < SCST_CMD_FINISHED; from++)
		KUNIT_EXPECT_TRUE_MSG(test, state_reach(from) &
				      BIT(SCST_CMD_FINISHED),
				      "from %u", from);
}

/* Once answered, or counted as aborted, a command is never executed. */
static void state_no_return_test(struct kunit *test)
{
	u32 answered = state_reach(SCST_CMD_PRE_XMIT_RESP);

	KUNIT_EXPECT_EQ(test, answered, BIT(SCST_CMD_XMIT_RESP) |
					BIT(SCST_CMD_XMIT_WAIT) |
					BIT(SCST_CMD_FINISHED));
}

static struct kunit_case state_test_cases[] = {
	KUNIT_CASE_PARAM(state_moves_test, state_from_gen_params),
	KUNIT_CASE(state_reach_test),
	KUNIT_CASE(state_no_return_test),
	{}
};

static struct kunit_suite state_suite = {
	.name = "scst_state",
	.test_cases = state_test_cases,
};

kunit_test_suite(state_suite);
