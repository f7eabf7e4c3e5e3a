// SPDX-License-Identifier: GPL-2.0
/*
 * The log pages of a virtual disk (SPC-5 7.3, SBC-4 6.4): what can be counted
 * or asked for, and nothing that would have to be made up.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "vdisk_log.h"

/* PAGE CONTROL of both commands (SPC-5 table 164) */
#define VDISK_LOG_CUMULATIVE		1
#define VDISK_LOG_DEFAULT_CUMULATIVE	3

/* LOG SELECT, byte 1 */
#define VDISK_LOG_SP			0x01
#define VDISK_LOG_PCR			0x02

/* First byte of a page */
#define VDISK_LOG_DS			0x80
#define VDISK_LOG_SPF			0x40
#define VDISK_LOG_CODE			0x3f
#define VDISK_LOG_SUBPAGES		0xff

/*
 * Parameter control byte: nothing is ever saved (TSD); an unbounded counter, or
 * a list of bytes (FORMAT AND LINKING)
 */
#define VDISK_LOG_COUNTER		0x22
#define VDISK_LOG_LIST			0x23

#define VDISK_LOG_HEADER		4

/* SCOPE of resources (SBC-4 table 143): those of the disk, or shared ones */
#define VDISK_SCOPE_OWN			0x01
#define VDISK_SCOPE_SHARED		0x02

/* MOST RECENT TEMPERATURE READING: none */
#define VDISK_NO_TEMPERATURE		0xff

/**
 * struct vdisk_log_page - a log page
 * @code: page code
 * @subpage: subpage code
 * @thin: there is one if there are resources to tell of
 * @counters: LOG SELECT can reset it
 * @last: the highest parameter code
 * @fill: what comes after the header, in a buffer that is zeroed; the values
 *	or, for @initial, the default ones. Returns bytes.
 */
struct vdisk_log_page {
	u8		code;
	u8		subpage;
	bool		thin;
	bool		counters;
	u16		last;
	unsigned int	(*fill)(const struct vdisk_log *log, bool initial,
				u8 *buf);
};

static const struct vdisk_log_page *
vdisk_log_page(const struct vdisk_log *log, unsigned int i);

static unsigned int vdisk_log_pages_list(const struct vdisk_log *log,
					 bool initial, u8 *buf)
{
	const struct vdisk_log_page *page;
	unsigned int i, len = 0;

	for (i = 0; (page = vdisk_log_page(log, i)); i++)
		if (!page->subpage)
			buf[len++] = page->code;
	return len;
}

static unsigned int vdisk_log_subpages_list(const struct vdisk_log *log,
					    bool initial, u8 *buf)
{
	const struct vdisk_log_page *page;
	unsigned int i, len = 0;

	for (i = 0; (page = vdisk_log_page(log, i)); i++) {
		buf[len++] = page->code;
		buf[len++] = page->subpage;
	}
	return len;
}

static unsigned int vdisk_log_param(u8 *buf, u16 code, u8 control, u8 len)
{
	put_unaligned_be16(code, buf);
	buf[2] = control;
	buf[3] = len;
	return VDISK_LOG_HEADER + len;
}

static unsigned int vdisk_log_resource(u8 *buf, u16 code, u32 count, u8 scope)
{
	put_unaligned_be32(count, buf + 4);
	buf[8] = scope;
	return vdisk_log_param(buf, code, VDISK_LOG_LIST, 8);
}

/* Others take from what is left as well: files of the same file system. */
static unsigned int vdisk_log_fill_lbp(const struct vdisk_log *log,
				       bool initial, u8 *buf)
{
	unsigned int len;

	len = vdisk_log_resource(buf, 1, log->available, VDISK_SCOPE_SHARED);
	return len + vdisk_log_resource(buf + len, 2, log->used,
					VDISK_SCOPE_OWN);
}

/*
 * What would cost a look at the clock for each command is zero: processing
 * intervals and weighted numbers.
 */
