// SPDX-License-Identifier: GPL-2.0
/*
 * Text keys: framing and negotiation, as login.c and text.c use them.
 */
#include "fuzz.h"
#include "../../../../drivers/target/scst/iscsi/keys.c"

#define REPLY_MAX	256

/* Whatever an initiator says, what holds is legal. */
static void keys_check(const struct isct_nego *nego)
{
	const u32 *val = nego->result.val;
	int i;

	for (i = 0; i < ISCT_PARAM_NR; i++)
		fuzz_check(val[i] >= isct_param_descs[i].min &&
			   val[i] <= isct_param_descs[i].max);
	fuzz_check(val[ISCT_FIRST_BURST] <= val[ISCT_MAX_BURST]);
	fuzz_check(val[ISCT_MAX_XMIT_SEGMENT] <=
		   nego->offer.val[ISCT_MAX_XMIT_SEGMENT]);
}

static void keys_begin(struct isct_nego *nego, u8 how)
{
	struct isct_params offer;
	int i;

	for (i = 0; i < ISCT_PARAM_NR; i++)
		offer.val[i] = how & 0x40 ? isct_param_descs[i].max :
					    isct_param_descs[i].def;
	isct_nego_init(nego, &offer);
	nego->discovery = how & 0x10;
	nego->leading = how & 0x20;
}

/* Answers are pairs, none of them cut off. */
static void keys_check_reply(struct isct_text *reply)
{
	char *key, *value;
	u32 pos = 0;
	int more;

	fuzz_check(reply->len <= reply->size);
	while ((more = isct_text_next(reply, &pos, &key, &value)) > 0)
		fuzz_check(*key);
	fuzz_check(!more && pos == reply->len);
}

/*
 * The first byte: phases, and what the session is. The second one: how much
 * room the reply has. Copies of exact size let the sanitizer see the ends.
 */
int fuzz_one_input(const u8 *data, size_t size)
{
	struct isct_text text, reply = {};
	struct isct_nego nego;
	char *key, *value;
	u32 pos = 0;

	if (size < 2)
		return 0;
	keys_begin(&nego, data[0]);
	reply.size = data[1] & 0x80 ? REPLY_MAX : data[1];
	reply.buf = fuzz_copy(NULL, reply.size);
	text.len = size - 2;
	text.size = text.len;
	text.buf = fuzz_copy(data + 2, text.len);

	isct_text_peek(&text, "InitiatorName");
	while (isct_text_next(&text, &pos, &key, &value) > 0)
		if (isct_negotiate(&nego, data[0] & 0xf, key, value, &reply))
			break;
	keys_check(&nego);
	keys_check_reply(&reply);
	isct_nego_next(&nego);
	fuzz_free(text.buf);
	fuzz_free(reply.buf);
	return 0;
}
