// SPDX-License-Identifier: GPL-2.0
/*
 * CHAP. Responses to the challenge 00 01 ... 1f were computed with Python's
 * hashlib. Those to a challenge "c" with identifier 'a' and secret "b" are the
 * published digests of "abc" (RFC 1321, FIPS 180-4, FIPS 202).
 */
#include <kunit/test.h>
#include <linux/string.h>
#include "../isct.h"
#include "../isct_chap.h"

#define CHAP_BAD_KEYS		0x0200
#define CHAP_AUTH_FAILED	0x0201
#define CHAP_MISSING_KEYS	0x0207
#define CHAP_NO_RESOURCES	0x0302

#define CHAP_TEST_ID		0x2a
#define CHAP_TEST_NAME		"initiator"
#define CHAP_TEST_SECRET	"initiator secret"

/* Response of CHAP_TEST_NAME, MD5 */
#define CHAP_TEST_MD5		"0xa5b1725ff670c47d63a58c5374187962"

/**
 * struct chap_env - somebody who logs in
 * @auth: the target's: of @other, @initiator and @target
 * @group: of the initiator's group, empty
 * @auths: @auth only
 * @other: an account that comes first
 * @initiator: the account that is used
 * @target: outgoing account, not in the list yet
 * @chap: state after our challenge
 * @reply: in @buf
 * @buf: replies
 */
struct chap_env {
	struct isct_auth	auth;
	struct isct_auth	group;
	struct isct_auths	auths;
	struct isct_account	other;
	struct isct_account	initiator;
	struct isct_account	target;
	struct isct_chap	chap;
	struct isct_text	reply;
	char			buf[512];
};

static void chap_set_account(struct isct_account *account, char *name,
			     const char *secret)
{
	account->item.ci_name = name;
	strscpy(account->secret, secret);
}

static int chap_test_init(struct kunit *test)
{
	struct chap_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);

	if (!env)
		return -ENOMEM;
	INIT_LIST_HEAD(&env->auth.incoming);
	INIT_LIST_HEAD(&env->auth.outgoing);
	INIT_LIST_HEAD(&env->group.incoming);
	INIT_LIST_HEAD(&env->group.outgoing);
	env->auths.common = &env->auth;
	chap_set_account(&env->other, "other", "another's secret");
	list_add_tail(&env->other.entry, &env->auth.incoming);
	chap_set_account(&env->initiator, CHAP_TEST_NAME, CHAP_TEST_SECRET);
	list_add_tail(&env->initiator.entry, &env->auth.incoming);
	chap_set_account(&env->target, "target", "b");
	env->reply.buf = env->buf;
	env->reply.size = sizeof(env->buf);
	test->priv = env;
	return 0;
}

static void chap_set_challenge(struct chap_env *env, u8 alg, u8 digest_len)
{
	unsigned int i;

	env->chap.alg = alg;
	env->chap.digest_len = digest_len;
	env->chap.id = CHAP_TEST_ID;
	for (i = 0; i < sizeof(env->chap.challenge); i++)
		env->chap.challenge[i] = i;
}

static u16 chap_test_step(struct chap_env *env,
			  const struct isct_chap_keys *keys)
{
	return isct_chap_step(&env->chap, &env->auths, keys, &env->reply);
}

/* The first step */

struct chap_choice {
	const char	*list;
	u8		alg;
	u8		digest_len;
	u16		status;
};

