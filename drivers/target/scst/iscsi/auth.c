// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: auth/, the accounts of CHAP.
 *
 * A change counts from the next login on; sessions that there are stay.
 */
#include <linux/configfs.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "isct.h"

/* RFC 7143 9.2.1: shorter than 96 bits must not be used without IPsec */
#define AUTH_SECRET_MIN		12

static struct isct_account *to_isct_account(struct config_item *item)
{
	return container_of(item, struct isct_account, item);
}

/* @item: auth/incoming/ or auth/outgoing/ */
static struct isct_auth *to_isct_auth(struct config_item *item)
{
	return container_of(to_config_group(item->ci_parent), struct isct_auth,
			    group);
}

/*
 * A secret is never read back: an empty line if there is none, otherwise
 * asterisks, too few of them to be taken as a password when written.
 */
static ssize_t isct_account_password_show(struct config_item *item, char *page)
{
	struct isct_account *account = to_isct_account(item);
	bool set;

	mutex_lock(&isct_config_mutex);
	set = account->secret[0];
	mutex_unlock(&isct_config_mutex);
	return sysfs_emit(page, "%s\n", set ? "********" : "");
}

/*
 * CHAP does not say where a secret ends and the challenge begins: who has one
 * that begins with the other has both.
 */
static bool accounts_have_secret(const struct list_head *accounts,
				 const char *secret, size_t len)
{
	struct isct_account *account;
	size_t shorter;

	lockdep_assert_held(&isct_config_mutex);
	list_for_each_entry(account, accounts, entry) {
		shorter = min(strlen(account->secret), len);
		if (shorter && !memcmp(account->secret, secret, shorter))
			return true;
	}
	return false;
}

/*
 * RFC 7143 9.2.1: one secret must not serve both directions. Not in two groups
 * either: an initiator of one of them could let the target answer the challenge
 * that it got from the other one's login.
 */
static bool auth_secret_used(const struct isct_auth *auth, bool incoming,
			     const char *secret, size_t len)
{
	const struct isct_auth *each = auth;

	do {
		if (accounts_have_secret(incoming ? &each->incoming :
						    &each->outgoing,
					 secret, len))
			return true;
		each = list_next_entry(each, relatives);
	} while (each != auth);
	return false;
}

/*
 * -EINVAL: too short, a NUL in it, or in use for the other direction, where
 * there is another one that begins with it, or that it begins with
 */
static ssize_t isct_account_password_store(struct config_item *item,
					   const char *page, size_t len)
{
	struct isct_account *account = to_isct_account(item);
	struct isct_auth *auth = to_isct_auth(item->ci_parent);
	bool is_incoming = item->ci_parent == &auth->incoming_group.cg_item;
	size_t secret_len = len;

	if (len && page[len - 1] == '\n')
		secret_len--;
	if (secret_len < AUTH_SECRET_MIN || memchr(page, '\0', secret_len))
		return -EINVAL;
	if (secret_len >= sizeof(account->secret))
		return -ENAMETOOLONG;

	mutex_lock(&isct_config_mutex);
	if (auth_secret_used(auth, !is_incoming, page, secret_len)) {
		mutex_unlock(&isct_config_mutex);
		return -EINVAL;
	}
	memzero_explicit(account->secret, sizeof(account->secret));
	memcpy(account->secret, page, secret_len);
	auth->changes++;
	mutex_unlock(&isct_config_mutex);
	return len;
}

/* Root only: CONFIGFS_ATTR() would let everybody see whether it is set */
static struct configfs_attribute isct_account_attr_password = {
	.ca_name	= "password",
	.ca_owner	= THIS_MODULE,
	.ca_mode	= 0600,
	.show		= isct_account_password_show,
	.store		= isct_account_password_store,
};

static struct configfs_attribute *isct_account_attrs[] = {
	&isct_account_attr_password,
	NULL,
};

static void isct_account_release(struct config_item *item)
{
	kfree_sensitive(to_isct_account(item));
}

static struct configfs_item_operations isct_account_item_ops = {
	.release = isct_account_release,
};

static const struct config_item_type isct_account_type = {
	.ct_item_ops	= &isct_account_item_ops,
	.ct_attrs	= isct_account_attrs,
	.ct_owner	= THIS_MODULE,
};

/*
 * No check of the name: the longest one of a directory (NAME_MAX) is the
 * longest one of a text value too, 255 bytes (RFC 7143 6.1).
 */
static struct isct_account *auth_new_account(const char *name)
{
	struct isct_account *account;

	account = kzalloc(sizeof(*account), GFP_KERNEL);
	if (account)
		config_item_init_type_name(&account->item, name,
					   &isct_account_type);
	return account;
}

static struct config_item *isct_incoming_make_item(struct config_group *group,
						   const char *name)
{
	struct isct_auth *auth = to_isct_auth(&group->cg_item);
	struct isct_account *account = auth_new_account(name);

	if (!account)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&isct_config_mutex);
	list_add_tail(&account->entry, &auth->incoming);
	auth->changes++;
	mutex_unlock(&isct_config_mutex);
	return &account->item;
}

/*
 * A target has one identity, since nothing in a login would say which one of
 * several is wanted: -EBUSY for a second one.
 */
