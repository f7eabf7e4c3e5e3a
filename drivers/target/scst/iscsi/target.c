// SPDX-License-Identifier: GPL-2.0
/*
 * Targets: their names, their lives, and what is in targets/iscsi/<target>/
 */
#include <linux/configfs.h>
#include <linux/ctype.h>
#include <linux/inet.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "isct.h"

/* SPC-5 table 180: iSCSI, no version claimed */
#define ISCT_SCSI_TRANSPORT_ISCSI	0x0960

/* Its subject stands in isct.h. Outside of the core's locks. */
DEFINE_MUTEX(isct_config_mutex);
LIST_HEAD(isct_tgts);

/* Names (RFC 7143 4.2.7) */

#define ISCT_DIGITS	"0123456789"
#define ISCT_HEX_DIGITS	ISCT_DIGITS "abcdef"
/*
 * What RFC 3722 leaves of ASCII. More is allowed beyond ASCII, normalized; we
 * can't say whether a name is that, so there is none.
 */
#define ISCT_NAME_CHARS	ISCT_DIGITS "abcdefghijklmnopqrstuvwxyz-.:"

static bool isct_name_hex(const char *name, size_t len)
{
	return strspn(name, ISCT_HEX_DIGITS) == len && !name[len];
}

/* 4.2.7.5 */
static bool isct_name_eui(const char *name)
{
	return isct_name_hex(name, 16);
}

/* 4.2.7.6 */
static bool isct_name_naa(const char *name)
{
	return isct_name_hex(name, 16) || isct_name_hex(name, 32);
}

/* 4.2.7.4: yyyy-mm, a dot, a domain name in reverse, and what its owner likes */
static bool isct_name_iqn(const char *name)
{
	size_t len = strlen(name);
	unsigned int month;

	if (len < 9 || strspn(name, ISCT_DIGITS) != 4 || name[4] != '-' ||
	    strspn(name + 5, ISCT_DIGITS) != 2 || name[7] != '.')
		return false;
	month = 10 * (name[5] - '0') + name[6] - '0';
	return month >= 1 && month <= 12 && isalnum(name[8]) &&
	       strspn(name, ISCT_NAME_CHARS) == len;
}

