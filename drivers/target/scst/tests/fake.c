// SPDX-License-Identifier: GPL-2.0
/*
 * The fake fabric and the fake handler of the core's suites.
 */
#include <linux/ctype.h>
#include <linux/poison.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include "fake.h"

#define FAKE_NAME	"scst_fake"

static struct fake_cmd *to_fake_cmd(struct scst_cmd *cmd)
{
	return container_of(cmd, struct fake_cmd, cmd);
}

static void fake_log(struct scst_fake *fake, char c)
{
	unsigned long flags;
	size_t len;

	spin_lock_irqsave(&fake->lock, flags);
	len = strlen(fake->log);
	if (len < sizeof(fake->log) - 1)
		fake->log[len] = c;
	spin_unlock_irqrestore(&fake->lock, flags);
}

/*
 * Return: the command stays here. Then the test may already have sent it on,
 * and the caller must not touch it any more.
 */
static bool fake_note(struct fake_cmd *fc, enum fake_at at)
{
	bool hold = test_bit(at, &fc->hold);

	if (hold)
		set_bit(at, &fc->held);
	atomic_inc(&fc->nr[at]);
	complete_all(&fc->at[at]);
	return hold;
}

static void fake_note_context(struct fake_cmd *fc, enum fake_at at)
{
	if (scst_cmd_may_sleep(&fc->cmd))
		set_bit(at, &fc->slept);
}

/* The fabric */

static void fake_free_target(struct scst_tgt *tgt)
{
	struct fake_tgt *ft = container_of(tgt, struct fake_tgt, tgt);

	atomic_inc(&ft->fake->nr_freed);
	kfree(ft);
}

static int fake_alloc_data_buf(struct scst_cmd *cmd)
{
	struct fake_cmd *fc = to_fake_cmd(cmd);

	fake_note_context(fc, FAKE_ALLOC);
	fake_note(fc, FAKE_ALLOC);
	if (!fc->alloc_error) {
		sg_init_one(&fc->sg, fc->buf, cmd->bufflen);
		cmd->sg = &fc->sg;
		cmd->sg_cnt = 1;
	}
	return fc->alloc_error;
}

static void fake_rdy_to_xfer(struct scst_cmd *cmd)
{
	struct fake_cmd *fc = to_fake_cmd(cmd);

	fake_note_context(fc, FAKE_RDY);
	sg_copy_from_buffer(cmd->sg, cmd->sg_cnt, &fc->fill, 1);
	if (!fake_note(fc, FAKE_RDY))
		scst_rx_data(cmd, true, SCST_CONTEXT_SAME);
}

static bool fake_pre_exec(struct scst_cmd *cmd)
{
	struct fake_cmd *fc = to_fake_cmd(cmd);

	fake_note_context(fc, FAKE_PRE_EXEC);
	fake_note(fc, FAKE_PRE_EXEC);
	if (fc->refuse)
		scst_set_cmd_error(cmd, SCST_SENSE_NOT_READY);
	return !fc->refuse;
}

static void fake_xmit_response(struct scst_cmd *cmd)
{
	struct fake_cmd *fc = to_fake_cmd(cmd);

	fake_note_context(fc, FAKE_XMIT);
	fc->status = cmd->status;
	fc->sense_len = cmd->sense_len;
	if (cmd->sense_len)
		fc->sense = SCST_SENSE(cmd->sense[2] & 0x0f, cmd->sense[12],
				       cmd->sense[13]);
	fc->resp_len = cmd->resp_len;
	fc->residual = scst_cmd_residual(cmd);
	fc->in_residual = scst_cmd_in_residual(cmd);
	fc->data_len = cmd->info.data_len;
	fc->own_sg = cmd->sg == &fc->sg;
	if (test_bit(SCST_CMD_F_OWN_IN, &cmd->flags))
		sg_copy_to_buffer(cmd->in_sg, cmd->in_sg_cnt, fc->in, FAKE_IN);
	else if (cmd->sg)
		sg_copy_to_buffer(cmd->sg, cmd->sg_cnt, fc->in, FAKE_IN);
	if (!fake_note(fc, FAKE_XMIT))
		scst_tgt_cmd_done(cmd, SCST_CONTEXT_SAME);
}

/* The memory is ours again: who still looks at it shall not find a command. */
static void fake_on_free_cmd(struct scst_cmd *cmd)
{
	struct fake_cmd *fc = to_fake_cmd(cmd);

	memset(cmd, POISON_FREE, sizeof(*cmd));
	fake_note(fc, FAKE_FREE);
}

