// SPDX-License-Identifier: GPL-2.0
/*
 * INQUIRY data, byte by byte as SPC-5 6.7 and 7.7 have them, and what an
 * administrator may write as a designator.
 */
#include <linux/unaligned.h>
#include "fake.h"

static const struct scst_binary_id inq_naa = {
	.len = 16,
	.data = { 0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
};

static const struct scst_binary_id inq_eui64 = {
	.len = 8,
	.data = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77 },
};

static void inq_build_page(const void *priv, struct scst_inq_page *page)
{
	page->buf[page->len++] = *(const u8 *)priv;
}

static const struct scst_vpd_page inq_pages[] = {
	{ 0xb0, inq_build_page },
	{ 0xb2, inq_build_page },
};

static const u16 inq_ports[] = { 7, 0x1234 };

/**
 * struct inq_case - something that is asked, and all of the answer
 * @inq: logical unit
 * @port: target port
 * @cdb: INQUIRY
 * @page: what it says
 */
struct inq_case {
	struct scst_inquiry	inq;
	struct scst_inq_port	port;
	u8			cdb[6];
	struct scst_inq_page	page;
};

static struct inq_case *inq_case(struct kunit *test)
{
	struct inq_case *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->inq = (struct scst_inquiry) {
		.type = TYPE_DISK, .vendor = "ACME", .product = "Anvil",
		.revision = "7", .vend_specific = "mine", .usn = "serial",
		.t10_dev_id = "id", .vend_specific_id = "",
		.scsi_device_name = "", .naa = &inq_naa,
		.pages = inq_pages, .nr_pages = ARRAY_SIZE(inq_pages),
		.priv = &inq_naa.len,
	};
	c->port = (struct scst_inq_port) {
		.rel_tgt_id = 7, .scsi_version = 0x0960,
		.ports = inq_ports, .nr_ports = ARRAY_SIZE(inq_ports),
	};
	return c;
}

static void inq_ask(struct kunit *test, struct inq_case *c, u8 evpd, u8 code,
		    int error)
{
	c->cdb[0] = INQUIRY;
	c->cdb[1] = evpd;
	c->cdb[2] = code;
	/* What was there before is not in the answer. */
	memset(&c->page, 0xff, sizeof(c->page));
	KUNIT_ASSERT_EQ(test, error, scst_inquiry_build(&c->inq, &c->port,
							c->cdb, &c->page));
}

static void inq_expect(struct kunit *test, struct inq_case *c, u8 code,
		       const u8 *want, size_t len)
{
	inq_ask(test, c, 1, code, 0);
	KUNIT_EXPECT_EQ(test, c->page.len, len);
	KUNIT_EXPECT_MEMEQ(test, c->page.buf, want, len);
}

static void inq_standard_test(struct kunit *test)
{
	static const u8 versions[] = {
		0x00, 0xa0, 0x09, 0x60, 0x04, 0x60, 0x04, 0xc0,
		0, 0, 0, 0, 0, 0, 0, 0,
	};
	static const u8 with_phys[] = {
		0x00, 0xa0, 0x00, 0x77, 0x09, 0x60, 0x04, 0x60, 0x04, 0xc0,
	};
	struct inq_case *c = inq_case(test);
	const u8 *buf = c->page.buf;

	inq_ask(test, c, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, c->page.len, 74);
	KUNIT_EXPECT_EQ(test, get_unaligned_be64(buf), 0x0000063245001002);
	KUNIT_EXPECT_MEMEQ(test, buf + 8,
			   "ACME    Anvil           7   mine                ",
			   48);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(buf + 56), 0);
	KUNIT_EXPECT_MEMEQ(test, buf + 58, versions, sizeof(versions));

	/* The physical transport comes before the protocol (6.7.2). */
	c->port.phys_version = 0x0077;
	inq_ask(test, c, 0, 0, 0);
	KUNIT_EXPECT_MEMEQ(test, buf + 58, with_phys, sizeof(with_phys));
	c->inq.removable = true;
	inq_ask(test, c, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, buf[1], 0x80);
}

