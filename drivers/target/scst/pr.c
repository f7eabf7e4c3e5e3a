// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent reservations (SPC-5 5.14): what each service action does to the
 * registrations, and which commands conflict.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/export.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include "pr.h"

#define PR_SENSE_INVALID_RELEASE	SCST_SENSE(ILLEGAL_REQUEST, 0x26, 0x04)

/* Fields of CDB and parameter list that sense data points to */
#define PR_CDB_ACTION		1
#define PR_CDB_ACTION_BIT	4
#define PR_CDB_TYPE		2
#define PR_LIST_SA_KEY		8
#define PR_LIST_FLAGS		20
#define PR_SPEC_I_PT_BIT	3
#define PR_LIST_MOVE_PORT	18
#define PR_LIST_MOVE_ID		24

/**
 * struct pr_type - a type of persistent reservation
 * @valid: there is such a type
 * @regs_only: every registrant may do what the holder may
 * @all_regs: every registrant is a holder
 * @others: what a nexus that may not do everything may do
 */
struct pr_type {
	bool	valid;
	bool	regs_only;
	bool	all_regs;
	u8	others;
};

static const struct pr_type pr_types[16] = {
	[SCST_PR_WRITE_EXCL]	 = { true, false, false, SCST_ACCESS_READ },
	[SCST_PR_EXCL_ACCESS]	 = { true, false, false, SCST_ACCESS_NONE },
	[SCST_PR_WRITE_EXCL_RO]	 = { true, true, false, SCST_ACCESS_READ },
	[SCST_PR_EXCL_ACCESS_RO] = { true, true, false, SCST_ACCESS_NONE },
	[SCST_PR_WRITE_EXCL_AR]	 = { true, true, true, SCST_ACCESS_READ },
	[SCST_PR_EXCL_ACCESS_AR] = { true, true, true, SCST_ACCESS_NONE },
};

bool scst_pr_type_valid(u8 type)
{
	return type < ARRAY_SIZE(pr_types) && pr_types[type].valid;
}

bool scst_pr_type_all_regs(u8 type)
{
	return pr_types[type].all_regs;
}

bool scst_pr_type_regs_only(u8 type)
{
	return pr_types[type].regs_only;
}

bool scst_pr_port_equal(const struct scst_pr_port *a,
			const struct scst_pr_port *b)
{
	return a->rel_port == b->rel_port &&
	       scst_transport_id_equal(&a->id, &b->id);
}

struct scst_pr_reg *scst_pr_find(struct scst_pr *pr,
				 const struct scst_pr_port *port)
{
	struct scst_pr_reg *reg;

	for (reg = pr->regs; reg < pr->regs + pr->nr; reg++)
		if (!(reg->effects & SCST_PR_GONE) &&
		    scst_pr_port_equal(&reg->port, port))
			return reg;
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_find);

bool scst_pr_is_holder(const struct scst_pr *pr, const struct scst_pr_reg *reg)
{
	if (pr->type == SCST_PR_NONE)
		return false;
	return pr_types[pr->type].all_regs || reg == &pr->regs[pr->holder];
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_is_holder);

/* Return: the registration, new or with its new key; NULL without room. */
static struct scst_pr_reg *pr_register(struct scst_pr *pr,
				       const struct scst_pr_port *port, u64 key)
{
	struct scst_pr_reg *reg = scst_pr_find(pr, port);

	if (!reg) {
		if (pr->nr == pr->max)
			return NULL;
		reg = &pr->regs[pr->nr++];
		*reg = (struct scst_pr_reg) { .port = *port };
	}
	reg->key = key;
	return reg;
}

/* An effect on every registrant but @self, which may be NULL */
static void pr_tell_others(struct scst_pr *pr, const struct scst_pr_reg *self,
			   u8 effect)
{
	struct scst_pr_reg *reg;

	for (reg = pr->regs; reg < pr->regs + pr->nr; reg++)
		if (reg != self && !(reg->effects & SCST_PR_GONE))
			reg->effects |= effect;
}

static bool pr_has_registrants(const struct scst_pr *pr)
{
	const struct scst_pr_reg *reg;

	for (reg = pr->regs; reg < pr->regs + pr->nr; reg++)
		if (!(reg->effects & SCST_PR_GONE))
			return true;
	return false;
}

/*
 * 5.14.11.3: with its holder, or with the last registrant, a reservation goes.
 * The registrants of the "registrants only" types are told.
 */
