// SPDX-License-Identifier: GPL-2.0
/*
 * The commands that move or check protection information: READ, WRITE, VERIFY,
 * WRITE AND VERIFY, WRITE SAME, COMPARE AND WRITE, ORWRITE.
 *
 * They run in process context, and through buffers of their own: what is checked
 * must not change any more, and on most wires each block has its protection
 * information behind it, which no store takes.
 */
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "vdisk.h"

/**
 * struct vdisk_pi_cmd - a command on its way through its blocks
 * @cmd: command
 * @vd: its disk
 * @dev: the same, as far as rules depend on it
 * @rule: what the protection information is to be, from the first block on
 * @medium: a piece of the medium
 * @sent: the same of the Data-Out
 * @one: the Data-Out is one block, for all of them
 * @first: protection information of that block
 * @from: the block of the Data-Out that belongs to the first one of the medium
 * @begun: some of an update may be written: all of it is to be, aborted or not
 */
struct vdisk_pi_cmd {
	struct scst_cmd		*cmd;
	struct vdisk		*vd;
	struct scst_pi_device	dev;
	struct scst_pi_rule	rule;
	struct scst_pi_blocks	medium;
	struct scst_pi_blocks	sent;
	bool			one;
	struct t10_pi_tuple	first;
	u32			from;
	bool			begun;
};

/* Does something to a piece, @skip blocks from the first. False: it has ended. */
typedef bool (*vdisk_pi_fn)(struct vdisk_pi_cmd *pc, u32 skip);

static bool vdisk_pi_alloc(struct scst_pi_blocks *blocks, u8 shift, u64 nr)
{
	size_t len = min(nr << shift, VDISK_CHUNK);

	blocks->shift = shift;
	blocks->data = kvmalloc(len, GFP_NOIO | __GFP_NOWARN);
	blocks->tuples = kcalloc(len >> shift, SCST_PI_LEN,
				 GFP_NOIO | __GFP_NOWARN);
	return blocks->data && blocks->tuples;
}

static void vdisk_pi_free(struct vdisk_pi_cmd *pc)
{
	kvfree(pc->medium.data);
	kfree(pc->medium.tuples);
	kvfree(pc->sent.data);
	kfree(pc->sent.tuples);
}

/* False after the command was ended */
static bool vdisk_pi_init(struct vdisk_pi_cmd *pc, struct scst_cmd *cmd,
			  bool medium, bool sent)
{
	u8 shift = cmd->dev->block_shift;
	u64 nr = cmd->info.blocks;

	*pc = (struct vdisk_pi_cmd) { .cmd = cmd, .vd = to_vdisk(cmd->dev) };
	vdisk_pi_device(pc->vd, &pc->dev);
	scst_pi_rule_of(&pc->dev, cmd->cdb, &cmd->info, &pc->rule);
	if ((!medium || vdisk_pi_alloc(&pc->medium, shift, nr)) &&
	    (!sent || vdisk_pi_alloc(&pc->sent, shift, nr)))
		return true;
	vdisk_pi_free(pc);
	scst_set_cmd_status(cmd, SAM_STAT_BUSY);
	return false;
}

/* False after the command was ended */
static bool vdisk_pi_each(struct vdisk_pi_cmd *pc, u64 blocks, vdisk_pi_fn fn)
{
	u8 shift = pc->cmd->dev->block_shift;
	u64 pos = vdisk_pos(pc->cmd);
	u32 skip, nr;

	for (skip = 0; skip < blocks; skip += nr) {
		if (!pc->begun && scst_cmd_aborted(pc->cmd))
			return false;
		nr = vdisk_pi_piece(pos + ((u64)skip << shift),
				    (blocks - skip) << shift) >> shift;
		pc->medium.nr = nr;
		pc->sent.nr = nr;
		if (!fn(pc, skip))
			return false;
	}
	return true;
}

static u64 vdisk_pi_pos(const struct vdisk_pi_cmd *pc, u32 skip)
{
	return vdisk_pos(pc->cmd) + ((u64)skip << pc->cmd->dev->block_shift);
}

/* SBC-4 4.18.1: INFORMATION has the block. */
static void vdisk_pi_failed(struct vdisk_pi_cmd *pc, u32 skip,
			    const struct scst_pi_fault *fault)
{
	scst_set_cmd_error_info(pc->cmd, fault->sense, pc->cmd->info.lba +
						       skip + fault->block);
}

