/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCSI knowledge without locks, sleeping or devices, by the file that defines
 * it: the very same source runs under KUnit and under a user-space fuzzer.
 */
#ifndef _SCST_PURE_H
#define _SCST_PURE_H

#include <linux/bitops.h>
#include <linux/types.h>
#include <scst/cdb.h>
#include <scst/fabric.h>
#include <scst/inquiry.h>
#include <scst/mode.h>
#include <scst/pattern.h>
#include <scst/sense.h>
#include <scst/types.h>

/* cdb_*.c */

/**
 * struct scst_cdb_table - the commands of one subject
 * @rows: rows; those of one opcode need not be adjacent
 * @nr: number of @rows
 */
struct scst_cdb_table {
	const struct scst_cdb_op	*rows;
	unsigned int			nr;
};

extern const struct scst_cdb_table scst_cdb_mmc;
extern const struct scst_cdb_table scst_cdb_misc;
extern const struct scst_cdb_table scst_cdb_optical;
extern const struct scst_cdb_table scst_cdb_sat;
extern const struct scst_cdb_table scst_cdb_sbc;
extern const struct scst_cdb_table scst_cdb_sbc32;
extern const struct scst_cdb_table scst_cdb_smc;
extern const struct scst_cdb_table scst_cdb_spc;
extern const struct scst_cdb_table scst_cdb_ssc;

/* cdb.c */

/**
 * scst_cdb_sa_field() - where a service action is
 * @opcode: opcode that has service actions
 * @byte: result: its byte in the CDB
 * @bit: result: its highest bit there
 */
void scst_cdb_sa_field(u8 opcode, u16 *byte, s8 *bit);

/* cdb_table.c */

/**
 * scst_cdb_init() - make one table of all
 *
 * Before anything else here; a second call is not allowed.
 *
 * Return: 0, or -ENOSPC if somebody has forgotten to make room for more rows.
 */
int scst_cdb_init(void);

/**
 * scst_cdb_rows_from() - where the rows of an opcode begin
 * @opcode: opcode
 *
 * Return: pointers to rows in the order of their opcodes, the first one being
 * of @opcode or, if there are none, a higher one; behind the last one is NULL.
 */
const struct scst_cdb_op *const *scst_cdb_rows_from(u8 opcode);

static inline bool scst_cdb_row_has_type(const struct scst_cdb_op *row,
					 u8 type)
{
	return type < BITS_PER_TYPE(row->types) && row->types & BIT(type);
}

/* pi_cdb.c */

/**
 * scst_pi_decode() - scst_cdb_decode() for who has protection information
 * @pi_type: enum t10_dif_type, not zero
 * @type: peripheral device type
 * @cdb: CDB
 * @len: bytes in @cdb
 * @block_shift: log2 of the logical block length
 * @info: result; untouched unless SCST_SENSE_NONE is returned
 *
 * Return: as scst_cdb_decode(); also INVALID FIELD IN CDB for a reserved value of
 * a protection field, and INVALID COMMAND OPERATION CODE for one that type 2
 * has in CDBs of 32 bytes only (SBC-4 4.21.2.4).
 */
struct scst_cdb_error scst_pi_decode(u8 pi_type, u8 type, const u8 *cdb,
				     unsigned int len, u8 block_shift,
				     struct scst_cdb_info *info);

/**
 * scst_pi_add_usage() - the protection fields in CDB usage data
 * @pi_type: enum t10_dif_type
 * @type: peripheral device type
 * @usage: CDB usage data (SPC-5 6.35.3), to which they are added
 * @len: bytes in @usage
 */
void scst_pi_add_usage(u8 pi_type, u8 type, u8 *usage, unsigned int len);

/* cdb_len.c */

/**
 * struct scst_cdb_move - what a command moves
 * @bytes: bytes, in each direction
 * @blocks: logical blocks that it addresses
 * @dir: direction
 * @open_ended: as in struct scst_cdb_info
 * @own_blocks: likewise
 * @bad_byte: byte of the CDB that has no meaning, or 0
 * @bad_bit: the highest one of that field, or -1
 */
