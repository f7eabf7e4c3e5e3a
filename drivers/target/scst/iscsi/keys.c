// SPDX-License-Identifier: GPL-2.0
/*
 * Text keys (RFC 7143 6 and 13): one table of them, and their negotiation.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/minmax.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include "isct_keys.h"

/* RFC 7143 6.1: longest key name */
#define ISCT_KEY_NAME_MAX	63

#define ISCT_SEGMENT_MIN	512
#define ISCT_SEGMENT_MAX	16777215

#define PARAM_BOOL(_name, _def, _unsaid, _settable) {			\
	.name = _name, .kind = ISCT_KIND_BOOL, .def = _def,		\
	.unsaid = _unsaid, .max = 1, .settable = _settable }

#define PARAM_NUMBER(_name, _def, _unsaid, _min, _max, _settable) {	\
	.name = _name, .kind = ISCT_KIND_NUMBER, .def = _def,		\
	.unsaid = _unsaid, .min = _min, .max = _max,			\
	.settable = _settable }

#define PARAM_DIGEST(_name) {						\
	.name = _name, .kind = ISCT_KIND_DIGESTS,			\
	.def = ISCT_DIGEST_NONE, .unsaid = ISCT_DIGEST_NONE,		\
	.min = ISCT_DIGEST_NONE,					\
	.max = ISCT_DIGEST_NONE | ISCT_DIGEST_CRC32C, .settable = true }

/* The size of a PDU that we send is limited by what the initiator declares. */
#define PARAM_SEGMENT(_name) PARAM_NUMBER(_name, 1048576, 8192,		\
					  ISCT_SEGMENT_MIN,		\
					  ISCT_SEGMENT_MAX, true)

const struct isct_param_desc isct_param_descs[ISCT_PARAM_NR] = {
	[ISCT_HEADER_DIGEST] = PARAM_DIGEST("HeaderDigest"),
	[ISCT_DATA_DIGEST] = PARAM_DIGEST("DataDigest"),
	[ISCT_INITIAL_R2T] = PARAM_BOOL("InitialR2T", 0, 1, true),
	[ISCT_IMMEDIATE_DATA] = PARAM_BOOL("ImmediateData", 1, 1, true),
	[ISCT_MAX_RECV_SEGMENT] = PARAM_SEGMENT("MaxRecvDataSegmentLength"),
	[ISCT_MAX_XMIT_SEGMENT] = PARAM_SEGMENT("MaxXmitDataSegmentLength"),
	[ISCT_MAX_BURST] = PARAM_NUMBER("MaxBurstLength", 1048576, 262144,
					ISCT_SEGMENT_MIN, ISCT_SEGMENT_MAX,
					true),
	[ISCT_FIRST_BURST] = PARAM_NUMBER("FirstBurstLength", 65536, 65536,
					  ISCT_SEGMENT_MIN, ISCT_SEGMENT_MAX,
					  true),
	[ISCT_MAX_OUTSTANDING_R2T] = PARAM_NUMBER("MaxOutstandingR2T", 32, 1,
						  1, 65535, true),
	[ISCT_MAX_CONNECTIONS] = PARAM_NUMBER("MaxConnections", 1, 1, 1, 65535,
					      false),
	[ISCT_ERROR_RECOVERY] = PARAM_NUMBER("ErrorRecoveryLevel", 0, 0, 0, 2,
					     false),
	[ISCT_TIME2WAIT] = PARAM_NUMBER("DefaultTime2Wait", 0, 2, 0, 3600,
					false),
	[ISCT_TIME2RETAIN] = PARAM_NUMBER("DefaultTime2Retain", 0, 20, 0, 3600,
					  false),
	[ISCT_PDU_IN_ORDER] = PARAM_BOOL("DataPDUInOrder", 1, 1, false),
	[ISCT_SEQUENCE_IN_ORDER] = PARAM_BOOL("DataSequenceInOrder", 1, 1,
					      false),
	[ISCT_TASK_REPORTING] = {
		.name = "TaskReporting", .kind = ISCT_KIND_REPORTING,
		.def = ISCT_REPORTING_RFC3720 | ISCT_REPORTING_FENCE,
		.unsaid = ISCT_REPORTING_RFC3720,
		.min = ISCT_REPORTING_RFC3720,
		.max = ISCT_REPORTING_RFC3720 | ISCT_REPORTING_FENCE,
	},
	/* RFC 7143 13.24: 1 is RFC 7143 itself, 2 is RFC 7144 */
	[ISCT_PROTOCOL_LEVEL] = PARAM_NUMBER("iSCSIProtocolLevel", 2, 1, 0, 31,
					     false),
	[ISCT_QUEUED_COMMANDS] = PARAM_NUMBER("QueuedCommands", 32, 32, 1,
					      2048, true),
	[ISCT_RSP_TIMEOUT] = PARAM_NUMBER("RspTimeout", 90, 90, 2, 65535, true),
	[ISCT_NOP_IN_INTERVAL] = PARAM_NUMBER("NopInInterval", 30, 30, 0,
					      65535, true),
	[ISCT_NOP_IN_TIMEOUT] = PARAM_NUMBER("NopInTimeout", 30, 30, 2, 65535,
					     true),
};
EXPORT_SYMBOL_IF_KUNIT(isct_param_descs);

