// SPDX-License-Identifier: GPL-2.0
/*
 * What the REPORT LUNS well known logical unit (SPC-5 8.2), which every target
 * has, says of itself. What else it answers is what other logical units do, too.
 */
#include <scsi/scsi_proto.h>
#include "scst_pure.h"

const struct scst_inquiry scst_wlun_inquiry = {
	.type			= TYPE_WLUN,
	.vendor			= "SCST",
	.product		= "REPORT LUNS",
	.revision		= "0001",
	.vend_specific		= "",
	.usn			= "",
	.vend_specific_id	= "",
	.scsi_device_name	= "",
};
