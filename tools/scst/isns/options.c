// SPDX-License-Identifier: GPL-2.0
/*
 * The command line.
 */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "isnsd.h"

static const struct option long_options[] = {
	{ "access-control", no_argument, NULL, 'a' },
	{ "entity", required_argument, NULL, 'e' },
	{ "group", required_argument, NULL, 'g' },
	{ "interval", required_argument, NULL, 'i' },
	{ "esi", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{}
};

static void options_usage(FILE *to, int status)
{
	fputs("usage: scst-isnsd [OPTION]... SERVER[:PORT]\n"
	      "  -a, --access-control    follow the discovery domains\n"
	      "  -g, --group=NAME        in this group of each target (isns)\n"
	      "  -e, --entity=NAME       entity identifier (the host's name)\n"
	      "  -i, --interval=SECONDS  between two looks (30)\n"
	      "  -s, --esi=SECONDS       let the server inquire, so often\n",
	      to);
	exit(status);
}

static unsigned int options_seconds(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !value || value > 86400)
		errx(EXIT_FAILURE, "'%s' is not a number of seconds", text);
	return value;
}

static void options_server(struct options *opt, const char *text)
{
	char *copy = strdup(text);
	char *port = "3205";

	if (!copy)
		err(EXIT_FAILURE, "memory");
	if (!address_split(copy, &opt->host, &port))
		errx(EXIT_FAILURE, "'%s' is not a server", text);
	opt->port = port;
}

static void options_entity(struct options *opt, const char *text)
{
	if (!*text || strlen(text) > ISNS_EID_LEN)
		errx(EXIT_FAILURE, "'%s' is not an entity identifier", text);
	memcpy(opt->eid, text, strlen(text) + 1);
}

static void options_group(struct options *opt, const char *text)
{
	if (!*text || *text == '.' || strchr(text, '/') ||
	    strlen(text) > NAME_MAX)
		errx(EXIT_FAILURE, "'%s' is not a group", text);
	opt->group = text;
}

static void options_one(struct options *opt, int c)
{
	switch (c) {
	case 'a':
		opt->access_control = true;
		break;
	case 'e':
		options_entity(opt, optarg);
		break;
	case 'g':
		options_group(opt, optarg);
		break;
	case 'i':
		opt->interval = options_seconds(optarg);
		break;
	case 's':
		opt->esi = options_seconds(optarg);
		break;
	case 'h':
		options_usage(stdout, EXIT_SUCCESS);
		break;
	default:
		options_usage(stderr, EXIT_FAILURE);
	}
}

/* Ends the program if they are wrong. */
void options_parse(struct options *opt, int argc, char **argv)
{
	int c;

	*opt = (struct options){ .group = "isns", .interval = 30 };
	while ((c = getopt_long(argc, argv, "ae:g:i:s:h", long_options,
				NULL)) >= 0)
		options_one(opt, c);
	if (optind != argc - 1)
		options_usage(stderr, EXIT_FAILURE);
	options_server(opt, argv[optind]);
	if (!*opt->eid && gethostname(opt->eid, sizeof(opt->eid) - 1))
		err(EXIT_FAILURE, "host name");
	if (!*opt->eid)
		errx(EXIT_FAILURE, "this host has no name: give --entity");
}
