// SPDX-License-Identifier: GPL-2.0
/*
 * Designators (SPC-5 7.7.6) as an administrator writes them.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/hex.h>
#include <linux/string.h>
#include <scst/inquiry.h>

/* 0x may come before the digits. Return: 0, or -EINVAL for what are none. */
static int scst_binary_id_parse(const char *text, struct scst_binary_id *id)
{
	size_t digits;

	memset(id, 0, sizeof(*id));
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	digits = strcspn(text, "\n");
	/* A zero of any length is none, too: many disks would share it. */
	if (strspn(text, "0") == digits)
		return 0;
	if (digits % 2 || digits / 2 > sizeof(id->data) ||
	    hex2bin(id->data, text, digits / 2))
		return -EINVAL;
	id->len = digits / 2;
	return 0;
}

/* Length of an NAA designator by its first four bits (SPC-5 table 648) */
static const u8 scst_naa_lens[16] = {
	[0x2] = 8,		/* IEEE Extended */
	[0x3] = 8,		/* Locally Assigned */
	[0x5] = 8,		/* IEEE Registered */
	[0x6] = 16,		/* IEEE Registered Extended */
};

int scst_naa_parse(const char *text, struct scst_binary_id *id)
{
	int error = scst_binary_id_parse(text, id);

	if (error || !id->len)
		return error;
	return id->len == scst_naa_lens[id->data[0] >> 4] ? 0 : -EINVAL;
}
EXPORT_SYMBOL_GPL(scst_naa_parse);

int scst_eui64_parse(const char *text, struct scst_binary_id *id)
{
	int error = scst_binary_id_parse(text, id);

	if (error || !id->len)
		return error;
	return id->len == 8 || id->len == 12 || id->len == 16 ? 0 : -EINVAL;
}
EXPORT_SYMBOL_GPL(scst_eui64_parse);

/* Return: bytes of the first character, 0 if it is not well-formed UTF-8. */
static unsigned int scst_utf8_char(const u8 *s, size_t len)
{
	static const struct {
		u8	mask;
		u8	lead;
		u32	min;	/* what fewer bytes cannot carry */
	} forms[] = {
		{ 0x80, 0x00, 0 },
		{ 0xe0, 0xc0, 0x80 },
		{ 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 },
	};
	unsigned int i, j;
	u32 value;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if ((s[0] & forms[i].mask) != forms[i].lead)
			continue;
		if (len <= i)
			return 0;
		value = s[0] & (u8)~forms[i].mask;
		for (j = 1; j <= i; j++) {
			if ((s[j] & 0xc0) != 0x80)
				return 0;
			value = value << 6 | (s[j] & 0x3f);
		}
		/* Surrogates are halves of UTF-16 characters. */
		if (value < forms[i].min || value > 0x10ffff ||
		    (value >= 0xd800 && value <= 0xdfff))
			return 0;
		return i + 1;
	}
	return 0;
}

/* Of ASCII what stringprep leaves of an iSCSI name (RFC 3722 6.2) */
static bool scst_iqn_valid(const char *name, size_t len)
{
	static const char ascii[] = "abcdefghijklmnopqrstuvwxyz0123456789-.:";
	unsigned int n;

	if (len > SCST_INQ_NAME_LEN)
		return false;
	for (; len; name += n, len -= n) {
		n = scst_utf8_char((const u8 *)name, len);
		if (!n || (n == 1 && (!*name || !strchr(ascii, *name))))
			return false;
	}
	return true;
}

/* Digits without what scst_binary_id_parse() accepts beside them */
static bool scst_name_digits(const char *digits, size_t len,
			     int (*parse)(const char *text,
					  struct scst_binary_id *id))
{
	struct scst_binary_id id;
	char text[2 * sizeof(id.data) + 1];

	if (len >= sizeof(text))
		return false;
	memcpy(text, digits, len);
	text[len] = '\0';
	return !parse(text, &id) && id.len && 2 * id.len == len;
}

bool scst_scsi_name_valid(const char *name, size_t len)
{
	if (len <= 4)
		return false;
	if (!memcmp(name, "naa.", 4))
		return scst_name_digits(name + 4, len - 4, scst_naa_parse);
	if (!memcmp(name, "eui.", 4))
		return scst_name_digits(name + 4, len - 4, scst_eui64_parse);
	return !memcmp(name, "iqn.", 4) && scst_iqn_valid(name, len);
}
EXPORT_SYMBOL_GPL(scst_scsi_name_valid);