static unsigned int vdisk_log_fill_general(const struct vdisk_log *log,
					   bool initial, u8 *buf)
{
	if (!initial) {
		put_unaligned_be64(log->reads, buf + 4);
		put_unaligned_be64(log->writes, buf + 12);
		put_unaligned_be64(log->received, buf + 20);
		put_unaligned_be64(log->transmitted, buf + 28);
	}
	return vdisk_log_param(buf, 1, VDISK_LOG_COUNTER, 64);
}

/* ADDITIONAL SENSE CODE zero: no exception */
static unsigned int vdisk_log_fill_exceptions(const struct vdisk_log *log,
					      bool initial, u8 *buf)
{
	buf[6] = VDISK_NO_TEMPERATURE;
	return vdisk_log_param(buf, 0, VDISK_LOG_LIST, 4);
}

/* In ascending order, as the first two want it */
static const struct vdisk_log_page vdisk_log_pages[] = {
	{	/* Supported Log Pages */
		.code = 0x00,
		.fill = vdisk_log_pages_list,
	}, {	/* Supported Log Pages and Subpages */
		.code = 0x00, .subpage = VDISK_LOG_SUBPAGES,
		.fill = vdisk_log_subpages_list,
	}, {	/* Logical Block Provisioning */
		.code = VDISK_LOG_LBP, .thin = true, .last = 2,
		.fill = vdisk_log_fill_lbp,
	}, {	/* General Statistics and Performance */
		.code = 0x19, .counters = true, .last = 1,
		.fill = vdisk_log_fill_general,
	}, {	/* Informational Exceptions */
		.code = 0x2f,
		.fill = vdisk_log_fill_exceptions,
	},
};

static const struct vdisk_log_page *
vdisk_log_page(const struct vdisk_log *log, unsigned int i)
{
	const struct vdisk_log_page *page = vdisk_log_pages;

	for (; page < vdisk_log_pages + ARRAY_SIZE(vdisk_log_pages); page++)
		if ((log->thin || !page->thin) && !i--)
			return page;
	return NULL;
}

static void vdisk_log_refuse(struct scst_cdb_error *err, scst_sense_t sense,
			     u16 byte, s8 bit)
{
	*err = (struct scst_cdb_error) {
		.sense = sense, .byte = byte, .bit = bit,
	};
}

/* It is the subpage that is not there, or the page itself. */
static const struct vdisk_log_page *
vdisk_log_find(const struct vdisk_log *log, u8 code, u8 subpage,
	       struct scst_cdb_error *err)
{
	const struct vdisk_log_page *page;
	bool there = false;
	unsigned int i;

	for (i = 0; (page = vdisk_log_page(log, i)); i++) {
		if (page->code != code)
			continue;
		if (page->subpage == subpage)
			return page;
		there = true;
	}
	vdisk_log_refuse(err, SCST_SENSE_INVALID_FIELD_CDB, there ? 3 : 2,
			 there ? 7 : 5);
	return NULL;
}

/* Parameters before the one that PARAMETER POINTER names are left out. */
static unsigned int vdisk_log_skip(u8 *params, unsigned int len, u16 from)
{
	unsigned int pos = 0;

	while (pos < len && get_unaligned_be16(params + pos) < from)
		pos += VDISK_LOG_HEADER + params[pos + 3];
	memmove(params, params + pos, len - pos);
	return len - pos;
}

/*
 * Saving (SP) is refused. So are thresholds of counters, which have none; for
 * lists PC means nothing.
 */
