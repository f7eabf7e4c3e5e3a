// SPDX-License-Identifier: GPL-2.0
/*
 * EXTENDED COPY (SPC-5 6.6, 6.7): from the command to the copy, and its end.
 *
 * The initiator names the logical units. Those are looked for among the LUNs of
 * its own session, and nowhere else: whoever is not shown a device can neither
 * read nor write it, whatever it knows of it.
 */
#include <linux/slab.h>
#include "copy_priv.h"

static struct scst_copy *scst_copy_of(const struct scst_cmd *cmd)
{
	return (struct scst_copy *)cmd->handler_priv[0];
}

/* Blocks that can be read and written, and a name to be found by */
bool scst_copy_supported(const struct scst_device *dev)
{
	const struct scst_dev_type *handler = dev->handler;

	return dev->type == TYPE_DISK && handler->describe &&
	       handler->execs[SCST_OP_READ_16] &&
	       handler->execs[SCST_OP_WRITE_16];
}

/* Results */

struct scst_copy_result *scst_copy_result_new(bool token)
{
	struct scst_copy_result *result;

	result = kzalloc(sizeof(*result), GFP_NOIO | __GFP_NOWARN);
	if (!result)
		return NULL;
	INIT_LIST_HEAD(&result->entry);
	if (!token)
		return result;
	result->token = kzalloc(SCST_TOKEN_LEN, GFP_NOIO | __GFP_NOWARN);
	if (result->token)
		return result;
	kfree(result);
	return NULL;
}

void scst_copy_result_free(struct scst_copy_result *result)
{
	if (!result)
		return;
	kfree(result->token);
	kfree(result);
}

static struct scst_copy_result *scst_copy_find_result(struct scst_tgt_dev *nexus,
						      u32 id)
{
	struct scst_copy_result *result;

	lockdep_assert_held(&nexus->copy_lock);

	list_for_each_entry(result, &nexus->copies, entry)
		if (result->id == id)
			return result;
	return NULL;
}

/*
 * @token has room for SCST_TOKEN_LEN. Return: false if the nexus has no such
 * copy. Any context.
 */
bool scst_copy_get_report(struct scst_tgt_dev *nexus, u32 id,
			  struct scst_copy_report *report, u8 *token,
			  bool *has_token)
{
	struct scst_copy_result *result;
	unsigned long flags;

	spin_lock_irqsave(&nexus->copy_lock, flags);
	result = scst_copy_find_result(nexus, id);
	*has_token = result && result->token;
	if (result)
		*report = result->report;
	if (*has_token)
		memcpy(token, result->token, SCST_TOKEN_LEN);
	spin_unlock_irqrestore(&nexus->copy_lock, flags);
	return result;
}

/* The oldest one that has ended makes room. */
static void scst_copy_drop_result(struct scst_tgt_dev *nexus,
				  struct list_head *dropped)
{
	struct scst_copy_result *result;

	lockdep_assert_held(&nexus->copy_lock);

	if (list_count_nodes(&nexus->copies) < SCST_COPY_MAX_RESULTS)
		return;
	list_for_each_entry(result, &nexus->copies, entry) {
		if (result->report.state == SCST_COPY_RUNNING)
			continue;
		list_move(&result->entry, dropped);
		return;
	}
}

static void scst_copy_free_results(struct list_head *results)
{
	struct scst_copy_result *result, *next;

	list_for_each_entry_safe(result, next, results, entry)
		scst_copy_result_free(result);
}

/*
 * SPC-5 6.6.3: an identifier that is still in use is an error; one that is not
 * names the new copy. Return: false if it is.
 */
bool scst_copy_add_result(struct scst_tgt_dev *nexus,
			  struct scst_copy_result *result)
{
	struct scst_copy_result *old;
	LIST_HEAD(dropped);
	bool in_use = false;

	spin_lock_irq(&nexus->copy_lock);
	old = scst_copy_find_result(nexus, result->id);
	if (old)
		in_use = old->report.state == SCST_COPY_RUNNING;
	if (old && !in_use)
		list_move(&old->entry, &dropped);
	if (!in_use) {
		scst_copy_drop_result(nexus, &dropped);
		list_add_tail(&result->entry, &nexus->copies);
	}
	spin_unlock_irq(&nexus->copy_lock);
	scst_copy_free_results(&dropped);
	return !in_use;
}