static bool vdisk_pi_check(struct vdisk_pi_cmd *pc, u32 skip,
			   const struct scst_pi_blocks *blocks)
{
	struct scst_pi_rule rule = pc->rule;
	struct scst_pi_fault fault;

	rule.ref_tag += skip;
	if (likely(scst_pi_verify(&rule, blocks, &fault)))
		return true;
	vdisk_pi_failed(pc, skip, &fault);
	return false;
}

/* From the Data-Out */
static void vdisk_pi_take(struct vdisk_pi_cmd *pc, u32 skip,
			  const struct scst_pi_blocks *blocks)
{
	size_t len = (size_t)blocks->nr << blocks->shift;
	off_t offset = (off_t)skip << blocks->shift;
	struct scst_cmd *cmd = pc->cmd;

	if (cmd->info.protect && !cmd->prot_sg) {
		scst_pi_strip(cmd->sg, cmd->sg_cnt, skip, blocks);
		return;
	}
	sg_pcopy_to_buffer(cmd->sg, cmd->sg_cnt, blocks->data, len, offset);
	if (cmd->info.protect)
		sg_pcopy_to_buffer(cmd->prot_sg, cmd->prot_sg_cnt,
				   blocks->tuples, blocks->nr * SCST_PI_LEN,
				   (off_t)skip * SCST_PI_LEN);
}

/* The one block that was sent, for as many as the largest piece has */
static void vdisk_pi_take_one(struct vdisk_pi_cmd *pc, u64 nr)
{
	struct scst_pi_blocks *sent = &pc->sent;
	size_t block = 1UL << sent->shift;
	size_t done, len = min(nr << sent->shift, VDISK_CHUNK);

	pc->one = true;
	sent->nr = 1;
	vdisk_pi_take(pc, 0, sent);
	pc->first = sent->tuples[0];
	for (done = block; done < len; done += block)
		memcpy(sent->data + done, sent->data, block);
}

static void vdisk_pi_fetch(struct vdisk_pi_cmd *pc, u32 skip)
{
	if (!pc->one)
		vdisk_pi_take(pc, pc->from + skip, &pc->sent);
	else if (pc->cmd->info.protect)
		scst_pi_repeat(pc->dev.type, &pc->first, skip, &pc->sent);
}

/* To the Data-In, of which the transport may expect a part only */
static void vdisk_pi_deliver(struct vdisk_pi_cmd *pc, u32 skip)
{
	const struct scst_pi_blocks *blocks = &pc->medium;
	size_t len = (size_t)blocks->nr << blocks->shift;
	u64 offset = (u64)skip << blocks->shift;
	struct scst_cmd *cmd = pc->cmd;

	if (cmd->info.protect && !cmd->prot_sg) {
		offset += (u64)skip * SCST_PI_LEN;
		scst_pi_insert(cmd->sg, cmd->sg_cnt, skip, blocks,
			       cmd->bufflen - offset);
		return;
	}
	sg_pcopy_from_buffer(cmd->sg, cmd->sg_cnt, blocks->data,
			     min_t(u64, len, cmd->bufflen - offset), offset);
	if (cmd->info.protect)
		sg_pcopy_from_buffer(cmd->prot_sg, cmd->prot_sg_cnt,
				     blocks->tuples, blocks->nr * SCST_PI_LEN,
				     (off_t)skip * SCST_PI_LEN);
}

static bool vdisk_pi_read_medium(struct vdisk_pi_cmd *pc, u32 skip)
{
	u64 pos = vdisk_pi_pos(pc, skip);
	int error;

	error = vdisk_pi_read(pc->vd, pos, &pc->medium);
	if (likely(!error))
		return true;
	vdisk_read_failed(pc->cmd, error, pos,
			  (u64)pc->medium.nr << pc->medium.shift,
			  vdisk_pi_read_unchecked);
	return false;
}

static bool vdisk_pi_read_piece(struct vdisk_pi_cmd *pc, u32 skip)
{
	if (!vdisk_pi_read_medium(pc, skip) ||
	    !vdisk_pi_check(pc, skip, &pc->medium))
		return false;
	vdisk_pi_deliver(pc, skip);
	return true;
}

