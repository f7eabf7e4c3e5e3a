/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What virtual disks decide without locks, sleeping or devices: KUnit runs the
 * very same source.
 */
#ifndef _SCST_VDISK_PURE_H
#define _SCST_VDISK_PURE_H

#include <linux/types.h>
#include <scst/cdb.h>
#include <scst/sense.h>

/* PROVISIONING STATUS of an LBA status descriptor (SBC-4 5.6.2) */
#define VDISK_LBA_MAPPED	0
#define VDISK_LBA_DEALLOCATED	1
#define VDISK_LBA_ANCHORED	2

/**
 * vdisk_lba_type_valid() - is it a REPORT TYPE of GET LBA STATUS?
 * @type: REPORT TYPE (SBC-4 5.6.1)
 */
bool vdisk_lba_type_valid(u8 type);

/**
 * vdisk_lba_wanted() - is an extent to be reported?
 * @type: REPORT TYPE, a valid one
 * @status: PROVISIONING STATUS of the extent
 */
bool vdisk_lba_wanted(u8 type, u8 status);

/**
 * struct vdisk_extents - the room that a file has, and how to ask for it
 * @count: how many extents have some of the range, or an errno; an extent is
 *	one range of the file, and none is zero bytes long
 * @priv: its first argument
 * @unit: extents begin and end at multiples of it; a power of two, in bytes
 * @block: logical block length, a multiple of @unit
 */
struct vdisk_extents {
	int	(*count)(void *priv, u64 pos, u64 len);
	void	*priv;
	u32	unit;
	u32	block;
};

/**
 * vdisk_extents_status() - is there room for blocks that have no data?
 * @ex: whom to ask
 * @pos: first byte of the first block, which has none
 * @len: bytes, whole blocks, not zero, up to the next one that has; result: of
 *	those for which the answer holds, which may hold for the next one, too
 *
 * For a map of @len that has 2^n units @count is called 3 n + 6 times at most,
 * and once for each unit of a block. An answer is right if nobody takes room
 * from the map meanwhile; that somebody gives it some does no harm.
 *
 * Return: VDISK_LBA_ANCHORED, VDISK_LBA_DEALLOCATED, or what @count has failed
 * with.
 */
int vdisk_extents_status(const struct vdisk_extents *ex, u64 pos, u64 *len);

/**
 * vdisk_format_parse() - FORMAT UNIT (SBC-4 5.4)
 * @cdb: CDB, decoded without error
 * @list: parameter list, or NULL
 * @len: bytes in @list
 * @pi_type: protection information of the disk, enum t10_dif_type, or 0
 * @immed: result: IMMED
 *
 * There is one format, that of the disk as it was configured, and there are no
 * defects that one could send.
 *
 * Return: SCST_SENSE_NONE in .sense, or what is wrong.
 */
struct scst_cdb_error vdisk_format_parse(const u8 *cdb, const u8 *list,
					 size_t len, u8 pi_type, bool *immed);

/* Most bytes of the parameter list that vdisk_format_parse() looks at */
#define VDISK_FORMAT_LIST	8

/**
 * struct vdisk_overwrite - how SANITIZE is to overwrite
 * @count: OVERWRITE COUNT: number of passes
 * @invert: each pass writes the inverse of the one before; the last one writes
 *	the pattern itself
 * @pattern: in the parameter list
 * @len: bytes in @pattern
 */
struct vdisk_overwrite {
	u8		count;
	bool		invert;
	const u8	*pattern;
	u16		len;
};

/**
 * vdisk_overwrite_parse() - the parameter list of OVERWRITE (SBC-4 5.30.2)
 * @list: parameter list
 * @len: bytes in @list
 * @block: logical block length
 * @ow: result
 *
 * Return: SCST_SENSE_NONE in .sense, or what is wrong.
 */
struct scst_cdb_error vdisk_overwrite_parse(const u8 *list, size_t len,
					    u32 block,
					    struct vdisk_overwrite *ow);

/**
 * vdisk_overwrite_fill() - what a pass writes
 * @ow: how to overwrite
 * @pass: 0 and up
 * @block: logical block length
 * @buf: result: each block begins with the pattern, which is repeated
 * @len: bytes in @buf, whole blocks
 */
void vdisk_overwrite_fill(const struct vdisk_overwrite *ow, unsigned int pass,
			  u32 block, u8 *buf, size_t len);

