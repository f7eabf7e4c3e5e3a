// SPDX-License-Identifier: GPL-2.0
/*
 * INQUIRY data that are the same for all types of devices: standard data (SPC-5
 * 6.7) and vital product data pages (7.7).
 */
#include <kunit/visibility.h>
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/t10-pi.h>
#include <linux/unaligned.h>
#include "copy.h"
#include "scst_pure.h"

#define SCST_INQUIRY_STD_LEN	74
#define SCST_VPD_HEADER		4
/* PERIPHERAL QUALIFIER 001b */
#define SCST_INQ_NOT_CONNECTED	0x20
#define SCST_VPD_COPIES		0x8f
/* CDB, byte 1 */
#define SCST_EVPD		0x01

/* VERSION, and version descriptors (SPC-5 table 180), no version claimed */
#define SCST_VERSION_SPC4	0x06
#define SCST_STD_SAM5		0x00a0
#define SCST_STD_SPC4		0x0460
#define SCST_STD_SBC3		0x04c0
#define SCST_STD_SSC4		0x0520
#define SCST_STD_SMC3		0x0480
#define SCST_STD_MMC6		0x04e0
#define SCST_STD_SCC2		0x01e0
#define SCST_STD_SES3		0x0580
#define SCST_STD_RBC		0x0220

/* Designators (SPC-5 7.7.6): CODE SET, and ASSOCIATION with DESIGNATOR TYPE */
#define SCST_CODE_BINARY	0x01
#define SCST_CODE_ASCII		0x02
#define SCST_CODE_UTF8		0x03
#define SCST_DESIG_VENDOR	0x00
#define SCST_DESIG_T10		0x01
#define SCST_DESIG_EUI64	0x02
#define SCST_DESIG_NAA		0x03
#define SCST_DESIG_REL_PORT	0x04
#define SCST_DESIG_PORT_GROUP	0x05
#define SCST_DESIG_LU_GROUP	0x06
#define SCST_DESIG_NAME		0x08
#define SCST_ASSOC_PORT		0x10
#define SCST_ASSOC_DEVICE	0x20

/* Command set standards by peripheral device type; none beside SPC for others */
static const u16 scst_command_sets[] = {
	[TYPE_DISK]		= SCST_STD_SBC3,
	[TYPE_TAPE]		= SCST_STD_SSC4,
	[TYPE_WORM]		= SCST_STD_SBC3,
	[TYPE_ROM]		= SCST_STD_MMC6,
	[TYPE_MOD]		= SCST_STD_SBC3,
	[TYPE_MEDIUM_CHANGER]	= SCST_STD_SMC3,
	[TYPE_RAID]		= SCST_STD_SCC2,
	[TYPE_ENCLOSURE]	= SCST_STD_SES3,
	[TYPE_RBC]		= SCST_STD_RBC,
};

/* Left-aligned, filled with blanks (SPC-5 4.3.1). */
static void scst_inq_field(u8 *buf, const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	memcpy(buf, text, len);
	memset(buf + len, ' ', size - len);
}

/* In the order that SPC-5 6.7.2 recommends */
static void scst_inq_versions(const struct scst_inquiry *inq,
			      const struct scst_inq_port *port, u8 *buf)
{
	const u16 versions[] = {
		SCST_STD_SAM5,
		port->phys_version,
		port->scsi_version,
		SCST_STD_SPC4,
		inq->type < ARRAY_SIZE(scst_command_sets) ?
			scst_command_sets[inq->type] : 0,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		if (!versions[i])
			continue;
		put_unaligned_be16(versions[i], buf);
		buf += 2;
	}
}

static u8 scst_inq_peripheral(const struct scst_inquiry *inq,
			      const struct scst_inq_port *port)
{
	return inq->type | (port->not_connected ? SCST_INQ_NOT_CONNECTED : 0);
}

static void scst_inq_standard(const struct scst_inquiry *inq,
			      const struct scst_inq_port *port,
			      struct scst_inq_page *page)
{
	u8 *buf = page->buf;

