// SPDX-License-Identifier: GPL-2.0
/*
 * Protection information that the block device keeps itself: it goes with the
 * data in one bio.
 *
 * Type 2 is not for this: the block layer replaces reference tags by addresses
 * of the device, and knows them again only if they count from the same number
 * in every request that touches a block.
 */
#include <linux/blk-integrity.h>
#include <linux/blkdev.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include "vdisk.h"

/* What the device has must be what initiators are told. */
static int vdisk_pi_block_open(struct vdisk *vd)
{
	bool has_ref = vd->dif_type == T10_PI_TYPE1_PROTECTION;
	struct blk_integrity *bi = bdev_get_integrity(vd->bdev);

	if (!bi || !(bi->flags & BLK_INTEGRITY_DEVICE_CAPABLE) ||
	    vd->dif_type == T10_PI_TYPE2_PROTECTION ||
	    bi->csum_type != BLK_INTEGRITY_CSUM_CRC ||
	    bi->tuple_size != SCST_PI_LEN || bi->pi_offset ||
	    has_ref != !!(bi->flags & BLK_INTEGRITY_REF_TAG))
		return -EOPNOTSUPP;
	return bi->interval_exp == ilog2(vd->blocksize) ? 0 : -EINVAL;
}

static int vdisk_pi_block_rw(struct vdisk *vd, blk_opf_t opf, u64 pos,
			     const struct scst_pi_blocks *blocks, u16 flags)
{
	size_t len = (size_t)blocks->nr << blocks->shift;
	size_t pi_len = blocks->nr * SCST_PI_LEN;
	struct bio_integrity_payload *bip;
	struct bio *bio;

	bio = vdisk_bdev_bio(vd->bdev, &vd->bio_set, opf, pos, blocks->data,
			     len);
	bip = bio_integrity_alloc(bio, GFP_NOIO, 1);
	if (IS_ERR(bip)) {
		bio_put(bio);
		return PTR_ERR(bip);
	}
	bip->bip_flags |= flags;
	bip_set_seed(bip, pos >> blocks->shift);
	if (bio_integrity_add_page(bio, virt_to_page(blocks->tuples), pi_len,
				   offset_in_page(blocks->tuples)) != pi_len) {
		bio_put(bio);
		return -EIO;
	}
	return vdisk_bdev_wait(bio, blocks->data, len);
}

/* We check what is to be checked. */
static int vdisk_pi_block_read(struct vdisk *vd, u64 pos,
			       const struct scst_pi_blocks *blocks)
{
	return vdisk_pi_block_rw(vd, REQ_OP_READ, pos, blocks,
				 BIP_CTRL_NOCHECK | BIP_DISK_NOCHECK);
}

/*
 * The device sees whether all has come as it was sent; but what is wrong by the
 * initiator's own wish (WRPROTECT 011b), it is to keep as it is.
 */
static int vdisk_pi_block_write(struct vdisk *vd, u64 pos,
				const struct scst_pi_blocks *blocks)
{
	struct scst_pi_device pi = { .type = vd->dif_type };
	struct scst_pi_fault fault;
	struct scst_pi_rule rule;
	u16 flags = 0;

	scst_pi_rule_at(&pi, pos >> blocks->shift, &rule);
	if (!scst_pi_verify(&rule, blocks, &fault))
		flags = BIP_CTRL_NOCHECK | BIP_DISK_NOCHECK;
	return vdisk_pi_block_rw(vd, REQ_OP_WRITE | REQ_SYNC | REQ_IDLE, pos,
				 blocks, flags);
}

static int vdisk_pi_block_unmap(struct vdisk *vd, u64 pos, u64 len)
{
	return vd->kind->unmap(vd, pos, len);
}

static int vdisk_pi_block_sync(struct vdisk *vd, u64 pos, u64 len)
{
	return vd->kind->sync(vd, pos, len);
}

const struct vdisk_pi_kind vdisk_pi_block = {
	.checks	= true,
	.open	= vdisk_pi_block_open,
	.read	= vdisk_pi_block_read,
	.write	= vdisk_pi_block_write,
	.unmap	= vdisk_pi_block_unmap,
	.sync	= vdisk_pi_block_sync,
};
