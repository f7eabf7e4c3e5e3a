// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: targets/iscsi/<target>/params/, what sessions negotiate with
 */
#include <linux/configfs.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "isct.h"

/* RFC 7143 6.1: boolean-value */
static const char * const isct_bool_names[] = { "No", "Yes" };
/* RFC 7143 13.1 and 13.23, in the order of the bits */
static const char * const isct_digest_names[] = { "None", "CRC32C" };
static const char * const isct_reporting_names[] = {
	"RFC3720", "ResponseFence",
};

/**
 * struct isct_kind - how values of a kind are written
 * @names: names of the values; NULL for numbers
 * @nr: how many
 * @list: a value is a set of bits, and each of them has a name
 */
struct isct_kind {
	const char * const	*names;
	unsigned int		nr;
	bool			list;
};

static const struct isct_kind isct_kinds[] = {
	[ISCT_KIND_BOOL] = {
		isct_bool_names, ARRAY_SIZE(isct_bool_names),
	},
	[ISCT_KIND_NUMBER] = {},
	[ISCT_KIND_DIGESTS] = {
		isct_digest_names, ARRAY_SIZE(isct_digest_names), true,
	},
	[ISCT_KIND_REPORTING] = {
		isct_reporting_names, ARRAY_SIZE(isct_reporting_names), true,
	},
};

static ssize_t isct_print_list(char *page, const struct isct_kind *kind,
			       unsigned long bits)
{
	unsigned int i;
	int len = 0;

	for_each_set_bit(i, &bits, kind->nr)
		len += sysfs_emit_at(page, len, "%s%s", len ? "," : "",
				     kind->names[i]);
	return len + sysfs_emit_at(page, len, "\n");
}

ssize_t isct_param_print(char *page, enum isct_param param, u32 val)
{
	const struct isct_kind *kind =
		&isct_kinds[isct_param_descs[param].kind];

	if (!kind->names)
		return sysfs_emit(page, "%u\n", val);
	if (kind->list)
		return isct_print_list(page, kind, val);
	return sysfs_emit(page, "%s\n", kind->names[!!val]);
}

/* Names with commas between them, each once at most, and at least one */
static int isct_parse_list(const char *page, const struct isct_kind *kind,
			   u32 *val)
{
	size_t end = strcspn(page, "\n");
	u32 bits = 0;

	if (page[end] && page[end + 1])
		return -EINVAL;
	for (;;) {
		size_t len = strcspn(page, ",\n");
		unsigned int i;

		for (i = 0; i < kind->nr; i++)
			if (strlen(kind->names[i]) == len &&
			    !memcmp(page, kind->names[i], len))
				break;
		if (i == kind->nr || bits & BIT(i))
			return -EINVAL;
		bits |= BIT(i);
		if (page[len] != ',')
			break;
		page += len + 1;
	}
	*val = bits;
	return 0;
}

static int isct_param_parse(const char *page, enum isct_param param, u32 *val)
{
	const struct isct_param_desc *desc = &isct_param_descs[param];
	const struct isct_kind *kind = &isct_kinds[desc->kind];
	int ret;

	if (kind->list)
		return isct_parse_list(page, kind, val);
	if (kind->names) {
		ret = __sysfs_match_string(kind->names, kind->nr, page);
		*val = ret;
		return ret < 0 ? ret : 0;
	}
	ret = kstrtou32(page, 0, val);
	if (!ret && (*val < desc->min || *val > desc->max))
		ret = -ERANGE;
	return ret;
}

static struct isct_tgt *to_isct_tgt(struct config_item *item)
{
	return container_of(to_config_group(item), struct isct_tgt,
			    params_group);
}

static ssize_t isct_param_show(struct config_item *item, enum isct_param param,
			       char *page)
{
	return isct_param_print(page, param,
				READ_ONCE(to_isct_tgt(item)->params.val[param]));
}

/* Sessions keep what they have negotiated. */
static ssize_t isct_param_store(struct config_item *item,
				enum isct_param param, const char *page,
				size_t len)
{
	struct isct_tgt *tgt = to_isct_tgt(item);
	int error;
	u32 val;

	error = isct_param_parse(page, param, &val);
	if (error)
		return error;
	mutex_lock(&isct_config_mutex);
	WRITE_ONCE(tgt->params.val[param], val);
	mutex_unlock(&isct_config_mutex);
	return len;
}

/* configfs does not tell a function which attribute it is called for. */
#define ISCT_PARAM_SHOW(_param)						\
static ssize_t _param##_show(struct config_item *item, char *page)	\
{									\
	return isct_param_show(item, _param, page);			\
}

#define ISCT_PARAM_STORE(_param)					\
static ssize_t _param##_store(struct config_item *item,			\
			      const char *page, size_t len)		\
{									\
	return isct_param_store(item, _param, page, len);		\
}