static const struct chap_choice chap_choices[] = {
	{ "5", 5, 16, 0 },
	{ "6", 6, 20, 0 },
	{ "7", 7, 32, 0 },
	{ "8", 8, 32, 0 },
	/* The initiator's order, not ours */
	{ "8,7,6,5", 8, 32, 0 },
	{ "6,8", 6, 20, 0 },
	/* What nobody has heard of is no error */
	{ "1,2,5", 5, 16, 0 },
	{ "300,18446744073709551621,7", 7, 32, 0 },
	/* RFC 7143 6.1: numbers may be hexadecimal */
	{ "0x7", 7, 32, 0 },
	{ "0X08,5", 8, 32, 0 },
	{ "0", 0, 0, CHAP_AUTH_FAILED },
	{ "1,2,3,4,9", 0, 0, CHAP_AUTH_FAILED },
	{ "261", 0, 0, CHAP_AUTH_FAILED },
	{ "", 0, 0, CHAP_BAD_KEYS },
	{ ",5", 0, 0, CHAP_BAD_KEYS },
	{ "9,", 0, 0, CHAP_BAD_KEYS },
	{ "5;7", 0, 0, CHAP_BAD_KEYS },
	{ " 5", 0, 0, CHAP_BAD_KEYS },
	{ "-5", 0, 0, CHAP_BAD_KEYS },
	{ "0x", 0, 0, CHAP_BAD_KEYS },
	{ "5a", 0, 0, CHAP_BAD_KEYS },
	{ "MD5", 0, 0, CHAP_BAD_KEYS },
};

static void chap_choice_desc(const struct chap_choice *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "CHAP_A=%s", c->list);
}

KUNIT_ARRAY_PARAM(chap_choice, chap_choices, chap_choice_desc);

static void chap_choice_test(struct kunit *test)
{
	const struct chap_choice *c = test->param_value;
	const struct isct_chap_keys keys = { .alg = c->list };
	struct chap_env *env = test->priv;
	char expect[128];
	int len;

	KUNIT_ASSERT_EQ(test, chap_test_step(env, &keys), c->status);
	KUNIT_EXPECT_EQ(test, env->chap.alg, c->alg);
	KUNIT_EXPECT_FALSE(test, env->chap.done);
	if (c->status)
		return;
	KUNIT_EXPECT_EQ(test, env->chap.digest_len, c->digest_len);
	len = scnprintf(expect, sizeof(expect),
			"CHAP_A=%u%cCHAP_I=%u%cCHAP_C=0x%*phN", c->alg, '\0',
			env->chap.id, '\0', ISCT_CHAP_CHALLENGE_LEN,
			env->chap.challenge);
	KUNIT_ASSERT_EQ(test, env->reply.len, len + 1);
	KUNIT_EXPECT_MEMEQ(test, env->buf, expect, len + 1);
}

static void chap_fresh_test(struct kunit *test)
{
	const struct isct_chap_keys keys = { .alg = "5" };
	struct chap_env *env = test->priv;
	struct isct_chap first;

	KUNIT_ASSERT_EQ(test, chap_test_step(env, &keys), 0);
	first = env->chap;
	memset(&env->chap, 0, sizeof(env->chap));
	KUNIT_ASSERT_EQ(test, chap_test_step(env, &keys), 0);
	KUNIT_EXPECT_MEMNEQ(test, first.challenge, env->chap.challenge,
			    sizeof(first.challenge));
}

/* The second step, one way */

struct chap_answer {
	const char	*desc;
	u8		alg;
	u8		digest_len;
	u8		id;
	const char	*name;
	const char	*response;
	u16		status;
};