/* The nexus has no commands any more. */
void scst_copy_forget(struct scst_tgt_dev *nexus)
{
	scst_copy_free_results(&nexus->copies);
	INIT_LIST_HEAD(&nexus->copies);
}

static void scst_copy_report_end(struct scst_copy *copy)
{
	struct scst_copy_report *report = &copy->result->report;
	struct scst_cmd *cmd = copy->cmd;
	bool good = cmd->status == SAM_STAT_GOOD && !scst_cmd_aborted(cmd);

	spin_lock_irq(&cmd->tgt_dev->copy_lock);
	/* Those that move nothing are processed, too. */
	if (good && copy->nr_moves)
		report->segments = copy->moves[copy->nr_moves - 1].segment + 1;
	report->state = SCST_COPY_ERROR;
	if (good)
		report->state = copy->partial ? SCST_COPY_PARTIAL :
						SCST_COPY_GOOD;
	report->status = scst_cmd_aborted(cmd) ? SAM_STAT_TASK_ABORTED :
						 cmd->status;
	report->sense_len = cmd->sense_len;
	memcpy(report->sense, cmd->sense, cmd->sense_len);
	spin_unlock_irq(&cmd->tgt_dev->copy_lock);
}

/* The end of a copy */

void scst_copy_fail(struct scst_copy *copy, const struct scst_copy_fault *fault)
{
	struct scst_cmd *cmd = copy->cmd;

	scst_set_cmd_status(cmd, SAM_STAT_CHECK_CONDITION);
	cmd->sense_len = scst_copy_sense(cmd->sense,
					 READ_ONCE(cmd->dev->control.d_sense),
					 fault);
}

static void scst_copy_put_ends(struct scst_copy *copy)
{
	while (copy->nr_ends)
		scst_device_put(copy->ends[--copy->nr_ends].dev);
}

/*
 * Everything but what an abort may look at, which is freed with the command.
 * The command may be gone when this returns.
 */
void scst_copy_end(struct scst_copy *copy)
{
	bool listed = !list_empty(&copy->result->entry);
	struct scst_cmd *cmd = copy->cmd;

	/* From here on another copy of the same name may take its place. */
	scst_copy_report_end(copy);
	if (!listed)
		scst_copy_result_free(copy->result);
	if (copy->sg)
		scst_buffer_put(copy->sg, SCST_COPY_PIECE);
	scst_copy_put_ends(copy);
	atomic_dec(&cmd->dev->nr_copies);
	scst_cmd_done(cmd, SCST_CONTEXT_DIRECT);
}

/* The last reference to the command is gone. Any context. */
void scst_copy_free(struct scst_cmd *cmd)
{
	kfree(scst_copy_of(cmd));
}

static void scst_copy_abort_part(struct scst_copy *copy, struct scst_cmd *part,
				 const bool *part_there)
{
	unsigned long flags;
	bool there;

	spin_lock_irqsave(&copy->lock, flags);
	there = *part_there && refcount_inc_not_zero(&part->ref);
	spin_unlock_irqrestore(&copy->lock, flags);
	if (!there)
		return;
	scst_abort_cmd(part, 0);
	scst_cmd_put(part);
}

/*
 * The command was aborted: what it does just now may wait for somebody, who may
 * wait for the command. Any context; the caller has a reference to the command.
 */
void scst_copy_aborted(struct scst_cmd *cmd)
{
	struct scst_copy *copy = scst_copy_of(cmd);

	scst_copy_abort_part(copy, &copy->sub, &copy->sub_there);
	scst_copy_abort_part(copy, &copy->other, &copy->other_there);
}

/* Its beginning */

/**
 * struct scst_copy_search - room to find out what logical units are called
 * @list: parameter list
 * @inq: what a logical unit is
 * @page: what it says
 * @known: CSCD descriptors that were looked for, and found
 * @ends: where those are in scst_copy.ends
 */
