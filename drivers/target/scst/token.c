// SPDX-License-Identifier: GPL-2.0
/*
 * ROD tokens (SPC-5 5.18.6): POPULATE TOKEN makes one that stands for blocks of
 * its logical unit, WRITE USING TOKEN writes them elsewhere.
 *
 * A token is a secret, but nobody gets data by it alone: the session that uses
 * it must also see the logical unit that has made it. What is read are the
 * blocks as they are then (access upon reference).
 */
#include <linux/hashtable.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include "copy_priv.h"

#define SCST_TOKENS_MAX		64	/* of a logical unit */
#define SCST_TOKEN_HASH_BITS	8

#define SCST_SENSE_TOKEN_EXPIRED	SCST_SENSE_TOKEN(0x07)
/* SPC-5 table F.2: INSUFFICIENT RESOURCES TO CREATE ROD TOKEN */
#define SCST_SENSE_TOKEN_NO_ROOM	SCST_SENSE(ILLEGAL_REQUEST, 0x55, 0x0d)

/**
 * struct scst_token - a token that somebody may use
 * @node: in scst_tokens
 * @entry: in scst_device.tokens
 * @dev: logical unit; no reference: its tokens go before it
 * @medium: scst_device.medium that it was made of
 * @ranges: what it stands for
 * @timeout: jiffies that it lives unused
 * @used: when it was used, or made
 * @data: the token
 */
struct scst_token {
	struct hlist_node	node;
	struct list_head	entry;
	struct scst_device	*dev;
	u32			medium;
	struct scst_copy_ranges	ranges;
	unsigned long		timeout;
	unsigned long		used;
	u8			data[SCST_TOKEN_LEN];
};

/* Subject: the tokens of all devices. Taken in any context. */
static DEFINE_SPINLOCK(scst_token_lock);
static DEFINE_HASHTABLE(scst_tokens, SCST_TOKEN_HASH_BITS);

static u64 scst_token_key(const u8 *data)
{
	return get_unaligned((const u64 *)(data + 8));
}

static void scst_token_del(struct scst_token *token)
{
	lockdep_assert_held(&scst_token_lock);

	hash_del(&token->node);
	list_del(&token->entry);
	kfree(token);
}

static bool scst_token_expired(const struct scst_token *token)
{
	return time_after_eq(jiffies, token->used + token->timeout);
}

/* The device goes, or is another one than they were made of. Any context. */
void scst_token_forget(struct scst_device *dev)
{
	struct scst_token *token, *next;
	unsigned long flags;

	spin_lock_irqsave(&scst_token_lock, flags);
	list_for_each_entry_safe(token, next, &dev->tokens, entry)
		scst_token_del(token);
	spin_unlock_irqrestore(&scst_token_lock, flags);
}

/* Return: there was room for it. */
static bool scst_token_add(struct scst_token *token)
{
	struct scst_device *dev = token->dev;
	struct scst_token *old, *next;
	unsigned int nr = 0;

	spin_lock_irq(&scst_token_lock);
	list_for_each_entry_safe(old, next, &dev->tokens, entry) {
		if (scst_token_expired(old))
			scst_token_del(old);
		else
			nr++;
	}
	if (nr < SCST_TOKENS_MAX) {
		hash_add(scst_tokens, &token->node, scst_token_key(token->data));
		list_add_tail(&token->entry, &dev->tokens);
	}
	spin_unlock_irq(&scst_token_lock);
	return nr < SCST_TOKENS_MAX;
}

static struct scst_token *scst_token_find(const u8 *data)
{
	struct scst_token *token;

	lockdep_assert_held(&scst_token_lock);

	hash_for_each_possible(scst_tokens, token, node, scst_token_key(data))
		if (!memcmp(token->data, data, SCST_TOKEN_LEN))
			return token;
	return NULL;
}

/*
 * What a token stands for, and of which device, with a reference. It begins to
 * live anew. Return: no sense, or what is wrong with it.
 */
static scst_sense_t scst_token_use(const u8 *data,
				   struct scst_copy_ranges *ranges,
				   struct scst_device **dev, u32 *medium)
{
	scst_sense_t sense = SCST_SENSE_TOKEN_UNKNOWN;
	struct scst_token *token;

	spin_lock_irq(&scst_token_lock);
	token = scst_token_find(data);
	if (token && scst_token_expired(token)) {
		scst_token_del(token);
		sense = SCST_SENSE_TOKEN_EXPIRED;
	} else if (token && kref_get_unless_zero(&token->dev->kref)) {
		token->used = jiffies;
		*ranges = token->ranges;
		*dev = token->dev;
		*medium = token->medium;
		sense = SCST_SENSE_NONE;
	}
	spin_unlock_irq(&scst_token_lock);
	return sense;
}

