// SPDX-License-Identifier: GPL-2.0
/*
 * INQUIRY: standard data and vital product data pages (SPC-5 6.7 and 7.7,
 * SBC-4 6.6).
 */
#include <linux/align.h>
#include <linux/bits.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/xxhash.h>
#include "vdisk.h"

#define VDISK_INQUIRY_LEN	74
#define VDISK_VPD_HEADER	4
/* The largest page is 83h with four designators of at most 255 bytes and two
 * short ones.
 */
#define VDISK_INQUIRY_MAX	1280

/* Version descriptors (SPC-5 table 180), no version claimed */
#define VDISK_VERSION_SAM5	0x00a0
#define VDISK_VERSION_SPC4	0x0460
#define VDISK_VERSION_SBC3	0x04c0
#define VDISK_VERSION_SPC_4	0x06	/* VERSION field */

/* Designators (SPC-5 7.7.6): CODE SET, and ASSOCIATION with DESIGNATOR TYPE */
#define VDISK_CODE_BINARY	0x01
#define VDISK_CODE_ASCII	0x02
#define VDISK_DESIG_VENDOR	0x00
#define VDISK_DESIG_T10		0x01
#define VDISK_DESIG_EUI64	0x02
#define VDISK_DESIG_NAA		0x03
#define VDISK_DESIG_REL_PORT	0x04
#define VDISK_ASSOC_PORT	0x10

/* SCSI ports (SPC-5 7.7.14), whose descriptors here are all of one length */
#define VDISK_VPD_PORTS		0x88
#define VDISK_PORT_DESC_LEN	20
#define VDISK_MAX_PORTS		((VDISK_INQUIRY_MAX - VDISK_VPD_HEADER) / \
				 VDISK_PORT_DESC_LEN)

/* NAA 3h: locally assigned (SPC-5 7.7.6.6.4) */
#define VDISK_NAA_LOCAL		(3ULL << 60)

/* Block limits (SBC-4 6.6.4), byte 4 */
#define VDISK_WSNZ		0x01

/* Logical block provisioning (SBC-4 6.6.9): bytes 5 and 6 */
#define VDISK_LBPU		0x80
#define VDISK_LBPWS		0x40
#define VDISK_LBPWS10		0x20
#define VDISK_VPD_LBPRZ		0x04
#define VDISK_THIN		0x02

/**
 * struct vdisk_page - INQUIRY data in the making
 * @buf: zeroed
 * @len: bytes so far
 */
struct vdisk_page {
	u8		buf[VDISK_INQUIRY_MAX];
	unsigned int	len;
};

/* Stable over boots and machines: what the name says, and nothing else. */
void vdisk_default_id(struct vdisk *vd, const char *vendor)
{
	u64 hash = xxh64(vd->dev.name, strlen(vd->dev.name), 0);
	struct vdisk_id *id = &vd->id;

	strscpy(id->vendor, vendor, sizeof(id->vendor));
	strscpy(id->product, vd->dev.name, sizeof(id->product));
	strscpy(id->revision, "400", sizeof(id->revision));
	snprintf(id->t10_dev_id, sizeof(id->t10_dev_id), "%016llx", hash);
	snprintf(id->usn, sizeof(id->usn), "%016llx", hash);
	id->naa = VDISK_NAA_LOCAL | (hash & GENMASK_ULL(59, 0));
}

/* Left-aligned, filled with blanks (SPC-5 4.3.1). */
static void vdisk_put_field(u8 *buf, const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	memcpy(buf, text, len);
	memset(buf + len, ' ', size - len);
}

static u8 vdisk_peripheral(const struct scst_cmd *cmd)
{
	return cmd->dev->type;
}

static void vdisk_standard_inquiry(struct scst_cmd *cmd,
				   struct vdisk_page *page)
{
	const struct scst_tgt *tgt = cmd->sess->tgt;
	const struct vdisk *vd = to_vdisk(cmd->dev);
	u16 versions[] = {
		VDISK_VERSION_SAM5,
		tgt->scsi_transport_version,
		tgt->phys_transport_version,
		VDISK_VERSION_SPC4,
		VDISK_VERSION_SBC3,
	};
	u8 *buf = page->buf;
	unsigned int i;

	buf[0] = vdisk_peripheral(cmd);
	buf[1] = vd->removable ? 0x80 : 0;
	buf[2] = VDISK_VERSION_SPC_4;
	buf[3] = 0x32;			/* NORMACA, HISUP, format 2 */
	buf[4] = VDISK_INQUIRY_LEN - 5;
	buf[6] = 0x10;			/* MULTIP */
	buf[7] = 0x02;			/* CMDQUE */
	vdisk_put_field(buf + 8, vd->id.vendor, VDISK_VENDOR_LEN);
	vdisk_put_field(buf + 16, vd->id.product, VDISK_PRODUCT_LEN);
	vdisk_put_field(buf + 32, vd->id.revision, VDISK_REV_LEN);
	vdisk_put_field(buf + 36, vd->id.vend_specific,
			VDISK_VEND_SPECIFIC_LEN);
	buf += 58;
	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		if (!versions[i])
			continue;
		put_unaligned_be16(versions[i], buf);
		buf += 2;
	}
	page->len = VDISK_INQUIRY_LEN;
}

