// SPDX-License-Identifier: GPL-2.0
/*
 * REPORT SUPPORTED OPERATION CODES (SPC-5 6.35): the rows of cdb_*.c in the
 * standard's words.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "scst_pure.h"

/* CDB, byte 2 */
#define SCST_RSOC_RCTD		0x80
#define SCST_RSOC_OPTIONS	0x07
#define SCST_RSOC_OPTIONS_MSB	2

/* All commands: a command descriptor's byte 5 */
#define SCST_RSOC_CTDP		0x02
#define SCST_RSOC_SERVACTV	0x01

/* One command: byte 1 */
#define SCST_RSOC_ONE_CTDP	0x80
#define SCST_RSOC_NOT_SUPPORTED	1
#define SCST_RSOC_SUPPORTED	3

/* Command timeouts descriptor (6.35.4) */
#define SCST_RSOC_TIMEOUTS_LEN	12

/* REPORTING OPTIONS (table 276) */
enum scst_rsoc_option {
	SCST_RSOC_ALL,		/* all commands */
	SCST_RSOC_NO_SA,	/* one, which has no service actions */
	SCST_RSOC_SA,		/* one, which has service actions */
	SCST_RSOC_MAYBE_SA,	/* one, however it is */
};

/**
 * struct scst_rsoc - a request and its answer in the making
 * @type: peripheral device type
 * @timeouts: add command timeouts descriptors
 * @opcode: REQUESTED OPERATION CODE
 * @service_action: REQUESTED SERVICE ACTION
 * @supported: does the logical unit execute the command?
 * @priv: for @supported
 * @buf: where the answer goes
 * @size: room in @buf
 * @len: length of the answer, which may be more than @size
 */
struct scst_rsoc {
	u8	type;
	bool	timeouts;
	u8	opcode;
	u16	service_action;
	bool	(*supported)(const struct scst_cdb_op *row, void *priv);
	void	*priv;
	u8	*buf;
	size_t	size;
	size_t	len;
};

static void scst_rsoc_put_at(const struct scst_rsoc *rsoc, size_t offset,
			     const void *data, size_t len)
{
	if (offset < rsoc->size)
		memcpy(rsoc->buf + offset, data,
		       min(len, rsoc->size - offset));
}

static void scst_rsoc_put(struct scst_rsoc *rsoc, const void *data, size_t len)
{
	scst_rsoc_put_at(rsoc, rsoc->len, data, len);
	rsoc->len += len;
}

/* Zero timeouts: none is indicated. How long it takes is the store's affair. */
static void scst_rsoc_put_timeouts(struct scst_rsoc *rsoc)
{
	u8 desc[SCST_RSOC_TIMEOUTS_LEN] = {};

	if (!rsoc->timeouts)
		return;
	put_unaligned_be16(sizeof(desc) - 2, desc);
	scst_rsoc_put(rsoc, desc, sizeof(desc));
}

static bool scst_rsoc_has(const struct scst_rsoc *rsoc,
			  const struct scst_cdb_op *row)
{
	return scst_cdb_row_has_type(row, rsoc->type) &&
	       rsoc->supported(row, rsoc->priv);
}

static void scst_rsoc_all(struct scst_rsoc *rsoc)
{
	const struct scst_cdb_op *row;
	u8 header[4] = {};
	unsigned int i;

	rsoc->len = sizeof(header);
	for (i = 0; (row = scst_cdb_row(i)); i++) {
		u8 desc[8] = {};

		if (!scst_rsoc_has(rsoc, row))
			continue;
		desc[0] = row->opcode;
		if (row->service_action != SCST_CDB_NO_SA) {
			put_unaligned_be16(row->service_action, &desc[2]);
			desc[5] |= SCST_RSOC_SERVACTV;
		}
		if (rsoc->timeouts)
			desc[5] |= SCST_RSOC_CTDP;
		put_unaligned_be16(row->len, &desc[6]);
		scst_rsoc_put(rsoc, desc, sizeof(desc));
		scst_rsoc_put_timeouts(rsoc);
	}
	put_unaligned_be32(rsoc->len - sizeof(header), header);
	scst_rsoc_put_at(rsoc, 0, header, sizeof(header));
}

