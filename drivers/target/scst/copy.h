/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Third-party copies (SPC-5 5.18): what their parameter lists say, and what is
 * reported of them. All of it is pure; who moves the data is in copy.c.
 */
#ifndef _SCST_COPY_H
#define _SCST_COPY_H

#include <linux/types.h>
#include <scst/inquiry.h>
#include <scst/sense.h>

/* What RECEIVE COPY OPERATING PARAMETERS and VPD page 8Fh announce */
#define SCST_COPY_MAX_CSCDS	16
#define SCST_COPY_MAX_SEGMENTS	64
#define SCST_COPY_MAX_BYTES	SZ_256M	/* of a segment */
#define SCST_COPY_MAX_AT_ONCE	16	/* copies of a logical unit */
#define SCST_COPY_GRANULARITY	9	/* log2 of bytes: a logical block */
/* Results that a nexus may still ask for */
#define SCST_COPY_MAX_RESULTS	32

/* ROD tokens: what VPD page 8Fh announces of them */
#define SCST_TOKEN_MAX_RANGES	64
#define SCST_TOKEN_MAX_BYTES	SZ_1G	/* that one of them stands for */
#define SCST_TOKEN_TIMEOUT	60	/* seconds that it lives unused */
#define SCST_TOKEN_MAX_TIMEOUT	600
#define SCST_TOKEN_LEN		512
#define SCST_TOKEN_SECRET	40	/* random bytes in it */
/* ROD types (SPC-5 table 121): access upon reference, block device zero */
#define SCST_ROD_ON_REFERENCE	0x00010000
#define SCST_ROD_ZERO		0xffff0001

/* Parameter lists: headers (SPC-5 6.6.2, 6.7.2) and descriptors */
#define SCST_COPY_LID1_HEADER	16
#define SCST_COPY_LID4_HEADER	48
#define SCST_COPY_CSCD_LEN	32
#define SCST_COPY_SEGMENT_LEN	28
#define SCST_COPY_MAX_DESCS	(SCST_COPY_MAX_CSCDS * SCST_COPY_CSCD_LEN + \
				 SCST_COPY_MAX_SEGMENTS * SCST_COPY_SEGMENT_LEN)
/* The longest parameter list that can mean something */
#define SCST_COPY_MAX_PARAM	(SCST_COPY_LID4_HEADER + SCST_COPY_MAX_DESCS)

/* Descriptor type codes (SPC-5 6.6.4.1, 6.6.5.1) */
#define SCST_COPY_CSCD_IDENT	0xe4
#define SCST_COPY_SEG_BLOCKS	0x02
/* CSCD DESCRIPTOR ID of the logical unit that has the command (6.6.5.1) */
#define SCST_COPY_CSCD_SELF	0xffff

#define SCST_SENSE_COPY(ascq)		SCST_SENSE(COPY_ABORTED, 0x0d, ascq)
#define SCST_SENSE_COPY_FAILED		SCST_SENSE_COPY(0x01)
#define SCST_SENSE_COPY_UNREACHABLE	SCST_SENSE_COPY(0x02)
#define SCST_SENSE_COPY_WRONG_TYPE	SCST_SENSE_COPY(0x03)
#define SCST_SENSE_COPY_INEXACT		SCST_SENSE(COPY_ABORTED, 0x26, 0x0a)
#define SCST_SENSE_COPY_TOO_MANY_CSCDS	SCST_SENSE(ILLEGAL_REQUEST, 0x26, 0x06)
#define SCST_SENSE_COPY_CSCD_TYPE	SCST_SENSE(ILLEGAL_REQUEST, 0x26, 0x07)
#define SCST_SENSE_COPY_TOO_MANY_SEGS	SCST_SENSE(ILLEGAL_REQUEST, 0x26, 0x08)
#define SCST_SENSE_COPY_SEG_TYPE	SCST_SENSE(ILLEGAL_REQUEST, 0x26, 0x09)
#define SCST_SENSE_COPY_INLINE		SCST_SENSE(ILLEGAL_REQUEST, 0x26, 0x0b)
#define SCST_SENSE_TOKEN(ascq)		SCST_SENSE(ILLEGAL_REQUEST, 0x23, ascq)
#define SCST_SENSE_TOKEN_UNKNOWN	SCST_SENSE_TOKEN(0x04)
#define SCST_SENSE_COPY_IN_PROGRESS	SCST_SENSE(ILLEGAL_REQUEST, 0x00, 0x16)