static void vdisk_vpd_supported(struct scst_cmd *cmd, struct vdisk_page *page);

/* 80h: unit serial number */
static void vdisk_vpd_serial(struct scst_cmd *cmd, struct vdisk_page *page)
{
	const char *usn = to_vdisk(cmd->dev)->id.usn;
	size_t len = strlen(usn);

	memcpy(page->buf + page->len, usn, len);
	page->len += len;
}

static void vdisk_put_designator(struct vdisk_page *page, u8 code_set, u8 type,
				 const void *data, u8 len)
{
	u8 *buf = page->buf + page->len;

	buf[0] = code_set;
	buf[1] = type;
	buf[3] = len;
	memcpy(buf + 4, data, len);
	page->len += 4 + len;
}

static void vdisk_put_t10_designator(struct vdisk_page *page,
				     const struct vdisk_id *id)
{
	u8 data[VDISK_VENDOR_LEN + VDISK_ID_LEN];
	size_t len = strlen(id->t10_dev_id);

	vdisk_put_field(data, id->vendor, VDISK_VENDOR_LEN);
	memcpy(data + VDISK_VENDOR_LEN, id->t10_dev_id, len);
	vdisk_put_designator(page, VDISK_CODE_ASCII, VDISK_DESIG_T10, data,
			     VDISK_VENDOR_LEN + len);
}

/* 83h: device identification */
static void vdisk_vpd_identification(struct scst_cmd *cmd,
				     struct vdisk_page *page)
{
	const struct vdisk_id *id = &to_vdisk(cmd->dev)->id;
	const struct scst_tgt *tgt = cmd->sess->tgt;
	u8 data[8];

	put_unaligned_be64(id->naa, data);
	if (id->naa)
		vdisk_put_designator(page, VDISK_CODE_BINARY, VDISK_DESIG_NAA,
				     data, sizeof(data));
	vdisk_put_t10_designator(page, id);
	put_unaligned_be64(id->eui64, data);
	if (id->eui64)
		vdisk_put_designator(page, VDISK_CODE_BINARY,
				     VDISK_DESIG_EUI64, data, sizeof(data));
	if (id->vend_specific_id[0])
		vdisk_put_designator(page, VDISK_CODE_ASCII,
				     VDISK_DESIG_VENDOR, id->vend_specific_id,
				     strlen(id->vend_specific_id));
	put_unaligned_be32(tgt->rel_tgt_id, data);
	vdisk_put_designator(page, VDISK_CODE_BINARY,
			     VDISK_ASSOC_PORT | VDISK_DESIG_REL_PORT, data, 4);
}

/* 86h: extended INQUIRY data */
static void vdisk_vpd_extended(struct scst_cmd *cmd, struct vdisk_page *page)
{
	const struct vdisk *vd = to_vdisk(cmd->dev);

	page->buf[5] = 0x07;		/* HEADSUP, ORDSUP, SIMPSUP */
	/* NV_SUP or V_SUP: what SYNCHRONIZE CACHE and FUA are about */
	if (vd->nv_cache)
		page->buf[6] = 0x02;
	else if (!vd->write_through)
		page->buf[6] = 0x01;
	page->buf[7] = 0x01;		/* LUICLR */
	page->len = 64;
}

/* It has no TransportIDs of initiator ports, since it is none. */
static void vdisk_put_port(struct vdisk_page *page, u16 rel_tgt_id)
{
	u8 *buf = page->buf + page->len;
	u8 id[4];

	put_unaligned_be16(rel_tgt_id, buf + 2);
	put_unaligned_be16(4 + sizeof(id), buf + 10);
	page->len += 12;
	put_unaligned_be32(rel_tgt_id, id);
	vdisk_put_designator(page, VDISK_CODE_BINARY,
			     VDISK_ASSOC_PORT | VDISK_DESIG_REL_PORT, id,
			     sizeof(id));
}

/* 88h: SCSI ports, those where other initiators see the device included */
static void vdisk_vpd_ports(struct scst_cmd *cmd, struct vdisk_page *page)
{
	u16 ids[VDISK_MAX_PORTS];
	unsigned int i, nr = scst_device_ports(cmd->dev, ids, ARRAY_SIZE(ids));

	for (i = 0; i < nr; i++)
		vdisk_put_port(page, ids[i]);
}