static const struct chap_answer chap_answers[] = {
	{ "MD5", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME, CHAP_TEST_MD5, 0 },
	{ "SHA1", 6, 20, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0x153978b8da42d4ceca15cc08e57be29f9af29cf2", 0 },
	{ "SHA256", 7, 32, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0x9bdc61affcd61e10ff0ffd5545d4678f6b6cd66b46c050ec96702600e6436de6",
	  0 },
	{ "SHA3-256", 8, 32, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0xd87d9f66eff4aada89b22c3edce2aad0295eead86cf969561f56edc2f9e48a41",
	  0 },
	{ "upper case", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0XA5B1725FF670C47D63A58C5374187962", 0 },
	{ "base64", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0bpbFyX/ZwxH1jpYxTdBh5Yg==", 0 },
	{ "base64 without padding", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0BpbFyX/ZwxH1jpYxTdBh5Yg", 0 },
	{ "base64, SHA256", 7, 32, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0bm9xhr/zWHhD/D/1VRdRnj2ts1mtGwFDslnAmAOZDbeY=", 0 },
	{ "zero in front", 5, 16, 13, CHAP_TEST_NAME,
	  "0x0351cd98299b8a8de3452fdc5f18a122", 0 },
	{ "odd digits", 5, 16, 13, CHAP_TEST_NAME,
	  "0x351cd98299b8a8de3452fdc5f18a122", 0 },
	{ "another account", 5, 16, CHAP_TEST_ID, "other",
	  "0xe71d7f8cc68ed8a86f373e382a8ba310", 0 },

	{ "another's secret", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0xe71d7f8cc68ed8a86f373e382a8ba310", CHAP_AUTH_FAILED },
	{ "last bit", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0xa5b1725ff670c47d63a58c5374187963", CHAP_AUTH_FAILED },
	{ "another identifier", 5, 16, 13, CHAP_TEST_NAME, CHAP_TEST_MD5,
	  CHAP_AUTH_FAILED },
	{ "unknown name", 5, 16, CHAP_TEST_ID, "nobody", CHAP_TEST_MD5,
	  CHAP_AUTH_FAILED },
	{ "unknown name, empty secret", 5, 16, CHAP_TEST_ID, "nobody",
	  "0x0e3e93f8a361a5b709588ce5098c2193", CHAP_AUTH_FAILED },
	{ "empty name", 5, 16, CHAP_TEST_ID, "", CHAP_TEST_MD5,
	  CHAP_AUTH_FAILED },
	{ "start of a name", 5, 16, CHAP_TEST_ID, "init", CHAP_TEST_MD5,
	  CHAP_AUTH_FAILED },
	{ "case of a name", 5, 16, CHAP_TEST_ID, "Initiator", CHAP_TEST_MD5,
	  CHAP_AUTH_FAILED },

	{ "empty", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME, "", CHAP_BAD_KEYS },
	{ "prefix only", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME, "0",
	  CHAP_BAD_KEYS },
	{ "no digits", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME, "0x",
	  CHAP_BAD_KEYS },
	{ "no prefix", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "a5b1725ff670c47d63a58c5374187962", CHAP_BAD_KEYS },
	{ "too short", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0xa5b1725ff670c47d63a58c53741879", CHAP_BAD_KEYS },
	{ "too long", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0xa5b1725ff670c47d63a58c537418796200", CHAP_BAD_KEYS },
	{ "half a byte too long", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0x0a5b1725ff670c47d63a58c5374187962", CHAP_BAD_KEYS },
	{ "another hash's length", 6, 20, CHAP_TEST_ID, CHAP_TEST_NAME,
	  CHAP_TEST_MD5, CHAP_BAD_KEYS },
	{ "bad digit", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0xa5b1725ff670c47d63a58c537418796g", CHAP_BAD_KEYS },
	{ "bad first of odd digits", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0xg51cd98299b8a8de3452fdc5f18a122", CHAP_BAD_KEYS },
	{ "no base64", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME, "0b",
	  CHAP_BAD_KEYS },
	{ "base64, padding only", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME, "0b==",
	  CHAP_BAD_KEYS },
	{ "base64, bad character", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0bpbFyX_ZwxH1jpYxTdBh5Yg==", CHAP_BAD_KEYS },
	{ "base64, padding inside", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0bpbFyX/ZwxH1jpYxTdBh5Yg==Yg", CHAP_BAD_KEYS },
	{ "base64, character left over", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0bpbFyX/ZwxH1jpYxTdBh5A", CHAP_BAD_KEYS },
	{ "base64, too short", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0bpbFyX/ZwxH1jpYxTdBh5", CHAP_BAD_KEYS },
	{ "base64, too long", 5, 16, CHAP_TEST_ID, CHAP_TEST_NAME,
	  "0bpbFyX/ZwxH1jpYxTdBh5YgAA", CHAP_BAD_KEYS },
};

KUNIT_ARRAY_PARAM_DESC(chap_answer, chap_answers, desc);

static void chap_answer_test(struct kunit *test)
{
	const struct chap_answer *c = test->param_value;
	const struct isct_chap_keys keys = {
		.name = c->name,
		.response = c->response,
	};
	struct chap_env *env = test->priv;

	chap_set_challenge(env, c->alg, c->digest_len);
	env->chap.id = c->id;
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &keys), c->status);
	KUNIT_EXPECT_EQ(test, env->chap.done, !c->status);
	KUNIT_EXPECT_EQ(test, env->reply.len, 0);
}

static void chap_no_secret_test(struct kunit *test)
{
	const struct isct_chap_keys keys = {
		.name = CHAP_TEST_NAME,
		.response = "0x0e3e93f8a361a5b709588ce5098c2193",
	};
	struct chap_env *env = test->priv;

	chap_set_challenge(env, 5, 16);
	chap_set_account(&env->initiator, CHAP_TEST_NAME, "");
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &keys), CHAP_AUTH_FAILED);
	KUNIT_EXPECT_FALSE(test, env->chap.done);
}

/* The second step, both ways */

struct chap_mutual {
	const char	*desc;
	u8		alg;
	u8		digest_len;
	const char	*response;
	const char	*id;
	const char	*challenge;
	const char	*reply;
	u16		status;
};

/* Our own challenge: what chap_set_challenge() sets */
#define CHAP_TEST_OURS \
	"0x000102030405060708090a0b0c0d0e0f" \
	"101112131415161718191a1b1c1d1e1f"

static const struct chap_mutual chap_mutuals[] = {
	{ "MD5", 5, 16, CHAP_TEST_MD5, "97", "0x63",
	  "0x900150983cd24fb0d6963f7d28e17f72", 0 },
	{ "SHA1", 6, 20, "0x153978b8da42d4ceca15cc08e57be29f9af29cf2", "97",
	  "0x63", "0xa9993e364706816aba3e25717850c26c9cd0d89d", 0 },
	{ "SHA256", 7, 32,
	  "0x9bdc61affcd61e10ff0ffd5545d4678f6b6cd66b46c050ec96702600e6436de6",
	  "97", "0x63",
	  "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	  0 },
	{ "SHA3-256", 8, 32,
	  "0xd87d9f66eff4aada89b22c3edce2aad0295eead86cf969561f56edc2f9e48a41",
	  "97", "0x63",
	  "0x3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
	  0 },
	{ "hexadecimal identifier", 5, 16, CHAP_TEST_MD5, "0x61", "0x63",
	  "0x900150983cd24fb0d6963f7d28e17f72", 0 },
	{ "base64", 5, 16, CHAP_TEST_MD5, "97", "0bYw==",
	  "0x900150983cd24fb0d6963f7d28e17f72", 0 },
	/* 0a bc */
	{ "odd digits", 5, 16, CHAP_TEST_MD5, "97", "0xabc",
	  "0xd825b1b78326ce3ef431a6e6efee5cb6", 0 },

	{ "wrong response", 5, 16, "0xa5b1725ff670c47d63a58c5374187963", "97",
	  "0x63", NULL, CHAP_AUTH_FAILED },
	{ "reflection", 5, 16, CHAP_TEST_MD5, "97", CHAP_TEST_OURS, NULL,
	  CHAP_AUTH_FAILED },
	{ "reflection, our identifier", 5, 16, CHAP_TEST_MD5, "42",
	  CHAP_TEST_OURS, NULL, CHAP_AUTH_FAILED },
	{ "identifier too large", 5, 16, CHAP_TEST_MD5, "256", "0x63", NULL,
	  CHAP_BAD_KEYS },
	{ "identifier negative", 5, 16, CHAP_TEST_MD5, "-1", "0x63", NULL,
	  CHAP_BAD_KEYS },
	{ "identifier empty", 5, 16, CHAP_TEST_MD5, "", "0x63", NULL,
	  CHAP_BAD_KEYS },
	{ "challenge empty", 5, 16, CHAP_TEST_MD5, "97", "0x", NULL,
	  CHAP_BAD_KEYS },
	{ "challenge decimal", 5, 16, CHAP_TEST_MD5, "97", "99", NULL,
	  CHAP_BAD_KEYS },
	{ "challenge with a bad digit", 5, 16, CHAP_TEST_MD5, "97", "0x6x",
	  NULL, CHAP_BAD_KEYS },
	{ "no challenge", 5, 16, CHAP_TEST_MD5, "97", NULL, NULL,
	  CHAP_MISSING_KEYS },
	{ "no identifier", 5, 16, CHAP_TEST_MD5, NULL, "0x63", NULL,
	  CHAP_MISSING_KEYS },
};

KUNIT_ARRAY_PARAM_DESC(chap_mutual, chap_mutuals, desc);

static void chap_expect_reply(struct kunit *test, const char *response)
{
	struct chap_env *env = test->priv;
	char expect[128];
	int len;

	len = scnprintf(expect, sizeof(expect), "CHAP_N=target%cCHAP_R=%s",
			'\0', response);
	KUNIT_ASSERT_EQ(test, env->reply.len, len + 1);
	KUNIT_EXPECT_MEMEQ(test, env->buf, expect, len + 1);
}

static void chap_mutual_test(struct kunit *test)
{
	const struct chap_mutual *c = test->param_value;
	const struct isct_chap_keys keys = {
		.name = CHAP_TEST_NAME,
		.response = c->response,
		.id = c->id,
		.challenge = c->challenge,
	};
	struct chap_env *env = test->priv;

	list_add_tail(&env->target.entry, &env->auth.outgoing);
	chap_set_challenge(env, c->alg, c->digest_len);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &keys), c->status);
	KUNIT_EXPECT_EQ(test, env->chap.done, !c->status);
	if (c->reply)
		chap_expect_reply(test, c->reply);
	else
		KUNIT_EXPECT_EQ(test, env->reply.len, 0);
}

static const struct isct_chap_keys chap_mutual_keys = {
	.name = CHAP_TEST_NAME,
	.response = CHAP_TEST_MD5,
	.id = "97",
	.challenge = "0x63",
};

static void chap_no_outgoing_test(struct kunit *test)
{
	struct chap_env *env = test->priv;

	chap_set_challenge(env, 5, 16);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &chap_mutual_keys),
			CHAP_AUTH_FAILED);
	KUNIT_EXPECT_FALSE(test, env->chap.done);

	/* An account without a secret is none */
	chap_set_account(&env->target, "target", "");
	list_add_tail(&env->target.entry, &env->auth.outgoing);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &chap_mutual_keys),
			CHAP_AUTH_FAILED);
	KUNIT_EXPECT_FALSE(test, env->chap.done);
}

/* RFC 7143 9.2.1: even if we are not asked to prove who we are */
static void chap_same_secret_test(struct kunit *test)
{
	const struct isct_chap_keys one_way = {
		.name = CHAP_TEST_NAME,
		.response = CHAP_TEST_MD5,
	};
	struct chap_env *env = test->priv;

	chap_set_challenge(env, 5, 16);
	chap_set_account(&env->target, "target", CHAP_TEST_SECRET);
	list_add_tail(&env->target.entry, &env->auth.outgoing);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &one_way), CHAP_AUTH_FAILED);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &chap_mutual_keys),
			CHAP_AUTH_FAILED);
	KUNIT_EXPECT_EQ(test, env->reply.len, 0);
}

/* Accounts of the initiator's group */

enum chap_owner { CHAP_NONE, CHAP_TARGET, CHAP_GROUP, CHAP_BOTH };

/**
 * struct chap_owners - who has which accounts
 * @desc: description
 * @incoming: who has the account that the initiator uses
 * @rival: the other owner has an incoming account, with another name
 * @outgoing: who has an account for us; that of the group is "group"
 * @name: who we say we are, NULL if we don't
 * @status: login status
 */
struct chap_owners {
	const char	*desc;
	enum chap_owner	incoming;
	bool		rival;
	enum chap_owner	outgoing;
	const char	*name;
	u16		status;
};

static const struct chap_owners chap_owner_cases[] = {
	{ "group's account", CHAP_GROUP, false, CHAP_NONE, NULL, 0 },
	{ "group's account, target has one", CHAP_GROUP, true, CHAP_NONE, NULL,
	  0 },
	{ "target's account", CHAP_TARGET, false, CHAP_NONE, NULL, 0 },
	{ "target's account, group has one", CHAP_TARGET, true, CHAP_NONE, NULL,
	  CHAP_AUTH_FAILED },
	{ "nobody has one", CHAP_NONE, false, CHAP_NONE, NULL,
	  CHAP_AUTH_FAILED },
	{ "group is the target, too", CHAP_GROUP, true, CHAP_GROUP, "group",
	  0 },
	{ "group is in, target is out", CHAP_GROUP, true, CHAP_TARGET, "target",
	  0 },
	{ "target is in, group is out", CHAP_TARGET, false, CHAP_GROUP, "group",
	  0 },
	{ "group's goes before target's", CHAP_GROUP, true, CHAP_BOTH, "group",
	  0 },
};

KUNIT_ARRAY_PARAM_DESC(chap_owner, chap_owner_cases, desc);

static void chap_owner_accounts(struct chap_env *env,
				const struct chap_owners *c)
{
	struct isct_auth *owner = &env->group, *rival = &env->auth;

	list_del_init(&env->other.entry);
	list_del_init(&env->initiator.entry);
	if (c->incoming == CHAP_TARGET)
		swap(owner, rival);
	if (c->incoming != CHAP_NONE)
		list_add(&env->initiator.entry, &owner->incoming);
	if (c->rival)
		list_add(&env->other.entry, &rival->incoming);
}

static void chap_owner_test(struct kunit *test)
{
	const struct chap_owners *c = test->param_value;
	struct isct_chap_keys keys = chap_mutual_keys;
	struct chap_env *env = test->priv;
	struct isct_account group;
	char expect[32];
	int len;

	env->auths.group = &env->group;
	chap_owner_accounts(env, c);
	chap_set_account(&group, "group", "c");
	if (c->outgoing == CHAP_GROUP || c->outgoing == CHAP_BOTH)
		list_add(&group.entry, &env->group.outgoing);
	if (c->outgoing == CHAP_TARGET || c->outgoing == CHAP_BOTH)
		list_add(&env->target.entry, &env->auth.outgoing);
	if (!c->name) {
		keys.id = NULL;
		keys.challenge = NULL;
	}
	chap_set_challenge(env, 5, 16);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &keys), c->status);
	KUNIT_EXPECT_EQ(test, env->chap.done, !c->status);
	if (!c->name) {
		KUNIT_EXPECT_EQ(test, env->reply.len, 0);
		return;
	}
	len = scnprintf(expect, sizeof(expect), "CHAP_N=%s", c->name);
	KUNIT_ASSERT_GT(test, env->reply.len, len);
	KUNIT_EXPECT_MEMEQ(test, env->buf, expect, len + 1);
}

/* Challenges of as many bytes as RFC 7143 12.1.3 allows, and one more */
static void chap_long_challenge_test(struct kunit *test)
{
	size_t digits = 2 * (ISCT_CHAP_CHALLENGE_MAX + 1);
	char *challenge = kunit_kzalloc(test, digits + 3, GFP_KERNEL);
	struct isct_chap_keys keys = chap_mutual_keys;
	struct chap_env *env = test->priv;
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, challenge);
	strscpy(challenge, "0x", digits);
	for (i = 0; i < digits; i += 2)
		memcpy(challenge + 2 + i, "5a", 2);
	keys.challenge = challenge;
	list_add_tail(&env->target.entry, &env->auth.outgoing);
	chap_set_challenge(env, 5, 16);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &keys), CHAP_BAD_KEYS);

	challenge[digits] = '\0';
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &keys), 0);
	chap_expect_reply(test, "0x04a86d61acd50fb4596ac50d67b3b84c");
}

