/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fabric and a handler for the core's suites, without a transport and without
 * a medium: they note what the core asks them for, and stop a command wherever
 * a test says so.
 */
#ifndef _SCST_TESTS_FAKE_H
#define _SCST_TESTS_FAKE_H

#include <kunit/test.h>
#include <linux/completion.h>
#include "../scst_priv.h"

#define FAKE_MAX_CMDS		32
#define FAKE_MAX_SESSIONS	4
#define FAKE_MAX_DEVS		4
/* Only a test that has failed anyway ever waits as long as that */
#define FAKE_LIMIT		(60 * HZ)
#define FAKE_IN			40
#define FAKE_BLOCK		512
#define FAKE_NBLOCKS		1024
#define FAKE_MAX_XFER		(64 * FAKE_BLOCK)

/**
 * enum fake_at - the callbacks that a command comes by
 * @FAKE_ALLOC: alloc_data_buf()
 * @FAKE_PREPROC: preprocessing_done()
 * @FAKE_RDY: rdy_to_xfer()
 * @FAKE_PRE_EXEC: pre_exec()
 * @FAKE_REFUSED: an executor that asked for process context
 * @FAKE_EXEC: an executor that executed
 * @FAKE_DEV_DONE: dev_done()
 * @FAKE_XMIT: xmit_response()
 * @FAKE_HANDLER_FREE: on_free_cmd() of the handler
 * @FAKE_FREE: on_free_cmd() of the fabric
 * @FAKE_NR_AT: number of them
 */
enum fake_at {
	FAKE_ALLOC,
	FAKE_PREPROC,
	FAKE_RDY,
	FAKE_PRE_EXEC,
	FAKE_REFUSED,
	FAKE_EXEC,
	FAKE_DEV_DONE,
	FAKE_XMIT,
	FAKE_HANDLER_FREE,
	FAKE_FREE,
	FAKE_NR_AT,
};

/**
 * struct fake_cmd - a command of the fake fabric
 * @cmd: the core's part; nothing but poison after on_free_cmd()
 * @fake: where it belongs
 * @name: a small letter, for scst_fake.log
 * @sent: handed in
 * @hold: BIT(FAKE_*) of the callbacks after which it waits for fake_go():
 *	FAKE_PREPROC, FAKE_RDY, FAKE_EXEC, FAKE_XMIT
 * @held: BIT(FAKE_*) of the callback after which it does wait
 * @at: completed by each of the callbacks
 * @nr: calls of each of them
 * @slept: BIT(FAKE_*) of the callbacks that might have slept
 * @need_thread: the executor cannot work where it must not sleep
 * @done_early: scst_cmd_done() before the executor has returned
 * @alloc_error: what alloc_data_buf() returns; @buf is the buffer if it is 0
 * @refuse: pre_exec() refuses it
 * @exec_status: status, unless @exec_sense is set
 * @exec_sense: sense that the executor sets
 * @exec_len: resp_len that the executor sets, if it is not negative
 * @fill: byte that the executor fills a Data-In buffer with
 * @buf: data buffer of the fabric's own
 * @sg: the same
 * @out: first byte of the Data-Out buffer, as the executor saw it
 * @status: as xmit_response() saw it, and so on
 * @sense_len: length of the sense data
 * @sense: what they say
 * @resp_len: bytes for the initiator
 * @residual: scst_cmd_residual()
 * @in_residual: scst_cmd_in_residual()
 * @data_len: what the CDB says, or the transport in its place
 * @own_sg: the data buffer was @buf
 * @in: first bytes of the Data-In buffer, which for a bidirectional command is
 *	the one beside @sg
 */
struct fake_cmd {
	struct scst_cmd		cmd;
	struct scst_fake	*fake;
	char			name;
	bool			sent;
	unsigned long		hold;
	unsigned long		held;
	struct completion	at[FAKE_NR_AT];
	atomic_t		nr[FAKE_NR_AT];
	unsigned long		slept;

	bool			need_thread;
	bool			done_early;
	int			alloc_error;
	bool			refuse;
	u8			exec_status;
	scst_sense_t		exec_sense;
	s32			exec_len;
	u8			fill;
	u8			*buf;
	struct scatterlist	sg;