/* What a block takes of the Data-In or Data-Out */
static u32 vdisk_pi_wire_block(const struct scst_cmd *cmd)
{
	return (1U << cmd->dev->block_shift) +
	       (cmd->info.protect ? SCST_PI_LEN : 0);
}

static void vdisk_pi_read_cmd(struct scst_cmd *cmd)
{
	u32 block = vdisk_pi_wire_block(cmd);
	struct vdisk_pi_cmd pc;

	if (!vdisk_pi_init(&pc, cmd, true, false))
		return;
	vdisk_pi_each(&pc, min_t(u64, cmd->info.blocks,
				 DIV_ROUND_UP(cmd->bufflen, block)),
		      vdisk_pi_read_piece);
	vdisk_pi_free(&pc);
}

static bool vdisk_pi_write_some(struct vdisk_pi_cmd *pc, u32 skip)
{
	int error;

	if (!pc->sent.nr)
		return true;
	error = vdisk_pi_write(pc->vd, vdisk_pi_pos(pc, skip), &pc->sent);
	if (error)
		vdisk_set_errno(pc->cmd, error);
	return !error;
}

static void vdisk_pi_make(struct vdisk_pi_cmd *pc, u32 skip)
{
	struct scst_pi_rule rule;

	scst_pi_rule_made(&pc->dev, pc->cmd->info.lba + skip, &rule);
	scst_pi_generate(&rule, &pc->sent);
}

/*
 * What is written is what was checked. The blocks before one that is wrong are
 * written, too: Linux takes those before the LBA in INFORMATION as done.
 */
static bool vdisk_pi_write_piece(struct vdisk_pi_cmd *pc, u32 skip)
{
	struct scst_pi_rule rule = pc->rule;
	struct scst_pi_fault fault;

	vdisk_pi_fetch(pc, skip);
	if (!pc->cmd->info.protect)
		vdisk_pi_make(pc, skip);
	rule.ref_tag += skip;
	if (!pc->cmd->info.protect || scst_pi_verify(&rule, &pc->sent, &fault))
		return vdisk_pi_write_some(pc, skip);
	pc->sent.nr = fault.block;
	if (vdisk_pi_write_some(pc, skip))
		vdisk_pi_failed(pc, skip, &fault);
	return false;
}

/* Process context. False after the command was ended. */
static bool vdisk_pi_settle(struct vdisk_pi_cmd *pc, bool must)
{
	struct scst_cmd *cmd = pc->cmd;
	int error;

	if (!must)
		return true;
	error = pc->vd->store->sync(pc->vd, vdisk_pos(cmd), cmd->info.blocks <<
							    cmd->dev->block_shift);
	if (error)
		vdisk_set_errno(cmd, error);
	return !error;
}

static void vdisk_pi_write_cmd(struct scst_cmd *cmd)
{
	struct vdisk_pi_cmd pc;

	if (!vdisk_pi_init(&pc, cmd, false, true))
		return;
	vdisk_pi_each(&pc, cmd->info.blocks, vdisk_pi_write_piece);
	vdisk_pi_settle(&pc, vdisk_force_unit_access(cmd));
	vdisk_pi_free(&pc);
}

/*
 * vdisk_count() takes what comes with the blocks for blocks, which is told from
 * them only here: it is for the commands of all disks.
 */
static void vdisk_pi_uncount(const struct scst_cmd *cmd)
{
	bool write = cmd->info.dir == SCST_DATA_WRITE;
	u32 len = write ? cmd->bufflen : cmd->resp_len;
	struct vdisk *vd = to_vdisk(cmd->dev);
	u64 more;

	if (!cmd->info.protect || cmd->status != SAM_STAT_GOOD)
		return;
	more = (len >> cmd->dev->block_shift) - len / vdisk_pi_wire_block(cmd);
	if (write)
		this_cpu_sub(vd->stats->received, more);
	else
		this_cpu_sub(vd->stats->transmitted, more);
}

/* vdisk_store.rw() */
enum scst_exec_result vdisk_pi_rw(struct scst_cmd *cmd)
{
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	if (cmd->info.dir == SCST_DATA_WRITE)
		vdisk_pi_write_cmd(cmd);
	else
		vdisk_pi_read_cmd(cmd);
	vdisk_pi_uncount(cmd);
	return SCST_EXEC_DONE;
}