/* copy_list.c */

/**
 * enum scst_copy_id_usage - LIST ID USAGE (SPC-5 6.6.3)
 * @SCST_COPY_ID_HOLD: the identifier names the copy, data are to be held
 * @SCST_COPY_ID_RESERVED: no meaning
 * @SCST_COPY_ID_DISCARD: the same, data may be discarded
 * @SCST_COPY_ID_NONE: the copy has no identifier, which is zero
 */
enum scst_copy_id_usage {
	SCST_COPY_ID_HOLD,
	SCST_COPY_ID_RESERVED,
	SCST_COPY_ID_DISCARD,
	SCST_COPY_ID_NONE,
};

/**
 * struct scst_copy_cscd - a copy source or copy destination (SPC-5 6.6.4.2)
 * @type: peripheral device type
 * @code_set: of the designator
 * @desig_type: of the designator
 * @desig_len: bytes in @desig
 * @desig: designator, in the parameter list
 * @block_len: logical block length, 0 if it is not told
 */
struct scst_copy_cscd {
	u8		type;
	u8		code_set;
	u8		desig_type;
	u8		desig_len;
	const u8	*desig;
	u32		block_len;
};

/**
 * struct scst_copy_segment - block device to block device (SPC-5 6.6.5.3)
 * @src: CSCD DESCRIPTOR ID
 * @dst: likewise
 * @src_lba: first logical block to read
 * @dst_lba: first logical block to write
 * @blocks: how many
 * @dst_blocks: DC: they are those of @dst
 */
struct scst_copy_segment {
	u16	src;
	u16	dst;
	u64	src_lba;
	u64	dst_lba;
	u16	blocks;
	bool	dst_blocks;
};

/**
 * struct scst_copy_list - the parameter list of EXTENDED COPY
 * @id: LIST IDENTIFIER
 * @id_usage: enum scst_copy_id_usage
 * @nr_cscds: entries in @cscds
 * @nr_segs: entries in @segs
 * @cscds: CSCD descriptors
 * @segs: segment descriptors
 */
struct scst_copy_list {
	u32			id;
	u8			id_usage;
	unsigned int		nr_cscds;
	unsigned int		nr_segs;
	struct scst_copy_cscd	cscds[SCST_COPY_MAX_CSCDS];
	struct scst_copy_segment segs[SCST_COPY_MAX_SEGMENTS];
};

/**
 * struct scst_copy_error - why a parameter list is refused
 * @sense: SCST_SENSE_NONE when it is not
 * @byte: field pointer of INVALID FIELD IN PARAMETER LIST
 * @bit: highest bit of the field
 */
struct scst_copy_error {
	scst_sense_t	sense;
	u16		byte;
	s8		bit;
};

/**
 * scst_copy_parse() - the parameter list of EXTENDED COPY
 * @lid4: that of EXTENDED COPY(LID4)
 * @buf: list, which must stay as long as @list
 * @len: its length, not zero
 * @list: result; valid if there is no error
 *
 * Return: no sense if it is one. Whether the logical units are there is only
 * known when they are to be used.
 */
struct scst_copy_error scst_copy_parse(bool lid4, const u8 *buf,
				       unsigned int len,
				       struct scst_copy_list *list);

/**
 * scst_copy_matches() - is a logical unit the one that is meant?
 * @cscd: copy source or destination
 * @page: VPD page 83h of a logical unit
 */
bool scst_copy_matches(const struct scst_copy_cscd *cscd,
		       const struct scst_inq_page *page);