static void pr_unregister(struct scst_pr *pr, struct scst_pr_reg *reg)
{
	bool held = scst_pr_is_holder(pr, reg);

	reg->effects |= SCST_PR_GONE;
	if (!held || (pr_types[pr->type].all_regs && pr_has_registrants(pr)))
		return;
	if (pr_types[pr->type].regs_only)
		pr_tell_others(pr, reg, SCST_PR_UA_RELEASED);
	pr->type = SCST_PR_NONE;
}

/* One target port of REGISTER: registered, another key, or no more */
static bool pr_register_port(struct scst_pr *pr, const struct scst_pr_port *port,
			     u64 key)
{
	struct scst_pr_reg *reg;

	if (key)
		return pr_register(pr, port, key);
	reg = scst_pr_find(pr, port);
	if (reg)
		pr_unregister(pr, reg);
	return true;
}

static bool pr_register_ports(struct scst_pr *pr,
			      const struct scst_pr_port *self,
			      const struct scst_transport_id *id,
			      const struct scst_pr_args *args)
{
	struct scst_pr_port port = { .id = *id, .rel_port = self->rel_port };
	unsigned int i;

	if (!pr_register_port(pr, &port, args->sa_key))
		return false;
	if (!args->all_tg_pt)
		return true;
	for (i = 0; i < args->nr_ports; i++) {
		port.rel_port = args->ports[i];
		if (!pr_register_port(pr, &port, args->sa_key))
			return false;
	}
	return true;
}

/* Is @id registered, with another key than @key, through a port that is meant? */
static bool pr_registered_otherwise(struct scst_pr *pr,
				    const struct scst_pr_port *self,
				    const struct scst_transport_id *id, u64 key,
				    const struct scst_pr_args *args)
{
	struct scst_pr_port port = { .id = *id, .rel_port = self->rel_port };
	const struct scst_pr_reg *reg = scst_pr_find(pr, &port);
	unsigned int i;

	if (reg && reg->key != key)
		return true;
	for (i = 0; args->all_tg_pt && i < args->nr_ports; i++) {
		port.rel_port = args->ports[i];
		reg = scst_pr_find(pr, &port);
		if (reg && reg->key != key)
			return true;
	}
	return false;
}

/* SPEC_I_PT: those of the list must not be registered yet; no key is zero. */
static bool pr_listed_registered(struct scst_pr *pr,
				 const struct scst_pr_port *self,
				 const struct scst_pr_args *args)
{
	unsigned int i;

	for (i = 0; i < args->nr_ids; i++)
		if (pr_registered_otherwise(pr, self, &args->ids[i], 0, args))
			return true;
	return false;
}

static struct scst_pr_result pr_do_register(struct scst_pr *pr,
					    const struct scst_pr_port *self,
					    const struct scst_pr_args *args)
{
	struct scst_pr_reg *reg = scst_pr_find(pr, self);
	unsigned int i;

	/* Table 60: nothing to unregister */
	if (!reg && !args->sa_key)
		return SCST_PR_GOOD;
	/* What has no room is not looked at: it takes long. */
	if (args->spec_i_pt && args->all_tg_pt &&
	    size_mul(args->nr_ids, args->nr_ports) > pr->max - pr->nr)
		return scst_pr_error(SCST_PR_SENSE_NO_RESOURCES, 0, -1);
	if (args->spec_i_pt && pr_listed_registered(pr, self, args))
		return SCST_PR_CONFLICT;
	if (!pr_register_ports(pr, self, &self->id, args))
		return scst_pr_error(SCST_PR_SENSE_NO_RESOURCES, 0, -1);
	for (i = 0; args->spec_i_pt && i < args->nr_ids; i++)
		if (!pr_register_ports(pr, self, &args->ids[i], args))
			return scst_pr_error(SCST_PR_SENSE_NO_RESOURCES, 0, -1);
	/* 5.14.5: the last one that was received counts, whoever sent it. */
	pr->aptpl = args->aptpl;
	pr->generation++;
	return SCST_PR_GOOD;
}

/*
 * Table 60 (5.14.7): the key must fit, with ALL_TG_PT wherever there is one; no
 * list from one who is registered.
 */
static struct scst_pr_result pr_op_register(struct scst_pr *pr,
					    const struct scst_pr_port *self,
					    const struct scst_pr_args *args)
{
	struct scst_pr_reg *reg = scst_pr_find(pr, self);

	if (args->key != (reg ? reg->key : 0) ||
	    pr_registered_otherwise(pr, self, &self->id, args->key, args))
		return SCST_PR_CONFLICT;
	if (reg && args->spec_i_pt)
		return scst_pr_error(SCST_SENSE_INVALID_FIELD_PARAM,
				     PR_LIST_FLAGS, PR_SPEC_I_PT_BIT);
	return pr_do_register(pr, self, args);
}

