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

static bool auth_has_secret(const struct list_head *accounts,
			    const char *secret, size_t len)
{
	struct isct_account *account;

	lockdep_assert_held(&isct_config_mutex);
	list_for_each_entry(account, accounts, entry)
		if (strlen(account->secret) == len &&
		    !memcmp(account->secret, secret, len))
			return true;
	return false;
}

/* -EINVAL: too short, a NUL in it, or in use for the other direction */
static ssize_t isct_account_password_store(struct config_item *item,
					   const char *page, size_t len)
{
	struct isct_account *account = to_isct_account(item);
	struct isct_auth *auth = to_isct_auth(item->ci_parent);
	const struct list_head *others = &auth->incoming;
	size_t secret_len = len;

	if (len && page[len - 1] == '\n')
		secret_len--;
	if (secret_len < AUTH_SECRET_MIN || memchr(page, '\0', secret_len))
		return -EINVAL;
	if (secret_len >= sizeof(account->secret))
		return -ENAMETOOLONG;

	if (item->ci_parent == &auth->incoming_group.cg_item)
		others = &auth->outgoing;
	mutex_lock(&isct_config_mutex);
	/* RFC 7143 9.2.1: one secret must not serve both directions */
	if (auth_has_secret(others, page, secret_len)) {
		mutex_unlock(&isct_config_mutex);
		return -EINVAL;
	}
	memzero_explicit(account->secret, sizeof(account->secret));
	memcpy(account->secret, page, secret_len);
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

static const struct config_item_type isct_auth_type = {
	.ct_owner	= THIS_MODULE,
};

void isct_auth_init(struct isct_auth *auth, struct config_group *parent)
{
	INIT_LIST_HEAD(&auth->incoming);
	INIT_LIST_HEAD(&auth->outgoing);
	config_group_init_type_name(&auth->group, "auth", &isct_auth_type);
	configfs_add_default_group(&auth->group, parent);
	config_group_init_type_name(&auth->incoming_group, "incoming",
				    &isct_incoming_type);
	configfs_add_default_group(&auth->incoming_group, &auth->group);
	config_group_init_type_name(&auth->outgoing_group, "outgoing",
				    &isct_outgoing_type);
	configfs_add_default_group(&auth->outgoing_group, &auth->group);
}
