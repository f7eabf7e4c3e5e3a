// SPDX-License-Identifier: GPL-2.0
/*
 * Sense data of a copy that was aborted: COPY ABORTED, the segment, and what
 * the copy source or destination has said (SPC-5 5.18.7.3).
 */
#include <kunit/visibility.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "scst_pure.h"
#include "copy.h"

/* Descriptors of sense data (SPC-5 4.5.2): types, and lengths with header */
#define SCST_SENSE_DESC_COMMAND		0x01
#define SCST_SENSE_DESC_COMMAND_LEN	12
#define SCST_SENSE_DESC_FORWARDED	0x0c
#define SCST_SENSE_DESC_FORWARDED_LEN	4
#define SCST_FORWARDED_CUT		0x80
#define SCST_FORWARDED_SRC		1
#define SCST_FORWARDED_DST		2

/*
 * Fixed format: bytes 0 and 1 of COMMAND-SPECIFIC INFORMATION tell where in the
 * sense data the source's, or the destination's, status and sense data are;
 * bytes 2 and 3 have the segment.
 */
static unsigned int scst_copy_sense_fixed(u8 *buf,
					  const struct scst_copy_fault *fault)
{
	unsigned int at = SCST_SENSE_FIXED_LEN;
	unsigned int len;

	put_unaligned_be16(fault->segment, buf + 10);
	if (fault->status == SAM_STAT_GOOD)
		return at;
	buf[fault->by_dst ? 9 : 8] = at;
	len = min_t(unsigned int, fault->fwd_len, SCST_SENSE_SIZE - at - 1);
	buf[at] = fault->status;
	memcpy(buf + at + 1, fault->fwd, len);
	at += 1 + len;
	buf[7] = at - 8;
	return at;
}

/* Descriptor format: both have a descriptor of their own. */
static unsigned int scst_copy_sense_desc(u8 *buf,
					 const struct scst_copy_fault *fault)
{
	unsigned int at = SCST_SENSE_DESC_LEN;
	unsigned int len;

	buf[at] = SCST_SENSE_DESC_COMMAND;
	buf[at + 1] = SCST_SENSE_DESC_COMMAND_LEN - 2;
	put_unaligned_be16(fault->segment, buf + at + 10);
	at += SCST_SENSE_DESC_COMMAND_LEN;
	if (fault->status != SAM_STAT_GOOD) {
		len = min_t(unsigned int, fault->fwd_len,
			    SCST_SENSE_SIZE - at -
			    SCST_SENSE_DESC_FORWARDED_LEN);
		buf[at] = SCST_SENSE_DESC_FORWARDED;
		buf[at + 1] = SCST_SENSE_DESC_FORWARDED_LEN - 2 + len;
		buf[at + 2] = fault->by_dst ? SCST_FORWARDED_DST :
					      SCST_FORWARDED_SRC;
		if (len < fault->fwd_len)
			buf[at + 2] |= SCST_FORWARDED_CUT;
		buf[at + 3] = fault->status;
		memcpy(buf + at + SCST_SENSE_DESC_FORWARDED_LEN, fault->fwd,
		       len);
		at += SCST_SENSE_DESC_FORWARDED_LEN + len;
	}
	buf[7] = at - 8;
	return at;
}

unsigned int scst_copy_sense(u8 *buf, bool desc,
			     const struct scst_copy_fault *fault)
{
	scst_sense_build(buf, desc, fault->sense);
	return desc ? scst_copy_sense_desc(buf, fault) :
		      scst_copy_sense_fixed(buf, fault);
}
EXPORT_SYMBOL_IF_KUNIT(scst_copy_sense);