/* Version descriptors of the command sets, SPC-5 table 180 */
static void inq_type_test(struct kunit *test)
{
	static const u16 sets[][2] = {
		{ TYPE_DISK, 0x04c0 }, { TYPE_TAPE, 0x0520 },
		{ TYPE_PROCESSOR, 0 }, { TYPE_WORM, 0x04c0 },
		{ TYPE_ROM, 0x04e0 }, { TYPE_MOD, 0x04c0 },
		{ TYPE_MEDIUM_CHANGER, 0x0480 }, { TYPE_RAID, 0x01e0 },
		{ TYPE_ENCLOSURE, 0x0580 }, { TYPE_RBC, 0x0220 },
		{ TYPE_WLUN, 0 }, { TYPE_NO_LUN, 0 },
	};
	struct inq_case *c = inq_case(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		c->inq.type = sets[i][0];
		inq_ask(test, c, 0, 0, 0);
		KUNIT_EXPECT_EQ(test, c->page.buf[0], sets[i][0]);
		KUNIT_EXPECT_EQ(test, get_unaligned_be16(c->page.buf + 64),
				sets[i][1]);
	}
}

static void inq_pages_test(struct kunit *test)
{
	static const u8 pages[] = {
		0, 0x00, 0, 8, 0x00, 0x80, 0x83, 0x86, 0x87, 0x88, 0xb0, 0xb2,
	};
	static const u8 serial[] = {
		0, 0x80, 0, 6, 's', 'e', 'r', 'i', 'a', 'l',
	};
	static const u8 no_serial[] = { 0, 0x80, 0, 4, ' ', ' ', ' ', ' ' };
	static const u8 policy[] = { 0, 0x87, 0, 4, 0x3f, 0xff, 0, 0 };
	static const u8 own[] = { 0, 0xb2, 0, 1, 16 };
	static const u8 ports[] = {
		0, 0x88, 0, 40,
		0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 8, 1, 0x14, 0, 4, 0, 0, 0, 7,
		0, 0, 0x12, 0x34, 0, 0, 0, 0, 0, 0, 0, 8, 1, 0x14, 0, 4,
		0, 0, 0x12, 0x34,
	};
	struct inq_case *c = inq_case(test);

	inq_expect(test, c, 0x00, pages, sizeof(pages));
	inq_expect(test, c, 0x80, serial, sizeof(serial));
	inq_expect(test, c, 0x87, policy, sizeof(policy));
	inq_expect(test, c, 0x88, ports, sizeof(ports));
	inq_expect(test, c, 0xb2, own, sizeof(own));
	c->inq.usn = "";
	inq_expect(test, c, 0x80, no_serial, sizeof(no_serial));
}

static void inq_extended_test(struct kunit *test)
{
	static const struct {
		bool nv, v;
		u8 want;
	} caches[] = {
		{ false, false, 0 }, { false, true, 1 }, { true, false, 2 },
		{ true, true, 2 },
	};
	struct inq_case *c = inq_case(test);
	u8 want[64] = { 0, 0x86, 0, 60, 0, 7, 0, 1 };
	unsigned int i;

	want[13] = SCST_SENSE_SIZE;
	/* SPC-5 7.7.7: a multiple of four up to 252 */
	KUNIT_EXPECT_EQ(test, SCST_SENSE_SIZE % 4, 0);
	KUNIT_EXPECT_LE(test, SCST_SENSE_SIZE, 252);
	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		c->inq.nv_cache = caches[i].nv;
		c->inq.v_cache = caches[i].v;
		want[6] = caches[i].want;
		inq_expect(test, c, 0x86, want, sizeof(want));
	}
}

