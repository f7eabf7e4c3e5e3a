// SPDX-License-Identifier: GPL-2.0
/*
 * The file that keeps the persistent reservations of a device (SPC-5 5.14.5).
 *
 * It holds two generations of the state (pr_image.c), each in a slot of its
 * own. A change overwrites the older one and is on the medium before anybody
 * hears of it, hence whenever the power goes there is a whole generation: that
 * of the last change, or, until its command has ended, the one before it.
 *
 * The kernel only writes to a file that it has made, or knows as one of the
 * device. Whatever else there is, the administrator removes by hand.
 *
 * A device's file is touched by a command that is alone on its gate, or under
 * scst_device.lock while the device is not enabled. That may take as long as
 * the store of the file wants: no other lock is held.
 *
 * Files are closed with __fput_sync(), at once rather than some time: the
 * administrator may want to unmount.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/array_size.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel_read_file.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "scst_priv.h"

/*
 * For reading and writing: with the root directory and the credentials of the
 * kernel, and without the limits of whoever sends a command or writes to
 * configfs. Commands wait for it, hence it has a rescuer.
 */
static struct workqueue_struct *scst_pr_wq;

/**
 * struct scst_pr_file - something that is done with a device's file
 * @work: in scst_pr_wq
 * @dev: device
 * @owner: as images name it: handler and device
 * @file: its file
 * @bufs: images that were read
 * @gens: what they are
 * @newest: index of the newer one
 * @save: state to write, or NULL to read one
 * @loaded: state that was read; NULL if there is none
 * @error: errno
 */
struct scst_pr_file {
	struct work_struct	work;
	struct scst_device	*dev;
	char			*owner;
	struct file		*file;
	u8			*bufs[2];
	struct scst_pr_image	gens[2];
	unsigned int		newest;
	const struct scst_pr	*save;
	struct scst_pr		*loaded;
	int			error;
};

/* By enum scst_pr_image_state */
static const struct {
	int error;
	const char *what;
} scst_pr_refusals[] = {
	[SCST_PR_IMAGE_ALIEN]	= { -EMEDIUMTYPE, "no file of SCST" },
	[SCST_PR_IMAGE_TORN]	= { -EUCLEAN, "corrupt" },
	[SCST_PR_IMAGE_NEWER]	= { -EOPNOTSUPP, "of a later version" },
	[SCST_PR_IMAGE_FOREIGN]	= { -EMEDIUMTYPE, "of another device" },
	[SCST_PR_IMAGE_VALID]	= { 0 },
};

/* Return: zeroed, with room for @max registrations; NULL. */
static struct scst_pr *scst_pr_alloc(u32 max)
{
	struct scst_pr *pr;

	pr = kvzalloc(struct_size(pr, regs, max), GFP_KERNEL);
	if (pr)
		pr->max = max;
	return pr;
}

static struct file *scst_pr_open(const char *name, int flags)
{
	struct file *file;

