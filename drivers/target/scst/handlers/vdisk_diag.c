// SPDX-License-Identifier: GPL-2.0
/*
 * SEND DIAGNOSTIC and RECEIVE DIAGNOSTIC RESULTS (SPC-5 6.25, 6.42): a self-test
 * that really looks at the store, and the list of pages, of which there is no
 * other.
 */
#include <linux/slab.h>
#include <linux/unaligned.h>
#include "vdisk.h"

/* SEND DIAGNOSTIC, byte 1 */
#define VDISK_DIAG_PF		0x10
#define VDISK_DIAG_SELFTEST	0x04
#define VDISK_DIAG_CODE(byte)	((byte) >> 5)
/* SELF-TEST CODE: in the foreground; there is nothing to be tested longer. */
#define VDISK_TEST_SHORT	5
#define VDISK_TEST_EXTENDED	6

/* RECEIVE DIAGNOSTIC RESULTS, byte 1 */
#define VDISK_DIAG_PCV		0x01

/* A page that has nothing but a header; what it may be sent with */
#define VDISK_DIAG_HEADER	4

/* Can the first block be read? That is all that needs the store at its best. */
static enum scst_exec_result vdisk_self_test(struct scst_cmd *cmd)
{
	struct vdisk *vd = to_vdisk(cmd->dev);
	int error = -ENOMEM;
	void *buf;

	if (vdisk_not_ready(cmd))
		return SCST_EXEC_DONE;
	if (!vdisk_in_thread(cmd))
		return SCST_EXEC_NEED_THREAD;
	buf = kvmalloc(vd->blocksize, GFP_NOIO | __GFP_NOWARN);
	if (buf)
		error = vd->store->read(vd, 0, buf, vd->blocksize);
	if (error == -ENOMEM)
		scst_set_cmd_status(cmd, SAM_STAT_BUSY);
	else if (error)
		scst_set_cmd_error(cmd, SCST_SENSE_SELF_TEST_FAILED);
	kvfree(buf);
	return SCST_EXEC_DONE;
}

/* Page 00h, which asks for the list of pages: nothing follows its header. */
static void vdisk_diag_page(struct scst_cmd *cmd)
{
	u8 page[VDISK_DIAG_HEADER];

	if (scst_cmd_copy_out(cmd, page, sizeof(page)) < sizeof(page))
		scst_set_cmd_error(cmd, SCST_SENSE_PARAM_LIST_LENGTH);
	else if (page[0])
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_PARAM, 0,
					 7);
	else if (get_unaligned_be16(page + 2) ||
		 cmd->bufflen != VDISK_DIAG_HEADER)
		scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_PARAM, 2,
					 7);
}

static enum scst_exec_result vdisk_diag_refuse(struct scst_cmd *cmd, u8 byte,
					       s8 bit)
{
	scst_set_cmd_error_field(cmd, SCST_SENSE_INVALID_FIELD_CDB, byte, bit);
	return SCST_EXEC_DONE;
}

/*
 * Tests in the background would have to be told of in a log page. SELFTEST and
 * a SELF-TEST CODE, or a test and a list, ask for two things at a time.
 */
enum scst_exec_result vdisk_send_diagnostic(struct scst_cmd *cmd)
{
	u8 code = VDISK_DIAG_CODE(cmd->cdb[1]);
	bool test = cmd->cdb[1] & VDISK_DIAG_SELFTEST;

	if (code && (test || (code != VDISK_TEST_SHORT &&
			      code != VDISK_TEST_EXTENDED)))
		return vdisk_diag_refuse(cmd, 1, 7);
	if (code || test)
		return cmd->info.data_len ? vdisk_diag_refuse(cmd, 3, 7) :
					    vdisk_self_test(cmd);
	if (!cmd->info.data_len)
		return SCST_EXEC_DONE;
	/* There are no vendor-specific lists. */
	if (!(cmd->cdb[1] & VDISK_DIAG_PF))
		return vdisk_diag_refuse(cmd, 1, 4);
	vdisk_diag_page(cmd);
	return SCST_EXEC_DONE;
}

/* Without PCV it is the answer to the last page that was sent: this one. */
enum scst_exec_result vdisk_receive_diagnostic(struct scst_cmd *cmd)
{
	static const u8 pages[] = { 0x00, 0x00, 0x00, 0x01, 0x00 };

	if (cmd->cdb[1] & VDISK_DIAG_PCV && cmd->cdb[2])
		return vdisk_diag_refuse(cmd, 2, 7);
	scst_cmd_copy_in(cmd, pages, sizeof(pages));
	return SCST_EXEC_DONE;
}
