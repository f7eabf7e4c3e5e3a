// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent reservations: who may do what, and what each service action does.
 * The tables were typed from SPC-5 and SBC-4, not from the code.
 */
#include <kunit/test.h>
#include <linux/unaligned.h>
#include "../pr.h"
#include "../scst_pure.h"

#define PR_MAX		8
#define PR_KEY(i)	(0xa0 + (i))

enum pr_role { PR_HOLDER, PR_REGISTRANT, PR_OTHER, PR_NR_ROLES };

static struct scst_pr_port pr_port(u8 i)
{
	const u8 sas[24] = { 0x06, [11] = i };
	struct scst_pr_port port = { .rel_port = 1 };

	scst_transport_id_parse(sas, sizeof(sas), &port.id);
	return port;
}

static struct scst_pr *pr_new(struct kunit *test)
{
	struct scst_pr *pr;

	pr = kunit_kzalloc(test, struct_size(pr, regs, PR_MAX), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pr);
	pr->max = PR_MAX;
	return pr;
}

/* A command of nexus @i, which knows its own key */
static struct scst_pr_result pr_do_args(struct scst_pr *pr, u8 i,
					struct scst_pr_args *args)
{
	struct scst_pr_port port = pr_port(i);

	return scst_pr_apply(pr, &port, args);
}

static u8 pr_do(struct scst_pr *pr, u8 i, u8 action, u8 type, u64 key,
		u64 sa_key)
{
	struct scst_pr_args args = {
		.action	= action,
		.type	= type,
		.key	= key,
		.sa_key	= sa_key,
	};

	return pr_do_args(pr, i, &args).status;
}

/* Nexuses 0 to @nr - 1 are registered, the first holds the reservation */
static struct scst_pr *pr_made(struct kunit *test, u8 nr, u8 type)
{
	struct scst_pr *pr = pr_new(test);
	u8 i;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0, pr_do(pr, i, SCST_PR_REGISTER, 0, 0,
					       PR_KEY(i)));
	if (type)
		KUNIT_ASSERT_EQ(test, 0, pr_do(pr, 0, SCST_PR_RESERVE, type,
					       PR_KEY(0), 0));
	return pr;
}