static void fake_tm_affected(struct scst_mgmt_cmd *mcmd)
{
	struct fake_tm *tm = container_of(mcmd, struct fake_tm, mcmd);

	atomic_inc(&tm->nr_affected);
}

static void fake_tm_done(struct scst_mgmt_cmd *mcmd)
{
	struct fake_tm *tm = container_of(mcmd, struct fake_tm, mcmd);

	tm->response = mcmd->response;
	tm->info = mcmd->info;
	memset(mcmd, POISON_FREE, sizeof(*mcmd));
	atomic_inc(&tm->nr_done);
	complete(&tm->done);
}

static const struct scst_tgt_template fake_tmpl = {
	.owner				= THIS_MODULE,
	.name				= FAKE_NAME,
	.free_target			= fake_free_target,
	.xmit_response			= fake_xmit_response,
	.rdy_to_xfer			= fake_rdy_to_xfer,
	.alloc_data_buf			= fake_alloc_data_buf,
	.pre_exec			= fake_pre_exec,
	.on_free_cmd			= fake_on_free_cmd,
	.task_mgmt_affected_cmds_done	= fake_tm_affected,
	.task_mgmt_fn_done		= fake_tm_done,
};

void fake_preprocessing_done(struct scst_cmd *cmd)
{
	struct fake_cmd *fc = to_fake_cmd(cmd);

	fake_note_context(fc, FAKE_PREPROC);
	if (!fake_note(fc, FAKE_PREPROC))
		scst_restart_cmd(cmd, true, SCST_CONTEXT_SAME);
}

/* The handler */

static struct scst_fake *dev_to_fake(struct scst_device *dev)
{
	return container_of(dev, struct fake_dev, dev)->fake;
}

static void fake_free_device(struct scst_device *dev)
{
	atomic_inc(&dev_to_fake(dev)->nr_freed);
	kfree(container_of(dev, struct fake_dev, dev));
}

static int fake_attach(struct scst_device *dev)
{
	dev->nblocks = FAKE_NBLOCKS;
	dev->max_xfer = FAKE_MAX_XFER;
	return 0;
}

static void fake_detach(struct scst_device *dev)
{
}

static int fake_attach_tgt(struct scst_tgt_dev *tgt_dev)
{
	struct scst_fake *fake = dev_to_fake(tgt_dev->dev);

	if (tgt_dev->dev == fake->bad_dev)
		return -EIO;
	atomic_inc(&fake->nr_attached);
	return 0;
}

static void fake_detach_tgt(struct scst_tgt_dev *tgt_dev)
{
	atomic_dec(&dev_to_fake(tgt_dev->dev)->nr_attached);
}

static void fake_execute(struct fake_cmd *fc)
{
	struct scst_cmd *cmd = &fc->cmd;

	if (cmd->info.dir == SCST_DATA_READ)
		sg_copy_from_buffer(cmd->sg, cmd->sg_cnt, &fc->fill, 1);
	if (cmd->info.dir & SCST_DATA_WRITE)
		sg_copy_to_buffer(cmd->sg, cmd->sg_cnt, &fc->out, 1);
	if (cmd->info.dir == SCST_DATA_BIDI)
		sg_pcopy_from_buffer(cmd->in_sg, cmd->in_sg_cnt, &fc->fill, 1,
				     1);
	if (fc->exec_len >= 0)
		cmd->resp_len = fc->exec_len;
	if (fc->exec_sense != SCST_SENSE_NONE)
		scst_set_cmd_error(cmd, fc->exec_sense);
	else
		scst_set_cmd_status(cmd, fc->exec_status);
}

enum scst_exec_result fake_exec(struct scst_cmd *cmd)
{
	struct fake_cmd *fc = to_fake_cmd(cmd);
	bool done_early = fc->done_early;

	if (fc->need_thread && !scst_cmd_may_sleep(cmd)) {
		fake_note(fc, FAKE_REFUSED);
		return SCST_EXEC_NEED_THREAD;
	}
	fake_note_context(fc, FAKE_EXEC);
	fake_log(fc->fake, fc->name);
	fake_execute(fc);
	if (fake_note(fc, FAKE_EXEC))
		return SCST_EXEC_PENDING;
	if (!done_early)
		return SCST_EXEC_DONE;
	scst_cmd_done(cmd, SCST_CONTEXT_DIRECT);
	return SCST_EXEC_PENDING;
}

