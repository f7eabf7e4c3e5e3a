// SPDX-License-Identifier: GPL-2.0
/*
 * Disks with protection information: a store in front of the one that has the
 * data. What is read through it is checked, what is written gets protection
 * information, and what is given back loses it. Thus all commands that know
 * nothing of it do right; those that do are in vdisk_pi_cmd.c.
 *
 * A block and what is kept for it are one: who reads must not see the one
 * without the other, nor may of two writes the one win here and the other there.
 * Hence they are moved under a lock, in pieces that do not cross a boundary of
 * VDISK_CHUNK.
 */
#include <linux/hash.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include "vdisk.h"

/* Bytes up to the end of the piece that @pos is in, at most @len */
u64 vdisk_pi_piece(u64 pos, u64 len)
{
	return min(len, VDISK_CHUNK - (pos & (VDISK_CHUNK - 1)));
}

static struct rw_semaphore *vdisk_pi_lock(struct vdisk *vd, u64 pos)
{
	return &vd->pi->pieces[hash_64(pos / VDISK_CHUNK,
				       ilog2(VDISK_PI_LOCKS))];
}

void vdisk_pi_device(const struct vdisk *vd, struct scst_pi_device *pi)
{
	*pi = (struct scst_pi_device) {
		.type		= vd->dif_type,
		.dpicz		= READ_ONCE(vd->dev.control.dpicz),
		.ato		= READ_ONCE(vd->ato),
		.app_tag	= vd->dif_app_tag,
	};
}

/* A checksum of the store's own that is wrong is no protection information. */
static int vdisk_pi_errno(const struct vdisk *vd, int error)
{
	return error == -EILSEQ && !vd->pi->kind->checks ? -EIO : error;
}

/**
 * vdisk_pi_read() - read blocks with their protection information
 * @vd: disk
 * @pos: first byte
 * @blocks: what to read, within a piece
 *
 * Nothing is checked. Process context. Return: 0 or an errno.
 */
int vdisk_pi_read(struct vdisk *vd, u64 pos,
		  const struct scst_pi_blocks *blocks)
{
	struct rw_semaphore *piece = vdisk_pi_lock(vd, pos);
	int error;

	down_read(&vd->pi->all);
	down_read(piece);
	error = vd->pi->kind->read(vd, pos, blocks);
	up_read(piece);
	up_read(&vd->pi->all);
	return vdisk_pi_errno(vd, error);
}

/**
 * vdisk_pi_write() - write blocks with their protection information
 * @vd: disk
 * @pos: first byte
 * @blocks: what to write, within a piece
 *
 * Process context. Return: 0 or an errno.
 */
int vdisk_pi_write(struct vdisk *vd, u64 pos,
		   const struct scst_pi_blocks *blocks)
{
	struct rw_semaphore *piece = vdisk_pi_lock(vd, pos);
	int error;

	down_read(&vd->pi->all);
	down_write(piece);
	error = vd->pi->kind->write(vd, pos, blocks);
	up_write(piece);
	up_read(&vd->pi->all);
	return vdisk_pi_errno(vd, error);
}

/**
 * vdisk_pi_clear() - blocks that are not to be checked
 * @vd: disk
 * @pos: first byte
 * @len: bytes, whole blocks
 *
 * Nothing where none is kept, or where the store keeps it. Process context.
 * Return: 0 or an errno.
 */
int vdisk_pi_clear(struct vdisk *vd, u64 pos, u64 len)
{
	int error;

	if (!vdisk_has_pi(vd) || !vd->pi->kind->clear)
		return 0;
	down_write(&vd->pi->all);
	error = vd->pi->kind->clear(vd, pos, len);
	up_write(&vd->pi->all);
	return error;
}

static struct t10_pi_tuple *vdisk_pi_tuples(const struct vdisk *vd, u64 len)
{
	return kmalloc_array(min(len, VDISK_CHUNK) >> vd->dev.block_shift,
			     sizeof(struct t10_pi_tuple),
			     GFP_NOIO | __GFP_NOWARN);
}

typedef int (*vdisk_pi_piece_fn)(struct vdisk *vd, u64 pos,
				 const struct scst_pi_blocks *blocks);

