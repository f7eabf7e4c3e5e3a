// SPDX-License-Identifier: GPL-2.0
/*
 * CHAP (RFC 1994) as iSCSI carries it (RFC 7143 9.2.1 and 12.1.3).
 */
#include <crypto/hash.h>
#include <crypto/md5.h>
#include <crypto/sha1.h>
#include <crypto/sha2.h>
#include <crypto/sha3.h>
#include <crypto/utils.h>
#include <kunit/visibility.h>
#include <linux/base64.h>
#include <linux/hex.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "isct.h"
#include "isct_chap.h"

/* Login status, class and detail (RFC 7143 11.13.5) */
enum chap_status {
	CHAP_BAD_KEYS		= ISCSI_STATUS_CLS_INITIATOR_ERR << 8 |
				  ISCSI_LOGIN_STATUS_INIT_ERR,
	CHAP_AUTH_FAILED	= ISCSI_STATUS_CLS_INITIATOR_ERR << 8 |
				  ISCSI_LOGIN_STATUS_AUTH_FAILED,
	CHAP_MISSING_KEYS	= ISCSI_STATUS_CLS_INITIATOR_ERR << 8 |
				  ISCSI_LOGIN_STATUS_MISSING_FIELDS,
	CHAP_TARGET_ERROR	= ISCSI_STATUS_CLS_TARGET_ERR << 8 |
				  ISCSI_LOGIN_STATUS_TARGET_ERROR,
	CHAP_NO_RESOURCES	= ISCSI_STATUS_CLS_TARGET_ERR << 8 |
				  ISCSI_LOGIN_STATUS_NO_RESOURCES,
};

/**
 * struct chap_alg - a hash
 * @nr: its number in CHAP_A: PPP authentication algorithms of the IANA
 * @digest_len: bytes of a response
 * @name: what the kernel calls it
 */
struct chap_alg {
	u8		nr;
	u8		digest_len;
	const char	*name;
};

static const struct chap_alg chap_algs[] = {
	{ 5, MD5_DIGEST_SIZE, "md5" },
	{ 6, SHA1_DIGEST_SIZE, "sha1" },
	{ 7, SHA256_DIGEST_SIZE, "sha256" },
	{ 8, SHA3_256_DIGEST_SIZE, "sha3-256" },
};

static_assert(SHA3_256_DIGEST_SIZE <= ISCT_CHAP_DIGEST_MAX);
static_assert(SHA256_DIGEST_SIZE <= ISCT_CHAP_DIGEST_MAX);

/**
 * struct chap_secret - copy of an account
 * @set: there is one, and its secret was set
 * @name: CHAP_N
 * @secret: password
 */
struct chap_secret {
	bool	set;
	char	name[NAME_MAX + 1];
	char	secret[sizeof_field(struct isct_account, secret)];
};

/**
 * struct chap_proof - what is known when the initiator answers our challenge
 * @response: its CHAP_R
 * @mutual: it wants us to prove who we are
 * @id: its CHAP_I
 * @challenge: its CHAP_C
 * @challenge_len: bytes of @challenge
 * @incoming: who it says it is; the secret is empty if we don't know it
 * @outgoing: who we are
 */
struct chap_proof {
	u8			response[ISCT_CHAP_DIGEST_MAX];
	bool			mutual;
	u8			id;
	u8			challenge[ISCT_CHAP_CHALLENGE_MAX];
	unsigned int		challenge_len;
	struct chap_secret	incoming;
	struct chap_secret	outgoing;
};

/*
 * Numerical value, decimal or hexadecimal (RFC 7143 6.1). CHAP has none above
 * 255, all of these are 256 here; -EINVAL if it is no number.
 */
static int chap_number(const char *s, size_t len)
{
	int value = 0, base = 10;
	size_t i = 0;

	if (len > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		i = 2;
	}
	if (i == len)
		return -EINVAL;
	for (; i < len; i++) {
		int digit = hex_to_bin(s[i]);

		if (digit < 0 || digit >= base)
			return -EINVAL;
		value = min(value * base + digit, U8_MAX + 1);
	}
	return value;
}

/*
 * RFC 7143 6.1: n digits are (n + 1) / 2 bytes, and the first digit of an odd
 * number stands for a byte alone.
 */
static int chap_decode_hex(const char *digits, u8 *dst, size_t size)
{
	size_t n = strlen(digits), len = DIV_ROUND_UP(n, 2);

	if (!len || len > size)
		return -EINVAL;
	if (n % 2) {
		int first = hex_to_bin(*digits++);

		if (first < 0)
			return -EINVAL;
		*dst++ = first;
	}
	return hex2bin(dst, digits, n / 2) ?: len;
}

