// SPDX-License-Identifier: GPL-2.0
/*
 * Each task management function that ends commands, against a command of its
 * nexus wherever it may be: the one or the other wins, and the function answers
 * when the command is gone.
 */
#include "fake.h"

/**
 * struct tmf_place - where a command is
 * @name: of the parameter
 * @at: the callback that it waits after
 * @attr: task attribute of the command that it waits for, if there is one
 * @waits: it waits for another command instead, of its nexus if that is ORDERED
 * @update: that is COMPARE AND WRITE, and is on its blocks
 */
struct tmf_place {
	const char		*name;
	enum fake_at		at;
	enum scst_task_attr	attr;
	bool			waits;
	bool			update;
};

static const struct tmf_place tmf_places[] = {
	{ "immediate data comes", .at = FAKE_PREPROC },
	{ "Data-Out comes", .at = FAKE_RDY },
	{ "behind an ORDERED one", .at = FAKE_EXEC, .waits = true,
	  .attr = SCST_TASK_ORDERED },
	{ "behind one that runs alone", .at = FAKE_EXEC, .waits = true,
	  .attr = SCST_TASK_SIMPLE },
	{ "behind one on its blocks", .at = FAKE_EXEC, .waits = true,
	  .attr = SCST_TASK_SIMPLE, .update = true },
	{ "executed", .at = FAKE_EXEC },
	{ "answered", .at = FAKE_XMIT },
};

static const enum scst_tm_fn tmf_ends[] = {
	SCST_TM_ABORT_TASK, SCST_TM_ABORT_TASK_SET, SCST_TM_CLEAR_TASK_SET,
	SCST_TM_LUN_RESET, SCST_TM_TARGET_RESET, SCST_TM_NEXUS_RESET,
	SCST_TM_ABORT_ALL_SESS,
};

/* Every pair of them: the parameter is its number, counted from one. */
static const void *tmf_pair_gen_params(const void *prev, char *desc)
{
	uintptr_t i = (uintptr_t)prev;

	if (i == ARRAY_SIZE(tmf_ends) * ARRAY_SIZE(tmf_places))
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "function %d, %s",
		 tmf_ends[i / ARRAY_SIZE(tmf_places)],
		 tmf_places[i % ARRAY_SIZE(tmf_places)].name);
	return (void *)(i + 1);
}

static struct fake_cmd *tmf_blocker(struct kunit *test,
				    const struct tmf_place *place,
				    struct scst_session *sess,
				    struct scst_session *other)
{
	struct fake_cmd *fc;

	if (!place->waits)
		return NULL;
	if (place->update) {
		/* The first one runs alone. */
		fake_run(fake_update(test, other, 0));
		fc = fake_update(test, other, 0);
	} else if (place->attr == SCST_TASK_ORDERED) {
		fc = fake_ready(test, sess);
		fc->cmd.attr = SCST_TASK_ORDERED;
	} else {
		fc = fake_alone(test, other);
	}
	return fake_stop(fc, FAKE_EXEC);
}

static struct fake_cmd *tmf_victim(struct kunit *test,
				   const struct tmf_place *place,
				   struct scst_session *sess)
{
	struct fake_cmd *fc = fake_write(test, sess, 1);

	if (!place->waits)
		return fake_stop(fc, place->at);
	fake_send(fc);
	fake_settle(test);
	KUNIT_EXPECT_EQ(test, fake_nr(fc, FAKE_EXEC), 0);
	return fc;
}

static void tmf_pair_test(struct kunit *test)
{
	uintptr_t i = (uintptr_t)test->param_value - 1;
	enum scst_tm_fn fn = tmf_ends[i / ARRAY_SIZE(tmf_places)];
	const struct tmf_place *place = &tmf_places[i % ARRAY_SIZE(tmf_places)];
	struct scst_session *sess = fake_session(test, "ini");
	struct scst_session *other = fake_session(test, "other");
	bool executed = place->at == FAKE_EXEC && !place->waits;
	bool answered = place->at == FAKE_XMIT;
	enum scst_tm_response want = SCST_TM_COMPLETE;
	struct scst_fake *fake = test->priv;
	struct fake_cmd *blocker, *fc;
	struct fake_tm *tm;

	fake->tmpl.preprocessing_done = fake_preprocessing_done;
	blocker = tmf_blocker(test, place, sess, other);
	fc = tmf_victim(test, place, sess);
	if (fn == SCST_TM_ABORT_TASK)
		tm = fake_tm_tag(test, sess, fc->cmd.tag);
	else
		tm = fake_tm_lun(test, sess, fn, 0);
	if (blocker) {
		fake_settle(test);
		fake_go(blocker, FAKE_EXEC);
	} else {
		fake_tm_pending(test, tm);
		fake_go(fc, place->at);
	}
	if (answered && fn == SCST_TM_ABORT_TASK)
		want = SCST_TM_NO_TASK;
	KUNIT_EXPECT_EQ(test, fake_tm_wait(test, tm), want);
	if (answered)
		fake_expect_good(test, fc);
	else
		fake_expect_aborted(test, fc, executed);
}

static struct kunit_case tmf_matrix_test_cases[] = {
	KUNIT_CASE_PARAM(tmf_pair_test, tmf_pair_gen_params),
	{}
};

static struct kunit_suite tmf_matrix_suite = {
	.name = "scst_tmf_matrix",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = tmf_matrix_test_cases,
};

kunit_test_suite(tmf_matrix_suite);