ISCT_PARAM_SHOW(ISCT_HEADER_DIGEST)
ISCT_PARAM_STORE(ISCT_HEADER_DIGEST)
ISCT_PARAM_SHOW(ISCT_DATA_DIGEST)
ISCT_PARAM_STORE(ISCT_DATA_DIGEST)
ISCT_PARAM_SHOW(ISCT_INITIAL_R2T)
ISCT_PARAM_STORE(ISCT_INITIAL_R2T)
ISCT_PARAM_SHOW(ISCT_IMMEDIATE_DATA)
ISCT_PARAM_STORE(ISCT_IMMEDIATE_DATA)
ISCT_PARAM_SHOW(ISCT_MAX_RECV_SEGMENT)
ISCT_PARAM_STORE(ISCT_MAX_RECV_SEGMENT)
ISCT_PARAM_SHOW(ISCT_MAX_XMIT_SEGMENT)
ISCT_PARAM_STORE(ISCT_MAX_XMIT_SEGMENT)
ISCT_PARAM_SHOW(ISCT_MAX_BURST)
ISCT_PARAM_STORE(ISCT_MAX_BURST)
ISCT_PARAM_SHOW(ISCT_FIRST_BURST)
ISCT_PARAM_STORE(ISCT_FIRST_BURST)
ISCT_PARAM_SHOW(ISCT_MAX_OUTSTANDING_R2T)
ISCT_PARAM_STORE(ISCT_MAX_OUTSTANDING_R2T)
ISCT_PARAM_SHOW(ISCT_QUEUED_COMMANDS)
ISCT_PARAM_STORE(ISCT_QUEUED_COMMANDS)
ISCT_PARAM_SHOW(ISCT_RSP_TIMEOUT)
ISCT_PARAM_STORE(ISCT_RSP_TIMEOUT)
ISCT_PARAM_SHOW(ISCT_NOP_IN_INTERVAL)
ISCT_PARAM_STORE(ISCT_NOP_IN_INTERVAL)
ISCT_PARAM_SHOW(ISCT_NOP_IN_TIMEOUT)
ISCT_PARAM_STORE(ISCT_NOP_IN_TIMEOUT)

#define ISCT_PARAM_ATTR(_param)						\
	[_param] = {							\
		.ca_owner	= THIS_MODULE,				\
		.ca_mode	= 0644,					\
		.show		= _param##_show,			\
		.store		= _param##_store,			\
	}

/* Their names come from the table of parameters, by isct_params_init(). */
static struct configfs_attribute isct_param_attrs[ISCT_PARAM_NR] = {
	ISCT_PARAM_ATTR(ISCT_HEADER_DIGEST),
	ISCT_PARAM_ATTR(ISCT_DATA_DIGEST),
	ISCT_PARAM_ATTR(ISCT_INITIAL_R2T),
	ISCT_PARAM_ATTR(ISCT_IMMEDIATE_DATA),
	ISCT_PARAM_ATTR(ISCT_MAX_RECV_SEGMENT),
	ISCT_PARAM_ATTR(ISCT_MAX_XMIT_SEGMENT),
	ISCT_PARAM_ATTR(ISCT_MAX_BURST),
	ISCT_PARAM_ATTR(ISCT_FIRST_BURST),
	ISCT_PARAM_ATTR(ISCT_MAX_OUTSTANDING_R2T),
	ISCT_PARAM_ATTR(ISCT_QUEUED_COMMANDS),
	ISCT_PARAM_ATTR(ISCT_RSP_TIMEOUT),
	ISCT_PARAM_ATTR(ISCT_NOP_IN_INTERVAL),
	ISCT_PARAM_ATTR(ISCT_NOP_IN_TIMEOUT),
};

static struct configfs_attribute *isct_settable_attrs[ISCT_PARAM_NR + 1];

static const struct config_item_type isct_params_type = {
	.ct_attrs	= isct_settable_attrs,
	.ct_owner	= THIS_MODULE,
};

void __init isct_params_init(void)
{
	unsigned int i, nr = 0;

	for (i = 0; i < ISCT_PARAM_NR; i++) {
		if (!isct_param_descs[i].settable)
			continue;
		isct_param_attrs[i].ca_name = isct_param_descs[i].name;
		isct_settable_attrs[nr++] = &isct_param_attrs[i];
	}
}

void isct_params_add(struct isct_tgt *tgt)
{
	unsigned int i;

	for (i = 0; i < ISCT_PARAM_NR; i++)
		tgt->params.val[i] = isct_param_descs[i].def;
	config_group_init_type_name(&tgt->params_group, "params",
				    &isct_params_type);
	configfs_add_default_group(&tgt->params_group, &tgt->tgt.group);
}