/* RFC 7143 6.1: n characters before the padding are n * 3 / 4 bytes */
static int chap_decode_base64(const char *chars, u8 *dst, size_t size)
{
	size_t n = strlen(chars);
	int len;

	while (n && chars[n - 1] == '=')
		n--;
	/* One character left over has too few bits for a byte */
	if (n < 2 || n % 4 == 1 || n * 3 / 4 > size)
		return -EINVAL;
	/* base64_decode() takes padding in the middle */
	if (memchr(chars, '=', n))
		return -EINVAL;
	len = base64_decode(chars, n, dst);
	return len < 0 ? -EINVAL : len;
}

/* Large binary value: bytes written to @dst, or -EINVAL, for no bytes too */
static int chap_decode(const char *value, u8 *dst, size_t size)
{
	if (value[0] != '0')
		return -EINVAL;
	switch (value[1]) {
	case 'x':
	case 'X':
		return chap_decode_hex(value + 2, dst, size);
	case 'b':
	case 'B':
		return chap_decode_base64(value + 2, dst, size);
	default:
		return -EINVAL;
	}
}

static const struct chap_alg *chap_alg_find(int nr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(chap_algs); i++)
		if (chap_algs[i].nr == nr)
			return &chap_algs[i];
	return NULL;
}

/*
 * The first one that is known here and that the kernel offers: MD5 is missing
 * in FIPS mode. The kernel is asked once for each, however long the list is.
 */
static u16 chap_choose(const char *list, const struct chap_alg **chosen)
{
	u32 asked = 0;

	do {
		size_t len = strcspn(list, ",");
		int nr = chap_number(list, len);
		const struct chap_alg *alg = chap_alg_find(nr);

		if (nr < 0)
			return CHAP_BAD_KEYS;
		list += len;
		if (!alg || asked & BIT(nr))
			continue;
		asked |= BIT(nr);
		if (crypto_has_shash(alg->name, 0, 0)) {
			*chosen = alg;
			return 0;
		}
	} while (*list++);

	return CHAP_AUTH_FAILED;
}

static u16 chap_challenge(struct isct_chap *chap,
			  const struct isct_chap_keys *keys,
			  struct isct_text *reply)
{
	const struct chap_alg *alg;
	u16 status;

	if (keys->name || keys->response || keys->id || keys->challenge)
		return CHAP_BAD_KEYS;
	status = chap_choose(keys->alg, &alg);
	if (status)
		return status;

	chap->alg = alg->nr;
	chap->digest_len = alg->digest_len;
	get_random_bytes(&chap->id, sizeof(chap->id));
	get_random_bytes(chap->challenge, sizeof(chap->challenge));
	if (!isct_text_add(reply, "CHAP_A", "%u", chap->alg) ||
	    !isct_text_add(reply, "CHAP_I", "%u", chap->id) ||
	    !isct_text_add(reply, "CHAP_C", "0x%*phN",
			   (int)sizeof(chap->challenge), chap->challenge))
		return CHAP_NO_RESOURCES;
	return 0;
}

static u16 chap_parse_proof(const struct isct_chap *chap,
			    const struct isct_chap_keys *keys,
			    struct chap_proof *proof)
{
	int n;

	if (!keys->name || !keys->response || !keys->id != !keys->challenge)
		return CHAP_MISSING_KEYS;

	n = chap_decode(keys->response, proof->response, chap->digest_len);
	if (n != chap->digest_len)
		return CHAP_BAD_KEYS;
	if (!keys->challenge)
		return 0;

	proof->mutual = true;
	n = chap_number(keys->id, strlen(keys->id));
	if (n < 0 || n > U8_MAX)
		return CHAP_BAD_KEYS;
	proof->id = n;
	n = chap_decode(keys->challenge, proof->challenge,
			sizeof(proof->challenge));
	if (n < 0)
		return CHAP_BAD_KEYS;
	proof->challenge_len = n;
	return 0;
}

static void chap_copy_account(struct chap_secret *secret,
			      struct isct_account *account)
{
	secret->set = account->secret[0];
	strscpy(secret->name, config_item_name(&account->item));
	strscpy(secret->secret, account->secret);
}

static void chap_copy_accounts(const struct isct_auths *auths,
			       const char *name, struct chap_proof *proof)
{
	struct isct_account *account;

	mutex_lock(&isct_config_mutex);
	list_for_each_entry(account, isct_auth_incoming(auths), entry)
		if (!strcmp(config_item_name(&account->item), name))
			chap_copy_account(&proof->incoming, account);
	list_for_each_entry(account, isct_auth_outgoing(auths), entry)
		chap_copy_account(&proof->outgoing, account);
	mutex_unlock(&isct_config_mutex);
}