/**
 * struct scst_copy_move - bytes that go from one place to another
 * @src: where from, an index that the user knows
 * @dst: where to
 * @src_pos: first byte
 * @dst_pos: first byte
 * @len: bytes
 * @segment: number of the descriptor that asks for it
 */
struct scst_copy_move {
	u16	src;
	u16	dst;
	u64	src_pos;
	u64	dst_pos;
	u64	len;
	u16	segment;
};

/**
 * struct scst_copy_disk - what a move has to know of a logical unit
 * @shift: log2 of the logical block length
 * @nblocks: capacity
 */
struct scst_copy_disk {
	u8	shift;
	u64	nblocks;
};

/**
 * scst_copy_plan() - what a segment moves
 * @seg: segment
 * @src: its source
 * @dst: its destination
 * @move: result: positions and length
 *
 * Return: no sense; UNEXPECTED INEXACT SEGMENT if what is moved are no whole
 * blocks on one side; COPY TARGET DEVICE NOT REACHABLE if they are not there.
 */
scst_sense_t scst_copy_plan(const struct scst_copy_segment *seg,
			    const struct scst_copy_disk *src,
			    const struct scst_copy_disk *dst,
			    struct scst_copy_move *move);

/* copy_token.c */

/**
 * struct scst_copy_range - consecutive bytes of a logical unit
 * @pos: the first one
 * @len: how many
 */
struct scst_copy_range {
	u64	pos;
	u64	len;
};

/**
 * struct scst_copy_ranges - what a token stands for, or where it is written to
 * @nr: entries in @range
 * @bytes: in all of them
 * @range: ranges, none of them empty
 */
struct scst_copy_ranges {
	unsigned int		nr;
	u64			bytes;
	struct scst_copy_range	range[SCST_TOKEN_MAX_RANGES];
};

/* Each piece ends where a range of one side or of the other does. */
#define SCST_TOKEN_MAX_MOVES	(2 * SCST_TOKEN_MAX_RANGES)

/**
 * scst_populate_parse() - the parameter list of POPULATE TOKEN
 * @buf: list
 * @len: its length
 * @disk: logical unit
 * @ranges: result
 * @timeout: result: INACTIVITY TIMEOUT in seconds
 *
 * IMMED asks for nothing, since there is nothing to wait for. Return: no sense
 * if it is one.
 */
struct scst_copy_error scst_populate_parse(const u8 *buf, unsigned int len,
					   const struct scst_copy_disk *disk,
					   struct scst_copy_ranges *ranges,
					   u32 *timeout);

/**
 * scst_write_token_parse() - the parameter list of WRITE USING TOKEN
 * @buf: list; its token is at SCST_WRITE_TOKEN_AT
 * @len: its length
 * @disk: logical unit
 * @ranges: result
 * @offset: result: OFFSET INTO ROD in bytes
 *
 * Return: no sense if it is one.
 */
struct scst_copy_error scst_write_token_parse(const u8 *buf, unsigned int len,
					      const struct scst_copy_disk *disk,
					      struct scst_copy_ranges *ranges,
					      u64 *offset);

#define SCST_WRITE_TOKEN_AT	16
/* Byte 2 of the list: DEL_TKN. IMMED allows an early answer, no more. */
#define SCST_WRITE_TOKEN_DEL	0x02

/**
 * scst_token_build() - a ROD token (SPC-5 5.18.6.4)
 * @buf: result, SCST_TOKEN_LEN bytes
 * @secret: SCST_TOKEN_SECRET random bytes
 * @naa: NAA designator of the logical unit that has made it, or NULL
 * @bytes: that it stands for
 */
void scst_token_build(u8 *buf, const u8 *secret,
		      const struct scst_binary_id *naa, u64 bytes);

/* Does a token stand for zeros, as many as are wanted? */
bool scst_token_is_zero(const u8 *token);

/**
 * scst_token_plan() - what of the data goes where
 * @src: what the token stands for
 * @offset: bytes of it to leave out
 * @dst: where to write
 * @moves: result, SCST_TOKEN_MAX_MOVES entries: positions, length, and number
 *	of the range in @dst
 *
 * Ends with what is shorter. Return: entries in @moves.
 */