/* SPC-5 table 57, SBC-4 table 14, and SPC-2 table 10: is it allowed? */
static const struct pr_cell {
	const char	*name;
	u8		cdb[32];
	bool		we;	/* Write Exclusive of another */
	bool		ea;	/* Exclusive Access of another */
	bool		reserve; /* RESERVE by another */
} pr_cells[] = {
	{ "TEST UNIT READY", { 0x00 }, 1, 1, 0 },
	{ "REQUEST SENSE", { 0x03 }, 1, 1, 1 },
	{ "READ(6)", { 0x08 }, 1, 0, 0 },
	{ "WRITE(6)", { 0x0a }, 0, 0, 0 },
	{ "INQUIRY", { 0x12 }, 1, 1, 1 },
	{ "MODE SELECT(6)", { 0x15 }, 0, 0, 0 },
	{ "MODE SENSE(6)", { 0x1a }, 1, 0, 0 },
	{ "RECEIVE DIAGNOSTIC RESULTS", { 0x1c }, 1, 0, 0 },
	{ "SEND DIAGNOSTIC", { 0x1d }, 0, 0, 0 },
	{ "START STOP UNIT, stop", { 0x1b }, 0, 0, 0 },
	{ "START STOP UNIT, start", { 0x1b, 0, 0, 0, 0x01 }, 1, 1, 1 },
	{ "START STOP UNIT, power", { 0x1b, 0, 0, 0, 0x11 }, 0, 0, 0 },
	{ "ALLOW MEDIUM REMOVAL", { 0x1e }, 1, 1, 1 },
	{ "PREVENT MEDIUM REMOVAL", { 0x1e, 0, 0, 0, 0x01 }, 0, 0, 0 },
	{ "READ CAPACITY(10)", { 0x25 }, 1, 1, 1 },
	{ "READ(10)", { 0x28 }, 1, 0, 0 },
	{ "WRITE(10)", { 0x2a }, 0, 0, 0 },
	{ "SEEK(10)", { 0x2b }, 1, 0, 0 },
	{ "WRITE AND VERIFY(10)", { 0x2e }, 0, 0, 0 },
	{ "VERIFY(10)", { 0x2f }, 1, 0, 0 },
	{ "PRE-FETCH(10)", { 0x34 }, 1, 0, 0 },
	{ "SYNCHRONIZE CACHE(10)", { 0x35 }, 0, 0, 0 },
	{ "READ DEFECT DATA(10)", { 0x37 }, 1, 0, 0 },
	{ "WRITE BUFFER(10)", { 0x3b }, 0, 0, 0 },
	{ "READ BUFFER(10)", { 0x3c }, 1, 0, 0 },
	{ "WRITE SAME(10)", { 0x41 }, 0, 0, 0 },
	{ "UNMAP", { 0x42 }, 0, 0, 0 },
	{ "LOG SELECT", { 0x4c }, 0, 0, 0 },
	{ "LOG SENSE", { 0x4d }, 1, 1, 0 },
	{ "MODE SELECT(10)", { 0x55 }, 0, 0, 0 },
	{ "MODE SENSE(10)", { 0x5a }, 1, 0, 0 },
	{ "EXTENDED COPY (LID1)", { 0x83, 0x00 }, 0, 0, 0 },
	{ "EXTENDED COPY (LID4)", { 0x83, 0x01 }, 0, 0, 0 },
	{ "POPULATE TOKEN", { 0x83, 0x10 }, 1, 0, 0 },
	{ "WRITE USING TOKEN", { 0x83, 0x11 }, 0, 0, 0 },
	{ "RECEIVE COPY STATUS (LID1)", { 0x84, 0x00 }, 0, 0, 0 },
	{ "RECEIVE COPY OPERATING PARAMETERS", { 0x84, 0x03 }, 0, 0, 0 },
	{ "RECEIVE ROD TOKEN INFORMATION", { 0x84, 0x07 }, 0, 0, 0 },
	{ "READ(16)", { 0x88 }, 1, 0, 0 },
	{ "COMPARE AND WRITE", { 0x89 }, 0, 0, 0 },
	{ "WRITE(16)", { 0x8a }, 0, 0, 0 },
	{ "ORWRITE(16)", { 0x8b }, 0, 0, 0 },
	{ "WRITE AND VERIFY(16)", { 0x8e }, 0, 0, 0 },
	{ "VERIFY(16)", { 0x8f }, 1, 0, 0 },
	{ "PRE-FETCH(16)", { 0x90 }, 1, 0, 0 },
	{ "SYNCHRONIZE CACHE(16)", { 0x91 }, 0, 0, 0 },
	{ "WRITE SAME(16)", { 0x93 }, 0, 0, 0 },
	{ "READ BUFFER(16)", { 0x9b }, 1, 0, 0 },
	{ "WRITE ATOMIC(16)", { 0x9c }, 0, 0, 0 },
	{ "READ CAPACITY(16)", { 0x9e, 0x10 }, 1, 1, 1 },
	{ "GET LBA STATUS", { 0x9e, 0x12 }, 1, 0, 0 },
	{ "REPORT LUNS", { 0xa0 }, 1, 1, 1 },
	{ "REPORT SUPPORTED OPERATION CODES", { 0xa3, 0x0c }, 1, 0, 0 },
	{ "REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS", { 0xa3, 0x0d },
	  1, 0, 0 },
	{ "REPORT TARGET PORT GROUPS", { 0xa3, 0x0a }, 1, 1, 1 },
	{ "SET TARGET PORT GROUPS", { 0xa4, 0x0a }, 0, 0, 0 },
	{ "READ(12)", { 0xa8 }, 1, 0, 0 },
	{ "WRITE(12)", { 0xaa }, 0, 0, 0 },
	{ "WRITE AND VERIFY(12)", { 0xae }, 0, 0, 0 },
	{ "VERIFY(12)", { 0xaf }, 1, 0, 0 },
	{ "READ DEFECT DATA(12)", { 0xb7 }, 1, 0, 0 },
	{ "XDWRITEREAD(10)", { 0x53 }, 0, 0, 0 },
	{ "FORMAT UNIT", { 0x04 }, 0, 0, 0 },
	{ "SANITIZE, OVERWRITE", { 0x48, 1 }, 0, 0, 0 },
	{ "SANITIZE, BLOCK ERASE", { 0x48, 2 }, 0, 0, 0 },
	{ "SANITIZE, EXIT FAILURE MODE", { 0x48, 0x1f }, 0, 0, 0 },
	{ "XDWRITEREAD(32)", { 0x7f, [7] = 0x18, 0, 0x07 }, 0, 0, 0 },
	{ "READ(32)", { 0x7f, [7] = 0x18, 0, 0x09 }, 1, 0, 0 },
	{ "VERIFY(32)", { 0x7f, [7] = 0x18, 0, 0x0a }, 1, 0, 0 },
	{ "WRITE(32)", { 0x7f, [7] = 0x18, 0, 0x0b }, 0, 0, 0 },
	{ "WRITE AND VERIFY(32)", { 0x7f, [7] = 0x18, 0, 0x0c }, 0, 0, 0 },
	{ "WRITE SAME(32)", { 0x7f, [7] = 0x18, 0, 0x0d }, 0, 0, 0 },
	{ "WRITE ATOMIC(32)", { 0x7f, [7] = 0x18, 0, 0x0f }, 0, 0, 0 },
	{ "GET LBA STATUS(32)", { 0x7f, [7] = 0x18, 0, 0x12 }, 1, 0, 0 },
	/* Look at reservations themselves */
	{ "RESERVE(6)", { 0x16 }, 1, 1, 1 },
	{ "RELEASE(6)", { 0x17 }, 1, 1, 1 },
	{ "RESERVE(10)", { 0x56 }, 1, 1, 1 },
	{ "RELEASE(10)", { 0x57 }, 1, 1, 1 },
	{ "PERSISTENT RESERVE IN", { 0x5e }, 1, 1, 1 },
	{ "PERSISTENT RESERVE OUT", { 0x5f }, 1, 1, 1 },
};