static struct config_item *isct_outgoing_make_item(struct config_group *group,
						   const char *name)
{
	struct isct_auth *auth = to_isct_auth(&group->cg_item);
	struct isct_account *account = auth_new_account(name);
	bool busy;

	if (!account)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&isct_config_mutex);
	busy = !list_empty(&auth->outgoing);
	if (!busy)
		list_add_tail(&account->entry, &auth->outgoing);
	mutex_unlock(&isct_config_mutex);
	if (busy) {
		config_item_put(&account->item);
		return ERR_PTR(-EBUSY);
	}
	return &account->item;
}

static void isct_account_drop_item(struct config_group *group,
				   struct config_item *item)
{
	mutex_lock(&isct_config_mutex);
	list_del(&to_isct_account(item)->entry);
	to_isct_auth(&group->cg_item)->changes++;
	mutex_unlock(&isct_config_mutex);
	config_item_put(item);
}

static struct configfs_group_operations isct_incoming_group_ops = {
	.make_item	= isct_incoming_make_item,
	.drop_item	= isct_account_drop_item,
};

static const struct config_item_type isct_incoming_type = {
	.ct_group_ops	= &isct_incoming_group_ops,
	.ct_owner	= THIS_MODULE,
};

static struct configfs_group_operations isct_outgoing_group_ops = {
	.make_item	= isct_outgoing_make_item,
	.drop_item	= isct_account_drop_item,
};

static const struct config_item_type isct_outgoing_type = {
	.ct_group_ops	= &isct_outgoing_group_ops,
	.ct_owner	= THIS_MODULE,
};

/* Of the driver and of targets: part of something else */
static const struct config_item_type isct_auth_type = {
	.ct_owner	= THIS_MODULE,
};

static void isct_group_auth_release(struct config_item *item)
{
	struct isct_auth *auth = container_of(to_config_group(item),
					      struct isct_auth, group);

	mutex_lock(&isct_config_mutex);
	list_del(&auth->relatives);
	mutex_unlock(&isct_config_mutex);
	kfree(auth);
}

static struct configfs_item_operations isct_group_auth_item_ops = {
	.release = isct_group_auth_release,
};

static const struct config_item_type isct_group_auth_type = {
	.ct_item_ops	= &isct_group_auth_item_ops,
	.ct_owner	= THIS_MODULE,
};

static void auth_init(struct isct_auth *auth,
		      const struct config_item_type *type)
{
	INIT_LIST_HEAD(&auth->incoming);
	INIT_LIST_HEAD(&auth->outgoing);
	INIT_LIST_HEAD(&auth->relatives);
	config_group_init_type_name(&auth->group, "auth", type);
	config_group_init_type_name(&auth->incoming_group, "incoming",
				    &isct_incoming_type);
	configfs_add_default_group(&auth->incoming_group, &auth->group);
	config_group_init_type_name(&auth->outgoing_group, "outgoing",
				    &isct_outgoing_type);
	configfs_add_default_group(&auth->outgoing_group, &auth->group);
}

void isct_auth_init(struct isct_auth *auth, struct config_group *parent)
{
	auth_init(auth, &isct_auth_type);
	configfs_add_default_group(&auth->group, parent);
}

struct config_group *isct_new_group_auth(struct scst_tgt *scst_tgt)
{
	struct isct_tgt *tgt = container_of(scst_tgt, struct isct_tgt, tgt);
	struct isct_auth *auth = kzalloc(sizeof(*auth), GFP_KERNEL);

	if (!auth)
		return ERR_PTR(-ENOMEM);
	auth_init(auth, &isct_group_auth_type);
	mutex_lock(&isct_config_mutex);
	list_add_tail(&auth->relatives, &tgt->auth.relatives);
	mutex_unlock(&isct_config_mutex);
	return &auth->group;
}

/* Who logs in */

struct isct_auth *isct_auth_find(struct isct_tgt *tgt, const char *initiator,
				 const struct sockaddr_storage *portal)
{
	char name[ISCT_CORE_NAME_MAX];
	struct config_group *dir;

	isct_tgt_name_initiator(tgt, initiator, portal, name);
	dir = scst_initiator_group_dir(&tgt->tgt, name);
	return dir ? container_of(dir, struct isct_auth, group) : NULL;
}

void isct_auth_put(struct isct_auth *auth)
{
	config_group_put(&auth->group);
}

const struct list_head *isct_auth_incoming(const struct isct_auths *auths)
{
	lockdep_assert_held(&isct_config_mutex);

	if (auths->group && !list_empty(&auths->group->incoming))
		return &auths->group->incoming;
	return &auths->common->incoming;
}

const struct list_head *isct_auth_outgoing(const struct isct_auths *auths)
{
	lockdep_assert_held(&isct_config_mutex);

	if (auths->group && !list_empty(&auths->group->outgoing))
		return &auths->group->outgoing;
	return &auths->common->outgoing;
}

u32 isct_auth_changes(const struct isct_auths *auths)
{
	lockdep_assert_held(&isct_config_mutex);

	return auths->common->changes +
	       (auths->group ? auths->group->changes : 0);
}
