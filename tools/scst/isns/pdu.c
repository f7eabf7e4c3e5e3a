// SPDX-License-Identifier: GPL-2.0
/*
 * The framing of messages (RFC 4171 5.1, 5.2).
 */
#include <arpa/inet.h>
#include <string.h>
#include "isnsd.h"

#define ATTR_HEADER	8	/* tag and length */

static void pdu_put16(uint8_t *to, uint16_t value)
{
	value = htons(value);
	memcpy(to, &value, sizeof(value));
}

static uint16_t pdu_get16(const uint8_t *from)
{
	uint16_t value;

	memcpy(&value, from, sizeof(value));
	return ntohs(value);
}

void pdu_put_header(uint8_t *to, const struct pdu *pdu)
{
	pdu_put16(to, ISNS_VERSION);
	pdu_put16(to + 2, pdu->function);
	pdu_put16(to + 4, pdu->length);
	pdu_put16(to + 6, pdu->flags);
	pdu_put16(to + 8, pdu->xid);
	pdu_put16(to + 10, 0);		/* the first of its message, and last */
}

bool pdu_get_header(const uint8_t *from, struct pdu *pdu)
{
	pdu->function = pdu_get16(from + 2);
	pdu->length = pdu_get16(from + 4);
	pdu->flags = pdu_get16(from + 6);
	pdu->xid = pdu_get16(from + 8);
	return pdu_get16(from) == ISNS_VERSION && pdu->length % 4 == 0;
}

/* The length of the attribute that @data begins with, header included; or 0 */
size_t pdu_first_attr_len(const uint8_t *data, size_t len)
{
	uint32_t value;

	if (len < ATTR_HEADER)
		return 0;
	memcpy(&value, data + 4, sizeof(value));
	value = ntohl(value);
	if (value % 4 || value > len - ATTR_HEADER)
		return 0;
	return ATTR_HEADER + value;
}

/* libisns frees a string twice that says it is longer than its message. */
bool pdu_attrs_valid(const uint8_t *data, size_t len)
{
	while (len) {
		size_t attr = pdu_first_attr_len(data, len);

		if (!attr)
			return false;
		data += attr;
		len -= attr;
	}
	return true;
}