static bool isct_name_valid(const char *name)
{
	static const struct {
		char	type[5];
		bool	(*valid)(const char *name);
	} types[] = {
		{ "iqn.", isct_name_iqn },
		{ "eui.", isct_name_eui },
		{ "naa.", isct_name_naa },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (strstarts(name, types[i].type))
			return types[i].valid(name + strlen(types[i].type));
	return false;
}

/* Attributes */

static struct isct_tgt *scst_to_isct(struct scst_tgt *tgt)
{
	return container_of(tgt, struct isct_tgt, tgt);
}

static struct isct_tgt *to_isct_tgt(struct config_item *item)
{
	return scst_to_isct(container_of(to_config_group(item),
					 struct scst_tgt, group));
}

static ssize_t isct_tgt_alias_show(struct config_item *item, char *page)
{
	struct isct_tgt *tgt = to_isct_tgt(item);
	ssize_t len;

	mutex_lock(&isct_config_mutex);
	len = sysfs_emit(page, "%s\n", tgt->alias);
	mutex_unlock(&isct_config_mutex);
	return len;
}

/* RFC 7143 13.6: text of 255 bytes at most; in UTF-8 (6.1), hence any byte */
static ssize_t isct_tgt_alias_store(struct config_item *item, const char *page,
				    size_t len)
{
	struct isct_tgt *tgt = to_isct_tgt(item);
	size_t alias_len = strcspn(page, "\n"), i;

	if (alias_len > ISCT_ALIAS_MAX)
		return -ENAMETOOLONG;
	if (page[alias_len] && page[alias_len + 1])
		return -EINVAL;
	for (i = 0; i < alias_len; i++)
		if (iscntrl(page[i]))
			return -EINVAL;
	mutex_lock(&isct_config_mutex);
	memcpy(tgt->alias, page, alias_len);
	tgt->alias[alias_len] = '\0';
	mutex_unlock(&isct_config_mutex);
	return len;
}

CONFIGFS_ATTR(isct_tgt_, alias);

static const char * const isct_redirect_kinds[] = { "temp", "perm" };

static ssize_t isct_tgt_redirect_show(struct config_item *item, char *page)
{
	struct isct_tgt *tgt = to_isct_tgt(item);
	ssize_t len;

	mutex_lock(&isct_config_mutex);
	if (tgt->redirect[0])
		len = sysfs_emit(page, "%s %s\n", tgt->redirect,
				 isct_redirect_kinds[tgt->redirect_permanent]);
	else
		len = sysfs_emit(page, "\n");
	mutex_unlock(&isct_config_mutex);
	return len;
}

/*
 * The address is kept as isct_addr_format() writes addresses, so that they can
 * be compared. An interface of ours would mean nothing to an initiator.
 */
static int isct_redirect_parse(const char *page, char redirect[ISCT_ADDR_MAX],
			       bool *permanent)
{
	size_t len = strcspn(page, "\n ");
	struct sockaddr_storage addr;
	char text[ISCT_ADDR_MAX];
	int kind;

	if (!len || len >= sizeof(text) || page[len] != ' ')
		return -EINVAL;
	memcpy(text, page, len);
	text[len] = '\0';
	kind = sysfs_match_string(isct_redirect_kinds, page + len + 1);
	if (kind < 0 || strchr(text, '%') || isct_addr_parse(text, &addr) ||
	    inet_addr_is_any((struct sockaddr *)&addr))
		return -EINVAL;
	isct_addr_format(redirect, &addr);
	*permanent = kind;
	return 0;
}

/* "ADDRESS[:PORT] temp" or "... perm"; an empty line for no redirection */
static ssize_t isct_tgt_redirect_store(struct config_item *item,
				       const char *page, size_t len)
{
	struct isct_tgt *tgt = to_isct_tgt(item);
	char redirect[ISCT_ADDR_MAX] = "";
	bool permanent = false;
	int error = 0;

	if (!sysfs_streq(page, ""))
		error = isct_redirect_parse(page, redirect, &permanent);
	if (error)
		return error;
	mutex_lock(&isct_config_mutex);
	strscpy(tgt->redirect, redirect);
	tgt->redirect_permanent = permanent;
	mutex_unlock(&isct_config_mutex);
	return len;
}

CONFIGFS_ATTR(isct_tgt_, redirect);

static ssize_t isct_tgt_per_portal_acl_show(struct config_item *item,
					    char *page)
{
	return sysfs_emit(page, "%d\n",
			  READ_ONCE(to_isct_tgt(item)->per_portal_acl));
}

/* -EBUSY if there are sessions: the core knows them by the other names. */
static ssize_t isct_tgt_per_portal_acl_store(struct config_item *item,
					     const char *page, size_t len)
{
	struct isct_tgt *tgt = to_isct_tgt(item);
	bool per_portal, changes;
	int error;

	error = kstrtobool(page, &per_portal);
	if (error)
		return error;
	mutex_lock(&isct_config_mutex);
	changes = tgt->per_portal_acl != per_portal;
	if (changes && tgt->nr_sessions) {
		error = -EBUSY;
	} else if (changes) {
		WRITE_ONCE(tgt->per_portal_acl, per_portal);
		isct_refused_clear(tgt);
	}
	mutex_unlock(&isct_config_mutex);
	return error ?: len;
}

CONFIGFS_ATTR(isct_tgt_, per_portal_acl);

static ssize_t isct_tgt_max_sessions_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%u\n",
			  READ_ONCE(to_isct_tgt(item)->max_sessions));
}

/* Those that are there stay, also if they are more. */
static ssize_t isct_tgt_max_sessions_store(struct config_item *item,
					   const char *page, size_t len)
{
	struct isct_tgt *tgt = to_isct_tgt(item);
	unsigned int max;
	int error;

	error = kstrtouint(page, 0, &max);
	if (error)
		return error;
	mutex_lock(&isct_config_mutex);
	WRITE_ONCE(tgt->max_sessions, max);
	mutex_unlock(&isct_config_mutex);
	return len;
}

