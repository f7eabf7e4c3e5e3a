// SPDX-License-Identifier: GPL-2.0
/*
 * Block commands (SBC-4), whatever the backing store is.
 */
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "vdisk.h"

/* vdisk_cdb_flags() of READ and WRITE */
#define VDISK_CDB_FUA		0x08

/* CDB byte 1 of PRE-FETCH and SYNCHRONIZE CACHE */
#define VDISK_CDB_IMMED		0x02

/* READ DEFECT DATA: REQ_PLIST, REQ_GLIST, DEFECT LIST FORMAT */
#define VDISK_DEFECT_FLAGS	0x1f

/* START STOP UNIT, byte 4 (SBC-4 5.31) */
#define VDISK_SSU_START		0x01
#define VDISK_SSU_LOEJ		0x02
#define VDISK_SSU_NO_FLUSH	0x04
#define VDISK_SSU_POWER(byte)	((byte) >> 4)
/* and byte 3 */
#define VDISK_SSU_MODIFIER	0x0f

/* READ CAPACITY(16) parameter data, byte 14 (SBC-4 5.21.2) */
#define VDISK_CAPACITY_16_LEN	32
#define VDISK_LBPME		0x80
#define VDISK_LBPRZ		0x40

/* How often to write back what is written to all the time */
#define VDISK_WRITE_BACKS	8

bool vdisk_in_thread(const struct scst_cmd *cmd)
{
	return cmd->context == SCST_CONTEXT_THREAD;
}

static scst_sense_t vdisk_stopped_sense(const struct vdisk *vd)
{
	if (READ_ONCE(vd->ejected))
		return SCST_SENSE_NO_MEDIUM;
	return READ_ONCE(vd->stopped) ? SCST_SENSE_NEED_START :
					SCST_SENSE_NONE;
}

static bool vdisk_hindered(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	scst_sense_t sense;

	if (vdisk_job_refuses(cmd))
		return true;
	sense = vdisk_stopped_sense(vd);
	if (sense != SCST_SENSE_NONE) {
		scst_set_cmd_error(cmd, sense);
		return true;
	}
	/* SPC-5 5.13.6: what needs the medium makes the disk active. */
	if (cmd->info.op->flags & SCST_CDB_MEDIUM)
		WRITE_ONCE(vd->power, VDISK_POWER_ACTIVE);
	return false;
}

/* Stopped, being formatted, or without a medium: the command ends here. */
bool vdisk_not_ready(struct scst_cmd *cmd)
{
	const struct vdisk *vd = to_vdisk(cmd->dev);

	if (likely(!(vd->stopped | vd->ejected | READ_ONCE(vd->job_state) |
		     READ_ONCE(vd->power))))
		return false;
	return vdisk_hindered(cmd);
}

/* For REQUEST SENSE (SPC-5 5.12) */
scst_sense_t vdisk_poll_sense(struct scst_cmd *cmd, int *progress)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	scst_sense_t sense = vdisk_job_sense(cmd, progress);

	if (sense == SCST_SENSE_NONE)
		sense = vdisk_stopped_sense(vd);
	if (sense == SCST_SENSE_NONE)
		sense = vdisk_power_sense(READ_ONCE(vd->power));
	return sense;
}

/* The data must be on the medium before the status: FUA, or no cache. */
bool vdisk_force_unit_access(const struct scst_cmd *cmd)
{
	const struct vdisk *vd = to_vdisk(cmd->dev);

	if (vd->nv_cache)
		return false;
	if (!vd->wce)
		return true;
	return vdisk_cdb_flags(cmd) & VDISK_CDB_FUA;
}

enum scst_exec_result vdisk_test_unit_ready(struct scst_cmd *cmd)
{
	if (!vdisk_not_ready(cmd) && !vdisk_check_store(cmd))
		vdisk_look_at_size(to_vdisk(cmd->dev));
	return SCST_EXEC_DONE;
}

static int vdisk_medium_only(struct vdisk *vd, u64 pos, u64 len)
{
	int error = 0;

	if (vdisk_has_cache(vd))
		error = vd->store->sync(vd, pos, len);
	if (!error && vd->store->forget)
		error = vd->store->forget(vd, pos, len);
	return error;
}

