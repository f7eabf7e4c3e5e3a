/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Persistent reservations (SPC-5 5.14) without locks, sleeping or devices, by
 * the file that defines them.
 */
#ifndef _SCST_PR_H
#define _SCST_PR_H

#include <linux/sizes.h>
#include <linux/types.h>
#include <scst/cdb.h>
#include <scst/sense.h>
#include <scst/transport_id.h>

/* Registrations that a logical unit has room for */
#define SCST_PR_MAX_REGS	1024
/* Longest PERSISTENT RESERVE OUT parameter list that is looked at */
#define SCST_PR_MAX_PARAM	65536

/* INSUFFICIENT REGISTRATION RESOURCES */
#define SCST_PR_SENSE_NO_RESOURCES \
	SCST_SENSE(ILLEGAL_REQUEST, 0x55, 0x04)
/* PERSISTENT RESERVATION INFORMATION LOST */
#define SCST_PR_SENSE_LOST \
	SCST_SENSE(HARDWARE_ERROR, 0x44, 0x01)

/* SPC-5 table 238: service actions of PERSISTENT RESERVE OUT */
enum scst_pr_action {
	SCST_PR_REGISTER,
	SCST_PR_RESERVE,
	SCST_PR_RELEASE,
	SCST_PR_CLEAR,
	SCST_PR_PREEMPT,
	SCST_PR_PREEMPT_ABORT,
	SCST_PR_REGISTER_IGNORE,
	SCST_PR_MOVE,
	SCST_PR_REPLACE_LOST,
	SCST_PR_NR_ACTIONS,
};

/* SPC-5 table 231: types of persistent reservations */
enum scst_pr_type {
	SCST_PR_NONE		= 0,
	SCST_PR_WRITE_EXCL	= 1,
	SCST_PR_EXCL_ACCESS	= 3,
	SCST_PR_WRITE_EXCL_RO	= 5,
	SCST_PR_EXCL_ACCESS_RO	= 6,
	SCST_PR_WRITE_EXCL_AR	= 7,
	SCST_PR_EXCL_ACCESS_AR	= 8,
};

/* scst_pr_reg.effects: what an operation has done to the nexus of another */
#define SCST_PR_GONE		BIT(0)	/* it is registered no more */
#define SCST_PR_UA_RELEASED	BIT(1)	/* RESERVATIONS RELEASED */
#define SCST_PR_UA_CLEARED	BIT(2)	/* RESERVATIONS PREEMPTED */
#define SCST_PR_UA_PREEMPTED	BIT(3)	/* REGISTRATIONS PREEMPTED */
#define SCST_PR_ABORT		BIT(4)	/* its commands are to be aborted */

/**
 * struct scst_pr_port - an I_T nexus, as registrations know it
 * @id: TransportID of the initiator port
 * @rel_port: relative target port identifier
 */
struct scst_pr_port {
	struct scst_transport_id	id;
	u16				rel_port;
};

/**
 * struct scst_pr_reg - a registration
 * @port: the nexus
 * @key: reservation key
 * @effects: SCST_PR_* of the operation that was just applied
 */
struct scst_pr_reg {
	struct scst_pr_port	port;
	u64			key;
	u8			effects;
};

/**
 * struct scst_pr - the persistent reservation state of a logical unit
 * @generation: PRGENERATION
 * @type: enum scst_pr_type; SCST_PR_NONE if there is no reservation
 * @aptpl: it is to survive a loss of power (SPC-5 5.14.5)
 * @lost: what there was is not known any more; until an initiator replaces it
 *	there are neither registrations nor a reservation, nor access
 * @holder: index of the holder's registration; of no meaning without a
 *	reservation and if all registrants hold it
 * @nr: registrations
 * @max: room for registrations
 * @regs: registrations
 */
struct scst_pr {
	u32			generation;
	u8			type;
	bool			aptpl;
	bool			lost;
	u32			holder;
	u32			nr;
	u32			max;
	struct scst_pr_reg	regs[] __counted_by(max);
};

/**
 * struct scst_pr_args - a PERSISTENT RESERVE OUT command
 * @action: service action
 * @scope: SCOPE
 * @type: TYPE
 * @key: RESERVATION KEY
 * @sa_key: SERVICE ACTION RESERVATION KEY
 * @spec_i_pt: SPEC_I_PT: @ids are to be registered
 * @all_tg_pt: ALL_TG_PT: for all of @ports
 * @aptpl: APTPL
 * @unreg: UNREG of REGISTER AND MOVE
 * @move_port: RELATIVE TARGET PORT IDENTIFIER of REGISTER AND MOVE
 * @ids: TransportIDs of the parameter list; the caller provides the room
 * @nr_ids: how many; the caller presets it to how many there is room for
 * @ports: relative identifiers of all target ports; set by the caller
 * @nr_ports: how many
 */