static void fake_dev_done(struct scst_cmd *cmd)
{
	struct fake_cmd *fc = to_fake_cmd(cmd);

	fake_log(fc->fake, toupper(fc->name));
	fake_note(fc, FAKE_DEV_DONE);
}

static void fake_handler_on_free_cmd(struct scst_cmd *cmd)
{
	fake_note(to_fake_cmd(cmd), FAKE_HANDLER_FREE);
}

static void fake_alua_changed(struct scst_device *dev, bool usable)
{
	dev_to_fake(dev)->alua_usable = usable;
}

static void fake_task_mgmt_fn(struct scst_tgt_dev *tgt_dev)
{
	atomic_inc(&dev_to_fake(tgt_dev->dev)->nr_resets);
}

static void fake_nexus_loss(struct scst_tgt_dev *tgt_dev)
{
	atomic_inc(&dev_to_fake(tgt_dev->dev)->nr_losses);
}

static const scst_exec_fn fake_execs[SCST_OP_NR] = {
	[SCST_OP_TEST_UNIT_READY]	= fake_exec,
	[SCST_OP_INQUIRY]		= fake_exec,
	[SCST_OP_START_STOP]		= fake_exec,
	[SCST_OP_READ_10]		= fake_exec,
	[SCST_OP_WRITE_10]		= fake_exec,
	[SCST_OP_COMPARE_AND_WRITE]	= fake_exec,
};

static const struct scst_dev_type fake_type = {
	.owner		= THIS_MODULE,
	.name		= FAKE_NAME,
	.type		= TYPE_DISK,
	.execs		= fake_execs,
	.free_device	= fake_free_device,
	.attach		= fake_attach,
	.detach		= fake_detach,
	.attach_tgt	= fake_attach_tgt,
	.detach_tgt	= fake_detach_tgt,
	.dev_done	= fake_dev_done,
	.on_free_cmd	= fake_handler_on_free_cmd,
	.alua_changed	= fake_alua_changed,
	.task_mgmt_fn	= fake_task_mgmt_fn,
	.nexus_loss	= fake_nexus_loss,
};

/* Objects */

struct scst_device *fake_add_lun(struct kunit *test, const char *name, u64 lun)
{
	struct scst_fake *fake = test->priv;
	struct scst_acg_lun *l = &fake->luns[fake->nr_devs];
	struct fake_dev *fd;

	KUNIT_ASSERT_LT(test, fake->nr_devs, FAKE_MAX_DEVS);
	fd = kzalloc(sizeof(*fd), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fd);
	fd->fake = fake;
	KUNIT_ASSERT_EQ(test, 0, scst_register_virtual_device(&fd->dev,
							      &fake->type,
							      name));
	KUNIT_ASSERT_EQ(test, 0, scst_dev_enable(&fd->dev, true));
	l->lun = lun;
	KUNIT_ASSERT_EQ(test, 0, scst_acg_add_lun(fake->tgt->default_acg, l));
	KUNIT_ASSERT_EQ(test, 0, scst_acg_lun_link(l, &fd->dev));
	fake->devs[fake->nr_devs++] = &fd->dev;
	return &fd->dev;
}

static struct scst_tgt *fake_add_target(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	struct fake_tgt *ft = kzalloc(sizeof(*ft), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ft);
	ft->fake = fake;
	KUNIT_ASSERT_EQ(test, 0, scst_register_target(&ft->tgt, &fake->tmpl,
						      "fake_target"));
	KUNIT_ASSERT_EQ(test, 0, scst_tgt_enable(&ft->tgt, true));
	return &ft->tgt;
}

int fake_init(struct kunit *test)
{
	struct scst_fake *fake = kzalloc(sizeof(*fake), GFP_KERNEL);

	if (!fake)
		return -ENOMEM;
	fake->test = test;
	fake->tmpl = fake_tmpl;
	fake->type = fake_type;
	spin_lock_init(&fake->lock);
	init_completion(&fake->init);
	init_completion(&fake->unreg);
	fake->max_cmd_mem = scst_max_cmd_mem;
	KUNIT_ASSERT_EQ(test, 0, scst_register_dev_driver(&fake->type));
	KUNIT_ASSERT_EQ(test, 0, scst_register_target_template(&fake->tmpl));
	test->priv = fake;
	fake->tgt = fake_add_target(test);
	fake->dev = fake_add_lun(test, "fake_device", 0);
	return 0;
}

