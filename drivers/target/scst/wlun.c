// SPDX-License-Identifier: GPL-2.0
/*
 * INQUIRY at the REPORT LUNS well known logical unit (SPC-5 8.2), which every
 * target has. What else it answers is what other logical units do, too.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "scst_pure.h"

/* CDB, byte 1 */
#define SCST_EVPD		0x01

#define SCST_VPD_PAGES		0x00
#define SCST_VPD_ID		0x83

/* Standard INQUIRY data (SPC-5 6.7.2), up to the product revision level */
static int scst_wlun_standard(u8 *buf)
{
	static const u8 head[] = {
		TYPE_WLUN, 0x00,
		0x06,				/* SPC-4 */
		0x02,				/* response data format */
		SCST_WLUN_INQUIRY_MAX - 5,
	};
	static const char ids[] = "SCST    REPORT LUNS     0001";

	memset(buf, 0, SCST_WLUN_INQUIRY_MAX);
	memcpy(buf, head, sizeof(head));
	memcpy(buf + 8, ids, sizeof(ids) - 1);
	return SCST_WLUN_INQUIRY_MAX;
}

static int scst_wlun_vpd_pages(u8 *buf)
{
	static const u8 page[] = {
		TYPE_WLUN, SCST_VPD_PAGES, 0, 2, SCST_VPD_PAGES, SCST_VPD_ID,
	};

	memcpy(buf, page, sizeof(page));
	return sizeof(page);
}

/* A well known logical unit has no name of its own (SPC-5 7.7.6.2.1). */
static int scst_wlun_vpd_id(u16 rel_tgt_id, u8 *buf)
{
	static const u8 page[] = {
		TYPE_WLUN, SCST_VPD_ID, 0, 8,
		/* Binary; target port, relative identifier */
		0x01, 0x14, 0, 4, 0, 0, 0, 0,
	};

	memcpy(buf, page, sizeof(page));
	put_unaligned_be16(rel_tgt_id, buf + 10);
	return sizeof(page);
}

int scst_wlun_inquiry(const u8 *cdb, u16 rel_tgt_id, u8 *buf)
{
	bool evpd = cdb[1] & SCST_EVPD;

	if (evpd && cdb[2] == SCST_VPD_PAGES)
		return scst_wlun_vpd_pages(buf);
	if (evpd && cdb[2] == SCST_VPD_ID)
		return scst_wlun_vpd_id(rel_tgt_id, buf);
	/* SPC-5 6.7.1: without EVPD the page code is zero. */
	if (evpd || cdb[2])
		return -EINVAL;
	return scst_wlun_standard(buf);
}
EXPORT_SYMBOL_IF_KUNIT(scst_wlun_inquiry);
