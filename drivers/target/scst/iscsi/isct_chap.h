/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CHAP (RFC 1994) as iSCSI carries it (RFC 7143 12.1.3).
 */
#ifndef _SCST_ISCT_CHAP_H
#define _SCST_ISCT_CHAP_H

#include <linux/types.h>
#include "isct_keys.h"

#define ISCT_CHAP_CHALLENGE_LEN		32
#define ISCT_CHAP_DIGEST_MAX		32
/* Longest binary value of CHAP_C (RFC 7143 12.1.3) */
#define ISCT_CHAP_CHALLENGE_MAX		1024

struct isct_auths;

/**
 * struct isct_chap - one authentication, part of a login
 * @alg: CHAP_A that we have chosen, 0 before
 * @id: our CHAP_I
 * @challenge: our CHAP_C
 * @digest_len: bytes of a CHAP_R of @alg
 * @done: the initiator has proved who it is
 */
struct isct_chap {
	u8	alg;
	u8	id;
	u8	challenge[ISCT_CHAP_CHALLENGE_LEN];
	u8	digest_len;
	bool	done;
};

/**
 * struct isct_chap_keys - what an initiator has sent in one step
 * @alg: CHAP_A, or NULL
 * @name: CHAP_N
 * @response: CHAP_R
 * @id: CHAP_I
 * @challenge: CHAP_C
 */
struct isct_chap_keys {
	const char	*alg;
	const char	*name;
	const char	*response;
	const char	*id;
	const char	*challenge;
};

/*
 * One step: either CHAP_A, answered by CHAP_A, CHAP_I and CHAP_C; or CHAP_N and
 * CHAP_R, with CHAP_I and CHAP_C when the initiator wants us to prove who we
 * are, answered by CHAP_N and CHAP_R then; @chap->done is set.
 *
 * Process context, takes isct_config_mutex. Return: 0, or the login status to
 * refuse with, class in the high byte, detail in the low one.
 */
u16 isct_chap_step(struct isct_chap *chap, const struct isct_auths *auths,
		   const struct isct_chap_keys *keys, struct isct_text *reply);

#endif /* _SCST_ISCT_CHAP_H */