struct scst_pr_args {
	u8				action;
	u8				scope;
	u8				type;
	u64				key;
	u64				sa_key;
	bool				spec_i_pt;
	bool				all_tg_pt;
	bool				aptpl;
	bool				unreg;
	u16				move_port;
	struct scst_transport_id	*ids;
	unsigned int			nr_ids;
	const u16			*ports;
	unsigned int			nr_ports;
};

/**
 * struct scst_pr_result - how a command ends
 * @status: SAM status
 * @sense: sense data of a CHECK CONDITION
 * @byte: field pointer, 0 for none
 * @bit: bit pointer, negative for none
 */
struct scst_pr_result {
	u8		status;
	scst_sense_t	sense;
	u16		byte;
	s8		bit;
};

#define SCST_PR_GOOD ((struct scst_pr_result) { .status = SAM_STAT_GOOD })
#define SCST_PR_CONFLICT \
	((struct scst_pr_result) { .status = SAM_STAT_RESERVATION_CONFLICT })

static inline struct scst_pr_result scst_pr_error(scst_sense_t sense, u16 byte,
						  s8 bit)
{
	return (struct scst_pr_result) {
		.status	= SAM_STAT_CHECK_CONDITION,
		.sense	= sense,
		.byte	= byte,
		.bit	= bit,
	};
}

/* pr.c */

bool scst_pr_type_valid(u8 type);
/* All registrants hold the reservation; all of them may do what it is about */
bool scst_pr_type_all_regs(u8 type);
bool scst_pr_type_regs_only(u8 type);
bool scst_pr_port_equal(const struct scst_pr_port *a,
			const struct scst_pr_port *b);
struct scst_pr_reg *scst_pr_find(struct scst_pr *pr,
				 const struct scst_pr_port *port);
bool scst_pr_is_holder(const struct scst_pr *pr, const struct scst_pr_reg *reg);

/**
 * scst_pr_apply() - execute a PERSISTENT RESERVE OUT command
 * @pr: state; of no use any more unless the result is GOOD. Registrations that
 *	are gone stay, marked so, until scst_pr_settle()
 * @self: nexus that has sent it
 * @args: command
 */
struct scst_pr_result scst_pr_apply(struct scst_pr *pr,
				    const struct scst_pr_port *self,
				    const struct scst_pr_args *args);

/* Forget the effects, and the registrations that are gone */
void scst_pr_settle(struct scst_pr *pr);

/**
 * enum scst_resv_access - what a nexus may do in the presence of reservations
 * @SCST_ACCESS_ALL: everything
 * @SCST_ACCESS_READ: what a Write Exclusive one of another allows
 * @SCST_ACCESS_NONE: what an Exclusive Access one of another allows
 * @SCST_ACCESS_RESERVED: what RESERVE by another allows (SPC-2 5.5.1)
 * @SCST_ACCESS_LOST: what is allowed while nobody knows who may do what
 */
enum scst_resv_access {
	SCST_ACCESS_ALL,
	SCST_ACCESS_READ,
	SCST_ACCESS_NONE,
	SCST_ACCESS_RESERVED,
	SCST_ACCESS_LOST,
};

enum scst_resv_access scst_pr_access(struct scst_pr *pr,
				     const struct scst_pr_port *port);

/**
 * scst_resv_conflict() - does a command conflict with a reservation?
 * @access: what its nexus may do
 * @row: its row
 * @cdb: CDB, decoded
 */
bool scst_resv_conflict(enum scst_resv_access access,
			const struct scst_cdb_op *row, const u8 *cdb);

/* SPC-5 5.14.3: RESERVE and RELEASE while there are registrations */
struct scst_pr_result scst_pr_crh(struct scst_pr *pr,
				  const struct scst_pr_port *port);

/* pr_out.c */

/* How many TransportIDs may be in a parameter list? */
unsigned int scst_pr_out_max_ids(size_t len);

/**
 * scst_pr_out_parse() - CDB and parameter list of PERSISTENT RESERVE OUT
 * @cdb: CDB, decoded
 * @buf: parameter list
 * @len: its length
 * @args: result
 */