	buf[0] = scst_inq_peripheral(inq, port);
	buf[1] = inq->removable ? 0x80 : 0;
	buf[2] = SCST_VERSION_SPC4;
	buf[3] = 0x32;			/* NORMACA, HISUP, format 2 */
	buf[4] = SCST_INQUIRY_STD_LEN - 5;
	buf[5] = port->tpgs << 4;
	if (port->copies)
		buf[5] |= 0x08;		/* 3PC */
	if (inq->pi_type)
		buf[5] |= 0x01;		/* PROTECT */
	buf[6] = 0x10;			/* MULTIP */
	buf[7] = 0x02;			/* CMDQUE */
	scst_inq_field(buf + 8, inq->vendor, SCST_INQ_VENDOR_LEN);
	scst_inq_field(buf + 16, inq->product, SCST_INQ_PRODUCT_LEN);
	scst_inq_field(buf + 32, inq->revision, SCST_INQ_REVISION_LEN);
	scst_inq_field(buf + 36, inq->vend_specific,
		       SCST_INQ_VEND_SPECIFIC_LEN);
	scst_inq_versions(inq, port, buf + 58);
	page->len = SCST_INQUIRY_STD_LEN;
}

static void scst_inq_add(struct scst_inq_page *page, const void *data,
			 size_t len)
{
	memcpy(page->buf + page->len, data, len);
	page->len += len;
}

/* 80h: unit serial number; blanks if there is none (SPC-5 7.7.19) */
static void scst_vpd_serial(const struct scst_inquiry *inq,
			    const struct scst_inq_port *port,
			    struct scst_inq_page *page)
{
	const char *usn = inq->usn[0] ? inq->usn : "    ";

	scst_inq_add(page, usn, strnlen(usn, SCST_INQ_ID_LEN));
}

static void scst_put_designator(struct scst_inq_page *page, u8 code_set,
				u8 type, const void *data, u8 len)
{
	const u8 head[] = { code_set, type, 0, len };

	scst_inq_add(page, head, sizeof(head));
	scst_inq_add(page, data, len);
}

static void scst_put_t10(struct scst_inq_page *page,
			 const struct scst_inquiry *inq)
{
	u8 data[SCST_INQ_VENDOR_LEN + SCST_INQ_ID_LEN];
	size_t len = strnlen(inq->t10_dev_id, SCST_INQ_ID_LEN);

	scst_inq_field(data, inq->vendor, SCST_INQ_VENDOR_LEN);
	memcpy(data + SCST_INQ_VENDOR_LEN, inq->t10_dev_id, len);
	scst_put_designator(page, SCST_CODE_ASCII, SCST_DESIG_T10, data,
			    SCST_INQ_VENDOR_LEN + len);
}

/* A NUL, and more of them up to a multiple of four (SPC-5 7.7.6.11) */
static void scst_put_name(struct scst_inq_page *page, u8 assoc,
			  const char *name)
{
	u8 data[ALIGN(SCST_INQ_PORT_NAME_LEN + 1, 4)] = {};
	size_t len = strlen(name);

	if (!len || len > SCST_INQ_PORT_NAME_LEN)
		return;
	memcpy(data, name, len);
	scst_put_designator(page, SCST_CODE_UTF8, assoc | SCST_DESIG_NAME,
			    data, ALIGN(len + 1, 4));
}

static void scst_put_number(struct scst_inq_page *page, u8 type, u16 number)
{
	u8 data[4];

	put_unaligned_be32(number, data);
	scst_put_designator(page, SCST_CODE_BINARY, type, data, sizeof(data));
}

static void scst_put_rel_port(struct scst_inq_page *page, u16 rel_tgt_id)
{
	scst_put_number(page, SCST_ASSOC_PORT | SCST_DESIG_REL_PORT,
			rel_tgt_id);
}

