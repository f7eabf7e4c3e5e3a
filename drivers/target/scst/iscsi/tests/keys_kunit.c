// SPDX-License-Identifier: GPL-2.0
/*
 * Text keys: framing, and the negotiation of each of them.
 */
#include <kunit/test.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "../isct_keys.h"

#define SECURITY	ISCT_PHASE_SECURITY
#define OPERATIONAL	ISCT_PHASE_OPERATIONAL
#define FULL		ISCT_PHASE_FULL
#define FIRST		ISCT_PHASE_FIRST

/* The parameter does not matter */
#define NONE		ISCT_PARAM_NR
/* As it was before */
#define SAME		(~0U)

#define KEYS_63		"A23456789012345678901234567890123456789012345678901234567890123"

/**
 * struct keys_env - a negotiation
 * @nego: negotiation, with the default values
 * @reply: in @buf
 * @buf: answers
 */
struct keys_env {
	struct isct_nego	nego;
	struct isct_text	reply;
	char			buf[256];
};

static void keys_restart(struct keys_env *env)
{
	struct isct_params offer;
	int i;

	for (i = 0; i < ISCT_PARAM_NR; i++)
		offer.val[i] = isct_param_descs[i].def;
	isct_nego_init(&env->nego, &offer);
	env->nego.leading = true;
	env->reply.buf = env->buf;
	env->reply.size = sizeof(env->buf);
	env->reply.len = 0;
	memset(env->buf, 0, sizeof(env->buf));
}

static int keys_init(struct kunit *test)
{
	struct keys_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, env);
	keys_restart(env);
	test->priv = env;
	return 0;
}

static int keys_offer(struct keys_env *env, unsigned int phase,
		      const char *key, const char *value)
{
	env->reply.len = 0;
	env->buf[0] = 0;
	return isct_negotiate(&env->nego, phase, key, value, &env->reply);
}

/**
 * struct keys_case - one key, sent in the operational stage of a leading login
 * @key: key
 * @value: what the initiator offers
 * @answer: what it gets, NULL for nothing
 * @param: parameter to look at, or NONE
 * @result: its value then, or SAME
 * @ours: what the administrator wants instead of the default, or SAME
 */
struct keys_case {
	const char	*key;
	const char	*value;
	const char	*answer;
	enum isct_param	param;
	u32		result;
	u32		ours;
};

