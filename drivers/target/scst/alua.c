// SPDX-License-Identifier: GPL-2.0
/*
 * Asymmetric logical unit access without locks, sleeping or devices: which
 * commands a state allows, and the parameter data of REPORT and SET TARGET PORT
 * GROUPS.
 */
#include <kunit/visibility.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "alua.h"

#define SCST_TPG_HEADER		4
#define SCST_TPG_EXT_HEADER	8
#define SCST_TPG_DESC		8
#define SCST_TPG_PORT		4
/* Byte 0 of a descriptor, and byte 4 of the extended header */
#define SCST_TPG_PREF		0x80
#define SCST_TPG_FORMAT_EXT	0x10
#define SCST_STPG_HEADER	4
#define SCST_STPG_DESC		4
#define SCST_STPG_STATE		0x0f

/* MODE of READ BUFFER and WRITE BUFFER: echo buffer, and its descriptor */
#define SCST_BUFFER_MODE	0x1f
#define SCST_BUFFER_ECHO	0x0a
#define SCST_BUFFER_ECHO_DESC	0x0b

const struct scst_alua_desc scst_alua_descs[] = {
	{ SCST_ALUA_OPTIMIZED, 0x01, SCST_SENSE_NONE, "active" },
	{ SCST_ALUA_NONOPTIMIZED, 0x02, SCST_SENSE_NONE, "nonoptimized" },
	{ SCST_ALUA_STANDBY, 0x04, SCST_SENSE(NOT_READY, 0x04, 0x0b),
	  "standby" },
	{ SCST_ALUA_UNAVAILABLE, 0x08, SCST_SENSE(NOT_READY, 0x04, 0x0c),
	  "unavailable" },
	{ SCST_ALUA_OFFLINE, 0x40, SCST_SENSE(NOT_READY, 0x04, 0x12),
	  "offline" },
	{ SCST_ALUA_TRANSITIONING, 0x80, SCST_SENSE(NOT_READY, 0x04, 0x0a),
	  "transitioning" },
	{ SCST_ALUA_NONE }
};
EXPORT_SYMBOL_IF_KUNIT(scst_alua_descs);

/* Return: NULL for what is no state, or one that depends on the block. */
const struct scst_alua_desc *scst_alua_desc(u8 state)
{
	const struct scst_alua_desc *desc;

	for (desc = scst_alua_descs; desc->name; desc++)
		if (desc->state == state)
			return desc;
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(scst_alua_desc);

#define SCST_ALUA_AWAY_STATES	(BIT(SCST_ALUA_STANDBY) | \
				 BIT(SCST_ALUA_UNAVAILABLE) | \
				 BIT(SCST_ALUA_OFFLINE))

/* By class of the command: the states that allow it */
static const u16 scst_alua_states[SCST_ALUA_NR_CLASSES] = {
	[SCST_ALUA_IF_ACTIVE]	   = SCST_ALUA_ACTIVE_STATES,
	[SCST_ALUA_IF_STANDBY]	   = SCST_ALUA_ACTIVE_STATES |
				     BIT(SCST_ALUA_STANDBY),
	[SCST_ALUA_IF_UNAVAILABLE] = SCST_ALUA_ACTIVE_STATES |
				     SCST_ALUA_AWAY_STATES,
	[SCST_ALUA_ANY]		   = SCST_ALUA_ACTIVE_STATES |
				     SCST_ALUA_AWAY_STATES |
				     BIT(SCST_ALUA_TRANSITIONING),
};

/* Of the modes of these commands it is the echo buffer that is always there. */
static u8 scst_alua_buffer_class(const u8 *cdb)
{
	u8 mode = cdb[1] & SCST_BUFFER_MODE;

	return mode == SCST_BUFFER_ECHO || mode == SCST_BUFFER_ECHO_DESC ?
	       SCST_ALUA_IF_UNAVAILABLE : SCST_ALUA_IF_ACTIVE;
}

bool scst_alua_allows(u8 state, const struct scst_cdb_op *op, const u8 *cdb)
{
	u8 class = op->alua;

	if (class == SCST_ALUA_BUFFER)
		class = scst_alua_buffer_class(cdb);
	return scst_alua_states[class] & BIT(state);
}
EXPORT_SYMBOL_IF_KUNIT(scst_alua_allows);

static void scst_tpg_put(struct scst_tpg_list *list, const u8 *data, size_t len)
{
	if (list->len < list->size)
		memcpy(list->buf + list->len, data,
		       min(len, list->size - list->len));
	list->len += len;
}

void scst_tpg_list_init(struct scst_tpg_list *list, bool extended, u8 time,
			u8 *buf, size_t size)
{
	const u8 header[SCST_TPG_EXT_HEADER] = {
		[4] = SCST_TPG_FORMAT_EXT,
		[5] = time,
	};

	*list = (struct scst_tpg_list) { .buf = buf, .size = size };
	scst_tpg_put(list, header, extended ? SCST_TPG_EXT_HEADER :
					      SCST_TPG_HEADER);
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_list_init);

void scst_tpg_list_add(struct scst_tpg_list *list,
		       const struct scst_tpg_desc *desc)
{
	u8 data[SCST_TPG_DESC] = {
		[0] = desc->state | (desc->preferred ? SCST_TPG_PREF : 0),
		[1] = desc->supported,
		[5] = desc->status,
		[7] = desc->nr_ports,
	};

	put_unaligned_be16(desc->group_id, data + 2);
	scst_tpg_put(list, data, sizeof(data));
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_list_add);

void scst_tpg_list_add_port(struct scst_tpg_list *list, u16 rel_tgt_id)
{
	u8 data[SCST_TPG_PORT];

	put_unaligned_be32(rel_tgt_id, data);
	scst_tpg_put(list, data, sizeof(data));
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_list_add_port);

/* RETURN DATA LENGTH knows nothing of the allocation length (SPC-5 6.36). */
size_t scst_tpg_list_end(struct scst_tpg_list *list)
{
	u8 length[4];

	put_unaligned_be32(list->len - sizeof(length), length);
	memcpy(list->buf, length, min(sizeof(length), list->size));
	return min(list->len, list->size);
}
EXPORT_SYMBOL_IF_KUNIT(scst_tpg_list_end);

int scst_stpg_count(size_t len)
{
	if (!len)
		return 0;
	if (len < SCST_STPG_HEADER || len > SCST_STPG_MAX_LEN ||
	    (len - SCST_STPG_HEADER) % SCST_STPG_DESC)
		return -EINVAL;
	return (len - SCST_STPG_HEADER) / SCST_STPG_DESC;
}
EXPORT_SYMBOL_IF_KUNIT(scst_stpg_count);

size_t scst_stpg_offset(unsigned int i)
{
	return SCST_STPG_HEADER + i * SCST_STPG_DESC;
}

struct scst_stpg_desc scst_stpg_get(const u8 *list, unsigned int i)
{
	const u8 *data = list + scst_stpg_offset(i);

	return (struct scst_stpg_desc) {
		.state	  = data[0] & SCST_STPG_STATE,
		.group_id = get_unaligned_be16(data + 2),
	};
}
EXPORT_SYMBOL_IF_KUNIT(scst_stpg_get);

/* SPC-5 6.45: transitioning is nothing to ask for. */
bool scst_stpg_allows(u8 state, u8 supported)
{
	const struct scst_alua_desc *desc = scst_alua_desc(state);

	return desc && state != SCST_ALUA_TRANSITIONING &&
	       supported & desc->sup;
}
EXPORT_SYMBOL_IF_KUNIT(scst_stpg_allows);
