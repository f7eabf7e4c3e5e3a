// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent reservations as bytes, for files: checksummed, with all numbers
 * big-endian, so that any machine reads what another one has written.
 *
 *	 0  magic
 *	 8  format version
 *	12  length of the whole, checksum included
 *	16  sequence number
 *	24  PRGENERATION
 *	28  type of the reservation
 *	29  flags: APTPL, lost
 *	30  length of the name of the device, n
 *	32  number of registrations
 *	36  zero
 *	40  name of the device
 *	40 + n, for each registration: key (8), relative target port
 *	    identifier (2), flags (1), length of the TransportID (1), TransportID
 *	    CRC32C of all that (4)
 *
 * Magic, version, length and checksum are where they are for good: a kernel of
 * today tells what one of the future has written from what is broken.
 */
#include <kunit/visibility.h>
#include <linux/build_bug.h>
#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "pr.h"

#define PR_MAGIC		"SCST PR\n"
#define PR_MAGIC_LEN		8
#define PR_VERSION		1
#define PR_AT_VERSION		8
#define PR_AT_LEN		12
#define PR_AT_SEQ		16
#define PR_AT_GENERATION	24
#define PR_AT_TYPE		28
#define PR_AT_FLAGS		29
#define PR_AT_NAME_LEN		30
#define PR_AT_NR		32
#define PR_F_APTPL		BIT(0)
#define PR_F_LOST		BIT(1)

#define PR_REG_LEN		12	/* without TransportID */
#define PR_REG_AT_PORT		8
#define PR_REG_AT_FLAGS		10
#define PR_REG_AT_ID_LEN	11
#define PR_REG_F_HOLDER		BIT(0)

#define PR_CRC_LEN		4

static u32 pr_crc(const u8 *buf, size_t len)
{
	return ~__crc32c_le(~0, buf, len);
}

size_t scst_pr_image_size(const struct scst_pr *pr, const char *owner)
{
	size_t size = SCST_PR_IMAGE_HEAD + strlen(owner) + PR_CRC_LEN;
	u32 i;

	/* Even the longest image leaves most of its slot empty. */
	BUILD_BUG_ON(SCST_PR_IMAGE_HEAD + 2 * SZ_4K + PR_CRC_LEN +
		     SCST_PR_MAX_REGS * (PR_REG_LEN + SCST_TRANSPORT_ID_MAX) >
		     SCST_PR_SLOT);

	for (i = 0; i < pr->nr; i++)
		if (!(pr->regs[i].effects & SCST_PR_GONE))
			size += PR_REG_LEN + pr->regs[i].port.id.len;
	return size;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_image_size);

/* One registration has the reservation, rather than all of them or none. */
static bool pr_has_one_holder(u8 type)
{
	return type != SCST_PR_NONE && !scst_pr_type_all_regs(type);
}

static u8 *pr_put_reg(u8 *to, const struct scst_pr_reg *reg, bool holder)
{
	put_unaligned_be64(reg->key, to);
	put_unaligned_be16(reg->port.rel_port, to + PR_REG_AT_PORT);
	to[PR_REG_AT_FLAGS] = holder ? PR_REG_F_HOLDER : 0;
	to[PR_REG_AT_ID_LEN] = reg->port.id.len;
	memcpy(to + PR_REG_LEN, reg->port.id.data, reg->port.id.len);
	return to + PR_REG_LEN + reg->port.id.len;
}

void scst_pr_image_build(const struct scst_pr *pr, const char *owner, u64 seq,
			 u8 *buf)
{
	size_t name_len = strlen(owner);
	u8 *at = buf + SCST_PR_IMAGE_HEAD;
	u32 i, nr = 0;

	memset(buf, 0, SCST_PR_IMAGE_HEAD);
	memcpy(buf, PR_MAGIC, PR_MAGIC_LEN);
	put_unaligned_be32(PR_VERSION, buf + PR_AT_VERSION);
	put_unaligned_be64(seq, buf + PR_AT_SEQ);
	put_unaligned_be32(pr->generation, buf + PR_AT_GENERATION);
	buf[PR_AT_TYPE] = pr->type;
	buf[PR_AT_FLAGS] = (pr->aptpl ? PR_F_APTPL : 0) |
			   (pr->lost ? PR_F_LOST : 0);
	put_unaligned_be16(name_len, buf + PR_AT_NAME_LEN);
	memcpy(at, owner, name_len);
	at += name_len;

	for (i = 0; i < pr->nr; i++) {
		if (pr->regs[i].effects & SCST_PR_GONE)
			continue;
		at = pr_put_reg(at, &pr->regs[i],
				pr_has_one_holder(pr->type) && i == pr->holder);
		nr++;
	}
	put_unaligned_be32(nr, buf + PR_AT_NR);
	put_unaligned_be32(at + PR_CRC_LEN - buf, buf + PR_AT_LEN);
	put_unaligned_be32(pr_crc(buf, at - buf), at);
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_image_build);

size_t scst_pr_image_len(const u8 *head)
{
	u32 len = get_unaligned_be32(head + PR_AT_LEN);

	if (memcmp(head, PR_MAGIC, PR_MAGIC_LEN) ||
	    len < SCST_PR_IMAGE_HEAD + PR_CRC_LEN || len > SCST_PR_SLOT)
		return 0;
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_image_len);

static bool pr_owner_is(const u8 *name, size_t len, const char *owner)
{
	return len == strlen(owner) && !memcmp(name, owner, len);
}

/* The checksum is right; of this format, hence the fields are where they are. */
static enum scst_pr_image_state pr_look_inside(const u8 *buf, size_t len,
					       const char *owner,
					       struct scst_pr_image *image)
{
	size_t name_len = get_unaligned_be16(buf + PR_AT_NAME_LEN);
	size_t regs_at = SCST_PR_IMAGE_HEAD + name_len;