/* DEL_TKN: it is not there for anybody else (SBC-4 5.52.2). */
static void scst_token_delete(const u8 *data)
{
	struct scst_token *token;

	spin_lock_irq(&scst_token_lock);
	token = scst_token_find(data);
	if (token)
		scst_token_del(token);
	spin_unlock_irq(&scst_token_lock);
}

static void scst_token_refuse(struct scst_cmd *cmd,
			      struct scst_copy_error error)
{
	if (error.sense == SCST_SENSE_INVALID_FIELD_PARAM)
		scst_set_cmd_error_field(cmd, error.sense, error.byte,
					 error.bit);
	else
		scst_set_cmd_error(cmd, error.sense);
}

static struct scst_copy_disk scst_token_disk(const struct scst_cmd *cmd)
{
	return (struct scst_copy_disk) {
		.shift = cmd->dev->block_shift,
		.nblocks = READ_ONCE(cmd->dev->nblocks),
	};
}

/* POPULATE TOKEN */

static void scst_token_make(struct scst_token *token)
{
	u8 secret[SCST_TOKEN_SECRET];
	struct scst_inquiry inq;

	get_random_bytes(secret, sizeof(secret));
	token->dev->handler->describe(token->dev, &inq);
	scst_token_build(token->data, secret, inq.naa, token->ranges.bytes);
	memzero_explicit(secret, sizeof(secret));
	token->used = jiffies;
}

/* Return: the token is the nexus's, who may ask for it. */
static bool scst_token_keep(struct scst_cmd *cmd, struct scst_token *token,
			    struct scst_copy_result *result)
{
	result->id = get_unaligned_be32(cmd->cdb + 6);
	result->report.service_action = cmd->cdb[1] & SCST_COPY_SA_MASK;
	result->report.state = SCST_COPY_GOOD;
	result->report.block_shift = cmd->dev->block_shift;
	result->report.bytes = token->ranges.bytes;
	memcpy(result->token, token->data, SCST_TOKEN_LEN);
	if (!scst_token_add(token)) {
		scst_set_cmd_error(cmd, SCST_SENSE_TOKEN_NO_ROOM);
		return false;
	}
	/* It may be used, and be gone, as soon as somebody knows it. */
	if (!scst_copy_add_result(cmd->tgt_dev, result)) {
		scst_token_delete(result->token);
		scst_set_cmd_error(cmd, SCST_SENSE_COPY_IN_PROGRESS);
		scst_copy_result_free(result);
	}
	return true;
}

/* Process context. */
void scst_populate_token(struct scst_cmd *cmd, const u8 *buf, unsigned int len)
{
	struct scst_copy_disk disk = scst_token_disk(cmd);
	struct scst_copy_result *result;
	struct scst_copy_error error;
	struct scst_token *token;
	u32 timeout;

	token = kzalloc(sizeof(*token), GFP_NOIO | __GFP_NOWARN);
	result = scst_copy_result_new(true);
	if (!token || !result) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		goto free;
	}
	error = scst_populate_parse(buf, len, &disk, &token->ranges, &timeout);
	if (error.sense != SCST_SENSE_NONE) {
		scst_token_refuse(cmd, error);
		goto free;
	}
	token->dev = cmd->dev;
	token->medium = READ_ONCE(cmd->dev->medium);
	token->timeout = timeout * HZ;
	scst_token_make(token);
	if (scst_token_keep(cmd, token, result))
		return;
free:
	scst_copy_result_free(result);
	kfree(token);
}

/* WRITE USING TOKEN */

/**
 * struct scst_write_token - what a WRITE USING TOKEN is about
 * @src: what the token stands for
 * @dst: where to write
 * @offset: bytes of the former to leave out
 * @dev: source, with a reference; NULL for zeros
 * @medium: scst_device.medium that the token was made of
 */
struct scst_write_token {
	struct scst_copy_ranges	src;
	struct scst_copy_ranges	dst;
	u64			offset;
	struct scst_device	*dev;
	u32			medium;
};

