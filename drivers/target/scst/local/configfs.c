// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: what scst_local adds to targets/scst_local/
 */
#include <linux/bits.h>
#include <linux/hex.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/xxhash.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <scsi/scsi_proto.h>
#include "local.h"

static struct local_tgt *to_local_tgt(struct config_item *item)
{
	struct scst_tgt *tgt = container_of(to_config_group(item),
					    struct scst_tgt, group);

	return container_of(tgt, struct local_tgt, tgt);
}

/* Initiators hear INQUIRY DATA HAS CHANGED if it is another one. */
static ssize_t local_store_version(struct scst_tgt *tgt, u16 *field,
				   const char *page, size_t len)
{
	u16 version;
	int error;

	error = kstrtou16(page, 0, &version);
	if (error)
		return error;
	if (READ_ONCE(*field) == version)
		return len;
	WRITE_ONCE(*field, version);
	scst_inquiry_changed(tgt);
	return len;
}

static ssize_t local_tgt_scsi_transport_version_show(struct config_item *item,
						     char *page)
{
	return sysfs_emit(page, "0x%04x\n",
			  to_local_tgt(item)->tgt.scsi_transport_version);
}

static ssize_t local_tgt_scsi_transport_version_store(struct config_item *item,
						      const char *page,
						      size_t len)
{
	struct scst_tgt *tgt = &to_local_tgt(item)->tgt;

	return local_store_version(tgt, &tgt->scsi_transport_version, page,
				   len);
}

CONFIGFS_ATTR(local_tgt_, scsi_transport_version);

static ssize_t local_tgt_phys_transport_version_show(struct config_item *item,
						     char *page)
{
	return sysfs_emit(page, "0x%04x\n",
			  to_local_tgt(item)->tgt.phys_transport_version);
}

static ssize_t local_tgt_phys_transport_version_store(struct config_item *item,
						      const char *page,
						      size_t len)
{
	struct scst_tgt *tgt = &to_local_tgt(item)->tgt;

	return local_store_version(tgt, &tgt->phys_transport_version, page,
				   len);
}

CONFIGFS_ATTR(local_tgt_, phys_transport_version);

struct configfs_attribute *local_tgt_attrs[] = {
	&local_tgt_attr_scsi_transport_version,
	&local_tgt_attr_phys_transport_version,
	NULL,
};

/* sessions/<name>/ */

static struct local_session *to_local_session(struct config_item *item)
{
	return container_of(item, struct local_session, item);
}

static ssize_t local_session_host_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "host%u\n", to_local_session(item)->host_no);
}

CONFIGFS_ATTR_RO(local_session_, host);

/* Commands and bytes by direction, one line each */
static ssize_t local_session_stats_show(struct config_item *item, char *page)
{
	static const char * const names[] = { "none", "write", "read" };
	struct scst_stats stats = {};
	int i, len = 0;

	scst_session_get_stats(to_local_session(item)->sess, &stats);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		len += sysfs_emit_at(page, len, "%s %llu %llu\n", names[i],
				     stats.dir[i].nr_cmds,
				     stats.dir[i].nr_bytes);
	return len;
}

CONFIGFS_ATTR_RO(local_session_, stats);

/* Hexadecimal digits, as bytes come in the TransportID */
static ssize_t local_session_transport_id_show(struct config_item *item,
					       char *page)
{
	struct local_session *session = to_local_session(item);
	ssize_t len;

	mutex_lock(&session->lock);
	bin2hex(page, session->transport_id.data, session->transport_id.len);
	len = 2 * session->transport_id.len;
	page[len++] = '\n';
	mutex_unlock(&session->lock);
	return len;
}

static ssize_t local_session_transport_id_store(struct config_item *item,
						const char *page, size_t len)
{
	struct local_session *session = to_local_session(item);
	size_t digits = strcspn(page, "\n");
	u8 buf[SCST_TRANSPORT_ID_MAX];
	struct scst_transport_id id;

	if (digits % 2 || digits / 2 > sizeof(buf) ||
	    hex2bin(buf, page, digits / 2) ||
	    scst_transport_id_parse(buf, digits / 2, &id) != digits / 2)
		return -EINVAL;
	mutex_lock(&session->lock);
	session->transport_id = id;
	mutex_unlock(&session->lock);
	scst_transport_id_changed(session->sess);
	return len;
}

