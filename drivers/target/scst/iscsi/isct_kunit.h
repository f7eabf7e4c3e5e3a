/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only a file and its KUnit suite know, by the file that defines it.
 */
#ifndef _SCST_ISCT_KUNIT_H
#define _SCST_ISCT_KUNIT_H

#if IS_ENABLED(CONFIG_KUNIT)

#include "isct.h"

/* data.c */

scst_sense_t isct_data_solicited(const struct isct_task *task,
				 const struct iscsi_data *hdr, u32 len);
scst_sense_t isct_data_unsolicited(const struct isct_task *task,
				   const struct iscsi_data *hdr, u32 len);

/* refused.c */

bool isct_refused_safe(const char *initiator);
void isct_refused_put(char *list, const char *name);
void isct_refused_drop(char *list, const char *name);

/* rx.c */

bool isct_rx_header_legal(const struct isct_conn *conn);

/* task.c */

int isct_task_parse_ahs(struct isct_task *task, u8 *cdb, u32 *cdb_len);
bool isct_task_data_legal(const struct isct_task *task,
			  const struct iscsi_scsi_req *hdr);

#endif /* IS_ENABLED(CONFIG_KUNIT) */

#endif /* _SCST_ISCT_KUNIT_H */