bool isct_text_add(struct isct_text *text, const char *key, const char *fmt,
		   ...)
{
	char *to = text->buf + text->len;
	u32 room = text->size - text->len;
	u32 len = strlen(key) + 1;
	va_list args;

	if (len >= room)
		return false;
	snprintf(to, room, "%s=", key);
	va_start(args, fmt);
	len += vsnprintf(to + len, room - len, fmt, args);
	va_end(args);
	if (len >= room)
		return false;
	text->len += len + 1;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(isct_text_add);

int isct_text_next(struct isct_text *text, u32 *pos, char **key, char **value)
{
	char *start = text->buf + *pos;
	char *end, *equals;

	if (*pos >= text->len)
		return 0;
	end = memchr(start, 0, text->len - *pos);
	if (!end)
		return -EINVAL;
	equals = memchr(start, '=', end - start);
	if (!equals || equals == start || equals - start > ISCT_KEY_NAME_MAX)
		return -EINVAL;
	*equals = 0;
	*key = start;
	*value = equals + 1;
	*pos += end - start + 1;
	return 1;
}
EXPORT_SYMBOL_IF_KUNIT(isct_text_next);

const char *isct_text_peek(const struct isct_text *text, const char *key)
{
	size_t key_len = strlen(key);
	const char *pair = text->buf;
	const char *end;
	u32 left = text->len;

	for (; left; left -= end - pair, pair = end) {
		end = memchr(pair, 0, left);
		if (!end)
			return NULL;
		if (end - pair > key_len && pair[key_len] == '=' &&
		    !memcmp(pair, key, key_len))
			return pair + key_len + 1;
		end++;
	}
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(isct_text_peek);

int isct_list_first(const char *list, const char * const *names,
		    unsigned int nr, unsigned long allowed)
{
	for (;;) {
		size_t len = strcspn(list, ",");
		unsigned int i;

		for_each_set_bit(i, &allowed, nr)
			if (strlen(names[i]) == len &&
			    !memcmp(list, names[i], len))
				return i;
		if (!list[len])
			return -1;
		list += len + 1;
	}
}
EXPORT_SYMBOL_IF_KUNIT(isct_list_first);

/* Keys may be in the first request of a login whatever stage that begins in. */
#define ISCT_PHASE_LOGIN	(ISCT_PHASE_SECURITY | ISCT_PHASE_OPERATIONAL)

/* RFC 7143 13: use "LO", and "Irrelevant when: SessionType=Discovery" */
#define ISCT_KEY_LEADING	1
#define ISCT_KEY_NORMAL		2
/* We declare it: the initiator may tell what it thinks of that */
#define ISCT_KEY_OURS		4

struct isct_key;
typedef int (*isct_rule_fn)(struct isct_nego *nego, const struct isct_key *key,
			    const char *value, struct isct_text *reply);

/**
 * struct isct_key - a key that we know
 * @name: key
 * @rule: takes its value
 * @index: enum isct_param, or enum isct_given
 * @phases: where it may be: ISCT_PHASE_* bits
 * @flags: ISCT_KEY_* bits
 */
struct isct_key {
	const char	*name;
	isct_rule_fn	rule;
	u8		index;
	u8		phases;
	u8		flags;
};

/**
 * struct isct_names - values of a list, by bit of the parameter
 * @nr: how many
 * @names: values
 */
struct isct_names {
	unsigned int		nr;
	const char		*names[2];
};

static const struct isct_names isct_names[] = {
	[ISCT_KIND_DIGESTS] = { 2, { "None", "CRC32C" } },
	[ISCT_KIND_REPORTING] = { 2, { "RFC3720", "ResponseFence" } },
};

static int isct_answer(struct isct_text *reply, const char *key,
		       const char *value)
{
	return isct_text_add(reply, key, "%s", value) ? 0 : -ENOSPC;
}

static int isct_answer_number(struct isct_text *reply, const char *key, u32 val)
{
	return isct_text_add(reply, key, "%u", val) ? 0 : -ENOSPC;
}

/*
 * RFC 7143 6.1: a decimal or hexadecimal constant, and nothing else: no sign,
 * no newline, no octal numbers, all of which kstrtou32() may take.
 */
static bool isct_number(const char *value, u32 min, u32 max, u32 *result)
{
	bool hex = value[0] == '0' && (value[1] == 'x' || value[1] == 'X');
	const char *digits = hex ? value + 2 : value;
	size_t len = strspn(digits, hex ? "0123456789abcdefABCDEF" :
					  "0123456789");

	if (!len || digits[len] || kstrtou32(digits, hex ? 16 : 10, result))
		return false;
	return *result >= min && *result <= max;
}

static bool isct_param_number(const struct isct_key *key, const char *value,
			      u32 *result)
{
	const struct isct_param_desc *desc = &isct_param_descs[key->index];

	return isct_number(value, desc->min, desc->max, result);
}

static bool isct_bool(const char *value, bool *result)
{
	*result = !strcmp(value, "Yes");
	return *result || !strcmp(value, "No");
}

static int isct_rule_and(struct isct_nego *nego, const struct isct_key *key,
			 const char *value, struct isct_text *reply)
{
	bool yes;

	if (!isct_bool(value, &yes))
		return isct_answer(reply, key->name, "Reject");
	yes = yes && nego->offer.val[key->index];
	nego->result.val[key->index] = yes;
	return isct_answer(reply, key->name, yes ? "Yes" : "No");
}

static int isct_rule_or(struct isct_nego *nego, const struct isct_key *key,
			const char *value, struct isct_text *reply)
{
	bool yes;

	if (!isct_bool(value, &yes))
		return isct_answer(reply, key->name, "Reject");
	yes = yes || nego->offer.val[key->index];
	nego->result.val[key->index] = yes;
	return isct_answer(reply, key->name, yes ? "Yes" : "No");
}

static int isct_rule_min(struct isct_nego *nego, const struct isct_key *key,
			 const char *value, struct isct_text *reply)
{
	u32 val;

	if (!isct_param_number(key, value, &val))
		return isct_answer(reply, key->name, "Reject");
	val = min(val, nego->offer.val[key->index]);
	nego->result.val[key->index] = val;
	return isct_answer_number(reply, key->name, val);
}

static int isct_rule_max(struct isct_nego *nego, const struct isct_key *key,
			 const char *value, struct isct_text *reply)
{
	u32 val;

	if (!isct_param_number(key, value, &val))
		return isct_answer(reply, key->name, "Reject");
	val = max(val, nego->offer.val[key->index]);
	nego->result.val[key->index] = val;
	return isct_answer_number(reply, key->name, val);
}

/*
 * RFC 7143 13.14: never above MaxBurstLength. A MaxBurstLength below what was
 * agreed on here, that comes later, is the initiator's fault; we hold it to it.
 */
static int isct_rule_first_burst(struct isct_nego *nego,
				 const struct isct_key *key, const char *value,
				 struct isct_text *reply)
{
	u32 val;

	if (!isct_param_number(key, value, &val))
		return isct_answer(reply, key->name, "Reject");
	val = min3(val, nego->offer.val[ISCT_FIRST_BURST],
		   nego->result.val[ISCT_MAX_BURST]);
	nego->result.val[ISCT_FIRST_BURST] = val;
	return isct_answer_number(reply, key->name, val);
}

static int isct_rule_max_burst(struct isct_nego *nego,
			       const struct isct_key *key, const char *value,
			       struct isct_text *reply)
{
	u32 *val = nego->result.val;
	int error = isct_rule_min(nego, key, value, reply);

	val[ISCT_FIRST_BURST] = min(val[ISCT_FIRST_BURST], val[ISCT_MAX_BURST]);
	return error;
}

/* RFC 7143 6.2.1: the first value of the initiator's list that we take */
static int isct_rule_list(struct isct_nego *nego, const struct isct_key *key,
			  const char *value, struct isct_text *reply)
{
	const struct isct_names *names =
		&isct_names[isct_param_descs[key->index].kind];
	int bit = isct_list_first(value, names->names, names->nr,
				  nego->offer.val[key->index]);

	if (bit < 0)
		return isct_answer(reply, key->name, "Reject");
	nego->result.val[key->index] = BIT(bit);
	return isct_answer(reply, key->name, names->names[bit]);
}

/* Declared, not negotiated: what the initiator takes is the most we send. */
static int isct_rule_segment(struct isct_nego *nego, const struct isct_key *key,
			     const char *value, struct isct_text *reply)
{
	u32 val;

	if (!isct_param_number(key, value, &val))
		return isct_answer(reply, key->name, "Reject");
	nego->result.val[key->index] = min(val, nego->offer.val[key->index]);
	return 0;
}

static int isct_rule_no(struct isct_nego *nego, const struct isct_key *key,
			const char *value, struct isct_text *reply)
{
	return isct_answer(reply, key->name, "No");
}

static int isct_rule_reject(struct isct_nego *nego, const struct isct_key *key,
			    const char *value, struct isct_text *reply)
{
	return isct_answer(reply, key->name, "Reject");
}

static int isct_rule_ignore(struct isct_nego *nego, const struct isct_key *key,
			    const char *value, struct isct_text *reply)
{
	return 0;
}

static int isct_rule_given(struct isct_nego *nego, const struct isct_key *key,
			   const char *value, struct isct_text *reply)
{
	nego->given[key->index] = value;
	return 0;
}

/* Use "LO" of RFC 7143 13, "Irrelevant" in discovery sessions, and not */
#define KEY_NORMAL(_name, _rule, _param) {				\
	.name = _name, .rule = isct_rule_##_rule, .index = _param,	\
	.phases = ISCT_PHASE_OPERATIONAL,				\
	.flags = ISCT_KEY_LEADING | ISCT_KEY_NORMAL }

#define KEY_LEADING(_name, _rule, _param) {				\
	.name = _name, .rule = isct_rule_##_rule, .index = _param,	\
	.phases = ISCT_PHASE_OPERATIONAL, .flags = ISCT_KEY_LEADING }