KUNIT_ARRAY_PARAM_DESC(pr_cell, pr_cells, name);

/* SPC-5 table 231: who shares the reservation, and what it is about */
static const struct {
	u8	type;
	bool	writes_only;
	bool	registrants;
} pr_kinds[] = {
	{ 1, true, false }, { 3, false, false }, { 5, true, true },
	{ 6, false, true }, { 7, true, true }, { 8, false, true },
};

static void pr_cell_test(struct kunit *test)
{
	const struct pr_cell *cell = test->param_value;
	const struct scst_cdb_op *row = scst_cdb_find(TYPE_DISK, cell->cdb,
						      sizeof(cell->cdb));
	struct scst_pr *pr;
	u8 i, role;

	KUNIT_ASSERT_NOT_NULL(test, row);
	for (i = 0; i < ARRAY_SIZE(pr_kinds); i++) {
		pr = pr_made(test, 2, pr_kinds[i].type);
		for (role = PR_HOLDER; role < PR_NR_ROLES; role++) {
			struct scst_pr_port port = pr_port(role);
			bool ok = pr_kinds[i].writes_only ? cell->we : cell->ea;

			if (role == PR_HOLDER || (role == PR_REGISTRANT &&
						  pr_kinds[i].registrants))
				ok = true;
			KUNIT_EXPECT_EQ_MSG(test, !ok,
					    scst_resv_conflict(scst_pr_access(pr, &port),
							       row, cell->cdb),
					    "type %u, role %u",
					    pr_kinds[i].type, role);
		}
	}
	KUNIT_EXPECT_EQ(test, !cell->reserve,
			scst_resv_conflict(SCST_ACCESS_RESERVED, row,
					   cell->cdb));
	KUNIT_EXPECT_FALSE(test, scst_resv_conflict(SCST_ACCESS_ALL, row,
						    cell->cdb));
}

/* Every command that somebody executes has a cell. */
static void pr_all_rows_test(struct kunit *test)
{
	const struct scst_cdb_op *row;
	unsigned int i, j;

	for (i = 0; (row = scst_cdb_row(i)); i++) {
		if (!scst_cdb_row_has_type(row, TYPE_DISK) ||
		    row->op == SCST_OP_OTHER)
			continue;
		for (j = 0; j < ARRAY_SIZE(pr_cells); j++)
			if (pr_cells[j].cdb[0] == row->opcode)
				break;
		KUNIT_EXPECT_LT_MSG(test, j, ARRAY_SIZE(pr_cells), "%s",
				    row->name);
	}
}