/* SBC-4 tables 129 and 130: BYTCHK is zero, or no tags come with the data. */
static bool vdisk_pi_verify_piece(struct vdisk_pi_cmd *pc, u32 skip)
{
	return vdisk_pi_read_medium(pc, skip) &&
	       vdisk_pi_check(pc, skip, &pc->medium);
}

/* Tables 131 and 132: what comes is checked, and compared with what is there. */
static bool vdisk_pi_compare_piece(struct vdisk_pi_cmd *pc, u32 skip)
{
	const struct scst_pi_blocks *medium = &pc->medium;
	u8 protect = pc->cmd->info.protect;
	struct scst_pi_fault fault;
	struct scst_pi_rule rule;

	vdisk_pi_fetch(pc, skip);
	if (!vdisk_pi_read_medium(pc, skip) ||
	    !vdisk_pi_check(pc, skip, protect ? &pc->sent : medium) ||
	    vdisk_miscompare(pc->cmd, medium->data, pc->sent.data,
			     (size_t)medium->nr << medium->shift,
			     (u64)skip << medium->shift))
		return false;
	if (!protect)
		return true;
	scst_pi_rule_compare(&pc->dev, protect, &rule);
	if (scst_pi_compare(&rule, medium->tuples, pc->sent.tuples, medium->nr,
			    &fault))
		return true;
	vdisk_pi_failed(pc, skip, &fault);
	return false;
}

static void vdisk_pi_verify_blocks(struct vdisk_pi_cmd *pc, u8 bytchk)
{
	u64 blocks = pc->cmd->info.blocks;

	if (bytchk == VDISK_BYTCHK_ONE && blocks)
		vdisk_pi_take_one(pc, blocks);
	vdisk_pi_each(pc, blocks, bytchk ? vdisk_pi_compare_piece :
					   vdisk_pi_verify_piece);
}

/* Process context; the disk is ready. */
void vdisk_pi_verify(struct scst_cmd *cmd)
{
	u8 bytchk = VDISK_BYTCHK(vdisk_cdb_flags(cmd));
	struct vdisk_pi_cmd pc;

	if (!vdisk_pi_init(&pc, cmd, true, bytchk))
		return;
	vdisk_pi_verify_blocks(&pc, bytchk);
	vdisk_pi_free(&pc);
}

/* The same */
void vdisk_pi_write_verify(struct scst_cmd *cmd)
{
	struct vdisk_pi_cmd pc;
	bool good;

	if (!vdisk_pi_init(&pc, cmd, true, true))
		return;
	good = vdisk_pi_each(&pc, cmd->info.blocks, vdisk_pi_write_piece);
	if (vdisk_pi_settle(&pc, cmd->info.blocks && !pc.vd->nv_cache) &&
	    good && vdisk_write_back(cmd))
		vdisk_pi_verify_blocks(&pc, VDISK_BYTCHK(vdisk_cdb_flags(cmd)));
	vdisk_pi_free(&pc);
	vdisk_pi_uncount(cmd);
}

/*
 * WRITE SAME whose block comes with its protection information, which the
 * blocks would lose if they were given back: UNMAP is a request that need not be
 * granted (SBC-4 5.54).
 */
void vdisk_pi_same(struct scst_cmd *cmd)
{
	struct vdisk_pi_cmd pc;

	if (!vdisk_pi_init(&pc, cmd, false, true))
		return;
	vdisk_pi_take_one(&pc, cmd->info.blocks);
	if (vdisk_pi_check(&pc, 0, &pc.sent)) {
		vdisk_pi_each(&pc, cmd->info.blocks, vdisk_pi_write_piece);
		vdisk_pi_settle(&pc, !pc.vd->nv_cache && !pc.vd->wce);
	}
	vdisk_pi_free(&pc);
}

/* SBC-4 5.3: INFORMATION counts in the Data-Out, with all that comes in it. */
static bool vdisk_pi_miscompare(struct vdisk_pi_cmd *pc, u32 skip)
{
	u32 wire_block = vdisk_pi_wire_block(pc->cmd);
	size_t block = 1UL << pc->sent.shift;
	unsigned int i;

	for (i = 0; i < pc->sent.nr; i++)
		if (vdisk_miscompare(pc->cmd, pc->medium.data + i * block,
				     pc->sent.data + i * block, block,
				     (u64)(skip + i) * wire_block))
			return true;
	return false;
}

