/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCST: protection information (SBC-4 4.21): eight bytes for each logical
 * block, which say what it holds, whose it is, and where it belongs.
 *
 * Pure: no locks, no devices. What maps pages says so.
 */
#ifndef _SCST_PI_H
#define _SCST_PI_H

#include <linux/bits.h>
#include <linux/t10-pi.h>
#include <linux/types.h>
#include <scst/cdb.h>
#include <scst/sense.h>

struct scatterlist;

/* Bytes of protection information behind a logical block on its way */
#define SCST_PI_LEN	sizeof(struct t10_pi_tuple)

/* What of it is checked */
#define SCST_PI_GUARD	BIT(0)
#define SCST_PI_APP	BIT(1)
#define SCST_PI_REF	BIT(2)
#define SCST_PI_ALL	(SCST_PI_GUARD | SCST_PI_APP | SCST_PI_REF)

/* LOGICAL BLOCK GUARD CHECK FAILED, and the same of the two tags */
#define SCST_SENSE_PI_GUARD	SCST_SENSE(ABORTED_COMMAND, 0x10, 0x01)
#define SCST_SENSE_PI_APP	SCST_SENSE(ABORTED_COMMAND, 0x10, 0x02)
#define SCST_SENSE_PI_REF	SCST_SENSE(ABORTED_COMMAND, 0x10, 0x03)

/**
 * struct scst_pi_rule - what the protection information of blocks is to be
 * @type: enum t10_dif_type, not zero
 * @check: SCST_PI_*: what of it is to be checked
 * @app_tag: LOGICAL BLOCK APPLICATION TAG
 * @app_mask: the bits of it that are checked
 * @ref_tag: LOGICAL BLOCK REFERENCE TAG of the first block; unknown, and of no
 *	meaning, with type 3
 */
struct scst_pi_rule {
	u8	type;
	u8	check;
	u16	app_tag;
	u16	app_mask;
	u32	ref_tag;
};

/**
 * struct scst_pi_blocks - logical blocks, and their protection information
 * @data: the blocks, one behind the other
 * @tuples: protection information, one of them a block
 * @nr: number of blocks
 * @shift: log2 of the logical block length
 */
struct scst_pi_blocks {
	u8			*data;
	struct t10_pi_tuple	*tuples;
	unsigned int		nr;
	u8			shift;
};

/**
 * struct scst_pi_fault - a block that is not what it is said to be
 * @sense: which check has failed
 * @block: the first such block, from the first one on
 */
struct scst_pi_fault {
	scst_sense_t	sense;
	unsigned int	block;
};

/**
 * struct scst_pi_device - a logical unit, as far as rules depend on it
 * @type: enum t10_dif_type
 * @dpicz: DPICZ of the Control mode page: no checks if RDPROTECT or VRPROTECT
 *	is zero
 * @ato: ATO of the same: application tags belong to the application client
 * @app_tag: the one that all blocks have; 0 if nobody knows
 */
struct scst_pi_device {
	u8	type;
	bool	dpicz;
	bool	ato;
	u16	app_tag;
};

/**
 * scst_pi_generate() - make protection information
 * @rule: what it says beside the guard
 * @blocks: the blocks; result: .tuples
 *
 * SBC-4 5.40, WRPROTECT 000b: the reference tag is that of @rule with type 1,
 * and all ones with the others.
 */
void scst_pi_generate(const struct scst_pi_rule *rule,
		      const struct scst_pi_blocks *blocks);

/**
 * scst_pi_make_guards() - blocks have changed, but neither owner nor place
 * @blocks: the blocks; result: the guards of .tuples, whose tags stay
 */
void scst_pi_make_guards(const struct scst_pi_blocks *blocks);

/**
 * scst_pi_repeat() - that of WRITE SAME, which sends it for the first block
 * @type: enum t10_dif_type
 * @tuple: what was sent
 * @first: number of the first of @blocks, counted from the command's first
 * @blocks: result: .tuples
 *
 * The reference tag goes up by one a block, but with type 3 (SBC-4 5.54).
 */
void scst_pi_repeat(u8 type, const struct t10_pi_tuple *tuple, u32 first,
		    const struct scst_pi_blocks *blocks);

/**
 * scst_pi_verify() - check protection information
 * @rule: what it is to be
 * @blocks: blocks with theirs
 * @fault: result, if it is not
 *
 * A block whose application tag is all ones, and with type 3 the reference tag
 * as well, is not checked (SBC-4 4.21.2).
 *
 * Return: it is.
 */
bool scst_pi_verify(const struct scst_pi_rule *rule,
		    const struct scst_pi_blocks *blocks,
		    struct scst_pi_fault *fault);

/**
 * scst_pi_compare() - compare that of the medium with what was sent
 * @rule: .type, and .check: which fields
 * @medium: one
 * @sent: the other
 * @nr: blocks
 * @fault: result, if they differ; MISCOMPARE
 *
 * Return: it is the same.
 */
bool scst_pi_compare(const struct scst_pi_rule *rule,
		     const struct t10_pi_tuple *medium,
		     const struct t10_pi_tuple *sent, unsigned int nr,
		     struct scst_pi_fault *fault);

/**
 * scst_pi_strip() - take blocks with their protection information apart
 * @sg: each block is followed by its protection information
 * @nents: entries in @sg
 * @skip: blocks to begin behind
 * @blocks: result
 *
 * Maps pages. Any context. Return: bytes of @sg, all of them or fewer if @sg
 * ends before.
 */
size_t scst_pi_strip(struct scatterlist *sg, unsigned int nents, u32 skip,
		     const struct scst_pi_blocks *blocks);

/**
 * scst_pi_insert() - the reverse
 * @sg: result
 * @nents: entries in @sg
 * @skip: blocks to begin behind
 * @blocks: the blocks
 * @len: bytes of @sg that may be used from there on
 *
 * Maps pages. Any context. Return: bytes of @sg.
 */
size_t scst_pi_insert(struct scatterlist *sg, unsigned int nents, u32 skip,
		      const struct scst_pi_blocks *blocks, size_t len);

/**
 * scst_pi_rule_at() - what blocks are to be, as far as their place tells
 * @dev: logical unit
 * @lba: first block
 * @rule: result; checks what RDPROTECT 000b does
 */
void scst_pi_rule_at(const struct scst_pi_device *dev, u64 lba,
		     struct scst_pi_rule *rule);

/**
 * scst_pi_rule_of() - the same, as far as a command tells
 * @dev: logical unit
 * @cdb: CDB
 * @info: the same, decoded
 * @rule: result; checks what RDPROTECT, WRPROTECT or VRPROTECT says
 */
void scst_pi_rule_of(const struct scst_pi_device *dev, const u8 *cdb,
		     const struct scst_cdb_info *info,
		     struct scst_pi_rule *rule);

/**
 * scst_pi_rule_compare() - what VERIFY compares if BYTCHK is not zero
 * @dev: logical unit
 * @protect: VRPROTECT or WRPROTECT
 * @rule: result, for scst_pi_compare()
 */
void scst_pi_rule_compare(const struct scst_pi_device *dev, u8 protect,
			  struct scst_pi_rule *rule);

/**
 * scst_pi_rule_made() - what the logical unit makes itself (WRPROTECT 000b)
 * @dev: logical unit
 * @lba: first block
 * @rule: result, for scst_pi_generate()
 */
void scst_pi_rule_made(const struct scst_pi_device *dev, u64 lba,
		       struct scst_pi_rule *rule);

#endif /* _SCST_PI_H */
