// SPDX-License-Identifier: GPL-2.0
/*
 * scst-isnsd: registers the iSCSI targets and portals of SCST with an iSNS
 * server (RFC 4171), and lets it say who may use them.
 *
 * One loop waits for whatever makes work: a change in configfs, a notification,
 * the end of the connection, the clock. Any of them leads to the same: look at
 * what there is and make the server's view, and the groups, fit.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "isnsd.h"

#define BACKOFF_MAX	60	/* seconds */

enum { WAKE_SIGNAL, WAKE_CONFIG, WAKE_NOTIFY, WAKE_CONN, WAKE_COUNT };

struct daemon {
	struct options opt;
	struct registry reg;
	struct pollfd wake[WAKE_COUNT];
	time_t refresh;			/* when, of CLOCK_MONOTONIC */
	unsigned int backoff;		/* seconds; 0: the server answers */
};

void *xrealloc(void *old, size_t nr, size_t size)
{
	void *new = reallocarray(old, nr, size);

	if (!new)
		err(EXIT_FAILURE, "memory");
	return new;
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static int open_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		err(EXIT_FAILURE, "signalfd");
	return fd;
}

static void watch_config(struct daemon *d)
{
	int *fd = &d->wake[WAKE_CONFIG].fd;

	if (*fd >= 0)
		close(*fd);
	*fd = configfs_watch();
}

static int follow_domains(struct daemon *d)
{
	struct view *known = &d->reg.known;
	size_t i;

	for (i = 0; i < known->nr_targets; i++)
		if (acl_sync(&d->reg.conn, known->targets[i].name,
			     d->opt.group))
			return -1;
	return 0;
}

static int make_fit(struct daemon *d, bool refresh)
{
	struct view want = {};
	int status;

	watch_config(d);
	configfs_read(&want);
	status = registry_sync(&d->reg, &want, refresh);
	view_clear(&want);
	if (!status && d->opt.access_control)
		status = follow_domains(d);
	return status;
}

/* Well before the server would forget us */
static unsigned int refresh_interval(const struct daemon *d)
{
	unsigned int seconds = d->opt.interval;

	if (d->reg.period && d->reg.period / 3 < seconds)
		seconds = d->reg.period / 3;
	return seconds ?: 1;
}

static void work(struct daemon *d, bool refresh)
{
	if (make_fit(d, refresh)) {
		d->backoff = d->backoff ? d->backoff * 2 : 1;
		if (d->backoff > BACKOFF_MAX)
			d->backoff = BACKOFF_MAX;
		d->refresh = now() + d->backoff;
		return;
	}
	if (refresh || d->backoff)
		d->refresh = now() + refresh_interval(d);
	d->backoff = 0;
}

/* Until something has happened. False: time to end. */
static bool wait_for_work(struct daemon *d, bool *refresh)
{
	time_t left = d->refresh - now();

	d->wake[WAKE_CONN].fd = d->reg.conn.fd;
	while (poll(d->wake, WAKE_COUNT, left > 0 ? left * 1000 : 0) < 0)
		if (errno != EINTR)
			err(EXIT_FAILURE, "poll");
	if (d->wake[WAKE_SIGNAL].revents)
		return false;
	/* It has no reason to send anything: this is its end. */
	if (d->wake[WAKE_CONN].revents) {
		conn_close(&d->reg.conn);
		d->refresh = now();
	}
	*refresh = now() >= d->refresh;
	return true;
}

static bool is_work(struct daemon *d)
{
	bool work = false;

	if (d->wake[WAKE_NOTIFY].revents &&
	    notify_receive(d->wake[WAKE_NOTIFY].fd, &d->reg.conn.peer)) {
		d->reg.notified = true;
		work = true;
	}
	if (d->wake[WAKE_CONFIG].revents) {
		/* Its successor comes with the next look at the tree. */
		close(d->wake[WAKE_CONFIG].fd);
		d->wake[WAKE_CONFIG].fd = -1;
		work = true;
	}
	return work;
}

static void run(struct daemon *d)
{
	bool refresh;

	work(d, true);
	while (wait_for_work(d, &refresh)) {
		bool changed = is_work(d);

		/* While the server is away its time is that of the next try. */
		if (refresh || (changed && !d->backoff))
			work(d, refresh);
	}
	if (!d->backoff)
		registry_leave(&d->reg);
}

int main(int argc, char **argv)
{
	static struct daemon d;
	uint16_t port;
	int i;

	options_parse(&d.opt, argc, argv);
	for (i = 0; i < WAKE_COUNT; i++)
		d.wake[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	d.wake[WAKE_SIGNAL].fd = open_signals();
	d.wake[WAKE_NOTIFY].fd = notify_open(&port);
	d.reg.conn = (struct conn){ .host = d.opt.host, .port = d.opt.port,
				    .fd = -1 };
	d.reg.eid = d.opt.eid;
	d.reg.ports.scn = d.opt.access_control ? port : 0;
	d.reg.ports.esi = d.opt.esi ? port : 0;
	d.reg.ports.esi_interval = d.opt.esi;
	run(&d);
	return EXIT_SUCCESS;
}