	image->nr = get_unaligned_be32(buf + PR_AT_NR);
	if (regs_at > len - PR_CRC_LEN || image->nr > SCST_PR_MAX_REGS)
		return SCST_PR_IMAGE_TORN;
	if (owner && !pr_owner_is(buf + SCST_PR_IMAGE_HEAD, name_len, owner))
		return SCST_PR_IMAGE_FOREIGN;
	image->seq = get_unaligned_be64(buf + PR_AT_SEQ);
	image->generation = get_unaligned_be32(buf + PR_AT_GENERATION);
	image->type = buf[PR_AT_TYPE];
	image->aptpl = buf[PR_AT_FLAGS] & PR_F_APTPL;
	image->lost = buf[PR_AT_FLAGS] & PR_F_LOST;
	image->regs = buf + regs_at;
	image->regs_len = len - PR_CRC_LEN - regs_at;
	return SCST_PR_IMAGE_VALID;
}

void scst_pr_image_look(const u8 *buf, size_t len, const char *owner,
			struct scst_pr_image *image)
{
	size_t own_len;

	*image = (struct scst_pr_image) { .state = SCST_PR_IMAGE_ALIEN };
	if (len < PR_MAGIC_LEN || memcmp(buf, PR_MAGIC, PR_MAGIC_LEN))
		return;
	image->state = SCST_PR_IMAGE_TORN;
	if (len < SCST_PR_IMAGE_HEAD)
		return;
	own_len = scst_pr_image_len(buf);
	if (!own_len || own_len > len)
		return;
	if (get_unaligned_be32(buf + own_len - PR_CRC_LEN) !=
	    pr_crc(buf, own_len - PR_CRC_LEN))
		return;
	if (get_unaligned_be32(buf + PR_AT_VERSION) != PR_VERSION)
		image->state = SCST_PR_IMAGE_NEWER;
	else
		image->state = pr_look_inside(buf, own_len, owner, image);
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_image_look);

static bool pr_either_is(const struct scst_pr_image gens[2],
			 enum scst_pr_image_state state)
{
	return gens[0].state == state || gens[1].state == state;
}

enum scst_pr_image_state
scst_pr_image_choose(const struct scst_pr_image gens[2], unsigned int *newest)
{
	if (pr_either_is(gens, SCST_PR_IMAGE_NEWER))
		return SCST_PR_IMAGE_NEWER;
	if (pr_either_is(gens, SCST_PR_IMAGE_FOREIGN))
		return SCST_PR_IMAGE_FOREIGN;
	if (!pr_either_is(gens, SCST_PR_IMAGE_VALID))
		return pr_either_is(gens, SCST_PR_IMAGE_TORN) ?
		       SCST_PR_IMAGE_TORN : SCST_PR_IMAGE_ALIEN;
	if (gens[0].state != gens[1].state) {
		*newest = gens[1].state == SCST_PR_IMAGE_VALID;
		return SCST_PR_IMAGE_VALID;
	}
	/* Nobody has written that. */
	if (gens[0].seq == gens[1].seq)
		return SCST_PR_IMAGE_TORN;
	/* Whatever number a file begins with, the next one is newer. */
	*newest = (s64)(gens[1].seq - gens[0].seq) > 0;
	return SCST_PR_IMAGE_VALID;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_image_choose);

/* Return: bytes that the registration takes, or -EINVAL. */
static int pr_take_reg(const u8 *from, size_t len, struct scst_pr *pr)
{
	struct scst_pr_reg *reg = &pr->regs[pr->nr];
	u8 id_len, flags;
	int ret;

	if (len < PR_REG_LEN)
		return -EINVAL;
	id_len = from[PR_REG_AT_ID_LEN];
	flags = from[PR_REG_AT_FLAGS];
	if (id_len > len - PR_REG_LEN || flags & ~PR_REG_F_HOLDER)
		return -EINVAL;
	ret = scst_transport_id_parse(from + PR_REG_LEN, id_len, &reg->port.id);
	if (ret != id_len || scst_transport_id_is_group(&reg->port.id))
		return -EINVAL;
	reg->port.rel_port = get_unaligned_be16(from + PR_REG_AT_PORT);
	reg->key = get_unaligned_be64(from);
	/* Both are never zero (SAM-5 4.6.5, SPC-5 5.14.7). */
	if (!reg->port.rel_port || !reg->key || scst_pr_find(pr, &reg->port))
		return -EINVAL;
	if (flags & PR_REG_F_HOLDER) {
		if (!pr_has_one_holder(pr->type) || pr->holder != pr->max)
			return -EINVAL;
		pr->holder = pr->nr;
	}
	pr->nr++;
	return PR_REG_LEN + id_len;
}

int scst_pr_image_load(const struct scst_pr_image *image, struct scst_pr *pr)
{
	const u8 *at = image->regs, *end = image->regs + image->regs_len;
	int ret;

	if (image->type != SCST_PR_NONE &&
	    (!scst_pr_type_valid(image->type) || !image->nr))
		return -EINVAL;
	if (image->lost && image->nr)
		return -EINVAL;
	pr->generation = image->generation;
	pr->type = image->type;
	pr->aptpl = image->aptpl;
	pr->lost = image->lost;
	pr->holder = pr->max;
	while (pr->nr < image->nr) {
		ret = pr_take_reg(at, end - at, pr);
		if (ret < 0)
			return ret;
		at += ret;
	}
	if (at != end || (pr_has_one_holder(pr->type) && pr->holder == pr->max))
		return -EINVAL;
	if (pr->holder == pr->max)
		pr->holder = 0;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(scst_pr_image_load);