struct scst_cdb_move {
	u64			bytes;
	u64			blocks;
	enum scst_data_dir	dir;
	bool			open_ended;
	bool			own_blocks;
	u8			bad_byte;
	s8			bad_bit;
};

/**
 * scst_cdb_move() - what does a command move?
 * @row: its row, of any unit but SCST_UNIT_BLOCKS
 * @cdb: CDB, row->len bytes
 * @count: what row->count says
 * @block_shift: log2 of the logical block length
 * @move: result, zeroed by the caller
 */
void scst_cdb_move(const struct scst_cdb_op *row, const u8 *cdb, u64 count,
		   u8 block_shift, struct scst_cdb_move *move);

/* cdb.c */

/**
 * scst_cdb_naca() - is the NACA bit of a CDB set?
 * @cdb: CDB, known or not
 * @len: bytes in @cdb
 */
bool scst_cdb_naca(const u8 *cdb, unsigned int len);

/**
 * scst_cdb_usage() - a byte of the CDB usage data (SPC-5 6.35.3)
 * @type: peripheral device type
 * @row: command
 * @byte: which one
 *
 * Return: what the row says, and NACA where there is a CONTROL byte.
 */
u8 scst_cdb_usage(u8 type, const struct scst_cdb_op *row, unsigned int byte);

/* order.c */

/**
 * enum scst_aca - the ACA condition that a command finds
 * @SCST_ACA_NONE: none in its logical unit
 * @SCST_ACA_OWN: its nexus is the faulted one
 * @SCST_ACA_OTHER: another nexus of the logical unit is
 */
enum scst_aca {
	SCST_ACA_NONE,
	SCST_ACA_OWN,
	SCST_ACA_OTHER,
};

/**
 * struct scst_order_in - a command that comes to a task set
 * @control: Control mode page of the logical unit
 * @op: its row in cdb_table.c, or NULL
 * @attr: enum scst_task_attr
 * @naca: its NACA bit
 * @aca: enum scst_aca
 * @aca_cmd: there is a command with ACA attribute in the task set
 */
struct scst_order_in {
	const struct scst_control	*control;
	const struct scst_cdb_op	*op;
	u8				attr;
	bool				naca;
	u8				aca;
	bool				aca_cmd;
};

/**
 * struct scst_order_out - what becomes of it
 * @status: SAM_STAT_GOOD if it enters the task set; otherwise it ends with
 *	this status; CHECK CONDITION means INVALID MESSAGE ERROR
 * @kind: enum scst_gate_kind: how it goes through the gate
 * @passes: it is executed although there is an ACA condition in its task set
 */
struct scst_order_out {
	u8	status;
	u8	kind;
	bool	passes;
};

/**
 * scst_order_decide() - how a command enters a task set (SAM-5 5.9, 8.9)
 * @in: command
 */
struct scst_order_out scst_order_decide(const struct scst_order_in *in);

/**
 * scst_order_blocked() - is a command not to be executed now?
 * @control: Control mode page of the logical unit
 * @aca: enum scst_aca of its nexus
 * @passes: scst_order_out.passes
 */
bool scst_order_blocked(const struct scst_control *control, u8 aca,
			bool passes);

/**
 * enum scst_fault_abort - what a CHECK CONDITION aborts
 * @SCST_FAULT_ABORT_NONE: nothing
 * @SCST_FAULT_ABORT_OWN: the other commands of the nexus
 * @SCST_FAULT_ABORT_ALL: the other commands of all nexuses
 */
enum scst_fault_abort {
	SCST_FAULT_ABORT_NONE,
	SCST_FAULT_ABORT_OWN,
	SCST_FAULT_ABORT_ALL,
};

/**
 * scst_fault_aborts() - what a CHECK CONDITION aborts (SPC-5 7.5.10, QERR)
 * @control: Control mode page of the logical unit
 */
enum scst_fault_abort scst_fault_aborts(const struct scst_control *control);

/**
 * scst_fault_aca() - does a nexus have an ACA condition after CHECK CONDITION?
 * @aca: does it have one now?
 * @attr: task attribute of the command
 * @naca: its NACA bit
 */
