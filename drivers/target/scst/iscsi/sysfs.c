// SPDX-License-Identifier: GPL-2.0
/*
 * What iSCSI adds to /sys/class/scst_session, and /sys/class/scst_conn
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/sysfs.h>
#include "isct.h"

static struct isct_session *isct_dev_session(struct device *dev)
{
	struct scst_session *sess = dev_get_drvdata(dev);

	return sess->fabric_priv;
}

/* Sessions */

static ssize_t isid_show(struct device *dev, struct device_attribute *attr,
			 char *page)
{
	return sysfs_emit(page, "0x%6phN\n", isct_dev_session(dev)->isid);
}
static DEVICE_ATTR_RO(isid);

static ssize_t tsih_show(struct device *dev, struct device_attribute *attr,
			 char *page)
{
	return sysfs_emit(page, "%u\n", isct_dev_session(dev)->tsih);
}
static DEVICE_ATTR_RO(tsih);

/* Does the initiator wait for the end of this session, to log in again? */
static ssize_t reinstating_show(struct device *dev,
				struct device_attribute *attr, char *page)
{
	return sysfs_emit(page, "%d\n",
			  !!READ_ONCE(isct_dev_session(dev)->waiting));
}
static DEVICE_ATTR_RO(reinstating);

/**
 * struct isct_key_attr - a negotiated parameter
 * @attr: its file, named like the key
 * @param: which
 */
struct isct_key_attr {
	struct device_attribute	attr;
	enum isct_param		param;
};

static ssize_t isct_key_show(struct device *dev, struct device_attribute *attr,
			     char *page)
{
	const struct isct_key_attr *key = container_of(attr,
						       struct isct_key_attr,
						       attr);
	struct isct_session *session = isct_dev_session(dev);

	return isct_param_print(page, key->param,
				isct_session_param(session, key->param));
}

#define ISCT_KEY(_name, _param) {					\
	.attr	= __ATTR(_name, 0444, isct_key_show, NULL),		\
	.param	= (_param),						\
}

static struct isct_key_attr isct_keys[] = {
	ISCT_KEY(HeaderDigest, ISCT_HEADER_DIGEST),
	ISCT_KEY(DataDigest, ISCT_DATA_DIGEST),
	ISCT_KEY(InitialR2T, ISCT_INITIAL_R2T),
	ISCT_KEY(ImmediateData, ISCT_IMMEDIATE_DATA),
	ISCT_KEY(MaxRecvDataSegmentLength, ISCT_MAX_RECV_SEGMENT),
	ISCT_KEY(MaxXmitDataSegmentLength, ISCT_MAX_XMIT_SEGMENT),
	ISCT_KEY(MaxBurstLength, ISCT_MAX_BURST),
	ISCT_KEY(FirstBurstLength, ISCT_FIRST_BURST),
	ISCT_KEY(MaxOutstandingR2T, ISCT_MAX_OUTSTANDING_R2T),
};

static struct attribute *isct_session_attrs[] = {
	&dev_attr_isid.attr,
	&dev_attr_tsih.attr,
	&dev_attr_reinstating.attr,
	&isct_keys[0].attr.attr,
	&isct_keys[1].attr.attr,
	&isct_keys[2].attr.attr,
	&isct_keys[3].attr.attr,
	&isct_keys[4].attr.attr,
	&isct_keys[5].attr.attr,
	&isct_keys[6].attr.attr,
	&isct_keys[7].attr.attr,
	&isct_keys[8].attr.attr,
	NULL,
};

static const struct attribute_group isct_session_group = {
	.attrs = isct_session_attrs,
};

const struct attribute_group *isct_session_groups[] = {
	&isct_session_group,
	NULL,
};

/* Connections */

static struct isct_conn *isct_dev_conn(struct device *dev)
{
	return dev_get_drvdata(dev);
}

static ssize_t cid_show(struct device *dev, struct device_attribute *attr,
			char *page)
{
	return sysfs_emit(page, "%u\n", isct_dev_conn(dev)->cid);
}
static DEVICE_ATTR_RO(cid);

static ssize_t ip_show(struct device *dev, struct device_attribute *attr,
		       char *page)
{
	char addr[ISCT_ADDR_MAX];

	isct_addr_format_ip(addr, &isct_dev_conn(dev)->peer_addr);
	return sysfs_emit(page, "%s\n", addr);
}
static DEVICE_ATTR_RO(ip);

static ssize_t target_ip_show(struct device *dev,
			      struct device_attribute *attr, char *page)
{
	char addr[ISCT_ADDR_MAX];

	isct_addr_format_ip(addr, &isct_dev_conn(dev)->portal_addr);
	return sysfs_emit(page, "%s\n", addr);
}
static DEVICE_ATTR_RO(target_ip);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *page)
{
	static const char * const names[] = {
		[ISCT_CONN_LOGIN]	= "login",
		[ISCT_CONN_PARKED]	= "login",
		[ISCT_CONN_FULL]	= "full feature",
		[ISCT_CONN_ENDING]	= "logout",
		[ISCT_CONN_CLOSED]	= "closed",
	};

	return sysfs_emit(page, "%s\n",
			  names[READ_ONCE(isct_dev_conn(dev)->state)]);
}
static DEVICE_ATTR_RO(state);

static ssize_t transport_show(struct device *dev,
			      struct device_attribute *attr, char *page)
{
	return sysfs_emit(page, "TCP\n");
}
static DEVICE_ATTR_RO(transport);

static struct attribute *isct_conn_attrs[] = {
	&dev_attr_cid.attr,
	&dev_attr_ip.attr,
	&dev_attr_target_ip.attr,
	&dev_attr_state.attr,
	&dev_attr_transport.attr,
	NULL,
};
ATTRIBUTE_GROUPS(isct_conn);

static const struct class isct_conn_class = {
	.name = "scst_conn",
};

/*
 * A session is served without its directories when there is no memory for
 * them. The pointer is good until isct_conn_dev_del().
 */
void isct_conn_dev_add(struct isct_session *session, struct isct_conn *conn)
{
	struct device *parent = scst_session_dev(session->sess);
	struct device *dev;

	if (!parent)
		return;
	dev = device_create_with_groups(&isct_conn_class, parent, MKDEV(0, 0),
					conn, isct_conn_groups, "%s:%u",
					dev_name(parent), conn->cid);
	session->conn_dev = IS_ERR(dev) ? NULL : dev;
}

/* Waits for readers, which wait for nobody. */
void isct_conn_dev_del(struct isct_session *session)
{
	if (session->conn_dev)
		device_unregister(session->conn_dev);
	session->conn_dev = NULL;
}

int isct_sysfs_init(void)
{
	return class_register(&isct_conn_class);
}

void isct_sysfs_exit(void)
{
	class_unregister(&isct_conn_class);
}
