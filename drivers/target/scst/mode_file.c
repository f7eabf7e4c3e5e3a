// SPDX-License-Identifier: GPL-2.0
/*
 * Where a logical unit keeps its saved mode pages: a file with two images, of
 * which the older one is overwritten. Whatever happens meanwhile, the other one
 * is what was saved last.
 *
 * The file is open as long as the device is enabled. It changes while a command
 * runs alone in the device, and before any comes.
 */
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "scst_priv.h"

/* Apart from one another, so that no write of a disk touches both */
#define SCST_MODE_SLOT_SIZE	SZ_4K
#define SCST_MODE_NR_SLOTS	2
#define SCST_MODE_FILE_MAX	(SCST_MODE_NR_SLOTS * SCST_MODE_SLOT_SIZE)

/* Each device needs a file of its own. */
static LIST_HEAD(scst_mode_files);
static DEFINE_MUTEX(scst_mode_files_lock);	/* the list */

/**
 * struct scst_mode_file - an open file of saved mode pages
 * @entry: in scst_mode_files
 * @file: the file
 * @slot: where the newest image is
 * @lock: subject: @image once the device is enabled. Any context: a reset may
 *	come while a command saves pages.
 * @image: that image
 */
struct scst_mode_file {
	struct list_head	entry;
	struct file		*file;
	unsigned int		slot;
	spinlock_t		lock;	/* @image */
	struct scst_mode_image	image;
};

static int scst_mode_slot_read(struct file *file, unsigned int slot,
			       struct scst_mode_image *image)
{
	loff_t pos = slot * SCST_MODE_SLOT_SIZE;
	u8 buf[SCST_MODE_IMAGE_SIZE];
	ssize_t len;

	len = kernel_read(file, buf, sizeof(buf), &pos);
	return len < 0 ? len : scst_mode_image_parse(image, buf, len);
}

static int scst_mode_slot_write(struct file *file, unsigned int slot,
				const u8 *buf)
{
	loff_t pos = slot * SCST_MODE_SLOT_SIZE;
	ssize_t len;

	len = kernel_write(file, buf, SCST_MODE_IMAGE_SIZE, &pos);
	if (len < 0)
		return len;
	return len == SCST_MODE_IMAGE_SIZE ? 0 : -ENOSPC;
}

/*
 * A damaged image beside a good one was being written, to no avail, when the
 * power failed. Without a good one beside it, it may be the only one that there
 * was: what it said is lost, and an administrator has to know. So has he if a
 * longer file begins with zeros: that may be an image of a disk.
 */
static int scst_mode_file_load(struct scst_mode_file *mf)
{
	struct scst_mode_image *image __free(kfree) = NULL;
	bool damaged, found = false;
	unsigned int slot;
	int error;

	damaged = i_size_read(file_inode(mf->file)) > SCST_MODE_FILE_MAX;
	image = kmalloc(sizeof(*image), GFP_KERNEL);
	if (!image)
		return -ENOMEM;
	for (slot = 0; slot < SCST_MODE_NR_SLOTS; slot++) {
		error = scst_mode_slot_read(mf->file, slot, image);
		if (error && error != -ENODATA && error != -EUCLEAN)
			return error;
		damaged |= error == -EUCLEAN;
		if (error || (found &&
			      !scst_mode_image_newer(image, &mf->image)))
			continue;
		found = true;
		mf->slot = slot;
		mf->image = *image;
	}
	return damaged && !found ? -EUCLEAN : 0;
}

static bool scst_mode_file_claim(struct scst_mode_file *mf)
{
	struct scst_mode_file *other;

	guard(mutex)(&scst_mode_files_lock);
	list_for_each_entry(other, &scst_mode_files, entry)
		if (file_inode(other->file) == file_inode(mf->file))
			return false;
	list_add(&mf->entry, &scst_mode_files);
	return true;
}

static void scst_mode_file_let_go(struct scst_mode_file *mf)
{
	guard(mutex)(&scst_mode_files_lock);
	list_del(&mf->entry);
}

/* Nobody else may write it while it is read, or from then on. */
static int scst_mode_file_check(struct scst_mode_file *mf)
{
	int error;

	if (!S_ISREG(file_inode(mf->file)->i_mode))
		return -EINVAL;
	if (!scst_mode_file_claim(mf))
		return -EBUSY;
	error = scst_mode_file_load(mf);
	if (error)
		scst_mode_file_let_go(mf);
	return error;
}