/* SPC-5 7.7.6.8 and 7.7.6.9 */
static void scst_put_groups(struct scst_inq_page *page,
			    const struct scst_inq_port *port)
{
	if (!port->tpgs)
		return;
	scst_put_number(page, SCST_ASSOC_PORT | SCST_DESIG_PORT_GROUP,
			port->group_id);
	scst_put_number(page, SCST_DESIG_LU_GROUP, port->lu_group_id);
}

/*
 * 83h: device identification. A well known logical unit has no name of its own
 * (SPC-5 7.7.6.2.1).
 */
static void scst_vpd_identification(const struct scst_inquiry *inq,
				    const struct scst_inq_port *port,
				    struct scst_inq_page *page)
{
	const char *device = inq->scsi_device_name;

	if (inq->naa && inq->naa->len)
		scst_put_designator(page, SCST_CODE_BINARY, SCST_DESIG_NAA,
				    inq->naa->data, inq->naa->len);
	if (inq->t10_dev_id)
		scst_put_t10(page, inq);
	if (inq->eui64 && inq->eui64->len)
		scst_put_designator(page, SCST_CODE_BINARY, SCST_DESIG_EUI64,
				    inq->eui64->data, inq->eui64->len);
	if (inq->vend_specific_id[0])
		scst_put_designator(page, SCST_CODE_ASCII, SCST_DESIG_VENDOR,
				    inq->vend_specific_id,
				    strnlen(inq->vend_specific_id,
					    SCST_INQ_ID_LEN));
	scst_put_rel_port(page, port->rel_tgt_id);
	scst_put_groups(page, port);
	if (port->port_name)
		scst_put_name(page, SCST_ASSOC_PORT, port->port_name);
	if (!device[0])
		device = port->device_name;
	if (device)
		scst_put_name(page, SCST_ASSOC_DEVICE, device);
}

/*
 * SPT (SPC-5 table 498): the one type that the administrator has chosen; and
 * GRD_CHK, APP_CHK, REF_CHK
 */
static u8 scst_inq_protection(u8 pi_type)
{
	static const u8 spt[] = {
		[T10_PI_TYPE1_PROTECTION] = 0,
		[T10_PI_TYPE2_PROTECTION] = 2,
		[T10_PI_TYPE3_PROTECTION] = 4,
	};

	return pi_type ? spt[pi_type] << 3 | 0x07 : 0;
}

/*
 * 86h: extended INQUIRY data. What is zero is so because there is no command
 * priority, grouping, WRITE UNCORRECTABLE, referrals,
 * self-test or microcode, and since no unit attention has sense key specific
 * data.
 */
static void scst_vpd_extended(const struct scst_inquiry *inq,
			      const struct scst_inq_port *port,
			      struct scst_inq_page *page)
{
	page->buf[4] = scst_inq_protection(inq->pi_type);
	page->buf[5] = 0x07;		/* HEADSUP, ORDSUP, SIMPSUP */
	/* NV_SUP or V_SUP: what SYNCHRONIZE CACHE and FUA are about */
	if (inq->nv_cache)
		page->buf[6] = 0x02;
	else if (inq->v_cache)
		page->buf[6] = 0x01;
	page->buf[7] = 0x01;		/* LUICLR: REPORTED LUNS ... of all */
	if (inq->rtd)
		page->buf[8] = 0x08;	/* RTD_SUP */
	page->buf[13] = SCST_SENSE_SIZE;
	page->len = 64;
}

/* 87h: mode page policy: every mode page is one for all nexuses */
static void scst_vpd_mode_policy(const struct scst_inquiry *inq,
				 const struct scst_inq_port *port,
				 struct scst_inq_page *page)
{
	static const u8 shared[] = { 0x3f, 0xff, 0x00, 0 };

	scst_inq_add(page, shared, sizeof(shared));
}