static int vdisk_pi_check_piece(struct vdisk *vd, u64 pos,
				const struct scst_pi_blocks *blocks)
{
	struct scst_pi_device pi;
	struct scst_pi_fault fault;
	struct scst_pi_rule rule;
	int error;

	error = vdisk_pi_read(vd, pos, blocks);
	if (error)
		return error;
	vdisk_pi_device(vd, &pi);
	scst_pi_rule_at(&pi, pos >> blocks->shift, &rule);
	return scst_pi_verify(&rule, blocks, &fault) ? 0 : -EILSEQ;
}

static int vdisk_pi_make_piece(struct vdisk *vd, u64 pos,
			       const struct scst_pi_blocks *blocks)
{
	struct scst_pi_device pi;
	struct scst_pi_rule rule;

	vdisk_pi_device(vd, &pi);
	scst_pi_rule_made(&pi, pos >> blocks->shift, &rule);
	scst_pi_generate(&rule, blocks);
	return vdisk_pi_write(vd, pos, blocks);
}

static int vdisk_pi_each(struct vdisk *vd, u64 pos, u8 *buf, size_t len,
			 vdisk_pi_piece_fn fn)
{
	struct scst_pi_blocks blocks = {
		.data	= buf,
		.tuples	= vdisk_pi_tuples(vd, len),
		.shift	= vd->dev.block_shift,
	};
	int error = 0;
	size_t n;

	if (!blocks.tuples)
		return -ENOMEM;
	for (; len && !error; len -= n, pos += n, blocks.data += n) {
		n = vdisk_pi_piece(pos, len);
		blocks.nr = n >> blocks.shift;
		error = fn(vd, pos, &blocks);
	}
	kfree(blocks.tuples);
	return error;
}

/* -EILSEQ: it is not what it should be */
static int vdisk_pi_read_buf(struct vdisk *vd, u64 pos, void *buf, size_t len)
{
	return vdisk_pi_each(vd, pos, buf, len, vdisk_pi_check_piece);
}

/* Blocks, whatever their protection information is */
int vdisk_pi_read_unchecked(struct vdisk *vd, u64 pos, void *buf, size_t len)
{
	return vdisk_pi_each(vd, pos, buf, len, vdisk_pi_read);
}

static int vdisk_pi_write_buf(struct vdisk *vd, u64 pos, void *buf, size_t len)
{
	return vdisk_pi_each(vd, pos, buf, len, vdisk_pi_make_piece);
}

static int vdisk_pi_zero(struct vdisk *vd, u64 pos, u64 len, bool unmap)
{
	int error;

	if (!vd->pi->kind->zero)
		return -EOPNOTSUPP;
	down_write(&vd->pi->all);
	error = vd->pi->kind->zero(vd, pos, len, unmap);
	up_write(&vd->pi->all);
	return error;
}

static int vdisk_pi_unmap(struct vdisk *vd, u64 pos, u64 len)
{
	int error;

	down_write(&vd->pi->all);
	error = vd->pi->kind->unmap(vd, pos, len);
	up_write(&vd->pi->all);
	return error;
}

static int vdisk_pi_sync(struct vdisk *vd, u64 pos, u64 len)
{
	return vdisk_pi_errno(vd, vd->pi->kind->sync(vd, pos, len));
}

static int vdisk_pi_forget(struct vdisk *vd, u64 pos, u64 len)
{
	int error = 0;

	if (vd->kind->forget)
		error = vd->kind->forget(vd, pos, len);
	if (!error && vd->pi->kind->forget)
		error = vd->pi->kind->forget(vd, pos, len);
	return error;
}

static void vdisk_pi_store_close(struct vdisk *vd)
{
	vdisk_pi_close(vd);
	vd->kind->close(vd);
}

static u64 vdisk_pi_size(struct vdisk *vd)
{
	return vd->kind->size(vd);
}

static bool vdisk_pi_mapped(struct vdisk *vd, u64 pos, u64 *len)
{
	return !vd->kind->mapped || vd->kind->mapped(vd, pos, len);
}

static bool vdisk_pi_read_ahead(struct vdisk *vd, u64 pos, u64 len)
{
	return vd->kind->read_ahead && vd->kind->read_ahead(vd, pos, len);
}

static int vdisk_pi_resources(struct vdisk *vd, u64 *available, u64 *used)
{
	return vd->kind->resources ? vd->kind->resources(vd, available, used) :
				     -EOPNOTSUPP;
}

