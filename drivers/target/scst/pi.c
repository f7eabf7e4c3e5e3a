// SPDX-License-Identifier: GPL-2.0
/*
 * Protection information of logical blocks (SBC-4 4.21): make it, check it, and
 * take it out of, or put it into, the data that goes over a wire.
 */
#include <linux/array_size.h>
#include <linux/crc-t10dif.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/scatterlist.h>
#include <linux/string.h>
#include <scst/pi.h>

static __be16 scst_pi_guard(const struct scst_pi_blocks *blocks, unsigned int i)
{
	return cpu_to_be16(crc_t10dif(blocks->data +
				      ((size_t)i << blocks->shift),
				      1U << blocks->shift));
}

void scst_pi_generate(const struct scst_pi_rule *rule,
		      const struct scst_pi_blocks *blocks)
{
	bool has_ref = rule->type == T10_PI_TYPE1_PROTECTION;
	unsigned int i;

	for (i = 0; i < blocks->nr; i++) {
		struct t10_pi_tuple *tuple = &blocks->tuples[i];

		tuple->guard_tag = scst_pi_guard(blocks, i);
		tuple->app_tag = cpu_to_be16(rule->app_tag);
		tuple->ref_tag = has_ref ? cpu_to_be32(rule->ref_tag + i) :
					   T10_PI_REF_ESCAPE;
	}
}
EXPORT_SYMBOL_GPL(scst_pi_generate);

void scst_pi_make_guards(const struct scst_pi_blocks *blocks)
{
	unsigned int i;

	for (i = 0; i < blocks->nr; i++)
		blocks->tuples[i].guard_tag = scst_pi_guard(blocks, i);
}
EXPORT_SYMBOL_GPL(scst_pi_make_guards);

void scst_pi_repeat(u8 type, const struct t10_pi_tuple *tuple, u32 first,
		    const struct scst_pi_blocks *blocks)
{
	bool counts = type != T10_PI_TYPE3_PROTECTION;
	u32 ref = be32_to_cpu(tuple->ref_tag);
	unsigned int i;

	for (i = 0; i < blocks->nr; i++) {
		blocks->tuples[i] = *tuple;
		if (counts)
			blocks->tuples[i].ref_tag = cpu_to_be32(ref + first +
								i);
	}
}
EXPORT_SYMBOL_GPL(scst_pi_repeat);

static bool scst_pi_escapes(u8 type, const struct t10_pi_tuple *tuple)
{
	return tuple->app_tag == T10_PI_APP_ESCAPE &&
	       (type != T10_PI_TYPE3_PROTECTION ||
		tuple->ref_tag == T10_PI_REF_ESCAPE);
}

static scst_sense_t scst_pi_check(const struct scst_pi_rule *rule,
				  const struct scst_pi_blocks *blocks,
				  unsigned int i)
{
	const struct t10_pi_tuple *tuple = &blocks->tuples[i];

	if (scst_pi_escapes(rule->type, tuple))
		return SCST_SENSE_NONE;
	if (rule->check & SCST_PI_GUARD &&
	    tuple->guard_tag != scst_pi_guard(blocks, i))
		return SCST_SENSE_PI_GUARD;
	if (rule->check & SCST_PI_APP &&
	    (be16_to_cpu(tuple->app_tag) ^ rule->app_tag) & rule->app_mask)
		return SCST_SENSE_PI_APP;
	if (rule->check & SCST_PI_REF &&
	    rule->type != T10_PI_TYPE3_PROTECTION &&
	    be32_to_cpu(tuple->ref_tag) != rule->ref_tag + i)
		return SCST_SENSE_PI_REF;
	return SCST_SENSE_NONE;
}

bool scst_pi_verify(const struct scst_pi_rule *rule,
		    const struct scst_pi_blocks *blocks,
		    struct scst_pi_fault *fault)
{
	unsigned int i;

	if (!rule->check)
		return true;
	for (i = 0; i < blocks->nr; i++) {
		fault->sense = scst_pi_check(rule, blocks, i);
		if (fault->sense != SCST_SENSE_NONE) {
			fault->block = i;
			return false;
		}
	}
	return true;
}
EXPORT_SYMBOL_GPL(scst_pi_verify);