#define AS_IS(_key, _value, _answer, _param, _result) \
	{ _key, _value, _answer, ISCT_##_param, _result, SAME }
#define WITH(_ours, _key, _value, _answer, _param, _result) \
	{ _key, _value, _answer, ISCT_##_param, _result, _ours }
#define REJECTED(_key, _value, _param) \
	{ _key, _value, "Reject", ISCT_##_param, SAME, SAME }
#define PLAIN(_key, _value, _answer) \
	{ _key, _value, _answer, NONE, SAME, SAME }

static const struct keys_case keys_cases[] = {
	/* Lists: the initiator's order counts */
	AS_IS("HeaderDigest", "None", "None", HEADER_DIGEST, 1),
	AS_IS("HeaderDigest", "CRC32C,None", "None", HEADER_DIGEST, 1),
	WITH(3, "HeaderDigest", "CRC32C,None", "CRC32C", HEADER_DIGEST, 2),
	WITH(3, "HeaderDigest", "None,CRC32C", "None", HEADER_DIGEST, 1),
	WITH(2, "HeaderDigest", "None,CRC32C", "CRC32C", HEADER_DIGEST, 2),
	WITH(2, "HeaderDigest", "None", "Reject", HEADER_DIGEST, SAME),
	WITH(3, "HeaderDigest", "X-a,CRC32,CRC32C,None", "CRC32C",
	     HEADER_DIGEST, 2),
	REJECTED("HeaderDigest", "CRC32C", HEADER_DIGEST),
	REJECTED("HeaderDigest", "", HEADER_DIGEST),
	REJECTED("HeaderDigest", ",", HEADER_DIGEST),
	REJECTED("HeaderDigest", "none", HEADER_DIGEST),
	REJECTED("HeaderDigest", "Non", HEADER_DIGEST),
	REJECTED("HeaderDigest", "None ", HEADER_DIGEST),
	AS_IS("HeaderDigest", ",,None", "None", HEADER_DIGEST, 1),
	AS_IS("DataDigest", "CRC32C,None", "None", DATA_DIGEST, 1),
	WITH(3, "DataDigest", "CRC32C", "CRC32C", DATA_DIGEST, 2),
	REJECTED("DataDigest", "MD5", DATA_DIGEST),
	AS_IS("TaskReporting", "FastAbort,ResponseFence,RFC3720",
	      "ResponseFence", TASK_REPORTING, ISCT_REPORTING_FENCE),
	AS_IS("TaskReporting", "RFC3720", "RFC3720", TASK_REPORTING,
	      ISCT_REPORTING_RFC3720),
	REJECTED("TaskReporting", "FastAbort", TASK_REPORTING),

	/* Booleans */
	AS_IS("InitialR2T", "Yes", "Yes", INITIAL_R2T, 1),
	AS_IS("InitialR2T", "No", "No", INITIAL_R2T, 0),
	WITH(1, "InitialR2T", "No", "Yes", INITIAL_R2T, 1),
	REJECTED("InitialR2T", "yes", INITIAL_R2T),
	REJECTED("InitialR2T", "", INITIAL_R2T),
	REJECTED("InitialR2T", "1", INITIAL_R2T),
	AS_IS("ImmediateData", "Yes", "Yes", IMMEDIATE_DATA, 1),
	AS_IS("ImmediateData", "No", "No", IMMEDIATE_DATA, 0),
	WITH(0, "ImmediateData", "Yes", "No", IMMEDIATE_DATA, 0),
	REJECTED("ImmediateData", "No,Yes", IMMEDIATE_DATA),
	AS_IS("DataPDUInOrder", "No", "Yes", PDU_IN_ORDER, 1),
	AS_IS("DataPDUInOrder", "Yes", "Yes", PDU_IN_ORDER, 1),
	REJECTED("DataPDUInOrder", "Maybe", PDU_IN_ORDER),
	AS_IS("DataSequenceInOrder", "No", "Yes", SEQUENCE_IN_ORDER, 1),
	REJECTED("DataSequenceInOrder", "0", SEQUENCE_IN_ORDER),

	/* Numbers: how they are written */
	AS_IS("MaxBurstLength", "4096", "4096", MAX_BURST, 4096),
	AS_IS("MaxBurstLength", "004096", "4096", MAX_BURST, 4096),
	AS_IS("MaxBurstLength", "0x1000", "4096", MAX_BURST, 4096),
	AS_IS("MaxBurstLength", "0X1aBc", "6844", MAX_BURST, 6844),
	REJECTED("MaxBurstLength", "", MAX_BURST),
	REJECTED("MaxBurstLength", "0x", MAX_BURST),
	REJECTED("MaxBurstLength", "x1000", MAX_BURST),
	REJECTED("MaxBurstLength", "0x10g0", MAX_BURST),
	REJECTED("MaxBurstLength", "+4096", MAX_BURST),
	REJECTED("MaxBurstLength", "-4096", MAX_BURST),
	REJECTED("MaxBurstLength", "4096\n", MAX_BURST),
	REJECTED("MaxBurstLength", " 4096", MAX_BURST),
	REJECTED("MaxBurstLength", "4096,8192", MAX_BURST),
	REJECTED("MaxBurstLength", "4294971392", MAX_BURST),
	REJECTED("MaxBurstLength", "99999999999999999999999", MAX_BURST),
	REJECTED("MaxBurstLength", "0b1000", MAX_BURST),

	/* Numbers: ranges, and the smaller or larger one */
	AS_IS("MaxBurstLength", "512", "512", MAX_BURST, 512),
	REJECTED("MaxBurstLength", "511", MAX_BURST),
	AS_IS("MaxBurstLength", "16777215", "1048576", MAX_BURST, 1048576),
	REJECTED("MaxBurstLength", "16777216", MAX_BURST),
	AS_IS("FirstBurstLength", "512", "512", FIRST_BURST, 512),
	REJECTED("FirstBurstLength", "511", FIRST_BURST),
	AS_IS("FirstBurstLength", "16777215", "65536", FIRST_BURST, 65536),
	REJECTED("FirstBurstLength", "16777216", FIRST_BURST),
	WITH(1048576, "FirstBurstLength", "1048576", "262144", FIRST_BURST,
	     262144),
	AS_IS("MaxOutstandingR2T", "1", "1", MAX_OUTSTANDING_R2T, 1),
	AS_IS("MaxOutstandingR2T", "65535", "32", MAX_OUTSTANDING_R2T, 32),
	REJECTED("MaxOutstandingR2T", "0", MAX_OUTSTANDING_R2T),
	REJECTED("MaxOutstandingR2T", "65536", MAX_OUTSTANDING_R2T),
	AS_IS("MaxConnections", "8", "1", MAX_CONNECTIONS, 1),
	REJECTED("MaxConnections", "0", MAX_CONNECTIONS),
	REJECTED("MaxConnections", "65536", MAX_CONNECTIONS),
	AS_IS("ErrorRecoveryLevel", "2", "0", ERROR_RECOVERY, 0),
	REJECTED("ErrorRecoveryLevel", "3", ERROR_RECOVERY),
	AS_IS("DefaultTime2Wait", "2", "2", TIME2WAIT, 2),
	AS_IS("DefaultTime2Wait", "0", "0", TIME2WAIT, 0),
	AS_IS("DefaultTime2Wait", "3600", "3600", TIME2WAIT, 3600),
	REJECTED("DefaultTime2Wait", "3601", TIME2WAIT),
	AS_IS("DefaultTime2Retain", "20", "0", TIME2RETAIN, 0),
	REJECTED("DefaultTime2Retain", "3601", TIME2RETAIN),
	AS_IS("iSCSIProtocolLevel", "0", "0", PROTOCOL_LEVEL, 0),
	AS_IS("iSCSIProtocolLevel", "1", "1", PROTOCOL_LEVEL, 1),
	AS_IS("iSCSIProtocolLevel", "2", "2", PROTOCOL_LEVEL, 2),
	AS_IS("iSCSIProtocolLevel", "31", "2", PROTOCOL_LEVEL, 2),
	REJECTED("iSCSIProtocolLevel", "32", PROTOCOL_LEVEL),

	/* Declarations: no answer, unless they are wrong */
	AS_IS("MaxRecvDataSegmentLength", "512", NULL, MAX_XMIT_SEGMENT, 512),
	AS_IS("MaxRecvDataSegmentLength", "262144", NULL, MAX_XMIT_SEGMENT,
	      262144),
	AS_IS("MaxRecvDataSegmentLength", "16777215", NULL, MAX_XMIT_SEGMENT,
	      1048576),
	WITH(4096, "MaxRecvDataSegmentLength", "8192", NULL, MAX_XMIT_SEGMENT,
	     4096),
	REJECTED("MaxRecvDataSegmentLength", "511", MAX_XMIT_SEGMENT),
	REJECTED("MaxRecvDataSegmentLength", "16777216", MAX_XMIT_SEGMENT),
	REJECTED("MaxRecvDataSegmentLength", "much", MAX_XMIT_SEGMENT),
	PLAIN("InitiatorAlias", "", NULL),
	PLAIN("InitiatorAlias", "a = b", NULL),

	/* A target's, and what it may be told about them */
	PLAIN("TargetAlias", "mine", "Reject"),
	PLAIN("TargetAddress", "127.0.0.1:3260,1", "Reject"),
	PLAIN("TargetPortalGroupTag", "1", "Reject"),
	PLAIN("TargetAlias", "NotUnderstood", NULL),
	PLAIN("TargetPortalGroupTag", "Irrelevant", NULL),
	AS_IS("MaxRecvDataSegmentLength", "Reject", NULL, MAX_XMIT_SEGMENT,
	      SAME),

	/* Obsolete */
	PLAIN("OFMarker", "Yes", "No"),
	PLAIN("OFMarker", "No", "No"),
	PLAIN("IFMarker", "Yes", "No"),
	PLAIN("OFMarkInt", "1~65535", "Reject"),
	PLAIN("IFMarkInt", "2048", "Reject"),

	/* Nobody's; names have their case */
	PLAIN("X-com.example.Key", "1", "NotUnderstood"),
	PLAIN("Z-Anything", "", "NotUnderstood"),
	PLAIN("maxburstlength", "4096", "NotUnderstood"),
	PLAIN("MaxBurstLengt", "4096", "NotUnderstood"),
	PLAIN("MaxXmitDataSegmentLength", "4096", "NotUnderstood"),
	PLAIN("QueuedCommands", "32", "NotUnderstood"),
};

static void keys_case_desc(const struct keys_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s=%s", c->key, c->value);
	strreplace(desc, '\n', '$');
}

KUNIT_ARRAY_PARAM(keys_case, keys_cases, keys_case_desc);

static void keys_expect_answer(struct kunit *test, const char *key,
			       const char *answer)
{
	struct keys_env *env = test->priv;
	char expect[128];

	if (!answer) {
		KUNIT_EXPECT_EQ(test, env->reply.len, 0);
		return;
	}
	snprintf(expect, sizeof(expect), "%s=%s", key, answer);
	KUNIT_EXPECT_EQ(test, env->reply.len, strlen(expect) + 1);
	KUNIT_EXPECT_STREQ(test, env->buf, expect);
}

static void keys_rule_test(struct kunit *test)
{
	const struct keys_case *c = test->param_value;
	struct keys_env *env = test->priv;
	struct isct_params before;

	if (c->ours != SAME)
		env->nego.offer.val[c->param] = c->ours;
	before = env->nego.result;
	KUNIT_EXPECT_EQ(test, keys_offer(env, OPERATIONAL, c->key, c->value),
			0);
	keys_expect_answer(test, c->key, c->answer);
	if (c->param != NONE && c->result != SAME)
		before.val[c->param] = c->result;
	before.val[ISCT_FIRST_BURST] = min(before.val[ISCT_FIRST_BURST],
					   before.val[ISCT_MAX_BURST]);
	KUNIT_EXPECT_MEMEQ(test, &env->nego.result, &before, sizeof(before));
}

/**
 * struct keys_place - a key, and where it is allowed
 * @key: key
 * @value: a good value
 * @phases: where it is allowed
 * @leading: on the first connection of a session only
 * @normal: irrelevant in discovery sessions
 * @ours: may be answered
 */
struct keys_place {
	const char	*key;
	const char	*value;
	unsigned int	phases;
	bool		leading;
	bool		normal;
	bool		ours;
};

#define LEADING(_key, _value) { _key, _value, OPERATIONAL, true }
#define NORMAL(_key, _value) { _key, _value, OPERATIONAL, true, true }

static const struct keys_place keys_places[] = {
	{ "InitiatorName", "iqn.2024-01.com.example:a", FIRST },
	{ "TargetName", "iqn.2024-01.com.example:b", FIRST },
	{ "SessionType", "Normal", FIRST },
	{ "AuthMethod", "CHAP,None", SECURITY },
	{ "CHAP_A", "5", SECURITY },
	{ "CHAP_N", "name", SECURITY },
	{ "CHAP_R", "0x00", SECURITY },
	{ "CHAP_I", "1", SECURITY },
	{ "CHAP_C", "0x00", SECURITY },
	{ "SendTargets", "All", FULL },
	{ "InitiatorAlias", "me", SECURITY | OPERATIONAL | FULL },
	{ "MaxRecvDataSegmentLength", "4096", OPERATIONAL | FULL,
	  false, false, true },
	{ "HeaderDigest", "None", OPERATIONAL },
	{ "DataDigest", "None", OPERATIONAL },
	NORMAL("MaxConnections", "1"),
	NORMAL("InitialR2T", "Yes"),
	NORMAL("ImmediateData", "Yes"),
	NORMAL("MaxBurstLength", "4096"),
	NORMAL("FirstBurstLength", "4096"),
	LEADING("DefaultTime2Wait", "2"),
	LEADING("DefaultTime2Retain", "0"),
	NORMAL("MaxOutstandingR2T", "1"),
	NORMAL("DataPDUInOrder", "Yes"),
	NORMAL("DataSequenceInOrder", "Yes"),
	LEADING("ErrorRecoveryLevel", "0"),
	NORMAL("TaskReporting", "RFC3720"),
	NORMAL("iSCSIProtocolLevel", "1"),
	{ "OFMarker", "No", SECURITY | OPERATIONAL },
	{ "IFMarker", "No", SECURITY | OPERATIONAL },
};

KUNIT_ARRAY_PARAM_DESC(keys_place, keys_places, key);

static bool keys_refused(const struct keys_env *env, const char *answer)
{
	size_t len = strlen(answer);

	return env->reply.len > len &&
	       !strcmp(env->buf + env->reply.len - 1 - len, answer);
}

static void keys_place_test(struct kunit *test)
{
	static const unsigned int phases[] = { SECURITY, OPERATIONAL, FULL };
	const struct keys_place *c = test->param_value;
	struct keys_env *env = test->priv;
	int i, error;

	for (i = 0; i < ARRAY_SIZE(phases); i++) {
		keys_restart(env);
		error = keys_offer(env, phases[i], c->key, c->value);
		if (c->phases == FIRST && phases[i] != FULL) {
			KUNIT_EXPECT_EQ(test, error, -EPROTO);
			continue;
		}
		KUNIT_EXPECT_EQ(test, error, 0);
		KUNIT_EXPECT_EQ(test, keys_refused(env, "=Reject"),
				!(c->phases & phases[i]));
	}
	if (c->phases == FIRST) {
		keys_restart(env);
		KUNIT_EXPECT_EQ(test, keys_offer(env, FIRST | OPERATIONAL,
						 c->key, c->value), 0);
		KUNIT_EXPECT_EQ(test, env->reply.len, 0);
	}
}

/* RFC 7143 6.3: a key comes once, whatever the answer was. */
static void keys_twice_test(struct kunit *test)
{
	const struct keys_place *c = test->param_value;
	struct keys_env *env = test->priv;
	unsigned int phase = c->phases | FIRST;

	KUNIT_EXPECT_EQ(test, keys_offer(env, phase, c->key, c->value), 0);
	isct_nego_next(&env->nego);
	KUNIT_EXPECT_EQ(test, keys_offer(env, phase, c->key, c->value),
			-EPROTO);
}

static void keys_discovery_test(struct kunit *test)
{
	const struct keys_place *c = test->param_value;
	struct keys_env *env = test->priv;
	struct isct_params before = env->nego.result;

	env->nego.discovery = true;
	KUNIT_EXPECT_EQ(test, keys_offer(env, c->phases, c->key, c->value), 0);
	KUNIT_EXPECT_EQ(test, keys_refused(env, "=Irrelevant"), c->normal);
	if (c->normal)
		KUNIT_EXPECT_MEMEQ(test, &env->nego.result, &before,
				   sizeof(before));
}

static void keys_leading_test(struct kunit *test)
{
	const struct keys_place *c = test->param_value;
	struct keys_env *env = test->priv;

	env->nego.leading = false;
	KUNIT_EXPECT_EQ(test, keys_offer(env, c->phases, c->key, c->value), 0);
	KUNIT_EXPECT_EQ(test, keys_refused(env, "=Reject"), c->leading);
}

/* RFC 7143 6.2: what is an answer is not an offer. */
static void keys_answers_test(struct kunit *test)
{
	static const char * const answers[] = {
		"NotUnderstood", "Irrelevant", "Reject",
	};
	const struct keys_place *c = test->param_value;
	struct keys_env *env = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		keys_restart(env);
		KUNIT_EXPECT_EQ(test, keys_offer(env, c->phases, c->key,
						 answers[i]),
				c->ours ? 0 : -EPROTO);
		KUNIT_EXPECT_EQ(test, env->reply.len, 0);
		KUNIT_EXPECT_EQ(test, keys_offer(env, c->phases, "X-unknown",
						 answers[i]), -EPROTO);
	}
}

/* No room for the answer: an error, and nothing is added. */
static void keys_no_room_test(struct kunit *test)
{
	struct keys_env *env = test->priv;

	env->reply.size = sizeof("MaxBurstLength=4096") - 1;
	KUNIT_EXPECT_EQ(test, keys_offer(env, OPERATIONAL, "MaxBurstLength",
					 "4096"), -ENOSPC);
	KUNIT_EXPECT_EQ(test, env->reply.len, 0);
	env->reply.size++;
	KUNIT_EXPECT_EQ(test, keys_offer(env, OPERATIONAL, "MaxConnections",
					 "1"), 0);
	KUNIT_EXPECT_EQ(test, env->reply.len, sizeof("MaxConnections=1"));
	KUNIT_EXPECT_EQ(test, keys_offer(env, OPERATIONAL, "X", "1"), 0);
}

/**
 * struct keys_burst - MaxBurstLength and FirstBurstLength, in some order
 * @name: of the case
 * @offer_max: what the administrator wants
 * @offer_first: likewise
 * @max: what the initiator offers, NULL for nothing
 * @first: likewise
 * @first_comes_first: the order
 * @result_max: result
 * @result_first: likewise
 */
struct keys_burst {
	const char	*name;
	u32		offer_max;
	u32		offer_first;
	const char	*max;
	const char	*first;
	bool		first_comes_first;
	u32		result_max;
	u32		result_first;
};

static const struct keys_burst keys_bursts[] = {
	{ "neither", 1048576, 65536, NULL, NULL, false, 262144, 65536 },
	{ "both", 1048576, 262144, "524288", "131072", false, 524288, 131072 },
	{ "both, reversed", 1048576, 262144, "524288", "131072", true, 524288,
	  131072 },
	{ "small maximum only", 1048576, 65536, "4096", NULL, false, 4096,
	  4096 },
	{ "large first only", 1048576, 1048576, NULL, "1048576", false, 262144,
	  262144 },
	{ "first above maximum", 1048576, 65536, "4096", "8192", false, 4096,
	  4096 },
	{ "first above maximum, reversed", 1048576, 65536, "4096", "8192", true,
	  4096, 4096 },
	{ "ours above our maximum", 4096, 65536, "8192", "8192", true, 4096,
	  4096 },
	{ "our maximum is smaller", 4096, 4096, "16777215", "65536", false,
	  4096, 4096 },
};

KUNIT_ARRAY_PARAM_DESC(keys_burst, keys_bursts, name);

static void keys_burst_test(struct kunit *test)
{
	const struct keys_burst *c = test->param_value;
	struct keys_env *env = test->priv;
	struct isct_params offer = env->nego.offer;
	const u32 *result = env->nego.result.val;
	int i;

	offer.val[ISCT_MAX_BURST] = c->offer_max;
	offer.val[ISCT_FIRST_BURST] = c->offer_first;
	isct_nego_init(&env->nego, &offer);
	env->nego.leading = true;
	for (i = 0; i < 2; i++) {
		bool first = i == !c->first_comes_first;
		const char *value = first ? c->first : c->max;

		if (value)
			KUNIT_EXPECT_EQ(test,
					keys_offer(env, OPERATIONAL, first ?
						   "FirstBurstLength" :
						   "MaxBurstLength", value), 0);
	}
	KUNIT_EXPECT_EQ(test, result[ISCT_MAX_BURST], c->result_max);
	KUNIT_EXPECT_EQ(test, result[ISCT_FIRST_BURST], c->result_first);
}

/* RFC 7143 13: what holds when nobody says anything */
static void keys_unsaid_test(struct kunit *test)
{
	static const u32 unsaid[] = {
		[ISCT_HEADER_DIGEST]		= ISCT_DIGEST_NONE,
		[ISCT_DATA_DIGEST]		= ISCT_DIGEST_NONE,
		[ISCT_INITIAL_R2T]		= 1,
		[ISCT_IMMEDIATE_DATA]		= 1,
		[ISCT_MAX_RECV_SEGMENT]		= 8192,
		[ISCT_MAX_XMIT_SEGMENT]		= 8192,
		[ISCT_MAX_BURST]		= 262144,
		[ISCT_FIRST_BURST]		= 65536,
		[ISCT_MAX_OUTSTANDING_R2T]	= 1,
		[ISCT_MAX_CONNECTIONS]		= 1,
		[ISCT_ERROR_RECOVERY]		= 0,
		[ISCT_TIME2WAIT]		= 2,
		[ISCT_TIME2RETAIN]		= 20,
		[ISCT_PDU_IN_ORDER]		= 1,
		[ISCT_SEQUENCE_IN_ORDER]	= 1,
		[ISCT_TASK_REPORTING]		= ISCT_REPORTING_RFC3720,
		[ISCT_PROTOCOL_LEVEL]		= 1,
	};
	struct keys_env *env = test->priv;
	struct isct_params offer = env->nego.offer;
	int i;

	for (i = 0; i < ARRAY_SIZE(unsaid); i++)
		KUNIT_EXPECT_EQ_MSG(test, env->nego.result.val[i], unsaid[i],
				    "%s", isct_param_descs[i].name);

	/* What is not negotiated is as the administrator wants it. */
	offer.val[ISCT_QUEUED_COMMANDS] = 7;
	offer.val[ISCT_NOP_IN_TIMEOUT] = 8;
	offer.val[ISCT_MAX_XMIT_SEGMENT] = 4096;
	isct_nego_init(&env->nego, &offer);
	KUNIT_EXPECT_EQ(test, env->nego.result.val[ISCT_QUEUED_COMMANDS], 7);
	KUNIT_EXPECT_EQ(test, env->nego.result.val[ISCT_NOP_IN_TIMEOUT], 8);
	KUNIT_EXPECT_EQ(test, env->nego.result.val[ISCT_MAX_XMIT_SEGMENT],
			4096);
}

static void keys_descs_test(struct kunit *test)
{
	int i;

	for (i = 0; i < ISCT_PARAM_NR; i++) {
		const struct isct_param_desc *desc = &isct_param_descs[i];

		KUNIT_ASSERT_NOT_NULL(test, desc->name);
		KUNIT_EXPECT_LE_MSG(test, desc->min, desc->def, "%s",
				    desc->name);
		KUNIT_EXPECT_LE_MSG(test, desc->def, desc->max, "%s",
				    desc->name);
		KUNIT_EXPECT_LE_MSG(test, desc->min, desc->unsaid, "%s",
				    desc->name);
		KUNIT_EXPECT_LE_MSG(test, desc->unsaid, desc->max, "%s",
				    desc->name);
	}
}

static void keys_given_test(struct kunit *test)
{
	struct keys_env *env = test->priv;
	const char *list = "CHAP,None", *name = "me";

	KUNIT_EXPECT_EQ(test, keys_offer(env, SECURITY, "AuthMethod", list), 0);
	KUNIT_EXPECT_EQ(test, keys_offer(env, SECURITY, "CHAP_N", name), 0);
	KUNIT_EXPECT_EQ(test, env->reply.len, 0);
	KUNIT_EXPECT_PTR_EQ(test, env->nego.given[ISCT_GIVEN_AUTH_METHOD],
			    list);
	KUNIT_EXPECT_PTR_EQ(test, env->nego.given[ISCT_GIVEN_CHAP_N], name);
	KUNIT_EXPECT_NULL(test, env->nego.given[ISCT_GIVEN_CHAP_R]);
	isct_nego_next(&env->nego);
	KUNIT_EXPECT_NULL(test, env->nego.given[ISCT_GIVEN_AUTH_METHOD]);
}

/**
 * struct keys_text - text as it comes
 * @name: of the case
 * @text: text; NULs are written as '|'
 * @nr: pairs until the end, or until the error
 * @last: what comes after them: 0 or -EINVAL
 * @key: key of the last good pair
 * @value: its value
 */
struct keys_text {
	const char	*name;
	const char	*text;
	int		nr;
	int		last;
	const char	*key;
	const char	*value;
};

static const struct keys_text keys_texts[] = {
	{ "nothing", "", 0, 0 },
	{ "one", "a=b|", 1, 0, "a", "b" },
	{ "two", "a=b|cd=ef|", 2, 0, "cd", "ef" },
	{ "empty value", "a=|", 1, 0, "a", "" },
	{ "equals in value", "a=b=c|", 1, 0, "a", "b=c" },
	{ "no NUL", "a=b", 0, -EINVAL },
	{ "no last NUL", "a=b|c=d", 1, -EINVAL, "a", "b" },
	{ "no equals", "ab|", 0, -EINVAL },
	{ "no equals in the second", "a=b|cd|e=f|", 1, -EINVAL, "a", "b" },
	{ "no key", "=b|", 0, -EINVAL },
	{ "NUL only", "|", 0, -EINVAL },
	{ "two NULs", "a=b||", 1, -EINVAL, "a", "b" },
	{ "longest key", KEYS_63 "=b|", 1, 0, KEYS_63, "b" },
	{ "key too long", KEYS_63 "4=b|", 0, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(keys_text, keys_texts, name);

/* An allocation of the very length, so that KASAN sees what is beyond. */
static void keys_make_text(struct kunit *test, struct isct_text *text,
			   const char *from)
{
	text->len = strlen(from);
	text->size = text->len;
	text->buf = kunit_kmalloc(test, text->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text->buf);
	memcpy(text->buf, from, text->len);
	for (u32 i = 0; i < text->len; i++)
		if (text->buf[i] == '|')
			text->buf[i] = 0;
}

static void keys_text_test(struct kunit *test)
{
	const struct keys_text *c = test->param_value;
	char *key = NULL, *value = NULL;
	struct isct_text text;
	u32 pos = 0;
	int i;

	keys_make_text(test, &text, c->text);
	for (i = 0; i < c->nr; i++)
		KUNIT_EXPECT_EQ(test, isct_text_next(&text, &pos, &key, &value),
				1);
	if (c->nr) {
		KUNIT_EXPECT_STREQ(test, key, c->key);
		KUNIT_EXPECT_STREQ(test, value, c->value);
	}
	KUNIT_EXPECT_EQ(test, isct_text_next(&text, &pos, &key, &value),
			c->last);
}

/**
 * struct keys_peek - a look for the key "Key"
 * @text: text; NULs are written as '|'
 * @value: what is found
 */
struct keys_peek {
	const char	*text;
	const char	*value;
};

static const struct keys_peek keys_peeks[] = {
	{ "", NULL },
	{ "Key=v|", "v" },
	{ "Key=|", "" },
	{ "Key|", NULL },
	{ "Key", NULL },
	{ "Key=v", NULL },
	{ "a=b|Key=v", NULL },
	{ "a=b|Key=v|", "v" },
	{ "Key=v|Key=w|", "v" },
	{ "Keys=v|Key=w|", "w" },
	{ "a=Key=v|", NULL },
	{ "|||Key=v|", "v" },
	{ "Ke=v|", NULL },
	{ "Key=v|rest", "v" },
};

static void keys_peek_test(struct kunit *test)
{
	struct isct_text text;
	int i;

	for (i = 0; i < ARRAY_SIZE(keys_peeks); i++) {
		keys_make_text(test, &text, keys_peeks[i].text);
		if (keys_peeks[i].value)
			KUNIT_EXPECT_STREQ(test, isct_text_peek(&text, "Key"),
					   keys_peeks[i].value);
		else
			KUNIT_EXPECT_NULL(test, isct_text_peek(&text, "Key"));
	}
}

static void keys_add_test(struct kunit *test)
{
	struct keys_env *env = test->priv;
	struct isct_text *text = &env->reply;

	memset(env->buf, '#', sizeof(env->buf));
	text->size = sizeof("a=1") + sizeof("b=xy");
	KUNIT_EXPECT_TRUE(test, isct_text_add(text, "a", "%u", 1));
	KUNIT_EXPECT_EQ(test, text->len, 4);
	KUNIT_EXPECT_FALSE(test, isct_text_add(text, "b", "%s", "xyz"));
	KUNIT_EXPECT_EQ(test, text->len, 4);
	KUNIT_EXPECT_TRUE(test, isct_text_add(text, "b", "%s", "xy"));
	KUNIT_EXPECT_MEMEQ(test, env->buf, "a=1\0b=xy", text->size);
	KUNIT_EXPECT_EQ(test, text->len, text->size);
	KUNIT_EXPECT_FALSE(test, isct_text_add(text, "", "%s", ""));
	KUNIT_EXPECT_EQ(test, env->buf[text->size], '#');
}

static struct kunit_case keys_test_cases[] = {
	KUNIT_CASE_PARAM(keys_rule_test, keys_case_gen_params),
	KUNIT_CASE_PARAM(keys_place_test, keys_place_gen_params),
	KUNIT_CASE_PARAM(keys_twice_test, keys_place_gen_params),
	KUNIT_CASE_PARAM(keys_discovery_test, keys_place_gen_params),
	KUNIT_CASE_PARAM(keys_leading_test, keys_place_gen_params),
	KUNIT_CASE_PARAM(keys_answers_test, keys_place_gen_params),
	KUNIT_CASE_PARAM(keys_burst_test, keys_burst_gen_params),
	KUNIT_CASE_PARAM(keys_text_test, keys_text_gen_params),
	KUNIT_CASE(keys_no_room_test),
	KUNIT_CASE(keys_unsaid_test),
	KUNIT_CASE(keys_descs_test),
	KUNIT_CASE(keys_given_test),
	KUNIT_CASE(keys_peek_test),
	KUNIT_CASE(keys_add_test),
	{}
};

static struct kunit_suite keys_suite = {
	.name		= "scst_iscsi_keys",
	.init		= keys_init,
	.test_cases	= keys_test_cases,
};

kunit_test_suite(keys_suite);
