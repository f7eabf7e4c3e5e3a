// SPDX-License-Identifier: GPL-2.0
/*
 * Features and events, against bytes typed from MMC-6's tables.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "../vcdrom_pure.h"

/* GET CONFIGURATION, all features: with a CD, and a serial number */
static const u8 config_cd[] = {
	0, 0, 0, 108, 0, 0, 0x00, 0x08,
	0x00, 0x00, 0x03, 8, 0x00, 0x10, 0, 0, 0x00, 0x08, 1, 0,
	0x00, 0x01, 0x0b, 8, 0, 0, 0, 1, 1, 0, 0, 0,
	0x00, 0x02, 0x07, 4, 2, 0, 0, 0,
	0x00, 0x03, 0x0b, 4, 0x3d, 0, 0, 0,
	0x00, 0x10, 0x01, 8, 0, 0, 0x08, 0x00, 0, 1, 1, 0,
	0x00, 0x1d, 0x01, 0,
	0x00, 0x1e, 0x09, 4, 0, 0, 0, 0,
	0x00, 0x1f, 0x04, 4, 0, 0, 0, 0,
	0x01, 0x00, 0x03, 0,
	0x01, 0x05, 0x07, 4, 0, 0, 0, 0,
	0x01, 0x07, 0x0d, 4, 8, 0, 0, 0,
	0x01, 0x08, 0x03, 8, 'A', 'B', 'C', '1', '2', ' ', ' ', ' ',
};

/* Those that are current with a DVD, from 0010h on */
static const u8 config_dvd_current[] = {
	0, 0, 0, 48, 0, 0, 0x00, 0x10,
	0x00, 0x10, 0x01, 8, 0, 0, 0x08, 0x00, 0, 16, 1, 0,
	0x00, 0x1f, 0x05, 4, 0, 0, 0, 0,
	0x01, 0x00, 0x03, 0,
	0x01, 0x05, 0x07, 4, 0, 0, 0, 0,
	0x01, 0x07, 0x0d, 4, 8, 0, 0, 0,
	0x01, 0x08, 0x03, 0,
};

/* Those that are current without a medium, from 0003h on */
static const u8 config_none_current[] = {
	0, 0, 0, 28, 0, 0, 0x00, 0x00,
	0x00, 0x03, 0x0b, 4, 0x3d, 0, 0, 0,
	0x01, 0x00, 0x03, 0,
	0x01, 0x05, 0x07, 4, 0, 0, 0, 0,
	0x01, 0x08, 0x03, 0,
};

/* The profiles alone, without a medium and with a DVD */
static const u8 config_profiles_none[] = {
	0, 0, 0, 16, 0, 0, 0x00, 0x00,
	0x00, 0x00, 0x03, 8, 0x00, 0x10, 0, 0, 0x00, 0x08, 0, 0,
};

static const u8 config_profiles_dvd[] = {
	0, 0, 0, 16, 0, 0, 0x00, 0x10,
	0x00, 0x00, 0x03, 8, 0x00, 0x10, 1, 0, 0x00, 0x08, 0, 0,
};

/* CD Read is there with a DVD, but not current. */
static const u8 config_cd_read_dvd[] = {
	0, 0, 0, 12, 0, 0, 0x00, 0x10,
	0x00, 0x1e, 0x08, 4, 0, 0, 0, 0,
};

static const u8 config_header[] = { 0, 0, 0, 4, 0, 0, 0x00, 0x08 };

/**
 * struct config_case - GET CONFIGURATION
 * @name: for messages
 * @kind: what is in the drive
 * @usn: serial number
 * @rt: RT
 * @start: STARTING FEATURE NUMBER
 * @want: answer
 * @len: its length
 */
struct config_case {
	const char		*name;
	enum vcdrom_kind	kind;
	const char		*usn;
	u8			rt;
	u16			start;
	const u8		*want;
	u32			len;
};