static bool scst_write_token_read(struct scst_cmd *cmd,
				  struct scst_write_token *wut, const u8 *buf,
				  unsigned int len)
{
	struct scst_copy_disk disk = scst_token_disk(cmd);
	struct scst_copy_error error;

	error = scst_write_token_parse(buf, len, &disk, &wut->dst,
				       &wut->offset);
	if (error.sense == SCST_SENSE_NONE &&
	    !scst_token_is_zero(buf + SCST_WRITE_TOKEN_AT))
		error.sense = scst_token_use(buf + SCST_WRITE_TOKEN_AT,
					     &wut->src, &wut->dev,
					     &wut->medium);
	if (error.sense != SCST_SENSE_NONE)
		scst_token_refuse(cmd, error);
	return error.sense == SCST_SENSE_NONE;
}

/* All of them are one segment for each range that is written. */
static void scst_write_token_zeros(struct scst_copy *copy,
				   const struct scst_write_token *wut)
{
	unsigned int i;

	for (i = 0; i < wut->dst.nr; i++)
		copy->moves[i] = (struct scst_copy_move) {
			.src = SCST_COPY_ZEROS,
			.dst_pos = wut->dst.range[i].pos,
			.len = wut->dst.range[i].len, .segment = i,
		};
	copy->nr_moves = wut->dst.nr;
}

/* Are pieces whole blocks of both sizes? */
static bool scst_write_token_fits(const struct scst_copy *copy, u8 src_shift,
				  u8 dst_shift)
{
	const struct scst_copy_move *move;
	unsigned int i;

	for (i = 0; i < copy->nr_moves; i++) {
		move = &copy->moves[i];
		if ((move->src_pos | move->len) & ((1ULL << src_shift) - 1) ||
		    (move->dst_pos | move->len) & ((1ULL << dst_shift) - 1))
			return false;
	}
	return true;
}

static bool scst_write_token_plan(struct scst_copy *copy,
				  const struct scst_write_token *wut)
{
	struct scst_cmd *cmd = copy->cmd;
	unsigned int i;
	u16 src, dst;

	scst_copy_add_end(copy, cmd->dev, cmd->lun, &dst);
	if (!wut->dev) {
		scst_write_token_zeros(copy, wut);
		return true;
	}
	/* It may have another medium by now. */
	if (!scst_copy_see(copy, wut->dev, &src) ||
	    copy->ends[src].medium != wut->medium) {
		scst_set_cmd_error(cmd, SCST_SENSE_TOKEN_UNKNOWN);
		return false;
	}
	if (wut->offset >= wut->src.bytes) {
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_PARAM,
					 8, 7);
		return false;
	}
	copy->nr_moves = scst_token_plan(&wut->src, wut->offset, &wut->dst,
					 copy->moves);
	copy->partial = wut->dst.bytes > wut->src.bytes - wut->offset;
	for (i = 0; i < copy->nr_moves; i++) {
		copy->moves[i].src = src;
		copy->moves[i].dst = dst;
	}
	if (!scst_write_token_fits(copy, copy->ends[src].shift,
				   copy->ends[dst].shift)) {
		scst_set_cmd_error(cmd, SCST_SENSE_COPY_INEXACT);
		return false;
	}
	return true;
}

/* Return: the copy goes on by itself; false after the command has got an end. */
static bool scst_write_token_start(struct scst_cmd *cmd,
				   const struct scst_write_token *wut,
				   const u8 *buf)
{
	struct scst_copy *copy = scst_copy_alloc(cmd);

	if (!copy) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return false;
	}
	copy->result->report.block_shift = cmd->dev->block_shift;
	if (!scst_write_token_plan(copy, wut) ||
	    !scst_copy_prepare(copy, get_unaligned_be32(cmd->cdb + 6),
			       SCST_COPY_ID_HOLD)) {
		scst_copy_discard(copy);
		return false;
	}
	/* Before anybody hears of the end */
	if (buf[2] & SCST_WRITE_TOKEN_DEL)
		scst_token_delete(buf + SCST_WRITE_TOKEN_AT);
	scst_copy_start(copy);
	return true;
}

/* Process context. Return: as scst_write_token_start(). */
bool scst_write_using_token(struct scst_cmd *cmd, const u8 *buf,
			    unsigned int len)
{
	struct scst_write_token *wut;
	bool goes_on = false;

	/* SBC-4 5.52.1: as any WRITE */
	if (scst_cmd_write_protected(cmd))
		return false;
	wut = kzalloc(sizeof(*wut), GFP_NOIO | __GFP_NOWARN);
	if (!wut) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return false;
	}
	if (scst_write_token_read(cmd, wut, buf, len))
		goes_on = scst_write_token_start(cmd, wut, buf);
	if (wut->dev)
		scst_device_put(wut->dev);
	kfree(wut);
	return goes_on;
}