/**
 * enum vdisk_power - power condition (SBC-4 4.21)
 * @VDISK_POWER_ACTIVE: active
 * @VDISK_POWER_IDLE_A: idle_a, by command
 * @VDISK_POWER_IDLE_B: idle_b
 * @VDISK_POWER_IDLE_C: idle_c
 * @VDISK_POWER_STANDBY_Z: standby_z
 * @VDISK_POWER_STANDBY_Y: standby_y
 * @VDISK_POWER_NR: number of them
 *
 * That of a disk which was stopped is vdisk.stopped.
 */
enum vdisk_power {
	VDISK_POWER_ACTIVE,
	VDISK_POWER_IDLE_A,
	VDISK_POWER_IDLE_B,
	VDISK_POWER_IDLE_C,
	VDISK_POWER_STANDBY_Z,
	VDISK_POWER_STANDBY_Y,
	VDISK_POWER_NR,
};

/**
 * vdisk_power_decode() - what START STOP UNIT asks for (SBC-4 5.31)
 * @condition: POWER CONDITION, not zero
 * @modifier: POWER CONDITION MODIFIER
 * @power: result
 *
 * LU_CONTROL leaves it to the disk, which then is active. No timer is enabled
 * (SPC-5 7.5.13), hence none can be forced.
 *
 * Return: SCST_SENSE_NONE in .sense, or which field is wrong.
 */
struct scst_cdb_error vdisk_power_decode(u8 condition, u8 modifier,
					 enum vdisk_power *power);

/**
 * vdisk_power_sense() - what REQUEST SENSE says of a power condition
 * @power: power condition
 */
scst_sense_t vdisk_power_sense(enum vdisk_power power);

/**
 * vdisk_capacity_pi() - byte 12 of READ CAPACITY(16) parameter data
 * @pi_type: enum t10_dif_type, or 0
 *
 * Return: P_TYPE and PROT_EN (SBC-4 5.21.2).
 */
u8 vdisk_capacity_pi(u8 pi_type);

/**
 * struct vdisk_atomic_store - what a store writes as a whole, in bytes
 * @unit_min: at least so much, and only multiples of it, at such places
 * @unit_max: at most so much
 * @boundary: nothing that crosses a multiple of it; 0: there is none
 */
struct vdisk_atomic_store {
	u32	unit_min;
	u32	unit_max;
	u32	boundary;
};

/**
 * struct vdisk_atomic - what WRITE ATOMIC can do, in logical blocks
 * @max: MAXIMUM ATOMIC TRANSFER LENGTH (SBC-4 6.6.4); 0: there is no such
 *	command
 * @unit: ATOMIC ALIGNMENT and ATOMIC TRANSFER LENGTH GRANULARITY
 * @max_bounded: MAXIMUM ATOMIC TRANSFER LENGTH WITH ATOMIC BOUNDARY
 */
struct vdisk_atomic {
	u32	max;
	u32	unit;
	u32	max_bounded;
};

/**
 * vdisk_atomic_limits() - what a store's guarantee is in the words of SCSI
 * @store: the guarantee
 * @block_shift: log2 of the logical block length
 * @max_xfer: largest transfer of one command in bytes
 * @atomic: result
 *
 * A store with boundaries wants all that is longer than its unit aligned to
 * its own length, for which SCSI has no word: there is only one length then.
 */
void vdisk_atomic_limits(const struct vdisk_atomic_store *store, u8 block_shift,
			 u32 max_xfer, struct vdisk_atomic *atomic);

/**
 * struct vdisk_atomic_fields - what a WRITE ATOMIC says, and in which bytes
 * @lba: LOGICAL BLOCK ADDRESS
 * @blocks: TRANSFER LENGTH
 * @boundary: ATOMIC BOUNDARY
 * @lba_byte: first byte of the field
 * @blocks_byte: likewise
 * @boundary_byte: likewise
 */
struct vdisk_atomic_fields {
	u64	lba;
	u64	blocks;
	u16	boundary;
	u8	lba_byte;
	u8	blocks_byte;
	u8	boundary_byte;
};

/**
 * vdisk_atomic_check() - can a WRITE ATOMIC be done (SBC-4 4.29.1)?
 * @atomic: what can be
 * @fields: what is asked for
 *
 * Return: SCST_SENSE_NONE in .sense, or which field is wrong.
 */
struct scst_cdb_error vdisk_atomic_check(const struct vdisk_atomic *atomic,
					 const struct vdisk_atomic_fields *fields);

/**
 * vdisk_atomic_piece() - most blocks of one atomic write operation
 * @atomic: what can be
 * @boundary: ATOMIC BOUNDARY of the command, a valid one
 */
u32 vdisk_atomic_piece(const struct vdisk_atomic *atomic, u16 boundary);

#endif /* _SCST_VDISK_PURE_H */
