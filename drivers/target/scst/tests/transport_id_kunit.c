// SPDX-License-Identifier: GPL-2.0
/*
 * TransportIDs of all protocols (SPC-5 7.6.4), whole, cut off and malformed.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <scst/transport_id.h>

static const struct tpid_case {
	const char	*name;
	u8		data[64];
	u8		len;
	int		ret;
} tpid_cases[] = {
	{ "FCP", { 0x00, [8] = 1, 2, 3, 4, 5, 6, 7, 8 }, 24, 24 },
	{ "SPI", { 0x01, 0, 0, 7, 0, 0, 0, 1 }, 24, 24 },
	{ "SBP", { 0x03, [8] = 1, 2, 3, 4, 5, 6, 7, 8 }, 24, 24 },
	{ "SRP", { 0x04, [8] = 1, [23] = 9 }, 24, 24 },
	{ "SAS", { 0x06, [4] = 1, [11] = 9 }, 24, 24 },
	{ "SOP", { 0x0a, 0, 1, 2 }, 24, 24 },
	{ "iSCSI name", { 0x05, 0, 0, 20, 'i', 'q', 'n', '.', 'a' }, 24, 24 },
	{ "iSCSI port", { 0x45, 0, 0, 20, 'a', ',', 'i', ',', '0', 'x', '1' },
	  24, 24 },
	{ "iSCSI port, more behind", { 0x45, 0, 0, 20, 'a', ',', 'i', ',', '0',
	  'x', 'f' }, 64, 24 },
	{ "SSA has none", { 0x02 }, 24, -EINVAL },
	{ "ADT has none", { 0x07 }, 24, -EINVAL },
	{ "no protocol", { 0x0f }, 24, -EINVAL },
	{ "reserved format", { 0x46 }, 24, -EINVAL },
	{ "empty", { 0 }, 0, -EINVAL },
	{ "iSCSI, reserved format", { 0x85, 0, 0, 20, 'a' }, 24, -EINVAL },
	{ "iSCSI, too short", { 0x05, 0, 0, 16, 'a' }, 24, -EINVAL },
	{ "iSCSI, odd", { 0x05, 0, 0, 21, 'a' }, 64, -EINVAL },
	{ "iSCSI, too long", { 0x05, 0, 0, 24, 'a' }, 24, -EINVAL },
	{ "iSCSI, huge", { 0x05, 0, 0xff, 0xfc, 'a' }, 64, -EINVAL },
	{ "iSCSI, no name", { 0x05, 0, 0, 20 }, 24, -EINVAL },
	{ "iSCSI, no NUL", { 0x05, 0, 0, 20, 'a', 'a', 'a', 'a', 'a', 'a', 'a',
	  'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a' }, 24,
	  -EINVAL },
	{ "iSCSI port, no ISID", { 0x45, 0, 0, 20, 'a' }, 24, -EINVAL },
	{ "iSCSI port, empty ISID", { 0x45, 0, 0, 20, 'a', ',', 'i', ',', '0',
	  'x' }, 24, -EINVAL },
	{ "iSCSI port, no digit", { 0x45, 0, 0, 20, 'a', ',', 'i', ',', '0',
	  'x', 'g' }, 24, -EINVAL },
	{ "iSCSI port, no separator", { 0x45, 0, 0, 20, 'a', ',', 't', ',',
	  '0', 'x', '1' }, 24, -EINVAL },
	{ "iSCSI port, 13 digits", { 0x45, 0, 0, 20, 'a', ',', 'i', ',', '0',
	  'x', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1'
	  }, 24, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(tpid, tpid_cases, name);

static void tpid_parse_test(struct kunit *test)
{
	const struct tpid_case *c = test->param_value;
	struct scst_transport_id id, again;
	unsigned int len;
	u8 *buf;

	/* Of exactly the length, so that KASAN sees a look behind it */
	buf = kunit_kmalloc(test, max(c->len, 1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	memcpy(buf, c->data, c->len);
	KUNIT_EXPECT_EQ(test, scst_transport_id_parse(buf, c->len, &id),
			c->ret);
	if (c->ret < 0)
		return;
	for (len = 0; len < c->ret; len++)
		KUNIT_EXPECT_EQ(test, scst_transport_id_parse(buf, len, &again),
				-EINVAL);
	/* The one form is a form of itself. */
	KUNIT_EXPECT_EQ(test, scst_transport_id_parse(id.data, id.len, &again),
			id.len);
	KUNIT_EXPECT_TRUE(test, scst_transport_id_equal(&id, &again));
}

static void tpid_iscsi_test(struct kunit *test)
{
	const u8 isid[6] = { 0x00, 0x02, 0x3d, 0, 0, 0x0a };
	const char *str = "iqn.2026-11.org.Ex:a,i,0x00023D00000A";
	u8 buf[44] = { 0x45, 0, 0, 40 };
	struct scst_transport_id built, parsed;
	char name[225] = {};

	memcpy(buf + 4, str, strlen(str));
	KUNIT_EXPECT_EQ(test, scst_transport_id_parse(buf, 44, &parsed), 44);
	KUNIT_EXPECT_EQ(test, 0,
			scst_transport_id_iscsi(&built, "iqn.2026-11.org.ex:a",
						isid));
	KUNIT_EXPECT_TRUE(test, scst_transport_id_equal(&built, &parsed));
	KUNIT_EXPECT_FALSE(test, scst_transport_id_is_group(&built));
	/* Leading zeroes of the ISID may be left out. */
	memset(buf + 4, 0, 40);
	strscpy(buf + 4, "iqn.2026-11.org.ex:a,i,0x23d00000a", 40);
	KUNIT_EXPECT_EQ(test, scst_transport_id_parse(buf, 44, &parsed), 44);
	KUNIT_EXPECT_TRUE(test, scst_transport_id_equal(&built, &parsed));

	memset(name, 'a', 223);
	KUNIT_EXPECT_EQ(test, 0, scst_transport_id_iscsi(&built, name, isid));
	KUNIT_EXPECT_EQ(test, built.len, SCST_TRANSPORT_ID_MAX);
	KUNIT_EXPECT_EQ(test, 0, scst_transport_id_iscsi(&built, name, NULL));
	KUNIT_EXPECT_TRUE(test, scst_transport_id_is_group(&built));
	name[223] = 'a';
	KUNIT_EXPECT_EQ(test, -EINVAL,
			scst_transport_id_iscsi(&built, name, isid));
}

static struct kunit_case tpid_test_cases[] = {
	KUNIT_CASE_PARAM(tpid_parse_test, tpid_gen_params),
	KUNIT_CASE(tpid_iscsi_test),
	{}
};

static struct kunit_suite tpid_suite = {
	.name = "scst_transport_id",
	.test_cases = tpid_test_cases,
};

kunit_test_suite(tpid_suite);