bool scst_fault_aca(bool aca, u8 attr, bool naca);

/* range.c */

/* Bytes of a region: what a bucket of the table of ranges is about */
#define SCST_RANGE_REGION_SHIFT	20
/* A range in more of them is a wide one. */
#define SCST_RANGE_REGIONS	(SCST_RANGE_NODES - 1)

/**
 * scst_range_of() - the blocks whose contents a command needs or changes
 * @info: decoded CDB, whether its blocks are on the medium or not
 * @range: result; all of the medium if it is a list that says which ones
 *
 * Return: false if there are none.
 */
bool scst_range_of(const struct scst_cdb_info *info, struct scst_range *range);

/**
 * scst_range_extend() - a range that has some more blocks
 * @range: range; {U64_MAX, 0} has none
 * @lba: first one
 * @blocks: number of them
 *
 * What lies between is in it, too.
 */
void scst_range_extend(struct scst_range *range, u64 lba, u64 blocks);

/**
 * scst_range_overlap() - do two ranges have a block in common?
 * @a: range
 * @b: another
 */
bool scst_range_overlap(const struct scst_range *a, const struct scst_range *b);

/**
 * scst_range_regions() - the regions that a range is in
 * @range: range
 * @block_shift: log2 of the logical block length
 * @regions: result: their numbers
 *
 * Return: how many there are, or 0 for more than SCST_RANGE_REGIONS.
 */
unsigned int scst_range_regions(const struct scst_range *range, u8 block_shift,
				u64 regions[SCST_RANGE_REGIONS]);

/* rsoc.c */

/**
 * scst_rsoc_build() - parameter data of REPORT SUPPORTED OPERATION CODES
 * @type: peripheral device type
 * @cdb: CDB, decoded without error
 * @supported: does the logical unit execute the command?
 * @priv: for @supported
 * @buf: result
 * @size: room in @buf; what is more is cut off, as SPC-5 4.2.5.6 wants it for
 *	the allocation length
 * @err: why the CDB is refused
 *
 * Return: bytes in @buf, or -EINVAL with @err set.
 */
int scst_rsoc_build(u8 type, const u8 *cdb,
		    bool (*supported)(const struct scst_cdb_op *row,
				      void *priv),
		    void *priv, u8 *buf, size_t size,
		    struct scst_cdb_error *err);

/* tm_table.c */

/**
 * struct scst_tm_desc - what a task management function does
 * @needs_lun: its LUN must name a logical unit
 * @is_reset: it resets the logical unit (SAM-5 6.3.3), and affects the commands
 *	of all its nexuses
 * @all_luns: it does so to every logical unit that the nexus sees
 * @by_tag: it is about one command
 * @loses_nexus: it ends with I_T nexus loss (SAM-5 6.3.4)
 * @query: it asks, and affects nothing
 * @reported: its bit in bytes 0 and 1 of REPORT SUPPORTED TASK MANAGEMENT
 *	FUNCTIONS, or 0
 */
struct scst_tm_desc {
	bool	needs_lun;
	bool	is_reset;
	bool	all_luns;
	bool	by_tag;
	bool	loses_nexus;
	bool	query;
	u16	reported;
};

extern const struct scst_tm_desc scst_tm_descs[SCST_TM_NR];

/**
 * scst_tm_report() - REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS
 * @cdb: CDB, decoded without error
 * @buf: result
 * @size: room in @buf; what is more is cut off
 *
 * Return: bytes in @buf.
 */
size_t scst_tm_report(const u8 *cdb, u8 *buf, size_t size);

/**
 * scst_abort_is_answered() - what is said of a command that was aborted
 * @own: by a function, or a command, of the same I_T nexus
 * @tas: TAS bit of the Control mode page
 *
 * Return: true: it ends with status TASK ABORTED; false: without an answer.
 */
bool scst_abort_is_answered(bool own, bool tas);

/* control.c */