struct scst_pr_result scst_pr_out_parse(const u8 *cdb, const u8 *buf,
					size_t len, struct scst_pr_args *args);

/* pr_in.c */

/* Bytes that PERSISTENT RESERVE IN may need */
size_t scst_pr_in_size(const struct scst_pr *pr);

/* What is lost cannot be read: SCST_PR_SENSE_LOST is the answer. */
bool scst_pr_in_refused(u8 action, const struct scst_pr *pr);

/**
 * scst_pr_in_build() - parameter data of PERSISTENT RESERVE IN
 * @action: service action that the command table knows
 * @pr: state
 * @buf: result, scst_pr_in_size() zeroed bytes
 *
 * Return: bytes in @buf.
 */
size_t scst_pr_in_build(u8 action, const struct scst_pr *pr, u8 *buf);

/* pr_image.c */

/* Where the second generation of a file begins: no image is longer. */
#define SCST_PR_SLOT		SZ_512K
/* Bytes of an image that tell how long it is */
#define SCST_PR_IMAGE_HEAD	40

/**
 * enum scst_pr_image_state - what the bytes of a generation, or a file, are
 * @SCST_PR_IMAGE_ALIEN: anything; no image at all
 * @SCST_PR_IMAGE_TORN: cut off, or with wrong bytes
 * @SCST_PR_IMAGE_NEWER: in a format of the future
 * @SCST_PR_IMAGE_FOREIGN: of another device
 * @SCST_PR_IMAGE_VALID: fine
 */
enum scst_pr_image_state {
	SCST_PR_IMAGE_ALIEN,
	SCST_PR_IMAGE_TORN,
	SCST_PR_IMAGE_NEWER,
	SCST_PR_IMAGE_FOREIGN,
	SCST_PR_IMAGE_VALID,
};

/**
 * struct scst_pr_image - an image that has been looked at
 * @state: what it is; the others are of meaning if it is valid
 * @seq: which of two is newer
 * @generation: PRGENERATION
 * @type: enum scst_pr_type, or a number that is none
 * @aptpl: APTPL
 * @lost: as in struct scst_pr
 * @nr: registrations, at most SCST_PR_MAX_REGS
 * @regs: registrations, not looked at yet
 * @regs_len: bytes in @regs
 */
struct scst_pr_image {
	enum scst_pr_image_state	state;
	u64				seq;
	u32				generation;
	u8				type;
	bool				aptpl;
	bool				lost;
	u32				nr;
	const u8			*regs;
	size_t				regs_len;
};

/**
 * scst_pr_image_size() - bytes that an image takes
 * @pr: state; registrations that are gone do not count
 * @owner: device that it is of
 */
size_t scst_pr_image_size(const struct scst_pr *pr, const char *owner);

/**
 * scst_pr_image_build() - write an image
 * @pr: state
 * @owner: device that it is of
 * @seq: sequence number
 * @buf: result, scst_pr_image_size() bytes
 */
void scst_pr_image_build(const struct scst_pr *pr, const char *owner, u64 seq,
			 u8 *buf);

/**
 * scst_pr_image_len() - how long is an image?
 * @head: its first SCST_PR_IMAGE_HEAD bytes
 *
 * Return: bytes, between SCST_PR_IMAGE_HEAD and SCST_PR_SLOT; 0 if @head is not
 * that of an image.
 */
size_t scst_pr_image_len(const u8 *head);

/**
 * scst_pr_image_look() - is it an image, and of what?
 * @buf: bytes; others may follow behind the image
 * @len: how many
 * @owner: device that it has to be of, or NULL for any
 * @image: result, with pointers into @buf
 */
void scst_pr_image_look(const u8 *buf, size_t len, const char *owner,
			struct scst_pr_image *image);

/**
 * scst_pr_image_choose() - the newer of a file's two generations
 * @gens: both
 * @newest: index of it, if the result is SCST_PR_IMAGE_VALID
 *
 * Return: what the file is as a whole. One generation may be torn: that is
 * what there are two for. What another device or a later kernel has written is
 * not to be ignored, though.
 */
enum scst_pr_image_state
scst_pr_image_choose(const struct scst_pr_image gens[2], unsigned int *newest);

/**
 * scst_pr_image_load() - the state that an image holds
 * @image: a valid one
 * @pr: result; zeroed, with room for its registrations
 *
 * Return: 0; -EINVAL if there can be no such state.
 */
int scst_pr_image_load(const struct scst_pr_image *image, struct scst_pr *pr);

#endif /* _SCST_PR_H */
