/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iSCSI text keys: parsing and negotiation, without locks, sockets or
 * allocations. KUnit and a fuzzer in user space build the same source.
 */
#ifndef _SCST_ISCT_KEYS_H
#define _SCST_ISCT_KEYS_H

#include <linux/types.h>

/**
 * enum isct_param - operational parameters that have a value here
 * @ISCT_HEADER_DIGEST: ISCT_DIGEST_* bits allowed; one of them when negotiated
 * @ISCT_DATA_DIGEST: the same
 * @ISCT_INITIAL_R2T: bool
 * @ISCT_IMMEDIATE_DATA: bool
 * @ISCT_MAX_RECV_SEGMENT: our MaxRecvDataSegmentLength, which we declare
 * @ISCT_MAX_XMIT_SEGMENT: most that we send in a PDU: the smaller one of the
 *	administrator's limit and of what the initiator declares
 * @ISCT_MAX_BURST: MaxBurstLength
 * @ISCT_FIRST_BURST: FirstBurstLength
 * @ISCT_MAX_OUTSTANDING_R2T: MaxOutstandingR2T
 * @ISCT_MAX_CONNECTIONS: 1
 * @ISCT_ERROR_RECOVERY: ErrorRecoveryLevel, 0
 * @ISCT_TIME2WAIT: DefaultTime2Wait
 * @ISCT_TIME2RETAIN: DefaultTime2Retain
 * @ISCT_PDU_IN_ORDER: DataPDUInOrder, Yes
 * @ISCT_SEQUENCE_IN_ORDER: DataSequenceInOrder, Yes
 * @ISCT_TASK_REPORTING: ISCT_REPORTING_* bits, as for digests
 * @ISCT_PROTOCOL_LEVEL: iSCSIProtocolLevel: 2 allows what RFC 7144 adds
 * @ISCT_QUEUED_COMMANDS: not negotiated: size of the command window
 * @ISCT_RSP_TIMEOUT: not negotiated: seconds that an initiator may take
 * @ISCT_NOP_IN_INTERVAL: not negotiated: seconds between pings, 0 for none
 * @ISCT_NOP_IN_TIMEOUT: not negotiated: seconds until a ping must be answered
 * @ISCT_PARAM_NR: number of parameters
 */
enum isct_param {
	ISCT_HEADER_DIGEST,
	ISCT_DATA_DIGEST,
	ISCT_INITIAL_R2T,
	ISCT_IMMEDIATE_DATA,
	ISCT_MAX_RECV_SEGMENT,
	ISCT_MAX_XMIT_SEGMENT,
	ISCT_MAX_BURST,
	ISCT_FIRST_BURST,
	ISCT_MAX_OUTSTANDING_R2T,
	ISCT_MAX_CONNECTIONS,
	ISCT_ERROR_RECOVERY,
	ISCT_TIME2WAIT,
	ISCT_TIME2RETAIN,
	ISCT_PDU_IN_ORDER,
	ISCT_SEQUENCE_IN_ORDER,
	ISCT_TASK_REPORTING,
	ISCT_PROTOCOL_LEVEL,
	ISCT_QUEUED_COMMANDS,
	ISCT_RSP_TIMEOUT,
	ISCT_NOP_IN_INTERVAL,
	ISCT_NOP_IN_TIMEOUT,
	ISCT_PARAM_NR,
};

#define ISCT_DIGEST_NONE		1
#define ISCT_DIGEST_CRC32C		2

#define ISCT_REPORTING_RFC3720		1
#define ISCT_REPORTING_FENCE		2

/**
 * struct isct_params - a value for each parameter
 * @val: by enum isct_param
 */
struct isct_params {
	u32	val[ISCT_PARAM_NR];
};

/* keys.c */

/**
 * struct isct_text - text that is collected or made: key=value, NUL, ...
 * @buf: where it is
 * @len: bytes of it
 * @size: bytes that @buf has room for
 */
struct isct_text {
	char	*buf;
	u32	len;
	u32	size;
};

/* Adds key=value with its NUL. False if there is no room: nothing changes. */
__printf(3, 4)
bool isct_text_add(struct isct_text *text, const char *key, const char *fmt,
		   ...);
/*
 * The pair at *pos, which moves behind it: @text is cut into strings in place.
 * 1 if there was one, 0 at the end, -EINVAL if it is no key=value, if the key
 * is longer than 63 bytes, or if the last NUL is missing.
 */