/**
 * enum scst_control_id - the fields of struct scst_control
 * @SCST_CTL_TST: scst_control.tst, and so on
 * @SCST_CTL_TMF_ONLY: tmf_only
 * @SCST_CTL_DPICZ: dpicz
 * @SCST_CTL_D_SENSE: d_sense
 * @SCST_CTL_QAM: qam
 * @SCST_CTL_QERR: qerr
 * @SCST_CTL_UA_INTLCK: ua_intlck
 * @SCST_CTL_SWP: swp
 * @SCST_CTL_TAS: tas
 * @SCST_CTL_NR: number of them
 */
enum scst_control_id {
	SCST_CTL_TST,
	SCST_CTL_TMF_ONLY,
	SCST_CTL_DPICZ,
	SCST_CTL_D_SENSE,
	SCST_CTL_QAM,
	SCST_CTL_QERR,
	SCST_CTL_UA_INTLCK,
	SCST_CTL_SWP,
	SCST_CTL_TAS,
	SCST_CTL_NR,
};

u8 scst_control_get(const struct scst_control *control,
		    enum scst_control_id id);
/* Return: false for a value that is reserved or vendor specific */
bool scst_control_put(struct scst_control *control, enum scst_control_id id,
		      unsigned int value);

/* mode_image.c */

/* Bytes of an image */
#define SCST_MODE_IMAGE_SIZE	512

/**
 * struct scst_mode_image - saved mode pages, as a file has them
 * @generation: counts what was saved
 * @len: bytes in @pages, 0 for none
 * @pages: mode pages, one after the other
 */
struct scst_mode_image {
	u32	generation;
	u16	len;
	u8	pages[SCST_SAVED_PAGES_MAX];
};

/**
 * scst_mode_image_build() - what to write into a file
 * @image: saved mode pages
 * @buf: result, SCST_MODE_IMAGE_SIZE bytes
 */
void scst_mode_image_build(const struct scst_mode_image *image, u8 *buf);

/**
 * scst_mode_image_parse() - the reverse
 * @image: result
 * @buf: what a file holds
 * @len: bytes in @buf
 *
 * Return: 0; -ENODATA for nothing but zeros; -EUCLEAN for what is no image, or
 * a damaged one.
 */
int scst_mode_image_parse(struct scst_mode_image *image, const u8 *buf,
			  size_t len);

/**
 * scst_mode_image_newer() - which of two images was written later
 * @a: image
 * @b: another
 */
bool scst_mode_image_newer(const struct scst_mode_image *a,
			   const struct scst_mode_image *b);

/* sense.c */

/* Lengths of sense data without INFORMATION and without a field pointer */
#define SCST_SENSE_FIXED_LEN	18
#define SCST_SENSE_DESC_LEN	8

/**
 * scst_sense_build() - sense data, as REQUEST SENSE returns it
 * @buf: result, SCST_SENSE_SIZE bytes, all of them written
 * @desc: descriptor format rather than fixed
 * @sense: what to report; SCST_SENSE_NONE makes NO SENSE
 *
 * Return: valid bytes in @buf.
 */
unsigned int scst_sense_build(u8 *buf, bool desc, scst_sense_t sense);

/**
 * scst_sense_add_progress() - PROGRESS INDICATION (SPC-5 4.4.2.4.4)
 * @buf: sense data just built by scst_sense_build()
 * @progress: how much of 65536 is done
 *
 * Return: valid bytes in @buf now.
 */
unsigned int scst_sense_add_progress(u8 *buf, u16 progress);

/* lun.c */

/**
 * scst_lun_unpack() - what an 8-byte LUN means
 * @lun: LUN in a form of SAM-5 4.7
 *
 * Return: the number of a logical unit of this target, SCST_LUN_REPORT_LUNS, or
 * SCST_LUN_INVALID for a LUN that names another bus or target, a second level,
 * another well known logical unit, or nothing.
 */
u64 scst_lun_unpack(const u8 lun[8]);

/**
 * scst_lun_pack() - the reverse
 * @method: form that is wanted
 * @lun: number of a logical unit, or SCST_LUN_REPORT_LUNS
 * @buf: result: the form that is wanted, or if it cannot carry @lun, the
 *	shortest flat one that can, or if none can, the LUN that means "logical
 *	unit not specified"
 */
