// SPDX-License-Identifier: GPL-2.0
/*
 * LUNs in the 8-byte forms of SAM-5 4.7, and REPORT LUNS parameter data.
 */
#include <kunit/visibility.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "scst_pure.h"

#define SCST_LUN_LIST_HEADER	8

/**
 * struct scst_lun_form - one addressing method at the first level
 * @mask: bits of the LUN that make it this method
 * @value: what they are then
 * @number: bits of the LUN that carry the number
 * @shift: of the lowest one of them
 *
 * The LUN is taken as a big-endian 64-bit number. Bits that are neither in
 * @mask nor in @number must be zero: they name another bus or target, or a
 * second level, which this target has not.
 */
struct scst_lun_form {
	u64	mask;
	u64	value;
	u64	number;
	u8	shift;
};

/* The flat ones come last, in the order in which scst_lun_pack() tries them. */
enum scst_lun_form_index {
	SCST_LUN_FORM_PERIPHERAL,
	SCST_LUN_FORM_LOGICAL_UNIT,
	SCST_LUN_FORM_FLAT,
	SCST_LUN_FORM_FLAT_3,
	SCST_LUN_FORM_FLAT_5,
};

static const struct scst_lun_form scst_lun_forms[] = {
	/* Peripheral device addressing with bus identifier 0 (4.7.7.2) */
	[SCST_LUN_FORM_PERIPHERAL] = {
		0xc000000000000000, 0x0000000000000000, 0x00ff000000000000, 48
	},
	/* Logical unit addressing with bus 0 and target 0 (4.7.7.4) */
	[SCST_LUN_FORM_LOGICAL_UNIT] = {
		0xc000000000000000, 0x8000000000000000, 0x001f000000000000, 48
	},
	/* Flat space addressing (4.7.7.3) */
	[SCST_LUN_FORM_FLAT] = {
		0xc000000000000000, 0x4000000000000000, 0x3fff000000000000, 48
	},
	/* Extended flat space addressing, 3 and 5 bytes (4.7.7.5.3) */
	[SCST_LUN_FORM_FLAT_3] = {
		0xff00000000000000, 0xd200000000000000, 0x00ffffff00000000, 32
	},
	[SCST_LUN_FORM_FLAT_5] = {
		0xff00000000000000, 0xe200000000000000, 0x00ffffffffff0000, 16
	},
};

static const u8 scst_lun_method_forms[SCST_ADDR_NR] = {
	[SCST_ADDR_PERIPHERAL]	= SCST_LUN_FORM_PERIPHERAL,
	[SCST_ADDR_FLAT]	= SCST_LUN_FORM_FLAT,
	[SCST_ADDR_LUN]		= SCST_LUN_FORM_LOGICAL_UNIT,
};

/* Well known logical unit addressing (SAM-5 4.7.7.5.2) of REPORT LUNS' */
#define SCST_LUN_WELL_KNOWN	0xc101000000000000ULL
/* Logical unit not specified (SAM-5 4.7.7.5.4) */
#define SCST_LUN_NOT_SPECIFIED	(~0ULL)

u64 scst_lun_unpack(const u8 lun[8])
{
	u64 value = get_unaligned_be64(lun);
	unsigned int i;

	if (value == SCST_LUN_WELL_KNOWN)
		return SCST_LUN_REPORT_LUNS;
	for (i = 0; i < ARRAY_SIZE(scst_lun_forms); i++) {
		const struct scst_lun_form *form = &scst_lun_forms[i];

		if ((value & form->mask) != form->value)
			continue;
		if (value & ~(form->mask | form->number))
			break;
		return (value & form->number) >> form->shift;
	}
	return SCST_LUN_INVALID;
}
EXPORT_SYMBOL_IF_KUNIT(scst_lun_unpack);

static bool scst_lun_fits(u64 lun, unsigned int form)
{
	return lun <= scst_lun_forms[form].number >> scst_lun_forms[form].shift;
}

static u64 scst_lun_value(enum scst_addr_method method, u64 lun)
{
	unsigned int form = scst_lun_method_forms[method];

	if (lun == SCST_LUN_REPORT_LUNS)
		return SCST_LUN_WELL_KNOWN;
	if (!scst_lun_fits(lun, form))
		form = SCST_LUN_FORM_FLAT;
	while (!scst_lun_fits(lun, form))
		if (++form == ARRAY_SIZE(scst_lun_forms))
			return SCST_LUN_NOT_SPECIFIED;
	return scst_lun_forms[form].value | lun << scst_lun_forms[form].shift;
}

void scst_lun_pack(enum scst_addr_method method, u64 lun, u8 buf[8])
{
	put_unaligned_be64(scst_lun_value(method, lun), buf);
}
EXPORT_SYMBOL_IF_KUNIT(scst_lun_pack);

static void scst_lun_list_put(const struct scst_lun_list *list, size_t offset,
			      const u8 bytes[8])
{
	if (offset < list->size)
		memcpy(list->buf + offset, bytes,
		       min_t(size_t, 8, list->size - offset));
}

void scst_lun_list_init(struct scst_lun_list *list,
			enum scst_addr_method method, u8 *buf, size_t size)
{
	list->method = method;
	list->buf = buf;
	list->size = size;
	list->len = SCST_LUN_LIST_HEADER;
}
EXPORT_SYMBOL_IF_KUNIT(scst_lun_list_init);

void scst_lun_list_add(struct scst_lun_list *list, u64 lun)
{
	u8 bytes[8];

	scst_lun_pack(list->method, lun, bytes);
	scst_lun_list_put(list, list->len, bytes);
	list->len += sizeof(bytes);
}
EXPORT_SYMBOL_IF_KUNIT(scst_lun_list_add);

/* The LUN LIST LENGTH says what there is, not what fits (SPC-5 6.34). */
size_t scst_lun_list_end(struct scst_lun_list *list)
{
	u8 bytes[SCST_LUN_LIST_HEADER] = {};

	put_unaligned_be32(list->len - SCST_LUN_LIST_HEADER, bytes);
	scst_lun_list_put(list, 0, bytes);
	return min(list->len, list->size);
}
EXPORT_SYMBOL_IF_KUNIT(scst_lun_list_end);

/**
 * struct scst_report_luns - a value of SELECT REPORT
 * @select: the value
 * @ordinary: asks for logical units that are not well known ones
 * @well_known: asks for well known ones
 */
struct scst_report_luns {
	u8	select;
	bool	ordinary;
	bool	well_known;
};

/* SPC-5 6.33.1. No logical unit here is administrative, or a subsidiary. */
static const struct scst_report_luns scst_report_luns[] = {
	{ 0x00, true, false },
	{ 0x01, false, true },
	{ 0x02, true, true },
	{ 0x10, false, false },		/* administrative ones */
	{ 0x11, true, false },		/* those, and those in no conglomerate */
	{ 0x12, false, false },		/* one, and its subsidiaries */
};

bool scst_report_luns_has(u8 select, bool *ordinary, bool *well_known)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scst_report_luns); i++) {
		if (scst_report_luns[i].select != select)
			continue;
		*ordinary = scst_report_luns[i].ordinary;
		*well_known = scst_report_luns[i].well_known;
		return true;
	}
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(scst_report_luns_has);
