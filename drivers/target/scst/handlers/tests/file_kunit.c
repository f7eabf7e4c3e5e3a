// SPDX-License-Identifier: GPL-2.0
/*
 * What vdisk_fileio asks of a file: a fake one, which takes nothing but pages,
 * as NFS and Ceph do with O_DIRECT.
 */
#include <kunit/test.h>
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>
#include "../vdisk.h"

/**
 * struct fake_file - a file of VDISK_CHUNK bytes
 * @data: what is in it
 */
struct fake_file {
	u8	data[VDISK_CHUNK];
};

static ssize_t fake_read_iter(struct kiocb *kiocb, struct iov_iter *iter)
{
	struct fake_file *fake = kiocb->ki_filp->private_data;
	size_t len = iov_iter_count(iter);

	if (!iov_iter_is_bvec(iter))
		return -EFAULT;
	if (copy_to_iter(fake->data + kiocb->ki_pos, len, iter) != len)
		return -EIO;
	return len;
}

static ssize_t fake_write_iter(struct kiocb *kiocb, struct iov_iter *iter)
{
	struct fake_file *fake = kiocb->ki_filp->private_data;
	size_t len = iov_iter_count(iter);

	if (!iov_iter_is_bvec(iter))
		return -EFAULT;
	if (copy_from_iter(fake->data + kiocb->ki_pos, len, iter) != len)
		return -EIO;
	return len;
}

static const struct file_operations fake_fops = {
	.read_iter	= fake_read_iter,
	.write_iter	= fake_write_iter,
};

/**
 * struct fake_range - what is moved
 * @name: of the case
 * @pos: first byte, of the file and of the buffer
 * @len: bytes
 * @vmalloc: the buffer is not contiguous
 */
struct fake_range {
	const char	*name;
	u32		pos;
	u32		len;
	bool		vmalloc;
};

static const struct fake_range fake_ranges[] = {
	{ "a block", 512, 512, false },
	{ "all of a chunk", 0, VDISK_CHUNK, false },
	{ "all of a chunk, vmalloc", 0, VDISK_CHUNK, true },
	{ "within pages", 512, 3 * PAGE_SIZE, false },
	{ "within pages, vmalloc", 512, 3 * PAGE_SIZE, true },
};

KUNIT_ARRAY_PARAM_DESC(fake_range, fake_ranges, name);

static void file_buf_test(struct kunit *test)
{
	const struct fake_range *range = test->param_value;
	struct fake_file *fake = kunit_kzalloc(test, sizeof(*fake),
					       GFP_KERNEL);
	struct vdisk *vd = kunit_kzalloc(test, sizeof(*vd), GFP_KERNEL);
	u8 *buf = range->vmalloc ? vmalloc(VDISK_CHUNK) :
				   kmalloc(VDISK_CHUNK, GFP_KERNEL);
	u8 *at = buf + range->pos;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	KUNIT_ASSERT_NOT_NULL(test, vd);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	vd->file = anon_inode_getfile("[fake]", &fake_fops, fake, O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(vd->file));

	for (i = 0; i < range->len; i++)
		at[i] = i / 7;
	KUNIT_EXPECT_EQ(test, vdisk_file_store.write_buf(vd, range->pos, at,
							 range->len), 0);
	KUNIT_EXPECT_MEMEQ(test, fake->data + range->pos, at, range->len);
	KUNIT_EXPECT_EQ(test, range->pos ? fake->data[range->pos - 1] : 0, 0);
	memset(buf, 0, VDISK_CHUNK);
	KUNIT_EXPECT_EQ(test, vdisk_file_store.read(vd, range->pos, at,
						    range->len), 0);
	KUNIT_EXPECT_MEMEQ(test, fake->data, buf, VDISK_CHUNK);

	fput(vd->file);
	kvfree(buf);
}

static struct kunit_case file_test_cases[] = {
	KUNIT_CASE_PARAM(file_buf_test, fake_range_gen_params),
	{}
};

static struct kunit_suite file_suite = {
	.name = "scst_vdisk_file",
	.test_cases = file_test_cases,
};

kunit_test_suite(file_suite);