static const struct config_case config_cases[] = {
	{ "cd, all", VCDROM_CD, "ABC12", 0, 0,
	  config_cd, sizeof(config_cd) },
	{ "dvd, current", VCDROM_DVD, "", 1, 0x10,
	  config_dvd_current, sizeof(config_dvd_current) },
	{ "none, current", VCDROM_NONE, "", 1, 3,
	  config_none_current, sizeof(config_none_current) },
	{ "profiles, none", VCDROM_NONE, "", 2, 0,
	  config_profiles_none, sizeof(config_profiles_none) },
	{ "profiles, dvd", VCDROM_DVD, "", 2, 0,
	  config_profiles_dvd, sizeof(config_profiles_dvd) },
	{ "cd read, dvd", VCDROM_DVD, "", 2, 0x1e,
	  config_cd_read_dvd, sizeof(config_cd_read_dvd) },
	{ "no such feature", VCDROM_CD, "", 2, 0x20,
	  config_header, sizeof(config_header) },
	{ "none from here on", VCDROM_CD, "", 0, 0x109,
	  config_header, sizeof(config_header) },
	{ "none at the end", VCDROM_CD, "", 1, 0xffff,
	  config_header, sizeof(config_header) },
	{ "reserved", VCDROM_CD, "", 3, 0, NULL, 0 },
};

static void config_case_name(const struct config_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(config, config_cases, config_case_name);

static void config_test(struct kunit *test)
{
	const struct config_case *c = test->param_value;
	u8 buf[VCDROM_ANSWER_MAX] = {}, cdb[10] = { 0x46, c->rt };
	struct vcdrom_answer answer = { .buf = buf };

	put_unaligned_be16(c->start, cdb + 2);
	vcdrom_configuration(c->kind, c->usn, cdb, &answer);
	KUNIT_ASSERT_EQ(test, answer.len, c->len);
	if (c->len) {
		KUNIT_EXPECT_MEMEQ(test, buf, c->want, c->len);
		return;
	}
	KUNIT_EXPECT_EQ(test, answer.bad_byte, 1);
	KUNIT_EXPECT_EQ(test, answer.bad_bit, 1);
}

/* The longest one, and whether it is all there */
static void config_serial_test(struct kunit *test)
{
	static const u8 cdb[10] = { 0x46, 0x00, 0x01, 0x08 };
	u8 buf[VCDROM_ANSWER_MAX] = {};
	struct vcdrom_answer answer = { .buf = buf };
	char usn[65];

	memset(usn, 'x', 64);
	usn[64] = '\0';
	vcdrom_configuration(VCDROM_CD, usn, cdb, &answer);
	KUNIT_EXPECT_EQ(test, answer.len, 8 + 4 + 64);
	KUNIT_EXPECT_EQ(test, buf[11], 64);
	KUNIT_EXPECT_MEMEQ(test, buf + 12, usn, 64);
}

/**
 * struct event_case - GET EVENT STATUS NOTIFICATION
 * @name: for messages
 * @status: of the drive
 * @classes: which the initiator asks for
 * @event: that it is told of
 * @len: length of the answer
 * @want: answer
 */
struct event_case {
	const char		*name;
	struct vcdrom_status	status;
	u8			classes;
	u8			event;
	u32			len;
	u8			want[8];
};

#define ALL_EVENTS	(VCDROM_EVENT_OPERATION | VCDROM_EVENT_EJECT | \
			 VCDROM_EVENT_REMOVAL | VCDROM_EVENT_NEW)