/* Use "IO" */
#define KEY_INITIAL(_name, _rule, _param) {				\
	.name = _name, .rule = isct_rule_##_rule, .index = _param,	\
	.phases = ISCT_PHASE_OPERATIONAL }

/* Whoever wants to know has asked isct_text_peek() before. */
#define KEY_FIRST(_name) {						\
	.name = _name, .rule = isct_rule_ignore,			\
	.phases = ISCT_PHASE_FIRST }

/* For others to understand */
#define KEY_GIVEN(_name, _given, _phase) {				\
	.name = _name, .rule = isct_rule_given,				\
	.index = ISCT_GIVEN_##_given, .phases = ISCT_PHASE_##_phase }

/* Only a target sends it */
#define KEY_OURS(_name) {						\
	.name = _name, .rule = isct_rule_reject,			\
	.phases = ISCT_PHASE_LOGIN | ISCT_PHASE_FULL,			\
	.flags = ISCT_KEY_OURS }

/* Where an obsolete key was allowed does not matter for its refusal. */
#define KEY_OBSOLETE(_name, _rule) {					\
	.name = _name, .rule = isct_rule_##_rule,			\
	.phases = ISCT_PHASE_LOGIN }

static const struct isct_key isct_keys[] = {
	KEY_FIRST("InitiatorName"),
	KEY_FIRST("TargetName"),
	KEY_FIRST("SessionType"),
	KEY_GIVEN("AuthMethod", AUTH_METHOD, SECURITY),
	KEY_GIVEN("CHAP_A", CHAP_A, SECURITY),
	KEY_GIVEN("CHAP_N", CHAP_N, SECURITY),
	KEY_GIVEN("CHAP_R", CHAP_R, SECURITY),
	KEY_GIVEN("CHAP_I", CHAP_I, SECURITY),
	KEY_GIVEN("CHAP_C", CHAP_C, SECURITY),
	KEY_GIVEN("SendTargets", SEND_TARGETS, FULL),
	{ .name = "InitiatorAlias", .rule = isct_rule_ignore,
	  .phases = ISCT_PHASE_LOGIN | ISCT_PHASE_FULL },
	KEY_OURS("TargetAlias"),
	KEY_OURS("TargetAddress"),
	KEY_OURS("TargetPortalGroupTag"),
	{ .name = "MaxRecvDataSegmentLength", .rule = isct_rule_segment,
	  .index = ISCT_MAX_XMIT_SEGMENT, .flags = ISCT_KEY_OURS,
	  .phases = ISCT_PHASE_OPERATIONAL | ISCT_PHASE_FULL },
	KEY_INITIAL("HeaderDigest", list, ISCT_HEADER_DIGEST),
	KEY_INITIAL("DataDigest", list, ISCT_DATA_DIGEST),
	KEY_NORMAL("MaxConnections", min, ISCT_MAX_CONNECTIONS),
	KEY_NORMAL("InitialR2T", or, ISCT_INITIAL_R2T),
	KEY_NORMAL("ImmediateData", and, ISCT_IMMEDIATE_DATA),
	KEY_NORMAL("MaxBurstLength", max_burst, ISCT_MAX_BURST),
	KEY_NORMAL("FirstBurstLength", first_burst, ISCT_FIRST_BURST),
	KEY_LEADING("DefaultTime2Wait", max, ISCT_TIME2WAIT),
	KEY_LEADING("DefaultTime2Retain", min, ISCT_TIME2RETAIN),
	KEY_NORMAL("MaxOutstandingR2T", min, ISCT_MAX_OUTSTANDING_R2T),
	KEY_NORMAL("DataPDUInOrder", or, ISCT_PDU_IN_ORDER),
	KEY_NORMAL("DataSequenceInOrder", or, ISCT_SEQUENCE_IN_ORDER),
	KEY_LEADING("ErrorRecoveryLevel", min, ISCT_ERROR_RECOVERY),
	KEY_NORMAL("TaskReporting", list, ISCT_TASK_REPORTING),
	KEY_NORMAL("iSCSIProtocolLevel", min, ISCT_PROTOCOL_LEVEL),
	/* RFC 7143 13.25 */
	KEY_OBSOLETE("OFMarker", no),
	KEY_OBSOLETE("IFMarker", no),
	KEY_OBSOLETE("OFMarkInt", reject),
	KEY_OBSOLETE("IFMarkInt", reject),
};