static int scst_mode_file_open_name(struct scst_mode_file *mf,
				    const char *name)
{
	int error;

	/* Not to wait for whoever opens the other end of a pipe */
	mf->file = filp_open(name, O_RDWR | O_CREAT | O_LARGEFILE | O_NONBLOCK,
			     0600);
	if (IS_ERR(mf->file))
		return PTR_ERR(mf->file);
	error = scst_mode_file_check(mf);
	if (error)
		filp_close(mf->file, NULL);
	return error;
}

/* The device is about to be enabled. Process context. */
int scst_mode_file_open(struct scst_device *dev)
{
	struct scst_mode_file *mf;
	int error;

	if (!dev->mode_pages_file)
		return 0;
	mf = kzalloc(sizeof(*mf), GFP_KERNEL);
	if (!mf)
		return -ENOMEM;
	spin_lock_init(&mf->lock);
	/* The first image goes to the first slot. */
	mf->slot = SCST_MODE_NR_SLOTS - 1;
	error = scst_mode_file_open_name(mf, dev->mode_pages_file);
	if (error) {
		kfree(mf);
		return error;
	}
	dev->mode_file = mf;
	return 0;
}

/* No command is inside. Process context. */
void scst_mode_file_close(struct scst_device *dev)
{
	if (!dev->mode_file)
		return;
	scst_mode_file_let_go(dev->mode_file);
	filp_close(dev->mode_file->file, NULL);
	kfree(dev->mode_file);
	dev->mode_file = NULL;
}

bool scst_dev_can_save(const struct scst_device *dev)
{
	return dev->mode_file;
}
EXPORT_SYMBOL_GPL(scst_dev_can_save);

size_t scst_dev_saved_pages(const struct scst_device *dev, u8 *pages)
{
	struct scst_mode_file *mf = dev->mode_file;
	unsigned long flags;
	size_t len;

	if (!mf)
		return 0;
	spin_lock_irqsave(&mf->lock, flags);
	len = mf->image.len;
	memcpy(pages, mf->image.pages, len);
	spin_unlock_irqrestore(&mf->lock, flags);
	return len;
}
EXPORT_SYMBOL_GPL(scst_dev_saved_pages);

/*
 * The command fails if this does: what may have been written all the same is
 * not to come back with the next power on.
 */
static int scst_mode_file_write(struct scst_mode_file *mf, unsigned int slot,
				u8 *buf)
{
	unsigned int flags = memalloc_flags_save(PF_MEMALLOC_NOIO |
						 PF_LOCAL_THROTTLE);
	int error;

	/* Pages that wait for the gate to open are not waited for. */
	error = scst_mode_slot_write(mf->file, slot, buf);
	if (!error)
		error = vfs_fsync(mf->file, 0);
	if (error) {
		memset(buf, 0, SCST_MODE_IMAGE_SIZE);
		if (!scst_mode_slot_write(mf->file, slot, buf))
			vfs_fsync(mf->file, 0);
	}
	memalloc_flags_restore(flags);
	return error;
}

int scst_dev_save_pages(struct scst_device *dev, const u8 *pages, size_t len)
{
	struct scst_mode_image *next __free(kfree) = NULL;
	struct scst_mode_file *mf = dev->mode_file;
	unsigned int slot = !mf->slot;
	u8 buf[SCST_MODE_IMAGE_SIZE];
	int error;

	if (len > sizeof(next->pages))
		return -EMSGSIZE;
	next = kzalloc(sizeof(*next), GFP_NOIO | __GFP_NOWARN);
	if (!next)
		return -ENOMEM;
	next->generation = mf->image.generation + 1;
	next->len = len;
	memcpy(next->pages, pages, len);
	scst_mode_image_build(next, buf);
	error = scst_mode_file_write(mf, slot, buf);
	if (error)
		return error;
	spin_lock_irq(&mf->lock);
	mf->image = *next;
	spin_unlock_irq(&mf->lock);
	mf->slot = slot;
	return 0;
}
EXPORT_SYMBOL_GPL(scst_dev_save_pages);