	file = filp_open(name, flags | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (IS_ERR(file) || S_ISREG(file_inode(file)->i_mode))
		return file;
	__fput_sync(file);
	return ERR_PTR(-EMEDIUMTYPE);
}

/* Return: 0, with the slot's image in @f->gens, whatever it is. */
static int scst_pr_read_slot(struct scst_pr_file *f, unsigned int slot)
{
	u8 head[SCST_PR_IMAGE_HEAD];
	loff_t pos = slot * SCST_PR_SLOT;
	ssize_t got;
	size_t len;

	got = kernel_read(f->file, head, sizeof(head), &pos);
	if (got < 0)
		return got;
	len = got == sizeof(head) ? scst_pr_image_len(head) : 0;
	if (!len) {
		scst_pr_image_look(head, got, f->owner, &f->gens[slot]);
		return 0;
	}
	f->bufs[slot] = kvmalloc(len, GFP_KERNEL);
	if (!f->bufs[slot])
		return -ENOMEM;
	pos = slot * SCST_PR_SLOT;
	got = kernel_read(f->file, f->bufs[slot], len, &pos);
	if (got < 0)
		return got;
	scst_pr_image_look(f->bufs[slot], got, f->owner, &f->gens[slot]);
	return 0;
}

static int scst_pr_read(struct scst_pr_file *f)
{
	enum scst_pr_image_state state;
	int error;

	error = scst_pr_read_slot(f, 0) ?: scst_pr_read_slot(f, 1);
	if (error)
		return error;
	state = scst_pr_image_choose(f->gens, &f->newest);
	if (state != SCST_PR_IMAGE_VALID)
		pr_warn_ratelimited("%s: %s is %s\n", f->dev->name,
				    f->dev->aptpl_file,
				    scst_pr_refusals[state].what);
	return scst_pr_refusals[state].error;
}

static int scst_pr_write(struct file *file, const u8 *buf, size_t len,
			 loff_t pos)
{
	ssize_t done;

	while (len) {
		done = kernel_write(file, buf, len, &pos);
		if (done <= 0)
			return done ?: -EIO;
		buf += done;
		len -= done;
	}
	return vfs_fsync(file, 1);
}

static int scst_pr_write_image(struct scst_pr_file *f, struct file *file,
			       const struct scst_pr *pr, u64 seq,
			       unsigned int slot)
{
	static const u8 nothing[SCST_PR_IMAGE_HEAD];
	size_t len = scst_pr_image_size(pr, f->owner);
	u8 *buf = kvmalloc(len, GFP_KERNEL);
	int error;

	if (!buf)
		return -ENOMEM;
	scst_pr_image_build(pr, f->owner, seq, buf);
	error = scst_pr_write(file, buf, len, slot * SCST_PR_SLOT);
	kvfree(buf);
	/* Some or all of it may be there, and is not to come back. */
	if (error)
		scst_pr_write(file, nothing, sizeof(nothing),
			      slot * SCST_PR_SLOT);
	return error;
}

static struct file *scst_pr_open_dir(struct file *file)
{
	struct dentry *dir = dget_parent(file->f_path.dentry);
	const struct path path = { .mnt = file->f_path.mnt, .dentry = dir };
	struct file *dir_file;