/* Keys at the wrong time */
static void chap_order_test(struct kunit *test)
{
	const struct isct_chap_keys alg = { .alg = "5" };
	const struct isct_chap_keys both = {
		.alg = "5",
		.name = CHAP_TEST_NAME,
		.response = CHAP_TEST_MD5,
	};
	const struct isct_chap_keys answer = {
		.name = CHAP_TEST_NAME,
		.response = CHAP_TEST_MD5,
	};
	struct chap_env *env = test->priv;

	KUNIT_EXPECT_EQ(test, chap_test_step(env, &answer), CHAP_BAD_KEYS);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &both), CHAP_BAD_KEYS);
	chap_set_challenge(env, 5, 16);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &alg), CHAP_BAD_KEYS);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &both), CHAP_BAD_KEYS);
	KUNIT_EXPECT_FALSE(test, env->chap.done);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &answer), 0);
	KUNIT_EXPECT_TRUE(test, env->chap.done);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &answer), CHAP_BAD_KEYS);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &alg), CHAP_BAD_KEYS);
}

static void chap_missing_test(struct kunit *test)
{
	const struct isct_chap_keys no_name = { .response = CHAP_TEST_MD5 };
	const struct isct_chap_keys no_response = { .name = CHAP_TEST_NAME };
	const struct isct_chap_keys none = {};
	struct chap_env *env = test->priv;

	KUNIT_EXPECT_EQ(test, chap_test_step(env, &none), CHAP_BAD_KEYS);
	chap_set_challenge(env, 5, 16);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &none), CHAP_MISSING_KEYS);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &no_name),
			CHAP_MISSING_KEYS);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &no_response),
			CHAP_MISSING_KEYS);
	KUNIT_EXPECT_FALSE(test, env->chap.done);
}

