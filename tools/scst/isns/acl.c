// SPDX-License-Identifier: GPL-2.0
/*
 * Access control: a group's initiators/ has the initiators that are in a
 * discovery domain with the target, and nobody else.
 *
 * The names come from whoever registers with the server. In initiators/ they
 * would be patterns, so a name there is nothing but a name.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "isnsd.h"

#define ACL_NODES_MAX	65536	/* a server that never says it was the last */
#define ACL_NAME_MAX	4096	/* of any node, to ask for the one behind it */
#define ACL_PATH_MAX	(sizeof(ISCSI_ROOT) + 4 * (NAME_MAX + 1))

struct acl {
	char (*names)[ISCSI_NAME_LEN + 1];
	size_t nr;
};

static bool acl_name_legal(const char *name)
{
	size_t i;

	if (strncmp(name, "iqn.", 4) && strncmp(name, "eui.", 4) &&
	    strncmp(name, "naa.", 4))
		return false;
	for (i = 0; name[i]; i++)
		if (!isascii(name[i]) ||
		    (!isalnum(name[i]) && !strchr("-.:", name[i])))
			return false;
	return i <= ISCSI_NAME_LEN;
}

/* Says which one, without giving it the terminal or the log to write on. */
static void acl_refuse(const char *name)
{
	char shown[64];
	size_t i;

	snprintf(shown, sizeof(shown), "%s", name);
	for (i = 0; shown[i]; i++)
		if (!isascii(shown[i]) || !isprint(shown[i]))
			shown[i] = '?';
	warnx("not a name of an initiator: \"%s\"", shown);
}

static void acl_add(struct acl *acl, const char *name)
{
	acl->names = xrealloc(acl->names, acl->nr + 1, sizeof(*acl->names));
	memcpy(acl->names[acl->nr++], name, strlen(name) + 1);
}

static bool acl_has(const struct acl *acl, const char *name)
{
	size_t i;

	for (i = 0; i < acl->nr; i++)
		if (!strcmp(acl->names[i], name))
			return true;
	return false;
}

/* 0 if @acl is complete; otherwise as request_next_node(). */
static int acl_query(struct conn *conn, const char *target, struct acl *acl)
{
	char name[ACL_NAME_MAX] = "";
	uint32_t type;
	int status, i;

	for (i = 0; i < ACL_NODES_MAX; i++) {
		status = request_next_node(conn, target, name, sizeof(name),
					   &type);
		if (status == ISNS_NO_SUCH_ENTRY)
			return 0;
		if (status)
			return status;
		if (!(type & ISNS_ISCSI_INITIATOR_MASK))
			continue;
		if (acl_name_legal(name))
			acl_add(acl, name);
		else
			acl_refuse(name);
	}
	return ISNS_MESSAGE_FORMAT_ERROR;
}

static void acl_remove_others(DIR *dir, const struct acl *acl)
{
	struct dirent *entry;

	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || acl_has(acl, entry->d_name))
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) &&
		    errno != ENOENT)
			warn("%s", entry->d_name);
	}
}

/* mkdir, unless it is there */
static void acl_make(int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, 0) && mkdirat(dir, name, 0755))
		warn("%s", name);
}

static void acl_apply(const char *target, const char *group,
		      const struct acl *acl)
{
	char path[ACL_PATH_MAX];
	DIR *dir;
	size_t i;

	snprintf(path, sizeof(path), "%s/%s/ini_groups/%s", ISCSI_ROOT,
		 target, group);
	acl_make(AT_FDCWD, path);
	snprintf(path, sizeof(path), "%s/%s/ini_groups/%s/initiators",
		 ISCSI_ROOT, target, group);
	dir = opendir(path);
	if (!dir) {
		warn("%s", path);
		return;
	}
	acl_remove_others(dir, acl);
	for (i = 0; i < acl->nr; i++)
		acl_make(dirfd(dir), acl->names[i]);
	closedir(dir);
}

/*
 * Makes the group's initiators those that the server has. If it does not answer
 * they stay as they are. 0, or -1 if it cannot be reached.
 */
int acl_sync(struct conn *conn, const char *target, const char *group)
{
	struct acl acl = {};
	int status = acl_query(conn, target, &acl);

	if (!status)
		acl_apply(target, group, &acl);
	else if (status > 0)
		warnx("initiators of %s: the server says %s", target,
		      isns_strerror(status));
	free(acl.names);
	return status < 0 ? -1 : 0;
}