static bool vdisk_log_check_sense(const struct vdisk_log_page *page,
				  const u8 *cdb, struct scst_cdb_error *err)
{
	u8 pc = cdb[2] >> 6;

	if (cdb[1] & VDISK_LOG_SP) {
		vdisk_log_refuse(err, SCST_SENSE_INVALID_FIELD_CDB, 1, 0);
		return false;
	}
	if (page->counters && pc != VDISK_LOG_CUMULATIVE &&
	    pc != VDISK_LOG_DEFAULT_CUMULATIVE) {
		vdisk_log_refuse(err, SCST_SENSE_INVALID_FIELD_CDB, 2, 7);
		return false;
	}
	if (get_unaligned_be16(cdb + 5) > page->last) {
		vdisk_log_refuse(err, SCST_SENSE_INVALID_FIELD_CDB, 5, 7);
		return false;
	}
	return true;
}

unsigned int vdisk_log_sense(const struct vdisk_log *log, const u8 *cdb,
			     u8 *buf, struct scst_cdb_error *err)
{
	bool initial = cdb[2] >> 6 == VDISK_LOG_DEFAULT_CUMULATIVE;
	const struct vdisk_log_page *page;
	unsigned int len;

	page = vdisk_log_find(log, cdb[2] & VDISK_LOG_CODE, cdb[3], err);
	if (!page || !vdisk_log_check_sense(page, cdb, err))
		return 0;
	memset(buf, 0, VDISK_LOG_MAX);
	len = page->fill(log, initial, buf + VDISK_LOG_HEADER);
	if (page->last)
		len = vdisk_log_skip(buf + VDISK_LOG_HEADER, len,
				     get_unaligned_be16(cdb + 5));
	buf[0] = page->code;
	if (page->code)
		buf[0] |= VDISK_LOG_DS;
	if (page->subpage)
		buf[0] |= VDISK_LOG_SPF;
	buf[1] = page->subpage;
	put_unaligned_be16(len, buf + 2);
	return len + VDISK_LOG_HEADER;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_log_sense);

/*
 * Without a list the CDB says which pages are meant (SPC-5 table 159): one, all
 * subpages of a page, or, 00h/00h, all there are.
 */
static bool vdisk_log_reset(const struct vdisk_log *log, const u8 *cdb,
			    bool *reset, struct scst_cdb_error *err)
{
	u8 code = cdb[2] & VDISK_LOG_CODE, subpage = cdb[3];
	const struct vdisk_log_page *page;

	if (!code && !subpage) {
		*reset = true;
		return true;
	}
	page = vdisk_log_find(log, code, subpage == VDISK_LOG_SUBPAGES ?
					 0 : subpage, err);
	if (!page)
		return false;
	*reset = page->counters;
	return true;
}

/*
 * Values come back to what they were at first with PCR, or with default
 * cumulative values. There is none that could be set to something else.
 */
bool vdisk_log_select(const struct vdisk_log *log, const u8 *cdb,
		      unsigned int len, bool *reset,
		      struct scst_cdb_error *err)
{
	bool pcr = cdb[1] & VDISK_LOG_PCR;

	*reset = false;
	if (cdb[1] & VDISK_LOG_SP) {
		vdisk_log_refuse(err, SCST_SENSE_INVALID_FIELD_CDB, 1, 0);
		return false;
	}
	if (!len) {
		if (!vdisk_log_reset(log, cdb, reset, err))
			return false;
		*reset &= pcr || cdb[2] >> 6 == VDISK_LOG_DEFAULT_CUMULATIVE;
		return true;
	}
	if (pcr)
		vdisk_log_refuse(err, SCST_SENSE_INVALID_FIELD_CDB, 1, 1);
	else if (cdb[2] & VDISK_LOG_CODE)
		vdisk_log_refuse(err, SCST_SENSE_INVALID_FIELD_CDB, 2, 5);
	else if (cdb[3])
		vdisk_log_refuse(err, SCST_SENSE_INVALID_FIELD_CDB, 3, 7);
	else if (len < VDISK_LOG_HEADER)
		vdisk_log_refuse(err, SCST_SENSE_PARAM_LIST_LENGTH, 0, -1);
	else
		vdisk_log_refuse(err, SCST_SENSE_INVALID_FIELD_PARAM, 0, 5);
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(vdisk_log_select);