	u8			out;
	u8			status;
	u8			sense_len;
	scst_sense_t		sense;
	u32			resp_len;
	s64			residual;
	s64			in_residual;
	u32			data_len;
	bool			own_sg;
	u8			in[FAKE_IN];
};

/**
 * struct fake_tm - a task management function of the fake fabric
 * @mcmd: the core's part
 * @done: task_mgmt_fn_done() was called
 * @nr_affected: calls of task_mgmt_affected_cmds_done()
 * @nr_done: calls of task_mgmt_fn_done()
 * @response: service response
 * @info: ADDITIONAL RESPONSE INFORMATION
 */
struct fake_tm {
	struct scst_mgmt_cmd	mcmd;
	struct completion	done;
	atomic_t		nr_affected;
	atomic_t		nr_done;
	enum scst_tm_response	response;
	u32			info;
};

/**
 * struct fake_dev - a device of the fake handler
 * @dev: the core's part
 * @fake: where it belongs
 */
struct fake_dev {
	struct scst_device	dev;
	struct scst_fake	*fake;
};

/**
 * struct fake_tgt - a target of the fake fabric
 * @tgt: the core's part
 * @fake: where it belongs
 */
struct fake_tgt {
	struct scst_tgt		tgt;
	struct scst_fake	*fake;
};

/**
 * struct scst_fake - everything that a test has, made by fake_init()
 * @test: test
 * @tmpl: fabric; a test may change its callbacks as long as no command comes
 * @type: handler, likewise
 * @tgt: target, enabled
 * @dev: device, enabled
 * @devs: devices, all of them enabled; @dev is the first
 * @luns: where each of them is in the target's default group; @dev is LUN 0
 * @nr_devs: entries in @devs and @luns
 * @sess: sessions that end with the test
 * @cmds: commands of the test
 * @nr_cmds: entries in @cmds
 * @lock: subject: @log
 * @log: the name of a command when its execution begins, in capitals when it
 *	ends; + for init_done(), - for unreg_done()
 * @bad_dev: device whose attach_tgt() returns -EIO
 * @nr_attached: I_T_L nexuses there are
 * @nr_resets: calls of task_mgmt_fn()
 * @nr_losses: calls of nexus_loss()
 * @nr_inits: calls of init_done()
 * @init_error: what the last one was given
 * @init: completed by each of them
 * @nr_unregs: calls of unreg_done()
 * @unreg: completed by each of them
 * @nr_freed: targets and devices given back
 * @alua_usable: what alua_changed() was told last
 * @max_cmd_mem: what scst_max_cmd_mem was before the test
 */
struct scst_fake {
	struct kunit		*test;
	struct scst_tgt_template tmpl;
	struct scst_dev_type	type;
	struct scst_tgt		*tgt;
	struct scst_device	*dev;
	struct scst_device	*devs[FAKE_MAX_DEVS];
	struct scst_acg_lun	luns[FAKE_MAX_DEVS];
	unsigned int		nr_devs;
	struct scst_session	*sess[FAKE_MAX_SESSIONS];
	struct fake_cmd		*cmds[FAKE_MAX_CMDS];
	unsigned int		nr_cmds;

	spinlock_t		lock;	/* log */
	char			log[2 * FAKE_MAX_CMDS + 1];

	const struct scst_device *bad_dev;
	atomic_t		nr_attached;
	atomic_t		nr_resets;
	atomic_t		nr_losses;
	atomic_t		nr_inits;
	int			init_error;
	struct completion	init;
	atomic_t		nr_unregs;
	struct completion	unreg;
	atomic_t		nr_freed;
	unsigned long		max_cmd_mem;
	bool			alua_usable;
};

/* A suite's .init and .exit; the latter checks that every command ended once */
int fake_init(struct kunit *test);
void fake_exit(struct kunit *test);