/* SPC-5 5.14.3 (CRH): GOOD for those who share a reservation */
static void pr_crh_test(struct kunit *test)
{
	u8 i, role;

	for (i = 0; i < ARRAY_SIZE(pr_kinds); i++) {
		struct scst_pr *pr = pr_made(test, 2, pr_kinds[i].type);

		for (role = PR_HOLDER; role < PR_NR_ROLES; role++) {
			struct scst_pr_port port = pr_port(role);
			bool good = role == PR_HOLDER ||
				    (role == PR_REGISTRANT &&
				     pr_kinds[i].registrants);

			KUNIT_EXPECT_EQ(test, scst_pr_crh(pr, &port).status,
					good ? 0 : 0x18);
		}
	}
}

/*
 * Nexuses 0 and 1 are registered with keys a0 and a1, nexus 0 holds a
 * reservation of @held. Status, the new type, how many registrations are left.
 */
static const struct pr_step {
	const char *name;
	u8 held, by, action, type;
	u64 key, sa_key;
	u8 status, new_type, nr, effects_other;
} pr_steps[] = {
	{ "register, wrong key", 1, 1, 0, 0, 0xbad, 1, 0x18, 1, 2, 0 },
	{ "register, new key", 1, 1, 0, 0, 0xa1, 1, 0, 1, 2, 0 },
	{ "register, new nexus", 1, 2, 0, 0, 0, 0xa2, 0, 1, 3, 0 },
	{ "register, new nexus with key", 1, 2, 0, 0, 5, 6, 0x18, 1, 2, 0 },
	{ "register, nothing to unregister", 1, 2, 0, 0, 0, 0, 0, 1, 2, 0 },
	{ "register and ignore", 1, 1, 6, 0, 0xbad, 7, 0, 1, 2, 0 },
	{ "unregister, holder, WE", 1, 0, 0, 0, 0xa0, 0, 0, 0, 1, 0 },
	{ "unregister, holder, WE-RO", 5, 0, 0, 0, 0xa0, 0, 0, 0, 1,
	  SCST_PR_UA_RELEASED },
	{ "unregister, one holder of two", 7, 0, 0, 0, 0xa0, 0, 0, 7, 1, 0 },
	{ "unregister, no holder", 5, 1, 0, 0, 0xa1, 0, 0, 5, 1, 0 },
	{ "reserve again", 1, 0, 1, 1, 0xa0, 0, 0, 1, 2, 0 },
	{ "reserve, other type", 1, 0, 1, 3, 0xa0, 0, 0x18, 1, 2, 0 },
	{ "reserve, other nexus", 5, 1, 1, 5, 0xa1, 0, 0x18, 5, 2, 0 },
	{ "reserve, all registrants", 8, 1, 1, 8, 0xa1, 0, 0, 8, 2, 0 },
	{ "reserve, not registered", 0, 2, 1, 1, 0, 0, 0x18, 0, 2, 0 },
	{ "reserve, wrong key", 0, 1, 1, 1, 0xa0, 0, 0x18, 0, 2, 0 },
	{ "reserve, no type", 0, 1, 1, 2, 0xa1, 0, 0x02, 0, 2, 0 },
	{ "release, holder, EA", 3, 0, 2, 3, 0xa0, 0, 0, 0, 2, 0 },
	{ "release, holder, EA-RO", 6, 0, 2, 6, 0xa0, 0, 0, 0, 2,
	  SCST_PR_UA_RELEASED },
	{ "release, all registrants", 7, 1, 2, 7, 0xa1, 0, 0, 0, 2, 0 },
	{ "release, not the holder", 6, 1, 2, 6, 0xa1, 0, 0, 6, 2, 0 },
	{ "release, wrong type", 6, 0, 2, 5, 0xa0, 0, 0x02, 6, 2, 0 },
	{ "release, wrong key", 6, 0, 2, 6, 0xa1, 0, 0x18, 6, 2, 0 },
	{ "clear", 6, 0, 3, 0, 0xa0, 0, 0, 0, 0,
	  SCST_PR_UA_CLEARED | SCST_PR_GONE },
	{ "clear, not registered", 6, 2, 3, 0, 0, 0, 0x18, 6, 2, 0 },
	{ "preempt the holder", 1, 1, 4, 3, 0xa1, 0xa0, 0, 3, 1, 0 },
	{ "preempt a registrant", 1, 0, 4, 1, 0xa0, 0xa1, 0, 1, 1,
	  SCST_PR_UA_PREEMPTED | SCST_PR_GONE },
	{ "preempt and abort", 1, 0, 5, 1, 0xa0, 0xa1, 0, 1, 1,
	  SCST_PR_UA_PREEMPTED | SCST_PR_GONE | SCST_PR_ABORT },
	{ "preempt, no such key", 1, 0, 4, 1, 0xa0, 0xbad, 0x18, 1, 2, 0 },
	{ "preempt, zero key", 1, 0, 4, 1, 0xa0, 0, 0x02, 1, 2, 0 },
	{ "preempt, zero key, all registrants", 7, 1, 4, 8, 0xa1, 0, 0, 8, 1,
	  0 },
	{ "preempt oneself, other type", 5, 0, 4, 3, 0xa0, 0xa0, 0, 3, 2,
	  SCST_PR_UA_RELEASED },
	{ "preempt, no reservation", 0, 0, 4, 1, 0xa0, 0xa1, 0, 0, 1,
	  SCST_PR_UA_PREEMPTED | SCST_PR_GONE },
};

