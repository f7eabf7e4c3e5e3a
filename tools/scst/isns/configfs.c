// SPDX-License-Identifier: GPL-2.0
/*
 * What there is to be registered: reading targets/iscsi/.
 *
 * User space makes, removes and writes there by the VFS, so inotify sees it.
 * What the kernel does by itself (the directory comes and goes with the module)
 * it does not see: main.c looks again now and then in any case.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "isnsd.h"

#define WATCH_DIR	(IN_CREATE | IN_DELETE | IN_MODIFY | IN_ONLYDIR)

/* The directories of @path; what is no target (portals, auth) has no luns/. */
static void configfs_each(const char *path, void *arg,
			  void (*call)(const char *name, void *arg))
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			call(entry->d_name, arg);
	closedir(dir);
}

/* An attribute's text without its newline; "" if it cannot be read */
static void configfs_get(const char *target, const char *name, char *text,
			 size_t size)
{
	char path[sizeof(ISCSI_ROOT) + 2 * (NAME_MAX + 1)];
	FILE *file;

	text[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s/%s", ISCSI_ROOT, target, name);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(text, size, file))
		text[strcspn(text, "\n")] = '\0';
	fclose(file);
}

static bool configfs_enabled(const char *target)
{
	char text[4];

	configfs_get(target, "enabled", text, sizeof(text));
	return !strcmp(text, "1");
}

static void configfs_add_target(const char *name, void *view)
{
	struct target target = {};

	if (strlen(name) > ISCSI_NAME_LEN || !configfs_enabled(name))
		return;
	memcpy(target.name, name, strlen(name) + 1);
	configfs_get(name, "alias", target.alias, sizeof(target.alias));
	view_add_target(view, &target);
}

static void configfs_add_portal(const char *name, void *view)
{
	struct portal portal;

	if (!address_parse_portal(name, &portal))
		return;
	if (address_is_wildcard(&portal.addr))
		address_add_local(view, &portal);
	else
		view_add_portal(view, &portal);
}

/* A driver that lets nobody in has nothing to be told of. */
void configfs_read(struct view *view)
{
	view_clear(view);
	if (!configfs_enabled("."))
		return;
	configfs_each(ISCSI_ROOT, view, configfs_add_target);
	configfs_each(ISCSI_ROOT "/portals", view, configfs_add_portal);
}

static void configfs_watch_target(const char *name, void *fd)
{
	char path[sizeof(ISCSI_ROOT) + NAME_MAX + 1];

	snprintf(path, sizeof(path), "%s/%s", ISCSI_ROOT, name);
	inotify_add_watch(*(int *)fd, path, WATCH_DIR);
}

/*
 * A file that becomes readable when something changes. It is made anew before
 * each look at the tree, with all that there is by then, so no change is missed
 * between the two.
 */
int configfs_watch(void)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0)
		err(EXIT_FAILURE, "inotify");
	inotify_add_watch(fd, ISCSI_ROOT, WATCH_DIR);
	configfs_each(ISCSI_ROOT, &fd, configfs_watch_target);
	return fd;
}
