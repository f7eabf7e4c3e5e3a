/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCST: TransportIDs (SPC-5 7.6.4), the names of initiator ports.
 */
#ifndef _SCST_TRANSPORT_ID_H
#define _SCST_TRANSPORT_ID_H

#include <linux/types.h>

/* All but those of iSCSI, which are at least as long */
#define SCST_TRANSPORT_ID_LEN	24
/* iSCSI: header, a name of 223 bytes, ",i,0x", 12 digits, NUL, padding */
#define SCST_TRANSPORT_ID_MAX	248

/**
 * struct scst_transport_id - a TransportID in its one form
 * @len: valid bytes in @data
 * @data: the TransportID; what means nothing is zero, names and digits of
 *	iSCSI are in lower case and padded to the shortest multiple of four, so
 *	that two of the same port are the same bytes
 */
struct scst_transport_id {
	u8	len;
	u8	data[SCST_TRANSPORT_ID_MAX];
};

/**
 * scst_transport_id_parse() - take the first TransportID of a buffer
 * @buf: buffer
 * @len: bytes in @buf
 * @id: result
 *
 * Pure. Return: bytes that it takes in @buf; -EINVAL if it is malformed, cut
 * off, or of a protocol that has none.
 */
int scst_transport_id_parse(const u8 *buf, size_t len,
			    struct scst_transport_id *id);

/**
 * scst_transport_id_iscsi() - the TransportID of an iSCSI initiator port
 * @id: result
 * @name: iSCSI name, at most 223 bytes
 * @isid: ISID, or NULL for a TransportID that means all ports of that name
 *
 * Pure. Return: 0 or -EINVAL.
 */
int scst_transport_id_iscsi(struct scst_transport_id *id, const char *name,
			    const u8 *isid);

/* Does it mean all ports of an iSCSI name (TPID FORMAT 00b)? */
bool scst_transport_id_is_group(const struct scst_transport_id *id);

bool scst_transport_id_equal(const struct scst_transport_id *a,
			     const struct scst_transport_id *b);

#endif /* _SCST_TRANSPORT_ID_H */