/*
 * What is read or verified next is the medium: what a cache has is written back
 * before, and not kept, unless it counts as medium (nv_cache), or others go on
 * writing to the same pages. WCE does not say whether it has anything: a reset
 * changes that. Process context. False after an error was set.
 */
bool vdisk_write_back(struct scst_cmd *cmd)
{
	u64 len = cmd->info.blocks << cmd->dev->block_shift;
	struct vdisk *vd = to_vdisk(cmd->dev);
	int error = len ? -EBUSY : 0;
	unsigned int i;

	for (i = 0; i < VDISK_WRITE_BACKS && error == -EBUSY; i++)
		error = vdisk_medium_only(vd, vdisk_pos(cmd), len);
	if (!error || error == -EBUSY)
		return true;
	/* Of what was lost SYNCHRONIZE CACHE tells: this may be tried again. */
	if (!vdisk_check_store(cmd))
		vdisk_set_errno(cmd, error);
	return false;
}

/* A READ of what may be in a cache only, with FUA (SBC-4 5.10) */
static bool vdisk_reads_medium(const struct scst_cmd *cmd)
{
	const struct vdisk *vd = to_vdisk(cmd->dev);

	return cmd->info.dir == SCST_DATA_READ &&
	       unlikely(vdisk_cdb_flags(cmd) & VDISK_CDB_FUA) &&
	       (vdisk_has_cache(vd) || vd->store->forget);
}

enum scst_exec_result vdisk_rw(struct scst_cmd *cmd)
{
	if (unlikely(vdisk_not_ready(cmd)))
		return SCST_EXEC_DONE;
	/* A transfer length of zero is no error (SBC-4 5.10). */
	if (unlikely(!cmd->bufflen))
		return SCST_EXEC_DONE;
	if (vdisk_reads_medium(cmd)) {
		if (!vdisk_in_thread(cmd))
			return SCST_EXEC_NEED_THREAD;
		if (!vdisk_write_back(cmd))
			return SCST_EXEC_DONE;
	}
	return to_vdisk(cmd->dev)->store->rw(cmd);
}

static size_t vdisk_first_difference(const u8 *a, const u8 *b, size_t len)
{
	size_t i = 0;

	while (i < len && a[i] == b[i])
		i++;
	return i;
}

/* SBC-4 5.36: the offset of the first byte that differs is in INFORMATION. */
bool vdisk_miscompare(struct scst_cmd *cmd, const u8 *medium, const u8 *data,
		      size_t len, u64 offset)
{
	size_t diff;

	if (likely(!memcmp(medium, data, len)))
		return false;
	diff = vdisk_first_difference(medium, data, len);
	scst_set_cmd_error_info(cmd, SCST_SENSE_MISCOMPARE, offset + diff);
	return true;
}

/*
 * Compare a piece of the medium with the Data-Out: with all of it, or, for
 * BYTCHK 11b, each block with the one block that it holds.
 */
static bool vdisk_compare(struct scst_cmd *cmd, const u8 *medium, u8 *data,
			  u64 offset, size_t len)
{
	size_t block = 1UL << cmd->dev->block_shift;
	size_t done;

	if (cmd->bufflen == cmd->info.blocks << cmd->dev->block_shift) {
		sg_pcopy_to_buffer(cmd->sg, cmd->sg_cnt, data, len, offset);
		return !vdisk_miscompare(cmd, medium, data, len, offset);
	}
	sg_copy_to_buffer(cmd->sg, cmd->sg_cnt, data, block);
	for (done = 0; done < len; done += block)
		if (vdisk_miscompare(cmd, medium + done, data, block,
				     offset + done))
			return false;
	return true;
}

static void vdisk_verify_medium(struct scst_cmd *cmd, bool compare)
{
	u64 total = cmd->info.blocks << cmd->dev->block_shift;
	struct vdisk *vd = to_vdisk(cmd->dev);
	u8 *medium, *data;
	u64 offset;
	size_t len;
	int error;

	medium = kvmalloc(2 * VDISK_CHUNK, GFP_NOIO | __GFP_NOWARN);
	if (!medium) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return;
	}
	data = medium + VDISK_CHUNK;

	for (offset = 0; offset < total; offset += len) {
		if (scst_cmd_aborted(cmd))
			break;
		len = min_t(u64, total - offset, VDISK_CHUNK);
		error = vd->store->read(vd, vdisk_pos(cmd) + offset, medium,
					len);
		if (error) {
			vdisk_read_failed(cmd, error, vdisk_pos(cmd) + offset,
					  len, vd->store->read);
			break;
		}
		if (compare && !vdisk_compare(cmd, medium, data, offset, len))
			break;
	}
	kvfree(medium);
}