/* PROTECT; SPT for one type alone, and all checks (SPC-5 7.7.7) */
static void inq_protection_test(struct kunit *test)
{
	static const u8 want[] = { 0x00, 0x07, 0x17, 0x27 };
	struct inq_case *c = inq_case(test);

	for (; c->inq.pi_type < ARRAY_SIZE(want); c->inq.pi_type++) {
		inq_ask(test, c, 0, 0, 0);
		KUNIT_EXPECT_EQ(test, c->page.buf[5], c->inq.pi_type ? 1 : 0);
		inq_ask(test, c, 1, 0x86, 0);
		KUNIT_EXPECT_EQ(test, c->page.buf[4], want[c->inq.pi_type]);
	}
}

static void inq_id_test(struct kunit *test)
{
	static const u8 want[] = {
		0, 0x83, 0, 89,
		0x01, 0x03, 0, 16, 0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		13, 14, 15,
		0x02, 0x01, 0, 10, 'A', 'C', 'M', 'E', ' ', ' ', ' ', ' ',
		'i', 'd',
		0x01, 0x02, 0, 8, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
		0x77,
		0x02, 0x00, 0, 3, 'o', 'w', 'n',
		0x01, 0x14, 0, 4, 0, 0, 0, 7,
		0x03, 0x18, 0, 12, 'i', 'q', 'n', '.', 'p', ',', 't', ',', '0',
		0, 0, 0,
		0x03, 0x28, 0, 8, 'i', 'q', 'n', '.', 'd', 0, 0, 0,
	};
	struct inq_case *c = inq_case(test);

	c->inq.eui64 = &inq_eui64;
	c->inq.vend_specific_id = "own";
	c->port.port_name = "iqn.p,t,0";
	c->port.device_name = "iqn.d";
	inq_expect(test, c, 0x83, want, sizeof(want));
	/* A name of the administrator's is the device's; always a NUL. */
	c->inq.scsi_device_name = "iqn.abcd";
	inq_ask(test, c, 1, 0x83, 0);
	KUNIT_EXPECT_EQ(test, c->page.len, sizeof(want) + 4);
	KUNIT_EXPECT_MEMEQ(test, c->page.buf + sizeof(want) - 12,
			   "\x03\x28\0\x0ciqn.abcd\0\0\0", 16);
	/* Without any: the port's number */
	c = inq_case(test);
	c->inq.naa = NULL;
	c->inq.t10_dev_id = NULL;
	inq_ask(test, c, 1, 0x83, 0);
	KUNIT_EXPECT_EQ(test, c->page.len, 12);
}

/* TPGS, PERIPHERAL QUALIFIER 001b, and the groups of 7.7.6.8 and 7.7.6.9 */
static void inq_groups_test(struct kunit *test)
{
	static const u8 numbers[] = {
		0x01, 0x14, 0, 4, 0, 0, 0, 7,
		0x01, 0x15, 0, 4, 0, 0, 0x12, 0x34,
		0x01, 0x06, 0, 4, 0, 0, 0xfe, 0xdc,
	};
	struct inq_case *c = inq_case(test);
	const u8 *buf = c->page.buf;
	unsigned int tpgs;

	c->inq.naa = NULL;
	c->inq.t10_dev_id = NULL;
	c->port.group_id = 0x1234;
	c->port.lu_group_id = 0xfedc;
	inq_ask(test, c, 1, 0x83, 0);
	KUNIT_EXPECT_EQ(test, c->page.len, 12);
	KUNIT_EXPECT_MEMEQ(test, buf + 4, numbers, 8);
	for (tpgs = 1; tpgs <= 3; tpgs += 2) {
		c->port.tpgs = tpgs;
		inq_ask(test, c, 1, 0x83, 0);
		KUNIT_EXPECT_EQ(test, c->page.len, 4 + sizeof(numbers));
		KUNIT_EXPECT_MEMEQ(test, buf + 4, numbers, sizeof(numbers));
		inq_ask(test, c, 0, 0, 0);
		KUNIT_EXPECT_EQ(test, buf[0], 0);
		KUNIT_EXPECT_EQ(test, buf[5], tpgs << 4);
	}
	c->port.not_connected = true;
	inq_ask(test, c, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, buf[0], 0x20);
	inq_ask(test, c, 1, 0x00, 0);
	KUNIT_EXPECT_EQ(test, buf[0], 0x20);
}