/*
 * The row that is asked for, or NULL. An opcode without service actions
 * matches service action zero, as option 011b wants it.
 */
static const struct scst_cdb_op *scst_rsoc_find(const struct scst_rsoc *rsoc,
						bool *has_sa, bool *known)
{
	const struct scst_cdb_op *row, *found = NULL;
	unsigned int i;
	u16 sa;

	*has_sa = false;
	*known = false;
	for (i = 0; (row = scst_cdb_row(i)); i++) {
		if (row->opcode != rsoc->opcode || !scst_rsoc_has(rsoc, row))
			continue;
		*known = true;
		sa = row->service_action;
		if (sa != SCST_CDB_NO_SA)
			*has_sa = true;
		else
			sa = 0;
		if (rsoc->service_action == sa)
			found = row;
	}
	return found;
}

static void scst_rsoc_put_usage(struct scst_rsoc *rsoc,
				const struct scst_cdb_op *row)
{
	unsigned int i;
	u8 usage;

	for (i = 0; i < row->len; i++) {
		usage = scst_cdb_usage(rsoc->type, row, i);
		scst_rsoc_put(rsoc, &usage, sizeof(usage));
	}
}

static void scst_rsoc_one(struct scst_rsoc *rsoc, const struct scst_cdb_op *row)
{
	u8 header[4] = { 0, SCST_RSOC_NOT_SUPPORTED };

	if (row) {
		header[1] = SCST_RSOC_SUPPORTED;
		if (rsoc->timeouts)
			header[1] |= SCST_RSOC_ONE_CTDP;
		put_unaligned_be16(row->len, &header[2]);
	}
	scst_rsoc_put(rsoc, header, sizeof(header));
	if (row) {
		scst_rsoc_put_usage(rsoc, row);
		scst_rsoc_put_timeouts(rsoc);
	}
}

/* Return: false if the option does not fit the opcode */
static bool scst_rsoc_find_and_put(struct scst_rsoc *rsoc,
				   enum scst_rsoc_option option)
{
	const struct scst_cdb_op *row;
	bool has_sa, known;

	/* The field is to be ignored then. */
	if (option == SCST_RSOC_NO_SA)
		rsoc->service_action = 0;
	row = scst_rsoc_find(rsoc, &has_sa, &known);
	if (option == SCST_RSOC_NO_SA && has_sa)
		return false;
	if (option == SCST_RSOC_SA && known && !has_sa)
		return false;
	scst_rsoc_one(rsoc, row);
	return true;
}

int scst_rsoc_build(u8 type, const u8 *cdb,
		    bool (*supported)(const struct scst_cdb_op *row,
				      void *priv),
		    void *priv, u8 *buf, size_t size,
		    struct scst_cdb_error *err)
{
	struct scst_rsoc rsoc = {
		.type = type,
		.timeouts = cdb[2] & SCST_RSOC_RCTD,
		.opcode = cdb[3],
		.service_action = get_unaligned_be16(&cdb[4]),
		.supported = supported,
		.priv = priv,
		.buf = buf,
		.size = size,
	};
	enum scst_rsoc_option option = cdb[2] & SCST_RSOC_OPTIONS;
	bool ok = option <= SCST_RSOC_MAYBE_SA;

	if (option == SCST_RSOC_ALL)
		scst_rsoc_all(&rsoc);
	else if (ok)
		ok = scst_rsoc_find_and_put(&rsoc, option);
	if (!ok) {
		err->sense = SCST_SENSE_INVALID_FIELD_CDB;
		err->byte = 2;
		err->bit = SCST_RSOC_OPTIONS_MSB;
		return -EINVAL;
	}
	return min(rsoc.len, size);
}
EXPORT_SYMBOL_IF_KUNIT(scst_rsoc_build);