/* B0h: block limits */
static void vdisk_vpd_limits(struct scst_cmd *cmd, struct vdisk_page *page)
{
	const struct vdisk *vd = to_vdisk(cmd->dev);
	struct scst_device *dev = cmd->dev;

	page->buf[4] = VDISK_WSNZ;
	page->buf[5] = VDISK_MAX_COMPARE;
	put_unaligned_be16(1 << vd->phys_shift, page->buf + 6);
	put_unaligned_be32(dev->max_xfer >> dev->block_shift, page->buf + 8);
	put_unaligned_be32(SZ_512K >> dev->block_shift, page->buf + 12);
	put_unaligned_be32(VDISK_MAX_PREFETCH >> dev->block_shift,
			   page->buf + 16);
	if (vd->thin_provisioned) {
		put_unaligned_be32(VDISK_MAX_UNMAP, page->buf + 20);
		put_unaligned_be32(VDISK_MAX_UNMAP_DESC, page->buf + 24);
		put_unaligned_be32(vd->unmap_bytes >> dev->block_shift,
				   page->buf + 28);
	}
	put_unaligned_be64(VDISK_MAX_SAME, page->buf + 36);
	page->len = 64;
}

/* B1h: block device characteristics */
static void vdisk_vpd_characteristics(struct scst_cmd *cmd,
				      struct vdisk_page *page)
{
	/* MEDIUM ROTATION RATE: not reported, or none */
	put_unaligned_be16(to_vdisk(cmd->dev)->rotational ? 0 : 1,
			   page->buf + 4);
	page->len = 64;
}

/* B2h: logical block provisioning; nothing to say of a full one */
static void vdisk_vpd_provisioning(struct scst_cmd *cmd,
				   struct vdisk_page *page)
{
	const struct vdisk *vd = to_vdisk(cmd->dev);

	page->len = 8;
	if (!vd->thin_provisioned)
		return;
	page->buf[5] = VDISK_LBPU | VDISK_LBPWS | VDISK_LBPWS10;
	if (vd->reads_zeros)
		page->buf[5] |= VDISK_VPD_LBPRZ;
	page->buf[6] = VDISK_THIN;
}

static const struct vdisk_vpd {
	u8	code;
	void	(*build)(struct scst_cmd *cmd, struct vdisk_page *page);
} vdisk_vpds[] = {
	{ 0x00, vdisk_vpd_supported },
	{ 0x80, vdisk_vpd_serial },
	{ 0x83, vdisk_vpd_identification },
	{ 0x86, vdisk_vpd_extended },
	{ VDISK_VPD_PORTS, vdisk_vpd_ports },
	{ 0xb0, vdisk_vpd_limits },
	{ 0xb1, vdisk_vpd_characteristics },
	{ 0xb2, vdisk_vpd_provisioning },
};

/* 00h: supported VPD pages */
static void vdisk_vpd_supported(struct scst_cmd *cmd, struct vdisk_page *page)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vdisk_vpds); i++)
		page->buf[page->len++] = vdisk_vpds[i].code;
}

/* Return: there is such a page. */
static bool vdisk_vpd(struct scst_cmd *cmd, u8 code, struct vdisk_page *page)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vdisk_vpds); i++) {
		if (vdisk_vpds[i].code != code)
			continue;
		page->buf[0] = vdisk_peripheral(cmd);
		page->buf[1] = code;
		page->len = VDISK_VPD_HEADER;
		vdisk_vpds[i].build(cmd, page);
		put_unaligned_be16(page->len - VDISK_VPD_HEADER,
				   page->buf + 2);
		return true;
	}
	return false;
}

/* Answered in any condition (SPC-5 6.7.1). */
enum scst_exec_result vdisk_inquiry(struct scst_cmd *cmd)
{
	struct vdisk_page *page;
	u8 code = cmd->cdb[2];
	bool ok = true;

	/* The ports are known to who may sleep. */
	if (code == VDISK_VPD_PORTS && !scst_cmd_may_sleep(cmd))
		return SCST_EXEC_NEED_THREAD;
	page = kzalloc(sizeof(*page), scst_cmd_may_sleep(cmd) ? GFP_NOIO :
								GFP_NOWAIT);
	if (!page) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return SCST_EXEC_DONE;
	}
	if (cmd->cdb[1] & 0x01) {
		ok = vdisk_vpd(cmd, code, page);
	} else if (code) {
		/* A page code without EVPD is an error. */
		ok = false;
	} else {
		vdisk_standard_inquiry(cmd, page);
	}

	if (ok)
		scst_cmd_copy_in(cmd, page->buf, page->len);
	else
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 2,
					 7);
	kfree(page);
	return SCST_EXEC_DONE;
}
