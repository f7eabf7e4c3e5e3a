// SPDX-License-Identifier: GPL-2.0
/*
 * Anchored blocks (SBC-4 4.7.4.7) of disks in files: they have no data, so that
 * they read as zeros, but the file system keeps room for them, so that a write
 * does not fail for want of it. File systems call that unwritten extents:
 * FALLOC_FL_ZERO_RANGE makes them, and to lseek() they are holes. Those holes
 * for which there is room are the ones in which fiemap finds extents.
 *
 * What was read is in the page cache, which makes data of it for lseek(): such
 * blocks are said to be mapped. A disk may make mapped blocks of anchored ones
 * at any time (SBC-4 4.7.3.5); they have room all the same.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/falloc.h>
#include <linux/fiemap.h>
#include <linux/fileattr.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mount.h>
#include <linux/path.h>
#include "vdisk.h"

/* vdisk_extents.count: without a place for extents they are only counted. */
static int vdisk_file_count(void *priv, u64 pos, u64 len)
{
	struct inode *inode = file_inode(priv);
	struct fiemap_extent_info info = {};
	int error;

	error = inode->i_op->fiemap(inode, &info, pos, len);
	return error < 0 ? error : min(info.fi_extents_mapped, INT_MAX);
}

/**
 * vdisk_file_hole_status() - anchored, or deallocated?
 * @vd: disk with vdisk.anchors, whose store is open
 * @pos: first byte of a block that is in a hole
 * @len: bytes, whole blocks in the same hole; result: of those that have the
 *	same status
 *
 * Process context. Return: VDISK_LBA_ANCHORED or VDISK_LBA_DEALLOCATED;
 * VDISK_LBA_MAPPED, which stands for unknown, too (SBC-4 5.6.2), if the file
 * system fails.
 */
u8 vdisk_file_hole_status(struct vdisk *vd, u64 pos, u64 *len)
{
	const struct vdisk_extents ex = {
		.count	= vdisk_file_count,
		.priv	= vd->file,
		.unit	= min(i_blocksize(file_inode(vd->file)), vd->blocksize),
		.block	= vd->blocksize,
	};
	struct vdisk_file_scope scope = vdisk_file_enter();
	int status;

	status = vdisk_extents_status(&ex, pos, len);
	vdisk_file_leave(scope);
	return status < 0 ? VDISK_LBA_MAPPED : status;
}

/*
 * Two blocks of a file of ours: is what ZERO_RANGE makes of them a hole with
 * room, and is there none after a hole was punched?
 */
static bool vdisk_anchor_works(struct file *file)
{
	u32 block = i_blocksize(file_inode(file));

	return !vfs_fallocate(file, FALLOC_FL_ZERO_RANGE, 0, 2 * block) &&
	       vfs_llseek(file, 0, SEEK_DATA) == -ENXIO &&
	       vdisk_file_count(file, 0, block) > 0 &&
	       vdisk_file_count(file, block, block) > 0 &&
	       !vfs_fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      block, block) &&
	       vdisk_file_count(file, 0, block) > 0 &&
	       !vdisk_file_count(file, block, block);
}

/* In the same directory, without a name: it goes with its last user. */
static struct file *vdisk_anchor_file(const struct path *of)
{
	struct path dir = { .mnt = of->mnt };
	struct file *file;
	int error;

	error = mnt_want_write(dir.mnt);
	if (error)
		return ERR_PTR(error);
	dir.dentry = dget_parent(of->dentry);
	file = kernel_tmpfile_open(mnt_idmap(dir.mnt), &dir, S_IFREG | 0600,
				   O_RDWR | O_LARGEFILE | O_EXCL,
				   current_cred());
	dput(dir.dentry);
	mnt_drop_write(dir.mnt);
	return file;
}

/*
 * Files of one file system may have maps of different kinds: those that ext4
 * has got from ext3 know no unwritten extents. Who has no flags has one kind.
 */
static bool vdisk_anchor_same_map(struct file *file, struct file *other)
{
	struct fileattr attrs = {}, other_attrs = {};

	vfs_fileattr_get(file->f_path.dentry, &attrs);
	vfs_fileattr_get(other->f_path.dentry, &other_attrs);
	return !((attrs.flags ^ other_attrs.flags) & FS_EXTENT_FL);
}

/**
 * vdisk_file_can_anchor() - can the store anchor blocks?
 * @vd: disk whose file is open
 *
 * No file system tells beforehand, and a disk that is full of data is not the
 * place to try it out. Nor are there anchored blocks if what is written needs
 * room elsewhere, in the file that keeps protection information. Process
 * context.
 */
bool vdisk_file_can_anchor(struct vdisk *vd)
{
	struct file *file;
	bool works;

	if (!vd->thin_provisioned || vd->bdev || vdisk_pi_is_kept(vd) ||
	    !(vd->file->f_mode & FMODE_WRITE) ||
	    !file_inode(vd->file)->i_op->fiemap)
		return false;
	file = vdisk_anchor_file(&vd->file->f_path);
	if (IS_ERR(file))
		return false;
	works = file_inode(file)->i_op->fiemap &&
		vdisk_anchor_same_map(vd->file, file) &&
		vdisk_anchor_works(file);
	fput(file);
	return works;
}