KUNIT_ARRAY_PARAM_DESC(pr_step, pr_steps, name);

static void pr_step_test(struct kunit *test)
{
	const struct pr_step *s = test->param_value;
	struct scst_pr *pr = pr_made(test, 2, s->held);
	u32 generation = pr->generation;

	KUNIT_ASSERT_EQ(test, generation, 2);
	KUNIT_EXPECT_EQ(test, s->status,
			pr_do(pr, s->by, s->action, s->type, s->key,
			      s->sa_key));
	KUNIT_EXPECT_EQ(test, pr->type, s->new_type);
	if (s->by == 0)
		KUNIT_EXPECT_EQ(test, pr->regs[1].effects, s->effects_other);
	/* 5.14.2: neither RESERVE nor RELEASE, nor what has failed */
	if (s->status || s->action == SCST_PR_RESERVE ||
	    s->action == SCST_PR_RELEASE)
		KUNIT_EXPECT_EQ(test, pr->generation, generation);
	scst_pr_settle(pr);
	KUNIT_EXPECT_EQ(test, pr->nr, s->nr);
}

static void pr_move_test(struct kunit *test)
{
	struct scst_pr *pr = pr_made(test, 2, SCST_PR_WRITE_EXCL);
	struct scst_pr_port to = pr_port(5);
	const u16 ports[] = { 1 };
	struct scst_pr_args args = {
		.action = SCST_PR_MOVE, .key = 0xa0, .sa_key = 0xb5,
		.unreg = true, .move_port = 1, .ids = &to.id, .nr_ids = 1,
		.ports = ports, .nr_ports = 1,
	};

	/* Nothing to move; not the holder; the wrong port; a zero key; to oneself */
	pr->type = SCST_PR_NONE;
	KUNIT_EXPECT_TRUE(test, pr_do_args(pr, 0, &args).sense ==
				SCST_SENSE_INVALID_FIELD_CDB);
	pr->type = SCST_PR_WRITE_EXCL;
	args.key = 0xa1;
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 1, &args).status, 0x18);
	args.key = 0xa0;
	args.move_port = 2;
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 0, &args).byte, 18);
	args.move_port = 1;
	args.sa_key = 0;
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 0, &args).byte, 8);
	args.sa_key = 0xb5;
	to = pr_port(0);
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 0, &args).byte, 24);

	to = pr_port(5);
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 0, &args).status, 0);
	scst_pr_settle(pr);
	KUNIT_EXPECT_EQ(test, pr->nr, 2);
	KUNIT_EXPECT_EQ(test, pr->regs[pr->holder].key, 0xb5);
	KUNIT_EXPECT_EQ(test, scst_pr_access(pr, &to), SCST_ACCESS_ALL);
	to = pr_port(0);
	KUNIT_EXPECT_EQ(test, scst_pr_access(pr, &to), SCST_ACCESS_READ);
}