static u8 scst_pi_differs(const struct t10_pi_tuple *a,
			  const struct t10_pi_tuple *b)
{
	return (a->guard_tag != b->guard_tag ? SCST_PI_GUARD : 0) |
	       (a->app_tag != b->app_tag ? SCST_PI_APP : 0) |
	       (a->ref_tag != b->ref_tag ? SCST_PI_REF : 0);
}

bool scst_pi_compare(const struct scst_pi_rule *rule,
		     const struct t10_pi_tuple *medium,
		     const struct t10_pi_tuple *sent, unsigned int nr,
		     struct scst_pi_fault *fault)
{
	unsigned int i;
	u8 differ;

	for (i = 0; i < nr; i++) {
		differ = scst_pi_differs(&medium[i], &sent[i]) & rule->check;
		if (!differ)
			continue;
		/* SBC-4 table 132: ASCQs 01h to 03h, in this order */
		fault->sense = SCST_SENSE(MISCOMPARE, 0x10, ffs(differ));
		fault->block = i;
		return false;
	}
	return true;
}
EXPORT_SYMBOL_GPL(scst_pi_compare);

/**
 * struct scst_pi_cursor - a place in a scatterlist
 * @miter: the segment
 * @used: bytes of it that are behind us
 * @left: bytes that may be used from here on
 */
struct scst_pi_cursor {
	struct sg_mapping_iter	miter;
	size_t			used;
	size_t			left;
};

/* Return: bytes copied, fewer than @len where there is no more room. */
static size_t scst_pi_copy(struct scst_pi_cursor *cursor, void *buf, size_t len,
			   bool to_sg)
{
	struct sg_mapping_iter *miter = &cursor->miter;
	size_t n, done = 0;

	len = min(len, cursor->left);
	for (; done < len; done += n) {
		if (cursor->used == miter->length) {
			if (!sg_miter_next(miter)) {
				/* Nor is there any for who comes next. */
				cursor->left = done;
				break;
			}
			cursor->used = 0;
		}
		n = min(len - done, miter->length - cursor->used);
		if (to_sg)
			memcpy(miter->addr + cursor->used, buf + done, n);
		else
			memcpy(buf + done, miter->addr + cursor->used, n);
		cursor->used += n;
	}
	cursor->left -= done;
	return done;
}

static size_t scst_pi_move(struct scatterlist *sg, unsigned int nents, u32 skip,
			   const struct scst_pi_blocks *blocks, size_t len,
			   bool to_sg)
{
	size_t block = 1UL << blocks->shift, done = 0;
	struct scst_pi_cursor cursor = { .left = len };
	unsigned int i;

	sg_miter_start(&cursor.miter, sg, nents, SG_MITER_ATOMIC |
		       (to_sg ? SG_MITER_TO_SG : SG_MITER_FROM_SG));
	if (skip && !sg_miter_skip(&cursor.miter,
				   (off_t)skip * (block + SCST_PI_LEN)))
		goto stop;
	for (i = 0; i < blocks->nr && cursor.left; i++) {
		done += scst_pi_copy(&cursor, blocks->data + i * block, block,
				     to_sg);
		done += scst_pi_copy(&cursor, &blocks->tuples[i], SCST_PI_LEN,
				     to_sg);
	}
stop:
	sg_miter_stop(&cursor.miter);
	return done;
}

size_t scst_pi_strip(struct scatterlist *sg, unsigned int nents, u32 skip,
		     const struct scst_pi_blocks *blocks)
{
	return scst_pi_move(sg, nents, skip, blocks, SIZE_MAX, false);
}
EXPORT_SYMBOL_GPL(scst_pi_strip);

size_t scst_pi_insert(struct scatterlist *sg, unsigned int nents, u32 skip,
		      const struct scst_pi_blocks *blocks, size_t len)
{
	return scst_pi_move(sg, nents, skip, blocks, len, true);
}
EXPORT_SYMBOL_GPL(scst_pi_insert);
