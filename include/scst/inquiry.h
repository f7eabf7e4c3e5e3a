/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCST: what a logical unit says of itself in INQUIRY data. A handler fills in
 * what it is, and the core makes the data that SPC-5 asks every type for.
 */
#ifndef _SCST_INQUIRY_H
#define _SCST_INQUIRY_H

#include <linux/types.h>
#include <scst/handler.h>

/* Longest texts: fields of standard INQUIRY data, and of VPD pages */
#define SCST_INQ_VENDOR_LEN		8
#define SCST_INQ_PRODUCT_LEN		16
#define SCST_INQ_REVISION_LEN		4
#define SCST_INQ_VEND_SPECIFIC_LEN	20
#define SCST_INQ_ID_LEN			64
/* An iSCSI name, the longest of the SCSI names (RFC 7143 4.2.7.1) */
#define SCST_INQ_NAME_LEN		223

/*
 * Room for a page. The largest one is 83h: designators of 16, 72, 16 and 64
 * bytes, two names padded to 236 and 224, three numbers, and headers of four
 * bytes.
 */
#define SCST_INQUIRY_MAX		1280

/**
 * struct scst_inq_page - INQUIRY data in the making
 * @buf: zeroed; a VPD page's header of four bytes is there
 * @len: bytes so far
 */
struct scst_inq_page {
	u8		buf[SCST_INQUIRY_MAX];
	unsigned int	len;
};

/**
 * struct scst_binary_id - a designator in binary form
 * @len: bytes in @data, 0 for none
 * @data: designator
 */
struct scst_binary_id {
	u8	len;
	u8	data[16];
};

/**
 * struct scst_vpd_page - a VPD page of a handler's own
 * @code: page code, above those of the core (B0h and up)
 * @build: append what comes after the header; any context
 */
struct scst_vpd_page {
	u8	code;
	void	(*build)(const void *priv, struct scst_inq_page *page);
};

/**
 * struct scst_inquiry - what a logical unit is
 *
 * Texts are ASCII graphics and blanks (SPC-5 4.3.1), and not NULL.
 *
 * @type: peripheral device type
 * @removable: RMB
 * @nv_cache: NV_SUP: its write cache outlives a power failure
 * @v_cache: V_SUP: it has one that does not
 * @rtd: RTD_SUP: MODE SELECT knows RTD
 * @pi_type: its protection information, enum t10_dif_type, or 0
 * @vendor: T10 VENDOR IDENTIFICATION
 * @product: PRODUCT IDENTIFICATION
 * @revision: PRODUCT REVISION LEVEL
 * @vend_specific: bytes 36 to 55 of standard INQUIRY data
 * @usn: unit serial number
 * @t10_dev_id: T10 vendor ID based designator, or NULL
 * @vend_specific_id: vendor specific designator, empty for none
 * @scsi_device_name: SCSI name string of the target device, empty for that of
 *	the fabric
 * @naa: NAA designator, or NULL
 * @eui64: EUI-64 based designator, or NULL
 * @pages: the handler's own VPD pages, in ascending order
 * @nr_pages: entries in @pages
 * @priv: for scst_vpd_page.build()
 */
struct scst_inquiry {
	u8			type;
	bool			removable;
	bool			nv_cache;
	bool			v_cache;
	bool			rtd;
	u8			pi_type;
	const char		*vendor;
	const char		*product;
	const char		*revision;
	const char		*vend_specific;
	const char		*usn;
	const char		*t10_dev_id;
	const char		*vend_specific_id;
	const char		*scsi_device_name;
	const struct scst_binary_id *naa;
	const struct scst_binary_id *eui64;
	const struct scst_vpd_page *pages;
	unsigned int		nr_pages;
	const void		*priv;
};

/**
 * scst_exec_inquiry() - execute INQUIRY
 * @cmd: command that the handler's executor has
 * @inq: what the logical unit is
 *
 * Any context. Return: what the executor returns.
 */
enum scst_exec_result scst_exec_inquiry(struct scst_cmd *cmd,
					const struct scst_inquiry *inq);

/**
 * scst_naa_parse() - an NAA designator as an administrator writes it
 * @text: hexadecimal digits, 0x before them or not, up to NUL or newline: 16 of
 *	NAA 2h, 3h or 5h, or 32 of NAA 6h (SPC-5 7.7.6.6); nothing, or zeros
 *	alone, for none
 * @id: result
 *
 * Return: 0 or -EINVAL.
 */
int scst_naa_parse(const char *text, struct scst_binary_id *id);

/**
 * scst_eui64_parse() - an EUI-64 based designator likewise
 * @text: 16, 24 or 32 digits (SPC-5 7.7.6.5)
 * @id: result
 *
 * Return: 0 or -EINVAL.
 */
int scst_eui64_parse(const char *text, struct scst_binary_id *id);

/**
 * scst_scsi_name_valid() - is it a SCSI name string (SPC-5 7.7.6.11)?
 * @name: "naa." or "eui." with as many hexadecimal digits as those have, or an
 *	iSCSI name "iqn." in UTF-8
 * @len: its length
 */
bool scst_scsi_name_valid(const char *name, size_t len);

#endif /* _SCST_INQUIRY_H */