static_assert(ARRAY_SIZE(isct_keys) <= BITS_PER_TYPE(u64));

static const struct isct_key *isct_key_find(const char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(isct_keys); i++)
		if (!strcmp(isct_keys[i].name, name))
			return &isct_keys[i];
	return NULL;
}

/* RFC 7143 6.2: what these say is an answer, and never offered. */
static bool isct_is_answer(const char *value)
{
	return !strcmp(value, "NotUnderstood") ||
	       !strcmp(value, "Irrelevant") || !strcmp(value, "Reject");
}

void isct_nego_init(struct isct_nego *nego, const struct isct_params *offer)
{
	u32 *ours = nego->offer.val;
	int i;

	memset(nego, 0, sizeof(*nego));
	nego->offer = *offer;
	ours[ISCT_FIRST_BURST] = min(ours[ISCT_FIRST_BURST],
				     ours[ISCT_MAX_BURST]);
	for (i = 0; i < ISCT_PARAM_NR; i++)
		nego->result.val[i] = isct_param_descs[i].unsaid;
	for (i = ISCT_QUEUED_COMMANDS; i < ISCT_PARAM_NR; i++)
		nego->result.val[i] = ours[i];
	nego->result.val[ISCT_MAX_XMIT_SEGMENT] =
		min(nego->result.val[ISCT_MAX_XMIT_SEGMENT],
		    ours[ISCT_MAX_XMIT_SEGMENT]);
}
EXPORT_SYMBOL_IF_KUNIT(isct_nego_init);

