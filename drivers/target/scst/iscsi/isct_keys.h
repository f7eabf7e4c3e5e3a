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

#endif /* _SCST_ISCT_KEYS_H */