CONFIGFS_ATTR(local_session_, transport_id);

static struct configfs_attribute *local_session_attrs[] = {
	&local_session_attr_host,
	&local_session_attr_stats,
	&local_session_attr_transport_id,
	NULL,
};

/*
 * SAS, until somebody says otherwise: a locally assigned name (NAA 3h) that is
 * made of the names of target and session.
 */
static void local_default_transport_id(struct local_session *session,
				       const char *target, const char *name)
{
	u64 sas = 3ULL << 60 | (xxh64(name, strlen(name),
				     xxh64(target, strlen(target), 0)) &
			       GENMASK_ULL(59, 0));

	session->transport_id.data[0] = SCSI_PROTOCOL_SAS;
	put_unaligned_be64(sas, session->transport_id.data + 4);
	session->transport_id.len = SCST_TRANSPORT_ID_LEN;
}

int local_get_transport_id(struct scst_session *sess,
			   struct scst_transport_id *id)
{
	struct local_session *session = sess->fabric_priv;

	mutex_lock(&session->lock);
	*id = session->transport_id;
	mutex_unlock(&session->lock);
	return 0;
}

static void local_session_release(struct config_item *item)
{
	kfree(to_local_session(item));
}

static struct configfs_item_operations local_session_item_ops = {
	.release = local_session_release,
};

static const struct config_item_type local_session_type = {
	.ct_item_ops	= &local_session_item_ops,
	.ct_attrs	= local_session_attrs,
	.ct_owner	= THIS_MODULE,
};

static void local_session_scan_work(struct work_struct *work)
{
	struct local_session *session = container_of(work, struct local_session,
						     scan_work);

	scsi_scan_host(session->host);
}

/* The core asks for the TransportID as long as it has the session. */
static void local_session_gone(struct scst_session *sess)
{
	struct local_session *session = sess->fabric_priv;

	config_item_put(&session->item);
}

static void local_session_remove_work(struct work_struct *work)
{
	struct local_session *session = container_of(work, struct local_session,
						     remove_work);

	cancel_work_sync(&session->scan_work);
	local_host_remove(session);
	scst_unregister_session(session->sess, false, local_session_gone);
}

static struct config_item *local_sessions_make_item(struct config_group *group,
						    const char *name)
{
	struct local_tgt *tgt = container_of(group, struct local_tgt,
					     sessions_group);
	struct local_session *session;
	int error;

	if (strlen(name) > SCST_MAX_NAME)
		return ERR_PTR(-ENAMETOOLONG);
	session = kzalloc(sizeof(*session), GFP_KERNEL);
	if (!session)
		return ERR_PTR(-ENOMEM);
	mutex_init(&session->lock);
	INIT_WORK(&session->scan_work, local_session_scan_work);
	INIT_WORK(&session->remove_work, local_session_remove_work);
	config_item_init_type_name(&session->item, name, &local_session_type);

	local_default_transport_id(session, tgt->tgt.name, name);

	session->sess = scst_register_session(&tgt->tgt, name, session,
					      GFP_KERNEL, NULL);
	if (IS_ERR(session->sess)) {
		error = PTR_ERR(session->sess);
		goto put_item;
	}
	error = local_host_add(session);
	if (error)
		goto unregister;
	queue_work(local_wq, &session->scan_work);
	return &session->item;

unregister:
	scst_unregister_session(session->sess, false, local_session_gone);
	return ERR_PTR(error);
put_item:
	config_item_put(&session->item);
	return ERR_PTR(error);
}

static void local_sessions_drop_item(struct config_group *group,
				     struct config_item *item)
{
	queue_work(local_wq, &to_local_session(item)->remove_work);
}

static struct configfs_group_operations local_sessions_group_ops = {
	.make_item	= local_sessions_make_item,
	.drop_item	= local_sessions_drop_item,
};

static const struct config_item_type local_sessions_type = {
	.ct_group_ops	= &local_sessions_group_ops,
	.ct_owner	= THIS_MODULE,
};

void local_configfs_init_target(struct local_tgt *tgt)
{
	config_group_init_type_name(&tgt->sessions_group, "sessions",
				    &local_sessions_type);
	configfs_add_default_group(&tgt->sessions_group, &tgt->tgt.group);
}