unsigned int scst_token_plan(const struct scst_copy_ranges *src, u64 offset,
			     const struct scst_copy_ranges *dst,
			     struct scst_copy_move *moves);

/* copy_data.c */

/* Bytes of the answers */
#define SCST_COPY_PARAMS_LEN	46
#define SCST_COPY_STATUS_LEN	12
#define SCST_COPY_STATUS4_LEN	(32 + SCST_SENSE_SIZE)
#define SCST_COPY_FAILURE_LEN	(60 + SCST_SENSE_SIZE)
#define SCST_TOKEN_INFO_LEN	(SCST_COPY_STATUS4_LEN + 6 + SCST_TOKEN_LEN)
/* The longest answer of RECEIVE COPY RESULTS */
#define SCST_COPY_IN_MAX	SCST_TOKEN_INFO_LEN

/**
 * enum scst_copy_state - COPY OPERATION STATUS (SPC-5 6.24.2)
 * @SCST_COPY_RUNNING: in progress
 * @SCST_COPY_GOOD: completed without errors
 * @SCST_COPY_ERROR: completed with errors
 * @SCST_COPY_PARTIAL: completed without errors, but the token had less data
 */
enum scst_copy_state {
	SCST_COPY_RUNNING,
	SCST_COPY_GOOD,
	SCST_COPY_ERROR,
	SCST_COPY_PARTIAL,
};

/**
 * struct scst_copy_report - what is known of a copy
 * @service_action: of its command
 * @state: enum scst_copy_state
 * @status: SAM status of its command, when it has ended
 * @block_shift: log2 of the logical block length, in which TRANSFER COUNT of a
 *	token is (SBC-4 5.23); 0 for bytes
 * @segments: segments that were processed
 * @bytes: bytes that were written
 * @sense_len: valid bytes in @sense
 * @sense: sense data of its command
 */
struct scst_copy_report {
	u8	service_action;
	u8	state;
	u8	status;
	u8	sense_len;
	u8	block_shift;
	u16	segments;
	u64	bytes;
	u8	sense[SCST_SENSE_SIZE];
};

/* Each of them fills a zeroed buffer. Return: bytes in @buf. */
unsigned int scst_copy_build_params(u8 *buf);
unsigned int scst_copy_build_status(const struct scst_copy_report *report,
				    u8 *buf);
unsigned int scst_copy_build_status4(const struct scst_copy_report *report,
				     u8 *buf);
unsigned int scst_copy_build_failure(const struct scst_copy_report *report,
				     u8 *buf);
/* RECEIVE ROD TOKEN INFORMATION, with a token or without */
unsigned int scst_token_build_info(const struct scst_copy_report *report,
				   const u8 *token, u8 *buf);

/**
 * scst_vpd_copy() - VPD page 8Fh: third-party copy (SPC-5 7.7.18)
 * @page: page with its header
 * @block_shift: log2 of the logical block length
 */
void scst_vpd_copy(struct scst_inq_page *page, u8 block_shift);

/* copy_sense.c */

/**
 * struct scst_copy_fault - why a copy was aborted
 * @sense: COPY ABORTED and the reason
 * @segment: segment descriptor that was being processed
 * @by_dst: the copy destination has said @status; otherwise the source
 * @status: SAM status that it has said, or GOOD
 * @fwd_len: bytes of sense data that it has said
 * @fwd: the sense data
 */
struct scst_copy_fault {
	scst_sense_t	sense;
	u16		segment;
	bool		by_dst;
	u8		status;
	u8		fwd_len;
	const u8	*fwd;
};

/**
 * scst_copy_sense() - sense data of a copy that was aborted (SPC-5 5.18.7.3)
 * @buf: result, SCST_SENSE_SIZE bytes, all of them written
 * @desc: descriptor format rather than fixed
 * @fault: what has happened
 *
 * Return: valid bytes in @buf.
 */
unsigned int scst_copy_sense(u8 *buf, bool desc,
			     const struct scst_copy_fault *fault);

#endif /* _SCST_COPY_H */