void fake_init_done(struct scst_session *sess, int error)
{
	struct scst_fake *fake = sess->fabric_priv;

	fake->init_error = error;
	fake_log(fake, '+');
	atomic_inc(&fake->nr_inits);
	complete(&fake->init);
}

void fake_unreg_done(struct scst_session *sess)
{
	struct scst_fake *fake = sess->fabric_priv;

	fake_log(fake, '-');
	atomic_inc(&fake->nr_unregs);
	complete(&fake->unreg);
}

void fake_own_session(struct kunit *test, struct scst_session *sess)
{
	struct scst_fake *fake = test->priv;
	unsigned int i = 0;

	while (i < FAKE_MAX_SESSIONS && fake->sess[i])
		i++;
	KUNIT_ASSERT_LT(test, i, FAKE_MAX_SESSIONS);
	fake->sess[i] = sess;
}

void fake_disown_session(struct kunit *test, struct scst_session *sess)
{
	struct scst_fake *fake = test->priv;
	unsigned int i;

	for (i = 0; i < FAKE_MAX_SESSIONS; i++)
		if (fake->sess[i] == sess)
			fake->sess[i] = NULL;
}

void fake_clear_ua(struct scst_session *sess)
{
	struct scst_tgt_dev *tgt_dev;
	unsigned long lun;

	xa_for_each(&sess->luns, lun, tgt_dev)
		WRITE_ONCE(tgt_dev->ua_pending, 0);
}

struct scst_session *fake_session(struct kunit *test, const char *initiator)
{
	struct scst_fake *fake = test->priv;
	struct scst_session *sess;

	sess = scst_register_session(fake->tgt, initiator, fake, GFP_KERNEL,
				     NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sess);
	fake_own_session(test, sess);
	fake_clear_ua(sess);
	return sess;
}

/* The end */

static void fake_let_go(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	unsigned int i, at;

	for (i = 0; i < fake->nr_cmds; i++)
		fake->cmds[i]->hold = 0;
	fake_settle(test);
	for (i = 0; i < fake->nr_cmds; i++)
		for (at = 0; at < FAKE_NR_AT; at++)
			if (test_bit(at, &fake->cmds[i]->held))
				fake_go(fake->cmds[i], at);
	fake_settle(test);
}

/* Every command has ended, once. */
static bool fake_all_ended(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	bool ended = true;
	unsigned int i;

	for (i = 0; i < fake->nr_cmds; i++) {
		struct fake_cmd *fc = fake->cmds[i];

		if (!fc->sent)
			continue;
		if (!wait_for_completion_timeout(&fc->at[FAKE_FREE],
						 FAKE_LIMIT))
			ended = false;
		KUNIT_EXPECT_EQ_MSG(test, fake_nr(fc, FAKE_FREE), 1,
				    "command %c", fc->name);
		KUNIT_EXPECT_LE_MSG(test, fake_nr(fc, FAKE_XMIT), 1,
				    "command %c", fc->name);
	}
	return ended;
}

static bool fake_end_sessions(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	unsigned int i;

	for (i = 0; i < FAKE_MAX_SESSIONS; i++) {
		if (!fake->sess[i])
			continue;
		scst_unregister_session(fake->sess[i], false, fake_unreg_done);
		if (!wait_for_completion_timeout(&fake->unreg, FAKE_LIMIT))
			return false;
	}
	return true;
}

static void fake_end_objects(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	unsigned int i;

	for (i = 0; i < fake->nr_devs; i++) {
		scst_acg_lun_unlink(&fake->luns[i], fake->devs[i]);
		scst_acg_del_lun(&fake->luns[i]);
		scst_unregister_virtual_device(fake->devs[i]);
	}
	scst_unregister_target(fake->tgt);
	scst_unregister_target_template(&fake->tmpl);
	scst_unregister_dev_driver(&fake->type);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_freed), fake->nr_devs + 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&fake->nr_attached), 0);
}

void fake_exit(struct kunit *test)
{
	struct scst_fake *fake = test->priv;
	unsigned int i;

	if (!fake)
		return;
	WRITE_ONCE(scst_max_cmd_mem, fake->max_cmd_mem);
	fake_let_go(test);
	/* Rather leave everything behind than hang, or free what is in use. */
	if (!fake_all_ended(test) || !fake_end_sessions(test)) {
		KUNIT_FAIL(test, "a command or a session does not end");
		return;
	}
	fake_end_objects(test);
	for (i = 0; i < fake->nr_cmds; i++)
		kfree(fake->cmds[i]);
	kfree(fake);
}