enum scst_exec_result vdisk_verify(struct scst_cmd *cmd)
{
	if (vdisk_not_ready(cmd))
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	if (!vdisk_write_back(cmd))
		return SCST_EXEC_DONE;
	if (vdisk_has_pi(to_vdisk(cmd->dev)))
		vdisk_pi_verify(cmd);
	else
		vdisk_verify_medium(cmd, VDISK_BYTCHK(vdisk_cdb_flags(cmd)));
	return SCST_EXEC_DONE;
}

enum scst_exec_result vdisk_write_verify(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	u64 len = cmd->info.blocks << cmd->dev->block_shift;
	int error = 0;

	if (vdisk_not_ready(cmd))
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	if (vdisk_has_pi(vd)) {
		vdisk_pi_write_verify(cmd);
		return SCST_EXEC_DONE;
	}

	if (len)
		error = vd->store->write(cmd);
	if (error)
		vdisk_set_errno(cmd, error);
	else if (vdisk_write_back(cmd))
		vdisk_verify_medium(cmd, VDISK_BYTCHK(vdisk_cdb_flags(cmd)));
	return SCST_EXEC_DONE;
}

/* What a store that has gone had in its cache it cannot count itself. */
void vdisk_sync_failed(struct vdisk *vd, int error)
{
	if (error == -ENODEV && !vd->no_cache)
		atomic_inc(&vd->lost_writes);
}

/*
 * All of the medium, with nobody waiting. A failure is for the next one who
 * does, and for all other nexuses; the store may tell of it only once.
 */
static void vdisk_sync_work(struct work_struct *work)
{
	struct vdisk *vd = container_of(work, struct vdisk, sync_work);
	int error;

	down_write(&vd->sync_sem);
	error = vd->store->sync(vd, 0, READ_ONCE(vd->dev.nblocks) <<
				       vd->dev.block_shift);
	if (error) {
		/* Of a store that has gone @lost_writes tells, when it is back. */
		if (error != -ENODEV)
			vd->sync_error = error;
		vdisk_sync_failed(vd, error);
	}
	up_write(&vd->sync_sem);
}

void vdisk_sync_init(struct vdisk *vd)
{
	INIT_WORK(&vd->sync_work, vdisk_sync_work);
	init_rwsem(&vd->sync_sem);
}

/* Whoever waits for it hears of what nobody has waited for. */
int vdisk_sync_range(struct vdisk *vd, u64 pos, u64 len)
{
	int error;

	down_read(&vd->sync_sem);
	error = vd->store->sync(vd, pos, len);
	if (!error)
		error = xchg(&vd->sync_error, 0);
	up_read(&vd->sync_sem);
	return error;
}

/* NUMBER OF LOGICAL BLOCKS zero means up to the last one (SBC-4 5.33). */
enum scst_exec_result vdisk_sync_cache(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	u64 blocks = cmd->info.blocks;
	int error;

	if (vdisk_not_ready(cmd) || vd->nv_cache || vdisk_check_store(cmd))
		return SCST_EXEC_DONE;
	if (cmd->cdb[1] & VDISK_CDB_IMMED) {
		queue_work(cmd->dev->wq, &vd->sync_work);
		return SCST_EXEC_DONE;
	}
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;

	if (!blocks)
		blocks = READ_ONCE(cmd->dev->nblocks) - cmd->info.lba;
	error = vdisk_sync_range(vd, vdisk_pos(cmd),
				 blocks << cmd->dev->block_shift);
	vdisk_end_flush(cmd, error);
	return SCST_EXEC_DONE;
}

/* The answer to who waits: all of it has been read once. */
static bool vdisk_read_through(struct scst_cmd *cmd, u64 len)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	u64 pos = vdisk_pos(cmd);
	int error = 0;
	size_t n;
	u8 *buf;

	buf = kvmalloc(VDISK_CHUNK, GFP_NOIO | __GFP_NOWARN);
	if (!buf)
		return false;
	for (; len && !error && !scst_cmd_aborted(cmd); len -= n, pos += n) {
		n = min(len, VDISK_CHUNK);
		error = vd->store->read(vd, pos, buf, n);
	}
	kvfree(buf);
	return !error;
}