static bool vdisk_pi_expect_piece(struct vdisk_pi_cmd *pc, u32 skip)
{
	vdisk_pi_fetch(pc, skip);
	return vdisk_pi_read_medium(pc, skip) &&
	       vdisk_pi_check(pc, skip, &pc->medium) &&
	       !vdisk_pi_miscompare(pc, skip);
}

/*
 * Is what is there what was sent first? WRPROTECT is about what is to be
 * written: the medium is checked as if there were none, and the protection
 * information of what is compared is of no use.
 */
static bool vdisk_pi_expect(struct vdisk_pi_cmd *pc)
{
	struct scst_pi_rule write_rule = pc->rule;
	bool same;

	scst_pi_rule_at(&pc->dev, pc->cmd->info.lba, &pc->rule);
	same = vdisk_pi_each(pc, pc->cmd->info.blocks, vdisk_pi_expect_piece);
	pc->rule = write_rule;
	return same;
}

static bool vdisk_pi_approve_piece(struct vdisk_pi_cmd *pc, u32 skip)
{
	vdisk_pi_fetch(pc, skip);
	return vdisk_pi_check(pc, skip, &pc->sent);
}

/*
 * All of what is to be written is right, or nothing is written. Each piece is
 * looked at again when it is: who changes it meanwhile, in memory of this
 * machine, loses no more than that the rest is not written.
 */
static bool vdisk_pi_approve(struct vdisk_pi_cmd *pc)
{
	return !pc->cmd->info.protect ||
	       vdisk_pi_each(pc, pc->cmd->info.blocks, vdisk_pi_approve_piece);
}

/* What was written before a failure lasts, too. */
static void vdisk_pi_update_each(struct vdisk_pi_cmd *pc, vdisk_pi_fn fn)
{
	pc->begun = true;
	vdisk_pi_each(pc, pc->cmd->info.blocks, fn);
	vdisk_pi_settle(pc, vdisk_force_unit_access(pc->cmd));
}

/* Process context; the disk is ready, and the command alone on its blocks. */
void vdisk_pi_compare_and_write(struct scst_cmd *cmd)
{
	struct vdisk_pi_cmd pc;

	if (!vdisk_pi_init(&pc, cmd, true, true))
		return;
	if (vdisk_pi_expect(&pc)) {
		pc.from = cmd->info.blocks;
		if (vdisk_pi_approve(&pc))
			vdisk_pi_update_each(&pc, vdisk_pi_write_piece);
	}
	vdisk_pi_free(&pc);
	vdisk_pi_uncount(cmd);
}

/* ORPROTECT is about both, the medium and what comes. */
static bool vdisk_pi_or_look(struct vdisk_pi_cmd *pc, u32 skip)
{
	vdisk_pi_fetch(pc, skip);
	if (pc->cmd->info.protect && !vdisk_pi_check(pc, skip, &pc->sent))
		return false;
	return vdisk_pi_read_medium(pc, skip) &&
	       vdisk_pi_check(pc, skip, &pc->medium);
}

/*
 * The guards are neither the medium's nor those that come; the tags are what
 * comes with the blocks, as with any other write.
 */
static bool vdisk_pi_or_piece(struct vdisk_pi_cmd *pc, u32 skip)
{
	const struct scst_pi_blocks *medium = &pc->medium;
	const struct scst_pi_blocks *sent = &pc->sent;
	size_t i, len = (size_t)sent->nr << sent->shift;

	if (!vdisk_pi_or_look(pc, skip))
		return false;
	for (i = 0; i < len; i++)
		sent->data[i] |= medium->data[i];
	if (pc->cmd->info.protect)
		scst_pi_make_guards(sent);
	else
		vdisk_pi_make(pc, skip);
	return vdisk_pi_write_some(pc, skip);
}

/* As vdisk_pi_compare_and_write() */
void vdisk_pi_orwrite(struct scst_cmd *cmd)
{
	struct vdisk_pi_cmd pc;

	if (!vdisk_pi_init(&pc, cmd, true, true))
		return;
	if (vdisk_pi_each(&pc, cmd->info.blocks, vdisk_pi_or_look))
		vdisk_pi_update_each(&pc, vdisk_pi_or_piece);
	vdisk_pi_free(&pc);
	vdisk_pi_uncount(cmd);
}