static void pr_room_test(struct kunit *test)
{
	struct scst_pr *pr = pr_made(test, PR_MAX, 0);
	struct scst_pr_args args = { .sa_key = 1 };
	struct scst_pr_result result = pr_do_args(pr, PR_MAX, &args);

	KUNIT_EXPECT_TRUE(test, result.sense == SCST_SENSE(5, 0x55, 0x04));
}

/* SPEC_I_PT and ALL_TG_PT: two more initiators, on two ports each */
static void pr_many_test(struct kunit *test)
{
	struct scst_transport_id ids[] = { pr_port(1).id, pr_port(2).id };
	struct scst_pr *pr = pr_new(test);
	const u16 ports[] = { 1, 2 };
	struct scst_pr_args args = {
		.sa_key = 7, .spec_i_pt = true, .all_tg_pt = true, .ids = ids,
		.nr_ids = 2, .ports = ports, .nr_ports = 2,
	};

	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 0, &args).status, 0);
	KUNIT_EXPECT_EQ(test, pr->nr, 6);
	/* Table 60: not from one who is registered already */
	args.key = 7;
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 0, &args).byte, 20);
}

/* ALL_TG_PT is a registration through each port: none may have another key. */
static void pr_all_ports_test(struct kunit *test)
{
	struct scst_pr_port elsewhere = pr_port(1), own = pr_port(0);
	const u16 ports[] = { 1, 2 };
	struct scst_pr *pr = pr_new(test);
	struct scst_pr_args args = {
		.sa_key = 7, .all_tg_pt = true, .ids = &elsewhere.id,
		.ports = ports, .nr_ports = 2,
	};

	elsewhere.rel_port = 2;
	own.rel_port = 2;
	pr->regs[pr->nr++] = (struct scst_pr_reg) {
		.port = elsewhere, .key = 3,
	};
	args.spec_i_pt = true;
	args.nr_ids = 1;
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 0, &args).status, 0x18);
	KUNIT_EXPECT_EQ(test, pr->nr, 1);
	KUNIT_EXPECT_EQ(test, pr->regs[0].key, 3);

	args.spec_i_pt = false;
	pr->regs[pr->nr++] = (struct scst_pr_reg) { .port = own, .key = 4 };
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 0, &args).status, 0x18);
	KUNIT_EXPECT_EQ(test, pr->nr, 2);
	/* The key that is there does not matter to this one. */
	args.action = SCST_PR_REGISTER_IGNORE;
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 0, &args).status, 0);
	KUNIT_EXPECT_EQ(test, pr->nr, 3);
	KUNIT_EXPECT_EQ(test, pr->regs[1].key, 7);
	/* The same key everywhere: it may be changed, and removed. */
	args.action = SCST_PR_REGISTER;
	args.key = 7;
	args.sa_key = 0;
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 0, &args).status, 0);
	scst_pr_settle(pr);
	KUNIT_EXPECT_EQ(test, pr->nr, 1);
}

/* PERSISTENT RESERVE OUT parameter lists that are refused, and why */
static const struct pr_list {
	const char *name;
	u8 action, len, at, value;
	u8 asc;
	u16 byte;
} pr_lists[] = {
	{ "good", 0, 24, 0, 0, 0, 0 },
	{ "empty", 0, 0, 0, 0, 0x1a, 0 },
	{ "too short", 1, 23, 0, 0, 0x1a, 0 },
	{ "too long", 3, 25, 0, 0, 0x1a, 0 },
	{ "APTPL", 0, 24, 20, 0x01, 0, 0 },
	{ "APTPL, ignore", 6, 24, 20, 0x01, 0, 0 },
	{ "APTPL does not matter", 1, 24, 20, 0x01, 0, 0 },
	{ "SPEC_I_PT, ignore", 6, 24, 20, 0x08, 0x26, 20 },
	{ "SPEC_I_PT without length", 0, 24, 20, 0x08, 0x1a, 0 },
	{ "SPEC_I_PT, empty", 0, 28, 20, 0x08, 0, 0 },
	{ "SPEC_I_PT, shorter than it says", 0, 30, 20, 0x08, 0x1a, 0 },
	{ "move without TransportID", 7, 24, 0, 0, 0x26, 24 },
	{ "move, APTPL, no TransportID", 7, 24, 17, 0x01, 0x26, 24 },
	{ "move, length", 7, 48, 20, 0xff, 0x1a, 0 },
};