/* Everything as long as it may be, a byte more for those of a fabric */
static void inq_longest_test(struct kunit *test)
{
	struct inq_case *c = inq_case(test);
	char *name = kunit_kzalloc(test, 300, GFP_KERNEL);
	unsigned int len;

	KUNIT_ASSERT_NOT_NULL(test, name);
	memset(name, 'x', SCST_INQ_PORT_NAME_LEN);
	c->inq.eui64 = &inq_naa;
	c->inq.t10_dev_id = name;
	c->inq.vend_specific_id = name;
	c->inq.usn = name;
	c->inq.scsi_device_name = name;
	c->port.port_name = name;
	c->port.tpgs = 1;
	inq_ask(test, c, 1, 0x83, 0);
	len = 4 + 20 + 76 + 20 + 68 + 3 * 8 + 2 * (4 + 236);
	KUNIT_EXPECT_EQ(test, c->page.len, len);
	KUNIT_EXPECT_LE(test, len, SCST_INQUIRY_MAX);
	inq_ask(test, c, 1, 0x80, 0);
	KUNIT_EXPECT_EQ(test, c->page.len, 4 + SCST_INQ_ID_LEN);

	memset(name, 'x', SCST_INQ_PORT_NAME_LEN + 1);
	inq_ask(test, c, 1, 0x83, 0);
	KUNIT_EXPECT_EQ(test, c->page.len, len - 2 * (4 + 236));
	c->port.nr_ports = SCST_INQ_MAX_PORTS;
	c->port.ports = kunit_kcalloc(test, SCST_INQ_MAX_PORTS, sizeof(u16),
				      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c->port.ports);
	inq_ask(test, c, 1, 0x88, 0);
	KUNIT_EXPECT_LE(test, c->page.len, SCST_INQUIRY_MAX);
}

static void inq_refused_test(struct kunit *test)
{
	struct inq_case *c = inq_case(test);
	unsigned int code, nr = 0;

	for (code = 0; code <= 0xff; code++) {
		c->cdb[1] = 1;
		c->cdb[2] = code;
		nr += !scst_inquiry_build(&c->inq, &c->port, c->cdb, &c->page);
	}
	KUNIT_EXPECT_EQ(test, nr, 8);
	inq_ask(test, c, 0, 0x80, -EINVAL);
	inq_ask(test, c, 1, 0xb1, -EINVAL);
	c->inq.type = TYPE_WLUN;
	inq_ask(test, c, 1, 0x80, -EINVAL);
	inq_ask(test, c, 1, 0x83, 0);
}

/**
 * struct inq_text - an attribute's text, and what becomes of it
 * @text: as an administrator writes it
 * @naa: bytes of an NAA designator, or -1 if it is none
 * @eui64: likewise
 */
struct inq_text {
	const char	*text;
	int		naa;
	int		eui64;
};

static const struct inq_text inq_texts[] = {
	{ "", 0, 0 },
	{ "\n", 0, 0 },
	{ "0", 0, 0 },
	{ "0x0\n", 0, 0 },
	{ "0x", 0, 0 },
	{ "0x0000000000000000", 0, 0 },
	{ "00000000000000000000000000000000\n", 0, 0 },
	{ "0000000000000001", -1, 8 },
	{ "0 ", -1, -1 },
	{ "1", -1, -1 },
	{ "0x3000000000000042", 8, 8 },
	{ "3000000000000042\n", 8, 8 },
	{ "2000000000000042", 8, 8 },
	{ "5000000000000042", 8, 8 },
	{ "1000000000000042", -1, 8 },
	{ "0011223344556677", -1, 8 },
	{ "6000000000000042", -1, 8 },
	{ "300000000000004", -1, -1 },
	{ "30000000000000421", -1, -1 },
	{ "300000000000004g", -1, -1 },
	{ "001122334455667788990011", -1, 12 },
	{ "60011223344556677889900112233445", 16, 16 },
	{ "0X60011223344556677889900112233445", 16, 16 },
	{ "30011223344556677889900112233445", -1, 16 },
	{ "6001122334455667788990011223344556", -1, -1 },
	{ "3000000000000042 ", -1, -1 },
	{ "0x0x3000000000000042", -1, -1 },
};