struct scst_copy_search {
	struct scst_copy_list	list;
	struct scst_inquiry	inq;
	struct scst_inq_page	page;
	DECLARE_BITMAP(known, SCST_COPY_MAX_CSCDS);
	u16			ends[SCST_COPY_MAX_CSCDS];
};

static bool scst_copy_is_named(struct scst_copy_search *search,
			       const struct scst_copy_cscd *cscd,
			       struct scst_device *dev)
{
	static const u8 cdb[6] = { INQUIRY, 0x01, 0x83 };
	static const struct scst_inq_port port;

	if (!scst_copy_supported(dev))
		return false;
	dev->handler->describe(dev, &search->inq);
	return !scst_inquiry_build(&search->inq, &port, cdb, &search->page) &&
	       scst_copy_matches(cscd, &search->page);
}

/* It has a reference then, unless it has one already. */
void scst_copy_add_end(struct scst_copy *copy, struct scst_device *dev, u64 lun,
		       u16 *index)
{
	unsigned int i;

	for (i = 0; i < copy->nr_ends; i++)
		if (copy->ends[i].dev == dev && copy->ends[i].lun == lun)
			break;
	*index = i;
	if (i < copy->nr_ends)
		return;
	scst_device_get(dev);
	copy->ends[i].dev = dev;
	copy->ends[i].lun = lun;
	copy->ends[i].medium = READ_ONCE(dev->medium);
	copy->ends[i].shift = dev->block_shift;
	copy->nr_ends++;
}

/* Return: the session sees the device, which has become one of copy->ends. */
bool scst_copy_see(struct scst_copy *copy, struct scst_device *dev, u16 *index)
{
	struct scst_tgt_dev *tgt_dev;
	struct xarray *luns;
	unsigned long lun;
	bool found = false;

	rcu_read_lock();
	luns = scst_session_luns(copy->cmd->sess);
	xa_for_each(luns, lun, tgt_dev) {
		found = tgt_dev->dev == dev;
		if (found)
			break;
	}
	rcu_read_unlock();
	if (found)
		scst_copy_add_end(copy, dev, lun, index);
	return found;
}

static bool scst_copy_fits(const struct scst_copy_cscd *cscd,
			   const struct scst_device *dev)
{
	return cscd->type == dev->type &&
	       (!cscd->block_len || cscd->block_len == 1U << dev->block_shift);
}

/* Among the LUNs of the session. Return: no sense, or why not. */
static scst_sense_t scst_copy_find(struct scst_copy *copy,
				   struct scst_copy_search *search,
				   const struct scst_copy_cscd *cscd,
				   u16 *index)
{
	scst_sense_t sense = SCST_SENSE_COPY_UNREACHABLE;
	struct scst_tgt_dev *tgt_dev;
	struct xarray *luns;
	unsigned long lun;

	rcu_read_lock();
	luns = scst_session_luns(copy->cmd->sess);
	xa_for_each(luns, lun, tgt_dev) {
		/* RCU also keeps the device of a nexus. */
		if (!scst_copy_is_named(search, cscd, tgt_dev->dev))
			continue;
		sense = SCST_SENSE_COPY_WRONG_TYPE;
		if (scst_copy_fits(cscd, tgt_dev->dev)) {
			scst_copy_add_end(copy, tgt_dev->dev, lun, index);
			sense = SCST_SENSE_NONE;
		}
		break;
	}
	rcu_read_unlock();
	return sense;
}

/*
 * The logical unit of a CSCD DESCRIPTOR ID, as one of copy->ends. Each is looked
 * for once, however many segments speak of it: there may be many LUNs, and were
 * they to change meanwhile, there would be more ends than descriptors. Return:
 * no sense, or why not.
 */