void scst_lun_pack(enum scst_addr_method method, u64 lun, u8 buf[8]);

/**
 * struct scst_lun_list - REPORT LUNS parameter data in the making
 * @method: form of the LUNs
 * @buf: where it goes
 * @size: room in @buf
 * @len: length of the data, which may be more than @size
 */
struct scst_lun_list {
	enum scst_addr_method	method;
	u8			*buf;
	size_t			size;
	size_t			len;
};

/**
 * scst_lun_list_init() - begin REPORT LUNS parameter data
 * @list: state
 * @method: form of the LUNs
 * @buf: where to build it
 * @size: room in @buf; what is more is counted, but cut off
 */
void scst_lun_list_init(struct scst_lun_list *list,
			enum scst_addr_method method, u8 *buf, size_t size);

/**
 * scst_lun_list_add() - one more LUN
 * @list: state
 * @lun: number of the logical unit
 */
void scst_lun_list_add(struct scst_lun_list *list, u64 lun);

/**
 * scst_lun_list_end() - write the header
 * @list: state
 *
 * Return: bytes in the buffer.
 */
size_t scst_lun_list_end(struct scst_lun_list *list);

/**
 * scst_report_luns_has() - what SELECT REPORT asks for (SPC-5 6.33.1)
 * @select: SELECT REPORT
 * @ordinary: result: logical units
 * @well_known: result: well known ones
 *
 * Return: false if there is no such value.
 */
bool scst_report_luns_has(u8 select, bool *ordinary, bool *well_known);

/* inquiry.c */

/* A target port's name: an iSCSI name, and ",t,0x0001" */
#define SCST_INQ_PORT_NAME_LEN	(SCST_INQ_NAME_LEN + 9)
/* VPD page 88h, whose descriptors here are all of one length */
#define SCST_VPD_PORTS		0x88
#define SCST_INQ_PORT_LEN	20
#define SCST_INQ_MAX_PORTS	((SCST_INQUIRY_MAX - 4) / SCST_INQ_PORT_LEN)

/**
 * struct scst_inq_port - what INQUIRY data have of the target port
 * @rel_tgt_id: relative target port identifier
 * @scsi_version: version descriptor of the transport protocol, 0 for none
 * @phys_version: the same of the physical transport
 * @port_name: SCSI name string of the port, or NULL
 * @device_name: the same of the target device, or NULL
 * @ports: relative identifiers of all ports that show the logical unit
 * @nr_ports: entries in @ports, at most SCST_INQ_MAX_PORTS
 * @not_connected: PERIPHERAL QUALIFIER 001b: the state of its target port group
 *	makes the logical unit inaccessible (SPC-5 5.18.2.4)
 * @tpgs: TPGS; the next two mean nothing if it is zero
 * @group_id: TARGET PORT GROUP
 * @lu_group_id: LOGICAL UNIT GROUP
 * @copies: third-party copies are executed there: 3PC, and VPD page 8Fh
 * @block_shift: log2 of the logical block length, for that page
 */
struct scst_inq_port {
	u16		rel_tgt_id;
	u16		scsi_version;
	u16		phys_version;
	const char	*port_name;
	const char	*device_name;
	const u16	*ports;
	unsigned int	nr_ports;
	bool		not_connected;
	u8		tpgs;
	u16		group_id;
	u16		lu_group_id;
	bool		copies;
	u8		block_shift;
};

/**
 * scst_inquiry_build() - INQUIRY data
 * @inq: what the logical unit is
 * @port: through which it is asked
 * @cdb: CDB, decoded without error
 * @page: result
 *
 * Return: 0, or -EINVAL for a page that there is not.
 */
int scst_inquiry_build(const struct scst_inquiry *inq,
		       const struct scst_inq_port *port, const u8 *cdb,
		       struct scst_inq_page *page);

/* wlun.c */

extern const struct scst_inquiry scst_wlun_inquiry;

#endif /* _SCST_PURE_H */
