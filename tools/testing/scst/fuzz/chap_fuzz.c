// SPDX-License-Identifier: GPL-2.0
/*
 * What an initiator sends of CHAP: numbers, lists and binary values
 */
#include "fuzz.h"
#include "../../../../drivers/target/scst/iscsi/chap.c"

/* All hashes are there but one, as in FIPS mode. */
int crypto_has_shash(const char *name, u32 type, u32 mask)
{
	return strcmp(name, "md5") != 0;
}

/* Nothing is written behind what there is room for. */
static void chap_fuzz_decode(const char *value, size_t size)
{
	u8 *block = fuzz_copy(NULL, size);
	int len = chap_decode(value, block, size);

	fuzz_check(len == -EINVAL || (len > 0 && len <= size));
	fuzz_free(block);
}

static void chap_fuzz_proof(const char *value)
{
	const struct isct_chap_keys keys = {
		.name		= value,
		.response	= value,
		.id		= value,
		.challenge	= value,
	};
	struct isct_chap chap = { .digest_len = MD5_DIGEST_SIZE };
	struct chap_proof proof;

	memset(&proof, 0, sizeof(proof));
	if (!chap_parse_proof(&chap, &keys, &proof))
		fuzz_check(proof.challenge_len &&
			   proof.challenge_len <= ISCT_CHAP_CHALLENGE_MAX);
}

/* The first byte says how much room there is, the rest is the value. */
int fuzz_one_input(const u8 *data, size_t size)
{
	const struct chap_alg *alg = NULL;
	char *value;
	int number;

	if (!size)
		return 0;
	value = fuzz_copy(NULL, size);
	memcpy(value, data + 1, size - 1);

	number = chap_number(value, strlen(value));
	fuzz_check(number == -EINVAL || (number >= 0 && number <= U8_MAX + 1));
	if (!chap_choose(value, &alg))
		fuzz_check(alg && strcmp(alg->name, "md5"));
	chap_fuzz_decode(value, data[0]);
	chap_fuzz_decode(value, ISCT_CHAP_CHALLENGE_MAX);
	chap_fuzz_proof(value);
	fuzz_free(value);
	return 0;
}
