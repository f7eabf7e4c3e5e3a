// SPDX-License-Identifier: GPL-2.0
/*
 * TransportIDs (SPC-5 7.6.4): parsing, building, and one form for each port.
 */
#include <kunit/visibility.h>
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <scsi/scsi_proto.h>
#include <scst/transport_id.h>

#define TPID_PROTOCOL		0x0f
#define TPID_FORMAT		0xc0
#define TPID_FORMAT_PORT	0x40	/* iSCSI: name and ISID */
#define TPID_HEADER		4	/* iSCSI */
#define TPID_NAME_MAX		223	/* RFC 7143 4.2.7.1 */
#define TPID_SEPARATOR		",i,0x"
#define TPID_ISID_DIGITS	12

/**
 * struct tpid_format - a TransportID of 24 bytes
 * @known: there is one of this protocol
 * @start: first byte that says which port it is
 * @end: the byte behind the last one
 */
struct tpid_format {
	bool	known;
	u8	start;
	u8	end;
};

/* SPC-5 7.6.4.2 to 7.6.4.9 */
static const struct tpid_format tpid_formats[] = {
	[SCSI_PROTOCOL_FCP]	= { true, 8, 16 },
	[SCSI_PROTOCOL_SPI]	= { true, 2, 8 },
	[SCSI_PROTOCOL_SBP]	= { true, 8, 16 },
	[SCSI_PROTOCOL_SRP]	= { true, 8, 24 },
	[SCSI_PROTOCOL_SAS]	= { true, 4, 12 },
	/* SOP (PCIe): the routing identifier */
	[10]			= { true, 2, 4 },
};

static int tpid_parse_fixed(const u8 *buf, size_t len,
			    struct scst_transport_id *id)
{
	u8 protocol = buf[0] & TPID_PROTOCOL;
	const struct tpid_format *format;

	if (protocol >= ARRAY_SIZE(tpid_formats) || buf[0] & TPID_FORMAT ||
	    len < SCST_TRANSPORT_ID_LEN)
		return -EINVAL;
	format = &tpid_formats[protocol];
	if (!format->known)
		return -EINVAL;
	id->data[0] = protocol;
	memcpy(id->data + format->start, buf + format->start,
	       format->end - format->start);
	id->len = SCST_TRANSPORT_ID_LEN;
	return SCST_TRANSPORT_ID_LEN;
}

/* A name without control characters, spaces and commas; in lower case */
static int tpid_put_name(struct scst_transport_id *id, const char *name,
			 size_t len)
{
	size_t i;

	if (!len || len > TPID_NAME_MAX)
		return -EINVAL;
	for (i = 0; i < len; i++) {
		u8 c = name[i];

		if (c <= ' ' || c == ',' || c == 0x7f)
			return -EINVAL;
		id->data[TPID_HEADER + i] = tolower(c);
	}
	return 0;
}

/* @len: bytes of the string, without NUL */
static void tpid_end_iscsi(struct scst_transport_id *id, u8 format, size_t len)
{
	size_t padded = max_t(size_t, ALIGN(len + 1, 4),
			      SCST_TRANSPORT_ID_LEN - TPID_HEADER);

	id->data[0] = format | SCSI_PROTOCOL_ISCSI;
	put_unaligned_be16(padded, id->data + 2);
	id->len = TPID_HEADER + padded;
}

/* The ISID's digits; leading zeroes may be left out (RFC 7143 4.2.7). */
static int tpid_put_isid(struct scst_transport_id *id, size_t at,
			 const char *digits, size_t nr)
{
	char *to = id->data + TPID_HEADER + at;
	size_t i, zeroes = TPID_ISID_DIGITS - nr;

	if (!nr || nr > TPID_ISID_DIGITS)
		return -EINVAL;
	memset(to, '0', zeroes);
	for (i = 0; i < nr; i++) {
		if (!isxdigit(digits[i]))
			return -EINVAL;
		to[zeroes + i] = tolower(digits[i]);
	}
	return 0;
}

static int tpid_parse_port(const char *str, size_t len,
			   struct scst_transport_id *id)
{
	const char *comma = memchr(str, ',', len);
	size_t sep = sizeof(TPID_SEPARATOR) - 1, name, at;

	if (!comma)
		return -EINVAL;
	name = comma - str;
	at = name + sep;
	if (at > len || strncasecmp(comma, TPID_SEPARATOR, sep))
		return -EINVAL;
	if (tpid_put_name(id, str, name))
		return -EINVAL;
	memcpy(id->data + TPID_HEADER + name, TPID_SEPARATOR, sep);
	if (tpid_put_isid(id, at, str + at, len - at))
		return -EINVAL;
	tpid_end_iscsi(id, TPID_FORMAT_PORT, at + TPID_ISID_DIGITS);
	return 0;
}

static int tpid_parse_iscsi(const u8 *buf, size_t len,
			    struct scst_transport_id *id)
{
	u8 format = buf[0] & TPID_FORMAT;
	const char *str = buf + TPID_HEADER;
	size_t total, str_len;
	int error;

	if (len < TPID_HEADER)
		return -EINVAL;
	total = TPID_HEADER + get_unaligned_be16(buf + 2);
	/* 7.6.4.6: a multiple of four, at least 20 */
	if (total < SCST_TRANSPORT_ID_LEN || total % 4 || total > len)
		return -EINVAL;
	str_len = strnlen(str, total - TPID_HEADER);
	if (str_len == total - TPID_HEADER)
		return -EINVAL;

	if (format == TPID_FORMAT_PORT) {
		error = tpid_parse_port(str, str_len, id);
	} else if (!format) {
		error = tpid_put_name(id, str, str_len);
		tpid_end_iscsi(id, 0, min(str_len, TPID_NAME_MAX));
	} else {
		error = -EINVAL;
	}
	return error ?: total;
}

int scst_transport_id_parse(const u8 *buf, size_t len,
			    struct scst_transport_id *id)
{
	memset(id, 0, sizeof(*id));
	if (!len)
		return -EINVAL;
	if ((buf[0] & TPID_PROTOCOL) == SCSI_PROTOCOL_ISCSI)
		return tpid_parse_iscsi(buf, len, id);
	return tpid_parse_fixed(buf, len, id);
}
EXPORT_SYMBOL_GPL(scst_transport_id_parse);

int scst_transport_id_iscsi(struct scst_transport_id *id, const char *name,
			    const u8 *isid)
{
	size_t len = strlen(name);

	memset(id, 0, sizeof(*id));
	if (tpid_put_name(id, name, len))
		return -EINVAL;
	if (!isid) {
		tpid_end_iscsi(id, 0, len);
		return 0;
	}
	snprintf(id->data + TPID_HEADER + len,
		 sizeof(id->data) - TPID_HEADER - len, TPID_SEPARATOR "%6phN",
		 isid);
	tpid_end_iscsi(id, TPID_FORMAT_PORT,
		       len + sizeof(TPID_SEPARATOR) - 1 + TPID_ISID_DIGITS);
	return 0;
}
EXPORT_SYMBOL_GPL(scst_transport_id_iscsi);

bool scst_transport_id_is_group(const struct scst_transport_id *id)
{
	return id->data[0] == SCSI_PROTOCOL_ISCSI;
}
EXPORT_SYMBOL_IF_KUNIT(scst_transport_id_is_group);

bool scst_transport_id_equal(const struct scst_transport_id *a,
			     const struct scst_transport_id *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}
EXPORT_SYMBOL_IF_KUNIT(scst_transport_id_equal);
