/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asymmetric logical unit access (SPC-5 5.18): through which target ports a
 * logical unit can be used, and how well.
 */
#ifndef _SCST_ALUA_H
#define _SCST_ALUA_H

#include <linux/configfs.h>
#include <linux/list.h>
#include <linux/workqueue.h>
#include <scst/cdb.h>
#include <scst/sense.h>
#include <scst/types.h>

/* Target ports that a group may have: TARGET PORT COUNT is one byte */
#define SCST_TPG_MAX_PORTS	255

/**
 * enum scst_alua_state - asymmetric access states, as on the wire
 * @SCST_ALUA_OPTIMIZED: active/optimized; zero, for the flag test of commands
 * @SCST_ALUA_NONOPTIMIZED: active/non-optimized
 * @SCST_ALUA_STANDBY: standby
 * @SCST_ALUA_UNAVAILABLE: unavailable
 * @SCST_ALUA_OFFLINE: offline
 * @SCST_ALUA_TRANSITIONING: on the way from one state to another
 * @SCST_ALUA_NONE: no state, for a request that there is not
 */
enum scst_alua_state {
	SCST_ALUA_OPTIMIZED	= 0x0,
	SCST_ALUA_NONOPTIMIZED	= 0x1,
	SCST_ALUA_STANDBY	= 0x2,
	SCST_ALUA_UNAVAILABLE	= 0x3,
	SCST_ALUA_OFFLINE	= 0xe,
	SCST_ALUA_TRANSITIONING	= 0xf,
	SCST_ALUA_NONE		= 0xff,
};

/* All but LBD_SUP: no state here depends on the logical block */
#define SCST_ALUA_SUP_ALL	0xcf

/* TPGS of standard INQUIRY data */
#define SCST_TPGS_NONE		0
#define SCST_TPGS_IMPLICIT	1
#define SCST_TPGS_BOTH		3

/* alua.c: without locks, sleeping or devices */

/**
 * struct scst_alua_desc - what there is to say of a state
 * @state: enum scst_alua_state
 * @sup: its bit in byte 1 of a target port group descriptor
 * @sense: what a command gets that is not executed in it
 * @name: in configfs
 */
struct scst_alua_desc {
	u8		state;
	u8		sup;
	scst_sense_t	sense;
	const char	*name;
};

/* In the order of states; the last one has no name */
extern const struct scst_alua_desc scst_alua_descs[];

const struct scst_alua_desc *scst_alua_desc(u8 state);

/**
 * scst_alua_allows() - is a command executed in a state?
 * @state: enum scst_alua_state of the group of the target port
 * @op: row of the command
 * @cdb: CDB, decoded without error
 */
bool scst_alua_allows(u8 state, const struct scst_cdb_op *op, const u8 *cdb);

/**
 * scst_alua_not_connected() - is PERIPHERAL QUALIFIER 001b?
 * @state: enum scst_alua_state
 */
static inline bool scst_alua_not_connected(u8 state)
{
	return state == SCST_ALUA_UNAVAILABLE || state == SCST_ALUA_OFFLINE;
}

/**
 * struct scst_tpg_desc - a target port group (SPC-5 6.36)
 * @group_id: TARGET PORT GROUP
 * @state: enum scst_alua_state
 * @supported: states that it can be in, as byte 1 of the descriptor
 * @status: STATUS CODE: 0 it never changed, 1 SET TARGET PORT GROUPS has
 *	changed it, 2 something else has
 * @preferred: PREF
 * @nr_ports: target ports, at most SCST_TPG_MAX_PORTS
 */
struct scst_tpg_desc {
	u16	group_id;
	u8	state;
	u8	supported;
	u8	status;
	bool	preferred;
	u8	nr_ports;
};

/**
 * struct scst_tpg_list - REPORT TARGET PORT GROUPS parameter data in the making
 * @buf: where it goes
 * @size: room in @buf; what is more is counted, but cut off
 * @len: length of the data, which may be more than @size
 */
struct scst_tpg_list {
	u8	*buf;
	size_t	size;
	size_t	len;
};

/**
 * scst_tpg_list_init() - begin parameter data
 * @list: state
 * @extended: with the extended header, whose @time is the time that an implicit
 *	transition may take, in seconds
 * @time: see @extended
 * @buf: zeroed
 * @size: room in @buf
 */
void scst_tpg_list_init(struct scst_tpg_list *list, bool extended, u8 time,
			u8 *buf, size_t size);
/* A group; desc.nr_ports ports come next */
void scst_tpg_list_add(struct scst_tpg_list *list,
		       const struct scst_tpg_desc *desc);
void scst_tpg_list_add_port(struct scst_tpg_list *list, u16 rel_tgt_id);
/* Write the length. Return: bytes in the buffer */
size_t scst_tpg_list_end(struct scst_tpg_list *list);

/* The most that a parameter list of SET TARGET PORT GROUPS makes sense with */
#define SCST_STPG_MAX_LEN	(4 + 4 * 65536)

/**
 * struct scst_stpg_desc - what SET TARGET PORT GROUPS asks for (SPC-5 6.45)
 * @group_id: TARGET PORT GROUP
 * @state: the state that it shall have
 */
struct scst_stpg_desc {
	u16	group_id;
	u8	state;
};

/**
 * scst_stpg_count() - descriptors of a parameter list
 * @len: its length
 *
 * Return: their number, or -EINVAL if the last one, or the header, is cut off.
 */
int scst_stpg_count(size_t len);
/* Where descriptor @i begins */
size_t scst_stpg_offset(unsigned int i);
struct scst_stpg_desc scst_stpg_get(const u8 *list, unsigned int i);
/* Can an initiator ask for it? */
bool scst_stpg_allows(u8 state, u8 supported);

#endif /* _SCST_ALUA_H */