/* A ready session without unit attentions; its end is that of the test */
struct scst_session *fake_session(struct kunit *test, const char *initiator);
struct scst_tgt_dev *fake_nexus(struct scst_session *sess, u64 lun);
void fake_clear_ua(struct scst_session *sess);
/* For scst_register_session(), whose private data is the fake */
void fake_init_done(struct scst_session *sess, int error);
void fake_unreg_done(struct scst_session *sess);
/* fake_exit() is to unregister @sess, or, the reverse, has not to */
void fake_own_session(struct kunit *test, struct scst_session *sess);
void fake_disown_session(struct kunit *test, struct scst_session *sess);

/* For scst_dev_type.execs, if a test wants others than READ(10) and its like */
enum scst_exec_result fake_exec(struct scst_cmd *cmd);

/* For scst_tgt_template.preprocessing_done, which is not set at first */
void fake_preprocessing_done(struct scst_cmd *cmd);

/* One more enabled device, at the LUN */
struct scst_device *fake_add_lun(struct kunit *test, const char *name, u64 lun);

/* A new command: READ(10) or WRITE(10) of a number of blocks at LBA 0 */
struct fake_cmd *fake_read(struct kunit *test, struct scst_session *sess,
			   u16 blocks);
struct fake_cmd *fake_write(struct kunit *test, struct scst_session *sess,
			    u16 blocks);
/* COMPARE AND WRITE of one block at any LBA */
struct fake_cmd *fake_update(struct kunit *test, struct scst_session *sess,
			     u64 lba);
/* TEST UNIT READY, and START STOP UNIT, which runs alone on its device */
struct fake_cmd *fake_ready(struct kunit *test, struct scst_session *sess);
struct fake_cmd *fake_alone(struct kunit *test, struct scst_session *sess);
/* Any command, at any LUN */
struct fake_cmd *fake_cdb(struct kunit *test, struct scst_session *sess,
			  u64 lun, const u8 *cdb, unsigned int len);

/* Hand it in, in the caller's context or in another one */
void fake_send(struct fake_cmd *fc);
void fake_send_context(struct fake_cmd *fc, enum scst_context context);
/* The same with fake_cmd.hold for one callback; and wait until it is there */
struct fake_cmd *fake_send_hold(struct fake_cmd *fc, enum fake_at at);
struct fake_cmd *fake_stop(struct fake_cmd *fc, enum fake_at at);
/* Do what ends a callback of BIT(FAKE_*) that fake_cmd.hold names */
void fake_go(struct fake_cmd *fc, enum fake_at at);
void fake_go_context(struct fake_cmd *fc, enum fake_at at, bool ok,
		     enum scst_context context);
/* Until the command has come by @at */
void fake_wait(struct fake_cmd *fc, enum fake_at at);
unsigned int fake_nr(const struct fake_cmd *fc, enum fake_at at);
/* Until nothing moves any more that does not wait for the test */
void fake_settle(struct kunit *test);

/* Send and wait for its end */
void fake_run(struct fake_cmd *fc);
/* The command has ended with this status, and with this sense or none */
void fake_expect(struct kunit *test, const struct fake_cmd *fc, u8 status,
		 scst_sense_t sense);
/* It ends, with status GOOD */
void fake_expect_good(struct kunit *test, struct fake_cmd *fc);
/* It has ended, and the initiator has heard nothing of it */
void fake_expect_aborted(struct kunit *test, const struct fake_cmd *fc,
			 bool executed);
/* TEST UNIT READY at LUN 0 gets this unit attention, or none and is executed */
void fake_expect_ua(struct kunit *test, struct scst_session *sess,
		    scst_sense_t sense);

struct fake_tm *fake_tm_tag(struct kunit *test, struct scst_session *sess,
			    u64 tag);
struct fake_tm *fake_tm_query(struct kunit *test, struct scst_session *sess,
			      u64 tag);
struct fake_tm *fake_tm_lun(struct kunit *test, struct scst_session *sess,
			    enum scst_tm_fn fn, u64 lun);
/* Whatever does not wait for the test has happened: there is no answer yet */
void fake_tm_pending(struct kunit *test, const struct fake_tm *tm);
/* Until the function has ended: the response */
enum scst_tm_response fake_tm_wait(struct kunit *test, struct fake_tm *tm);

#endif /* _SCST_TESTS_FAKE_H */