static struct configfs_attribute isct_tgt_attr_max_sessions = {
	.ca_name	= "MaxSessions",
	.ca_mode	= 0644,
	.ca_owner	= THIS_MODULE,
	.show		= isct_tgt_max_sessions_show,
	.store		= isct_tgt_max_sessions_store,
};

static ssize_t isct_tgt_refused_initiators_show(struct config_item *item,
						char *page)
{
	return isct_refused_show(to_isct_tgt(item), page);
}

CONFIGFS_ATTR_RO(isct_tgt_, refused_initiators);

struct configfs_attribute *isct_tgt_attrs[] = {
	&isct_tgt_attr_alias,
	&isct_tgt_attr_redirect,
	&isct_tgt_attr_per_portal_acl,
	&isct_tgt_attr_max_sessions,
	&isct_tgt_attr_refused_initiators,
	NULL,
};

/* allowed_portals/<pattern>/ */

/**
 * struct isct_allowed - addresses that initiators may come by
 * @item: configfs directory, whose name is the pattern
 * @entry: in isct_tgt.allowed_portals; isct_config_mutex
 */
struct isct_allowed {
	struct config_item	item;
	struct list_head	entry;
};

static struct isct_allowed *to_isct_allowed(struct config_item *item)
{
	return container_of(item, struct isct_allowed, item);
}

static void isct_allowed_release(struct config_item *item)
{
	kfree(to_isct_allowed(item));
}

static struct configfs_item_operations isct_allowed_item_ops = {
	.release = isct_allowed_release,
};

static const struct config_item_type isct_allowed_type = {
	.ct_item_ops	= &isct_allowed_item_ops,
	.ct_owner	= THIS_MODULE,
};

/* What an address has no character of never matches. */
static int isct_allowed_check(const char *name)
{
	const char *address = name + (*name == '!');
	size_t len = strlen(address);

	if (len >= ISCT_ADDR_MAX)
		return -ENAMETOOLONG;
	if (!len || strspn(address, ISCT_HEX_DIGITS "ABCDEF.:*?") != len)
		return -EINVAL;
	return 0;
}

static struct config_item *isct_allowed_make_item(struct config_group *group,
						  const char *name)
{
	struct isct_tgt *tgt = container_of(group, struct isct_tgt,
					    allowed_portals_group);
	struct isct_allowed *allowed;
	int error;

	error = isct_allowed_check(name);
	if (error)
		return ERR_PTR(error);
	allowed = kzalloc(sizeof(*allowed), GFP_KERNEL);
	if (!allowed)
		return ERR_PTR(-ENOMEM);
	config_item_init_type_name(&allowed->item, name, &isct_allowed_type);
	mutex_lock(&isct_config_mutex);
	list_add_tail(&allowed->entry, &tgt->allowed_portals);
	mutex_unlock(&isct_config_mutex);
	return &allowed->item;
}

static void isct_allowed_drop_item(struct config_group *group,
				   struct config_item *item)
{
	mutex_lock(&isct_config_mutex);
	list_del(&to_isct_allowed(item)->entry);
	mutex_unlock(&isct_config_mutex);
	config_item_put(item);
}

static struct configfs_group_operations isct_allowed_group_ops = {
	.make_item	= isct_allowed_make_item,
	.drop_item	= isct_allowed_drop_item,
};

static const struct config_item_type isct_allowed_portals_type = {
	.ct_group_ops	= &isct_allowed_group_ops,
	.ct_owner	= THIS_MODULE,
};

/* Patterns are of addresses without a port. */
bool isct_tgt_allows_portal(struct isct_tgt *tgt,
			    const struct sockaddr_storage *portal)
{
	struct isct_allowed *allowed;
	char addr[ISCT_ADDR_MAX];

	lockdep_assert_held(&isct_config_mutex);

	if (list_empty(&tgt->allowed_portals))
		return true;
	isct_addr_format_ip(addr, portal);
	list_for_each_entry(allowed, &tgt->allowed_portals, entry)
		if (scst_pattern_match(config_item_name(&allowed->item), addr))
			return true;
	return false;
}