static bool vdisk_pi_lost(struct vdisk *vd)
{
	return vd->kind->lost && vd->kind->lost(vd);
}

const struct vdisk_store vdisk_pi_store = {
	.close	= vdisk_pi_store_close,
	.size	= vdisk_pi_size,
	.rw	= vdisk_pi_rw,
	.read	= vdisk_pi_read_buf,
	.write	= vdisk_write_pieces,
	.write_buf = vdisk_pi_write_buf,
	.zero	= vdisk_pi_zero,
	.unmap	= vdisk_pi_unmap,
	.mapped	= vdisk_pi_mapped,
	.read_ahead = vdisk_pi_read_ahead,
	.sync	= vdisk_pi_sync,
	.forget	= vdisk_pi_forget,
	.resources = vdisk_pi_resources,
	.lost	= vdisk_pi_lost,
};

/* Kept nowhere: it is made of what is read. */

static int vdisk_pi_made_read(struct vdisk *vd, u64 pos,
			      const struct scst_pi_blocks *blocks)
{
	struct scst_pi_device pi;
	struct scst_pi_rule rule;
	int error;

	error = vd->kind->read(vd, pos, blocks->data,
			       (size_t)blocks->nr << blocks->shift);
	if (error)
		return error;
	vdisk_pi_device(vd, &pi);
	scst_pi_rule_made(&pi, pos >> blocks->shift, &rule);
	scst_pi_generate(&rule, blocks);
	return 0;
}

static int vdisk_pi_made_write(struct vdisk *vd, u64 pos,
			       const struct scst_pi_blocks *blocks)
{
	return vd->kind->write_buf(vd, pos, blocks->data,
				   (size_t)blocks->nr << blocks->shift);
}

static int vdisk_pi_made_zero(struct vdisk *vd, u64 pos, u64 len, bool unmap)
{
	return vd->kind->zero(vd, pos, len, unmap);
}

static int vdisk_pi_made_unmap(struct vdisk *vd, u64 pos, u64 len)
{
	return vd->kind->unmap(vd, pos, len);
}

static int vdisk_pi_made_sync(struct vdisk *vd, u64 pos, u64 len)
{
	return vd->kind->sync(vd, pos, len);
}

static const struct vdisk_pi_kind vdisk_pi_made = {
	.read	= vdisk_pi_made_read,
	.write	= vdisk_pi_made_write,
	.zero	= vdisk_pi_made_zero,
	.unmap	= vdisk_pi_made_unmap,
	.sync	= vdisk_pi_made_sync,
};

static const struct vdisk_pi_kind *vdisk_pi_kind_of(const struct vdisk *vd)
{
	if (!vdisk_pi_is_kept(vd))
		return &vdisk_pi_made;
	if (IS_ENABLED(CONFIG_BLK_DEV_INTEGRITY) && !vd->dif_filename &&
	    vd->kind == &vdisk_block_store)
		return &vdisk_pi_block;
	return &vdisk_pi_file;
}

/**
 * vdisk_pi_open() - open what keeps the protection information
 * @vd: disk whose backing store is open
 *
 * Process context; scst_dev_lock() is held. Return: 0 or an errno.
 */
int vdisk_pi_open(struct vdisk *vd)
{
	struct vdisk_pi *pi;
	unsigned int i;
	int error;

	if (!vd->dif_type)
		return 0;
	pi = kzalloc(sizeof(*pi), GFP_KERNEL);
	if (!pi)
		return -ENOMEM;
	init_rwsem(&pi->all);
	for (i = 0; i < VDISK_PI_LOCKS; i++)
		init_rwsem(&pi->pieces[i]);
	pi->kind = vdisk_pi_kind_of(vd);
	vd->pi = pi;
	error = pi->kind->open ? pi->kind->open(vd) : 0;
	if (error) {
		vd->pi = NULL;
		kfree(pi);
	}
	return error;
}

/**
 * vdisk_pi_close() - the reverse
 * @vd: disk, into which no command can get any more
 */
void vdisk_pi_close(struct vdisk *vd)
{
	if (vd->pi->kind->close)
		vd->pi->kind->close(vd);
	kfree(vd->pi);
	vd->pi = NULL;
}