static struct scst_pr_result pr_check_type(const struct scst_pr_args *args)
{
	if (args->scope)
		return scst_pr_error(SCST_SENSE_INVALID_FIELD_CDB, PR_CDB_TYPE,
				     7);
	if (!scst_pr_type_valid(args->type))
		return scst_pr_error(SCST_SENSE_INVALID_FIELD_CDB, PR_CDB_TYPE,
				     3);
	return SCST_PR_GOOD;
}

/* 5.14.9 */
static struct scst_pr_result pr_op_reserve(struct scst_pr *pr,
					   const struct scst_pr_port *self,
					   const struct scst_pr_args *args)
{
	struct scst_pr_reg *reg = scst_pr_find(pr, self);
	struct scst_pr_result result = pr_check_type(args);

	if (result.status != SAM_STAT_GOOD)
		return result;
	if (pr->type != SCST_PR_NONE)
		return scst_pr_is_holder(pr, reg) && pr->type == args->type ?
		       SCST_PR_GOOD : SCST_PR_CONFLICT;
	pr->type = args->type;
	pr->holder = reg - pr->regs;
	return SCST_PR_GOOD;
}

/* 5.14.11.2 */
static struct scst_pr_result pr_op_release(struct scst_pr *pr,
					   const struct scst_pr_port *self,
					   const struct scst_pr_args *args)
{
	struct scst_pr_reg *reg = scst_pr_find(pr, self);

	if (!scst_pr_is_holder(pr, reg))
		return SCST_PR_GOOD;
	if (args->scope || args->type != pr->type)
		return scst_pr_error(PR_SENSE_INVALID_RELEASE, 0, -1);
	if (pr_types[pr->type].regs_only)
		pr_tell_others(pr, reg, SCST_PR_UA_RELEASED);
	pr->type = SCST_PR_NONE;
	return SCST_PR_GOOD;
}

/* 5.14.11.6 */
static struct scst_pr_result pr_op_clear(struct scst_pr *pr,
					 const struct scst_pr_port *self,
					 const struct scst_pr_args *args)
{
	struct scst_pr_reg *reg = scst_pr_find(pr, self);

	pr_tell_others(pr, reg, SCST_PR_UA_CLEARED);
	pr_tell_others(pr, NULL, SCST_PR_GONE);
	pr->type = SCST_PR_NONE;
	pr->generation++;
	return SCST_PR_GOOD;
}

/*
 * Registrations with @key, or all others if it is zero. @keep, which may be
 * NULL, stays in any case. Return: whether there was one.
 */
static bool pr_remove_key(struct scst_pr *pr, const struct scst_pr_reg *self,
			  const struct scst_pr_reg *keep, u64 key, u8 effects)
{
	struct scst_pr_reg *reg;
	bool found = false;

	for (reg = pr->regs; reg < pr->regs + pr->nr; reg++) {
		if (key && reg->key != key)
			continue;
		found = true;
		if (reg == keep)
			continue;
		if (reg != self)
			reg->effects |= effects;
		/* Not yet: whether it holds the reservation is asked below. */
		reg->effects |= SCST_PR_GONE;
	}
	return found;
}

/* 5.14.11.4.3: the reservation becomes the preempting nexus's. */
static struct scst_pr_result pr_preempt_holder(struct scst_pr *pr,
					       struct scst_pr_reg *self,
					       const struct scst_pr_args *args,
					       u8 effects)
{
	struct scst_pr_result result = pr_check_type(args);

	if (result.status != SAM_STAT_GOOD)
		return result;
	pr_remove_key(pr, self, self, args->sa_key, effects);
	if (pr->type != args->type)
		pr_tell_others(pr, self, SCST_PR_UA_RELEASED);
	pr->type = args->type;
	pr->holder = self - pr->regs;
	pr->generation++;
	return SCST_PR_GOOD;
}

/* 5.14.11.4.4: registrations go, the reservation stays whose it is. */
static struct scst_pr_result pr_preempt_key(struct scst_pr *pr,
					    struct scst_pr_reg *self,
					    const struct scst_pr_args *args,
					    u8 effects)
{
	if (!args->sa_key)
		return scst_pr_error(SCST_SENSE_INVALID_FIELD_PARAM,
				     PR_LIST_SA_KEY, -1);
	if (!pr_remove_key(pr, self, NULL, args->sa_key, effects))
		return SCST_PR_CONFLICT;
	if (pr->type != SCST_PR_NONE && !pr_has_registrants(pr))
		pr->type = SCST_PR_NONE;
	pr->generation++;
	return SCST_PR_GOOD;
}