static int chap_digest(struct crypto_shash *tfm, u8 id,
		       const struct chap_secret *secret, const u8 *challenge,
		       unsigned int challenge_len, u8 *digest)
{
	SHASH_DESC_ON_STACK(desc, tfm);
	int error;

	desc->tfm = tfm;
	error = crypto_shash_init(desc) ?:
		crypto_shash_update(desc, &id, sizeof(id)) ?:
		crypto_shash_update(desc, secret->secret,
				    strlen(secret->secret)) ?:
		crypto_shash_finup(desc, challenge, challenge_len, digest);
	shash_desc_zero(desc);
	return error;
}

/*
 * An unknown name goes the same way as a wrong secret, up to the end, so that
 * how long it takes does not tell which names there are.
 */
static u16 chap_verify(const struct isct_chap *chap, struct crypto_shash *tfm,
		       const struct chap_proof *proof)
{
	u8 theirs[ISCT_CHAP_DIGEST_MAX], ours[ISCT_CHAP_DIGEST_MAX];
	bool match, same_secret;
	u16 status = 0;

	if (chap_digest(tfm, chap->id, &proof->incoming, chap->challenge,
			sizeof(chap->challenge), theirs) ||
	    chap_digest(tfm, chap->id, &proof->outgoing, chap->challenge,
			sizeof(chap->challenge), ours)) {
		status = CHAP_TARGET_ERROR;
		goto wipe;
	}
	match = !crypto_memneq(theirs, proof->response, chap->digest_len);
	/*
	 * RFC 7143 9.2.1: a response that we would have given ourselves is a
	 * failure: one secret must not serve both directions.
	 */
	same_secret = !crypto_memneq(ours, proof->response, chap->digest_len);
	if (!match || !proof->incoming.set ||
	    (same_secret && proof->outgoing.set))
		status = CHAP_AUTH_FAILED;
wipe:
	memzero_explicit(theirs, sizeof(theirs));
	memzero_explicit(ours, sizeof(ours));
	return status;
}

/*
 * Nobody gets an answer to a challenge before they have proved who they are,
 * and the secrets of both directions differ: hence a challenge that we have
 * made on another connection is of no use here.
 */
static u16 chap_respond(const struct isct_chap *chap, struct crypto_shash *tfm,
			const struct chap_proof *proof,
			struct isct_text *reply)
{
	u8 digest[ISCT_CHAP_DIGEST_MAX];

	if (!proof->outgoing.set)
		return CHAP_AUTH_FAILED;
	/* RFC 7143 9.2.1: our own challenge must not come back to us */
	if (proof->challenge_len == sizeof(chap->challenge) &&
	    !memcmp(proof->challenge, chap->challenge, proof->challenge_len))
		return CHAP_AUTH_FAILED;

	if (chap_digest(tfm, proof->id, &proof->outgoing, proof->challenge,
			proof->challenge_len, digest))
		return CHAP_TARGET_ERROR;
	if (!isct_text_add(reply, "CHAP_N", "%s", proof->outgoing.name) ||
	    !isct_text_add(reply, "CHAP_R", "0x%*phN", (int)chap->digest_len,
			   digest))
		return CHAP_NO_RESOURCES;
	return 0;
}

static u16 chap_prove(const struct isct_chap *chap,
		      const struct chap_proof *proof, struct isct_text *reply)
{
	const struct chap_alg *alg = chap_alg_find(chap->alg);
	struct crypto_shash *tfm;
	u16 status;

	tfm = crypto_alloc_shash(alg->name, 0, 0);
	if (IS_ERR(tfm))
		return tfm == ERR_PTR(-ENOMEM) ? CHAP_NO_RESOURCES :
						 CHAP_TARGET_ERROR;
	status = chap_verify(chap, tfm, proof);
	if (!status && proof->mutual)
		status = chap_respond(chap, tfm, proof, reply);
	crypto_free_shash(tfm);
	return status;
}

static u16 chap_response(struct isct_chap *chap, const struct isct_auths *auths,
			 const struct isct_chap_keys *keys,
			 struct isct_text *reply)
{
	struct chap_proof *proof;
	u16 status;

	proof = kzalloc(sizeof(*proof), GFP_KERNEL);
	if (!proof)
		return CHAP_NO_RESOURCES;
	status = chap_parse_proof(chap, keys, proof);
	if (status)
		goto free_proof;
	chap_copy_accounts(auths, keys->name, proof);
	status = chap_prove(chap, proof, reply);
	chap->done = !status;
free_proof:
	kfree_sensitive(proof);
	return status;
}

u16 isct_chap_step(struct isct_chap *chap, const struct isct_auths *auths,
		   const struct isct_chap_keys *keys, struct isct_text *reply)
{
	/* One attempt a login: RFC 7143 12.1.3 has no way back */
	if (chap->done || !keys->alg != !!chap->alg)
		return CHAP_BAD_KEYS;
	if (keys->alg)
		return chap_challenge(chap, keys, reply);
	return chap_response(chap, auths, keys, reply);
}
EXPORT_SYMBOL_IF_KUNIT(isct_chap_step);
