/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files that execute third-party copies share.
 */
#ifndef _SCST_COPY_PRIV_H
#define _SCST_COPY_PRIV_H

#include "scst_priv.h"
#include "copy.h"

/* What is read, and then written, at a time; what a handler copies */
#define SCST_COPY_PIECE		SZ_1M
#define SCST_COPY_OFFLOAD_PIECE	SZ_16M

/**
 * struct scst_copy_result - a copy that its nexus may ask for
 * @entry: in scst_tgt_dev.copies, unless nobody can ask
 * @id: LIST IDENTIFIER
 * @report: what is known of it
 * @token: ROD token that it has made, or NULL
 *
 * All of it is the subject of scst_tgt_dev.copy_lock.
 */
struct scst_copy_result {
	struct list_head	entry;
	u32			id;
	struct scst_copy_report	report;
	u8			*token;
};

/**
 * struct scst_copy_end - a logical unit that a copy reads or writes
 * @dev: logical unit, with a reference
 * @lun: where the session sees it
 * @medium: scst_device.medium that the copy was planned with
 * @shift: log2 of the logical block length, likewise
 */
struct scst_copy_end {
	struct scst_device	*dev;
	u64			lun;
	u32			medium;
	u8			shift;
};

/**
 * struct scst_copy - a third-party copy
 *
 * From scst_copy_start() to the release of its command, which frees it. One
 * step at a time is done, by @work; each ends with sending @sub, whose end
 * queues the next one.
 *
 * @cmd: its command; out of the device's gate, so that commands that must run
 *	alone do, between two steps
 * @work: next step, in cmd->dev->wq
 * @ends: logical units that @moves speaks of
 * @nr_ends: entries in @ends
 * @moves: what is to be done, in this order
 * @nr_moves: entries in @moves
 * @move: which one is being done
 * @done: bytes of it that were written
 * @writing: @sub writes
 * @len: bytes that @sub moves
 * @sg: pages in which they are
 * @sg_cnt: entries in @sg
 * @partial: all that there is, but less than was asked for
 * @result: what is reported
 * @offload: the handler may be able to do it
 * @offloading: @sub and @other stand for what the handler does
 * @range_error: what it has said
 * @lock: subject: the next two. Taken in any context.
 * @sub_there: @sub was sent, and has not ended: an abort is for it, too
 * @other_there: likewise
 * @sub: READ or WRITE, or the source's part of @offloading
 * @other: the destination's part of it
 */
struct scst_copy {
	struct scst_cmd		*cmd;
	struct work_struct	work;
	struct scst_copy_end	ends[SCST_COPY_MAX_CSCDS + 1];
	unsigned int		nr_ends;
	struct scst_copy_move	moves[SCST_TOKEN_MAX_MOVES];
	unsigned int		nr_moves;
	unsigned int		move;
	u64			done;
	bool			writing;
	u32			len;
	struct scatterlist	*sg;
	unsigned int		sg_cnt;
	bool			partial;
	struct scst_copy_result	*result;
	bool			offload;
	bool			offloading;
	int			range_error;
	spinlock_t		lock;	/* two below */
	bool			sub_there;
	bool			other_there;
	struct scst_cmd		sub;
	struct scst_cmd		other;
};

/* Service actions of operation code 83h */
#define SCST_COPY_SA_MASK		0x1f
#define SCST_COPY_SA_LID4		0x01
#define SCST_COPY_SA_POPULATE		0x10
#define SCST_COPY_SA_WRITE_TOKEN	0x11

/* scst_copy_move.src: nothing is read */
#define SCST_COPY_ZEROS			U16_MAX

/* copy.c */

struct scst_copy_result *scst_copy_result_new(bool token);
void scst_copy_result_free(struct scst_copy_result *result);
bool scst_copy_add_result(struct scst_tgt_dev *nexus,
			  struct scst_copy_result *result);
struct scst_copy *scst_copy_alloc(struct scst_cmd *cmd);
void scst_copy_discard(struct scst_copy *copy);
void scst_copy_add_end(struct scst_copy *copy, struct scst_device *dev, u64 lun,
		       u16 *index);
bool scst_copy_see(struct scst_copy *copy, struct scst_device *dev, u16 *index);
bool scst_copy_prepare(struct scst_copy *copy, u32 id,
		       enum scst_copy_id_usage usage);
void scst_copy_start(struct scst_copy *copy);
bool scst_copy_get_report(struct scst_tgt_dev *nexus, u32 id,
			  struct scst_copy_report *report, u8 *token,
			  bool *has_token);
void scst_copy_fail(struct scst_copy *copy,
		    const struct scst_copy_fault *fault);
void scst_copy_end(struct scst_copy *copy);

/* token.c */

void scst_populate_token(struct scst_cmd *cmd, const u8 *buf, unsigned int len);
bool scst_write_using_token(struct scst_cmd *cmd, const u8 *buf,
			    unsigned int len);

/* copy_offload.c */

bool scst_copy_can_offload(const struct scst_copy *copy,
			   const struct scst_copy_move *move);
void scst_copy_init_source(struct scst_copy *copy,
			   const struct scst_tgt_template *tmpl);
bool scst_copy_fell_back(struct scst_copy *copy);

/* copy_exec.c */

void scst_copy_work(struct work_struct *work);

#endif /* _SCST_COPY_PRIV_H */