/* Table 64 */
static struct scst_pr_result pr_op_preempt(struct scst_pr *pr,
					   const struct scst_pr_port *self,
					   const struct scst_pr_args *args)
{
	struct scst_pr_reg *reg = scst_pr_find(pr, self);
	u8 effects = SCST_PR_UA_PREEMPTED;
	bool holder = false;

	if (args->action == SCST_PR_PREEMPT_ABORT)
		effects |= SCST_PR_ABORT;
	if (scst_pr_type_all_regs(pr->type))
		holder = !args->sa_key;
	else if (pr->type != SCST_PR_NONE)
		holder = args->sa_key == pr->regs[pr->holder].key;
	return holder ? pr_preempt_holder(pr, reg, args, effects) :
			pr_preempt_key(pr, reg, args, effects);
}

static bool pr_port_known(const struct scst_pr_args *args, u16 port)
{
	unsigned int i;

	for (i = 0; i < args->nr_ports; i++)
		if (args->ports[i] == port)
			return true;
	return false;
}

/* 5.14.8 */
static struct scst_pr_result pr_op_move(struct scst_pr *pr,
					const struct scst_pr_port *self,
					const struct scst_pr_args *args)
{
	struct scst_pr_reg *reg = scst_pr_find(pr, self), *to;
	struct scst_pr_port port = { .rel_port = args->move_port };

	if (pr->type == SCST_PR_NONE)
		return scst_pr_error(SCST_SENSE_INVALID_FIELD_CDB,
				     PR_CDB_ACTION, PR_CDB_ACTION_BIT);
	if (!scst_pr_is_holder(pr, reg) || pr_types[pr->type].all_regs)
		return SCST_PR_CONFLICT;
	if (!args->sa_key)
		return scst_pr_error(SCST_SENSE_INVALID_FIELD_PARAM,
				     PR_LIST_SA_KEY, -1);
	if (!pr_port_known(args, args->move_port))
		return scst_pr_error(SCST_SENSE_INVALID_FIELD_PARAM,
				     PR_LIST_MOVE_PORT, -1);
	port.id = args->ids[0];
	if (scst_pr_port_equal(&port, self))
		return scst_pr_error(SCST_SENSE_INVALID_FIELD_PARAM,
				     PR_LIST_MOVE_ID, -1);
	to = pr_register(pr, &port, args->sa_key);
	if (!to)
		return scst_pr_error(SCST_PR_SENSE_NO_RESOURCES, 0, -1);
	pr->holder = to - pr->regs;
	if (args->unreg)
		reg->effects |= SCST_PR_GONE;
	pr->aptpl = args->aptpl;
	pr->generation++;
	return SCST_PR_GOOD;
}

/*
 * 5.14.11.2: whoever comes first begins anew. There is nobody to tell: nobody
 * is registered.
 */
static struct scst_pr_result pr_op_replace(struct scst_pr *pr,
					   const struct scst_pr_port *self,
					   const struct scst_pr_args *args)
{
	struct scst_pr_result result = pr_check_type(args);
	struct scst_pr_reg *reg;

	/* 6.17.3: RESERVATION KEY shall contain zero. */
	if (args->key)
		return SCST_PR_CONFLICT;
	if (result.status != SAM_STAT_GOOD)
		return result;
	if (!args->sa_key)
		return scst_pr_error(SCST_SENSE_INVALID_FIELD_PARAM,
				     PR_LIST_SA_KEY, -1);
	reg = pr_register(pr, self, args->sa_key);
	if (!reg)
		return scst_pr_error(SCST_PR_SENSE_NO_RESOURCES, 0, -1);
	pr->lost = false;
	pr->type = args->type;
	pr->holder = reg - pr->regs;
	pr->aptpl = args->aptpl;
	pr->generation++;
	return SCST_PR_GOOD;
}

/**
 * struct pr_op - a service action
 * @apply: does it
 * @anybody: also for a nexus that is not registered, or has another key
 */
struct pr_op {
	struct scst_pr_result (*apply)(struct scst_pr *pr,
				       const struct scst_pr_port *self,
				       const struct scst_pr_args *args);
	bool anybody;
};