static const struct event_case event_cases[] = {
	{ "nothing asked for", { ALL_EVENTS }, 0, 0, 4,
	  { 0, 2, 0x80, 0x5e } },
	{ "no such class", { ALL_EVENTS }, 0xa1, 0, 4, { 0, 2, 0x80, 0x5e } },
	{ "nothing happened", { 0, true }, 0x5e, 0, 8,
	  { 0, 6, 1, 0x5e, 0, 0, 0, 0 } },
	{ "operation first", { ALL_EVENTS, true }, 0x5e,
	  VCDROM_EVENT_OPERATION, 8, { 0, 6, 1, 0x5e, 2, 0, 0, 1 } },
	{ "media behind others", { VCDROM_EVENT_NEW, true }, 0x5e,
	  VCDROM_EVENT_NEW, 8, { 0, 6, 4, 0x5e, 2, 2, 0, 0 } },
	{ "eject request first", { ALL_EVENTS, true }, 0x10,
	  VCDROM_EVENT_EJECT, 8, { 0, 6, 4, 0x5e, 1, 2, 0, 0 } },
	{ "removal before new",
	  { VCDROM_EVENT_REMOVAL | VCDROM_EVENT_NEW, true }, 0x10,
	  VCDROM_EVENT_REMOVAL, 8, { 0, 6, 4, 0x5e, 3, 2, 0, 0 } },
	{ "tray open", { VCDROM_EVENT_REMOVAL, false, true }, 0x10,
	  VCDROM_EVENT_REMOVAL, 8, { 0, 6, 4, 0x5e, 3, 1, 0, 0 } },
	{ "no medium", { 0 }, 0x10, 0, 8, { 0, 6, 4, 0x5e, 0, 0, 0, 0 } },
	{ "power", { ALL_EVENTS, true }, 0x04, 0, 8,
	  { 0, 6, 2, 0x5e, 0, 1, 0, 0 } },
	{ "external", { ALL_EVENTS, true }, 0x08, 0, 8,
	  { 0, 6, 3, 0x5e, 0, 0, 0, 0 } },
	{ "external, persistent", { 0, true, false, true }, 0x08, 0, 8,
	  { 0, 6, 3, 0x5e, 0, 0x80, 0, 0 } },
	{ "operation, persistent", { 0, true, false, true }, 0x02, 0, 8,
	  { 0, 6, 1, 0x5e, 0, 0x80, 0, 0 } },
	{ "busy", { 0, true }, 0x40, 0, 8, { 0, 6, 6, 0x5e, 0, 0, 0, 0 } },
};

static void event_case_name(const struct event_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(event, event_cases, event_case_name);

static void event_test(struct kunit *test)
{
	const struct event_case *c = test->param_value;
	const u8 cdb[10] = { 0x4a, 0x01, [4] = c->classes };
	u8 buf[VCDROM_EVENT_MAX] = {};
	struct vcdrom_answer answer = { .buf = buf };

	KUNIT_EXPECT_EQ(test, vcdrom_event(&c->status, cdb, &answer),
			c->event);
	KUNIT_EXPECT_EQ(test, answer.len, c->len);
	KUNIT_EXPECT_MEMEQ(test, buf, c->want, sizeof(buf));
}

/* Asynchronous notification there is none (MMC-6 6.6.2.1). */
static void event_async_test(struct kunit *test)
{
	const struct vcdrom_status status = { .events = ALL_EVENTS };
	static const u8 cdb[10] = { 0x4a, 0x00, [4] = 0x10 };
	u8 buf[VCDROM_EVENT_MAX] = {};
	struct vcdrom_answer answer = { .buf = buf };

	KUNIT_EXPECT_EQ(test, vcdrom_event(&status, cdb, &answer), 0);
	KUNIT_EXPECT_EQ(test, answer.len, 0);
	KUNIT_EXPECT_EQ(test, answer.bad_byte, 1);
	KUNIT_EXPECT_EQ(test, answer.bad_bit, 0);
}

static struct kunit_case config_test_cases[] = {
	KUNIT_CASE_PARAM(config_test, config_gen_params),
	KUNIT_CASE(config_serial_test),
	KUNIT_CASE_PARAM(event_test, event_gen_params),
	KUNIT_CASE(event_async_test),
	{}
};

static struct kunit_suite config_suite = {
	.name = "scst_vcdrom_config",
	.test_cases = config_test_cases,
};

kunit_test_suite(config_suite);