static scst_sense_t scst_copy_resolve(struct scst_copy *copy,
				      struct scst_copy_search *search, u16 id,
				      u16 *index)
{
	scst_sense_t sense;

	if (id == SCST_COPY_CSCD_SELF) {
		scst_copy_add_end(copy, copy->cmd->dev, copy->cmd->lun, index);
		return SCST_SENSE_NONE;
	}
	if (id >= search->list.nr_cscds)
		return SCST_SENSE_COPY_UNREACHABLE;
	if (!test_bit(id, search->known)) {
		sense = scst_copy_find(copy, search, &search->list.cscds[id],
				       &search->ends[id]);
		if (sense != SCST_SENSE_NONE)
			return sense;
		__set_bit(id, search->known);
	}
	*index = search->ends[id];
	return SCST_SENSE_NONE;
}

static struct scst_copy_disk scst_copy_disk(const struct scst_copy_end *end)
{
	return (struct scst_copy_disk) {
		.shift = end->shift,
		.nblocks = READ_ONCE(end->dev->nblocks),
	};
}

static scst_sense_t scst_copy_add_move(struct scst_copy *copy,
				       struct scst_copy_search *search,
				       unsigned int segment)
{
	const struct scst_copy_segment *seg = &search->list.segs[segment];
	struct scst_copy_move *move = &copy->moves[copy->nr_moves];
	struct scst_copy_disk src, dst;
	scst_sense_t sense;

	sense = scst_copy_resolve(copy, search, seg->src, &move->src);
	if (sense == SCST_SENSE_NONE)
		sense = scst_copy_resolve(copy, search, seg->dst, &move->dst);
	if (sense != SCST_SENSE_NONE)
		return sense;
	src = scst_copy_disk(&copy->ends[move->src]);
	dst = scst_copy_disk(&copy->ends[move->dst]);
	move->segment = segment;
	return scst_copy_plan(seg, &src, &dst, move);
}

/*
 * A segment that cannot be processed ends the copy before any of it has begun,
 * and names itself. Return: the copy may start.
 */
static bool scst_copy_add_moves(struct scst_copy *copy,
				struct scst_copy_search *search)
{
	struct scst_copy_fault fault = {};

	while (copy->nr_moves < search->list.nr_segs) {
		fault.segment = copy->nr_moves;
		fault.sense = scst_copy_add_move(copy, search, copy->nr_moves);
		if (fault.sense != SCST_SENSE_NONE) {
			scst_copy_fail(copy, &fault);
			return false;
		}
		copy->nr_moves++;
	}
	return true;
}

static bool scst_copy_read_list(struct scst_cmd *cmd,
				struct scst_copy_list *list, const u8 *buf,
				unsigned int len)
{
	u8 sa = cmd->cdb[1] & SCST_COPY_SA_MASK;
	struct scst_copy_error error;

	error = scst_copy_parse(sa == SCST_COPY_SA_LID4, buf, len, list);
	if (error.sense == SCST_SENSE_INVALID_FIELD_PARAM)
		scst_set_cmd_error_field(cmd, error.sense, error.byte,
					 error.bit);
	else if (error.sense != SCST_SENSE_NONE)
		scst_set_cmd_error(cmd, error.sense);
	return error.sense == SCST_SENSE_NONE;
}

struct scst_copy *scst_copy_alloc(struct scst_cmd *cmd)
{
	struct scst_copy *copy = kzalloc(sizeof(*copy),
					 GFP_NOIO | __GFP_NOWARN);

	if (!copy)
		return NULL;
	copy->result = scst_copy_result_new(false);
	if (!copy->result) {
		kfree(copy);
		return NULL;
	}
	copy->cmd = cmd;
	copy->offload = true;
	spin_lock_init(&copy->lock);
	INIT_WORK(&copy->work, scst_copy_work);
	return copy;
}

/* One that has not started */
void scst_copy_discard(struct scst_copy *copy)
{
	scst_copy_put_ends(copy);
	scst_copy_result_free(copy->result);
	kfree(copy);
}

/*
 * All that may refuse a copy. Return: scst_copy_start() follows; false after the
 * command has got an end.
 */
bool scst_copy_prepare(struct scst_copy *copy, u32 id,
		       enum scst_copy_id_usage usage)
{
	struct scst_cmd *cmd = copy->cmd;
	int error;

