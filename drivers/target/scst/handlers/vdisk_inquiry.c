// SPDX-License-Identifier: GPL-2.0
/*
 * INQUIRY: what a virtual disk is, and the vital product data pages of block
 * devices (SBC-4 6.6). The others are the core's.
 */
#include <kunit/visibility.h>
#include <linux/bits.h>
#include <linux/blkdev.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/xxhash.h>
#include <scst/inquiry.h>
#include "vdisk.h"

/* NAA 3h: locally assigned (SPC-5 7.7.6.6.4) */
#define VDISK_NAA_LOCAL		(3ULL << 60)

/* PERIPHERAL QUALIFIER 001b, device type 1Fh: none is connected (SPC-5 6.7.2) */
#define VDISK_NOT_CONNECTED	0x3f

/* Block limits (SBC-4 6.6.4), byte 4 */
#define VDISK_WSNZ		0x01
/* The same, byte 32 */
#define VDISK_UGAVALID		BIT(31)

/* Block device characteristics (SBC-4 6.6.2), byte 8 */
#define VDISK_VBULS		0x01

/*
 * Block device characteristics (SBC-4 6.6.2), byte 7: after SANITIZE, BLOCK
 * ERASE reads do well without a write before
 */
#define VDISK_WABEREQ		0x40

/* Logical block provisioning (SBC-4 6.6.9): bytes 5 and 6 */
#define VDISK_LBPU		0x80
#define VDISK_LBPWS		0x40
#define VDISK_LBPWS10		0x20
#define VDISK_VPD_LBPRZ		0x04
#define VDISK_ANC_SUP		0x02
#define VDISK_THIN		0x02

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
	id->naa.len = sizeof(u64);
	put_unaligned_be64(VDISK_NAA_LOCAL | (hash & GENMASK_ULL(59, 0)),
			   id->naa.data);
}

/* UNMAP GRANULARITY ALIGNMENT: files begin with a whole block of theirs. */
static u32 vdisk_unmap_align(const struct vdisk *vd)
{
	int align = vd->bdev ? bdev_discard_alignment(vd->bdev) : 0;

	return max(align, 0) >> vd->dev.block_shift;
}

/* B0h: block limits */
static void vdisk_vpd_limits(const void *priv, struct scst_inq_page *page)
{
	const struct vdisk *vd = priv;
	const struct scst_device *dev = &vd->dev;

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
		put_unaligned_be32(VDISK_UGAVALID | vdisk_unmap_align(vd),
				   page->buf + 32);
	}
	put_unaligned_be64(VDISK_MAX_SAME, page->buf + 36);
	put_unaligned_be32(vd->atomic.max, page->buf + 44);
	put_unaligned_be32(vd->atomic.unit, page->buf + 48);
	put_unaligned_be32(vd->atomic.unit, page->buf + 52);
	put_unaligned_be32(vd->atomic.max_bounded, page->buf + 56);
	/* MAXIMUM ATOMIC BOUNDARY SIZE: what one operation can do */
	put_unaligned_be32(vd->atomic.max, page->buf + 60);
	page->len = 64;
}

/* B1h: block device characteristics */
static void vdisk_vpd_characteristics(const void *priv,
				      struct scst_inq_page *page)
{
	const struct vdisk *vd = priv;

	/* MEDIUM ROTATION RATE: not reported, or none */
	put_unaligned_be16(vd->rotational ? 0 : 1, page->buf + 4);
	page->buf[7] = vd->form_factor;
	if (vdisk_can_erase(vd))
		page->buf[7] |= VDISK_WABEREQ;
	/* VERIFY compares blocks that have been given back, too. */
	if (vd->thin_provisioned)
		page->buf[8] = VDISK_VBULS;
	page->len = 64;
}

/* B2h: logical block provisioning; nothing to say of a full one */
static void vdisk_vpd_provisioning(const void *priv,
				   struct scst_inq_page *page)
{
	const struct vdisk *vd = priv;

	page->len = 8;
	if (!vd->thin_provisioned)
		return;
	if (vdisk_has_resources(vd))
		page->buf[4] = vdisk_threshold_exponent(vd);
	page->buf[5] = VDISK_LBPU | VDISK_LBPWS | VDISK_LBPWS10;
	if (vd->reads_zeros)
		page->buf[5] |= VDISK_VPD_LBPRZ;
	if (vd->anchors)
		page->buf[5] |= VDISK_ANC_SUP;
	page->buf[6] = VDISK_THIN;
}

VISIBLE_IF_KUNIT const struct scst_vpd_page vdisk_vpds[VDISK_NR_VPDS] = {
	{ 0xb0, vdisk_vpd_limits },
	{ 0xb1, vdisk_vpd_characteristics },
	{ 0xb2, vdisk_vpd_provisioning },
};
EXPORT_SYMBOL_IF_KUNIT(vdisk_vpds);

void vdisk_describe(struct scst_device *dev, struct scst_inquiry *inq)
{
	const struct vdisk *vd = to_vdisk(dev);
	const struct vdisk_id *id = &vd->id;

	*inq = (struct scst_inquiry) {
		.type			= vd->dummy ? VDISK_NOT_CONNECTED :
							    vd->dev.type,
		.removable		= vd->removable,
		.nv_cache		= vd->nv_cache,
		.v_cache		= vdisk_has_cache(vd),
		.rtd			= true,
		.pi_type		= vd->dev.pi_type,
		.vendor			= id->vendor,
		.product		= id->product,
		.revision		= id->revision,
		.vend_specific		= id->vend_specific,
		.usn			= id->usn,
		.t10_dev_id		= id->t10_dev_id,
		.vend_specific_id	= id->vend_specific_id,
		.scsi_device_name	= id->scsi_device_name,
		.naa			= &id->naa,
		.eui64			= &id->eui64,
		.pages			= vdisk_vpds,
		/* They are SBC-4's. */
		.nr_pages		= vd->dev.type == TYPE_DISK ?
					  ARRAY_SIZE(vdisk_vpds) : 0,
		.priv			= vd,
	};
}

enum scst_exec_result vdisk_inquiry(struct scst_cmd *cmd)
{
	struct scst_inquiry inq;

	vdisk_describe(cmd->dev, &inq);
	return scst_exec_inquiry(cmd, &inq);
}