/* It has no TransportIDs of initiator ports, since it is none. */
static void scst_put_port(struct scst_inq_page *page, u16 rel_tgt_id)
{
	u8 *buf = page->buf + page->len;

	put_unaligned_be16(rel_tgt_id, buf + 2);
	put_unaligned_be16(SCST_INQ_PORT_LEN - 12, buf + 10);
	page->len += 12;
	scst_put_rel_port(page, rel_tgt_id);
}

/* 88h: SCSI ports, those where other initiators see the device included */
static void scst_vpd_ports(const struct scst_inquiry *inq,
			   const struct scst_inq_port *port,
			   struct scst_inq_page *page)
{
	unsigned int i;

	for (i = 0; i < port->nr_ports; i++)
		scst_put_port(page, port->ports[i]);
}

/* 8Fh: third-party copy */
static void scst_vpd_copies(const struct scst_inquiry *inq,
			    const struct scst_inq_port *port,
			    struct scst_inq_page *page)
{
	scst_vpd_copy(page, port->block_shift);
}

static void scst_vpd_supported(const struct scst_inquiry *inq,
			       const struct scst_inq_port *port,
			       struct scst_inq_page *page);

/* In ascending order; those that a well known logical unit has, too */
static const struct {
	u8	code;
	bool	wlun;
	void	(*build)(const struct scst_inquiry *inq,
			 const struct scst_inq_port *port,
			 struct scst_inq_page *page);
} scst_vpds[] = {
	{ 0x00, true, scst_vpd_supported },
	{ 0x80, false, scst_vpd_serial },
	{ 0x83, true, scst_vpd_identification },
	{ 0x86, true, scst_vpd_extended },
	{ 0x87, false, scst_vpd_mode_policy },
	{ SCST_VPD_PORTS, false, scst_vpd_ports },
	{ SCST_VPD_COPIES, false, scst_vpd_copies },
};

static bool scst_vpd_has(const struct scst_inquiry *inq,
			 const struct scst_inq_port *port, unsigned int row)
{
	if (scst_vpds[row].code == SCST_VPD_COPIES && !port->copies)
		return false;
	return inq->type != TYPE_WLUN || scst_vpds[row].wlun;
}

/* 00h: supported VPD pages */
static void scst_vpd_supported(const struct scst_inquiry *inq,
			       const struct scst_inq_port *port,
			       struct scst_inq_page *page)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scst_vpds); i++)
		if (scst_vpd_has(inq, port, i))
			page->buf[page->len++] = scst_vpds[i].code;
	for (i = 0; i < inq->nr_pages; i++)
		page->buf[page->len++] = inq->pages[i].code;
}

/* Return: there is such a page. */
static bool scst_vpd_body(const struct scst_inquiry *inq,
			  const struct scst_inq_port *port, u8 code,
			  struct scst_inq_page *page)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scst_vpds); i++) {
		if (scst_vpds[i].code != code || !scst_vpd_has(inq, port, i))
			continue;
		scst_vpds[i].build(inq, port, page);
		return true;
	}
	for (i = 0; i < inq->nr_pages; i++) {
		if (inq->pages[i].code != code)
			continue;
		inq->pages[i].build(inq->priv, page);
		return true;
	}
	return false;
}

int scst_inquiry_build(const struct scst_inquiry *inq,
		       const struct scst_inq_port *port, const u8 *cdb,
		       struct scst_inq_page *page)
{
	u8 code = cdb[2];

	memset(page, 0, sizeof(*page));
	if (!(cdb[1] & SCST_EVPD)) {
		/* SPC-5 6.7.1: without EVPD the page code is zero. */
		if (code)
			return -EINVAL;
		scst_inq_standard(inq, port, page);
		return 0;
	}

	page->buf[0] = scst_inq_peripheral(inq, port);
	page->buf[1] = code;
	page->len = SCST_VPD_HEADER;
	if (!scst_vpd_body(inq, port, code, page))
		return -EINVAL;
	put_unaligned_be16(page->len - SCST_VPD_HEADER, page->buf + 2);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(scst_inquiry_build);