/*
 * CONDITION MET: the cache has all of it, or will have (IMMED). GOOD: it does
 * not, be it that there is none, that the range up to the end is too long, or
 * that it cannot be read, which whoever reads it will hear (SBC-4 5.13).
 */
enum scst_exec_result vdisk_pre_fetch(struct scst_cmd *cmd)
{
	u64 max = VDISK_MAX_PREFETCH >> cmd->dev->block_shift;
	const struct vdisk_store *store = to_vdisk(cmd->dev)->store;
	u64 len, blocks = cmd->info.blocks;

	if (vdisk_not_ready(cmd))
		return SCST_EXEC_DONE;
	if (blocks > max) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB,
					 cmd->info.op->count.offset, 7);
		return SCST_EXEC_DONE;
	}
	if (!store->read_ahead)
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;

	if (!blocks)
		blocks = READ_ONCE(cmd->dev->nblocks) - cmd->info.lba;
	len = min(blocks, max) << cmd->dev->block_shift;
	if (!len || !store->read_ahead(to_vdisk(cmd->dev), vdisk_pos(cmd), len))
		return SCST_EXEC_DONE;
	if (blocks <= max && (cmd->cdb[1] & VDISK_CDB_IMMED ||
			      vdisk_read_through(cmd, len)))
		scst_set_cmd_status(cmd, SAM_STAT_CONDITION_MET);
	return SCST_EXEC_DONE;
}

/* There are no defects, in whatever list and format. */
enum scst_exec_result vdisk_read_defect_10(struct scst_cmd *cmd)
{
	u8 buf[4] = { 0, cmd->cdb[2] & VDISK_DEFECT_FLAGS };

	if (!vdisk_not_ready(cmd))
		scst_cmd_copy_in(cmd, buf, sizeof(buf));
	return SCST_EXEC_DONE;
}

enum scst_exec_result vdisk_read_defect_12(struct scst_cmd *cmd)
{
	u8 buf[8] = { 0, cmd->cdb[1] & VDISK_DEFECT_FLAGS };

	if (!vdisk_not_ready(cmd))
		scst_cmd_copy_in(cmd, buf, sizeof(buf));
	return SCST_EXEC_DONE;
}

/*
 * Who asks for the capacity means to use it: not while the store is not there.
 * One that is closed because of the access state keeps it: it is what other
 * target ports show, and what a path in standby is found by.
 */
static bool vdisk_has_no_size(struct scst_cmd *cmd)
{
	if (vdisk_not_ready(cmd))
		return true;
	return !READ_ONCE(to_vdisk(cmd->dev)->by_alua) &&
	       vdisk_check_store(cmd);
}

enum scst_exec_result vdisk_read_capacity_10(struct scst_cmd *cmd)
{
	u8 buf[8];
	u64 last;

	if (vdisk_has_no_size(cmd))
		return SCST_EXEC_DONE;
	vdisk_look_at_size(to_vdisk(cmd->dev));
	last = READ_ONCE(cmd->dev->nblocks) - 1;
	/* SBC-4 5.20.2: too large for 32 bits: use READ CAPACITY(16). */
	put_unaligned_be32(min_t(u64, last, U32_MAX), buf);
	put_unaligned_be32(1U << cmd->dev->block_shift, buf + 4);
	scst_cmd_copy_in(cmd, buf, sizeof(buf));
	return SCST_EXEC_DONE;
}

enum scst_exec_result vdisk_read_capacity_16(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	u8 buf[VDISK_CAPACITY_16_LEN] = {};

	if (vdisk_has_no_size(cmd))
		return SCST_EXEC_DONE;
	vdisk_look_at_size(vd);
	put_unaligned_be64(READ_ONCE(cmd->dev->nblocks) - 1, buf);
	put_unaligned_be32(1U << cmd->dev->block_shift, buf + 8);
	buf[12] = vdisk_capacity_pi(vd->dif_type);
	buf[13] = vd->phys_shift;
	if (vd->thin_provisioned)
		buf[14] = VDISK_LBPME | (vd->reads_zeros ? VDISK_LBPRZ : 0);
	scst_cmd_copy_in(cmd, buf, sizeof(buf));
	return SCST_EXEC_DONE;
}

