/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCST: mode pages that are the same for all device types, and the mode pages
 * that a logical unit keeps while it is disabled.
 */
#ifndef _SCST_MODE_H
#define _SCST_MODE_H

#include <scst/types.h>

#define SCST_CONTROL_CODE	0x0a
/* Subpage of the Control Extension mode page */
#define SCST_CONTROL_EXT_CODE	0x01
/* Lengths of the pages, their headers included */
#define SCST_CONTROL_LEN	12
#define SCST_CONTROL_EXT_LEN	32

/* Bytes of all mode pages together that a logical unit can save */
#define SCST_SAVED_PAGES_MAX	488

/**
 * scst_control_fill() - build the Control mode page
 * @control: what it is to say
 * @page: result, SCST_CONTROL_LEN bytes; the PS bit is zero
 */
void scst_control_fill(const struct scst_control *control, u8 *page);

/**
 * scst_control_changeable() - which bits of it MODE SELECT may change
 * @page: result, SCST_CONTROL_LEN bytes
 */
void scst_control_changeable(u8 *page);

/**
 * scst_control_select() - take over the fields of a Control mode page
 * @control: result; nothing else of it changes, and nothing after an error
 * @page: SCST_CONTROL_LEN bytes, what is not changeable already checked
 * @bit: most significant bit of the field that is refused
 *
 * Return: 0, or the byte of a field with a reserved value.
 */
unsigned int scst_control_select(struct scst_control *control, const u8 *page,
				 u8 *bit);

/**
 * scst_control_ext_fill() - build the Control Extension mode page
 * @page: result, SCST_CONTROL_EXT_LEN bytes; the PS bit is zero
 *
 * There is nothing to change in it.
 */
void scst_control_ext_fill(u8 *page);

/**
 * scst_dev_set_control() - another Control mode page becomes current
 * @dev: logical unit
 * @control: what it says
 *
 * Called by a command that runs alone in the device, by a reset, or before the
 * device is enabled. Any context.
 */
void scst_dev_set_control(struct scst_device *dev,
			  const struct scst_control *control);

/**
 * scst_dev_can_save() - has the logical unit a place for saved mode pages?
 * @dev: logical unit
 *
 * What the PS bit says. Does not change while the device is enabled.
 */
bool scst_dev_can_save(const struct scst_device *dev);

/**
 * scst_dev_saved_pages() - the mode pages that were saved
 * @dev: logical unit, being attached or enabled
 * @pages: result: one after the other, as MODE SELECT takes them; room for
 *	SCST_SAVED_PAGES_MAX bytes
 *
 * Any context. Return: bytes in @pages, 0 if none were saved.
 */
size_t scst_dev_saved_pages(const struct scst_device *dev, u8 *pages);

/**
 * scst_dev_save_pages() - save mode pages
 * @dev: logical unit, for which scst_dev_can_save() is true
 * @pages: all that are to be saved, one after the other
 * @len: bytes in @pages, up to SCST_SAVED_PAGES_MAX
 *
 * Called by a command that runs alone in the device. When it returns 0 they
 * have survived whatever may come. Process context.
 *
 * Return: 0, or an errno; then those that were saved before still are.
 */
int scst_dev_save_pages(struct scst_device *dev, const u8 *pages, size_t len);

#endif /* _SCST_MODE_H */