void isct_tgt_name_initiator(struct isct_tgt *tgt, const char *initiator,
			     const struct sockaddr_storage *portal,
			     char name[ISCT_CORE_NAME_MAX])
{
	char addr[ISCT_ADDR_MAX];

	if (!READ_ONCE(tgt->per_portal_acl)) {
		strscpy(name, initiator, ISCT_CORE_NAME_MAX);
		return;
	}
	isct_addr_format_ip(addr, portal);
	snprintf(name, ISCT_CORE_NAME_MAX, "%s#%s", initiator, addr);
}

/* Life */

struct isct_tgt *isct_tgt_find(const char *name)
{
	struct isct_tgt *tgt, *found = NULL;

	mutex_lock(&isct_config_mutex);
	list_for_each_entry(tgt, &isct_tgts, entry) {
		if (!strcmp(tgt->tgt.name, name)) {
			scst_tgt_get(&tgt->tgt);
			found = tgt;
			break;
		}
	}
	mutex_unlock(&isct_config_mutex);
	return found;
}

void isct_tgt_put(struct isct_tgt *tgt)
{
	scst_tgt_put(&tgt->tgt);
}

static void isct_tgt_add_groups(struct isct_tgt *tgt)
{
	isct_params_add(tgt);
	isct_auth_init(&tgt->auth, &tgt->tgt.group);
	config_group_init_type_name(&tgt->allowed_portals_group,
				    "allowed_portals",
				    &isct_allowed_portals_type);
	configfs_add_default_group(&tgt->allowed_portals_group,
				   &tgt->tgt.group);
}

struct scst_tgt *isct_new_target(const struct scst_tgt_template *tmpl,
				 const char *name)
{
	struct isct_tgt *tgt;
	int error;

	if (strlen(name) > ISCT_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	if (!isct_name_valid(name))
		return ERR_PTR(-EINVAL);
	tgt = kzalloc(sizeof(*tgt), GFP_KERNEL);
	if (!tgt)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&tgt->sessions);
	INIT_LIST_HEAD(&tgt->allowed_portals);
	tgt->gone = true;
	tgt->tgt.scsi_transport_version = ISCT_SCSI_TRANSPORT_ISCSI;
	/* RFC 7143 4.4.2: the device's name is the target's. */
	tgt->tgt.scsi_port_name = kasprintf(GFP_KERNEL, "%s,t,0x%04x", name,
					    ISCT_TPGT);
	error = tgt->tgt.scsi_port_name ?
		scst_register_target(&tgt->tgt, tmpl, name) : -ENOMEM;
	if (error) {
		kfree(tgt->tgt.scsi_port_name);
		kfree(tgt);
		return ERR_PTR(error);
	}
	tgt->tgt.scsi_device_name = tgt->tgt.name;
	isct_tgt_add_groups(tgt);
	mutex_lock(&isct_config_mutex);
	list_add_tail(&tgt->entry, &isct_tgts);
	mutex_unlock(&isct_config_mutex);
	return &tgt->tgt;
}

void isct_free_target(struct scst_tgt *tgt)
{
	kfree(tgt->scsi_port_name);
	kfree(scst_to_isct(tgt)->refused);
	kfree(scst_to_isct(tgt));
}

/* Sessions end by themselves when their connections have closed. */
static void isct_tgt_close(struct isct_tgt *tgt)
{
	struct isct_session *session;

	lockdep_assert_held(&isct_config_mutex);

	tgt->gone = true;
	list_for_each_entry(session, &tgt->sessions, entry)
		isct_session_doom(session, ISCT_EV_DROP);
}

void isct_target_gone(struct scst_tgt *scst_tgt)
{
	struct isct_tgt *tgt = scst_to_isct(scst_tgt);

	mutex_lock(&isct_config_mutex);
	list_del(&tgt->entry);
	isct_tgt_close(tgt);
	mutex_unlock(&isct_config_mutex);
}

int isct_enable_target(struct scst_tgt *scst_tgt, bool enable)
{
	struct isct_tgt *tgt = scst_to_isct(scst_tgt);

	mutex_lock(&isct_config_mutex);
	if (enable)
		tgt->gone = false;
	else
		isct_tgt_close(tgt);
	mutex_unlock(&isct_config_mutex);
	return 0;
}
