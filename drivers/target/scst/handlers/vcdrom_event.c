// SPDX-License-Identifier: GPL-2.0
/*
 * GET EVENT STATUS NOTIFICATION (MMC-6 6.6): what an initiator that polls is
 * told.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/export.h>
#include <linux/unaligned.h>
#include "vcdrom_pure.h"

/* CDB, byte 1 */
#define VCDROM_POLLED		0x01

/* Header of four bytes, byte 2; one event of four bytes behind it */
#define VCDROM_NEA		0x80
#define VCDROM_EVENT_HEADER	4
#define VCDROM_EVENT_LEN	8

/* Event codes, and the media status byte */
#define VCDROM_OP_CHANGED	2
#define VCDROM_OP_FEATURES	1
#define VCDROM_MEDIA_EJECT	1
#define VCDROM_MEDIA_NEW	2
#define VCDROM_MEDIA_REMOVAL	3
#define VCDROM_TRAY_OPEN	0x01
#define VCDROM_PRESENT		0x02
#define VCDROM_POWER_ACTIVE	1
#define VCDROM_PERSISTENT	0x80

static u8 vcdrom_event_operation(const struct vcdrom_status *status, u8 *buf)
{
	if (status->persistent)
		buf[1] = VCDROM_PERSISTENT;
	if (!(status->events & VCDROM_EVENT_OPERATION))
		return 0;
	buf[0] = VCDROM_OP_CHANGED;
	put_unaligned_be16(VCDROM_OP_FEATURES, buf + 2);
	return VCDROM_EVENT_OPERATION;
}

/* It never sleeps. */
static u8 vcdrom_event_power(const struct vcdrom_status *status, u8 *buf)
{
	buf[1] = VCDROM_POWER_ACTIVE;
	return 0;
}

/* It has no keys; who wants the medium is told of by the media class. */
static u8 vcdrom_event_external(const struct vcdrom_status *status, u8 *buf)
{
	if (status->persistent)
		buf[1] = VCDROM_PERSISTENT;
	return 0;
}

static u8 vcdrom_event_media(const struct vcdrom_status *status, u8 *buf)
{
	static const struct {
		u8	event;
		u8	code;
	} codes[] = {
		{ VCDROM_EVENT_EJECT, VCDROM_MEDIA_EJECT },
		{ VCDROM_EVENT_REMOVAL, VCDROM_MEDIA_REMOVAL },
		{ VCDROM_EVENT_NEW, VCDROM_MEDIA_NEW },
	};
	unsigned int i;

	if (status->tray_open)
		buf[1] |= VCDROM_TRAY_OPEN;
	if (status->present)
		buf[1] |= VCDROM_PRESENT;
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		if (!(status->events & codes[i].event))
			continue;
		buf[0] = codes[i].code;
		return codes[i].event;
	}
	return 0;
}

/* No command keeps it busy: zeros. */
static u8 vcdrom_event_busy(const struct vcdrom_status *status, u8 *buf)
{
	return 0;
}

/*
 * By notification class; a lower number has the higher priority. There is no
 * class for several hosts: it is about media that they change.
 */
static u8 (*const vcdrom_classes[])(const struct vcdrom_status *status,
				    u8 *buf) = {
	[1] = vcdrom_event_operation,
	[2] = vcdrom_event_power,
	[3] = vcdrom_event_external,
	[4] = vcdrom_event_media,
	[6] = vcdrom_event_busy,
};

static u8 vcdrom_classes_supported(void)
{
	u8 i, mask = 0;

	for (i = 0; i < ARRAY_SIZE(vcdrom_classes); i++)
		if (vcdrom_classes[i])
			mask |= BIT(i);
	return mask;
}

/* The first class with an event, or, without any, the first one there is */
static u8 vcdrom_event_pick(const struct vcdrom_status *status, u8 wanted,
			    u8 *class)
{
	u8 buf[VCDROM_EVENT_HEADER] = {}, i, event;

	*class = 0;
	for (i = 0; i < ARRAY_SIZE(vcdrom_classes); i++) {
		if (!vcdrom_classes[i] || !(wanted & BIT(i)))
			continue;
		event = vcdrom_classes[i](status, buf);
		if (event || !*class)
			*class = i;
		if (event)
			return event;
	}
	return 0;
}

/* Return: VCDROM_EVENT_* that the answer tells of, or 0 */
u8 vcdrom_event(const struct vcdrom_status *status, const u8 *cdb,
		struct vcdrom_answer *answer)
{
	u8 *buf = answer->buf;
	u8 class, event;

	/* We never send anything on our own: it can only be asked for. */
	if (!(cdb[1] & VCDROM_POLLED)) {
		vcdrom_refuse(answer, 1, 0);
		return 0;
	}
	event = vcdrom_event_pick(status, cdb[4], &class);
	buf[3] = vcdrom_classes_supported();
	if (!class) {
		buf[2] = VCDROM_NEA;
		answer->len = VCDROM_EVENT_HEADER;
	} else {
		buf[2] = class;
		vcdrom_classes[class](status, buf + VCDROM_EVENT_HEADER);
		answer->len = VCDROM_EVENT_LEN;
	}
	put_unaligned_be16(answer->len - 2, buf);
	return event;
}
EXPORT_SYMBOL_IF_KUNIT(vcdrom_event);
