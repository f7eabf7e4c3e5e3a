// SPDX-License-Identifier: GPL-2.0
/*
 * The Control mode page (SPC-5 7.5.10) and the Control Extension mode page
 * (SPC-5 7.5.11): one table of fields, from which all else follows.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/export.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <scst/mode.h>
#include "scst_pure.h"

/*
 * No limit to how long a command may wait for its turn; EXTENDED SELF-TEST
 * COMPLETION TIME is zero, since there is no such test.
 */
#define SCST_CONTROL_BUSY_TIMEOUT	0xffff

/**
 * struct scst_control_field - a field that can be changed
 * @where: offset in struct scst_control; one byte
 * @byte: offset in the page
 * @shift: its least significant bit
 * @mask: its width, at bit 0
 * @legal: BIT(value) of those that are neither reserved nor vendor specific
 */
struct scst_control_field {
	u8	where;
	u8	byte;
	u8	shift;
	u8	mask;
	u8	legal;
};

static const struct scst_control_field scst_control_fields[SCST_CTL_NR] = {
	[SCST_CTL_TST] = {
		offsetof(struct scst_control, tst), 2, 5, 0x07,
		BIT(0) | BIT(1)
	},
	[SCST_CTL_TMF_ONLY] = {
		offsetof(struct scst_control, tmf_only), 2, 4, 0x01,
		BIT(0) | BIT(1)
	},
	[SCST_CTL_DPICZ] = {
		offsetof(struct scst_control, dpicz), 2, 3, 0x01,
		BIT(0) | BIT(1)
	},
	[SCST_CTL_D_SENSE] = {
		offsetof(struct scst_control, d_sense), 2, 2, 0x01,
		BIT(0) | BIT(1)
	},
	[SCST_CTL_QAM] = {
		offsetof(struct scst_control, qam), 3, 4, 0x0f,
		BIT(0) | BIT(1)
	},
	[SCST_CTL_QERR] = {
		offsetof(struct scst_control, qerr), 3, 1, 0x03,
		BIT(0) | BIT(1) | BIT(3)
	},
	[SCST_CTL_UA_INTLCK] = {
		offsetof(struct scst_control, ua_intlck), 4, 4, 0x03,
		BIT(0) | BIT(2) | BIT(3)
	},
	[SCST_CTL_SWP] = {
		offsetof(struct scst_control, swp), 4, 3, 0x01,
		BIT(0) | BIT(1)
	},
	[SCST_CTL_TAS] = {
		offsetof(struct scst_control, tas), 5, 6, 0x01,
		BIT(0) | BIT(1)
	},
};

u8 scst_control_get(const struct scst_control *control,
		    enum scst_control_id id)
{
	return READ_ONCE(*((const u8 *)control +
			   scst_control_fields[id].where));
}
EXPORT_SYMBOL_IF_KUNIT(scst_control_get);

bool scst_control_put(struct scst_control *control, enum scst_control_id id,
		      unsigned int value)
{
	const struct scst_control_field *field = &scst_control_fields[id];

	if (value > field->mask || value >= BITS_PER_TYPE(field->legal) ||
	    !(field->legal & BIT(value)))
		return false;
	WRITE_ONCE(*((u8 *)control + field->where), value);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(scst_control_put);

static void scst_control_header(u8 *page)
{
	memset(page, 0, SCST_CONTROL_LEN);
	page[0] = SCST_CONTROL_CODE;
	page[1] = SCST_CONTROL_LEN - 2;
}

void scst_control_fill(const struct scst_control *control, u8 *page)
{
	int i;

	scst_control_header(page);
	put_unaligned_be16(SCST_CONTROL_BUSY_TIMEOUT, page + 8);
	for (i = 0; i < SCST_CTL_NR; i++)
		page[scst_control_fields[i].byte] |=
			scst_control_get(control, i) <<
			scst_control_fields[i].shift;
}
EXPORT_SYMBOL_GPL(scst_control_fill);

/* SPC-5 6.14.1: a field of which one bit can be changed is all ones. */
void scst_control_changeable(u8 *page)
{
	int i;

	scst_control_header(page);
	for (i = 0; i < SCST_CTL_NR; i++)
		page[scst_control_fields[i].byte] |=
			scst_control_fields[i].mask <<
			scst_control_fields[i].shift;
}
EXPORT_SYMBOL_GPL(scst_control_changeable);

unsigned int scst_control_select(struct scst_control *control, const u8 *page,
				 u8 *bit)
{
	struct scst_control next = *control;
	int i;

	for (i = 0; i < SCST_CTL_NR; i++) {
		const struct scst_control_field *field =
			&scst_control_fields[i];
		u8 value = page[field->byte] >> field->shift & field->mask;

		if (!scst_control_put(&next, i, value)) {
			*bit = field->shift + fls(field->mask) - 1;
			return field->byte;
		}
	}
	*control = next;
	return 0;
}
EXPORT_SYMBOL_GPL(scst_control_select);

/*
 * TCMOS, SCSIP, IALUAE and INITIAL COMMAND PRIORITY are zero: no timestamp, no
 * implicit ALUA, no priorities.
 */
void scst_control_ext_fill(u8 *page)
{
	memset(page, 0, SCST_CONTROL_EXT_LEN);
	page[0] = 0x40 | SCST_CONTROL_CODE;	/* SPF */
	page[1] = SCST_CONTROL_EXT_CODE;
	put_unaligned_be16(SCST_CONTROL_EXT_LEN - 4, page + 2);
	page[6] = SCST_SENSE_SIZE;	/* MAXIMUM SENSE DATA LENGTH */
}
EXPORT_SYMBOL_GPL(scst_control_ext_fill);
