/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What login.c and text.c share: who the initiator is, and the text that both
 * sides exchange.
 */
#ifndef _SCST_ISCT_LOGIN_H
#define _SCST_ISCT_LOGIN_H

#include "isct.h"
#include "isct_chap.h"

/**
 * enum isct_auth_method - values of AuthMethod that we know
 * @ISCT_AUTH_NONE: None
 * @ISCT_AUTH_CHAP: CHAP
 * @ISCT_AUTH_UNKNOWN: nothing is agreed on yet
 */
enum isct_auth_method {
	ISCT_AUTH_NONE,
	ISCT_AUTH_CHAP,
	ISCT_AUTH_UNKNOWN,
};

/**
 * struct isct_login - a login, then the exchanges of text of the connection
 *
 * Touched by the connection's work only.
 *
 * @initiator: its name; empty until the first request is complete
 * @isid: of all requests of this login
 * @tsih: likewise
 * @itt: likewise, or of the current exchange of text
 * @stage: current stage
 * @nr_requests: requests so far, of the login or of the exchange
 * @tgt: target, a reference; NULL in a discovery session
 * @auths: who the initiator may be, and who we are; with a reference to
 *	@auths.group
 * @changes: isct_auth_changes() when an answer to the challenge was looked at
 * @auth_needed: the initiator must authenticate
 * @method: what has been agreed on
 * @chap: its state
 * @declared: we have declared what we take
 * @nego: negotiation
 * @text: what has come of the current request
 * @rsp: last response, while the login is parked
 * @answer: text of the current exchange that is to be sent
 * @sent: bytes of it that were
 * @ttt: Target Transfer Tag of the exchange, ISCSI_RESERVED_TAG for none
 * @next_ttt: of the next one
 */
struct isct_login {
	char			initiator[ISCT_NAME_MAX + 1];
	u8			isid[6];
	u16			tsih;
	itt_t			itt;
	u8			stage;
	unsigned int		nr_requests;
	struct isct_tgt		*tgt;
	struct isct_auths	auths;
	u32			changes;
	bool			auth_needed;
	enum isct_auth_method	method;
	struct isct_chap	chap;
	bool			declared;
	struct isct_nego	nego;
	struct isct_text	text;
	struct isct_pdu		*rsp;
	struct isct_text	answer;
	u32			sent;
	u32			ttt;
	u32			next_ttt;
};

/* Room for @more bytes, up to @max in all: 0, -EMSGSIZE, -ENOMEM */
int isct_text_reserve(struct isct_text *text, u32 more, u32 max);
/* Adds a part of a request. 0, -EMSGSIZE, -ENOMEM */
int isct_text_collect(struct isct_text *text, const char *data, u32 len);
void isct_text_free(struct isct_text *text);
/* All keys of @text: 0, -EINVAL, or as isct_negotiate() */
int isct_negotiate_all(struct isct_nego *nego, unsigned int phase,
		       struct isct_text *text, struct isct_text *reply);

#endif /* _SCST_ISCT_LOGIN_H */