void isct_nego_next(struct isct_nego *nego)
{
	memset(nego->given, 0, sizeof(nego->given));
}
EXPORT_SYMBOL_IF_KUNIT(isct_nego_next);

int isct_negotiate(struct isct_nego *nego, unsigned int phase, const char *name,
		   const char *value, struct isct_text *reply)
{
	const struct isct_key *key = isct_key_find(name);
	u64 bit;

	if (isct_is_answer(value))
		return key && key->flags & ISCT_KEY_OURS ? 0 : -EPROTO;
	if (!key)
		return isct_answer(reply, name, "NotUnderstood");

	/* RFC 7143 6.3: a key that comes twice ends the login. */
	bit = BIT_ULL(key - isct_keys);
	if (nego->seen & bit)
		return -EPROTO;
	nego->seen |= bit;

	/* Who the initiator is and what it wants must be known from the start */
	if (key->phases == ISCT_PHASE_FIRST && phase & ISCT_PHASE_LOGIN &&
	    !(phase & ISCT_PHASE_FIRST))
		return -EPROTO;
	if (!(key->phases & phase))
		return isct_answer(reply, name, "Reject");
	if (key->flags & ISCT_KEY_LEADING && !nego->leading)
		return isct_answer(reply, name, "Reject");
	if (key->flags & ISCT_KEY_NORMAL && nego->discovery)
		return isct_answer(reply, name, "Irrelevant");
	return key->rule(nego, key, value, reply);
}
EXPORT_SYMBOL_IF_KUNIT(isct_negotiate);