int isct_text_next(struct isct_text *text, u32 *pos, char **key, char **value);
/*
 * Value of a key in @text, which isct_text_next() has not cut yet; NULL if there
 * is none. Nothing else of @text is looked at.
 */
const char *isct_text_peek(const struct isct_text *text, const char *key);

/**
 * enum isct_param_kind - what the value of a parameter is
 * @ISCT_KIND_BOOL: 0 or 1, "No" or "Yes"
 * @ISCT_KIND_NUMBER: number from @min to @max
 * @ISCT_KIND_DIGESTS: ISCT_DIGEST_* bits, at least one
 * @ISCT_KIND_REPORTING: ISCT_REPORTING_* bits, at least one
 */
enum isct_param_kind {
	ISCT_KIND_BOOL,
	ISCT_KIND_NUMBER,
	ISCT_KIND_DIGESTS,
	ISCT_KIND_REPORTING,
};

/**
 * struct isct_param_desc - what there is to know about a parameter
 * @name: as RFC 7143 has it, or for what is not negotiated, ours
 * @kind: enum isct_param_kind
 * @def: what we negotiate with until an administrator says otherwise
 * @unsaid: what RFC 7143 wants if it is not negotiated
 * @min: smallest legal value, on the wire and for administrators
 * @max: largest legal value
 * @settable: by the administrator
 */
struct isct_param_desc {
	const char		*name;
	enum isct_param_kind	kind;
	u32			def;
	u32			unsaid;
	u32			min;
	u32			max;
	bool			settable;
};

extern const struct isct_param_desc isct_param_descs[ISCT_PARAM_NR];

/**
 * enum isct_given - keys whose values are their receiver's to understand
 * @ISCT_GIVEN_AUTH_METHOD: AuthMethod
 * @ISCT_GIVEN_CHAP_A: CHAP_A
 * @ISCT_GIVEN_CHAP_N: CHAP_N
 * @ISCT_GIVEN_CHAP_R: CHAP_R
 * @ISCT_GIVEN_CHAP_I: CHAP_I
 * @ISCT_GIVEN_CHAP_C: CHAP_C
 * @ISCT_GIVEN_SEND_TARGETS: SendTargets
 * @ISCT_GIVEN_NR: number of keys
 */
enum isct_given {
	ISCT_GIVEN_AUTH_METHOD,
	ISCT_GIVEN_CHAP_A,
	ISCT_GIVEN_CHAP_N,
	ISCT_GIVEN_CHAP_R,
	ISCT_GIVEN_CHAP_I,
	ISCT_GIVEN_CHAP_C,
	ISCT_GIVEN_SEND_TARGETS,
	ISCT_GIVEN_NR,
};

/* Where a key may be: bits, of which a request can have several */
#define ISCT_PHASE_FIRST	1	/* first request of a login */
#define ISCT_PHASE_SECURITY	2	/* SecurityNegotiation */
#define ISCT_PHASE_OPERATIONAL	4	/* LoginOperationalNegotiation */
#define ISCT_PHASE_FULL		8	/* Text Request */

/**
 * struct isct_nego - a negotiation: a login, or an exchange of text
 * @offer: what the administrator wants
 * @result: what has been agreed on
 * @given: values since isct_nego_next(), where they are in the text, or NULL
 * @seen: bits by key: has come, in this negotiation
 * @discovery: of a discovery session
 * @leading: of a session's first connection
 */
struct isct_nego {
	struct isct_params	offer;
	struct isct_params	result;
	const char		*given[ISCT_GIVEN_NR];
	u64			seen;
	bool			discovery;
	bool			leading;
};

/* For a login: the result is what RFC 7143 wants if nothing is negotiated. */
void isct_nego_init(struct isct_nego *nego, const struct isct_params *offer);
/* The text that @given points into is about to go away. */
void isct_nego_next(struct isct_nego *nego);
/*
 * One key: takes it into @nego and adds the answer, if there is to be one.
 * @phase: ISCT_PHASE_* bits. Return: 0; -EPROTO if the initiator must not send
 * this, which ends the negotiation; -ENOSPC if @reply has no room.
 */
int isct_negotiate(struct isct_nego *nego, unsigned int phase, const char *key,
		   const char *value, struct isct_text *reply);
/*
 * First of the initiator's comma-separated @list that is among the @nr @names
 * and allowed by the bits of @allowed. Its index, or -1.
 */
int isct_list_first(const char *list, const char * const *names,
		    unsigned int nr, unsigned long allowed);

#endif /* _SCST_ISCT_KEYS_H */
