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

/* In the order in which scst_lun_pack() tries them */
static const struct scst_lun_form scst_lun_forms[] = {
	/* Peripheral device addressing with bus identifier 0 (4.7.7.2) */
	{ 0xc000000000000000, 0x0000000000000000, 0x00ff000000000000, 48 },
	/* Flat space addressing (4.7.7.3) */
	{ 0xc000000000000000, 0x4000000000000000, 0x3fff000000000000, 48 },
	/* Extended flat space addressing, 3 and 5 bytes (4.7.7.5.3) */
	{ 0xff00000000000000, 0xd200000000000000, 0x00ffffff00000000, 32 },
	{ 0xff00000000000000, 0xe200000000000000, 0x00ffffffffff0000, 16 },
	/* Logical unit addressing with bus 0 and target 0 (4.7.7.4) */
	{ 0xc000000000000000, 0x8000000000000000, 0x001f000000000000, 48 },
};

/* Logical unit not specified (SAM-5 4.7.7.5.4) */
#define SCST_LUN_NOT_SPECIFIED	(~0ULL)

u64 scst_lun_unpack(const u8 lun[8])
{
	u64 value = get_unaligned_be64(lun);
	unsigned int i;

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

void scst_lun_pack(u64 lun, u8 buf[8])
{
	u64 value = SCST_LUN_NOT_SPECIFIED;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scst_lun_forms); i++) {
		const struct scst_lun_form *form = &scst_lun_forms[i];

		if (lun <= form->number >> form->shift) {
			value = form->value | lun << form->shift;
			break;
		}
	}
	put_unaligned_be64(value, buf);
}
EXPORT_SYMBOL_IF_KUNIT(scst_lun_pack);

static void scst_lun_list_put(const struct scst_lun_list *list, size_t offset,
			      const u8 bytes[8])
{
	if (offset < list->size)
		memcpy(list->buf + offset, bytes,
		       min_t(size_t, 8, list->size - offset));
}

void scst_lun_list_init(struct scst_lun_list *list, u8 *buf, size_t size)
{
	list->buf = buf;
	list->size = size;
	list->len = SCST_LUN_LIST_HEADER;
}
EXPORT_SYMBOL_IF_KUNIT(scst_lun_list_init);

void scst_lun_list_add(struct scst_lun_list *list, u64 lun)
{
	u8 bytes[8];

	scst_lun_pack(lun, bytes);
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