KUNIT_ARRAY_PARAM_DESC(pr_list, pr_lists, name);

static void pr_list_test(struct kunit *test)
{
	const struct pr_list *l = test->param_value;
	u8 *buf = kunit_kzalloc(test, l->len + 1, GFP_KERNEL);
	const u8 cdb[10] = { 0x5f, l->action };
	struct scst_transport_id ids[2];
	struct scst_pr_args args = { .ids = ids, .nr_ids = l->len / 24 };
	struct scst_pr_result result;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	buf[l->at] = l->value;
	result = scst_pr_out_parse(cdb, buf, l->len, &args);
	KUNIT_EXPECT_EQ(test, scst_sense_asc(result.sense), l->asc);
	KUNIT_EXPECT_EQ(test, result.byte, l->byte);
	KUNIT_EXPECT_EQ(test, result.status, l->asc ? 2 : 0);
}

static void pr_in_test(struct kunit *test)
{
	struct scst_pr *pr = pr_made(test, 2, SCST_PR_EXCL_ACCESS_RO);
	u8 *buf = kunit_kzalloc(test, scst_pr_in_size(pr), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_EXPECT_EQ(test, scst_pr_in_build(0, pr, buf), 24);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf), 2);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(buf + 4), 16);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf + 16), 0xa1);
	KUNIT_EXPECT_EQ(test, scst_pr_in_build(1, pr, buf), 24);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf + 8), 0xa0);
	memset(buf, 0, scst_pr_in_size(pr));
	KUNIT_EXPECT_EQ(test, scst_pr_in_build(2, pr, buf), 8);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf), 0x00089dc0ea010000);
	memset(buf, 0, scst_pr_in_size(pr));
	KUNIT_EXPECT_EQ(test, scst_pr_in_build(3, pr, buf), 8 + 2 * 48);
	KUNIT_EXPECT_EQ(test, buf[8 + 12], 1);
	KUNIT_EXPECT_EQ(test, buf[8 + 13], 6);
	KUNIT_EXPECT_EQ(test, buf[8 + 48 + 12], 0);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(buf + 8 + 18), 1);
	KUNIT_EXPECT_EQ(test, buf[8 + 24], 6);
	pr->aptpl = true;
	memset(buf, 0, scst_pr_in_size(pr));
	KUNIT_EXPECT_EQ(test, scst_pr_in_build(2, pr, buf), 8);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf), 0x00089dc1ea010000);
}

/* SPC-5 5.14.5: the last APTPL that was received with a registration */
static void pr_aptpl_test(struct kunit *test)
{
	struct scst_pr *pr = pr_made(test, 2, 0);
	struct scst_pr_args args = {
		.key = PR_KEY(0), .sa_key = PR_KEY(0), .aptpl = true,
	};

	KUNIT_EXPECT_FALSE(test, pr->aptpl);
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 0, &args).status, 0);
	KUNIT_EXPECT_TRUE(test, pr->aptpl);
	/* These say nothing of it, nor does what changes nothing. */
	KUNIT_EXPECT_EQ(test, 0, pr_do(pr, 0, SCST_PR_RESERVE, 5, PR_KEY(0),
				       0));
	KUNIT_EXPECT_EQ(test, 0, pr_do(pr, 0, SCST_PR_PREEMPT, 5, PR_KEY(0),
				       PR_KEY(1)));
	KUNIT_EXPECT_EQ(test, 0, pr_do(pr, 5, SCST_PR_REGISTER, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, 0x18, pr_do(pr, 0, SCST_PR_REGISTER, 0, 1, 2));
	KUNIT_EXPECT_TRUE(test, pr->aptpl);
	KUNIT_EXPECT_EQ(test, 0, pr_do(pr, 5, SCST_PR_REGISTER_IGNORE, 0, 0,
				       PR_KEY(5)));
	KUNIT_EXPECT_FALSE(test, pr->aptpl);
}