static void inq_text_desc(const struct inq_text *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "text %u of %zu characters",
		 (unsigned int)(row - inq_texts), strlen(row->text));
}

KUNIT_ARRAY_PARAM(inq_text, inq_texts, inq_text_desc);

static void inq_parse_test(struct kunit *test)
{
	const struct inq_text *row = test->param_value;
	struct scst_binary_id id;

	KUNIT_EXPECT_EQ(test, scst_naa_parse(row->text, &id),
			row->naa < 0 ? -EINVAL : 0);
	if (row->naa >= 0)
		KUNIT_EXPECT_EQ(test, id.len, row->naa);
	KUNIT_EXPECT_EQ(test, scst_eui64_parse(row->text, &id),
			row->eui64 < 0 ? -EINVAL : 0);
	if (row->eui64 >= 0)
		KUNIT_EXPECT_EQ(test, id.len, row->eui64);
}

static const struct inq_name {
	const char	*name;
	bool		valid;
} inq_names[] = {
	{ "iqn.2026-11.org.example:disk-1", true },
	{ "iqn.2026-11.org.example:\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xbe", true },
	{ "naa.3000000000000042", true },
	{ "naa.60011223344556677889900112233445", true },
	{ "eui.0011223344556677", true },
	{ "eui.001122334455667788990011", true },
	{ "", false },
	{ "iqn.", false },
	{ "disk", false },
	{ "IQN.2026-11.org.example", false },
	{ "iqn.with blank", false },
	{ "iqn.UPPER", false },
	{ "iqn.a\tb", false },
	{ "iqn.overlong\xc0\xaf", false },
	{ "iqn.surrogate\xed\xa0\x80", false },
	{ "iqn.toolarge\xf4\x90\x80\x80", false },
	{ "iqn.cut\xe2\x82", false },
	{ "iqn.alone\x80", false },
	{ "iqn.\xff", false },
	{ "naa.1000000000000042", false },
	{ "naa.0x3000000000000042", false },
	{ "naa.300000000000004", false },
	{ "naa.0", false },
	{ "eui.0000000000000000", false },
	{ "naa.3000000000000042\n", false },
	{ "naa.600112233445566778899001122334455", false },
	{ "eui.00112233445566", false },
};

static void inq_name_test(struct kunit *test)
{
	char longest[SCST_INQ_NAME_LEN + 1];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(inq_names); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    scst_scsi_name_valid(inq_names[i].name,
							 strlen(inq_names[i].name)),
				    inq_names[i].valid, "name %u", i);
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "iqn.", 4);
	KUNIT_EXPECT_TRUE(test, scst_scsi_name_valid(longest,
						     SCST_INQ_NAME_LEN));
	KUNIT_EXPECT_FALSE(test, scst_scsi_name_valid(longest,
						      sizeof(longest)));
	KUNIT_EXPECT_FALSE(test, scst_scsi_name_valid("iqn.a\0b", 7));
}

static struct kunit_case inq_cases[] = {
	KUNIT_CASE(inq_standard_test),
	KUNIT_CASE(inq_type_test),
	KUNIT_CASE(inq_pages_test),
	KUNIT_CASE(inq_extended_test),
	KUNIT_CASE(inq_protection_test),
	KUNIT_CASE(inq_id_test),
	KUNIT_CASE(inq_groups_test),
	KUNIT_CASE(inq_longest_test),
	KUNIT_CASE(inq_refused_test),
	KUNIT_CASE_PARAM(inq_parse_test, inq_text_gen_params),
	KUNIT_CASE(inq_name_test),
	{}
};

static struct kunit_suite inq_suite = {
	.name		= "scst_inquiry",
	.test_cases	= inq_cases,
};

kunit_test_suite(inq_suite);