	/* SPC-5 6.26: no more than TOTAL CONCURRENT COPIES */
	if (atomic_inc_return(&cmd->dev->nr_copies) > SCST_COPY_MAX_AT_ONCE) {
		scst_set_cmd_status(cmd, SAM_STAT_TASK_SET_FULL);
		goto put;
	}
	error = scst_buffer_get(cmd, SCST_COPY_PIECE,
				GFP_NOIO | __GFP_RETRY_MAYFAIL | __GFP_NOWARN |
				__GFP_ZERO, &copy->sg, &copy->sg_cnt);
	if (error) {
		copy->sg = NULL;
		scst_set_cmd_status(cmd, error == -EDQUOT ?
				    SAM_STAT_TASK_SET_FULL : SAM_STAT_BUSY);
		goto put;
	}
	copy->result->id = id;
	copy->result->report.service_action = cmd->cdb[1] & SCST_COPY_SA_MASK;
	if (usage != SCST_COPY_ID_NONE &&
	    !scst_copy_add_result(cmd->tgt_dev, copy->result)) {
		scst_set_cmd_error(cmd, SCST_SENSE_COPY_IN_PROGRESS);
		scst_buffer_put(copy->sg, SCST_COPY_PIECE);
		goto put;
	}
	return true;

put:
	atomic_dec(&cmd->dev->nr_copies);
	return false;
}

/* The copy goes on by itself, and may have ended on return. */
void scst_copy_start(struct scst_copy *copy)
{
	struct scst_cmd *cmd = copy->cmd;

	cmd->handler_priv[0] = (unsigned long)copy;
	/*
	 * Pairs with scst_abort_cmd(). An abort that has come before is seen by
	 * the work.
	 */
	smp_mb__before_atomic();
	set_bit(SCST_CMD_F_COPY, &cmd->flags);
	scst_cmd_set_state(cmd, SCST_CMD_EXEC_WAIT);
	/* Its parts take their own places, on the blocks that they touch. */
	scst_cmd_leave_device(cmd);
	queue_work(cmd->dev->wq, &copy->work);
}

/* Return: the copy goes on by itself; false after the command has got an end. */
static bool scst_extended_copy(struct scst_cmd *cmd, const u8 *buf,
			       unsigned int len)
{
	struct scst_copy_search *search;
	struct scst_copy *copy;
	bool goes_on = false;

	search = kzalloc(sizeof(*search), GFP_NOIO | __GFP_NOWARN);
	copy = scst_copy_alloc(cmd);
	if (!search || !copy)
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
	else
		goes_on = scst_copy_read_list(cmd, &search->list, buf, len) &&
			  scst_copy_add_moves(copy, search) &&
			  scst_copy_prepare(copy, search->list.id,
					    search->list.id_usage);
	if (goes_on)
		scst_copy_start(copy);
	else if (copy)
		scst_copy_discard(copy);
	kfree(search);
	return goes_on;
}

static bool scst_copy_execute(struct scst_cmd *cmd, const u8 *buf,
			      unsigned int len)
{
	switch (cmd->cdb[1] & SCST_COPY_SA_MASK) {
	case SCST_COPY_SA_POPULATE:
		scst_populate_token(cmd, buf, len);
		return false;
	case SCST_COPY_SA_WRITE_TOKEN:
		return scst_write_using_token(cmd, buf, len);
	default:
		return scst_extended_copy(cmd, buf, len);
	}
}

/* Process context. Return: as a state function. */
enum scst_step scst_copy_out(struct scst_cmd *cmd)
{
	bool goes_on;
	u8 *buf;

	/* SPC-5 6.6.2: no list is no error. */
	if (!cmd->bufflen)
		return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
	buf = kzalloc(SCST_COPY_MAX_PARAM, GFP_NOIO | __GFP_NOWARN);
	if (!buf) {
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
		return scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
	}
	goes_on = scst_copy_execute(cmd, buf,
				    scst_cmd_copy_out(cmd, buf,
						      SCST_COPY_MAX_PARAM));
	kfree(buf);
	return goes_on ? SCST_STEP_WAIT :
			 scst_cmd_next(cmd, SCST_CMD_DEV_DONE);
}