	dir_file = dentry_open(&path, O_RDONLY | O_DIRECTORY, current_cred());
	dput(dir);
	return dir_file;
}

/* The name of @file is on the medium, too. */
static int scst_pr_sync_name(struct file *file)
{
	struct file *dir_file = scst_pr_open_dir(file);
	int error;

	if (IS_ERR(dir_file))
		return PTR_ERR(dir_file);
	error = vfs_fsync(dir_file, 0);
	__fput_sync(dir_file);
	return error;
}

/* @file gets another name in its directory. */
static int scst_pr_rename(struct file *file, const char *name)
{
	struct dentry *dir = dget_parent(file->f_path.dentry);
	struct renamedata rd = {
		.old_mnt_idmap	= file_mnt_idmap(file),
		.old_dir	= d_inode(dir),
		.old_dentry	= file->f_path.dentry,
		.new_mnt_idmap	= file_mnt_idmap(file),
		.new_dir	= d_inode(dir),
	};
	int error;

	error = mnt_want_write(file->f_path.mnt);
	if (error)
		goto put_dir;
	lock_rename(dir, dir);
	rd.new_dentry = lookup_one(rd.new_mnt_idmap, name, dir, strlen(name));
	if (IS_ERR(rd.new_dentry)) {
		error = PTR_ERR(rd.new_dentry);
		goto unlock;
	}
	/* Nobody but us has a use for the name, yet it may have gone. */
	if (rd.old_dentry->d_parent == dir && !d_unhashed(rd.old_dentry))
		error = vfs_rename(&rd);
	else
		error = -ESTALE;
	dput(rd.new_dentry);
unlock:
	unlock_rename(dir, dir);
	mnt_drop_write(file->f_path.mnt);
put_dir:
	dput(dir);
	return error;
}

/*
 * A new file says that there is no state, which is what no file says, too; and
 * it has its name only when it is whole. The power may go at any time.
 */
static int scst_pr_create(struct scst_pr_file *f)
{
	static const struct scst_pr none;
	struct file *file;
	char *name;
	int error;

	f->dev->aptpl_seq = 0;
	f->dev->aptpl_named = false;
	name = kasprintf(GFP_KERNEL, "%s" SCST_PR_NEW, f->dev->aptpl_file);
	if (!name)
		return -ENOMEM;
	file = scst_pr_open(name, O_RDWR | O_CREAT | O_TRUNC);
	kfree(name);
	if (IS_ERR(file))
		return PTR_ERR(file);
	error = scst_pr_write_image(f, file, &none, 1, 0) ?:
		scst_pr_rename(file, kbasename(f->dev->aptpl_file));
	__fput_sync(file);
	return error;
}

static int scst_pr_open_existing(struct scst_pr_file *f, int flags)
{
	struct file *file = scst_pr_open(f->dev->aptpl_file, flags);

	if (IS_ERR(file))
		return PTR_ERR(file);
	f->file = file;
	return 0;
}

static int scst_pr_save(struct scst_pr_file *f)
{
	unsigned int slot;
	u64 seq;
	int error;

	if (scst_device_is_gone(f->dev))
		return -ENODEV;
	error = scst_pr_open_existing(f, O_RDWR);
	if (error == -ENOENT)
		error = scst_pr_create(f) ?: scst_pr_open_existing(f, O_RDWR);
	error = error ?: scst_pr_read(f);
	if (error)
		return error;
	seq = f->gens[f->newest].seq;
	/*
	 * It was made just now; or before, but its name could not be synced; or
	 * it was there already, and nobody knows whether its name was.
	 */
	if (!f->dev->aptpl_named) {
		error = scst_pr_sync_name(f->file);
		if (error)
			return error;
		f->dev->aptpl_named = true;
	}
	if (!f->dev->aptpl_seq)
		f->dev->aptpl_seq = seq;

	/*
	 * The newest generation stays, unless it is one that somebody was told
	 * had not been written, when it could not be taken back either.
	 */
	slot = !f->newest;
	if (f->gens[slot].state == SCST_PR_IMAGE_VALID &&
	    f->gens[slot].seq == f->dev->aptpl_seq)
		slot = f->newest;
	error = scst_pr_write_image(f, f->file, f->save, seq + 1, slot);
	if (!error)
		f->dev->aptpl_seq = seq + 1;
	return error;
}

static int scst_pr_load(struct scst_pr_file *f)
{
	const struct scst_pr_image *image;
	int error;

	f->dev->aptpl_seq = 0;
	f->dev->aptpl_named = false;
	error = scst_pr_open_existing(f, O_RDONLY);
	if (error)
		return error == -ENOENT ? 0 : error;
	error = scst_pr_read(f);
	if (error)
		return error;
	image = &f->gens[f->newest];
	f->dev->aptpl_seq = image->seq;
	if (!image->aptpl)
		return 0;
	f->loaded = scst_pr_alloc(image->nr);
	if (!f->loaded)
		return -ENOMEM;
	error = scst_pr_image_load(image, f->loaded);
	if (error)
		return scst_pr_refusals[SCST_PR_IMAGE_TORN].error;
	/* SPC-5 6.16.2: a power on makes it zero, whatever APTPL was. */
	f->loaded->generation = 0;
	return 0;
}

static void scst_pr_file_work(struct work_struct *work)
{
	struct scst_pr_file *f = container_of(work, struct scst_pr_file, work);
	unsigned int flags = memalloc_flags_save(PF_MEMALLOC_NOIO |
						 PF_LOCAL_THROTTLE);

	/*
	 * Without I/O for memory: that could be a write to the very device,
	 * whose gate is closed. Nor is the cleaning of other devices' pages
	 * waited for, some of which may be for that device, too.
	 */
	f->error = f->save ? scst_pr_save(f) : scst_pr_load(f);
	if (f->file)
		__fput_sync(f->file);
	kvfree(f->bufs[0]);
	kvfree(f->bufs[1]);
	memalloc_flags_restore(flags);
}

static void scst_pr_file_do(struct scst_pr_file *f)
{
	f->owner = kasprintf(GFP_NOIO, "%s/%s", f->dev->handler->name,
			     f->dev->name);
	if (!f->owner) {
		f->error = -ENOMEM;
		return;
	}
	INIT_WORK_ONSTACK(&f->work, scst_pr_file_work);
	queue_work(scst_pr_wq, &f->work);
	flush_work(&f->work);
	destroy_work_on_stack(&f->work);
	kfree(f->owner);
}

/* Process context, see above. Return: 0 when it is on the medium, errno. */
int scst_pr_file_save(struct scst_device *dev, const struct scst_pr *pr)
{
	static const struct scst_pr none;
	struct scst_pr_file f = {
		.dev	= dev,
		/* APTPL zero: after a loss of power there is to be nothing. */
		.save	= pr->aptpl ? pr : &none,
	};

	scst_pr_file_do(&f);
	if (f.error)
		pr_warn_ratelimited("%s: cannot write %s: error %d\n",
				    dev->name, dev->aptpl_file, f.error);
	return f.error;
}

/*
 * The device is about to be enabled: its state is what has been put back
 * (pr/restore), or what its file keeps. scst_device.lock is held. Return: 0,
 * errno.
 */
int scst_pr_start(struct scst_device *dev)
{
	struct scst_pr_file f = { .dev = dev };
	int error;

	lockdep_assert_held(&dev->lock);

	scst_pr_file_do(&f);
	error = f.error;
	/* What is there is not lost. */
	if (!error && dev->pr && dev->pr->lost && f.loaded)
		error = -EEXIST;
	if (!error && dev->pr && (dev->pr->aptpl || f.loaded))
		error = scst_pr_file_save(dev, dev->pr);
	if (!error && !dev->pr) {
		scst_config_lock();
		swap(dev->pr, f.loaded);
		scst_config_unlock();
	}
	kvfree(f.loaded);
	return error;
}

/**
 * scst_pr_set_lost() - what the device's file has kept is gone
 * @dev: device, not enabled
 * @lost: whether initiators are told so when it is enabled
 *
 * Process context. Return: 0, errno.
 */
int scst_pr_set_lost(struct scst_device *dev, bool lost)
{
	struct scst_pr *pr;

	lockdep_assert_held(&dev->lock);

	if (dev->enabled)
		return -EBUSY;
	if (lost == (dev->pr && dev->pr->lost))
		return 0;
	pr = lost ? scst_pr_alloc(1) : NULL;
	if (lost && !pr)
		return -ENOMEM;
	if (pr) {
		/* Until it is replaced, a loss of power changes nothing. */
		pr->aptpl = true;
		pr->lost = true;
	}
	scst_config_lock();
	swap(dev->pr, pr);
	scst_config_unlock();
	kvfree(pr);
	return 0;
}

static struct scst_pr *scst_pr_from_image(const u8 *buf, size_t len)
{
	struct scst_pr_image image;
	struct scst_pr *pr;

