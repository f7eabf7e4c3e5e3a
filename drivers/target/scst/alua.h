/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asymmetric logical unit access (SPC-5 5.18): through which target ports a
 * logical unit can be used, and how well.
 */
#ifndef _SCST_ALUA_H
#define _SCST_ALUA_H

#include <linux/bits.h>
#include <linux/configfs.h>
#include <linux/list.h>
#include <linux/workqueue.h>
#include <scst/cdb.h>
#include <scst/sense.h>
#include <scst/types.h>

struct device;

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

/* Those in which all commands are executed */
#define SCST_ALUA_ACTIVE_STATES	(BIT(SCST_ALUA_OPTIMIZED) | \
				 BIT(SCST_ALUA_NONOPTIMIZED))

/* All but LBD_SUP: no state here depends on the logical block */
#define SCST_ALUA_SUP_ALL	0xcf

/* TPGS of standard INQUIRY data */
#define SCST_TPGS_NONE		0
#define SCST_TPGS_IMPLICIT	1
#define SCST_TPGS_BOTH		3

/* STATUS CODE of a target port group */
#define SCST_TPG_EXPLICIT	1
#define SCST_TPG_IMPLICIT	2

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
 * @status: who has changed the state: SCST_TPG_EXPLICIT SET TARGET PORT GROUPS,
 *	SCST_TPG_IMPLICIT something else, 0 nobody
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

/* alua_group.c; everything under scst_config_mutex unless it says otherwise */

/**
 * struct scst_dg - a device group: logical units with the same target port
 *	groups, which is a logical unit group of SPC-5 3.1
 * @group: device_groups/<name>/
 * @devs_group: devices/
 * @tpgs_group: target_groups/
 * @devs: scst_device.dg_entry
 * @tpgs: scst_tpg.entry, in order of creation
 * @lu_group_id: LOGICAL UNIT GROUP
 * @explicit: initiators may ask for states
 * @transition_time: seconds that an implicit transition may take, 0: unknown
 * @timeout: seconds that user space has for SET TARGET PORT GROUPS
 * @kdev: what its uevents come from, or NULL
 * @stpg_cmd: the SET TARGET PORT GROUPS that waits for user space, or NULL;
 *	subject of a lock of alua_stpg.c
 * @stpg_number: of the last one that has waited; the first is 1
 * @stpg_entry: in the list of those that have one; the same
 * @stpg_deadline: when it has waited for too long
 * @stpg_work: what looks then
 */
struct scst_dg {
	struct config_group	group;
	struct config_group	devs_group;
	struct config_group	tpgs_group;
	struct list_head	devs;
	struct list_head	tpgs;
	u16			lu_group_id;
	bool			explicit;
	u8			transition_time;
	unsigned int		timeout;
	struct device		*kdev;

	struct scst_cmd		*stpg_cmd;
	u32			stpg_number;
	struct list_head	stpg_entry;
	unsigned long		stpg_deadline;
	struct delayed_work	stpg_work;
};

/**
 * struct scst_tpg - a target port group of a device group
 * @group: target_groups/<name>/
 * @ports_group: targets/
 * @dg: device group
 * @entry: in scst_dg.tpgs
 * @ports: scst_tpg_port.entry, in order of creation
 * @desc: what REPORT TARGET PORT GROUPS says of it
 * @before: the state before transitioning, or SCST_ALUA_NONE
 * @wanted: the state that SET TARGET PORT GROUPS has asked for, or
 *	SCST_ALUA_NONE
 */
struct scst_tpg {
	struct config_group	group;
	struct config_group	ports_group;
	struct scst_dg		*dg;
	struct list_head	entry;
	struct list_head	ports;
	struct scst_tpg_desc	desc;
	u8			before;
	u8			wanted;
};

/**
 * struct scst_tpg_port - a target port of a target port group
 * @item: targets/<name>/ of a port of another machine
 * @tpg: target port group
 * @entry: in scst_tpg.ports
 * @tgt: target of this machine, which cannot go; or NULL
 * @rel_tgt_id: of a port of another machine: relative target port identifier,
 *	0 as long as nobody has said it
 */
struct scst_tpg_port {
	struct config_item	item;
	struct scst_tpg		*tpg;
	struct list_head	entry;
	struct scst_tgt		*tgt;
	u16			rel_tgt_id;
};

static inline u16 scst_tpg_port_id(const struct scst_tpg_port *port)
{
	return port->tgt ? port->tgt->rel_tgt_id : port->rel_tgt_id;
}

void scst_dg_init(struct scst_dg *dg);
int scst_dg_register(struct scst_dg *dg);
void scst_dg_unregister(struct scst_dg *dg);
int scst_dg_set_lu_group_id(struct scst_dg *dg, u16 id);
void scst_dg_set_explicit(struct scst_dg *dg, bool explicit);
int scst_dg_add_dev(struct scst_dg *dg, struct scst_device *dev);
void scst_dg_del_dev(struct scst_dg *dg, struct scst_device *dev);

void scst_tpg_init(struct scst_tpg *tpg, struct scst_dg *dg);
int scst_tpg_register(struct scst_tpg *tpg);
void scst_tpg_unregister(struct scst_tpg *tpg);
int scst_tpg_set_id(struct scst_tpg *tpg, u16 id);
int scst_tpg_set_state(struct scst_tpg *tpg, u8 state);
int scst_tpg_set_supported(struct scst_tpg *tpg, u8 supported);
void scst_tpg_set_preferred(struct scst_tpg *tpg, bool preferred);
struct scst_tpg_port *scst_tpg_port_new(struct scst_tpg *tpg,
					struct scst_tgt *tgt);
int scst_tpg_add_port(struct scst_tpg_port *port);
void scst_tpg_del_port(struct scst_tpg_port *port);
void scst_tpg_del_tgt(struct scst_tpg *tpg, const struct scst_tgt *tgt);
int scst_tpg_port_set_id(struct scst_tpg_port *port, u16 id);
/* The caller holds scst_config_mutex. */
bool scst_tgt_rel_id_clashes(const struct scst_tgt *tgt, u16 id);
void scst_alua_update_nexus(struct scst_tgt_dev *tgt_dev);

/* alua_exec.c */

void scst_report_tpgs(struct scst_cmd *cmd);

/* alua_stpg.c */

/* Seconds that user space can be given for an answer */
#define SCST_STPG_MAX_TIMEOUT	3600

void scst_stpg_abort(struct scst_cmd *cmd);
const struct scst_tgt_dev *scst_stpg_nexus(struct scst_dg *dg);
void scst_stpg_timeout(struct work_struct *work);
/* The callers of these two hold scst_config_mutex. */
void scst_stpg_check(struct scst_dg *dg);
int scst_stpg_fail(struct scst_dg *dg);
/* This one takes it. */
int scst_stpg_answer(struct scst_dg *dg, const char *text);

/* alua_event.c */

int scst_dg_dev_add(struct scst_dg *dg, const char *name);
void scst_dg_dev_del(struct scst_dg *dg);
void scst_dg_uevent(struct device *kdev, u32 number, unsigned int timeout);
int scst_alua_init(void);
void scst_alua_exit(void);

#endif /* _SCST_ALUA_H */