static void vdisk_eject(struct scst_cmd *cmd, struct vdisk *vd)
{
	if (!vd->removable) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 4,
					 1);
		return;
	}
	if (atomic_read(&vd->prevents)) {
		scst_set_cmd_error(cmd, SCST_SENSE_REMOVAL_PREVENTED);
		return;
	}
	vd->ejected = true;
}

static void vdisk_load(struct scst_cmd *cmd, struct vdisk *vd)
{
	if (!vd->ejected)
		return;
	/* An empty drive that is held stays so: what PREVENT says is of both. */
	if (atomic_read(&vd->prevents)) {
		scst_set_cmd_error(cmd, SCST_SENSE_REMOVAL_PREVENTED);
		return;
	}
	vd->ejected = false;
	/* SPC-5 4.5: not ready to ready, for those who did not cause it. */
	scst_raise_ua(&vd->dev, SCST_UA_MEDIUM_CHANGED, cmd->tgt_dev);
}

/*
 * SBC-4 5.31: what the cache holds is on the medium before the disk cannot get
 * at it any more. False after an error was set.
 */
static bool vdisk_stop_cache(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	int error;

	if (vd->ejected || vd->nv_cache || cmd->cdb[4] & VDISK_SSU_NO_FLUSH)
		return true;
	error = vdisk_sync_range(vd, 0, READ_ONCE(cmd->dev->nblocks) <<
					cmd->dev->block_shift);
	return vdisk_end_flush(cmd, error);
}

/* START and LOEJ mean nothing then. */
static void vdisk_set_power(struct scst_cmd *cmd)
{
	u8 condition = VDISK_SSU_POWER(cmd->cdb[4]);
	struct vdisk *vd = to_vdisk(cmd->dev);
	struct scst_cdb_error error;
	enum vdisk_power power;

	error = vdisk_power_decode(condition, cmd->cdb[3] & VDISK_SSU_MODIFIER,
				   &power);
	if (error.sense != SCST_SENSE_NONE) {
		scst_set_cmd_error_field(cmd, error.sense, error.byte,
					 error.bit);
		return;
	}
	if (power >= VDISK_POWER_STANDBY_Z && !vdisk_stop_cache(cmd))
		return;
	vd->stopped = false;
	WRITE_ONCE(vd->power, power);
}

/* Runs alone on the device; so nobody sees the state change under him. */
enum scst_exec_result vdisk_start_stop(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	u8 what = cmd->cdb[4];

	if (vdisk_job_refuses(cmd))
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;

	if (VDISK_SSU_POWER(what)) {
		vdisk_set_power(cmd);
		return SCST_EXEC_DONE;
	}
	if (what & VDISK_SSU_START) {
		if (what & VDISK_SSU_LOEJ)
			vdisk_load(cmd, vd);
		vd->stopped = false;
	} else if (!vdisk_stop_cache(cmd)) {
		return SCST_EXEC_DONE;
	} else if (what & VDISK_SSU_LOEJ) {
		vdisk_eject(cmd, vd);
	} else {
		vd->stopped = true;
	}
	WRITE_ONCE(vd->power, VDISK_POWER_ACTIVE);
	return SCST_EXEC_DONE;
}

/* The flag of a nexus is its handler_priv; SPC-5 6.16. */
static bool vdisk_set_prevent(struct scst_tgt_dev *tgt_dev, bool prevent)
{
	void *old = xchg(&tgt_dev->handler_priv, prevent ? tgt_dev : NULL);

	return !!old != prevent;
}

/* A nexus is lost or a reset has come: it prevents removal no longer. */
void vdisk_allow_removal(struct scst_tgt_dev *tgt_dev)
{
	if (vdisk_set_prevent(tgt_dev, false))
		atomic_dec(&to_vdisk(tgt_dev->dev)->prevents);
}

enum scst_exec_result vdisk_prevent_allow(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);

	if (cmd->cdb[4] & 0x02) {
		/* 10b and 11b are obsolete. */
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, 4,
					 1);
		return SCST_EXEC_DONE;
	}
	if (!(cmd->cdb[4] & 0x01))
		vdisk_allow_removal(cmd->tgt_dev);
	else if (vdisk_set_prevent(cmd->tgt_dev, true))
		atomic_inc(&vd->prevents);
	return SCST_EXEC_DONE;
}