	scst_pr_image_look(buf, len, NULL, &image);
	if (image.state == SCST_PR_IMAGE_NEWER)
		return ERR_PTR(-EOPNOTSUPP);
	/* Nothing behind it: a file of two generations has its own way in. */
	if (image.state != SCST_PR_IMAGE_VALID || scst_pr_image_len(buf) != len)
		return ERR_PTR(-EINVAL);
	pr = scst_pr_alloc(image.nr);
	if (!pr)
		return ERR_PTR(-ENOMEM);
	if (scst_pr_image_load(&image, pr)) {
		kvfree(pr);
		return ERR_PTR(-EINVAL);
	}
	return pr;
}

/*
 * Put back a state that was read from pr/state, of this device or of another
 * one. It is the device's when that is enabled. Process context. Return: 0,
 * errno.
 */
int scst_pr_restore(struct scst_device *dev, const char *name)
{
	struct scst_pr *pr;
	struct file *file;
	void *buf = NULL;
	ssize_t len;

	if (dev->enabled)
		return -EBUSY;
	/* Not to wait for whoever opens the other end of a pipe */
	file = filp_open(name, O_RDONLY | O_NONBLOCK, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	len = kernel_read_file(file, 0, &buf, SCST_PR_SLOT, NULL,
			       READING_UNKNOWN);
	fput(file);
	if (len < 0)
		return len == -EFBIG ? -EINVAL : len;
	pr = scst_pr_from_image(buf, len);
	vfree(buf);
	if (IS_ERR(pr))
		return PTR_ERR(pr);
	scst_config_lock();
	swap(dev->pr, pr);
	scst_config_unlock();
	kvfree(pr);
	return 0;
}

/**
 * scst_pr_export() - the state as bytes
 * @dev: device
 * @buf: where to, or NULL
 * @size: bytes in @buf
 *
 * Process context. Return: bytes; -EAGAIN if it does not take @size bytes.
 */
ssize_t scst_pr_export(struct scst_device *dev, u8 *buf, size_t size)
{
	static const struct scst_pr none;
	const struct scst_pr *pr;
	ssize_t len;

	scst_config_lock();
	pr = dev->pr ?: &none;
	len = scst_pr_image_size(pr, dev->name);
	if (buf && len != size)
		len = -EAGAIN;
	else if (buf)
		scst_pr_image_build(pr, dev->name, 1, buf);
	scst_config_unlock();
	return len;
}

int scst_pr_file_init(void)
{
	scst_pr_wq = alloc_workqueue("scst_pr", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	return scst_pr_wq ? 0 : -ENOMEM;
}

void scst_pr_file_exit(void)
{
	destroy_workqueue(scst_pr_wq);
}