static void chap_no_room_test(struct kunit *test)
{
	const struct isct_chap_keys alg = { .alg = "5" };
	struct chap_env *env = test->priv;

	env->reply.size = 40;
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &alg), CHAP_NO_RESOURCES);

	env->reply.len = 0;
	list_add_tail(&env->target.entry, &env->auth.outgoing);
	chap_set_challenge(env, 5, 16);
	KUNIT_EXPECT_EQ(test, chap_test_step(env, &chap_mutual_keys),
			CHAP_NO_RESOURCES);
	KUNIT_EXPECT_FALSE(test, env->chap.done);
}

static struct kunit_case chap_test_cases[] = {
	KUNIT_CASE_PARAM(chap_choice_test, chap_choice_gen_params),
	KUNIT_CASE(chap_fresh_test),
	KUNIT_CASE_PARAM(chap_answer_test, chap_answer_gen_params),
	KUNIT_CASE(chap_no_secret_test),
	KUNIT_CASE_PARAM(chap_mutual_test, chap_mutual_gen_params),
	KUNIT_CASE(chap_no_outgoing_test),
	KUNIT_CASE_PARAM(chap_owner_test, chap_owner_gen_params),
	KUNIT_CASE(chap_same_secret_test),
	KUNIT_CASE(chap_long_challenge_test),
	KUNIT_CASE(chap_order_test),
	KUNIT_CASE(chap_missing_test),
	KUNIT_CASE(chap_no_room_test),
	{}
};

static struct kunit_suite chap_suite = {
	.name = "scst_iscsi_chap",
	.init = chap_test_init,
	.test_cases = chap_test_cases,
};

kunit_test_suite(chap_suite);