static const struct pr_op pr_ops[SCST_PR_NR_ACTIONS] = {
	[SCST_PR_REGISTER]	  = { pr_op_register, .anybody = true },
	[SCST_PR_RESERVE]	  = { pr_op_reserve },
	[SCST_PR_RELEASE]	  = { pr_op_release },
	[SCST_PR_CLEAR]		  = { pr_op_clear },
	[SCST_PR_PREEMPT]	  = { pr_op_preempt },
	[SCST_PR_PREEMPT_ABORT]	  = { pr_op_preempt },
	[SCST_PR_REGISTER_IGNORE] = { pr_do_register, .anybody = true },
	[SCST_PR_MOVE]		  = { pr_op_move },
	[SCST_PR_REPLACE_LOST]	  = { pr_op_replace, .anybody = true },
};

struct scst_pr_result scst_pr_apply(struct scst_pr *pr,
				    const struct scst_pr_port *self,
				    const struct scst_pr_args *args)
{
	const struct pr_op *op = &pr_ops[args->action];
	bool replace = args->action == SCST_PR_REPLACE_LOST;
	const struct scst_pr_reg *reg;

	if (pr->lost && !replace)
		return scst_pr_error(SCST_PR_SENSE_LOST, 0, -1);
	if (replace && !pr->lost)
		return scst_pr_error(SCST_SENSE_INVALID_FIELD_CDB,
				     PR_CDB_ACTION, PR_CDB_ACTION_BIT);
	if (!op->anybody) {
		reg = scst_pr_find(pr, self);
		if (!reg || reg->key != args->key)
			return SCST_PR_CONFLICT;
	}
	return op->apply(pr, self, args);
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_apply);

void scst_pr_settle(struct scst_pr *pr)
{
	u32 i, nr = 0, holder = 0;

	for (i = 0; i < pr->nr; i++) {
		if (pr->regs[i].effects & SCST_PR_GONE)
			continue;
		if (i == pr->holder)
			holder = nr;
		if (nr != i)
			pr->regs[nr] = pr->regs[i];
		pr->regs[nr++].effects = 0;
	}
	pr->nr = nr;
	pr->holder = holder;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_settle);

enum scst_resv_access scst_pr_access(struct scst_pr *pr,
				     const struct scst_pr_port *port)
{
	const struct pr_type *type = &pr_types[pr->type];
	const struct scst_pr_reg *reg;

	if (pr->lost)
		return SCST_ACCESS_LOST;
	if (!type->valid)
		return SCST_ACCESS_ALL;
	reg = port ? scst_pr_find(pr, port) : NULL;
	if (reg && (type->regs_only || scst_pr_is_holder(pr, reg)))
		return SCST_ACCESS_ALL;
	return type->others;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_access);

/* Commands that pass: SPC-5 table 57, SBC-4 table 14, SPC-2 table 10 */
static const u8 pr_allowed[SCST_RESV_NR_CLASSES] = {
	[SCST_RESV_WRITE]	= BIT(SCST_ACCESS_ALL),
	[SCST_RESV_READ]	= BIT(SCST_ACCESS_ALL) | BIT(SCST_ACCESS_READ),
	[SCST_RESV_STATUS]	= BIT(SCST_ACCESS_ALL) | BIT(SCST_ACCESS_READ) |
				  BIT(SCST_ACCESS_NONE) | BIT(SCST_ACCESS_LOST),
	[SCST_RESV_ALWAYS]	= BIT(SCST_ACCESS_ALL) | BIT(SCST_ACCESS_READ) |
				  BIT(SCST_ACCESS_NONE) | BIT(SCST_ACCESS_LOST) |
				  BIT(SCST_ACCESS_RESERVED),
};

bool scst_resv_conflict(enum scst_resv_access access,
			const struct scst_cdb_op *row, const u8 *cdb)
{
	u8 class = row->resv;

	/* Those that only begin something, or let go, disturb nobody. */
	if (class == SCST_RESV_START)
		class = cdb[4] & 0x01 && !(cdb[4] & 0xf0) ? SCST_RESV_ALWAYS :
							    SCST_RESV_WRITE;
	else if (class == SCST_RESV_PREVENT)
		class = cdb[4] & 0x03 ? SCST_RESV_WRITE : SCST_RESV_ALWAYS;
	return !(pr_allowed[class] & BIT(access));
}
EXPORT_SYMBOL_IF_KUNIT(scst_resv_conflict);

struct scst_pr_result scst_pr_crh(struct scst_pr *pr,
				  const struct scst_pr_port *port)
{
	const struct scst_pr_reg *reg = port ? scst_pr_find(pr, port) : NULL;

	if (reg && pr->type != SCST_PR_NONE &&
	    scst_pr_access(pr, port) == SCST_ACCESS_ALL)
		return SCST_PR_GOOD;
	return SCST_PR_CONFLICT;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_crh);