/* SPC-5 5.14.11.2, 6.17.3 */
static void pr_lost_test(struct kunit *test)
{
	const struct scst_pr_port self = pr_port(1);
	struct scst_pr *pr = pr_made(test, 0, 0);
	struct scst_pr_args args = {
		.action = SCST_PR_REPLACE_LOST, .type = SCST_PR_EXCL_ACCESS,
		.sa_key = PR_KEY(1), .aptpl = true,
	};
	u8 action;

	/* Nothing is lost. */
	KUNIT_EXPECT_EQ(test, scst_sense_asc(pr_do_args(pr, 1, &args).sense),
			0x24);
	pr->lost = true;
	KUNIT_EXPECT_EQ(test, scst_pr_access(pr, &self), SCST_ACCESS_LOST);
	for (action = 0; action < SCST_PR_REPLACE_LOST; action++) {
		args.action = action;
		KUNIT_EXPECT_EQ(test, 0x44,
				scst_sense_asc(pr_do_args(pr, 1, &args).sense));
	}
	for (action = 0; action < 4; action++)
		KUNIT_EXPECT_EQ(test, scst_pr_in_refused(action, pr),
				action != 2);
	args.action = SCST_PR_REPLACE_LOST;
	args.key = PR_KEY(1);
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 1, &args).status, 0x18);
	args.key = 0;
	args.type = 2;
	KUNIT_EXPECT_EQ(test, pr_do_args(pr, 1, &args).status, 2);
	args.type = SCST_PR_EXCL_ACCESS;
	args.sa_key = 0;
	KUNIT_EXPECT_EQ(test, scst_sense_asc(pr_do_args(pr, 1, &args).sense),
			0x26);
	KUNIT_EXPECT_TRUE(test, pr->lost);
	args.sa_key = PR_KEY(1);
	KUNIT_ASSERT_EQ(test, pr_do_args(pr, 1, &args).status, 0);
	KUNIT_EXPECT_FALSE(test, pr->lost);
	KUNIT_EXPECT_TRUE(test, pr->aptpl);
	KUNIT_EXPECT_EQ(test, pr->generation, 1);
	KUNIT_EXPECT_EQ(test, scst_pr_access(pr, &self), SCST_ACCESS_ALL);
	KUNIT_EXPECT_EQ(test, scst_pr_access(pr, NULL), SCST_ACCESS_NONE);
}

static bool pr_lost_conflict(const u8 *cdb)
{
	const struct scst_cdb_op *row = scst_cdb_find(TYPE_DISK, cdb, 16);

	return scst_resv_conflict(SCST_ACCESS_LOST, row, cdb);
}

/* What tells of no data, and who is asked, and nothing else */
static void pr_lost_access_test(struct kunit *test)
{
	static const u8 passes[][16] = {
		{ 0x00 }, { 0x03 }, { 0x12 }, { 0x25 }, { 0xa0 }, { 0x5e },
		{ 0x5f, 8 },
	};
	static const u8 fails[][16] = {
		{ 0x08 }, { 0x0a }, { 0x15 }, { 0x1a }, { 0x28 }, { 0x2a },
		{ 0x35 }, { 0x42 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(passes); i++)
		KUNIT_EXPECT_FALSE(test, pr_lost_conflict(passes[i]));
	for (i = 0; i < ARRAY_SIZE(fails); i++)
		KUNIT_EXPECT_TRUE(test, pr_lost_conflict(fails[i]));
}

static struct kunit_case pr_test_cases[] = {
	KUNIT_CASE_PARAM(pr_cell_test, pr_cell_gen_params),
	KUNIT_CASE(pr_all_rows_test),
	KUNIT_CASE(pr_crh_test),
	KUNIT_CASE_PARAM(pr_step_test, pr_step_gen_params),
	KUNIT_CASE(pr_move_test),
	KUNIT_CASE(pr_room_test),
	KUNIT_CASE(pr_many_test),
	KUNIT_CASE(pr_all_ports_test),
	KUNIT_CASE_PARAM(pr_list_test, pr_list_gen_params),
	KUNIT_CASE(pr_in_test),
	KUNIT_CASE(pr_aptpl_test),
	KUNIT_CASE(pr_lost_test),
	KUNIT_CASE(pr_lost_access_test),
	{}
};

static struct kunit_suite pr_suite = {
	.name = "scst_pr",
	.test_cases = pr_test_cases,
};

kunit_test_suite(pr_suite);
